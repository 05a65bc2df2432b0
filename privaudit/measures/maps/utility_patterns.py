"""Utility of a masked map: counts by area, distances, Ripley's K and L, Moran's I."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial import cKDTree

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.maps.neighbours import pairs_within, z_order
from privaudit.measures.tables.compressed_rows import row_of

__all__ = [
    "cell_counts",
    "clustering_error",
    "count_error",
    "moran",
    "nearest_distances",
    "ripley_k",
    "ripley_l",
    "side_by_side",
]


def count_error(before: np.ndarray, after: np.ndarray) -> float:
    """Return the share of dots that would have to change area for the counts to be right.

    ``sum_a |after_a - before_a| / (2 n)``: the total variation between the two lists of counts.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        Area in which each dot is counted, without a mask and with it, in any order.

    Returns
    -------
    float
        In [0, 1], 0 = every area counts the same; nan without a dot.

    Raises
    ------
    ParameterError
        Anything but as many dots after as before.

    Examples
    --------
    >>> count_error(np.array(["a", "a", "b", "c"]), np.array(["a", "b", "b", "b"]))
    0.5
    """
    if len(before) != len(after):
        came = f"{len(after):,} for {len(before):,}"
        raise ParameterError(say("count_error", "as many dots after as before", came))
    if len(before) == 0:
        return float("nan")
    areas, code = np.unique(np.concatenate([before, after]), return_inverse=True)
    sign = np.repeat([-1.0, 1.0], len(before))
    change = np.bincount(code.reshape(-1), weights=sign, minlength=len(areas))
    return float(np.abs(change).sum() / (2 * len(before)))


def nearest_distances(points: np.ndarray) -> np.ndarray:
    """Return the distance from each dot to its nearest other dot, in metres.

    Set by chance on a plane, d a square metre, their mean is ``1 / (2 sqrt(d))`` (Clark and Evans
    1954).

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres; dots that share a place are 0 apart.

    Returns
    -------
    float, shape (n,)
        nan for a lone dot.

    References
    ----------
    Clark and Evans (1954).

    Examples
    --------
    >>> nearest_distances(np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]])).tolist()
    [5.0, 1.0, 1.0]
    """
    if len(points) < 2:
        return np.full(len(points), np.nan)
    order = z_order(points)
    distance = np.empty(len(points))
    distance[order] = cKDTree(points).query(points[order], k=2)[0][:, 1]
    return distance


def ripley_k(points: np.ndarray, radii: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return Ripley's K at each radius, with translation edge correction in a rectangle.

    ``K(r) = A**2 / (n (n - 1)) sum_{i != j} [d_ij <= r] / A(i, j)``, where A is the area of the
    window and A(i, j) that of its overlap with itself moved by the step from i to j (Ripley 1976;
    the translation correction is that of Ohser 1983). Without it, dots at the edge would seem
    lonely. Scattered by chance, n dots have K(r) = pi r**2 on average, exactly.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres, inside of the window; several may share a place.
    radii : float, shape (r,)
        Metres, 0 or more, each below the shorter side of the window.
    window : float, shape (4,)
        Xmin, ymin, xmax, ymax.

    Returns
    -------
    float, shape (r,)
        Square metres; nan throughout for fewer than two dots.

    Raises
    ------
    ParameterError
        Radii outside of what the window supports.
        Anything but dots inside of the window.

    References
    ----------
    Ripley (1976).
    Ohser (1983).

    Examples
    --------
    Two dots 3 m apart in a square of 10 m: twice 1 / 70 over n (n - 1) = 2, times 10,000.

    >>> pair = np.array([[1.0, 5.0], [4.0, 5.0]])
    >>> ripley_k(pair, np.array([2.0, 3.0]), np.array([0.0, 0, 10, 10])).round(3).tolist()
    [0.0, 142.857]
    """
    low, high = np.asarray(window, float)[:2], np.asarray(window, float)[2:]
    side = high - low
    radius = np.asarray(radii, float)
    if (radius < 0).any() or (radius >= side.min()).any():
        needed = f"radii of 0 m to under {side.min():g} m, the window's shorter side"
        raise ParameterError(say("ripley_k", needed, f"{radius.min():g} to {radius.max():g} m"))
    if ((points < low) | (points > high)).any():
        raise ParameterError(say("ripley_k", "dots inside of the window", "one outside of it"))
    n = len(points)
    if n < 2:
        return np.full(len(radius), np.nan)
    ordered = points[z_order(points)]
    steps = np.sort(radius)
    weight = np.zeros(len(steps) + 1)
    for rows, pairs in pairs_within(ordered, cKDTree(ordered), float(steps[-1])):
        at = row_of(pairs.indptr) + rows.start
        other = at != pairs.place
        gap = np.abs(ordered[pairs.place[other]] - ordered[at[other]])
        overlap = (side[0] - gap[:, 0]) * (side[1] - gap[:, 1])
        step = np.searchsorted(steps, pairs.distance[other])
        weight += np.bincount(step, weights=1 / overlap, minlength=len(weight))
    running = np.cumsum(weight[:-1]) * side.prod() ** 2 / (n * (n - 1))
    k: np.ndarray = running[np.searchsorted(steps, radius)]
    return k


