"""Laws of the utility kernels and of leaks through accounts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from privaudit.maps.heat import density_moved
from privaudit.maps.scoring.access import at_least_one
from privaudit.maps.utility import count_error, moran, nearest_distances, ripley_k, walked_length
from privaudit.stats.intervals import percentile


def tour_length(points):
    return walked_length(points, points)


# On a lattice of a decimetre, as files have it: ties and dots that share a place do occur.
dots = st.integers(2, 25).flatmap(
    lambda n: arrays(np.int64, (n, 2), elements=st.integers(0, 9_000)).map(lambda a: a / 10.0)
)
WINDOW = np.array([0.0, 0.0, 900.0, 900.0])
RADII = np.array([50.0, 200.0, 500.0])


@given(dots, st.randoms(use_true_random=False))
def test_ripley_knows_no_order_no_origin_and_grows(points, shuffle):
    order = list(range(len(points)))
    shuffle.shuffle(order)
    found = ripley_k(points, RADII, WINDOW)
    assert ripley_k(points[order], RADII, WINDOW) == pytest.approx(found)
    shift = np.array([1_000.0, -2_000.0])
    moved = ripley_k(points + shift, RADII, WINDOW + np.tile(shift, 2))
    # A distance that equals a radius may fall on either side once moved.
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    if (np.abs(apart[..., None] - RADII) > 1e-6).all():
        assert moved == pytest.approx(found)
    assert (np.diff(found) >= 0).all()


@given(
    arrays(np.int64, 8, elements=st.integers(-50, 50)),
    st.floats(0.1, 10),
    st.floats(-100, 100),
)
def test_moran_knows_no_unit_and_no_origin(values, scale, shift):
    ring = np.array([[k, (k + 1) % 8] for k in range(8)])
    found, changed = moran(values * 1.0, ring), moran(values * scale + shift, ring)
    if np.ptp(values) > 0:
        assert changed == pytest.approx(found, abs=1e-9)
        assert -1 - 1e-9 <= found <= 1 + 1e-9  # neighbours on a ring: cosines lie within
    else:
        assert np.isnan(found)


@given(dots, dots)
def test_a_share_of_the_map_moves_as_much_there_as_back(before, after):
    found = density_moved(before, after, 100.0)
    assert 0 <= found <= 1
    assert density_moved(after, before, 100.0) == pytest.approx(found)
    assert density_moved(after[::-1], before, 100.0) == pytest.approx(found)


@given(dots)
def test_a_tour_reaches_the_farthest_door_and_comes_back(points):
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    found = tour_length(points)
    assert 2 * apart.max() - 1e-6 <= found <= len(points) * apart.max() + 1e-6
    # Walked between the doors in any order, no more than a longest leg each.
    turned = points[:, ::-1]
    assert walked_length(turned, points) <= len(points) * apart.max() + 1e-6


@given(dots)
def test_the_nearest_is_no_farther_than_any_other(points):
    found = nearest_distances(points)
    assert (found <= np.hypot(*(points - np.roll(points, 1, axis=0)).T) + 1e-9).all()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_counts_are_wrong_by_no_more_than_the_dots_that_moved(pairs):
    before, after = np.array(pairs).T
    found = count_error(before, after)
    assert 0 <= found <= (before != after).mean() + 1e-12
    assert count_error(after, before) == pytest.approx(found)
    assert count_error(before, after[::-1]) == pytest.approx(found)


@given(st.floats(0, 1), st.integers(0, 50), st.integers(0, 50))
def test_accounts_leak_independently(q, few, more):
    none = (1 - at_least_one(q, few)) * (1 - at_least_one(q, more))
    assert 1 - at_least_one(q, few + more) == pytest.approx(none, abs=1e-12)
    assert at_least_one(q, few + more) >= at_least_one(q, few)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.sampled_from([0.5, 0.9, 0.99]))
def test_a_percentile_leaves_its_share_at_or_below(values, share):
    value, low, high = percentile(values, share)
    assert low <= value <= high
    assert np.mean(np.array(values) <= value) >= share - 1e-9
    assert np.mean(np.array(values) < value) < share
