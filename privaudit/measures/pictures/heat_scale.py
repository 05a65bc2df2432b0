"""From the colours of a heat map to how hot they are: by its legend, its steps, or a known scale.

Heat comes back between 0 and 1; what 1 stands for is another question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

__all__ = ["Scale", "heat_of", "legend_of", "quantise_heat", "scale_of", "tone_of"]

# A bar of colours is so many pixels thick and long at least; along it colours change by so much in
# all, across it by no more than that; neighbours on it differ by no more than the last but one.
_THICK, _LONG, _CHANGE, _FLAT = 6, 60, 200.0, 6.0
# It fills its box, and its ends differ.
_FULL, _ENDS = 0.9, 60.0
# Colours of a map in steps: so many at most, which cover this share of what is coloured.
_MOST_STEPS, _COVERED = 16, 0.9
# A colour is coloured from this difference of its channels on; a step's share of the coloured.
_COLOURED, _SHARE = 30.0, 0.002
# Colours of a smooth scale: of one that is told, whose colours lie evenly; of common programs.
_FINE, _TONES = 1024, 256
# A pixel farther than this from every colour of the scale is ground.
_GROUND = 45.0


class Scale(NamedTuple):
    """Colours from cold to hot, their heat (0 to 1), their origin, whether in steps.

    `how` is "legend", "steps", "told" or the name of a known scale; `box` the rows and columns of a
    legend, which are no part of the map.
    """

    colour: np.ndarray
    heat: np.ndarray
    how: str
    steps: int
    box: tuple[slice, slice] | None = None


def scale_of(
    image: np.ndarray,
    colours: np.ndarray | None = None,
    known: Mapping[str, np.ndarray] | None = None,
) -> Scale | None:
    """Return the colour scale of a heat map, or None where the order of its colours is unknown.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    colours : float, shape (n, 3), optional
        Colours from cold to hot, evenly spaced.
    known : mapping of str to ndarray, optional
        The same of scales that programs use by themselves, by name.

    Returns
    -------
    Scale or None
    """
    if colours is not None:
        return Scale(*_between(np.asarray(colours, float)), "told", 0)
    legend = legend_of(image)
    if legend is not None:
        return legend
    return _steps(image) or _known(image, known or {})


def legend_of(image: np.ndarray) -> Scale | None:
    """Return the colour bar beside the map, vertical or horizontal, or None.

    Its cold end is the one whose colours the map shows more of.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
        Red, green and blue.

    Returns
    -------
    Scale or None

    Examples
    --------
    >>> image = np.full((120, 60, 3), 255, np.uint8)
    >>> image[10:110, 40:52] = np.linspace([255, 30, 30], [30, 30, 255], 100).round()[:, None]
    >>> image[:, :30] = [30, 30, 255]
    >>> found = legend_of(image)
    >>> found.how, found.colour[-1].round().tolist(), found.heat[[0, -1]].round().tolist()
    ('legend', [255.0, 30.0, 30.0], [0.0, 1.0])
    """
    upright, lying = _bar(image), _bar(image.transpose(1, 0, 2))
    best = max((upright, lying), key=lambda bar: 0 if bar is None else bar[0].stop - bar[0].start)
    if best is None:
        return None
    along, across = best
    flip = best is lying and best is not upright
    turned = image.transpose(1, 0, 2) if flip else image
    colour = np.median(turned[along, across].astype(float), axis=1)
    rest = np.ones(turned.shape[:2], bool)
    rest[along, across] = False
    pixel = turned[rest][:: max(1, int(rest.sum() // 100_000))].astype(float)
    off, which = cKDTree(colour).query(pixel)
    used = which[(off < _GROUND) & (np.ptp(pixel, axis=1) >= _COLOURED)]
    if len(used) and np.median(used) > (len(colour) - 1) / 2:
        colour = colour[::-1]
    distinct = _runs(colour)
    box = (across, along) if flip else (along, across)
    if len(distinct) <= _MOST_STEPS:
        heat = (np.arange(len(distinct)) + 0.5) / len(distinct)
        return Scale(distinct, heat, "legend", len(distinct), box)
    return Scale(colour, (np.arange(len(colour)) + 0.5) / len(colour), "legend", 0, box)


def _bar(image: np.ndarray) -> tuple[slice, slice] | None:
    """Return the rows and columns of the longest vertical bar of changing colours."""
    pixels = image.astype(np.float32)
    level = ndimage.maximum_filter1d(pixels, _THICK, axis=1) - ndimage.minimum_filter1d(
        pixels, _THICK, axis=1
    )
    flat = level.max(axis=2) <= _FLAT
    coloured = np.ptp(pixels, axis=2) >= _COLOURED
    label = ndimage.label(flat & coloured)[0]
    best = None
    for k, (rows, columns) in enumerate(ndimage.find_objects(label), 1):
        long = rows.stop - rows.start
        if long < _LONG or columns.stop - columns.start > long / 2:
            continue
        full = (label[rows, columns] == k).mean()
        line = pixels[rows, (columns.start + columns.stop) // 2]
        change = np.abs(np.diff(line, axis=0)).max(axis=1).sum()
        ends = np.abs(line[0] - line[-1]).max()
        wide = slice(columns.start, columns.stop)
        longer = best is None or long > best[0].stop - best[0].start
        if longer and full >= _FULL and change >= _CHANGE and ends >= _ENDS:
            best = (rows, wide)
    return best


def _runs(colour: np.ndarray) -> np.ndarray:
    """Return the colours of a stepped bar, each once; else all of them."""
    change = np.abs(np.diff(colour, axis=0)).max(axis=1) > _FLAT
    run = np.concatenate([[0], np.cumsum(change)])
    size = np.bincount(run)
    even = [np.ptp(colour[run == k], axis=0).max() <= _FLAT for k in range(len(size))]
    long = np.flatnonzero((size >= 4) & even)
    if size[long].sum() < _COVERED * len(colour):
        return colour
    return np.array([np.median(colour[run == k], axis=0) for k in long])


def _steps(image: np.ndarray) -> Scale | None:
    """Return the few colours of a map ordered by nesting: each lies inside the one before."""
    number = image.astype(np.int64) @ np.array([65_536, 256, 1])
    coloured = np.ptp(image.astype(np.int16), axis=2) >= _COLOURED
    values, count = np.unique(number[coloured], return_counts=True)
    order = np.argsort(-count)[:_MOST_STEPS]
    frequent = order[count[order] >= _SHARE * count.sum()]
    if len(frequent) < 2 or count[frequent].sum() < _COVERED * count.sum():
        return None
    depth = ndimage.distance_transform_edt(np.pad(coloured, 1))[1:-1, 1:-1]
    # A step touches the ground the less, the hotter it is: its nearest pixel lies deeper.
    deep = [np.percentile(depth[number == values[k]], 10) for k in frequent]
    chosen = values[frequent[np.argsort(deep, kind="stable")]]
    colour = np.column_stack([chosen >> 16, chosen >> 8 & 255, chosen & 255]).astype(float)
    many = len(colour) + 1
    return Scale(colour, (np.arange(1, many) + 0.5) / many, "steps", many)


def _known(image: np.ndarray, known: Mapping[str, np.ndarray]) -> Scale | None:
    """Return the scale of a common program that explains the colours best, if any does."""
    pixel = image.reshape(-1, 3)
    pixel = pixel[np.ptp(pixel.astype(np.int16), axis=1) >= _COLOURED].astype(float)
    if len(pixel) == 0 or not known:
        return None
    pixel = pixel[:: max(1, len(pixel) // 5_000)]
    tried = {name: _between(colour) for name, colour in known.items()}
    off = {name: cKDTree(colour).query(pixel)[0] for name, (colour, _) in tried.items()}
    best = min(off, key=lambda name: float(np.mean(off[name])))
    if np.mean(off[best] < _GROUND / 2) < _COVERED:
        return None
    return Scale(*tried[best], best, 0)


def _between(colour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return interpolated colours, evenly spaced, with their heat."""
    share = (np.arange(_FINE) + 0.5) / _FINE
    at = np.linspace(0, 1, len(colour))
    return np.column_stack([np.interp(share, at, colour[:, k]) for k in range(3)]), share


