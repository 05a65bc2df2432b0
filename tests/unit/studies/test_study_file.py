"""A study file: what it says is run, what it cannot say is refused, and the bytes are the same."""

import re
import tomllib
from dataclasses import fields

import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.maps.registry import RUNGS
from privaudit.studies.study_file import PARTS, read_study
from privaudit.words.catalogues import LANGUAGES

pytestmark = pytest.mark.usefixtures("worlds_once")
STUDY = """
[study]
title = "Blurred or not"
seed = 3
towns = 2
[town.village]
inhabitants = 700
[[leak]]
view = "exact"
adversaries = ["holds_register"]
[[leak]]
view = "areas:grid:200:11"
[vary]
min_interactions = [1, 2]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("study")
    (place / "study.toml").write_text(STUDY.partition("[vary]")[0], "utf-8")
    assert main(["study", str(place / "study.toml"), "--out", str(place / "out")]) == 0
    return place


def test_its_frames_are_what_repeat_finds(folder):
    alone = pa.repeat(
        pa.Town(inhabitants=700), views=pa.DotMap(), adversaries="holds_register", seeds=[3, 4]
    )
    runs = pd.read_csv(folder / "out" / "runs.csv")
    mine = runs[(runs["view"] == "exact") & (runs["adversary"] == "holds_register")]
    shown = alone.runs[alone.runs["n"] >= 11]
    assert len(mine) == len(alone.runs)
    assert mine["value"].dropna().tolist() == pytest.approx(shown["value"].tolist())
    overall = pd.read_csv(folder / "out" / "overall.csv")
    assert [c for c in overall if c in PARTS] == list(PARTS)
    assert set(overall["view"]) == {"exact", "areas:grid:200:11"}


def test_no_number_of_few_people_is_written(folder):
    for name in ("runs", "overall"):
        frame = pd.read_csv(folder / "out" / f"{name}.csv")
        assert not (frame["n"] < 11).any()
        few = frame[frame["withheld"]]
        mean = "mean_" if name == "overall" else ""
        assert few[["value", f"{mean}low", f"{mean}high", "n"]].isna().all(axis=None)
    assert pd.read_csv(folder / "out" / "runs.csv")["withheld"].any()


def test_it_is_whole(folder):
    assert main(["report", "--verify", str(folder / "out")]) == 0


@pytest.mark.slow
def test_two_workers_write_the_same_bytes(folder):
    again = ["study", str(folder / "study.toml"), "--out", str(folder / "again"), "--workers", "2"]
    assert main(again) == 0
    names = sorted(p.relative_to(folder / "out") for p in (folder / "out").rglob("*.*"))
    assert {str(n) for n in names} >= {
        "manifest.json", "overall.csv", "runs.csv", "study.toml",
    }  # fmt: skip
    for name in names:
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes(), name


def test_a_former_study_is_replaced_and_nothing_else(folder, tmp_path, capsys):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("x")
    assert main(["study", str(folder / "study.toml"), "--out", str(mine)]) == 2
    assert "holds other files" in capsys.readouterr().err
    assert (mine / "thesis.txt").read_text() == "x"


def uncommented(text):
    """A blank file with every field said."""
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    return "\n".join(line for line in lines if re.match(r"[a-z_0-9]+ = |\[", line))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_blank_study_runs_as_it_is_and_names_every_field(lang, tmp_path, capsys):
    file = tmp_path / "mine.toml"
    assert main(["study", "--init", str(file), "--lang", lang]) == 0
    blank = read_study(file)
    assert (blank.seed, blank.count, len(blank.leaks)) == (7, 20, 2)
    assert next(iter(blank.towns.values())).recipe() == pa.Town().recipe()
    text = file.read_text("utf-8")
    file.write_text(uncommented(text), "utf-8")
    full = read_study(file)
    said = tomllib.loads(uncommented(text))
    for section, kind in (("town", pa.Town), ("plan", pa.CampaignPlan)):
        known = {f.name for f in fields(kind)} - {"base", "cells", "like"}
        assert set(next(iter(said[section].values()))) == known
    assert next(iter(full.plans.values())).recipe() == pa.CampaignPlan().recipe()
    assert full.runs == 20 * 3 * 4
    words = set(RUNGS) - {"knows_results", "holds_versions"}
    assert all(word in text for word in words)
    assert main(["study", "--init", str(file), "--lang", lang]) == 2
    assert "which is there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("seed = 3", "sed = 3", "Did you mean 'seed'"),
        ("inhabitants = 700", "inhabitant = 900", "Did you mean 'inhabitants'"),
        ("inhabitants = 700", "inhabitants = -4", "inhabitants"),
        ("inhabitants = 700", 'inhabitants = "many"', "inhabitants"),
        ("inhabitants = 700", "base = 3", "fields of [town.village]"),
        ("towns = 2", "towns = 1", "towns"),
        ("[1, 2]", "[1, -2]", "min_interactions"),
        ("[1, 2]", "1", "values of min_interactions"),
        ("[1, 2]", "[]", "values of min_interactions"),
        ("min_interactions = [1, 2]", "min_interaction = [1]", "Did you mean 'min_interactions'"),
        ('"exact"', '"exacct"', "exact"),
        ('"exact"', "7", "text"),
        ('"holds_register"', '"nearst"', "Did you mean 'nearest'"),
        ('"holds_register"', "3", "adversaries"),
        ('["holds_register"]', "[]", "a list of adversaries"),
        ('["holds_register"]', '["knows_mask"]', "mask"),
        ('"areas:grid:200:11"', '"areas:grid:200:11"\nadversaries = ["nearest"]', "no adversaries"),
        ("[study]", "[studdy]", "Did you mean 'study'"),
        ("[study]", "[study", "TOML"),
        ("[[leak]]", "[leak]", "TOML"),
        ("[study]", "[plan]\nx = 1\n[study]", "[plan.NAME]"),
        ("[study]", '[study]\noutputs = ["all"]', "outputs"),
    ],
)
def test_what_it_cannot_say_is_one_line(was, becomes, said, tmp_path, capsys):
    file = tmp_path / "study.toml"
    assert was in STUDY
    file.write_text(STUDY.replace(was, becomes), "utf-8")
    assert main(["study", str(file), "--out", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert said in err, err
    assert not (tmp_path / "out").exists()


def test_every_field_refuses_what_it_cannot_be(tmp_path):
    """Each parameter of a town and a plan, given a list of lists."""
    for section, kind in (("town", pa.Town), ("plan", pa.CampaignPlan)):
        for field in fields(kind):
            file = tmp_path / f"{section}_{field.name}.toml"
            file.write_text(f'[{section}.a]\n{field.name} = [["x"]]\n[[leak]]\nview = "exact"\n')
            with pytest.raises(pa.PrivauditError):
                read_study(file)


def test_a_call_without_a_file_says_what_it_needs(capsys):
    assert main(["study"]) == 2
    assert "STUDY.toml, --out" in capsys.readouterr().err
