"""How well a set of keys tells records apart, whichever set somebody may know."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say, whole
from privaudit.errors import ParameterError
from privaudit.measures.tables.equivalence import classes

__all__ = ["COST_LIMIT", "distinction", "scan_cost", "scan_subsets", "separation", "subsets"]

# Sets of keys times records, a set costing some thousand records even where there are few.
COST_LIMIT = 500_000_000
_SET_COST = 5_000


def distinction(size: ArrayLike, count: ArrayLike | None = None) -> float:
    """Distinct keys over records (Motwani and Xu 2008).

    Parameters
    ----------
    size : array_like of int, shape (m,)
        Size of each class.
    count : array_like of int, shape (m,), optional
        Classes of each size. Default: one.

    Returns
    -------
    float
        In (0, 1]; 1: everybody is unique; lower is safer.

    Examples
    --------
    >>> distinction([2, 2])
    0.5
    """
    sizes = np.asarray(size)
    many = np.ones_like(sizes) if count is None else np.asarray(count)
    return float(many.sum() / (sizes * many).sum())


def separation(size: ArrayLike, count: ArrayLike | None = None) -> float:
    """Share of the pairs of records that differ in their key (Motwani and Xu 2008).

    Parameters
    ----------
    size : array_like of int, shape (m,)
        Size of each class.
    count : array_like of int, shape (m,), optional
        Classes of each size. Default: one.

    Returns
    -------
    float
        In [0, 1]; 0 is safe; nan for a single record.

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
    """Cost of a scan of all sets of at most `max_size` keys, to compare with `COST_LIMIT`.

    Examples
    --------
    >>> scan_cost(95_000, 10, 2)
    5500000
    """
    sets = sum(math.comb(keys, k) for k in range(1, max_size + 1))
    return sets * (records + _SET_COST)


def subsets(n: int, d: int, max_size: int) -> Iterator[tuple[int, ...]]:
    """Yield every set of at most `max_size` of d keys, smaller ones first.

    Raises
    ------
    ParameterError
        More sets times records than `COST_LIMIT` allows: the message says how many.

    Examples
    --------
    >>> list(subsets(10, 2, 2))
    [(0,), (1,), (0, 1)]
    """
    largest = min(whole("scan_subsets", "max_size", max_size, 1), d)
    if scan_cost(n, d, largest) > COST_LIMIT:
        sets = sum(math.comb(d, k) for k in range(1, largest + 1))
        needed = "a scan that ends"
        came = f"{sets:,} sets of up to {largest} of {d} keys over {n:,} records"
        raise ParameterError(say("scan_subsets", needed, came, "Lower the size or leave keys out."))
    for k in range(1, largest + 1):
        yield from combinations(range(d), k)


def scan_subsets(
    codes: ArrayLike, max_size: int, count: ArrayLike | None = None
) -> Iterator[tuple[tuple[int, ...], float, float]]:
    """Yield distinction and separation of every set of at most `max_size` keys.

    Parameters
    ----------
    codes : array_like of int, shape (n, d)
        Missing (-1) is a level of its own.
    max_size : int
        1 or more.
    count : array_like of int, shape (n,), optional
        Records that each row stands for. Default: one.

    Yields
    ------
    keys, distinction, separation

    Raises
    ------
    ParameterError
        See `subsets`.

    Examples
    --------
    >>> [(keys, d) for keys, d, _ in scan_subsets([[0, 0], [1, 0]], 2)]
    [((0,), 1.0), ((1,), 0.5), ((0, 1), 1.0)]
    """
    table = np.asarray(codes)
    n, d = table.shape
    for keys in subsets(n, d, max_size):
        groups = classes(table[:, list(keys)])
        size = (
            groups.size if count is None else np.bincount(groups.label, weights=np.asarray(count))
        )
        yield keys, distinction(size), separation(size)
