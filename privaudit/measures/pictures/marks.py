"""Markers of one colour in a picture, and the grey ones that they partly hide."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.measures.pictures.coverage import Ink, core_of, coverage_of
from privaudit.measures.pictures.dots import Above, Dots, DotSize, find_dots, measure_dots
from privaudit.measures.pictures.edges import Outline, outline
from privaudit.measures.pictures.inks import Rounds, choose_ink
from privaudit.measures.pictures.pins import filled

__all__ = ["Marks", "dots_of", "marks_of"]

# Standard deviation, in pixels, of the blur that steadies a ragged outline; an outline that
# strays more than this from a circle has hard steps or was compressed.
_STEADY, _RAGGED = 0.8, 0.1
# Outlines in a compressed picture stray so far at least, in pixels, here more and there less:
# single marks that happen to lie well in its blocks of eight pixels tell less than that.
_COMPRESSED = 0.15
# Lines up to twice this share of a dot's width, or twice so many pixels, are no part of marks;
# dots up to this wide are left.
_THIN, _THICKEST, _SMALL = 0.12, 3, 5.0
# A colour that has fewer dots alone takes the other's size.
_FEW = 3
# Specks of up to this radius are dots only where they make up so much of their colour: what is
# left over of marks of another shape is round too, here and there.
_SPECK, _ROOM = 2.0, 0.5


class Marks(NamedTuple):
    """A coverage that can be read, its outline, its core, and the size of its dots."""

    coverage: np.ndarray
    edge: Outline
    core: np.ndarray
    size: DotSize | None


def marks_of(
    image: np.ndarray,
    index: np.ndarray,
    count: np.ndarray,
    wanted: str | np.ndarray,
    under: str | None,
) -> tuple[Marks | None, Marks | None]:
    """Return the marks of a colour, and those of the family below it.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    index, count : ndarray
        See `colour_index` and `colour_counts`.
    wanted : str or ndarray of float, shape (3,)
        A family of colours, or red, green and blue.
    under : str or None
        The family of those that may lie below.

    Returns
    -------
    tuple of Marks or None
        None for a colour that the picture does not have.
    """
    ink = choose_ink(index, count, wanted)
    width = None if ink is None or ink[1].number == 0 else ink[1].width
    two = None
    if under is not None:
        two = choose_ink(index, count, under, width=width)
        if width is not None and (two is None or two[1].number == 0):
            two = choose_ink(index, count, under)
    above = None if ink is None else _core(index, ink)
    below = None if two is None else _core(index, two, above)
    if ink is None or above is None:
        if two is None or below is None:
            return None, None
        return None, _measured(coverage_of(image, below, two[0])[0], below, two[0].trust)
    if two is None or below is None:
        return _measured(coverage_of(image, above, ink[0])[0], above, ink[0].trust), None
    below &= ~above
    own, both = coverage_of(image, above, ink[0], (below, two[0]))
    marks = _measured(own, above, ink[0].trust)
    return marks, _measured(both, below, two[0].trust, marks.edge)


def dots_of(
    marks: Marks | None, under: Marks | None, radius: float | None
) -> tuple[Dots | None, Dots | None]:
    """Return the dots of both colours, of a learnt size or a known radius.

    Parameters
    ----------
    marks : Marks, optional
        Marks of the colour asked for, from `marks_of`.
    under : Marks, optional
        Marks of the colour below.
    radius : float, optional
        Radius of a dot, in pixels; learnt where not given.

    Returns
    -------
    tuple of Dots or None
    """
    sizes = [None if it is None else it.size for it in (marks, under)]
    if radius is not None:
        sizes = [DotSize(radius, _RAGGED if it is None else it.spread, 0) for it in sizes]
    elif sizes[0] is not None and (sizes[1] is None or sizes[1].single < _FEW):
        sizes[1] = sizes[0]
    elif sizes[0] is None or sizes[0].single < _FEW:
        sizes[0] = sizes[1]
    first = second = None
    if marks is not None and sizes[0] is not None:
        first = find_dots(marks.coverage, marks.edge, sizes[0], core=marks.core)
    if under is not None and sizes[1] is not None:
        over = None
        if first is not None and first.rim:
            over = Above(first.centre, first.size.radius + first.rim, first.rim)
        second = find_dots(under.coverage, under.edge, sizes[1], core=under.core, over=over)
        second = _shown(second, under.core)
    return _enough(first), _enough(second)


def _core(
    index: np.ndarray, chosen: tuple[Ink, Rounds], above: np.ndarray | None = None
) -> np.ndarray:
    """Return where marks are: without thin lines, with the inside of rings."""
    ink, rounds = chosen
    if not rounds.rings:
        return core_of(index, ink, thin=_thin(rounds), above=above)
    ring = core_of(index, ink)
    return filled(ring.astype(np.float32), np.pi / 4 * rounds.width**2) >= 0.5


def _thin(rounds: Rounds) -> int:
    """Return the width of lines to drop."""
    if rounds.width <= _SMALL or rounds.number < _FEW:
        return 0
    return min(max(1, int(_THIN * rounds.width)), _THICKEST)


def _enough(dots: Dots | None) -> Dots | None:
    """Return whether there are enough marks to measure."""
    if dots is None or len(dots.centre) == 0:
        return None
    if dots.size.radius < _SPECK and dots.room < _ROOM:
        return None
    return dots


def _measured(
    coverage: np.ndarray, core: np.ndarray, trust: float, above: Outline | None = None
) -> Marks:
    """Outline a coverage, without what is the outline of marks drawn above, and measure it.

    `trust` is that of the ink.
    """
    edge = _less(outline(coverage), above)
    size = measure_dots(coverage, edge)
    if size is not None and size.spread > _RAGGED:
        coverage = ndimage.gaussian_filter(coverage, _STEADY)
        edge = _less(outline(coverage), above)
        size = measure_dots(coverage, edge)
    if size is not None and trust < 1:
        size = size._replace(spread=max(size.spread, _COMPRESSED))
    return Marks(coverage, edge, core, size)


def _less(edge: Outline, above: Outline | None) -> Outline:
    """Return the points that are not within a pixel of another outline."""
    if above is None or len(above.point) == 0 or len(edge.point) == 0:
        return edge
    own = cKDTree(above.point).query(edge.point, distance_upper_bound=1.0)[0] <= 1.0
    return Outline(edge.point[~own], edge.inward[~own])


def _shown(dots: Dots, core: np.ndarray) -> Dots:
    """Return the dots whose own colour is seen within two pixels of the centre."""
    column, row = np.floor(dots.centre).astype(np.int64).T
    height, width = core.shape
    inside = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    visible = np.zeros(len(inside), bool)
    for i in range(-2, 3):
        for j in range(-2, 3):
            at = np.clip(row + i, 0, height - 1), np.clip(column + j, 0, width - 1)
            visible |= inside & core[at]
    return dots._replace(centre=dots.centre[visible], error=dots.error[visible])
