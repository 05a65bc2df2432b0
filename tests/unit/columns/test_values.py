"""Which cells of a column of numbers are unread, and which numbers stand for nothing: limits."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.values import _like_marks, read_levels


def unread(**records):
    """How many records are noted as no numbers, of levels with so many records each."""
    levels = pd.Index(list(records), dtype="str")
    notes = read_levels(levels, np.array(list(records.values())), "gift").notes
    return [note.values["records"] for note in notes if note.key == "numbers_unread"]


@pytest.mark.parametrize(("numbers", "noted"), [(39, []), (40, [60]), (41, [59])])
def test_other_cells_are_unread_where_two_of_five_records_are_numbers(numbers, noted):
    assert unread(**{"12": numbers, "voir fiche": 100 - numbers}) == noted
    # A leading zero makes codes of numbers.
    assert unread(**{"12": numbers, "012": 1, "voir fiche": 99 - numbers}) == []


@pytest.mark.parametrize(("euros", "noted"), [(29, []), (30, [70]), (31, [69])])
def test_other_units_are_unread_where_two_of_five_records_have_one(euros, noted):
    assert unread(**{"5 €": euros, "5 £": 10, "rien": 90 - euros}) == noted


@pytest.mark.parametrize(("before", "noted"), [(199, [199]), (200, [])])
def test_a_number_is_looked_for_among_two_hundred_values(before, noted):
    words = {f"rue {chr(97 + k // 26)}{chr(97 + k % 26)}": 1 for k in range(before)}
    assert unread(**words, **{"12": 500}) == noted


@pytest.mark.parametrize(("values", "marks"), [
    ([1, 33, 99], []), ([1, 32, 99], [99]),  # above three times the next
    ([32, 99], []), ([1, 32, 98], []), ([-9, 32, 99], [-9]), ([-8, 32, 99], []),
    ([-9, -99], []), ([0, 0, 9], []),
])  # fmt: skip
def test_a_mark_is_negative_or_above_three_times_any_other_number(values, marks):
    assert _like_marks(np.array(values)).tolist() == marks


@pytest.mark.parametrize("nines", [9, 99, 999, 9_999, 99_999])
def test_marks_are_written_with_nines_only(nines):
    for value in (nines - 1, nines, nines + 1):
        expected = [value] if value == nines else []
        assert _like_marks(np.array([1, 2, value])).tolist() == expected
        assert _like_marks(np.array([-value, 1, 2])).tolist() == [-mark for mark in expected]
