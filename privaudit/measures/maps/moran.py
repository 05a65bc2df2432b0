"""Moran's I: do neighbouring areas count alike?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Moran", "cell_counts", "moran", "side_by_side"]


class Moran(NamedTuple):
    """Moran's I, and its mean and standard deviation if the values were dealt at random."""

    value: float
    expected: float
    deviation: float


def moran(values: np.ndarray, neighbours: np.ndarray) -> Moran:
    """Return Moran's I over pairs of neighbours that all weigh the same.

    ``I = n / S0 * sum_ij w_ij z_i z_j / sum_i z_i**2``, z being the deviations from the mean
    (Moran 1950). Dealt at random over the areas, its mean is -1 / (n - 1) and its variance that
    of Cliff and Ord 1981 under randomisation. Near 1: like beside like.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
    neighbours : ndarray of int, shape (p, 2)
        Each pair of neighbouring areas once.

    Returns
    -------
    Moran
        All nan where there are fewer than four areas, no neighbours, or no variation.

    Examples
    --------
    >>> line = np.array([[0, 1], [1, 2], [2, 3]])
    >>> moran(np.array([1.0, 1.0, 0.0, 0.0]), line).value.__round__(3)
    0.333
    >>> moran(np.array([1.0, 0.0, 1.0, 0.0]), line).expected.__round__(3)
    -0.333
    """
    z = np.asarray(values, float) - np.mean(values) if len(values) else np.empty(0)
    n, square = len(z), float((z**2).sum())
    if n < 4 or len(neighbours) == 0 or square <= np.finfo(float).eps * n:
        return Moran(np.nan, np.nan, np.nan)
    first, second = np.asarray(neighbours).T
    # Both ways of each pair count, hence the factors of two.
    s0 = 2.0 * len(first)
    value = n / s0 * 2 * float((z[first] * z[second]).sum()) / square
    s1 = 2 * s0
    s2 = float(((2 * np.bincount(np.concatenate([first, second]), minlength=n)) ** 2).sum())
    kurtosis = n * float((z**4).sum()) / square**2
    expected = -1 / (n - 1)
    most = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    less = kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (most - less) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    return Moran(value, expected, float(np.sqrt(max(variance, 0.0))))


def side_by_side(cells: np.ndarray) -> np.ndarray:
    """Return the pairs of grid cells that share a side, each once.

    Parameters
    ----------
    cells : ndarray of int, shape (n, 2)
        Column and row of each cell, each cell once.

    Returns
    -------
    ndarray of int64, shape (p, 2)
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
        found = key[order[at]] == key + step
        pairs.append(np.stack([np.flatnonzero(found), order[at[found]]], axis=1))
    return np.concatenate(pairs)


def cell_counts(points: np.ndarray, cells: np.ndarray, size: float) -> np.ndarray:
    """Count the points in each grid cell of `size` metres; points elsewhere are not counted.

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
