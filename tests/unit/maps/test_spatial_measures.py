"""Spatial k, drift, hot spots, shared points: by definition, beside MaskMyPy and esda."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.posterior import posteriors_in_slices, spatial_k
from privaudit.maps.scoring.shared_points import _add_common, shared_points
from privaudit.maps.scoring.spatial_k import k_moved_and_original
from privaudit.maps.utility import (
    drift,
    getis_ord,
    hot_spot_overlap,
    map_utility,
    nearest_distances,
    nearest_ratio,
    ripley_k,
    side_by_side,
)
from privaudit.results.rows import Rows


def base_of(xy):
    frame = {"id": [str(i) for i in range(len(xy))], "number": "1", "street": "s"}
    frame |= {"commune": "c", "station": "", "x": xy[:, 0], "y": xy[:, 1]}
    return AddressBase(pd.DataFrame(frame), real=False)


@pytest.fixture(scope="module")
def town():
    """Addresses, homes and dots of a donut, to the millimetre, as MaskMyPy 1.1.0 got them."""
    rng = np.random.default_rng(26)
    places = rng.integers(0, 2_000_000, (3000, 2)) / 1000
    homes = places[rng.choice(3000, 200, replace=False)]
    turn, move = rng.random(200) * 2 * np.pi, 50 + 150 * rng.random(200)
    return places, homes, homes + np.c_[move * np.cos(turn), move * np.sin(turn)]


def test_maskmypy_counts_alike(town):
    places, homes, dots = town
    found = k_moved_and_original(homes, dots, base_of(places))
    # maskmypy.analysis.k_satisfaction; its circles are polygons of 64 sides, and leave out
    # one address of ten of the 200 dots: no share below moves by that.
    shares = [round(found.value("k_satisfied", k=k), 3) for k in (5, 25, 50)]
    assert shares == [0.985, 0.555, 0.325]
    # maskmypy.analysis.k_anonymity of the first twelve.
    theirs = [16, 55, 71, 61, 5, 36, 17, 42, 9, 10, 40, 16]
    assert spatial_k(dots, homes, places)[:12].tolist() == theirs
    assert drift(homes, dots) == pytest.approx(9.465482, abs=1e-6)
    gap = nearest_distances(dots).mean() - nearest_distances(homes).mean()
    assert gap == pytest.approx(11.636608, abs=1e-6)


def test_pointpats_corrects_no_edge(town):
    # maskmypy.analysis.ripleys_k counts pairs as they are, and n where Ripley has n - 1. In a
    # window so wide that no edge matters, ours is the same.
    homes, radii = town[1], np.array([100.0, 200.0, 300.0, 400.0, 500.0])
    theirs = [27964.2452, 115376.9559, 243856.0406, 424939.1951, 634768.8115]
    area, n = np.ptp(homes, axis=0).prod(), len(homes)
    low, high = homes.min(axis=0) - 1e7, homes.max(axis=0) + 1e7
    wide = ripley_k(homes, radii, np.r_[low, high]) * area / (high - low).prod() * (n - 1) / n
    assert wide == pytest.approx(theirs, rel=5e-5)
    corrected = ripley_k(homes, radii, np.r_[homes.min(axis=0), homes.max(axis=0)])
    assert (corrected > theirs).all()


def test_both_counts_are_their_definition(town):
    places, homes, dots = (part[:60] for part in town)
    homes = places[:60]
    found = k_moved_and_original(homes, dots, base_of(places))
    for name, centre, edge in (("k_moved", dots, homes), ("k_original", homes, dots)):
        k = [
            sum(np.hypot(*(p - c)) <= np.hypot(*(e - c)) + 1e-6 for p in places)
            for c, e in zip(centre, edge, strict=True)
        ]
        assert found.value(name, percentile=50) == np.sort(k)[29]
        assert found.row(name, percentile=50).baseline == 1
    assert found.value("k_satisfied", k=5) >= found.value("k_satisfied", k=25)
    gone = np.full_like(dots, np.nan)
    with pytest.raises(ParameterError, match="a dot that is shown"):
        k_moved_and_original(homes, gone, base_of(places))
    with pytest.raises(ParameterError, match="the same dots before and after"):
        k_moved_and_original(homes, dots[:3], base_of(places))


def test_esda_has_the_same_stars():
    # esda.G_Local(x, lat2W(6, 6), transform="B", star=True).Zs
    x = np.array(
        [4, 2, 0, 6, 3, 3, 5, 1, 2, 3, 4, 3, 0, 3, 4, 4, 2, 3,
         5, 6, 4, 0, 6, 3, 4, 2, 3, 0, 4, 5, 5, 0, 1, 1, 3, 5]
    )  # fmt: skip
    theirs = [
        0.637702, -1.495544, -0.617725, -0.032512, 1.137914, -0.027726, -0.617725, -0.568737,
        -1.366445, 1.02668, -0.036931, 0.260095, 0.260095, -0.302834, 0.494875, -0.568737,
        1.02668, -0.325118, 0.845307, 1.292583, 0.494875, -0.302834, -0.036931, 1.43052,
        1.137914, -0.036931, -1.366445, -1.898251, 0.760778, 1.43052, -0.027726, -1.202937,
        -2.080757, -2.080757, 0.260095, 1.30313,
    ]  # fmt: skip
    cells = np.array([[i % 6, i // 6] for i in range(36)])
    assert getis_ord(x, side_by_side(cells)) == pytest.approx(theirs, abs=1e-6)
    assert np.isnan(getis_ord(np.ones(36), side_by_side(cells))).all()
    assert np.isnan(hot_spot_overlap(np.ones(36), np.ones(36), side_by_side(cells)))


def test_the_ratio_of_a_square_lattice_is_two():
    # Clark and Evans (1954): 1 by chance; a square lattice has 2.
    lattice = np.array([[i, j] for i in range(40) for j in range(40)], float) * 50
    assert nearest_ratio(lattice, 40 * 40 * 50.0**2) == pytest.approx(2)
    rng = np.random.default_rng(1)
    by_chance = [nearest_ratio(rng.random((400, 2)) * 1_000, 1e6) for _ in range(60)]
    # Without a correction of the edge it is some hundredths above.
    assert np.mean(by_chance) == pytest.approx(1.03, abs=0.02)


def test_a_map_without_a_mask_loses_no_hot_spot(town):
    places, homes, _ = town
    crowd = np.r_[homes, np.random.default_rng(2).normal(700, 60, (150, 2))]
    lost = map_utility(crowd, crowd, base_of(places))
    assert (lost.value("hot_spots_lost"), lost.value("drift")) == (0, 0)
    turned = crowd[:, ::-1] + [800.0, 0.0]
    far = map_utility(crowd, turned, base_of(places))
    assert far.value("hot_spots_lost") == 1
    centres = turned.mean(axis=0) - crowd.mean(axis=0)
    assert far.value("drift") == pytest.approx(np.hypot(*centres))


@pytest.fixture(scope="module")
def campaign():
    plan = pa.CampaignPlan(side="left")
    world = pa.simulate(pa.Town(inhabitants=3_000), seed=3)
    return pa.run_campaign(world, plan, seed=3)


@pytest.mark.parametrize("mask", ["grid:200", "voronoi", "none"])
def test_pairs_at_a_point_are_counted_one_by_one(campaign, mask):
    world = campaign.world
    leak = pa.publish(campaign, pa.DotMap(mask=pa.masks.parse_mask(mask)), seed=3)
    found = shared_points(leak, world)
    points = list(map(tuple, leak.records[["x", "y"]].to_numpy()))
    who = leak.opened("test")["person"].to_numpy()
    for measure, column in (("same_address", "address"), ("same_household", "household")):
        of = world.people[column].to_numpy()[who]
        chances, alike, pairs = [], 0, 0
        for i in range(len(who)):
            there = [j for j in range(len(who)) if points[j] == points[i] and who[j] != who[i]]
            if there:
                chances.append(np.mean([of[j] == of[i] for j in there]))
        for i, j in combinations(range(len(who)), 2):
            if who[i] != who[j]:
                pairs, alike = pairs + 1, alike + (of[i] == of[j])
        row = found.row(measure)
        if chances:
            assert (row.n, row.value) == (len(chances), pytest.approx(np.mean(chances)))
            assert row.baseline == pytest.approx(alike / pairs)
            assert 0 <= row.low <= row.value <= row.high <= 1
        else:
            assert np.isnan(row.value)
            assert [note.key for note in row.notes] == ["no_shared_point"]
    shared = np.mean([points.count(p) > 1 for p in points])
    assert found.value("at_shared_point") == pytest.approx(shared)


def test_noise_that_is_drawn_once_joins_the_copies_of_a_person(campaign):
    world, rows = campaign.world, {}
    for mask in ("donut:50:200", "persistent:donut:50:200"):
        view = pa.DotMap(mask=pa.masks.parse_mask(mask))
        old, new = (pa.publish(campaign, view, seed=seed) for seed in (1, 2))
        rows[mask] = shared_points(new, world, earlier=old).row("same_person")
    fresh, kept = rows.values()
    # Fresh noise leaves no two dots at one point, so that nothing is told by points alone.
    assert np.isnan(fresh.value)
    assert [note.key for note in fresh.notes] == ["no_shared_point"]
    assert kept.n == len(campaign.dots)
    assert kept.value > 0.5 > 10 * kept.baseline


def test_without_a_truth_only_the_dots_are_counted(campaign):
    leak = pa.publish(campaign, pa.DotMap(mask=pa.masks.GridSnap(size=200)), seed=3)
    assert [row.measure for row in shared_points(leak.as_leaked()).rows] == ["at_shared_point"]
    with pytest.raises(ParameterError):
        shared_points(leak, pa.simulate(pa.Town(inhabitants=500), seed=1))
    with pytest.raises(ParameterError):
        shared_points(leak.records)


def test_points_shared_by_chance_are_those_of_people_drawn_at_random():
    # Two people of two addresses, 1 and 3 residents: both at one address in 1/16 + 9/16.
    frame = pd.DataFrame(
        {"id": list("ab"), "number": "1", "street": "s", "commune": "c", "station": "",
         "x": [0.0, 100.0], "y": 0.0, "residents": [1, 3]}
    )  # fmt: skip
    base = AddressBase(frame, real=False)
    dots = pd.DataFrame({"x": [50.0, 50.0], "y": 0.0})
    leak = pa.io.DotRelease(records=dots, roles=pa.Roles(location=["x", "y"]), backdrop=base)
    row = shared_points(leak).row("at_shared_point")
    assert (row.value, row.baseline) == (1, pytest.approx(10 / 16))
    # Addresses alone are equally likely without counts.
    bare = AddressBase(frame.drop(columns="residents"), real=False)
    assert shared_points(replace(leak, backdrop=bare)).row(
        "at_shared_point"
    ).baseline == pytest.approx(1 / 2)


def test_dots_that_share_no_point_say_so():
    rows, each = Rows(3, "dots"), np.arange(3)
    _add_common(rows, "same_address", who=each, of=np.array([0, 0, 1]), place=each)
    [row] = rows
    assert np.isnan(row.value)
    assert [note.key for note in row.notes] == ["no_shared_point"]


@pytest.mark.parametrize(("first", "places"), [(94, 2), (95, 1), (96, 1)])
def test_a_credible_set_holds_95_in_100(first, places):
    line, prior = np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([first, 100.0 - first])
    ((_, (found,)),) = posteriors_in_slices(
        line[:1], line, [prior], lambda points, pairs: np.ones(len(pairs.distance)), 5.0
    )
    assert found.level == 0.95
    assert found.credible.tolist() == [places]
