"""Circles laid in what is no disc: parks and roads of the marks' colour, symbols of other shapes.

Along the outline of a disc the normal turns as fast as the direction from its middle does. Circles
that are laid along a straight edge touch it, but its normal does not turn. Circles that fill the
corners of a symbol stand at the same distance from each other in every one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.screenshots.coverage import pixels_at
from privaudit.screenshots.dots import Dots, Outline, outline

# Directions from the middle of a mark in which colours are looked up, and steps, in pixels.
_DIRECTIONS, _STEP = 16, 0.5
# The fill is looked up where its contrast with the ground is the largest beside its spread: share
# of the directions by which it spreads, levels of noise, and ratio by which a distance is better.
_MOST, _NOISE, _CLEARER = 0.7, 10.0, 1.05
# Distance beyond a mark where its ground is looked up, in pixels; range of half the contrast, in
# levels; deviation of the blur that steadies normals, in pixels.
_BEYOND, _HALF, _BLUR = 1.5, (15.0, 60.0), 0.6
# Distance from a circle within which an outline is its own, in pixels and radii; least cosine of
# its normal with the direction from the middle; circles that it may belong to; points of outline to
# a pixel of its length; what a gap parts in two arcs, in radians and pixels.
_NEAR, _FACING, _CIRCLES, _POINTS, _GAP = (0.75, 0.1), 0.7, 6, 4 / np.pi, (0.35, 2.0)
# A mark of which less than this share of the outline is seen is weak; the rate of turn of all weak
# marks of a piece below which they are none, and how many these must be. Of a heap of dots more
# than this share of what the piece or its circles cover is covered by both.
_WEAK, _TURNS, _SEVERAL, _HEAP = 0.4, 0.6, 3, 0.8


class Turning(NamedTuple):
    """How the outlines of marks turn.

    Parameters
    ----------
    seen : float, shape (n,)
        Share of the circle of each mark along which there is an outline.
    rate : float, shape (n,)
        By how much its normal turns while the direction from the middle does: 1 along a circle, 0
        along a straight edge; nan where there is none.
    weight : float, shape (n,)
        Sum of squared directions within arcs: weight of a rate.
    piece : int, shape (n,)
        Piece of the colour that most of the outline bounds, or that lies in the middle; 0 for none.
    label : int, shape (h, w)
        Piece of each pixel.
    """

    seen: np.ndarray
    rate: np.ndarray
    weight: np.ndarray
    piece: np.ndarray
    label: np.ndarray


def turning(image: np.ndarray, centre: np.ndarray, radius: float) -> Turning:
    """Measure how the outlines of marks turn.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    centre : float, shape (n, 2)
        Columns and rows; one or more.
    radius : float
        Pixels.

    Returns
    -------
    Turning

    Examples
    --------
    A disc, and circles laid along the edge of a park:

    >>> row, column = np.mgrid[:60, :120] + 0.5
    >>> inside = (np.hypot(row - 30, column - 20) < 8) | (column > 60)
    >>> image = np.where(inside[..., None], [214, 39, 40], 255).astype(np.uint8)
    >>> at = np.array([[20.0, 30.0], [68.0, 20.0], [68.0, 30.0], [68.0, 40.0]])
    >>> turning(image, at, 8.0).rate.round(1).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    like = _likeness(image.astype(np.float32), centre, radius)
    edge = outline(like)
    label = ndimage.label(like >= 0.5)[0]
    own, owner, away = _own_outline(edge, centre, radius)
    many = len(centre)
    row, column, _ = pixels_at(label.shape, edge.point[own] + 0.7 * edge.inward[own])
    to = np.arctan2(away[:, 1], away[:, 0])
    normal = np.arctan2(-edge.inward[own, 1], -edge.inward[own, 0])
    lag = np.mod(normal - to + np.pi, 2 * np.pi) - np.pi
    order = np.lexsort((to, owner))
    owner, to, lag, piece = owner[order], to[order], lag[order], label[row, column][order]
    begins = np.diff(owner, prepend=-1) != 0
    begins[1:] |= np.diff(to) > max(_GAP[0], _GAP[1] / radius)
    arc = np.cumsum(begins) - 1
    to, lag = (value - (np.bincount(arc, value) / np.bincount(arc))[arc] for value in (to, lag))
    weight = np.bincount(owner, to * to, many)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = 1 + np.bincount(owner, to * lag, many) / weight
    points = np.bincount(owner, minlength=many)
    row, column, _ = pixels_at(label.shape, centre)
    home = label[row, column]
    # The piece that a mark has most points of, the last of the pairs in order of their number.
    pair, number = np.unique(np.column_stack([owner, piece]), axis=0, return_counts=True)
    by_number = np.argsort(number, kind="stable")
    home[pair[by_number, 0]] = pair[by_number, 1]
    return Turning(points / (2 * np.pi * radius * _POINTS), rate, weight, home, label)


