"""What an inventory counts, by hand: who is alone, minors, texts, and what is shown of a table."""

import datetime
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.recognise import ColumnKind
from privaudit.columns.roles import Roles
from privaudit.core.thresholds import SMALL_CELL
from privaudit.release.column_roles import KnownColumn
from privaudit.release.inventory import (
    Column,
    Inventory,
    _any,
    _as_stated,
    _identifying,
    _minors,
    _recognition_notes,
    _shows_shown,
    _texts_shown,
    _unique_records,
    _uniqueness,
    _with_numbered_headers,
    shown_rows,
    suppress_small_counts,
    table_inventory,
    take_inventory,
)
from privaudit.release.release import TableRelease

DAY = datetime.date(2024, 6, 1)


def column(name="note", **said):
    plain = {"role": "text", "kind": "note", "by": "header", "declared": "", "type": "text",
             "formats": (), "filled": 300, "distinct": 200}  # fmt: skip
    return Column(name=name, **plain | said)


def inventory(*columns, n=300, roles=None, **said):
    plain = {"alone": 0, "as_of": DAY, "minors": math.nan, "most_minors": math.nan, "births": "",
             "absent": ()}  # fmt: skip
    roles = Roles() if roles is None else roles
    return Inventory(name="file", n=n, columns=columns, roles=roles, **plain | said)


def test_who_is_alone_by_a_column_and_beside_the_keys():
    codes = {
        # a, a, b, b, b and a blank; within it another key, and a column beside both.
        "k": np.array([0, 0, 1, 1, 1, -1]),
        "l": np.array([0, 1, 0, 0, 0, 0]),
        "x": np.array([0, 0, 0, 1, 1, -1]),
    }
    found = _uniqueness(codes, ("k", "l"))
    # By both keys the two a and the blank are alone; by k nobody but the blank, by l the second.
    assert found["k"] == (0, 3 - 1)
    assert found["l"] == (1, 3 - 1)
    # Of the three b one has an x of their own; x has no value of one record.
    assert found["x"] == (0, 1)
    # Without a key everybody shares a class: x singles out its blank.
    assert _uniqueness(codes, ())["x"] == (0, 1)
    assert _uniqueness({"y": np.array([5, 5, 3])}, ())["y"] == (1, 1)


def test_a_map_has_two_columns_of_places_or_one_of_points():
    spot = {"kind": "spot", "role": "location"}
    for columns, network, is_map in (
        ([spot], False, False), ([spot, spot], False, True), ([spot, spot], True, False),
        ([{**spot, "formats": ("point",)}], False, True), ([{"kind": "note"}] * 2, False, False),
    ):  # fmt: skip
        made = [column(name=f"c{i}", **one) for i, one in enumerate(columns)]
        assert inventory(*made, network=network).is_map == is_map


def test_an_inventory_repeats_shares_and_what_is_proposed():
    keys = Roles(key=("age",), sensitive=("note",))
    made = inventory(column(name="age", role="key", filled=75, alone=30), column(filled=0),
                     roles=keys, n=300)  # fmt: skip
    frame = made.frame
    assert frame["fill_rate"].tolist() == [0.25, 0.0]
    assert frame["alone_share"].tolist() == [0.1, 0.0]
    assert frame["proposed"].tolist() == ["key", "sensitive"]
    assert [one.name for one in made.of_role("key", "text")] == ["age"]


@pytest.mark.parametrize(("n", "left"), [(300, ("age",)), (9, ("age", "town"))])
def test_a_key_that_few_fill_is_no_key_of_a_report(n, left):
    few = column(name="town", role="key", filled=5)
    made = inventory(column(name="age", role="key"), few, roles=Roles(key=("age", "town")), n=n)
    assert suppress_small_counts(made).roles.key == left


def test_few_minors_are_a_range():
    shown = suppress_small_counts(inventory(column(), minors=4, most_minors=60))
    assert (shown.minors, shown.most_minors) == (0, 60)
    shown = suppress_small_counts(inventory(column(), minors=40, most_minors=60))
    assert (shown.minors, shown.most_minors) == (40, 60)


