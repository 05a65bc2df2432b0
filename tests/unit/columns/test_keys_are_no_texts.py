"""What is a key and no text, who is a minor by a number: each limit, under it and over it."""

import pytest

from privaudit.columns.free_text import is_text
from privaudit.columns.lexicon import lexicon

UUID = "a1b2c3d4-1111-2222-3333-a1b2c3d4e5f6"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        # Sixteen hexadecimal digits of one case, a universal identifier, 24 signs with a digit.
        ("a" * 15, True), ("a" * 16, False), ("a" * 17, False), ("A" * 15, True),
        ("A" * 16, False), ("aB" * 8, True), ("g" * 16, True), (UUID, False), (UUID[1:], True),
        (UUID.replace("1111", "111g"), True), ("a1b2c3d-1111-2222-3333-a1b2c3d4e5f6", True),
        ("A-" + UUID[:8] + "-zz", True), ("A1" + "b" * 22, False), ("A1" + "b" * 21, True),
        ("Ag" + "b" * 22, True), ("a" * 8 + " " + "a" * 8, True), ("123", False), ("", False),
        ("é", True), ("Diabétique", True),
    ],
)  # fmt: skip
def test_a_key_is_no_text(cell, text):
    assert is_text(cell) == text


@pytest.mark.parametrize(
    ("word", "minor"),
    [("16", True), ("17", True), ("18", False), ("19", False), ("0017", True), ("0018", False),
     ("00175", False), ("0", True), ("9" * 5_000, False), ("\u00b2", False),
     ("1700", False), ("17ans", False)],
)  # fmt: skip
def test_a_number_under_eighteen_may_begin_an_age(word, minor):
    assert ("children" in {entry.category for entry in lexicon().entries(word)}) == minor
