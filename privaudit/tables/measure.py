"""`measure`: every measure of a table, whatever holds it, in one frame of one shape."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.reading import Reading, reading_of
from privaudit.columns.roles import Roles
from privaudit.core.checks import of_kind
from privaudit.results.measures import Measures
from privaudit.tables.coded_table import Intake, take_in
from privaudit.tables.context import Options, open_table
from privaudit.tables.registry import MEASURES, notes_of, scores_of
from privaudit.tables.table_measure import TableMeasure, rows_of

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
        identifier: a person with several records then counts once, by the riskiest, a class counts
        people, and so does each row. A record without any identifier is a person of its own.
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
        The population of the table, a row a person, with the same key columns.
    sampling_fraction : float, optional
        Share of the population that is in the file, in (0, 1]. Left out, it is read from the
        weights or from the population.
    household : str, optional
        Column with the household of each record.
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
        A file that cannot be read, or an engine that gave up: the error has its kind, never
        its message, which may hold a cell.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": list("FFM"), "party": list("aba")})
    >>> result = measure(people, Roles(key=["age", "sex"], sensitive="party"))
    >>> [result.value(word) for word in ("k_anonymity", "sample_uniques", "distinct_l")]
    [1.0, 1.0, 1.0]
    >>> result.value("share_under", threshold=2) == 1 / 3
    True
    """
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
    )
    measures = (*MEASURES, *of_kind("measure", "own", own, TableMeasure))
    reading = reading_of("measure", reading, missing_values)
    engine_options: dict[str, Any] = {
        "engine": engine,
        "memory_limit": memory_limit,
        "spill_directory": spill_directory,
    }
    taken = take_in(
        table, roles, household=household, reading=reading, who="measure", **engine_options
    )
    result = measure_intake(taken, options, measures, population=population, **engine_options)
    scores = result.per_record
    if isinstance(table, pd.DataFrame) and scores is not None and len(table) == len(scores):
        scores.index = table.index
    return result


def measure_intake(
    taken: Intake,
    options: Options,
    measures: Iterable[TableMeasure] = MEASURES,
    *,
    population: Any = None,
    **engine_options: Any,
) -> Measures:
    """Measure a table whose records are read, or that is counted where it is.

    Parameters
    ----------
    taken : Intake
    options : Options
    measures : iterable of TableMeasure
    population : object, optional
    **engine_options
        See `privaudit.tables.context.open_table`.

    Returns
    -------
    Measures
        Rows are the same either way; those that need the records one by one (special uniques,
        tau, households) are nan with a note where only counts are read.
    """
    with open_table(taken, options, population=population, **engine_options) as opened:
        context = opened.context
        rows, notes = rows_of(context, measures), notes_of(opened)
    recipe = options.recipe(taken.roles, context.population.source)
    if taken.table is None:
        recipe |= {name: engine_options[name] for name in ("engine", "memory_limit")}
    scores = {} if taken.table is None else scores_of(context)
    return Measures(
        family="table",
        rows=rows,
        per_record=_per_record(scores, context.table.position, opened.records),
        name=opened.name,
        provenance=taken.provenance if taken.table is None else taken.table.provenance,
        notes=(*opened.read_notes, *notes, *opened.key_notes),
        reliable=context.population.doubt is None,
        recipe=recipe,
    )


def _per_record(
    scores: Mapping[str, NDArray[Any]], position: NDArray[np.int64], records: int
) -> pd.DataFrame:
    """Return the scores by position in the table: its own index may hold names."""
    columns = {}
    for name in SCORES:
        columns[name] = column = np.full(records, np.nan)
        if name in scores:
            column[position] = scores[name]
    return pd.DataFrame(columns, copy=False)
