"""A report carries its evidence, says what stands in each dot, and what to mend."""

import hashlib
import html
import json
import re

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from tests.fixtures.doors import write_doors

SURNAMES = ("Bergeret", "Castanier", "Dieulafoy", "Esquirol")


@pytest.fixture(scope="module")
def seized(tmp_path_factory):
    """A map of thirty dots with names, ages and levels of support, on a street of forty doors."""
    folder, rng = tmp_path_factory.mktemp("seized"), np.random.default_rng(5)
    write_doors(folder)
    home = rng.permutation(40)[:30] + 1
    pd.DataFrame(
        {
            "x": 700_000 + 30 * home,
            "y": 6_600_000,
            "nom": [SURNAMES[n % 4] + "aeiouy"[n // 6] for n in range(30)],
            "age": rng.integers(18, 90, 30),
            "soutien": rng.integers(1, 6, 30),
        }
    ).to_csv(folder / "carte.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def report(seized, tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "out"
    given = ["--addresses", str(seized / "adresses.csv"), "--commune", "94042", "--dated"]
    assert main(["map", str(seized / "carte.csv"), *given, "--lang", "fr", "--out", str(out)]) == 0
    return out


def _text(report, name="index.html"):
    page = (report / name).read_text(encoding="utf-8")
    page = re.sub(r"<(style|script).*?</\1>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", re.sub("</?span[^>]*>", "", page)))


def test_every_input_has_its_hash_and_the_run_its_date_and_version(report, seized):
    manifest = json.loads((report / "manifest.json").read_text("utf-8"))
    wanted = {hashlib.sha256((seized / n).read_bytes()).hexdigest()
              for n in ("carte.csv", "adresses.csv")}  # fmt: skip
    assert wanted <= {one["sha256"] for one in manifest["inputs"]}
    assert manifest["privaudit"]
    assert re.match(r"20\d\d-\d\d-\d\d", manifest["date"])


def test_the_line_to_run_again_names_the_files_and_the_commune(report):
    text = _text(report) + _text(report, "annex.html")
    line = next(one for one in re.findall(r"privaudit map [^\n]+", text))
    assert "carte.csv" in line
    assert "--commune 94042" in line
    assert "adresses.csv" in line
    assert "CODE" not in line


def test_the_page_says_what_stands_in_each_dot_and_what_to_mend(report):
    told = json.loads((report / "findings.json").read_text("utf-8"))["findings"]
    named = [one for one in told if one["id"].startswith("properties.")]
    assert any(one["value"] == 1 and one["n"] == 30 for one in named)
    text = (report / "index.html").read_text(encoding="utf-8")
    assert 'id="mend"' in text


def test_no_cell_is_in_any_file(report):
    for path in report.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8", "replace")
            assert not any(name in text for name in SURNAMES), path.name


def test_contributions_of_a_name_are_refused(seized, tmp_path, capsys):
    table = tmp_path / "t.csv"
    pd.DataFrame({"full_name": [f"Bergeret{n}" for n in range(40)], "sexe": list("FM") * 20,
                  "age": list(range(20, 60))}).to_csv(table, index=False)  # fmt: skip
    for keys in ("full_name,sexe", "full_name"):
        code = main(["table", str(table), "--key", keys, "--contributions", "--out",
                     str(tmp_path / "o")])  # fmt: skip
        said = capsys.readouterr().err
        assert code == 2
        assert "full_name" in said
        assert "Bergeret" not in said
