"""Rings, profiles and averages over masks: by their definition, at, under and over each edge."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs, pairs_within
from privaudit.maps import model_averaging
from privaudit.maps.masks.contained import Contained
from privaudit.maps.masks.digitising_error import Misread
from privaudit.maps.masks.donut import AdaptiveDonut, Disk, Donut
from privaudit.maps.masks.location_swap import LocationSwap
from privaudit.maps.masks.mask import Exact
from privaudit.maps.model_averaging import (
    AveragedMask,
    Frame,
    Image,
    WeightedMask,
    box_area,
    density_table,
    distances,
    profile,
    profile_around,
    ring_edges,
    ring_of,
    weighed,
)

EDGES = np.array([0.0, 5.0, 7.0, 20.0, 31.0])


def addresses(xy):
    xy = np.array(xy, float)
    frame = pd.DataFrame({"id": [str(i) for i in range(len(xy))], "number": "1", "street": "s",
                          "commune": "c", "station": "", "x": xy[:, 0], "y": xy[:, 1]})  # fmt: skip
    return AddressBase(frame, real=False)


HOMES = addresses([[0, 0], [400, 0]])


def average(*parts, base=HOMES, **more):
    prior = np.full(len(base), 1 / len(base))
    return AveragedMask(parts=parts, base=base, prior=prior, **more)


def test_rings_are_five_metres_wide_then_two_then_a_thirty_third():
    assert ring_edges(5.0).tolist() == [0, 5]
    assert ring_edges(5.1).tolist() == [0, 5, 7]
    edges = ring_edges(1_000.0)
    assert edges[-2] < 1_000 <= edges[-1]
    assert np.diff(edges[1:]) == pytest.approx(np.maximum(2, 0.03 * edges[1:-1]))
    # Two metres are three hundredths of 66.7.
    assert np.diff(edges)[edges[:-1] < 66] == pytest.approx([5] + [2] * 31)


@pytest.mark.parametrize("edges", [EDGES, ring_edges(300.0), np.array([0.0, 5.0])])
def test_a_ring_begins_at_its_inner_edge(edges):
    rng = np.random.default_rng(1)
    far = np.concatenate([edges, np.nextafter(edges[1:], 0), rng.uniform(0, 2 * edges[-1], 500)])
    assert ring_of(far, edges).tolist() == (np.searchsorted(edges, far, "right") - 1).tolist()


def test_weights_are_summed_by_ring_and_the_outermost_edge_is_within():
    pairs = Pairs(np.array([0, 4, 4, 6]), np.zeros(6, int), np.array([0.0, 5, 6.9, 31, 31.1, 19]))
    sums, cell = profile(pairs, np.array([1.0, 2, 4, 8, 16, 32]), EDGES)
    assert sums.tolist() == [[1, 6, 0, 8], [0] * 4, [0, 0, 32, 0]]
    assert cell.tolist() == [0, 1, 1, 3, -1, 10]
    near = pairs._replace(distance=np.minimum(pairs.distance, 31))
    assert profile(near, np.ones(6), EDGES)[1].tolist() == [0, 1, 1, 3, 11, 10]


@pytest.mark.parametrize("thinned", [1, 3])
def test_of_many_places_every_so_many_th_stands_for_the_others_far_off(monkeypatch, thinned):
    rng = np.random.default_rng(2)
    points, places, weight = rng.random((37, 2)) * 40, rng.random((90, 2)) * 40, rng.random(90)
    points[0], places[0] = (0, 0), (31, 0)
    monkeypatch.setattr(model_averaging, "_THINNED", thinned)
    monkeypatch.setattr(model_averaging, "_MANY", 89)
    monkeypatch.setattr(model_averaging, "_NEAR", 7.0)
    ring = np.searchsorted(EDGES, np.hypot(*(points[:, None] - places).transpose(2, 0, 1)), "right")
    ring[0, 0] = 4
    want = np.stack([((ring == k) * weight).sum(axis=1) for k in range(1, 5)], axis=1)
    third = slice(None, None, thinned)
    far = ((ring == 3) * weight)[:, third].sum(axis=1), ((ring == 4) * weight)[:, third].sum(axis=1)
    want[:, 2:] = thinned * np.stack(far, axis=1)
    assert profile_around(points, places, weight, EDGES) == pytest.approx(want)
    # As many as are few are all looked at, and so are all where no ring is so far.
    monkeypatch.setattr(model_averaging, "_MANY", 90)
    every = np.stack([((ring == k) * weight).sum(axis=1) for k in range(1, 5)], axis=1)
    assert profile_around(points, places, weight, EDGES) == pytest.approx(every)
    monkeypatch.setattr(model_averaging, "_MANY", 0)
    monkeypatch.setattr(model_averaging, "_NEAR", 31.0)
    assert profile_around(points, places, weight, EDGES) == pytest.approx(every)


def test_how_far_and_how_many_are_looked_at():
    assert (model_averaging._NEAR, model_averaging._THINNED, model_averaging._MANY) == (
        600.0, 8, 20_000,
    )  # fmt: skip
    # Strays are spread over a box of a metre a side at least.
    assert box_area(np.array([[0.0, 3], [20.0, 3.5]])) == 20
    assert box_area(np.array([[0.0, 3], [20.0, 8]])) == 100


def test_a_share_of_moves_stays_within_a_distance():
    density = np.array([0.0, 0.25, 0.75, 0.0]) / (np.pi * np.diff(EDGES**2))
    # Half way by area within each ring.
    first, last = math.sqrt((25 + 49) / 2), math.sqrt((49 + 400) / 2)
    share = np.array([0.125, 0.25, 0.625])
    assert distances(density, EDGES, share) == pytest.approx([first, 7, last])
    both = distances(np.stack([density, 3 * density]), EDGES, share)
    assert both == pytest.approx(np.array([[first, 7, last]] * 2))


def test_the_likeliest_are_left_until_they_weigh_enough():
    parts = [WeightedMask(str(k), None, 0.0) for k in range(4)]
    score = np.log([0.2, 0.5, 0.05, 0.25])
    for most, many, weights in (
        (None, 2, (2 / 3, 1 / 3)), (None, 3, (10 / 19, 5 / 19, 4 / 19)), (1, 1, (1,)),
    ):  # fmt: skip
        chosen = weighed(parts, score - 900, {2: 0.74, 3: 0.76, 1: 0.74}[many], most)
        assert [one.kind for one in chosen] == ["1", "3", "0"][:many]
        assert [one.weight for one in chosen] == pytest.approx(weights)


def test_moves_are_drawn_from_one_mask_for_all_dots_by_its_weight():
    near, far = Disk(radius=10), Donut(r_min=100, r_max=110)
    mask = average(WeightedMask("disk", near, 0.25), WeightedMask("donut", far, 0.75))
    assert mask.draws == 3
    points = np.zeros((5, 2))
    uniform = np.full((3, 5), 0.5)
    for share, moved in ((0.0, near), (0.2499, near), (0.25, far), (1.0, far)):
        uniform[0] = share
        assert mask.moved(points, uniform).tolist() == moved.moved(points, uniform[1:]).tolist()
    assert mask.moved(points[:0], uniform[:, :0]).shape == (0, 2)
    ends = [mask(points, rng=np.random.default_rng(seed)) for seed in range(40)]
    assert {bool((np.hypot(*end.T) > 50).all()) for end in ends} == {True, False}
    assert [one.weight for one in mask.only("donut").parts] == [1]
    assert mask.only("disk", "donut").parts == mask.parts


def test_moves_begin_where_an_image_says_and_end_beside_a_shift():
    density = np.array([1.0, 0, 0, 0]) / (25 * np.pi)
    image = Image(xy=np.array([[10.0, 0], [410.0, 0]]), places=HOMES.xy)
    part = WeightedMask("free", None, 1.0, frame=Frame(shift=(0.0, 3.0), image=image),
                        density=density)  # fmt: skip
    # A quarter of the moves of a disk of 5 m end within half of it; a quarter of a turn is north.
    uniform = np.array([[0.5, 0.5], [0.25, 0.0], [0.25, 0.0]])
    moved = average(part, edges=EDGES).moved(HOMES.xy, uniform)
    assert moved == pytest.approx(np.array([[10, 5.5], [410, 3]]))
    left = WeightedMask("exact", Exact(), 1.0, frame=Frame(shift=(7.0, -2.0)))
    shown = average(left).moved(HOMES.xy, np.zeros((3, 2)))
    assert shown == pytest.approx(HOMES.xy + np.array([7, -2]), abs=0.1)
    # What is drawn again until it stays in its cell stays there.
    placed = Contained(area="50", mask=Disk(radius=90)).on(HOMES)
    again = average(WeightedMask("within", None, 1.0, placed=placed))
    dots = again(np.full((200, 2), 25.0), rng=np.random.default_rng(3))
    assert (np.floor(dots / 50) == 0).all()
    # Of two masks the first is not all that moves dots, drawn again or not.
    both = average(again.parts[0]._replace(weight=0.5), left._replace(weight=0.5))
    ends = [both(HOMES.xy, rng=np.random.default_rng(seed))[1, 0] for seed in range(20)]
    assert 0 < sum(end == pytest.approx(407, abs=0.1) for end in ends) < 20


def test_a_mask_takes_its_own_numbers_and_one_that_picks_it():
    law = WeightedMask("free", None, 1.0, density=np.ones(4))
    misread = Misread(mask=AdaptiveDonut(k_min=1, k_max=2), sigma=1.0)
    assert average(law).draws == 3
    assert average(law, WeightedMask("disk", Disk(radius=9), 1.0)).draws == 3
    assert average(WeightedMask("adaptive", misread, 1.0)).draws == 5
    assert average(WeightedMask("adaptive", None, 1.0, placed=misread.on(HOMES))).draws == 5


def test_a_recipe_names_the_nine_likeliest_to_six_digits():
    parts = [WeightedMask("disk", Disk(radius=k + 1), 0.1234564 + k / 1e6) for k in range(12)]
    recipe = average(*parts).recipe()
    assert recipe == {
        "mask": "averaged", "of": 12,
        "likeliest": {f"disk:{k + 1}": round(0.123456 + k / 1e6, 9) for k in range(9)},
    }  # fmt: skip


@pytest.mark.parametrize(("ratio", "farther"), [(4.0, 2), (0.25, 2), (1.0, 1)])
def test_a_stretched_plane_lengthens_moves_by_the_root_of_its_ratio(ratio, farther):
    assert Frame(ratio=ratio).farther == farther


def test_reach_is_that_of_the_widest_mask_and_of_four_errors():
    edges, dots = EDGES, np.zeros((2, 2))
    disk = WeightedMask("disk", Disk(radius=100), 0.5)
    within = math.sqrt(0.999) * 100
    for mask, reach in (
        (average(disk), within),
        (average(disk, resolution=2.0), within + 8),
        (average(disk._replace(frame=Frame(shift=(30.0, 40.0)))), within + 50),
        (average(disk._replace(frame=Frame(ratio=4.0))), 2 * within),
        (average(disk, WeightedMask("donut", Donut(r_min=20, r_max=30), 0.5)), within),
        (average(WeightedMask("swap", LocationSwap(r_min=0, r_max=100), 1.0)), within),
        # Even those that move no dot may lie five metres off.
        (average(WeightedMask("disk", Disk(radius=1), 1.0)), 5),
    ):
        assert mask.on(HOMES).reach_of(dots) == pytest.approx([reach + 0.1] * 2, abs=0.11)
    image = Image(xy=HOMES.xy + np.array([[60, 80], [0, 1]]), places=HOMES.xy)
    law = WeightedMask("free", None, 1.0, frame=Frame(image=image),
                       density=np.array([0, 0, 1 / (np.pi * 351), 0]))  # fmt: skip
    found = average(law, edges=edges).on(HOMES).reach_of(dots)
    assert found == pytest.approx([math.sqrt(49 + 0.999 * 351) + 100] * 2, abs=0.11)
    donut = WeightedMask("swap", None, 1.0, placed=LocationSwap(r_min=0, r_max=300).on(HOMES))
    assert average(donut).on(HOMES).reach_of(dots) == pytest.approx([300] * 2, abs=1)


def test_a_dot_likelier_to_be_a_stray_is_of_nobody():
    """One of a hundred dots is a stray, spread over a box of 400 by 1 m."""
    mask = average(WeightedMask("disk", Disk(radius=100), 1.0))
    dots = np.array([[50.0, 0], [200, 0], [350, 0]])
    ((_, pairs),) = pairs_within(dots, cKDTree(HOMES.xy), 250.0)
    found = mask.on(HOMES).likelihood(dots, pairs, 0.0)
    landing = 1 / (np.pi * 100**2)
    known, even = 0.99 * landing / 2, 0.01 / 400
    lost = even / (known + even)
    assert lost > 0.5
    assert found.tolist() == [0] * len(pairs.place)
    # Over a box of 400 by 400 m strays are rarer than what the mask shows.
    wide = addresses([[0, 0], [400, 0], [200, 400]])
    found = average(WeightedMask("disk", Disk(radius=100), 1.0), base=wide)
    likelihood = found.on(wide).likelihood(dots, pairs, 0.0)
    known, even = 0.99 * landing / 3, 0.01 / 160_000
    lost = even / (known + even)
    assert 1e-3 < lost < 0.5
    own = 3 * known / (known + even)
    # A stray may be of any home in reach, as likely as its prior.
    many = np.diff(pairs.indptr)
    far = pairs.distance > 100
    spread = lost * 3 / np.repeat(many, many)
    want = np.where(far, 0, own) + spread
    want[np.repeat(many == 2, many) & (pairs.distance == 200)] = 0
    assert likelihood == pytest.approx(want, rel=0.01)


@pytest.mark.parametrize("reach", [100.0, 4_000.0])
@pytest.mark.parametrize("sigma", [0.02, 0.15, 1.0, 12.0])
@pytest.mark.parametrize(("r_min", "r_max"), [(0, 5), (5, 10), (30, 60)])
def test_a_density_that_is_read_with_an_error_is_that_of_draws(reach, sigma, r_min, r_max):
    # However far the rings go: a step for all of them blurred near densities by up to 8 m.
    rng = np.random.default_rng(11)
    n, edges = 200_000, ring_edges(reach)
    radius = np.sqrt(rng.uniform(r_min**2, r_max**2, n))
    angle = rng.uniform(0, 2 * np.pi, n)
    drawn = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    far = np.hypot(*(drawn + sigma * rng.normal(size=(n, 2))).T)
    expected = np.histogram(far, edges)[0] / n
    area = np.pi * np.diff(edges**2)

    def ring(far):
        return ((far >= r_min) & (far <= r_max)) / (np.pi * (r_max**2 - r_min**2))

    mass = density_table([ring], edges, sigma)[:, 0] * area
    # Of a ring, eight points stand for all: one with an edge of the density in it may be off.
    assert np.abs(mass - expected).max() < 0.02
    assert mass.sum() == pytest.approx(expected.sum(), abs=0.02)
