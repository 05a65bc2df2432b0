"""Infer an undeclared mask by Bayesian model averaging, and bound the claims of the average.

Posterior predictive checks (Gelman, Meng and Stern 1996) compare the dots with replicates: homes
are drawn from the posterior under a mask that is believed, and moved again by that mask. What
the dots show and what these replicates show is then compared: distances to the nearest address and
from the inferred home, alignment with streets, closeness to the centre of a street, dots that stand
together, directions, and how far moves follow the density of addresses. A mask that made the dots
makes replicates like them. Homes are those of the posterior, so that people who live in one part of
a town are no misfit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.progress import in_steps, step
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs, pairs_within, z_order
from privaudit.maps.adversary import Adversary, KnownAttack
from privaudit.maps.masks.donut import PlacedDonut
from privaudit.maps.masks.mask import Mask
from privaudit.maps.model_averaging import (
    STILL,
    STRAY,
    AveragedMask,
    Group,
    PlacedAverage,
    WeightedMask,
    ring_of,
    weighed,
)
from privaudit.maps.street_models import Streets
from privaudit.maps.undeclared_mask_candidates import MaskEvidence, are_near, candidate_masks
from privaudit.stats.csr import normalise, row_of, row_sum
from privaudit.stats.intervals import wilson
from privaudit.words.catalogues import Note

# Masks that are drawn by their weight, and replicates of each.
_MASKS, _REPLICATES = 12, 8
# A difference of means of logarithms, and of shares, under which it does not matter.
_SMALL_LOG, _SMALL_SHARE = 0.02, 0.01
# Deviations of the largest difference that replicates of a right mask hardly reach.
DEVIATIONS = 3.0
# Distances below so many metres are alike; metres within which a position is the same.
_ALIKE, _SAME = 3.0, 1.0
# Metres by which two addresses are as near: a dot half way between them is written to a centimetre.
_TIED = 0.05
# Addresses around one by whose distance the density is known.
_SPACING = 8
# Maps drawn to know how many dots share a position by sharing a home, and the quantile.
_DRAWN, _LEVEL = 99, 0.99
# What dots may differ in, and the note that says so.
ASPECTS = {
    "distance": "mask_misfits_distance",
    "streets": "mask_misfits_streets",
    "positions": "mask_misfits_positions",
}


class MaskFit(NamedTuple):
    """How replicates of the masks believed differ from the dots.

    - `aspect`: In which of `ASPECTS` they differ most.
    - `deviations`: By how many standard deviations of the replicates.
    - `shared`: Dots that share a position with others, beyond what sharing a home would explain,
      where no mask believed puts dots on shared positions; else 0.
    - `dots`: How many were compared.
    """

    aspect: str
    deviations: float
    shared: int
    dots: int

    @property
    def fits(self) -> bool:
        """Whether claims may rest on the masks believed."""
        return self.deviations <= DEVIATIONS and not self.shared

    @property
    def doubt(self) -> Note:
        """Why nothing is claimed: shared positions first, or what differs most."""
        if self.shared:
            return Note("mask_lacks_sharing", shared=self.shared, of=self.dots)
        return Note(ASPECTS[self.aspect])


@dataclass(frozen=True, eq=False, kw_only=True)
class Ground:
    """The addresses and streets that dots are compared with."""

    places: np.ndarray
    streets: Streets

    @cached_property
    def tree(self) -> cKDTree:
        return cKDTree(self.places)

    @cached_property
    def centres(self) -> cKDTree:
        """The centres of the streets."""
        return cKDTree(np.unique(self.streets.mean, axis=0))

    def nearest(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how far the nearest address of each point is, and which: of two, the first."""
        apart, at = self.tree.query(points, k=[1, 2])
        two = apart[:, 1] - apart[:, 0] <= _TIED
        return apart[:, 0], np.where(two, at.min(axis=1), at[:, 0])

    @cached_property
    def _spacings(self) -> np.ndarray:
        """Of each address that was asked for, how far its neighbours are; else nan."""
        return np.full(len(self.places), np.nan)

    def spacing(self, address: np.ndarray) -> np.ndarray:
        """Return the logarithm of the distance from each address to its neighbours."""
        new = np.unique(address[np.isnan(self._spacings[address])])
        if len(new):
            k = min(_SPACING, len(self.places))
            self._spacings[new] = self.tree.query(self.places[new], k=[k])[0][:, 0]
        return np.asarray(np.log(_ALIKE + self._spacings[address]))


def check_fit(
    average: AveragedMask, points: np.ndarray, streets: Streets, *, rng: np.random.Generator
) -> MaskFit:
    """Compare dots with replicates of the masks that are believed.

    Dots that share a position as often as people share a home, and no mask believed, may have been
    moved alike (persistent noise): if they do not fit, each position is compared once.
    """
    # A swap shows what the mask that leaves dots near addresses shows.
    kinds = {part.kind for part in average.parts} - {"swap"}
    average = average.only(*kinds) if kinds else average
    ground = Ground(places=average.base.xy, streets=streets)
    fit, alike = _compared(average, points, ground, rng)
    if fit.fits or fit.shared or alike:
        return fit
    first = np.sort(np.unique(points, axis=0, return_index=True)[1])
    return fit if len(first) == len(points) else _compared(average, points[first], ground, rng)[0]


