"""Moves along streets: centres and bearings by hand, laws by their integrals."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs
from privaudit.maps.street_models import (
    PlacedAlong,
    PlacedOffsets,
    _along_density,
    _AlongLaw,
    fixed_offsets,
    lattice_frames,
    streets_of,
)


def addresses(xy, street="s", commune="c"):
    frame = pd.DataFrame({"id": [str(i) for i in range(len(xy))], "number": "1", "street": street,
                          "commune": commune, "station": ""})  # fmt: skip
    return AddressBase(frame.assign(x=xy[:, 0], y=xy[:, 1]), real=False)


def pairs_of(dots, places):
    """Every pair of a dot and a place."""
    n, m = len(dots), len(places)
    gap = dots[:, None] - places[None]
    return Pairs(np.arange(n + 1) * m, np.tile(np.arange(m), n), np.hypot(*gap.T).T.ravel())


def test_the_centre_of_a_street_is_the_mean_and_its_middle_that_of_its_box():
    xy = np.array([[0.0, 0.0], [10, 0], [80, 40]])
    streets = streets_of(addresses(xy))
    assert streets.mean.tolist() == pytest.approx(np.tile([30, 40 / 3], (3, 1)))
    assert streets.middle.tolist() == [[40, 20]] * 3


def test_streets_of_two_communes_and_addresses_without_a_street_are_apart():
    xy = np.column_stack([np.arange(6) * 10.0, np.zeros(6)])
    base = addresses(xy, street=[*"aaab", "", ""], commune=list("ccdccc"))
    code = streets_of(base).code
    assert [np.flatnonzero(code == code[k]).tolist() for k in range(6)] == [
        [0, 1], [0, 1], [2], [3], [4], [5],
    ]  # fmt: skip
    assert sorted(set(code.tolist())) == list(range(5))


@pytest.mark.parametrize(("far", "is_of_it"), [(1_000.0, True), (1_000.5, False)])
def test_an_address_a_kilometre_from_its_street_s_centre_is_of_another(far, is_of_it):
    # Of four addresses, three at one point: the mean lies a quarter of the way.
    xy = np.array([[0.0, 0.0]] * 3 + [[far * 4 / 3, 0.0]])
    mean = streets_of(addresses(xy)).mean
    assert mean[0].tolist() == pytest.approx([far / 3, 0])
    assert mean[3].tolist() == pytest.approx([far / 3 if is_of_it else far * 4 / 3, 0])


def test_a_bearing_is_that_of_the_neighbours_on_the_street_and_of_the_whole():
    # A street that turns: twenty doors east, then twenty north; the ends know their own part.
    east = np.column_stack([np.arange(20) * 10.0, np.zeros(20)])
    north = np.column_stack([np.full(20, 190.0), np.arange(1, 21) * 10.0])
    streets = streets_of(addresses(np.vstack([east, north])))
    assert np.abs(streets.local[0]).tolist() == pytest.approx([1, 0], abs=1e-9)
    assert np.abs(streets.local[-1]).tolist() == pytest.approx([0, 1], abs=1e-9)
    assert np.abs(streets.whole[0]).tolist() == pytest.approx([0.5**0.5] * 2, abs=0.05)
    alone = streets_of(addresses(np.array([[0.0, 0], [5, 0]]), street=["a", "b"]))
    assert np.isnan(alone.local).all()


@pytest.mark.parametrize("shape", ["uniform", "normal"])
def test_a_density_along_a_street_integrates_to_one(shape):
    law = _AlongLaw(shape, 30.0, 4.0)
    step = 0.25
    along, across = np.meshgrid(
        np.arange(0, 200, step) + step / 2, np.arange(0, 40, step) + step / 2
    )
    total = 4 * step**2 * _along_density(along, across, law).sum()
    assert total == pytest.approx(1, abs=1e-6)
    at_edge = _along_density(np.array([30.0, 30 + 1e-9, np.inf]), np.zeros(3), law)
    across_peak = 1 / (math.sqrt(2 * math.pi) * 4)
    if shape == "uniform":
        assert at_edge.tolist() == pytest.approx([across_peak / 60, 0, 0])
    else:
        bell = math.exp(-0.5) / (math.sqrt(2 * math.pi) * 30)
        assert at_edge.tolist() == pytest.approx([across_peak * bell] * 2 + [0])


@pytest.mark.parametrize(("shape", "reach"), [("uniform", 30 + 16), ("normal", 105 + 16)])
def test_moves_along_a_street_by_hand(shape, reach):
    places, direction = np.array([[0.0, 0.0], [500.0, 0.0]]), np.array([[0.6, 0.8], [np.nan] * 2])
    mask = PlacedAlong(places=places, direction=direction, law=_AlongLaw(shape, 30.0, 4.0))
    assert mask.reach == reach
    uniform = np.array([[0.9, 0.2], [0.3, 0.7]])
    moved = mask.moved(places, uniform)
    along = 30 * (0.8 if shape == "uniform" else ndtri(0.9))
    across = 4 * ndtri(0.3)
    assert moved[0].tolist() == pytest.approx(
        [0.6 * along - 0.8 * across, 0.8 * along + 0.6 * across]
    )
    # However far out a draw is, the move is finite.
    assert np.isfinite(mask.moved(places, np.array([[0.0, 1.0], [1.0, 0.0]]))).all()
    # Nothing is known of the street of the second.
    assert moved[1].tolist() == [500, 0]
    found = mask.likelihood(moved[:1], pairs_of(moved[:1], places))
    law = _along_density(np.array([abs(along)]), np.array([abs(across)]), mask.law)
    assert found.tolist() == pytest.approx([law[0], 0])


def test_offsets_by_hand():
    places, offset = np.array([[0.0, 0.0]]), np.array([[30.0, 40.0], [-100.0, 0.0]])
    mask = PlacedOffsets(places=places, offset=offset, within=2.0)
    assert mask.reach == 102
    moved = mask.moved(np.zeros((3, 2)), np.array([[0.0, 0.49, 0.5]]))
    assert moved.tolist() == [[30, 40], [30, 40], [-100, 0]]
    dots = np.array([[30.0, 42.0], [30.0, 42.001], [-100, 0], [0, 0]])
    one = 1 / (2 * math.pi * 4)
    found = mask.likelihood(dots, pairs_of(dots, places))
    assert found.tolist() == pytest.approx([one, 0, one, 0])


@pytest.mark.parametrize(("dots", "found"), [(2, 0), (3, 1)])
def test_three_dots_of_one_offset_show_it_and_two_do_not(dots, found):
    places = np.array([[0.0, 0.0], [1_000.0, 200.0], [2_500.0, 900.0]])
    offsets = fixed_offsets(places[:dots] + np.array([30.0, 40.0]), places, np.full(3, 1 / 3))
    assert len(offsets) == found
    if found:
        mask, prior, landing = offsets[0]
        assert mask.offset.ravel().tolist() == pytest.approx([30, 40])
        # One of 300 x 300 cells of two metres; a third of a disc of one metre.
        assert prior == pytest.approx(-math.log(90_000))
        assert landing.tolist() == pytest.approx([1 / 3 / math.pi] * 3)
    assert fixed_offsets(places[:dots] + np.array([301.0, 0.0]), places, np.full(3, 1 / 3)) == []


def test_a_lattice_that_noise_blurs_shows_its_period_and_origin():
    rng = np.random.default_rng(2)
    cells = rng.integers(0, 12, (400, 2)) * 100.0 + [37.0, 61.0]
    points = cells + rng.normal(0, 8, cells.shape)
    places = np.array([[40.0, 60.0], [180.0, 260.0]])
    (frame, *_) = lattice_frames(points, places)
    # The nearest corners of the lattice: noise of 8 m over 400 dots leaves its origin to 1 m.
    assert frame.image.xy.ravel().tolist() == pytest.approx([37, 61, 137, 261], abs=3)
    # A cloud without one has no peak.
    assert lattice_frames(rng.normal(600, 300, (400, 2)), places) == []
