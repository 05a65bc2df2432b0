"""Reliability: bins counted by hand, order of rows, an adversary that is right or too sure."""

import math

import numpy as np
import pytest
from scipy import stats

from privaudit.stats.calibration import (
    calibration_gap,
    chance_error,
    expected_calibration_error,
    mean_roc_area,
    reliability,
    roc_area,
    roc_placements,
    trusted,
)
from privaudit.stats.intervals import wilson


def test_bins_by_hand():
    curve = reliability([0.2, 0.2, 0.4, 0.8], [0, 1, 0, 1], bins=2)
    assert curve.confidence.tolist() == pytest.approx([0.2, 0.6])
    assert curve.observed.tolist() == [0.5, 0.5]
    assert curve.n.tolist() == [2, 2]
    assert (curve.low[0], curve.high[0]) == wilson(0.5, 2)


def test_equal_confidences_share_a_bin_whatever_the_order():
    sure = np.array([0.5] * 50 + [0.9] * 7)
    true = np.r_[np.ones(20), np.zeros(30), np.ones(7)]
    curve = reliability(sure, true, bins=10)
    assert curve.n.tolist() == [50, 7]
    order = np.random.default_rng(0).permutation(57)
    again = reliability(sure[order], true[order], bins=10)
    assert all(np.allclose(a, b) for a, b in zip(curve, again, strict=True))


def test_bins_hold_about_the_same_number():
    rng = np.random.default_rng(1)
    assert set(reliability(rng.random(1000), rng.random(1000) < 0.5).n) == {100}


def test_error_of_a_calibrated_and_of_a_boastful_adversary():
    rng = np.random.default_rng(4)
    sure = rng.random(50_000)
    true = rng.random(50_000) < sure
    # Chance alone: about sqrt(2 / pi) x sqrt(mean p(1 - p) / 5,000) = .0046.
    assert expected_calibration_error(sure, true) < 0.01
    assert expected_calibration_error(np.ones(100), np.zeros(100)) == 1.0
    assert expected_calibration_error(np.minimum(1, sure + 0.3), true) > 0.2


def test_nothing_to_compare():
    assert math.isnan(expected_calibration_error([], []))
    assert math.isnan(chance_error([]))
    assert all(math.isnan(part) for part in calibration_gap([], []))
    assert len(reliability([], []).n) == 0


@pytest.mark.parametrize(
    ("right", "of", "moved", "unsure"),
    [(0, 0, 0.0, 0.0), (7, 12, 0.0, 0.3), (10, 36, 0.5, 0.1), (60, 100, -0.4, 0.4)],
)
def test_trust_is_bayes_rule_over_an_even_range_with_tails(right, of, moved, unsure):
    rng, n = np.random.default_rng(3), 400_000
    # The law drawn, and weighed by how likely the cases are: another way than a grid.
    start, stop = np.log(np.array([0.55, 0.71]) / np.array([0.45, 0.29]))
    inside = rng.uniform(0.55, 0.71, n)
    beyond = (stop - start) / 2 * rng.exponential(size=n)
    which = rng.random(n)
    drawn = np.log(inside / (1 - inside))
    drawn = np.where(which < 0.025, start - beyond, np.where(which > 0.975, stop + beyond, drawn))
    share = 1 / (1 + np.exp(-drawn - moved - unsure * rng.standard_normal(n)))
    weight = stats.binom.pmf(right, of, share)
    order = np.argsort(share)
    reached = np.cumsum(weight[order]) / weight.sum()
    ends = share[order][np.searchsorted(reached, [0.025, 0.975])]
    found = trusted(0.55, 0.71, right, of, moved=moved, unsure=unsure)
    assert found.value == pytest.approx(np.average(share, weights=weight), abs=0.003)
    assert (found.low, found.high) == pytest.approx(tuple(ends), abs=0.01)
    assert (found.right, found.of) == (right, of)


def test_who_shows_themselves_more_readily_widens_a_range_however_many_were_seen():
    # Of 12,000 who are right two thirds show themselves, of 8,000 who are not all do: .5 is seen
    # where .6 is so. The other way round it is where .4 is.
    seen = trusted(0.1, 0.9, 8_000, 16_000, readily=1.5)
    assert seen.value == pytest.approx(0.5, abs=0.001)
    assert (seen.low, seen.high) == pytest.approx((0.4, 0.6), abs=0.002)
    assert trusted(0.1, 0.9, 8_000, 16_000).high == pytest.approx(0.508, abs=0.002)


def test_placements_are_shares_of_pairs_with_ties_half():
    """By their definition, DeLong et al. (1988): each positive beside each negative."""
    rng = np.random.default_rng(4)
    positive, negative = rng.integers(0, 6, 30).astype(float), rng.integers(0, 6, 17).astype(float)
    pair = (positive[:, None] > negative) + (positive[:, None] == negative) / 2
    above, below = roc_placements(positive, negative)
    assert above == pytest.approx(pair.mean(axis=1))
    assert below == pytest.approx(pair.mean(axis=0))


def test_a_gap_by_hand():
    # Two bins of 8 and 2: gaps .25 and .4; chance of each sqrt(2 p (1 - p) / (pi n)).
    gap = calibration_gap([0.5] * 8 + [0.9] * 2, [1, 0, 1, 1] * 2 + [1, 0])
    chance = 0.8 * math.sqrt(0.5 / (8 * math.pi)) + 0.2 * math.sqrt(0.18 / (2 * math.pi))
    error = 1.959964 * math.sqrt(0.64 * 0.1875 / 8 + 0.04 * 0.25 / 2)
    assert (gap.value, gap.chance) == pytest.approx((0.28, chance))
    assert (gap.low, gap.high) == pytest.approx((max(0, 0.28 - chance - error), 0.28 + error))
    assert calibration_gap([0.5] * 4, [1, 0, 1, 0]).low == 0
    wrong = calibration_gap([0.9] * 300 + [0.95], [0] * 300 + [1])
    assert 0.8 < wrong.low < wrong.value < wrong.high < 1
    # 2 / 3 and 1.96 x sqrt(2 / 27) are more than all.
    assert calibration_gap([1.0] * 3, [0, 0, 1]).high == 1


def test_a_roc_area_by_hand():
    # Placements 1 and .75 on both sides: a variance of .03125 over two each.
    score, positive = np.array([3.0, 2.0, 1.0, 2.0]), np.array([True, True, False, False])
    error = 1.959964 * math.sqrt(0.03125)
    assert roc_area(score, positive) == pytest.approx((0.875, 0.875 - error, 1.0))
    assert roc_area(-score, positive) == pytest.approx((0.125, 0.0, 0.125 + error))
    one = np.array([True, False, False, False])
    assert all(math.isnan(end) for end in (*roc_area(score, one), *roc_area(score, ~one)))
    # A value of one bearer is left out; without any other nothing is known.
    scores, values = np.column_stack([score, -score, score]), np.array(["a", "a", "b", "b"])
    found = mean_roc_area(scores, values, np.array(["a", "b", "c"]))
    assert found == pytest.approx((0.875, 0.875 - error, 1.0))
    assert all(math.isnan(end) for end in mean_roc_area(scores, values, np.array(["c"])))
