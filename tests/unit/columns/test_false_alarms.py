"""Tables that hold nothing of article 9, and tables that do, in headers of other people.

List 1 was made and read before anything was mended: 41 of its 268 harmless columns were said to be
of a special category, and 14 of its 52 sensitive ones were found. List 2 was made then and read
once: 9 of 129, and 28 of 45. List 3 are leanings that were nearly lost by the mends.
"""

import csv
import functools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.free_text import SPECIAL, search_texts
from privaudit.columns.headers import is_campaign_table
from privaudit.columns.recognise import column_kinds
from privaudit.columns.roles import Roles
from privaudit.release.inventory import table_inventory
from privaudit.release.release import TableRelease
from privaudit.report.answers import inspect_headline
from privaudit.report.sentences import ResultLookup
from privaudit.studies.inspect import inspect_files
from privaudit.words.catalogues import Words

DATA = Path(__file__).parents[2] / "data" / "labelled_tables.csv"
N = 120


@functools.cache
def tables():
    """Rows by table: header, what a person said of it, and its cells."""
    found = {}
    with DATA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["table"], []).append(row)
    return found


def frame(rows):
    return pd.DataFrame({row["header"]: cells(row["values"].split("|")) for row in rows})


def cells(values):
    return [values[i % len(values)].replace("{i}", str(100 + i)) or None for i in range(N)]


HARMLESS = [name for name, rows in tables().items()
            if all("special" not in row["says"] for row in rows)]  # fmt: skip


@pytest.mark.parametrize("table", tables())
def test_a_declared_column_is_a_special_category(table):
    rows = tables()[table]
    found = pa.inspect(frame(rows), as_of="2024-06-01").frame
    said = {
        column: "special" if "special category" in role else "hint" if role == "hint" else "none"
        for column, role in zip(found["column"], found["role"], strict=True)
    }
    wanted = {row["header"]: row["says"].split(" or ") for row in rows}
    wrong = {column: (said[column], wanted[column]) for column in said
             if said[column] not in wanted[column]}  # fmt: skip
    assert not wrong


@pytest.mark.parametrize("table", HARMLESS)
def test_no_rule_takes_a_harmless_table_for_a_sensitive_one(table):
    told = {"processing": {"political": False}, "controller": {"type": "association"}}
    records = frame(tables()[table])
    rulings = pa.check_rules(records, told, as_of="2024-06-01")
    assert (rulings["R01"].verdict, rulings["R02"].verdict) == ("met", "not_applicable")
    # A home alone: what article 9 is of does not stand beside it.
    assert pa.rules.measured_for_rules(records, told)["severity"].value <= 2


def test_a_gift_is_an_opinion_in_the_file_of_a_campaign():
    club = pd.DataFrame({"nom": ["Petit", "Roux"] * 20, "don": [10, 20] * 20})
    told = {"processing": {"political": True}}
    assert pa.check_rules(club, told, as_of="2024-06-01")["R01"].checked.columns == ("don",)
    assert column_kinds(club)["don"].kind == "tie"
    assert column_kinds(club.assign(parti="LR"))["don"].kind == "support"


def roll(towns):
    """An electoral roll of 500 people who were born in these towns, in turn."""
    return pd.DataFrame({
        "Nom": ["Petit", "Roux", "Martin", "Durand", "Faure"] * 100,
        "Sexe": ["F", "M"] * 250,
        "commune de naissance": [towns[i % len(towns)] for i in range(500)],
    })  # fmt: skip


def test_an_electoral_roll_shows_no_origin():
    """It was told of 500 in 500 that they show a religion or an origin."""
    found = table_inventory(TableRelease(records=roll(["Paris", "Lyon"]), roles=Roles()))
    shown = {row.part["what"]: row.value for row in found.rows if row.measure == "shown"}
    assert shown == {"name": 1, "sex": 1, "birthplace": 1}
    assert not any(row.measure == "identified_with" for row in found.rows)


