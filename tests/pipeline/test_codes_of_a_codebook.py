"""A column of 1, 2 and 3 that a codebook says is a religion is one in every command."""

import json
import sqlite3
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from privaudit.cli import main
from privaudit.io.csv_dialects import without_header
from privaudit.io.readers import read_frame
from privaudit.release.read_table import read_table
from privaudit.studies.exhibits import codes_written_out, set_out

sys.path.insert(0, str(Path(__file__).parents[1] / "formats"))
from writers import xlsx

N = 60
RELIGION = ["catholique", "musulman", "sans réponse"]
# Two of three rows name a religion.
TRUTH = 2 * N // 3
PEOPLE = [["id", "sexe", "cp", "q7"],
          *([str(at), "FM"[at % 2], "94000", str(at % 3 + 1)] for at in range(N))]  # fmt: skip
CODES = [["variable", "code", "libellé"], ["sexe", "F", "femme"], ["sexe", "M", "homme"],
         *(["q7", str(at), text] for at, text in enumerate(RELIGION, 1))]  # fmt: skip


def csv_of(rows):
    return "".join(",".join(row) + "\n" for row in rows)


def workbook(folder):
    xlsx(folder / "enquete.xlsx", PEOPLE, sheets={"data": PEOPLE, "codebook": CODES})
    return [folder / "enquete.xlsx"]


def database(folder):
    with closing(sqlite3.connect(folder / "enquete.db")) as base, base:
        for name, rows in (("data", PEOPLE), ("codes", CODES)):
            columns = ", ".join(f'"{one}"' for one in rows[0])
            base.execute(f"create table {name} ({columns})")
            marks = ", ".join("?" * len(rows[0]))
            base.executemany(f"insert into {name} values ({marks})", rows[1:])
    return [folder / "enquete.db"]


def dump(folder):
    text = ""
    for name, rows in (("data", PEOPLE), ("codes", CODES)):
        columns = ", ".join(f"`{one}` varchar(40)" for one in rows[0])
        cells = ", ".join("('" + "', '".join(row) + "')" for row in rows[1:])
        text += f"CREATE TABLE `{name}` ({columns});\nINSERT INTO `{name}` VALUES {cells};\n"
    (folder / "enquete.sql").write_text(text, "utf-8")
    return [folder / "enquete.sql"]


def packed(folder):
    with zipfile.ZipFile(folder / "enquete.zip", "w") as archive:
        archive.writestr("data.csv", csv_of(PEOPLE))
        archive.writestr("codebook.csv", csv_of(CODES))
    return [folder / "enquete.zip"]


def beside(folder):
    for name, rows in (("data", PEOPLE), ("codebook", CODES)):
        (folder / f"{name}.csv").write_text(csv_of(rows), "utf-8")
    return [folder / "data.csv", folder / "codebook.csv"]


def findings(out):
    return json.loads((out / "findings.json").read_text("utf-8"))


@pytest.mark.parametrize("write", [workbook, database, dump, packed])
def test_a_table_is_read_with_the_codes_that_stand_beside_it(tmp_path, write):
    (file,) = write(tmp_path)
    words = ["table", str(file), "--sheet", "1" if write is packed else "data", "--out"]
    assert main([*words, str(tmp_path / "out")]) == 0
    # Roles that are proposed for the table have the column as a sensitive one.
    notes = [one["values"] for one in findings(tmp_path / "out")["notes"]
             if one["key"] == "roles_proposed"]  # fmt: skip
    assert [one["sensitive"] for one in notes] == [["q7"]]


@pytest.mark.heavy
@pytest.mark.parametrize("write", [workbook, packed, beside])
def test_a_dossier_measures_what_its_inventory_says(tmp_path, write):
    assert main(["rules", "--init", str(tmp_path / "d.toml")]) == 0
    files = [str(file) for file in write(tmp_path)]
    words = ["dossier", *files, "--description", str(tmp_path / "d.toml"), "--exhibit", "x"]
    assert main([*words, "--as-of", "2016-11-08", "--out", str(tmp_path / "out")]) == 0
    every = findings(tmp_path / "out")["findings"]
    says = [one["value"] for one in every
            if one["measure"] == "says" and one["part"].get("what") == "religion"]  # fmt: skip
    assert says == [TRUTH]
    # Whatever reads the exhibit again reads what its inventory did.
    with set_out(files, who="dossier") as contents, without_header(detect=True):
        data = next(file for file in contents.files if "data" in file.name)
        with codes_written_out(contents.files, who="dossier"):
            assert {*read_table(data).records["q7"]} == {*RELIGION}
        assert {*read_table(data).records["q7"]} == {1, 2, 3}


@pytest.mark.parametrize(
    ("table", "header"),
    [("doors", ["id", "nom", "prenom"]), ("doors", ["id", "nom", "lon"]),
     ("members", ["id", "nom"]), ("contacts", ["id", "name", "email"])],
)  # fmt: skip
def test_people_and_places_are_no_codebook(tmp_path, table, header):
    """A visit names a door by its id: its resident's name is no label of a code."""
    with closing(sqlite3.connect(tmp_path / "app.db")) as base, base:
        base.execute(f"create table {table} ({', '.join(header)})")
        base.execute(f"create table visit ({table.rstrip('s')}_id, answer)")
        for at, name in enumerate(["Garnier", "Lambert", "Faure", "Rolland"]):
            row = [900 + at, name, f"{name.lower()}2"][: len(header)]
            base.execute(f"insert into {table} values ({', '.join('?' * len(row))})", row)
            for answer in ("absent", "hostile"):
                base.execute("insert into visit values (?, ?)", (900 + at, answer))
    read = read_frame(tmp_path / "app.db", gives="table", sheet="visit").frame
    assert set(read.iloc[:, 0].astype(str)) == {"900", "901", "902", "903"}
