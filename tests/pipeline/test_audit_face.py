"""`audit` on a simulated release: the truth is for scoring only."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa


@pytest.fixture(scope="module")
def town():
    world = pa.simulate(pa.Town(inhabitants=2_000), seed=7, generic_likes=False)
    return world, pa.run_campaign(world, seed=7, with_score=False)


MASK = pa.masks.Donut(r_min=50, r_max=200)


@pytest.fixture(scope="module")
def leak(town):
    return pa.publish(town[1], pa.DotMap(mask=MASK), seed=7)


@pytest.mark.parametrize(
    "rung",
    [
        pa.Adversary.nearest(),
        pa.Adversary.knows_mask(MASK),
        pa.Adversary.knows_electors(MASK),
        pa.Adversary.neighbour(mask=MASK),
    ],
    ids=lambda rung: rung.name,
)
def test_overall_is_the_mean_over_people(town, leak, rung):
    found = pa.audit(leak, rung, truth=town[0], seed=7)
    gains = found.per_person[["address", "household", "person", "opinion"]].mean()
    np.testing.assert_allclose(found.overall["value"], gains)
    assert (found.overall["n"] == len(found.per_person)).all()


def test_permuted_truth_changes_scores_not_what_the_adversary_claims(town, leak):
    """Confidence is the adversary's own: it must not move when the truth does."""
    world, rung = town[0], pa.Adversary.knows_electors(MASK)
    # Confidence is averaged over the dots of a person: those who have several stay where they are.
    order = np.arange(len(leak.sources))
    once = np.flatnonzero(~leak.sources["person"].duplicated(keep=False))
    order[once] = np.random.default_rng(0).permutation(once)
    assert len(once) > 10
    shuffled = replace(leak, sources=leak.sources.iloc[order].reset_index(drop=True))
    one = pa.audit(leak, rung, truth=world, seed=7)
    other = pa.audit(shuffled, rung, truth=world, seed=7)
    pd.testing.assert_series_equal(one.overall["confidence"], other.overall["confidence"])
    assert not one.per_person["error"].equals(other.per_person["error"])


def test_a_map_without_an_adversary_is_looked_at_by_who_takes_the_nearest(town, leak):
    by_itself = pa.audit(leak, truth=town[0], seed=7)
    asked = pa.audit(leak, pa.Adversary.nearest(), truth=town[0], seed=7)
    pd.testing.assert_frame_equal(by_itself.overall, asked.overall)
    assert by_itself.attack == "nearest"


def test_a_table_without_an_adversary_is_measured(town):
    table = pa.publish(town[1], pa.TableExport(), seed=7)
    assert "k_anonymity" in pa.audit(table).overall.index


def test_a_register_of_elsewhere_is_refused(town, leak):
    stranger = town[0].roll.copy()
    with pytest.raises(pa.PrivauditError, match="register of this world"):
        pa.audit(leak, pa.Adversary.holds_register(stranger, mask=MASK), truth=town[0])
