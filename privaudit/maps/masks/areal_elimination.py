"""Adaptive areal elimination: a uniform place in an area that holds at least k people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heapreplace
from weakref import WeakKeyDictionary

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.checks import in_range, keyword_only, whole
from privaudit.geo.address_base import AddressBase, square_centres
from privaudit.geo.neighbours import Pairs
from privaudit.maps.masks.mask import FARTHEST, ROUNDING_METRES, AddressMask, PlacedMask
from privaudit.maps.masks.snapping import distinct, people_at
from privaudit.stats.csr import row_of


@keyword_only
@dataclass(frozen=True, kw_only=True)
class ArealElimination(AddressMask):
    """Show each dot at a uniform place of an area of squares that holds at least `k` people.

    The squares that hold addresses are merged, the one with the fewest people first, with the
    neighbour of the longest common border (then of the fewest people), until every area holds
    `k`. An area without a neighbour is merged with the nearest one.

    Parameters
    ----------
    k : int
        People (addresses, where people are not known) in every area, 1 or more. Where fewer live
        in all, every dot is suppressed.
    size : float
        Side of a square, in metres; squares start at 0, 0.

    References
    ----------
    Kounadi and Leitner (2016), adaptive areal elimination with random perturbation in each area,
    over polygons of a census (squares that hold nobody among them); here over squares.

    Examples
    --------
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": list("abcd"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [5.0, 15.0, 25.0, 26.0], "y": 5.0}), real=False)
    >>> placed = ArealElimination(k=2, size=10).on(base)
    >>> placed.area.tolist()
    [0, 0, 1]
    """

    word, example = "areal_elimination", "areal_elimination:11:100"
    draws = 3

    k: int
    size: float

    def __post_init__(self) -> None:
        whole("ArealElimination", "k", self.k, 1)
        in_range("ArealElimination", "size", self.size, 0, FARTHEST, open_low=True)

    def on(self, base: AddressBase) -> PlacedAreas:
        return areas_over(base, float(self.size), (self.k,))[0]


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedAreas(PlacedMask):
    """Areas of squares over m addresses, each shown by a uniform place.

    - `square` (int, shape (m,)): Which square each address is in.
    - `centres` (float, shape (c, 2)): Of the squares that hold addresses, sorted.
    - `area` (int, shape (c,)): Of each square, from 0; -1 where nothing is shown.
    """

    draws = 3

    places: np.ndarray
    square: np.ndarray
    centres: np.ndarray
    area: np.ndarray
    size: float

    @cached_property
    def _squares(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Squares by area, where each area starts in them, and how many it has."""
        many = np.bincount(self.area[self.area >= 0], minlength=1)
        return np.argsort(self.area, kind="stable"), np.cumsum(many) - many, many

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        home = self.area[self.square[cKDTree(self.places).query(points)[1]]]
        end = np.full((len(points), 2), np.nan)
        shown = np.flatnonzero(home >= 0)
        if len(shown):
            order, start, many = self._squares
            pick = (uniform[0, shown] * many[home[shown]]).astype(np.int64)
            corner = self.centres[order[start[home[shown]] + pick]]
            end[shown] = corner + (uniform[1:, shown].T - 0.5) * self.size
        return end

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.centres)

    def _areas_at(self, dots: np.ndarray, rounding: float) -> list[np.ndarray]:
        """Return the areas that a dot may lie in, whose coordinates were rounded; -2 of none."""
        found = []
        for corner in ((0, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            at = square_centres(dots + np.array(corner) * rounding, self.size)
            off, near = self._tree.query(at)
            found.append(np.where(off < self.size / 4, self.area[near], -2))
        return found

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return the distance from each dot to the farthest corner of the box around its area."""
        low, high = (np.full((int(self.area.max(initial=-1)) + 3, 2), s) for s in (np.inf, -np.inf))
        np.minimum.at(low, self.area, self.centres - self.size / 2)
        np.maximum.at(high, self.area, self.centres + self.size / 2)
        reach = np.zeros(len(dots))
        for area in self._areas_at(dots, ROUNDING_METRES):
            far = np.maximum(np.abs(dots - low[area]), np.abs(high[area] - dots))
            reach = np.maximum(reach, np.where(area >= 0, np.hypot(*far.T), 0.0))
        return reach + ROUNDING_METRES

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return one over the size of the area of each place, in m², where the dot is in it."""
        own, row = self.area[self.square[pairs.place]], row_of(pairs.indptr)
        inside = np.any([area[row] == own for area in self._areas_at(dots, rounding)], axis=0)
        shown = inside & (own >= 0)
        wide = np.maximum(self._squares[2], 1)[np.maximum(own, 0)] * self.size**2
        return np.where(shown, 1 / wide, 0.0)


# By address base, and by size and numbers: the positions and people asked of, and the areas.
_Areas = dict[tuple[float, tuple[int, ...]], tuple[np.ndarray, np.ndarray, list["PlacedAreas"]]]
_AREAS: WeakKeyDictionary[AddressBase, _Areas] = WeakKeyDictionary()


def areas_over(base: AddressBase, size: float, numbers: Sequence[int]) -> list[PlacedAreas]:
    """Return the areas over addresses for several numbers of people, the fewest first.

    Computed once for each base.

    - `size`: Side of a square, metres.
    """
    places, people = base.xy, people_at(base)
    known, asked = _AREAS.setdefault(base, {}), (size, tuple(numbers))
    before = known.get(asked)
    # The frame of a base may have been changed in the meantime.
    same = before is not None and np.array_equal(before[0], places)
    if before is None or not (same and np.array_equal(before[1], people)):
        before = known[asked] = places, people, _areas_over(places, people, size, numbers)
    return before[2]


def _areas_over(
    places: np.ndarray, people: np.ndarray, size: float, numbers: Sequence[int]
) -> list[PlacedAreas]:
    centres, square = distinct(square_centres(places, size))
    held = np.bincount(square, weights=people)
    enough = [k for k in numbers if people.sum() >= k]
    areas = merged(centres, held, size, enough)
    areas += [np.full(len(centres), -1)] * (len(numbers) - len(enough))
    return [
        PlacedAreas(places=places, square=square, centres=centres, area=area, size=size)
        for area in areas
    ]


def merged(
    centres: np.ndarray, held: np.ndarray, size: float, numbers: Sequence[int]
) -> list[np.ndarray]:
    """Return the area of each square, numbered by its first square, for each number of people.

    The area with the fewest people is merged first, so that areas of more people begin as those of
    fewer end.

    - `centres` (float, shape (c, 2)): Sorted.
    - `held` (float, shape (c,)): People in each square; the last number or more in all.
    - `size`: Side of a square, metres.
    - `numbers`: People in every area, ascending.
    - returns (each int, shape (c,))
    """
    if not numbers:
        return []
    squares = [[i] for i in range(len(centres))]
    people = held.tolist()
    # Length of the common border, in sides, by neighbour.
    border: list[dict[int, int]] = [{} for _ in squares]
    tree = cKDTree(centres)
    # The area that each square or merged area joined, itself until then; the first square of each.
    joined_to, first = list(range(len(centres))), list(range(len(centres)))

    def area_of(square: int) -> int:
        while (further := joined_to[square]) != square:
            # Each is led past the next one, so that no way grows long.
            joined_to[square] = square = joined_to[further]
        return square

    for i, j in tree.query_pairs(1.2 * size, output_type="ndarray").tolist():
        border[i][j] = border[j][i] = 1
    areas: list[np.ndarray] = []
    most = numbers[-1]
    queue = [(people[i], i) for i in range(len(squares)) if people[i] < most]
    heapify(queue)
    enough = numbers[0]
    while True:
        count, i = queue[0] if queue else (most, -1)
        if i >= 0 and count != people[i]:
            # Larger now than when it was queued: queued again, unless it needs no more.
            if people[i] < most:
                heapreplace(queue, (people[i], i))
            else:
                heappop(queue)
            continue
        while count >= enough:
            # Every area now holds as many.
            areas.append(_numbered(np.array(joined_to), np.array(first)))
            if len(areas) == len(numbers):
                return areas
            enough = numbers[len(areas)]
        beside = border[i]
        if beside:
            j = _longest_beside(beside, people)
        else:
            # So many squares are nearest to one of its own that another area's is among them.
            gap, near = tree.query(centres[squares[i]], k=len(squares[i]) + 1)
            own = [area_of(square) == i for square in near.ravel().tolist()]
            gap[np.reshape(own, gap.shape)] = np.inf
            j = area_of(int(near.flat[gap.argmin()]))
        # The area that it joins keeps its number.
        joined_to[i] = j
        if first[i] < first[j]:
            first[j] = first[i]
        squares[j] += squares[i]
        people[j] += people[i]
        squares[i], people[i] = [], math.inf
        _join_borders(border, i, j)


def _numbered(joined_to: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return the area of each square, numbered by its first square.

    - `joined_to`: The area that each square or merged area joined, itself until then.
    """
    while not np.array_equal(joined_to, further := joined_to[joined_to]):
        joined_to = further
    return np.asarray(np.unique(first[joined_to], return_inverse=True)[1])


def _longest_beside(beside: dict[int, int], people: list[float]) -> int:
    """Return the area of the longest border; of several, that of fewest people, or the first."""
    j, longest, fewest = -1, 0, 0.0
    for other, sides in beside.items():
        held = people[other]
        if sides > longest or (
            sides == longest and (held < fewest or (held == fewest and other < j))
        ):
            j, longest, fewest = other, sides, held
    return j


def _join_borders(border: list[dict[int, int]], i: int, j: int) -> None:
    """Give the borders of an area to the one that it joins."""
    joined = border[j]
    for other, sides in border[i].items():
        around = border[other]
        del around[i]
        if other != j:
            joined[other] = around[j] = joined.get(other, 0) + sides
    border[i] = {}
