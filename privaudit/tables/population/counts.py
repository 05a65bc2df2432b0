"""F: how many people of the population carry each record's key, counted or from weights."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.levels import join_levels
from privaudit.columns.roles import Roles
from privaudit.columns.values import Reading
from privaudit.core.thresholds import MISTYPED_RECORDS
from privaudit.errors import SchemaError
from privaudit.tables.coded_table import CodedTable, take_in
from privaudit.tables.counting import FrequencyTable, counter
from privaudit.tables.equivalence_classes import Classes, Sizes, classes
from privaudit.tables.missing_keys import (
    COST_LIMIT,
    blended,
    matching_cost,
    matching_sums,
    most_matching,
    people_between,
)
from privaudit.tables.missing_model import COST_LIMIT as LIKELY_LIMIT
from privaudit.tables.missing_model import likely_cost, likely_matches, likely_people
from privaudit.words.catalogues import Note


@dataclass(frozen=True, eq=False, kw_only=True)
class PopulationCounts:
    """The population of a table, by key.

    Parameters
    ----------
    mine : ndarray of int64, shape (n, d), Fortran order
        Keys of the table's rows, -1 where missing, in the numbering of `codes`.
    codes : ndarray of int64, shape (m, d), Fortran order
        Each combination of keys in the population, once.
    count : ndarray of int64, shape (m,)
        People with each.
    notes : tuple of Note
    """

    mine: NDArray[np.int64]
    codes: NDArray[np.int64]
    count: NDArray[np.int64]
    notes: tuple[Note, ...] = ()


def count_people(
    population: Any,
    keys: tuple[str, ...],
    *,
    reading: Reading | None = None,
    who: str,
    **limits: Any,
) -> FrequencyTable:
    """Count a population by the keys of a table, whatever holds it.

    Parameters
    ----------
    population : Release, frame, lazy frame, relation or path
        A row a person.
    keys : tuple of str
    reading : Reading, optional
        How its cells are read: as those of the table.
    who : str
        The function that an error names.
    **limits
        memory_limit, spill_directory of a file; see `privaudit.tables.counting.open_source`.
    """
    if not isinstance(population, (str, os.PathLike)):
        limits = {}
    roles, called = Roles(key=keys), "the population"
    taken = take_in(population, roles, called=called, reading=reading, who=who, **limits)
    if taken.table is not None:
        with counter(taken.table.records, keys, who=who) as counts:
            return replace(counts.frequencies(keys), notes=taken.notes)
    with counter(taken.source, keys, reading=taken.reading, who=who, **limits) as counts:
        return counts.frequencies(keys)


def align_population(
    table: CodedTable, levels: Mapping[str, pd.Index], population: FrequencyTable, who: str
) -> PopulationCounts:
    """Number the keys of a population as those of a table; `levels` are the table's.

    Raises
    ------
    SchemaError
        Nobody is in the population, or a key holds another kind of value there.
    """
    if not len(population.count):
        raise SchemaError.of(who, "at least one person in the population", "none")
    mine = np.empty(table.codes.shape, dtype=np.int64, order="F")
    theirs = np.empty(population.codes.shape, dtype=np.int64, order="F")
    notes = [Note("of_the_population", what=note) for note in population.notes]
    for place, key in enumerate(table.keys):
        ours, others, as_text = join_levels(key, levels[key], population.levels[key], who)
        # A code of -1 takes the last entry, which is missing.
        mine[:, place] = np.append(ours, -1)[table.codes[:, place]]
        theirs[:, place] = np.append(others, -1)[population.codes[:, place]]
        known = table.codes[:, place] >= 0
        of = table.records_in(known)
        met = table.records_in(known & np.isin(mine[:, place], others))
        if 2 * met < of:
            notes.append(Note("population_hardly_meets", column=key, records=of - met, of=of))
        if as_text:
            notes.append(Note("key_compared_as_text", key=key))
    return PopulationCounts(mine=mine, codes=theirs, count=population.count, notes=tuple(notes))


@dataclass(frozen=True, eq=False, kw_only=True)
class Population:
    """How many people of the population carry each record's key, and how that is known.

    Parameters
    ----------
    people : ndarray of float64, shape (n,)
        F of each record, at least f.
    source : {"population", "weights", "file"}
        A list of everybody; sums of weights; or only the file, so that F >= f is all one knows.
    between : tuple of ndarray of int64, shape (n,), optional
        Fewest and most people with each record's key, whatever blanks hide; None: no blank.
    released, listed : array, shape (m,), optional
        Records and people of each class of a listed population.
    presences : tuple of tuple of float, optional
        Range of the lowest, and of the highest, share of a class that is in the file, whatever
        blanks hide.
    size : float
        People in the population; nan where only the file is known.
    uniques : int, optional
        People of the population who are alone with their key, where it is listed.
    notes : tuple of Note
    doubt : Note, optional
        Why nothing that rests on it is reliable; None where it may be.
    """

    people: NDArray[np.float64]
    source: str
    between: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
    released: NDArray[Any] | None = None
    listed: NDArray[Any] | None = None
    presences: tuple[tuple[float, float], tuple[float, float]] | None = None
    size: float = float("nan")
    uniques: int | None = None
    notes: tuple[Note, ...] = ()
    doubt: Note | None = None


def _matched(
    table: CodedTable, groups: Classes, sizes: Sizes, amount: NDArray[Any]
) -> NDArray[Any]:
    """Sum an amount of each class over the records that share each record's key, shape (n,)."""
    keys = table.codes[groups.first]
    if (keys >= 0).all() or sizes.read == "value":
        found = amount
    elif sizes.read == "likely":
        found = likely_matches(keys, groups.size, amount=amount).expected
        summed: NDArray[Any] = found[groups.label] * sizes.size / sizes.expected
        return summed
    else:
        found = blended(sizes.alpha, amount, matching_sums(keys, amount))
    return found[groups.label]


