"""Marker colours of a picture: those with many round marks or teardrop pins of one size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from privaudit.core.checks import one_of
from privaudit.errors import ParameterError
from privaudit.screenshots.colour_families_and_coverage import (
    FAMILIES,
    STEPS,
    ColourPicture,
    MarkerColour,
    Wanted,
    colour_families,
    colour_index,
    core_of,
    family_of,
    frequent_colours,
    levels,
    marker_colour_of,
    piece_sizes,
    pixels_at,
)

# Shape of a pin: height over width; share of its box that it fills; width of its lowest tenth, as
# a share of its width; share of its height above which it is widest; largest offset of its axis.
_TALL, _FILL, _FOOT, _WIDEST, _ASKEW = (1.2, 2.4), (0.42, 0.78), 0.45, 0.55, 0.12
# Least area of a pin, in pixels; relative difference of sizes that count as equal (or one pixel).
_LEAST, _ALIKE = 40, 0.08


def fill_holes(coverage: np.ndarray, most: float = np.inf) -> np.ndarray:
    """Fill the holes of marks up to a size: many pins have a white middle.

    Parameters
    ----------
    coverage : float, shape (h, w)
        Share of each pixel that is covered.
    most : float
        Largest hole that is filled, in pixels.

    Returns
    -------
    ndarray
    """
    label, size = piece_sizes(coverage < 0.5)
    inner = np.append(False, size <= most)
    for side in (label[0], label[-1], label[:, 0], label[:, -1]):
        inner[side] = False
    if not inner.any():
        return coverage
    hole = inner[label]
    # The soft edge of a hole is part of it.
    return np.where(ndimage.maximum_filter(hole, 5) & (coverage > 0) | hole, 1, coverage)


class Outline(NamedTuple):
    """Points where a coverage passes one half, about 1.3 a pixel of its length.

    Parameters
    ----------
    point : float, shape (n, 2)
        Column and row; the centre of the first pixel is at (.5, .5).
    inward : float, shape (n, 2)
        Unit vectors inwards.
    """

    point: np.ndarray
    inward: np.ndarray

    def where(self, chosen: np.ndarray) -> Outline:
        """Return some of the points."""
        return Outline(self.point[chosen], self.inward[chosen])


def outline(coverage: np.ndarray) -> Outline:
    """Return the outline of pixels that are at least half covered.

    Between two neighbouring pixels on either side of one half, the point is put by linear
    interpolation; the inside lies along the gradient (Sobel). The frame of the picture is no
    outline: a mark that it cuts goes on, for all one knows.

    Parameters
    ----------
    coverage : float, shape (h, w)
        Share of each pixel that is covered, 0 to 1.

    Returns
    -------
    Outline

    Examples
    --------
    >>> edge = outline(np.array([[0.0, 0.25, 1.0]] * 3))
    >>> edge.point.round(3).tolist(), edge.inward[0].tolist()
    ([[1.833, 0.5], [1.833, 1.5], [1.833, 2.5]], [1.0, 0.0])
    """
    covered = coverage >= 0.5
    beside = np.nonzero(covered[:, 1:] != covered[:, :-1])
    below = np.nonzero(covered[1:] != covered[:-1])
    row, column = (np.concatenate(both) for both in zip(beside, below, strict=True))
    # The second pixel of a pair lies one column on, or one row.
    across = np.repeat([1, 0], [len(beside[0]), len(below[0])])
    last_row, last_column = row + 1 - across, column + across
    here, there = coverage[row, column], coverage[last_row, last_column]
    share = (0.5 - here) / (there - here)
    point = np.column_stack([column + 0.5 + share * across, row + 0.5 + share * (1 - across)])
    first, last = _gradient(coverage, row, column), _gradient(coverage, last_row, last_column)
    slope = first * (1 - share[:, None]) + last * share[:, None]
    size = np.hypot(slope[:, 0], slope[:, 1])
    steep = size > 1e-6
    return Outline(point[steep].astype(float), slope[steep] / size[steep, None])


def _gradient(coverage: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return the Sobel gradient at some pixels, as column and row: eight times the rise a pixel."""
    height, width = coverage.shape
    across, down = np.zeros(len(row)), np.zeros(len(row))
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            if i or j:
                at = np.clip(row + i, 0, height - 1), np.clip(column + j, 0, width - 1)
                value = coverage[at]
                across += j * (2 - abs(i)) * value
                down += i * (2 - abs(j)) * value
    return np.column_stack([across, down])


