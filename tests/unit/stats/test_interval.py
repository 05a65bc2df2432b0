"""Intervals: textbook bounds, coverage, and what happens at the ends."""

import math

import numpy as np
import pytest
from scipy.stats import binom, t

from privaudit.errors import ParameterError
from privaudit.stats.intervals import (
    binomial_quantile,
    bootstrap_mean,
    difference_of_groups,
    difference_of_shares,
    effective_n,
    groups_worth,
    mean_of_groups,
    one_more_group,
    percentile,
    residual,
    share_of_groups,
    two_stage_variance,
    variance_worth,
    wilson,
)


def test_wilson_has_the_textbook_bounds():
    # 5 of 10 (Agresti and Coull 1998 print .237 to .763) and, at 0 of n, z^2 / (n + z^2).
    low, high = wilson(0.5, 10)
    assert (round(low, 4), round(high, 4)) == (0.2366, 0.7634)
    low, high = wilson(0.0, 10)
    assert low == 0.0
    assert high == pytest.approx(3.841458820694124 / 13.841458820694124)
    low, high = wilson(1.0, 10)
    assert high == 1.0
    assert low == pytest.approx(10 / 13.841458820694124)


def test_wilson_knows_nothing_of_nobody_and_works_on_arrays():
    assert wilson(0.3, 0) == (0.0, 1.0)
    low, high = wilson(np.array([0.5, 0.2]), np.array([10, 0]))
    assert low.shape == high.shape == (2,)
    assert (low[1], high[1]) == (0.0, 1.0)


def test_wilson_narrows_with_a_lower_level():
    assert wilson(0.4, 50, 0.8)[0] > wilson(0.4, 50, 0.95)[0]


@pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
def test_wilson_covers_a_mean_of_fractions(p):
    # Values 0, 1/2 or 1 with mean p: less spread than yes and no, so coverage stays above.
    rng = np.random.default_rng(3)
    draws = rng.binomial(2, p, size=(4000, 80)) / 2
    low, high = wilson(draws.mean(axis=1), 80)
    assert np.mean((low <= p) & (p <= high)) >= 0.95


def test_effective_n_of_pairs_by_hand():
    # Deviations of .5; cluster sums 1: (4 x 1 x 4/3) / 8 = 2/3 over (8 x .25) / 7 = 2/7,
    # a design effect of 7/3.
    values, homes = [1, 1, 0, 0, 1, 1, 0, 0], [0, 0, 1, 1, 2, 2, 3, 3]
    assert effective_n(values, homes) == pytest.approx(8 / (7 / 3))


def test_effective_n_never_exceeds_people_and_falls_back_on_clusters():
    assert effective_n([1, 0, 1, 0], ["a", "a", "b", "b"]) == 4.0
    assert effective_n([0, 0, 0, 0], ["a", "a", "b", "b"]) == 2.0
    assert effective_n([0.1] * 6, [1, 1, 1, 2, 2, 2]) == 2.0
    assert effective_n([1, 0, 1], [5, 5, 5]) == 1.0
    assert effective_n([], []) == 0.0
    assert effective_n([1, 0, 1], [1, 2, 3]) == 3.0


def test_effective_n_matches_the_design_effect_of_equal_clusters():
    # Kish: deff = 1 + (size - 1) x correlation; homes of four, correlation .5, deff 2.5.
    rng = np.random.default_rng(5)
    homes = np.repeat(np.arange(20_000), 4)
    shared = rng.normal(size=20_000)[homes]
    values = np.sqrt(0.5) * shared + np.sqrt(0.5) * rng.normal(size=80_000)
    assert 80_000 / effective_n(values, homes) == pytest.approx(2.5, rel=0.03)


def test_residual_is_the_share_left_by_the_control():
    value, low, high = residual(0.6, 0.2, 100)
    assert value == pytest.approx(0.5)
    assert low < value < high


def test_residual_of_attack_equal_to_control_is_nought_inside_its_interval():
    value, low, high = residual(0.3, 0.3, 200)
    assert value == pytest.approx(0)
    assert low < 0 < high


