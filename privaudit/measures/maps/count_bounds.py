"""Counts that overlap: between which bounds the count of each small group must lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from privaudit._core.checks import say
from privaudit.errors import ParameterError

__all__ = ["count_bounds", "spread_counts"]

MOST_GROUPS = 2_000
# The solver works to about 1e-7; counts are whole.
_SLACK = 1e-6
_SWEEPS = 500


def count_bounds(
    members: Sequence[np.ndarray], low: np.ndarray, high: np.ndarray, groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest count that each group can have.

    One linear programme a bound, rounded inwards to whole numbers. Where the groups are the
    crossings of two partitions, the bounds are exact (a transport problem has whole corners);
    with three or more they may be too wide, never too narrow.

    Parameters
    ----------
    members : sequence of ndarray of int
        The groups that each published count adds up.
    low, high : ndarray of float, shape (counts,)
        What each count is known to be between; equal where it is shown.
    groups : int

    Returns
    -------
    low, high : ndarray of int64, shape (groups,)

    Raises
    ------
    ParameterError
        No counts fit, a group is in no count, or more than 2,000 groups may hold something.

    Examples
    --------
    Two rows of 3 and 0, two columns of 1 and 2.

    >>> rows_and_columns = [np.array(m) for m in ([0, 1], [2, 3], [0, 2], [1, 3])]
    >>> shown = np.array([3.0, 0.0, 1.0, 2.0])
    >>> [bound.tolist() for bound in count_bounds(rows_and_columns, shown, shown, 4)]
    [[1, 2, 0, 0], [1, 2, 0, 0]]
    """
    ceiling = np.full(groups, np.inf)
    for rows, top in zip(members, high, strict=True):
        ceiling[rows] = np.minimum(ceiling[rows], top)
    if not np.isfinite(ceiling).all():
        raise ParameterError(say("count_bounds", "each group in a count", "one in none"))
    least, most = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    free = np.flatnonzero(ceiling > 0)
    if len(free) > MOST_GROUPS:
        came = f"{len(free):,}"
        do = "Use larger areas."
        raise ParameterError(say("count_bounds", f"at most {MOST_GROUPS:,} groups", came, do))
    place = np.full(groups, -1)
    place[free] = np.arange(len(free))
    row = np.repeat(np.arange(len(members)), [len(rows) for rows in members])
    column = place[np.concatenate(members)] if members else np.empty(0, np.int64)
    kept = column >= 0
    shape = (len(members), len(free))
    sums = csr_array((np.ones(int(kept.sum())), (row[kept], column[kept])), shape=shape)
    shown = low == high
    known = {
        "A_eq": sums[shown] if shown.any() else None,
        "b_eq": low[shown] if shown.any() else None,
        "A_ub": _stacked(sums[~shown]) if (~shown).any() else None,
        "b_ub": np.concatenate([high[~shown], -low[~shown]]) if (~shown).any() else None,
    }
    if not len(free) and (low > 0).any():
        raise _unfit()
    for at, group in enumerate(free):
        goal = np.zeros(len(free))
        goal[at] = 1.0
        ends = []
        for sign in (1.0, -1.0):
            solved = linprog(sign * goal, bounds=(0, None), method="highs", **known)
            if solved.status != 0:
                raise _unfit()
            ends.append(solved.x[at])
        least[group] = np.ceil(ends[0] - _SLACK)
        most[group] = np.floor(ends[1] + _SLACK)
    if (least > most).any():
        # Halves fit where whole numbers do not.
        raise _unfit()
    return least, most


def spread_counts(
    members: Sequence[np.ndarray], low: np.ndarray, high: np.ndarray, size: np.ndarray
) -> np.ndarray:
    """Return how many are expected in each group, if all were placed without preference.

    Proportional to the size of the groups, then scaled to each published count in turn until
    all fit (iterative proportional fitting, Deming and Stephan 1940): the spread of maximum
    entropy. With one partition it is the exact expectation; with several, an approximation of
    what `measures.maps.crossed_counts` counts exactly where it can.

    Parameters
    ----------
    members, low, high
        As in `count_bounds`; counts that fit.
    size : ndarray of float, shape (groups,)
        Homes in each group, 0 or more.

    Returns
    -------
    ndarray of float, shape (groups,)

    Examples
    --------
    >>> spread_counts([np.array([0, 1])], np.array([6.0]), np.array([6.0]), np.array([1.0, 2.0]))
    array([2., 4.])
    """
    found = np.maximum(np.asarray(size, dtype=float), 1e-9)
    for _ in range(_SWEEPS):
        before = found.copy()
        for group, bottom, top in zip(members, low, high, strict=True):
            total = found[group].sum()
            wanted = min(max(total, bottom), top)
            found[group] *= wanted / total if total > 0 else 0.0
        if np.allclose(found, before, rtol=1e-9, atol=1e-12):
            break
    return found


def _stacked(sums: csr_array) -> csr_array:
    """Stack sums and their negatives: one row for each end of an interval."""
    from scipy.sparse import vstack

    return vstack([sums, -sums]).tocsr()


def _unfit() -> ParameterError:
    do = "Give maps of one moment of one campaign, and the threshold that they state."
    return ParameterError(say("count_bounds", "counts that fit together", "others", do))
