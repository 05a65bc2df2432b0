"""Tables as they should not be: the same answer wherever they are, and never a wrong number."""

import json
import sys
import time

import numpy as np
import pandas as pd
import pytest

from privaudit import cli
from privaudit.columns.roles import Roles
from privaudit.errors import SchemaError
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

N = 24
TABLE = pd.DataFrame(
    {
        "age": [20, 30, 40, 50] * 6,
        "same": ["z"] * N,
        "none": pd.Series([None] * N, dtype="object"),
        "some": ["x", "y", None] * 8,
        "name": [f"person {i}" for i in range(N)],
        "zero": [0.0, 0.0, *[2.0] * (N - 2)],
        "negative": [-1.0, *[2.0] * (N - 1)],
        "missing": [np.nan, *[2.0] * (N - 1)],
    }
)
DOORS = ("pandas", "duckdb", "polars", "lazy", "csv", "csv limited")


def by(door, frame, roles, folder, **options):
    if door == "duckdb":
        return measure(frame, roles, engine="duckdb", **options)
    if door in ("polars", "lazy"):
        pl = pytest.importorskip("polars")
        other = pl.from_pandas(frame)
        return measure(other.lazy() if door == "lazy" else other, roles, **options)
    if door.startswith("csv"):
        frame.to_csv(folder / "t.csv", index=False)
        limit = "300MB" if door == "csv limited" else None
        return measure(folder / "t.csv", roles, memory_limit=limit, **options)
    return measure(frame, roles, **options)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("key", "k", "alone", "said"),
    [
        (["age", "same"], 6, 0, Note("key_has_one_value", key="same")),
        (["age", "none"], 6, 0, Note("key_missing_everywhere", key="none")),
        (["none"], N, 0, Note("key_gaps_likely", records=24, of=24)),
        (["age", "name"], 1, N, Note("key_like_an_identifier", key="name")),
    ],
)
def test_a_key_that_tells_nothing_or_all(tmp_path, door, key, k, alone, said):
    found = by(door, TABLE, Roles(key=key), tmp_path)
    assert found.overall.loc[["k_anonymity", "sample_uniques"], "value"].tolist() == [k, alone]
    assert said in found.notes


@pytest.mark.parametrize("door", DOORS)
def test_nobody_is_left_after_exclusion(tmp_path, door):
    with pytest.raises(SchemaError, match="none left after those with a missing key"):
        by(door, TABLE, Roles(key=["age", "none"]), tmp_path, missing="exclude")
    # 16 records have a value of `some`: each age of both.
    found = by(door, TABLE, Roles(key=["age", "some"]), tmp_path, missing="exclude")
    assert found.overall.loc[["records", "k_anonymity"], "value"].tolist() == [16, 2]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("weight", "said"),
    [("zero", "2 zero"), ("negative", "1 negative"), ("missing", "1 missing or infinite")],
)
def test_a_weight_that_cannot_be(tmp_path, door, weight, said):
    with pytest.raises(SchemaError, match=f"every weight '{weight}' above 0, but got {said}"):
        by(door, TABLE, Roles(key="age", weight=weight), tmp_path)


@pytest.mark.parametrize("door", DOORS)
def test_a_sensitive_column_without_a_value(tmp_path, door):
    found = by(door, TABLE, Roles(key="age", sensitive="none"), tmp_path)
    assert np.isnan(found.value("distinct_l"))
    assert found.row("distinct_l").notes == (Note("all_values_missing"),)


def test_mixed_types_are_said_and_one_text_in_a_file(tmp_path):
    mixed = pd.DataFrame({"code": [1, "1"] * 12})
    found = by("pandas", mixed, Roles(key="code"), tmp_path)
    assert found.overall.loc["classes", "value"] == 1
    assert Note("column_mixes_types", column="code") in found.notes
    for door in ("csv", "csv limited"):
        assert by(door, mixed, Roles(key="code"), tmp_path).overall.loc["classes", "value"] == 1
    with pytest.raises(SchemaError, match="mixed types"):
        by("duckdb", mixed, Roles(key="code"), tmp_path)
    # 1 and 1.0 are one number: nothing to say.
    numbers = pd.DataFrame({"code": pd.Series([1, 1.0] * 12, dtype="object")})
    found = by("pandas", numbers, Roles(key="code"), tmp_path)
    assert found.overall.loc["classes", "value"] == 1
    assert "column_mixes_types" not in [note.key for note in found.notes]


@pytest.mark.heavy
@pytest.mark.parametrize("door", ["pandas", pytest.param("duckdb", marks=pytest.mark.slow), "lazy"])
def test_forty_keys_end_in_seconds_and_say_where_they_stopped(tmp_path, door):
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.integers(0, 3, (2_000, 40)), columns=[f"k{i}" for i in range(40)])
    started = time.perf_counter()
    found = by(door, wide, Roles(key=list(wide)), tmp_path, subsets=2, special=40)
    assert time.perf_counter() - started < 60
    assert found.overall.loc["sample_uniques", "value"] == 2_000
    if door == "pandas":
        sets = 2**40 - 1
        cut = Note("uniques_cut_short", size=3, asked=40, sets=sets, records=2_000)
        assert cut in found.notes


def test_more_keys_than_a_set_can_hold_are_measured_without_special_uniques(monkeypatch):
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.integers(0, 3, (20, 70)), columns=[f"k{i}" for i in range(70)])
    found = measure(wide, Roles(key=list(wide)))
    said = Note("uniques_not_searched", keys=70, records=20)
    assert said in found.notes
    assert found.row("special_uniques").notes == (said,)
    assert found.overall.loc["k_anonymity", "value"] == 1
    monkeypatch.setattr(sys.modules["privaudit.tables.distinction"], "COST_LIMIT", 10)
    short = measure(TABLE, Roles(key="age"))
    assert Note("uniques_not_searched", keys=1, records=N) in short.notes


def test_the_command_line_counts_under_a_limit_and_reports_what_it_lacks(tmp_path, capsys):
    file, out = tmp_path / "big.csv", tmp_path / "report"
    pd.concat([TABLE] * 10).to_csv(file, index=False)
    asked = ["table", str(file), "--key", "age,same", "--out", str(out)]
    assert cli.main([*asked, "--memory-limit", "300MB"]) == 0
    limited = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    page = (out / "annex.html").read_text(encoding="utf-8")
    said = "Only counts were read, since an engine or a memory limit was asked for"
    assert "counted_asked_for" in [note["key"] for note in limited["notes"]]
    assert said in page
    assert limited["command"].endswith("--memory-limit 300MB")
    assert cli.main(asked) == 0
    whole = json.loads((out / "findings.json").read_text(encoding="utf-8"))
    counted, read = (
        {f["id"]: f["value"] for f in run["findings"] if f["family"] == "table"}
        for run in (limited, whole)
    )
    assert counted.keys() == read.keys()
    without = {name for name in counted if counted[name] is None and read[name] is not None}
    assert {name.split(".")[1] for name in without} == {
        "special_uniques", "minimal_uniques", "suda_score", "suda_score_max", "suda_score_with",
    }  # fmt: skip
    assert {k: v for k, v in counted.items() if k not in without} == {
        k: v for k, v in read.items() if k not in without
    }
    assert cli.main([*asked, "--memory-limit", "lots"]) == 2
    assert 'a size such as "1GB"' in capsys.readouterr().err
