"""Dots, doors and openers on the street."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.campaign import run_campaign
from privaudit.campaign.canvass import (
    _ANSWERS,
    CONTACT_COLUMNS,
    DOT_COLUMNS,
    _evenings,
    knock,
    walk_rounds,
)
from privaudit.campaign.plan import CampaignPlan

EVERY_DOOR = CampaignPlan(share_visited=1.0, door_open_rate=1.0)


def opened(campaign):
    """Return opener and answer, by account."""
    log = campaign.contact_log
    profile = campaign.dots["profile"].to_numpy()[log["dot"]]
    rows = zip(log["opened_by"], log["status"], strict=True)
    return dict(zip(profile.tolist(), rows, strict=True))


@pytest.fixture(scope="module")
def many(street):
    return [run_campaign(street, EVERY_DOOR, seed=seed) for seed in range(20)]


def test_dots_are_at_the_matched_address(street):
    campaign = run_campaign(street)
    dots = campaign.dots
    assert tuple(dots.columns) == DOT_COLUMNS
    # Hélène (6) liked but does not show her town.
    assert dots["profile"].tolist() == [0, 3, 4, 5, 13]
    assert dots["address"].tolist()[2:] == [4, 5, 6]
    np.testing.assert_array_equal(dots["x"], 20.0 * dots["address"])
    launch, visible = pd.Timestamp("2016-08-25"), pd.Timestamp("2016-08-30 20:10")
    assert dots["appeared_at"].tolist() == [
        *(visible, launch, launch, pd.Timestamp("2016-09-05 10:00"), launch),
    ]


def test_a_dot_turns_grey_when_visited(many):
    for campaign in many:
        dots = campaign.dots
        assert (dots["status"] == "visited").eq(dots["visited_at"].notna()).all()
        assert (dots["status"] == "visited").all()
        assert sorted(campaign.contact_log["dot"]) == dots["dot"].tolist()
        hour = dots["visited_at"].dt.hour
        assert hour.between(18, 20).all()
        assert (dots["visited_at"] > dots["appeared_at"]).all()
        assert (dots["visited_at"] < pd.Timestamp("2016-09-15")).all()


def test_every_visit_and_every_opener_is_drawn(street, many):
    """Nobody is visited where none is to be, and in the home of three each member may open."""
    nobody = run_campaign(street, CampaignPlan(share_visited=0.0, door_open_rate=0.0))
    assert (nobody.dots["status"] == "to_meet").all()
    assert nobody.contact_log.empty
    # Account 0 lives with a spouse and a child of 11: one in three each, never the child alone.
    assert {opened(campaign)[0][0] for campaign in many} == {"target", "spouse", "child"}


def test_members_of_the_household_open(many):
    visible = [opened(campaign) for campaign in many]
    # Alexandre's home: himself, Sophie, Léa (16); Paul is eight.
    assert {door[4][0] for door in visible} == {"target", "spouse", "child"}
    # Hugo (20) lives with both parents and Lou (12).
    assert {door[13][0] for door in visible} == {"target", "other_adult", "child"}
    # Luc Fabre has moved: Hélène opens.
    assert {door[5] for door in visible} == {("stranger", "bad_info")}


def test_small_children_do_not_open(street):
    people = street.people.assign(age=street.people["age"].replace(16, 20))
    grown = dataclasses.replace(street, people=people)
    campaign = run_campaign(street, EVERY_DOOR)
    crowd = campaign.dots.iloc[[2] * 200].reset_index(drop=True).assign(dot=np.arange(200))
    log = knock(grown, EVERY_DOOR, campaign.profiles, crowd, seed=7)
    # Alexandre, Sophie and Léa, who is twenty now; not Paul, who is eight.
    assert set(log["opened_by"]) == {"target", "spouse", "other_adult"}


def test_marie_martin_is_a_stranger_at_her_namesake_s(many):
    for campaign in many:
        address = campaign.dots["address"][1]
        assert opened(campaign)[3][0] == ("target" if address == 2 else "stranger")


def test_statuses_are_nationbuilder_values(many):
    log = pd.concat([campaign.contact_log for campaign in many])
    assert tuple(log.columns) == CONTACT_COLUMNS
    assert set(log["status"]) <= {
        *("answered", "bad_info", "meaningful_interaction", "no_answer", "not_interested"),
        "refused",
    }
    assert set(log.loc[log["opened_by"] == "child", "status"]) == {"answered"}
    assert (log["status"] == "bad_info").eq(log["opened_by"] == "stranger").all()


def test_closed_doors_give_no_answer(street):
    plan = CampaignPlan(share_visited=1.0, door_open_rate=0.0)
    log = run_campaign(street, plan).contact_log
    assert log["time"].is_monotonic_increasing
    nobody = log["opened_by"] == "nobody"
    assert nobody.sum() == 5
    assert (log.loc[nobody, "status"] == "no_answer").all()


def test_an_empty_dwelling_does_not_open(street):
    truth = street.directory_truth.assign(household=-1)
    world = dataclasses.replace(street, directory_truth=truth)
    log = opened(run_campaign(world, EVERY_DOOR))
    assert {log[account][0] for account in (0, 3, 4, 5)} == {"nobody"}


def test_the_rate_of_open_doors(street):
    plan = CampaignPlan(share_visited=1.0)
    campaign = run_campaign(street, plan)
    crowd = campaign.dots.iloc[[2] * 400].reset_index(drop=True).assign(dot=np.arange(400))
    log = knock(street, plan, campaign.profiles, crowd, seed=7)
    # 400 doors at .45: mean 180, standard deviation 9.95.
    assert abs((log["opened_by"] != "nobody").sum() - 180) < 4 * 9.95


@pytest.mark.parametrize(("last", "evening"), [("2016-09-04", "2016-09-03"), ("2016-09-03", None)])
def test_a_dot_is_visited_on_an_evening_after_it_appeared_and_before_the_last_day(last, evening):
    plan = SimpleNamespace(as_of=np.datetime64(last))
    (time,) = _evenings(np.array(["2016-09-02T22:00"], "M8[s]"), plan, np.random.default_rng(1))
    assert np.isnat(time) if evening is None else str(time).startswith(evening)


def walked(doors, apart):
    """Return when doors in a line, so many metres apart, are visited by one volunteer."""
    xy = np.column_stack([apart * np.arange(doors), np.zeros(doors)])
    appeared = np.full(doors, EVERY_DOOR.launch)
    rng, who = np.random.default_rng(3), np.zeros(doors, dtype=int)
    return walk_rounds(xy, appeared, who, xy[:1], EVERY_DOOR, rng=rng)


@pytest.mark.parametrize(("doors", "evenings"), [(11, 1), (12, 1), (13, 2), (24, 2), (25, 3)])
def test_a_round_is_of_twelve_doors(doors, evenings):
    assert len(np.unique(walked(doors, 50.0).astype("M8[D]"))) == evenings


def test_a_volunteer_walks_twelve_metres_in_ten_seconds():
    # 1,200 metres are 1,000 seconds; a door takes two to eight minutes.
    seconds = np.diff(np.sort(walked(12, 1_200.0))).astype(int)
    assert (seconds >= 1_000 + 120 - 1).all()
    assert (seconds <= 1_000 + 480).all()


@pytest.mark.parametrize("kind", sorted(_ANSWERS))
def test_answers_of_each_kind_are_shares_of_one(kind):
    assert sum(_ANSWERS[kind].values()) == pytest.approx(1, abs=1e-12)
