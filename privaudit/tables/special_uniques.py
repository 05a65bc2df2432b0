"""Special uniques: minimal sample uniques, and their SUDA and DIS-SUDA scores.

A minimal sample unique is a set of keys that singles a record out, while no part of it does. They
are searched by partition refinement, one set of keys after another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints, in_range, whole
from privaudit.errors import ParameterError
from privaudit.tables.coded_table import CodedTable
from privaudit.tables.context import MeasureContext
from privaudit.tables.distinction import COST_LIMIT, scan_cost, sets_to_scan, subsets
from privaudit.tables.equivalence_classes import classes, lent, pack
from privaudit.tables.missing_keys import COST_LIMIT as MATCHING_LIMIT
from privaudit.tables.missing_keys import matching_sums
from privaudit.tables.table_measure import (
    NAMELESS,
    NOTHING,
    RISK,
    UNLESS_LEVELS_SHOW,
    Range,
    Shown,
    Values,
    table_measure,
    up_to_small_classes,
    where_levels_show,
)
from privaudit.words.catalogues import Note

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
        # Who is unique on the set without one column is not minimal here.
        smaller = [mask & ~(1 << k) for k in range(len(self.columns)) if mask >> k & 1]
        known = [self.alone[keys] for keys in smaller if keys in self.alone]
        before = reduce(np.bitwise_or, known) if known else None
        part = self._without(part, before)
        if self.gaps[j]:
            part = part.take(np.flatnonzero(self._of(part.active, j)))
        if len(part.active):
            group, count = self._refine(part, j, size == self.depth)
            once = count == 1
            if once.any():
                alone = part.active[np.flatnonzero(once[group])]
                # A record alone on a part of the set is alone here too, and not minimal.
                if before is not None:
                    alone = alone[before[alone >> 3] >> (alone & 7).astype(np.uint8) & 1 == 0]
                self.found.append((mask, alone))
                if size < self.depth:
                    bits = np.zeros(-(-len(self.everybody) // 8), dtype=np.uint8)
                    np.bitwise_or.at(bits, alone >> 3, (1 << (alone & 7)).astype(np.uint8))
                    before = bits if before is None else bits | before
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


# A set of keys is the bits of one whole number.
_MOST_KEYS = 62


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
    """

    record: Ints
    keys: Ints
    records: int
    width: int

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


