"""SQL dumps: INSERT of MySQL, SQLite and PostgreSQL, COPY of PostgreSQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from privaudit.io.files import Parts, Reader, ReadRequest, choose_part
from privaudit.io.text_files import UTF_16_MARKS
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "a dump of a table in SQL"
_NAME = r"(?:`[^`]{1,128}`|\"[^\"]{1,128}\"|\[[^\]]{1,128}\]|\w{1,128})"
_TABLE = rf"(?P<table>(?:{_NAME}\s*\.\s*)?{_NAME})"
_CREATE = re.compile(rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_TABLE}\s*\(", re.IGNORECASE)
_INSERT = re.compile(
    rf"(?:INSERT|REPLACE)\s+(?:IGNORE\s+|OR\s+\w+\s+)?INTO\s+{_TABLE}\s*"
    rf"(?:\((?P<columns>[^()]{{0,100000}})\))?\s*VALUES\s*",
    re.IGNORECASE,
)
_COPY = re.compile(
    rf"COPY\s+{_TABLE}\s*(?:\((?P<columns>[^()]{{0,100000}})\))?\s+FROM\s+stdin[^;\n]{{0,200}};\r?\n",
    re.IGNORECASE,
)
# Columns of a CREATE TABLE; its keys are none. SQLite lets one stand without a type.
_COLUMN = re.compile(rf"\s*({_NAME})(?=\s|$)")
# Brackets and commas that separate them: what stands in quotes or remarks does not.
_TOKENS = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|[(),]", re.DOTALL
)
_REMARK = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_CONSTRAINTS = re.compile(
    r"\s*(PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|CHECK|FULLTEXT|SPATIAL)\b", re.I
)
# Where something begins that is not looked into: a text, a remark.
_STATEMENT = re.compile(
    r"""'|--[^\n]*|/\*|\#[^\n]*|\b(?=(?:CREATE\s+TABLE|INSERT\s|REPLACE\s|COPY\s))""", re.IGNORECASE
)
_QUOTED = {
    True: re.compile(r"'((?:[^'\\]|\\.|'')*)'", re.DOTALL),
    False: re.compile(r"'((?:[^']|'')*)'"),
}
# One value: a text with its mark, or what stands to the next comma or bracket.
_BARE = re.compile(r"\s*((?:_\w{1,20}\s*(?=\')|[ENXB](?='))?)(?:(')|([^,()']*))", re.IGNORECASE)
_CAST, _REST = re.compile(r"(?:::[\w \[\]]{1,60})?\s*"), re.compile(r"[^,()]*")
_ESCAPES = dict(zip("ntr0bZfv", "\n\t\r\0\b\x1a\f\v", strict=True))
_EMPTY = {"null", "default", r"\n"}


