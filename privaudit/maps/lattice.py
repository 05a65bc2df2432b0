"""Detect the lattice to which dots were snapped, and masks that snap dots to known points."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from privaudit.geo.neighbours import Pairs
from privaudit.maps.masks.mask import ROUNDING_METRES, PlacedMask
from privaudit.maps.model_averaging import NEAREST
from privaudit.stats.csr import row_max, row_of

# Neighbours of each point whose differences are looked at, and differences at most.
_NEIGHBOURS, _DIFFERENCES = 8, 4_000
# Points off the lattice that are put up with, and how far chance must be outdone (in nats).
_OFF, _SURE = 0.05, 15.0
_STEPS = 60
# Frequencies tried along an axis, how far phases must agree, and of how many points.
_FREQUENCIES, _ALIGNED, _FEW = 20_000, 0.97, 60


class Lattice(NamedTuple):
    """Lattice ``origin + i a + j b`` for integers i and j; `basis` has a and b as rows, reduced."""

    origin: np.ndarray
    basis: np.ndarray

    @property
    def area(self) -> float:
        """Return square metres a lattice point."""
        return float(abs(np.linalg.det(self.basis)))

    @property
    def reach(self) -> float:
        """Return the covering radius, in metres."""
        return float(np.hypot(*self.basis.T).sum() / 2)

    def nearest(self, points: np.ndarray) -> np.ndarray:
        """Return the nearest lattice point of each point, float (n, 2).

        Parameters
        ----------
        points : float, shape (n, 2)
            Metres.

        Returns
        -------
        ndarray

        Examples
        --------
        >>> hexagons = Lattice(np.zeros(2), np.array([[2.0, 0.0], [1.0, 3**0.5]]))
        >>> hexagons.nearest(np.array([[0.9, 1.7], [1.9, 0.1]])).round(2).tolist()
        [[1.0, 1.73], [2.0, 0.0]]
        """
        whole = np.rint((points - self.origin) @ np.linalg.inv(self.basis))
        closest, least = np.empty_like(points), np.full(len(points), np.inf)
        # Of a reduced basis the nearest point is one of nine around the rounded one.
        for i, j in np.ndindex(3, 3):
            at = self.origin + (whole + np.array([i - 1, j - 1])) @ self.basis
            apart = ((points - at) ** 2).sum(axis=1)
            nearer = apart < least
            closest[nearer], least[nearer] = at[nearer], apart[nearer]
        return closest


def lattice_of(points: np.ndarray, tolerance: float = 0.5) -> Lattice | None:
    """Return the coarsest lattice that holds nineteen in twenty points, or None.

    The differences between neighbours are reduced to the two shortest vectors that make them all
    (Euclid's algorithm in the plane), which are then fitted to the points. None where points would
    stand as near to such a lattice by chance.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    tolerance : float
        Metres that a point may lie off, by rounding or reading.

    Returns
    -------
    Lattice or None

    Examples
    --------
    >>> columns, rows = np.divmod(np.arange(20), 5)
    >>> found = lattice_of(np.stack([columns * 50.0 + 7, rows * 80.0 - 3], axis=1))
    >>> np.abs(found.basis).round(6).tolist(), round(found.area)
    ([[50.0, 0.0], [0.0, 80.0]], 4000)
    >>> lattice_of(np.random.default_rng(0).normal(0, 500, (40, 2))) is None
    True
    """
    cell = 2 * tolerance
    some = points[np.unique(np.rint(points / cell), axis=0, return_index=True)[1]]
    # Of six none is beyond chance: see `_fitted`.
    if len(some) < 7:
        return None
    _, near = cKDTree(some).query(some, k=min(_NEIGHBOURS + 1, len(some)))
    # All differences, and those around one point after another: one stray among all makes a finer
    # lattice, which holds the others too.
    centres = np.linspace(0, len(some) - 1, min(12, len(some))).astype(int)
    coarsest: Lattice | None = None
    for rows in [np.arange(len(some)), *centres[:, None]]:
        apart = (some[near[rows][:, 1:]] - some[rows][:, None]).reshape(-1, 2)
        basis = _reduced(apart[np.argsort((apart**2).sum(axis=1))][:_DIFFERENCES], tolerance)
        lattice = None if basis is None else _fitted(some, some[near[rows][0, 0]], basis, tolerance)
        # The same lattice once more is as large but for its last digits.
        if lattice and (coarsest is None or lattice.area > 1.5 * coarsest.area):
            coarsest = lattice
    if coarsest is not None:
        return coarsest
    return _along_axes(some, tolerance)


def _along_axes(points: np.ndarray, tolerance: float) -> Lattice | None:
    """Return an axis-parallel lattice of few, distant points from the period of each axis."""
    periods = []
    for x in (points - points.mean(axis=0)).T:
        span = max(float(np.ptp(x)), 1.0)
        x = x[:: -(-len(x) // _FEW)]
        often = np.arange(1 / span, 1 / (16 * tolerance), 0.05 / span)[:_FREQUENCIES]
        aligned = np.abs(np.exp(2j * np.pi * often[:, None] * x).mean(axis=1)) > _ALIGNED
        if not aligned.any():
            return None
        # The first peak, at its top.
        first = int(np.argmax(aligned))
        top = np.abs(np.exp(2j * np.pi * often[first : first + 3, None] * x).mean(axis=1))
        periods.append(1 / often[first + int(np.argmax(top))])
    lattice = _fitted(points, points[0], np.diag(periods), tolerance)
    if lattice is None:
        return None
    whole = np.rint((points - lattice.origin) @ np.linalg.inv(lattice.basis))
    if len(np.unique(whole.sum(axis=1) % 2)) == 1:
        a, b = lattice.basis
        origin = lattice.origin + whole[0] @ lattice.basis
        return Lattice(origin, _shortest(np.array([a + b, a - b]), 4 * tolerance))
    return lattice


def _reduced(vectors: np.ndarray, tolerance: float) -> np.ndarray | None:
    """Return the reduced basis of the lattice that vectors generate, or None where too fine."""
    short = 4 * tolerance
    long = vectors[(vectors**2).sum(axis=1) > short**2]
    basis = np.empty((0, 2))
    for _ in range(_STEPS):
        if len(long) == 0:
            return basis if len(basis) == 2 else None
        basis = _shortest(np.vstack([basis, long[:1]]), short)
        if len(basis) == 0:
            return None
        whole = np.rint(long @ np.linalg.pinv(basis))
        left = np.hypot(*(long - whole @ basis).T)
        # Errors of a basis grow with the steps taken along it.
        long = long[left > short * (1 + 0.02 * np.abs(whole).max(axis=1))]
    return None


def _shortest(basis: np.ndarray, short: float) -> np.ndarray:
    """Return at most two vectors that generate the same lattice; () where it is too fine."""
    for _ in range(_STEPS):
        basis = basis[np.argsort(np.hypot(*basis.T))]
        before = basis.copy()
        for k in range(1, len(basis)):
            others = basis[:k]
            basis[k] -= np.rint(basis[k] @ np.linalg.pinv(others)) @ others
        basis = basis[np.hypot(*basis.T) > short]
        if len(basis) == len(before) and np.array_equal(basis, before):
            break
    # Three that none shortens are no lattice of points so far apart.
    return basis if len(basis) < 3 else np.empty((0, 2))


def _fitted(
    points: np.ndarray, origin: np.ndarray, basis: np.ndarray, tolerance: float
) -> Lattice | None:
    """Fit a lattice to points, from its origin outwards; None where few fit."""
    order = np.argsort(((points - origin) ** 2).sum(axis=1))
    lattice = Lattice(origin, basis)
    count = min(8, len(points))
    while True:
        used = points[order[:count]]
        whole = np.rint((used - lattice.origin) @ np.linalg.inv(lattice.basis))
        off = np.hypot(*(used - lattice.origin - whole @ lattice.basis).T)
        fits = off <= max(2 * tolerance, 0.05 * lattice.area**0.5)
        table = np.column_stack([np.ones(len(used)), whole])[fits]
        if fits.sum() < 4 or np.linalg.matrix_rank(table) < 3:
            return None
        fit = np.linalg.lstsq(table, used[fits], rcond=None)[0]
        lattice = Lattice(fit[0], fit[1:])
        if count == len(points):
            break
        count = min(2 * count, len(points))
    # Degrees are no lattice in metres: over kilometres they bend by a little.
    allowed = max(tolerance, 0.02 * lattice.area**0.5)
    near = np.hypot(*(points - lattice.nearest(points)).T) <= allowed
    chance = np.log(lattice.area / (np.pi * allowed**2))
    return lattice if near.mean() >= 1 - _OFF and (near.sum() - 4) * chance > _SURE else None


# Cells that are exp(-8) times as likely as the own one, or less, are not looked at.
_FARTHEST = 8.0


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedLeft(PlacedMask):
    """Dots left at their addresses, or all moved by one shift: each is of the nearest address.

    `within` metres it lies off it at most, by its decimals or by another edition of the addresses.
    """

    draws = 0

    places: np.ndarray
    shift: tuple[float, float]
    within: float = NEAREST

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        return points

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        return np.full(len(dots), self.within + float(np.hypot(*self.shift)))

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return an even density over those metres for the nearest place, and what ties with it."""
        row = row_of(pairs.indptr)
        apart = np.hypot(*(self.places[pairs.place] - (dots - self.shift)[row]).T)
        closest = -row_max(pairs.indptr, -apart, -np.inf)
        nearest = (apart <= closest[row] + rounding) & (closest[row] <= self.within)
        return np.asarray(nearest / (np.pi * self.within**2))


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedCells(PlacedMask):
    """Every address shown at the lattice point nearest to it, or, off it, to a corner of its cell.

    `allowed` metres a dot may be off its lattice point.
    """

    draws = 0

    places: np.ndarray
    lattice: Lattice
    allowed: float
    corner: np.ndarray

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        return self.lattice.nearest(points + self.corner)

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        off = float(np.hypot(*self.corner))
        return np.full(len(dots), self.lattice.reach + self.allowed + off)

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return 1 where the place is shown where the dot is, else 0."""
        row = row_of(pairs.indptr)
        shown = self.lattice.nearest(dots)
        off = np.hypot(*(dots - shown).T) > self.allowed
        gap = self.lattice.nearest(self.places[pairs.place] + self.corner) - shown[row]
        return np.asarray(((np.hypot(*gap.T) < self.allowed) & ~off[row]).astype(float))


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedDraws(PlacedMask):
    """Every address shown at a lattice point that is drawn among those that addresses are near.

    One that is `fall` metres farther from the own one is e times less likely, one with twice as
    many addresses twice as likely: as masks do that promise a distance its cover and then move
    people least (`OptimalMechanism`). Cells are then shown about as often as people live in them:
    positions do not tell it from cells that are each address's own.
    """

    draws = 1

    places: np.ndarray
    lattice: Lattice
    allowed: float
    fall: float

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The cells that hold addresses, the one of each address, how many addresses in each."""
        own = self.lattice.nearest(self.places)
        cells, cell, count = np.unique(
            np.rint(own / self.allowed), axis=0, return_inverse=True, return_counts=True
        )
        return cells * self.allowed, cell.ravel(), count

    @cached_property
    def _chances(self) -> csr_array:
        """How likely each cell is to be shown for an address of each: rows sum to 1."""
        cells, _, count = self._cells
        tree, far = cKDTree(cells), _FARTHEST * self.fall
        apart = tree.sparse_distance_matrix(tree, far, output_type="coo_matrix").tocsr()
        apart.data = np.exp(-apart.data / self.fall) * count[apart.indices]
        total = np.asarray(apart.sum(axis=1)).ravel()
        return csr_array(apart.multiply(1 / total[:, None]))

    def _cell_at(self, points: np.ndarray) -> np.ndarray:
        """Return which cell points are in; -1 where it holds no address."""
        apart, cell = cKDTree(self._cells[0]).query(self.lattice.nearest(points))
        return np.where(apart <= self.allowed, cell, -1)

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        chances, own = self._chances, self._cell_at(points)
        running = np.concatenate([[0.0], np.cumsum(chances.data)])
        row = np.maximum(own, 0)
        first, last = chances.indptr[row], chances.indptr[row + 1]
        at = np.searchsorted(running, running[first] + uniform[0], side="right") - 1
        drawn = self._cells[0][chances.indices[np.clip(at, first, np.maximum(last - 1, first))]]
        return np.where(own[:, None] >= 0, drawn, self.lattice.nearest(points))

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        far = self.lattice.reach + self.allowed + _FARTHEST * self.fall
        return np.full(len(dots), far)

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the probability that the place is shown where the dot is."""
        off = np.hypot(*(dots - self.lattice.nearest(dots)).T) > self.allowed
        shown = np.where(off, -1, self._cell_at(dots))[row_of(pairs.indptr)]
        chance = np.zeros(len(shown))
        known = np.flatnonzero(shown >= 0)
        own = self._cells[1][pairs.place[known]]
        chance[known] = np.asarray(self._chances[own, shown[known]]).ravel()
        return chance
