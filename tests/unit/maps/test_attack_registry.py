"""Every attack says itself once: ladder, parsing and words follow; tallies add up."""

import ast
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.cli.options import rung_words
from privaudit.errors import ParameterError
from privaudit.maps.adversary import Adversary, KnownAttack
from privaudit.maps.masks.donut import Donut
from privaudit.maps.posterior import Guesses, Tally
from privaudit.maps.registry import ATTACKS, RUNGS, parse_adversary, rungs

PACKAGE = Path(__file__).parents[3] / "privaudit"
CATALOGUE = PACKAGE / "words" / "catalogue"
MASK = Donut(r_min=50, r_max=200)
HELD = pd.DataFrame({"address": [0], "station": ["x"]})


def test_each_word_is_that_of_one_attack():
    words = [attack.word for attack in ATTACKS]
    assert len(set(words)) == len(words)
    assert list(RUNGS) == [attack.word for attack in ATTACKS if attack.is_rung]


def test_help_reads_the_words_without_loading_the_attacks():
    assert rung_words() == list(RUNGS)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_each_attack_has_its_words(lang):
    said = tomllib.loads((CATALOGUE / f"{lang}.toml").read_text(encoding="utf-8"))
    for section in ("who", "rung"):
        assert {attack.word for attack in ATTACKS} <= set(said[section])


@pytest.mark.parametrize(
    ("known", "names"),
    [
        ({}, ["nearest", "knows_mask", "knows_electors"]),
        ({"electors": False, "results": HELD}, ["nearest", "knows_mask"]),
        ({"results": HELD}, ["nearest", "knows_mask", "knows_electors", "knows_results"]),
        (
            {"register": HELD, "residents": HELD},
            ["nearest", "knows_mask", "knows_electors", "holds_register", "neighbour"],
        ),
    ],
)
def test_the_ladder_has_the_rungs_that_what_is_known_allows(known, names):
    assert [rung.name for rung in rungs(MASK, **known)] == names
    assert [rung.name for rung in rungs(None, **known)] == ["nearest", "unknown_mask"]


def test_results_are_held_by_everybody_after_the_rung_that_needs_them():
    ladder = rungs(MASK, results=HELD, register=HELD, residents=HELD)
    assert [rung.results is not None for rung in ladder] == [False] * 3 + [True] * 3


@pytest.mark.parametrize(
    ("word", "lacking", "said"),
    [
        ("knows_electors", {"electors": False}, "electors at each address"),
        ("holds_versions", {"copies": 1}, "several copies"),
        ("holds_register", {"mask": MASK}, "a register"),
        ("reads_picture", {}, "Did you mean|one of"),
    ],
)
def test_what_a_rung_lacks_is_said(word, lacking, said):
    with pytest.raises(ParameterError, match=said):
        parse_adversary(word, **({"mask": MASK} | lacking))


def test_who_kept_copies_works_the_mask_out_where_it_is_not_known():
    assert parse_adversary("holds_versions", copies=3).estimates_mask
    assert parse_adversary("holds_versions", mask=MASK, copies=3).mask == MASK


def test_an_attack_that_is_no_rung_has_no_adversary():
    with pytest.raises(ParameterError, match="rung"):
        KnownAttack(word="reads_minds").adversary()
    with pytest.raises(ParameterError):
        KnownAttack(word="reads_minds", needs=("crystal",), believes=Adversary.nearest)


COUNTS = st.tuples(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50))


@given(st.lists(COUNTS, min_size=1, max_size=6))
def test_tallies_of_tiles_add_up_to_that_of_the_map(tiles):
    parts = [
        Tally(records=n, mask="m", unexplained=min(n, far), unnamed=min(n, nobody), crowd=1 + far)
        for n, far, nobody in tiles
    ]
    whole = parts[0]
    for part in parts[1:]:
        whole += part
    assert whole.records == sum(part.records for part in parts)
    assert whole.unexplained == sum(part.unexplained for part in parts)
    assert whole.crowd == max(part.crowd for part in parts)
    assert whole.mask == "m"


def test_nothing_is_decided_by_a_recipe_or_a_note():
    files = sorted((PACKAGE / "maps").glob("*.py"))
    assert len(files) > 20
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "recipe":
                handed = ("self.mask.recipe", "self.attack.recipe", "self.recipe")
                assert ast.unparse(node) in handed, file.name
            # Nobody asks a note for its key or its values.
            assert not (isinstance(node, ast.Attribute) and node.attr in ("key", "startswith"))
        assert "import re\n" not in file.read_text(encoding="utf-8")


def test_doubts_are_told_and_make_guesses_unreliable():
    import numpy as np

    from privaudit.words.catalogues import Note

    none, half = np.zeros(0, np.int64), np.zeros(0)
    guesses = Guesses(
        attack="nearest", address=none, confidence=half, person=none,
        person_confidence=half, opinion=np.zeros(0, "U1"), opinion_confidence=half,
    )  # fmt: skip
    assert guesses.with_notes().reliable
    doubted = Guesses(**{**vars(guesses), "doubts": (Note("mask_worked_out"),)}).with_notes()
    assert not doubted.reliable
    assert doubted.notes == (Note("mask_worked_out"),)
