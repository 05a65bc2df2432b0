"""No mask: dots stand on their homes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import in_range, keyword_only
from privaudit.maps.masks.mask import FARTHEST, Mask, as_points


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
