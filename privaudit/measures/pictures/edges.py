"""Sub-pixel outlines of markers, and the arcs that rimmed dots cut into others."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

__all__ = ["Outline", "bitten", "gradient", "outline", "rim_width"]


class Outline(NamedTuple):
    """Points where a coverage passes one half, with the direction inwards.

    `point` and `inward` (unit vectors) have shape (n, 2), as column and row; the centre of the
    first pixel is at (.5, .5). An outline has about 1.3 points a pixel of its length.
    """

    point: np.ndarray
    inward: np.ndarray


def outline(coverage: np.ndarray) -> Outline:
    """Return the outline of pixels that are at least half covered.

    Between two neighbouring pixels on either side of one half, the point is put by linear
    interpolation; the inside lies along the gradient (Sobel). The frame of the picture is no
    outline: a mark that it cuts goes on, for all one knows.

    Parameters
    ----------
    coverage : float, shape (h, w)
        Share of each pixel that is covered, 0 to 1.

    Returns
    -------
    Outline

    Examples
    --------
    >>> found = outline(np.array([[0.0, 0.25, 1.0]] * 3))
    >>> found.point.round(3).tolist(), found.inward[0].tolist()
    ([[1.833, 0.5], [1.833, 1.5], [1.833, 2.5]], [1.0, 0.0])
    """
    covered = coverage >= 0.5
    beside = np.nonzero(covered[:, 1:] != covered[:, :-1])
    below = np.nonzero(covered[1:] != covered[:-1])
    row, column = (np.concatenate(both) for both in zip(beside, below, strict=True))
    # The second pixel of a pair lies one column on, or one row.
    across = np.repeat([1, 0], [len(beside[0]), len(below[0])])
    last_row, last_column = row + 1 - across, column + across
    here, there = coverage[row, column], coverage[last_row, last_column]
    share = (0.5 - here) / (there - here)
    point = np.column_stack([column + 0.5 + share * across, row + 0.5 + share * (1 - across)])
    first, last = gradient(coverage, row, column), gradient(coverage, last_row, last_column)
    slope = first * (1 - share[:, None]) + last * share[:, None]
    size = np.hypot(slope[:, 0], slope[:, 1])
    steep = size > 1e-6
    return Outline(point[steep].astype(float), slope[steep] / size[steep, None])


def gradient(coverage: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return the Sobel gradient at some pixels, as column and row.

    Parameters
    ----------
    coverage : float, shape (h, w)
    row, column : int, shape (n,)

    Returns
    -------
    float, shape (n, 2)
        Eight times the rise a pixel.

    Examples
    --------
    >>> gradient(np.array([[0.0, 1.0, 2.0]] * 3), np.array([1]), np.array([1])).tolist()
    [[8.0, 0.0]]
    """
    height, width = coverage.shape
    across, down = np.zeros(len(row)), np.zeros(len(row))
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            if i or j:
                at = np.clip(row + i, 0, height - 1), np.clip(column + j, 0, width - 1)
                value = coverage[at]
                across += j * (2 - abs(i)) * value
                down += i * (2 - abs(j)) * value
    return np.column_stack([across, down])


# Rims that are looked for: pixels, at most so much of the radius; how wide a peak of distances is.
_THINNEST, _WIDEST, _BIN = 0.5, 0.75, 0.25
# So many points of bites, in all and to a dot, and this share of what might be bites make a rim.
_FEWEST_BITES, _TO_A_DOT, _SHARE = 12, 0.05, 0.7
# A bite faces away from the dot that made it to this cosine, and strays so far from its circle.
_AWAY, _STRAY = 0.8, 0.6
# Dots that may have made a bite, nearest first.
_NEAREST = 4


def rim_width(edge: Outline, centre: np.ndarray, radius: float) -> float | None:
    """Return the width of the rims by which dots cut into others, or None.

    Parameters
    ----------
    edge : Outline
        What no dot explains.
    centre : float, shape (n, 2)
    radius : float
        Pixels.

    Returns
    -------
    float or None
        Pixels.
    """
    if len(centre) == 0 or len(edge.point) == 0:
        return None
    widest = max(_WIDEST * radius, _THINNEST + 3 * _BIN)
    beyond = _beyond(edge, centre, radius + widest) - radius
    bins = np.arange(_THINNEST, widest + _BIN, _BIN)
    count = np.histogram(beyond[beyond >= _THINNEST], bins)[0]
    near = np.convolve(count, np.ones(3), "same")
    top = int(np.argmax(near))
    if near[top] < max(_FEWEST_BITES, _TO_A_DOT * len(centre), _SHARE * count.sum()):
        return None
    low, high = bins[max(top - 1, 0)], bins[min(top + 2, len(bins) - 1)]
    return float(np.median(beyond[(beyond >= low) & (beyond < high)]))


def bitten(edge: Outline, centre: np.ndarray, outer: float) -> np.ndarray:
    """Return which outline points are bites by dots of an outer radius.

    Parameters
    ----------
    edge : Outline
        Outline, from `outline`.
    centre : float, shape (n, 2)
        Column and row of each dot.
    outer : float
        Radius of a dot with its rim, in pixels.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> edge = Outline(np.array([[6.0, 0.0], [4.0, 0.0]]), np.array([[1.0, 0.0], [-1.0, 0.0]]))
    >>> bitten(edge, np.array([[0.0, 0.0]]), 6.2).tolist()
    [True, False]
    """
    if len(centre) == 0 or len(edge.point) == 0:
        return np.zeros(len(edge.point), bool)
    tree = cKDTree(centre)
    hit = np.zeros(len(edge.point), bool)
    for away, distance in _neighbours(tree, edge, outer + _STRAY):
        hit |= (away > _AWAY) & (np.abs(distance - outer) <= _STRAY)
    return hit


def _beyond(edge: Outline, centre: np.ndarray, reach: float) -> np.ndarray:
    """Return the distances of points from the dots that they face away from."""
    distances = [
        distance[(away > _AWAY) & np.isfinite(distance)]
        for away, distance in _neighbours(cKDTree(centre), edge, reach)
    ]
    return np.concatenate(distances)


def _neighbours(tree: cKDTree, edge: Outline, reach: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return, for each of the nearest dots, the cosine away from it and its distance."""
    k = min(_NEAREST, tree.n)
    distance, which = tree.query(edge.point, k=list(range(1, k + 1)), distance_upper_bound=reach)
    made = []
    for j in range(k):
        near = np.isfinite(distance[:, j])
        away = np.full(len(edge.point), -1.0)
        gap = edge.point[near] - tree.data[which[near, j]]
        size = np.maximum(distance[near, j], 1e-9)
        away[near] = (gap * edge.inward[near]).sum(axis=1) / size
        made.append((away, distance[:, j]))
    return made
