"""Square and hexagonal tilings of the plane, and the cell centre of each point."""

from __future__ import annotations

import math

import numpy as np

__all__ = ["hexagon_centres", "square_centres"]


def square_centres(
    points: np.ndarray, size: float, origin: tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    """Return the centre of the square of each point.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    size : float
        Side of a square, metres, above 0.
    origin : tuple of float
        A corner of one of the squares.

    Returns
    -------
    float, shape (n, 2)
        The same bits for any two points of one square.

    Examples
    --------
    >>> square_centres(np.array([[10.0, 250.0]]), 200.0).tolist()
    [[100.0, 300.0]]
    """
    centres: np.ndarray = (
        np.floor((points - np.asarray(origin)) / size) + 0.5
    ) * size + np.asarray(origin)
    return centres


def hexagon_centres(
    points: np.ndarray, size: float, origin: tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    """Return the centre of the hexagon of each point.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    size : float
        Metres between two opposite sides, and so between the centres of neighbours.
    origin : tuple of float
        The centre of one of the hexagons.

    Returns
    -------
    float, shape (n, 2)

    Examples
    --------
    >>> hexagon_centres(np.array([[10.0, 30.0], [90.0, 170.0]]), 200.0).round(1).tolist()
    [[0.0, 0.0], [100.0, 173.2]]
    """
    # Two rectangular lattices, one amid the other: the nearer of their nearest points wins.
    step = size * np.array([1.0, math.sqrt(3.0)])
    shifted = (points - np.asarray(origin)) / step
    even, odd = np.rint(shifted), np.floor(shifted) + 0.5
    apart = [(((shifted - lattice) * step) ** 2).sum(axis=1) for lattice in (even, odd)]
    centres: np.ndarray = np.where((apart[0] <= apart[1])[:, None], even, odd) * step + np.asarray(
        origin
    )
    return centres
