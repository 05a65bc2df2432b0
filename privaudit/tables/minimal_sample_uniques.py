"""Special uniques: minimal sample uniques, SUDA and DIS-SUDA scores.

- Search of minimal sample uniques by partition refinement, one set of keys after another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Bools, Floats, Ints, error_message, in_range, whole
from privaudit.errors import ParameterError
from privaudit.tables.equivalence_classes import pack
from privaudit.tables.quasi_identifiers import COST_LIMIT, scan_cost

# Classes that are separated by a table instead of a sort: 16 MB.
_TABLE_CELLS = 1 << 22
# Records are thinned out where they are many, and so many to each cell that keys can tell apart.
_MANY, _RECORDS_A_CELL = 1 << 10, 4
# Records that stay in the cache while they are packed.
_BLOCK = 1 << 15


class _Part(NamedTuple):
    """Records that may still be unique, each with the number of its class."""

    active: Ints
    group: Ints
    groups: int
    dropped: int

    def take(self, rows: Ints, dropped: int = 0) -> _Part:
        """Return the part of some records."""
        return _Part(self.active[rows], self.group[rows], self.groups, self.dropped + dropped)


class UniqueSearch:
    """Search state: a set of keys is an integer, bit j for column j, in ascending order."""

    def __init__(self, columns: list[NDArray[Any]], depth: int, known: bool) -> None:
        self.columns = columns
        self.gaps = [known and bool((column == 0).any()) for column in columns]
        self.levels = [int(column.max(initial=0)) + 1 for column in columns]
        self.depth = depth
        self.found: list[tuple[int, Ints]] = []
        # Records alone on each set, as packed bits; sets of the greatest size need none.
        self.alone: dict[int, NDArray[np.uint8]] = {}
        self.table: NDArray[np.int32] | None = None
        # Memory that each partition uses again.
        n = len(columns[0])
        self.places = np.arange(n, dtype=np.int32)
        self.spare = np.empty(n, dtype=np.int64)
        self.everybody = np.arange(n)
        whole = _Part(self.everybody, np.zeros(n, dtype=np.int64), 1, 0)
        self._extend(whole, 0, 0, len(columns))

    def _extend(self, part: _Part, mask: int, size: int, j: int) -> None:
        """Visit a set together with each column before j."""
        some, few = self._few(part, j)
        for k in range(j):
            self._visit(few if k < some else part, mask | 1 << k, size + 1, k)

    def _visit(self, part: _Part, mask: int, size: int, j: int) -> None:
        """Visit one set of keys."""
        before = self._alone_on_a_part(mask, size)
        part = self._without(part, before)
        if self.gaps[j]:
            part = part.take(np.flatnonzero(self._of(part.active, j)))
        if len(part.active):
            group, count = self._refine(part, j, size == self.depth)
            once = count == 1
            if once.any():
                alone = part.active[np.flatnonzero(once[group])]
                # Who was alone on a part of the set is alone here too, and not minimal.
                alone = alone if before is None else alone[~_holds(before, alone)]
                self.found.append((mask, alone))
                before = self._with(before, alone) if size < self.depth else None
            part = part._replace(group=group, groups=len(count))
            if size < self.depth and part.groups > len(group) // 2:
                # Classes are numbered anew, so that the next table is small.
                number = np.cumsum(count > 0)
                part = part._replace(group=number[group] - 1, groups=int(number[-1]))
        if size < self.depth:
            if before is not None:
                self.alone[mask] = before
            self._extend(self._without(part, before), mask, size, j)

    def _without(self, part: _Part, alone: NDArray[np.uint8] | None) -> _Part:
        """Drop the records that are unique on a subset, where they are many."""
        if alone is None:
            return part
        fresh = int(np.bitwise_count(alone).sum(dtype=np.int64)) - part.dropped
        if 8 * fresh <= len(part.active):
            return part
        gone = np.unpackbits(alone, bitorder="little")
        return part.take(np.flatnonzero(gone[part.active] == 0), fresh)

    def _with(self, before: NDArray[np.uint8] | None, alone: Ints) -> NDArray[np.uint8]:
        """Set the bits of some records."""
        bits = np.zeros(-(-len(self.columns[0]) // 8), dtype=np.uint8)
        if before is not None:
            bits |= before
        np.bitwise_or.at(bits, alone >> 3, (1 << (alone & 7)).astype(np.uint8))
        return bits

    def _alone_on_a_part(self, mask: int, size: int) -> NDArray[np.uint8] | None:
        """Return the records unique on the set without one column: not minimal here."""
        if size == 1:
            return None
        total = None
        for j in range(len(self.columns)):
            part = self.alone.get(mask & ~(1 << j)) if mask >> j & 1 else None
            if part is not None:
                total = part if total is None else total | part
        return total

    def _of(self, active: Ints, j: int) -> NDArray[Any]:
        """Return the codes of a column for some records."""
        column = self.columns[j]
        return column if active is self.everybody else column[active]

    def _few(self, part: _Part, j: int) -> tuple[int, _Part]:
        """Return how many of the columns before j separate few cells, and a record of each."""
        n = len(part.active)
        some, cells = 0, part.groups
        while some < j and cells * self.levels[some] * _RECORDS_A_CELL <= n:
            cells *= self.levels[some]
            some += 1
        if some < 2 or n < _MANY:
            return 0, part
        key = self._packed(part, range(some), self.spare[:n])
        count = np.bincount(key, minlength=cells)
        last = np.empty(cells, dtype=np.int32)
        last[key] = self.places[:n]
        return some, part.take(np.sort(np.repeat(last, np.minimum(count, 2))))

    def _packed(self, part: _Part, columns: Iterable[int], key: Ints) -> Ints:
        """Return the class of each record and its codes in one integer, in blocks."""
        codes = [(self.levels[j], self._of(part.active, j)) for j in columns]
        for start in range(0, len(key), _BLOCK):
            some = slice(start, start + _BLOCK)
            key[some] = part.group[some]
            for levels, column in codes:
                key[some] *= levels
                key[some] += column[some]
        return key

    def _refine(self, part: _Part, j: int, leaf: bool) -> tuple[Ints, Ints]:
        """Split each class by a column: class of each active record, and class sizes."""
        n = len(part.active)
        key = self._packed(part, [j], self.spare[:n] if leaf else np.empty(n, dtype=np.int64))
        domain = part.groups * self.levels[j]
        if domain <= 4 * len(key) + 1024:
            return key, np.bincount(key, minlength=domain)
        if domain <= _TABLE_CELLS:
            # The last record of each class stands for it: no cell has to be emptied before.
            if self.table is None:
                self.table = np.empty(_TABLE_CELLS, dtype=np.int32)
            self.table[key] = self.places[:n]
            label = self.table[key].astype(np.int64)
            return label, np.bincount(label, minlength=len(key))
        _, label, count = np.unique(key, return_inverse=True, return_counts=True)
        return label, count


def _holds(bits: NDArray[np.uint8], record: Ints) -> Bools:
    """Return whether the bit of each record is set."""
    held: Bools = (bits[record >> 3] >> (record & 7).astype(np.uint8) & 1).astype(bool)
    return held


# A set of keys is the bits of one whole number.
MOST_KEYS = 62


@dataclass(frozen=True, eq=False, kw_only=True)
class MinimalUniques:
    """Minimal sample uniques: for each record, sets of keys that single it out, and no less.

    Attributes
    ----------
    record : int64, shape (r,)
        Record of each minimal unique.
    keys : int64, shape (r,)
        Its keys: bit j is set where key j belongs to it.
    records : int
        n.
    width : int
        Number of keys d.
    depth : int
        Largest size searched.
    """

    record: Ints
    keys: Ints
    records: int
    width: int
    depth: int

    @property
    def size(self) -> Ints:
        """Return the number of keys of each minimal unique, shape (r,)."""
        return np.bitwise_count(self.keys).astype(np.int64)

    @property
    def worth(self) -> Floats:
        """Return the SUDA term of each minimal unique, (d - size)!, shape (r,)."""
        worth = [float(math.factorial(self.width - k)) for k in range(self.width + 1)]
        return np.array(worth)[self.size]

    @property
    def count(self) -> Ints:
        """Return the number of minimal uniques of each record, shape (n,)."""
        return np.bincount(self.record, minlength=self.records)

    @property
    def smallest(self) -> Ints:
        """Return the fewest keys that single out each record, shape (n,); 0 where none do."""
        least = np.full(self.records, self.width + 1)
        np.minimum.at(least, self.record, self.size)
        least[least > self.width] = 0
        return least


def minimal_uniques(
    codes: ArrayLike, *, max_size: int | None = None, known: bool = False
) -> MinimalUniques:
    """Return every minimal sample unique of at most `max_size` keys.

    Depth first over sets of keys, each refining the partition of the set that it extends. A record
    that is alone on a subset of the set shares its class with nobody, so that it is dropped and the
    partitions shrink; a set is visited after all of its subsets, so that what is alone and not yet
    dropped is minimal. SUDA2 (Manning, Haglin and Keane 2008) searches by items instead; the result
    is the same.

    Parameters
    ----------
    codes : int, shape (n, d)
        -1 where missing.
    max_size : int, optional
        Largest number of keys in a set; all of them when left out.
    known : bool
        Whether a set counts only among the records that know all of its keys, so that a blank
        singles nobody out. Otherwise missing is a level of its own.

    Returns
    -------
    MinimalUniques

    Raises
    ------
    ParameterError
        Anything but a search that ends.

    References
    ----------
    Manning, Haglin and Keane (2008).

    Examples
    --------
    >>> found = minimal_uniques([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1]])
    >>> sorted(zip(found.record.tolist(), found.keys.tolist()))
    [(0, 3), (1, 3), (2, 3)]
    """
    table = np.asarray(codes)
    pack(table)  # refuses what is no table of codes
    n, d = table.shape
    depth = d if max_size is None else whole("minimal_uniques", "max_size", max_size, 1)
    depth = min(depth, d)
    if d > MOST_KEYS or scan_cost(n, d, depth) > COST_LIMIT:
        sets = sum(math.comb(d, k) for k in range(1, depth + 1))
        came = f"{sets:,} sets of up to {depth} of {d} keys over {n:,} records"
        do = "Lower max_size or leave keys out."
        raise ParameterError(error_message("minimal_uniques", "a search that ends", came, do))
    columns = [_narrow(column) for column in table.T]
    # Keys with few levels first: the partitions that many sets extend are then the coarse ones.
    order = np.argsort([_levels(column) for column in columns], kind="stable")
    search = UniqueSearch([columns[j] for j in order], depth, known)
    record = np.concatenate([part for _, part in search.found] or [np.zeros(0, dtype=np.int64)])
    keys = np.repeat(
        np.array([_as_given(mask, order) for mask, _ in search.found], dtype=np.int64),
        [len(part) for _, part in search.found],
    )
    return MinimalUniques(record=record, keys=keys, records=n, width=d, depth=depth)


def _narrow(column: Ints) -> NDArray[Any]:
    """Return codes from 1, and 0 where missing, in the narrowest integers."""
    narrow = np.empty(len(column), dtype=np.min_scalar_type(int(column.max(initial=0)) + 1))
    return np.add(column, 1, out=narrow, casting="unsafe")


def _levels(column: NDArray[Any]) -> int:
    """Return the number of distinct codes."""
    if not len(column) or int(column.max()) > 4 * len(column):
        return len(np.unique(column))
    return int(np.count_nonzero(np.bincount(column)))


def _as_given(mask: int, order: Ints) -> int:
    """Return the uniques with columns in the caller's order."""
    return sum(1 << int(order[j]) for j in range(len(order)) if mask >> j & 1)


