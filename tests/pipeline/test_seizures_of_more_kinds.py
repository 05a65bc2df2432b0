"""Files as programs write them that were read wrongly with status 0, each with a known truth."""

import base64
import json
import sqlite3
import struct
import zipfile
from contextlib import closing
from urllib.parse import quote, quote_plus

import pytest

import privaudit as pa
from privaudit.columns.free_text import SPECIAL
from privaudit.io.csv_dialects import without_header
from privaudit.io.legends import decoded
from privaudit.io.readers import read_frame
from privaudit.studies.exhibits import set_out
from privaudit.text.cells import written_out
from tests.formats.writers import xlsx

N = 60
SENSITIVE = [
    "Diabétique, ne sort plus",
    "va à la mosquée tous les vendredis",
    "vote FN depuis toujours",
]
HARMLESS = ["portail vert, sonner deux fois", "absent, repasser samedi", "chien dans la cour"]
NOTES = [(SENSITIVE if at % 3 == 0 else HARMLESS)[at // 3 % 3] for at in range(N)]
TRUTH = N // 3
NAMES = [f"Zq{'abcdefghij'[at // 10]}{'klmnopqrst'[at % 10]}et" for at in range(N)]
EACH = list(zip(NAMES, NOTES, strict=True))
MAILS = [f"{name.lower()}@exemple.fr" for name in NAMES]


def tables(path):
    with set_out([path], who="inspect") as contents, without_header(detect=True):
        return decoded([read_frame(file, gives="table") for file in contents.files])


def sensitive(frames):
    """Return how many cells speak of a special category."""
    return sum(
        column.says.get(what, 0)
        for one in frames for column in pa.inspect(one.frame, as_of="2016-11-08").columns
        for what in SPECIAL
    )  # fmt: skip


def test_line_breaks_that_sqlite_dumps_by_a_function_are_read(tmp_path):
    """Each note of two lines was an expression: the column was empty, and nobody sick."""
    with closing(sqlite3.connect(":memory:")) as base, base:
        base.execute("create table people (nom text, memo text)")
        rows = [(name, f"vu\n{note}") for name, note in zip(NAMES, NOTES, strict=True)]
        base.executemany("insert into people values (?, ?)", rows)
        written = base.execute(
            "select 'INSERT INTO people VALUES(' || quote(nom) || ',replace(' ||"
            " quote(replace(memo, char(10), '\\n')) || ',''\\n'',char(10)));' from people"
        ).fetchall()
    create = "CREATE TABLE people(nom TEXT, memo TEXT);"
    (tmp_path / "a.sql").write_text("\n".join([create, *(line for (line,) in written)]), "utf-8")
    (table,) = tables(tmp_path / "a.sql")
    assert table.frame["memo"].tolist() == [memo for _, memo in rows]
    assert sensitive([table]) == TRUTH
    unistr = f"{create}\n" + "\n".join(
        f"INSERT INTO people VALUES('{name}',unistr('vu\\u000a{note}'));"
        for name, note in zip(NAMES, NOTES, strict=True)
    )
    (tmp_path / "b.sql").write_text(unistr, "utf-8")
    assert tables(tmp_path / "b.sql")[0].frame["memo"].tolist() == [memo for _, memo in rows]


@pytest.mark.parametrize("time", ["18.01", "18.01.33", "18:01"])
def test_hours_of_a_chat_may_be_written_with_a_full_stop(tmp_path, time):
    lines = (
        f"12/05/16, {time} - {name}: {note}\n" for name, note in zip(NAMES, NOTES, strict=True)
    )
    (tmp_path / "Chat WhatsApp con Portes.txt").write_text("".join(lines), "utf-8")
    (chat,) = tables(tmp_path / "Chat WhatsApp con Portes.txt")
    assert chat.frame["author"].tolist() == NAMES
    assert sensitive([chat]) == TRUTH


def flat(body, kind):
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    return (f'<?xml version="1.0"?><office:document{spaces} office:mimetype='
            f'"application/vnd.oasis.opendocument.{kind}"><office:body>{body}</office:body>'
            "</office:document>")  # fmt: skip


@pytest.mark.parametrize(
    ("ending", "kind"), [(".fods", "spreadsheet"), (".fodt", "text"), ("", "text")]
)
def test_a_flat_file_of_openoffice_is_read_as_a_packed_one(tmp_path, ending, kind):
    rows = [("Nom", "Mail", "Remarque"), *zip(NAMES, MAILS, NOTES, strict=True)]
    lines = "".join(
        "<table:table-row>" + "".join(
            f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row
        ) + "</table:table-row>" for row in rows
    )  # fmt: skip
    body = f'<office:{kind}><table:table table:name="F">{lines}</table:table></office:{kind}>'
    (tmp_path / f"liste{ending}").write_text(flat(body, kind), "utf-8")
    (table,) = tables(tmp_path / f"liste{ending}")
    assert table.frame.to_dict("list") == dict(
        zip(rows[0], map(list, (NAMES, MAILS, NOTES)), strict=True)
    )


@pytest.mark.parametrize("people", [6, 12])
def test_a_table_whose_columns_are_people_is_turned(tmp_path, people):
    """The names of people were printed as those of columns."""
    rows = [("Nom", NAMES), ("Mail", MAILS), ("Remarque", NOTES)]
    text = "".join(";".join([name, *cells[:people]]) + "\n" for name, cells in rows)
    (tmp_path / "a.csv").write_text(text, "utf-8")
    (table,) = tables(tmp_path / "a.csv")
    assert table.frame.to_dict("list") == {name: cells[:people] for name, cells in rows}
    assert [note.key for note in table.notes if note.key == "columns_turned"]


@pytest.mark.parametrize(("known", "turned"), [(2, True), (1, False)])
def test_three_of_four_fields_turn_a_table(tmp_path, known, turned):
    """Seven records of a field each were counted of 40 people: one name was none that is known."""
    names = [*["nom", "prenom"][:known], *["qzx", "wbd"][: 3 - known]]
    rows = [("id", [str(1_000 + n) for n in range(40)])]
    rows += [(name, [f"v{n % 9}" for n in range(40)]) for name in names]
    (tmp_path / "a.csv").write_text("".join(";".join([n, *c]) + "\n" for n, c in rows), "utf-8")
    (table,) = tables(tmp_path / "a.csv")
    assert (len(table.frame) == 40) == turned


def test_a_table_of_fields_is_not_turned(tmp_path):
    (tmp_path / "codebook.csv").write_text(
        "champ;libellé;type\nnom;Votre nom;texte\nmail;x;texte\n"
    )
    assert list(tables(tmp_path / "codebook.csv")[0].frame) == ["champ", "libellé", "type"]


def test_a_code_of_no_answer_is_no_age(tmp_path):
    """99 was an age: nobody of those who did not answer could be a minor."""
    ages = [16 if at % 5 == 0 else 99 if at % 5 == 1 else 40 for at in range(N)]
    with zipfile.ZipFile(tmp_path / "enquete.zip", "w") as archive:
        archive.writestr("donnees.csv", "age,sexe\n" + "".join(f"{age},F\n" for age in ages))
        archive.writestr(
            "codes.csv", "Variable,Valeur,Libellé\nage,99,Refus\nsexe,F,Femme\nsexe,M,Homme\n"
        )
    data = next(one for one in tables(tmp_path / "enquete.zip") if "age" in one.frame)
    result = pa.inspect(data.frame, as_of="2016-11-08")
    assert (result.minors, result.most_minors) == (N // 5, 2 * N // 5)


def test_files_of_one_name_in_a_zip_are_each_read(tmp_path):
    """A messenger exports each chat as message_1.json: the first alone was read."""
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for chat, at in (("a_1", 0), ("b_2", 30)):
            lines = "".join(f"{name};{note}\n" for name, note in
                            zip(NAMES[at : at + 30], NOTES[at : at + 30], strict=True))  # fmt: skip
            archive.writestr(f"inbox/{chat}/messages.csv", f"nom;remarque\n{lines}")
    frames = tables(tmp_path / "export.zip")
    assert [len(one.frame) for one in frames] == [30, 30]
    assert sensitive(frames) == TRUTH


def rich(text):
    letters = "".join(c if c.isascii() else f"\\'{ord(c):02x}" for c in text)
    return f"{{\\rtf1\\ansi{{\\fonttbl{{\\f0 Arial;}}}}\\f0\\fs20 {letters}\\par}}"


@pytest.mark.parametrize(
    "encode",
    [quote_plus, quote, rich, lambda text: json.dumps(text)[1:-1],
     lambda text: base64.b64encode(text.encode()).decode(),
     lambda text: f"<p><b>{text[:3]}</b>{text[3:]}</p>"],
    ids=["form", "link", "rtf", "json", "base64", "page"],
)  # fmt: skip
def test_notes_that_are_encoded_for_another_program_are_searched(tmp_path, encode):
    """Of twenty, none (base64) to eighteen were found."""
    lines = (f"{name}|{encode(note)}\n" for name, note in zip(NAMES, NOTES, strict=True))
    (tmp_path / "a.csv").write_text("nom|remarque\n" + "".join(lines), "utf-8")
    assert sensitive(tables(tmp_path / "a.csv")) == TRUTH


def test_identifiers_and_numbers_are_no_encoded_notes():
    cells = ["4f1e2d3c4b5a69788796a5b4", "AAAAAAAAAAAAAAAAAAAA", "+33612345678", "a+b+c@x.fr",
             "https://x.fr/a%20b+c+d", "C:\\users\\x", "50%", "0612345678901234"]  # fmt: skip
    assert [written_out(cell) for cell in cells] == cells


CHATS = [
    {"id": chat, "at": {"messages": [{"from": NAMES[at], "text": NOTES[at]}
                                     for at in range(20 * chat, 20 * chat + 20)]}}
    for chat in range(3)
]  # fmt: skip


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_lists_within_objects_of_records_are_read(tmp_path, levels):
    """The archive of a network has its messages so: three records were read of sixty."""
    chats = [{"id": one["id"], "at": one["at"]} for one in CHATS]
    for _ in range(levels - 1):
        chats = [{"conversation": one} for one in chats]
    (tmp_path / "a.json").write_text(json.dumps(chats), "utf-8")
    frames = [one.frame for one in tables(tmp_path / "a.json")]
    (messages,) = (one for one in frames if len(one) == N)
    assert messages["text"].tolist() == NOTES


def test_lists_of_lines_of_json_are_read_or_named(tmp_path):
    lines = "\n".join([*map(json.dumps, CHATS), "{cut off"])
    (tmp_path / "a.ndjson").write_text(lines, "utf-8")
    chats, messages = tables(tmp_path / "a.ndjson")
    assert messages.frame["text"].tolist() == NOTES
    assert {note.key: n for note, n in chats.set_aside.items()} == {"line_unreadable": 1}


@pytest.mark.parametrize("days", [3, 60])
def test_files_of_a_day_each_are_one_list(tmp_path, days):
    """Slack writes a file a day: of more than forty, the first alone was read."""
    each = N // days
    with zipfile.ZipFile(tmp_path / "slack.zip", "w") as archive:
        for day in range(days):
            said = [
                {"user": NAMES[at], "ts": f"14785{at:05d}.0002", "text": NOTES[at]}
                for at in range(each * day, each * day + each)
            ]
            name = f"portes/2016-{day // 28 + 1:02d}-{day % 28 + 1:02d}.json"
            archive.writestr(name, json.dumps(said))
        archive.writestr("portes/2017-01-01.json", '[{"cut')
    (table,) = tables(tmp_path / "slack.zip")
    assert sorted(table.frame["text"]) == sorted(NOTES)
    assert sensitive([table]) == TRUTH
    assert table.name.endswith("portes.ndjson")
    assert {note.key: n for note, n in table.set_aside.items()} == {"line_unreadable": 1}
    assert pa.inspect(tmp_path / "slack.zip", as_of="2016-11-08").n == N


def test_chats_of_more_folders_than_are_set_out_are_one_list(tmp_path):
    with zipfile.ZipFile(tmp_path / "facebook.zip", "w") as archive:
        for at, (name, note) in enumerate(zip(NAMES, NOTES, strict=True)):
            chat = {"participants": [{"name": name}],
                    "messages": [{"sender_name": name, "content": note}]}  # fmt: skip
            archive.writestr(f"inbox/chat_{at}/message_1.json", json.dumps(chat))
    assert sensitive(tables(tmp_path / "facebook.zip")) == TRUTH


def test_notes_of_a_file_each_and_tables_of_a_folder_each_are_one_list(tmp_path):
    """A zip of more than forty such files was refused, as the first of them holds no list."""
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as archive:
        for name, note in zip(NAMES, NOTES, strict=True):
            one = {"title": name, "textContent": note}
            archive.writestr(f"Keep/{name}.json", json.dumps(one))
    (table,) = tables(tmp_path / "takeout.zip")
    assert (len(table.frame), sensitive([table])) == (N, TRUTH)
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        for at, (name, note) in enumerate(zip(NAMES, NOTES, strict=True)):
            archive.writestr(f"messages/c{at}/messages.csv", f'author,text\n{name},"{note}"\n')
    (table,) = tables(tmp_path / "package.zip")
    assert table.frame["author"].tolist() == NAMES
    assert sensitive([table]) == TRUTH


def test_blocks_of_the_same_columns_side_by_side_are_one_table(tmp_path):
    """Names that stood twice refused the sheet; of each block alone few were ill."""
    third = N // 3
    rows = [["Nom", "Remarque", "", "Nom", "Remarque", "", "Nom", "Remarque"]]
    rows += [
        [*EACH[at], "", *EACH[third + at], "", *EACH[2 * third + at]] for at in range(third - 1)
    ]
    xlsx(tmp_path / "a.xlsx", [*rows, [*EACH[third - 1], "", *EACH[2 * third - 1]]])
    (table,) = tables(tmp_path / "a.xlsx")
    assert table.frame["Nom"].tolist() == NAMES[:-1]
    assert table.frame["Remarque"].tolist() == NOTES[:-1]
    assert "blocks_stacked" in {note.key for note in table.notes}


@pytest.mark.parametrize("header", [["Nom", "Mot"], ["Porte", "Mot laissé"]])
def test_a_table_beside_another_is_one_of_its_own(tmp_path, header):
    """It was counted and not read, or a name that stood twice refused the whole sheet."""
    half = 4 * N // 5
    beside = header
    rows = [["Nom", "Remarque", "", *beside]]
    rows += [
        [NAMES[at], NOTES[at], "", *([NAMES[half + at], NOTES[half + at]] if half + at < N else [])]
        for at in range(half)
    ]
    xlsx(tmp_path / "a.xlsx", rows)
    frames = tables(tmp_path / "a.xlsx")
    assert [len(one.frame) for one in frames] == [half, N - half]
    assert sensitive(frames) == TRUTH
    assert not any(one.set_aside for one in frames)
    right = read_frame(tmp_path / "a.xlsx", gives="table", sheet="2").frame
    assert right.iloc[:, 1].tolist() == NOTES[half:]
    first = read_frame(tmp_path / "a.xlsx", gives="table")
    assert {note.key: n for note, n in first.set_aside.items()} == {"other_table": N - half}


@pytest.mark.heavy
@pytest.mark.parametrize("ending", ["vcf", "eml", "txt", "md"])
def test_a_file_a_person_in_a_zip_is_one_list(tmp_path, ending):
    """Of sixty cards, mails or notes the first alone was read."""
    write = {
        "vcf": "BEGIN:VCARD\nVERSION:3.0\nFN:{}\nNOTE:{}\nEND:VCARD\n",
        "eml": "From: {} <a@x.fr>\nTo: b@x.fr\nSubject: s\n"
               "Content-Type: text/plain; charset=utf-8\n\n{}\n",
        "txt": "{}\n\n{}\n", "md": "# {}\n\n{}\n",
    }[ending]  # fmt: skip
    with zipfile.ZipFile(tmp_path / "tout.zip", "w") as archive:
        for at, (name, note) in enumerate(zip(NAMES, NOTES, strict=True)):
            note = note.replace(",", "\\,") if ending == "vcf" else note
            archive.writestr(f"boite/{name} {at}.{ending}", write.format(name, note))
    (table,) = tables(tmp_path / "tout.zip")
    assert (len(table.frame), sensitive([table])) == (N, TRUTH)


def dbase(version, memos, pointer):
    """Return a table of dBase whose notes stand in a file beside it, as each version has them."""
    wide = 4 if version == 0x30 else 10
    fields = [(b"NOM", b"C", 20), (b"OBS", b"M", wide)]
    head = struct.pack("<BBBBIHH20x", version, 116, 11, 8, N, 32 + 64 + 1, 21 + wide)
    names = b"".join(struct.pack("<11sc4xBB14x", *field, 0) for field in fields)
    rows = b"".join(b" " + name.encode().ljust(20) + pointer(at)
                    for name, at in zip(NAMES, memos, strict=True))  # fmt: skip
    return head + names + b"\r" + rows


def blocks(size, wrap, head):
    """Return texts in blocks of a size, and the block of each."""
    data, places = bytearray(head.ljust(512, b"\0")), []
    for note in NOTES:
        places.append(len(data) // size)
        text = wrap(note.encode("cp850"))
        data += text + b"\0" * (-len(text) % size)
    return bytes(data), places


VERSIONS = {
    "III": (0x83, ".DBT", 512, lambda text: text + b"\x1a\x1a", b""),
    "IV": (0x8B, ".dbt", 512,
           lambda text: struct.pack("<4sI", b"\xff\xff\x08\0", len(text) + 8) + text,
           struct.pack("<20xH", 512)),
    "FoxPro": (0x30, ".fpt", 64, lambda text: struct.pack(">II", 1, len(text)) + text,
               struct.pack(">I2xH", 9, 64)),
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_notes_of_a_table_of_dbase_in_a_file_beside_it_are_read(tmp_path, version):
    """The column held the numbers of blocks, and none of its notes was read."""
    number, ending, size, wrap, head = VERSIONS[version]
    texts, places = blocks(size, wrap, head)
    pointer = (lambda at: struct.pack("<I", at)) if number == 0x30 else (lambda at: b"%10d" % at)
    table = dbase(number, places, pointer)
    with zipfile.ZipFile(tmp_path / "fiches.zip", "w") as archive:
        archive.writestr("FICHES.DBF", table)
        archive.writestr(f"FICHES{ending}", texts)
    (read,) = tables(tmp_path / "fiches.zip")
    assert read.frame["OBS"].tolist() == NOTES
    assert sensitive([read]) == TRUTH
    assert "members_unread" not in {note.key for note in read.notes}
    (tmp_path / "seul.dbf").write_bytes(table)
    alone = read_frame(tmp_path / "seul.dbf", gives="table")
    assert {note.key: note.values for note in alone.notes}["memos_missing"] == {"n": N}
