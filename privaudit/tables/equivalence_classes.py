"""Equivalence classes: records with equal keys, from integer codes.

A code is 0, 1, 2, ... for a level and -1 for a missing value, which is a level of its own here;
`privaudit.tables.missing_keys` reads it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints
from privaudit.errors import ParameterError
from privaudit.words.catalogues import Note

# A count table of this many cells is small beside the records; of so many cells a record it is
# quicker than a sort.
_TABLE_CELLS = 1 << 23


_CELLS_A_RECORD = 16


_KEY_MAX = 1 << 62


# Records that stay in the cache while they are packed.
_BLOCK = 1 << 15


@dataclass(frozen=True, eq=False, kw_only=True)
class Classes:
    """Records grouped by equal keys.

    Attributes
    ----------
    label : int64, shape (n,)
        Class of each record, 0 to m - 1.
    size : int64, shape (m,)
        Records in each class, 1 or more.
    first : int64, shape (m,)
        One record of each class.
    """

    label: Ints
    size: Ints
    first: Ints

    @property
    def per_record(self) -> Ints:
        """Return the size of each record's class, shape (n,)."""
        return self.size[self.label]


def pack(codes: ArrayLike) -> tuple[Ints, int]:
    """Pack the codes of each record into one integer, equal where all codes are equal.

    Parameters
    ----------
    codes : int, shape (n, d)
        One column a key variable; Fortran order is read fastest.

    Returns
    -------
    key : int64, shape (n,)
    domain : int
        The key lies in [0, domain).

    Raises
    ------
    ParameterError
        Anything but whole codes of shape (records, keys).

    Examples
    --------
    >>> pack([[0, -1], [0, 1], [1, -1]])[0].tolist()
    [0, 2, 3]
    """
    table = np.asarray(codes)
    if table.ndim != 2 or table.shape[1] == 0 or table.dtype.kind not in "iu":
        came = f"shape {table.shape}, {table.dtype}"
        raise ParameterError.of("pack", "whole codes of shape (records, keys)", came)
    return pack_columns(table.T)


def pack_columns(columns: Iterable[NDArray[Any]]) -> tuple[Ints, int]:
    """Pack codes as `pack` does, column by column, without holding all columns at a time.

    Mixed radix over the span of each column, missing (-1) included: left at -1 it would alias the
    level before it. Where the product of the spans would pass 2**62, the key made so far is
    numbered anew from the values it really takes.

    Parameters
    ----------
    columns : iterable of ndarray
        Iterable of int arrays, each of shape (n,). One a key variable, of codes of -1 or more;
        any integer width.

    Returns
    -------
    tuple (int array, int)

    Raises
    ------
    ParameterError
        Anything but codes of -1 or more.

    Examples
    --------
    >>> key, domain = pack_columns(iter([np.array([0, 0, 1], np.int8), np.array([-1, 1, -1])]))
    >>> key.tolist(), domain
    ([0, 2, 3], 6)
    """
    key = np.zeros(0, dtype=np.int64)
    domain = 0
    for column in columns:
        if not len(column):
            return key, 1
        low, high = int(column.min()), int(column.max())
        if low < -1:
            raise ParameterError.of("pack", "codes of -1 or more", f"a code of {low}")
        levels = high - low + 1
        if not domain:
            key, domain = column.astype(np.int64), levels
            key -= low
            continue
        if domain * levels > _KEY_MAX:
            key, domain = _renumber(key)
        if domain * levels > _KEY_MAX:
            column, levels = _renumber(column)
            low = 0
        for start in range(0, len(key), _BLOCK):
            part = key[start : start + _BLOCK]
            part *= levels
            part += column[start : start + _BLOCK]
            if low:
                part -= low
        domain *= levels
    return key, domain


def _renumber(key: Ints) -> tuple[Ints, int]:
    """Return dense labels of packed keys."""
    values, label = np.unique(key, return_inverse=True)
    return label.astype(np.int64), len(values)


