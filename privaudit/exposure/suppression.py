"""Which groups are too small to be shown, and which others must go with them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

__all__ = ["SMALLEST", "suppressed"]

# A figure on fewer people than this is a figure on somebody.
SMALLEST = 11


def suppressed(groups: pd.DataFrame, n: np.ndarray) -> np.ndarray:
    """Say which groups of a table must not be shown.

    A group under `SMALLEST` people goes. Then, within every total that a reader may have (the
    whole, or any of the columns alone or together), what is hidden must be at least two groups
    and `SMALLEST` people, or it could be had by subtraction: the smallest shown groups of that
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
    hidden = np.asarray(n) < SMALLEST
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
    """Hide the smallest shown rows of one total until two rows and enough people are hidden."""
    for row in rows[np.argsort(n[rows], kind="stable")]:
        inside = rows[hidden[rows]]
        if len(inside) >= 2 and n[inside].sum() >= SMALLEST:
            return
        hidden[row] = True
