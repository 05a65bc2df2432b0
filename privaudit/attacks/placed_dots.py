"""Dots that stand on points known beforehand: on their addresses, or on those of a lattice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from privaudit.measures.maps.distance_profile import NEAREST
from privaudit.measures.maps.lattice import Lattice
from privaudit.measures.maps.neighbours import Pairs
from privaudit.measures.tables.compressed_rows import row_max, row_of
from privaudit.release.masks import PlacedMask
from privaudit.release.masks.mask import ROUNDING_METRES

__all__ = ["PlacedCells", "PlacedLeft"]


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
