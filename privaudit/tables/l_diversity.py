"""Attribute disclosure: l-diversity, (alpha, k)-anonymity, Bayes vulnerability.

A `SensitiveCounts` holds, for each class, how many of its records have each sensitive value, as
ragged rows: no array of classes x values is made. Frequencies are over the records of the class
whose value is known.

- `SensitiveColumn`: a sensitive column class by class, missing keys being read as was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array

from privaudit.core.checks import Bools, Floats, Ints, error_message, whole
from privaudit.errors import ParameterError
from privaudit.stats.csr import take_rows
from privaudit.tables.equivalence_classes import Classes
from privaudit.tables.missing_bounds import matching_parts
from privaudit.tables.missing_model import likely_parts
from privaudit.tables.table_measure import TableMeasure
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.tables.coded_table import CodedTable
    from privaudit.tables.missing_keys import Sizes
    from privaudit.tables.table_measure import Options


@dataclass(frozen=True, eq=False, kw_only=True)
class SensitiveCounts:
    """Records by class and sensitive value, only where there is at least one.

    Attributes
    ----------
    start : int64, shape (m,)
        Where the row of each class begins in `value` and `count`. No row is empty.
    value : int64, shape (r,)
        Codes of the values, 0 to `levels` - 1, ascending within a row.
    count : float64, shape (r,)
        Records, above 0.
    overall : float64, shape (levels,)
        Share of each value in the table; sums to 1.
    """

    start: Ints
    value: Ints
    count: Floats
    overall: Floats

    @cached_property
    def row(self) -> Ints:
        """Return the class of each entry, shape (r,)."""
        return np.repeat(np.arange(len(self.start)), self.values)

    @cached_property
    def total(self) -> Floats:
        """Return the records of each class, shape (m,)."""
        return np.add.reduceat(self.count, self.start)

    @cached_property
    def share(self) -> Floats:
        """Return the share q of each entry's value in its class, shape (r,)."""
        return self.count / self.total[self.row]

    @cached_property
    def surprise(self) -> Floats:
        """Return q ln q of each entry, shape (r,)."""
        surprise: Floats = np.log(self.share)
        surprise *= self.share
        return surprise

    @cached_property
    def values(self) -> Ints:
        """Return the number of distinct values of each class, shape (m,)."""
        return np.diff(self.start, append=len(self.value))

    @cached_property
    def lone(self) -> Bools:
        """Return whether each class has a single record, shape (m,)."""
        lone: Bools = (self.values == 1) & (self.count[self.start] == 1)
        return lone

    @cached_property
    def crowded(self) -> tuple[SensitiveCounts, Ints]:
        """Return the classes of more than one record, and their entries."""
        return self._only(np.flatnonzero(~self.lone))

    @cached_property
    def profiles(self) -> SensitiveCounts:
        """The same with one class for each value, of all classes of one record with that value.

        Whatever is the worst over classes is the worst over these.

        Returns
        -------
        SensitiveCounts
        """
        lone = np.flatnonzero(self.lone)
        last = np.full(len(self.overall), -1)
        last[self.value[self.start[lone]]] = lone
        shared = ~self.lone
        shared[last[last >= 0]] = True
        return self._only(np.flatnonzero(shared))[0]

    def _only(self, classes: Ints) -> tuple[SensitiveCounts, Ints]:
        """Return some of the classes."""
        start, entries = take_rows(np.append(self.start, len(self.value)), classes)
        some = SensitiveCounts(
            start=start[:-1],
            value=self.value[entries],
            count=self.count[entries],
            overall=self.overall,
        )
        return some, entries


