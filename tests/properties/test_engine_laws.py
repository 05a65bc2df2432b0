"""The same records give the same counts, to the last one, wherever they are kept."""

from __future__ import annotations

from collections import Counter as Tally
from datetime import date, datetime
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from privaudit.columns.roles import Roles
from privaudit.columns.values import Reading
from privaudit.tables.coded_table import Intake
from privaudit.tables.context import Options
from privaudit.tables.counting import class_sizes
from privaudit.tables.measure import measure, measure_intake
from privaudit.words.catalogues import Note

# What a cell may be, for each kind of column; None is missing, and so are NaN and blanks.
KINDS = {
    "text": st.sampled_from(["a", "A", "b", "é", "01", "1", "", " ", "\u2003", None]),
    "whole": st.sampled_from([-1, 0, 1, 2**53, 2**53 + 1, None]),
    "full": st.sampled_from([-120, 0, 7, 127]),
    "real": st.sampled_from([0.0, -0.0, 0.5, 1e300, float("nan"), None]),
    "truth": st.sampled_from([True, False, None]),
    "day": st.sampled_from([date(1970, 1, 1), date(2016, 11, 8), None]),
    "time": st.sampled_from([datetime(2016, 11, 8, 12), datetime(2016, 11, 8), None]),
    "kind": st.sampled_from(["left", "right", None]),
}


def is_missing(cell):
    return cell is None or cell != cell or (isinstance(cell, str) and not cell.strip())


def as_read(cell):
    """A cell as `measure` reads it: missing, or its value whatever the case of its letters."""
    if is_missing(cell):
        return None
    return cell.casefold() if isinstance(cell, str) else cell


def by_definition(rows, keys, exclude):
    """Class sizes from a dictionary: nothing of the library in it."""
    seen = Tally()
    for row in rows:
        key = tuple(None if is_missing(row[k]) else row[k] for k in keys)
        if not (exclude and None in key):
            seen[key] += 1
    return sorted(Tally(seen.values()).items())


@st.composite
def tables(draw):
    keys = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3, unique=True))
    row = st.fixed_dictionaries(KINDS)
    return draw(st.lists(row, min_size=1, max_size=12)), tuple(keys)


def as_polars(rows):
    import polars as pl

    schema = {
        "text": pl.String, "whole": pl.Int64, "full": pl.Int8, "real": pl.Float64,
        "truth": pl.Boolean, "day": pl.Date, "time": pl.Datetime("us"), "kind": pl.Categorical,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema)


def as_pandas(rows):
    frame = pd.DataFrame(
        {
            "text": pd.Series([r["text"] for r in rows], dtype="str"),
            "whole": pd.Series([r["whole"] for r in rows], dtype="Int64"),
            "full": pd.Series([r["full"] for r in rows], dtype="int8"),
            "real": pd.Series([r["real"] for r in rows], dtype="float64"),
            "truth": pd.Series([r["truth"] for r in rows], dtype="boolean"),
            "day": pd.to_datetime(pd.Series([r["day"] for r in rows], dtype="object")),
            "time": pd.to_datetime(pd.Series([r["time"] for r in rows], dtype="object")),
            "kind": pd.Categorical([r["kind"] for r in rows], ["left", "right", "unused"]),
        }
    )
    return frame


def as_duckdb(rows):
    import duckdb

    connection = duckdb.connect(config={"threads": "1"})
    connection.execute(
        'CREATE TABLE t (text VARCHAR, whole BIGINT, "full" TINYINT, real DOUBLE, '
        "truth BOOLEAN, day DATE, time TIMESTAMP, kind ENUM ('right', 'left'))"
    )
    connection.executemany(
        "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [[row[k] for k in KINDS] for row in rows]
    )
    return connection.table("t")


def as_csv(rows, folder):
    as_pandas(rows).to_csv(folder / "t.csv", index=False, sep=";")
    return folder / "t.csv"


def as_parquet(rows, folder):
    as_polars(rows).write_parquet(folder / "t.parquet")
    return str(folder / "t.parquet")


def as_dask(rows):
    dask = pytest.importorskip("dask.dataframe", reason="Dask is not installed")
    return dask.from_pandas(as_pandas(rows), npartitions=2)


