"""Wrong doors, victims and people who cannot be matched, counted by hand at each level of kin."""

from dataclasses import replace

import numpy as np
import pytest

import privaudit as pa
from privaudit.campaign.matching import WHY
from privaudit.errors import ParameterError
from privaudit.simulation.interactions import of_candidate
from privaudit.simulation.simulate import simulate
from privaudit.stats.intervals import wilson
from privaudit.studies.audit_access import LEVELS

pytestmark = pytest.mark.usefixtures("worlds_once")
TOWN = pa.Town(inhabitants=1_200)


@pytest.fixture(scope="module")
def found():
    return pa.maps.audit_homonyms(TOWN, seed=3)


def by_hand(level):
    """Of one town: matched accounts, at a wrong door, under the name of whoever liked nobody."""
    world = simulate(replace(TOWN, kin_in_town=level), seed=3, generic_likes=False)
    campaign = pa.run_campaign(world, seed=3, with_score=False)
    seen = world.interactions[of_candidate(world.pages)[world.interactions["page"]]]
    liked = set(world.accounts["person"].to_numpy()[seen["account"]])
    matched = wrong = victims = 0
    for profile in campaign.profiles[campaign.profiles["register"] != ""].itertuples():
        person = world.accounts["person"].iloc[profile.account]
        truth = getattr(world, f"{profile.register}_truth")
        named = truth["person"].iloc[profile.entry]
        matched += 1
        wrong += profile.address != world.people["address"].iloc[person]
        victims += named >= 0 and named != person and named not in liked
    return world, matched, wrong, victims


def test_three_levels_are_counted_by_hand(found):
    assert len(LEVELS) == 3
    for level in LEVELS:
        world, matched, wrong, victims = by_hand(level)
        for measure, count in (("false_doors", wrong), ("homonym_victims", victims)):
            row = found.row(measure, kin_in_town=level)
            assert (row.value, row.n) == (pytest.approx(count / matched), matched), measure
            # Accounts of one household share entries: never narrower than if each were its own.
            low, high = wilson(count / matched, matched)
            assert row.low <= low + 1e-9
            assert row.high >= high - 1e-9
        why = [found.row("unmatched", kin_in_town=level, why=one) for one in WHY]
        total = sum(row.value for row in why) * len(world.accounts)
        assert total == pytest.approx(len(world.accounts) - matched)
        assert all(row.low < row.high for row in why)
        adults = world.people[world.people["age"] >= 18]
        names = adults["first_name"] + "|" + adults["last_name"]
        share = found.row("adults_with_namesake", kin_in_town=level)
        assert share.value == pytest.approx((names.groupby(names).transform("size") > 1).mean())


def test_every_figure_has_its_interval(found):
    for row in found.rows:
        assert np.isnan(row.value) or row.low < row.high, row.label


def test_kin_make_namesakes(found):
    """Where few families make up a place, their namesakes are beyond what chance makes."""
    few, many = (found.row("adults_with_namesake", kin_in_town=level) for level in (0.0, 0.8))
    assert few.high < many.low


def test_who_is_found_is_what_an_audit_of_that_town_says(found):
    for level in (LEVELS[0], LEVELS[-1]):
        world = simulate(replace(TOWN, kin_in_town=level), seed=3, generic_likes=False)
        leak = pa.publish(pa.run_campaign(world, seed=3, with_score=False), pa.DotMap(), seed=3)
        whom = pa.Adversary.holds_register(world.roll, mask=None)
        overall = pa.audit(leak, whom, truth=world, seed=3).overall
        for gain in ("address", "household", "person"):
            row = found.row(f"reidentified_{gain}", gain, kin_in_town=level)
            assert (row.value, row.control) == pytest.approx(
                tuple(overall.loc[gain, ["value", "control"]]), nan_ok=True
            )


def test_a_level_is_a_share():
    with pytest.raises(ParameterError, match="kin_in_town"):
        pa.maps.audit_homonyms(TOWN, levels=(1.2,))
