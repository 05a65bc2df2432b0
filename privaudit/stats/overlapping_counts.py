"""Counts by overlapping areas: exact moments and integer bounds of the count of each group."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.special import gammaln, logsumexp

from privaudit.core.reproducible import stream
from privaudit.core.thresholds import CREDIBLE_MASS
from privaudit.errors import ParameterError
from privaudit.stats.count_sampling import SoftSums, one_hard_sum_each, sampled_laws

# Steps from one state to the next that are kept, 20 bytes each, over a whole piece.
MOST_STEPS = 4_000_000
# Orders of the groups that are tried; the one with the fewest open counts is taken.
_STARTS = 6
_MOST_CODES = 2.0**62


class TooManySteps(Exception):
    """The groups are linked too closely for an exact count."""


class _Step(NamedTuple):
    """A transition of the transfer matrix: state, excess over the least count, next state."""

    group: int
    before: np.ndarray
    above: np.ndarray
    after: np.ndarray
    states: int
    # Likelihood of the sums that end here.
    weight: np.ndarray | float


@dataclass(frozen=True, eq=False, kw_only=True)
class Piece:
    """Groups linked by sums, each with weight ``size**n / n!`` for a count n.

    Groups are taken one after the other. A state is what the sums that are begun and not yet
    complete hold so far; ways to a state are added up forwards, and from it backwards. The steps
    between states are kept; their number, `MOST_STEPS` at most, is cost and memory.

    Attributes
    ----------
    size : float, shape (groups,)
        Above 0.
    least, most : int, shape (groups,)
        Bounds of each count.
    sums : sequence of, shape (ndarray of int, int, int)
        Groups, and the bounds of the sum of their counts.
    total : tuple of int, shape (int, int), optional
        Bounds of the sum over all groups, where sums are distinguished; None where
        `sums` leave it but one value, or where nothing depends on it.
    weights : sequence of ndarray or None, optional
        For each of `sums`, the likelihood of each value from its least on; None where all are
        alike.

    Examples
    --------
    Three dots on two groups of one home each, at most two in either: 1 and 2, or 2 and 1.

    >>> piece = Piece(size=np.ones(2), least=np.zeros(2, int), most=np.full(2, 2),
    ...     sums=[(np.arange(2), 3, 3)])
    >>> {group: law.tolist() for group, law in piece.laws(1.0, np.ones(1))}
    {1: [0.0, 0.5, 0.5], 0: [0.0, 0.5, 0.5]}
    """

    size: np.ndarray
    least: np.ndarray
    most: np.ndarray
    sums: Sequence[tuple[np.ndarray, int, int]]
    total: tuple[int, int] | None = None
    weights: Sequence[np.ndarray | None] = ()

    def totals(self, rate: float) -> np.ndarray:
        """Return the weight of each total, from the least one on, up to a factor.

        Parameters
        ----------
        rate : float
            By which each size is multiplied, above 0.

        Returns
        -------
        ndarray
        """
        last = self._forwards(self._weights(rate))[-1]
        at = self._steps[1]
        weights = np.zeros(int(at.max()) + 1)
        np.add.at(weights, at, last)
        return weights

    def laws(self, rate: float, by_total: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
        """Yield each group, and the probability of each of its counts from the least on.

        Parameters
        ----------
        rate : float
            By which each size is multiplied, above 0.
        by_total : ndarray of float
            Weight of each sum over all groups, as `totals` counts them; one entry where the
            total is not distinguished.
        """
        steps, at = self._steps
        weights = self._weights(rate)
        forward = self._forwards(weights)
        back = np.append(by_total, 0.0)[np.minimum(at, len(by_total))]
        for k in range(len(steps) - 1, -1, -1):
            step = steps[k]
            onward = weights[step.group][step.above] * back[step.after] * step.weight
            joint = np.bincount(step.above, weights=forward[k][step.before] * onward)
            yield step.group, joint / joint.sum()
            back = np.bincount(step.before, weights=onward, minlength=len(forward[k]))
            back = back / back.max()

    def _weights(self, rate: float) -> list[np.ndarray]:
        """Return the weight of each count of each group."""
        weights = []
        for size, least, most in zip(self.size, self.least, self.most, strict=True):
            count = np.arange(least, most + 1)
            log = count * np.log(rate * size) - gammaln(count + 1.0)
            weights.append(np.exp(log - log.max()))
        return weights

    def _forwards(self, weights: list[np.ndarray]) -> list[np.ndarray]:
        """Return the forward weights of each state before each group, and after the last."""
        forward = [np.ones(1)]
        for step in self._steps[0]:
            on = forward[-1][step.before] * weights[step.group][step.above] * step.weight
            now = np.bincount(step.after, weights=on, minlength=step.states)
            forward.append(now / now.max())
        return forward

    @cached_property
    def _steps(self) -> tuple[list[_Step], np.ndarray]:
        """Return the transitions, and the excess total of each final state."""
        rows = [(r, a - self.least[r].sum(), b - self.least[r].sum()) for r, a, b in self.sums]
        if self.total is not None:
            low, high = (int(end - self.least.sum()) for end in self.total)
            rows.append((np.arange(len(self.size)), low, high))
        room = self.most - self.least
        of_group: list[list[int]] = [[] for _ in self.size]
        for s, (groups, _, _) in enumerate(rows):
            for group in groups:
                of_group[group].append(s)
        rest = np.array([room[groups].sum() for groups, _, _ in rows], dtype=np.int64)
        waits = np.array([len(groups) for groups, _, _ in rows])
        total_row = len(rows) - 1 if self.total is not None else -1
        held: dict[int, np.ndarray] = {}
        steps: list[_Step] = []
        states, work = 1, 0
        for group in _order(rows, of_group):
            each = int(room[group]) + 1
            work += states * each
            if work > MOST_STEPS:
                raise TooManySteps
            before = np.repeat(np.arange(states, dtype=np.int32), each)
            above = np.tile(np.arange(each, dtype=np.int32), states)
            held = {s: column[before] for s, column in held.items()}
            fits = np.ones(len(before), dtype=bool)
            for s in of_group[group]:
                held[s] = held[s] + above if s in held else above.astype(np.int64)
                rest[s] -= room[group]
                waits[s] -= 1
                # What is still to come is between nothing and the rest.
                fits &= (held[s] <= rows[s][2]) & (held[s] + rest[s] >= rows[s][1])
            likely: np.ndarray | float = 1.0
            for s in of_group[group]:
                if not waits[s] and s < len(self.weights) and self.weights[s] is not None:
                    # Sums are held as excesses; their likelihood begins at the least sum.
                    sum_of = held[s] - rows[s][1]
                    weight = np.asarray(self.weights[s])
                    likely = likely * weight[np.clip(sum_of, 0, len(weight) - 1)]
            before, above = before[fits], above[fits]
            likely = likely[fits] if isinstance(likely, np.ndarray) else likely
            held = {s: c[fits] for s, c in held.items() if waits[s] or s == total_row}
            code, span = np.zeros(len(before), dtype=np.int64), 1.0
            for column in held.values():
                span *= float(column.max(initial=0)) + 1
                if span > _MOST_CODES:
                    raise TooManySteps
                code = code * (int(column.max(initial=0)) + 1) + column
            first, after = np.unique(code, return_index=True, return_inverse=True)[1:]
            held = {s: column[first] for s, column in held.items()}
            states = len(first)
            if states == 0:
                came, do = "others", "Give maps of one moment, and the threshold that they state."
                raise ParameterError.of("crossed_counts", "counts that fit together", came, do)
            steps.append(
                _Step(group, before, above, after.ravel().astype(np.int32), states, likely)
            )
        return steps, held.get(total_row, np.zeros(states, dtype=np.int64))


def _order(rows: Sequence[tuple[np.ndarray, int, int]], of_group: list[list[int]]) -> list[int]:
    """Return an order of the groups that keeps few sums open at a time."""
    width = np.log1p(np.array([max(high, 0) for _, _, high in rows], dtype=float))
    starts = np.unique(np.linspace(0, len(of_group) - 1, _STARTS).astype(int))
    return min((_from(int(at), rows, of_group, width) for at in starts), key=lambda x: x[0])[1]


def _from(
    start: int,
    rows: Sequence[tuple[np.ndarray, int, int]],
    of_group: list[list[int]],
    width: np.ndarray,
) -> tuple[float, list[int]]:
    """Return the largest number of open sums, and the order, starting from a group."""
    waits = [len(groups) for groups, _, _ in rows]
    opened: set[int] = set()
    near, done = {start}, np.zeros(len(of_group), dtype=bool)
    peak = now = 0.0
    order = []
    while near:

        def cost(group: int) -> float:
            # A sum that opens and closes at once costs nothing.
            return sum(
                (width[s] if s not in opened else 0.0) - (width[s] if waits[s] == 1 else 0.0)
                for s in of_group[group]
            )

        group = min(near, key=lambda g: (cost(g), g))
        now += cost(group)
        peak = max(peak, now)
        order.append(group)
        done[group] = True
        for s in of_group[group]:
            waits[s] -= 1
            if s not in opened:
                opened.add(s)
                # The sum over all groups would make every group a neighbour.
                if len(rows[s][0]) < len(of_group) or len(rows) == 1:
                    near.update(int(g) for g in rows[s][0] if not done[g])
        near.discard(group)
        if not near and len(order) < len(of_group):
            near = {int(np.flatnonzero(~done)[0])}
    return peak, order


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
    ceiling = _ceiling(members, high, groups)
    if not np.isfinite(ceiling).all():
        raise ParameterError.of("count_bounds", "each group in a count", "one in none")
    free = np.flatnonzero(ceiling > 0)
    wanted = [np.array([g]) for g in range(groups)] if targets is None else targets
    if min(len(free), len(wanted)) > MOST_GROUPS:
        came = f"{len(free):,}"
        do = "Use larger areas."
        raise ParameterError.of("count_bounds", f"at most {MOST_GROUPS:,} groups", came, do)
    if not len(free) and (low > 0).any():
        raise _unfit()
    goals = _sums_of(wanted, free, groups)
    programme = _Programme(_sums_of(members, free, groups), low, high)
    least, most = np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int64)
    if not len(free):
        return least, most
    # Ends that whole solutions have reached, and those that none can pass.
    reached = np.full(len(wanted), np.inf), np.full(len(wanted), -np.inf)
    highest = np.floor(goals @ ceiling[free])
    for at in np.flatnonzero(np.diff(goals.indptr)):
        goal = goals[[at]].toarray()[0]
        for sign, solved, ends in ((1, least, reached[0]), (-1, most, reached[1])):
            if ends[at] == (0 if sign == 1 else highest[at]):
                solved[at] = ends[at]
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


def _ceiling(members: Sequence[np.ndarray], high: np.ndarray, groups: int) -> np.ndarray:
    """Return the least of the counts over each group, infinite where there is none."""
    ceiling = np.full(groups, np.inf)
    for rows, top in zip(members, high, strict=True):
        ceiling[rows] = np.minimum(ceiling[rows], top)
    return ceiling


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

    def least(self, goal: np.ndarray) -> tuple[int, np.ndarray | None]:
        """Return an integer lower bound of a sum of counts, and the solver's point."""
        from scipy.optimize import milp

        solved = milp(goal, constraints=self._fits)
        if solved.status != 0:
            raise _unfit()
        return int(np.ceil(solved.fun - _SLACK)), solved.x

    def least_whole(self, goal: np.ndarray) -> tuple[int, np.ndarray | None]:
        """Return the exact integer minimum."""
        from scipy.optimize import milp

        fits, options = self._fits, {"node_limit": _BRANCHES}
        solved = milp(goal, integrality=np.ones(len(goal)), constraints=fits, options=options)
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
    `crossed_counts` counts exactly where it can.

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
    return ParameterError.of("count_bounds", "counts that fit together", "others", do)


