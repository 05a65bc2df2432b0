"""Protections of a table of counts: rounding, cell keys and discrete noise, with exact laws."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import in_range, keyword_only, whole
from privaudit.core.declaration import Declared
from privaudit.errors import ParameterError, did_you_mean

__all__ = [
    "CellKey",
    "CountProtection",
    "DiscreteGaussian",
    "GeometricNoise",
    "RandomRounding",
    "Rounding",
    "cell_keys",
    "delta",
    "epsilon_at_least",
    "parse_protection",
]

# Noise is drawn from doubles: what is rarer than this is never drawn.
_NEVER = 1e-16
# A count whose noise would be rarer is left out of what a shown count may stand for.
BEYOND_DOUBT = 1e-9
_STEPS, _EXACT = 200, 1e-13


class CountProtection(Declared):
    """Base class: what is shown in place of a count, with the probability of each value.

    Examples
    --------
    >>> RandomRounding(step=5).outcomes(7)
    (array([ 5, 10]), array([0.6, 0.4]))
    >>> parse_protection("geometric:0.5")
    GeometricNoise(epsilon=0.5)
    """

    kind = "protection"
    declared: ClassVar[dict[str, type[CountProtection]]] = {}
    # Whether the same records always get the same noise, by their cell key.
    keyed: ClassVar[bool] = False
    # Whether the noise is independent of the count, and a privacy parameter holds.
    additive: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.enter(CountProtection.declared)

    @property
    @abstractmethod
    def reach(self) -> int:
        """Return the largest difference of a shown count from the true one."""

    @abstractmethod
    def outcomes(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the values shown for a true count, ascending, and their probabilities."""

    def protect(self, counts: ArrayLike, uniform: ArrayLike) -> np.ndarray:
        """Return what is shown of counts.

        Parameters
        ----------
        counts : array_like of int
            0 or more.
        uniform : array_like of float, same shape
            In [0, 1): random, or cell keys (`cell_keys`).

        Returns
        -------
        int64 array, same shape
        """
        shown = np.zeros(np.shape(counts), dtype=np.int64)
        u = np.asarray(uniform, float)
        for count in np.unique(counts):
            values, chance = self.outcomes(int(count))
            at = np.searchsorted(np.cumsum(chance), u[counts == count], side="right")
            shown[counts == count] = values[np.minimum(at, len(values) - 1)]
        return shown

    def likelihood(self, shown: int) -> tuple[int, np.ndarray]:
        """Return the least true count that `shown` may stand for, and the weight of it and on.

        The weights are probabilities of `shown` given the count; counts less likely than
        `BEYOND_DOUBT` times the likeliest are left out at both ends.

        Raises
        ------
        ParameterError
            No count is shown so.

        Examples
        --------
        >>> RandomRounding(step=3).likelihood(3)
        (1, array([0.33333333, 0.66666667, 1.        , 0.66666667, 0.33333333]))
        """
        first = max(int(shown) - self.reach, 0)
        weight = np.zeros(max(int(shown) + self.reach - first + 1, 0))
        for place in range(len(weight)):
            values, chance = self.outcomes(first + place)
            weight[place] = chance[values == shown].sum()
        if not weight.any():
            came = f"{shown}, which no count is shown as"
            raise ParameterError.of(type(self).__name__, "counts that it protects", came)
        likely = np.flatnonzero(weight > BEYOND_DOUBT * weight.max())
        return first + int(likely[0]), weight[likely[0] : likely[-1] + 1]


