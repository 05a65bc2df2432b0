"""Databases, shapefiles, dumps, mail, recordings and zips: what each holds, counted by hand."""

import base64
import json
import quopri
import sqlite3
import struct
import sys
import time
import zipfile
from contextlib import closing
from email.message import EmailMessage
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.columns.values import Reading
from privaudit.errors import PrivauditError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.written_addresses import join_addresses
from privaudit.io.file_frame import Recorded
from privaudit.io.readers import read_frame
from privaudit.release.read_table import read_table
from privaudit.release.read_traces import read_traces
from privaudit.studies.dossier import Seizure, audit_dossier
from privaudit.studies.inspect import inspect_files
from privaudit.studies.link_releases import link_releases
from privaudit.words.catalogues import Note

sys.path.insert(0, str(Path(__file__).parent))
from writers import geojson, geopackage, json_list, ods, packed, shapefile, xlsx, zipped_csv

STORY = resources.files("privaudit.rules") / "examples" / "story.toml"
ROWS = [["name", "age"], ["Zxqv", 30], ["Zxqw", 41], ["Zxqx", 52]]
AT = [(2.4, 48.8), None, (2.5, 48.9)]


def notes(file, **asked):
    return {n.key: dict(n.values) for n in read_frame(file, **{"gives": "table", **asked}).notes}


def refused(file, says, **asked):
    with pytest.raises(PrivauditError, match=says) as caught:
        read_frame(file, **{"gives": "table", **asked})
    assert len(str(caught.value).splitlines()) == 1
    assert "Zxq" not in str(caught.value)


def test_what_a_database_would_run_is_never_run(tmp_path):
    more = (
        "CREATE TABLE hits (n INT)",
        "CREATE TRIGGER t AFTER INSERT ON people BEGIN INSERT INTO hits VALUES (1); END",
        "CREATE VIEW endless AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
        " SELECT n FROM r",
        "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('endless', 'attributes')",
    )
    file = geopackage(tmp_path / "t.gpkg", ROWS, more=more)
    before = file.read_bytes()
    said = notes(file)
    assert (said["triggers"], said["views"]) == ({"n": 1}, {"n": 1})
    assert len(read_frame(file, gives="table").frame) == 3
    # Nothing is written, and no lock or journal beside it.
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (before, [file])
    refused(file, "sheet", sheet="endless")
    # A column that is worked out when it is read may call a function.
    made = "CREATE TABLE p (a INT, b TEXT GENERATED ALWAYS AS (hex(zeroblob(1000))))"
    base = sqlite3.connect(tmp_path / "g.db")
    base.execute(made)
    base.execute("INSERT INTO p(a) VALUES (1)")
    base.commit()
    base.close()
    read = read_frame(tmp_path / "g.db", gives="table")
    assert list(read.frame.columns) == ["a"]
    assert read.notes == (Note("expressions", n=1),)


def test_layers_of_a_geopackage(tmp_path):
    more = ("CREATE TABLE notes (who TEXT)", "INSERT INTO notes VALUES ('Zxqv')")
    more += ("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('notes', 'attributes')",)
    file = geopackage(tmp_path / "t.gpkg", ROWS, AT, more=more)
    read = read_frame(file)
    assert read.set_aside == {Note("feature_without_geometry"): 1}
    assert read.frame["longitude"].tolist() == [2.4, 2.5]
    assert (read.crs, notes(file)["layer_read"]) == (
        "EPSG:4326",
        {"part": "people", "at": 1, "others": 1},
    )
    assert list(read_frame(file, gives="table", sheet="notes").frame.columns) == ["who"]


def test_a_shapefile_without_its_index_or_its_table(tmp_path):
    file = shapefile(tmp_path / "t.shp", ROWS, AT, index=False)
    assert notes(file)["index_missing"] == {}
    assert len(read_frame(file).frame) == 2
    file.with_suffix(".dbf").unlink()
    alone = read_frame(file)
    assert (list(alone.frame.columns), len(alone.frame)) == (["longitude", "latitude"], 2)
    assert "shapes_alone" in notes(file, gives="dots")


