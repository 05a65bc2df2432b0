"""Rows of an address file: trimmed, in numbers, of some communes or of a box; bad lines counted."""

import gzip
import sys
import unicodedata

import pandas as pd
import pytest

from privaudit.errors import ReadError
from privaudit.io import addresses
from privaudit.io.csv_dialects import inspect_text_file
from privaudit.io.text_tables import in_one_order

HEADER = "id;code_insee;numero;rep;nom_voie;x;y;bureau_de_vote;residents"
HAVE = {name: name in ("x", "y", "residents") for name in HEADER.split(";")}


def rows_of(path, wanted=(), box=None):
    return addresses.address_rows(inspect_text_file(path, who="test"), HAVE, wanted, box)


def put(folder, *lines, end="\n"):
    path = folder / "a.csv"
    path.write_bytes((end.join([HEADER, *lines]) + end).encode())
    return path


def test_cells_are_trimmed_codes_have_five_digits_and_numbers_are_read(tmp_path):
    lines = "a;1234; 1 ;bis;\u00a0Rue é\u3000;1.5;2;3;", ";2a004;2;;Rue;;-3e2;;5"
    result, bad = rows_of(put(tmp_path, *lines))
    assert bad == 0
    assert result.to_dict("list") | {"x": None, "residents": None} == {
        "id": ["a", ""], "code_insee": ["01234", "2A004"], "numero": ["1", "2"],
        "rep": ["bis", ""], "nom_voie": ["Rue é", "Rue"], "x": None, "y": [2.0, -300.0],
        "bureau_de_vote": ["3", ""], "residents": None,
    }  # fmt: skip
    assert result["x"].isna().tolist() == result["residents"].notna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1,5", 1.5), (" 7 ", 7.0), ("+5", 5.0), (".5", 0.5), ("1e5", 1e5), ("x", None), ("", None),
     ('"1,5"', 1.5), ("1 2", None), ("0x1A", None)],
)  # fmt: skip
def test_a_number_may_have_a_comma_and_what_is_none_is_missing(tmp_path, cell, number):
    result, _ = rows_of(put(tmp_path, f"a;1234;1;;Rue;{cell};2;3;4"))
    assert result["x"].tolist() == [number] or (number is None and result["x"].isna().all())


@pytest.mark.parametrize("lines", [("a;1234;1;;Rue;1;2;3",), ("a;1234;1;;Rue;1;2;3;4;5",)])
def test_a_line_of_another_width_is_counted_and_passed_over(tmp_path, lines):
    result, bad = rows_of(put(tmp_path, "a;1234;1;;Rue;1;2;3;4", *lines, "b;1234;2;;Rue;1;2;3;4"))
    assert result["id"].tolist() == ["a", "b"]
    assert bad == 1


def test_quotes_around_whole_cells_are_taken_off_whatever_stands_in_them(tmp_path):
    street = '"Rue ""Haute""; 1"'
    lines = [f'"{i}";1234;1;;{street if i % 40 == 0 else "Rue"};1;2;3;4' for i in range(100_000)]
    result, bad = rows_of(put(tmp_path, *lines))
    assert bad == 0
    assert (result["nom_voie"] == 'Rue "Haute"; 1').sum() == 2_500
    assert result["id"].tolist() == [str(i) for i in range(100_000)]


def test_a_header_may_be_in_quotes(tmp_path):
    path = put(tmp_path, "a;1234;1;;Rue;1;2;3;4")
    plain, _ = rows_of(path)
    path.write_text(path.read_text().replace("id;", '"id";'))
    quoted, _ = rows_of(path)
    pd.testing.assert_frame_equal(plain, quoted)


def test_every_blank_of_unicode_is_trimmed_and_no_other_letter(tmp_path):
    letters = [chr(i) for i in range(32, sys.maxunicode + 1)]
    odd = [c for c in letters if unicodedata.category(c) in ("Zs", "Zl", "Zp", "Cf") or c.isspace()]
    result, _ = rows_of(put(tmp_path, *(f"a;1234;1;;{c}Rue{c};1;2;3;4" for c in odd)))
    expected = ["Rue" if unicodedata.category(c) == "Zs" else f"{c}Rue{c}" for c in odd]
    assert result["nom_voie"].tolist() == expected


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_communes_and_a_box_are_taken_out_of_any_file(tmp_path, packed, end):
    lines = [f"{i};0100{i % 3};{i};;Rue;{i};{-i};1;2" for i in range(9)]
    path = put(tmp_path, *lines[:4], "", *lines[4:], end=end)
    if packed:
        path = tmp_path / "a.csv.gz"
        path.write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    box = {"west": 2.0, "south": -7.0, "east": 7.0, "north": 0.0}
    result, bad = rows_of(path, ("01001", "01002"), box)
    assert result["id"].tolist() == ["2", "4", "5", "7"]
    assert bad == 0


def test_more_addresses_than_a_frame_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(addresses, "_MOST", 3)
    lines = [f"{i};01001;{i};;Rue;{i};{i};1;2" for i in range(4)]
    assert len(rows_of(put(tmp_path, *lines[:3]))[0]) == 3
    with pytest.raises(ReadError, match="at most 3 addresses"):
        rows_of(put(tmp_path, *lines))


def test_below_a_header_in_another_order_no_row_is_read(tmp_path):
    """Two files one below the other: 99 addresses of 144 were read, without a word."""
    lines = [f"{i};94042;{i};;Rue;659100;6858900;;" for i in range(1, 40)]
    moved = HEADER.split(";")[::-1]
    again = rows_of(put(tmp_path, *lines, HEADER, *lines))[0]
    assert (again["code_insee"] == "94042").sum() == 78
    with pytest.raises(ReadError, match=r"a second header in another order in a\.csv"):
        rows_of(put(tmp_path, *lines, ";".join(moved), ";;6858900;659100;Rue;;7;94042;99"))


def test_a_query_is_as_long_as_the_header():
    """A header of 3,000 names in a file of 21 kB was a query of 150 MB, and 4 GB."""
    assert len(in_one_order(["more"] * 3_000)) < 3_000 * 100


@pytest.mark.parametrize("number", ["7", "7.0", "7,0"])
def test_the_number_of_a_door_is_whole(tmp_path, number):
    line = f"a;94042;{number};bis;Rue;659100;6858900;;"
    assert rows_of(put(tmp_path, line))[0]["numero"].tolist() == ["7"]
