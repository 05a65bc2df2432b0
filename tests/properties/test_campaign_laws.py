"""Invariants of every campaign: no use of the truth, reproducible, no change of its world."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from privaudit.campaign.campaign import PROFILE_COLUMNS, USER_COLUMNS, run_campaign, seen_by
from privaudit.campaign.canvass import CONTACT_COLUMNS, DOT_COLUMNS
from privaudit.campaign.leaning_and_attributes import declared
from privaudit.campaign.plan import CampaignPlan
from privaudit.campaign.publish import publish
from privaudit.campaign.views.dot_map import DotMap
from privaudit.campaign.views.exports import TableExport
from privaudit.campaign.views.mailings_and_ads import Audience
from privaudit.core.reproducible import stream
from privaudit.maps.masks.donut import Donut
from privaudit.simulation.simulate import simulate
from privaudit.simulation.town import Town
from privaudit.studies.audit_views import audit_adverts
from privaudit.studies.chain import chain
from privaudit.studies.likes import likes_needed

# Nobody shows a profession: the whole column is then hidden from the tool.
HIDDEN = CampaignPlan(profession_shown=0.0)
WORLD_FRAMES = (
    *("stations", "households", "people", "accounts", "pages", "interactions"),
    *("directory", "roll", "directory_truth", "roll_truth"),
)
SEEDS = st.integers(0, 10_000)


@pytest.fixture(scope="module")
def world():
    return simulate(Town(inhabitants=600), seed=3)


@pytest.fixture(scope="module")
def campaign(world):
    return run_campaign(world, HIDDEN, seed=11)


def shuffled(frame, columns, rng, rows=None):
    """The frame with each column permuted for itself, among the given rows."""
    rows = np.arange(len(frame)) if rows is None else rows
    changed = {}
    for name in columns:
        values = frame[name].to_numpy(copy=True)
        values[rows] = values[rng.permutation(rows)]
        changed[name] = pd.Series(values, dtype=frame[name].dtype)
    return frame.assign(**changed)


def measured(world, plan, seed):
    """Persons whose account declared a leaning."""
    known = declared(len(world.accounts), plan, stream(seed, "declared"))
    return world.accounts["person"].to_numpy()[known]


def another_truth(world, rng, silent):
    """The same world to a campaign's eyes: everything that it must not see is permuted."""
    hidden = ["age", "age_band", "sex", "profession", "interest", "first_name", "last_name"]
    people = shuffled(world.people, [*hidden, "birth_name", "birth_date", "station"], rng)
    truth = ["person", "household", "stale"]
    return dataclasses.replace(
        world,
        people=shuffled(people, ["leaning"], rng, silent),
        accounts=shuffled(world.accounts, ["aligned"], rng),
        directory_truth=shuffled(world.directory_truth, truth, rng),
        roll_truth=shuffled(world.roll_truth, truth, rng),
        zone=rng.permutation(world.zone),
    )


@pytest.mark.heavy
@settings(max_examples=8)
@given(seed=SEEDS)
def test_the_campaign_does_not_see_the_truth(world, campaign, seed):
    silent = np.setdiff1d(world.people["person"], measured(world, HIDDEN, 11))
    other = another_truth(world, np.random.default_rng(seed), silent)
    blind = run_campaign(other, HIDDEN, seed=11)
    assert_frame_equal(blind.profiles, campaign.profiles)
    assert_frame_equal(blind.dots, campaign.dots)
    assert_frame_equal(blind.users, campaign.users)


def test_the_test_of_blindness_can_fail(world, campaign):
    # Declared leanings are what the score is learnt from: permuted, it must change.
    everybody = world.people["person"].to_numpy()
    other = another_truth(world, np.random.default_rng(1), everybody)
    changed = run_campaign(other, HIDDEN, seed=11)
    assert campaign.profiles["score"].notna().all()
    assert not changed.profiles["score"].equals(campaign.profiles["score"])


