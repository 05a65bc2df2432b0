"""Crossing counts against every placement of every dot, one after the other."""

from itertools import product
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from privaudit.errors import ParameterError
from privaudit.stats import overlapping_counts
from privaudit.stats.overlapping_counts import crossed_counts

# Six pieces: two rows of three, three columns of two.
ROWS = ([0, 1, 2], [3, 4, 5])
COLUMNS = ([0, 3], [1, 4], [2, 5])
CROSSED = [np.array(m) for m in (*ROWS, *COLUMNS)]
# A third map lays two more areas across.
THREE = [*CROSSED, np.array([0, 4, 5]), np.array([1, 2, 3])]

seeds = st.integers(0, 2**32 - 1)


def drawn(seed, members, groups, dots, hide):
    """Counts of dots that fell on homes of groups, some of them shown as 1 or 2 only."""
    rng = np.random.default_rng(seed)
    homes = rng.integers(1, 3, groups)
    true = np.bincount(rng.integers(0, groups, dots), minlength=groups)
    sums = np.array([true[m].sum() for m in members])
    hidden = (sums > 0) & (sums < 3) & (rng.random(len(members)) < hide)
    return homes, np.where(hidden, 1.0, sums), np.where(hidden, 2.0, sums)


def fit(counts, members, low, high):
    return all(a <= counts[m].sum() <= b for m, a, b in zip(members, low, high, strict=True))


def placements(homes, members, low, high, total):
    """Mean counts, and share of placements in which the first home of a group has a dot."""
    group = np.repeat(np.arange(len(homes)), homes)
    first = np.cumsum(homes) - homes
    n, mean, has = 0, np.zeros(len(homes)), np.zeros(len(homes))
    for homes_of_dots in product(range(len(group)), repeat=total):
        counts = np.bincount(group[list(homes_of_dots)], minlength=len(homes))
        if fit(counts, members, low, high):
            n += 1
            mean += counts
            has += np.isin(first, homes_of_dots)
    return mean / n, has / n


@given(seeds, st.integers(0, 4), st.sampled_from([0.0, 0.7]), st.sampled_from([2, 3]))
def test_every_placement_of_a_known_number_of_dots(seed, dots, hide, maps):
    members = {2: CROSSED, 3: THREE}[maps]
    homes, low, high = drawn(seed, members, 6, dots, hide)
    homes = np.minimum(homes, [1, 2, 1, 2, 1, 1])  # at most 8**4 placements
    found = crossed_counts(members, low, high, homes.astype(float), total=dots)
    mean, has = placements(homes, members, low, high, dots)
    np.testing.assert_allclose(found.expected, mean, atol=1e-9)
    np.testing.assert_allclose(found.has_dot, has, atol=1e-9)
    assert found.exact.all()


@given(seeds, st.integers(1, 7))
def test_pieces_that_only_a_total_ties_together(seed, dots):
    """Two crossings side by side, hidden counts in both: the total bears on either."""
    members = [np.array(m) + k for k in (0, 4) for m in ([0, 1], [2, 3], [0, 2], [1, 3])]
    homes, low, high = drawn(seed, members, 8, dots, 0.9)
    found = crossed_counts(members, low, high, homes.astype(float), total=dots)
    mean, has = weighed(homes, members, low, high, 1.0, total=dots)[:2]
    np.testing.assert_allclose(found.expected, mean, atol=1e-9)
    np.testing.assert_allclose(found.has_dot, has, atol=1e-9)


def weighed(homes, members, low, high, rate, total=None):
    """By the counts of each group: (rate homes)**n / n! each; and the likelihood of the rate."""
    top = [int(min(b for m, b in zip(members, high, strict=True) if g in m))
           for g in range(len(homes))]  # fmt: skip
    weight = mean = has = 0.0
    for counts in map(np.array, product(*(range(t + 1) for t in top))):
        if fit(counts, members, low, high) and total in (None, counts.sum()):
            pairs = zip(homes, counts, strict=True)
            w = np.prod([(rate * h) ** n / factorial(n) for h, n in pairs])
            weight += w
            mean += w * counts
            has += w * (1 - (1 - 1 / homes) ** counts)
    return mean / weight, has / weight, weight * np.exp(-rate * homes.sum())


@settings(max_examples=15)
@given(seeds, st.integers(1, 5))
def test_without_a_total_the_likeliest_number_of_dots_a_home_is_taken(seed, dots):
    members = [np.array(m) for m in ([0, 1], [2, 3], [0, 2], [1, 3])]
    homes, low, high = drawn(seed, members, 4, dots, 0.8)
    found = crossed_counts(members, low, high, homes.astype(float))

    def unlikely(log_rate):
        return -np.log(weighed(homes, members, low, high, np.exp(log_rate))[2])

    rate = np.exp(minimize_scalar(unlikely, bounds=(-6, 3), options={"xatol": 1e-9}).x)
    mean, has = weighed(homes, members, low, high, rate)[:2]
    np.testing.assert_allclose(found.expected, mean, atol=1e-4)
    np.testing.assert_allclose(found.has_dot, has, atol=1e-4)


