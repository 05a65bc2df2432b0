"""What each column of a table is: the vocabulary of statistical disclosure control."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from privaudit._core.by_name import by_name
from privaudit._core.checks import column_names, columns_present, say
from privaudit.errors import ParameterError, SchemaError

__all__ = ["LATITUDE", "LONGITUDE", "METRES_X", "METRES_Y", "MISSING", "Roles"]

# What a missing key may be taken for.
MISSING = ("likely", "wildcard", "value", "exclude")

# Headers under which coordinates are found in the wild, lower case.
LONGITUDE = ("lon", "lng", "long", "longitude")
LATITUDE = ("lat", "latitude")
METRES_X = ("x", "x_l93", "x_lambert93", "easting")
METRES_Y = ("y", "y_l93", "y_lambert93", "northing")


@by_name
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

    def __post_init__(self) -> None:
        for name in ("identifier", "key", "sensitive", "location"):
            object.__setattr__(self, name, column_names("Roles", name, getattr(self, name)))
        for name in ("weight", "time"):
            if getattr(self, name) is not None:
                columns = column_names("Roles", name, getattr(self, name))
                if len(columns) != 1:
                    raise ParameterError(say("Roles", f"one column as {name}", f"{len(columns)}"))
                object.__setattr__(self, name, columns[0])
        seen: set[str] = set()
        for column in self.columns:
            if column in seen:
                raise ParameterError(say("Roles", "each column once", f"'{column}' twice"))
            seen.add(column)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that has a role, in the order of the roles."""
        found: list[str] = []
        for field in fields(self):
            value = getattr(self, field.name)
            found += [value] if isinstance(value, str) else list(value or ())
        return tuple(found)

    def check(self, who: str, columns: Iterable[str], source: str) -> None:
        """Raise `SchemaError` where a column with a role is missing, doubled or numbered."""
        words = {
            "identifier": "identifier",
            "key": "key variable",
            "sensitive": "sensitive column",
            "location": "location column",
            "weight": "weight",
            "time": "time column",
        }
        have = list(columns)
        for field in fields(self):
            value = getattr(self, field.name)
            needed = (value,) if isinstance(value, str) else tuple(value or ())
            columns_present(who, words[field.name], needed, have, source)
            numbered = [name for name in needed if name not in have]
            if numbered:
                came = f"one named by a number, {numbered[0]}, in {source}"
                do = "Use read_table, or frame.columns = frame.columns.astype(str)."
                raise SchemaError(say(who, f"{words[field.name]} to be named by text", came, do))
