"""Model-free ranges of uniques and of individual risk where records are drawn at unequal rates.

A class of the population of which k people are in the file is as likely to be in it with one more,
i, times (1 - pi_i) / pi_i = w_i - 1. So sums of w - 1 over classes of k + 1 records are expected to
be those of F - k over classes of k (Good 1953, Robbins 1968), whatever the rates; products of two
give (F - k)(F - k - 1), and so on. The least and the greatest value of a function of F with these
moments is found by linear programming.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from privaudit.core.checks import Floats, Ints
from privaudit.core.policy import FEWEST_TO_LEARN
from privaudit.tables.context import MeasureContext
from privaudit.tables.population.sample_ranges import poisson_sum_range

# Moments of F - k, and class sizes k that have a programme of their own.
_MOMENTS, _SIZES = 3, 4
# Chance, at either side of every moment, so that all hold 95 times in 100.
_CHANCE = 0.05 / (2 * _MOMENTS)
# F is searched one by one up to so many people more than k, then in so many steps.
_ONE_BY_ONE, _STEPS = 40, 80


@dataclass(frozen=True, eq=False)
class WeightedClasses:
    """Records of a sample with their class and their weight, the inverse of the chance to be drawn.

    Parameters
    ----------
    label : int, shape (n,)
        Class of each row, from 0.
    weight : float, shape (n,)
        1 or more.
    count : float, shape (n,)
        Records that each row stands for.

    References
    ----------
    Good (1953).

    Examples
    --------
    >>> one = np.ones(400)
    >>> everybody = WeightedClasses(np.arange(400), one, one)
    >>> everybody.unique_share()
    (1.0, 1.0)
    """

    label: Ints
    weight: Floats
    count: Floats

    @cached_property
    def size(self) -> Floats:
        """Records of each class."""
        return np.bincount(self.label, weights=self.count).astype(np.float64)

    @cached_property
    def products(self) -> list[Floats]:
        """Sums over each class of products of m different w - 1, from m = 0 (Newton)."""
        others = self.weight - 1
        power = [
            np.bincount(self.label, weights=self.count * others**m) for m in range(_MOMENTS + 2)
        ]
        sums = [np.ones(len(self.size))]
        for m in range(1, _MOMENTS + 2):
            terms = [(-1) ** (i - 1) * sums[m - i] * power[i] for i in range(1, m + 1)]
            sums.append(np.maximum(np.sum(terms, axis=0) / m, 0.0))
        return sums

    @property
    def people(self) -> float:
        """People of the population, estimated."""
        return float((self.count * self.weight).sum())

    @property
    def alone(self) -> NDArray[np.bool_]:
        """Whether each row is alone in its class, shape (n,)."""
        alone: NDArray[np.bool_] = self.size[self.label] == 1
        return alone

    def unique_share(self) -> tuple[float, float]:
        """Return between what the share of population uniques lies, 95 times in 100.

        A population unique is a sample unique when it is drawn: their weighted share, with 1.96
        linearised standard errors, bounds it from above.
        """
        people, alone = self.people, self.alone
        mine = self.weight[alone]
        found = float(mine.sum())
        away = self.weight * (alone - found / people)
        error = math.sqrt(float((self.count * (1 - 1 / self.weight) * away**2).sum()))
        if len(mine) < FEWEST_TO_LEARN:
            # Too few for a normal distribution.
            largest = float(self.weight.max())
            most = poisson_sum_range(found, float((mine**2).sum()), largest, 0.025)[1]
        else:
            most = found + 1.96 * error
        low, high = 0.0, most
        if found:
            slack = 2 * math.sqrt(float((mine**2).sum())) / found
            ends = self._ends(1, found, slack, weighted=True)
            noise = 1.96 * math.sqrt(float((mine * (mine - 1)).sum()))
            low, high = max(ends[0] - noise, 0.0), min(ends[1] + noise, people)
        others = 1.96 * math.sqrt(float((self.count * self.weight * (self.weight - 1)).sum()))
        fewest = max(people - others, float(self.count.sum()))
        low = low / (people + others)
        return low, max(min(high / fewest, most / people, 1.0), low)

    def mean_risk(self) -> tuple[float, float]:
        """Return between what the mean of 1 / F over the records lies, 95 times in 100."""
        low = high = 0.0
        for k in range(1, _SIZES + 1):
            classes = float((self.size == k).sum())
            if classes:
                slack = 2 / math.sqrt(classes)
                least, most = self._ends(k, classes, slack)
                low += max(least - math.sqrt(classes), 0.0)
                high += min(most + math.sqrt(classes), classes)
        large = self.size[self.size > _SIZES]
        if len(large):
            # By Cauchy: no more people than all of theirs share these classes.
            more = self.products[1][self.size > _SIZES + 1]
            total, squares = float(more.sum()), float((more**2).sum())
            others = poisson_sum_range(total, squares, (_SIZES + 2) * self._others, _CHANCE)[1]
            others *= 1 + 2 / math.sqrt(len(large))
            low += float(np.sqrt(large).sum()) ** 2 / (float(large.sum()) + others)
            high += len(large)
        records = float(self.count.sum())
        return low / records, high / records

    @property
    def _others(self) -> float:
        """People outside the file that a record stands for, on average."""
        return max(float(np.average(self.weight - 1, weights=self.count)), 1e-9)

    def _ends(
        self, k: int, total: float, slack: float, *, weighted: bool = False
    ) -> tuple[float, float]:
        """Return the ends of sum k / F over the classes of k; weighted: of people with F = 1."""
        from scipy.optimize import linprog

        whole = np.arange(k, k + _ONE_BY_ONE, dtype=np.float64)
        far = max(self.people, whole[-1] + 2)
        people = np.concatenate([whole, np.unique(np.geomspace(whole[-1] + 1, far, _STEPS))])
        value = (people == 1).astype(np.float64) if weighted else k / people
        rows, limits, falling = [], [], np.ones(len(people))
        for m in range(1, _MOMENTS + 1):
            falling = falling * (people - k - m + 1)
            low, high = self._moment(k, m, weighted)
            high *= 1 + slack
            rows += [falling / high, -falling / high]
            limits += [1.0, -max(low * (1 - slack), 0.0) / high]
        # Columns of one size: a class of many people has large moments.
        scale = np.maximum(np.max(rows, axis=0), 1 / total)
        ends = []
        for sign in (1.0, -1.0):
            answer = linprog(
                sign * value / scale, A_ub=np.array(rows) / scale, b_ub=limits,
                A_eq=(1 / scale / total)[None], b_eq=[1.0], method="highs",
            )  # fmt: skip
            if answer.status != 0:
                return 0.0, total
            ends.append(float(sign * answer.fun))
        return max(ends[0], 0.0), min(ends[1], total)

    def _moment(self, k: int, m: int, weighted: bool) -> tuple[float, float]:
        """Return the range of the sum of (F - k) ... (F - k - m + 1) over the classes of k."""
        here, mean = self.size == k + m, self._others
        each = math.factorial(m) * self.products[m][here]
        largest = math.comb(k + m, m) * math.factorial(m) * mean**m
        if weighted:
            # Each class by the weight of its only record.
            each = each + math.factorial(m + 1) * self.products[m + 1][here]
            largest *= 1 + mean
        total, squares = float(each.sum()), float((each**2).sum())
        return poisson_sum_range(total, squares, largest, _CHANCE)


def weighted_sample(context: MeasureContext) -> WeightedClasses | None:
    """Return the classes of a file with weights, where its classes are those of the population.

    Parameters
    ----------
    context : MeasureContext

    Returns
    -------
    WeightedClasses or None
        None with blank keys, with people of several records, or with a weight below 1.
    """
    table, label = context.table, context.groups.label
    if table.weight is None or table.has_gaps or float(table.weight.min()) < 1:
        return None
    one = np.ones(len(label)) if table.count is None else table.count.astype(np.float64)
    drawn = WeightedClasses(label, np.asarray(table.weight, dtype=np.float64), one)
    return drawn if np.array_equal(drawn.size[label], context.size) else None
