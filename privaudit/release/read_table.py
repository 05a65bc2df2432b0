"""Read a table of profiles as a `TableRelease`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pandas as pd

from privaudit.columns.recognise import named_by_headers
from privaudit.columns.roles import Roles, ids_repeated, roles_known
from privaudit.columns.values import Reading, read_values, reading_of
from privaudit.core.checks import an_instance
from privaudit.core.files import once
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import SchemaError
from privaudit.io.coordinates import with_points
from privaudit.io.encodings import read_as
from privaudit.io.file_frame import FileFrame
from privaudit.io.frames import held
from privaudit.io.readers import read_frame, reader_of
from privaudit.release.release import TableRelease
from privaudit.words.catalogues import Note

# A path, or what `privaudit.io.frames.held` takes over: a frame of any library, features, a file.
Source = Any


def read_table(
    source: Source,
    *,
    roles: Roles | None = None,
    missing_values: Any = None,
    reading: Reading | None = None,
    encoding: str | None = None,
) -> TableRelease:
    """Read a table of profiles, such as the export of a canvassing tool.

    Parameters
    ----------
    source : path, frame or open file
        A file of a format that has a reader (see `privaudit.io.readers.read_frame`), or a
        frame, which is left as it is: pandas, Polars, Arrow, DuckDB or whatever has
        ``__arrow_c_stream__``. A geometry is not needed, nor measured.
    roles : Roles, optional
        What each column is. Default: those of the export where it is one of NationBuilder, VAN or
        OSDI (see ``privaudit/tables/systems.toml``), which the notes say; else no column has a role
        yet.
    missing_values : sequence, or mapping of column to sequence, optional
        Marks of a missing value besides the usual ones (``*``, ``?``, ``NULL``, ``N/A``, ...),
        such as -99. An empty one: no mark at all.
    reading : Reading, optional
        How cells are read: marks, dates, decimals, case; and which sheet of several.
    encoding : str, optional
        Of a file of text, in Python's words: ``"mac_roman"``. Default: as its words show.

    Returns
    -------
    TableRelease
        Columns are numbers, dates, truth values or ``str``, whatever held them. `notes` say
        what was assumed and what was read otherwise than it is written, `set_aside` counts the
        lines that could not be used.

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
    how = reading_of("read_table", reading, missing_values)
    with read_as(encoding):
        return table_release(source, roles or Roles(), reading=how, who="read_table")


def table_release(
    source: Source | FileFrame, roles: Roles, *, reading: Reading | None = None, who: str
) -> TableRelease:
    """Read a table for the function `who`, which its errors name; see `read_table`."""
    how = reading or Reading()
    table = read_source(source, who=who, gives="table", sheet=how.sheet)
    return once("table", lambda: _released(table, roles, how, who), table, of=repr((roles, how)))


def _released(table: FileFrame, roles: Roles, how: Reading, who: str) -> TableRelease:
    """Read the columns of a table by their roles."""
    roles = roles.for_columns(table.frame.columns)
    roles.check_whole(who, table.frame.columns, table.name)
    columns: dict[str, pd.Series] = {}
    notes = list(table.notes)
    # A header that may be a person's name is numbered in notes.
    odd = named_by_headers(table.frame, least=SMALL_CELL)
    for place, (name, column) in enumerate(table.frame.items(), 1):
        if name in (*table.location, *roles.location):
            columns[str(name)] = column
            continue
        measured = name in (*roles.key, *roles.sensitive)
        columns[str(name)], new_notes = read_values(column, how, who, measured=measured)
        if name in odd and name not in roles.columns:
            new_notes = tuple(
                Note(n.key, **{**n.values, "column": f"column {place}"}) for n in new_notes
            )
        notes += new_notes if name in roles.columns or not roles.columns else ()
    frame = pd.DataFrame(columns, index=table.frame.index)
    if not roles.identifier:
        notes += ids_repeated(table.frame)
    if not roles.columns:
        roles, new_notes = roles_known(frame)
        notes = [*new_notes, *notes]
    if table.location and not roles.location:
        # The coordinates of the file outrank a column named like one.
        roles = replace(roles, location=table.location)
    if roles.weight is not None and not pd.api.types.is_numeric_dtype(frame[roles.weight]):
        needed = f"numbers in the weight '{roles.weight}' of {table.name}"
        do = "Write weights with a decimal point, one in each row."
        raise SchemaError.of(who, needed, "text", do)
    return TableRelease(
        records=frame,
        roles=roles,
        name=table.name,
        set_aside=dict(table.set_aside),
        notes=tuple(notes),
        tidied=True,
        recipe={"reader": "read_table"},
    )


def measurable(
    path: str | os.PathLike[str], roles: Roles, *, reading: Reading | None = None, who: str
) -> Any:
    """Return what `privaudit.measure` takes of a file: its path, or its table, read.

    Parameters
    ----------
    path : str | os.PathLike[str]
        Of any format that is read as a table. CSV and Parquet are measured where they are.
    """
    counted = reader_of(path, who=who, gives="table").counted
    return path if counted else table_release(path, roles, reading=reading, who=who)


def read_source(
    source: Any, *, who: str, gives: str, crs: str | None = None, sheet: str | None = None
) -> FileFrame:
    """Read a file, or take over what the caller holds, without changing it."""
    if isinstance(source, FileFrame):
        return source
    if isinstance(source, (str, os.PathLike)):
        return read_frame(source, who=who, gives=gives, crs=crs, sheet=sheet)
    taken = held(source, who=who, gives=gives, crs=crs, sheet=sheet)
    return with_points(taken, crs=crs) if gives == "dots" else taken
