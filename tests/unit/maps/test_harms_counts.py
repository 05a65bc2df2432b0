"""Gains, harms and neighbours on two streets, every figure counted by hand.

People 0, 4, 6, 9, 10 live at addresses 0, 0, 1, 1, 2 and are marked at 0, 3, 4, 1, 2; all are
presumed to lean right, and 4 leans left, 9 far right.
"""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.plan import CampaignPlan
from privaudit.errors import ParameterError
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.posterior import Guesses, Posterior
from privaudit.maps.scoring.area_and_heat_exposure import _add_given, _marked
from privaudit.maps.scoring.harms import harms
from privaudit.maps.scoring.household import (
    _suspects,
    chance_range,
    dissent_exposure,
    neighbour_exposure,
    station_rates,
)
from privaudit.maps.scoring.truth import Homes, Truth
from privaudit.results.rows import Rows

BLIND = Adversary.nearest()


def told(found, column):
    """Values of one column by measure, or by measure and percentile."""
    return {
        (row.measure, row.part["percentile"]) if "percentile" in row.part else row.measure: getattr(
            row, column
        )
        for row in found.rows
    }


@pytest.fixture
def truth(world, release):
    return Truth.of(world, release, rng=np.random.default_rng(0))


@pytest.fixture
def guesses(release):
    return guess(release.as_leaked(), BLIND, rng=np.random.default_rng(0))


@pytest.fixture
def doubtful(guesses):
    """The first dot may be at address 1 too, with a probability of a quarter."""
    posterior = Posterior(
        np.array([0, 2, 3, 4, 5, 6]),
        np.array([0, 1, 3, 4, 1, 2]),
        np.array([0.75, 0.25, 1, 1, 1, 1]),
    )
    sure = np.array([0.75, 1, 1, 1, 1])
    return replace(guesses, posterior=posterior, confidence=sure)


def test_right_and_wrong_stand_apart(world, release, truth, guesses):
    table = harms(guesses, truth, release, world, adversary=BLIND)
    value, base = told(table, "value"), told(table, "baseline")
    assert value["label_right"] == 3 / 5
    assert value["label_wrong"] == 2 / 5
    assert value["label_none"] == 0
    # The commonest leaning: right in S1 (right for 0 and 6), left or right in S2 (half for 10).
    assert base["label_right"] == base["label_wrong"] == 2.5 / 5
    assert value["address_and_label_right"] == 2 / 5  # 0 and 10
    assert value["address_and_label_wrong"] == 1 / 5  # 9
    assert value["other_address"] == 2 / 5  # 4 and 6: others live where they are marked
    assert base["address_and_label_right"] == pytest.approx(
        0.5 / 5
    )  # one address in five, and the label
    assert base["address_and_label_wrong"] == pytest.approx(0.5 / 5)
    assert base["other_address"] == pytest.approx(4 / 5)
    for name in ("named_right", "named_wrong", "named_innocent", "named_nobody"):
        assert np.isnan(value[name])
        assert [note.key for note in table.row(name).notes] == ["no_register_held"]
    # With 0 live 1 and 2 (a girl of 11), with 10 live 11 and 12 (Julien); 9 lives alone.
    assert (value["members_by_address"], value["minors_by_address"]) == (4, 2)
    assert table.row("members_by_address").n == 3
    assert {row.counts for row in table.rows} == {"people"}