@dataclass(eq=False)
class _DumpTable:
    """A table of a dump: names of columns, and rows of text, "" where missing."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    odd: int = 0
    worked_out: int = 0


def _read(asked: ReadRequest) -> FileFrame:
    text = _text(asked)
    tables = _tables(text)
    filled = [name for name, table in tables.items() if table.rows]
    if not filled:
        came = f"no row of a table in {asked.name}"
        raise asked.error(_WHAT, came, "Dump it with its data.", why="empty")
    largest = max(filled, key=lambda name: len(tables[name].rows))
    chosen, notes, left = choose_part(asked, filled, largest, note="layer_read")
    return replace(_frame(tables[chosen], notes, asked), left=left)


def _frame(table: _DumpTable, notes: tuple[Note, ...], asked: ReadRequest) -> FileFrame:
    from privaudit.io.text_tables import table_of_cells

    width = len(table.columns) or len(table.rows[0])
    header = table.columns or [""] * width
    even = [row for row in table.rows if len(row) == width]
    cells = [[row[place] for row in even] for place in range(width)]
    aside = len(table.rows) - len(even) + table.odd
    if table.worked_out:
        notes = (*notes, Note("expressions", n=table.worked_out))
    return table_of_cells(
        header,
        cells,
        name=asked.name,
        who=asked.who,
        notes=notes,
        set_aside={Note("line_unreadable"): aside} if aside else {},
    )


def _parts(asked: ReadRequest) -> Parts:
    filled = {name: table for name, table in _tables(_text(asked)).items() if table.rows}
    read = dict(enumerate(filled.values(), 1))

    def frame(number: int, name: str) -> FileFrame:
        return _frame(read.pop(number), (), replace(asked, name=name, alone=True))

    return Parts(tuple(enumerate(filled, 1)), frame=frame)


def _text(asked: ReadRequest) -> str:
    """Return the dump's text: in UTF-8, or whatever else the letters are."""
    data = asked.data()
    try:
        return data.decode("utf-16" if data.startswith(UTF_16_MARKS) else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _tables(text: str) -> dict[str, _DumpTable]:
    """Return every table of a dump, once through the text."""
    # In MySQL alone a backslash escapes within any text, and a back quote stands around names.
    escapes = "`" in text or "-- MySQL dump" in text[:400] or "MariaDB dump" in text[:400]
    tables: dict[str, _DumpTable] = {}
    place = 0
    while (match := _STATEMENT.search(text, place)) is not None:
        place = match.end()
        if match[0] == "'":
            place = _after_text(text, match.start(), escapes)
        elif match[0] == "/*":
            # MySQL's own commands stand in remarks; of others the end is looked for.
            end = text.find("*/", place)
            place = len(text) if end < 0 else end + 2
        elif match[0] == "":
            place = _statement(text, place, tables, escapes)
    return tables


def _statement(text: str, place: int, tables: dict[str, _DumpTable], escapes: bool) -> int:
    """Read a statement about a table; return where to go on."""
    match = _CREATE.match(text, place) or _INSERT.match(text, place) or _COPY.match(text, place)
    if match is None:
        return place + 1
    table = tables.setdefault(_unquoted(match["table"]), _DumpTable())
    if match.re is _CREATE:
        table.columns = table.columns or _columns_made(text[match.end() : match.end() + 200_000])
        return match.end()
    if match["columns"] and not table.rows:
        table.columns = [_unquoted(name) for name in match["columns"].split(",")]
    if match.re is _INSERT:
        return _values(text, match.end(), table, escapes)
    return _copy_lines(text, match.end(), table)


def _unquoted(name: str) -> str:
    """Return a name without its quotes, and without the schema before it."""
    return re.split(r"\s*\.\s*", name.strip())[-1].strip('`"[]')


def _columns_made(text: str) -> list[str]:
    """Return the names of columns, to the bracket that closes the list of them."""
    names, begun, depth = [], 0, 0
    for mark in _TOKENS.finditer(text):
        depth += (mark[0] == "(") - (mark[0] == ")")
        if depth < 0 or (mark[0] == "," and not depth):
            line = _REMARK.sub("", text[begun : mark.start()])
            match = _COLUMN.match(line)
            if match and not _CONSTRAINTS.match(line):
                names.append(_unquoted(match[1]))
            begun = mark.end()
        if depth < 0:
            break
    return names


def _after_text(text: str, place: int, escapes: bool) -> int:
    match = _QUOTED[escapes].match(text, place)
    return len(text) if match is None else match.end()


def _values(text: str, place: int, table: _DumpTable, escapes: bool) -> int:
    """Read "(1, 'a'), (2, NULL);" and return where it ends."""
    opened = re.compile(r"\s*,?\s*\(")
    while (start := opened.match(text, place)) is not None:
        row, place = _row(text, start.end(), escapes, table)
        if place >= len(text) or text[place] != ")":
            # Cut short, or something that is no row: go on behind it.
            table.odd += 1
            return place
        table.rows.append(row)
        place += 1
    return place


def _row(text: str, place: int, escapes: bool, table: _DumpTable) -> tuple[list[str], int]:
    """Return the values of a row, and where it ends: at its closing bracket."""
    row: list[str] = []
    while True:
        match = _BARE.match(text, place)
        assert match is not None  # it may be empty
        mark, quote, bare = match[1].strip().lower(), match[2], match[3]
        escaped = escapes or mark == "e"
        if quote:
            quoted = _QUOTED[escaped].match(text, match.start(2))
            if quoted is None:
                return row, len(text)
            row.append("" if mark in ("x", "b") else _unescaped(quoted[1], escaped))
            # What is done to it, such as a cast, changes no value.
            place = _end_of(_CAST, text, quoted.end())
        else:
            place = match.end()
            row.append(_plain_value(bare.strip()))
            if text[place : place + 1] == "(":
                place, row[-1] = _after_bracket(text, place, escapes), ""
                table.worked_out += 1
        if text[place : place + 1] != ",":
            return row, place
        place += 1


def _end_of(pattern: re.Pattern[str], text: str, place: int) -> int:
    """Return where a pattern ends that may match nothing."""
    match = pattern.match(text, place)
    return place if match is None else match.end()


def _after_bracket(text: str, place: int, escapes: bool) -> int:
    """Return where an expression ends: behind its brackets."""
    depth = 0
    for result in re.compile(r"[()']").finditer(text, place):
        if result.start() < place:
            continue
        if result[0] == "'":
            place = _after_text(text, result.start(), escapes)
            continue
        depth += 1 if result[0] == "(" else -1
        if depth == 0:
            return _end_of(_REST, text, result.end())
    return len(text)


def _plain_value(text: str) -> str:
    """Read a value that is no text: a number, a truth value, or none at all."""
    if text.lower() in _EMPTY or text.lower().startswith("0x"):
        return ""
    return {"true": "True", "false": "False"}.get(text.lower(), text)


def _unescaped(text: str, escapes: bool) -> str:
    text = text.replace("''", "'")
    if not escapes or "\\" not in text:
        return text
    return re.sub(
        r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), text, flags=re.DOTALL
    )


def _copy_lines(text: str, place: int, table: _DumpTable) -> int:
    """Read the lines that follow a COPY, to the one that ends it."""
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        line, place = text[place:end].removesuffix("\r"), end + 1
        if line == r"\.":
            return place
        cells = line.split("\t")
        table.rows.append(
            ["" if c == r"\N" else _unescaped(c, True) if "\\" in c else c for c in cells]
        )
    # The line that ends it is missing: its last row may be cut.
    table.rows = table.rows[:-1]
    table.odd += 1
    return place


READER = Reader(
    word="SQL",
    kind="text",
    endings=(".sql",),
    signs=(b"INSERT INTO", b"CREATE TABLE", b"PostgreSQL database dump", b"MySQL dump"),
    read=_read,
    parts=_parts,
)
