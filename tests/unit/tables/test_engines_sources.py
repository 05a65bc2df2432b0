"""Sources as they come: files typed by the reader's rules, refusals, nothing left behind."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.release.read_table import read_table
from privaudit.tables.counting import class_sizes
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

SECRET = "Zephyrine"


def sizes(source, *keys, **options):
    found = class_sizes(source, keys, **options)
    return dict(zip(found.size.tolist(), found.classes.tolist(), strict=True))


def put(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("cells", "want"),
    [
        (["01000", "1000", "1000"], {1: 1, 2: 1}),  # a leading zero: codes, not numbers
        (["1", "1.0", "+1"], {3: 1}),  # one number
        (["1", "1.0", "x"], {1: 3}),  # three texts
        (["9007199254740993", "9007199254740992", ""], {1: 3}),  # a float would join two
        (["'12", "'12", "'13"], {1: 1, 2: 1}),  # apostrophes of a spreadsheet
        (["'t Hooft", "'t Hooft", "t Hooft"], {1: 1, 2: 1}),  # and one of a name
        (["", " ", "\u3000"], {3: 1}),
        (["1e2", "100", "1E2"], {3: 1}),
        (["{1,3}", "{1,3}", "{}"], {1: 1, 2: 1}),
    ],
)
def test_a_text_file_is_typed_as_read_table_types_it(tmp_path, cells, want):
    path = put(tmp_path, "\ufeffcode;n\n" + "".join(f'"{c}";{i}\n' for i, c in enumerate(cells)))
    assert sizes(path, "code") == want
    assert sizes(read_table(path).records, "code") == want


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_separators_and_odd_names(tmp_path, separator):
    rows = [["Age", "age of 'x'", "c"], ["1", "a", "z"], ["1", "a", "y"], ["2", "b", "z"]]
    path = put(tmp_path, "\n".join(separator.join(row) for row in rows), "a[1]*.csv")
    assert sizes(path, "Age", "age of 'x'") == {1: 1, 2: 1}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_measures_as_read_table_and_measure_do(tmp_path, kind):
    rng = np.random.default_rng(3)
    n = 400
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 40, n).astype(float),
            "place": rng.choice(["01000", "13001", " "], n),
            "party": rng.choice(["left", "right"], n),
            "score": rng.integers(0, 6, n),
            "weight": rng.uniform(1, 9, n).round(2),
        }
    )
    frame.loc[::17, "age"] = np.nan
    path = tmp_path / f"t.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    roles = Roles(key=["age", "place"], sensitive=["party", "score"], weight="weight")
    got = measure(path, roles, memory_limit="200MB").overall
    want = measure(read_table(path, roles=roles)).overall
    assert list(got.index) == list(want.index)
    kept = ~got["notes"].map(lambda notes: Note("needs_records") in notes).to_numpy(bool)
    assert kept.sum() > 45
    np.testing.assert_allclose(got["value"][kept], want["value"][kept], rtol=1e-10)
    whole = got["unit"].isin(["records", "classes", "values"]).to_numpy() & kept
    np.testing.assert_array_equal(got["value"][whole], want["value"][whole])


def test_decimals_and_long_numbers_are_never_joined_by_a_float(tmp_path):
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow")
    near = pa.table(
        {
            "d": pa.array([Decimal("1.00000000000000001"), Decimal("1.00000000000000002"), None]),
            "n": pa.array([2**53, 2**53 + 1, None], pa.int64()),
        }
    )
    assert sizes(near, "d") == {1: 3}
    assert sizes(near, "n") == {1: 3}
    assert sizes(near, "d", "n", engine="duckdb") == {1: 3}
    one = near.append_column("k", pa.array([1, 1, 1]))
    for engine in (None, "duckdb"):
        options = {"missing": "value", "engine": engine}
        found = measure(near, Roles(key="d", sensitive="n"), **options)
        assert found.value("distinct_l") == 1
        found = measure(one, Roles(key="k", sensitive="n"), **options)
        assert found.value("distinct_l") == 3


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"a,b\n1,{SECRET}\n2,{SECRET},9\n", "equal lines"),
        (f"a,b\n1,{SECRET}\n2\n", "equal lines"),
        (f'a,b\n1,"{SECRET}\n', "equal lines"),
        ("", "the empty file"),
    ],
)
def test_a_crooked_file_is_refused_without_a_cell(tmp_path, text, what):
    path = put(tmp_path, text)
    with pytest.raises((ReadError, SchemaError), match=what) as refused:
        class_sizes(path, ("b",)) if text else class_sizes(path, ("a",))
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_parquet_column_whose_name_is_no_text(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "t.parquet"
    table = arrow.table({"a": ["1"] * 20, "café": [SECRET] * 20})
    parquet.write_table(table, path, store_schema=False)
    path.write_bytes(path.read_bytes().replace("café".encode(), b"caf\xff\xfe"))
    for read in (lambda: class_sizes(path, ("a",), memory_limit="300MB"), lambda: read_table(path)):
        with pytest.raises(ReadError, match="which is damaged or cut short"):
            read()


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(ReadError, match="no such file"):
        class_sizes(tmp_path / "none.csv", ("a",))
    broken = tmp_path / "t.parquet"
    broken.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(ReadError, match="damaged or cut short"):
        class_sizes(broken, ("a",))
    with pytest.raises(SchemaError, match="a pandas, Polars, Arrow"):
        class_sizes([1, 2], ("a",))
    with pytest.raises(SchemaError, match="'b' is not a column"):
        class_sizes(pd.DataFrame({"a": [1]}), ("b",))
    with pytest.raises(SchemaError, match="plain values"):
        class_sizes(pd.DataFrame({"a": [[1], [2]]}), ("a",))
    pl = pytest.importorskip("polars", reason="needs polars")
    with pytest.raises(SchemaError, match="plain values"):
        class_sizes(pl.DataFrame({"a": [[1], [2]]}), ("a",))


def test_parameters_are_refused():
    frame = pd.DataFrame({"a": [1, 2]})
    with pytest.raises(ParameterError, match="engine"):
        class_sizes(frame, ("a",), engine="spark")
    with pytest.raises(ParameterError, match="a size such as"):
        class_sizes(frame, ("a",), engine="duckdb", memory_limit="much")
    with pytest.raises(ParameterError, match='a file or engine="duckdb"'):
        class_sizes(frame, ("a",), memory_limit="1GB")
    with pytest.raises(ParameterError, match="key variable"):
        class_sizes(frame, ())
    with pytest.raises(ParameterError, match="missing"):
        class_sizes(frame, ("a",), missing="drop")
    for engine in (None, "duckdb"):
        with pytest.raises(SchemaError, match="at least one record, but got none"):
            measure(frame.iloc[:0], Roles(key="a"), engine=engine)
        blank = pd.DataFrame({"a": [None, " "]})
        with pytest.raises(SchemaError, match="with every key"):
            measure(blank, Roles(key="a"), missing="exclude", engine=engine)


def test_an_error_of_the_engine_loses_its_message(tmp_path):
    pl = pytest.importorskip("polars", reason="needs polars")
    plan = pl.LazyFrame({"a": [SECRET, "1"]}).select(pl.col("a").cast(pl.Int64))
    with pytest.raises(ReadError, match="a source that can be counted") as refused:
        class_sizes(plan, ("a",))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("engine", [None, "duckdb"])
def test_an_unusable_weight_is_counted_in_records(engine):
    frame = pd.DataFrame({"a": [1, 1, 1, 2], "w": [0.0, 0.0, np.nan, 2.0]})
    with pytest.raises(SchemaError, match="1 missing or infinite, 2 zero"):
        measure(frame, Roles(key="a", weight="w"), engine=engine)
    frame = pd.DataFrame({"a": [1, 2], "w": ["x", "y"]})
    with pytest.raises(SchemaError, match="to be a number"):
        measure(frame, Roles(key="a", weight="w"), engine=engine)


def test_the_frame_is_left_as_it_is_and_nothing_stays_on_the_disk(tmp_path):
    frame = pd.DataFrame({1: [-3, 4], "b": ["x", None]})
    before = frame.copy()
    sizes(frame, "1", "b", engine="duckdb", memory_limit="1GB", spill_directory=tmp_path)
    sizes(frame, "1", "b")
    pd.testing.assert_frame_equal(frame, before)
    assert list(Path(tmp_path).iterdir()) == []


def test_sizes_past_the_count_table_are_sorted():
    # Three keys of some 2**20 levels leave no room for a table: three pairs, one alone.
    values = np.array([0, 2**20 - 1, 5, 0, 2**20 - 1, 5, 7])
    frame = pd.DataFrame({"a": values, "b": values[::1], "c": -values})
    assert sizes(frame, "a", "b", "c") == {1: 1, 2: 3}


@pytest.mark.parametrize("engine", [None, "duckdb"])
@pytest.mark.parametrize("frame", ["pandas", "polars", "pyarrow"])
def test_the_two_zeros_are_one_level_and_nan_is_missing(frame, engine):
    library = pytest.importorskip(frame, reason=f"needs {frame}")
    make = getattr(library, "DataFrame", None) or library.table
    cells = {"r": [0.0, -0.0, 0.0, float("nan"), None], "k": ["x"] * 5}
    assert sizes(make(cells), "r", "k", engine=engine) == {2: 1, 3: 1}


@pytest.mark.parametrize("frame", ["polars", "pyarrow", "duckdb"])
def test_a_column_that_was_never_filled_is_missing(frame):
    library = pytest.importorskip(frame, reason=f"needs {frame}")
    if frame == "duckdb":
        source = library.sql("SELECT unnest([1, 1, 2]) AS a, NULL AS n")
    else:
        make = getattr(library, "DataFrame", None) or library.table
        source = make({"a": [1, 1, 2], "n": [None] * 3})
    assert sizes(source, "a", "n") == {1: 1, 2: 1}
    assert sizes(source, "n") == {3: 1}
    assert sizes(source, "a", "n", missing="exclude") == {}
    found = measure(source, Roles(key=["a", "n"], sensitive=()), missing="value")
    assert found.value("sample_uniques") == 1
