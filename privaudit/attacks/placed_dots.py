"""Dots that stand on points known beforehand: on their addresses, or on those of a lattice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from privaudit.measures.maps.distance_profile import NEAREST
from privaudit.measures.maps.lattice import Lattice
from privaudit.measures.maps.neighbours import Pairs
from privaudit.measures.tables.compressed_rows import row_max, row_of
from privaudit.release.masks import PlacedMask
from privaudit.release.masks.mask import ROUNDING_METRES

__all__ = ["PlacedCells", "PlacedDraws", "PlacedLeft"]

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
        first, last = chances.indptr[own], chances.indptr[own + 1]
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
        told = np.zeros(len(shown))
        seen = np.flatnonzero(shown >= 0)
        own = self._cells[1][pairs.place[seen]]
        told[seen] = np.asarray(self._chances[own, shown[seen]]).ravel()
        return told
