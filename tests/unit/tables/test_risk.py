"""Risk from class sizes: definitions, and means over people."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.core.policy import UNEVEN_WEIGHTS
from privaudit.errors import ParameterError
from privaudit.tables.disclosure_risk import (
    household_risks,
    presence_range,
    prosecutor_risks,
    share_above,
)
from privaudit.tables.k_anonymity import count_uniques, share_below, smallest_class
from privaudit.tables.measure import measure

# Classes of 1, 2 and 5 records.
SIZE = np.repeat([1, 2, 5], [1, 2, 5])


def test_k_and_uniques_and_shares():
    assert smallest_class(SIZE) == 1
    assert count_uniques(SIZE) == 1
    assert share_below(SIZE, 2) == 1 / 8
    assert share_below(SIZE, 3) == 3 / 8
    assert share_below(SIZE, 5) == 3 / 8
    assert share_below(SIZE, 6) == 1


def test_the_mean_risk_is_over_records_and_not_over_classes():
    mean = prosecutor_risks(SIZE).mean()
    assert mean == pytest.approx(3 / 8)  # classes over records
    over_classes = (1 + 1 / 2 + 1 / 5) / 3
    assert abs(mean - over_classes) > 0.1


def test_one_large_class_keeps_the_mean_risk_low():
    # 99 people alike and one alone: 2 classes in 100 records, where a mean over classes is .505.
    size = np.repeat([1, 99], [1, 99])
    assert prosecutor_risks(size).mean() == pytest.approx(0.02)


def test_records_at_a_threshold_are_not_above_it():
    assert share_above([0.2, 0.21, 0.3, 0.1], 0.2) == 2 / 4


def test_delta_presence_spans_the_population():
    assert presence_range([1, 3], [4, 4]) == (0.25, 0.75)


def test_a_household_is_found_when_one_member_is():
    got = household_risks([0.5, 0.2, 0.1, 1.0, 0.3], [7, 7, -1, 3, 3])
    assert got == pytest.approx([0.6, 0.6, 0.1, 1.0, 1.0])


def test_small_household_risks_are_not_lost_to_rounding():
    got = household_risks([1e-18, 1e-18], [0, 0])
    assert got == pytest.approx([2e-18, 2e-18], rel=1e-12)


@pytest.mark.parametrize("size", [[], [0, 1], [[1]], [np.nan]])
def test_sizes_that_cannot_be_are_refused(size):
    with pytest.raises(ParameterError, match="prosecutor_risks: needs"):
        prosecutor_risks(size)


@pytest.mark.parametrize(("off", "uneven"), [(-1e-3, False), (1e-3, True)])
def test_weights_that_differ_by_more_than_a_twentieth_are_uneven_and_bound_the_risk(off, uneven):
    """Half of the records a little below the mean weight and half above: that is their spread."""
    rng = np.random.default_rng(1)
    keys = {"age": rng.integers(20, 80, 400), "sex": rng.choice(list("FM"), 400)}
    spread = UNEVEN_WEIGHTS + off
    weight = 20 * np.where(np.arange(400) % 2, 1 + spread, 1 - spread)
    people = pd.DataFrame(keys | {"weight": weight})
    row = measure(people, Roles(key=["age", "sex"], weight="weight")).row("marketer_risk")
    assert [row.bound, "value_is_upper_end" in [note.key for note in row.notes]] == [
        "upper" if uneven else "", uneven,
    ]  # fmt: skip
    # The share of records that classes are: everybody of the population with a key is in the file.
    classes = len(people.groupby(["age", "sex"]))
    assert (row.value == pytest.approx(classes / 400)) is uneven
    # By Cauchy: no more people than all share them.
    low = classes**2 / (weight.sum() * 400)
    assert not uneven or row.low == pytest.approx(low)
