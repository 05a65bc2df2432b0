"""Geomasks: base classes of masks, and masks written as one word of a command line."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from privaudit.core.checks import an_instance, in_range, keyword_only, kind_of
from privaudit.core.declaration import MASKS, Declared, enter, enter_all, is_ours, load
from privaudit.errors import ParameterError, did_you_mean
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs

# Writing coordinates with six decimals of a degree moves a dot by up to this: one that stood
# on the edge of a mask's reach may be read from just outside.
ROUNDING_METRES = 0.1
# A density per square metre has no value at distance 0 when the distance itself is uniform:
# it is read one millimetre away, closer than any coordinate is written.
NEAREST_METRES = 1e-3
# Share of the moves of an endless mask beyond its reach.
BEYOND_REACH = 1e-9
# Metres between a place on Earth and its antipode: no dot is moved farther.
FARTHEST = 20_004_000
# Rings into which a density is cut where its distances must be found from it.
_RINGS = 20_000


def as_points(points: ArrayLike) -> np.ndarray:
    """Return a copy of points as floats, shape (n, 2)."""
    return np.array(points, dtype=float).reshape(-1, 2)


def displaced(points: np.ndarray, distance: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Return points moved by distances, each in a direction of 0 to 1 turns."""
    angle = turn * (2 * math.pi)
    step = np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=1)
    return np.asarray(points + step)


def no_mask(who: str, needed: str, came: Any) -> ParameterError:
    """Return the error of a call that was given something else than a mask."""
    do = "Derive a mask of your own from pa.masks.Mask."
    if isinstance(came, type) and issubclass(came, Mask):
        do = "Give one, with its parameters, not its class."
    elif isinstance(came, str):
        do = "Read a word such as 'donut:50:200' with pa.masks.parse_mask."
    return ParameterError.of(who, needed, kind_of(came), do)


def lacks_addresses(mask: Any) -> ParameterError:
    """Return the error of a mask that was called without the addresses that it depends on."""
    needed, do = "the addresses that it depends on", "Call mask.on(addresses)."
    return ParameterError.of(type(mask).__name__, needed, "points alone", do)


# What returns numbers of the shape of what it is given; a likelihood, of that of its pairs.
_RETURN_NUMBERS = ("move", "moved", "density", "distance", "likelihood")


