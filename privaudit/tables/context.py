"""What the measures of a table are computed from: its classes, its population, its options."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from privaudit.columns.levels import encode_column
from privaudit.columns.roles import MISSING, Roles
from privaudit.core.checks import an_instance, column_names, in_range, one_of, whole
from privaudit.core.thresholds import (
    FEWEST_A_LEVEL,
    FREE_CLASSES_SOLVED,
    KNOWN_WITHIN,
    MENDED_CLASS,
    SMALL_CELL,
    UNEVEN_WEIGHTS,
)
from privaudit.errors import ParameterError, SchemaError
from privaudit.results.measures import apart
from privaudit.tables.coded_table import (
    CodedTable,
    Intake,
    Table,
    count_table,
    encode_table,
    key_note,
    riskiest_rows,
    select_rows,
    take_in,
)
from privaudit.tables.counting import ClassSizes, Counter, counter
from privaudit.tables.equivalence_classes import (
    Classes,
    Sizes,
    class_size_histogram,
    classes,
    count_class_sizes,
    records_alone,
)
from privaudit.tables.missing_keys import read_blanks
from privaudit.tables.population.counts import (
    Population,
    PopulationCounts,
    align_population,
    count_people,
    listed_population,
    weighted_population,
)
from privaudit.words.catalogues import Note

Histogram = tuple[NDArray[np.int64], NDArray[np.int64]]
_T = TypeVar("_T")


class Cache:
    """Values that several measures need, computed once."""

    def once(self, key: Hashable, compute: Callable[[], _T]) -> _T:
        """Return what `compute` gives, the same at every call with this key."""
        values = self.__dict__.setdefault("_values", {})
        if key not in values:
            values[key] = compute()
        value: _T = values[key]
        return value


# Where a table is counted; see `open_table`.
WHERE = ("engine", "memory_limit", "spill_directory")


@dataclass(frozen=True, eq=False, kw_only=True)
class Options:
    """Arguments of `privaudit.tables.measure.measure`, where they are explained.

    Raises
    ------
    ParameterError
        One is out of its range.
    """

    missing: str = "likely"
    alpha: float = 1.0
    sampling_fraction: float | None = None
    household: str | None = None
    hierarchy: Mapping[str, Mapping[Any, tuple[str, ...]]] = field(default_factory=dict)
    threshold: float = 0.2
    l: int = 2  # noqa: E741 - the paper's name
    subsets: int = 1
    special: int = 3

    def __post_init__(self) -> None:
        who = "measure"
        one_of(who, "missing", self.missing, MISSING)
        in_range(who, "alpha", self.alpha, 0, 1)
        if self.alpha < 1 and self.missing != "wildcard":
            came = f"missing={self.missing!r}"
            raise ParameterError.of(who, 'alpha below 1 with missing="wildcard" only', came)
        in_range(who, "threshold", self.threshold, 0, 1)
        for name, least in (("l", 2), ("subsets", 1), ("special", 1)):
            whole(who, name, getattr(self, name), least)
        if self.sampling_fraction is not None:
            in_range(who, "sampling_fraction", self.sampling_fraction, 0, 1, open_low=True)
        if self.household is not None:
            (household,) = column_names(who, "household", [self.household])
            object.__setattr__(self, "household", household)
        an_instance(who, "hierarchy", self.hierarchy, Mapping)
        for name, tree in self.hierarchy.items():
            an_instance(who, f"hierarchy['{name}']", tree, Mapping)

    def recipe(self, roles: Roles, population: str) -> dict[str, Any]:
        """Return the arguments as plain JSON values; `population` says how F is known."""
        read = {name: getattr(self, name) for name in ("missing", "alpha")}
        asked = ("sampling_fraction", "threshold", "l", "subsets", "special")
        return {
            "stage": "measure", "key": list(roles.key), "sensitive": list(roles.sensitive),
            **read, "population": population, **{name: getattr(self, name) for name in asked},
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Sampling rate: share of the population in the file; `uneven` where records differ in it."""

    value: float
    uneven: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class MeasureContext(Cache):
    """A table with its classes and its population: what a measure is computed from.

    Parameters
    ----------
    table : CodedTable
    groups : Classes
        Its rows by their keys; a missing key is a value.
    sizes : Sizes
        Records that share each row's key, under the reading of missing keys.
    histogram : tuple of int array, shape (s,)
        Sizes that occur, and the number of classes of each.
    population : Population
        People behind each key.
    options : Options
    sizes_of : callable
        Positions of some keys to the histogram of their classes.
    household : int array, shape (n,), optional
        Household of each row, -1 where unknown.
    counted : bool
        True where only counts were read, False where a row is a record.
    by_size : bool
        True where a row stands for every class of one size.
    """

    table: CodedTable
    groups: Classes
    sizes: Sizes
    histogram: Histogram
    population: Population
    options: Options
    sizes_of: Callable[[tuple[int, ...]], Histogram]
    household: NDArray[np.int64] | None = None
    counted: bool = False
    by_size: bool = False

    def __len__(self) -> int:
        return len(self.table)

    @property
    def size(self) -> NDArray[Any]:
        """Records that share each row's key, shape (n,): 1 over the risk."""
        return self.sizes.size

    @property
    def count(self) -> NDArray[np.int64] | None:
        """Records that each row stands for, shape (n,); None: one."""
        return self.table.count

    def mean(self, values: NDArray[Any]) -> float:
        """Return the mean over records of a value a row."""
        return float(np.average(values, weights=self.table.count))

    @cached_property
    def published(self) -> Histogram:
        """Histogram of the classes as published."""
        return self.histogram if self.by_size else class_size_histogram(self.groups.size)

    @cached_property
    def sample(self) -> tuple[NDArray[np.int64], float]:
        """Class sizes of a sample of the population, and its rate (nan where not known).

        Under missing="likely" the complete records are the sample, at a smaller rate.
        """
        sizes = np.repeat(*self.histogram) if self.by_size else self.groups.size
        rate = math.nan if self.rate is None else self.rate.value
        if not self.sizes.fewer:
            return sizes, rate
        sizes = sizes[(self.table.codes[self.groups.first] >= 0).all(axis=1)]
        return sizes, rate * float(sizes.sum()) / len(self)

    @cached_property
    def rare_keys(self) -> tuple[bool, ...]:
        """Of each key, whether one of its levels has fewer than `SMALL_CELL` records."""
        keys = range(len(self.table.keys))
        return tuple(bool(self.sizes_of((j,))[0].min() < SMALL_CELL) for j in keys)

    @cached_property
    def reveals_levels(self) -> bool:
        """Whether sums over the classes reveal a rare level; blanks are counted in a note.

        Of a key with fewer than four records a level, the rarest level has one to three anyhow.
        """
        keys = range(len(self.table.keys))
        if not all(map(self.has_few_levels, keys)):
            return False
        rare = tuple(bool(self.values_left(key)) for key in keys)
        return self.tells_classes() or self.tell_levels(rare)

    def tells_classes(self, keys: tuple[int, ...] = ()) -> bool:
        """Whether sums over classes tell a small one beside the totals of the levels of some keys.

        In a report where one of the keys, all by default, is a sensitive column, they are cells.
        Without a free count the totals tell them all. Of people with several records the class as
        k counts it is small. Blanks may join classes: of those k has no range, nor is it asked.
        """
        if self.table.has_gaps:
            return False
        sizes, classes_of_size = self.sizes_of(keys) if keys else self.histogram
        made, of = int(classes_of_size.sum()), keys or range(len(self.table.keys))
        free = made - 1 - sum(int(self.sizes_of((j,))[1].sum()) - 1 for j in of)
        few = 0 < free <= FREE_CLASSES_SOLVED and made * FEWEST_A_LEVEL <= len(self)
        return few and int(sizes.min()) < SMALL_CELL

    @property
    def unprinted_levels(self) -> dict[str, Any]:
        """Return the fields of a row whose value a report leaves out if it tells a rare level."""
        why = Note("levels_would_show", smallest=SMALL_CELL)
        return {"unprinted": ("value",), "why_unprinted": why} if self.reveals_levels else {}

    def has_few_levels(self, key: int) -> bool:
        """Whether a key has so many records a level that these do not tell the rarest."""
        return int(self.sizes_of((key,))[1].sum()) * FEWEST_A_LEVEL <= len(self)

    def tell_levels(self, rare_keys: tuple[bool, ...]) -> bool:
        """Whether sums over the classes of all keys tell how many records have a rare level.

        The sum of squares of class sizes, n and the number of classes are three equations. Where a
        key's levels are nearly the classes themselves, and the frequent ones are named elsewhere,
        these solve for the rare ones. Where classes are at least twice as many as the levels of
        the key, a level is a sum of classes: small ones exclude none of `values_left` or reveal it.
        No level is rarer than the smallest class.
        """
        sizes, classes_of_size = self.published
        made, smallest = int(classes_of_size.sum()), int(sizes.min())
        # Of each sum under SMALL_CELL, the most small classes that add up to it; -1 for none.
        most = np.full(SMALL_CELL, -1)
        most[0] = 0
        small = sizes < SMALL_CELL
        for size in np.repeat(sizes[small], np.minimum(classes_of_size[small], SMALL_CELL)):
            before = most[: SMALL_CELL - size]
            most[size:] = np.maximum(most[size:], np.where(before >= 0, before + 1, -1))
        return any(
            rare
            and (
                2 * smallest > SMALL_CELL - 1
                or made < 2 * int(self.sizes_of((j,))[1].sum())
                or any(most[value] < self.least_classes(j) for value in self.values_left(j))
            )
            for j, rare in enumerate(rare_keys)
        )

    def least_classes(self, key: int) -> int:
        """Return how many classes each level of a key has at least.

        Its other levels make no more each than there are without the key: all beyond are its own.
        """
        others = tuple(j for j in range(len(self.table.keys)) if j != key)
        without, levels = (int(self.sizes_of(keys)[1].sum()) for keys in (others, (key,)))
        return max(int(self.published[1].sum()) - (levels - 1) * without, 1)

    def values_left(self, key: int) -> set[int]:
        """Return values that no report excludes for the rare levels of a key, whatever its keys.

        By them all reports of a file agree: each shows its small classes if these may add up to
        any of the values, or a range. They are what the sum of the unnamed levels leaves; from
        `MENDED_CLASS` on where no level is rarer and four are left. None is left out from above:
        that a level has so many classes bounds it from below.
        """
        sizes, _ = self.levels_of(key, self.sizes_of((key,)))
        rare = sizes[sizes < SMALL_CELL]
        if not len(rare):
            return set()
        # As of groups that are hidden together: see `suppressed`.
        named = apart(sizes)
        hidden, top = sizes[~named], SMALL_CELL - 1
        total, others = int(hidden.sum()), len(hidden) - 1
        if hidden.max() >= SMALL_CELL:
            top = int(sizes[named].min(initial=total))
        least, most = max(total - others * top, 1), min(total - others, SMALL_CELL - 1)
        if rare.min() >= MENDED_CLASS and most - MENDED_CLASS > KNOWN_WITHIN:
            least = max(least, MENDED_CLASS)
        return {*range(least, most + 1)}

    def levels_of(self, key: int, histogram: Histogram) -> tuple[NDArray[np.int64], int]:
        """Return the sizes of the levels of a key, and its blanks, which a note counts."""
        sizes: NDArray[np.int64] = np.repeat(*histogram)
        if self.by_size:
            return sizes, 0
        gaps = self.table.codes[:, key] < 0
        blanks = self.table.records_in(gaps)
        return np.delete(sizes, np.flatnonzero(sizes == blanks)[:1]), blanks

    @cached_property
    def unnamed_classes(self) -> NDArray[np.int64]:
        """Sizes of classes as published that are small, or hide one that is: see `apart`."""
        sizes: NDArray[np.int64] = np.repeat(*self.published)
        if self.tells_classes():
            return sizes
        if len(self.table.keys) == 1:
            sizes, _ = self.levels_of(0, self.published)
        hidden: NDArray[np.int64] = sizes[~apart(sizes)]
        return hidden

    @property
    def none_complete(self) -> bool:
        """Whether every record lacks a key: there is no sample to estimate from."""
        return not len(self.sample[0])

    @cached_property
    def rate(self) -> Rate | None:
        """Share of the population that is in the file; None where it is not known."""
        uneven = self.population.source == "weights" and self._uneven
        if self.options.sampling_fraction is not None:
            return Rate(value=self.options.sampling_fraction, uneven=uneven)
        if not math.isfinite(self.population.size):
            return None
        return Rate(value=min(len(self) / self.population.size, 1.0), uneven=uneven)

    @property
    def known_rate(self) -> Rate:
        """The rate, of a measure that is declared to need it."""
        assert self.rate is not None
        return self.rate

    @property
    def _uneven(self) -> bool:
        """Whether weights differ by more than a rounding or a calibration to a few totals."""
        weight = self.table.weight
        if weight is None:
            return False
        return math.sqrt(self.mean((weight / self.mean(weight) - 1) ** 2)) > UNEVEN_WEIGHTS


