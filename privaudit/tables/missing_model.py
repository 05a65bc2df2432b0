"""Missing keys under a learnt model: expected number of records that share a record's key.

A record that lacks keys shares the keys it has with a pool of records. Whether it shares the others
too is a probability, learnt from the complete records by leaving each out (Good 1953). Records with
missing keys are distributed over the complete classes in proportion to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints
from privaudit.core.thresholds import FEWEST_TO_LEARN
from privaudit.errors import ParameterError
from privaudit.tables.equivalence_classes import classes, known_keys, labels, pools, tally

# Prior weight, in tests: after as many tests, half the estimate is data and half prior.
_BEFORE = 5.0
# In classes of more records a level recurs as often as it occurs.
_SMALL = 8


def chance_to_agree(cells: ArrayLike, count: ArrayLike, known: list[int]) -> tuple[Floats, Floats]:
    """Return the leave-one-out probability that a record sharing some keys shares them all.

    Each record is left out in turn and looked for among those that share its known keys: of the
    classes of k records there, how many are found again? Classes of one record among a thousand are
    found so often; that is their chance. Where fewer than `FEWEST_TO_LEARN`
    records share these keys with another one, the key of most values is left out of both sides.

    Parameters
    ----------
    cells : int, shape (m, d)
        Keys of complete records, each distinct one once.
    count : int, shape (m,)
        Records with each.
    known : list of int
        Positions of the keys that are shared.

    Returns
    -------
    chance : float64, shape (m,)
        In [0, 1].
    doubt : float64, shape (m,)
        Variance of that chance among such classes, over its square.

    Examples
    --------
    >>> sexes = [[age, sex] for age in range(60) for sex in range(2)]
    >>> float(chance_to_agree(sexes, [1] * 120, [0])[0].max().round(2))  # two of an age differ
    0.01
    """
    rows, records = np.asarray(cells), np.asarray(count, dtype=np.int64)
    label = labels(rows, known)
    pool = np.bincount(label, weights=records).astype(np.int64)[label]
    if known and int(records[pool >= 2].sum()) < FEWEST_TO_LEARN:
        levels = [len(np.unique(rows[:, j])) for j in known]
        worst = known[int(np.argmax(levels))]
        left = [j for j in range(rows.shape[1]) if j != worst]
        groups = classes(rows[:, left])
        fewer = np.bincount(groups.label, weights=records).astype(np.int64)
        still = [left.index(j) for j in known if j != worst]
        chance, doubt = chance_to_agree(rows[groups.first][:, left], fewer, still)
        return chance[groups.label], doubt[groups.label]
    return found_again(records, pool)


def found_again(count: Ints, pool: Ints) -> tuple[Floats, Floats]:
    """Return the probability that a further record of each pool is of each class.

    Parameters
    ----------
    count : int, shape (m,)
        Records of each class, 1 or more.
    pool : int, shape (m,)
        Records that share the known keys, itself included.

    Returns
    -------
    tuple of float array
    """
    width = int(pool.max()).bit_length()
    sizes = _SMALL + 2

    def tabulate(those: NDArray[np.bool_], k: Ints, value: Floats) -> Floats:
        place = k[those] * width + _power(rest[those])
        return tally(place, value[those], sizes * width).reshape(sizes, width)

    # Left out, a record of a class of k + 1 looks for a class of k and finds it; all others of
    # its pool look at that class too, and do not.
    rest = pool - 1
    sought = (count >= 2) & (count <= sizes)
    passed = (count < sizes) & (pool > count)
    again = tabulate(sought, count - 1, count.astype(np.float64))
    tests = tabulate(sought, count - 1, count / np.maximum(rest, 1))
    tests += tabulate(passed, count, (pool - count) / np.maximum(rest, 1))
    guess = np.maximum(np.arange(sizes) - 0.5, 0.0)
    of_all = (again.sum(axis=1) + _BEFORE * guess) / (tests.sum(axis=1) + _BEFORE)
    rate = (again + _BEFORE * of_all[:, None]) / (tests + _BEFORE)
    small, at = np.minimum(count, _SMALL), _power(pool)
    agreement = np.where(count <= _SMALL, rate[small, at], count)
    # Twice found again is a rate times the next one: what that is above the square is variance.
    next_rate = np.where(count <= _SMALL, rate[small + 1, at], count + 1)
    chance = np.minimum(agreement / pool, 1.0)
    doubt = np.maximum(next_rate / np.maximum(agreement, 1e-12) - 1, 0.0)
    # No chance is above 1.
    return chance, np.minimum(doubt, 1 / np.maximum(chance, 1e-12) - 1)


def _power(size: Ints) -> Ints:
    """Return the integer logarithm to base 2."""
    return np.frexp(size)[1].astype(np.int64) - 1


# The mean of 1 / f: by so many nodes for a smaller expected f, by its expansion for others.
_CROWD, _NODES = 40.0, 24


@dataclass(frozen=True, eq=False)
class Uncertain:
    """A certain count, plus an uncertain one of known mean and variance.

    The others are taken as binomial where the variance is below the mean, as sums of coins are, and
    as negative binomial above it, as sums of coins of unknown chance are.
    """

    sure: Ints
    mean: Floats
    spread: Floats

    def fewer(self, than: int) -> Floats:
        """Return the chance that the total is below a number."""
        from scipy.special import betainc

        left = than - 1.0 - self.sure
        chance = np.where(left < 0, 0.0, 1.0)
        trials, p, coins = self._shape()
        unsure = (left >= 0) & (self.mean > 0)
        few = np.flatnonzero(unsure & coins & (left < trials))
        chance[few] = betainc(trials[few] - left[few], left[few] + 1, 1 - p[few])
        many = np.flatnonzero(unsure & ~coins)
        chance[many] = betainc(trials[many], left[many] + 1, p[many])
        return chance

    def inverse(self) -> Floats:
        """Return the expected 1 / total: by the generating function, or its expansion."""
        whole = self.sure + self.mean
        mean_inverse = (1 + self.spread / whole**2) / whole
        some = np.flatnonzero((self.mean > 0) & (whole < _CROWD))
        sure, (trials, p, coins) = self.sure[some], (part[some] for part in self._shape())
        total = np.zeros(len(some))
        for node, weight in zip(*np.polynomial.legendre.leggauss(_NODES), strict=True):
            t = ((node + 1) / 2) ** (1 / sure)
            base = np.where(coins, 1 - p * (1 - t), p / (1 - (1 - p) * t))
            total += weight / 2 * base**trials
        mean_inverse[some] = total / sure
        return np.minimum(mean_inverse, 1 / self.sure)

    def _shape(self) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return trials and probability, and whether the law is a binomial."""
        mean = np.maximum(self.mean, 1e-12)
        ratio = self.spread / mean
        coins = ratio <= 1
        off = np.maximum(np.abs(1 - ratio), 1e-9)
        return mean / off, np.where(coins, off, 1 / (1 + off)), coins


