"""Which groups are too small to be shown, and which others must go with them."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd

from privaudit.core.policy import NARROWEST_RANGE, SMALL_CELL


def suppressed(groups: pd.DataFrame, n: np.ndarray) -> np.ndarray:
    """Return which groups of a table must be withheld.

    A group under `SMALL_CELL` people goes. Then, within every total that a reader may have (the
    whole, or any of the columns alone or together), what is hidden must be at least two groups
    and `SMALL_CELL` people, or it could be had by subtraction: the smallest shown groups of that
    total go too, until it holds.

    Parameters
    ----------
    groups : pandas.DataFrame
        One row a group, its columns what the group is made of.
    n : ndarray of int
        People in each group.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> ages = pd.DataFrame({"age_band": ["18-24", "25-34", "35-49"]})
    >>> suppressed(ages, np.array([4, 40, 30])).tolist()
    [True, False, True]
    """
    hidden = np.asarray(n) < SMALL_CELL
    columns = list(groups.columns)
    totals = [
        groups.groupby(list(part), dropna=False, observed=True).ngroup().to_numpy()
        if part
        else np.zeros(len(groups), dtype=np.int64)
        for size in range(len(columns))
        for part in combinations(columns, size)
    ]
    while True:
        before = hidden.sum()
        for total in totals:
            for code in np.unique(total[hidden]):
                _hide_enough(hidden, np.flatnonzero(total == code), n)
        if hidden.sum() == before:
            return hidden


def _hide_enough(hidden: np.ndarray, rows: np.ndarray, n: np.ndarray) -> None:
    """Hide the smallest shown rows of one total, those of one size together, until it is enough."""
    for size in np.unique(n[rows[~hidden[rows]]]):
        if _enough(n[rows[hidden[rows]]], n[rows[~hidden[rows]]]):
            return
        hidden[rows[n[rows] == size]] = True


def _enough(inside: np.ndarray, shown: np.ndarray) -> bool:
    """Return whether the hidden rows of one total could have many values for a reader of the rule.

    The rule hides the smallest first. So nothing hidden is larger than the smallest that is
    shown, and where small cells alone are enough, nothing hidden is above 10: either bounds each
    cell from below. From above, all others hold somebody: an empty cell may be known to be
    empty, as one without an address is, and is no cover.
    """
    held = inside[inside > 0]
    total, others = held.sum(), len(held) - 1
    if others < 1 or total < SMALL_CELL:
        return False
    if not len(shown) or inside.min() >= SMALL_CELL:
        return True
    if shown.min() == held.max():
        return False  # Which of two alike is hidden would tell their order.
    top = shown.min() if held.max() >= SMALL_CELL else SMALL_CELL - 1
    least, most = max(total - others * top, 1), min(total - others, SMALL_CELL - 1)
    return bool(most - least >= NARROWEST_RANGE)


def apart(size: np.ndarray) -> np.ndarray:
    """Return which levels may be named: large enough, and no rare one deducible by subtraction.

    Who knows how many levels there are knows that each hidden one holds one record at least.

    Examples
    --------
    >>> apart(np.array([3, 40, 30])).tolist(), apart(np.array([40, 30])).tolist()
    ([False, True, False], [True, True])
    """
    held = np.flatnonzero(size)
    named = np.zeros(len(size), dtype=bool)
    named[held] = ~suppressed(pd.DataFrame({"level": held}), size[held])
    return named


def or_suppressed(count: float, n: float = math.inf) -> float:
    """Return a count, or nan where it, or what is left of n, is of fewer than `SMALL_CELL` records.

    Examples
    --------
    >>> [or_suppressed(count, 300) for count in (0, 10, 290, 300)]
    [0, nan, nan, 300]
    """
    return math.nan if 0 < count < SMALL_CELL or 0 < n - count < SMALL_CELL else count


def outward_range(low: float, high: float, n: float) -> tuple[float, float]:
    """Return a range that holds [low, high] and gives no count of fewer than `SMALL_CELL` away.

    Neither a bound, nor what a bound leaves of n, nor what lies between the two.

    Examples
    --------
    >>> [outward_range(low, high, 600) for low, high in ((0, 0), (0, 3), (40, 41), (596, 600))]
    [(0, 0), (0, 10), (40, 51), (590, 600)]
    >>> outward_range(40, 40, 600), outward_range(5, 5, 600)
    ((40, 40), (0, 10))
    """
    small = SMALL_CELL - 1
    if 0 < low <= small:
        low = 0
    if 0 < n - low <= small:
        low = max(0, n - small)
    if 0 < high - low <= small:
        high = low + SMALL_CELL if low else small
    if n - high <= small and high != n:
        high = n
    return low, high
