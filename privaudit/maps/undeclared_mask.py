"""Infer an undeclared mask by Bayesian model averaging, and bound the claims of the average."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.progress import in_steps, step
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs, pairs_within, z_order
from privaudit.maps.adversary import Adversary, KnownAttack
from privaudit.maps.mask_fit import MaskFit, check_fit
from privaudit.maps.mask_likelihood import MaskEvidence, candidate_masks
from privaudit.maps.masks.adaptive_donut import PlacedDonut
from privaudit.maps.masks.mask import Mask
from privaudit.maps.model_averaging import (
    STILL,
    STRAY,
    AveragedMask,
    Group,
    PlacedAverage,
    ring_of,
    weighed,
)
from privaudit.maps.street_models import Streets
from privaudit.stats.csr import normalise, row_of, row_sum
from privaudit.stats.intervals import wilson
from privaudit.words.catalogues import Note

# What a set is to hold, and the share of the masks believed under which it may hold less.
HELD, _MISSED = 0.95, 0.05
# What the average is asked to hold, one after the other, until it is enough.
_LEVELS = np.array([HELD, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999])
# The masks believed under which a share of right addresses may lie outside of its range: fewer than
# the one in twenty that is said, for a mask may be none of those that are tried.
_TAILS = (0.01, 0.99)
# By how much of it a claim may be off: no mask believed may give another share than that.
_OFF = 0.03
# By how much of it the share under the true mask may differ from those under masks of nearly its
# size: less than a claim may be off.
_BETWEEN = 0.02


def settled(right: tuple[float, float, float]) -> bool:
    """Return whether the share of right addresses is the same under each of the masks.

    - `right`: The share over all masks, and least and most under one of them.

    >>> settled((0.100, 0.098, 0.102)), settled((0.034, 0.015, 0.058))
    (True, False)
    """
    about, low, high = right
    return (1 - _OFF) * about <= low and high <= (1 + _OFF) * about


class AverageBounds(NamedTuple):
    """How far claims depend on which of the masks believed it was.

    - `level`: What the average must hold for its sets to hold 95 % of the homes under nineteen
      twentieths of the masks.
    - `claimed`: Share of dots whose best address is right, over all masks.
    - `low`, `high`: The same under single masks, for .98 of them, with a share of strays and
      without.
    """

    level: float
    claimed: float
    low: float
    high: float


def average_bounds(average: AveragedMask, dots: np.ndarray) -> AverageBounds:
    """Hold sets and claims of an average against each of its masks.

    - `dots` (float, shape (n, 2)): Those that the average was worked out from.
    """
    placed = average.on(average.base)
    tree, prior = cKDTree(placed.places), average.prior
    weight, held, explained = np.empty(0), np.zeros((len(average.parts), len(_LEVELS) + 2)), 0
    at_most = np.zeros(len(average.parts))
    for rows, pairs in pairs_within(dots, tree, float(placed.reach_of(dots).max())):
        weights = placed.likelihood(dots[rows], pairs) * prior[pairs.place]
        explained += int((row_sum(pairs.indptr, weights) > 0).sum())
        step = _steps(pairs.indptr, normalise(pairs.indptr, weights))
        weight, added, unstrayed = _under_each(placed, dots[rows], pairs, step)
        held += added
        at_most += unstrayed
    if not explained:
        return AverageBounds(HELD, 0.0, 0.0, 0.0)
    # A dot that nothing explains is not found: it counts among the dots all the same.
    right, at_most = held[:, 0] / len(dots), at_most / len(dots)
    held = np.cumsum(held, axis=1)[:, 1:-1] / explained
    least = np.array([_quantile(column, weight, _MISSED) for column in held.T])
    enough = np.flatnonzero(least >= HELD)
    level = float(_LEVELS[enough[0] if len(enough) else -1])
    # How many are strays is not known either: none at most.
    low, high = _quantile(right, weight, _TAILS[0]), _quantile(at_most, weight, _TAILS[1])
    return AverageBounds(level, float(weight @ right), low, high)


def _steps(indptr: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return 0 for the best pair of each row, then which level is the first to take a pair in."""
    row = row_of(indptr)
    order = np.lexsort((-probability, row))
    running = np.cumsum(probability[order]) - probability[order]
    first = indptr[:-1][np.diff(indptr) > 0]
    before = np.empty(len(row))
    before[order] = running - np.repeat(running[first], np.diff(indptr)[np.diff(indptr) > 0])
    step = 1 + np.searchsorted(_LEVELS, before, side="right")
    step[order[first]] = 0
    step[probability <= 0] = len(_LEVELS) + 1
    return np.asarray(step)