def weighted_population(
    table: CodedTable, groups: Classes, sizes: Sizes, sampling_fraction: float | None
) -> Population:
    """Estimate F, the people of the population behind each record's key, from weights or a rate."""
    size, weight = sizes.size, table.weight
    by_class: NDArray[Any]
    if weight is not None:
        stands_for = weight if table.count is None else weight * table.count
        by_class = np.bincount(groups.label, weights=stands_for, minlength=len(groups.size))
        everybody = _sum_of_weights(weight, table.count)
    else:
        assert sampling_fraction is not None
        by_class = groups.size / sampling_fraction
        everybody = len(table) / sampling_fraction
    behind = _matched(table, groups, sizes, by_class)
    fewer = behind < size * (1 - 1e-12)
    short = table.records_in(fewer)
    notes = [Note("people_from_weights" if weight is not None else "people_from_fraction")]
    if short:
        notes.append(Note("people_raised", records=short))
    behind = np.maximum(behind, size)
    return Population(people=behind, source="weights", size=everybody, notes=tuple(notes))


def listed_population(
    table: CodedTable, groups: Classes, sizes: Sizes, everyone: PopulationCounts, who: str
) -> Population:
    """Count F, the people of a listed population behind each record's key."""
    mine, size = everyone.mine[groups.first], sizes.size
    read, cost = _reading(sizes, mine, everyone)
    joint = classes(np.concatenate([mine, everyone.codes]))
    k, m = len(mine), len(joint.size)
    in_file, in_population = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
    in_file[joint.label[:k]] = groups.size
    in_population[joint.label[k:]] = everyone.count
    people: NDArray[Any] = in_population[joint.label[:k]]
    lives = in_population > 0
    released: NDArray[Any] = in_file[lives]
    of_class: NDArray[Any] = in_population[lives]
    if read == "wildcard":
        people = blended(
            sizes.alpha, people, matching_sums(mine, everyone.count, of=everyone.codes)
        )
        released = matching_sums(everyone.codes, groups.size, of=mine)
        of_class = matching_sums(everyone.codes, everyone.count)
    elif read == "likely":
        found, released, of_class = likely_people(mine, groups.size, everyone.codes, everyone.count)
        # Where no complete person shares the known keys, those published alike count.
        people = np.where(found > 0, found, people)
    people = people[groups.label]
    # What is expected of blanks may lie below; a class that is there may not.
    sure = np.where((mine >= 0).all(axis=1), groups.size, 1)[groups.label]
    if not people.any():
        needed = "a population that holds the people of the table, with the same values of the keys"
        raise SchemaError(f"{who}: needs {needed}, but no record's key occurs in it.")
    short = table.records_in(people < sure * (1 - 1e-9))
    absent = table.records_in(people == 0)
    notes = []
    if cost:
        notes.append(Note("population_as_published", comparisons=cost))
    if short:
        notes.append(Note("population_too_small", records=short, absent=absent))
    between, presences = None, None
    # Where nobody is complete nothing is expected of blanks, and yet they may be anything.
    nobody = sizes.read == "likely" and bool((everyone.codes < 0).any(axis=1).all())
    if read == "likely" or nobody:
        least, most = people_between(mine, everyone.codes, everyone.count)
        between = least[groups.label], most[groups.label]
        presences = _presences(mine, groups.size, everyone)
    return Population(
        people=np.maximum(people, size).astype(np.float64),
        source="population",
        between=between,
        released=released,
        listed=of_class,
        presences=presences,
        size=float(everyone.count.sum()),
        uniques=int((everyone.count == 1).sum()),
        notes=tuple(notes),
        doubt=Note("not_its_population") if short > MISTYPED_RECORDS * len(table) else None,
    )


