"""Masks and the ladder: cost against dots and addresses, sizes in decades.

Run with ``make bench``; ``benchmarks/peers/compare_masks.py`` puts MaskMyPy beside it. Goals:
a donut on a million points under .1 s; five rungs over the 47 communes of a département under
5 minutes; a million dots against 26 million addresses within 12 GB, by slices.
"""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import locate_dots
from privaudit.maps.masks.donut import AdaptiveDonut, Donut
from privaudit.maps.masks.location_swap import LocationSwap
from privaudit.maps.masks.noise import PlanarLaplace
from privaudit.maps.masks.persistent import Persistent
from privaudit.maps.masks.snapping import GridSnap, HexSnap, Quadtree
from privaudit.maps.masks.voronoi import Voronoi
from privaudit.maps.registry import climb, rungs
from privaudit.release.release import DotRelease
from privaudit.stats.matching_marginals import matching_marginals

DENSITY = 138_280 / 245e6
FREE = [
    Donut(r_min=50, r_max=200),
    PlanarLaplace(epsilon=0.01),
    GridSnap(size=200),
    HexSnap(size=200),
    Persistent(mask=Donut(r_min=50, r_max=200), seed=1),
]
PLACED = [
    AdaptiveDonut(k_min=5, k_max=50),
    GridSnap(size=200, k=11),
    LocationSwap(r_min=50, r_max=200),
    Quadtree(k=11),
    Voronoi(),
]


def town(addresses, seed=0):
    rng = np.random.default_rng(seed)
    xy = rng.random((addresses, 2)) * np.sqrt(addresses / DENSITY)
    frame = pd.DataFrame(xy, columns=["x", "y"]).assign(
        id="", number="", street="", commune="", station="", electors=rng.integers(1, 9, addresses)
    )
    columns = ["id", "number", "street", "commune", "station", "x", "y", "electors"]
    return AddressBase(frame[columns], real=False)


def dots_of(base, dots, mask, seed=1):
    rng = np.random.default_rng(seed)
    return mask(base.xy[rng.integers(len(base), size=dots)], rng=rng)


@pytest.mark.parametrize("n", [10_000, 100_000, 1_000_000])
@pytest.mark.parametrize("mask", FREE, ids=lambda mask: mask.recipe()["mask"])
def test_move(benchmark, mask, n):
    benchmark(mask, np.zeros((n, 2)), rng=np.random.default_rng(0))


@pytest.mark.parametrize("addresses", [10_000, 100_000])
@pytest.mark.parametrize("mask", PLACED, ids=lambda mask: mask.recipe()["mask"])
def test_put_on_addresses_and_move(benchmark, mask, addresses):
    base = town(addresses)
    points = base.xy[:10_000]
    benchmark.pedantic(lambda: mask.on(base)(points, rng=np.random.default_rng(0)), rounds=3)


@pytest.mark.parametrize("addresses", [10_000, 138_280])
@pytest.mark.parametrize("mask", PLACED, ids=lambda mask: mask.recipe()["mask"])
def test_locate(benchmark, mask, addresses):
    base = town(addresses)
    rng = np.random.default_rng(0)
    dots = mask.on(base)(base.xy[rng.integers(addresses, size=10_000)], rng=rng)
    dots = dots[~np.isnan(dots[:, 0])]
    adversary = Adversary.knows_mask(mask)
    benchmark.pedantic(lambda: locate_dots(dots, base, adversary, rng=rng, keep=False), rounds=3)


@pytest.mark.parametrize("dots", [1_000, 10_000, 100_000])
def test_one_to_one(benchmark, dots):
    rng = np.random.default_rng(0)
    indptr = np.arange(dots + 1) * 30
    place = (np.repeat(np.arange(dots), 30) * 2 + rng.integers(0, 60, dots * 30)) % (2 * dots)
    benchmark.pedantic(matching_marginals, (indptr, place, rng.random(dots * 30)), rounds=2)


@pytest.mark.parametrize(
    ("dots", "workers"), [(1_000, 1), (10_000, 1), (100_000, 1), (200_000, 1), (200_000, 2)]
)
def test_ladder_of_five(benchmark, dots, workers):
    mask, base = Donut(r_min=50, r_max=200), town(138_280)
    register = pd.DataFrame({"address": np.repeat(np.arange(len(base)), base.frame["electors"])})
    register["sex"] = np.resize(["F", "M"], len(register))
    records = pd.DataFrame(dots_of(base, dots, mask), columns=["x", "y"])
    records["sex"] = np.resize(["F", "M"], dots)
    leak = DotRelease(
        records=records.assign(presumed_leaning="right"),
        roles=Roles(location=["x", "y"], key=["sex"], sensitive=["presumed_leaning"]),
        backdrop=base,
    )
    results = pd.DataFrame({"station": [""], "right": [0.3]})
    ladder = rungs(mask, results=results, register=register)
    benchmark.pedantic(lambda: climb(leak, ladder, workers=workers), rounds=1)
