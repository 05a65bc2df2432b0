"""What a command writes over, keeps and refuses at its edges: caches, PIA files, roles, headers."""

import argparse
import json
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.cli.options import in_words, paths_of, without_header_of
from privaudit.core.cache import Store
from privaudit.errors import ParameterError


@pytest.fixture
def people(tmp_path, monkeypatch):
    rows = {"age": [20 + n % 10 for n in range(240)], "sexe": [*"FM"] * 120}
    pd.DataFrame(rows).to_csv(tmp_path / "people.csv", index=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def said(capsys, *words, status=0):
    assert main(list(words)) == status
    return capsys.readouterr()


def test_a_cache_is_counted_and_cleared_and_none_is_made(people, capsys):
    assert "0 simulated stages in none, which is not there" in said(
        capsys, "cache", "--cache", "none"
    ).out  # fmt: skip
    assert not Path("none").exists()
    store = Store(people / "kept")
    for seed in (1, 2):
        store.stage(
            "towns", version=1, recipe={"seed": seed}, make=lambda: np.ones(25_000), types=()
        )
    store.close()
    kept = said(capsys, "cache", "--cache", "kept").out
    # Twice 25,000 numbers of eight bytes, and a little around them.
    assert kept.startswith("2 simulated stages, 0.4 MB, in ")
    assert said(capsys, "cache", "--cache", "kept", "--clear").out.startswith("2 stages forgotten")
    assert said(capsys, "cache", "--cache", "kept").out.startswith("0 simulated stages")


def test_a_file_for_the_pia_tool_is_written_once_and_another_never_over(people, capsys):
    example = resources.files("privaudit.rules") / "examples" / "story.toml"
    Path("d.toml").write_text(example.read_text("utf-8"), "utf-8")
    words = ("rules", "d.toml", "--as-of", "2016-11-08", "--out", "r", "--pia", "pia.json")
    assert "pia: pia.json" in said(capsys, *words).out
    written = Path("pia.json").read_bytes()
    assert json.loads(written)
    # The same one again is no loss; one that was filled in would be.
    assert "pia: pia.json" in said(capsys, *words).out
    assert Path("pia.json").read_bytes() == written
    Path("pia.json").write_bytes(b"{}")
    assert "which holds something else" in said(capsys, *words, status=2).err
    assert Path("pia.json").read_bytes() == b"{}"
    # Where nothing can be written, that is one line.
    refused = said(capsys, *words[:-1], "pia.json/within.json", status=2)
    assert "needs a file that can be written, but got 'within.json'" in refused.err
    assert "pia: " not in refused.out


def test_a_comparison_is_written_over_no_folder_of_somebody_else(people, capsys):
    table = ("table", "people.csv", "--key", "age,sexe", "--out")
    said(capsys, *table, "one")
    said(capsys, *table, "two")
    own = people / "own"
    own.mkdir()
    (own / "letter.txt").write_text("mine")
    words = ("report", "two", "--against", "one", "--out")
    refused = said(capsys, *words, "own", status=2)
    assert refused.err.count("\n") == 1
    assert [one.name for one in own.iterdir()] == ["letter.txt"]
    assert "report: " in said(capsys, *words, "compared").out
    lines = said(capsys, "report", "two", "--against", "one").out
    assert lines
    assert json.loads(said(capsys, "report", "two", "--against", "one", "--json").out)
    # Both at once: the files are verified, and what changed is told.
    both = said(capsys, "report", "two", "--against", "one", "--verify", "one").out
    assert " files are as the manifest has them" in both
    assert both.endswith(lines)


def test_a_mended_copy_is_told_beside_what_was_before(people, capsys):
    Path("plan.toml").write_text('[drop]\ncolumns = ["age"]\n', encoding="utf-8")
    told = said(capsys, "table", "people.csv", "--key", "age,sexe", "--mend", "plan.toml",
                "--out", "m.csv", "--require", "k_anonymity>=3", status=0).out  # fmt: skip
    # Of 240 people 24 are of each age, each age being of one sex; then 120 of each sex.
    assert "k_anonymity: 120, before 24" in told.splitlines()
    assert "required k_anonymity >= 3: holds; it is 120" in told
    # What is known of a copy alone has nothing beside it.
    assert "records_withheld: 0" in told.splitlines()
    unmet = said(capsys, "table", "people.csv", "--key", "age,sexe", "--out", "r",
                 "--require", "k_anonymity>=25", status=3).out  # fmt: skip
    assert "required k_anonymity >= 25: does not hold; it is 24" in unmet


def test_a_roles_file_of_other_files_is_refused(people, capsys):
    Path("roles.toml").write_text('["other.csv"]\nkey = ["age"]\n', "utf-8")
    words = ("table", "people.csv", "--roles", "roles.toml", "--out", "r")
    refused = said(capsys, *words, status=2)
    assert refused.err.count("\n") == 1
    assert not Path("r").exists()


def asked(*files, headless=()):
    return argparse.Namespace(files=[Path(f) for f in files], out=None, no_header=headless, n=3)


def test_a_file_without_header_is_one_of_the_command_or_within_a_zip():
    assert without_header_of(asked("d/a.csv", "b.csv", headless=("a.csv",))) == ("a.csv",)
    assert without_header_of(asked("a.csv", headless=("there/a.csv",))) == ("a.csv",)
    assert without_header_of(asked("a.csv")) == ()
    # Of what a zip holds nothing is known yet.
    assert without_header_of(asked("x.ZIP", headless=("c.csv",))) == ("c.csv",)
    assert without_header_of(asked("x.zip", "a.csv", headless=("c.csv",))) == ("c.csv",)
    for given, do in (("aa.csv", "Did you mean 'a.csv'"), ("zz", "without its folder")):
        with pytest.raises(ParameterError, match=do):
            without_header_of(asked("a.csv", headless=(given,)))
    # macOS writes an accent behind its letter.
    name = without_header_of(asked("e\u0301.csv", headless=("\u00e9.csv",)))
    assert name == ("e\u0301.csv",)


def test_paths_are_those_of_every_option():
    options = argparse.Namespace(file=Path("a"), leaks=[Path("b"), "c"], out=None, n=3)
    assert paths_of(options) == [Path("a"), Path("b")]


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (1 / 3, 0.1, 0.2, "0.333333"), (0, None, None, "0"), (None, None, None, "withheld"),
        (None, 0, 10, "between 0 and 10"),
    ],
)  # fmt: skip
def test_a_number_is_told_or_its_range_or_that_it_is_withheld(value, low, high, said):
    assert in_words({"value": value, "low": low, "high": high}) == said
