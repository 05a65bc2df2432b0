"""The smooth mixture of class sizes: by closed forms, another optimiser, and what it refuses."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import poisson

import privaudit as pa
from privaudit.core.thresholds import WIDEST_SHARE
from privaudit.tables.population import sample_ranges
from privaudit.tables.population.sample_ranges import (
    Estimate,
    Share,
    _by_law,
    _mixture,
    _Moments,
    _moments,
    _most_probable,
    _size_bins,
    mixture_shares,
    narrowed,
)
from privaudit.words.catalogues import Note


def sizes_of(counts):
    return np.repeat(np.arange(1, len(counts) + 1), counts)


@pytest.mark.parametrize("intensity", [0.5, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_cells_of_one_intensity_have_closed_forms(intensity, rate):
    # 20,000 cells of Poisson(m) people: a person is alone with chance exp(-m), and there are
    # (1 - exp(-m)) / m classes a person. The sample's classes are as many as expected.
    j = np.arange(1, 40)
    counts = np.round(20_000 * poisson.pmf(j, rate * intensity)).astype(int)
    found = mixture_shares(sizes_of(counts), rate)
    alone, classes = math.exp(-intensity), -math.expm1(-intensity) / intensity
    assert found.uniques.low <= alone <= found.uniques.high
    assert found.classes.low <= classes <= found.classes.high
    assert found.uniques.value == pytest.approx(alone, abs=0.05)
    assert found.classes.value == pytest.approx(classes, abs=0.05)


def test_cells_of_gamma_intensity_have_closed_forms():
    # F is negative binomial; P(0) = (1 + b)**-a, and a person is alone with (1 + b)**-(a + 1).
    a, b, rate, cells = 0.6, 5.0, 0.1, 60_000
    rng = np.random.default_rng(4)
    size = rng.poisson(rate * rng.gamma(a, b, cells))
    found = mixture_shares(size[size > 0], rate)
    alone, classes = (1 + b) ** -(a + 1), (1 - (1 + b) ** -a) / (a * b)
    assert found.uniques.low <= alone <= found.uniques.high
    assert found.classes.low <= classes <= found.classes.high
    assert found.uniques.high - found.uniques.low < 0.3


@pytest.mark.parametrize("seed", range(3))
def test_few_large_cells_hide_no_classes(seed):
    # No sample class is as large as the grid reaches; that there is none is known as well.
    rng = np.random.default_rng(seed)
    intensity = np.concatenate([np.full(10_000, 0.7), np.full(100, 4_000.0)])
    size = rng.poisson(0.3 * intensity)
    found = mixture_shares(size[size > 0], 0.3)
    classes = -np.expm1(-intensity).sum() / intensity.sum()
    assert found.classes.value == pytest.approx(classes, abs=0.005)
    assert found.classes.low <= classes <= found.classes.high < 0.1


def test_the_mode_is_that_of_another_optimiser():
    rng = np.random.default_rng(2)
    intensity = np.geomspace(0.1, 20, 8)
    chance = poisson.pmf(np.arange(1, 12)[:, None], intensity) / intensity
    counts = rng.poisson(chance @ np.linspace(500, 50, 8)).astype(float)
    rough = np.diff(np.eye(8), n=2, axis=0)
    prior = rough.T @ rough + 1e-3 * np.eye(8)

    def loss(x):
        mean = chance @ np.exp(x)
        return float(mean.sum() - counts @ np.log(mean) + x @ prior @ x / 2)

    limits = {"maxiter": 40_000, "maxfev": 40_000, "xatol": 1e-8, "fatol": 1e-10}
    other = minimize(loss, np.full(8, 4.0), method="Nelder-Mead", options=limits)
    log, information, likelihood = _most_probable(chance, counts, np.full(8, 4.0), prior)
    # The search stops where 1e-4 is left to gain.
    assert loss(log) <= other.fun + 2e-4
    mean = chance @ np.exp(log)
    assert likelihood == pytest.approx(counts @ np.log(mean) - mean.sum())
    assert np.linalg.eigvalsh(information).min() > 0


def drawn(people, rate, seed):
    rng = np.random.default_rng(seed)
    label = np.unique(people, return_inverse=True)[1]
    size = np.bincount(label[rng.random(len(people)) < rate])
    return size[size > 0]


def test_what_contradicts_independent_people_gives_no_mixture():
    # Everybody in a class of five: F does not vary, nobody is alone.
    five = np.arange(20_000) // 5
    for rate in (0.3, 0.5):
        assert mixture_shares(drawn(five, rate, 1), rate) is None
    # A smaller sample does not show it; nobody alone is within the range.
    assert mixture_shares(drawn(five, 0.2, 1), 0.2).uniques.low == 0
    # Classes of one or of nine and ten: too few classes of two to eight for any smooth mixture.
    rng = np.random.default_rng(3)
    apart = np.concatenate([np.arange(6_000), 10_000 + rng.permutation(np.arange(14_000) // 14)])
    assert mixture_shares(drawn(apart, 0.7, 2), 0.7) is None


def test_a_sample_that_says_too_little_gives_no_mixture():
    assert mixture_shares([1] * 400 + [2] * 13 + [3], 0.2) is None  # 29 records share a class
    assert mixture_shares([1] * 400 + [2] * 12 + [3] * 2, 0.2) is not None
    many = [1] * 400 + [2] * 100 + [3] * 40
    assert mixture_shares(many, 0.019) is None
    assert mixture_shares(many, 0.02) is not None
    assert mixture_shares(many, 1.0) is None


def test_a_share_is_narrowed_only_by_what_it_has_in_common():
    wide = Estimate(value=0.5, low=0.1, high=0.6, reliable=False, reason=Note("pitman_has_no_fit"))
    assert narrowed(wide, Share(0.8, 0.7, 0.9)) == (wide, None)
    assert narrowed(wide, None) == (wide, None)
    found, note = narrowed(wide, Share(0.05, 0.0, 0.2))
    assert (found.value, found.low, found.high, found.reliable) == (0.1, 0.1, 0.2, True)
    assert note == Note("smooth_mixture")
    found, note = narrowed(wide, Share(0.4, 0.0, 0.9))
    assert (found.low, found.high, found.reliable, note) == (0.1, 0.6, False, note)
    assert found.reason == Note("range_too_wide", low=0.1, high=0.6)
    near = Estimate(value=0.5, low=0.1, high=0.3, reliable=False, reason=Note("model_does_not_fit"))
    found, note = narrowed(near, None)
    assert (found.value, found.reliable, note) == (0.2, True, Note("middle_of_range"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rate", [0.1, 0.2])
def test_equal_weights_give_a_share_that_holds(seed, rate):
    rng = np.random.default_rng([seed, 77])
    margins = [rng.dirichlet(np.full(k, 0.7)) for k in (2, 7, 16, 40)]
    people = pd.DataFrame({f"k{i}": rng.choice(len(q), 20_000, p=q) for i, q in enumerate(margins)})
    keys = list(people.columns)
    file = people[rng.random(len(people)) < rate]
    size = people.groupby(keys).size()
    got = pa.measure(file, pa.Roles(key=keys), sampling_fraction=rate)
    truth = {
        "population_unique_share": (size == 1).sum() / 20_000,
        "correctness": len(size) / 20_000,
    }
    for word, true in truth.items():
        row = got.row(word)
        assert row.reliable
        assert row.low <= true <= row.high
        assert row.low <= row.value <= row.high
        assert row.high - row.low <= WIDEST_SHARE
        assert {note.key for note in row.notes} == {"smooth_mixture"}


def odds_moved(part, by):
    """A share whose odds are multiplied by exp(by)."""
    odds = part / (1 - part) * math.exp(by)
    return odds / (1 + odds)


def test_the_range_goes_from_the_lowest_order_to_the_highest():
    # .2 and .4 of at most .5: .4 and .8 of what can be, moved by 1.5 deviations of log odds.
    orders = (_Moments(0.2, 0.01, 0.5), _Moments(0.4, 0.02, 0.5))
    low = 0.5 * odds_moved(0.4, -1.5 * 0.01 / 0.5 / (0.4 * 0.6)) - 0.03
    high = 0.5 * odds_moved(0.8, 1.5 * 0.02 / 0.5 / (0.8 * 0.2)) + 0.03
    for both in (orders, orders[::-1]):
        assert _by_law(both, 1.5) == pytest.approx((0.3, low, high))


def test_the_range_of_a_share_stays_a_share():
    # Of at most 1: .985 and .01, near which .03 more, or less, would be beyond.
    assert _by_law((_Moments(0.985, 0.0, 1.0),), 1.5) == pytest.approx((0.985, 0.955, 1.0))
    assert _by_law((_Moments(0.01, 0.0, 1.0),), 1.5) == pytest.approx((0.01, 0.0, 0.04))
    # Where nobody is alone in the sample, .03 are left for the model.
    assert _by_law((_Moments(0.0, 0.0, 0.0),), 1.5) == (0.0, 0.0, 0.03)
    # All that it can be, or nothing of it, has no odds.
    assert _by_law((_Moments(0.5, 0.0, 0.5),), 1.5) == pytest.approx((0.5, 0.47, 0.53))
    assert _by_law((_Moments(0.0, 0.1, 0.5),), 1.5) == pytest.approx((0.0, 0.0, 0.53))


def test_bins_of_class_sizes_are_one_wide_up_to_thirty():
    # Then a quarter wider each, rounded up, and one edge beyond the largest class.
    assert _size_bins(30).tolist() == [*range(1, 32)]
    assert _size_bins(31).tolist() == [*range(1, 32), 39]
    assert _size_bins(39).tolist() == [*range(1, 32), 39, 49]
    assert _size_bins(48).tolist() == [*range(1, 32), 39, 49]


def test_moments_of_a_share_are_of_all_deviations_that_were_tried():
    within = np.array([[0.04, 0.01], [0.01, 0.09]])
    fits = [(np.array([10.0, 20.0]), within), (np.array([30.0, 10.0]), 2 * within)]
    worth, weight = np.array([0.01, 0.02]), np.array([0.75, 0.25])
    # .1 + .4 and .3 + .2; slopes (.1, .4) and (.3, .2).
    first = 0.01 * 0.04 + 2 * 0.04 * 0.01 + 0.16 * 0.09
    second = 2 * (0.09 * 0.04 + 2 * 0.06 * 0.01 + 0.04 * 0.09)
    found = _moments(fits, weight, worth, 0.9)
    assert found == pytest.approx((0.5, math.sqrt(0.75 * first + 0.25 * second), 0.9))
    # Where values differ, that is doubt too.
    apart = _moments(fits, weight, np.array([0.01, 0.0]), 0.9)
    first, second = 0.1**2 * 0.04, 0.3**2 * 0.08
    spread = 0.75 * (first + 0.05**2) + 0.25 * (second + 0.15**2)
    assert apart == pytest.approx((0.15, math.sqrt(spread), 0.9))


@pytest.mark.parametrize(("rate", "deviations"), [(0.1, 1.2), (0.0999, 1.4)])
def test_a_range_of_uniques_has_its_deviations_by_the_rate(rate, deviations):
    counts = [400, 100, 40, 15, 6, 2]
    uniques, classes = _mixture((1, 2, 3, 4, 5, 6), tuple(counts), rate)
    found = mixture_shares(sizes_of(counts), rate)
    assert found.uniques == _by_law(uniques, deviations)
    assert found.classes == _by_law(classes, 2.0)


@pytest.mark.parametrize(("threes", "refuted"), [(16, True), (17, False)])
def test_too_few_threes_for_any_mixture_are_refused(threes, refuted, monkeypatch):
    # (2 s_2)**2 <= 6 s_1 s_3 in expectation. Of 100 alone and 60 pairs: 14,400 against 600 a three,
    # and a deviation of sqrt((6 s_3)**2 s_1 + (8 s_2)**2 s_2 + (6 s_1)**2 s_3), about 4,550 there.
    short = 6 * 100 * threes - 4 * 60**2
    deviation = math.sqrt((6 * threes) ** 2 * 100 + (8 * 60) ** 2 * 60 + 600**2 * threes)
    asked = []
    monkeypatch.setattr(sample_ranges, "_mixture", lambda *of: asked.append(of))
    assert mixture_shares(sizes_of([100, 60, threes]), 0.2) is None
    assert (short < -deviation) == refuted == (not asked)


def test_a_range_of_exactly_the_widest_share_is_reliable():
    for wide, reliable in ((WIDEST_SHARE, True), (np.nextafter(WIDEST_SHARE, 1), False)):
        found = Estimate(value=0.9, low=0.0, high=wide, reliable=False, reason=Note("x"))
        assert narrowed(found, None)[0].reliable == reliable
        beside, _ = narrowed(found, Share(0.1, 0.0, 1.0))
        assert (beside.value, beside.reliable) == (0.1, reliable)
