"""Risks beside a population, a rate or weights, counted by hand; thresholds at their edges."""

import math

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.tables.missing_keys import blended
from privaudit.tables.population.sample_ranges import matched_share

ROLES = pa.Roles(key=["k"])
FILE = pd.DataFrame({"k": [*"aabbbcccc"]})
BLANK = pd.DataFrame({"k": [*"aabbbcccc", None]})
CROWD = pd.DataFrame({"k": [*"aaabbbbbccccccccc"]})


def test_from_a_population_there_is_nothing_to_approximate():
    row = pa.measure(FILE, ROLES, population=CROWD).row("individual_risk_approximate")
    # Two of three, three of five, four of nine.
    assert row.value == pytest.approx((2 / 3 + 3 / 5 + 4 / 9) / 9)
    assert [note.key for note in row.notes] == ["nothing_to_approximate"]


def test_a_blank_gives_a_mean_risk_the_range_of_what_it_may_be():
    row = pa.measure(BLANK, ROLES, population=CROWD).row("individual_risk")
    told = 2 / 3 + 3 / 5 + 4 / 9
    # It may be one of the nine, or one of the three.
    assert row.low == pytest.approx((told + 1 / 9) / 10)
    assert row.high == pytest.approx((told + 1 / 3) / 10)
    assert row.low <= row.value <= row.high


def test_what_blanks_hide_of_a_population_is_no_interval():
    """Where nothing is blank, what a list counts is exact; with a blank it has a range."""
    for table, ranged in ((FILE, False), (BLANK, True)):
        found = pa.measure(table, ROLES, population=CROWD)
        for name in ("tau2", "individual_risk"):
            row = found.row(name)
            assert row.worst_case == (row.low < row.high) == ranged, name
    # Every record lacks a key: nothing is estimated, and all 400 people or none may be alone.
    halves = pd.DataFrame({"k": [*"abcd" * 5] + [None] * 20, "l": [None] * 20 + [*"abcd" * 5]})
    unread = pa.measure(halves, pa.Roles(key=["k", "l"]), sampling_fraction=0.1)
    row = unread.row("population_uniques_pitman")
    assert (row.low, row.high, row.worst_case) == (0, 400, True)


@pytest.mark.parametrize(
    ("threshold", "low", "high"),
    [
        # Fewer than three share a key: none where the blank is a third a; the two and itself.
        (0.34, 0.0, 0.3),
        # Fewer than five: all but five c; all, where it is anything else.
        (0.2, 0.5, 1.0),
        # Fewer than two: none, or the blank.
        (0.6, 0.0, 0.1),
    ],
)
def test_a_blank_gives_a_share_at_risk_its_range_at_the_threshold(threshold, low, high):
    row = pa.measure(BLANK, ROLES, threshold=threshold).row("share_at_risk")
    assert (row.low, row.high) == (low, high)


def sampled():
    """Everybody's keys, half of them in the file, and F of each record of it."""
    rng = np.random.default_rng(5)
    keys = {f"k{m}": rng.choice(m, 6_000, p=rng.dirichlet(np.full(m, 0.7))) for m in (2, 8, 20, 6)}
    everybody = pd.DataFrame(keys)
    file = everybody[rng.random(6_000) < 0.5]
    size = everybody.groupby(list(keys)).size().rename("F").reset_index()
    return file, file.merge(size, how="left", validate="m:1")["F"].to_numpy()


def test_a_risk_above_a_threshold_is_one_of_few_people():
    file, people = sampled()
    of = {}
    for threshold in (0.4, 0.5, 0.6, 1):
        found = pa.measure(file, pa.Roles(key=list(file)), sampling_fraction=0.5, special=2,
                           threshold=threshold)  # fmt: skip
        row = of[threshold] = found.row("share_at_risk")
        assert row.low <= (1 / people > threshold).mean() <= row.high
    # Above a half, or .6, is 1 / F of those alone; above .4 of two as well; above 1 of nobody.
    assert (of[0.5].value, of[0.5].low, of[0.5].high) == (of[0.6].value, of[0.6].low, of[0.6].high)
    assert of[0.5].high < of[0.4].high < 0.25
    assert (of[1].value, of[1].high) == (0, 0)
    # Nothing is no negative number.
    assert math.copysign(1, of[1].high) == 1


def test_half_of_a_town_where_nobody_shares_a_key_says_that_nearly_nobody_does():
    # Were a fifth of 4,000 people in pairs, 100 pairs would show: none with a chance of e**-100.
    file = pd.DataFrame({"k": range(2_000)})
    row = pa.measure(file, ROLES, sampling_fraction=0.5, threshold=0.5).row("share_at_risk")
    assert 0.8 < row.low <= row.high == 1