def suda_score(uniques: MinimalUniques) -> Floats:
    """Return the SUDA score of each record: the sum of (d - size)! over its minimal uniques.

    Elliot, Manning and Ford 2002, as sdcMicro computes it (`original_scores=TRUE`).

    Parameters
    ----------
    uniques : MinimalUniques
        Minimal sample uniques, from `minimal_uniques`.

    Returns
    -------
    float64, shape (n,)
        0 (no set of keys searched singles the record out) and up.

    References
    ----------
    Elliot, Manning and Ford (2002).

    Examples
    --------
    >>> suda_score(minimal_uniques([[0, 0], [1, 1], [1, 1]])).tolist()
    [2.0, 0.0, 0.0]
    """
    score = np.bincount(uniques.record, weights=uniques.worth, minlength=uniques.records)
    return score.astype(np.float64)


def key_contributions(uniques: MinimalUniques) -> Floats:
    """Return the share of the file's SUDA score from sets that hold each key.

    Parameters
    ----------
    uniques : MinimalUniques
        Minimal sample uniques, from `minimal_uniques`.

    Returns
    -------
    float64, shape (d,)
        In [0, 1]; a set of several keys counts for each, so that they sum to more than 1. Zero
        where nobody is singled out.

    Examples
    --------
    >>> key_contributions(minimal_uniques([[0, 0], [1, 0], [1, 0]])).tolist()
    [1.0, 0.0]
    """
    score = uniques.worth
    total = score.sum()
    shares = [score[(uniques.keys >> j & 1) == 1].sum() for j in range(uniques.width)]
    return np.array(shares) / total if total else np.zeros(uniques.width)


