"""`Measures`: the rows of one question about a table, a log, a map or a campaign."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from privaudit._core.by_name import by_name
from privaudit._core.checks import an_instance, did_you_mean, of_kind, one_of, say
from privaudit.errors import ParameterError, SchemaError
from privaudit.results.row import Row
from privaudit.results.row_guard import as_printed
from privaudit.results.rows import frame_of
from privaudit.results.tabled import Tabled
from privaudit.words.note import Note

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.results.painter import Display

__all__ = ["PROVENANCES", "Measures", "joined"]

PROVENANCES = ("simulated", "audited file", "public counts")


@by_name
@dataclass(frozen=True, eq=False, kw_only=True)
class Measures(Tabled):
    """Measures of a table, of a log, of a map, or of a campaign's doors and accounts.

    Parameters
    ----------
    family : str
        What was asked, a key of the catalogues such as "table", "household", "unicity".
    rows : iterable of Row
        Each measure with its parameters once.
    per_record : pandas.DataFrame, optional
        Scores only, no cell of the table; empty where there is none.
    name : str
        What was measured, in the user's words: a file's name. "" where there is none.
    provenance : {"simulated", "audited file", "public counts"}
    notes : tuple of Note
        About all rows; a note on one of them stands in the row.
    reliable : bool
        False where something casts doubt on every row.
    recipe : mapping
        How it was made, plain JSON values. Provenance only: nothing reads it to decide.

    Raises
    ------
    SchemaError
        A measure with its parameters stands twice.

    Examples
    --------
    >>> row = Row(measure="marked", value=5, unit="households", n=19, counts="dots")
    >>> found = Measures(family="household", rows=[row], provenance="simulated")
    >>> found
    Measures(household, simulated, marked)
    >>> found.value("marked"), len(found.overall)
    (5.0, 1)
    """

    family: str
    rows: Iterable[Row]
    per_record: pd.DataFrame | None = None
    name: str = ""
    provenance: str = "audited file"
    notes: tuple[Note, ...] = ()
    reliable: bool = True
    recipe: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import pandas as pd

        one_of("Measures", "provenance", self.provenance, PROVENANCES)
        rows = of_kind("Measures", "rows", self.rows, Row)
        object.__setattr__(self, "rows", rows)
        notes = of_kind("Measures", "notes", self.notes, Note)
        object.__setattr__(self, "notes", tuple(dict.fromkeys(notes)))
        if len({row.key for row in rows}) < len(rows):
            raise SchemaError(say("Measures", "each measure once", "a row that stands twice"))
        if self.per_record is None:
            object.__setattr__(self, "per_record", pd.DataFrame(index=pd.RangeIndex(0)))
        an_instance("Measures", "per_record", self.per_record, pd.DataFrame)

    @cached_property
    def overall(self) -> pd.DataFrame:
        """The rows as a tidy frame; see `frame_of`."""
        found: pd.DataFrame = frame_of(self.rows)
        return found

    def row(self, measure: str, gain: str | None = None, **part: Any) -> Row:
        """Return the row of a measure; its gain and parameters tell it from others.

        Parameters that are not given may be anything, unless a row has just those that are.

        Raises
        ------
        ParameterError
            No such row, or several.
        """
        named = [row for row in self.rows if row.measure == measure]
        found = [
            row for row in named if part.items() <= row.part.items() and gain in (None, row.gain)
        ]
        # A row of just these parameters goes before those that have more.
        just = [row for row in found if dict(row.part) == part]
        found = just if len(just) == 1 else found
        if len(found) == 1:
            return found[0]
        if not named:
            hint = did_you_mean(measure, dict.fromkeys(row.measure for row in self.rows))
            raise ParameterError(say("Measures.row", "a measure", repr(measure), hint))
        labels = ", ".join(row.label for row in named[:6])
        needed = f"the parameters of one of {labels}"
        raise ParameterError(say("Measures.row", needed, f"{len(found)} rows that fit"))

    def value(self, measure: str, gain: str | None = None, **part: Any) -> float:
        """Return the value of a measure; see `row`."""
        return self.row(measure, gain, **part).value

    def _repr_html_(self) -> str:
        # A notebook is passed on: of a file it shows what a report of it would.
        if not (self.name and self.provenance == "audited file"):
            return super()._repr_html_()
        return Tabled._repr_html_(as_printed(self))

    def __repr__(self) -> str:
        doubt = "" if self.reliable else ", not reliable"
        names = list(dict.fromkeys(row.measure for row in self.rows))
        more = ", ..." if len(names) > 4 else ""
        return f"Measures({self.family}, {self.provenance}, {', '.join(names[:4])}{more}{doubt})"

    def plot(self, *names: str, most: int = 8, lang: str = "en") -> Display:
        """Draw the measures that say most, each with interval, control and baseline.

        Parameters
        ----------
        *names : str
            Measures to choose among; all where none is named.
        most : int
            How many rows are drawn; those that are not known are left out.
        lang : str

        Returns
        -------
        Display
            A plot a unit, with `save` and `data`; it shows itself in a notebook.

        Raises
        ------
        ParameterError
            A name that is no measure.
        """
        from privaudit.results.display import draw_measures

        return draw_measures(self, names, most, lang)


def joined(
    family: str, parts: Mapping[Any, Measures], by: str | None = None, **fields: Any
) -> Measures:
    """Put the measures of several parts into one result.

    Parameters
    ----------
    family : str
    parts : mapping
        Measures by the value of the parameter `by`, in order; all of one provenance.
    by : str, optional
        The parameter that the key of each part becomes: ``by="copies"`` gives every row of
        ``parts[10]`` the parameter ``copies=10``. None: rows are told apart already.
    **fields
        Others of `Measures`.

    Returns
    -------
    Measures
        A row is reliable where it was, and its part is; notes of all parts, once each.

    Raises
    ------
    ParameterError
        No part, or parts of different provenance.

    Examples
    --------
    >>> def seen(share):
    ...     row = Row(measure="reidentified", value=share, unit="share", n=20, counts="people")
    ...     return Measures(family="pictures", rows=[row])
    >>> near_and_far = joined("pictures", {3: seen(0.9), 12: seen(0.2)}, by="metres_a_pixel")
    >>> near_and_far.value("reidentified", metres_a_pixel=12)
    0.2
    """
    kinds = {measures.provenance for measures in parts.values()}
    if len(kinds) != 1:
        came = ", ".join(sorted(kinds)) or "none"
        raise ParameterError(say("joined", "parts of one provenance, at least one", came))
    rows = [
        replace(
            row,
            part={**({} if by is None else {by: key}), **row.part},
            reliable=row.reliable and measures.reliable,
        )
        for key, measures in parts.items()
        for row in measures.rows
    ]
    given: dict[str, Any] = {
        "rows": rows,
        "provenance": kinds.pop(),
        "notes": tuple(note for measures in parts.values() for note in measures.notes),
        "recipe": {str(key): dict(measures.recipe) for key, measures in parts.items()},
    }
    return Measures(family=family, **given | fields)
