"""Arithmetic on compressed rows: each record has its own few candidates, and no matrix."""

from __future__ import annotations

import numpy as np

__all__ = [
    "credible_size",
    "normalise",
    "pick_best",
    "rank_by_distance",
    "row_max",
    "row_of",
    "row_sum",
    "take_rows",
]

# Probabilities that differ by less than this, relative, are ties: sums of a few thousand
# floats agree that closely whatever their order.
TIE = 1e-9


def row_of(indptr: np.ndarray) -> np.ndarray:
    """Return the row of each entry.

    >>> row_of(np.array([0, 2, 2, 3])).tolist()
    [0, 0, 2]
    """
    return np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))


def row_sum(indptr: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the sum of each row, 0 where it is empty.

    >>> row_sum(np.array([0, 2, 2, 3]), np.array([1.0, 2.0, 5.0])).tolist()
    [3.0, 0.0, 5.0]
    """
    total = np.bincount(row_of(indptr), weights=values, minlength=len(indptr) - 1)
    return total.astype(float)  # of no entry at all, NumPy counts in whole numbers


def row_max(indptr: np.ndarray, values: np.ndarray, empty: float = 0.0) -> np.ndarray:
    """Return the largest value of each row, `empty` where there is none.

    >>> row_max(np.array([0, 2, 2, 3]), np.array([1.0, 2.0, 5.0])).tolist()
    [2.0, 0.0, 5.0]
    """
    largest = np.full(len(indptr) - 1, empty, dtype=float)
    filled = np.flatnonzero(np.diff(indptr))
    if len(filled):
        largest[filled] = np.maximum.reduceat(values, indptr[filled])
    return largest


def normalise(indptr: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return weights divided by the sum of their row; rows of sum 0 stay 0.

    >>> normalise(np.array([0, 2, 3]), np.array([1.0, 3.0, 0.0])).tolist()
    [0.25, 0.75, 0.0]
    """
    # Divided by the largest first, so that tiny densities cannot underflow in the sum.
    largest = row_max(indptr, weight)
    scaled = weight / np.where(largest > 0, largest, 1.0)[row_of(indptr)]
    total = row_sum(indptr, scaled)
    found: np.ndarray = scaled / np.where(total > 0, total, 1.0)[row_of(indptr)]
    return found


def take_rows(indptr: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pointers of the rows taken, and where their entries stand.

    >>> pointers, at = take_rows(np.array([0, 2, 2, 3]), np.array([2, 0]))
    >>> pointers.tolist(), at.tolist()
    ([0, 1, 3], [2, 0, 1])
    """
    size = np.diff(indptr)[rows]
    taken = np.concatenate([[0], np.cumsum(size)])
    shift = np.repeat(indptr[rows] - taken[:-1], size)
    return taken, np.arange(taken[-1]) + shift


def pick_best(indptr: np.ndarray, values: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Return the entry with the largest value of each row, ties broken uniformly.

    indptr : int (n + 1,).
    values : ndarray of float. Values of the entries, 0 or more.
    uniform : float (n,). One draw in [0, 1) a row.
    Returns: int64 (n,). Position among the entries, -1 where a row has no positive value.

    >>> pick_best(np.array([0, 3, 3]), np.array([0.4, 0.2, 0.4]), np.array([0.7, 0.1])).tolist()
    [2, -1]
    """
    row = row_of(indptr)
    largest = row_max(indptr, values)
    tied = np.flatnonzero((values > 0) & (values >= (largest * (1 - TIE))[row]))
    many = np.bincount(row[tied], minlength=len(indptr) - 1)
    first = np.cumsum(many) - many
    best = np.full(len(indptr) - 1, -1, dtype=np.int64)
    some = many > 0
    best[some] = tied[(first + (uniform * many).astype(np.int64))[some]]
    return best


def credible_size(indptr: np.ndarray, probability: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Return how many candidates, most probable first, together hold `level` of each row.

    Returns: int64 (n,). 1 or more; 0 where a row is empty.

    >>> credible_size(np.array([0, 3, 3]), np.array([0.05, 0.9, 0.05]), 0.9).tolist()
    [1, 0]
    """
    row = row_of(indptr)
    # Rows and probabilities in one number sort faster than as two keys; those that it rounds
    # together are so close that their order changes no sum.
    order = np.argsort(2.0 * row - probability)
    running = np.cumsum(probability[order])
    before = np.concatenate([[0.0], running])[indptr[:-1]]
    reached = running - before[row] >= level * (1 - TIE)
    # Those that do not reach the level yet, and the one that does.
    short = np.bincount(row[~reached], minlength=len(indptr) - 1)
    return np.minimum(short + 1, np.diff(indptr)).astype(np.int64)


def rank_by_distance(
    indptr: np.ndarray, distance: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return, for each entry, how many of its row are at least as near, and their weight.

    The entry itself and its ties count; distances are compared to the micrometre.

    indptr : int (n + 1,).
    distance : float (e,). Metres, 0 or more.
    weight : float (e,), optional.
    Returns count: float (e,).
    Returns weighed: float (e,). None where no weight is given.

    >>> rank_by_distance(np.array([0, 4]), np.array([5.0, 2.0, 5.0, 9.0]))[0].tolist()
    [3.0, 1.0, 3.0, 4.0]
    """
    row = row_of(indptr)
    micrometres = np.rint(distance * 1e6).astype(np.int64)
    # Row and distance in one number sort four times faster than as two keys.
    base = int(micrometres.max(initial=0)) + 1
    if base * len(indptr) < 2**62:
        key = row * base + micrometres
        order = np.argsort(key)
        key = key[order]
        more = key[1:] > key[:-1]
    else:
        order = np.lexsort((micrometres, row))
        more = (np.diff(micrometres[order]) != 0) | (np.diff(row) > 0)
    # The last of each run of equal distances speaks for the whole run.
    last = np.arange(len(order))
    if not more.all():
        ends = np.append(more, True)
        last = last[ends][np.cumsum(ends) - ends]
    count = np.empty(len(order))
    count[order] = last + 1 - indptr[row]
    if weight is None:
        return count, None
    running = np.concatenate([[0.0], np.cumsum(weight[order])])
    weighed = np.empty(len(order))
    weighed[order] = running[last + 1] - running[indptr[:-1]][row]
    return count, weighed
