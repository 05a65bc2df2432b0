"""Dots or pins of a picture of a map: those of a colour, and the grey ones below them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.core.checks import error_message, in_range, one_of
from privaudit.errors import ParameterError, ReadError
from privaudit.screenshots.cluster_markers import (
    NO_MARKS,
    MarkCount,
    cluster_marker_width,
    colourless,
    unread_counts,
    unread_marks,
    with_all_cluster_markers,
)
from privaudit.screenshots.coverage import (
    FAMILIES,
    MarkerColour,
    colour_counts,
    colour_index,
    core_of,
    coverage_of,
    family_of,
)
from privaudit.screenshots.dots import (
    Above,
    Dots,
    DotSize,
    Outline,
    find_dots,
    measure_dots,
    outline,
)
from privaudit.screenshots.marker_colours import (
    OtherMarks,
    RoundMarks,
    choose_marker_colour,
    fill_holes,
    other_marks,
    pins_prevail,
)
from privaudit.screenshots.rings import ring_cores, ring_dots
from privaudit.screenshots.template_fit import dominant_pins, template_dots, template_pins

# Standard deviation, in pixels, of a position that was rounded to whole pixels.
_ROUNDED = float(np.sqrt(1 / 12))
# Length of the mean vector of dots' fractions of a pixel (as angles) above which they are alike.
_ALIKE = 0.8
# Pins of one size that make a map of pins.
_PINS = 3
# Standard deviation, in pixels, of the blur that makes one colour of a pattern of several.
_BLUR = 0.8
# Marks like a stamp are taken where they are so many times those that outlines tell: where neither
# rims nor letters nor what shines through trouble them, outlines are the more precise.
_CLEARLY_MORE = 1.04
# Rings are taken where they are so many of the discs that were read, and these leave more marks
# than this unexplained.
_NEARLY, _MUCH = 0.7, 0.1
# Discs of less than this share of a ring's radius are pieces of it.
_INSIDE = 0.6
# Outlines do where they refuse no more marks than this share of those that they read.
_REFUSED = 0.02


@dataclass(frozen=True, eq=False, kw_only=True)
class PictureDots:
    """Dots of a picture, those of the colour that was asked for first.

    Parameters
    ----------
    pixel : float, shape (n, 2)
        Columns and rows from the upper left corner.
    error : float, shape (n,)
        Standard error of each coordinate, in pixels.
    red : bool, shape (n,)
        Which have the colour that was asked for: the others are grey.
    radius : float
        Pixels.
    refused : int
        Marks of these colours that are no dots.
    rounded : bool
        Whether dots were drawn at whole pixels only.
    colour, marker : str
        Name of the colour; "disc" or "pin".
    others : list of OtherMarks
        Round marks and pins of other colours or sizes.
    pieces, in_pieces : int, MarkCount
        Pieces of the dots' colours that were not read, and how many dots they hold.
    covered : MarkCount
        Dots that others cover.
    clusters, in_clusters : int, MarkCount
        Cluster markers, and how many dots they stand for.
    """

    pixel: np.ndarray
    error: np.ndarray
    red: np.ndarray
    radius: float
    refused: int
    rounded: bool
    colour: str = "red"
    marker: str = "disc"
    others: list[OtherMarks] = field(default_factory=list)
    pieces: int = 0
    in_pieces: MarkCount = NO_MARKS
    covered: MarkCount = NO_MARKS
    clusters: int = 0
    in_clusters: MarkCount = NO_MARKS

    @property
    def widest(self) -> float:
        """Marks that are wider than this, in pixels, stand for several."""
        return cluster_marker_width(self.radius, self.marker)

    @property
    def shown(self) -> MarkCount:
        """How many dots the picture shows, read or not: at least, about, at most."""
        read = float(len(self.pixel))
        made = MarkCount(read, read, read)
        for part in (self.in_pieces, self.covered, self.in_clusters):
            made = made.plus(part)
        return made


def picture_dots(
    image: np.ndarray,
    *,
    colour: str = "red",
    marker: str | None = None,
    dot_radius: float | None = None,
    who: str = "read_screenshot",
) -> PictureDots:
    """Find the dots of a colour, and the grey ones under and between them.

    - `image` (uint8, shape (h, w, 3))
    - `colour`: red, orange, yellow, green, turquoise, blue, purple, pink, grey, black, or
      ``"#rrggbb"``.
    - `marker` ({"disc", "pin"}): Round dots, or teardrop pins whose tip is the place. Default: what
      the picture shows.
    - `dot_radius`: Pixels. Default: learnt from the dots that stand alone, each colour for itself.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        came = f"{image.dtype} of shape {image.shape}"
        raise ParameterError(
            error_message(who, "an image as uint8 of shape (height, width, 3)", came)
        )
    if dot_radius is not None:
        in_range(who, "dot_radius", dot_radius, 1, 50)
    if marker is not None:
        one_of(who, "marker", marker, ("disc", "pin"))
    name, wanted = _colour(colour, who)
    index = colour_index(image)
    count = colour_counts(index)
    found = _find(image, index, count, wanted, name, marker, dot_radius)
    if found is None:
        # A palette of few colours draws one colour as a pattern of several.
        blurred = ndimage.gaussian_filter(image, (_BLUR, _BLUR, 0))
        again = colour_index(blurred)
        found = _find(blurred, again, colour_counts(again), wanted, name, marker, dot_radius)
    if found is None:
        raise ReadError(_nothing(name, other_marks(index, count), marker, who))
    kept, kind = found
    pixel = np.concatenate([dots.centre for dots in kept if dots is not None])
    error = np.concatenate([dots.error for dots in kept if dots is not None])
    rounded = _rounded(pixel[error <= np.median(error)])
    if rounded:
        error = np.hypot(error, _ROUNDED)
    first = kept[0]
    radius = next(dots.size.radius for dots in kept if dots is not None)
    wide = cluster_marker_width(radius, kind)
    others = unread_marks(index, count, name, radius, wide)
    if first is None and others:
        # Grey dots alone would be read as if nobody were left to meet.
        raise ReadError(_nothing(name, others, marker, who, grey=False))
    if first is None and name not in ("grey", "black") and colourless(count):
        # Grey dots of a scan would be read as visited, whatever colour they had.
        do = "Scan it in colour, say colour='grey', or the shade to meet as '#5b5b5b'."
        raise ReadError(error_message(who, f"{name} dots", "a picture without colours", do))
    others = with_all_cluster_markers(
        index, count, others, wide, pixel if kind == "pin" else pixel[:0]
    )
    return PictureDots(
        pixel=pixel,
        error=error,
        red=np.arange(len(pixel)) < (0 if first is None else len(first.centre)),
        radius=radius,
        refused=sum(dots.refused for dots in kept if dots is not None),
        rounded=rounded,
        colour=name,
        marker=kind,
        others=others,
        **unread_counts(image, count, wanted, name, kept, others, kind),
    )


