"""A user's table of profiles becomes the same `TableRelease` as a simulated one."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd

from privaudit._core.checks import an_instance, kind_of, say
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.release.files import read_frame, reader_of
from privaudit.release.release import TableRelease
from privaudit.roles import Roles
from privaudit.tables.file_frame import FileFrame, column_names

__all__ = ["Source", "measurable", "read_table", "table_release", "taken_over"]

Source = str | os.PathLike[str] | pd.DataFrame


def read_table(source: Source, *, roles: Roles | None = None) -> TableRelease:
    """Read a table of profiles, such as the export of a canvassing tool.

    Parameters
    ----------
    source : path or pandas.DataFrame
        A file of a format that has a reader (see `privaudit.release.files.read_frame`), or a
        frame, which is left as it is. A geometry is not needed, nor measured.
    roles : Roles, optional
        What each column is. Default: no column has a role yet.

    Returns
    -------
    TableRelease
        `notes` say what was assumed, `set_aside` counts the lines that could not be used.

    Raises
    ------
    ReadError
        The file cannot be read, is not what its ending says, or has no row.
    SchemaError
        A column with a role is missing, a name stands twice, or the weight is no number.
    ParameterError
        `roles` is not a `Roles`.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [34, 34, 71], "opinion": ["left", "right", "left"]})
    >>> read_table(frame, roles=Roles(key="age", sensitive="opinion"))
    Release(table, 3 records, audited file, columns age, opinion)
    """
    if roles is not None:
        an_instance("read_table", "roles", roles, Roles, "Write roles=Roles(key=[...]).")
    return table_release(source, roles or Roles(), who="read_table")


def table_release(source: Source, roles: Roles, *, who: str) -> TableRelease:
    """Read a table for the function `who`, which its errors name; see `read_table`."""
    table = taken_over(source, who=who, gives="table")
    roles.check(who, table.frame.columns, table.name)
    if roles.weight is not None and not pd.api.types.is_numeric_dtype(table.frame[roles.weight]):
        needed = f"numbers in the weight '{roles.weight}' of {table.name}"
        do = "Write weights with a decimal point, one in each row."
        raise SchemaError(say(who, needed, "text", do))
    return TableRelease(
        records=table.frame,
        roles=roles,
        name=table.name,
        set_aside=dict(table.set_aside),
        notes=table.notes,
        recipe={"reader": "read_table"},
    )


def measurable(path: str | os.PathLike[str], roles: Roles, *, who: str) -> Any:
    """Return what `privaudit.measure` takes of a file: its path, or its table, read.

    - `path`: Of any format that is read as a table. CSV and Parquet are measured where they are.
    """
    counted = reader_of(path, who=who, gives="table").counted
    return path if counted else table_release(path, roles, who=who)


def taken_over(source: Any, *, who: str, gives: str, crs: str | None = None) -> FileFrame:
    """Read a file, or take a frame over without changing it."""
    if isinstance(source, (str, os.PathLike)):
        return read_frame(source, who=who, gives=gives, crs=crs)
    if not isinstance(source, pd.DataFrame):
        do = "Turn another frame into one of pandas first."
        raise ParameterError(say(who, "a path or a pandas DataFrame", kind_of(source), do))
    name = "the data frame"
    header = [str(column) for column in source.columns]
    if not len(source) or not header:
        came = f"{len(source)} rows and {len(header)} columns"
        raise ReadError(say(who, f"at least one row and one column in {name}", came))
    frame = source.reset_index(drop=True)
    frame.columns = pd.Index(column_names(header, name=name, who=who))
    return FileFrame(frame=frame, name=name)
