"""Parts of the programme over columns, each beside its definition or another solver."""

import numpy as np
import pytest
from scipy.optimize import linprog

from privaudit.errors import GeometryError
from privaudit.maps.masks import optimal_mechanism
from privaudit.maps.masks.optimal_mechanism import (
    _first,
    _longest,
    _near,
    _searched,
    _weights,
    combined_channel,
)


def cells(n, epsilon=0.01):
    at = np.random.default_rng(n).uniform(0, 1_000, (n, 2))
    gap = np.hypot(*(at[:, None] - at).transpose(2, 0, 1))
    return gap, epsilon * gap


def keeps(columns, nats):
    """Whether each column is nowhere more than exp(nats) times what it is elsewhere."""
    ratio = columns[:, None] / columns[None]
    return (ratio <= np.exp(nats)[..., None] * (1 + 1e-9)).all()


@pytest.mark.parametrize(
    ("at", "move", "step"),
    [
        ([2.0, 3.0], [-4.0, 1.0], 0.5), ([2.0, 3.0], [-4.0, -9.0], 1 / 3), ([2.0], [-1.0], 1.0),
        ([0.0, 2.0], [0.0, -4.0], 0.5), ([2.0, 3.0], [4.0, 1.0], 1.0),
    ],
)  # fmt: skip
def test_the_longest_step_leaves_nothing_below_nothing(at, move, step):
    assert _longest(np.array(at), np.array(move)) == pytest.approx(step)


@pytest.mark.parametrize("n", [3, 9, 10, 30])
def test_neighbours_are_the_eight_nearest_of_either_cell(n):
    gap, _ = cells(n)
    eight = np.argsort(gap, axis=1)[:, 1:9]
    want = {(x, int(y)) for x in range(n) for y in eight[x]}
    x, y = _near(gap)
    assert set(zip(x.tolist(), y.tolist(), strict=True)) == want | {(b, a) for a, b in want}
    assert len(x) == len(want | {(b, a) for a, b in want})


def test_the_first_columns_fall_off_from_cells_and_discs_of_three_radii():
    gap = np.abs(np.subtract.outer(np.arange(7), np.arange(7))) * 10.0
    falls = np.exp(-gap / 20)
    discs = [falls, np.ones((7, 1))]
    # 10.1, 15 and 20.1 m: one cell on, one, two.
    for cells_on in (1, 2):
        near = gap <= 10 * cells_on
        discs.append(np.stack([falls[:, some].max(axis=1) for some in near], axis=1))
    want = {tuple(column) for column in np.concatenate(discs, axis=1).T}
    assert {tuple(column) for column in _first(gap, falls).T} == want


@pytest.mark.parametrize("seed", range(3))
def test_weights_and_prices_are_those_of_another_solver(seed):
    rng = np.random.default_rng(seed)
    columns, cost = rng.uniform(0.1, 1, (6, 25)), rng.uniform(1, 2, 25)
    columns = np.column_stack([columns, np.eye(6)])
    cost = np.append(cost, np.full(6, 9.0))
    weights, prices = _weights(columns, cost)
    best = linprog(cost, A_eq=columns, b_eq=np.ones(6), method="highs")
    assert cost @ weights == pytest.approx(best.fun, rel=1e-5)
    assert prices.sum() == pytest.approx(best.fun, rel=1e-5)
    assert columns @ weights == pytest.approx(np.ones(6), abs=1e-8)
    assert weights.min() > -1e-12
    assert (cost - columns.T @ prices).min() > -1e-6


def test_a_programme_that_is_not_solved_is_refused(monkeypatch):
    for columns in (np.eye(2), np.zeros((2, 2))):
        monkeypatch.setattr(optimal_mechanism, "_STEPS", 0)
        with pytest.raises(GeometryError, match="none from the solver"):
            _weights(columns, np.ones(2))


def test_columns_that_are_searched_keep_the_bound_and_are_worth_something():
    gap, nats = cells(14)
    falls, pairs = np.exp(-nats), _near(gap)
    rng = np.random.default_rng(5)
    worth = rng.normal(0, 1, (14, 14)) - 0.2
    worth[:, 3] = -1
    found = _searched(worth, falls, nats, pairs)
    assert 0 < found.shape[1] < 14
    assert keeps(found, nats)
    assert found.max(axis=0) == pytest.approx(1)
    assert ((worth.T @ found).max(axis=0) > 0).all()
    assert _searched(-np.ones((14, 14)), falls, nats, pairs).shape == (14, 0)


def test_a_channel_keeps_the_bound_and_costs_little_more_than_all_pairs_allow():
    """The programme of a variable for each two cells, bound on all pairs, gives the least."""
    n = 6
    gap, nats = cells(n)
    prior = np.random.default_rng(6).dirichlet(np.ones(n))
    channel = combined_channel(gap, nats, prior)
    assert channel.sum(axis=1) == pytest.approx(1)
    assert keeps(channel[:, channel.max(axis=0) > 0], nats)
    bounds, rows = [], []
    for x, y, z in np.ndindex(n, n, n):
        if x != y:
            row = np.zeros((n, n))
            row[x, z], row[y, z] = 1, -np.exp(nats[x, y])
            bounds.append(row.ravel())
    for x in range(n):
        row = np.zeros((n, n))
        row[x] = 1
        rows.append(row.ravel())
    cost = prior[:, None] * gap
    best = linprog(cost.ravel(), A_ub=np.array(bounds), b_ub=np.zeros(len(bounds)),
                   A_eq=np.array(rows), b_eq=np.ones(n), method="highs")  # fmt: skip
    assert best.fun <= (channel * cost).sum() * (1 + 1e-9)
    # A gain of a thousandth ends the search.
    assert (channel * cost).sum() <= best.fun * 1.02
    assert (optimal_mechanism.ROUNDS, optimal_mechanism.NEIGHBOURS) == (4, 8)
