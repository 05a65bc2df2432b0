"""Planar Laplace noise: geo-indistinguishability."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import in_range, keyword_only
from privaudit.maps.masks.mask import BEYOND_REACH, FARTHEST, Mask


@keyword_only
@dataclass(frozen=True, kw_only=True)
class PlanarLaplace(Mask):
    """Move each dot by planar Laplace noise, which is geo-indistinguishable.

    A dot is at most exp(`epsilon` d) times as likely from one home as from another d metres
    away. The mean move is 2 / `epsilon` metres.

    Parameters
    ----------
    epsilon : float
        Per metre, above 0; smaller is safer. 0.01 moves dots by 200 m on average.

    References
    ----------
    Andrés, Bordenabe, Chatzikokolakis and Palamidessi (2013), section 4.1.

    Examples
    --------
    >>> mask = PlanarLaplace(epsilon=0.01)
    >>> round(float(mask.distance(np.array([0.5]))[0]))  # median move
    168
    """

    word, example = "laplace", "laplace:0.01"

    epsilon: float

    def __post_init__(self) -> None:
        in_range("PlanarLaplace", "epsilon", self.epsilon, 1 / FARTHEST)

    @property
    def reach(self) -> float:
        return float(self.distance(np.array([1 - BEYOND_REACH]))[0])

    def distance(self, share: np.ndarray) -> np.ndarray:
        """Return ``r = -(W_-1((p - 1) / e) + 1) / epsilon`` (section 4.1)."""
        from scipy.special import lambertw

        return np.asarray(
            np.maximum(-(lambertw((share - 1) / math.e, k=-1).real + 1), 0.0) / self.epsilon
        )

    def density(self, distance: ArrayLike) -> np.ndarray:
        fall = np.exp(-self.epsilon * np.asarray(distance, float))
        return self.epsilon**2 / (2 * math.pi) * fall
