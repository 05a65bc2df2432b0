"""Null distribution of a registration: would chance fit the picture elsewhere as well?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from privaudit.measures.pictures.plan import Plan
from privaudit.measures.pictures.registration import NEAR, Registration, on_place_within, register

__all__ = ["Found", "crowding", "false_placement", "find_place"]

# Columns and rows of a decoy: the picture's, mirrored or stretched, so that it lies nowhere but
# has the same streets, as long and as crowded.
_DECOYS = ((-1.0, 1.0), (-1.3, 1.0), (-1.0, 1.3), (1.5, 1.0))
# Pairs of dots of a decoy that are tried at least.
_FEWEST_PAIRS = 4


class Found(NamedTuple):
    """A registration that chance does not explain.

    `chance` bounds the probability that it is a false one, `decoys` is the share of the dots that
    the best map of a decoy, or another map of the picture itself, puts on places.
    """

    best: Registration
    chance: float
    decoys: float


def find_place(
    pixels: np.ndarray,
    plan: Plan,
    *,
    turn: float | None,
    most: float,
    pixel: float = 1.0,
    within: float | None = None,
    near: float = NEAR,
) -> Found | None:
    """Register a picture on a plan of places, or return None where chance explains the best map.

    Parameters
    ----------
    pixels, plan, turn, pixel, within, near : ndarray
        See `register`.
    most : float
        Probability of a false place at most, 0 to 1.

    Returns
    -------
    Found or None

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> plan = Plan(rng.random((300, 2)) * 2000)
    >>> pixels = plan.xy[:12] * [0.2, -0.2]
    >>> found = find_place(pixels, plan, turn=5.0, most=1e-4)
    >>> found.best.on_place, found.chance < 1e-4
    (1.0, True)
    >>> find_place(rng.random((12, 2)) * 400, plan, turn=5.0, most=1e-4) is None
    True
    """
    dots = len(pixels)
    search = register(pixels, plan, turn=turn, pixel=pixel, within=within, near=near)
    if search.best is None:
        return None
    met = _met(search.best, dots)
    scale = float(np.sqrt(abs(np.linalg.det(search.best.matrix[:, :2])))) * pixel
    at = pixels @ search.best.matrix[:, :2].T + search.best.matrix[:, 2] - plan.middle
    share = crowding(at, float(on_place_within(scale, near)), lambda xy: plan.tree.query(xy)[0])
    by_decoys, maps = _met(search.second, dots), search.maps
    if false_placement(dots, met, by_decoys, maps, share) > most:
        return None
    middle = (pixels.min(axis=0) + pixels.max(axis=0)) / 2
    # A decoy has as many tries as the picture had, and at least a few.
    pairs = max(search.pairs, _FEWEST_PAIRS)
    for stretch in _DECOYS:
        decoy = middle + (pixels - middle) * stretch
        made = register(decoy, plan, turn=turn, pixel=pixel, within=within, near=near, pairs=pairs)
        by_decoys, maps = max(by_decoys, _met(made.best, dots)), max(maps, made.maps)
        if false_placement(dots, met, by_decoys, maps, share) > most:
            return None
    chance = false_placement(dots, met, by_decoys, maps, share)
    return Found(search.best, chance, by_decoys / dots)


def _met(end: Registration | None, dots: int) -> int:
    """Return how many dots are on places."""
    return 0 if end is None else round(end.on_place * dots)


# Distances, in metres, by which dots are moved to see how often they meet a place all the same.
_MOVED = (6.0, 10.0, 16.0, 25.0)


def false_placement(dots: int, met: int, by_decoys: int, maps: float, share: float) -> float:
    """Return a bound of the probability that the best of many maps is false.

    A map has two dots on places by its making. If each of the others met a place with probability
    p, the number of them that do is binomial, and the best of so many maps meets `met` or more with
    a probability of at most ``maps * P(Bin(dots - 2, p) >= met - 2)`` (the union bound; "number of
    false alarms" of Desolneux, Moisan & Morel 2000). The probability p is that at which one of the
    maps would be expected to do as well as the best one did for pictures that lie nowhere, and at
    least `share`.

    Parameters
    ----------
    dots : int
        Dots of the picture.
    met : int
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
    if others < 1 or met - 2 < 1 or met <= by_decoys:
        return 1.0
    low, high = share, 1.0
    if maps * binom.sf(by_decoys - 3, others, low) < 1:
        for _ in range(60):
            middle = (low + high) / 2
            if maps * binom.sf(by_decoys - 3, others, middle) < 1:
                low = middle
            else:
                high = middle
    return float(min(1.0, maps * binom.sf(met - 3, others, low)))


def crowding(
    points: np.ndarray, near: float, distance: Callable[[np.ndarray], np.ndarray]
) -> float:
    """Return how often slightly moved points are as near to a place as points on places are.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    near : float
        Metres.
    distance : callable
        From points to their distances from the nearest place.

    Returns
    -------
    float
    """
    turn = np.arange(8) * (np.pi / 4) + 0.3
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    moved = [points + far * step for far in _MOVED for step in ring]
    return float(np.mean([distance(at) <= near for at in moved]))