def test_projections_of_a_shapefile(tmp_path):
    lambert = (
        'PROJCS["RGF_1993_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",'
        '6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
        'PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],'
        'PARAMETER["False_Northing",6600000.0],PARAMETER["Central_Meridian",3.0],'
        'PARAMETER["Standard_Parallel_1",49.0],PARAMETER["Standard_Parallel_2",44.0],'
        'PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]'
    )
    at = [(659_100.0, 6_858_900.0)] * 3
    read = read_frame(shapefile(tmp_path / "t.shp", ROWS, at, prj=lambert))
    assert (read.crs, read.location) == ("EPSG:2154", ("x", "y"))
    refused(shapefile(tmp_path / "u.shp", ROWS, at, prj="Zxqv"), "EPSG number", gives="dots")


def test_deleted_records_and_damaged_shapes(tmp_path):
    file = shapefile(tmp_path / "t.shp", ROWS, [(1.0, 2.0)] * 3)
    table = file.with_suffix(".dbf")
    data = bytearray(table.read_bytes())
    size, width = struct.unpack_from("<HH", data, 8)
    data[size + width] = 0x2A
    table.write_bytes(data)
    assert read_frame(file).frame["name"].tolist() == ["Zxqv", "Zxqx"]
    assert notes(file)["records_deleted"] == {"records": 1}
    file.write_bytes(file.read_bytes()[:-28])
    refused(file, "2 shapes and 3 records")
    file.write_bytes(file.read_bytes()[:-5])
    refused(file, "damaged or cut short")


@pytest.mark.parametrize(("page", "damaged"), [(3, True), (-2, False), (None, False)])
def test_a_table_with_a_damaged_page_is_said_to_be_damaged(page, damaged, tmp_path):
    """The engine reads rows of zeros without a word: only its check of the tree sees them.

    What is damaged beside the table that is read is none of its rows.
    """
    file = tmp_path / "phone.db"
    with closing(sqlite3.connect(file)) as writer, writer:
        writer.execute("CREATE TABLE people (name TEXT, age TEXT)")
        writer.executemany(
            "INSERT INTO people VALUES (?, ?)", [(f"Zx {n}", "40") for n in range(900)]
        )
    if damaged:
        data = bytearray(file.read_bytes())
        assert len(data) > 3 * 4096
        data[2 * 4096 + 2048 : 3 * 4096] = bytes(2048)
        file.write_bytes(data)
    assert ("database_damaged" in notes(file, gives="table")) == damaged


def test_a_database_sorted_by_rules_of_its_own_is_read(tmp_path):
    file = tmp_path / "phone.db"
    with closing(sqlite3.connect(file)) as writer, writer:
        writer.create_collation("LOCAL", lambda a, b: (a > b) - (a < b))
        writer.execute("CREATE TABLE people (name TEXT COLLATE LOCAL UNIQUE, age TEXT)")
        people = [(f"Zx {n}", "40") for n in range(900)]
        writer.executemany("INSERT INTO people VALUES (?, ?)", people)
    assert "database_damaged" not in notes(file, gives="table")
    assert len(read_frame(file, gives="table").frame) == 900


def test_no_expression_of_a_database_is_run_by_its_check(tmp_path):
    """One of 4 MB a row took ten seconds of a file of 28 kB."""
    file = tmp_path / "phone.db"
    with closing(sqlite3.connect(file)) as writer, writer:
        writer.execute("CREATE TABLE people (name TEXT, more INTEGER AS (1 / (length(name) - 4)), "
                       "CHECK (length(hex(zeroblob(200000000))) > 0))")  # fmt: skip
        writer.execute("PRAGMA ignore_check_constraints = ON")
        writer.executemany("INSERT INTO people VALUES (?)", [(f"Zx {n % 10}",) for n in range(900)])
    before = time.process_time()
    assert "database_damaged" not in notes(file, gives="table")
    assert time.process_time() - before < 5


@pytest.mark.heavy
def test_a_write_ahead_log_beside_a_database_is_read_with_it(tmp_path):
    file = tmp_path / "phone.db"
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("CREATE TABLE people (id INTEGER, name TEXT)")
    writer.executemany("INSERT INTO people VALUES (?, ?)", [(n, f"Zx {n}") for n in range(100)])
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    writer.executemany(
        "INSERT INTO people VALUES (?, ?)", [(n, f"Zx {n}") for n in range(100, 300)]
    )
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    read = read_frame(file, gives="table")
    assert len(read.frame) == 300
    assert "log_of_database" in notes(file, gives="table")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    writer.close()


