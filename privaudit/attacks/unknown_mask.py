"""Which mask moved these dots? Maximum likelihood over a small family, from the dots alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from privaudit.attacks.adversary import Adversary
from privaudit.attacks.attack import Attack
from privaudit.measures.maps.neighbours import pairs_within, z_order
from privaudit.measures.tables.compressed_rows import row_sum
from privaudit.release.masks import Donut, Exact, Gaussian, RadialMask
from privaudit.words.note import Note

__all__ = [
    "HIGHS", "MOST_DOTS", "STRAY_METRES", "UNKNOWN_MASK", "WORKED_OUT", "EstimatedMask",
    "estimate_mask", "family", "log_likelihoods",
]  # fmt: skip

UNKNOWN_MASK = Attack(word="unknown_mask", instead_of=("mask",), believes=Adversary.unknown_mask)
LOWS = (0.0, 25.0, 50.0, 100.0, 150.0)
HIGHS = (25.0, 50.0, 75.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0)
SIGMAS = (10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0)
# A mask that was worked out is never known for certain.
WORKED_OUT = Note("mask_worked_out")
# An unmasked dot may still lie some metres off, by another edition of the address base.
STRAY_METRES = 5.0
# Share of dots that no mask of the family moved: without it, one stray dot would rule a
# mask out.
STRAY = 0.01
MOST_DOTS = 500
# Standard deviations of a reading that are allowed for.
_READINGS = 6.0
# An error finer than this part of the reach is taken for one of that part.
_FINEST = 500


@dataclass(frozen=True, eq=False, kw_only=True)
class EstimatedMask:
    """The most likely mask, and how far the next one is behind, in log-likelihood a dot.

    `dots` is how many were looked at.
    """

    mask: RadialMask
    second: RadialMask
    gap: float
    dots: int

    @property
    def note(self) -> Note:
        """What was found."""
        return Note(
            "mask_estimated",
            mask=str(self.mask), second=str(self.second), gap=self.gap, dots=self.dots,
        )  # fmt: skip


def family() -> list[RadialMask]:
    """Return the masks that are compared: none, Gaussians, and donuts of both kinds."""
    masks: list[RadialMask] = [Exact(rounding=STRAY_METRES)]
    masks += [Gaussian(sigma=sigma) for sigma in SIGMAS]
    masks += [
        Donut(low=low, high=high, uniform=uniform)
        for low, high, uniform in product(LOWS, HIGHS, ("area", "radius"))
        if low < high
    ]
    return masks


def estimate_mask(
    points: np.ndarray,
    places: np.ndarray,
    prior: np.ndarray,
    *,
    resolution: float = 0.0,
    rng: np.random.Generator,
) -> EstimatedMask:
    """Return the mask of the family under which the dots are the most likely.

    The likelihood of a dot is the density of landing there from an address drawn from the
    prior, mixed with a share `STRAY` of dots spread evenly over the area. It is a maximum, not
    an average over masks: the adversary is too sure of itself where the family is wrong. Among
    dense streets, masks of about the same size can hardly be told apart.

    - `points` (float, shape (n, 2)): At most 500 of them, drawn at random, are looked at.
    - `places` (float, shape (m, 2))
    - `prior` (float, shape (m,)): Sums to 1.
    - `resolution`: Standard deviation, in metres, with which each coordinate was read.
    """
    masks = family()
    order = z_order(points)
    if len(order) > MOST_DOTS:
        order = order[np.sort(rng.choice(len(order), MOST_DOTS, replace=False))]
    looked_at = points[order]
    score = log_likelihoods(looked_at, places, prior, masks, HIGHS[-1], resolution).sum(axis=1)
    best, second = np.argsort(-score, kind="stable")[:2]
    gap = float(score[best] - score[second]) / max(len(order), 1)
    # Stray metres were allowed for in comparing; an unmasked dot is then read as usual.
    masks[0] = Exact()
    return EstimatedMask(mask=masks[best], second=masks[second], gap=gap, dots=len(order))


def log_likelihoods(
    points: np.ndarray,
    places: np.ndarray,
    prior: np.ndarray,
    masks: Sequence[RadialMask],
    farthest: float,
    resolution: float = 0.0,
) -> np.ndarray:
    """Return the log-likelihood of each dot under each mask, as `estimate_mask` compares them.

    - `points` (float, shape (n, 2)), `places` (float, shape (m, 2))
    - `prior` (float, shape (m,)): Sums to 1.
    - `farthest`: Metres beyond which no move is looked at.
    - `resolution`: Standard deviation, in metres, with which each coordinate was read.
    - returns (float, shape (masks, n)): Of a density a square metre.
    """
    from scipy.spatial import cKDTree

    # Dots are spread evenly over the addresses' own box for want of anything better.
    sides = np.maximum(np.ptp(places, axis=0), 1.0)
    stray = STRAY / float(sides.prod())
    reach = max(min(mask.reach, farthest) for mask in masks) + _READINGS * resolution
    densities = _as_read(masks, resolution, reach)
    landing = np.zeros((len(masks), len(points)))
    for part, pairs in pairs_within(points, cKDTree(places), reach):
        weight = prior[pairs.place]
        # The last metres tell nothing, and a density that soars at 0 would win on them.
        distance = np.maximum(pairs.distance, STRAY_METRES)
        for k, density in enumerate(densities):
            landing[k, part] = row_sum(pairs.indptr, weight * density(distance))
    return np.log((1 - STRAY) * landing + stray)


def _as_read(
    masks: Sequence[RadialMask], resolution: float, reach: float
) -> list[Callable[[np.ndarray], np.ndarray]]:
    """Return the density of each mask when its dots are read with a normal error.

    As `release.blurred.Blurred`, coarser and for all masks by one table, without the few dots
    that are read far worse: a share of stray dots is allowed for.
    """
    if resolution <= 0:
        return [mask.density for mask in masks]
    from scipy.special import i0e

    s = max(resolution, reach / _FINEST)
    known = np.arange(0, reach + s, s / 4)
    node = known + s / 8
    # The density of Rice: an error turns a move of one length into one of another.
    rice = np.exp(-0.5 * ((known[:, None] - node) / s) ** 2) * i0e(known[:, None] * node / s**2)
    tables = [rice @ (node * mask.density(node)) / (4 * s) for mask in masks]
    return [
        lambda distance, table=table: np.interp(distance, known, table, right=0.0)  # type: ignore[misc]
        for table in tables
    ]
