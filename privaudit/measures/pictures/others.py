"""What else in a picture is round: marks of other colours, that were not asked for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from privaudit.measures.pictures.coverage import core_of, ink_of
from privaudit.measures.pictures.inks import round_cores
from privaudit.measures.pictures.palette import FAMILIES, families, frequent
from privaudit.measures.pictures.pins import pin_cores

__all__ = ["OtherMarks", "other_marks"]

# Colours of a family that are tried, and sizes of each; marks of one size that make it worth a
# word, their width in pixels, and their share of the colour.
_TRIED, _SIZES, _FEWEST, _NARROWEST, _SHARE = 2, 2, 3, 5.0, 0.2


class OtherMarks(NamedTuple):
    """Round marks (or pins) of one colour: its name, the colour, how many, how wide in pixels."""

    family: str
    colour: tuple[int, int, int]
    number: int
    width: float
    pins: bool


def other_marks(
    index: np.ndarray, count: np.ndarray, *, pixels: int = 2_000_000
) -> list[OtherMarks]:
    """Return the round marks and the pins of each family of colours, most numerous first.

    Parameters
    ----------
    index, count : ndarray
        The colour of each pixel, the pixels of each colour.
    pixels : int
        How many are looked at: a larger picture is looked at through a grid.

    Examples
    --------
    >>> from privaudit.measures.pictures.palette import colour_counts, colour_index
    >>> image = np.full((60, 100, 3), 255, np.uint8)
    >>> row, column = np.mgrid[:60, :100]
    >>> for middle in (20, 45, 70):
    ...     image[(row - 30) ** 2 + (column - middle) ** 2 <= 50] = (31, 80, 200)
    >>> index = colour_index(image)
    >>> [(found.family, found.number) for found in other_marks(index, colour_counts(index))]
    [('blue', 3)]
    """
    step = int(np.ceil(np.sqrt(index.size / pixels)))
    index = index[::step, ::step]
    family = families()
    made = []
    for name in FAMILIES:
        here: list[OtherMarks] = []
        for number in frequent(np.where(family == name, count, 0), _TRIED):
            ink = ink_of(count, int(number))
            core = core_of(index, ink)
            least = _SHARE * np.count_nonzero(core)
            red, green, blue = (round(float(value)) for value in ink.colour)
            for found in round_cores(core, most=_SIZES):
                wide = found.width * step
                good = found.number >= _FEWEST and found.pixels >= least and wide >= _NARROWEST
                if good and all(abs(wide - one.width) > 0.3 * wide for one in here):
                    one = OtherMarks(name, (red, green, blue), found.number, wide, False)
                    here.append(one)
            many, room = pin_cores(core)
            if many >= _FEWEST and room >= least and not any(one.pins for one in here):
                here.append(OtherMarks(name, (red, green, blue), many, 0.0, True))
        made += here
    return sorted(made, key=lambda marks: -marks.number)
