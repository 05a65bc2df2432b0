"""Columns of any engine made plain: one missing value, one zero, nothing nested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import SchemaError
from privaudit.tables.levels import BLANKS

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["fetched_columns", "inner_names", "mark_gaps", "plain_columns"]


# What the engines call the type of a column that was never filled.
_NOTHING = ("null", "Null", '"NULL"')


def inner_names(columns: tuple[str, ...]) -> list[str]:
    """Names that no engine folds, quotes or takes for its own."""
    return [f"column_{i}" for i in range(len(columns))]


def plain_columns(
    frame: nw.LazyFrame[Any], columns: tuple[str, ...], who: str
) -> nw.LazyFrame[Any]:
    """Pick columns, under `inner_names`, with one missing value.

    Left to themselves the engines disagree: Polars counts NaN and null as two groups, Arrow 0.0
    and -0.0; a blank text is a level to all of them. Decimals become text: a float would join
    those that differ in their sixteenth digit.

    Parameters
    ----------
    frame : narwhals.LazyFrame
    columns : tuple of str
    who : str
        The function that an error names.

    Raises
    ------
    SchemaError
        A column is nested, binary, or of a type that the engine does not name.
    """
    import narwhals as nw

    schema = frame.collect_schema()
    kinds = {column: schema[column] for column in columns}
    for column, kind in kinds.items():
        if kind == nw.Unknown and _native_type(frame, column) in _NOTHING:
            kinds[column] = nw.String()
            frame = frame.with_columns(nw.col(column).cast(nw.String))
    return frame.select(
        *(
            _plain(column, kinds[column], who).alias(name)
            for column, name in zip(columns, inner_names(columns), strict=True)
        )
    )


def _native_type(frame: nw.LazyFrame[Any], column: str) -> str:
    """What an engine calls the type of a column, where narwhals has no name for it."""
    native = frame.to_native()
    if frame.implementation.is_duckdb():
        return str(native.types[native.columns.index(column)])
    if frame.implementation.is_polars():
        return str(native.collect_schema()[column])
    if frame.implementation.is_pyarrow():
        return str(native.schema.field(column).type)
    return ""


def _plain(column: str, kind: nw.dtypes.DType, who: str) -> nw.Expr:
    import narwhals as nw

    value = nw.col(column)
    if kind.is_float():
        return nw.when(~value.is_nan()).then(value + 0.0)
    if kind.is_decimal() or kind in (nw.Int128, nw.UInt128):
        return value.cast(nw.String)
    if kind.is_integer() or kind in (nw.Boolean, nw.Datetime):
        return value
    if kind == nw.Date:
        return value.cast(nw.Datetime("us"))
    if kind in (nw.Time, nw.Duration):
        return value.cast(nw.String)
    if kind == nw.String or kind == nw.Categorical or kind == nw.Enum:
        text = value if kind == nw.String else value.cast(nw.String)
        # Stripping costs more than the count: only what begins with a blank may be all blanks.
        begins = text.str.head(1).is_in(["", *BLANKS])
        return (
            nw.when(~begins)
            .then(text)
            .otherwise(nw.when(text.str.strip_chars(BLANKS) != "").then(text))
        )
    needs = f"column '{column}' of plain values (text, numbers, dates) of one kind"
    raise SchemaError(say(who, needs, f"type {kind}"))


def mark_gaps(
    plain: nw.LazyFrame[Any], frame: nw.LazyFrame[Any], columns: tuple[str, ...]
) -> nw.LazyFrame[Any]:
    """Say beside each column of `plain_columns` where it has no value.

    A null would make a float of a whole number on its way out, and join neighbours.
    """
    import narwhals as nw

    names, schema = inner_names(columns), frame.collect_schema()
    return plain.with_columns(
        *(nw.col(name).is_null().alias(f"{name}_missing") for name in names),
        *(
            nw.col(name).fill_null(False if schema[column] == nw.Boolean else 0)
            for name, column in zip(names, columns, strict=True)
            if schema[column].is_integer() or schema[column] == nw.Boolean
        ),
    )


def fetched_columns(found: nw.DataFrame[Any], columns: tuple[str, ...]) -> dict[str, pd.Series]:
    """Turn what came back of `mark_gaps` into the columns of pandas."""
    values = {}
    for column, name in zip(columns, inner_names(columns), strict=True):
        series = pd.Series(found[name].to_numpy())
        missing = found[f"{name}_missing"].to_numpy().astype(bool)
        if missing.any() and series.dtype.kind == "b":
            truth = np.array(series, dtype=bool)
            series = pd.Series(pd.arrays.BooleanArray(truth, missing))
        elif missing.any() and series.dtype.kind in "iu":
            known = series.to_numpy().astype(np.int64)
            series = pd.Series(pd.arrays.IntegerArray(known, missing))
        values[column] = series
    return values
