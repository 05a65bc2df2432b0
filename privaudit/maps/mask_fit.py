"""Posterior predictive checks of an inferred mask (Gelman, Meng and Stern 1996).

Homes are drawn from the posterior under a mask that is believed, and moved again by that mask. What
the dots show and what these replicates show is then compared: distances to the nearest address and
from the inferred home, alignment with streets, closeness to the centre of a street, dots that stand
together, directions, and how far moves follow the density of addresses. A mask that made the dots
makes replicates like them. Homes are those of the posterior, so that people who live in one part of
a town are no misfit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from privaudit.geo.neighbours import pairs_within
from privaudit.maps.model_averaging import AveragedMask, WeightedMask
from privaudit.maps.street_models import Streets
from privaudit.stats.csr import normalise, row_of
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
        """Return the logarithm of how far the neighbours of addresses are."""
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
