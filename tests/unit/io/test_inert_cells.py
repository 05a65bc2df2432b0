"""Cells of workbooks: what a spreadsheet may run is quoted, days are counted, blanks stay blank."""

import datetime
import math
from types import SimpleNamespace

import pandas as pd
import pytest

from privaudit.io.formats.xlsx import _Book, _format, _is_small_number, _place
from privaudit.io.workbooks import inert


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
        # Below a day it is a time of day, of a second at best.
        (DAY_0, "0", "00:00:00"), (DAY_0, "0.5", "12:00:00"), (DAY_0, "0.99998", "23:59:58"),
        (DAY_0, "1.5", "1900-01-01T12:00:00"), (DAY_0, "-1", "-1"), (DAY_0, "x", "x"),
        # No day is after the year 9999, of a workbook of 1904 either.
        (DAY_0, "2958464", "9999-12-30"), (DAY_0, "2958465", "2958465"),
        (DAY_0_OF_1904, "0", "00:00:00"), (DAY_0_OF_1904, "1", "1904-01-02"),
        (DAY_0_OF_1904, "59", "1904-02-29"), (DAY_0_OF_1904, "2957002", "9999-12-30"),
        (DAY_0_OF_1904, "2957003", "2957003"), (DAY_0_OF_1904, "2958464", "2958464"),
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