def box_sizes(boxes: list[tuple[slice, slice]]) -> np.ndarray:
    """Return height and width of the boxes of pieces, shape (n, 2).

    Parameters
    ----------
    boxes : list of tuple of slice
        Bounding boxes of pieces, as rows and columns.

    Returns
    -------
    ndarray
    """
    side = [[rows.stop - rows.start, columns.stop - columns.start] for rows, columns in boxes]
    return np.array(side, np.int64).reshape(-1, 2)


def equal_pins(core: np.ndarray) -> tuple[list[tuple[slice, slice]], list[int], int]:
    """Return the pieces of a core that are pins of the most common size.

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour of the marks is.

    Returns
    -------
    boxes : list of tuple of slice
        Of all pieces.
    pins : list of int
        Which of them are such pins.
    pixels : int
        Area of the boxes of these.

    Examples
    --------
    >>> row, column = np.mgrid[:60, :60]
    >>> head = np.sqrt(np.maximum(100 - (row - 20.0) ** 2, 0))
    >>> half = np.where(row < 20, head, 10 - (row - 20) / 2.2)
    >>> core = (np.abs(column - 30) <= half) & (row >= 10) & (row <= 42)
    >>> equal_pins(core)[1], equal_pins(core.T)[1]
    ([0], [])
    """
    label, _ = ndimage.label(core)
    boxes = ndimage.find_objects(label)
    side = box_sizes(boxes)
    tall = side[:, 0] / np.maximum(side[:, 1], 1)
    likely = (tall >= _TALL[0]) & (tall <= _TALL[1]) & (side.prod(axis=1) >= _LEAST)
    pins = [int(k) for k in np.flatnonzero(likely) if _is_pin(label[boxes[k]] == k + 1)]
    if not pins:
        return boxes, [], 0
    size = side[pins]
    slack = np.maximum(1, _ALIKE * size)
    alike = (np.abs(size[:, None] - size[None]) <= slack[:, None]).all(axis=2)
    best = int(np.argmax(alike.sum(axis=1) * size.prod(axis=1)))
    chosen = [pins[k] for k in np.flatnonzero(alike[best])]
    return boxes, chosen, int(size[alike[best]].prod(axis=1).sum())