@pytest.mark.parametrize(
    ("shows", "says", "searched", "least", "shown"),
    [
        # All that are filled; a remainder of ten is withheld, of eleven it is not.
        (300, {}, 0, 0, 300), (290, {}, 0, 0, None), (289, {}, 0, 0, 289), (10, {}, 0, 0, None),
        # What differs by one to ten from what cells say, were searched, or mention for sure.
        (100, {"health": 100}, 0, 0, 100), (100, {"health": 99}, 0, 0, None),
        (100, {"health": 90}, 0, 0, None), (100, {"health": 89}, 0, 0, 100),
        (100, {}, 110, 0, None), (100, {}, 111, 0, 100), (100, {}, 0, 105, None),
    ],
)  # fmt: skip
def test_what_a_column_shows_tells_no_count_of_few(shows, says, searched, least, shown):
    found = _shows_shown(column(shows=shows, says=says, searched=searched, least=least))
    assert (None if math.isnan(found) else found) == shown


@pytest.mark.parametrize(
    ("texts", "searched", "again", "shown"),
    [
        (300, 300, 0, (300, 300)), (289, 289, 0, (289, 289)),
        # Ten without a letter are withheld, and what was searched with them.
        (290, 200, 0, (None, None)), (0, 0, 0, (0, 0)),
        # Ten texts that were not searched.
        (289, 280, 0, (289, None)), (289, 278, 0, (289, 278)), (289, 5, 0, (289, None)),
    ],
)  # fmt: skip
def test_texts_that_were_searched_tell_no_count_of_few(texts, searched, again, shown):
    one = column(texts=texts, searched=searched, again=again)
    found = _texts_shown(one, {}, hidden=False)
    left = [None if math.isnan(found[k]) else found[k] for k in ("texts", "searched")]
    assert tuple(left) == shown
    assert all(map(math.isnan, _texts_shown(one, {}, hidden=True).values()))


def births(*columns, by=()):
    """Counts by columns of births, given by their headers."""
    cells = pd.DataFrame(dict(columns))
    known = {name: KnownColumn(kind="age", by="header") for name, _ in columns}
    return _minors(cells, known, DAY, by)


def test_minors_are_those_for_sure_and_those_who_may_be():
    minor, adult = "2014-05-07", "1980-02-01"
    # A blank, and what cannot be read, may be a minor.
    assert births(("birth date", [minor, adult, adult, None]))[:3] == (1, 2, "birth date")
    assert births(("birth date", [minor, "?", adult, None]))[:3] == (1, 3, "birth date")


YEARS = [str(year) for year in range(1930, 2012, 2)]


@pytest.mark.parametrize("header", ["Year", "Parution", "Mariage", "column_4"])
@pytest.mark.parametrize("write", ["{}", "12/03/{}"])
def test_what_spreads_as_births_under_another_header_counts_no_minor(header, write):
    """The years of books, marriages and entries spread so too: they stay a key."""
    cells = [write.format(year) for year in YEARS]
    table = pd.DataFrame({"nom": [f"Zx{year}" for year in YEARS], header: cells})
    result = take_inventory(table, name="f", as_of=DAY)
    assert (result.births, result.columns[1].role) == (header, "key")
    assert math.isnan(result.minors)
    assert math.isnan(result.most_minors)


@pytest.mark.parametrize(
    "header", ["born", "Né en", "Né(e) en", "yob", "annee_nais", "fecha_nac", "D.O.B.", "Nato il"]
)
def test_a_header_of_births_counts_minors_beside_other_years(header):
    """Of births in 1930 to 2010, every second year, 6 are after 1999."""
    table = pd.DataFrame({"Parution": YEARS[::-1], header: YEARS})
    result = take_inventory(table, name="f", as_of=datetime.date(2017, 12, 31))
    assert (result.births, result.minors, result.most_minors) == (header, 6, 6)


@pytest.mark.parametrize(("read", "counted"), [(2, True), (1, False)])
def test_births_of_which_fewer_than_half_are_read_count_nobody(read, counted):
    cells = ["1980-02-01"] * read + ["?"] * (4 - read) + [None] * 5
    low, high, name, _ = births(("birth date", cells))
    assert name == "birth date"
    assert (low, high) == (0, 4 - read + 5) if counted else math.isnan(low)


def test_children_of_a_household_stand_in_columns_of_one_name():
    first = ["1980-02-01", "1980-02-01", "1980-02-01"]
    second = ["2014-05-07", None, "1981-02-01"]
    # The second child of the first; where there is none nobody may be a minor.
    assert births(("age 1", first), ("age 2", second))[:2] == (1, 1)
    # Another birth is not that of another person of the household.
    assert births(("birth date", first), ("partner age", second))[0] == 0


