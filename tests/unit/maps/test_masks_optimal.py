"""The optimal mechanism keeps exp(epsilon d) on every pair of cells, or refuses."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import GeometryError
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
