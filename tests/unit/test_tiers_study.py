"""Tiers of a masked map: the attack on the whole map, read through what each tier sees."""

import numpy as np
import pytest

import privaudit as pa
from privaudit.exposure.maps.doors import marked_doors
from privaudit.exposure.maps.tiers import tier_exposure
from privaudit.release.masks import GridSnap
from privaudit.studies.access_tiers import audit_tiers, homes_found


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(pa.simulate(pa.Town(inhabitants=2_500), seed=5), seed=5)


def test_without_a_mask_who_is_found_stands_behind_a_right_door(campaign):
    wrong = marked_doors(campaign)["wrong_door"].to_numpy()
    assert 0 < wrong.sum() < len(wrong)
    assert homes_found(campaign, pa.Exact()).tolist() == (1.0 - wrong).tolist()
    found = audit_tiers(campaign).overall
    assert found["value"].tolist() == pytest.approx(tier_exposure(campaign).overall["value"])


@pytest.mark.parametrize("mask", [pa.Gaussian(sigma=30), GridSnap(size=200, k=200)], ids=repr)
def test_the_whole_file_leaked_is_what_audit_finds(campaign, mask):
    leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
    adversary = pa.Adversary.knows_mask(mask)
    overall = pa.audit(leak, adversary, truth=campaign.world, seed=7).overall
    hits = overall.loc["address", "attack"] * overall.loc["address", "n"]
    per_dot = homes_found(campaign, mask)
    assert per_dot.sum() == pytest.approx(hits)
    value = audit_tiers(campaign, mask).overall["value"]
    people = campaign.profiles["account"].to_numpy()[campaign.dots["profile"]]
    assert value["after_leak_found"] == pytest.approx(hits / len(np.unique(people)))
    assert value["before_leak_found"] >= value["before_team_found"] >= value["after_turf_found"]
