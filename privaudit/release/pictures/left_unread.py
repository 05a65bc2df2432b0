"""What a picture shows and was not read: pieces, marks under others, bubbles, other colours."""

from __future__ import annotations

from typing import Any

import numpy as np

from privaudit.measures.pictures.bubbles import all_bubbles
from privaudit.measures.pictures.coverage import core_of
from privaudit.measures.pictures.dots import Dots
from privaudit.measures.pictures.inks import OtherMarks, choose_ink, other_marks
from privaudit.measures.pictures.palette import colour_index, levels
from privaudit.measures.pictures.unread import (
    NONE,
    MarkCount,
    bubbles_hold,
    covered_share,
    pieces_hold,
)

__all__ = ["bubble_width", "colourless", "left_unread", "unread_marks", "with_all_bubbles"]

# Of dots with rims, of pins, and where something of their colour is not read, so large a share of
# those read may be missed without a trace, and so large a share of what was read be none.
_MISSED, _NONE = 0.15, 0.07
# Channels of a grey differ by so much at most, and this share of a picture's pixels may.
_GREY, _NO_COLOUR = 40.0, 1e-5
# In a picture without colours, what is so large a share as dark as the marks may be others.
_AS_DARK = 0.6
# A rim is wide beyond this share of the radius.
_THIN_RIM = 0.25
# Round marks from so much of the dots' width are said to be unread, of the dots' own colours from
# the second; so many pixels of the picture are looked at for them.
_ALIKE_WIDE, _LARGER, _GLANCE = 0.7, 1.6, 500_000
# In a crowd of pins, what is left of one that is not read is a third of it or more.
_SEEN = 3.0


def bubble_width(radius: float, marker: str) -> float:
    """Return the width, in pixels, from which a round mark is larger than dots or pins are.

    A pin is a head of that radius on a tip: a round mark as wide as it is none.
    """
    return _LARGER * radius * (1 if marker == "pin" else 2)


def left_unread(
    image: np.ndarray,
    count: np.ndarray,
    wanted: str | np.ndarray,
    name: str,
    kept: tuple[Dots | None, Dots | None],
    others: list[OtherMarks],
    kind: str,
) -> dict[str, Any]:
    """Estimate what was not read: pieces, marks that others cover, bubbles."""
    dots = [one for one in kept if one is not None]
    centre, radius = np.concatenate([one.centre for one in dots]), dots[0].size.radius
    if kind == "pin":
        # A piece of a pin's colour may be an icon of another shape.
        pieces = sum(one.refused for one in dots)
        hold = MarkCount(0.0, float(pieces), _SEEN * max(pieces, sum(one.left for one in dots)))
    elif colourless(count):
        # Marks of another shade are of another colour, or of the one that was asked for.
        pieces, held = pieces_hold(_dark(image, centre), centre, radius + dots[0].rim)
        hold = held._replace(low=0.0)
    elif any(one.left for one in dots):
        # Where marks were peeled off, it is known what they leave; its pieces may be no marks.
        pieces, left = sum(one.refused for one in dots), sum(one.left for one in dots)
        hold = MarkCount(0.0, left, 2 * left)
    else:
        pieces, hold = _pieces(image, count, wanted, name, kept)
    rim = max(one.rim for one in dots)
    lost = covered_share(centre, radius)
    covered = len(centre) * lost / (1 - lost) if lost < 1 else 0.0
    # A wide rim hides much of those below, of which then too little is left to be read.
    thick = len(centre) * max(0.0, rim / radius - _THIN_RIM)
    crossed = any(one.rim or one.refused or one.peeled for one in dots)
    rims = len(centre) if kind == "pin" or crossed else 0
    larger = [one for one in others if not one.pins and one.width > bubble_width(radius, kind)]
    bubbles = [np.array([(*at, one.width / 2) for at in one.at]) for one in larger]
    stand_for = NONE
    for one in bubbles:
        stand_for = stand_for.plus(bubbles_hold(image, one))
    return {
        "pieces": pieces,
        "hold": hold,
        "covered": MarkCount(
            -_NONE * rims, covered + thick / 2, 3 * covered + _MISSED * rims + 2 * thick
        ),
        "bubbles": sum(len(one) for one in bubbles),
        "stand_for": stand_for,
    }


def colourless(count: np.ndarray) -> bool:
    """Tell whether a picture has no colours, as a scan in grey has none."""
    return bool(count[np.ptp(levels(), axis=1) > _GREY].sum() <= _NO_COLOUR * count.sum())


def _dark(image: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Tell where a picture is nearly as dark as the marks at some places are."""
    light = image.astype(np.float32).mean(axis=2)
    ground = float(np.median(light))
    column, row = np.floor(centre).astype(np.int64).T
    high, wide = light.shape
    mark = float(np.median(light[row.clip(0, high - 1), column.clip(0, wide - 1)]))
    return np.asarray(ground - light >= _AS_DARK * (ground - mark))


def _pieces(
    image: np.ndarray,
    count: np.ndarray,
    wanted: str | np.ndarray,
    name: str,
    kept: tuple[Dots | None, Dots | None],
) -> tuple[int, MarkCount]:
    """Estimate what pieces of the dots' colours hold that no dot explains."""
    centre = np.concatenate([dots.centre for dots in kept if dots is not None])
    many, hold = 0, NONE
    for family, dots in zip((wanted, "grey"), kept, strict=True):
        if dots is None or (dots is kept[1] and name == "grey") or not dots.refused:
            continue
        ink = choose_ink(colour_index(image), count, family)
        if ink is not None:
            core = core_of(colour_index(image), ink[0])
            more, room = pieces_hold(core, centre, dots.size.radius + dots.rim)
            many, hold = many + more, hold.plus(room)
    return many, hold


def unread_marks(
    index: np.ndarray, count: np.ndarray, name: str, radius: float, wide: float
) -> list[OtherMarks]:
    """Return the round marks of other colours, or of these and larger: bubbles, icons, pins."""
    return [
        one
        for one in other_marks(index, count, pixels=_GLANCE)
        if one.pins
        or one.width > wide
        or (one.family not in (name, "grey") and one.width > _ALIKE_WIDE * 2 * radius)
    ]


def with_all_bubbles(
    index: np.ndarray, count: np.ndarray, others: list[OtherMarks], wide: float, tips: np.ndarray
) -> list[OtherMarks]:
    """Look for every bubble of the colours of which some stand free; tips are those of pins."""
    larger = [one for one in others if not one.pins and one.width > wide]
    found = all_bubbles(index, count, larger, tips)
    return [one for one in others if one not in larger] + found
