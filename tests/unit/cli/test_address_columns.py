"""A file of addresses of no known source is read by the columns that the command names."""

import json
import shlex

import pytest

from privaudit.cli import main

ODD = "number=volg,street=weg,x=oost,y=noord,commune=plek"


@pytest.fixture
def seized(tmp_path):
    """Two files of the same 90 doors in Swiss metres, with usual names and with others; dots."""
    doors = [
        (k % 30 + 1, k // 30, 2_600_000 + 20 * (k % 30), 1_200_000 + 60 * (k // 30))
        for k in range(90)
    ]
    rows = [f"{number};Weg {street};Dorp;{x};{y}" for number, street, x, y in doors]
    for name, header in (
        ("odd.csv", "volg;weg;plek;oost;noord"),
        ("usual.csv", "number;street;town;x;y"),
    ):
        (tmp_path / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    dots = "".join(f"{x},{y}\n" for _, _, x, y in doors[::3])
    (tmp_path / "dots.csv").write_text("x,y\n" + dots, encoding="utf-8")
    return tmp_path


def audited(folder, addresses, *options, out, crs="EPSG:2056"):
    words = ["map", str(folder / "dots.csv"), "--crs", "EPSG:2056", *options]
    words += ["--addresses", str(folder / addresses), "--address-crs", crs]
    return main([*words, "--out", str(folder / out)])


def findings_of(folder, out):
    return json.loads((folder / out / "findings.json").read_text("utf-8"))["findings"]


@pytest.mark.heavy
def test_named_columns_give_what_usual_names_give(seized):
    named = "--address-columns", ODD
    assert audited(seized, "usual.csv", out="usual") == 0
    assert audited(seized, "odd.csv", *named, out="odd") == 0
    assert findings_of(seized, "odd") == findings_of(seized, "usual")
    assert len(findings_of(seized, "odd")) > 10
    command = json.loads((seized / "odd" / "manifest.json").read_text("utf-8"))["command"]
    typed = shlex.split(command)
    assert typed[typed.index("--address-columns") + 1] == ODD
    assert typed[typed.index("--address-crs") + 1] == "EPSG:2056"


def test_without_them_the_refusal_names_the_option(seized, capsys):
    assert audited(seized, "odd.csv", out="none") == 2
    assert "--address-columns number=...,street=...,x=...,y=..." in capsys.readouterr().err


def test_a_column_that_is_not_there_is_refused(seized, capsys):
    named = "--address-columns", ODD.replace("=volg", "=huis")
    assert audited(seized, "odd.csv", *named, out="none") == 2
    assert "needs number to be a column, but got 'huis'" in capsys.readouterr().err


def test_an_unknown_crs_is_refused(seized, capsys):
    named = "--address-columns", ODD
    assert audited(seized, "odd.csv", *named, out="none", crs="EPSG:1") == 2
    assert "EPSG:1" in capsys.readouterr().err
