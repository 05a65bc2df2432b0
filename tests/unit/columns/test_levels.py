"""Levels of a column, numbered in the quickest way: each cell keeps its value."""

import datetime
import gc

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.columns.levels import (
    encode_and_count,
    encode_column,
    fetched_columns,
    inner_names,
    narrow_codes,
    number_levels,
    plain_columns,
    present_levels,
    text_column,
)
from privaudit.columns.roles import Roles
from privaudit.tables.context import MeasureContext
from privaudit.tables.measure import measure


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([7, 5, 5, 7, 6], dtype="int8"),
        pd.Series([-128, 127, -128], dtype="int8"),
        pd.Series([2**63 - 1, 2**63 - 3], dtype="int64"),
        pd.Series([2**64 - 1, 2**64 - 2, 0], dtype="uint64"),
        pd.Series([0, 10**9, 0]),
        pd.Series([-(2**63), 2**63 - 1]),
        pd.Series([3, 3, 1], dtype="category"),
        pd.Series(["a", None, "b", "a"]),
        pd.Series([1.5, np.nan, 1.5]),
        pd.Series([True, False, True]),
        pd.Series([], dtype="int64"),
        pd.Series([4, None, 4], dtype="Int64"),
    ],
    ids=lambda column: f"{column.dtype} {len(column)}",
)
def test_codes_levels_and_counts_are_those_of_the_cells(column):
    codes, place, levels, count = encode_and_count(column, "measure")
    of_code = dict(zip(place.tolist(), levels.tolist(), strict=True))
    cells = column.tolist()
    assert [of_code.get(code) for code in codes.tolist()] == [
        None if pd.isna(cell) else cell for cell in cells
    ]
    known = [cell for cell in cells if not pd.isna(cell)]
    assert count.tolist() == [known.count(level) for level in levels.tolist()]
    assert 0 not in count
    assert set(levels) == set(encode_column(column, "measure")[1])
    plain = isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu"
    assert not plain or levels.dtype == column.dtype


@pytest.mark.parametrize("kind", [np.int8, np.int64])
def test_levels_that_some_record_has(kind):
    rng = np.random.default_rng(0)
    codes = rng.integers(-1, 100, 200_000).astype(kind)
    # Of one level the only record is the last.
    codes[codes == 50] = 51
    codes[-1] = 50
    codes[codes == 7] = -1
    assert present_levels(codes, 100).tolist() == [code for code in range(100) if code != 7]
    assert present_levels(codes[:0], 3).tolist() == []


def test_what_was_measured_is_let_go_at_once():
    """No ring of objects holds the arrays of a table until the garbage collector comes by."""
    frame = pd.DataFrame({"age": [30, 30, 41], "sex": list("FFM"), "party": list("aba")})
    gc.collect()
    gc.disable()
    try:
        found = measure(frame, Roles(key=["age", "sex"], sensitive="party"))
        left = [one for one in gc.get_objects() if isinstance(one, MeasureContext)]
    finally:
        gc.enable()
    assert found.value("k_anonymity") == 1
    assert not left


CELLS = st.lists(st.none() | st.sampled_from(["a", "b", "é", "", " ", "A"]), max_size=12)


@given(CELLS)
def test_a_column_of_text_is_numbered_as_pandas_does_each_time(cells):
    column = pd.Series(cells, dtype="str")
    want, levels = pd.factorize(column)
    for one in (column, column, column.copy(), pd.DataFrame({"a": column})["a"]):
        codes, found = number_levels(one)
        assert (codes.tolist(), found.tolist()) == (want.tolist(), levels.tolist())
    there = text_column(want, levels, as_they_come=True)
    pd.testing.assert_series_equal(there, column)
    assert number_levels(there)[0].tolist() == want.tolist()


def test_a_cell_that_is_changed_is_numbered_again():
    frame = pd.DataFrame({"a": pd.Series(["x", "y", "x"], dtype="str")})
    before, _ = number_levels(frame["a"])
    frame.loc[0, "a"] = "z"
    codes, levels = number_levels(frame["a"])
    assert levels[codes].tolist() == ["z", "y", "x"]
    assert before.tolist() == [0, 1, 0]
    with pytest.raises(ValueError, match="read-only"):
        number_levels(frame["a"])[0][0] = 1


