"""Open a picture without being led into a bomb, and find the dots that it shows."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from privaudit._core.checks import in_range, say
from privaudit.errors import ParameterError, ReadError
from privaudit.measures.pictures.colour import dark_coverage, red_coverage
from privaudit.measures.pictures.dots import Dots, DotSize, find_dots, measure_dots, steady
from privaudit.measures.pictures.edges import Outline, outline

__all__ = ["MOST_PIXELS", "MOST_SIDE", "PictureDots", "open_picture", "picture_dots"]

# A screenshot of several 4K screens side by side has 33 million pixels.
MOST_PIXELS = 50_000_000
MOST_SIDE = 20_000
# An outline that strays more than this from a circle, in pixels, has hard steps or was
# compressed: it is blurred a little before it is read.
_RAGGED = 0.1
# Standard deviation, in pixels, of a position that was rounded to whole pixels.
_ROUNDED = float(np.sqrt(1 / 12))
# A colour that has fewer dots alone takes the other's size.
_FEW = 3
# Length of the mean vector of dots' fractions of a pixel (as angles) above which they are alike.
_ALIKE = 0.8


@dataclass(frozen=True, eq=False, kw_only=True)
class PictureDots:
    """Dots of a picture, red ones first.

    `pixel` (n, 2) holds columns and rows from the upper left corner, `error` the standard error
    of each coordinate in pixels, `red` which are red. `refused` counts marks of these colours
    that are no dots, `rounded` tells whether dots were drawn at whole pixels only.
    """

    pixel: np.ndarray
    error: np.ndarray
    red: np.ndarray
    radius: float
    refused: int
    rounded: bool


def open_picture(path: str | os.PathLike[str], *, who: str = "read_screenshot") -> np.ndarray:
    """Decode a PNG, JPEG, WebP, GIF, BMP or TIFF file; transparent parts become white.

    Parameters
    ----------
    path : path
    who : str
        Who complains.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    ReadError
        The file is missing or no picture, or its header announces more than 20,000 pixels a
        side or 50 million in all; it is then not decoded.
    """
    from PIL import Image

    name = Path(path).name
    kinds = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
    try:
        with warnings.catch_warnings():
            # The size is checked below, before anything is decoded, and more strictly.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=kinds) as file:
                width, height = file.size
                if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
                    needed = f"at most {MOST_SIDE:,} pixels a side and {MOST_PIXELS:,} in all"
                    do = "Crop it, or scale it down."
                    came = f"{name} of {width:,} x {height:,}"
                    raise ReadError(say(who, needed, came, do))
                layered = file.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return np.asarray(Image.alpha_composite(white, layered).convert("RGB"))
    except Image.DecompressionBombError:
        needed = f"at most {MOST_SIDE:,} pixels a side and {MOST_PIXELS:,} in all"
        raise ReadError(say(who, needed, f"{name}, which is larger", "Crop it.")) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        came = f"{name}, which does not open as one ({type(error).__name__})"
        raise ReadError(say(who, "a PNG or JPEG picture", came)) from None


def picture_dots(
    image: np.ndarray, *, dot_radius: float | None = None, who: str = "read_screenshot"
) -> PictureDots:
    """Find the red dots of a picture, and the grey ones under and between them.

    Parameters
    ----------
    image : ndarray of uint8, shape (h, w, 3)
    dot_radius : float, optional
        Pixels. Default: learnt from the dots that stand alone, each colour for itself.
    who : str
        Who complains.

    Returns
    -------
    PictureDots

    Raises
    ------
    ReadError
        Nothing is red or grey; or no mark stands alone to tell the size; or none is a dot.
    ParameterError
        `image` is no picture of three colours in bytes, or the radius is not 1 to 50.

    Examples
    --------
    >>> from privaudit.release.screenshot import Screenshot
    >>> shot = Screenshot(metres_per_pixel=1)([[0, 0], [6, 0], [40, 9]], [True, True, False])
    >>> found = picture_dots(shot.image)
    >>> found.red.tolist(), round(found.radius, 1)
    ([True, True, False], 4.0)
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        came = f"{image.dtype} of shape {image.shape}"
        raise ParameterError(say(who, "an image as uint8 of shape (height, width, 3)", came))
    if dot_radius is not None:
        in_range(who, "dot_radius", dot_radius, 1, 50)
    red_cover, dark = red_coverage(image), dark_coverage(image)
    marks = None if red_cover is None else _measured(red_cover)
    under = None if dark is None else _measured(dark[0], None if marks is None else marks.edge)
    sizes = [None if it is None else it.size for it in (marks, under)]
    if dot_radius is not None:
        sizes = [DotSize(dot_radius, _RAGGED if it is None else it.spread, 0) for it in sizes]
    elif sizes[0] is not None and (sizes[1] is None or sizes[1].single < _FEW):
        sizes[1] = sizes[0]
    elif sizes[0] is None or sizes[0].single < _FEW:
        sizes[0] = sizes[1]
    red = grey = None
    if marks is not None and sizes[0] is not None:
        red = find_dots(marks.coverage, marks.edge, sizes[0])
    if under is not None and dark is not None and sizes[1] is not None:
        grey = _shown(find_dots(under.coverage, under.edge, sizes[1]), dark[1])
    found = [dots for dots in (red, grey) if dots is not None and len(dots.centre)]
    if not found:
        nothing = marks is None and under is None
        came = "a picture without either" if nothing else "marks, none of which is a round dot"
        do = "If dots overlap everywhere, say their size with dot_radius=."
        do = "Dots of other colours are not read." if nothing else do
        raise ReadError(say(who, "red or grey dots", came, do))
    pixel = np.concatenate([dots.centre for dots in found])
    error = np.concatenate([dots.error for dots in found])
    rounded = _rounded(pixel[error <= np.median(error)])
    if rounded:
        error = np.hypot(error, _ROUNDED)
    return PictureDots(
        pixel=pixel,
        error=error,
        red=np.arange(len(pixel)) < (0 if red is None else len(red.centre)),
        radius=found[0].size.radius,
        refused=sum(dots.refused for dots in (red, grey) if dots is not None),
        rounded=rounded,
    )


