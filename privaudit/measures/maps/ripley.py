"""Ripley's K: how many more dots than by chance lie around a dot, at every distance."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial import cKDTree

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.maps.neighbours import pairs_within, z_order
from privaudit.measures.tables.compressed_rows import row_of

__all__ = ["clustering_error", "ripley_k", "ripley_l"]


def ripley_k(points: np.ndarray, radii: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return Ripley's K at each radius, corrected for the edge of a rectangle by translation.

    ``K(r) = A**2 / (n (n - 1)) sum_{i != j} [d_ij <= r] / A(i, j)``, where A is the area of the
    window and A(i, j) that of its overlap with itself moved by the step from i to j (Ripley
    1976; the translation correction is that of Ohser 1983). Without it, dots at the edge would
    seem lonely. Scattered by chance, n dots have K(r) = pi r**2 on average, exactly.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Metres, inside of the window; several may share a place.
    radii : ndarray of float, shape (r,)
        Metres, 0 or more, each below the shorter side of the window.
    window : ndarray of float, shape (4,)
        xmin, ymin, xmax, ymax.

    Returns
    -------
    ndarray of float, shape (r,)
        Square metres; nan throughout for fewer than two dots.

    Raises
    ------
    ParameterError
        A radius reaches across the window, or a dot lies outside of it.

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
    return running[np.searchsorted(steps, radius)]


def ripley_l(points: np.ndarray, radii: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return L(r) = sqrt(K(r) / pi), in metres (Besag 1977): r itself for dots set by chance.

    Parameters as for `ripley_k`.

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
    """Return how far a mask moved the pattern: root mean square gap of L over the radii.

    Parameters
    ----------
    before, after : ndarray of float, shape (n, 2) and (m, 2)
        Metres.
    radii, window
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
