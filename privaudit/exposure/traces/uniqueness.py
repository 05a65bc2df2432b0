"""Whom a few known points of a trace single out: drawn at random, and the worst."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance, in_range, one_of, say, whole
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.exposure.traces.worst_known import KNOWS, MOST_LOOK_UPS, fewest_left
from privaudit.measures.traces.unicity import compress, draw_points, invert, one_other, singled_out
from privaudit.release.traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

__all__ = [
    "KnownPoints", "aside_notes", "check_points", "drawn", "known_points", "known_points_risk",
    "trace_result", "unicity", "window_word",
]  # fmt: skip

# People who are looked for as if they were not there.
_CONTROL = 1_000


def unicity(
    traces: Traces,
    *,
    points: int | Iterable[int] = 4,
    hours: float | None = None,
    sample: int | None = None,
    seed: int = 7,
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
        ``unicity``, a row a number of points: share of people with at least so many distinct
        points who are singled out (n: those who were looked for), with a Wilson 95 % interval;
        baseline: 1 / people, the right one by chance; control: of at most 1,000 of them, were
        they not in the release, the share whose points would single out somebody else, wrongly;
        residual: (unicity - control) / (1 - control), its interval that of two answers about the
        same points. 0 = safe. People with fewer points cannot
        be asked and are counted in a note.

    Raises
    ------
    ParameterError
        A number of points below 1, hours without a time, or nobody with that many points.

    Examples
    --------
    >>> from privaudit.release.traces import read_traces
    >>> log = pd.DataFrame({"who": list("aabbcc"), "page": [1, 2, 1, 3, 2, 3]})
    >>> found = unicity(read_traces(log, person="who", item="page"), points=[1, 2])
    >>> found.value("unicity", points=1), found.value("unicity", points=2)
    (0.0, 1.0)
    """
    who = "unicity"
    an_instance(who, "traces", traces, Traces, "Read a log with read_traces.")
    known = check_points(who, points)
    rows = Rows(traces.n_people, traces.counts)
    asked = known_points(who, traces, known, hours, sample, seed)
    for p, found in zip(known, asked, strict=True):
        if not len(found.alone):
            came = f"{found.most} at most"
            raise ParameterError(say(who, f"somebody with {p} distinct points", came))
        found.add_to(rows, {"points": p, "window": window_word(hours)})
    recipe = {"points": list(known), "hours": hours, "sample": sample, "seed": seed}
    return trace_result(traces, who, rows, None, recipe)


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

    - `alone` (bool): Singled out. Empty where nobody has that many points.
    - `mistaken` (float): As if they were not in the release, 1: somebody else is singled out; nan
      for those who were not asked.
    - `few`, `people`, `most`: People with fewer points; all people; the most points that anybody
      has.
    """

    alone: np.ndarray
    mistaken: np.ndarray
    few: int
    people: int
    most: int

    def add_to(self, rows: Rows, part: Mapping[str, Any]) -> None:
        """Add the share singled out beside its control; a row without a value where nobody is."""
        if not len(self.alone):
            rows.absent(["unicity"], "share", Note("too_few_points", most=self.most), part=part)
            return
        few = [Note("fewer_points", few=self.few, of=self.people)] if self.few else []
        rows.share(
            "unicity", self.alone, few,
            control=self.mistaken, paired=True, baseline=1 / self.people, part=part,
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
        able = drawn(who, able, sample, rng)
        alone, mistaken = np.zeros(0, bool), np.full(len(able), np.nan)
        if len(able):
            points = draw_points(indptr, rows, able, p, rng)
            alone = singled_out(indptr, rows, start, people, able, points)
            some = drawn(who, np.arange(len(able)), _CONTROL, rng)
            mistaken[some] = one_other(start, people, able[some], points[some])
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
    knows: str = "visits",
    tolerance: float = 0.0,
    hours: float | None = None,
    sample: int | None = None,
    seed: int = 7,
    most: float = MOST_LOOK_UPS,
) -> Measures:
    """Return the risk of each person when the worst of their points are known: exact.

    ``max_b 1 / #{u : b is in T_u}`` over every choice b of at most `points` events of the
    person's own trace (Pellungrini et al. 2018, as scikit-mobility has their attacks). Whoever
    has fewer events is known by all of them.

    Parameters
    ----------
    traces : Traces
    points : int
        How many events, or items with their counts, are known.
    knows : {"visits", "frequency", "probability", "sequence"}
        *visits*: events with one item count as often as they stand (location attack).
        *frequency*: items, and how often the person has each. *probability*: items, and which
        share of the person's events each is. *sequence*: events in their order, whatever came
        between; events of one time stand in the order of their items, and a note counts them.
    tolerance : float, in [0, 1]
        Of *frequency* and *probability*: by how much of their own count or share another may
        differ and still be taken for the person.
    hours : float, optional
        Resolution in time; without it, time is not known.
    sample : int, optional
        How many people, drawn at random, are looked for among all; None for everybody.
    seed : int
    most : float
        Comparisons that the search may take; the default is some minutes.

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
    >>> likes = read_traces(log, person="who", item="page")
    >>> known_points_risk(likes, points=1).value("risk_mean")
    0.5
    >>> known_points_risk(likes, points=2, knows="frequency").value("risk_mean")
    1.0
    """
    who = "known_points_risk"
    an_instance(who, "traces", traces, Traces, "Read a log with read_traces.")
    whole(who, "points", points, 1)
    targets = drawn(who, np.arange(traces.n_people), sample, stream(seed, who))
    one_of(who, "knows", knows, KNOWS)
    in_range(who, "tolerance", tolerance, 0, 1)
    matches, notes = fewest_left(who, traces, knows, points, hours, tolerance, targets, most)
    risk = 1 / matches
    rows = Rows(len(targets), traces.counts)
    all_asked = len(targets) == traces.n_people
    part = {"points": points, "window": window_word(hours), "knows": knows}
    if knows in ("frequency", "probability"):
        part["tolerance"] = tolerance
    # What is guessed without a point: anybody, and nobody is alone among several.
    blind = 1 / traces.n_people
    for name, gain, baseline in (
        ("singled_out", matches == 1, float(blind == 1)),
        ("risk_mean", risk, blind),
    ):
        if all_asked:
            rows.add(name, float(gain.mean()), "share", baseline=baseline, part=part)
        else:
            rows.share(name, gain, baseline=baseline, part=part)
    highest = float(risk.max())
    rows.add(
        "risk_max", highest, "probability",
        low=highest, high=highest if all_asked else 1.0, baseline=blind, part=part,
    )  # fmt: skip
    per_record = pd.DataFrame({"risk": risk, "matches": matches})
    recipe = {**part, "hours": hours, "sample": sample, "seed": seed}
    return trace_result(traces, "known_points", rows, per_record, recipe, notes)


def drawn(who: str, people: np.ndarray, sample: int | None, rng: np.random.Generator) -> np.ndarray:
    """Return all these people, or some of them, drawn at random; in their order."""
    if sample is None or whole(who, "sample", sample, 1) >= len(people):
        return people
    return np.sort(rng.choice(people, sample, replace=False))


def window_word(hours: float | None) -> str:
    """Say how finely time is known: no_time, week, 2_days, 6_hours."""
    if hours is None:
        return "no_time"
    for unit, length in (("week", 168), ("day", 24), ("hour", 1)):
        many = hours / length
        if many == int(many):
            return unit if many == 1 else f"{int(many)}_{unit}s"
    return f"{hours:g}_hours"


def trace_result(
    traces: Traces,
    family: str,
    rows: Rows,
    per_record: pd.DataFrame | None,
    recipe: dict[str, Any],
    notes: Iterable[Note] = (),
    *,
    reliable: bool = True,
) -> Measures:
    """Put rows and scores in a result that says what was read, and what was set aside."""
    return Measures(
        family=family,
        rows=rows,
        per_record=per_record,
        name=traces.name,
        provenance=traces.provenance,
        notes=(*aside_notes(traces), *notes),
        reliable=reliable,
        recipe={"measure": family, **recipe},
    )


def aside_notes(traces: Traces) -> list[Note]:
    """Return a note for each reason why rows of a log could not be used."""
    gone = traces.set_aside.items()
    return [Note("rows_set_aside", rows=count, reason=reason) for reason, count in gone]
