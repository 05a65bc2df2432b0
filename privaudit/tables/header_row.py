"""How the first lines of a text file are cut, and whether the first names columns or a person."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from itertools import islice, pairwise

from privaudit.tables.headers import given_names, kind_of_header, may_name_somebody, plain_words

__all__ = ["CELL", "is_a_record", "separator_of"]

_SEPARATORS = (";", ",", "\t", "|")
_START = 65_536

# What a cell holds and a column's name does not: an address of mail, a decimal, a date.
CELL = re.compile(r".*@.*|[+-]?\d+[.,]\d+|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}.*", re.ASCII)


def separator_of(text: str) -> str:
    """Return the separator that cuts the first lines most evenly, then most finely.

    Examples
    --------
    >>> separator_of("age;place\\n34;Bourg, Ain\\n")
    ';'
    """
    start = text[:_START]
    if len(text) > len(start):
        start = start[: start.rfind("\n") + 1] or start
    best, chosen = (0.0, 1), ""
    for separator in _SEPARATORS:
        try:
            reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
            widths = [len(row) for row in islice(reader, 50) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            even = sum(width == widths[0] for width in widths) / len(widths)
            if (even, widths[0]) > best:
                best, chosen = (even, widths[0]), separator
    # A table of one column: take a separator that does not occur.
    return chosen or next((s for s in _SEPARATORS if s not in text), ",")


def is_a_record(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Say whether a first line is a record like those below it.

    A cell that no name is tells a record. Otherwise one header that is known, or numbers under a
    text, tell a line of names; a number over numbers, a cell that stands below too, or a given name
    over given names tell a record.

    Parameters
    ----------
    first : sequence of str
        Cells of the line.
    below : sequence of sequence of str
        Of some lines that follow.

    Examples
    --------
    >>> people = [["Martin", "Jean", "34"], ["Durand", "Paul", "51"]]
    >>> is_a_record(["Dupont", "Marie", "28"], people), is_a_record(["a", "b", "c"], people)
    (True, False)
    """
    if any(CELL.fullmatch(cell.strip()) for cell in first):
        return True
    # A header may stand below too, where two files were put together.
    rows = [row for row in below if len(row) == len(first) and list(row) != list(first)]
    if not rows:
        return False
    cells = [cell.strip() for cell in first]
    columns = [[row[place].strip() for row in rows] for place in range(len(cells))]
    filled = [[cell for cell in column if cell] for column in columns]
    pairs = [(cell, column) for cell, column in zip(cells, filled, strict=True) if cell and column]
    numbers = [cell for cell, column in pairs if _number(cell) and all(map(_number, column))]
    under_text = sum(not _number(cell) and all(map(_number, column)) for cell, column in pairs)
    if under_text or any(_is_known(cell) for cell, _ in pairs):
        return False
    texts = [(cell, column) for cell, column in pairs if not _number(cell)]
    again = any(cell in column for cell, column in texts)
    called = any(
        _given(cell) and 2 * sum(map(_given, column)) >= len(column) for cell, column in texts
    )
    return again or called or bool(numbers and not _counted(numbers))


def _number(cell: str) -> bool:
    # Imported late: help loads every reader, and needs no numbers.
    from privaudit.tables.written_numbers import NUMBER

    return NUMBER.fullmatch(cell) is not None


def _is_known(cell: str) -> bool:
    return bool(kind_of_header(cell)[0]) and not may_name_somebody(cell)


def _given(cell: str) -> bool:
    return not given_names().isdisjoint(plain_words(cell))


def _counted(numbers: Sequence[str]) -> bool:
    """Whether numbers name columns: years, or one after the other."""
    if not all(number.isdecimal() for number in numbers):
        return False
    values = [int(number) for number in numbers]
    years = all(1800 <= value <= 2200 for value in values)
    return years or (len(values) > 1 and all(b - a == 1 for a, b in pairwise(values)))
