"""Pins that stand before others: whole, though their colour runs on into those behind them.

Their outline is looked for among those that map libraries draw.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from privaudit.measures.pictures.pins import filled

__all__ = ["FrontPins", "front_pins", "teardrop"]

# Width and height, in pixels of a page, of Leaflet's own icon, of MapLibre's marker and of
# Google's, and pixels of a screen for one of a page.
_SIZES, _SCALES = ((25, 41), (27, 35), (27, 43)), (1.0, 2.0)
# The colour of the fill ends so far, as a share of the width, within the outline.
_RIM = 0.06
# Of a pin, so large a share has the colour; of what lies beside its lower half, as wide as this
# share of its width, at most the second; pins are so many of their widths apart.
_WHOLE, _BESIDE, _CLEAR, _APART = 0.93, 0.12, 0.25, 0.35


class FrontPins(NamedTuple):
    """Upper left corners of pin fills, as row and column, with height and width."""

    corner: list[tuple[int, int]]
    size: tuple[int, int]


def front_pins(core: np.ndarray) -> FrontPins:
    """Return the pins in front of others, for the outline that explains the most.

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour of the pins is seen.

    Returns
    -------
    FrontPins

    Examples
    --------
    >>> core = np.zeros((90, 90), bool)
    >>> for top, left in ((10, 20), (22, 32), (30, 18)):
    ...     core[top : top + 39, left : left + 23] |= teardrop(23, 39)
    >>> front_pins(core).size
    (38, 22)
    """
    best, most = FrontPins([], (0, 0)), 0.0
    solid = (filled(core.astype(np.float32), _SIZES[0][0] ** 2) >= 0.5).astype(np.float32)
    for wide, high in _SIZES:
        for scale in _SCALES:
            if not core.any() or min(core.shape) < high * scale:
                continue
            pins, worth = _front(solid, wide * scale, high * scale)
            if worth > most:
                best, most = pins, worth
    return best


def teardrop(wide: int, high: int) -> np.ndarray:
    """Return the mask of a round head above a tip, bool (high, wide).

    Parameters
    ----------
    wide : int
        Pixels.
    high : int
        Pixels.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> teardrop(5, 8).sum(axis=1).tolist()
    [3, 5, 5, 5, 3, 3, 1, 1]
    """
    radius = wide / 2
    row, column = np.mgrid[:high, :wide] + 0.5
    away = np.abs(column - radius)
    # Sides touch the head and meet in the tip.
    long = high - radius
    touch = radius * radius / long
    slope = np.sqrt(max(radius**2 - touch**2, 0.0)) / (long - touch)
    cone = (row >= radius + touch) & (away <= slope * (high - row))
    return np.asarray((np.hypot(away, row - radius) <= radius) | cone)


def _front(solid: np.ndarray, wide: float, high: float) -> tuple[FrontPins, float]:
    """Return the pins of one outline, and their score."""
    rim = _RIM * wide
    inner = (round(high - 2 * rim), round(wide - 2 * rim))
    whole = teardrop(inner[1], inner[0])
    beside = max(2, round(_BESIDE * wide))
    room = np.pad(whole, beside + round(rim))
    around = ndimage.binary_dilation(room, iterations=beside + round(rim))
    around &= ~ndimage.binary_dilation(room, iterations=round(rim) + 1)
    around[: room.shape[0] // 2] = False
    # What is thinner than a pin's own soft edge may be of another shade.
    eroded = ndimage.binary_erosion(room, iterations=1)
    inside = _met(solid, eroded)
    clear = _met(solid, around)
    score = np.where((inside >= _WHOLE) & (clear <= _CLEAR), inside - clear, -1.0)
    apart = max(3, round(_APART * wide))
    peak = (score > 0) & (score == ndimage.maximum_filter(score, 2 * apart + 1))
    label, many = ndimage.label(peak, np.ones((3, 3)))
    middle = ndimage.center_of_mass(peak, label, range(1, many + 1))
    corner = [(round(y) - inner[0] // 2, round(x) - inner[1] // 2) for y, x in middle]
    corner = [(max(y, 0), max(x, 0)) for y, x in corner]
    return FrontPins(corner, inner), float(sum(score[peak]))


def _met(solid: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the share of a template that is solid, centred at each pixel."""
    from scipy.signal import fftconvolve

    met = fftconvolve(solid, part[::-1, ::-1].astype(np.float32), mode="same")
    return np.asarray(met / max(int(part.sum()), 1))
