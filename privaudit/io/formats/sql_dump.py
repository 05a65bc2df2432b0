"""SQL dumps: the statements that fill and change tables, applied in the order of the file."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from privaudit.core.limits import limits
from privaudit.io.duckdb import quoted
from privaudit.io.dump_tables import PAGE, STEPS, DumpTable, ScratchDatabase
from privaudit.io.encodings import UTF_16_MARKS
from privaudit.io.readers import Parts, Reader, ReadRequest, choose_part
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_WHAT = "a dump of a table in SQL"
_NAME = r"(?:`[^`]{1,128}`|\"[^\"]{1,128}\"|\[[^\]]{1,128}\]|[^\W\d]\w{0,127})"
_TABLE = rf"(?P<table>(?:{_NAME}\s*\.\s*){{0,2}}{_NAME})"
_LIST = r"\((?P<columns>[^()]{0,100000})\)"
_CREATE = re.compile(
    rf"CREATE\s+(?:TEMP(?:ORARY)?\s+|UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_TABLE}\s*\(",
    re.IGNORECASE,
)
_INSERT = re.compile(
    rf"(?P<verb>INSERT|REPLACE)\s+(?P<or>IGNORE\s+|OR\s+\w+\s+)?(?:INTO\s+)?{_TABLE}\s*"
    rf"(?:{_LIST}\s*)?(?:OVERRIDING\s+\w+\s+VALUE\s+)?(?P<form>VALUES?\b|SET\b)",
    re.IGNORECASE,
)
_COPY = re.compile(
    rf"COPY\s+{_TABLE}\s*(?:{_LIST})?\s+FROM\s+stdin[^;\n]{{0,200}};\r?\n", re.IGNORECASE
)
_CHANGE = re.compile(
    rf"(?P<verb>UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?{_TABLE}(?=[\s;]|$)", re.IGNORECASE
)
_EMPTIED = re.compile(rf"TRUNCATE\s+(?:TABLE\s+)?(?:ONLY\s+)?{_TABLE}", re.IGNORECASE)
_DROPPED = re.compile(rf"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_TABLE}", re.IGNORECASE)
_SCHEMA = re.compile(
    rf"(?:USE\s+|SET\s+search_path\s*(?:=|TO)\s*|\\c(?:onnect)?\s+)(?P<table>{_NAME})",
    re.IGNORECASE,
)
_ROUTINE = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:DEFINER\s*=\s*\S+\s+)?(?:TEMP(?:ORARY)?\s+)?"
    r"(?P<kind>TRIGGER|FUNCTION|PROCEDURE|EVENT)\b", re.IGNORECASE,
)  # fmt: skip
# A table made of another, and changes of columns; of keys and rights nothing is asked.
_ALTERED = re.compile(
    r"CREATE\s+(?:\w+\s+)?TABLE\b|ALTER\s+TABLE\b.*?\b(?:ADD\s+(?!CONSTRAINT|PRIMARY|UNIQUE|KEY|INDEX|FOREIGN|CHECK|FULLTEXT"
    r"|SPATIAL)|DROP\s+COLUMN|RENAME|CHANGE|MODIFY)", re.IGNORECASE | re.DOTALL,
)  # fmt: skip
# Verbs of statements that change no row, and of those that may.
_SILENT = (
    "alter analyze as begin comment commit create drop end exec explain flush go grant if lock"
    " optimize pragma print purge refresh reindex reset returning revoke rollback select set show"
    " start unlock use vacuum"
)
# Statements that the next INSERT ends, at the beginning of a line, where no semicolon does.
_UNENDED = frozenset(
    ("alter", "create", "delete", "drop", "print", "set", "truncate", "update", "use")
)
_MAY_BE_ROWS = re.compile(r"(?<=\n)[ \t]*(?=INSERT\b|REPLACE\b)", re.IGNORECASE)
_CHANGING = (
    "attach call copy declare delete do execute import insert load merge replace savepoint"
    " truncate update upsert with"
)
_VERBS = {"silent": frozenset(_SILENT.split()), "changing": frozenset(_CHANGING.split())}
_ON = re.compile(r"ON\s+(?:CONFLICT|DUPLICATE)\b", re.IGNORECASE)
# What stands between statements; and what ends one: what is in quotes or remarks does not.
_BETWEEN = re.compile(r"(?:[\s;]|--[^\n]*|\#[^\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_VERB = re.compile(r"[^\W\d_]+")
_END = re.compile(
    r"'|\"[^\"]*\"|`[^`]*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|--[^\n]*|/\*.*?\*/|(?P<end>;|\n(?=GO\b))",
    re.DOTALL,
)
# Columns of a CREATE TABLE; its keys are none. SQLite lets one stand without a type.
_COLUMN = re.compile(rf"\s*({_NAME})\s*(?P<type>[^\W\d_]*)")
_KEY = re.compile(r"PRIMARY\s+KEY\s*(?:CLUSTERED\s*)?\(([^()]*)\)", re.IGNORECASE)
_DEFAULT = re.compile(
    r"\bDEFAULT\s+(?:(?P<text>'(?:[^']|'')*')|(?P<bare>[^\s,()']+))", re.IGNORECASE
)
_NUMERIC = re.compile(r"int|num|dec|real|float|double|bool|serial|bit|money", re.IGNORECASE)
# Brackets and commas that separate them: what stands in quotes or remarks does not.
_TOKENS = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|[(),]", re.DOTALL
)
_REMARK = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_CONSTRAINTS = re.compile(
    r"\s*(PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|CHECK|FULLTEXT|SPATIAL)\b", re.I
)
_QUOTED = {
    True: re.compile(r"'((?:[^'\\]|\\.|'')*)'", re.DOTALL),
    False: re.compile(r"'((?:[^']|'')*)'"),
}
_DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.|"")*)"', re.DOTALL)
_VARIABLE = re.compile(r"SET\s+(@\w+)\s*:?=", re.IGNORECASE)
# MySQL runs what stands in such a remark.
_RUN_REMARK = re.compile(
    r"/\*!\d{0,6}\s*((?:INSERT|REPLACE|UPDATE|DELETE)\b(?:[^*]|\*(?!/))*)\*/", re.IGNORECASE
)
# One value: a text with its mark, or what stands to the next comma or bracket.
_BARE = re.compile(
    r"\s*((?:(?:_\w{1,20}|DATE|TIME|TIMESTAMP)\s*(?=\')|[ENXB](?='))?)(?:(')|([^,()';]*))",
    re.IGNORECASE,
)
_OF_TYPE = ("cast", "convert", "date", "str_to_date", "timestamp", "to_date", "to_timestamp")
_CAST, _REST = re.compile(r"(?:::[\w \[\]]{1,60})?\s*"), re.compile(r"[^,();]*")
_ESCAPES = dict(zip("ntr0bZfv", "\n\t\r\0\b\x1a\f\v", strict=True))
_ROW = re.compile(r"\s*,?\s*\(")
_ASSIGNED = re.compile(rf"\s*,?\s*({_NAME})\s*=\s*")
# What `.dump` of SQLite writes a line break by: replace('a\nb','\n',char(10)), unistr('a\u000ab').
_REPLACED = re.compile(r"\s*,\s*'([^']{1,9})'\s*,\s*char\((\d{1,3})\)\s*\)", re.IGNORECASE)
_LETTER = re.compile(r"\\(?:u?([0-9A-Fa-f]{4})|\\)")


def _read(asked: ReadRequest) -> FileFrame:
    dump = _Dump(_text(asked), asked)
    filled = dump.filled()
    if not filled:
        came = f"no row of a table in {asked.name}"
        raise asked.error(_WHAT, came, "Dump it with its data.", why="empty")
    largest = max(filled, key=lambda name: len(filled[name].rows))
    chosen, notes, left = choose_part(asked, list(filled), largest, note="layer_read")
    read = replace(_frame(filled[chosen], (*notes, *dump.notes()), asked), left=left)
    # Imported late: help loads every reader.
    from privaudit.io.legends import MOST_OF_LEGEND, decoded_beside

    return decoded_beside(read, (
        partial(_frame, table, (), replace(asked, name=name)) for name, table in filled.items()
        if name != chosen and len(table.rows) <= MOST_OF_LEGEND and not asked.alone
    ))  # fmt: skip


def _frame(table: DumpTable, notes: tuple[Note, ...], asked: ReadRequest) -> FileFrame:
    from privaudit.io.text_tables import table_of_cells

    width = len(table.columns) or len(table.rows[0])
    header = table.columns or [""] * width
    even = [row for row in table.rows if len(row) == width]
    cells = [[row[place] or "" for row in even] for place in range(width)]
    aside = len(table.rows) - len(even) + table.odd
    counts = (("expressions", table.worked_out), ("values_binary", table.binary))
    return table_of_cells(
        header,
        cells,
        name=asked.name,
        who=asked.who,
        notes=(*notes, *(Note(key, n=n) for key, n in counts if n)),
        set_aside={Note("line_unreadable"): aside} if aside else {},
    )


def _parts(asked: ReadRequest) -> Parts:
    dump = _Dump(_text(asked), asked)
    filled = dump.filled()
    read = dict(enumerate(filled.values(), 1))

    def frame(number: int, name: str) -> FileFrame:
        return _frame(read.pop(number), (), replace(asked, name=name, alone=True))

    return Parts(tuple(enumerate(filled, 1)), notes=dump.notes(), frame=frame)


def _text(asked: ReadRequest) -> str:
    """Return the dump's text: in UTF-8, or whatever else the letters are."""
    data = asked.data()
    try:
        return data.decode("utf-16" if data.startswith(UTF_16_MARKS) else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


class _Dump:
    """The tables of a dump after its statements, and which of these were not applied."""

    def __init__(self, text: str, asked: ReadRequest) -> None:
        self.text, self.asked = text, asked
        # In MySQL alone a backslash escapes within any text, and a back quote stands around names.
        marks = ("-- MySQL dump", "MariaDB dump")
        self.escapes = "`" in text or any(mark in text[:400] for mark in marks)
        if self.escapes:
            self.text = text = _RUN_REMARK.sub(r"\1", text)
        self.tables: dict[tuple[str, str], DumpTable] = {}
        self.schema = ""
        self.unapplied: Counter[str] = Counter()
        self.variables: dict[str, str | None] = {}
        self.steps = [STEPS]
        self.scratch: dict[tuple[str, str], ScratchDatabase] = {}
        # Rows of each table when the open transaction began.
        self.begun: dict[tuple[str, str], list[list[str | None]]] | None = None
        place = 0
        try:
            while (place := _end_of(_BETWEEN, text, place)) < len(text):
                place = self._statement(place)
        finally:
            for key in [*self.scratch]:
                self._settle(key)

    def filled(self) -> dict[str, DumpTable]:
        """Return the tables that hold rows, by their names; with the schema where two share one."""
        names = Counter(name for (_, name), table in self.tables.items() if table.rows)
        return {
            f"{schema}.{name}" if schema and names[name] > 1 else name: table
            for (schema, name), table in self.tables.items()
            if table.rows
        }

    def notes(self) -> tuple[Note, ...]:
        """Name the statements that were not applied, and count the rows of an open transaction."""
        result = []
        if self.unapplied:
            which = ", ".join(f"{verb} ({n:,})" for verb, n in sorted(self.unapplied.items()))
            n = sum(self.unapplied.values())
            result.append(Note("statements_not_applied", n=n, which=which))
        rows = sum(len(table.rows) for table in self.tables.values())
        if self.begun is not None and (new := rows - sum(map(len, self.begun.values()))) > 0:
            result.append(Note("transaction_open", n=new))
        return tuple(result)

    def _statement(self, place: int) -> int:
        """Apply the statement that begins here; return where the next may begin."""
        text = self.text
        verb = _VERB.match(text, place)
        word = "" if verb is None else verb[0].casefold()
        if word == "delimiter":
            return self._delimited(place)
        if word in ("insert", "replace") and (match := _INSERT.match(text, place)):
            return self._insert(match)
        if word == "copy" and (match := _COPY.match(text, place)):
            return self._copy_lines(match)
        if word == "create" and (match := _ROUTINE.match(text, place)):
            self.unapplied[f"CREATE {match['kind'].upper()}"] += 1
            return self._after_routine(match)
        if word not in _VERBS["silent"] | _VERBS["changing"] or word == "go":
            # A command of a client, such as GO, or no SQL: what follows in the line is none either.
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            self._use(_SCHEMA.match(text, place, end))
            return end
        end = self._end(place)
        if word in _UNENDED:
            # Scripts of SQL Server leave the semicolon out.
            rows = (row.end() for row in _MAY_BE_ROWS.finditer(text, place, end))
            end = next((row for row in rows if _INSERT.match(text, row)), end)
        if word == "create" and (match := _CREATE.match(text, place)):
            self._create(match)
        else:
            self._other(word, text[place:end])
        return end

    def _other(self, word: str, statement: str) -> None:
        """Apply a statement that brings no rows with it."""
        if word in ("update", "delete") and (match := _CHANGE.match(statement)):
            self._change(match, statement)
        elif word in ("truncate", "drop") and (
            match := _EMPTIED.match(statement) or _DROPPED.match(statement)
        ):
            key = self._key(match["table"])
            if key in self.tables:
                self._settle(key)
                self.tables[key].set_rows([])
                if match.re is _DROPPED:
                    del self.tables[key]
        elif word in ("use", "set") and (match := _SCHEMA.match(statement)):
            self._use(match)
        elif word == "set" and (match := _VARIABLE.match(statement)):
            self.variables[match[1].casefold()] = self._value(statement, match.end(), DumpTable())[
                0
            ]
        elif word in ("begin", "start"):
            for key in [*self.scratch]:
                self._settle(key)
            self.begun = {
                key: [list(row) for row in table.rows] for key, table in self.tables.items()
            }
        elif word in ("commit", "end"):
            self.begun = None
        elif (
            word == "rollback" and self.begun is not None and "to" not in statement.lower().split()
        ):
            for key, table in self.tables.items():
                self._settle(key)
                table.set_rows(self.begun.get(key, []))
            self.begun = None
        elif word and (word not in _SILENT or _ALTERED.match(statement)):
            self.unapplied[word.upper()] += 1

    def _use(self, match: re.Match[str] | None) -> None:
        if match is not None:
            self.schema = _unquoted(match["table"])[1]

    def _key(self, written: str) -> tuple[str, str]:
        """Return the key of a table by its name, with or without a schema."""
        schema, name = _unquoted(written)
        key = schema or self.schema, name
        if key in self.tables:
            return key
        # A dump may leave the schema out in one place and write it in another; capitals too.
        same = [
            known for known in self.tables
            if known[1].casefold() == name.casefold()
            and ("" in (known[0], key[0]) or known[0].casefold() == key[0].casefold())
        ]  # fmt: skip
        return same[0] if len(same) == 1 else key

    def _table(self, written: str) -> DumpTable:
        return self.tables.setdefault(self._key(written), DumpTable(self.asked.charge))

    def _end(self, place: int) -> int:
        """Return where a statement ends: at its semicolon, or at a line of GO."""
        while (match := _END.search(self.text, place)) is not None:
            if match["end"]:
                return match.end()
            place = match.end()
            if match[0] == "'":
                place = _after_text(self.text, match.start(), self.escapes)
        return len(self.text)

    def _delimited(self, place: int) -> int:
        """Skip what another delimiter ends: routines, which nothing here runs."""
        match = re.compile(r"DELIMITER\s+(\S+)", re.IGNORECASE).match(self.text, place)
        if match is None or match[1] == ";":
            return place + len("delimiter") + (0 if match is None else len(match[0]) - 9)
        back = re.compile(r"^\s*DELIMITER\s+;", re.IGNORECASE | re.MULTILINE)
        end = back.search(self.text, match.end())
        stop = len(self.text) if end is None else end.end()
        for routine in re.finditer(
            r"\b(TRIGGER|FUNCTION|PROCEDURE|EVENT)\b\s+[`\"\w]", self.text[match.end() : stop]
        ):
            self.unapplied[f"CREATE {routine[1]}"] += 1
        return stop

    def _after_routine(self, match: re.Match[str]) -> int:
        """Return where a routine ends: of one with a body behind its END."""
        end = self._end(match.end())
        begun, ended = r"\bBEGIN\b", re.compile(r"\bEND\s*(?:;|\Z)", re.IGNORECASE)
        head = self.text[match.end() : end]
        # A body in quotes, as PostgreSQL writes it, has its END in them.
        if re.search(begun, head, re.IGNORECASE) and not ended.search(head):
            body = ended.search(self.text, end)
            return len(self.text) if body is None else body.end()
        return end

    def _create(self, match: re.Match[str]) -> None:
        table = self._table(match["table"])
        if table.columns:
            return
        made = self.text[match.end() : match.end() + 200_000]
        key: list[str] = []
        for line in _lines_of_columns(made):
            column = _COLUMN.match(line)
            if found := _KEY.search(line):
                key = _names(found[1])
            if column is None or _CONSTRAINTS.match(line):
                continue
            if re.search(r"\bPRIMARY\s+KEY\b", line, re.IGNORECASE) and not key:
                key = [_unquoted(column[1])[1]]
            if default := _DEFAULT.search(line):
                value, _ = self._value(default["text"] or default["bare"], 0, DumpTable())
                table.defaults[len(table.columns)] = value
            table.columns.append(_unquoted(column[1])[1])
            table.numeric.append(_NUMERIC.search(column["type"]) is not None)
        table.key = [table.columns.index(name) for name in key if name in table.columns]

    def _insert(self, match: re.Match[str]) -> int:
        table = self._table(match["table"])
        places = None
        if match["columns"] is not None:
            places = table.places_of(_names(match["columns"]))
        keep = "new" if match["verb"].lower() == "replace" else "both"
        if match["or"]:
            keep = {"ignore": "old", "replace": "new"}.get(match["or"].split()[-1].lower(), "both")
        if keep != "both":
            self._settle(self._key(match["table"]))
        start = len(table.rows)
        if match["form"].lower() == "set":
            place = self._assigned(match.end(), table, keep)
        else:
            place = self._values(match.end(), table, places, keep)
        after = _end_of(_BETWEEN, self.text, place)
        if _ON.match(self.text, after):
            place = self._end(after)
            new = table.rows[start:]
            table.set_rows(table.rows[:start])
            self._settle(self._key(match["table"]))
            self._merge(table, new, self.text[after:place].upper())
        if keep != "both" and not table.key:
            self.unapplied["REPLACE" if keep == "new" else "INSERT IGNORE"] += 1
        return place

    def _merge(self, table: DumpTable, new: list[list[str | None]], rule: str) -> None:
        """Add rows, but those with the key of an old one where the rule says so; else list it."""
        old = {*map(table.key_of, table.rows)}
        keep = "old" if table.key and "NOTHING" in rule else "both"
        if keep == "both" and (not table.key or not old.isdisjoint(map(table.key_of, new))):
            self.unapplied[" ".join(rule.split()[:2])] += 1
        for row in new:
            table.add(row, None, keep)

    def _values(self, place: int, table: DumpTable, places: list[int] | None, keep: str) -> int:
        """Read "(1, 'a'), (2, NULL);" and return where it ends."""
        while (start := _ROW.match(self.text, place)) is not None:
            row, place = self._row(start.end(), table)
            if self.text[place : place + 1] != ")":
                # Cut short, or something that is no row: go on behind it.
                table.odd += 1
                return place
            table.add(row, places, keep)
            place += 1
        return place

    def _assigned(self, place: int, table: DumpTable, keep: str) -> int:
        """Read "a = 1, b = 'x'" and return where it ends."""
        names: list[str] = []
        row: list[str | None] = []
        while (name := _ASSIGNED.match(self.text, place)) is not None:
            value, place = self._value(self.text, name.end(), table)
            names.append(_unquoted(name[1])[1])
            row.append(value)
        table.add(row, table.places_of(names), keep)
        return place

    def _row(self, place: int, table: DumpTable) -> tuple[list[str | None], int]:
        """Return the values of a row, and where it ends: at its closing bracket."""
        row: list[str | None] = []
        while True:
            value, place = self._value(self.text, place, table)
            row.append(value)
            if self.text[place : place + 1] != ",":
                return row, place
            place += 1

    def _value(self, text: str, place: int, table: DumpTable) -> tuple[str | None, int]:
        """Return a value, None where it is missing or is not read, and where it ends."""
        match = _BARE.match(text, place)
        assert match is not None  # it may be empty
        mark, quote, bare = match[1].strip().lower(), match[2], match[3]
        escaped = self.escapes or mark == "e"
        if text.startswith('"', match.end(1)) and (
            inside := _DOUBLE_QUOTED.match(text, match.end(1))
        ):
            # A text, as some programs of MySQL write it: a name is no value.
            written = inside[1].replace('""', '"')
            return _unescaped(written, escaped), _end_of(_CAST, text, inside.end())
        if not quote:
            place = match.end()
            if text[place : place + 1] == "(":
                end = self._after_bracket(text, place)
                if bare.strip().casefold() in _OF_TYPE:
                    # What a cast or a format of dates makes of a text is written in the text.
                    within = _BARE.match(text, place + 1)
                    if within is not None and within[2]:
                        return self._value(text, place + 1, table)[0], end
                written = self._line_breaks(bare.strip().casefold(), text, place + 1, table)
                if written is not None:
                    return written, end
                table.worked_out += 1
                return None, end
            bare = bare.strip()
            if bare.startswith("@") and bare.casefold() in self.variables:
                value = self.variables[bare.casefold()]
                table.charge(len(value or ""), 0)
                return value, place
            return _plain_value(bare, table), place
        inside = _QUOTED[escaped].match(text, match.start(2))
        if inside is None:
            return None, len(text)
        # What is done to it, such as a cast, changes no value.
        place = _end_of(_CAST, text, inside.end())
        if mark == "x":
            return _text_of_bytes(inside[1], table), place
        if mark == "b":
            bits = inside[1]
            return (str(int(bits, 2)) if bits and not set(bits) - {"0", "1"} else None), place
        return _unescaped(inside[1], escaped), place

    def _line_breaks(self, function: str, text: str, place: int, table: DumpTable) -> str | None:
        """Return a text whose line breaks SQLite dumps by a function; None of another function."""
        if function not in ("replace", "unistr"):
            return None
        counted = table.worked_out
        written, place = self._value(text, place, table)
        # What is not read within is one expression with what stands around it.
        table.worked_out = counted
        if written is None:
            return None
        if function == "unistr":
            letters = _LETTER.sub(lambda m: chr(int(m[1], 16)) if m[1] else "\\", written)
            # Two halves are one letter; one alone is none.
            return letters.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        by = _REPLACED.match(text, place)
        return None if by is None else written.replace(by[1], chr(int(by[2])))

    def _after_bracket(self, text: str, place: int) -> int:
        """Return where an expression ends: behind its brackets."""
        depth = 0
        for mark in re.compile(r"[()']").finditer(text, place):
            if mark.start() < place:
                continue
            if mark[0] == "'":
                place = _after_text(text, mark.start(), self.escapes)
                continue
            depth += 1 if mark[0] == "(" else -1
            if depth == 0:
                return _end_of(_REST, text, mark.end())
        return len(text)

    def _copy_lines(self, match: re.Match[str]) -> int:
        """Read the lines that follow a COPY, to the one that ends it."""
        table, place, text = self._table(match["table"]), match.end(), self.text
        places = None
        if match["columns"] is not None:
            places = table.places_of(_names(match["columns"]))
        cells: list[str | None] | None = None
        while place < len(text):
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            line, place = text[place:end].removesuffix("\r"), end + 1
            if cells is not None:
                table.add(cells, places, "both")
            if line == r"\.":
                return place
            cells = [
                None if c == r"\N" else _unescaped(c, True) if "\\" in c else c
                for c in line.split("\t")
            ]
        # The line that ends it is missing: its last row may be cut.
        table.odd += 1
        return place

    def _change(self, match: re.Match[str], statement: str) -> None:
        """Apply an UPDATE or a DELETE; list one that SQLite does not understand."""
        key = self._key(match["table"])
        table = self.tables.get(key)
        verb = match["verb"].split()[0].upper()
        if table is None or not table.columns:
            self.unapplied[verb] += 1
            return
        scratch = self.scratch.setdefault(key, ScratchDatabase(table, self.escapes, self.steps))
        others = sum(one.pages for one in self.scratch.values() if one is not scratch)
        most = max(2 * limits().decoded // PAGE - others, 1)
        rest = _as_sqlite(statement[match.end() :], self.escapes)
        if not scratch.run(f"{match['verb']} {quoted(key[1])} {rest}", key[1], most):
            self.unapplied[verb] += 1

    def _settle(self, key: tuple[str, str]) -> None:
        """Take the rows of a table back from the scratch database."""
        if key in self.scratch:
            self.scratch.pop(key).settle()


def _unquoted(name: str) -> tuple[str, str]:
    """Return the schema before a name, or "", and the name, without their quotes."""
    parts = [part.strip().strip('`"[]') for part in re.findall(_NAME, name)]
    return (parts[-2] if parts[1:] else ""), parts[-1]


def _names(written: str) -> list[str]:
    """Return the names of a list of columns."""
    return [name.strip('`"[]') for name in re.findall(_NAME, written)]


def _lines_of_columns(text: str) -> list[str]:
    """Return the columns and keys of a CREATE TABLE, to the bracket that closes them."""
    lines, begun, depth = [], 0, 0
    for mark in _TOKENS.finditer(text):
        depth += (mark[0] == "(") - (mark[0] == ")")
        if depth < 0 or (mark[0] == "," and not depth):
            lines.append(_REMARK.sub("", text[begun : mark.start()]))
            begun = mark.end()
        if depth < 0:
            break
    return lines


def _after_text(text: str, place: int, escapes: bool) -> int:
    match = _QUOTED[escapes].match(text, place)
    return len(text) if match is None else match.end()


def _end_of(pattern: re.Pattern[str], text: str, place: int) -> int:
    """Return where a pattern ends that may match nothing."""
    match = pattern.match(text, place)
    return place if match is None else match.end()


def _plain_value(text: str, table: DumpTable) -> str | None:
    """Read a value that is no text: a number, a truth value, or none at all."""
    folded = text.lower()
    if folded in ("null", r"\n", ""):
        return None
    if folded.startswith("0x"):
        return _text_of_bytes(text[2:], table)
    if folded == "default" or folded.startswith(("current_", "@")):
        table.worked_out += 1
        return None
    return {"true": "True", "false": "False"}.get(folded, text)


def _text_of_bytes(digits: str, table: DumpTable) -> str | None:
    """Decode hexadecimal digits as text; count what is not text."""
    try:
        text = bytes.fromhex(digits).decode("utf-8")
    except ValueError:
        text = "\0"
    if text.isprintable():
        return text
    table.binary += 1
    return None


def _unescaped(text: str, escapes: bool) -> str:
    text = text.replace("''", "'")
    if not escapes or "\\" not in text:
        return text
    return re.sub(
        r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), text, flags=re.DOTALL
    )


def _as_sqlite(statement: str, escapes: bool) -> str:
    """Write the texts of a statement as SQLite does: no mark before them, no backslash in them."""
    texts = re.compile(r"(?<!\w)([ENen]?)" + _QUOTED[escapes].pattern, re.DOTALL)
    return texts.sub(
        lambda one: "'{}'".format(
            _unescaped(one[2], escapes or one[1].lower() == "e").replace("'", "''")
        ),
        statement,
    )


READER = Reader(
    word="SQL",
    kind="text",
    endings=(".sql",),
    signs=(b"INSERT INTO", b"CREATE TABLE", b"PostgreSQL database dump", b"MySQL dump"),
    read=_read,
    parts=_parts,
)
