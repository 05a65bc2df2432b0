"""Whatever the file: bounded before it is read, and nobody named in the line that refuses."""

import gzip
import json
import os
import signal
import struct
import time
import zlib

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import main
from privaudit.columns.roles import Roles
from privaudit.core.limits import Limits, ended_after, limited
from privaudit.errors import ParameterError, ReadError, SchemaError, visible
from privaudit.io.csv_dialects import is_a_record, one_line
from privaudit.io.readers import depth_of, read_frame
from privaudit.release.read_table import read_table
from privaudit.screenshots.open_picture import open_picture
from privaudit.tables.counting import class_sizes

SEEN = "Zxqv"


def refused(capsys, *words):
    """A command that refuses: one printable line, status 2, nothing of a person."""
    assert main([str(word) for word in words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.rstrip("\n").isprintable()
    assert SEEN not in said.err
    return said.err


# Limits: each stops what exceeds it, and each is raised by its option.


def json_of(depth):
    inner = "[" * depth + "]" * depth
    feature = f'{{"type": "Feature", "geometry": null, "properties": {{"a": 1, "b": {inner}}}}}'
    return f'{{"type": "FeatureCollection", "features": [{feature}]}}'


def png_of(width, height):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows = zlib.compress(b"\0" * (width + 1) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_each_limit_stops_and_is_raised(tmp_path):
    wide, long, packed, deep, large = (
        tmp_path / name for name in ("wide.csv", "long.csv", "t.csv.gz", "t.geojson", "p.png")
    )
    wide.write_text(",".join(f"c{i}" for i in range(60)) + "\n" + "1," * 59 + "1\n")
    long.write_text("a,b\n" + "1,2\n" * 500)
    packed.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 500))
    deep.write_text(json_of(40))
    large.write_bytes(png_of(40, 30))
    tight = Limits(bytes=1_500, cells=1_100, columns=59, pixels=1_199, depth=43)
    for file, read, what in (
        (wide, read_table, "columns"),
        (wide, lambda file: class_sizes(file, ("c1",)), "columns"),
        (packed, read_table, "bytes"),
        (packed, lambda file: class_sizes(file, ("a",)), "bytes"),
        (long, read_frame, "bytes"),
        (deep, read_table, "depth"),
        (large, open_picture, "pixels"),
    ):
        with limited(tight), pytest.raises(ReadError, match="at most") as caught:
            read(file)
        assert f"--max-{what}" in str(caught.value)
        if read is not read_frame:
            read(file)
    with limited(Limits(cells=1_000)), pytest.raises(ReadError, match="--max-cells"):
        read_table(long)
    with limited(Limits(cells=1_002)):
        assert len(read_table(long)) == 500
    with limited(Limits(depth=44)):
        read_table(deep)


def test_the_depth_of_json_by_hand():
    for data, depth in (
        (b"[]", 1), (b"{}", 1), (b'[{"a": [1]}, [[[2]]]]', 4),
        (b'["[[[", "\\"[[", "\\\\", [1]]', 2),
        (b"[" * 3_000_000 + b"]" * 3_000_000, 3_000_000), (b'{"a\\\\": [[', 3),
    ):  # fmt: skip
        assert depth_of(data) == depth


def test_limits_are_options_of_every_command_that_reads(capsys, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("age,sex\n" + "34,F\n" * 99)
    words = ("table", file, "--key", "age", "--out", tmp_path / "out")
    assert "--max-cells 200" in refused(capsys, *words, "--max-cells", 150)
    assert "--max-columns 2" in refused(capsys, *words, "--max-columns", 1)
    assert "needs cells" in refused(capsys, *words, "--max-cells", 0)
    assert "--max-seconds" in refused(capsys, *words, "--max-seconds", "1e-6")
    with pytest.raises(ParameterError):
        Limits(seconds=0)


def test_time_is_bounded_and_the_clock_put_back():
    before = signal.getsignal(signal.SIGALRM)
    start = time.perf_counter()
    with pytest.raises(ReadError, match="at most 0 seconds"), ended_after(0.05, who="t"):
        time.sleep(30)
    assert time.perf_counter() - start < 10
    with ended_after(30, who="t"):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_pictures_are_regular_files(tmp_path):
    os.mkfifo(tmp_path / "p.png")
    with pytest.raises(ReadError, match="a pipe or a device"):
        open_picture(tmp_path / "p.png")
    with pytest.raises(ReadError, match="the folder"):
        open_picture(tmp_path)


def test_memory_that_is_not_there_is_one_line(capsys, tmp_path, monkeypatch):
    def none(*_, **__):
        return np.empty(1 << 62, dtype=np.int8)

    monkeypatch.setattr("privaudit.studies.audit_table.audit_table", none)
    file = tmp_path / "t.csv"
    file.write_text("age\n34\n")
    said = refused(capsys, "table", file, "--key", "age", "--out", tmp_path / "o")
    assert "more memory" in said


# What is no header is not printed as one.

HEADLESS = [
    "Zxqv17,Marie,28,94340\nMartin,Jean,34,94130\nDurand,Paul,51,94340\n",
    "ZXQV;Éric;M\nMARTIN;Anne;F\nDURAND;Julien;M\n",
    "Zxqv Marie,F\nMartin Jean,M\nDurand Anne,F\n",
    "Zxqv17,zxqv@example.org,red\nb,b@example.org,red\n",
    "0612345678,Zxqv17,red\n0712345678,Martin,grey\n0698765432,Durand,red\n",
    "Zxqv17,2,88\nDupont,3,14\nDurand,2,21\n",
    "Zxqv17,1981-02-03,9\nDupont,1990-01-01,8\n",
    "Zxqv17,12/02/1981\nDupont,01/01/1990\n",
    "Zxqv17|2.4567|48.8123\nDupont|2.4568|48.8124\n",
]


@pytest.mark.parametrize("text", HEADLESS)
def test_a_file_without_a_header_is_recognised(capsys, tmp_path, text):
    file = tmp_path / "people.csv"
    file.write_text(text * 3)
    words = ("--key", "age", "--out", tmp_path / "out")
    for command in (("table", file, *words), ("traces", file, "--person", "a", "--item", "b",
                    "--out", tmp_path / "out"), ("mask", file, "--mask", "donut:5:10", "--out",
                    tmp_path / "m.csv")):  # fmt: skip
        assert "names of columns in the first line" in refused(capsys, *command)
    with pytest.raises(SchemaError, match="a record there"):
        class_sizes(file, ("age",))


@pytest.mark.parametrize(
    ("first", "below"),
    [
        (["age", "sex"], [["34", "F"], ["51", "M"]]),
        (["a", "b"], [["1", "2"], ["3", "4"]]),
        (["CODGEO", "P16_POP"], [["94042", "17"], ["94043", "18"]]),
        # Years, and columns that are numbered: a table that is wide.
        (["commune", "2016", "2017"], [["A", "3", "4"], ["B", "5", "6"]]),
        (["quoi", "0", "1", "2"], [["A", "3", "4", "1"], ["B", "5", "6", "2"]]),
        # Two files one after the other: the header stands below too.
        (["qui", "quoi"], [["x", "y"], ["qui", "quoi"]]),
        # A column that is called as one of its values, beside one that is known.
        (["sexe", "M"], [["F", "M"], ["M", "F"]]),
        (["rue", "note"], [["", ""], ["a", "b"]]),
        (["x", "y"], [["1.5", "2"], ["3", "4"]]),
        (["first_name", "Marie"], [["Jean", "Anne"], ["Paul", "Marie"]]),
        (["rose", "claire"], [["3", "4"], ["1", "2"]]),
    ],
)
def test_a_header_stays_a_header(first, below):
    assert not is_a_record(first, below)


def test_headers_that_may_be_people_are_not_repeated(capsys, tmp_path):
    """A crosstab has a column a person; a misspelt key listed them all."""
    file = tmp_path / "votes.csv"
    people = ["Zxqv Dupont", "Marie", "0612345678"]
    file.write_text(",".join(["date", "sujet", *people]) + "\n2016-11-08,eau,pour,contre,\n")
    for words in (("--key", "dat"), ("--key", "Zxqv Dupond")):
        assert main(["table", str(file), *words, "--out", str(tmp_path / "out")]) == 2
        said = capsys.readouterr().err
        assert "Columns: date, sujet, 3 that may name somebody." in said
        assert not any(person in said for person in people)
    assert main(["table", str(file), "--key", "dat", "--out", str(tmp_path / "out")]) == 2
    assert "Did you mean 'date'?" in capsys.readouterr().err
    twice = tmp_path / "twice.csv"
    twice.write_text("age,Zxqv Dupont,Zxqv Dupont\n1,2,3\n")
    refused(capsys, "table", twice, "--key", "age", "--out", tmp_path / "out")
    frame = pd.DataFrame({"age": [1], "Zxqv Dupont": [2]})
    with pytest.raises(SchemaError) as caught:
        read_table(frame, roles=Roles(key="agee"))
    assert SEEN not in str(caught.value)


def test_a_first_line_without_end_is_refused(tmp_path):
    """Its names were read of the first 64 kB, its rows of the whole: found by the fuzz."""
    file = tmp_path / "t.csv"
    file.write_text("a," + "x" * 70_000 + ",b\n1,2,3\n")
    for read in (read_table, lambda file: class_sizes(file, ("a",))):
        with pytest.raises(SchemaError, match="a line without end"):
            read(file)
    file.write_text("a,b\n1," + "x" * 70_000 + "\n")
    assert len(read_table(file)) == 1


def test_a_column_that_stands_twice_is_refused_by_public_files_too(tmp_path):
    """Found by the fuzz: a traceback."""
    from privaudit.io.public_counts import read_communes

    file = tmp_path / "communes.csv"
    file.write_text("CODGEO,DEP,REG,LIBGEO,PMUN,PMUN\n01001,01,84,A,832,833\n")
    with pytest.raises(SchemaError, match="stands 2 times"):
        read_communes(file)


# Nothing in a file commands a terminal or turns a page around.

TURNS = "\u202e\u2066\u200f\u061c\x1b\x9b\x07\u2028\ufeff"


def test_every_error_is_visible():
    for error in (ReadError, SchemaError, ParameterError):
        said = str(error(f"a{TURNS}b"))
        assert said.isprintable()
        assert said.startswith("a\\u202e\\u2066")
    assert visible("é à 't Hooft, नी, 👩‍👧\n\t") == "é à 't Hooft, नी, 👩‍👧\n\t"
    assert json.loads(f'"{visible(TURNS + chr(0xD800) + chr(0xE0001))}"')[:-1] == TURNS + chr(
        0xD800
    )
    assert len(one_line("x" * 10_000)) == 200


def test_no_file_of_a_report_turns_around(tmp_path, capsys):
    # What one_line takes out of a name does not hide a level of a key: shown, since many have it.
    file = tmp_path / "t\u202ecsv.csv"
    level = f"x{TURNS[:4]}y"
    file.write_text("zone,bac\n" + f"{level},1\n" * 40 + "b,2\n" * 40)
    out = tmp_path / "o\u202eut"
    words = ["table", str(file), "--key", "zone", "--sensitive", "bac", "--out", str(out)]
    assert main([*words, "--contributions"]) in (0, 2)
    said = capsys.readouterr()
    texts = [p for p in out.rglob("*") if p.is_file() and p.suffix != ".png"]
    for text in (said.out + said.err, *(p.read_text() for p in texts)):
        assert not set(TURNS) & set(text)
    with pytest.raises(SystemExit) as stop:
        main(["table", "a", "--key", "b", "--out", "c", f"--{TURNS}"])
    said = capsys.readouterr().err
    assert (stop.value.code, said.rstrip("\n").isprintable()) == (2, True)
