"""What is known of a trace, and whom it singles out: points, and pairs of places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.checks import say, whole
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.exposure.results import Measures
from privaudit.exposure.shares import add_share
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.traces.graph_neighbourhood import class_sizes
from privaudit.measures.traces.known_points import fewest_matches, look_ups, visit_marks
from privaudit.measures.traces.unicity import compress, draw_points, invert, singled_out
from privaudit.release.traces import Traces

__all__ = ["home_work_risk", "known_points_risk", "trace_result", "unicity"]

# Words of 64 people that an exact search may compare: some minutes.
_MOST_LOOK_UPS = 2e11
_MOST_BIT_BYTES = 1 << 31


def unicity(
    traces: Traces,
    *,
    points: int | Iterable[int] = 4,
    hours: float | None = None,
    sample: int | None = 10_000,
    seed: int = 0,
) -> Measures:
    """Return the share of people whom a few known points, drawn at random, single out.

    Somebody saw a person at p of their points (with an item, within a window of `hours` where
    given) and looks for the traces that hold them all. The share of people for whom one trace
    is left is the unicity of de Montjoye et al. 2013. On likes, with several values of
    `points`: how many likes single an account out.

    Parameters
    ----------
    traces : Traces
    points : int or iterable of int
        How many points are known, one row each.
    hours : float, optional
        Resolution in time; without it, time is not known. Coarser items: read the traces with
        a coarser column.
    sample : int, optional
        How many people are looked for, drawn at random, among all; None for everybody.
    seed : int

    Returns
    -------
    Measures
        ``unicity_{p}``: share of people with at least p distinct points who are singled out
        (n: those who were looked for), with a Wilson 95 % interval. 0 = safe. People with
        fewer points cannot be asked and are counted in the note.

    Raises
    ------
    ParameterError
        A number of points below 1, hours without a time, or nobody with that many points.

    Examples
    --------
    >>> from privaudit.release.traces import read_traces
    >>> log = pd.DataFrame({"who": list("aabbcc"), "page": [1, 2, 1, 3, 2, 3]})
    >>> found = unicity(read_traces(log, person="who", item="page"), points=[1, 2])
    >>> found.overall["value"].tolist()
    [0.0, 1.0]
    """
    who = "unicity"
    known = (points,) if isinstance(points, int) else tuple(points)
    for p in known:
        whole(who, "points", p, 1)
    if not known or len(set(known)) < len(known):
        raise ParameterError(say(who, "points, each number once", f"points={points!r}"))
    if sample is not None:
        whole(who, "sample", sample, 1)
    point, n_points = traces.points(hours)
    indptr, rows = compress(traces.person, point, traces.n_people, n_points)
    del point
    start, people = invert(indptr, rows, n_points)
    length = np.diff(indptr)
    table = Rows(traces.n_people)
    for p in known:
        able = np.flatnonzero(length >= p)
        if not len(able):
            came = f"{int(length.max())} at most"
            raise ParameterError(say(who, f"somebody with {p} distinct points", came))
        rng = stream(seed, who, p)
        if sample is not None and sample < len(able):
            able = np.sort(rng.choice(able, sample, replace=False))
        drawn = draw_points(indptr, rows, able, p, rng)
        alone = singled_out(indptr, rows, start, people, able, drawn)
        few = int((length < p).sum())
        note = f"{few:,} of {traces.n_people:,} people have fewer points: not asked" if few else ""
        add_share(table, f"unicity_{p}", alone, note)
    recipe = {"points": list(known), "hours": hours, "sample": sample, "seed": seed}
    return trace_result(traces, who, table, pd.DataFrame(), recipe)


def known_points_risk(
    traces: Traces,
    *,
    points: int = 2,
    hours: float | None = None,
    sample: int | None = None,
    seed: int = 0,
) -> Measures:
    """Return the risk of each person when the worst of their points are known: exact.

    ``max_b 1 / #{u : b is in T_u}`` over every choice b of at most `points` events of the
    person's own trace, events with one item counting as often as they stand (the location
    attack of Pellungrini et al. 2018). Whoever has fewer events is known by all of them.

    Parameters
    ----------
    traces : Traces
    points : int
        How many events are known.
    hours : float, optional
        Resolution in time; without it, time is not known.
    sample : int, optional
        How many people, drawn at random, are looked for among all; None for everybody.
    seed : int

    Returns
    -------
    Measures
        ``singled_out`` (share of people whom some `points` events leave alone), ``risk_mean``
        (mean of 1 / people left, over people), ``risk_max``. 0 = safe. ``per_record``: risk and
        matches (people left, the person included) of each person who was looked for.

    Raises
    ------
    ParameterError
        The exact search would take too long or too much memory; the message says what to do.

    Examples
    --------
    >>> from privaudit.release.traces import read_traces
    >>> log = pd.DataFrame({"who": list("aabbcc"), "page": [1, 2, 1, 3, 2, 3]})
    >>> found = known_points_risk(read_traces(log, person="who", item="page"), points=1)
    >>> found.overall.loc["risk_mean", "value"]
    np.float64(0.5)
    """
    who = "known_points_risk"
    whole(who, "points", points, 1)
    targets = _targets(who, traces, sample, seed)
    point, n_points = traces.points(hours)
    indptr, marks, weight = visit_marks(traces.person, point, traces.n_people, n_points, points)
    effort = look_ups(indptr, targets, points)
    size = len(np.unique(marks)) * (traces.n_people / 8)
    if effort > _MOST_LOOK_UPS or size > _MOST_BIT_BYTES:
        came = f"{effort:.1g} comparisons, {size / 1e9:.1f} GB at worst"
        limit = f"at most {_MOST_LOOK_UPS:.0e} comparisons and {_MOST_BIT_BYTES / 1e9:.1f} GB"
        raise ParameterError(say(who, limit, came, "Lower points or sample, or use unicity."))
    matches = fewest_matches(indptr, marks, weight, targets, points)
    risk = 1 / matches
    table = Rows(len(targets))
    all_asked = len(targets) == traces.n_people
    note = f"worst {points} events"
    for name, gain in (("singled_out", matches == 1), ("risk_mean", risk)):
        if all_asked:
            table.add(name, float(gain.mean()), "share of people", note)
        else:
            add_share(table, name, gain, note)
    highest = float(risk.max())
    table.add("risk_max", highest, "probability", low=highest, high=highest if all_asked else 1.0)
    per_record = pd.DataFrame({"risk": risk, "matches": matches})
    recipe = {"points": points, "hours": hours, "sample": sample, "seed": seed}
    return trace_result(traces, who, table, per_record, recipe)


def home_work_risk(traces: Traces) -> Measures:
    """Return how many people share somebody's two most visited places.

    The most frequent item of a person stands for the home, the second for the workplace; of
    equally frequent ones, the first in the order of the items. Read the traces at several
    resolutions of place to see the anonymity set grow (Golle and Partridge 2009).

    Returns
    -------
    Measures
        ``pair_alone`` and ``home_alone``: share of people whom the pair, or the home alone,
        tells from all others (0 = safe; the baseline of the pair is the home); and the
        medians over people of the number of people who share them, ``pair_people_median``,
        ``home_people_median``. Plain counts of everybody. ``per_record``: pair_people,
        home_people.

    Examples
    --------
    >>> from privaudit.release.traces import read_traces
    >>> log = pd.DataFrame({"who": list("aaabbbcc"), "cell": [1, 1, 2, 1, 1, 3, 1, 2]})
    >>> found = home_work_risk(read_traces(log, person="who", item="cell"))
    >>> found.per_record["pair_people"].tolist()
    [2, 1, 2]
    """
    key = traces.person * np.int64(traces.n_items) + traces.item
    pair, count = np.unique(key, return_counts=True)
    person, item = pair // traces.n_items, pair % traces.n_items
    order = np.lexsort([item, -count, person])
    start = np.zeros(traces.n_people + 1, np.int64)
    np.cumsum(np.bincount(person, minlength=traces.n_people), out=start[1:])
    places = item[order]
    home = places[start[:-1]]
    second = start[:-1] + 1
    has_second = second < start[1:]
    work = np.where(has_second, places[np.minimum(second, len(places) - 1)], -1)
    sizes = {
        "home": class_sizes(home),
        "pair": class_sizes(home * (traces.n_items + 1) + work + 1),
    }
    table = Rows(traces.n_people)
    alone = {name: float((size == 1).mean()) for name, size in sizes.items()}
    few = int((~has_second).sum())
    note = f"{few:,} people have one place only" if few else ""
    table.add("pair_alone", alone["pair"], "share of people", note, baseline=alone["home"])
    table.add("home_alone", alone["home"], "share of people")
    for name in ("pair", "home"):
        table.add(f"{name}_people_median", float(np.median(sizes[name])), "people")
    per_record = pd.DataFrame({f"{name}_people": sizes[name] for name in ("pair", "home")})
    return trace_result(traces, "home_work_risk", table, per_record, {})


def _targets(who: str, traces: Traces, sample: int | None, seed: int) -> np.ndarray:
    """Everybody, or people drawn at random."""
    everybody = np.arange(traces.n_people)
    if sample is None or whole(who, "sample", sample, 1) >= traces.n_people:
        return everybody
    return np.sort(stream(seed, who).choice(everybody, sample, replace=False))


def trace_result(
    traces: Traces,
    name: str,
    table: Rows,
    per_record: pd.DataFrame,
    recipe: dict[str, Any],
    notes: Iterable[str] = (),
) -> Measures:
    """Put rows and scores in a result that says what was read, and what was set aside."""
    gone = [f"{count:,} rows set aside: {reason}" for reason, count in traces.set_aside.items()]
    return Measures(
        overall=table.frame(),
        per_record=per_record,
        title=f"{name.replace('_', ' ')} of {traces.name}",
        provenance=traces.provenance,
        notes=(*gone, *notes),
        recipe={"measure": name, **recipe},
    )
