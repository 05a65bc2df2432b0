"""Whatever holds a table: are its records read, or only counted where they are?"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from privaudit._core.checks import an_instance, columns_present, kind_of, say
from privaudit.engines.counting import counter
from privaudit.engines.sources import (
    column_names_of,
    records_in_memory,
    size_of_file,
)
from privaudit.errors import ParameterError, SchemaError
from privaudit.release.readers import table_release
from privaudit.release.release import Release
from privaudit.roles import Roles

__all__ = ["MOST_BYTES", "MOST_RECORDS", "Intake", "take_in"]

# Above these, records stay where they are: measured in memory in some seconds and half a GB.
MOST_RECORDS = 1_000_000
MOST_BYTES = 50_000_000
_LARGE = f"it has more than {MOST_RECORDS:,} records or {MOST_BYTES // 10**6} MB"
_JSON = (".geojson", ".json")


@dataclass(frozen=True, eq=False, kw_only=True)
class Intake:
    """A table, taken in.

    Parameters
    ----------
    release : Release, optional
        Its records, in memory; None where only counts will come back from `source`.
    source : object
        What was handed over.
    roles : Roles
    notes : tuple of str
        What the reader assumed or set aside; or why only counts are read.
    """

    release: Release | None
    source: Any
    roles: Roles
    notes: tuple[str, ...] = ()


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

    Records are read where a `Release` or a pandas frame is handed over; a Polars or Arrow frame
    of at most `MOST_RECORDS`; a file of at most so many and of at most `MOST_BYTES`, unpacked.
    What is lazy stays lazy, and so does whatever an engine or a memory limit is asked for.

    Parameters
    ----------
    table : Release, frame, lazy frame, relation or path
    roles : Roles, optional
        Those of the release where left out.
    household : str, optional
        A column to read besides those with a role.
    called : str
        What an error calls a frame. Default: the data frame.
    engine, memory_limit, spill_directory
        See `privaudit.engines.sources.open_source`.
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
    if isinstance(table, Release):
        roles = table.roles if roles is None else roles
    roles = _with_key(table, roles, who)
    also = () if household is None or household in roles.columns else (household,)
    if by_engine:
        source = table.records if isinstance(table, Release) else table
        return _counted(source, roles, "an engine or a memory limit was asked for")
    if isinstance(table, Release):
        roles.check(who, table.records.columns, called or table.name)
        release = table if roles is table.roles else replace(table, roles=roles)
        columns_present(who, "household", also, table.records.columns, table.name)
        return Intake(release=release, source=table, roles=roles)
    if by_path:
        return _file(table, roles, also, who)
    if isinstance(table, pd.DataFrame):
        return _frame(table, roles, also, called or "the data frame", who)
    records = records_in_memory(table, who)
    if records is None:
        return _counted(table, roles, "it is lazy")
    if records > MOST_RECORDS:
        return _counted(table, roles, _LARGE)
    columns = (*roles.columns, *also)
    with counter(table, columns, who=who) as counts:
        values = tuple(c for c in (*roles.sensitive, roles.weight) if c is not None)
        frame = counts.records(columns, values)
    release = Release(kind="table", records=frame, roles=roles, name=kind_of(table))
    return Intake(release=release, source=table, roles=roles)


def _counted(source: Any, roles: Roles, why: str) -> Intake:
    note = (
        f"Only counts were read, since {why}: special uniques, tau1, tau2 and household risk "
        "need the records, as a pandas frame has them."
    )
    return Intake(release=None, source=source, roles=roles, notes=(note,))


def _with_key(table: Any, roles: Roles | None, who: str) -> Roles:
    if roles is not None and roles.key:
        return roles
    if isinstance(table, Release):
        columns = [str(column) for column in table.records.columns]
    elif isinstance(table, (str, os.PathLike)) and _is_small(table):
        columns = list(table_release(table, Roles(), who=who).records.columns)
    else:
        columns = column_names_of(table, who)
    shown = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    came = "none" if roles is None else "roles without one"
    do = f"Name what somebody may know of a person: roles=Roles(key=[...]). Columns: {shown}."
    raise SchemaError(say(who, "at least one key variable", came, do))


def _is_small(path: str | os.PathLike[str]) -> bool:
    """Whether a file is read whole; GeoJSON, which no engine counts, always is."""
    endings = [ending.lower() for ending in Path(path).suffixes if ending.lower() != ".gz"]
    if endings and endings[-1] in _JSON:
        return True
    records, size = size_of_file(path)
    return records <= MOST_RECORDS and size <= MOST_BYTES


def _file(path: str | os.PathLike[str], roles: Roles, also: tuple[str, ...], who: str) -> Intake:
    if not _is_small(path):
        return _counted(path, roles, _LARGE)
    release = table_release(path, roles, who=who)
    columns_present(who, "household", also, release.records.columns, release.name)
    notes = [*release.recipe["notes"]]
    notes += [f"{count:,} rows set aside: {reason}" for reason, count in release.set_aside.items()]
    return Intake(release=release, source=path, roles=roles, notes=tuple(notes))


def _frame(frame: pd.DataFrame, roles: Roles, also: tuple[str, ...], name: str, who: str) -> Intake:
    """Take the columns that are needed; the caller's frame is left as it is."""
    names = [str(column) for column in frame.columns]
    roles.check(who, names, name)
    columns_present(who, "household", also, names, name)
    columns = [*roles.columns, *also]
    records = frame.iloc[:, [names.index(column) for column in columns]].set_axis(columns, axis=1)
    release = Release(kind="table", records=records, roles=roles, name=name)
    return Intake(release=release, source=frame, roles=roles)
