"""The cache: what is not its own is neither changed, nor deleted, nor believed."""

import json
import os
import shutil
import stat

import pytest

from privaudit.cli import main
from privaudit.core.cache import Store, default_directory, key_file
from privaudit.core.files import hold
from privaudit.errors import OutputError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("CONFIG", "CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / "home" / name.lower()))
    return tmp_path / "home"


def put(store, value, **recipe):
    return store.stage("stage", version=1, recipe=recipe, make=lambda: value, types=())


def values(folder):
    return sorted(folder.rglob("*.stage"))


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
    assert not (tmp_path / "cache").exists()
    again = Store(tmp_path / "cache")
    put(again, 2, other=True)
    assert again.summary()["stages"] == 1


def test_clearing_deletes_nothing_but_stages(tmp_path):
    store = Store(tmp_path / "cache")
    put(store, 1)
    names = ("notes.txt", "ab/notes.txt", f"ab/{'0' * 64}.stage", "x.stage")
    theirs = [tmp_path / "cache" / name for name in names]
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    assert store.clear() == 1
    assert all(path.read_text() == "mine" for path in theirs)
    assert values(tmp_path / "cache") == theirs[2:]


def test_asking_what_a_cache_holds_makes_none(tmp_path, capsys):
    assert main(["cache", "--cache", str(tmp_path / "none")]) == 0
    assert "0 simulated stages" in capsys.readouterr().out
    assert main(["cache", "--clear", "--cache", str(tmp_path / "none")]) == 0
    assert not (tmp_path / "none").exists()


def test_the_key_is_outside_the_folder_and_nobody_elses_to_read(tmp_path):
    store = Store(tmp_path / "cache")
    put(store, 1)
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
            store.clear()
            put(store, "right")
            (file,) = values(tmp_path / "cache")


def test_a_value_laid_under_another_recipe_is_not_believed(tmp_path):
    store = Store(tmp_path / "cache")
    put(store, "first", seed=1)
    (first,) = values(tmp_path / "cache")
    put(store, "second", seed=2)
    (second,) = [file for file in values(tmp_path / "cache") if file != first]
    second.write_bytes(first.read_bytes())
    assert put(store, "made anew", seed=2) == "made anew"


def test_a_cache_of_another_user_or_machine_is_refused(tmp_path, monkeypatch):
    """Unpacked from a stranger's archive, it belongs to the user, and was made by somebody else."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "stranger"))
    store = Store(tmp_path / "cache")
    put(store, "planted")
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
    assert (tmp_path / "link").is_symlink()


def test_a_link_for_the_sign_is_not_followed(tmp_path):
    Store(tmp_path / "cache")
    sign = tmp_path / "cache" / "owner"
    victim = sign.rename(tmp_path / "victim")
    before = victim.read_bytes()
    sign.symlink_to(victim)
    with pytest.raises(OutputError):
        Store(tmp_path / "cache")
    assert victim.read_bytes() == before


def test_a_sign_that_changes_while_a_run_uses_the_folder_stops_writing(tmp_path):
    store = Store(tmp_path / "cache")
    (tmp_path / "cache" / "owner").write_text("of another cache")
    assert put(store, "made") == "made"
    assert values(tmp_path / "cache") == []


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


def test_what_a_killed_writer_left_is_swept_and_what_a_live_one_writes_is_not(tmp_path):
    store = Store(tmp_path / "cache")
    put(store, 1)
    part = tmp_path / "cache" / f".{'0' * 64}.stage.privaudit-{'0' * 16}.part"
    part.write_bytes(b"half")
    descriptor = os.open(part, os.O_RDONLY)
    assert hold(descriptor)
    Store(tmp_path / "cache")
    assert part.exists()
    os.close(descriptor)
    again = Store(tmp_path / "cache")
    assert not part.exists()
    assert put(again, 2) == 1
