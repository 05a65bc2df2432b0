"""Pictures and GeoTIFFs: opening a file within limits, and drawing round dots.

A picture whose header announces too many pixels is refused before it is decoded.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from privaudit.core.checks import an_instance
from privaudit.core.limits import Limits, refuse_beyond
from privaudit.errors import GeometryError, ReadError
from privaudit.io.csv_dialects import one_line, regular_file
from privaudit.release.release import Georeference
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from PIL import Image

# Largest picture; several 4K screens side by side have 33 million pixels.
MOST_PIXELS = Limits().pixels
MOST_SIDE = 20_000
# Suffixes of pictures.
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
_KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_NEEDED = f"a {', '.join(_KINDS[:-1])} or {_KINDS[-1]} picture"
# EXIF entry of the orientation: 1 for upright.
_ORIENTATION = 0x0112
# Modes of pixels without transparency.
_OPAQUE = ("RGB", "L", "CMYK", "YCbCr", "LAB", "HSV")


def open_picture(
    path: str | os.PathLike[str], *, who: str = "read_screenshot"
) -> tuple[np.ndarray, list[Note]]:
    """Decode a PNG, JPEG, WebP, GIF, BMP or TIFF file; transparent parts become white.

    Parameters
    ----------
    path : path
    who : str
        Name of the caller, for messages.

    Returns
    -------
    image : uint8, shape (height, width, 3)
        Turned as a viewer shows it.
    notes : list of Note
        That it was turned, or that it is the first of several.

    Raises
    ------
    ReadError
        No such file, no picture, one that is damaged, or too large.
    """
    an_instance(who, "source", path, (str, os.PathLike))
    with _opened(path, _KINDS, who=who, needed=_NEEDED) as file:
        return _decoded(file)


@contextmanager
def _opened(
    path: str | os.PathLike[str], kinds: tuple[str, ...], *, who: str, needed: str
) -> Iterator[Image.Image]:
    """Open a picture that is within the limits; what fails while it is decoded is its damage."""
    from PIL import Image

    name = one_line(regular_file(path, who=who, what=needed).name)
    try:
        with warnings.catch_warnings():
            # The size is checked below, before anything is decoded, and more strictly. Other
            # warnings are of metadata that is not read.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=kinds) as file:
                width, height = file.size
                if max(width, height) > MOST_SIDE:
                    raise _too_large(f"{name} of {width:,} x {height:,}", who)
                refuse_beyond("pixels", width * height, who=who, name=name)
                yield file
    except ReadError:
        raise
    except Image.DecompressionBombError:
        raise _too_large(f"{name}, which announces more", who) from None
    except Exception as error:
        # A damaged file makes the decoders fail in many ways, with its bytes in the message.
        came = f"{name}, which does not open as one ({type(error).__name__})"
        if isinstance(error, OSError) and "truncated" in str(error):
            came = f"{name}, which is cut short"
        raise ReadError.of(who, needed, came) from None


def _too_large(came: str, who: str) -> ReadError:
    """Return the error of a picture that is too large."""
    needed = f"at most {MOST_SIDE:,} pixels a side and {MOST_PIXELS:,} in all"
    return ReadError.of(who, needed, came, "Crop it, or scale it down.")


def _decoded(file: Image.Image) -> tuple[np.ndarray, list[Note]]:
    """Decode the first picture of a file, upright, in three colours on white."""
    from PIL import Image, ImageOps

    notes = []
    file.load()
    upright: Image.Image = file
    # Damaged metadata is ignored.
    with suppress(Exception):
        if file.getexif().get(_ORIENTATION, 1) in range(2, 9):
            upright = ImageOps.exif_transpose(file)
            notes.append(Note("picture_turned"))
    if upright.mode.startswith("I") or upright.mode == "F":
        # Sixteen bits of grey, of which the upper eight are kept.
        grey = np.nan_to_num(np.asarray(upright, float)) / (1 if upright.mode == "F" else 257)
        image = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    else:
        if upright.mode not in _OPAQUE or "transparency" in upright.info:
            layered = upright.convert("RGBA")
            upright = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
        image = np.asarray(upright.convert("RGB"))
    with suppress(Exception):
        file.seek(1)
        notes.append(Note("picture_first_of_several"))
    return image, notes


# Tags: side of a pixel, tie points, whole matrix, directory of keys, missing value.
_SIDE, _TIES, _MATRIX, _KEYS, _NONE = 33550, 33922, 34264, 34735, 42113
# Keys of the directory: CRS in degrees, in metres, and whether a tie is of a pixel's centre.
_DEGREES, _METRES, _RASTER = 2048, 3072, 1025
_OF_CENTRE = 2


class GeoTiff(NamedTuple):
    """A raster with its place.

    Parameters
    ----------
    values : float, shape (h, w), or uint8, shape (h, w, 3)
        Values, nan for missing ones; or colours.
    georeference : Georeference
        From pixels to the ground, in the file's own CRS.
    crs : str
        "" where the file names none.
    """

    values: np.ndarray
    georeference: Georeference
    crs: str


def read_geotiff(path: str | os.PathLike[str], *, who: str) -> GeoTiff | None:
    """Read a TIFF file with a georeference; None for any other file.

    Parameters
    ----------
    path : path
    who : str
        Name of the caller, for messages.

    Returns
    -------
    GeoTiff or None

    Raises
    ------
    ReadError
        The file is damaged or too large.
    GeometryError
        Its georeference is incomplete.
    """
    file = Path(an_instance(who, "source", path, (str, os.PathLike)))
    if file.suffix.lower() not in (".tif", ".tiff"):
        return None
    with _opened(file, ("TIFF",), who=who, needed="a GeoTIFF") as picture:
        tags = dict(getattr(picture, "tag_v2", {}))
        if _TIES not in tags and _MATRIX not in tags:
            return None
        coloured = picture.mode in ("RGB", "RGBA", "P", "CMYK")
        values = np.asarray(picture.convert("RGB") if coloured else picture)
    keys = _geo_keys(tags)
    if values.ndim == 2:
        values = _missing_as_nan(values.astype(float), tags)
    code = keys.get(_METRES) or keys.get(_DEGREES) or 0
    crs = f"EPSG:{code}" if 1024 <= code < 32_767 else ""
    return GeoTiff(values, _georeference(tags, keys, who, file.name), crs)


def _geo_keys(tags: dict[int, object]) -> dict[int, int]:
    """Return the keys of the directory whose value stands in the directory."""
    table = np.asarray(tags.get(_KEYS, ()), dtype=np.int64)
    table = table[: len(table) // 4 * 4].reshape(-1, 4)[1:]
    return {int(key): int(value) for key, place, _, value in table if place == 0}


def _missing_as_nan(values: np.ndarray, tags: dict[int, object]) -> np.ndarray:
    """Replace the file's missing value by nan."""
    try:
        missing = float(str(tags.get(_NONE, "nan")).strip("\0 "))
    except ValueError:
        return values
    return np.where(np.isclose(values, missing, equal_nan=True), np.nan, values)


