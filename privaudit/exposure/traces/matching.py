"""Find people by inexact memories of a few events, and claim only what stands out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from privaudit._core.by_name import by_name, plain_fields
from privaudit._core.checks import an_instance, in_range, say, whole
from privaudit._core.progress import along
from privaudit._core.streams import stream
from privaudit.errors import ParameterError
from privaudit.exposure.traces.found_again import add_claims, how_to_read
from privaudit.exposure.traces.uniqueness import drawn, trace_result
from privaudit.measures.traces.scoreboard import (
    EventIndex,
    best_match,
    index_events,
    least_lead,
    scores,
)
from privaudit.measures.traces.unicity import draw_points
from privaudit.release.traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.words.note import Note

__all__ = ["Memory", "scoreboard"]

_DAY = 86_400
_LEARNT_FROM = 500

# Items, times and values that are remembered, (people, points) each.
_Memories = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]


@by_name
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
    least_eccentricity: float | None = None,
    false_claims: float = 0.05,
    sample: int | None = 1_000,
    seed: int = 7,
) -> Measures:
    """Look people up by a few inexact memories, and claim only what stands out.

    The scoreboard of Narayanan and Shmatikov 2008: rare items weigh more, values and dates
    count by how near they are, and a match is claimed where the best score leads the second
    by `least_eccentricity` standard deviations of all scores. The 1.5 of the paper claims
    somebody for about a quarter of those who are not in the release at all; where it is not
    given, the lead is learnt from the release: memories of 500 of its people, each taken out
    in turn, may be claimed in a share `false_claims` of the searches.

    Parameters
    ----------
    traces : Traces
    memory : Memory, optional
        Eight points, two of them wrong, dates within 14 days, where not given.
    days_scale, value_scale : float
        How fast a date, a value, stops to count.
    least_eccentricity : float, optional
        Higher: fewer claims, more of them right. Learnt where not given.
    false_claims : float
        In (0, 1). Not used where `least_eccentricity` is given.
    sample : int, optional
        How many people are looked for, drawn at random; None for everybody.
    seed : int

    Returns
    -------
    Measures
        Shares of the people who were looked for (n; those with at least ``memory.points``
        events), 0 = safe:

        - ``best_match``: the right one has the best score, claimed or not, ties at random;
          baseline 1 / people.
        - ``reidentified`` and ``wrong_claim``: claimed, and right; claimed, and somebody else. The
          control of ``reidentified``: a claim on somebody whose trace was taken out of the release,
          which cannot be right. ``right_when_claimed``: found out of both (n: claims).
        - ``least_lead``: the lead that a claim needs, in standard deviations.

        Not reliable where ``best_match`` does not beat its baseline.

    Raises
    ------
    ParameterError
        Nobody has that many events, or a number is out of range.

    Examples
    --------
    >>> from privaudit.release.traces import read_traces
    >>> import pandas as pd
    >>> log = pd.DataFrame({"who": [0, 0, 1, 1, 2, 2], "page": [1, 2, 1, 3, 2, 3]})
    >>> likes = read_traces(log, person="who", item="page")
    >>> sharp = Memory(points=2, wrong=0)
    >>> scoreboard(likes, sharp, least_eccentricity=1).value("reidentified")
    1.0
    """
    who = "scoreboard"
    an_instance(who, "traces", traces, Traces, "Read a log with read_traces.")
    memory = Memory() if memory is None else memory
    an_instance(who, "memory", memory, Memory)
    near = _DAY * in_range(who, "days_scale", days_scale, 0, open_low=True)
    alike = in_range(who, "value_scale", value_scale, 0, open_low=True)
    in_range(who, "false_claims", false_claims, 0, 1, open_low=True, open_high=True)
    if least_eccentricity is not None:
        in_range(who, "least_eccentricity", least_eccentricity, 0)
    indptr = np.searchsorted(traces.person, np.arange(traces.n_people + 1))
    able = np.flatnonzero(np.diff(indptr) >= memory.points)
    if not len(able) or traces.n_people < 2:
        came = f"{int(np.diff(indptr).max())} at most, {traces.n_people:,} people"
        need = f"two people, and somebody with {memory.points} events"
        raise ParameterError(say(who, need, came, "Lower memory.points."))
    rng = stream(seed, who)
    targets = drawn(who, able, sample, rng)
    index = index_events(
        traces.person, traces.item, traces.time, traces.value, traces.n_people, traces.n_items
    )
    board = _Board(traces=traces, index=index, near=near, alike=alike)
    notes = []
    lead = least_eccentricity
    if lead is None:
        learn = stream(seed, who, "lead")
        others = drawn(who, able, _LEARNT_FROM, learn)
        gone = board.leads_of_absent(_remember(traces, indptr, others, memory, learn), others)
        lead = least_lead(gone, false_claims)
        reached = int((gone >= lead).sum())
        notes.append(Note("lead_learnt", lead=lead, reached=reached, of=len(others)))
    memories = _remember(traces, indptr, targets, memory, rng)
    found, best, wrong, absent = board.search(memories, targets, lead)
    few = traces.n_people - len(able)
    rows = Rows(len(targets), traces.counts)
    not_asked = [Note("fewer_events", people=few)] if few else []
    chance = 1 / traces.n_people
    rows.share("best_match", best, not_asked, baseline=chance, gain="person")
    beyond = add_claims(rows, found, wrong, absent, chance)
    rows.add("least_lead", lead, "ratio")
    notes.append(Note("absent_claimed", share=absent.mean()))
    recipe = plain_fields(memory) | {
        "days_scale": days_scale, "value_scale": value_scale, "sample": sample, "seed": seed,
        "least_eccentricity": least_eccentricity, "false_claims": false_claims,
    }  # fmt: skip
    doubts, reliable = how_to_read(best, chance, beyond)
    return trace_result(traces, who, rows, None, recipe, [*notes, *doubts], reliable=reliable)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Board:
    """The release as an adversary searches it. Who is looked for is never handed in."""

    traces: Traces
    index: EventIndex
    near: float
    alike: float

    def look_up(self, memories: _Memories, k: int, absent: int = -1) -> tuple[np.ndarray, float]:
        """Return the best match of a memory and its lead, as if `absent` were not released."""
        item, time, value = memories
        people, score = scores(
            self.index,
            item[k],
            None if time is None else time[k],
            None if value is None else value[k],
            time_scale=self.near,
            value_scale=self.alike,
            without=absent,
        )
        return best_match(people, score, self.traces.n_people - (absent >= 0))

    def leads_of_absent(self, memories: _Memories, people: np.ndarray) -> np.ndarray:
        """Return the lead of the best match of each memory of somebody who is taken out."""
        asked = enumerate(along("scoreboard", people.tolist()))
        gone = [self.look_up(memories, k, absent=one)[1] for k, one in asked]
        return np.array(gone)

    def search(self, memories: _Memories, people: np.ndarray, lead: float) -> np.ndarray:
        """Return who is found, best matched, wrongly claimed, and claimed though absent.

        Four rows, one column a person. A claim needs a single best match with that lead.
        """
        found, best, wrong, absent = outcome = np.zeros((4, len(people)))
        for k, one in enumerate(along("scoreboard", people.tolist())):
            top, stands_out = self.look_up(memories, k)
            right = one in top
            best[k] = right / len(top) if len(top) else 1 / self.traces.n_people
            claimed = stands_out >= lead and len(top) == 1
            found[k], wrong[k] = claimed and right, claimed and not right
            others, stands_out = self.look_up(memories, k, absent=one)
            absent[k] = stands_out >= lead and len(others) == 1
        return outcome


def _remember(
    traces: Traces,
    indptr: np.ndarray,
    targets: np.ndarray,
    memory: Memory,
    rng: np.random.Generator,
) -> _Memories:
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
