"""Limits that formats state, and ours on what is read of them: at each, under it and over it."""

import datetime
import io
import json
import sqlite3
import sys
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from privaudit.errors import ReadError
from privaudit.io import containers
from privaudit.io.containers import Packed, opened, walk
from privaudit.io.duckdb import spilling
from privaudit.io.formats import archive, mbox, pdf
from privaudit.io.formats.archive import (
    _member_and_sheet,
    _safe_name,
    members_of,
    readable,
    unread_note,
)
from privaudit.io.formats.json import _shown
from privaudit.io.formats.kml import lines_of_page
from privaudit.io.formats.mbox import _Box, _has_token, _messages, _plain
from privaudit.io.formats.text import are_notes
from privaudit.io.formats.vcard import _split, _unfolded, android_contact, apple_contact
from privaudit.io.formats.xlsx import _Book, _format, _resolved, _unescaped
from privaudit.io.readers import ReadRequest, read_frame

sys.path.insert(0, str(Path(__file__).parent))
from test_documents import pdf as pdf_file
from writers import packed


def asked(path="t.x", **more):
    path = Path(path)
    return ReadRequest(path=path, name=path.name, who="map", places=False, crs=None, **more)


# XML and zip.


@pytest.mark.parametrize(("deep", "good"), [(199, True), (200, True), (201, False)])
def test_elements_are_two_hundred_deep(deep, good):
    data = b"<a>" * deep + b"</a>" * deep
    if good:
        walk(data, asked(), what="XML")
    else:
        with pytest.raises(ReadError, match="200 deep"):
            walk(data, asked(), what="XML")


@pytest.mark.parametrize(
    "data", [b"<a>", b"<a></b>", b"", b"x", b"<a/><b/>", b'<?xml version="1.0" encoding="zz"?><a/>']
)
def test_what_is_no_xml_is_refused(data):
    with pytest.raises(ReadError, match="no XML or is cut short"):
        walk(data, asked(), what="XML")


def test_the_text_of_an_element_is_that_behind_the_last_one_within_it():
    found = []
    data = b"<a>1<b>2</b>3<p>4<s/>5<i>6</i></p></a>"
    walk(data, asked(), what="XML", end=lambda tag, text: found.append((tag, text)), whole=("p",))
    assert found == [("b", "2"), ("s", "4 "), ("i", "4 56"), ("p", "4 56"), ("a", "")]
    long = b"<a>" + b"x" * 200_000 + b"</a>"
    walk(long, asked(), what="XML", end=lambda tag, text: found.append(len(text)))
    assert found[-1] == 200_000


@pytest.mark.parametrize(("members", "good"), [(2, True), (3, True), (4, False)])
def test_a_zip_has_ten_thousand_files_at_most(tmp_path, monkeypatch, members, good):
    assert containers._MEMBERS == 10_000
    monkeypatch.setattr(containers, "_MEMBERS", 3)
    file = packed(tmp_path / "a.zip", {f"{n}.csv": "a\n" for n in range(members)})
    if good:
        with opened(asked(file), what="a zip") as zipped:
            assert len(zipped.names) == members
    else:
        with (
            pytest.raises(ReadError, match="at most 3 files"),
            opened(asked(file), what="a zip"),
        ):
            pass


def test_a_bound_that_is_asked_for_lowers_that_of_a_zip(tmp_path):
    file = packed(tmp_path / "a.zip", {"a.csv": "a\n"})
    for most, bound in ((None, 64_000_000), (5, 5), (65_000_000, 64_000_000)):
        with opened(asked(file, most=most), what="a zip") as zipped:
            assert zipped.most == bound


def test_a_member_is_of_its_day_and_of_none_where_there_is_no_such():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as new:
        for day in (1, 0):
            new.writestr(zipfile.ZipInfo(f"{day}.csv", (2016, 11, 8, 10, 30, 2)), "a")
    archive = zipfile.ZipFile(held)
    archive.infolist()[1].date_time = (2016, 13, 8, 10, 30, 2)
    members = Packed(archive, asked(), most=9, what="a zip")
    at = datetime.datetime(2016, 11, 8, 10, 30, 2, tzinfo=datetime.UTC)
    assert members.written("1.csv") == at.timestamp()
    assert members.written("0.csv") == 0


