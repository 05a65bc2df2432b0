"""What the counts of a source say of its table, in the shape that the measures read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit.errors import SchemaError
from privaudit.measures.tables.equivalence import Classes, class_size_histogram
from privaudit.roles import Roles
from privaudit.tables.codes import (
    CodedTable,
    code_gaps,
    gaps_note,
    key_note,
    nobody_left,
    still_there,
    usable_weights,
)
from privaudit.tables.counting import Counter, FrequencyTable
from privaudit.tables.order import sorted_levels
from privaudit.tables.risk import match_sizes
from privaudit.words.note import Note

__all__ = ["CountedTable", "count_table"]


@dataclass(frozen=True, eq=False, kw_only=True)
class CountedTable:
    """A table known by its counts.

    Parameters
    ----------
    table : CodedTable
        One row a combination of levels; or, where `by_size`, one row a size of class, whose
        class stands for every class of that size.
    groups : Classes
        Classes of the rows.
    size : ndarray of int64, shape (n,)
        Records that each row matches.
    histogram : tuple of ndarray of int64, shape (s,)
        Sizes that occur, and the classes of each.
    lacking : int
        Records that lack a key.
    by_size : bool
    """

    table: CodedTable
    groups: Classes
    size: NDArray[np.int64]
    histogram: tuple[NDArray[np.int64], NDArray[np.int64]]
    lacking: int
    by_size: bool


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
    untidy, said = counts.untidy(roles.key)
    wildcard = missing == "wildcard"
    more = combinations or untidy or roles.sensitive or roles.weight
    by_size = not (more or (wildcard and lacking))
    if not by_size:
        weight = () if roles.weight is None else (roles.weight,)
        frequencies = counts.frequencies((*roles.key, *roles.sensitive, *weight))
        gaps = (frequencies.codes[:, : len(roles.key)] < 0).any(axis=1)
        lacking, said = int(frequencies.count[gaps].sum()), frequencies.notes
    if missing == "exclude" and lacking == records:
        raise SchemaError(nobody_left(who))
    notes = (*said, gaps_note(lacking, records, missing)) if lacking else said
    if by_size:
        found = counts.sizes(roles.key, required=roles.key if missing == "exclude" else ())
        size, histogram = found.size, (found.size, found.classes)
        rows = np.arange(len(size))
        groups = Classes(label=rows, size=size, first=rows)
        table = CodedTable(
            keys=roles.key,
            codes=np.zeros((len(size), len(roles.key)), dtype=np.int64),
            sensitive={},
            levels={},
            ordered=(),
            why_ordered={},
            kept=rows,
            records=records,
            count=found.size * found.classes,
            notes=notes,
        )
    else:
        table = _combinations(frequencies, roles, missing, notes, who)
        groups = table.groups
        size = match_sizes(table, groups, groups.size, wildcard)
        histogram = class_size_histogram(size[groups.first])
    return CountedTable(
        table=table,
        groups=groups,
        size=size,
        histogram=histogram,
        lacking=lacking,
        by_size=by_size,
    )


def _combinations(
    found: FrequencyTable, roles: Roles, missing: str, notes: tuple[Note, ...], who: str
) -> CodedTable:
    d, codes = len(roles.key), found.codes
    kept = np.arange(len(codes))
    if missing == "exclude":
        kept = np.flatnonzero((codes[:, :d] >= 0).all(axis=1))
    for name, code in zip(roles.key, codes[:, :d].T, strict=True):
        known = int(found.count[code >= 0].sum())
        notes = (*notes, *key_note(name, known, int(code.max()) + 1))
    count = found.count[kept]
    sensitive, ordered, why, levels = {}, [], {}, dict(found.levels)
    for place, name in enumerate(roles.sensitive, start=d):
        code, left = still_there(codes[kept, place], found.levels[name])
        code, left, in_order, why[name] = sorted_levels(name, code, left, roles, who=who)
        levels[name] = left
        sensitive[name], said = code_gaps(name, code, len(left), missing, count)
        notes = (*notes, *said)
        if in_order and not (said and missing == "value"):
            ordered.append(name)
    weight = None
    if roles.weight is not None:
        # A code of -1 takes the last entry, which is missing.
        values = pd.Series(found.levels[roles.weight], name=roles.weight)
        column = values.reindex(range(len(values) + 1)).iloc[codes[:, -1]]
        weight = usable_weights(column, who, found.count)[kept]
    return CodedTable(
        keys=roles.key,
        codes=np.asfortranarray(codes[kept, :d]),
        sensitive=sensitive,
        levels=levels,
        ordered=tuple(ordered),
        why_ordered=why,
        kept=kept,
        records=int(found.count.sum()),
        weight=weight,
        count=count,
        notes=notes,
    )
