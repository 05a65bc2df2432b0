"""Access tiers and the look-up by name, counted by hand on two streets."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.views.dot_map import LookUp, open_look_up
from privaudit.errors import ParameterError, SchemaError
from privaudit.maps.message_attacks import ask_for_everybody
from privaudit.maps.scoring.access import (
    SCENARIOS,
    TIERS,
    LeakProbabilities,
    access_exposure,
    at_least_one,
    exposed_by_accounts,
    leak_exposure,
    tier_exposure,
)
from privaudit.maps.scoring.household import marked_addresses
from privaudit.maps.scoring.message_exposure import look_up_exposure
from privaudit.release.release import API_COLUMNS, SCREEN_COLUMNS, LabelsChecked


def test_at_least_one_of_m_is_one_minus_none():
    assert at_least_one(0.5, [0, 1, 3]).tolist() == [0, 0.5, 0.875]
    assert at_least_one(1.0, [0, 2]).tolist() == [0, 1]
    assert at_least_one(1e-12, 3.0) == pytest.approx(3e-12, rel=1e-9)  # no digits lost
    assert exposed_by_accounts(0.5, [1.0, 0.0], [2]).tolist() == [[0.75, 0.0]]
    for q, m in ((1.1, 1), (np.nan, 1), (0.5, -1)):
        with pytest.raises(ParameterError):
            at_least_one(q, m)


def by_tier(found, measure, moment):
    return [found.value(measure, moment=moment, tier=tier) for tier in TIERS]


def test_each_tier_sees_what_its_accounts_see(campaign):
    # Dots 0 to 3 are there on 2 September; dots 0 and 3 are in S1, 1 and 2 in S2.
    found = tier_exposure(campaign)
    assert by_tier(found, "people", "before") == [0, 4, 4, 4, 4, 5]
    # A turf is S1 or S2, two people each. Of four phones the team's sees 4, S1's 2, others 0.
    assert by_tier(found, "people", "after") == [0, 0, 2, 4, 1.5, 5]
    row = found.row("copies_possible")
    assert (row.value, row.n, row.counts) == (4, 5, "accounts")
    row = found.row("people", moment="after", tier="turf")
    assert (row.n, row.counts, row.baseline) == (5, "people", 4)


def test_who_is_found_are_those_behind_right_addresses(campaign):
    # Right addresses: dots 0, 3 and, later, 4 (Éric). 4 and 6 stand behind wrong ones.
    found = tier_exposure(campaign)
    before, after = (by_tier(found, "addresses_found", m) for m in ("before", "after"))
    assert before[TIERS.index("any_account")] == 2 / 5
    assert before[TIERS.index("whole_file")] == 3 / 5
    assert after[TIERS.index("team")] == 2 / 5
    assert after[TIERS.index("turf")] == pytest.approx((2 + 0) / 2 / 5)
    assert after[TIERS.index("any_account")] == 0


def test_a_household_is_one_of_those_at_the_address(campaign):
    # Three households live at the address of dot 0, two at that of dot 3, one at Éric's.
    found = tier_exposure(campaign)
    leak = found.row("households_found", moment="before", tier="whole_file")
    assert leak.value == pytest.approx((1 / 3 + 1 / 2 + 1) / 5)
    assert leak.gain == "household"
    assert found.row("addresses_found", moment="before", tier="whole_file").gain == "address"
    curve = leak_exposure(campaign, [1], probability=1)
    told = curve.row("households_found", accounts=1, moment="before")
    assert (told.value, told.gain) == (pytest.approx((1 / 3 + 1 / 2) / 5), "household")


def test_expected_people_are_those_whom_no_holder_spares(campaign):
    odds = LeakProbabilities(
        public_account=0.5, volunteer_account=0.5, team_account=0.5, stolen_phone=0, file=0
    )
    found = tier_exposure(campaign, odds)
    # Before: one team account, two public ones, one volunteer, all see dots 0 and 3.
    assert found.value("expected_people_by_address", moment="before") == pytest.approx(
        2 * (1 - 0.5**4)
    )
    # After: the team and the volunteer of S1, where both dots are; accounts without a view: 0.
    after = found.row("expected_people_by_address", moment="after")
    assert after.value == pytest.approx(2 * (1 - 0.5**2))
    assert after.baseline == pytest.approx(2 * (1 - 0.5**4))
    by_household = found.value("expected_people_by_household", moment="after")
    assert by_household == pytest.approx((1 / 3 + 1 / 2) * (1 - 0.5**2))
    # P(leak) V(view): the team's half of two people, the turf's half of one on average.
    assert found.value("expected_findings_by_address", moment="after") == pytest.approx(
        0.5 * 2 + 0.5 * 1
    )
    row = found.row("leak_odds", moment="after", tier="any_account")
    assert (row.value, row.part["holders"], row.part["each"]) == (0, 0, 0.5)
    row = found.row("leak_odds", moment="before", tier="any_account")
    assert (row.value, row.part["holders"]) == (0.75, 2)


def test_the_curve_follows_the_formula(campaign):
    many = [0, 1, 10]
    curve = leak_exposure(campaign, many, probability=0.2)
    odds = [curve.value("any_leak", accounts=m) for m in many]
    assert odds == pytest.approx([0, 0.2, 1 - 0.8**10])
    before, after = (
        [5 * curve.value("addresses_found", accounts=m, moment=moment) for m in many]
        for moment in ("before", "after")
    )
    assert before == pytest.approx([0, 0.4, 2 * (1 - 0.8**10)])
    # Both right addresses are in S1: seen by two of the four accounts.
    assert after == pytest.approx([0, 0.2, 2 * (1 - 0.9**10)])
    row = curve.row("addresses_found", accounts=10, moment="after")
    assert (row.n, row.counts) == (5, "people")
    assert 5 * row.baseline == pytest.approx(before[2])


def test_chances_of_being_found_may_be_given(campaign):
    found = tier_exposure(campaign, found=np.full(5, 0.25))
    assert found.value("addresses_found", moment="before", tier="whole_file") == 0.25
    for wrong in (np.ones(4), np.full(5, 1.5), np.full(5, np.nan)):
        with pytest.raises(ParameterError, match="found"):
            tier_exposure(campaign, found=wrong)


def test_what_is_right_by_chance_is_taken_off(campaign):
    by_chance = {"address": np.full(5, 0.1), "household": np.full(5, 0.05)}
    found = tier_exposure(campaign, control=by_chance)
    row = found.row("addresses_found", moment="before", tier="whole_file")
    assert row.control == pytest.approx(0.1)
    assert row.residual == pytest.approx((3 / 5 - 0.1) / 0.9)
    # Before the restriction a public account sees four of the five.
    row = found.row("households_found", moment="before", tier="any_account")
    assert row.control == pytest.approx(0.05 * 4 / 5)
    assert np.isnan(tier_exposure(campaign).row("people", moment="before", tier="team").control)


@pytest.fixture
def asked(campaign):
    """The file with names: Jean Martin (person 0), Anna Petit (4), and so on."""
    names = pd.DataFrame(
        [
            ("Jean", "Martin", "Jean Martin"),
            ("Anna", "Petit", "Anna Petit"),
            ("Luc", "Roy", "Luc Roy"),
            ("Jean", "MARTIN", "JM"),
            ("Éric", "Meyer", "Éric Meyer"),
            ("", "", "Zoé Blanc"),
        ],
        columns=["first_name", "last_name", "display_name"],
    )
    rest = dict.fromkeys(set(API_COLUMNS) - set(SCREEN_COLUMNS) - {"display_name"}, "x")
    profiles = campaign.profiles.assign(**{**rest, **names})
    object.__setattr__(campaign, "profiles", profiles)
    return campaign


def names(*pairs):
    return pd.DataFrame(pairs, columns=["first_name", "last_name"])


def test_a_name_brings_back_every_record_that_bears_it(asked):
    tool = open_look_up(asked, LookUp(map_only=False)).as_leaked()
    found = tool.ask(names(("ERIC", "meyer"), ("Jean", "Martin"), ("Nobody", "Here"), ("", "Roy")))
    assert found["asked"].tolist() == [0, 1, 1]
    assert found["address"].tolist() == [2, 0, 1]
    # A profile without a matched name is found under the one that the account shows.
    assert tool.ask(names(("Zoé", "Blanc")))["address"].tolist() == [-1]
    with pytest.raises(SchemaError, match="last_name"):
        tool.ask(pd.DataFrame({"first_name": ["Jean"]}))


def test_the_interface_sends_more_than_the_screen_shows(asked):
    narrow, wide = open_look_up(asked), open_look_up(asked, LookUp(wide=True))
    one = names(("Luc", "Roy"))
    assert list(narrow.ask(one).columns) == ["asked", "record", *SCREEN_COLUMNS]
    assert set(wide.ask(one).columns) - set(narrow.ask(one).columns) == set(API_COLUMNS) - set(
        SCREEN_COLUMNS
    )
    assert len(narrow) == 5  # only those who have a dot


def test_who_asks_for_everybody_finds_by_hand_count(asked):
    tool = open_look_up(asked)
    # Asked: person 0 Jean Martin (two records), 4 Anna Petit, 10 Éric Meyer; person 13, who
    # has no record, is a namesake of Anna Petit; person 15 has a name of their own.
    listed = names(
        ("Jean", "Martin"), ("Anna", "Petit"), ("Éric", "Meyer"), ("Anna", "Petit"), ("Max", "Un")
    )
    person = np.array([0, 4, 10, 13, 15])
    guesses, record = ask_for_everybody(
        tool.as_leaked(), listed, trust_in_label=0.8, rng=np.random.default_rng(0)
    )
    assert guesses.confidence.tolist() == [0.5, 1, 1, 1, 0]
    assert guesses.opinion_confidence.tolist() == [0.4, 0.8, 0.8, 0.8, 0]
    assert guesses.person.tolist() == [0, 1, 2, 3, -1]
    own = int(record[0] == 0)  # which of the two Jean Martins was drawn
    found = look_up_exposure(guesses, record, tool, asked.world, person)
    table = found.overall
    value, n = table["value"], table["n"]
    assert value["on_the_list"] == 3 / 5
    assert value["reidentified"] == (2 + own) / 5
    # Anna Petit (4) is marked at the wrong door; Éric and Jean Martin at their own.
    assert value["address_found"] == (1 + own) / 5
    # Three households live at Jean Martin's address, one at Éric's.
    assert value["household_found"] == pytest.approx((1 + own / 3) / 5)
    assert found.row("address_found").gain == "address"
    assert found.row("household_found").gain == "household"
    # Of 13 and 15, who have no record, 13 lives where Anna Petit is marked and leans right.
    assert found.row("address_found").control == 1 / 2
    assert found.row("opinion_right").control == 1 / 2
    assert found.row("opinion_wrong").control == found.row("reidentified").control == 0
    assert value["opinion_right"] == (1 + own) / 5  # Anna Petit leans left
    assert value["opinion_wrong"] == 1 / 5
    assert value["false_matches"] == pytest.approx((2 - own) / 4)
    assert value["taken_for_another"] == 1 / 2
    # Person 13 leans right, as the namesake's record presumes of them.
    assert value["accused_wrongly"] == 0
    assert n["reidentified"] == 5
    assert n["false_matches"] == 4
    assert n["taken_for_another"] == 2
    counts = table["counts"]
    assert counts["false_matches"] == counts["names_answered"] == "names"
    assert counts["columns_sent"] == "columns"
    assert (
        counts.drop(["false_matches", "names_asked", "names_answered"]).iloc[:6] == "people"
    ).all()
    assert value["columns_beyond_screen"] == 0
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()


def test_a_label_is_trusted_as_far_as_those_who_declared_themselves_say(asked):
    """A constant, .63, was claimed of every campaign's answers, whatever it knew of its labels."""
    tool, listed = open_look_up(asked).as_leaked(), names(("Anna", "Petit"))
    claims = []
    for right in (300, 900):
        told = replace(tool, labels_checked=LabelsChecked(right, 1_000, right, 4_000))
        guesses, _ = ask_for_everybody(told, listed, rng=np.random.default_rng(0))
        claims.append(float(guesses.opinion_confidence[0]))
        assert guesses.notes[-1].key == "labels_trusted_as_learnt"
    # So many cases outweigh what is assumed beforehand.
    assert claims == pytest.approx([0.3, 0.9], abs=0.02)


