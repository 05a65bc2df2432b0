"""The cache: what is not its own is neither changed, nor deleted, nor believed."""

import json
import os
import shutil
import sqlite3
import stat
from contextlib import closing, suppress

import pytest

from privaudit.cli import main
from privaudit.core.cache import Store, default_directory, key_file
from privaudit.errors import OutputError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("CONFIG", "CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "home" / name.lower()))
    return tmp_path / "home"


def put(store, value, **recipe):
    return store.stage("stage", version=1, recipe=recipe, make=lambda: value, types=())


def values(folder):
    return sorted(folder.rglob("*.val"))


def held(folder):
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.is_file() and path.read_bytes())
        for path in sorted(folder.rglob("*"))
    } | {".": folder.stat().st_mode}


def test_a_folder_of_the_users_is_neither_opened_nor_cleared(tmp_path, capsys):
    mine = tmp_path / "mine"
    (mine / "deep").mkdir(parents=True)
    (mine / "thesis.txt").write_text("years of work")
    (mine / "deep" / "photo.jpg").write_bytes(b"\xff\xd8")
    mine.chmod(0o755)
    before = held(mine)
    for words in (["--clear"], []):
        assert main(["cache", "--cache", str(mine), *words]) == 2
        said = capsys.readouterr()
        assert (said.out, said.err.count("\n")) == ("", 1)
        assert held(mine) == before


def test_a_folder_that_goes_while_a_run_uses_it_is_not_made_by_halves(tmp_path):
    """What the run kept after it made a folder of values without a sign: refused ever after."""
    store = Store(tmp_path / "cache")
    put(store, 1)
    shutil.rmtree(tmp_path / "cache")
    assert put(store, 2, other=True) == 2
    store.close()
    assert not (tmp_path / "cache").exists()
    again = Store(tmp_path / "cache")
    put(again, 2, other=True)
    assert again.summary()["stages"] == 1
    again.close()


def test_clearing_deletes_nothing_but_stages(tmp_path):
    store = Store(tmp_path / "cache")
    put(store, 1)
    theirs = [tmp_path / "cache" / name for name in ("notes.txt", "ab/notes.txt", "x.val")]
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    assert store.clear() == 1
    store.close()
    assert all(path.read_text() == "mine" for path in theirs)
    assert values(tmp_path / "cache") == [tmp_path / "cache" / "x.val"]


def test_asking_what_a_cache_holds_makes_none(tmp_path, capsys):
    assert main(["cache", "--cache", str(tmp_path / "none")]) == 0
    assert "0 simulated stages" in capsys.readouterr().out
    assert main(["cache", "--clear", "--cache", str(tmp_path / "none")]) == 0
    assert not (tmp_path / "none").exists()


def test_the_key_is_outside_the_folder_and_nobody_elses_to_read(tmp_path):
    store = Store(tmp_path / "cache")
    put(store, 1)
    store.close()
    secret = key_file().read_bytes()
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert len(secret) >= 32
    assert all(
        secret not in path.read_bytes()
        for path in (tmp_path / "cache").rglob("*")
        if path.is_file()
    )
    assert not key_file().is_relative_to(default_directory())
    key_file().chmod(0o644)
    with pytest.raises(OutputError, match="needs a key that nobody else can read"):
        Store(tmp_path / "cache")


def test_a_changed_value_with_a_new_checksum_is_not_believed(tmp_path):
    """The checksum had no key: whoever could write the value could write the checksum."""
    import hashlib

    store = Store(tmp_path / "cache")
    put(store, "right")
    (file,) = values(tmp_path / "cache")
    for digest in (hashlib.blake2b, hashlib.sha256, hashlib.sha3_256):
        for size in (16, 20, 32, 64):
            wrong = file.read_bytes()[size:].replace(b"right", b"wrong")
            sum_ = digest(wrong).digest() if size == digest().digest_size else b""
            if digest is hashlib.blake2b:
                sum_ = digest(wrong, digest_size=size).digest()
            file.write_bytes(sum_ + wrong)
            assert put(store, "made anew") == "made anew"
            store._cache.clear()
            put(store, "right")
            (file,) = values(tmp_path / "cache")
    store.close()


