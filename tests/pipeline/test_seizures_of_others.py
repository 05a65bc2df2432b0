"""Seizures in formats of others, read as an inspector would: expected counts are made by hand."""

import csv
import json
import random
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.headers import may_name_a_person
from privaudit.columns.recognise import column_kinds, rows_showing
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import join_addresses
from privaudit.io.file_frame import FileFrame
from privaudit.io.legends import _questions_of as questions_of
from privaudit.io.readers import read_frame
from privaudit.linkage.join_tables import linked_tables
from privaudit.linkage.person_index import PersonIndex
from privaudit.release.inventory import suppress_small_counts
from privaudit.release.read_table import read_table
from privaudit.report.dossier_page import of_its_kind
from privaudit.studies.dossier import Seizure, audit_dossier, rules_tested_on
from privaudit.studies.exhibits import open_exhibit
from privaudit.studies.inspect import inspect_files
from privaudit.studies.link_releases import link_releases
from privaudit.studies.study import special_cells

sys.path.insert(0, str(Path(__file__).parents[1] / "formats"))
from writers import ods

from tests.fixtures.doors import write_doors

STORY = resources.files("privaudit.rules") / "examples" / "story.toml"
ROLL = ["N° d'ordre", "Nom de naissance", "Nom d'usage", "Prénoms", "Sexe", "Date de naissance",
        "Commune de naissance", "Numéro de voie", "Libellé de voie", "Code postal",
        "Commune"]  # fmt: skip
GIVEN = ("Marie", "Jean", "Anne", "Paul", "Julien", "Hélène")


@pytest.fixture(scope="module")
def base():
    n = range(1, 61)
    place = pd.DataFrame({"id": [str(i) for i in n], "number": [str(i) for i in n],
                          "street": "Rue Haute", "commune": "94042", "station": "",
                          "x": [30.0 * i for i in n], "y": 0.0})  # fmt: skip
    return AddressBase(place, real=False)


