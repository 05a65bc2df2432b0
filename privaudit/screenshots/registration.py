"""Registration of a picture on places by the pattern of its dots alone.

Two dots and two places make a map; a map that puts the next dots on places is fitted to these, then
to those farther away, and so on to all. A registration counts only where it does better than the
same search with decoys, pictures that lie nowhere.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from privaudit.geo.neighbours import z_order


class AffineFit(NamedTuple):
    """A least-squares map from pixels to metres.

    Parameters
    ----------
    matrix : float, shape (2, 3)
        ``x, y = matrix @ (column, row, 1)``.
    residual : float
        Standard error of a click on the ground, in metres, from the remaining degrees of
        freedom; nan where there are none.
    """

    matrix: np.ndarray
    residual: float


def fit_affine(pixels: np.ndarray, ground: np.ndarray) -> AffineFit:
    """Fit an affine map of six parameters: rotation, stretch and shear.

    Parameters
    ----------
    pixels, ground : float, shape (n, 2)
        Columns and rows; x and y in metres. Three or more, not on one line.

    Returns
    -------
    AffineFit

    Examples
    --------
    >>> pixels = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    >>> fit_affine(pixels, np.array([[5.0, 9.0], [25.0, 9.0], [5.0, -21.0]])).matrix.round(6) + 0.0
    array([[ 2.,  0.,  5.],
           [ 0., -3.,  9.]])
    """
    middle, centre = pixels.mean(axis=0), ground.mean(axis=0)
    linear = np.linalg.lstsq(pixels - middle, ground - centre, rcond=None)[0].T
    return _fit(linear, centre - linear @ middle, pixels, ground, 6)


def fit_similarity(
    pixels: np.ndarray, ground: np.ndarray, weight: np.ndarray | None = None
) -> AffineFit:
    """Fit a similarity of four parameters: rotation and scale, as of a web map.

    Rows run down and y runs up, so the map turns the picture over.

    Parameters
    ----------
    pixels, ground : float, shape (n, 2)
        Columns and rows; x and y in metres. Two or more.
    weight : float, shape (n,), optional
        Of each pair. Default: all alike.

    Returns
    -------
    AffineFit

    Examples
    --------
    >>> pixels = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    >>> ground = np.array([[5.0, 9.0], [25.0, 9.0], [5.0, -11.0]])
    >>> fit_similarity(pixels, ground).matrix.round(6) + 0.0
    array([[ 2.,  0.,  5.],
           [ 0., -2.,  9.]])
    """
    share = np.ones(len(pixels)) if weight is None else weight
    middle = np.average(pixels, axis=0, weights=share)
    centre = np.average(ground, axis=0, weights=share)
    # As complex numbers, with rows turned up: ground = factor x picture.
    centred = (pixels - middle) @ np.array([1, -1j])
    true = (ground - centre) @ np.array([1, 1j])
    factor = (share * centred.conj() * true).sum() / (share * np.abs(centred) ** 2).sum()
    linear = np.array([[factor.real, factor.imag], [factor.imag, -factor.real]])
    return _fit(linear, centre - linear @ middle, pixels, ground, 4)


def _fit(
    linear: np.ndarray, shift: np.ndarray, pixels: np.ndarray, ground: np.ndarray, parameters: int
) -> AffineFit:
    """Return the map of a linear part and a shift, with its residual."""
    matrix = np.column_stack([linear, shift])
    off = (pixels @ linear.T + matrix[:, 2] - ground) ** 2
    free = 2 * len(pixels) - parameters
    return AffineFit(matrix, float(np.sqrt(off.sum() / free)) if free > 0 else float("nan"))


# Pairs of places that are formed for one pair of dots.
_PAIRS = 6_000_000
# Bytes of the finest bitmap; number of coarser ones.
_BYTES, _LEVELS = 64_000_000, 8
# Side of the smallest cell, and distance below which two places are one, in metres.
_CELL, _SAME_PLACE = 0.5, 0.5
# Cells around a place, of half the tolerance each, that a point within the tolerance may be in.
_CELLS_AROUND = [(i, j) for i in range(-2, 3) for j in range(-2, 3)]


class PlaceIndex:
    """Index of places in the plane, as complex numbers east and north of their middle.

    It has the neighbours of each place, and a fast nearness test by bitmaps.

    Parameters
    ----------
    places : float, shape (m, 2)
        Metres.

    Examples
    --------
    >>> places = PlaceIndex(np.array([[100.0, 50.0], [140.0, 80.0], [140.0, 80.0]]))
    >>> len(places.place), places.middle.tolist()
    (2, [120.0, 65.0])
    >>> places.near(np.array([-20 - 15j, -19 - 15.5j, 0j]), 2.0).tolist()
    [True, True, False]
    """

    def __init__(self, places: np.ndarray) -> None:
        cell = np.rint(np.asarray(places, float) / _SAME_PLACE)
        distinct = places[np.sort(np.unique(cell, axis=0, return_index=True)[1])]
        self.middle = (distinct.min(axis=0) + distinct.max(axis=0)) / 2
        self.xy = distinct - self.middle
        self.place = self.xy @ np.array([1, 1j])
        self.tree = cKDTree(self.xy)
        self.extent = float(np.hypot(*np.ptp(self.xy, axis=0)))
        size = np.ptp(self.xy, axis=0)
        least = np.sqrt(float(np.prod(np.maximum(size, 1))) / (8 * _BYTES))
        self._cell = max(_CELL, least)
        self._bitmaps: dict[int, tuple[np.ndarray, int]] = {}
        self._neighbours: np.ndarray | None = None

    @property
    def whole(self) -> bool:
        """Return whether every place is paired with every other one."""
        return self.reach >= len(self.place) - 1

    @property
    def reach(self) -> int:
        """Return the number of nearest places that each place is paired with."""
        return max(1, min(len(self.place) - 1, _PAIRS // len(self.place)))

    def steps(self) -> np.ndarray:
        """Return the steps from each place to those near it, complex64, shape (m, reach)."""
        if self._neighbours is None:
            if self.whole:
                other = self.place[None, :] - self.place[:, None]
                other = other[~np.eye(len(self.place), dtype=bool)].reshape(len(self.place), -1)
            else:
                near = self.tree.query(self.xy, k=self.reach + 1)[1][:, 1:]
                other = self.place[near] - self.place[:, None]
            self._neighbours = other.astype(np.complex64)
        return self._neighbours

    def near(self, point: np.ndarray, tolerance: float) -> np.ndarray:
        """Return whether a place is near each point: within a tolerance, never beyond 4.3 of it.

        Parameters
        ----------
        point : ndarray of complex
            East and north of the middle.
        tolerance : float
            Metres; it is taken as one of a few, the next larger.

        Returns
        -------
        ndarray
        """
        level = int(np.clip(np.ceil(np.log2(tolerance / 2 / self._cell)), 0, _LEVELS))
        bitmap, wide = self._bitmap(level)
        side = self._cell * 2.0**level
        half = np.ptp(self.xy, axis=0) / 2
        column = np.floor((point.real + half[0]) / side).astype(np.int32) + 3
        row = np.floor((point.imag + half[1]) / side).astype(np.int32) + 3
        high = len(bitmap) * 8 // wide
        inside = (column >= 0) & (column < wide) & (row >= 0) & (row < high)
        cell = np.where(inside, row.astype(np.int64) * wide + column, 0)
        return np.asarray((bitmap[cell >> 3] >> (cell & 7).astype(np.uint8)) & 1 > 0)

    def _bitmap(self, level: int) -> tuple[np.ndarray, int]:
        """Return the cells near a place as a bitmap, with its row length."""
        if level not in self._bitmaps:
            side = self._cell * 2.0**level
            half = np.ptp(self.xy, axis=0) / 2
            wide, high = (int(n) + 8 for n in np.ceil(2 * half / side))
            cell = np.floor((self.xy + half) / side).astype(np.int64) + 3
            bits = np.zeros((wide * high + 8) // 8 + 1, np.uint8)
            for i, j in _CELLS_AROUND:
                at = (cell[:, 1] + i) * wide + cell[:, 0] + j
                np.bitwise_or.at(bits, at >> 3, np.left_shift(1, at & 7).astype(np.uint8))
            self._bitmaps[level] = bits, wide
        return self._bitmaps[level]


# Most pairs of dots that are tried; pairs, and maps, after which no more are.
DOT_PAIRS, _FEW_PAIRS, _MAPS = 24, 10, 40_000_000
# Dots beside a pair on which its maps are tested first; of these, how many may be off every
# place.
_FIRST_DOTS, _MISSES = 5, 1
# Maps that are tested together, so that they stay in the processor's cache.
_AT_ONCE = 500_000
# Numbers of dots to which maps are then fitted, nearest first, and of maps that are kept each
# time.
_GROWING = ((7, 4_000), (14, 800), (28, 200), (56, 60))
# Share of the dots on places from which no other pair is tried.
_GOOD_ENOUGH = 0.85
# Maps that are fitted to all dots, and distance from a place, in pixels, of the dots that are first
# fitted to it.
_FINALISTS, _START = 24, 3.0
# Tolerance of a dot on a place: in pixels (it may be drawn at whole pixels), at least in metres.
NEAR, _METRES = 0.6, 1.0
# Standard deviation, in pixels, of the position of a dot that was drawn at whole pixels.
_POSITION = 0.35
# Range of metres a pixel of web maps, from a door's width to a country; least distance of two
# places, in metres.
_FINEST, _COARSEST, _APART = 0.03, 500.0, 4.0


class Registration(NamedTuple):
    """A map from pixels to metres, and the dots that it puts on places.

    Parameters
    ----------
    matrix : float, shape (2, 3)
        As in `AffineFit`.
    on_place : float
        Share of the dots that are on a place of their own, 0 to 1.
    residual : float
        Root mean square distance of these dots from their places on each axis, in metres.
    """

    matrix: np.ndarray
    on_place: float
    residual: float


class Search(NamedTuple):
    """Result of a registration.

    Parameters
    ----------
    best, second : Registration or None
        The best map, and the best map that lies elsewhere; None where no map puts half of the dots
        beside a pair on places.
    maps, pairs : int
        Number of maps that were tried, and of the pairs of dots that made them.
    """

    best: Registration | None
    second: Registration | None
    maps: int
    pairs: int


def register(
    pixels: np.ndarray,
    places: PlaceIndex,
    *,
    turn: float | None = None,
    pixel: float = 1.0,
    within: float | None = None,
    near: float = NEAR,
    pairs: int = DOT_PAIRS,
) -> Search:
    """Register a picture on places from its dots alone.

    Parameters
    ----------
    pixels : float, shape (n, 2)
        Columns and rows of dots; four or more.
    places : PlaceIndex
    turn : float, optional
        The picture is north up to so many degrees. Default: turned by any angle.
    pixel : float
        Side of a pixel of the picture, in units of `pixels`.
    within : float, optional
        The rough place is known: `pixels` are metres east and south, up to so many metres.
    near : float
        How far from a place, in pixels, a dot is on it.
    pairs : int
        Pairs of dots that are tried at most: fewer where one lays most dots on places.

    Returns
    -------
    Search
        Its best map must be compared with that of a control, such as the picture mirrored.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> places = rng.random((300, 2)) * 2000
    >>> pixels = places[:40] * [0.2, -0.2] + [7, 500]
    >>> register(pixels, PlaceIndex(places), turn=1.0).best.matrix.round(6) + 0.0
    array([[   5.,    0.,  -35.],
           [   0.,   -5., 2500.]])
    """
    dots, tolerance = pixels @ np.array([1, -1j]), _Tolerance(pixel, near)
    hits, candidates = np.empty(0, np.int64), _Maps(np.empty(0), np.empty(0))
    tried = used = 0
    for i, j in _dot_pairs(pixels, pairs, far=places.whole or within is not None):
        if within is None:
            maps = _maps_of_pair(dots[i], dots[j], dots, places, turn)
        else:
            maps = _maps_near_place(pixels[[i, j]], places, within)
        tried, used = tried + len(maps.factor), used + 1
        middle = (pixels[i] + pixels[j]) / 2
        order = np.argsort(((pixels - middle) ** 2).sum(axis=1), kind="stable")
        order = np.concatenate([[i, j], order[(order != i) & (order != j)]])
        if used > _FEW_PAIRS and tried > _MAPS:
            break
        maps = _plausible_maps(dots[order], maps, places, tolerance)
        more, maps = _fitted_to_more(dots[order], maps, places, tolerance)
        hits = np.append(hits, more)
        best = np.argsort(-hits, kind="stable")[:_FINALISTS]
        hits, candidates = hits[best], candidates.plus(maps).take(best)
        if hits.max(initial=0) >= _GOOD_ENOUGH * min(len(dots), _GROWING[-1][0]):
            ends = _fitted_to_all(pixels, places, candidates, tolerance)
            if ends[0].on_place >= _GOOD_ENOUGH:
                break
    ends = _fitted_to_all(pixels, places, candidates, tolerance)
    best_end = ends[0] if ends else None
    return Search(best_end, _second_best(pixels, ends, near), max(tried, 1), used)


class _Tolerance(NamedTuple):
    """Tolerance of a dot on a place, by the size of a pixel and the tolerance in pixels."""

    pixel: float
    near: float

    def of(self, factor: np.ndarray) -> np.ndarray:
        """Return the tolerance of maps with some factors, in metres."""
        return on_place_within(np.abs(factor) * self.pixel, self.near)


class _Maps(NamedTuple):
    """Similarities, as complex numbers: ``factor * dot + shift``."""

    factor: np.ndarray
    shift: np.ndarray

    def take(self, which: np.ndarray) -> _Maps:
        """Return some of the maps."""
        return _Maps(self.factor[which], self.shift[which])

    def plus(self, more: _Maps) -> _Maps:
        """Return these maps, then others."""
        return _Maps(np.append(self.factor, more.factor), np.append(self.shift, more.shift))


def _refined(
    pixels: np.ndarray, places: PlaceIndex, matrix: np.ndarray, tolerance: _Tolerance
) -> Registration:
    """Refine a map on the dots that are on places (iterated closest point)."""
    scale = tolerance.pixel * float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    close = float(on_place_within(scale, tolerance.near))
    for limit in np.geomspace(max(_START * scale, close), close, 6):
        distance, place = places.tree.query(pixels @ matrix[:, :2].T + matrix[:, 2])
        on = distance <= limit
        if on.sum() < 3 or len(np.unique(place[on])) < 3:
            break
        weight = 1 / (1 + (distance[on] / (limit / 2)) ** 2)
        matrix = fit_similarity(pixels[on], places.xy[place[on]], weight).matrix
    distance, place = places.tree.query(pixels @ matrix[:, :2].T + matrix[:, 2])
    on = distance <= close
    own = len(np.unique(place[on])) / len(pixels)
    residual = float(np.sqrt(np.mean(distance[on] ** 2) / 2)) if on.any() else np.inf
    return Registration(matrix, own, residual)


def on_place_within(scale: np.ndarray | float, near: float = NEAR) -> np.ndarray:
    """Return the tolerance, in metres, within which a dot is on a place, by metres a pixel.

    Parameters
    ----------
    scale : float or ndarray
        Metres a pixel.
    near : float
        Tolerance, in metres.

    Returns
    -------
    ndarray
    """
    return np.maximum(_METRES, near * np.asarray(scale))


def _dot_pairs(pixels: np.ndarray, wanted: int, *, far: bool) -> list[tuple[int, int]]:
    """Return pairs of dots, far apart or adjacent; no dot in many of them."""
    n = len(pixels)
    some = z_order(pixels)[np.unique(np.linspace(0, n - 1, min(n, 96)).round().astype(np.int64))]
    if not far:
        rank = np.arange(len(some)) % min(2, n - 1) + 2
        other = cKDTree(pixels).query(pixels[some], k=min(3, n))[1]
        pairs = np.column_stack([some, other[np.arange(len(some)), rank - 1]])
        # A pair that coincides has no direction.
        size = np.hypot(*(pixels[pairs[:, 0]] - pixels[pairs[:, 1]]).T)
        pairs = pairs[size > 3 * _POSITION]
        step = _spaced(len(pairs), wanted)
        # Neighbouring pairs are nearly redundant: every second one first.
        step = np.concatenate([step[::2], step[1::2]])
        return [(int(a), int(b)) for a, b in pairs[step]]
    rows, columns = np.triu_indices(len(some), 1)
    length = np.hypot(*(pixels[some[rows]] - pixels[some[columns]]).T)
    # The farthest pairs join the same few corners: they are taken from the upper tenth.
    order = np.argsort(-length, kind="stable")[: max(wanted, len(length) // 10)]
    order = order[_spaced(len(order), wanted)]
    return [(int(some[rows[k]]), int(some[columns[k]])) for k in order]


def _spaced(n: int, most: int) -> np.ndarray:
    """Return evenly spaced positions among n."""
    return np.unique(np.linspace(0, max(n - 1, 0), min(n, most)).astype(int))


def _maps_of_pair(
    dot: complex, other: complex, dots: np.ndarray, places: PlaceIndex, turn: float | None
) -> _Maps:
    """Return the maps that put two dots on two places."""
    step = places.steps()
    gap = np.complex64(other - dot)
    widest = float(np.hypot(np.ptp(dots.real), np.ptp(dots.imag)))
    length = float(abs(gap))
    low = max(_FINEST * length, _APART)
    high = min(_COARSEST, 1.2 * places.extent / max(widest, 1e-9)) * length
    size = np.abs(step)
    good = (size >= low) & (size <= high)
    if turn is not None:
        slope = np.float32(np.tan(np.radians(turn)))
        ahead = step * np.conj(gap)
        good &= np.abs(ahead.imag) <= slope * ahead.real
    place, which = np.nonzero(good)
    factor = (step[place, which] / gap).astype(np.complex128)
    return _Maps(factor, places.place[place] - factor * dot)


def _maps_near_place(pair: np.ndarray, places: PlaceIndex, within: float) -> _Maps:
    """Return the maps that put two dots on two places near their expected positions."""
    expected = pair * [1, -1] - places.middle
    near = [np.array(at, np.int64) for at in places.tree.query_ball_point(expected, within)]
    first, second = (places.place[at[:2_500]] for at in near)
    dots = pair @ np.array([1, -1j])
    factor = ((second[None, :] - first[:, None]) / (dots[1] - dots[0])).reshape(-1)
    shift = np.repeat(first, len(second)) - factor * dots[0]
    # The clicks are off by a few pixels, and turn and stretch the picture by little.
    return _Maps(factor, shift).take(np.abs(factor - 1) < 0.3)


def _plausible_maps(
    dots: np.ndarray, maps: _Maps, places: PlaceIndex, tolerance: _Tolerance
) -> _Maps:
    """Keep the maps that put all but one of the dots beside the pair on places."""
    tests = dots[2 : 2 + _FIRST_DOTS]
    offset = np.abs(tests - (dots[0] + dots[1]) / 2)
    stretch = 1 + _POSITION * offset / abs(dots[1] - dots[0]) / tolerance.near
    level = np.ceil(np.log2(np.maximum(tolerance.of(maps.factor), 1e-3)))
    remaining = [np.empty(0, np.int64)]
    for value in np.unique(level):
        here = np.flatnonzero(level == value)
        for start in range(0, len(here), _AT_ONCE):
            part = here[start : start + _AT_ONCE]
            missed = np.zeros(len(part), np.int8)
            for dot, wider in zip(tests, stretch, strict=True):
                at = maps.factor[part] * dot + maps.shift[part]
                missed += ~places.near(at, 2.0**value * wider)
                alive = missed <= _MISSES
                part, missed = part[alive], missed[alive]
            remaining.append(part)
    return maps.take(np.concatenate(remaining))


def _fitted_to_more(
    dots: np.ndarray, maps: _Maps, places: PlaceIndex, tolerance: _Tolerance
) -> tuple[np.ndarray, _Maps]:
    """Fit each map to more and more dots, and keep those with most dots on places."""
    hits = np.zeros(len(maps.factor), np.int64)
    for many, most in _GROWING:
        if len(maps.factor) == 0:
            break
        some = dots[:many]
        at = maps.factor[:, None] * some + maps.shift[:, None]
        flat = np.column_stack([at.real.reshape(-1), at.imag.reshape(-1)])
        reach = 1.7 * tolerance.of(maps.factor)
        distance, place = places.tree.query(flat, distance_upper_bound=float(reach.max()))
        on = distance.reshape(at.shape) <= reach[:, None]
        hits = on.sum(axis=1)
        best = np.argsort(-hits, kind="stable")[:most]
        best = best[hits[best] >= max(3, len(some) / 2)]
        on, hits = on[best], hits[best]
        maps = _fitted_maps(some, np.append(places.place, 0)[place.reshape(at.shape)[best]], on)
        if many >= len(dots):
            break
    return hits, maps


def _fitted_maps(dots: np.ndarray, target: np.ndarray, on: np.ndarray) -> _Maps:
    """Fit one map a row by least squares on the dots that are on places."""
    many = np.maximum(on.sum(axis=1), 1)
    middle = (on * dots).sum(axis=1) / many
    centre = (on * target).sum(axis=1) / many
    centred = on * (dots - middle[:, None])
    size = np.maximum((np.abs(centred) ** 2).sum(axis=1), 1e-9)
    factor = (centred.conj() * (target - centre[:, None])).sum(axis=1) / size
    return _Maps(factor, centre - factor * middle)


def _fitted_to_all(
    pixels: np.ndarray, places: PlaceIndex, maps: _Maps, tolerance: _Tolerance
) -> list[Registration]:
    """Fit the best maps to all dots, sorted by the number of dots on places."""
    ends = []
    for factor, shift in zip(maps.factor, maps.shift, strict=True):
        matrix = np.array(
            [[factor.real, factor.imag, shift.real], [factor.imag, -factor.real, shift.imag]]
        )
        end = _refined(pixels, places, matrix, tolerance)
        end.matrix[:, 2] += places.middle
        ends.append(end)
    return sorted(ends, key=lambda end: -end.on_place)


def _second_best(pixels: np.ndarray, ends: list[Registration], near: float) -> Registration | None:
    """Return the best map that puts the dots elsewhere than the best of all does."""
    for end in ends[1:]:
        apart = pixels @ (end.matrix - ends[0].matrix)[:, :2].T
        apart += end.matrix[:, 2] - ends[0].matrix[:, 2]
        scale = np.sqrt(abs(np.linalg.det(ends[0].matrix[:, :2])))
        if np.sqrt((apart**2).sum(axis=1).mean()) > 3 * float(on_place_within(scale, near)):
            return end
    return None


# Factors of columns and rows of decoys: the picture mirrored or stretched, so that it lies
# nowhere but has streets of the same length and density.
_DECOYS = ((-1.0, 1.0), (-1.3, 1.0), (-1.0, 1.3), (1.5, 1.0))
# Fewest pairs of dots of a decoy that are tried.
_FEWEST_PAIRS = 4


class AcceptedRegistration(NamedTuple):
    """A registration that chance does not explain.

    Parameters
    ----------
    best : Registration
    chance : float
        Bound of the probability that it is false.
    decoys : float
        Share of the dots that the best map of a decoy, or another map of the picture itself, puts
        on places.
    """

    best: Registration
    chance: float
    decoys: float


def register_against_null(
    pixels: np.ndarray,
    places: PlaceIndex,
    *,
    turn: float | None,
    most: float,
    pixel: float = 1.0,
    within: float | None = None,
    near: float = NEAR,
) -> AcceptedRegistration | None:
    """Register a picture on places, or return None where chance explains the best map.

    Parameters
    ----------
    pixels, places, turn, pixel, within, near : ndarray
        See `register`.
    most : float
        Probability of a false place at most, 0 to 1.

    Returns
    -------
    AcceptedRegistration or None

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> places = PlaceIndex(rng.random((300, 2)) * 2000)
    >>> pixels = places.xy[:12] * [0.2, -0.2]
    >>> tested = register_against_null(pixels, places, turn=5.0, most=1e-4)
    >>> tested.best.on_place, tested.chance < 1e-4
    (1.0, True)
    >>> register_against_null(rng.random((12, 2)) * 400, places, turn=5.0, most=1e-4) is None
    True
    """
    dots = len(pixels)
    registered = partial(register, places=places, turn=turn, pixel=pixel, within=within, near=near)
    search = registered(pixels)
    if search.best is None:
        return None
    matched = _dots_on_places(search.best, dots)
    scale = float(np.sqrt(abs(np.linalg.det(search.best.matrix[:, :2])))) * pixel
    at = pixels @ search.best.matrix[:, :2].T + search.best.matrix[:, 2] - places.middle
    share = chance_match_rate(at, float(on_place_within(scale, near)), places)
    by_decoys, maps = _dots_on_places(search.second, dots), search.maps
    middle = (pixels.min(axis=0) + pixels.max(axis=0)) / 2
    # A decoy has as many trials as the picture had, and at least a few.
    pairs = max(search.pairs, _FEWEST_PAIRS)
    chance = false_placement(dots, matched, by_decoys, maps, share)
    for stretch in _DECOYS:
        if chance > most:
            return None
        null = registered(middle + (pixels - middle) * stretch, pairs=pairs)
        by_decoys, maps = max(by_decoys, _dots_on_places(null.best, dots)), max(maps, null.maps)
        chance = false_placement(dots, matched, by_decoys, maps, share)
    if chance > most:
        return None
    return AcceptedRegistration(search.best, chance, by_decoys / dots)


def _dots_on_places(end: Registration | None, dots: int) -> int:
    """Return how many dots are on places."""
    return 0 if end is None else round(end.on_place * dots)


# Distances, in metres, by which dots are moved to estimate how often they meet a place by chance.
_SHIFTS = (6.0, 10.0, 16.0, 25.0)


def false_placement(dots: int, matched: int, by_decoys: int, maps: float, share: float) -> float:
    """Return a bound of the probability that the best of many maps is false.

    A map has two dots on places by its making. If each of the others met a place with probability
    p, the number of them that do is binomial, and the best of so many maps meets `matched` or more
    with a probability of at most ``maps * P(Bin(dots - 2, p) >= matched - 2)`` (the union bound;
    "number of false alarms" of Desolneux, Moisan & Morel 2000). The probability p is that at which
    one of the maps would be expected to do as well as the best one did for pictures that lie
    nowhere, and at least `share`.

    Parameters
    ----------
    dots : int
        Dots of the picture.
    matched : int
        Dots that the map lays on a place of their own.
    by_decoys : int
        The same for the best map of pictures that lie nowhere.
    maps : float
        Maps that were tried, 1 or more.
    share : float
        Probability that a dot near places meets one by chance, 0 to 1.

    Returns
    -------
    float
        0 (surely no chance) to 1.

    Examples
    --------
    Of 50 dots all meet a place; of a decoy 12 do at best, of a million maps:

    >>> false_placement(50, 50, 12, 1e6, 0.01) < 1e-30
    True
    """
    from scipy.stats import binom

    others = dots - 2
    if others < 1 or matched - 2 < 1 or matched <= by_decoys:
        return 1.0
    low, high = share, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        rare = maps * binom.sf(by_decoys - 3, others, middle) < 1
        low, high = (middle, high) if rare else (low, middle)
    return float(min(1.0, maps * binom.sf(matched - 3, others, low)))


def chance_match_rate(points: np.ndarray, near: float, places: PlaceIndex) -> float:
    """Return how often slightly moved points are as near to a place as points on places are.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres from the middle of the places.
    near : float
        Metres.
    places : PlaceIndex

    Returns
    -------
    float
    """
    turn = np.arange(8) * (np.pi / 4) + 0.3
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    moved = [points + far * step for far in _SHIFTS for step in ring]
    return float(np.mean([places.tree.query(at)[0] <= near for at in moved]))


# Steps of lattices that are sought, in pixels (staticmap draws on half pixels); of a coarser one,
# the addresses themselves are made.
_STEPS, _COARSE = (0.4, 4.0), 40.0
# Resultant length of dots' places within a step (as angles) from which they stand on a lattice: for
# fewer than so many dots; for more, with so many squared lengths that chance explains none. Dots in
# which it is sought; share of the greatest power from which a coarser lattice is the one. Angle up
# to which a picture may have been turned after its dots were rounded; frequencies that are tried.
_TURN, _OFTEN = np.radians(10), (1.0, 0.8, 2 / 3)
_FEW_DOTS, _ALL_ALIKE, _ALIKE, _BEYOND_CHANCE, _SOUGHT, _AS_STRONG = 12, 0.8, 0.4, 20.0, 120, 0.8


def lattice_step(pixel: np.ndarray) -> float:
    """Return the step of the lattice on which dots were drawn, in pixels; 0 for none.

    Many programs round places to whole pixels of their own: on a screen of another density, or in a
    picture of another size, to 1.25 or 2 pixels. A few dots may be rounded if all are alike.

    Examples
    --------
    >>> at = np.random.default_rng(3).uniform(0, 500, (40, 2))
    >>> [lattice_step(at), *(round(lattice_step(np.round(at / d) * d), 2) for d in (1, 1.25, 2))]
    [0.0, 1.0, 1.25, 2.0]
    """
    at = pixel[:: 1 + len(pixel) // _SOUGHT]
    if not len(at):
        return 0.0
    if len(at) < _FEW_DOTS and (_resultant(at, np.ones(1)) > _ALL_ALIKE).all():
        return 1.0
    fine = 1 / (4 * max(float(np.ptp(at)), 1.0))
    often = np.append(np.arange(1 / _COARSE, 1 / _STEPS[0], fine), 1.0)
    long = _resultant(at, often)
    power = (long**2).sum(axis=0)
    on = (long.min(axis=0) >= _ALIKE) & (len(at) * power >= _BEYOND_CHANCE)
    if not on.any():
        return 0.0
    lowest = often[on & (power >= _AS_STRONG * power[on].max())].min()
    return round(float(1 / lowest), 2) if lowest * _STEPS[1] >= 1 else float(on[-1])


def rounded_error(pixel: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return the errors of dots, the step of their lattice, and how far all may lie aside.

    On whole steps a place is at the nearest one: it is off by a root of 1/12 of a step. Between
    them it may have been cut to its pixel, or rounded and drawn half a pixel beside, as Matplotlib
    does: all may lie half a step aside, which is a quarter more, as any may of a picture that was
    turned afterwards. None is read better than dots stray from it: a resultant R of normal angles
    has a deviation of the root of -2 log R.

    Examples
    --------
    >>> at, exact = np.random.default_rng(3).uniform(0, 500, (40, 2)), np.zeros(40)
    >>> [rounded_error(places, exact)[1:] for places in (np.round(at), np.floor(at) + 0.5, at)]
    [(1.0, 0.0), (1.0, 0.5), (0.0, 0.0)]
    """
    best = pixel[error <= np.median(error)]
    step, turned = lattice_step(best), False
    if not step and len(best) >= _FEW_DOTS:
        best, turned = _turned_back(best), True
        step = lattice_step(best)
    if not step:
        return error, 0.0, 0.0
    mean, many = np.exp(2j * np.pi * best / step).mean(axis=0), len(best)
    aside = step / 2 if turned or (mean.real < 0).any() else 0.0
    # The squared length of n draws is longer by chance than that of all.
    long = (many * np.abs(mean) ** 2 - 1) / max(many - 1, 1)
    strays = -np.log(np.clip(long, 1 / many, 1)).mean() * (step / (2 * np.pi)) ** 2
    return np.sqrt(np.maximum(error**2, strays) + step**2 / 12 + aside**2), step, aside


def _turned_back(pixel: np.ndarray) -> np.ndarray:
    """Return places turned by the angle, of up to ten degrees, at which most are on a lattice."""
    at = (pixel - pixel.mean(axis=0)) @ [1, 1j]
    turns = np.exp(1j * np.arange(-_TURN, _TURN, 1 / (8 * max(np.abs(at).max(initial=0), 1.0))))
    beside = np.outer(turns, at[:: 1 + len(at) // _SOUGHT])
    seen = [np.exp(2j * np.pi * f * np.stack([beside.real, beside.imag])) for f in _OFTEN]
    long = [(np.abs(wave.mean(axis=2)) ** 2).sum(axis=0) for wave in seen]
    best = at * turns[np.max(long, axis=0).argmax()]
    return np.column_stack([best.real, best.imag])


def _resultant(at: np.ndarray, often: np.ndarray) -> np.ndarray:
    """Return the resultant length of columns, and of rows, as angles at some frequencies."""
    return np.array([np.abs(np.exp(2j * np.pi * np.outer(often, v)).mean(axis=1)) for v in at.T])
