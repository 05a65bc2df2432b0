"""Parquet files, as a table of plain columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ReadError
from privaudit.release.delimited import column_names

__all__ = ["parse_parquet"]

_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "2GB",
    "temp_directory": "",  # nothing is spilt to a disk
}
_NOT_PLAIN = ("BLOB", "GEOMETRY", "STRUCT", "MAP", "UNION", "VARIANT")


def parse_parquet(file: Path, *, name: str, who: str) -> tuple[pd.DataFrame, list[str]]:
    """Read a Parquet file.

    Parameters
    ----------
    file : Path
        Where it is; its first four bytes are known to be those of Parquet.
    name, who : str
        The file's name, and the function that an error names.

    Returns
    -------
    frame : pandas.DataFrame
        Numbers and dates keep their type; whole numbers with gaps become float64, or text
        where a float would round them; everything else is ``str``.
    notes : list of str
        Which columns were left out.

    Raises
    ------
    ReadError
        The file is cut short or damaged, or has no row.
    SchemaError
        A column's name stands twice.
    """
    import duckdb

    at = {"path": "".join(f"[{c}]" if c in "[*?" else c for c in str(file.absolute()))}
    rows = "SELECT * FROM read_parquet($path)"
    try:
        with duckdb.connect(":memory:", config=_CONFIG) as connection:
            fields = connection.execute(
                "SELECT name, coalesce(num_children, 0) FROM parquet_schema($path)", at
            ).fetchall()
            names = column_names(_top_level(fields), name=name, who=who)
            described = connection.execute(f"DESCRIBE {rows}", at).fetchall()
            # The engine renames a column that differs from another by case only.
            given, kinds = zip(*((row[0], str(row[1])) for row in described), strict=True)
            plain = [i for i, kind in enumerate(kinds) if _is_plain(kind)]
            quoted = ", ".join('"' + given[i].replace('"', '""') + '"' for i in plain)
            if not plain:
                raise ReadError(say(who, "plain columns", f"only nested or binary ones in {name}"))
            frame = connection.execute(f"SELECT {quoted} FROM ({rows})", at).df()
    # The engine's own message may hold a value of the file.
    except (duckdb.Error, UnicodeDecodeError) as error:
        came = f"{name}, which is damaged or cut short ({type(error).__name__})"
        raise ReadError(say(who, "a Parquet file", came, "Export it again.")) from None
    frame.columns = pd.Index([names[i] for i in plain])
    if frame.empty:
        raise ReadError(say(who, "at least one row", f"none in {name}"))
    left = [names[i] for i in range(len(names)) if i not in plain]
    notes = [f"column '{column}' is nested or binary: left out" for column in left]
    return pd.DataFrame({column: _plain(frame[column]) for column in frame}), notes


def _top_level(fields: list[tuple[str, int]]) -> list[str]:
    """Return the names of the root's children; fields come parent first, depth first."""
    names: list[str] = []
    at = 1
    while at < len(fields):
        names.append(fields[at][0])
        below = 1
        while below:
            below += fields[at][1] - 1
            at += 1
    return names


def _is_plain(kind: str) -> bool:
    return not (kind.endswith("]") or kind.startswith(_NOT_PLAIN))


def _plain(column: pd.Series) -> pd.Series:
    """Give a column one of the types that a text table would have, or dates."""
    if pd.api.types.is_bool_dtype(column) and not column.isna().any():
        return column.astype(bool)
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        if not pd.api.types.is_integer_dtype(column):
            return column.astype("float64")
        if not column.isna().any():
            return column.astype("int64") if column.max() < 2**63 else column.astype("str")
        if column.abs().max() < 2**53:
            return column.astype("float64")
    return column.astype("str").mask(column.isna() | (column.astype("str") == ""))
