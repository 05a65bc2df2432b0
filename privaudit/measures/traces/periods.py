"""Match people between two periods by what they do in each."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["chance_of_rank", "compare_periods"]

_ROWS = 256
_TIE = 1e-12


def compare_periods(
    person: tuple[np.ndarray, np.ndarray],
    item: tuple[np.ndarray, np.ndarray],
    n_people: int,
    n_items: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rank everybody of the second period by likeness to each person of the first.

    The profile of a person in a period is how often they had each item, an item weighing
    ``ln(N / N_i)`` where N_i of the N people of the second period have it; likeness is the
    cosine of two profiles. (Tournier and de Montjoye 2022 match such profiles with a learnt
    distance; this one learns nothing, and is a lower bound of what can be done.)

    Parameters
    ----------
    person, item : pair of ndarray of int
        Codes of the events of the first and of the second period.

    Returns
    -------
    who : ndarray of int
        People with events in both periods.
    better : ndarray of int
        People of the second period who are more alike than the right one.
    ties : ndarray of int
        People who are exactly as alike, the right one among them (1 or more).

    Examples
    --------
    Each keeps to one page; the third had another before.

    >>> who, better, ties = compare_periods(
    ...     (np.array([0, 1, 2]), np.array([0, 1, 2])),
    ...     (np.array([0, 1, 0]), np.array([0, 1, 2])), 3, 3)
    >>> better.tolist(), ties.tolist()
    ([0, 0, 1], [1, 1, 2])
    """
    from scipy.sparse import csr_array, diags_array

    # Building a sparse matrix from pairs adds up the pairs that repeat.
    counts = [
        csr_array((np.ones(len(p)), (p, i)), shape=(n_people, n_items))
        for p, i in zip(person, item, strict=True)
    ]
    first, second = (np.flatnonzero(np.diff(c.indptr)) for c in counts)
    who = np.intersect1d(first, second)
    candidates = counts[1][second]
    popular = np.bincount(candidates.indices, minlength=n_items)
    rarity = np.zeros(n_items)
    rarity[popular > 0] = np.log(len(second) / popular[popular > 0])
    asked = _unit_rows(counts[0][who] @ diags_array(rarity))
    candidates = _unit_rows(candidates @ diags_array(rarity))
    right = np.searchsorted(second, who)
    better = np.empty(len(who), np.int64)
    ties = np.empty(len(who), np.int64)
    for top in range(0, len(who), _ROWS):
        rows = slice(top, top + _ROWS)
        likeness = (asked[rows] @ candidates.T).toarray()
        own = np.take_along_axis(likeness, right[rows, None], axis=1)
        # Sums in another order differ in their last digits: these are ties.
        apart = likeness - own
        better[rows] = (apart > _TIE).sum(axis=1)
        ties[rows] = (np.abs(apart) <= _TIE).sum(axis=1)
    return who, better, ties


def _unit_rows(matrix: Any) -> Any:
    from scipy.sparse import csr_array, diags_array

    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return csr_array(diags_array(scale) @ matrix)


def chance_of_rank(better: np.ndarray, ties: np.ndarray, rank: int) -> np.ndarray:
    """Return the chance to be among the first `rank`, ties being broken at random.

    Examples
    --------
    >>> chance_of_rank(np.array([0, 0, 9, 10]), np.array([1, 2, 4, 1]), 1)
    array([1. , 0.5, 0. , 0. ])
    >>> chance_of_rank(np.array([0, 0, 9, 10]), np.array([1, 2, 4, 1]), 10)
    array([1.  , 1.  , 0.25, 0.  ])
    """
    return np.clip(rank - better, 0, ties) / ties
