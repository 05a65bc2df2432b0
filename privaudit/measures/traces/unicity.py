"""How many known points of a trace are enough to single it out.

Traces are compressed rows: the points of person u are ``points[indptr[u]:indptr[u + 1]]``,
distinct and ascending. An index the other way round, from a point to the people who have it,
makes a question as cheap as its rarest point, or cheaper.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from privaudit.measures.traces.other_holders import others_have_all

__all__ = ["compress", "draw_points", "invert", "one_other", "singled_out"]


def compress(
    person: ArrayLike, point: ArrayLike, n_people: int, n_points: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct points of each person as compressed rows.

    Parameters
    ----------
    person, point : int, shape (n,)
        Codes from 0, one pair an event, in any order, repeats allowed.
    n_people : int
        Number of people.
    n_points : int
        Number of distinct points.

    Returns
    -------
    indptr : int64, shape (n_people + 1,)
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

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    points : int, shape (entries,)
        Point of each entry.
    n_points : int
        Number of distinct points.

    Returns
    -------
    tuple of ndarray

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
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    points : int, shape (entries,)
        Point of each entry.
    targets : int, shape (m,)
        People who have at least `count` points.
    count : int
        1 or more. Points to draw a target.
    rng : numpy.random.Generator
        Source of all draws.

    Returns
    -------
    int32, shape (m, count)

    Raises
    ------
    ValueError
        Anything but as many known points as a target has.
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
    return np.asarray(points[indptr[targets][:, None] + place])


def singled_out(
    indptr: np.ndarray,
    points: np.ndarray,
    start: np.ndarray,
    people: np.ndarray,
    targets: np.ndarray,
    known: np.ndarray,
) -> np.ndarray:
    """Return whether no other person has the known points of each target.

    This is ``|S(I_p)| = 1`` of de Montjoye et al. 2013: the set of people whose trace holds all the
    known points is the target alone. Each search stops at the first other person who has them all.

    Parameters
    ----------
    indptr, points : ndarray
        From `compress`.
    start, people : ndarray
        From `invert`.
    targets : int, shape (m,)
    known : int, shape (m, p)
        Points of each target, such as `draw_points` gives.

    Returns
    -------
    bool, shape (m,)
        True: singled out. False is the safe side.

    References
    ----------
    de Montjoye et al. (2013).

    Examples
    --------
    Of two people who both like 0, only the first likes 1.

    >>> indptr, points = compress([0, 0, 1, 1], [0, 1, 0, 2], 2, 3)
    >>> start, people = invert(indptr, points, 3)
    >>> singled_out(indptr, points, start, people, np.array([0, 0]), np.array([[0], [1]]))
    array([False,  True])
    """
    asked = _rarest_first(start, known)
    # A single point needs no search: its number of people decides.
    alone = start[asked[:, 0] + 1] - start[asked[:, 0]] == 1
    if known.shape[1] == 1:
        return np.asarray(alone)
    shared = np.flatnonzero(~alone)
    others = others_have_all(indptr, points, start, people, targets[shared], asked[shared])
    alone[shared] = ~others
    return np.asarray(alone)


def _rarest_first(start: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the known points of each target, from the rarest to the most popular."""
    support = start[known + 1] - start[known]
    return np.take_along_axis(known, np.argsort(support, axis=1, kind="stable"), axis=1)


def one_other(
    start: np.ndarray, people: np.ndarray, targets: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Return whether exactly one other person has all the known points of each target.

    Had the target not been released, that one would have been singled out, wrongly.

    Parameters
    ----------
    start, people, targets, known : ndarray
        As in `singled_out`.

    Returns
    -------
    bool, shape (m,)

    Examples
    --------
    Point 0 is had by three people, point 1 by the first two of them.

    >>> start, people = np.array([0, 3, 5]), np.array([0, 1, 2, 0, 1])
    >>> one_other(start, people, np.array([0, 0]), np.array([[0], [1]]))
    array([False,  True])
    """
    asked = _rarest_first(start, known)
    mistaken = np.zeros(len(targets), bool)
    for k, target in enumerate(targets):
        left = people[start[asked[k, 0]] : start[asked[k, 0] + 1]]
        left = left[left != target]
        for point in asked[k, 1:]:
            if not len(left):
                break
            having = people[start[point] : start[point + 1]]
            place = np.minimum(np.searchsorted(having, left), len(having) - 1)
            left = left[having[place] == left]
        mistaken[k] = len(left) == 1
    return mistaken
