"""The page of published figures says what its data say, and its command makes the same again."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.simulation.town import SCENARIOS
from tests.fixtures.scripts import script

ROOT = Path(__file__).parents[2]
judge = script("benchmarks/validation.py")
PAGE = (ROOT / "docs" / "validation.md").read_text("utf-8")
STORED = pd.read_csv(ROOT / "docs" / "data" / "validation" / "figures.csv")
SHOWN = (ROOT / "docs" / "data" / "validation" / "page.csv").read_text("utf-8")


def test_the_page_has_the_stored_numbers():
    assert judge.with_table(PAGE, STORED) == PAGE
    assert judge.table(STORED).to_csv(index=False) == SHOWN
    assert len(STORED) == 5 * 3 + 5 + 3
    assert len(PAGE.split()) <= 450


def test_a_miss_is_called_one():
    near = (STORED["low"] <= STORED["published"]) & (STORED["published"] <= STORED["high"])
    near |= (STORED["low"] == STORED["high"]) & (
        abs(STORED["simulated"] / STORED["published"] - 1) <= 0.1
    )
    assert (STORED["held"] == np.where(near, "yes", "no")).all()
    assert SHOWN.count("**missed**") == (~near).sum() > 0


@pytest.mark.parametrize(
    ("varied", "figure"),
    [
        ("registered", "adults on the roll where they live"),
        ("homes_per_building", "homes a building, Paris"),
    ],
)
def test_the_range_of_an_assumption_holds_what_was_published(varied, figure):
    low, high = SCENARIOS[varied]
    assert low <= STORED.set_index("figure")["published"][figure] <= high


def test_figures_of_names_are_made_again():
    (again,) = (
        judge.names_of(1966, 1990, np.random.default_rng([judge.SEED, 2, draw])) for draw in (0,)
    )
    for figure, value in again.items():
        stored = STORED.set_index("figure").loc[f"{figure}, born 1966 to 1990"]
        # One of ten draws: within the range of one more, its last digit rounded.
        assert stored["low"] - 2e-3 <= value <= stored["high"] + 2e-3


def test_a_homonym_shares_both_names():
    """By hand: of four people two share both names, the third one name only."""
    rng = np.random.default_rng(3)
    found = judge.names_of(1966, 1990, rng, people=2_000)
    assert 0 <= found["homonym"] < 0.02
    assert found["first name, commonest"] <= found["first name, ten commonest"]


@pytest.mark.parametrize(("values", "held"), [((0.1, 0.2, 0.3), "yes"), ((0.7, 0.71, 0.72), "no")])
def test_a_figure_outside_the_range_of_one_more_is_missed(values, held):
    assert judge.row("share", 0.2, list(values), "by hand")["held"] == held
