"""Disc markers of one colour in a picture: their size, and the position of each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from privaudit.measures.pictures.discs import Discs, split_discs
from privaudit.measures.pictures.edges import Outline, bitten, rim_width

__all__ = ["Above", "DotSize", "Dots", "find_dots", "measure_dots"]

# Points of an outline to a pixel of its length, on average over directions.
_POINTS_PER_PIXEL = 4 / np.pi

# A mark is made of dots where their circles explain so much of its outline, stray from it by no
# more than so many times what single dots do, and run along it to this sine of an angle. A
# straight edge can be pieced together of short arcs, which fit it badly in both ways.
_EXPLAINED, _MISFIT, _SLANT = 0.6, 2.0, 0.25
# A mark of larger radius by this factor, that strays from its circle by less than this share, is
# a bubble.
_BUBBLE, _ROUND = 1.4, 0.02
# No dots are so clean that they stray by less than this, in pixels.
_LEAST_SPREAD = 0.1
# Layers of dots with rims that are looked under.
_DEEPEST = 4
# From the median absolute deviation to a standard deviation, for a normal distribution.
_FROM_MEDIAN = 1.4826


class DotSize(NamedTuple):
    """Size of single marks: radius, spread of the outline about it (pixels), number of marks.

    `spread` is a root mean square, within marks and between them.
    """

    radius: float
    spread: float
    single: int


class Dots(NamedTuple):
    """Dots of a picture: column and row, shape (n, 2), with standard errors, in pixels.

    `refused` counts the marks of the colour that are no dots, and `left` how many dots their colour
    would fill, where that is known; `room` is the share of the colour's pixels that lie in marks
    made of dots; `rim` the width of a rim around them, 0 for none; `peeled` tells whether they were
    peeled off the picture, which outlines did not explain.
    """

    centre: np.ndarray
    error: np.ndarray
    size: DotSize
    refused: int
    room: float
    rim: float
    left: float = 0.0
    peeled: bool = False


class Above(NamedTuple):
    """Dots of another colour on top: their centres, their outer radius, and their rim."""

    centre: np.ndarray
    outer: float
    rim: float


def measure_dots(coverage: np.ndarray, edge: Outline) -> DotSize | None:
    """Return the size of the round marks that stand alone.

    Parameters
    ----------
    coverage : float, shape (h, w)
    edge : Outline
        Of that coverage.

    Returns
    -------
    DotSize or None
        None where no mark is round.

    Examples
    --------
    >>> from privaudit.measures.pictures.edges import outline
    >>> row, column = np.mgrid[:20, :20] + 0.5
    >>> coverage = np.clip(4.5 - np.hypot(column - 9.3, row - 10), 0, 1)
    >>> size = measure_dots(coverage, outline(coverage))
    >>> round(size.radius, 1), size.single
    (4.0, 1)
    """
    label, count = ndimage.label(coverage >= 0.5)
    if count == 0 or len(edge.point) == 0:
        return None
    mark = _mark_of(edge, label)
    radius, spread, points = _circles(edge, mark, count)
    around = 2 * np.pi * radius * _POINTS_PER_PIXEL
    round_ = (spread < 0.05 * radius + 0.2) & (np.abs(points / np.maximum(around, 1) - 1) < 0.25)
    round_[0] = False
    round_ &= radius >= 1.2
    if not round_.any():
        return None
    # The size that takes up most room, to one part in ten: a legend may show another, and the
    # specks of letters are many and small.
    sizes = np.sort(radius[round_])
    end = np.searchsorted(sizes, sizes * 1.1, "right")
    room = np.concatenate([[0], np.cumsum(sizes**2)])
    room = room[end] - room[:-1]
    many = end - np.arange(len(sizes))
    # One mark alone does not outweigh two that agree.
    room[(many == 1) & (many.max() > 1)] = 0
    first = int(np.argmax(room))
    usual = sizes[first : end[first]]
    like = round_ & (radius >= usual[0]) & (radius <= usual[-1])
    middle_size = float(np.median(usual))
    between = np.median(np.abs(usual - middle_size)) * _FROM_MEDIAN
    within_one = np.median(spread[like])
    return DotSize(middle_size, float(np.hypot(within_one, between)), int(like.sum()))


def find_dots(
    coverage: np.ndarray,
    edge: Outline,
    size: DotSize,
    *,
    core: np.ndarray | None = None,
    over: Above | None = None,
) -> Dots:
    """Return the dots of a coverage, without marks of another shape.

    Letters, boxes and lines are marks whose outline circles of the right size do not explain. Where
    dots have a rim, the bites that they cut into others are taken away from the outline, so that
    the dots below are seen, layer by layer.

    Parameters
    ----------
    coverage : float, shape (h, w)
        May hold more than `edge` outlines: a dot may lie under a mark of another colour.
    edge : Outline
        What of the outline is to be explained.
    size : DotSize
        Size of the dots, from `measure_dots`.
    core : bool, shape (h, w), optional
        Where the colour itself is seen: a mark of which less than a third of a dot is seen is
        no mark of another shape.
    over : Above, optional
        Dots of another colour that lie above these.

    Returns
    -------
    Dots
    """
    rim = 0.0
    if over is not None:
        bite = bitten(edge, over.centre, over.outer)
        edge = Outline(edge.point[~bite], edge.inward[~bite])
        rim = over.rim
    discs, edge, rim = _layers(edge, size, rim)
    label, count = ndimage.label(coverage >= 0.5)
    mark = _mark_of(edge, label)
    owned = discs.owner >= 0
    of = discs.owner[owned]
    away = edge.point[owned] - discs.centre[of]
    distance = np.hypot(away[:, 0], away[:, 1])
    inward = edge.inward[owned]
    slant = (away[:, 0] * inward[:, 1] - away[:, 1] * inward[:, 0]) / distance
    points = np.maximum(np.bincount(mark, minlength=count + 1), 1)
    share = np.bincount(mark[owned], minlength=count + 1) / points
    misfit = _root_mean_square(mark[owned], distance - size.radius, count)
    shaped = share >= _EXPLAINED
    shaped &= misfit <= _MISFIT * max(size.spread, _LEAST_SPREAD)
    shaped &= _root_mean_square(mark[owned], slant, count) <= _SLANT
    shaped &= ~_bubbles(edge, mark, count, size)
    of_disc = np.zeros(len(discs.centre), np.int64)
    of_disc[discs.owner[owned]] = mark[owned]
    is_disc = shaped[of_disc]
    room = np.bincount(label.reshape(-1), minlength=count + 1)
    shown = room if core is None else np.bincount(label[core], minlength=count + 1)
    shown[0] = 0
    refused = ~shaped & (shown >= np.pi * size.radius**2 / 3)
    return Dots(
        centre=discs.centre[is_disc],
        error=discs.error[is_disc],
        size=size,
        refused=int(refused.sum()),
        room=float(shown[shaped].sum() / np.maximum(shown.sum(), 1)),
        rim=rim,
    )


def _layers(edge: Outline, size: DotSize, rim: float) -> tuple[Discs, Outline, float]:
    """Split discs; where they have rims, those below them too."""
    tolerance = float(np.clip(3 * size.spread + 0.05, 0.2, 0.9))
    fewest = 3 if tolerance < 0.3 else 4
    discs = split_discs(edge, size.radius, tolerance, fewest=fewest)
    if not rim:
        alone = discs.owner < 0
        rest = Outline(edge.point[alone], edge.inward[alone])
        rim = rim_width(rest, discs.centre, size.radius) or 0.0
    if not rim:
        return discs, edge, rim
    bite = np.zeros(len(edge.point), bool)
    for _ in range(_DEEPEST):
        # What lies above is neither a lower dot's outline nor in the way of one.
        bite |= bitten(edge, discs.centre, size.radius + rim)
        left = np.flatnonzero((discs.owner < 0) & ~bite)
        rest = Outline(edge.point[left], edge.inward[left])
        below = split_discs(rest, size.radius, tolerance, fewest=fewest)
        if len(below.centre) == 0:
            break
        owner = discs.owner.copy()
        owner[left] = np.where(below.owner >= 0, below.owner + len(discs.centre), -1)
        centre = np.concatenate([discs.centre, below.centre])
        error = np.concatenate([discs.error, below.error])
        discs = Discs(centre, error, owner, discs.misfit)
    explained = (discs.owner >= 0) | ~bite
    return (
        discs._replace(owner=discs.owner[explained]),
        Outline(edge.point[explained], edge.inward[explained]),
        rim,
    )


def _circles(
    edge: Outline, mark: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return radius, misfit and number of points of a circle fitted to each mark."""
    points = np.maximum(np.bincount(mark, minlength=count + 1), 1)
    middle = np.column_stack([_sum(mark, edge.point[:, k], count) / points for k in (0, 1)])
    for _ in range(3):
        away = edge.point - middle[mark]
        distance = np.hypot(away[:, 0], away[:, 1])
        radius = _sum(mark, distance, count) / points
        # On a whole circle, twice the mean of the misfits' components leads to the centre.
        pull = away * (1 - radius[mark] / np.maximum(distance, 1e-9))[:, None]
        step = [2 * _sum(mark, pull[:, k], count) / points for k in (0, 1)]
        middle = middle + np.column_stack(step)
    spread = np.sqrt(_sum(mark, (distance - radius[mark]) ** 2, count) / points)
    return radius, spread, points


