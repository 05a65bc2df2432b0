"""Individual risk from a sample: the expected 1 / F given f (Benedetti and Franconi 1998).

- An estimate with its range, and whether the sample supports it.
- A count with a certain part and an uncertain part of known mean and variance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints, error_message
from privaudit.core.policy import WIDEST_RANGE
from privaudit.errors import ParameterError
from privaudit.words.catalogues import Note

# From this class size on, the series needs some hundred terms at most, whatever p.
_SERIES_FROM = 8
_TERMS = 4000


def individual_risk(size: ArrayLike, people: ArrayLike) -> Floats:
    """Return the individual risk of each record: the expected 1 / F given f.

    With p = f / F-hat and F given f negative binomial, E(1 / F) = (p**f / f) 2F1(f, f; f+1; 1-p).
    Euler's transformation turns it into (p / f) 2F1(1, 1; f+1; 1-p), a series of positive terms,
    finite for every f and p: the alternating sum in common use cancels and overflows. Where the
    series is slow (small f and p) it is replaced by its integral's recursion I(f+1) = (1/f - p
    I(f)) / (1 - p) from I(1) = -ln(p) / (1 - p), with r = p I(f), which is stable for p below 1/2.

    Parameters
    ----------
    size : int, shape (n,)
        F: records of the sample with each record's key, 1 or more.
    people : array_like, shape (n,)
        F-hat: estimated people of the population with it (the sum of weights), at least f.

    Returns
    -------
    float64, shape (n,)
        In (0, 1]; 0 is safe; 1 / f where F-hat = f.

    Examples
    --------
    >>> individual_risk([1, 2, 3], [100.0, 100.0, 3.0]).round(4).tolist()
    [0.0465, 0.0188, 0.3333]
    """
    f, p = _sizes_and_share("individual_risk", size, people)
    # Records of one class share a value: a pair is sorted as one complex number.
    pairs, place = np.unique(f + 1j * p, return_inverse=True)
    return _expected_inverse(pairs.real, pairs.imag)[place]


def individual_risk_approximate(size: ArrayLike, people: ArrayLike) -> Floats:
    """Return the usual approximation of individual risk, p / (f - (1 - p)) for f of 3 and more.

    Exact for f = 1 and 2. The form that sdcMicro uses by default; it lies below the exact value.

    Parameters
    ----------
    size, people : array_like
        As for `individual_risk`.

    Returns
    -------
    float64, shape (n,)

    Examples
    --------
    >>> individual_risk_approximate([5], [50.0]).round(4).tolist()
    [0.0244]
    """
    f, p = _sizes_and_share("individual_risk_approximate", size, people)
    risk = p / (f - (1.0 - p))
    few = f < 3
    risk[few] = _expected_inverse(f[few], p[few])
    return risk


def poisson_sum_range(
    total: float, squares: float, largest: float, chance: float
) -> tuple[float, float]:
    """Return the confidence range of the mean of a weighted Poisson sum.

    By the gamma distributions of Fay and Feuer (1997).

    Parameters
    ----------
    total, squares : float
        Sum of the weights of the events that came, and of their squares.
    largest : float
        Weight of an event that might have come beside them, above 0.
    chance : float
        Chance to lie beyond either end, in (0, .5).

    Returns
    -------
    tuple of float

    References
    ----------
    Fay and Feuer (1997).

    Examples
    --------
    >>> low, high = poisson_sum_range(10, 10, 1, 0.025)  # Garwood's interval of ten
    >>> round(low, 3), round(high, 3)
    (4.795, 18.39)
    """
    from scipy.stats import gamma

    low = gamma.ppf(chance, total**2 / squares, scale=squares / total) if total > 0 else 0.0
    total, squares = total + largest, squares + largest**2
    return float(low), float(gamma.isf(chance, total**2 / squares, scale=squares / total))


def fewest_alone(size: ArrayLike, people: ArrayLike, count: ArrayLike | None = None) -> float:
    """Return a lower bound of the sample uniques that are population uniques.

    Whatever the keys are, a class of two records whose weights are w and v stands for w + v - 2
    people unseen, and the sum over such classes is expected to be the sum of F - 1 over the sample
    uniques. Where people are independent of each other, F - 1 is Poisson around a mean that differs
    from key to key, and exp(-mean F - 1) is the least that their share can be (Jensen). 0 unless
    classes of three show that F is scattered at least so: it is not in a population that was itself
    made k-anonymous, where nobody is alone.

    Parameters
    ----------
    size : int, shape (n,)
        F of each record.
    people : array_like, shape (n,)
        Sum of the weights of each record's class.
    count : int, shape (n,), optional
        Records that each value stands for. Default: one.

    Returns
    -------
    float
        0 to the sample uniques; held 97.5 times in 100.

    Examples
    --------
    >>> f = [1] * 400 + [2] * 40 + [3] * 60
    >>> found = fewest_alone(f, [10.0 * one for one in f])
    >>> 0 < found < 400 * math.exp(-20 * 18 / 400)
    True
    """
    f, p = _sizes_and_share("fewest_alone", size, people)
    records = np.ones(len(f)) if count is None else np.asarray(count, dtype=np.float64)
    # Of each record: the people unseen for whom it stands.
    others = 1 / p - 1
    alone = float(records[f == 1].sum())
    weight = 2 * float(np.average(others, weights=records))
    if alone == 0 or weight == 0:
        return alone

    def of_classes(k: int, worth: Floats) -> tuple[float, float]:
        classes = records[f == k] / k
        return float((classes * worth[f == k]).sum()), float((classes * worth[f == k] ** 2).sum())

    pairs = of_classes(2, 2 * others)
    _, most = poisson_sum_range(*pairs, weight, 0.025)
    # The other two of a class of three, both ways round: the square of the mean of a Poisson.
    second, _ = poisson_sum_range(*of_classes(3, 6 * others**2), 1.5 * weight**2, 0.025)
    if second * alone < pairs[0] ** 2:
        return 0.0
    fewest = max(alone - 2 * math.sqrt(alone), 0.0)
    return fewest * math.exp(-most / fewest) if fewest else 0.0


def _sizes_and_share(who: str, size: ArrayLike, people: ArrayLike) -> tuple[Floats, Floats]:
    """Check sizes and sampling fractions; return them as arrays."""
    f = np.asarray(size, dtype=np.float64)
    total = np.asarray(people, dtype=np.float64)
    if f.shape != total.shape or f.ndim != 1:
        raise ParameterError(
            error_message(who, "one F a record", f"shapes {f.shape} and {total.shape}")
        )
    if not np.all(f >= 1):
        raise ParameterError(error_message(who, "class sizes of 1 or more", "a smaller one"))
    if not np.all(total >= f * (1 - 1e-12)):
        do = "Sampling weights are 1 or more."
        raise ParameterError(error_message(who, "F of at least f", "fewer people than records", do))
    return f, np.minimum(f / total, 1.0)


def _expected_inverse(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F of each distinct size."""
    risk = np.empty_like(p)
    slow = (f < _SERIES_FROM) & (p < 0.5)
    risk[slow] = _by_recursion(f[slow], p[slow])
    risk[~slow] = _by_series(f[~slow], p[~slow])
    return risk


