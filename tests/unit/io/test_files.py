"""Which reader a file is given to, which tables are turned or named as pivot tables: the limits."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from privaudit.errors import ParameterError, ReadError
from privaudit.io.file_frame import FileFrame
from privaudit.io.files import choose_part, reader_of, upright, with_pivot_note


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


# Headers that are known, of which the first names the column of headers.
KNOWN = ["nom", "email", "age", "ville", "téléphone", "sexe", "religion"]
PEOPLE = ["Durand", "Petit", "Robert", "Moreau", "Simon", "Michel", "Lefebvre", "Leroy", "Roux"]


def turned(fields, people, of=None):
    """Whether a table of so many fields and people, a column each, is turned."""
    names = (of or KNOWN)[: fields + 1]
    rows = [[name, *(f"{name}{k}" for k in range(people))] for name in names[1:]]
    return bool(upright(table(rows, [names[0], *PEOPLE[:people]]), "test").notes)


@pytest.mark.parametrize(
    ("fields", "people", "is_turned"),
    [(1, 6, False), (2, 5, False), (2, 6, True), (5, 6, True), (6, 6, False), (6, 7, True)],
)
def test_a_table_is_turned_of_two_fields_and_of_six_people_or_more_than_its_fields(
    fields, people, is_turned
):
    assert turned(fields, people) == is_turned


@pytest.mark.parametrize(("of", "is_turned"), [
    (["nom", "email", "age", "zzq"], True),  # three of four
    (["nom", "email", "zzq"], False),  # two of three
    (["nom", "email", "age", "ville", "sexe", "zzq", "zzr"], False),  # five of seven
    (["nom", "email", "age", "ville", "sexe", "religion", "zzq", "zzr"], True),  # six of eight
])  # fmt: skip
def test_of_a_table_that_is_turned_three_of_four_fields_are_known(of, is_turned):
    assert turned(len(of) - 1, 9, of) == is_turned


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


@pytest.mark.parametrize(("parts", "more"), [(8, ""), (9, " and 1 other"), (10, " and 2 others")])
def test_an_error_names_eight_parts_of_a_file_and_counts_the_others(parts, more):
    names = [f"part {chr(65 + k)}" for k in range(parts)]
    asked = SimpleNamespace(sheet="Kasse", name="t.xlsx", who="test")
    with pytest.raises(ParameterError, match=re.escape(f"{', '.join(names[:8])}{more} in t.xlsx")):
        choose_part(asked, names, names[0], note="sheets")