class _Marks(NamedTuple):
    """A coverage that is steady enough to read, its outline, and the size of its dots."""

    coverage: np.ndarray
    edge: Outline
    size: DotSize | None


def _measured(coverage: np.ndarray, above: Outline | None = None) -> _Marks:
    """Outline a coverage, without what is the outline of marks drawn above, and measure it."""
    edge = _less(outline(coverage), above)
    size = measure_dots(coverage, edge)
    if size is not None and size.spread > _RAGGED:
        coverage = steady(coverage)
        edge = _less(outline(coverage), above)
        size = measure_dots(coverage, edge)
    return _Marks(coverage, edge, size)


def _less(edge: Outline, above: Outline | None) -> Outline:
    """Leave out the points within a pixel of another outline."""
    from scipy.spatial import cKDTree

    if above is None or len(above.point) == 0 or len(edge.point) == 0:
        return edge
    # Red is darker than grey: its soft edge reaches a little farther than its own outline.
    own = cKDTree(above.point).query(edge.point, distance_upper_bound=1.0)[0] <= 1.0
    return Outline(edge.point[~own], edge.inward[~own])


def _shown(dots: Dots, grey: np.ndarray) -> Dots:
    """Keep the dots of which some grey is seen near the centre."""
    column, row = np.floor(dots.centre).astype(np.int64).T
    height, width = grey.shape
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    seen = np.zeros(len(inside), bool)
    seen[inside] = _near(grey, row[inside], column[inside])
    return dots._replace(centre=dots.centre[seen], error=dots.error[seen])


def _near(grey: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Tell where the grey itself shows within two pixels."""
    height, width = grey.shape
    seen = np.zeros(len(row), bool)
    for i in range(-2, 3):
        for j in range(-2, 3):
            seen |= grey[np.clip(row + i, 0, height - 1), np.clip(column + j, 0, width - 1)]
    return seen


def _rounded(pixel: np.ndarray) -> bool:
    """Tell whether dots stand on a lattice of whole pixels."""
    if len(pixel) < 8:
        return False
    mean = np.exp(2j * np.pi * pixel).mean(axis=0)
    return bool((np.abs(mean) > _ALIKE).all())
