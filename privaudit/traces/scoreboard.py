"""Scoreboard algorithm (Narayanan and Shmatikov 2008): match a few inexact known points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from privaudit.core.checks import (
    an_instance,
    in_range,
    keyword_only,
    plain_fields,
    whole,
)
from privaudit.core.progress import along
from privaudit.core.reproducible import stream
from privaudit.errors import ParameterError
from privaudit.release.read_traces import Traces
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.stats.csr import row_starts
from privaudit.stats.intervals import DEVIATIONS_95, two_stage_variance, variance_worth, wilson
from privaudit.traces.reidentification import ClaimWorth, add_claims, attack_notes
from privaudit.traces.unicity import draw_points, sample_people, trace_result
from privaudit.words.catalogues import Note

# Scores that differ only in their last digits (order of summation) are ties.
_TIE = 1e-9


@dataclass(frozen=True, eq=False, kw_only=True)
class EventIndex:
    """Events by item: those of item i stand at ``start[i]:start[i + 1]``, people ascending."""

    start: np.ndarray
    person: np.ndarray
    time: np.ndarray | None
    value: np.ndarray | None
    n_people: int


def index_events(
    person: np.ndarray,
    item: np.ndarray,
    time: np.ndarray | None,
    value: np.ndarray | None,
    n_people: int,
    n_items: int,
) -> EventIndex:
    """Sort events by item, then person.

    Parameters
    ----------
    person, item : int, shape (events,)
    time, value : ndarray of float or int, optional
    n_people : int
        Number of people.
    n_items : int
        Number of items.

    Returns
    -------
    EventIndex
    """
    order = np.lexsort([person, item])
    return EventIndex(
        start=row_starts(item, n_items),
        person=np.asarray(person)[order],
        time=None if time is None else np.asarray(time)[order],
        value=None if value is None else np.asarray(value)[order],
        n_people=n_people,
    )


def scores(
    index: EventIndex,
    item: np.ndarray,
    time: np.ndarray | None,
    value: np.ndarray | None,
    *,
    time_scale: float,
    value_scale: float,
    without: int = -1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the scoreboard score of everybody who shares a known item.

    ``sum_i w_i (exp(-|dv| / v0) + exp(-|dt| / t0))`` with ``w_i = 1 / ln(supp(i))``: rare items
    weigh more. A missing value or time is left out; without both, a shared item counts 1. An item
    of one person weighs as one of two, since ln 1 is 0. Of several events with one item the best
    counts.

    Parameters
    ----------
    index : EventIndex
        Events by item, from `index_events`.
    item, time, value : ndarray, shape (points,)
        The known points of one person.
    time_scale, value_scale : float
        T0 and v0, in the units of time and value.
    without : int
        A person to leave out of the release; -1 for nobody.

    Returns
    -------
    people : ndarray of int
        Ascending; everybody else scores 0.
    score : ndarray of float

    References
    ----------
    Narayanan and Shmatikov (2008), the scoreboard adapted to ratings.

    Examples
    --------
    Two people have item 0, one of them item 1 too.

    >>> index = index_events(np.array([0, 1, 0]), np.array([0, 0, 1]), None, None, 2, 2)
    >>> people, score = scores(
    ...     index, np.array([0, 1]), None, None, time_scale=1.0, value_scale=1.0)
    >>> (score * np.log(2)).round(6).tolist()
    [2.0, 1.0]
    """
    parts: list[np.ndarray] = []
    gained: list[np.ndarray] = []
    for k, which in enumerate(item):
        part = slice(index.start[which], index.start[which + 1])
        person = index.person[part]
        likeness = np.zeros(len(person))
        if time is not None and index.time is not None:
            likeness += np.exp(-np.abs(index.time[part] - time[k]) / time_scale)
        if value is not None and index.value is not None:
            apart = np.abs(index.value[part] - value[k])
            likeness += np.where(np.isnan(apart), 0.0, np.exp(-apart / value_scale))
        if (time is None or index.time is None) and (value is None or index.value is None):
            likeness += 1.0
        if without >= 0:
            likeness, person = likeness[person != without], person[person != without]
        if not len(person):
            continue
        first = np.flatnonzero(np.concatenate([[True], person[1:] != person[:-1]]))
        weight = 1 / np.log(max(len(first), 2))
        parts.append(person[first])
        gained.append(weight * np.maximum.reduceat(likeness, first))
    if not parts:
        return np.empty(0, np.int64), np.empty(0)
    people, code = np.unique(np.concatenate(parts), return_inverse=True)
    return people, np.bincount(code, weights=np.concatenate(gained))


