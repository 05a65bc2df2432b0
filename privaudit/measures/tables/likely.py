"""Missing keys as what they likely hide: how many records are expected to share a record's key.

A record that lacks keys is one of those that share the keys it has. Whether it shares the others
too is a chance, learnt from the complete records. It is not the share of a value among them: a
value that one complete record in a thousand has is not that of one blank in a thousand, or else
everybody would share their e-mail address. So each complete record is left out in turn and looked
for among the others, as Good (1953) estimates how often what was seen once is seen again; apart
for classes of one, two, three ... records, and for few and for many that share the keys known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.arrays import Floats, Ints
from privaudit.measures.tables.equivalence import classes

__all__ = [
    "COST_LIMIT",
    "Matches",
    "chance_to_agree",
    "lent",
    "likely_cost",
    "likely_matches",
    "likely_parts",
    "likely_people",
]

# Looks at a row: about twenty seconds.
COST_LIMIT = 300_000_000
# Sums by value held at a time.
_SUMS_LIMIT = 30_000_000
# Two sets of keys that are met take as long as so many looks, however few their records.
_MEETING = 3_000
# Fewer complete records than this, of those that share their known keys with another one, teach
# nothing: from 30, a chance of one half is known to within .09. It is then sought with fewer keys.
FEW = 30
# Tests told before there were any: a chance learnt from as many is half its own, half a guess.
_BEFORE = 5.0
# Of classes of more records, what is seen again is as often as it was seen.
_SMALL = 8
# The mean of 1 / f: by so many nodes for a smaller expected f, by its expansion for others.
_CROWD, _NODES = 40.0, 24


@dataclass(frozen=True, eq=False, kw_only=True)
class Matches:
    """How many records share the key of each, itself included.

    certain : int64 (m,). Those that surely do: its class where it is complete, else itself.
    expected : float64 (m,). Those that are expected to; or of an amount, its expected sum.
    most : int64 (m,). Those that may: who agrees where neither lacks a key.
    risk : float64 (m,). Expected 1 over their number: above 1 over the expected number.
    fewer : mapping of int to float64 (m,). Chance that they are fewer than so many.
    pool : int64 (m,). Complete records that share the keys it knows.
    room : mapping of int to int. How many records with blanks could help complete classes of
        fewer records to have so many, at most.
    """

    certain: Ints
    expected: Floats
    most: Ints
    risk: Floats
    fewer: Mapping[int, Floats]
    pool: Ints
    room: Mapping[int, int]


def likely_cost(codes: ArrayLike) -> float:
    """Cost of `likely_matches`, in looks at a row: to compare with `COST_LIMIT`.

    Records are taken by the set of keys that they know. Each such set looks at all records, and
    each set that two of them share at the records that know it.

    codes : As for `likely_matches`.
    Returns: Infinite for more than 62 keys.

    >>> likely_cost([[0, 1], [-1, 1]]) < COST_LIMIT < likely_cost(np.full((2, 63), -1))
    True
    """
    rows = np.asarray(codes)
    if rows.shape[1] > 62:
        return float("inf")
    patterns, size = np.unique(_known(rows), return_counts=True)
    meetings = float(len(patterns)) ** 2 * _MEETING
    if meetings > COST_LIMIT:
        return meetings
    shared = np.unique(patterns[:, None] & patterns)
    holders = [size[(patterns & one) == one].sum() for one in shared]
    return meetings + len(patterns) * len(rows) + float(np.sum(holders))


def likely_matches(
    codes: ArrayLike,
    count: ArrayLike,
    *,
    amount: ArrayLike | None = None,
    under: Iterable[int] = (2,),
) -> Matches:
    """Expect how many records share the key of each, blanks being what they likely hide.

    Two records that lack nothing share a key or do not. Any other two that agree on all keys
    that both have share the rest with a chance learnt from the complete records
    (`chance_to_agree`): that of the very class where one of the two is complete, of the records
    that share these keys on average otherwise. Blanks are taken to hide what other records show
    that share the keys known (missing at random given these); where they do not, the expectation
    is off, and `certain` and `most` still hold.

    codes : int (m, d). Keys, -1 where missing; pass each distinct one once.
    count : int (m,). Records with each.
    amount : float (m,), optional. What is summed, such as their weights. Default: the records.
    under : Numbers of records for which `Matches.fewer` is wanted.

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
        do = 'Read missing="value" or "exclude", or leave out the keys with most blanks.'
        came, needed = f"{cost:.1e}", f"at most {COST_LIMIT:.0e} looks at a row"
        raise ParameterError(say("likely_matches", needed, came, do))
    order = np.argsort(_known(rows), kind="stable")
    records = np.asarray(count, dtype=np.int64)
    summed = records.astype(np.float64) if amount is None else np.asarray(amount, np.float64)
    meetings = _Meetings(rows[order], records[order], summed[order])
    meetings.meet()
    under = tuple(under)
    told, pool, room = meetings.told(under)
    back = np.argsort(order)
    # Sums of the same numbers in another order are the same.
    return Matches(
        certain=meetings.certain[back],
        expected=(meetings.one + told[:, 0])[back].round(9),
        most=meetings.most[back],
        risk=told[back, 1].round(12),
        fewer=dict(zip(under, told[back, 2:].T.round(12), strict=True)),
        pool=pool[back],
        room=dict(zip(under, room.tolist(), strict=True)),
    )


