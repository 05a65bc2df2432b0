"""Donut masking: a uniform place between two radii."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import in_range, keyword_only, one_of, ordered
from privaudit.maps.masks.mask import FARTHEST, NEAREST_METRES, Mask


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Disk(Mask):
    """Move each dot to a uniform place within a radius.

    Parameters
    ----------
    radius : float
        Farthest move, in metres, above 0.

    References
    ----------
    Armstrong, Rushton and Zimmerman (1999), random perturbation.

    Examples
    --------
    >>> round(float(Disk(radius=10).density(3)) * 1e4)  # 1 / (100 pi)
    32
    """

    word, example = "disk", "disk:200"

    radius: float

    def __post_init__(self) -> None:
        in_range("Disk", "radius", self.radius, 0, FARTHEST, open_low=True)

    @property
    def reach(self) -> float:
        return float(self.radius)

    def distance(self, share: np.ndarray) -> np.ndarray:
        return np.asarray(self.radius * np.sqrt(share))

    def density(self, distance: ArrayLike) -> np.ndarray:
        inside = np.asarray(distance, float) <= self.radius
        return np.where(inside, 1 / (math.pi * self.radius**2), 0.0)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Donut(Mask):
    """Move each dot in a uniform direction, by a distance between two radii.

    The radii are the same for every dot; `AdaptiveDonut` takes them from the people around it.

    Parameters
    ----------
    r_min, r_max : float
        Smallest and largest move, in metres, ``0 <= r_min < r_max``.
    uniform : {"area", "radius"}
        ``"area"``: every place of the ring is as likely. ``"radius"``: every distance is, so
        that the inner side of the ring is denser.

    Raises
    ------
    ParameterError
        A radius is negative or not finite, or `r_min` is not below `r_max`.

    References
    ----------
    Hampton et al. (2010), whose radii follow the population; here they are fixed.

    Examples
    --------
    >>> moved = Donut(r_min=50, r_max=200)(np.zeros((1000, 2)), rng=np.random.default_rng(0))
    >>> distance = np.hypot(moved[:, 0], moved[:, 1])
    >>> bool(distance.min() >= 50 and distance.max() <= 200)
    True
    """

    word, example = "donut", "donut:50:200"

    r_min: float
    r_max: float
    uniform: Literal["area", "radius"] = "area"

    def __post_init__(self) -> None:
        in_range("Donut", "r_min", self.r_min, 0, FARTHEST)
        in_range("Donut", "r_max", self.r_max, 0, FARTHEST)
        ordered("Donut", "r_min", self.r_min, "r_max", self.r_max)
        one_of("Donut", "uniform", self.uniform, ("area", "radius"))

    @property
    def reach(self) -> float:
        return float(self.r_max)

    def distance(self, share: np.ndarray) -> np.ndarray:
        if self.uniform == "area":
            return np.sqrt(self.r_min**2 + share * (self.r_max**2 - self.r_min**2))
        return self.r_min + share * (self.r_max - self.r_min)

    def density(self, distance: ArrayLike) -> np.ndarray:
        d = np.asarray(distance, float)
        inside = (d >= self.r_min) & (d <= self.r_max)
        if self.uniform == "area":
            return np.where(inside, 1 / (math.pi * (self.r_max**2 - self.r_min**2)), 0.0)
        ring = 2 * math.pi * np.maximum(d, NEAREST_METRES) * (self.r_max - self.r_min)
        return np.where(inside, 1 / ring, 0.0)
