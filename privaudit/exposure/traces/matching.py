"""Find people again from inexact memories, or from what they did in another period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.checks import in_range, say, whole
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.exposure.results import Measures
from privaudit.exposure.shares import add_share
from privaudit.exposure.tables.rows import Rows
from privaudit.exposure.traces.uniqueness import trace_result
from privaudit.measures.traces.periods import chance_of_rank, compare_periods
from privaudit.measures.traces.scoreboard import eccentricity, index_events, scores
from privaudit.measures.traces.unicity import draw_points
from privaudit.release.traces import Traces

__all__ = ["Memory", "match_periods", "scoreboard"]

_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What somebody remembers of a person, and how badly.

    Parameters
    ----------
    points : int
        Events that are remembered.
    wrong : int
        How many of these are made up: events of somebody else.
    days : float
        Dates are off by up to so many days, uniformly. Not used where there is no time.
    value_error : float
        Values are off by up to so much, uniformly. Not used where there is no value.

    Raises
    ------
    ParameterError
        A number is negative, or more points are wrong than there are.

    Examples
    --------
    >>> Memory(points=8, wrong=2, days=14)
    Memory(points=8, wrong=2, days=14, value_error=0.0)
    """

    points: int = 8
    wrong: int = 2
    days: float = 14
    value_error: float = 0.0

    def __post_init__(self) -> None:
        whole("Memory", "points", self.points, 1)
        whole("Memory", "wrong", self.wrong, 0, self.points)
        in_range("Memory", "days", self.days, 0)
        in_range("Memory", "value_error", self.value_error, 0)


def scoreboard(
    traces: Traces,
    memory: Memory | None = None,
    *,
    days_scale: float = 30.0,
    value_scale: float = 1.5,
    least_eccentricity: float = 1.5,
    sample: int | None = 1_000,
    seed: int = 0,
) -> Measures:
    """Look people up by a few inexact memories, and claim only what stands out.

    The scoreboard of Narayanan and Shmatikov 2008: rare items weigh more, values and dates
    count by how near they are, and a match is claimed where the best score leads the second
    by `least_eccentricity` standard deviations of all scores.

    Parameters
    ----------
    traces : Traces
    memory : Memory, optional
        Eight points, two of them wrong, dates within 14 days, where not given.
    days_scale, value_scale : float
        How fast a date, a value, stops to count.
    least_eccentricity : float
        Higher: fewer claims, more of them right.
    sample : int, optional
        How many people are looked for, drawn at random; None for everybody.
    seed : int

    Returns
    -------
    Measures
        Shares of the people who were looked for (n; those with at least ``memory.points``
        events), 0 = safe: ``found`` (claimed, and right; baseline 1 / people), ``best_match``
        (the right one has the best score, claimed or not, ties at random), ``wrong_claim``,
        and, as the control, ``claim_when_absent``: a claim on somebody whose trace was taken
        out of the release, which cannot be right.

    Raises
    ------
    ParameterError
        Nobody has that many events.
    """
    who = "scoreboard"
    memory = memory or Memory()
    near = _DAY * in_range(who, "days_scale", days_scale, 0, open_low=True)
    alike = in_range(who, "value_scale", value_scale, 0, open_low=True)
    in_range(who, "least_eccentricity", least_eccentricity, 0)
    rng = stream(seed, who)
    indptr = np.searchsorted(traces.person, np.arange(traces.n_people + 1))
    targets = np.flatnonzero(np.diff(indptr) >= memory.points)
    if not len(targets) or traces.n_people < 2:
        came = f"{int(np.diff(indptr).max())} at most, {traces.n_people:,} people"
        need = f"two people, and somebody with {memory.points} events"
        raise ParameterError(say(who, need, came, "Lower memory.points."))
    few = traces.n_people - len(targets)
    if sample is not None and whole(who, "sample", sample, 1) < len(targets):
        targets = np.sort(rng.choice(targets, sample, replace=False))
    item, time, value = _remember(traces, indptr, targets, memory, rng)
    index = index_events(
        traces.person, traces.item, traces.time, traces.value, traces.n_people, traces.n_items
    )
    found, best, wrong, absent = (np.zeros(len(targets)) for _ in range(4))
    for k, target in enumerate(targets):
        when = None if time is None else time[k]
        rated = None if value is None else value[k]
        people, score = scores(index, item[k], when, rated, time_scale=near, value_scale=alike)
        stands_out = eccentricity(score, traces.n_people) >= least_eccentricity
        top = people[score >= score.max() * (1 - 1e-9)] if len(people) else np.arange(0)
        right = target in top
        best[k] = right / len(top) if len(top) else 1 / traces.n_people
        claimed = stands_out and len(top) == 1
        found[k], wrong[k] = claimed and right, claimed and not right
        others, rest = scores(
            index, item[k], when, rated, time_scale=near, value_scale=alike, without=int(target)
        )
        gone = eccentricity(rest, traces.n_people - 1)
        absent[k] = len(others) > 0 and gone > 0 and gone >= least_eccentricity
    table = Rows(len(targets))
    note = f"{few:,} people have fewer events: not asked" if few else ""
    chance = 1 / traces.n_people
    for name, gain, baseline in (
        ("found", found, chance),
        ("best_match", best, chance),
        ("wrong_claim", wrong, np.nan),
        ("claim_when_absent", absent, np.nan),
    ):
        add_share(table, name, gain, note, baseline=baseline)
    recipe = {
        **{name: getattr(memory, name) for name in ("points", "wrong", "days", "value_error")},
        "days_scale": days_scale,
        "value_scale": value_scale,
        "least_eccentricity": least_eccentricity,
        "sample": sample,
        "seed": seed,
    }
    return trace_result(traces, who, table, pd.DataFrame(), recipe)


