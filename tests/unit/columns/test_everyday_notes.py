"""Everyday notes that say nothing of anybody: logistics, streets, surnames, subjects, jobs.

What stands at most doors is a time, a gate, a pothole. Each part is crossed with each other, so
that a rule which fires on what everybody writes shows. Fewer than one in a hundred may say
something; 193 of these 6,827 did before any rule was mended for them.
"""

import itertools
from pathlib import Path

import numpy as np
import pytest

from privaudit.columns.free_text import categories_in, search_texts
from privaudit.columns.lexicon import CATEGORIES

DATA = Path(__file__).parents[2] / "data" / "everyday_notes.txt"


@pytest.fixture(scope="module")
def notes():
    """Every line of the file: a pattern, then the words for each of its places."""
    found = []
    for line in DATA.read_text(encoding="utf-8").splitlines():
        pattern, *places = line.split("\t")
        ways = (way.split("|") for way in places)
        found += [pattern.format(*words) for words in itertools.product(*ways)]
    return list(dict.fromkeys(found))


def test_usual_notes_hold_no_category(notes):
    assert len(notes) > 6_000
    said = categories_in(notes)
    for what in CATEGORIES:
        wrong = np.flatnonzero(said[what])
        assert len(wrong) < 0.01 * len(notes), (what, [notes[at] for at in wrong[:20]])
    anything = np.logical_or.reduce([said[what] for what in CATEGORIES])
    assert anything.mean() < 0.01, [notes[at] for at in np.flatnonzero(anything)[:40]]
    page = (DATA.parents[2] / "docs" / "inspect.md").read_text(encoding="utf-8")
    marked = f"Of {len(notes):,} everyday notes (`tests/data/everyday_notes.txt`) {anything.sum()}"
    assert f"{marked} are marked." in page


def test_a_surname_before_a_comma_is_sure_of_nobody():
    found = search_texts(["M. Droitier et Mme Gauche, colocs", "Mme Martin, de gauche, reçoit"])
    assert found.least.tolist() == [False, True]


@pytest.mark.parametrize(
    "note",
    [
        # What it says is of a thing, or the word has another sense.
        "La grippe de l'ascenseur, encore en panne", "Demande une rémission de dette",
        "House painted in gay colours", "La roue de son vélo est voilée", "Dépression du trottoir",
        "Peinture antillaise", "Depressed kerb outside number 9", "Son modem ne marche pas",
        "Infirmière à domicile", "Needs a ramp", "Charges lourdes", "Maîtresse de CM1",
        "Protestant contre le bruit", "Fracture numérique", "Via Garibaldi 3, Roma",
    ],
)  # fmt: skip
def test_a_word_of_another_sense_is_to_be_read_again(note):
    found = search_texts([note])
    assert (found.least.tolist(), found.again.tolist()) == ([False], [True])


@pytest.mark.parametrize(
    "note",
    [
        "Sort de chimio, ascenseur en panne", "3e étage, malade", "Elle est en fauteuil roulant.",
        "Séropositif, son mari aussi", "Dépression, sous antidépresseurs",
        "Lesbienne et militante CGT", "Painted gate, gay", "Catholique pratiquante",
    ],
)  # fmt: skip
def test_what_is_said_of_a_person_stays_sure_beside_a_thing(note):
    assert search_texts([note]).least.all()


@pytest.mark.parametrize(
    "note",
    [
        "vote PS", "votes Labour", "VOTE PS DEPUIS TOUJOURS", "vote Mélenchon depuis 2012",
        "Votera Macron", "mari vote RN", "he votes Tory", "vote PS, tract laissé",
        "distribue 20 tracts pour nous",
    ],
)  # fmt: skip
def test_a_vote_for_a_side_is_sure(note):
    """Behind "vote" may stand somebody's name, so that no note of a vote was sure."""
    assert search_texts([note]).least.all()


@pytest.mark.parametrize(
    "note",
    [
        "tract du PS", "tract PS", "Labour leaflet", "un tract LFI",
        "vote PS ?", "ne vote pas PS", "bureau de vote Jospin", "vote Juif (nom de la salle)",
    ],
)  # fmt: skip
def test_a_leaflet_of_a_side_or_a_doubted_vote_is_no_sure_note(note):
    """A leaflet that lies about is of a side, and says whose it is of nobody."""
    assert not search_texts(["absent", note]).least.any()
    assert not search_texts([note]).least.any()


@pytest.mark.parametrize(("note", "sure"), [
    ("her husband Ian", False), ("lives with her husband", False), ("Husband Paul at work", False),
    ("elle vit avec son mari Paul", False), ("elle et Paul sont mariés", False),
    ("she is married to Tom", False), ("vit avec Paul", False),
    ("lives with his husband Ian", True), ("pacsé avec Thomas", True), ("marié à Paul", True),
    ("deux hommes, vivent ensemble", True),
])  # fmt: skip
def test_a_man_beside_somebody_of_unknown_sex_is_no_sure_note(note, sure):
    """A husband with a name was of a man in every note, and "lives with her husband" too."""
    found = search_texts([note])
    assert (found.least.tolist(), found.again.tolist()) == ([sure], [True])


@pytest.mark.parametrize(("note", "sure"), [
    # A heading: of 30 words before a colon 3 were of a person.
    ("Diabète : journée de dépistage chez lui", False), ("CFDT : salle réservée", False),
    ("LR, PS, EELV : il y a débat", False), ("Sa mère est diabétique : stand", False),
    ("Il est diabétique, revenir à 10:30", True), ("Il est à la CFDT. Code : 12", True),
    # A word that begins a text without a person.
    ("Turc, 2 sandwiches", False), ("oncologue à Gustave Roussy", False),
    ("perdu de vue depuis 2 ans", False), ("Marocain, porte verte", False),
    ("Turc, arrivé en 1974", True), ("3e étage, Turc", True),
    ("perdu de vue, il est aveugle", True), ("Elle est sourde depuis un accident", True),
    # An organisation that begins a text, and what it does.
    ("le député PS est venu", False), ("vote FN en hausse dans la rue", False),
    ("tract de la CGT dans la boîte de sa mère", False),
    ("il est député PS", True), ("vote FN depuis 2 ans", True), ("son fils est à la CGT", True),
    ("portail bleu, soutient le PS à fond", True), ("prend un tract, vote PS", True),
])  # fmt: skip
@pytest.mark.parametrize("others", [[], ["absent"]])
def test_what_begins_a_text_is_sure_where_a_person_is_shown(note, sure, others):
    found = search_texts([*others, note])
    assert (bool(found.least[-1]), bool(found.again[-1])) == (sure, True)
