"""A report is held against its manifest: one changed digit, file or line is found."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from privaudit.cli import main
from privaudit.errors import OutputError, ReadError
from privaudit.report.manifest import MANIFEST, verify, write_manifest


@dataclass
class Leak:
    path: Path
    role: str = "map"
    source: str = ""
    date: str = ""


@pytest.fixture
def folder(tmp_path):
    out = tmp_path / "report"
    (out / "tables").mkdir(parents=True)
    (out / "findings.json").write_text('{"value": 0.074}')
    (out / "tables" / "found.csv").write_text("gain,value\naddress,0.074\n")
    leak = tmp_path / "leak.csv"
    leak.write_text("x,y\n1,2\n")
    write_manifest(
        out, command="privaudit map leak.csv", provenance="audited file",
        parameters={"seed": 7}, inputs=[Leak(leak)],
    )  # fmt: skip
    return out


def test_it_says_what_went_in_and_out(folder):
    told = json.loads((folder / MANIFEST).read_text())
    assert [one["path"] for one in told["outputs"]] == ["findings.json", "tables/found.csv"]
    (leak,) = told["inputs"]
    assert (leak["name"], leak["role"], leak["bytes"]) == ("leak.csv", "map", 8)
    # sha256 of the eight bytes above, by another tool's definition.
    assert leak["sha256"] == hashlib.sha256(b"x,y\n1,2\n").hexdigest()
    assert told["date"] is None
    assert str(folder.parent) not in (folder / MANIFEST).read_text()
    assert verify(folder) == 2


def test_no_date_makes_equal_bytes_and_a_date_is_asked_for(folder, monkeypatch):
    first = (folder / MANIFEST).read_bytes()
    arguments = {"command": "c", "provenance": "simulated", "parameters": {}}
    again = write_manifest(folder, **arguments).read_bytes()
    assert write_manifest(folder, **arguments).read_bytes() == again != first
    assert b'"date": "20' in write_manifest(folder, dated=True, **arguments).read_bytes()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert (
        b'"date": "1970-01-01T00:00:00+00:00"' in write_manifest(folder, **arguments).read_bytes()
    )


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("findings.json", "0.074", "0.075"),
        ("tables/found.csv", "0.074", "0.174"),
        (MANIFEST, "leak.csv", "leek.csv"),
        (MANIFEST, '"seed": 7', '"seed": 8'),
    ],
)
def test_one_changed_digit_is_found(folder, file, old, new):
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(OutputError, match=f"changed {file}"):
        verify(folder)


def test_what_is_missing_added_or_linked_is_found(folder, tmp_path):
    (folder / "note.txt").write_text("mine")
    with pytest.raises(OutputError, match="not of the report note"):
        verify(folder)
    (folder / "note.txt").unlink()
    copy = tmp_path / "copy.json"
    (folder / "findings.json").rename(copy)
    with pytest.raises(OutputError, match="missing findings"):
        verify(folder)
    (folder / "findings.json").symlink_to(copy)
    with pytest.raises(OutputError, match="changed findings"):
        verify(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2, "outputs": []}', "\x00"])
def test_what_is_no_manifest_is_one_line(tmp_path, text, capsys):
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(ReadError):
        verify(tmp_path)
    assert main(["report", "--verify", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_says_what_agrees(folder, capsys):
    assert main(["report", "--verify", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("2 files are as")
    (folder / "findings.json").write_text("{}")
    assert main(["report", "--verify", str(folder)]) == 2


@pytest.mark.parametrize(("more", "says"), [(0, "cannot be read"), (1, "at most 67,108,864")])
def test_a_manifest_is_read_up_to_64_mebibytes(tmp_path, more, says):
    # A file of noughts is no manifest.
    with open(tmp_path / MANIFEST, "wb") as file:
        file.truncate(64 * 1024 * 1024 + more)
    with pytest.raises(ReadError, match=says):
        verify(tmp_path)
