"""A simulated town from a like to a door: what two counts of the same thing must agree on."""

import numpy as np
import pytest

import privaudit as pa
from privaudit.maps.guess import guess
from privaudit.maps.scoring.access import access_exposure
from privaudit.maps.scoring.household import household_exposure
from privaudit.maps.scoring.score import score
from privaudit.maps.scoring.truth import GROUPS, Truth
from privaudit.results.exposure import SCORES
from privaudit.results.rows import GAINS


@pytest.fixture(scope="module")
def campaign():
    # One account a person: counts of dots and of people are then the same.
    town = pa.Town(inhabitants=2_000, duplicate_accounts=0)
    return pa.run_campaign(pa.simulate(town, seed=7), seed=7)


@pytest.fixture(scope="module")
def exposure(campaign):
    leak = pa.publish(campaign, pa.DotMap(), seed=7)
    truth = Truth.of(campaign.world, leak, rng=np.random.default_rng(1))
    blind = pa.Adversary.nearest()
    guesses = guess(leak.as_leaked(), blind, rng=np.random.default_rng(2))
    return score(guesses, truth, leak, adversary=blind)


def test_exact_dots_lead_to_every_marked_address(campaign, exposure):
    marked = exposure.calibration.set_index("gain").loc[["marked_address"]]
    assert (marked["observed"] == 1).all()
    assert marked["n"].sum() == len(campaign.dots)


def test_who_is_not_found_on_exact_dots_stands_behind_a_wrong_door(campaign, exposure):
    wrong = household_exposure(campaign).overall.loc["wrong_addresses", "value"]
    assert exposure.overall.loc["address", "value"] == pytest.approx(1 - wrong)
    assert (exposure.per_person["door"] == "wrong").mean() == pytest.approx(wrong)


def test_an_opinion_is_right_where_the_label_is(campaign, exposure):
    wrong = household_exposure(campaign).overall.loc["wrong_labels", "value"]
    assert exposure.overall.loc["opinion", "value"] == pytest.approx(1 - wrong)


def test_the_range_of_chance_lies_around_its_mean(campaign):
    found = household_exposure(campaign)
    ranged = [row for row in found.rows if np.isfinite(row.baseline_low)]
    assert len(ranged) == 6
    for row in ranged:
        assert row.baseline_low < row.baseline < row.baseline_high
    # Another seed draws again, and finds much the same.
    other = household_exposure(campaign, seed=8)
    for row in ranged:
        wide = row.baseline_high - row.baseline_low
        assert other.row(row.measure).baseline_low == pytest.approx(row.baseline_low, abs=wide / 5)


def test_the_team_sees_every_dot_that_there_is(campaign):
    found = access_exposure(campaign)
    team, before, after = (
        found.value("people_max", moment=moment, role=role)
        for moment, role in (("after", "team"), ("before", "public"), ("after", "public"))
    )
    there = campaign.dots["appeared_at"] < np.datetime64(campaign.plan.restricted_at)
    assert team == before == there.sum()
    assert after == 0


def test_per_person_holds_gains_groups_and_scores_and_nothing_else(exposure):
    gains = [
        f"{part}{gain}" for part in ("", "baseline_", "control_", "confidence_") for gain in GAINS
    ]
    # What an opinion is trusted is a range: nobody knows how often a label is right.
    gains += ["confidence_opinion_low", "confidence_opinion_high"]
    assert set(exposure.per_person.columns) == {*gains, *GROUPS, *SCORES}
    assert exposure.per_person[gains].stack().between(0, 1).all()
