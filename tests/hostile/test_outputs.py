"""Whatever stands where an output should go: what is not ours stays as it is, byte for byte."""

import json
import os
import warnings
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.core.files import hold
from privaudit.errors import OutputError, PrivauditError
from privaudit.io import duckdb
from privaudit.io.duckdb import spilling
from privaudit.report import write
from privaudit.report.write import check_output, report
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.studies.mask_file import mask_file
from privaudit.studies.study import Study


@pytest.fixture(scope="module")
def study():
    row = Row(measure="sample_uniques", value=40, unit="records", n=400, counts="records")
    return replace(Study.of(Measures(family="table", rows=[row], name="export.csv")), title="t")


def held(folder):
    """Everything below a folder: names, kinds, links and bytes."""
    return {
        str(path.relative_to(folder)): os.readlink(path)
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else path.stat().st_mode
        for path in sorted(folder.rglob("*"))
    }


def stays(folder, act, match="needs"):
    """What is refused in one line leaves a folder as it was."""
    before = held(folder)
    with pytest.raises(PrivauditError, match=match) as caught:
        act()
    assert len(str(caught.value).splitlines()) == 1
    assert held(folder) == before


# A report: its manifest says which files are ours.


@pytest.mark.parametrize("name", ["tables/mine.csv", "figures/sketch.svg", "drafts/letter.txt"])
def test_a_file_of_the_users_with_a_name_like_ours_stays(study, tmp_path, name):
    """It has the ending of a table or a figure, and the manifest does not list it."""
    out = tmp_path / "out"
    report(study, out)
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_text("mine")
    stays(tmp_path, lambda: report(study, out), "not of the report")
    stays(tmp_path, lambda: check_output(out), "not of the report")


def test_a_page_that_somebody_wrote_on_stays(study, tmp_path):
    out = tmp_path / "out"
    report(study, out)
    page = out / "index.html"
    page.write_text(page.read_text() + "<!-- my remarks -->")
    stays(tmp_path, lambda: report(study, out), "changed index.html")


def test_a_folder_with_names_of_a_report_and_no_manifest_is_none(study, tmp_path):
    """A web site has an index.html too, and so may have a findings.json."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<h1>my site</h1>")
    (site / "findings.json").write_text('{"schema": 2, "findings": []}')
    stays(tmp_path, lambda: report(study, site), "holds other files")
    for word in ("new", "former"):
        site.rename(tmp_path / f".out.{word}")
        stays(tmp_path, lambda: report(study, tmp_path / "out"), "beside it")
        (tmp_path / f".out.{word}").rename(site)


def test_a_manifest_that_claims_the_users_files_gains_nothing(study, tmp_path):
    """Whoever lays a manifest over a folder cannot have its files deleted by our next run."""
    from privaudit.report.manifest import write_manifest

    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    write_manifest(mine, command="", provenance="audited file", parameters={})
    stays(tmp_path, lambda: report(study, mine), "holds other files")


def test_links_in_a_report_are_never_followed_out_of_it(study, tmp_path):
    out, thesis = tmp_path / "out", tmp_path / "thesis.txt"
    thesis.write_text("years of work")
    report(study, out)
    (out / "annex.html").unlink()
    (out / "annex.html").symlink_to(thesis)
    stays(tmp_path, lambda: report(study, out), "a link: annex.html")
    (out / "annex.html").unlink()
    (out / "tables").rename(tmp_path / "elsewhere")
    (out / "tables").symlink_to(tmp_path / "elsewhere")
    stays(tmp_path, lambda: report(study, out))


@pytest.mark.parametrize("word", ["new", "former"])
def test_a_link_beside_under_our_name_stays(study, tmp_path, word):
    (tmp_path / "there").mkdir()
    (tmp_path / f".out.{word}").symlink_to(tmp_path / "there")
    stays(tmp_path, lambda: report(study, tmp_path / "out"), "beside it")


def test_a_broken_link_is_refused(study, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "there")
    with pytest.raises(OutputError, match="a link to nothing"):
        report(study, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert not (tmp_path / "there").exists()


def killed(module, name, at, act):
    """Act in another process, which dies when it calls something for the nth time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads, which the child does not need
        child = os.fork()
    if child == 0:
        real, calls = getattr(module, name), []

        def dies(*arguments, **options):
            calls.append(arguments)
            if len(calls) == at:
                os._exit(9)
            return real(*arguments, **options)

        setattr(module, name, dies)
        try:
            act()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 9