def sensitive_counts(
    label: ArrayLike, value: ArrayLike, count: ArrayLike | None = None
) -> SensitiveCounts:
    """Count records by class and sensitive value.

    Records whose value is missing (-1) are left out, and so are classes without any known value: a
    blank teaches nobody anything, and must not pass for diversity.

    Parameters
    ----------
    label : int, shape (n,)
        Class of each record, 0 or more.
    value : int, shape (n,)
        Code of its sensitive value, -1 where missing.
    count : int, shape (n,), optional
        Records that each row stands for. Default: one.

    Returns
    -------
    SensitiveCounts

    Raises
    ------
    ParameterError
        Anything but a known sensitive value.

    Examples
    --------
    >>> counts = sensitive_counts([0, 0, 1, 1], [0, 1, 1, 1])
    >>> counts.share.tolist()
    [0.5, 0.5, 1.0]
    """
    group = np.asarray(label, dtype=np.int64)
    code = np.asarray(value, dtype=np.int64)
    known = code >= 0
    if not known.any():
        came = f"{len(code)} records, all missing"
        raise ParameterError(error_message("sensitive_counts", "a known sensitive value", came))
    amount = None if count is None else np.asarray(count, dtype=np.float64)[known]
    if not known.all():
        group, code = group[known], code[known]
    # Sparse rows gather by class and value without a sort of all records; counts add exactly.
    each = np.ones(len(code)) if amount is None else amount
    shape = int(group.max()) + 1, int(code.max()) + 1
    cells = coo_array((each, (group, code)), shape=shape).tocsr()
    per_value = np.bincount(code, weights=amount)
    share = per_value / per_value.sum()
    start = cells.indptr[:-1][cells.indptr[1:] > cells.indptr[:-1]]
    return SensitiveCounts(
        start=start.astype(np.int64),
        value=cells.indices.astype(np.int64),
        count=cells.data,
        overall=share,
    )


def from_matrix(matrix: Any, overall: ArrayLike) -> SensitiveCounts:
    """Return the counts of a sparse matrix of classes by values.

    Parameters
    ----------
    matrix : scipy.sparse matrix, shape (classes, values)
        Records of each.
    overall : float, shape (values,)
        Records of the table with each value.

    Returns
    -------
    SensitiveCounts
    """
    table = matrix.tocsr()
    table.sort_indices()
    table = table.tocoo()
    positive = table.data > 0
    share = np.asarray(overall, dtype=np.float64)
    return _ragged(
        table.row[positive], table.col[positive], table.data[positive].astype(np.float64), share
    )


def _ragged(
    row: NDArray[Any], value: NDArray[Any], count: Floats, overall: NDArray[Any]
) -> SensitiveCounts:
    """Return row pointers of entries that are sorted by row and value."""
    start = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1])))
    return SensitiveCounts(start=start, value=value.astype(np.int64), count=count, overall=overall)


def alpha(counts: SensitiveCounts) -> float:
    """Return alpha of (alpha, k)-anonymity: the largest share of one sensitive value in a class.

    Wong, Li, Fu and Wang 2006, over every sensitive value.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    float
        In (0, 1]; 1: whoever is placed in that class is known.

    References
    ----------
    Wong, Li, Fu and Wang (2006).

    Examples
    --------
    >>> alpha(sensitive_counts([0, 0, 0, 0], [0, 0, 0, 1]))
    0.75
    """
    return float(counts.share.max())


def distinct_l(counts: SensitiveCounts) -> int:
    """Return distinct l-diversity: the fewest distinct sensitive values in a class.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    int
        1 (somebody's value is known for sure) and up; higher is safer.

    References
    ----------
    Machanavajjhala et al. (2007).

    Examples
    --------
    >>> distinct_l(sensitive_counts([0, 0, 0, 1, 1], [0, 0, 1, 1, 1]))
    1
    """
    return int(counts.values.min())


def entropy_l(counts: SensitiveCounts) -> float:
    """Return entropy l-diversity: the smallest exponential of a class's entropy, a real number.

    min over classes of exp(-sum q ln q) (Machanavajjhala et al. 2007): the table is entropy
    l-diverse for every l up to this value. Never rounded: 2.23 is not 2.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    float
        1 (known for sure) up to the number of values; higher is safer.

    References
    ----------
    Machanavajjhala et al. (2007).

    Examples
    --------
    >>> round(entropy_l(sensitive_counts([0] * 10, [0] * 7 + [1] * 2 + [2])), 4)
    2.2296
    """
    entropy = -np.add.reduceat(counts.surprise, counts.start)
    return float(np.exp(entropy.min()))


def diversity_by_class(matrix: Any) -> tuple[Floats, Floats]:
    """Return the distinct values and the exponential of the entropy of each class.

    Parameters
    ----------
    matrix : scipy sparse, shape (m, levels)
        Records by class and sensitive value.

    Returns
    -------
    distinct, entropy : float array, shape (m,)
        As `distinct_l` and `entropy_l` of one class; nan where no value is known.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> distinct, entropy = diversity_by_class(csr_array([[7, 2, 1], [0, 3, 0], [0, 0, 0]]))
    >>> distinct.tolist(), entropy.round(4).tolist()
    ([3.0, 1.0, nan], [2.2296, 1.0, nan])
    """
    cells = matrix.tocoo()
    some = cells.data > 0
    row, count, m = cells.row[some], cells.data[some], matrix.shape[0]
    total = np.bincount(row, weights=count, minlength=m)
    share = count / total[row]
    distinct = np.bincount(row, minlength=m).astype(np.float64)
    entropy = np.exp(np.bincount(row, weights=-share * np.log(share), minlength=m))
    return np.where(total > 0, distinct, np.nan), np.where(total > 0, entropy, np.nan)


