"""Files of several tables: a sheet of a workbook, a layer, a table of a dump, a file of a zip."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from privaudit._core.checks import did_you_mean, say
from privaudit.errors import ParameterError
from privaudit.tables.text_file import one_line
from privaudit.text.normalise import fold
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.release.files import Asked

__all__ = ["Taken", "part_asked"]

_SHOWN = 8


class Taken(NamedTuple):
    """The part of a file that is read, what is to be said of that, and the numbers of the others.

    - `left`: From 1, in the file's order: parts that are not read.
    """

    name: str
    notes: tuple[Note, ...] = ()
    left: tuple[int, ...] = ()


def part_asked(asked: Asked, names: list[str], usual: str, *, note: str) -> Taken:
    """Return the part that is asked for, or the usual one, and a note where there are several.

    - `names`: Of all parts, in the file's order. One may be asked for by its number, from 1.
    - `note`: The key of a note with `part`, its number `at` among them, and `others`.

    Raises
    ------
    ParameterError
        There is no such part.
    """
    chosen = usual
    if asked.sheet is not None:
        wanted = fold(asked.sheet)
        same = [name for name in names if fold(name) == wanted]
        if not same and wanted.isdecimal() and 0 < int(wanted[:9]) <= len(names):
            same = [names[int(wanted) - 1]]
        if not same:
            shown = ", ".join(map(one_line, names[:_SHOWN]))
            more = f" and {len(names) - _SHOWN:,} others" if names[_SHOWN:] else ""
            needed = f"sheet one of {shown}{more} in {asked.name}"
            do = did_you_mean(asked.sheet, names) or "Give its name, or its number from 1."
            raise ParameterError(say(asked.who, needed, one_line(asked.sheet)[:60], do))
        chosen = same[0]
    # Of what is set out by itself, the others are too.
    if len(names) < 2 or asked.alone:
        return Taken(chosen)
    at = names.index(chosen) + 1
    said = Note(note, part=one_line(chosen), at=at, others=len(names) - 1)
    return Taken(chosen, (said,), tuple(n for n in range(1, len(names) + 1) if n != at))
