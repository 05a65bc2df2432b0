"""A screenshot of a campaign's map, attacked end to end: drawn, read, laid, located, scored."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa

MASK = pa.masks.Donut(r_min=50, r_max=200)


@pytest.fixture(scope="module")
def town():
    world = pa.simulate(pa.Town(inhabitants=6_000), seed=7, generic_likes=False)
    return world, pa.run_campaign(world, seed=7, with_score=False)


@pytest.fixture(scope="module")
def shot(town):
    return pa.publish(town[1], pa.Screenshot(zoom=16, basemap="streets"), seed=7)


def test_a_screenshot_gives_away_nearly_what_the_dots_do(town, shot):
    world, campaign = town
    dots = pa.publish(campaign, pa.DotMap(), seed=7)
    by_file = pa.audit(dots, pa.Adversary.nearest(), truth=world, seed=7)
    by_picture = pa.audit(shot, pa.Adversary.knows_mask(pa.masks.Exact()), truth=world, seed=7)
    n = len(campaign.dots)
    # Everybody who was drawn is counted, read or not.
    assert (by_picture.overall["n"] == n).all()
    assert len(by_picture.per_person) == n
    found, most = (run.overall.loc["address", "value"] for run in (by_picture, by_file))
    # Dots of one address are one dot of a picture.
    places = len(campaign.dots[["x", "y"]].drop_duplicates())
    assert 0.8 * most * places / n <= found <= most
    # The prior without the picture, and the neighbours of the same station.
    assert by_picture.overall.loc["address", "baseline"] == pytest.approx(1 / len(world.addresses))
    assert by_picture.overall.loc["address", "control"] < 0.1
    assert by_picture.reliable
    assert "dots_read_of_picture" in [note.key for note in by_picture.notes]
    assert by_picture.view.startswith("screenshot:")


def test_the_mask_is_undone_as_far_as_on_a_file(town):
    world, campaign = town
    rung = pa.Adversary.knows_mask(MASK)
    shot = pa.publish(campaign, pa.Screenshot(zoom=16, mask=MASK), seed=7)
    dots = pa.publish(campaign, pa.DotMap(mask=MASK), seed=7)
    by_picture = pa.audit(shot, rung, truth=world, seed=7).overall.loc["address"]
    by_file = pa.audit(dots, rung, truth=world, seed=7).overall.loc["address"]
    assert by_picture["confidence"] == pytest.approx(by_file["confidence"], rel=0.25)


def test_permuted_truth_changes_scores_not_what_is_claimed(town, shot):
    order = np.random.default_rng(0).permutation(len(shot.sources))
    sources = shot.sources.copy()
    who = ["account", "person", "marked_address", "marked_household"]
    sources[who] = shot.sources[who].iloc[order].to_numpy()
    rung = pa.Adversary.nearest()
    one = pa.audit(shot, rung, truth=town[0], seed=7)
    other = pa.audit(replace(shot, sources=sources), rung, truth=town[0], seed=7)
    pd.testing.assert_series_equal(one.overall["confidence"], other.overall["confidence"])
    assert other.overall.loc["address", "value"] < 0.2 < one.overall.loc["address", "value"]


def test_a_file_of_the_picture_is_read_as_the_release_is(town, shot, tmp_path):
    path = shot.picture.save(tmp_path / "leak.png")
    read = pa.screenshots.read_screenshot(path, addresses=town[0].addresses, bbox=shot.picture.box)
    rung = pa.Adversary.knows_mask(pa.masks.Exact())
    expected = pa.audit(read, rung, seed=7).overall.loc["address", "value"]
    directly = pa.audit(shot, rung, seed=7).overall.loc["address", "value"]
    assert directly == expected


def test_a_picture_that_hides_its_place_is_laid_by_its_dots(town):
    world, campaign = town
    found = {}
    for told in (True, False):
        shot = pa.publish(campaign, pa.Screenshot(zoom=15, tells_place=told), seed=7)
        audit = pa.audit(shot, pa.Adversary.knows_mask(pa.masks.Exact()), truth=world, seed=7)
        found[told] = audit.overall.loc["address", "value"]
    # Dots of one address are one dot of a picture, whoever lays it.
    assert found[False] >= 0.95 * found[True] > 0.5
