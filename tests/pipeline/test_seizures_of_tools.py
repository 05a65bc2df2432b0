"""What tools write that was read wrongly, refused or crashed on, each with a truth by hand."""

import csv
import io
import json
import sqlite3
import struct
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.free_text import SPECIAL, search_texts
from privaudit.io.csv_dialects import without_header
from privaudit.io.legends import decoded
from privaudit.io.readers import read_frame
from privaudit.studies.exhibits import set_out
from privaudit.studies.inspect import inspect_files

sys.path.insert(0, str(Path(__file__).parents[1] / "formats"))
from writers import xlsx

N = 60
SENSITIVE = ["Diabétique sous insuline", "va à la messe le dimanche", "vote Front national"]
HARMLESS = ["troisième étage à droite", "repasser samedi", "chien dans la cour"]
# One of three is sensitive.
NOTES = [(SENSITIVE if at % 3 == 0 else HARMLESS)[at // 3 % 3] for at in range(N)]
TRUTH = N // 3
NAMES = [f"{['Anne', 'Paul', 'Zoé', 'Marc'][at % 4]} Zq{chr(97 + at // 10)}{chr(107 + at % 10)}et"
         for at in range(N)]  # fmt: skip
PHONES = [f"06 12 34 {at // 10}0 {at % 10}0" for at in range(N)]
EACH = list(zip(NAMES, PHONES, NOTES, strict=True))


def frames(*files):
    with set_out(files, who="inspect") as contents, without_header(detect=True):
        return decoded([read_frame(file, gives="table") for file in contents.files])


def sensitive(frame):
    """Return how many cells speak of a special category, and how many are to be read again."""
    columns = pa.inspect(frame, as_of="2016-11-08").columns
    return (
        sum(column.says.get(what, 0) for column in columns for what in SPECIAL),
        sum(column.again for column in columns),
    )


def csv_of(rows, separator=","):
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def page(close):
    cards = "".join(
        f"<h3>Fiche</h3><dl><dt>Nom{close[0]}<dd>{name}{close[1]}<dt>Tél. :{close[0]}"
        f"<dd><a href='#'>{phone}</a>{close[1]}"
        f"<dt>Notes{close[0]}<dd><p>vu</p>{note}{close[1]}</dl>"
        for name, phone, note in EACH
    )
    return f"<!DOCTYPE html><html><body><h1>Fiches</h1>{cards}</body></html>"


def rich():
    def letters(text):
        return "".join(c if c.isascii() else f"\\'{ord(c):02x}" for c in text)

    lines = "".join(
        letters(f"Nom : {name}\\par Tél. : {phone}\\par Notes : {note}\\par\\par ")
        for name, phone, note in EACH
    )
    return f"{{\\rtf1\\ansi\\ansicpg1252{{\\fonttbl{{\\f0 Arial;}}}}\\f0 {lines}}}"


def plain():
    # The second line of a note goes on with it.
    return "Secteur 4\n\n" + "\n".join(
        f"Nom : {name}\nTél. : {phone}\nNotes : vu,\n{note}\n----" for name, phone, note in EACH
    )


def marked():
    return "".join(f"## Fiche\n\n- **Nom** : {name}\n- **Tél.** : {phone}\n- **Notes** : {note}\n"
                   for name, phone, note in EACH)  # fmt: skip


def divided():
    fields = "".join(
        f"<div>{label}</div><div>{text}</div>"
        for each in EACH for label, text in zip(("Nom :", "Tél.", "Notes"), each, strict=True)
    )  # fmt: skip
    return f"<html><body>{fields}</body></html>"


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.html", page(("</dt>", "</dd>"))), ("b.html", page(("", ""))), ("c.rtf", rich()),
     ("d.txt", plain()), ("e.md", marked()), ("f.html", divided())],
)  # fmt: skip
def test_cards_are_rows_and_their_labels_columns(tmp_path, name, text):
    """Of sixty people 212 records were made, and none of their columns was one of names."""
    (tmp_path / name).write_text(text, "utf-8")
    cards = frames(tmp_path / name)[0].frame
    assert [column.rstrip(".") for column in cards] == ["Nom", "Tél", "Notes"]
    assert cards["Nom"].tolist() == NAMES
    assert sensitive(cards)[0] == TRUTH


