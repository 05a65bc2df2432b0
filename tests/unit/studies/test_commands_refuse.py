"""Options that a command cannot use are refused, and its help names none of them."""

import argparse
import errno
from concurrent.futures import BrokenExecutor

import pandas as pd
import pytest

from privaudit.cli import RUNS, _limits_of, main
from privaudit.cli.exit_status_and_signals import Stopped
from privaudit.cli.options import narrow_address_space, seed
from privaudit.core.limits import Limits
from privaudit.errors import ParameterError, ReadError
from privaudit.maps.masks.mask import mask_words
from privaudit.studies.audit_map import SeizedMap, audit_map
from privaudit.studies.mask_file import mask_file


@pytest.fixture
def points(tmp_path):
    file = tmp_path / "points.csv"
    pd.DataFrame({"x": [10.0, 20.0], "y": [5.0, 6.0]}).to_csv(file, index=False)
    return file


def refusal(capsys, arguments):
    try:
        code = main([str(word) for word in arguments])
    except SystemExit as stop:
        code = stop.code
    assert code not in (0, None)
    return capsys.readouterr().err


@pytest.mark.parametrize("text", ["-1", "1.5", "seven", ""])
def test_a_seed_is_a_whole_number_of_0_or_more(text):
    with pytest.raises(argparse.ArgumentTypeError, match="0 or more"):
        seed(text)
    assert seed("0") == 0


def test_no_command_takes_a_negative_seed(capsys, points, tmp_path):
    out = tmp_path / "report"
    leak = ("map", points, "--addresses", "a.csv", "--out", out, "--seed", "-1")
    mask = ("mask", points, "--mask", "disc:5", "--out", tmp_path / "m.csv", "--seed", "-1")
    for command in (leak, mask):
        assert "--seed: a whole number, 0 or more" in refusal(capsys, command)
    assert not out.exists()


def test_a_screenshot_has_no_projection_of_its_own(capsys, tmp_path):
    shot = tmp_path / "Shot.PNG"
    words = ("map", shot, "--addresses", "a.csv", "--crs", "EPSG:2154", "--out", tmp_path / "r")
    said = refusal(capsys, words)
    assert "needs points for crs, but got a screenshot" in said
    assert not (tmp_path / "r").exists()
    with pytest.raises(ParameterError, match="needs points for crs, but got a screenshot"):
        audit_map(SeizedMap(leaks=[shot], addresses="a.csv", crs="EPSG:2154"))


def test_a_column_to_keep_that_is_not_there_is_told_the_real_ones(capsys, points, tmp_path):
    words = ("mask", points, "--mask", "disk:5", "--out", tmp_path / "m.csv", "--keep", "zz")
    assert "Columns: x, y." in refusal(capsys, words)
    assert "'y' says where a point is" in refusal(capsys, [*words[:-1], "y"])


def help_of(capsys, command):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.heavy
def test_help_of_mask_names_only_masks_that_it_applies(points, tmp_path, capsys):
    every = ", ".join(mask_words())
    assert every in help_of(capsys, "mask")
    assert "unknown" not in help_of(capsys, "mask")
    assert f"unknown, {every} (default unknown)" in help_of(capsys, "map")
    for word in mask_words():
        if word.split(":")[0] in ("none", "donut", "disk", "gaussian", "bimodal", "laplace"):
            assert mask_file(points, mask=word, out=tmp_path / "m.csv").dots == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "privaudit: the following arguments are required: COMMAND. See privaudit --help."),
        (("tabel", "f.csv"), "Did you mean 'table'?"),
        (
            ("table", "f.csv", "--outt", "r"),
            "'--outt' is no option. Did you mean '--out'?",
        ),
        (("table", "f.csv"), "privaudit table: the following arguments are required"),
        (("table", "f.csv", "--keys", "a", "--out", "r"), "Did you mean '--key'?"),
        (("table", "f.csv", "--out", "r", "--key", "a", "--sensitve", "b"), "'--sensitive'?"),
        (("table", "f.csv", "--out", "r", "--key", "a", "--missing", "exlude"), "'exclude'?"),
        (("mask", "f.csv", "--mask", "disk:5", "--out", "m.csv", "--adresses=a"), "'--addresses'?"),
        (("map", "f.csv", "--addresses", "a", "--out", "r", "--seed", "x"), "0 or more"),
        (("table", "f.csv", "--out", "r", "--key", "a", "--seed", "3"), "unrecognized arguments"),
        (("demo", "--out", "r", "stray"), "privaudit demo: unrecognized arguments: stray. See"),
    ],
)
def test_a_wrong_command_is_one_line_and_2(capsys, words, said):
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    assert stop.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "usage" not in printed.err
    assert said in printed.err


