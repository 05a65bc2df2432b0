"""Risks beside a population, a rate or weights, counted by hand; thresholds at their edges."""

import math

import numpy as np
import pandas as pd
import pytest

import privaudit as pa

ROLES = pa.Roles(key=["k"])
FILE = pd.DataFrame({"k": [*"aabbbcccc"]})
BLANK = pd.DataFrame({"k": [*"aabbbcccc", None]})
CROWD = pd.DataFrame({"k": [*"aaabbbbbccccccccc"]})


def test_from_a_population_there_is_nothing_to_approximate():
    row = pa.measure(FILE, ROLES, population=CROWD).row("individual_risk_approximate")
    # Two of three, three of five, four of nine.
    assert row.value == pytest.approx((2 / 3 + 3 / 5 + 4 / 9) / 9)
    assert [note.key for note in row.notes] == ["nothing_to_approximate"]


def test_a_blank_gives_a_mean_risk_the_range_of_what_it_may_be():
    row = pa.measure(BLANK, ROLES, population=CROWD).row("individual_risk")
    told = 2 / 3 + 3 / 5 + 4 / 9
    # It may be one of the nine, or one of the three.
    assert row.low == pytest.approx((told + 1 / 9) / 10)
    assert row.high == pytest.approx((told + 1 / 3) / 10)
    assert row.low <= row.value <= row.high


@pytest.mark.parametrize(
    ("threshold", "low", "high"),
    [
        # Fewer than three share a key: none where the blank is a third a; the two and itself.
        (0.34, 0.0, 0.3),
        # Fewer than five: all but five c; all, where it is anything else.
        (0.2, 0.5, 1.0),
    ],
)
def test_a_blank_gives_a_share_at_risk_its_range_at_the_threshold(threshold, low, high):
    row = pa.measure(BLANK, ROLES, threshold=threshold).row("share_at_risk")
    assert (row.low, row.high) == (low, high)


def sampled():
    """Everybody's keys, half of them in the file, and F of each record of it."""
    rng = np.random.default_rng(5)
    keys = {f"k{m}": rng.choice(m, 6_000, p=rng.dirichlet(np.full(m, 0.7))) for m in (2, 8, 20, 6)}
    everybody = pd.DataFrame(keys)
    file = everybody[rng.random(6_000) < 0.5]
    size = everybody.groupby(list(keys)).size().rename("F").reset_index()
    return file, file.merge(size, how="left", validate="m:1")["F"].to_numpy()


def test_a_risk_above_a_threshold_is_one_of_few_people():
    file, people = sampled()
    of = {}
    for threshold in (0.4, 0.5, 0.6, 1):
        found = pa.measure(file, pa.Roles(key=list(file)), sampling_fraction=0.5, special=2,
                           threshold=threshold)  # fmt: skip
        row = of[threshold] = found.row("share_at_risk")
        assert row.low <= (1 / people > threshold).mean() <= row.high
    # Above a half, or .6, is 1 / F of those alone; above .4 of two as well; above 1 of nobody.
    assert (of[0.5].value, of[0.5].low, of[0.5].high) == (of[0.6].value, of[0.6].low, of[0.6].high)
    assert of[0.5].high < of[0.4].high < 0.25
    assert (of[1].value, of[1].high) == (0, 0)
    # Nothing is no negative number.
    assert math.copysign(1, of[1].high) == 1


def test_under_unequal_weights_a_mean_risk_has_the_floor_of_cauchy():
    file = pd.DataFrame({"k": [*"aabc"], "w": [1.0, 3, 6, 2]})
    row = pa.measure(file, pa.Roles(key=["k"], weight="w")).row("marketer_risk")
    # Three classes of four records, of twelve people.
    assert row.low == pytest.approx(3**2 / (12 * 4))
    assert math.isnan(row.value)
