"""A table as integer codes of its keys and sensitive columns, read whole or counted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import (
    encode_column,
    encode_narrow,
    order_of,
    present_levels,
    sorted_levels,
)
from privaudit.columns.roles import Roles
from privaudit.columns.values import Reading, decoded_column, read_column
from privaudit.core.checks import (
    an_instance,
    column_names_shown,
    columns_present,
    error_message,
    kind_of,
)
from privaudit.errors import ParameterError, SchemaError
from privaudit.io.file_frame import FileFrame, aside_notes, refuse_if_most
from privaudit.io.readers import letters_together, read_frame, reader_of, with_pivot_note
from privaudit.io.text_tables import read_text_table
from privaudit.tables.counting import (
    ClassSizes,
    Counter,
    FrequencyTable,
    column_names_of,
    counter,
    exceeds,
    is_parquet,
    records_in_memory,
)
from privaudit.tables.equivalence_classes import Classes, classes
from privaudit.tables.nearest_records import people_of, without_repeats
from privaudit.text.normalise import columns_as_named
from privaudit.words.catalogues import Note


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """Records that are measured; a release of any kind has these fields.

    Parameters
    ----------
    records : pandas.DataFrame
    roles : Roles
    name : str
        A file's name, or what kind of frame it was.
    provenance : {"audited file", "simulated"}
    set_aside : mapping of Note to int
        Rows that could not be used, by reason.
    notes : tuple of Note
        What was assumed to read it.
    tidied : bool
        Its cells were read by `privaudit.columns.values` already.
    """

    records: pd.DataFrame
    roles: Roles
    name: str = "the data frame"
    provenance: str = "audited file"
    set_aside: Mapping[Note, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    tidied: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class CodedTable:
    """A table as the measures read it.

    Parameters
    ----------
    keys : tuple of str
    codes : ndarray of int64, shape (n, d), Fortran order
        Level of each key variable, -1 where missing.
    sensitive : mapping of str to ndarray of int64, shape (n,)
        Level of each sensitive column, -1 where missing.
    levels : mapping of str to pandas.Index
        Values behind the codes of a sensitive column, and of a key where they are needed. Never
        leaves the process.
    ordered : tuple of str
        Sensitive columns whose codes are in the order of their levels; see
        `privaudit.columns.values`.
    why_ordered : mapping of str to Note
        Why the levels of each sensitive column are, or are not, taken for ordered.
    position : ndarray of int64, shape (n,)
        Position of each row in the released records.
    records : int
        Rows of the release, measured or not.
    weight : ndarray of float64, shape (n,), optional
    count : ndarray of int64, shape (n,), optional
        Records that each row stands for. None: a row is a record.
    person : ndarray of int64, shape (n,), optional
        Person of each row; None where no identifier is given.
    notes : tuple of Note
    """

    keys: tuple[str, ...]
    codes: NDArray[np.int64]
    position: NDArray[np.int64]
    records: int
    sensitive: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    levels: Mapping[str, pd.Index] = field(default_factory=dict)
    ordered: tuple[str, ...] = ()
    why_ordered: Mapping[str, Note] = field(default_factory=dict)
    weight: NDArray[np.float64] | None = None
    count: NDArray[np.int64] | None = None
    person: NDArray[np.int64] | None = None
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.codes) if self.count is None else int(self.count.sum())

    def records_in(self, those: NDArray[np.bool_]) -> int:
        """Return how many records some rows stand for."""
        return int(those.sum() if self.count is None else self.count[those].sum())

    @cached_property
    def has_gaps(self) -> bool:
        """Whether some record lacks a key."""
        return bool(self.codes.size) and int(self.codes.min()) < 0

    @property
    def groups(self) -> Classes:
        """Rows with the same keys; the size of a class counts its records."""
        found = classes(self.codes)
        if self.count is None:
            return found
        size = np.bincount(found.label, weights=self.count).astype(np.int64)
        return replace(found, size=size)


def encode_table(table: Table, missing: str, who: str, *, key_levels: bool = False) -> CodedTable:
    """Check a table and code its key and sensitive columns.

    Parameters
    ----------
    table : Table
    missing : str
        One of `privaudit.tables.missing_keys.MISSING`.
    who : str
        The function that an error names.
    key_levels : bool
        Keep the values behind the codes of the keys too: a population will be compared.

    Raises
    ------
    SchemaError
        No record, none left after exclusion, a weight that is not a
        number above 0, or a column that cannot be compared.
    """
    roles, frame = table.roles, table.records
    if not len(frame):
        raise SchemaError.of(who, "at least one record", f"none in {table.name}")
    codes = np.empty((len(frame), len(roles.key)), dtype=np.int64, order="F")
    levels: dict[str, pd.Index] = {}
    notes: list[Note] = []
    gaps = np.zeros(len(frame), dtype=bool)
    for place, key in enumerate(roles.key):
        code, values = encode_narrow(frame[key], who)
        codes[:, place] = code
        missed = code < 0
        gaps |= missed
        notes += key_note(key, len(code) - int(missed.sum()), int(code.max()) + 1)
        if key_levels:
            levels[key] = values
    position = np.arange(len(frame))
    if gaps.any():
        lacking = int(gaps.sum())
        notes.append(Note(f"key_gaps_{missing}", records=lacking, of=len(frame)))
        if missing == "exclude":
            position = np.flatnonzero(~gaps)
            codes = np.asfortranarray(codes[position])
    if not len(position):
        raise SchemaError(none_left_message(who))
    sensitive = _Sensitive(roles, missing, who)
    for name in roles.sensitive:
        column = frame[name]
        code, values = encode_narrow(column, who)
        declared = isinstance(column.dtype, pd.CategoricalDtype) and bool(column.cat.ordered)
        sensitive.add(name, code.astype(np.int64)[position], values, declared=declared)
    weight = None if roles.weight is None else usable_weights(frame[roles.weight], who)
    person = None
    notes += sensitive.notes
    if roles.identifier:
        names = np.column_stack([encode_column(frame[one], who)[0] for one in roles.identifier])
        person, notes = people_of(names)[position], [*notes, *unidentified_notes(names)]
    coded = CodedTable(
        keys=roles.key,
        codes=codes,
        sensitive=sensitive.codes,
        levels=levels | sensitive.levels,
        ordered=tuple(sensitive.ordered),
        why_ordered=sensitive.why,
        position=position,
        records=len(frame),
        weight=None if weight is None else weight[position],
        person=person,
        notes=tuple(notes),
    )
    return coded if person is None else _each_person_once(coded, roles.identifier)


@dataclass(eq=False)
class _Sensitive:
    """Codes of the sensitive columns of a table, in the order of their levels where they have one.

    A missing value is -1 or, under missing="value", a level after the others.
    """

    roles: Roles
    missing: str
    who: str
    codes: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    levels: dict[str, pd.Index] = field(default_factory=dict)
    ordered: list[str] = field(default_factory=list)
    why: dict[str, Note] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def add(
        self,
        name: str,
        code: NDArray[np.int64],
        levels: pd.Index,
        *,
        declared: bool = False,
        count: NDArray[np.int64] | None = None,
    ) -> None:
        """Add a column by its codes; only levels that some record has after exclusion stay."""
        there = present_levels(code, len(levels))
        if len(there) < len(levels):
            # A code of -1 takes the last entry, which is missing.
            renumber = np.full(len(levels) + 1, -1, dtype=np.int64)
            renumber[there] = np.arange(len(there))
            code, levels = renumber[code], levels[there]
        code, levels, in_order, self.why[name] = sorted_levels(
            name, code, levels, self.roles, declared=declared, who=self.who
        )
        as_value, gaps = self.missing == "value", code < 0
        if gaps.any():
            unknown = int(gaps.sum() if count is None else count[gaps].sum())
            key = "sensitive_gaps_value" if as_value else "sensitive_gaps_left_out"
            self.notes.append(Note(key, column=name, records=unknown))
            if as_value:
                code, in_order = np.where(gaps, len(levels), code), False
        self.codes[name], self.levels[name] = code, levels
        if in_order:
            self.ordered.append(name)


def none_left_message(who: str) -> str:
    """Return the error that every record lacks a key."""
    do = 'Leave out the emptiest key, or use missing="likely", "wildcard" or "value".'
    came = "none left after those with a missing key were excluded"
    return error_message(who, "at least one record with every key", came, do)


def key_note(name: str, known: int, levels: int) -> list[Note]:
    """Return the note on a key that `known` records have, in so many levels, if it is unusual."""
    if known == 0:
        return [Note("key_missing_everywhere", key=name)]
    if levels == 1:
        return [Note("key_has_one_value", key=name)]
    return [Note("key_like_an_identifier", key=name)] if levels == known else []


def unidentified_notes(
    codes: NDArray[np.int64], count: NDArray[np.int64] | None = None
) -> list[Note]:
    """Return the note on records without any identifier, if there are some."""
    without = (codes < 0).all(axis=1)
    nameless = int(without.sum() if count is None else count[without].sum())
    return [Note("records_without_identifier", records=nameless)] if nameless else []


# A weight of one, but for rounding.
_ONE = 1 - 1e-9


def usable_weights(
    column: pd.Series, who: str, count: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Return weights: numbers above 0, of more people than records unless each weight is 1.

    The error counts the records without a weight.
    """
    name = column.name
    if not pd.api.types.is_numeric_dtype(column.dtype) or column.dtype.kind == "b":
        raise SchemaError.of(who, f"weight '{name}' to be a number", f"type {column.dtype}")
    weight = column.to_numpy(dtype=np.float64, na_value=np.nan)
    records = np.ones(len(weight), dtype=np.int64) if count is None else count
    unusable = {
        "missing or infinite": int(records[~np.isfinite(weight)].sum()),
        "zero": int(records[weight == 0].sum()),
        "negative": int(records[weight < 0].sum()),
    }
    found = ", ".join(f"{number:,} {what}" for what, number in unusable.items() if number)
    if found:
        do = "Correct or drop these records."
        raise SchemaError.of(who, f"every weight '{name}' above 0", found, do)
    everybody, drawn = float(weight @ records), int(records.sum())
    # Scaled to a mean of 1, they would make a census of a sample.
    if (weight < _ONE).any() and everybody * _ONE <= drawn:
        needed = f"weights '{name}' that add up to the people of the population"
        do = "Give them as they were before they were scaled."
        raise SchemaError.of(who, needed, f"{everybody:,.6g} people for {drawn:,} records", do)
    return weight