def test_numbers_are_counted_by_the_column_that_decides_for_most():
    unsure, sure = ["1980-02-01", None, None], ["1980", "2014", None]
    assert births(("birth date", unsure), ("birth year", sure))[2] == "birth year"
    nothing = pd.DataFrame({"birth month": [3, 4]})
    known = {"birth month": KnownColumn(kind="age", by="header")}
    low, _, name, _ = _minors(nothing, known, DAY, ())
    assert (math.isnan(low), name) == (True, "")


@pytest.mark.parametrize(
    ("kind", "direct", "stated"),
    [
        # What identifies already, or is said not to and does not, stays.
        ("name", True, None), ("note", False, None), ("email", True, None),
        ("note", True, "account"), ("name", False, ""), ("email", False, ""),
        # A number that is said to identify nobody stays a number.
        ("number", False, None),
    ],
)  # fmt: skip
def test_a_person_states_which_columns_identify(kind, direct, stated):
    known = KnownColumn(kind=kind, by="header")
    found = _as_stated(known, direct)
    assert (found is known) if stated is None else found.kind == stated


def test_a_header_that_may_be_a_person_is_a_number():
    frame = pd.DataFrame(
        {"age": range(20), "zyx": [1] * 10 + [None] * 10, "abc": [1] * 11 + [None] * 9}
    )
    assert list(_with_numbered_headers(frame, None)) == ["age", "column 2", "abc"]
    # In a file of few records each column is filled by few.
    assert list(_with_numbered_headers(frame.head(SMALL_CELL - 1), None)) == list(frame)
    empty = frame.assign(zyx=None)
    assert list(_with_numbered_headers(empty, None)) == list(frame)
    assert list(_with_numbered_headers(frame.head(SMALL_CELL), None))[1] == "column 2"


def test_columns_that_are_stated_to_identify_do_and_no_others():
    frame = pd.DataFrame({"nom": ["x"], "code": ["y"], "age": [3]})
    known = {
        "nom": ColumnKind(kind="name", by="header"),
        "age": ColumnKind(kind="age", by="header"),
    }
    assert _identifying(known, None, frame) == known
    assert _identifying(known, Roles(), frame) == known
    found = _identifying(known, Roles(direct=("code",)), frame)
    assert {name: item.kind for name, item in found.items()} == {"code": "account", "age": "age"}
    found = _identifying(known, Roles(direct=("nom", "age")), frame)
    assert {name: item.kind for name, item in found.items()} == {"nom": "name", "age": "account"}


def test_what_is_shown_is_of_any_column_that_is_not_withheld():
    rows = {("name", "n"): np.array([True, False, False]), ("name", "m"): np.array([0, 1, 0]) > 0,
            ("age", "a"): np.array([0, 0, 1]) > 0}  # fmt: skip
    assert _any(rows, ["name"]).tolist() == [True, True, False]
    assert _any(rows, ["name", "age"], ("n",)).tolist() == [False, True, True]
    assert _any(rows, ["phone"]).tolist() == [False, False, False]
    assert _any({}, ["name"]).tolist() == []


def test_notes_say_how_a_kind_was_recognised():
    known = {"nom": ColumnKind(kind="name", by="header"), "c2": ColumnKind(kind="name", by="cells"),
             "note": ColumnKind(kind="note", by="header")}  # fmt: skip
    shown = dict.fromkeys([("name", "nom"), ("name", "c2"), ("name", "note"), ("others", "note")])
    found = [(n.key, n.values["columns"]) for n in _recognition_notes(known, shown, "name")]
    assert found == [
        ("known_by_header", ("nom",)), ("known_by_cells", ("c2",)), ("found_within", ("note",))
    ]  # fmt: skip
    others = [note.key for note in _recognition_notes(known, shown, "others")]
    assert others == ["found_within", "names_from_a_list"]


def people(**columns):
    return pd.DataFrame({"last_name": ["Petit", "Roux", None, "Blanc"], **columns})


def test_rows_of_what_a_table_shows_by_hand():
    frame = people(note=["Diabétique", None, "Diabétique", None])
    found = shown_rows(frame, "records")
    rows = {(row.measure, row.part.get("what")): row for row in found}
    assert rows["shown", "name"].value == 0.75
    assert rows["identified", None].value == 0.75
    # One of two notes stands beside a name.
    assert rows["identified_with", "note"].value == 0.25
    assert rows["shown_without", "identity"].value == 0
    assert rows["shown_without", "identity"].baseline == 0.75
    assert not any(row.measure == "unknown_columns" for row in found)
    strange = shown_rows(frame.assign(zyx=[1, 2, 3, 4], wvu=None), "records")
    (unknown,) = [row for row in strange if row.measure == "unknown_columns"]
    assert (unknown.value, unknown.n, unknown.notes[0].values["more"]) == (1, 4, 0)


