"""Where a report is written: whole or not at all, and never over somebody else's files."""

import os
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest

from privaudit.errors import OutputError, ParameterError
from privaudit.report import write
from privaudit.report.write import Place, check_output, report
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.studies.study import Study
from privaudit.words.catalogues import Note


@pytest.fixture(scope="module")
def table():
    row = Row(measure="sample_uniques", value=40, unit="records", n=400, counts="records")
    formula = Note("mend_withhold_column", column="@SUM(A1)")
    level = replace(row, measure="=1+1", part={"level": "@SUM(A1)"}, notes=(formula,))
    found = Measures(family="table", rows=[row, level], name="export.csv")
    return replace(Study.of(found), title="export.csv")


def test_another_folder_is_refused(table, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="'mine', which holds other files"):
        report(table, tmp_path / "mine")
    (tmp_path / "mine" / "findings.json").write_text('{"schema": 99, "findings": []}')
    with pytest.raises(OutputError):
        check_output(tmp_path / "mine")
    with pytest.raises(OutputError, match="a file"):
        report(table, tmp_path / "mine" / "thesis.txt")
    with pytest.raises(OutputError, match="can be written") as caught:
        report(table, tmp_path / "mine" / "thesis.txt" / "out")
    assert "\n" not in str(caught.value)
    assert sorted(p.name for p in (tmp_path / "mine").iterdir()) == ["findings.json", "thesis.txt"]
    (tmp_path / "empty").mkdir()
    assert report(table, tmp_path / "empty").exists()


def snapshot(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("where", ["_text", "_swap"])
def test_a_writer_that_fails_leaves_the_former_report_whole(table, tmp_path, monkeypatch, where):
    out = tmp_path / "out"
    report(table, out)
    before = snapshot(out)
    calls = []

    def full_disk(*arguments):
        calls.append(arguments)
        if where == "_swap" or len(calls) == 2:
            raise OSError(28, "No space left on device")
        return text(*arguments)

    text = write._text
    monkeypatch.setattr(write if where == "_text" else Place, where, full_disk)
    with pytest.raises(OutputError, match="no space left on device"):
        report(replace(table, title="another"), out)
    assert snapshot(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_rename_that_fails_puts_the_former_report_back(table, tmp_path, monkeypatch):
    out = tmp_path / "out"
    report(table, out)
    before = snapshot(out)
    rename, calls = os.replace, []

    def second_fails(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "replace", second_fails)
    with pytest.raises(OutputError):
        report(replace(table, title="another"), out)
    assert snapshot(out) == before


def test_files_of_the_user_in_a_former_report_stay(table, tmp_path):
    """A note that somebody laid into the folder of a report was deleted with it."""
    out = tmp_path / "out"
    report(table, out)
    for name in ("minutes.txt", "tables/mine.xlsx", "figures/deep/x.svg"):
        path = out / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
        with pytest.raises(OutputError, match="holds other files"):
            report(table, out)
        assert path.read_text() == "mine"
        path.unlink()
    (out / "figures" / "deep").rmdir()
    report(table, out)


@pytest.mark.parametrize("name", [".out.new", ".out.former"])
def test_what_stands_beside_under_our_name_stays(table, tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="beside it"):
        report(table, tmp_path / "out")
    assert (tmp_path / name / "thesis.txt").read_text() == "years of work"


def test_a_folder_that_merely_holds_findings_is_no_report(table, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "findings.json").write_text('{"schema": 2, "findings": []}')
    with pytest.raises(OutputError, match="other files"):
        report(table, tmp_path / "out")


def test_the_current_folder_and_the_root_are_refused(table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for out in (".", "..", "/", tmp_path):
        with pytest.raises(OutputError, match="folder of its own"):
            report(table, out)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_followed_and_stays_a_link(table, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    for _ in range(2):
        page = report(table, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert page == tmp_path / "there" / "index.html"


def test_a_report_is_two_pages_findings_figures_and_tables(table, tmp_path):
    report(table, tmp_path / "out")
    names = sorted(p.name for p in (tmp_path / "out").iterdir() if p.name != "manifest.json")
    assert names == ["annex.html", "figures", "findings.json", "index.html", "tables"]


def test_the_same_study_gives_the_same_bytes(table, tmp_path):
    report(table, tmp_path / "a", lang="fr")
    report(table, tmp_path / "b", lang="fr")
    assert snapshot(tmp_path / "a") == snapshot(tmp_path / "b")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "|x", "%x", "＝1"])
def test_no_cell_runs_as_a_formula(table, tmp_path, text):
    rows = pd.DataFrame({text: [1.0], "cell": [text], "plain": ["a-b"], "none": [None]})
    shown = replace(table, revealed_rows=True)
    report(shown, tmp_path / "out", extra_tables={"rows": rows})
    written = (tmp_path / "out" / "tables" / "rows.csv").read_bytes().decode()
    back = pd.read_csv(tmp_path / "out" / "tables" / "rows.csv", dtype=str)
    assert next(iter(back.columns)) == f"'{text}"
    assert back["cell"][0] == f"'{text}"
    assert back["plain"][0] == "a-b"
    assert "nan" not in written
    with pytest.raises(ParameterError):
        report(table, tmp_path / "other", extra_tables={"rows": rows})


def test_negative_numbers_stay_numbers(table, tmp_path):
    rows = pd.DataFrame({"x": [-1.5], "mixed": [None]})
    report(replace(table, revealed_rows=True), tmp_path / "out", extra_tables={"rows": rows})
    assert pd.read_csv(tmp_path / "out" / "tables" / "rows.csv")["x"][0] == -1.5


KILLED = """
import os, sys
from privaudit.report import write
from privaudit.studies.study import Study
rename, calls = os.replace, []
def killed(source, target):
    calls.append(target)
    if len(calls) == int(sys.argv[2]):
        os._exit(9)
    rename(source, target)
os.replace = killed
study = Study(kind="map", title="another", provenance="simulated", real_places=False)
write.report(study, sys.argv[1])
"""


@pytest.mark.heavy
@pytest.mark.parametrize("at", ["1", "2"])
def test_a_killed_run_loses_no_report(table, tmp_path, at):
    """Killed before the first or the second rename: the former report is whole at once or is
    put back by the next look at the place."""
    out = tmp_path / "out"
    report(table, out)
    before = snapshot(out)
    dead = subprocess.run([sys.executable, "-c", KILLED, str(out), at], timeout=60, check=False)
    assert dead.returncode == 9
    check_output(out)
    assert snapshot(out) == before
    report(table, out)
    assert snapshot(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
