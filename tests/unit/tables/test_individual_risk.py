"""Individual risk: the definition summed term by term, and finite everywhere."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import chi2, nbinom

from privaudit.errors import ParameterError
from privaudit.tables.population.individual_risk import (
    WeightedClasses,
    individual_risks,
    individual_risks_approximate,
)
from privaudit.tables.population.sample_ranges import (
    fewest_alone,
    poisson_sum_range,
    sizes_and_share,
)


@given(st.integers(1, 30), st.floats(0.02, 0.999))
def test_it_is_the_expected_inverse_of_a_negative_binomial(f, p):
    # F - f given f: failures before the f-th success. Summed until nothing is left.
    extra = np.arange(0, 40_000)
    want = (nbinom.pmf(extra, f, p) / (f + extra)).sum()
    assert individual_risks([f], [f / p])[0] == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("f", [1, 2, 3, 7, 8, 9, 40, 1000])
@pytest.mark.parametrize("p", [1e-6, 1e-3, 0.1, 0.49, 0.5, 0.51, 0.9, 0.9999])
def test_it_is_euler_s_integral(f, p):
    # (p / f) 2F1(1, 1; f + 1; 1 - p) = p times the integral of (1-t)**(f-1) / (1 - (1-p) t).
    integral, _ = quad(
        lambda t: (1 - t) ** (f - 1) / (1 - (1 - p) * t), 0, 1, epsabs=0, epsrel=1e-11, limit=500,
        points=[1 / f, 1 - min(p, 0.5)],
    )  # fmt: skip
    assert individual_risks([f], [f / p])[0] == pytest.approx(p * integral, rel=1e-8)


def test_closed_forms_of_one_and_two():
    p = np.array([0.01, 0.3, 0.7])
    one = p / (1 - p) * np.log(1 / p)
    two = p / (1 - p) - (p / (1 - p)) ** 2 * np.log(1 / p)
    assert individual_risks([1, 1, 1], 1 / p) == pytest.approx(one)
    assert individual_risks([2, 2, 2], 2 / p) == pytest.approx(two, rel=1e-9)


def test_it_is_finite_and_a_probability_on_every_row():
    # The usual alternating sum overflows on many of these.
    f, p = np.meshgrid(np.r_[1:200, 500, 2000, 20_000], np.r_[1e-9, 1e-5, 0.01:1:0.05, 1 - 1e-9, 1])
    risk = individual_risks(f.ravel(), (f / p).ravel())
    assert np.isfinite(risk).all()
    assert ((risk > 0) & (risk <= 1 / f.ravel() + 1e-15)).all()


def test_a_class_that_is_the_population_is_one_over_f():
    assert individual_risks([1, 4, 50], [1, 4, 50]).tolist() == [1, 0.25, 0.02]


def test_the_approximation_is_its_formula():
    p = 0.1
    assert individual_risks_approximate([5], [50])[0] == pytest.approx(p / (5 - (1 - p)))
    assert individual_risks_approximate([1], [10])[0] == individual_risks([1], [10])[0]
    assert math.isclose(individual_risks_approximate([900], [9000])[0],
                        individual_risks([900], [9000])[0], rel_tol=1e-3)  # fmt: skip


def test_events_of_one_weight_have_the_interval_of_a_count():
    # Garwood: chi-square of 2 k and of 2 k + 2 degrees of freedom.
    low, high = poisson_sum_range(3 * 7.0, 7 * 9.0, 3.0, 0.025)
    assert low == pytest.approx(3 * chi2.ppf(0.025, 14) / 2)
    assert high == pytest.approx(3 * chi2.ppf(0.975, 16) / 2)
    assert poisson_sum_range(0.0, 0.0, 1.0, 0.025)[0] == 0


def sampled(label, weight, rng):
    """Class sizes and people of each record drawn, and how many are alone in both."""
    drawn = rng.random(len(label)) < 1 / weight
    f = np.bincount(label[drawn])[label[drawn]]
    people = np.bincount(label[drawn], weights=weight[drawn])[label[drawn]]
    everybody = np.bincount(label)[label[drawn]]
    return f, people, int(((f == 1) & (everybody == 1)).sum())


@pytest.mark.parametrize("law", ["zipf", "uniform"])
@pytest.mark.parametrize("weights", [(50.0,), (5.0,), (3.0, 9.0, 30.0)])
def test_no_more_are_called_alone_than_are(law, weights):
    rng = np.random.default_rng(4)
    chance = 1 / np.arange(1, 30_001) if law == "zipf" else np.ones(12_000)
    for _ in range(5):
        label = rng.choice(len(chance), 20_000, p=chance / chance.sum())
        f, people, alone = sampled(label, rng.choice(weights, 20_000), rng)
        fewest = fewest_alone(f, people)
        # The bound is of what is expected; what came lies around it.
        assert fewest - 2 * math.sqrt(fewest) <= alone


def test_nobody_is_called_alone_in_a_population_without_uniques():
    # Five people of each key: classes of three are fewer than any mixture of Poissons gives.
    rng = np.random.default_rng(7)
    label = np.repeat(np.arange(6_000), 5)
    for weight in (2.0, 5.0, 20.0):
        f, people, alone = sampled(label, np.full(30_000, weight), rng)
        assert alone == 0
        assert fewest_alone(f, people) == 0


def test_with_everybody_in_the_file_the_uniques_are_alone():
    assert fewest_alone([1, 2, 2, 1], [1, 2, 2, 1]) == 2
    # By counts: a value for two records.
    assert fewest_alone([1, 2], [1, 2], [2, 2]) == 2
    one, many = ([1] * 30 + [2] * 4, [3.0] * 30 + [6.0] * 4), ([1, 2], [3.0, 6.0], [30, 4])
    assert fewest_alone(*one) == pytest.approx(fewest_alone(*many))


@pytest.mark.parametrize(("f", "people"), [([0], [1]), ([2], [1]), ([1, 1], [2])])
def test_what_cannot_be_is_refused(f, people):
    with pytest.raises(ParameterError, match="individual_risks: needs"):
        individual_risks(f, people)


@pytest.mark.parametrize(("k", "m"), [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (3, 1)])
def test_products_of_weights_are_expected_to_be_the_people_unseen(k, m):
    # Every sample of two classes whose people are drawn at rates of their own, by its probability.
    chance = np.array([0.9, 0.5, 0.2, 0.35, 0.6, 0.75, 0.4])
    label = np.array([0, 0, 0, 0, 1, 1, 1])
    people = np.bincount(label)
    true = found = true_weighted = found_weighted = 0.0
    for sample in product([False, True], repeat=7):
        drawn = np.array(sample)
        if not drawn.any():
            continue
        of = np.where(drawn, chance, 1 - chance).prod()
        weight, here = 1 / chance[drawn], label[drawn]
        for c in np.unique(here):
            f = (here == c).sum()
            unseen = math.prod(people[c] - k - j for j in range(m))
            mine = WeightedClasses(np.zeros(f, int), weight[here == c], np.ones(f))
            if f == k:
                true += of * unseen
            if f == k == 1:
                true_weighted += of * unseen * weight[here == c][0]
            if f == k + m:
                found += of * math.factorial(m) * mine.products[m][0]
                found_weighted += of * (
                    math.factorial(m) * mine.products[m][0]
                    + math.factorial(m + 1) * mine.products[m + 1][0]
                )
    assert found == pytest.approx(true)
    if k == 1:
        assert found_weighted == pytest.approx(true_weighted)


def test_with_everybody_in_the_file_the_ranges_are_the_truth():
    one = np.ones(300)
    label = np.concatenate([np.arange(100), 100 + np.arange(200) // 2])
    everybody = WeightedClasses(label, one, one)
    assert everybody.unique_share() == pytest.approx((1 / 3, 1 / 3), abs=1e-6)
    # A hundred alone and a hundred pairs.
    low, high = everybody.mean_risk()
    assert low <= 200 / 300 <= high


def test_few_uniques_bound_the_population_by_a_poisson():
    # Two of weight 10 among 1,000 people: Garwood's upper end of two is 7.22, each worth ten.
    label = np.concatenate([[0, 1], np.repeat(np.arange(2, 12), 8)])
    weight = np.concatenate([[10.0, 10.0], np.full(80, 12.25)])
    sample = WeightedClasses(label, weight, np.ones(82))
    _, high = sample.unique_share()
    most = chi2.ppf(0.975, 2 * 3) / 2 * 10 / sample.people
    assert 20 / sample.people < high <= most * 12.25 / 10


@pytest.mark.parametrize(
    ("size", "people", "needed"),
    [
        ([1, 1], [2], "one F a record"), ([[1]], [[2]], "one F a record"),
        ([1 - 1e-9], [2], "class sizes of 1 or more"), ([2], [2 - 1e-9], "F of at least f"),
        ([np.nan], [2], "class sizes of 1 or more"), ([1], [np.nan], "F of at least f"),
    ],
)  # fmt: skip
def test_sizes_that_cannot_be_are_refused(size, people, needed):
    with pytest.raises(ParameterError, match=f"mine: needs {needed}"):
        sizes_and_share("mine", size, people)


def test_a_sample_may_be_all_of_its_people_but_for_rounding():
    size, share = sizes_and_share("mine", [1, 3, 3], [1, 3 - 1e-13, 12])
    assert (size.tolist(), share.tolist()) == ([1, 3, 3], [1, 1, 0.25])