def test_an_attack_is_refused_the_sealed_sources(asked):
    tool = open_look_up(asked)
    rng = np.random.default_rng(0)
    with pytest.raises(ParameterError, match="as_leaked"):
        ask_for_everybody(tool, names(("Jean", "Martin")), rng=rng)
    leaked = tool.as_leaked()
    guesses, record = ask_for_everybody(leaked, names(("Jean", "Martin")), rng=rng)
    with pytest.raises(ParameterError, match="sealed sources"):
        look_up_exposure(guesses, record, leaked, asked.world, [0])
    with pytest.raises(ParameterError, match="one of each"):
        look_up_exposure(guesses, record, tool, asked.world, [0, 1])


@pytest.mark.parametrize("first", [0, 3])
def test_the_first_record_and_the_first_person_of_all_count(asked, first):
    """Jean Martin is person 0; of the two records of that name, 0 is his and 3 is not."""
    tool = open_look_up(asked)
    listed = names(("Jean", "Martin"), ("Max", "Un"))
    for seed in range(40):
        guesses, record = ask_for_everybody(
            tool.as_leaked(), listed, rng=np.random.default_rng(seed)
        )
        if record[0] == first:
            break
    found = look_up_exposure(guesses, record, tool, asked.world, np.array([0, 15]))
    assert record.tolist() == [first, -1]
    assert found.value("names_answered") == 1
    assert found.value("on_the_list") == 1 / 5
    assert found.value("reidentified") == (first == 0) / 5
    assert found.value("false_matches") == (first != 0)
    assert found.value("taken_for_another") == 0
    # Whose person is not known is on no list.
    unknown = look_up_exposure(guesses, record, tool, asked.world, np.array([-1, 15]))
    assert unknown.value("on_the_list") == 0


