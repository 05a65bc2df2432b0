"""How many classes have each size, where nobody asks which record is in which class.

A fifth of the memory of `privaudit.measures.tables.equivalence.classes`: the key of a record
takes 4 bytes where it can, and sizes are tallied as they are met.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.tables.equivalence import pack_columns

__all__ = ["count_class_sizes"]

# Records that stay in the cache from one step to the next.
_BLOCK = 1 << 16
# Larger classes are few: at most one in so many records.
_LARGE = 1 << 10
_NARROW_MOST = (1 << 31) - 1


def count_class_sizes(
    columns: Sequence[NDArray[Any]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count classes of equal keys by their size, missing values being a level of their own.

    Packs, sorts, and measures the runs. NumPy sorts keys of 4 bytes in about the time that it
    takes to read them twice, so that no table of counts is quicker, however few the keys.

    Parameters
    ----------
    columns : sequence of ndarray of int, shape (n,)
        One a key variable, of codes of -1 or more; any width of whole number.

    Returns
    -------
    sizes, counts : ndarray of int64
        Sizes that occur, ascending, and the number of classes of each; ``sizes[0]`` is k of
        k-anonymity, and higher is safer; ``(sizes * counts).sum()`` is the number of records.

    Raises
    ------
    ParameterError
        There is no column, or a code below -1.

    Examples
    --------
    >>> sizes, counts = count_class_sizes([np.array([0, 1, 0, 1]), np.array([0, -1, 0, 2])])
    >>> sizes.tolist(), counts.tolist()
    ([1, 2], [2, 1])
    """
    if not len(columns):
        raise ParameterError(say("count_class_sizes", "at least one column of codes", "none"))
    key = _packed(columns)
    key.sort()
    tally = _Tally()
    before = -1
    for start in range(0, len(key), _BLOCK):
        part = key[start : start + _BLOCK + 1]
        last = np.flatnonzero(part[1:] != part[:-1]) + start
        if len(last):
            tally.add(np.diff(last, prepend=before))
            before = int(last[-1])
    if len(key):
        tally.add(np.array([len(key) - 1 - before]))
    return tally.histogram()


def _packed(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Pack the columns in 4 bytes a record where they fit, in 8 otherwise."""
    n = len(columns[0])
    if not n:
        return np.zeros(0, np.int32)
    levels = []
    for column in columns:
        low = int(column.min())
        if low < -1:
            came = f"a code of {low}"
            raise ParameterError(say("count_class_sizes", "codes of -1 or more", came))
        levels.append(int(column.max()) - low + 1)
    if prod(levels) > _NARROW_MOST:
        return pack_columns(columns)[0]
    # Codes that do not start at 0 move all keys by the same amount; one that runs over the end
    # comes in again at the other, where no key of another record is.
    key = np.zeros(n, np.int32)
    for start in range(0, n, _BLOCK):
        part = key[start : start + _BLOCK]
        for column, many in zip(columns, levels, strict=True):
            part *= many
            codes = column[start : start + _BLOCK]
            np.add(part, codes, out=part, dtype=np.int32, casting="same_kind")
    return key


class _Tally:
    """Sizes seen so far: the small ones in a table, the few large ones as they come."""

    def __init__(self) -> None:
        self.small = np.zeros(_LARGE + 1, np.int64)
        self.large: list[NDArray[np.int64]] = []

    def add(self, size: NDArray[np.int64]) -> None:
        self.small += np.bincount(np.minimum(size, _LARGE), minlength=_LARGE + 1)
        self.large.append(size[size >= _LARGE])

    def histogram(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        sizes = np.flatnonzero(self.small[:_LARGE])
        if not self.small[_LARGE]:
            return sizes, self.small[sizes]
        more, counts = np.unique(np.concatenate(self.large), return_counts=True)
        return np.concatenate([sizes, more]), np.concatenate([self.small[sizes], counts])