def likely_people(
    codes: ArrayLike, count: ArrayLike, of: ArrayLike, people: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Expect how many people of a population share the key of each record of a file.

    Whoever lacks keys in the file is one of the people who share the others, all as likely.

    codes : int (m, d). Keys of the file, -1 where missing; each distinct one once.
    count : int (m,). Records with each.
    of : int (r, d). Keys of the population, some complete; each distinct one once.
    people : int (r,). People with each.
    Returns behind: float64 (m,). 1 over the expected 1 / F; 0 where nobody complete may be meant.
    Returns released: float64 (c,). Records expected of each complete key of the population.
    Returns there: float64 (c,). Its people.

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
    for met in _pools(cells, rows):
        pool, inverse = met.total(many), met.total(many / there)
        behind[met.mine] = (pool / np.where(inverse > 0, inverse, 1.0))[met.asked]
        released += met.asking(records[met.mine])[met.here] * many / pool[met.here]
    return behind, released, there


def likely_parts(codes: ArrayLike, count: ArrayLike, matrix: Any) -> Any:
    """Expect what the records of each complete class show, those with blanks being shared out.

    A record that lacks keys counts in each complete class with the chance to be of it.

    codes, count : As for `likely_matches`; some complete.
    matrix : scipy.sparse matrix of shape (m, s). Records by sensitive value.
    Returns: csr_array (c, s). Of each complete key, in the order of `codes`.

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
    for met in _pools(cells, rows[~complete]):
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
            raise ParameterError(say("likely_parts", needed, came))
        total = total + sparse.diags_array(share) @ pooled[met.here]
    return total.tocsr()


def lent(codes: ArrayLike, count: ArrayLike, value: ArrayLike) -> Floats:
    """Give to each row that lacks keys the mean of a value over the complete rows that may be it.

    codes, count : As for `likely_matches`.
    value : float (m,). Of each row; kept where it is complete, or no complete row may be it.

    >>> lent([[0], [1], [-1]], [30, 60, 9], [0.0, 1.0, 7.0]).round(2).tolist()
    [0.0, 1.0, 0.67]
    """
    rows, records = np.asarray(codes), np.asarray(count, dtype=np.int64)
    found = np.array(value, dtype=np.float64)
    complete = (rows >= 0).all(axis=1)
    blank, weight = np.flatnonzero(~complete), records[complete]
    for met in _pools(rows[complete], rows[blank]):
        pool, total = met.total(weight), met.total(weight * found[complete])
        mine, shares = blank[met.mine], pool[met.asked] > 0
        found[mine[shares]] = (total / np.maximum(pool, 1))[met.asked][shares]
    return found


class _Meetings:
    """Records in the order of the sets of keys that they know; what is added up of each."""

    def __init__(self, rows: NDArray[np.int64], count: Ints, amount: Floats) -> None:
        self.rows, self.count, self.amount = rows, count, amount
        self.known = _known(rows)
        self.patterns, start = np.unique(self.known, return_index=True)
        self.slices = [slice(*ends) for ends in zip(start, [*start[1:], len(rows)], strict=True)]
        self.full = (1 << rows.shape[1]) - 1
        # Complete records know most: their set comes last.
        self.cells = slice(int(np.searchsorted(self.known, self.full)), len(rows))
        self.certain = np.ones(len(rows), dtype=np.int64)
        self.certain[self.cells] = count[self.cells]
        self.most = self.certain.copy()
        # What one of these records stands for, and what is expected of those who may agree.
        self.one, self.others = amount / count, np.zeros(len(rows))
        # Of the number of these: mean, variance of as many coins, and doubt about their chance.
        self.mean, self.spread, self.doubt = np.zeros((3, len(rows)))
        # The same mean where all keys that a record knows are looked at, with those who lack some.
        self.rarer = np.full(len(rows), np.inf)

    def keys(self, known: int) -> list[int]:
        return [j for j in range(self.rows.shape[1]) if known >> j & 1]

    def meet(self) -> None:
        """Let every two records meet, by the keys that both know."""
        for shared in np.unique(self.patterns[:, None] & self.patterns).tolist():
            if shared != self.full:
                self._sharing(shared)

    def _sharing(self, shared: int) -> None:
        """Add up who agrees on just these keys, another one being unknown to one of the two."""
        holding = [i for i, p in enumerate(self.patterns) if p & shared == shared]
        held = (self.known & shared) == shared
        label = np.zeros(len(self.rows), dtype=np.int64)
        label[held] = _labels(self.rows[held], self.keys(shared))
        width = int(label.max()) + 1
        of_cell, of_pool = self._chances(self.keys(shared), label[self.cells], width)
        for i in holding:
            mine, knows = self.slices[i], self.patterns[i]
            others = [self.slices[k] for k in holding if knows & self.patterns[k] == shared]
            if not others:
                continue
            where = np.concatenate([label[o] for o in others])
            many, total = (
                np.bincount(
                    where, weights=np.concatenate([what[o] for o in others]), minlength=width
                )[label[mine]]
                for what in (self.count, self.amount)
            )
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
                here = np.bincount(label[held], weights=self.count[held], minlength=width)
                self.rarer[mine] = chance * (many + self._of_the_others(here)[label[mine]])

    def _of_the_others(self, many: Floats) -> Floats:
        """Those who do not know all keys of a set, and have the values of so many who do."""
        size = many.astype(np.int64)
        there, total = size > 0, int(size.sum())
        found = np.zeros(len(many))
        chance, _ = _found_again(size[there], np.full(int(there.sum()), total))
        found[there] = chance * (self.count.sum() - total)
        return found

    def _chances(self, keys: list[int], label: Ints, width: int) -> tuple[Floats, Floats]:
        """Chance, and doubt, of sharing all keys with each complete record, and with a pool's."""
        if not len(label):
            return np.zeros((2, 0)), np.zeros((2, width))
        count = self.count[self.cells]
        of_cell = np.stack(chance_to_agree(self.rows[self.cells], count, keys))
        chance, doubt = of_cell
        pool = np.bincount(label, weights=count, minlength=width)
        pairs = pool[label] * count
        moments = []
        for power in (chance, chance**2 * (1 + doubt)):
            of_pool = np.bincount(label, weights=count * power, minlength=width)
            # Where no complete record tells, as of any two that share these keys.
            usual = float((pairs * power).sum() / pairs.sum())
            moments.append(np.where(pool > 0, of_pool / np.maximum(pool, 1), usual))
        mean, square = moments
        return of_cell, np.stack([mean, np.maximum(square / np.maximum(mean, 1e-12) ** 2 - 1, 0)])

    def told(self, under: tuple[int, ...]) -> tuple[Floats, Ints, Ints]:
        """Return what others add, expected risk, chances of fewer; pools; and `Matches.room`.

        A record that lacks keys is one of its pool: what is expected of the complete records
        there, some of whom are alone and some in a crowd, is expected of it. Without any, what
        agrees with it is a sum of coins.
        """
        less = np.minimum(self.rarer / np.maximum(self.mean, 1e-12), 1.0)
        spread = self.spread * less + (self.doubt * less) ** 2
        others = _Others(self.certain, self.mean * less, spread)
        more = self.certain * self.one - self.one + self.others * less
        told = np.column_stack([more, others.inverse(), *(others.fewer(than) for than in under)])
        pool, room = self.certain.copy(), np.zeros(len(under), dtype=np.int64)
        cells, weight = self.rows[self.cells], self.count[self.cells]
        wanted = np.maximum(np.array(under)[:, None] - weight, 0)
        for met in _pools(cells, self.rows[: self.cells.start]):
            of_pool = met.total(weight)
            pool[met.mine] = of_pool[met.asked]
            shares = pool[met.mine] > 0
            for column in told.T:
                mean = met.total(weight * column[self.cells]) / np.maximum(of_pool, 1)
                column[met.mine] = np.where(shares, mean[met.asked], column[met.mine])
            many = met.asking(self.count[met.mine])
            room += [int(np.minimum(many, met.total(want)).sum()) for want in wanted]
        return told, pool, room


@dataclass(frozen=True, eq=False)
class _Pools:
    """Rows that know the same keys, and the complete ones that share these with each.

    keys : What they know. mine : Which rows. here, asked : Pool of each complete row, and of each
    of mine. width : Pools.
    """

    keys: list[int]
    mine: Ints
    here: Ints
    asked: Ints
    width: int

    def total(self, value: NDArray[Any]) -> Floats:
        """Sum a value of each complete row by pool."""
        return np.bincount(self.here, weights=value, minlength=self.width)

    def asking(self, value: NDArray[Any]) -> Floats:
        """Sum a value of each of mine by pool."""
        return np.bincount(self.asked, weights=value, minlength=self.width)


@dataclass(frozen=True, eq=False)
class _Others:
    """A number of records that is sure, and a number of others of a mean and a variance.

    The others are taken as binomial where the variance is below the mean, as sums of coins are,
    and as negative binomial above it, as sums of coins of unknown chance are.
    """

    sure: Ints
    mean: Floats
    spread: Floats

    def fewer(self, than: int) -> Floats:
        """Chance that all are fewer than a number."""
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
        """Expected 1 over all: the integral of the generating function, or its expansion."""
        whole = self.sure + self.mean
        found = (1 + self.spread / whole**2) / whole
        some = np.flatnonzero((self.mean > 0) & (whole < _CROWD))
        sure, (trials, p, coins) = self.sure[some], (part[some] for part in self._shape())
        total = np.zeros(len(some))
        for node, weight in zip(*np.polynomial.legendre.leggauss(_NODES), strict=True):
            t = ((node + 1) / 2) ** (1 / sure)
            base = np.where(coins, 1 - p * (1 - t), p / (1 - (1 - p) * t))
            total += weight / 2 * base**trials
        found[some] = total / sure
        return np.minimum(found, 1 / self.sure)

    def _shape(self) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Trials and chance of each, and whether it is a binomial."""
        mean = np.maximum(self.mean, 1e-12)
        ratio = self.spread / mean
        coins = ratio <= 1
        off = np.maximum(np.abs(1 - ratio), 1e-9)
        return mean / off, np.where(coins, off, 1 / (1 + off)), coins


def chance_to_agree(cells: ArrayLike, count: ArrayLike, known: list[int]) -> tuple[Floats, Floats]:
    """Chance that a record which shares some keys of a complete one shares them all.

    Each record is left out in turn and looked for among those that share its known keys: of the
    classes of k records there, how many are found again? Classes of one record among a thousand
    are found so often; that is their chance. Where fewer than `FEW` records share these keys with
    another one, the key of most values is left out of both sides.

    cells : int (m, d). Keys of complete records, each distinct one once.
    count : int (m,). Records with each.
    known : Positions of the keys that are shared.
    Returns chance: float64 (m,). In [0, 1].
    Returns doubt: float64 (m,). Variance of that chance among such classes, over its square.

    >>> sexes = [[age, sex] for age in range(60) for sex in range(2)]
    >>> float(chance_to_agree(sexes, [1] * 120, [0])[0].max().round(2))  # two of an age differ
    0.01
    """
    rows, records = np.asarray(cells), np.asarray(count, dtype=np.int64)
    label = _labels(rows, known)
    pool = np.bincount(label, weights=records).astype(np.int64)[label]
    if known and int(records[pool >= 2].sum()) < FEW:
        levels = [len(np.unique(rows[:, j])) for j in known]
        worst = known[int(np.argmax(levels))]
        left = [j for j in range(rows.shape[1]) if j != worst]
        groups = classes(rows[:, left])
        fewer = np.bincount(groups.label, weights=records).astype(np.int64)
        still = [left.index(j) for j in known if j != worst]
        chance, doubt = chance_to_agree(rows[groups.first][:, left], fewer, still)
        return chance[groups.label], doubt[groups.label]
    return _found_again(records, pool)


def _found_again(count: Ints, pool: Ints) -> tuple[Floats, Floats]:
    """Chance that one more of its pool is of each class, as of classes and pools as large."""
    width = int(pool.max()).bit_length()
    sizes = _SMALL + 2

    def tally(those: NDArray[np.bool_], k: Ints, value: Floats) -> Floats:
        place = k[those] * width + _power(rest[those])
        found = np.bincount(place, weights=value[those], minlength=sizes * width)
        return found.astype(np.float64).reshape(sizes, width)

    # Left out, a record of a class of k + 1 looks for a class of k and finds it; all others of
    # its pool look at that class too, and do not.
    rest = pool - 1
    sought = (count >= 2) & (count <= sizes)
    passed = (count < sizes) & (pool > count)
    again = tally(sought, count - 1, count.astype(np.float64))
    tests = tally(sought, count - 1, count / np.maximum(rest, 1))
    tests += tally(passed, count, (pool - count) / np.maximum(rest, 1))
    guess = np.maximum(np.arange(sizes) - 0.5, 0.0)
    of_all = (again.sum(axis=1) + _BEFORE * guess) / (tests.sum(axis=1) + _BEFORE)
    rate = (again + _BEFORE * of_all[:, None]) / (tests + _BEFORE)
    small, at = np.minimum(count, _SMALL), _power(pool)
    seen = np.where(count <= _SMALL, rate[small, at], count)
    # Twice found again is a rate times the next one: what that is above the square is variance.
    next_rate = np.where(count <= _SMALL, rate[small + 1, at], count + 1)
    chance = np.minimum(seen / pool, 1.0)
    doubt = np.maximum(next_rate / np.maximum(seen, 1e-12) - 1, 0.0)
    # No chance is above 1.
    return chance, np.minimum(doubt, 1 / np.maximum(chance, 1e-12) - 1)


def _power(size: Ints) -> Ints:
    """Whole logarithm to base 2."""
    return np.frexp(size)[1].astype(np.int64) - 1


def _pools(cells: NDArray[np.int64], rows: NDArray[np.int64]) -> Iterator[_Pools]:
    """Meet rows with complete ones by the keys that they know, a set of keys at a time."""
    known = _known(rows)
    for pattern in np.unique(known).tolist():
        mine = np.flatnonzero(known == pattern)
        keys = [j for j in range(rows.shape[1]) if pattern >> j & 1]
        label = _labels(np.concatenate([cells, rows[mine]]), keys)
        here, asked = label[: len(cells)], label[len(cells) :]
        yield _Pools(keys, mine, here, asked, int(label.max()) + 1)


def _labels(rows: NDArray[np.int64], keys: list[int]) -> Ints:
    if not keys or not len(rows):
        return np.zeros(len(rows), dtype=np.int64)
    return classes(rows[:, keys]).label


def _known(rows: NDArray[np.int64]) -> Ints:
    """Set of keys that each row knows, as bits."""
    bits = np.zeros(len(rows), dtype=np.int64)
    for j in range(rows.shape[1]):
        bits |= (rows[:, j] >= 0).astype(np.int64) << j
    return bits
