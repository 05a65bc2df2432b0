"""Least-squares maps from pixels to metres: affine and similarity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["AffineFit", "fit_affine", "fit_similarity", "spread_across"]


class AffineFit(NamedTuple):
    """A least-squares map from pixels to metres.

    `matrix` (2, 3) gives ``x, y = matrix @ (column, row, 1)``; `residual` is the standard error of
    a click on the ground in metres, from the degrees of freedom that are left, nan where none is.
    """

    matrix: np.ndarray
    residual: float


def spread_across(points: np.ndarray) -> float:
    """Return how far points are from collinear: smallest over largest standard deviation.

    0 for points on one line (or all in one place), 1 for points that spread alike every way.

    Parameters
    ----------
    points : float, shape (n, 2)

    Returns
    -------
    float

    Examples
    --------
    >>> spread_across(np.array([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]]))
    0.0
    """
    size = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    ratio = float(size[-1] / size[0]) if len(size) > 1 and size[0] > 0 else 0.0
    return 0.0 if ratio < 1e-9 else ratio


def fit_affine(pixels: np.ndarray, ground: np.ndarray) -> AffineFit:
    """Fit an affine map of six parameters: rotation, stretch and shear.

    Parameters
    ----------
    pixels, ground : float, shape (n, 2)
        Columns and rows; x and y in metres. Three or more, not on one line.

    Returns
    -------
    AffineFit

    Examples
    --------
    >>> pixels = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    >>> fit_affine(pixels, np.array([[5.0, 9.0], [25.0, 9.0], [5.0, -21.0]])).matrix.round(6) + 0.0
    array([[ 2.,  0.,  5.],
           [ 0., -3.,  9.]])
    """
    middle, centre = pixels.mean(axis=0), ground.mean(axis=0)
    linear = np.linalg.lstsq(pixels - middle, ground - centre, rcond=None)[0].T
    return _fit(linear, middle, centre, pixels, ground, 6)


def fit_similarity(
    pixels: np.ndarray, ground: np.ndarray, weight: np.ndarray | None = None
) -> AffineFit:
    """Fit a similarity of four parameters: rotation and scale, as of a web map.

    Rows run down and y runs up, so the map turns the picture over.

    Parameters
    ----------
    pixels, ground : float, shape (n, 2)
        Columns and rows; x and y in metres. Two or more.
    weight : float, shape (n,), optional
        Of each pair. Default: all alike.

    Returns
    -------
    AffineFit

    Examples
    --------
    >>> pixels = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    >>> ground = np.array([[5.0, 9.0], [25.0, 9.0], [5.0, -11.0]])
    >>> fit_similarity(pixels, ground).matrix.round(6) + 0.0
    array([[ 2.,  0.,  5.],
           [ 0., -2.,  9.]])
    """
    share = np.ones(len(pixels)) if weight is None else weight
    middle = np.average(pixels, axis=0, weights=share)
    centre = np.average(ground, axis=0, weights=share)
    # As complex numbers, with rows turned up: ground = factor x picture.
    centred = (pixels - middle) @ np.array([1, -1j])
    true = (ground - centre) @ np.array([1, 1j])
    factor = (share * centred.conj() * true).sum() / (share * np.abs(centred) ** 2).sum()
    linear = np.array([[factor.real, factor.imag], [factor.imag, -factor.real]])
    return _fit(linear, middle, centre, pixels, ground, 4)


def _fit(
    linear: np.ndarray,
    middle: np.ndarray,
    centre: np.ndarray,
    pixels: np.ndarray,
    ground: np.ndarray,
    parameters: int,
) -> AffineFit:
    """Solve the least squares; return the map with its errors."""
    matrix = np.column_stack([linear, centre - linear @ middle])
    off = (pixels @ linear.T + matrix[:, 2] - ground) ** 2
    free = 2 * len(pixels) - parameters
    return AffineFit(matrix, float(np.sqrt(off.sum() / free)) if free > 0 else float("nan"))