def _each_person_once(table: CodedTable, identifiers: tuple[str, ...]) -> CodedTable:
    """Return the records of each person that differ, with a note of how many were repeats."""
    person = table.person
    assert person is not None
    records, people = len(table), len(np.unique(person))
    table = replace(table, count=None)
    if records == people:
        return table
    note = Note(
        "people_counted_once", identifiers=identifiers, records=records, people=people,
        again=records - people,
    )  # fmt: skip
    differing = select_rows(table, without_repeats(person, table.codes))
    return replace(differing, notes=(*table.notes, note))


def riskiest_rows(size: NDArray[Any], person: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row of each person whose key fewest records share, the first of several.

    Parameters
    ----------
    size : array, shape (n,)
        Records that share each row's key.
    person : int array, shape (n,)
        Person of each row.

    Returns
    -------
    int array, shape (people,)
    """
    order = np.lexsort((np.arange(len(person)), size, person))
    return np.sort(order[np.flatnonzero(np.diff(person[order], prepend=-1))])


def select_rows(table: CodedTable, rows: NDArray[np.int64]) -> CodedTable:
    """Return some rows of a table."""

    def of(values: Any) -> Any:
        return None if values is None else values[rows]

    return replace(
        table,
        codes=np.asfortranarray(table.codes[rows]),
        sensitive={name: code[rows] for name, code in table.sensitive.items()},
        position=table.position[rows],
        weight=of(table.weight),
        count=of(table.count),
        person=of(table.person),
    )


def count_table(
    counts: Counter, roles: Roles, missing: str, who: str, *, combinations: bool
) -> tuple[CodedTable, int, ClassSizes | None]:
    """Count the keys of a source, with its sensitive columns and weights where it has any.

    `combinations` asks for each key by itself even where class sizes would do.

    Returns
    -------
    table : CodedTable
        One row a combination of levels; or, where there are sizes, one row a size of class,
        which stands for every class of that size.
    lacking : int
        Records that lack a key.
    sizes : ClassSizes, optional

    Raises
    ------
    SchemaError
        There is no record, none with every key, or a weight that is not a number above 0.
    """
    records, lacking = counts.gaps(roles.key)
    if not records:
        raise SchemaError.of(who, "at least one record", f"none in {counts.opened.name}")
    untidy, level_notes = counts.untidy(roles.key)
    expects = missing in ("likely", "wildcard") and lacking
    more = combinations or untidy or roles.sensitive or roles.weight or roles.identifier
    by_size = not (more or expects)
    if not by_size:
        weight = () if roles.weight is None else (roles.weight,)
        columns = (*roles.key, *roles.identifier, *roles.sensitive, *weight)
        frequencies = counts.frequencies(columns)
        gaps = (frequencies.codes[:, : len(roles.key)] < 0).any(axis=1)
        lacking, level_notes = int(frequencies.count[gaps].sum()), frequencies.notes
    if missing == "exclude" and lacking == records:
        raise SchemaError(none_left_message(who))
    gaps_note = (Note(f"key_gaps_{missing}", records=lacking, of=records),) if lacking else ()
    notes = (*level_notes, *gaps_note)
    if not by_size:
        return _combinations(frequencies, roles, missing, notes, who), lacking, None
    found = counts.sizes(roles.key, required=roles.key if missing == "exclude" else ())
    rows = np.arange(len(found.size))
    table = CodedTable(
        keys=roles.key,
        codes=np.zeros((len(rows), len(roles.key)), dtype=np.int64),
        position=rows,
        records=records,
        count=found.size * found.classes,
        notes=notes,
    )
    return table, lacking, found


def _combinations(
    found: FrequencyTable, roles: Roles, missing: str, notes: tuple[Note, ...], who: str
) -> CodedTable:
    """Code a table of which each combination of levels is counted."""
    d, identifiers = len(roles.key), len(roles.identifier)
    codes, many = found.codes, found.count
    person = None
    if identifiers:
        names = codes[:, d : d + identifiers]
        notes = (*notes, *unidentified_notes(names, many))
        # Each record without an identifier is a person; records of one identifier are one person.
        nameless = (names < 0).all(axis=1)
        spread = np.repeat(np.arange(len(codes)), np.where(nameless, many, 1))
        codes, many = codes[spread], np.where(nameless, 1, many)[spread]
        person = people_of(codes[:, d : d + identifiers])
    position = np.arange(len(codes))
    if missing == "exclude":
        position = np.flatnonzero((codes[:, :d] >= 0).all(axis=1))
    for name, code in zip(roles.key, codes[:, :d].T, strict=True):
        known = int(many[code >= 0].sum())
        notes = (*notes, *key_note(name, known, int(code.max()) + 1))
    count = many[position]
    sensitive = _Sensitive(roles, missing, who)
    for place, name in enumerate(roles.sensitive, start=d + identifiers):
        sensitive.add(name, codes[position, place], found.levels[name], count=count)
    weight = None
    if roles.weight is not None:
        # A code of -1 takes the last entry, which is missing.
        values = pd.Series(found.levels[roles.weight], name=roles.weight)
        column = values.reindex(range(len(values) + 1)).iloc[codes[:, -1]]
        weight = usable_weights(column, who, many)[position]
    coded = CodedTable(
        keys=roles.key,
        codes=np.asfortranarray(codes[position, :d]),
        sensitive=sensitive.codes,
        levels={**found.levels, **sensitive.levels},
        ordered=tuple(sensitive.ordered),
        why_ordered=sensitive.why,
        position=position,
        records=int(many.sum()),
        weight=weight,
        count=count,
        person=None if person is None else person[position],
        notes=(*notes, *sensitive.notes),
    )
    return coded if person is None else _each_person_once(coded, roles.identifier)


# Above these, records stay where they are: measured in memory in some seconds and half a GB.
MOST_RECORDS = 1_000_000
MOST_BYTES = 50_000_000
_USUAL = Reading()


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
    What is lazy stays lazy, and so does whatever an engine or a memory limit is request for.
    The cells of every column that has a role are then read, the same whatever holds them.

    Parameters
    ----------
    table : release, Table, frame, lazy frame, relation, path, or file that was read
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
        engine, memory_limit, spill_directory: see `privaudit.tables.counting.open_source`.

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
        raise ParameterError.of(who, needed, kind_of(table))
    # A release has the fields of a `Table`.
    held = isinstance(getattr(table, "records", None), pd.DataFrame)
    held = held and isinstance(getattr(table, "roles", None), Roles)
    if held and roles is None:
        roles = table.roles
    if roles is None or not roles.key:
        columns = [str(c) for c in table.records.columns] if held else column_names_of(table, who)
        came = "none" if roles is None else "roles without one"
        do = "Name what may be known of a person: roles=Roles(key=[...])."
        do = f"{do} Columns: {column_names_shown(columns)}."
        raise SchemaError.of(who, "at least one key variable", came, do)
    columns = list(roles.columns)
    also = () if household is None or household in columns else (household,)
    request = _Request(roles=roles, columns=[*columns, *also], also=also, reading=reading, who=who)
    if by_engine:
        found = request.counted(table.records if held else table, "asked_for")
        return replace(found, provenance=table.provenance) if held else found
    if held:
        return request.held(table, table.records, called or table.name, origin=table)
    if isinstance(table, FileFrame):
        return request.read(table, table.name)
    if isinstance(table, pd.DataFrame):
        return request.held(table, table, called or "the data frame")
    if by_path:
        return request.file(table)
    records = records_in_memory(table, who)
    if records is None or records > MOST_RECORDS:
        return request.counted(table, "lazy" if records is None else "large")
    return request.fetched(table, kind_of(table))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Request:
    """The columns that are asked for, and how they are to be read."""

    roles: Roles
    columns: list[str]
    also: tuple[str, ...]
    reading: Reading | None
    who: str

    def counted(self, source: Any, why: str) -> Intake:
        """Leave the records where they are."""
        notes = (Note(f"counted_{why}"),)
        how = self.reading or Reading()
        return Intake(table=None, source=source, roles=self.roles, reading=how, notes=notes)

    def file(self, path: str | os.PathLike[str]) -> Intake:
        """Read a file of moderate size."""
        reader = reader_of(path, gives="table", who=self.who)
        if not {".csv", ".parquet"} & {*reader.endings}:
            read = read_frame(path, who=self.who, gives="table")
            refuse_if_most(read.set_aside, len(read.frame), name=read.name, who=self.who)
            return self.read(read, path)
        if exceeds(path, records=MOST_RECORDS, size=MOST_BYTES, who=self.who):
            return self.counted(path, "large")
        if is_parquet(path, self.who):
            return self.fetched(path, Path(path).name)
        needed = (*self.columns, *(self.roles.orders or {}))
        read = read_text_table(path, who=self.who, needed=needed)
        read = with_pivot_note(letters_together(read))
        refuse_if_most(read.set_aside, len(read.frame), name=read.name, who=self.who)
        return self.read(read, path)

    def read(self, read: FileFrame, source: Any) -> Intake:
        """Take a file in that was read whole."""
        found = self.held(source, read.frame, read.name, origin=read)
        aside = aside_notes(read.set_aside)
        return replace(found, notes=(*found.notes, *aside))

    def fetched(self, source: Any, name: str) -> Intake:
        """Bring the columns that are needed into memory."""
        columns = tuple(self.columns)
        with counter(source, tuple(dict.fromkeys(columns)), who=self.who) as counts:
            frame, aside = counts.records(columns), counts.opened.notes
        found = self.held(source, frame, name)
        return replace(found, notes=(*found.notes, *aside))

    def held(self, source: Any, frame: pd.DataFrame, name: str, origin: Any = None) -> Intake:
        """Take the columns that are needed; the caller's frame is left as it is."""
        columns, orders = self.columns, self.roles.orders or {}
        names = [str(column) for column in frame.columns]
        asked = dict.fromkeys((*columns, *orders))
        if not asked.keys() <= set(names):
            names = columns_as_named(asked, names)
        self.roles.check(self.who, names, name)
        columns_present(self.who, "household", self.also, names, name)
        if not isinstance(origin, Table):
            columns_present(self.who, "ordered column", orders, names, name)
        records = frame.iloc[:, [names.index(c) for c in columns]].set_axis(columns, axis=1)
        notes: list[Note] = list(getattr(origin, "notes", ()))
        # A release may have been read in another way than is now asked for.
        again = self.reading is not None and not isinstance(origin, Table)
        if again or not getattr(origin, "tidied", False):
            read = {column: self._read(records[column], orders, notes) for column in columns}
            records = pd.DataFrame(read, index=records.index)
        table = Table(
            records=records,
            roles=self.roles,
            name=name,
            provenance=getattr(origin, "provenance", "audited file"),
            set_aside=getattr(origin, "set_aside", {}),
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

    def _read(
        self, column: pd.Series, orders: Mapping[str, tuple[Any, ...]], notes: list[Note]
    ) -> pd.Series:
        """Read a column that is measured; coordinates and times are not."""
        name, roles = str(column.name), self.roles
        if name in roles.location or name == roles.time:
            return column
        if name == roles.weight and column.dtype.kind in "iuf":
            return column
        read, level_notes = read_column(
            column, self.reading or _USUAL, self.who,
            measured=name in (*roles.key, *roles.sensitive),
        )  # fmt: skip
        notes += level_notes
        if name == roles.weight:
            return decoded_column(read)
        if name not in orders:
            return read.cat.as_unordered()
        levels, declared = read.cat.categories, bool(read.cat.ordered)
        rank, _ = order_of(name, levels, roles, declared=declared, who=self.who)
        assert rank is not None
        return read.cat.reorder_categories(levels[np.argsort(rank)], ordered=True)


def values_by_class(table: CodedTable, groups: Classes, code: NDArray[np.int64]) -> Any:
    """Return the records of each class as published by sensitive value, as a sparse matrix."""
    from scipy.sparse import coo_array

    known = code >= 0
    shape = (len(groups.size), int(code.max()) + 1)
    records = np.ones(known.sum()) if table.count is None else table.count[known].astype(float)
    return coo_array((records, (groups.label[known], code[known])), shape=shape).tocsr()
