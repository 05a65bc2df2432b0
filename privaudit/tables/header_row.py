"""How the first lines of a text file are cut, and whether the first names columns or a person."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise

from privaudit.tables.headers import given_names, kind_of_header, may_name_somebody
from privaudit.text.normalise import header_words

__all__ = [
    "CELL",
    "holds_a_header",
    "is_a_record",
    "lines_of_titles",
    "of_fixed_width",
    "separator_of",
]

_SEPARATORS = (";", ",", "\t", "|")
_START = 65_536

# What a cell holds and a column's name does not: an address of mail, a decimal, a date.
# A number before words is that of a house, or of children.
_NUMBERED = re.compile(r"\d+[^\d_]* \S")
# One value in so many that is a header of the same kind too tells a column of values.
_ALIKE = 4
# Above a header: as many lines of titles, each of so many cells; rows below that are looked at.
_TITLES, _TITLE, _ROWS = 12, 2, 50
# Lines that are enough to see that the same letters are blank in all.
_LINES = 5
# Words that a line of a text has, and a name of a column seldom.
_PROSE = 3
CELL = re.compile(
    r".*@.*|[+-]?\d+[.,]\d+|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}.*"
    # A line of a chat, which says who wrote it.
    r"|\[?\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},?(?: \S{1,2})? \d{1,2}[:h]\d\d.*",
    re.ASCII,
)


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


def lines_of_titles(text: str) -> int:
    """Return how many lines stand above a header, each of a title or a remark: of a cell or two.

    Examples
    --------
    >>> lines_of_titles("\\n".join(["Export du 12/05;;", "Id;Nom;Age", "1;Roux;41", "2;Petit;33"]))
    1
    >>> lines_of_titles("\\n".join(["Id;Nom;Age", "1;Roux;41"]))
    0
    """
    lines = text[:_START].split("\n")[: _TITLES + _ROWS]
    for at in range(min(_TITLES, len(lines) - 1)):
        rest = "\n".join(lines[at:])
        try:
            rows = list(csv.reader(io.StringIO(rest), delimiter=separator_of(rest)))
        except csv.Error:
            return 0
        first, *below = rows
        filled = sum(bool(cell.strip()) for cell in first)
        wide = Counter(map(len, below)).most_common(1)[0][0] if below else 0
        if filled > _TITLE:
            fits = 2 * filled >= wide == len(first) and (at == 0 or holds_a_header(first, below))
            return at if fits else 0
    return 0


def of_fixed_width(lines: Sequence[str]) -> bool:
    """Say whether blanks alone keep columns apart: the same two letters are blank in every line.

    - `lines`: The first lines, of a file in which nothing separates cells.

    Examples
    --------
    >>> of_fixed_width(["Dupont   34", "Le Goff  51", "Martin    7", "Roy      28", "Lim       9"])
    True
    >>> of_fixed_width(["rue Foch", "avenue  Foch", "allée des Pins", "place Lu", "quai Sud"])
    False
    """
    filled = [line.rstrip() for line in lines if line.strip()]
    if len(filled) < _LINES:
        return False
    shortest = min(len(line) for line in filled)
    return any(
        all(line[at : at + 2] == "  " and line[:at].strip() for line in filled)
        for at in range(1, shortest - 2)
    )


def is_a_record(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Say whether a first line is a record like those below it.

    A cell that no name is tells a record. Otherwise one header that is known, which cells below it
    are not (a street stands over streets), tells a line of names; a line of prose over another, in
    a text without columns, or a given name over given names, a record; numbers under a text, a
    line of names; a number over numbers, or a cell that stands below too, a record.

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
    pairs = _columns(first, below)
    if any(_is_known(cell, column) for cell, column in pairs):
        return False
    if len(first) == 1 and any(_is_prose(cell) and _is_prose(column[0]) for cell, column in pairs):
        return True
    texts = [(cell, column) for cell, column in pairs if not _number(cell)]
    if any(_given(cell) and 2 * sum(map(_given, column)) >= len(column) for cell, column in texts):
        return True
    if any(all(map(_number, column)) for _, column in texts):
        return False
    numbers = [cell for cell, column in pairs if _number(cell) and all(map(_number, column))]
    again = any(cell in column for cell, column in texts)
    return again or bool(numbers and not _counted(numbers))


def holds_a_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Say whether a cell of a first line is a header that is known, as `is_a_record` would.

    Examples
    --------
    >>> below = [["a@b.fr", "1"]]
    >>> holds_a_header(["email", "2016-11-08"], below), holds_a_header(["Roux", "3.5"], below)
    (True, False)
    """
    pairs = _columns(first, below) or [(cell.strip(), []) for cell in first]
    return any(_is_known(cell, column) for cell, column in pairs)


def _columns(first: Sequence[str], below: Sequence[Sequence[str]]) -> list[tuple[str, list[str]]]:
    """Return each cell of a line that is filled, with the filled cells below it."""
    # A header may stand below too, where two files were put together.
    rows = [row for row in below if len(row) == len(first) and list(row) != list(first)]
    filled = [
        [row[place].strip() for row in rows if row[place].strip()] for place in range(len(first))
    ]
    cells = zip((cell.strip() for cell in first), filled, strict=True)
    return [(cell, column) for cell, column in cells if cell and column]


def _number(cell: str) -> bool:
    # Imported late: help loads every reader, and needs no numbers.
    from privaudit.tables.written_numbers import NUMBER

    return NUMBER.fullmatch(cell) is not None


def _is_known(cell: str, column: Sequence[str]) -> bool:
    """Whether a cell is a header that is known, and no value: those below it would be one too."""
    kind = _kind(cell)
    if not kind or may_name_somebody(cell) or cell in column or _NUMBERED.match(cell):
        return False
    alike = sum(_kind(other) == kind for other in column)
    return _ALIKE * alike < len(column)


def _kind(cell: str) -> str:
    """Return what a cell would head: a member stands over supporters."""
    kind = kind_of_header(cell)[0]
    return "support" if kind == "tie" else kind


def _is_prose(cell: str) -> bool:
    return len(cell.split()) >= _PROSE


def _given(cell: str) -> bool:
    return not given_names().isdisjoint(header_words(cell))


def _counted(numbers: Sequence[str]) -> bool:
    """Whether numbers name columns: years, or one after the other."""
    if not all(number.isdecimal() for number in numbers):
        return False
    values = [int(number) for number in numbers]
    years = all(1800 <= value <= 2200 for value in values)
    return years or (len(values) > 1 and all(b - a == 1 for a, b in pairwise(values)))
