"""Masks by areas, by verified neighbours and along streets: definitions by hand, and a peer."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from scipy.stats import kstest

import privaudit as pa
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase, polygons_of
from privaudit.geo.neighbours import pairs_within
from privaudit.maps.guess import AttackRun, locate_dots, locate_together
from privaudit.maps.masks.areal_elimination import ArealElimination, areas_over
from privaudit.maps.masks.contained import Contained, Nearby, VerifiedDonut
from privaudit.maps.masks.donut import Disk, Donut, NRand
from privaudit.maps.masks.persistent import Persistent
from privaudit.maps.masks.street_mask import StreetKMask, StreetMask, street_network
from privaudit.stats.calibration import expected_calibration_error


def addresses(xy, street="s", commune="c"):
    """Addresses at points, on one street or on one each."""
    xy = np.array(xy, float)
    frame = pd.DataFrame({"id": [str(i) for i in range(len(xy))], "number": "1"})
    frame = frame.assign(street=street, commune=commune, station="", x=xy[:, 0], y=xy[:, 1])
    return AddressBase(frame, real=False)


def shown(mask, base, home, n):
    return mask.on(base)(np.repeat(base.xy[[home]], n, axis=0), rng=np.random.default_rng(1))


def test_nrand_is_the_farthest_of_so_many_draws():
    rng = np.random.default_rng(2)
    draws = np.sqrt(rng.random((5_000, 5))).max(axis=1) * 80
    moved = NRand(radius=80, n=5)(np.zeros((5_000, 2)), rng=rng)
    assert kstest(np.hypot(*moved.T), draws).pvalue > 0.001
    assert NRand(radius=80, n=1).density([0, 50]) == pytest.approx(Disk(radius=80).density([0, 50]))


@pytest.mark.parametrize("off", [0.0, 30.0, 60.0, 120.0])
def test_the_share_in_a_container_is_that_of_a_segment_of_the_disk(off):
    # The border is half way, `off` metres from the first address.
    base = addresses([(0, 0), (2 * off + 1e-9, 0)], commune=["c", "d"])
    placed = Contained(area="commune", mask=Disk(radius=100)).on(base)
    cut = min(off / 100, 1)
    outside = (math.acos(cut) - cut * math.sqrt(1 - cut**2)) / math.pi
    assert placed.share[0] == pytest.approx(1 - outside, abs=0.005)


def test_moves_from_an_address_are_counted_if_it_is_asked_for_and_once():
    base = addresses(np.random.default_rng(4).random((40, 2)) * 200)
    mask = VerifiedDonut(r_min=10, r_max=50, k=2)

    class Counting(type(mask.on(base))):
        def accepted(self, home, end):
            starts.append(np.unique(home, axis=0))
            return super().accepted(home, end)

    starts = []
    placed = mask.on(base)
    counting = Counting(mask=placed.mask, places=base.xy, k=2)
    asked = np.array([7, 3, 7])
    first, again = counting.share_of(asked), counting.share_of(asked[:2])
    np.testing.assert_array_equal(np.vstack(starts), np.unique(base.xy[asked], axis=0))
    # Which others are asked for as well changes no share.
    np.testing.assert_array_equal(first, placed.share[asked])
    np.testing.assert_array_equal(again, first[:2])
    assert len(counting.share_of(asked[:0])) == 0


def test_a_dot_stays_in_its_container_or_is_suppressed():
    # A square of 100 m holds no move of 150 m; the area of a lone address is everywhere.
    base = addresses([(50, 50), (250, 50)])
    none = Contained(area="100", mask=Donut(r_min=150, r_max=200))
    assert np.isnan(shown(none, base, 0, 20)).all()
    dots = shown(Contained(area="100", mask=Donut(r_min=0, r_max=200)), base, 0, 500)
    assert (np.floor(dots / 100) == 0).all()
    with pytest.raises(SchemaError, match="a column of the addresses, but got 'ward'"):
        Contained(area="ward", mask=Disk(radius=9)).on(base)


def test_a_dot_stays_in_the_polygon_of_its_home_and_out_of_its_hole():
    shapely = pytest.importorskip("shapely")
    # An L, a square in its corner, and a courtyard in the L: areas by hand.
    shape = shapely.Polygon(
        [(0, 0), (200, 0), (200, 100), (100, 100), (100, 200), (0, 200)],
        [[(20, 20), (60, 20), (60, 60), (20, 60)]],
    )
    corner = shapely.box(100, 100, 200, 200)
    areas = polygons_of([shape, corner], who="test")
    rng = np.random.default_rng(5)
    points = rng.random((4_000, 2)) * 240 - 20
    inside = [shapely.contains_xy(one, *points.T) for one in (shape, corner)]
    expected = np.select(inside, [0, 1], -1)
    np.testing.assert_array_equal(areas.of(points), expected)
    # Nothing is lost between two neighbours: the border is of one of them.
    assert (areas.of(np.array([[100.0, 150.0], [150.0, 100.0], [100.0, 100.0]])) >= 0).all()
    base = addresses([(70, 70), (150, 150), (210, 50)])
    mask = Contained(area=[shape, corner], mask=Disk(radius=90))
    assert str(mask) == f"within:polygons-{areas.digest}:disk:90"
    assert mask == Contained(area=areas, mask=Disk(radius=90))
    for home in (0, 1):
        dots = shown(mask, base, home, 2_000)
        assert (areas.of(dots) == home).all()
    share = mask.on(base).share
    # Share of the disc of 90 m inside each area, by shapely.
    disc = [shapely.Point(70, 70).buffer(90, 256), shapely.Point(150, 150).buffer(90, 256)]
    exact = [a.intersection(d).area / d.area for a, d in zip([shape, corner], disc, strict=True)]
    np.testing.assert_allclose(share[:2], exact, atol=0.02)


def test_polygons_elsewhere_or_in_degrees_are_refused():
    base = addresses([(70, 70), (150, 150)])
    with pytest.raises(GeometryError, match="areas that hold an address"):
        Contained(area=[[[2.3, 48.8], [2.4, 48.8], [2.4, 48.9]]], mask=Disk(radius=9)).on(base)
    for wrong in (3, [], [[[0, 0], [1, 1]]], {"type": "Point", "coordinates": [0, 0]}, None):
        with pytest.raises(ParameterError, match="needs polygons in metres"):
            Contained(area=wrong, mask=Disk(radius=9))
    geopandas = pytest.importorskip("geopandas")
    shapely = pytest.importorskip("shapely")
    frame = geopandas.GeoSeries([shapely.box(0, 0, 200, 200)], crs="EPSG:27700")
    with pytest.raises(GeometryError, match=r"Give areas\.to_crs"):
        Contained(area=frame, mask=Disk(radius=9)).on(base)
    frame = frame.set_crs(None, allow_override=True)
    assert Contained(area=frame, mask=Disk(radius=9)).on(base).share.min() > 0.9


def test_so_many_addresses_are_as_near_to_a_verified_dot():
    base = addresses(np.random.default_rng(3).random((300, 2)) * 900)
    mask, rng = VerifiedDonut(r_min=10, r_max=70, k=6), np.random.default_rng(4)
    dots = mask.on(base)(base.xy, rng=rng)
    apart = np.hypot(*(dots[:, None] - base.xy[None]).transpose(2, 0, 1))
    as_near = (apart <= apart.diagonal()[:, None]).sum(axis=1) - 1
    kept = ~np.isnan(dots[:, 0])
    assert kept.mean() > 0.9
    assert as_near[kept].min() >= 6
    ring = Donut(r_min=10, r_max=70)(base.xy, rng=rng)
    apart = np.hypot(*(ring[:, None] - base.xy[None]).transpose(2, 0, 1))
    assert ((apart <= apart.diagonal()[:, None]).sum(axis=1) - 1).min() < 6


def test_areas_are_merged_by_hand():
    # Squares of 10 m with 1, 1, 3 and 2 addresses in a row, then one far away, then an L.
    row = [(5, 5), (15, 5), *[(25, y) for y in (4, 5, 6)], (35, 5), (36, 5)]
    placed = ArealElimination(k=2, size=10).on(addresses([*row, (500, 5)]))
    # The first joins the second; that far away has no neighbour, and joins the nearest.
    assert placed.area[placed.square].tolist() == [0, 0, 1, 1, 1, 2, 2, 2]
    # Two sides in common outweigh fewer people.
    corner = [(5, 5), (15, 5), (5, 15), (15, 15), (15, 15), (25, 5)]
    assert ArealElimination(k=2, size=10).on(addresses(corner)).area.max() < 3
    assert np.isnan(shown(ArealElimination(k=9, size=10), addresses(row), 0, 5)).all()
    dots = shown(ArealElimination(k=2, size=10), addresses(row), 0, 3_000)
    assert kstest(dots[:, 0] / 20, "uniform").pvalue > 0.001
    assert kstest(dots[:, 1] / 10, "uniform").pvalue > 0.001


def test_every_area_holds_so_many_people():
    xy = np.random.default_rng(5).normal(size=(800, 2)) * 400
    base = addresses(xy).with_counts(residents=np.random.default_rng(6).integers(1, 5, 800))
    placed = ArealElimination(k=25, size=60).on(base)
    held = np.bincount(placed.area[placed.square], base.people())
    assert held.min() >= 25
    assert len(held) > 20


@pytest.mark.parametrize("seed", range(4))
def test_areas_for_several_numbers_are_those_of_each_alone(seed):
    """Merging the least populous area first, areas of more people begin as those of fewer end."""
    rng, numbers = np.random.default_rng(seed), (1, 4, 10, 30, 10_000)
    base = addresses(rng.normal(size=(300, 2)) * 200)
    base = base.with_counts(residents=rng.integers(0, 4, 300))
    together = areas_over(base, 50.0, numbers)
    for k, placed in zip(numbers, together, strict=True):
        alone = ArealElimination(k=k, size=50).on(base)
        assert placed.area.tolist() == alone.area.tolist()
        held = np.bincount(placed.area[placed.square] + 1, base.people())
        assert held[0] == (base.people().sum() if k == 10_000 else 0)
        assert k == 10_000 or held[1:].min() >= k
    # What was worked out for a base is not taken for another position of its addresses.
    base.frame["x"] += 25.0
    assert areas_over(base, 50.0, (4,))[0].places[0].tolist() == base.xy[0].tolist()


def test_neighbours_that_are_asked_of_once_are_those_of_each_number():
    rng, numbers = np.random.default_rng(8), (1, 3, 9)
    base = addresses(rng.normal(size=(9, 2)) * 100)
    dots = rng.normal(size=(20, 2)) * 100
    apart = np.sort(np.hypot(*(dots[:, None] - base.xy[None]).transpose(2, 0, 1)), axis=1)
    nearby = Nearby(cKDTree(base.xy), numbers)
    for k in (3, 1):
        assert nearby.farthest(dots, k) == pytest.approx(apart[:, k])
        assert nearby.farthest(dots[:2], k) == pytest.approx(apart[:2, k])
    assert np.isinf(nearby.farthest(dots, 9)).all()


def test_a_container_counts_a_border_that_rounding_crosses():
    # A dot on the border of two squares may have been in either; one inside, in its own alone.
    base = addresses([(40, 20), (60, 20)])
    placed = Contained(area="50", mask=Disk(radius=30)).on(base)
    dots = np.array([(50.0, 20.0), (45.0, 20.0)])
    ((_, pairs),) = pairs_within(dots, cKDTree(base.xy), 40.0)
    likelihood = placed.likelihood(dots, pairs, 0.5)
    assert (likelihood > 0).tolist() == [True, True, True, False]
    share = placed.share[pairs.place]
    assert likelihood[:3] == pytest.approx(1 / (math.pi * 900) / share[:3])


def test_crossings_of_a_town_of_two_streets_each_way():
    at = np.arange(20, 400, 20.0)
    one, other = (np.stack([at, np.full_like(at, y)], axis=1) for y in (108, 268))
    doors = np.concatenate([one, other, one[:, ::-1], other[:, ::-1]])
    network = street_network(addresses(doors, street=np.repeat(list("abcd"), len(at))))
    degree = np.bincount(network.links.ravel())
    assert sorted(degree.tolist()) == [1] * 8 + [4] * 4
    # Doors stand 20 m apart: a crossing is known to within less.
    crossing = network.nodes[degree == 4]
    true = np.array([(x, y) for x in (108, 268) for y in (108, 268)])
    off = np.hypot(*(crossing[:, None] - true[None]).transpose(2, 0, 1)).min(axis=0)
    assert off.max() < 5


def test_maskmypy_ends_at_the_same_nodes():
    rng = np.random.default_rng(2020)
    nodes = rng.integers(0, 1000, (60, 2)).astype(float)
    near = cKDTree(nodes).query(nodes, k=4)[1][:, 1:]
    links = np.column_stack([np.repeat(np.arange(60), 3), near.ravel()])
    base = addresses(nodes[::6])
    ends = [
        StreetMask(low=pool, high=pool + 1, network=(nodes, links)).on(base).ends[:, 0]
        for pool in (5, 8, 12, 20)
    ]
    # Answers of _mask_point_from_node_id of maskmypy 1.1.0 for this network and these pools.
    assert np.column_stack(ends).tolist() == [
        [56, 26, 54, 50], [36, 23, 4, 51], [44, 11, 22, 43], [56, 33, 0, 20], [45, 2, 49, 19],
        [28, 27, 47, 11], [23, 6, 35, 39], [49, 2, 46, 8], [15, 15, 37, 32], [17, 20, 56, 14],
    ]  # fmt: skip


def test_without_streets_there_is_no_network():
    with pytest.raises(ParameterError, match="StreetMask: needs addresses with a street") as caught:
        StreetMask(low=1, high=2).on(addresses([(0, 0), (9, 9)], street=""))
    assert "\n" not in str(caught.value)
    links = [[0, 1]], [[0, -1]], [[-2, 0]]
    unknown = [([[0, 0]], one) for one in links]
    for wrong in (3, *unknown, ([[0, np.nan]], np.empty((0, 2))), ([], [])):
        with pytest.raises(ParameterError, match="needs network nodes of shape"):
            StreetMask(low=1, high=2, network=wrong)
    with pytest.raises(ParameterError, match="Take a larger stop, or a smaller k"):
        StreetKMask(k=5, start=1, stop=3).on(addresses([(0, 0), (9, 9)]))


@pytest.fixture(scope="module")
def campaign():
    world = pa.simulate(pa.Town(inhabitants=1_500), seed=8, generic_likes=False)
    return pa.run_campaign(world, seed=8, with_score=False)


EACH = [
    NRand(radius=60, n=3),
    Contained(area="station", mask=Donut(r_min=10, r_max=60)),
    Contained(area="100", mask=Donut(r_min=10, r_max=60)),
    VerifiedDonut(r_min=10, r_max=60, k=4),
    ArealElimination(k=12, size=50),
    StreetMask(low=3, high=6),
    StreetKMask(k=4, start=3),
]


def triangles(base):
    """Triangles that share their long sides, in squares that hold an address; some lie beyond."""
    squares = np.unique(np.floor((base.xy - 0.5) / 150), axis=0)
    return [
        [[x, y], [x + 150 * turn, y], [x, y + 150 * turn]]
        for i, j in squares[(squares < 8).all(axis=1)] for far in (0, 1)
        for x, y, turn in [(150 * (i + far) + 0.5, 150 * (j + far) + 0.5, 1 - 2 * far)]
    ]  # fmt: skip


@pytest.mark.parametrize("mask", [*EACH, "polygons"], ids=str)
@pytest.mark.parametrize("seed", [26, 27, 28])
def test_who_knows_the_mask_is_as_sure_as_right(campaign, mask, seed):
    base, rng, n = campaign.world.addresses, np.random.default_rng(seed), 6_000
    if mask == "polygons":
        mask = Contained(area=triangles(base), mask=Donut(r_min=10, r_max=60))
    home = rng.integers(len(base), size=n)
    dots = mask.on(base)(base.xy[home], rng=rng)
    on_map = ~np.isnan(dots[:, 0])
    found = locate_dots(dots[on_map], base, pa.Adversary.knows_mask(mask), rng=rng)
    hit, sure = found.address == home[on_map], found.confidence
    assert on_map.mean() > 0.9
    assert (sure > 0).all()
    # Chance alone leaves .016 with ten bins of 600: see tests/published/test_mask_calibration.py.
    assert expected_calibration_error(sure, hit) < 0.035
    assert abs(hit.mean() - sure.mean()) < 4 * np.sqrt((sure * (1 - sure)).sum()) / len(hit)
    # No belief finds more than the right one.
    wrong = locate_dots(dots[on_map], base, pa.Adversary.nearest(), rng=rng)
    chance = 4 * np.sqrt(0.25 / len(hit))
    assert (wrong.address == home[on_map]).mean() < hit.mean() + chance


@pytest.mark.heavy
def test_each_goes_into_a_design_by_its_word():
    views = [str(mask) for mask in EACH]
    found = pa.repeat(
        pa.Town(inhabitants=500), views=views, adversaries=pa.Adversary.knows_mask, seeds=[1, 2]
    ).to_frame()
    assert set(found["view"]) == set(views)
    address = found[found["gain"] == "address"]
    assert address["value"].between(0, 1).all()


@pytest.mark.parametrize("mask", EACH[:-1], ids=str)
def test_equal_positions_share_sticky_noise_in_every_release(mask):
    base = addresses(np.random.default_rng(7).random((40, 2)) * 300)
    placed = Persistent(mask=mask, seed=3).on(base)
    first = placed(base.xy, rng=np.random.default_rng(0))
    again = placed(np.vstack([base.xy[::-1], base.xy]), rng=np.random.default_rng(1))
    assert np.array_equal(again, np.vstack([first[::-1], first]), equal_nan=True)


@pytest.mark.parametrize("mask", [None, Donut(r_min=10, r_max=60)])
def test_an_address_is_found_without_the_sizes_of_its_posterior(mask):
    base = addresses(np.random.default_rng(3).normal(size=(80, 2)) * 60)
    who = pa.Adversary.nearest() if mask is None else pa.Adversary.knows_mask(mask)
    whole, alone = (
        locate_together(base.xy + 20.0, base, [run])[0]
        for run in (
            AttackRun(who, np.random.default_rng(1)),
            AttackRun(who, np.random.default_rng(1), sizes=False),
        )
    )
    assert alone.address.tolist() == whole.address.tolist()
    assert alone.confidence.tolist() == whole.confidence.tolist()
    assert alone.credible is alone.k_addresses is alone.k_people is None
    assert whole.credible.min() >= 1
