"""The command line that a study tells is one that the program takes, and means the same study."""

import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.cli import _parser
from privaudit.columns.roles import Roles
from privaudit.studies.audit_log import InteractionLog, audit_country, audit_log
from privaudit.studies.audit_map import SeizedMap
from privaudit.studies.audit_table import audit_table
from privaudit.studies.commands import command_line
from privaudit.studies.demo import Scene
from privaudit.studies.study import Input


def parsed(command):
    """Options of a told command, where its report is to go added."""
    name, *words = shlex.split(command)
    assert name == "privaudit"
    return _parser().parse_args([*words, "--out", "again"])


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """300 people, 4,000 events in three months, in a file whose name needs quotes."""
    rng, path = np.random.default_rng(1), tmp_path_factory.mktemp("log") / "my log.csv"
    when = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 90 * 86_400, 4_000), "s")
    who, page = rng.integers(0, 300, 4_000), rng.integers(0, 200, 4_000)
    pd.DataFrame({"who": who, "page": page, "at": when}).to_csv(path, index=False)
    return path


def test_the_command_of_a_log_rebuilds_it(log):
    given = InteractionLog(file=log, person="who", item="page", time="at")
    study = audit_log(given, points=(1, 2, 99), hours=12, sample=80, seed=3)
    families = ["unicity", "known_points", "scoreboard", "match_periods", "log_mended"]
    assert (study.kind, list(study.measures)) == ("log", families)
    # Nobody has 99 distinct events.
    assert {row.part["points"] for row in study.measures["unicity"].rows} == {1, 2}
    told = parsed(study.command)
    assert (told.file, told.person, told.item, told.time) == (Path(log.name), "who", "page", "at")
    assert (told.points, told.hours, told.sample, told.seed) == ((1, 2, 99), 12, 80, 3)
    again = InteractionLog(file=log, person=told.person, item=told.item, time=told.time)
    rebuilt = audit_log(
        again, points=told.points, hours=told.hours, sample=told.sample, seed=told.seed
    )
    for family, found in study.measures.items():
        pd.testing.assert_frame_equal(found.overall, rebuilt.measures[family].overall)
    assert study.inputs == (Input(path=log, role="log"),)


def test_a_log_without_time_is_not_split_in_two(log):
    study = audit_log(InteractionLog(file=log, person="who", item="page"), points=(2,), sample=50)
    assert list(study.measures) == ["unicity", "known_points", "scoreboard", "log_mended"]
    assert "--time" not in study.command


def test_the_command_of_a_country_names_its_files(tmp_path):
    file = tmp_path / "communes.csv"
    file.write_text("CODGEO,DEP,LIBGEO,PMUN\n01001,01,A,832\n01002,01,B,12000\n")
    study = audit_country(file, by=("commune", "birth_month"))
    told = parsed(study.command)
    assert (told.population, told.by) == (Path("communes.csv"), ("commune", "birth_month"))
    rebuilt = audit_country(file, by=told.by, pyramid=told.pyramid, year=told.year)
    assert rebuilt.measures["country"].value("unique") == study.measures["country"].value("unique")
    assert [(one.role, one.source) for one in study.inputs] == [
        ("population", "insee_communes"), ("pyramid", "insee_pyramid"),
    ]  # fmt: skip
    assert [note.values.get("source") for note in study.notes][-2:] == [
        "insee_communes", "insee_pyramid",
    ]  # fmt: skip


def test_the_command_of_a_table_tells_every_option(tmp_path):
    file = tmp_path / "export.csv"
    ages = np.random.default_rng(2).integers(20, 60, 200)
    pd.DataFrame({"age": ages, "sex": ["F", "M"] * 100, "side": "left"}).to_csv(file, index=False)
    roles = Roles(key=("age", "sex"), sensitive=("side",))
    told = parsed(audit_table(file, roles, contributions=True, missing="value").command)
    assert (told.file, told.key, told.sensitive) == (Path("export.csv"), ("age", "sex"), ("side",))
    assert (told.contributions, told.missing) == (True, "value")


def test_the_command_of_a_map_holds_what_was_given():
    bbox = (-652_000.123, 6_850_000.0, 653_000.0, 6_851_000.5)
    seized = SeizedMap(
        leaks=["/seized/a leak.png"], addresses="/data/adresses-94.csv", commune="94042",
        mask="donut:50:200", adversary="knows_mask", bbox=bbox, colour="blue",
    )  # fmt: skip
    told = parsed(command_line("map", seized.leaks, seized, reveal_rows=True, seed=11))
    assert (told.leaks, told.addresses) == ([Path("a leak.png")], Path("adresses-94.csv"))
    assert (told.commune, told.mask, told.adversary) == ("94042", "donut:50:200", "knows_mask")
    assert told.bbox == pytest.approx(bbox)
    assert (told.colour, told.reveal_rows, told.seed) == ("blue", True, 11)


@pytest.mark.parametrize(
    "scene",
    [
        Scene(inhabitants=3_000),
        Scene(addresses="/d/adresses-94.csv", commune="94042", cells="c.csv"),
    ],
)
def test_the_command_of_a_demo_holds_what_was_given(scene):
    told = parsed(command_line("demo", [], scene, seed=5, towns=3))
    assert (told.inhabitants, told.commune) == (scene.inhabitants, scene.commune)
    for name in ("addresses", "cells"):
        given = getattr(scene, name)
        assert getattr(told, name) == (None if given is None else Path(Path(given).name))
    assert told.seed == 5
    assert told.towns == 3
