"""Street swapping and Voronoi masking of the dots: definitions by hand, and who may attack."""

from collections import Counter
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import pairs_within
from privaudit.maps.guess import locate_dots, prior_over_addresses
from privaudit.maps.masks.location_swap import LocationSwap, StreetSwap
from privaudit.maps.masks.voronoi import Voronoi, VoronoiDots, half_way
from privaudit.stats.calibration import expected_calibration_error


def addresses(rows):
    """Addresses of rows: street, commune, east."""
    frame = pd.DataFrame(rows, columns=["street", "commune", "x"])
    frame = frame.assign(id=[str(i) for i in range(len(frame))], number="1", station="", y=0.0)
    return AddressBase(
        frame[["id", "number", "street", "commune", "station", "x", "y"]], real=False
    )


LANE = addresses(
    [
        ("lane", "c", 0.0),
        ("lane", "c", 30.0),
        ("lane", "c", 60.0),
        ("row", "c", 31.0),
        # The same name in another commune is another street.
        ("lane", "d", 45.0),
        ("", "c", 50.0),
        ("", "c", 55.0),
    ]
)


def shown_from(mask, base, home, n=600):
    dots = mask.on(base)(np.repeat(base.xy[[home]], n, axis=0), rng=np.random.default_rng(1))
    return sorted(set(dots[:, 0][~np.isnan(dots[:, 0])])), dots


def test_a_dot_goes_to_a_door_of_its_street_between_the_radii():
    mask = StreetSwap(r_min=10, r_max=40)
    ends = [shown_from(mask, LANE, home)[0] for home in range(len(LANE))]
    assert ends == [[30.0], [0.0, 60.0], [30.0], [], [], [], []]
    # Each of both ends as often: within four standard deviations of 600 fair draws.
    assert abs((shown_from(mask, LANE, 1)[1][:, 0] == 60).mean() - 0.5) < 4 * 0.5 / np.sqrt(600)


def test_the_likelihood_is_one_over_the_choices_of_the_home():
    placed = StreetSwap(r_min=10, r_max=40).on(LANE)
    dots = np.array([[30.0, 0.0], [60.0, 0.0], [45.0, 0.0], [37.0, 0.0]])
    ((_, pairs),) = pairs_within(dots, cKDTree(LANE.xy), 100.0)
    table = np.zeros((len(dots), len(LANE)))
    table[pairs.point, pairs.place] = placed.likelihood(dots, pairs)
    want = np.zeros_like(table)
    # The dot at 30 comes from 0 or 60, which have one choice; that at 60 from 30, which has two.
    want[0, [0, 2]], want[1, 1] = 1.0, 0.5
    assert table.tolist() == want.tolist()


def test_doors_of_one_position_are_of_one_street_whatever_their_order():
    rows = [("b", "c", 0.0), ("a", "c", 0.0), ("a", "c", 20.0), ("b", "c", -20.0), ("", "c", 0.0)]
    for order in (rows, rows[::-1]):
        base = addresses(order)
        corner = [row[2] for row in order].index(0.0)
        assert shown_from(StreetSwap(r_min=1, r_max=50), base, corner)[0] == [20.0]


def test_one_street_is_a_location_swap():
    rng = np.random.default_rng(3)
    base = addresses([("s", "c", x) for x in rng.integers(0, 900, 80) / 2])
    swaps = [kind(r_min=20, r_max=80).on(base) for kind in (StreetSwap, LocationSwap)]
    one, other = (swap(base.xy, rng=np.random.default_rng(4)) for swap in swaps)
    assert np.array_equal(one, other, equal_nan=True)


def test_edges_of_the_cells_of_the_dots_by_hand():
    moved = VoronoiDots()([[0, 0], [0, 0], [4, 0], [9, 0], [4, 30]], rng=np.random.default_rng(0))
    # Twins move together; 4's nearest is 0, 9's is 4; that above stands 30 m from 4.
    assert moved.tolist() == [[2, 0], [2, 0], [2, 0], [6.5, 0], [4, 15]]
    alone = VoronoiDots()([[3, 3], [3, 3]], rng=np.random.default_rng(0))
    assert np.isnan(alone).all()
    assert VoronoiDots()(np.empty((0, 2)), rng=np.random.default_rng(0)).shape == (0, 2)