@pytest.mark.parametrize(
    ("q", "m", "good"),
    [(0, 1, True), (1, 1, True), (-0.01, 1, False), (1.01, 1, False), (0.5, 0, True),
     (0.5, -0.5, False), (1, 0, True)],
)  # fmt: skip
def test_a_probability_lies_between_nought_and_one_and_accounts_from_nought(q, m, good):
    if good:
        assert at_least_one(q, m) == 1 - (1 - q) ** m
    else:
        with pytest.raises(ParameterError):
            at_least_one(q, m)


def test_the_scenario_of_a_leak():
    """One account in a hundred, one phone in fifty, one file in twenty; a range around each."""
    odds = LeakProbabilities()
    assert (odds.public_account, odds.volunteer_account, odds.team_account) == (1 / 100,) * 3
    assert (odds.stolen_phone, odds.file) == (1 / 50, 1 / 20)
    accounts = dict.fromkeys(("public_account", "volunteer_account", "team_account"), (1e-3, 0.05))
    assert accounts | {"stolen_phone": (0.005, 0.1), "file": (0.01, 0.3)} == SCENARIOS
    for field, (low, high) in SCENARIOS.items():
        assert low < getattr(odds, field) < high
        for wrong in (-0.01, 1.01):
            with pytest.raises(ParameterError):
                LeakProbabilities(**{field: wrong})
    assert LeakProbabilities(file=0).file == 0
    assert LeakProbabilities(file=1).file == 1


