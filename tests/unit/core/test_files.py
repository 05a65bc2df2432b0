"""Files of the library's own: written whole or not at all, under their mode, within limits."""

import errno
import os
import re
import stat

import numpy as np
import pytest

from privaudit.core import files
from privaudit.core.files import (
    code_digest,
    in_this_shell,
    in_toml,
    is_regular,
    is_unchanged,
    made_once,
    once,
    open_to_others,
    put,
    read_toml,
    reader_is_gone,
    refuse_reserved,
    regular,
    watched,
)
from privaudit.core.limits import Limits, limited, limits, memory_of, refuse_beyond
from privaudit.errors import OutputError, ParameterError, ReadError, SchemaError
from privaudit.io.readers import ReadRequest


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_file_is_made_under_its_mode_and_none_of_its_parts_stays(tmp_path, mode):
    before = os.umask(0)
    try:
        put({tmp_path / "a": b"one", tmp_path / "b": b"two"}, mode=mode)
    finally:
        os.umask(before)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"one", "b": b"two"}
    assert {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()} == {mode}


def test_a_disk_that_is_full_leaves_what_stood_there(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"old")
    written, real = [], os.fsync

    def full(number):
        real(number)
        written.append(number)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        put({tmp_path / "a": b"new", tmp_path / "b": b"new"})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"old"}


def test_each_file_is_on_the_disk_before_any_is_moved(tmp_path, monkeypatch):
    done, fsync, move = [], os.fsync, files.move
    monkeypatch.setattr(files.os, "fsync", lambda n: (done.append("fsync"), fsync(n)))
    monkeypatch.setattr(files, "move", lambda *pair: (done.append("move"), move(*pair)))
    put({tmp_path / "a": b"1", tmp_path / "b": b"2"})
    assert done == ["fsync", "fsync", "move", "move"]


def test_parts_of_a_killed_run_go_and_nothing_else(tmp_path):
    left = tmp_path / f".a.privaudit-{'0' * 16}.part"
    mine = [
        tmp_path / name
        for name in (
            f".b.privaudit-{'0' * 16}.part",
            f".a.privaudit-{'0' * 15}.part",
            f".a.privaudit-{'0' * 17}.part",
            "a.part",
        )
    ]
    for file in (left, *mine):
        file.write_bytes(b"half")
    folder = tmp_path / f".a.privaudit-{'1' * 16}.part"
    folder.mkdir()
    put({tmp_path / "a": b"whole"})
    assert not left.exists()
    assert all(file.read_bytes() == b"half" for file in mine)
    assert folder.is_dir()


