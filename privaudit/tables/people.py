"""People, not rows: whoever has several records counts once, by the riskiest of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from privaudit.columns.roles import Roles
from privaudit.core.checks import error_message
from privaudit.errors import SchemaError
from privaudit.tables.coded_table import CodedTable, Table, encode_table
from privaudit.tables.counting import take_in
from privaudit.tables.nearest_records import without_repeats
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.tables.missing_keys import Sizes


def read_people(
    table: Any, roles: Roles | None, missing: str, who: str
) -> tuple[Table, CodedTable, tuple[Note, ...]]:
    """Read the records of a table, those of one person once, for what counts cannot tell.

    Returns the table, its codes with the levels of its keys, and what is to be said of them.

    Raises
    ------
    SchemaError
        Only its counts are read: it is lazy, or too large.
    """
    taken = take_in(table, roles, who=who)
    if taken.table is None:
        do = "Hand over a pandas frame of at most so many records."
        raise SchemaError(error_message(who, "the records of the table", "their counts only", do))
    coded = encode_table(taken.table, missing, who, key_levels=True)
    coded = told_once(coded, taken.roles.identifier)
    return taken.table, coded, (*taken.notes, *coded.notes)


def told_once(table: CodedTable, identifiers: tuple[str, ...]) -> CodedTable:
    """Keep of each person the records that differ, and say how many were further ones."""
    person = table.person
    if person is None:
        return table
    records, people = len(table), len(np.unique(person))
    table = replace(table, count=None)
    if records == people:
        return table
    said = {"records": records, "people": people, "again": records - people}
    note = Note("people_counted_once", identifiers=identifiers, **said)
    kept = only_rows(table, without_repeats(person, table.codes))
    return replace(kept, notes=(*table.notes, note))


def riskiest(sizes: Sizes, person: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the row of each person whose key fewest share, the first of several."""
    order = np.lexsort((np.arange(len(person)), sizes.size, person))
    return np.sort(order[np.flatnonzero(np.diff(person[order], prepend=-1))])


def only_rows(table: CodedTable, rows: NDArray[np.int64]) -> CodedTable:
    """Return some rows of a table."""

    def of(values: Any) -> Any:
        return None if values is None else values[rows]

    return replace(
        table,
        codes=np.asfortranarray(table.codes[rows]),
        sensitive={name: code[rows] for name, code in table.sensitive.items()},
        kept=table.kept[rows],
        weight=of(table.weight),
        count=of(table.count),
        person=of(table.person),
    )