def test_three_lists_of_one_name_are_numbered_from_the_second():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as new:
        for n in range(6):
            rows = [{f"c{n // 2}": f"{n}{row}", "x": f"m{n}{row}"} for row in range(3)]
            new.writestr(f"day{n}.json", json.dumps(rows))
    members = Packed(zipfile.ZipFile(held), asked(), most=9, what="a zip")
    with spilling() as spill:
        assert archive._groups(members, spill) == {
            "day.ndjson": ("day0.json", "day1.json"),
            "2 day.ndjson": ("day2.json", "day3.json"),
            "3 day.ndjson": ("day4.json", "day5.json"),
        }


@pytest.mark.parametrize(("files", "unpacked"), [(0, 0), (1, 1), (40, 40), (41, 0)])
def test_forty_files_of_a_zip_are_exhibits(tmp_path, files, unpacked):
    more = {f"in/{n}.csv": "a\n1\n" for n in range(files)}
    file = packed(tmp_path / "a.zip", {"x.exe": "", ".a.csv": "", "__MACOSX/b.csv": "", **more})
    with spilling() as spill:
        assert len(members_of(file, spill, taken=(), who="t")) == unpacked
        assert members_of(file, spill, taken=["0.CSV"], who="t") == [] or not files
        twice = packed(tmp_path / "b.zip", {"a/x.csv": "a\n", "b/X.csv": "a\n"})
        names = [file.name for file in members_of(twice, spill, taken=(), who="t")]
        assert names == ["x.csv", "2 X.csv"]


@pytest.mark.parametrize(
    ("name", "read"),
    [("a.csv", True), ("A.CSV", True), ("x/a.csv", True), (".a.csv", False), ("x/.a.csv", False),
     ("__MACOSX/a.csv", False), ("a.exe", False), ("csv", False)],
)  # fmt: skip
def test_a_member_is_read_by_its_ending(name, read):
    assert readable(name) is read


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a" * 100, "a" * 100), ("a" * 101, "a" * 100), ("é" * 51, "é" * 50), ("a;b", "a_b"),
     ("\x1b[2J", "__2J"), ("", "file"), ("a._- ", "a._- ")],
)  # fmt: skip
def test_a_name_of_a_member_has_a_hundred_bytes(name, safe):
    assert _safe_name(name) == safe


@pytest.mark.parametrize(
    ("sheet", "names", "found"),
    [
        ("1", ["a.xlsx"], ("1", None)), ("2", ["a.xlsx"], (None, "2")),
        ("0/Dons", ["a.xlsx"], (None, "0/Dons")), ("1/Dons", ["a.xlsx"], ("1", "Dons")),
        ("x", ["a.xlsx", "b.csv"], ("x", None)), ("A.XLSX", ["a.xlsx"], ("A.XLSX", None)),
        (" b.csv ", ["a.csv", "b.csv"], ("b.csv", None)), (None, ["a.csv"], (None, None)),
    ],
)  # fmt: skip
def test_which_file_of_a_zip_and_which_sheet_of_it_is_asked_for(sheet, names, found):
    assert _member_and_sheet(sheet, names) == found


# Workbooks: ECMA-376, 18.8.30 (formats of numbers).


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("0", ""), ("00", "00"), ("0" * 20, "0" * 20), ("0" * 21, ""), ("General", ""),
        ("dd/mm/yyyy", "date"), ("[h]:mm", "date"), ("[ss]", "date"), ("[Red]0.0", ""),
        ('"day" 0', ""), ("\\d0", ""), ("_d0", ""), ("*d0", ""), ("0;dd", ""), ("hh:mm;@", "date"),
    ],
)  # fmt: skip
def test_a_format_of_its_own_is_a_date_by_its_letters(code, written):
    assert _format("164", {"164": code}) == written