def _is_pin(piece: np.ndarray) -> bool:
    """Return whether a piece is round above, narrow below, and symmetric."""
    piece = fill_holes(np.pad(piece, 1).astype(np.float32))[1:-1, 1:-1] >= 0.5
    height, width = piece.shape
    wide = piece.sum(axis=1)
    fill = wide.sum() / piece.size
    foot = wide[-max(1, height // 10) :].mean() / width
    top = int(np.argmax(wide))
    widest = (top + int(height - 1 - np.argmax(wide[::-1]))) / 2 / height
    centre = (piece * np.arange(width)).sum(axis=1) / np.maximum(wide, 1)
    askew = np.abs(centre - (width - 1) / 2).max() / width
    falls = (np.diff(wide[int(widest * height) :]) <= 1).all()
    return bool(
        _FILL[0] <= fill <= _FILL[1]
        and foot <= _FOOT
        and widest <= _WIDEST
        and askew <= _ASKEW
        and falls
    )


# Frequent colours of a family that are tried: a road, a label and a park may be of it too.
_TRIED = 4
# Round pieces, and their share of the colour's pixels, from which no other colour is tried.
_ENOUGH, _SHARE = 8, 0.2
# Specks up to this width are no marks where a colour has this many times their pixels: they may
# be its soft edges.
_SPECK, _FRINGE = 4.0, 4
# Ratio of scores by which a less frequent colour wins.
_CLEARLY = 1.5
# Tolerance, in levels of each channel, of a colour that is given by its numbers.
_ABOUT = 28
# Pins of one size that make a map of pins; pixels that are searched for them.
_PINS, _GLANCE = 3, 2_000_000
# Least area of a round piece, in pixels; ratio of sizes that count as equal.
_MIN_AREA, _SAME_SIZE = 5, 1.25
# Share of its box that a round piece fills (a disc fills pi / 4); largest relative difference of
# height and width.
_ROUND_FILL, _SLACK = (0.62, 0.92), 0.2
# A ring fills less of its box than this; a disc with a number fills more.
_RING = 0.5
# Share of a large piece and of the disc in its box that are both.
_DISC = 0.85
# Width from which a disc may hold a number, so that its holes are filled; pieces that are filled.
_NUMBERED, _MOST_FILLED = 14, 500


class RoundMarks(NamedTuple):
    """Round pieces of one size.

    Parameters
    ----------
    number : int
        How many.
    width : float
        Pixels.
    pixels : int
        Area of all.
    rings : bool
        Whether most of them are rings.
    at : tuple of (float, float)
        Columns and rows of their centres.
    """

    number: int
    width: float
    pixels: int
    rings: bool = False
    at: tuple[tuple[float, float], ...] = ()


def round_marks(core: np.ndarray, width: float | None = None, most: int = 1) -> list[RoundMarks]:
    """Count the round pieces of a core by size, the largest total area first.

    Parameters
    ----------
    core : bool, shape (h, w)
    width : float, optional
        Only those about as wide, in pixels.
    most : int
        How many sizes.

    Returns
    -------
    list of RoundMarks

    Examples
    --------
    >>> row, column = np.mgrid[:20, :40]
    >>> core = (row - 9) ** 2 + (column - 9) ** 2 <= 12
    >>> core[2:5, 20:38] = True
    >>> round_marks(core)
    [RoundMarks(number=1, width=7.0, pixels=37, rings=False, at=((9.5, 9.5),))]
    """
    label, area = piece_sizes(core)
    boxes = ndimage.find_objects(label)
    side = box_sizes(boxes)
    longest, shortest = side.max(axis=1, initial=1), side.min(axis=1, initial=1000)
    square = (area >= _MIN_AREA) & (longest - shortest <= np.maximum(1, _SLACK * longest))
    if width is not None:
        square &= np.abs(longest - width) <= 1 + 0.2 * width
    fill = area / np.maximum(side.prod(axis=1), 1)
    open_ = fill < _RING
    hollow = square & (fill < _ROUND_FILL[0]) & (longest >= _NUMBERED)
    for k in np.flatnonzero(hollow)[:_MOST_FILLED]:
        piece = np.pad(label[boxes[k]] == k + 1, 1).astype(np.float32)
        fill[k] = (fill_holes(piece) >= 0.5).sum() / side[k].prod()
    for k in np.flatnonzero(square & (fill >= _ROUND_FILL[0]) & (longest >= _NUMBERED)):
        square[k] = _is_disc(label[boxes[k]] == k + 1)
    round_ = square & (fill >= _ROUND_FILL[0]) & ((fill <= _ROUND_FILL[1]) | (longest <= 4))
    pieces = np.flatnonzero(round_)
    pieces = pieces[np.argsort(longest[pieces], kind="stable")]
    groups: list[RoundMarks] = []
    while len(pieces) and len(groups) < most:
        wide = longest[pieces].astype(float)
        like = commonest_size(wide, wide * _SAME_SIZE + 0.5, area[pieces])
        alike = pieces[like]
        at = tuple(
            ((columns.start + columns.stop) / 2, (rows.start + rows.stop) / 2)
            for rows, columns in (boxes[k] for k in alike)
        )
        rings = bool(open_[alike].mean() > 0.5)
        width, pixels = float(np.median(wide[like])), int(area[alike].sum())
        groups.append(RoundMarks(len(alike), width, pixels, rings, at))
        pieces = np.delete(pieces, like)
    return groups


def _is_disc(piece: np.ndarray) -> bool:
    """Return whether a large piece fills the disc in its box: parks and roofs do not."""
    solid = fill_holes(np.pad(piece, 1).astype(np.float32))[1:-1, 1:-1] >= 0.5
    down, across = (np.abs((np.arange(n) + 0.5) / n * 2 - 1) for n in piece.shape)
    disc = np.hypot(down[:, None], across) <= 1
    return bool((solid & disc).sum() >= _DISC * (solid | disc).sum())


def commonest_size(size: np.ndarray, limit: np.ndarray, room: np.ndarray) -> slice:
    """Return the run of similar sizes that takes up the most room.

    A legend may show another size than the map, and the specks of letters are many and small.

    Parameters
    ----------
    size, room : float, shape (n,)
        Of each mark, in ascending order of size; at least one.
    limit : float, shape (n,)
        Largest size that counts as equal to each.

    Returns
    -------
    slice

    Examples
    --------
    >>> size = np.array([3.0, 10.0, 10.5, 30.0])
    >>> commonest_size(size, size * 1.1, size**2)
    slice(1, 3, None)
    """
    end = np.searchsorted(size, limit, "right")
    total = np.concatenate([[0], np.cumsum(room)])
    many = end - np.arange(len(size))
    # One mark alone does not outweigh two that agree.
    room = np.where((many == 1) & (many.max() > 1), 0, total[end] - total[:-1])
    first = int(np.argmax(room))
    return slice(first, int(end[first]))


def candidate_colours(
    picture: ColourPicture, wanted: Wanted, most: int, *, step: int = 1
) -> Iterator[tuple[MarkerColour, np.ndarray]]:
    """Yield the most frequent colours of a family, each with where it is.

    Parameters
    ----------
    picture : ColourPicture
    wanted : str or float array, shape (3,)
        One of `FAMILIES`, or red, green and blue.
    most : int
        Number of colours.
    step : int
        Only every such row and column is searched.

    Yields
    ------
    tuple (MarkerColour, bool array)
    """
    index = picture.colours[::step, ::step]
    for number in frequent_colours(np.where(member_colours(wanted), picture.pixels, 0), most):
        tint = marker_colour_of(picture.pixels, int(number))
        yield tint, core_of(index, tint)


def choose_marker_colour(
    picture: ColourPicture, wanted: Wanted, *, width: float | None = None, pins: bool = False
) -> tuple[MarkerColour, RoundMarks] | None:
    """Choose the colour of a family (or near a colour) that has the most round marks.

    Parameters
    ----------
    picture : ColourPicture
    wanted : str or ndarray of float, shape (3,)
        One of `FAMILIES`, or red, green and blue.
    width : float, optional
        Only marks about as wide, in pixels, count.
    pins : bool
        Teardrop pins count instead, where there are any: their middles may be round.

    Returns
    -------
    tuple of MarkerColour and RoundMarks, or None
        None where the picture has no such colour.
    """
    best: tuple[MarkerColour, RoundMarks] | None = None
    most = (0, -1.0)
    largest = 0
    for tint, core in candidate_colours(picture, wanted, _TRIED):
        total = max(int(np.count_nonzero(core)), 1)
        marks = round_marks(core, width)
        rounds = marks[0] if marks else RoundMarks(0, 0.0, 0)
        largest = max(largest, total)
        worth = (0, _score(rounds.number, rounds.pixels, total))
        if rounds.width <= _SPECK and largest > _FRINGE * total:
            worth = (0, -1.0)
        _, alike, room = equal_pins(core) if pins else ([], [], 0)
        if alike:
            worth = (1, _score(len(alike), room, total))
        if worth[0] > most[0] or (worth[0] == most[0] and worth[1] > _CLEARLY * most[1]):
            best, most = (tint, rounds), worth
        if not pins and rounds.number >= _ENOUGH and rounds.pixels >= _SHARE * total:
            break
    return best


def wanted_colour(word: str, who: str) -> tuple[str, Wanted]:
    """Return the name of a colour, and its family or its numbers.

    Parameters
    ----------
    word : str
        One of `FAMILIES`, or ``"#rrggbb"``.
    who : str
        Name of the caller, for messages.

    Returns
    -------
    tuple of str and Wanted
    """
    if isinstance(word, str) and re.fullmatch("#[0-9a-fA-F]{6}", word):
        wanted = np.array([int(word[k : k + 2], 16) for k in (1, 3, 5)], float)
        return str(family_of(wanted[None])[0]) or word.lower(), wanted
    one_of(who, "colour", word, (*FAMILIES, "#rrggbb"))
    if word == "#rrggbb":
        raise ParameterError.of(who, "a colour as #d62728", word)
    return word, word


def member_colours(wanted: Wanted) -> np.ndarray:
    """Return which quantised colours are of a family, or near a colour.

    Parameters
    ----------
    wanted : str or float array, shape (3,)
        Name of a family of colours, or a colour.

    Returns
    -------
    ndarray
    """
    if isinstance(wanted, str):
        return np.asarray(colour_families() == wanted)
    return np.asarray(np.abs(levels() - wanted).max(axis=1) <= _ABOUT)


def other_fill(image: np.ndarray, centre: np.ndarray, wanted: Wanted) -> str:
    """Return the family of the fill of most marks where it has a hue, and not that of a colour.

    The rims and soft edges of marks have the colour of others: circles may be read of them.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    centre : float, shape (n, 2)
        Columns and rows.
    wanted : str or float array, shape (3,)
        As that of `member_colours`.

    Returns
    -------
    str
        "" for the colour itself, for a fill without a hue, and for rings over the ground.

    Examples
    --------
    >>> image, at = np.full((9, 9, 3), (152, 78, 163), np.uint8), np.array([[4.5, 4.5]])
    >>> other_fill(image, at, "red"), other_fill(image, at, np.array([150.0, 80.0, 160.0]))
    ('pink', '')
    """
    row, column, _ = pixels_at(image.shape[:2], centre)
    fill = image[row, column]
    side = round(STEPS ** (1 / 3))
    # Compression may have moved a colour by a step.
    member = ndimage.maximum_filter(member_colours(wanted).reshape(side, side, side), 3)
    own = member.reshape(-1)[colour_index(fill[None])[0]]
    names, many = np.unique(np.where(own, "", family_of(fill)), return_counts=True)
    usual = str(names[np.argmax(many)])
    return usual if usual not in ("", "grey", "black") and many.max() > len(fill) / 2 else ""


def _score(number: int, pixels: int, total: int) -> float:
    """Return the score of a colour: many marks, large ones, and little else."""
    return min(number, _ENOUGH) * pixels * pixels / total


def pins_prevail(picture: ColourPicture, families: list[Wanted]) -> bool:
    """Return whether pins cover more area than round marks in one of some families.

    Parameters
    ----------
    picture : ColourPicture
    families : list of str or float array, shape (3,)
        As `wanted` of `choose_marker_colour`.

    Returns
    -------
    bool
    """
    step = int(np.ceil(np.sqrt(picture.colours.size / _GLANCE)))
    for wanted in families:
        for _, core in candidate_colours(picture, wanted, _TRIED, step=step):
            _, pins, room = equal_pins(core)
            discs = round_marks(core)
            if len(pins) >= _PINS and room > (discs[0].pixels if discs else 0):
                return True
    return False


# Colours of a family that are tried, and sizes of each; number of marks of one size, their width
# in pixels and their share of the colour from which they are reported.
_OTHERS_TRIED, _SIZES, _FEWEST, _NARROWEST, _OTHERS_SHARE = 2, 2, 3, 5.0, 0.2


class OtherMarks(NamedTuple):
    """Round marks, or pins, of one colour.

    Parameters
    ----------
    family : str
        Name of the colour.
    colour : tuple of int
        Red, green and blue.
    number : int
        How many.
    width : float
        Pixels; 0 for pins.
    pins : bool
        Whether they are pins.
    at : tuple of (float, float)
        Columns and rows of their centres; empty for pins.
    """

    family: str
    colour: tuple[int, int, int]
    number: int
    width: float
    pins: bool
    at: tuple[tuple[float, float], ...] = ()


def other_marks(picture: ColourPicture, *, pixels: int = 2_000_000) -> list[OtherMarks]:
    """Return the round marks and pins of each family of colours, the most numerous first.

    Parameters
    ----------
    picture : ColourPicture
    pixels : int
        How many are looked at: a larger picture is looked at through a grid.

    Returns
    -------
    list of OtherMarks

    Examples
    --------
    >>> from privaudit.screenshots.colour_families_and_coverage import ColourPicture
    >>> image = np.full((60, 100, 3), 255, np.uint8)
    >>> row, column = np.mgrid[:60, :100]
    >>> for middle in (20, 45, 70):
    ...     image[(row - 30) ** 2 + (column - middle) ** 2 <= 50] = (31, 80, 200)
    >>> [(marks.family, marks.number) for marks in other_marks(ColourPicture.of(image))]
    [('blue', 3)]
    """
    step = int(np.ceil(np.sqrt(picture.colours.size / pixels)))
    every = []
    for name in FAMILIES:
        here: list[OtherMarks] = []
        for tint, core in candidate_colours(picture, name, _OTHERS_TRIED, step=step):
            least = _OTHERS_SHARE * np.count_nonzero(core)
            red, green, blue = (round(float(value)) for value in tint.colour)
            for rounds in round_marks(core, most=_SIZES):
                wide = rounds.width * step
                good = rounds.number >= _FEWEST and rounds.pixels >= least and wide >= _NARROWEST
                if good and all(abs(wide - mark.width) > 0.3 * wide for mark in here):
                    at = tuple((x * step, y * step) for x, y in rounds.at)
                    here.append(
                        OtherMarks(name, (red, green, blue), rounds.number, wide, False, at)
                    )
            _, pins, room = equal_pins(core)
            if len(pins) >= _FEWEST and room >= least and not any(mark.pins for mark in here):
                here.append(OtherMarks(name, (red, green, blue), len(pins), 0.0, True))
        every += here
    return sorted(every, key=lambda marks: -marks.number)


def describe_marks(others: list[OtherMarks]) -> str:
    """Name the marks that were not read, most numerous first.

    Parameters
    ----------
    others : list of OtherMarks

    Returns
    -------
    str
    """
    return ", ".join(
        f"{marks.number:,} {marks.family} "
        + ("pins" if marks.pins else f"dots {marks.width:.0f} pixels wide")
        for marks in others[:4]
    )
