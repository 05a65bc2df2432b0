"""Whatever holds a table: are its records read, or only counted where they are?"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from privaudit._core.checks import (
    an_instance,
    column_names_shown,
    columns_present,
    kind_of,
    say,
)  # fmt: skip
from privaudit.errors import ParameterError, SchemaError
from privaudit.roles import Roles
from privaudit.tables.counting import counter
from privaudit.tables.file_frame import refuse_if_most
from privaudit.tables.order import order_of
from privaudit.tables.reading import Reading
from privaudit.tables.sources import column_names_of, exceeds, is_parquet, records_in_memory
from privaudit.tables.table import Table, is_held
from privaudit.tables.text_table import read_text_table
from privaudit.tables.tidy import plain_column, tidied_column
from privaudit.text.column_names import spelt_as
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
    reading : Reading, optional
        How the levels that come back are to be read.
    notes : tuple of Note
        What was assumed to read it; or why only counts are read.
    provenance : str
    """

    table: Table | None
    source: Any
    roles: Roles
    reading: Reading | None = None
    notes: tuple[Note, ...] = ()
    provenance: str = "audited file"


def take_in(
    table: Any,
    roles: Roles | None,
    *,
    household: str | None = None,
    called: str = "",
    reading: Reading | None = None,
    who: str,
    **where: Any,
) -> Intake:
    """Decide how a table is read, and read it where it is read whole.

    Records are read where a release, a `Table` or a pandas frame is handed over; a Polars or
    Arrow frame of at most `MOST_RECORDS`; a CSV or Parquet file of at most so many and of at
    most `MOST_BYTES`, unpacked. Another file is read by `privaudit.read_table` first.
    What is lazy stays lazy, and so does whatever an engine or a memory limit is asked for.
    The cells of every column that has a role are then read, the same whatever holds them.

    Parameters
    ----------
    table : release, Table, frame, lazy frame, relation or path
    roles : Roles, optional
        Those of the release where left out.
    household : str, optional
        A column to read besides those with a role.
    called : str
        What an error calls a frame. Default: the data frame.
    reading : Reading, optional
        How cells are read. Default: as usual, and not again where `read_table` has done it.
    who : str
        The function that an error names.
    **where
        engine, memory_limit, spill_directory: see `privaudit.tables.sources.open_source`.

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
    if reading is not None:
        an_instance(who, "reading", reading, Reading, "Write reading=Reading(...).")
    by_path = isinstance(table, (str, os.PathLike))
    by_engine = any(value is not None for value in where.values())
    if by_engine and where.get("engine") is None and not by_path:
        needed = 'memory_limit and spill_directory with a file or engine="duckdb"'
        raise ParameterError(say(who, needed, kind_of(table)))
    held = is_held(table)
    if held and roles is None:
        roles = table.roles
    roles = _with_key(table, roles, who)
    also = () if household is None or household in roles.columns else (household,)
    asked = _Asked(roles=roles, also=also, reading=reading, who=who)
    if by_engine:
        found = asked.counted(table.records if held else table, "asked_for")
        return replace(found, provenance=table.provenance) if held else found
    if held:
        return asked.held(table, table.records, called or table.name, told=table)
    if isinstance(table, pd.DataFrame):
        return asked.held(table, table, called or "the data frame")
    if by_path:
        return asked.file(table)
    records = records_in_memory(table, who)
    if records is None:
        return asked.counted(table, "lazy")
    if records > MOST_RECORDS:
        return asked.counted(table, "large")
    return asked.fetched(table, kind_of(table))


def _with_key(table: Any, roles: Roles | None, who: str) -> Roles:
    if roles is not None and roles.key:
        return roles
    columns = (
        [str(column) for column in table.records.columns]
        if is_held(table)
        else column_names_of(table, who)
    )
    shown = column_names_shown(columns)
    came = "none" if roles is None else "roles without one"
    do = f"Name what somebody may know of a person: roles=Roles(key=[...]). Columns: {shown}."
    raise SchemaError(say(who, "at least one key variable", came, do))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Asked:
    """The columns that are asked for, and how they are to be read."""

    roles: Roles
    also: tuple[str, ...]
    reading: Reading | None
    who: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.roles.columns, *self.also)

    def counted(self, source: Any, why: str) -> Intake:
        notes = (Note(f"counted_{why}"),)
        how = self.reading or Reading()
        return Intake(table=None, source=source, roles=self.roles, reading=how, notes=notes)

    def file(self, path: str | os.PathLike[str]) -> Intake:
        if exceeds(path, records=MOST_RECORDS, size=MOST_BYTES, who=self.who):
            return self.counted(path, "large")
        if is_parquet(path, self.who):
            return self.fetched(path, Path(path).name)
        read = read_text_table(path, who=self.who)
        refuse_if_most(read.set_aside, len(read.frame), name=read.name, who=self.who)
        found = self.held(path, read.frame, read.name, told=read)
        aside = (Note("rows_set_aside", rows=n, reason=why) for why, n in read.set_aside.items())
        return replace(found, notes=(*found.notes, *aside))

    def fetched(self, source: Any, name: str) -> Intake:
        """Bring the columns that are needed into memory."""
        with counter(source, tuple(dict.fromkeys(self.columns)), who=self.who) as counts:
            frame = counts.records(self.columns)
        return self.held(source, frame, name)

    def held(self, source: Any, frame: pd.DataFrame, name: str, told: Any = None) -> Intake:
        """Take the columns that are needed; the caller's frame is left as it is."""
        asked = dict.fromkeys((*self.columns, *(self.roles.orders or ())))
        names = spelt_as(asked, frame.columns)
        self.roles.check(self.who, names, name)
        columns_present(self.who, "household", self.also, names, name)
        if not isinstance(told, Table):
            columns_present(self.who, "ordered column", self.roles.orders or (), names, name)
        columns = list(self.columns)
        records = frame.iloc[:, [names.index(c) for c in columns]].set_axis(columns, axis=1)
        notes: list[Note] = list(getattr(told, "notes", ()))
        # A release may have been read in another way than is now asked for.
        again = self.reading is not None and not isinstance(told, Table)
        if again or not getattr(told, "tidied", False):
            read = {column: self._read(records[column], notes) for column in columns}
            records = pd.DataFrame(read, index=records.index)
        table = Table(
            records=records,
            roles=self.roles,
            name=name,
            provenance=getattr(told, "provenance", "audited file"),
            set_aside=getattr(told, "set_aside", {}),
            notes=tuple(notes),
            tidied=True,
        )
        return Intake(
            table=table,
            source=source,
            roles=self.roles,
            reading=self.reading,
            notes=table.notes,
            provenance=table.provenance,
        )

    def _read(self, column: pd.Series, notes: list[Note]) -> pd.Series:
        """Read a column that is measured; coordinates and times are not."""
        name, roles = str(column.name), self.roles
        if name in roles.location or name == roles.time:
            return column
        if name == roles.weight and column.dtype.kind in "iuf":
            return column
        read, said = tidied_column(column, self.reading or Reading(), self.who)
        notes += said
        if name == roles.weight:
            return plain_column(read)
        if name not in (roles.orders or ()):
            return read.cat.as_unordered()
        levels, declared = read.cat.categories, bool(read.cat.ordered)
        rank, _ = order_of(name, levels, roles, declared=declared, who=self.who)
        assert rank is not None  # it was told
        return read.cat.reorder_categories(levels[np.argsort(rank)], ordered=True)
