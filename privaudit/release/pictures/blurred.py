"""A mask that moves every dot alike, seen through a picture: known to a fraction of a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import in_range, kind_of, say
from privaudit.errors import ParameterError
from privaudit.release.masks.mask import Mask

__all__ = ["KINDS", "Blurred", "ReadingError"]

# Reading errors: shares, and standard deviations relative to the resolution. A dot that shows
# a short arc between others is read several times worse than one that stands alone.
KINDS = ((0.95, 1.0), (0.05, 4.0))
# Standard deviations within which a reading stays, but for two in a billion.
_REACH = 6.0
# Steps of the table and nodes of the integral, to a standard deviation.
_STEPS, _NODES = 20, 16
# A blur finer than this share of the mask's reach is taken for one of that share.
_FINEST = 1 / 400


@dataclass(frozen=True, kw_only=True)
class ReadingError(Mask):
    """The error with which an unmasked dot is read from a picture.

    Normal on each axis, of standard deviation `sigma`; for one dot in twenty, four times that.

    - `sigma`: Metres, above 0.
    """

    draws = 2

    sigma: float

    def __post_init__(self) -> None:
        in_range("ReadingError", "sigma", self.sigma, 0, open_low=True)

    @property
    def reach(self) -> float:
        """Distance, in metres, within which all readings but two in 10**9 stay."""
        return _REACH * self.sigma * max(scale for _, scale in KINDS)

    def distance(self, share: np.ndarray) -> np.ndarray:
        d = np.linspace(0, self.reach, 4_001)
        within = sum(w * -np.expm1(-0.5 * (d / (k * self.sigma)) ** 2) for w, k in KINDS)
        return np.asarray(np.interp(share, within, d))

    def density(self, distance: ArrayLike) -> np.ndarray:
        d = np.asarray(distance, float)
        density = np.zeros_like(d)
        for weight, scale in KINDS:
            s = scale * self.sigma
            density += weight * np.exp(-0.5 * (d / s) ** 2) / (2 * math.pi * s**2)
        return density

    def recipe(self) -> dict[str, Any]:
        return {"mask": "reading", "sigma": self.sigma}


@dataclass(frozen=True, kw_only=True)
class Blurred(Mask):
    """A mask, and then the error with which its dots were read."""

    mask: Mask
    sigma: float
    _table: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.mask, Mask) or not self.mask.radial:
            needed = "a mask that moves every dot alike"
            raise ParameterError(say("Blurred", needed, kind_of(self.mask)))
        in_range("Blurred", "sigma", self.sigma, 0, open_low=True)
        object.__setattr__(self, "_table", self._tabulated())

    @property
    def reach(self) -> float:
        """Farthest move, in metres, of all but two in 10**9."""
        return float(self._table[0, -1])

    def distance(self, share: np.ndarray) -> np.ndarray:
        distance, density = self._table
        ring = 2 * math.pi * distance * density
        within = np.concatenate([[0], np.cumsum((ring[1:] + ring[:-1]) / 2 * np.diff(distance))])
        return np.asarray(np.interp(np.asarray(share) * within[-1], within, distance))

    def density(self, distance: ArrayLike) -> np.ndarray:
        known, density = self._table
        return np.asarray(np.interp(np.asarray(distance, float), known, density, right=0.0))

    def recipe(self) -> dict[str, Any]:
        return {"mask": "blurred", "of": self.mask.recipe(), "sigma": self.sigma}

    def _tabulated(self) -> np.ndarray:
        """Return distances and densities: what each reading error makes of the mask."""
        sigma = max(self.sigma, _FINEST * self.mask.reach)
        end = self.mask.reach + ReadingError(sigma=sigma).reach
        distance = np.linspace(0, end, int(end / sigma * _STEPS) + 2)
        density = np.zeros(len(distance))
        for weight, scale in KINDS:
            density += weight * _convolved(self.mask, distance, scale * sigma, sigma / _NODES)
        ring = 2 * math.pi * distance * density
        density /= ((ring[1:] + ring[:-1]) / 2 * np.diff(distance)).sum()
        table = np.array([distance, density])
        table.flags.writeable = False
        return table


def _convolved(mask: Mask, distance: np.ndarray, s: float, step: float) -> np.ndarray:
    """Return the density of a mask after a normal error of deviation `s` on each axis.

    The error turns a move of length r into one of length d with the density of Rice,
    exp(-(d - r)^2 / 2 s^2) I(d r / s^2) / (2 pi s^2) per square metre, where I is the Bessel
    function of order 0, scaled by the exponential of its argument.
    """
    from scipy.special import i0e

    node = np.arange(-_REACH * s + step / 2, _REACH * s, step)
    density = np.empty(len(distance))
    for start in range(0, len(distance), 500):
        d = distance[start : start + 500, None]
        r = d + node
        inside = r > 0
        r = np.where(inside, r, 1.0)
        kernel = np.exp(-0.5 * ((d - r) / s) ** 2) * i0e(d * r / s**2) / s**2
        moved = np.where(inside, r * mask.density(r), 0.0)
        density[start : start + 500] = (kernel * moved).sum(axis=1) * step
    return density
