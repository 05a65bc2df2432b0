"""Unicity against the number of known points and the resolution, and under coarser logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import numpy as np

from privaudit.core.checks import in_range
from privaudit.core.progress import progress
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.release.read_traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.traces.unicity import check_points, known_points, trace_result, window_word

if TYPE_CHECKING:
    from privaudit.results.painter import Display


@dataclass(frozen=True, eq=False, kw_only=True)
class UnicityCurve(Measures):
    """`Measures` of one row a number of known points and a resolution, drawn as curves."""

    # That of `Measures`: what a dataclass writes by itself would print the whole frame.
    __repr__ = Measures.__repr__

    def plot(self, *names: str, most: int = 8, lang: str = "en") -> Display:
        """Draw the share of people singled out against the points known, a curve a resolution.

        The band is the 95 % interval; the dashed line is the control: people left out of the
        log for whom another person is singled out.

        Parameters
        ----------
        *names : str
            Items to draw; all where none is named.
        most : int
            Largest number of curves.
        lang : str

        Returns
        -------
        Display
        """
        from privaudit.results.display import draw_curve

        rows = [row for row in self.rows if not names or row.part["item"] in names]
        return draw_curve(rows, self.provenance, most, lang)


@runtime_checkable
class HasLikes(Protocol):
    """A source of logs of likes, such as a simulated world."""

    def like_traces(self) -> Mapping[str, Traces]:
        """Return the log of likes by page, and by the topic of the page."""


def unicity_curve(
    source: Traces | HasLikes | Mapping[str, Traces],
    *,
    points: int | Iterable[int] = (1, 2, 3, 4, 8, 16),
    hours: float | Iterable[float | None] | None = (None, 7 * 24, 24),
    sample: int | None = 10_000,
    seed: int = 7,
) -> UnicityCurve:
    """Return unicity against the number of known points and the resolution of time and item.

    Parameters
    ----------
    source : Traces, HasLikes or mapping of str to Traces
        A log; or a simulated town, whose likes are taken by page and by topic; or logs of the
        same people with finer and coarser items, by the name of the item.
    points : int or iterable of int
        Known points.
    hours : float, None or iterable of them
        Resolutions in time, None where time is not known. Logs without time have None alone.
    sample : int, optional
        People to sample at each resolution and number of points; None for everybody.
    seed : int

    Returns
    -------
    Measures
        ``unicity`` as in `unicity`, a row a number of ``points``, an ``item`` and a ``window``
        of time; 0 = safe. A row without a value has a note: nobody has that many points.
        ``.plot()`` draws the curves.

    Raises
    ------
    ParameterError
        A number out of range, or no log.

    References
    ----------
    de Montjoye et al. (2013).

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.release.read_traces import read_traces
    >>> log = pd.DataFrame({"who": list("aabbcc"), "page": [1, 2, 1, 3, 2, 3]})
    >>> likes = read_traces(log, person="who", item="page")
    >>> unicity_curve(likes, points=[1, 2]).value("unicity", points=2)
    1.0
    """
    who = "unicity_curve"
    known = check_points(who, points)
    windows = tuple(hours) if isinstance(hours, Iterable) else (hours,)
    for window in windows:
        if window is not None:
            in_range(who, "hours", window, 0, open_low=True)
    if not windows or len(set(windows)) < len(windows):
        raise ParameterError.of(who, "hours, each resolution once", f"hours={hours!r}")
    logs = _logs(source)
    if not logs or not all(isinstance(log, Traces) for log in logs.values()):
        need = "traces, a simulated world, or traces by the name of their items"
        raise ParameterError.of(who, need, type(source).__name__, "Read a log with read_traces.")
    first = next(iter(logs.values()))
    rows = Rows(max(log.n_people for log in logs.values()), first.counts)
    asked_of = [
        (name, log, window)
        for name, log in logs.items()
        for window in (windows if log.time is not None else (None,))
    ]
    with progress(who, len(asked_of)) as tick:
        for name, log, window in asked_of:
            tick(f"{name}, {window_word(window)}")
            asked = known_points("unicity", log, known, window, sample, seed)
            for p, result in zip(known, asked, strict=True):
                result.add_to(rows, {"points": p, "item": name, "window": window_word(window)})
    recipe: dict[str, Any] = {"points": list(known), "items": list(logs), "hours": list(windows)}
    recipe |= {"sample": sample, "seed": seed}
    curve = trace_result(first, who, rows, None, recipe, kind=UnicityCurve)
    return cast(UnicityCurve, curve)


def _logs(source: Traces | HasLikes | Mapping[str, Traces]) -> Mapping[str, Traces]:
    if isinstance(source, Traces):
        return {"item": source}
    if isinstance(source, HasLikes):
        return source.like_traces()
    return dict(source) if isinstance(source, Mapping) else {}


_DAY = 24.0


def log_mitigation(
    traces: Traces,
    *,
    points: int,
    hours: float | None = None,
    sample: int | None = None,
    seed: int = 7,
) -> Measures:
    """Return the share of people singled out of a log, and of coarser versions of it.

    Parameters
    ----------
    traces : Traces
    points : int
        Known events of a person.
    hours : float, optional
        As for `unicity`: resolution of the time of a known event.
    sample : int, optional
        People to sample in each.
    seed : int

    Returns
    -------
    Measures
        Family "log_mended": singled_out, share of all people of the log, those with fewer
        events being safe; n: people of the log; control and residual as of `unicity`. One row
        for each ``mended``: as_it_is; rare_items (items of fewer than `SMALL_CELL` people
        withheld); by_day and no_time, where times are known; recent_half (the older half of the
        events deleted), where the log has times. 0 = safe.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.release.read_traces import read_traces
    >>> log = pd.DataFrame({"who": [*range(11), 0], "page": ["a"] * 11 + ["b"]})
    >>> result = log_mitigation(read_traces(log, person="who", item="page"), points=1)
    >>> result.value("singled_out", mended="rare_items")
    0.0
    """
    rows = Rows(traces.n_people, traces.counts)
    for mitigation, log, window in _mitigated(traces, hours):
        (result,) = known_points("unicity", log, [points], window, sample, seed)
        able = (result.people - result.few) / result.people
        mean = float(result.alone.mean()) * able if len(result.alone) else 0.0
        control = float(result.mistaken.mean()) * able if len(result.mistaken) else 0.0
        rows.rate(
            "singled_out", mean, max(len(result.alone), 1), control=control,
            control_worth=max(len(result.mistaken), 1), n=traces.n_people,
            part={"points": points, "mended": mitigation},
        )  # fmt: skip
    return Measures(
        family="log_mended",
        rows=rows,
        name=traces.name,
        provenance=traces.provenance,
        recipe={"points": points, "hours": hours, "sample": sample, "seed": seed},
    )


def _mitigated(traces: Traces, hours: float | None) -> Iterator[tuple[str, Traces, float | None]]:
    """Yield the mitigated versions of a log, with the resolution of known times."""
    yield "as_it_is", traces, hours
    pairs = np.unique(np.column_stack([traces.item, traces.person]), axis=0)
    holders = np.bincount(pairs[:, 0], minlength=traces.n_items)
    shared = holders[traces.item] >= SMALL_CELL
    if not shared.all() and shared.any():
        yield "rare_items", _subset(traces, shared), hours
    if hours is not None:
        if hours < _DAY:
            yield "by_day", traces, _DAY
        yield "no_time", traces, None
    if traces.time is not None:
        recent = traces.time >= np.median(traces.time)
        if not recent.all():
            yield "recent_half", _subset(traces, recent), hours


def _subset(traces: Traces, those: np.ndarray) -> Traces:
    time, value = (None if part is None else part[those] for part in (traces.time, traces.value))
    person, item = traces.person[those], traces.item[those]
    return replace(traces, person=person, item=item, time=time, value=value)
