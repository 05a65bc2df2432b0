"""Tiers of a masked map: the attack on the whole map, read through what each tier sees."""

import numpy as np
import pytest

import privaudit as pa
from privaudit.maps.masks.snapping import GridSnap
from privaudit.maps.scoring.access import tier_exposure
from privaudit.maps.scoring.household import marked_addresses
from privaudit.studies.audit_access import audit_tiers, found_by_dot


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(
        pa.simulate(pa.Town(inhabitants=2_500), seed=8, generic_likes=False),
        seed=8,
        with_score=False,
    )


def test_without_a_mask_who_is_found_stands_behind_a_right_door(campaign):
    wrong = marked_addresses(campaign)["wrong_address"].to_numpy()
    assert 0 < wrong.sum() < len(wrong)
    assert found_by_dot(campaign, pa.masks.Exact())["address"].tolist() == (1.0 - wrong).tolist()
    found = audit_tiers(campaign).overall
    assert found["value"].tolist() == pytest.approx(tier_exposure(campaign).overall["value"])


@pytest.mark.parametrize("mask", [pa.masks.Gaussian(sigma=30), GridSnap(size=200, k=200)], ids=repr)
def test_the_whole_file_leaked_is_what_audit_finds(campaign, mask):
    leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
    adversary = pa.Adversary.knows_mask(mask)
    overall = pa.audit(leak, adversary, truth=campaign.world, seed=7).overall
    hits = overall.loc["address", "value"] * overall.loc["address", "n"]
    per_dot = found_by_dot(campaign, mask)["address"]
    assert per_dot.sum() == pytest.approx(hits)
    found = audit_tiers(campaign, mask)
    people = campaign.profiles["account"].to_numpy()[campaign.dots["profile"]]
    leak, team, turf = (
        found.value("addresses_found", moment=moment, tier=tier)
        for moment, tier in (("before", "whole_file"), ("before", "team"), ("after", "turf"))
    )
    assert leak == found.value("addresses_found", moment="after", tier="whole_file")
    assert leak == pytest.approx(hits / len(np.unique(people)))
    assert leak >= team >= turf
    # The same guesses, held against the same people as audit holds them.
    row = found.row("addresses_found", moment="after", tier="whole_file")
    control = overall.loc["address", "control"] * overall.loc["address", "n"]
    assert row.control == pytest.approx(control / len(np.unique(people)))
    assert row.residual == pytest.approx((row.value - row.control) / (1 - row.control))