@pytest.mark.parametrize(
    ("found", "good"),
    [([0, 0, 1, 1, 0.5], True), ([0, 0, 1, 1, 1.01], False), ([0, 0, 1, 1, -0.01], False),
     ([0, 0, 1, 1], False)],
)  # fmt: skip
def test_a_chance_to_be_found_is_one_a_dot(campaign, found, good):
    if good:
        assert tier_exposure(campaign, found=np.array(found)).value(
            "addresses_found", moment="after", tier="whole_file"
        ) == pytest.approx(2.5 / 5)
    else:
        with pytest.raises(ParameterError, match="one chance a dot"):
            tier_exposure(campaign, found=np.array(found))


@pytest.mark.parametrize(
    ("registered", "before", "after"),
    [("2016-09-01T23:59:58", 5, 6), ("2016-09-01T23:59:59", 5, 6), ("2016-09-02", 4, 6),
     ("2016-09-02T00:00:01", 4, 5)],
)  # fmt: skip
def test_an_account_counts_from_its_own_second_on(campaign, registered, before, after):
    """Four accounts of before the restriction, one of 5 September, which is after both moments."""
    one = campaign.users.iloc[[0]].assign(user=5, registered_at=np.datetime64(registered, "s"))
    early = campaign.users.assign(registered_at=np.minimum(
        campaign.users["registered_at"].to_numpy(), np.datetime64("2016-09-02", "s")))  # fmt: skip
    with_one = replace(campaign, users=pd.concat([early, one], ignore_index=True))
    seen = access_exposure(with_one)
    assert seen.value("accounts", moment="before", role="all") == before
    assert seen.value("accounts", moment="after", role="all") == after
    tiers = tier_exposure(with_one)
    team = [
        tiers.row("leak_odds", moment=m, tier="team").part["holders"] for m in ("before", "after")
    ]
    assert team == [before - 3, after - 4]