def _colour(word: str, who: str) -> tuple[str, str | np.ndarray]:
    """Return the name of a colour, and what is looked for."""
    if isinstance(word, str) and re.fullmatch("#[0-9a-fA-F]{6}", word):
        wanted = np.array([int(word[k : k + 2], 16) for k in (1, 3, 5)], float)
        return str(family_of(wanted[None])[0]) or word.lower(), wanted
    one_of(who, "colour", word, (*FAMILIES, "#rrggbb"))
    if word == "#rrggbb":
        raise ParameterError(error_message(who, "a colour as #d62728", word))
    return word, word


def _find(
    image: np.ndarray,
    index: np.ndarray,
    count: np.ndarray,
    wanted: str | np.ndarray,
    name: str,
    marker: str | None,
    radius: float | None,
) -> tuple[tuple[Dots | None, Dots | None], str] | None:
    """Return dots or pins of the colour and of grey, and which of both they are."""
    grey = None if name == "grey" else "grey"
    colour_families = [wanted] if grey is None else [wanted, grey]
    if marker == "pin" or (marker is None and pins_prevail(index, count, colour_families)):
        pins = _pins(image, index, count, wanted, grey, 1 if marker == "pin" else _PINS)
        if pins is not None or marker == "pin":
            return None if pins is None else (pins, "pin")
    discs = dots_of(*marks_of(image, index, count, wanted, grey), radius)
    # What outlines explain needs no second look.
    refused = sum(dots.refused for dots in discs if dots is not None)
    read = sum(len(dots.centre) for dots in discs if dots is not None)
    if radius is None and (not read or refused >= 1 + _REFUSED * read):
        if read:
            discs = _more(discs, template_dots(image, count, wanted, grey))
        rings = ring_cores(image, index, count, colour_families)
        if rings is not None:
            cores, ring = rings
            ringed = ring_dots(image, [*cores, None][:2], ring)
            # Rims of one colour for all are no rings of a second.
            if all(a is None or b is not None for a, b in zip(discs, ringed, strict=True)):
                discs = ringed if _cleaner(ringed, discs) else _more(discs, ringed)
    if discs == (None, None):
        # Of pins that crowd none may stand alone: they are looked for where nothing else is found.
        pins = _pins(image, index, count, wanted, grey, _PINS) if marker is None else None
        return None if pins is None else (pins, "pin")
    return discs, "disc"


