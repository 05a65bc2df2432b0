"""Voronoi masking: the nearest edge of a Voronoi cell, of the dots or of the addresses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.checks import keyword_only
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import TIE_METRES
from privaudit.maps.masks.mask import AddressMask, Mask
from privaudit.maps.masks.snapping import Snapped, distinct


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

    A move depends on the other dots of the map, so that the mask has no likelihood of one dot: an
    adversary who needs one is refused, those who need none (`Adversary.nearest`,
    `Adversary.unknown_mask`) attack its maps.

    References
    ----------
    Seidl, Paulus, Jankowski and Regenfelder (2015), Voronoi masking; as MaskMyPy has it.

    Examples
    --------
    >>> VoronoiDots()([[0.0, 0.0], [2.0, 0.0], [8.0, 0.0]], rng=np.random.default_rng(0)).tolist()
    [[1.0, 0.0], [1.0, 0.0], [5.0, 0.0]]
    """

    word, example = "voronoi_dots", "voronoi_dots"
    draws = 0

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the half-way points of these dots, all of one map."""
        sites, site = distinct(points)
        if len(sites) < 2:
            return np.full_like(points, np.nan)
        return np.asarray(half_way(sites)[site])


def half_way(sites: np.ndarray) -> np.ndarray:
    """Return the point half way from each of several distinct sites to its nearest other one.

    Of several nearest ones, the first by position is taken, whatever the order of the file.
    """
    distance, near = cKDTree(sites).query(sites, k=min(5, len(sites)))
    # Sites are sorted: the smallest number among those tied is the first by position.
    other = near != np.arange(len(sites))[:, None]
    closest = np.where(other, distance, np.inf).min(axis=1)
    tied = other & (distance <= closest[:, None] + TIE_METRES)
    return np.asarray((sites + sites[np.where(tied, near, len(sites)).min(axis=1)]) / 2)