def context_of(
    table: CodedTable,
    options: Options,
    *,
    people: PopulationCounts | None = None,
    household: NDArray[np.int64] | None = None,
    who: str,
) -> MeasureContext:
    """Group a table whose rows are records, or combinations of levels with their counts.

    Parameters
    ----------
    table : CodedTable
    options : Options
    people : PopulationCounts, optional
        Its population, aligned with it.
    household : int array, shape (n,), optional
        Household of each row, -1 where unknown.
    who : str
        The function that an error names.

    Returns
    -------
    MeasureContext
    """
    unseen = options.missing == "likely" and table.has_gaps
    if unseen:
        nowhere = (table.codes < 0).all(axis=0)
        unseen = bool(nowhere.any())
    if unseen:
        # A key that every record lacks distinguishes nobody.
        table = replace(table, codes=np.where(nowhere, 0, table.codes))
    groups = table.groups
    sizes = _published_sizes(table, groups, options)
    if unseen or table.has_gaps:
        sizes = read_blanks(sizes, table, groups, unseen=unseen)
    if table.person is not None and len(np.unique(table.person)) < len(table.person):
        # Sizes count all records that differ; each person stands then by the riskiest record.
        rows = riskiest_rows(sizes.size, table.person)
        table, sizes = select_rows(table, rows), sizes.only(rows)
        groups = table.groups
        household = None if household is None else household[rows]
        people = None if people is None else replace(people, mine=people.mine[rows])
    # Expected sizes are rounded to whole records.
    records = np.rint(sizes.expected[groups.first]).astype(np.int64)
    return MeasureContext(
        table=table,
        groups=groups,
        sizes=sizes,
        histogram=class_size_histogram(records),
        population=_population(table, groups, sizes, options, people, who),
        options=options,
        sizes_of=cache(partial(_histogram_by_keys, table)),
        household=household,
        counted=table.count is not None,
    )


