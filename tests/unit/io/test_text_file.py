"""What a text table looks like before it is read: lines above its names, letters, separators."""

import csv
import gzip
import io

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from privaudit.core.limits import most_unpacked
from privaudit.errors import ReadError, SchemaError
from privaudit.io import text_tables
from privaudit.io.csv_dialects import (
    CELL as A_VALUE,
)
from privaudit.io.csv_dialects import (
    Dialect,
    _first_block,
    _ways_to_quote,
    dialect_of,
    file_kind,
    holds_a_header,
    inspect_text_file,
    is_a_record,
    lines_of_titles,
    of_fixed_width,
    one_line,
)
from privaudit.io.encodings import _is_binary
from privaudit.io.readers import GIVES, readers
from privaudit.io.text_tables import read_text_table
from privaudit.words.catalogues import Note


def look(tmp_path, data, **how):
    (tmp_path / "t.csv").write_bytes(data if isinstance(data, bytes) else data.encode())
    return inspect_text_file(tmp_path / "t.csv", who="table", **how)


@pytest.mark.parametrize(
    ("text", "comment", "above"),
    [
        ("age;sex\n34;F\n", "", 0), ("\n\nage;sex\n34;F\n", "", 2),
        ("sep=;\nage;sex\n34;F\n", "", 1), ("sep=;\n\n  \nage;sex\n34;F\n", "", 3),
        ("# of May\n# all\nage;sex\n34;F\n", "#", 2),
        ("# of May\n\nsep=;\nage;sex\n34;F\n", "#", 3),
    ],
)  # fmt: skip
def test_lines_above_the_names_are_counted(text, comment, above, tmp_path):
    found = look(tmp_path, text, comment=comment)
    assert (found.above, found.header, found.separator) == (above, ("age", "sex"), ";")
    assert found.named


@pytest.mark.parametrize("above", [0, 3])
def test_a_packed_table_is_one_too(above, tmp_path):
    found = look(tmp_path, gzip.compress(b"\n" * above + b"age,sex\n34,F\n"))
    assert (found.packed, found.above, found.header) == (True, above, ("age", "sex"))
    assert not look(tmp_path, "age,sex\n34,F\n").packed


@pytest.mark.parametrize(
    ("data", "encoding", "mixed"),
    [
        (b"\xef\xbb\xbfage,nom\n3,\xc3\xa9\n", "utf-8-sig", 0),
        ("age,nom\n3,é\n".encode("utf-16"), "utf-16", 0),
        (b"age,nom\n3,n\xe9\n4,l\x92\xe9t\xe9\n", "cp1252", 0),
        # One line of two is UTF-8, the other is not.
        (b"age,nom\n3,\xc3\xa9\n4,\xe9\n", "mixed", 1),
        # C1 controls in cp1252 and ISO 8859: these are words of DOS.
        (b"age,nom\n3,G\x81nter\n4,Ren\x82\n5,Fran\x87oise\n", "cp850", 0),
    ],
)
def test_the_encoding_is_decided_by_the_whole_file(data, encoding, mixed, tmp_path):
    found = look(tmp_path, data)
    assert (found.encoding, found.mixed, found.header) == (encoding, mixed, ("age", "nom"))


def test_what_is_no_table_is_one_line(tmp_path):
    for data, said in ((b"", "empty"), (b"\n\n", "empty"), (b"a\x00b\x00\x01\n", "binary"),
                       (b"PK\x03\x04", "Unpack")):  # fmt: skip
        with pytest.raises(ReadError, match=said):
            look(tmp_path, data)
    with pytest.raises(SchemaError, match="a line without end"):
        look(tmp_path, b"x" * 70_000)
    # A shorter one ends where the file does: the names of a table of nobody.
    assert look(tmp_path, b"x" * 60_000).header == ("x" * 60_000,)


CELLS = st.sampled_from(
    [
        "",
        "Brest",
        "Lyon",
        "Évry",
        "1",
        "2",
        "1.5",
        "007",
        "'4",
        "TOTAL",
        "3",
        " ",
        "-----",
        "u1",
        "x y",
    ]
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=9)
)


