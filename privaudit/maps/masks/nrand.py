"""N-Rand: the farthest of several uniform places within a radius."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import in_range, keyword_only, whole
from privaudit.maps.masks.mask import FARTHEST, Mask


@keyword_only
@dataclass(frozen=True, kw_only=True)
class NRand(Mask):
    """Draw `n` uniform places within a radius, and move each dot to the farthest of them.

    The farthest of n has the distribution (d / `radius`)**(2 n): an order statistic. With 1 it is
    a `Disk`; the more places, the closer dots lie to the edge.

    Parameters
    ----------
    radius : float
        Farthest move, in metres, above 0.
    n : int
        Places that are drawn, 1 or more.

    References
    ----------
    Wightman, Coronell, Jabba, Jimeno and Labrador (2011), N-Rand.

    Examples
    --------
    >>> NRand(radius=200, n=4).distance(np.array([0.5**8, 1.0])).tolist()
    [100.0, 200.0]
    """

    word, example = "nrand", "nrand:200:4"

    radius: float
    n: int = 4

    def __post_init__(self) -> None:
        in_range("NRand", "radius", self.radius, 0, FARTHEST, open_low=True)
        whole("NRand", "n", self.n, 1)

    @property
    def reach(self) -> float:
        return float(self.radius)

    def distance(self, share: np.ndarray) -> np.ndarray:
        return np.asarray(self.radius * np.asarray(share) ** (0.5 / self.n))

    def density(self, distance: ArrayLike) -> np.ndarray:
        d = np.asarray(distance, float)
        inside = np.minimum(d / self.radius, 1.0) ** (2 * self.n - 2)
        return np.where(d <= self.radius, self.n * inside / (math.pi * self.radius**2), 0.0)
