"""Columns whose words may refer to a special category, none without doubt: said, not claimed."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.release.inventory import Column
from privaudit.report.dossier_page import weighed
from privaudit.results.rows import Row
from privaudit.studies.study import (
    doubtful_columns,
    grave_columns,
    mentioning_columns,
    special_cells,
)
from privaudit.words.catalogues import Note

N = 56
TEAMS = ["US Catholique Lens", "AS Saint-Denis", "FC Croix", "Union Sportive"] * (N // 4)
VISITORS = ["Olympique Sud", "Stade Nord", "Racing Ouest", "Red Star Est"] * (N // 4)
PAGES = [f"/actualites/{word}-{k}" for k in range(N // 4)
         for word in ("cancer", "greve-cgt", "contact", "programme")]  # fmt: skip


def inventory_of(**columns):
    return pa.inspect(pd.DataFrame({"Journée": range(1, N + 1), **columns}), as_of="2024-06-09")


def roles_of(**columns):
    return {column.name: column.role for column in inventory_of(**columns).columns}


def test_names_of_clubs_are_to_be_read_and_are_no_faith():
    assert roles_of(Domicile=TEAMS)["Domicile"] == "doubtful"


def test_addresses_of_pages_are_to_be_read_whatever_their_words():
    inventory = inventory_of(**{"URL de la page": PAGES})
    (page,) = (one for one in inventory.columns if one.name == "URL de la page")
    assert (page.role, page.least) == ("doubtful", 0)
    assert page.again >= N // 2  # those of an illness and of a union


@pytest.mark.parametrize("sure", [0, 1, 20])
def test_one_cell_without_doubt_makes_a_column_special(sure):
    texts = ["Nadia vote Mélenchon"] * sure + TEAMS[sure:]
    assert roles_of(Domicile=texts)["Domicile"] == ("special" if sure else "doubtful")


def test_a_header_is_believed_whatever_its_words():
    assert roles_of(Religion=TEAMS)["Religion"] == "special"


def column(**about):
    plain = {"by": "", "declared": "", "type": "text", "formats": (), "filled": 40.0,
             "kind": "", "says": {"health": 12.0}}  # fmt: skip
    return Column(**{"name": "c", **plain, **about})


class Holding:
    def __init__(self, *columns):
        self.columns = columns

    def of_role(self, *roles):
        return tuple(one for one in self.columns if one.role in roles)


NAN = float("nan")


@pytest.mark.parametrize(
    ("about", "where"),
    [
        ({"role": "special", "least": 0.0}, "mentioning"),
        ({"role": "doubtful", "least": 0.0}, "doubtful"),
        ({"role": "doubtful", "least": NAN}, "doubtful"),
        ({"role": "date", "least": 0.0}, "doubtful"),
        ({"role": "date", "least": 1.0}, "mentioning"),
        ({"role": "date", "least": NAN}, "mentioning"), ({"role": "hint", "least": 1.0}, ""),
        ({"role": "date", "least": 1.0, "says": {"phone": 12.0}}, ""),
    ],
)  # fmt: skip
def test_a_column_mentions_a_category_or_is_in_doubt_and_never_both(about, where):
    one = Holding(column(**about))
    assert [bool(mentioning_columns(one)), bool(doubtful_columns(one))] == [
        where == "mentioning", where == "doubtful"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("about", "cells"),
    [
        ({"kind": "technical", "by": "header", "shows": 40.0}, {"health": 12.0}),
        ({"kind": "health", "by": "header", "shows": 30.0}, {"health": 30.0}),
        ({"kind": "tie", "by": "header", "shows": 30.0}, {"tie": 30.0, "health": 12.0}),
        # What cells show is withheld, and how many say it is not.
        ({"kind": "health", "by": "cells", "shows": NAN}, {"health": 12.0}),
    ],
)
def test_only_a_kind_that_is_special_is_counted_beside_the_words(about, cells):
    assert special_cells(column(role="special", **about)) == cells


WINES = ["malade, filer en cuisine", "à boire", "garder", "bouchonné"] * (N // 4)


@pytest.mark.parametrize(
    ("beside", "notes", "grave"),
    [
        ({}, WINES, False), ({"E-mail": [f"a{k}@exemple.fr" for k in range(N)]}, WINES, True),
        ({}, ["Mme Petit est diabétique", *WINES[1:]], True),
    ],
)  # fmt: skip
def test_a_note_beside_nobody_is_to_be_read_unless_a_word_is_sure(beside, notes, grave):
    inventory = inventory_of(
        Appellation=["Pauillac", "Chinon"] * (N // 2), Remarque=notes, **beside
    )
    named = [[c.name for c in of(inventory)] for of in (grave_columns, doubtful_columns)]
    assert named == ([["Remarque"], []] if grave else [[], ["Remarque"]])


SENTENCES = {
    "en": ("none was recognised without doubt as a special category",
           "To be read again: words of “Domicile” may refer to a special category.",
           "Identified people, and words that may refer to a special category",
           "In 14 of the 56 records with a value in “Domicile”, a word may refer to a religion; "
           "no cell of that column does so without doubt."),
    "fr": ("aucune n’a été reconnue sans équivoque",
           "À relire : certains mots de « Domicile » peuvent évoquer une catégorie particulière.",
           "Personnes identifiées, et mots qui peuvent évoquer une catégorie particulière",
           "Dans 14 des 56 fiches où « Domicile » est remplie, un mot peut évoquer une religion, "
           "sans que ce soit certain pour aucune."),
}  # fmt: skip


@pytest.fixture(scope="module")
def matches(tmp_path_factory):
    path = tmp_path_factory.mktemp("matches") / "matchs.csv"
    lasts = ("Petit", "Morel", "Girard", "Blanc", "Roux", "Faure", "Lopez")
    referees = [f"{first} {last}" for first in ("Anne", "Paul", "Julie", "Karim") for last in lasts]
    table = {"Date": ["04/09/2023"] * N, "Domicile": TEAMS, "Extérieur": VISITORS}
    pd.DataFrame({**table, "Arbitre": referees * 2}).to_csv(path, index=False)
    return path


def text_of(page):
    text = re.sub(r"<(style|svg|script).*?</\1>|<[^>]+>", " ", page.read_text("utf-8"), flags=re.S)
    return re.sub(r"[\s\u00a0\u202f]+", " ", text).replace(" ;", ";").replace("( ", "(")


@pytest.mark.parametrize("lang", SENTENCES)
def test_a_page_says_what_is_to_be_read_and_claims_nothing(matches, tmp_path, lang, capsys):
    out = tmp_path / lang
    assert main(["inspect", str(matches), "--lang", lang, "--out", str(out)]) == 0
    assert main(["report", "--verify", str(out)]) == 0
    capsys.readouterr()
    plain = [one.replace(" ;", ";") for one in SENTENCES[lang]]
    page, annex = text_of(out / "index.html"), text_of(out / "annex.html")
    for sentence in plain[:3]:
        assert sentence in page, sentence
    assert plain[3] in annex
    assert "article 9" not in page.split("Domicile")[0]


@pytest.mark.parametrize(("notes", "consequence"), [(["no_word_sure"], "to_read"), ([], "health")])
def test_a_dossier_draws_no_consequence_but_to_read(notes, consequence):
    part = {"column": "Domicile", "what": "religion"}
    about = {"unit": "records", "counts": "records", "notes": tuple(map(Note, notes))}
    row = Row(measure="says", value=14, n=N, part=part, **about)
    assert weighed(SimpleNamespace(inventories=[]), row, "health") == consequence


@pytest.mark.parametrize("unions", [0, 2])
def test_a_page_that_counts_words_of_employers_does_not_say_that_it_found_none(
    tmp_path, unions, capsys
):
    employers = ["CGT", "Mairie de Lens", "EDF", "Hôpital Nord"]
    employers = (employers if unions else employers[1:]) * N
    table = {"E-mail": [f"a{k}@exemple.fr" for k in range(N)], "Company": employers[:N]}
    path, out = tmp_path / "contacts.csv", tmp_path / "out"
    pd.DataFrame(table).to_csv(path, index=False)
    assert main(["inspect", str(path), "--lang", "en", "--out", str(out)]) == 0
    capsys.readouterr()
    page = text_of(out / "index.html")
    assert ("none was recognised without doubt" in page) is bool(unions)
    assert ("words of “Company” may refer to a special category" in page) is bool(unions)
