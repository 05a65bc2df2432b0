"""Files and options that ended a command with a fault of the program, each with one line now."""

import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from privaudit.cli import main
from privaudit.cli.options import OUT_OF_MEMORY, wanting
from privaudit.io.readers import read_frame

HEADERS = "From a@example.org Tue Nov  8 10:00:00 2016\nFrom: a@b.c\nTo: b@c.d\n"


def test_an_integer_column_without_a_value_is_a_blank_one(tmp_path):
    table = pa.table({"sex": ["F", "M"] * 20, "empty": pa.array([None] * 40, pa.int64())})
    pq.write_table(table, tmp_path / "t.parquet")
    frame = read_frame(tmp_path / "t.parquet", gives="table").frame
    assert frame["empty"].isna().all()
    assert len(frame) == 40


@pytest.mark.parametrize("layer", ["Content-Type: message/rfc822\n\nFrom: a@b.c\n", "multipart"])
def test_messages_within_messages_are_set_aside(tmp_path, layer):
    deep = HEADERS
    for number in range(3_000):
        bounds = f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n"
        deep += bounds if layer == "multipart" else layer
    plain = HEADERS + "\nhello\n\n"
    file = tmp_path / "seized.mbox"
    file.write_text(plain + deep + "\nhello\n\n" + plain)
    read = read_frame(file, gives="table")
    assert len(read.frame) == 2
    assert {note.key: n for note, n in read.set_aside.items()} == {"message_unreadable": 1}


def test_a_mask_of_no_size_that_is_possible_is_refused(tmp_path, capsys):
    file = tmp_path / "dots.csv"
    pd.DataFrame({"lon": [2.3, 2.4], "lat": [48.8, 48.9]}).to_csv(file, index=False)
    for size in ("1e300", "inf", "nan", "-1"):
        status = main(
            ["mask", str(file), "--mask", f"gaussian:{size}", "--out", str(tmp_path / "m")]
        )
        assert status == 2, size
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_library_that_the_address_space_has_no_room_for():
    message = "libopenblas.so: failed to map segment from shared object"
    assert wanting(ImportError(message)) == OUT_OF_MEMORY
    assert wanting(ImportError("No module named 'x'")) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="ulimit is a shell's of Unix")
def test_a_small_address_space_ends_with_one_line(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("sex,age\n" + "".join(f"F,{age}\n" for age in range(40)))
    command = f"ulimit -v 400000; '{sys.executable}' -m privaudit table '{file}' --key sex"
    done = subprocess.run(
        ["bash", "-c", f"{command} --out '{tmp_path / 'out'}'"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "ulimit" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