def diversity_of_counts(counts: SensitiveCounts) -> tuple[Floats, Floats]:
    """Return `diversity_by_class` of the classes that have a known value.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.

    Returns
    -------
    tuple of float array

    Examples
    --------
    >>> distinct, entropy = diversity_of_counts(sensitive_counts([0, 0, 0, 1], [0, 1, 1, 1]))
    >>> distinct.tolist(), entropy.round(4).tolist()
    ([2.0, 1.0], [1.8899, 1.0])
    """
    some, _ = counts.crowded
    entropy = np.ones(len(counts.start))
    surprise = np.bincount(some.row, weights=some.surprise, minlength=len(some.start))
    entropy[~counts.lone] = np.exp(-surprise)
    return counts.values.astype(np.float64), entropy


def recursive_c(counts: SensitiveCounts, l: int = 2) -> float:  # noqa: E741 - the paper's name
    """Return the bound of c above which a table is recursive (c, l)-diverse.

    A class is recursive (c, l)-diverse when r_1 < c (r_l + ... + r_m), with r the counts of its
    values, sorted from the most to the least frequent (Machanavajjhala et al. 2007). The result is
    the largest r_1 / (r_l + ... + r_m) over classes; c must exceed it.

    Parameters
    ----------
    counts : SensitiveCounts
        Records by class and sensitive value, from `sensitive_counts`.
    l : int
        2 or more.

    Returns
    -------
    float
        Lower is safer; infinite where a class has fewer than l values.

    References
    ----------
    Machanavajjhala et al. (2007).

    Examples
    --------
    >>> counts = sensitive_counts([0] * 10, [0] * 7 + [1] * 2 + [2])
    >>> recursive_c(counts, 3), round(recursive_c(counts, 2), 4)
    (7.0, 2.3333)
    """
    rank = whole("recursive_c", "l", l, 2)
    if int(counts.values.min()) < rank:
        return float("inf")
    order = np.lexsort((-counts.count, counts.row))
    ranked = counts.count[order]
    place = np.arange(len(ranked)) - counts.start[counts.row]
    tail = np.add.reduceat(np.where(place >= rank - 1, ranked, 0.0), counts.start)
    return float((ranked[counts.start] / tail).max())


def bayes_vulnerability(counts: SensitiveCounts) -> tuple[float, float]:
    """Return the Bayes vulnerability of the sensitive value, without and with the key.

    Prior: max_s p(s). Posterior: sum over classes of max_s p(C, s), the Bayes vulnerability of the
    value once the class is seen (Alvim et al. 2020). Additive leakage is their difference,
    multiplicative leakage their ratio.

    Parameters
    ----------
    counts : SensitiveCounts
        Of a partition (missing keys as a level of their own).

    Returns
    -------
    prior, posterior : float
        In (0, 1], and posterior >= prior.

    References
    ----------
    Alvim et al. (2020).

    Examples
    --------
    >>> bayes_vulnerability(sensitive_counts([0, 0, 1, 1], [0, 0, 1, 1]))
    (0.5, 1.0)
    """
    best = np.maximum.reduceat(counts.count, counts.start).sum()
    return float(counts.overall.max()), float(best / counts.count.sum())


def held_out_vulnerability(counts: SensitiveCounts) -> float:
    """Return the vulnerability of the sensitive value of a person who is not in the table.

    Every record in turn is left out, and guessed from the others of its class: their commonest
    value; where they tie, or there are none, the commonest of the table. Exact, by counts; what is
    guessed of one record never rests on that record.

    Parameters
    ----------
    counts : SensitiveCounts
        Of a partition (missing keys as a level of their own).

    Returns
    -------
    float
        In [0, 1]; below the prior where classes are small and tell nothing.

    Examples
    --------
    >>> held_out_vulnerability(sensitive_counts([0, 0, 0, 1], [0, 0, 0, 1]))
    0.75
    """
    usual = counts.overall == counts.overall.max()
    # Nobody prefers one of several commonest values to another; who is alone is guessed so.
    fallen_back = usual / usual.sum()
    right = fallen_back[counts.value]
    some, entries = counts.crowded
    right[entries] = _guessed_right(some, fallen_back)
    return float((counts.count * right).sum() / counts.count.sum())


