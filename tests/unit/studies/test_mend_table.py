"""From a report to its plan, to the mended copy, to a gate that passes."""

import csv
import json

import numpy as np
import pytest

from privaudit.cli import main

HEADER = ["prenom", "nom", "email", "birth", "sex", "postcode", "opinion", "comment", "n"]


@pytest.fixture
def people(tmp_path):
    """Four hundred people who are nearly all alone by birth, sex and postcode."""
    rng = np.random.default_rng(4)
    path = tmp_path / "people.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(HEADER)
        for i in range(400):
            born = f"{rng.integers(1940, 2004)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}"
            row = ["Jeanne", f"Martin{i}", f"j{i}@example.org", born, "FM"[rng.integers(2)]]
            row += [rng.choice(["94000", "94042", "75011"]), rng.choice(["left", "right"])]
            write.writerow([*row, "=1+1" if i % 50 == 0 else f'said "{i}", twice', f"{i}.10"])
    return path


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.heavy
def test_the_plan_of_a_report_makes_a_copy_that_passes_the_gate(people, tmp_path, capsys):
    report, copy = tmp_path / "r", tmp_path / "mended.csv"
    gate = ["--require", "k_anonymity>=5"]
    assert main(["table", str(people), "--out", str(report), *gate]) == 3
    plan = report / "plan.toml"
    text = plan.read_text("utf-8")
    assert "[drop]" in text
    assert '"nom"' in text
    assert '"birth" = ' in text
    assert "below = 5" in text
    assert main(["report", "--verify", str(report)]) == 0
    mend = ["table", str(people), "--mend", str(plan), "--out", str(copy)]
    assert main([*mend, *gate]) == 0
    capsys.readouterr()
    assert main(["table", str(copy), "--out", str(tmp_path / "again"), *gate]) == 0
    assert "required k_anonymity >= 5: holds" in capsys.readouterr().out
    # Made again, the copy is the same, and replaces the former one.
    before = copy.read_bytes()
    assert main(mend) == 0
    assert copy.read_bytes() == before


def test_cells_that_are_not_coarsened_are_those_of_the_file_in_its_order(people, tmp_path, capsys):
    plan, copy = tmp_path / "plan.toml", tmp_path / "copy.csv"
    plan.write_text(
        '[drop]\ncolumns = ["nom"]\n[coarsen]\nbirth = "year"\n'
        '[withhold]\nbelow = 5\nkey = ["birth", "sex"]\n'
    )
    assert main(["table", str(people), "--mend", str(plan), "--out", str(copy)]) == 0
    old, new = {row["email"]: row for row in rows_of(people)}, rows_of(copy)
    order = [row["email"] for row in new]
    assert order == [email for email in old if email in set(order)]
    assert 0 < len(new) < len(old)
    for row in new:
        was = old[row["email"]]
        assert row["birth"] == was["birth"][:4]
        for name in set(HEADER) - {"nom", "birth", "comment"}:
            assert row[name] == was[name]
        formula = was["comment"].startswith("=")
        assert row["comment"] == ("'" * formula) + was["comment"]
    printed = capsys.readouterr().out
    assert f"records_withheld: {400 - len(new)}" in printed
    assert "k_anonymity: " in printed
    assert "information_lost(column=birth)" in printed
    recipe = json.loads((tmp_path / "copy.csv.recipe.json").read_text("utf-8"))
    assert recipe["plan"]["coarsen"] == {"birth": "year"}
    assert recipe["records"] == len(new)


@pytest.mark.parametrize(
    ("plan", "out", "needs"),
    [
        ("[drop]\ncolumns = ['nome']\n", "copy.csv", "Did you mean 'nom'"),
        ("[coarsen]\nsex = 'year'\n", "copy.csv", "cells of 'sex'"),
        ("[drop]\ncolumns = ['nom']\n", "people.csv", "an output apart from the input"),
        ("[drop]\ncolumns = ['nom']\n", "plan.toml", "an output that ends in .csv"),
        ("[drop]\ncolumns = ['nom']\n", "other.csv", "a former copy"),
        ("not TOML", "copy.csv", "plan.toml"),
    ],
)
def test_what_cannot_be_mended_ends_with_one_line(people, tmp_path, plan, out, needs, capsys):
    (tmp_path / "plan.toml").write_text(plan)
    (tmp_path / "other.csv").write_text("mine\n")
    before = people.read_bytes()
    files = ["--mend", str(tmp_path / "plan.toml"), "--out", str(tmp_path / out)]
    assert main(["table", str(people), *files]) == 2
    said = capsys.readouterr().err
    assert needs in said
    assert said.count("\n") == 1
    assert "Martin" not in said
    assert people.read_bytes() == before
    assert (tmp_path / "other.csv").read_text() == "mine\n"


@pytest.mark.parametrize(
    "option", [["--contributions"], ["--missing", "value"], ["--population", "p.csv"]]
)
def test_an_option_of_a_report_is_refused_with_a_plan(people, tmp_path, option, capsys):
    (tmp_path / "plan.toml").write_text("[drop]\ncolumns = ['nom']\n")
    files = ["--mend", str(tmp_path / "plan.toml"), "--out", str(tmp_path / "c.csv")]
    assert main(["table", str(people), *files, *option]) == 2
    assert f"Leave {option[0]} out" in capsys.readouterr().err


def test_a_gate_on_a_copy_that_fails_leaves_the_copy(people, tmp_path, capsys):
    (tmp_path / "plan.toml").write_text("[drop]\ncolumns = ['nom']\n")
    files = ["--mend", str(tmp_path / "plan.toml"), "--out", str(tmp_path / "c.csv")]
    asked = [*files, "--key", "birth,sex", "--require", "k_anonymity>=5"]
    assert main(["table", str(people), *asked]) == 3
    assert "does not hold; it is 1" in capsys.readouterr().out
    assert len(rows_of(tmp_path / "c.csv")) == 400
    # The rows of what is lost can be required too.
    assert main(["table", str(people), *asked[:-1], "records_withheld<=0"]) == 0