def _more(
    discs: tuple[Dots | None, Dots | None], stamped: tuple[Dots | None, Dots | None]
) -> tuple[Dots | None, Dots | None]:
    """Keep what outlines tell, unless marks peeled off are clearly more.

    Of a colour of which more pieces are left than marks were found, as of letters, what outlines
    tell is kept.
    """
    first, second = (
        old if old is not None and new is not None and new.refused > len(new.centre) else new
        for old, new in zip(discs, stamped, strict=True)
    )
    read = [
        sum(len(dots.centre) for dots in both if dots is not None)
        for both in (discs, (first, second))
    ]
    if read[1] <= _CLEARLY_MORE * read[0]:
        return discs
    # A white rim is not seen on a pale ground, but by what it cuts out of the marks below.
    rim = max((dots.rim for dots in discs if dots is not None), default=0.0)
    return (
        first and first._replace(rim=max(first.rim, rim)),
        second and second._replace(rim=max(second.rim, rim)),
    )


def _cleaner(
    rings: tuple[Dots | None, Dots | None], discs: tuple[Dots | None, Dots | None]
) -> bool:
    """Tell whether discs leave much of their colours unexplained, and rings leave less."""
    read, refused, size = [], [], []
    for both in (rings, discs):
        known = [dots for dots in both if dots is not None]
        read.append(sum(len(dots.centre) for dots in known))
        refused.append(sum(dots.refused for dots in known))
        size.append(max((dots.size.radius for dots in known), default=0.0))
    if rings[0] is not None and (discs[0] is None or size[1] < _INSIDE * size[0]):
        # None of the colour that was asked for; or pieces of strokes, which are round here and
        # there.
        return True
    much = refused[1] > _MUCH * read[1]
    return much and read[0] >= _NEARLY * read[1] and refused[0] * read[1] < refused[1] * read[0]


def _pins(
    image: np.ndarray,
    index: np.ndarray,
    count: np.ndarray,
    wanted: str | np.ndarray,
    grey: str | None,
    fewest: int,
) -> tuple[Dots | None, Dots | None] | None:
    """Find the pins of both colours, where some of one size stand alone."""
    chosen = [
        None if family is None else choose_marker_colour(index, count, family, pins=True)
        for family in (wanted, grey)
    ]
    cores = [None if mark is None else core_of(index, mark[0]) for mark in chosen]
    found = template_pins(image, cores, fewest)
    return dominant_pins(found)


