"""The map of the street at four dates against hand counts."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMapVersions
from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks.donut import Donut
from privaudit.release.read_map import read_versions

AT = ("2016-08-26", "2016-08-31", "2016-09-06", "2016-09-15")
MASK = Donut(r_min=50, r_max=200)
# Account of each dot, and when it was visited; they appear on 25 August but for Éric (0), on
# the 30th, and Luc Fabre (5), on 5 September.
VISITED = {0: "2016-09-01T20:10", 3: "2016-08-31", 4: "NaT", 5: "NaT", 13: "2016-09-10"}


@pytest.fixture(scope="module")
def campaign(street):
    made = run_campaign(street)
    account = made.profiles["account"].to_numpy()[made.dots["profile"]]
    assert sorted(account) == sorted(VISITED)
    times = np.array([VISITED[a] for a in account], "datetime64[s]")
    return replace(made, dots=made.dots.assign(visited_at=times))


def colours(release):
    return dict(zip(release.sources["account"], release.records["status"], strict=True))


def test_dots_appear_after_a_like_and_turn_grey_after_a_visit(campaign):
    red, grey = "to_meet", "visited"
    visible = [colours(version) for version in publish(campaign, DotMapVersions(at=AT))]
    assert visible == [
        {3: red, 4: red, 13: red},
        {0: red, 3: grey, 4: red, 13: red},  # visited at the very moment of the copy
        {0: grey, 3: grey, 4: red, 5: red, 13: red},
        {0: grey, 3: grey, 4: red, 5: red, 13: grey},
    ]


def by_account(version):
    points = version.records[["x", "y"]].to_numpy()
    return dict(zip(version.sources["account"], map(tuple, points), strict=True))


@pytest.mark.parametrize(("noise", "stays"), [("persistent", True), ("fresh", False)])
def test_noise_is_drawn_once_or_anew(campaign, noise, stays):
    versions = publish(campaign, DotMapVersions(at=AT, mask=MASK, noise=noise))
    for earlier, later in pairwise(versions):
        before, after = by_account(earlier), by_account(later)
        assert all((before[account] == after[account]) is stays for account in before)
    for version in versions:
        home = version.backdrop.xy[version.sources["marked_address"]]
        moved = np.hypot(*(version.records[["x", "y"]].to_numpy() - home).T)
        assert ((moved >= 50) & (moved <= 200)).all()


def test_an_id_stays_with_its_dot_and_is_random(campaign):
    versions = publish(campaign, DotMapVersions(at=AT, shows_id=True))
    ids = [dict(zip(v.sources["account"], v.records["dot_id"], strict=True)) for v in versions]
    assert all(ids[-1][account] == number for of in ids for account, number in of.items())
    assert len(set(ids[-1].values())) == 5
    hidden = publish(campaign, DotMapVersions(at=AT))
    assert "dot_id" not in hidden[0].records.columns


def test_rows_are_shuffled_anew_in_every_version(campaign):
    # Two copies of one day hold the same dots; five rows agree by chance once in 120.
    times = [f"2016-09-15T0{hour}:00" for hour in range(6)]
    orders = {
        tuple(v.sources["account"])
        for v in publish(campaign, DotMapVersions(at=times, noise="persistent"))
    }
    assert len(orders) > 2


def test_a_version_has_its_date_and_no_recipe_when_leaked(campaign):
    version = publish(campaign, DotMapVersions(at=AT))[1]
    assert version.name == "dot map, exact, 2016-08-31T00:00:00"
    assert version.recipe["view"]["version"] == 1
    assert version.as_leaked().recipe == {}


def test_the_same_seed_gives_the_same_versions(campaign):
    view = DotMapVersions(at=AT, mask=MASK)
    first, again = (
        publish(campaign, view, seed=3),
        publish(campaign, view, seed=3),
    )
    other = publish(campaign, view, seed=4)
    assert all(a.records.equals(b.records) for a, b in zip(first, again, strict=True))
    assert not first[-1].records.equals(other[-1].records)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"at": ("2016-08-26",)}, "two dates or more"),
        ({"at": "2016-08-26"}, "two dates or more"),
        ({"at": np.datetime64("2016-08-26")}, "two dates or more"),
        ({"at": 2016.5}, "at a date"),
        ({"at": ("2016-08-27", "2016-08-26")}, "in order"),
        ({"at": ("2016-08-27", "yesterday")}, "at a date"),
        ({"at": AT, "noise": "frech"}, "Did you mean 'fresh'"),
        ({"at": AT, "shows_id": "yes"}, "shows_id"),
        ({"at": AT, "popup": ("email",)}, "popup"),
        ({"at": AT, "mask": 100}, "mask"),
    ],
)
def test_invalid_parameters_are_refused(parameters, message):
    with pytest.raises(ParameterError, match=message):
        DotMapVersions(**parameters)


def place():
    rows = {"id": ["a", "b"], "number": ["1", "2"], "street": "rue A", "commune": "Bourg"}
    return AddressBase(
        pd.DataFrame({**rows, "station": "", "x": [0.0, 40.0], "y": [0.0, 30.0]}), real=False
    )


def test_copies_of_a_real_map_are_read_in_order(tmp_path):
    pd.DataFrame({"x": [1.0], "y": [2.0]}).to_csv(tmp_path / "monday.csv", index=False)
    tuesday = pd.DataFrame({"x": [1.0, 39.0], "y": [2.0, 30.0]})
    versions = read_versions([tmp_path / "monday.csv", tuesday], addresses=place())
    assert [len(version) for version in versions] == [1, 2]
    assert [version.name for version in versions] == ["monday.csv", "the data frame"]
    assert all(version.backdrop is versions[0].backdrop for version in versions)
    assert all(version.sources is None for version in versions)


def test_copies_in_two_projections_are_refused():
    pytest.importorskip("pyproj")
    frame = place().frame.assign(x=[660_000.0, 660_040.0], y=[6_850_000.0, 6_850_030.0])
    base = AddressBase(frame, crs="EPSG:2154", real=True)
    metres = pd.DataFrame({"x": [660_001.0], "y": [6_850_002.0]})
    import pyproj

    there = pyproj.Transformer.from_crs("EPSG:2154", "EPSG:4326", always_xy=True)
    lon, lat = there.transform(660_001.0, 6_850_002.0)
    degrees = pd.DataFrame({"lon": [lon], "lat": [lat]})
    with pytest.raises(GeometryError, match="copies in one projection"):
        read_versions([metres, degrees], addresses=base)
    assert len(read_versions([degrees, degrees], addresses=base)) == 2


@pytest.mark.parametrize("sources", [[], [pd.DataFrame({"x": [1.0], "y": [2.0]})], "map.csv"])
def test_one_copy_is_no_sequence(sources):
    with pytest.raises(ParameterError, match="two copies"):
        read_versions(sources, addresses=place())
