"""Distance profiles: places by ring around each dot, and the densities of many radial masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.spatial import cKDTree

from privaudit.measures.maps.neighbours import Pairs, pairs_within
from privaudit.measures.tables.compressed_rows import row_of

__all__ = ["NEAREST", "density_table", "profile", "profile_around", "ring_edges"]

# The last metres tell nothing: an unmasked dot may lie some metres off, by another edition of the
# address base, and a density that soars at 0 would win on them.
NEAREST = 5.0
# Rings grow with their distance; at least so wide, in metres.
_GROWTH, _LEAST = 0.03, 2.0
# Beyond so many metres, of many places every so many-th is looked at.
_NEAR, _THINNED = 600.0, 8
_MANY = 20_000
# Points of a ring at which a density is read.
_INSIDE = 8


def ring_edges(reach: float) -> np.ndarray:
    """Return the radii of rings out to a distance: first 5 m wide, then wider.

    Parameters
    ----------
    reach : float
        Metres.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> ring_edges(10.0).tolist()
    [0.0, 5.0, 7.0, 9.0, 11.0]
    """
    edges = [0.0, NEAREST]
    while edges[-1] < reach:
        edges.append(edges[-1] + max(_LEAST, _GROWTH * edges[-1]))
    return np.array(edges)


def density_table(
    densities: Sequence[Callable[[np.ndarray], np.ndarray]],
    edges: np.ndarray,
    resolution: float = 0.0,
) -> np.ndarray:
    """Return the mean density of each mask over each ring, shape (rings, masks), per square metre.

    Parameters
    ----------
    densities : sequence of callable
        From distances in metres to probabilities per square metre.
    edges : float, shape (rings + 1,)
        As of `ring_edges`.
    resolution : float
        Standard deviation, in metres, with which each coordinate is then read.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> disk = lambda d: (d <= 10) / (100 * np.pi)
    >>> density_table([disk], np.array([0.0, 5.0, 10.0, 20.0])).round(5).tolist()
    [[0.00318], [0.00318], [0.0]]
    """
    # Within a ring, points that stand for as much of its area each.
    share = (np.arange(_INSIDE * 8) + 0.5) / (_INSIDE * 8)
    first = edges[1] * np.sqrt(share)
    share = (np.arange(_INSIDE) + 0.5) / _INSIDE
    low, high = edges[1:-1, None], edges[2:, None]
    later = np.sqrt(low**2 + share * (high**2 - low**2))
    if resolution > 0:
        densities = _as_read(densities, edges[-1], resolution)
    table = np.empty((len(edges) - 1, len(densities)))
    for k, density in enumerate(densities):
        table[0, k] = np.mean(density(first))
        table[1:, k] = np.mean(density(later), axis=1)
    return table


def _as_read(
    densities: Sequence[Callable[[np.ndarray], np.ndarray]], reach: float, resolution: float
) -> list[Callable[[np.ndarray], np.ndarray]]:
    """Return densities of distances blurred by a normal error."""
    from scipy.special import i0e

    s = max(resolution, reach / 500)
    known = np.arange(0, reach + s, s / 4)
    node = known + s / 8
    # The density of Rice.
    rice = np.exp(-0.5 * ((known[:, None] - node) / s) ** 2) * i0e(known[:, None] * node / s**2)
    tables = rice @ np.stack([node * density(node) for density in densities], axis=1) / (4 * s)
    return [
        lambda distance, table=table: np.interp(distance, known, table, right=0.0)  # type: ignore[misc]
        for table in tables.T
    ]


def profile(pairs: Pairs, weight: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the summed weights of each point's places by ring.

    Parameters
    ----------
    pairs : Pairs
        Points and the places near them.
    weight : float
        Of each pair.
    edges : float, shape (rings + 1,)
        Radii of the rings, in metres.

    Returns
    -------
    float, shape (points, rings), and the ring of each pair, -1 beyond the last
    """
    ring = np.searchsorted(edges, pairs.distance, side="right") - 1
    # The outermost edge belongs to its ring; what is farther, to none.
    ring[pairs.distance == edges[-1]] = len(edges) - 2
    ring[pairs.distance > edges[-1]] = -1
    n, rings = len(pairs.indptr) - 1, len(edges) - 1
    inside = ring >= 0
    at = row_of(pairs.indptr)[inside] * rings + ring[inside]
    return np.bincount(at, weight[inside], minlength=n * rings).reshape(n, rings), ring


def profile_around(
    points: np.ndarray, places: np.ndarray, weight: np.ndarray, edges: np.ndarray
) -> np.ndarray:
    """Return the summed weights of the places around each point by ring, float (points, rings).

    Of more than 20,000 places, every eighth stands for the others beyond 600 m.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    places : float, shape (m, 2)
        Metres.
    weight : float, shape (m,)
        Weight of each place.
    edges : float, shape (rings + 1,)
        Radii of the rings, in metres.

    Returns
    -------
    ndarray
    """
    near = np.searchsorted(edges, _NEAR)
    thin = len(places) > _MANY and near < len(edges) - 1
    sums = np.zeros((len(points), len(edges) - 1))
    reach = edges[near] if thin else edges[-1]
    for rows, pairs in pairs_within(points, cKDTree(places), float(reach)):
        sums[rows] = profile(pairs, weight[pairs.place], edges)[0]
    if thin:
        some = slice(None, None, _THINNED)
        for rows, pairs in pairs_within(points, cKDTree(places[some]), float(edges[-1])):
            far = profile(pairs, _THINNED * weight[some][pairs.place], edges)[0]
            sums[rows, near:] = far[:, near:]
    return sums