def test_of_six_nearest_sites_the_first_by_position_is_taken():
    """Six are as near on a lattice of triangles, and no more can be."""
    rows = [(i + 0.5 * (j % 2), 0.75**0.5 * j) for i in range(9) for j in range(9)]
    sites = np.unique(100 * np.array(rows), axis=0)
    apart = np.hypot(*(sites[:, None] - sites).transpose(2, 0, 1)) + 1e9 * np.eye(len(sites))
    first = (apart <= apart.min(axis=1)[:, None] + 1e-6).argmax(axis=1)
    assert half_way(sites) == pytest.approx((sites + sites[first]) / 2)


@pytest.mark.parametrize("rounding", [0.1, 2.0])
@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_likelihood_of_a_dot_is_the_share_of_all_the_other_homes_that_move_it_so(n, rounding):
    # Two doors of one position, and two homes with two nearest others each.
    base = addresses([("s", "c", x) for x in (0.0, 3.0, 3.0, 6.0, 11.0, 40.0)])
    count = Counter()
    for home in range(len(base)):
        for others in product(range(len(base)), repeat=n - 1):
            dots = VoronoiDots()(base.xy[[home, *others]], rng=np.random.default_rng(0))
            count[home, float(dots[0, 0])] += 1
    outputs = sorted({x for _, x in count if not np.isnan(x)})
    dots = np.column_stack([outputs, np.zeros(len(outputs))])
    placed = VoronoiDots(dots=n).on(base)
    ((_, pairs),) = pairs_within(dots, cKDTree(base.xy), 1_000.0)
    # What is shown within the rounding of a dot is read as that dot.
    want = [
        sum(count[h, x] for x in outputs if abs(x - dots[d, 0]) <= rounding) / len(base) ** (n - 1)
        for d, h in zip(pairs.point.tolist(), pairs.place.tolist(), strict=True)
    ]
    likelihood = placed.likelihood(dots, pairs, rounding)
    assert likelihood.tolist() == pytest.approx(want, abs=1e-12)
    if rounding > 1:
        return
    # All that is left is a map of one position, which is suppressed.
    total = np.bincount(pairs.place, likelihood)
    alone = [1 - (share / 6) ** (n - 1) for share in (1, 2, 2, 1, 1, 1)]
    assert total == pytest.approx(alone)


