"""Where a report is written: whole or not at all, and never over somebody else's files."""

import os
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest

from privaudit.errors import OutputError
from privaudit.exposure.tables.measures import measure
from privaudit.release.release import Release
from privaudit.reporting import write
from privaudit.reporting.study import Study
from privaudit.reporting.write import check_output, report
from privaudit.roles import Roles


@pytest.fixture(scope="module")
def table():
    ages = pd.DataFrame({"age": [20, 20, 40, 40], "sex": list("FFMM")})
    found = measure(Release(kind="table", records=ages, roles=Roles(key=["age", "sex"])))
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
    monkeypatch.setattr(write, where, full_disk)
    with pytest.raises(OutputError, match="no space left on device"):
        report(replace(table, title="another"), out)
    assert snapshot(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_rename_that_fails_puts_the_former_report_back(table, tmp_path, monkeypatch):
    out = tmp_path / "out"
    report(table, out)
    before = snapshot(out)
    rename, calls = os.rename, []

    def second_fails(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(write.os, "rename", second_fails)
    with pytest.raises(OutputError):
        report(replace(table, title="another"), out)
    assert snapshot(out) == before


KILLED = """
import os, sys
from privaudit.reporting import write
from privaudit.reporting.study import Study
rename, calls = os.rename, []
def killed(source, target):
    calls.append(target)
    if len(calls) == int(sys.argv[2]):
        os._exit(9)
    rename(source, target)
write.os.rename = killed
study = Study(kind="map", title="another", provenance="simulated", real_places=False)
write.report(study, sys.argv[1])
"""


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
