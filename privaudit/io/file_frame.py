"""`FileFrame`: a file of any format as one table, with what was assumed to read it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.core.checks import column_names_shown
from privaudit.core.limits import refuse_beyond
from privaudit.errors import ReadError, SchemaError
from privaudit.io.csv_dialects import one_line
from privaudit.text.cells import BEYOND_ASCII, Texts, bytes_among
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


# What the bytes of a cell may be, and the kind of cells of each mixture of them.
_DIGIT, _LETTER, _OF_DATES, _AT = 1, 2, 4, 8
_MARKS = np.zeros(256, dtype=np.uint8)
_MARKS[bytes_among("0123456789")] = _DIGIT
_MARKS[bytes_among("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") | BEYOND_ASCII] = _LETTER
_MARKS[bytes_among("-/:")] = _OF_DATES
_MARKS[bytes_among("@")] = _AT
_KINDS = np.arange(16, dtype=np.uint8)
_KINDS[[_OF_DATES, _LETTER | _OF_DATES]] = 0, _LETTER  # "-", "Saint-Maur"
_ONE_LETTER = 16
# Share of the filled cells of a column that are of its kind; cells that fit the column beside.
_OF_ITS_KIND, _FITTING = 0.85, 2


def moved_rows(codes: Sequence[NDArray[Any]], levels: Sequence[Texts]) -> int:
    """Count the rows whose cells stand under the header beside theirs, from some column on.

    So are those after a separator within a cell, or after a lost one. Each of them, to the last, is
    of the kind of the column beside (numbers, dates, words, one letter), and two are not of their
    own.

    Examples
    --------
    >>> cells = [["7", "8"] * 4 + ["9"], ["Roux", "Petit"] * 4 + ["Le"], ["F", "M"] * 4 + ["Gall"],
    ...          ["20", "25"] * 4 + ["F"]]
    >>> levels = [Texts(sorted(set(column))) for column in cells]
    >>> moved_rows([np.array([level.index(c) for c in column])
    ...             for column, level in zip(cells, map(list, levels))], levels)
    1
    """
    rows, usual = [], []
    if len(codes) <= _FITTING:
        return 0
    for code, level in zip(codes, levels, strict=True):
        kind = _KINDS[level.marked(_MARKS) & 15]
        kind[level.begin_with("-") & (kind == _DIGIT | _OF_DATES)] = _DIGIT
        kind[(kind == _LETTER) & (level.ends - level.begins == 1)] = _ONE_LETTER
        rows.append(kind[code])
        counts = np.bincount(rows[-1], minlength=_ONE_LETTER + 1)
        counts[0] = 0
        most = int(counts.argmax())
        usual.append(most if counts[most] >= _OF_ITS_KIND * counts.sum() else 0)
    moved = _moved(rows[1:], usual[1:], usual[:-1])
    if (blank := rows[-1] == 0).any():
        moved |= blank & _moved(rows[:-1], usual[:-1], usual[1:])
    return int(moved.sum())


def _moved(
    rows: Sequence[NDArray[Any]], own: Sequence[int], beside: Sequence[int]
) -> NDArray[np.bool_]:
    """Return which rows are, in their last cells, of the kinds of the columns beside."""
    fits = np.ones(len(rows[0]), dtype=bool)
    fitting = np.zeros(len(fits), dtype=np.int64)
    for kind, usual, other in zip(rows[::-1], own[::-1], beside[::-1], strict=True):
        if other:
            fits &= (kind == 0) | (kind == other)
            fitting += fits & (kind == other) & (usual not in (0, other))
    return np.asarray(fitting >= _FITTING)


_A_NUMBER, DECIMALS = re.compile(r"[+-]?\d+[.,]?\d*"), re.compile(r"\d[.,]\d+$")


def cut_note(last: str, times: int, shortest: int, decimals: bool) -> list[Note]:
    """Note a last cell that is shorter than all others, or alone without the decimals of all.

    Parameters
    ----------
    last : str
        The last cell of a file without a line break at its end.
    times : int
        How many rows have it.
    shortest, decimals
        The fewest letters of any other cell of its column, and whether all of them have decimals.
    """
    odd = len(last) < shortest or (decimals and not DECIMALS.search(last))
    cut = odd and shortest and times == 1 and _A_NUMBER.fullmatch(last)
    return [Note("number_may_be_cut")] if cut else []


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
