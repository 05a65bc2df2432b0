"""Which separator cuts a text table, and whether its first line is a record: cases by hand."""

import pytest

from privaudit.io.csv_dialects import is_a_record, separator_of
from privaudit.io.readers import read_frame


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("x,y;z\n1,2", ","),  # a last line without its end counts
        ("taille,cm;poids\n1,75;70\n", ";"),  # as even and as fine: a comma is a decimal's
        ("a;b,c,d\n1;2,3,4\n", ","),  # as even: the finer one
        ("age\n34\n", ";"),  # one column: one that does not occur
        ("a;b\tc\n1\t2;\n", ";"),
    ],
)
def test_the_separator_of_a_short_text(text, separator):
    assert separator_of(text) == separator


def test_of_a_long_text_a_line_that_is_cut_short_is_left_out():
    # What is looked at ends within the third line, whose comma stands behind.
    assert separator_of("p;q,r\n1,2\n;" + "y" * 70_000 + ",2\n") == ","


def test_of_a_long_text_the_last_whole_line_is_whole():
    # The comma of the second line is its last sign.
    assert separator_of("x,y;z\n" + "y" * 40_000 + ",\n" + "y" * 40_000 + ",1\n") == ","


@pytest.mark.parametrize("first", [["Jean", "x"], ["Jean", ""]])
def test_an_empty_column_has_no_kind(first):
    below = ["", "3"][first[1] == ""]
    assert is_a_record(first, [["Paul", below], ["Marie", below], ["Léa", below]])


@pytest.mark.parametrize(
    ("first", "is_record"),
    [
        (["1800", "1900"], False), (["1799", "1900"], True), (["2200", "1900"], False),
        (["2201", "1900"], True), (["1", "2"], False), (["3", "7"], True),
    ],
)  # fmt: skip
def test_years_and_what_is_counted_up_are_names_of_columns(first, is_record):
    assert is_a_record(first, [["12", "40"], ["15", "61"], ["19", "12"]]) is is_record


def test_a_given_name_over_other_words_is_a_name_of_a_column():
    """Jean over colours, and over fewer given names than half, is a header; over half a record."""
    assert not is_a_record(["Jean", "x"], [["rouge", "3"], ["vert", "4"], ["bleu", "5"]])
    assert not is_a_record(["Jean", "x"], [["Paul", "3"], ["vert", "4"], ["bleu", "5"]])
    assert is_a_record(["Jean", "x"], [["Paul", "3"], ["vert", "4"]])


def test_numbers_with_a_comma_are_no_sequence():
    assert is_a_record(["1,5", "2,5"], [["3,5", "4"], ["5,5", "7"], ["2,1", "9"]])


@pytest.mark.parametrize("end", ["", ";;;;"])
@pytest.mark.parametrize("lines", [1, 3])
def test_titles_above_a_header_are_no_header(tmp_path, end, lines):
    """A list of a tool begins with its date and its user: their line was the header."""
    titles = ["Export du 12/05/2016", "Utilisateur : admin", ""][:lines]
    people = [f"{n};Zq{n};Roux;{1950 + n}-03-01;{1 + n % 5}" for n in range(20)]
    text = [*(one + end for one in titles), "Id;Prénom;Nom;Né(e) le;Soutien", *people]
    file = tmp_path / "export.csv"
    file.write_text("\n".join(text), encoding="utf-8")
    read = read_frame(file, gives="table")
    assert read.frame.columns.tolist() == ["Id", "Prénom", "Nom", "Né(e) le", "Soutien"]
    assert (len(read.frame), read.frame["Id"].tolist()) == (20, list(range(20)))
    said = [dict(note.values) for note in read.notes if note.key == "rows_above_header"]
    assert said == [{"rows": lines}]


def test_a_header_of_few_words_stays_one(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("nom;avis\n" + "\n".join(f"Zq{n};{n % 5}" for n in range(20)), "utf-8")
    assert read_frame(file, gives="table").frame.columns.tolist() == ["nom", "avis"]
    # Names of two of four columns: what stands below them is a record, and no header.
    file.write_text("nom;avis;;\n" + "\n".join(f"Zq{n};{n};a;b" for n in range(20)), "utf-8")
    assert read_frame(file, gives="table").frame.columns.tolist()[:2] == ["nom", "avis"]


@pytest.mark.parametrize(
    ("first", "below", "is_record"),
    [
        ("Vu hier soir", "Absent ce matin", True),  # three words over three: a line of a text
        ("Avis libre", "Absent ce matin", False),
        ("Vu hier soir", "Absent", False),
    ],
)
def test_three_words_over_three_are_prose_and_two_a_name(first, below, is_record):
    assert is_a_record([first], [[below], ["Rien"]]) is is_record
