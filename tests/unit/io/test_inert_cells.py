"""Cells of workbooks: what a spreadsheet may run is quoted, days are counted, blanks stay blank."""

import datetime
import math
from types import SimpleNamespace

import pandas as pd
import pytest

from privaudit.io.formats.xlsx import _Book, _format, _is_small_number, _place
from privaudit.io.workbooks import (
    Sheet,
    _has_groups,
    _header_rows,
    _is_table,
    inert,
    number_text,
)


def test_what_is_missing_is_no_text():
    found = inert(pd.DataFrame({"a": pd.Series([None, "=1", math.nan], dtype=object)}))
    assert found["a"].isna().tolist() == [True, False, True]
    assert found["a"][1] == "'=1"


DAY_0, DAY_0_OF_1904 = datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)


@pytest.mark.parametrize(
    ("first", "cell", "text"),
    [
        # Day 1 is 1 January 1900; there is a day 60, 29 February 1900, that never was.
        (DAY_0, "1", "1900-01-01"), (DAY_0, "59", "1900-02-28"), (DAY_0, "61", "1900-03-01"),
        (DAY_0, "60", "1900-02-28"),  # the day before 1 March
        # Below a day it is a time of day, of a second at best.
        (DAY_0, "0", "00:00:00"), (DAY_0, "0.5", "12:00:00"), (DAY_0, "0.99998", "23:59:58"),
        (DAY_0, "1.5", "1900-01-01T12:00:00"), (DAY_0, "-1", "-1"), (DAY_0, "x", "x"),
        # The last is 31 December 9999, which many write for no end (ECMA-376, 18.17.4.1).
        (DAY_0, "2958464", "9999-12-30"), (DAY_0, "2958465", "9999-12-31"),
        (DAY_0, "2958466", "2958466"), (DAY_0, "2958465.9999999", "2958465.9999999"),
        (DAY_0, "nan", "nan"), (DAY_0, "1e300", "1e+300"),
        (DAY_0_OF_1904, "0", "00:00:00"), (DAY_0_OF_1904, "1", "1904-01-02"),
        (DAY_0_OF_1904, "59", "1904-02-29"), (DAY_0_OF_1904, "2957002", "9999-12-30"),
        (DAY_0_OF_1904, "2957003", "9999-12-31"), (DAY_0_OF_1904, "2957004", "2957004"),
    ],
)  # fmt: skip
def test_a_day_of_a_workbook_is_counted_from_its_first(first, cell, text):
    assert _Book._day(SimpleNamespace(first_day=first), cell) == text


@pytest.mark.parametrize(
    ("number", "codes", "kind"),
    [
        # Built-in formats 14 to 22, 27 to 36, 45 to 47 and 50 to 58 are days or times.
        *((str(n), {}, "date") for n in (14, 22, 27, 36, 45, 46, 47, 50, 58)),
        *((str(n), {}, "") for n in (0, 13, 23, 26, 37, 44, 48, 49, 59)),
        # Two noughts and more write leading ones, one and twenty-one do not.
        ("164", {"164": "0"}, ""), ("164", {"164": "00"}, "00"),
        ("164", {"164": "0" * 20}, "0" * 20),
        ("164", {"164": "0" * 21}, ""), ("164", {"164": "yyyy"}, "date"),
        ("164", {"164": "[h]:mm"}, "date"), ("164", {"164": '"days" 0.0'}, ""),
        ("164", {"164": "General"}, ""), ("164", {"164": "0.0;yyyy"}, ""),
    ],
)  # fmt: skip
def test_a_format_writes_days_noughts_or_neither(number, codes, kind):
    assert _format(number, codes) == kind


@pytest.mark.parametrize(
    ("reference", "place"),
    [
        ("A1", (0, 0)), ("Z1", (0, 25)), ("AA1", (0, 26)), ("XFD1048576", (1_048_575, 16_383)),
        ("$B$12", (11, 1)), ("ABCD1", None), ("A0", None), ("A12345678", None), ("a1", None),
        ("A1234567", (1_234_566, 0)),
    ],
)  # fmt: skip
def test_a_reference_has_three_letters_and_seven_digits_at_most(reference, place):
    assert _place(reference) == place


@pytest.mark.parametrize(("text", "small"), [("1234567", True), ("12345678", False), ("", False),
                                             ("1.5", False), ("-1", False)])  # fmt: skip