@pytest.mark.heavy
def test_a_change_that_was_never_finished_is_undone(tmp_path):
    file = tmp_path / "seized" / "phone.db"
    file.parent.mkdir()
    live = tmp_path / "phone.db"
    writer = sqlite3.connect(live, isolation_level=None)
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("CREATE TABLE people (id INTEGER, name TEXT)")
    rows = [(n, "x" * 500) for n in range(200)]
    writer.executemany("INSERT INTO people VALUES (?, ?)", rows)
    writer.execute("BEGIN")
    writer.execute("DELETE FROM people WHERE id >= 50")
    writer.execute("UPDATE people SET name = 'y'")
    # Copied while the change is under way, as a seizure of a running device is.
    for path in tmp_path.glob("phone.db*"):
        (file.parent / path.name).write_bytes(path.read_bytes())
    writer.close()
    assert (file.parent / "phone.db-journal").stat().st_size > 0
    assert len(read_frame(file, gives="table").frame) == 200


def test_dumps_as_they_are_written(tmp_path):
    file = tmp_path / "t.sql"
    file.write_text(
        "-- INSERT INTO people VALUES ('no');\n"
        "/* INSERT INTO people VALUES ('neither'); */\n"
        "CREATE TABLE people (\n  id integer NOT NULL,\n  said text,\n  at date,\n"
        "  CONSTRAINT k PRIMARY KEY (id)\n);\n"
        "INSERT INTO people VALUES (1, 'it''s; (a, b)', '2016-11-08'::date),\n"
        "  (2, E'x\\ny', now());\n"
        "INSERT INTO people VALUES (3, NULL, CURRENT_DATE), (4, X'00ff', coalesce('a)', 'b'));\n"
        "INSERT INTO people VALUES (5, 'cut"
    )
    read = read_frame(file, gives="table")
    assert read.frame["id"].tolist() == [1, 2, 3, 4]
    assert read.frame["said"].fillna("-").tolist() == ["it's; (a, b)", "x\ny", "-", "-"]
    assert read.set_aside == {Note("line_unreadable"): 1}
    # now(), CURRENT_DATE and coalesce() are the database's to work out; X'00ff' is no text.
    assert {Note("expressions", n=3), Note("values_binary", n=1)} <= set(read.notes)
    refused(tmp_path.joinpath("u.sql").write_text("SELECT 1;") and tmp_path / "u.sql", "no row")


MAIL = """From a@example.org Tue Nov  8 10:00:00 2016
From: Camp <a@example.org>
To: {to}
Date: Tue, 08 Nov 2016 10:00:00 +0100
Subject: =?utf-8?q?R=C3=A9union?=
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

{text}
--b--

"""


def mail(*people, link="https://t.example/c/{token}?u=1"):
    texts = (
        f"From here: {link.format(token=f'aZ3kk9Qx{i}')} https://x.example/about" for i in range(99)
    )
    return "".join(
        MAIL.format(to=to, text=base64.b64encode(text.encode()).decode())
        for to, text in zip(people, texts, strict=False)
    )


# What Python calls a codec and is no set of letters; and what no program knows.
NO_LETTERS = ["base64", "zlib", "rot13", "undefined", "idna", "punycode", "unicode_escape", "klm"]


@pytest.mark.parametrize("charset", NO_LETTERS)
def test_a_text_in_no_set_of_letters_is_read_as_utf_8(tmp_path, charset):
    said = f"Zoé a ouvert, {chr(92)}x41".encode()
    text = base64.b64encode(said).decode()
    file = tmp_path / "t.mbox"
    file.write_text(
        MAIL.format(to="p@x.fr", text=text).replace("charset=utf-8", f"charset={charset}")
    )
    assert read_frame(file, gives="table").frame["text"].tolist() == [said.decode()]
    quoted = quopri.encodestring(said).decode().replace(";", "=3B").strip()
    named = f"NOTE;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:{quoted}"
    cards = tmp_path / "t.vcf"
    cards.write_text(f"BEGIN:VCARD{chr(10)}FN:Zq{chr(10)}{named}{chr(10)}END:VCARD{chr(10)}" * 2)
    assert set(read_frame(cards, gives="table").frame["note"]) == {said.decode()}