def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    put({tmp_path / "link": b"new"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_regular_file_is_read_up_to_its_limit_and_nothing_else_is(tmp_path):
    file = tmp_path / "f"
    file.write_bytes(b"12345")
    assert regular(file, 5) == regular(file, 6) == regular(file) == b"12345"
    assert regular(file, 4) is None
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "pipe")
    for other in ("link", "pipe", "", "none"):
        assert regular(tmp_path / other) is None
        assert not is_regular(tmp_path / other)
    assert is_regular(file)


@pytest.mark.parametrize(
    ("mode", "anybody", "write"),
    [(0o600, False, False), (0o700, False, False), (0o640, True, False), (0o604, True, False),
     (0o620, True, True), (0o602, True, True), (0o601, True, False), (0o610, True, False)],
)  # fmt: skip
def test_rights_of_the_group_and_of_others_count(tmp_path, monkeypatch, mode, anybody, write):
    (tmp_path / "f").write_bytes(b"")
    (tmp_path / "f").chmod(mode)
    status = (tmp_path / "f").stat()
    assert open_to_others(status) is anybody
    assert open_to_others(status, stat.S_IWGRP | stat.S_IWOTH) is write
    monkeypatch.setattr(files, "POSIX", False)
    assert not open_to_others(status)


def test_a_reader_is_gone_where_a_pipe_is_broken():
    assert reader_is_gone(BrokenPipeError())
    assert not reader_is_gone(OSError(errno.EINVAL, "invalid"))
    assert not reader_is_gone(OSError(errno.ENOSPC, "full"))


def test_on_windows_a_reader_is_gone_and_a_name_is_reserved(monkeypatch, tmp_path):
    refuse_reserved(tmp_path / "con.csv", "table")
    line = "privaudit table 'my file.csv' --key 'a\"b'"
    assert in_this_shell(line) == line
    monkeypatch.setattr(files, "POSIX", False)
    assert reader_is_gone(OSError(errno.EINVAL, "invalid"))
    assert not reader_is_gone(OSError(errno.ENOSPC, "full"))
    assert in_this_shell(line) == 'privaudit table "my file.csv" --key "a\\"b"'
    with pytest.raises(OutputError, match=r"a name that a file may have, but got 'con\.csv'"):
        refuse_reserved(tmp_path / "con.csv", "table")
    refuse_reserved(tmp_path / "console.csv", "table")
    refuse_reserved(tmp_path / ".." / "x", "table")


def test_a_file_is_unchanged_by_its_size_its_time_and_which_it_is(tmp_path):
    file, other = tmp_path / "f", tmp_path / "g"
    file.write_bytes(b"abc")
    with watched([file, tmp_path / "none"]):
        assert is_unchanged(file)
        assert is_unchanged(other)
        assert is_unchanged(tmp_path / "none")
        before = file.stat()
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
        assert not is_unchanged(file)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert is_unchanged(file)
        file.write_bytes(b"abcd")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert not is_unchanged(file)
        other.write_bytes(b"abc")
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        other.replace(file)
        assert not is_unchanged(file)
        file.unlink()
        assert not is_unchanged(file)
    assert is_unchanged(file)


def test_what_is_made_once_is_made_again_outside_and_of_other_things():
    made = []

    def make():
        made.append(1)
        return len(made)

    numbers, others = np.arange(6), np.arange(6)
    listed = [1]
    with made_once():
        assert once("n", make, listed) == once("n", make, listed)
        assert once("n", make, [1]) != once("n", make, listed)
    made.clear()
    assert (once("n", make, numbers), once("n", make, numbers)) == (1, 2)
    with made_once():
        first = once("n", make, numbers)
        with made_once():
            assert once("n", make, numbers) == first
        assert once("n", make, numbers) == once("n", make, numbers[:]) == first
        rest = [once("n", make, others), once("n", make, numbers[1:]), once("m", make, numbers),
                once("n", make, numbers[::2]), once("n", make, numbers, of=3),
                once("n", make, numbers.view("u8"))]  # fmt: skip
        assert len({first, *rest}) == 7
    assert once("n", make, numbers) == len(made)


TOML = b'a = "' + b"x" * (1_000_000 - 6) + b'"'


@pytest.mark.parametrize(("more", "read"), [(b"", True), (b"\n", False)])
def test_a_toml_file_has_at_most_a_million_bytes(tmp_path, more, read):
    (tmp_path / "f.toml").write_bytes(TOML + more)
    assert len(TOML) == 1_000_000
    if read:
        assert len(read_toml(tmp_path / "f.toml")["a"]) == 999_994
    else:
        with pytest.raises(SchemaError, match="1 MB at most"):
            read_toml(tmp_path / "f.toml")


@pytest.mark.parametrize(
    ("data", "needs"),
    [(b"a = \xff", "text in UTF-8"), (b"a = Marie", "TOML, but got something else (at line 1"),
     (b"a = " + b"[" * 5_000, "TOML"), (None, "but got no such file. Check the path.")],
)  # fmt: skip
def test_a_bad_toml_file_is_refused_without_its_words(tmp_path, data, needs):
    if data is not None:
        (tmp_path / "f.toml").write_bytes(data)
    with pytest.raises(SchemaError, match=re.escape(needs)) as caught:
        read_toml(tmp_path / "f.toml")
    assert "Marie" not in str(caught.value)


def test_a_folder_is_no_toml_file(tmp_path):
    with pytest.raises(SchemaError, match=r"a folder\. Name a file in it"):
        read_toml(tmp_path)


def test_text_is_written_as_toml_reads_it(tmp_path):
    text = 'Zoé "l\'élue"\t\\ \x7f\x01\n'
    (tmp_path / "f.toml").write_text(f"a = {in_toml(text)}", encoding="utf-8")
    assert read_toml(tmp_path / "f.toml")["a"] == text
    assert "Zoé" in in_toml("Zoé")


# SI prefixes are powers of 1,000, binary ones (IEC 80000-13) of 1,024.
@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("100MB", 10**8), ("99.9MB", None), ("99999KB", None), ("100000KB", 10**8),
        ("1GB", 10**9), ("1TB", 10**12), ("1GiB", 2**30), ("1TiB", 2**40), ("96MiB", 96 * 2**20),
        ("95MiB", None), ("97656.25KiB", 10**8), ("1.5 gb", 1_500_000_000), ("1", None),
        ("1G", None), ("-1GB", None), ("1e3GB", None), ("1PB", None), ("", None), (".5GB", None),
        ("1.GB", None), ("2GB!", None),
    ],
)  # fmt: skip
def test_a_memory_limit_is_a_size_of_a_hundred_megabytes_at_least(text, size):
    if size is None:
        with pytest.raises(ParameterError, match="memory_limit"):
            memory_of(text, who="table")
    else:
        assert memory_of(text, who="table") == size


def test_a_file_may_decode_to_an_eighth_of_the_memory():
    """The default of 2 GB is docs/security.md's; the limit in an error is enough for the file."""
    assert Limits().memory == 2_000_000_000
    assert limits().decoded == 250_000_000
    refuse_beyond("decoded", 250_000_000, who="read", name="f")
    for found, said in ((250_000_001, "3GB"), (375_000_000, "3GB"), (375_000_001, "4GB")):
        with pytest.raises(ReadError, match=f"bytes when decoded.*--memory-limit {said}"):
            refuse_beyond("decoded", found, who="read", name="f")
        with limited(Limits(memory=memory_of(said, who="read"))):
            refuse_beyond("decoded", found, who="read", name="f")


def test_the_depth_of_json_is_named_in_an_error():
    with pytest.raises(ReadError, match="200 lists and objects in one another"):
        refuse_beyond("depth", 201, who="read", name="f")
    with pytest.raises(ReadError, match="at most 5,000 columns"):
        refuse_beyond("columns", 5_001, who="read", name="f")


def test_a_limit_on_memory_is_of_a_byte_at_least():
    assert Limits(memory=1).decoded == 0
    with pytest.raises(ParameterError, match="memory"):
        Limits(memory=0)


def test_what_is_read_whole_has_two_gigabytes_at_most(tmp_path):
    with open(tmp_path / "f", "wb") as file:
        file.truncate(2**31 + 1)
    assert regular(tmp_path / "f") is None
    assert files.LARGEST == 2**31


def test_a_cell_is_charged_its_letters_and_sixteen_bytes(tmp_path):
    """A table and what it is made of hold a reference of eight bytes each."""
    asked = ReadRequest(path=tmp_path, name="f", who="read", places=False, crs=None)
    with limited(Limits(memory=8 * (5 + 2 * 16))):
        asked.charge(5, 2)
        with pytest.raises(ReadError, match="bytes when decoded"):
            asked.charge(1)


def test_the_digest_of_the_code_is_one():
    assert re.fullmatch("[0-9a-f]{64}", code_digest())
