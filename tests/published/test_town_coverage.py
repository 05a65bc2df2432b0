"""Intervals between towns hold what they say: where the mean of all towns is known."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from privaudit.simulation.town import Town

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location(
    "town_coverage", ROOT / "benchmarks" / "town_coverage.py"
)
judge = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(judge)
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


@pytest.mark.slow
def test_the_intervals_of_towns_hold_what_they_say():
    """The mean is held too often rather than too seldom: a hit may be a share of a household."""
    found = judge.coverage(judge.pool_of(120, Town(inhabitants=600)), 200)
    assert set(found["gain"]) == {"address", "household", "person", "opinion"}
    assert (found["mean"] >= 0.90).all(), found
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
