"""What a GeoTIFF says of itself: its values, where they lie, and in which projection."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from privaudit._core.checks import an_instance, say
from privaudit.errors import GeometryError, ReadError
from privaudit.release.pictures.georeference import Georeference
from privaudit.release.pictures.open_picture import bounded

__all__ = ["GeoTiff", "read_geotiff"]

# Tags: side of a pixel, tie points, whole matrix, directory of keys, the value that is none.
_SIDE, _TIES, _MATRIX, _KEYS, _NONE = 33550, 33922, 34264, 34735, 42113
# Keys of the directory: projection in degrees, in metres, and whether a tie is of a pixel's centre.
_DEGREES, _METRES, _RASTER = 2048, 3072, 1025
_OF_CENTRE = 2


class GeoTiff(NamedTuple):
    """Values (h, w), nan for none, or uint8 (h, w, 3) colours; the map to the ground; its CRS.

    `crs` is "" where the file names none.
    """

    values: np.ndarray
    georeference: Georeference
    crs: str


def read_geotiff(path: str | os.PathLike[str], *, who: str) -> GeoTiff | None:
    """Read a TIFF file that says where it lies; None where it is none.

    Raises
    ------
    ReadError
        The file is damaged or too large.
    GeometryError
        Its place makes no sense.
    """
    from PIL import Image

    file = Path(an_instance(who, "source", path, (str, os.PathLike)))
    if file.suffix.lower() not in (".tif", ".tiff"):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(file, formats=("TIFF",)) as picture:
                bounded(picture.size, file.name, who)
                tags = dict(getattr(picture, "tag_v2", {}))
                if _TIES not in tags and _MATRIX not in tags:
                    return None
                values = np.asarray(
                    picture.convert("RGB")
                    if picture.mode in ("RGB", "RGBA", "P", "CMYK")
                    else picture
                )
    except (ReadError, FileNotFoundError):
        raise
    except Exception as error:
        came = f"{file.name}, which does not open as one ({type(error).__name__})"
        raise ReadError(say(who, "a GeoTIFF", came)) from None
    keys = _keys(tags)
    if values.ndim == 2:
        values = _without_none(values.astype(float), tags)
    code = keys.get(_METRES) or keys.get(_DEGREES) or 0
    crs = f"EPSG:{code}" if 1024 <= code < 32_767 else ""
    return GeoTiff(values, _laid(tags, keys, who, file.name), crs)


def _keys(tags: dict[int, object]) -> dict[int, int]:
    """Return the keys of the directory that hold their value themselves."""
    table = np.asarray(tags.get(_KEYS, ()), dtype=np.int64)
    table = table[: len(table) // 4 * 4].reshape(-1, 4)[1:]
    return {int(key): int(value) for key, place, _, value in table if place == 0}


def _without_none(values: np.ndarray, tags: dict[int, object]) -> np.ndarray:
    try:
        none = float(str(tags.get(_NONE, "nan")).strip("\0 "))
    except ValueError:
        return values
    return np.where(np.isclose(values, none, equal_nan=True), np.nan, values)


def _laid(tags: dict[int, object], keys: dict[int, int], who: str, name: str) -> Georeference:
    """Return the map from pixels to the ground, in the file's own projection."""
    if _MATRIX in tags:
        matrix = np.asarray(tags[_MATRIX], float).reshape(4, 4)[:2][:, [0, 1, 3]]
    else:
        side = np.asarray(tags.get(_SIDE, ()), float)
        tie = np.asarray(tags[_TIES], float)
        if len(side) < 2 or len(tie) < 6 or not (side[:2] > 0).all():
            needed = "a GeoTIFF that says how large a pixel is and where one lies"
            raise GeometryError(say(who, needed, f"{name}, which does not"))
        column, row, x, y = tie[0], tie[1], tie[3], tie[4]
        matrix = np.array([[side[0], 0, x - column * side[0]], [0, -side[1], y + row * side[1]]])
    if keys.get(_RASTER) == _OF_CENTRE:
        matrix[:, 2] -= matrix[:, :2] @ [0.5, 0.5]
    return Georeference(matrix)