def _georeference(
    tags: dict[int, object], keys: dict[int, int], who: str, name: str
) -> Georeference:
    """Return the map from pixels to the ground, in the file's own CRS."""
    if _MATRIX in tags:
        matrix = np.asarray(tags[_MATRIX], float).reshape(4, 4)[:2][:, [0, 1, 3]]
    else:
        side = np.asarray(tags.get(_SIDE, ()), float)
        tie = np.asarray(tags[_TIES], float)
        if len(side) < 2 or len(tie) < 6 or not (side[:2] > 0).all():
            needed = "a GeoTIFF that says how large a pixel is and where one lies"
            raise GeometryError.of(who, needed, f"{name}, which does not")
        column, row, x, y = tie[0], tie[1], tie[3], tie[4]
        matrix = np.array([[side[0], 0, x - column * side[0]], [0, -side[1], y + row * side[1]]])
    if keys.get(_RASTER) == _OF_CENTRE:
        matrix[:, 2] -= matrix[:, :2] @ [0.5, 0.5]
    return Georeference(matrix)


# Sub-pixels, a side, at which the coverage of a pixel is sampled.
_SUBSAMPLES = 8
_DOTS_AT_ONCE = 4_096
# Rows of the ground that are drawn together, so that they stay in the processor's cache.
_ROWS = 64


