"""The study of a real interaction log: who did what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit._core.by_name import by_name
from privaudit._core.progress import Tick, silent
from privaudit.exposure.traces.matching import Memory, scoreboard
from privaudit.exposure.traces.mended import log_mended
from privaudit.exposure.traces.periods import match_periods
from privaudit.exposure.traces.uniqueness import check_points, unicity
from privaudit.release.traces import read_traces
from privaudit.studies.study import Input, Study, command_line

if TYPE_CHECKING:
    from privaudit.release.traces import Traces
    from privaudit.results.measures import Measures

__all__ = ["LOG_PARTS", "InteractionLog", "audit_log"]

# Steps of the progress bar: reading, three questions, what to mend, the report.
LOG_PARTS = 6
# Seconds between the first and the last event, for two periods to be told apart.
_FOUR_WEEKS = 28 * 86_400
# Events that somebody must have, for a memory that is wrong in two of them.
_FEWEST = 4


@by_name
@dataclass(frozen=True, kw_only=True)
class InteractionLog:
    """A file of one row an event, and what its columns are.

    Parameters
    ----------
    file : path
        A format that `read_traces` takes.
    person, item : str
        Columns that say who, and with what.
    time, value : str, optional
        Columns of dates or timestamps, and of numbers.
    items_are_people : bool
        The identifiers of items are those of people (calls, messages).
    """

    file: str | Path
    person: str
    item: str
    time: str | None = None
    value: str | None = None
    items_are_people: bool = False


def audit_log(
    log: InteractionLog,
    *,
    points: Iterable[int] = (1, 2, 3, 4, 8),
    hours: float | None = None,
    sample: int = 1_000,
    seed: int = 7,
    tick: Tick = silent,
) -> Study:
    """Say how many known events single somebody of a log out, and return the study.

    Parameters
    ----------
    log : InteractionLog
    points : iterable of int
        How many events are known. Numbers that nobody has so many distinct events of are left
        out; the first is always asked.
    hours : float, optional
        Length of the windows to which the time of a known event is told; without it, only the
        items are known.
    sample : int
        How many people are looked for, at most, drawn at random.
    seed : int
    tick : callable
        Called with the name of each part as it starts.

    Returns
    -------
    Study
        Families ``unicity``; ``scoreboard`` (eight events known, or as many as anybody has, two
        of them wrong), where somebody has four; ``match_periods``, where the log has times over
        four weeks or more; ``log_mended``.

    Raises
    ------
    ParameterError, SchemaError, ReadError
        As `read_traces` and `unicity`.
    """
    tick("log")
    named: dict[str, Any] = {
        "person": log.person,
        "item": log.item,
        "time": log.time,
        "value": log.value,
    }
    traces = read_traces(log.file, **named, items_are_people=log.items_are_people)
    asked = check_points("log", points)
    most = _most_distinct(traces, hours)
    known = [p for p in asked if p <= most] or [asked[0]]
    tick("known events")
    found: dict[str, Measures] = {
        "unicity": unicity(traces, points=known, hours=hours, sample=sample, seed=seed)
    }
    tick("inexact memories")
    events = int(np.bincount(traces.person).max())
    if events >= _FEWEST and traces.n_people > 1:
        memory = Memory(points=min(Memory.points, events))
        found["scoreboard"] = scoreboard(traces, memory, sample=sample, seed=seed)
    tick("two periods")
    if traces.time is not None and int(traces.time.max() - traces.time.min()) >= _FOUR_WEEKS:
        found["match_periods"] = match_periods(traces, sample=sample, seed=seed)
    tick("what to mend")
    p = 4 if 4 in known else known[-1]
    found["log_mended"] = log_mended(traces, points=p, hours=hours, sample=sample, seed=seed)
    file = Path(log.file)
    return Study(
        kind="log",
        title=file.name,
        provenance=traces.provenance,
        real_places=True,
        measures=found,
        set_aside=dict(traces.set_aside),
        notes=traces.notes,
        command=command_line(
            "log",
            [file],
            **named,
            items_are_people=log.items_are_people,
            points=asked,
            hours=None if hours is None else f"{hours:g}",
            sample=sample,
            seed=seed,
        ),
        inputs=(Input(path=file, role="log"),),
        recipe={**named, "points": list(asked), "hours": hours, "sample": sample, "seed": seed},
    )


def _most_distinct(traces: Traces, hours: float | None) -> int:
    """Return how many distinct points the person with most of them has."""
    point, n_points = traces.points(hours)
    person = np.unique(traces.person * np.int64(n_points) + point) // n_points
    return int(np.bincount(person).max())