@cache
def spark_session():
    """Spark in one thread, with what it would do for tables of gigabytes switched off."""
    pyspark = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    builder = pyspark.SparkSession.builder.master("local[1]")
    for name, value in {
        "driver.host": "127.0.0.1",
        "driver.bindAddress": "127.0.0.1",
        "ui.enabled": "false",
        "log.level": "ERROR",
        "default.parallelism": "1",
        "sql.shuffle.partitions": "1",
        "sql.adaptive.enabled": "false",
        "sql.codegen.wholeStage": "false",
        "sql.codegen.factoryMode": "NO_CODEGEN",
    }.items():
        builder = builder.config(f"spark.{name}", value)
    return builder.getOrCreate()


def as_spark(rows):
    kinds = "text string, whole long, full byte, real double, truth boolean, day date"
    # Spark has no categories.
    return spark_session().createDataFrame(
        [tuple(row[k] for k in KINDS) for row in rows], f"{kinds}, time timestamp_ntz, kind string"
    )


ENGINES = {
    "pandas": as_pandas,
    "Polars": as_polars,
    "Polars lazy": lambda rows: as_polars(rows).lazy(),
    "Arrow": lambda rows: as_polars(rows).to_arrow(),
    "DuckDB": as_duckdb,
    "Dask": as_dask,
    "Spark": as_spark,
}
HANDED_OVER = {"pandas": as_pandas, "Polars": as_polars, "Arrow": ENGINES["Arrow"]}
FILES = {"CSV": as_csv, "Parquet": as_parquet}


def check(found, rows, keys, exclude):
    got = list(zip(found.size.tolist(), found.classes.tolist(), strict=True))
    assert got == by_definition(rows, keys, exclude)


IN_SPARK = pytest.param("Spark", marks=pytest.mark.spark)


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
@pytest.mark.parametrize("engine", [*(e for e in ENGINES if e != "Spark"), IN_SPARK])
@given(table=tables(), exclude=st.booleans())
def test_class_sizes_are_those_of_the_definition(engine, table, exclude):
    rows, keys = table
    found = class_sizes(ENGINES[engine](rows), keys, missing="exclude" if exclude else "value")
    check(found, rows, keys, exclude)


@pytest.mark.heavy
@pytest.mark.parametrize("engine", HANDED_OVER)
@settings(max_examples=15)
@given(table=tables())
def test_a_frame_handed_to_duckdb_counts_the_same(engine, table):
    rows, keys = table
    found = class_sizes(HANDED_OVER[engine](rows), keys, engine="duckdb", memory_limit="1GB")
    check(found, rows, keys, False)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=15)
@given(table=tables())
def test_a_file_counts_the_same(kind, tmp_path_factory, table):
    rows, keys = table
    source = FILES[kind](rows, tmp_path_factory.mktemp("engine"))
    check(class_sizes(source, keys, memory_limit="500MB"), rows, keys, False)


NO_ENGINE = {"engine": None, "memory_limit": None, "spill_directory": None}


def by_counts(source, roles, *, population=None, **options):
    """The measures of a source of which only counts are read, small as it is."""
    return measure_intake(
        Intake(table=None, source=source, roles=roles, reading=Reading()),
        Options(**options),
        population=population,
        **NO_ENGINE,
    )