def _compared(
    average: AveragedMask, points: np.ndarray, ground: Ground, rng: np.random.Generator
) -> tuple[MaskFit, bool]:
    """Compare dots with replicates; return whether these share positions half as often as well."""
    differences, replicates, shared = [], [], []
    shown = _shown(points, ground)
    for part, count in _drawn_parts(average.parts):
        single = replace(average, parts=(part._replace(weight=1.0),))
        for home in _homes(single, points, ground.tree, count, rng):
            known = home >= 0
            start = np.where(known[:, None], ground.places[home], points)
            made = single.move(start, rng)
            if part.density is None and average.resolution > 0:
                made = made + average.resolution * rng.normal(size=made.shape)
            made = np.where(known[:, None] & np.isfinite(made), made, points)
            ours = _features(points, home, ground, shown)
            theirs = _features(made, home, ground, _shown(made, ground))
            differences.append(ours - theirs)
            replicates.append(theirs)
            shared.append(_sharing(made))
    difference, made = np.array(differences), np.array(replicates)
    spread = np.maximum(np.maximum(difference.std(axis=0), made.std(axis=0)), FLOORS)
    off = np.abs(difference.mean(axis=0)) / spread
    worst = int(off.argmax())
    alike = bool(np.mean(shared) >= _sharing(points) / 2)
    unexplained = 0 if alike else _unexplained(average, points, rng)
    return MaskFit(OF[worst], float(off[worst]), unexplained, len(points)), alike


def _drawn_parts(parts: tuple[WeightedMask, ...]) -> list[tuple[WeightedMask, int]]:
    """Return masks drawn by their weight, each with how many replicates it makes."""
    edges = np.cumsum([part.weight for part in parts])
    at = np.searchsorted(edges, (np.arange(_MASKS) + 0.5) / _MASKS * edges[-1])
    drawn, count = np.unique(np.minimum(at, len(parts) - 1), return_counts=True)
    return [(parts[k], int(n) * _REPLICATES) for k, n in zip(drawn, count, strict=True)]