def test_codes_live_as_long_as_their_column():
    pytest.importorskip("pyarrow")
    from privaudit.columns import levels

    gc.collect()
    before = len(levels._numbered)
    column = pd.Series([f"cell {i}" for i in range(9)], dtype="str")
    number_levels(column)
    assert len(levels._numbered) == before + 1
    del column
    gc.collect()
    assert len(levels._numbered) == before


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        # Whole numbers that fit in 32 bits are their own codes; others of a small span are
        # counted from the least, and those of a wider one numbered.
        ([2**31 - 2, 2**31 - 1], [2**31 - 2, 2**31 - 1]), ([2**31 - 1, 2**31], [0, 1]),
        ([0, 5], [0, 5]), ([-1, 5], [0, 6]), ([0, 2**20], [0, 2**20]), ([0, 2**20 + 1], [0, 1]),
        ([2**63 - 1, 2**63 - 3], [2, 0]),
    ],
)  # fmt: skip
def test_whole_numbers_are_their_own_codes_where_these_are_narrow(values, codes):
    found = narrow_codes(pd.Series(values, dtype="int64"), "measure")
    assert found.tolist() == codes
    assert int(found.max()) < 2**31


@pytest.mark.parametrize("top", [2**63 - 1, 2**63, 2**63 + 1])
def test_whole_numbers_beyond_sixty_three_bits_keep_their_value(top):
    column = pd.Series([top, top - 1, top], dtype="uint64")
    codes, place, levels, count = encode_and_count(column, "t")
    assert [int(level) for level in levels] in ([top - 1, top], [top, top - 1])
    assert dict(zip(map(int, levels), count.tolist(), strict=True)) == {top: 2, top - 1: 1}
    assert codes[0] == codes[2] != codes[1]
    assert sorted(place.tolist()) == sorted({*codes.tolist()})


@pytest.mark.parametrize("missing", [[False, True], [True, True], [False, False]])
@pytest.mark.parametrize("values", [[True, False], [7, 0]])
def test_gaps_of_a_fetched_column_are_its_own(values, missing):
    """The engine fills a gap with false or 0, and marks it beside."""
    (name,) = inner_names(("asked",))
    frame = pd.DataFrame({name: values, f"{name}_missing": missing})
    found = fetched_columns(nw.from_native(frame, eager_only=True), ("asked",))["asked"]
    expected = [pd.NA if gap else value for value, gap in zip(values, missing, strict=True)]
    assert found.isna().tolist() == missing
    whole = {bool: ("bool", "boolean"), int: ("int64", "Int64")}[type(values[0])]
    assert str(found.dtype) == whole[any(missing)]
    assert found[~found.isna()].tolist() == [one for one in expected if one is not pd.NA]


def test_complex_numbers_are_values_like_others():
    table = pd.DataFrame({"k": [1 + 2j, 3j, 3j, np.complex64(1), complex("nan")]})
    assert measure(table, Roles(key=["k"]), missing="exclude").value("classes") == 3


@pytest.mark.parametrize("kind", ["String", "Categorical", "Enum"])
def test_words_of_any_type_are_text_of_which_blanks_are_missing(kind):
    polars = pytest.importorskip("polars")
    cells = ["a", " b", "", "  ", None, "a"]
    kinds = {"String": polars.String, "Categorical": polars.Categorical,
             "Enum": polars.Enum(["a", " b", "", "  "])}  # fmt: skip
    frame = nw.from_native(polars.LazyFrame({"k": cells}, schema={"k": kinds[kind]}))
    found = plain_columns(frame, ("k",), "measure").collect().get_column("column_0")
    assert (found.dtype, found.to_list()) == (nw.String, ["a", " b", None, None, None, "a"])


def test_a_day_is_its_midnight_and_a_time_of_day_or_a_length_of_time_is_text():
    pl = pytest.importorskip("polars")
    day, time = datetime.date(2016, 9, 1), datetime.time(8, 30)
    long = [datetime.timedelta(hours=2), None, datetime.timedelta(hours=2)]
    cells = {"day": [day] * 3, "time": [time] * 3, "long": long}
    frame = nw.from_native(pl.DataFrame(cells).lazy())
    found = plain_columns(frame, ("day", "time", "long"), "measure").collect()
    days, times, longs = (found.get_column(name) for name in found.columns)
    assert days.to_list() == [datetime.datetime(2016, 9, 1)] * 3
    assert [part.dtype for part in (times, longs)] == [nw.String, nw.String]
    assert times.to_list()[0].startswith("08:30:00")
    first, gap, third = longs.to_list()
    assert (gap, first) == (None, third)