def test_under_unequal_weights_a_mean_risk_has_the_floor_of_cauchy():
    file = pd.DataFrame({"k": [*"aabc"], "w": [1.0, 3, 6, 2]})
    found = pa.measure(file, pa.Roles(key=["k"], weight="w"))
    row, near = found.row("marketer_risk"), found.row("individual_risk_approximate")
    # Three classes of four records, of twelve people.
    assert row.low == pytest.approx(3**2 / (12 * 4))
    # Benedetti and Franconi by hand: f = 2 of F = 4, f = 1 of 6 and of 2.
    two, six, half = 1 + math.log(0.5), 0.2 * math.log(6), math.log(2)
    assert near.value == pytest.approx((2 * two + six + half) / 4)
    assert (near.reliable, near.unprinted) == (False, ("value",))
    # Four records tell no more than that a risk is at most 1 / f.
    assert (row.value, row.high, row.bound, row.reliable) == (0.75, 0.75, "upper", True)


def test_a_blank_gives_each_end_of_presence_its_range():
    # Two of three, three of five, four of nine; the blank makes it three of three, or five of nine.
    found = pa.measure(BLANK, ROLES, population=CROWD)
    high, low = found.row("delta_presence"), found.row("delta_presence_low")
    assert (high.low, high.high) == (pytest.approx(2 / 3), 1)
    assert (low.low, low.high) == (pytest.approx(4 / 9), pytest.approx(5 / 9))


def test_a_person_with_a_blank_may_be_a_class_alone_or_of_any_other():
    crowd = pd.concat([CROWD, pd.DataFrame({"k": [None]})], ignore_index=True)
    found = pa.measure(FILE, ROLES, population=crowd)
    high, low = found.row("delta_presence"), found.row("delta_presence_low")
    # Of a class of their own nobody is in the file. One more a, b or c, or a d.
    ways = [(4, 5, 9), (3, 6, 9), (3, 5, 10), (3, 5, 9)]
    shares = [[n / of for n, of in zip((2, 3, 4), way, strict=True)] for way in ways]
    assert low.low == 0
    assert low.high >= max(map(min, shares))
    assert high.low <= min(map(max, shares)) < max(map(max, shares)) <= high.high


def test_people_behind_a_class_with_blanks_are_as_many_as_the_rate_says():
    # 40 of each, so that the means are told: F is f over the rate, and 1 / f the risk in the file.
    file = pd.concat([BLANK] * 40, ignore_index=True)
    found = pa.measure(file, ROLES, sampling_fraction=0.5, special=1).per_record
    people = found["population_size"] * found["prosecutor_risk"]
    assert people.to_numpy() == pytest.approx(np.full(400, 1 / 0.5))
    # Forty blanks are of no more than all three: of a, two in nine are expected.
    assert found["class_size"].iloc[0] == pytest.approx(80 * (1 + 40 / 360))


@pytest.mark.parametrize(("weight", "raised"), [(1.0, 0), (0.5, 2), (2.0, 0)])
def test_people_fewer_than_records_are_raised_and_noted(weight, raised):
    weights = np.where(FILE["k"] == "a", weight, 2.0)
    row = pa.measure(FILE.assign(w=weights), pa.Roles(key=["k"], weight="w")).row("k_map")
    said = {note.key: note.values for note in row.notes}
    assert said.get("people_raised", {}).get("records", 0) == raised


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_weights_scaled_to_a_mean_of_one_or_less_make_no_census(spread):
    rng = np.random.default_rng(8801)
    file = pd.DataFrame({"age": rng.integers(18, 90, 900), "dep": rng.integers(0, 12, 900)})
    weight = np.exp(rng.normal(0, spread, 900)) * (1 if spread else 0.5)
    keys = pa.Roles(key=["age", "dep"], weight="w")
    with pytest.raises(pa.errors.SchemaError, match="add up to the people of the population"):
        pa.measure(file.assign(w=weight / max(weight.mean(), 1)), keys)
    # Some below one, as calibration makes them, where the sum is of more people.
    few = np.where(np.arange(900) < 9, 0.9, 12.0)
    found = pa.measure(file.assign(w=few), keys)
    share = found.row("population_unique_share")
    uniques = found.value("population_uniques_dankar")
    assert share.value == pytest.approx(min(uniques / few.sum(), 1))
    assert 0 <= share.low <= share.high <= 1


