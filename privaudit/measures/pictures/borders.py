"""Dots with a rim of another colour: each cuts a bite out of the dots that lie below it."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from privaudit.measures.pictures.edges import Outline

__all__ = ["bitten", "rim_width"]

# Rims that are looked for: pixels, at most so much of the radius; how wide a peak of distances is.
_THINNEST, _WIDEST, _BIN = 0.5, 0.75, 0.25
# So many points of bites, in all and to a dot, and this share of what might be bites make a rim.
_FEWEST, _TO_A_DOT, _SHARE = 12, 0.05, 0.7
# A bite faces away from the dot that made it to this cosine, and strays so far from its circle.
_AWAY, _STRAY = 0.8, 0.6
# Dots that may have made a bite, nearest first.
_NEAR = 4


def rim_width(edge: Outline, centre: np.ndarray, radius: float) -> float | None:
    """Return how far beyond dots lie the edges that they cut into others, or None.

    Parameters
    ----------
    edge : Outline
        What no dot explains.
    centre : ndarray of float, shape (n, 2)
    radius : float

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
    if near[top] < max(_FEWEST, _TO_A_DOT * len(centre), _SHARE * count.sum()):
        return None
    low, high = bins[max(top - 1, 0)], bins[min(top + 2, len(bins) - 1)]
    return float(np.median(beyond[(beyond >= low) & (beyond < high)]))


def bitten(edge: Outline, centre: np.ndarray, outer: float) -> np.ndarray:
    """Tell which points of an outline are bites by dots of an outer radius.

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
    found = [
        distance[(away > _AWAY) & np.isfinite(distance)]
        for away, distance in _neighbours(cKDTree(centre), edge, reach)
    ]
    return np.concatenate(found)


def _neighbours(tree: cKDTree, edge: Outline, reach: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return, for each of the nearest dots, the cosine away from it and its distance."""
    k = min(_NEAR, tree.n)
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
