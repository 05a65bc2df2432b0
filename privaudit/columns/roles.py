"""What each column of a table is: the vocabulary of statistical disclosure control."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from privaudit.core.checks import column_names, columns_present, error_message, keyword_only, listed
from privaudit.errors import ParameterError, SchemaError
from privaudit.text.column_names import columns_named

# What a missing key may be taken for.
MISSING = ("likely", "wildcard", "value", "exclude")

# Headers under which coordinates are found in the wild, lower case.
LONGITUDE = ("lon", "lng", "long", "longitude")
LATITUDE = ("lat", "latitude")
METRES_X = ("x", "x_l93", "x_lambert93", "easting")
METRES_Y = ("y", "y_l93", "y_lambert93", "northing")


# What a column may be, and what an error calls it.
ROLES = {
    "identifier": "identifier",
    "key": "key variable",
    "sensitive": "sensitive column",
    "location": "location column",
    "weight": "weight",
    "time": "time column",
}


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Roles:
    """Roles of a table's columns.

    A frame made without names has its columns numbered; these numbers are names too, read as text.

    Parameters
    ----------
    identifier : sequence of str
        Columns that together name a person (name, e-mail, account). Never measured on: records
        that agree on all of them are of one person, who counts once.
    key : sequence of str
        Key variables (quasi-identifiers): what somebody may know about a person already.
    sensitive : sequence of str
        What would be learnt: an opinion, a presumed leaning, a score.
    location : sequence of str
        Coordinates, either ``(x, y)`` or ``(longitude, latitude)``.
    weight : str, optional
        Sampling weight: how many people of the population a record stands for.
    time : str, optional
        When the record was made.
    ordered : sequence of str, or mapping of column to its values in order, optional
        Those of the key and sensitive columns whose values have an order: numbers, dates and
        bands their own, words the one that is given. Default: dates, and numbers that are no
        codes of a few levels (see `privaudit.columns.values`).

    Raises
    ------
    ParameterError
        A column has two roles, or is named by something else than text or a whole number.

    Examples
    --------
    >>> Roles(key=["age", "sex"], sensitive="opinion")
    Roles(identifier=(), key=('age', 'sex'), sensitive=('opinion',), ...)
    """

    identifier: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    location: tuple[str, ...] = ()
    weight: str | None = None
    time: str | None = None
    ordered: Any = None

    def __post_init__(self) -> None:
        for name in ("identifier", "key", "sensitive", "location"):
            object.__setattr__(self, name, column_names("Roles", name, getattr(self, name)))
        for name in ("weight", "time"):
            if getattr(self, name) is not None:
                columns = column_names("Roles", name, getattr(self, name))
                if len(columns) != 1:
                    raise ParameterError(
                        error_message("Roles", f"one column as {name}", f"{len(columns)}")
                    )
                object.__setattr__(self, name, columns[0])
        seen: set[str] = set()
        for column in self.columns:
            if column in seen:
                raise ParameterError(
                    error_message("Roles", "each column once", f"'{column}' twice")
                )
            seen.add(column)
        if self.ordered is not None:
            object.__setattr__(self, "ordered", _orders(self.ordered))

    @property
    def orders(self) -> dict[str, tuple[Any, ...]] | None:
        """Values in their order of each ordered column, none where they have their own."""
        return None if self.ordered is None else dict(self.ordered)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that has a role, in the order of the roles."""
        found: list[str] = []
        for name in ROLES:
            value = getattr(self, name)
            found += [value] if isinstance(value, str) else list(value or ())
        return tuple(found)

    def for_columns(self, columns: Iterable[str]) -> Roles:
        """Return these roles under the names that the columns of a table have.

        Examples
        --------
        >>> Roles(key=["AGE", "zone"]).for_columns(["age", "sex"]).key
        ('age', 'zone')
        """
        have = list(columns)
        told: dict[str, Any] = {
            name: columns_named(getattr(self, name), have)
            for name in ("identifier", "key", "sensitive", "location")
        }
        for name in ("weight", "time"):
            if getattr(self, name) is not None:
                told[name] = columns_named([getattr(self, name)], have)[0]
        if self.orders is not None:
            told["ordered"] = dict(
                zip(columns_named(self.orders, have), self.orders.values(), strict=True)
            )
        return replace(self, **told)

    def check(self, who: str, columns: Iterable[str], source: str) -> None:
        """Raise `SchemaError` where a column with a role is missing, doubled or numbered."""
        have = list(columns)
        for name, word in ROLES.items():
            value = getattr(self, name)
            needed = (value,) if isinstance(value, str) else tuple(value or ())
            columns_present(who, word, needed, have, source)
            numbered = [name for name in needed if name not in have]
            if numbered:
                came = f"one named by a number, {numbered[0]}, in {source}"
                do = "Use read_table, or frame.columns = frame.columns.astype(str)."
                raise SchemaError(error_message(who, f"{word} to be named by text", came, do))


def _orders(given: Any) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """Return each ordered column with its values in order; () where it has an order of its own."""
    if isinstance(given, str):
        given = [given]
    pairs = given.items() if isinstance(given, Mapping) else listed("Roles", "ordered", given)
    told = [pair if isinstance(pair, tuple) else (pair, ()) for pair in pairs]
    columns = column_names("Roles", "ordered", [name for name, _ in told])
    return tuple(
        (column, listed("Roles", f"the order of '{column}'", values))
        for column, (_, values) in zip(columns, told, strict=True)
    )