def _checked(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method of the caller's own mask say at once that it returned what cannot be used."""

    @wraps(method)
    def checked(self: Any, given: Any, *others: Any, **named: Any) -> Any:
        made = method(self, given, *others, **named)
        who = f"{type(self).__name__}.{name}"
        if name == "on":
            if not callable(made):
                raise ParameterError.of(who, "to return a PlacedMask", kind_of(made))
            return made
        of = given
        if name == "likelihood":
            of = (others[0] if others else named["pairs"]).distance
        return _numbers(who, made, np.shape(of), name)

    return checked


def _numbers(who: str, made: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Return what a mask returned as floats of this shape, or raise `ParameterError`."""
    needed = f"to return an array of floats of shape {shape}"
    moves = name in ("move", "moved")
    do = "It has a row (x, y) a point." if moves else "It has 0 or more for each value it is given."
    try:
        array = np.asarray(made)
        # Text would be read as numbers, and the imaginary part of complex ones lost.
        kind = array.dtype.kind
        if kind in "SUcmM" or (kind == "O" and any(isinstance(one, str) for one in array.flat)):
            raise TypeError
        numbers = array.astype(float)
    except (TypeError, ValueError):
        came = f"{kind_of(made)} of {made.dtype}" if hasattr(made, "dtype") else kind_of(made)
        raise ParameterError.of(who, needed, came, do) from None
    if not numbers.size and shape[:1] == (0,):
        # An empty list has no columns.
        return np.zeros(shape)
    if made is None or numbers.shape != shape:
        came = kind_of(made) if made is None else f"one of shape {numbers.shape}"
        raise ParameterError.of(who, needed, came, do)
    # A dot that is left out has neither coordinate.
    out = np.isnan(numbers).all(axis=-1, keepdims=True) if moves else False
    wrong = ~(out | (np.isfinite(numbers) & (moves | (numbers >= 0))))
    if wrong.any():
        needed = "finite coordinates, or two that are nan" if moves else "finite numbers, 0 or more"
        first = numbers[wrong][0]
        came = "one below 0" if np.isfinite(first) else "nan" if np.isnan(first) else "infinity"
        raise ParameterError.of(who, needed, f"{came}, {wrong.sum():,} times")
    return numbers


class _Mover(ABC):  # noqa: B024 - a subclass defines either of two methods
    """Moves points: a subclass defines either `move`, or `moved` with `draws`.

    A dot that is moved to nan is suppressed: it is not on the map.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in () if is_ours(cls) else (*_RETURN_NUMBERS, "on"):
            if isinstance(method := cls.__dict__.get(name), FunctionType):
                setattr(cls, name, _checked(name, method))

    @property
    def draws(self) -> int:
        """Uniform numbers that `moved` takes for a dot: one, the seed of its own generator."""
        return 1

    def __call__(self, points: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, shape (n, 2), metres; nan where they are suppressed."""
        return self.move(as_points(points), rng)

    def move(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, shape (n, 2), metres."""
        if type(self).moved is _Mover.moved:
            raise self._lacks_move()
        return self.moved(points, rng.random((self.draws, len(points))))

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the points moved by uniform numbers in [0, 1), shape (draws, n).

        The same numbers make the same move. A mask that defines `move` gets one generator a point.
        """
        if type(self).move in (_Mover.move, Mask.move):
            raise self._lacks_move()
        end = np.empty((len(points), 2))
        for row, number in enumerate((uniform[0] * 2.0**53).astype(np.uint64)):
            rng = np.random.default_rng(int(number))
            end[row] = self.move(points[row : row + 1], rng)[0]
        return end

    def _lacks_move(self) -> ParameterError:
        needed = "move(points, rng), or reach and density(distance)"
        return ParameterError.of(type(self).__name__, needed, "a mask without them")


class PlacedMask(_Mover):
    """A mask over known addresses, with a likelihood.

    A subclass defines `move(points, rng)`, `likelihood(dots, pairs, rounding)`, and `reach`, or
    `reach_of(dots)` where that differs from dot to dot.
    """

    if TYPE_CHECKING:
        # Not there when Python runs: a float, which may be a parameter or a property. The farthest
        # move, in metres; of an endless mask, all moves but one in 10**9.
        reach: Any
    # What credible sets of addresses hold of the posterior.
    credible_level: float = 0.95

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return how far, in metres, the home of each dot may be, shape (n,): with a rounding."""
        if not hasattr(self, "reach"):
            raise ParameterError.of(type(self).__name__, "a reach, in metres", "none")
        reach = in_range(type(self).__name__, "reach", self.reach, 0)
        return np.full(len(dots), reach + ROUNDING_METRES)

    def among(self, prior: np.ndarray) -> PlacedMask:
        """Return the mask for who believes that homes are drawn by this prior, one an address.

        Itself, unless the move of a dot depends on the homes of the others.
        """
        return self

    @abstractmethod
    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return how likely each pair's place is to give the dot of its row.

        `pairs.place` are rows of the addresses, `pairs.point` rows of `dots`, `pairs.distance` the
        metres between. Probabilities for a mask with few outputs, per square metre for one that
        moves anywhere; of one unit within a row. Edges are read `rounding` metres wider, for the
        dots' coordinates were rounded.
        """


class OverPlaces(PlacedMask):
    """A mask over addresses that looks for those near a point, in a tree of their positions."""

    places: np.ndarray

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.places)


class Mask(PlacedMask, Declared):
    """How dots are moved before a map is shown: base class of masks, also of the caller's own.

    A mask that moves every dot alike defines `reach` and `density(distance)`, and how it moves:
    `move(points, rng)`, or `distance(share)`, the inverse of its distribution; without either,
    moves are drawn from the density. A mask that depends on places defines `on(addresses)`, which
    returns a `PlacedMask`. `pa.masks.check_mask` tests what is required.

    A mask is a frozen dataclass. By its `word` it is listed in `parse_mask`, on the command line
    and in the tests of all masks; its parameters follow the word in their order, as in `example`.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, kw_only=True)
    ... class Cone(Mask):
    ...     radius: float
    ...     @property
    ...     def reach(self):
    ...         return self.radius
    ...     def density(self, distance):
    ...         left = np.maximum(1 - np.asarray(distance) / self.radius, 0)
    ...         return 3 * left / (np.pi * self.radius**2)
    >>> moved = Cone(radius=90)(np.zeros((1000, 2)), rng=np.random.default_rng(7))
    >>> bool(np.hypot(*moved.T).max() < 90)
    True
    """

    kind = "mask"
    declared: ClassVar[dict[str, type[Mask]]] = {}
    unlisted: ClassVar[dict[str, type[Mask]]] = {}
    # Whether the move of a dot depends on the other dots of the map.
    together: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.enter(Mask.declared)

    @property
    def draws(self) -> int:
        """Uniform numbers a dot that `moved` takes: a distance and a direction."""
        return 2

    @property
    def radial(self) -> bool:
        """Whether it moves every dot alike, with a density by distance."""
        return type(self).density is not Mask.density

    @property
    def has_likelihood(self) -> bool:
        """Whether an adversary who knows the mask can tell how likely it moves one dot so."""
        ways = ("density", "likelihood", "on")
        return any(getattr(type(self), way) is not getattr(Mask, way) for way in ways)

    @property
    def needs_addresses(self) -> bool:
        """Whether the mask must be put on addresses before it can move anything."""
        return not self.radial and type(self).move is Mask.move and type(self).moved is Mask.moved

    @classmethod
    def parsed(cls, values: Sequence[str], seed: int) -> Self:
        """Make one from what follows its word; `seed` is the key of one that has a key."""
        return cls.read(values)

    def density(self, distance: ArrayLike) -> np.ndarray:
        """Return the probability per square metre of landing at a distance, in metres."""
        needed = "density(distance), or on(addresses)"
        raise ParameterError.of(type(self).__name__, needed, "a mask without them")

    def distance(self, share: np.ndarray) -> np.ndarray:
        """Return the distance, in metres, that this share of the moves stays within."""
        reach = in_range(type(self).__name__, "reach", self.reach, 0)
        edge = np.linspace(0, reach, _RINGS + 1)
        ring = self.density((edge[1:] + edge[:-1]) / 2) * np.diff(edge**2)
        within = np.concatenate([[0.0], np.cumsum(ring)])
        return np.asarray(np.interp(np.asarray(share) * within[-1], within, edge))

    def move(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved by the density, shape (n, 2), metres."""
        if type(self).moved is Mask.moved:
            return self._drawn(points, rng.random((self.draws, len(points))))
        return super().move(points, rng)

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the points moved by uniform numbers in [0, 1), shape (draws, n)."""
        if type(self).move is Mask.move:
            return self._drawn(points, uniform)
        return super().moved(points, uniform)

    def _drawn(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Move by a distance drawn from the density, in a uniform direction."""
        if not self.radial:
            raise lacks_addresses(self) if type(self).on is not Mask.on else self._lacks_move()
        return displaced(points, self.distance(uniform[0]), uniform[1])

    def on(self, base: AddressBase) -> PlacedMask:
        """Return the mask over these addresses: itself where it moves every dot alike."""
        return self

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the density at each pair's distance, read a rounding away where it is 0."""
        density = np.array(self.density(pairs.distance), dtype=float)
        edge = np.flatnonzero(density == 0) if rounding else np.empty(0, int)
        if len(edge):
            nearer = self.density(np.maximum(pairs.distance[edge] - rounding, 0))
            density[edge] = np.maximum(nearer, self.density(pairs.distance[edge] + rounding))
        return density


class AddressMask(Mask):
    """A mask that acts over addresses only: call `on` first."""

    draws = 0

    @property
    def needs_addresses(self) -> bool:
        """True: call ``mask.on(addresses)``."""
        return True

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Refuse: the mask must first be put on addresses."""
        raise lacks_addresses(self)


def declared_masks() -> dict[str, type[Mask]]:
    """Return every kind of mask by its word, in alphabetical order."""
    load("privaudit.maps.masks")
    enter_all(MASKS, Mask.declared, Mask)
    return dict(sorted(Mask.declared.items()))


def mask_words() -> tuple[str, ...]:
    """Return an example of each mask, as `parse_mask` reads it."""
    return tuple(kind.form() for kind in declared_masks().values())


def parse_mask(text: str, *, seed: int = 7) -> Mask | None:
    """Read a mask from one word of a command line.

    Metres and numbers of people follow the word, with colons, in the order of the mask's
    parameters: `mask_words` gives an example of each. ``str(mask)`` writes the word of a mask,
    which reads back as the same. Those that need addresses act once they are put on them: call
    ``mask.on(addresses)``. ``persistent:`` before any other draws each move from the dot's
    position. ``none`` is no mask; ``unknown`` is one that is not known.

    Parameters
    ----------
    text : str
        The word.
    seed : int
        Key of a persistent mask, which is in no word.

    Returns
    -------
    Mask or None
        None where the mask is unknown.

    Raises
    ------
    ParameterError
        Another word, a wrong number of values, or values that cannot be.

    Examples
    --------
    >>> parse_mask("donut:50:200")
    Donut(r_min=50.0, r_max=200.0, uniform='area')
    >>> str(parse_mask("donut:50:200:radius"))
    'donut:50:200:radius'
    >>> parse_mask("dognut:50:200")
    Traceback (most recent call last):
    ...
    privaudit.errors.ParameterError: parse_mask: needs one of ... Did you mean 'donut'?
    """
    an_instance("parse_mask", "text", text, str)
    word, *values = (part.strip().lower() for part in text.split(":"))
    enter(MASKS, word, Mask.declared, Mask)
    if word == "unknown" and not values:
        return None
    listed = declared_masks()
    kinds = {**Mask.unlisted, **listed}
    if word in kinds and kinds[word].takes(values):
        return kinds[word].parsed(values, seed)
    known = [*listed, "unknown"]
    hint = did_you_mean(word, known) if word not in known else ""
    forms = ", ".join([*mask_words(), "unknown"])
    raise ParameterError(f"parse_mask: needs one of {forms}, but got {text!r}. {hint}".strip())


# An unmasked dot lies on its address, up to the decimals of the file and small differences
# between two editions of an address base; farther away nothing explains it.
EXACT_METRES = 5.0


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Exact(Mask):
    """No mask: dots stay where they are, up to the rounding of their coordinates.

    Parameters
    ----------
    rounding : float
        Farthest, in metres, that writing the coordinates may have moved a dot. Six decimals
        of a degree, as GeoJSON files have, are worth at most .1 m.

    Examples
    --------
    >>> Exact()([[3.0, 4.0]], rng=np.random.default_rng(0)).tolist()
    [[3.0, 4.0]]
    """

    word, example = "none", "none"
    draws = 0

    rounding: float = 0.1

    def __post_init__(self) -> None:
        in_range("Exact", "rounding", self.rounding, 0, FARTHEST, open_low=True)

    @property
    def reach(self) -> float:
        return self.rounding

    def distance(self, share: np.ndarray) -> np.ndarray:
        """Return 0: nothing is moved."""
        return np.zeros_like(share)

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return a copy of the points; no draw is made."""
        return as_points(points)

    def density(self, distance: ArrayLike) -> np.ndarray:
        """Return the uniform density over the disk of radius `rounding`, per square metre."""
        d = np.asarray(distance, float)
        return np.where(d <= self.rounding, 1 / (math.pi * self.rounding**2), 0.0)
