"""Link two halves of a person's attributes through a release, or infer one from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privaudit.measures.tables.nearest import Neighbours, RecordIndex, portions

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["inference_gain", "link_by_chance", "link_probability", "linkability_gain"]


def link_by_chance(n: int, k: int) -> float:
    """Return the chance that two sets of k of n records, both drawn at random, meet.

    ``1 - C(n - k, k) / C(n, k)``

    Examples
    --------
    >>> link_by_chance(4, 1), round(link_by_chance(4, 2), 6), link_by_chance(3, 2)
    (0.25, 0.833333, 1.0)
    """
    apart = 1.0
    for drawn in range(k):
        apart *= max(n - k - drawn, 0) / (n - drawn)
    return 1 - apart


def link_probability(left: Neighbours, right: Neighbours) -> np.ndarray:
    """Return the chance that the k nearest of both halves have a record in common.

    The measure of Giomi et al. 2023, over every way to break ties: records that are surely
    among the k, and of the tied ones as many as there is room for, any as likely. With k = 1
    it is ``|A and B| / (|A| |B|)`` of the tied sets A and B.

    Returns
    -------
    ndarray of float, shape (queries,)
    """
    from scipy.special import comb

    def size(first: csr_array, second: csr_array) -> np.ndarray:
        return first.multiply(second).sum(axis=1)

    a, b = left.tied.sum(axis=1), right.tied.sum(axis=1)
    x, z = size(left.tied, right.sure), size(left.sure, right.tied)
    y = size(left.tied, right.tied)
    apart = np.zeros(len(a))
    for j in range(int(left.slots.max(initial=0)) + 1):
        # j of the records tied on both sides were taken on the left, none that is sure right.
        possible = (j <= left.slots) & (j <= y)
        taken = comb(y, j) * comb(a - x - y, np.maximum(left.slots - j, 0)) / comb(a, left.slots)
        spared = comb(b - z - j, right.slots) / comb(b, right.slots)
        apart += np.where(possible, taken * spared, 0.0)
    return np.where(size(left.sure, right.sure) > 0, 1.0, 1 - apart)


def linkability_gain(
    targets: np.ndarray,
    release: np.ndarray,
    ordered: np.ndarray,
    scale: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    k: int,
) -> np.ndarray:
    """Return, for each target, the chance that both halves point to one record of the release.

    Parameters
    ----------
    targets, release : ndarray of float, shapes (m, c) and (n, c)
    left, right : ndarray of int
        Columns of the two halves.
    k : int
        How many nearest records each half keeps.

    Returns
    -------
    ndarray of float, shape (m,)
        In [0, 1]; 0 = safe.

    Examples
    --------
    >>> both = np.array([True, True])
    >>> release = np.array([[1.0, 9.0], [5.0, 2.0], [5.0, 7.0]])
    >>> linkability_gain(
    ...     np.array([[1.0, 9.0], [5.0, 2.0]]), release, both, np.array([4.0, 7.0]),
    ...     np.array([0]), np.array([1]), 1)
    array([1. , 0.5])
    """
    first, second = (RecordIndex(release[:, c], ordered[c], scale[c]) for c in (left, right))
    found = np.empty(len(targets))
    for rows in portions(len(targets), len(release)):
        found[rows] = link_probability(
            first.nearest(targets[rows][:, left], k), second.nearest(targets[rows][:, right], k)
        )
    return found


def inference_gain(
    targets: np.ndarray,
    release: np.ndarray,
    ordered: np.ndarray,
    scale: np.ndarray,
    known: np.ndarray,
    secret: int,
    tolerance: np.ndarray,
) -> np.ndarray:
    """Return, for each target, the chance that the nearest record tells the secret.

    The guess is the secret of the record that is most alike in the known columns, any of those
    equally alike. It is right where it is the target's category, or at most `tolerance` away
    from the target's number; a missing guess is wrong.

    Parameters
    ----------
    known : ndarray of int
        Columns that are known.
    secret : int
        The column that is guessed; known of every target.
    tolerance : ndarray of float, shape (m,)
        0 for categories.

    Returns
    -------
    ndarray of float, shape (m,)
        In [0, 1]; 0 = safe.
    """
    guess, truth = release[:, secret], targets[:, secret]
    index = RecordIndex(release[:, known], ordered[known], scale[known])
    found = np.empty(len(targets))
    for rows in portions(len(targets), len(release)):
        tied = index.nearest(targets[rows][:, known], 1).tied
        row, record = tied.nonzero()
        right = np.abs(guess[record] - truth[rows][row]) <= tolerance[rows][row]
        found[rows] = np.bincount(row, right, tied.shape[0]) / tied.sum(axis=1)
    return found