def test_mail_of_a_mailing(tmp_path):
    file = tmp_path / "t.mbox"
    file.write_text(mail("P <p@example.org>", "q@example.org, R <r@example.org>", "p@example.org"))
    read = read_frame(file, gives="table")
    # Four recipients of three messages; the middle one shows two of them to each other.
    assert read.frame["recipient"].str[0].tolist() == ["p", "q", "r", "p"]
    assert read.frame["date"].tolist() == ["2016-11-08T09:00:00"] * 4
    assert read.frame["subject"].tolist() == ["Réunion"] * 4
    assert read.frame["links"].tolist() == [2] * 4
    assert read.frame["own_links"].tolist() == [1, 0, 0, 1]
    said = {n.key: dict(n.values) for n in read.notes}
    assert said["recipients_shown"] == {"recipients": 2, "messages": 1}
    assert said["links_of_one"] == {"recipients": 2, "of": 4}
    log = read_traces(file, person="recipient", item="message_id", time="date")
    assert (len(log), log.n_people, log.n_items) == (4, 3, 3)


def recording(*answers):
    entries = [
        {
            "request": {"method": "GET", "url": f"https://app.example{url}"},
            "response": {
                "status": 200,
                "content": {
                    "mimeType": kind,
                    "text": body if isinstance(body, str) else json.dumps(body),
                },
            },
        }
        for url, kind, body in answers
    ]
    return {"log": {"version": "1.2", "entries": entries}}


def person(number, **more):
    return {"id": number, "name": f"Zxqv {number}", "phone": f"06000{number}", **more}


def test_a_recording_counts_what_was_sent(tmp_path):
    people = [person(n, note=f"remark {n}", lon=2.4, lat=48.8) for n in range(101, 106)]
    answers = [
        ("/", "text/html; charset=utf-8", "<html><p>Zxqv 101</p></html>"),
        ("/app.js", "application/javascript", "row.phone; row.lon; row.lat; row.id"),
        ("/api/people?page=1", "application/json", {"results": people[:3]}),
        ("/api/people?page=2", "application/json", {"results": people[2:]}),
        ("/api/people/101", "application/json", people[0]),
        ("/api/people/103", "application/json", people[2]),
    ]
    file = tmp_path / "t.har"
    file.write_text(json.dumps(recording(*answers)))
    read = read_frame(file, gives="table")
    assert read.frame["id"].tolist() == [101, 102, 103, 104, 105]
    said = {n.key: dict(n.values) for n in read.notes}
    # Two pages of three with one of them twice; six fields, of which a page shows a name and the
    # script reads four; a note is in neither.
    assert said["recording_received"] == {"records": 5, "requests": 2, "again": 1}
    assert said["recording_fields"] == {"fields": 6, "shown": 1, "used": 4}
    assert said["recording_unused"] == {"columns": ("note",), "fields": 1}
    assert said["recording_ids"] == {"column": "id", "ids": 5, "span": 5}
    assert said["recording_addresses"] == {"addresses": 1, "numbers": 2}
    assert read.recorded == Recorded(records=5, requests=2, again=1, fields=6, shown=1, used=4,
                                     ids=5, span=5, addresses=1, asked=2)  # fmt: skip
    assert len(read_frame(file, sheet="/api/people?page").frame) == 5
    other = tmp_path / "t.json"
    other.write_text(file.read_text())
    assert len(read_table(other).records) == 5


def test_zips_of_several_and_zips_in_zips(tmp_path):
    book = xlsx(tmp_path / "a.xlsx", None, sheets={"one": ROWS, "two": [["k", "v"], ["x", 1]]})
    one = packed(tmp_path / "one.zip", {"a.xlsx": book.read_bytes()})
    assert list(read_frame(one, gives="table", sheet="two").frame.columns) == ["k", "v"]
    several = packed(
        tmp_path / "two.zip",
        {"x/a.xlsx": book.read_bytes(), "b.csv": "k\n1\n2\n", "readme.bin": b"\0\1"},
    )
    read = read_frame(several, gives="table", sheet="b.csv")
    assert (read.name, read.frame["k"].tolist()) == ("two.zip/b.csv", [1, 2])
    assert read.notes[0] == Note("member_read", part="b.csv", at=2, others=1)
    nested = one
    for depth in range(3):
        nested = packed(tmp_path / f"n{depth}.zip", {"in.zip": nested.read_bytes()})
        if depth:
            refused(nested, "a zip in at most 1 other")
        else:
            assert len(read_frame(nested, gives="table").frame) == 3
    refused(packed(tmp_path / "none.zip", {"a.exe": b"MZ"}), "1 files of other kinds")