@pytest.mark.parametrize("at", [1, 3])
def test_what_a_killed_run_left_is_swept_by_the_next(study, tmp_path, at):
    out = tmp_path / "out"
    report(study, out)
    before = held(tmp_path)
    other = replace(study, title="another")
    killed(write, "_text", at, lambda: report(other, out))
    assert (tmp_path / ".out.new").is_dir()
    assert held(out) == {n[4:]: v for n, v in before.items() if n.startswith("out/")}
    report(study, out)
    assert held(tmp_path) == before


def test_a_run_that_still_writes_is_not_swept(study, tmp_path):
    out, fresh = tmp_path / "out", tmp_path / ".out.new"
    fresh.mkdir()
    (fresh / "half.svg").touch()
    with hold(tmp_path / ".out.lock") as free:
        assert free
        stays(tmp_path, lambda: report(study, out), "no other run")
    stays(tmp_path, lambda: report(study, out), "beside it")
    (fresh / "half.svg").unlink()
    report(study, out)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_former_report_half_removed_is_removed_whole(study, tmp_path):
    """Killed while it removed what it had replaced: the next run goes on."""
    out, former = tmp_path / "out", tmp_path / ".out.former"
    report(study, out)
    before = held(out)
    report(study, former)
    (former / "index.html").unlink()
    report(study, out)
    assert held(out) == before
    assert not former.exists()
    # And it never comes back as a report, as a whole one does.
    report(study, former)
    (former / "index.html").unlink()
    for path in out.rglob("*"):
        assert path.exists()
    out.rename(tmp_path / "moved")
    check_output(out)
    assert not out.exists()


def test_a_study_replaces_only_what_its_manifest_lists(tmp_path):
    """Its folder was removed before the new one was moved: a kill between lost both."""
    from privaudit.report.manifest import write_manifest
    from privaudit.report.write import STUDY, Place

    def fill(folder, text):
        (folder / "overall.csv").write_text(text)
        write_manifest(folder, command="", provenance="simulated", parameters={})

    for text in ("a", "b"):
        with Place(tmp_path / "s", STUDY).filling() as fresh:
            fill(fresh, text)
    assert (tmp_path / "s" / "overall.csv").read_text() == "b"
    before = held(tmp_path)

    def full_disk():
        with Place(tmp_path / "s", STUDY).filling() as fresh:
            fill(fresh, "c")
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="no space left"):
        full_disk()
    assert held(tmp_path) == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    fill(tmp_path / "mine", "x")
    stays(tmp_path, lambda: check_output(tmp_path / "mine", STUDY), "not of the study")
    stays(tmp_path, lambda: check_output(tmp_path / "s"), "not of the report")


# A masked map: its recipe says which file is ours.


@pytest.fixture
def points(tmp_path):
    file = tmp_path / "points.csv"
    frame = pd.DataFrame({"x": range(12), "y": range(12), "note": ["=1+1", "-3", "a", "@x"] * 3})
    frame.to_csv(file, index=False)
    return file


def masked(points, out, **more):
    return mask_file(points, mask="donut:5:10", out=out, **{"seed": 1, **more})


def test_a_masked_copy_replaces_no_file_but_a_former_copy(points, tmp_path):
    out = tmp_path / "m.csv"
    out.write_text("years of work")
    stays(tmp_path, lambda: masked(points, out), "a new file, or a former copy with its recipe")
    out.unlink()
    masked(points, out)
    masked(points, out, seed=2)
    out.write_text(out.read_text() + "0,0\n")
    stays(tmp_path, lambda: masked(points, out), "a new file, or a former copy with its recipe")