def test_a_value_laid_under_another_recipe_is_not_believed(tmp_path):
    store = Store(tmp_path / "cache")
    put(store, "first", seed=1)
    (first,) = values(tmp_path / "cache")
    put(store, "second", seed=2)
    (second,) = [file for file in values(tmp_path / "cache") if file != first]
    second.write_bytes(first.read_bytes())
    assert put(store, "made anew", seed=2) == "made anew"
    store.close()


def test_a_cache_of_another_user_or_machine_is_refused(tmp_path, monkeypatch):
    """Unpacked from a stranger's archive, it belongs to the user, and was made by somebody else."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "stranger"))
    store = Store(tmp_path / "cache")
    put(store, "planted")
    store.close()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "me"))
    before = held(tmp_path / "cache")
    with pytest.raises(OutputError, match="somebody else"):
        Store(tmp_path / "cache")
    assert held(tmp_path / "cache") == before


def test_an_empty_folder_is_taken_and_a_link_to_one_too(tmp_path):
    (tmp_path / "there").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "there")
    store = Store(tmp_path / "link")
    put(store, 1)
    store.close()
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("name", ["cache.db", "cache.db-wal", "owner"])
def test_links_in_the_folder_are_not_followed(tmp_path, name):
    victim = tmp_path / "victim.db"
    with closing(sqlite3.connect(victim)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = victim.read_bytes()
    Store(tmp_path / "cache").close()
    (tmp_path / "cache" / name).unlink(missing_ok=True)
    (tmp_path / "cache" / name).symlink_to(victim)
    with pytest.raises(OutputError):
        Store(tmp_path / "cache")
    assert victim.read_bytes() == before


def test_a_database_with_letters_that_are_none_is_refused(tmp_path):
    """Found by the fuzz: a traceback, since SQLite hands over text that is no UTF-8."""
    Store(tmp_path / "cache").close()
    with closing(sqlite3.connect(tmp_path / "cache" / "cache.db")) as connection, connection:
        connection.execute("UPDATE Settings SET key = CAST(x'ff80' AS TEXT) WHERE rowid = 1")
    with pytest.raises(OutputError):
        Store(tmp_path / "cache")


# What a library leaves open of a database that it could not read, newer Pythons tell of.
UNREAD = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@UNREAD
@pytest.mark.parametrize("at", [0, 60, 100, 5_000, -1])
def test_a_damaged_database_is_a_miss_or_one_line(tmp_path, at):
    store = Store(tmp_path / "cache")
    put(store, "kept")
    store.close()
    file = tmp_path / "cache" / "cache.db"
    data = bytearray(file.read_bytes())
    end = len(data) if at == -1 else min(len(data), at + 4_096)
    data[max(at, 0) : end] = os.urandom(end - max(at, 0))
    file.write_bytes(data)
    # Whether it opens is SQLite's to say; anything but a refusal of ours fails the test.
    with suppress(OutputError):
        store = Store(tmp_path / "cache")
        assert put(store, "kept") == "kept"
        store.close()


@UNREAD
def test_a_database_that_breaks_while_it_is_used_is_a_miss(tmp_path):
    store = Store(tmp_path / "cache")
    put(store, "kept")
    with open(tmp_path / "cache" / "cache.db", "r+b") as file:
        file.write(os.urandom(40_000))
    for side in (tmp_path / "cache").glob("cache.db-*"):
        side.write_bytes(os.urandom(40_000))
    assert put(store, "made anew", seed=5) == "made anew"
    with suppress(sqlite3.Error):
        store.close()


def test_junk_under_a_right_key_is_a_miss(tmp_path, monkeypatch):
    """Bytes of ours that no version reads any more are made anew."""
    from privaudit.core import cache

    for data in (b"", b"PK\x03\x04junk", os.urandom(400), json.dumps([1]).encode()):
        store = Store(tmp_path / "cache")
        with monkeypatch.context() as patch:
            patch.setattr(cache, "encode", lambda value, data=data: data)
            put(store, 1)
        assert put(store, "made anew") == "made anew"
        store.clear()
        store.close()


def test_what_a_killed_writer_left_is_swept_when_nobody_else_writes(tmp_path):
    store = Store(tmp_path / "cache")
    put(store, 1)
    orphan = tmp_path / "cache" / "ab" / "cd" / ("0" * 28 + ".val")
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"half")
    second = Store(tmp_path / "cache")
    assert orphan.exists()
    second.close()
    store.close()
    store = Store(tmp_path / "cache")
    assert not orphan.parent.parent.exists()
    assert put(store, 2) == 1
    store.close()