def test_a_birth_abroad_is_counted_as_a_hint():
    towns = ["Paris", "Oran", "Lyon", "Lisbonne", "Lille"]
    found = table_inventory(TableRelease(records=roll(towns), roles=Roles()))
    shown = {row.part["what"]: row.value for row in found.rows if row.measure == "shown"}
    np.testing.assert_allclose(shown["abroad"], 2 / 5)
    assert "origin" not in shown


@pytest.mark.parametrize(("lang", "said"), [("fr", "Indices"), ("en", "Hints")])
def test_the_page_names_hints_and_counts_no_special_category(tmp_path, lang, said):
    roll(["Paris", "Oran"]).to_csv(tmp_path / "roll.csv", index=False)
    study = inspect_files([tmp_path / "roll.csv"], as_of="2024-06-01")
    headline, leads = inspect_headline(study, Words(lang), ResultLookup(study))
    none = Words(lang)("inspect.headline_none", columns=3, special=0, who=1)
    assert headline == none
    assert [lead for lead in leads if lead.startswith(said) and "commune de naissance" in lead]


def _special(columns):
    rows = {name: (cells * N)[:N] for name, cells in columns.items()}
    found = pa.inspect(pd.DataFrame(rows))
    return {c.name for c in found.columns if c.role in ("special", "inferred")}


KEYS = [f"{i * 7_919:016x}" for i in range(N)]


@pytest.mark.parametrize(("beside", "special"), [
    ("browserName", set()), ("nom_navigateur", set()), ("badge", {"fingerprint"}),
    ("visitor", {"fingerprint"}),
])  # fmt: skip
def test_a_fingerprint_beside_a_browser_is_the_browsers(beside, special):
    assert _special({beside: ["Firefox", "Safari"], "fingerprint": KEYS}) == special


@pytest.mark.parametrize(("beside", "cells"), [
    ("face_template", KEYS[::-1]), ("passport", KEYS[::-1]), ("applicant", KEYS[::-1]),
    ("surname", ["Martin", "Dupont", "Bernard"]),
])  # fmt: skip
def test_a_fingerprint_of_an_applicant_is_the_persons_whatever_the_browser(beside, cells):
    browser = {"browser": ["Firefox", "Safari"], "fingerprint": KEYS}
    assert "fingerprint" in _special({beside: cells, **browser})


def test_a_fingerprint_of_passport_applicants_is_biometric():
    frame = pd.DataFrame({
        "passport": [f"{i:02d}AB{i * 137:05d}" for i in range(N)], "fingerprint": KEYS,
        "face_template": KEYS[::-1], "browser": (["Firefox", "Safari"] * N)[:N],
    })  # fmt: skip
    kinds = {c.name: c.kind for c in pa.inspect(frame).columns}
    assert (kinds["fingerprint"], kinds["face_template"]) == ("biometric", "biometric")


def test_a_face_beside_a_browser_is_somebodys():
    assert _special({"browser": ["Firefox", "Safari"], "face_template": KEYS}) == {"face_template"}


def test_the_likeliest_of_places_is_no_candidate_of_an_election():
    path = "activity.topCandidate"
    places = {f"{path}.type": ["WALKING", "IN_BUS"], f"{path}.probability": ["0.8", "0.61"]}
    assert not _special(places)
    assert is_campaign_table(["topCandidate", "vote"], [])
    assert not is_campaign_table(["visit.topCandidate.probability"], [])
    assert _special({"candidate": ["Macron", "Fillon"], "probability": ["0.8", "0.6"]}) == {
        "candidate", "probability",
    }  # fmt: skip


