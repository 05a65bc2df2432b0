"""What the explorer counts: who is found by each looker, dots moved by as far as it offers."""

import numpy as np
import pytest

import privaudit as pa
from privaudit.studies.demo import GAINS, LOOKERS, explored, explorer_of, found_in_town

SEED = 7
pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def campaign():
    world = pa.simulate(pa.Town(inhabitants=900), seed=SEED, generic_likes=False)
    return pa.run_campaign(world, seed=SEED, with_score=False)


def test_shares_are_those_of_the_attack_and_alike_in_one_town(campaign):
    counts = explored(campaign, seed=SEED)
    views = counts["view"].unique()
    assert len(counts) == len(views) * len(LOOKERS) * len(GAINS)
    of_address = counts[counts["gain"] == "address"].set_index(["view", "looker"])
    town = found_in_town(campaign, {}, seed=SEED).set_index(["view", "looker"])
    assert (town["n"] == len(campaign.dots)).all()
    # Of people on the map the attack counts those who are known; so does the share of the town.
    np.testing.assert_allclose(town["value"] * town["n"], of_address["value"] * of_address["n"])
    # Unmoved dots give every door away to whoever has a file of addresses.
    exact = of_address.loc[views[0]]
    assert exact.loc["addresses", "value"] == exact["value"].max() > 0.5


def test_the_explorer_shows_each_dot_where_it_is_moved_and_who_lives_there(campaign):
    shown = explorer_of(campaign, seed=SEED)
    n = len(campaign.dots)
    assert {len(xy) for xy in shown.moved.values()} == {len(shown.home), len(shown.visited)} == {n}
    known = shown.home >= 0
    assert set(shown.home[~known]) <= {-1}
    # Unmoved, a dot stands at the home of its person wherever its address was found right.
    first = next(iter(shown.moved.values()))
    away = np.hypot(*(first[known] - campaign.world.addresses.xy[shown.home[known]]).T)
    assert np.median(away) == 0
    assert set(shown.weight) == set(LOOKERS)
    assert 0 <= shown.doors <= 1
