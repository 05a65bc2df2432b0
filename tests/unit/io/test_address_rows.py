"""A plain address file is read by Arrow, any other by the engine: the same rows either way."""

import gzip
import sys
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.errors import PrivauditError
from privaudit.io import addresses
from privaudit.io.addresses import read_addresses
from privaudit.io.text_files import inspect_text_file

pytest.importorskip("pyarrow")
HEADER = "id;code_insee;numero;rep;nom_voie;x;y;bureau_de_vote;residents"
HAVE = {name: name in ("x", "y", "residents") for name in HEADER.split(";")}
# Each in a place where engines that read text are known to differ.
CELLS = st.sampled_from(
    ["", " ", "0", "a b", " é ", "\u00a0x\u2003", "\ta", "nan", "NaN", "inf", "-inf", "1e5", "1E-3",
     ".5", "5.", "+5", "1_000", "0x1A", "1,5", "--1", "1 2", " 7 ", "\t7", "1e400", "1e-400",
     "true", "NULL", "'", "\\", "#a", "a\u2028b", "\u200b", "Ⅷ", "ß", "1d", "12345678901234567890",
     "0.1", "nan(1)", "infinity", "\x0b3", "1e", "-", "-0", "-0.0", "٣", '"a"', '"a;b"', '"a""b"',
     '""', '"""', '"', 'a"b"', '"a"b', '"1"', '"1;5"', ' "a"', '"a" ', '"\\"', '"a\nb"']
)  # fmt: skip


@pytest.fixture(autouse=True)
def _quotes_are_looked_at(monkeypatch):
    # However many there are: beyond some the engine is faster.
    monkeypatch.setattr(addresses, "_FEW_QUOTES", 1)


def both(path, wanted=(), box=None):
    """Rows by Arrow, None where it gives up, and by the engine."""
    file = inspect_text_file(path, who="test")
    rows = addresses._plain_rows(file, HAVE, wanted, box)
    return rows, addresses._engine_rows(file, HAVE, wanted, box)


def put(folder, *lines, end="\n"):
    path = folder / "a.csv"
    path.write_bytes((end.join([HEADER, *lines]) + end).encode())
    return path


@given(st.lists(st.lists(CELLS, min_size=9, max_size=9), min_size=1, max_size=6), st.booleans())
def test_arrow_reads_what_the_engine_reads_or_gives_up(tmp_path_factory, rows, codes):
    folder = tmp_path_factory.mktemp("rows")
    path = put(folder, *(";".join(row) for row in rows), "1;1234;1;;Rue;1;2;3;4")
    try:
        found, (told, bad) = both(path, ("01234",) if codes else ())
    except PrivauditError:
        return
    if found is not None:
        pd.testing.assert_frame_equal(found, told, check_exact=True)
        assert bad == 0


@given(CELLS, st.sampled_from(list(HAVE)))
def test_one_odd_cell(tmp_path_factory, cell, column):
    row = dict.fromkeys(HAVE, "1") | {column: cell}
    found, (told, bad) = both(put(tmp_path_factory.mktemp("cell"), ";".join(row.values())))
    if found is not None:
        pd.testing.assert_frame_equal(found, told, check_exact=True)
        assert bad == 0


def test_a_plain_file_is_read_by_arrow(tmp_path):
    lines = "a;1234; 1 ;bis;\u00a0Rue é\u3000;1.5;2;3;", ";2a004;2;;Rue;;-3e2;;5"
    found, _ = both(put(tmp_path, *lines))
    assert found.to_dict("list") | {"x": None, "residents": None} == {
        "id": ["a", ""], "code_insee": ["01234", "2A004"], "numero": ["1", "2"],
        "rep": ["bis", ""], "nom_voie": ["Rue é", "Rue"], "x": None, "y": [2.0, -300.0],
        "bureau_de_vote": ["3", ""], "residents": None,
    }  # fmt: skip
    assert found["x"].isna().tolist() == found["residents"].notna().tolist() == [False, True]


