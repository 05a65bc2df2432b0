"""The store: what it gives back, and what a planted directory cannot make it do."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.core.cache import Store, decode, encode, fingerprint, recipe_key
from privaudit.errors import OutputError


@dataclass(frozen=True)
class Stage:
    frame: pd.DataFrame
    numbers: np.ndarray
    words: tuple[str, ...]


def a_stage() -> Stage:
    frame = pd.DataFrame(
        {
            "name": pd.array(["Éric", None, "Zoé", "Éric"], dtype="str"),
            "age": np.array([45, 43, 11, 8], dtype=np.int16),
            "share": [0.5, np.nan, -0.0, np.inf],
            "voter": [True, False, True, False],
            "seen": np.array(["2016-08-30T20:10:00", "NaT"] * 2, dtype="datetime64[s]"),
        }
    )
    return Stage(frame, np.arange(6).reshape(2, 3), ("a", "b"))


@contextmanager
def database(directory: Path):
    with closing(sqlite3.connect(directory / "cache.db")) as connection, connection:
        yield connection


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "cache")
    yield store
    store.close()


def make_stage(store, **recipe):
    return store.stage("stage", version=1, recipe=recipe, make=a_stage, types=(Stage,))


def only_row(directory: Path) -> tuple:
    with database(directory) as connection:
        (row,) = connection.execute("SELECT key, filename FROM Cache").fetchall()
    return row


def test_a_stage_comes_back_equal(store):
    first, second = make_stage(store, seed=7), make_stage(store, seed=7)
    assert (store.misses, store.hits) == (["stage"], ["stage"])
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert list(first.frame.dtypes) == list(second.frame.dtypes)
    np.testing.assert_array_equal(first.numbers, second.numbers)
    assert second.words == ("a", "b")


def test_another_recipe_is_a_miss(store):
    make_stage(store, seed=7)
    make_stage(store, seed=8)
    assert store.misses == ["stage", "stage"]


def test_key_tells_stage_version_and_recipe_apart():
    keys = {
        recipe_key("a", 1, {"x": 1}),
        recipe_key("b", 1, {"x": 1}),
        recipe_key("a", 2, {"x": 1}),
        recipe_key("a", 1, {"x": 1.5}),
    }
    assert len(keys) == 4
    assert recipe_key("a", 1, {"x": 1, "y": 2}) == recipe_key("a", 1, {"y": 2, "x": 1})


def test_fingerprint_sees_names_types_and_cells():
    frame = pd.DataFrame({"x": np.array([1, 2], dtype=np.int64)})
    others = [
        frame.rename(columns={"x": "y"}),
        frame.astype(np.int32),
        frame.assign(x=[1, 3]),
        frame.iloc[::-1].reset_index(drop=True),
    ]
    assert all(fingerprint(frame) != fingerprint(other) for other in others)
    assert fingerprint(frame) == fingerprint(frame.copy())


def test_codec_refuses_objects_and_strange_types():
    with pytest.raises(TypeError, match="objects"):
        encode(np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="not asked for"):
        decode(encode(a_stage()), types=())


def test_a_damaged_value_is_a_miss(store):
    make_stage(store)
    path = store.directory / only_row(store.directory)[1]
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    make_stage(store)
    assert store.hits == []


def test_a_planted_pickle_runs_nothing(store, tmp_path):
    make_stage(store)
    canary = tmp_path / "ran"
    # A pickle that would make a file, written by hand: the suite itself never loads pickle.
    planted = b"cos\nsystem\n(S'touch " + str(canary).encode() + b"'\ntR."
    with database(store.directory) as connection:
        connection.execute("UPDATE Cache SET mode = 4, filename = NULL, value = ?", (planted,))
    make_stage(store)
    assert store.hits == []
    assert not canary.exists()


def test_a_planted_file_name_deletes_nothing(store, tmp_path):
    make_stage(store)
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    with database(store.directory) as connection:
        connection.execute("UPDATE Cache SET filename = ?", (str(victim),))
    store.clear()
    assert victim.read_text() == "mine"


def test_a_link_in_place_of_a_value_is_a_miss(store, tmp_path):
    make_stage(store)
    path = store.directory / only_row(store.directory)[1]
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    make_stage(store)
    assert store.hits == []


def test_a_planted_setting_is_refused(tmp_path):
    directory = tmp_path / "cache"
    Store(directory).close()
    with database(directory) as connection:
        connection.execute("INSERT INTO Settings VALUES ('_sql', 'planted')")
    with pytest.raises(OutputError, match="a database that privaudit made"):
        Store(directory)


def test_folder_is_closed_to_others(store):
    assert store.directory.stat().st_mode & 0o777 == 0o700


def test_folder_open_to_others_is_refused(tmp_path):
    directory = tmp_path / "open"
    directory.mkdir()
    directory.chmod(0o777)
    with pytest.raises(OutputError, match="others cannot write"):
        Store(directory)


def test_a_killed_writer_leaves_a_store_that_works(tmp_path):
    directory = tmp_path / "cache"
    code = (
        "import os, sys\n"
        "from privaudit.core import cache\n"
        "store = cache.Store(sys.argv[1])\n"
        "store._cache._disk._write = lambda *a: (open(a[0], 'xb').write(b'half'), os._exit(9))\n"
        "import pathlib\n"
        "original = type(store._cache._disk).filename\n"
        "def filename(self, *a):\n"
        "    name, path = original(self, *a)\n"
        "    pathlib.Path(path).parent.mkdir(parents=True)\n"
        "    return name, path\n"
        "type(store._cache._disk).filename = filename\n"
        "store.stage('s', version=1, recipe={}, make=lambda: 1, types=())\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(directory)], check=False)
    assert ended.returncode == 9
    orphans = list(directory.rglob("*.val"))
    assert len(orphans) == 1
    store = Store(directory)
    assert store.stage("s", version=1, recipe={}, make=lambda: 2, types=()) == 2
    store.clear()
    store.close()
    assert not orphans[0].exists()


def test_a_value_over_the_limit_is_made_and_not_kept(tmp_path):
    store = Store(tmp_path / "cache", size_limit=100)
    make_stage(store)
    make_stage(store)
    assert store.hits == []
    store.close()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="needs root to chown")
def test_folder_of_another_user_is_refused(tmp_path):
    directory = tmp_path / "theirs"
    directory.mkdir(mode=0o700)
    os.chown(directory, 12345, 12345)
    with pytest.raises(OutputError, match="another user"):
        Store(directory)
