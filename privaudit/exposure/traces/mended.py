"""What would be saved if a log told less: the same people, looked for in what is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from privaudit._core.policy import SMALL_CELL
from privaudit.exposure.traces.uniqueness import known_points
from privaudit.release.traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows

__all__ = ["log_mended"]

_DAY = 24.0


def log_mended(
    traces: Traces,
    *,
    points: int,
    hours: float | None = None,
    sample: int | None = None,
    seed: int = 7,
) -> Measures:
    """Count whom known events single out of a log as it is, and of what could be left of it.

    Parameters
    ----------
    traces : Traces
    points : int
        How many events are known of somebody.
    hours : float, optional
        As for `unicity`: the time of a known event is told to so many hours.
    sample : int, optional
        How many people are looked for in each.
    seed : int

    Returns
    -------
    Measures
        Family "log_mended": singled_out, share of all people of the log, whoever has fewer
        events than are known being safe; n: people of the log; control and residual as of
        `unicity`. One row for each ``mended``: as_it_is; rare_items (items of fewer than
        `SMALL_CELL`
        people withheld); by_day and no_time, where times are known; recent_half (the older half
        of the events deleted), where the log has times. 0 = safe.

    Examples
    --------
    >>> import pandas as pd
    >>> from privaudit.release.traces import read_traces
    >>> log = pd.DataFrame({"who": [*range(11), 0], "page": ["a"] * 11 + ["b"]})
    >>> found = log_mended(read_traces(log, person="who", item="page"), points=1)
    >>> found.value("singled_out", mended="rare_items")
    0.0
    """
    rows = Rows(traces.n_people, traces.counts)
    for word, left, told in _left(traces, hours):
        (found,) = known_points("unicity", left, [points], told, sample, seed)
        able = (found.people - found.few) / found.people
        mean = float(found.alone.mean()) * able if len(found.alone) else 0.0
        control = float(found.mistaken.mean()) * able if len(found.mistaken) else 0.0
        rows.rate(
            "singled_out", mean, max(len(found.alone), 1), control=control,
            control_worth=max(len(found.mistaken), 1), n=traces.n_people,
            part={"points": points, "mended": word},
        )  # fmt: skip
    return Measures(
        family="log_mended",
        rows=rows,
        name=traces.name,
        provenance=traces.provenance,
        recipe={"points": points, "hours": hours, "sample": sample, "seed": seed},
    )


def _left(traces: Traces, hours: float | None) -> Iterator[tuple[str, Traces, float | None]]:
    """Yield what could be left of a log, and how well a known event is told in time."""
    yield "as_it_is", traces, hours
    pairs = np.unique(np.column_stack([traces.item, traces.person]), axis=0)
    holders = np.bincount(pairs[:, 0], minlength=traces.n_items)
    shared = holders[traces.item] >= SMALL_CELL
    if not shared.all() and shared.any():
        yield "rare_items", _kept(traces, shared), hours
    if hours is not None:
        if hours < _DAY:
            yield "by_day", traces, _DAY
        yield "no_time", traces, None
    if traces.time is not None:
        recent = traces.time >= np.median(traces.time)
        if not recent.all():
            yield "recent_half", _kept(traces, recent), hours


def _kept(traces: Traces, those: np.ndarray) -> Traces:
    time, value = (None if part is None else part[those] for part in (traces.time, traces.value))
    person, item = traces.person[those], traces.item[those]
    return replace(traces, person=person, item=item, time=time, value=value)
