"""`FileFrame`: a file of any format as one table, with what was assumed to read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from privaudit.core.checks import column_names_shown
from privaudit.core.files import refuse_beyond
from privaudit.errors import ReadError, SchemaError
from privaudit.io.text_files import one_line
from privaudit.words.catalogues import Note


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Counts of a recording; nothing that was sent.

    Parameters
    ----------
    records, requests, again : int
        Records that one account received, in so many answers; those that came more than once.
    fields, shown, used : int
        Fields of a record that were sent; of these, those whose values stand in a page that was
        recorded, and further those that a page or a script names.
    ids, span : int
        Whole numbers by which records were received, and how many numbers lie between the least and
        the greatest, both counted; 0 where records are numbered otherwise.
    addresses, asked : int
        Addresses of the application that take a whole number, and how many numbers were asked for.
    """

    records: int
    requests: int
    again: int
    fields: int
    shown: int
    used: int
    ids: int = 0
    span: int = 0
    addresses: int = 0
    asked: int = 0

    @property
    def unused(self) -> int:
        """Return the number of fields that no page shows and no script names."""
        return self.fields - self.shown - self.used


@dataclass(frozen=True, kw_only=True)
class SentValue:
    """A value that a request carried to a host that is not the application's.

    Parameters
    ----------
    host : str
    request : int
        Its number in the recording.
    where : {"url", "body", "header"}
    name : str
        Of the parameter, field, header or cookie; "" where it has none.
    value : str
    """

    host: str
    request: int
    where: str
    name: str
    value: str


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
        Counts of a browser's recording, beside its records.
    sent : tuple of SentValue
        What it sent to other hosts; `asked_hosts`: the host of each request to one;
        `unread_hosts`: of each of them whose body was not read.
    named : bool
        A line of the file names its columns; they are numbered otherwise.
    shapes : int
        Features without a point, of a table that has none.
    left : tuple of int
        Numbers, from 1, of other sheets, tables or members of the file, which were not read.
    file : str
        The name of the file that was given, where `name` is that of a member of it; else "".
    questions : mapping of str to str
        What columns ask, as a table beside this one words it.
    """

    frame: pd.DataFrame
    name: str
    location: tuple[str, ...] = ()
    crs: str | None = None
    notes: tuple[Note, ...] = ()
    set_aside: Mapping[Note, int] = field(default_factory=dict)
    recorded: Recorded | None = None
    sent: tuple[SentValue, ...] = ()
    asked_hosts: tuple[str, ...] = ()
    unread_hosts: tuple[str, ...] = ()
    named: bool = True
    shapes: int = 0
    left: tuple[int, ...] = ()
    file: str = ""
    questions: Mapping[str, str] = field(default_factory=dict)


def tally(keys: Iterable[str]) -> dict[Note, int]:
    """Count the rows of each reason; an empty key is no reason.

    Examples
    --------
    >>> tally(["no_position", "", "no_position"])
    {Note('no_position'): 2}
    """
    result: dict[str, int] = {}
    for key in map(str, keys):
        if key:
            result[key] = result.get(key, 0) + 1
    return {Note(key): count for key, count in result.items()}


def aside_notes(set_aside: Mapping[Note, int]) -> tuple[Note, ...]:
    """Return a note for each reason why rows were set aside.

    Examples
    --------
    >>> aside_notes({Note("total_row"): 2})
    (Note('rows_set_aside', rows=2, reason=Note('total_row')),)
    """
    return tuple(Note("rows_set_aside", rows=n, reason=why) for why, n in set_aside.items())


def reasons(set_aside: Mapping[Note, int]) -> str:
    """Return the reasons why rows were set aside, for an error.

    Examples
    --------
    >>> reasons({Note("not_a_point", geometry="Polygon"): 2})
    'not a point (Polygon): 2'
    """
    fields = []
    for note, count in set_aside.items():
        values = ", ".join(map(str, note.values.values()))
        fields.append(f"{note.key.replace('_', ' ')}{f' ({values})' if values else ''}: {count:,}")
    return ", ".join(fields)


def refuse_if_most(set_aside: Mapping[Note, int], usable: int, *, name: str, who: str) -> None:
    """Raise `ReadError` where more rows of a file were set aside than can be used."""
    lost = sum(set_aside.values())
    if lost > usable or not usable:
        why = f" ({reasons(set_aside)})" if set_aside else ""
        needed = f"at least half of the rows of {name} to be usable"
        came = f"{lost:,} rows of {lost + usable:,} set aside{why}"
        raise ReadError.of(
            who, needed, came, "Correct the file.", why="aside", rows=lost, of=lost + usable
        )


def column_names(header: Iterable[str], *, name: str, who: str) -> list[str]:
    """Return names of columns on one line each, numbered where empty; refuse a doubled one."""
    names = [one_line(cell) or f"column {i}" for i, cell in enumerate(header, 1)]
    refuse_beyond("columns", len(names), who=who, name=name)
    for column, times in Counter(names).items():
        if times > 1:
            values = column_names_shown([column])
            came = f"'{values}' {times} times in {name}"
            do = "Rename or drop the doubled column."
            raise SchemaError.of(who, "each column's name once", came, do, why="doubled")
    return names