# Row comparisons: about twenty seconds.
COST_LIMIT = 300_000_000
# Comparing two sets of keys costs at least so many row comparisons.
_MEETING = 3_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Matches:
    """Expected number of records that share the key of each record, itself included.

    Attributes
    ----------
    certain : int64, shape (m,)
        Those that surely do: its class where it is complete, else itself.
    expected : float64, shape (m,)
        Those that are expected to; or of an amount, its expected sum.
    most : int64, shape (m,)
        Those that may: who agrees where neither lacks a key.
    risk : float64, shape (m,)
        Expected 1 over their number: above 1 over the expected number.
    fewer : mapping of int to float64, shape (m,)
        Chance that they are fewer than so many.
    pool : int64, shape (m,)
        Complete records that share the keys it knows.
    room : mapping of int to int
        How many records with blanks could help complete classes of fewer records to have so
        many, at most.
    """

    certain: Ints
    expected: Floats
    most: Ints
    risk: Floats
    fewer: Mapping[int, Floats]
    pool: Ints
    room: Mapping[int, int]


def likely_cost(codes: ArrayLike) -> float:
    """Return the cost of `likely_matches`, in row comparisons, to compare with `COST_LIMIT`.

    Records are taken by the set of keys that they know. Each such set looks at all records, and
    each set that two of them share at the records that know it.

    Parameters
    ----------
    codes : array_like
        As for `likely_matches`.

    Returns
    -------
    float
        Infinite for more than 62 keys.

    Examples
    --------
    >>> likely_cost([[0, 1], [-1, 1]]) < COST_LIMIT < likely_cost(np.full((2, 63), -1))
    True
    """
    rows = np.asarray(codes)
    if rows.shape[1] > 62:
        return float("inf")
    patterns, size = np.unique(known_keys(rows), return_counts=True)
    meetings = float(len(patterns)) ** 2 * _MEETING
    if meetings > COST_LIMIT:
        return meetings
    shared = np.unique(patterns[:, None] & patterns)
    holders = [size[(patterns & keys) == keys].sum() for keys in shared]
    return meetings + len(patterns) * len(rows) + float(np.sum(holders))


