"""The smooth mixture of class sizes: by closed forms, another optimiser, and what it refuses."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import poisson

import privaudit as pa
from privaudit.core.policy import WIDEST_SHARE
from privaudit.tables.population.sample_ranges import (
    Estimate,
    Share,
    _most_probable,
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
