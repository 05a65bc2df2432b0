"""A measure of a table: its word, unit and laws, how its rows are made, how it is called."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

from privaudit.columns.roles import Roles
from privaudit.core.checks import keyword_only, one_of
from privaudit.errors import ParameterError
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.tables.coded_table import take_in
from privaudit.tables.context import MeasureContext, OpenTable, Options, open_table
from privaudit.tables.population.sample_ranges import Estimate
from privaudit.tables.sensitive_column import (
    SensitiveColumn,
    Taken,
    bound_fields,
    sensitive_columns,
    worst_over_classes,
)
from privaudit.words.catalogues import Note

# What can be done to a table, and what it may do to a measure: `tests/properties` tries them.
CHANGES = (
    "rows_shuffled", "keys_reordered", "levels_renamed", "values_renamed", "everybody_twice",
    "key_coarsened", "key_left_out",
)  # fmt: skip
EFFECTS = ("same", "not_more", "not_less", "double")
# The order and the names of rows, keys and levels never matter.
NAMELESS = {"rows_shuffled": "same", "keys_reordered": "same", "levels_renamed": "same"}
# A risk: what is known less of, is not riskier.
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

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> largest = pa.tables.TableMeasure(
    ...     word="largest_class", take=lambda context: float(context.size.max()), unit="records"
    ... )
    >>> people = pd.DataFrame({"age": [30, 30, 41]})
    >>> pa.measure(people, pa.Roles(key="age"), own=[largest]).value("largest_class")
    2.0
    >>> largest(people, pa.Roles(key="age")).value("largest_class")
    2.0
    """

    word: str
    take: Callable[..., Values]
    unit: str
    counts: str = "records"
    of: str = ""
    safe: str = ""
    laws: Mapping[str, str] = field(default_factory=lambda: dict(NAMELESS))
    span: tuple[float, float] = (0.0, math.inf)
    per: str = "table"
    against_prior: bool = False
    needs_rate: bool = False
    given: Callable[..., Mapping[str, Any]] | None = None
    fields: Callable[..., Mapping[str, Any]] | None = None
    at_least: str = ""
    by_profile: bool = False

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

        Examples
        --------
        >>> import pandas as pd
        >>> import privaudit as pa
        >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
        >>> pa.tables.k_anonymity(people, pa.Roles(key=["age", "sex"])).value("k_anonymity")
        1.0
        """
        names = {f.name for f in fields(Options)}
        options = Options(**{n: arguments.pop(n) for n in [*arguments] if n in names})
        population, reading = arguments.pop("population", None), arguments.pop("reading", None)
        taken = take_in(
            table, roles, household=options.household, reading=reading, who=self.word, **arguments
        )
        with open_table(
            taken, options, population=population, who=self.word, **arguments
        ) as opened:
            rows = rows_of(opened.context, [self])
        notes = (*opened.read_notes, *context_notes(opened))
        return Measures(
            family="table",
            rows=rows,
            name=opened.name,
            provenance=taken.provenance,
            notes=notes,
            reliable=opened.context.population.doubt is None,
            recipe=options.recipe(taken.roles, opened.context.population.source)
            | {"measure": self.word},
        )


def context_notes(opened: OpenTable) -> list[Note]:
    """Return the notes on the reading of blanks, and on the population."""
    return [*opened.context.sizes.notes, *opened.population_notes]


def table_measure(
    *,
    unit: str,
    laws: Mapping[str, str],
    safe: str = "",
    span: tuple[float, float] = (0.0, math.inf),
    **declaration: Any,
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
            word=take.__name__, take=take, unit=unit, safe=safe, laws=laws, span=span,
            by_profile=True, **declaration,
        )  # fmt: skip
        object.__setattr__(measure, "__doc__", take.__doc__)
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
                "notes": () if values.reason is None else (values.reason,),
                "reliable": values.reliable,
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
        low = low if uneven else 0.0
        return Estimate(value=math.nan, low=low, high=high, reliable=False, reason=reason)
    result = estimate()
    if not uneven:
        return result
    return Estimate(value=result.value, low=low, high=high, reliable=False, reason=reason)


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
    noun, measures = "records" if context.table.person is None else "people", tuple(measures)
    rows = Rows(len(context), noun)
    together = [m for m in measures if m.per == "class" and m.by_profile]
    columns = sensitive_columns(context)
    empty = Note("all_values_missing" if context.table.sensitive else "no_sensitive_column")
    # Values shared among the classes that a blank may hide have no known range.
    ends = {"low": math.nan, "high": math.nan} if context.sizes.fewer else {}
    for measure in measures:
        if measure.per == "table":
            lacks_rate = measure.needs_rate and context.rate is None
            _add(rows, measure, _NEEDS_RATE if lacks_rate else measure.take(context), {})
            continue
        if not columns:
            _add(rows, measure, empty, {})
        for column in columns:
            given: dict[str, Any] = {**ends, "n": column.n, "part": {"column": column.name}}
            values: Values
            if column.why_not is not None:
                values = column.why_not
            elif measure.per == "class":
                values = _worst(column, measure, together)
            else:
                values = measure.take(column)
            if measure.against_prior and not isinstance(values, Note):
                given["baseline"] = column.prior
            _add(rows, measure, values, given)
    return rows


def _add(rows: Rows, measure: TableMeasure, values: Values, given: Mapping[str, Any]) -> None:
    """Add the rows of what a measure returned; a `rate` is a share of n with its interval."""
    of = {"unit": measure.unit, "counts": measure.counts, "of": measure.of}
    of = {name: rows.counts if noun == "records" else noun for name, noun in of.items()}
    for row in fields_of(values):
        merged = {**of, **given, **row}
        merged["part"] = {**given.get("part", {}), **row.get("part", {})}
        if "rate" in merged:
            merged = {name: merged[name] for name in merged if name not in ("low", "high")}
            rows.rate(measure.word, merged.pop("rate"), merged["n"], **merged)
        else:
            rows.add(measure.word, merged.pop("value"), merged.pop("unit"), **merged)


def _worst(
    column: SensitiveColumn, measure: TableMeasure, together: list[TableMeasure]
) -> dict[str, Any]:
    """Return a measure of classes where it is worst; those of the library in one pass."""
    if measure.by_profile:
        key = ("worst", *(m.word for m in together))
        taken = partial(_taken, column, together)
        worst, exact = column.once(key, lambda: worst_over_classes(column, taken(), profiles=True))
    else:
        worst, exact = worst_over_classes(column, _taken(column, [measure]))
    value = worst[measure.word]
    row = {} if measure.fields is None else dict(measure.fields(value, column))
    bound = bound_fields(exact, measure.safe)
    notes = (*bound.get("notes", ()), *row.get("notes", ()))
    return {"value": value, **bound, **row, "notes": notes}


def _taken(column: SensitiveColumn, measures: Iterable[TableMeasure]) -> Taken:
    """Return, by word, which of two values is worse and how one is computed from some classes."""
    return {
        m.word: (
            min if m.safe == "large" else max,
            partial(m.take, **m.given(column)) if m.given else m.take,
        )
        for m in measures
    }
