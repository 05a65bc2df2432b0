"""Teardrop pins: a round head above a tip, and the tip is the place.

Heads are found as discs, from the upper half of their outline; how far the tip lies below the
middle of the head is learnt from pins that stand alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from privaudit.measures.pictures.discs import split_discs
from privaudit.measures.pictures.dots import Dots, DotSize
from privaudit.measures.pictures.edges import Outline, outline

__all__ = ["PinShape", "filled", "find_pins", "pin_cores", "pin_shape", "sides"]

# Height over width of a pin; share of its box that it fills; width of its lowest tenth over its
# width; share of its height above which it is widest; how far its middle may lie off the axis.
_TALL, _FILL, _FOOT, _WIDEST, _ASKEW = (1.2, 2.4), (0.42, 0.78), 0.45, 0.55, 0.12
# Pixels of the smallest pin; sizes of pins alike differ by at most this, in pixels, or so much.
_LEAST, _ALIKE = 40, 0.08
# Points of an outline whose inside lies at most so far upwards belong to the head.
_HEAD = -0.25
# How far the outline of a head may stray from a circle; points that a head must explain.
_TOLERANCE, _FEWEST = 0.6, 8
# Share of the way from head to tip that is looked at, and how much of it is to be seen.
_STEM, _SEEN = np.linspace(0.1, 0.8, 8), 0.85
# Standard deviation, in pixels, of the blur that takes hard steps away. Rows below a core in which
# its tip may end, and how far a rim differs from the ground, of 255.
_STEADY, _RIM, _RIM_CONTRAST = 0.8, 5, 90
# Standard error of where a tip ends, in pixels: it is drawn rounded.
_TIP = 0.5


class PinShape(NamedTuple):
    """Radius of the head, distance of the tip below its middle (pixels), how many stand alone."""

    radius: float
    drop: float
    single: int


def pin_cores(core: np.ndarray) -> tuple[int, int]:
    """Count the pieces of a core that are pins of one size, and their pixels.

    >>> row, column = np.mgrid[:60, :60]
    >>> head = np.sqrt(np.maximum(100 - (row - 20.0) ** 2, 0))
    >>> half = np.where(row < 20, head, 10 - (row - 20) / 2.2)
    >>> core = (np.abs(column - 30) <= half) & (row >= 10) & (row <= 42)
    >>> pin_cores(core)[0], pin_cores(core.T)[0]
    (1, 0)
    """
    _, alike, pixels = _pins(core)
    return len(alike), pixels


def pin_shape(image: np.ndarray, core: np.ndarray) -> PinShape | None:
    """Return the shape of pins that stand alone, or None where there is none.

    image : uint8 (h, w, 3).
    core : bool (h, w). Where the colour of the pins is seen.
    """
    boxes, alike, _ = _pins(core)
    if not alike:
        return None
    radii, drops = [], []
    for k in alike:
        rows, columns = boxes[k]
        radius = (columns.stop - columns.start) / 2
        middle = (columns.start + columns.stop) // 2
        radii.append(radius)
        drops.append(_end(image, rows.stop, middle) - rows.start - radius)
    return PinShape(float(np.median(radii)), float(np.median(drops)), len(alike))


def _end(image: np.ndarray, below: int, column: int) -> float:
    """Return the row in which a tip ends: its rim may be of another colour than the pin."""
    height = len(image)
    line = image[below : min(below + _RIM + 1, height), column].astype(np.int16)
    if len(line) <= _RIM:
        return float(below)
    far = np.abs(line[:-1] - line[-1]).max(axis=1)
    # Half of a pixel's contrast is half a pixel of tip.
    share = np.clip(far / _RIM_CONTRAST, 0, 1)
    ends = np.flatnonzero(share < 0.25)
    return below + float(share[: ends[0] if len(ends) else _RIM].sum())


def find_pins(core: np.ndarray, shape: PinShape) -> Dots:
    """Find the tips of the pins of a colour.

    core : bool (h, w). Where the colour of the pins is seen.
    Returns: `centre` holds the tips.
    """
    whole = _smooth(core)
    edge = outline(whole)
    head = edge.inward[:, 1] > _HEAD
    upper = Outline(edge.point[head], edge.inward[head])
    found = split_discs(upper, shape.radius, _TOLERANCE, fewest=_FEWEST)
    centre = found.centre
    seen = np.zeros(len(centre))
    height, width = whole.shape
    for share in _STEM:
        row = np.clip((centre[:, 1] + share * shape.drop).astype(np.int64), 0, height - 1)
        column = np.clip(centre[:, 0].astype(np.int64), 0, width - 1)
        seen += whole[row, column] >= 0.5
    kept = seen >= _SEEN * len(_STEM)
    label, count = ndimage.label(whole >= 0.5)
    room = np.bincount(label.reshape(-1), minlength=count + 1)
    room[0] = 0
    at = np.clip(centre[kept].astype(np.int64), 0, [width - 1, height - 1])
    explained = np.zeros(count + 1, bool)
    explained[label[at[:, 1], at[:, 0]]] = True
    large = room >= np.pi * shape.radius**2 / 3
    return Dots(
        centre=centre[kept] + [0.0, shape.drop],
        error=np.hypot(found.error[kept], _TIP),
        size=DotSize(shape.radius, _TOLERANCE / 3, shape.single),
        refused=int((large & ~explained).sum()),
        room=float(room[explained].sum() / np.maximum(room.sum(), 1)),
        rim=0.0,
    )


def _smooth(core: np.ndarray) -> np.ndarray:
    """Return a core without holes and hard steps."""
    return np.asarray(ndimage.gaussian_filter(filled(core.astype(np.float32)), _STEADY))


def filled(coverage: np.ndarray, most: float = np.inf) -> np.ndarray:
    """Fill the holes of marks, of so many pixels at most: many pins have a white middle."""
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
    """Return height and width of the boxes of pieces, shape (n, 2)."""
    side = [[rows.stop - rows.start, columns.stop - columns.start] for rows, columns in boxes]
    return np.array(side, np.int64).reshape(-1, 2)


def _pins(core: np.ndarray) -> tuple[list[tuple[slice, slice]], list[int], int]:
    """Return the boxes of all pieces, which are pins of the most usual size, and their pixels."""
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
    """Tell whether a piece is round above, narrow below, and the same left and right."""
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
