"""`FrequencyTable`: how many records have each combination of levels, and how levels are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.measures.tables.equivalence import classes
from privaudit.tables.reading import Reading
from privaudit.tables.tidy import tidy_levels
from privaudit.words.note import Note

__all__ = ["FrequencyTable", "tidied"]


@dataclass(frozen=True, eq=False, kw_only=True)
class FrequencyTable:
    """Every combination of levels that occurs, with the number of its records.

    Parameters
    ----------
    codes : ndarray of int64, shape (m, d), Fortran order
        Level of each column, -1 where missing.
    levels : mapping of str to pandas.Index
        Values behind the codes. Never leaves the process.
    count : ndarray of int64, shape (m,)
        Records, 1 or more.
    notes : tuple of Note
        What was done to read the levels.
    """

    codes: NDArray[np.int64]
    levels: Mapping[str, pd.Index]
    count: NDArray[np.int64]
    notes: tuple[Note, ...] = ()


def tidied(found: FrequencyTable, reading: Reading) -> FrequencyTable:
    """Read the levels of counts, and put together the combinations that are then the same."""
    codes = np.empty(found.codes.shape, dtype=np.int64, order="F")
    levels: dict[str, pd.Index] = {}
    notes: list[Note] = []
    joined = False
    for place, (column, values) in enumerate(found.levels.items()):
        code = found.codes[:, place]
        shown = np.bincount(code[code >= 0], found.count[code >= 0], len(values))
        read = tidy_levels(values, shown.astype(np.int64), column, reading)
        codes[:, place] = np.append(read.number, -1)[code]
        levels[column] = read.levels
        notes += read.notes
        joined |= len(read.levels) < len(values)
    count = found.count
    if joined:
        groups = classes(codes)
        count = np.bincount(groups.label, count).astype(np.int64)
        codes = np.asfortranarray(codes[groups.first])
    return FrequencyTable(codes=codes, levels=levels, count=count, notes=tuple(notes))
