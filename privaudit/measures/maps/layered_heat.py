"""Invert the layered opacity of Leaflet.heat: dots a square metre from colours."""

from __future__ import annotations

import numpy as np

from privaudit.measures.maps.deconvolution import heat_kernel
from privaudit.measures.maps.kernels import kernel_of

__all__ = ["layered_heat", "merged_in_cells"]

# Dots of a square of this many radii are drawn as one, at a whole pixel: half of a radius of 25
# pixels with its blur of 15.
_SQUARE, _PIXEL = 0.8, 1 / 25
# The highest opacity under 1 that 8 bits hold.
_TOP = 254 / 255


def layered_heat(
    x: np.ndarray, y: np.ndarray, points: np.ndarray, radius: float, opacity: float
) -> np.ndarray:
    """Return the heat behind Leaflet.heat's colours, in dots a square metre.

    It does not add up: dots near each other are merged, and their blurred discs are laid over each
    other as paint is, so that what shows is ``1 - product(1 - opacity)``. The colours say that
    opacity, and its logarithm adds up again: what is returned is the logarithm, such that a faint
    dot alone has the heat of a blurred disc.

    Parameters
    ----------
    x, y : float, shape (w,), (h,)
        Columns and rows of the raster.
    points : float, shape (n, 2)
    radius : float
        Of a disc, in metres: its default of 25 pixels.
    opacity : float
        Of a dot at its middle, in (0, 1]: 1 at the layer's last zoom (18 unless the map has
        another), half of it at each zoom before.

    Returns
    -------
    float, shape (h * w,)
        Rows first.
    """
    merged, many = merged_in_cells(points, np.array([x.min(), y.min()]), radius)
    shape = heat_kernel(x, y, merged, radius, "leaflet").tocoo()
    peak = float(kernel_of("leaflet").density(np.zeros(1))[0]) / radius**2
    laid = np.minimum(opacity * many, 1.0)[shape.col] * shape.data / peak
    heat = -np.log1p(-np.minimum(laid, _TOP)) / opacity * peak
    return np.bincount(shape.row, weights=heat, minlength=shape.shape[0])


def merged_in_cells(
    points: np.ndarray, corner: np.ndarray, radius: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean position of the dots of each cell, to a pixel, and their number.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    corner : float, shape (2,)
        Origin of the cells, in metres.
    radius : float
        Radius of a dot of the layer, in metres.

    Returns
    -------
    tuple of ndarray

    Examples
    --------
    >>> merged, many = merged_in_cells(np.array([[1.0, 1.0], [3.0, 1.0], [30.0, 1.0]]),
    ...     np.zeros(2), 25.0)
    >>> merged.tolist(), many.tolist()
    ([[2.0, 1.0], [30.0, 1.0]], [2, 1])
    """
    square = np.floor((points - corner) / (_SQUARE * radius)).astype(np.int64)
    which = np.unique(square, axis=0, return_inverse=True)[1].ravel()
    many = np.bincount(which)
    mean = np.column_stack([np.bincount(which, points[:, k]) / many for k in (0, 1)])
    pixel = radius * _PIXEL
    return corner + np.round((mean - corner) / pixel) * pixel, many
