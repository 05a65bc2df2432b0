"""A table as integer codes of its keys and sensitive columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeGuard

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import encode_column, encode_narrow, present_levels
from privaudit.columns.roles import Roles
from privaudit.columns.values import sorted_levels
from privaudit.core.checks import error_message
from privaudit.errors import SchemaError
from privaudit.tables.equivalence_classes import Classes, classes
from privaudit.tables.nearest_records import people_of, without_repeats
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
        Its cells were read by `privaudit.columns.reading` already.
    """

    records: pd.DataFrame
    roles: Roles
    name: str = "the data frame"
    provenance: str = "audited file"
    set_aside: Mapping[Note, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    tidied: bool = False


def is_held(table: Any) -> TypeGuard[Table]:
    """Whether an object has records and roles, as a `Table` and a release do."""
    return isinstance(getattr(table, "records", None), pd.DataFrame) and isinstance(
        getattr(table, "roles", None), Roles
    )


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
    sensitive: Mapping[str, NDArray[np.int64]]
    levels: Mapping[str, pd.Index]
    ordered: tuple[str, ...]
    why_ordered: Mapping[str, Note]
    position: NDArray[np.int64]
    records: int
    weight: NDArray[np.float64] | None = None
    count: NDArray[np.int64] | None = None
    person: NDArray[np.int64] | None = None
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.codes) if self.count is None else int(self.count.sum())

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
    # The release checked its columns once; a caller may have changed the frame since.
    roles.check(who, frame.columns, table.name)
    if not len(frame):
        raise SchemaError.of(who, "at least one record", f"none in {table.name}")
    codes = np.empty((len(frame), len(roles.key)), dtype=np.int64, order="F")
    levels: dict[str, pd.Index] = {}
    gaps = np.zeros(len(frame), dtype=bool)
    for place, key in enumerate(roles.key):
        code, values = encode_narrow(frame[key], who)
        codes[:, place] = code
        if int(code.min()) < 0:
            gaps |= code < 0
        if key_levels:
            levels[key] = values
    notes = _key_notes(codes, roles.key)
    position = np.arange(len(frame))
    if gaps.any():
        notes.append(gaps_note(int(gaps.sum()), len(frame), missing))
        if missing == "exclude":
            position = np.flatnonzero(~gaps)
            codes = np.asfortranarray(codes[position])
    if not len(position):
        raise SchemaError(none_left_message(who))
    sensitive, ordered, why = {}, [], {}
    for name in roles.sensitive:
        column = frame[name]
        code, values = encode_column(column, who)
        code, values = drop_absent_levels(code[position], values)
        declared = isinstance(column.dtype, pd.CategoricalDtype) and bool(column.cat.ordered)
        code, values, in_order, why[name] = sorted_levels(
            name, code, values, roles, declared=declared, who=who
        )
        sensitive[name], gap_notes = code_gaps(name, code, len(values), missing)
        levels[name] = values
        notes += gap_notes
        if in_order and not (gap_notes and missing == "value"):
            ordered.append(name)
    weight = None if roles.weight is None else usable_weights(frame[roles.weight], who)
    person = None
    if roles.identifier:
        names = np.column_stack([encode_column(frame[one], who)[0] for one in roles.identifier])
        person, notes = people_of(names)[position], [*notes, *unidentified_notes(names)]
    return CodedTable(
        keys=roles.key,
        codes=codes,
        sensitive=sensitive,
        levels=levels,
        ordered=tuple(ordered),
        why_ordered=why,
        position=position,
        records=len(frame),
        weight=None if weight is None else weight[position],
        person=person,
        notes=tuple(notes),
    )


def gaps_note(lacking: int, records: int, missing: str) -> Note:
    """Return the note on records that lack a key, and how they are read."""
    return Note(f"key_gaps_{missing}", records=lacking, of=records)


def none_left_message(who: str) -> str:
    """Return the error that every record lacks a key."""
    do = 'Leave out the emptiest key, or use missing="likely", "wildcard" or "value".'
    came = "none left after those with a missing key were excluded"
    return error_message(who, "at least one record with every key", came, do)


def drop_absent_levels(
    code: NDArray[np.int64], values: pd.Index
) -> tuple[NDArray[np.int64], pd.Index]:
    """Renumber, in their order, the values that some record has after exclusion."""
    left = present_levels(code, len(values))
    if len(left) == len(values):
        return code, values
    renumber = np.full(len(values) + 1, -1, dtype=np.int64)
    renumber[left] = np.arange(len(left))
    # A code of -1 takes the last entry, which is missing.
    return renumber[code], values[left]


def code_gaps(
    name: str, code: NDArray[np.int64], values: int, missing: str, count: Any = None
) -> tuple[NDArray[np.int64], list[Note]]:
    """Code a missing sensitive value under a reading; return the codes and a note, if any."""
    gaps = code < 0
    if not gaps.any():
        return code, []
    unknown = int(gaps.sum() if count is None else count[gaps].sum())
    key = "sensitive_gaps_value" if missing == "value" else "sensitive_gaps_left_out"
    gap_notes = [Note(key, column=name, records=unknown)]
    return np.where(gaps, values, code) if missing == "value" else code, gap_notes


def _key_notes(codes: NDArray[np.int64], keys: tuple[str, ...]) -> list[Note]:
    notes = []
    for name, code in zip(keys, codes.T, strict=True):
        known = len(code) if int(code.min()) >= 0 else int((code >= 0).sum())
        notes += key_note(name, known, int(code.max()) + 1)
    return notes


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


def usable_weights(
    column: pd.Series, who: str, count: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Return weights as numbers above 0; the error counts the records without one."""
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
    return weight


def count_people_once(table: CodedTable, identifiers: tuple[str, ...]) -> CodedTable:
    """Return the records of each person that differ, with a note of how many were repeats."""
    person = table.person
    if person is None:
        return table
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
