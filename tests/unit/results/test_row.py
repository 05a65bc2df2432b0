"""A row is equal to another of the same numbers, unknown ones included."""

import copy
from dataclasses import replace

import joblib
import pytest

from privaudit.results.rows import Row


def row(**more):
    return Row(measure="reidentified", value=0.5, unit="share", n=190, counts="people", **more)


@pytest.mark.parametrize("name", ["between_low", "baseline", "control", "residual_high"])
def test_what_is_not_known_is_the_same_in_both(name):
    assert row() == row(**{name: float("nan")})
    assert row() != row(**{name: 0.25})


def test_equal_rows_are_one_in_a_set_and_survive_a_worker():
    one, two = row(part={"copies": 10}), row(part={"copies": 10})
    assert len({one, two, replace(one, part={"copies": 11})}) == 2
    assert copy.deepcopy(one) == one
    assert joblib.Parallel(n_jobs=1)(joblib.delayed(replace)(one) for _ in "a") == [two]


def test_another_kind_of_thing_is_not_a_row():
    assert row() != "found"
