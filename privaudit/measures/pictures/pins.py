"""Teardrop pins: a round head above a tip, and the tip is the place.

Pins that stand alone tell what one looks like (`pin_stamps`).
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

__all__ = ["alike_pins", "filled", "pin_cores", "sides"]

# Height over width of a pin; share of its box that it fills; width of its lowest tenth over its
# width; share of its height above which it is widest; how far its middle may lie off the axis.
_TALL, _FILL, _FOOT, _WIDEST, _ASKEW = (1.2, 2.4), (0.42, 0.78), 0.45, 0.55, 0.12
# Pixels of the smallest pin; sizes of pins alike differ by at most this, in pixels, or so much.
_LEAST, _ALIKE = 40, 0.08


def pin_cores(core: np.ndarray) -> tuple[int, int]:
    """Count the pieces of a core that are pins of one size, with their pixels.

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour of the marks is.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> row, column = np.mgrid[:60, :60]
    >>> head = np.sqrt(np.maximum(100 - (row - 20.0) ** 2, 0))
    >>> half = np.where(row < 20, head, 10 - (row - 20) / 2.2)
    >>> core = (np.abs(column - 30) <= half) & (row >= 10) & (row <= 42)
    >>> pin_cores(core)[0], pin_cores(core.T)[0]
    (1, 0)
    """
    _, alike, pixels = alike_pins(core)
    return len(alike), pixels


def filled(coverage: np.ndarray, most: float = np.inf) -> np.ndarray:
    """Fill the holes of marks up to a size: many pins have a white middle.

    Parameters
    ----------
    coverage : float, shape (h, w)
        Share of each pixel that is covered.
    most : float
        Largest hole that is filled, in pixels.

    Returns
    -------
    ndarray
    """
    label, count = ndimage.label(coverage < 0.5)
    frame = np.concatenate([label[0], label[-1], label[:, 0], label[:, -1]])
    inner = np.ones(count + 1, bool)
    inner[0] = False
    inner[frame] = False
    if np.isfinite(most):
        inner &= np.bincount(label.reshape(-1), minlength=count + 1) <= most
    if not inner.any():
        return coverage
    hole = inner[label]
    # The soft edge of a hole is part of it.
    return np.where(ndimage.maximum_filter(hole, 5) & (coverage > 0) | hole, 1, coverage)


def sides(boxes: list[tuple[slice, slice]]) -> np.ndarray:
    """Return height and width of the boxes of pieces, shape (n, 2).

    Parameters
    ----------
    boxes : list of tuple of slice
        Bounding boxes of pieces, as rows and columns.

    Returns
    -------
    ndarray
    """
    side = [[rows.stop - rows.start, columns.stop - columns.start] for rows, columns in boxes]
    return np.array(side, np.int64).reshape(-1, 2)


def alike_pins(core: np.ndarray) -> tuple[list[tuple[slice, slice]], list[int], int]:
    """Return the boxes of all pieces that are pins of the most common size, with their pixels.

    Parameters
    ----------
    core : bool, shape (h, w)

    Returns
    -------
    tuple (list of tuple of slice, list of int, int)
    """
    label, _ = ndimage.label(core)
    boxes = ndimage.find_objects(label)
    side = sides(boxes)
    tall = side[:, 0] / np.maximum(side[:, 1], 1)
    likely = (tall >= _TALL[0]) & (tall <= _TALL[1]) & (side.prod(axis=1) >= _LEAST)
    pins = [int(k) for k in np.flatnonzero(likely) if _is_pin(label[boxes[k]] == k + 1)]
    if not pins:
        return boxes, [], 0
    size = side[pins]
    slack = np.maximum(1, _ALIKE * size)
    alike = (np.abs(size[:, None] - size[None]) <= slack[:, None]).all(axis=2)
    best = int(np.argmax(alike.sum(axis=1) * size.prod(axis=1)))
    chosen = [pins[k] for k in np.flatnonzero(alike[best])]
    return boxes, chosen, int(size[alike[best]].prod(axis=1).sum())


def _is_pin(piece: np.ndarray) -> bool:
    """Return whether a piece is round above, narrow below, and symmetric."""
    piece = filled(np.pad(piece, 1).astype(np.float32))[1:-1, 1:-1] >= 0.5
    height, width = piece.shape
    wide = piece.sum(axis=1)
    fill = wide.sum() / piece.size
    foot = wide[-max(1, height // 10) :].mean() / width
    top = int(np.argmax(wide))
    widest = (top + int(height - 1 - np.argmax(wide[::-1]))) / 2 / height
    centre = (piece * np.arange(width)).sum(axis=1) / np.maximum(wide, 1)
    askew = np.abs(centre - (width - 1) / 2).max() / width
    falls = (np.diff(wide[int(widest * height) :]) <= 1).all()
    return bool(
        _FILL[0] <= fill <= _FILL[1]
        and foot <= _FOOT
        and widest <= _WIDEST
        and askew <= _ASKEW
        and falls
    )
