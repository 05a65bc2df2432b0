"""Whole fields of words, each with its false friends: what must be found, and what left alone.

`lexicon_fields.csv` was written field by field (every union, every party, every school class ...),
not from notes: `says` is "no" where a word of the field means something else.
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from privaudit.tables.free_text import speaks_of
from privaudit.tables.lexicon import SAID

DATA = Path(__file__).parents[2] / "data" / "lexicon_fields.csv"


@pytest.fixture(scope="module")
def rows():
    with DATA.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("what", SAID)
def test_a_field_is_found_whole_and_its_false_friends_are_left(rows, what):
    own = [row for row in rows if row["category"] == what]
    assert {row["says"] for row in own} == {"yes", "no"}
    found = speaks_of([row["note"] for row in own])[what]
    said = np.array([row["says"] == "yes" for row in own])
    missed = [row["note"] for row, wrong in zip(own, said & ~found, strict=True) if wrong]
    wrongly = [row["note"] for row, wrong in zip(own, found & ~said, strict=True) if wrong]
    assert not missed
    assert not wrongly


def test_whom_everybody_knows_is_nobody_of_the_household():
    known = ["a voté Nicolas Sarkozy", "déteste Anne Hidalgo", "supports Bernie Sanders",
             "fan d'Édouard Philippe", "vote Marine"]  # fmt: skip
    found = speaks_of([*known, "Vu Nicolas Petit", "Vu Nicole"])
    assert found["party"].tolist() == [True] * 5 + [False] * 2
    assert found["others"].tolist() == [False] * 5 + [True] * 2