def test_residual_at_the_ends():
    assert all(math.isnan(v) for v in residual(0.5, 1.0, 50))
    value, low, high = residual(1.0, 0.0, 50)
    assert (value, high) == (1.0, 1.0)
    assert 0.9 < low < 1
    value, low, high = residual(0.0, 0.0, 50)
    assert value == 0
    assert low < 0 < high
    assert residual(0.9, 0.95, 0)[1] == -math.inf


def test_residual_works_on_arrays():
    value, low, high = residual(np.array([0.6, 0.5]), np.array([0.2, 1.0]), 100)
    assert value[0] == pytest.approx(0.5)
    assert np.isnan([value[1], low[1], high[1]]).all()


@pytest.mark.parametrize(("a", "c", "n"), [(0.05, 0.01, 200), (0.6, 0.3, 80), (0.95, 0.1, 60)])
def test_residual_interval_covers(a, c, n):
    # 95 % nominal; 10,000 draws have a standard error of .2 points, discreteness some more.
    rng = np.random.default_rng(8)
    attack, control = rng.binomial(n, a, 10_000) / n, rng.binomial(n, c, 10_000) / n
    _, low, high = residual(attack, control, n)
    truth = (a - c) / (1 - c)
    assert np.mean((low <= truth) & (truth <= high)) > 0.935


def test_bootstrap_agrees_with_the_normal_interval():
    rng = np.random.default_rng(1)
    values = rng.normal(100, 20, 400)
    low, high = bootstrap_mean(values, np.random.default_rng(2))
    half = 1.96 * values.std(ddof=1) / 20
    assert low == pytest.approx(values.mean() - half, abs=0.35)
    assert high == pytest.approx(values.mean() + half, abs=0.35)


def test_bootstrap_of_clusters_is_wider_and_of_nothing_unknown():
    values, homes = np.repeat([1.0, 5.0, 2.0, 8.0, 3.0, 4.0], 50), np.repeat(np.arange(6), 50)
    alone = bootstrap_mean(values, np.random.default_rng(2))
    together = bootstrap_mean(values, np.random.default_rng(2), clusters=homes)
    assert together[1] - together[0] > 3 * (alone[1] - alone[0])
    assert 1 <= together[0] < values.mean() < together[1] <= 8
    # A home of 98 people at 1 and two of one person at 0: means lie between 0 and 1.
    low, high = bootstrap_mean(
        [1.0] * 98 + [0, 0], np.random.default_rng(2), clusters=[0] * 98 + [1, 2]
    )
    assert (low, high) == (0.0, 1.0)
    assert all(math.isnan(v) for v in bootstrap_mean([], np.random.default_rng(2)))


def test_a_count_in_place_of_a_share_is_refused():
    with pytest.raises(ParameterError, match="Divide the count"):
        wilson(45, 47)
    with pytest.raises(ParameterError, match="mean of values"):
        wilson(np.array([0.5, -0.1]), 10)


def test_groups_that_differ_count_for_as_many_people_as_their_variance_says():
    """Ten groups of .1 and ten of .3, by hand.

    Variance .2 / 19, of the mean .2 / 380; .16 over it is 304 people. Student's t of 19 degrees is
    2.093024 for 1.959964: times .876896 these are 266.576. Wilson of .2 among so many is centre
    .2042617, half .0478653. Twenty people of 100 are found: their number is no limit.
    """
    for people in (1_000, 100):
        found = share_of_groups([0.1] * 10 + [0.3] * 10, people)
        assert found == pytest.approx((0.156396, 0.252127), abs=2e-6)


def test_where_hardly_anybody_is_found_a_mean_is_worth_no_more_than_its_people():
    """Half a person of 200 in one group of twenty, by hand.

    Mean .0025, its variance (.0025 - 20 * .0025^2) / 380 = 6.25e-6: worth 399 people, times
    .876896 350, but 200 are there. Wilson of .0025 among 200 is centre .0118755, half .0116145.
    """
    found = share_of_groups([0.05] + [0.0] * 19, 200)
    assert found == pytest.approx((0.000261, 0.023490), abs=2e-6)


