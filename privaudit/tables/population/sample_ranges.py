"""Model-free ranges of population uniques and classes from a sample, by linear programming.

Under Bernoulli (or, for a large population, simple random) sampling at a rate pi, the expected
number of sample classes of size j is sum_F S_F Bin(j; F, pi), with S_F the unknown number of
population classes of size F. Any S_F >= 0 that puts each of the first expected numbers inside its
own interval is consistent with the sample. The least and the greatest value of a linear function
of S_F over all of these is a confidence interval that needs no model of class sizes (the
linear-programming approach of Efron and Thisted 1976 to unseen species, applied to uniques).

- A mean risk over a sample, put beside what the sample allows.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints, error_message, in_range
from privaudit.core.policy import LOWEST_RATE
from privaudit.errors import ParameterError
from privaudit.tables import equivalence_classes
from privaudit.tables.population.individual_risk import Estimate, judge

# Numbers of classes of size 1 to 12 carry what there is to know of small classes.
_SIZES = 12


def uniques_range(
    size: ArrayLike, sampling_fraction: float, *, below: int = 2, level: float = 0.95
) -> tuple[float, float]:
    """Return the range of population uniques that is consistent with the sample's class sizes.

    Parameters
    ----------
    size : int, shape (m,)
        Sizes of the sample's classes.
    sampling_fraction : float
        pi, in (0, 1].
    below : int
        People in classes of the population of fewer than so many; 2 for uniques.
    level : float
        Joint confidence over the class sizes used (Bonferroni), in (0, 1).

    Returns
    -------
    low, high : float
        In [0, N]; nan where no population could give this file as a random sample.

    Examples
    --------
    >>> uniques_range([1, 1, 2], 1.0)
    (2.0, 2.0)
    >>> low, high = uniques_range([1] * 500 + [2] * 30, 0.1)
    >>> low < 3000 < high  # a tenth of the people: next to nothing is known
    True
    """
    f, counts = _sample("uniques_range", size, sampling_fraction, level)
    sizes = np.asarray(size)
    if f == 1:
        exact = float(sizes[sizes < below].sum())
        return exact, exact
    people = float(sizes.sum()) / f
    of_size = np.arange(1.0, max(_longest(f), below) + 1)
    low, high = _extremes(np.where(of_size < below, of_size, 0.0), counts, f, level)
    return min(low, people), min(high, people)


def classes_range(
    size: ArrayLike, sampling_fraction: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Return the range of population classes that is consistent with the sample's class sizes.

    The classes seen, plus those that left no record in the sample: S_F (1 - pi)**F of each size,
    give or take two standard deviations.

    Parameters
    ----------
    size, sampling_fraction, level : array_like
        As for `uniques_range`.

    Returns
    -------
    low, high : float
        From the classes of the sample to N; nan as there.

    Examples
    --------
    >>> classes_range([1, 1, 2], 1.0)
    (3.0, 3.0)
    """
    f, counts = _sample("classes_range", size, sampling_fraction, level)
    observed = float(len(np.asarray(size)))
    if f == 1:
        return observed, observed
    people = float(np.asarray(size).sum()) / f
    unseen = np.power(1 - f, np.arange(1.0, _longest(f) + 1))
    low, high = _extremes(unseen, counts, f, level)
    most = high + 2 * math.sqrt(high) + 4
    return observed + max(0.0, low - 2 * math.sqrt(low)), min(
        observed + most, max(people, observed)
    )


def people_range(records: float, sampling_fraction: float) -> tuple[float, float]:
    """Return the range of population sizes for a file whose records were drawn at a rate.

    The rate is told, and not how many people there are: of N people N pi are drawn, give or take
    1.96 standard deviations of a coin toss each.

    Parameters
    ----------
    records : float
        Records of the file.
    sampling_fraction : float
        In (0, 1].

    Returns
    -------
    low, high : float
        From the records up.

    Examples
    --------
    >>> low, high = people_range(1_000, 0.05)
    >>> round(low), round(high)
    (18792, 21208)
    """
    half = 1.96 * math.sqrt(records * (1 - sampling_fraction))
    return (
        max(records - half, records * sampling_fraction) / sampling_fraction,
        (records + half) / sampling_fraction,
    )


def _sample(who: str, size: ArrayLike, fraction: float, level: float) -> tuple[float, Ints]:
    """Check the sample; return its rate, and its number of classes of each small size."""
    f = in_range(who, "sampling_fraction", fraction, 0, 1, open_low=True)
    in_range(who, "level", level, 0, 1, open_low=True, open_high=True)
    sizes = np.asarray(size, dtype=np.int64)
    if sizes.ndim != 1 or not len(sizes) or sizes.min() < 1:
        raise ParameterError(
            error_message(who, "class sizes of 1 or more", "none, or a smaller one")
        )
    return f, np.bincount(np.minimum(sizes, _SIZES + 1), minlength=_SIZES + 2)[1 : _SIZES + 1]