def test_a_number_of_seven_digits_is_small(text, small):
    assert _is_small_number(text) == small


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # Codes keep the digits that stand in the file; of decimals a float holds each whole number
        # below 2**53.
        ("123456789012345", "123456789012345"), ("4970123412341234", "4970123412341234"),
        ("12345678901234567", "12345678901234567"), ("12345678901234568", "12345678901234568"),
        ("9007199254740991.0", "9007199254740991"), ("9007199254740992.0", "9007199254740992.0"),
        ("-3.0", "-3"), ("007", "7"), ("0", "0"), ("0.10000000000000001", "0.1"), (" x ", "x"),
    ],
)  # fmt: skip
def test_a_number_of_a_workbook_is_written_as_people_see_it(text, shown):
    assert number_text(text) == shown


def sheet(*rows, merged=()):
    """A sheet of rows of cells, "" for an empty one."""
    made = Sheet(merged=list(merged))
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            made.put(at, column, text)
    return made


PEOPLE = [["Roux", "41", "F", "Metz"], ["Petit", "33", "M", "Lyon"]]
NAMES = ["Nom", "Age", "Sexe", "Ville"]


@pytest.mark.parametrize(
    ("rows", "merged", "header"),
    [
        ([NAMES, *PEOPLE], (), (0, 1)),
        # A title or remark fills fewer than half of the columns, a header half of them.
        ([["Export"], NAMES, *PEOPLE], (), (1, 2)), ([["a", "b"], *PEOPLE], (), (0, 1)),
        ([["a"], ["b", "c"], *PEOPLE], (), (1, 2)),
        # A cell over the whole table is its title; over some columns a part of the header.
        ([["Export"], NAMES, *PEOPLE], [(0, 0, 0, 3)], (1, 2)),
        ([["Who", "", "Where"], NAMES, *PEOPLE], [(0, 0, 0, 1), (0, 2, 0, 3)], (0, 2)),
        # A cell that is merged downwards is of the header as far as it reaches.
        ([NAMES, ["", "x"], *PEOPLE], [(0, 0, 1, 0)], (0, 2)),
        ([NAMES, *[["", "x"]] * 2, *PEOPLE], [(0, 0, 2, 0)], (0, 3)),
        # Four rows of a header at most, and never all rows.
        ([NAMES, *[["", "x"]] * 3, *PEOPLE], [(0, 0, 3, 0)], (0, 4)),
        ([NAMES, *[["", "x"]] * 4, *PEOPLE], [(0, 0, 4, 0)], (0, 1)),
        ([NAMES, ["", "x"]], [(0, 0, 1, 0)], (0, 1)),
    ],
)  # fmt: skip
def test_a_header_fills_half_of_the_columns_alone_or_merged(rows, merged, header):
    assert _header_rows(sheet(*rows, merged=merged)) == header


@pytest.mark.parametrize(("above", "top"), [(49, 49), (50, 0)])
def test_a_header_is_looked_for_among_fifty_filled_rows(above, top):
    rows = [["remark"]] * above + [NAMES, *PEOPLE]
    assert _header_rows(sheet(*rows))[0] == top


@pytest.mark.parametrize(
    ("groups", "names", "are"),
    [
        # Two groups of columns and more, fewer than there are names, most of which are known.
        (["Qui", "", "Zzx", ""], NAMES, True), (["Qui", "", "", ""], NAMES, False),
        (["Qui", "Zzx", "Zzy", "Zzz"], NAMES, False), (["Qui", "", "Zzx", ""],
                                                       ["Nom", "Age", "zzx", "zzy"], True),
        (["Qui", "", "Zzx", ""], ["Nom", "zzw", "zzx", "zzy"], False),
        (["Nom", "", "Age", ""], NAMES, False),
    ],
)  # fmt: skip
def test_groups_of_columns_stand_above_names_that_are_known(groups, names, are):
    made = sheet(groups, names, *PEOPLE)
    assert _has_groups(made, 0, 1) == are
    assert made.merged == ([(0, 0, 0, 1), (0, 2, 0, 3)] if are else [])


def test_a_last_row_is_no_name_of_columns():
    assert not _has_groups(sheet(["Qui", "", "Zzx", ""], NAMES), 0, 1)


@pytest.mark.parametrize(
    ("rows", "table"),
    [([["a", "b"], ["c", "d"]], True), ([["a", "b"]], False), ([["a"], ["b"]], False),
     ([["a", ""], ["", "b"]], True)],
)  # fmt: skip
def test_a_table_has_two_rows_and_two_columns(rows, table):
    assert _is_table(sheet(*rows)) == table
