"""A picture, or a GeoTIFF, of a heat map becomes the same `Release` as one that was computed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import ndimage

from privaudit._core.checks import in_range, say
from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.measures.pictures.heat_blocks import blocks_of
from privaudit.measures.pictures.heat_scale import (
    heat_of,
    legend_of,
    quantise_heat,
    scale_of,
    tone_of,
)
from privaudit.places.address_base import AddressBase
from privaudit.places.crs import FICTIONAL, crs_of_numbers
from privaudit.places.projections import project
from privaudit.places.read_addresses import addresses_of
from privaudit.release.pictures.georeference import Georeference
from privaudit.release.pictures.geotiff import GeoTiff, read_geotiff
from privaudit.release.pictures.open_picture import open_picture
from privaudit.release.release import HeatRelease
from privaudit.roles import Roles
from privaudit.words.note import Note

__all__ = ["is_heat", "read_heat"]

_WHO = "read_heat"
# Scales that programs use by themselves, as colours from cold to hot.
_LEAFLET_HEAT = ("#0000ff", "#00ffff", "#00ff00", "#ffff00", "#ff0000")
_KNOWN = ("viridis", "plasma", "inferno", "magma", "jet", "hot_r", "Reds", "YlOrRd", "OrRd")
# Cells of the raster that is handed on; fewer tones than these are handed on as steps.
_MOST_CELLS, _FEW_TONES = 160_000, 40
# The ground's heat: this percentile of what is coloured, where it is no more than a tone.
_LOWEST = 5
# Spots that stand alone are those of this share of the highest heat on; so many are needed to
# take the faintest for one dot.
_SPOT, _FEWEST = 0.02, 3


def read_heat(
    source: str | os.PathLike[str] | np.ndarray,
    *,
    addresses: AddressBase | str | os.PathLike[str],
    commune: str | None = None,
    bbox: ArrayLike | None = None,
    scale: Sequence[str] | None = None,
    top: float | None = None,
    dots: int | None = None,
    bandwidth: float | None = None,
) -> HeatRelease:
    """Read a heat map from a picture with its legend, or from a GeoTIFF of values.

    Colours become heat by the scale that is told, by a bar of colours beside the map, by the
    order in which few colours lie in each other, or by a scale that common programs use: which
    is said in a note.

    Parameters
    ----------
    source : path or ndarray of uint8, shape (height, width, 3)
        A GeoTIFF, a picture of one of `PICTURES`, or an image.
    addresses : AddressBase or path
        The addresses, or their file.
    commune : str, optional
        INSEE codes of the communes to take out of the address file. Default: all.
    bbox : array_like of float, shape (4,), optional
        West, south, east and north of a picture's outer edges, in metres of the addresses. A
        GeoTIFF says them itself.
    scale : sequence of str, optional
        Colours from cold to hot, as ``"#rrggbb"``.
    top : float, optional
        What the hottest colour stands for, dots a square kilometre.
    dots : int, optional
        Dots on the whole map, 1 or more. Without `top` and `dots` the faintest spot that stands
        alone is taken for one dot; values of a GeoTIFF are taken for dots a square kilometre.
    bandwidth : float, optional
        Standard deviation of the kernel, metres. Default: the attack estimates it.

    Returns
    -------
    HeatRelease
        For `privaudit.audit`; the notes say which scale was assumed.

    Raises
    ------
    ReadError
        No picture, or none whose colours have a scale.
    GeometryError
        Nothing says where the picture lies, or it lies away from the addresses.
    ParameterError
        Both `top` and `dots`, or neither where no spot stands alone.

    Examples
    --------
    One spot, in four tones of red on white, over two addresses.

    >>> import pandas as pd
    >>> from privaudit.places.address_base import AddressBase
    >>> base = AddressBase(pd.DataFrame({"id": ["a", "b"], "number": ["1", "2"], "street": "s",
    ...     "commune": "c", "station": "", "x": [500.0, 900.0], "y": 500.0}), real=False)
    >>> y, x = np.mgrid[:100, :100]
    >>> heat = np.exp(-((x - 50) ** 2 + (y - 50) ** 2) / 200)
    >>> tones = ["#ffffff", "#ffaaaa", "#ff5555", "#ff0000"]
    >>> picture = np.full((100, 100, 3), 255, np.uint8)
    >>> picture[..., 1:] = (255 - 85 * np.floor(heat * 3.99))[..., None]
    >>> seen = read_heat(picture, addresses=base, bbox=(0, 0, 1000, 1000), scale=tones, dots=1)
    >>> seen.kind
    'heat'
    """
    if top is not None and dots is not None:
        raise ParameterError(say(_WHO, "either top or dots", "both", "Drop one."))
    for name, value in (("top", top), ("dots", dots), ("bandwidth", bandwidth)):
        if value is not None:
            in_range(_WHO, name, value, 0, open_low=True)
    base = addresses_of(_WHO, addresses, commune)
    notes: list[Note] = []
    tiff = None if isinstance(source, np.ndarray) else read_geotiff(source, who=_WHO)
    image = None
    if tiff is None:
        image = source
        if not isinstance(source, np.ndarray):
            image, notes = open_picture(source, who=_WHO)
    elif tiff.values.ndim == 3:
        image = tiff.values
    if image is not None:
        heat, levels, tone, told = _from_colours(np.asarray(image), scale)
        notes.append(told)
    else:
        heat, levels = np.nan_to_num(np.asarray(tiff.values), nan=0.0) if tiff else np.empty(0), 0
        tone = 0.0
        notes.append(Note("heat_values"))
    if heat.min(initial=0.0) < 0 or not heat.any():
        raise ReadError(say(_WHO, "values of 0 or more, and some heat", "a raster without"))
    laid = _placed(bbox, heat.shape, tiff.georeference if tiff else None)
    if image is not None:
        heat, laid = _cells_of(heat, laid)
    crs = base.crs  # a bbox is in the metres of the addresses
    if tiff is not None and bbox is None:
        crs, guessed = _crs_of(tiff, heat.shape, base)
        notes += guessed
    x, y, cells = _in_metres(heat, laid, base, crs, smooth=not levels)
    measured = image is None and top is None and dots is None
    if not measured:
        cells, by = _absolute(cells, x[1] - x[0], top, dots, tone)
        notes.append(by)
    if image is not None:
        cells = _in_tones(cells, levels, tone)
    grid = np.meshgrid(x, y)
    records = pd.DataFrame({"x": grid[0].ravel(), "y": grid[1].ravel(), "intensity": cells.ravel()})
    return HeatRelease(
        records=records,
        roles=Roles(location=("x", "y")),
        backdrop=base,
        bandwidth=bandwidth,
        name="an image" if isinstance(source, np.ndarray) else Path(source).name,
        notes=tuple(notes),
        recipe={"reader": _WHO},
    )


def is_heat(source: str | os.PathLike[str]) -> bool:
    """Tell whether a file is a heat map by what it is: a raster of values, or colours by a bar.

    A picture without a bar of colours beside the map is none, as far as this can tell: a map of
    dots has colours too.

    - `source`: A GeoTIFF, or a picture of one of `PICTURES`.
    """
    tiff = read_geotiff(source, who="map")
    if tiff is not None:
        return tiff.values.ndim == 2 or legend_of(tiff.values) is not None
    return legend_of(open_picture(source, who="map")[0]) is not None


def _from_colours(
    image: np.ndarray, colours: Sequence[str] | None
) -> tuple[np.ndarray, int, float, Note]:
    """Return how hot each pixel is, 0 to 1, in how many steps, how finely, and by which scale."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    known = {
        name: np.asarray(colormaps[name](np.linspace(0, 1, 256)))[:, :3] * 255 for name in _KNOWN
    }
    known["Leaflet.heat"] = np.array([to_rgb(one) for one in _LEAFLET_HEAT]) * 255
    told = None
    if colours is not None:
        if len(colours) < 2:
            raise ParameterError(say(_WHO, "two colours or more in scale", f"{len(colours)}"))
        try:
            told = np.array([to_rgb(one) for one in colours]) * 255
        except ValueError:
            raise ParameterError(say(_WHO, "colours as #d62728 in scale", "others")) from None
    found = scale_of(image, told, known)
    if found is None:
        needed = "colours whose order is known: a bar beside the map, steps, a common scale"
        do = "Pass scale=, the colours from cold to hot."
        raise ReadError(say(_WHO, needed, "others", do))
    key = {"legend": "heat_by_legend", "steps": "heat_by_steps", "told": "heat_by_scale_told"}
    if found.how in key:
        note = Note(key[found.how], colours=len(np.unique(found.colour, axis=0)))
    else:
        note = Note("heat_by_known_scale", scale=found.how)
    return heat_of(image, found), found.steps, tone_of(image, found), note