@settings(max_examples=15)
@given(seeds, st.integers(1, 12))
def test_what_takes_too_many_steps_is_said_and_keeps_the_counts(seed, dots):
    rng = np.random.default_rng(seed)
    true = rng.multinomial(dots, np.full(6, 1 / 6))
    sums = np.array([float(true[m].sum()) for m in CROSSED])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlapping_counts, "MOST_STEPS", 0)
        found = crossed_counts(CROSSED, sums, sums, np.ones(6))
    known = found.low == found.high
    assert np.array_equal(found.exact, known)
    assert ((found.has_dot >= 0) & (found.has_dot <= 1)).all()
    for rows, count in zip(CROSSED, sums, strict=True):
        assert found.expected[rows].sum() == pytest.approx(count, abs=1e-3)


def test_one_map_is_right_either_way(monkeypatch):
    """Three dots on five homes miss a given one with probability (4/5)**3."""
    arguments = [np.array([0, 1])], np.array([3.0]), np.array([3.0]), np.array([1.0, 4.0])
    for _ in range(2):
        found = crossed_counts(*arguments)
        np.testing.assert_allclose(found.expected, [0.6, 2.4])
        np.testing.assert_allclose(found.has_dot, 1 - 0.8**3)
        monkeypatch.setattr(overlapping_counts, "MOST_STEPS", 0)
    assert not found.exact.any()


def test_bounds_may_leave_a_hole_that_no_whole_counts_fill():
    """Three pairs of three groups, one dot each: halves fit, whole counts do not."""
    pairs = [np.array(m) for m in ([0, 1], [1, 2], [0, 2])]
    with pytest.raises(ParameterError, match="fit together"):
        crossed_counts(pairs, np.ones(3), np.ones(3), np.ones(3))


def noisy(seed, dots, *, total):
    """Six pieces, sums with any likelihood: posterior mean, chance of a dot and law, by hand."""
    rng = np.random.default_rng(seed)
    homes = rng.integers(1, 4, 6)
    true = rng.multinomial(dots, homes / homes.sum())
    sums = np.array([true[m].sum() for m in CROSSED])
    low = np.maximum(sums - rng.integers(0, 3, 5), 0).astype(float)
    high = sums + rng.integers(0, 3, 5).astype(float)
    weights = [rng.random(int(b - a) + 1) + 0.1 for a, b in zip(low, high, strict=True)]
    top = [int(min(b for m, b in zip(CROSSED, high, strict=True) if g in m)) for g in range(6)]
    laws, has = np.zeros((6, max(top) + 1)), np.zeros(6)
    for counts in map(np.array, product(*(range(t + 1) for t in top))):
        if counts.sum() != total or not fit(counts, CROSSED, low, high):
            continue
        pairs = zip(homes, counts, strict=True)
        w = np.prod([h**n / factorial(n) for h, n in pairs])
        for m, a, one in zip(CROSSED, low, weights, strict=True):
            w *= one[int(counts[m].sum() - a)]
        laws[np.arange(6), counts] += w
        has += w * (1 - (1 - 1 / homes) ** counts)
    return homes, low, high, weights, laws / laws[0].sum(), has / laws[0].sum()


@settings(max_examples=12)
@given(seeds, st.integers(1, 4))
def test_noise_is_weighed_by_its_likelihood(seed, dots):
    homes, low, high, weights, laws, has = noisy(seed, dots, total=dots)
    found = crossed_counts(CROSSED, low, high, homes.astype(float), total=dots, weights=weights)
    np.testing.assert_allclose(found.expected, laws @ np.arange(laws.shape[1]), atol=1e-9)
    np.testing.assert_allclose(found.has_dot, has, atol=1e-9)
    for law, first, last in zip(laws, found.likely_low, found.likely_high, strict=True):
        assert law[first : last + 1].sum() >= 0.95 - 1e-9
        # No shorter run has as much.
        width = last - first
        assert all(law[k : k + width].sum() < 0.95 for k in range(len(law)))


# Seed 5 leaves nothing open.
@pytest.mark.parametrize("seed", range(5))
def test_sampled_counts_agree_with_every_placement(seed, monkeypatch):
    homes, low, high, weights, laws, has = noisy(seed, 4, total=4)
    monkeypatch.setattr(overlapping_counts, "MOST_STEPS", 0)
    found = crossed_counts(CROSSED, low, high, homes.astype(float), total=4, weights=weights)
    open_ = ~found.exact
    assert open_.any()
    # 4,800 draws in 48 chains: a standard error of .03 dots at most where 200 are independent.
    mean = laws @ np.arange(laws.shape[1])
    np.testing.assert_allclose(found.expected[open_], mean[open_], atol=0.1)
    np.testing.assert_allclose(found.has_dot[open_], has[open_], atol=0.06)


@pytest.mark.parametrize("seed", range(3))
def test_sampled_counts_without_a_total_agree_with_exact_ones(seed, monkeypatch):
    """One map of 40 groups: sampled, the rate has a distribution; exact, its best value."""
    rng = np.random.default_rng(seed)
    true = rng.poisson(3.0, 40)
    members = [np.array([g]) for g in range(40)] + [np.arange(40)]
    low = np.append(np.maximum(true - 3, 0), max(true.sum() - 4, 0)).astype(float)
    high = np.append(true + 3, true.sum() + 4).astype(float)
    weights = [np.ones(int(b - a) + 1) for a, b in zip(low, high, strict=True)]
    exact = crossed_counts(members, low, high, np.ones(40), weights=weights)
    assert exact.exact.all()
    monkeypatch.setattr(overlapping_counts, "MOST_STEPS", 0)
    found = crossed_counts(members, low, high, np.ones(40), weights=weights)
    np.testing.assert_allclose(found.expected, exact.expected, atol=0.15)
