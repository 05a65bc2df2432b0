"""A sensitive column class by class: how often each value occurs in each equivalence class.

`SensitiveCounts` holds the records of each class with each value as ragged rows: no array of
classes by values is made. Frequencies are over the records of the class whose value is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array

from privaudit.core.checks import Bools, Floats, Ints
from privaudit.errors import ParameterError
from privaudit.stats.csr import take_rows
from privaudit.tables.coded_table import CodedTable
from privaudit.tables.context import Cache, MeasureContext, Options
from privaudit.tables.equivalence_classes import Classes, Sizes
from privaudit.tables.missing_keys import matching_parts
from privaudit.tables.missing_model import likely_parts
from privaudit.words.catalogues import Note


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
    blank discloses nothing, and is no diversity.

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
        raise ParameterError.of("sensitive_counts", "a known sensitive value", came)
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
    row = table.row[positive]
    return SensitiveCounts(
        start=np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1]))),
        value=table.col[positive].astype(np.int64),
        count=table.data[positive].astype(np.float64),
        overall=np.asarray(overall, dtype=np.float64),
    )


# By word: which of two values is worse, and how a value is computed from some classes.
Taken = Mapping[str, tuple[Callable[[Any, Any], Any], Callable[[SensitiveCounts], Any]]]
# A value that is expected less often than this in a class is not counted there.
_THERE = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class SensitiveColumn(Cache):
    """A sensitive column, class by class, under the reading of missing keys.

    Parameters
    ----------
    name : str
    table : CodedTable
    groups : Classes
        Its rows by their keys as published.
    sizes : Sizes
    options : Options
    """

    # No context: two objects that refer to each other would keep the arrays of a table in memory
    # until the garbage collector runs.
    name: str
    table: CodedTable
    groups: Classes
    sizes: Sizes
    options: Options

    @property
    def code(self) -> NDArray[np.int64]:
        """Value of each row, shape (n,), -1 where missing."""
        return self.table.sensitive[self.name]

    @cached_property
    def n(self) -> int:
        """Records whose value is known."""
        known, count = self.code >= 0, self.table.count
        return int(known.sum() if count is None else count[known].sum())

    @cached_property
    def counts(self) -> SensitiveCounts:
        """Its values in the classes: as published, or as expected with their blanks."""
        expected = self.expected(self.table, self.groups)
        return self.published if expected is None else from_matrix(expected, self.overall)

    @cached_property
    def published(self) -> SensitiveCounts:
        """Its values in the classes as published."""
        return sensitive_counts(self.groups.label, self.code, self.table.count)

    @cached_property
    def overall(self) -> NDArray[np.float64]:
        """Share of each value."""
        known, count = self.code >= 0, self.table.count
        amount = None if count is None else count[known].astype(np.float64)
        total = np.bincount(self.code[known], weights=amount)
        share: NDArray[np.float64] = total / total.sum()
        return share

    def expected(self, table: CodedTable, groups: Classes) -> Any:
        """Return the values expected in the complete classes, sparse; None where none are."""
        if self.sizes.read != "likely" or not table.has_gaps:
            return None
        keys = table.codes[groups.first]
        if not (keys >= 0).all(axis=1).any():
            return None
        try:
            matrix = likely_parts(keys, groups.size, values_by_class(table, groups, self.code))
        except ParameterError:
            return None
        return matrix if matrix.data.any() else None

    @property
    def prior(self) -> float:
        """Share of the commonest value: the chance of a guess without the keys."""
        return float(self.counts.overall.max())

    @property
    def why_not(self) -> Note | None:
        """Why it can disclose nothing: it has one value."""
        constant = np.count_nonzero(self.counts.overall) == 1
        return Note("column_constant", column=self.name) if constant else None

    @property
    def as_published(self) -> tuple[Note, ...]:
        """Note that classes are those as published, where wildcards would make others."""
        gaps = self.options.missing == "wildcard" and self.table.has_gaps
        return (Note("classes_as_published"),) if gaps else ()


def sensitive_columns(context: MeasureContext) -> tuple[SensitiveColumn, ...]:
    """Return the sensitive columns of which some value is known."""
    return context.once(
        "sensitive_columns",
        lambda: tuple(
            SensitiveColumn(
                name=name,
                table=context.table,
                groups=context.groups,
                sizes=context.sizes,
                options=context.options,
            )
            for name, code in context.table.sensitive.items()
            if (code >= 0).any()
        ),
    )


def counted_expected(expected: Any) -> Any:
    """Drop the values that are expected too seldom to count, of a sparse matrix."""
    if expected is not None:
        expected.data[expected.data < _THERE] = 0.0
    return expected


def worst_over_classes(
    column: SensitiveColumn, taken: Taken, *, others_as_keys: bool = False, profiles: bool = False
) -> tuple[dict[str, Any], bool]:
    """Return the worst of some measures over the classes, under the reading of missing keys.

    With wildcards a class is a union of classes as published, and every measure here is at most as
    bad in a union as in its worst part: where there are too many unions to go through, the classes
    as published bound them.

    Parameters
    ----------
    column : SensitiveColumn
    taken : mapping
        Measures by word: which of two values is worse, and the value of some classes.
    others_as_keys : bool
        The other sensitive columns are keys too.
    profiles : bool
        Take classes of one record once for each value: for measures that are the worst of the
        classes and nothing else.

    Returns
    -------
    worst : dict
        Value of each measure.
    exact : bool
        False where it is a bound.
    """
    table, groups = column.table, column.groups
    others = [code for name, code in table.sensitive.items() if name != column.name]
    if others_as_keys and others:
        table = replace(table, codes=np.column_stack([table.codes, *others]))
        groups = table.groups
    if column.sizes.read == "wildcard" and table.has_gaps:
        matrix = values_by_class(table, groups, column.code)
        worst: dict[str, Any] = {}
        try:
            for _, part in matching_parts(table.codes[groups.first], matrix):
                if part.nnz:
                    counts = from_matrix(part, column.overall)
                    for word, (worse, take) in taken.items():
                        value = take(counts)
                        worst[word] = worse(value, worst.get(word, value))
            return worst, True
        except ParameterError:
            pass
    expected = counted_expected(column.expected(table, groups))
    if expected is not None and expected.data.any():
        counts, exact = from_matrix(expected, column.overall), True
    else:
        own = groups is column.groups
        counts = (
            column.published if own else sensitive_counts(groups.label, column.code, table.count)
        )
        counts = counts.profiles if profiles else counts
        exact = not (column.options.missing == "wildcard" and table.has_gaps)
    return {word: take(counts) for word, (_, take) in taken.items()}, exact


def bound_fields(exact: bool, safe: str) -> dict[str, Any]:
    """Return the fields of a row whose value bounds that of the unions of classes."""
    if exact:
        return {}
    bound = "lower" if safe == "large" else "upper"
    return {"bound": bound, "notes": (Note("too_many_ways_to_fill"),)}


def values_by_class(table: CodedTable, groups: Classes, code: NDArray[np.int64]) -> Any:
    """Return the records of each class as published by sensitive value, as a sparse matrix."""
    known = code >= 0
    shape = (len(groups.size), int(code.max()) + 1)
    records = np.ones(known.sum()) if table.count is None else table.count[known].astype(float)
    return coo_array((records, (groups.label[known], code[known])), shape=shape).tocsr()