def _presences(
    mine: NDArray[np.int64], count: NDArray[np.int64], everyone: PopulationCounts
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Bound the lowest and the highest share of a class that is in the file."""
    listed = (everyone.codes >= 0).all(axis=1)
    if not listed.any():
        return (0.0, 1.0), (0.0, 1.0)
    cells, people = everyone.codes[listed], everyone.count[listed]
    sure = (mine >= 0).all(axis=1)
    both = classes(np.concatenate([cells, mine[sure]])).label
    held = np.bincount(both[len(cells) :], weights=count[sure], minlength=int(both.max()) + 1)
    fewest = most = held[both[: len(cells)]]
    if not sure.all():
        most = most + most_matching(cells, count[~sure], mine[~sure])
    if not listed.all():
        people = people + most_matching(cells, everyone.count[~listed], everyone.codes[~listed])
    low, high = fewest / people, np.minimum(most / everyone.count[listed], 1.0)
    # A person who lacks a key may be a class alone, in the file or not.
    ends = (low.min(), high.max()) if listed.all() else (0.0, 1.0)
    return (float(ends[0]), float(high.min())), (float(low.max()), float(ends[1]))


def _reading(
    sizes: Sizes, mine: NDArray[np.int64], everyone: PopulationCounts
) -> tuple[str, float]:
    """Return the reading of blanks beside a population, and the cost that was too high, or 0."""
    complete = (everyone.codes >= 0).all(axis=1)
    read = sizes.read
    if (complete.all() and (mine >= 0).all()) or read == "value":
        too_much = [n.values["comparisons"] for n in sizes.notes if n.key == "gaps_read_as_values"]
        return "value", max(too_much, default=0)
    if read == "likely":
        cost, most = likely_cost(everyone.codes), LIKELY_LIMIT
        if not complete.any():
            return "value", 0
    else:
        cost = max(matching_cost(mine, of=everyone.codes), matching_cost(everyone.codes))
        most = COST_LIMIT
    return ("value", cost) if cost > most else (read, 0)


def _sum_of_weights(weight: NDArray[np.float64], count: NDArray[np.int64] | None) -> float:
    """Sum of weights, the same to its last digit whatever the order and the grouping of records."""
    value, place = np.unique(weight, return_inverse=True)
    times = np.bincount(place, weights=count)
    return math.fsum(value * times)
