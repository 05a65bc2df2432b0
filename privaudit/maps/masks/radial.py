"""Radial masks: the same random distance for every dot, in a uniform direction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import in_range, keyword_only, one_of, ordered
from privaudit.maps.masks.mask import Mask, as_points

# A density per square metre has no value at distance 0 when the distance itself is uniform:
# it is read one millimetre away, closer than any coordinate is written.
_NEAREST = 1e-3
# Share of a Gaussian's moves beyond its reach.
_BEYOND = 1e-9


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
        in_range("Exact", "rounding", self.rounding, 0, open_low=True)

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


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Disk(Mask):
    """Move each dot to anywhere within a radius, every place as likely (Armstrong 1999).

    Parameters
    ----------
    radius : float
        Farthest move, in metres, above 0.

    Examples
    --------
    >>> round(float(Disk(radius=10).density(3)) * 1e4)  # 1 / (100 pi)
    32
    """

    word, example = "disk", "disk:200"

    radius: float

    def __post_init__(self) -> None:
        in_range("Disk", "radius", self.radius, 0, open_low=True)

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
    """Move each dot in a uniform direction, by a distance between two radii (Hampton 2010).

    Parameters
    ----------
    r_min, r_max : float
        Nearest and farthest move, in metres, ``0 <= r_min < r_max``.
    uniform : {"area", "radius"}
        ``"area"``: every place of the ring is as likely. ``"radius"``: every distance is, so
        that the inner side of the ring is denser.

    Raises
    ------
    ParameterError
        A radius is negative or not finite, or `r_min` is not below `r_max`.

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
    uniform: str = "area"

    def __post_init__(self) -> None:
        in_range("Donut", "r_min", self.r_min, 0)
        in_range("Donut", "r_max", self.r_max, 0)
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
        ring = 2 * math.pi * np.maximum(d, _NEAREST) * (self.r_max - self.r_min)
        return np.where(inside, 1 / ring, 0.0)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Gaussian(Mask):
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

    word, example = "gaussian", "gaussian:100"

    sigma: float

    def __post_init__(self) -> None:
        in_range("Gaussian", "sigma", self.sigma, 0, open_low=True)

    @property
    def reach(self) -> float:
        return self.sigma * math.sqrt(-2 * math.log(_BEYOND))

    def distance(self, share: np.ndarray) -> np.ndarray:
        return np.asarray(self.sigma * np.sqrt(-2 * np.log1p(-share)))

    def density(self, distance: ArrayLike) -> np.ndarray:
        scaled = np.asarray(distance, float) / self.sigma
        return np.exp(-0.5 * scaled**2) / (2 * math.pi * self.sigma**2)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class BimodalGaussian(Mask):
    """Move each dot by a distance around `mean`, rarely near 0 (Cassa 2006; Zandbergen 2014).

    Along the line of its move a dot lands in one of two normal bumps, at `mean` metres on
    either side of its home; the direction of the line is uniform.

    Parameters
    ----------
    mean : float
        Distance of the bumps' tops from the home, in metres, 0 or more.
    sigma : float
        Standard deviation of each bump, in metres, above 0.

    Examples
    --------
    >>> mask = BimodalGaussian(mean=100, sigma=30)
    >>> float(mask.distance(np.array([0.5]))[0])
    100.0
    """

    word, example = "bimodal", "bimodal:100:30"

    mean: float
    sigma: float

    def __post_init__(self) -> None:
        in_range("BimodalGaussian", "mean", self.mean, 0)
        in_range("BimodalGaussian", "sigma", self.sigma, 0, open_low=True)

    @property
    def reach(self) -> float:
        return self.mean + 6 * self.sigma

    def distance(self, share: np.ndarray) -> np.ndarray:
        """Return a distance for each share: its sign is folded, which a direction undoes."""
        from scipy.special import ndtri

        # A share of exactly 0 would be a move without end.
        return np.asarray(np.abs(self.mean + self.sigma * ndtri(np.maximum(share, 2.0**-54))))

    def density(self, distance: ArrayLike) -> np.ndarray:
        d = np.maximum(np.asarray(distance, float), _NEAREST)
        bumps = sum(np.exp(-0.5 * ((d + s * self.mean) / self.sigma) ** 2) for s in (-1, 1))
        return np.asarray(
            np.asarray(bumps) / (math.sqrt(2 * math.pi) * self.sigma * 2 * math.pi * d)
        )


@keyword_only
@dataclass(frozen=True, kw_only=True)
class PlanarLaplace(Mask):
    """Move each dot by planar Laplace noise: geo-indistinguishability (Andres et al. 2013).

    Whatever the dot, no home is more than exp(`epsilon` d) times as likely to have given it as
    another home d metres away. The mean move is 2 / `epsilon` metres.

    Parameters
    ----------
    epsilon : float
        Per metre, above 0; smaller is safer. 0.01 moves dots by 200 m on average.

    Examples
    --------
    >>> mask = PlanarLaplace(epsilon=0.01)
    >>> round(float(mask.distance(np.array([0.5]))[0]))  # median move
    168
    """

    word, example = "laplace", "laplace:0.01"

    epsilon: float

    def __post_init__(self) -> None:
        in_range("PlanarLaplace", "epsilon", self.epsilon, 0, open_low=True)

    @property
    def reach(self) -> float:
        return float(self.distance(np.array([1 - _BEYOND]))[0])

    def distance(self, share: np.ndarray) -> np.ndarray:
        """Return ``r = -(W_-1((p - 1) / e) + 1) / epsilon`` (Andres et al. 2013, section 5)."""
        from scipy.special import lambertw

        return np.asarray(
            np.maximum(-(lambertw((share - 1) / math.e, k=-1).real + 1), 0.0) / self.epsilon
        )

    def density(self, distance: ArrayLike) -> np.ndarray:
        fall = np.exp(-self.epsilon * np.asarray(distance, float))
        return self.epsilon**2 / (2 * math.pi) * fall
