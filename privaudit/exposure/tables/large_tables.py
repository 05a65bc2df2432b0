"""`measure_frame`: the measures of a table that need its counts only, from any frame or file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pandas as pd

from privaudit._core.checks import in_range, one_of, say, whole
from privaudit.engines.counting import Counter, counter
from privaudit.errors import ParameterError, SchemaError
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.codes import MISSING, key_note
from privaudit.exposure.tables.counted_table import CountedTable, count_table
from privaudit.exposure.tables.disclosure import add_disclosure
from privaudit.exposure.tables.keys import add_all_keys, add_keys
from privaudit.exposure.tables.population import (
    add_estimates,
    add_population,
    common_rate,
    risk_in_population,
)
from privaudit.exposure.tables.risk import Population, add_classes, people_behind
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.tables import quasi_identifiers
from privaudit.roles import Roles

__all__ = ["measure_frame"]

_NEEDS_RECORDS = "Needs the records, not their counts: read the table with read_table."
_SPECIAL = (
    (("special_uniques",), "records"),
    (("minimal_uniques",), "sets"),
    (("suda_score_max", "suda_score"), "score"),
    (("dis_suda_max", "dis_suda"), "index"),
)


def measure_frame(
    source: Any,
    roles: Roles,
    *,
    missing: str = "wildcard",
    engine: str | None = None,
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
    sampling_fraction: float | None = None,
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]] | None = None,
    threshold: float = 0.2,
    l: int = 2,  # noqa: E741 - the paper's name
    subsets: int = 1,
) -> Measures:
    """Measure a table where it is: any frame, or a file larger than memory.

    Only counts come back from the source. With keys alone these are as many numbers as there
    are class sizes. With a sensitive column, a weight, or missing keys read as wildcards, they
    are one row for each distinct combination of these columns, and that table is in memory.

    Parameters
    ----------
    source : frame, lazy frame, relation or path
        pandas, Polars (eager or lazy), Arrow, DuckDB, Dask or PySpark data; or the path of a
        CSV or Parquet file.
    roles : Roles
        With at least one key variable. One record is taken for one person.
    missing : {"wildcard", "value", "exclude"}
        What a missing key is; see `privaudit.exposure.tables.measures.measure`.
    engine : {"duckdb"}, optional
        Hand a frame in memory to DuckDB. Default: count where the data is; files by DuckDB.
    memory_limit : str, optional
        Such as ``"1GB"``: what DuckDB may hold. The rest goes through files.
    spill_directory : path, optional
        Where DuckDB may write a part of the records for a while. Default: a folder of its own
        among the system's temporary files, gone when the count ends.
    sampling_fraction : float, optional
        Share of the population that is in the file, in (0, 1].
    hierarchy, threshold, l
        See `privaudit.exposure.tables.measures.measure`.
    subsets : int
        Distinction and separation are given for every set of at most so many keys: a count each.

    Returns
    -------
    Measures
        The plain rows of `privaudit.measure`, equal to them; those that need
        the records one by one (special uniques, tau, households) are nan and say so.
        `per_record` is empty.

    Raises
    ------
    SchemaError
        No key variable, no record, a missing or doubled column, an unusable weight or type.
    ReadError
        A file that cannot be read, or an engine that gave up: the kind of its error is said,
        never its message, which may hold a cell.
    ParameterError
        An argument out of its range, or a memory limit without DuckDB.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": list("FFM"), "party": list("aba")})
    >>> found = measure_frame(people, Roles(key=["age", "sex"], sensitive="party")).overall
    >>> found.loc[["k_anonymity", "sample_uniques", "distinct_l"], "value"].tolist()
    [1.0, 1.0, 1.0]
    """
    who = "measure_frame"
    one_of(who, "missing", missing, MISSING)
    in_range(who, "threshold", threshold, 0, 1)
    whole(who, "l", l, 2)
    whole(who, "subsets", subsets, 1)
    if sampling_fraction is not None:
        in_range(who, "sampling_fraction", sampling_fraction, 0, 1, open_low=True)
    trees = dict(hierarchy or {})
    for name in trees:
        if name not in roles.sensitive:
            raise ParameterError(say(who, "hierarchy of a sensitive column", f"'{name}'"))
    if not roles.key:
        do = "Name the columns that somebody may know of a person: Roles(key=[...])."
        raise SchemaError(say(who, "at least one key variable", "none", do))
    with counter(
        source,
        tuple(c for c in (*roles.key, *roles.sensitive, roles.weight) if c is not None),
        engine=engine,
        memory_limit=memory_limit,
        spill_directory=spill_directory,
        who=who,
    ) as counts:
        name = counts.opened.name
        counted = count_table(counts, roles, missing, who)
        table = counted.table
        rows = Rows(len(table))
        add_classes(rows, counted.size, counted.histogram, table.count)
        behind, doubts = _add_risks(rows, counted, sampling_fraction, threshold, who)
        add_disclosure(rows, table, counted.groups, wildcard=counted.wildcard, l=l, hierarchy=trees)
        rate = common_rate(table, behind, sampling_fraction)
        class_sizes = counted.class_sizes if rate else counted.size
        doubts += add_estimates(rows, class_sizes, None, rate, behind.uniques)
        for names, unit in _SPECIAL:
            rows.absent(names, unit, _NEEDS_RECORDS)
        if counted.by_size:
            key_notes = _count_keys(rows, counts, counted, missing == "exclude", subsets)
        else:
            key_notes = add_keys(rows, table, counted.groups, subsets)
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(),
        title=f"measures of {name}",
        notes=(*table.notes, *key_notes, *doubts),
        reliable=not doubts,
        recipe={
            "stage": "measure_frame",
            "key": list(roles.key),
            "sensitive": list(roles.sensitive),
            "missing": missing,
            "engine": engine,
            "memory_limit": memory_limit,
            "population": behind.source,
            "sampling_fraction": sampling_fraction,
            "threshold": threshold,
            "l": l,
            "subsets": subsets,
        },
    )


def _add_risks(
    rows: Rows,
    counted: CountedTable,
    sampling_fraction: float | None,
    threshold: float,
    who: str,
) -> tuple[Population, list[str]]:
    """Add the rows of risk to somebody who may or may not be in the file."""
    table, size = counted.table, counted.size
    behind = people_behind(
        None,
        table,
        counted.groups,
        size,
        population=None,
        sampling_fraction=sampling_fraction,
        wildcard=counted.wildcard,
        who=who,
    )
    rate = common_rate(table, behind, sampling_fraction)
    _, doubts = add_population(
        rows,
        behind,
        counted.class_sizes if rate else size,
        size,
        risk_in_population(behind, size),
        rate=rate,
        threshold=threshold,
        household=None,
        count=table.count,
    )
    return behind, doubts


def _count_keys(
    rows: Rows, counts: Counter, counted: CountedTable, exclude: bool, subsets: int
) -> list[str]:
    """Add distinction and separation of every small set of keys, one count of the source each."""
    keys, notes = counted.table.keys, []
    add_all_keys(rows, *counted.histogram)
    try:
        for chosen in quasi_identifiers.subsets(len(counted.table), len(keys), subsets):
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
    except ParameterError as too_many:
        notes.append(f"Sets of keys were not scanned. {too_many}")
    return notes
