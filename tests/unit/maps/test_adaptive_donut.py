"""Donuts whose radii hold a number of people: radii by brute force, and what lies on a circle."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs
from privaudit.maps.masks.donut import (
    AdaptiveDonut,
    farthest_reach,
    radius_holding,
    reach_classes,
)


def addresses(xy, **counts):
    frame = pd.DataFrame({"id": [str(i) for i in range(len(xy))], "number": "1", "street": "s",
                          "commune": "c", "station": "", **counts})  # fmt: skip
    return AddressBase(frame.assign(x=xy[:, 0], y=xy[:, 1]), real=False)


@pytest.mark.parametrize("residents", [1, 3, None])
@pytest.mark.parametrize("seed", range(3))
def test_a_radius_is_the_distance_to_whom_makes_the_number_full(seed, residents):
    rng = np.random.default_rng(seed)
    places = np.rint(rng.random((60, 2)) * 20) * 10.0  # many at one distance, some at one point
    people = rng.integers(0, 5, 60).astype(float) if residents is None else np.full(60, residents)
    wanted = (1, 4, int(people.sum()))
    found = radius_holding(places, people.astype(float), wanted)
    for number, radius in zip(wanted, found, strict=True):
        for k, at in enumerate(places):
            away = np.hypot(*(places - at).T)
            full = [r for r in np.unique(away) if people[away <= r].sum() >= number]
            assert radius[k] == pytest.approx(full[0])


def test_as_many_people_as_the_largest_number_are_enough_and_one_fewer_is_not():
    base = addresses(np.array([[0.0, 0], [40, 0], [100, 0]]), residents=[2, 2, 1])
    placed = AdaptiveDonut(k_min=2, k_max=5).on(base)
    assert placed.r_min.tolist() == [0, 0, 60]
    assert placed.r_max.tolist() == [100, 60, 100]
    with pytest.raises(ParameterError, match="at least k_max=6 people around, but got 5 in all"):
        AdaptiveDonut(k_min=2, k_max=6).on(base)
    # Where both numbers are full at one distance the donut is ten metres wide, or as asked.
    assert AdaptiveDonut(k_min=1, k_max=2).on(base).r_max.tolist() == [10, 10, 60]
    assert AdaptiveDonut(k_min=1, k_max=2, least=7).on(base).r_max.tolist() == [7, 7, 60]


def test_a_dot_on_either_circle_may_come_from_its_place():
    base = addresses(np.array([[0.0, 0], [40, 0], [100, 0]]))
    placed = AdaptiveDonut(k_min=2, k_max=3).on(base)  # of the first 40 to 100 m
    distance = np.array([39.5, 40, 100, 100.5, 39.5, 100.5])
    pairs = Pairs(np.arange(7), np.zeros(6, int), distance)
    one = 1 / (math.pi * (100**2 - 40**2))
    dots = np.column_stack([distance, np.zeros(6)])
    assert placed.likelihood(dots, pairs, 0.0).tolist() == pytest.approx([0, one, one, 0, 0, 0])
    assert placed.likelihood(dots, pairs, 0.5).tolist() == pytest.approx([one] * 6)


@pytest.mark.parametrize("inner", [True, False])
def test_a_reach_counts_on_its_circle(inner):
    classes = [(5.0, cKDTree([[0.0, 0.0]])), (64.0, cKDTree([[1_000.0, 0.0]]))]
    edge = 5.5 if inner else 0.5
    dots = np.array([[edge, 0.0], [edge + 1e-9, 0.0], [1_000.0, 0.0], [500.0, 0.0]])
    found = farthest_reach(classes, dots, 0.5, np.full(4, 2.0), inner=inner)
    assert found.tolist() == [5.5, 2, 64.5, 2]


def test_reaches_of_a_class_differ_by_less_than_twice():
    reach = np.array([1.0, 1.99, 2.0, 3.99, 4.0, 0.0, 0.05])
    classes = reach_classes(np.arange(14.0).reshape(7, 2), reach)
    assert [(widest, tree.n) for widest, tree in classes] == [
        (0.05, 2),
        (1.99, 2),
        (3.99, 2),
        (4, 1),
    ]