def test_an_address_is_not_a_household(world, release, truth, guesses):
    # Found at their address: 0 among three households, 9 among two, 10 in the only one.
    table = harms(guesses, truth, release, world, adversary=BLIND)
    value, base = told(table, "value"), told(table, "baseline")
    assert value["household_and_label_right"] == pytest.approx((1 / 3 + 1) / 5)
    assert value["household_and_label_wrong"] == pytest.approx((1 / 2) / 5)
    assert value["other_household"] == pytest.approx((2 / 3 + 1 + 1 + 1 / 2 + 0) / 5)
    # One address in five, one bell there, and the commonest leaning: theirs for 0 and 6, half
    # of the time for 10.
    assert base["household_and_label_right"] == pytest.approx((1 / 3 + 1 / 2 + 0.5) / 5 / 5)
    assert value["members_by_household"] == pytest.approx(2 / 3 + 2)
    assert value["minors_by_household"] == pytest.approx(1 / 3 + 1)
    for row in table.rows:
        for gain in ("address", "household"):
            if f"{gain}_" in row.measure or row.measure.endswith(f"_{gain}"):
                assert row.gain == gain
    near = neighbour_exposure(guesses, truth, release, world, adversary=BLIND)
    assert near.row("wrong_addresses").gain == near.row("suspects").gain == "address"
    assert near.row("wrong_households").gain == "household"
    assert near.value("wrong_households") == pytest.approx((2 / 3 + 1 + 1 + 1 / 2 + 0) / 5)
    assert near.value("mass_on_wrong_households") == near.value("wrong_households")
    blind = 1 - (1 / 3 + 1 / 3 + 1 / 2 + 1 / 2 + 1) / 5 / 5
    assert near.row("wrong_households").baseline == pytest.approx(blind)


def test_the_same_guess_held_against_people_who_have_no_dot(world, release, truth, guesses):
    # Each person of the release has a control of the same station, guessed at the same place.
    table = harms(guesses, truth, release, world, adversary=BLIND)
    people = world.people
    control = truth.control_person
    assert (control >= 0).all()
    home, leaning = people["address"].to_numpy(), people["leaning"].to_numpy(str)
    hit = guesses.address == home[control]
    right = leaning[control] == "right"
    bells = np.bincount(world.households["address"])[home[control]]
    for measure, hits in (
        ("label_right", right),
        ("label_wrong", ~right),
        ("address_and_label_right", hit & right),
        ("address_and_label_wrong", hit & ~right),
        ("household_and_label_right", (hit & right) / bells),
    ):
        row = table.row(measure)
        assert row.control == pytest.approx(hits.mean()), measure
        assert row.residual == pytest.approx((row.value - row.control) / (1 - row.control))


def test_errors_and_leakage(world, release, truth, guesses, doubtful):
    table = harms(guesses, truth, release, world, adversary=BLIND)
    value, base = told(table, "value"), told(table, "baseline")
    assert value["error_mean"] == pytest.approx((1040 + 1070) / 5)
    assert (value["error", 50], value["error", 90]) == (0, 1070)
    # The middle of the five addresses is at 634 m: homes are 634, 634, 604, 604, 366 m away.
    assert base["error_mean"] == pytest.approx((634 * 2 + 604 * 2 + 366) / 5)
    assert value["error_expected"] == 0
    # Three of five are found, where a guess among five addresses finds one; certainty is claimed.
    assert (value["prior_vulnerability"], value["posterior_vulnerability"]) == (0.2, 0.6)
    assert value["additive_leakage"] == pytest.approx(0.4)
    assert value["multiplicative_leakage"] == pytest.approx(3)
    assert value["claimed_vulnerability"] == 1
    assert (value["address_probability", 50], value["address_probability_max"]) == (1, 1)
    found = harms(doubtful, truth, release, world, adversary=BLIND)
    value, table = told(found, "value"), found.overall
    assert value["error_expected"] == pytest.approx(0.25 * 30 / 5)
    assert value["claimed_vulnerability"] == pytest.approx(4.75 / 5)
    assert value["posterior_vulnerability"] == 0.6
    assert value["address_probability", 50] == 0.75  # of 0, 0, .75, 1, 1
    assert (table["low"] <= table["value"] + 1e-12)[table["value"].notna()].all()
    assert (table["value"] <= table["high"] + 1e-12)[table["value"].notna()].all()


