"""What the counts of a source say of its table, in the shape that the measures read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import SchemaError
from privaudit.measures.tables.people import people_of
from privaudit.roles import Roles
from privaudit.tables.codes import (
    CodedTable,
    code_gaps,
    gaps_note,
    key_note,
    named,
    nobody_left,
    still_there,
    usable_weights,
)
from privaudit.tables.counting import ClassSizes, Counter, FrequencyTable
from privaudit.words.note import Note

__all__ = ["CountedTable", "count_table"]


@dataclass(frozen=True, eq=False, kw_only=True)
class CountedTable:
    """A table known by its counts.

    Parameters
    ----------
    table : CodedTable
        One row a combination of levels; or, where there are `sizes`, one row a size of class,
        which stands for every class of that size.
    lacking : int
        Records that lack a key.
    sizes : ClassSizes, optional
    """

    table: CodedTable
    lacking: int
    sizes: ClassSizes | None


def count_table(
    counts: Counter, roles: Roles, missing: str, who: str, *, combinations: bool
) -> CountedTable:
    """Count the keys of a source, with its sensitive columns and weights where it has any.

    `combinations` asks for each key by itself even where class sizes would do.

    Raises
    ------
    SchemaError
        There is no record, none with every key, or a weight that is not a number above 0.
    """
    records, lacking = counts.gaps(roles.key)
    if not records:
        raise SchemaError(say(who, "at least one record", f"none in {counts.opened.name}"))
    if missing == "exclude" and lacking == records:
        raise SchemaError(nobody_left(who))
    notes = (gaps_note(lacking, records, missing),) if lacking else ()
    expects = missing in ("likely", "wildcard") and lacking
    if combinations or expects or roles.sensitive or roles.weight or roles.identifier:
        weight = () if roles.weight is None else (roles.weight,)
        columns = (*roles.key, *roles.identifier)
        frequencies = counts.frequencies(columns, (*roles.sensitive, *weight))
        table = _combinations(frequencies, roles, missing, notes, who)
        return CountedTable(table=table, lacking=lacking, sizes=None)
    found = counts.sizes(roles.key, required=roles.key if missing == "exclude" else ())
    rows = np.arange(len(found.size))
    table = CodedTable(
        keys=roles.key,
        codes=np.zeros((len(rows), len(roles.key)), dtype=np.int64),
        sensitive={},
        levels={},
        ordered=(),
        kept=rows,
        records=records,
        count=found.size * found.classes,
        notes=notes,
    )
    return CountedTable(table=table, lacking=lacking, sizes=found)


def _combinations(
    found: FrequencyTable, roles: Roles, missing: str, notes: tuple[Note, ...], who: str
) -> CodedTable:
    d, named_by = len(roles.key), len(roles.identifier)
    codes, many = found.codes, found.count
    person = None
    if named_by:
        names = codes[:, d : d + named_by]
        notes = (*notes, *named(names, many))
        # Records without a name are as many people; those of one name are one, however many.
        nameless = (names < 0).all(axis=1)
        spread = np.repeat(np.arange(len(codes)), np.where(nameless, many, 1))
        codes, many = codes[spread], np.where(nameless, 1, many)[spread]
        person = people_of(codes[:, d : d + named_by])
    kept = np.arange(len(codes))
    if missing == "exclude":
        kept = np.flatnonzero((codes[:, :d] >= 0).all(axis=1))
    for name, code in zip(roles.key, codes[:, :d].T, strict=True):
        known = int(many[code >= 0].sum())
        notes = (*notes, *key_note(name, known, int(code.max()) + 1))
    count = many[kept]
    sensitive, ordered, levels = {}, [], dict(found.levels)
    for place, name in enumerate(roles.sensitive, start=d + named_by):
        code, levels[name] = still_there(codes[kept, place], found.levels[name])
        sensitive[name], said = code_gaps(name, code, len(levels[name]), missing, count)
        notes = (*notes, *said)
        if name in found.ordered and not (said and missing == "value"):
            ordered.append(name)
    weight = None
    if roles.weight is not None:
        # A code of -1 takes the last entry, which is missing.
        values = pd.Series(found.levels[roles.weight], name=roles.weight)
        column = values.reindex(range(len(values) + 1)).iloc[codes[:, -1]]
        weight = usable_weights(column, who, many)[kept]
    return CodedTable(
        keys=roles.key,
        codes=np.asfortranarray(codes[kept, :d]),
        sensitive=sensitive,
        levels=levels,
        ordered=tuple(ordered),
        kept=kept,
        records=int(many.sum()),
        weight=weight,
        count=count,
        person=None if person is None else person[kept],
        notes=notes,
    )