def _likeness(image: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """Return how like the fill of marks each pixel is, .5 halfway to their grounds."""
    turn = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    unit = np.column_stack([np.cos(turn), np.sin(turn)])

    def colours(distance: float) -> np.ndarray:
        place = (centre[:, None] + distance * unit).reshape(-1, 2)
        row, column, _ = pixels_at(image.shape[:2], place)
        colour: np.ndarray = image[row, column].reshape(len(centre), _DIRECTIONS, 3)
        return colour

    # A number may stand in the middle, and the middle of a ring is of the ground.
    beside = colours(radius + _BEYOND)
    best, fill = -1.0, image[0, 0]
    for distance in np.arange(0, max(radius - _STEP, _STEP), _STEP):
        here = colours(distance)
        usual = np.median(np.median(here, axis=1), axis=0)
        spread = float(np.quantile(np.linalg.norm(here - usual, axis=2), _MOST))
        worth = float(np.median(np.linalg.norm(beside - usual, axis=2))) / (spread + _NOISE)
        if worth > _CLEARER * best:
            best, fill = worth, usual
    # Beside a mark another may lie: the farthest colour is the ground's.
    contrast = np.median(np.linalg.norm(beside - fill, axis=2).max(axis=1))
    half = float(np.clip(contrast / 2, *_HALF))
    like = np.clip(1 - np.linalg.norm(image - fill, axis=2) / (2 * half), 0, 1)
    return np.asarray(ndimage.gaussian_filter(like, _BLUR))


def _own_outline(
    edge: Outline, centre: np.ndarray, radius: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which points lie on a circle that they bound, whose they are, and their offsets."""
    near = max(_NEAR[0], _NEAR[1] * radius)
    rank = list(range(1, min(_CIRCLES, len(centre)) + 1))
    gap, which = cKDTree(centre).query(edge.point, k=rank, distance_upper_bound=radius + near)
    away = edge.point[:, None] - np.vstack([centre, [0, 0]])[which]
    facing = -(away * edge.inward[:, None]).sum(axis=2) / np.maximum(np.hypot(*away.T).T, 1e-9)
    off = np.where(np.isfinite(gap) & (facing > _FACING), np.abs(gap - radius), np.inf)
    every, first = np.arange(len(off)), off.argmin(axis=1)
    own = off[every, first] <= near
    return own, which[every, first][own], away[every, first][own]


def without_patches(image: np.ndarray, dots: Dots | None) -> Dots | None:
    """Leave out the dots that were laid along edges of the ground or inside it.

    What is left out counts as unread: a patch of the colour may hide dots.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    dots : Dots or None
        Round ones.

    Returns
    -------
    Dots or None
        None where none is left.
    """
    if dots is None or not len(dots.centre):
        return dots
    seen, rate, weight, piece, label = turning(image, dots.centre, dots.size.radius)
    weak = seen < _WEAK
    turned = np.where(weak & (weight > 0), np.nan_to_num(rate) * weight, 0.0)
    weighed = np.where(weak, weight, 0.0)
    of_piece = [np.bincount(piece, value) for value in (turned, weighed)]
    usual = (of_piece[0] / np.maximum(of_piece[1], 1e-9))[piece]
    # Of one or two, compression may have bent what is seen; the test of outlines judges those.
    several = np.bincount(piece, weak)[piece] >= _SEVERAL
    ground = np.asarray(weak & several & (usual < _TURNS) & (piece > 0))
    for one in np.unique(piece[ground]):
        if _overlap(label == one, dots.centre[piece == one], dots.size.radius) > _HEAP:
            ground &= piece != one
    if not ground.any():
        return dots
    kept, lost = dots.centre[~ground], int(ground.sum())
    if not len(kept):
        return None
    left = dots.left + lost if dots.left else 0.0
    error = dots.error[~ground]
    return dots._replace(centre=kept, error=error, refused=dots.refused + lost, left=left)


def _overlap(inside: np.ndarray, centre: np.ndarray, radius: float) -> float:
    """Return the share of what a piece or circles cover that is covered by both."""
    row, column = np.mgrid[: inside.shape[0], : inside.shape[1]] + 0.5
    pixels = np.column_stack([column.ravel(), row.ravel()])
    away = cKDTree(centre).query(pixels, distance_upper_bound=radius)[0].reshape(inside.shape)
    covered = np.isfinite(away)
    return float((inside & covered).sum() / (inside | covered).sum())


# Distance up to which two circles may be of one symbol, in radii, and up to which they are close;
# by how much their offsets differ at most, in pixels and radii; how many pairs make a symbol, and
# the share of the circles in them.
_TWINS, _CLOSE, _SAME_OFFSET, _PAIRS, _IN_PAIRS = 2.2, 1.0, (0.35, 0.08), 4, 0.5


def are_twins(centre: np.ndarray, radius: float) -> bool:
    """Return whether circles come in pairs, as the corners of a symbol do.

    Of dots that overlap by chance, three times as many are one to two radii apart as are closer.
    Houses along a street may be at one distance too, but each of these has two neighbours.

    Parameters
    ----------
    centre : float, shape (n, 2)
    radius : float
        Pixels.

    Returns
    -------
    bool

    Examples
    --------
    >>> symbol = np.array([[0.0, 0.0], [7.0, 0.0]])
    >>> are_twins(np.vstack([symbol + [30 * k, k * k] for k in range(6)]), 4.0)
    True
    >>> are_twins(np.column_stack([np.arange(12) * 7.0, np.zeros(12)]), 4.0)
    False
    """
    pairs = cKDTree(centre).query_pairs(_TWINS * radius, output_type="ndarray")
    if len(pairs) < _PAIRS:
        return False
    offset = centre[pairs[:, 1]] - centre[pairs[:, 0]]
    close = np.hypot(*offset.T) < _CLOSE * radius
    enough = max(_PAIRS, _IN_PAIRS / 2 * len(centre))
    if _apart(pairs[close], len(centre)) >= max(enough, 1 + (~close).sum()):
        return True
    # An offset and its opposite are one.
    offset = np.vstack([offset, -offset])
    alike = cKDTree(offset).query_ball_point(offset, max(_SAME_OFFSET[0], _SAME_OFFSET[1] * radius))
    largest = np.unique(np.mod(max(alike, key=len), len(pairs)))
    return _apart(pairs[largest], len(centre)) >= enough


def _apart(pairs: np.ndarray, many: int) -> int:
    """Return how many pairs share no circle with another: of a chain all do."""
    ends = np.bincount(pairs.ravel(), minlength=many)
    return int((ends[pairs] == 1).all(axis=1).sum())
