"""Population uniques: each estimator by its definition, and the range by what it must cover."""

import math
from collections import Counter
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, chi2, nbinom

from privaudit.core.thresholds import LOWEST_RATE, WIDEST_RANGE
from privaudit.errors import ParameterError
from privaudit.tables.population import pitman_model, sample_ranges, uniqueness
from privaudit.tables.population.pitman_model import (
    PitmanFit,
    entropy_and_exponent,
    expected_classes,
    expected_correctness,
    expected_uniques,
    fit_pitman,
    likely_parameters,
    scaling_law,
)
from privaudit.tables.population.sample_ranges import (
    Estimate,
    MixtureShares,
    Share,
    _longest,
    classes_range,
    judge,
    matched_share,
    people_range,
    uniques_range,
)
from privaudit.tables.population.uniqueness import (
    _Sample,
    _shlosser,
    _snb_uniques,
    class_share,
    dankar_uniques,
    pitman_uniques,
    snb_uniques,
    zayatz_uniques,
)

ESTIMATORS = [
    zayatz_uniques,
    pitman_uniques,
    snb_uniques,
    dankar_uniques,
]


def population(kind, people, rng):
    """Class of each person of a population whose classes follow a law of their own."""
    if kind == "product":
        margins = [rng.dirichlet(np.full(k, 0.7)) for k in (2, 7, 16, 40, 15)]
        keys = np.stack([rng.choice(len(q), people, p=q) for q in margins], axis=1)
        return np.unique(keys, axis=0, return_inverse=True)[1].ravel()
    weight = {
        "zipf": 1 / np.arange(1, 2 * people + 1),
        "lognormal": rng.lognormal(0, 2, people),
        "uniform": np.ones(people),
    }[kind]
    return rng.choice(len(weight), people, p=weight / weight.sum())


def sizes(label):
    count = np.bincount(label)
    return count[count > 0]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_file_of_everybody_is_counted_and_not_estimated(estimator):
    found = estimator([1, 1, 1, 2, 5], 1.0)
    assert (found.value, found.low, found.high, found.reliable) == (3, 3, 3, True)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.sampled_from([2, 4, 5]))
def test_zayatz_is_bayes_on_hypergeometric_draws(size, one_in):
    # A class of h people has one in the sample with chance h C(N - h, n - 1) / C(N, n).
    n = sum(size)
    total, s = n * one_in, Counter(size)
    chance = {
        h: Fraction(h * math.comb(total - h, n - 1), math.comb(total, n)) if total - h >= n - 1
        else Fraction(0)
        for h in s
    }  # fmt: skip
    seen_once = sum(chance[h] * s[h] for h in s)
    want = s[1] * chance[1] * s[1] / seen_once * one_in if s[1] else 0
    got = zayatz_uniques(size, 1 / one_in)
    assert got.value == pytest.approx(float(min(want, total)))


def test_zayatz_keeps_its_digits_where_the_population_is_large():
    # 1,550 records of 7,750 people, and 200,000 of 1,000,000: by whole numbers, to the digit.
    for size in ([1] * 300 + [2] * 100 + [3] * 50 + [500, 400], [1] * 50_000 + [2] * 75_000):
        n, s = sum(size), Counter(size)
        total = 5 * n
        # Over the chance of a person alone: C(N - h, n - 1) / C(N - 1, n - 1).
        chance = dict.fromkeys(s, Fraction(0))
        for h in s:
            lost = Fraction(1)
            for j in range(1, h):
                lost *= Fraction(total - n - j + 1, total - j)
            chance[h] = h * lost
        want = 5 * Fraction(s[1]) ** 2 / sum(chance[h] * s[h] for h in s)
        got = zayatz_uniques(size, 0.2).value
        assert got == pytest.approx(float(want), rel=1e-14)


@pytest.mark.parametrize(("theta", "alpha"), [(0.5, 0.5), (30.0, 0.2), (-0.3, 0.6), (5.0, 0.9)])
def test_expected_classes_and_uniques_follow_the_urn(theta, alpha):
    # The next person opens a class with chance (theta + alpha K) / (theta + i), and joins a class
    # of one with chance (1 - alpha) S / (theta + i): both means are linear recursions.
    k, s = 1.0, 1.0
    for i in range(1, 300):
        new = (theta + alpha * k) / (theta + i)
        k, s = k + new, s + new - (1 - alpha) * s / (theta + i)
    assert expected_classes(theta, alpha, 300) == pytest.approx(k)
    assert expected_uniques(theta, alpha, 300) == pytest.approx(s)


