"""Which reader a file is given to, which tables are named as pivot tables: the limits."""

import pandas as pd
import pytest

from privaudit.errors import ReadError
from privaudit.io.file_frame import FileFrame
from privaudit.io.readers import reader_of, with_pivot_note


def table(rows, columns):
    return FileFrame(frame=pd.DataFrame(rows, columns=columns, dtype="str"), name="t.csv")


@pytest.mark.parametrize(("above", "noted"), [(0, True), (2, True), (3, False)])
def test_a_pivot_label_stands_in_one_of_three_rows_below_the_header(above, noted):
    rows = [["Filtre", "1"]] * above + [["Row Labels", "Count of id"], ["Brest", "3"]]
    notes = with_pivot_note(table(rows, ["Rapport", "b"])).notes
    assert [note.key for note in notes] == ["pivot_table"] * noted


def test_the_header_itself_may_be_a_pivot_label():
    assert with_pivot_note(table([["Brest", "3"]], ["Row Labels", "Count of id"])).notes


@pytest.mark.parametrize(("letters", "noted"), [(40, True), (41, False)])
def test_a_pivot_label_has_forty_letters_at_most(letters, noted):
    label = "Row" + " " * (letters - 9) + "Labels"
    assert len(label) == letters
    assert bool(with_pivot_note(table([["Brest", "3"]], [label, "Count of id"])).notes) == noted


@pytest.mark.parametrize(("end", "known"), [(4096, True), (4097, False)])
def test_what_tells_the_kind_of_a_file_stands_in_its_first_4096_bytes(tmp_path, end, known):
    file, sign = tmp_path / "seized.bin", "CREATE TABLE"
    file.write_text("--".ljust(end - len(sign) - 1, "x") + "\n" + sign + " t (a int);\n")
    if known:
        assert reader_of(file, gives="table", who="test").word == "SQL"
        return
    with pytest.raises(ReadError, match=r"seized\.bin"):
        reader_of(file, gives="table", who="test")


@pytest.mark.parametrize(("end", "word"), [(65_536, "Excel"), (65_537, "zip")])
def test_a_zip_file_lists_what_it_holds_in_its_last_65536_bytes(tmp_path, end, word):
    file, sign = tmp_path / "seized.bin", b"xl/workbook.xml"
    file.write_bytes(b"PK\x03\x04" + b"\0" * 70_000 + sign + b"\0" * (end - len(sign)))
    assert reader_of(file, gives="table", who="test").word == word
