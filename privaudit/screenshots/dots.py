"""Disc markers of one colour: their size, and the position of each where they overlap.

Sub-pixel outlines are split into arcs of circles; rims cut arcs into the dots below them.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.spatial import cKDTree

from privaudit.screenshots.colour_families_and_coverage import pixels_at
from privaudit.screenshots.marker_colours import Outline, commonest_size, fill_holes, outline

# Range of rims that is searched: from so many pixels to this share of the radius; width of a bin
# of distances.
_THINNEST, _WIDEST, _BIN = 0.5, 0.75, 0.25
# Points on rim arcs that make a rim: in all, to a dot, and as a share of all points beyond dots.
_FEWEST_POINTS, _TO_A_DOT, _SHARE = 12, 0.05, 0.7
# Least cosine between the normal of a rim arc and the direction away from its dot; largest
# distance of the arc from its circle, in pixels.
_FACING_AWAY, _STRAY = 0.8, 0.6
# Dots that may have made a rim arc, nearest first.
_NEAREST = 4


def _rim_width(edge: Outline, centre: np.ndarray, radius: float) -> float | None:
    """Return the width of the rims by which dots cut into others, of what no dot explains."""
    widest = max(_WIDEST * radius, _THINNEST + 3 * _BIN)
    away, distance = _neighbours(edge, centre, radius + widest)
    beyond = distance[away > _FACING_AWAY] - radius
    bins = np.arange(_THINNEST, widest + _BIN, _BIN)
    count = np.histogram(beyond[beyond >= _THINNEST], bins)[0]
    near = np.convolve(count, np.ones(3), "same")
    top = int(np.argmax(near))
    if near[top] < max(_FEWEST_POINTS, _TO_A_DOT * len(centre), _SHARE * count.sum()):
        return None
    low, high = bins[max(top - 1, 0)], bins[min(top + 2, len(bins) - 1)]
    return float(np.median(beyond[(beyond >= low) & (beyond < high)]))


def _is_rim_arc(edge: Outline, centre: np.ndarray, outer: float) -> np.ndarray:
    """Return which outline points lie on rim arcs of dots with an outer radius."""
    away, distance = _neighbours(edge, centre, outer + _STRAY)
    return np.asarray(((away > _FACING_AWAY) & (np.abs(distance - outer) <= _STRAY)).any(axis=1))


def _neighbours(edge: Outline, centre: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the cosine away from each of the dots nearest to each point, and their distance.

    Both have a row a point, with -1 and infinity where fewer dots are within reach.
    """
    tree, k = cKDTree(centre), min(_NEAREST, len(centre))
    away = np.full((len(edge.point), k), -1.0)
    if away.size == 0:
        return away, away
    distance, which = tree.query(edge.point, k=list(range(1, k + 1)), distance_upper_bound=reach)
    near = np.isfinite(distance)
    point = np.nonzero(near)[0]
    gap = edge.point[point] - centre[which[near]]
    along = (gap * edge.inward[point]).sum(axis=1)
    away[near] = along / np.maximum(distance[near], 1e-9)
    return away, distance


# Side, in pixels, of the cells in which votes for a centre are collected.
_CELL = 0.5
# Weight of the direction of an outline beside its position, in squared error.
_TRUST_IN_DIRECTION = 0.03
# Rounds of assigning points to circles and fitting these.
_ROUNDS = 4
# Further depth of a dent of an outline, in pixels.
_DENT = 0.25
# Distance at which two arcs meet, in pixels; least weight of a point there.
_MEETING, _LEAST = 1.0, 0.05
# Least cosine between the normal of an outline and the direction to a centre: 37 degrees.
_FACING = 0.8


class Discs(NamedTuple):
    """Discs that explain an outline.

    Parameters
    ----------
    centre : float, shape (n, 2)
        Column and row.
    error : float, shape (n,)
        Standard error of each coordinate, in pixels (root mean square of both).
    owner : int, shape (points,)
        Disc that explains each point of the outline, -1 for none.
    misfit : float
        Root mean square distance, in pixels, of those points from their circles.
    """

    centre: np.ndarray
    error: np.ndarray
    owner: np.ndarray
    misfit: float