def open_share(
    pixels: np.ndarray, height: int, width: int, *, radius: float, antialias: bool
) -> np.ndarray:
    """Return the share of each pixel that dots leave open.

    Parameters
    ----------
    pixels : float, shape (n, 2)
        Column and row of each dot.
    height, width : int
        Of the image.
    radius : float
        Of a dot, in pixels.
    antialias : bool
        Whether edges are soft.

    Returns
    -------
    float32, shape (height * width,)
        Row by row.
    """
    clear = np.ones(height * width, np.float32)
    reach = int(np.ceil(radius)) + 1
    offset = np.arange(-reach, reach + 1)
    for start in range(0, len(pixels), _DOTS_AT_ONCE):
        dots = pixels[start : start + _DOTS_AT_ONCE]
        first = np.floor(dots).astype(np.int64)
        columns, rows = first[:, :1] + offset, first[:, 1:] + offset
        n = _SUBSAMPLES if antialias else 1
        covered = _covered(columns - dots[:, :1], rows - dots[:, 1:], radius, n)
        inside = ((columns >= 0) & (columns < width))[:, None, :]
        inside = inside & ((rows >= 0) & (rows < height))[:, :, None]
        at = rows[:, :, None] * width + columns[:, None, :]
        np.multiply.at(clear, at[inside], 1 - covered[inside])
    return clear


def _covered(across: np.ndarray, down: np.ndarray, radius: float, n: int) -> np.ndarray:
    """Return the share of each pixel that a dot covers; offsets are of pixels' corners."""
    count = np.zeros((len(across), down.shape[1], across.shape[1]), np.float32)
    inner = (np.arange(n) + 0.5) / n
    for a in inner:
        for d in inner:
            square = (across + a)[:, None, :] ** 2 + (down + d)[:, :, None] ** 2
            count += square <= radius**2
    return count / n**2


def paint(image: np.ndarray, clear: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Paint a colour over the pixels that are not wholly open, in place.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    clear : float, shape (h * w,)
        From `open_share`.
    colour : tuple of int
        Red, green and blue.
    """
    flat = image.reshape(-1, 3)
    touched = np.flatnonzero(clear < 1)
    share = clear[touched, None]
    flat[touched] = np.rint(flat[touched] * share + np.array(colour, np.float32) * (1 - share))


def draw_ground(height: int, width: int, basemap: str) -> np.ndarray:
    """Return the ground under the dots.

    Parameters
    ----------
    height, width : int
    basemap : {"plain", "streets"}

    Returns
    -------
    uint8, shape (height, width, 3)
    """
    image = np.full((height, width, 3), 255, np.uint8)
    if basemap == "plain":
        return image
    for start in range(0, height, _ROWS):
        _street_map(image[start : start + _ROWS], start, height)
    return image


def _street_map(image: np.ndarray, start: int, height: int) -> None:
    """Draw some rows of blocks, streets, a main road and a river, in pale colours."""
    image[:] = (242, 239, 233)
    row = np.arange(start, start + len(image), dtype=np.float32)[:, None]
    column = np.arange(image.shape[1], dtype=np.float32)
    blocks = (np.sin(column / 47) + np.sin(row / 61 + 1)) > 1.2
    image[blocks] = (205, 235, 176)
    for slope, gap in ((0.31, 83), (-1.7, 101)):
        across = (row + np.float32(slope) * column) / gap
        across -= np.floor(across)
        street = across < 5 * np.hypot(1, slope) / gap
        image[street] = (255, 255, 255)
    image[np.abs(row - 0.6 * column - height / 5) < 7] = (252, 214, 164)
    river = np.abs(row - height * 0.8 - 30 * np.sin(column / 90)) < 15
    image[river] = (170, 211, 223)