def _published_sizes(table: CodedTable, groups: Classes, options: Options) -> Sizes:
    """Return how many records share the key of each row, a missing key being a level of its own."""
    weight = np.ones(len(groups.label), dtype=np.int64) if table.count is None else table.count
    exclude = options.missing == "exclude"
    alone = records_alone(groups, weight, table.person, groups.size == 1)
    read_so: tuple[str, ...] = MISSING
    if table.has_gaps:
        read_so = ("value",)
    elif exclude and len(table) < table.records:
        read_so = ("exclude",)
    return Sizes(
        size=groups.size[groups.label],
        expected=groups.size[groups.label],
        read="value" if exclude else options.missing,
        weight=weight,
        alpha=options.alpha,
        alone=dict.fromkeys(read_so, alone),
    )


def _population(
    table: CodedTable,
    groups: Classes,
    sizes: Sizes,
    options: Options,
    people: PopulationCounts | None,
    who: str,
) -> Population:
    """Return the people behind each record's key: listed, estimated, or at least the records."""
    if people is not None:
        return listed_population(table, groups, sizes, people, who)
    if table.weight is not None or options.sampling_fraction is not None:
        return weighted_population(table, groups, sizes, options.sampling_fraction)
    at_least, note = sizes.size.astype(np.float64), Note("file_is_everybody")
    return Population(people=at_least, source="file", notes=(note,))


