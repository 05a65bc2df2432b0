"""Masks that depend on addresses, seen through a picture: densities by hand and by closed forms."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from scipy.special import chndtr
from scipy.stats import ncx2

from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import pairs_within
from privaudit.maps.masks.digitising_error import Misread, _within, as_read
from privaudit.maps.masks.donut import AdaptiveDonut, Donut
from privaudit.maps.masks.location_swap import LocationSwap
from privaudit.maps.masks.mask import Exact, Mask
from privaudit.maps.masks.optimal_mechanism import OptimalMechanism
from privaudit.maps.masks.persistent import Persistent
from privaudit.maps.masks.snapping import GridSnap, Quadtree
from privaudit.maps.masks.voronoi import Voronoi

SIGMA = 3.0


def mixed(distance, sigma=SIGMA):
    """Density of reading a point so far away: one in twenty is read four times worse."""
    parts = ((0.95, sigma), (0.05, 4 * sigma))
    return sum(w * np.exp(-0.5 * (distance / s) ** 2) / (2 * np.pi * s**2) for w, s in parts)


def line(*x):
    rows = {"id": [str(i) for i in range(len(x))], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(
        pd.DataFrame({**rows, "station": "", "x": np.array(x, float), "y": 0.0}), real=False
    )


def densities(mask, base, dot, sigma=SIGMA):
    """Likelihood of one dot for every address, as the posterior would ask for it."""
    placed = as_read(mask, sigma).on(base)
    dots = np.array([dot], float)
    reach = float(placed.reach_of(dots)[0])
    found = np.zeros(len(base))
    for _, pairs in pairs_within(dots, cKDTree(base.xy), reach):
        found[pairs.place] = placed.likelihood(dots, pairs)
    return found


def test_a_cell_is_read_where_its_centre_is():
    base = line(10, 90, 110)
    # Squares of 100 m show the first two homes at (50, 50), the third at (150, 50).
    found = densities(GridSnap(size=100), base, (53, 54))
    far = mixed(np.hypot(97, 4))
    assert found == pytest.approx([mixed(5.0), mixed(5.0), far])


def test_a_suppressed_cell_shows_nothing():
    base = line(10, 90, 110)
    found = densities(GridSnap(size=100, k=2), base, (53, 54))
    assert found == pytest.approx([mixed(5.0), mixed(5.0), 0.0])


def test_half_way_points_are_read_a_little_off():
    base = line(0, 2, 8, 300)
    # Homes at 0 and 2 show 1, the one at 8 shows 5, the one at 300 shows 154.
    found = densities(Voronoi(), base, (4, 0))
    assert found == pytest.approx([mixed(3), mixed(3), mixed(1), 0], abs=1e-12)


def test_a_swap_is_read_near_any_address_it_may_have_chosen():
    base = line(0, 40, 44, 500)
    mask = LocationSwap(r_min=10, r_max=50)
    # From 0 a dot goes to 40 or 44; from 40 only to 0, and from 44 too.
    found = densities(mask, base, (41, 0))
    assert found == pytest.approx([(mixed(1) + mixed(3)) / 2, mixed(41), mixed(41), 0], abs=1e-12)


def test_a_channel_is_read_near_each_of_its_outputs():
    base = line(50, 150, 250)
    mask = OptimalMechanism(epsilon=0.005, size=100)
    placed = mask.on(base)
    found = densities(mask, base, (148, 50))
    gap = np.hypot(placed.centres[:, 0] - 148, placed.centres[:, 1] - 50)
    assert found == pytest.approx(placed.channel @ mixed(gap))


@pytest.mark.parametrize("distance", [0.5, 38, 40, 47, 70, 99, 103, 118])
def test_a_ring_blurs_as_a_non_central_chi_square(distance):
    # Of two squared normal steps around a point off the middle: exact, where it can be reckoned.
    base = line(0, 40, 100)
    placed = AdaptiveDonut(k_min=2, k_max=3).on(base)
    assert (placed.r_min[0], placed.r_max[0]) == (40, 100)

    def within(radius, s):
        return chndtr((radius / s) ** 2, 2, (distance / s) ** 2)

    exact = sum(w * (within(100, s) - within(40, s)) for w, s in ((0.95, 3.0), (0.05, 12.0)))
    found = densities(AdaptiveDonut(k_min=2, k_max=3), base, (0, distance))
    assert found[0] == pytest.approx(exact / (np.pi * (100**2 - 40**2)), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    "mask",
    [
        GridSnap(size=60),
        Quadtree(k=2),
        Voronoi(),
        LocationSwap(r_min=5, r_max=60),
        AdaptiveDonut(k_min=2, k_max=5),
        OptimalMechanism(epsilon=0.02, size=60),
    ],
    ids=lambda mask: type(mask).__name__,
)
def test_a_dot_is_within_reach_of_its_home_and_has_a_density_there(mask):
    rng = np.random.default_rng(3)
    places = rng.random((60, 2)) * 200
    base = line(*places[:, 0])
    base = AddressBase(base.frame.assign(y=places[:, 1]), real=False)
    seen = as_read(mask, 2.0)
    assert isinstance(seen, Mask)
    assert seen.draws == mask.draws + 2
    home = rng.integers(60, size=400)
    placed = seen.on(base)
    dots = placed(base.xy[home], rng=rng)
    home, dots = home[np.isfinite(dots[:, 0])], dots[np.isfinite(dots[:, 0])]
    away = np.hypot(*(dots - base.xy[home]).T)
    assert (away <= placed.reach_of(dots)).all()
    for dot, own in zip(dots[:40], home[:40], strict=True):
        assert densities(mask, base, dot, 2.0)[own] > 0


def test_persistent_noise_is_read_as_what_it_was_drawn_from():
    ring = Donut(r_min=20, r_max=50)
    assert as_read(Persistent(mask=ring, seed=1), 2.0) == as_read(ring, 2.0)
    cells = Persistent(mask=GridSnap(size=100), seed=1)
    assert as_read(cells, 2.0) == Misread(mask=GridSnap(size=100), sigma=2.0)
    assert as_read(Persistent(mask=Exact(), seed=1), 2.0) == as_read(Exact(), 2.0)


def test_an_error_of_reading_must_be_one():
    for sigma in (0, -1, np.nan):
        with pytest.raises(ParameterError, match="sigma"):
            Misread(mask=Voronoi(), sigma=sigma)


@pytest.mark.parametrize("s", [0.5, 2.0, 10.0, 60.0, 2_000.0])
def test_who_reads_a_dot_within_a_radius_is_a_noncentral_chi_square(s):
    """Of a normal error on each axis, the law of the distance squared, in units of s."""
    radii = [0.3, 4, 10.0, 48, 300]
    distance, radius = (one.ravel() for one in np.meshgrid([0, 3, 9, 10, 11, 50.0, 290], radii))
    expected = ncx2.cdf((radius / s) ** 2, 2, (distance / s) ** 2)
    # The error is cut at six deviations, beyond which two in a billion lie.
    assert _within(distance, radius, s) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_nobody_is_within_no_radius_and_far_from_the_edge_all_or_none_are():
    distance, radius = np.array([0.0, 5, 10, 10 + 1e-6]), np.array([0.0, 10, 10, 10])
    assert _within(distance, radius, 1e-9).tolist()[:2] == [0, 1]
    assert _within(distance, radius, 1e-9)[3] == 0
    assert _within(distance, radius, 1e-9)[2] == pytest.approx(0.5, abs=0.01)
    assert _within(np.array([0.0]), np.array([0.0]), 5.0).tolist() == [0]
