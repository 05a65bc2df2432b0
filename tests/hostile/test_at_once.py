"""Somebody else writes where a run writes, and nobody reads what it says."""

import errno
import hashlib
import json
import os
import threading
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from privaudit import cli
from privaudit.cli.exit_status_and_signals import Stopped
from privaudit.cli.options import tell
from privaudit.core import files
from privaudit.core.files import is_unchanged, watched
from privaudit.errors import OutputError, SchemaError
from privaudit.io.formats import archive
from privaudit.io.public_counts import read_communes
from privaudit.report import write as place_module
from privaudit.report.write import Place, report
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.studies.mask_file import mask_file
from privaudit.studies.study import Study


@pytest.fixture
def points(tmp_path):
    rows = pd.DataFrame({"x": [652_000.0 + 10 * i for i in range(20)], "y": [6_862_000.0] * 20})
    rows.to_csv(tmp_path / "points.csv", index=False)
    return tmp_path / "points.csv"


def masked(points, mask, out):
    return mask_file(points, mask=mask, out=out)


def test_of_two_masked_copies_at_once_one_stays_with_its_own_recipe(points, tmp_path, monkeypatch):
    """The other moved its copy between the two moves of the first: refused ever after."""
    out = tmp_path / "m.csv"
    move, others = os.replace, []

    def meanwhile(*names):
        move(*names)
        if not others:
            others.append(threading.Thread(target=masked, args=(points, "grid:300", out)))
            others[0].start()
            others[0].join(0.5)

    monkeypatch.setattr(files, "os", SimpleNamespace(**{**vars(os), "replace": meanwhile}))
    masked(points, "grid:100", out)
    others[0].join(20)
    recipe = json.loads((tmp_path / "m.csv.recipe.json").read_text())
    assert recipe["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert "replaces" not in recipe
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_is_held_too_long_is_a_line(points, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_SECONDS", 0.05)
    with files.alone_in(tmp_path), pytest.raises(OutputError, match="TimeoutError"):
        masked(points, "grid:100", tmp_path / "m.csv")
    assert list(tmp_path.iterdir()) == [points]
    masked(points, "grid:100", tmp_path / "m.csv")


@pytest.mark.parametrize("what", ["a file in it", "a file in its place"])
def test_what_somebody_puts_there_while_a_run_works_stays_in_sight(tmp_path, monkeypatch, what):
    """It was moved out of sight, into .out.former, and the run said nothing."""
    row = Row(measure="sample_uniques", value=40, unit="records", n=400, counts="records")
    study = replace(Study.of(Measures(family="table", rows=[row], name="export.csv")), title="t")
    out, swap = tmp_path / "out", Place._swap
    report(study, out)

    def meanwhile(place):
        if what == "a file in it":
            (out / "mine.txt").write_text("mine")
        else:
            out.rename(tmp_path / "elsewhere")
            out.write_text("mine")
        swap(place)

    monkeypatch.setattr(Place, "_swap", meanwhile)
    with pytest.raises(OutputError, match="needs a new folder"):
        report(study, out)
    assert (out if out.is_file() else out / "mine.txt").read_text() == "mine"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_nobody_who_reads_on_is_no_fault_and_a_full_disk_is_a_line(monkeypatch):
    read, written = os.pipe()
    os.close(read)
    with os.fdopen(written, "w") as gone:
        monkeypatch.setattr("sys.stdout", gone)
        tell("report: out")
        tell("next: more")
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(OutputError, match=r"output: needs .* no space left on device"):
            tell("report: out")


def test_nobody_who_hears_a_complaint_leaves_the_status(monkeypatch, tmp_path):
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stderr", full)
        assert cli.main(["inspect", str(tmp_path / "none.csv"), "--out", str(tmp_path / "o")]) == 2
        # Or the block would complain of what is left to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


def test_a_letter_that_nobody_has_is_written_as_its_number(tmp_path):
    """Found by the fuzz: U+EF2C is of nobody's alphabet, and a terminal may do as it likes."""
    file = tmp_path / "leak.csv"
    file.write_text("codgeo\uef2c\ubfbb,REG,LIBGEO\n94042,11,Ville\n", encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        read_communes(file)
    assert str(caught.value).isprintable()
    assert "codgeo\\uef2c\ubfbb" in str(caught.value)


def test_a_files_name_commands_no_terminal(tmp_path, capsys):
    file = tmp_path / "leak\x1b[2J\u202e.csv"
    pd.DataFrame({"age": [20, 30] * 9, "sex": list("FM") * 9}).to_csv(file, index=False)
    assert cli.main(["inspect", str(file), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "next: privaudit table" in said
    assert said.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("stop", "said"),
    [(OSError(5, "Input/output error"), OutputError), (KeyboardInterrupt(), KeyboardInterrupt),
     (Stopped(15), Stopped)],
)  # fmt: skip
@pytest.mark.parametrize("moved", [0, 1])
def test_between_two_moves_the_former_report_goes_back(tmp_path, monkeypatch, moved, stop, said):
    row = Row(measure="sample_uniques", value=40, unit="records", n=400, counts="records")
    study = replace(Study.of(Measures(family="table", rows=[row], name="export.csv")), title="t")
    out, move = tmp_path / "out", place_module.move
    report(study, out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    done = []

    def fails(old, new):
        done.append(old)
        if len(done) == moved + 1:
            raise stop
        move(old, new)

    monkeypatch.setattr(place_module, "move", fails)
    with pytest.raises(said):
        report(study, out, lang="fr")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_former_report_that_cannot_go_back_is_not_removed(tmp_path, monkeypatch):
    """The disk gives up between the two moves: the next look puts it back."""
    row = Row(measure="sample_uniques", value=40, unit="records", n=400, counts="records")
    study = replace(Study.of(Measures(family="table", rows=[row], name="export.csv")), title="t")
    out, move, done = tmp_path / "out", place_module.move, []
    report(study, out)
    before = {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def fails(old, new):
        done.append(old)
        if len(done) > 1:
            raise OSError(5, "Input/output error")
        move(old, new)

    with monkeypatch.context() as patch:
        patch.setattr(place_module, "move", fails)
        with pytest.raises(OutputError, match="input/output error"):
            report(study, out, lang="fr")
    assert not out.exists()
    Place(out).check()
    assert {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


@pytest.mark.heavy
@pytest.mark.parametrize("how", ["a line more", "another in its place", "gone and back"])
def test_a_file_that_changes_while_it_is_read_is_no_evidence(tmp_path, monkeypatch, capsys, how):
    """The manifest had the digest of what stood there at the end, and the numbers of before."""
    file, out = tmp_path / "people.csv", tmp_path / "out"
    pd.DataFrame({"age": [20, 30] * 20, "sex": list("FM") * 20}).to_csv(file, index=False)
    words = ["table", str(file), "--key", "age,sex", "--out", str(out)]
    assert cli.main(words) == 0
    before = (out / "manifest.json").read_bytes()
    capsys.readouterr()
    filling = Place.filling

    def meanwhile(place):
        text = file.read_text()
        if how == "a line more":
            file.write_text(text + "40,F\n")
        elif how == "another in its place":
            (tmp_path / "other").write_text(text)
            os.replace(tmp_path / "other", file)
        else:
            file.unlink()
            file.write_text(text)
        return filling(place)

    with monkeypatch.context() as patch:
        patch.setattr(Place, "filling", meanwhile)
        assert cli.main([*words, "--lang", "fr"]) == 2
    said = capsys.readouterr().err
    assert "people.csv to stay as it was when the run began" in said
    assert said.count("\n") == 1
    assert (out / "manifest.json").read_bytes() == before
    assert cli.main(words) == 0


def test_a_file_is_watched_for_as_long_as_a_command_runs(tmp_path):
    (tmp_path / "a.csv").write_text("1")
    with watched([tmp_path / "a.csv", tmp_path / "none.csv"]):
        assert is_unchanged(tmp_path / "a.csv")
        assert is_unchanged(tmp_path / "none.csv")
        (tmp_path / "a.csv").write_text("12")
        (tmp_path / "none.csv").write_text("1")
        assert not is_unchanged(tmp_path / "a.csv")
        assert not is_unchanged(tmp_path / "none.csv")
        assert is_unchanged(tmp_path / "another.csv")
    assert is_unchanged(tmp_path / "a.csv")


@pytest.mark.parametrize(("number", "said"), [(errno.ENOSPC, "TMPDIR"), (errno.EMFILE, "ulimit")])
def test_a_system_without_room_or_files_is_no_fault_of_ours(
    tmp_path, monkeypatch, capsys, number, said
):
    """A zip unpacked into a full temporary folder was said to be a fault of the program."""
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as made:
        made.writestr("a.csv", "age,sex\n20,F\n30,M\n")
        made.writestr("b.csv", "age,sex\n20,F\n30,M\n")

    def full(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(archive, "_unpack", full)
    words = ["inspect", str(tmp_path / "all.zip"), "--out", str(tmp_path / "out")]
    assert cli.main(words) == 2
    told = capsys.readouterr().err
    assert told.startswith("privaudit: needs more ")
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()
