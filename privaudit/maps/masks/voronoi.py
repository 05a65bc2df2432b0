"""Voronoi masking: the nearest edge of a Voronoi cell, of the dots or of the addresses."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.checks import keyword_only, whole
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import TIE_METRES, Pairs
from privaudit.maps.masks.mask import (
    BEYOND_REACH,
    ROUNDING_METRES,
    AddressMask,
    Mask,
    PlacedMask,
)
from privaudit.maps.masks.snapping import Snapped, distinct
from privaudit.stats.csr import row_of


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Voronoi(AddressMask):
    """Show each dot at the nearest edge of the Voronoi cell of its address.

    The cells are those of the addresses, which do not depend on who is on the map. The mask of
    the literature takes the cells of the dots, which are wider: `VoronoiDots`.

    The edge is half way to the nearest other address. One query undoes the move: the two
    addresses nearest to the dot are the home and its nearest neighbour, so that at least half
    of the homes are found.

    Examples
    --------
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 2.0, 8.0], "y": 0.0}), real=False)
    >>> Voronoi().on(base)(base.xy, rng=np.random.default_rng(0)).tolist()
    [[1.0, 0.0], [1.0, 0.0], [5.0, 0.0]]
    """

    word, example = "voronoi", "voronoi"

    def on(self, base: AddressBase) -> Snapped:
        """Return the half-way points of these addresses; a lone address is suppressed."""
        places = base.xy
        # Addresses of one building share a cell.
        sites, site = distinct(places)
        if len(sites) < 2:
            return Snapped(places=places, image=np.full_like(places, np.nan))
        return Snapped(places=places, image=half_way(sites)[site])


@keyword_only
@dataclass(frozen=True, kw_only=True)
class VoronoiDots(Mask):
    """Show each dot at the nearest edge of its cell in the Voronoi diagram of the dots.

    The edge is half way to the nearest other dot. Dots of one position share a cell and an edge;
    a map of one position is suppressed.

    A move depends on the other dots of the map. An adversary who counts them knows how likely a
    dot is moved so, for homes that are drawn by the adversary's prior: no other home is nearer than
    that opposite. Without `dots` there is no likelihood: who needs one is refused, and who
    needs none (`Adversary.nearest`, `Adversary.unknown_mask`) attacks.

    Parameters
    ----------
    dots : int
        How many dots the map has, for an adversary; no move depends on it. 0: not said.

    References
    ----------
    Seidl, Paulus, Jankowski and Regenfelder (2015), Voronoi masking; as MaskMyPy has it.

    Examples
    --------
    >>> VoronoiDots()([[0.0, 0.0], [2.0, 0.0], [8.0, 0.0]], rng=np.random.default_rng(0)).tolist()
    [[1.0, 0.0], [1.0, 0.0], [5.0, 0.0]]
    """

    word, example = "voronoi_dots", "voronoi_dots"
    draws, together = 0, True

    dots: int = 0

    def __post_init__(self) -> None:
        whole("VoronoiDots", "dots", self.dots, 0)

    @property
    def has_likelihood(self) -> bool:
        """Whether the number of dots is known."""
        return self.dots > 0

    def on(self, base: AddressBase) -> PlacedMask:
        return PlacedVoronoi(places=base.xy, dots=self.dots) if self.dots else self

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the half-way points of these dots, all of one map."""
        sites, site = distinct(points)
        if len(sites) < 2:
            return np.full_like(points, np.nan)
        return np.asarray(half_way(sites)[site])


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedVoronoi(PlacedMask):
    """Voronoi masking of so many dots, whose homes are drawn by a prior; evenly without one."""

    draws = 0

    places: np.ndarray
    dots: int
    prior: np.ndarray | None = None

    def among(self, prior: np.ndarray) -> PlacedVoronoi:
        """Return the mask of as many dots, whose homes are drawn by this prior."""
        return replace(self, prior=prior)

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        return VoronoiDots().moved(points, uniform)

    @cached_property
    def _sites(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, cKDTree]:
        """The positions, which of them each address has, how likely a home is at each, a tree."""
        sites, site = distinct(self.places)
        share = np.bincount(site, weights=self.prior)
        return sites, site, share / share.sum(), cKDTree(sites)

    def _none(self, share: np.ndarray) -> np.ndarray:
        """Return the probability that no other home lies in an area with this share of homes."""
        return np.asarray(np.maximum(1 - share, 0) ** (self.dots - 1))

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return the distance within which one of the other homes surely is."""
        # A home farther off would have all of these nearer to it than the home opposite.
        sites, _, weight, tree = self._sites
        share = 1 - BEYOND_REACH ** (1 / max(self.dots - 1, 1))
        farthest, left, many = np.empty(len(dots)), np.arange(len(dots)), share * len(sites)
        while len(left):
            many = min(math.ceil(many), len(sites))
            distance, near = tree.query(dots[left], k=np.arange(1, many + 1))
            short = (weight[near].cumsum(axis=1) < share).sum(axis=1)
            is_last = (short < many) | (many == len(sites))
            farthest[left] = distance[np.arange(len(left)), np.minimum(short, many - 1)]
            left, many = left[~is_last], 2 * many
        return farthest + ROUNDING_METRES

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return how likely the nearest other home is the address opposite, across the dot.

        0 where no address is opposite.
        """
        sites, site, share, tree = self._sites
        home, within = site[pairs.place], 2 * rounding + TIE_METRES
        across = 2 * dots[row_of(pairs.indptr)] - sites[home]
        some = np.flatnonzero(tree.query(across, distance_upper_bound=within)[1] < len(sites))
        row, other = _flat(tree.query_ball_point(across[some], within))
        at = some[row][other != home[some[row]]]
        other = other[other != home[some[row]]]
        apart = np.hypot(*(sites[other] - sites[home[at]]).T)
        row, near = _flat(tree.query_ball_point(sites[home[at]], apart + TIE_METRES))
        # Of several nearest homes, the first by position is taken.
        gap = np.hypot(*(sites[near] - sites[home[at[row]]]).T)
        before = (gap < apart[row] - TIE_METRES) | (near < other[row])
        before &= (near != home[at[row]]) & (near != other[row])
        nearer = np.bincount(row, share[near] * before, minlength=len(at))
        chance = self._none(nearer) - self._none(nearer + share[other])
        return np.bincount(at, chance, minlength=len(home))


def _flat(lists: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and the member of each entry of lists of whole numbers."""
    row = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    return row, np.array([entry for one in lists for entry in one], dtype=np.int64)


def half_way(sites: np.ndarray) -> np.ndarray:
    """Return the point half way from each of several distinct sites to its nearest other one.

    Of several nearest ones, the first by position is taken, whatever the order of the file.
    """
    # In the plane six may be as near, and no more.
    distance, near = cKDTree(sites).query(sites, k=min(7, len(sites)))
    # Sites are sorted: the smallest number among those tied is the first by position.
    other = near != np.arange(len(sites))[:, None]
    closest = np.where(other, distance, np.inf).min(axis=1)
    tied = other & (distance <= closest[:, None] + TIE_METRES)
    return np.asarray((sites + sites[np.where(tied, near, len(sites)).min(axis=1)]) / 2)
