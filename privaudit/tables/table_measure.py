"""A measure of a table declares itself: its word, what it counts, which end is safe, its laws.

- How a table is to be measured: the arguments of `measure`, checked at birth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from privaudit.columns.roles import MISSING, Roles
from privaudit.core.checks import (
    an_instance,
    column_names,
    error_message,
    in_range,
    keyword_only,
    one_of,
    whole,
)
from privaudit.errors import ParameterError
from privaudit.tables.population.individual_risk import Estimate
from privaudit.words.catalogues import Note


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
    own: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        who = "measure"
        one_of(who, "missing", self.missing, MISSING)
        in_range(who, "alpha", self.alpha, 0, 1)
        if self.alpha < 1 and self.missing != "wildcard":
            came = f"missing={self.missing!r}"
            raise ParameterError(
                error_message(who, 'alpha below 1 with missing="wildcard" only', came)
            )
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

    def check(self, roles: Roles) -> None:
        """Refuse a tree of values for a column that is not sensitive."""
        for name in self.hierarchy:
            if name not in roles.sensitive:
                raise ParameterError(
                    error_message("measure", "hierarchy of a sensitive column", f"'{name}'")
                )

    def recipe(self, roles: Roles, population: str) -> dict[str, Any]:
        """Return what was asked as plain JSON values; `population` says how F is known."""
        return {
            "stage": "measure",
            "key": list(roles.key),
            "sensitive": list(roles.sensitive),
            "missing": self.missing,
            "alpha": self.alpha,
            "population": population,
            "sampling_fraction": self.sampling_fraction,
            "threshold": self.threshold,
            "l": self.l,
            "subsets": self.subsets,
            "special": self.special,
        }


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
# What a measure returns: a number, an estimate, the reason why there is neither, the fields of a
# row, or those of several rows.
Told = float | Estimate | Note | Mapping[str, Any] | Iterable[Mapping[str, Any]]


@keyword_only
@dataclass(frozen=True, kw_only=True)
class TableMeasure:
    """A measure of a table: of one's own, or as `declared` makes those of the library.

    ``pa.measure(table, roles, own=[mine])`` takes one of one's own; `check_measure` holds it to
    its laws.

    Parameters
    ----------
    word : str
        Its name in `Row.measure` and in the catalogues: that of the function.
    take : callable
        Takes `Facts`, a `Column`, or the `SensitiveCounts` of classes; see `per`.
    unit, counts, of : str
        As in `Row`.
    safe : {"", "small", "large"}
        Which end of its range means that nobody is found or learnt of; "": it does not say.
    laws : mapping of str to str
        What each of `CHANGES` may do to it, one of `EFFECTS`.
    span : tuple of float
        Least and greatest value that it can have.
    per : {"table", "column", "class"}
        *table*: taken once, from `Facts`. *column*: once a sensitive column, from a `Column`.
        *class*: a sensitive column's worst class, from the `SensitiveCounts` of some classes
        and the `Column`.
    against_prior : bool
        Its baseline is the chance of the same guess without the keys.
    tell : callable, optional
        Of a measure of classes: its worst value and the `Column` to further fields of the row.
    at_least : str
        A measure that it is never below, of the same table or column.

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> largest = pa.tables.TableMeasure(
    ...     word="largest_class", take=lambda facts: float(facts.size.max()), unit="records"
    ... )
    >>> people = pd.DataFrame({"age": [30, 30, 41]})
    >>> pa.measure(people, pa.Roles(key="age"), own=[largest]).value("largest_class")
    2.0
    """

    word: str
    take: Callable[..., Told]
    unit: str
    counts: str = "records"
    of: str = ""
    safe: str = ""
    laws: Mapping[str, str] = field(default_factory=lambda: dict(NAMELESS))
    span: tuple[float, float] = (0.0, math.inf)
    per: str = "table"
    against_prior: bool = False
    at_least: str = ""
    tell: Callable[..., Mapping[str, Any]] | None = None

    def __post_init__(self) -> None:
        one_of(self.word, "safe", self.safe, SAFE)
        one_of(self.word, "per", self.per, PER)
        if not self.laws:
            raise ParameterError(error_message(self.word, "at least one law", "none"))
        for change, effect in self.laws.items():
            one_of(self.word, "law", change, CHANGES)
            one_of(self.word, "effect", effect, EFFECTS)

    @property
    def worse(self) -> Callable[[float, float], float]:
        """Which of two values is the worse one."""
        return min if self.safe == "large" else max


def told_of(told: Told) -> list[dict[str, Any]]:
    """Return what a measure returned as fields of rows."""
    if isinstance(told, Note):
        return [{"value": math.nan, "notes": (told,)}]
    if isinstance(told, Estimate):
        why = () if told.reason is None else (told.reason,)
        fields = {"value": told.value, "low": told.low, "high": told.high, "notes": why}
        # Of one that the sample does not support, a report prints the range only.
        unprinted = () if told.reliable else ("value",)
        return [{**fields, "reliable": told.reliable, "unprinted": unprinted}]
    if isinstance(told, Mapping):
        return [dict(told)]
    if isinstance(told, Iterable):
        return [dict(one) for one in told]
    return [{"value": told}]


def declared(
    *,
    unit: str,
    laws: Mapping[str, str],
    safe: str = "",
    span: tuple[float, float] = (0.0, math.inf),
    counts: str = "records",
    of: str = "",
    per: str = "table",
    against_prior: bool = False,
    at_least: str = "",
    tell: Callable[..., Mapping[str, Any]] | None = None,
) -> Callable[[Callable[..., Told]], TableMeasure]:
    """Declare a measure of a table, as a decorator; see `TableMeasure`.

    Examples
    --------
    >>> @declared(unit="records", safe="large", span=(1, math.inf), laws=SAFETY)
    ... def smallest_class(facts):
    ...     return int(facts.size.min())
    >>> smallest_class.word, smallest_class.safe
    ('smallest_class', 'large')
    """

    def make(take: Callable[..., Told]) -> TableMeasure:
        return TableMeasure(
            word=take.__name__, take=take, unit=unit, counts=counts, of=of, safe=safe, laws=laws,
            span=span, per=per, against_prior=against_prior, at_least=at_least, tell=tell,
        )  # fmt: skip

    return make
