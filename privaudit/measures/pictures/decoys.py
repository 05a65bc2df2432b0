"""Is a picture's place found, or does chance lay it as well somewhere else?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from privaudit.measures.pictures.chance import crowding, false_placement
from privaudit.measures.pictures.plan import Plan
from privaudit.measures.pictures.registration import (
    NEAR,
    Registration,
    on_place_within,
    register,
)

__all__ = ["Found", "find_place"]

# Columns and rows of a decoy: the picture's, mirrored or stretched, so that it lies nowhere but
# has the same streets, as long and as crowded.
_DECOYS = ((-1.0, 1.0), (-1.3, 1.0), (-1.0, 1.3), (1.5, 1.0))
# Pairs of dots of a decoy that are tried at least.
_FEWEST_PAIRS = 4


class Found(NamedTuple):
    """A place that chance does not explain.

    `chance` bounds the probability that it is a false one, `decoys` is the share of the dots
    that the best map of a decoy, or another map of the picture itself, puts on places.
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
    """Find a picture on a plan of places, or return None where chance may explain the best map.

    Parameters
    ----------
    pixels, plan, turn, pixel, within, near
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
    return 0 if end is None else round(end.on_place * dots)
