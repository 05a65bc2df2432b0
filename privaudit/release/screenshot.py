"""`Screenshot`: a dot map as a picture, as anybody may take one of a screen."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.by_name import by_name
from privaudit._core.checks import in_range, one_of, say, whole
from privaudit.errors import GeometryError, OutputError, ParameterError
from privaudit.release.georeference import Georeference, zoom_resolution
from privaudit.release.masks import Mask
from privaudit.release.views import DotMap

__all__ = ["Picture", "Screenshot"]

RED, GREY = (214, 39, 40), (128, 128, 128)
# Pixels that a picture may have: about 200 MB while it is drawn.
MOST_PIXELS = 50_000_000
# Points a side at which each pixel asks whether a dot covers it.
_SUBSAMPLES = 8
_DOTS_AT_ONCE = 4_096
# Rows of the ground drawn together, so that they stay near the processor.
_ROWS = 64


@dataclass(frozen=True, eq=False)
class Picture:
    """An image, uint8 of shape (height, width, 3), and where it lies on the ground.

    `georeference` is None where the picture does not say it.
    """

    image: np.ndarray
    georeference: Georeference | None

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        placed = "not placed" if self.georeference is None else "placed"
        return f"Picture({width} x {height} pixels, {placed})"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the outer edges, in metres."""
        if self.georeference is None:
            do = "Lay it by read_screenshot."
            raise GeometryError(say("Picture", "a picture that says where it lies", "another", do))
        height, width = self.image.shape[:2]
        (west, north), (east, south) = self.georeference.to_metres([[0, 0], [width, height]])
        return float(west), float(south), float(east), float(north)

    def encode(self, *, quality: int | None = None) -> bytes:
        """Return the picture as a PNG file, or as a JPEG file of a quality from 1 to 95."""
        from PIL import Image

        file = io.BytesIO()
        if quality is None:
            Image.fromarray(self.image).save(file, "PNG")
        else:
            whole("Picture", "quality", quality, 1, 95)
            Image.fromarray(self.image).save(file, "JPEG", quality=quality)
        return file.getvalue()

    def save(self, path: str | os.PathLike[str], *, quality: int | None = None) -> Path:
        """Write a PNG file, or a JPEG file of a quality from 1 to 95."""
        target = Path(path)
        try:
            target.write_bytes(self.encode(quality=quality))
        except OSError as error:
            came = f"{target.name}, which cannot be written ({type(error).__name__})"
            raise OutputError(say("Picture", "a file to write to", came)) from None
        return target