def rows_one_by_one(text, separator, width, *, named):
    """The rows of a text as Python's csv reads them in strict mode, one after the other.

    What it refuses, or reads over several lines with another number of cells, is read again as
    one line whose quotes end before a separator.
    """
    lines, at = list(io.StringIO(text, newline="")), 0
    rows, aside, breaks, counts = [], {}, [], {"lines_padded": 0, "quotes_mended": 0}

    def record(begin):
        taken = []

        def feed():
            for line in lines[begin:]:
                taken.append(line)
                yield line

        try:
            return next(csv.reader(feed(), delimiter=separator, strict=True)), begin + len(taken)
        except csv.Error:
            return None, begin + len(taken)

    if named:
        at = record(0)[1]
    while at < len(lines):
        row, after = record(at)
        if row is None or (after > at + 1 and len(row) != width):
            alone = text_tables.repair_line(lines[at], Dialect(separator), width)
            if alone is not None:
                row, after, counts["quotes_mended"] = alone, at + 1, counts["quotes_mended"] + 1
            elif row is None:
                after = at + 1
        at = after
        if row is None or len(row) > width or (row and not any(row)):
            why = ("line_with_an_open_quote" if row is None else
                   "line_with_more_fields" if len(row) > width else "empty_line")  # fmt: skip
            aside[Note(why)] = aside.get(Note(why), 0) + 1
            breaks += [len(rows)] if why == "empty_line" else []
        elif not row:
            breaks.append(len(rows))
        else:
            counts["lines_padded"] += len(row) < width
            rows.append(row + [""] * (width - len(row)))
    return rows, aside, tuple(Note(k, lines=n) for k, n in counts.items() if n), breaks


QUOTED = ['"', '"', '""', '"a;b"', '"q"', ';"', '";', '"\n', '"x\ny"', "'"]
PIECES = st.sampled_from(
    [*";;;", *QUOTED, "\n", "\n", "\r\n", "\r", "\n\n", "a", "é", " ", "x y", "12", "total"]
)
CELL = st.sampled_from(["a", "", "1", 'b "x" c', "p;q", "é\nf", "x\r\ny", '"', " ", 'z"', "u\rv"])


@st.composite
def dirty_text(draw):
    """Pieces of quotes, separators and line ends; or rows, most of them well written."""
    if draw(st.booleans()):
        return "".join(draw(st.lists(PIECES, max_size=40)))
    rows = []
    for _ in range(draw(st.integers(1, 8))):
        cells = draw(st.lists(CELL, min_size=2, max_size=4))
        how = draw(st.lists(st.sampled_from(["bare", "doubled", "doubled", "open"]),
                            min_size=len(cells), max_size=len(cells)))  # fmt: skip
        doubled = [
            c.replace('"', '""') if w == "doubled" else c for c, w in zip(cells, how, strict=True)
        ]
        pairs = zip(doubled, how, strict=True)
        rows.append(";".join(cell if w == "bare" else f'"{cell}"' for cell, w in pairs))
    ends = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return ends.join(rows) + draw(st.sampled_from(["", "\n"]))


@pytest.mark.heavy
@settings(max_examples=1_500)
@given(dirty_text(), st.integers(1, 4), st.booleans(), st.sampled_from([1, 6, 40, 4_000_000]))
def test_dirty_rows_are_those_of_a_reader_that_takes_them_one_by_one(text, width, named, block):
    if named:
        text = ";".join(f"c{i}" for i in range(width)) + "\n" + text
    want = rows_one_by_one(text, ";", width, named=named)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(text_tables, "_BLOCK", block)
        rows = text_tables.even_rows(text.encode(), Dialect(";"), width, above=0, named=named)
        for arrow in (True, False):
            if not arrow:
                patched.setattr(text_tables, "_cells_by_arrow", lambda *_: None)
            columns = [text_tables._coded(column) for column in text_tables._cells(rows)]
            cells = [[c.levels[i] for i in c.codes.tolist()] for c in columns]
            found = [list(row) for row in zip(*cells, strict=True)]
            assert (found, text_tables.tally(rows.aside), rows.notes, rows.breaks) == want