def test_help_keeps_the_block(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["table", "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: privaudit table")
    assert "--seed" not in shown  # nothing is drawn there


# What stands beside each command in docs/commands.md: which options go together.
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("demo", "--out DIR, but got none. Or --files DIR"),
        ("demo --out r --commune 94042", "--commune and --cells need --addresses FILE"),
        ("demo --out r --cells c.csv", "--commune and --cells need --addresses FILE"),
        ("demo --out r --towns 0", "--towns a finite number in [1, inf]"),
        ("demo --out r --workers 0", "--workers a finite number in [1, inf]"),
        ("demo --files d --towns 3", "no --towns with --files"),
        ("demo --files d --out r", "no --out with --files"),
        ("map a.csv --addresses b --out r --legend red,blue", "one heat map for options of one"),
        ("map a.csv --addresses b --out r --top 3", "one heat map for options of one"),
        ("map a.csv --addresses b --out r --dots 9", "one heat map for options of one"),
        ("map a.png b.png --addresses b --out r --dots 9", "one heat map for options of one"),
        ("map a.csv c.csv --addresses b --out r --areas iris:11", "one file for --areas, but got"),
        ("map a.csv --addresses b --out r --areas iris:11 --mask none", "heat for --mask"),
        ("map a.csv --addresses b --out r --areas iris:11 --legend a,b", "heat for --legend"),
        ("map a.csv --addresses b --out r --areas iris:11 --not-swapped", "heat for --not-swapped"),
        ("map a.png --addresses b --out r --top 3 --mask none", "a map of dots for --mask"),
        ("map a.png --addresses b --out r --top 3 --reveal-rows", "map of dots for --reveal-rows"),
        ("table a.csv --mend p.toml --out c.csv --key a --household h", "no --household with"),
        ("table a.csv --mend p.toml --out c.csv --key a --dated", "no --dated with --mend"),
        ("traces a.csv --out r", "--person, --item, but got none. Name the column"),
        ("traces a.csv --out r --person p", "needs --item, but got none"),
        ("rules --out r", "needs DESCRIPTION.toml, --as-of, but got none"),
        ("rules d.toml --as-of 2016-11-08", "needs --out, but got none"),
        ("study", "needs STUDY.toml, --out, but got none"),
        ("report", "--verify DIR, or FOLDER --against OTHER, but got none"),
        ("report --against a", "FOLDER with --against, but got none. Name the later report"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together_are_one_line_and_2(capsys, tmp_path, monkeypatch, words,
                                                           said):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert said in printed.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("most", "said"),
    [(-1, ""), (10**9, ""), (10**9 - 1, "got a limit of 1.0 GB"), (3 * 10**8, "limit of 0.3 GB")],
)
def test_less_than_a_gigabyte_of_addresses_is_said(monkeypatch, most, said):
    resource = pytest.importorskip("resource")
    assert resource.RLIM_INFINITY == -1
    monkeypatch.setattr(resource, "getrlimit", lambda which: (most, most))
    assert said in narrow_address_space()
    assert bool(narrow_address_space()) is bool(said)


def test_a_file_to_fill_in_is_never_written_over(capsys, tmp_path):
    for command in ("rules", "study"):
        place = tmp_path / f"{command}.toml"
        assert main([command, "--init", str(place)]) == 0
        written = place.read_bytes()
        assert main([command, "--init", str(place)]) == 2
        assert "which is there" in capsys.readouterr().err
        assert place.read_bytes() == written
        assert main([command, "--init", str(tmp_path / "none" / "x.toml")]) == 2
        assert "a file that can be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ({}, Limits()), ({"memory_limit": None}, Limits()), ({"max_cells": 3}, Limits(cells=3)),
        ({"memory_limit": "1GB", "max_depth": 9}, Limits(memory=10**9, depth=9)),
    ],
)  # fmt: skip
def test_limits_are_those_that_are_asked_for(given, limits):
    assert _limits_of(argparse.Namespace(command="table", **given)) == limits


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (ReadError("read: Zx."), 2, "privaudit: read: Zx."), (KeyboardInterrupt(), 130, "stopped"),
        (Stopped(15), 143, "stopped"), (MemoryError("Zxqv"), 2, "needs more memory"),
        (BrokenExecutor("Zxqv"), 2, "ended from outside"),
        (OSError(errno.EMFILE, "Zxqv"), 2, "needs more open files"),
        (OSError(errno.EIO, "Zxqv"), 1, "a fault of the program, OSError at test_commands"),
        (ValueError("Zxqv"), 1, "a fault of the program, ValueError at test_commands_refuse.py:"),
    ],
)  # fmt: skip
def test_whatever_ends_a_command_is_one_line_without_a_cell(capsys, monkeypatch, tmp_path, error,
                                                           status, said):  # fmt: skip
    def run(options):
        raise error

    monkeypatch.delenv("PRIVAUDIT_DEBUG", raising=False)
    monkeypatch.setitem(RUNS, "cache", run)
    assert main(["cache", "--cache", str(tmp_path)]) == status
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert said in printed.err
    assert "Zxqv" not in printed.err
    monkeypatch.setenv("PRIVAUDIT_DEBUG", "1")
    if status == 1:
        with pytest.raises(type(error)):
            main(["cache", "--cache", str(tmp_path)])
