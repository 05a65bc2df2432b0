"""What a mark looks like that a map paints again and again, from its middle outwards.

A web map paints a fill, perhaps a rim, perhaps with some of the ground shining through. Marks
that stand apart, or lie above all others, tell the colour of each ring; of a mark that is not
round (`pins`), the colour of each of its parts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from privaudit.measures.pictures.inks import members, round_cores
from privaudit.measures.pictures.palette import frequent, levels
from privaudit.measures.pictures.pins import sides

__all__ = ["RING", "Stamp", "fill_of", "learn_stamp", "recoloured"]

# Width, in pixels, of the rings by which a mark is described.
RING = 0.5
# How far beyond its fill one looks for a rim, and for the ground; rings beyond a mark that still
# tell of it.
_BEYOND, _GROUND, _MORE = 4.0, 6.0, 2
# A ring is of a mark where it differs so much from the ground, and so many times its own spread: a
# white rim on a pale ground differs by little, and is the same around every mark. Colours that
# differ by more than the last are not one.
_RIM, _APART, _CONTRAST = 10.0, 1.5, 30.0
# Frequent colours of a family that are tried, each within so many levels; the narrowest mark.
_TRIED, _WITHIN, _NARROWEST = 3, (12, 28), 4.0
# Marks that are enough to be sure, and to learn from; share of its box that one fills at least.
_ENOUGH, _MOST, _FILLS = 8, 80, 0.62
# Browsers put some marks at whole pixels: so near are middles then, for so large a share.
_EVEN, _MOSTLY = 0.1, 0.5
# A later colour is better by this factor.
_CLEARLY = 1.2


class Stamp(NamedTuple):
    """A radial template of a mark: colour of each ring (n, 3), variation, radii of fill and whole.

    `single` marks told it; `whole` tells whether their middles all lie between pixels. A mark that
    is not round has parts instead of rings: `shape` int (h, w) says which part each of its pixels
    is of, -1 for none, the fill's first; `inner` counts these; `tip` (column, row) is the place
    that it marks, from its middle.
    """

    colour: np.ndarray
    spread: np.ndarray
    fill: float
    outer: float
    single: int
    whole: bool = False
    shape: np.ndarray | None = None
    inner: int = 0
    tip: tuple[float, float] = (0.0, 0.0)

    def parts(self, reach: int, x: float = 0.0, y: float = 0.0) -> np.ndarray:
        """Return the part of a mark that the pixels around its centre show, -1 for none.

        Parameters
        ----------
        reach : int
            Pixels on each side of the middle: (2 reach + 1) squared in all.
        x, y : float
            Of the middle, in the pixel.

        Returns
        -------
        ndarray
        """
        if self.shape is None:
            down, across = np.ogrid[-reach : reach + 1, -reach : reach + 1]
            ring = np.rint(np.hypot(down + 0.5 - y, across + 0.5 - x) / RING).astype(np.int64)
            return np.where(ring < len(self.colour), ring, -1)
        part = np.full((2 * reach + 1, 2 * reach + 1), -1)
        high, wide = self.shape.shape
        top, left = reach - high // 2, reach - wide // 2
        part[top : top + high, left : left + wide] = self.shape
        return part

    @property
    def own(self) -> int:
        """Return the number of parts of the mark itself; later parts are ground."""
        return len(self.colour) if self.shape is not None else int(self.outer / RING + 0.5) + 1

    @property
    def filled(self) -> int:
        """Return the number of parts of the fill."""
        return self.inner if self.shape is not None else int(self.fill / RING) + 1


def fill_of(
    image: np.ndarray, count: np.ndarray, wanted: str | np.ndarray
) -> tuple[Stamp, np.ndarray] | None:
    """Return the template of a family of colours, and where its fill is, or None.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    count : int, shape (32768,)
        Pixels of each colour.
    wanted : str | np.ndarray
        One of `FAMILIES`, or red, green and blue.

    Returns
    -------
    tuple (Stamp, ndarray) or None
    """
    best, most = None, 0.0
    for number in frequent(np.where(members(wanted), count, 0), _TRIED):
        middle = levels(np.array([number]))[0]
        near = np.abs(image - middle).max(axis=2) <= _WITHIN[0]
        middle = np.median(image[near], axis=0) if near.any() else middle
        off = np.abs(image - middle).max(axis=2)
        for within in _WITHIN:
            core = off <= within
            rounds = round_cores(core)
            if not rounds or rounds[0].width < _NARROWEST:
                continue
            worth = rounds[0].pixels * min(rounds[0].number, _ENOUGH)
            if worth <= _CLEARLY * most:
                continue
            stamp = learn_stamp(image, core, rounds[0].width)
            if stamp is not None:
                best, most = (stamp, core), worth
    return best


def learn_stamp(image: np.ndarray, core: np.ndarray, width: float) -> Stamp | None:
    """Return the template learnt from the round pieces of a fill, or None if one alone is round.

    Parameters
    ----------
    image : float32, shape (h, w, 3)
    core : bool, shape (h, w)
        Where the colour of the fill is seen.
    width : float
        Of round pieces, in pixels.

    Returns
    -------
    Stamp or None

    Examples
    --------
    >>> row, column = np.mgrid[:40, :80] + 0.5
    >>> away = np.minimum(np.hypot(row - 20, column - 20), np.hypot(row - 20, column - 55))
    >>> image = np.where(away[..., None] < 5, [200, 40, 40], [240, 240, 240])
    >>> image = np.where((away[..., None] >= 5) & (away[..., None] < 7), 50, image)
    >>> stamp = learn_stamp(image.astype(np.float32), away < 5, 10.0)
    >>> round(stamp.fill), stamp.outer, stamp.single
    (5, 6.5, 2)
    """
    label, _ = ndimage.label(core)
    boxes = ndimage.find_objects(label)
    area = np.bincount(label.reshape(-1))[1:]
    fits = (np.abs(sides(boxes) - width) <= 1).all(axis=1) & (area >= _FILLS * width**2)
    alike = np.flatnonzero(fits)[:_MOST]
    if len(alike) < 2:
        return None
    half = int(np.ceil(width / 2 + _GROUND)) + 1
    ring, pixel, radius, middle = [], [], [], []
    for k in alike:
        rows, columns = boxes[k]
        down, across = np.nonzero(ndimage.binary_fill_holes(label[boxes[k]] == k + 1))
        row, column = rows.start + down.mean() + 0.5, columns.start + across.mean() + 0.5
        radius.append(np.sqrt(len(down) / np.pi))
        middle.append((row, column))
        box = tuple(slice(max(int(at) - half, 0), int(at) + half + 1) for at in (row, column))
        window = image[box]
        y, x = np.indices(window.shape[:2]) + 0.5 + [[[part.start]] for part in box]
        ring.append((np.hypot(x - column, y - row) / RING).ravel())
        pixel.append(window.reshape(-1, 3))
    fill = float(np.median(radius))
    off = np.abs(np.array(middle) - np.rint(middle)).max(axis=1)
    stamp = _rings(np.concatenate(ring), np.concatenate(pixel), fill, len(alike))
    return stamp._replace(whole=bool((off < _EVEN).mean() > _MOSTLY))


def _rings(ring: np.ndarray, pixel: np.ndarray, fill: float, single: int) -> Stamp:
    """Describe each ring, and find where the mark ends and the ground begins."""
    many = int((fill + _GROUND) / RING)
    quantile = np.empty((3, many, 3))
    for k in range(many):
        here = np.abs(ring - k) <= RING if k > 2 else ring <= 3
        if not here.any():
            # All of these marks are cut by the edge of the picture.
            quantile[:, k] = quantile[:, k - 1]
            continue
        quantile[:, k] = np.percentile(pixel[here], [16, 50, 84], axis=0)
    colour, spread = quantile[1], (quantile[2] - quantile[0]) / 2
    radius = np.arange(many) * RING
    ground = np.median(colour[radius >= fill + _BEYOND], axis=0)
    off = np.linalg.norm(colour - ground, axis=1)
    own = off > np.maximum(_RIM, _APART * np.linalg.norm(spread, axis=1))
    own &= radius <= fill + _BEYOND
    # The soft edge between a fill and its rim varies as much as the ground does.
    own[:-1] |= own[1:] & (radius[:-1] <= fill + 2 * RING)
    last = int(fill / RING)
    while last + 1 < many and own[last + 1]:
        last += 1
    outer = max(last * RING, fill)
    inner = slice(last + 1 + _MORE)
    return Stamp(colour[inner], spread[inner], fill, outer, single)


def recoloured(stamp: Stamp, colour: np.ndarray) -> Stamp:
    """Return the template with another fill, for marks of equal shape that never stand alone.

    Parameters
    ----------
    stamp : Stamp
        Template of a mark.
    colour : float, shape (3,)
        Colour of the new fill.

    Returns
    -------
    Stamp
    """
    fill = np.linalg.norm(stamp.colour - stamp.colour[0], axis=1) < _CONTRAST
    return stamp._replace(colour=np.where(fill[:, None], colour, stamp.colour), single=0)