def _homes(
    single: AveragedMask, points: np.ndarray, tree: cKDTree, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw homes of each dot from the posterior under one mask, int (count, n); -1 for none."""
    placed = single.on(single.base)
    homes = np.full((count, len(points)), -1, dtype=np.int64)
    for rows, pairs in pairs_within(points, tree, float(placed.reach_of(points).max())):
        weight = placed.likelihood(points[rows], pairs) * single.prior[pairs.place]
        # One number a row and a share of it: the running sum of all rows is searched at once.
        running = np.cumsum(normalise(pairs.indptr, weight))
        some = np.bincount(row_of(pairs.indptr), weight, minlength=len(pairs.indptr) - 1) > 0
        begin = np.concatenate([[0.0], running])[pairs.indptr[:-1]]
        for k in range(count):
            at = np.searchsorted(running, begin + rng.random(len(begin)), side="right")
            at = np.clip(at, pairs.indptr[:-1], np.maximum(pairs.indptr[1:] - 1, 0))
            at = np.minimum(at, len(running) - 1) if len(running) else at
            homes[k, rows] = np.where(some, pairs.place[at] if len(running) else -1, -1)
    return homes


# What is compared, the aspect that it is of, and under which difference it does not matter.
_COMPARED = (
    *(("distance", _SMALL_LOG),) * 2, *(("distance", _SMALL_SHARE),) * 2,
    *(("streets", _SMALL_LOG),) * 3, *(("streets", _SMALL_SHARE),) * 2,
    *(("positions", _SMALL_LOG),) * 1, *(("positions", _SMALL_SHARE),) * 1,
    *(("distance", _SMALL_SHARE),) * 5,
    *(("distance", _SMALL_LOG),) * 2, *(("streets", _SMALL_LOG),) * 2,
    *(("distance", _SMALL_SHARE),) * 5,
)  # fmt: skip
OF = tuple(aspect for aspect, _ in _COMPARED)
FLOORS = np.array([small for _, small in _COMPARED])


class _Shown(NamedTuple):
    """What dots show without their homes: the nearest address of each, and the first features."""

    nearest: np.ndarray
    features: tuple[float, ...]


def _shown(points: np.ndarray, ground: Ground) -> _Shown:
    """Return what dots show by themselves, in the order of `_COMPARED`."""
    apart, at = ground.nearest(points)
    near, gap = np.log(_ALIKE + apart), points - ground.places[at]
    along, across = _in_street(gap, ground.streets.local[at])
    centre = ground.centres.query(points)[0]
    beside = cKDTree(points).query(points, k=[2])[0][:, 0] if len(points) > 1 else np.zeros(1)
    return _Shown(at, (
        near.mean(), near.std(), (apart < 2).mean(), (apart < 10).mean(),
        along.mean(), across.mean(), np.log(_ALIKE + centre).mean(),
        (centre < 2).mean(), (centre < 15).mean(),
        np.log(_ALIKE + beside).mean(), (beside < _SAME).mean(),
        *_directions(gap), _correlation(near, ground.spacing(at)),
    ))  # fmt: skip


def _features(points: np.ndarray, home: np.ndarray, ground: Ground, shown: _Shown) -> np.ndarray:
    """Return what dots show, by themselves and from their homes: numbers as of `_COMPARED`."""
    own = np.where(home >= 0, home, shown.nearest)
    gap = points - ground.places[own]
    moved = np.log(_ALIKE + np.hypot(*gap.T))
    along, across = _in_street(gap, ground.streets.local[own])
    return np.array([
        *shown.features,
        moved.mean(), moved.std(), along.mean(), across.mean(),
        *_directions(gap), _correlation(moved, ground.spacing(own)),
    ])  # fmt: skip


def _in_street(gap: np.ndarray, direction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return logarithms of how far gaps lead along and across streets; of known streets."""
    known = np.isfinite(direction[:, 0])
    if not known.any():
        return np.zeros(1), np.zeros(1)
    gap, direction = gap[known], direction[known]
    along = np.abs((gap * direction).sum(axis=1))
    across = np.abs(gap[:, 1] * direction[:, 0] - gap[:, 0] * direction[:, 1])
    return np.log(_ALIKE + along), np.log(_ALIKE + across)


def _directions(gap: np.ndarray) -> tuple[float, float, float, float]:
    """Return the first two harmonics of the directions of gaps, those of a few metres apart."""
    angle = np.arctan2(gap[:, 1], gap[:, 0])
    some = np.hypot(*gap.T) > _ALIKE
    total = len(gap)
    return tuple(  # type: ignore[return-value]
        float(turn(k * angle[some]).sum() / total) for k in (1, 2) for turn in (np.cos, np.sin)
    )


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    spread = float(first.std() * second.std())
    return 0.0 if spread < 1e-9 else float(np.cov(first, second, bias=True)[0, 1]) / spread


def _sharing(points: np.ndarray) -> int:
    """Count the dots that share a position with another."""
    _, code, count = np.unique(
        np.rint(points / (2 * _SAME)), axis=0, return_inverse=True, return_counts=True
    )
    return int((count[code.ravel()] > 1).sum())


def _unexplained(average: AveragedMask, points: np.ndarray, rng: np.random.Generator) -> int:
    """Return how many dots share a position if homes that share a dot cannot explain it."""
    shared = _sharing(points)
    at_home = []
    for _ in range(_DRAWN):
        home = rng.choice(len(average.prior), size=len(points), p=average.prior)
        count = np.bincount(home)
        at_home.append(int(count[count > 1].sum()))
    return shared if shared > np.quantile(at_home, _LEVEL) else 0


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

    The family and its prior stand in `undeclared_mask_candidates`: dots left on addresses, swapped
    among them or all shifted alike, disks, donuts by area and by radius, Gaussians to 1 km,
    bimodal, Laplace and heavy-tailed moves, any of them with a share left in place, longer along
    one line, or of no set form; donuts that follow the density, the cells of the lattice that the
    dots show, squares of a quadtree and half-way points. No position tells a dot that was swapped
    from one that was not: these two keep the shares of the prior.

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
    # Report unnamed mixtures only as probabilities; and swaps, which dots cannot distinguish from
    # no mask.
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
    bounds = _or_by_density(average_bounds(mask, dots.points), parts, dots.edges)
    step("averaged")
    fit = None if dots.on_addresses else _fit_of(mask, points[every], dots.streets, rng)
    step("checked")
    mask = replace(
        mask,
        credible_level=bounds.level,
        right_between=_right_between(bounds, fit, kinds, len(points)),
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
    either = bounds.low == 0 or kinds.get("swap", 0.0) > _TAILS[0]
    return about, low, float(wilson(high, dots)[1]) if either else high


def _or_by_density(
    bounds: AverageBounds, parts: Sequence[WeightedMask], edges: np.ndarray
) -> AverageBounds:
    """Let bounds begin at 0 where moves within the own cell are likely, wider than `GEOCODED`.

    Noise that follows the density of addresses spreads dots over the cells alike, and hardly any
    of them are then nearest to their home.
    """
    own = [part for part in parts if part.kind == "own"]
    wide = zip(own, are_near(own, edges), strict=True)
    far = sum(part.weight for part, near in wide if not near)
    return bounds._replace(low=0.0) if far > _TAILS[0] else bounds


def _on_addresses(kinds: dict[str, float]) -> bool:
    return sum(kinds.get(kind, 0.0) for kind in _LEFT) >= CERTAIN
