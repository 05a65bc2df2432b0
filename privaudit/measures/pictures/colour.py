"""Which share of each pixel is covered by red marks, and which by any dark mark."""

from __future__ import annotations

import numpy as np

from privaudit.measures.pictures.edges import gradient

__all__ = ["dark_coverage", "red_coverage"]

# Red stands at least this far above green and blue, of 255: a pale orange road does not.
_LEAST_REDNESS = 60
# Between orange and pink: green and blue differ by at most this share of the redness, and by
# what a park or a river shows through a soft edge.
_MOST_HUE, _GROUND_HUE = 0.5, 25
# Greys of marks, of 255, between the black of letters and the pale ground of a map.
_GREYS = (70, 200)
# Neutral: the three channels differ by at most this.
_NEUTRAL = 24
# Shares of full redness: below the first (or so near to full) a pixel is no soft edge; above the
# second it is part of a mark. The ground is looked up so many pixels
# outwards, and is even where it differs by less than this, of 255.
_SOFT, _MARK, _OUT, _FLAT = 0.05, 0.3, (3, 5), 8
# Rows of a picture looked at together, so that they stay near the processor.
_ROWS = 64


def red_coverage(image: np.ndarray) -> np.ndarray | None:
    """Return which share of each pixel is covered by the picture's red.

    Redness is how far red stands above the higher of green and blue. A share is the redness
    above that of the ground around, over that of full red marks, which is the most frequent
    one: parks and rivers are less red than grey and white.

    Parameters
    ----------
    image : ndarray of uint8, shape (h, w, 3)

    Returns
    -------
    ndarray of float32, shape (h, w), or None
        None where nothing is red.

    Examples
    --------
    >>> image = np.array([[[255, 255, 255], [235, 148, 148], [214, 40, 40]] + [[214, 40, 40]] * 9])
    >>> red_coverage(image.astype(np.uint8)).round(2)[0, :3].tolist()
    [0.0, 0.5, 1.0]
    """
    redness = np.empty(image.shape[:2], np.float32)
    for start in range(0, len(image), _ROWS):
        part = image[start : start + _ROWS].astype(np.int16)
        red, green, blue = part[..., 0], part[..., 1], part[..., 2]
        value = red - np.maximum(green, blue)
        other = np.abs(green - blue) > _MOST_HUE * value + _GROUND_HUE
        value[(value >= _LEAST_REDNESS) & other] = 0
        redness[start : start + _ROWS] = value
    count = np.bincount(np.maximum(redness, 0).astype(np.uint8).reshape(-1), minlength=256)
    count[:_LEAST_REDNESS] = 0
    if not count.any():
        return None
    full = _mode(count)
    coverage = np.clip(redness / full, 0, 1)
    row, column = np.nonzero((redness > _SOFT * full) & (redness < (1 - _SOFT) * full))
    ground = _ground(redness, row, column)
    # Where the ground is itself part of a mark, nothing is known of it.
    ground[np.abs(ground) > _MARK * full] = 0
    coverage[row, column] = np.clip((redness[row, column] - ground) / (full - ground), 0, 1)
    return coverage


def _ground(redness: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return the redness a few pixels outwards of soft edges: the lower of two that are met.

    One may be the soft edge of another mark: a warm ground is believed where both agree.
    """
    slope = gradient(redness, row, column)
    step = slope / np.maximum(np.hypot(slope[:, 0], slope[:, 1]), 1e-6)[:, None]
    height, width = redness.shape
    met = []
    for out in _OUT:
        out_row = np.rint(row - out * step[:, 1]).astype(np.int64)
        out_column = np.rint(column - out * step[:, 0]).astype(np.int64)
        met.append(redness[np.clip(out_row, 0, height - 1), np.clip(out_column, 0, width - 1)])
    lowest, highest = np.minimum(*met), np.maximum(*met)
    return np.where((lowest > 0) & (highest - lowest > _FLAT), 0, lowest)


def dark_coverage(image: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return which share of each pixel is covered by the picture's grey or by what is darker.

    The ground is the median lightness of the picture; the grey is the most frequent neutral
    one that is clearly darker.

    Parameters
    ----------
    image : ndarray of uint8, shape (h, w, 3)

    Returns
    -------
    coverage : ndarray of float32, shape (h, w)
    grey : ndarray of bool, shape (h, w)
        Where the grey itself is seen.
        None instead of both where there is no such grey.

    Examples
    --------
    >>> image = np.full((1, 20, 3), 255, np.uint8)
    >>> image[0, :9] = 128
    >>> coverage, grey = dark_coverage(image)
    >>> int(grey.sum()), coverage[0, [0, 19]].tolist()
    (9, [1.0, 0.0])
    """
    lightness = np.empty(image.shape[:2], np.float32)
    neutral = np.empty(image.shape[:2], bool)
    for start in range(0, len(image), _ROWS):
        part = image[start : start + _ROWS]
        rows = slice(start, start + _ROWS)
        red, green, blue = part[..., 0], part[..., 1], part[..., 2]
        lightness[rows] = np.float32(0.299) * red + np.float32(0.587) * green
        lightness[rows] += np.float32(0.114) * blue
        highest = np.maximum(np.maximum(red, green), blue)
        neutral[rows] = highest - np.minimum(np.minimum(red, green), blue) <= _NEUTRAL
    level = np.rint(lightness).astype(np.uint8)
    every = np.cumsum(np.bincount(level.reshape(-1), minlength=256))
    ground = float(np.searchsorted(every, every[-1] / 2))
    count = np.bincount(level[neutral], minlength=256)
    count[: _GREYS[0]] = 0
    count[int(min(_GREYS[1], ground - 30)) :] = 0
    if not count.any():
        return None
    grey = _mode(count)
    coverage = np.clip((ground - lightness) / (ground - grey), 0, 1)
    return coverage, neutral & (np.abs(lightness - grey) <= 12)


def _mode(count: np.ndarray) -> float:
    """Return the most frequent value, to a fraction: the mean of those within four of it."""
    smooth = np.convolve(count, np.ones(5), "same")
    top = int(np.argmax(smooth))
    near = np.arange(max(top - 4, 0), min(top + 5, len(count)))
    return float(np.average(near, weights=count[near]))