def best_match(people: np.ndarray, score: np.ndarray, n_people: int) -> tuple[np.ndarray, float]:
    """Return the candidates with the best score, and its eccentricity.

    Parameters
    ----------
    people, score : ndarray
        From `scores`.
    n_people : int
        All people of the release, those with score 0 too.

    Returns
    -------
    best : ndarray of int
        Empty where nobody scores.
    lead : float
        `eccentricity` of the scores; 0 where several share the best.

    Examples
    --------
    >>> best, lead = best_match(np.array([4, 7]), np.array([2.0, 1.0]), 9)
    >>> best.tolist(), lead > 0
    ([4], True)
    """
    if not len(score):
        return np.empty(0, np.int64), 0.0
    return people[score >= score.max() * (1 - _TIE)], eccentricity(score, n_people)


def least_lead(leads: np.ndarray, share: float) -> float:
    """Return the threshold that at most a share of these leads exceed.

    Parameters
    ----------
    leads : ndarray of float
        Of searches in which every claim would be false.
    share : float
        In [0, 1).

    Returns
    -------
    float
        Above 0: a tie is never claimed.

    Examples
    --------
    >>> least_lead(np.array([0.0, 0.5, 1.0, 2.0]), 0.25)
    1.0000000000000002
    """
    above = np.sort(leads)[::-1]
    highest = above[min(int(share * len(above)), len(above) - 1)]
    return float(np.nextafter(highest, np.inf))


def leads_without_each(leads: np.ndarray, share: float) -> np.ndarray:
    """Return for each person the threshold that the searches of all others give.

    Parameters
    ----------
    leads : ndarray of float, shape (people, draws)
        Of searches in which every claim would be false.
    share : float
        In [0, 1).

    Returns
    -------
    ndarray of float, shape (people,)
        `least_lead` of the other rows; of all rows where there is one.

    Examples
    --------
    >>> leads_without_each(np.array([[3.0], [1.0], [2.0]]), 0.4).round(6).tolist()
    [2.0, 3.0, 3.0]
    """
    every = leads.ravel()
    draws = leads.shape[1]
    others = len(every) - draws
    if not others:
        return np.full(len(leads), least_lead(every, share))
    order = np.argsort(-every, kind="stable")
    rank = np.empty(len(every), np.int64)
    rank[order] = np.arange(len(every))
    # The place among the others, moved on by each of the person's own above it.
    place = np.full(len(leads), min(int(share * others), others - 1))
    for own in np.sort(rank.reshape(leads.shape), axis=1).T:
        place += own <= place
    return np.asarray(np.nextafter(every[order][place], np.inf))


def eccentricity(score: np.ndarray, n_people: int) -> float:
    """Return the eccentricity of the best score, ``(max - max2) / sigma``.

    Parameters
    ----------
    score : ndarray of float
        Scores that are not 0.
    n_people : int
        All people of the release, those with score 0 too; sigma is over all of them.

    Returns
    -------
    float
        0 where two share the best score, or nobody scores.

    Examples
    --------
    >>> round(eccentricity(np.array([2.0, 1.0]), 4), 3)  # scores 2, 1, 0, 0
    1.206
    """
    if not len(score) or n_people < 2:
        return 0.0
    best = np.partition(score, -2)[-2:] if len(score) > 1 else np.array([0.0, score[0]])
    mean = score.sum() / n_people
    variance = (score**2).sum() / n_people - mean**2
    gap = best[1] - best[0]
    if gap <= _TIE * best[1] or variance <= 0:
        return 0.0
    return float(gap / np.sqrt(variance))


_DAY = 86_400
# Sets of points drawn of each person: with one, nobody could say how far the draw decides.
_DRAWS = 2

