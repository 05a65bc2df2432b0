"""Text files larger than memory: columns typed by the rules of the reader, not by a guess."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import columns_present, say
from privaudit.errors import ReadError
from privaudit.tables.complaints import cause, out_of_memory
from privaudit.tables.duck import Spill, no_pattern, quoted
from privaudit.tables.file_frame import column_names
from privaudit.tables.text_file import TextFile, look_at
from privaudit.tables.written_numbers import EXACT_DIGITS, NUMBER, WHOLE
from privaudit.text.column_names import spelt_as

if TYPE_CHECKING:
    import duckdb

__all__ = ["EXPORT_MARK", "text_cells", "typed_relation"]

# An export of NationBuilder has this column, and an apostrophe before each cell.
EXPORT_MARK = "nationbuilder_id"
_FIRST_LINES = 10_000


def typed_relation(
    connection: duckdb.DuckDBPyConnection,
    path: Any,
    needed: tuple[str, ...],
    *,
    spill: Spill,
    who: str,
) -> tuple[duckdb.DuckDBPyRelation, TextFile]:
    """Promise the needed columns of a text file, typed as `read_text_table` would type them.

    A column is a number where every filled cell is one without a leading zero, text otherwise;
    that takes one pass over the file, and the count another. What is not UTF-8 is copied first
    into `spill`.

    Raises
    ------
    ReadError
        The file is no text, or has a line with more or fewer fields than the header.
    SchemaError
        A needed column is missing, or stands twice.
    """
    import duckdb

    file = look_at(path, who=who)
    header = column_names(file.columns, name=file.name, who=who)
    header = spelt_as(needed, header)
    columns_present(who, "column", needed, header, file.name)
    try:
        cells = text_cells(connection, file, spill, who)
        picked = {column: f"c{header.index(column)}" for column in needed}
        text = {column: f"nullif({cell}, '')" for column, cell in picked.items()}
        marked = _ask(cells, [f"bool_and(starts_with({cell}, ''''))" for cell in text.values()])
        export = EXPORT_MARK in header
        for column, mark in zip(text, marked, strict=True):
            if mark or export:
                text[column] = f"nullif(regexp_replace({text[column]}, '^''', ''), '')"
        typed = _types(cells, list(text.values()))
        names = map(quoted, text)
        chosen = ", ".join(f"{c} AS {n}" for c, n in zip(typed, names, strict=True))
        return (cells.select(chosen) if needed else cells), file
    except duckdb.Error as error:
        if lacking := out_of_memory(error, who, file.name):
            raise lacking from None
        came = f"{file.name}, where reading stops: {cause(error)}"
        do = "Mend lines with too many or too few fields, or read it with read_table."
        raise ReadError(say(who, "a text table in UTF-8 with equal lines", came, do)) from None


def text_cells(
    connection: duckdb.DuckDBPyConnection, file: TextFile, spill: Spill, who: str, **options: Any
) -> duckdb.DuckDBPyRelation:
    """Promise the cells of a text file as text: columns ``c0``, ``c1`` and so on.

    The engine folds the case of a name, and a name of the file never enters a query.
    """
    return connection.read_csv(
        no_pattern(file.in_utf8(spill, who)),
        columns={f"c{i}": "VARCHAR" for i in range(len(file.header))},
        auto_detect=False,
        header=file.named,
        skiprows=file.above,
        sep=file.separator,
        quotechar='"',
        escapechar='"',
        encoding="utf-8",
        compression=file.compression,
        **options,
    )


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