@pytest.mark.parametrize(
    ("kind", "value", "style", "text"),
    [
        ("s", "0", 0, "a"), ("s", "1", 0, "b"), ("s", "2", 0, ""), ("s", "-1", 0, ""),
        ("s", "0000000001", 0, ""), ("b", "1", 0, "True"), ("b", "0", 0, "False"),
        ("b", "2", 0, ""), ("e", "#N/A", 0, ""), ("str", "_x0041_", 0, "A"), ("n", "7", 0, "00007"),
        ("n", "123456", 0, "123456"), ("n", "7.5", 0, "7.5"), ("n", "7", 1, "7"),
        ("n", "7", -1, "7"), ("d", " 2016-11-08 ", 0, "2016-11-08"),
    ],
)  # fmt: skip
def test_a_cell_is_written_by_its_kind_and_its_style(kind, value, style, text):
    book = _Book.__new__(_Book)
    book.formats, book.texts = ["00000"], ["a", "b"]
    assert book.text_of(kind, value, style) == text


def test_paths_and_letters_of_a_workbook():
    assert _resolved("xl/../a/./b.xml") == "a/b.xml"
    assert _resolved("../../etc/passwd") == "etc/passwd"
    assert _unescaped("a_x000D_b_x41_") == "a\rb_x41_"


# Mail.


def message(parts, text="x"):
    mail = EmailMessage()
    mail.set_content("first")
    for n in range(parts):
        mail.add_attachment(f"{text}{n}", filename=f"{n}.txt")
    return mail


def texts_of(mail):
    asked = ReadRequest(path=Path("a.eml"), name="a.eml", who="t", places=False, crs=None)
    return _Box(asked)._texts(mail)[0]


@pytest.mark.parametrize(("attached", "read"), [(98, 98), (99, 99), (100, 99)])
def test_a_hundred_parts_of_a_message_are_read(attached, read):
    """The whole, its text, and what is attached."""
    assert mbox._MOST_PARTS == 100
    assert sum(text.startswith("x") for text in texts_of(message(attached))) == read


def test_two_million_letters_of_a_part_are_read(monkeypatch):
    assert mbox._LARGEST_TEXT == 2_000_000
    monkeypatch.setattr(mbox, "_LARGEST_TEXT", 5)
    mail = EmailMessage()
    mail.set_content("abcdefgh")
    assert texts_of(mail) == ["abcde"]


@pytest.mark.parametrize(
    ("first", "messages"),
    [
        ("From a 2016\n", 2), ("From a 2016 +0100\n", 2), (f"From {'a' * 196}2016\n", 2),
        (f"From {'a' * 201}2016\n", 1), (f"From a 2016{'x' * 20}\n", 2),
        (f"From a 2016{'x' * 21}\n", 1), ("From a\n", 1), ("From 2016\n", 1),
    ],
)  # fmt: skip
def test_a_message_begins_with_a_line_that_ends_in_a_year(first, messages):
    box = b"From x 2016\nTo: a@b.fr\n\ntext\n\n" + first.encode() + b"To: c@d.fr\n\ntext\n"
    assert len(list(_messages(box))) == messages
    assert list(_messages(b"To: a@b.fr\n\ntext\n")) == [b"To: a@b.fr\n\ntext\n"]


@pytest.mark.parametrize(
    ("link", "of_one"),
    [("https://x.fr/aZ3kk9Qx", True), ("https://x.fr/aZ3kk9Q", False),
     ("https://x.fr/abcdefgh", False), ("https://x.fr/?u=a%40b.fr", True),
     ("https://x.fr/?u=a@b.f", False), ("https://x.fr/?id=12345678", True)],
)  # fmt: skip
def test_a_part_of_eight_letters_with_a_digit_may_be_of_one_person(link, of_one):
    assert _has_token(link) is of_one


def test_style_and_marks_of_a_page_are_left_out():
    assert _plain("a <b>b</b>&amp; <style>x { }</style><script>y</script> c") == "a b & c"
    assert _plain("1 < 2 &amp; 3") == "1 < 2 & 3"


# PDF.


