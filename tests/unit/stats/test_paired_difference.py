"""Two answers about the same people: hand-counted tables, and how often the interval is right."""

import math

import numpy as np
import pytest

from privaudit.errors import ParameterError
from privaudit.stats.intervals import paired_difference


def pairs(both, first_only, second_only, neither):
    counts = [both, first_only, second_only, neither]
    return np.repeat([1.0, 1.0, 0.0, 0.0], counts), np.repeat([1.0, 0.0, 1.0, 0.0], counts)


def test_a_table_reckoned_by_hand():
    # 30, 4, 14, 52 of 100: with half a person in each cell, 14.5 and 4.5 of 102 differ.
    value, low, high = paired_difference(*pairs(30, 4, 14, 52))
    centre, spread = (14.5 - 4.5) / 102, (14.5 + 4.5) / 102
    half = 1.959964 * math.sqrt((spread - centre**2) / 102)
    assert value == pytest.approx(0.1)
    assert (low, high) == pytest.approx((centre - half, centre + half), abs=1e-6)


def test_nobody_differs_and_yet_something_is_left_open():
    value, low, high = paired_difference(*pairs(20, 0, 0, 170))
    # (0.5 + 0.5) of 192: a standard error of one in 192.
    assert value == 0
    assert (low, high) == pytest.approx((-1.959964 / 192, 1.959964 / 192), abs=1e-6)


def test_what_is_shared_cancels():
    """Two rungs that find the same people differ less surely apart than two strangers do."""
    rng = np.random.default_rng(1)
    first = (rng.random(400) < 0.4).astype(float)
    second = np.where(rng.random(400) < 0.05, 1.0, first)
    own = paired_difference(first, second)
    shuffled = paired_difference(first, rng.permutation(second))
    assert own[0] == pytest.approx(shuffled[0])
    assert own[2] - own[1] < 0.5 * (shuffled[2] - shuffled[1])


def test_the_order_of_the_two_turns_the_sign():
    first, second = pairs(3, 2, 9, 6)
    value, low, high = paired_difference(first, second)
    assert paired_difference(second, first) == pytest.approx((-value, -high, -low))


def test_people_of_one_home_speak_with_one_voice():
    first, second = pairs(10, 2, 20, 68)
    alone = paired_difference(first, second)
    twice = [np.repeat(values, 2) for values in (first, second)]
    homes = np.repeat(np.arange(100), 2)
    together = paired_difference(*twice, clusters=homes)
    apart = paired_difference(*twice)
    width = [high - low for _, low, high in (alone, together, apart)]
    assert width[1] == pytest.approx(width[0], rel=0.02)
    assert width[2] < 0.75 * width[0]


@pytest.mark.parametrize(("p_first", "p_second"), [(0.005, 0.005), (0.01, 0.07), (0.5, 0.6)])
def test_the_interval_covers_the_truth(p_first, p_second):
    """Of 2,000 draws of 190 people, at least 94 % hold the true difference."""
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        common = rng.random(190)
        first = (common < p_first).astype(float)
        second = np.where(rng.random(190) < 0.5, common < p_second, rng.random(190) < p_second)
        _, low, high = paired_difference(first, second.astype(float))
        held += low <= p_second - p_first <= high
    assert held / 2000 >= 0.94


def test_nothing_is_said_of_nobody_or_of_what_is_missing():
    assert all(map(math.isnan, paired_difference([], [])))
    assert all(map(math.isnan, paired_difference([0.0, np.nan], [1.0, 0.0])))


@pytest.mark.parametrize(("first", "second"), [([0, 1], [1]), ([0, 1], [0, 2]), ([[0]], [[1]])])
def test_what_cannot_be_paired_is_refused(first, second):
    with pytest.raises(ParameterError, match="paired_difference"):
        paired_difference(first, second)