def match_periods(traces: Traces, *, at: str | np.datetime64) -> Measures:
    """Find people again in a later period by what they did in an earlier one.

    No event is in both periods: only habits link them (the setting of Tournier and de Montjoye
    2022). Profiles are compared by `compare_periods`; nothing is learnt, so that the figures
    are lower bounds of what can be done.

    Parameters
    ----------
    traces : Traces
        With times.
    at : str or datetime64
        First moment of the second period, such as ``"2016-09-01"``.

    Returns
    -------
    Measures
        ``matched_first`` and ``matched_in_ten``: share of the people of both periods (n) whose
        right match among all people of the second is the most alike, or one of the ten most
        alike, ties at random. Baseline: 1, or 10, out of these. 0 = safe. ``per_record``: the
        chance of each person, matched_first and matched_in_ten.

    Raises
    ------
    ParameterError
        The traces have no time, `at` is no date, or nobody is in both periods.
    """
    who = "match_periods"
    time = traces.known_time(who)
    moment = pd.to_datetime(str(at), errors="coerce")
    if pd.isna(moment):
        raise ParameterError(say(who, "at a date", f"at={at!r}", "Write 2016-09-01."))
    before = time < int(moment.timestamp())
    people, better, ties = compare_periods(
        (traces.person[before], traces.person[~before]),
        (traces.item[before], traces.item[~before]),
        traces.n_people,
        traces.n_items,
    )
    if not len(people):
        raise ParameterError(say(who, "somebody with events before and after `at`", "nobody"))
    candidates = len(np.unique(traces.person[~before]))
    table = Rows(len(people))
    columns = {}
    for name, rank in (("matched_first", 1), ("matched_in_ten", 10)):
        chance = chance_of_rank(better, ties, rank)
        note = f"among {candidates:,} people of the second period"
        add_share(table, name, chance, note, baseline=min(1.0, rank / candidates))
        columns[name] = chance
    return trace_result(traces, who, table, pd.DataFrame(columns), {"at": str(at)})


def _remember(
    traces: Traces,
    indptr: np.ndarray,
    targets: np.ndarray,
    memory: Memory,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Draw events of each target, (m, points) each, with the errors of the memory."""
    event = draw_points(indptr, np.arange(len(traces)), targets, memory.points, rng)
    if memory.wrong:
        # Events of everybody else, each equally likely: step over the target's own block.
        first, own = indptr[targets, None], np.diff(indptr)[targets, None]
        made_up = rng.integers(0, len(traces) - own, (len(targets), memory.wrong))
        made_up += np.where(made_up >= first, own, 0)
        event[:, : memory.wrong] = made_up
    time = value = None
    if traces.time is not None:
        off = rng.uniform(-memory.days, memory.days, event.shape) * _DAY
        time = traces.time[event] + off
    if traces.value is not None:
        off = rng.uniform(-memory.value_error, memory.value_error, event.shape)
        value = traces.value[event] + off
    return traces.item[event], time, value