def split_discs(edge: Outline, radius: float, tolerance: float, *, fewest: int = 3) -> Discs:
    """Return the discs of a known radius whose union has a given outline.

    Parameters
    ----------
    edge : Outline
        Points and inward directions.
    radius : float
        Of every disc, in pixels.
    tolerance : float
        How far, in pixels, the outline may lie from the circle that made it.
    fewest : int
        Points of the outline that a disc must explain alone; about 1.3 a pixel of arc.

    Returns
    -------
    Discs

    Examples
    --------
    Two discs of radius 4, six pixels apart:

    >>> row, column = np.mgrid[:16, :24] + 0.5
    >>> distance = np.minimum(np.hypot(column - 8, row - 8), np.hypot(column - 14, row - 8))
    >>> discs = split_discs(outline(np.clip(4.5 - distance, 0, 1)), radius=4, tolerance=0.2)
    >>> np.sort(discs.centre.round(1), axis=0).tolist()
    [[8.0, 8.0], [14.0, 8.0]]
    """
    tree = cKDTree(edge.point)
    centre = _candidates(edge, radius)
    for _ in range(2):
        centre = _empty_discs(centre, tree, radius, tolerance + 0.5)
        centre = _fit(centre, edge, _on_circle(centre, edge, tree, radius, tolerance + 0.3), radius)
        centre = _merge(centre)
    centre = _empty_discs(centre, tree, radius, tolerance + _DENT)
    chosen = _set_cover(_on_circle(centre, edge, tree, radius, tolerance), len(edge.point), fewest)
    centre = centre[chosen]
    mine = _assigned(centre, edge, tree, radius, tolerance)
    for _ in range(_ROUNDS):
        centre = _fit(centre, edge, mine, radius)
        mine = _assigned(centre, edge, tree, radius, tolerance)
        enough = np.diff(mine.indptr) >= fewest
        if not enough.all():
            centre = centre[enough]
            mine = _assigned(centre, edge, tree, radius, tolerance)
    return _with_errors(centre, edge, mine, radius)


def _candidates(edge: Outline, radius: float) -> np.ndarray:
    """Return the votes of the outline: one candidate a cell that has any."""
    vote = edge.point + radius * edge.inward
    cell = np.floor(vote / _CELL).astype(np.int64)
    _, group = np.unique(cell, axis=0, return_inverse=True)
    group = group.reshape(-1)
    count = np.bincount(group)
    return np.column_stack([np.bincount(group, vote[:, k]) / count for k in (0, 1)])


def _empty_discs(centre: np.ndarray, tree: cKDTree, radius: float, tolerance: float) -> np.ndarray:
    """Keep the candidates whose disc is crossed by no more than a stray point or two."""
    third = tree.query(centre, k=[min(3, tree.n)])[0][:, 0]
    return np.asarray(centre[third >= radius - tolerance])


def _on_circle(
    centre: np.ndarray, edge: Outline, tree: cKDTree, radius: float, tolerance: float
) -> coo_array:
    """Return the outline points that lie on each circle and face it, as CSR rows."""
    shape = (len(centre), len(edge.point))
    pairs = cKDTree(centre).sparse_distance_matrix(tree, radius + tolerance, output_type="ndarray")
    pairs = pairs[pairs["v"] >= radius - tolerance]
    towards = (centre[pairs["i"]] - edge.point[pairs["j"]]) / pairs["v"][:, None]
    facing = (towards * edge.inward[pairs["j"]]).sum(axis=1) > _FACING
    i, j = pairs["i"][facing], pairs["j"][facing]
    return coo_array((np.ones(len(i)), (i, j)), shape=shape).tocsr()


