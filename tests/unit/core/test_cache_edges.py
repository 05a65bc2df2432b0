"""The store at its bounds: who may write there, how long a key is, what is locked, what fits."""

import math
import os
import stat
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.core import cache
from privaudit.core.cache import Store, decode, default_directory, encode, key_file, recipe_key
from privaudit.core.files import is_regular, put, regular
from privaudit.errors import OutputError


def stage(store, value, **recipe):
    return store.stage("s", version=1, recipe=recipe, make=lambda: value, types=())


@pytest.fixture(autouse=True)
def own_key(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_keys_are_text_and_never_unpickled():
    disk = cache._SafeDisk.__new__(cache._SafeDisk)
    key = "0f" * 32
    assert disk.get(key, True) == key
    assert disk.get(key, False) == ""
    assert disk.get(b"0f" * 32, True) == ""
    assert disk.get("0f" * 31, True) == ""
    assert disk.put(key) == (key, True)
    for wrong in ("0F" * 32, key + "0", 7, None):
        with pytest.raises(ValueError, match="64 hexadecimal"):
            disk.put(wrong)


def test_a_recipe_holds_no_number_that_json_does_not_have():
    with pytest.raises(ValueError, match="JSON"):
        recipe_key("s", 1, {"share": math.nan})


def test_folders_stand_where_the_system_says(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "c"))
    assert default_directory() == tmp_path / "c" / "privaudit" / "stages"
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_directory() == tmp_path / ".cache" / "privaudit" / "stages"
    assert key_file() == tmp_path / ".config" / "privaudit" / "cache.key"


@pytest.mark.parametrize(
    ("mode", "is_taken"), [(0o700, True), (0o755, True), (0o720, False), (0o702, False)]
)
def test_a_folder_that_others_write_is_refused(mode, is_taken, tmp_path):
    Store(tmp_path / "cache").close()
    (tmp_path / "cache").chmod(mode)
    if is_taken:
        Store(tmp_path / "cache").close()
    else:
        with pytest.raises(OutputError, match="others cannot write"):
            Store(tmp_path / "cache")


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "cache").write_text("mine")
    with pytest.raises(OutputError, match="a file"):
        Store(tmp_path / "cache")
    assert (tmp_path / "cache").read_text() == "mine"


@pytest.mark.parametrize(("length", "is_taken"), [(31, False), (32, True), (33, False)])
def test_a_key_has_32_bytes(length, is_taken, tmp_path):
    key_file().parent.mkdir(parents=True)
    key_file().write_bytes(b"k" * length)
    key_file().chmod(0o600)
    if is_taken:
        Store(tmp_path / "cache").close()
    else:
        with pytest.raises(OutputError, match="a key of 32 bytes"):
            Store(tmp_path / "cache")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_that_others_can_use_is_refused(mode, tmp_path):
    Store(tmp_path / "cache").close()
    key_file().chmod(mode)
    with pytest.raises(OutputError, match="chmod 600"):
        Store(tmp_path / "cache")


def test_what_is_made_is_the_users_alone(tmp_path):
    Store(tmp_path / "cache").close()
    for place, mode in ((tmp_path / "cache", 0o700), (key_file(), 0o600)):
        assert stat.S_IMODE(place.stat().st_mode) == mode
    assert stat.S_IMODE(key_file().parent.stat().st_mode) & 0o022 == 0
    assert [path.name for path in key_file().parent.iterdir()] == ["cache.key"]


def test_a_key_in_its_own_cache_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "cache"))
    with pytest.raises(OutputError, match="outside the cache"):
        Store(tmp_path / "cache")


def test_what_is_larger_than_the_cache_is_not_kept(tmp_path):
    store = Store(tmp_path / "cache", size_limit=400_000)
    for size, again in ((1_000, "kept"), (400_000, "made anew")):
        stage(store, "x" * size, size=size)
        store.hits.clear()
        stage(store, "x" * size, size=size)
        assert bool(store.hits) is (again == "kept")
    assert store.summary()["stages"] == 1
    assert store.clear() == 1
    assert store.summary()["stages"] == 0
    store.close()


def test_a_closed_store_lets_go_of_its_folder(tmp_path):
    store = Store(tmp_path / "cache")
    owner = store._owner
    store.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(owner)


def test_what_is_read_whole_is_a_regular_file_of_so_many_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert regular(tmp_path / "file", 5) == b"12345"
    assert regular(tmp_path / "file", 4) is None
    assert regular(tmp_path / "link") is None
    assert regular(tmp_path) is None
    assert regular(tmp_path / "none") is None
    assert [is_regular(tmp_path / n) for n in ("file", "link", ".", "none")] == [True, *[False] * 3]


def test_files_are_put_whole_in_their_order_and_nothing_is_left(tmp_path):
    (tmp_path / "old").write_text("before")
    theirs = tmp_path / ".old.privaudit-zz.part"
    theirs.write_text("mine")
    dead = tmp_path / f".old.privaudit-{'0' * 16}.part"
    dead.write_text("half")
    put({tmp_path / "old": b"after", tmp_path / "new": b"new"})
    assert (tmp_path / "old").read_bytes() == b"after"
    # What a dead run left goes; what is named nearly so stays.
    assert sorted(path.name for path in tmp_path.iterdir()) == [theirs.name, "new", "old"]
    with pytest.raises(OSError, match="No such file"):
        put({tmp_path / "old": b"third", tmp_path / "no folder" / "x": b""})
    assert (tmp_path / "old").read_bytes() == b"after"
    assert not list(Path(tmp_path).glob("*0.part"))


def test_values_come_back_as_they_were():
    index = pd.Index([3, 5], name="place")
    frame = pd.DataFrame({"x": [1.5, np.nan], "t": pd.array(["a", None], dtype="str")}, index=index)
    told = {
        "none": None, "yes": True, "list": [1, (2, "z")], "when": pd.Timestamp("2016-11-08T10:00"),
        "array": np.array([[1, 2]], dtype=np.int8), "number": np.float64(0.5), "frame": frame,
        "empty": {}, "range": frame.reset_index(drop=True),
    }  # fmt: skip
    back = decode(encode(told))
    for name in ("none", "yes", "list", "when", "number", "empty"):
        assert back[name] == told[name]
        assert type(back[name]) is not np.float64
    assert back["array"].dtype == np.int8
    np.testing.assert_array_equal(back["array"], told["array"])
    for name in ("frame", "range"):
        pd.testing.assert_frame_equal(back[name], told[name])
    assert isinstance(back["range"].index, pd.RangeIndex)
    for wrong in ({1, 2}, object(), pd.DataFrame({"c": pd.Categorical(["a"])})):
        with pytest.raises(TypeError, match="cannot store"):
            encode(wrong)


def test_an_empty_folder_that_is_taken_is_closed_to_others(tmp_path):
    (tmp_path / "cache").mkdir(mode=0o755)
    Store(tmp_path / "cache").close()
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_nothing_is_swept_while_any_run_uses_the_cache(tmp_path):
    """Two use it, one goes: what the other writes is named by no row yet."""
    one, other = Store(tmp_path / "cache"), Store(tmp_path / "cache")
    one.close()
    value = tmp_path / "cache" / "0f" / "0f" / ("0f" * 14 + ".val")
    value.parent.mkdir(parents=True)
    value.write_bytes(b"half of it")
    Store(tmp_path / "cache").close()
    assert value.exists()
    other.close()
    Store(tmp_path / "cache").close()
    assert not value.exists()
