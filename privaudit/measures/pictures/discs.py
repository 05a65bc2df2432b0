"""Round marks of one size that overlap: where is the centre of each?

The outline of a union of discs is made of arcs. Each point of an arc tells the centre of its
disc, one radius inwards; a disc lies wholly inside the mark. Centres are kept as long as each
explains a piece of outline that no other does (a greedy set cover), then fitted together.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.spatial import cKDTree

from privaudit.measures.pictures.edges import Outline

__all__ = ["Discs", "split_discs"]

# Side, in pixels, of the cells in which votes for a centre are gathered.
_CELL = 0.5
# A direction of the outline is worth this share of its position, in squared error.
_TRUST_IN_DIRECTION = 0.03
# Rounds of giving points to circles and fitting these.
_ROUNDS = 4
# A dent of an outline may go so much farther in, in pixels.
_DENT = 0.25
# Two arcs meet within this, in pixels; a point where they do keeps at least this weight.
_MEETING, _LEAST = 1.0, 0.05
# Cosine of the angle by which a direction may be off: 37 degrees.
_SAME_WAY = 0.8


class Discs(NamedTuple):
    """Disc centres as column and row, shape (n, 2), with their errors and what they explain.

    `error` is the standard error of each coordinate in pixels (root mean square of both); `owner`
    the disc that explains each point of the outline, -1 for none; `misfit` the root mean square
    distance, in pixels, of those points from their circles.
    """

    centre: np.ndarray
    error: np.ndarray
    owner: np.ndarray
    misfit: float


def split_discs(edge: Outline, radius: float, tolerance: float, *, fewest: int = 3) -> Discs:
    """Return the discs of a known radius whose union has a given outline.

    Parameters
    ----------
    edge : Outline
        Points and inward directions.
    radius : float
        Of every disc, in pixels.
    tolerance : float
        How far, in pixels, the outline may lie from the circle that made it.
    fewest : int
        Points of the outline that a disc must explain alone; about 1.3 a pixel of arc.

    Returns
    -------
    Discs

    Examples
    --------
    Two discs of radius 4, six pixels apart:

    >>> from privaudit.measures.pictures.edges import outline
    >>> row, column = np.mgrid[:16, :24] + 0.5
    >>> distance = np.minimum(np.hypot(column - 8, row - 8), np.hypot(column - 14, row - 8))
    >>> found = split_discs(outline(np.clip(4.5 - distance, 0, 1)), radius=4, tolerance=0.2)
    >>> np.sort(found.centre.round(1), axis=0).tolist()
    [[8.0, 8.0], [14.0, 8.0]]
    """
    if len(edge.point) == 0:
        return _none()
    tree = cKDTree(edge.point)
    centre = _candidates(edge, radius)
    for _ in range(2):
        centre = _inside(centre, tree, radius, tolerance + 0.5)
        centre = _fit(centre, edge, _on_circle(centre, edge, tree, radius, tolerance + 0.3), radius)
        centre = _merge(centre)
    centre = _inside(centre, tree, radius, tolerance + _DENT)
    chosen = _cover(_on_circle(centre, edge, tree, radius, tolerance), len(edge.point), fewest)
    centre = centre[chosen]
    mine = _owned(centre, edge, tree, radius, tolerance)
    for _ in range(_ROUNDS):
        centre = _fit(centre, edge, mine, radius)
        mine = _owned(centre, edge, tree, radius, tolerance)
        enough = np.diff(mine.indptr) >= fewest
        if not enough.all():
            centre = centre[enough]
            mine = _owned(centre, edge, tree, radius, tolerance)
    return _with_errors(centre, edge, mine, radius)


def _none(points: int = 0) -> Discs:
    """Return no discs."""
    return Discs(np.empty((0, 2)), np.empty(0), np.full(points, -1, np.int64), np.nan)


def _candidates(edge: Outline, radius: float) -> np.ndarray:
    """Return the votes of the outline: one candidate a cell that has any."""
    vote = edge.point + radius * edge.inward
    cell = np.floor(vote / _CELL).astype(np.int64)
    _, group = np.unique(cell, axis=0, return_inverse=True)
    group = group.reshape(-1)
    count = np.bincount(group)
    return np.column_stack([np.bincount(group, vote[:, k]) / count for k in (0, 1)])


def _inside(centre: np.ndarray, tree: cKDTree, radius: float, tolerance: float) -> np.ndarray:
    """Keep the candidates whose disc is crossed by no more than a stray point or two."""
    if len(centre) == 0:
        return centre
    third = tree.query(centre, k=[min(3, tree.n)])[0][:, 0]
    return np.asarray(centre[third >= radius - tolerance])


def _on_circle(
    centre: np.ndarray, edge: Outline, tree: cKDTree, radius: float, tolerance: float
) -> coo_array:
    """Return the outline points that lie on each circle and face it, as CSR rows."""
    shape = (len(centre), len(edge.point))
    if len(centre) == 0:
        return coo_array(shape).tocsr()
    pairs = cKDTree(centre).sparse_distance_matrix(tree, radius + tolerance, output_type="ndarray")
    pairs = pairs[pairs["v"] >= radius - tolerance]
    towards = (centre[pairs["i"]] - edge.point[pairs["j"]]) / pairs["v"][:, None]
    facing = (towards * edge.inward[pairs["j"]]).sum(axis=1) > _SAME_WAY
    i, j = pairs["i"][facing], pairs["j"][facing]
    return coo_array((np.ones(len(i)), (i, j)), shape=shape).tocsr()


def _moments(
    centre: np.ndarray, edge: Outline, mine: coo_array, radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the normal equations of each circle's fit: rows, matrix, right side, distance."""
    row = np.repeat(np.arange(len(centre)), np.diff(mine.indptr))
    point = mine.indices
    away = edge.point[point] - centre[row]
    distance = np.hypot(away[:, 0], away[:, 1])
    unit = away / np.maximum(distance, 1e-9)[:, None]
    off = distance - radius
    vote = away + radius * edge.inward[point]
    n = len(centre)
    matrix = np.empty((n, 2, 2))
    right = np.empty((n, 2))
    share = mine.data
    for a in (0, 1):
        pull = unit[:, a] * off + _TRUST_IN_DIRECTION * vote[:, a]
        right[:, a] = np.bincount(row, share * pull, n)
        for b in (0, 1):
            weight = unit[:, a] * unit[:, b] + _TRUST_IN_DIRECTION * (a == b)
            matrix[:, a, b] = np.bincount(row, share * weight, n)
    return row, matrix, right, off


