"""`FileFrame`: a user's file, whatever its format, as one table and what was assumed to read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from privaudit._core.checks import column_names_shown, say
from privaudit._core.limits import refuse_beyond
from privaudit.errors import ReadError, SchemaError
from privaudit.tables.recorded import Recorded
from privaudit.tables.text_file import one_line
from privaudit.words.note import Note

__all__ = ["FileFrame", "column_names", "reasons", "refuse_if_most", "tally"]


@dataclass(frozen=True, eq=False, kw_only=True)
class FileFrame:
    """A table read from a file.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its rows; text columns are ``str``, an empty cell is missing.
    name : str
        The file's name, without its folder.
    location : tuple of str
        The two coordinates of a file of points, eastward first; empty for another.
    crs : str or None
        The projection that the file declares, or the caller.
    notes : tuple of Note
        What was assumed or left out.
    set_aside : mapping of Note to int
        Lines or features that could not be used, by reason.
    recorded : Recorded or None
        What a browser's recording tells beside its records.
    named : bool
        A line of the file names its columns; they are numbered otherwise.
    shapes : int
        Features without a point, of a table that has none.
    left : tuple of int
        Numbers, from 1, of other sheets, tables or members of the file, which were not read.
    file : str
        The name of the file that was given, where `name` is that of a member of it; else "".
    """

    frame: pd.DataFrame
    name: str
    location: tuple[str, ...] = ()
    crs: str | None = None
    notes: tuple[Note, ...] = ()
    set_aside: Mapping[Note, int] = field(default_factory=dict)
    recorded: Recorded | None = None
    named: bool = True
    shapes: int = 0
    left: tuple[int, ...] = ()
    file: str = ""


def tally(keys: Iterable[str]) -> dict[Note, int]:
    """Count the rows of each reason; an empty key is no reason.

    Examples
    --------
    >>> tally(["no_position", "", "no_position"])
    {Note('no_position'): 2}
    """
    found: dict[str, int] = {}
    for key in map(str, keys):
        if key:
            found[key] = found.get(key, 0) + 1
    return {Note(key): count for key, count in found.items()}


def reasons(set_aside: Mapping[Note, int]) -> str:
    """Say for an error why rows were set aside.

    Examples
    --------
    >>> reasons({Note("not_a_point", geometry="Polygon"): 2})
    'not a point (Polygon): 2'
    """
    told = []
    for note, count in set_aside.items():
        values = ", ".join(map(str, note.values.values()))
        told.append(f"{note.key.replace('_', ' ')}{f' ({values})' if values else ''}: {count:,}")
    return ", ".join(told)


def refuse_if_most(set_aside: Mapping[Note, int], usable: int, *, name: str, who: str) -> None:
    """Raise `ReadError` where more rows of a file were set aside than can be used."""
    lost = sum(set_aside.values())
    if lost > usable or not usable:
        why = f" ({reasons(set_aside)})" if set_aside else ""
        needed = f"at least half of the rows of {name} to be usable"
        came = f"{lost:,} rows of {lost + usable:,} set aside{why}"
        raise ReadError(
            say(who, needed, came, "Mend the file."), why="aside", rows=lost, of=lost + usable
        )


def column_names(header: Iterable[str], *, name: str, who: str) -> list[str]:
    """Return names of columns on one line each, numbered where empty; refuse a doubled one."""
    names = [one_line(cell) or f"column {i}" for i, cell in enumerate(header, 1)]
    refuse_beyond("columns", len(names), who=who, name=name)
    for column, times in Counter(names).items():
        if times > 1:
            told = column_names_shown([column])
            came = f"'{told}' {times} times in {name}"
            do = "Rename or drop the doubled column."
            raise SchemaError(say(who, "each column's name once", came, do), why="doubled")
    return names
