"""Scoreboard algorithm (Narayanan and Shmatikov 2008): match a few inexact known points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["EventIndex", "best_match", "eccentricity", "index_events", "least_lead", "scores"]

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
    start = np.zeros(n_items + 1, np.int64)
    np.cumsum(np.bincount(item, minlength=n_items), out=start[1:])
    return EventIndex(
        start=start,
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

    ``sum_i w_i (exp(-|dv| / v0) + exp(-|dt| / t0))`` with ``w_i = 1 / ln(supp(i))`` (Narayanan and
    Shmatikov 2008, the scoreboard adapted to ratings): rare items weigh more. The part of a value
    or time that is not there is left out; where neither is, a shared item counts 1. An item that
    one person has weighs as one that two have, since ln 1 is 0. Of several events with one item the
    best counts.

    Parameters
    ----------
    index : EventIndex
        Events by item, from `index_events`.
    item, time, value : ndarray, shape (points,)
        What is remembered of one person.
    time_scale, value_scale : float
        T0 and v0, in the units of time and value.
    without : int
        A person to leave out, as if they were not in the release; -1 for nobody.

    Returns
    -------
    people : ndarray of int
        Ascending; whoever is absent scores 0.
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
        Above 0, since a tie can never be claimed.

    Examples
    --------
    >>> least_lead(np.array([0.0, 0.5, 1.0, 2.0]), 0.25)
    1.0000000000000002
    """
    above = np.sort(leads)[::-1]
    highest = above[min(int(share * len(above)), len(above) - 1)]
    return float(np.nextafter(highest, np.inf))


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
