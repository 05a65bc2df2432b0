"""The first page says what a file holds beside what was read, and what was not applied."""

import re
import zipfile
from html import unescape

import pytest

from privaudit.cli import main

MERGE = "MERGE INTO people USING other ON people.id = other.id WHEN MATCHED THEN DELETE;\n"


def _logs(folder, months):
    with zipfile.ZipFile(folder / "logs.zip", "w") as file:
        for month in months:
            rows = [f"c{k % 20},p{k % 6},2024-{month:02d}-{k % 28 + 1:02d}" for k in range(100)]
            file.writestr(f"log-{month:02d}.csv", "\n".join(["compte,page,date", *rows]))
    return folder / "logs.zip"


def _page(folder, *command):
    assert main([*map(str, command), "--out", str(folder / "report")]) == 0
    return (folder / "report" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lang", "others"), [("en", "2 other files"), ("fr", "2 autres fichiers lisibles")]
)
def test_other_months_of_a_zip_are_named_on_the_first_page(lang, others, tmp_path):
    log = _logs(tmp_path, (1, 2, 3))
    roles = ("--person", "compte", "--item", "page", "--time", "date")
    assert others in "\n".join(_lines(_page(tmp_path, "traces", log, *roles, "--lang", lang)))


def test_one_month_alone_has_no_such_line(tmp_path):
    log = _logs(tmp_path, (1,))
    roles = ("--person", "compte", "--item", "page", "--time", "date")
    assert "other file" not in _page(tmp_path, "traces", log, *roles)


@pytest.mark.parametrize(("end", "said"), [(MERGE, True), ("", False)])
def test_statements_that_were_not_applied_are_counted_on_the_first_page(end, said, tmp_path):
    assert ("not applied to the tables" in _page(tmp_path, "inspect", _dump(tmp_path, end))) == said


def _dump(folder, end=MERGE):
    rows = "".join(f"INSERT INTO people VALUES ('nom{i}@x.fr', 'Nom{i}');\n" for i in range(40))
    (folder / "people.sql").write_text(f"CREATE TABLE people (mail text, nom text);\n{rows}{end}")
    return folder / "people.sql"


def _people(folder, *beside):
    """Write a table, and a zip of it and of other files."""
    rows = "".join(f"nom{i}@x.fr,Nom{i}\n" for i in range(40))
    (folder / "people.csv").write_text(f"mail,nom\n{rows}")
    with zipfile.ZipFile(folder / "people.zip", "w") as file:
        file.write(folder / "people.csv", "people.csv")
        for name, data in beside:
            file.writestr(name, data)
    return folder / "people.zip"


def _lines(page):
    said = re.sub("<[^>]+>", "", unescape(page)).replace("\N{NBSP}", " ")
    return [line for line in said.splitlines() if line]


@pytest.mark.parametrize(("lang", "text"), [
    ("en", "1 file within “people.zip” could not be read"),
    ("fr", "1 fichier contenu dans « people.zip » n’a pu être lu"),
])  # fmt: skip
def test_an_unread_file_of_a_zip_is_named_once_on_the_first_page(lang, text, tmp_path):
    read = _people(tmp_path, ("bad.xlsx", b"PK\x03\x04 no workbook"))
    page = "\n".join(_lines(_page(tmp_path, "inspect", read, "--lang", lang)))
    assert page.count(text) == 1


@pytest.mark.parametrize(("lang", "text"), [
    ("en", "In “people.sql”: 1 statement was not applied to the tables: MERGE (1)"),
    ("fr", "Dans « people.sql » : 1 instruction n’a pas été appliquée aux tables : MERGE (1)"),
])  # fmt: skip
@pytest.mark.parametrize("command", ["inspect", "link"])
def test_of_two_files_the_first_page_says_which_has_more(command, lang, text, tmp_path):
    _people(tmp_path)
    files = (_dump(tmp_path), tmp_path / "people.csv")
    lines = _lines(_page(tmp_path, command, *files, "--lang", lang))
    assert sum(line.startswith(text) for line in lines) == 1


@pytest.mark.parametrize(("lang", "text"), [
    ("en", "In “people.zip”: The file holds 1 other file that could be read"),
    ("fr", "Dans « people.zip » : Le fichier contient 1 autre fichier lisible"),
])  # fmt: skip
def test_of_two_linked_files_a_zip_with_more_is_named(lang, text, tmp_path):
    read = _people(tmp_path, ("autres.csv", "ville,n\nLyon,1\nParis,2\n"))
    page = _page(tmp_path, "link", read, _dump(tmp_path, ""), "--lang", lang)
    assert sum(line.startswith(text) for line in _lines(page)) == 1
