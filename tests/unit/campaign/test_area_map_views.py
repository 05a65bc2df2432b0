"""Counts by area and heat over a street of ten doors, 20 m apart, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.publish import parse_view, publish
from privaudit.campaign.views.area_and_heat_maps import AreaMap, HeatMap, areas_of_addresses
from privaudit.errors import ParameterError

# Doors 0 to 9 are at x = 0, 20, .., 180; stations 1 and 2 have five each.
DOORS = [0, 1, 2, 4, 5]
GREY = [True, True, False, False, True]


@pytest.fixture(scope="module")
def campaign(street):
    made = run_campaign(street)
    return replace(
        made,
        dots=made.dots.assign(
            address=DOORS,
            x=20.0 * np.array(DOORS),
            y=0.0,
            status=np.where(GREY, "visited", "to_meet"),
        ),
    )


def rows(release):
    return [tuple(row) for row in release.records.itertuples(index=False, name=None)]


def test_counts_by_square(campaign):
    release = publish(campaign, AreaMap(size=50))
    assert release.kind == "areas"
    # Squares of 50 m hold doors 0-2, 3-4, 5-7, 8-9.
    assert rows(release) == [
        ("125.0, 25.0", 125.0, 25.0, 0.0, 1.0, 1.0),
        ("175.0, 25.0", 175.0, 25.0, 0.0, 0.0, 0.0),
        ("25.0, 25.0", 25.0, 25.0, 1.0, 2.0, 3.0),
        ("75.0, 25.0", 75.0, 25.0, 1.0, 0.0, 1.0),
    ]


def test_counts_by_station(campaign):
    release = publish(campaign, AreaMap(by="station"))
    assert rows(release) == [("1", 40.0, 0.0, 2.0, 2.0, 4.0), ("2", 140.0, 0.0, 0.0, 1.0, 1.0)]


def test_counts_by_adaptive_square(campaign):
    # A square of 180 m halves at x = 90 with five doors on either side; a quarter would hold three.
    base = campaign.world.addresses
    doors = replace(
        base, frame=base.frame[["id", "number", "street", "commune", "station", "x", "y"]]
    )
    view = AreaMap(by="adaptive", k=5)
    first, second = "45.0, 45.0", "135.0, 45.0"
    assert areas_of_addresses(doors, view).tolist() == [first] * 5 + [second] * 5
    release = publish(replace(campaign, world=replace(campaign.world, addresses=doors)), view)
    assert rows(release) == [
        (second, 135.0, 45.0, 0.0, 1.0, 1.0), (first, 45.0, 45.0, 2.0, 2.0, 4.0),
    ]  # fmt: skip
    assert release.k == 5
    assert parse_view("areas:adaptive:5:3") == AreaMap(by="adaptive", k=5, suppress_under=3)
    noisy = AreaMap(by="adaptive", k=5, protection="cell_key:5:2")
    assert parse_view(str(noisy)) == noisy
    assert view.recipe()["k"] == 5
    assert "k" not in AreaMap().recipe()
    with pytest.raises(ParameterError, match="Take a smaller k"):
        areas_of_addresses(doors, AreaMap(by="adaptive", k=11))


def test_an_origin_moves_the_squares(campaign):
    base = campaign.world.addresses
    shifted = areas_of_addresses(base, AreaMap(size=50, origin=(10.0, 0.0)))
    # Squares from -40, 10, 60, 110, 160: doors 0, 1-2, 3-5, 6-7, 8-9.
    assert [list(shifted).index(name) for name in shifted] == [0, 1, 1, 3, 3, 3, 6, 6, 8, 8]


def test_small_counts_are_left_out_and_zero_is_not(campaign):
    release = publish(campaign, AreaMap(by="station", suppress_under=3))
    shown = release.records[["to_meet", "visited", "total"]].to_numpy()
    np.testing.assert_array_equal(shown, [[np.nan, np.nan, 4], [0, np.nan, np.nan]])
    whole = publish(campaign, AreaMap(by="station", suppress_under=1))
    assert whole.records["total"].tolist() == [4.0, 1.0]


def test_every_address_is_in_the_hexagon_of_the_nearest_centre(campaign):
    size = 45.0
    base = campaign.world.addresses
    names = areas_of_addresses(base, AreaMap(by="hexagon", size=size))
    i, j = np.meshgrid(np.arange(-9, 10), np.arange(-9, 10))
    lattice = np.stack([(i + j / 2) * size, j * size * np.sqrt(3) / 2], -1).reshape(-1, 2)
    apart = np.hypot(*(base.xy[:, None] - lattice[None]).transpose(2, 0, 1))
    nearest = lattice[apart.argmin(axis=1)]
    assert names.tolist() == [f"{x:.1f}, {y:.1f}" for x, y in nearest + 0.0]


def test_sources_are_the_dots_and_records_have_no_names(campaign):
    release = publish(campaign, AreaMap())
    assert len(release.sources) == 5
    assert release.as_leaked().sources is None
    assert "account" not in release.records.columns


def test_a_heat_map_holds_every_dot(campaign):
    release = publish(campaign, HeatMap(bandwidth=60, cell=10))
    intensity = release.records["intensity"]
    # Dots a square kilometre, times cells of 100 m2; 3 bandwidths hold 99.7 % each way.
    assert intensity.sum() * 1e-4 == pytest.approx(5, rel=0.01)
    # By hand at one cell: five Gaussians.
    cell = release.records.iloc[int(intensity.argmax())]
    squared = (20.0 * np.array(DOORS) - cell["x"]) ** 2 + cell["y"] ** 2
    by_hand = np.exp(-squared / 2 / 60**2).sum() / (2 * np.pi * 60**2) * 1e6
    assert cell["intensity"] == pytest.approx(by_hand)


def test_a_heat_map_of_too_many_cells_is_refused(campaign):
    with pytest.raises(ParameterError, match="larger cells"):
        publish(campaign, HeatMap(bandwidth=1000, cell=0.5))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"by": "hexagone"}, "Did you mean 'hexagon'"),
        ({"size": 0}, "size"),
        ({"suppress_under": -1}, "suppress_under"),
        ({"by": "adaptive", "k": 0}, "k"),
        ({"origin": (1.0,)}, "origin"),
        ({"origin": (1.0, float("nan"))}, "origin"),
    ],
)
def test_invalid_area_maps_are_refused(parameters, message):
    with pytest.raises(ParameterError, match=message):
        AreaMap(**parameters)


def test_stations_must_be_known(campaign):
    base = campaign.world.addresses
    without = replace(base, frame=base.frame.assign(station=[""] * 3 + ["1"] * 7))
    with pytest.raises(ParameterError, match="3 addresses without one"):
        areas_of_addresses(without, AreaMap(by="station"))


@pytest.mark.parametrize("parameters", [{"bandwidth": 0}, {"cell": -1}])
def test_invalid_heat_maps_are_refused(parameters):
    with pytest.raises(ParameterError, match="HeatMap"):
        HeatMap(**parameters)