def test_a_recipe_of_the_users_stays(points, tmp_path):
    (tmp_path / "m.csv.recipe.json").write_text('{"flour": 500}')
    stays(tmp_path, lambda: masked(points, tmp_path / "m.csv"), "m.csv.recipe.json")


def test_no_input_is_written_over(points, tmp_path):
    addresses = tmp_path / "addresses.csv"
    addresses.write_text(
        "code_insee,numero,nom_voie,x,y\n" + "".join(f"1,{i},r,{i},{i}\n" for i in range(12))
    )
    stays(tmp_path, lambda: masked(points, addresses, addresses=addresses))
    os.link(points, tmp_path / "same.csv")
    stays(tmp_path, lambda: masked(points, tmp_path / "same.csv"), "apart from the input")
    # Even a masked copy, which may be replaced, is not while it is read.
    masked(points, tmp_path / "m.csv")
    stays(tmp_path, lambda: masked(tmp_path / "m.csv", tmp_path / "m.csv"), "apart from the input")


def test_planted_links_are_followed_or_refused(points, tmp_path):
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("years of work")
    for name in (".m.csv.part", ".m.csv.recipe.json.part"):
        (tmp_path / name).symlink_to(thesis)
    (tmp_path / "m.csv").symlink_to(tmp_path / "there.csv")
    masked(points, tmp_path / "m.csv")
    assert thesis.read_text() == "years of work"
    assert (tmp_path / "m.csv").is_symlink()
    assert (tmp_path / "there.csv").is_file()
    masked(points, tmp_path / "m.csv", seed=2)
    (tmp_path / "n.csv").symlink_to(thesis)
    stays(tmp_path, lambda: masked(points, tmp_path / "n.csv"), "a new file")


def test_what_is_kept_runs_no_formula_and_numbers_stay(points, tmp_path):
    masked(points, tmp_path / "m.csv", keep=("note",))
    kept = set(pd.read_csv(tmp_path / "m.csv", dtype=str)["note"])
    assert kept == {"'=1+1", "-3", "a", "'@x"}


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_killed_mask_leaves_nothing_after_the_next(points, tmp_path, at):
    out = tmp_path / "m.csv"
    masked(points, out)
    before = held(tmp_path)
    killed(os, "replace", at, lambda: masked(points, out, seed=2))
    # A copy that is there is whole, old or new; parts are hidden, and the next run's to remove.
    assert (out.read_bytes() == before["m.csv"]) == (at < 3)
    masked(points, out)
    assert held(tmp_path) == before


def test_a_file_for_the_pia_tool_that_somebody_filled_in_stays(tmp_path, capsys):
    description = tmp_path / "d.toml"
    assert main(["rules", "--init", str(description)]) == 0
    pia = tmp_path / "p.json"
    words = ["rules", str(description), "--as-of", "2016-11-08", "--pia", str(pia)]
    assert main([*words, "--out", str(tmp_path / "a")]) == 0
    # The same bytes again are no loss.
    assert main([*words, "--out", str(tmp_path / "a")]) == 0
    told = json.loads(pia.read_text())
    told["pia"]["name"] = "as I filled it in"
    pia.write_text(json.dumps(told))
    before = held(tmp_path)
    assert main([*words, "--out", str(tmp_path / "b")]) == 2
    assert {n: v for n, v in held(tmp_path).items() if n[0] != "b"} == before
    assert capsys.readouterr().err.count("\n") == 1


# What DuckDB spills, and a copy in UTF-8 of a file in other letters.


def test_no_copy_of_a_real_file_has_a_name(tmp_path):
    from privaudit.io.csv_dialects import inspect_text_file
    from privaudit.tables.counting import class_sizes

    file = tmp_path / "t.csv"
    file.write_bytes("a\nné à Orléans\n".encode("cp1252"))
    with spilling(tmp_path) as folder:
        copy = inspect_text_file(file, who="t").in_utf8(folder, "t")
        assert os.listdir(folder) == [".privaudit-spill"]
        assert copy.read_text() == "a\nné à Orléans\n"
    assert class_sizes(file, ("a",), spill_directory=tmp_path).records == 1
    assert os.listdir(tmp_path) == ["t.csv"]


