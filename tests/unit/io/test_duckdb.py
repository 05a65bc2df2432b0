"""The engine: no network, no word of its errors, and files that are the user's alone and go."""

import errno
import os
import re
import stat
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from privaudit.core.files import hold
from privaudit.io.duckdb import (
    aggregated,
    cause,
    connected,
    frame_of,
    literal,
    literal_path,
    literal_pattern,
    out_of_memory,
    quoted,
    spilling,
    sweep_spills,
)


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


@pytest.fixture
def anybody():
    """Whatever else is made here may be read by anybody."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_what_is_spilled_is_the_users_alone_and_goes(tmp_path, anybody):
    with spilling(tmp_path) as spill:
        folder = Path(spill)
        assert mode(folder) == 0o700
        with spill.new("part") as file:
            file.write(b"cells")
        assert mode(folder / "part") == 0o600
        with pytest.raises(FileExistsError):
            spill.new("part")
        (folder / "link").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(FileExistsError):
            spill.new("link")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_has_no_name_where_files_are_open_by_number(tmp_path):
    with spilling(tmp_path) as spill:
        path = spill.copied([b"a,b\n", b"1,2\n"])
        assert path.read_bytes() == b"a,b\n1,2\n"
        named = [p.name for p in Path(spill).iterdir() if not p.name.startswith(".")]
        assert named == ([] if Path("/proc/self/fd").exists() else [path.name])
    assert not path.exists() or path.read_bytes() != b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("name", "rights", "goes"),
    [
        ("privaudit-spill-a", 0o700, True), ("privaudit-spill-a", 0o750, False),
        ("privaudit-spill-a", 0o701, False), ("privaudit-a", 0o700, False),
    ],
)  # fmt: skip
def test_what_a_killed_run_left_goes_and_what_is_somebodys_stays(tmp_path, name, rights, goes):
    folder = tmp_path / name
    folder.mkdir()
    (folder / ".privaudit-spill").write_bytes(b"")
    (folder / "part").write_bytes(b"cells")
    folder.chmod(rights)
    sweep_spills(tmp_path)
    assert folder.exists() is not goes
    assert (folder / "part").exists() is not goes


def test_a_folder_that_is_used_or_has_no_mark_stays(tmp_path):
    for name in ("used", "unmarked", "empty"):
        (tmp_path / f"privaudit-spill-{name}").mkdir(mode=0o700)
    used, unmarked, empty = (
        tmp_path / f"privaudit-spill-{n}" for n in ("used", "unmarked", "empty")
    )
    (used / "part").write_bytes(b"cells")
    (unmarked / "mine").write_bytes(b"mine")
    (tmp_path / "privaudit-spill-link").symlink_to(unmarked)
    (tmp_path / "privaudit-spill-file").write_bytes(b"mine")
    with hold(used / ".privaudit-spill") as free:
        assert free
        sweep_spills(tmp_path)
        assert (used / "part").exists()
    assert (unmarked / "mine").exists()
    assert not empty.exists()
    assert (tmp_path / "privaudit-spill-link").is_symlink()
    assert (tmp_path / "privaudit-spill-file").exists()


def test_a_folder_that_goes_while_it_is_looked_at_is_made_again(tmp_path, monkeypatch):
    """Another run sweeps it after it was found there, and before it is held."""
    made, swept = os.mkdir, []

    def mkdir(folder, *rights, **more):
        try:
            made(folder, *rights, **more)
        except FileExistsError:
            if not swept:
                swept.append(Path(folder))
                Path(folder).rmdir()
            raise

    monkeypatch.setattr(os, "mkdir", mkdir)
    with spilling(tmp_path) as spill:
        spill.new("part").close()
        assert len(swept) == len([*tmp_path.iterdir()]) == 1
        assert [*tmp_path.iterdir()] != swept
    assert not [*tmp_path.iterdir()]


def test_the_engine_fetches_nothing_and_writes_where_it_is_let():
    settings = ("autoinstall_known_extensions", "autoload_known_extensions",
                "allow_community_extensions", "enable_geoparquet_conversion")  # fmt: skip
    with connected(memory_limit="200MB", order=False) as base:
        for name in (*settings, "preserve_insertion_order"):
            (value,) = base.execute(f"SELECT current_setting('{name}')").fetchone()
            assert value in (False, "false")
        assert base.execute("SELECT current_setting('temp_directory')").fetchone() == ("",)
        (most,) = base.execute("SELECT current_setting('memory_limit')").fetchone()
        assert most.startswith("190.7 MiB")
    with connected() as base:
        (value,) = base.execute("SELECT current_setting('preserve_insertion_order')").fetchone()
        assert value in (True, "true")


def test_texts_are_quoted_so_that_they_end_where_they_should(tmp_path):
    text, name = 'l\'île "a" {2}', 'a "b" '
    with connected() as base:
        row = base.execute(f"SELECT {literal(text)} AS {quoted(name)}")
        assert (row.description[0][0], row.fetchall()) == (name, [(text,)])
        pattern = literal_pattern(re.compile("a{2}'"))
        found = base.execute(f"SELECT regexp_matches('aa''', {pattern.format()})").fetchall()
        assert found == [(True,)]
        for odd in ("a[1]*.csv", "b?.csv"):
            (tmp_path / odd).write_text("n\n1\n")
        (tmp_path / "a1x.csv").write_text("n\n2\n")
        rows = base.read_csv(literal_path(tmp_path / "a[1]*.csv"))
        assert aggregated(rows, ["sum(n)", "count(*)"]) == (1, 1)
        assert aggregated(rows, []) == ()
        pd.testing.assert_frame_equal(frame_of(rows), pd.DataFrame({"n": [1]}))


@pytest.mark.parametrize(
    ("error", "memory"),
    [(MemoryError("Zxqv"), True), (duckdb.OutOfMemoryException("Zxqv"), True),
     (duckdb.ConversionException("Zxqv"), False), (OSError(errno.ENOSPC, "Zxqv"), False)],
)  # fmt: skip
def test_an_error_of_the_engine_is_its_cause_without_a_cell(error, memory):
    assert "Zxqv" not in cause(error)
    refused = out_of_memory(error, "table", "t.csv")
    assert (refused is not None) is memory
    assert "Zxqv" not in str(refused)
