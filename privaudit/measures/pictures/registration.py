"""Lay a picture's dots over a plan of places: which map puts them on places?

Dots of a map stand on homes, so that the pattern of addresses alone tells where a picture is.
Two dots far apart and two places that lie in the same direction make a map; the map under
which most dots stand on a place is kept, and fitted on all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from privaudit.measures.maps.neighbours import z_order
from privaudit.measures.pictures.affine_fit import fit_similarity

__all__ = ["Registration", "refine", "register"]

# Places among which pairs are formed at a time: six million pairs, 100 MB.
_PLACES = 2_500
# Pairs of dots that are tried; more where places are too many to be all paired.
_DOT_PAIRS, _MOST_DOT_PAIRS = 6, 300
# Dots that judge a map, first few and then more.
_FIRST, _THEN = 8, 48
# Share of the judges on places at which no other pair is tried.
_PLAIN = 0.8
# A picture is north up to a degree: grids of countries turn by that much against the meridian.
_TURN = np.radians(1.0)
# Maps of which all dots are asked.
_FINALISTS = 24
# A dot is on a place within this many pixels, and at least so many metres.
_PIXELS, _METRES = 0.6, 1.0


class Registration(NamedTuple):
    """A map from pixels to metres, and how many dots it puts on a place of their own.

    `matrix` as in `AffineFit`; `on_place` is that count over the number of dots, 0 to 1;
    `residual` the root mean square distance of these dots from their places on each axis, in
    metres.
    """

    matrix: np.ndarray
    on_place: float
    residual: float


def register(
    pixels: np.ndarray, places: np.ndarray, *, pixel: float = 1.0, within: float | None = None
) -> Registration | None:
    """Find a picture, north up, on a plan of places from its dots alone.

    Parameters
    ----------
    pixels : ndarray of float, shape (n, 2)
        Columns and rows of dots; three or more.
    places : ndarray of float, shape (m, 2)
        Metres.
    pixel : float
        Side of a pixel of the picture, in units of `pixels`.
    within : float, optional
        Where about the picture lies is known already: `pixels` are metres east and south, up
        to so many metres.

    Returns
    -------
    Registration or None
        The best map; None where no map puts half of the first dots on places. How much it is
        worth must be judged against a control, such as the same search with the picture
        mirrored.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> places = rng.random((300, 2)) * 2000
    >>> pixels = places[:40] * [0.2, -0.2] + [7, 500]
    >>> register(pixels, places).matrix.round(6) + 0.0
    array([[   5.,    0.,  -35.],
           [   0.,   -5., 2500.]])
    """
    tree = cKDTree(places)
    shown = pixels[z_order(pixels)]
    some = places[z_order(places)]
    step = max(1, int(np.ceil(len(some) / _PLACES))) if within is None else 1
    # The places of a pair of dots come to be paired once in so many rounds.
    pairs = _far_pairs(shown, min(_DOT_PAIRS * step**2, _MOST_DOT_PAIRS))
    first, then = (shown[_evenly(len(shown), n)] for n in (_FIRST, _THEN))
    extent = float(np.hypot(*np.ptp(places, axis=0)))
    widest = float(np.hypot(*np.ptp(shown, axis=0)))
    found: list[tuple[int, complex, complex]] = []
    for k, (i, j) in enumerate(pairs):
        if within is None:
            # Another part of the places in each round, so that each comes to its turn.
            one, two = some[k % step :: step], some[(k // step) % step :: step]
            low, high = extent / widest / 20, extent / widest * 1.2
        else:
            near = tree.query_ball_point(shown[[i, j]] * [1, -1], within)
            one, two = places[near[0]][:_PLACES], places[near[1]][:_PLACES]
            low, high = 0.5, 2.0
        factor, shift = _hypotheses(shown[i], shown[j], one, two, low, high)
        hits = _hits(first, factor, shift, tree, pixel)
        good = hits >= len(first) / 2
        factor, shift = factor[good], shift[good]
        hits = _hits(then, factor, shift, tree, pixel)
        best = np.argsort(-hits, kind="stable")[:_FINALISTS]
        found += [(int(hits[b]), complex(factor[b]), complex(shift[b])) for b in best]
        if len(best) and hits[best[0]] >= _PLAIN * len(then):
            break
    if not found:
        return None
    found.sort(key=lambda row: -row[0])
    ends = [
        refine(shown, places, _matrix(factor, shift), pixel=pixel, tree=tree)
        for _, factor, shift in found[:_FINALISTS]
    ]
    return max(ends, key=lambda end: end.on_place)


def refine(
    pixels: np.ndarray,
    places: np.ndarray,
    matrix: np.ndarray,
    *,
    pixel: float = 1.0,
    tree: cKDTree | None = None,
    start: float = 3.0,
) -> Registration:
    """Fit a map on the dots that stand on places, closer each time (iterated closest point).

    Parameters
    ----------
    pixels : ndarray of float, shape (n, 2)
    places : ndarray of float, shape (m, 2)
    matrix : ndarray of float, shape (2, 3)
        Where to start.
    pixel : float
        Side of a pixel of the picture, in units of `pixels`.
    tree : scipy.spatial.cKDTree, optional
        Of the places.
    start : float
        How far from a place, in pixels, a dot may be at first to be fitted to it.

    Returns
    -------
    Registration
    """
    tree = cKDTree(places) if tree is None else tree
    scale = pixel * float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    close = float(_reach(scale))
    for limit in np.geomspace(max(start * scale, close), close, 6):
        distance, place = tree.query(pixels @ matrix[:, :2].T + matrix[:, 2])
        near = distance <= limit
        if near.sum() < 3 or len(np.unique(place[near])) < 3:
            break
        weight = 1 / (1 + (distance[near] / (limit / 2)) ** 2)
        matrix = fit_similarity(pixels[near], places[place[near]], weight).matrix
    distance, place = tree.query(pixels @ matrix[:, :2].T + matrix[:, 2])
    near = distance <= close
    own = len(np.unique(place[near])) / len(pixels)
    residual = float(np.sqrt(np.mean(distance[near] ** 2) / 2)) if near.any() else np.inf
    return Registration(matrix, own, residual)


def _reach(scale: np.ndarray | float) -> np.ndarray:
    """Return how far from a place, in metres, a dot is still on it."""
    return np.maximum(_METRES, _PIXELS * np.asarray(scale))


def _evenly(n: int, wanted: int) -> np.ndarray:
    return np.unique(np.linspace(0, n - 1, min(n, wanted)).round().astype(np.int64))


def _far_pairs(pixels: np.ndarray, wanted: int) -> list[tuple[int, int]]:
    """Return pairs of dots that lie far apart, no dot in many of them."""
    some = _evenly(len(pixels), 4 * _THEN)
    gap = np.hypot(*(pixels[some][:, None] - pixels[some][None]).transpose(2, 0, 1))
    rows, columns = np.triu_indices(len(some), 1)
    length = gap[rows, columns]
    # The farthest pairs join the same few corners: they are taken from the upper half.
    order = np.argsort(-length, kind="stable")[: max(wanted, len(length) // 10)]
    order = order[_evenly(len(order), wanted)]
    return [(int(some[rows[k]]), int(some[columns[k]])) for k in order]


def _hypotheses(
    dot: np.ndarray, other: np.ndarray, one: np.ndarray, two: np.ndarray, low: float, high: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the maps that put two dots on two places, north up, as complex numbers."""
    seen = complex(other[0] - dot[0], dot[1] - other[1])
    true = (two @ np.array([1, 1j]))[None, :] - (one @ np.array([1, 1j]))[:, None]
    factor = true / seen
    # Far too small a scale would put all dots on one street, and far too large none anywhere.
    good = (np.abs(factor.imag) <= _TURN * factor.real) & (factor.real > low)
    good &= factor.real < high
    place, _ = np.nonzero(good)
    factor = factor[good]
    return factor, (one @ np.array([1, 1j]))[place] - factor * complex(dot[0], -dot[1])


def _hits(
    pixels: np.ndarray, factor: np.ndarray, shift: np.ndarray, tree: cKDTree, pixel: float
) -> np.ndarray:
    """Count, for each map, the dots that it puts on a place."""
    seen = pixels @ np.array([1, -1j])
    hits = np.zeros(len(factor), np.int64)
    reach = _reach(factor.real * pixel) + 0.3 * factor.real * pixel
    for dot in seen:
        at = factor * dot + shift
        distance = tree.query(
            np.column_stack([at.real, at.imag]), distance_upper_bound=float(reach.max(initial=1))
        )[0]
        hits += distance <= reach
    return hits


def _matrix(factor: complex, shift: complex) -> np.ndarray:
    return np.array(
        [[factor.real, factor.imag, shift.real], [factor.imag, -factor.real, shift.imag]]
    )