def same_rows(source, frame, roles, **options):
    """Compare every measure that both ways name: counts to the last one."""
    whole, counted = measure(frame, roles, **options), by_counts(source, roles, **options)
    got, want = counted.overall, whole.overall
    assert list(got.index) == list(want.index)
    assert list(counted.per_record.columns) == list(whole.per_record.columns)
    one_by_one = got["notes"].map(lambda notes: Note("needs_records") in notes).to_numpy(bool)
    assert {label.partition("(")[0] for label in got.index[one_by_one]} <= {
        "special_uniques", "minimal_uniques", "suda_score_max", "suda_score",
        "dis_suda_max", "dis_suda", "tau1", "tau2", "suda_score_with",
    }  # fmt: skip
    got, want = got[~one_by_one], want[~one_by_one]
    counts = got["unit"].isin(["records", "classes", "values", "sets"]).to_numpy()
    for column in ("value", "low", "high", "baseline"):
        ours, theirs = got[column].to_numpy(), want[column].to_numpy()
        np.testing.assert_array_equal(ours[counts], theirs[counts])
        # Sums of the same numbers in another order.
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    assert got["n"].tolist() == want["n"].tolist()
    assert got["unit"].tolist() == want["unit"].tolist()
    assert got["notes"].tolist() == want["notes"].tolist()
    if options["missing"] != "exclude":
        assert set(counted.notes) == {n for n in whole.notes if not n.key.startswith("uniques_")}


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
@pytest.mark.parametrize("engine", ["pandas", "Polars lazy", "Arrow", "DuckDB", "Dask", IN_SPARK])
@settings(max_examples=8)
@given(
    table=tables(),
    missing=st.sampled_from(["likely", "wildcard", "value", "exclude"]),
    sensitive=st.booleans(),
    fraction=st.sampled_from([None, 0.25, 1.0]),
)
def test_a_table_measures_the_same_by_its_counts(engine, table, missing, sensitive, fraction):
    rows, keys = table
    rest = [name for name in KINDS if name not in keys]
    roles = Roles(key=keys, sensitive=rest[:2] if sensitive else ())
    assume(missing != "exclude" or by_definition(rows, keys, exclude=True))
    options = {"missing": missing, "sampling_fraction": fraction, "subsets": 2}
    same_rows(ENGINES[engine](rows), as_pandas(rows), roles, **options)


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
@pytest.mark.parametrize(
    "engine", ["pandas", "Polars", "Polars lazy", "Arrow", "DuckDB", "Dask", IN_SPARK]
)
@settings(max_examples=6)
@given(
    table=tables(),
    others=st.lists(st.fixed_dictionaries(KINDS), max_size=12),
    missing=st.sampled_from(["likely", "wildcard", "value", "exclude"]),
)
def test_a_population_is_counted_the_same_wherever_it_is_kept(engine, table, others, missing):
    rows, keys = table
    people, roles = rows + others, Roles(key=keys)
    assume(missing != "exclude" or by_definition(rows, keys, exclude=True))
    want = measure(as_pandas(rows), roles, population=as_pandas(people), missing=missing)
    plain = ["k_map", "delta_presence_low", "delta_presence", "journalist_risk_max"]
    if missing == "value":
        # By a dictionary: everybody of the file is in the population.
        key = [tuple(as_read(r[k]) for k in keys) for r in people]
        crowd, mine = Tally(key), Tally(key[: len(rows)])
        assert want.value("k_map") == min(crowd[k] for k in mine)
        most = max(mine[k] / crowd[k] for k in crowd)
        assert want.value("delta_presence") == most
    for got in (
        measure(as_pandas(rows), roles, population=ENGINES[engine](people), missing=missing),
        by_counts(
            ENGINES[engine](rows), roles, population=ENGINES[engine](people), missing=missing
        ),
    ):
        pd.testing.assert_frame_equal(got.overall.loc[plain], want.overall.loc[plain])


@pytest.mark.sampled
@pytest.mark.parametrize("engine", ["Polars", "Arrow"])
@settings(max_examples=8)
@given(
    table=tables(),
    missing=st.sampled_from(["likely", "wildcard", "value"]),
    sensitive=st.booleans(),
)
def test_a_small_frame_of_another_library_is_measured_as_one_of_pandas(
    engine, table, missing, sensitive
):
    rows, keys = table
    rest = [name for name in KINDS if name not in keys]
    roles = Roles(key=keys, sensitive=rest[:2] if sensitive else ())
    options = {"missing": missing, "sampling_fraction": 0.5, "subsets": 2}
    want = measure(as_pandas(rows), roles, **options)
    got = measure(ENGINES[engine](rows), roles, **options)
    pd.testing.assert_frame_equal(got.overall, want.overall)
    pd.testing.assert_frame_equal(got.per_record, want.per_record)
    assert got.notes == want.notes


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
@pytest.mark.parametrize("engine", ["pandas", "Polars", "Polars lazy", "DuckDB", "Dask", IN_SPARK])
def test_an_estimate_is_the_same_to_its_last_digit_whatever_the_order(engine):
    draw = np.random.default_rng(3)
    rows = [
        dict.fromkeys(KINDS) | {"text": str(key), "full": 7, "real": weight}
        for key, weight in zip(
            draw.integers(0, 900, 3000).tolist(),
            draw.uniform(1.25, 1.35, 3000).tolist(),
            strict=True,
        )
    ]
    roles = Roles(key="text", weight="real")
    names = ["population_uniques_zayatz", "population_uniques_snb", "population_unique_share"]
    want = measure(as_pandas(rows[::-1]), roles, subsets=1).overall.loc[names, "value"]
    found = measure(ENGINES[engine](rows), roles, subsets=1).overall.loc[names, "value"]
    assert want.notna().all()
    assert found.tolist() == want.tolist()
