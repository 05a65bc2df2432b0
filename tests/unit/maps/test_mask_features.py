"""What dots are compared with their replicates by: each number by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from privaudit.maps.street_models import Streets
from privaudit.maps.undeclared_mask import (
    DEVIATIONS,
    OF,
    Ground,
    MaskFit,
    _correlation,
    _directions,
    _drawn_parts,
    _features,
    _in_street,
    _sharing,
    _shown,
    _unexplained,
)


@pytest.mark.parametrize(
    ("deviations", "shared", "fits"), [(3.0, 0, True), (3.0 + 1e-9, 0, False), (0.0, 1, False)]
)
def test_a_mask_fits_up_to_three_deviations_and_where_no_position_is_shared(
    deviations, shared, fits
):
    assert DEVIATIONS == 3
    found = MaskFit("streets", deviations, shared, 9)
    assert found.fits is fits
    assert found.doubt.key == ("mask_lacks_sharing" if shared else "mask_misfits_streets")


def test_of_two_addresses_as_near_the_first_is_the_nearest():
    places = np.array([[10.0, 0.0], [0.0, 0.0], [0.0, 500.0]])
    ground = Ground(places=places, streets=None)
    # 2 cm and 3 cm off the middle: 4 cm of difference are a tie, 6 cm are none.
    apart, at = ground.nearest(np.array([[4.98, 0.0], [4.97, 0.0], [5.0, 0.0]]))
    assert at.tolist() == [0, 1, 0]
    assert apart.tolist() == pytest.approx([4.98, 4.97, 5.0])


def test_spacing_is_the_distance_of_the_eighth_address_itself_included():
    places = np.column_stack([np.arange(12) * 10.0, np.zeros(12)])
    ground = Ground(places=places, streets=None)
    assert ground.spacing(np.array([0, 11, 0])).tolist() == pytest.approx([math.log(3 + 70)] * 3)
    few = Ground(places=places[:3], streets=None)
    assert few.spacing(np.array([1])).tolist() == pytest.approx([math.log(3 + 10)])


def test_positions_are_shared_by_rounding_to_two_metres():
    points = np.array([[0.0, 0.0], [0.99, 0.0], [1.01, 0.0], [50, 50], [50, 50], [80, 0]])
    # 0 and .99 round to one, 1.01 to the next.
    assert _sharing(points) == 4
    assert _sharing(np.zeros((1, 2))) == 0


def test_directions_of_gaps_of_more_than_three_metres():
    gap = np.array([[9.0, 0.0], [0.0, 9.0], [3.0, 0.0], [-2.0, 0.0]])
    # Of four, one leads east and one north: cosines and sines of once and twice the angle.
    assert _directions(gap) == pytest.approx((0.25, 0.25, 0, 0), abs=1e-12)
    assert _directions(np.array([[0.0, 9.0]] * 2)) == pytest.approx((0, 1, -1, 0), abs=1e-12)


def test_gaps_along_and_across_a_street():
    gap = np.array([[3.0, 4.0], [9.0, 9.0]])
    east = np.array([[1.0, 0.0], [np.nan, np.nan]])
    along, across = _in_street(gap, east)
    assert (along.tolist(), across.tolist()) == ([math.log(6)], [math.log(7)])
    slanted = np.array([[0.6, 0.8], [0.0, 1.0]])
    along, across = _in_street(gap, slanted)
    assert along == pytest.approx(np.log([3 + 5, 3 + 9]))
    assert across == pytest.approx(np.log([3, 3 + 9]))
    unknown = _in_street(gap, np.full((2, 2), np.nan))
    assert [one.tolist() for one in unknown] == [[0], [0]]


def test_correlation_of_what_does_not_vary_is_none():
    assert _correlation(np.array([1.0, 2, 3]), np.array([2.0, 4, 6])) == pytest.approx(1)
    assert _correlation(np.array([1.0, 2, 3]), np.array([3.0, 1, 2])) == pytest.approx(-0.5)
    assert _correlation(np.array([1.0, 2, 3]), np.ones(3)) == 0


def test_masks_are_drawn_twelve_times_by_their_weight_with_eight_replicates_each():
    parts = tuple(SimpleNamespace(weight=w) for w in (6.0, 1e-6, 4.0, 2.0))
    drawn = _drawn_parts(parts)
    assert [(part.weight, count) for part, count in drawn] == [(6, 48), (4, 32), (2, 16)]


def test_what_dots_show_by_themselves():
    places = np.array([[0.0, 0.0], [100.0, 0.0]])
    streets = SimpleNamespace(mean=np.array([[50.0, 0.0]] * 2), local=np.array([[1.0, 0.0]] * 2))
    ground = Ground(places=places, streets=streets)
    points = np.array([[0.0, 1.9], [100.0, 9.9], [50.0, 1.9], [50.0, 1.9]])
    shown = dict(zip(OF, _shown(points, ground).features, strict=False))
    assert shown.keys() == {"distance", "streets", "positions"}
    features = _shown(points, ground).features
    near = np.log(3 + np.hypot([0, 0, 50, 50], [1.9, 9.9, 1.9, 1.9]))
    assert features[:4] == pytest.approx((near.mean(), near.std(), 1 / 4, 2 / 4))
    # Two of four lie within 2 m, and within 15 m, of the centre of the street; two share a place.
    assert features[7:9] == pytest.approx((2 / 4, 2 / 4))
    beside = cKDTree(points).query(points, k=2)[0][:, 1]
    assert features[9:11] == pytest.approx((np.log(3 + beside).mean(), 2 / 4))
    assert _shown(points[:1], ground).features[9:11] == pytest.approx((math.log(3), 1))
    for apart, shared in ((0.99, 1), (1.0, 0)):
        two = np.array([[0.0, 0.0], [apart, 0.0]])
        assert _shown(two, ground).features[10] == shared


def test_a_dot_without_a_home_is_as_far_as_the_nearest_address_and_another_as_its_home():
    places = np.array([[0.0, 0.0], [100.0, 0.0]])
    streets = SimpleNamespace(mean=np.array([[50.0, 0.0]] * 2), local=np.array([[1.0, 0.0]] * 2))
    ground = Ground(places=places, streets=streets)
    # Both stand at the second address; the first may be from there, and is from the first.
    points = np.array([[100.0, 0.0], [100.0, 0.0]])
    shown = _shown(points, ground)
    for home, metres in (([-1, 0], [0, 100]), ([0, 1], [100, 0]), ([1, -1], [0, 0])):
        features = _features(points, np.array(home), ground, shown)
        moved = np.log(3 + np.array(metres))
        assert features[len(shown.features) :][:2] == pytest.approx((moved.mean(), moved.std()))


def test_dots_that_share_a_position_are_explained_by_homes_that_share_a_dot():
    rng = np.random.default_rng(1)
    points = np.array([[0.0, 0.0]] * 4 + [[k * 50.0, 9.0] for k in range(6)])
    # A single home: all ten share it whatever is drawn. Of many homes hardly two do.
    assert _unexplained(SimpleNamespace(prior=np.ones(1)), points, rng) == 0
    assert _unexplained(SimpleNamespace(prior=np.full(10_000, 1e-4)), points, rng) == 4


def shown_by(points):
    """Return what dots show beside one address, which is a street of its own, at the origin."""
    places, none = np.array([[0.0, 0.0], [9_000.0, 0.0]]), np.full((2, 2), np.nan)
    streets = Streets(np.arange(2), places, places, none, none)
    return _shown(np.array(points), Ground(places=places, streets=streets)).features


@pytest.mark.parametrize(
    ("metres", "at_address", "near", "at_centre", "about"),
    [
        (1.5, 1, 1, 1, 1), (2.0, 0, 1, 0, 1), (2.5, 0, 1, 0, 1), (9.5, 0, 1, 0, 1),
        (10.0, 0, 0, 0, 1), (14.5, 0, 0, 0, 1), (15.0, 0, 0, 0, 0), (15.5, 0, 0, 0, 0),
    ],
)  # fmt: skip
def test_a_dot_is_at_an_address_under_two_metres(metres, at_address, near, at_centre, about):
    features = shown_by([[metres, 0.0]])
    assert features[2:4] == (at_address, near)
    assert features[7:9] == (at_centre, about)


@pytest.mark.parametrize(("metres", "same"), [(0.5, 1), (1.0, 0), (1.5, 0)])
def test_dots_under_a_metre_apart_share_a_position(metres, same):
    assert shown_by([[50.0, 0.0], [50.0, metres]])[10] == same
