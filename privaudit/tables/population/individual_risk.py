"""Individual risk from weights: the expected 1 / F given f, and model-free ranges of its mean.

The expected 1 / F follows Benedetti and Franconi (1998). Ranges of its mean and of uniques, where
records are drawn at unequal rates, rest on this: a class of the population of which k people are in
the file is as likely to be in it with one more, i, times (1 - pi_i) / pi_i = w_i - 1. So sums of
w - 1 over classes of k + 1 records are expected to be those of F - k over classes of k (Good 1953,
Robbins 1968), whatever the rates; products of two give (F - k)(F - k - 1), and so on. The least and
the greatest value of a function of F with these moments is found by linear programming.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints
from privaudit.core.thresholds import FEWEST_TO_LEARN
from privaudit.tables.context import MeasureContext
from privaudit.tables.population.sample_ranges import poisson_sum_range, sizes_and_share

# From this class size on, the series needs some hundred terms at most, whatever p.
_SERIES_FROM = 8
_TERMS = 4000
# Moments of F - k, and class sizes k that have a programme of their own.
_MOMENTS, _SIZES = 3, 4
# Chance, at either side of every moment, so that all hold 95 times in 100.
_CHANCE = 0.05 / (2 * _MOMENTS)
# F is searched one by one up to so many people more than k, then in so many steps.
_ONE_BY_ONE, _STEPS = 40, 80


def individual_risks(size: ArrayLike, people: ArrayLike) -> Floats:
    """Return the individual risk of each record: the expected 1 / F given f.

    With p = f / F-hat and F given f negative binomial, E(1 / F) = (p**f / f) 2F1(f, f; f+1; 1-p).
    Euler's transformation turns it into (p / f) 2F1(1, 1; f+1; 1-p), a series of positive terms,
    finite for every f and p: the alternating sum in common use cancels and overflows. Where the
    series is slow (small f and p) it is replaced by its integral's recursion I(f+1) = (1/f - p
    I(f)) / (1 - p) from I(1) = -ln(p) / (1 - p), with r = p I(f), which is stable for p below 1/2.

    Parameters
    ----------
    size : int, shape (n,)
        f: records of the sample with each record's key, 1 or more.
    people : array_like, shape (n,)
        F-hat: estimated people of the population with it (the sum of weights), at least f.

    Returns
    -------
    float64, shape (n,)
        In (0, 1]; 0 is safe; 1 / f where F-hat = f.

    References
    ----------
    Benedetti and Franconi (1998).

    Examples
    --------
    >>> individual_risks([1, 2, 3], [100.0, 100.0, 3.0]).round(4).tolist()
    [0.0465, 0.0188, 0.3333]
    """
    f, p = sizes_and_share("individual_risks", size, people)
    # Records of one class share a value: a pair is sorted as one complex number.
    pairs, place = np.unique(f + 1j * p, return_inverse=True)
    return _expected_inverse(pairs.real, pairs.imag)[place]


def individual_risks_approximate(size: ArrayLike, people: ArrayLike) -> Floats:
    """Return the usual approximation of individual risk, p / (f - (1 - p)) for f of 3 and more.

    Exact for f = 1 and 2. The form that sdcMicro uses by default; it lies below the exact value.

    Parameters
    ----------
    size, people : array_like
        As for `individual_risks`.

    Returns
    -------
    float64, shape (n,)

    Examples
    --------
    >>> individual_risks_approximate([5], [50.0]).round(4).tolist()
    [0.0244]
    """
    f, p = sizes_and_share("individual_risks_approximate", size, people)
    risk = p / (f - (1.0 - p))
    few = f < 3
    risk[few] = _expected_inverse(f[few], p[few])
    return risk


def _expected_inverse(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F of each distinct size."""
    risk = np.empty_like(p)
    slow = (f < _SERIES_FROM) & (p < 0.5)
    risk[slow] = _by_recursion(f[slow], p[slow])
    risk[~slow] = _by_series(f[~slow], p[~slow])
    return risk


def _by_recursion(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F by recursion over f."""
    integral = -np.log(p) / (1.0 - p)
    risk = p * integral
    for size in range(1, _SERIES_FROM - 1):
        integral = (1.0 / size - p * integral) / (1.0 - p)
        here = f == size + 1
        risk[here] = p[here] * integral[here]
    return risk


def _by_series(f: Floats, p: Floats) -> Floats:
    """Return the expected 1 / F by a series, where the recursion cancels."""
    total = np.ones_like(p)
    term = np.ones_like(p)
    left = np.arange(len(p))
    for k in range(1, _TERMS):
        if not len(left):
            break
        size, share = f[left], p[left]
        term[left] *= k * (1.0 - share) / (size + k)
        total[left] += term[left]
        # What follows term k: at most term (f + k) / (f - 1), and at most geometric in 1 - p.
        rest = np.minimum((size + k) / np.maximum(size - 1, 1e-9), 1 / share)
        left = left[term[left] * rest > 1e-16 * total[left]]
    return p / f * total


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
        """Return a 95 % interval of the share of population uniques.

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
        """Return a 95 % interval of the mean of 1 / F over the records."""
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