def find_minimal_uniques(
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
    >>> found = find_minimal_uniques([[0, 0], [0, 1], [1, 0], [1, 1], [1, 1]])
    >>> sorted(zip(found.record.tolist(), found.keys.tolist()))
    [(0, 3), (1, 3), (2, 3)]
    """
    table = np.asarray(codes)
    pack(table)  # refuses anything but a table of codes
    n, d = table.shape
    depth = d if max_size is None else whole("find_minimal_uniques", "max_size", max_size, 1)
    depth = min(depth, d)
    if d > _MOST_KEYS or scan_cost(n, d, depth) > COST_LIMIT:
        many = sum(math.comb(d, k) for k in range(1, depth + 1))
        came = f"{many:,} sets of up to {depth} of {d} keys over {n:,} records"
        do = "Lower max_size or leave keys out."
        raise ParameterError.of("find_minimal_uniques", "a search that ends", came, do)
    # Codes from 1, and 0 where missing, in the narrowest integers.
    columns = [(c + 1).astype(np.min_scalar_type(int(c.max(initial=0)) + 1)) for c in table.T]
    # Keys with few levels first: the partitions that many sets extend are then the coarse ones.
    order = np.argsort([len(np.unique(column)) for column in columns], kind="stable")
    search = UniqueSearch([columns[j] for j in order], depth, known)
    record = np.concatenate([part for _, part in search.found] or [np.zeros(0, dtype=np.int64)])
    sets = np.array([mask for mask, _ in search.found], dtype=np.int64)
    # Bits are put back in the caller's order of columns.
    given = np.zeros_like(sets)
    for j, place in enumerate(order.tolist()):
        given |= (sets >> j & 1) << place
    keys = np.repeat(given, [len(part) for _, part in search.found])
    return MinimalUniques(record=record, keys=keys, records=n, width=d)


def find_wildcard_uniques(codes: ArrayLike, *, max_size: int) -> MinimalUniques:
    """Return the minimal sample uniques of at most `max_size` keys, a blank being any value.

    A record is alone on a set of keys if it agrees with no other on it.

    Parameters
    ----------
    codes : int, shape (n, d)
        -1 where missing.
    max_size : int

    Returns
    -------
    MinimalUniques

    Raises
    ------
    ParameterError
        Anything but a search that ends.

    Examples
    --------
    >>> found = find_wildcard_uniques([[0, 0], [1, -1], [1, 1]], max_size=2)
    >>> sorted(zip(found.record.tolist(), found.keys.tolist()))
    [(0, 1)]
    """
    table = np.asarray(codes)
    n, d = table.shape
    nobody = np.zeros(0, dtype=np.int64)
    # Records alone on a set, on a part of it or not.
    alone: dict[int, Ints] = {0: nobody}
    record, sets = [nobody], [nobody]
    for keys in subsets(n, d, min(max_size, d)):
        groups = classes(table[:, keys])
        rows = table[groups.first][:, keys]
        once = np.flatnonzero(groups.size == 1)
        once = once[matching_sums(rows[once], groups.size, of=rows) == 1]
        mask = sum(1 << j for j in keys)
        alone[mask] = groups.first[once]
        before = np.concatenate([alone[mask & ~(1 << j)] for j in keys])
        minimal = np.setdiff1d(alone[mask], before)
        record.append(minimal)
        sets.append(np.full(len(minimal), mask))
    return MinimalUniques(
        record=np.concatenate(record), keys=np.concatenate(sets), records=n, width=d
    )


def suda_scores(uniques: MinimalUniques) -> Floats:
    """Return the SUDA score of each record: the sum of (d - size)! over its minimal uniques.

    Elliot, Manning and Ford 2002, as sdcMicro computes it (`original_scores=TRUE`).

    Parameters
    ----------
    uniques : MinimalUniques
        Minimal sample uniques, from `find_minimal_uniques`.

    Returns
    -------
    float64, shape (n,)
        0 (no set of keys searched singles the record out) and up.

    References
    ----------
    Elliot, Manning and Ford (2002).

    Examples
    --------
    >>> suda_scores(find_minimal_uniques([[0, 0], [1, 1], [1, 1]])).tolist()
    [2.0, 0.0, 0.0]
    """
    score = np.bincount(uniques.record, weights=uniques.worth, minlength=uniques.records)
    return score.astype(np.float64)


def score_shares_by_key(uniques: MinimalUniques) -> Floats:
    """Return the share of the file's SUDA score from sets that hold each key.

    Parameters
    ----------
    uniques : MinimalUniques
        Minimal sample uniques, from `find_minimal_uniques`.

    Returns
    -------
    float64, shape (d,)
        In [0, 1]; a set of several keys counts for each, so that they sum to more than 1. Zero
        where nobody is singled out.

    Examples
    --------
    >>> score_shares_by_key(find_minimal_uniques([[0, 0], [1, 0], [1, 0]])).tolist()
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


def dis_suda_scores(
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
    >>> dis_suda_scores([0.0, 2.0], 1, 1, 0.5, 8).round(4).tolist()
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


def score_shares_by_level(uniques: MinimalUniques, codes: ArrayLike) -> list[Floats]:
    """Return the share of the file's SUDA score from sets that hold each level of each key.

    A minimal unique holds the level that its record has, for each of its keys. Over the levels of a
    key the shares add up to the key's own (`score_shares_by_key`). sdcMicro divides a level's part
    by its key's instead, so that each key's levels add up to 1.

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
    >>> codes = [[0, 0], [1, 0], [1, 0]]
    >>> [part.tolist() for part in score_shares_by_level(find_minimal_uniques(codes), codes)]
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


@dataclass(frozen=True, eq=False, kw_only=True)
class UniqueSearchResult:
    """Minimal sample uniques of a table, and notes on how far they were searched.

    Attributes
    ----------
    uniques : MinimalUniques
    notes : tuple of Note
        Of each row: how far sets were searched, and among which records.
    cut_short : tuple of Note
        Why smaller sets were searched than asked for.
    """

    uniques: MinimalUniques
    notes: tuple[Note, ...]
    cut_short: tuple[Note, ...] = ()

    @cached_property
    def scores(self) -> Floats:
        """SUDA score of each row, shape (n,)."""
        return suda_scores(self.uniques)


def search_uniques(table: CodedTable, special: int, missing: str) -> UniqueSearchResult | Note:
    """Search minimal sample uniques of at most `special` keys, or of as many as can be searched.

    Under missing="likely" a set of keys counts among the records that know it; under "wildcard" a
    blank agrees with any value.

    Parameters
    ----------
    table : CodedTable
    special : int
        1 or more.
    missing : str
        Reading of missing keys.

    Returns
    -------
    UniqueSearchResult or Note
        The reason where nothing is searched.
    """
    n, d = table.codes.shape
    depth, cut_short = sets_to_scan(n, d, special, "uniques_cut_short")
    matched = missing == "wildcard" and table.has_gaps
    # A set of keys looks a record up for every part of it that another may know.
    if d > _MOST_KEYS or not depth or (matched and n << depth > MATCHING_LIMIT):
        return Note("uniques_not_searched", keys=d, records=n)
    notes = [Note("uniques_searched", size=depth, keys=d)]
    known = missing == "likely"
    if known and table.has_gaps:
        notes.append(Note("uniques_among_known"))
    if matched:
        uniques = find_wildcard_uniques(table.codes, max_size=depth)
    else:
        uniques = find_minimal_uniques(table.codes, max_size=depth, known=known)
    return UniqueSearchResult(uniques=uniques, notes=tuple(notes), cut_short=cut_short)


def searched(context: MeasureContext) -> UniqueSearchResult | Note:
    """Return the minimal sample uniques of a table, searched once; or why there are none."""
    if context.counted:
        return Note("needs_records")
    return context.once(
        "uniques",
        lambda: search_uniques(context.table, context.options.special, context.sizes.read),
    )


@table_measure(
    unit="records", safe="small", laws=RISK, shown=where_levels_show(up_to_small_classes)
)
def special_uniques(context: MeasureContext) -> Values:
    """Records that a small set of keys singles out."""
    found = searched(context)
    if isinstance(found, Note):
        return found
    uniques, sizes = found.uniques, context.sizes
    alone = uniques.count > 0
    value: float = int(alone.sum())
    ranges: dict[str, Any] = {}
    if 2 in sizes.fewer:
        groups = context.groups
        # A record alone with some keys is, at most as likely, alone with all of them: those with
        # blanks count as often as their pools.
        chance = (alone * sizes.fewer[2])[groups.first]
        expected = lent(context.table.codes[groups.first], groups.size, chance)
        value = round(float((expected * groups.size).sum()))
    if sizes.ranges:
        # Sets of keys that every record knows single out whatever blanks hide.
        blank = np.flatnonzero((context.table.codes < 0).any(axis=0))
        lacking = sum(1 << j for j in blank.tolist())
        low = len(np.unique(uniques.record[(uniques.keys & lacking) == 0]))
        high = sizes.most("alone", math.nan)
        value, ranges = min(max(value, low), high), {"low": low, "high": high}
        ranges["worst_case"] = True
    return {"value": value, "notes": found.notes, **ranges}


def _alone_by_one_key(share: bool) -> Shown:
    """Return `TableMeasure.shown` of what counts, or averages, who is alone by the only key."""

    def limits(context: MeasureContext, part: Any) -> Range:
        if len(context.table.keys) > 1:
            return NOTHING
        most = up_to_small_classes(context, part)[1]
        return 0.0, most / len(context) if share else most

    return where_levels_show(limits)


@table_measure(
    unit="combinations", safe="small", laws=NAMELESS, shown=_alone_by_one_key(share=False)
)
def minimal_uniques(context: MeasureContext) -> Values:
    """Number of minimal sample uniques over all records."""
    found = searched(context)
    if isinstance(found, Note):
        return found
    return {"value": len(found.uniques.record), "notes": found.notes}


# The factorial of (keys - size) makes scores of different numbers of keys incomparable.
_SCORE_LAWS = NAMELESS | {"everybody_twice": "not_more"}


@table_measure(unit="index", safe="small", laws=_SCORE_LAWS, shown=UNLESS_LEVELS_SHOW)
def suda_score_max(context: MeasureContext) -> Values:
    """Greatest SUDA score of a record."""
    return _score_row(context, np.max)


@table_measure(unit="index", safe="small", laws=_SCORE_LAWS, shown=_alone_by_one_key(share=True))
def suda_score(context: MeasureContext) -> Values:
    """Mean SUDA score over records.

    References
    ----------
    Elliot, Manning and Ford (2002).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> round(pa.tables.suda_score(people, roles).value("suda_score"), 3)
    0.667
    """
    return _score_row(context, np.mean)


@table_measure(unit="index", safe="small", span=(0, 1), laws=NAMELESS, shown=UNLESS_LEVELS_SHOW)
def dis_suda_max(context: MeasureContext) -> Values:
    """Greatest DIS-SUDA score: an index in the order of the SUDA scores, not a probability."""
    return _score_row(context, np.max, dis=True)


@table_measure(unit="index", safe="small", span=(0, 1), laws=NAMELESS, shown=UNLESS_LEVELS_SHOW)
def dis_suda(context: MeasureContext) -> Values:
    """Mean DIS-SUDA score over records."""
    return _score_row(context, np.mean, dis=True)


@table_measure(
    unit="share", of="combinations", safe="small", span=(0, 1), laws=NAMELESS,
    shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
def suda_score_with(context: MeasureContext) -> Values:
    """Share of the score from sets with each key; sets of two keys count for both."""
    keys, found = context.table.keys, searched(context)
    if isinstance(found, Note):
        return [{"value": math.nan, "notes": (found,), "part": {"key": key}} for key in keys]
    notes = (Note("shares_of_keys_overlap"),)
    return [
        {"value": share, "notes": notes, "part": {"key": key}}
        for key, share in zip(keys, score_shares_by_key(found.uniques).tolist(), strict=True)
    ]


def suda_columns(context: MeasureContext) -> dict[str, NDArray[Any]]:
    """Return the scores of each row from its minimal uniques, those that can be had, by name."""
    found = searched(context)
    if isinstance(found, Note):
        return {}
    dis_suda = _dis_suda_scores_of(context, found)
    scores = {
        "suda_score": found.scores,
        "minimal_uniques": found.uniques.count,
        "smallest_unique": found.uniques.smallest,
    }
    return scores if dis_suda is None else {**scores, "dis_suda": dis_suda}


def _dis_suda_scores_of(context: MeasureContext, found: UniqueSearchResult) -> Floats | None:
    """Return the DIS-SUDA score of each row, shape (n,); None without a rate or a sample."""
    if context.rate is None or context.none_complete:
        return None
    sizes, rate = context.sample
    alone, pairs = (int((sizes == j).sum()) for j in (1, 2))
    return context.once(
        "dis_suda_scores",
        lambda: dis_suda_scores(found.scores, alone, pairs, rate, len(context.table.keys)),
    )


def _score_row(
    context: MeasureContext, summary: Callable[[Floats], Any], *, dis: bool = False
) -> Values:
    """Return a summary of the SUDA scores, or of the DIS-SUDA scores, as fields of a row."""
    found = searched(context)
    if isinstance(found, Note):
        return found
    if not dis:
        return {"value": summary(found.scores), "notes": found.notes}
    if context.rate is None:
        return Note("needs_rate")
    unequal = Note("weights_unequal")
    scores = _dis_suda_scores_of(context, found)
    if scores is None:
        return unequal if context.rate.uneven else Note("needs_complete_records")
    row = {"value": summary(scores), "notes": found.notes}
    if context.rate.uneven:
        # By the mean rate, as other tools do it: a report does not print it.
        row |= {"reliable": False, "unprinted": ("value",), "notes": (unequal,)}
    return row