@by_name
@dataclass(frozen=True, kw_only=True)
class Screenshot:
    """Draw dots as round marks: grey for visited, red above them for those to meet.

    Parameters
    ----------
    metres_per_pixel : float, optional
        Above 0. Give it or `zoom`, not both.
    zoom : float, optional
        Of a web map, 0 to 24, at `latitude` degrees.
    latitude : float
    dot_radius : float
        Pixels, 1 to 50.
    antialias : bool
        Soft edges: a pixel takes the share of its area that dots cover. Hard ones otherwise.
    basemap : {"plain", "streets"}
        White, or pale blocks, streets, a main road and a river.
    margin : int
        Pixels around the outermost dots, 0 or more.
    mask : Mask, optional
        Moves the dots of a campaign before they are drawn.
    jpeg_quality : int, optional
        1 to 95: the published picture has been compressed so. None: a PNG, which loses nothing.
    tells_place : bool
        Whether the published picture says where its edges lie, as an address with coordinates
        or a scale does. Otherwise it must be laid where its dots stand on addresses.

    Raises
    ------
    ParameterError
        A value is out of range, or both or none of `metres_per_pixel` and `zoom` are given.

    Examples
    --------
    >>> picture = Screenshot(metres_per_pixel=2, margin=10)([[0, 0], [100, 40]], [True, False])
    >>> picture.image.shape, picture.image[30, 10].tolist(), picture.image[10, 60].tolist()
    ((41, 71, 3), [214, 39, 40], [128, 128, 128])
    >>> round(Screenshot(zoom=15).step, 2)
    3.15
    """

    metres_per_pixel: float | None = None
    zoom: float | None = None
    latitude: float = 48.8
    dot_radius: float = 4.0
    antialias: bool = True
    basemap: str = "plain"
    margin: int = 20
    mask: Mask | None = None
    jpeg_quality: int | None = None
    tells_place: bool = True

    def __post_init__(self) -> None:
        who = "Screenshot"
        if (self.metres_per_pixel is None) == (self.zoom is None):
            came = "both" if self.zoom is not None else "none"
            raise ParameterError(say(who, "either metres_per_pixel or zoom", came))
        if self.zoom is None:
            in_range(who, "metres_per_pixel", self.metres_per_pixel, 0, open_low=True)
        else:
            in_range(who, "zoom", self.zoom, 0, 24)
        in_range(who, "latitude", self.latitude, -85, 85)
        in_range(who, "dot_radius", self.dot_radius, 1, 50)
        one_of(who, "basemap", self.basemap, ("plain", "streets"))
        whole(who, "margin", self.margin, 0)
        if self.jpeg_quality is not None:
            whole(who, "jpeg_quality", self.jpeg_quality, 1, 95)
        for name in ("antialias", "tells_place"):
            one_of(who, name, getattr(self, name), (True, False))
        DotMap(mask=self.mask)  # which refuses what is no mask

    @property
    def step(self) -> float:
        """Metres a pixel."""
        if self.zoom is not None:
            return zoom_resolution(self.zoom, self.latitude)
        assert self.metres_per_pixel is not None
        return float(self.metres_per_pixel)

    def __call__(self, points: ArrayLike, red: ArrayLike) -> Picture:
        """Draw a map.

        Parameters
        ----------
        points : array_like of float, shape (n, 2)
            Dots, metres.
        red : array_like of bool, shape (n,)
            True for a dot that is red, False for a grey one.

        Returns
        -------
        Picture

        Raises
        ------
        GeometryError
            There is no dot, a position is missing, or the picture would pass 50 million pixels.
        ParameterError
            Not one colour a dot.
        """
        xy = np.asarray(points, float).reshape(-1, 2)
        is_red = np.asarray(red, bool).reshape(-1)
        if len(xy) == 0 or not np.isfinite(xy).all():
            came = "none" if len(xy) == 0 else "a missing position"
            raise GeometryError(say("Screenshot", "dots with finite x and y", came))
        if len(is_red) != len(xy):
            came = f"{len(is_red)} colours for {len(xy)} dots"
            raise ParameterError(say("Screenshot", "one colour a dot", came))
        step = self.step
        low, high = xy.min(axis=0), xy.max(axis=0)
        # One pixel more than the span, so that the last dot's own pixel is there.
        width, height = (int(n) + 2 * self.margin + 1 for n in np.floor((high - low) / step))
        if width * height > MOST_PIXELS:
            raise GeometryError(
                say(
                    "Screenshot",
                    f"at most {MOST_PIXELS:,} pixels",
                    f"{width:,} x {height:,}",
                    "Take more metres a pixel, or fewer communes.",
                )
            )
        west, north = low[0] - self.margin * step, high[1] + self.margin * step
        place = Georeference(np.array([[step, 0, west], [0, -step, north]]))
        image = _ground(height, width, self.basemap)
        pixels = place.to_pixels(xy)
        for chosen, colour in ((~is_red, GREY), (is_red, RED)):
            _lay(image, self._clear(pixels[chosen], height, width), colour)
        return Picture(image, place)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain JSON values."""
        plain = {part.name: getattr(self, part.name) for part in fields(self)}
        mask = None if self.mask is None else self.mask.recipe()
        return {"view": "screenshot", **plain, "mask": mask}

    def _clear(self, pixels: np.ndarray, height: int, width: int) -> np.ndarray:
        """Return the share of each pixel, row by row, that dots leave to be seen."""
        clear = np.ones(height * width, np.float32)
        reach = int(np.ceil(self.dot_radius)) + 1
        offset = np.arange(-reach, reach + 1)
        for start in range(0, len(pixels), _DOTS_AT_ONCE):
            dots = pixels[start : start + _DOTS_AT_ONCE]
            first = np.floor(dots).astype(np.int64)
            columns, rows = first[:, :1] + offset, first[:, 1:] + offset
            covered = self._covered(columns - dots[:, :1], rows - dots[:, 1:])
            inside = ((columns >= 0) & (columns < width))[:, None, :]
            inside = inside & ((rows >= 0) & (rows < height))[:, :, None]
            at = rows[:, :, None] * width + columns[:, None, :]
            np.multiply.at(clear, at[inside], 1 - covered[inside])
        return clear

    def _covered(self, across: np.ndarray, down: np.ndarray) -> np.ndarray:
        """Return the share of each pixel that a dot covers; offsets are of pixels' corners."""
        n = _SUBSAMPLES if self.antialias else 1
        count = np.zeros((len(across), down.shape[1], across.shape[1]), np.float32)
        inner = (np.arange(n) + 0.5) / n
        for a in inner:
            for d in inner:
                square = (across + a)[:, None, :] ** 2 + (down + d)[:, :, None] ** 2
                count += square <= self.dot_radius**2
        return count / n**2


def _lay(image: np.ndarray, clear: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Lay a colour over the pixels that are not wholly clear."""
    flat = image.reshape(-1, 3)
    touched = np.flatnonzero(clear < 1)
    share = clear[touched, None]
    flat[touched] = np.rint(flat[touched] * share + np.array(colour, np.float32) * (1 - share))


def _ground(height: int, width: int, basemap: str) -> np.ndarray:
    """Return what lies under the dots, uint8 of shape (height, width, 3)."""
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
