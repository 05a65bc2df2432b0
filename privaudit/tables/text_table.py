"""A text table read into memory: header, rows and numbers worked out; or its bare cells."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit._core.limits import refuse_beyond
from privaudit.errors import ReadError, SchemaError
from privaudit.tables.file_frame import FileFrame, column_names, reasons
from privaudit.tables.header_row import CELL as _CELL
from privaudit.tables.letters import decoded
from privaudit.tables.mended_text import letters_mended, rows_of
from privaudit.tables.systems import check_table
from privaudit.tables.text_columns import EXPORT_MARK
from privaudit.tables.text_file import TextFile, look_at, unpacked
from privaudit.tables.written_numbers import EXACT_DIGITS, NUMBER, WHOLE
from privaudit.text.normalise import fold
from privaudit.words.note import Note

__all__ = ["bare_cells", "read_text_table", "table_of_cells"]


def read_text_table(path: Any, *, who: str) -> FileFrame:
    """Read a text table whole: about ten times its size in memory for a moment.

    Returns
    -------
    FileFrame
        Columns are int64 or float64 where every cell that is filled is a plain number without
        a leading zero, ``str`` otherwise; an empty cell is missing.

    Raises
    ------
    ReadError
        The file is no text or has no row.
    SchemaError
        A column's name stands twice, or the first line is no header.
    """
    file = look_at(path, who=who)
    text = _held_text(file, who)
    cells, set_aside, told = _even_rows(text, file) or _rows(text, file)
    found = table_of_cells(
        list(file.header),
        cells,
        name=file.name,
        who=who,
        notes=(*file.notes, *told),
        set_aside=set_aside,
    )
    return replace(found, named=file.named)


def table_of_cells(
    header: list[str],
    cells: list[NDArray[Any]],
    *,
    name: str,
    who: str,
    notes: Iterable[Note] = (),
    set_aside: Mapping[Note, int] | None = None,
) -> FileFrame:
    """Make a table of cells as they are written: whatever held them, their types are found alike.

    - `header`: Names of columns, as written.
    - `cells`: One array of text a column; an empty cell is "".
    """
    set_aside = set_aside or {}
    _refuse_no_header(header, name=name, who=who)
    if not cells or not len(cells[0]):
        came = f"no usable row in {name}" + (f" ({reasons(set_aside)})" if set_aside else "")
        raise ReadError(say(who, "at least one row under the header", came), why="empty")
    while len(header) > 1 and not header[-1].strip() and not (cells[-1] != "").any():
        # Every line ends with a separator.
        header.pop()
        cells.pop()
    names = column_names(header, name=name, who=who)
    export = EXPORT_MARK in names
    columns, marked, twice = {}, 0, 0
    for column, text_cells in zip(names, cells, strict=True):
        codes, distinct = pd.factorize(text_cells)
        levels, taken_off = _without_quote(distinct.tolist(), always=export)
        marked += taken_off
        levels, mended = _letters(levels)
        twice += int(np.isin(codes, mended).sum()) if mended else 0
        columns[column] = _typed(codes, levels)
    told = list(notes)
    if marked:
        told.append(Note("apostrophes_taken_off", columns=marked))
    if twice:
        told.append(Note("letters_mended", cells=twice))
    frame, said = check_table(pd.DataFrame(columns))
    return FileFrame(frame=frame, name=name, notes=(*told, *said), set_aside=set_aside)


def _refuse_no_header(header: list[str], *, name: str, who: str) -> None:
    if all(NUMBER.fullmatch(cell.strip()) for cell in header) or any(
        _CELL.fullmatch(cell.strip()) for cell in header
    ):
        came = f"a record there in {name}"
        raise SchemaError(
            say(who, "names of columns in the first line", came, "Add that line."), why="no_header"
        )


def bare_cells(
    file: TextFile, *, who: str, what: str, only: Collection[str] | None = None
) -> pd.DataFrame:
    """Read the cells of a file as they are written, in columns named in lower case.

    Parameters
    ----------
    file : TextFile
    who, what : str
        As for `look_at`.
    only : collection of str, optional
        Names to take, in lower case. Default: all.

    Returns
    -------
    pandas.DataFrame
        Of ``str``; an empty cell is "", and so is one that a short line does not have.

    Raises
    ------
    ReadError
        A line has more cells than the header, or there is none below it.
    """
    names = [fold(column) for column in file.columns]
    kept = [i for i, name in enumerate(names) if only is None or name in only]
    refuse_beyond("cells", _lines(file, who) * len(kept), who=who, name=file.name)
    try:
        with file.reading(who, what) as data:
            raw = pd.read_csv(
                data,
                sep=file.separator,
                skiprows=file.above,
                header=0,
                usecols=kept,
                dtype="str",
                keep_default_na=False,
            )
    # The parser's own message may quote a line of the file.
    except (ValueError, csv.Error) as error:
        came = f"{file.name}, which does not read as one ({type(error).__name__})"
        raise ReadError(say(who, f"{what} as CSV", came), why="damaged") from None
    if raw.empty:
        raise ReadError(
            say(who, f"{what} with a row", f"only a header in {file.name}"), why="empty"
        )
    return raw.set_axis([names[i] for i in kept], axis=1).fillna("")


def _held_text(file: TextFile, who: str) -> str:
    """Read a file whole, up to the limits on bytes and cells."""
    parts, size, lines = [], 0, 0
    with unpacked(file.path, who=who) as data:
        for part in decoded(data, file.encoding):
            size, lines = size + len(part), lines + part.count("\n")
            refuse_beyond("bytes", size, who=who, name=file.name)
            refuse_beyond("cells", lines * len(file.header), who=who, name=file.name)
            parts.append(part)
    return "".join(parts)


def _lines(file: TextFile, who: str) -> int:
    with unpacked(file.path, who=who) as data:
        return sum(part.count(b"\n") for part in iter(lambda: data.read(1_000_000), b""))


_Cells = tuple[list[NDArray[Any]], dict[Note, int], tuple[Note, ...]]


def _even_rows(text: str, file: TextFile) -> _Cells | None:
    """Read rows at once where none is quoted, empty, short or long; None elsewhere."""
    if '"' in text or "\r" in text.replace("\r\n", ""):
        return None
    width, separator = len(file.header), file.separator
    lines = text.replace("\r\n", "\n").split("\n")[file.above + file.named :]
    lines = [line for line in lines if line]
    if any(line.count(separator) != width - 1 for line in lines):
        return None
    if any(not line.strip(separator) for line in lines):
        return None
    cells = separator.join(lines).split(separator) if lines else []
    return [_array(cells[i::width]) for i in range(width)], {}, ()


def _rows(text: str, file: TextFile) -> _Cells:
    """Read the rows below the header one by one; see `rows_of`."""
    width = len(file.header)
    rows, set_aside, notes = rows_of(
        text, file.separator, width, above=file.above, named=file.named
    )
    columns = zip(*rows, strict=True) if rows else ((),) * width
    return [_array(list(column)) for column in columns], set_aside, notes


def _array(cells: list[str]) -> NDArray[Any]:
    found = np.empty(len(cells), dtype=object)
    found[:] = cells
    return found


def _without_quote(levels: list[str], *, always: bool) -> tuple[list[str], bool]:
    """Take the apostrophe off that makes a spreadsheet read text; say whether there was one.

    A name may begin with one ('t Hooft), so every filled cell of the column must, unless the
    file is known to be written that way.
    """
    marked = sum(level.startswith("'") for level in levels)
    if not marked or not (always or marked == sum(map(bool, levels))):
        return levels, False
    return [level.removeprefix("'") for level in levels], True


def _letters(levels: list[str]) -> tuple[list[str], list[int]]:
    """Mend letters that were saved twice; say which levels were."""
    mended = [letters_mended(level) for level in levels]
    return mended, [i for i, (a, b) in enumerate(zip(levels, mended, strict=True)) if a != b]


def _typed(codes: NDArray[np.int64], levels: list[str]) -> pd.Series:
    """Return numbers where every filled level is one, text otherwise."""
    filled = [level for level in levels if level]
    values = np.array([level or None for level in levels], dtype=object)
    if not filled or not all(map(NUMBER.fullmatch, filled)):
        return pd.Series(values[codes], dtype="str")
    if all(map(WHOLE.fullmatch, filled)):
        longest = max(map(len, filled))
        if longest <= 18 and len(filled) == len(levels):
            return pd.Series(values.astype(np.int64)[codes])
        if longest > EXACT_DIGITS:
            return pd.Series(values[codes], dtype="str")  # two long numbers would become one
    return pd.Series(values.astype(np.float64)[codes])
