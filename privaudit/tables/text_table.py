"""A text table read into memory: header, rows and numbers worked out; or its bare cells."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from typing import Any

import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ReadError, SchemaError
from privaudit.tables.file_frame import FileFrame, column_names, reasons
from privaudit.tables.text_columns import EXACT_DIGITS, EXPORT_MARK, NUMBER, WHOLE
from privaudit.tables.text_file import TextFile, look_at, unpacked
from privaudit.words.note import Note

__all__ = ["bare_cells", "read_text_table"]

# What a cell holds and a column's name does not: an address of mail, a decimal, a date.
_CELL = re.compile(r".*@.*|[+-]?\d+[.,]\d+|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}.*", re.ASCII)


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
    name = file.name
    text = io.StringIO(file.text(who), newline="")
    for _ in range(file.above):
        text.readline()
    reader = csv.reader(text, delimiter=file.separator, strict=True)
    header = next(reader)
    if all(NUMBER.fullmatch(cell.strip()) for cell in header) or any(
        _CELL.fullmatch(cell.strip()) for cell in header
    ):
        came = f"cells there in {name}"
        raise SchemaError(say(who, "names of columns in the first line", came, "Add that line."))
    rows, set_aside, padded = _rows(reader, len(header))
    notes = list(file.notes)
    if padded:
        notes.append(Note("lines_padded", lines=padded))
    if not rows:
        came = f"no usable row in {name}" + (f" ({reasons(set_aside)})" if set_aside else "")
        raise ReadError(say(who, "at least one row under the header", came))
    cells = [list(column) for column in zip(*rows, strict=True)]
    while len(header) > 1 and not header[-1].strip() and not any(cells[-1]):
        # Every line ends with a separator.
        header.pop()
        cells.pop()
    names = column_names(header, name=name, who=who)
    export = EXPORT_MARK in names
    marked = sum(_strip_quote(column, always=export) for column in cells)
    if marked:
        notes.append(Note("apostrophes_taken_off", columns=marked))
    frame = pd.DataFrame(dict(zip(names, map(_typed, cells), strict=True)))
    return FileFrame(frame=frame, name=name, notes=tuple(notes), set_aside=set_aside)


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
    names = [column.lower() for column in file.columns]
    kept = [i for i, name in enumerate(names) if only is None or name in only]
    try:
        with unpacked(file.path, who=who, what=what) as data:
            raw = pd.read_csv(
                data,
                sep=file.separator,
                skiprows=file.above,
                header=0,
                usecols=kept,
                dtype="str",
                keep_default_na=False,
                encoding=file.encoding,
                encoding_errors="strict",
            )
    # The parser's own message may quote a line of the file.
    except (ValueError, csv.Error) as error:
        came = f"{file.name}, which does not read as one ({type(error).__name__})"
        raise ReadError(say(who, f"{what} as CSV", came)) from None
    if raw.empty:
        raise ReadError(say(who, f"{what} with a row", f"only a header in {file.name}"))
    return raw.set_axis([names[i] for i in kept], axis=1).fillna("")


def _rows(reader: Any, width: int) -> tuple[list[list[str]], dict[Note, int], int]:
    """Read the rows below the header; count those that are set aside and those filled up."""
    rows: list[list[str]] = []
    set_aside: dict[Note, int] = {}
    padded = 0

    def aside(key: str, count: int = 1) -> None:
        set_aside[Note(key)] = set_aside.get(Note(key), 0) + count

    while True:
        before = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return rows, set_aside, padded
        except csv.Error:
            # A quote that never closes swallows every line below it: count them all.
            aside("line_with_an_open_quote", max(1, reader.line_num - before))
            continue
        if len(row) > width:
            aside("line_with_more_fields")
        elif not any(row):
            if row:
                aside("empty_line")
        else:
            padded += len(row) < width
            rows.append(row + [""] * (width - len(row)))


def _strip_quote(column: list[str], *, always: bool) -> bool:
    """Take the apostrophe off that makes a spreadsheet read text; say whether there was one.

    A name may begin with one ('t Hooft), so every filled cell of the column must, unless the
    file is known to be written that way.
    """
    marked = sum(cell.startswith("'") for cell in column)
    if not marked or not (always or marked == sum(map(bool, column))):
        return False
    column[:] = [cell[1:] if cell.startswith("'") else cell for cell in column]
    return True


def _typed(column: list[str]) -> pd.Series:
    """Return numbers where every filled cell is one, text otherwise."""

    distinct = {cell for cell in column if cell}
    text = pd.Series(column, dtype="str")
    missing = text == ""
    if not distinct or not all(map(NUMBER.fullmatch, distinct)):
        return text.mask(missing)
    if all(map(WHOLE.fullmatch, distinct)):
        longest = max(map(len, distinct))
        if not missing.any() and longest <= 18:
            return text.astype("int64")
        if longest > EXACT_DIGITS:
            return text.mask(missing)  # as a float, two long numbers would become one
    return pd.to_numeric(text.mask(missing)).astype("float64")
