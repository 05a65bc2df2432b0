"""Files whose first line is a person's: found, said, numbered; no cell of it is ever a header.

Expected: the same rows below a header that was added by hand.
"""

import csv
import io
import random
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest

from privaudit.cli import main
from privaudit.errors import SchemaError
from privaudit.io.csv_dialects import is_a_record, without_header
from privaudit.io.readers import read_frame
from privaudit.release.read_table import read_table
from privaudit.studies.inspect import inspect_files
from privaudit.tables.counting import class_sizes

sys.path.insert(0, str(Path(__file__).parent))
from writers import ods, xlsx

SEEN = "Zxqv"
_LABELLED = Path(__file__).parents[1] / "data" / "labelled_columns.csv"


def people(n=60):
    rng = random.Random(5)
    given = ("Marie", "Jean", "Anne", "Paul", "Julien")
    rows = [
        [f"{SEEN}{i}", rng.choice(given), rng.choice("FM"), str(rng.randrange(20, 90)),
         f"{rng.randrange(1, 90)} rue {SEEN} des Lilas", f"9434{rng.randrange(3)}"]
        for i in range(n)
    ]  # fmt: skip
    return rows


HEADER = [f"column_{i}" for i in range(1, 7)]


def text_of(rows, separator=";"):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


@pytest.fixture
def bare(tmp_path):
    file = tmp_path / "people.csv"
    file.write_text(text_of(people()), encoding="utf-8")
    return file


def exports():
    found = defaultdict(list)
    with _LABELLED.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["list"], row["export"]].append(row)
    return list(found.values())


def cell(column, rng):
    value = rng.choice(column["values"].split("|"))
    for mark, number in (("{i2}", "07"), ("{i4}", "0042"), ("{d}", "3"), ("{i}", None)):
        value = value.replace(mark, number or str(rng.randrange(500)))
    return value


def test_headers_of_exports_stay_headers_and_their_rows_are_records():
    rng, headers, records, tried = random.Random(11), 0, 0, 0
    for columns in exports() * 4:
        some = rng.sample(columns, min(len(columns), rng.choice((3, 5, 99))))
        rows = [[cell(column, rng) for column in some] for _ in range(31)]
        headers += is_a_record([column["header"] for column in some], rows)
        records += is_a_record(rows[0], rows[1:])
        tried += 1
    assert headers == 0
    assert records == tried == 4 * len(exports())


@pytest.mark.parametrize(
    "header",
    [
        ["2012", "2017", "2022"],
        ["2012"],
        ["1", "2", "3"],
        ["0", "1"],
        ["code", "2012", "2017"],
        ["Bureau", "Inscrits 2012", "Votants 2012"],
        ["adresse", "sympathisant", "prix"],
        ["Rue", "Oui", "Non"],
    ],
)
def test_numbers_and_words_that_name_columns_stay_headers(header):
    rows = [[str(300 + 7 * i + j) for j in range(len(header))] for i in range(40)]
    assert not is_a_record(header, rows)


@pytest.mark.parametrize(
    "first",
    [
        ["Zxqv", "Marie", "12 rue Voltaire", "Bourg"],
        ["Zxqv", "rue Voltaire", "sympathisant", "17"],
        ["Zxqv Marie", "12 bis rue du Bac", "2 enfants", "M"],
    ],
)
def test_a_street_or_a_level_of_support_is_no_header(first):
    below = [
        ["Petit", "Jean", "3 rue du Bac", "Bourg"],
        ["Roux", "rue Monge", "adhérent", "18"],
        ["Roux Anne", "9 rue du Bac", "1 enfant", "F"],
    ]
    kind = next(row for row in below if ("rue" in row[1]) == ("rue" in first[1]) and
                row[2].isalpha() == first[2].isalpha())  # fmt: skip
    assert is_a_record(first, [kind, kind[:3] + first[3:], kind])