def _fit(centre: np.ndarray, edge: Outline, mine: coo_array, radius: float) -> np.ndarray:
    """Return each centre after one Gauss-Newton step on the points of its arc."""
    if len(centre) == 0:
        return centre
    _, matrix, right, _ = _moments(centre, edge, mine, radius)
    some = np.diff(mine.indptr) > 0
    moved = centre.copy()
    step = np.linalg.solve(matrix[some], right[some][..., None])[..., 0]
    moved[some] += np.clip(step, -1, 1)
    return moved


def _merge(centre: np.ndarray) -> np.ndarray:
    """Keep one of the candidates within a tenth of a pixel of each other."""
    cell = np.rint(centre * 10).astype(np.int64)
    _, first = np.unique(cell, axis=0, return_index=True)
    return centre[np.sort(first)]


def _cover(mine: coo_array, points: int, fewest: int) -> np.ndarray:
    """Return the greedy set cover of outline points by circles (lazy greedy)."""
    explained = np.zeros(points, bool)
    indptr, indices = mine.indptr, mine.indices
    size = np.diff(indptr)
    waiting = [(-int(n), k) for k, n in enumerate(size) if n >= fewest]
    heapq.heapify(waiting)
    chosen = []
    while waiting:
        claimed, k = heapq.heappop(waiting)
        arc = indices[indptr[k] : indptr[k + 1]]
        new = int(np.count_nonzero(~explained[arc]))
        if new < fewest:
            continue
        if -claimed > new:
            heapq.heappush(waiting, (-new, k))
            continue
        explained[arc] = True
        chosen.append(k)
    return np.array(chosen, np.int64)


def _owned(
    centre: np.ndarray, edge: Outline, tree: cKDTree, radius: float, tolerance: float
) -> coo_array:
    """Assign each outline point to the nearest circle, if near; weights as CSR rows."""
    reach = max(tolerance, _MEETING)
    mine = _on_circle(centre, edge, tree, radius, reach)
    row = np.repeat(np.arange(len(centre)), np.diff(mine.indptr))
    point = mine.indices
    away = edge.point[point] - centre[row]
    off = np.abs(np.hypot(away[:, 0], away[:, 1]) - radius)
    order = np.lexsort((off, point))
    row, point, off = row[order], point[order], off[order]
    first = np.diff(point, prepend=-1) > 0
    again = np.append(~first[1:], False)[first]
    second = np.full(int(first.sum()), _MEETING)
    second[again] = off[np.flatnonzero(first)[again] + 1]
    weight = np.clip(second / _MEETING, _LEAST, 1)
    near = off[first] <= tolerance
    at = row[first][near], point[first][near]
    return coo_array((weight[near], at), shape=mine.shape).tocsr()


def _with_errors(centre: np.ndarray, edge: Outline, mine: coo_array, radius: float) -> Discs:
    """Return the discs with the standard errors of their centres."""
    owner = np.full(len(edge.point), -1, np.int64)
    if len(centre) == 0:
        return _none(len(owner))
    row, matrix, _, off = _moments(centre, edge, mine, radius)
    owner[mine.indices] = row
    misfit = float(np.sqrt(np.average(off**2, weights=mine.data)))
    spread = np.linalg.inv(matrix)
    # Neighbouring points err together: twice what independent ones would give.
    error = 2 * misfit * np.sqrt((spread[:, 0, 0] + spread[:, 1, 1]) / 2)
    return Discs(centre, error, owner, misfit)
