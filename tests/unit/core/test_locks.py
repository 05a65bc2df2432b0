"""Lock files: one run holds one, others see it, a killed run's is free, and none stays behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from privaudit.core import files
from privaudit.core.files import alone_in, hold

HOLDS = """
import sys, time
from pathlib import Path
from privaudit.core.files import hold
with hold(Path(sys.argv[1])) as free:
    print(free, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds a lock until it is killed or told to go on."""
    words = [sys.executable, "-c", HOLDS, str(tmp_path / ".lock")]
    run = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "True\n"
    yield run
    run.kill()
    run.communicate()


def is_free(lock: Path) -> bool:
    with hold(lock) as free:
        return free


def test_what_another_process_holds_is_not_free_until_it_ends(tmp_path, holder):
    assert not is_free(tmp_path / ".lock")
    holder.communicate("go on\n")
    assert list(tmp_path.iterdir()) == []
    assert is_free(tmp_path / ".lock")


def test_what_a_killed_process_held_is_free_and_goes(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert (tmp_path / ".lock").exists()
    assert is_free(tmp_path / ".lock")
    assert list(tmp_path.iterdir()) == []


def test_one_process_holds_it_once(tmp_path):
    with hold(tmp_path / ".lock") as free:
        assert free
        assert not is_free(tmp_path / ".lock")
    assert is_free(tmp_path / ".lock")


@pytest.mark.parametrize("kind", ["a file that holds something", "a link", "a folder"])
def test_what_is_somebodys_is_taken_for_held_and_stays(tmp_path, kind):
    lock, other = tmp_path / ".lock", tmp_path / "mine"
    other.write_text("")
    if kind == "a link":
        lock.symlink_to(other)
    elif kind == "a folder":
        lock.mkdir()
    else:
        lock.write_text("mine")
    before = sorted(os.lstat(path).st_mtime_ns for path in tmp_path.iterdir())
    assert not is_free(lock)
    assert sorted(os.lstat(path).st_mtime_ns for path in tmp_path.iterdir()) == before


def test_a_lock_is_waited_for_only_where_that_is_asked(tmp_path, monkeypatch):
    """By a clock that waiting alone moves: a busy machine takes longer for one look."""
    waits = []
    monkeypatch.setattr(files.time, "sleep", waits.append)
    monkeypatch.setattr(files.time, "monotonic", lambda: sum(waits))
    with hold(tmp_path / ".lock"):
        assert not is_free(tmp_path / ".lock")
        assert waits == []
        with hold(tmp_path / ".lock", seconds=0.025) as free:
            assert not free
        assert waits == [0.01] * 3


def test_a_folder_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_SECONDS", 0.05)
    with alone_in(tmp_path), pytest.raises(TimeoutError), alone_in(tmp_path):
        pass
    with alone_in(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [".privaudit.lock"]
    assert list(tmp_path.iterdir()) == []


def test_a_move_is_tried_again_where_another_program_has_the_file(tmp_path, monkeypatch):
    """A virus scanner of Windows opens what was just written, for a moment."""
    (tmp_path / "a").write_text("a")
    real, refused = os.replace, [PermissionError(13, "in use")] * 2

    def replace(old, new):
        if refused:
            raise refused.pop()
        real(old, new)

    monkeypatch.setattr(files.os, "replace", replace)
    monkeypatch.setattr(files, "_RETRIES", (0.0,) * 3)
    with pytest.raises(PermissionError):
        files.move(tmp_path / "a", tmp_path / "b")
    monkeypatch.setattr(files, "POSIX", False)
    files.move(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "a"


@pytest.mark.parametrize(
    ("name", "on_windows"),
    [
        ("CON", "_CON"), ("con.csv", "_con.csv"), ("Aux .txt", "_Aux .txt"), ("COM1", "_COM1"),
        ("lpt9.tar.gz", "_lpt9.tar.gz"), ("a:b", "a_b"), ("end. ", "end"), ("...", "_"),
        ("console.csv", "console.csv"), ("COM10", "COM10"), ("été 2016.csv", "été 2016.csv"),
    ],
)  # fmt: skip
def test_a_name_is_one_that_windows_can_have(name, on_windows):
    """The names that Microsoft lists as reserved, with an ending or without."""
    assert files.portable_name(name) == on_windows
