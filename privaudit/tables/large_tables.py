"""Measures of a table of which only counts are read: any frame, a file larger than memory."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.measures.tables.equivalence import Classes
from privaudit.results.measures import Measures
from privaudit.roles import MISSING
from privaudit.tables.blanks import Sizes
from privaudit.tables.codes import key_note
from privaudit.tables.counted_table import CountedTable, count_table
from privaudit.tables.counting import ClassSizes, Counter, counter
from privaudit.tables.crowd import count_people, crowd_around
from privaudit.tables.facts import Facts, facts_of
from privaudit.tables.intake import Intake
from privaudit.tables.options import Options
from privaudit.tables.people import told_once
from privaudit.tables.registry import OF_CLASSES, rows_of, said_of
from privaudit.tables.risk import people_behind
from privaudit.words.note import Note

__all__ = ["measure_counts"]


def measure_counts(
    taken: Intake,
    options: Options,
    *,
    population: Any,
    scores: tuple[str, ...],
    engine: str | None,
    memory_limit: str | None,
    spill_directory: str | os.PathLike[str] | None,
    who: str,
) -> Measures:
    """Measure a table where it is: only counts come back.

    With keys alone these are as many numbers as there are class sizes. With a sensitive column,
    a weight, a population, or missing keys read as wildcards, they are one row for each distinct
    combination of these columns, and that table is in memory.

    Parameters
    ----------
    taken : Intake
        Of a source that is not read whole.
    options : Options
    population : object, optional
        As for `privaudit.tables.measures.measure`.
    scores : tuple of str
        Columns of `per_record`, which has no row.
    engine, memory_limit, spill_directory
        See `privaudit.tables.sources.open_source`.
    who : str
        The function that an error names.

    Returns
    -------
    Measures
        The rows of a table that is read whole, equal to them; those that need the records one
        by one (special uniques, tau, households) are nan and say so.

    Raises
    ------
    SchemaError
        No record, a missing or doubled column, an unusable weight or type.
    ReadError
        A file that cannot be read, or an engine that gave up: the kind of its error is said,
        never its message, which may hold a cell.
    """
    roles = taken.roles
    limits: dict[str, Any] = {"memory_limit": memory_limit, "spill_directory": spill_directory}
    people = None
    if population is not None:
        people = count_people(population, roles.key, who=who, **limits)
    columns = (*roles.key, *roles.sensitive, roles.weight, *roles.identifier, options.household)
    needed = tuple(dict.fromkeys(column for column in columns if column is not None))
    with counter(taken.source, needed, engine=engine, who=who, **limits) as counts:
        name, read_notes = counts.opened.name, counts.opened.notes
        counted = count_table(counts, roles, options.missing, who, combinations=people is not None)
        table = told_once(counted.table, roles.identifier)
        crowd = None if people is None else crowd_around(table, table.levels, people, who)
        if counted.sizes is not None:
            facts, of_keys = _facts_by_size(counts, counted, counted.sizes, options, who)
        else:
            facts = facts_of(table, options, crowd=crowd, together=OF_CLASSES, who=who)
            of_keys = ()
        rows = rows_of(facts)
        notes = [*read_notes, *table.notes, *said_of(facts, crowd), *of_keys]
    return Measures(
        family="table",
        rows=rows,
        per_record=pd.DataFrame(columns=list(scores), dtype=np.float64),
        name=name,
        provenance=taken.provenance,
        notes=(*taken.notes, *notes),
        reliable=facts.behind.doubt is None,
        recipe={
            **options.recipe(roles, facts.behind.source),
            "engine": engine,
            "memory_limit": memory_limit,
        },
    )


def _facts_by_size(
    counts: Counter, counted: CountedTable, found: ClassSizes, options: Options, who: str
) -> tuple[Facts, tuple[Note, ...]]:
    """Gather the facts of a table known by its class sizes, and say what is odd about its keys.

    The classes of each set of keys are one count of the source.
    """
    table, exclude = counted.table, options.missing == "exclude"
    required = table.keys if exclude else ()

    @cache
    def sizes_of(keys: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        these = counts.sizes(tuple(table.keys[j] for j in keys), required=required)
        return these.size, these.classes

    groups = Classes(label=table.kept, size=found.size, first=table.kept)

    def alone(size: NDArray[np.int64], classes: NDArray[np.int64]) -> tuple[float, float]:
        records = size * classes
        return float(classes[size == 1].sum()), float(records.sum())

    told = dict.fromkeys(MISSING, alone(found.size, found.classes))
    if counted.lacking and exclude:
        told = {"exclude": told["exclude"]}
    elif counted.lacking:
        complete = counts.sizes(table.keys, required=table.keys)
        told = {"value": told["value"], "exclude": alone(complete.size, complete.classes)}
    sizes = Sizes(
        size=found.size,
        expected=found.size,
        read="value",
        weight=found.size * found.classes,
        alone=told,
    )
    behind = people_behind(
        table, groups, sizes, crowd=None, sampling_fraction=options.sampling_fraction, who=who
    )
    facts = Facts(
        table=table,
        groups=groups,
        sizes=sizes,
        histogram=(found.size, found.classes),
        behind=behind,
        options=options,
        sizes_of=sizes_of,
        counted=True,
        by_size=True,
    )
    notes: list[Note] = []
    for j, key in enumerate(table.keys):
        size, classes = sizes_of((j,))
        lacking = counts.gaps((key,))[1] if counted.lacking and not exclude else 0
        levels = int(classes.sum()) - (lacking > 0)
        notes += key_note(key, int((size * classes).sum()) - lacking, levels)
    return facts, tuple(notes)
