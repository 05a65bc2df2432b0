"""The first page says what a file holds beside what was read, and what was not applied."""

import zipfile

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
    assert others in _page(tmp_path, "traces", log, *roles, "--lang", lang).replace("\N{NBSP}", " ")


def test_one_month_alone_has_no_such_line(tmp_path):
    log = _logs(tmp_path, (1,))
    roles = ("--person", "compte", "--item", "page", "--time", "date")
    assert "other file" not in _page(tmp_path, "traces", log, *roles)


@pytest.mark.parametrize(("end", "said"), [(MERGE, True), ("", False)])
def test_statements_that_were_not_applied_are_counted_on_the_first_page(end, said, tmp_path):
    rows = "".join(f"INSERT INTO people VALUES ({i}, 'Nom{i}', 'F');\n" for i in range(40))
    dump = tmp_path / "people.sql"
    dump.write_text(f"CREATE TABLE people (id int, nom text, sexe text);\n{rows}{end}")
    assert ("not applied to the tables" in _page(tmp_path, "inspect", dump)) == said
