"""Laws of moves that an undeclared mask may be: by their integrals, and by brute force."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.spatial import cKDTree
from scipy.special import logsumexp

from privaudit.maps.masks.donut import Disk, Donut
from privaudit.maps.model_averaging import NEAREST, STRAY
from privaudit.maps.radial_models import (
    LEFT_WITHIN,
    SHIFT_REACH,
    NamedMasks,
    _bumps,
    _every_ring,
    _heavy,
    _partly_left,
    _rings_between,
    exact_shift,
    family,
    fine_edges,
    flat_inside,
    framed,
    left_columns,
    named_laws,
    with_left,
)

EDGES = fine_edges(300.0, 0.0)
AREA = np.pi * np.diff(EDGES**2)
EVEN = 1e-9


def rings_of(distance):
    """One address a dot, in the ring of its distance."""
    rings = np.zeros((len(distance), len(EDGES) - 1))
    rings[np.arange(len(distance)), np.searchsorted(EDGES, distance, side="right") - 1] = 1.0
    return rings


def score(landing):
    return float(np.log((1 - STRAY) * landing + EVEN).sum())


def test_laws_that_fall_off_slowly_have_all_of_their_moves_in_the_plane():
    for density in _heavy(np.array([10.0, 40.0])):
        # In the logarithm of the distance, from a tenth of a millimetre to ten thousand kilometres.
        total = quad(
            lambda u, f=density: 2 * np.pi * np.exp(2 * u) * f(np.exp(u)), -9, 16, limit=400
        )[0]
        # What is nearer than a millimetre is taken as at a millimetre.
        assert total == pytest.approx(1, abs=2e-3), density


def test_named_masks_have_all_of_their_moves_within_the_rings_or_reach_beyond():
    named = named_laws(family(), EDGES, 0.0)
    moves = AREA @ named.table
    inside = [m is not None and m.reach <= EDGES[-1] for m in named.masks]
    assert moves[inside] == pytest.approx(1)
    assert (moves[~np.array(inside)] < 1 + 0.01).all()
    # Half of what a kind weighs is for round sizes, half for the grid, if it has one.
    for kind in set(named.kinds):
        whole = np.exp(named.prior[[k == kind for k in named.kinds]]).sum()
        only_round = kind in ("disk", "donut", "donut_radius")
        assert whole == pytest.approx(0.5 if only_round else 1), kind


def test_a_density_is_even_over_the_first_five_metres_and_keeps_its_moves():
    table = 1 / ((EDGES[:-1] + EDGES[1:]) / 2)[:, None]
    before = (AREA[:, None] * table).sum()
    flat = flat_inside(table.copy(), EDGES)
    near = EDGES[1:] <= NEAREST
    assert np.ptp(flat[near]) == pytest.approx(0)
    assert flat[~near].tolist() == table[~near].tolist()
    assert (AREA[:, None] * flat).sum() == pytest.approx(before)


def test_bumps_each_have_all_moves():
    bumps = _bumps(EDGES)
    assert (AREA @ bumps).tolist() == pytest.approx([1] * bumps.shape[1])
    assert (bumps >= 0).all()
    assert (bumps.sum(axis=1) > 0).all()


def test_dots_left_in_place_lie_within_a_quarter_a_metre_and_a_half_or_five():
    assert LEFT_WITHIN == (0.25, 1.5, 5)
    left = left_columns(EDGES, 0.0)
    assert (AREA @ left).tolist() == pytest.approx([1, 1, 1])
    outer = [EDGES[1:][column > 0].max() for column in left.T]
    assert outer == list(LEFT_WITHIN)


@pytest.mark.parametrize("shift", [(120.0, -40.0), (-990.0, 0.0), (6.0, 0.0)])
def test_a_shift_of_all_dots_is_found_to_the_metre(shift):
    rng = np.random.default_rng(4)
    places = rng.random((250, 2)) * 3_000
    east, north = exact_shift(places + shift, cKDTree(places))
    assert (east, north) == pytest.approx(shift, abs=0.01)


def test_no_shift_where_dots_stand_on_addresses_or_far_from_any():
    rng = np.random.default_rng(4)
    places = rng.random((250, 2)) * 3_000
    tree = cKDTree(places)
    assert exact_shift(places + np.array([NEAREST - 0.1, 0.0]), tree) is None
    assert exact_shift(np.array([[-SHIFT_REACH - 1, 0.0]]) + places.min(axis=0), tree) is None
    assert exact_shift(np.empty((0, 2)), tree) is None


def test_every_ring_is_scored_by_what_lies_between_its_edges():
    rng = np.random.default_rng(1)
    rings, weight = rng.random((4, len(AREA))), rng.random(len(AREA)) + 0.5
    begin, end, hollow, found = _every_ring(rings, EDGES, weight, EVEN)
    assert len(set(zip(begin.tolist(), end.tolist(), strict=True))) == len(begin)
    # From the home or from five metres on; to ten metres at least.
    starts = np.unique(EDGES[begin])
    assert (starts[0], starts[1]) == (0, NEAREST)
    assert EDGES[end].min() == EDGES[EDGES >= 10][0]
    for k in rng.choice(len(begin), 60, replace=False):
        i, j = begin[k], end[k]
        inside = np.zeros(len(AREA))
        inside[i:j] = weight[i:j] / (AREA[i:j] * weight[i:j]).sum()
        assert found[k] == pytest.approx(score(rings @ inside))
        nearest = starts[starts > EDGES[i]]
        after = nearest[0] if len(nearest) else EDGES[np.searchsorted(EDGES, EDGES[i]) + 1]
        assert hollow[k] == pytest.approx((after - EDGES[i]) / EDGES[j])


@pytest.mark.parametrize(
    ("mask", "uniform"),
    [(Disk(radius=100), "area"), (Donut(r_min=50, r_max=200), "area"),
     (Donut(r_min=50, r_max=200, uniform="radius"), "radius")],
)  # fmt: skip
def test_the_likeliest_ring_is_the_one_that_moved_the_dots(mask, uniform):
    distance = mask.distance((np.arange(4_000) + 0.5) / 4_000)
    laws = _rings_between(rings_of(distance), EDGES, EVEN)
    best = max(laws, key=lambda law: law.likelihood)
    # To the next edge of the rings, which are some hundredths apart.
    low, high = getattr(best.mask, "r_min", 0), best.mask.reach
    assert high == pytest.approx(mask.reach, rel=0.04)
    assert low == pytest.approx(getattr(mask, "r_min", 0), rel=0.1)
    assert getattr(best.mask, "uniform", "area") == uniform
    # Of disks, and of donuts of either kind, those less than 14 nats behind the likeliest.
    for kind in {law.kind for law in laws} - {"donut_radius"}:
        believed = [law.likelihood + law.prior for law in laws if law.kind == kind]
        assert max(believed) - min(believed) < 14


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.75, 0.9])
def test_masks_that_left_some_dots_are_mixtures_of_staying_and_moving(share):
    stayed = round(400 * share)
    distance = np.concatenate([np.full(stayed, 1.0), np.linspace(20, 99, 400 - stayed)])
    rings, left = rings_of(distance), left_columns(EDGES, 0.0)
    column = (EDGES[1:, None] <= 100.0) / (np.pi * 100.0**2)
    named = NamedMasks(["disk"], [Disk(radius=100)], column, np.array([math.log(0.5)]))
    laws = _partly_left(rings, named, left, EVEN)
    for law in laws:
        assert score(rings @ law.density) == pytest.approx(law.likelihood)
        assert AREA @ law.density == pytest.approx(AREA @ column[:, 0], rel=0.2)
        # One kind, shares from .05 to .9 in twentieths, three precisions.
        assert law.prior == pytest.approx(math.log(0.5 / (18 * 3)))
    best = max(laws, key=lambda law: law.likelihood)
    # So many of the dots within a metre and a half: the others moved.
    mixed = ((1 - share) * column + share * left)[:, 1]
    assert best.likelihood == pytest.approx(score(rings @ mixed))
    assert best.kind == ("exact" if share == 0.9 else "partly_left")
    # From nine dots in ten on they count as left, with others among them.
    nearly = _partly_left(rings_of(np.full(200, 1.0)), named, left, EVEN)
    assert max(nearly, key=lambda law: law.likelihood).kind == "exact"
    assert [law.kind for law in nearly].count("exact") == 3
    assert all((law.mask is None) == (law.kind == "exact") for law in nearly)


def test_what_did_not_move_is_as_likely_as_all_masks_and_a_plane_shares_its_prior_out():
    named = named_laws(family()[:30], EDGES, 0.0)
    left = left_columns(EDGES, 0.0)
    both = with_left(named, left)
    many = len(named.kinds)
    assert logsumexp(both.prior[many:]) == pytest.approx(logsumexp(both.prior[:many]))
    assert both.kinds[many:] == ["exact"] * 3
    rings = rings_of(np.full(3, 30.0))
    laws = framed(rings, named, ("stretched", 0.04), EVEN)
    every = [score(rings @ named.table[:, k]) + named.prior[k] for k in range(many)]
    every = np.array(every) - logsumexp(named.prior) + math.log(0.04)
    # All that are less than 14 nats behind the likeliest.
    assert len(laws) == (every > every.max() - 14).sum()
    assert sorted(law.prior + law.likelihood for law in laws) == pytest.approx(
        sorted(every[every > every.max() - 14])
    )