@pytest.mark.parametrize(("pages", "good"), [(2, True), (3, False)])
def test_a_pdf_has_two_thousand_pages_at_most(tmp_path, monkeypatch, pages, good):
    pytest.importorskip("pypdf")
    assert pdf._MOST_PAGES == 2_000
    monkeypatch.setattr(pdf, "_MOST_PAGES", 2)
    file = pdf_file(tmp_path / "a.pdf", *[[f"line {n}", "more"] for n in range(pages)])
    if good:
        assert len(read_frame(file, gives="table").frame) == 4
    else:
        with pytest.raises(ReadError, match="at most 2 pages, but got 3 in"):
            read_frame(file, gives="table")


@pytest.mark.parametrize(("letters", "good"), [(8, True), (7, False)])
def test_a_pdf_has_twenty_million_letters_at_most(tmp_path, monkeypatch, letters, good):
    pytest.importorskip("pypdf")
    assert pdf._MOST_LETTERS == 20_000_000
    monkeypatch.setattr(pdf, "_MOST_LETTERS", letters)
    file = pdf_file(tmp_path / "a.pdf", ["abcd"], ["efgh"])
    if good:
        assert read_frame(file, gives="table").frame["paragraph"].tolist() == ["abcd", "efgh"]
    else:
        with pytest.raises(ReadError, match="less text, but got more in"):
            read_frame(file, gives="table")


# Pages of placemarks, notes, cards, lists of JSON.


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        (f"{'n' * 40}: x", ["n" * 40]), (f"{'n' * 41}: x", [""]), ("http://a.fr", [""]),
        (": x", [""]), ("<td>a</td><td>b</td>", ["a"]), ("a</td>b</td>", ["a"]),
        ("a</td>b</td>c</td>", [""]), ("", []), ("<br>", []),
    ],
)  # fmt: skip
def test_a_field_of_a_page_has_a_name_of_forty_letters(page, fields):
    assert [line.name for line in lines_of_page(page)] == fields


@pytest.mark.parametrize(("letters", "lines"), [(20_000, 1), (20_001, 2)])
def test_twenty_thousand_letters_of_a_page_are_taken_apart(letters, lines):
    assert [len(one.text) for one in lines_of_page("x" * letters)] == [20_000, 1][:lines]


@pytest.mark.parametrize(
    ("lines", "notes"),
    [
        # More than two lines, the first of four words; fewer than four of five alike.
        (["un deux trois quatre, a", "un deux trois, quatre, b"], False),
        (["un deux trois quatre, a", "un deux trois, quatre, b", "un deux trois quatre"], True),
        (["un deux, a", "un deux trois, quatre, b", "un deux trois quatre"], False),
        (["un deux trois quatre, a"] * 4 + ["un deux trois quatre"], False),
        (["un deux trois quatre, a"] * 3 + ["un deux trois quatre"] * 2, True),
        (["un deux trois quatre"] * 5, False),
        (['un deux trois "quatre", a'] * 3 + ["un deux trois quatre"] * 2, False),
    ],
)  # fmt: skip
def test_notes_are_lines_of_words_cut_into_no_columns(lines, notes):
    # The last line may be cut, and is left out.
    assert are_notes("\n".join([*lines, "x"])) is notes


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("item1.TEL;TYPE=CELL:+33 6", ("TEL", "TYPE=CELL", "+33 6")), ("FN:A:B", ("FN", "", "A:B")),
        ('ADR;X="a:b":c', ("ADR", 'X="a:b"', "c")), ("no colon", ("", "", "")),
        ("X-A B:c", ("", "", "c")), ("x-abc:1", ("X-ABC", "", "1")),
    ],
)  # fmt: skip
def test_a_line_of_a_card_has_a_name_parameters_and_a_value(line, parts):
    assert _split(line) == parts


def test_long_lines_of_a_card_go_on_behind_a_blank():
    assert _unfolded("NOTE:a\n b\n\tc\nFN:x") == ["NOTE:abc", "FN:x"]
    soft = "N;ENCODING=QUOTED-PRINTABLE:a=\nb=\nc\nFN:x="
    assert _unfolded(soft) == ["N;ENCODING=QUOTED-PRINTABLE:abc", "FN:x="]