def test_a_zip_in_a_zip_shares_its_bound(tmp_path, monkeypatch):
    monkeypatch.setattr("privaudit.core.limits._MAY_SWELL", 1_000)
    inner = packed(tmp_path / "i.zip", {"a.csv": b"a\n" + b"1\n" * 1_000_000})
    outer = packed(tmp_path / "o.zip", {"i.zip": inner.read_bytes()})
    assert outer.stat().st_size < 2_000
    refused(outer, "unpacks to at most")


def test_members_are_put_where_they_can_do_nothing(tmp_path):
    file = packed(tmp_path / "t.zip", {"../../../evil.csv": "a\n1\n"})
    assert read_frame(file, gives="table").frame["a"].tolist() == [1]
    assert not list(tmp_path.parent.glob("**/evil.csv"))


def test_osdi_has_the_columns_of_its_system(tmp_path):
    people = [
        {
            "identifiers": [f"osdi:{n}"],
            "given_name": "A",
            "family_name": "B",
            "gender": "Female",
            "birthdate": {"year": 1950 + n, "month": 1, "day": 2},
            "postal_addresses": [{"address_lines": ["1 rue Haute"], "postal_code": "01000"}],
        }
        for n in range(4)
    ]
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"total_records": 4, "_embedded": {"osdi:people": people}}))
    table = read_table(file)
    assert "postal_addresses.0.address_lines.0" in table.records
    assert table.roles.identifier == ("identifiers.0",)
    assert "birthdate.year" in table.roles.key


def test_qomon_is_known_by_its_contacts(tmp_path):
    people = [
        {
            "id": n,
            "firstname": "A",
            "surname": "B",
            "married_name": "C",
            "gender": "F",
            "birthdate": f"19{50 + n}-07-06T00:00:00Z",
            "address": {"housenumber": "1", "street": "rue A", "postalcode": "94340"},
            "tags": [{"name": ["left", "right"][n % 2], "color": "red"}],
            "black_list": False,
        }
        for n in range(6)
    ]
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"status": "success", "data": {"contacts": people}}))
    table = read_table(file)
    assert (table.roles.identifier, table.roles.key) == (("id",), ("birthdate",))
    assert table.roles.sensitive == ("tags.1.name",)
    place = {"id": ["x"], "number": "1", "street": "Rue A", "commune": "Bourg", "station": ""}
    base = AddressBase(pd.DataFrame(place).assign(x=0.0, y=0.0), real=False)
    assert join_addresses(table.records, base).address.tolist() == [0] * 6


def test_json_lists_and_positions(tmp_path):
    file = json_list(tmp_path / "t.json", ROWS)
    assert read_frame(file, gives="table").frame["age"].tolist() == [30, 41, 52]
    file.write_text(json.dumps([{"at": {"lat": 48.8, "lng": 2.4}, "n": i} for i in range(3)]))
    assert read_frame(file).location == ("at.lng", "at.lat")
    several = {"people": [{"a": 1}, {"a": 2}], "log": [{"b": 1}]}
    file.write_text(json.dumps(several))
    assert notes(file)["list_read"] == {"part": "people", "at": 1, "others": 1}
    assert list(read_frame(file, gives="table", sheet="log").frame.columns) == ["b"]


def test_a_zip_of_text_is_read_alike(tmp_path):
    frame = read_frame(zipped_csv(tmp_path / "t.zip", ROWS), gives="table").frame
    pd.testing.assert_frame_equal(
        frame,
        pd.DataFrame({"name": ["Zxqv", "Zxqw", "Zxqx"], "age": [30, 41, 52]}),
        check_dtype=False,
    )


def test_a_cell_reference_outranks_its_row(tmp_path):
    # By the reference alone: of another row, without one, in another order, with a dollar.
    cells = (
        '<row r="1"><c r="A1" t="str"><v>k</v></c><c r="B1" t="str"><v>v</v></c></row>'
        '<row r="2"><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row>'
        '<row r="3"><c r="A3"><v>3</v></c><c r="B4"><v>6</v></c><c r="A4"><v>5</v></c></row>'
        '<row><c><v>7</v></c><c r="$B$5"><v>8</v></c></row>'
        '<row r="12"><c r="A12"><v>9</v></c><c r="B12"><v>10</v></c></row>'
    )
    made = xlsx(tmp_path / "a.xlsx", ROWS)
    with zipfile.ZipFile(made) as book:
        members = {name: book.read(name) for name in book.namelist()}
    sheet = next(name for name in members if name.startswith("xl/worksheets/sheet"))
    text = members[sheet].decode()
    begin, end = text.index("<sheetData>") + 11, text.index("</sheetData>")
    members[sheet] = (text[:begin] + cells + text[end:]).encode()
    read = read_frame(packed(tmp_path / "b.xlsx", members), gives="table").frame
    rows = read.fillna(-1).astype(int).to_numpy().tolist()
    assert rows == [[1, 2], [3, -1], [5, 6], [7, 8], [9, 10]]