def _guessed_right(counts: SensitiveCounts, fallen_back: Floats) -> Floats:
    """Return the leave-one-out chance that a record of each entry is guessed from its class."""
    count, row = counts.count, counts.row
    if not len(count):
        return np.zeros(0)
    best = np.maximum.reduceat(count, counts.start)[row]
    is_best = count == best
    ties = np.add.reduceat(is_best.astype(np.int64), counts.start)[row]
    second = np.maximum.reduceat(np.where(is_best, 0.0, count), counts.start)[row]
    # An expected count may be of less than one record.
    mine = np.maximum(count - 1, 0.0)
    others = np.where(is_best & (ties == 1), second, best)
    tied = (mine == others) | ((mine < others) & (ties - is_best > 1))
    return np.where(tied, fallen_back[counts.value], mine > others)


# By word: which of two values is worse, and how a value is taken from some classes.
Taken = Mapping[str, tuple[Callable[[Any, Any], Any], Callable[[SensitiveCounts], Any]]]
# A value that is expected less often than this in a class is not counted there.
_THERE = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Classed:
    """What a column has of `privaudit.tables.context.Facts`, whose parts these are.

    Not the facts themselves: in a ring of objects the arrays of a table would be kept until the
    garbage collector comes by.
    """

    table: CodedTable
    groups: Classes
    sizes: Sizes
    options: Options
    together: tuple[TableMeasure, ...]

    @property
    def count(self) -> NDArray[np.int64] | None:
        """Records that each row stands for; None: one."""
        return self.table.count


class Once:
    """What several measures need is made once."""

    def once(self, word: str, make: Callable[[], Any]) -> Any:
        """Return what is made, the same at every call."""
        kept = self.__dict__.setdefault("_kept", {})
        if word not in kept:
            kept[word] = make()
        return kept[word]


@dataclass(frozen=True, eq=False, kw_only=True)
class SensitiveColumn(Once):
    """A sensitive column, class by class.

    Parameters
    ----------
    facts : Classed
    name : str
    """

    facts: Classed
    name: str

    @property
    def code(self) -> NDArray[np.int64]:
        """Value of each row, -1 where missing."""
        return self.facts.table.sensitive[self.name]

    @cached_property
    def n(self) -> int:
        """Records whose value is known."""
        known, count = self.code >= 0, self.facts.count
        return int(known.sum() if count is None else count[known].sum())

    @cached_property
    def counts(self) -> SensitiveCounts:
        """Its values in the classes: those as published, or as expected with their blanks."""
        table, groups = self.facts.table, self.facts.groups
        found = self._expected(table, groups)
        return self.published if found is None else from_matrix(found, self._overall)

    @cached_property
    def vulnerability(self) -> tuple[float, float]:
        """Chance of guessing its value, without and with the keys."""
        return bayes_vulnerability(self.counts)

    @cached_property
    def held_out(self) -> float:
        """The same of somebody who is not in the file, by the keys of those who are."""
        return held_out_vulnerability(self.counts)

    @cached_property
    def published(self) -> SensitiveCounts:
        """Its values in the classes as published."""
        return sensitive_counts(self.facts.groups.label, self.code, self.facts.table.count)

    @cached_property
    def _overall(self) -> NDArray[np.float64]:
        """Share of each value."""
        known, count = self.code >= 0, self.facts.count
        amount = None if count is None else count[known].astype(np.float64)
        total = np.bincount(self.code[known], weights=amount)
        share: NDArray[np.float64] = total / total.sum()
        return share

    def _expected(self, table: CodedTable, groups: Classes) -> Any:
        """Values expected in the complete classes; None: as published, no such class having any."""
        if self.facts.sizes.read != "likely" or not table.has_gaps:
            return None
        complete = (table.codes[groups.first] >= 0).all(axis=1)
        if not complete.any():
            return None
        matrix = _values_by_class(table, groups, self.code)
        try:
            found = likely_parts(table.codes[groups.first], groups.size, matrix)
        except ParameterError:
            return None
        return found if found.data.any() else None

    def by_class(self) -> tuple[Any, Any]:
        """Records of each class by value, as published; and of complete ones as expected, if so."""
        table, groups = self.facts.table, self.facts.groups
        likely = self._expected(table, groups)
        if likely is not None:
            likely.data[likely.data < _THERE] = 0.0
        return _values_by_class(table, groups, self.code), likely

    @property
    def prior(self) -> float:
        """Share of the commonest value: the chance of a guess without the keys."""
        return float(self.counts.overall.max())

    @property
    def why_not(self) -> Note | None:
        """Why nothing can be learnt of it: nobody differs."""
        constant = np.count_nonzero(self.counts.overall) == 1
        return Note("column_constant", column=self.name) if constant else None

    @property
    def as_published(self) -> tuple[Note, ...]:
        """Say that its classes are those as published, where that makes a difference."""
        gaps = self.facts.options.missing == "wildcard" and self.facts.table.has_gaps
        return (Note("classes_as_published"),) if gaps else ()

    @cached_property
    def _worst(self) -> tuple[dict[str, Any], bool]:
        taken = {m.word: (m.worse, partial(m.take, column=self)) for m in self.facts.together}
        return over_classes(taken, self.facts.table, self.facts.groups, self, once=True)

    def worst(self, measure: TableMeasure) -> dict[str, Any]:
        """Take a measure of classes where it is worst: value, and whether it is a bound."""
        if measure in self.facts.together:
            found, exact = self._worst
        else:
            taken = {measure.word: (measure.worse, partial(measure.take, column=self))}
            table, groups = self.facts.table, self.facts.groups
            found, exact = over_classes(taken, table, groups, self)
        value, known = found[measure.word], bounded(exact, measure.safe)
        more = {} if measure.tell is None else measure.tell(value, self)
        notes = (*known.get("notes", ()), *more.get("notes", ()))
        return {"value": value, **known, **more, "notes": notes}

    def with_other_columns(self, taken: Taken, safe: str) -> dict[str, Any]:
        """Take the worst class where the other sensitive columns are keys too."""
        table, (word,) = self.facts.table, taken
        others = [code for name, code in table.sensitive.items() if name != self.name]
        groups = self.facts.groups
        if others:
            table = replace(table, codes=np.column_stack([table.codes, *others]))
            groups = table.groups
        found, exact = over_classes(taken, table, groups, self)
        return {"value": found[word]} | bounded(exact, safe)


