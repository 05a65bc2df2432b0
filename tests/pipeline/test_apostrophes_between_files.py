"""Two files of the same eighty people whose names are typed in other ways: the same joins."""

import unicodedata
from importlib import resources

import numpy as np
import pandas as pd
import pytest

from privaudit.linkage.join_tables import linked_tables
from privaudit.linkage.person_index import PersonIndex
from privaudit.release.read_table import read_table
from privaudit.studies.dossier import Seizure, audit_dossier

STORY = resources.files("privaudit.rules") / "examples" / "story.toml"
GIVEN = ("Marie", "Anne-Claire", "Éloïse", "Zoé", "Jean-Noël", "François", "Paweł", "Søren")
FAMILIES = ("D'Arc", "L'Haÿ", "Lœb", "Strauß", "Łukasik", "D'Œuvray", "N'Guyen", "O'Neil", "Prévôt",
            "Lœuillet")  # fmt: skip


def people():
    """Eighty people of whom each has a name and a birth date of their own."""
    rows = [
        {"Prénom": given, "Nom de l'électeur": family, "Né le": f"19{40 + 8 * i + j}-0{1 + j}-11"}
        for i, family in enumerate(FAMILIES)
        for j, given in enumerate(GIVEN)
    ]
    frame = pd.DataFrame(rows)
    frame["Né le"] = [f"19{30 + k % 60:02d}-0{1 + k % 9}-1{k % 10}" for k in range(len(frame))]
    return frame


TYPED = {
    "typographic apostrophes": lambda text: text.replace("'", "\u2019"),
    "capitals": str.upper,
    "apart from accents": lambda text: unicodedata.normalize("NFD", text),
    "without ligatures": lambda text: text.replace("œ", "oe").replace("ß", "ss"),
    "hyphens and blanks": lambda text: text.replace("-", "\u2011").replace(" ", "\u00a0"),
}


def typed_so(frame, change):
    """The names of a table, and its headers, typed in another way; dates stay."""
    names = frame.columns[:2]
    return frame.assign(**{name: frame[name].map(change) for name in names}).rename(columns=change)


def rows(one, other):
    told = [PersonIndex.of(read_table(f), name) for f, name in ((one, "a"), (other, "b"))]
    found = linked_tables(told, rng=np.random.default_rng(1))
    return {row.key: (row.value, row.baseline, row.control, row.n) for row in found.rows}


@pytest.mark.parametrize("typed", TYPED)
def test_joins_are_those_of_the_same_spelling(typed):
    mine = people()
    change = TYPED[typed]
    theirs = typed_so(mine, change)
    expected = rows(mine, mine)
    found = rows(mine, theirs)
    assert len(expected) > 2
    assert repr(found) == repr(expected)


def test_all_are_found_by_name_and_birth():
    mine = people()
    theirs = typed_so(mine, TYPED["typographic apostrophes"])
    told = [PersonIndex.of(read_table(f), name) for f, name in ((mine, "a"), (theirs, "b"))]
    found = linked_tables(told, rng=np.random.default_rng(1))
    assert found.value("found_in", table="a", by="name_birth") == 1.0
    assert found.row("found_in", table="a", by="name").n == 80


def test_a_dossier_of_both_says_the_same(tmp_path):
    told = {}
    for name in ("straight", "typographic apostrophes"):
        folder = tmp_path / name
        folder.mkdir()
        change = TYPED.get(name, str)
        people().to_csv(folder / "a.csv", index=False)
        typed_so(people(), change).to_csv(folder / "b.csv", index=False)
        (folder / "d.toml").write_text(STORY.read_text(encoding="utf-8"), encoding="utf-8")
        seizure = Seizure(
            files=[folder / "a.csv", folder / "b.csv"], description=folder / "d.toml", exhibit="S"
        )
        study = audit_dossier(seizure, as_of="2017-04-23")
        told[name] = {
            row.key: (row.value, row.n)
            for family in study.measures.values()
            for row in family.rows
            if row.measure in ("found_in", "found_among", "learnt", "same_name")
        }
    assert told["straight"]
    assert told["straight"] == told["typographic apostrophes"]