def test_weights_are_those_of_a_ratio_of_totals():
    """Three towns of 10, 20 and 30 people of whom 2, 8 and 18 are found, by hand.

    Mean 28 / 60; sum of w^2 (v - m)^2 is (1/6)^2 (4/15)^2 + (1/3)^2 (1/15)^2 + (1/2)^2 (2/15)^2
    = .00691358; over 1 - 14/36 it is .0113131. .2488889 over it is 22 people, and t of 36/14 - 1
    degrees is 5.648191: times .120413 these are 2.6491.
    """
    assert groups_worth([0.2, 0.4, 0.6], 60, [10, 20, 30]) == pytest.approx(2.6491, abs=1e-4)


def test_intervals_of_groups_by_hand():
    """1, 2, 3: deviation 1, t of two degrees 4.302653, over the root of three, or of 4 / 3."""
    assert mean_of_groups([1, 2, 3]) == pytest.approx((2 - 2.484138, 2 + 2.484138), abs=1e-6)
    assert one_more_group([1, 2, math.nan, 3]) == pytest.approx(
        (2 - 4.968275, 2 + 4.968275), abs=1e-6
    )
    assert all(math.isnan(end) for end in (*mean_of_groups([1.0]), *share_of_groups([0.1], 9)))


def test_one_more_of_groups_that_are_all_alike_may_have_some():
    """Nobody of 60 in three towns, by the law of one more of 20: beta functions by hand.

    Of k: C(20, k) B(k + 1/2, 80.5 - k) / B(1/2, 60.5); within .975 are k = 0 and 1.
    """

    def beta(a, b):
        return math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))

    chance = [math.comb(20, k) * beta(k + 0.5, 80.5 - k) / beta(0.5, 60.5) for k in range(21)]
    most = next(k for k in range(21) if sum(chance[: k + 1]) >= 0.975)
    assert 1 <= most <= 2
    assert one_more_group([0.0] * 3, [20] * 3) == pytest.approx((0, most / 20))
    assert one_more_group([1.0] * 3, [20] * 3) == pytest.approx((1 - most / 20, 1))
    # What is no share of people has no such law, and towns that differ show their spread.
    assert one_more_group([0.0] * 3) == (0, 0)
    assert one_more_group([1, 2, 3], [9] * 3) == one_more_group([1, 2, 3])
    assert all(math.isnan(end) for end in one_more_group([0.0, 0.0], [0, 0]))


def test_one_more_of_rare_finds_lies_in_the_range_of_towns_without_any():
    rng = np.random.default_rng(5)
    held = []
    for rate in rng.uniform(0, 0.05, 4_000):
        if not rng.binomial(37, rate, 3).any():
            high = one_more_group([0.0] * 3, [37] * 3)[1]
            held.append(rng.binomial(37, rate) <= high * 37 + 1e-9)
    assert len(held) > 500
    assert np.mean(held) >= 0.95


def test_a_mean_over_groups_weighs_each_in_its_interval_too():
    """Halves and two quarters of 0, 1 and 1: variance (1/4 + 1/16 + 1/16) / 4 / (1 - 3/8)."""
    low, high = mean_of_groups([0.0, 1.0, math.nan, 1.0], [20, 10, 5, 10])
    half = t.ppf(0.975, 8 / 3 - 1) * math.sqrt(0.15)
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half))


@pytest.mark.parametrize("n", [1, 2, 5, 40, 999, 100_000])
@pytest.mark.parametrize("p", [0.0, 0.01, 0.5, 0.9, 0.99, 1.0])
def test_quantiles_of_heads_are_those_of_scipy(n, p):
    for share in (0.005, 0.025, 0.05, 0.95, 0.975, 0.995):
        assert binomial_quantile(share, n, p) == binom.ppf(share, n, p)
    assert binomial_quantile(0.975, 0, 0.5) == 0


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [
        ((56, 48), (70, 80), 0.0524, 0.3339), ((9, 3), (10, 10), 0.1705, 0.8090),
        ((6, 2), (7, 7), 0.0582, 0.8062), ((5, 0), (56, 29), -0.0381, 0.1926),
        ((10, 0), (10, 20), 0.6791, 1.0), ((10, 0), (10, 10), 0.6075, 1.0),
    ],
)  # fmt: skip
def test_differences_of_two_shares_are_those_of_newcombe(found, of, low, high):
    """Newcombe (1998), table II, method 10."""
    one, other = ((k / n, *wilson(k / n, n)) for k, n in zip(found, of, strict=True))
    assert difference_of_shares(one, other) == pytest.approx((low, high), abs=5e-5)