@pytest.mark.heavy
@settings(max_examples=2)
@given(seed=SEEDS)
def test_every_campaign_keeps_the_contract(world, seed):
    before = {name: getattr(world, name).copy() for name in WORLD_FRAMES}
    campaign = run_campaign(world, seed=seed)
    for name, frame in before.items():
        assert_frame_equal(getattr(world, name), frame)
    for frame, columns in (
        (campaign.profiles, PROFILE_COLUMNS),
        (campaign.dots, DOT_COLUMNS),
        (campaign.contact_log, CONTACT_COLUMNS),
        (campaign.users, USER_COLUMNS),
    ):
        assert tuple(frame.columns) == columns
        np.testing.assert_array_equal(frame[columns[0]], np.arange(len(frame)))
    matched = campaign.profiles["match"] != "none"
    for column, nothing in (
        ("entry", -1),
        ("address", -1),
        ("register", ""),
        ("candidates", 0),
        ("match_probability", 0),
    ):
        assert (campaign.profiles[column] != nothing).equals(matched), column
    again = run_campaign(world, seed=seed)
    for name in ("profiles", "dots", "contact_log", "users"):
        assert_frame_equal(getattr(again, name), getattr(campaign, name))
    assert_frame_equal(again.quality.overall, campaign.quality.overall)


def test_another_seed_is_another_campaign(world):
    first, second = (run_campaign(world, seed=seed, with_score=False) for seed in (1, 2))
    assert not first.profiles.equals(second.profiles)
    assert not first.dots["visited_at"].equals(second.dots["visited_at"])
    assert not first.users.equals(second.users)


def test_a_higher_threshold_of_likes_labels_fewer(world):
    labelled = [
        set(np.flatnonzero(made.profiles["presumed_leaning"] == "right"))
        for made in (
            run_campaign(world, CampaignPlan(min_interactions=n), with_score=False)
            for n in (1, 2, 3)
        )
    ]
    assert labelled[2] <= labelled[1] < labelled[0]


@given(seed=SEEDS, popup=st.sampled_from([(), ("sex",), ("age_band", "last_name")]))
def test_sources_align_with_records(campaign, seed, popup):
    exact = publish(campaign, DotMap(popup=popup), seed=seed)
    marked = exact.backdrop.xy[exact.sources["marked_address"].to_numpy()]
    np.testing.assert_array_equal(exact.records[["x", "y"]], marked)
    profile = campaign.profiles.set_index("account").loc[exact.sources["account"]]
    for column in popup:
        assert exact.records[column].tolist() == profile[column].tolist()
    masked = publish(campaign, DotMap(mask=Donut(r_min=20, r_max=90)), seed=seed)
    moved = np.hypot(*(masked.records[["x", "y"]].to_numpy() - marked).T)
    assert ((moved >= 20 - 1e-6) & (moved <= 90 + 1e-6)).all()
    assert sorted(exact.sources["account"]) == sorted(
        campaign.profiles["account"].to_numpy()[campaign.dots["profile"]]
    )


@given(seed=SEEDS)
def test_a_table_s_sources_align_with_its_records(campaign, seed):
    table = publish(campaign, TableExport(names=True), seed=seed)
    profile = campaign.profiles.set_index("account").loc[table.sources["account"]]
    for column in ("display_name", "age_band", "station", "presumed_leaning"):
        assert table.records[column].tolist() == profile[column].tolist()
    again = publish(campaign, TableExport(names=True), seed=seed)
    assert_frame_equal(again.records, table.records)
    assert_frame_equal(again.sources, table.sources)


@given(days=st.integers(0, 40))
def test_no_role_sees_more_than_the_team(campaign, days):
    when = campaign.plan.launch + np.timedelta64(days, "D")
    team, public = (seen_by(campaign, role, "", when).sum() for role in ("team", "public"))
    turfs = [
        seen_by(campaign, "volunteer", station, when).sum()
        for station in campaign.world.stations["station"]
    ]
    if when >= campaign.plan.restricted_at:
        assert public == 0
        # Turfs do not overlap, and together they are the map.
        assert sum(turfs) == team
    else:
        assert {public, *turfs} == {team}


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [1, 4])
def test_rows_of_a_hamlet_without_data_have_a_reason(seed):
    """Among 200 people some groups are empty, and blocs are too small to learn from."""
    world = simulate(Town(inhabitants=200), seed=seed)
    campaign = run_campaign(world, seed=seed)
    ad = publish(campaign, Audience(reach=0, stray=0), seed=seed)
    measured = (
        world.quality,
        campaign.quality,
        chain(world, campaign),
        likes_needed(world),
        audit_adverts((ad,), world),
    )
    empty = [row for item in measured for row in item.rows if np.isnan(row.value)]
    assert empty
    assert [row.label for row in empty if not row.notes] == []


@pytest.mark.heavy
def test_rows_of_likes_are_always_present(world):
    few, more = likes_needed(simulate(Town(inhabitants=200), seed=4)), likes_needed(world)
    # The most informative pages differ between towns.
    labels = [[r.label for r in item.rows if r.measure != "page_tells"] for item in (few, more)]
    assert labels[0] == labels[1]
