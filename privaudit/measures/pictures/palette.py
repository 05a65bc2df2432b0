"""Quantised colours of a picture (32 steps a channel), their counts and names."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import ndimage

__all__ = [
    "FAMILIES",
    "STEPS",
    "colour_counts",
    "colour_index",
    "families",
    "family_of",
    "frequent",
    "levels",
]

# Steps of a channel, as bits: 32 steps of 8 levels, 32,768 colours in all.
_BITS = 5
STEPS = 1 << (3 * _BITS)
# Rows of a picture looked at together, so that they stay near the processor.
_ROWS = 64
# Families in the order of their hues, and the degrees at which each ends: red goes on after 0.
_HUED = ("red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink")
_ENDS = (20, 45, 68, 165, 195, 258, 290, 338, 360)
FAMILIES = (*_HUED, "grey", "black")
# A colour has a hue where its channels differ by more than the first, and none up to the second.
_COLOURED, _NEUTRAL = 60, 24
# Lightness, of 255, between the black of letters, the greys of marks and the pale ground of a map.
_BLACK, _PALE = 70, 205
# Colours nearer than this, in steps of any channel, are one.
_APART = 2


def colour_index(image: np.ndarray) -> np.ndarray:
    """Return the quantised colour of each pixel, 0 to 32,767, uint16 of shape (h, w).

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
        Red, green and blue.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> colour_index(np.array([[[255, 0, 8]]], np.uint8)).tolist()
    [[31745]]
    """
    index = np.empty(image.shape[:2], np.uint16)
    for start in range(0, len(image), _ROWS):
        part = image[start : start + _ROWS] >> (8 - _BITS)
        rows = index[start : start + _ROWS]
        np.left_shift(part[..., 0], 2 * _BITS, out=rows, dtype=np.uint16)
        rows |= part[..., 1].astype(np.uint16) << _BITS
        rows |= part[..., 2]
    return index


def levels(colour: np.ndarray | None = None) -> np.ndarray:
    """Return the middle of each quantised colour (or of some), 0 to 255, shape (n, 3).

    Parameters
    ----------
    colour : int, shape (n,)
        Numbers of colours; all where not given.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> levels(np.array([31745])).tolist()
    [[251.5, 3.5, 11.5]]
    """
    number = np.arange(STEPS) if colour is None else np.asarray(colour, np.int64)
    channel = [(number >> shift) % (1 << _BITS) for shift in (2 * _BITS, _BITS, 0)]
    return np.asarray(np.column_stack(channel) * 2.0 ** (8 - _BITS) + (2 ** (8 - _BITS) - 1) / 2)


def colour_counts(index: np.ndarray) -> np.ndarray:
    """Return the number of pixels of each of the 32,768 colours.

    Parameters
    ----------
    index : uint16, shape (h, w)
        From `colour_index`.

    Returns
    -------
    ndarray
    """
    return np.bincount(index.reshape(-1), minlength=STEPS)


def family_of(colour: np.ndarray) -> np.ndarray:
    """Return the name of each colour: one of `FAMILIES`, or "" for pale or hardly coloured ones.

    Parameters
    ----------
    colour : float, shape (n, 3)
        0 to 255.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> family_of(np.array([[214, 39, 40], [128, 128, 128], [242, 239, 233], [31, 119, 180]]))
    array(['red', 'grey', '', 'blue'], dtype='<U9')
    """
    red, green, blue = np.asarray(colour, float).T
    highest, lowest = np.max(colour, axis=1), np.min(colour, axis=1)
    chroma = np.maximum(highest - lowest, 1e-9)
    hue = np.where(
        highest == red,
        (green - blue) / chroma,
        np.where(highest == green, 2 + (blue - red) / chroma, 4 + (red - green) / chroma),
    )
    hued = np.array([*_HUED, "red"])[np.searchsorted(_ENDS, np.mod(60 * hue, 360), "right")]
    light = 0.299 * red + 0.587 * green + 0.114 * blue
    neutral = np.where(light < _BLACK, "black", np.where(light < _PALE, "grey", ""))
    plain = np.where(chroma <= _NEUTRAL, neutral, "")
    return np.where(chroma >= _COLOURED, hued, plain).astype("<U9")


@cache
def families() -> np.ndarray:
    """Return the family of each quantised colour, shape (32768,).

    Returns
    -------
    ndarray

    Examples
    --------
    >>> families()[colour_index(np.array([[[214, 39, 40]]], np.uint8))].tolist()
    [['red']]
    """
    names = family_of(levels())
    names.flags.writeable = False
    return names


def frequent(count: np.ndarray, most: int) -> np.ndarray:
    """Return the most frequent colours, none adjacent to another, most frequent first.

    Parameters
    ----------
    count : int, shape (32768,)
        Pixels of each colour; 0 for colours that are not asked about.
    most : int
        How many at most.

    Returns
    -------
    ndarray of int
        Numbers of colours. The count of each is of the cube of 27 around it.

    Examples
    --------
    >>> count = np.zeros(STEPS, int)
    >>> count[[31745, 31746, 99]] = 5, 9, 7
    >>> frequent(count, 3).tolist()
    [31746, 99]
    """
    side = 1 << _BITS
    cube = count.reshape(side, side, side)
    around = np.where(cube > 0, ndimage.uniform_filter(27.0 * cube, 3, mode="constant"), 0)
    # The most frequent colour of each cube stands for it.
    peak = (cube == ndimage.maximum_filter(cube, 3)) & (cube > 0)
    order = np.flatnonzero(peak)
    order = order[np.argsort(-around.reshape(-1)[order], kind="stable")]
    place = np.column_stack(np.unravel_index(order, cube.shape))
    chosen: list[int] = []
    for k in range(len(order)):
        if len(chosen) == most:
            break
        if not chosen or np.abs(place[chosen] - place[k]).max(axis=1).min() > _APART:
            chosen.append(k)
    return order[chosen]
