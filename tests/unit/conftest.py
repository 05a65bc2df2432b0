"""A small campaign that knocked at every door, for the tests of what it keeps and sends."""

import pytest

import privaudit as pa


@pytest.fixture(scope="session")
def knocked():
    world = pa.simulate(pa.Town(inhabitants=1_000), seed=5)
    return pa.run_campaign(world, pa.CampaignPlan(share_visited=1.0), seed=5, with_score=False)
