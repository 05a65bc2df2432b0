"""What the measures of a table are taken from: its classes, its population, its columns."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from privaudit.core.policy import UNEVEN_WEIGHTS
from privaudit.tables import minimal_sample_uniques, quasi_identifiers
from privaudit.tables.equivalence_classes import (
    Classes,
    class_size_histogram,
    classes,
    count_class_sizes,
    prosecutor_risk,
)
from privaudit.tables.l_diversity import Classed, Once, SensitiveColumn
from privaudit.tables.missing_keys import Sizes, sizes_of
from privaudit.tables.people import only_rows, riskiest
from privaudit.tables.population.counts import Population, people_behind
from privaudit.tables.population.individual_risk import individual_risk
from privaudit.tables.table_measure import TableMeasure
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.tables.coded_table import CodedTable
    from privaudit.tables.population.counts import PopulationCounts
    from privaudit.tables.table_measure import Options

Histogram = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Share of the population in the file; uneven where it is not the same for everybody."""

    value: float
    uneven: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Searched:
    """Minimal uniques, how far they were searched, and what is to be said of the search."""

    found: minimal_sample_uniques.MinimalUniques
    notes: tuple[Note, ...]

    @property
    def of_rows(self) -> tuple[Note, ...]:
        """What each row of them says: how far was searched, and among whom."""
        return tuple(note for note in self.notes if note.key != "uniques_cut_short")


@dataclass(frozen=True, eq=False, kw_only=True)
class Facts(Once):
    """A table, ready to be measured.

    Parameters
    ----------
    table : CodedTable
    groups : Classes
        Its rows by their keys; a missing key is a value.
    sizes : Sizes
        Records that share each row's key, as `missing` has it.
    histogram : tuple of ndarray of int64, shape (s,)
        Sizes that occur, and the classes of each.
    behind : Population
    options : Options
    sizes_of : callable
        Positions of some keys to the sizes of their classes, and the classes of each size.
    household : ndarray of int64, shape (n,), optional
    counted : bool
        True where only counts were read, False where a row is a record.
    by_size : bool
        True where a row stands for every class of one size.
    together : tuple of TableMeasure
        Measures of classes that are taken in one pass over them.
    """

    table: CodedTable
    groups: Classes
    sizes: Sizes
    histogram: Histogram
    behind: Population
    options: Options
    sizes_of: Callable[[tuple[int, ...]], Histogram]
    household: NDArray[np.int64] | None = None
    counted: bool = False
    by_size: bool = False
    together: tuple[TableMeasure, ...] = ()

    def __len__(self) -> int:
        return len(self.table)

    @property
    def noun(self) -> str:
        """What a row stands for: people where an identifier says who has several records."""
        return "records" if self.table.person is None else "people"

    @property
    def size(self) -> NDArray[Any]:
        """Records that share each row's key: 1 over the risk."""
        return self.sizes.size

    @property
    def count(self) -> NDArray[np.int64] | None:
        """Records that each row stands for; None: one."""
        return self.table.count

    def mean(self, values: NDArray[Any]) -> float:
        """Mean over records of a value a row."""
        return float(np.average(values, weights=self.count))

    def classes_between(self, least: int, most: int | None) -> int:
        """Classes of so many records, or as many as are expected: each record is 1 / f of one."""
        last, above = max(self.sizes.fewer, default=0), math.inf if most is None else most + 1
        if not self.sizes.fewer:
            sizes, counts = self.histogram
            return int(counts[(sizes >= least) & (sizes < above)].sum())
        nobody, everybody = np.zeros_like(self.size), np.ones_like(self.size)
        below = self.sizes.fewer.get(min(least, last), nobody)
        there = (everybody if above > last else self.sizes.fewer[int(above)]) - below
        if above > last:
            # Crowds are known well enough by what is expected of them.
            there = there * ((self.size < above) & ((self.size >= least) | (least <= last)))
        typical = np.clip(self.size, least, most)
        return round(float((self.sizes.weight * there / typical).sum()))

    @cached_property
    def class_sizes(self) -> NDArray[np.int64]:
        """Size of every class as published, one by one."""
        return np.repeat(*self.histogram) if self.by_size else self.groups.size

    @cached_property
    def drawn(self) -> tuple[NDArray[np.int64], float]:
        """Class sizes of a sample of the population, and its rate; with one, that is.

        Where blanks are what they likely hide, the complete records are a smaller sample.
        """
        rate = math.nan if self.rate is None else self.rate.value
        if not self.sizes.fewer:
            return self.class_sizes, rate
        complete = (self.table.codes[self.groups.first] >= 0).all(axis=1)
        sizes = self.groups.size[complete]
        return sizes, rate * float(sizes.sum()) / len(self)

    @property
    def nobody_complete(self) -> bool:
        """Whether every record lacks a key, so that there is no sample to estimate from."""
        return not len(self.drawn[0])

    @cached_property
    def published(self) -> Histogram:
        """Sizes of the classes as published, and the classes of each."""
        return self.histogram if self.by_size else class_size_histogram(self.groups.size)

    @cached_property
    def rate(self) -> Rate | None:
        """Share of the population that is in the file; None where nothing tells."""
        uneven = self.behind.source == "weights" and self._uneven
        if self.options.sampling_fraction is not None:
            return Rate(value=self.options.sampling_fraction, uneven=uneven)
        if not math.isfinite(self.behind.size):
            return None
        return Rate(value=min(len(self) / self.behind.size, 1.0), uneven=uneven)

    @property
    def _uneven(self) -> bool:
        """Whether weights differ by more than a rounding or a calibration to a few totals."""
        weight = self.table.weight
        if weight is None:
            return False
        mean = float(np.average(weight, weights=self.count))
        spread = float(np.average((weight / mean - 1) ** 2, weights=self.count))
        return math.sqrt(spread) > UNEVEN_WEIGHTS

    @cached_property
    def prosecuted(self) -> NDArray[np.float64]:
        """Chance of a right guess in each row's class, shape (n,)."""
        return prosecutor_risk(self.size)

    @cached_property
    def found(self) -> NDArray[np.float64]:
        """Chance of a right guess among the people behind each row's key, shape (n,).

        1 / F where everybody is listed. From weights the expected 1 / F given f: the inverse of
        the estimated F is always below it (Jensen), and halves the risk of rare keys. 1 / f
        where only the file is known, an upper bound.
        """
        if self.behind.source == "weights":
            return individual_risk(self.size, self.behind.people)
        return 1.0 / self.behind.people

    @cached_property
    def columns(self) -> tuple[SensitiveColumn, ...]:
        """Sensitive columns of which some value is known."""
        classed = Classed(
            table=self.table,
            groups=self.groups,
            sizes=self.sizes,
            options=self.options,
            together=self.together,
        )
        return tuple(
            SensitiveColumn(facts=classed, name=name)
            for name, code in self.table.sensitive.items()
            if (code >= 0).any()
        )

    @property
    def no_column(self) -> Note:
        """Why nothing is said of a sensitive column."""
        return Note("all_values_missing" if self.table.sensitive else "no_sensitive_column")

    @cached_property
    def uniques(self) -> Searched | Note:
        """Minimal uniques of at most `special` keys; or why they were not searched."""
        if self.counted:
            return Note("needs_records")
        return searched(self.table, self.options.special, self.sizes.read)