# Known items, times and values, (people, points) each.
_Memories = tuple[np.ndarray, np.ndarray | None, np.ndarray | None]


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Memory:
    """The adversary's inexact knowledge of a person's events.

    Parameters
    ----------
    points : int
        Known events.
    wrong : int
        How many of these are wrong: events of other people.
    days : float
        Largest error of a date, in days; uniform. Not used where there is no time.
    value_error : float
        Largest error of a value; uniform. Not used where there is no value.

    Raises
    ------
    ParameterError
        A number is negative, or `wrong` exceeds `points`.

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
    """Match people by a few inexact known points, and claim eccentric matches only.

    Rare items weigh more, values and dates count by their distance, and a match is claimed where
    the best score leads the second by `least_eccentricity` standard deviations of all scores.
    The paper's 1.5 claims a match for about a quarter of the people who are not in the release;
    by default the threshold is learnt from the release: of its sampled people, each taken out in
    turn, a share `false_claims` is claimed, and each is scored by the threshold of all others. Two
    sets of points are drawn of each person; a person counts by the mean over both.

    Parameters
    ----------
    traces : Traces
    memory : Memory, optional
        Default: eight points, two of them wrong, dates within 14 days.
    days_scale, value_scale : float
        Scale of the exponential decay with the error of a date, of a value.
    least_eccentricity : float, optional
        Higher: fewer claims, more of them right. Learnt where not given.
    false_claims : float
        In (0, 1). Not used where `least_eccentricity` is given.
    sample : int, optional
        People to sample; None for everybody.
    seed : int

    Returns
    -------
    Measures
        Shares of the sampled people (n; those with at least ``memory.points`` events), 0 = safe:

        - ``best_match``: the right candidate has the best score, claimed or not, ties at random;
          baseline 1 / people.
        - ``reidentified`` and ``wrong_claim``: claimed and right; claimed and another person. The
          control of ``reidentified``: a claim although their trace was taken out of the release,
          which cannot be right. ``right_when_claimed``: the share of right claims (n: claims).
        - ``least_lead``: the eccentricity that a claim needs, in standard deviations.

        Intervals hold the mean over all draws from this log: of the people, where a part of them
        is sampled (two-stage sampling); of their points; and of the threshold learnt (the variance
        of a sensitivity at an estimated threshold; of ``least_lead``, Woodruff's interval).
        Not reliable where ``best_match`` does not beat its baseline.

    Raises
    ------
    ParameterError
        Nobody has that many events, or a number is out of range.

    References
    ----------
    Narayanan and Shmatikov (2008).
    Cochran (1977), chapter 10.
    Hsieh and Turnbull (1996).
    Woodruff (1952).

    Examples
    --------
    >>> from privaudit.release.read_traces import read_traces
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
        raise ParameterError.of(who, need, came, "Lower memory.points.")
    rng = stream(seed, who)
    targets = sample_people(who, able, sample, rng)
    index = index_events(
        traces.person, traces.item, traces.time, traces.value, traces.n_people, traces.n_items
    )
    board = _Board(index=index, near=near, alike=alike)
    drawn = [_remember(traces, indptr, targets, memory, rng) for _ in range(_DRAWS)]
    found = _Searches.joined([board.search(memories, targets) for memories in drawn])
    claims = found.claims(least_eccentricity, false_claims, len(targets) / len(able))
    few = traces.n_people - len(able)
    rows = Rows(len(targets), traces.counts)
    not_asked = [Note("fewer_events", people=few)] if few else []
    chance = 1 / traces.n_people
    best = found.best.mean(axis=1)
    worth = _worth(found.best, len(targets) / len(able))
    rows.rate("best_match", best.mean(), worth, not_asked, baseline=chance, gain="person")
    right, wrong, absent = claims.right, claims.wrong, claims.absent
    beyond = add_claims(rows, right, wrong, absent, chance, claims.worth)
    low, high = claims.lead_between
    rows.add("least_lead", claims.lead, "ratio", low=low, high=high)
    notes = [Note("absent_claimed", share=absent.mean())]
    if least_eccentricity is None:
        reached = int((found.absent >= claims.lead).sum())
        notes.insert(0, Note("lead_learnt", lead=claims.lead, reached=reached, of=found.lead.size))
    recipe = plain_fields(memory) | {
        "days_scale": days_scale, "value_scale": value_scale, "sample": sample, "seed": seed,
        "least_eccentricity": least_eccentricity, "false_claims": false_claims,
    }  # fmt: skip
    doubts, reliable = attack_notes(best, chance, beyond)
    return trace_result(traces, who, rows, None, recipe, [*notes, *doubts], reliable=reliable)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Board:
    """The release as the adversary searches it; `look_up` does not know the queried person."""

    index: EventIndex
    near: float
    alike: float

    def look_up(self, memories: _Memories, k: int, absent: int = -1) -> tuple[np.ndarray, float]:
        """Return the best match of known points and its eccentricity, `absent` left out."""
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
        return best_match(people, score, self.index.n_people - (absent >= 0))

    def search(self, memories: _Memories, people: np.ndarray) -> _Searches:
        """Search for each person twice: as they are, and with their own trace taken out."""
        right, best, lead, absent = outcome = np.zeros((4, len(people)))
        for k, one in enumerate(along("scoreboard", people.tolist())):
            top, stands_out = self.look_up(memories, k)
            is_right = one in top
            best[k] = is_right / len(top) if len(top) else 1 / self.index.n_people
            right[k], lead[k] = is_right, stands_out if len(top) == 1 else -np.inf
            others, stands_out = self.look_up(memories, k, absent=one)
            absent[k] = stands_out if len(others) == 1 else -np.inf
        return _Searches(*outcome[:, :, None])


class _Claims(NamedTuple):
    """Claims of each person, means over draws, at the threshold of all; what they are worth."""

    right: np.ndarray
    wrong: np.ndarray
    absent: np.ndarray
    lead: float
    lead_between: tuple[float, float]
    worth: ClaimWorth


class _Searches(NamedTuple):
    """Results of searches, (people, draws) each; a lead is -inf where no single one is best.

    `right`: the best match is the person; `best`: their chance, ties at random; `lead`, `absent`:
    eccentricity of the best match, as it is and without the person's trace.
    """

    right: np.ndarray
    best: np.ndarray
    lead: np.ndarray
    absent: np.ndarray

    @classmethod
    def joined(cls, draws: list[_Searches]) -> _Searches:
        return cls(*(np.concatenate(part, axis=1) for part in zip(*draws, strict=True)))

    def claims(self, given: float | None, false_claims: float, sampled: float) -> _Claims:
        """Claim by a given threshold, or by the one that all others give; `sampled`: of all."""
        from scipy.special import stdtrit

        gone = np.maximum(self.absent, 0.0)
        learnt = least_lead(gone.ravel(), false_claims) if given is None else given
        bar: float | np.ndarray = learnt
        between = (learnt, learnt)
        slope = np.zeros(3)
        if given is None:
            bar = leads_without_each(gone, false_claims)[:, None]
            reached = self._outcome(learnt)[2]
            ends = wilson(reached.mean(), _worth(reached, sampled))
            # Woodruff: the threshold lies between those of the ends of the share that it lets by.
            least = float(np.nextafter(1.0, 0.0))
            high, low = (least_lead(gone.ravel(), min(float(end), least)) for end in ends)
            between = (min(low, learnt), max(high, learnt))
            more = self._outcome(between[0]) - self._outcome(between[1])
            gained = more.mean(axis=(1, 2))
            # What each share gains for each absent person more who would be claimed.
            slope = gained / gained[2] if gained[2] > 0 else slope
            # It rests on the few searches that pass: Student's t for as many, over the normal one.
            slope = slope * float(stdtrit(max(reached.sum(), 1.0), 0.975)) / DEVIATIONS_95
        outcome = self._outcome(bar)
        right, wrong, absent = outcome.mean(axis=2)
        # Each search moves a share by itself, and by the threshold that it helped to learn.
        moved = outcome - slope[:, None, None] * self._outcome(learnt)[2]
        worth = _claims_worth(outcome, moved, sampled)
        return _Claims(right, wrong, absent, float(learnt), between, worth)

    def _outcome(self, bar: float | np.ndarray) -> np.ndarray:
        """Return right claims, wrong claims, and claims on absent people: (3, people, draws)."""
        claimed, right = self.lead >= bar, self.right > 0
        return np.array([claimed & right, claimed & ~right, self.absent >= bar], float)


def _claims_worth(outcome: np.ndarray, moved: np.ndarray, sampled: float) -> ClaimWorth:
    """Return what the shares of claims are worth, from the influence of each search on them."""
    right, wrong, _ = shares = outcome.mean(axis=(1, 2))
    of_each = [_worth(one, sampled, share) for one, share in zip(moved, shares, strict=True)]
    of_claims, claims = float(outcome.shape[1]), right + wrong
    if claims:
        # Of a ratio: its share of the right claims' influence less that of all claims.
        ratio = (moved[0] - right / claims * (moved[0] + moved[1])) / claims
        of_claims = variance_worth(right / claims, two_stage_variance(ratio, sampled),
                                   claims * outcome.shape[1])  # fmt: skip
    mine, theirs = moved[0].mean(axis=1), moved[2].mean(axis=1)
    together = 0.0
    if np.ptp(mine) > _TIE and np.ptp(theirs) > _TIE:
        together = float(np.corrcoef(mine, theirs)[0, 1])
    return ClaimWorth(of_each[0], of_each[1], of_claims, of_each[2], together)


def _worth(values: np.ndarray, sampled: float, mean: float | None = None) -> float:
    """Return how many independent people the mean of values, (people, draws), rests on."""
    share = float(values.mean()) if mean is None else mean
    return variance_worth(share, two_stage_variance(values, sampled), len(values))


def _remember(
    traces: Traces,
    indptr: np.ndarray,
    targets: np.ndarray,
    memory: Memory,
    rng: np.random.Generator,
) -> _Memories:
    """Draw known events of each target, (m, points) each, with the adversary's errors."""
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