def test_what_a_killed_count_left_is_swept_and_nothing_else(tmp_path):
    def count():
        with spilling(tmp_path) as folder:
            Path(folder, "duckdb_temp_storage_DEFAULT-0.tmp").write_text("Zxqv")
            os.getppid()

    killed(os, "getppid", 1, count)
    (left,) = tmp_path.iterdir()
    # A folder of the user's with such a name, and a run that goes on.
    mine = tmp_path / "privaudit-notes"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    empty = tmp_path / "privaudit-spill-empty"
    empty.mkdir(mode=0o755)
    with spilling(tmp_path) as other:
        assert not left.exists()
        with spilling(tmp_path) as folder:
            assert os.path.isdir(other)
            assert os.stat(folder).st_mode & 0o777 == 0o700
    assert sorted(os.listdir(tmp_path)) == ["privaudit-notes", "privaudit-spill-empty"]
    assert (mine / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("moment", ["mkdtemp", "hold"])
def test_another_run_that_sweeps_does_not_take_a_folder_that_was_just_made(
    tmp_path, monkeypatch, moment
):
    """Found by runs side by side: a folder was swept before its run held it."""
    first, made, call = [True], [], getattr(duckdb, moment)

    def swept(*args, **named):
        # Another run sweeps after the folder was made, or before it is held.
        if moment == "hold" and first:
            first.clear()
            (folder,) = tmp_path.iterdir()
            with call(folder / duckdb._MARK) as free:
                assert free
                with call(*args) as taken:
                    assert not taken
            folder.rmdir()
            return call(*args, **named)
        result = call(*args, **named)
        if moment == "mkdtemp" and first:
            first.clear()
            duckdb.sweep_spills(tmp_path)
            assert not os.path.exists(result)
        made.append(result)
        return result

    monkeypatch.setattr(duckdb, moment, swept)
    with spilling(tmp_path) as folder:
        Path(folder, "a.csv").write_text("a")
    assert made
    assert os.listdir(tmp_path) == []


def test_any_next_command_sweeps_what_a_killed_one_left(tmp_path, monkeypatch, capsys):
    """Found by kills: only a command that itself unpacks something removed another's copies."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def unpack():
        with spilling() as folder:
            Path(folder, "people.csv").write_text("Zxqv")
            os.getppid()

    killed(os, "getppid", 1, unpack)
    assert len(list(tmp_path.iterdir())) == 1
    assert main(["cache", "--cache", str(tmp_path / "none")]) == 0
    assert list(tmp_path.iterdir()) == []


def test_what_is_unpacked_of_a_zip_is_ours_alone_and_does_not_stay(tmp_path, monkeypatch):
    """Found by the fuzz: the copy kept its name, which the end of the run did not know."""
    import tempfile
    import zipfile

    from privaudit.io import readers
    from privaudit.release.read_table import read_table

    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("../.privaudit-spill", "x")
        archive.writestr("deep/people.csv", "age,zone\n34,a\n51,b\n")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    seen, real = [], readers.read_frame

    def look(*arguments, **options):
        seen.extend(p.stat().st_mode & 0o777 for p in (tmp_path / "tmp").rglob("*.csv"))
        return real(*arguments, **options)

    monkeypatch.setattr("privaudit.io.formats.archive.read_frame", look)
    assert len(read_table(tmp_path / "t.zip")) == 2
    assert seen == [0o600]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_the_current_folder_can_be_reached_by_a_link(study, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(OutputError, match="folder of its own"):
        report(study, tmp_path / "link")


def test_a_full_disk_leaves_copy_and_recipe_as_they_were(points, tmp_path, monkeypatch):
    """The recipe fitted, the copy did not: the recipe told of a copy that was never written."""
    masked(points, tmp_path / "m.csv")
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    stays(tmp_path, lambda: masked(points, tmp_path / "m.csv", seed=2), "can be written")


def test_stopped_while_it_loads_is_one_line(monkeypatch, capsys):
    from privaudit import __main__, cli

    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", stop)
    assert __main__.run() == 130
    assert capsys.readouterr().err == "privaudit: stopped; nothing was written\n"
