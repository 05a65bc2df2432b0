"""Report folders and caches that somebody damaged: one line, or as if nothing were there.

Never a traceback, never a file of the user's that is replaced, removed or followed to.
"""

import json
import os
import random
import shutil
import stat
from pathlib import Path

import pytest

from privaudit.cli import main
from privaudit.core.cache import Store, key_file
from privaudit.errors import PrivauditError
from privaudit.report.manifest import MANIFEST, write_manifest
from privaudit.report.write import Place, report
from privaudit.studies.study import Study

STUDY = Study(kind="map", title="leak", provenance="simulated", real_places=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A report, once for all."""
    return report(STUDY, tmp_path_factory.mktemp("whole") / "out").parent


@pytest.fixture
def folder(whole, tmp_path):
    """A report of this test alone, with something of the user's beside it."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "letter.txt").write_text("mine")
    return Path(shutil.copytree(whole, tmp_path / "out"))


def held(folder):
    """What stands below a folder: bytes, or where a link leads."""
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def refused(run):
    """Run something; return the line with which it was refused, "" where it was done."""
    try:
        run()
    except PrivauditError as error:
        return str(error)
    return ""


def one_line(capsys, status):
    """Ask for a verdict, a line on one of both streams, and no traceback."""
    said = capsys.readouterr()
    assert status in (0, 2)
    assert (said.out + said.err).count("\n") == 1
    assert all(letter.isprintable() for letter in (said.out + said.err).rstrip("\n"))
    assert "Traceback" not in said.err
    return said.out + said.err


def judge(folder, capsys):
    """Verify a folder, then try to write a report over it; return what verifying said."""
    theirs, before = held(folder.parent / "theirs"), held(folder)
    status = main(["report", "--verify", str(folder)])
    said = one_line(capsys, status)
    assert held(folder) == before
    if refused(lambda: report(STUDY, folder)):
        assert held(folder) == before
    else:
        # Replaced: then nothing but what a manifest told was there.
        assert status == 0 or "missing" in said or f"changed {MANIFEST}" in said
    assert held(folder.parent / "theirs") == theirs
    return status, said


MANIFESTS = {
    "empty": "",
    "a list": "[]",
    "null": "null",
    "a number": "7",
    "no outputs": '{"schema": 1}',
    "outputs of text": '{"schema": 1, "outputs": "index.html"}',
    "outputs of numbers": '{"schema": 1, "outputs": [1, 2]}',
    "outputs by name": '{"schema": 1, "outputs": {"path": "index.html"}}',
    "a path that is none": '{"schema": 1, "outputs": [{"path": 3}]}',
    "no schema": '{"outputs": []}',
    "another schema": '{"schema": 99, "outputs": []}',
    "nan": '{"schema": 1, "outputs": [], "date": NaN}',
    "infinite": '{"schema": 1, "outputs": [], "parameters": {"x": 1e999}}',
    "half a letter": '{"schema": 1, "outputs": [], "command": "\\ud800"}',
    "a path of half a letter": '{"schema": 1, "outputs": [{"path": "\\udcff"}]}',
    "a path that commands": '{"schema": 1, "outputs": [{"path": "\\u001b[2J\\u202e"}]}',
    "up and out": '{"schema": 1, "outputs": [{"path": "../theirs/letter.txt"}]}',
    "a long number": '{"schema": ' + "1" * 5_000 + "}",
    "deep": '{"schema": 1, "outputs": [], "parameters": ' + "[" * 900 + "]" * 900 + "}",
    "deeper": "[" * 200_000,
    "twice the same path": '{"schema": 1, "outputs": [{"path": "a"}, {"path": "a"}]}',
    "a zero byte": '{"schema": 1, "outputs": [{"path": "a\\u0000b"}]}',
}


@pytest.mark.parametrize("text", MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_is_none_is_one_line(text, folder, capsys):
    (folder / MANIFEST).write_text(text)
    assert judge(folder, capsys)[0] == 2


def test_a_manifest_without_end_is_one_line(folder, capsys):
    with (folder / MANIFEST).open("wb") as file:
        file.truncate(3 << 30)
    status = main(["report", "--verify", str(folder)])
    assert status == 2
    assert "bytes" in one_line(capsys, status)
    with pytest.raises(PrivauditError):
        report(STUDY, folder)


@pytest.mark.parametrize("cut", [1, 10, 100, 400, -1, -2, -30])
def test_a_manifest_cut_short_is_one_line(cut, folder, capsys):
    data = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(data[:cut])
    # Without its last line break nothing is wanting.
    assert judge(folder, capsys)[0] == (0 if cut == -1 else 2)


@pytest.mark.parametrize("kind", ["link", "link to itself", "pipe", "folder", "gone"])
@pytest.mark.parametrize("name", [MANIFEST, "index.html", "tables"])
def test_what_is_no_file_is_not_opened(kind, name, folder, capsys):
    """A pipe would hang, a link lead away, and a folder hold somebody's."""
    where = folder / name
    shutil.rmtree(where) if where.is_dir() else where.unlink()
    if kind == "link":
        where.symlink_to(folder.parent / "theirs")
    elif kind == "link to itself":
        where.symlink_to(where)
    elif kind == "pipe":
        os.mkfifo(where)
    elif kind == "folder":
        (where / "deep").mkdir(parents=True)
        (where / "deep" / "letter.txt").write_text("mine")
    if kind == "pipe":
        status = main(["report", "--verify", str(folder)])
        one_line(capsys, status)
        assert status == 2
        with pytest.raises(PrivauditError):
            report(STUDY, folder)
        assert stat.S_ISFIFO(where.lstat().st_mode)
        return
    judge(folder, capsys)


def test_a_name_that_is_no_text_is_told_and_kept(folder, capsys):
    (folder / "tables" / os.fsdecode(b"\xff\x1b[2J.csv")).write_text("mine")
    assert judge(folder, capsys)[0] == 2


@pytest.mark.parametrize("seed", range(12))
def test_files_that_are_changed_or_swapped_stay(seed, folder, capsys):
    rng = random.Random(seed)
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    one, two = rng.sample(files, 2)
    data = bytearray(one.read_bytes())
    how = rng.choice(["flip", "cut", "swap", "add", "two manifests"])
    if how == "flip":
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        one.write_bytes(data)
    elif how == "cut":
        one.write_bytes(data[: rng.randrange(len(data) - 1)])
    elif how == "swap":
        other = two.read_bytes()
        two.write_bytes(data)
        one.write_bytes(other)
    elif how == "add":
        (folder / "figures" / "photo.svg").write_text("mine")
    else:
        shutil.copy(folder / MANIFEST, folder / "tables" / "manifest.csv")
    assert judge(folder, capsys)[0] == 2


def test_a_manifest_of_the_users_files_does_not_make_them_ours(tmp_path, capsys):
    """Somebody wrote a right manifest into the user's own folder: its names are no report's."""
    (tmp_path / "out" / "photos").mkdir(parents=True)
    (tmp_path / "out" / "photos" / "a.jpg").write_text("mine")
    write_manifest(tmp_path / "out", command="", provenance="simulated", parameters={})
    with pytest.raises(PrivauditError, match="other files"):
        Place(tmp_path / "out").check()
    assert (tmp_path / "out" / "photos" / "a.jpg").read_text() == "mine"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of two stages under a key of its own, and a letter outside."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "letter.txt").write_text("mine")
    store = Store(tmp_path / "cache")
    for number in (1, 2):
        put(store, number)
    store.close()
    return tmp_path / "cache"


def put(store, number):
    """A stage whose value is its number."""
    how = {"version": 1, "recipe": {"number": number}, "types": ()}
    return store.stage("stage", make=lambda: number, **how)


def damage(path, how, rng, theirs):
    """Do something to a file of a cache."""
    data = bytearray(path.read_bytes())
    if how == "cut":
        path.write_bytes(data[: rng.randrange(len(data))])
    elif how == "flip":
        for _ in range(rng.choice([1, 3, 200])):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
    elif how == "swollen":
        with path.open("r+b") as file:
            file.truncate(len(data) + (1 << 33))
    else:
        path.unlink()
        if how == "link":
            path.symlink_to(theirs / "letter.txt")
        elif how == "pipe":
            os.mkfifo(path)
        elif how == "folder":
            path.mkdir()
            (path / "letter.txt").write_text("mine")


HOW = ("cut", "flip", "swollen", "link", "pipe", "folder", "gone")


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("which", ["value", "cache.db", "owner", "key"])
def test_a_damaged_cache_gives_the_right_value_or_one_line(how, which, cache, capsys):
    rng = random.Random(how + which)
    theirs = cache.parent / "theirs"
    before = held(theirs)
    known = {"value": next(cache.rglob("*.val")), "key": key_file()}
    damage(known.get(which, cache / which), how, rng, theirs)
    status = main(["cache", "--cache", str(cache)])
    one_line(capsys, status)
    if said := refused(lambda: Store(cache).close()):
        assert "\n" not in said
        assert which != "value"
    else:
        store = Store(cache)
        assert [put(store, number) for number in (1, 2)] == [1, 2]
        store.close()
    assert held(theirs) == before


def test_values_of_two_recipes_laid_crosswise_are_made_anew(cache):
    one, two = sorted(cache.rglob("*.val"))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    store = Store(cache)
    assert [put(store, number) for number in (1, 2)] == [1, 2]
    assert store.hits == []
    store.close()


def test_a_whole_folder_of_another_key_is_refused_and_stays(cache, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(cache.parent / "other"))
    before = held(cache)
    with pytest.raises(PrivauditError, match="somebody else"):
        Store(cache)
    assert held(cache) == before


def test_a_folder_of_another_owner_is_refused(cache, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: cache.stat().st_uid + 1)
    before = held(cache)
    with pytest.raises(PrivauditError, match="another user"):
        Store(cache)
    assert held(cache) == before


def test_a_manifest_is_read_as_text_of_this_library(folder):
    """The good report agrees: else every refusal above would mean nothing."""
    told = json.loads((folder / MANIFEST).read_text())
    assert main(["report", "--verify", str(folder)]) == 0
    assert {one["path"] for one in told["outputs"]} >= {"index.html", "findings.json"}


@pytest.mark.parametrize("kind", ["whole", "empty", "with a file missing"])
def test_what_a_run_that_was_killed_between_two_moves_left_is_put_back(kind, folder):
    """The former report stands beside, and nothing in its place: whole or empty, it goes back."""
    if kind == "empty":
        shutil.rmtree(folder)
        folder.mkdir()
    elif kind != "whole":
        (folder / "annex.html").unlink()
    before = held(folder)
    former = folder.with_name(".out.former")
    folder.rename(former)
    Place(folder).check()
    assert not former.exists()
    assert folder.exists() is (kind != "with a file missing")
    assert not folder.exists() or held(folder) == before
