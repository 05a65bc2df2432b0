"""Records that share the keys which another one knows: the pool that it is one of."""

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
    """Rows that know the same keys, and the complete ones that share these with each.

    keys : What they know. mine : Which rows. here, asked : Pool of each complete row, and of each
    of mine. width : Pools.
    """

    keys: list[int]
    mine: Ints
    here: Ints
    asked: Ints
    width: int

    def total(self, value: NDArray[Any]) -> Floats:
        """Sum a value of each complete row by pool."""
        return tally(self.here, value, self.width)

    def asking(self, value: NDArray[Any]) -> Floats:
        """Sum a value of each of mine by pool."""
        return tally(self.asked, value, self.width)


def pools(cells: NDArray[np.int64], rows: NDArray[np.int64]) -> Iterator[Pools]:
    """Meet rows with complete ones by the keys that they know, a set of keys at a time."""
    known = known_keys(rows)
    for pattern in np.unique(known).tolist():
        mine = np.flatnonzero(known == pattern)
        keys = [j for j in range(rows.shape[1]) if pattern >> j & 1]
        label = labels(np.concatenate([cells, rows[mine]]), keys)
        here, asked = label[: len(cells)], label[len(cells) :]
        yield Pools(keys, mine, here, asked, int(label.max()) + 1)


def lent(codes: ArrayLike, count: ArrayLike, value: ArrayLike) -> Floats:
    """Give to each row that lacks keys the mean of a value over the complete rows that may be it.

    codes, count : As for `likely_matches`.
    value : float (m,). Of each row; kept where it is complete, or no complete row may be it.

    >>> lent([[0], [1], [-1]], [30, 60, 9], [0.0, 1.0, 7.0]).round(2).tolist()
    [0.0, 1.0, 0.67]
    """
    rows, records = np.asarray(codes), np.asarray(count, dtype=np.int64)
    found = np.array(value, dtype=np.float64)
    complete = (rows >= 0).all(axis=1)
    blank, weight = np.flatnonzero(~complete), records[complete]
    for met in pools(rows[complete], rows[blank]):
        pool, total = met.total(weight), met.total(weight * found[complete])
        mine, shares = blank[met.mine], pool[met.asked] > 0
        found[mine[shares]] = (total / np.maximum(pool, 1))[met.asked][shares]
    return found


def tally(label: Ints, value: NDArray[Any], width: int) -> Floats:
    """Sum a value by label."""
    found: Floats = np.bincount(label, weights=value, minlength=width).astype(np.float64)
    return found


def labels(rows: NDArray[np.int64], keys: list[int]) -> Ints:
    """Return the class of each row by some keys, one class where there are none."""
    if not keys or not len(rows):
        return np.zeros(len(rows), dtype=np.int64)
    return classes(rows[:, keys]).label


def known_keys(rows: NDArray[np.int64]) -> Ints:
    """Set of keys that each row knows, as bits."""
    bits = np.zeros(len(rows), dtype=np.int64)
    for j in range(rows.shape[1]):
        bits |= (rows[:, j] >= 0).astype(np.int64) << j
    return bits
