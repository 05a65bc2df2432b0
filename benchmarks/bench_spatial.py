"""Kernels of the map: cost against the number of dots and addresses, sizes in decades.

Run with ``make bench``. Goals: a donut on a million points under .1 s; the posterior of
100,000 dots against a million addresses at 50 m under 1 s, and against the 138,280 addresses
of a whole département at 200 m under 10 s; spatial k in people of 10,000 points.
"""

import numpy as np
import pytest

from privaudit.geo.neighbours import nearest
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.noise import Gaussian
from privaudit.maps.posterior import posterior, spatial_k

# Addresses per square metre over Val-de-Marne: 138,280 on 245 square kilometres.
DENSITY = 138_280 / 245e6


def town(addresses, dots, mask, seed=0):
    rng = np.random.default_rng(seed)
    places = rng.random((addresses, 2)) * np.sqrt(addresses / DENSITY)
    home = rng.integers(addresses, size=dots)
    return places, home, mask(places[home], rng=rng)


@pytest.mark.parametrize("n", [10_000, 100_000, 1_000_000])
@pytest.mark.parametrize("mask", [Donut(r_min=50, r_max=200), Gaussian(sigma=100)], ids=repr)
def test_mask(benchmark, mask, n):
    points = np.zeros((n, 2))
    benchmark(mask, points, rng=np.random.default_rng(0))


@pytest.mark.parametrize(("dots", "addresses"), [(10_000, 100_000), (100_000, 1_000_000)])
def test_nearest(benchmark, dots, addresses):
    places, _, points = town(addresses, dots, Donut(r_min=10, r_max=50))
    benchmark.pedantic(nearest, (points, places), rounds=3)


@pytest.mark.parametrize(
    ("dots", "addresses", "high"),
    [
        (1_000, 100_000, 50),
        (10_000, 100_000, 50),
        (100_000, 1_000_000, 50),
        (10_000, 138_280, 200),
        (100_000, 138_280, 200),
    ],
)
def test_posterior(benchmark, dots, addresses, high):
    mask = Donut(r_min=high / 4, r_max=high)
    places, _, points = town(addresses, dots, mask)
    prior = np.ones(addresses)
    benchmark.pedantic(
        posterior, (points, places, prior, mask.density, mask.reach), {"people": prior}, rounds=3
    )


@pytest.mark.parametrize("people", [False, True], ids=["addresses", "people"])
def test_spatial_k(benchmark, people):
    places, home, points = town(200_000, 10_000, Donut(r_min=50, r_max=200))
    counts = np.ones(len(places)) if people else None
    benchmark.pedantic(spatial_k, (points, places[home], places, counts), rounds=3)