def test_where_nobody_complete_shares_what_is_known_whoever_is_published_alike_does():
    keys = pa.Roles(key=["k", "m"])
    file = pd.DataFrame({"k": ["x", "y"], "m": [None, "1"]})
    crowd = pd.DataFrame({"k": [*"xxxyy"], "m": [None, None, None, "1", "1"]})
    row = pa.measure(file, keys, population=crowd).row("individual_risk")
    assert row.value == pytest.approx((1 / 3 + 1 / 2) / 2)
    # Each of the three may have another m, or that of the record.
    assert (row.low, row.high) == (pytest.approx((1 / 3 + 1 / 2) / 2), pytest.approx(0.75))


def test_records_of_a_key_that_a_population_lists_too_rarely_are_counted():
    crowd = pd.DataFrame({"k": [*"abbbbbccccccccc"]})
    row = pa.measure(FILE, ROLES, population=crowd).row("k_map")
    said = {note.key: note.values for note in row.notes}
    assert said["population_too_small"] == {"records": 2, "absent": 0}


def test_a_file_of_everybody_leaves_a_mean_risk_no_room():
    # Three classes of six people, all of them in the file.
    found = matched_share(0.5, np.array([1, 2, 3]), 6, 1.0, 1.0)
    assert (found.low, found.high) == (pytest.approx(0.5, abs=1e-8), pytest.approx(0.5, abs=1e-8))


def test_where_nobody_of_a_population_is_complete_blanks_may_still_be_anything():
    """The risks were told to the digit, as if a blank were a value of its own."""
    keys = pa.Roles(key=["k", "m"])
    file = pd.DataFrame({"k": ["x", None], "m": [None, "1"]})
    crowd = pd.DataFrame({"k": ["x", "x", "x", None, None], "m": [None, None, None, "1", "1"]})
    found = pa.measure(file, keys, population=crowd)
    # All five may be (x, 1), or each by themselves.
    for word, ends in (("individual_risk", (1 / 5, 1)), ("k_map", (1, 5))):
        assert (found.row(word).low, found.row(word).high) == ends
    assert (found.row("delta_presence").low, found.row("delta_presence_low").high) == (0, 1)


def test_who_is_alone_by_each_way_to_read_a_blank():
    found = pa.measure(BLANK.assign(m=1), pa.Roles(key=["k", "m"]))
    alone = {row.part["missing"]: (row.value, row.n) for row in found.rows
             if row.measure == "uniques_by_reading"}  # fmt: skip
    assert (alone["value"], alone["exclude"], alone["wildcard"]) == ((1, 10), (0, 9), (0, 10))


def test_alpha_counts_so_much_of_what_agrees_by_a_blank():
    # Two alike and four more by a blank, of which half counts; three alike and no blank.
    assert blended(0.5, np.array([2.0, 3.0]), np.array([6.0, 3.0])).tolist() == [4, 3]


@pytest.mark.parametrize(("alpha", "count"), [(0, 1), (0.5, 2), (1, 3)])
def test_one_alike_and_two_by_a_blank_are_one_to_three(alpha, count):
    assert blended(alpha, np.array([1]), np.array([3])).tolist() == [count]


def test_the_chance_that_somebody_is_alone_is_told_in_thousandths():
    file = pd.DataFrame({"k": [*(f"x{i}" for i in range(20)), *["y"] * 100]})
    row = pa.measure(file, ROLES, sampling_fraction=0.3, special=1).row("journalist_risk_max")
    said = {note.key: note.values for note in row.notes}
    chance = said["rarest_not_known"]["chance"]
    assert 0 < chance < 0.975
    assert chance * 1_000 == pytest.approx(round(chance * 1_000), abs=1e-9)


def test_of_the_file_alone_a_risk_is_at_most_what_it_is_there():
    """Whoever shares a key outside the file makes it smaller; beside them all it is known."""
    for name in ("journalist_risk_max", "marketer_risk"):
        assert pa.measure(FILE, ROLES).row(name).bound == "upper"
        assert pa.measure(FILE, ROLES, population=CROWD).row(name).bound == ""


def test_of_a_listed_population_uniques_are_counted():
    crowd = pd.DataFrame({"k": [*"aaabbbbbccccccccc", "d"]})
    row = pa.measure(FILE, ROLES, population=crowd).row("population_unique_share")
    assert (row.value, row.n) == (1 / 18, 18)
    assert [note.key for note in row.notes] == ["counted_in_population"]


def test_matches_of_uniques_are_counted_whatever_blanks_hide():
    # Of a alone two people are listed; the blank is one of these, of three b, or the only c.
    file, crowd = pd.DataFrame({"k": ["a", "b", "b", None]}), pd.DataFrame({"k": [*"aabbbc"]})
    found = pa.measure(file, ROLES, population=crowd)
    row = found.row("tau2")
    assert row.low <= 1 / 2 <= row.value <= row.high
    assert row.high >= 1 / 2 + 1
    assert found.row("tau1").high >= 1