WAYS = {"arrow": (), "pandas": ("_cells_by_arrow",)}


@pytest.mark.heavy
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example([["", "TOTAL"], ["Brest", ""], ["", "Lyon"]], "utf-8", "\n", 0)
@example([["Brest", ""], ["", ""], ["Brest", "Lyon"], ["", "Brest"]], "utf-8", "\n", 0)
@given(TABLES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from(["\n", "\r\n"]),
       st.sampled_from([0, 2, 1_000]))  # fmt: skip
def test_rows_are_read_alike_with_arrow_and_without(tmp_path_factory, rows, encoding, ends, own):
    """A column may be numbered, or taken as one whose every row has its own cell."""
    path = tmp_path_factory.mktemp("rows") / "t.csv"
    header = [f"commune_{i}" for i in range(len(rows[0]))]
    lines = (";".join(row) for row in [header, *rows])
    path.write_bytes((ends.join(lines) + ends).encode(encoding))
    found = {}
    for way, left_out in WAYS.items():
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(text_tables, "_FIRST_LINES", own)
            patched.setattr(text_tables, "_MOSTLY_OWN", -1)
            for name in left_out:
                patched.setattr(text_tables, name, lambda *_: None)
            try:
                found[way] = text_tables.read_text_table(path, who="table")
            except (ReadError, SchemaError) as error:
                found[way] = str(error)
    first, other = found.values()
    if isinstance(first, str):
        assert other == first
        return
    pd.testing.assert_frame_equal(other.frame, first.frame)
    # Rows that repeat others are not looked for where the cells of a column were not numbered.
    notes = [[n for n in one.notes if n.key != "rows_repeated"] for one in (other, first)]
    assert (notes[0], other.set_aside) == (notes[1], first.set_aside)


@pytest.mark.parametrize("gives", GIVES)
def test_no_other_format_takes_a_file_that_ends_as_csv_does(gives):
    takes = [(end, reader.word) for reader in readers() if gives in reader.gives
             for end in reader.endings]  # fmt: skip
    of_csv = {word for end, word in takes if end in (".csv", ".tsv", ".txt")}
    assert of_csv == {"CSV"}


@pytest.mark.parametrize(("control", "binary"), [(0, False), (1, False), (2, True)])
def test_more_than_one_control_character_in_a_hundred_is_no_text(control, binary):
    assert _is_binary("\x01" * control + "a" * (100 - control)) == binary
    assert _is_binary("a" * 200 + "\0")
    assert not _is_binary("\t\n\r" * 40)


COLUMN = [f"Nom{i}   {i}4" for i in range(5)]


@pytest.mark.parametrize(
    ("lines", "fixed"),
    [
        (COLUMN[:4], False), (COLUMN, True), ([*COLUMN, ""], True),
        # The two blanks stand in every line, after a letter and before one.
        ([*COLUMN[:4], "Nom9 x 94"], False), ([f"Nom  {i}" for i in range(5)], True),
        ([f"Nom {i}" for i in range(5)], False), ([f"  Nom{i}" for i in range(5)], False),
    ],
)  # fmt: skip
def test_five_lines_with_the_same_two_blanks_have_columns_of_fixed_width(lines, fixed):
    assert of_fixed_width(lines) == fixed


@pytest.mark.parametrize(
    ("titles", "cells", "counted"), [(11, 1, 11), (12, 1, 0), (3, 2, 3), (3, 3, 0)]
)
def test_eleven_lines_of_one_or_two_cells_may_stand_above_a_header(titles, cells, counted):
    above = [";".join([f"Titre{i}"] * cells) for i in range(titles)]
    table = ["Nom;Age;Sexe;Ville", *[f"Roux;{n};F;Metz" for n in range(20, 40)]]
    assert lines_of_titles("\n".join([*above, *table])) == counted


@pytest.mark.parametrize(("filled", "above"), [(3, 2), (2, 0)])
def test_a_header_below_titles_names_half_of_the_columns_at_least(filled, above):
    """Six columns, of which three are named, or two."""
    header = ";".join(["Nom", "Age", "Sexe"][:filled] + [""] * (6 - filled))
    lines = ["Export", "Mai", header, *[f"Roux;{n};F;a;b;c" for n in range(20, 40)]]
    assert lines_of_titles("\n".join(lines)) == above


