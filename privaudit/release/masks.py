"""Masks: how a dot is moved before a map is shown, and how likely each move was."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import did_you_mean, in_range, one_of, ordered
from privaudit.errors import ParameterError

__all__ = ["Donut", "Exact", "Gaussian", "Mask", "parse_mask"]

# A density per square metre has no value at distance 0 when the distance itself is uniform:
# it is read one millimetre away, closer than any coordinate is written.
_NEAREST = 1e-3
# Share of a Gaussian's moves beyond its reach.
_BEYOND = 1e-9


@runtime_checkable
class Mask(Protocol):
    """What every mask can do: move points, and say how likely a move was."""

    @property
    def reach(self) -> float:
        """Farthest move, in metres."""
        ...

    def __call__(self, points: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, shape (n, 2), metres."""
        ...

    def density(self, distance: ArrayLike) -> np.ndarray:
        """Return the probability per square metre of landing at a distance, in metres."""
        ...

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain values."""
        ...


@dataclass(frozen=True, kw_only=True)
class Exact:
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

    rounding: float = 0.1

    def __post_init__(self) -> None:
        in_range("Exact", "rounding", self.rounding, 0, open_low=True)

    @property
    def reach(self) -> float:
        """Farthest move, in metres."""
        return self.rounding

    def __call__(self, points: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
        """Return a copy of the points; no draw is made."""
        return np.array(points, dtype=float).reshape(-1, 2)

    def density(self, distance: ArrayLike) -> np.ndarray:
        """Return the uniform density over the disk of radius `rounding`, per square metre."""
        d = np.asarray(distance, float)
        return np.where(d <= self.rounding, 1 / (math.pi * self.rounding**2), 0.0)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain values."""
        return {"mask": "none", "rounding": self.rounding}


@dataclass(frozen=True, kw_only=True)
class Donut:
    """Move each dot in a uniform direction, by a distance between two radii (Hampton 2010).

    Parameters
    ----------
    low, high : float
        Nearest and farthest move, in metres, ``0 <= low < high``.
    uniform : {"area", "radius"}
        ``"area"``: every place of the ring is as likely. ``"radius"``: every distance is, so
        that the inner side of the ring is denser.

    Raises
    ------
    ParameterError
        A radius is negative or not finite, or `low` is not below `high`.

    Examples
    --------
    >>> moved = Donut(low=50, high=200)(np.zeros((1000, 2)), rng=np.random.default_rng(0))
    >>> distance = np.hypot(moved[:, 0], moved[:, 1])
    >>> bool(distance.min() >= 50 and distance.max() <= 200)
    True
    """

    low: float
    high: float
    uniform: str = "area"

    def __post_init__(self) -> None:
        in_range("Donut", "low", self.low, 0)
        in_range("Donut", "high", self.high, 0)
        ordered("Donut", "low", self.low, "high", self.high)
        one_of("Donut", "uniform", self.uniform, ("area", "radius"))

    @property
    def reach(self) -> float:
        """Farthest move, in metres."""
        return float(self.high)

    def __call__(self, points: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, shape (n, 2), metres."""
        start = np.array(points, dtype=float).reshape(-1, 2)
        share = rng.random(len(start))
        if self.uniform == "area":
            distance = np.sqrt(self.low**2 + share * (self.high**2 - self.low**2))
        else:
            distance = self.low + share * (self.high - self.low)
        angle = rng.random(len(start)) * (2 * math.pi)
        start[:, 0] += distance * np.cos(angle)
        start[:, 1] += distance * np.sin(angle)
        return start

    def density(self, distance: ArrayLike) -> np.ndarray:
        """Return the probability per square metre of landing at a distance, in metres."""
        d = np.asarray(distance, float)
        inside = (d >= self.low) & (d <= self.high)
        if self.uniform == "area":
            return np.where(inside, 1 / (math.pi * (self.high**2 - self.low**2)), 0.0)
        ring = 2 * math.pi * np.maximum(d, _NEAREST) * (self.high - self.low)
        return np.where(inside, 1 / ring, 0.0)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain values."""
        return {"mask": "donut", "low": self.low, "high": self.high, "uniform": self.uniform}


@dataclass(frozen=True, kw_only=True)
class Gaussian:
    """Move each dot by independent normal steps east and north (Cassa 2006).

    Parameters
    ----------
    sigma : float
        Standard deviation of each step, in metres; the mean move is 1.25 times that.

    Raises
    ------
    ParameterError
        `sigma` is not a finite number above 0.

    Examples
    --------
    >>> round(Gaussian(sigma=100).reach)
    644
    """

    sigma: float

    def __post_init__(self) -> None:
        in_range("Gaussian", "sigma", self.sigma, 0, open_low=True)

    @property
    def reach(self) -> float:
        """Distance, in metres, within which all moves but one in 10**9 stay."""
        return self.sigma * math.sqrt(-2 * math.log(_BEYOND))

    def __call__(self, points: ArrayLike, *, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, shape (n, 2), metres."""
        start = np.array(points, dtype=float).reshape(-1, 2)
        return start + rng.normal(0, self.sigma, size=start.shape)

    def density(self, distance: ArrayLike) -> np.ndarray:
        """Return the probability per square metre of landing at a distance, in metres."""
        scaled = np.asarray(distance, float) / self.sigma
        return np.exp(-0.5 * scaled**2) / (2 * math.pi * self.sigma**2)

    def recipe(self) -> dict[str, Any]:
        """Return the parameters as plain values."""
        return {"mask": "gaussian", "sigma": self.sigma}


_FORMS = "donut:50:200, donut:50:200:radius, gaussian:100, none or unknown"


def parse_mask(text: str) -> Mask | None:
    """Read a mask from one word of a command line.

    Parameters
    ----------
    text : str
        ``donut:LOW:HIGH``, ``donut:LOW:HIGH:radius``, ``gaussian:SIGMA`` (metres), ``none``,
        or ``unknown``.

    Returns
    -------
    Mask or None
        None where the mask is said to be unknown.

    Raises
    ------
    ParameterError
        Another word, a wrong number of values, or values that cannot be.

    Examples
    --------
    >>> parse_mask("donut:50:200")
    Donut(low=50.0, high=200.0, uniform='area')
    >>> parse_mask("dognut:50:200")
    Traceback (most recent call last):
    ...
    privaudit.errors.ParameterError: parse_mask: needs one of ... Did you mean 'donut'?
    """
    word, *values = (part.strip().lower() for part in str(text).split(":"))
    sizes = {"donut": (2, 3), "gaussian": (1,), "none": (0,), "unknown": (0,)}
    if word not in sizes or len(values) not in sizes[word]:
        hint = did_you_mean(word, sizes) if word not in sizes else ""
        raise ParameterError(f"parse_mask: needs one of {_FORMS}, but got {text!r}. {hint}".strip())
    if word == "none":
        return Exact()
    if word == "unknown":
        return None
    uniform = values.pop() if len(values) == 3 else "area"
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        raise ParameterError(
            f"parse_mask: needs metres after '{word}:', as in {_FORMS}, but got {text!r}."
        ) from None
    if word == "gaussian":
        return Gaussian(sigma=numbers[0])
    return Donut(low=numbers[0], high=numbers[1], uniform=uniform)
