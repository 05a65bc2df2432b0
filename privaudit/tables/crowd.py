"""`Crowd`: the population's keys, counted where they are and numbered as the table's are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit.errors import SchemaError
from privaudit.roles import Roles
from privaudit.tables.codes import CodedTable
from privaudit.tables.counting import counter
from privaudit.tables.frequency_table import FrequencyTable
from privaudit.tables.intake import take_in
from privaudit.tables.joined_levels import join_levels
from privaudit.tables.reading import Reading
from privaudit.words.note import Note

__all__ = ["Crowd", "count_people", "crowd_around"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Crowd:
    """Everybody from whom a table's people come, by key.

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
        memory_limit, spill_directory of a file; see `privaudit.tables.sources.open_source`.
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


def crowd_around(
    table: CodedTable, levels: Mapping[str, pd.Index], population: FrequencyTable, who: str
) -> Crowd:
    """Number the keys of a population as those of a table; `levels` are the table's.

    Raises
    ------
    SchemaError
        Nobody is in the population, or a key holds another kind of value there.
    """
    if not len(population.count):
        raise SchemaError(say(who, "at least one person in the population", "none"))
    mine = np.empty(table.codes.shape, dtype=np.int64, order="F")
    theirs = np.empty(population.codes.shape, dtype=np.int64, order="F")
    notes = [Note("of_the_population", what=note) for note in population.notes]
    for place, key in enumerate(table.keys):
        ours, others, as_text = join_levels(key, levels[key], population.levels[key], who)
        # A code of -1 takes the last entry, which is missing.
        mine[:, place] = np.append(ours, -1)[table.codes[:, place]]
        theirs[:, place] = np.append(others, -1)[population.codes[:, place]]
        notes += _hardly_met(key, mine[:, place], np.unique(others), table.count)
        if as_text:
            notes.append(Note("key_compared_as_text", key=key))
    return Crowd(mine=mine, codes=theirs, count=population.count, notes=tuple(notes))


def _hardly_met(
    key: str, mine: NDArray[np.int64], theirs: NDArray[np.int64], count: NDArray[np.int64] | None
) -> list[Note]:
    """Say that most records have a value of a key that nobody of the population has."""
    records = np.ones(len(mine), dtype=np.int64) if count is None else count
    known = mine >= 0
    of, met = int(records[known].sum()), int(records[known & np.isin(mine, theirs)].sum())
    return (
        [Note("population_hardly_meets", column=key, records=of - met, of=of)]
        if 2 * met < of
        else []
    )