def test_a_database_whose_own_complaint_is_no_text_is_refused(tmp_path):
    # SQLite quotes what it cannot read of the schema: here a byte that is no UTF-8.
    file = tmp_path / "t.gpkg"
    geopackage(file, ROWS, None)
    data = file.read_bytes()
    assert b"CREATE TABLE" in data
    file.write_bytes(data.replace(b"CREATE TABLE", b"CREATE TABL\xdf"))
    refused(file, "damaged", gives="table")


@pytest.mark.parametrize("letters", ["uu", "zlib", "undefined", "punycode", "rot13", "idna"])
def test_a_codec_that_is_no_set_of_letters_is_not_used(tmp_path, letters):
    file = tmp_path / "t.shp"
    shapefile(file, ROWS, AT)
    whole = read_frame(file, gives="dots").frame
    file.with_suffix(".cpg").write_text(letters)
    assert read_frame(file, gives="dots").frame.equals(whole)


@pytest.mark.parametrize(
    ("line", "more"),
    [("12/05/2016 à 18:0{} - {}: {}", "12/05/2016 à 18:09 - Zxqb a rejoint le groupe"),
     ("[12/05/2016, 6:0{}:33 PM] {}: {}", "[12/05/2016, 6:09:33 PM] Messages are encrypted"),
     ("2016-05-12, 18:0{} - {}: {}", "2016-05-12, 18:09 - Zxqb left")],
)  # fmt: skip
def test_a_chat_has_no_header_and_its_lines_are_messages(tmp_path, line, more):
    said = [("Zxqa", "ok; vu, merci"), ("Zxqb", "Mme est malade\nne pas y aller"), ("Zxqa", "a: b")]
    lines = [more, *(line.format(n, who, what) for n, (who, what) in enumerate(said))]
    file = tmp_path / "chat.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    read = read_frame(file, gives="table")
    assert list(read.frame.columns) == ["date", "author", "message"]
    assert list(zip(read.frame["author"], read.frame["message"], strict=True)) == said
    assert sum(read.set_aside.values()) == 1
    # A table whose first column is a date is none.
    other = tmp_path / "t.txt"
    other.write_text("date;k\n12/05/2016 18:01;1\n12/05/2016 18:02;2\n", encoding="utf-8")
    assert list(read_frame(other, gives="table").frame.columns) == ["date", "k"]


def test_a_geometry_outranks_a_column_called_lon(tmp_path):
    """As a table laid beside a map it was refused: two columns of longitude."""
    three = {"id": list("abc"), "number": list("123"), "x": [0.0, 30.0, 60.0]}
    place = pd.DataFrame({**three, "street": "Rue A", "commune": "B", "station": "", "y": 0.0})
    base = AddressBase(place, real=False)
    rows = [["nom", "lon", "lat"], ["Zxqv", 9.9, 9.9], ["Roux", 9.9, 9.9]]
    file = geojson(tmp_path / "t.geojson", rows, [(2.4, 48.8), (2.5, 48.8)])
    assert read_table(file).roles.location == ("longitude", "latitude")
    dots = pd.DataFrame({"x": [0.0, 60.0], "y": 0.0, "status": ["red", "grey"]})
    link_releases(file, dots, addresses=base)


def test_a_limit_on_memory_bounds_a_file_that_is_not_counted(tmp_path):
    """It was refused: a file that is read whole had no limit but the system's."""
    file = geopackage(tmp_path / "t.gpkg", ROWS, AT)
    words = ["table", str(file), "--key", "age", "--memory-limit", "1GB"]
    assert main([*words, "--out", str(tmp_path / "o")]) == 0