@pytest.mark.parametrize(("many", "more"), [(12, 0), (13, 1)])
def test_twelve_unknown_columns_are_named(many, more):
    frame = people(**{f"zyx{i}": [1, 2, 3, 4] for i in range(many)})
    (row,) = [row for row in shown_rows(frame, "records") if row.measure == "unknown_columns"]
    said = row.notes[0].values
    assert (len(said["columns"]), said["more"], row.value) == (12, more, many)


def test_a_table_counts_its_empty_its_inferred_and_its_notes():
    frame = people(
        note=["Vu son fils Zoé", None, None, None], tag_note=[None] * 4,
        party_score=[3, None, 4, None],
    )  # fmt: skip
    found = table_inventory(TableRelease(records=frame, roles=Roles()))
    assert (found.row("empty_columns").value, found.row("empty_columns").n) == (1, 4)
    assert found.row("inferred").value == 0.5
    holds = found.row("note_holds", what="others")
    # One note, which few fill: nothing of it is printed.
    assert (holds.value, holds.n, holds.unprinted) == (1, 1, ("row",))


def test_a_stub_of_births_decides_by_who_is_sure():
    from privaudit.release.inventory import _decided

    found = SimpleNamespace(
        minors=np.array([True, False, False]), possible_minors=np.array([True, False, True])
    )
    assert _decided(found) == 2


@pytest.mark.parametrize(
    ("least", "left"),
    [
        # Two kinds are withheld, of one to ten each: from eighteen on each has three values left.
        (29, 29), (30, None), (31, None), (32, None), (33, 33),
        # Nobody, or ten and fewer, beside those that are shown.
        (12, 12), (13, None), (22, None), (23, 23),
    ],
)  # fmt: skip
def test_what_is_left_of_two_withheld_kinds_tells_neither(least, left):
    one = column(texts=300, searched=300, least=least, again=80)
    found = _texts_shown(one, {"health": 12, "religion": math.nan, "union": math.nan}, hidden=False)
    assert (None if math.isnan(found["least"]) else found["least"]) == left


def test_who_is_alone_with_all_keys():
    codes = [np.array([0, 0, 1, 1, -1]), np.array([0, 0, 0, 1, 1])]
    assert _unique_records(codes, 5) == 3
    assert _unique_records(codes[:1], 5) == 1
    assert _unique_records([], 5) == 0


@pytest.mark.parametrize(("few", "withheld"), [(3, ("row",)), (11, ())])
def test_where_one_of_two_columns_has_few_notes_the_sum_is_withheld(few, withheld):
    frame = pd.DataFrame({
        "last_name": ["Petit"] * 30,
        "note": ["Vu son fils Zoé"] * 30,
        "remarque": ["Vu sa fille Léa"] * few + [None] * (30 - few),
    })  # fmt: skip
    found = table_inventory(TableRelease(records=frame, roles=Roles()))
    row = found.row("note_holds", what="others")
    assert row.notes[0].values["columns"] == ("note", "remarque")
    assert row.unprinted == withheld


def test_two_thousand_values_say_how_a_column_is_written():
    """A form of writing is named beyond a hundredth of the values that are looked at.

    Twenty of 2,000 are no more than that: they would be of 1,999, and with a 21st of 2,001.
    """
    days = pd.date_range("1950-01-01", periods=2_001)
    texts = days.strftime("%Y-%m-%d").tolist()
    for at in (*range(20), 2_000):
        texts[at] = days[at].strftime("%d/%m/%Y")
    for more, formats in ((0, ("date_year_first",)), (1, ("date_year_first", "date_year_last"))):
        texts[20 : 20 + more] = days[20 : 20 + more].strftime("%d/%m/%Y")
        table = pd.DataFrame({"day": texts})
        found = take_inventory(table, name="f", as_of=datetime.date(2024, 6, 1))
        assert found.columns[0].formats == formats


@pytest.mark.parametrize(("read", "minors"), [(9, math.nan), (10, 10), (11, 11)])
def test_minors_are_counted_where_half_of_the_births_are_read(read, minors):
    cells = ["2014-05-07"] * read + ["on a day"] * (20 - read)
    table = pd.DataFrame({"date_naissance": cells})
    found = take_inventory(table, name="f", as_of=datetime.date(2024, 6, 1))
    assert found.minors == pytest.approx(minors, nan_ok=True)