def classes(codes: ArrayLike) -> Classes:
    """Group records by equal keys; missing values are a level of their own.

    Counts in a table where the domain of the key is small, sorts otherwise: linear in the records,
    or n log n. Classes are numbered in the order of their packed keys; where no key had to be
    numbered anew that is the order of the codes, column by column.

    Parameters
    ----------
    codes : int, shape (n, d)
        See `pack`.

    Returns
    -------
    Classes

    Examples
    --------
    >>> groups = classes([[0, 0], [1, 0], [0, 0], [0, -1]])
    >>> groups.per_record.tolist()
    [2, 1, 2, 1]
    """
    key, domain = pack(codes)
    n = len(key)
    if n == 0:
        nothing = np.zeros(0, dtype=np.int64)
        return Classes(label=nothing, size=nothing, first=nothing)
    if domain <= min(max(_TABLE_CELLS, 4 * n), _CELLS_A_RECORD * n + 1024):
        count = np.bincount(key, minlength=domain)
        taken = np.flatnonzero(count)
        place = np.empty(domain, dtype=np.int64)
        place[taken] = np.arange(len(taken))
        label = place[key]
        size = count[taken]
        first = np.empty(len(taken), dtype=np.int64)
        first[label] = np.arange(n)
        return Classes(label=label, size=size, first=first)
    order, ranked = _argsort(key, domain)
    start = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
    size = np.diff(start, append=n)
    label = np.empty(n, dtype=np.int64)
    label[order] = np.repeat(np.arange(len(start)), size)
    return Classes(label=label, size=size, first=order[start])


def _argsort(key: Ints, domain: int) -> tuple[Ints, Ints]:
    """Return the sorting order of keys, and the sorted keys; the input may be overwritten."""
    bits = max(1, int(len(key) - 1).bit_length())
    if domain << bits < 1 << 63:
        # The record's number rides in the low bits: one plain sort is quicker than argsort.
        for start in range(0, len(key), _BLOCK):
            part = key[start : start + _BLOCK]
            part <<= bits
            part |= np.arange(start, start + len(part))
        key.sort()
        order = key & ((1 << bits) - 1)
        key >>= bits
        return order, key
    order = np.argsort(key, kind="stable")
    return order, key[order]


def class_size_histogram(size: ArrayLike) -> tuple[Ints, Ints]:
    """Return the frequency of frequencies: the number of classes of each size.

    Parameters
    ----------
    size : int, shape (m,)
        Size of each class, 1 or more.

    Returns
    -------
    sizes, counts : ndarray of int64
        Sizes that occur, ascending, and the number of classes of each; ``(sizes *
        counts).sum()`` is the number of records.

    Examples
    --------
    >>> sizes, counts = class_size_histogram([1, 3, 1, 2])
    >>> sizes.tolist(), counts.tolist()
    ([1, 2, 3], [2, 1, 1])
    """
    whole = np.asarray(size, dtype=np.int64)
    if len(whole) and int(whole.max()) <= 4 * len(whole):
        table = np.bincount(whole)
        sizes = np.flatnonzero(table)
        return sizes, table[sizes]
    sizes, counts = np.unique(whole, return_counts=True)
    return sizes, counts.astype(np.int64)


# Records that stay in the cache from one step to the next.
_RUN = 1 << 16


# Runs that are counted at once: 8 MB of keys.
_RUNS_COUNTED = 16


# Larger classes are few: at most one in so many records.
_LARGE = 1 << 10


_NARROW_MOST = (1 << 31) - 1