@pytest.mark.heavy
@pytest.mark.parametrize("who", [pa.Adversary.knows_mask, pa.Adversary.knows_electors])
@pytest.mark.parametrize("n", [20, 150])
def test_who_counts_the_dots_is_as_sure_as_right(campaign, n, who):
    base, rng, mask = campaign.world.addresses, np.random.default_rng(26), VoronoiDots(dots=n)
    # Homes are drawn by the prior, the others' too: believed even, .80 were claimed for .61.
    prior = prior_over_addresses(base, who(mask))
    hits, sure = [], []
    for _ in range(9_000 // n):
        home = rng.choice(len(base), size=n, p=prior)
        placed = mask.on(base).among(prior)
        dots = placed(base.xy[home], rng=rng)
        assert (np.hypot(*(dots - base.xy[home]).T) <= placed.reach_of(dots)).all()
        found = locate_dots(dots, base, who(mask), rng=rng)
        hits.append(found.address == home)
        sure.append(found.confidence)
    hit, confidence = np.concatenate(hits), np.concatenate(sure)
    assert (confidence > 0).all()
    chance = np.sqrt((confidence * (1 - confidence)).sum()) / len(hit)
    assert abs(hit.mean() - confidence.mean()) < 4 * chance
    assert expected_calibration_error(confidence, hit) < 0.02


def test_maskmypy_moves_dots_alike():
    # Points and answers of maskmypy.voronoi 1.1.0; the mean over all of its 40 is 23.842137.
    points = np.random.default_rng(2015).integers(0, 500, (40, 2)).astype(float)
    points = np.unique(points, axis=0)
    moved = VoronoiDots()(points, rng=np.random.default_rng(0))
    assert moved[:8].tolist() == [
        [21.5, 435.0], [11.0, 188.0], [11.0, 188.0], [21.0, 121.0],
        [60.0, 295.0], [21.5, 435.0], [60.0, 295.0], [139.0, 363.0],
    ]  # fmt: skip
    assert np.hypot(*(moved - points).T).mean() == pytest.approx(23.842137241863828, rel=1e-12)


def test_cells_of_few_dots_are_wider_than_those_of_all_addresses():
    rng = np.random.default_rng(5)
    base = addresses([("s", "c", x) for x in rng.random(400) * 5_000])
    dots = base.xy[rng.choice(400, 40, replace=False)]
    by_dots, by_addresses = (
        np.hypot(*(mask.on(base)(dots, rng=rng) - dots).T) for mask in (VoronoiDots(), Voronoi())
    )
    assert (by_dots >= by_addresses - 1e-9).all()
    assert by_dots.mean() > 2 * by_addresses.mean()


@pytest.fixture(scope="module")
def campaign():
    world = pa.simulate(pa.Town(inhabitants=1_500), seed=8, generic_likes=False)
    return pa.run_campaign(world, seed=8, with_score=False)


@pytest.mark.heavy
def test_who_needs_a_likelihood_is_refused_and_who_needs_none_attacks(campaign):
    mask, message = VoronoiDots(), "needs a mask with a likelihood of one dot, but got voronoi_dots"
    for make in (pa.Adversary.knows_mask, pa.Adversary.knows_electors):
        with pytest.raises(ParameterError, match=message) as caught:
            make(mask)
        assert "\n" not in str(caught.value)
    with pytest.raises(ParameterError, match=message):
        pa.frontier(campaign, [mask, StreetSwap(r_min=20, r_max=90)])
    leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
    counted = pa.Adversary.knows_mask(VoronoiDots(dots=len(leak)))
    for who in (pa.Adversary.nearest(), pa.Adversary.unknown_mask(), counted):
        row = pa.audit(leak, who, truth=campaign.world).overall.loc["address"]
        assert 0 < row["n"] == len(leak.records)
    # Each dot is explained, and the home is among what explains it.
    assert (pa.audit(leak, counted, truth=campaign.world).per_person["candidates"] > 0).all()


def test_who_knows_the_street_swap_is_as_sure_as_right(campaign):
    base, mask, n = campaign.world.addresses, StreetSwap(r_min=20, r_max=120), 20_000
    rng = np.random.default_rng(26)
    home = rng.integers(len(base), size=n)
    dots = mask.on(base)(base.xy[home], rng=rng)
    shown = ~np.isnan(dots[:, 0])
    found = locate_dots(dots[shown], base, pa.Adversary.knows_mask(mask), rng=rng)
    hit = found.address == home[shown]
    # Left out are those without a door of their street between the radii, and no others.
    street = (base.frame["commune"] + "/" + base.frame["street"]).to_numpy()
    apart = np.hypot(*(base.xy[:, None] - base.xy[None]).transpose(2, 0, 1))
    ways = (street[:, None] == street[None]) & (apart >= 20) & (apart <= 120)
    assert np.array_equal(shown, ways.any(axis=1)[home])
    assert (found.confidence > 0).all()
    # Chance alone leaves .009 with ten bins: see tests/published/test_mask_calibration.py.
    assert expected_calibration_error(found.confidence, hit) < 0.02
    chance = np.sqrt((found.confidence * (1 - found.confidence)).sum()) / shown.sum()
    assert abs(hit.mean() - found.confidence.mean()) < 4 * chance
    # No belief finds more than the right one (Bayes); who does not know of the streets finds less.
    wrong = pa.Adversary.knows_mask(LocationSwap(r_min=20, r_max=120))
    other = locate_dots(dots[shown], base, wrong, rng=rng)
    assert (other.address == home[shown]).mean() < hit.mean() - 4 * chance


def test_the_only_dot_of_a_map_has_no_other_to_move_towards():
    base = addresses([("s", "c", x) for x in (0.0, 3.0, 6.0)])
    placed = VoronoiDots(dots=1).on(base)
    # Nobody else is on the map: what could be is as far as the farthest home.
    assert placed.reach_of(np.array([[0.0, 0.0]])).tolist() == pytest.approx([6.0], abs=0.2)
