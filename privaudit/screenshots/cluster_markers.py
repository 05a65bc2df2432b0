"""Cluster markers, and the number of markers that a picture shows and that were not read.

Three kinds are not read: pieces of the colour that no marker explains, markers wholly under others,
and cluster markers that stand for several.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.errors import ReadError
from privaudit.screenshots.colour_families_and_coverage import (
    ColourPicture,
    Wanted,
    core_of,
    levels,
    local_peaks,
    piece_sizes,
    pixels_at,
    shrink_mask,
    window_around,
)
from privaudit.screenshots.dots import DotPair, Dots, count_dots, known_dots
from privaudit.screenshots.marker_colours import (
    OtherMarks,
    choose_marker_colour,
    fill_holes,
    other_fill,
    other_marks,
)

# What to do with a picture of heat that was taken for one of dots.
OF_HEAT = "A heat map needs --dots (how many people)."
# Cluster markers are sought in a reduced picture, in which they are about this wide, in pixels.
_WIDE = 15
# Heads of pins are this far from a common offset above their tips at most, in pixels.
_HEAD = 2.0
# Least share of a cluster marker with its colour, and least excess over that of the ring around
# it: labels with halos hide half of one, and a neighbour may have the same colour.
_SHOWN, _CLEARER = 0.4, 0.35
# Gap between a marker's edge and the ring around it, and width of the ring, in pixels.
_SOFT, _RING = 1.0, 3.0
# Least distance of two cluster markers, in widths; largest hole (its digits), as a share of its
# area; layers of overlapping ones.
_APART, _DIGITS, _LAYERS = 0.6, 0.3, 3


def all_cluster_markers(
    picture: ColourPicture, marks: list[OtherMarks], tips: np.ndarray
) -> list[OtherMarks]:
    """Return each cluster marker once, in colours of which some markers are whole.

    Parameters
    ----------
    picture : ColourPicture
    marks : list of OtherMarks
        Round marks, larger than dots, of which some stand free.
    tips : float, shape (n, 2)
        Of the pins that were read: their heads are round, and no cluster markers.

    Returns
    -------
    list of OtherMarks
    """
    complete: list[OtherMarks] = []
    centres = np.empty((0, 2))
    for mark in marks:
        chosen = choose_marker_colour(picture, np.array(mark.colour, float))
        if chosen is None or chosen[1].number == 0:
            continue
        width = chosen[1].width
        by = max(1, int(width / _WIDE))
        core = shrink_mask(core_of(picture.colours, chosen[0]), by)
        at = find_cluster_markers(core, width / by) * by
        if len(centres) and len(at):
            at = at[cKDTree(centres).query(at)[0] > _APART * width]
        if len(at) == 0 or _are_heads(at, tips):
            continue
        centres = np.concatenate([centres, at])
        where = tuple((float(x), float(y)) for x, y in at)
        complete.append(mark._replace(number=len(at), width=width, at=where))
    return complete


def _are_heads(at: np.ndarray, tips: np.ndarray) -> bool:
    """Return whether most centres lie alike above the tips of pins."""
    if len(tips) == 0:
        return False
    off = at - tips[cKDTree(tips).query(at)[1]]
    alike = np.abs(off - np.median(off, axis=0)).max(axis=1) <= _HEAD
    return bool(alike.mean() > 0.5)


def find_cluster_markers(core: np.ndarray, width: float) -> np.ndarray:
    """Return the discs of a width, whole or partly hidden, in a mask of their colour.

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour is.
    width : float
        Of every disc, in pixels.

    Returns
    -------
    float, shape (n, 2)
        Columns and rows of their middles.

    Examples
    --------
    A disc with a number, and one that a name parts in two:

    >>> row, column = np.mgrid[:60, :120] + 0.5
    >>> core = np.minimum(np.hypot(row - 30, column - 30), np.hypot(row - 30, column - 85)) < 15
    >>> core[26:34, 27:33] = core[24:35, 60:] = False
    >>> np.sort(find_cluster_markers(core, 30.0).round(), axis=0).tolist()
    [[30.0, 30.0], [85.0, 30.0]]
    """
    radius = width / 2
    solid = fill_holes(core.astype(np.float32), _DIGITS * np.pi * radius**2) >= 0.5
    reach = int(np.ceil(radius + _SOFT + _RING))
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    away = np.hypot(down, across)
    inside = away <= radius
    beside = (away > radius + _SOFT) & (away <= radius + _SOFT + _RING)
    free, centres = solid.astype(np.float32), np.empty((0, 2))
    open_ = np.ones(core.shape, np.float32)
    for _ in range(_LAYERS):
        # Pixels of markers that were found before are no evidence for those below.
        shown = _open_share(free, open_, inside)
        worth = np.where(shown >= _SHOWN, shown - _open_share(free, open_, beside), -1.0)
        at = local_peaks(worth, _CLEARER, 2 * int(_APART * width) + 1)[1][:, ::-1] + 0.5
        if not len(at):
            break
        centres = np.concatenate([centres, at])
        for column, row in at:
            box, right, below = window_around(free.shape, column, row, int(np.ceil(radius + _SOFT)))
            covered = np.hypot(below, right) <= radius + _SOFT
            free[box][covered] = open_[box][covered] = 0
    return centres


def _open_share(free: np.ndarray, open_: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return the share of open pixels of a template, at each pixel, that have the colour."""
    from scipy.signal import fftconvolve

    kernel = part.astype(np.float32)
    matched = fftconvolve(free, kernel, mode="same")
    room = fftconvolve(open_, kernel, mode="same")
    return np.asarray(np.where(room >= 0.5 * kernel.sum(), matched / np.maximum(room, 1), 0))