def test_a_wrong_name_is_a_harm_of_its_own(world, release, truth, guesses):
    register = world.people[["address"]]
    neighbour = Adversary.neighbour(register=register)
    # 0 named rightly; 4 named as 13 (leans right); 6 as 15 (left); 9 as nobody of the town; 10
    # has no name.
    entries = np.arange(len(world.people))
    entries[9] = -1
    named = replace(guesses, person=np.array([0, 13, 15, 9, -1]))
    table = harms(named, truth, release, world, adversary=neighbour, entries=entries)
    value, base = told(table, "value"), told(table, "baseline")
    assert value["named_right"] == 1 / 5
    assert value["named_wrong"] == 2 / 5
    assert value["named_innocent"] == 1 / 5
    assert value["named_nobody"] == 2 / 5
    # Innocent is whoever leans elsewhere than the map presumes, where it presumes anything.
    twice = replace(named, person=np.array([0, 15, 15, 9, -1]))
    for opinion, innocent in ((["right"] * 5, 2 / 5), (["right", "", *["right"] * 3], 1 / 5)):
        said = replace(twice, opinion=np.array(opinion, dtype=str))
        found = harms(said, truth, release, world, adversary=neighbour, entries=entries)
        assert found.value("named_innocent") == innocent
    # An entry drawn among nineteen: one names nobody, one is right but for 9, who has none left.
    assert base["named_nobody"] == pytest.approx(1 / 19)
    assert base["named_right"] == pytest.approx(4 / 5 / 19)
    assert base["named_wrong"] == pytest.approx((18 - 4 / 5) / 19)
    with pytest.raises(ParameterError, match="entries"):
        harms(named, truth, release, world, adversary=neighbour)


def test_somebody_behind_two_dots_counts_once(world, release, guesses):
    sources = release.sources.assign(person=[0, 0, 6, 9, 10])
    twice = replace(release, sources=sources)
    truth = Truth.of(world, twice, rng=np.random.default_rng(0))
    table = harms(guesses, truth, twice, world, adversary=BLIND).overall
    # 0 is found by one of two dots; 6 is not; 9 and 10 are.
    assert table["n"]["label_right"] == 4
    assert table["value"]["label_right"] == 3 / 4
    assert table["value"]["address_and_label_right"] == (0.5 + 1) / 4
    assert table["value"]["other_address"] == (0.5 + 1) / 4


@pytest.mark.parametrize(("empty", "wrong"), [(None, 3), (0, 2), (3, 2), (4, 3)])
def test_a_wrong_address_counts_where_somebody_lives(truth, guesses, empty, wrong):
    """Dots of 0, 0, 1, 1, 2 are laid at 1, 3, 0, 1, 2, and one person lives at each address."""
    laid = replace(guesses, address=np.array([1, 3, 0, 1, 2]))
    residents = np.array([at for at in range(5) if at != empty])
    rows = Rows(5, "dots")
    _suspects(rows, laid, truth, np.full(5, 0.2), residents, np.ones(len(residents), dtype=bool))
    found = {row.measure: row.value for row in rows}
    assert found["wrong_addresses"] == pytest.approx(wrong / 5)
    assert found["people_behind_wrong_addresses"] == wrong


