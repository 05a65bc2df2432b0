"""How many people are expected in both tables, and how many matches are believed; by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from privaudit.linkage import link_tables
from privaudit.linkage.fellegi_sunter import RecordModel
from privaudit.linkage.join_tables import _beside_name, _births_unread
from privaudit.linkage.link_tables import _add_quality, _expected, _may_be_chance, recalibrated
from privaudit.results.rows import Rows


@pytest.mark.parametrize(
    ("matches", "wrong", "chance"),
    [
        # Poisson, at 95 %: of 4 wrong ones 4 + 1.96 x 2 = 7.92 may be, half of 15.84.
        (15, 4.0, True), (16, 4.0, False), (0, 0.0, False), (5, 0.0, False),
        # Where there is no match, none is doubtful.
        (0, 0.5, False),
        # Of one, 2.96: half of 5.92.
        (5, 1.0, True), (6, 1.0, False),
    ],
)  # fmt: skip
def test_chance_may_make_half_of_the_matches(matches, wrong, chance):
    assert _may_be_chance(matches, wrong) is chance


def ends(probability, most=None, inflation=1.0):
    return _expected(np.array(probability), most, inflation)


def test_the_expected_number_is_the_sum_of_the_probabilities_with_odds_three_times_off():
    """Four pairs of .5: odds 1 are a third or three, .25 or .75; the spread is 1.96 x 1."""
    total, low, high = ends([0.5] * 4)
    assert total == 2.0
    # 1 - 1.96 is below nought.
    assert low == 0.0
    unseen = 0.03 / 0.97 * 3
    assert high == pytest.approx(3 + unseen + math.hypot(1.96, 1.96 * math.sqrt(unseen)))
    # People of the smaller table are no fewer than those who are in both.
    assert ends([0.5] * 4, most=3)[2] == 3
    assert ends([0.5] * 4, most=99)[2] == high
    # A hundred: 25 - 1.96 x 5, and with four times the variance 25 - 1.96 x 10.
    assert ends([0.5] * 100)[1] == pytest.approx(25 - 9.8)
    assert ends([0.5] * 100, inflation=4.0)[1] == pytest.approx(25 - 19.6)
    assert ends([])[:2] == (0.0, 0.0)


def quality(likely, expected, wrong, people=50):
    rows = Rows(people, "records")
    _add_quality(rows, np.array(likely), expected, wrong, (), {}, people)
    return {row.measure: row for row in rows}


def test_what_chance_leaves_of_the_matches_is_believed_at_most():
    """Twenty matches of .9, of which chance makes 1: 18 are right by the model, 19 are left."""
    made = quality([0.9] * 20, (25.0, 15.0, 30.0), 1.0)
    right = made["match_precision"]
    assert right.value == pytest.approx(18 / 20)
    # Odds 9 are 3 or 27: .75 of 20 is 15, less 1.96 x sqrt(1.8); left 19 - 1.96 is more.
    assert right.low == pytest.approx((15 - 1.96 * math.sqrt(1.8)) / 20)
    assert right.high == pytest.approx(1.0)
    found = made["match_recall"]
    assert found.value == pytest.approx(18 / 25)
    assert (found.low, found.high) == pytest.approx(((15 - 1.96 * math.sqrt(1.8)) / 30, 1.0))
    assert made["expected_matches"].low == 15.0
    # Of five 9.38 may be, half of 18.77: of 18 matches nothing is believed.
    made = quality([0.99] * 18, (25.0, 15.0, 30.0), 5.0)
    assert [*made] == ["expected_matches"]
    assert math.isnan(made["expected_matches"].value)
    # Of forty 35 are left, less 1.96 x sqrt(5) at worst.
    made = quality([0.99] * 40, (45.0, 38.0, 50.0), 5.0)
    assert made["match_precision"].value == pytest.approx(35 / 40)
    assert made["match_precision"].low == pytest.approx((35 - 1.96 * math.sqrt(5)) / 40)
    assert made["expected_matches"].low == pytest.approx(35 - 1.96 * math.sqrt(5))
    # Where chance makes none, the model alone is asked.
    assert quality([0.99] * 40, (45.0, 38.0, 50.0), 0.0)["expected_matches"].low == 38.0
    assert [*quality([], (0.4, 0.0, 3.0), 0.0)] == ["expected_matches"]


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [("x", "y", ["x", "y"]), ("x", "x", ["a", "b"]), ("", "y", ["a", "b"]), ("x", "", ["a", "b"])],
)
def test_tables_are_named_unless_their_names_are_one(first, second, names):
    tables = [SimpleNamespace(name=name) for name in (first, second)]
    assert link_tables._names(tables) == names


@pytest.mark.parametrize(
    ("field", "kind"), [("number 2", "number"), ("column Nom", "column"), ("birth", "birth")]
)
def test_a_header_is_not_shown(field, kind):
    assert link_tables._kind(field) == kind


def test_judged_pairs_are_certain_and_pairs_that_were_never_listed_stay():
    probability = np.array([0.9, 0.5, 0.01, 0.0099])
    moved = recalibrated(probability, np.array([0, 1]), np.array([True, False]))
    assert moved[:2].tolist() == [1.0, 0.0]
    # From a hundredth on a pair was listed, and may be moved.
    assert moved[3] == 0.0099
    assert moved[2] != 0.01
    # As one judges who was right throughout, likelier pairs stay likelier.
    sure = recalibrated(np.array([0.9, 0.8, 0.2]), np.array([0]), np.array([True]))
    assert sure[1] > sure[2]


def people(name, born, lives, records=("age",)):
    """People with a birth and an address, each in full and in short."""
    return SimpleNamespace(name=name, born=(born, born), lives=(lives, lives), records=records,
                           n=len(born))  # fmt: skip


def test_matches_by_name_are_compared_in_birth_and_address_where_both_are_known():
    mine = people("a", ["1980", "1981", "", "1983"], ["x", "", "", ""])
    theirs = people("b", ["1980", "1999", "1982", ""], ["y", "", "z", "w"])
    matches = SimpleNamespace(one=np.array([0, 1, 2, 3]))
    births, addresses = _beside_name(mine, theirs, matches)
    assert (births.key, dict(births.items)) == ("births_agree", {"same": 1, "of": 2})
    assert (addresses.key, dict(addresses.items)) == ("addresses_agree", {"same": 0, "of": 1})
    # Of whom nobody is matched nothing is compared; nor where one side is never known.
    assert _beside_name(mine, theirs, SimpleNamespace(one=np.full(4, -1))) == []
    first = SimpleNamespace(one=np.array([-1, -1, -1, 0]))
    (only,) = _beside_name(mine, theirs, first)
    assert dict(only.items) == {"same": 0, "of": 1}


def test_births_that_are_not_read_are_counted_where_both_tables_have_an_age():
    mine, theirs = people("a", ["1980", "", ""], [""] * 3), people("b", ["1980"], [""])
    (note,) = _births_unread(mine, theirs)
    assert dict(note.items) == {"file": "a", "records": 2, "of": 3}
    assert _births_unread(mine, people("b", ["1980"], [""], records=("nom",))) == []


@pytest.mark.parametrize(("n", "m", "matched"), [(4, 10, 2.0), (10, 4, 2.0), (5, 5, 2.5)])
def test_half_of_the_smaller_table_is_looked_for_before_anything_is_known(n, m, matched):
    nothing = SimpleNamespace(n=n, m=m, fields={})
    assert RecordModel.of(nothing).matched == matched
    # Then the sum of the probabilities.
    assert RecordModel.of(nothing, np.array([0.5, 0.25])).matched == 0.75
