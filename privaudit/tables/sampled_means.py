"""A mean risk over a sample, put beside what the sample allows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from privaudit.measures.tables import risk
from privaudit.measures.tables.consistent_range import classes_range
from privaudit.measures.tables.estimate import Estimate, judge

__all__ = ["household_share", "matched_share"]


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
    value = float(risk.household_risk(found, household).mean())
    if not share.reliable:
        highest = float(risk.household_risk(most, household).mean())
        return Estimate(
            value=value, low=share.low, high=highest, reliable=False, reason=share.reason
        )
    low, high = (
        float(risk.household_risk(_moved_to(mean, found, most), household).mean())
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
