"""Seizures of tools that were read once before any rule was written for them, and what was wrong.

Each has a known truth: how many records, of whom, and how many notes speak of a special category.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.free_text import search_texts
from privaudit.errors import ReadError
from privaudit.io.legends import decoded
from privaudit.io.readers import read_frame
from privaudit.studies.exhibits import set_out
from privaudit.studies.inspect import inspect_files

sys.path.insert(0, str(Path(__file__).parents[1] / "formats"))
from writers import xlsx

N = 60
SENSITIVE, HARMLESS = "sous dialyse trois fois par semaine", "code B4571, deuxième cour"
NOTES = [SENSITIVE if at % 3 == 0 else HARMLESS for at in range(N)]
NAMES = [f"{given} Tessier" for given in ("Anne", "Paul", "Léa", "Hugo")] * (N // 4)


def tables(*files):
    """Return the inventory of each table that files hold, by its name."""
    with set_out(files, who="inspect") as contents:
        read = decoded([read_frame(file, gives="table") for file in contents.files])
        return {one.name: pa.inspect(one.frame, as_of="2021-07-01") for one in read}


def columns(inventory):
    return {column.name: column for column in inventory.columns}


def test_an_address_book_of_a_directory_is_read(tmp_path):
    entries = "version: 1\n\n"
    for at, (name, note) in enumerate(zip(NAMES, NOTES, strict=True)):
        written = base64.b64encode(note.encode()).decode()
        entries += (
            f"dn: cn={name},mail=t{at}@mail.example\nobjectclass: person\n"
            f"cn:: {base64.b64encode(name.encode()).decode()}\nmail: t{at}@mail.example\n"
            f"mobile: +336123456{at:02d}\njpegPhoto:< file:///a.jpg\n"
            f"description:: {written[:20]}\n {written[20:]}\n\n"
        )
    entries += "dn: cn=x\nchangetype: modify\nreplace: mail\nmail: y\n"
    (tmp_path / "carnet.ldif").write_text(entries, "utf-8")
    read = read_frame(tmp_path / "carnet.ldif", gives="table")
    assert [note.key for note in read.notes] == ["cards_left_out"]
    assert {note.key: n for note, n in read.set_aside.items()} == {"line_unreadable": 4}
    found = columns(pa.inspect(read.frame, as_of="2021-07-01"))
    assert {name: found[name].kind for name in found} == {
        "name": "name", "email": "email", "phone": "phone", "note": "note",
    }  # fmt: skip
    assert found["note"].filled == N
    assert found["note"].says["health"] == N // 3


@pytest.mark.parametrize("within", [False, True])
def test_a_message_of_a_chat_is_counted_once(tmp_path, within):
    messages = [
        {"id": str(at), "originalarrivaltime": "2021-05-01T10:00:00Z", "messagetype": "RichText",
         "from": f"8:live:u{at % 2}", "content": note} for at, note in enumerate(NOTES)
    ]  # fmt: skip
    chat = {"id": "8:live:u1", "displayName": "Paul", "properties": {"blocked": False},
            "MessageList": messages}  # fmt: skip
    chats = [{"chat": chat, "at": 1}] if within else [chat]
    (tmp_path / "messages.json").write_text(json.dumps({"conversations": chats}), "utf-8")
    found = [column for one in tables(tmp_path / "messages.json").values()
             for column in one.columns if column.says.get("health")]  # fmt: skip
    assert [(column.name, column.says["health"]) for column in found] == [("content", N // 3)]


@pytest.mark.parametrize("kind", ["odoo", "form"])
def test_answers_under_any_name_of_a_question_are_columns(tmp_path, kind):
    if kind == "odoo":
        rows = "".join(
            f'<record id="p{at}"><field name="name">{name}</field><field name="comment">{note}'
            f'</field><field name="category_id" eval="[(6,0,[{at % 3}])]"/></record>'
            for at, (name, note) in enumerate(zip(NAMES, NOTES, strict=True))
        )
        (tmp_path / "fiches.xml").write_text(f"<odoo><data>{rows}</data></odoo>", "utf-8")
        names = ("name", "comment")
    else:
        rows = [
            {"id": at, "formdatas": [
                {"form_id": 3, "form_ref_name": "Nom", "data": name},
                {"form_id": 4, "form_ref_name": "Commentaire", "data": note}]}
            for at, (name, note) in enumerate(zip(NAMES, NOTES, strict=True))
        ]  # fmt: skip
        (tmp_path / "fiches.json").write_text(json.dumps({"contacts": rows}), "utf-8")
        names = ("Nom", "Commentaire")
    (one,) = tables(next(tmp_path.iterdir())).values()
    found = columns(one)
    assert one.n == N
    assert (found[names[0]].kind, found[names[0]].filled) == ("name", N)
    assert found[names[1]].says["health"] == N // 3


def test_a_total_of_things_that_are_named_is_no_person(tmp_path):
    rows = [["N°", "Prénom", "Ville"], *([at + 1, "Anne", "Bourg"] for at in range(N))]
    xlsx(tmp_path / "petition.xlsx", [*rows, ["Total", "60 signatures"]])
    (one,) = tables(tmp_path / "petition.xlsx").values()
    assert one.n == N


def test_who_is_called_as_a_politician_or_a_word_holds_no_opinion():
    said = {
        "Marie Le Pen : rappeler": [], "Anne Le Pen, absente": [], "Visite Corbin": [],
        "vu Clarisse hier": [], "vu Catarina hier": [], "vu Capucine hier": [],
        "Marine Le Pen, toujours": ["party"], "Jean-Marie Le Pen jusqu'au bout": ["party"],
        "röm.-kath.": ["religion"], "Call Walker": [], "Mr French": [], "Pd": [],
        "uses a walker": ["health"], "PD": ["sex_life"],
    }  # fmt: skip
    special = ("party", "religion", "origin", "health", "union", "sex_life")
    found = search_texts([*said])
    assert [[k for k in special if found.holds[k][at]] for at in range(len(said))] == [
        *said.values()
    ]
    assert not found.least[:6].any()


def test_a_legend_beside_the_table_writes_out_its_codes(tmp_path):
    legend = [["1", "vote FN"], ["2", "vote PS"], ["3", "indécis"], ["4", "refus"]]
    rows = [["Nom", "Prénom", "Code", "", "", "Code", "Signification"]]
    rows += [["Tessier", "Anne", str(1 + at % 4), "", "", *(legend[at] if at < 4 else ["", ""])]
             for at in range(N)]  # fmt: skip
    xlsx(tmp_path / "portes.xlsx", rows)
    read = read_frame(tmp_path / "portes.xlsx", gives="table")
    assert [note.key for note in read.notes if note.key == "decoded_by"] == ["decoded_by"]
    found = columns(pa.inspect(read.frame, as_of="2021-07-01"))
    assert [*found] == ["Nom", "Prénom", "Code"]
    # Of four codes, two are votes; an undecided person holds a third.
    assert found["Code"].says["party"] == 3 * N // 4
    # A table of another kind beside it is named, not lost: its three rows were not read.
    other = [["Porte", "Digicode"], ["A", "B4571"], ["B", "C1200"], ["C", "D0001"]]
    for at in range(N + 1):
        rows[at][5:] = other[at] if at < 4 else ["", ""]
    xlsx(tmp_path / "portes.xlsx", rows)
    read = read_frame(tmp_path / "portes.xlsx", gives="table")
    assert {note.key: n for note, n in read.set_aside.items()} == {"other_table": 3}
    assert len(read.frame) == N
    # Columns that are set apart by a blank one, and go on to the end, are of one table.
    rows = [["Nom", "Note", "", "Tél"], *(["Tessier", "vu", "", f"06123456{at:02d}"]
                                          for at in range(N))]  # fmt: skip
    xlsx(tmp_path / "portes.xlsx", rows)
    assert [*read_frame(tmp_path / "portes.xlsx", gives="table").frame] == ["Nom", "Note", "Tél"]


def test_cards_one_below_the_other_in_a_sheet_are_records(tmp_path):
    rows = []
    for at, (name, note) in enumerate(zip(NAMES, NOTES, strict=True)):
        rows += [["Nom :", name], ["Tél :", f"+336123456{at:02d}"], ["Remarque :", note], []]
    xlsx(tmp_path / "fiches.xlsx", rows)
    (one,) = tables(tmp_path / "fiches.xlsx").values()
    found = columns(one)
    assert one.n == N
    assert [(column.kind, column.filled) for column in one.columns] == [
        ("name", N), ("phone", N), ("note", N),
    ]  # fmt: skip
    assert found["Remarque"].says["health"] == N // 3
    # A sheet of two columns whose first repeats holds no cards.
    rows = [["ville", "nom"], *([["Lyon", "Brest"][at % 2], name] for at, name in enumerate(NAMES))]
    xlsx(tmp_path / "villes.xlsx", rows)
    assert [*read_frame(tmp_path / "villes.xlsx", gives="table").frame] == ["ville", "nom"]


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_days_beside_a_known_header_name_the_columns_of_a_register(tmp_path, ending):
    rows = [["Nom", "Prénom", "12/03/2021", "19/03/2021"]]
    rows += [["Tessier", "Anne", ["pour", "contre"][at % 2], "absent"] for at in range(N)]
    file = tmp_path / f"pointage.{ending}"
    if ending == "xlsx":
        xlsx(file, rows)
    else:
        file.write_text("\n".join(map(";".join, rows)), "utf-8")
    assert [*read_frame(file, gives="table").frame] == rows[0]
    # Below which days stand, they are a record.
    rows = [["Tessier", "Anne", "12/03/2021"], *(["Roux", "Paul", "19/03/2021"] for _ in range(N))]
    file = tmp_path / "liste.csv"
    file.write_text("\n".join(map(";".join, rows)), "utf-8")
    with pytest.raises(pa.PrivauditError, match="a record there"):
        read_frame(file, gives="table")


MAIL, PHONE = "lea.martin@mail.example", "+33612345678"
# What was sent under a name that says nothing, and what it is: counted by hand from its form.
SENT = {
    "md5 in capitals": (hashlib.md5(MAIL.upper().encode()).hexdigest(), "email", "hashed"),
    "sha1": (hashlib.sha1(MAIL.encode()).hexdigest().upper(), "email", "hashed"),
    "sha256": (hashlib.sha256(MAIL.encode()).hexdigest(), "email", "hashed"),
    "sha512": (hashlib.sha512(MAIL.encode()).hexdigest(), "email", "hashed"),
    "sha256 in base64": (
        base64.urlsafe_b64encode(hashlib.sha256(MAIL.encode()).digest()).decode().rstrip("="),
        "email", "hashed",
    ),
    **{f"sha256 of {form}": (hashlib.sha256(form.encode()).hexdigest(), "phone", "hashed")
       for form in ("33612345678", "+33612345678", "0033612345678", "0612345678")},
    "both names": ("Léa Martin", "name", "in_clear"),
    "one name": ("martin", "name", "in_clear"),
    "of nobody": (hashlib.sha256(b"salted" + MAIL.encode()).hexdigest(), "", ""),
    "another's name": ("Léa Picard", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("form", SENT)
def test_an_identifier_is_known_in_each_form_in_which_it_is_sent(tmp_path, form):
    value, what, hashed = SENT[form]
    people = [{"id": at, "prenom": "Paul" if at else "Léa",
               "nom": f"Zq{at}" if at else "Martin",
               "email": f"z{at}@mail.example" if at else MAIL,
               "tel": f"+3361234{at:04d}" if at else PHONE} for at in range(20)]  # fmt: skip

    def entry(url, kind, text):
        return {"request": {"method": "GET", "url": url, "headers": []},
                "response": {"content": {"mimeType": kind, "text": text}}}  # fmt: skip

    entries = [
        entry("https://app.example/", "text/html", "<html>Espace</html>"),
        entry("https://app.example/api/people", "application/json", json.dumps(people)),
        entry(f"https://t.other.example/p?v={quote(value)}", "text/plain", "ok"),
    ]
    (tmp_path / "r.har").write_text(json.dumps({"log": {"entries": entries}}), "utf-8")
    study = inspect_files([tmp_path / "r.har"], as_of="2021-07-01")
    sent = [(row.part["what"], row.part["where"], row.part["hashed"])
            for row in study.measures["recording"].rows if row.measure == "sent_to"]  # fmt: skip
    assert sent == ([(what, "in_url", hashed)] if what else [])


def test_a_minor_may_stand_in_either_column_of_a_household():
    first = ["1970-05-01", "2010-05-01", "1980-05-01", "2009-01-01", "1990-01-01"] * 8
    second = ["2011-02-01", "1985-02-01", "1981-02-01", "2012-01-01", None] * 8
    frame = pd.DataFrame({"Nom": ["Tessier"] * 40, "Né(e) le 1": first, "Né(e) le 2": second})
    found = pa.inspect(frame, as_of="2021-07-01")
    # Three households of five have a minor; where nobody stands second, there is none.
    assert (found.minors, found.most_minors) == (24, 24)


def test_parties_that_head_ticks_are_opinions_however_few_are_ticked():
    ticks = {"EELV": 3, "MoDem": 13, "PCF": 16, "RN": 9}
    frame = pd.DataFrame({"Nom": [f"Tessier {at}" for at in range(N)]} | {
        party: ["x"] * n + [None] * (N - n) for party, n in ticks.items()})  # fmt: skip
    found = columns(pa.inspect(frame, as_of="2021-07-01"))
    assert {party: found[party].role for party in ticks} == dict.fromkeys(ticks, "special")


def test_a_question_on_a_vote_in_another_language_is_one():
    asked = ["¿A quién votaste?", "Ha votato?", "Op wie heeft u gestemd?"]
    answers = ["PSOE", "PP", "Vox", "Podemos"] * 15
    for question in asked:
        (column,) = pa.inspect(pd.DataFrame({question: answers}), as_of="2021-07-01").columns
        assert (column.role, column.kind) == ("special", "support"), question


def test_of_a_column_known_by_its_cells_those_count_that_say_it():
    # Half of the pupils eat without pork; "standard" shows no faith.
    frame = pd.DataFrame({"Élève": NAMES, "Cantine": ["standard", "sans porc"] * (N // 2)})
    found = columns(pa.inspect(frame, as_of="2021-07-01"))["Cantine"]
    # No header asks, and the word is no faith without doubt: to be read again.
    assert (found.role, found.filled, found.shows) == ("doubtful", N, N // 2)
    headed = frame.set_axis(["Élève", "Menu"], axis=1)
    menu = columns(pa.inspect(headed, as_of="2021-07-01"))["Menu"]
    assert (menu.role, menu.says["religion"]) == ("special", N // 2)


def test_an_address_behind_a_name_is_a_contact(tmp_path):
    lines = [f"{name} <t{at}@mail.example>\n" for at, name in enumerate(NAMES)]
    (tmp_path / "roster.txt").write_text("".join(lines), "utf-8")
    study = inspect_files([tmp_path / "roster.txt"], as_of="2021-07-01")
    (column,) = study.inventories[0].columns
    assert (column.kind, column.filled) == ("email", N)
    frame = pd.DataFrame({"nom": [line.strip() for line in lines]})
    (column,) = pa.inspect(frame, as_of="2021-07-01").columns
    assert (column.kind, column.filled) == ("email", N)
    found = columns(pa.inspect(pd.DataFrame({"note": ["vu Léa <t@mail.example>"] * N})))
    assert found["note"].says["email"] == N


def test_a_chat_that_begins_with_a_bracket_is_no_json(tmp_path):
    chat = "[LINE] Chat history with Team\nSaved on: 2021/06/30 10:00\n\n" + "".join(
        f"10:{at:02d}\t{name}\t{note}\n"
        for at, (name, note) in enumerate(zip(NAMES, NOTES, strict=True))
    )
    (tmp_path / "line.txt").write_text(chat, "utf-8")
    study = inspect_files([tmp_path / "line.txt"], as_of="2021-07-01")
    (column,) = (one for one in study.inventories[0].columns if one.says.get("health"))
    assert column.says["health"] == N // 3


def test_a_book_of_changes_and_in_an_older_encoding_is_read(tmp_path):
    """Each entry is added by a change, in cp1252, with the line ends of a Macintosh."""
    entry = "dn: cn={0}\rchangetype: add\rcn: {0}\rmail: t{1}@mail.example\r\r"
    text = "".join(entry.format(name, at) for at, name in enumerate(["José", "Zoé", "Noël", "Léa"]))
    (tmp_path / "carnet.ldif").write_bytes(text.encode("cp1252"))
    read = read_frame(tmp_path / "carnet.ldif", gives="table")
    assert read.frame["name"].tolist() == ["José", "Zoé", "Noël", "Léa"]
    assert read.set_aside == {}


def test_who_was_called_is_no_name_of_a_column(tmp_path):
    calls = [[{"callee_id": f"user{at}", "call_data": "3"}] for at in range(5)]
    people = [{"name": f"p{at}", "calls": calls[at % 5]} for at in range(30)]
    (tmp_path / "calls.json").write_text(json.dumps(people), "utf-8")
    frame = read_frame(tmp_path / "calls.json", gives="table").frame
    assert not any("user" in str(column) for column in frame.columns)


def test_two_columns_under_a_header_are_no_cards(tmp_path):
    rows = [["Canal", "Nom"]]
    rows += [[("Email", "Téléphone")[at % 2], name] for at, name in enumerate(NAMES)]
    xlsx(tmp_path / "canaux.xlsx", rows)
    frame = read_frame(tmp_path / "canaux.xlsx", gives="table").frame
    assert [*frame.columns] == ["Canal", "Nom"]
    assert len(frame) == N


def test_pictures_devices_and_meetings_of_a_seized_phone(tmp_path, capsys):
    meetings = [f"RDV oncologie {name.split()[0]}" if at % 3 == 0 else "Point d'équipe"
                for at, name in enumerate(NAMES)]  # fmt: skip
    found = columns(
        pa.inspect(pd.DataFrame({"summary": meetings, "imei": ["356938035643809"] * N}))
    )
    assert found["summary"].says["health"] == N // 3
    assert found["imei"].role == "identifier"
    (tmp_path / "map.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "people.csv").write_text("nom;prenom\nRoux;Paul\nFaure;Luc\n", "utf-8")
    with pytest.raises(ReadError, match="Leave the picture out; privaudit map reads one"):
        inspect_files([tmp_path / "map.png", tmp_path / "people.csv"], as_of="2021-07-01")
