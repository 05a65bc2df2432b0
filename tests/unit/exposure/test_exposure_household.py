"""Homes behind the dots, wrong doors and access, counted by hand on the street plan."""

import dataclasses
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.exposure.maps.access import access_exposure
from privaudit.exposure.maps.household import household_exposure
from privaudit.exposure.results import MEASURE_COLUMNS

Z = 1.959963984540054


def wilson(p, n):
    """Wilson's bounds, from the definition: |p - q| = z sqrt(q (1 - q) / n) solved for q."""
    middle, half = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return (middle - half) / (1 + Z * Z / n), (middle + half) / (1 + Z * Z / n)


# measure: value, baseline, n. Eight homes have an elector, five are marked (0, 3, 5, 6, 7).
COUNTS = {
    "marked_homes": (5, np.nan, 5),
    # By chance, five of thirteen electors drawn: a home of two is marked with 1 - C(11,5) /
    # C(13,5) = 25/39, a home of one (1, 2 and 4) with 5/13 = 15/39.
    # 1, 14 and 13, 16, 7, 11 of ten adults. By chance, each of these six electors is behind
    # the door of the other with 25/39 - 15/39; 3 has nobody else; 5, who is none, with 15/39.
    "adults_never_interacted": (6, (6 * 10 + 15) / 39, 10),
    # 2, 8, 12, 17, 18, all where two electors live.
    "minors_never_interacted": (5, 5 * 25 / 39, 5),
    # Homes 0, 3, 5, 7 marked; 2 besides; home 4 is one person alone.
    "homes_one_interacted": (4, (4 * 25 + 15) / 39, 5),
    # Home 6 marked, home 1 besides.
    "homes_none_interacted": (1, (25 + 15) / 39, 5),
    # All but address 4, 60 m from the next: 6 + 4 + 3 + 2 of 19. By chance, five of eight homes
    # drawn: missed with C(6,5), C(5,5), C(7,5), C(7,5) of C(8,5) = 56 draws.
    "neighbours": (15, (6 * 50 + 4 * 55 + 3 * 35 + 2 * 35) / 56, 19),
    "told_at_wrong_doors": (2, np.nan, 4),
    "opened_by_minors": (1, np.nan, 4),
}
SHARES = {
    # At random among eight homes: 3, 3, 2, 2, 1 of them at the five people's own addresses.
    "wrong_doors": (2 / 5, 1 - (11 / 5) / 8),
    "wrong_doors_homonym": (1 / 5, np.nan),
    "wrong_doors_stale": (1 / 5, np.nan),
    "wrong_bells": (1 / 5, np.nan),
    # Seven of thirteen electors lean right.
    "wrong_labels": (2 / 5, 6 / 13),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(campaign, name):
    row = household_exposure(campaign).overall.loc[name]
    value, baseline, n = COUNTS[name]
    assert (row["value"], row["low"], row["high"], row["n"]) == (value, value, value, n)
    assert row["baseline"] == pytest.approx(baseline, nan_ok=True)


@pytest.mark.parametrize("name", SHARES)
def test_shares_of_dots(campaign, name):
    row = household_exposure(campaign).overall.loc[name]
    value, baseline = SHARES[name]
    assert (row["value"], row["n"], row["unit"]) == (value, 5, "share")
    assert row["baseline"] == pytest.approx(baseline, nan_ok=True)
    # Five people of five homes: all independent.
    assert (row["low"], row["high"]) == pytest.approx(wilson(value, 5))


def test_every_measure_is_counted_here(campaign):
    found = household_exposure(campaign)
    assert set(found.overall.index) == set(COUNTS) | set(SHARES)
    assert tuple(found.overall.columns) == MEASURE_COLUMNS
    assert found.provenance == "simulated"


def test_causes_of_a_wrong_door_exclude_each_other_and_are_all_of_them(campaign):
    value = household_exposure(campaign).overall["value"]
    causes = value["wrong_doors_homonym"] + value["wrong_doors_stale"]
    assert causes == pytest.approx(value["wrong_doors"])


def test_an_empty_dwelling_exposes_nobody_behind_it(campaign):
    truth = campaign.world.directory_truth.assign(household=[0, -1, 7, 5])
    world = dataclasses.replace(campaign.world, directory_truth=truth)
    value = household_exposure(dataclasses.replace(campaign, world=world)).overall["value"]
    assert value["marked_homes"] == 4
    assert value["adults_never_interacted"] == 4
    assert value["homes_none_interacted"] == 0
    assert value["wrong_doors"] == 2 / 5


def test_a_marked_address_is_not_its_own_neighbour(campaign):
    # Only dot 0 is left, at address 0: the four people of address 1 are 30 m away.
    alone = dataclasses.replace(
        campaign, dots=campaign.dots.iloc[:1], contact_log=campaign.contact_log.iloc[4:]
    )
    row = household_exposure(alone).overall.loc["neighbours"]
    assert row["value"] == 4
    # One of eight homes at random: its address has 2, 3, 1 or 1 of them around, or none.
    assert row["baseline"] == pytest.approx((6 * 2 + 4 * 3 + 3 * 1 + 2 * 1) / 8)


def test_two_dots_of_one_home_count_it_once(campaign):
    # Dot 1 now marks home 0, too.
    accounts = campaign.world.accounts.assign(person=[0, 3, 1, 6, 9, 10, 13, 15])
    truth = campaign.world.directory_truth.assign(household=[0, 0, 7, 5])
    world = dataclasses.replace(campaign.world, accounts=accounts, directory_truth=truth)
    found = household_exposure(dataclasses.replace(campaign, world=world)).overall
    assert found.loc["marked_homes", "value"] == 4
    assert found.loc["marked_homes", "n"] == 5


def test_a_map_without_dots_is_refused(campaign):
    empty = dataclasses.replace(campaign, dots=campaign.dots.iloc[:0])
    with pytest.raises(ParameterError, match="household_exposure: needs a map that holds a dot"):
        household_exposure(empty)


# Four dots have appeared by 2 September; the second volunteer joins on the 5th.
SEEN = {
    "before_public": (2, 4, 4, 4, 8),
    "before_volunteer": (1, 4, 4, 4, 4),
    "before_team": (1, 4, 4, 4, 4),
    "before_all": (4, 4, 4, 4, 16),
    "after_public": (2, 0, 0, 0, 0),
    "after_volunteer": (1, 2, 2, 2, 2),  # dots 0 and 3 are in S1
    "after_team": (1, 4, 4, 4, 4),
    "after_all": (4, 1, 1.5, 4, 6),
}
PARTS = ("accounts", "people_median", "people_mean", "people_max", "person_exposures")


@pytest.mark.parametrize("row", SEEN)
def test_what_an_account_sees(campaign, row):
    value = access_exposure(campaign).overall["value"]
    assert tuple(value[f"{row}_{part}"] for part in PARTS) == SEEN[row]


def test_homes_and_members_that_one_account_sees(campaign):
    found = access_exposure(campaign).overall
    # Homes 0, 6, 7 and 3: 3 + 2 + 4 + 3 people.
    for moment in ("before", "after"):
        assert found.loc[f"{moment}_all_homes_max", "value"] == 4
        assert found.loc[f"{moment}_all_household_members_max", "value"] == 12
    assert found.loc["after_public_people_max", "baseline"] == 4
    assert np.isnan(found.loc["before_public_people_max", "baseline"])


def test_a_person_with_two_dots_is_seen_once(campaign):
    accounts = campaign.world.accounts.assign(person=[0, 3, 0, 6, 9, 10, 13, 15])
    world = dataclasses.replace(campaign.world, accounts=accounts)
    value = access_exposure(dataclasses.replace(campaign, world=world)).overall["value"]
    assert value["before_team_people_max"] == 3


def test_a_role_without_accounts_has_no_median(campaign):
    users = campaign.users[campaign.users["role"] != "public"]
    value = access_exposure(dataclasses.replace(campaign, users=users)).overall["value"]
    assert value["before_public_accounts"] == 0
    assert np.isnan(value["before_public_people_median"])
    assert value["before_public_person_exposures"] == 0


def test_a_map_without_users_is_refused(campaign):
    alone = dataclasses.replace(campaign, users=campaign.users.iloc[:0])
    with pytest.raises(ParameterError, match="access_exposure: needs a map that somebody uses"):
        access_exposure(alone)


def test_nothing_of_the_campaign_is_changed(campaign):
    before = [frame.copy() for frame in (campaign.dots, campaign.profiles, campaign.users)]
    household_exposure(campaign)
    access_exposure(campaign)
    after = (campaign.dots, campaign.profiles, campaign.users)
    for was, now in zip(before, after, strict=True):
        pd.testing.assert_frame_equal(was, now)