def unique_match_risk(uniques: int, pairs: int, sampling_fraction: float) -> float:
    """Return the chance that a unique match is right (data intrusion simulation).

    theta = pi n_1 / (pi n_1 + 2 (1 - pi) n_2), from the numbers of classes of one and of two
    records of a sample drawn at the rate pi.

    Parameters
    ----------
    uniques, pairs : int
        N_1 and n_2.
    sampling_fraction : float
        pi, in (0, 1].

    Returns
    -------
    float
        In [0, 1]; 0 is safe; nan where there is neither a unique nor a pair.

    References
    ----------
    Skinner and Elliot (2002).

    Examples
    --------
    >>> round(unique_match_risk(10, 5, 0.1), 6)
    0.1
    """
    pi = in_range("unique_match_risk", "sampling_fraction", sampling_fraction, 0, 1, open_low=True)
    right = pi * uniques
    wrong = 2 * (1 - pi) * pairs
    return right / (right + wrong) if right + wrong else math.nan


def dis_suda(
    score: ArrayLike, uniques: int, pairs: int, sampling_fraction: float, width: int
) -> Floats:
    """Return DIS-SUDA scores: the chance of a correct unique match distributed by SUDA score.

    1 / (1 + (n_1 / theta - n_1) / (s**Q A)), with s the score, A the sum of s**-Q over records with
    a score, and Q = 1 + (8 - d) / 20: what the SUDA program and sdcMicro compute. An index between
    0 and 1 that keeps the order of the scores, not a calibrated probability.

    Parameters
    ----------
    score : array_like, shape (n,)
    uniques, pairs, sampling_fraction : int
        See `unique_match_risk`.
    width : int
        Number of keys d.

    Returns
    -------
    float64, shape (n,)
        In [0, 1]; 0 where the score is 0; nan for 28 keys and more.

    Examples
    --------
    >>> dis_suda([0.0, 2.0], 1, 1, 0.5, 8).round(4).tolist()
    [0.0, 0.3333]
    """
    value = np.asarray(score, dtype=np.float64)
    exponent = 1 + (8 - width) / 20
    if exponent <= 0:
        return np.full(len(value), np.nan)
    result = np.zeros(len(value))
    theta = unique_match_risk(uniques, pairs, sampling_fraction)
    scored = value > 0
    if not scored.any() or not theta > 0:
        return result
    # Factorials overflow a power: their ratios to the largest do not.
    power = (value[scored] / value.max()) ** exponent
    odds = power * (1 / power).sum() / (uniques / theta - uniques) if theta < 1 else np.inf
    with np.errstate(invalid="ignore"):
        result[scored] = np.where(np.isinf(odds), 1.0, odds / (1 + odds))
    return result


