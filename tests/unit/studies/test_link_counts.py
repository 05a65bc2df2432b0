"""How many people are expected in both tables, and how many matches are believed; by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from privaudit.linkage import link_tables
from privaudit.linkage.candidate_pairs import RecordPairs
from privaudit.linkage.fellegi_sunter import RecordModel
from privaudit.linkage.field_comparisons import compared_fields
from privaudit.linkage.join_tables import _beside_name, _births_unread
from privaudit.linkage.link_tables import (
    _add_quality,
    _doubles,
    _expected,
    _may_be_chance,
    _people,
    _without_blanks,
    recalibrated,
)
from privaudit.linkage.person_index import Records
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


MODEL = RecordModel(0, {}, {}, {}, np.zeros(16))


def pairs_of(row, other, n, m, single=True):
    """Pairs of n and m records that are compared in nothing."""
    return RecordPairs(np.array(row), np.array(other), n, m, (single, single), {}, {}, float(n * m))


def ends(probability, most=500, inflation=1.0, **more):
    one = np.arange(len(probability))
    pairs = pairs_of(one, one, most, 500)
    return _expected(pairs, np.array(probability), MODEL._replace(inflation=inflation), **more)


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
    # Where three in ten may have another contact, for 3 who are seen there are 9 / 7 who are not.
    moved = 0.3 / 0.7 * 3
    wide = ends([0.5] * 4, hidden=0.3)[2]
    assert wide == pytest.approx(3 + moved + math.hypot(1.96, 1.96 * math.sqrt(moved)))


def test_records_with_blanks_are_in_both_tables_as_often_as_others():
    """Of two pairs one has no blank, and such pairs are a quarter of all: four, not two."""
    known = np.array([True, False])
    low, high = ends([1.0, 1.0], whole=(known, 0.25))[1:]
    unseen = 0.03 / 0.97 * 4
    assert high == pytest.approx(4 + unseen + 1.96 * math.sqrt(unseen))
    assert low == 2
    # Where the records without blanks say less, the others are believed.
    assert ends([1.0, 1.0], whole=(known, 0.9))[2] == ends([1.0, 1.0])[2]
    assert ends([1.0, 1.0], whole=(known & False, 0.0))[2] == ends([1.0, 1.0])[2]


def test_fields_that_may_hide_a_match_are_asked_unless_half_of_a_table_leaves_them_blank():
    mine = pd.DataFrame(
        {"nom": ["Roy", "", "Le Goff", "Petit"], "prenom": ["Zoé", "Éric", "Anne", ""]}
    )
    theirs = mine.assign(nom="Roy", prenom=["Zoé", "", "", ""])
    fields = compared_fields(*(Records.of(one) for one in (mine, theirs)), [])
    whole, share = _without_blanks(fields, pairs_of([0, 1, 2, 3], [0, 0, 1, 2], 4, 4))
    assert whole.tolist() == [True, False, True, True]
    assert share == 3 / 4


@pytest.mark.parametrize(("more", "left"), [(False, [True, False]), (True, [True, True])])
def test_the_only_contact_is_asked_however_many_leave_it_blank(more, left):
    """Three of eight show an address; where another contact finds them, it is not asked."""
    mine = pd.DataFrame({"email": [*(f"{i}@exemple.fr" for i in "abc"), *[""] * 5]})
    if more:
        mine["telephone"] = [f"061234567{i}" for i in range(8)]
    fields = compared_fields(*[Records.of(mine)] * 2, [])
    whole, share = _without_blanks(fields, pairs_of([0, 7], [0, 7], 8, 8))
    assert (whole.tolist(), share) == (left, 1.0 if more else (3 / 8) ** 2)


@pytest.mark.parametrize(
    ("row", "other", "fewest", "most"),
    [
        # One person twice in one table, and twice in both: or two people taken for one another.
        ([0, 1], [0, 0], 1, 1), ([0, 0, 1, 1], [0, 1, 0, 1], 1, 2),
        # Two people; and one of a chain of three records.
        ([0, 1], [0, 1], 2, 2), ([0, 0], [0, 1], 1, 1),
        # One person twice in both, of whom two records differ too much to match.
        ([0, 0, 1], [0, 1, 1], 1, 2),
    ],
)  # fmt: skip
def test_people_of_matches_where_a_table_has_somebody_twice(row, other, fewest, most):
    pairs = pairs_of(row, other, 2, 2, single=False)
    assert _people(pairs, np.ones(len(row))) == (fewest, most)
    # A match that is as likely as not is half a person.
    assert _people(pairs_of([0], [1], 2, 2, single=False), np.array([0.5])) == (0.5, 0.5)
    # Where each table has everybody once, each match is a person.
    assert _people(pairs_of(row, other, 2, 2), np.ones(len(row))) == (len(row), len(row))


def named(births):
    return pd.DataFrame({"nom": "Roy", "prenom": [*"AABBCCDD"], "date_naissance": births,
                         "adresse": [f"{i // 2} rue du Lac" for i in range(8)]})  # fmt: skip


@pytest.mark.parametrize(("gap", "doubles"), [(0, True), (27, False)])
def test_a_father_and_a_son_of_one_name_and_address_are_no_doubles(gap, doubles):
    """Four homes of two records of one name: of one birth, or born 27 years apart."""
    births = [f"{1950 + i // 2 + gap * (i % 2)}-03-0{1 + i // 2}" for i in range(8)]
    fields = compared_fields(*[Records.of(named(births))] * 2, [])
    assert _doubles(fields, "mine") is doubles


def quality(likely, expected, wrong, people=50):
    rows = Rows(people, "records")
    _add_quality(rows, np.array(likely), expected, wrong, (), {}, people)
    return {row.measure: row for row in rows}


def test_what_chance_leaves_of_the_matches_is_believed_at_most():
    """Twenty matches of .9, of which chance makes 1: 18 are right by the model, 19 are left."""
    made = quality([0.9] * 20, (25.0, 15.0, 30.0), 1.0)
    right = made["match_precision"]
    assert right.value == pytest.approx(18 / 20)
    # Odds 9 are 3 or 27: one in four is wrong at worst, of twenty nine at most (97.5 %).
    assert right.low == pytest.approx((20 - binom.ppf(0.975, 20, 0.25)) / 20) == 11 / 20
    assert right.high == pytest.approx(1.0)
    found = made["match_recall"]
    assert found.value == pytest.approx(18 / 25)
    assert (found.low, found.high) == pytest.approx((11 / 30, 1.0))
    assert made["expected_matches"].low == 15.0
    # Of five 9.38 may be, half of 18.77: of 18 matches nothing is believed.
    made = quality([0.99] * 18, (25.0, 15.0, 30.0), 5.0)
    assert [*made] == ["expected_matches"]
    assert math.isnan(made["expected_matches"].value)
    # Of forty 35 are left; nine are wrong at worst.
    made = quality([0.99] * 40, (45.0, 38.0, 50.0), 5.0)
    assert made["match_precision"].value == pytest.approx(35 / 40)
    assert made["match_precision"].low == (40 - binom.ppf(0.975, 40, 5 / 40)) / 40 == 31 / 40
    assert made["expected_matches"].low == 31
    # Where chance makes none, the model alone is asked.
    assert quality([0.99] * 40, (45.0, 38.0, 50.0), 0.0)["expected_matches"].low == 38.0
    assert [*quality([], (0.4, 0.0, 3.0), 0.0)] == ["expected_matches"]
    # A sum of shares may be rounded to a little more than one.
    assert quality([1 + 1e-15] * 9, (9.0, 9.0, 9.0), 0.0)["match_precision"].high == 1.0
    # None of forty is wrong at most, but each may be: the interval holds what is believed.
    sure = quality([0.9999] * 40, (45.0, 38.0, 50.0), 0.0)["match_precision"]
    assert (sure.low, sure.value, sure.high) == (pytest.approx(0.9999), sure.low, 1.0)


def test_matches_of_half_as_many_people_find_half_as_many():
    """Forty matches, of which 4 are wrong by chance, 8 at most: 32 are left, of 16 people."""
    rows = Rows(50, "records")
    _add_quality(rows, np.full(40, 0.99), (45.0, 38.0, 50.0), 4.0, (), {}, 50, (0.5, 1.0))
    found = {row.measure: row for row in rows}["match_recall"]
    assert found.value == pytest.approx(36 / 45)
    assert found.low == (40 - binom.ppf(0.975, 40, 0.1)) / 2 / 50 == 16 / 50


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


def test_no_pair_is_taken_for_surer_than_a_thousandth():
    probability = np.array([0.9985, 0.999, 0.9995, 1.0])
    # Nobody judged, so nothing is moved.
    nobody = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    assert recalibrated(probability, *nobody) == pytest.approx([0.9985, 0.999, 0.999, 0.999])


@pytest.mark.parametrize(("doubles", "has"), [(9, False), (10, False), (11, True)])
def test_a_table_has_doubles_beyond_one_record_in_a_hundred(doubles, has):
    names = ["Leroy"] * doubles + [f"Le{a}{b}oy" for a in "abcdefghij" for b in "klmnopqrst"] * 10
    days = pd.date_range("1950-01-01", periods=1_000).strftime("%Y-%m-%d")
    born = ["2001-03-04"] * doubles + [*days]
    cells = {"nom": names[:1_000], "prenom": "Zoe", "date_naissance": born[:1_000]}
    table = Records.of(pd.DataFrame(cells))
    assert _doubles(compared_fields(table, table, []), "mine") == has


@pytest.mark.parametrize(("probability", "fewest"), [(0.24, 1.2), (0.25, 0.6), (0.26, 0.6)])
def test_records_are_joined_where_odds_three_times_as_high_make_a_match(probability, fewest):
    """Of odds 1 / 3, three times as high 1: a half. Between two people it makes them one."""
    pairs = pairs_of([0, 0, 1], [0, 1, 1], 2, 2, single=False)
    assert _people(pairs, np.array([0.6, probability, 0.6]))[0] == pytest.approx(fewest)


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
