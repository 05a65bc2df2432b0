"""What every reader keeps, by the registry: a format that is added is tried without a list."""

import os

import pytest

from privaudit.errors import PrivauditError
from privaudit.io.readers import read_frame, readers

EACH = pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.word)
# Not of any text encoding, of no archive, of no document.
NOISE = bytes(range(256)) * 4


def refused(file):
    """The line that refuses a file; anything but an error of the library's fails the test."""
    with pytest.raises(PrivauditError) as caught:
        read_frame(file, who="test")
    said = str(caught.value)
    assert len(said.splitlines()) == 1
    return said


@EACH
@pytest.mark.parametrize("text", [b"", NOISE], ids=["empty", "noise"])
def test_what_is_no_file_of_the_format_is_refused_in_one_line(reader, text, tmp_path):
    for ending in reader.endings:
        file = tmp_path / f"leak{ending}"
        file.write_bytes((reader.begins[0] if reader.begins and text else b"") + text)
        assert refused(file)


@EACH
def test_a_file_that_is_cut_is_read_or_refused_without_a_cell(reader, tmp_path):
    for ending in reader.endings:
        file = tmp_path / f"leak{ending}"
        file.write_bytes((reader.begins[0] if reader.begins else b"") + b"Zxqv\0")
        said = ""
        try:
            read_frame(file, who="test")
        except PrivauditError as error:
            said = str(error)
        assert "Zxqv" not in said
        assert "\n" not in said


@EACH
def test_a_pipe_is_not_opened(reader, tmp_path):
    pipe = tmp_path / f"pipe{reader.endings[0]}"
    os.mkfifo(pipe)
    assert "a pipe or a device" in refused(pipe)


@EACH
def test_a_reader_says_what_it_is(reader):
    assert reader.word
    assert reader.endings
    assert all(ending.startswith(".") for ending in reader.endings)
    assert set(reader.gives) <= {"table", "dots", "traces"}