def test_suspicion_falls_on_those_who_live_there(world, release, truth, doubtful):
    table = neighbour_exposure(doubtful, truth, release, world, adversary=BLIND)
    value, base, n = (told(table, column) for column in ("value", "baseline", "n"))
    # Bystanders: 4 at address 0, 2 at 1, 2 at 2, 2 at 3, 4 at 4. Laid there from elsewhere:
    # .25 at 1, one dot at 3, one at 4.
    assert value["mass_from_elsewhere"] == pytest.approx((2 * 0.25 + 2 * 1 + 4 * 1) / 14)
    assert (value["mass", 50], value["mass", 90], value["mass_max"]) == (0.25, 1, 1)
    assert value["suspects"] == pytest.approx(6 / 14)
    assert value["wrong_addresses"] == 2 / 5
    assert value["people_behind_wrong_addresses"] == 6
    assert value["mass_on_wrong_addresses"] == pytest.approx(2.25 / 5)
    # .75 at a door of three bells, a door of two and one of one.
    assert value["mass_on_wrong_households"] == pytest.approx((0.75 + 1 + 1 + 0.5 + 0) / 5)
    # By the prior alone a fifth of each dot of others: 3, 3, 4, 5 and 5 of them.
    assert base["mass_from_elsewhere"] == pytest.approx(
        (4 * 3 + 2 * 3 + 2 * 4 + 2 * 5 + 4 * 5) / 5 / 14
    )
    # Each dot laid at one of five addresses: at least one of others' at 0, 1 (3), 2 (4), 3, 4 (5).
    missed = np.array([0.8**3] * 6 + [0.8**4] * 2 + [0.8**5] * 6)
    assert base["suspects"] == pytest.approx(1 - missed.mean())
    everybody = 19 - 6 * 0.8**3 - 4 * 0.8**3 - 3 * 0.8**4 - 2 * 0.8**5 - 4 * 0.8**5
    assert base["people_behind_wrong_addresses"] == pytest.approx(everybody)
    assert base["wrong_addresses"] == pytest.approx(4 / 5)
    assert n["suspects"] == 14
    assert n["wrong_addresses"] == 5


def test_the_neighbours_of_the_other_side_are_counted(campaign):
    # In sight: addresses 0 and 1 (electors 0 1 3 4 6 7 9), 2 and 3 (10 11 13 14), 4 (15 16);
    # less those of the marked home. Left of centre: 1, 4, 11, 15, 16.
    table = dissent_exposure(campaign, under=0.45)
    value, base = told(table, "value"), told(table, "baseline")
    assert value["neighbours_in_sight"] == pytest.approx((5 + 2 + 0 + 5 + 2) / 5)
    assert value["opposed_in_sight"] == pytest.approx((1 + 1 + 0 + 2 + 0) / 5)
    assert base["neighbours_in_sight"] == pytest.approx((2 * 5 + 6 + 6 + 2 * 5 + 6 + 4 + 4) / 13)
    assert base["opposed_in_sight"] == pytest.approx((2 * 1 + 2 + 1 + 2 * 2 + 2 + 0 + 2) / 13)
    assert value["mostly_opposed"] == 0
    assert value["dissent_dots"] == 3 / 5  # the right has .4 in S2, .5 in S1
    assert base["dissent_dots"] == pytest.approx(6 / 13)
    assert dissent_exposure(campaign).overall.loc["dissent_dots", "value"] == 0


def test_a_campaign_of_the_left_has_the_right_for_neighbours(campaign):
    left = replace(campaign, plan=CampaignPlan(side="left"))
    value = dissent_exposure(left).overall["value"]
    # Around dot 0: 3 6 7 9 against 4; around 3: 0 3 9 against 1 4; around 4: 13 14.
    assert value["mostly_opposed"] == 3 / 5
    near = dissent_exposure(left, sight=10).overall["value"]
    assert near["neighbours_in_sight"] == pytest.approx((2 + 0 + 0 + 1 + 0) / 5)


def test_what_is_not_a_map_with_a_posterior_is_refused(world, release, truth, guesses):
    blank = replace(guesses, posterior=None)
    for study in (harms, neighbour_exposure):
        with pytest.raises(ParameterError, match="posterior"):
            study(blank, truth, release, world, adversary=BLIND)
        short = Guesses(**{name: getattr(guesses, name)[:4] for name in (
            "address", "confidence", "person", "person_confidence", "opinion",
            "opinion_confidence")}, attack="short", posterior=guesses.posterior)  # fmt: skip
        with pytest.raises(ParameterError, match="one guess"):
            study(short, truth, release, world, adversary=BLIND)


