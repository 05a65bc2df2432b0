"""Numbers as people write them: decimal marks, thousands, codes, and days of a spreadsheet."""

import numpy as np
import pytest

from privaudit.text.dates import (
    are_serial_days,
    decimal_mark,
    merges_numbers,
    parse_numbers,
    timestamp_unit,
    written_twice,
)


# One to three digits stand before the first mark of thousands, three after each, the same mark
# throughout (ISO 80000-1, 7.3.1); after a whole number without a leading zero stand decimals.
@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1 234", ".", 1_234), ("12 345", ".", 12_345), ("123 456", ".", 123_456),
        ("1234 567", ".", None), ("1 23", ".", None), ("1 2345", ".", None),
        ("1 234 567", ".", 1_234_567), ("1 234'567", ".", None), ("0 234", ".", None),
        ("1'234.5", ".", 1_234.5), ("1’234", ".", 1_234), ("1,234.5", ".", 1_234.5),
        ("1.234,5", ",", 1_234.5), ("1234,5", ",", 1_234.5), ("1,2,3", ",", None),
        ("0.5", ".", 0.5), ("00.5", ".", None), ("012", ".", None), ("0", ".", 0), ("-7", ".", -7),
        ("5.", ".", 5), (".5", ".", None), ("+1.5", ".", 1.5), ("--1", ".", None),
        ("1e3", ".", 1_000), ("1E-2", ".", 0.01), ("1e100", ".", 1e100), ("1e1000", ".", None),
        ("1e", ".", None), ("", ".", None), ("x", ".", None),
    ],
)  # fmt: skip
def test_a_number_has_groups_of_three_digits_and_one_mark(text, mark, number):
    found = parse_numbers([text], mark)
    assert (None if found is None else found.tolist()) == (None if number is None else [number])


@pytest.mark.parametrize(
    ("texts", "mark", "sure"),
    [
        # Decimals alone: none or one digit, two, four, more than three before, or a 0.
        (["12,5"], ",", True), (["1,23"], ",", True), (["1,234"], ".", False),
        (["1,2345"], ",", True), (["1234,567"], ",", True), (["123,567"], ".", False),
        (["0,234"], ",", True), (["1.5"], ".", True), (["1.234"], ".", True),
        (["12,5", "1.234"], ",", True),
        # Thousands alone: two groups of three, or one and the other mark.
        (["1,234,567"], ".", True), (["1.234.567"], ",", True), (["1,234.5"], ".", True),
        (["123,456.5"], ".", True), (["1.234,5"], ",", True), (["12.345.678"], ",", True),
        (["1 234,567"], ",", True), (["1'234,567"], ",", True),
        (["1234,567,890"], ".", False), (["0,234,567"], ".", False),
        # Each contradicts the other; without a mark nothing is left open.
        (["1,5", "1.5"], "", True), (["1,234,567", "1.234.567"], "", True),
        (["7"], ".", True), ([], ".", True), (["7", "1,234"], ".", False),
    ],
)  # fmt: skip
def test_the_decimal_mark_is_that_of_the_cells_that_can_be_read_in_one_way(texts, mark, sure):
    assert decimal_mark(texts) == (mark, sure)


@pytest.mark.parametrize(
    ("texts", "twice", "merged"),
    [
        # Versions of a program: 1.1 and 1.10 are two, the same with a plus is one.
        (["1.1", "1.10"], [0, 1], True), (["1.5", "+1.5"], [], False), (["1", "1.0"], [], False),
        (["1.1", "1.2"], [], False), (["2.10", "1.1", "2.1"], [0, 2], True),
        # A float holds whole numbers up to 2**53, of 16 digits; fifteen are always exact.
        (["123456789012345"], [], False), (["1234567890123456"], [], True),
        # Of decimals two that are one float are merged, one is not.
        (["0.1000000000000000055", "0.1"], [0, 1], True), (["0.1000000000000000055"], [], False),
    ],
)  # fmt: skip
def test_what_a_float_would_make_one_is_merged(texts, twice, merged):
    floats = np.array(texts, dtype=float)
    assert written_twice(texts, floats) == twice
    assert merges_numbers(texts, floats) is merged


@pytest.mark.parametrize(("versions", "merged"), [(True, True), (False, False)])
def test_versions_are_two_where_numbers_may_be_versions(versions, merged):
    # One and the same number, whatever its zeros, is merged with no other.
    for texts in (["1.1", "1.10"], ["0.1", "0.1000000000000000"]):
        floats = np.array(texts, dtype=float)
        assert merges_numbers(texts, floats, versions=versions) is merged


def test_numbers_with_a_mark_of_thousands_are_no_versions():
    assert parse_numbers(["1.1", "1.10"]) is None
    assert parse_numbers(["1,1", "1,10"], ",").tolist() == [1.1, 1.1]


@pytest.mark.parametrize("other", ["4268", "426810", "42681x", ""])
def test_days_of_a_spreadsheet_have_five_digits(other):
    assert not are_serial_days(["42681", "42682", "42683", "42684", other])


def test_days_of_a_spreadsheet_lie_between_2000_and_2050_with_an_hour():
    for day, unit in ((36_525.75, ""), (36_526.25, "sheet"), (54_788.75, "sheet"), (54_789.0, "")):
        assert timestamp_unit(np.array([day, 42_459.5])) == unit
    # Whole numbers may be anything; a gap says nothing.
    assert timestamp_unit(np.array([42_459.0, np.nan])) == ""
    assert timestamp_unit(np.array([42_459.5, np.nan])) == "sheet"
    assert timestamp_unit(np.array([1.7e18])) == "ns"


def test_long_codes_that_one_float_holds_are_not_one_number():
    codes = ["0123", *(f"123456789012345678{last}" for last in range(9))]
    assert written_twice(codes, np.array(codes, dtype=float)) == []
