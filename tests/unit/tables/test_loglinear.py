"""tau1 and tau2: by their definition, and whether the check lets only what holds be told."""

import math
from itertools import product

import numpy as np
import pytest

from privaudit.errors import ParameterError
from privaudit.tables.equivalence_classes import classes
from privaudit.tables.population.loglinear_model import (
    fit_main_effects,
    loglinear_risk,
    tau_estimates,
)
from privaudit.words.catalogues import Note

CODES = np.array([[0, 0]] * 4 + [[0, 1]] * 2 + [[1, 0]] * 3 + [[1, 1]])


def independent(people, rng):
    margins = [rng.dirichlet(np.full(k, 1.0)) for k in (6, 10, 12, 15)]
    return np.stack([rng.choice(len(q), people, p=q) for q in margins], axis=1)


def dependent(people, rng):
    """Keys that are independent only within each of six kinds of people."""
    kind, n = rng.integers(0, 6, people), np.arange(people)
    keys = []
    for k in (2, 7, 16, 40):
        of_kind = [rng.choice(k, people, p=rng.dirichlet(np.full(k, 0.4))) for _ in range(6)]
        keys.append(np.array(of_kind)[kind, n])
    return np.stack(keys, axis=1)


def truth(people, drawn):
    """tau1 and tau2 of the records that are drawn."""
    groups = classes(people)
    inside = np.bincount(groups.label[drawn], minlength=len(groups.size))
    everybody = groups.size[inside == 1]
    return {"tau1": (everybody == 1).sum(), "tau2": (1 / everybody).sum()}


def test_main_effects_written_out():
    # Ten records; the only unique is (1, 1), with margins 4 / 10 and 3 / 10.
    mu = 10 * 0.4 * 0.3 * (4 - 1)
    got = loglinear_risk(CODES, 4.0)
    assert (got.uniques, got.pairs, got.parameters) == (1, 1, 2)
    assert got.tau1 == pytest.approx(math.exp(-mu))
    assert got.tau2 == pytest.approx((1 - math.exp(-mu)) / mu)
    # Without the unique: 9 records, 3 of (1, .) and 2 of (., 1). A pair stands for 2 (4 - 1).
    assert got.expected_pairs == pytest.approx(9 * 3 / 9 * 2 / 9 * (4 - 1) / (2 * (4 - 1)))


def test_unequal_weights_written_out():
    # Those of key (1, .) stand for 5 people each, the others for 2: 32 people in all.
    weight = np.where(CODES[:, 0] == 1, 5.0, 2.0)
    everybody = 32 * (4 * 5 / 32) * ((2 * 2 + 5) / 32)
    mu = everybody - 10 * 0.4 * 0.3
    assert loglinear_risk(CODES, weight).tau1 == pytest.approx(math.exp(-mu))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_influence_of_a_record_is_what_a_little_more_weight_does(seed):
    rng = np.random.default_rng(seed)
    levels = np.concatenate([np.array(list(product(range(2), range(3), range(4))))] * 2)
    weight, at = rng.uniform(1, 3, len(levels)), rng.choice(len(levels), 9, replace=False)
    slope = rng.normal(size=9)
    got = fit_main_effects(levels, weight).influence(at, slope)
    for record in (0, 5, at[0]):
        sums = []
        for step in (1e-5, -1e-5):
            moved = weight.copy()
            moved[record] += step
            sums.append(slope @ np.log(fit_main_effects(levels, moved).mean[at]))
        assert got[record] == pytest.approx((sums[0] - sums[1]) / 2e-5, rel=1e-5)


def test_the_rest_is_the_fit_of_the_others():
    levels = independent(60, np.random.default_rng(4))
    levels = np.stack([np.unique(c, return_inverse=True)[1] for c in levels.T], axis=1)
    fit = fit_main_effects(levels, np.ones(60))
    for record in (0, 17, 59):
        others = np.delete(levels, record, axis=0)
        shares = [(others[:, j] == levels[record, j]).mean() for j in range(4)]
        assert fit.rest[record] == pytest.approx(59 * np.prod(shares))


