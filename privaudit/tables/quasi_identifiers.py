"""Distinction and separation of a set of keys (Motwani and Xu 2008).

- Pools of complete records that share the known keys of an incomplete one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints, error_message, whole
from privaudit.errors import ParameterError
from privaudit.tables.equivalence_classes import classes

# Sets of keys times records that a scan may look at, a set costing some thousand records even where
# there are few. About ten seconds.
COST_LIMIT = 500_000_000
_SET_COST = 5_000


def distinction(size: ArrayLike, count: ArrayLike | None = None) -> float:
    """Return the distinction of a key: distinct keys over records.

    Parameters
    ----------
    size : int, shape (m,)
        Size of each class.
    count : int, shape (m,), optional
        Classes of each size. Default: one.

    Returns
    -------
    float
        In (0, 1]; 1: everybody is unique; lower is safer.

    References
    ----------
    Motwani and Xu (2008).

    Examples
    --------
    >>> distinction([2, 2])
    0.5
    """
    sizes = np.asarray(size)
    many = np.ones_like(sizes) if count is None else np.asarray(count)
    return float(many.sum() / (sizes * many).sum())


def separation(size: ArrayLike, count: ArrayLike | None = None) -> float:
    """Return the separation of a key: share of the pairs of records that differ in it.

    Parameters
    ----------
    size : int, shape (m,)
        Size of each class.
    count : int, shape (m,), optional
        Classes of each size. Default: one.

    Returns
    -------
    float
        In [0, 1]; 0 is safe; nan for a single record.

    References
    ----------
    Motwani and Xu (2008).

    Examples
    --------
    >>> round(separation([2, 2]), 4)
    0.6667
    """
    sizes = np.asarray(size, dtype=np.float64)
    many = np.ones_like(sizes) if count is None else np.asarray(count, dtype=np.float64)
    n = (sizes * many).sum()
    if n < 2:
        return math.nan
    return float(1 - (many * sizes * (sizes - 1)).sum() / (n * (n - 1)))


def scan_cost(records: int, keys: int, max_size: int) -> int:
    """Return the cost of scanning all sets of at most `max_size` keys (see `COST_LIMIT`).

    Parameters
    ----------
    records : int
        Records of the table.
    keys : int
        Keys of the table.
    max_size : int
        1 or more. Largest set of keys.

    Returns
    -------
    int

    Examples
    --------
    >>> scan_cost(95_000, 10, 2)
    5500000
    """
    sets = sum(math.comb(keys, k) for k in range(1, max_size + 1))
    return sets * (records + _SET_COST)


def subsets(n: int, d: int, max_size: int) -> Iterator[tuple[int, ...]]:
    """Yield every set of at most `max_size` of d keys, smaller ones first.

    Parameters
    ----------
    n : int
        Records of the table.
    d : int
        Number of keys.
    max_size : int
        1 or more. Largest set of keys.

    Yields
    ------
    tuple of int

    Raises
    ------
    ParameterError
        Anything but a scan that ends.

    Examples
    --------
    >>> list(subsets(10, 2, 2))
    [(0,), (1,), (0, 1)]
    """
    largest = min(whole("subsets", "max_size", max_size, 1), d)
    if scan_cost(n, d, largest) > COST_LIMIT:
        sets = sum(math.comb(d, k) for k in range(1, largest + 1))
        needed = "a scan that ends"
        came = f"{sets:,} sets of up to {largest} of {d} keys over {n:,} records"
        raise ParameterError(
            error_message("subsets", needed, came, "Lower the size or leave keys out.")
        )
    for k in range(1, largest + 1):
        yield from combinations(range(d), k)


@dataclass(frozen=True, eq=False)
class Pools:
    """Rows with the same known keys, and the complete rows that share these with each.

    Attributes
    ----------
    keys : list of int
        What they know.
    mine : int array
        Which rows.
    here, asked : int array
        Pool of each complete row, and of each of mine.
    width : int
        Pools.
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
        As for `likely_matches`.
    value : float, shape (m,)
        Of each row; kept where it is complete, or no complete row may be it.

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