def test_a_table_of_two_columns_a_person_is_a_card(tmp_path):
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def cell(text):
        return f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    tables = "".join(
        "<w:tbl>" + "".join(
            f"<w:tr>{cell(label)}{cell(text)}</w:tr>"
            for label, text in zip(("Nom", "Tél.", "Notes"), each, strict=True)
        ) + "</w:tbl>" for each in EACH
    )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "fiches.docx", "w") as file:
        file.writestr("word/document.xml", f"<w:document {space}><w:body>{tables}</w:body>"
                                           "</w:document>")  # fmt: skip
    (cards,) = frames(tmp_path / "fiches.docx")
    assert cards.frame["Nom"].tolist() == NAMES
    assert sensitive(cards.frame)[0] == TRUTH


def test_who_speaks_in_a_dialogue_is_no_column(tmp_path):
    lines = "".join(f"<dt>{['Anne', 'Paul'][at % 2]}</dt><dd>{NOTES[at]}</dd>"
                    for at in range(N))  # fmt: skip
    (tmp_path / "a.html").write_text(f"<html><body><dl>{lines}</dl></body></html>", "utf-8")
    (one,) = frames(tmp_path / "a.html")
    assert list(one.frame) == ["paragraph", "at"]
    assert sensitive(one.frame)[0] == TRUTH


DAYS = [["", "mars 2016", "", "avril 2016"], ["", "mar. 1", "mer. 2", "ven. 1"],
        ["", "18:00 – 19:00", "18:00 – 19:00", "10:00 – 12:00"]]  # fmt: skip
POLL = [[name, *["OK" if (at + k) % 3 else "" for k in range(3)]] for at, name in enumerate(NAMES)]
COUNTED = ["Nombre", "40", "40", "40"]
ABOVE = [["Sondage « Tractage »"], ["https://doodle.example/abc"], []]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_poll_has_a_row_a_person_and_a_column_a_time(tmp_path, ending):
    """As text, each line was one cell, of 95; as a workbook there were three people more."""
    file = tmp_path / f"Doodle{ending}"
    if ending == ".csv":
        file.write_text(csv_of([*ABOVE, *DAYS, *POLL, COUNTED]), "utf-8")
    else:
        above = [[*row, *[""] * (4 - len(row))] for row in ABOVE]
        xlsx(file, [*above, *DAYS, *POLL, COUNTED])
    (table,) = frames(file)
    assert len(table.frame) == N
    assert list(table.frame)[1:] == [
        "mars 2016 mar. 1 18:00 – 19:00", "mars 2016 mer. 2 18:00 – 19:00",
        "avril 2016 ven. 1 10:00 – 12:00",
    ]  # fmt: skip
    assert {note.key: n for note, n in table.set_aside.items()} == {"total_row": 1}
    assert pa.inspect(table.frame, as_of="2016-11-08").columns[0].role == "identifier"


def test_days_of_a_poll_are_no_record(tmp_path):
    rows = [["", "2016-03-01", "2016-03-01"], ["", "18h", "20h"],
            *([name, "Oui", "Non"] for name in NAMES)]  # fmt: skip
    (tmp_path / "a.csv").write_text(csv_of(rows), "utf-8")
    (table,) = frames(tmp_path / "a.csv")
    assert list(table.frame)[1:] == ["2016-03-01 18h", "2016-03-01 20h"]
    assert len(table.frame) == N


def test_a_first_block_of_the_meeting_is_above_those_who_took_part(tmp_path):
    meeting = [["ID", "Sujet", "Début", "Participants"], ["812", "Section", "01/03/2016", "60"]]
    people = [["Nom", "E-mail", "Durée"], *([name, f"u{at}@ex.fr", "30"]
                                            for at, name in enumerate(NAMES))]  # fmt: skip
    (tmp_path / "a.csv").write_text(f"{csv_of(meeting)}\r\n{csv_of(people)}", "utf-8")
    (table,) = frames(tmp_path / "a.csv")
    assert table.frame["Nom"].tolist() == NAMES
    assert [note.values["rows"] for note in table.notes if note.key == "rows_above_header"] == [3]