def _cells_of(heat: np.ndarray, laid: Georeference) -> tuple[np.ndarray, Georeference]:
    """Return one value a cell where the picture shows cells as blocks of pixels."""
    blocks = blocks_of(heat)
    if blocks is None:
        return heat, laid
    matrix = np.array(laid.matrix)
    matrix[:, 2] += matrix[:, :2] @ np.array(blocks.first)
    matrix[:, :2] *= np.array(blocks.side)
    return blocks.values(heat), Georeference(matrix)


def _in_tones(heat: np.ndarray, levels: int, tone: float) -> np.ndarray:
    """Return heat as finely as colours tell it: in their steps, or in multiples of a tone."""
    many = levels or 1 / tone
    if many <= _FEW_TONES:
        return quantise_heat(heat, max(1, round(many)))
    unit = heat.max() * tone
    return np.asarray(np.round(heat / unit) * unit)


def _placed(
    bbox: ArrayLike | None, shape: tuple[int, ...], own: Georeference | None
) -> Georeference:
    if bbox is not None:
        return Georeference.of_box(bbox, width=shape[1], height=shape[0])
    if own is None:
        needed = "where the picture lies"
        raise GeometryError(say(_WHO, needed, "a picture that does not say it", "Give bbox."))
    return own


def _crs_of(
    tiff: GeoTiff, shape: tuple[int, ...], base: AddressBase
) -> tuple[str, tuple[Note, ...]]:
    """Return the CRS of a GeoTIFF, with a note where its corners had to tell it."""
    corners = tiff.georeference.to_metres(np.array([[0, 0], shape[::-1]]))
    stated = tiff.crs or (FICTIONAL if base.crs == FICTIONAL else None)
    return crs_of_numbers(corners, stated=stated, metres=base.crs, name="the GeoTIFF", who=_WHO)


