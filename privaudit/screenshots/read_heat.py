"""Reader of a heat map: a picture with a colour scale, or a GeoTIFF of values.

Colours become heat by a legend, by the nesting of few steps, or by a scale that is given or common;
a picture that shows a raster as blocks of pixels is read cell by cell.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.columns.roles import Roles
from privaudit.core.checks import in_range
from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import FICTIONAL, crs_of_numbers, project
from privaudit.io.addresses import addresses_of
from privaudit.release.release import Georeference, HeatRelease
from privaudit.screenshots.open_picture import GeoTiff, open_picture, read_geotiff
from privaudit.screenshots.placement import CellGrid, cell_grid, click_table, fit_clicks, flattened
from privaudit.words.catalogues import Note

# Least thickness and length of a colour bar, in pixels; least change of colour along it in all, and
# largest between neighbours and across it.
_THICK, _LONG, _CHANGE, _FLAT = 6, 60, 200.0, 6.0
# Pixels along a bar over which even its pale end changes.
_SLOW = 6
# Share of its box that a bar fills; least difference of its ends. Pixels beside it at which what
# follows its colours is another column of a raster, how much nearer these are than others, and
# about how many are compared.
_FULL, _ENDS, _ASIDE, _FOLLOWS, _SAMPLES = 0.9, 60.0, 9, 0.8, 200
# Most colours of a map in steps, and the share of the coloured pixels that they must cover.
_MOST_STEPS, _COVERED = 16, 0.9
# Share of neighbouring pixels of two steps that may be more than one step apart; how much more the
# coldest step covers than the hottest; of soft edges, pixels to the ground and distance to a blend.
_JUMPS, _COLDER, _EDGE, _BLEND = 0.05, 2.0, 2.0, 12.0
# Least difference of channels of a coloured pixel; least share of a step among these.
_COLOURED, _SHARE = 30.0, 0.002
# Colours to which a scale is interpolated; shades of common programs.
_FINE, _TONES = 1024, 256
# A pixel farther than this from every colour of the scale is ground, or than the least in an exact
# picture. What lies over the heat is at most so thin, in pixels.
_GROUND, _LEAST_OFF, _THIN = 45.0, 12.0, 12.0
# Heat under which a scale need not resolve; parts of a scale in which its change is measured.
_FAINT, _PARTS = 0.03, 20
# Colours by which a common scale is known; how near its own they are, and which share of them; how
# far those of another scale are that explains them as well, and how far its heat is another.
_SAMPLED, _EVEN, _FITTED, _AS_WELL, _SAME_HEAT = 2_000, 6.0, 0.6, 1.2, 0.01


class Scale(NamedTuple):
    """A colour scale.

    Parameters
    ----------
    colour : float, shape (n, 3)
        Colours from cold to hot.
    heat : float, shape (n,)
        Heat of each, 0 to 1.
    how : str
        "legend", "steps", "given" or the name of a common scale.
    steps : int
        Number of steps; 0 for a smooth scale.
    box : tuple of slice, optional
        Rows and columns of a legend, which are no part of the map.
    """

    colour: np.ndarray
    heat: np.ndarray
    how: str
    steps: int
    box: tuple[slice, slice] | None = None


def colour_scale(image: np.ndarray, colours: Sequence[str] | None = None) -> Scale | None:
    """Find the colour scale of a heat map; None where the order of its colours is unknown.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    colours : sequence of str, optional
        Colours from cold to hot, evenly spaced.

    Returns
    -------
    Scale or None

    Raises
    ------
    ParameterError
        Fewer than two colours, or other words.
    """
    if colours is None:
        return legend_scale(image) or _stepped_scale(image) or _known_scale(image)
    if len(colours) < 2:
        raise ParameterError.of(_WHO, "two colours or more in scale", f"{len(colours)}")
    try:
        return Scale(*_interpolated(_rgb(colours)), "given", 0)
    except ValueError:
        raise ParameterError.of(_WHO, "colours as #d62728 in scale", "others") from None


def _rgb(names: Sequence[str]) -> np.ndarray:
    """Return named colours as numbers, 0 to 255, shape (n, 3)."""
    from matplotlib.colors import to_rgb

    return np.array([to_rgb(name) for name in names]) * 255


def legend_scale(image: np.ndarray) -> Scale | None:
    """Find the colour bar beside the map, vertical or horizontal; None without one.

    Its cold end is the one whose colours are more frequent in the map.

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
    >>> scale = legend_scale(image)
    >>> scale.how, scale.colour[-1].round().tolist(), scale.heat[[0, -1]].round().tolist()
    ('legend', [255.0, 30.0, 30.0], [0.0, 1.0])
    """
    turned = image.transpose(1, 0, 2)
    bars = [(*bar, view) for view in (image, turned) if (bar := _bar(view)) is not None]
    if not bars:
        return None
    along, across, turned = max(bars, key=lambda bar: bar[0].stop - bar[0].start)
    flip = turned is not image
    colour = np.median(turned[along, across].astype(float), axis=1)
    rest = np.ones(turned.shape[:2], bool)
    rest[along, across] = False
    pixel = turned[rest][:: max(1, int(rest.sum() // 100_000))].astype(float)
    off, which = cKDTree(colour).query(pixel)
    used = which[(off < _GROUND) & (np.ptp(pixel, axis=1) >= _COLOURED)]
    if len(used) and np.median(used) > (len(colour) - 1) / 2:
        colour = colour[::-1]
    distinct = _distinct_colours(colour)
    box = (across, along) if flip else (along, across)
    steps = len(distinct) if len(distinct) <= _MOST_STEPS else 0
    colour = distinct if steps else colour
    return Scale(colour, (np.arange(len(colour)) + 0.5) / len(colour), "legend", steps, box)


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
        # Columns at its softened edges are shorter.
        full = np.median((label[rows, columns] == k).mean(axis=0))
        line = pixels[rows, (columns.start + columns.stop) // 2]
        change = np.abs(np.diff(line, axis=0)).max(axis=1).sum()
        ends = np.abs(line[0] - line[-1]).max()
        longer = best is None or long > best[0].stop - best[0].start
        striking = longer and full >= _FULL and change >= _CHANGE and ends >= _ENDS
        if striking and not _is_of_blocks(pixels[rows], line, columns):
            best = (rows, columns)
    return best and (_to_pale_end(pixels, *best), best[1])


def _is_of_blocks(pixels: np.ndarray, line: np.ndarray, columns: slice) -> bool:
    """Return whether a line is no bar but a column of a raster's blocks.

    Colours of a bar do not come back in its other half, and what adjoins it does not follow. Beyond
    a gap a map may.
    """
    some = slice(None, None, 1 + len(line) // _SAMPLES)
    own, half = line[some], len(line[some]) // 2
    off = np.linalg.norm(own[:, None] - own, axis=2)
    if off[np.triu_indices(len(own), half + 1)].min(initial=np.inf) <= _FLAT:
        return True
    first, last = columns.start - _ASIDE, columns.stop - 1 + _ASIDE
    sides = (range(first, columns.start), range(last, columns.stop - 1, -1))
    return any(
        0 <= side[0] < pixels.shape[1] and all(_follows(pixels[some, at], own) for at in side)
        for side in sides
    )


def _follows(colours: np.ndarray, own: np.ndarray) -> bool:
    """Return whether colours are nearer to those of a line at the same place than elsewhere."""
    off = np.linalg.norm(colours[:, None] - own, axis=2)
    return bool(np.diagonal(off).mean() < _FOLLOWS * off.mean())


def _to_pale_end(pixels: np.ndarray, rows: slice, columns: slice) -> slice:
    """Extend the rows of a colour bar to its pale end, as long as colours change gradually."""
    line = np.median(pixels[:, columns], axis=1)
    ends = []
    for at, way in ((rows.start, -1), (rows.stop - 1, 1)):
        while 0 <= at + way * _SLOW < len(line):
            step = np.abs(line[at + way] - line[at]).max()
            if step > _FLAT or (line[at + way * _SLOW] == line[at]).all():
                break
            at += way
        ends.append(at)
    return slice(ends[0], ends[1] + 1)


def _distinct_colours(colour: np.ndarray) -> np.ndarray:
    """Return the colours of a stepped bar, each once; else all of them."""
    change = np.abs(np.diff(colour, axis=0)).max(axis=1) > _FLAT
    run = np.concatenate([[0], np.cumsum(change)])
    size = np.bincount(run)
    even = [np.ptp(colour[run == k], axis=0).max() <= _FLAT for k in range(len(size))]
    long = np.flatnonzero((size >= 4) & even)
    if size[long].sum() < _COVERED * len(colour):
        return colour
    return np.array([np.median(colour[run == k], axis=0) for k in long])


def _stepped_scale(image: np.ndarray) -> Scale | None:
    """Return the few colours of a map ordered by nesting: each lies inside the one before."""
    number = image.astype(np.int64) @ np.array([65_536, 256, 1])
    coloured = np.ptp(image.astype(np.int16), axis=2) >= _COLOURED
    values, count = np.unique(number[coloured], return_counts=True)
    order = np.argsort(-count)[:_MOST_STEPS]
    frequent = order[count[order] >= _SHARE * count.sum()]
    if len(frequent) < 2 or count[frequent].sum() < _COVERED * count.sum():
        return None
    colour = np.column_stack([values >> 16, values >> 8 & 255, values & 255]).astype(float)
    # Where all is coloured, the ground is the first step, not below it.
    filled = bool(coloured.mean() >= _COVERED)
    if filled:
        chosen = frequent[_nested(number, values[frequent])]
    else:
        depth = ndimage.distance_transform_edt(np.pad(coloured, 1, mode="edge"))[1:-1, 1:-1]
        # The hotter a step, the deeper lies its pixel nearest to the ground.
        steps = (number == value for value in values[frequent])
        deep, far = np.transpose([np.percentile(depth[step], (10, 90)) for step in steps])
        # Soft edges of dots are narrow, and blends of their colour and the ground.
        shade = colour[frequent] - np.median(image[~coloured], axis=0)
        off = np.linalg.norm(np.cross(shade[1:], shade[0]), axis=1) / np.linalg.norm(shade[0])
        most = 2 * count[frequent[0]] > count[frequent].sum()
        if most and far[1:].max() <= _EDGE and off.max() <= _BLEND:
            came = "marks mostly of one colour, as dots are"
            raise ReadError.of(_WHO, "steps of heat", came, "Without --dots it is read as dots.")
        chosen = frequent[np.argsort(deep, kind="stable")]
    many = len(chosen) + (not filled)
    return Scale(colour[chosen], (np.arange(not filled, many) + 0.5) / many, "steps", many)


def _nested(number: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return the order, from cold to hot, of steps of which each borders on the next alone.

    Neighbours make a chain, which the second eigenvector of its Laplacian orders (Fiedler 1975). Of
    its ends the cold one covers more, of the map and of its rim; a hot top is small and inside.
    """
    size, order = len(steps), np.argsort(steps)
    at = ndimage.distance_transform_edt(
        ~np.isin(number, steps), return_distances=False, return_indices=True
    )
    which = order[np.searchsorted(steps[order], number[tuple(at)])]
    met = np.zeros((size, size))
    for one, other in ((which[1:], which[:-1]), (which[:, 1:], which[:, :-1])):
        met += np.bincount((one * size + other).ravel(), minlength=size**2).reshape(size, size)
    met += met.T
    np.fill_diagonal(met, 0)
    chain = np.argsort(np.linalg.eigh(np.diag(met.sum(axis=0)) - met)[1][:, 1], kind="stable")
    rank = np.argsort(chain)
    apart = met[np.abs(rank[:, None] - rank) > 1].sum()
    rim = np.concatenate([which[0], which[-1], which[:, 0], which[:, -1]])
    covered = np.array([np.bincount(part.ravel(), minlength=size) for part in (which, rim)])
    ends = covered[:, chain[[0, -1]]]
    if ends[0, 0] < ends[0, 1]:
        chain, ends = chain[::-1], ends[:, ::-1]
    if apart > _JUMPS * met.sum() or (ends[:, 0] < _COLDER * ends[:, 1]).any():
        needed = "steps of which each lies inside the one before"
        do = "Pass --legend (scale=), the colours from cold to hot."
        raise ReadError.of(_WHO, needed, "steps in no order that is sure", do)
    return chain