class _Noise(CountProtection):
    """Noise whose law depends on no count."""

    additive = True

    @abstractmethod
    def noise(self) -> np.ndarray:
        """Return the probability of each noise from -`reach` to `reach`."""

    def outcomes(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        return count + np.arange(-self.reach, self.reach + 1), self.noise()

    def likelihood(self, shown: int) -> tuple[int, np.ndarray]:
        first = max(int(shown) - self.reach, 0)
        weight = self.noise()[first - int(shown) + self.reach :]
        if not len(weight):
            # So far below 0 the noise on an empty cell is all that is left.
            return 0, np.ones(1)
        likely = np.flatnonzero(weight > BEYOND_DOUBT * weight.max())
        return first + int(likely[0]), weight[likely[0] : likely[-1] + 1]


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Rounding(CountProtection):
    """Round each count to the nearest multiple of `step`, upwards half way.

    Examples
    --------
    >>> Rounding(step=5).protect([1, 2, 3, 7, 8], np.zeros(5)).tolist()
    [0, 0, 5, 5, 10]
    """

    word, example = "rounding", "rounding:5"

    step: int

    def __post_init__(self) -> None:
        whole("Rounding", "step", self.step, 2)

    @property
    def reach(self) -> int:
        return self.step // 2

    def outcomes(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        return np.array([(count + self.step // 2) // self.step * self.step]), np.ones(1)


@keyword_only
@dataclass(frozen=True, kw_only=True)
class RandomRounding(CountProtection):
    """Round each count to one of the two nearest multiples of `step`, without bias.

    Up with probability r / `step` where r is the remainder (Willenborg and de Waal 2001).
    """

    word, example = "random_rounding", "random_rounding:5"

    step: int

    def __post_init__(self) -> None:
        whole("RandomRounding", "step", self.step, 2)

    @property
    def reach(self) -> int:
        return self.step - 1

    def outcomes(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        below, rest = divmod(count, self.step)
        if rest == 0:
            return np.array([count]), np.ones(1)
        up = rest / self.step
        return self.step * np.array([below, below + 1]), np.array([1 - up, up])


@keyword_only
@dataclass(frozen=True, kw_only=True)
class CellKey(CountProtection):
    """Add the noise that the keys of a cell's records choose from a table: same cell, same noise.

    Each record has a key in [0, 1); a cell's is their sum modulo 1 (`cell_keys`). Noise on a count
    is at most `most`, has mean 0 and variance `variance`, and the largest entropy of all such
    (Giessing 2016); no count falls below 0, nor to 1 to `blocked`; 0 stays 0.

    Parameters
    ----------
    most : int
        D, 1 or more.
    variance : float
        V, above 0 and less than `most`; more than (`blocked` + 1)² / 4 where counts are blocked.
    blocked : int
        js, 0 or more: positive counts up to this are not shown.

    References
    ----------
    Fraser and Wooton (2005); Giessing (2016). R package ptable without its condition
    that probabilities fall on both sides (`mono`).

    Examples
    --------
    >>> CellKey(most=2, variance=1).outcomes(2)[1].round(3).tolist()
    [0.064, 0.245, 0.383, 0.245, 0.064]
    """

    word, example = "cell_key", "cell_key:5:2"
    keyed = True

    most: int
    variance: float
    blocked: int = 0

    def __post_init__(self) -> None:
        whole("CellKey", "most", self.most, 1, 100)
        whole("CellKey", "blocked", self.blocked, 0, self.most)
        in_range("CellKey", "variance", self.variance, 0, self.most, open_low=True)
        for count in range(1, self.most + self.blocked + 1):
            move = self._moves(count)
            least = -move[move <= 0].max(initial=-self.most) * move[move >= 0].min(initial=0)
            largest = -move[0] * move[-1]
            if not least < self.variance < largest:
                needed = f"a variance between {least:g} and {largest:g} for a count of {count}"
                raise ParameterError.of("CellKey", needed, f"{self.variance:g}")

    @property
    def reach(self) -> int:
        return self.most

    def outcomes(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        if count == 0:
            return np.zeros(1, np.int64), np.ones(1)
        move = self._moves(min(count, self.most + self.blocked))
        return count + move, _most_entropy(tuple(move.tolist()), float(self.variance))

    def _moves(self, count: int) -> np.ndarray:
        """Return the noise that a count may get."""
        move = np.arange(-min(count, self.most), self.most + 1)
        return np.asarray(move[(count + move == 0) | (count + move > self.blocked)])


@keyword_only
@dataclass(frozen=True, kw_only=True)
class GeometricNoise(_Noise):
    """Add two-sided geometric noise, ``P(x) = tanh(ε / 2) exp(-ε |x|)``: the discrete Laplace law.

    `epsilon`-differentially private for a person who is in one count or in none; n times
    `epsilon` for a household of n. Counts below 0 stay, so that sums have no bias.

    References
    ----------
    Ghosh, Roughgarden and Sundararajan (2012).

    Examples
    --------
    >>> values, chance = GeometricNoise(epsilon=1).outcomes(3)
    >>> float(chance[values == 3][0] / chance[values == 4][0]) / np.e
    1.0
    """

    word, example = "geometric", "geometric:1"

    epsilon: float

    def __post_init__(self) -> None:
        in_range("GeometricNoise", "epsilon", self.epsilon, 0.01, 20)

    @property
    def reach(self) -> int:
        return math.ceil(-math.log(_NEVER) / self.epsilon)

    def noise(self) -> np.ndarray:
        move = np.arange(-self.reach, self.reach + 1)
        return np.asarray(math.tanh(self.epsilon / 2) * np.exp(-self.epsilon * np.abs(move)))


@keyword_only
@dataclass(frozen=True, kw_only=True)
class DiscreteGaussian(_Noise):
    """Add discrete Gaussian noise, P(x) proportional to exp(-x² / 2 σ²).

    1 / (2 σ²)-concentrated differentially private for a person in one count (theorem 4); `delta`
    gives the delta that goes with an epsilon.

    References
    ----------
    Canonne, Kamath and Steinke (2020), definition 1, theorems 4 and 7.

    Examples
    --------
    >>> DiscreteGaussian(sigma=1).outcomes(0)[1].max().round(4)
    np.float64(0.3989)
    """

    word, example = "discrete_gaussian", "discrete_gaussian:2"

    sigma: float

    def __post_init__(self) -> None:
        in_range("DiscreteGaussian", "sigma", self.sigma, 0.1, 1000)

    @property
    def reach(self) -> int:
        return math.ceil(self.sigma * math.sqrt(-2 * math.log(_NEVER)))

    def noise(self) -> np.ndarray:
        move = np.arange(-self.reach, self.reach + 1)
        weight = np.exp(-(move**2) / (2 * self.sigma**2))
        return np.asarray(weight / weight.sum())


@lru_cache(maxsize=512)
def _most_entropy(move: tuple[int, ...], variance: float) -> np.ndarray:
    """Return the law of mean 0 and a variance that has the largest entropy: exp(a v + b v²)."""
    v = np.array(move, dtype=float)
    scale = max(float(np.abs(v).max()), 1.0)
    powers = np.stack([v / scale, (v / scale) ** 2])
    target = np.array([0.0, variance / scale**2])

    def law(at: np.ndarray) -> tuple[np.ndarray, float]:
        log = at @ powers
        top = log.max()
        weight = np.exp(log - top)
        return weight / weight.sum(), float(top + np.log(weight.sum()) - at @ target)

    at = np.zeros(2)
    chance, height = law(at)
    for _ in range(_STEPS):
        left = target - powers @ chance
        if np.abs(left).max() < _EXACT:
            break
        spread = (powers * chance) @ powers.T - np.outer(powers @ chance, powers @ chance)
        step, length = np.linalg.lstsq(spread, left)[0], 1.0
        while law(at + length * step)[1] > height and length > _EXACT:
            length /= 2
        at = at + length * step
        chance, height = law(at)
    chance.flags.writeable = False
    return chance


def parse_protection(text: str) -> CountProtection:
    """Read a protection from its word: ``rounding:5``, ``cell_key:5:2``, ``geometric:1``.

    Raises
    ------
    ParameterError
        Another word, or values that do not fit it.
    """
    word, *values = (part.strip().lower() for part in text.split(":"))
    if word not in CountProtection.declared:
        known = CountProtection.declared
        examples = ", ".join(kind.example for kind in known.values())
        hint = did_you_mean(word, known)
        raise ParameterError.of("parse_protection", f"one of {examples}", repr(text), hint)
    return CountProtection.declared[word].read(values)


def cell_keys(record_keys: ArrayLike, cell: ArrayLike, cells: int) -> np.ndarray:
    """Return the key of each cell: the sum of its records' keys, modulo 1.

    Examples
    --------
    >>> cell_keys([0.5, 0.75, 0.1], [0, 0, 2], 3).round(2).tolist()
    [0.25, 0.0, 0.1]
    """
    weights = np.asarray(record_keys, float)
    return np.asarray(np.bincount(np.asarray(cell), weights=weights, minlength=cells) % 1.0)


def delta(
    protection: CountProtection, epsilon: float, *, members: int = 1, counts: Sequence[int] = ()
) -> float:
    """Return the least delta for which one count is (`epsilon`, delta)-differentially private.

    The largest excess ``sum of max(0, P(x | n) - exp(epsilon) P(x | n'))`` over neighbours n and
    n', by enumeration; 0 is safe, and 1 means that a shown count can exclude one of both.

    Parameters
    ----------
    protection : CountProtection
    epsilon : float
        0 or more.
    members : int
        By how many people neighbours differ: 1, or those of a household.
    counts : sequence of int
        Lower counts of the neighbours tried; default 0 to 49.

    Returns
    -------
    float
        In [0, 1].

    References
    ----------
    Barthe and Olmedo (2013), the divergence; for `DiscreteGaussian` the closed form
    is Canonne, Kamath and Steinke (2020), theorem 7.

    Examples
    --------
    >>> delta(GeometricNoise(epsilon=1), 1.0) < 1e-14
    True
    >>> round(delta(GeometricNoise(epsilon=1), 0.9), 3), delta(Rounding(step=5), 1.0)
    (0.07, 1.0)
    """
    in_range("delta", "epsilon", epsilon, 0)
    whole("delta", "members", members, 1)
    largest = 0.0
    for count in counts or range(50):
        both = [protection.outcomes(n) for n in (count, count + members)]
        first = min(int(values[0]) for values, _ in both)
        span = max(int(values[-1]) for values, _ in both) - first + 1
        one, other = np.zeros((2, span))
        for law, (values, chance) in zip((one, other), both, strict=True):
            law[values - first] = chance
        for p, q in ((one, other), (other, one)):
            largest = max(largest, float(np.maximum(p - math.exp(epsilon) * q, 0).sum()))
    return min(largest, 1.0)


def epsilon_at_least(one: ArrayLike, other: ArrayLike, *, level: float = 0.95) -> float:
    """Return a lower bound on epsilon from draws of a mechanism on two neighbours.

    One half of the draws chooses the threshold that parts the neighbours best, the other half
    bounds its probabilities (Clopper and Pearson 1934, each to (1 - `level`) / 2).

    Parameters
    ----------
    one, other : array_like of float, shape (draws,)
        What was shown for either neighbour, in the order drawn.
    level : float
        Confidence, in (0, 1).

    Returns
    -------
    float
        0 or more; a mechanism that is epsilon-differentially private stays at or below epsilon
        with probability `level`.

    References
    ----------
    Jagielski, Ullman and Oprea (2020).

    Examples
    --------
    >>> epsilon_at_least([0, 1] * 500, [0, 1] * 500)
    0.0
    """
    from scipy.stats import beta

    draws = [np.asarray(some, float) for some in (one, other)]
    if min(map(len, draws)) < 4:
        raise ParameterError.of("epsilon_at_least", "four draws or more of each", "fewer")
    chosen, held = [some[::2] for some in draws], [some[1::2] for some in draws]
    best: tuple[float, int, int, float] = (0.0, 0, 1, 0.0)
    for cut in np.unique(np.concatenate(chosen)):
        for sign in (1, -1):
            share = [(np.count_nonzero(sign * some >= sign * cut) + 0.5) / (len(some) + 1)
                     for some in chosen]  # fmt: skip
            for p, q in ((0, 1), (1, 0)):
                gain = math.log(share[p] / share[q]) * math.sqrt(share[p])
                best = max(best, (gain, p, sign, float(cut)))
    _, p, sign, cut = best
    hits = [int(np.count_nonzero(sign * some >= sign * cut)) for some in held]
    tail = (1 - level) / 2
    k, n = hits[p], len(held[p])
    low = float(beta.ppf(tail, k, n - k + 1)) if k else 0.0
    k, n = hits[1 - p], len(held[1 - p])
    high = float(beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0
    return max(math.log(low / high), 0.0) if low > 0 else 0.0