@pytest.mark.parametrize(("below", "record"), [(3, True), (4, True), (5, False)])
def test_a_header_over_one_of_its_kind_in_four_is_a_value(below, record):
    """`email` over `courriel`: of three, four or five cells."""
    cells = [["courriel"], *[[f"zxq{chr(97 + i)}"] for i in range(below - 1)]]
    assert holds_a_header(["email"], cells) == (not record)


@pytest.mark.parametrize(("given", "record"), [(1, False), (2, True), (3, True)])
def test_a_given_name_over_half_given_names_is_a_record(given, record):
    cells = [["Paul", "Anne", "Marc"][i : i + 1] or ["zxq"] for i in range(given)]
    cells += [[f"zxq{chr(97 + i)}"] for i in range(4 - given)]
    assert is_a_record(["Luc"], cells) == record


@pytest.mark.parametrize(
    ("first", "record"),
    [
        # Years of 1800 to 2200, or numbers one after the other, name columns.
        (["1799", "1801"], True), (["1800", "1802"], False), (["2198", "2200"], False),
        (["2198", "2201"], True), (["7", "8"], False), (["7", "9"], True), (["8", "7"], True),
        (["7"], True), (["1900"], False),
    ],
)  # fmt: skip
def test_numbers_over_numbers_are_a_record_unless_they_count(first, record):
    assert is_a_record(first, [["41"] * len(first), ["52"] * len(first)]) == record


@pytest.mark.parametrize(("letters", "shown"), [(199, 199), (200, 200), (201, 200)])
def test_a_name_is_said_in_two_hundred_letters(letters, shown):
    assert len(one_line("a" * letters)) == shown


@pytest.mark.parametrize(
    ("size", "most"), [(1, 64_000_000), (640_000, 64_000_000), (640_001, 64_000_100)]
)
def test_a_packed_file_swells_a_hundredfold_or_to_64_megabytes(size, most):
    assert most_unpacked(size) == most


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"[1, 2]", "JSON"), (b"[12/05/2016, 10:32] A: b", "text"),
        (b"[1/5/16, 10:32] A: b", "text"), (b"[12345/05/2016, 1] A", "JSON"),
        (b"\x0bMSH|^~\\&|ADT|CHU|LAB|CHU|", "a file of HL7 messages"), (b"MSH|nom\n3|Roy", "text"),
        (b" " * 4_095 + b"{}", "JSON"), (b" " * 4_096 + b"{}", ""), (b"", ""), (b"a\0b", ""),
    ],
)  # fmt: skip
def test_a_file_is_known_by_its_first_letters(start, kind):
    assert file_kind(start) == kind


SEMI, CARET, COLON = Dialect(";"), Dialect("^"), Dialect(":")


