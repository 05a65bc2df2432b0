"""`measure`: every measure of a table, whatever holds it, in one frame of one shape."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from privaudit.engines.levels import encode_column
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.codes import encode_table
from privaudit.exposure.tables.crowd import count_people, crowd_around
from privaudit.exposure.tables.disclosure import add_disclosure
from privaudit.exposure.tables.intake import take_in
from privaudit.exposure.tables.keys import add_keys, add_special_uniques
from privaudit.exposure.tables.large_tables import measure_counts
from privaudit.exposure.tables.options import Options
from privaudit.exposure.tables.population import (
    add_estimates,
    add_population,
    common_rate,
    risk_in_population,
)
from privaudit.exposure.tables.risk import (
    add_classes,
    gaps_read_as_values,
    match_sizes,
    people_behind,
)
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.tables.equivalence import class_size_histogram
from privaudit.release.release import Release
from privaudit.roles import Roles

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SCORES", "measure"]

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
)


def measure(
    table: Any,
    roles: Roles | None = None,
    *,
    missing: str = "wildcard",
    population: Any = None,
    sampling_fraction: float | None = None,
    household: str | None = None,
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]] | None = None,
    threshold: float = 0.2,
    l: int = 2,  # noqa: E741 - the paper's name
    subsets: int = 1,
    special: int = 3,
    engine: str | None = None,
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
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
        Parquet or GeoJSON file. One record is taken for one person.
    roles : Roles, optional
        With at least one key variable. Default: those of the release.
    missing : {"wildcard", "value", "exclude"}
        What a missing key is. *wildcard* (default): it agrees with any value, because whoever
        knows a person's age cannot rule out a record whose age is blank; this is also how
        survey institutes count; where blanks can be filled in too many ways to go through, they
        are read as values, and the notes say so. *value*: a level of its own, never less risk
        than wildcard.
        *exclude*: such records are left out and counted in the notes. A blank sensitive value
        is a value of its own under *value*, and left out otherwise.
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
    engine : {"duckdb"}, optional
        Count in DuckDB, a frame in memory too.
    memory_limit : str, optional
        Such as ``"1GB"``: count a file, or what `engine` is given for, in DuckDB, which may hold
        so much. The rest goes through files.
    spill_directory : path, optional
        Where DuckDB may write a part of the records for a while. Default: a folder of its own
        among the system's temporary files, gone when the count ends.

    Returns
    -------
    Measures
        `overall` has the same plain rows whatever the arguments; a measure that cannot be had
        is nan with the reason in its note, and a range where there is one. Rows with a name in
        brackets belong to one column, or to one set of keys.
        `per_record` has the columns of `SCORES` and one row a record of the table, in its order,
        nan where the record was excluded or the score cannot be had; no row where only counts
        were read.
        `reliable` is False where an estimate is needed that the sample does not support; with a
        `population` none is.

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
    >>> found = measure(people, Roles(key=["age", "sex"], sensitive="party")).overall
    >>> found.loc[["k_anonymity", "sample_uniques", "distinct_l"], "value"].tolist()
    [1.0, 1.0, 1.0]
    """
    who = "measure"
    options = Options(
        missing=missing,
        sampling_fraction=sampling_fraction,
        household=household,
        hierarchy=hierarchy or {},
        threshold=threshold,
        l=l,
        subsets=subsets,
        special=special,
    )
    engine_options: dict[str, Any] = {
        "engine": engine,
        "memory_limit": memory_limit,
        "spill_directory": spill_directory,
    }
    taken = take_in(table, roles, household=options.household, who=who, **engine_options)
    options.check(taken.roles)
    if taken.release is None:
        return measure_counts(
            taken, options, population=population, scores=SCORES, who=who, **engine_options
        )
    return _measure_records(taken.release, options, population, taken.notes, who)


def _measure_records(
    table: Release, options: Options, population: Any, notes: tuple[str, ...], who: str
) -> Measures:
    coded = encode_table(table, options.missing, who, key_levels=population is not None)
    homes = None
    if options.household is not None:
        homes = encode_column(table.records[options.household], who)[0][coded.kept]
    crowd = None
    if population is not None:
        people = count_people(population, coded.keys, who=who)
        crowd = crowd_around(coded, coded.levels, people, who)
    groups, wildcard = coded.groups, options.wildcard
    size = match_sizes(coded, groups, groups.size, wildcard)
    behind = people_behind(
        coded,
        groups,
        size,
        crowd=crowd,
        sampling_fraction=options.sampling_fraction,
        wildcard=wildcard,
        who=who,
    )
    rate = common_rate(coded, behind, options.sampling_fraction)
    rows = Rows(len(coded))
    add_classes(rows, size, class_size_histogram(size[groups.first]))
    found = risk_in_population(behind, size)
    household_scores, doubts = add_population(
        rows,
        behind,
        groups.size,
        size,
        found,
        rate=rate,
        threshold=options.threshold,
        household=homes,
    )
    add_disclosure(rows, coded, groups, wildcard=wildcard, l=options.l, hierarchy=options.hierarchy)
    scores = {
        "class_size": size,
        "prosecutor_risk": 1.0 / size,
        "journalist_risk": found,
        **household_scores,
    }
    doubts += [behind.doubt] if behind.doubt else []
    doubts += add_estimates(rows, groups.size, coded.codes, rate, behind.uniques)
    special_scores, special_notes = add_special_uniques(
        rows, coded, groups, options.special, None if rate is None else rate.value
    )
    scores |= special_scores
    key_notes = add_keys(rows, coded, groups, options.subsets)
    crowd_notes = () if crowd is None else crowd.notes
    gap_notes = gaps_read_as_values(coded, groups, wildcard)
    return Measures(
        overall=rows.frame(),
        per_record=_per_record(scores, coded.kept, coded.records),
        title=f"measures of {table.name}",
        provenance=table.provenance,
        notes=(*notes, *coded.notes, *gap_notes, *crowd_notes, *special_notes, *key_notes, *doubts),
        reliable=not doubts,
        recipe=options.recipe(table.roles, behind.source),
    )


def _per_record(
    scores: Mapping[str, NDArray[Any]], kept: NDArray[np.int64], records: int
) -> pd.DataFrame:
    """Scores by position in the table: its own index may hold names."""
    columns = {}
    for name in SCORES:
        columns[name] = np.full(records, np.nan)
        columns[name][kept] = scores.get(name, np.nan)
    return pd.DataFrame(columns)
