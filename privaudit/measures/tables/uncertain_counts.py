"""A count with a certain part and an uncertain part of known mean and variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privaudit._core.arrays import Floats, Ints

__all__ = ["Uncertain"]

# The mean of 1 / f: by so many nodes for a smaller expected f, by its expansion for others.
_CROWD, _NODES = 40.0, 24


@dataclass(frozen=True, eq=False)
class Uncertain:
    """A certain count, plus an uncertain one of known mean and variance.

    The others are taken as binomial where the variance is below the mean, as sums of coins are, and
    as negative binomial above it, as sums of coins of unknown chance are.
    """

    sure: Ints
    mean: Floats
    spread: Floats

    def fewer(self, than: int) -> Floats:
        """Return the chance that the total is below a number."""
        from scipy.special import betainc

        left = than - 1.0 - self.sure
        chance = np.where(left < 0, 0.0, 1.0)
        trials, p, coins = self._shape()
        unsure = (left >= 0) & (self.mean > 0)
        few = np.flatnonzero(unsure & coins & (left < trials))
        chance[few] = betainc(trials[few] - left[few], left[few] + 1, 1 - p[few])
        many = np.flatnonzero(unsure & ~coins)
        chance[many] = betainc(trials[many], left[many] + 1, p[many])
        return chance

    def inverse(self) -> Floats:
        """Return the expected 1 / total: by the generating function, or its expansion."""
        whole = self.sure + self.mean
        mean_inverse = (1 + self.spread / whole**2) / whole
        some = np.flatnonzero((self.mean > 0) & (whole < _CROWD))
        sure, (trials, p, coins) = self.sure[some], (part[some] for part in self._shape())
        total = np.zeros(len(some))
        for node, weight in zip(*np.polynomial.legendre.leggauss(_NODES), strict=True):
            t = ((node + 1) / 2) ** (1 / sure)
            base = np.where(coins, 1 - p * (1 - t), p / (1 - (1 - p) * t))
            total += weight / 2 * base**trials
        mean_inverse[some] = total / sure
        return np.minimum(mean_inverse, 1 / self.sure)

    def _shape(self) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return trials and probability, and whether the law is a binomial."""
        mean = np.maximum(self.mean, 1e-12)
        ratio = self.spread / mean
        coins = ratio <= 1
        off = np.maximum(np.abs(1 - ratio), 1e-9)
        return mean / off, np.where(coins, off, 1 / (1 + off)), coins
