"""What a mask that is tried is held against: the dots; and how far they bear it out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from privaudit.attacks.averaged_mask import STRAY, Believed, box_area
from privaudit.attacks.moved_alike import fine_edges
from privaudit.measures.maps.distance_profile import NEAREST
from privaudit.measures.maps.neighbours import pairs_within
from privaudit.measures.tables.compressed_rows import row_sum
from privaudit.places.address_base import AddressBase

__all__ = ["FARTHEST", "POWER", "MisreadDots", "Tried", "logged", "scored"]

# Metres out to which moves are looked at.
FARTHEST = 4_000.0
# What dots say counts half: the mask may be none of the family, and all dots are of one town.
POWER = 0.5


@dataclass(frozen=True, eq=False)
class MisreadDots:
    """The dots that are looked at, the addresses, their prior, and how far dots were misread."""

    points: np.ndarray
    base: AddressBase
    prior: np.ndarray
    resolution: float

    @property
    def tolerance(self) -> float:
        """Metres that a dot may stand off a point that it is meant to be on."""
        return max(0.5, 3 * self.resolution)

    @cached_property
    def places(self) -> np.ndarray:
        """Positions of the addresses, float (m, 2)."""
        return self.base.xy

    @cached_property
    def edges(self) -> np.ndarray:
        """Radii of rings, out to where the farthest move may end."""
        across = float(np.hypot(*np.ptp(np.vstack([self.points, self.places]), axis=0)))
        return fine_edges(min(FARTHEST, across) + NEAREST, self.resolution)

    @cached_property
    def tree(self) -> cKDTree:
        return cKDTree(self.places)

    def landing(self, part: Believed) -> np.ndarray:
        """Return the density of each dot under a mask that is placed over the addresses."""
        assert part.placed is not None
        found = np.zeros(len(self.points))
        reach = float(part.placed.reach_of(self.points).max(initial=0))
        for rows, pairs in pairs_within(self.points, self.tree, reach):
            told = part.placed.likelihood(self.points[rows], pairs)
            found[rows] = part.unit * row_sum(pairs.indptr, self.prior[pairs.place] * told)
        return found

    @cached_property
    def _on_address(self) -> np.ndarray:
        """Whether each dot stands within 5 m of an address."""
        near: np.ndarray = self.tree.query(self.points)[0] <= NEAREST
        return near

    @property
    def on_addresses(self) -> bool:
        """Whether nineteen dots in twenty stand within 5 m of an address."""
        return bool(self._on_address.mean() >= 0.95)

    @property
    def all_on_addresses(self) -> bool:
        """Whether every dot stands within 5 m of an address."""
        return bool(self._on_address.all())


@dataclass(frozen=True, eq=False)
class Tried:
    """A mask, and the logarithms of its prior and of the likelihood of all dots under it."""

    part: Believed
    prior: float
    likelihood: float

    @property
    def score(self) -> float:
        """The logarithm of how far it is believed, up to what all have in common."""
        return self.prior + POWER * self.likelihood


def logged(landing: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the logarithm of densities of dots, a share of which are strays."""
    return np.asarray(np.log((1 - STRAY) * landing + STRAY / box_area(places)))


def scored(
    dots: MisreadDots, part: Believed, prior: float, landing: np.ndarray | None = None
) -> Tried:
    """Try a mask that is placed over the addresses; `prior` is its share of what is believed."""
    landing = dots.landing(part) if landing is None else landing
    return Tried(part, math.log(prior), float(logged(landing, dots.places).sum()))
