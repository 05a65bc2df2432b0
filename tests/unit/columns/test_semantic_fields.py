"""Whole fields of words, each with its false friends: what must be found, and what left alone.

`lexicon_fields.csv` was written field by field (every union, every party, every school class ...),
not from notes: `says` is "no" where a word of the field means something else.
"""

import csv
import re
import tomllib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from privaudit.columns.free_text import categories_in
from privaudit.columns.lexicon import CATEGORIES

DATA = Path(__file__).parents[2] / "data" / "lexicon_fields.csv"


@pytest.fixture(scope="module")
def rows():
    with DATA.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("what", CATEGORIES)
def test_a_semantic_field_is_complete_without_false_friends(rows, what):
    own = [row for row in rows if row["category"] == what]
    assert {row["says"] for row in own} == {"yes", "no"}
    found = categories_in([row["note"] for row in own])[what]
    said = np.array([row["says"] == "yes" for row in own])
    missed = [row["note"] for row, wrong in zip(own, said & ~found, strict=True) if wrong]
    wrongly = [row["note"] for row, wrong in zip(own, found & ~said, strict=True) if wrong]
    assert not missed
    assert not wrongly


def test_a_celebrity_is_no_third_party():
    known = ["a voté Nicolas Sarkozy", "déteste Anne Hidalgo", "supports Bernie Sanders",
             "fan d'Édouard Philippe", "vote Marine"]  # fmt: skip
    found = categories_in([*known, "Vu Nicolas Petit", "Vu Nicole"])
    assert found["party"].tolist() == [True] * 5 + [False] * 2
    assert found["others"].tolist() == [False] * 5 + [True] * 2


# A word, a beginning of one, a number, a mark, a list, or what stands for several.
A_WORD = re.compile(
    r"[a-z]+\*?|[A-Z]+\*?|\d+|#minor|#number|@[a-z]+(_[a-z]+)?|\$|[^\sA-Za-z0-9'\u2019_]"
)


@pytest.mark.parametrize("what", CATEGORIES)
def test_no_line_of_the_lexicon_is_dead(what):
    # Texts are cut where letters and digits meet: "6eme" and "ce1" would never be met, and what
    # stands beside "_" between bars is not looked at.
    text = (resources.files("privaudit.columns") / "lexicon_data" / f"{what}.toml").read_text()
    told = tomllib.loads(text)
    words = [*told["words"].split()]
    for line in (*told["runs"].splitlines(), *told["silent"].splitlines()):
        for part in line.removeprefix("^").split():
            if part not in ("_", "..", "|"):
                words += part.split("|")
    assert [word for word in words if not A_WORD.fullmatch(word)] == []


def test_what_ends_a_clause_is_silent_only_there():
    # "concierge" alone tells who the note is of; what she says is of somebody else.
    found = categories_in(["Landlord", "Landlord won't fix the damp", "Caretaker lets you in"])
    assert found["others"].tolist() == [False, True, True]


def test_a_household_is_known_by_its_surname():
    others = ["toute la famille Ledoux a signé", "the Okafor family want a sign",
              "the Johnsons at 12 are away", "chez les Moreau, personne"]  # fmt: skip
    nobody = ["Famille Ledoux, absente", "les Verts ont perdu", "the Greens at the council"]
    found = categories_in([*others, *nobody])["others"]
    assert found.tolist() == [True] * len(others) + [False] * len(nobody)


def test_numbers_are_interchangeable_unless_listed():
    found = categories_in(["the woman at 9", "the woman at 4021", "girl of 9", "girl of 4021"])
    assert found["others"].tolist()[:2] == [True, True]
    assert found["children"].tolist()[2:] == [True, False]


def test_categories_of_a_text_do_not_depend_on_other_texts(rows):
    notes = [row["note"] for row in rows[::3]]
    forth, back = categories_in(notes), categories_in(notes[::-1])
    few = [categories_in(notes[at : at + 50]) for at in range(0, 1_000, 50)]
    for what in CATEGORIES:
        assert (forth[what] == back[what][::-1]).all(), what
        assert (forth[what][:1_000] == np.concatenate([one[what] for one in few])).all(), what
