"""What every mask can do: move dots, and say how likely each move was."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say
from privaudit.errors import ParameterError

if TYPE_CHECKING:
    from privaudit.measures.maps.neighbours import Pairs
    from privaudit.places.address_base import AddressBase

__all__ = ["ROUNDING_METRES", "Mask", "PlacedMask", "RadialMask", "as_points", "lacks_addresses"]

# Writing coordinates with six decimals of a degree moves a dot by up to this: one that stood
# on the edge of a mask's reach may be read from just outside.
ROUNDING_METRES = 0.1


@runtime_checkable
class Mask(Protocol):
    """A mask: moves points, once it has been put on the addresses where it needs them.

    Each takes `draws` uniform numbers a dot, so that the same numbers make the same move. A
    dot that is moved to nan has been suppressed: it is not on the map.
    """

    @property
    def draws(self) -> int:
        """Uniform numbers that a move takes."""
        ...

    @property
    def needs_addresses(self) -> bool:
        """Whether the mask must be put on addresses before it can move anything."""
        ...

    def __call__(self, points: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, shape (n, 2), metres; nan where they are suppressed."""
        ...

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the points moved as uniform numbers in [0, 1), shape (draws, n), say."""
        ...

    def on(self, base: AddressBase) -> PlacedMask:
        """Return the mask as it acts over these addresses."""
        ...

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain values."""
        ...


class PlacedMask(Protocol):
    """A mask over known addresses: its likelihood can be told."""

    @property
    def draws(self) -> int:
        """Uniform numbers that a move takes."""
        ...

    def __call__(self, points: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, shape (n, 2), metres; nan where they are suppressed."""
        ...

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the points moved as uniform numbers in [0, 1), shape (draws, n), say."""
        ...

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return how far, in metres, the home of each dot may be, shape (n,)."""
        ...

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return how likely each pair's place is to give the dot of its row.

        `pairs.place` are rows of the addresses. Probabilities for a mask with few outputs, per
        square metre for one that moves anywhere; of one unit within a row. Edges are read
        `rounding` metres wider, for the dots' coordinates were rounded.
        """
        ...


def as_points(points: ArrayLike) -> np.ndarray:
    """Return a copy of points as floats, shape (n, 2)."""
    return np.array(points, dtype=float).reshape(-1, 2)


def lacks_addresses(mask: Any) -> ParameterError:
    """Return the complaint of a mask that was called before it was put on addresses."""
    who = type(mask).__name__
    return ParameterError(
        say(who, "the addresses that it depends on", "points alone", "Call mask.on(addresses).")
    )


class RadialMask(ABC):
    """A mask that moves every dot alike, by a random distance in a uniform direction.

    A kind of it says three things: its `reach`, the `distance` that belongs to each share of
    the moves (inverse distribution function), and the `density` of landing at a distance.
    """

    draws: ClassVar[int] = 2
    needs_addresses: ClassVar[bool] = False

    @property
    @abstractmethod
    def reach(self) -> float:
        """Farthest move, in metres; of an endless one, that of all moves but one in 10**9."""

    @abstractmethod
    def distance(self, share: np.ndarray) -> np.ndarray:
        """Return the distance, in metres, that this share of the moves stays within."""

    @abstractmethod
    def density(self, distance: ArrayLike) -> np.ndarray:
        """Return the probability per square metre of landing at a distance, in metres."""

    @abstractmethod
    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain values."""

    def __call__(self, points: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, shape (n, 2), metres."""
        start = as_points(points)
        return self.moved(start, rng.random((self.draws, len(start))))

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the points moved as uniform numbers in [0, 1), shape (2, n), say."""
        distance = self.distance(uniform[0])
        angle = uniform[1] * (2 * math.pi)
        end = np.empty((len(distance), 2))
        end[:, 0] = points[:, 0] + distance * np.cos(angle)
        end[:, 1] = points[:, 1] + distance * np.sin(angle)
        return end

    def on(self, base: AddressBase) -> RadialMask:
        """Return the mask itself: it moves every dot alike, wherever addresses are."""
        return self

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return the reach, and a rounding, for each dot."""
        return np.full(len(dots), self.reach + ROUNDING_METRES)

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the density at each pair's distance, read a rounding away where it is 0."""
        density = self.density(pairs.distance)
        edge = np.flatnonzero(density == 0) if rounding else np.empty(0, int)
        if len(edge):
            nearer = self.density(np.maximum(pairs.distance[edge] - rounding, 0))
            density[edge] = np.maximum(nearer, self.density(pairs.distance[edge] + rounding))
        return density
