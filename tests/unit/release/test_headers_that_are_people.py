"""A table whose columns are people: no name of theirs stands in what is measured of it."""

import json

import pandas as pd

from privaudit.cli import main
from privaudit.columns.roles import Roles
from privaudit.release.inventory import shown_rows, table_inventory
from privaudit.release.read_table import read_table
from privaudit.release.release import TableRelease

PEOPLE = ("Marie Dupont", "Jean Zxqv", "Paul Zxqw")
LIKES = pd.DataFrame({"page": [f"p{i}" for i in range(30)], **{who: [0, 1] * 15 for who in PEOPLE}})


def test_the_inventory_of_a_table_numbers_them():
    """They stood in a note on the columns that nobody knows."""
    for rows in (table_inventory(TableRelease(records=LIKES, roles=Roles())).rows,
                 shown_rows(LIKES, "dots")):  # fmt: skip
        (row,) = [row for row in rows if row.measure == "unknown_columns"]
        assert row.value == 4
        (note,) = row.notes
        assert note.values["columns"] == ("page", "column 2", "column 3", "column 4")


def test_no_report_of_it_holds_a_name(tmp_path):
    LIKES.to_csv(tmp_path / "likes.csv", index=False)
    asked = ["table", str(tmp_path / "likes.csv"), "--key", "page", "--out", str(tmp_path / "o")]
    assert main(asked) == 0
    every = b"".join(file.read_bytes() for file in (tmp_path / "o").rglob("*") if file.is_file())
    assert not [who for who in PEOPLE if who.encode() in every or json.dumps(who).encode() in every]


def test_no_note_on_how_a_column_was_read_repeats_one(tmp_path):
    """Of the dates, decimals and marks below such a header a dossier's notes named it."""
    cells = {"Marie Dupont": [f"{1 + i % 28:02d}/05/2016" for i in range(60)],
             "Jean Zxqv": [f"{i % 9},5" for i in range(60)],
             "Paul Zxqw": [("Oui", "oui", "NC")[i % 3] for i in range(60)],
             "age": range(20, 80)}  # fmt: skip
    pd.DataFrame(cells).to_csv(tmp_path / "likes.csv", index=False, sep=";")
    notes = read_table(tmp_path / "likes.csv").notes
    assert {n.values["column"] for n in notes if "column" in n.values} >= {"column 1", "column 3"}
    assert not [who for who in PEOPLE if who in repr(notes)]
