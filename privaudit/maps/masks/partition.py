"""Masks whose cells follow the people: squares split while enough are in them, and Voronoi."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.checks import keyword_only, whole
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import TIE_METRES
from privaudit.maps.masks.mask import AddressMask
from privaudit.maps.masks.snapping import Snapped, distinct, people_at

# Squares are halved at most this often: a commune of 10 km comes down to a centimetre.
DEEPEST = 20


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Quadtree(AddressMask):
    """Show each dot at the centre of a square that holds at least k people (Sune 2017).

    The square around all addresses is cut in four, and each again, as long as every part that
    has an address holds at least k people; the squares left are shown by their centres.

    Parameters
    ----------
    k : int
        People (addresses, where people are not known) in every square, 1 or more.

    Examples
    --------
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": list("abcd"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 1.0, 7.0, 8.0], "y": 0.0}), real=False)
    >>> shown = Quadtree(k=2).on(base)(base.xy, rng=np.random.default_rng(0))
    >>> shown.tolist()
    [[1.0, 1.0], [1.0, 1.0], [7.5, 0.5], [7.5, 0.5]]
    """

    word, example = "quadtree", "quadtree:11"

    k: int

    def __post_init__(self) -> None:
        whole("Quadtree", "k", self.k, 1)

    def on(self, base: AddressBase) -> Snapped:
        """Return the squares over these addresses; all are suppressed under k in all."""
        places, people = base.xy, people_at(base)
        low = places.min(axis=0)
        side = float(np.ptp(places, axis=0).max()) or 1.0
        at = (places - low) / side
        image = np.full_like(places, np.nan)
        active = np.arange(len(places)) if people.sum() >= self.k else np.empty(0, np.int64)
        for depth in range(DEEPEST + 1):
            if len(active) == 0:
                break
            square = _squares(at[active], depth)
            part = _squares(at[active], depth + 1)
            parent = np.unique(square @ (2**depth, 1), return_inverse=True)[1]
            child = np.unique(part @ (2 ** (depth + 1), 1), return_inverse=True)[1]
            held = np.bincount(child, weights=people[active])
            few = np.bincount(parent, weights=held[child] < self.k) > 0
            stop = few[parent] | (depth == DEEPEST)
            image[active[stop]] = low + (square[stop] + 0.5) * (side / 2**depth)
            active = active[~stop]
        return Snapped(places=places, image=image)


def _squares(at: np.ndarray, depth: int) -> np.ndarray:
    """Column and row, among 2**depth, of points of the unit square (its far edges included)."""
    return np.asarray(np.minimum((at * 2**depth).astype(np.int64), 2**depth - 1))


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Voronoi(AddressMask):
    """Show each dot at the nearest edge of its address's Voronoi cell (Seidl 2015).

    That edge is half way to the nearest other address. **One query undoes it**: the two
    addresses nearest to the dot are the home and its nearest neighbour, so that its position is
    found at least every other time, however the dots look.

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