def likely_matches(
    codes: ArrayLike,
    count: ArrayLike,
    *,
    amount: ArrayLike | None = None,
    under: Iterable[int] = (2,),
) -> Matches:
    """Return the expected number of records that share each key under the missing-key model.

    Two records that lack nothing share a key or do not. Any other two that agree on all keys that
    both have share the rest with a chance learnt from the complete records (`chance_to_agree`):
    that of the very class where one of the two is complete, of the records that share these keys on
    average otherwise. Blanks are taken to hide what other records show that share the keys known
    (missing at random given these); where they do not, the expectation is off, and `certain` and
    `most` still hold. Where complete records are fewer than `FEWEST_TO_LEARN`, and than the
    others, each key is learnt by itself from the records that have it.

    Parameters
    ----------
    codes : int, shape (m, d)
        Keys, -1 where missing; pass each distinct one once.
    count : int, shape (m,)
        Records with each.
    amount : float, shape (m,), optional
        What is summed, such as their weights. Default: the records.
    under : iterable of int
        Numbers of records for which `Matches.fewer` is wanted.

    Returns
    -------
    Matches

    Raises
    ------
    ParameterError
        Sets of known keys whose comparison costs too much.

    Examples
    --------
    >>> found = likely_matches([[0], [1], [-1]], [40, 60, 10])
    >>> found.expected.round(1).tolist()  # 40 + 10 x .4, 60 + 10 x .6; .4 x 44 + .6 x 66
    [44.0, 66.0, 57.2]
    >>> found.certain.tolist(), found.most.tolist()
    ([40, 60, 1], [50, 70, 110])
    >>> mail = np.append(np.arange(100), -1)[:, None]  # nobody shares an address: nor do blanks
    >>> float(likely_matches(mail, [1] * 100 + [300]).expected[0].round(1))
    1.0
    """
    rows = np.asarray(codes)
    cost = likely_cost(rows)
    if cost > COST_LIMIT:
        do = 'Use missing="value" or "exclude", or leave out the keys with most blanks.'
        came, needed = f"{cost:.1e}", f"at most {COST_LIMIT:.0e} looks at a row"
        raise ParameterError.of("likely_matches", needed, came, do)
    order = np.argsort(known_keys(rows), kind="stable")
    records = np.asarray(count, dtype=np.int64)
    summed = records.astype(np.float64) if amount is None else np.asarray(amount, np.float64)
    meetings = _Meetings(rows[order], records[order], summed[order])
    meetings.meet()
    under = tuple(under)
    summaries, pool, room = meetings.summaries(under)
    back = np.argsort(order)
    # Sums of the same numbers in another order are the same.
    return Matches(
        certain=meetings.certain[back],
        expected=(meetings.one + summaries[:, 0])[back].round(9),
        most=meetings.most[back],
        risk=summaries[back, 1].round(12),
        fewer=dict(zip(under, summaries[back, 2:].T.round(12), strict=True)),
        pool=pool[back],
        room=dict(zip(under, room.tolist(), strict=True)),
    )


