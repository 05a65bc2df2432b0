"""Bounds of each group's count from published sums of counts (integer linear programming)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array, vstack

from privaudit._core.checks import say
from privaudit.errors import ParameterError

__all__ = ["count_bounds", "spread_counts"]

MOST_GROUPS = 2_000
# The solver works to about 1e-7; counts are whole.
_SLACK = 1e-6
_SWEEPS = 500
# Branches of one integer programme; beyond, the bound that is proved by then is taken.
_BRANCHES = 2_000


def count_bounds(
    members: Sequence[np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    groups: int,
    targets: Sequence[np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and largest count of each group that agree with the published sums.

    A linear programme a bound, rounded inwards. Where no whole solution seen so far reaches it, an
    integer programme decides: with three maps or more, halves may fit where whole numbers do not.
    Bounds are exact, or, after 2,000 branches, too wide and never too narrow.

    Parameters
    ----------
    members : sequence of ndarray of int
        The groups that each published count adds up.
    low, high : float, shape (counts,)
        What each count is known to be between; equal where it is shown.
    groups : int
        Number of groups.
    targets : sequence of ndarray of int, optional
        Groups whose sums are bounded instead.

    Returns
    -------
    low, high : int64, shape (groups,), or (targets,)

    Raises
    ------
    ParameterError
        Anything but each group in a count.
        More groups than `MOST_GROUPS`.

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
    free = np.flatnonzero(ceiling > 0)
    wanted = [np.array([g]) for g in range(groups)] if targets is None else targets
    if min(len(free), len(wanted)) > MOST_GROUPS:
        came = f"{len(free):,}"
        do = "Use larger areas."
        raise ParameterError(say("count_bounds", f"at most {MOST_GROUPS:,} groups", came, do))
    if not len(free) and (low > 0).any():
        raise _unfit()
    goals = _sums_of(wanted, free, groups)
    programme = _Programme(_sums_of(members, free, groups), low, high)
    least, most = np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int64)
    if not len(free):
        return least, most
    # Ends that whole solutions have reached.
    reached = np.full(len(wanted), np.inf), np.full(len(wanted), -np.inf)
    for at in np.flatnonzero(np.diff(goals.indptr)):
        goal = goals[[at]].toarray()[0]
        for sign, solved, ends in ((1, least, reached[0]), (-1, most, reached[1])):
            if sign == 1 and ends[at] == 0:
                continue
            bound, point = programme.least(sign * goal)
            if sign * bound != ends[at] and not _whole(point):
                bound, point = programme.least_whole(sign * goal)
            if point is not None and _whole(point):
                sums = goals @ np.round(point)
                np.minimum(reached[0], sums, out=reached[0])
                np.maximum(reached[1], sums, out=reached[1])
            solved[at] = sign * bound
    if (least > most).any():
        # Halves fit where whole numbers do not.
        raise _unfit()
    return least, most


def _sums_of(members: Sequence[np.ndarray], free: np.ndarray, groups: int) -> csr_array:
    """Return the sums over groups as matrix rows, one column for each free group."""
    place = np.full(groups, -1)
    place[free] = np.arange(len(free))
    row = np.repeat(np.arange(len(members)), [len(rows) for rows in members])
    column = place[np.concatenate([*members, np.empty(0, np.int64)]).astype(np.int64)]
    is_free = column >= 0
    shape = (len(members), len(free))
    return csr_array((np.ones(int(is_free.sum())), (row[is_free], column[is_free])), shape=shape)


class _Programme:
    """Integer programme of the counts that agree with the sums."""

    def __init__(self, sums: csr_array, low: np.ndarray, high: np.ndarray) -> None:
        from scipy.optimize import LinearConstraint

        # Of 32 bits, which is all that older releases of SciPy hand to the solver.
        places = sums.indices.astype(np.int32), sums.indptr.astype(np.int32)
        narrow = csr_array((sums.data, *places), shape=sums.shape)
        self._fits = LinearConstraint(narrow, low, high)
        shown = low == high
        open_ = sums[~shown]
        self._known = {
            "A_eq": sums[shown] if shown.any() else None,
            "b_eq": low[shown] if shown.any() else None,
            "A_ub": vstack([open_, -open_]).tocsr() if (~shown).any() else None,
            "b_ub": np.concatenate([high[~shown], -low[~shown]]) if (~shown).any() else None,
        }

    def least(self, goal: np.ndarray) -> tuple[int, np.ndarray | None]:
        """Return an integer lower bound of a sum of counts, and the solver's point."""
        from scipy.optimize import linprog

        solved = linprog(goal, bounds=(0, None), method="highs", **self._known)
        if solved.status != 0:
            raise _unfit()
        return int(np.ceil(solved.fun - _SLACK)), solved.x

    def least_whole(self, goal: np.ndarray) -> tuple[int, np.ndarray | None]:
        """Return the exact integer minimum."""
        from scipy.optimize import milp

        solved = milp(
            goal,
            integrality=np.ones(len(goal)),
            constraints=self._fits,
            options={"node_limit": _BRANCHES},
        )
        if solved.mip_dual_bound is None or not np.isfinite(solved.mip_dual_bound):
            raise _unfit()
        return int(np.ceil(solved.mip_dual_bound - _SLACK)), solved.x


def _whole(point: np.ndarray | None) -> bool:
    """Return the next integer, up to rounding."""
    return point is not None and bool((np.abs(point - np.round(point)) < _SLACK).all())


def spread_counts(
    members: Sequence[np.ndarray], low: np.ndarray, high: np.ndarray, size: np.ndarray
) -> np.ndarray:
    """Return the expected count of each group when dots are placed at random within the bounds.

    Proportional to the size of the groups, then scaled to each published count in turn until all
    fit (iterative proportional fitting, Deming and Stephan 1940): the spread of maximum entropy.
    With one partition it is the exact expectation; with several, an approximation of what
    `measures.maps.crossed_counts` counts exactly where it can.

    Parameters
    ----------
    members, low, high : sequence of ndarray
        As in `count_bounds`; counts that fit.
    size : float, shape (groups,)
        Homes in each group, 0 or more.

    Returns
    -------
    float, shape (groups,)

    Examples
    --------
    >>> spread_counts([np.array([0, 1])], np.array([6.0]), np.array([6.0]), np.array([1.0, 2.0]))
    array([2., 4.])
    """
    expected: np.ndarray = np.maximum(np.asarray(size, dtype=float), 1e-9)
    for _ in range(_SWEEPS):
        before = expected.copy()
        for group, bottom, top in zip(members, low, high, strict=True):
            total = expected[group].sum()
            wanted = min(max(total, bottom), top)
            expected[group] *= wanted / total if total > 0 else 0.0
        if np.allclose(expected, before, rtol=1e-9, atol=1e-12):
            break
    return expected


def _unfit() -> ParameterError:
    """Return the error of sums that no counts satisfy."""
    do = "Give maps of one moment of one campaign, and the threshold that they state."
    return ParameterError(say("count_bounds", "counts that fit together", "others", do))
