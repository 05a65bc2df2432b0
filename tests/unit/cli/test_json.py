"""--json: what findings.json holds, nothing else on standard output, the status as ever."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.studies.commands import commands


@pytest.fixture
def people(tmp_path, monkeypatch):
    rows = {"nom": [f"Zxqv{n}" for n in range(60)], "age": [20 + n % 30 for n in range(60)],
            "sexe": [*"FM"] * 30, "opinion": ["left", "right", "left"] * 20}  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "people.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answered(capsys, *words, status=0):
    assert main([*words, "--json"]) == status
    said = capsys.readouterr()
    return json.loads(said.out), said.err


def test_every_command_has_it():
    assert all(c.options[-1].name == "--json" for c in commands().values())


def test_a_report_prints_its_findings(people, capsys):
    words = ("table", "people.csv", "--key", "age,sexe", "--sensitive", "opinion", "--out", "out")
    content, err = answered(capsys, *words)
    assert content == json.loads((people / "out" / "findings.json").read_text("utf-8"))
    assert err.startswith("report: ")
    # The same as without it.
    assert main(list(words)) == 0
    assert capsys.readouterr().out.startswith("report: ")
    assert content == json.loads((people / "out" / "findings.json").read_text("utf-8"))


def test_an_inspection_needs_no_folder(people, capsys):
    words = ("inspect", "people.csv", "--as-of", "2016-11-08")
    content, err = answered(capsys, *words)
    assert sorted(path.name for path in people.iterdir()) == ["people.csv"]
    assert "Zxqv" not in json.dumps(content) + err
    assert main([*words, "--out", "out"]) == 0
    assert content == json.loads((people / "out" / "findings.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("en", ["people.csv: 60 records, 4 columns", "  direct identifiers: nom",
                "  special categories: opinion", "  key variables: age, sexe"]),
        ("fr", ["people.csv: 60 fiches, 4 colonnes"]),
    ],
)  # fmt: skip
def test_an_inspection_without_a_folder_prints_its_summary(people, capsys, lang, lines):
    words = ["inspect", "people.csv", "--as-of", "2016-11-08", "--lang", lang]
    assert main(words) == 0
    said = capsys.readouterr()
    assert set(lines) <= set(said.out.splitlines())
    assert "next: privaudit table people.csv" in said.out
    assert "Zxqv" not in said.out
    assert said.err == ""
    assert sorted(path.name for path in people.iterdir()) == ["people.csv"]


def test_what_has_no_findings_says_what_it_did_in_the_same_form(people, capsys):
    rows = pd.DataFrame({"x": [652_000.0 + n for n in range(20)], "y": [6_862_000.0] * 20})
    rows.to_csv(people / "points.csv", index=False)
    words = ("mask", "points.csv", "--mask", "grid:100", "--seed", "7", "--out", "m.csv")
    masked, _ = answered(capsys, *words)
    assert masked["recipe"]["dots"] == 20
    blank, _ = answered(capsys, "rules", "--init", "d.toml")
    assert blank["written"] == "d.toml"
    kept, _ = answered(capsys, "cache", "--cache", "none")
    assert kept["stages"] == 0
    main(["table", "people.csv", "--key", "age", "--out", "out"])
    capsys.readouterr()
    verified, _ = answered(capsys, "report", "--verify", "out")
    every = [path for path in (people / "out").rglob("*") if path.is_file()]
    assert verified["files"] == len(every) - 1
    script, _ = answered(capsys, "completion", "bash")
    assert script["script"].startswith("# Completion")
    findings = json.loads((people / "out" / "findings.json").read_text("utf-8"))
    for one in (masked, blank, kept, verified, script):
        assert one["schema"] == findings["schema"]
        assert one["findings"] == []
        assert one["kind"] in commands()


def test_a_gate_and_a_mended_copy_keep_their_status_and_print_json_alone(people, capsys):
    words = ("table", "people.csv", "--key", "age,sexe", "--out", "out")
    content, err = answered(capsys, *words, "--require", "k_anonymity>=50", status=3)
    assert content == json.loads((people / "out" / "findings.json").read_text("utf-8"))
    assert "k_anonymity" in err
    (people / "plan.toml").write_text('[drop]\ncolumns = ["nom"]\n', encoding="utf-8")
    words = ("table", "people.csv", "--key", "sexe", "--mend", "plan.toml", "--out", "m.csv")
    mended, _ = answered(capsys, *words)
    assert mended["recipe"]["records"] == 60
    assert "Zxqv" not in json.dumps(mended)


def test_bad_input_prints_no_json_and_one_line(people, capsys):
    words = ["table", "people.csv", "--key", "absent", "--out", "out", "--json"]
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


@pytest.mark.heavy
def test_a_console_of_western_europe_gets_the_same_json(people):
    (people / "people.csv").rename(people / "płeć ≥ العربية 😀.csv")
    words = [sys.executable, "-m", "privaudit", "inspect", "płeć ≥ العربية 😀.csv", "--json",
             "--as-of", "2016-11-08"]  # fmt: skip
    made = [
        subprocess.run(words, env={**_env(), "PYTHONIOENCODING": letters}, capture_output=True)
        for letters in ("utf-8", "cp1252")
    ]
    assert [one.returncode for one in made] == [0, 0]
    utf8, cp1252 = (json.loads(one.stdout.decode("ascii")) for one in made)
    assert utf8 == cp1252
    assert "płeć ≥ العربية 😀.csv" in json.dumps(utf8, ensure_ascii=False)


def _env():
    import os
    from pathlib import Path

    import privaudit

    return {**os.environ, "PYTHONPATH": str(Path(privaudit.__file__).parents[1])}
