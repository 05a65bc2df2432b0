"""The chain from a like to a knock, counted by hand from the frames."""

from dataclasses import replace

import numpy as np
import pytest

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.studies.chain import LINKS


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(
        pa.simulate(pa.Town(inhabitants=6_000), seed=5), seed=5, with_score=False
    )


@pytest.fixture(scope="module")
def found(campaign):
    return pa.chain(campaign.world, campaign)


def by_hand(campaign):
    """Of each labelled account: leans to the side, own name, own home, opened; one by one."""
    world = campaign.world
    opened = dict(zip(campaign.contact_log["dot"], campaign.contact_log["opened_by"], strict=True))
    dots = dict(zip(campaign.dots["profile"], campaign.dots["dot"], strict=True))
    told = []
    for profile in campaign.profiles.itertuples():
        if not profile.presumed_leaning:
            continue
        person = world.people.iloc[world.accounts["person"].iloc[profile.account]]
        named = -1
        if profile.register:
            truth = getattr(world, f"{profile.register}_truth")
            named = truth["person"].iloc[profile.entry]
        told.append(
            (
                person["leaning"] == campaign.plan.side,
                named == person["person"],
                profile.address == person["address"],
                opened.get(dots.get(profile.profile)) == "target",
            )
        )
    return np.array(told)


def test_every_link_is_counted_by_hand(campaign, found):
    told = by_hand(campaign)
    for k, link in enumerate(LINKS[1:]):
        row = found.row("link", link=link)
        assert (row.value, row.n) == (pytest.approx(told[:, k].mean()), len(told))
        assert found.row("so_far", link=link).value == pytest.approx(
            told[:, : k + 1].all(axis=1).mean()
        )
    assert found.row("whole").value == pytest.approx(told.all(axis=1).mean())
    wrong = ~told[:, 0] & told[:, 1]
    assert found.value("wrong_label", where="by_name") == pytest.approx(wrong.mean())
    at_home = (wrong & told[:, 2]).mean()
    assert found.value("wrong_label", where="at_home") == pytest.approx(at_home)


def test_doing_without_a_link_saves_what_its_baseline_does_not_give_back(campaign, found):
    told = by_hand(campaign)
    for k, link in enumerate(LINKS[1:]):
        without = np.delete(told, k, axis=1).all(axis=1).mean()
        given_back = without * found.row("link", link=link).baseline
        saved = found.row("saved", link=link).value
        assert saved == pytest.approx(told.all(axis=1).mean() - given_back)


def test_the_first_link_tells_the_side_from_the_others(campaign, found):
    world = campaign.world
    leans = world.people["leaning"].to_numpy()[world.accounts["person"]] == campaign.plan.side
    touched = campaign.profiles["side_interactions"].to_numpy() > 0
    row = found.row("link", link="interaction")
    assert row.value == pytest.approx(touched[leans].mean())
    assert row.control == pytest.approx(touched[~leans].mean())
    assert row.baseline == pytest.approx(touched.mean())


def test_groups_are_parts_of_all_who_are_labelled(campaign, found):
    everybody = found.row("link", link="presumption").n
    groups = [r for r in found.rows if r.measure == "whole" and "group" in r.part]
    assert groups
    assert all(11 <= row.n < everybody for row in groups)
    loose = found.row("link", link="presumption", group="non_aligned")
    assert loose.high < found.row("link", link="presumption").value


def test_claims_do_not_fit_people_who_were_not_labelled(found):
    """The control is somebody else of the same station: no name, next to no address is theirs."""
    assert found.row("link", link="matching").control == 0
    assert found.row("link", link="location").control < 0.03
    label = found.row("link", link="presumption")
    assert label.control < label.low


def test_a_campaign_on_another_world_is_refused(campaign):
    other = pa.simulate(pa.Town(inhabitants=500), seed=1)
    with pytest.raises(ParameterError, match="a campaign on this world"):
        pa.chain(other, campaign)
    with pytest.raises(ParameterError, match="needs a SimulatedWorld and its Campaign"):
        pa.chain(campaign, campaign)


def test_nobody_labelled_is_no_error(campaign):
    bare = campaign.profiles.assign(presumed_leaning="")
    empty = replace(campaign, profiles=bare, dots=campaign.dots[:0],
                    contact_log=campaign.contact_log[:0])  # fmt: skip
    found = pa.chain(campaign.world, empty)
    assert np.isnan(found.row("whole").value)
