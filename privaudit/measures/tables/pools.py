"""Pools of complete records that share the known keys of an incomplete one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.arrays import Floats, Ints
from privaudit.measures.tables.equivalence import classes

__all__ = ["Pools", "known_keys", "labels", "lent", "pools", "tally"]


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
