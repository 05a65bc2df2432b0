"""Find the dots, or the pins, that a picture of a map shows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from privaudit.core.checks import error_message, in_range, one_of
from privaudit.errors import ParameterError, ReadError
from privaudit.screenshots.cluster_markers import (
    NONE,
    MarkCount,
    bubble_width,
    colourless,
    left_unread,
    unread_marks,
    with_all_bubbles,
)
from privaudit.screenshots.coverage import FAMILIES, colour_counts, colour_index, core_of, family_of
from privaudit.screenshots.dots import Dots
from privaudit.screenshots.marker_colours import OtherMarks, choose_ink, other_marks, pins_prevail
from privaudit.screenshots.marks import dots_of, kept_pins, marks_of, peeled, peeled_pins
from privaudit.screenshots.rings import ring_cores, ring_dots

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
    """Dots of a picture, those of the colour first.

    `pixel` (n, 2) holds columns and rows from the upper left corner, `error` the standard error
    of each coordinate in pixels, `red` which have the colour that was asked for: the others are
    grey. `colour` is its name, `refused` counts marks of these colours that are no dots,
    `rounded` tells whether dots were drawn at whole pixels only, `others` what else is round.
    Not read are `pieces` of their colours, which `hold` so many dots, those `covered` by others,
    and `bubbles`, which `stand_for` so many.
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
    hold: MarkCount = NONE
    covered: MarkCount = NONE
    bubbles: int = 0
    stand_for: MarkCount = NONE

    @property
    def widest(self) -> float:
        """Marks that are wider than this, in pixels, stand for several."""
        return bubble_width(self.radius, self.marker)

    @property
    def shown(self) -> MarkCount:
        """How many dots the picture shows, read or not: at least, about, at most."""
        read = float(len(self.pixel))
        made = MarkCount(read, read, read)
        for part in (self.hold, self.covered, self.stand_for):
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
    wide = bubble_width(radius, kind)
    others = unread_marks(index, count, name, radius, wide)
    if first is None and others:
        # Grey dots alone would be read as if nobody were left to meet.
        raise ReadError(_nothing(name, others, marker, who, grey=False))
    if first is None and name not in ("grey", "black") and colourless(count):
        # Grey dots of a scan would be read as visited, whatever colour they had.
        do = "Scan it in colour, say colour='grey', or the shade to meet as '#5b5b5b'."
        raise ReadError(error_message(who, f"{name} dots", "a picture without colours", do))
    others = with_all_bubbles(index, count, others, wide, pixel if kind == "pin" else pixel[:0])
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
        **left_unread(image, count, wanted, name, kept, others, kind),
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
    families = [wanted] if grey is None else [wanted, grey]
    if marker == "pin" or (marker is None and pins_prevail(index, count, families)):
        pins = _pins(image, index, count, wanted, grey, 1 if marker == "pin" else _PINS)
        if pins is not None or marker == "pin":
            return None if pins is None else (pins, "pin")
    discs = dots_of(*marks_of(image, index, count, wanted, grey), radius)
    # What outlines explain needs no second look.
    refused = sum(dots.refused for dots in discs if dots is not None)
    read = sum(len(dots.centre) for dots in discs if dots is not None)
    if radius is None and (not read or refused >= 1 + _REFUSED * read):
        if read:
            discs = _more(discs, peeled(image, count, wanted, grey))
        rings = ring_cores(image, index, count, families)
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
        None if family is None else choose_ink(index, count, family, pins=True)
        for family in (wanted, grey)
    ]
    cores = [None if one is None else core_of(index, one[0]) for one in chosen]
    found = peeled_pins(image, cores, fewest)
    return kept_pins(found)


def named(others: list[OtherMarks]) -> str:
    """Name the marks that were not read, most numerous first."""
    return ", ".join(
        f"{one.number:,} {one.family} {'pins' if one.pins else f'dots {one.width:.0f} pixels wide'}"
        for one in others[:4]
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
    if marker == "pin" and not any(one.pins for one in others):
        do = "Leave marker out."
    elif any(one.pins and one.family in (name, "grey") for one in others):
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