@pytest.mark.parametrize(
    ("lines", "dialect"),
    [
        # A sign that seldom separates cuts nine of ten lines alike.
        (["a^b", *["1^2"] * 8, "1"], CARET), (["a^b", *["1^2"] * 7, "1", "1"], SEMI),
        (["a^b;c", *["1^2;3"] * 8, "1^2"], SEMI), (["a b", *["1^2"] * 9], SEMI),
        # A colon: half of them before no blank, names on both sides, and no time or link.
        (["a:b", "x: y", "z:w"], COLON), (["a:b", "x: y"], SEMI), (["a:", "x:", "z:"], SEMI),
        (["7:30", "8:15"], SEMI), (["http://a.fr", "http://b.fr"], SEMI), (["a:b", "x:y"], COLON),
        # Two cells in single quotes, and nine of ten of those that begin with one.
        (["a;b", "'x';1", "'y';2"], Dialect(";", "'")), (["a;b", "'x';1", "y;2"], SEMI),
        (["a;b", *["1;'x'"] * 9, "1;'y"], Dialect(";", "'")),
        (["a;b", *["1;'x'"] * 8, *["1;'y"] * 2], SEMI),
        # A quote behind a backslash within a cell.
        (["a;b", '"x\\"y";1', '"z";2'], Dialect(";", '"', escaped=True)),
        (["a;b", '"x\\";1', '"z\\";2'], SEMI),
        # As even: the finer one; of fifty lines, whatever stands below.
        (["a;b,c,d", "1;2,3,4"], Dialect(",")),
        (["a;b", *["1;2"] * 49, *["1,2,3;4"] * 9], SEMI),
    ],
)  # fmt: skip
def test_what_cuts_most_lines_alike_separates_them(lines, dialect):
    assert dialect_of("\n".join([*lines, ""])) == dialect


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("@", True), ("1,5", True), ("-1.5", True), ("1.", False), ("1", False),
        ("1/2/2016", True), ("12/11/2016", True), ("1/2/16", False), ("123/2/2016", False),
        ("2016-11-08", True), ("2016-11-08 10:30", True), ("2016-1-8", False),
        ("1/2/6 1:05 L", True), ("[2016-11-8, x 10h30 L", True), ("1/2/6, xy 1:05", True),
        ("1/2/6 xyz 1:05", False), ("1/2/6 1:5", False), ("date", False),
    ],
)  # fmt: skip
def test_a_cell_that_no_column_is_called(cell, value):
    assert (A_VALUE.fullmatch(cell) is not None) == value


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("age;sex\n34;F\n", []), ("age\n34\n", ["one_column"]),
        ("Export\nage;sex;ville\n34;F;a\n", ["rows_above_header"]),
        ("age;nom\n34;Zo\xe9\n".encode("latin-1"), ["read_as"]),
        (b"age;nom\n34;Zo\xe9\n35;L\xc3\xa9a\n", ["letters_mixed"]),
    ],
)  # fmt: skip
def test_what_is_unusual_in_a_text_table_is_said(text, keys, tmp_path):
    assert [note.key for note in look(tmp_path, text).notes] == keys


@pytest.mark.parametrize(("letters", "endless"), [(65_535, False), (65_536, True)])
def test_a_first_line_of_all_that_is_looked_at_has_no_end(letters, endless, tmp_path):
    text = "age;sex" + "x" * (letters - 7)
    if endless:
        with pytest.raises(SchemaError, match="a line without end"):
            look(tmp_path, text)
    else:
        assert len(look(tmp_path, text).header) == 2


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("31.", True), ("3", True), ("31415", True), ("31.\n", False), ("31.\r\n", False),
        ("", False),
        # A number as long as another of its column, and a word.
        ("31.5", False), ("vu", False), ('"31"', False),
        *((end, False) for end in ("vu 3", "3 rue B appt 5", "1/5/79", "06 12", "a3", "1-2")),
    ],
)  # fmt: skip
def test_a_last_number_without_a_line_break_may_be_cut(end, said, tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(f"id,gift\n1,12.5\n2,131.5\n3,{end}".encode())
    notes = [note.key for note in read_text_table(file, who="read_table").notes]
    assert notes == (["number_may_be_cut"] if said else [])


def test_marks_that_nobody_sees_are_in_no_name_of_a_column(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("id,\u200bcom\u00admune\u200b,\u2060sexe\n1,Brest,F\n", encoding="utf-8")
    assert [*read_text_table(file, who="read_table").frame] == ["id", "commune", "sexe"]


@pytest.mark.parametrize(("whole", "quoted"), [(17, False), (18, True), (20, True)])
def test_single_quotes_quote_cells_where_nine_of_ten_end_with_one(whole, quoted):
    text = "\n".join(["'a'"] * whole + ["'b"] * (20 - whole))
    assert ("'" in [way.quote for way in _ways_to_quote(";", text)]) == quoted


@pytest.mark.parametrize(("lines", "start"), [(4, 5), (5, 6), (6, 0)])
def test_a_first_block_ends_within_six_lines(lines, start):
    table = [["nom", "prenom", "age"], *(["Roux", "Zoe", str(20 + k)] for k in range(12))]
    rows = [*([f"a{k}", "b", "c"] for k in range(lines)), [], *table]
    assert _first_block([";".join(row) for row in rows], rows) == start