# A piece holds a mark from this share of its area, unless it is a line this thin, in pixels.
_PIECE, _THICK = 0.3, 1
# Grid, to a side, at which a mark is tested for others above it; share that must be open for it to
# be read; positions beside each mark that are tried, and places in the order of painting.
_POINTS, _OPEN, _TURNS = 9, 0.15, 4
_EARLY = (0.1, 0.3, 0.5, 0.7, 0.9)
# A sequence without gaps: the golden section.
_GOLDEN = (np.sqrt(5) - 1) / 2
# Height of digits as a share of a cluster marker's width, and width of the part they stand in.
_DIGIT, _MIDDLE = (0.12, 0.6), 0.45
# A number of digits of which fewer than this share of the markers have as many was misread.
_RARE = 0.1
# Digits of a number begin and end within this many rows of pixels.
_ROW = 1.0


class MarkCount(NamedTuple):
    """A number of marks with its bounds.

    Parameters
    ----------
    low, value, high : float
        Lower bound, estimate, upper bound.
    """

    low: float
    value: float
    high: float

    @classmethod
    def total(cls, counts: Iterable[MarkCount]) -> MarkCount:
        """Return the sum of counts, bound by bound."""
        return cls(*(sum(bounds, 0.0) for bounds in zip(NO_MARKS, *counts, strict=True)))


NO_MARKS = MarkCount(0.0, 0.0, 0.0)


