"""Missing keys under a learnt model: expected number of records that share a record's key.

A record that lacks keys shares the keys it has with a pool of records. Whether it shares the others
too is a probability, learnt from the complete records
(`privaudit.measures.tables.seen_again`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.arrays import Floats, Ints
from privaudit._core.checks import say
from privaudit._core.policy import FEWEST_TO_LEARN
from privaudit.errors import ParameterError
from privaudit.measures.tables.pools import known_keys, labels, pools, tally
from privaudit.measures.tables.seen_again import chance_to_agree, found_again
from privaudit.measures.tables.uncertain_counts import Uncertain

__all__ = ["COST_LIMIT", "Matches", "likely_cost", "likely_matches"]

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
    `most` still hold. Where complete records are fewer than `FEW`, and than the others, each key is
    learnt by itself from the records that have it.

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
        do = 'Read missing="value" or "exclude", or leave out the keys with most blanks.'
        came, needed = f"{cost:.1e}", f"at most {COST_LIMIT:.0e} looks at a row"
        raise ParameterError(say("likely_matches", needed, came, do))
    order = np.argsort(known_keys(rows), kind="stable")
    records = np.asarray(count, dtype=np.int64)
    summed = records.astype(np.float64) if amount is None else np.asarray(amount, np.float64)
    meetings = _Meetings(rows[order], records[order], summed[order])
    meetings.meet()
    under = tuple(under)
    summaries, pool, room = meetings.told(under)
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

    def told(self, under: tuple[int, ...]) -> tuple[Floats, Ints, Ints]:
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
