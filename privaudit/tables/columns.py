"""`SensitiveColumn`: a sensitive column class by class, missing keys being read as was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from privaudit.errors import ParameterError
from privaudit.measures.tables.disclosure import (
    SensitiveCounts,
    bayes_vulnerability,
    from_matrix,
    held_out_vulnerability,
    sensitive_counts,
)
from privaudit.measures.tables.equivalence import Classes
from privaudit.measures.tables.shared_out import likely_parts
from privaudit.measures.tables.wildcard import matching_parts
from privaudit.tables.declared import TableMeasure
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.tables.blanks import Sizes
    from privaudit.tables.codes import CodedTable
    from privaudit.tables.options import Options

__all__ = ["Classed", "Once", "SensitiveColumn"]

# By word: which of two values is worse, and how a value is taken from some classes.
Taken = Mapping[str, tuple[Callable[[Any, Any], Any], Callable[[SensitiveCounts], Any]]]
# A value that is expected less often than this in a class is not counted there.
_THERE = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Classed:
    """What a column has of `privaudit.tables.facts.Facts`, whose parts these are.

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
