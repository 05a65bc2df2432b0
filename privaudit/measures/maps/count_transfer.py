"""Exact moments of counts under linear sums: a transfer matrix, group after group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln

from privaudit._core.checks import say
from privaudit.errors import ParameterError

__all__ = ["MOST_STEPS", "Piece", "TooManySteps"]

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
        Groups, and between what their counts together lie.
    total : tuple of int, shape (int, int), optional
        Between what the sum over all groups lies, where that is to be told apart; None where
        `sums` leave it but one value, or where nothing depends on it.

    Examples
    --------
    Three dots on two groups of one home each, at most two in either: 1 and 2, or 2 and 1.

    >>> piece = Piece(size=np.ones(2), least=np.zeros(2, int), most=np.full(2, 2),
    ...     sums=[(np.arange(2), 3, 3)])
    >>> expected, empty = piece.moments(1.0, np.ones(1), np.full(2, 0.5))
    >>> expected.tolist(), empty.tolist()
    ([1.5, 1.5], [0.375, 0.375])
    """

    size: np.ndarray
    least: np.ndarray
    most: np.ndarray
    sums: Sequence[tuple[np.ndarray, int, int]]
    total: tuple[int, int] | None = None

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

    def moments(
        self, rate: float, by_total: np.ndarray, miss: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean of each count n, and of ``miss**n``.

        Parameters
        ----------
        rate : float
            By which each size is multiplied, above 0.
        by_total : ndarray of float
            Weight of each sum over all groups, as `totals` counts them; one entry where the
            total is not told apart.
        miss : float, shape (groups,)
            In [0, 1].

        Returns
        -------
        tuple of ndarray
        """
        steps, at = self._steps
        weights = self._weights(rate)
        forward = self._forwards(weights)
        back = np.append(by_total, 0.0)[np.minimum(at, len(by_total))]
        mean, missed = np.zeros(len(self.size)), np.zeros(len(self.size))
        for k in range(len(steps) - 1, -1, -1):
            step = steps[k]
            onward = weights[step.group][step.above] * back[step.after]
            joint = np.bincount(step.above, weights=forward[k][step.before] * onward)
            joint = joint / joint.sum()
            count = self.least[step.group] + np.arange(len(joint))
            mean[step.group] = joint @ count
            missed[step.group] = joint @ miss[step.group] ** count
            back = np.bincount(step.before, weights=onward, minlength=len(forward[k]))
            back = back / back.max()
        return mean, missed

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
            on = forward[-1][step.before] * weights[step.group][step.above]
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
            before, above = before[fits], above[fits]
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
                raise ParameterError(say("crossed_counts", "counts that fit together", came, do))
            steps.append(_Step(group, before, above, after.ravel().astype(np.int32), states))
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
