"""Homes at an address and in a building: laws of both, and where their ranges are from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.simulation.dwellings import MEAN_SIZE
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import KINDS, SCENARIOS, Town, homes_ranges

SHARED = Path(__file__).parents[4] / "shared" / "data"
needs_file = pytest.mark.skipif(
    not (SHARED / "joinville-households-200m.csv").exists(), reason="needs ../shared/data"
)


def homes(town, seed):
    made = simulate(town, seed=seed, generic_likes=False)
    return np.bincount(made.households["address"], minlength=len(made.addresses))


def grid_base(side, **counts):
    x, y = np.meshgrid(np.arange(side) * 25.0, np.arange(side) * 25.0)
    n = side * side
    frame = pd.DataFrame(
        {"id": np.arange(n), "number": [str(i + 1) for i in range(n)], "street": "Rue A",
         "commune": "99001", "station": "", "x": x.ravel(), "y": y.ravel()}
    )  # fmt: skip
    base = AddressBase(frame, crs="fictional", source="a grid", real=True)
    return base.with_counts(**counts) if counts else base


@pytest.mark.parametrize("mean", [2.0, 5.0])
def test_a_town_has_the_homes_an_address_that_it_is_given(mean):
    """The households stay as asked: n / 2.18 of them, at households / mean addresses."""
    counts = [homes(Town(inhabitants=3_000, homes_per_address=mean), seed) for seed in (1, 2)]
    for count in counts:
        assert count.sum() == round(3_000 / MEAN_SIZE)
        # Addresses are whole: one more or less moves the mean by mean / addresses.
        assert count.mean() == pytest.approx(mean, rel=2 / len(count))


@pytest.mark.heavy
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [9.0, 48.0])
def test_a_building_has_the_homes_that_it_is_given(kind, size):
    """By definition the mean over addresses of several homes; the others hold one.

    By hand: size - 1 further homes of each building, gamma of shape 1.5, are a negative binomial
    count: none with probability (1 + (size - 1) / 1.5) ** -1.5, and such a building is a house.
    """
    town = Town(inhabitants=12_000, kind=kind, homes_per_building=size)
    counts = [homes(town, seed) for seed in range(4)]
    several = np.concatenate([count[count > 1] for count in counts])
    none = (1 + (size - 1) / 1.5) ** -1.5
    expected = 1 + (size - 1) / (1 - none)
    # The total of homes is given: their mean varies by the number of buildings alone.
    assert several.mean() == pytest.approx(expected, rel=4 / np.sqrt(len(several)))
    assert all(count.sum() == round(12_000 / MEAN_SIZE) for count in counts)


def test_real_addresses_take_both():
    """By hand: 900 addresses of three homes; 1,800 homes more make 200 buildings of ten."""
    town = Town.from_addresses(grid_base(30), homes_per_address=3.0, homes_per_building=10.0)
    assert town.inhabitants == round(900 * 3 * MEAN_SIZE)
    count = homes(town, 3)
    assert count.mean() == pytest.approx(3.0, abs=1e-9)
    several = (count > 1).sum()
    # Of 200 buildings, some hold one home by chance.
    assert 190 <= several <= 200
    assert count[count > 1].mean() == pytest.approx(1 + 1_800 / several)
    more = town.assuming("homes_per_address", 4.0)
    assert more.inhabitants == round(900 * 4 * MEAN_SIZE)
    assert homes(more, 3).mean() == pytest.approx(4.0, abs=1e-9)


def test_real_addresses_that_nothing_counts_have_buildings_as_around_joinville():
    """1,800 homes above one at each of 900 addresses: 1,800 / 19 buildings of 20, between both
    readings of the cells (15.4 and 22.3) and within the range that `homes_ranges` varies."""
    count = homes(Town.from_addresses(grid_base(30), inhabitants=round(2_700 * MEAN_SIZE)), 3)
    several = (count > 1).sum()
    assert 90 <= several <= 95
    assert 15.4 < count[count > 1].mean() < 22.3
    low, high = SCENARIOS["homes_per_building"]
    assert low < Town.from_addresses(grid_base(30)).usual_building() < high


def test_where_homes_are_many_buildings_are_larger_than_the_mean():
    """100 homes an address, each a building: none of 20 could hold them."""
    town = Town.from_addresses(grid_base(5), inhabitants=round(2_500 * MEAN_SIZE))
    assert town.usual_building() == pytest.approx(1.2 * town.homes())
    assert homes(town, 3).mean() == 100


def test_without_either_the_town_is_that_of_its_kind():
    usual, kind = Town(inhabitants=1_500), KINDS["rural"].households
    given = Town(inhabitants=1_500, homes_per_address=kind)
    assert (homes(usual, 5) == homes(given, 5)).all()


@pytest.mark.parametrize(
    ("wrong", "of"),
    [
        ({"homes_per_address": 1.0}, "homes_per_address"),
        ({"homes_per_building": 1.5}, "homes_per_building"),
        ({"homes_per_address": 9.0, "homes_per_building": 8.0}, "above homes_per_address"),
        ({"base": grid_base(5), "inhabitants": 400, "homes_per_address": 3.0}, "inhabitants for 3"),
        ({"base": grid_base(15, households=[2] * 225), "homes_per_building": 9.0}, "not both"),
    ],
)
def test_what_contradicts_is_refused(wrong, of):
    with pytest.raises(ParameterError, match=of):
        Town(**wrong)


def test_homes_are_assumed_where_nothing_counts_them():
    assert homes_ranges(Town.from_addresses(grid_base(15, households=[2] * 225))) == {}
    # The people of the file are known, their buildings are not.
    known = Town.from_addresses(grid_base(15, residents=[5] * 225))
    assert list(homes_ranges(known)) == ["homes_per_building"]
    assert list(homes_ranges(Town.from_addresses(grid_base(15)))) == [
        "homes_per_building", "homes_per_address",
    ]  # fmt: skip
    for kind, usual in KINDS.items():
        low, high = homes_ranges(Town(kind=kind))["homes_per_address"]
        assert low < usual.households < high


@pytest.mark.heavy
@needs_file
def test_the_range_of_buildings_is_that_of_the_cells_around_joinville():
    """Homes in flats over the addresses that are no houses, by cell; ends by homes in flats."""
    from privaudit.io.addresses import read_addresses
    from privaudit.io.public_counts import cell_of, read_cells

    grid = read_cells(SHARED / "joinville-households-200m.csv")
    home = cell_of(read_addresses(SHARED / "val-de-marne-addresses.csv.gz"), grid)
    doors = np.bincount(home[home >= 0], minlength=len(grid))
    flats = (grid["households"] - grid["in_houses"]).to_numpy(float)
    shared = doors - np.minimum(grid["in_houses"].round(), doors).to_numpy(float)
    known = (shared > 0) & (flats > 0)
    mean, flats = (flats / np.maximum(shared, 1))[known], flats[known]
    order = np.argsort(mean)
    reached = np.cumsum(flats[order]) / flats.sum()
    ends = [mean[order][np.searchsorted(reached, level)] for level in (0.1, 0.9)]
    assert ends == pytest.approx(SCENARIOS["homes_per_building"], rel=0.02)


@needs_file
def test_the_range_of_addresses_is_that_of_the_communes():
    """People an address in the least and most inhabited communes of a kind, over 2.18."""
    low, high = homes_ranges(Town(kind="mixed"))["homes_per_address"]
    place = {"dtype": {"code_insee": str, "code": str}}
    addresses = pd.read_csv(SHARED / "val-de-marne-addresses.csv.gz", **place)["code_insee"]
    people = pd.read_csv(SHARED / "communes-population.csv.gz", **place).set_index("code")
    each = people["population"].astype(float) / addresses.value_counts()
    mixed = each[(each >= 5) & (each < 12)] / MEAN_SIZE
    assert (low, high) == pytest.approx((mixed.min(), mixed.max()), abs=0.01)
    assert SCENARIOS["homes_per_address"] == pytest.approx((low, high), abs=0.06)
