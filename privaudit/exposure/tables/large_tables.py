"""Measures of a table of which only counts are read: any frame, a file larger than memory."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd

from privaudit.engines.counting import Counter, counter
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.codes import identifier_note, key_note
from privaudit.exposure.tables.counted_table import CountedTable, count_table
from privaudit.exposure.tables.crowd import count_people, crowd_around
from privaudit.exposure.tables.disclosure import add_disclosure
from privaudit.exposure.tables.intake import Intake
from privaudit.exposure.tables.keys import (
    add_all_keys,
    add_keys,
    add_no_special_uniques,
    sets_to_scan,
)
from privaudit.exposure.tables.options import Options
from privaudit.exposure.tables.population import (
    NEEDS_RECORDS,
    NO_HOUSEHOLD,
    add_estimates,
    add_population,
    common_rate,
    risk_in_population,
)
from privaudit.exposure.tables.risk import add_classes, gaps_read_as_values, people_behind
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.tables import quasi_identifiers

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
        As for `privaudit.exposure.tables.measures.measure`.
    scores : tuple of str
        Columns of `per_record`, which has no row.
    engine, memory_limit, spill_directory
        See `privaudit.engines.sources.open_source`.
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
        table = counted.table
        rows = Rows(len(table))
        add_classes(rows, counted.size, counted.histogram, table.count)
        crowd = None if people is None else crowd_around(table, table.levels, people, who)
        behind = people_behind(
            table,
            counted.groups,
            counted.size,
            crowd=crowd,
            sampling_fraction=options.sampling_fraction,
            wildcard=options.wildcard,
            who=who,
        )
        rate = common_rate(table, behind, options.sampling_fraction)
        # One by one they are many, and only estimates need them so.
        class_sizes = counted.class_sizes if rate else counted.size
        _, doubts = add_population(
            rows,
            behind,
            class_sizes,
            counted.size,
            risk_in_population(behind, counted.size),
            rate=rate,
            threshold=options.threshold,
            household=None,
            no_household=NO_HOUSEHOLD if options.household is None else NEEDS_RECORDS,
            count=table.count,
        )
        add_disclosure(
            rows,
            table,
            counted.groups,
            wildcard=options.wildcard,
            l=options.l,
            hierarchy=options.hierarchy,
        )
        doubts += [behind.doubt] if behind.doubt else []
        doubts += add_estimates(rows, class_sizes, None, rate, behind.uniques)
        add_no_special_uniques(rows, roles.key, NEEDS_RECORDS)
        if counted.by_size:
            notes = _count_keys(rows, counts, counted, options)
        else:
            notes = add_keys(rows, table, counted.groups, options.subsets)
        for identifier in roles.identifier:
            found = counts.sizes((identifier,), required=(identifier,))
            notes += identifier_note(identifier, found.records - int(found.classes.sum()))
    crowd_notes = () if crowd is None else crowd.notes
    gap_notes = gaps_read_as_values(table, counted.groups, options.wildcard)
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(columns=list(scores), dtype=np.float64),
        title=f"measures of {name}",
        notes=(*taken.notes, *read_notes, *table.notes, *gap_notes, *crowd_notes, *notes, *doubts),
        reliable=not doubts,
        recipe={
            **options.recipe(roles, behind.source),
            "engine": engine,
            "memory_limit": memory_limit,
        },
    )


def _count_keys(rows: Rows, counts: Counter, counted: CountedTable, options: Options) -> list[str]:
    """Add distinction and separation of every small set of keys, one count of the source each."""
    keys, exclude, notes = counted.table.keys, options.missing == "exclude", []
    add_all_keys(rows, *counted.histogram)
    largest, said = sets_to_scan(len(counted.table), len(keys), options.subsets)
    if not largest:
        return said
    for chosen in quasi_identifiers.subsets(len(counted.table), len(keys), largest):
        names = tuple(keys[j] for j in chosen)
        found = counts.sizes(names, required=keys if exclude else ())
        apart = quasi_identifiers.distinction(found.size, found.classes)
        pairs = quasi_identifiers.separation(found.size, found.classes)
        rows.add(f"distinction[{','.join(names)}]", apart, "share of records")
        rows.add(f"separation[{','.join(names)}]", pairs, "share of pairs")
        if len(names) == 1:
            lacking = counts.gaps(names)[1] if counted.lacking and not exclude else 0
            levels = int(found.classes.sum()) - (lacking > 0)
            notes += key_note(names[0], found.records - lacking, levels)
    return said + notes
