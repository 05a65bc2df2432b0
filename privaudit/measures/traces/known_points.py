"""Worst-case known points of a trace: exact minimum anonymity set over every choice of points."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.progress import along

__all__ = ["fewest_matches", "look_ups", "search", "visit_marks"]

_WORD = 64


def visit_marks(
    person: ArrayLike, item: ArrayLike, n_people: int, n_items: int, points: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return visits as marks, ``at least m times``, for m up to `points`.

    Knowing that somebody went twice to a place tells more than knowing that they went there, and
    costs two points. A set of marks is held by everybody whose visits include it.

    Parameters
    ----------
    person, item : int, shape (n,)
        Codes from 0, one pair a visit; repeats count.
    n_people : int
        Number of people.
    n_items : int
        Number of items.
    points : int
        Largest m that matters.

    Returns
    -------
    indptr : int64, shape (n_people + 1,)
    marks : ndarray of int64
        ``item * points + m - 1``, ascending within a person.
    weight : ndarray of int64
        m of each mark: how many known points it takes.

    Examples
    --------
    >>> indptr, marks, weight = visit_marks([0, 0, 1], [3, 3, 3], 2, 4, 2)
    >>> indptr.tolist(), marks.tolist(), weight.tolist()
    ([0, 2, 3], [6, 7, 6], [1, 2, 1])
    """
    key = np.asarray(person, np.int64) * n_items + np.asarray(item, np.int64)
    pair, count = np.unique(key, return_counts=True)
    count = np.minimum(count, points)
    weight = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + 1
    pair = np.repeat(pair, count)
    indptr = np.zeros(n_people + 1, np.int64)
    np.cumsum(np.bincount(pair // n_items, minlength=n_people), out=indptr[1:])
    return indptr, pair % n_items * points + weight - 1, weight


def look_ups(indptr: np.ndarray, targets: np.ndarray, points: int) -> float:
    """Return the worst-case cost of an exact search, in words of 64 people.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    targets : int, shape (t,)
        People to look for.
    points : int
        1 or more. Points known.

    Returns
    -------
    float
    """
    sizes, how_many = np.unique(np.diff(indptr)[targets], return_counts=True)
    words = (len(indptr) - 2) // _WORD + 1
    choices = sum(
        float(comb(int(size), min(points, int(size)))) * int(many)
        for size, many in zip(sizes, how_many, strict=True)
    )
    return choices * words


def fewest_matches(
    indptr: np.ndarray, marks: np.ndarray, weight: np.ndarray, targets: np.ndarray, points: int
) -> np.ndarray:
    """Return, for each target, the smallest anonymity set over all choices of known points.

    ``min_b #{u : b is in T_u}`` over every choice b of at most `points` points of the target's own
    trace, the target counting as one; the worst-case risk of Pellungrini et al. 2018 is its
    inverse. Whoever has fewer points is known by all of them. Somebody without any point is known
    by nothing, and stays among everybody.

    Parameters
    ----------
    indptr, marks, weight : ndarray
        From `visit_marks`, for as many points.
    targets : int, shape (m,)
    points : int
        1 or more.

    Returns
    -------
    int64, shape (m,)
        From 1 (singled out) to the number of people.

    References
    ----------
    Pellungrini et al. (2018).

    Examples
    --------
    Three people; each pair of places is had by one person, no single place is.

    >>> indptr, marks, weight = visit_marks([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 0, 2], 3, 3, 2)
    >>> everybody = np.arange(3)
    >>> fewest_matches(indptr, marks, weight, everybody, 1)
    array([2, 2, 2])
    >>> fewest_matches(indptr, marks, weight, everybody, 2)
    array([1, 1, 1])
    """
    n_people = len(indptr) - 1
    _, code, support = np.unique(marks, return_inverse=True, return_counts=True)
    owner = np.repeat(np.arange(n_people), np.diff(indptr))
    alone = np.zeros(n_people, bool)
    alone[owner[support[code] == 1]] = True
    fewest = np.where(alone[targets], 1, n_people)

    # Bitsets only for marks of the remaining candidates.
    left = np.flatnonzero(~alone[targets])
    needed = np.zeros(len(support), bool)
    for target in targets[left]:
        needed[code[indptr[target] : indptr[target + 1]]] = True
    row = np.cumsum(needed) - 1
    bits = np.zeros((int(needed.sum()), (n_people - 1) // _WORD + 1), np.uint64)
    used = needed[code]
    people = owner[used]
    bit = np.uint64(1) << (people % _WORD).astype(np.uint64)
    np.bitwise_or.at(bits, (row[code[used]], people // _WORD), bit)

    for place in along("known_points_risk", left.tolist()):
        own = np.arange(indptr[targets[place]], indptr[targets[place] + 1])
        if len(own):
            own = own[np.argsort(support[code[own]], kind="stable")]
            fewest[place] = search(bits[row[code[own]]], weight[own], points, None, n_people)
    return fewest


def search(
    bits: np.ndarray, weight: np.ndarray, points: int, held: np.ndarray | None, best: int
) -> int:
    """Return the fewest people matching any choice of marks; stop at one.

    Parameters
    ----------
    bits : uint64, shape (marks, words)
        One bit a person who has the mark.
    weight : int64, shape (marks,)
        How many points each takes.
    points : int
        1 or more. Points known.
    held : uint64, shape (words,), optional
        People who are left already.
    best : int
        Fewest that are known.

    Returns
    -------
    int
    """
    together = bits if held is None else bits & held
    matches = np.bitwise_count(together).sum(axis=1, dtype=np.int64)
    best = min(best, int(matches.min()))
    for k in range(len(bits) - 1):
        rest = points - int(weight[k])
        if best == 1 or rest <= 0:
            if best == 1:
                return best
            continue
        later = np.flatnonzero(weight[k + 1 :] <= rest) + k + 1
        if len(later):
            best = search(bits[later], weight[later], rest, together[k], best)
    return best