def test_a_welcome_page_is_no_table_where_another_sheet_is_one(tmp_path):
    """Its one column was read, and the people passed over; who reads is told what is left."""
    rows = [["nom", "sexe"], *([f"Zxqv{n}", "FM"[n % 2]] for n in range(20))]
    sheets = {"Accueil": [["Note"], ["Bienvenue"]], "Fiches": rows, "Secret": rows}
    file = xlsx(
        tmp_path / "t.xlsx",
        None,
        sheets=sheets,
        states={"Fiches": "hidden", "Secret": "veryHidden"},
    )
    read = read_frame(file, gives="table")
    assert len(read.frame) == 20
    assert read.left == (1, 3)
    study = inspect_files([file], as_of="2016-11-08")
    left = [line for line in study.next_commands if "--sheet" in line]
    assert left == [f"privaudit inspect t.xlsx --sheet {n} --out inspect-t-{n}" for n in (1, 3)]


def test_inspect_reads_the_part_that_is_asked_for(tmp_path):
    """It read the first, whatever --sheet said; what it proposes is of that part too."""
    people = [["nom", "sexe"], *([f"Zxqv{n}", "FM"[n % 2]] for n in range(30))]
    towns = [["ville", "sexe"], *([f"Bourg {n % 3}", "FM"[n % 2]] for n in range(30))]
    file = xlsx(tmp_path / "t.xlsx", None, sheets={"one": people, "two": towns})
    study = inspect_files([file], as_of="2016-11-08", reading=Reading(sheet="2"))
    assert [column.name for column in study.inventories[0].columns] == ["ville", "sexe"]
    assert study.next_commands == (
        "privaudit table t.xlsx --key sexe,ville --sheet 2 --out report-t",
        "privaudit inspect t.xlsx --sheet 1 --out inspect-t-1",
    )


def test_a_file_within_a_zip_has_the_roles_of_its_own_inventory(tmp_path):
    """A dossier never found them: the inventory is called after the member, the file is not."""
    rows = "\n".join(f"{20 + n % 40},{'FM'[n % 2]},{n % 3}" for n in range(60))
    file = packed(tmp_path / "saisie.zip", {"fiches.csv": f"age,sexe,soutien\n{rows}\n"})
    (tmp_path / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    seizure = Seizure(files=[file], description=tmp_path / "d.toml", exhibit="S")
    study = audit_dossier(seizure, as_of="2016-11-08")
    assert study.measures["table"].value("sample_uniques") >= 0


# Letters of UTF-8 read as Latin-1, as Windows reads them, and what cannot be turned back.
WRONG = {"latin-1": "Ã©vangÃ©lique", "cp1252": "lâ€™Ã‰glise Ã©vangÃ©lique"}
RIGHT = dict(zip(WRONG.values(), ["évangélique", "l’Église évangélique"], strict=True))
LOST = ["Ã la messe, Ã©vangÃ©lique", "déjà Ã©vangÃ©lique", "SÃO Paulo", "CHÂTEAU À VENDRE"]


def as_csv(path, rows):
    path.write_text("".join(f'"{a}","{b}"\n' for a, b in rows), "utf-8")


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("ending", "write"), [("csv", as_csv), ("xlsx", xlsx), ("ods", ods)])
def test_letters_written_byte_by_byte_are_read_everywhere(tmp_path, ending, write, text):
    notes = [text] * 20 + LOST * 5
    write(tmp_path / f"a.{ending}", [["prÃ©nom", "note"], *(["ZoÃ«", note] for note in notes)])
    read = read_frame(tmp_path / f"a.{ending}", gives="table")
    assert list(read.frame.columns) == ["prénom", "note"]
    assert read.frame["note"].tolist() == [RIGHT[text]] * 20 + LOST * 5
    said = [dict(note.values) for note in read.notes if note.key == "letters_mended"]
    assert said == [{"cells": 60}]
    held = {
        one.name: one for one in pa.inspect(tmp_path / f"a.{ending}", as_of="2016-11-08").columns
    }
    assert held["note"].says["religion"] >= 20


GOOD = "To: a@x.fr\n\nMadame Zq est diabétique\n"


def _box(folder, *messages):
    (folder / "a.mbox").write_text(
        "".join(f"From x@y Mon Jan  4 10:00:00 2016\n{one}\n" for one in messages),
        encoding="utf-8",
    )
    return read_frame(folder / "a.mbox", gives="table")