def test_the_form_for_large_populations_is_hoshino_s():
    theta, alpha, people = 20.0, 0.6, 1e9
    hoshino = math.gamma(theta + 1) / math.gamma(theta + alpha) * people**alpha
    assert expected_uniques(theta, alpha, people) == pytest.approx(hoshino, rel=1e-6)


def urn_log_likelihood(theta, alpha, size):
    """The probability of a partition, factor by factor."""
    total = sum(math.log(theta + i * alpha) for i in range(1, len(size)))
    total -= sum(math.log(theta + i) for i in range(1, sum(size)))
    return total + sum(math.log(i - alpha) for k in size for i in range(1, k))


def test_the_pitman_fit_is_the_maximum_of_the_likelihood():
    size = [1] * 40 + [2] * 10 + [3] * 5 + [6] * 3 + [30]
    fit = fit_pitman(size)
    best = urn_log_likelihood(fit.theta, fit.alpha, size)
    theta = np.linspace(0.1, 40, 80)
    alpha = np.linspace(0.02, 0.98, 49)
    assert best >= max(urn_log_likelihood(t, a, size) for t in theta for a in alpha)
    for step in ([0.05, 0], [-0.05, 0], [0, 0.005], [0, -0.005]):
        near = urn_log_likelihood(fit.theta + step[0], fit.alpha + step[1], size)
        assert near < best


@pytest.mark.parametrize("size", [[1] * 30, [30], [1]])
def test_a_likelihood_without_a_maximum_is_said(size):
    assert fit_pitman(size) is None
    found = pitman_uniques(size, 0.5)
    assert not found.reliable or found.value == 0


