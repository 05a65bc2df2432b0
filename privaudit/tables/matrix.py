"""Three tables with the same attributes as matrices of numbers, rows in an order of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, kind_of, say
from privaudit.errors import ParameterError, SchemaError
from privaudit.measures.interval import wilson
from privaudit.tables.reading import Reading, reading_of
from privaudit.tables.tidy import tidied_column
from privaudit.text.column_names import spelt_as
from privaudit.words.note import Note

__all__ = ["TableMatrix", "named_table", "read_together", "table_matrix"]

_BOTH = ("original", "control")


@dataclass(frozen=True, eq=False, kw_only=True)
class TableMatrix:
    """Tables as floats: numbers, dates in seconds, categories as codes, nan where missing.

    Parameters
    ----------
    original, release, control : ndarray of float, shape (rows, columns)
        Rows are sorted by their values, so that no result depends on the order of a file.
    ordered : ndarray of bool, shape (columns,)
        Numbers and dates.
    dates : ndarray of bool, shape (columns,)
    doubts : tuple of Note
        Why no attack on these tables is reliable.
    notes : tuple of Note
        What was done to read their cells.
    """

    original: np.ndarray
    release: np.ndarray
    control: np.ndarray
    ordered: np.ndarray
    dates: np.ndarray
    doubts: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()


def read_together(
    who: str,
    tables: Mapping[str, pd.DataFrame],
    columns: Sequence[str],
    reading: Reading | None = None,
) -> tuple[dict[str, pd.DataFrame], tuple[Note, ...]]:
    """Read the cells of several tables as those of one.

    What one table decides holds for all: a day above 12, a decimal comma, the way that most
    records write a town.

    Returns
    -------
    tables : dict of str to pandas.DataFrame
        The columns asked for, each a category whose levels all tables share.
    notes : tuple of Note

    Raises
    ------
    SchemaError
        A column is text in one table, and numbers or dates in another.
    """
    read: dict[str, dict[str, pd.Series]] = {name: {} for name in tables}
    notes: list[Note] = []
    for column in columns:
        parts = {name: table[column] for name, table in tables.items()}
        if len({part.dtype for part in parts.values()}) > 1:
            whole = {name: part.astype("object") for name, part in parts.items()}
        else:
            whole = parts
        together = pd.concat(list(whole.values()), ignore_index=True)
        found, said = tidied_column(together.rename(column), reading or Reading(), who)
        notes += said
        if _kind_of(found.cat.categories) == "category":
            kinds = {name: _kind(part) for name, part in parts.items() if part.notna().any()}
            if len(set(kinds.values())) > 1:
                came = ", ".join(f"{kind} in the {name}" for name, kind in kinds.items())
                raise SchemaError(say(who, f"column '{column}' of one kind", came, "Convert it."))
        at = 0
        for name, part in parts.items():
            read[name][column] = found[at : at + len(part)].reset_index(drop=True)
            at += len(part)
    return {name: pd.DataFrame(found) for name, found in read.items()}, tuple(notes)


def table_matrix(
    who: str,
    original: pd.DataFrame,
    release: pd.DataFrame,
    control: pd.DataFrame,
    columns: Sequence[str],
    reading: Reading | None = None,
) -> TableMatrix:
    """Read and code the columns of three tables alike.

    Raises
    ------
    ParameterError
        A table is no frame of records, or `reading` is no `Reading`.
    SchemaError
        A table is empty, lacks a column, or holds another kind of value in it than another.
    """
    reading_of(who, reading, None)
    given = {"original": original, "release": release, "control": control}
    tables = {name: named_table(who, name, table) for name, table in given.items()}
    tables = {n: t.set_axis(spelt_as(columns, t.columns), axis=1) for n, t in tables.items()}
    for name, table in tables.items():
        columns_present(who, "column", columns, table.columns, f"the {name}")
        if table.empty:
            raise SchemaError(say(who, "people in every table", f"an empty {name}"))
    read, notes = read_together(who, tables, columns, reading)
    alike = [tables[name].assign(**read[name].set_axis(tables[name].index)) for name in _BOTH]
    doubts = list(_of_the_original(*alike))
    kinds: list[str] = []
    coded: dict[str, list[np.ndarray]] = {name: [] for name in tables}
    for column in columns:
        kind, value = _numbered(read["original"][column].cat.categories)
        kinds.append(kind)
        for name, found in read.items():
            part = np.append(value, np.nan)[found[column].cat.codes.to_numpy()]
            coded[name].append(part)
            doubts += _hardly_meets(column, name, part, coded["original"][-1], kind)
    matrix = {name: _sorted(np.column_stack(parts)) for name, parts in coded.items()}
    return TableMatrix(
        **matrix,
        ordered=np.array([kind != "category" for kind in kinds]),
        dates=np.array([kind == "date" for kind in kinds]),
        doubts=tuple(doubts),
        notes=notes,
    )


def _numbered(levels: pd.Index) -> tuple[str, np.ndarray]:
    """Return what levels are, and a number for each."""
    kind = _kind_of(levels)
    if kind == "category":
        # In the order of the alphabet: that of the rows must not matter.
        return kind, np.argsort(np.argsort(levels.astype("str"))).astype(float)
    number = levels.to_numpy()
    value = (number.astype("datetime64[us]") if kind == "date" else number).astype(float)
    return kind, value / 1e6 if kind == "date" else value


def _kind_of(levels: pd.Index) -> str:
    return {"i": "number", "u": "number", "f": "number", "M": "date"}.get(
        levels.dtype.kind, "category"
    )


def _hardly_meets(
    column: str, name: str, part: np.ndarray, original: np.ndarray, kind: str
) -> tuple[Note, ...]:
    """Doubt a table most of whose values the original does not have, or are beyond its own."""
    known, own = part[~np.isnan(part)], original[~np.isnan(original)]
    if not len(known) or not len(own):
        return ()
    inside = np.isin(known, own)
    if kind == "category" and name == "control" and 2 * len(np.unique(own)) > len(own):
        return ()  # names and the like: other people have others
    if kind != "category":
        inside = (known >= own.min()) & (known <= own.max())
    strange = int((~inside).sum())
    if 2 * strange <= len(known):
        return ()
    return (Note(f"{name}_hardly_meets", column=column, records=strange, of=len(known)),)


def _of_the_original(original: pd.DataFrame, control: pd.DataFrame) -> tuple[Note, ...]:
    """Doubt a control whose rows stand in the original more often than chance would have it.

    Every column that both have counts. By chance, an outsider has a double in the original as
    often as its own people have one there.
    """
    row = np.zeros(len(original) + len(control), dtype=np.int64)
    for column in original.columns:
        if (original.columns == column).sum() != 1 or (control.columns == column).sum() != 1:
            continue
        both = [table[column].astype("object") for table in (original, control)]
        try:
            codes, levels = pd.factorize(pd.concat(both, ignore_index=True))
        except TypeError:  # lists and the like, which no attack uses either
            continue
        row = pd.factorize(row * np.int64(len(levels) + 1) + codes + 1)[0]
    own, other = row[: len(original)], row[len(original) :]
    count = np.bincount(own, minlength=row.max() + 1)
    shared, doubled = float((count[other] > 0).mean()), float((count[own] > 1).mean())
    if not wilson(shared, len(other))[0] > (1 + doubled) / 2:
        return ()
    inside = int((count[other] > 0).sum())
    return (Note("control_in_original", rows=inside, of=len(other)),)


def named_table(who: str, name: str, table: Any) -> pd.DataFrame:
    """Check that a table is a frame, pandas, Polars or Arrow, and name its columns by text."""
    if not isinstance(table, pd.DataFrame):
        import narwhals as nw

        native = nw.from_native(table, eager_only=True, pass_through=True)
        if isinstance(native, nw.DataFrame):
            table = pd.DataFrame({column: native[column].to_numpy() for column in native.columns})
    if not isinstance(table, pd.DataFrame):
        needed = f"{name} to be a pandas, Polars or Arrow frame"
        raise ParameterError(say(who, needed, kind_of(table), "Collect a lazy one."))
    return table.set_axis([str(column) for column in table.columns], axis=1)


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return "number"
    return "category"


def _sorted(matrix: np.ndarray) -> np.ndarray:
    return matrix[np.lexsort(matrix.T[::-1])]