def surname(i, begin="Zxqb"):
    return begin + "abcdefghij"[i // 10] + "klmnopqrst"[i % 10]


def roll(n=40):
    """Electors: a birth name, for some a name in use, two given names, a town of birth."""
    rng = random.Random(4)
    rows = []
    for i in range(n):
        used = surname(i, "Zxqu") if i % 4 == 0 else ""
        names = f"{GIVEN[i % 6]}, {rng.choice(GIVEN)}"
        born = f"0{1 + i % 9}/05/19{60 + i % 30}"
        born_in = ("Alger", "Lisbonne", "Bourg")[i % 3]
        who = [i + 1, surname(i).upper(), used, names, "FM"[i % 2], born, born_in]
        rows.append([*who, i + 1, "RUE HAUTE", "94340", "Bourg"])
    return rows


def test_the_town_of_birth_is_not_where_somebody_lives(base):
    """Every address of a French roll was taken for one of another town: nobody was found."""
    frame = pd.DataFrame(roll(), columns=ROLL)
    assert (join_addresses(frame, base).address == range(40)).all()


def test_a_roll_with_every_given_name_names_the_dots_of_one(base):
    """A dot says "Roux Jean", the roll "ROUX", "Jean, Paul"; ten of forty bear a name in use."""
    dots = pd.DataFrame({"x": [30.0 * (i + 1) for i in range(40)], "y": 0.0,
                         "name": [f"{surname(i)} {GIVEN[i % 6]}" for i in range(40)]})  # fmt: skip
    people = pd.DataFrame(roll(), columns=ROLL)
    found = link_releases(people, dots, addresses=base)
    assert found.value("dot_named", by="identity") == 1.0
    begins = ["Zxqb" if i % 4 else "Zxqu" for i in range(40)]
    used = dots.assign(name=[f"{surname(i, b)} {GIVEN[i % 6]}" for i, b in enumerate(begins)])
    assert link_releases(people, used, addresses=base).value("dot_named", by="identity") == 1.0


def seize(folder):
    head = ["Nom", "Prénom", "Niveau de soutien", "Religion", "Latitude", "Longitude"]
    with (folder / "export.csv").open("w", encoding="cp1252", newline="") as file:
        rows = [[surname(i), GIVEN[i % 6], 1 + i % 5, "catholique", "48,81", "2,47"]
                for i in range(40)]  # fmt: skip
        csv.writer(file, delimiter=";").writerows([head, *rows])
    ods(folder / "liste.ods", [ROLL, *roll()])
    (folder / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    return [folder / "liste.ods", folder / "export.csv"]


def test_rules_look_at_the_file_with_most_special_categories(tmp_path):
    """They looked at the first table: a roll beside an export of opinions cleared the export."""
    files = seize(tmp_path)
    seizure = Seizure(files=files, description=tmp_path / "d.toml", exhibit="S")
    study = audit_dossier(seizure, as_of="2017-04-23")
    ruling = next(one for one in study.rulings[0].rulings if one.rule.id == "R01")
    assert "Niveau de soutien" in ruling.checked.columns
    assert rules_tested_on([], []) == (None, None)


def test_an_export_of_sixty_columns_keeps_its_headers():
    """A column of support was numbered, as if its header were somebody's name."""
    assert not may_name_a_person("Primary Candidate Support ID")


def test_a_column_of_a_religion_is_no_free_text(tmp_path):
    study = inspect_files(seize(tmp_path), as_of="2017-04-23")
    said = [row for row in study.measures["inspect"].rows if row.measure == "says"]
    assert said
    assert all(of_its_kind(study, row) for row in said)


def test_a_town_hall_s_canteen_beside_its_roll(tmp_path):
    """Names of pupils and parents were unknown columns, and no finding told of the allergies.

    Sixty pupils: twenty have an allergy, twelve no pork, "non" says nothing; each has one parent,
    who is on the roll of sixty, with the given name and a second one.
    """
    head = ["Nom enfant", "Prénom enfant", "Allergies", "Sans porc", "Nom responsable",
            "Prénom responsable"]  # fmt: skip
    pupils = [[surname(i), "Zoé", "arachide" if i % 3 == 0 else "", "oui" if i % 5 == 0 else "non",
               surname(i), GIVEN[i % 6]] for i in range(60)]  # fmt: skip
    for name, rows in (("cantine.csv", [head, *pupils]), ("liste.csv", [ROLL, *roll(60)])):
        with (tmp_path / name).open("w", encoding="cp1252", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows)
    (tmp_path / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    files = [tmp_path / "cantine.csv", tmp_path / "liste.csv"]
    study = audit_dossier(
        Seizure(files=files, description=tmp_path / "d.toml", exhibit="S"), as_of="2017-04-23"
    )
    shown = {str(row.part["what"]): round(row.value * row.n)
             for row in study.measures["inventory"].rows
             if row.measure == "identified_with" and row.part["file"] == "cantine.csv"}  # fmt: skip
    assert shown == {"health": 20, "religion": 12}
    linked = study.measures["linked_tables"]
    both = {"table": "liste.csv", "other": "cantine.csv"}
    assert linked.value("found_in", by="name", **both) == 1
    assert round(60 * linked.value("learnt", what="health", **both)) == 20


def test_coordinates_of_a_network_make_no_map(tmp_path):
    """A mailing list with the town of each reader's network was a map, and placed at a door."""
    people = pd.DataFrame({"Email Address": [f"p{i}@x.fr" for i in range(60)],
                           "LATITUDE": [48.82, 48.85, 45.76] * 20,
                           "LONGITUDE": [2.47, 2.35, 4.83] * 20})  # fmt: skip
    people.to_csv(tmp_path / "membres.csv", index=False)
    assert open_exhibit(tmp_path / "membres.csv").kind == "table"
    homes = people.assign(LATITUDE=[48.8 + i / 999 for i in range(60)])
    homes.to_csv(tmp_path / "membres.csv", index=False)
    assert open_exhibit(tmp_path / "membres.csv").kind == "map"


@pytest.mark.heavy
def test_a_map_that_was_moved_places_nobody_at_a_door(tmp_path):
    """Forty dots of names, a kilometre from any address: who, and not where."""
    write_doors(tmp_path, 60)
    names = [f"{surname(i)} {GIVEN[i % 6]}" for i in range(40)]
    dots = pd.DataFrame({"x": [700_000 + 30 * i + 7 for i in range(40)], "y": 6_600_041 + 3,
                         "name": names})  # fmt: skip
    dots.to_csv(tmp_path / "carte.csv", index=False)
    with (tmp_path / "fiches.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [[surname(i), GIVEN[i % 6], 1 + i % 5] for i in range(40)]
        csv.writer(file).writerows([["Nom", "Prénom", "Niveau de soutien"], *rows])
    (tmp_path / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    files = [tmp_path / "carte.csv", tmp_path / "fiches.csv"]
    places = {"addresses": tmp_path / "adresses.csv", "description": tmp_path / "d.toml"}
    seizure = Seizure(files=files, exhibit="S", **places)
    linked = audit_dossier(seizure, as_of="2017-04-23").measures["linked"]
    assert linked.value("dot_named", by="identity") == 1
    assert not [row for row in linked.rows if row.measure == "record_located"]
    assert linked.value("dot_tells", what="all_three") == 0


def test_a_log_of_the_numbers_of_another_tool_names_its_people(tmp_path):
    """Forty of fifty accounts of a log stand in an OSDI export as "osdi:7": none was told of."""
    people = [{"identifiers": [f"osdi:{i:04d}"], "given_name": GIVEN[i % 6],
               "family_name": surname(i)} for i in range(40)]  # fmt: skip
    whole = {"_embedded": {"osdi:people": people}}
    (tmp_path / "gens.json").write_text(json.dumps(whole), encoding="utf-8")
    clicks = [{"user_id": f"osdi:{k % 50:04d}", "url": f"/p/{k % 7}", "timestamp": "2016-09-01"}
              for k in range(200)]  # fmt: skip
    lines = "\n".join(map(json.dumps, clicks))
    (tmp_path / "clics.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    files = [tmp_path / "gens.json", tmp_path / "clics.jsonl"]
    study = audit_dossier(
        Seizure(files=files, description=tmp_path / "d.toml", exhibit="S"), as_of="2017-04-23"
    )
    assert study.measures["linked_log"].value("accounts_named") == 0.8
    both = {"table": "clics.jsonl", "other": "gens.json"}
    assert study.measures["linked_tables"].value("found_in", by="number", **both) == 0.8


def test_a_column_that_only_its_cells_tell_is_told(tmp_path):
    """A list of a meeting with its diets: 24 of 48 want no pork, and no finding said it."""
    diets = ["", "sans porc", "végétarien", "halal"]
    rows = [[f"{GIVEN[i % 6]} {surname(i)}", diets[i % 4]] for i in range(48)]
    with (tmp_path / "presence.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Nom et prénom", "Plateau"], *rows])
    study = inspect_files([tmp_path / "presence.csv"], as_of="2017-04-23")
    (said,) = [row for row in study.measures["inspect"].rows
               if row.measure == "says" and row.part["what"] == "religion"]  # fmt: skip
    assert round(said.value) == 24
    assert not of_its_kind(study, said)


def test_headers_of_groups_without_merged_cells_prefix_their_columns(tmp_path):
    """Who gives a proxy, and who holds it: names of columns were a record, and joined nobody."""
    rows = [["Procurations"], ["Mandant", "", "Mandataire", ""], ["Nom", "Prénom"] * 2]
    rows += [[surname(i), GIVEN[i % 6], surname(i + 40), GIVEN[i % 5]] for i in range(40)]
    book = ods(tmp_path / "procurations.ods", rows)
    frame = read_frame(book, gives="table").frame
    assert list(frame) == ["Mandant Nom", "Mandant Prénom", "Mandataire Nom", "Mandataire Prénom"]
    assert len(frame) == 40
    kinds = [one.kind for one in column_kinds(frame).values()]
    assert kinds == ["name", "name", "others", "others"]
    people = [
        PersonIndex.of(read_table(book), "p"),
        PersonIndex.of(read_table(roll_frame()), "liste"),
    ]
    found = linked_tables(people, rng=np.random.default_rng(3))
    assert found.value("found_in", table="p", other="liste", by="name") == 1


def roll_frame():
    return pd.DataFrame(roll(40), columns=ROLL)


@pytest.mark.parametrize("header", ["Un mot pour l'équipe ?", "Source", "Objet"])
def test_a_note_under_another_header_is_of_somebody_on_both_sides(header):
    """The names beside a note decide whether it tells of a third person: both counts ask them.

    A dossier ended with status 1: 35 of the table, 33 of its inventory.
    """
    names = ["Léa Roux", "Paul Petit", "Zoé Diallo", "Noé Morel"]
    notes = [
        f"Paul {('Roux', 'Petit')[i % 2]} a ouvert la porte, rappeler jeudi soir {i}"
        for i in range(60)
    ]
    frame = pd.DataFrame({"nom": names * 15, header: notes})
    found = pa.inspect(frame, as_of="2016-11-08")
    (note,) = [column for column in found.columns if column.name == header]
    shown = rows_showing(frame, column_kinds(frame))
    assert note.says["others"] == shown["others", header].sum() > 0


def test_a_card_counts_who_answered_of_an_illness_and_not_who_was_asked():
    """Of 300 answers 100 named an illness, and the page of the dossier began with 250."""
    answers = ["Non", "", "Asthme", "non merci", "RAS", "Allergie aux arachides"] * 50
    asked = "Avez-vous un problème de santé ?"
    found = pa.inspect(pd.DataFrame({"e-mail": [f"a{i}@b.fr" for i in range(300)], asked: answers}))
    (column,) = [one for one in found.columns if one.name == asked]
    assert (column.filled, column.shows) == (250, 100)
    assert special_cells(column) == {"health": 100}
    ticks = pa.inspect(pd.DataFrame({"handicap": ["non"] * 300}))
    assert special_cells(ticks.columns[0]) == {}
    # Four who answered, or four whose answer has no known word, are withheld.
    few = pd.DataFrame({asked: ["Asthme"] * 4 + ["Non"] * 296})
    assert np.isnan(suppress_small_counts(pa.inspect(few)).columns[0].shows)
    near = pd.DataFrame({asked: ["Asthme"] * 40 + ["oui"] * 4 + ["Non"] * 256})
    assert np.isnan(suppress_small_counts(pa.inspect(near)).columns[0].shows)


def test_an_option_that_is_not_ticked_counts_for_nothing_under_a_withheld_header():
    """ "Votre parti ? PS" may name somebody: its column is numbered, and a third say yes."""
    frame = pd.DataFrame({"Votre parti ? PS": ["oui", "non", "non"] * 20, "Ville": ["Sucy"] * 60})
    column = pa.inspect(frame, as_of="2016-11-08").columns[0]
    assert (column.name, column.role, column.shows) == ("column 1", "special", 20)


def test_a_header_that_is_withheld_keeps_its_kind():
    """ "Votre religion Catholique" may name somebody; its column was of unknown kind."""
    frame = pd.DataFrame({"Votre religion Catholique": ["x"] * 20, "Marie Dupont": ["x"] * 20})
    columns = pa.inspect(frame, as_of="2016-11-08").columns
    assert [(one.name, one.role) for one in columns] == [
        ("column 1", "special"),
        ("column 2", "unknown"),
    ]


def test_a_surname_of_many_is_no_faith():
    """Of 125 full names and 12 of one surname that is a word too, 12 were of a faith or a party."""
    full = [f"Anne {surname(i // 2)} {surname(i)}" for i in range(100)]
    for held in (["Moine"], ["Le Pen"], ["Juif", "Chrétien"], ["Noir"]):
        cells = [*full, *held * 12]
        (column,) = pa.inspect(pd.DataFrame({"value": cells}), as_of="2016-11-08").columns
        assert (column.says, column.again) == ({}, 0)
    # Surnames that are words, each of few records, are not; nor is a given name of many.
    names = [surname(i) for i in range(57)] + ["Juif", "Blanc", "Leroux"]
    for cells in (names * 3, ["Christian"] * 12 + names * 3):
        (column,) = pa.inspect(pd.DataFrame({"value": cells}), as_of="2016-11-08").columns
        assert (column.says, column.again) == ({}, 0)


@pytest.mark.parametrize("form", ["__export__.res_partner_{}", "{{1A{}B-FDE0-CE7A}}"])
def test_numbers_of_tools_are_not_searched_for_words(form):
    """Odoo's were 60 records of partners, and the letters of a GUID a union."""
    frame = pd.DataFrame({"External ID": [form.format(i) for i in range(60)]})
    (column,) = pa.inspect(frame, as_of="2016-11-08").columns
    assert (column.role, column.says, column.again) == ("identifier", {}, 0)


def test_telephones_under_id_are_telephones():
    """A telephone keeps whom it writes to in `handle.id`; numbers of a tool have no plus."""
    for begin, role in (("+3361234", "contact"), ("3361234", "identifier")):
        frame = pd.DataFrame({"id": [f"{begin}{5670 + i}" for i in range(30)], "country": "fr"})
        assert pa.inspect(frame, as_of="2016-11-08").columns[0].role == role
    gaps = pd.DataFrame({"Écart": [f"+{1234567890 + i}" for i in range(30)]})
    assert pa.inspect(gaps, as_of="2016-11-08").columns[0].role != "contact"


def test_births_of_one_class_are_births():
    """Pupils of 2004 under "Né(e) le" were of a date, and no key was proposed."""
    born = [f"{1 + i % 28:02}/{1 + i % 12:02}/2004" for i in range(40)]
    pay = [str(1500 + i) for i in range(40)]
    for header, cells, births in (("Né(e) le", born, 1), ("Né le", pay, 0), ("ETA", born, 0)):
        frame = pd.DataFrame({header: cells})
        assert (pa.inspect(frame, as_of="2016-11-08").columns[0].kind == "age") == births


def test_who_declines_in_the_first_person_gives_no_opinion():
    """Of 45 answers 8 were "Je ne souhaite pas répondre": 45 people showed a view."""
    votes = ["Philippe Poutou"] * 37 + ["Je ne souhaite pas répondre"] * 8 + [None] * 15
    frame = pd.DataFrame({"Au premier tour, pour qui avez-vous voté ?": votes})
    (column,) = pa.inspect(frame, as_of="2016-11-08").columns
    assert (column.filled, column.shows) == (45, 37)


def test_redcap_choices_are_called_by_their_codebook(tmp_path):
    """Illnesses that a study ticks as comorb___1 were of unknown kind, in three columns."""
    rows = [f"{i},{int(i % 3 == 0)},{int(i % 2 == 0)}" for i in range(60)]
    (tmp_path / "data.csv").write_text("\n".join(["record_id,comorb___1,comorb___2", *rows]))
    (tmp_path / "dictionary.csv").write_text(
        "Variable,Field Type,Field Label,Choices\nrecord_id,text,Record ID,\n"
        'comorb,checkbox,Known comorbidities,"1, Diabetes | 2, Asthma"\n'
    )
    found = inspect_files([str(tmp_path / name) for name in ("data.csv", "dictionary.csv")])
    columns = found.inventories[0].columns
    assert [(one.role, one.kind, one.shows) for one in columns[1:]] == [
        ("special", "health", 20),
        ("special", "health", 30),
    ]


def test_redcap_choices_that_deny_are_no_illness():
    """Who ticked "None" had an illness, who ticked no faith had one; -99 is called "co____99"."""
    choices = ("1, None", "2, Aucune allergie", "3, Je ne sais pas", "9, Refused", "4, Healthy",
               "-99, Asthma", "OUI, Diabetes", "5, Asthma", "5, Diabetes", "6, Prefer not to say",
               "7, Other", "8, Epilepsy")  # fmt: skip
    form = pd.DataFrame({"Variable": ["co", "rel", "poids"], "Choices": [" | ".join(choices),
                         "1, Other | 2, Other | 3, No religion | 4, Catholic", ""]})  # fmt: skip
    long = "x" * 100_000
    form["Label"] = ["Known comorbidities", "Your religion ?", f"Your weight {long}"]
    names = [f"co___{code}" for code in ("1", "2", "3", "9", "4", "_99", "oui", "5", "6", "7", "8")]
    names += [f"rel___{code}" for code in "1234"]
    worded = questions_of([*names, "poids"], FileFrame(frame=form, name="form.csv"))
    assert {n: t for n, t in worded.items() if n != "poids"} == {
        "co____99": "Known comorbidities Asthma", "co___oui": "Known comorbidities Diabetes",
        "co___8": "Known comorbidities Epilepsy",
    }  # fmt: skip
    form["Label"] = [f"Known comorbidities {long}", "Your religion ?", "Your weight"]
    worded = questions_of([*names, "poids"], FileFrame(frame=form, name="form.csv"))
    assert all(len(text) < 450 for text in worded.values())


@pytest.mark.parametrize(("said", "faith"), [
    ("convertie au christ", 12), ("converti à l'Eglise", 12),
    ("converti au bio et à l'islam", 12),
])  # fmt: skip
def test_who_is_converted_to_a_faith_has_one_whatever_stands_before(said, faith):
    (column,) = pa.inspect(pd.DataFrame({"Remarques": [said] * 12}), as_of="2016-11-08").columns
    assert column.says.get("religion", 0) == faith
