"""Distinction and separation of a set of keys (Motwani and Xu 2008)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say, whole
from privaudit.errors import ParameterError

__all__ = ["COST_LIMIT", "distinction", "scan_cost", "separation", "subsets"]

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
        raise ParameterError(say("subsets", needed, came, "Lower the size or leave keys out."))
    for k in range(1, largest + 1):
        yield from combinations(range(d), k)
