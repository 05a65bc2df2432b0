"""How many known points of a trace are enough to single it out.

Traces are compressed rows: the points of person u are ``points[indptr[u]:indptr[u + 1]]``,
distinct and ascending. An index the other way round, from a point to the people who have it,
makes a question as cheap as its rarest point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["compress", "draw_points", "invert", "singled_out"]

# Candidates held at a time, and how many of a target's are looked at before the next round.
_CHUNK = 1 << 20
_FIRST_LOOK = 32
# Memory for the people of popular points as bits, where a look-up is one step.
_BIT_BYTES = 1 << 29


def compress(
    person: ArrayLike, point: ArrayLike, n_people: int, n_points: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct points of each person as compressed rows.

    Parameters
    ----------
    person, point : array_like of int, shape (n,)
        Codes from 0, one pair an event, in any order, repeats allowed.

    Returns
    -------
    indptr : ndarray of int64, shape (n_people + 1,)
    points : ndarray of int32
        Ascending within a person.

    Examples
    --------
    >>> compress([1, 0, 1, 1], [5, 2, 3, 5], 2, 6)
    (array([0, 1, 3]), array([2, 3, 5], dtype=int32))
    """
    # One key a pair, in place where it can be: a hundred million events must fit.
    key = np.multiply(person, n_points, dtype=np.int64)
    key += np.asarray(point)
    if len(key) > 1 and not (key[1:] > key[:-1]).all():
        key.sort()
        key = key[np.concatenate([[True], key[1:] > key[:-1]])]
    indptr = np.searchsorted(key, np.arange(n_people + 1, dtype=np.int64) * n_points)
    np.remainder(key, n_points, out=key)
    return indptr, key.astype(np.int32)


