"""Noise: Gaussian perturbation, with one mode or two, and planar Laplace."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import in_range, keyword_only
from privaudit.maps.masks.mask import BEYOND_REACH, FARTHEST, NEAREST_METRES, Mask


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Gaussian(Mask):
    """Move each dot by independent normal steps east and north.

    `sigma` is the same everywhere, where the paper scales it by the population density.

    Parameters
    ----------
    sigma : float
        Standard deviation of each step, in metres; the mean move is 1.25 times that.

    Raises
    ------
    ParameterError
        `sigma` is not a finite number above 0.

    References
    ----------
    Cassa et al. (2006), two-dimensional Gaussian displacement.

    Examples
    --------
    >>> round(Gaussian(sigma=100).reach)
    644
    """

    word, example = "gaussian", "gaussian:100"

    sigma: float

    def __post_init__(self) -> None:
        in_range("Gaussian", "sigma", self.sigma, 0, FARTHEST, open_low=True)

    @property
    def reach(self) -> float:
        return self.sigma * math.sqrt(-2 * math.log(BEYOND_REACH))

    def distance(self, share: np.ndarray) -> np.ndarray:
        return np.asarray(self.sigma * np.sqrt(-2 * np.log1p(-share)))

    def density(self, distance: ArrayLike) -> np.ndarray:
        scaled = np.asarray(distance, float) / self.sigma
        return np.exp(-0.5 * scaled**2) / (2 * math.pi * self.sigma**2)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class BimodalGaussian(Mask):
    """Move each dot by a normal distance around `mean`, in a uniform direction.

    Along the line of its move a dot follows a mixture of two normal distributions, centred
    `mean` metres on either side of its home, so that small moves are rare.

    Parameters
    ----------
    mean : float
        Distance of the two modes from the home, in metres, 0 or more.
    sigma : float
        Standard deviation of each mode, in metres, above 0.

    References
    ----------
    Zandbergen (2014), bimodal Gaussian displacement, after Cassa et al. (2006).

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
        in_range("BimodalGaussian", "mean", self.mean, 0, FARTHEST)
        in_range("BimodalGaussian", "sigma", self.sigma, 0, FARTHEST, open_low=True)

    @property
    def reach(self) -> float:
        return self.mean + 6 * self.sigma

    def distance(self, share: np.ndarray) -> np.ndarray:
        """Return the absolute distance of each share; the uniform direction gives the sign."""
        from scipy.special import ndtri

        # A share of exactly 0 would be a move without end.
        return np.asarray(np.abs(self.mean + self.sigma * ndtri(np.maximum(share, 2.0**-54))))

    def density(self, distance: ArrayLike) -> np.ndarray:
        d = np.maximum(np.asarray(distance, float), NEAREST_METRES)
        modes = sum(np.exp(-0.5 * ((d + s * self.mean) / self.sigma) ** 2) for s in (-1, 1))
        return np.asarray(modes / (math.sqrt(2 * math.pi) * self.sigma * 2 * math.pi * d))


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