class _Meetings:
    """Records sorted by their known keys, with what is accumulated for each."""

    def __init__(self, rows: NDArray[np.int64], count: Ints, amount: Floats) -> None:
        self.rows, self.count = rows, count
        # The records, and what else is summed of them.
        self.summed = (count,) if np.array_equal(count, amount) else (count, amount)
        self.known = known_keys(rows)
        self.patterns, start = np.unique(self.known, return_index=True)
        self.slices = [slice(*ends) for ends in zip(start, [*start[1:], len(rows)], strict=True)]
        self.full = (1 << rows.shape[1]) - 1
        # Complete records have the largest key set, which sorts last.
        self.cells = slice(int(np.searchsorted(self.known, self.full)), len(rows))
        self.certain = np.ones(len(rows), dtype=np.int64)
        self.certain[self.cells] = count[self.cells]
        self.most = self.certain.copy()
        # What one of these records stands for, and what is expected of those who may agree.
        self.one, self.others = amount / count, np.zeros(len(rows))
        # Of the number of these: mean, variance of as many coins, and doubt about their chance.
        self.mean, self.spread, self.doubt = np.zeros((3, len(rows)))
        complete = int(count[self.cells].sum())
        # Too few complete records to learn from: keys are taken as independent.
        self.few = complete < min(FEWEST_TO_LEARN, (int(count.sum()) + 1) / 2)
        # The same mean where all keys that a record knows are looked at, with those who lack some.
        self.rarer = np.full(len(rows), np.inf)

    def keys(self, known: int) -> list[int]:
        """Return the known keys of each pattern."""
        return [j for j in range(self.rows.shape[1]) if known >> j & 1]

    @cached_property
    def alike(self) -> Floats:
        """Return the chance of each key to agree in two records that have it."""
        chances = []
        for column in self.rows.T:
            size = np.bincount(column[column >= 0], weights=self.count[column >= 0])
            pairs = size.sum() * (size.sum() - 1)
            chances.append((size * (size - 1)).sum() / pairs if pairs else 0.0)
        return np.array(chances)

    def meet(self) -> None:
        """Compare all pairs of records by the keys that both know."""
        for shared in np.unique(self.patterns[:, None] & self.patterns).tolist():
            if shared != self.full:
                self._sharing(shared)

    def _sharing(self, shared: int) -> None:
        """Accumulate the pairs that agree on exactly these keys where one lacks another key."""
        holding = [i for i, p in enumerate(self.patterns) if p & shared == shared]
        held = (self.known & shared) == shared
        label = np.zeros(len(self.rows), dtype=np.int64)
        label[held] = labels(self.rows[held], self.keys(shared))
        width = int(label.max()) + 1
        of_cell, of_pool = self._chances(self.keys(shared), label[self.cells], width)
        for i in holding:
            mine, knows = self.slices[i], self.patterns[i]
            others = [self.slices[k] for k in holding if knows & self.patterns[k] == shared]
            if not others:
                continue
            where = np.concatenate([label[o] for o in others])
            sums = [
                tally(where, np.concatenate([what[o] for o in others]), width)[label[mine]]
                for what in self.summed
            ]
            many, total = sums[0], sums[-1]
            if knows == shared:
                # They are among the others.
                many, total = many - 1, total - self.one[mine]
            chance, doubt = of_cell if knows == self.full else of_pool[:, label[mine]]
            self.most[mine] += many.astype(np.int64)
            self.others[mine] += total * chance
            self.mean[mine] += many * chance
            self.spread[mine] += many * chance * (1 - chance)
            self.doubt[mine] += many * chance * np.sqrt(doubt)
            if knows == shared:
                here = tally(label[held], self.count[held], width)
                self.rarer[mine] = chance * (many + self._of_the_others(here)[label[mine]])

    def _of_the_others(self, many: Floats) -> Floats:
        """Return the incomplete records that share the values of each set of keys."""
        size = many.astype(np.int64)
        there, total = size > 0, int(size.sum())
        sums = np.zeros(len(many))
        chance, _ = found_again(size[there], np.full(int(there.sum()), total))
        sums[there] = chance * (self.count.sum() - total)
        return sums

    def _chances(self, keys: list[int], label: Ints, width: int) -> tuple[Floats, Floats]:
        """Return agreement probability and doubt, with each complete record and with its pool."""
        if self.few:
            hidden = [j for j in range(self.rows.shape[1]) if j not in keys]
            chance = float(np.prod(self.alike[hidden]))
            sizes = len(label), width
            of_cell, of_pool = (np.stack([np.full(n, chance), np.zeros(n)]) for n in sizes)
            return of_cell, of_pool
        count = self.count[self.cells]
        of_cell = np.stack(chance_to_agree(self.rows[self.cells], count, keys))
        chance, doubt = of_cell
        pool = tally(label, count, width)
        pairs = pool[label] * count
        moments = []
        for power in (chance, chance**2 * (1 + doubt)):
            by_pool = tally(label, count * power, width)
            # Without a complete record: the chance of any two records that share these keys.
            usual = float((pairs * power).sum() / pairs.sum())
            moments.append(np.where(pool > 0, by_pool / np.maximum(pool, 1), usual))
        mean, square = moments
        return of_cell, np.stack([mean, np.maximum(square / np.maximum(mean, 1e-12) ** 2 - 1, 0)])

    def summaries(self, under: tuple[int, ...]) -> tuple[Floats, Ints, Ints]:
        """Return expected others, risk, chances of small classes; pools; and `Matches.room`."""
        less = np.minimum(self.rarer / np.maximum(self.mean, 1e-12), 1.0)
        spread = self.spread * less + (self.doubt * less) ** 2
        others = Uncertain(self.certain, self.mean * less, spread)
        more = self.certain * self.one - self.one + self.others * less
        summaries = np.column_stack(
            [more, others.inverse(), *(others.fewer(than) for than in under)]
        )
        pool, room = self.certain.copy(), np.zeros(len(under), dtype=np.int64)
        cells, weight = self.rows[self.cells], self.count[self.cells]
        wanted = np.maximum(np.array(under)[:, None] - weight, 0)
        for met in pools(cells, self.rows[: self.cells.start]):
            of_pool = met.total(weight)
            pool[met.mine] = of_pool[met.asked]
            shares = (pool[met.mine] > 0) & (not self.few)
            for column in summaries.T:
                mean = met.total(weight * column[self.cells]) / np.maximum(of_pool, 1)
                column[met.mine] = np.where(shares, mean[met.asked], column[met.mine])
            many = met.asking(self.count[met.mine])
            room += [int(np.minimum(many, met.total(want)).sum()) for want in wanted]
        return summaries, pool, room