def _known_scale(image: np.ndarray) -> Scale | None:
    """Return the scale of a common program, perhaps over a ground, if no other explains as much."""
    pixel = _coloured(image, 20 * _SAMPLED)
    if len(pixel) == 0:
        return None
    colours, count = np.unique(image.reshape(-1, 3)[::7], axis=0, return_counts=True)
    ground = colours[count.argmax()].astype(float)
    # Hot colours are few, and tell as much as cold ones.
    pixel, count = np.unique(pixel, axis=0, return_counts=True)
    every = max(1, len(pixel) // _SAMPLED)
    pixel, weight = pixel[::every], np.sqrt(count[::every])
    scales = list(_common_scales(ground))
    tried = [cKDTree(scale.colour).query(pixel) for scale in scales]
    off = np.array([np.average(np.minimum(d, _GROUND), weights=weight) for d, _ in tried])
    best = int(off.argmin())
    distance, at = tried[best]
    if np.average(distance <= _EVEN, weights=weight) < _FITTED:
        return None
    heat = scales[best].heat[at]
    for k in np.flatnonzero(off <= _AS_WELL * off[best] + 0.5):
        other = scales[k].heat[tried[k][1]]
        same = min(
            float(np.average(np.abs(heat - one), weights=weight)) for one in (other, 1 - other)
        )
        if same > _SAME_HEAT:
            return None
    scale = scales[best]
    # Its cold end is the one that covers more of the map.
    usual = scale.heat[cKDTree(scale.colour).query(_coloured(image, _SAMPLED))[1]]
    turned = scale.how != "Leaflet.heat" and np.median(usual) > 0.5
    return scale._replace(colour=scale.colour[::-1]) if turned else scale


def _common_scales(ground: np.ndarray) -> Iterator[Scale]:
    """Yield common scales: opaque, then over a ground of which some shows through, then fading."""
    from matplotlib import colormaps

    shades = {name: colormaps[name](np.linspace(0, 1, 256))[:, :3] * 255 for name in _DEFAULTS}
    for name, shade in shades.items():
        colour, share = _interpolated(shade)
        yield Scale(colour, share, name, 0)
        for opacity in _OPACITIES:
            # The most frequent colour is that of no heat.
            through = ground - opacity * colour[0]
            if (through >= -1).all() and (through <= 255 * (1 - opacity) + 1).all():
                yield Scale(opacity * colour + through, share, name, 0)
        # Nothing distinguishes a pale cold end from a pale ground.
        if np.abs(colour[0] - ground).sum() >= _GROUND:
            yield Scale(share[:, None] * (colour - ground) + ground, share, name, 0)
    share = (np.arange(_FINE) + 0.5) / _FINE
    stop, names = zip(*_LEAFLET_HEAT, strict=True)
    colour = np.column_stack([np.interp(share, stop, part) for part in _rgb(names).T])
    # Dots are laid over each other as paint: the logarithm of what they let through adds up.
    heat = np.log1p(-share) / np.log1p(-share[-1])
    yield Scale(share[:, None] * (colour - ground) + ground, heat, "Leaflet.heat", 0)


def _coloured(image: np.ndarray, most: int) -> np.ndarray:
    """Return the coloured pixels of a picture, or about so many of them."""
    pixel = image.reshape(-1, 3)
    pixel = pixel[np.ptp(pixel.astype(np.int16), axis=1) >= _COLOURED].astype(float)
    return np.asarray(pixel[:: max(1, len(pixel) // most)])


def _interpolated(colour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return interpolated colours, evenly spaced, with their heat."""
    share = (np.arange(_FINE) + 0.5) / _FINE
    at = np.linspace(0, 1, len(colour))
    return np.column_stack([np.interp(share, at, colour[:, k]) for k in range(3)]), share


def heat_of(image: np.ndarray, scale: Scale) -> np.ndarray:
    """Return the heat of each pixel, 0 to 1; ground and the legend are 0.

    What lies over the heat and is thin, such as letters, has the heat beside it.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    scale : Scale
        Colour scale, from `colour_scale`.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> scale = Scale(np.array([[255.0, 200, 0], [255, 0, 0]]), np.array([0.25, 0.75]), "given", 2)
    >>> picture = np.full((90, 90, 3), 255, np.uint8)
    >>> picture[:, 50:] = [255, 10, 0]
    >>> picture[40, 60:80] = 0
    >>> heat_of(picture, scale)[40, [0, 49, 50, 70]].tolist()
    [0.0, 0.0, 0.75, 0.75]
    """
    off, which = cKDTree(scale.colour).query(image.reshape(-1, 3).astype(float))
    heat, off = scale.heat[which].reshape(image.shape[:2]), off.reshape(image.shape[:2])
    other = off > _tolerance(off)
    label = ndimage.label(other)[0]
    depth = ndimage.distance_transform_edt(other)
    deepest = np.asarray(ndimage.maximum(depth, label, np.arange(label.max() + 1)))
    thin = other & (deepest[label] <= _THIN)
    if not other.all():
        at = ndimage.distance_transform_edt(other, return_distances=False, return_indices=True)
        heat[thin] = heat[tuple(part[thin] for part in at)]
    heat[other & ~thin] = 0.0
    if scale.box is not None:
        # With its soft edges, and its ends that are not coloured.
        around = tuple(slice(max(s.start - 2 * _THICK, 0), s.stop + 2 * _THICK) for s in scale.box)
        heat[around] = 0.0
    return np.asarray(heat)


def _tolerance(off: np.ndarray) -> float:
    """Return how far from the scale a pixel of it may be, by how far most are."""
    near = off[off <= _GROUND]
    usual = float(np.median(near)) if near.size else 0.0
    return min(_GROUND, _LEAST_OFF + 4 * usual)


def heat_resolution(image: np.ndarray, scale: Scale) -> float:
    """Return the smallest difference of heat that the picture resolves, as a share of the scale.

    It is twice the error of a heat: half a tone of the program or of the bar, and the error of
    colours by rounding and compression. Of that error the part across the scale is measured, and
    the part along it is taken to be as large.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    scale : Scale
        Colour scale, from `colour_scale`.

    Returns
    -------
    float

    Examples
    --------
    White to red in 255 shades: half a tone of 256, and half a shade.

    >>> scale = Scale(*_interpolated(np.array([[255.0, 255, 255], [255, 0, 0]])), "given", 0)
    >>> red = np.tile(np.arange(0, 240, dtype=np.uint8), (9, 1))
    >>> image = np.stack([np.full_like(red, 255), 255 - red, 255 - red], axis=2)
    >>> 1 / 256 <= heat_resolution(image, scale) <= 1 / 64
    True
    """
    if scale.steps:
        return 1 / scale.steps
    off = cKDTree(scale.colour).query(_coloured(image, 20_000))[0]
    off = off[off <= _tolerance(off)]
    # Two directions lie across; a uniform error has a deviation of its half width over root 3.
    along = np.sqrt(3 * max(float((off**2).mean()) / 2 if len(off) else 0.0, 1 / 12))
    # Where colours change least with the heat, the faintest apart.
    at = np.round(np.linspace(_FAINT, 1, _PARTS + 1) * (len(scale.colour) - 1)).astype(int)
    change = np.linalg.norm(np.diff(scale.colour[at], axis=0), axis=1)
    apart = np.abs(np.diff(scale.heat[at]))
    slow = float(np.max(apart / np.maximum(change, 1e-3)))
    tones = min(len(scale.colour), _TONES)
    return float(min(1 / tones + 2 * along * slow, 1.0))


def quantise_heat(heat: np.ndarray, levels: int) -> np.ndarray:
    """Round heat to the middle of the equal colour steps of a scale.

    Parameters
    ----------
    heat : float array
        0 or more.
    levels : int
        Steps from 0 to the highest value, 1 or more.

    Returns
    -------
    float array

    Examples
    --------
    >>> quantise_heat(np.array([0.0, 2.4, 2.5, 10.0]), 4).tolist()
    [1.25, 1.25, 3.75, 8.75]
    """
    step = float(heat.max(initial=0.0)) / levels
    if step == 0:
        return heat.copy()
    return (np.clip(np.floor(heat / step), 0, levels - 1) + 0.5) * step


_WHO = "read_heat"
# Default scale of Leaflet.heat, and of other programs, from cold to hot.
_LEAFLET_HEAT = ((0.0, "#0000ff"), (0.4, "#0000ff"), (0.6, "#00ffff"), (0.7, "#00ff00"),
                 (0.8, "#ffff00"), (1.0, "#ff0000"))  # fmt: skip
_DEFAULTS = (
    "viridis", "plasma", "inferno", "magma", "cividis", "turbo", "jet", "hot_r", "Reds", "YlOrRd",
    "OrRd", "YlOrBr", "Oranges", "Blues", "Greens", "Purples", "RdYlBu_r", "RdYlGn_r",
    "Spectral_r", "coolwarm",
)  # fmt: skip
# Opacities of a layer over an even ground.
_OPACITIES = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
# The note of each way in which a scale is known.
_SCALE_NOTES = {"legend": "heat_by_legend", "steps": "heat_by_steps", "given": "heat_by_scale_told"}
# Most cells of the raster that is returned; a scale of fewer tones than these is kept in steps.
_MOST_CELLS, _FEW_TONES = 160_000, 40
# Share of a frame that the colours of a map fill, but for what lies over them; pixels of its line.
_FRAMED, _LINE = 0.98, 2
# Percentile of the coloured pixels that is taken for the ground, where it is no more than a tone.
_LOWEST = 5
# Share of the highest heat from which pixels form spots; fewest faint separate spots that are each
# taken for one dot, and by what share they may differ. Two alike may well be two dots each.
_SPOT, _FEWEST_SPOTS, _SPOTS_ALIKE = 0.02, 3, 0.1


def read_heat(
    source: str | os.PathLike[str] | np.ndarray,
    *,
    addresses: AddressBase | str | os.PathLike[str],
    commune: str | None = None,
    bbox: ArrayLike | None = None,
    clicks: ArrayLike | pd.DataFrame | None = None,
    scale: Sequence[str] | None = None,
    top: float | None = None,
    dots: int | None = None,
    bandwidth: float | None = None,
) -> HeatRelease:
    """Read a heat map from a picture with its legend, or from a GeoTIFF of values.

    Colours become heat by the scale that is given, by a colour bar beside the map, by the nesting
    of few colours, or by the default scale of a common program; a note says which.

    Parameters
    ----------
    source : path or ndarray of uint8, shape (height, width, 3)
        A GeoTIFF, a picture of one of `PICTURES`, or an image.
    addresses : AddressBase or path
        The addresses, or their file.
    commune : str, optional
        INSEE codes of the communes to take out of the address file. Default: all.
    bbox : array_like of float, shape (4,), optional
        West, south, east and north of a picture's outer edges, in metres of the addresses.
        Default: those of the GeoTIFF.
    clicks : array_like of float, shape (n, 4), or pandas.DataFrame, optional
        Column, row, x, y of three or more points, as for `read_screenshot`.
    scale : sequence of str, optional
        Colours from cold to hot, as ``"#rrggbb"``.
    top : float, optional
        Density of the hottest colour, dots a square kilometre.
    dots : int, optional
        Dots on the whole map, 1 or more. Without `top` and `dots` the faintest separate spots, if
        three or more are alike, are a dot each; values of a GeoTIFF are dots a square kilometre.
    bandwidth : float, optional
        Standard deviation of the kernel, metres. Default: the attack estimates it.

    Returns
    -------
    HeatRelease
        For `privaudit.audit`; its notes name the scale that was assumed.

    Raises
    ------
    ReadError
        No picture, or none whose colours have a scale.
    GeometryError
        The place of the picture is unknown, or away from the addresses, or clicks are on one line.
    ParameterError
        Both `bbox` and `clicks`, both `top` and `dots`, or neither where no spots are separate.

    Examples
    --------
    One spot, in four tones of red on white, over two addresses.

    >>> import pandas as pd
    >>> from privaudit.geo.address_base import AddressBase
    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [500.0, 900.0], "y": 500.0}), real=False)
    >>> y, x = np.mgrid[:100, :100]
    >>> heat = np.exp(-((x - 50) ** 2 + (y - 50) ** 2) / 200)
    >>> tones = ["#ffffff", "#ffaaaa", "#ff5555", "#ff0000"]
    >>> picture = np.full((100, 100, 3), 255, np.uint8)
    >>> picture[..., 1:] = (255 - 85 * np.floor(heat * 3.99))[..., None]
    >>> leak = read_heat(picture, addresses=base, bbox=(0, 0, 1000, 1000), scale=tones, dots=1)
    >>> leak.kind
    'heat'
    """
    for pair, either in (((top, dots), "top or dots"), ((bbox, clicks), "bbox or clicks")):
        if all(one is not None for one in pair):
            raise ParameterError.of(_WHO, f"either {either}", "both", "Drop one.")
    for name, value in (("top", top), ("dots", dots), ("bandwidth", bandwidth)):
        if value is not None:
            in_range(_WHO, name, value, 0, open_low=True)
    base = addresses_of(_WHO, addresses, commune)
    values, clicked, tiff, name, notes = _opened(source, click_table(clicks, who=_WHO))
    colours = None if tiff is not None and values.ndim == 2 else _scale_of(values, scale)
    heat = np.nan_to_num(values, nan=0.0) if colours is None else heat_of(values, colours)
    notes.append(_note_of_scale(colours))
    if heat.min(initial=0.0) < 0 or not heat.any():
        raise ReadError.of(_WHO, "values of 0 or more, and some heat", "a raster without")
    place, off, placed = _place_of(heat.shape, bbox, clicked, tiff)
    notes += placed
    if colours is not None:
        heat, place = _without_margins(heat, place)
        if (grid := cell_grid(heat)) is not None:
            heat, place = grid.values(heat), grid.placed(place)
    crs = base.crs  # a bbox is in the metres of the addresses
    if tiff is not None and bbox is None and clicked is None:
        crs, guessed = _crs_of(tiff, heat.shape, base)
        notes += guessed
    steps = 0 if colours is None else colours.steps
    x, y, cells = _in_metres(heat, place, base, crs, smooth=not steps)
    tone = 0.0 if colours is None else heat_resolution(values, colours)
    if colours is not None or top is not None or dots is not None:
        cells, note = _density(cells, x[1] - x[0], top, dots, tone)
        notes.append(note)
    few = steps or tone >= 1 / _FEW_TONES
    cells = quantise_heat(cells, max(1, round(steps or 1 / tone))) if few else cells
    across, down = np.meshgrid(x, y)
    return HeatRelease(
        records=pd.DataFrame({"x": across.ravel(), "y": down.ravel(), "intensity": cells.ravel()}),
        roles=Roles(location=("x", "y")),
        backdrop=base,
        bandwidth=bandwidth,
        dots=dots,
        tone=None if few or not tone else tone * cells.max(),
        resolution=off,
        name=name,
        notes=tuple(notes),
        recipe={"reader": _WHO},
    )


def is_heat(source: str | os.PathLike[str]) -> bool:
    """Return whether a file is a heat map: a raster of values, or a picture with a colour bar.

    A picture without a colour bar is taken for a map of dots, which has colours too.

    Parameters
    ----------
    source : path
        A GeoTIFF, or a picture of one of `PICTURES`.

    Returns
    -------
    bool

    Raises
    ------
    ReadError
        The file is no picture.
    """
    tiff = read_geotiff(source, who="map")
    if tiff is not None:
        return tiff.values.ndim == 2 or legend_scale(tiff.values) is not None
    return legend_scale(open_picture(source, who="map")[0]) is not None


def _opened(
    source: str | os.PathLike[str] | np.ndarray, clicks: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray | None, GeoTiff | None, str, list[Note]]:
    """Return values of a picture or GeoTIFF, clicks, the GeoTIFF, its name, notes of opening it."""
    notes: list[Note] = []
    if isinstance(source, np.ndarray):
        image, name = source, "an image"
    else:
        tiff, name = read_geotiff(source, who=_WHO), Path(source).name
        if tiff is not None:
            return tiff.values, clicks, tiff, name, []
        image, notes = open_picture(source, who=_WHO)
    if clicks is not None:
        image, clicks, flat = flattened(image, clicks, who=_WHO)
        notes = [*notes, *flat]
    return image, clicks, None, name, notes


def _scale_of(image: np.ndarray, colours: Sequence[str] | None) -> Scale:
    """Return the colour scale of a picture, or raise where the order of its colours is unknown."""
    scale = colour_scale(image, colours)
    if scale is None:
        needed = "colours whose order is known: a bar beside the map, steps, a common scale"
        came = "others, or ground that shows through"
        do = "If opaque, pass --legend (scale=), from cold to hot; else get it without ground."
        raise ReadError.of(_WHO, needed, came, do)
    return scale


def _place_of(
    shape: tuple[int, ...], bbox: ArrayLike | None, clicks: np.ndarray | None, tiff: GeoTiff | None
) -> tuple[Georeference, float, list[Note]]:
    """Return the place of a picture, its error on each axis in metres, and notes of it."""
    if bbox is not None:
        return Georeference.of_box(bbox, width=shape[1], height=shape[0]), 0.0, []
    if clicks is not None:
        fitted = fit_clicks(clicks, who=_WHO)
        off = fitted.error_at(np.array([shape[::-1]]) / 2)
        return fitted.georeference, off, [Note("heat_placed_by_clicks", clicks=len(clicks))]
    if tiff is not None:
        return tiff.georeference, 0.0, []
    came = "a picture that does not say it"
    do = "Give --bbox, its edges in metres, or --clicks, three points of it."
    raise GeometryError.of(_WHO, "where the picture lies", came, do)


def _without_margins(heat: np.ndarray, place: Georeference) -> tuple[np.ndarray, Georeference]:
    """Return the map without the page around its frame, of which no heat is known.

    Where colours fill no frame, or several, what lies between them is ground without heat.
    """
    label = ndimage.label(heat > 0)[0]
    largest = int(np.bincount(label[label > 0]).argmax())
    if (label[heat > 0] == largest).mean() < _FRAMED:
        return heat, place
    rows, columns = ndimage.find_objects(label)[largest - 1]
    if (label[rows, columns] == largest).mean() < _FRAMED:
        return heat, place
    if (rows.start, columns.start, rows.stop, columns.stop) == (0, 0, *heat.shape):
        return heat, place
    # Without the line of the frame and its soft edges.
    rows, columns = (slice(v.start + _LINE, v.stop - _LINE) for v in (rows, columns))
    framed = CellGrid((columns.start, rows.start), (1.0, 1.0), (0, 0))
    return heat[rows, columns], framed.placed(place)


def _note_of_scale(scale: Scale | None) -> Note:
    """Return a note of how colours, or the values of a GeoTIFF, became heat."""
    if scale is None:
        return Note("heat_values")
    if scale.how not in _SCALE_NOTES:
        return Note("heat_by_known_scale", scale=scale.how)
    return Note(_SCALE_NOTES[scale.how], colours=len(np.unique(scale.colour, axis=0)))


def _crs_of(
    tiff: GeoTiff, shape: tuple[int, ...], base: AddressBase
) -> tuple[str, tuple[Note, ...]]:
    """Return the CRS of a GeoTIFF, with a note where it was guessed from its corners."""
    corners = tiff.georeference.to_metres(np.array([[0, 0], shape[::-1]]))
    stated = tiff.crs or (FICTIONAL if base.crs == FICTIONAL else None)
    return crs_of_numbers(corners, stated=stated, metres=base.crs, name="the GeoTIFF", who=_WHO)


def _in_metres(
    heat: np.ndarray, place: Georeference, base: AddressBase, crs: str, *, smooth: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Resample a raster to square cells in the metres of the addresses: x, y, heat (rows up)."""
    height, width = heat.shape
    rim = np.array([p for share in np.linspace(0, 1, 20) for end in (0, 1)
                    for p in ((share, end), (end, share))])  # fmt: skip
    corners = place.to_metres(rim * [width, height])
    foreign = base.crs != FICTIONAL and crs != base.crs
    if foreign:
        corners = project(*corners.T, source=crs, target=base.crs, who=_WHO)
    low, high = corners.min(axis=0), corners.max(axis=0)
    beside = (base.xy < low).any(axis=1) | (base.xy > high).any(axis=1)
    if not np.isfinite(low + high).all() or beside.all():
        needed = "a map that covers some addresses"
        do = "Check bbox, or the projection of the file."
        raise GeometryError.of(_WHO, needed, "one that covers none", do)
    area = float(np.prod(high - low))
    cell = max(np.sqrt(area / heat.size), np.sqrt(area / _MOST_CELLS))
    x = np.arange(low[0] + cell / 2, high[0], cell)
    y = np.arange(low[1] + cell / 2, high[1], cell)
    at = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    if foreign:
        at = project(*at.T, source=base.crs, target=crs, who=_WHO)
    column, row = place.to_pixels(at).T - 0.5
    if smooth:
        # A cell of several pixels is their mean.
        heat = ndimage.uniform_filter(heat, int(cell / np.sqrt(area / heat.size)) // 2 * 2 + 1)
    cells = ndimage.map_coordinates(heat, [row, column], order=1 if smooth else 0, mode="nearest")
    for at, size in ((row, height), (column, width)):
        cells[np.abs(at - (size - 1) / 2) > size / 2] = 0.0
    return x, y, np.maximum(cells.reshape(len(y), len(x)), 0.0)


def _density(
    heat: np.ndarray, cell: float, top: float | None, dots: int | None, tone: float
) -> tuple[np.ndarray, Note]:
    """Return the heat in dots a square kilometre, and a note of how it was scaled."""
    if top is not None:
        return heat / heat.max() * top, Note("heat_top_told", top=top)
    hot = _above_ground(heat, tone * heat.max())
    if dots is not None:
        return heat * dots / (hot.sum() * cell**2 / 1e6), Note("heat_dots_told", dots=dots)
    label, many = ndimage.label(heat > _SPOT * heat.max())
    mass = ndimage.sum_labels(hot, label, np.arange(1, many + 1)) * cell**2 / 1e6
    one = float(np.percentile(mass, 10)) if many else 0.0
    if (alike := int((abs(mass - one) <= _SPOTS_ALIKE * one).sum())) < _FEWEST_SPOTS:
        needed = (
            f"the number of dots, or {_FEWEST_SPOTS} faintest spots alike, taken for one dot each"
        )
        came = f"no number, and {alike} of {many} spots"
        do = (
            "Pass --dots, how many people the map shows, or --top, those a km2 where it is hottest."
        )
        raise ParameterError.of(_WHO, needed, came, do)
    return heat / one, Note("heat_of_faintest_spot", spots=many, alike=alike)


def _above_ground(heat: np.ndarray, tone: float) -> np.ndarray:
    """Return the heat above that of the coldest colour, which lies everywhere."""
    ground = float(np.percentile(heat[heat > 0], _LOWEST))
    above = heat - (ground if ground <= tone else 0.0)
    return np.asarray(np.where(above > tone / 2, above, 0.0))