@pytest.mark.parametrize(
    "lines",
    [
        ('a;1234;1;;"Rue;1;2;3;4',),
        ('a;1234;1;;"Rue; Haute"s;1;2;3;4',),
        ('a;1234;1;;Rue "Haute";1;2;3;4',),
        ('a;1234;1;;"Rue\nHaute";1;2;3;4',),
        ("a;1234;1;;Rue;1;2;3;4", "a;1234;1;;Rue;1;2;3"),
        ("a;1234;1;;Rue;1;2;3;4", "a;1234;1;;Rue;1;2;3;4;5"),
        ("a;1234;1;;Rue;1,5;2;3;4",),
        ("a;1234;1;;Rue;x;2;3;4",),
        ("a;1234;1;;Rue\r;1;2;3;4",),
        (f"a;1234;1;;{'R' * 2_500_000};1;2;3;4",),
    ],
)
def test_ambiguous_files_are_left_to_the_engine(tmp_path, lines):
    file = inspect_text_file(put(tmp_path, *lines), who="test")
    assert addresses._plain_rows(file, HAVE, (), None) is None


def test_quotes_around_whole_cells_are_read_across_parts_of_a_file(tmp_path):
    street = '"Rue ""Haute""; 1"'
    lines = [f'"{i}";1234;1;;{street if i % 40 == 0 else "Rue"};1;2;3;4' for i in range(100_000)]
    found, (told, bad) = both(put(tmp_path, *lines))
    assert bad == 0
    assert (found["nom_voie"] == 'Rue "Haute"; 1').sum() == 2_500
    pd.testing.assert_frame_equal(found, told)


def test_a_header_in_quotes_is_one_and_a_file_of_quotes_is_left_to_the_engine(
    tmp_path, monkeypatch
):
    path = put(tmp_path, "a;1234;1;;Rue;1;2;3;4")
    path.write_text(path.read_text().replace("id;", '"id";'))
    found, (told, _) = both(path)
    pd.testing.assert_frame_equal(found, told)
    monkeypatch.setattr(addresses, "_FEW_QUOTES", len(path.read_bytes()) // 2 + 1)
    assert both(path)[0] is None


def test_every_blank_is_trimmed_as_the_engine_trims(tmp_path):
    letters = [chr(i) for i in range(32, sys.maxunicode + 1)]
    odd = [c for c in letters if unicodedata.category(c) in ("Zs", "Zl", "Zp", "Cf") or c.isspace()]
    lines = (f"a;1234;1;;{c}Rue{c};1;2;3;4" for c in odd)
    found, (told, _) = both(put(tmp_path, *lines))
    assert found["nom_voie"].tolist() == told["nom_voie"].tolist()
    assert (found["nom_voie"] == "Rue").sum() == sum(unicodedata.category(c) == "Zs" for c in odd)


def test_communes_boxes_empty_lines_and_packed_files(tmp_path):
    lines = [f"{i};0100{i % 3};{i};;Rue;{i};{-i};1;2" for i in range(9)]
    path = put(tmp_path, *lines[:4], "", *lines[4:])
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    box = {"west": 2.0, "south": -7.0, "east": 7.0, "north": 0.0}
    for file in (path, packed):
        found, (told, bad) = both(file, ("01001", "01002"), box)
        pd.testing.assert_frame_equal(found, told)
        assert found["id"].tolist() == ["2", "4", "5", "7"]
        assert bad == 0


def test_the_same_addresses_without_arrow(tmp_path, monkeypatch):
    path = put(tmp_path, *(f"a{i};0100{i % 2};{i};bis;Rue;{i};2;{i % 3};4" for i in range(8)))
    ours = read_addresses(path)
    monkeypatch.setattr(addresses, "find_spec", lambda name: None)
    theirs = read_addresses(path)
    pd.testing.assert_frame_equal(ours.frame, theirs.frame)
    assert (ours.set_aside, ours.source) == (theirs.set_aside, theirs.source)
