"""No family of the story lives in a simulated town, and no visit or opener is set by hand."""

import numpy as np
import pytest

import privaudit as pa
from privaudit.maps.scoring.household import household_exposure

pytestmark = pytest.mark.heavy

SEEDS = range(8)


@pytest.fixture(scope="module")
def towns():
    town = pa.Town(inhabitants=1_000)
    worlds = [pa.simulate(town, seed=seed, generic_likes=False) for seed in SEEDS]
    return [pa.run_campaign(world, seed=seed, with_score=False)
            for world, seed in zip(worlds, SEEDS, strict=True)]  # fmt: skip


def test_no_meyer_lives_in_eight_towns(towns):
    for campaign in towns:
        world = campaign.world
        for frame in (world.people, world.roll, world.directory):
            assert "Meyer" not in set(frame["last_name"])
        assert not world.accounts["display_name"].str.contains("Meyer").any()
        assert not hasattr(world, "meyer")


def test_children_open_as_often_as_members_drawn_at_random_would(towns):
    """Each member of ten years and more opens alike: a child in (children / able) of the homes."""
    expected = variance = opened = 0.0
    for campaign in towns:
        people, log = campaign.world.people, campaign.contact_log
        able = people[people["age"] >= 10]
        size = able.groupby("household").size()
        children = able[able["age"] < 18].groupby("household").size()
        profiles = campaign.profiles.iloc[campaign.dots["profile"].to_numpy()[log["dot"]]]
        person = campaign.world.accounts["person"].to_numpy()[profiles["account"]]
        right = profiles["address"].to_numpy() == people["address"].to_numpy()[person]
        home = people["household"].to_numpy()[person[right]]
        share = (children.reindex(home).fillna(0) / size.reindex(home)).to_numpy()
        # The target of 18 and more is no child; a target under 18 counts as itself.
        chance = campaign.plan.door_open_rate * share
        expected, variance = expected + chance.sum(), variance + (chance * (1 - chance)).sum()
        opened += household_exposure(campaign).row("opened_by_minors").value
    assert abs(opened - expected) <= 4 * np.sqrt(variance) + 1
    assert opened < len(SEEDS)


def test_no_visit_falls_on_a_set_minute(towns):
    times = [set(campaign.contact_log["time"]) for campaign in towns]
    assert not set.intersection(*times)
