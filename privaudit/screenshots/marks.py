"""Markers of one colour in a picture, and the grey ones that they partly hide.

- Dots of two colours from template fitting, at the scale that suits their size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.screenshots.coverage import Ink, core_of, coverage_of
from privaudit.screenshots.dots import (
    Above,
    Dots,
    DotSize,
    Outline,
    find_dots,
    measure_dots,
    outline,
)
from privaudit.screenshots.marker_colours import Rounds, choose_ink, filled
from privaudit.screenshots.pins import learn_pins
from privaudit.screenshots.template_fit import Peeled, Stamp, fill_of, peel, recoloured

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


# A mark of larger radius, in pixels, is looked for in a picture made smaller; so is a pin that
# reaches farther from its middle.
_LARGE, _LARGE_PIN = 9.0, 27.0
# Pins of two colours are drawn alike: they reach as far, but for this share. Standard error of
# where a tip ends, in pixels.
_SIZES, _TIP = 0.1, 0.5
# Middles of marks lie within so many pixels of their colour; a stamp of fewer marks than the
# second is drawn like the other's.
_NEAR, _FEW_peeled_dots = 3, 3
# Pins that are read make up so large a share of their colour: where they hide each other, what is
# left is not read. Those are said to be there from the second share of the others.
_ROOM_peeled_dots, _CROWD = 0.4, 0.1
# A piece of colour that no mark explains is one where it is so large a share of a mark.
_PIECE = 0.3


def peeled(
    image: np.ndarray, count: np.ndarray, wanted: str | np.ndarray, under: str | None
) -> tuple[Dots | None, Dots | None]:
    """Return the dots of two colours of equal shape, by template fitting.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    count : int, shape (32768,)
        Pixels of each colour.
    wanted, under : str | np.ndarray
        One of `FAMILIES`, or red, green and blue; None for no second one.

    Returns
    -------
    tuple of Dots or None
        None for a colour of which no mark was found.
    """
    families = [wanted] if under is None else [wanted, under]
    return _peeled(
        image, lambda picture: [fill_of(picture, count, family) for family in families], _LARGE
    )


def peeled_pins(
    image: np.ndarray, cores: list[np.ndarray | None], fewest: int
) -> tuple[Dots | None, Dots | None]:
    """Return the pin tips of two colours, by template fitting.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    cores : bool, shape (h, w)
        Where the colour of the pins is seen, None for no such colour.
    fewest : int
        Pins of both colours that stand alone, at least: they tell what pins look like.

    Returns
    -------
    tuple of Dots or None
        `centre` holds the tips.
    """

    def learnt(picture: np.ndarray) -> list[tuple[Stamp, np.ndarray] | None]:
        by = len(image) // len(picture)
        made = [None if core is None else _shrunk(core, by) for core in cores]
        pins = learn_pins(picture, made)
        known = [stamp for stamp in pins if stamp is not None]
        if sum(stamp.single for stamp in known) < fewest:
            return [None, None]
        usual = max(known, key=lambda stamp: stamp.single)
        return [
            None if stamp is None or core is None or not _same_size(stamp, usual) else (stamp, core)
            for stamp, core in zip(pins, made, strict=True)
        ]

    return _peeled(image, learnt, _LARGE_PIN)


def kept_pins(
    pins: tuple[Dots | None, Dots | None],
) -> tuple[Dots | None, Dots | None] | None:
    """Return the pins that make up most of their colour; None for none of either.

    Of a second colour that crowds too much to be read, how many were seen is kept as refused.

    Parameters
    ----------
    pins : tuple of Dots or None
        Pins of both colours, from `peeled_pins`.

    Returns
    -------
    tuple of Dots or None or None
    """
    first, second = (
        it if it is not None and len(it.centre) and it.room >= _ROOM_peeled_dots else None
        for it in pins
    )
    if first is None and second is None:
        return None
    crowd = pins[1]
    read = 0 if first is None else len(first.centre)
    if second is None and crowd is not None and len(crowd.centre) >= _CROWD * read:
        many = len(crowd.centre)
        second = crowd._replace(centre=crowd.centre[:0], error=crowd.error[:0])
        second = second._replace(refused=crowd.refused + many, left=crowd.left + many)
    return first, second


def _same_size(stamp: Stamp, usual: Stamp) -> bool:
    """Return whether templates have the same size."""
    return abs(stamp.outer - usual.outer) <= 1 + _SIZES * usual.outer


def _shrunk(core: np.ndarray, by: int) -> np.ndarray:
    """Return where most of each square of pixels is core."""
    return core if by == 1 else _smaller(core[..., None].astype(np.float32), by)[..., 0] >= 0.5


def _peeled(
    image: np.ndarray,
    learn: Callable[[np.ndarray], list[tuple[Stamp, np.ndarray] | None]],
    largest: float,
) -> tuple[Dots | None, Dots | None]:
    """Fit templates learnt for each colour, in a reduced picture where marks are large."""
    reduced, smaller = image.astype(np.float32), 1
    made = learn(reduced)
    outer = max((template[0].outer for template in made if template is not None), default=0.0)
    if outer > largest:
        smaller = int(np.ceil(outer / largest))
        reduced = _smaller(reduced, smaller)
        made = learn(reduced)
    known = [k for k, template in enumerate(made) if template is not None]
    if not known:
        return None, None
    stamps = _alike([template[0] for template in made if template is not None])
    cores = [template[1] for template in made if template is not None]
    near = ndimage.binary_dilation(np.logical_or.reduce(cores), iterations=_NEAR)
    fitted = peel(reduced, stamps, near)
    both: list[Dots | None] = [None, None]
    for at, (k, stamp, core) in enumerate(zip(known, stamps, cores, strict=True)):
        both[k] = _dots(fitted, at, stamp, core, smaller)
    return both[0], both[1]


def _smaller(image: np.ndarray, by: int) -> np.ndarray:
    """Return the means of squares of pixels."""
    height, width = (side // by * by for side in image.shape[:2])
    squares = image[:height, :width].reshape(height // by, by, width // by, by, -1)
    return np.asarray(squares.mean(axis=(1, 3)))


def _alike(stamps: list[Stamp]) -> list[Stamp]:
    """Give a colour with few single marks the template of the other."""
    usual = max(stamps, key=lambda stamp: stamp.single)
    return [
        stamp
        if stamp.single >= _FEW_peeled_dots or stamp.shape is not None
        else recoloured(usual, stamp.colour[0])
        for stamp in stamps
    ]


def _dots(fitted: Peeled, kind: int, stamp: Stamp, core: np.ndarray, scale: int) -> Dots | None:
    """Return the marks of one template, in pixels of the picture."""
    own = fitted.kind == kind
    if not own.any():
        return None
    label, pieces = ndimage.label(core & (fitted.owner < 0))
    left = np.bincount(label.reshape(-1), minlength=pieces + 1)[1:]
    whole = np.pi * stamp.fill**2 if stamp.shape is None else float((stamp.shape >= 0).sum())
    left = left[left >= _PIECE * whole]
    # Where a tip ends is known to half a pixel: it is drawn rounded.
    error = fitted.error if stamp.shape is None else float(np.hypot(fitted.error, _TIP))
    return Dots(
        centre=(fitted.centre[own] + stamp.tip) * scale,
        error=np.full(int(own.sum()), error * scale),
        size=DotSize(stamp.fill * scale, error * scale, stamp.single),
        refused=len(left),
        left=float(left.sum() / whole),
        room=float(1 - (core & (fitted.owner < 0)).sum() / max(int(core.sum()), 1)),
        rim=(stamp.outer - stamp.fill) * scale if stamp.shape is None else 0.0,
        peeled=True,
    )