# Later versions of Python read punycode with an error.
@pytest.mark.parametrize("charset", ["idna", "undefined"])
def test_a_message_whose_border_cannot_be_decoded_is_counted(charset, tmp_path):
    header = f"Content-Type: multipart/mixed; boundary*={charset}''%ff%fe"
    read = _box(tmp_path, GOOD, f"To: b@x.fr\n{header}\n\nnon\n")
    assert read.frame["text"].tolist() == ["Madame Zq est diabétique"]
    assert {note.key: n for note, n in read.set_aside.items()} == {"message_unreadable": 1}


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined"])
@pytest.mark.parametrize(
    "name",
    [
        "Content-Type: image/png\nContent-Disposition: attachment; filename",
        "Content-Type: image/png; name",
    ],
)
def test_a_file_whose_name_cannot_be_decoded_leaves_its_message(charset, name, tmp_path):
    parts = ("Content-Type: text/plain\n\nva à la messe", f"{name}*={charset}''%ff%fe\n\nx")
    body = "".join(f"--b\n{part}\n" for part in parts)
    kind = "Content-Type: multipart/mixed; boundary=b"
    read = _box(tmp_path, GOOD, f"To: b@x.fr, c@x.fr\n{kind}\n\n{body}--b--\n")
    assert read.frame["recipient"].tolist() == ["a@x.fr", "b@x.fr", "c@x.fr"]
    assert read.frame["text"].tolist()[1] == "va à la messe"
    assert not read.set_aside
    said = {note.key: dict(note.values) for note in read.notes}
    assert said["attachments_left"] == {"files": 1}


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined"])
def test_a_text_whose_name_cannot_be_decoded_is_read(charset, tmp_path):
    header = f"Content-Disposition: attachment; filename*={charset}''%ff%fe"
    read = _box(tmp_path, GOOD, f"To: b@x.fr\n{header}\n\nva à la messe\n")
    assert read.frame["text"].tolist() == ["Madame Zq est diabétique", "va à la messe"]
    assert not read.set_aside


def test_the_text_of_a_message_is_read_once_and_its_files_are_counted(tmp_path):
    message = EmailMessage()
    message["To"], message["Subject"] = "a@x.fr, b@x.fr", "Porte à porte"
    message.set_content("Madame Zq est diabétique", charset="iso-8859-1", cte="base64")
    message.add_alternative("<style>p{}</style><p>Madame&nbsp;Zq</p>", subtype="html")
    message.add_attachment(b"\x00\x01", maintype="image", subtype="png", filename="p.png")
    message.add_attachment("nom;avis\nZq;FN\n", filename="liste.csv")
    page = EmailMessage()
    page["To"] = "c@x.fr"
    page.set_content("<style>p{color:red}</style><p>Va à la <b>messe</b> &amp; au club</p>",
                     subtype="html")  # fmt: skip
    (tmp_path / "a.eml").write_bytes(message.as_bytes())
    (tmp_path / "b.mbox").write_bytes(
        b"".join(b"From x@y Mon Jan  4 10:00:00 2016\n" + one.as_bytes() + b"\n"
                 for one in (message, page))
    )  # fmt: skip
    read = read_frame(tmp_path / "a.eml", gives="table")
    assert read.frame["recipient"].tolist() == ["a@x.fr", "b@x.fr"]
    texts = read.frame["text"].tolist()
    assert (texts[0], pd.isna(texts[1])) == ("Madame Zq est diabétique", True)
    attached = read_frame(tmp_path / "a.eml", gives="table", sheet="liste.csv")
    assert attached.frame.to_dict("list") == {"nom": ["Zq"], "avis": ["FN"]}
    assert notes(tmp_path / "a.eml")["attachments_left"] == {"files": 1}
    box = read_frame(tmp_path / "b.mbox", gives="table").frame
    assert box["text"].tolist()[2] == "Va à la messe & au club"
    held = {one.name: one for one in pa.inspect(tmp_path / "b.mbox", as_of="2016-11-08").columns}
    assert dict(held["text"].says).items() >= {"health": 1, "religion": 1}.items()


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Marie Dupont.csv", "1"), ("0612345678.csv", "1"), ("fiches/Jean Martin.csv", "1"),
     ("dons 2016-05-12.csv", "dons 2016-05-12.csv"), ("people.csv", "people.csv")],
)  # fmt: skip
def test_a_member_that_may_be_named_after_a_person_is_noted_by_its_number(tmp_path, name, shown):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as packed:
        packed.writestr(name, "a,b\n1,2\n")
        packed.writestr("zone.csv", "a,b\n3,4\n")
    (note,) = read_frame(tmp_path / "t.zip", gives="table").notes
    assert note == Note("member_read", part=shown, at=1, others=1)