def test_few_who_differ_are_five_and_no_more():
    """Ten people in each of four groups; t of three degrees is 3.182446."""
    # Five: as many matched pairs, half a person more in each cell of 42.
    more, fewer = 5.5 / 42, 0.5 / 42
    half = 3.182446 * math.sqrt((more + fewer - (more - fewer) ** 2) / 42)
    value, low, high = difference_of_groups([0.1, 0.1, 0.2, 0.1], [0.0] * 4, [10] * 4)
    assert (value - low, high - value) == pytest.approx((half, half), abs=1e-6)
    # Six, two of whom the other way: the groups' own variance, (.05^2 x 2 + .15^2 x 2) / 12.
    value, low, high = difference_of_groups([0.1, 0.1, 0.2, 0.0], [0, 0, 0, 0.2], [10] * 4)
    square = np.square(np.array([0.1, 0.1, 0.2, -0.2]) - 0.05).sum() / 12
    half = 3.182446 * math.sqrt(square)
    assert (value - low, high - value) == pytest.approx((half, half), abs=1e-6)


def test_groups_that_differ_alike_are_two_shares_of_all_their_people():
    found = difference_of_groups([0.5, 0.4], [0.4, 0.3], [10, 10])
    one, other = ((m, *wilson(m, 20)) for m in (0.45, 0.35))
    assert found == pytest.approx((0.1, *difference_of_shares(one, other)))


def test_groups_of_which_one_value_is_known_or_nobody_is_there_are_left_out():
    found = difference_of_groups([0.5, 0.4, 0.9, math.nan], [0.2, 0.3, 0.1, 0.1], [5, 5, 0, 5])
    assert found == pytest.approx(difference_of_groups([0.5, 0.4], [0.2, 0.3], [5, 5]))
    one = difference_of_groups([0.5, 0.4], [0.2, math.nan], [5, 5])
    assert all(math.isnan(end) for end in one)


@pytest.mark.parametrize("turned", [False, True])
def test_where_two_people_are_found_or_missed_a_share_is_worth_its_people_alone(turned):
    for found, worth in ((1, 200), (2, 200), (3, 300), (4, 400)):
        mean = 1 - found / 200 if turned else found / 200
        assert variance_worth(mean, 1e-8, 200) == pytest.approx(worth)
        assert variance_worth(mean, 0.0, 200) == 200
    assert groups_worth([0.3, 0.3], 50) < groups_worth([0.3, 0.3], 100)
    assert math.isnan(groups_worth([0.3], 50))


def test_two_stages_by_hand():
    # One of several: nothing is known of how people differ; draws 1 and 0: .5 x .5 / 2.
    assert two_stage_variance([[1.0, 0.0]], 0.5) == pytest.approx(0.125)
    # A fifth of the people: .8 of .5 / 2, and a fifth of a mean .25 / 4.
    assert two_stage_variance([[1.0, 1.0], [0.0, 0.0], [1.0, 0.0]], 0.2) == pytest.approx(
        0.8 * 0.25 / 3 + 0.2 * (0.5 / 3) / 6
    )


def test_a_percentile_is_that_of_the_rank_whatever_rounding_does():
    assert 0.07 * 100 > 7
    assert percentile(np.arange(1, 101), 0.07).value == 7
    assert percentile([9.0, math.nan, 5.0], 1e-12).value == 5
    # The ranks at which a binomial law leaves .025 on either side.
    low, high = binom.ppf([0.025, 0.975], 100, 0.04)
    found = percentile(np.arange(1.0, 101), 0.04)
    assert found == (4, low, high + 1)