def named(others: list[OtherMarks]) -> str:
    """Name the marks that were not read, most numerous first."""
    return ", ".join(
        f"{mark.number:,} {mark.family} "
        + ("pins" if mark.pins else f"dots {mark.width:.0f} pixels wide")
        for mark in others[:4]
    )


def _nothing(
    name: str, others: list[OtherMarks], marker: str | None, who: str, *, grey: bool = True
) -> str:
    """Say that no dot was found, and what was seen instead."""
    either = f"{name} or grey" if grey and name != "grey" else name
    needed = f"{either} {'pins' if marker == 'pin' else 'dots'}"
    if not others:
        came = "a picture without marks of one size that are round"
        do = "Where dots overlap everywhere, read_screenshot(..., dot_radius=) takes their size."
        return error_message(who, needed, came, do)
    do = f"Say colour='{others[0].family}'."
    if marker == "pin" and not any(mark.pins for mark in others):
        do = "Leave marker out."
    elif any(mark.pins and mark.family in (name, "grey") for mark in others):
        do = "Say marker='pin'."
    elif others[0].family in (name, "grey"):
        do = "Say colour='#rrggbb', or dot_radius= to pa.screenshots.read_screenshot."
    return error_message(who, needed, f"a picture with {named(others)}", do)


def _rounded(pixel: np.ndarray) -> bool:
    """Tell whether dots stand on a lattice of whole pixels."""
    if len(pixel) < 8:
        return False
    mean = np.exp(2j * np.pi * pixel).mean(axis=0)
    return bool((np.abs(mean) > _ALIKE).all())


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
_FEW_ALONE = 3
# Specks of up to this radius are dots only where they make up so much of their colour: what is
# left over of marks of another shape is round too, here and there.
_SPECK, _ROOM_OF_SPECKS = 2.0, 0.5


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
    tint = choose_marker_colour(index, count, wanted)
    width = None if tint is None or tint[1].number == 0 else tint[1].width
    two = None
    if under is not None:
        two = choose_marker_colour(index, count, under, width=width)
        if width is not None and (two is None or two[1].number == 0):
            two = choose_marker_colour(index, count, under)
    above = None if tint is None else _core_of_marks(index, tint)
    below = None if two is None else _core_of_marks(index, two, above)
    if tint is None or above is None:
        if two is None or below is None:
            return None, None
        return None, _measured(coverage_of(image, below, two[0])[0], below, two[0].trust)
    if two is None or below is None:
        return _measured(coverage_of(image, above, tint[0])[0], above, tint[0].trust), None
    below &= ~above
    own, both = coverage_of(image, above, tint[0], (below, two[0]))
    marks = _measured(own, above, tint[0].trust)
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
    elif sizes[0] is not None and (sizes[1] is None or sizes[1].single < _FEW_ALONE):
        sizes[1] = sizes[0]
    elif sizes[0] is None or sizes[0].single < _FEW_ALONE:
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


def _core_of_marks(
    index: np.ndarray, chosen: tuple[MarkerColour, RoundMarks], above: np.ndarray | None = None
) -> np.ndarray:
    """Return where marks are: without thin lines, with the inside of rings."""
    tint, rounds = chosen
    if not rounds.rings:
        return core_of(index, tint, thin=_thin(rounds), above=above)
    ring = core_of(index, tint)
    return fill_holes(ring.astype(np.float32), np.pi / 4 * rounds.width**2) >= 0.5


def _thin(rounds: RoundMarks) -> int:
    """Return the width of lines to drop."""
    if rounds.width <= _SMALL or rounds.number < _FEW_ALONE:
        return 0
    return min(max(1, int(_THIN * rounds.width)), _THICKEST)


def _enough(dots: Dots | None) -> Dots | None:
    """Return whether there are enough marks to measure."""
    if dots is None or len(dots.centre) == 0:
        return None
    if dots.size.radius < _SPECK and dots.room < _ROOM_OF_SPECKS:
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
