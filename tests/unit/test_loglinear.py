"""tau1 and tau2: by their definition, and against a log-linear model fitted another way."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import minimize

from privaudit.errors import ParameterError
from privaudit.measures.tables.loglinear import (
    fit_margins,
    fit_two_way,
    loglinear_risk,
    two_way_parameters,
)
from privaudit.tables.tau import tau_estimates
from privaudit.words.note import Note

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
    assert got.parameters == 2


def test_a_saturated_model_gives_each_cell_back():
    # Two keys with their interaction: lambda pi of the unique is 1.
    pi = 0.2
    mu = 1 / pi * (1 - pi)
    got = loglinear_risk(CODES, pi, interactions=True)
    assert got.tau1 == pytest.approx(math.exp(-mu), rel=1e-6)
    assert got.parameters == 3


# Another way: dummy columns, the Poisson likelihood, a general optimiser, its information matrix.


def design(levels, interactions):
    """Every cell of the keys, and its dummies, the first level of each key being the reference."""
    cells = np.array(list(product(*map(range, levels))))
    columns = [np.ones(len(cells))]
    dummies = [[cells[:, j] == v for v in range(1, m)] for j, m in enumerate(levels)]
    columns += [column for one in dummies for column in one]
    if interactions:
        for i, j in combinations(range(len(levels)), 2):
            columns += [a & b for a in dummies[i] for b in dummies[j]]
    return cells, np.column_stack(columns).astype(float)


def fitted_by_likelihood(codes, interactions):
    levels = codes.max(axis=0) + 1
    cells, x = design(levels, interactions)
    count = np.array([(codes == cell).all(axis=1).sum() for cell in cells])

    def loss(beta):
        mean = np.exp(x @ beta)
        return mean.sum() - count @ (x @ beta), x.T @ (mean - count)

    start = np.zeros(x.shape[1])
    start[0] = math.log(count.mean())
    best = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-8, "maxiter": 5_000})
    mean = np.exp(x @ best.x)
    information = x.T @ (mean[:, None] * x)
    return count, mean, x, np.linalg.inv(information)


@pytest.mark.parametrize("interactions", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_another_fit_of_the_same_model_gives_the_same_risk(interactions, seed):
    rng = np.random.default_rng(seed)
    margins = [rng.dirichlet(np.full(k, 2.0)) for k in (2, 3, 4)]
    codes = np.stack([rng.choice(len(q), 90, p=q) for q in margins], axis=1)
    codes[:24] = np.array(list(product(range(2), range(3), range(4))))
    pi = 0.3
    count, mean, x, covariance = fitted_by_likelihood(codes, interactions)
    one = count == 1
    mu = mean[one] * (1 - pi) / pi
    unique, right = np.exp(-mu), (1 - np.exp(-mu)) / mu
    got = loglinear_risk(codes, pi, interactions=interactions)
    assert got.uniques == one.sum() > 2
    assert got.parameters == x.shape[1] - 1
    for value, low, high, share, slope in (
        (got.tau1, got.tau1_low, got.tau1_high, unique, -mu * unique),
        (got.tau2, got.tau2_low, got.tau2_high, right, unique - right),
    ):
        # The numbers themselves, and the delta method: slope is by ln mu, which is x beta.
        by_beta = slope @ x[one]
        spread = (share * (1 - share)).sum() + by_beta @ covariance @ by_beta
        half = 1.959964 * math.sqrt(spread)
        assert value == pytest.approx(share.sum(), rel=1e-4)
        assert low == pytest.approx(max(share.sum() - half, 0), rel=1e-3)
        assert high == pytest.approx(min(share.sum() + half, one.sum()), rel=1e-3)
    expected = mean * np.exp(-mean)
    followed = (expected * (1 - mean)) @ x
    spread = (expected * (1 - expected)).sum() - followed @ covariance @ followed
    assert got.expected_uniques == pytest.approx(expected.sum(), rel=1e-4)
    misfit = (one.sum() - expected.sum()) / math.sqrt(spread)
    assert got.misfit == pytest.approx(misfit, rel=2e-3, abs=2e-3)


def test_fitted_margins_are_the_observed_ones_without_three_way_interaction():
    rng = np.random.default_rng(6)
    table = rng.integers(1, 30, size=(3, 4, 2)).astype(float)
    fit, converged = fit_margins(table, [(0, 1), (0, 2), (1, 2)])
    assert converged
    for axis in range(3):
        assert fit.sum(axis=axis) == pytest.approx(table.sum(axis=axis), rel=1e-6)
    # The odds ratio of two keys is the same at both levels of the third.
    odds = fit[:-1, :-1] * fit[1:, 1:] / (fit[:-1, 1:] * fit[1:, :-1])
    assert odds[..., 0] == pytest.approx(odds[..., 1], rel=1e-4)


# Two opposite corners of the cube are empty, and every two-way margin is positive: the model has
# no fit inside its domain, and the rounds creep towards its edge for ever.
CREEPING = np.ones((2, 2, 2))
CREEPING[0, 0, 0] = CREEPING[1, 1, 1] = 0


def test_a_fit_that_has_not_settled_says_so():
    table = CREEPING * 10
    assert not fit_margins(table, [(0, 1), (0, 2), (1, 2)])[1]
    assert fit_margins(table, [(0,), (1,), (2,)])[1]
    assert not fit_margins(np.arange(8.0).reshape(2, 2, 2), [(0, 1), (0, 2)], rounds=1)[1]


def test_tau_of_a_fit_that_has_not_settled_is_not_told():
    # One cell of one record; three thousand in another, so that main effects do not fit.
    codes = np.repeat(np.argwhere(CREEPING), [3_000, 400, 400, 400, 400, 1], axis=0)
    assert abs(loglinear_risk(codes, 0.5).misfit) > 2
    assert not loglinear_risk(codes, 0.5, interactions=True).converged
    found = tau_estimates(codes, 0.5)["tau1"]
    assert (found.low, found.high, found.reliable) == (0, 1, False)
    assert found.reason.values["second"] == Note("fit_not_settled", model="two_way", rounds=200)


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
    # 20 intervals of 95 %: fewer than 17 inside happens once in 60 times.
    assert inside >= 17


def test_a_misfit_is_in_standard_deviations_where_the_model_is_right():
    rng = np.random.default_rng(8)
    margins = [rng.dirichlet(np.full(k, 1.0)) for k in (4, 6, 8)]
    misfits = [
        loglinear_risk(
            np.stack([rng.choice(len(q), 400, p=q) for q in margins], axis=1), 0.2
        ).misfit
        for _ in range(200)
    ]
    # Mean 0 and deviation 1, give or take three standard errors of 200 draws.
    assert abs(np.mean(misfits)) < 3 / math.sqrt(200)
    assert abs(np.std(misfits) - 1) < 3 / math.sqrt(400)


def test_keys_that_depend_on_each_other_are_a_misfit_of_main_effects():
    rng = np.random.default_rng(3)
    one = np.minimum(rng.zipf(1.8, 3_000), 60)
    codes = np.stack([one, one // 2, one // 3], axis=1)
    assert abs(loglinear_risk(codes, 0.2).misfit) > 3
    found = tau_estimates(codes, 0.2)["tau2"]
    assert not found.reliable
    first = found.reason.values.get("first", found.reason)
    assert (first.key, first.values["model"]) == ("uniques_not_as_expected", "main_effects")


def test_two_way_interactions_are_tried_where_there_are_records_for_them():
    # Four kinds of people, whose keys are independent within each.
    rng = np.random.default_rng(5)
    kind, n = rng.integers(0, 4, 5_000), range(5_000)
    keys = []
    for k in (6, 10, 12):
        of_kind = [rng.choice(k, 5_000, p=rng.dirichlet(np.full(k, 0.4))) for _ in range(4)]
        keys.append(np.array(of_kind)[kind, n])
    codes = np.stack(keys, axis=1)
    assert abs(loglinear_risk(codes, 0.2).misfit) > 2
    two = loglinear_risk(codes, 0.2, interactions=True)
    assert two.parameters == two_way_parameters([6, 10, 12]) == 5 + 9 + 11 + 45 + 55 + 99
    assert abs(two.misfit) < 2
    found = tau_estimates(codes, 0.2)["tau1"]
    assert (found.reliable, found.value) == (True, two.tau1)
    few = tau_estimates(codes[:1_000], 0.2)["tau1"]
    too_many = Note("too_many_parameters", model="two_way", parameters=224, records=1_000)
    assert few.reason.values["second"] == too_many


def test_with_everybody_in_the_file_uniques_are_counted():
    found = tau_estimates(CODES, 1.0)
    assert (found["tau1"].value, found["tau1"].reliable) == (1, True)
    assert (found["tau2"].value, found["tau2"].low, found["tau2"].high) == (1, 1, 1)


def test_where_nobody_is_alone_in_the_file_nobody_is_in_the_population():
    found = tau_estimates(np.repeat(CODES, 2, axis=0), 0.01)["tau2"]
    assert (found.value, found.high, found.reliable) == (0, 0, True)


def test_a_parameter_for_every_cell_checks_nothing():
    one = np.repeat(np.arange(6), [1, 1, 20, 30, 40, 50])[:, None]
    assert math.isnan(loglinear_risk(one, 0.3).misfit)
    found = tau_estimates(one, 0.3)["tau1"]
    assert found.reason == Note("a_parameter_for_every_cell", model="main_effects")
    assert (found.low, found.high) == (0, 2)
    assert math.isnan(loglinear_risk(CODES, 0.3, interactions=True).misfit)


def test_too_many_cells_for_interactions_is_refused():
    codes = np.stack([np.arange(1000)] * 3, axis=1)
    with pytest.raises(ParameterError, match="cells of keys"):
        loglinear_risk(codes, 0.5, interactions=True)


def test_a_cell_that_a_margin_empties_is_no_part_of_the_model():
    # Nobody has (0, 0): its fit is 0, and the others come out as they are.
    codes = np.array([[0, 1], [1, 0], [1, 0], [1, 1]])
    fit = fit_two_way(codes, np.array([0, 1, 3]))
    assert fit.mean == pytest.approx([1, 2, 1])
    assert math.isfinite(fit.explained(np.ones(3)))