def _bubbles(edge: Outline, mark: np.ndarray, count: int, size: DotSize) -> np.ndarray:
    """Return which marks are one larger disc: by their outer outline, around a number inside."""
    points = np.maximum(np.bincount(mark, minlength=count + 1), 1)
    middle = np.column_stack([_sum(mark, edge.point[:, k], count) / points for k in (0, 1)])
    outer = ((middle[mark] - edge.point) * edge.inward).sum(axis=1) > 0
    outline = Outline(edge.point[outer], edge.inward[outer])
    radius, spread, _ = _circles(outline, mark[outer], count)
    large = radius > _BUBBLE * size.radius
    return large & (spread < _ROUND * radius + size.spread)


def _sum(mark: np.ndarray, value: np.ndarray, count: int) -> np.ndarray:
    """Return the sum of a value over the points of each mark."""
    return np.bincount(mark, value, count + 1)


def _root_mean_square(mark: np.ndarray, value: np.ndarray, count: int) -> np.ndarray:
    """Return the root mean square of a value over the points of each mark; 0 for none."""
    points = np.maximum(np.bincount(mark, minlength=count + 1), 1)
    return np.sqrt(_sum(mark, value**2, count) / points)


def _mark_of(edge: Outline, label: np.ndarray) -> np.ndarray:
    """Return the label of the mark of each outline point."""
    height, width = label.shape
    inner = edge.point + 0.7 * edge.inward
    column = np.clip(inner[:, 0].astype(np.int64), 0, width - 1)
    row = np.clip(inner[:, 1].astype(np.int64), 0, height - 1)
    return label[row, column]
