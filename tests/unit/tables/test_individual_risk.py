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
    _CHANCE,
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


def sample_with_ends(label, weight, ends):
    """Weighted classes whose programmes have stated ends, by the records of a class."""

    class Stated(WeightedClasses):
        def _ends(self, k, total, slack, *, weighted=False):
            return ends[k]

    return Stated(label, np.full(len(label), weight), np.ones(len(label)))


def test_a_share_of_uniques_goes_from_the_ends_by_the_noise_of_a_draw():
    # 400 records of weight 2, each alone: 800 people, and 400 of them were not drawn.
    sample = sample_with_ends(np.arange(400), 2.0, {1: (300.0, 500.0)})
    noise = 1.96 * math.sqrt(400 * 2 * (2 - 1))
    low, high = sample.unique_share()
    assert low == pytest.approx((300 - noise) / (800 + noise))
    assert high == pytest.approx((500 + noise) / (800 - noise))


def test_a_share_of_uniques_is_at_most_their_weighted_share_and_its_error():
    # 100 alone of weight 2 and 100 pairs of weight 2: 200 of 600 people.
    label = np.concatenate([np.arange(100), 100 + np.arange(200) // 2])
    sample = sample_with_ends(label, 2.0, {1: (0.0, 600.0)})
    # Twice what a record is above the share, or below it; half of each is due to the draw.
    squares = 100 * (2 * 2 / 3) ** 2 + 200 * (2 / 3) ** 2
    most = 200 + 1.96 * math.sqrt(squares / 2)
    assert sample.unique_share()[1] == pytest.approx(most / 600)


def test_a_mean_risk_goes_from_the_ends_by_a_root_of_the_classes():
    # Nine alone, a hundred pairs, four threes; two of five and one of six, of weight 3 each.
    size = np.repeat([1, 2, 3, 5, 6], [9, 100, 4, 2, 1])
    label = np.repeat(np.arange(len(size)), size)
    ends = {1: (4.0, 7.0), 2: (60.0, 90.0), 3: (1.0, 2.0)}
    low, high = sample_with_ends(label, 3.0, ends).mean_risk()
    # By Cauchy. Whoever is beside the three large ones: twelve in the class of six are known.
    others = poisson_sum_range(12.0, 144.0, 6 * 2.0, _CHANCE)[1] * (1 + 2 / math.sqrt(3))
    large = (2 * math.sqrt(5) + math.sqrt(6)) ** 2 / (16 + others)
    records = 9 + 200 + 12 + 16
    assert low == pytest.approx(((4 - 3) + (60 - 10) + 0 + large) / records)
    assert high == pytest.approx((min(7 + 3, 9) + min(90 + 10, 100) + min(2 + 2, 4) + 3) / records)


@pytest.mark.parametrize(
    ("m", "weighted", "total", "squares", "largest"),
    [
        # Pairs of weights 2 and 3, and of 4 and 4: three people unseen, and six.
        (1, False, 3 + 6, 3**2 + 6**2, 2 * 2.5),
        # With each once for the other, twice: 2 x 1 x 2 and 2 x 3 x 3 more.
        (1, True, 7 + 24, 7**2 + 24**2, 2 * 2.5 * 3.5),
        # A class of three of weights 2, 3, 5: products of two of 1, 2 and 4, both ways round.
        (2, False, 2 * 14, (2 * 14) ** 2, 3 * 2 * 2.5**2),
        # And 6 x 1 x 2 x 4 more.
        (2, True, 28 + 48, (28 + 48) ** 2, 3 * 2 * 2.5**2 * 3.5),
    ],
)
def test_moments_of_classes_of_one_are_the_products_of_larger_ones(
    m, weighted, total, squares, largest
):
    label = np.array([0, 0, 1, 1, 2, 2, 2, 3])
    # The mean of what is beyond one is 2.5.
    weight = np.array([2, 3, 4, 4, 2, 3, 5, 5.0])
    sample = WeightedClasses(label, weight, np.ones(8))
    assert (weight - 1).mean() == 2.5
    want = poisson_sum_range(total, squares, largest, _CHANCE)
    assert sample._moment(1, m, weighted) == pytest.approx(want)


def test_a_bound_of_uniques_is_jensen_s_by_hand():
    # 400 alone and 40 pairs of weight 11, 20 threes: ten people unseen of each record.
    f = [1] * 400 + [2] * 80 + [3] * 60
    people = [11.0 * one for one in f]
    pairs = 40 * 2 * 10.0
    most = chi2.isf(0.025, 2 * (40 + 1)) / 2 * 20
    # The square of 800 over 400 is 1,600; twenty threes stand for 20 x 6 x 100.
    assert chi2.ppf(0.025, 40) / 2 * 600 * 400 > pairs**2
    fewest = 400 - 2 * 20
    assert fewest_alone(f, people) == pytest.approx(fewest * math.exp(-most / fewest))


def test_four_alone_or_fewer_may_be_none():
    for alone in (1, 4):
        f = [1] * alone + [3] * 600
        assert fewest_alone(f, [1.5 * one for one in f]) == 0
    assert fewest_alone([1] * 5 + [3] * 600, [1.5] * 5 + [4.5] * 600) > 0


class OfMoments(WeightedClasses):
    """Ten classes of one, beside whom 30 to 40 people are expected to be unseen."""

    def _moment(self, k, m, weighted):
        return (30.0, 40.0) if m == 1 else (0.0, 1e9)


def test_the_ends_of_a_risk_are_those_of_all_populations_with_its_moments():
    sample = OfMoments(np.arange(10), np.ones(10), np.ones(10))
    for slack in (0.0, 0.5):
        low, high = sample._ends(1, 10.0, slack)
        # By Jensen the least where all have as many beside them: four, and with the slack six.
        assert low == pytest.approx(10 / (1 + 4 * (1 + slack)))
        # The most where a few have all: three each, or half of it, 41 more than one at most.
        few = 3 * (1 - slack) / 41
        assert high == pytest.approx(10 * (1 - few + few / 42))
    # All of the lower end is slack, and more than all: nobody need be beside them.
    for slack in (1.0, 1.5):
        assert sample._ends(1, 10.0, slack)[1] == pytest.approx(10)
    # Of pairs 2 / F, where nothing is beside two.
    low, high = sample._ends(2, 10.0, 0.0)
    assert low == pytest.approx(10 * 2 / 6)
    few = 3 / 41
    assert high == pytest.approx(10 * (1 - few + few * 2 / 43))