def ripley_l(points: np.ndarray, radii: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return L(r) = sqrt(K(r) / pi), in metres; r itself for random dots.

    Parameters as for `ripley_k`.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    radii : float, shape (r,)
        Metres.
    window : float, shape (4,)
        West, south, east, north, in metres.

    Returns
    -------
    ndarray

    References
    ----------
    Besag (1977).

    Examples
    --------
    >>> pair = np.array([[1.0, 5.0], [4.0, 5.0]])
    >>> ripley_l(pair, np.array([3.0]), np.array([0.0, 0, 10, 10])).round(3).tolist()
    [6.743]
    """
    return np.sqrt(ripley_k(points, radii, window) / math.pi)


def clustering_error(
    before: np.ndarray, after: np.ndarray, radii: np.ndarray, window: np.ndarray
) -> float:
    """Return the root mean square gap of L over radii between the true and the masked map.

    Parameters
    ----------
    before, after : float, shape (n, 2) and (m, 2)
        Metres.
    radii, window : ndarray
        As for `ripley_k`.

    Returns
    -------
    float
        Metres, 0 = the same clustering at every radius; nan for fewer than two dots.

    Examples
    --------
    >>> pair, window = np.array([[1.0, 5.0], [4.0, 5.0]]), np.array([0.0, 0, 10, 10])
    >>> clustering_error(pair, pair, np.array([3.0]), window)
    0.0
    """
    gap = ripley_l(after, radii, window) - ripley_l(before, radii, window)
    return float(np.sqrt(np.mean(gap**2)))


def moran(values: np.ndarray, neighbours: np.ndarray) -> float:
    """Return Moran's I over pairs of neighbours of equal weight.

    ``I = n / S0 * sum_ij w_ij z_i z_j / sum_i z_i**2``, z being the deviations from the mean (Moran
    1950). Dealt at random over the areas, its mean is -1 / (n - 1). Near 1: like beside like.

    Parameters
    ----------
    values : float, shape (n,)
    neighbours : int, shape (p, 2)
        Each pair of neighbouring areas once.

    Returns
    -------
    float
        nan where there are fewer than four areas, no neighbours, or no variation.

    References
    ----------
    Moran (1950).

    Examples
    --------
    >>> line = np.array([[0, 1], [1, 2], [2, 3]])
    >>> round(moran(np.array([1.0, 1.0, 0.0, 0.0]), line), 3)
    0.333
    """
    z = np.asarray(values, float) - np.mean(values) if len(values) else np.empty(0)
    n, square = len(z), float((z**2).sum())
    if n < 4 or len(neighbours) == 0 or square <= np.finfo(float).eps * n:
        return float("nan")
    first, second = np.asarray(neighbours).T
    return n / len(first) * float((z[first] * z[second]).sum()) / square


def side_by_side(cells: np.ndarray) -> np.ndarray:
    """Return the pairs of grid cells that share a side, each once.

    Parameters
    ----------
    cells : int, shape (n, 2)
        Column and row of each cell, each cell once.

    Returns
    -------
    int64, shape (p, 2)
        Positions in `cells`.

    Examples
    --------
    >>> side_by_side(np.array([[0, 0], [1, 0], [1, 1], [5, 5]])).tolist()
    [[0, 1], [1, 2]]
    """
    if len(cells) == 0:
        return np.empty((0, 2), np.int64)
    column, row = (cells - cells.min(axis=0)).astype(np.int64).T
    height = row.max() + 2  # one spare row keeps the top of a column from the next one's bottom
    key = column * height + row
    order = np.argsort(key)
    pairs = []
    for step in (height, 1):
        at = np.minimum(np.searchsorted(key[order], key + step), len(key) - 1)
        is_pair = key[order[at]] == key + step
        pairs.append(np.stack([np.flatnonzero(is_pair), order[at[is_pair]]], axis=1))
    return np.concatenate(pairs)


def cell_counts(points: np.ndarray, cells: np.ndarray, size: float) -> np.ndarray:
    """Return the number of points of each grid cell of `size` metres; points elsewhere are ignored.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    cells : int, shape (m, 2)
        Column and row of each cell.
    size : float
        Side of a cell, in metres.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> dots = np.array([[10.0, 10.0], [199.0, 0.0], [200.0, 0.0], [900.0, 900.0]])
    >>> cell_counts(dots, np.array([[0, 0], [1, 0], [0, 1]]), 200.0).tolist()
    [2, 1, 0]
    """
    at = np.floor(points / size).astype(np.int64)
    both, code = np.unique(np.concatenate([cells, at]), axis=0, return_inverse=True)
    code = code.reshape(-1)
    return np.bincount(code[len(cells) :], minlength=len(both))[code[: len(cells)]]