def test_remarks_of_a_tool_below_a_report_are_no_people(tmp_path):
    below = [["Voter Contacts"], ["Copyright (c) 2016"], ["Confidential"], ["By: A Test"], ["X"]]
    text = f"{csv_of([['Name', 'Phone', 'Notes'], *EACH])}\r\n{csv_of(below)}"
    (tmp_path / "a.csv").write_text(text, "utf-8")
    (table,) = frames(tmp_path / "a.csv")
    assert table.frame["Name"].tolist() == NAMES
    assert sum(table.set_aside.values()) == len(below)


def test_answers_may_stand_below_each_question_of_a_codebook(tmp_path):
    """As survey tools write them, and people: one column names the question, then each code."""
    rows = [["id", "Q1", "Q7"], *([str(at), "FM"[at % 2], f"A{at % 3 + 1}"] for at in range(N))]
    book = [["class", "name", "text"], ["Q", "Q1", "Vous êtes"],
            ["Q", "Q7", "Quelle est votre religion ?"], ["A", "A1", "Catholique"],
            ["A", "A2", "Musulmane"], ["A", "A3", "Sans réponse"]]  # fmt: skip
    (tmp_path / "results.csv").write_text(csv_of(rows), "utf-8")
    (tmp_path / "survey.txt").write_text(csv_of(book, "\t"), "utf-8")
    study = inspect_files([tmp_path / "results.csv", tmp_path / "survey.txt"], as_of="2016-11-08")
    (column,) = (one for one in study.inventories[0].columns if one.name == "Q7")
    # Two of three name a religion.
    assert (column.role, column.says) == ("special", {"religion": 2 * N // 3})
    assert "--sensitive Q7" in study.next_commands[0]


def test_a_number_within_each_station_identifies_nobody():
    """It was proposed as the record's: ten people would have been one."""
    people = pd.DataFrame({
        "nom": [name.split()[1] for name in NAMES], "prénoms": [n.split()[0] for n in NAMES],
        "sexe": ["F", "M"] * (N // 2), "numéro d'ordre": [1 + at // 6 for at in range(N)],
    })  # fmt: skip
    assert pa.inspect(people, as_of="2016-11-08").roles.identifier == ()
    people["numéro d'ordre"] = range(N)
    assert pa.inspect(people, as_of="2016-11-08").roles.identifier == ("numéro d'ordre",)


def dbf(path, fields, rows):
    header = struct.pack("<BBBBIHH17xB2x", 3, 116, 11, 8, len(rows), 33 + 32 * len(fields),
                         1 + sum(fields.values()), 2)  # fmt: skip
    for name, width in fields.items():
        header += name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([width]) + bytes(15)
    lines = b"".join(
        mark
        + b"".join(c.encode("cp850").ljust(n) for c, n in zip(row, fields.values(), strict=True))
        for mark, row in rows
    )
    path.write_bytes(header + b"\r" + lines + b"\x1a")


def test_a_table_of_dbase_alone_is_read(tmp_path):
    rows = [(b" ", each) for each in EACH]
    dbf(tmp_path / "ELECT.DBF", {"NOM": 20, "TEL": 15, "OBS": 60}, [*rows, (b"*", EACH[0])])
    (table,) = frames(tmp_path / "ELECT.DBF")
    assert table.frame["NOM"].tolist() == NAMES
    assert [note.values["records"] for note in table.notes] == [1]
    assert sensitive(table.frame)[0] == TRUTH


def test_numbers_that_ask_are_no_names(tmp_path):
    """Tickets of a help desk ended the program."""
    tickets = [
        {"id": at, "description": NOTES[at], "custom_fields": [{"id": 7, "value": None}]}
        for at in range(N)
    ]
    (tmp_path / "a.json").write_text(json.dumps({"tickets": tickets, "count": N}), "utf-8")
    assert sensitive(frames(tmp_path / "a.json")[0].frame)[0] == TRUTH


@pytest.mark.parametrize(
    "streets",
    [["Via Roma 1", "Corso Lenin 8", "Piazza dei Rom 2"], ["ul. Długa 3", "ul. Lipowa 7 m. 2"],
     ["Calle de los Comunistas 3", "Plaza de la Mezquita 1"], ["Stalinplatz 4", "Platz der SPD 3"]],
)  # fmt: skip
def test_a_street_abroad_is_no_opinion_and_no_origin(streets):
    """Ninety people at "Via Roma" were said to be Roma without a doubt."""
    frame = pd.DataFrame({"Nome": NAMES, "Indirizzo": [streets[at % len(streets)]
                                                       for at in range(N)]})  # fmt: skip
    assert sensitive(frame)[0] == 0


def test_what_is_said_of_people_counts_beside_the_side_of_a_landing():
    """A vote in a column of which nothing is known was cleared by "à droite" in another cell."""
    cells = [*NOTES[:20], "à droite", "porte gauche"]
    assert sensitive(pd.DataFrame({"zz": cells, "n": range(22)}))[0] == 7
    assert sensitive(pd.DataFrame({"zz": ["gauche", "droite"] * 11, "n": range(22)}))[0] == 0


@pytest.mark.parametrize(
    ("labels", "read"),
    [(["Garnier", "Lambert", "Faure", "Rolland"], ["1", "2", "3", "4"]),
     (["Catholique", "Musulman", "Refus", "Autre"], ["Autre", "Catholique", "Musulman", "Refus"])],
)  # fmt: skip
def test_numbered_surnames_are_no_codes_whatever_their_table_is_called(tmp_path, labels, read):
    with closing(sqlite3.connect(tmp_path / "app.db")) as base, base:
        base.execute("create table voisins (id, nom)")
        base.execute("create table visite (voisin_id, reponse)")
        for at, label in enumerate(labels, 1):
            base.execute("insert into voisins values (?, ?)", (at, label))
            base.executemany("insert into visite values (?, ?)", [(at, "vu"), (at, "absent")])
    visits = read_frame(tmp_path / "app.db", gives="table", sheet="visite").frame
    assert sorted(set(visits["voisin_id"].astype(str))) == read


def test_a_codebook_is_of_nobody(tmp_path):
    """Its labels were names of people, and its opinions those of somebody."""
    rows = [["id", "q7"], *([str(at), str(at % 4 + 1)] for at in range(N))]
    labels = ["PS", "Les Républicains", "Front national", "Aucun"]
    book = [["variable", "code", "libellé"], *(["q7", str(at), text]
                                               for at, text in enumerate(labels, 1))]  # fmt: skip
    (tmp_path / "data.csv").write_text(csv_of(rows), "utf-8")
    (tmp_path / "codes.csv").write_text(csv_of(book), "utf-8")
    data, codes = inspect_files([tmp_path / "data.csv", tmp_path / "codes.csv"]).inventories
    # Three of four name a party.
    assert [column.says for column in data.columns] == [{}, {"party": 3 * N // 4}]
    assert {column.role for column in codes.columns} == {"unknown"}


def test_choices_of_a_form_are_of_the_question_that_names_their_list(tmp_path):
    data = [["nom", "q_4"], *([name, str(at % 3 + 1)] for at, name in enumerate(NAMES))]
    survey = [["type", "name", "label"], ["text", "nom", "Nom ?"],
              ["select_one rel", "q_4", "Votre religion ?"]]  # fmt: skip
    choices = [["list_name", "name", "label"], ["rel", "1", "Catholique"],
               ["rel", "2", "Musulmane"], ["rel", "3", "Refus"]]  # fmt: skip
    sheets = {"data": data, "survey": survey, "choices": choices}
    xlsx(tmp_path / "kobo.xlsx", data, sheets=sheets)
    assert {*frames(tmp_path / "kobo.xlsx")[0].frame["q_4"]} == {"Catholique", "Musulmane", "Refus"}


# Written before the words were, by language: each speaks of a special category.
ABROAD = """
Mitglied der CDU, Ortsverein|geht jeden Freitag in die Moschee|wählt seit immer SPD
schwer krank, liegt im Krankenhaus|Jüdin, nicht am Samstag|votante de Podemos, muy convencida
afiliado a Comisiones Obreras|sordo, hablar alto|ha votato Cinque Stelle|delegato CGIL in fabbrica
vota sempre a sinistra|stemt altijd VVD|heeft kanker, niet storen|moslim, gaat naar de moskee
lid van de vakbond FNV|popiera Platformę Obywatelską|chory na serce|cukrzyca, nie wychodzi z domu
"""
HARMLESS_ABROAD = """
Hund bellt, Vorsicht|bitte abends anrufen|zieht im Sommer um|perro grande en el patio
segundo piso izquierda|trabaja por las tardes|cane in cortile|torna dopo le otto|hond in de tuin
derde verdieping links|werkt 's nachts|pies na podwórku|nie otwiera drzwi|trzecie piętro po lewej
"""


def test_notes_in_other_languages_are_to_be_read_again():
    """Of eighteen none was: a list in German was said to hold no word."""
    for text, again in ((ABROAD, True), (HARMLESS_ABROAD, False)):
        notes = [note for line in text.strip().splitlines() for note in line.split("|")]
        assert search_texts(notes).again.tolist() == [again] * len(notes)


def test_who_is_subscribed_is_a_name(tmp_path):
    """The names were searched for words, and two subscribers were given a party."""
    frame = pd.DataFrame({"Abonné": NAMES, "Adresse": [f"u{at}@ex.fr" for at in range(N)]})
    assert [one.role for one in pa.inspect(frame).columns] == ["identifier", "contact"]
    frame["Abonné"] = ["oui", "non"] * (N // 2)
    assert [one.role for one in pa.inspect(frame).columns] == ["basis", "contact"]


@pytest.mark.parametrize("tables", [1, 2])
def test_what_no_reader_takes_of_a_zip_is_counted(tmp_path, tables):
    """An old database beside a list was passed over without a word."""
    with zipfile.ZipFile(tmp_path / "saisie.zip", "w") as file:
        for at in range(tables):
            file.writestr(
                f"liste{at}.csv", csv_of([["nom", "note"], *zip(NAMES, NOTES, strict=True)])
            )
        for other in ("base.accdb", "x/photo.jpg", "__MACOSX/._liste0.csv", ".DS_Store"):
            file.writestr(other, "x")
    with set_out([tmp_path / "saisie.zip"], who="inspect") as contents:
        study = inspect_files(contents.files, contents=contents)
    assert [note.values["n"] for note in study.notes if note.key == "members_unread"] == [2]


@pytest.mark.parametrize(
    ("name", "party"),
    [("Anne Roussel", False), ("Marie Fillon", False), ("Michael Sanders", False),
     ("Fabien Roussel", True), ("François Fillon", True), ("Bernie Sanders", True)],
)  # fmt: skip
def test_the_surname_of_a_leader_is_nobody_s_opinion(name, party):
    """A resident of that surname was said to have a party, without a doubt."""
    found = search_texts([f"3e étage, {name}"])
    assert (bool(found.holds["party"][0]), bool(found.least[0])) == (party, party)


def test_a_colour_of_a_label_is_no_party():
    """All of a base's records were of a party, by the green of their label."""
    frame = pd.DataFrame({"Name": NAMES, "Status.value": "Vu", "Status.color": "green"})
    assert sensitive(frame)[0] == 0


def test_minors_of_a_household_may_stand_in_its_second_column():
    frame = pd.DataFrame({
        "Nom 1": NAMES, "Âge 1": [30 + at for at in range(N)], "Nom 2": NAMES[::-1],
        "Âge 2": [12 if at % 5 == 0 else 40 for at in range(N)],
    })  # fmt: skip
    result = pa.inspect(frame, as_of="2016-11-08")
    assert (result.births, result.minors) == ("Âge 2", N // 5)