def markers_in_pieces(
    core: np.ndarray, centre: np.ndarray, radius: float, ground: np.ndarray | None = None
) -> tuple[int, MarkCount]:
    """Estimate the marks in the pieces of a colour that no mark explains.

    A piece holds as many as its area has room for, at what a mark that was read shows of itself on
    average; at most twice as many. One of the ground hides as many as are elsewhere on as many
    pixels as a mark fits in (of Poisson's distribution, the upper bound at two deviations).

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour is.
    centre : float, shape (n, 2)
        Marks that were read.
    radius : float
        Of a mark, in pixels.
    ground : bool, shape (h, w), optional
        Pieces of the ground.

    Returns
    -------
    tuple (int, MarkCount)

    Examples
    --------
    >>> core = np.zeros((30, 60), bool)
    >>> core[5:15, 5:15] = core[5:15, 30:50] = True
    >>> markers_in_pieces(core, np.array([[10.0, 10.0]]), 5.0)
    (1, MarkCount(low=1, value=2.5464790894703255, high=5.092958178940651))
    """
    row, column, inside = pixels_at(core.shape, centre)
    free = np.ones(core.shape, bool)
    free[row[inside], column[inside]] = False
    explained, whole = np.zeros_like(core), np.pi * radius**2
    each = whole
    if inside.any():
        explained = ndimage.distance_transform_edt(free) <= radius + 1.5
        each = float(np.clip((core & explained).sum() / inside.sum(), whole / 3, whole))
    left = core & ~explained
    label, area = piece_sizes(left)
    thick = np.zeros(len(area) + 1, bool)
    thick[label[ndimage.binary_erosion(left, iterations=_THICK)]] = True
    piece = (area >= _PIECE * whole) & thick[1:]
    if ground is None:
        area = area[piece]
        about = float(np.maximum(area / each, 1).sum())
        return len(area), MarkCount(len(area), about, 2 * about)
    # A mark may touch a park.
    own = ndimage.sum_labels(ground, label, np.arange(1, len(area) + 1)) > area / 2
    marks, parks = area[piece & ~own], int((piece & own).sum())
    about = float(np.maximum(marks / each, 1).sum())
    room = ndimage.distance_transform_edt(core & ground) >= radius
    hidden = float(len(centre) * room.sum() / max(int((~(core & ground)).sum()), 1))
    high = 2 * about + hidden + 2 * np.sqrt(hidden)
    return len(marks) + parks, MarkCount(len(marks), about + hidden, high)


