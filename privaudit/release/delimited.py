"""Text tables as they are found: separator, encoding, header and numbers worked out."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pandas as pd

from privaudit._core.checks import say
from privaudit.engines.encodings import binary, encodings_of, is_binary, not_utf8
from privaudit.engines.text_columns import EXACT_DIGITS, EXPORT_MARK, NUMBER, WHOLE, separator_of
from privaudit.errors import ReadError, SchemaError

__all__ = ["column_names", "parse_delimited"]

# What a cell holds and a column's name does not: an address of mail, a decimal, a date.
_CELL = re.compile(r".*@.*|[+-]?\d+[.,]\d+|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}.*", re.ASCII)


def parse_delimited(
    data: bytes, *, name: str, who: str
) -> tuple[pd.DataFrame, list[str], dict[str, int]]:
    """Parse a text table.

    Parameters
    ----------
    data : bytes
        The whole file, unpacked.
    name, who : str
        The file's name, and the function that an error names.

    Returns
    -------
    frame : pandas.DataFrame
        Columns are int64 or float64 where every cell that is filled is a plain number without
        a leading zero, ``str`` otherwise; an empty cell is missing.
    notes : list of str
        What was assumed, for a report.
    set_aside : dict
        Lines that could not be used: reason to count.

    Raises
    ------
    ReadError
        The file is no text or has no row.
    SchemaError
        A column's name stands twice, or the first line is no header.
    """
    text, notes = _decode(data, name, who)
    separator = separator_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = next(row for row in reader if row)
    except (StopIteration, csv.Error):
        raise ReadError(say(who, "a table", f"no header in {name}")) from None
    if all(NUMBER.fullmatch(cell.strip()) for cell in header) or any(
        _CELL.fullmatch(cell.strip()) for cell in header
    ):
        came = f"cells there in {name}"
        raise SchemaError(say(who, "names of columns in the first line", came, "Add that line."))
    rows, set_aside, padded = _rows(reader, len(header))
    if padded:
        notes.append(f"{padded:,} lines with fewer fields than the header: the last ones are empty")
    if not rows:
        came = f"no usable row in {name}" + _listed(set_aside)
        raise ReadError(say(who, "at least one row under the header", came))
    cells = [list(column) for column in zip(*rows, strict=True)]
    while len(header) > 1 and not header[-1].strip() and not any(cells[-1]):
        # Every line ends with a separator.
        header.pop()
        cells.pop()
    names = column_names(header, name=name, who=who)
    export = EXPORT_MARK in names
    quoted = [i for i, column in enumerate(cells) if _strip_quote(column, always=export)]
    if quoted:
        notes.append(
            f"{len(quoted):,} columns whose cells began with ' for a spreadsheet: taken off"
        )
    frame = pd.DataFrame(dict(zip(names, map(_typed, cells), strict=True)))
    return frame, notes, set_aside


def column_names(header: list[str], *, name: str, who: str) -> list[str]:
    """Return names of columns on one line each, numbered where empty; refuse a doubled one."""
    names = [" ".join(cell.split()) or f"column {i}" for i, cell in enumerate(header, 1)]
    for i, column in enumerate(names):
        if column in names[:i]:
            came = f"'{column}' {names.count(column)} times in {name}"
            do = "Rename or drop the doubled column."
            raise SchemaError(say(who, "each column's name once", came, do))
    return names


def _listed(set_aside: dict[str, int]) -> str:
    reasons = ", ".join(f"{reason}: {count:,}" for reason, count in set_aside.items())
    return f" ({reasons})" if reasons else ""


def _decode(data: bytes, name: str, who: str) -> tuple[str, list[str]]:
    for encoding in encodings_of(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if is_binary(text):
            break
        return text, [] if encoding.startswith("utf-8") else [not_utf8(encoding)]
    raise binary(who, name)


def _rows(reader: Any, width: int) -> tuple[list[list[str]], dict[str, int], int]:
    """Read the rows below the header; count those that are set aside and those filled up."""
    rows: list[list[str]] = []
    set_aside: dict[str, int] = {}
    padded = 0

    def aside(reason: str, count: int = 1) -> None:
        set_aside[reason] = set_aside.get(reason, 0) + count

    while True:
        before = reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return rows, set_aside, padded
        except csv.Error:
            # A quote that never closes swallows every line below it: count them all.
            aside("line with a stray or open quote", max(1, reader.line_num - before))
            continue
        if len(row) > width:
            aside("line with more fields than the header")
        elif not any(row):
            if row:
                aside("empty line")
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