@pytest.mark.parametrize("f", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(("a", "b"), [(0.5, 0.3), (2.0, 0.6), (0.05, 0.01)])
def test_the_moments_of_the_slide_negative_binomial_are_solved(a, b, f):
    # Expected classes of one and two, summed over population sizes 1 + NB(a, b).
    k = 10_000
    size = np.arange(1, 30_000)
    classes = k * nbinom.pmf(size - 1, a, b)
    ones, twos = ((classes * binom.pmf(j, size, f)).sum() for j in (1, 2))
    got = _snb_uniques(k, ones, twos, f)
    assert got == pytest.approx(k * b**a, rel=1e-5)


def test_shlosser_s_estimator_has_its_brackets():
    size, f = [1] * 9 + [2] * 4 + [3] * 2 + [10], 0.3
    s = {1: 9, 2: 4, 3: 2, 10: 1}
    first = sum(i * f**2 * (1 - f**2) ** (i - 1) * c for i, c in s.items())
    second = sum((1 - f) ** i * ((1 + f) ** i - 1) * c for i, c in s.items())
    third = sum((1 - f) ** i * c for i, c in s.items())
    fourth = sum(i * f * (1 - f) ** (i - 1) * c for i, c in s.items())
    sample = _Sample.of("test", size, f)
    want = 16 + 9 * first / second * (third / fourth) ** 2
    assert _shlosser(sample) == pytest.approx(want)


def test_snb_is_near_the_truth_where_nearly_everybody_is_in_the_file():
    # The peer's inverted moment gives .4969 of the people on one such file, where .4998 is right.
    rng = np.random.default_rng(2)
    label = population("product", 20_000, rng)
    truth = (np.bincount(label) == 1).sum()
    found = snb_uniques(sizes(label[rng.random(20_000) < 0.9]), 0.9)
    assert found.reliable
    assert abs(found.value - truth) / 20_000 < 0.005


def test_dankar_takes_pitman_below_a_tenth_and_the_smaller_above():
    rng = np.random.default_rng(4)
    label = population("lognormal", 8_000, rng)
    for f in (0.08, 0.1):
        size = sizes(label[rng.random(8_000) < f])
        assert dankar_uniques(size, f) == (pitman_uniques(size, f))
    size = sizes(label[rng.random(8_000) < 0.4])
    got = dankar_uniques(size, 0.4).value
    assert got == min(e(size, 0.4).value for e in (ESTIMATORS[0], ESTIMATORS[2]))


@pytest.mark.parametrize("kind", ["zipf", "lognormal", "uniform", "product"])
def test_the_range_holds_the_truth_whatever_the_law_of_the_classes(kind):
    rng = np.random.default_rng(11)
    held = 0
    for f in (0.05, 0.1, 0.3, 0.5, 0.9):
        label = population(kind, 10_000, rng)
        size = sizes(label[rng.random(10_000) < f])
        count = sizes(label)
        low, high = uniques_range(size, f)
        few, many = classes_range(size, f)
        held += low <= (count == 1).sum() <= high
        held += few <= len(count) <= many
    assert held == 10


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("f", [0.01, 0.05])
def test_one_in_a_hundred_is_not_estimable_and_is_said(estimator, f):
    rng = np.random.default_rng(8)
    label = population("product", 30_000, rng)
    found = estimator(sizes(label[rng.random(30_000) < f]), f)
    assert not found.reliable
    assert found.reason.key == "range_too_wide"
    assert found.low <= (np.bincount(label) == 1).sum() <= found.high


def test_a_file_that_no_population_could_give_is_said():
    # Half of the people: 5,000 classes of two need thousands that show one record only.
    skewed = zayatz_uniques([1] + [2] * 5000, 0.5)
    assert skewed.reason.key == "no_population_fits"


def urn(theta, alpha, people, rng, label=None):
    """Class sizes of people who come one after the other, as the model has it."""
    label = np.empty(people, dtype=int) if label is None else label
    count = []
    for i in range(people):
        if i == 0 or rng.random() * (theta + i) < theta + alpha * len(count):
            label[i] = len(count)
            count.append(1)
        else:
            while True:  # a class with chance (size - alpha): propose by size, keep or repeat
                j = label[rng.integers(i)]
                if rng.random() < (count[j] - alpha) / count[j]:
                    break
            label[i] = j
            count[j] += 1
    return np.array(count)


def test_correctness_scales_from_the_sample_to_the_population():
    # A population drawn from the model itself.
    rng = np.random.default_rng(0)
    label = np.empty(6_000, dtype=int)
    count = urn(50.0, 0.5, 6_000, rng, label)
    found = expected_correctness(sizes(label[rng.random(6_000) < 0.3]), 0.3)
    truth = len(count) / 6_000
    assert found.low <= truth <= found.high
    assert found.value == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("fraction", [0, 1.2, math.nan, "half"])
def test_a_fraction_that_cannot_be_is_refused(fraction):
    for estimator in [*ESTIMATORS, expected_correctness, uniques_range]:
        with pytest.raises(ParameterError, match="sampling_fraction"):
            estimator([1, 2], fraction)


def test_a_judgement_needs_a_narrow_range_around_the_value():
    assert judge(50, 45, 55, 100).reliable
    assert not judge(50, 30, 60, 100).reliable
    assert judge(60, 45, 55, 100).reason.key == "model_does_not_fit"


@pytest.mark.parametrize(("theta", "alpha"), [(50.0, 0.5), (5.0, 0.8), (500.0, 0.2), (-0.2, 0.6)])
def test_the_parameters_of_the_scaling_law_lie_in_their_intervals(theta, alpha):
    # Files drawn from the law itself: 95 % of the intervals hold what they were drawn from, which
    # of 40 leaves fewer than 34 less than once in a hundred times.
    rng = np.random.default_rng(7)
    truth = entropy_and_exponent(np.array(theta), np.array(alpha))
    held = np.zeros(2)
    drawn = 0
    while drawn < 40:
        found = scaling_law(urn(theta, alpha, 400, rng))
        if math.isnan(found[0].value):
            continue
        drawn += 1
        held += [one.low <= true <= one.high for one, true in zip(found, truth, strict=True)]
    assert (held >= 34).all()


def test_the_likelihood_on_the_grid_is_that_of_the_urn():
    size = [1] * 40 + [2] * 10 + [3] * 5 + [6] * 3 + [30]
    fit = fit_pitman(size)
    theta, alpha = likely_parameters(fit, size)
    best = urn_log_likelihood(fit.theta, fit.alpha, size)
    loss = [2 * (best - urn_log_likelihood(t, a, size)) for t, a in zip(theta, alpha, strict=True)]
    assert max(loss) <= 3.8415
    # The grid reaches the bound: some of its points lie just inside.
    assert max(loss) > 3.5
    assert min(loss) >= -1e-6


def test_a_law_without_a_fit_has_no_parameters():
    entropy, exponent = scaling_law([1] * 30)
    assert math.isnan(entropy.value)
    assert not exponent.reliable


@pytest.mark.parametrize("fraction", [0, -0.1, 1.1])
def test_a_sampling_fraction_is_above_0_and_1_at_most(fraction):
    sizes = np.array([1, 1, 2, 3])
    with pytest.raises(ParameterError, match="dankar_uniques"):
        dankar_uniques(sizes, fraction)


def test_a_judgement_at_its_limits():
    # The widest range, of 100 people, is 20 of them; an end is in the range.
    assert judge(20.0, 0.0, 100 * WIDEST_RANGE, 100.0).reliable
    assert judge(0.0, 0.0, 100 * WIDEST_RANGE, 100.0).reliable
    wide = judge(20.0, 70.0, 105.0, 100.0)
    assert (wide.reason.values["low"], wide.reason.values["high"]) == (0.7, 1.0)
    nobody = judge(20.0, math.nan, math.nan, 100.0)
    assert (nobody.low, nobody.high, nobody.reason.key) == (0, 100, "no_population_fits")


@pytest.mark.parametrize(
    ("ends", "low", "high"), [((9.0, 16.0), 9 - 6, 16 + 8 + 4), ((1.0, 400.0), 0, 400)]
)
def test_unseen_classes_come_with_two_deviations(ends, low, high, monkeypatch):
    # Two hundred classes of a file of 300 of 600 people: of more unseen than people none are.
    monkeypatch.setattr(sample_ranges, "_extremes", lambda *of: ends)
    size = [1] * 100 + [2] * 100
    assert classes_range(size, 0.5) == (200 + low, 200 + high)


def test_people_of_a_rate_are_no_fewer_than_the_records():
    half = 1.96 * math.sqrt(100 * (1 - 0.25))
    assert people_range(100, 0.25) == pytest.approx(((100 - half) / 0.25, (100 + half) / 0.25))
    # Of two records the deviation would be more than there are.
    half = 1.96 * math.sqrt(2 * (1 - 0.5))
    assert people_range(2, 0.5) == pytest.approx((2.0, (2 + half) / 0.5))
    assert people_range(7, 1.0) == (7, 7)


def test_of_everybody_people_in_small_classes_are_counted():
    assert uniques_range([1, 2, 3, 2, 4], 1.0, below=3) == (5, 5)
    assert uniques_range([1, 2, 3, 2, 4], 1.0, below=4) == (8, 8)
    assert classes_range([1, 2, 3, 2, 4], 1.0) == (5, 5)


def test_below_the_lowest_rate_only_uniques_bound_the_uniques():
    # One class of one: Poisson's end of one, with a chance of .05 over 24 beyond it.
    rate = LOWEST_RATE / 2
    most = chi2.ppf(1 - 0.05 / 24, 2 * 2) / 2
    assert uniques_range([1, 50], rate) == pytest.approx((0, most / rate))
    # Of classes of two and more nothing is known: 51 records' people at most.
    assert uniques_range([1, 50], rate, below=3) == pytest.approx((0, 51 / rate))


def test_a_class_longer_than_so_shows_more_than_twelve():
    # Twelve, with eight of its deviations and 20 more.
    assert _longest(0.5) == math.ceil((12 + 8 * math.sqrt(12) + 20) / 0.5)
    assert _longest(LOWEST_RATE / 2) == _longest(LOWEST_RATE)


def test_matched_shares_take_two_deviations_of_the_draw(monkeypatch):
    # Of 800 people 300 to 340 classes: at a half the deviation is sqrt(340 / 4) over a half.
    monkeypatch.setattr(sample_ranges, "classes_range", lambda *of: (300.0, 340.0))
    noise = 2 * math.sqrt(340 * 0.25) / 0.5
    size = np.array([2] * 200)
    found = matched_share(0.4, size, 400, 0.9, 0.5)
    assert (found.low, found.high) == pytest.approx(((300 - noise) / 800, (340 + noise) / 800))
    # No more than 1 / f; and a value beyond the range moves its end.
    assert matched_share(0.3, size, 400, 0.41, 0.5).high == 0.41
    # Where the range says too little, it goes up to 1 / f.
    monkeypatch.setattr(sample_ranges, "classes_range", lambda *of: (100.0, 700.0))
    wide = matched_share(0.4, size, 400, 0.9, 0.5)
    assert (wide.high, wide.reliable) == (0.9, False)


def test_shares_of_classes_by_hand():
    # Of three people in two halves one is alone if both others are elsewhere.
    assert class_share([3], [0.5], [2]) == pytest.approx([1 / 4])
    # Fewer than three: not all three together.
    assert class_share([3], [0.5], [2], below=3) == pytest.approx([3 / 4])
    assert class_share([3], [0.5], [2], below=4) == pytest.approx([1])
    # A tenth and nine tenths: .1 x .81 + .9 x .01, and with one other .1 x .18 + .9 x .18 more.
    assert class_share([3], [0.1, 0.9]) == pytest.approx([0.09])
    assert class_share([3], [0.1, 0.9], below=3) == pytest.approx([0.27])
    # One cell for everybody; one person; nobody.
    assert class_share([1, 2, 3], [1.0], below=3).tolist() == [1, 1, 0]
    assert class_share([1], [0.5], [2]).tolist() == [1]
    assert np.isnan(class_share([0], [0.5], [2])).all()


class Drawn(SimpleNamespace):
    """A hundred records of a file, at a rate that is stated."""

    none_complete = False
    sample = ([1] * 100, 0.25)

    def __len__(self):
        return 100


def shares_of(monkeypatch, estimate, *, uneven=False, mixture=None, counted=None, **more):
    """The share of uniques where the estimators give these."""
    monkeypatch.setattr(uniqueness, "_uniques", lambda *_: estimate)
    monkeypatch.setattr(uniqueness, "mixture_shares", lambda *_: mixture)
    context = Drawn(known_rate=SimpleNamespace(value=0.25, uneven=uneven),
                    population=SimpleNamespace(uniques=counted), **more)  # fmt: skip
    return uniqueness.population_unique_share.take(context)


def test_a_share_of_uniques_is_counted_or_of_a_range_of_people(monkeypatch):
    row = shares_of(monkeypatch, None, counted=12)
    assert (row["value"], row["n"]) == (12 / 400, 400)
    # 400 people, give or take 1.96 deviations of the draw.
    fewest, most = people_range(100, 0.25)
    estimate = Estimate(value=120.0, low=100.0, high=150.0)
    row = shares_of(monkeypatch, estimate)
    assert (row["value"], row["low"], row["high"]) == (0.3, 100 / most, 150 / fewest)
    assert [note.key for note in row["notes"]] == ["rule_of_dankar"]
    row = shares_of(monkeypatch, Estimate(value=500.0, low=100.0, high=500.0))
    assert (row["value"], row["high"]) == (1, 1)


def test_a_mixture_narrows_the_share_of_uniques(monkeypatch):
    estimate = Estimate(value=120.0, low=0.0, high=300.0)
    mixture = MixtureShares(Share(0.2, 0.1, 0.3), Share(0.6, 0.5, 0.7))
    row = shares_of(monkeypatch, estimate, mixture=mixture)
    assert (row["value"], row["low"], row["high"]) == (0.2, 0.1, 0.3)
    assert [note.key for note in row["notes"]] == ["smooth_mixture"]
    # Where every record lacks a key there is no sample of whole records.
    row = shares_of(monkeypatch, estimate, mixture=mixture, none_complete=True)
    assert row["value"] == 0.3


def test_under_unequal_weights_the_share_is_the_middle_of_its_range(monkeypatch):
    def share(low, high):
        row = shares_of(monkeypatch, Estimate(value=80.0, low=low, high=high), uneven=True)
        return row["value"], row["low"], row["high"], row["bound"], row["notes"][-1].key

    # A fifth of the people is the widest range that has a middle.
    assert share(40.0, 120.0) == (0.2, 0.1, 0.3, "", "middle_of_range")
    assert share(40.0, 121.0)[3:] == ("upper", "value_is_upper_end")
    assert share(40.0, 121.0)[0] == 121 / 400
    # All may be alone: the value is that of the model.
    row = shares_of(monkeypatch, Estimate(value=80.0, low=40.0, high=400.0), uneven=True)
    assert (row["value"], row["low"], row["high"]) == (0.2, 0.1, 1)


def test_uniques_of_unequal_weights_have_the_range_of_the_weights(monkeypatch):
    drawn = SimpleNamespace(unique_share=lambda: (0.25, 0.5))
    for found, ends in ((drawn, (100, 200)), (None, (0, 400))):
        monkeypatch.setattr(uniqueness, "weighted_sample", lambda _, found=found: found)
        context = Drawn(known_rate=SimpleNamespace(value=0.25, uneven=True),
                        once=lambda word, make: make())  # fmt: skip
        estimate = uniqueness._uniques(context, "x", lambda *_: Estimate(value=9.0, low=1, high=2))
        assert (estimate.value, estimate.low, estimate.high) == (9, *ends)
        assert estimate.reason.key == "weights_unequal"
    context.known_rate = SimpleNamespace(value=0.25, uneven=False)
    estimate = uniqueness._uniques(context, "x", lambda *_: Estimate(value=9.0, low=1, high=2))
    assert (estimate.low, estimate.high) == (1, 2)


@pytest.mark.parametrize(
    ("by", "chosen"),
    [
        ("commune", None), (("commune", "birth_year"), ("commune", "birth_year", False)),
        (("sex", "country", "birth_date"), ("country", "birth_date", True)),
        (("commune", "region", "birth_date"), None),
        (("commune", "birth_date", "birth_year"), None),
        (("birth_date", "sex"), None), (("commune", "birth_date", "sex", "sex"), None),
        (("commune", "birth_date", "age"), None),
    ],
)  # fmt: skip
def test_one_place_one_birth_and_sex_or_not(by, chosen):
    if chosen is None:
        with pytest.raises(ParameterError, match="population_uniqueness"):
            uniqueness._chosen(by)
    else:
        assert uniqueness._chosen(by) == chosen


def test_places_are_those_with_residents():
    communes = pd.DataFrame({"commune": [*"cab"], "departement": [*"yxx"], "population": [5, 3, 0]})
    found = uniqueness._places(communes, "commune")
    assert found.to_dict("list") == {
        "place": ["a", "c"], "departement": ["x", "y"], "residents": [3, 5]
    }  # fmt: skip
    assert uniqueness._places(communes, "departement").to_dict("list") == {
        "place": ["x", "y"], "residents": [3, 5]
    }  # fmt: skip
    whole = uniqueness._places(communes, "country")
    assert whole.to_dict("list") == {"place": ["country"], "residents": [8]}
    with pytest.raises(ParameterError, match="communes with residents"):
        uniqueness._places(communes.assign(population=0), "commune")


def test_correctness_is_of_a_range_of_people(monkeypatch):
    # 100 records of a quarter: from 60 to 70 classes of 400 people by the sample.
    monkeypatch.setattr(pitman_model, "classes_range", lambda *_: (60.0, 70.0))
    monkeypatch.setattr(pitman_model, "fit_pitman", lambda _: PitmanFit(theta=1.0, alpha=0.5))
    monkeypatch.setattr(pitman_model, "expected_classes", lambda theta, alpha, n: n / 6.25)
    fewest, most = people_range(100.0, 0.25)
    found = expected_correctness([2] * 50, 0.25)
    assert (found.value, found.reliable) == (0.16, True)
    assert (found.low, found.high) == (60 / most, 70 / fewest)
    # Nobody is more than found.
    monkeypatch.setattr(pitman_model, "classes_range", lambda *_: (60.0, 400.0))
    assert expected_correctness([2] * 50, 0.25).high == 1
    monkeypatch.setattr(pitman_model, "fit_pitman", lambda _: None)
    found = expected_correctness([2] * 50, 0.25)
    assert math.isnan(found.value)
    assert found.reason.key == "pitman_has_no_fit"


def test_a_parameter_is_doubted_where_its_law_is(monkeypatch):
    laws = (Estimate(value=3.0, low=2.0, high=4.0), Estimate(value=0.5, low=0.4, high=0.6))
    monkeypatch.setattr(pitman_model, "scaling_law", lambda _: laws)
    why = judge(50.0, 0.0, 90.0, 100.0)
    for law, reliable in ((Estimate(value=0.5, low=0.4, high=0.6), True), (why, False)):
        monkeypatch.setattr(pitman_model, "_correctness", lambda _, law=law: law)
        context = Drawn(once=lambda word, make: make(), known_rate=SimpleNamespace(value=0.25))
        for place, measure in enumerate(("correctness_entropy", "correctness_exponent")):
            row = getattr(pitman_model, measure).take(context)
            assert (row["value"], row["low"], row["n"]) == (laws[place].value, laws[place].low, 100)
            assert row["reliable"] == reliable
    context.none_complete = True
    assert pitman_model.correctness_entropy.take(context).key == "needs_complete_records"


def test_classes_of_the_file_are_classes_of_the_population():
    # Forty classes of a hundred records of 400 people.
    context = Drawn(published=(np.array([1, 4]), np.array([20, 20])),
                    known_rate=SimpleNamespace(value=0.25, uneven=True),
                    once=lambda word, make: Estimate(value=0.5, low=0.4, high=0.6))  # fmt: skip
    found = pitman_model._correctness(context)
    assert (found.value, found.low, found.high) == (0.5, 0.1, 1)