def _in_metres(
    heat: np.ndarray, laid: Georeference, base: AddressBase, crs: str, *, smooth: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay the raster on square cells in the metres of the addresses: x, y, heat (rows up)."""
    height, width = heat.shape
    edge = np.linspace(0, 1, 20)
    rim = np.concatenate(
        [np.column_stack([edge * width, np.full(20, k * height)]) for k in (0, 1)]
        + [np.column_stack([np.full(20, k * width), edge * height]) for k in (0, 1)]
    )
    corners = laid.to_metres(rim)
    foreign = base.crs != FICTIONAL and crs != base.crs
    if foreign:
        corners = project(*corners.T, source=crs, target=base.crs, who=_WHO)
    low, high = corners.min(axis=0), corners.max(axis=0)
    beside = (base.xy < low).any(axis=1) | (base.xy > high).any(axis=1)
    if not np.isfinite(low + high).all() or beside.all():
        do = "Check bbox, or the projection of the file."
        raise GeometryError(
            say(_WHO, "a map that covers some addresses", "one that covers none", do)
        )
    area = float(np.prod(high - low))
    cell = max(np.sqrt(area / heat.size), np.sqrt(area / _MOST_CELLS))
    x = np.arange(low[0] + cell / 2, high[0], cell)
    y = np.arange(low[1] + cell / 2, high[1], cell)
    at = np.column_stack([part.ravel() for part in np.meshgrid(x, y)])
    if foreign:
        at = project(*at.T, source=base.crs, target=crs, who=_WHO)
    column, row = laid.to_pixels(at).T - 0.5
    seen = ndimage.map_coordinates(
        heat, [row, column], order=1 if smooth else 0, mode="constant", cval=0.0
    )
    return x, y, np.maximum(seen.reshape(len(y), len(x)), 0.0)


def _absolute(
    heat: np.ndarray, cell: float, top: float | None, dots: int | None, tone: float
) -> tuple[np.ndarray, Note]:
    """Return the heat in dots a square kilometre, and what says so."""
    if top is not None:
        return heat / heat.max() * top, Note("heat_top_told", top=top)
    hot = _above_ground(heat, tone * heat.max())
    amount = hot.sum() * cell**2 / 1e6
    if dots is not None:
        return heat * dots / amount, Note("heat_dots_told", dots=dots)
    label, many = ndimage.label(heat > _SPOT * heat.max())
    if many < _FEWEST:
        needed = f"{_FEWEST} spots that stand alone, to tell how much heat is one dot"
        do = "Pass top=, dots a square kilometre of the hottest colour, or dots=."
        raise ParameterError(say(_WHO, needed, f"{many}", do))
    mass = ndimage.sum_labels(hot, label, np.arange(1, many + 1)) * cell**2 / 1e6
    one = float(np.percentile(mass, 10))
    return heat / one, Note("heat_of_faintest_spot", spots=many)


def _above_ground(heat: np.ndarray, tone: float) -> np.ndarray:
    """Return the heat without what the coldest colour, which lies everywhere, reads as."""
    ground = float(np.percentile(heat[heat > 0], _LOWEST))
    above = heat - (ground if ground <= tone else 0.0)
    return np.asarray(np.where(above > tone / 2, above, 0.0))
