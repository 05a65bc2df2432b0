"""Whom a few known points of a trace single out: drawn at random, and the worst."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance, say, whole
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.exposure.results import Measures
from privaudit.exposure.shares import add_share
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.interval import residual
from privaudit.measures.traces.known_points import fewest_matches, look_ups, visit_marks
from privaudit.measures.traces.mistaken import one_other
from privaudit.measures.traces.unicity import compress, draw_points, invert, singled_out
from privaudit.release.traces import Traces

__all__ = [
    "KnownPoints",
    "check_points",
    "known_points",
    "known_points_risk",
    "trace_result",
    "unicity",
]

# Words of 64 people that an exact search may compare: some minutes.
_MOST_LOOK_UPS = 2e11
_MOST_BIT_BYTES = 1 << 31
# People who are looked for as if they were not there.
_CONTROL = 1_000


def unicity(
    traces: Traces,
    *,
    points: int | Iterable[int] = 4,
    hours: float | None = None,
    sample: int | None = None,
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
        How many people are looked for, drawn at random, among all. Default: everybody; a
        million people with 100 points each take some 20 s a number of points.
    seed : int

    Returns
    -------
    Measures
        ``unicity_{p}``: share of people with at least p distinct points who are singled out
        (n: those who were looked for), with a Wilson 95 % interval; baseline: 1 / people, the
        right one by chance. 0 = safe. People with fewer points cannot be asked and are counted
        in the note. ``unicity_{p}_control``: of at most 1,000 of them, were they not in the
        release, the share whose points would single out somebody else, wrongly.
        ``unicity_{p}_residual``: (unicity - control) / (1 - control).

    Raises
    ------
    ParameterError
        A number of points below 1, hours without a time, or nobody with that many points.

    Examples
    --------
    >>> from privaudit.release.traces import read_traces
    >>> log = pd.DataFrame({"who": list("aabbcc"), "page": [1, 2, 1, 3, 2, 3]})
    >>> found = unicity(read_traces(log, person="who", item="page"), points=[1, 2])
    >>> found.overall["value"][["unicity_1", "unicity_2"]].tolist()
    [0.0, 1.0]
    """
    who = "unicity"
    an_instance(who, "traces", traces, Traces, "Read a log with read_traces.")
    known = check_points(who, points)
    table = Rows(traces.n_people)
    asked = known_points(who, traces, known, hours, sample, seed)
    for p, found in zip(known, asked, strict=True):
        if not len(found.alone):
            came = f"{found.most} at most"
            raise ParameterError(say(who, f"somebody with {p} distinct points", came))
        found.add_to(table, f"unicity_{p}")
    for p, found in zip(known, asked, strict=True):
        found.add_control(table, f"unicity_{p}_control", f"unicity_{p}_residual")
    recipe = {"points": list(known), "hours": hours, "sample": sample, "seed": seed}
    return trace_result(traces, who, table, pd.DataFrame(), recipe)


def check_points(who: str, points: int | Iterable[int]) -> tuple[int, ...]:
    """Return numbers of known points, each once, or raise `ParameterError`."""
    one = hasattr(points, "__index__") or not isinstance(points, Iterable)
    known = (points,) if one else tuple(points)  # type: ignore[arg-type]
    checked = tuple(whole(who, "points", p, 1) for p in known)
    if not checked or len(set(checked)) < len(checked):
        raise ParameterError(say(who, "points, each number once", f"points={points!r}"))
    return checked


@dataclass(frozen=True, eq=False, kw_only=True)
class KnownPoints:
    """Whom a number of known points singled out, one entry a person who was looked for.

    Parameters
    ----------
    alone : ndarray of bool
        Singled out. Empty where nobody has that many points.
    mistaken : ndarray of bool
        Of some of them, as if they were not in the release: somebody else is singled out.
    few, people, most : int
        People with fewer points; all people; the most points that anybody has.
    """

    alone: np.ndarray
    mistaken: np.ndarray
    few: int
    people: int
    most: int

    def add_to(self, table: Rows, name: str) -> None:
        """Add the share singled out."""
        note = f"{self.few:,} of {self.people:,} people have fewer points: not asked"
        note = note if self.few else ""
        add_share(table, name, self.alone, note, baseline=1 / self.people)

    def add_control(self, table: Rows, control: str, beyond: str) -> None:
        """Add the control, and what is beyond it."""
        note = "people taken out: somebody else singled out"
        wrong = add_share(table, control, self.mistaken, note)
        sizes = len(self.alone), len(self.mistaken)
        value, low, high = residual(float(self.alone.mean()), wrong, *sizes)
        table.add(
            beyond, float(value), "share", "(unicity - control) / (1 - control)",
            low=float(low), high=float(high), n=len(self.alone),
        )  # fmt: skip


def known_points(
    who: str,
    traces: Traces,
    known: Iterable[int],
    hours: float | None,
    sample: int | None,
    seed: int,
) -> list[KnownPoints]:
    """Draw known points of people, and look for whoever else has them: one result a number."""
    if sample is not None:
        whole(who, "sample", sample, 1)
    point, n_points = traces.points(hours)
    indptr, rows = compress(traces.person, point, traces.n_people, n_points)
    del point
    start, people = invert(indptr, rows, n_points)
    length = np.diff(indptr)
    results = []
    for p in known:
        able = np.flatnonzero(length >= p)
        few = traces.n_people - len(able)
        rng = stream(seed, who, p)
        if sample is not None and sample < len(able):
            able = np.sort(rng.choice(able, sample, replace=False))
        alone = mistaken = np.zeros(0, bool)
        if len(able):
            drawn = draw_points(indptr, rows, able, p, rng)
            alone = singled_out(indptr, rows, start, people, able, drawn)
            some = np.arange(len(able))
            if len(some) > _CONTROL:
                some = np.sort(rng.choice(some, _CONTROL, replace=False))
            mistaken = one_other(start, people, able[some], drawn[some])
        results.append(
            KnownPoints(
                alone=alone,
                mistaken=mistaken,
                few=few,
                people=traces.n_people,
                most=int(length.max()),
            )
        )
    return results


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
    an_instance(who, "traces", traces, Traces, "Read a log with read_traces.")
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
    # What is guessed without a point: anybody, and nobody is alone among several.
    blind = 1 / traces.n_people
    for name, gain, baseline in (
        ("singled_out", matches == 1, float(blind == 1)),
        ("risk_mean", risk, blind),
    ):
        if all_asked:
            share = float(gain.mean())
            table.add(name, share, "share of people", note, baseline=baseline)
        else:
            add_share(table, name, gain, note, baseline=baseline)
    highest = float(risk.max())
    table.add(
        "risk_max", highest, "probability",
        low=highest, high=highest if all_asked else 1.0, baseline=blind,
    )  # fmt: skip
    per_record = pd.DataFrame({"risk": risk, "matches": matches})
    recipe = {"points": points, "hours": hours, "sample": sample, "seed": seed}
    return trace_result(traces, who, table, per_record, recipe)


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
    *,
    reliable: bool = True,
) -> Measures:
    """Put rows and scores in a result that says what was read, and what was set aside."""
    gone = [f"{count:,} rows set aside: {reason}" for reason, count in traces.set_aside.items()]
    return Measures(
        overall=table.frame(),
        per_record=per_record,
        title=f"{name.replace('_', ' ')} of {traces.name}",
        provenance=traces.provenance,
        notes=(*gone, *notes),
        reliable=reliable,
        recipe={"measure": name, **recipe},
    )