# Sums by value held at a time.
_SUMS_LIMIT = 30_000_000


def likely_people(
    codes: ArrayLike, count: ArrayLike, of: ArrayLike, people: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return the expected number of people of a population who share the key of each record.

    A record that lacks keys is any of the people who share the others, all as likely.

    Parameters
    ----------
    codes : int, shape (m, d)
        Keys of the file, -1 where missing; each distinct one once.
    count : int, shape (m,)
        Records with each.
    of : int, shape (r, d)
        Keys of the population, some complete; each distinct one once.
    people : int, shape (r,)
        People with each.

    Returns
    -------
    behind : float64, shape (m,)
        1 over the expected 1 / F; 0 where nobody complete may be meant.
    released : float64, shape (c,)
        Records expected of each complete key of the population.
    there : float64, shape (c,)
        Its people.

    Examples
    --------
    >>> found = likely_people([[0], [-1]], [1, 3], [[0], [1]], [2, 4])
    >>> [part.tolist() for part in found]  # one of six people: 2 / 6 have 0
    [[2.0, 3.0], [2.0, 2.0], [2.0, 4.0]]
    """
    rows, crowd = np.asarray(codes), np.asarray(of)
    records, many = np.asarray(count), np.asarray(people, dtype=np.int64)
    complete = (crowd >= 0).all(axis=1)
    there = likely_matches(crowd, many).expected[complete]
    cells, many = crowd[complete], many[complete]
    behind, released = np.zeros(len(rows)), np.zeros(len(cells))
    for met in pools(cells, rows):
        pool, inverse = met.total(many), met.total(many / there)
        behind[met.mine] = (pool / np.where(inverse > 0, inverse, 1.0))[met.asked]
        released += met.asking(records[met.mine])[met.here] * many / pool[met.here]
    return behind, released, there


def likely_parts(codes: ArrayLike, count: ArrayLike, matrix: Any) -> Any:
    """Return the expected sensitive counts of each complete class, incomplete records distributed.

    A record that lacks keys counts in each complete class with the chance to be of it.

    Parameters
    ----------
    codes, count : array_like
        As for `likely_matches`; some complete.
    matrix : scipy.sparse matrix of shape (m, s)
        Records by sensitive value.

    Returns
    -------
    csr_array, shape (c, s)
        Of each complete key, in the order of `codes`.

    Raises
    ------
    ParameterError
        More sums by value than are held at a time.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> found = likely_parts([[0], [1], [-1]], [30, 60, 9], csr_array([[30, 0], [0, 60], [0, 9]]))
    >>> found.toarray().round(1).tolist()
    [[30.0, 3.0], [0.0, 66.0]]
    """
    from scipy import sparse

    rows, records, table = np.asarray(codes), np.asarray(count, dtype=np.int64), matrix.tocsr()
    complete = (rows >= 0).all(axis=1)
    cells, weight, lacking = rows[complete], records[complete], table[~complete]
    total, made = table[complete].astype(np.float64), 0
    for met in pools(cells, rows[~complete]):
        chance, _ = chance_to_agree(cells, weight, met.keys)
        share = chance / np.maximum(met.total(chance), 1.0)[met.here]
        gather = sparse.csr_array(
            (np.ones(len(met.mine)), (met.asked, np.arange(len(met.mine)))),
            shape=(met.width, len(met.mine)),
        )
        pooled = (gather @ lacking[met.mine]).tocsr()
        made += int(np.diff(pooled.indptr)[met.here].sum())
        if made > _SUMS_LIMIT:
            needed, came = f"at most {_SUMS_LIMIT:.0e} sums by value", f"{made:.1e}"
            raise ParameterError.of("likely_parts", needed, came)
        total = total + sparse.diags_array(share) @ pooled[met.here]
    return total.tocsr()
