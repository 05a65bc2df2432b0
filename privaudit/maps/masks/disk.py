"""Disk masking: a uniform place within a radius."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import in_range, keyword_only
from privaudit.maps.masks.mask import FARTHEST, Mask


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
