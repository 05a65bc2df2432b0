"""Ring markers that cross: strokes of a colour, through whose fill those below are visible.

They are the default of Leaflet. The outline of a crowd of rings does not separate them; but each is
a circle of one radius, visible all round except where another ring or a label lies above.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.screenshots.colour_families_and_coverage import (
    ColourPicture,
    Wanted,
    letter_strokes,
    piece_sizes,
    template_share,
    window_around,
)
from privaudit.screenshots.dots import DotPair, Dots, DotSize, count_dots, known_dots
from privaudit.screenshots.marker_colours import box_sizes, candidate_colours

# Frequent colours of a family that are tried.
_TRIED = 4
# Single rings that are needed to learn from; largest difference of height and width, least width
# and largest difference of radii, in pixels; share of its radius to which a ring is hollow.
_FEWEST, _SQUARE, _NARROWEST, _ALIKE, _HOLLOW = 3, 1, 9, 0.5, 0.55
# Width of the soft edges of a stroke, in pixels: fitted without them, explained with them.
_SOFT = 1.0
# Least share of a ring that is visible and not yet explained, less the missing share; largest
# missing share; least share with the ring's colour, explained or not.
_UNEXPLAINED, _MISSING, _OWN = 0.15, 0.25, 0.35
# The last two shares where unexplained pieces exceed this share of the rings.
_STRICT, _UNSURE = (0.1, 0.6), 0.2
# Rounds of fitting; least distance of rings that are fitted in the same round, in radii.
_ROUNDS, _APART = 12, 0.8
# Width of the halo of letters, in pixels.
_HALO = 2
# A stroke is thin below this width, in pixels.
_THIN = 2.5
# Distance below which two centres are of the same ring, in pixels.
_SAME_RING = 1.5
# Standard error of a centre, in pixels.
_ERROR = 0.3
# Rings replace discs where they are at least this share of their number, and discs leave more than
# this share of marks unexplained; discs below this share of a ring's radius are pieces of it.
_NEARLY, _MUCH, _INSIDE = 0.7, 0.1, 0.6


class Ring(NamedTuple):
    """Size of single rings.

    Parameters
    ----------
    radius : float
        Of the middle of the stroke, in pixels.
    stroke : float
        Width of the stroke, in pixels.
    single : int
        Number of single rings.
    """

    radius: float
    stroke: float
    single: int


def learn_ring(core: np.ndarray, image: np.ndarray) -> Ring | None:
    """Return the ring learnt from single rings, or None where fewer than three alike stand alone.

    Parameters
    ----------
    core : bool, shape (h, w)
        Where the colour of the strokes is.
    image : uint8, shape (h, w, 3)

    Returns
    -------
    Ring or None

    Examples
    --------
    >>> row, column = np.mgrid[:40, :130] + 0.5
    >>> away = np.min([np.hypot(row - 20, column - x) for x in (20, 62, 104)], axis=0)
    >>> core = np.abs(away - 10) < 1.5
    >>> image = np.where(core[..., None], [214, 39, 40], 240).astype(np.uint8)
    >>> ring = learn_ring(core, image)
    >>> round(ring.radius), round(ring.stroke), ring.single
    (10, 3, 3)
    """
    label, _ = ndimage.label(core, np.ones((3, 3)))
    boxes = ndimage.find_objects(label)
    side = box_sizes(boxes)
    square = (np.abs(side[:, 0] - side[:, 1]) <= _SQUARE) & (side[:, 0] >= _NARROWEST)
    sizes = []
    for k in np.flatnonzero(square):
        own = label[boxes[k]] == k + 1
        down, across = np.nonzero(own)
        away = np.hypot(down + 0.5 - side[k, 0] / 2, across + 0.5 - side[k, 1] / 2)
        hollow = away.min() > _HOLLOW * side[k, 1] / 2
        if hollow and _is_open(image, boxes[k], image[boxes[k]][own]):
            radius = float(away.mean())
            sizes.append((radius, len(down) / (2 * np.pi * radius)))
    if not sizes:
        return None
    rings = np.array(sizes)
    alike = np.abs(rings[:, :1] - rings[:, 0]) <= _ALIKE
    rings = rings[alike[int(np.argmax(alike.sum(axis=1)))]]
    radius, stroke = np.median(rings, axis=0)
    return Ring(float(radius), float(stroke), len(rings)) if len(rings) >= _FEWEST else None


def _is_open(image: np.ndarray, box: tuple[slice, slice], own: np.ndarray) -> bool:
    """Return whether the middle of a mark is more like the ground beside it than like its stroke.

    `own` are the pixels of the stroke, shape (n, 3).
    """
    rows, columns = (slice(max(part.start - 2, 0), part.stop + 2) for part in box)
    colours = image[rows, columns].astype(np.float32)
    high, wide = colours.shape[:2]
    down, across = np.mgrid[:high, :wide] - np.array([high - 1, wide - 1])[:, None, None] / 2
    away = np.hypot(down, across) / (max(high, wide) / 2)
    inner = np.median(colours[away < 0.5 * _HOLLOW], axis=0)
    ground, stroke = np.median(colours[away > 1.0], axis=0), np.median(own, axis=0)
    return bool(np.linalg.norm(inner - ground) < np.linalg.norm(inner - stroke))


def _score(learnt: tuple[np.ndarray, Ring]) -> float:
    """Return the score of a colour: many single rings, and little else."""
    core, ring = learnt
    return ring.single**2 * ring.radius * ring.stroke / float(core.sum())


def ring_cores(
    picture: ColourPicture, families: list[Wanted]
) -> tuple[list[np.ndarray | None], Ring] | None:
    """Return where the strokes of each family's rings are, with a ring, or None.

    Parameters
    ----------
    picture : ColourPicture
    families : list of str or float array, shape (3,)
        As `wanted` of `choose_marker_colour`.

    Returns
    -------
    tuple (list of ndarray or None, Ring) or None
    """
    best: list[tuple[np.ndarray, Ring] | None] = []
    for wanted in families:
        learnt = [
            (core, ring)
            for _, core in candidate_colours(picture, wanted, _TRIED)
            if (ring := learn_ring(core, picture.image)) is not None
        ]
        best.append(max(learnt, key=_score, default=None))
    usual = max((pair[1] for pair in best if pair), key=lambda ring: ring.single, default=None)
    if usual is None:
        return None
    cores = [pair[0] if pair and abs(pair[1].radius - usual.radius) <= 1 else None for pair in best]
    return cores, usual


def ring_dots(image: np.ndarray, cores: list[np.ndarray | None], ring: Ring) -> DotPair:
    """Return the rings of two colours.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    cores : bool, shape (h, w)
        Where the colour of each is, None for no such colour.
    ring : Ring
        What they look like.

    Returns
    -------
    tuple of Dots or None
    """
    known = [core for core in cores if core is not None]
    marks = ndimage.binary_dilation(np.logical_or.reduce(known), np.ones((3, 3)))
    letters = letter_strokes(image.astype(np.float32), marks)
    letters = ndimage.binary_dilation(letters, np.ones((3, 3)), _HALO + 1)
    first, second = (
        core if core is None else _dots_of_colour(core, [letters, *known], ring, core is known[0])
        for core in cores
    )
    return first, second


def are_rims(rings: DotPair, discs: DotPair) -> bool:
    """Return whether rings are no dots: rims of discs of another colour, or of that alone.

    Parameters
    ----------
    rings, discs : tuple of Dots or None

    Returns
    -------
    bool
    """
    if rings[0] is None or rings[1] is not None or discs[1] is None:
        return rings[0] is None and discs[0] is not None
    if not len(rings[0].centre) or not len(discs[1].centre):
        return False
    gap = cKDTree(discs[1].centre).query(rings[0].centre)[0]
    return bool(np.median(gap) < _INSIDE * rings[0].size.radius)


def are_cleaner(rings: DotPair, discs: DotPair) -> bool:
    """Return whether discs leave much of their colours unexplained, and rings leave less.

    Parameters
    ----------
    rings, discs : tuple of Dots or None

    Returns
    -------
    bool
    """
    size = [max((d.size.radius for d in known_dots(p)), default=0.0) for p in (rings, discs)]
    if rings[0] is not None and (discs[0] is None or size[1] < _INSIDE * size[0]):
        # No disc of the colour that was asked for, or only round pieces of strokes.
        return True
    (read, refused), (read_discs, refused_discs) = count_dots(rings), count_dots(discs)
    much = refused_discs > _MUCH * read_discs
    return much and read >= _NEARLY * read_discs and refused * read_discs < refused_discs * read


def _dots_of_colour(
    core: np.ndarray, covers: list[np.ndarray], ring: Ring, first: bool
) -> Dots | None:
    """Return the rings of one colour, of which letters and other colours may cover parts."""
    above = np.logical_or.reduce(covers) & ~core
    centre, free = _fit_rings(core, above, ring)
    if len(_remaining_pieces(free, ring)) > _UNSURE * len(centre):
        # Other marks have the colour: circles could be pieced together from them.
        centre, free = _fit_rings(core, above, ring, _STRICT)
    left, unread = _remaining_pieces(free, ring), 0
    if len(left) > _UNSURE * len(centre) and not first:
        # A second colour that is not distinct is reported only as a possible number.
        centre, unread = centre[:0], len(centre)
    if not len(centre) and not unread:
        return None
    whole = 2 * np.pi * ring.radius * ring.stroke
    return Dots(
        centre=centre,
        error=np.full(len(centre), _ERROR),
        size=DotSize(ring.radius + ring.stroke / 2, _ERROR, ring.single),
        refused=len(left) + unread,
        room=1 - float(free.sum()) / max(int(core.sum()), 1),
        rim=ring.stroke,
        left=float(left.sum() / whole) + unread,
    )


def _fit_rings(
    core: np.ndarray, above: np.ndarray, ring: Ring, shares: tuple[float, float] = (_MISSING, _OWN)
) -> tuple[np.ndarray, np.ndarray]:
    """Return the centres of rings, the most complete first, and the unexplained rest."""
    most, least = shares
    reach = int(np.ceil(ring.radius + ring.stroke)) + 1
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    part = np.abs(np.hypot(down, across) - ring.radius) <= max(ring.stroke - _SOFT, 1) / 2
    # A thin stroke is its own soft edge, here and there.
    visible = above | (ndimage.binary_dilation(core) if ring.stroke < _THIN else core)
    missing = template_share((~visible).astype(np.float32), part)
    own = template_share(core.astype(np.float32), part)
    sure = (missing <= most) & (own >= least)
    free = core.copy()
    centres: list[tuple[float, float]] = []
    apart = 2 * int(_APART * ring.radius) + 1
    for _ in range(_ROUNDS):
        new = template_share(free.astype(np.float32), part)
        worth = np.where(sure, new - missing, -1.0)
        peak = (worth >= _UNEXPLAINED) & (worth == ndimage.maximum_filter(worth, apart))
        at = np.argwhere(peak)
        if not len(at):
            break
        for row, column in at:
            middle = _fit_centre(free, core, row + 0.5, column + 0.5, ring)
            _remove_ring(free, *middle, ring)
            # The remains beside a circle belong to it, not to another in its place.
            if all(np.hypot(*np.subtract(middle, centre)) > _SAME_RING for centre in centres):
                centres.append(middle)
    return np.array(centres).reshape(-1, 2), free


def _around(
    shape: tuple[int, ...], column: float, row: float, ring: Ring
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray, np.ndarray]:
    """Return a window around a centre, with offsets: right, down, distance."""
    reach = int(np.ceil(ring.radius + ring.stroke)) + 2
    box, right, below = window_around(shape, column, row, reach)
    return box, right + 0 * below, below + 0 * right, np.hypot(right, below)


def _fit_centre(
    free: np.ndarray, core: np.ndarray, row: float, column: float, ring: Ring
) -> tuple[float, float]:
    """Return a centre after Gauss-Newton steps on the pixels of its colour."""
    for _ in range(3):
        box, right, below, away = _around(core.shape, column, row, ring)
        own = core[box] & (np.abs(away - ring.radius) <= ring.stroke / 2 + 1)
        # Pixels that other rings explain count less.
        weight = np.where(free[box], 1.0, 0.2)[own]
        unit = np.column_stack([right[own], below[own]]) / np.maximum(away[own], 1e-9)[:, None]
        off = away[own] - ring.radius
        matrix = (unit * weight[:, None]).T @ unit + 1e-6 * np.eye(2)
        step = np.linalg.solve(matrix, (unit * (weight * off)[:, None]).sum(axis=0)).clip(-1, 1)
        column, row = column + float(step[0]), row + float(step[1])
    return column, row


def _remove_ring(free: np.ndarray, column: float, row: float, ring: Ring) -> None:
    """Remove the pixels that a ring explains, its soft edges included."""
    box, _, _, away = _around(free.shape, column, row, ring)
    free[box] &= np.abs(away - ring.radius) > ring.stroke / 2 + 1


def _remaining_pieces(free: np.ndarray, ring: Ring) -> np.ndarray:
    """Return the sizes of remaining pieces of at least a quarter of a ring."""
    size = piece_sizes(free, corners=True)[1]
    return np.asarray(size[size >= _MISSING * 2 * np.pi * ring.radius * ring.stroke])