# Iterations that estimate the dots a home, where no total is known.
_ROUNDS, _SETTLED = 1_000, 1e-10
# Rates over which a map with noise is averaged.
_RATES = 25
_SMALLEST = 1e-9


class CrossedCounts(NamedTuple):
    """Expected counts of each group under overlapping sums; arrays of shape (groups,).

    Bounds `low` and `high`; `expected` number of dots; `has_dot`, the probability that a given home
    of the group has one or more; `exact`, False where these two are an approximation; `likely_low`
    and `likely_high`, the shortest range of counts that has `CREDIBLE_MASS`, the bounds where it is
    not exact.
    """

    low: np.ndarray
    high: np.ndarray
    expected: np.ndarray
    has_dot: np.ndarray
    exact: np.ndarray
    likely_low: np.ndarray
    likely_high: np.ndarray


def crossed_counts(
    members: Sequence[np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    homes: np.ndarray,
    *,
    total: int | None = None,
    bounds: tuple[np.ndarray, np.ndarray] | None = None,
    weights: Sequence[np.ndarray | None] = (),
) -> CrossedCounts:
    """Return the expected dots of each group under overlapping counts, homes equally likely.

    Dots fall independently of each other, so that counts have the weight ``homes**n / n!`` a group;
    the mean is that over all counts that fit what is published. Groups that no count ties together
    are taken apart, and counted exactly (`Piece`). Where that takes more
    than 4,000,000 steps, the expected counts are an even spread (`spread_counts`), and a home is
    missed by ``r`` dots, the least of the counts over it, with probability ``(1 - expected / (r
    homes)) ** r``: right where maps do not cross, else an approximation.

    Where neither the counts nor `total` tell how many dots there are, the number of dots a home is
    taken that makes the counts the most likely; with `weights`, all numbers are averaged.

    Parameters
    ----------
    members : sequence of ndarray of int
        The groups that each published count adds up; each group is in one or more.
    low, high : float, shape (counts,)
        What each count is known to be between; equal where it is shown.
    homes : float, shape (groups,)
        Homes in each group, 0 or more.
    total : int, optional
        The sum over all groups, where it is published.
    bounds : int, shape (groups,) each, optional
        The least and the most of each group, where more is known than these counts tell;
        default `count_bounds`.
    weights : sequence of ndarray or None, shape (counts,), optional
        The likelihood of each count from its `low` on, where noise was added; default: all between
        its bounds are alike. Where there are too many steps, counts are then sampled.

    Returns
    -------
    CrossedCounts

    Examples
    --------
    Two rows of one dot each, two columns of one: either straight or crossed, alike.

    >>> rows_and_columns = [np.array(m) for m in ([0, 1], [2, 3], [0, 2], [1, 3])]
    >>> found = crossed_counts(rows_and_columns, np.ones(4), np.ones(4), np.ones(4))
    >>> found.expected.tolist(), found.has_dot.tolist(), bool(found.exact.all())
    ([0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5], True)
    """
    groups, size = len(homes), np.maximum(np.asarray(homes, dtype=float), _SMALLEST)
    miss = 1 - 1 / np.maximum(size, 1)
    lows, highs = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if total is not None:
        members = [*members, np.arange(groups)]
        lows, highs = np.append(lows, float(total)), np.append(highs, float(total))
    least, most = bounds or count_bounds(members, lows, highs, groups)
    expected, missed, exact = least.astype(float), miss**least, np.ones(groups, dtype=bool)
    # A first estimate of dots a home.
    over = max(sum(float(size[rows].sum()) for rows in members), _SMALLEST)
    rate = max(float((lows + highs).sum()) / 2 / over, _SMALLEST)
    ranges = np.stack([least, most])
    free: list[tuple[np.ndarray, Piece]] = []
    totals, lost = list[np.ndarray](), list[np.ndarray]()
    fixed, all_fixed = int(least[least == most].sum()), True
    for rows, piece, sum_of_all in _pieces(members, lows, highs, size, least, most, total, weights):
        try:
            if sum_of_all is None:
                totals.append(piece.totals(rate))
                free.append((rows, piece))
            else:
                fixed += sum_of_all
                known = _summary(piece, [(rate, 1.0)], np.ones(1), miss[rows])
                expected[rows], missed[rows], ranges[:, rows] = known
        except TooManySteps:
            lost.append(rows)
            all_fixed = all_fixed and sum_of_all is not None
    if total is not None and not all_fixed:
        # How many are left for the others is not known exactly either.
        lost, free, totals = [*lost, *(rows for rows, _ in free)], [], []
    least_of = [int(piece.least.sum()) for _, piece in free]
    by_total, rates = [np.ones(len(weight)) for weight in totals], [(rate, 1.0)]
    if total is not None:
        by_total = _others(totals, total - fixed - sum(least_of))
    elif free:
        closed = np.ones(groups, dtype=bool)
        closed[np.concatenate([*lost, *(rows for rows, _ in free)])] = False
        over = float(size[closed].sum()) + sum(float(piece.size.sum()) for _, piece in free)
        rated = totals, least_of, rate, float(expected[closed].sum()), over
        rates = _rate_law(*rated) if weights else [(rate * _likeliest(*rated), 1.0)]
    for (rows, piece), others in zip(free, by_total, strict=True):
        known = _summary(piece, rates, others, miss[rows])
        expected[rows], missed[rows], ranges[:, rows] = known
    if lost:
        rows, ends = np.concatenate(lost), ((lows, highs), (least, most))
        exact[rows] = False
        drawn = _sampled(members, *ends, weights, size, rows, total) if weights else None
        known = drawn or _evenly(members, *ends, size, rows, rate)
        expected[rows], missed[rows], ranges[:, rows] = known
    return CrossedCounts(least, most, expected, 1 - missed, exact, *ranges)


def _evenly(
    members: Sequence[np.ndarray],
    ends: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    size: np.ndarray,
    rows: np.ndarray,
    rate: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what `_summary` does, of an even spread; the ranges are the bounds."""
    spread = np.clip(spread_counts(members, *ends, rate * size), *bounds)[rows]
    fewest = _ceiling(members, ends[1], len(size))[rows]
    share = spread / np.maximum(fewest * np.maximum(size[rows], 1), 1)
    return spread, (1 - share) ** fewest, np.stack(bounds)[:, rows]


def _sampled(
    members: Sequence[np.ndarray],
    ends: tuple[np.ndarray, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray],
    weights: Sequence[np.ndarray | None],
    size: np.ndarray,
    rows: np.ndarray,
    total: int | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Return what `_summary` does, sampled; None where draws do not reach all counts."""
    least, most = bounds
    place = np.full(len(size), -1)
    place[rows] = np.arange(len(rows))
    inside, first, likelihood = list[np.ndarray](), list[int](), list[np.ndarray]()
    for of, lowest, highest, weight in zip(members, *ends, weights, strict=False):
        here = place[of]
        if (here >= 0).any():
            inside.append(here[here >= 0])
            first.append(int(lowest - least[of[here < 0]].sum()))
            likelihood.append(np.ones(int(highest - lowest) + 1) if weight is None else weight)
    sums = SoftSums(inside, np.array(first), likelihood)
    if not one_hard_sum_each(sums, len(rows)):
        return None
    lows = np.array(first, dtype=float)
    highs = lows + [len(one) - 1 for one in likelihood]
    if total is not None:
        left = float(total - least.sum() + least[rows].sum())
        inside, lows, highs = (
            [*inside, np.arange(len(rows))],
            np.append(lows, left),
            np.append(highs, left),
        )
    table = _sums_of(inside, np.arange(len(rows)), len(rows))
    start = _Programme(table, lows, highs).least_whole(np.zeros(len(rows)))[1]
    if start is None:
        return None
    known, rng = total is not None, stream(7, "sampled counts")
    counts = np.round(start).astype(np.int64)
    laws = sampled_laws(sums, counts, size[rows], most[rows], total_is_known=known, rng=rng)
    count, miss = np.arange(laws.shape[1]), 1 - 1 / np.maximum(size[rows], 1)
    ranges = np.array([shortest_range(law) for law in laws]).T
    return laws @ count, (laws * miss[:, None] ** count).sum(axis=1), ranges


def _summary(
    piece: Piece, rates: Sequence[tuple[float, float]], by_total: np.ndarray, miss: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean of each count n, that of ``miss**n``, and the shortest likely range of n.

    A mixture over rates, each with its probability.
    """
    mean, missed = np.zeros(len(piece.size)), np.zeros(len(piece.size))
    ranges = np.zeros((2, len(piece.size)), dtype=np.int64)
    mixed: dict[int, np.ndarray] = {}
    for rate, share in rates:
        for group, law in piece.laws(rate, by_total):
            mixed[group] = mixed.get(group, 0.0) + share * law
    for group, law in mixed.items():
        count = piece.least[group] + np.arange(len(law))
        mean[group] = law @ count
        missed[group] = law @ miss[group] ** count
        ranges[:, group] = piece.least[group] + np.array(shortest_range(law))
    return mean, missed, ranges


def _rate_law(
    totals: Sequence[np.ndarray], least: Sequence[int], rate: float, observed: float, homes: float
) -> list[tuple[float, float]]:
    """Return rates and their probabilities, where noise leaves the number of dots open.

    A flat prior of the rate, on a logarithmic grid that the posterior narrows.
    """
    most = observed + sum(first + len(one) for first, one in zip(least, totals, strict=True))
    # A rate that gave so many dots at most may be some deviations above them, or next to nothing.
    grid = np.geomspace(1e-3, most + 6 * math.sqrt(most) + 10.0, 4 * _RATES) / homes
    for points in (_RATES, 0):
        factor = np.log(grid / rate)
        # A log grid: the density of the logarithm is rate times that of the rate.
        log = observed * factor - grid * homes + factor
        for first, one in zip(least, totals, strict=True):
            log += logsumexp(factor[:, None] * (first + np.arange(len(one))), axis=1, b=one)
        weight = np.exp(log - log.max())
        if points:
            likely = np.flatnonzero(weight > 1e-4)
            ends = max(likely[0] - 1, 0), min(likely[-1] + 1, len(grid) - 1)
            grid = np.geomspace(grid[ends[0]], grid[ends[1]], points)
    return list(zip(grid.tolist(), (weight / weight.sum()).tolist(), strict=True))


def shortest_range(law: np.ndarray) -> tuple[int, int]:
    """Return the first and last place of the shortest run that has `CREDIBLE_MASS` of a law.

    Of several as short, the one that has most.

    Examples
    --------
    >>> shortest_range(np.array([0.01, 0.2, 0.5, 0.26, 0.03]))
    (1, 3)
    """
    up_to = np.concatenate([[0.0], np.cumsum(law)])
    # The first end that reaches the mass from each start; rounding is no shortfall.
    ends = np.searchsorted(up_to, up_to[:-1] + CREDIBLE_MASS * up_to[-1] - 1e-12)
    starts = np.flatnonzero(ends < len(up_to))
    width = ends[starts] - starts
    shortest = starts[width == width.min()]
    first = int(shortest[np.argmax(up_to[ends[shortest]] - up_to[shortest])])
    return first, int(ends[first]) - 1


def _pieces(
    members: Sequence[np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    size: np.ndarray,
    least: np.ndarray,
    most: np.ndarray,
    total: int | None,
    weights: Sequence[np.ndarray | None] = (),
) -> Iterator[tuple[np.ndarray, Piece, int | None]]:
    """Yield the groups that sums link, with their total where the sums fix it."""
    if total is not None:
        members = members[:-1]
    open_ = np.flatnonzero(least < most)
    place = np.full(len(size), -1)
    place[open_] = np.arange(len(open_))
    inside = [rows[place[rows] >= 0] for rows in members]
    fixed = [int(least[rows].sum() - least[some].sum())
             for rows, some in zip(members, inside, strict=True)]  # fmt: skip
    sums = _sums_of(members, open_, len(size))
    tie = connected_components(sums.T @ sums, directed=False)[1]
    of_sum = [tie[place[rows[0]]] if len(rows) else -1 for rows in inside]
    for piece in range(int(tie.max(initial=-1)) + 1):
        at = np.flatnonzero(tie == piece)
        rows, mine = open_[at], [s for s, p in enumerate(of_sum) if p == piece]
        shown = [s for s in mine if low[s] == high[s]]
        sum_of_all = None
        if shown:
            table = sums[shown][:, at].toarray()
            # Counts that add up to one of each group tell the sum over all.
            times = np.linalg.lstsq(table.T, np.ones(len(at)))[0]
            if np.allclose(times @ table, 1.0):
                known = np.array([low[s] - fixed[s] for s in shown])
                sum_of_all = round(float(times @ known))
        ends = int(least[rows].sum()), int(most[rows].sum())
        if total is not None:
            ends = ends[0], min(ends[1], total)
        yield rows, Piece(
            size=size[rows],
            least=least[rows],
            most=most[rows],
            sums=[
                (np.searchsorted(at, place[inside[s]]), int(low[s]) - fixed[s],
                 int(min(high[s], most[members[s]].sum())) - fixed[s])
                for s in mine
            ],
            total=ends if sum_of_all is None else None,
            weights=[weights[s] for s in mine] if weights else (),
        ), sum_of_all  # fmt: skip


def _others(totals: Sequence[np.ndarray], left: int) -> list[np.ndarray]:
    """Return, for each total of a piece, the weight of all other pieces having the rest."""
    forwards, backwards = [np.ones(1)], [np.ones(1)]
    for some, partial in ((totals, forwards), (totals[::-1], backwards)):
        for weight in some:
            both = np.convolve(partial[-1], weight)[: left + 1]
            partial.append(both / both.max())
    remaining = []
    for k, weight in enumerate(totals):
        others = np.convolve(forwards[k], backwards[len(totals) - 1 - k])
        rest = left - np.arange(len(weight))
        fits = (rest >= 0) & (rest < len(others))
        remaining.append(np.where(fits, others[np.clip(rest, 0, len(others) - 1)], 0.0))
    return remaining


def _likeliest(
    totals: Sequence[np.ndarray], least: Sequence[int], rate: float, observed: float, homes: float
) -> float:
    """Return the factor that maximises the likelihood of the rate (expectation-maximisation)."""
    factor = 1.0
    for _ in range(_ROUNDS):
        dots = observed
        for weight, start in zip(totals, least, strict=True):
            tilted = weight * factor ** np.arange(len(weight))
            dots += start + float(tilted @ np.arange(len(weight))) / float(tilted.sum())
        before, factor = factor, max(dots / homes, _SMALLEST) / rate
        if abs(factor - before) < _SETTLED * before:
            break
    return factor
