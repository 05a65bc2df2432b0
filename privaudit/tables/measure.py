"""`measure`: every measure of a table, whatever holds it, in one frame of one shape.

- Measures of a table of which only counts are read: any frame, a file larger than memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import encode_column
from privaudit.columns.reading import Reading, reading_of
from privaudit.columns.roles import MISSING, Roles
from privaudit.core.checks import of_kind
from privaudit.results.measures import Measures
from privaudit.tables.coded_table import Table, encode_table, key_note
from privaudit.tables.context import Facts, facts_of
from privaudit.tables.counting import (
    ClassSizes,
    CountedTable,
    Counter,
    Intake,
    count_table,
    counter,
    take_in,
)
from privaudit.tables.equivalence_classes import Classes
from privaudit.tables.missing_keys import Sizes
from privaudit.tables.people import told_once
from privaudit.tables.population.counts import count_people, crowd_around, people_behind
from privaudit.tables.registry import OF_CLASSES, rows_of, said_of, scores_of
from privaudit.tables.table_measure import Options, TableMeasure
from privaudit.words.catalogues import Note


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
        As for `privaudit.tables.measure.measure`.
    scores : tuple of str
        Columns of `per_record`, which has no row.
    engine, memory_limit, spill_directory
        See `privaudit.io.sources.open_source`.
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
        people = count_people(population, roles.key, reading=taken.reading, who=who, **limits)
    columns = (*roles.key, *roles.sensitive, roles.weight, *roles.identifier, options.household)
    needed = tuple(dict.fromkeys(column for column in columns if column is not None))
    limits |= {"engine": engine, "reading": taken.reading}
    with counter(taken.source, needed, who=who, **limits) as counts:
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


SCORES = (
    "class_size",
    "prosecutor_risk",
    "journalist_risk",
    "individual_risk",
    "household_risk",
    "suda_score",
    "dis_suda",
    "minimal_uniques",
    "smallest_unique",
    "population_size",
    "distinct_l",
    "entropy_l",
)


def measure(
    table: Any,
    roles: Roles | None = None,
    *,
    missing: str = "likely",
    alpha: float = 1.0,
    population: Any = None,
    sampling_fraction: float | None = None,
    household: str | None = None,
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]] | None = None,
    threshold: float = 0.2,
    l: int = 2,  # noqa: E741 - the paper's name
    subsets: int = 1,
    special: int = 3,
    missing_values: Any = None,
    reading: Reading | None = None,
    engine: str | None = None,
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
    own: Iterable[TableMeasure] = (),
) -> Measures:
    """Measure who could be found in a table, and what would be learnt about them.

    The records are read where a `Release` or a pandas frame is handed over, or a Polars or Arrow
    frame of at most a million records, or a file of at most a million records and 50 MB. All
    else is counted where it is, and only counts come back: lazy frames, relations, larger
    frames and files, and whatever `engine` or `memory_limit` is given for. The measures are the
    same to the last bit of a count; those that need the records (special uniques, tau,
    households) are then nan and say so.

    Parameters
    ----------
    table : Release, frame, lazy frame, relation or path
        A `Release`; pandas, Polars, Arrow, DuckDB, Dask or PySpark data; or the path of a CSV,
        Parquet or GeoJSON file. One record is taken for one person, unless the roles name an
        identifier: whoever has several records then counts once, by the riskiest, a class counts
        people, and so does each row. A record without any identifier is of a person of its own.
    roles : Roles, optional
        With at least one key variable. Default: those of the release.
    missing : {"likely", "wildcard", "value", "exclude"}
        What a missing key is. *likely* (default): what it hides is learnt from the complete
        records that share the other keys, so that a class size is the expected number of records
        that share the key, and a risk the expected one; `low` and `high` of k, of those alone or
        in small classes, and of prosecutor risks hold whatever the blanks hide. *wildcard*: it
        agrees with any value, as survey institutes count; many blanks then hide everybody.
        *value*: a level of its own, never less risk than wildcard. *exclude*: such records are
        left out and counted in the notes. Where blanks can be filled in too many ways to go
        through, they are read as values, and the notes say so. A blank sensitive value is a value
        of its own under *value*, and left out otherwise. ``uniques_by_reading`` has those alone
        under each reading.
    alpha : float
        Under *wildcard*, how much of a record counts that agrees only by a blank, in [0, 1]: f
        and F are those alike plus `alpha` of the others that match, as sdcMicro's alpha. 1
        (default) counts it whole; with 0 a class has the size that it has under *value*.
    population : Release, frame, lazy frame, relation or path, optional
        Everybody from whom the table's people come, a row a person, with the same key columns.
    sampling_fraction : float, optional
        Share of the population that is in the file, in (0, 1]. Left out, it is read from the
        weights or from the population.
    household : str, optional
        Column that says who lives together.
    hierarchy : mapping, optional
        For a sensitive column, a tree: value to the path of names from its parent to the root.
        t-closeness is then measured over the tree.
    threshold : float
        Risk above which a record counts in ``share_at_risk``, in [0, 1].
    l : int
        l of ``recursive_c``, 2 or more.
    subsets : int
        Distinction and separation are given for every set of at most so many keys, or of as
        many as can be scanned in some seconds.
    special : int
        Special uniques are searched among sets of at most so many keys, with the same bound.
    missing_values : sequence, or mapping of column to sequence, optional
        Marks of a missing value besides the usual ones, such as -99; see `reading`.
    reading : Reading, optional
        How cells are read: marks, dates, decimals, case. As usual where it is left out, and not
        again where `read_table` has read them.
    engine : {"duckdb"}, optional
        Count in DuckDB, a frame in memory too.
    memory_limit : str, optional
        Such as ``"1GB"``: count a file, or what `engine` is given for, in DuckDB, which may hold
        so much. The rest goes through files.
    spill_directory : path, optional
        Where DuckDB may write a part of the records for a while. Default: a folder of its own
        among the system's temporary files, gone when the count ends.
    own : iterable of TableMeasure
        Measures of one's own, taken beside those of the library; see `check_measure`.

    Returns
    -------
    Measures
        Family "table". A row a measure of `privaudit.tables.registry.MEASURES`, whatever the
        arguments; several rows where it has a parameter: ``threshold``, ``least`` and ``most``,
        ``keys``, ``key``, or the sensitive ``column``. A measure that cannot be had is nan with
        the reason in its notes, and a range where there is one.
        `per_record` has the columns of `SCORES` and one row a record of the table, in its order,
        nan where the record was excluded, where another one stands for its person, or the score
        cannot be had; no row where only counts were read. ``population_size`` is F, counted or
        estimated; ``distinct_l`` and ``entropy_l`` are of the sensitive column that the record's
        class hides worst.
        A row is not reliable where it is an estimate that the sample does not support; the
        result, where the population is hardly that of the file.

    Raises
    ------
    SchemaError
        No key variable, no record, a missing or doubled column, an unusable weight or type, or
        a key that holds another kind of value in the population.
    ParameterError
        An argument out of its range, or a memory limit that has nothing to hold.
    ReadError
        A file that cannot be read, or an engine that gave up: the kind of its error is said,
        never its message, which may hold a cell.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": list("FFM"), "party": list("aba")})
    >>> found = measure(people, Roles(key=["age", "sex"], sensitive="party"))
    >>> [found.value(word) for word in ("k_anonymity", "sample_uniques", "distinct_l")]
    [1.0, 1.0, 1.0]
    >>> found.value("share_under", threshold=2) == 1 / 3
    True
    """
    who = "measure"
    options = Options(
        missing=missing,
        alpha=alpha,
        sampling_fraction=sampling_fraction,
        household=household,
        hierarchy=hierarchy or {},
        threshold=threshold,
        l=l,
        subsets=subsets,
        special=special,
        own=of_kind(who, "own", own, TableMeasure),
    )
    engine_options: dict[str, Any] = {
        "engine": engine,
        "memory_limit": memory_limit,
        "spill_directory": spill_directory,
    }
    reading = reading_of(who, reading, missing_values)
    taken = take_in(
        table, roles, household=options.household, reading=reading, who=who, **engine_options
    )
    options.check(taken.roles)
    if taken.table is None:
        return measure_counts(
            taken, options, population=population, scores=SCORES, who=who, **engine_options
        )
    found = _measure_records(taken.table, taken, options, population, who)
    rows = found.per_record
    if isinstance(table, pd.DataFrame) and rows is not None and len(table) == len(rows):
        rows.index = table.index
    return found


def _measure_records(
    table: Table, taken: Intake, options: Options, population: Any, who: str
) -> Measures:
    coded = encode_table(table, options.missing, who, key_levels=population is not None)
    coded = told_once(coded, table.roles.identifier)
    homes = None
    if options.household is not None:
        homes = encode_column(table.records[options.household], who)[0][coded.kept]
    crowd = None
    if population is not None:
        people = count_people(population, coded.keys, reading=taken.reading, who=who)
        crowd = crowd_around(coded, coded.levels, people, who)
    facts = facts_of(coded, options, crowd=crowd, household=homes, together=OF_CLASSES, who=who)
    return Measures(
        family="table",
        rows=rows_of(facts),
        per_record=_per_record(scores_of(facts), facts.table.kept, coded.records),
        name=table.name,
        provenance=table.provenance,
        notes=(*taken.notes, *coded.notes, *said_of(facts, crowd)),
        reliable=facts.behind.doubt is None,
        recipe=options.recipe(table.roles, facts.behind.source),
    )


def _per_record(
    scores: Mapping[str, NDArray[Any]], kept: NDArray[np.int64], records: int
) -> pd.DataFrame:
    """Scores by position in the table: its own index may hold names."""
    # Records stand in their order: where all are kept, nothing is written twice.
    everybody, columns, taken = len(kept) == records, {}, set[int]()
    for name in SCORES:
        if name in scores and everybody:
            column = np.asarray(scores[name], dtype=np.float64)
            # One score under two names is two columns.
            column = column.copy() if id(column) in taken else column
            taken.add(id(column))
        else:
            column = np.full(records, np.nan)
            if name in scores:
                column[kept] = scores[name]
        columns[name] = column
    return pd.DataFrame(columns, copy=False)
