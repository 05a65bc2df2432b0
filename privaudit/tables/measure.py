"""`measure`: every measure of a table in one frame of one shape; the test of a measure's laws."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.roles import Roles
from privaudit.columns.values import Reading, reading_of
from privaudit.core.checks import an_instance, named_parameters, of_kind
from privaudit.errors import ParameterError
from privaudit.io.encodings import read_as
from privaudit.io.file_frame import FileFrame
from privaudit.io.frames import countable
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.tables.coded_table import Intake, encode_table, take_in
from privaudit.tables.context import MeasureContext, Options, context_of, open_table
from privaudit.tables.disclosure_risk import (
    household_risks,
    journalist_risks,
    prosecutor_risks,
)
from privaudit.tables.distinction import sets_to_scan
from privaudit.tables.l_diversity import diversity_of
from privaudit.tables.special_uniques import searched, suda_columns
from privaudit.tables.table_measure import CHANGES, TableMeasure, rows_of
from privaudit.words.catalogues import Note
from privaudit.words.vocabulary import MissingWord

# In the order of declaration in each file: what is declared there is measured.
_FILES = (
    "k_anonymity", "distinction", "disclosure_risk",
    "population.uniqueness", "population.loglinear_model", "population.pitman_model",
    "l_diversity", "t_closeness", "bayes_vulnerability", "special_uniques",
)  # fmt: skip


def declared(file: str) -> list[TableMeasure]:
    """Return the measures that a file of `privaudit.tables` declares."""
    module = import_module(f"privaudit.tables.{file}")
    values = [value for value in vars(module).values() if isinstance(value, TableMeasure)]
    return [measure for measure in values if measure.take.__module__ == module.__name__]


MEASURES: tuple[TableMeasure, ...] = tuple(m for file in _FILES for m in declared(file))

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


@named_parameters
def measure(
    table: Any,
    roles: Roles | None = None,
    *,
    missing: MissingWord = "likely",
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
    engine: Literal["duckdb"] | None = None,
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
    encoding: str | None = None,
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
    table : Release, frame, lazy frame, relation, stream, open file or path
        A `Release`; pandas, Polars, Arrow, DuckDB, Dask or PySpark data, or whatever has the Arrow
        interface; an open file; or the path of a CSV, Parquet or GeoJSON file. One record is taken
        for one person, unless the roles name an identifier: a person with several records then
        counts once, by the riskiest, a class counts people, and so does each row. A record without
        any identifier is a person of its own.
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
    encoding : str, optional
        Of files of text, in Python's words: ``"mac_roman"``. Default: as their words show.
    own : iterable of TableMeasure
        Measures of one's own, taken beside those of the library; see `check_measure`.

    Returns
    -------
    Measures
        Family "table". A row a measure of `MEASURES`, whatever the
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
    table, population = countable(table, "measure"), countable(population, "measure")
    if isinstance(population, FileFrame):
        population = population.frame
    with read_as(encoding):
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
        rows, uniques = rows_of(context, measures), searched(context)
        largest = sets_to_scan(len(context), len(context.table.keys), options.subsets)
    blanks = context.sizes.notes
    notes = [*opened.read_notes, *blanks, *opened.population_notes, *largest[1]]
    if not isinstance(uniques, Note):
        notes += [*uniques.cut_short, *uniques.notes[1:]]
    elif not context.counted:
        notes.append(uniques)
    doubt = context.population.doubt
    notes += [] if doubt is None else [doubt]
    recipe = options.recipe(taken.roles, context.population.source)
    if taken.table is None:
        recipe |= {name: engine_options[name] for name in ("engine", "memory_limit")}
    return Measures(
        family="table",
        rows=rows,
        per_record=_scores(context, 0 if taken.table is None else opened.records),
        name=opened.name,
        provenance=taken.provenance,
        notes=(*notes, *opened.key_notes),
        reliable=doubt is None,
        recipe=recipe,
    )


def _scores(context: MeasureContext, records: int) -> pd.DataFrame:
    """Return the scores that can be had by position in the table: its index may hold names."""
    scores: dict[str, NDArray[Any]] = {}
    if records:
        risks = journalist_risks(context)
        scores = {
            "class_size": context.sizes.expected,
            "prosecutor_risk": prosecutor_risks(context.sizes.size),
            "journalist_risk": risks,
            **diversity_of(context),
        }
        if context.population.source != "file":
            scores |= {"individual_risk": risks, "population_size": context.population.people}
            if context.household is not None:
                scores["household_risk"] = household_risks(risks, context.household)
        scores |= suda_columns(context)
    columns, place = {}, context.table.position
    each = np.array_equal(place, np.arange(records))
    for name in SCORES:
        if name in scores and each:
            columns[name] = np.array(scores[name], dtype=float)
            continue
        columns[name] = column = np.full(records, np.nan)
        if name in scores:
            column[place] = scores[name]
    return pd.DataFrame(columns, copy=False)


# Tables tried; their records, keys, and levels of each.
_TABLES, _RECORDS, _KEYS = 30, 14, 3
_SLACK = 1e-9
_Change = Callable[[pd.DataFrame], pd.DataFrame]


def check_measure(measure: TableMeasure, *, seed: int = 7) -> dict[str, int]:
    """Test that a measure keeps what it declares, on small tables of random levels.

    Its values lie in their span; each of its laws holds; the same table gives the same value; and
    where a person has several records, its denominator is people.

    Parameters
    ----------
    measure : TableMeasure
    seed : int
        Of the tables.

    Returns
    -------
    dict of str to int
        How many ``tables`` and ``laws`` were tried.

    Raises
    ------
    ParameterError
        A declaration that does not hold, in one line.

    Examples
    --------
    >>> check_measure(TableMeasure(word="records_there", take=len, unit="records"))["laws"]
    3
    """
    an_instance("check_measure", "measure", measure, TableMeasure)
    who, rng = measure.word, np.random.default_rng(seed)
    order = rng.permutation
    changes: dict[str, _Change] = {
        "rows_shuffled": lambda t: t.iloc[order(len(t))].reset_index(drop=True),
        "keys_reordered": lambda t: t[[*t.columns[:_KEYS][::-1], "opinion"]],
        "levels_renamed": lambda t: t.replace({c: dict(enumerate("qzax")) for c in t.columns[:-1]}),
        "values_renamed": lambda t: t.assign(opinion=t["opinion"].map(dict(zip("abcd", "dbac")))),  # noqa: B905
        "everybody_twice": lambda t: pd.concat([t, t], ignore_index=True),
        "key_coarsened": lambda t: t.assign(k0=t["k0"] // 2),
        "key_left_out": lambda t: t.drop(columns="k0"),
    }
    assert set(changes) == set(CHANGES)
    for _ in range(_TABLES):
        table = _table(rng)
        before = _values(measure, table)
        if before != _values(measure, table):
            raise ParameterError.of(who, "the same value of the same table", "another")
        low, high = measure.span
        for value in before.values():
            if not (math.isnan(value) or low - _SLACK <= value <= high + _SLACK):
                raise ParameterError.of(who, f"values from {low:g} to {high:g}", f"{value:g}")
        for change, effect in measure.laws.items():
            after = _values(measure, changes[change](table))
            for part, value in before.items():
                if _breaks(value, after.get(part, math.nan), effect):
                    needed = f"a value that is {effect.replace('_', ' ')} after {change}"
                    came = f"{value:g} before and {after[part]:g} after"
                    raise ParameterError.of(who, needed, came)
    _counts_people(measure, _table(rng))
    return {"tables": _TABLES, "laws": len(measure.laws)}


def _table(rng: np.random.Generator) -> pd.DataFrame:
    n, levels = int(rng.integers(4, _RECORDS)), int(rng.integers(2, 5))
    # Some levels are rare, so that laws of even classes only fail.
    usual = [rng.dirichlet(np.full(levels, 0.4)) for _ in range(_KEYS)]
    keys = {f"k{k}": rng.choice(levels, n, p=often) for k, often in enumerate(usual)}
    table = pd.DataFrame(keys)
    return table.assign(opinion=rng.choice(list("abcd"), n))


def _values(measure: TableMeasure, table: pd.DataFrame) -> dict[tuple[object, ...], float]:
    return {
        tuple(row.part.items()): row.value
        for row in _rows(
            measure, table, Roles(key=tuple(table.columns[:-1]), sensitive=("opinion",))
        )
        if not {"key", "keys"} & set(row.part)
    }


def _rows(measure: TableMeasure, table: pd.DataFrame, roles: Roles) -> list[Row]:
    """Return the rows of this measure alone."""
    who = "check_measure"
    taken = take_in(table, roles, who=who)
    assert taken.table is not None
    coded = encode_table(taken.table, "value", who)
    return list(rows_of(context_of(coded, Options(missing="value"), who=who), [measure]))


def _breaks(before: float, after: float, effect: str) -> bool:
    if math.isnan(before) or math.isnan(after) or not math.isfinite(before):
        return False
    slack = _SLACK * (1 + abs(before))
    if effect == "double":
        return abs(after - 2 * before) > slack
    if effect == "same":
        return abs(after - before) > slack
    return after > before + slack if effect == "not_more" else after < before - slack


def _counts_people(measure: TableMeasure, table: pd.DataFrame) -> None:
    """Check the denominator where everybody has two records."""
    if measure.counts != "records":
        return
    twice = pd.concat([table, table], ignore_index=True)
    twice["who"] = np.tile(np.arange(len(table)), 2)
    roles = Roles(key=("k0", "k1", "k2"), sensitive=("opinion",), identifier=("who",))
    for row in _rows(measure, twice, roles):
        if row.counts != "people" or row.n > len(table):
            came = f"{row.n:,.0f} {row.counts}"
            raise ParameterError.of(measure.word, f"{len(table)} people at most", came)