def test_inspect_notes_it_and_its_commands_run(tmp_path, bare, capsys):
    assert main(["inspect", str(bare), "--as-of", "2016-11-08", "--out", str(tmp_path / "i")]) == 0
    said = capsys.readouterr()
    line = next(s for s in said.out.splitlines() if s.startswith("next: privaudit table"))
    assert line.endswith("--no-header people.csv")
    written = {file: file.read_bytes() for file in (tmp_path / "i").rglob("*") if file.is_file()}
    assert not any(SEEN.encode() in data for data in written.values())
    assert SEEN not in said.out + said.err
    page = b"".join(data for file, data in written.items() if file.suffix == ".html").decode()
    assert "Without a line of headers" in page
    assert sum(f"column_{i}".encode() in b"".join(written.values()) for i in range(1, 7)) == 6
    words = line.removeprefix("next: privaudit ").split()
    assert main([*words[:-3], str(tmp_path / "t"), *words[-2:]]) == 0
    assert "--no-header people.csv" in (tmp_path / "t" / "findings.json").read_text()


def test_a_measure_needs_its_roles(tmp_path, bare):
    with pytest.raises(SchemaError, match=r"or say --no-header people\.csv"):
        read_table(bare)
    headed = tmp_path / "headed.csv"
    headed.write_text(text_of([HEADER, *people()]), encoding="utf-8")
    with without_header("people.csv"):
        told = read_table(bare)
        bare_sizes, sizes = (class_sizes(one, ("column_3", "column_6")) for one in (bare, headed))
    assert bare_sizes.size.tolist() == sizes.size.tolist()
    assert bare_sizes.classes.tolist() == sizes.classes.tolist()
    assert told.records.equals(read_table(headed).records)


def test_a_first_line_of_quotes_is_read_too(tmp_path):
    file = tmp_path / "q.csv"
    file.write_text('"Petit, A",28\n"Roux\nB",34\n', encoding="utf-8")
    with without_header("q.csv"):
        found = read_frame(file, gives="table").frame
    assert found.to_numpy().tolist() == [["Petit, A", 28], ["Roux\nB", 34]]


@pytest.mark.parametrize("write", [xlsx, ods])
def test_a_workbook_is_read_as_its_csv_is(tmp_path, bare, write):
    book = tmp_path / f"book.{write.__name__}"
    write(book, people())
    with pytest.raises(SchemaError, match=f"--no-header {book.name}"):
        read_table(book)
    with without_header(bare.name, book.name):
        assert read_table(book).records.equals(read_table(bare).records)


def test_one_of_a_zip_may_be_named_by_either(tmp_path, bare):
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.write(bare, "people.csv")
    for name in ("a.zip", "people.csv"):
        with without_header(name):
            assert list(read_table(packed).records.columns) == HEADER


def test_a_record_beside_a_header_that_is_known_is_read_as_neither(tmp_path):
    file = tmp_path / "dates.csv"
    file.write_text("email,2016-11-08\na@b.fr,3\nc@d.fr,4\n")
    with pytest.raises(SchemaError, match="a record there"):
        inspect_files([file])


def test_a_file_that_the_command_does_not_have_is_refused(bare, tmp_path, capsys):
    words = ["table", str(bare), "--key", "column_3", "--out", str(tmp_path / "t")]
    assert main([*words, "--no-header", "peopel.csv"]) == 2
    assert "Did you mean 'people.csv'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "first",
    ["12/05/2016 à 17:59 - Zxqv a rejoint", "[12/05/2016, 17:59:03] Zxqv: oui",
     "2016-05-12 17h59 Zxqv", "5/12/16, 17:59 - Zxqv joined"],
)  # fmt: skip
def test_a_line_of_a_chat_is_no_header(first):
    assert is_a_record([first, "x"], [["a", "b"]])
    # A day and a word may name a column.
    assert not is_a_record(["08/11/2016 vote", "x"], [["a", "b"]])
