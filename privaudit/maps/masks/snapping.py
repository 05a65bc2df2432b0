"""Snapping: dots are shown at one place, such as the centre of a cell of a grid or a quadtree."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.checks import in_range, keyword_only, whole
from privaudit.geo.address_base import AddressBase, hexagon_centres, square_centres
from privaudit.geo.neighbours import Pairs
from privaudit.maps.masks.mask import (
    FARTHEST,
    ROUNDING_METRES,
    AddressMask,
    Mask,
    PlacedMask,
    lacks_addresses,
)
from privaudit.stats.csr import row_of


def people_at(base: AddressBase) -> np.ndarray:
    """Return the people at each address, or 1 where they are not known."""
    people = base.people()
    return np.ones(len(base)) if people is None else people


def distinct(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different points, sorted east then north, and which of them each point is."""
    # As complex numbers they sort several times faster than as rows.
    some, code = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    return np.stack([some.real, some.imag], axis=1), code


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapped(PlacedMask):
    """A mask over m addresses that shows all dots of an address at one place.

    - `places` (float, shape (m, 2))
    - `image` (float, shape (m, 2)): Where a dot of each address is shown; nan where it is
      suppressed.
    - `centres`: Image of any point. Without it a point goes where its nearest address does.
    """

    draws = 0

    places: np.ndarray
    image: np.ndarray
    centres: Callable[[np.ndarray], np.ndarray] | None = None

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the image of each point, nan where it is suppressed."""
        if self.centres is None:
            return np.asarray(self.image[cKDTree(self.places).query(points)[1]])
        end = self.centres(points)
        end[self._shown[1].query(end)[0] > ROUNDING_METRES] = np.nan
        return end

    @cached_property
    def _shown(self) -> tuple[np.ndarray, cKDTree]:
        """How far the addresses of each image are from it, and a tree of the images."""
        shown = np.flatnonzero(~np.isnan(self.image[:, 0]))
        if len(shown) == 0:
            # Nothing is shown: one image, too far for any dot, and with a distance that is finite.
            return np.zeros(1), cKDTree(np.full((1, 2), 1e150))
        image, group = distinct(self.image[shown])
        spread = np.zeros(len(image))
        np.maximum.at(spread, group, np.hypot(*(self.places[shown] - self.image[shown]).T))
        return spread, cKDTree(image)

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return how far from each dot the farthest address is that it may stand for."""
        spread, tree = self._shown
        distance, nearest = tree.query(dots)
        return np.where(distance <= ROUNDING_METRES, spread[nearest], 0.0) + ROUNDING_METRES

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return 1 where the place is shown where the dot is, else 0."""
        distance = np.hypot(*(self.image[pairs.place] - dots[row_of(pairs.indptr)]).T)
        return np.asarray((distance <= rounding).astype(float))


@keyword_only
@dataclass(frozen=True, kw_only=True)
class CellSnap(Mask):
    """Snapping to the centres of cells of one size, with or without suppression."""

    draws = 0

    size: float
    k: int = 0

    def __post_init__(self) -> None:
        who = type(self).__name__
        in_range(who, "size", self.size, 0, FARTHEST, open_low=True)
        whole(who, "k", self.k, 0)

    @property
    def needs_addresses(self) -> bool:
        """True where cells are suppressed, for people must then be counted."""
        return self.k > 0

    @abstractmethod
    def centres(self, points: np.ndarray) -> np.ndarray:
        """Return the centre of the cell that each point is in, in metres."""

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the centres of the points' cells."""
        if self.k:
            raise lacks_addresses(self)
        return self.centres(points)

    def on(self, base: AddressBase) -> Snapped:
        """Return the mask over these addresses: cells under k people are not shown."""
        places = base.xy
        image = self.centres(places)
        cell = distinct(image)[1]
        held = np.bincount(cell, weights=people_at(base))
        image[held[cell] < self.k] = np.nan
        return Snapped(places=places, image=image, centres=self.centres)


class GridSnap(CellSnap):
    """Show each dot at the centre of its square; leave out squares with few people.

    Parameters
    ----------
    size : float
        Side of a square, in metres; squares start at 0, 0.
    k : int
        Squares that hold fewer people (addresses, where people are not known) are left out:
        their dots become nan. 0 leaves none out; above 0 the mask needs the addresses.

    Examples
    --------
    >>> GridSnap(size=200)([[10.0, 250.0]], rng=np.random.default_rng(0)).tolist()
    [[100.0, 300.0]]
    """

    word, example = "grid", "grid:200"

    def centres(self, points: np.ndarray) -> np.ndarray:
        return square_centres(points, float(self.size))


class HexSnap(CellSnap):
    """Show each dot at the centre of its hexagon; leave out hexagons with few people.

    Parameters
    ----------
    size : float
        Width of a hexagon between two opposite sides, in metres: also the distance between the
        centres of neighbours. One hexagon has its centre at 0, 0.
    k : int
        As for `GridSnap`.

    Examples
    --------
    >>> HexSnap(size=200)([[10.0, 30.0]], rng=np.random.default_rng(0)).tolist()
    [[0.0, 0.0]]
    """

    word, example = "hex", "hex:200"

    def centres(self, points: np.ndarray) -> np.ndarray:
        return hexagon_centres(points, float(self.size))


# Squares are halved at most this often: a commune of 10 km comes down to a centimetre.
DEEPEST = 20


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Quadtree(AddressMask):
    """Show each dot at the centre of a square that holds at least k people.

    The square around all addresses is cut in four, and each again, as long as every part that
    has an address holds at least k people; the squares left are shown by their centres.

    Parameters
    ----------
    k : int
        People (addresses, where people are not known) in every square, 1 or more.

    References
    ----------
    Suñé, Rovira, Ibáñez and Farré (2017): no quarter of a square is shown below k. Gruteser and
    Grunwald (2003) quarter the square of one person by that person's own quarter alone.

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
