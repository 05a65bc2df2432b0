"""Groups of national telephone numbers and marks of no answer, each one by itself."""

import numpy as np
import pytest

from privaudit.columns.identifiers import is_phone
from privaudit.columns.values import _like_marks


@pytest.mark.parametrize(
    ("written", "no_number"),
    [
        # North America: neither the area nor the exchange begins with 0 or 1.
        ("212 555 1234", "112 555 1234"), ("212 255 1234", "212 155 1234"),
        ("1 212 555 1234", "2 212 555 1234"), ("1 212 255 1234", "1 212 155 1234"),
        ("20 30 40 51", "12 30 40 51"), ("2034 5671", "1034 5671"), ("612 345 671", "412 345 671"),
        ("612 34 56 71", "212 34 56 71"), ("532 123 45 61", "132 123 45 61"),
        ("98765 43211", "58765 43211"), ("44 123 45 61", "44 123 456 1"),
        ("91 2345 6781", "91 234 56781"), ("2 2345 6781", "2 234 56781"),
        ("20 23456 6781", "20 234566 781"),
    ],
)  # fmt: skip
def test_a_national_number_has_known_groups_and_first_digits(written, no_number):
    assert (is_phone(written), is_phone(no_number)) == (True, False)


@pytest.mark.parametrize("mark", [9, 99, 999, 9_999, 99_999])
def test_nines_are_marks_below_nought_or_far_above(mark):
    assert _like_marks(np.array([1.0, 2.0, -mark])).tolist() == [-mark]
    assert _like_marks(np.array([1.0, 2.0, mark])).tolist() == [mark]
    # Far above is over three times the next.
    assert _like_marks(np.array([1.0, mark / 3, mark])).tolist() == []
    assert _like_marks(np.array([1.0, 2.0, mark - 1, -mark - 1])).tolist() == []
    assert _like_marks(np.array([1.0, 2.0, mark - 1])).tolist() == []
    # Of two numbers, of negative ones alone, or with another negative number, none is a mark.
    for values in ([1.0, mark], [-mark], [1.0, -mark, -2.0]):
        assert _like_marks(np.array(values, dtype=float)).tolist() == []
