"""A town's parameters: the last value that is taken, the first that is not; its kind; defaults."""

import re
import tomllib
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.simulation.town import SCENARIOS, Town, homes_ranges, kind_by_people, kind_by_size

LITTLE = 1e-9
SHARE = (0, 1), (-LITTLE, 1 + LITTLE)
TEN = (0, 10), (-LITTLE, 10 + LITTLE)
# Of each: what is taken at the ends, and what is refused just beyond.
BOUNDS = {
    "inhabitants": ((200, 1_200_000), (199, 1_200_001)),
    "electors_per_station": ((50,), (49,)),
    "pages": ((1_000, 1_000_000), (99, 1_000_001)),
    "candidate_reach": ((0, 0.2), (-LITTLE, 0.2 + LITTLE)),
    "top_reach": ((0.01, 0.5), (0.01 - LITTLE, 0.5 + LITTLE)),
    "duplicate_accounts": ((0, 0.5), (-LITTLE, 0.5 + LITTLE)),
    "shared_accounts": ((0, 0.5), (-LITTLE, 0.5 + LITTLE)),
    "homes_per_address": ((1.05, 200), (1.05 - LITTLE, 200 + LITTLE)),
    "homes_per_building": ((2, 1_000), (2 - LITTLE, 1_000 + LITTLE)),
    # A quarter of the pages at most, and the median below the mean.
    "median_likes": ((1, 169.9), (1 - LITTLE, 170)),
    "mean_likes": ((82.1, 55_814 / 4), (82, 55_814 / 4 + LITTLE * 1e4)),
    # With a fifth of the homes that opted out.
    "directory_coverage": ((0, 0.8), (-LITTLE, 0.8 + LITTLE, 1)),
    "directory_opt_out": ((0, 0.5), (-LITTLE, 0.5 + LITTLE)),
} | dict.fromkeys(
    ("popularity", "page_slope", "page_political_sd", "label_noise", "partisan_position"), TEN
) | dict.fromkeys(
    (
        "kin_in_town", "kin_near", "kin_correlation", "directory_staleness", "roll_staleness",
        "city_shown", "fake_accounts", "non_aligned", "no_party_likers", "partisan_pages",
        "own_side", "registered",
        "age_in_taste", "sex_in_taste", "couple_in_taste",
    ), SHARE,
)  # fmt: skip


@pytest.mark.parametrize("name", BOUNDS)
def test_the_last_that_is_taken_and_the_first_that_is_not(name):
    taken, refused = BOUNDS[name]
    for value in taken:
        assert getattr(Town(**{name: value}), name) == value
    for value in refused:
        with pytest.raises(ParameterError, match=rf"Town: needs .*\b{name}\b.* but got"):
            Town(**{name: value})


def test_every_scenario_has_its_bounds_here():
    assert SCENARIOS.keys() <= BOUNDS.keys()


@pytest.mark.parametrize(
    ("of", "number", "kind"),
    [
        (kind_by_people, 4.999, "rural"), (kind_by_people, 5, "mixed"),
        (kind_by_people, 11.999, "mixed"), (kind_by_people, 12, "dense"),
        (kind_by_size, 4_999, "rural"), (kind_by_size, 5_000, "mixed"),
        (kind_by_size, 99_999, "mixed"), (kind_by_size, 100_000, "dense"),
    ],
)  # fmt: skip
def test_the_kind_of_a_town_changes_at_its_threshold(of, number, kind):
    assert of(number) == kind


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_is_not_stated_has_the_value_that_the_blank_study_gives(lang):
    blank = (
        resources.files("privaudit.studies").joinpath("blank", f"{lang}.toml").read_text("utf-8")
    )
    section = blank.partition("[town.usual]")[2].partition("\n[")[0]
    given = tomllib.loads("\n".join(re.findall(r"^# (\w+ = .*)", section, re.M)))
    assert given.pop("kind") == Town().built_like()
    assert given.pop("homes_per_address") == Town().homes()
    del given["homes_per_building"]  # drawn by how buildings crowd
    assert len(given) > 30
    assert {name: getattr(Town(), name) for name in given} == given


def addresses(n, **counts):
    frame = pd.DataFrame({"id": np.arange(n), "number": "1", "street": "s", "commune": "c",
                          "station": "", "x": np.arange(n) * 20.0, "y": 0.0, **counts})  # fmt: skip
    return AddressBase(frame, source="a test", real=False)


def test_a_building_holds_more_homes_than_the_mean_address():
    assert Town(homes_per_address=3, homes_per_building=3 + LITTLE).homes() == 3
    with pytest.raises(ParameterError, match="homes_per_building above homes_per_address"):
        Town(homes_per_address=3, homes_per_building=3)


def test_people_of_real_addresses_follow_from_what_the_file_counts():
    # 2.2 people a household, 1.4 people of all ages an elector (INSEE, 2013-2017).
    of = lambda **counts: Town.from_addresses(addresses(100, **counts)).inhabitants  # noqa: E731
    assert of(residents=3, electors=9, households=9) == 300
    assert of(electors=10, households=9) == 1_400
    assert of(households=10) == 2_200


def test_counts_of_households_leave_none_to_assume():
    counted = Town.from_addresses(addresses(100, households=10))
    assert counted.counts_homes()
    assert homes_ranges(counted) == {}
    with pytest.raises(ParameterError, match="or counts of households, not both"):
        Town.from_addresses(addresses(100, households=10), homes_per_building=30)
    of_electors = Town.from_addresses(addresses(100, electors=10))
    assert homes_ranges(of_electors).keys() == {"homes_per_building"}
    by_density = Town.from_addresses(addresses(300))
    assert homes_ranges(by_density).keys() == {"homes_per_building", "homes_per_address"}


@pytest.mark.parametrize(
    ("parameters", "needed"),
    [
        ({"base": addresses(300), "like": addresses(300)}, "without a base"),
        ({"base": addresses(0)}, "at least one address"),
        ({"cells": pd.DataFrame()}, "addresses with cells"),
        ({"kind": "village"}, "kind one of"),
    ],
)
def test_parameters_that_contradict_each_other(parameters, needed):
    with pytest.raises(ParameterError, match=needed):
        Town(**parameters)


def test_towns_of_the_same_frames_are_the_same_town():
    two = Town.from_addresses(addresses(100)), Town.from_addresses(addresses(100))
    assert two[0] == two[1]
    assert hash(two[0]) == hash(two[1])
    assert two[0] != Town.from_addresses(addresses(101))
    moved = addresses(100)
    moved.frame.loc[0, "x"] = 1.0
    assert two[0] != Town.from_addresses(moved)
    assert Town() != Town(non_aligned=0.2)
    assert Town() != "a town"
