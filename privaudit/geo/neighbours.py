"""Neighbour search in the plane: places near points as compressed rows, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from privaudit.stats.csr import row_of

# Distances that differ by less are ties; a micrometre is far below any coordinate's decimals.
TIE_METRES = 1e-6
# Pairs held at once: about 15 MB with what is computed on them, which stays near the processor.
PAIRS_AT_ONCE = 150_000
# Points of a slice, at least.
_FEWEST = 64
# Of a whole number of eight bytes, without its sign.
_BITS = 63
# Shifts and masks that spread the bits of numbers below 2**21 (Morton code).
_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


class Pairs(NamedTuple):
    """Points and the places near them, as compressed rows: one row a point.

    `place` and `distance` (metres) of row ``i`` stand at ``indptr[i]:indptr[i + 1]``, places in
    ascending order.
    """

    indptr: np.ndarray
    place: np.ndarray
    distance: np.ndarray

    @property
    def point(self) -> np.ndarray:
        """Return the point of each pair."""
        return row_of(self.indptr)


class PlaceTree(NamedTuple):
    """Places in Morton order, with their k-d tree: built once, queried often."""

    places: np.ndarray
    order: np.ndarray
    tree: cKDTree


def place_tree(places: np.ndarray | PlaceTree) -> PlaceTree:
    """Return the search tree of places, float (m, 2); an existing tree is returned as it is.

    Parameters
    ----------
    places : float, shape (m, 2)
        Metres.

    Returns
    -------
    PlaceTree

    Examples
    --------
    >>> place_tree(np.array([[5.0, 0.0], [0.0, 0.0]])).order.tolist()
    [1, 0]
    """
    if isinstance(places, PlaceTree):
        return places
    order = z_order(places)
    return PlaceTree(
        places, order, cKDTree(places[order], balanced_tree=False, compact_nodes=False)
    )


def z_order(points: np.ndarray) -> np.ndarray:
    """Return the order of points along a Morton curve, in which neighbours are close.

    Trees answer about three times faster in that order. It depends on positions alone, so that it
    also serves wherever the order of a file must not matter.

    Parameters
    ----------
    points : float, shape (n, 2)

    Returns
    -------
    int64, shape (n,)

    Examples
    --------
    >>> z_order(np.array([[1.0, 1.0], [0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])).tolist()
    [1, 2, 3, 0]
    """
    if len(points) == 0:
        return np.empty(0, np.int64)
    # Column by column: along the rows NumPy takes twenty times as long.
    low, high = (np.array([of(column) for column in points.T]) for of in (np.min, np.max))
    span = float((high - low).max()) or 1.0
    code = ((points - low) * ((2**21 - 1) / span)).astype(np.uint64).T.copy()
    # A zero between the bits of each coordinate, which then alternate.
    for shift, mask in _SPREAD:
        code = (code | (code << np.uint64(shift))) & np.uint64(mask)
    code = code[0] | (code[1] << np.uint64(1))
    order = np.argsort(code, kind="stable")
    sorted_code = code[order]
    shared = np.flatnonzero(sorted_code[1:] == sorted_code[:-1])
    if len(shared):
        # Points of one cell follow each other by position, not by their place in the file.
        within = np.unique(np.concatenate([shared, shared + 1]))
        some = order[within]
        order[within] = some[np.lexsort((points[some, 1], points[some, 0], code[some]))]
    return order


def nearest(
    points: np.ndarray,
    places: np.ndarray,
    tolerance: float | np.ndarray = 0.0,
    tree: cKDTree | None = None,
) -> Pairs:
    """Return the nearest places of each point: all that tie, or lie within `tolerance`.

    Parameters
    ----------
    points : float, shape (n, 2)
    places : float, shape (m, 2)
        At least one.
    tolerance : float or ndarray of float, shape (n,)
        Metres; every place within it counts as nearest.
    tree : cKDTree, optional
        Of the places, where there is one.

    Returns
    -------
    Pairs
        At least one place a point.

    Examples
    --------
    >>> pairs = nearest(np.array([[0.0, 0.0]]), np.array([[3.0, 0.0], [0.0, 3.0], [5.0, 0.0]]))
    >>> pairs.place.tolist(), pairs.distance.tolist()
    ([0, 1], [3.0, 3.0])
    """
    order = z_order(points)
    tree = cKDTree(places) if tree is None else tree
    distance = np.empty((len(points), 2))
    place = np.empty((len(points), 2), np.int64)
    distance[order], place[order] = tree.query(points[order], k=[1, 2])
    limit = np.maximum(distance[:, 0] + TIE_METRES, tolerance)
    alone = distance[:, 1] > limit
    tied = np.flatnonzero(~alone)
    count = np.ones(len(points), np.int64)
    groups = tree.query_ball_point(points[tied], limit[tied], return_sorted=True)
    count[tied] = [len(group) for group in groups]
    indptr = np.concatenate([[0], np.cumsum(count)])
    closest = np.empty(indptr[-1], np.int64)
    closest[indptr[:-1][alone]] = place[alone, 0]
    for row, group in zip(tied, groups, strict=True):
        closest[indptr[row] : indptr[row + 1]] = group
    gap = points[row_of(indptr)] - places[closest]
    return Pairs(indptr, closest, np.hypot(gap[:, 0], gap[:, 1]))


def expected_pairs(points: np.ndarray, tree: cKDTree, radius: float | np.ndarray) -> float:
    """Return the expected number of places within a radius of a point, from about 512 points.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    tree : cKDTree
        Tree of the places.
    radius : float or ndarray of float, shape (n,)
        Metres.

    Returns
    -------
    float
    """
    if len(points) == 0:
        return 0.0
    some = slice(None, None, max(1, len(points) // 512))
    reach = radius[some] if isinstance(radius, np.ndarray) else radius
    return float(tree.query_ball_point(points[some], reach, return_length=True).mean())


def pairs_within(
    points: np.ndarray, tree: cKDTree, radius: float, at_once: int = PAIRS_AT_ONCE
) -> Iterator[tuple[slice, Pairs]]:
    """Yield the places within a radius of each point, a slice of the points at a time.

    Parameters
    ----------
    points : float, shape (n, 2)
        Best in `z_order`.
    tree : cKDTree
        Of the places.
    radius : float
        Metres.
    at_once : int
        About how many pairs are held at a time; changes no result. Yields pairs: One row a
        point of the slice; rows may be empty.

    Yields
    ------
    tuple (slice, Pairs)
    """
    step = len(points)
    if step > _FEWEST:
        expected = expected_pairs(points, tree, radius)
        step = int(np.clip(at_once / (expected + 1), _FEWEST, 65_536))
    for start in range(0, len(points), step or 1):
        rows = slice(start, min(start + step, len(points)))
        # Small leaves: a narrow radius leaves out more of the places.
        block = cKDTree(points[rows], leafsize=4)
        near = block.sparse_distance_matrix(tree, radius, output_type="ndarray")
        counts, order = np.bincount(near["i"], minlength=block.n), near["i"] * tree.n
        order += near["j"]
        bits = len(near).bit_length()
        if (block.n * tree.n).bit_length() + bits > _BITS:
            order = np.argsort(order)
        else:
            # The position fills the last bits of what is sorted: half the time of an argsort.
            order <<= bits
            order |= np.arange(len(near))
            order.sort()
            order &= (1 << bits) - 1
        place = near["j"].astype(np.int32)[order]
        pairs = Pairs(np.concatenate([[0], np.cumsum(counts)]), place, near["v"][order])
        # Nothing else is held while they are used.
        del near, order, place
        yield rows, pairs