def bounded(exact: bool, safe: str) -> dict[str, Any]:
    """Say that the worst of the classes as published bounds the worst of their unions."""
    if exact:
        return {}
    bound = "lower" if safe == "large" else "upper"
    return {"bound": bound, "notes": (Note("too_many_ways_to_fill"),)}


def over_classes(
    taken: Taken, table: CodedTable, groups: Classes, column: SensitiveColumn, *, once: bool = False
) -> tuple[dict[str, Any], bool]:
    """Take the worst over what each class is, missing keys being read as `missing` has it.

    A value counts in an expected class where it is there rather than not. With wildcards a class
    is a union of classes as published, and every measure here is at most as bad in a union as in
    its worst part: where there are too many unions to go through, the classes as published bound
    them, and the result is not exact. With `once` classes of one record are looked at once for
    each value: what is taken is the worst of the classes, and nothing but that.
    """
    read, code = column.facts.sizes.read, column.code
    if read == "wildcard" and table.has_gaps:
        matrix = _values_by_class(table, groups, code)
        found: dict[str, Any] = {}
        try:
            for _, part in matching_parts(table.codes[groups.first], matrix):
                if part.nnz:
                    counts = from_matrix(part, column._overall)
                    for word, (worse, take) in taken.items():
                        here = take(counts)
                        found[word] = worse(here, found.get(word, here))
            return found, True
        except ParameterError:
            pass
    likely = column._expected(table, groups)
    if likely is not None:
        likely.data[likely.data < _THERE] = 0.0
        if likely.data.any():
            counts = from_matrix(likely, column._overall)
            return {word: take(counts) for word, (_, take) in taken.items()}, True
    if groups is column.facts.groups:
        published = column.published
    else:
        published = sensitive_counts(groups.label, code, table.count)
    published = published.profiles if once else published
    told = {word: take(published) for word, (_, take) in taken.items()}
    wild = column.facts.options.missing == "wildcard"
    return told, not (wild and table.has_gaps)


def _values_by_class(table: CodedTable, groups: Classes, code: NDArray[np.int64]) -> Any:
    """Records of each class as published by sensitive value, as a sparse matrix."""
    from scipy import sparse

    known = code >= 0
    shape = (len(groups.size), int(code.max()) + 1)
    records = np.ones(known.sum()) if table.count is None else table.count[known].astype(float)
    return sparse.coo_array((records, (groups.label[known], code[known])), shape=shape).tocsr()