def _histogram_by_keys(table: CodedTable, keys: tuple[int, ...]) -> Histogram:
    """Return the histogram of the classes of some keys."""
    if table.count is None:
        return count_class_sizes([table.codes[:, key] for key in keys])
    groups = classes(table.codes[:, list(keys)])
    size = np.bincount(groups.label, weights=table.count).astype(np.int64)
    return class_size_histogram(size)


@dataclass(frozen=True, eq=False, kw_only=True)
class OpenTable:
    """A table that is read or, as long as it is open, counted.

    Parameters
    ----------
    context : MeasureContext
    name : str
    records : int
        Rows of the table, measured or not; 0 where only counts are read.
    read_notes, population_notes, key_notes : tuple of Note
        From reading the table, its population, and its keys where only counts are read.
    """

    context: MeasureContext
    name: str
    records: int
    read_notes: tuple[Note, ...]
    population_notes: tuple[Note, ...] = ()
    key_notes: tuple[Note, ...] = ()


@contextmanager
def open_table(
    taken: Intake,
    options: Options,
    *,
    population: Any = None,
    engine: str | None = None,
    memory_limit: str | None = None,
    spill_directory: str | os.PathLike[str] | None = None,
    who: str = "measure",
) -> Iterator[OpenTable]:
    """Code a table whose records are read; count any other as long as it is open.

    With keys alone a count is as many numbers as there are class sizes. With a sensitive column, a
    weight, a population, or missing keys that are not values, it is one row for each combination
    of levels, in memory.

    Parameters
    ----------
    taken : Intake
    options : Options
    population : object, optional
        As for `privaudit.tables.measure.measure`.
    engine, memory_limit, spill_directory
        See `privaudit.tables.counting.open_source`.
    who : str
        The function that an error names.

    Yields
    ------
    OpenTable

    Raises
    ------
    ParameterError
        A hierarchy of a column that is not sensitive.
    SchemaError
        No record, a missing or doubled column, an unusable weight or type.
    ReadError
        The source cannot be read or counted.
    """
    roles = taken.roles
    for name in options.hierarchy:
        if name not in roles.sensitive:
            raise ParameterError.of(who, "hierarchy of a sensitive column", f"'{name}'")
    if taken.table is not None:
        yield _read(taken, taken.table, options, population, who)
        return
    limits: dict[str, Any] = {"memory_limit": memory_limit, "spill_directory": spill_directory}
    people = None
    if population is not None:
        people = count_people(population, roles.key, reading=taken.reading, who=who, **limits)
    columns = (*roles.key, *roles.sensitive, roles.weight, *roles.identifier, options.household)
    needed = tuple(dict.fromkeys(column for column in columns if column is not None))
    limits |= {"engine": engine, "reading": taken.reading}
    with counter(taken.source, needed, who=who, **limits) as counts:
        table, lacking, by_size = count_table(
            counts, roles, options.missing, who, combinations=people is not None
        )
        key_notes: tuple[Note, ...] = ()
        aligned = None if people is None else align_population(table, table.levels, people, who)
        if by_size is not None:
            context, key_notes = _context_by_size(counts, table, lacking, by_size, options, who)
        else:
            context = context_of(table, options, people=aligned, who=who)
        yield OpenTable(
            context=context,
            name=counts.opened.name,
            records=0,
            read_notes=(*taken.notes, *counts.opened.notes, *table.notes),
            population_notes=() if aligned is None else aligned.notes,
            key_notes=key_notes,
        )