def _moments(
    centre: np.ndarray, edge: Outline, mine: coo_array, radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the normal equations of each circle's fit: rows, matrix, right side, distance."""
    row = np.repeat(np.arange(len(centre)), np.diff(mine.indptr))
    point = mine.indices
    away = edge.point[point] - centre[row]
    distance = np.hypot(away[:, 0], away[:, 1])
    unit = away / np.maximum(distance, 1e-9)[:, None]
    off = distance - radius
    vote = away + radius * edge.inward[point]
    n = len(centre)
    matrix = np.empty((n, 2, 2))
    right = np.empty((n, 2))
    share = mine.data
    for a in (0, 1):
        pull = unit[:, a] * off + _TRUST_IN_DIRECTION * vote[:, a]
        right[:, a] = np.bincount(row, share * pull, n)
        for b in (0, 1):
            weight = unit[:, a] * unit[:, b] + _TRUST_IN_DIRECTION * (a == b)
            matrix[:, a, b] = np.bincount(row, share * weight, n)
    return row, matrix, right, off


def _fit(centre: np.ndarray, edge: Outline, mine: coo_array, radius: float) -> np.ndarray:
    """Return each centre after one Gauss-Newton step on the points of its arc."""
    _, matrix, right, _ = _moments(centre, edge, mine, radius)
    some = np.diff(mine.indptr) > 0
    moved = centre.copy()
    step = np.linalg.solve(matrix[some], right[some][..., None])[..., 0]
    moved[some] += np.clip(step, -1, 1)
    return moved


def _merge(centre: np.ndarray) -> np.ndarray:
    """Keep one of the candidates within a tenth of a pixel of each other."""
    cell = np.rint(centre * 10).astype(np.int64)
    _, first = np.unique(cell, axis=0, return_index=True)
    return centre[np.sort(first)]


def _set_cover(mine: coo_array, points: int, fewest: int) -> np.ndarray:
    """Return the greedy set cover of outline points by circles (lazy greedy)."""
    explained = np.zeros(points, bool)
    indptr, indices = mine.indptr, mine.indices
    size = np.diff(indptr)
    waiting = [(-int(n), k) for k, n in enumerate(size) if n >= fewest]
    heapq.heapify(waiting)
    chosen = []
    while waiting:
        claimed, k = heapq.heappop(waiting)
        arc = indices[indptr[k] : indptr[k + 1]]
        new = int(np.count_nonzero(~explained[arc]))
        if new < fewest:
            continue
        if -claimed > new:
            heapq.heappush(waiting, (-new, k))
            continue
        explained[arc] = True
        chosen.append(k)
    return np.array(chosen, np.int64)


def _assigned(
    centre: np.ndarray, edge: Outline, tree: cKDTree, radius: float, tolerance: float
) -> coo_array:
    """Assign each outline point to the nearest circle, if near; weights as CSR rows."""
    reach = max(tolerance, _MEETING)
    mine = _on_circle(centre, edge, tree, radius, reach)
    row = np.repeat(np.arange(len(centre)), np.diff(mine.indptr))
    point = mine.indices
    away = edge.point[point] - centre[row]
    off = np.abs(np.hypot(away[:, 0], away[:, 1]) - radius)
    order = np.lexsort((off, point))
    row, point, off = row[order], point[order], off[order]
    first = np.diff(point, prepend=-1) > 0
    again = np.append(~first[1:], False)[first]
    second = np.full(int(first.sum()), _MEETING)
    second[again] = off[np.flatnonzero(first)[again] + 1]
    weight = np.clip(second / _MEETING, _LEAST, 1)
    near = off[first] <= tolerance
    at = row[first][near], point[first][near]
    return coo_array((weight[near], at), shape=mine.shape).tocsr()


def _with_errors(centre: np.ndarray, edge: Outline, mine: coo_array, radius: float) -> Discs:
    """Return the discs with the standard errors of their centres."""
    owner = np.full(len(edge.point), -1, np.int64)
    if len(centre) == 0:
        return Discs(centre, np.empty(0), owner, np.nan)
    row, matrix, _, off = _moments(centre, edge, mine, radius)
    owner[mine.indices] = row
    misfit = float(np.sqrt(np.average(off**2, weights=mine.data)))
    spread = np.linalg.inv(matrix)
    # Errors of points within a pixel, and on one side of a disc, are correlated: four points, and
    # the 2 r of a quadrant, count as one.
    alike = np.sqrt(max(4.0, 2 * radius))
    error = alike * misfit * np.sqrt((spread[:, 0, 0] + spread[:, 1, 1]) / 2)
    return Discs(centre, error, owner, misfit)


# Points of an outline to a pixel of its length, on average over directions.
_POINTS_PER_PIXEL = 4 / np.pi

# A mark is made of dots where their circles explain this share of its outline, with a misfit of
# at most so many times that of single dots, at an angle of at most this sine. Short arcs fit a
# straight edge badly in both respects.
_EXPLAINED, _MISFIT, _SLANT = 0.6, 2.0, 0.25
# Least radius of a larger round mark, in radii of a dot; largest misfit, as a share of its radius.
_CLUSTER, _ROUND = 1.15, 0.02
# Least radius of marks of a second size; least spread of the outline of dots, in pixels.
_SMALLEST, _LEAST_SPREAD = 2.5, 0.1
# Layers of dots with rims that are searched; from the median absolute deviation to a standard one.
_DEEPEST, _FROM_MEDIAN = 4, 1.4826

# Largest distance of an outline from the circle that it is part of, in spreads and in pixels; width
# beside a second circle that is left out, in pixels; what a gap parts in two arcs, in radians and
# pixels.
_NEAR_CIRCLE, _BESIDE, _GAP = (3.0, 0.3), 1.0, (0.35, 2.0)
# A disc of which less than this share of the outline is visible is judged with its neighbours
# within so many radii, and with all of the picture, which weigh as so many squared radians.
_WEAK, _AROUND, _ALL = 0.4, 3.0, 3.0
# Rate of turn below which discs are none; the same of all weak ones, above which all are discs.
_TURNS, _ALL_TURN = 0.5, 0.6
# Pixels along an outline over which it turns; turn, of that of a circle, below which it is
# straight; share of its outline from which a piece is of the ground, and its least size, in radii
# and pixels.
_ALONG, _STRAIGHT, _MOSTLY_STRAIGHT, _LARGER = 1.8, 0.4, 0.45, (2.0, 2.0)


def circles_turn(
    edge: Outline, centre: np.ndarray, radius: float, spread: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return along which circles the outline turns as a circle does, and of which much is visible.

    Along the outline of a disc the normal turns as fast as the direction from its centre. Circles
    laid along the edge of a park touch it, but its normal hardly turns. Of discs that overlap only
    short arcs are visible: these are judged with those around them, and all are discs in a picture
    where on the whole they turn.

    Parameters
    ----------
    edge : Outline
    centre : float, shape (n, 2)
    radius, spread : float
        Of a disc and of its outline, in pixels.

    Returns
    -------
    turns, visible : bool, shape (n,)

    Examples
    --------
    A disc, and circles laid along the edge of a park:

    >>> row, column = np.mgrid[:200, :120] + 0.5
    >>> away = np.minimum(np.hypot(row - 100, column - 20) - 8, 60 - column)
    >>> edge = outline(np.clip(0.5 - away, 0, 1))
    >>> at = np.array([[20, 100], *([68, y] for y in range(10, 200, 10))])
    >>> turns, visible = circles_turn(edge, at, 8, 0.5)
    >>> np.flatnonzero(turns).tolist(), np.flatnonzero(visible).tolist()
    ([0], [0])
    """
    many = len(centre)
    if not many or not len(edge.point):
        return np.ones(many, bool), np.ones(many, bool)
    owner, to, lag = _arcs(edge, centre, radius, max(_NEAR_CIRCLE[0] * spread, _NEAR_CIRCLE[1]))
    weight = np.bincount(owner, to * to, many)
    turned = weight + np.bincount(owner, to * lag, many)
    weak = np.bincount(owner, minlength=many) < _WEAK * 2 * np.pi * radius * _POINTS_PER_PIXEL
    turned_weak, weight_weak = np.where(weak, turned, 0), np.where(weak, weight, 0)
    usual = float((turned_weak.sum() + _ALL) / (weight_weak.sum() + _ALL))
    rate = np.where(weight > 0, turned / np.maximum(weight, 1e-9), 1.0)
    if usual >= _ALL_TURN:
        return weak | (rate >= _TURNS), ~weak
    pairs = cKDTree(centre).query_pairs(_AROUND * radius, output_type="ndarray")
    for total in (turned_weak, weight_weak):
        own = total.copy()
        np.add.at(total, pairs[:, 0], own[pairs[:, 1]])
        np.add.at(total, pairs[:, 1], own[pairs[:, 0]])
    pooled = (turned_weak + _ALL * usual) / (weight_weak + _ALL)
    return np.where(weak, pooled, rate) >= _TURNS, ~weak


def _arcs(
    edge: Outline, centre: np.ndarray, radius: float, near: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return arcs along circles: the circle, direction and lag of normal of each point.

    Directions and lags are about the mean of the arc. Points where two circles meet are left out.
    """
    rank = list(range(1, min(_NEAREST, len(centre)) + 1))
    which = cKDTree(centre).query(edge.point, k=rank)[1]
    away = edge.point[:, None] - centre[which]
    distance = np.hypot(*np.moveaxis(away, 2, 0))
    facing = -(away * edge.inward[:, None]).sum(axis=2) > _FACING * distance
    off = np.where(facing, np.abs(distance - radius), np.inf)
    order, every = np.argsort(off, axis=1), np.arange(len(off))
    first = order[:, 0]
    own = off[every, first] <= near
    if len(rank) > 1:
        own &= off[every, order[:, 1]] > _BESIDE
    owner, away, inward = which[every, first][own], away[every, first][own], edge.inward[own]
    to = np.arctan2(away[:, 1], away[:, 0])
    lag = np.mod(np.arctan2(-inward[:, 1], -inward[:, 0]) - to + np.pi, 2 * np.pi) - np.pi
    order = np.lexsort((to, owner))
    owner, to, lag = owner[order], to[order], lag[order]
    begins = np.diff(owner, prepend=-1) != 0
    begins[1:] |= np.diff(to) > max(_GAP[0], _GAP[1] / radius)
    arc = np.cumsum(begins) - 1
    to, lag = (v - (np.bincount(arc, v) / np.maximum(np.bincount(arc), 1))[arc] for v in (to, lag))
    return owner, to, lag


def _straight_marks(
    coverage: np.ndarray, label: np.ndarray, count: int, radius: float
) -> np.ndarray:
    """Return which marks are larger than a disc, with an outer outline that is mostly straight."""
    edge = outline(fill_holes(coverage))
    mark = _mark_of(edge, label)
    angle = np.arctan2(edge.inward[:, 1], edge.inward[:, 0])
    rank = list(range(1, 8))
    gap, which = cKDTree(edge.point).query(edge.point, k=rank, distance_upper_bound=_ALONG)
    beside = np.isfinite(gap)
    which = np.where(beside, which, 0)
    beside &= mark[which] == mark[:, None]
    along = np.column_stack([-edge.inward[:, 1], edge.inward[:, 0]])
    step = ((edge.point[which] - edge.point[:, None]) * along[:, None]).sum(axis=2)
    turn = np.mod(angle[which] - angle[:, None] + np.pi, 2 * np.pi) - np.pi
    known = np.maximum(beside.sum(axis=1), 1)[:, None]
    step, turn = (
        np.where(beside, v - np.where(beside, v, 0).sum(axis=1, keepdims=True) / known, 0)
        for v in (step, turn)
    )
    rate = radius * (step * turn).sum(axis=1) / np.maximum((step * step).sum(axis=1), 1e-9)
    straight = _sum(mark, np.abs(rate) < _STRAIGHT, count) / _points(mark, count)
    least = _LARGER[0] * radius + _LARGER[1]
    longest = [max(part.stop - part.start for part in box) for box in ndimage.find_objects(label)]
    large = np.append(False, np.array(longest) >= least)
    return np.asarray(large & (straight >= _MOSTLY_STRAIGHT))


class DotSize(NamedTuple):
    """Size of single marks.

    Parameters
    ----------
    radius : float
        Pixels.
    spread : float
        Root mean square distance of outlines from circles, within marks and between them, in
        pixels.
    single : int
        Number of single marks.
    others : int
        Number of single round marks of the most frequent other size.
    other : float
        Radius of these, in pixels.
    """

    radius: float
    spread: float
    single: int
    others: int = 0
    other: float = 0.0


class Dots(NamedTuple):
    """Dots of one colour.

    Parameters
    ----------
    centre : float, shape (n, 2)
        Column and row, in pixels.
    error : float, shape (n,)
        Standard error of each coordinate, in pixels.
    size : DotSize
    refused : int
        Marks of the colour that are no dots.
    room : float
        Share of the colour's pixels that lie in marks made of dots, 0 to 1.
    rim : float
        Width of a rim around dots, in pixels; 0 for none.
    left : float
        Dots that the refused marks would fill, where that is known.
    by_template : bool
        Whether dots were found by template fitting, because outlines did not explain them.
    ground : bool, shape (h, w), optional
        Pieces of the colour that are of the ground, by their outline.
    alone : DotSize, optional
        Of the marks that stand alone by their outlines, where dots were found by fitting.
    """

    centre: np.ndarray
    error: np.ndarray
    size: DotSize
    refused: int
    room: float
    rim: float
    left: float = 0.0
    by_template: bool = False
    ground: np.ndarray | None = None
    alone: DotSize | None = None


# Dots of the colour that was asked for, and of the one below it.
DotPair = tuple[Dots | None, Dots | None]


# Error, in radii, of places rounded to pixels of a screen, which a photograph does not show: marks
# have a radius of five or more.
UNSEEN = 1 / 5 / 3**0.5


def known_dots(pair: DotPair) -> list[Dots]:
    """Return the dots of those colours that a picture has."""
    return [dots for dots in pair if dots is not None]


def count_dots(pair: DotPair) -> tuple[int, int]:
    """Return how many dots of both colours were read, and how many marks were refused."""
    known = known_dots(pair)
    return sum(len(dots.centre) for dots in known), sum(dots.refused for dots in known)


class DotsAbove(NamedTuple):
    """Dots of another colour on top.

    Parameters
    ----------
    centre : float, shape (n, 2)
        Column and row.
    outer, rim : float
        Outer radius, and width of the rim, in pixels.
    """

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
    sizes = np.sort(radius[round_])
    usual = sizes[commonest_size(sizes, sizes * 1.1, sizes**2)]
    like = round_ & (radius >= usual[0]) & (radius <= usual[-1])
    middle_size = float(np.median(usual))
    between = np.median(np.abs(usual - middle_size)) * _FROM_MEDIAN
    within_one = np.median(spread[like])
    size = DotSize(middle_size, float(np.hypot(within_one, between)), int(like.sum()))
    # Specks are round too: of a size so small, an outline tells little.
    unlike = np.sort(radius[round_ & (radius >= _SMALLEST) & (np.abs(radius - middle_size) >= 1)])
    if not len(unlike):
        return size
    other = unlike[commonest_size(unlike, unlike * 1.1, unlike**2)]
    return size._replace(others=len(other), other=float(np.median(other)))


def find_dots(
    coverage: np.ndarray,
    edge: Outline,
    size: DotSize,
    *,
    core: np.ndarray | None = None,
    over: DotsAbove | None = None,
) -> Dots:
    """Return the dots of a coverage, without marks of another shape.

    Letters, boxes and lines are marks whose outline circles of the right size do not explain. Where
    dots have a rim, the arcs that it cuts into others are removed from the outline, so that the
    dots below are found, layer by layer.

    Parameters
    ----------
    coverage : float, shape (h, w)
        May hold more than `edge` outlines: a dot may lie under a mark of another colour.
    edge : Outline
        What of the outline is to be explained.
    size : DotSize
        Size of the dots, from `measure_dots`.
    core : bool, shape (h, w), optional
        Where the colour itself is: a mark of which less than a third of a dot is visible is
        no mark of another shape.
    over : DotsAbove, optional
        Dots of another colour that lie above these.

    Returns
    -------
    Dots
    """
    if over is not None:
        edge = edge.where(~_is_rim_arc(edge, over.centre, over.outer))
    discs, edge, rim = _split_layers(edge, size, 0.0 if over is None else over.rim)
    discs, radius = _without_doubles(discs, edge, size)
    label, count = ndimage.label(coverage >= 0.5)
    mark = _mark_of(edge, label)
    owned = discs.owner >= 0
    of = discs.owner[owned]
    away = edge.point[owned] - discs.centre[of]
    distance = np.hypot(away[:, 0], away[:, 1])
    inward = edge.inward[owned]
    slant = (away[:, 0] * inward[:, 1] - away[:, 1] * inward[:, 0]) / distance
    share = np.bincount(mark[owned], minlength=count + 1) / _points(mark, count)
    misfit = _root_mean_square(mark[owned], distance - radius[of], count)
    shaped = share >= _EXPLAINED
    shaped &= misfit <= _MISFIT * max(size.spread, _LEAST_SPREAD)
    shaped &= _root_mean_square(mark[owned], slant, count) <= _SLANT
    larger = _cluster_markers(edge, mark, count, size)
    of_disc = np.zeros(len(discs.centre), np.int64)
    of_disc[discs.owner[owned]] = mark[owned]
    turns, visible = circles_turn(edge, discs.centre, size.radius, size.spread)
    ground = _straight_marks(coverage, label, count, size.radius)
    # A piece of which most circles are none is of the ground.
    laid, fits = (np.bincount(of_disc, w, minlength=count + 1) for w in (None, turns))
    ground |= shaped & (fits < laid / 2)
    ground |= larger
    ground[0] = False
    shaped &= ~ground
    is_disc = turns & (shaped[of_disc] | (visible & (ground & ~larger)[of_disc]))
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
        ground=ground[label] if ground.any() else None,
    )


def _split_layers(edge: Outline, size: DotSize, rim: float) -> tuple[Discs, Outline, float]:
    """Split discs; where they have rims, those below them too."""
    tolerance = float(np.clip(3 * size.spread + 0.05, 0.2, 0.9))
    fewest = 3 if tolerance < 0.3 else 4
    discs = split_discs(edge, size.radius, tolerance, fewest=fewest)
    if not rim:
        rim = _rim_width(edge.where(discs.owner < 0), discs.centre, size.radius) or 0.0
    if not rim:
        return discs, edge, rim
    arc = np.zeros(len(edge.point), bool)
    for _ in range(_DEEPEST):
        # Arcs of dots above are no outline of a lower dot, and do not hide one.
        arc |= _is_rim_arc(edge, discs.centre, size.radius + rim)
        left = np.flatnonzero((discs.owner < 0) & ~arc)
        below = split_discs(edge.where(left), size.radius, tolerance, fewest=fewest)
        if len(below.centre) == 0:
            break
        owner = discs.owner.copy()
        owner[left] = np.where(below.owner >= 0, below.owner + len(discs.centre), -1)
        centre = np.concatenate([discs.centre, below.centre])
        error = np.concatenate([discs.error, below.error])
        discs = Discs(centre, error, owner, discs.misfit)
    explained = (discs.owner >= 0) | ~arc
    return discs._replace(owner=discs.owner[explained]), edge.where(explained), rim


# Two discs closer than this share of a radius may be one circle.
_DOUBLE = 0.35


def _without_doubles(discs: Discs, edge: Outline, size: DotSize) -> tuple[Discs, np.ndarray]:
    """Return discs, where two are laid in one circle its own, and the radius of each.

    Compression makes single marks larger, here and there, than the one radius that all discs have:
    two of these then explain the outline of one mark, which a circle explains as well.
    """
    many = len(discs.centre)
    radius, keep = np.full(many, size.radius), np.ones(many, bool)
    near = cKDTree(discs.centre).query_pairs(_DOUBLE * size.radius) if many else ()
    if not near:
        return discs, radius
    centre, error, owner = discs.centre.copy(), discs.error.copy(), discs.owner.copy()
    order = np.argsort(owner, kind="stable")
    points = np.split(order, np.searchsorted(owner[order], np.arange(many)))[1:]
    for one, two in sorted(near):
        both = np.concatenate([points[one], points[two]])
        if not (keep[one] and keep[two] and len(both)):
            continue
        middle, wide, off = _circle(edge.point[both])
        alike = 1 / _CLUSTER <= wide / size.radius <= _CLUSTER
        if alike and off <= _MISFIT * size.spread:
            keep[two], owner[both], points[one] = False, one, both
            centre[one], radius[one], error[one] = middle, wide, max(error[one], error[two])
    owner = np.where(owner >= 0, (np.cumsum(keep) - 1)[owner], -1)
    return discs._replace(centre=centre[keep], error=error[keep], owner=owner), radius[keep]


def _circle(point: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return middle, radius and misfit of the circle through points (Kasa 1976)."""
    mean = point.mean(axis=0)
    at = point - mean
    rows = np.column_stack([2 * at, np.ones(len(at))])
    x, y, rest = np.linalg.lstsq(rows, (at**2).sum(axis=1), rcond=None)[0]
    distance = np.hypot(at[:, 0] - x, at[:, 1] - y)
    middle = mean + np.array([x, y])
    return middle, float(np.sqrt(rest + x * x + y * y)), float(distance.std())


def _circles(
    edge: Outline, mark: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return radius, misfit and number of points of a circle fitted to each mark."""
    points, middle = _middles(edge, mark, count)
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


def _cluster_markers(edge: Outline, mark: np.ndarray, count: int, size: DotSize) -> np.ndarray:
    """Return which marks are one larger disc: by their outer outline, around a number inside."""
    middle = _middles(edge, mark, count)[1]
    outer = ((middle[mark] - edge.point) * edge.inward).sum(axis=1) > 0
    radius, spread, _ = _circles(edge.where(outer), mark[outer], count)
    return (radius > _CLUSTER * size.radius) & (spread < _ROUND * radius + size.spread)


def _middles(edge: Outline, mark: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of points of each mark, 1 for none, and their mean."""
    points = _points(mark, count)
    return points, np.column_stack([_sum(mark, xy, count) / points for xy in edge.point.T])


def _points(mark: np.ndarray, count: int) -> np.ndarray:
    """Return the number of points of each mark, 1 for none."""
    return np.maximum(np.bincount(mark, minlength=count + 1), 1)


def _sum(mark: np.ndarray, value: np.ndarray, count: int) -> np.ndarray:
    """Return the sum of a value over the points of each mark."""
    return np.bincount(mark, value, count + 1)


def _root_mean_square(mark: np.ndarray, value: np.ndarray, count: int) -> np.ndarray:
    """Return the root mean square of a value over the points of each mark; 0 for none."""
    return np.asarray(np.sqrt(_sum(mark, value**2, count) / _points(mark, count)))


def _mark_of(edge: Outline, label: np.ndarray) -> np.ndarray:
    """Return the label of the mark of each outline point."""
    row, column, _ = pixels_at(label.shape, edge.point + 0.7 * edge.inward)
    return np.asarray(label[row, column])


def middles_stray(edge: np.ndarray) -> float:
    """Return how far middles stray from those of their outlines, in pixels a coordinate.

    Parameters
    ----------
    edge : float, shape (n, rays)
        Distance of each outline from the middle, in each direction; nan where it is hidden.

    Returns
    -------
    float
        Root mean square of the first harmonic beside the common outline; 0 where none is visible.
    """
    seen = np.isfinite(edge).any(axis=0)
    if not seen.any():
        return 0.0
    turn, edge = np.exp(2j * np.pi * np.flatnonzero(seen) / len(seen)), edge[:, seen]
    off = np.nan_to_num(edge - np.nanmedian(edge, axis=0)) @ turn * (2 / len(turn))
    return float(np.sqrt((np.abs(off) ** 2).mean() / 2))
