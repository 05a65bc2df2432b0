"""Location swapping: each dot moves to another address between two radii, of its street or any."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from privaudit.core.checks import in_range, keyword_only, ordered
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import TIE_METRES, Pairs, pairs_within, z_order
from privaudit.maps.masks.mask import FARTHEST, ROUNDING_METRES, AddressMask, OverPlaces
from privaudit.maps.masks.snapping import distinct
from privaudit.stats.csr import row_of, row_sum

# Two editions of an address base may differ by rounding; a dot farther from any address than
# this was not swapped there.
ON_ADDRESS = 1.0


@keyword_only
@dataclass(frozen=True, kw_only=True)
class LocationSwap(AddressMask):
    """Move each dot to a uniform address among those at a distance between two radii.

    A dot is suppressed where there is none.

    Parameters
    ----------
    r_min, r_max : float
        Smallest and largest move, in metres, ``0 <= r_min < r_max``. With 0 a dot may stay.

    References
    ----------
    Zhang et al. (2017), location swapping, every address being of one similarity class.

    Examples
    --------
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0, 500.0], "y": 0.0}), real=False)
    >>> swap = LocationSwap(r_min=10, r_max=50).on(base)
    >>> swap(base.xy, rng=np.random.default_rng(0)).tolist()
    [[40.0, 0.0], [0.0, 0.0], [nan, nan]]
    """

    word, example = "swap", "swap:50:200"
    draws = 1

    r_min: float
    r_max: float

    def __post_init__(self) -> None:
        who = type(self).__name__
        in_range(who, "r_min", self.r_min, 0, FARTHEST)
        in_range(who, "r_max", self.r_max, 0, FARTHEST)
        ordered(who, "r_min", self.r_min, "r_max", self.r_max)

    def on(self, base: AddressBase) -> PlacedSwap:
        return PlacedSwap(r_min=self.r_min, r_max=self.r_max, places=base.xy)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class StreetSwap(LocationSwap):
    """Move each dot to a uniform address of its own street, at a distance between two radii.

    A street is a name within a commune; distances are straight. A dot is suppressed where its
    street has no address between the radii, or no name. Addresses of one position count as of one
    street, the first of theirs by name.

    Parameters
    ----------
    r_min, r_max : float
        Smallest and largest move, in metres, ``0 <= r_min < r_max``. With 0 a dot may stay.

    References
    ----------
    Zhang et al. (2017), location swapping, the addresses of a street being of one similarity
    class. Street masking (Swanlund et al. 2020) shows dots at crossings, across streets:
    `StreetMask`.

    Examples
    --------
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1",
    ...     "street": ["Long Lane", "Short Street", "Long Lane"], "commune": "c", "station": "",
    ...     "x": [0.0, 20.0, 40.0], "y": 0.0}), real=False)
    >>> swap = StreetSwap(r_min=10, r_max=50).on(base)
    >>> swap(base.xy, rng=np.random.default_rng(0)).tolist()
    [[40.0, 0.0], [nan, nan], [0.0, 0.0]]
    """

    word, example = "street_swap", "street_swap:50:200"

    def on(self, base: AddressBase) -> PlacedSwap:
        street = _street_at(base)
        return PlacedSwap(r_min=self.r_min, r_max=self.r_max, places=base.xy, street=street)


def _street_at(base: AddressBase) -> np.ndarray:
    """Number the street of the position of each address; one without a name is of its own."""
    name, site = base.frame["street"].astype(str), distinct(base.xy)[1]
    key = (base.frame["commune"].astype(str) + "/" + name).where(name != "")
    code = pd.factorize(key, sort=True)[0].astype(np.int64)
    nameless = int(code.max(initial=-1)) + 1 + np.arange(int(site.max(initial=-1)) + 1)
    first, known = nameless.copy(), code >= 0
    np.minimum.at(first, site[known], code[known])
    return np.asarray(first[site])


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedSwap(OverPlaces):
    """A location swap over m addresses.

    - `places` (float, shape (m, 2))
    - `street` (int, shape (m,)): A dot goes to an address of the same number only; the addresses
      of one position have one number. Without it, to any.
    """

    draws = 1

    r_min: float
    r_max: float
    places: np.ndarray
    street: np.ndarray | None = None

    @cached_property
    def _choices(self) -> np.ndarray:
        """How many addresses a dot of each address may go to."""
        count = np.empty(len(self.places))
        order = z_order(self.places)
        for rows, pairs in pairs_within(self.places[order], self._tree, self.r_max + TIE_METRES):
            home = order[rows][row_of(pairs.indptr)]
            allowed = self._allowed(home, pairs.place, pairs.distance)
            count[order[rows]] = row_sum(pairs.indptr, allowed)
        return count

    def _allowed(self, home: np.ndarray, end: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """Return whether a dot of each home may go to an address that far from it."""
        # A micrometre of tolerance: distances are reckoned in two ways.
        near = (distance >= self.r_min - TIE_METRES) & (distance <= self.r_max + TIE_METRES)
        return near if self.street is None else near & (self.street[home] == self.street[end])

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the address that uniform numbers in [0, 1), shape (1, n), pick for each point."""
        home = self._tree.query(points)[1]
        at = self.places[home]
        end = np.full((len(points), 2), np.nan)
        order = z_order(at)
        for rows, pairs in pairs_within(at[order], self._tree, self.r_max + TIE_METRES):
            row = row_of(pairs.indptr)
            allowed = self._allowed(home[order[rows]][row], pairs.place, pairs.distance)
            chosen = np.flatnonzero(allowed)
            many = np.bincount(row[chosen], minlength=len(pairs.indptr) - 1)
            pick = np.cumsum(many) - many + (uniform[0, order[rows]] * many).astype(np.int64)
            some = many > 0
            end[order[rows][some]] = self.places[pairs.place[chosen[pick[some]]]]
        return end

    def chance(self, output: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Return the probability that a dot of each place goes to each output, rows of places."""
        apart = np.hypot(*(self.places[place] - self.places[output]).T)
        allowed = self._allowed(place, output, apart)
        return np.asarray(allowed / np.maximum(self._choices[place], 1))

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return the outer radius, and what a dot may lie off its address."""
        return np.full(len(dots), self.r_max + ON_ADDRESS)

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the probability that a dot of each place goes to the address that the dot shows.

        0 where the dot stands on no address.
        """
        off, shown = self._tree.query(dots)
        at = self.places[shown]
        # Several addresses may share the position: any of them shows the same dot.
        same = self._tree.query_ball_point(at, TIE_METRES, return_length=True)
        row = row_of(pairs.indptr)
        apart = np.hypot(*(self.places[pairs.place] - at[row]).T)
        allowed = self._allowed(pairs.place, shown[row], apart)
        allowed &= (off <= ON_ADDRESS)[row]
        return np.where(allowed, same[row] / np.maximum(self._choices[pairs.place], 1), 0.0)
