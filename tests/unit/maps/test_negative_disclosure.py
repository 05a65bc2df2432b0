"""What a dot, and no dot, say of an opinion: Bayes' rule on counted people."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.opinion import opinion_given_dot, opinion_given_no_dot, passed_by, read_absence


def test_both_ways_by_counting_a_thousand_people():
    # 300 of the side, 120 of whom have a dot; 700 others, 35 of whom have one.
    s, f, base = 120 / 300, 35 / 700, 0.3
    assert opinion_given_dot(base, s, f) == pytest.approx(120 / 155)
    assert opinion_given_no_dot(base, s, f) == pytest.approx(180 / 845)


def test_a_map_that_is_chance_says_nothing():
    base = np.array([0.0, 0.25, 1.0])
    for rate in (0.0, 0.3, 1.0):
        np.testing.assert_allclose(opinion_given_dot(base, rate, rate), base)
        np.testing.assert_allclose(opinion_given_no_dot(base, rate, rate), base)


def test_a_map_that_misses_nobody_clears_everybody_else():
    assert opinion_given_no_dot(0.4, 1.0, 0.2) == 0.0
    assert opinion_given_dot(0.4, 0.2, 0.0) == 1.0
    # Nobody who is not of the side can have no dot: the one who has none is of it.
    assert opinion_given_no_dot(0.4, 0.5, 1.0) == 1.0


def test_the_mean_of_both_is_the_base_rate():
    # Law of total probability: what some gain others lose.
    base = np.linspace(0.05, 0.95, 7)
    found = read_absence(base, sensitivity=0.6, false_positive=0.15)
    dots = 0.6 * base + 0.15 * (1 - base)
    np.testing.assert_allclose(dots * found.with_dot + (1 - dots) * found.without_dot, base)


def test_rates_are_shares():
    with pytest.raises(ParameterError, match="base rates"):
        opinion_given_dot([0.2, 1.2], 0.5, 0.1)
    with pytest.raises(ParameterError, match="base rates"):
        opinion_given_no_dot(float("nan"), 0.5, 0.1)
    with pytest.raises(ParameterError, match="rates in"):
        opinion_given_no_dot(0.2, 1.5, 0.1)
    with pytest.raises(ParameterError, match="sensitivity"):
        read_absence(np.array([0.2]), sensitivity=2, false_positive=0.1)


def street(*x):
    rows = {"id": [str(i) for i in x], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(
        pd.DataFrame({**rows, "station": "", "x": np.array(x, float), "y": 0.0}), real=False
    )


def test_the_doors_that_volunteers_walked_past():
    # Grey at 0 m, red at 100 m; 50 m counts as near, 51 m does not, nor what only the red sees.
    base = street(0, 30, 50, 51, 100, 120)
    found = passed_by(np.array([0, 4, -1]), np.array([True, False, True]), base)
    assert found.tolist() == [False, True, True, False, False, False]


def test_a_door_with_a_red_dot_is_not_without_one():
    base = street(0, 30)
    assert passed_by(np.array([0, 1]), np.array([True, False]), base).tolist() == [False, False]


def test_no_visit_no_passing():
    base = street(0, 30)
    assert not passed_by(np.array([0]), np.array([False]), base).any()
    assert not passed_by(np.empty(0, int), np.empty(0, bool), base).any()
    with pytest.raises(ParameterError, match="within"):
        passed_by(np.array([0]), np.array([True]), base, within=0)