def covered_share(centre: np.ndarray, radius: float) -> float:
    """Return the share of marks too deep under others to be read.

    It is the share of further marks, one beside each mark and painted early or late, that would be
    covered.

    Parameters
    ----------
    centre : float, shape (n, 2)
    radius : float
        Pixels.

    Returns
    -------
    float

    Examples
    --------
    >>> covered_share(np.array([[0.0, 0.0], [100.0, 0.0]]), 5.0)
    0.0
    """
    if len(centre) < 2:
        return 0.0
    turn = 2 * np.pi * _GOLDEN * np.arange(len(centre) * _TURNS)
    away = radius * np.sqrt(np.tile((np.arange(_TURNS) + 0.5) / _TURNS, len(centre)))
    place = np.repeat(centre, _TURNS, axis=0)
    place = place + away[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    step = (np.arange(_POINTS) + 0.5) / _POINTS * 2 - 1
    grid = np.array([(x, y) for x in step for y in step if x * x + y * y <= 1]) * radius
    point = (place[:, None] + grid).reshape(-1, 2)
    pairs = cKDTree(centre).sparse_distance_matrix(cKDTree(point), radius, output_type="ndarray")
    # The mark beside which another is tried may cover it as any other may.
    painted = np.mod(np.arange(len(centre)) * _GOLDEN, 1)
    lost = []
    for early in _EARLY:
        above = np.zeros(len(point), bool)
        above[pairs["j"][painted[pairs["i"]] > early]] = True
        lost.append(((~above).reshape(len(place), -1).mean(axis=1) < _OPEN).mean())
    return float(np.mean(lost))


def markers_in_clusters(image: np.ndarray, clusters: np.ndarray) -> MarkCount:
    """Estimate the number of marks behind cluster markers, from their digits.

    A marker of two digits stands for 10 to 99 marks, about 32 (the middle of the logarithms).
    Labels hide digits: each may have as many as other markers of its colour have, and one without
    a number stands for as many as these; for 2 to 99 where none shows a number.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    clusters : float, shape (n, 3)
        Column, row and radius of each, all of one colour.

    Returns
    -------
    MarkCount
    """
    read = np.array([_count_digits(image, *cluster) for cluster in clusters], np.int64)
    shown = read[read > 0]
    usual = max((k for k in range(1, 6) if (shown >= k).sum() > _RARE * len(shown)), default=2)
    # Hidden digits are taken to be as many as in the others.
    known = np.minimum(read, usual)
    likely = np.where(known > 0, known, usual)
    low, least = (np.maximum(10.0 ** (digits - 1), 2.0) for digits in (known, likely))
    about = np.sqrt(least * (10.0**likely - 1))
    return MarkCount(sum(low.tolist()), sum(about.tolist()), len(read) * (10.0**usual - 1))


def _count_digits(image: np.ndarray, column: float, row: float, radius: float) -> int:
    """Return the number of glyphs in the middle of a cluster marker, 0 to 5."""
    box = window_around(image.shape, column, row, int(_MIDDLE * 2 * radius / 2) + 1)[0]
    light = image[box].astype(np.float32).mean(axis=2)
    if light.size == 0:
        return 0
    usual = np.median(light)
    off = np.abs(light - usual)
    glyph = ndimage.label(off > 0.5 * off.max() + 20, np.ones((3, 3)))[0]
    ends = np.array([(box[0].start, box[0].stop) for box in ndimage.find_objects(glyph)])
    tall = np.diff(ends.reshape(-1, 2), axis=1)[:, 0]
    ends = ends[(tall >= _DIGIT[0] * 2 * radius) & (tall <= _DIGIT[1] * 2 * radius)]
    if not len(ends):
        return 0
    # Digits of a number stand in one row; letters of a name above it do not.
    off = np.abs(ends - np.median(ends, axis=0)).max(axis=1)
    return min(int((off <= _ROW).sum()), 5)


# Radius from which figures in a mark can be read, in pixels; share of the marks that stand alone
# and hold some, from which marks may be counts; share of their fill of one shade; where, in radii.
_READABLE, _HOLD, _FILLED, _FILL = 7.0, 0.25, 0.6, 0.65


def hold_numbers(image: np.ndarray, dots: Dots) -> bool:
    """Return whether marks are filled and hold figures: those of clusters, or of a list.

    A quarter of those that stand alone tells it: small digits are often missed, and none was found
    in a tenth of marks without a number.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    dots : Dots
    """
    radius, centre = dots.size.radius, dots.centre
    if radius < _READABLE or not len(centre):
        return False
    turn = np.arange(8) * np.pi / 4
    around = centre[:, None] + _FILL * radius * np.column_stack([np.cos(turn), np.sin(turn)])
    row, column, _ = pixels_at(image.shape[:2], around.reshape(-1, 2))
    fill = image[row, column].astype(np.float32)
    shade, ground = np.median(fill, axis=0), np.median(image.reshape(-1, 3), axis=0)
    filled = (np.linalg.norm(fill - shade, axis=1) <= _OTHER).mean() >= _FILLED
    # Through a ring the ground shows, also one filled by a fifth, and what is written there.
    if not filled or np.linalg.norm(shade - ground) <= 2 * _OTHER:
        return False
    nearest = cKDTree(centre).query(centre, 2)[0][:, 1]
    held = [_count_digits(image, x, y, radius) > 0
            for x, y in centre[nearest >= 2 * radius].tolist()]  # fmt: skip
    return sum(held) >= max(_HOLD * len(held), 1)


# Share of the single marks of one size from which those of another are a second class, and their
# least number; ratio of all marks of a symbol to these from which both sizes are its parts.
_SECOND, _FEWEST, _MORE = 1 / 3, 3, 1.25


def refuse_ambiguous(
    image: np.ndarray, pair: DotPair, name: str, who: str, asked: tuple[str | None, float | None]
) -> None:
    """Raise an error where marks hold numbers, are in larger ones, or have two sizes, one unread.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    pair : tuple of Dots or None
        Dots of the colour that was asked for, and grey ones.
    name, who : str
        Names of the colour and of the caller, for messages.
    asked : tuple (str or None, float or None)
        The marker and the radius that the caller gave.

    Raises
    ------
    ReadError
    """
    first, (marker, radius) = pair[0], asked
    if marker is None and any(hold_numbers(image, dots) for dots in known_dots(pair)):
        came = "marks with numbers in them, each of which may stand for several"
        do = "Zoom in, or pass --marker='disc' (in Python marker=) where each is one place."
        raise ReadError.of(who, f"{name} dots", came, do)
    if marker is None and any(_are_holes(image, dots) for dots in known_dots(pair)):
        came = "marks inside larger ones, as holes in the heads of pins, of which no place is known"
        do = f"Pass --colour= of larger ones, or --marker='disc' (no dashes in Python). {OF_HEAT}"
        raise ReadError.of(who, f"{name} dots", came, do)
    if first is None or radius is not None:
        return
    mean, _, single, others, other = first.alone or first.size
    if others < max(_FEWEST, _SECOND * single):
        return
    if first.by_template and len(first.centre) > _MORE * (single + others):
        # Of one symbol that explains clearly more marks, both sizes are parts.
        return
    came = f"{single:,} with a radius of {mean:.1f} pixels and {others:,} with {other:.1f}"
    do = "Pass dot_radius= to pa.screenshots.read_screenshot for one of them, or crop the picture."
    raise ReadError.of(who, f"{name} dots of one size", came, do)


# Distance from the middle, in radii, at which what surrounds a mark is looked up, and to which it
# may reach; levels within which it is of one colour, and share of the directions. By how much its
# middle lies aside, in radii, and differs between marks.
_AROUND, _FARTHEST, _ONE_SHADE, _ALL_AROUND, _ASIDE, _ALIKE = 1.45, 8.0, 30, 0.75, 0.4, 0.35


def _are_holes(image: np.ndarray, dots: Dots) -> bool:
    """Return whether most marks are parts of larger ones, all beside the middle of these alike."""
    radius = dots.size.radius + dots.rim
    reach, turn = int(np.ceil(_FARTHEST * radius)), np.arange(16) * np.pi / 8
    ring = _AROUND * radius * np.column_stack([np.cos(turn), np.sin(turn)]) + reach
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    tested, aside = 0, []
    for column, row in dots.centre[:: 1 + len(dots.centre) // 60]:
        left, top = int(column) - reach, int(row) - reach
        part = image[max(top, 0) : top + 2 * reach + 1, max(left, 0) : left + 2 * reach + 1]
        if part.shape[:2] != x.shape:
            continue
        tested += 1
        at = (ring + np.array([column % 1, row % 1])).astype(int)
        seen = part[at[:, 1], at[:, 0]]
        colour = np.median(seen, axis=0)
        if (np.abs(seen - colour).max(axis=1) <= _ONE_SHADE).mean() < _ALL_AROUND:
            continue
        alike = (np.abs(part - colour).max(axis=2) <= _ONE_SHADE) | (np.hypot(x, y) <= 1.2 * radius)
        label = ndimage.label(alike)[0]
        piece = label == label[reach, reach]
        if not (piece[[0, -1]].any() or piece[:, [0, -1]].any()):
            aside.append((x[piece].mean(), y[piece].mean()))
    if len(aside) <= max(_FEWEST, tested / 2):
        return False
    middle = np.median(aside, axis=0)
    apart = np.median(np.abs(aside - middle), axis=0).max()
    return bool(apart <= _ALIKE * radius and np.hypot(*middle) > _ASIDE * radius)


def refuse_other_fill(
    image: np.ndarray, pair: DotPair, wanted: Wanted, name: str, who: str
) -> None:
    """Raise an error where most marks are the edges of marks of another colour.

    Parameters
    ----------
    image, pair, name, who
        As those of `refuse_ambiguous`.
    wanted : str or float array, shape (3,)
        Family of the colour that was asked for, or its red, green and blue.

    Raises
    ------
    ReadError
    """
    for dots, family in zip(pair, (wanted, "grey"), strict=True):
        if dots is None or (dots is pair[1] and pair[0] is not None):
            continue
        if other := other_fill(image, dots.centre, family):
            came = f"{len(dots.centre):,} marks whose fill is {other}"
            do = f"Pass --colour='{other}' (in Python colour=)."
            raise ReadError.of(who, f"{name} dots", came, do)


# Where dots have rims, are pins, or leave pieces of their colour: share of those read that may be
# missed without a trace, and share that may be none.
_MISSED, _NONE = 0.15, 0.07
# Standard errors within which two marks may be one.
_PARTED = 10.0
# Panels: radii beside a mark at which its ground is seen; levels within which that is one colour;
# share of a side that is straight; share of the picture that is the map; of marks, that are few.
_BESIDE, _ONE_COLOUR, _STRAIGHT, _WHOLE_MAP, _FEW_IN_PANELS = 1.6, 10, 0.8, 0.4, 0.1
# Largest difference between the channels of a grey; share of a picture's pixels that may exceed it.
_GREY, _NO_COLOUR = 40.0, 1e-5
# Places in a mark at which its shade is looked up, in radii from its middle; share of these that
# show by how much it varies; levels beyond that of another shade, and of another in any case.
_INSIDE, _MOST_OF_THEM, _SHADES, _OTHER = 0.5, 0.8, 6.0, 40.0
# In a picture without colours, pixels of this share of the marks' darkness may be marks.
_AS_DARK = 0.6
# A rim is wide beyond this share of the radius.
_THIN_RIM = 0.25
# Widths, relative to the dots', from which round marks of other colours, and of the dots' own, are
# reported as unread; pixels of the picture that are searched for them.
_ALIKE_WIDE, _LARGER, _GLANCE = 0.7, 1.6, 500_000
# In a crowd of pins, a third or more of an unread pin is visible.
_VISIBLE_SHARE = 3.0


def cluster_marker_width(radius: float, marker: str) -> float:
    """Return the width, in pixels, from which a round mark is larger than dots or pins are.

    Parameters
    ----------
    radius : float
        Of a dot, or of the head of a pin, in pixels.
    marker : {"disc", "pin"}

    Returns
    -------
    float
    """
    return _LARGER * radius * (1 if marker == "pin" else 2)


def unread_counts(
    picture: ColourPicture,
    wanted: Wanted,
    name: str,
    pair: DotPair,
    others: list[OtherMarks],
    kind: str,
) -> dict[str, Any]:
    """Estimate the number of dots that were not read: in pieces, covered, in cluster markers.

    Parameters
    ----------
    picture : ColourPicture
    wanted : str or float array, shape (3,)
        Family of the colour that was asked for, or its red, green and blue.
    name : str
        Name of the colour.
    pair : tuple of Dots or None
        Dots of that colour, and grey ones.
    others : list of OtherMarks
        Round marks that are no dots.
    kind : {"disc", "pin"}

    Returns
    -------
    dict
        Fields of `PictureDots`.
    """
    dots = known_dots(pair)
    centre, radius = np.concatenate([part.centre for part in dots]), dots[0].size.radius
    pieces, left = count_dots(pair)[1], sum(part.left for part in dots)
    rim = max(part.rim for part in dots)
    if kind == "pin":
        # A piece of a pin's colour may be an icon of another shape.
        in_pieces = MarkCount(0.0, float(pieces), _VISIBLE_SHARE * max(pieces, left))
    elif colourless(picture):
        # Marks of another shade are of another colour, or of the one that was asked for.
        dark = _dark_as_marks(picture.image, centre)
        pieces, held = markers_in_pieces(dark, centre, radius + dots[0].rim)
        in_pieces = held._replace(low=0.0)
    else:
        pieces, in_pieces = _in_pieces(picture, wanted, name, pair)
    lost = covered_share(centre, radius)
    covered = len(centre) * lost / (1 - lost) if lost < 1 else 0.0
    # A wide rim hides much of the dots below, of which then too little is left to be read.
    thick = len(centre) * max(0.0, rim / radius - _THIN_RIM)
    crossed = any(part.rim or part.refused or part.by_template for part in dots)
    rims = len(centre) if kind == "pin" or crossed else 0
    # Of marks that cross, some may be pieced together from arcs of others.
    crossing = max(rims, _overlapping(centre, 2 * radius))
    # Two closer than their errors part may be one whose outline compression made larger.
    near = _PARTED * float(np.median(np.concatenate([part.error for part in dots])))
    doubled = _overlapping(centre, min(near, radius)) / 2
    panel = _in_panels(picture.image, centre, radius + rim)
    wide = cluster_marker_width(radius, kind)
    clusters = [
        np.array([(*at, marks.width / 2) for at in marks.at])
        for marks in others
        if not marks.pins and marks.width > wide
    ]
    about, most = covered + thick / 2 - panel, 3 * covered + _MISSED * rims + 2 * thick
    return {
        "pieces": pieces,
        "in_pieces": in_pieces,
        "covered": MarkCount(-max(_NONE * crossing, doubled) - panel, about, most),
        "clusters": sum(map(len, clusters)),
        "in_clusters": MarkCount.total(
            markers_in_clusters(picture.image, cluster) for cluster in clusters
        ),
    }


def _overlapping(centre: np.ndarray, reach: float) -> int:
    """Return how many marks have another within a distance."""
    if len(centre) < 2:
        return 0
    return int((cKDTree(centre).query(centre, k=2)[0][:, 1] < reach).sum())


def _in_panels(image: np.ndarray, centre: np.ndarray, radius: float) -> int:
    """Return how many marks lie in panels: upright rectangles of one colour, as legends are.

    A symbol of a legend, or a button, is as round as a dot. Where many marks lie in rectangles,
    these are blocks of a town.
    """
    off = _BESIDE * radius * np.array([(1, 0), (-1, 0), (0, 1), (0, -1)])
    row, column, _ = pixels_at(image.shape[:2], (centre[:, None] + off).reshape(-1, 2))
    seen = image[row, column].reshape(-1, len(off), 3)
    even = np.abs(seen - np.median(seen, axis=1, keepdims=True)).max(axis=2) <= _ONE_COLOUR
    first = np.arange(len(centre)) * len(off) + even.argmax(axis=1)
    row, column = row[first], column[first]
    # On one side there may be another symbol, or its name.
    inside, waiting = 0, np.flatnonzero(even.sum(axis=1) >= len(off) - 1)
    while len(waiting):
        colour = image[row[waiting[0]], column[waiting[0]]].astype(int)
        alike = np.abs(image - colour).max(axis=2) <= _ONE_COLOUR
        label = ndimage.label(alike)[0]
        here = label[row[waiting], column[waiting]]
        boxes = ndimage.find_objects(label)
        for piece in np.unique(here[here > 0]):
            box = boxes[piece - 1]
            if _is_panel(label[box] == piece, radius, alike.size):
                inside += int((here == piece).sum())
        waiting = waiting[here == 0]
    return inside if inside <= _FEW_IN_PANELS * len(centre) else 0


def _is_panel(piece: np.ndarray, radius: float, room: int) -> bool:
    """Return whether a piece is an upright rectangle, large enough for a mark with words."""
    if min(piece.shape) < 4 * radius or piece.size > _WHOLE_MAP * room:
        return False
    sides = (piece[:3].any(axis=0), piece[-3:].any(axis=0), piece[:, :3].any(axis=1),
             piece[:, -3:].any(axis=1))  # fmt: skip
    return bool(min(side.mean() for side in sides) >= _STRAIGHT)


def colourless(picture: ColourPicture) -> bool:
    """Return whether a picture has no colours, as a scan in grey has none.

    Parameters
    ----------
    picture : ColourPicture

    Returns
    -------
    bool
    """
    count = picture.pixels
    return bool(count[np.ptp(levels(), axis=1) > _GREY].sum() <= _NO_COLOUR * count.sum())


def _dark_as_marks(image: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return where a picture is nearly as dark as the marks at some places are."""
    light = image.astype(np.float32).mean(axis=2)
    ground = float(np.median(light))
    row, column, _ = pixels_at(light.shape, centre)
    mark = float(np.median(light[row, column]))
    return np.asarray(ground - light >= _AS_DARK * (ground - mark))


def _in_pieces(
    picture: ColourPicture, wanted: Wanted, name: str, pair: DotPair
) -> tuple[int, MarkCount]:
    """Estimate the dots in pieces of their shades that no dot explains: marks, or ground."""
    centre = np.concatenate([dots.centre for dots in known_dots(pair)])
    pieces, counts = 0, []
    for family, dots in zip((wanted, "grey"), pair, strict=True):
        if dots is None or (dots is pair[1] and name == "grey") or not dots.refused:
            continue
        chosen = choose_marker_colour(picture, family)
        if not len(dots.centre) or (dots.left and not dots.by_template):
            pieces += dots.refused if len(dots.centre) else 0
            counts.append(MarkCount(0.0, dots.left, 2 * dots.left))
        elif chosen is not None:
            core = core_of(picture.colours, chosen[0])
            core &= _of_their_shade(picture.image, dots)
            more, held = markers_in_pieces(core, centre, dots.size.radius + dots.rim, dots.ground)
            pieces += more
            counts.append(held._replace(low=0.0))
    return pieces, MarkCount.total(counts)


def _of_their_shade(image: np.ndarray, dots: Dots) -> np.ndarray:
    """Return where a picture has the shade of the inside of marks, to what most of these vary."""
    off = _INSIDE * dots.size.radius * np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])
    row, column, _ = pixels_at(image.shape[:2], (dots.centre[:, None] + off).reshape(-1, 2))
    inner = image[row, column].astype(np.float32)
    shade = np.median(inner, axis=0)
    usual = float(np.quantile(np.linalg.norm(inner - shade, axis=1), _MOST_OF_THEM))
    return np.asarray(np.linalg.norm(image - shade, axis=2) <= min(usual + _SHADES, _OTHER))


def unread_marks(
    picture: ColourPicture, read: Sequence[str], radius: float, wide: float
) -> list[OtherMarks]:
    """Return the round marks of other colours, or of these and larger: clusters, icons, pins.

    Parameters
    ----------
    picture : ColourPicture
    read : sequence of str
        Names of the colours whose dots were read. Grey dots that were not may be small.
    radius, wide : float
        Of a dot, and width of the smallest cluster marker, in pixels.

    Returns
    -------
    list of OtherMarks
    """
    least = _ALIKE_WIDE * 2 * radius
    return [
        marks
        for marks in other_marks(picture, pixels=_GLANCE)
        if marks.pins
        or marks.width > wide
        or (marks.family not in read and (marks.family == "grey" or marks.width > least))
    ]


def with_all_cluster_markers(
    picture: ColourPicture,
    others: list[OtherMarks],
    wide: float,
    tips: np.ndarray,
    read: Sequence[str],
) -> list[OtherMarks]:
    """Complete the cluster markers of those colours of which some stand free.

    Pins of colours that were read are no others.

    Parameters
    ----------
    picture : ColourPicture
    others : list of OtherMarks
        From `unread_marks`.
    wide : float
        Width of the smallest cluster marker, in pixels.
    tips : float, shape (n, 2)
        Tips of the pins that were read.
    read : sequence of str
        Names of the colours whose dots or pins were read.

    Returns
    -------
    list of OtherMarks
    """
    others = [marks for marks in others if not (len(tips) and marks.pins and marks.family in read)]
    larger = [marks for marks in others if not marks.pins and marks.width > wide]
    clusters = all_cluster_markers(picture, larger, tips)
    return [marks for marks in others if marks not in larger] + clusters
