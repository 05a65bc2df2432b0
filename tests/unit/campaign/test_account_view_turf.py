"""`AccountView` of the street's five dots: whole map, turf, nearest, capped."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import AccountView, DotMapVersions
from privaudit.errors import ParameterError
from privaudit.maps.masks.donut import Donut
from privaudit.maps.scoring.truth import Truth

# Accounts 0, 3, 4 are of station 1, accounts 5 and 13 of station 2. Éric's dot (0) appears on
# 30 August, Luc Fabre's (5) on 5 September; the map is restricted on the 2nd.
EARLY = np.datetime64("2016-08-01", "s")
DOORS = {0: 0, 3: 3, 4: 4, 5: 5, 13: 6}


@pytest.fixture(scope="module")
def campaign(street):
    made = run_campaign(street)
    door = [DOORS[a] for a in made.profiles["account"].to_numpy()[made.dots["profile"]]]
    return replace(made, dots=made.dots.assign(address=door, x=20.0 * np.array(door), y=0.0))


def visible(campaign, **parameters):
    release = publish(campaign, AccountView(**parameters))
    return sorted(release.sources["account"])


def test_before_the_restriction_every_account_sees_all_dots(campaign):
    assert visible(campaign, at="2016-08-29") == [3, 4, 13]
    assert visible(campaign, at="2016-09-01") == [0, 3, 4, 13]


def test_after_it_the_role_decides(campaign):
    assert visible(campaign) == []
    assert visible(campaign, role="team") == [0, 3, 4, 5, 13]
    assert visible(campaign, role="volunteer", station="1") == [0, 3, 4]
    assert visible(campaign, role="volunteer", station="2", at="2016-09-03") == [13]


def test_a_user_has_the_role_that_was_registered(campaign):
    users = campaign.users.copy()
    users.loc[0, ["role", "station"]] = ["volunteer", "2"]
    users.loc[0, "registered_at"] = np.datetime64("2016-09-01")
    known = replace(campaign, users=users)
    user = int(users.loc[0, "user"])
    assert visible(known, user=user) == [5, 13]
    with pytest.raises(ParameterError, match="registered by then"):
        visible(known, user=user, at="2016-08-26")
    with pytest.raises(ParameterError, match="registered by then"):
        visible(known, user=10_000)


def test_the_nearest_dots_to_a_claimed_position(campaign):
    # Dots at 0, 60, 80, 100 and 120 m.
    team = {"role": "team"}
    assert visible(campaign, nearest=2, position=(85.0, 0.0), **team) == [4, 5]
    assert visible(campaign, nearest=1, position=(-500.0, 40.0), **team) == [0]
    assert visible(campaign, nearest=9, position=(0.0, 0.0), **team) == [0, 3, 4, 5, 13]


def test_a_cap_limits_dots_and_is_stable(campaign):
    capped = [visible(campaign, role="team", cap=2) for _ in range(2)]
    assert len(capped[0]) == 2
    assert capped[0] == capped[1]
    assert visible(campaign, role="team", nearest=3, position=(130.0, 0.0), cap=1)[0] in (4, 5, 13)


def test_a_cap_is_drawn_for_each_account(campaign):
    users = pd.concat([campaign.users.iloc[:1]] * 8, ignore_index=True)
    users = users.assign(user=np.arange(8), role="team", station="", registered_at=EARLY)
    known = replace(campaign, users=users)
    capped = [visible(known, user=user, cap=2) for user in range(8)]
    assert all(len(dots) == 2 for dots in capped)
    assert capped == [visible(known, user=user, cap=2) for user in range(8)]
    # Eight draws of 2 in 5 miss a given dot with a chance of .6 ** 8 = .017.
    assert len({dot for dots in capped for dot in dots}) >= 4
    # Turf and role are an account too, where none is named; a look a day later shows no new draw.
    turfs = [visible(campaign, role="volunteer", station=s, cap=1) for s in ("1", "2")]
    assert turfs[0][0] in (0, 3, 4)
    assert turfs[1][0] in (5, 13)
    before = [visible(known, user=user, cap=2, at="2016-08-29") for user in range(8)]
    after = [visible(known, user=user, cap=2, at="2016-09-01") for user in range(8)]
    # One dot more has appeared: it takes at most one place.
    assert all(len(set(a) & set(b)) >= 1 for a, b in zip(before, after, strict=True))


def test_distances_are_true_and_positions_masked(campaign):
    view = AccountView(role="team", nearest=1, position=(0.0, 0.0), mask=Donut(r_min=50, r_max=200))
    release = publish(campaign, view)
    assert release.sources["account"].tolist() == [0]
    assert 50 <= np.hypot(*release.records[["x", "y"]].to_numpy()[0]) <= 200
    assert "email" not in release.records.columns


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({}, r"closed to public \(closed 2016-09-02"),
        ({"role": "team", "at": "2010-01-01"}, r"no dot yet \(at 2010-01-01T00:00:00, first 2016-"),
        ({"role": "volunteer", "station": "2", "at": "2016-09-03"}, "no dot of station"),
    ],
)
def test_an_empty_view_has_a_note_and_so_has_the_audit(campaign, parameters, why):
    # Without account 13, whose dot is of station 2 and there from the start.
    account = campaign.profiles["account"].to_numpy()[campaign.dots["profile"]]
    fewer = replace(campaign, dots=campaign.dots[account != 13].reset_index(drop=True))
    release = publish(fewer, AccountView(**parameters))
    assert len(release) == 0
    assert len(release.notes) == 1
    with pytest.raises(ParameterError, match="The view shows nobody: .*" + why):
        Truth.of(fewer.world, release, rng=np.random.default_rng(0))
    assert publish(fewer, AccountView(role="team")).notes == ()


def test_versions_before_the_first_dot_have_a_note(campaign):
    for release in publish(campaign, DotMapVersions(at=("2010-01-01", "2010-01-02"))):
        assert len(release) == 0
        (note,) = release.notes
        assert note.key == "no_dot_yet"
        assert note.values["first"].startswith("2016-")


def test_a_station_that_the_town_does_not_have(campaign):
    with pytest.raises(ParameterError, match=r"station='9999'. Known are 1, 2\."):
        publish(campaign, AccountView(role="volunteer", station="9999"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"role": "volunteer"}, "a station for a volunteer"),
        ({"role": "public", "station": "1"}, "a station for a volunteer"),
        ({"role": "boss"}, "role"),
        ({"nearest": 3}, "together"),
        ({"position": (0.0, 0.0)}, "together"),
        ({"nearest": 0, "position": (0.0, 0.0)}, "nearest"),
        ({"nearest": 3, "position": (0.0,)}, "two numbers as position"),
        ({"cap": 0}, "cap"),
        ({"at": "soon"}, "at a date"),
        ({"user": -1}, "user"),
    ],
)
def test_invalid_parameters_are_refused(parameters, message):
    with pytest.raises(ParameterError, match=message):
        AccountView(**parameters)