def _under_each(
    placed: PlacedAverage, dots: np.ndarray, pairs: Pairs, step: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the weight of each mask, and how probable each step is under it, summed over dots.

    And how probable the best place is where no dot is a stray.
    """
    steps, average = len(_LEVELS) + 2, placed.average
    some = np.bincount(row_of(pairs.indptr)[step == 0], minlength=len(dots)) > 0
    even = placed.even
    weights, sums, at_most = [], [], []

    def add(weight: np.ndarray, landing: np.ndarray) -> None:
        every = landing.sum(axis=1, keepdims=True)
        total = (1 - STRAY) * every + even
        # A stray may be of any home: it is held by no set.
        sums.append(((1 - STRAY) * landing / total).sum(axis=0).T)
        best = landing[:, 0] / np.where(every > 0, every, 1.0)[:, 0]
        at_most.append(best.sum(axis=0))
        weights.append(weight)

    for group in placed.groups:
        add(group.weight, _landing(group, placed, dots, pairs, step)[some])
    of_all = row_of(pairs.indptr) * steps + step, pairs
    near, close = placed.near_donuts(pairs)
    of_near = of_all[0][near], close
    for part in average.parts:
        if part.placed is None:
            continue
        at, shown = of_near if isinstance(part.placed, PlacedDonut) else of_all
        density = part.unit * part.placed.likelihood(dots, shown) * average.prior[shown.place]
        by_step = np.bincount(at, density, minlength=len(dots) * steps).reshape(-1, steps)[some]
        add(np.array([part.weight]), by_step[:, :, None])
    return np.concatenate(weights), np.concatenate(sums), np.concatenate(at_most)


def _landing(
    group: Group, placed: PlacedAverage, dots: np.ndarray, pairs: Pairs, step: np.ndarray
) -> np.ndarray:
    """Return the density of each dot from the homes of each step, float (n, steps, masks)."""
    row, steps, edges = row_of(pairs.indptr), len(_LEVELS) + 2, placed.edges
    distance = pairs.distance
    if group.frame != STILL:
        gap = group.frame.places(placed.places)[pairs.place] - group.frame.dots(dots)[row]
        distance = np.hypot(gap[:, 0], gap[:, 1])
    ring, rings = ring_of(distance, edges), len(edges) - 1
    inside = ring < rings
    at = ((row * steps + step) * rings + ring)[inside]
    weight = placed.average.prior[pairs.place][inside]
    table = np.bincount(at, weight, minlength=len(dots) * steps * rings)
    return np.asarray(table.reshape(len(dots), steps, rings) @ group.density)


def _quantile(value: np.ndarray, weight: np.ndarray, share: float) -> float:
    order = np.argsort(value, kind="stable")
    running = np.cumsum(weight[order])
    at = int(np.searchsorted(running, share * running[-1]))
    result = float(value[order[min(at, len(order) - 1)]])
    return 0.0 if math.isnan(result) else result


UNKNOWN_MASK = KnownAttack(
    word="unknown_mask", uses=("register",), instead_of=("mask",),
    believes=Adversary.unknown_mask,
)  # fmt: skip
MOST_DOTS = 500
# Dots that are compared with replicates: chance shrinks with the dots of a map, and so must the
# misfit that goes unnoticed.
MOST_COMPARED = 2_000
# Dots that are compared where more do not fit: no mask is true to the last metre, and a misfit that
# so few cannot show is within what chance does to the share found among so many.
FEW_COMPARED = 300
# What is kept of the weights, of so many masks at most, and from where on a kind of mask is taken
# for certain.
_KEPT, _MOST, CERTAIN = 0.999, 200, 0.99
_LEFT = ("exact", "swap")
# Kinds that no mask of the library is of.
UNNAMED = (
    "partly_left", "free", "heavy", "stretched", "shifted", "street", "along", "offsets",
    "cells_moved", "own",
)  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class MaskBelief:
    """What dots say of how they were moved.

    - `mask`: The average, to attack with.
    - `kinds`: Probability of each kind of mask.
    - `best`, `second`: The likeliest mask that has a name, and the likeliest of another kind.
    - `kind`: That of the best.
    - `gap`: By how much the one is likelier than the other, in nats over all dots.
    - `dots`: How many were looked at.
    - `fit`: Comparison of the dots with replicates; None where dots stand on addresses.
    """

    mask: AveragedMask
    kinds: dict[str, float]
    best: Mask
    kind: str
    second: Mask
    gap: float
    dots: int
    fit: MaskFit | None = None

    @property
    def fits(self) -> bool:
        """Whether replicates of the masks believed are like the dots; dots on addresses are."""
        return self.fit is None or self.fit.fits

    @property
    def on_addresses(self) -> bool:
        """Whether it is certain that dots stand on addresses, their own or others'."""
        return _on_addresses(self.kinds)

    @property
    def exact(self) -> bool:
        """Whether it is certain that dots stand where they belong."""
        return self.kinds.get("exact", 0.0) >= CERTAIN

    @property
    def doubt(self) -> Note:
        """Why claims may be wrong, and how far: by which of the masks it was."""
        assert self.mask.right_between is not None
        if self.fit is not None and not self.fit.fits:
            return self.fit.doubt
        _, low, high = self.mask.right_between
        return Note("mask_worked_out", low=low, high=high)

    @property
    def note(self) -> Note:
        """What was found."""
        unnamed = sum(self.kinds.get(kind, 0.0) for kind in UNNAMED)
        return Note(
            "mask_averaged",
            dots=self.dots, mask=str(self.best), share=self.kinds.get(self.kind, 0.0),
            second=str(self.second), unnamed=unnamed,
        )  # fmt: skip


@in_steps("unknown mask", parts=3)
def infer_mask(
    points: np.ndarray,
    base: AddressBase,
    prior: np.ndarray,
    *,
    resolution: float = 0.0,
    swapped: bool = True,
    rng: np.random.Generator,
) -> MaskBelief:
    """Return the posterior of each mask of a family, given all dots.

    The family and its prior stand in `mask_likelihood`: dots left on addresses, swapped among
    them or all shifted alike, disks, donuts by area and by radius, Gaussians to 1 km, bimodal,
    Laplace and heavy-tailed moves, any of them with a share left in place, longer along one line,
    or of no set form; donuts that follow the density, the cells of the lattice that the dots show,
    squares of a quadtree and half-way points. No position tells a dot that was swapped from one
    that was not: these two keep the shares of the prior.

    - `points` (float, shape (n, 2)): At most 500 of them, drawn at random, are looked at, and at
      most 2,000 compared with replicates.
    - `prior` (float, shape (len(base),)): Of the homes; sums to 1.
    - `resolution`: Standard deviation, in metres, with which each coordinate was read.
    - `swapped`: False where it is known that no dot was swapped with another address.
    """
    every = z_order(points)
    order = _some(every, MOST_DOTS, rng)
    dots = MaskEvidence(points[order], base, prior, resolution)
    tried = candidate_masks(dots, swapped=swapped)
    step("tried")
    score = np.array([one.score for one in tried])
    parts = weighed([one.part for one in tried], score, 1.0)
    kinds: dict[str, float] = {}
    for part in parts:
        kinds[part.kind] = kinds.get(part.kind, 0.0) + part.weight
    if dots.all_on_addresses:
        # Had a share of the dots been moved, it would be none of these: they are left in place.
        kinds["exact"] = kinds.get("exact", 0.0) + kinds.pop("partly_left", 0.0)
    # Report unnamed mixtures only as probabilities.
    # Nor has a swap, which is no other mask than none, as far as dots can tell.
    names = [one.part.mask is not None and one.part.kind not in (*UNNAMED, "swap") for one in tried]
    named = np.where(names, score, -np.inf)
    best = int(np.argmax(named))
    own = tried[best].part.kind
    second = max((k for k, one in enumerate(tried) if one.part.kind != own), key=lambda k: named[k])
    first, other = tried[best].part.mask, tried[second].part.mask
    assert first is not None
    assert other is not None
    mask = AveragedMask(
        parts=weighed([one.part for one in tried], score, _KEPT, _MOST),
        base=base,
        prior=prior,
        resolution=resolution,
        edges=dots.edges,
    )
    doubt = average_bounds(mask, dots.points)
    step("averaged")
    fit = None if dots.on_addresses else _fit_of(mask, points[every], dots.streets, rng)
    step("checked")
    mask = replace(
        mask,
        credible_level=doubt.level,
        right_between=_right_between(doubt, fit, kinds, len(points)),
        both_readings=_on_addresses(kinds),
    )
    return MaskBelief(
        mask=mask,
        kinds=kinds,
        best=first,
        kind=own,
        second=other,
        gap=tried[best].likelihood - tried[second].likelihood,
        dots=len(order),
        fit=fit,
    )


def _some(order: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return at most so many of the dots, drawn at random, in their order."""
    if len(order) <= most:
        return order
    return np.asarray(order[np.sort(rng.choice(len(order), most, replace=False))])


def _fit_of(
    mask: AveragedMask, points: np.ndarray, streets: Streets, rng: np.random.Generator
) -> MaskFit:
    """Compare a mask with at most `MOST_COMPARED` dots; if it does not fit, with a few of them."""
    every = np.arange(len(points))
    fit = check_fit(mask, points[_some(every, MOST_COMPARED, rng)], streets, rng=rng)
    if fit.fits or len(points) <= FEW_COMPARED:
        return fit
    few = check_fit(mask, points[_some(every, FEW_COMPARED, rng)], streets, rng=rng)
    return few if few.fits else fit


def _right_between(
    bounds: AverageBounds, fit: MaskFit | None, kinds: dict[str, float], dots: int
) -> tuple[float, float, float]:
    """Return the share of right addresses, least and most; nan where no mask fits the dots.

    Where dots were moved, sizes lie between those that are tried, and none is exactly the true one.
    Where a mask fits some of the dots and not all, the range is that of so few: wider by chance.
    Where they may have been left or swapped, chance comes on top of either: no value between the
    two is likely, and their errors do not add up as squares do.

    - `kinds`: Probability of each kind of mask.
    """
    about, low, high = bounds[1:]
    if fit is None:
        return about, low, high
    if not fit.fits:
        return about, math.nan, math.nan
    low, high = min(low, (1 - _BETWEEN) * about), max(high, min((1 + _BETWEEN) * about, 1.0))
    if fit.dots <= FEW_COMPARED < dots:
        low, high = float(wilson(low, fit.dots)[0]), float(wilson(high, fit.dots)[1])
    swapped = kinds.get("swap", 0.0) > _TAILS[0]
    return about, low, float(wilson(high, dots)[1]) if swapped else high


def _on_addresses(kinds: dict[str, float]) -> bool:
    return sum(kinds.get(kind, 0.0) for kind in _LEFT) >= CERTAIN
