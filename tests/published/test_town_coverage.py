"""Intervals between towns hold what they say: where the mean of all towns is known."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from privaudit.simulation.town import Town
from privaudit.stats.intervals import share_of_groups, wilson
from tests.fixtures.scripts import script

ROOT = Path(__file__).parents[2]
judge = script("benchmarks/town_coverage.py")
PAGE = (ROOT / "docs" / "claims.md").read_text("utf-8")


def pool(values):
    return pd.DataFrame(
        {"town": np.arange(len(values)), "view": "exact", "gain": "address", "value": values,
         "control": 0.0, "n": 50.0}
    )  # fmt: skip


def test_of_normal_towns_both_hold_95_in_100():
    """200 groups: three standard errors are 4.6 %; the effective size allows for twenty towns."""
    rng = np.random.default_rng(3)
    (found,) = judge.coverage(pool(rng.normal(0.5, 0.08, 5_000)), 200).itertuples()
    assert found.mean == pytest.approx(0.95, abs=0.046)
    assert found.one_more == pytest.approx(0.95, abs=0.046)


def test_where_hits_are_few_student_s_t_misses_and_this_does_not():
    """One person in a hundred, seven a town: of a binomial law the truth is known."""
    rng = np.random.default_rng(5)
    towns = pool(rng.binomial(7, 0.01, 5_000) / 7).assign(n=7.0)
    (found,) = judge.coverage(towns, 200).itertuples()
    assert found.mean >= 0.90
    groups = towns["value"].to_numpy()[rng.integers(len(towns), size=(600, judge.GROUP))]
    half = t.ppf(0.975, judge.GROUP - 1) * groups.std(axis=1, ddof=1) / np.sqrt(judge.GROUP)
    assert np.mean(abs(groups.mean(axis=1) - towns["value"].mean()) <= half) < 0.85


# Shares of towns, people on each map, whether a hit is a share of a household, and between what the
# mean is held: as the gains of maps have them. Towns differ by an intra-class correlation of .03.
LAWS = {
    "address, exact": (0.97, (15, 45), False),
    "household, exact": (0.9, (3, 15), True),
    "person, exact": (0.6, (15, 45), True),
    "opinion": (0.6, (3, 15), False),
    "opinion, larger towns": (0.6, (80, 200), False),
    "address, blurred": (0.2, (15, 45), False),
    "household, blurred": (0.1, (80, 200), True),
}
HOMES = np.array([1, 1, 1, 2, 3, 6, 12])


def drawn(share, people, of_household, size, batches, rng):
    """Towns of a law whose mean is known: values, people, and that mean."""
    n = rng.integers(people[0], people[1] + 1, (batches, size))
    within = (1 - 0.03) / 0.03
    found = rng.beta(share * within, (1 - share) * within, n.shape)
    if not of_household:
        return rng.binomial(n, found) / n, n, share
    hits = np.zeros(n.shape)
    for place in range(people[1]):
        home = rng.choice(HOMES, n.shape)
        hits += (place < n) * (rng.random(n.shape) < found) / home
    return hits / n, n, share * (1 / HOMES).mean()


@pytest.mark.heavy
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("size", [5, 8, 20])
def test_the_mean_of_towns_is_held_as_often_as_is_said(law, size):
    """2,000 batches: a standard error is .005. Wilson over all people holds opinions too seldom."""
    values, people, mean = drawn(*LAWS[law], size, 2_000, np.random.default_rng(size))
    held = [
        low <= mean <= high
        for low, high in (
            share_of_groups(value, n.sum(), n) for value, n in zip(values, people, strict=True)
        )
    ]
    # Five towns with next to everybody found have few misses: the interval is then too wide.
    few = min(mean, 1 - mean) * people.sum(axis=1).mean() < 10
    assert 0.93 <= np.mean(held) <= (0.99 if few else 0.97)


def test_the_interval_within_towns_holds_the_mean_too_seldom():
    """What stood here before, Wilson of the people of all towns: this test can fail."""
    rng = np.random.default_rng(2)
    values, people, mean = drawn(*LAWS["opinion, larger towns"], 20, 500, rng)
    low, high = wilson((values * people).sum(axis=1) / people.sum(axis=1), people.sum(axis=1))
    assert np.mean((low <= mean) & (mean <= high)) < 0.85


@pytest.fixture(scope="module")
def simulated():
    return judge.pool_of(240, Town(inhabitants=1_500))


@pytest.mark.slow
@pytest.mark.parametrize("size", [8, 20])
def test_the_intervals_of_simulated_towns_hold_what_they_say(simulated, size):
    """240 towns of 1,500 people: three standard errors of 400 batches are 3.3 %."""
    pool = simulated
    found = judge.coverage(pool, 400, size=size)
    assert set(found["gain"]) == {"address", "household", "person", "opinion"}
    rare = np.minimum(found["truth"], 1 - found["truth"])
    often = rare * size * pool["n"].mean() > 10
    assert (abs(found["mean"] - 0.95) <= 0.033)[often].all(), found
    assert (found["mean"] >= 0.88).all(), found
    assert (abs(found["one_more"] - 0.95) <= 0.046).all(), found


def test_the_page_says_that_they_do_gain_by_gain():
    lines = PAGE.split("<!-- towns: begin -->")[1].split("<!-- towns: end -->")[0]
    rows = re.findall(
        r"^\| `([^`]+)` \| (\w+) \|.*\| ([\d.]+) \| ([\d.]+) \|$", lines, re.MULTILINE
    )
    assert {(view, gain) for view, gain, *_ in rows} == {
        (view, gain) for view in judge.VIEWS for gain in judge.GAINS
    }
    assert all(float(mean) >= 0.90 for *_, mean, _ in rows)
    # Three standard errors of 200 groups, as above.
    assert all(abs(float(one_more) - 0.95) <= 0.046 for *_, one_more in rows)