def test_contacts_of_telephones_have_the_columns_of_their_kinds():
    kind = "vnd.android.cursor.item/"
    assert android_contact([(f"{kind}contact_event", ["1980-05-02", "1"])]) == {
        "date": "1980-05-02"
    }
    address = ["all", "1", "", "rue A", "", "", "Brest", "", "29200", "France"]
    assert android_contact([(f"{kind}postal-address_v2", address)]) == {
        "address": "rue A", "city": "Brest", "postal_code": "29200", "country": "France"
    }  # fmt: skip
    assert android_contact([(f"{kind}postal-address_v2", ["all", "1", ""])]) == {"address": "all"}
    assert android_contact([(f"{kind}photo", [b"x"]), ("own", ["y", None])]) == {"own": "y"}
    assert apple_contact([(3, b"x"), (99, "y"), (4, "m")], [("zip", "29"), ("x", "y")]) == {
        "email": "m", "postal_code": "29"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ("people." * 8 + "zone", "people." * 8 + "zone"), ("people." * 8 + "zones", "1"),
        ("", "1"), ("Marie Dupont", "1"), ("people", "people"),
    ],
)  # fmt: skip
def test_a_list_is_named_by_sixty_letters_that_name_nobody(where, shown):
    assert _shown({where: [1, 2]}, 1) == f"{shown} (2)"


@pytest.mark.parametrize(("letters", "good"), [(9_999_900, True), (10_000_001, False)])
def test_a_row_of_a_database_has_ten_million_bytes(tmp_path, letters, good):
    base = sqlite3.connect(tmp_path / "a.db")
    base.execute("CREATE TABLE t (a TEXT, b TEXT)")
    base.execute("INSERT INTO t VALUES (?, 'y')", ("x" * letters,))
    base.commit()
    base.close()
    if good:
        assert len(read_frame(tmp_path / "a.db", gives="table").frame.loc[0, "a"]) == letters
    else:
        with pytest.raises(ReadError, match="damaged"):
            read_frame(tmp_path / "a.db", gives="table")


def _people(ids, **more):
    return [{"nom": "Durand", "email": f"a{i}@ex.fr", **more} for i in ids]


def _zip_of(tmp_path, files):
    texts = {name: data if isinstance(data, (str, bytes)) else json.dumps(data)
             for name, data in files.items()}  # fmt: skip
    return packed(tmp_path / "a.zip", texts)


def _members_and_notes(file):
    with spilling() as spill:
        names = [file.name for file in members_of(file, spill, taken=(), who="t")]
    return names, [note.values["n"] for note in unread_note(file, who="t")]


@pytest.mark.parametrize(
    ("files", "apart"),
    [
        ({"e_1.json": _people(range(5)), "e_2.json": _people(range(5, 9))}, 1),
        # Other columns; the same download twice; the same people a month later.
        ({"e_1.json": _people(range(5)), "e_2.json": [{"page": "p", "clics": 1}] * 5}, 2),
        ({"e_1.json": _people(range(5)), "e_2.json": _people(range(5))}, 2),
        ({"e_1.json": _people(range(5), s=1), "e_2.json": _people(range(4, 9), s=2)}, 2),
        # A list of lines of its own, of the name of the others without their numbers.
        ({"e_1.json": _people(range(5)), "e_2.json": _people(range(5, 9)),
          "e.ndjson": "\n".join(map(json.dumps, _people(range(20, 30))))}, 2),
    ],
)  # fmt: skip
def test_lists_are_put_together_where_columns_agree_and_no_record_repeats(tmp_path, files, apart):
    names, together = _members_and_notes(_zip_of(tmp_path, files))
    assert len({*names}) == apart
    assert together == ([2] if apart < len(files) else [])


def test_a_list_of_lines_loses_no_record_beside_pages(tmp_path):
    lines = "\n".join(map(json.dumps, _people(range(20, 30))))
    pages = {f"e_{n}.json": _people(range(5 * n, 5 * n + 5)) for n in (1, 2)}
    file = _zip_of(tmp_path, {**pages, "e.ndjson": lines})
    assert [len(read_frame(file, gives="table", sheet=n).frame) for n in "12"] == [10, 10]