def heat_of(image: np.ndarray, scale: Scale) -> np.ndarray:
    """Return the heat of each pixel, 0 to 1; ground, letters and the legend are 0.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    scale : Scale
        Colour scale, from `scale_of`.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> scale = Scale(np.array([[255.0, 200, 0], [255, 0, 0]]), np.array([0.25, 0.75]), "told", 2)
    >>> heat_of(np.array([[[255, 255, 255], [255, 10, 0]]], np.uint8), scale).tolist()
    [[0.0, 0.75]]
    """
    off, which = cKDTree(scale.colour).query(image.reshape(-1, 3).astype(float))
    heat = np.where(off <= _GROUND, scale.heat[which], 0.0).reshape(image.shape[:2])
    pale = np.ptp(image.astype(np.int16), axis=2) < _COLOURED / 2
    bright = image.min(axis=2) > 200
    heat[pale & bright] = 0.0
    if scale.box is not None:
        # With its soft edges, and what of its ends is not coloured.
        around = tuple(slice(max(s.start - 2 * _THICK, 0), s.stop + 2 * _THICK) for s in scale.box)
        heat[around] = 0.0
    return heat


def tone_of(image: np.ndarray, scale: Scale) -> float:
    """Return the smallest difference of heat that the picture resolves, as a share of the scale.

    Twice what a heat that is read may be off by: half a tone of the program that drew it, or of the
    bar, and what colours are off by. Of that, what lies across the scale is seen, and what lies
    along it is as much: rounding to whole shades, compression.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    scale : Scale
        Colour scale, from `scale_of`.

    Returns
    -------
    float

    Examples
    --------
    White to red in 255 shades: half a tone of 256, and half a shade.

    >>> scale = Scale(*_between(np.array([[255.0, 255, 255], [255, 0, 0]])), "told", 0)
    >>> red = np.tile(np.arange(0, 240, dtype=np.uint8), (9, 1))
    >>> image = np.stack([np.full_like(red, 255), 255 - red, 255 - red], axis=2)
    >>> 1 / 256 <= tone_of(image, scale) <= 1 / 64
    True
    """
    if scale.steps:
        return 1 / scale.steps
    pixel = image.reshape(-1, 3)
    pixel = pixel[np.ptp(pixel.astype(np.int16), axis=1) >= _COLOURED].astype(float)
    off = cKDTree(scale.colour).query(pixel[:: max(1, len(pixel) // 20_000)])[0]
    off = off[off <= _GROUND]
    # Two directions lie across; an even error has a deviation of half its width over the root of 3.
    along = np.sqrt(3 * max(float((off**2).mean()) / 2 if len(off) else 0.0, 1 / 12))
    length = float(np.linalg.norm(np.diff(scale.colour, axis=0), axis=1).sum())
    tones = min(len(scale.colour), _TONES)
    return float(1 / tones + 2 * along / max(length, 1.0))


def quantise_heat(heat: np.ndarray, levels: int) -> np.ndarray:
    """Round heat to the middle of the equal colour steps of a scale.

    heat : ndarray of float. 0 or more.
    levels : Steps from 0 to the highest value, 1 or more.

    >>> quantise_heat(np.array([0.0, 2.4, 2.5, 10.0]), 4).tolist()
    [1.25, 1.25, 3.75, 8.75]
    """
    step = float(heat.max(initial=0.0)) / levels
    if step == 0:
        return heat.copy()
    return (np.clip(np.floor(heat / step), 0, levels - 1) + 0.5) * step
