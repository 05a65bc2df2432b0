"""Whatever holds a table: are its records read, or only counted where they are?"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from privaudit._core.checks import an_instance, columns_present, kind_of, say
from privaudit.errors import ParameterError, SchemaError
from privaudit.roles import Roles
from privaudit.tables.counting import counter
from privaudit.tables.file_frame import refuse_if_most
from privaudit.tables.sources import column_names_of, exceeds, is_parquet, records_in_memory
from privaudit.tables.table import Table, is_held
from privaudit.tables.text_table import read_text_table
from privaudit.words.note import Note

__all__ = ["MOST_BYTES", "MOST_RECORDS", "Intake", "take_in"]

# Above these, records stay where they are: measured in memory in some seconds and half a GB.
MOST_RECORDS = 1_000_000
MOST_BYTES = 50_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Intake:
    """A table, taken in.

    Parameters
    ----------
    table : Table, optional
        Its records, in memory; None where only counts will come back from `source`.
    source : object
        What was handed over.
    roles : Roles
    notes : tuple of Note
        What was assumed to read it; or why only counts are read.
    provenance : str
    """

    table: Table | None
    source: Any
    roles: Roles
    notes: tuple[Note, ...] = ()
    provenance: str = "audited file"


def take_in(
    table: Any,
    roles: Roles | None,
    *,
    household: str | None = None,
    called: str = "",
    engine: str | None = None,
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
    who: str,
) -> Intake:
    """Decide how a table is read, and read it where it is read whole.

    Records are read where a release, a `Table` or a pandas frame is handed over; a Polars or
    Arrow frame of at most `MOST_RECORDS`; a CSV or Parquet file of at most so many and of at
    most `MOST_BYTES`, unpacked. Another file is read by `privaudit.read_table` first.
    What is lazy stays lazy, and so does whatever an engine or a memory limit is asked for.

    Parameters
    ----------
    table : release, Table, frame, lazy frame, relation or path
    roles : Roles, optional
        Those of the release where left out.
    household : str, optional
        A column to read besides those with a role.
    called : str
        What an error calls a frame. Default: the data frame.
    engine, memory_limit, spill_directory
        See `privaudit.tables.sources.open_source`.
    who : str
        The function that an error names.

    Raises
    ------
    ParameterError
        `roles` is no `Roles`, or a limit has nothing to hold.
    SchemaError
        The table is none of these, has no roles, no key variable, or lacks a column.
    ReadError
        A file that cannot be read.
    """
    if roles is not None:
        an_instance(who, "roles", roles, Roles, "Write roles=Roles(key=[...]).")
    by_path = isinstance(table, (str, os.PathLike))
    by_engine = engine is not None or memory_limit is not None or spill_directory is not None
    if by_engine and engine is None and not by_path:
        needed = 'memory_limit and spill_directory with a file or engine="duckdb"'
        raise ParameterError(say(who, needed, kind_of(table)))
    held = is_held(table)
    if held and roles is None:
        roles = table.roles
    roles = _with_key(table, roles, who)
    also = () if household is None or household in roles.columns else (household,)
    if by_engine:
        found = _counted(table.records if held else table, roles, "asked_for")
        return replace(found, provenance=table.provenance) if held else found
    if held:
        name = called or table.name
        return _held(table, table.records, roles, also, name, who, told=table)
    if isinstance(table, pd.DataFrame):
        return _held(table, table, roles, also, called or "the data frame", who)
    if by_path:
        return _file(table, roles, also, who)
    records = records_in_memory(table, who)
    if records is None:
        return _counted(table, roles, "lazy")
    if records > MOST_RECORDS:
        return _counted(table, roles, "large")
    return _fetched(table, roles, also, kind_of(table), who)


def _counted(source: Any, roles: Roles, why: str) -> Intake:
    return Intake(table=None, source=source, roles=roles, notes=(Note(f"counted_{why}"),))


def _with_key(table: Any, roles: Roles | None, who: str) -> Roles:
    if roles is not None and roles.key:
        return roles
    columns = (
        [str(column) for column in table.records.columns]
        if is_held(table)
        else column_names_of(table, who)
    )
    shown = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    came = "none" if roles is None else "roles without one"
    do = f"Name what somebody may know of a person: roles=Roles(key=[...]). Columns: {shown}."
    raise SchemaError(say(who, "at least one key variable", came, do))


def _file(path: str | os.PathLike[str], roles: Roles, also: tuple[str, ...], who: str) -> Intake:
    if exceeds(path, records=MOST_RECORDS, size=MOST_BYTES, who=who):
        return _counted(path, roles, "large")
    if is_parquet(path, who):
        return _fetched(path, roles, also, Path(path).name, who)
    read = read_text_table(path, who=who)
    refuse_if_most(read.set_aside, len(read.frame), name=read.name, who=who)
    found = _held(path, read.frame, roles, also, read.name, who, told=read)
    aside = (Note("rows_set_aside", rows=n, reason=why) for why, n in read.set_aside.items())
    return replace(found, notes=(*found.notes, *aside))


def _fetched(source: Any, roles: Roles, also: tuple[str, ...], name: str, who: str) -> Intake:
    """Bring the columns that are needed into memory."""
    with counter(source, tuple(dict.fromkeys((*roles.columns, *also))), who=who) as counts:
        values = tuple(c for c in (*roles.sensitive, roles.weight) if c is not None)
        frame = counts.records((*roles.columns, *also), values)
    return _held(source, frame, roles, also, name, who)


def _held(
    source: Any,
    frame: pd.DataFrame,
    roles: Roles,
    also: tuple[str, ...],
    name: str,
    who: str,
    told: Any = None,
) -> Intake:
    """Take the columns that are needed; the caller's frame is left as it is."""
    names = [str(column) for column in frame.columns]
    roles.check(who, names, name)
    columns_present(who, "household", also, names, name)
    columns = [*roles.columns, *also]
    records = frame.iloc[:, [names.index(column) for column in columns]].set_axis(columns, axis=1)
    table = Table(
        records=records,
        roles=roles,
        name=name,
        provenance=getattr(told, "provenance", "audited file"),
        set_aside=getattr(told, "set_aside", {}),
        notes=tuple(getattr(told, "notes", ())),
    )
    return Intake(
        table=table, source=source, roles=roles, notes=table.notes, provenance=table.provenance
    )