_LONG = ",".join(f"question_{i:03d}_of_a_form_with_a_long_name" for i in range(15))


def _turned(begins, n):
    """Return a table of two people, two of whose columns are exchanged in every second file."""
    names = ("nom", "email") if n % 2 else ("email", "nom")
    cells = [{"nom": "Durand", "email": f"a{n}_{i}@ex.fr"} for i in range(2)]
    rows = [",".join((*(one[name] for name in names), "41")) for one in cells]
    wide = [f"{_LONG},"] + ["1," * 15] * 2 if begins == _LONG else ["", "", ""]
    lines = [left + row for left, row in zip(wide, [",".join((*names, "age")), *rows], strict=True)]
    return "\n".join([*([] if begins == _LONG else [begins]), *lines, ""])


@pytest.mark.heavy
@pytest.mark.parametrize("begins", [_LONG, "sep=,", "Export du CRM,,"])
def test_tables_are_put_together_by_their_whole_header(tmp_path, begins):
    file = _zip_of(tmp_path, {f"b_{n}.csv": _turned(begins, n) for n in range(45)})
    frames = [read_frame(file, gives="table", sheet=n).frame for n in "12"]
    assert [len(frame) for frame in frames] == [46, 44]
    assert all(frame["email"].str.contains("@").all() for frame in frames)


def test_a_line_break_in_a_header_is_no_row_of_each_file(tmp_path):
    rows = {n: f'nom,"adresse\npostale",email\nDurand,1 rue A,a{n}@ex.fr\n' for n in range(45)}
    file = _zip_of(tmp_path, {f"b_{n}.csv": text for n, text in rows.items()})
    assert len(read_frame(file, gives="table").frame) == 45


_ROWS = "".join(f"Durand,a{{0}}_{i}@ex.fr\n" for i in range(20))
_CHAT = "".join(f"[01/11/2016, 10:{i:02d}:00] Elle {{0}}: je vote FN\n" for i in range(30))


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "text", "n"),
    [
        ("t{}.txt", "nom,email\n" + _ROWS, 20), ("_chat {}.txt", _CHAT, 30),
        ("t{}.txt", "nom\n" + "Durand {0}\n" * 20, 20),
        # Of UTF-16, of no header, and the same rows in each.
        ("t{}.csv", ("nom,email\n" + _ROWS).encode("utf-16"), 20),
        ("t{}.csv", "nom,age\nDurand,1\nRoux,2\n", 2),
    ],
)  # fmt: skip
def test_files_that_may_be_no_parts_of_a_list_stay_apart(tmp_path, name, text, n):
    texts = [text if isinstance(text, bytes) else text.format(i) for i in range(45)]
    file = _zip_of(tmp_path, {name.format(i): of for i, of in enumerate(texts)})
    read = read_frame(file, gives="table")
    assert len(read.frame) == n
    assert {note.key: note.values for note in read.notes}["member_read"]["others"] == 44


@pytest.mark.heavy
@pytest.mark.parametrize(("fewer", "n"), [(0, 90), (1, 2)])
def test_files_of_too_many_values_are_not_compared(tmp_path, monkeypatch, fewer, n):
    """Of 45 tables of two rows, each with three line ends and three commas: 270 marks."""
    monkeypatch.setattr(archive, "_MOST_MARKS", 270 - fewer)
    rows = "nom,email\nDurand {0},a{0}@ex.fr\nRoux {0},b{0}@ex.fr\n"
    tables = {f"t{i}.csv": rows.format(i) for i in range(45)}
    read = read_frame(_zip_of(tmp_path, tables), gives="table")
    assert len(read.frame) == n


def test_notes_of_a_file_each_are_counted(tmp_path):
    notes = {f"{n}.txt": f"Durand {n}\n\nVa à la messe le dimanche\n" for n in range(45)}
    read = read_frame(_zip_of(tmp_path, notes), gives="table")
    assert len(read.frame) == 45
    assert {note.key: note.values for note in read.notes}["files_together"]["n"] == 45
