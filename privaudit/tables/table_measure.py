"""A measure of a table: its word, unit and laws, how its rows are made, how it is called.

A measure of a sensitive column is computed from `SensitiveCounts`, the records of each class with
each value as ragged rows: no array of classes by values is made. Frequencies are over the records
of the class whose value is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, partial
from inspect import cleandoc
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.columns.roles import Roles
from privaudit.core.checks import Bools, Floats, Ints, check_names, keyword_only, one_of
from privaudit.core.thresholds import (
    FEWEST_A_LEVEL,
    FREE_COUNTS_SOLVED,
    NARROWEST_RANGE,
    ROOM_OF_LEVELS,
    SMALL_CELL,
)
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures, apart
from privaudit.results.rows import Rows
from privaudit.tables.coded_table import CodedTable, take_in, values_by_class
from privaudit.tables.context import WHERE, Cache, MeasureContext, Options, open_table
from privaudit.tables.equivalence_classes import Classes, Sizes
from privaudit.tables.missing_keys import matching_parts
from privaudit.tables.missing_model import likely_parts
from privaudit.tables.population.sample_ranges import Estimate, doubtful
from privaudit.words.catalogues import Note

# What can be done to a table, and what it may do to a measure: `tests/properties` tries them.
CHANGES = (
    "rows_shuffled", "keys_reordered", "levels_renamed", "values_renamed", "everybody_twice",
    "key_coarsened", "key_left_out",
)  # fmt: skip
EFFECTS = ("same", "not_more", "not_less", "double")
# The order and the names of rows, keys and levels never matter.
NAMELESS = {"rows_shuffled": "same", "keys_reordered": "same", "levels_renamed": "same"}
# A risk does not rise when less is known of a record.
RISK = NAMELESS | {"key_coarsened": "not_more", "key_left_out": "not_more"}
SAFETY = NAMELESS | {"key_coarsened": "not_less", "key_left_out": "not_less"}
# Only the shares of values in classes matter, not what the values are called.
OF_VALUES = {"values_renamed": "same", "everybody_twice": "same"}

SAFE = ("", "small", "large")
PER = ("table", "column", "class")
# What a measure returns: a number, an estimate, the reason why there is none, the fields of a row,
# or those of several rows.
Values = float | Estimate | Note | Mapping[str, Any] | Iterable[Mapping[str, Any]]
_NEEDS_RATE = Note("needs_rate")
# Fields of a row to the range that a report prints in place of its numbers; see `TableMeasure`.
Range = tuple[float, float]
Shown = Callable[[Any, Mapping[str, Any]], Range | None]
NOTHING = (math.nan, math.nan)
WIDEST_STEP = 0.3  # Of a share in a class: where a step would be wider, one holds all.


@keyword_only
@dataclass(frozen=True, kw_only=True)
class TableMeasure:
    """A measure of a table: your own, or one that `table_measure` declares.

    It is callable on a table, as `privaudit.tables.measure.measure` is, and returns its rows.
    ``pa.measure(table, roles, own=[mine])`` takes your own beside those of the library;
    `check_measure` holds it to its laws.

    Parameters
    ----------
    word : str
        Its name in `Row.measure` and in the catalogues: that of the function.
    take : callable
        From a `MeasureContext`, a `SensitiveColumn`, or `SensitiveCounts` to `Values`; see `per`.
    unit, counts, of : str
        As in `Row`.
    safe : {"", "small", "large"}
        Safe end of its range; "" where there is none.
    laws : mapping of str to str
        What each of `CHANGES` may do to it, one of `EFFECTS`.
    span : tuple of float
        Lowest and highest value that it can have.
    per : {"table", "column", "class"}
        *table*: computed once, from the `MeasureContext`. *column*: for each sensitive column, from
        a `SensitiveColumn`. *class*: the worst over the classes of a sensitive column, from the
        `SensitiveCounts` of some of them, and what `given` gives.
    against_prior : bool
        Its baseline is the chance of the same guess without the keys.
    needs_rate : bool
        It is empty where neither weights, a sampling fraction nor a population are given.
    given : callable, optional
        Of a measure of classes: a `SensitiveColumn` to further keyword arguments of `take`.
    fields : callable, optional
        Of a measure of classes: its worst value and the `SensitiveColumn` to further fields of the
        row.
    at_least : str
        A measure that it is never below, of the same table or column.
    by_profile : bool
        Of a measure of classes: several classes of one record with the same value count as one.
    others_as_keys : bool
        Of a measure of classes: the other sensitive columns are keys too.
    shown : callable, optional
        What a report may show, from the `MeasureContext` or the `SensitiveColumn` and the fields
        of a row: a range in place of numbers that would reveal a count under `SMALL_CELL`,
        `NOTHING`, or None for the numbers. Your own are shown where it is left out.

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> largest = pa.tables.TableMeasure(
    ...     word="largest_class", take=lambda context: float(context.size.max()), unit="records"
    ... )
    >>> people = pd.DataFrame({"age": [30, 30, 41]})
    >>> pa.measure(people, pa.Roles(key="age"), own=[largest]).value(largest)
    2.0
    >>> largest(people, pa.Roles(key="age")).value(largest)
    2.0
    """

    word: str
    take: Callable[..., Values]
    unit: str
    counts: str = "records"
    of: str = ""
    safe: Literal["", "small", "large"] = ""
    laws: Mapping[str, str] = field(default_factory=lambda: dict(NAMELESS))
    span: tuple[float, float] = (0.0, math.inf)
    per: Literal["table", "column", "class"] = "table"
    against_prior: bool = False
    needs_rate: bool = False
    given: Callable[..., Mapping[str, Any]] | None = None
    fields: Callable[..., Mapping[str, Any]] | None = None
    at_least: str = ""
    by_profile: bool = False
    others_as_keys: bool = False
    shown: Shown | None = None

    def __post_init__(self) -> None:
        one_of(self.word, "safe", self.safe, SAFE)
        one_of(self.word, "per", self.per, PER)
        if not self.laws:
            raise ParameterError.of(self.word, "at least one law", "none")
        for change, effect in self.laws.items():
            one_of(self.word, "law", change, CHANGES)
            one_of(self.word, "effect", effect, EFFECTS)

    @property
    def __name__(self) -> str:
        """The name under which it is declared."""
        return self.word

    def __call__(self, table: Any, roles: Roles | None = None, **arguments: Any) -> Measures:
        """Measure a table by this alone.

        Parameters
        ----------
        table : release, frame, lazy frame, relation or path
        roles : Roles, optional
            Default: those of the release.
        **arguments
            As for `privaudit.tables.measure.measure`, `own` apart.

        Returns
        -------
        Measures
            Family "table", with the rows of this measure.
        """
        who, names = self.word, [f.name for f in fields(Options)]
        check_names(who, arguments, ("roles", *names, "population", "reading", *WHERE))
        options = Options(**{n: arguments.pop(n) for n in [*arguments] if n in names})
        population, reading = arguments.pop("population", None), arguments.pop("reading", None)
        taken = take_in(
            table, roles, household=options.household, reading=reading, who=who, **arguments
        )
        with open_table(taken, options, population=population, who=who, **arguments) as opened:
            rows = rows_of(opened.context, [self])
        return Measures(
            family="table",
            rows=rows,
            name=opened.name,
            provenance=taken.provenance,
            notes=(*opened.read_notes, *opened.context.sizes.notes, *opened.population_notes),
            reliable=opened.context.population.doubt is None,
            recipe=options.recipe(taken.roles, opened.context.population.source)
            | {"measure": self.word},
        )


def table_measure(
    *, laws: Mapping[str, str], **declaration: Any
) -> Callable[[Callable[..., Values]], TableMeasure]:
    """Declare a measure of a table, as a decorator; the arguments are those of `TableMeasure`.

    Examples
    --------
    >>> @table_measure(unit="records", safe="large", span=(1, math.inf), laws=SAFETY)
    ... def smallest_class(context):
    ...     return int(context.size.min())
    >>> smallest_class.word, smallest_class.safe
    ('smallest_class', 'large')
    """

    def make(take: Callable[..., Values]) -> TableMeasure:
        measure = TableMeasure(
            word=take.__name__, take=take, laws=laws, by_profile=True, **declaration
        )
        head, _, rest = cleandoc(take.__doc__ or "").partition("\n\n")
        safe = f"; {measure.safe} is safe" if measure.safe else ""
        low, high = measure.span
        call = f"Unit: {measure.unit}. Range: {low:g} to {high:g}{safe}. Called as `pa.measure`."
        named = " Parameters: of `take`." if "Parameters\n" in rest else ""
        object.__setattr__(measure, "__doc__", f"{head}\n\n{call}{named}\n\n{rest}")
        return measure

    return make


def fields_of(values: Values) -> list[dict[str, Any]]:
    """Return what a measure returned as fields of rows."""
    if isinstance(values, Note):
        return [{"value": math.nan, "notes": (values,)}]
    if isinstance(values, Estimate):
        # A report prints only the range of a value that the sample does not support.
        return [
            {
                "value": values.value,
                "low": values.low,
                "high": values.high,
                "worst_case": values.worst_case,
                "notes": () if values.reason is None else (values.reason,),
                "reliable": values.reliable,
                "bound": values.bound,
                "unprinted": () if values.reliable else ("value",),
            }
        ]
    if isinstance(values, Mapping):
        return [dict(values)]
    if isinstance(values, Iterable):
        return [dict(row) for row in values]
    return [{"value": values}]


def of_people(
    context: MeasureContext, estimate: Estimate, *notes: Note, n: float | None = None
) -> dict[str, Any]:
    """Return an estimate as fields of a row over the people of the population, or over n."""
    (row,) = fields_of(estimate)
    people = round(len(context) / context.known_rate.value) if n is None else n
    return row | {"notes": (*row["notes"], *notes), "n": people}


def unless_uneven(
    context: MeasureContext, estimate: Callable[[], Estimate], ends: tuple[float, float]
) -> Estimate:
    """Return an estimate; unreliable where weights differ or every record lacks a key.

    Parameters
    ----------
    context : MeasureContext
    estimate : callable
        Gives the estimate.
    ends : tuple of float
        Its range whatever the weights.

    Returns
    -------
    Estimate
    """
    uneven, (low, high) = context.known_rate.uneven, ends
    reason = Note("weights_unequal" if uneven else "needs_complete_records")
    if context.none_complete:
        unread = doubtful(math.nan, low if uneven else 0.0, high, reason)
        return replace(unread, worst_case=not uneven)
    result = estimate()
    return doubtful(result.value, low, high, reason) if uneven else result


def rows_of(context: MeasureContext, measures: Iterable[TableMeasure]) -> Rows:
    """Compute measures of a table: a row each, or one for each parameter or sensitive column.

    Parameters
    ----------
    context : MeasureContext
    measures : iterable of TableMeasure

    Returns
    -------
    Rows
    """
    # An identifier tells who has several records.
    rows = Rows(len(context), "records" if context.table.person is None else "people")
    for measure, values, given, subject in _values_of(context, tuple(measures)):
        of = {"unit": measure.unit, "counts": measure.counts, "of": measure.of}
        of = {name: rows.counts if noun == "records" else noun for name, noun in of.items()}
        for fields_of_row in fields_of(values):
            row = {**of, **given, **fields_of_row}
            row["part"] = {**given.get("part", {}), **fields_of_row.get("part", {})}
            value = row["rate"] if "rate" in row else row["value"]
            numbers = (value, row.get("low", value), row.get("high", value))
            empty = subject is None or all(map(math.isnan, numbers))
            if measure.shown is not None and not empty:
                row["printed"] = measure.shown(subject, {**row, "value": value})
            if "rate" in row:
                # A share of n with its own interval.
                row = {name: row[name] for name in row if name not in ("low", "high")}
                rows.rate(measure.word, row.pop("rate"), row["n"], **row)
            else:
                rows.add(measure.word, row.pop("value"), row.pop("unit"), **row)
    return rows


def _values_of(
    context: MeasureContext, measures: tuple[TableMeasure, ...]
) -> Iterator[tuple[TableMeasure, Values, dict[str, Any], Any]]:
    """Yield what each measure returns, the fields that its rows have besides, and of what."""
    together = [m for m in measures if m.per == "class" and m.by_profile and not m.others_as_keys]
    columns = sensitive_columns(context)
    empty = Note("all_values_missing" if context.table.sensitive else "no_sensitive_column")
    # Values shared among the classes that a blank may hide have no known range.
    ends = {"low": math.nan, "high": math.nan} if context.sizes.fewer else {}
    worst: dict[str, tuple[dict[str, Any], bool]] = {}
    for measure in measures:
        if measure.per == "table":
            lacks_rate = measure.needs_rate and context.rate is None
            yield measure, _NEEDS_RATE if lacks_rate else measure.take(context), {}, context
            continue
        if not columns:
            yield measure, empty, {}, None
        for column in columns:
            given: dict[str, Any] = {**ends, "n": column.n, "part": {"column": column.name}}
            overall = column.counts.overall
            if np.count_nonzero(overall) == 1:
                yield measure, Note("column_constant", column=column.name), given, None
                continue
            if measure.against_prior:
                given["baseline"] = float(overall.max())
                given["unprinted"] = ("baseline",) if column.prior_reveals else ()
            if measure.per == "column":
                yield measure, measure.take(column), given, column
            elif measure in together:
                # Those of the library in one pass.
                if column.name not in worst:
                    worst[column.name] = worst_over_classes(column, together, profiles=True)
                yield measure, _worst(column, measure, *worst[column.name]), given, column
            else:
                alone = worst_over_classes(column, [measure])
                yield measure, _worst(column, measure, *alone), given, column


def where_levels_show(limits: Callable[[MeasureContext, Any], Range] | None = None) -> Shown:
    """Return `TableMeasure.shown` of a measure of classes that are nearly the levels of a key.

    Parameters
    ----------
    limits : callable, optional
        Bounds of the measure whatever the sizes of the small classes are, from the context
        and the parameters of the row. Default, and beside likely blanks: nothing.

    Returns
    -------
    callable

    Examples
    --------
    >>> from privaudit.tables.measure import measure
    >>> import pandas as pd
    >>> towns = pd.DataFrame({"town": ["a"] * 40 + ["b"] * 30 + ["c"] * 3})
    >>> measure(towns, Roles(key="town")).row("k_anonymity").printed
    (1.0, 10.0)
    """

    def shown(context: MeasureContext, row: Mapping[str, Any]) -> Range | None:
        if not context.reveals_levels:
            return None
        return NOTHING if limits is None or context.sizes.fewer else limits(context, row["part"])

    return shown


def up_to_small_classes(context: MeasureContext, _: Any) -> Range:
    """Return the bounds of the number of records alone in their class."""
    return 0.0, float(len(context.unnamed_classes))


def in_steps(column: SensitiveColumn, row: Mapping[str, Any], records: int | None = None) -> Range:
    """Return the step of a share in which it lies: of 11 of the records, counted down from 1.

    All counts of a small cell lie in the first: one of 10 at the start of the second would be
    known where something else says that it is small. Where a blank is a value, steps are counted
    down from the share of the others: a note counts the blanks.

    Parameters
    ----------
    column : SensitiveColumn
    row : mapping
        With its ``value``.
    records : int, optional
        Those of the class that it is a share of, or of the largest that it may be: steps of a
        tenth at least. Default: all records whose value is known, in hundredths.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> in_steps(None, {"value": 0.97}, 300), in_steps(None, {"value": 0.6}, 40)
    ((0.9, 1.0), (0.4, 0.7))
    """
    of, parts = (column.n, 100) if records is None else (records, 10)
    top = float(column.holders_known.sum()) / of if records is None else 1.0
    step = min(max(1, math.ceil(parts * SMALL_CELL / of)) / parts, 1.0)
    # A width of its own for each few sizes of the class would tell it.
    step = 1.0 if records is not None and step > WIDEST_STEP else step
    # A value of 0 lies in the last step.
    below = min(math.floor((top - row["value"]) / step + 1e-9), math.ceil(top / step - 1e-9) - 1)
    return round(max(top - (below + 1) * step, 0.0), 6), round(min(top - below * step, 1.0), 6)


def _worst(
    column: SensitiveColumn, measure: TableMeasure, worst: Mapping[str, Any], exact: bool
) -> dict[str, Any]:
    """Return a measure of classes where it is worst, as fields of a row."""
    value = worst[measure.word]
    row = {} if measure.fields is None else dict(measure.fields(value, column))
    if exact:
        return {"value": value, **row}
    # The classes as published bound their unions.
    bound = "lower" if measure.safe == "large" else "upper"
    notes = (Note("too_many_ways_to_fill"), *row.get("notes", ()))
    return {"value": value, "bound": bound, **row, "notes": notes}


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
    def values(self) -> Ints:
        """Return the number of distinct values of each class, shape (m,)."""
        return np.diff(self.start, append=len(self.value))

    @cached_property
    def lone(self) -> Bools:
        """Return whether each class has a single record, shape (m,)."""
        lone: Bools = (self.values == 1) & (self.count[self.start] == 1)
        return lone

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
        return self.only(shared)[0]

    def only(self, those: Bools) -> tuple[SensitiveCounts, Ints]:
        """Return some of the classes, and the positions of their entries."""
        entries, values = np.flatnonzero(those[self.row]), self.values[those]
        some = SensitiveCounts(
            start=np.cumsum(values) - values,
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
    code = np.asarray(value, dtype=np.int64)
    known = code >= 0
    if not known.any():
        came = f"{len(code)} records, all missing"
        raise ParameterError.of("sensitive_counts", "a known sensitive value", came)
    amount = None if count is None else np.asarray(count, dtype=np.float64)[known]
    many = int(code.max()) + 1
    cell, filled = (np.asarray(label, dtype=np.int64) * many + code)[known], None
    if cell.max() > 8 * len(cell):
        # A table of all classes by all values would be nearly empty.
        filled, cell = np.unique(cell, return_inverse=True)
    records = np.bincount(cell, amount)
    held = np.flatnonzero(records > 0)
    row, value = np.divmod(held if filled is None else filled[held], many)
    per_value = np.bincount(value, records[held])
    return _counts_of(row, value, records[held], per_value / per_value.sum())


def _counts_of(row: Ints, value: Ints, count: NDArray[Any], overall: ArrayLike) -> SensitiveCounts:
    """Return the counts of cells that hold records, by class and then by value."""
    start = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1])))
    value, count = value.astype(np.int64), count.astype(np.float64)
    share = np.asarray(overall, dtype=np.float64)
    return SensitiveCounts(start=start, value=value, count=count, overall=share)


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
    table = matrix.tocsr().sorted_indices().tocoo()
    row, value, count = (of[table.data > 0] for of in (table.row, table.col, table.data))
    return _counts_of(row, value, count, overall)


# A value that is expected less often than this in a class is not counted there.
COUNTED = 0.5
UNLESS_LEVELS_SHOW = where_levels_show()


@dataclass(frozen=True, eq=False, kw_only=True)
class SensitiveColumn(Cache):
    """A sensitive column, class by class, under the reading of missing keys.

    Parameters
    ----------
    name : str
    code : int array, shape (n,)
        Value of each row, -1 where missing.
    table : CodedTable
    groups : Classes
        Its rows by their keys as published.
    sizes : Sizes
    options : Options
    """

    # No context: two objects that refer to each other would keep the arrays of a table in memory
    # until the garbage collector runs.
    name: str
    code: NDArray[np.int64]
    table: CodedTable
    groups: Classes
    sizes: Sizes
    options: Options

    @property
    def n(self) -> int:
        """Records whose value is known."""
        return int(self.published.count.sum())

    @cached_property
    def published(self) -> SensitiveCounts:
        """Its values in the classes as published."""
        return sensitive_counts(self.groups.label, self.code, self.table.count)

    @cached_property
    def counts(self) -> SensitiveCounts:
        """Its values in the classes: as published, or as expected with their blanks."""
        expected = self.expected(self.table, self.groups)
        return self.published if expected is None else from_matrix(expected, self.published.overall)

    def expected(self, table: CodedTable, groups: Classes, least: float = 0.0) -> Any:
        """Return the values expected in the complete classes, sparse; None where none are.

        A value that is expected less often than `least` in a class is taken for 0.
        """
        if self.sizes.read != "likely" or not table.has_gaps:
            return None
        keys = table.codes[groups.first]
        if not (keys >= 0).all(axis=1).any():
            return None
        try:
            matrix = likely_parts(keys, groups.size, values_by_class(table, groups, self.code))
        except ParameterError:
            return None
        if not matrix.data.any():
            return None
        matrix.data[matrix.data < least] = 0.0
        return matrix

    @cached_property
    def holders(self) -> NDArray[np.int64]:
        """Records with each value that occurs."""
        return np.rint(self.published.overall[self.published.overall > 0] * self.n).astype(np.int64)

    @cached_property
    def holders_known(self) -> NDArray[np.int64]:
        """Records with each value that occurs, but blanks: a note counts these."""
        codes = np.flatnonzero(self.published.overall > 0)
        return self.holders[codes < len(self.table.levels.get(self.name, self.published.overall))]

    @property
    def has_rare_value(self) -> bool:
        """Whether a value has fewer than `SMALL_CELL` holders, or hides one that has."""
        return not apart(self.holders_known).all()

    @property
    def prior_reveals(self) -> bool:
        """Whether the holders of the commonest value tell those of a rare one."""
        others = np.delete(self.holders_known, self.holders_known.argmax())
        hidden = len(others) >= 2 and others.sum() >= max(SMALL_CELL, len(others) + ROOM_OF_LEVELS)
        return self.has_rare_value and not hidden

    @property
    def few_classes_hold_rare(self) -> bool:
        """Whether a rare value in every class would have nearly as many holders as a few allow."""
        made = len(self.groups.size)
        return self.has_rare_value and SMALL_CELL - NARROWEST_RANGE <= made < SMALL_CELL

    @cached_property
    def names_levels(self) -> bool:
        """Whether the classes are few and nearly the levels of a key, which name their cells.

        Or a level is a sum of few classes.
        """
        made = len(self.groups.size)
        keys = self.table.codes[self.groups.first].T if made * FEWEST_A_LEVEL <= self.n else ()
        return self.few_counts_tell or any(made < 2 * len(np.unique(levels)) for levels in keys)

    @cached_property
    def few_counts_tell(self) -> bool:
        """Whether few counts of named classes are free beside all totals, not all large ones."""
        # Reports of each key and of all together narrow a count then, and so may one of one.
        made, of = len(self.groups.size), len(self.holders)
        named = self.table.codes.shape[1] > 0 and made * FEWEST_A_LEVEL <= self.n
        if not named or (made - 1) * (of - 1) > FREE_COUNTS_SOLVED:
            return False
        held = self.published.count  # One step of `in_steps` holds a small one.
        return not (len(held) == made * of and held.min() * WIDEST_STEP >= SMALL_CELL)

    @property
    def stepped_class(self) -> int:
        """Records of the class in whose steps a share is shown: the largest that it may be of.

        The smallest where a step of the largest would hold one or two of its few free counts.
        """
        return int((np.min if self.few_counts_tell else np.max)(self.groups.size))

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
                code=code,
                table=context.table,
                groups=context.groups,
                sizes=context.sizes,
                options=context.options,
            )
            for name, code in context.table.sensitive.items()
            if (code >= 0).any()
        ),
    )


def worst_over_classes(
    column: SensitiveColumn, measures: Iterable[TableMeasure], *, profiles: bool = False
) -> tuple[dict[str, Any], bool]:
    """Return the worst of some measures over the classes, under the reading of missing keys.

    With wildcards a class is a union of classes as published, and every measure here is at most as
    bad in a union as in its worst part: where there are too many unions to go through, the classes
    as published bound them.

    Parameters
    ----------
    column : SensitiveColumn
    measures : iterable of TableMeasure
        Measures of classes, with the same keys.
    profiles : bool
        Take classes of one record once for each value: for measures that are the worst of the
        classes and nothing else.

    Returns
    -------
    worst : dict
        Value of each measure, by its word.
    exact : bool
        False where it is a bound.
    """
    table, groups, measures = column.table, column.groups, tuple(measures)
    take = {m.word: partial(m.take, **m.given(column)) if m.given else m.take for m in measures}
    others = [code for name, code in table.sensitive.items() if name != column.name]
    if any(m.others_as_keys for m in measures) and others:
        table = replace(table, codes=np.column_stack([table.codes, *others]))
        groups = table.groups
    if column.sizes.read == "wildcard" and table.has_gaps:
        matrix = values_by_class(table, groups, column.code)
        worst: dict[str, Any] = {}
        try:
            for _, part in matching_parts(table.codes[groups.first], matrix):
                if part.nnz:
                    counts = from_matrix(part, column.published.overall)
                    for m in measures:
                        value, worse = take[m.word](counts), min if m.safe == "large" else max
                        worst[m.word] = worse(value, worst.get(m.word, value))
            return worst, True
        except ParameterError:
            pass
    expected = column.expected(table, groups, COUNTED)
    if expected is not None and expected.data.any():
        counts, exact = from_matrix(expected, column.published.overall), True
    else:
        own = groups is column.groups
        counts = (
            column.published if own else sensitive_counts(groups.label, column.code, table.count)
        )
        counts = counts.profiles if profiles else counts
        exact = not (column.options.missing == "wildcard" and table.has_gaps)
    return {word: of_classes(counts) for word, of_classes in take.items()}, exact