def _by_recursion(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F by recursion over f."""
    integral = -np.log(p) / (1.0 - p)
    risk = p * integral
    for size in range(1, _SERIES_FROM - 1):
        integral = (1.0 / size - p * integral) / (1.0 - p)
        here = f == size + 1
        risk[here] = p[here] * integral[here]
    return risk


def _by_series(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F by a series, where the recursion cancels."""
    total = np.ones_like(p)
    term = np.ones_like(p)
    left = np.arange(len(p))
    for k in range(1, _TERMS):
        if not len(left):
            break
        size, share = f[left], p[left]
        term[left] *= k * (1.0 - share) / (size + k)
        total[left] += term[left]
        # What follows term k: at most term (f + k) / (f - 1), and at most geometric in 1 - p.
        rest = np.minimum((size + k) / np.maximum(size - 1, 1e-9), 1 / share)
        left = left[term[left] * rest > 1e-16 * total[left]]
    return p / f * total


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An estimate and what it is worth.

    Attributes
    ----------
    value : float
        What the model says; nan where it says nothing.
    low, high : float
        What the sample allows at 95 % without a model (`consistent_range`). A sampling interval
        under the model often misses the truth, because the model's own error is larger; this
        one is made to hold it.
    reliable : bool
        True where the range is at most `WIDEST_RANGE` of the people and the value lies in it.
    reason : Note, optional
        Why not.
    """

    value: float
    low: float
    high: float
    reliable: bool = True
    reason: Note | None = None


def judge(
    value: float, low: float, high: float, people: float, why_not: Note | None = None
) -> Estimate:
    """Judge whether a model's value is supported by the range that the sample allows.

    Parameters
    ----------
    value : float
        What the model says, in people or classes; nan where it says nothing.
    low, high : float
        Range without a model, nan where no population fits.
    people : float
        People of the population.
    why_not : Note, optional
        What is wrong already.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> judge(50.0, 40.0, 55.0, 100.0).reliable, judge(50.0, 10.0, 90.0, 100.0).reliable
    (True, False)
    """
    reason = why_not
    if not math.isfinite(high):
        reason = Note("no_population_fits")
        low, high = 0.0, people
    elif high - low > WIDEST_RANGE * people:
        reason = reason or Note("range_too_wide", low=low / people, high=min(high / people, 1.0))
    elif not low <= value <= high:
        reason = reason or Note("model_does_not_fit")
    return Estimate(value=value, low=low, high=high, reliable=reason is None, reason=reason)


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
