"""Access to the map before and after its restriction."""

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.campaign import USER_COLUMNS, run_campaign, seen_by
from privaudit.campaign.plan import CampaignPlan
from privaudit.errors import ParameterError


def visible(campaign, when):
    """Dots that each account registered by then sees, with its role and turf."""
    users = campaign.users[campaign.users["registered_at"] <= pd.Timestamp(when)]
    shown_dots = [
        (role, station, seen_by(campaign, role, station, when).sum())
        for role, station in zip(users["role"], users["station"], strict=True)
    ]
    return pd.DataFrame(shown_dots, columns=["role", "station", "dots"])


@pytest.fixture
def campaign(street):
    plan = CampaignPlan(n_public_users=30, n_volunteers=12, n_team=2)
    return run_campaign(street, plan)


def test_users_join_while_they_may(campaign):
    users = campaign.users
    assert tuple(users.columns) == USER_COLUMNS
    assert users["role"].value_counts().to_dict() == {"public": 30, "volunteer": 12, "team": 2}
    assert users["registered_at"].is_monotonic_increasing
    by_role = users.groupby("role")["registered_at"]
    assert by_role.max()["team"] == pd.Timestamp("2016-08-25")
    assert by_role.max()["public"] < pd.Timestamp("2016-09-02")
    assert by_role.max()["volunteer"] < pd.Timestamp("2016-09-15")
    assert set(users.loc[users["role"] == "volunteer", "station"]) == {"1", "2"}
    assert set(users.loc[users["role"] != "volunteer", "station"]) == {""}


def test_every_account_sees_all_dots_while_it_is_open(campaign):
    shown_dots = visible(campaign, "2016-09-01T23:59:59")
    # Luc Fabre's dot appears on 5 September.
    assert set(shown_dots["dots"]) == {4}
    assert (shown_dots["role"] == "public").sum() == 30


def test_after_the_restriction_only_team_and_turf(campaign):
    shown_dots = visible(campaign, "2016-09-10")
    # Station 1: Éric, Marie Martin (number 2 or 3), Alexandre; station 2: Luc and Hugo.
    turf = {"1": 3, "2": 2}
    for role, station, dots in zip(*(shown_dots[c] for c in shown_dots), strict=True):
        assert dots == {"public": 0, "team": 5}.get(role, turf.get(station))


def test_the_restriction_holds_from_its_first_second(campaign):
    assert seen_by(campaign, "public", "", "2016-09-01T23:59:59").sum() == 4
    assert seen_by(campaign, "public", "", "2016-09-02").sum() == 0


def test_accounts_count_from_registration(campaign):
    assert len(visible(campaign, "2016-08-24")) == 0
    assert visible(campaign, np.datetime64("2016-08-25"))["role"].tolist() == ["team", "team"]


def test_a_map_without_users(street):
    plan = CampaignPlan(n_public_users=0, n_volunteers=0, n_team=0)
    shown_dots = visible(run_campaign(street, plan), "2016-09-10")
    assert len(shown_dots) == 0


def test_unknown_roles_and_moments_are_refused(campaign):
    with pytest.raises(ParameterError, match="role"):
        seen_by(campaign, "journalist", "", "2016-09-10")
    with pytest.raises(ParameterError, match="when"):
        seen_by(campaign, "team", "", "soon")