def test_the_curve_has_the_numbers_of_accounts_of_its_default(campaign):
    many = [row.part["accounts"] for row in leak_exposure(campaign).rows if "accounts" in row.part
            and row.measure == "any_leak"]  # fmt: skip
    assert many == [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
    row = leak_exposure(campaign).row("any_leak", accounts=100)
    assert row.value == pytest.approx(1 - 0.99**100)
    nobody = replace(campaign, users=campaign.users.iloc[:0])
    with pytest.raises(ParameterError, match="somebody uses"):
        leak_exposure(nobody)


@pytest.mark.parametrize(("chance", "residual"), [(1.0, np.nan), (0.5, (3 / 5 - 0.5) / 0.5)])
def test_where_all_is_right_by_chance_nothing_is_left(campaign, chance, residual):
    by_chance = {"address": np.full(5, chance), "household": np.full(5, chance)}
    row = tier_exposure(campaign, control=by_chance).row(
        "addresses_found", moment="before", tier="whole_file"
    )
    assert row.residual == pytest.approx(residual, nan_ok=True)


def test_a_dot_of_no_household_has_no_members(campaign, monkeypatch):
    """Dots 0 and 3 mark households; of the others none is known."""
    doors = marked_addresses(campaign)
    assert (doors["household"] >= 0).sum() > 2
    some = doors.assign(household=doors["household"].where(doors.index.isin([0, 3]), -1))
    size = campaign.world.people["household"].value_counts()
    members = int(size[some["household"][some["household"] >= 0]].sum())
    monkeypatch.setattr("privaudit.maps.scoring.access.marked_addresses", lambda _: some)
    found = access_exposure(campaign)
    row = found.row("households_max", moment="before")
    assert (row.value, row.n) == (2, 2)
    row = found.row("members_max", moment="before")
    assert (row.value, row.n) == (members, members)


def test_a_phone_that_nobody_has_is_not_stolen(campaign):
    nobody = replace(campaign, users=campaign.users.iloc[:0])
    for users, holders in ((nobody, 0), (replace(campaign, users=campaign.users.iloc[:1]), 1)):
        row = tier_exposure(users).row("leak_odds", moment="before", tier="stolen_phone")
        assert row.part["holders"] == holders
