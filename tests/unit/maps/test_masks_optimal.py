"""The optimal mechanism keeps exp(epsilon d) on every pair of cells, or refuses."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks import optimal_mechanism
from privaudit.maps.masks.optimal_mechanism import OptimalMechanism, optimal_channel


def grid(columns, rows, side):
    return np.array([[i, j] for i in range(columns) for j in range(rows)], float) * side


def people_of(n):
    rows = {"id": [str(i) for i in range(n)], "number": "1", "street": "s", "commune": "c"}
    return {**rows, "station": "", "electors": np.arange(1, n + 1)}


def kept(channel, centres, epsilon):
    """Whether every pair keeps its promise, by its definition, one probability at a time."""
    far = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    for x, y, z in np.ndindex(*(len(centres),) * 3):
        if channel[y, z] == 0:
            if channel[x, z] > 0:
                return False
        elif np.log(channel[x, z] / channel[y, z]) > epsilon * far[x, y] * (1 + 1e-12):
            return False
    return True


@pytest.mark.parametrize(
    ("columns", "rows", "side", "epsilon"),
    [(9, 1, 500, 0.005), (12, 1, 500, 0.02), (4, 3, 500, 1.0), (3, 3, 10, 1e-5), (2, 2, 500, 50)],
)
def test_every_pair_keeps_its_promise(columns, rows, side, epsilon):
    centres = grid(columns, rows, side)
    prior = np.random.default_rng(7).dirichlet(np.ones(len(centres)))
    channel = optimal_channel(centres, prior, epsilon)
    assert kept(channel, centres, epsilon)
    np.testing.assert_allclose(channel.sum(axis=1), 1)


def test_the_promise_holds_over_a_town_ten_kilometres_long():
    # 20 cells of 500 m: the ends are epsilon d = 47 apart, where probabilities of 0 came before.
    centres = np.column_stack([np.arange(20) * 500.0 + 250, np.full(20, 250.0)])
    base = AddressBase(
        pd.DataFrame({**people_of(20), "x": centres[:, 0], "y": centres[:, 1]}), real=False
    )
    placed = OptimalMechanism(epsilon=0.005, size=500).on(base)
    assert placed.channel.min() > 0
    assert kept(placed.channel, placed.centres, 0.005)


def test_cells_that_stand_anywhere_keep_it_too():
    centres = np.random.default_rng(3).uniform(0, 9_000, (10, 2))
    assert kept(optimal_channel(centres, np.full(10, 0.1), 0.004), centres, 0.004)


@pytest.mark.parametrize("nats", [0.01, 1.0, 8.0, 17.0, 25.0])
def test_two_cells_by_hand(nats):
    # The best that keeps K[0, 0] = exp(nats) K[1, 0] moves whoever it must and no one else.
    centres, epsilon = np.array([[0.0, 0.0], [500.0, 0.0]]), nats / 500
    channel = optimal_channel(centres, np.array([0.5, 0.5]), epsilon)
    away = 1 / (1 + np.exp(nats))
    assert channel[[0, 1], [1, 0]] == pytest.approx([away, away], rel=1e-3, abs=1e-8)


def test_an_answer_that_breaks_the_promise_is_refused(monkeypatch):
    monkeypatch.setattr(optimal_mechanism, "_bounded", lambda channel, nats: np.eye(len(channel)))
    with pytest.raises(GeometryError, match="keeps its bound"):
        optimal_channel(grid(3, 1, 500), np.full(3, 1 / 3), 0.005)


def town(side, seed=0):
    """Cells of 100 m that hold people, with holes, and the share of the people in each."""
    rng = np.random.default_rng(seed)
    cells = np.array([[i, j] for i in range(side) for j in range(side)], float)
    middle = rng.random((4, 2)) * side
    density = sum(np.exp(-((cells - m) ** 2).sum(axis=1) / (side / 3) ** 2) for m in middle)
    people = rng.poisson(20 * density) + rng.poisson(0.3, len(cells))
    return cells[people > 0] * 100, people[people > 0] / people.sum()


def mean_move(channel, centres, prior):
    far = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    return float((prior[:, None] * channel * far).sum())


@pytest.mark.heavy
@pytest.mark.parametrize(("epsilon", "over"), [(0.005, 0.03), (0.01, 0.02), (0.02, 0.005)])
def test_columns_come_near_the_programme_of_all_pairs(monkeypatch, epsilon, over):
    centres, prior = town(6)
    assert len(centres) <= optimal_mechanism.EXACT_CELLS
    least = mean_move(optimal_channel(centres, prior, epsilon), centres, prior)
    monkeypatch.setattr(optimal_mechanism, "EXACT_CELLS", 0)
    channel = optimal_channel(centres, prior, epsilon)
    assert kept(channel, centres, epsilon)
    assert least * (1 - 1e-4) <= mean_move(channel, centres, prior) <= least * (1 + over)


def test_two_cells_by_hand_by_columns(monkeypatch):
    monkeypatch.setattr(optimal_mechanism, "EXACT_CELLS", 0)
    centres = np.array([[0.0, 0.0], [500.0, 0.0]])
    channel = optimal_channel(centres, np.array([0.5, 0.5]), 2 / 500)
    away = 1 / (1 + np.exp(2))
    assert channel[[0, 1], [1, 0]] == pytest.approx([away, away], rel=1e-3)


@pytest.mark.heavy
def test_a_hundred_cells_keep_the_promise_and_beat_a_remapped_exponential():
    centres, prior = town(11)
    assert len(centres) > 100
    channel = optimal_channel(centres, prior, 0.01)
    np.testing.assert_allclose(channel.sum(axis=1), 1)
    far = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    ratio = np.log(channel)[:, None] - np.log(channel)[None]
    assert (ratio <= 0.01 * far[..., None] * (1 + 1e-9)).all()
    usual = np.exp(-0.005 * far)
    usual /= usual.sum(axis=1, keepdims=True)
    remapped = ((prior[:, None] * usual).T @ far).min(axis=1).sum()
    assert mean_move(channel, centres, prior) < 0.7 * remapped


def test_more_than_a_thousand_cells_are_refused_before_anything_is_solved():
    centres = grid(40, 30, 100) + 50
    base = AddressBase(
        pd.DataFrame({**people_of(1200), "x": centres[:, 0], "y": centres[:, 1]}), real=False
    )
    with pytest.raises(ParameterError, match=r"at most 1,000 cells of 100 m .* but got 1,200"):
        OptimalMechanism(epsilon=0.01, size=100).on(base)
