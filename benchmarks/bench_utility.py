"""Utility of a masked map: cost against the number of dots, sizes in decades.

Run with ``make bench``. Towns as dense as Val-de-Marne, with a dot for every tenth address.
"""

import numpy as np
import pandas as pd
import pytest

from privaudit.geo.address_base import AddressBase
from privaudit.maps.heat import density_moved
from privaudit.maps.masks.donut import Donut
from privaudit.maps.utility import map_utility, ripley_k, walked_length


def tour_length(points):
    return walked_length(points, points)


# Addresses per square metre over Val-de-Marne: 138,280 on 245 square kilometres.
DENSITY = 138_280 / 245e6


def town(dots, seed=0):
    rng = np.random.default_rng(seed)
    side = np.sqrt(10 * dots / DENSITY)
    places = rng.random((10 * dots, 2)) * side
    before = places[rng.choice(len(places), dots, replace=False)]
    return places, before, Donut(r_min=50, r_max=200)(before, rng=rng), side


@pytest.mark.parametrize("dots", [100, 1_000, 10_000, 100_000])
def test_ripley(benchmark, dots):
    _, before, _, side = town(dots)
    window = np.array([0.0, 0.0, side, side])
    benchmark.pedantic(ripley_k, (before, np.array([100.0, 250.0, 500.0]), window), rounds=3)


@pytest.mark.parametrize("dots", [100, 1_000, 10_000, 100_000])
def test_density_moved(benchmark, dots):
    _, before, after, _ = town(dots)
    benchmark.pedantic(density_moved, (before, after, 200.0), rounds=1)


@pytest.mark.parametrize("doors", [10, 100, 1_000])
def test_tour(benchmark, doors):
    benchmark.pedantic(tour_length, (town(doors)[1],), rounds=3)


@pytest.mark.parametrize("dots", [100, 1_000, 10_000])
def test_map_utility(benchmark, dots):
    places, before, after, _ = town(dots)
    # Stations as squares of about a thousand electors.
    square = np.floor(places / 1_000).astype(int)
    base = AddressBase(
        pd.DataFrame(
            {
                "id": np.arange(len(places)).astype(str),
                "number": "1",
                "street": "s",
                "commune": "c",
                "station": [f"{a}-{b}" for a, b in square],
                "x": places[:, 0],
                "y": places[:, 1],
            }
        ),
        real=False,
    )
    benchmark.pedantic(map_utility, (before, after, base), rounds=1)