def count_class_sizes(columns: Sequence[NDArray[Any]]) -> tuple[Ints, Ints]:
    """Count classes of equal keys by their size; missing values are a level of their own.

    For where nobody asks which record is in which class: a fifth of the memory of `classes`. Packs
    and counts in a table where the domain of the key is small; else sorts, and measures the runs.

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
        Anything but at least one column of codes.

    Examples
    --------
    >>> sizes, counts = count_class_sizes([np.array([0, 1, 0, 1]), np.array([0, -1, 0, 2])])
    >>> sizes.tolist(), counts.tolist()
    ([1, 2], [2, 1])
    """
    if not len(columns):
        raise ParameterError.of("count_class_sizes", "at least one column of codes", "none")
    spans = _spans(columns)
    domain = prod(levels for _, levels in spans)
    if domain <= min(_TABLE_CELLS, _CELLS_A_RECORD * len(columns[0]) + 1024):
        count = _table_of(columns, spans, domain)
        table = np.bincount(count)
        table[0] = 0
        sizes = np.flatnonzero(table)
        return sizes, table[sizes]
    key = _packed(columns, spans, domain)
    key.sort()
    tally = _Tally()
    before = -1
    for start in range(0, len(key), _RUN):
        part = key[start : start + _RUN + 1]
        last = np.flatnonzero(part[1:] != part[:-1]) + start
        if len(last):
            tally.add(np.diff(last, prepend=before))
            before = int(last[-1])
    if len(key):
        tally.add(np.array([len(key) - 1 - before]))
    return tally.histogram()


def _spans(columns: Sequence[NDArray[Any]]) -> list[tuple[int, int]]:
    """Return the lowest code and the number of codes of each column; 0 and 1 for no record."""
    spans = []
    for column in columns:
        low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
        if low < -1:
            came = f"a code of {low}"
            raise ParameterError.of("count_class_sizes", "codes of -1 or more", came)
        spans.append((low, high - low + 1))
    return spans


def _table_of(columns: Sequence[NDArray[Any]], spans: list[tuple[int, int]], domain: int) -> Ints:
    """Return the number of records of each key of the domain, counted in blocks."""
    n, count = len(columns[0]), np.zeros(0 if len(columns[0]) else domain, np.int64)
    if n and len(columns) == 1 and not spans[0][0] and columns[0].dtype == np.int64:
        return np.bincount(columns[0])
    at_once = max(1, min(n, max(_RUNS_COUNTED * _RUN, 2 * domain)))
    key = np.empty(at_once, dtype=np.int64)
    for start in range(0, n, at_once):
        many = min(at_once, n - start)
        for run in range(0, many, _BLOCK):
            part = key[run : min(run + _BLOCK, many)]
            rows = slice(start + run, start + run + len(part))
            for place, (column, (low, levels)) in enumerate(zip(columns, spans, strict=True)):
                if place:
                    part *= levels
                    np.add(part, column[rows], out=part, dtype=np.int64, casting="same_kind")
                else:
                    np.copyto(part, column[rows])
                if low:
                    part -= low
        sizes = np.bincount(key[:many], minlength=domain)
        count = np.add(count, sizes, out=sizes) if start else sizes
    return count


def _packed(
    columns: Sequence[NDArray[Any]], spans: list[tuple[int, int]], domain: int
) -> NDArray[Any]:
    """Return packed columns, in 4 bytes a record where they fit, in 8 otherwise."""
    n = len(columns[0])
    if not n:
        return np.zeros(0, np.int32)
    if domain > _NARROW_MOST:
        return pack_columns(columns)[0]
    # Codes that do not start at 0 move all keys by the same amount; one that runs over the end
    # comes in again at the other, where no key of another record is.
    key = np.zeros(n, np.int32)
    for start in range(0, n, _RUN):
        part = key[start : start + _RUN]
        for column, (_, many) in zip(columns, spans, strict=True):
            part *= many
            codes = column[start : start + _RUN]
            np.add(part, codes, out=part, dtype=np.int32, casting="same_kind")
    return key


class _Tally:
    """Accumulated class sizes: small ones in a table, the few large ones in a list."""

    def __init__(self) -> None:
        self.small = np.zeros(_LARGE + 1, np.int64)
        self.large: list[Ints] = []

    def add(self, size: Ints) -> None:
        """Add class sizes."""
        self.small += np.bincount(np.minimum(size, _LARGE), minlength=_LARGE + 1)
        self.large.append(size[size >= _LARGE])

    def histogram(self) -> tuple[Ints, Ints]:
        """Return sizes and their frequencies."""
        sizes = np.flatnonzero(self.small[:_LARGE])
        if not self.small[_LARGE]:
            return sizes, self.small[sizes]
        more, counts = np.unique(np.concatenate(self.large), return_counts=True)
        return np.concatenate([sizes, more]), np.concatenate([self.small[sizes], counts])