def searched(table: CodedTable, special: int, missing: str) -> Searched | Note:
    """Search minimal uniques of at most `special` keys, or of as many as can be searched.

    Where blanks are what they likely hide, a set of keys counts among the records that know it.
    """
    (n, d), limit = table.codes.shape, quasi_identifiers.COST_LIMIT
    if d > minimal_sample_uniques.MOST_KEYS or quasi_identifiers.scan_cost(n, d, 1) > limit:
        return Note("uniques_not_searched", keys=d, records=n)
    depth = asked = min(special, d)
    while depth > 1 and quasi_identifiers.scan_cost(n, d, depth) > limit:
        depth -= 1
    notes = [Note("uniques_searched", size=depth, keys=d)]
    if depth < asked:
        sets = sum(math.comb(d, k) for k in range(1, asked + 1))
        notes.append(Note("uniques_cut_short", size=depth, asked=asked, sets=sets, records=n))
    known = missing == "likely"
    if known and table.has_gaps:
        notes.append(Note("uniques_among_known"))
    found = minimal_sample_uniques.minimal_uniques(table.codes, max_size=depth, known=known)
    return Searched(found=found, notes=tuple(notes))


def sizes_of_classes(table: CodedTable, keys: tuple[int, ...]) -> Histogram:
    """Sizes of the classes of some keys, and the classes of each size."""
    if table.count is None:
        return count_class_sizes([table.codes[:, key] for key in keys])
    groups = classes(table.codes[:, list(keys)])
    size = np.bincount(groups.label, weights=table.count).astype(np.int64)
    return class_size_histogram(size)


def facts_of(
    table: CodedTable,
    options: Options,
    *,
    crowd: PopulationCounts | None = None,
    household: NDArray[np.int64] | None = None,
    together: tuple[TableMeasure, ...] = (),
    who: str,
) -> Facts:
    """Gather the facts of a table whose rows are records, or combinations with their counts."""
    unseen = options.missing == "likely" and table.has_gaps
    if unseen:
        nowhere = (table.codes < 0).all(axis=0)
        unseen = bool(nowhere.any())
    if unseen:
        # What nobody shows tells nobody apart.
        table = replace(table, codes=np.where(nowhere, 0, table.codes))
    groups = table.groups
    sizes = sizes_of(table, groups, options.missing, options.alpha, unseen=unseen)
    if table.person is not None and len(np.unique(table.person)) < len(table.person):
        # Sizes are of all records that differ; each person is then told by the riskiest.
        rows = riskiest(sizes, table.person)
        table, sizes = only_rows(table, rows), sizes.only(rows)
        groups = table.groups
        household = None if household is None else household[rows]
        crowd = None if crowd is None else replace(crowd, mine=crowd.mine[rows])
    behind = people_behind(
        table, groups, sizes, crowd=crowd, sampling_fraction=options.sampling_fraction, who=who
    )
    # Of what is expected, whole records.
    records = np.rint(sizes.expected[groups.first]).astype(np.int64)
    return Facts(
        table=table,
        groups=groups,
        sizes=sizes,
        histogram=class_size_histogram(records),
        behind=behind,
        options=options,
        sizes_of=cache(partial(sizes_of_classes, table)),
        together=together,
        household=household,
        counted=table.count is not None,
    )
