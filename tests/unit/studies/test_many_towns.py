"""The same in many towns: means over towns, and the towns that lie farthest apart."""

import numpy as np
import pytest

import privaudit as pa
from privaudit.stats.intervals import share_of_groups
from privaudit.studies.demo import begin_towns

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("worlds_once")]
TOWN, PLAN = pa.Town(inhabitants=1_500), pa.CampaignPlan()


@pytest.fixture(scope="module")
def found():
    return begin_towns(TOWN, PLAN, {"exact": None}, seed=7, towns=3)()


def test_the_range_over_towns_holds_the_town_that_is_shown():
    """Each town's map is published once with a mask: four draws of the first are no fifth town."""
    mask = pa.masks.Donut(r_min=50, r_max=200)
    row = begin_towns(TOWN, PLAN, {"exact": None, str(mask): mask}, seed=7, towns=2, draws=4)().row(
        "reidentified", view=str(mask), attack="holds_register", gain="address"
    )
    values = []
    for seed in (7, 8):
        world = pa.simulate(TOWN, seed=seed, generic_likes=False)
        campaign = pa.run_campaign(world, PLAN, seed=seed, with_score=False)
        leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=seed)
        knows = pa.Adversary.holds_register(world.roll, mask=mask)
        exposure = pa.audit(leak, knows, truth=world, seed=seed)
        values.append(exposure.overall.loc["address", "value"])
    assert max(values) > 0
    assert (row.between_low, row.between_high) == pytest.approx((min(values), max(values)))


def test_the_chain_is_a_share_of_the_accounts_of_all_towns(found):
    told, accounts = [], []
    for seed in (7, 8, 9):
        world = pa.simulate(TOWN, seed=seed, generic_likes=False)
        linked = pa.chain(world, pa.run_campaign(world, seed=seed, with_score=False), seed=seed)
        told.append(linked.value("so_far", link="location"))
        accounts.append(linked.row("so_far", link="location").n)
    row = found.row("so_far", link="location")
    assert row.value == pytest.approx(np.average(told, weights=accounts))
    assert (row.low, row.high) == share_of_groups(told, sum(accounts), accounts)
    assert (row.between_low, row.between_high) == pytest.approx((min(told), max(told)))
    assert (row.n, row.counts) == (3, "towns")


def test_workers_change_nothing(found):
    again = begin_towns(TOWN, PLAN, {"exact": None}, seed=7, towns=3, workers=2)()
    assert again.rows == found.rows


def test_the_net_of_all_towns_is_a_share_of_their_people(found):
    told, people = [], []
    for seed in (7, 8, 9):
        world = pa.simulate(TOWN, seed=seed, generic_likes=False)
        campaign = pa.run_campaign(world, PLAN, seed=seed, with_score=False)
        leak = pa.publish(campaign, pa.DotMap(), seed=seed)
        knows = pa.Adversary.holds_register(world.roll)
        row = pa.audit(leak, knows, truth=world, seed=seed).overall.loc["address"]
        told.append(row["value"] - row["control"])
        people.append(row["n"])
    row = found.row("net", view="exact", attack="holds_register", gain="address")
    # Over people, not over towns: a town of few people weighs less.
    assert row.value == pytest.approx(np.average(told, weights=people))
    assert len(set(people)) > 1
    assert (row.between_low, row.between_high) == pytest.approx((min(told), max(told)))
