"""Homes behind the dots, wrong doors and access, counted by hand on the street plan."""

import dataclasses
from itertools import combinations
from math import ceil, sqrt

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.maps.scoring.access import access_exposure
from privaudit.maps.scoring.household import household_counts, household_exposure

Z = 1.959963984540054


def wilson(p, n):
    """Wilson's bounds, from the definition: |p - q| = z sqrt(q (1 - q) / n) solved for q."""
    middle, half = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return (middle - half) / (1 + Z * Z / n), (middle + half) / (1 + Z * Z / n)


# measure: value, unit, baseline, n, what n counts. Eight households have an elector, five are
# marked (0, 3, 5, 6, 7).
COUNTS = {
    "marked_households": (5, "households", np.nan, 5, "dots"),
    # By chance, five of thirteen electors drawn: a household of two is marked with 1 - C(11,5) /
    # C(13,5) = 25/39, one of one (1, 2 and 4) with 5/13 = 15/39.
    # 1, 14 and 13, 16, 7, 11 of ten adults. By chance, each of these six electors is behind
    # the door of the other with 25/39 - 15/39; 3 has nobody else; 5, who is none, with 15/39.
    "adults_never_interacted": (6, "adults", (6 * 10 + 15) / 39, 10, "adults"),
    # 2, 8, 12, 17, 18, all where two electors live.
    "minors_never_interacted": (5, "minors", 5 * 25 / 39, 5, "minors"),
    # Households 0, 3, 5, 7 marked; 2 besides; 4 is one person alone.
    "households_one_interacted": (4, "households", (4 * 25 + 15) / 39, 5, "households"),
    # Household 6 marked, 1 besides.
    "households_none_interacted": (1, "households", (25 + 15) / 39, 5, "households"),
    # All but address 4, 60 m from the next: 6 + 4 + 3 + 2 of 19. By chance, five of eight drawn:
    # missed with C(6,5), C(5,5), C(7,5), C(7,5) of C(8,5) = 56 draws.
    "neighbours": (15, "residents", (6 * 50 + 4 * 55 + 3 * 35 + 2 * 35) / 56, 19, "residents"),
    "told_at_wrong_households": (2, "visits", np.nan, 4, "visits"),
    "opened_by_minors": (1, "visits", np.nan, 4, "visits"),
}
# gain, value, baseline. At random among eight households with an elector.
SHARES = {
    # 3, 3, 2, 2, 1 of them at the five people's own addresses.
    "wrong_addresses": ("address", 2 / 5, 1 - (11 / 5) / 8),
    "wrong_addresses_homonym": ("address", 1 / 5, np.nan),
    "wrong_addresses_stale": ("address", 1 / 5, np.nan),
    # Dots 1, 2 and, at the right address, 3.
    "wrong_households": ("household", 3 / 5, 7 / 8),
    "other_households_there": ("household", 1 / 5, (11 / 5 - 1) / 8),
    # Seven of thirteen electors lean right.
    "wrong_labels": ("opinion", 2 / 5, 6 / 13),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(campaign, name):
    row = household_exposure(campaign).row(name)
    value, unit, baseline, n, counts = COUNTS[name]
    assert (row.value, row.low, row.high, row.unit) == (value, value, value, unit)
    assert (row.n, row.counts) == (n, counts)
    assert row.baseline == pytest.approx(baseline, nan_ok=True)


@pytest.mark.parametrize("name", SHARES)
def test_shares_of_dots(campaign, name):
    row = household_exposure(campaign).row(name)
    gain, value, baseline = SHARES[name]
    assert (row.value, row.n, row.counts) == (pytest.approx(value), 5, "dots")
    assert (row.unit, row.gain) == ("share", gain)
    assert row.baseline == pytest.approx(baseline, nan_ok=True)
    # Five people of five households: all independent.
    assert (row.low, row.high) == pytest.approx(wilson(value, 5))


def middle_95(values):
    """Bounds that 2.5 % of the values stay below, and above."""
    order = sorted(values)
    return [order[ceil(share * len(order)) - 1] for share in (0.025, 0.975)]


def test_the_range_of_a_baseline_holds_what_chance_makes(campaign):
    # Every choice of five of thirteen electors, and of five of eight households, counted.
    world = campaign.world
    household = world.people["household"].to_numpy()
    electors = np.flatnonzero(world.people["elector"])
    minors = np.bincount(household[world.people["age"] < 18], minlength=8)
    drawn = [minors[np.unique(household[list(five)])].sum() for five in combinations(electors, 5)]
    row = household_exposure(campaign).row("minors_never_interacted")
    assert np.mean(drawn) == pytest.approx(row.baseline)
    assert [row.baseline_low, row.baseline_high] == middle_95(drawn)
    # Five minors behind five doors are no more than chance makes, and the row says so.
    assert row.beyond_chance is False
    near = household_exposure(campaign).row("neighbours")
    by_home = {0: 0, 1: 0, 2: 0, 3: 1, 4: 1, 5: 2, 6: 3, 7: 4}
    exposed = {0: {1}, 1: {0}, 2: {3}, 3: {2}, 4: set()}
    residents = [6, 4, 3, 2, 4]
    told = []
    for five in combinations(range(8), 5):
        seen = set().union(*(exposed[by_home[home]] for home in five))
        told.append(sum(residents[address] for address in seen))
    assert np.mean(told) == pytest.approx(near.baseline)
    assert [near.baseline_low, near.baseline_high] == middle_95(told)


def test_nouns_and_gains_belong_together(campaign):
    # An address is not a household: whoever reads a name reads the gain.
    for row in household_exposure(campaign).rows:
        if row.gain in ("address", "household"):
            assert row.gain in row.measure
            assert {"address": "household", "household": "address"}[row.gain] not in row.measure


def test_every_measure_is_counted_here(campaign):
    found = household_exposure(campaign)
    assert set(found.overall.index) == set(COUNTS) | set(SHARES)
    assert (found.family, found.provenance) == ("household", "simulated")


def test_causes_of_a_wrong_address_exclude_each_other_and_are_all_of_them(campaign):
    value = household_exposure(campaign).overall["value"]
    causes = value["wrong_addresses_homonym"] + value["wrong_addresses_stale"]
    assert causes == pytest.approx(value["wrong_addresses"])
    households = value["wrong_addresses"] + value["other_households_there"]
    assert households == pytest.approx(value["wrong_households"])


def test_an_empty_dwelling_exposes_nobody_behind_it(campaign):
    truth = campaign.world.directory_truth.assign(household=[0, -1, 7, 5])
    world = dataclasses.replace(campaign.world, directory_truth=truth)
    value = household_exposure(dataclasses.replace(campaign, world=world)).overall["value"]
    assert value["marked_households"] == 4
    assert value["adults_never_interacted"] == 4
    assert value["households_none_interacted"] == 0
    assert value["wrong_addresses"] == 2 / 5


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
    assert found.loc["marked_households", "value"] == 4
    assert found.loc["marked_households", "n"] == 5


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
PARTS = ("accounts", "people_median", "people_mean", "people_max", "people_seen")


@pytest.mark.parametrize("name", SEEN)
def test_what_an_account_sees(campaign, name):
    moment, role = name.split("_")
    found = access_exposure(campaign)
    rows = [found.row(part, moment=moment, role=role) for part in PARTS]
    assert tuple(row.value for row in rows) == SEEN[name]
    # Four accounts by then; five people on the file.
    assert [(row.n, row.counts) for row in rows] == [(4, "accounts")] + 4 * [(5, "people")]


def test_households_and_members_that_one_account_sees(campaign):
    found = access_exposure(campaign)
    # Households 0, 6, 7 and 3: 3 + 2 + 4 + 3 people; household 5, of three, comes later.
    for moment in ("before", "after"):
        row = found.row("households_max", moment=moment)
        assert (row.value, row.n, row.counts) == (4, 5, "households")
        row = found.row("members_max", moment=moment)
        assert (row.value, row.n, row.counts) == (12, 15, "residents")
    assert found.row("people_max", moment="after", role="public").baseline == 4
    assert np.isnan(found.row("people_max", moment="before", role="public").baseline)


def test_a_person_with_two_dots_is_seen_once(campaign):
    accounts = campaign.world.accounts.assign(person=[0, 3, 0, 6, 9, 10, 13, 15])
    world = dataclasses.replace(campaign.world, accounts=accounts)
    found = access_exposure(dataclasses.replace(campaign, world=world))
    assert found.value("people_max", moment="before", role="team") == 3


def test_a_role_without_accounts_has_no_median(campaign):
    users = campaign.users[campaign.users["role"] != "public"]
    found = access_exposure(dataclasses.replace(campaign, users=users))
    where = {"moment": "before", "role": "public"}
    assert found.value("accounts", **where) == 0
    assert np.isnan(found.value("people_median", **where))
    assert found.value("people_seen", **where) == 0


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


def test_counts_of_a_town_among_many_are_those_of_the_whole(campaign):
    rows, whole = household_counts(campaign), household_exposure(campaign)
    for name in ("adults_never_interacted", "minors_never_interacted", "wrong_labels"):
        one, other = rows[name], whole.row(name)
        assert (one.value, one.baseline, one.unit) == (other.value, other.baseline, other.unit)
    # No range is drawn.
    assert np.isnan(rows["adults_never_interacted"].baseline_low)
