"""Sampled counts under overlapping sums against every count that fits, added up."""

from itertools import product
from math import factorial, gamma

import numpy as np
import pytest

from privaudit.stats.count_sampling import SoftSums, one_hard_sum_each, sampled_laws

# 48 chains of 100 draws: had each ten independent draws only, a share is off by more than this
# (three standard errors) in three cases of a thousand.
OFF = 3 * (0.25 / 480) ** 0.5


def sums_of(*given):
    """Of each sum its groups, its least value and the likelihood from there on."""
    members, low, likelihood = zip(*given, strict=True)
    return SoftSums([*map(np.array, members)], np.array(low), [*map(np.array, likelihood)])


def added_up(sums, size, most, total):
    """Bayes' rule over all counts: Poisson, the rate flat on 0 and up where no total is known."""
    laws = np.zeros((len(size), max(most) + 1))
    for counts in product(*(range(m + 1) for m in most)):
        if total is not None and sum(counts) != total:
            continue
        weight = gamma(sum(counts) + 1) / sum(size) ** (sum(counts) + 1)
        for count, homes in zip(counts, size, strict=True):
            weight *= homes**count / factorial(count)
        for groups, low, likelihood in zip(*sums, strict=True):
            at = sum(counts[g] for g in groups) - low
            weight *= likelihood[at] if 0 <= at < len(likelihood) else 0.0
        for g, count in enumerate(counts):
            laws[g, count] += weight
    return laws / laws.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("sums", "size", "most", "start", "total"),
    [
        # Nothing but the total: a binomial of 1 in 3, cut at what a group holds at most.
        (sums_of(([0, 1], 0, np.ones(6))), [1, 2], [2, 4], [1, 2], 3),
        # A sum of one value, and one with noise that shares a group with it.
        (
            sums_of(([0, 1], 2, [1.0]), ([1, 2], 1, [0.6, 0.3, 0.1])),
            [1, 3, 2], [2, 2, 3], [1, 1, 1], None,
        ),
        # The same with the total: the third group alone is outside the sum of one value.
        (
            sums_of(([0, 1], 2, [1.0]), ([1, 2, 3], 2, [0.7, 0.1, 0.2]), ([3], 0, [0.2, 0.8])),
            [1, 3, 2, 2], [2, 2, 3, 1], [1, 1, 1, 1], 4,
        ),
        # No sum of one value, no total: a group moves alone.
        (sums_of(([0, 1], 1, [0.2, 0.5, 0.3])), [2, 1], [3, 2], [1, 1], None),
        # A flat rate makes all counts alike, whatever the count at the start says of the rate.
        (sums_of(([0], 0, np.ones(6))), [3], [5], [0], None),
    ],
)  # fmt: skip
def test_laws_are_those_of_all_counts_that_fit(sums, size, most, start, total):
    laws = sampled_laws(
        sums, np.array(start), np.array(size, float), np.array(most),
        total_is_known=total is not None, rng=np.random.default_rng(5),
    )  # fmt: skip
    expected = added_up(sums, size, most, total)
    assert np.abs(laws - expected).max() < OFF
    assert (laws[expected == 0] == 0).all()


@pytest.mark.parametrize(
    ("second", "is_enough"),
    [(([1, 2], 1, [1.0]), False), (([1, 2], 1, [0.5, 0.5]), True), (([2], 1, [1.0]), True)],
)
def test_a_group_is_in_one_sum_of_a_single_value_at_most(second, is_enough):
    assert one_hard_sum_each(sums_of(([0, 1], 2, [1.0]), second), 3) is is_enough