def test_the_first_person_of_all_may_be_the_control(world, release, guesses):
    """The adversary names person 0, who is the control of one record; 0 is no code of nobody."""
    sources = release.sources.assign(person=[4, 6, 9, 10, 11])
    truth = Truth.of(world, replace(release, sources=sources), rng=np.random.default_rng(0))
    truth = replace(truth, control_person=np.array([0, 13, 14, -1, 15]))
    neighbour = Adversary.neighbour(register=world.people[["address"]])
    entries = np.arange(len(world.people))
    entries[18] = -1
    # Rightly the first control; another; nobody of the town, whose control is unknown too.
    named = replace(guesses, person=np.array([0, 5, -1, 18, 15]))
    table = harms(named, truth, release, world, adversary=neighbour, entries=entries)
    # Of the four who have a control, the first and the last are named.
    assert table.row("named_right").control == pytest.approx(2 / 4)
    assert table.value("named_nobody") == 2 / 5


def campaign_of(stations, at, side="right"):
    """The parts of a campaign that a rate is made of."""
    world = SimpleNamespace(
        stations=pd.DataFrame({"station": [*stations], side: [*stations.values()]}),
        people=pd.DataFrame({"station": at}),
    )
    return SimpleNamespace(world=world, plan=SimpleNamespace(side=side))


def test_whose_station_is_not_known_has_the_rate_of_the_town():
    rates = station_rates(campaign_of({"S1": 0.2, "S2": 0.6}, ["S1", "S2", "", "S1"]))
    assert rates.tolist() == pytest.approx([0.2, 0.6, 0.4, 0.2])


def test_the_range_of_chance_leaves_out_a_fortieth_at_each_end():
    """Of the draws 1 to 1,000 the 25th and the 975th; of forty the first and the 39th."""
    for draws, expected in ((1_000, (25, 975)), (40, (1, 39))):
        counter = itertools.count(1)
        low, high = chance_range(lambda rng, c=counter: np.array([next(c)]), None, draws)
        assert (low[0], high[0]) == expected
    counter = itertools.count(1)
    chance_range(lambda rng: np.array([next(counter)]), None)
    assert next(counter) == 1_001


@pytest.mark.parametrize(("under", "weak"), [(0.29, 0), (0.3, 0), (0.31, 1)])
def test_a_side_is_weak_where_it_has_less_than_the_limit(campaign, under, weak):
    """Strictly less: a station of just that share is not one."""
    shares = campaign.world.stations.assign(right=0.3)
    moved = replace(campaign, world=replace(campaign.world, stations=shares))
    assert dissent_exposure(moved, under=under).value("dissent_dots") == weak


def homes(**more):
    return Homes(address=[0, 1, 2], **more)


@pytest.mark.parametrize(
    ("entry", "persons"),
    [([-1, 0, 2], [1, -1, 2]), ([-1, -1, -1], [-1, -1, -1]), ([2, 1, 0], [2, 1, 0])],
)
def test_an_entry_of_none_names_nobody(entry, persons):
    held = Adversary.holds_register(pd.DataFrame({"address": [0, 1, 2]}))
    assert homes(entry=entry).entries(held).tolist() == persons
    with pytest.raises(ParameterError, match="entries of the register"):
        homes(entry=[0, 1, 3]).entries(held)


def test_a_dot_of_no_household_marks_none():
    sources = pd.DataFrame({"marked_household": [2, -1, 0]})
    release = SimpleNamespace(opened=lambda who: sources)
    assert _marked(release, 4).tolist() == [True, False, True, False]


@pytest.mark.parametrize(("probability", "likely"), [(0.49, 0), (0.5, 1), (0.51, 1)])
def test_a_household_is_likely_from_a_half_on(probability, likely):
    rows = Rows(2, "dots")
    _add_given(rows, np.array([probability, 0.0]), np.array([True, False]), np.array([0, 1]), 1,
               np.random.default_rng(1))  # fmt: skip
    assert next(row.value for row in rows if row.measure == "likely") == likely