def _read(taken: Intake, table: Table, options: Options, population: Any, who: str) -> OpenTable:
    """Code a table whose records are in memory, and align its population."""
    coded = encode_table(table, options.missing, who, key_levels=population is not None)
    homes = aligned = None
    if options.household is not None:
        homes = encode_column(table.records[options.household], who)[0][coded.position]
    if population is not None:
        people = count_people(population, coded.keys, reading=taken.reading, who=who)
        aligned = align_population(coded, coded.levels, people, who)
    return OpenTable(
        context=context_of(coded, options, people=aligned, household=homes, who=who),
        name=table.name,
        records=coded.records,
        read_notes=(*taken.notes, *coded.notes),
        population_notes=() if aligned is None else aligned.notes,
    )


def _context_by_size(
    counts: Counter,
    table: CodedTable,
    lacking: int,
    by_size: ClassSizes,
    options: Options,
    who: str,
) -> tuple[MeasureContext, tuple[Note, ...]]:
    """Return the context of a table known by its class sizes, and notes on its keys.

    The classes of each set of keys are one count of the source.
    """
    exclude = options.missing == "exclude"
    required = table.keys if exclude else ()

    @cache
    def histogram_of(keys: tuple[int, ...]) -> Histogram:
        found = counts.sizes(tuple(table.keys[j] for j in keys), required=required)
        return found.size, found.classes

    groups = Classes(label=table.position, size=by_size.size, first=table.position)

    def alone(found: ClassSizes) -> tuple[float, float]:
        return float(found.classes[found.size == 1].sum()), float(found.records)

    lonely = dict.fromkeys(MISSING, alone(by_size))
    if lacking and exclude:
        lonely = {"exclude": lonely["exclude"]}
    elif lacking:
        complete = counts.sizes(table.keys, required=table.keys)
        lonely = {"value": lonely["value"], "exclude": alone(complete)}
    sizes = Sizes(
        size=by_size.size,
        expected=by_size.size,
        read="value",
        weight=by_size.size * by_size.classes,
        alone=lonely,
    )
    context = MeasureContext(
        table=table,
        groups=groups,
        sizes=sizes,
        histogram=(by_size.size, by_size.classes),
        population=_population(table, groups, sizes, options, None, who),
        options=options,
        sizes_of=histogram_of,
        counted=True,
        by_size=True,
    )
    notes: list[Note] = []
    for j, key in enumerate(table.keys):
        size, many = histogram_of((j,))
        gaps = counts.gaps((key,))[1] if lacking and not exclude else 0
        notes += key_note(key, int((size * many).sum()) - gaps, int(many.sum()) - (gaps > 0))
    return context, tuple(notes)


def read_people(
    table: Any, roles: Roles | None, missing: str, who: str
) -> tuple[Table, CodedTable, tuple[Note, ...]]:
    """Read the records of a table, those of one person once, for what counts cannot give.

    Returns
    -------
    table, coded, notes
        The table, its codes with the levels of its keys, and the notes on reading it.

    Raises
    ------
    SchemaError
        Only counts are read: the table is lazy, or too large.
    """
    taken = take_in(table, roles, who=who)
    if taken.table is None:
        do = "Hand over a pandas frame of at most so many records."
        raise SchemaError.of(who, "the records of the table", "their counts only", do)
    coded = encode_table(taken.table, missing, who, key_levels=True)
    return taken.table, coded, (*taken.notes, *coded.notes)
