"""The chain from a like to a message, counted by hand from the frames."""

from dataclasses import replace

import numpy as np
import pytest

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.studies.chain import CHANNELS, LINKS


@pytest.fixture(scope="module")
def campaign():
    return pa.run_campaign(
        pa.simulate(pa.Town(inhabitants=3_000), seed=5), seed=5, with_score=False
    )


@pytest.fixture(scope="module")
def found(campaign):
    return pa.chain(campaign.world, campaign)


def mailed(campaign):
    """Accounts to which the e-mail was sent, and whether their person read it."""
    sent = pa.publish(campaign, pa.Mailing(), seed=7).sources
    return dict(zip(sent["account"], sent["read"], strict=True))


def by_hand(campaign):
    """Of each labelled account: leans to the side, own name, own home, reached, at the door, by
    e-mail; one by one."""
    world, read = campaign.world, mailed(campaign)
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
        door = opened.get(dots.get(profile.profile)) == "target"
        by_mail = bool(read.get(profile.account, False))
        told.append(
            (
                person["leaning"] == campaign.plan.side,
                named == person["person"],
                profile.address == person["address"],
                door or by_mail,
                door,
                by_mail,
            )
        )
    return np.array(told)


def test_every_link_is_counted_by_hand(campaign, found):
    told = by_hand(campaign)[:, :4]
    for k, link in enumerate(LINKS[1:]):
        row = found.row("link", link=link)
        assert (row.value, row.n) == (pytest.approx(told[:, k].mean()), len(told))
        assert found.row("so_far", link=link).value == pytest.approx(
            told[:, : k + 1].all(axis=1).mean()
        )
        lost = told[:, :k].all(axis=1) & ~told[:, k]
        assert found.row("lost", link=link).value == pytest.approx(lost.mean())
    assert found.row("whole").value == pytest.approx(told.all(axis=1).mean())
    wrong = ~told[:, 0] & told[:, 1]
    assert found.value("wrong_label", where="by_name") == pytest.approx(wrong.mean())
    at_home = (wrong & told[:, 2]).mean()
    assert found.value("wrong_label", where="at_home") == pytest.approx(at_home)


def test_doing_without_a_link_saves_what_its_baseline_does_not_give_back(campaign, found):
    told = by_hand(campaign)[:, :4]
    for k, link in enumerate(LINKS[1:]):
        without = np.delete(told, k, axis=1).all(axis=1).mean()
        given_back = without * found.row("link", link=link).baseline
        saved = found.row("saved", link=link).value
        assert saved == pytest.approx(told.all(axis=1).mean() - given_back)


def test_a_message_comes_by_the_door_or_by_mail(campaign, found):
    told = by_hand(campaign)
    whole = told[:, :4].all(axis=1).mean()
    for k, channel in enumerate(CHANNELS):
        row = found.row("link", link="message", channel=channel)
        assert (row.value, row.n) == (pytest.approx(told[:, 4 + k].mean()), len(told))
        other = told[:, :3].all(axis=1) & told[:, 5 - k]
        saved = found.row("saved", link="message", channel=channel)
        assert saved.value == pytest.approx(whole - other.mean())
        assert 0 < row.value < found.row("link", link="message").value


def test_messages_to_people_at_random_reach_few_of_them(campaign, found):
    """E-mails read over all people; visits over all people, opened .45 of the time, by one of as
    many as are ten or older at home."""
    people = campaign.world.people
    read = sum(mailed(campaign).values()) / len(people)
    able = people[people["age"] >= 10]
    own = (1 / able.groupby("household")["person"].transform("size")).mean()
    knocked = len(campaign.contact_log) / len(people) * 0.45 * own
    by_mail, by_door, either = (
        found.row("link", link="message", **part)
        for part in ({"channel": "email"}, {"channel": "door"}, {})
    )
    assert by_mail.baseline == pytest.approx(read)
    assert by_door.baseline == pytest.approx(knocked)
    assert either.baseline == pytest.approx(read + knocked - read * knocked)
    # Others of the station got the e-mail, as anybody who left an address; nobody knocked for them.
    assert by_door.control == 0 < by_mail.control == either.control


def test_without_mail_only_the_door_is_left(campaign):
    nobody = pa.Mailing(filled=pa.io.Filled(emails=0))
    found = pa.chain(campaign.world, campaign, mailing=nobody)
    door, either = (found.row("link", link="message", **part) for part in ({"channel": "door"}, {}))
    assert found.value("link", link="message", channel="email") == 0
    assert (door.value, door.n) == (either.value, either.n)
    assert found.value("saved", link="message", channel="door") == found.value("whole")
    with pytest.raises(ParameterError, match="mailing"):
        pa.chain(campaign.world, campaign, mailing="mailing")


def test_the_first_link_tells_the_side_from_the_others(campaign, found):
    world = campaign.world
    leans = world.people["leaning"].to_numpy()[world.accounts["person"]] == campaign.plan.side
    touched = campaign.profiles["side_interactions"].to_numpy() > 0
    row = found.row("link", link="interaction")
    assert row.value == pytest.approx(touched[leans].mean())
    assert row.control == pytest.approx(touched[~leans].mean())
    assert row.baseline == pytest.approx(touched.mean())
    # Whoever hides the like is labelled as often as anybody.
    saved = found.row("saved", link="interaction").value
    assert saved == pytest.approx(found.value("whole") * (1 - touched.mean()))
    renamed = (world.people["last_name"] != world.people["birth_name"]) & (
        world.people["sex"] == "F"
    )
    of = leans & renamed.to_numpy()[world.accounts["person"]]
    women = found.row("link", link="interaction", group="maiden_name")
    assert (women.value, women.n) == (pytest.approx(touched[of].mean()), of.sum())
    # Minors have no vote, and lean to no side here.
    young = found.row("link", link="interaction", group="minors")
    assert (young.n, [note.key for note in young.notes]) == (0, ["nobody_counted"])


def test_groups_are_parts_of_all_who_are_labelled(campaign, found):
    everybody = found.row("link", link="presumption").n
    named = {(r.part["group"], r.part.get("link"), r.part.get("channel"), r.measure)
             for r in found.rows if "group" in r.part}  # fmt: skip
    links = [(link, None) for link in LINKS] + [("message", channel) for channel in CHANNELS]
    for group in ("minors", "non_aligned", "maiden_name", "hamlet"):
        assert {(group, None, None, "whole")} < named
        for link in links:
            assert {(group, *link, "link"), (group, *link, "saved")} < named
        assert found.row("whole", group=group).n < everybody
    loose = found.row("link", link="presumption", group="non_aligned")
    assert loose.high < found.row("link", link="presumption").value


def test_claims_fit_people_who_were_not_labelled_as_often_as_they_share_a_building(found, campaign):
    """The control is somebody else of the same station: no name is theirs, and an address where
    they live there too. Binomial, 3 standard errors."""
    assert found.row("link", link="matching").control == 0
    world, labelled = campaign.world, campaign.profiles.query("presumed_leaning != ''")
    persons = world.accounts["person"].to_numpy()[labelled["account"]]
    station, home = (world.people[name].to_numpy() for name in ("station", "address"))
    free = np.ones(len(home), dtype=bool)
    free[persons] = False
    shared = []
    for person, marked in zip(persons, labelled["address"], strict=True):
        pool = free & (station == station[person])
        shared.append((home[pool] == marked).mean())
    expected, row = np.mean(shared), found.row("link", link="location")
    error = 3 * np.sqrt(expected * (1 - expected) / row.n)
    assert row.control == pytest.approx(expected, abs=error)
    assert row.control < row.value / 3
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