def invert(indptr: ArrayLike, points: ArrayLike, n_points: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the people of each point: ``people[start[q]:start[q + 1]]``, ascending.

    Examples
    --------
    >>> invert([0, 1, 3], [2, 3, 2], 4)
    (array([0, 0, 0, 2, 3]), array([0, 1, 1], dtype=int32))
    """
    from scipy.sparse import csr_array

    rows = np.asarray(indptr, np.int64)
    columns = np.asarray(points, np.int32)
    matrix = csr_array((np.ones(len(columns), np.int8), columns, rows), (len(rows) - 1, n_points))
    other = matrix.tocsc()
    return other.indptr.astype(np.int64), other.indices.astype(np.int32, copy=False)


def draw_points(
    indptr: np.ndarray,
    points: np.ndarray,
    targets: np.ndarray,
    count: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw `count` distinct points of each target, every set being equally likely.

    Parameters
    ----------
    targets : ndarray of int, shape (m,)
        People who have at least `count` points.

    Returns
    -------
    ndarray of int32, shape (m, count)

    Raises
    ------
    ValueError
        A target has fewer points.
    """
    length = indptr[targets + 1] - indptr[targets]
    if (length < count).any():
        raise ValueError("draw_points: a target has fewer points than are to be drawn")
    place = np.empty((len(targets), count), np.int64)
    # Floyd's sampling: the newcomer takes the last place when its own is taken.
    for k in range(count):
        last = length - count + k
        drawn = rng.integers(0, last + 1)
        taken = (place[:, :k] == drawn[:, None]).any(axis=1)
        place[:, k] = np.where(taken, last, drawn)
    return points[indptr[targets][:, None] + place]


def singled_out(
    indptr: np.ndarray,
    points: np.ndarray,
    start: np.ndarray,
    people: np.ndarray,
    targets: np.ndarray,
    known: np.ndarray,
) -> np.ndarray:
    """Tell whether the known points of each target are had by nobody else.

    This is ``|S(I_p)| = 1`` of de Montjoye et al. 2013: the set of people whose trace holds
    all the known points is the target alone. The search starts from the rarest point and
    stops at the first other person who has them all.

    Parameters
    ----------
    indptr, points : ndarray
        From `compress`.
    start, people : ndarray
        From `invert`.
    targets : ndarray of int, shape (m,)
    known : ndarray of int, shape (m, p)
        Points of each target, such as `draw_points` gives.

    Returns
    -------
    ndarray of bool, shape (m,)
        True: singled out. False is the safe side.

    Examples
    --------
    Of two people who both like 0, only the first likes 1.

    >>> indptr, points = compress([0, 0, 1, 1], [0, 1, 0, 2], 2, 3)
    >>> start, people = invert(indptr, points, 3)
    >>> singled_out(indptr, points, start, people, np.array([0, 0]), np.array([[0], [1]]))
    array([False,  True])
    """
    bits = _PopularPoints(start, people, len(indptr) - 1)
    support = start[known + 1] - start[known]
    order = np.argsort(support, axis=1, kind="stable")
    asked = np.take_along_axis(known, order, axis=1)
    begin, end = start[asked[:, 0]], start[asked[:, 0] + 1]
    alone = np.ones(len(targets), bool)
    open_ = np.arange(len(targets))
    look = _FIRST_LOOK
    while len(open_):
        size = np.minimum(end[open_] - begin[open_], look)
        # Cut the round so that no part holds many more candidates than the chunk.
        part = np.cumsum(size) // _CHUNK
        for piece in np.split(np.arange(len(open_)), np.flatnonzero(np.diff(part)) + 1):
            which = open_[piece]
            found = _others_with_all(
                indptr, points, bits, people, targets, asked, which, begin[which], size[piece]
            )
            alone[found] = False
        begin[open_] += size
        open_ = open_[alone[open_] & (begin[open_] < end[open_])]
        look *= 4
    return alone


def _others_with_all(
    indptr: np.ndarray,
    points: np.ndarray,
    bits: _PopularPoints,
    people: np.ndarray,
    targets: np.ndarray,
    asked: np.ndarray,
    which: np.ndarray,
    begin: np.ndarray,
    size: np.ndarray,
) -> np.ndarray:
    """Return the targets of which another person, in one stretch of a list, has all points."""
    owner = np.repeat(which, size)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    candidate = people[np.repeat(begin, size) + offset]
    other = candidate != targets[owner]
    owner, candidate = owner[other], candidate[other]
    for k in range(1, asked.shape[1]):
        if not len(owner):
            break
        point = asked[owner, k]
        has, unknown = bits.look_up(candidate, point)
        if len(unknown):
            has[unknown] = _has_point(indptr, points, candidate[unknown], point[unknown])
        owner, candidate = owner[has], candidate[has]
    return np.unique(owner)


class _PopularPoints:
    """The people of the most popular points, one bit a person."""

    def __init__(self, start: np.ndarray, people: np.ndarray, n_people: int) -> None:
        support = np.diff(start)
        width = n_people // 8 + 1
        popular = np.argsort(-support, kind="stable")[: _BIT_BYTES // width]
        popular = popular[support[popular] > _FIRST_LOOK]
        self.row = np.full(len(support), -1, np.int32)
        self.row[popular] = np.arange(len(popular))
        self.width = width
        self.bits = np.empty(len(popular) * width, np.uint8)
        has = np.empty(width * 8, bool)
        for row, point in enumerate(popular):
            has[:] = False
            has[people[start[point] : start[point + 1]]] = True
            self.bits[row * width : (row + 1) * width] = np.packbits(has, bitorder="little")

    def look_up(self, person: np.ndarray, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return whether each person has the point, and the places where it is not popular."""
        row = self.row[point]
        unknown = np.flatnonzero(row < 0)
        if len(unknown) == len(row):
            return np.zeros(len(row), bool), unknown
        where = np.maximum(row, 0) * np.int64(self.width) + (person >> 3)
        return (self.bits[where] >> (person & 7).astype(np.uint8)) & 1 == 1, unknown


def _has_point(
    indptr: np.ndarray, points: np.ndarray, person: np.ndarray, point: np.ndarray
) -> np.ndarray:
    """Look a point up in each person's row, by halving all rows at once."""
    low, high = indptr[person], indptr[person + 1]
    last = high
    for _ in range(int((high - low).max()).bit_length()):
        middle = (low + high) >> 1
        before = (low < high) & (points[np.minimum(middle, len(points) - 1)] < point)
        low = np.where(before, middle + 1, low)
        high = np.where(before, high, middle)
    return (low < last) & (points[np.minimum(low, len(points) - 1)] == point)
