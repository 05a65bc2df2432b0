"""Draw round dots on a ground, pixel by pixel."""

from __future__ import annotations

import numpy as np

__all__ = ["ground", "lay", "left_clear"]

# Points a side at which each pixel asks whether a dot covers it.
_SUBSAMPLES = 8
_DOTS_AT_ONCE = 4_096
# Rows of the ground drawn together, so that they stay near the processor.
_ROWS = 64


def left_clear(
    pixels: np.ndarray, height: int, width: int, *, radius: float, antialias: bool
) -> np.ndarray:
    """Return the share of each pixel, row by row, that dots leave to be seen."""
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


def lay(image: np.ndarray, clear: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Lay a colour over the pixels that are not wholly clear."""
    flat = image.reshape(-1, 3)
    touched = np.flatnonzero(clear < 1)
    share = clear[touched, None]
    flat[touched] = np.rint(flat[touched] * share + np.array(colour, np.float32) * (1 - share))


def ground(height: int, width: int, basemap: str) -> np.ndarray:
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