def tried(make, rate, draws, seed, people=20_000, weight=None):
    """How often tau1 and tau2 are told, held, and how far the told ones are off."""
    rng = np.random.default_rng(seed)
    told, held = [], []
    for _ in range(draws):
        keys = make(people, rng)
        each = np.full(people, rate) if weight is None else 1 / weight(keys, rng)
        drawn = rng.random(people) < each
        found = tau_estimates(keys[drawn], 1 / rate if weight is None else 1 / each[drawn])
        for word, true in truth(keys, drawn).items():
            told.append(found[word].reliable)
            held.append(found[word].low <= true <= found[word].high)
    return np.array(told), np.array(held)


def test_independent_keys_are_told_and_held():
    told, held = tried(independent, 0.2, 10, 3)
    assert told.mean() > 0.7
    # 20 intervals of 95 %: fewer than 17 inside happens once in 60 times.
    assert held.sum() >= 17


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.2])
def test_dependent_keys_are_not_told_however_few_are_sampled(rate):
    told, held = tried(dependent, rate, 6, 5)
    assert not told.any()
    assert held.all()


def test_where_pairs_are_few_the_check_is_weak_and_nothing_is_told():
    rng = np.random.default_rng(2)
    keys = independent(20_000, rng)
    found = tau_estimates(keys[rng.random(20_000) < 0.02], 50.0)["tau1"]
    assert not found.reliable
    assert found.reason.key == "check_too_weak"
    assert found.high - found.low > 0.2 * found.reason.values["pairs"]


def by_level(keys, rng):
    return np.where(keys[:, 0] < 2, 2.0, 9.0)


def of_its_own(keys, rng):
    return rng.choice([2.0, 4.0, 12.0], len(keys))


@pytest.mark.parametrize("weight", [by_level, of_its_own])
def test_unequal_weights_are_used_rightly(weight):
    told, held = tried(independent, 0.0, 8, 9, weight=weight)
    assert told.mean() > 0.5
    assert held.sum() >= 14


def test_a_right_model_rarely_fails_its_check():
    rng = np.random.default_rng(8)
    failed = [
        abs(loglinear_risk(independent(800, rng)[:, :3], 5.0).misfit) > 2.5 for _ in range(100)
    ]
    # Four checks at 2.5 standard deviations: one in a hundred each, were they normal.
    assert np.mean(failed) < 0.12


def test_twins_drawn_together_are_no_pair():
    # Each key is that of two people of one household, and both are always drawn.
    rng = np.random.default_rng(6)
    keys = independent(3_000, rng)
    both, home = np.repeat(keys, 2, axis=0), np.repeat(np.arange(3_000), 2)
    assert loglinear_risk(both, 5.0, household=home).pairs == 0
    apart = np.concatenate([keys, independent(20, rng)])
    unknown = np.r_[np.arange(3_000), np.full(20, -1)]
    together = loglinear_risk(apart, 5.0, household=unknown)
    assert together.pairs == loglinear_risk(apart, 5.0).pairs


def test_with_everybody_in_the_file_uniques_are_counted():
    found = tau_estimates(CODES, 1.0)
    assert (found["tau1"].value, found["tau1"].reliable) == (1, True)
    assert (found["tau2"].value, found["tau2"].low, found["tau2"].high) == (1, 1, 1)


def test_where_nobody_is_alone_in_the_file_nobody_is_in_the_population():
    found = tau_estimates(np.repeat(CODES, 2, axis=0), 100.0)["tau2"]
    assert (found.value, found.high, found.reliable) == (0, 0, True)


def test_a_parameter_for_every_cell_checks_nothing():
    one = np.repeat(np.arange(6), [1, 1, 20, 30, 40, 50])[:, None]
    assert math.isnan(loglinear_risk(one, 3.0).misfit)
    found = tau_estimates(one, 3.0)["tau1"]
    assert found.reason == Note("a_parameter_for_every_cell")
    assert (found.low, found.high) == (0, 2)


def test_triples_that_stand_for_nobody_else_check_nothing():
    # The triple (1, 0) has weights of 1, 1 and 5: (w - 1) (v - 1) is 0 for each two of them.
    weight = np.where(CODES.any(axis=1) & (CODES[:, 1] == 0), 1.0, 4.0)
    weight[8] = 5.0
    # 35 people, 11 of (1, .) and 12 of (., 1).
    mu = 35 * (11 / 35) * (12 / 35) - 10 * 0.4 * 0.3
    assert loglinear_risk(CODES, weight).tau1 == pytest.approx(math.exp(-mu))


def test_a_weight_below_one_is_refused():
    with pytest.raises(ParameterError, match="weight"):
        loglinear_risk(CODES, 0.5)
