"""What every mask can do: move dots, say how likely each move was, and say itself in a word."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.maps.neighbours import Pairs
from privaudit.places.address_base import AddressBase
from privaudit.release.declared import Declared

__all__ = [
    "ROUNDING_METRES", "AddressMask", "Mask", "PlacedMask", "RadialMask", "as_points",
    "lacks_addresses",
]  # fmt: skip

# Writing coordinates with six decimals of a degree moves a dot by up to this: one that stood
# on the edge of a mask's reach may be read from just outside.
ROUNDING_METRES = 0.1


def as_points(points: ArrayLike) -> np.ndarray:
    """Return a copy of points as floats, shape (n, 2)."""
    return np.array(points, dtype=float).reshape(-1, 2)


def lacks_addresses(mask: Any) -> ParameterError:
    """Return the complaint of a mask that was called before it was put on addresses."""
    needed, do = "the addresses that it depends on", "Call mask.on(addresses)."
    return ParameterError(say(type(mask).__name__, needed, "points alone", do))


class _Mover(ABC):
    """Moves points by uniform numbers, so that the same numbers make the same move.

    A dot that is moved to nan has been suppressed: it is not on the map.
    """

    @property
    @abstractmethod
    def draws(self) -> int:
        """Uniform numbers a dot that a move takes."""

    def __call__(self, points: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, shape (n, 2), metres; nan where they are suppressed."""
        start = as_points(points)
        return self.moved(start, rng.random((self.draws, len(start))))

    @abstractmethod
    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the points moved as uniform numbers in [0, 1), shape (draws, n), say."""


class PlacedMask(_Mover):
    """A mask over known addresses: its likelihood can be told."""

    @abstractmethod
    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return how far, in metres, the home of each dot may be, shape (n,)."""

    @abstractmethod
    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return how likely each pair's place is to give the dot of its row.

        `pairs.place` are rows of the addresses. Probabilities for a mask with few outputs, per
        square metre for one that moves anywhere; of one unit within a row. Edges are read
        `rounding` metres wider, for the dots' coordinates were rounded.
        """


class Mask(_Mover, Declared):
    """A mask: moves points, once it has been put on the addresses where it needs them.

    A kind of mask is a frozen dataclass in a file of this folder. It gives its `word`, by which
    `parse_mask`, the command line and the tests of all masks know it from then on, and an
    `example`.
    """

    kind = "mask"
    declared: ClassVar[dict[str, type[Mask]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.__dict__.get("word"):
            Mask.declared[cls.word] = cls

    @property
    def needs_addresses(self) -> bool:
        """Whether the mask must be put on addresses before it can move anything."""
        return False

    @classmethod
    def parsed(cls, values: Sequence[str], seed: int) -> Self:
        """Make one from what follows its word; `seed` is the key of one that has a key."""
        return cls.read(values)

    @abstractmethod
    def on(self, base: AddressBase) -> PlacedMask:
        """Return the mask as it acts over these addresses."""


class AddressMask(Mask):
    """A mask that says nothing before it is put on addresses."""

    # None is drawn before.
    draws = 0

    @property
    def needs_addresses(self) -> bool:
        """True: call ``mask.on(addresses)``."""
        return True

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Refuse: the mask must first be put on addresses."""
        raise lacks_addresses(self)


class RadialMask(Mask, PlacedMask):
    """A mask that moves every dot alike, by a random distance in a uniform direction.

    A kind of it says three things: its `reach`, the `distance` that belongs to each share of
    the moves (inverse distribution function), and the `density` of landing at a distance.
    """

    # A distance and a direction.
    draws = 2

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

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
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
