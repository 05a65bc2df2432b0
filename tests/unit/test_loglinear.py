"""tau1 and tau2: by their definition, on a table small enough to write out."""

import math

import numpy as np
import pytest

from privaudit.errors import ParameterError
from privaudit.measures.tables.loglinear import fit_margins, loglinear_risk

CODES = np.array([[0, 0]] * 4 + [[0, 1]] * 2 + [[1, 0]] * 3 + [[1, 1]])


def test_main_effects_written_out():
    # Ten records; the only unique is (1, 1), with margins 4 / 10 and 3 / 10.
    pi = 0.25
    mu = 10 * 0.4 * 0.3 / pi * (1 - pi)
    got = loglinear_risk(CODES, pi)
    assert got.uniques == 1
    assert got.tau1 == pytest.approx(math.exp(-mu))
    assert got.tau2 == pytest.approx((1 - math.exp(-mu)) / mu)
    means = [10 * a * b for a in (0.6, 0.4) for b in (0.7, 0.3)]
    assert got.expected_uniques == pytest.approx(sum(m * math.exp(-m) for m in means))
    assert np.isnan(got.per_record).sum() == 9


def test_a_saturated_model_gives_each_cell_back():
    # Two keys with their interaction: lambda pi of the unique is 1.
    pi = 0.2
    mu = 1 / pi * (1 - pi)
    got = loglinear_risk(CODES, pi, interactions=True)
    assert got.tau1 == pytest.approx(math.exp(-mu), rel=1e-6)


def test_fitted_margins_are_the_observed_ones_without_three_way_interaction():
    rng = np.random.default_rng(6)
    table = rng.integers(1, 30, size=(3, 4, 2)).astype(float)
    fit = fit_margins(table, [(0, 1), (0, 2), (1, 2)])
    for axis in range(3):
        assert fit.sum(axis=axis) == pytest.approx(table.sum(axis=axis), rel=1e-6)
    # The odds ratio of two keys is the same at both levels of the third.
    odds = fit[:-1, :-1] * fit[1:, 1:] / (fit[:-1, 1:] * fit[1:, :-1])
    assert odds[..., 0] == pytest.approx(odds[..., 1], rel=1e-4)


def test_independent_keys_give_the_true_number_of_population_uniques():
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(10):
        margins = [rng.dirichlet(np.ones(k)) for k in (6, 10, 12, 15)]
        people = np.stack([rng.choice(len(q), 20_000, p=q) for q in margins], axis=1)
        sample = rng.random(20_000) < 0.2
        _, label, count = np.unique(people, axis=0, return_inverse=True, return_counts=True)
        label = label.ravel()
        _, place, drawn = np.unique(label[sample], return_inverse=True, return_counts=True)
        alone = drawn[place] == 1
        true1 = (count[label[sample]][alone] == 1).sum()
        true2 = (1 / count[label[sample]][alone]).sum()
        got = loglinear_risk(people[sample], 0.2)
        assert abs(got.misfit) < 4
        inside += got.tau1_low <= true1 <= got.tau1_high
        inside += got.tau2_low <= true2 <= got.tau2_high
    # 20 intervals of 95 %, the parameters being estimated too.
    assert inside >= 17


def test_keys_that_depend_on_each_other_are_a_misfit_of_main_effects():
    rng = np.random.default_rng(3)
    one = rng.integers(0, 300, 3_000)
    codes = np.stack([one, one // 2, one // 3], axis=1)
    assert abs(loglinear_risk(codes, 0.2).misfit) > 3


def test_too_many_cells_for_interactions_is_refused():
    codes = np.stack([np.arange(1000)] * 3, axis=1)
    with pytest.raises(ParameterError, match="cells of keys"):
        loglinear_risk(codes, 0.5, interactions=True)
