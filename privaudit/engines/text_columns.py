"""Text files larger than memory: columns typed by the rules of the reader, not by a guess."""

from __future__ import annotations

import csv
import io
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import columns_present, say
from privaudit.engines.complaints import cause, out_of_memory
from privaudit.engines.encodings import start_of
from privaudit.errors import ReadError, SchemaError

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "EXACT_DIGITS",
    "EXPORT_MARK",
    "NUMBER",
    "WHOLE",
    "header_of",
    "separator_of",
    "typed_relation",
]

# A leading zero makes a code of a number: postcode 01000 is no 1000.
WHOLE = re.compile(r"[+-]?(?:0|[1-9]\d*)", re.ASCII)
NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
# Above this a float no longer holds every whole number.
EXACT_DIGITS = 15
# An export of NationBuilder has this column, and an apostrophe before each cell.
EXPORT_MARK = "nationbuilder_id"
_SEPARATORS = (";", ",", "\t", "|")
_START = 65_536
_FIRST_LINES = 10_000


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


def typed_relation(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    needed: tuple[str, ...],
    *,
    who: str,
    name: str = "",
) -> duckdb.DuckDBPyRelation:
    """Promise the needed columns of a text file, typed as `read_table` would type them.

    A column is a number where every filled cell is one without a leading zero, text otherwise;
    that takes one pass over the file, and the count another.

    `name` is the file's, where `path` is that of a copy.

    Raises
    ------
    ReadError
        The file is not UTF-8, or has a line with more or fewer fields than the header.
    SchemaError
        A needed column is missing, or stands twice.
    """
    import duckdb

    name = name or path.name
    header, separator = header_of(path, who)
    columns_present(who, "column", needed, header, name)
    twice = [column for column in header if header.count(column) > 1]
    if twice:
        raise SchemaError(say(who, "each column's name once", f"'{twice[0]}' several times"))
    # The engine folds the case of a name: its own names are numbers.
    inner = [f"c{i}" for i in range(len(header))]
    try:
        cells = connection.read_csv(
            "".join(f"[{c}]" if c in "[*?" else c for c in str(path.absolute())),
            columns=dict.fromkeys(inner, "VARCHAR"),
            auto_detect=False,
            header=True,
            sep=separator,
            quotechar='"',
            escapechar='"',
            encoding="utf-8",
        )
        picked = {column: inner[header.index(column)] for column in needed}
        text = {column: f"nullif({cell}, '')" for column, cell in picked.items()}
        marked = _ask(cells, [f"bool_and(starts_with({cell}, ''''))" for cell in text.values()])
        export = EXPORT_MARK in header
        for column, mark in zip(text, marked, strict=True):
            if mark or export:
                text[column] = f"nullif(regexp_replace({text[column]}, '^''', ''), '')"
        typed = _types(cells, list(text.values()))
        names = map(_quoted, text)
        return cells.select(", ".join(f"{c} AS {n}" for c, n in zip(typed, names, strict=True)))
    except duckdb.Error as error:
        if lacking := out_of_memory(error, who, name):
            raise lacking from None
        came = f"{name}, where reading stops: {cause(error)}"
        do = "Mend lines with too many or too few fields, or read it with read_table."
        raise ReadError(say(who, "a text table in UTF-8 with equal lines", came, do)) from None


def header_of(path: Path, who: str) -> tuple[list[str], str]:
    """Read the names of a text file's columns, and its separator."""
    try:
        start = start_of(path, _START, who)
    except (OSError, EOFError) as error:
        came = f"{path.name}: {cause(error)}"
        raise ReadError(say(who, "a text table, or Parquet", came)) from None
    separator = separator_of(start)
    try:
        row = next(csv.reader(io.StringIO(start, newline=""), delimiter=separator, strict=True))
    except (StopIteration, csv.Error):
        raise ReadError(say(who, "a table", f"no header in {path.name}")) from None
    return [" ".join(cell.split()) or f"column {i}" for i, cell in enumerate(row, 1)], separator


def _types(cells: duckdb.DuckDBPyRelation, text: list[str]) -> list[str]:
    """Expressions of cells as the number or the text that the whole of a column allows."""
    number = f"bool_and(regexp_full_match({{}}, {_pattern(NUMBER)}))"
    # Patterns cost more than reading: what is text in its first lines is asked no further.
    first = _ask(cells.limit(_FIRST_LINES), [number.format(cell) for cell in text])
    asked = [cell for cell, is_number in zip(text, first, strict=True) if is_number is not False]
    questions = (
        number,
        f"bool_and(regexp_full_match({{}}, {_pattern(WHOLE)}))",
        "max(length({}))",
        "count(*) > count({})",
    )
    found = iter(_ask(cells, [q.format(cell) for cell in asked for q in questions]))
    typed = dict.fromkeys(text, "{}")
    for cell in asked:
        is_number, whole, longest, gaps = (next(found) for _ in questions)
        if is_number and whole and not gaps and longest <= 18:
            typed[cell] = "CAST({} AS BIGINT)"
        elif is_number and not (whole and longest > EXACT_DIGITS):
            # As a float, two long whole numbers would become one.
            typed[cell] = "CAST({} AS DOUBLE)"
    return [typed[cell].format(cell) for cell in text]


def _ask(cells: duckdb.DuckDBPyRelation, expressions: list[str]) -> tuple[Any, ...]:
    if not expressions:
        return ()
    (found,) = cells.aggregate(", ".join(expressions)).fetchall()
    return tuple(found)


def _pattern(pattern: re.Pattern[str]) -> str:
    # Braces of a repeat are kept from `format`.
    return "'" + pattern.pattern.replace("{", "{{").replace("}", "}}") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