def checked_class_sizes(who: str, size: ArrayLike) -> Floats:
    """Return class sizes as an array.

    Parameters
    ----------
    who : str
        The function that an error names.
    size : array_like, shape (n,)
        Records in each record's class.

    Returns
    -------
    float array, shape (n,)

    Raises
    ------
    ParameterError
        No size, or one of 0 or less.
    """
    values = np.asarray(size, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.all(values > 0):
        came = f"shape {values.shape}" if values.ndim != 1 or not len(values) else "a value of 0"
        raise ParameterError.of(who, "one class size above 0 a record", came)
    return values


@dataclass(frozen=True, eq=False, kw_only=True)
class Sizes:
    """How many records share the key of each row.

    Parameters
    ----------
    size : ndarray, shape (n,)
        Records that share it; where that is an expectation, 1 / expected risk, which is less
        than `expected`.
    expected : ndarray, shape (n,)
        The same number, or its expectation.
    read : str
        What missing keys were taken for in the end: one of `MISSING`.
    weight : ndarray of int64, shape (n,)
        Records that each row stands for.
    alpha : float
        Part of a record that a match by a blank counts for; see
        `privaudit.tables.missing_keys.blended`.
    fewer : mapping of int to ndarray of float64, shape (n,)
        Chance of fewer records than so many; empty where sizes are known.
    ranges : mapping of str to tuple of float
        Lowest and highest value that any way to fill in the blanks gives, by measure, or by
        measure and threshold; empty where nothing is expected.
    alone : mapping of str to tuple of float
        Records alone with their key, and of how many, under each reading that was taken.
    notes : tuple of Note
    """

    size: NDArray[Any]
    expected: NDArray[Any]
    read: str
    weight: NDArray[np.int64]
    alpha: float = 1.0
    fewer: Mapping[int, NDArray[np.float64]] = field(default_factory=dict)
    ranges: Mapping[Any, tuple[float, float]] = field(default_factory=dict)
    alone: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def only(self, rows: NDArray[np.int64]) -> Sizes:
        """Return those of some rows; what is of all stays."""
        return replace(
            self,
            size=self.size[rows],
            expected=self.expected[rows],
            weight=self.weight[rows],
            fewer={than: chance[rows] for than, chance in self.fewer.items()},
        )

    def most(self, measure: Any, value: float) -> float:
        """The most that a measure may be: its value, where blanks hide nothing."""
        return self.ranges[measure][1] if measure in self.ranges else value

    def ranged(self, measure: Any, value: float) -> dict[str, Any]:
        """Fields of a row: the value, and where blanks hide something, the range it may have."""
        if measure not in self.ranges:
            return {"value": value}
        low, high = self.ranges[measure]
        value = min(max(value, low), high)
        return {"value": value, "low": low, "high": high, "worst_case": True}


def records_alone(
    groups: Classes,
    weight: Ints,
    person: Ints | None,
    chance: NDArray[Any],
    those: Any = True,
) -> tuple[float, float]:
    """Return the records that may be alone in their class, and of how many; each person once.

    Parameters
    ----------
    groups : Classes
    weight : int, shape (n,)
        Records that each row stands for.
    person : int, shape (n,), optional
        Person of each row.
    chance : bool or float, shape (m,)
        Of each class that its records are alone.
    those : bool, shape (m,), optional
        Classes that count. Default: all.

    Returns
    -------
    tuple of float
    """
    some = np.broadcast_to(those, chance.shape)
    if person is None and chance.dtype == bool:
        # Whole records: the sizes of the classes add up exactly.
        return float(groups.size[some & chance].sum()), float(groups.size[some].sum())
    of_row = some[groups.label]
    each = (chance.astype(np.float64)[groups.label])[of_row]
    if person is None:
        return float((each * weight[of_row]).sum()), float(weight[of_row].sum())
    highest = np.full(int(person.max()) + 1, -1.0)
    np.maximum.at(highest, person[of_row], each)
    there = highest >= 0
    return float(highest[there].sum()), float(there.sum())


@dataclass(frozen=True, eq=False)
class Pools:
    """Rows with the same known keys, and the complete rows that share these with each.

    Attributes
    ----------
    keys : list of int
        Positions of their known keys.
    mine : int array, shape (k,)
        Positions of these rows.
    here, asked : int array, shape (c,) and (k,)
        Pool of each complete row, and of each of these rows.
    width : int
        Number of pools.
    """

    keys: list[int]
    mine: Ints
    here: Ints
    asked: Ints
    width: int

    def total(self, value: NDArray[Any]) -> Floats:
        """Sum a value of the complete rows by pool."""
        return tally(self.here, value, self.width)

    def asking(self, value: NDArray[Any]) -> Floats:
        """Sum a value of the incomplete rows by pool."""
        return tally(self.asked, value, self.width)


def pools(cells: NDArray[np.int64], rows: NDArray[np.int64]) -> Iterator[Pools]:
    """Yield the pools of incomplete rows, one pattern of known keys at a time.

    Parameters
    ----------
    cells : int, shape (c, d)
        Keys of complete rows.
    rows : int, shape (m, d)
        Keys, -1 where missing.

    Yields
    ------
    Pools
    """
    known = known_keys(rows)
    for pattern in np.unique(known).tolist():
        mine = np.flatnonzero(known == pattern)
        keys = [j for j in range(rows.shape[1]) if pattern >> j & 1]
        label = labels(np.concatenate([cells, rows[mine]]), keys)
        here, asked = label[: len(cells)], label[len(cells) :]
        yield Pools(keys, mine, here, asked, int(label.max()) + 1)


def lent(codes: ArrayLike, count: ArrayLike, value: ArrayLike) -> Floats:
    """Return a value with incomplete rows set to the mean over the complete rows of their pool.

    Parameters
    ----------
    codes, count : array_like
        As for `privaudit.tables.missing_model.likely_matches`.
    value : float, shape (m,)
        Of each row; unchanged where it is complete, or has no complete row in its pool.

    Returns
    -------
    float array

    Examples
    --------
    >>> lent([[0], [1], [-1]], [30, 60, 9], [0.0, 1.0, 7.0]).round(2).tolist()
    [0.0, 1.0, 0.67]
    """
    rows, records = np.asarray(codes), np.asarray(count, dtype=np.int64)
    filled = np.array(value, dtype=np.float64)
    complete = (rows >= 0).all(axis=1)
    blank, weight = np.flatnonzero(~complete), records[complete]
    for met in pools(rows[complete], rows[blank]):
        pool, total = met.total(weight), met.total(weight * filled[complete])
        mine, shares = blank[met.mine], pool[met.asked] > 0
        filled[mine[shares]] = (total / np.maximum(pool, 1))[met.asked][shares]
    return filled


def tally(label: Ints, value: NDArray[Any], width: int) -> Floats:
    """Return the sum of a value by label.

    Parameters
    ----------
    label : int, shape (n,)
        In 0 to ``width - 1``.
    value : ndarray
        Shape (n,). Value of each.
    width : int
        Number of labels.

    Returns
    -------
    float array
    """
    sums: Floats = np.bincount(label, weights=value, minlength=width).astype(np.float64)
    return sums


def labels(rows: NDArray[np.int64], keys: list[int]) -> Ints:
    """Return the class of each row by some keys; one class where there are none.

    Parameters
    ----------
    rows : int, shape (m, d)
        Keys, -1 where missing.
    keys : list of int
        Columns to compare.

    Returns
    -------
    int array
    """
    if not keys or not len(rows):
        return np.zeros(len(rows), dtype=np.int64)
    return classes(rows[:, keys]).label


def known_keys(rows: NDArray[np.int64]) -> Ints:
    """Return the set of keys that each row knows, as bits.

    Parameters
    ----------
    rows : int, shape (m, d)
        Keys, -1 where missing.

    Returns
    -------
    int array
    """
    bits = np.zeros(len(rows), dtype=np.int64)
    for j in range(rows.shape[1]):
        bits |= (rows[:, j] >= 0).astype(np.int64) << j
    return bits