def _longest(f: float) -> int:
    """Return the class size beyond which a class never leaves 12 or fewer in the sample."""
    return math.ceil((_SIZES + 8 * math.sqrt(_SIZES) + 20) / max(f, LOWEST_RATE))


def _extremes(objective: Floats, counts: Ints, f: float, level: float) -> tuple[float, float]:
    """Return the least and greatest value of a linear function of the class numbers."""
    from scipy.optimize import linprog
    from scipy.stats import binom, chi2

    # Exact Poisson intervals: a sum of unequal coin tosses is never more spread than a Poisson.
    tail = (1 - level) / (2 * _SIZES)
    least = np.where(counts > 0, chi2.ppf(tail, 2 * np.maximum(counts, 1)) / 2, 0.0)
    most = chi2.ppf(1 - tail, 2 * counts + 2) / 2
    if f < LOWEST_RATE:
        # What was seen once says at most how many there are of size one: nothing else is known.
        # For unseen classes the same, each being worth at most (1 - pi) / pi of a sample unique.
        return 0.0, math.inf if objective[1] > 1 else float(most[0] * objective[0] / f)
    chance = binom.pmf(np.arange(1, _SIZES + 1)[:, None], np.arange(1, len(objective) + 1), f)
    scale = most[:, None]
    limits = np.concatenate([np.ones(_SIZES), -least / most])
    rows = np.vstack([chance / scale, -chance / scale])
    ends = []
    for sign in (1.0, -1.0):
        answer = linprog(sign * objective, A_ub=rows, b_ub=limits, method="highs")
        if answer.status == 2:
            # No population at all: the file is no random sample of its population.
            return math.nan, math.nan
        ends.append(sign * answer.fun if answer.status == 0 else (0.0 if sign > 0 else math.inf))
    # The negative of nothing is not written with a sign.
    return max(float(ends[0]), 0.0), float(ends[1]) + 0.0


def household_share(
    share: Estimate,
    found: NDArray[np.float64],
    most: NDArray[np.float64],
    household: NDArray[np.int64],
) -> Estimate:
    """Put the mean risk of households beside the range that the risk of people leaves it.

    The risks of all records are raised, or lowered, by one factor until their mean is at either
    end of its range, none above 1 / f. Where that range is no use, a home is found at least as
    often as its members are, and at most as often as with F = f.
    """
    value = float(equivalence_classes.household_risk(found, household).mean())
    if not share.reliable:
        highest = float(equivalence_classes.household_risk(most, household).mean())
        return Estimate(
            value=value, low=share.low, high=highest, reliable=False, reason=share.reason
        )
    low, high = (
        float(equivalence_classes.household_risk(_moved_to(mean, found, most), household).mean())
        for mean in (share.low, share.high)
    )
    return judge(value, min(low, value), max(high, value), 1.0)


def _moved_to(
    mean: float, found: NDArray[np.float64], most: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Multiply risks by one factor, none above its bound, until they have a mean."""
    low, high = 0.0, 1.0
    while np.minimum(high * found, most).mean() < mean and high < 1e9:
        high *= 2
    for _ in range(50):
        factor = (low + high) / 2
        below = np.minimum(factor * found, most).mean() < mean
        low, high = (factor, high) if below else (low, factor)
    return np.minimum(high * found, most)


def matched_share(
    value: float, class_sizes: NDArray[np.int64], n: int, most: float, rate: float
) -> Estimate:
    """Put the mean of 1 / F over the file beside what the sample allows.

    Under a common rate its expectation is (classes of the population) / (people), which has a
    range without any model; a class adds f / F, whose variance is at most pi, to the sum.
    """
    people = n / rate
    low, high = classes_range(class_sizes, rate)
    if rate == 1:
        low = high = float(len(class_sizes))
    noise = 2 * math.sqrt(rate * (1 - rate) * high) / rate if high == high else 0.0
    # With the whole population in the file the range is one number, and a mean of fractions
    # misses it by its last digit.
    noise += 1e-9 * people
    found = judge(value * people, max(low - noise, 0.0), high + noise, people)
    return replace(
        found,
        value=value,
        low=min(max(found.low / people, 0.0), value),
        high=max(min(found.high / people, most), value) if found.reliable else most,
    )
