"""Files of several tables: each sheet, layer and table is an exhibit, as a member of a zip is."""

import json
import re
import shlex
import sys
from importlib import resources
from pathlib import Path

import pytest

from privaudit.cli import main

sys.path.insert(0, str(Path(__file__).parents[1] / "formats"))
from writers import geopackage, ods, packed, xlsx

from tests.fixtures.doors import write_doors

STORY = resources.files("privaudit.rules") / "examples" / "story.toml"
MEMBERS = [["nom", "prenom", "sexe", "age", "parti"],
           *([f"Zxqv{n}", "Anne", "FM"[n % 2], 20 + n % 40, "P" + "XYY"[n % 3]]
             for n in range(60))]  # fmt: skip
DONORS = [["email", "montant", "code_postal"],
          *([f"zxq{n}@x.fr", 10 * (n % 7), f"9434{n % 3}"] for n in range(50))]  # fmt: skip
NOTES = [["adresse", "remarque"],
         *([f"{n} rue Haute", "catholique pratiquant"] for n in range(40))]  # fmt: skip
SECRET = [["telephone", "note"], *([f"06123456{n:02d}", "absent"] for n in range(30))]
SHEETS = {"Accueil": [["Bienvenue"], ["Lisez-moi"]], "Adhérents": MEMBERS, "Dons": DONORS,
          "Visites": NOTES, "Masquée": SECRET}  # fmt: skip


def read(folder, name):
    return (folder / name).read_text(encoding="utf-8")


def inspected(tmp_path, file, capsys):
    assert main(["inspect", str(file), "--as-of", "2016-11-08", "--out", str(tmp_path / "i")]) == 0
    said = capsys.readouterr().out.splitlines()
    return [line.removeprefix("next: ") for line in said if line.startswith("next: ")]


@pytest.mark.heavy
@pytest.mark.parametrize("write", [xlsx, ods])
def test_each_sheet_is_inventoried_like_a_file(tmp_path, write, capsys):
    told = {"states": {"Masquée": "hidden"}} if write is xlsx else {"hidden": ("Masquée",)}
    file = write(tmp_path / f"saisie.{write.__name__}", None, sheets=SHEETS, **told)
    lines = inspected(tmp_path, file, capsys)
    page = read(tmp_path / "i", "index.html")
    for name in ("Adhérents", "Dons", "Visites"):
        assert f"{file.name} › {name}" in page
    # The hidden sheet is told, once, and how to look at it; nothing of it is shown.
    assert re.sub("</?span[^>]*>", "", page).count("1 sheet is hidden") == 1
    assert "<b>telephone" not in page
    assert "telephone" not in read(tmp_path / "i", "tables/inventory.csv")
    assert f"privaudit inspect {file} --sheet 5 --out inspect-saisie-5" in lines
    (line,) = [one for one in lines if " --sheet 'Adhérents' " in one]
    assert line.startswith(f"privaudit table {file} --key sexe,age --sensitive parti ")
    assert "--out 'report-saisie-Adhérents'" in line
    # The commands that are proposed do run.
    for line in (line for line in lines if "--sheet" in line):
        words = shlex.split(line)[1:]
        words[words.index("--out") + 1] = str(tmp_path / f"o{len(line)}{line[-3:]}")
        assert main(words) == 0


def dossier(tmp_path, *files):
    (tmp_path / "d.toml").write_text(STORY.read_text("utf-8"), encoding="utf-8")
    told = ["--description", str(tmp_path / "d.toml"), "--as-of", "2016-11-08", "--exhibit", "S"]
    words = ["dossier", *map(str, files), *told, "--lang", "fr", "--out", str(tmp_path / "o")]
    assert main(words) == 0
    return tmp_path / "o"


def test_a_dossier_measures_every_sheet(tmp_path):
    file = ods(tmp_path / "saisie.ods", None, sheets=SHEETS, hidden=("Masquée",))
    folder = dossier(tmp_path, file)
    inputs = json.loads(read(folder, "manifest.json"))["inputs"]
    sheets = [one for one in inputs if " › " in one["name"]]
    assert [one["name"].partition(" › ")[2] for one in sheets] == ["Adhérents", "Dons", "Visites"]
    # A sheet is evidence as its file is: of the same bytes.
    (whole,) = [one for one in inputs if one["name"] == "saisie.ods"]
    assert {one["sha256"] for one in sheets} == {whole["sha256"]}
    assert read(folder, "manifest.json").count("saisie.ods --description") == 1
    inventory = read(folder, "tables/inventory.csv")
    assert "remarque" in inventory
    assert "montant" in inventory
    page = read(folder, "index.html")
    assert "catholique pratiquant" not in page
    assert "Zxqv" not in page


SQL = """CREATE TABLE membres (nom text, sexe text, age int);
INSERT INTO membres VALUES {members};
CREATE TABLE dons (email text, montant int);
INSERT INTO dons VALUES {donors};
CREATE TABLE vide (x int);
"""


