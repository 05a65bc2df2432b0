"""Options of how cells are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from privaudit.core.checks import (
    an_instance,
    column_names,
    keyword_only,
    listed,
    one_of,
)
from privaudit.errors import ParameterError
from privaudit.text.cells import as_text


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Reading:
    """Options of reading the cells of a table; changes are counted in notes.

    By default text that looks alike is one value (blanks at the ends, composed letters, case,
    kinds of apostrophes and hyphens), numbers and dates are read in the format of their column,
    and marks of suppression (``*``, ``?``, ``NULL``, ``N/A``) are missing values, where they do
    not look like the other values of the column.

    Parameters
    ----------
    missing_values : sequence, or mapping of column to sequence, optional
        Further marks of a missing value, such as ``"NC"`` or ``-99``, in every column or in those
        that are named. An empty sequence: no mark at all, not the usual ones either.
    day_first : bool, optional
        Whether 08/11/2016 is the 8 November. Default: as the column shows by a part above 12.
    decimal : {",", "."}, optional
        What stands before decimals. Default: as the column shows.
    fold_case : bool
        PARIS and Paris are one value.
    as_written : sequence of str, or bool
        Columns to leave as they are, all of them if True: notes say what would have been changed.
    sheet : str, optional
        Of a file that holds several tables: the sheet, layer, table or file to read, by its name or
        its number from 1. Default: the first that holds rows, with a note.

    Raises
    ------
    ParameterError
        A value of another kind.

    Examples
    --------
    >>> Reading(missing_values={"income": [-99], "surname": []}, as_written=["code"])
    Reading(missing_values={'income': ('-99',), 'surname': ()}, day_first=None, ...)
    """

    missing_values: Any = None
    day_first: bool | None = None
    decimal: str | None = None
    fold_case: bool = True
    as_written: Any = ()
    sheet: str | None = None

    def __post_init__(self) -> None:
        given = self.missing_values
        if isinstance(given, Mapping):
            given = {str(name): _marks(marks) for name, marks in given.items()}
        elif given is not None:
            given = _marks(given)
        object.__setattr__(self, "missing_values", given)
        if not isinstance(self.as_written, bool):
            names = column_names("Reading", "as_written", self.as_written)
            object.__setattr__(self, "as_written", names)
        one_of("Reading", "decimal", self.decimal, (None, ",", "."))
        if self.sheet is not None:
            object.__setattr__(self, "sheet", str(self.sheet))
        for name in ("day_first", "fold_case"):
            one_of("Reading", name, getattr(self, name), (None, True, False))

    def marks(self, column: str) -> tuple[str, ...] | None:
        """Return the marks of a column besides the usual ones: None; (): not the usual ones."""
        given = self.missing_values
        marks: tuple[str, ...] | None = given.get(column) if isinstance(given, Mapping) else given
        return marks

    def keeps(self, column: str) -> bool:
        """Return whether a column is left as it is."""
        chosen = self.as_written
        return chosen if isinstance(chosen, bool) else column in chosen


def reading_of(who: str, reading: Any, missing_values: Any) -> Reading | None:
    """Merge `reading` and `missing_values` of a caller; None where neither is given."""
    if reading is not None:
        an_instance(who, "reading", reading, Reading, "Write reading=Reading(...).")
    if missing_values is None:
        return cast("Reading | None", reading)
    if reading is not None and reading.missing_values is not None:
        raise ParameterError.of(who, "missing_values once", "it twice", "Leave one out.")
    return replace(reading or Reading(), missing_values=missing_values)


def _marks(given: Any) -> tuple[str, ...]:
    return tuple(map(as_text, listed("Reading", "missing_values", given)))