@pytest.mark.parametrize(("note", "sure"), [
    ("c'est le cancer de ce quartier, ces scooters", False),
    ("traffic is a cancer on this road", False),
    ("un vrai chemin de croix pour se garer", False),
    ("avenue du Parti-Communiste-Français", False),
    ("il a un cancer, habite rue Pasteur", True),
    ("mort d'un cancer rue Foch", False),
    ("has cancer, on the road to recovery", True),
    ("is a cancer survivor on Oak Road", True),
    ("a sa place au Parti communiste", False),
    ("permanente du Parti communiste, avenue Foch", True),
    ("elle fait le chemin de croix le vendredi saint", True),
    ("un chemin de croix pour obtenir un rendez-vous", False),
    ("elle fait le chemin de croix pour le vendredi saint", True),
    ("chemin de croix pour Pâques", True),
    ("organise le chemin de croix pour la paroisse", False),
    ("un vrai chemin de croix à la paroisse", False),
    ("elle fait le chemin de croix pour se recueillir", True),
    ("le vendredi saint, chemin de croix pour avoir une place", False),
    ("chemin de croix pour avoir une place à Pâques", True),
    ("chemin de croix pour se garer près de la paroisse", True),
    ("il a eu un cancer de résidence Pasteur", True),
    ("mother s the cancer in our community group", True),
    ("le cancer de la rue Foch, soigné", False),
])  # fmt: skip
def test_a_figure_of_speech_or_a_street_is_no_sure_note(note, sure):
    frame = pd.DataFrame({"id": [str(i) for i in range(30)], "note": [note] + ["absent"] * 29})
    column = next(c for c in pa.inspect(frame).columns if c.name == "note")
    # It is read again in any case.
    assert (column.least, column.again) == (int(sure), 1)


@pytest.mark.parametrize(("note", "what"), [
    ("Cancer de la rue: non", "health"),
    ("tracte sur l'avenue pour le parti communiste", "party"),
])  # fmt: skip
def test_a_note_that_names_a_street_beside_a_category_is_counted(note, what):
    frame = pd.DataFrame({"id": [str(i) for i in range(30)], "note": [note] + ["absent"] * 29})
    column = next(c for c in pa.inspect(frame).columns if c.name == "note")
    assert dict(column.says) == {what: 1}


@pytest.mark.parametrize("note", [
    "Rue Pasteur Musulmane", "Place Pierre Mendès France Juive", "Rue Pasteur est Juive",
    "Rue Foch Anne Durand Diabétique", "12 avenue Jean Jaurès Séropositive",
])  # fmt: skip
def test_what_is_said_behind_the_name_of_a_street_is_held(note):
    """Capitals do not tell who lives in a street from the end of its name."""
    held = {name for name, hits in search_texts([note]).holds.items() if hits[0]}
    assert held & {*SPECIAL}


@pytest.mark.parametrize("street", [
    "12 Rue de l'Hôtel Dieu", "Rue du Bois Prie Dieu", "Impasse du Pommier de Bois",
    "Rue de la Forêt aux Moines",
])  # fmt: skip
def test_the_name_of_a_street_is_no_sure_note(street):
    assert not search_texts([street]).least[0]


def test_a_town_is_no_people():
    """Every "Comune di nascita" that was Roma was of the Roma."""
    born = pd.DataFrame({"Comune di nascita": ["Roma"] * 20, "Cognome": ["Rossi", "Bianchi"] * 10})
    (place, _) = pa.inspect(born, as_of="2016-11-08").columns
    assert (place.role, place.says) == ("key", {})


@pytest.mark.parametrize("header", ["Luogo di nascita", "Geburtsort", "Lugar de nacimiento"])
def test_a_birth_abroad_hints_at_an_origin_in_each_language(header):
    born = pd.DataFrame({header: ["Maroc", "Algérie"] * 10, "Name": ["Rossi", "Bianchi"] * 10})
    (place, _) = pa.inspect(born, as_of="2016-11-08").columns
    assert (place.role, place.says) == ("hint", {"abroad": 20})


@pytest.mark.parametrize(
    "note", ["Secrétaire UD [93]", "Homme séropositif en voiture", "Via Appia, famille Roma",
             "Greffé", "Handicap", "AIDS"],
)  # fmt: skip
def test_what_stands_near_a_thing_or_in_brackets_is_of_the_person(note):
    assert search_texts([note]).least.tolist() == [True]
