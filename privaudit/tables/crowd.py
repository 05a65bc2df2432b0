"""`Crowd`: the population's keys, counted where they are and numbered as the table's are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit.errors import SchemaError
from privaudit.roles import Roles
from privaudit.tables.codes import CodedTable
from privaudit.tables.counting import FrequencyTable, counter
from privaudit.tables.intake import take_in
from privaudit.tables.joined_levels import join_levels
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
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
    who: str,
) -> FrequencyTable:
    """Count a population by the keys of a table, whatever holds it.

    Parameters
    ----------
    population : Release, frame, lazy frame, relation or path
        A row a person.
    keys : tuple of str
    memory_limit, spill_directory
        Of a file; see `privaudit.tables.sources.open_source`.
    who : str
        The function that an error names.
    """
    limits: dict[str, Any] = {}
    if isinstance(population, (str, os.PathLike)):
        limits = {"memory_limit": memory_limit, "spill_directory": spill_directory}
    taken = take_in(population, Roles(key=keys), called="the population", who=who, **limits)
    source: Any = taken.source if taken.table is None else taken.table.records
    with counter(source, keys, who=who, **(limits if taken.table is None else {})) as counts:
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
    notes = []
    for place, key in enumerate(table.keys):
        ours, others, as_text = join_levels(key, levels[key], population.levels[key], who)
        # A code of -1 takes the last entry, which is missing.
        mine[:, place] = np.append(ours, -1)[table.codes[:, place]]
        theirs[:, place] = np.append(others, -1)[population.codes[:, place]]
        if as_text:
            notes.append(Note("key_compared_as_text", key=key))
    return Crowd(mine=mine, codes=theirs, count=population.count, notes=tuple(notes))