@pytest.mark.parametrize(("age", "minors"), [(17, 2), (18, 1), (19, 1)])
def test_a_minor_of_the_household_is_under_eighteen(world, release, truth, guesses, age, minors):
    """Person 2 lives with 0, and 12, of eleven, with 10; both are found."""
    ages = world.people["age"].where(world.people.index != 2, age)
    town = replace(world, people=world.people.assign(age=ages))
    table = harms(guesses, truth, release, town, adversary=BLIND)
    assert table.value("minors_by_address") == minors


def test_who_is_not_guessed_is_no_neighbour_and_claimed_by_nobody(world, release, truth, guesses):
    """The dot of 4 has no guess: of 4 and 6, who are sought elsewhere, 6 is left."""
    some = replace(guesses, address=np.array([0, -1, 4, 1, 2]))
    table = harms(some, truth, release, world, adversary=BLIND)
    assert table.value("other_address") == 1 / 5
    assert table.value("claimed_vulnerability") == pytest.approx(4 / 5)
    # Of each percentile one row.
    of_address = {r.part["percentile"] for r in table.rows if r.measure == "address_probability"}
    assert of_address == {50, 90, 99}
    assert {r.part["percentile"] for r in table.rows if r.measure == "error"} == {50, 90}


@pytest.mark.parametrize(
    ("residents", "other"),
    # 4 is sought at address 3, and 6 at address 4: nobody is suspected where nobody lives.
    [([6, 4, 3, 0, 4], 1), ([6, 4, 3, 1, 4], 2), ([6, 4, 3, 2, 0], 1), ([0, 0, 0, 1, 1], 2)],
)
def test_suspicion_needs_one_resident(world, release, truth, guesses, residents, other):
    base = type(truth.addresses)(truth.addresses.frame.assign(residents=residents), real=False)
    there = replace(truth, addresses=base)
    table = harms(guesses, there, release, world, adversary=BLIND)
    assert table.value("other_address") == other / 5


@pytest.mark.parametrize(
    ("leaning", "right", "wrong"), [("right", 1, 0), ("left", 0, 1), ("", 0, 1)]
)
def test_a_control_at_the_guessed_door_has_the_label_or_another(
    world, release, truth, guesses, leaning, right, wrong
):
    """Of the controls, 13 alone lives where the dot of 4 is: the label is right."""
    beside = replace(
        truth,
        control_person=np.array([7, 13, 1, 11, 16]),
        control_home=np.array([1, 3, 0, 2, 4]),
        control_households=np.ones(5),
        control_leaning=np.array(["left", leaning, "right", "right", "right"]),
    )
    table = harms(guesses, beside, release, world, adversary=BLIND)
    assert table.row("address_and_label_right").control == right / 5
    assert table.row("address_and_label_wrong").control == wrong / 5


def test_the_first_person_of_all_may_be_named(world, release, truth, guesses):
    """Entry 0 names person 0, entry 1 nobody of the town."""
    held = Adversary.holds_register(pd.DataFrame({"address": [0, 1]}))
    named = replace(guesses, person=np.array([0, 0, 1, -1, 0]))
    beside = replace(truth, control_person=np.array([1, 3, 0, -1, 0]))
    table = harms(named, beside, release, world, adversary=held, entries=np.array([0, -1]))
    value = told(table, "value")
    # Named are 0 (right), 0 for 4 and for 10, and nobody for 6 and 9.
    assert (value["named_right"], value["named_wrong"], value["named_nobody"]) == (0.2, 0.4, 0.4)
    # Of the controls of four people, that of 10 is named; 9 has none.
    assert table.row("named_right").control == 1 / 4
    with pytest.raises(ParameterError, match="entries"):
        harms(named, beside, release, world, adversary=held)


def test_a_side_is_weak_under_a_fifth_unless_it_is_said(campaign):
    row = dissent_exposure(campaign).row("dissent_dots")
    assert row.part["under"] == 0.2
    for share, weak in ((0.19, True), (0.2, False), (0.21, False)):
        stations = campaign.world.stations.assign(right=share)
        few = replace(campaign, world=replace(campaign.world, stations=stations))
        assert dissent_exposure(few).value("dissent_dots") == float(weak)
