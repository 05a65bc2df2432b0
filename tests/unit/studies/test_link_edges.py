"""Two files laid over each other, at the edges of what counts as meeting: by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.geo.address_base import AddressBase
from privaudit.linkage.candidate_pairs import _both, _sharing, candidate_pairs
from privaudit.linkage.field_comparisons import (
    NUMBER,
    Field,
    _numbers_of_both,
    compared_fields,
    number_levels,
)
from privaudit.linkage.join_files import (
    _named,
    _snapped,
    _spelt,
    _standing_at,
    join_keys,
    shared_columns,
)
from privaudit.linkage.join_tables import (
    Comparison,
    TableMatches,
    _add_comparison,
    _alike,
    _by_numbers,
    _names_of,
    _paired,
    _refers,
    _same_name,
    _single,
    _surest,
    linked_tables,
    same_form,
    value_density,
)
from privaudit.linkage.name_parsing import split_whole
from privaudit.linkage.person_index import (
    PersonIndex,
    Records,
    _lives,
    _names,
    _persons,
    contacts,
    name_cells,
    split_names,
    written_names,
)
from privaudit.results.rows import Rows

DOORS = AddressBase(
    pd.DataFrame({"id": [*"abc"], "number": [*"123"], "street": "s", "commune": "c", "station": "",
                  "x": [0.0, 400, 800], "y": 0.0}), real=False)  # fmt: skip


def test_null_and_none_are_names_among_names():
    """A blank by its mark stays one; a surname as it is typed in a column of surnames is one."""
    assert name_cells(pd.Series(["Petit", "Null", "Roux"])) == ["Petit", "Null", "Roux"]
    assert name_cells(pd.Series(["Petit", "null", "Roux"])) == ["Petit", "", "Roux"]


def test_every_dot_may_be_dealt_the_name_of_another():
    names = [f"{given} zxq" for given in ("anne", "paul", "julie", "marc", "eric", "leo", "nina",
                                          "hugo", "emma", "louis", "remi", "jean")]  # fmt: skip
    dealt = split_names(names, names, np.arange(12))
    other = [dealt.permuted(np.random.default_rng(seed))[1] for seed in range(20)]
    assert np.any(other, axis=0).all()


def test_dots_that_one_record_fits_are_counted():
    # Two dots are of the first record alone; two records are of the third dot; the last is nobody.
    assert _named(np.array([0, 0, 1, -1]), np.array([0, 1, 1])) == 2


def test_a_dot_stands_on_a_door_up_to_five_metres_from_it():
    points = np.array([[3.0, 4.0], [403.0, 4.001], [799.0, 0.0], [np.nan, 0.0]])
    assert _snapped(points, DOORS).tolist() == [0, -1, 2, -1]


def test_one_dot_on_the_first_door_where_none_would_be_by_chance():
    points = np.array([[0.0, 0.0], *([5_000.0 + 300 * k, 9_000.0] for k in range(20))])
    on, (note,) = _standing_at(points, DOORS)
    assert on.tolist() == [0] + [-1] * 20
    assert (note.key, note.values) == ("dots_off_addresses", {"dots": 20, "of": 21})


def test_whoever_lives_at_the_first_address_of_all_is_joined_by_it():
    """One record and one dot, both at address 0 of the base."""
    table = pa.read_table(pd.DataFrame({"adresse": ["1 s c"], "parti": ["LR"]}))
    dots = pa.read_map(pd.DataFrame({"x": [0.0], "y": [0.0]}), addresses=DOORS)
    laid = join_keys(table, dots)
    assert laid.home.tolist() == [0]
    assert laid.door.tolist() == [0]
    assert "address" in laid.ways


def test_surnames_without_a_given_name_are_written_in_one_way():
    # One of two surnames alone would be the family's.
    frame = pd.DataFrame({"nom": ["Zxqa"], "nom_naissance": ["Zxqb"]})
    assert len(_spelt(frame, ["nom", "nom_naissance"], "name")) == 1
    frame["prenom"] = "Anne"
    assert len(_spelt(frame, ["nom", "nom_naissance", "prenom"], "name")) > 1


@pytest.mark.parametrize(
    ("abroad", "at_home"),
    [
        # Nine digits in France, Belgium, Switzerland and Luxembourg, ten in Britain and America.
        ("+33 6 12 34 56 78", "06 12 34 56 78"), ("0033 6 12 34 56 78", "0612345678"),
        ("+33 (0)6 12 34 56 78", "612345678"), ("+32 470 12 34 56", "0470 12 34 56"),
        ("+41 79 123 45 67", "079 123 45 67"), ("+352 621 123 456", "621 123 456"),
        ("+44 20 7946 0958", "020 7946 0958"), ("+1 202 555 0143", "202 555 0143"),
    ],
)  # fmt: skip
def test_a_telephone_number_is_the_same_with_its_country_and_without(abroad, at_home):
    numbers = [contacts(pd.DataFrame({"tel": [n]}), ["tel"], "phone")[1] for n in (abroad, at_home)]
    assert numbers[0] == numbers[1] != []


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("06 66 66 66 66", []), ("06 60 60 60 61", ["660606061"]), ("06 66 66 66 60", []),
        # A digit more or fewer than a country has is no number of it.
        ("33 6 12 34 56 7", ["336123456" + "7"]), ("33 6 12 34 56 789", ["33612345678" + "9"]),
        ("12345", []), ("123456", ["123456"]),
    ],
)  # fmt: skip
def test_fillers_and_short_numbers_reach_nobody(cell, number):
    assert contacts(pd.DataFrame({"tel": [cell]}), ["tel"], "phone")[1] == number


def indexed(**columns):
    return PersonIndex.of(pa.read_table(pd.DataFrame(columns)), "f")


@pytest.mark.parametrize(("distinct", "numbered"), [(8, False), (9, True), (10, True)])
def test_nine_of_ten_numbers_are_distinct_where_they_tell_people_apart(distinct, numbered):
    ids = [*range(distinct), *[0] * (10 - distinct)]
    index = indexed(person_id=ids, sexe=[*"FM" * 5])
    assert index.numbered == ({"person_id"} if numbered else frozenset())


def test_one_number_for_all_tells_nobody_apart():
    assert indexed(person_id=[7], sexe=["F"]).numbered == frozenset()


@pytest.mark.parametrize(("columns", "used"), [(5, 5), (6, 6), (7, 6)])
def test_six_columns_of_numbers_are_looked_at(columns, used):
    ids = {f"id_{chr(97 + k)}": [10 * k + n for n in range(3)] for k in range(columns)}
    assert len(indexed(**ids).numbers) == used


GIVEN = ("anne", "paul", "julie", "marc", "eric", "leo", "nina", "hugo", "emma", "louis", "remi",
         "jean")  # fmt: skip


@pytest.mark.parametrize(("dots", "permuted"), [(10, False), (11, True), (12, True)])
def test_names_of_eleven_dots_are_permuted_and_of_ten_not(dots, permuted):
    names = [f"{given} zxq" for given in GIVEN[:dots]]
    assert (split_names(names, names, np.arange(dots)) is not None) == permuted


@pytest.mark.parametrize(("given", "written"), [(1, 1), (2, 3), (3, 3)])
def test_a_column_is_of_given_names_where_half_of_its_cells_are(given, written):
    """Of four: one spelling without given names; with them, and with the first of them alone."""
    frame = pd.DataFrame({"nom": ["Zxq"] * 4, "prenom": [*GIVEN[:given], *["zzx"] * (4 - given)]})
    assert len(written_names(frame, ["nom", "prenom"])) == written


@pytest.mark.parametrize(
    ("known", "of", "shared"), [(9, 20, False), (10, 20, True), (11, 20, True)]
)
def test_a_column_is_shared_where_half_of_the_cells_of_the_map_occur(known, of, shared):
    table = pd.DataFrame({"soutien": [*map(str, range(20))]})
    beside = pd.DataFrame({"soutien": [*map(str, range(known)), *["zz"] * (of - known)]})
    assert (shared_columns(table, beside, {}, {}) == {"soutien": "soutien"}) == shared


@pytest.mark.parametrize(("columns", "used"), [(5, 5), (6, 6), (7, 6)])
def test_six_columns_are_shared_at_most(columns, used):
    frame = pd.DataFrame({f"c{chr(97 + k)}": ["1", "2", "3"] for k in range(columns)})
    assert len(shared_columns(frame, frame, {}, {})) == used


def test_a_column_of_one_value_is_no_key():
    two, one = pd.DataFrame({"c": ["1", "2"]}), pd.DataFrame({"c": ["1", "1"]})
    assert shared_columns(two, two, {}, {}) == {"c": "c"}
    assert shared_columns(two, one, {}, {}) == shared_columns(one, two, {}, {}) == {}


@pytest.mark.parametrize(
    ("mine", "theirs", "form"),
    [
        # Both have the full form for half of their people or more; else the short one.
        ((["a b", ""], ["a", "c"]), (["x y"], ["x"]), "full"),
        ((["a b", "", ""], ["a", "c", "d"]), (["x y"], ["x"]), "short"),
        ((["a b"], ["a"]), (["x y", "", ""], ["x", "z", "w"]), "short"),
    ],
)  # fmt: skip
def test_the_full_form_is_compared_where_half_of_both_have_it(mine, theirs, form):
    at = 0 if form == "full" else 1
    assert same_form(mine, theirs) == (mine[at], theirs[at])


@pytest.mark.parametrize(
    ("mine", "theirs", "share"),
    [
        # Of 1 to 4 the other has two; both ends count, what lies beyond does not.
        (["1", "4"], ["1", "2"], 2 / 4), (["1", "4"], ["4", "5"], 1 / 4),
        (["1", "4"], ["0", "5"], 0.0), (["7"], ["7"], 1.0),
        (["1", "4", "x"], ["1"], 0.0), ([], ["1"], 0.0),
        # Sixteen digits are no running number; fifteen may be one.
        (["1" * 16, "2"], ["1"], 0.0), (["9" * 15], ["9" * 15], 1.0),
    ],
)  # fmt: skip
def test_running_numbers_are_met_by_their_density(mine, theirs, share):
    assert value_density(mine, theirs) == pytest.approx(share)


@pytest.mark.parametrize(("taken", "compared"), [(19, 1), (20, 0), (21, 0)])
def test_numbers_of_which_a_fifth_is_taken_are_running_numbers(taken, compared):
    mine, theirs = (SimpleNamespace(numbers={"carte": cells}) for cells in (
        ["1", "100"], [str(k) for k in range(1, taken + 1)],
    ))  # fmt: skip
    assert len(_numbers_of_both(mine, theirs)) == compared


@pytest.mark.parametrize(("dots", "chance"), [(1_999, 1_000 / 8), (2_000, 125), (2_001, 2_001 / 8)])
def test_two_thousand_dots_are_moved_at_random_or_every_second_of_more(dots, chance):
    """Every second dot is 20 m east of an address: one of eight moves brings it there."""
    points = np.array([[20.0, 0.0], [200.0, 0.0]] * 1_001)[:dots]
    _, (note,) = _standing_at(points, DOORS)
    assert note.key == "dots_moved_off"
    assert note.values["chance"] == pytest.approx(chance)


def test_names_agree_by_chance_as_those_of_a_thousand_matches_do():
    """With no draw at random: the last of a thousand agrees, and one beyond them."""
    names = [({f"a{k}"}, {f"b{k}"}) for k in range(999)] + [({"zoe"}, {"zoe"})] * 2
    rng = SimpleNamespace(permutation=lambda of: np.arange(of) if isinstance(of, int) else of)
    same, by_chance = _same_name(names, rng)
    assert same.sum() == 2
    assert by_chance == pytest.approx(1 / 1_000)


def test_one_match_and_two_are_told_apart():
    """Codes of five people: one record, two, three, none, and no code."""
    codes, their_codes = np.array([0, 1, 2, 3, -1]), np.array([0, 1, 1, 2, 2, 2, -1])
    matches = _single(codes, their_codes).matches()
    assert matches.some.tolist() == [True, True, True, False, False]
    assert matches.one.tolist() == [0, -1, -1, -1, -1]
    assert matches.two.tolist() == [False, True, False, False, False]


def test_two_codes_are_one_where_both_are_known():
    mine, theirs = _paired(
        (np.array([0, 0, 1, -1]), np.array([0, 1, -1, 0])), (np.array([0, 0]), np.array([1, 0]))
    )
    assert mine[1] == theirs[0] >= 0
    assert mine[0] == theirs[1] >= 0
    assert mine[0] != mine[1]
    assert mine[2:].tolist() == [-1, -1]


def test_whom_a_stronger_comparison_took_is_not_matched_again():
    sure = {"email": np.array([0, -1, -1]), "phone": np.array([1, 0, 2])}
    assert _surest(sure, 3).tolist() == [0, -1, 2]


@pytest.mark.parametrize(("far", "standing"), [(4.99, True), (5.0, True), (5.01, False)])
def test_a_dot_five_metres_from_a_door_stands_on_it(far, standing):
    assert (_snapped(np.array([[far, 0.0]]), DOORS)[0] == 0) == standing


def test_names_are_compared_of_those_who_are_matched():
    """Anne is matched by another attribute; Paul is not, nor Luc, who has no name there."""
    mine = indexed(nom=["Zxqa", "Zxqb", "Zxqc"], prenom=["Anne", "Paul", "Luc"])
    theirs = indexed(nom=["Zxqa", "", "Zxqd"], prenom=["Anne", "", "Marc"])
    matches = TableMatches(
        some=np.array([1, 0, 1], bool), one=np.array([0, -1, 1]), two=np.zeros(3, bool)
    )
    at, names = _names_of(mine, theirs, matches)
    assert at.tolist() == [0]
    assert names == [({"anne", "zxqa"}, {"anne", "zxqa"})]


@pytest.mark.parametrize(("people", "named"), [(["Roux"], True), (["Roux"] * 2, False),
                                               (["Roux", "Petit"], True)])  # fmt: skip
def test_one_name_for_all_tells_nobody_apart_unless_there_is_one(people, named):
    frame = pd.DataFrame({"nom": pd.Series(people, dtype="str")})
    assert bool(_names(frame, ["nom"])) == named
    assert _names(frame, []) == []


@pytest.mark.parametrize(
    ("mine", "theirs", "ways"),
    [
        # Numbers that a header refers to are met by one of them; others by more than chance.
        ({"person_id": [1, 2, 3]}, {"person_id": [3, 8, 9]}, {"reference"}),
        ({"person_id": [1, 2, 3]}, {"person_id": [7, 8, 9]}, set()),
        # Of 1 to 100 the other has two, so that two records would be met by .04 in the mean.
        ({"id": [1, 100]}, {"id": [1, 50]}, {"number"}), ({"id": [1, 100]}, {"id": [2, 50]}, set()),
        # Running numbers meet as often as they must.
        ({"id": [1, 2, 3]}, {"id": [1, 2, 3]}, set()),
        ({"id": [1, 2, 4]}, {"id": [1, 2, 4]}, {"number"}),
    ],
)  # fmt: skip
def test_numbers_match_beyond_chance(mine, theirs, ways):
    assert set(_by_numbers(indexed(**mine), indexed(**theirs))) == ways


@pytest.mark.parametrize(
    ("column", "mine", "other", "theirs", "refers"),
    [
        # The same words; or one has the name of the other table, and the other no word of its own.
        ("person_id", "f", "person_id", "g", True), ("id", "f", "id", "g", False),
        ("person_id", "f", "id", "persons", True), ("person_id", "f", "id", "orders", False),
        ("id", "persons", "person_id", "f", True), ("id", "orders", "person_id", "f", False),
        ("person_id", "f", "order_id", "persons", False),
        ("order_id", "f", "id", "personnes", False),
        ("id", "personnes", "people_id", "f", True),
    ],
)  # fmt: skip
def test_a_header_refers_to_another_table_by_its_name(column, mine, other, theirs, refers):
    tables = [SimpleNamespace(name=name) for name in (mine, theirs)]
    assert _refers(column, tables[0], other, tables[1]) == refers


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [("a b", "a b", True), ("a", "a b", True), ("a b c", "a b", True), ("a b", "a c", False)],
)
def test_names_are_alike_where_one_holds_the_other(one, other, alike):
    assert _alike({*one.split()}, {*other.split()}) == alike


def test_who_lives_at_no_known_address_lives_where_it_is_written():
    frame = pd.DataFrame({"adresse": ["1 s c", "9 zxq c", ""]})
    whole, short = _lives(frame, DOORS)
    assert short[0] == whole[0] == "#0"
    assert short[1] not in ("", "#-1")
    assert "zxq" in short[1]
    assert short[2] == ""
    assert "#" not in "".join(_lives(frame, None)[1])


@pytest.mark.parametrize(
    ("identifier", "rows", "people"),
    [
        # By their identifier; else by what tells them, one name at two addresses being two people.
        (["n"], [("1", "a", "x"), ("1", "b", "y"), ("2", "a", "x")], 2),
        ([], [("", "a", "x"), ("", "a", "x"), ("", "a", "y")], 2),
        # Rows that say nothing are each somebody.
        ([], [("", "", ""), ("", "", ""), ("", "a", "x")], 3),
    ],
)
def test_rows_with_the_same_identifiers_are_one_person(identifier, rows, people):
    frame = pd.DataFrame(rows, columns=["n", "nom", "at"]).replace("", None)
    lives = frame["at"].fillna("").tolist()
    assert len(set(_persons(frame, ["nom"], lives, identifier))) == people
    assert _persons(frame, [], lives, []).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("columns", "joined"),
    [
        # Of two comparisons that are strong, the strongest of each person; a name is none.
        (("courriel", "nom", "prenom"), False), (("courriel", "tel", "nom", "prenom"), True),
        (("nom", "prenom"), False), (("courriel",), False),
    ],
)  # fmt: skip
def test_people_are_joined_by_the_strongest_of_several_strong_comparisons(columns, joined):
    cells = {
        "courriel": [f"u{i}@x.fr" for i in range(12)],
        "tel": [f"061234567{i:02d}" for i in range(12)],
        "nom": [f"Zxq{chr(97 + i)}" for i in range(12)], "prenom": list(GIVEN),
    }  # fmt: skip
    frame = pd.DataFrame({name: cells[name] for name in columns})
    tables = [PersonIndex.of(pa.read_table(frame), name) for name in "fg"]
    found = linked_tables(tables, rng=np.random.default_rng(1))
    ways = {row.part["by"]: row for row in found.rows if row.measure == "found_in"}
    assert ("any" in ways) == joined
    assert all(row.value == 1 for row in ways.values())


@pytest.mark.parametrize(("mails", "reached"), [(1, 0), (2, 3)])
def test_one_address_for_all_rows_reaches_nobody(mails, reached):
    """Such as the sender of every message."""
    index = indexed(courriel=[f"u{i % mails}@x.fr" for i in range(3)], nom=["Zxqa", "Zxqb", "Zxqc"])
    assert len(index.reached["email"][0]) == reached


def field(mine, theirs, values="abcdef"):
    mine, theirs = (
        np.array(side, dtype=np.int64).reshape(len(side), -1) for side in (mine, theirs)
    )
    equal = np.zeros(len(values), dtype=np.int64)
    return Field(name="phone", levels=NUMBER, values=[*values], mine=mine, theirs=theirs,
                 compare=number_levels([*values]), equal=equal)  # fmt: skip


@pytest.mark.parametrize(
    ("most", "pairs", "left_out"),
    [(0, [], 5), (1, [14], 4), (4, [14], 4), (5, [0, 1, 4, 5, 14], 0)],
)
def test_the_largest_blocks_are_left_out_and_unknown_keys_share_nothing(most, pairs, left_out):
    # The first two share a key with the first two, and the fourth with the third.
    mine, theirs = np.array([[0], [0], [-1], [1]]), np.array([[0], [0], [1], [-1]])
    found, out = _sharing(mine, theirs, 4, most)
    assert (found.tolist(), out) == (pairs, left_out)


def test_two_keys_are_one_where_both_are_known():
    one, two = _both(
        (np.array([[0], [1], [-1], [0]]), np.array([[1]])),
        (np.array([[1], [0], [0], [-1]]), np.array([[0]])),
    )
    assert (one[:, 0] >= 0).tolist() == [True, True, False, False]
    assert one[0, 0] != one[1, 0] == two[0, 0]


def test_every_pair_of_small_tables_is_compared_and_eight_a_record_of_large_ones():
    assert len(candidate_pairs({}, 500, 500).row) == 250_000

    def blocked(n, m, a, b):
        """Pairs that are compared of n and m records, of which a and b have one number."""
        one = field(np.where(np.arange(n) < a, 0, -1), np.where(np.arange(m) < b, 0, -1))
        found = candidate_pairs({"phone": one}, n, m)
        return len(found.row), found.left_out

    assert blocked(53, 4_717, 0, 1) == (0, 0)  # of 250,001
    # 50,000 in any case.
    assert blocked(600, 2_400, 250, 200) == (50_000, 0)
    assert blocked(600, 2_400, 21, 2_381) == (0, 50_001)
    # 12,500 records, so 100,000 pairs.
    assert blocked(3_000, 9_500, 250, 400) == (100_000, 0)
    assert blocked(3_000, 9_500, 11, 9_091) == (0, 100_001)


def test_a_value_that_stands_once_is_as_rare_as_good_and_turing_say():
    """Of eight, three stand once and one twice: (2 * 1 + 1) / (3 + 1) of a record each."""
    one = field([0, 1, 2, 3, 3, 4, 4, 4, -1], [-1, -1])
    assert one.rarity[:3] == pytest.approx(8 / 0.75)
    # Twice and thrice, less half of what is taken from each that stands once; never: under one
    # pair of two in all pairs.
    assert one.rarity[3:5] == pytest.approx([8 / 1.875, 8 / 2.875])
    assert one.rarity[5] == pytest.approx(2 * 8**2)
    # Where more stand twice than once, one that stands once is one of its records.
    assert field([0, 1, 1, 2, 2], [-1]).rarity[0] == pytest.approx(5)


def test_the_best_of_several_spellings_counts():
    one = field([[0, 1], [0, -1], [-1, -1]], [[2, 0], [-1, -1], [1, -1]],
                values=["12345", "99999", "12346"])  # fmt: skip
    row, other = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 2, 0])
    level, rare = one.level_of(row, other)
    # Same by the second spelling; one side unknown; same; different; unknown.
    assert [NUMBER.names[at] if at >= 0 else "" for at in level] == [
        "same", "", "same", "different", ""
    ]  # fmt: skip
    assert (rare > 0).tolist() == [True, False, True, True, False]


def test_a_door_is_one_of_street_number_and_place():
    """A pair of one door has the rarity of that door; of a street alone it has none of its own."""
    nobody = {"first": [[]], "last": [[]], "email": [[]], "phone": [[]], "birth": [0], "sex": [""]}
    homes = ([("rue a", "1"), ("rue a", ""), ("", "1"), ("rue b", "2")],
             [("rue a", "1"), ("rue c", "9"), ("rue b", "")])  # fmt: skip
    people = [
        Records(
            n=len(doors), columns={}, numbers={}, place=["01|x"] * len(doors),
            street=[street for street, _ in doors], number=[number for _, number in doors],
            **{name: value * len(doors) for name, value in nobody.items()},
        )
        for doors in homes
    ]  # fmt: skip
    one = compared_fields(*people)["address"]
    level, rare = one.level_of(np.array([0, 1, 3, 3]), np.array([0, 0, 2, 1]))
    assert [one.levels.names[at] for at in level] == [
        "same_same_same", "same_none_same", "same_none_same", "other_other_same"
    ]  # fmt: skip
    assert rare[0] > 2
    assert rare[1:].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Marie Zxqa", "marie", "zxqa"), ("Zxqa Marie", "marie", "zxqa"),
        # Where both words are given names, or none is, the first is taken for it.
        ("Pierre Martin", "pierre", "martin"), ("Zxqa Zxqb", "zxqa", "zxqb"),
        ("Marie Pierre Martin", "marie pierre", "martin"), ("Zxqa", "", "zxqa"),
    ],
)  # fmt: skip
def test_the_given_name_of_a_whole_name_is_the_word_that_is_one(name, first, last):
    assert split_whole(name) == (first, last)


def test_one_to_one_is_yes_no_or_left_open():
    people = pd.DataFrame({"nom": ["Leroy", "Petit"], "prenom": ["Zoé", "Paul"]})
    with pytest.raises(pa.PrivauditError, match="one_to_one one of None, True, False, but got"):
        pa.linkage.link(people, people, one_to_one="yes")


@pytest.mark.parametrize(
    ("columns", "said"),
    [(("code", "zone"), True), (("Marie Dupont", "zone"), False), (("zone", "0612345678"), False),
     (None, False)],
)  # fmt: skip
def test_columns_that_were_compared_are_named_where_no_header_is_a_person(columns, said):
    none = np.zeros(0, dtype=np.int64)
    shared = Comparison(rows=none, codes=none, n=1, their_rows=none, their_codes=none,
                        columns=columns)  # fmt: skip
    matches = TableMatches(some=np.array([True]), one=np.array([0]), two=np.array([False]))
    rows = Rows(1, "records")
    fields = {"part": {"by": "number"}, "notes": []}
    _add_comparison(rows, shared, matches, np.random.default_rng(1), same=None, fields=fields)
    (row,) = rows
    assert any(note.key == "numbers_compared" for note in row.notes) == said