def level_contributions(uniques: MinimalUniques, codes: ArrayLike) -> list[Floats]:
    """Return the share of the file's SUDA score from sets that hold each level of each key.

    A minimal unique holds the level that its record has, for each of its keys. Over the levels of a
    key the shares add up to the key's own (`key_contributions`). sdcMicro divides a level's part by
    its key's instead, so that each key's levels add up to 1.

    Parameters
    ----------
    uniques : MinimalUniques
        Of `codes`.
    codes : int, shape (n, d)
        Level of each key, -1 where missing.

    Returns
    -------
    list of ndarray of float64
        One a key: the share of missing, then of each level, in [0, 1]. 0 is safe; all zero
        where nobody is singled out.

    Examples
    --------
    >>> from privaudit.tables.minimal_sample_uniques import minimal_uniques
    >>> codes = [[0, 0], [1, 0], [1, 0]]
    >>> [part.tolist() for part in level_contributions(minimal_uniques(codes), codes)]
    [[0.0, 1.0, 0.0], [0.0, 0.0]]
    """
    table = np.asarray(codes, dtype=np.int64)
    score = uniques.worth
    total = float(score.sum()) or 1.0
    parts = []
    for j in range(uniques.width):
        has = (uniques.keys >> j & 1) == 1
        level = table[uniques.record[has], j] + 1
        parts.append(
            np.bincount(level, weights=score[has], minlength=int(table[:, j].max()) + 2) / total
        )
    return parts