@pytest.mark.heavy
def test_tables_of_a_dump_of_a_database_and_within_a_zip(tmp_path, capsys):
    sql = SQL.format(
        members=",".join(f"('{r[0]}','{r[2]}',{r[3]})" for r in MEMBERS[1:]),
        donors=",".join(f"('{r[0]}',{r[1]})" for r in DONORS[1:]),
    )
    (tmp_path / "base.sql").write_text(sql, encoding="utf-8")
    lines = inspected(tmp_path, tmp_path / "base.sql", capsys)
    assert any(" --sheet membres " in line for line in lines)
    names = json.loads(read(tmp_path / "i", "manifest.json"))["inputs"]
    assert [one["name"] for one in names] == ["base.sql › membres", "base.sql › dons", "base.sql"]

    more = ["CREATE TABLE dons (email TEXT, montant INT)",
            "INSERT INTO gpkg_contents (table_name, data_type)"
            " VALUES ('dons', 'attributes')"]  # fmt: skip
    more += [f"INSERT INTO dons VALUES ('{r[0]}', {r[1]})" for r in DONORS[1:]]
    at = [(2.4 + n / 1000, 48.8) for n in range(60)]
    layers = geopackage(tmp_path / "terrain.gpkg", MEMBERS, at, more=more)
    zipped = packed(
        tmp_path / "tout.zip", {"terrain.gpkg": layers.read_bytes(), "base.sql": sql.encode()}
    )
    folder = dossier(tmp_path, zipped)
    inputs = json.loads(read(folder, "manifest.json"))["inputs"]
    assert [(one["name"], one["role"]) for one in inputs][:5] == [
        ("terrain.gpkg › people", "map"), ("terrain.gpkg › dons", "table"),
        ("base.sql › membres", "table"), ("base.sql › dons", "table"), ("tout.zip", "container"),
    ]  # fmt: skip


@pytest.mark.heavy
def test_a_workbook_in_a_zip_is_set_out_and_its_sheets_have_commands(tmp_path, capsys):
    """They had none; and of a zip of one workbook the first sheet alone was read."""
    book = xlsx(tmp_path / "saisie.xlsx", None, sheets=SHEETS, states={"Masquée": "hidden"})
    for name, more in (("seul.zip", {}), ("deux.zip", {"dons.csv": b"email,montant\na@x.fr,3\n"})):
        zipped = packed(tmp_path / name, {"saisie.xlsx": book.read_bytes(), **more})
        lines = inspected(tmp_path, zipped, capsys)
        (line,) = [one for one in lines if " --sheet '1/Adhérents' " in one]
        assert line.startswith(f"privaudit table {zipped} --key sexe,age --sensitive parti ")
        assert f"privaudit inspect {zipped} --sheet 1/5" in "\n".join(lines)
        assert not any("/privaudit-" in one for one in lines)
        for words in (shlex.split(one)[1:] for one in lines):
            words[words.index("--out") + 1] = str(tmp_path / "again")
            assert main(words) == 0
        asked = ["table", str(zipped), "--key", "code_postal", "--sheet", "saisie.xlsx/Dons"]
        assert main([*asked, "--out", str(tmp_path / "again")]) == 0
        capsys.readouterr()


def test_a_join_takes_a_sheet_of_each_of_two_books(tmp_path, capsys):
    """Twenty of forty members stand on the map; both are the second sheet of a workbook."""
    people = [["nom", "adresse"], *([f"Zxq{n}", f"{n} rue Haute"] for n in range(1, 41))]
    dots = [["x", "y", "statut"], *([700_000 + 30 * n, 6_600_000, "vu"] for n in range(1, 21))]
    first = {"Lisez-moi": [["Bienvenue"], ["x"]]}
    ods(tmp_path / "a.ods", None, sheets={**first, "Avant": MEMBERS, "Gens": people})
    ods(tmp_path / "b.ods", None, sheets={**first, "Avant": DONORS, "Points": dots})
    write_doors(tmp_path)
    files = [str(tmp_path / name) for name in ("a.ods", "b.ods")]
    told = ["--addresses", str(tmp_path / "adresses.csv"), "--out", str(tmp_path / "o")]
    sheets = ["--sheet", "Gens", "--map-sheet", "3"]
    assert main(["link", *files, *told, *sheets]) == 0
    found = {
        one["id"]: one for one in json.loads(read(tmp_path / "o", "findings.json"))["findings"]
    }
    assert found["linked.dot_named.by_address"]["value"] == 1
    assert found["linked.record_located.by_address"]["value"] == 0.5
    assert "--sheet Gens --map-sheet 3" in read(tmp_path / "o", "findings.json")
    # What is proposed of both names both sheets.
    assert main(["inspect", *files, told[1], "--out", str(tmp_path / "i")]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if " link " in line]
    assert any(line.find("--sheet Gens --map-sheet Points") > 0 for line in lines), lines


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_one_unreadable_file_of_a_zip_does_not_refuse_the_others(tmp_path, capsys, lang):
    people = b"sexe,age,opinion\n" + b"F,30,gauche\nM,41,droite\n" * 20
    file = packed(
        tmp_path / "saisie.zip",
        {"people.csv": people, "line.csv": b"a single line", "others.csv": people},
    )
    out = tmp_path / "out"
    asked = ["inspect", str(file), "--as-of", "2016-11-08", "--lang", lang, "--out", str(out)]
    assert main(asked) == 0
    page = re.sub("</?span[^>]*>", "", (out / "index.html").read_text(encoding="utf-8"))
    said = {"en": "1 file within “saisie.zip” could not be read", "fr": "1 fichier contenu dans"}
    first = page[: page.index("</section>")].replace("\u00a0", " ")
    assert said[lang] in first
    found = json.loads((out / "findings.json").read_text(encoding="utf-8"))["findings"]
    sizes = {one["part"]["file"]: one["value"] for one in found if one["measure"] == "size"}
    assert list(sizes.values()) == [40, 40]
    # Where none of them can be read, the first reason is the answer.
    packed(file, {"one.csv": b"a single line", "two.csv": b"a single line"})
    assert main(asked) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
