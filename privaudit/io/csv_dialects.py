"""CSV dialects: separator, quotes and header of a text file, and its compression."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
import re
import stat
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from privaudit.columns.headers import (
    given_names,
    header_of_survey,
    kind_of_header,
    may_name_a_person,
)
from privaudit.core.checks import kind_of
from privaudit.core.files import set_within
from privaudit.core.limits import most_unpacked, refuse_beyond
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.io.encodings import UTF_16_MARKS, decoded, decoder, encoding_of, wide_encoding
from privaudit.text.normalise import INVISIBLE, header_words, join_names
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.duckdb import Spill

_SEPARATORS = (";", ",", "\t", "|")
# Those that are looked at where none of these cuts lines evenly, and how evenly that is.
_SELDOM, _EVEN = ("^", ":"), 0.9
# Of cells that begin with a single quote, those that end with one where it quotes cells.
_QUOTED = 0.9
_HEADER_BYTES = 65_536

# What a cell holds and a column's name does not: an address of mail, a decimal, a date.
# A number before words is that of a house, or of children.
_NUMBERED = re.compile(r"\d+[^\d_]* \S")
# One value in so many that is a header of the same kind too means that the first cell is a value.
_ALIKE = 4
# Above a header: as many lines of titles, each of so many cells; rows below that are looked at.
_TITLES, _TITLE, _ROWS, _BLOCK = 12, 2, 50, 6
# Lines that are enough to see that the same letters are blank in all.
_LINES = 5
# Words that a line of a text has, and a name of a column seldom.
_PROSE = 3
CELL = re.compile(
    r".*@.*|[+-]?\d+[.,]\d+|\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}.*"
    # A line of a chat, with its author.
    r"|\[?\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},?(?: \S{1,2})? \d{1,2}[:h]\d\d.*",
    re.ASCII,
)


DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}", re.ASCII)


class Dialect(NamedTuple):
    """How cells are written: what separates them, and what stands around and before a quote."""

    separator: str
    quote: str = '"'
    escaped: bool = False

    def plain(self, text: str) -> str:
        """Return a text whose quotes within quotes are doubled, not escaped by a backslash."""
        if not self.escaped:
            return text
        doubled = {f"\\{self.quote}": self.quote * 2, "\\\\": "\\"}
        return re.sub(rf"\\[\\{self.quote}]", lambda pair: doubled[pair[0]], text)

    def rows(self, lines: Iterable[str], *, strict: bool = False) -> Iterator[list[str]]:
        """Read lines whose quotes are doubled."""
        return csv.reader(lines, delimiter=self.separator, quotechar=self.quote, strict=strict)


def separator_of(text: str) -> str:
    """Return the separator of a text; see `dialect_of`.

    Examples
    --------
    >>> separator_of("age;place\\n34;Bourg, Ain\\n")
    ';'
    """
    return dialect_of(text).separator


def dialect_of(text: str) -> Dialect:
    """Return the separator that cuts the first lines most evenly, then most finely, and the quotes.

    ``^`` and ``:`` are separators only where no usual one is; a colon before a blank or within a
    time is none. A single quote is one only where nearly every cell that begins with it ends with
    it; a backslash escapes quotes where one stands before a quote within a cell.

    Examples
    --------
    >>> dialect_of("nom^age\\n'Le Goff'^51\\n'Roux^ Luc'^34\\n")
    Dialect(separator='^', quote="'", escaped=False)
    >>> dialect_of("heure\\n12:30\\n13:45\\n").separator == ":"
    False
    """
    start = text[:_HEADER_BYTES]
    if len(text) > len(start):
        start = start[: start.rfind("\n") + 1] or start
    best, chosen = (0.0, False, 1), None
    for separator in (*_SEPARATORS, *_SELDOM):
        seldom = separator in _SELDOM
        if seldom and (best[0] >= _EVEN or not _may_separate(separator, start)):
            continue
        for dialect in _ways_to_quote(separator, start):
            rows = dialect.rows(_lines(dialect.plain(start)))
            try:
                widths = [len(row) for row in islice(rows, 50) if row]
            except csv.Error:
                continue
            if widths and widths[0] > 1:
                even = sum(width == widths[0] for width in widths) / len(widths)
                found = even, dialect != Dialect(separator), widths[0]
                if found > best and (not seldom or even >= _EVEN):
                    best, chosen = found, dialect
    # A table of one column: take a separator that does not occur.
    one = next((s for s in _SEPARATORS if s not in text), ",")
    return chosen or _ways_to_quote(one, start)[-1]


def _lines(text: str) -> Iterator[str]:
    return io.StringIO(text, newline="")


def _ways_to_quote(separator: str, text: str) -> list[Dialect]:
    """Return the dialects in which cells may be quoted, the usual one first."""
    result = [Dialect(separator)]
    edge = re.escape(separator)
    single = len(re.findall(rf"(?m)(?:^|{edge})'", text))
    whole = re.compile(rf"(?m)(?:^|(?<={edge}))'(?:[^'\n]|''|\\')*'(?=\r?$|{edge})")
    if single and len(whole.findall(text)) >= max(2, _QUOTED * single):
        result.append(Dialect(separator, "'"))
    for quote in [dialect.quote for dialect in result]:
        if re.search(rf"\\{quote}(?!\r?\n|{edge}|$)", text):
            result.append(Dialect(separator, quote, escaped=True))
    return result


def _may_separate(separator: str, text: str) -> bool:
    """Return whether a sign that seldom separates cells may do so by the first line."""
    first = text.lstrip().partition("\n")[0]
    if separator != ":":
        return separator in first
    blank = len(re.findall(r":\s", text))
    names = first.strip().split(":")
    of_time = re.search(r"\d:\d|:/", first) is not None
    return 2 * blank < text.count(":") and all(names) and len(names) > 1 and not of_time


def lines_of_titles(text: str) -> int:
    """Return how many lines stand above a header, each of a title or a remark: of a cell or two.

    Examples
    --------
    >>> lines_of_titles("\\n".join(["Export du 12/05;;", "Id;Nom;Age", "1;Roux;41", "2;Petit;33"]))
    1
    >>> lines_of_titles("\\n".join(["Id;Nom;Age", "1;Roux;41"]))
    0
    """
    lines = text[:_HEADER_BYTES].split("\n")[: _TITLES + _ROWS]
    for at in range(min(_TITLES, len(lines) - 1)):
        rest = "\n".join(lines[at:])
        try:
            dialect = dialect_of(rest)
            rows = list(dialect.rows(io.StringIO(dialect.plain(rest))))
        except csv.Error:
            return 0
        first, *below = rows
        filled = sum(bool(cell.strip()) for cell in first)
        if not at and (block := _first_block(lines, rows)):
            return block
        if first and not first[0].strip() and header_of_survey(first, below) is not None:
            return at
        wide = Counter(map(len, below)).most_common(1)[0][0] if below else 0
        if filled > _TITLE:
            fits = 2 * filled >= wide == len(first) and (at == 0 or holds_a_header(first, below))
            return at if fits or (at and header_of_survey(first, below) is not None) else 0
    return 0


def _first_block(lines: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how many lines a first short block has, above the header of a longer table; else 0.

    Meetings have one row of theirs above those who took part, a blank line between.
    """
    blank = next((at for at, line in enumerate(lines[:_BLOCK]) if not line.strip(" ,;\t\r")), 0)
    if blank < 2 or any("\n" in cell for row in rows[:_BLOCK] for cell in row):
        return 0
    start = next((at for at in range(blank, len(rows)) if any(rows[at])), 0)
    first, below = rows[start], [row for row in rows[start + 1 :] if any(row)]
    fits = len(below) >= 2 * blank and all(first) and len(first) > _TITLE
    return start if fits and holds_a_header(first, below) else 0


def of_fixed_width(lines: Sequence[str]) -> bool:
    """Return whether columns have a fixed width: two adjacent positions are blank in every line.

    Parameters
    ----------
    lines : sequence of str
        The first lines, of a file in which nothing separates cells.

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
    """Return whether a first line is a record like those below it.

    A cell that cannot be a name makes it a record. Otherwise one known header, which cells below it
    are not (a street stands over streets), makes it a line of names; prose over prose, in
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
    pairs = _with_cells_below(first, below)
    known = any(_is_known(cell, column) for cell, column in pairs)
    if values := [cell for cell in map(str.strip, first) if CELL.fullmatch(cell)]:
        # Days beside a known header name the columns of a register, below which no day stands.
        days = [column for cell, column in pairs if DAY.fullmatch(cell)]
        above = len(days) == len(values) > 1 and not any(CELL.fullmatch(c) for d in days for c in d)
        return not (known and above)
    if known:
        return False
    if len(first) == 1 and any(_is_prose(cell) and _is_prose(column[0]) for cell, column in pairs):
        return True
    texts = [(cell, column) for cell, column in pairs if not _is_number(cell)]
    if any(
        _has_given_name(cell) and 2 * sum(map(_has_given_name, column)) >= len(column)
        for cell, column in texts
    ):
        return True
    if any(all(map(_is_number, column)) for _, column in texts):
        return False
    numbers = [cell for cell, column in pairs if _is_number(cell) and all(map(_is_number, column))]
    again = any(cell in column for cell, column in texts)
    return again or bool(numbers and not _are_consecutive(numbers))


def holds_a_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether a cell of a first line is a header that is known, as `is_a_record` would.

    Examples
    --------
    >>> below = [["a@b.fr", "1"]]
    >>> holds_a_header(["email", "2016-11-08"], below), holds_a_header(["Roux", "3.5"], below)
    (True, False)
    """
    pairs = _with_cells_below(first, below) or [(cell.strip(), []) for cell in first]
    return any(_is_known(cell, column) for cell, column in pairs)


def _with_cells_below(
    first: Sequence[str], below: Sequence[Sequence[str]]
) -> list[tuple[str, list[str]]]:
    """Return each cell of a line that is filled, with the filled cells below it."""
    # A header may stand below too, where two files were put together.
    rows = [row for row in below if len(row) == len(first) and list(row) != list(first)]
    columns = ([row[at].strip() for row in rows if row[at].strip()] for at in range(len(first)))
    cells = zip(map(str.strip, first), columns, strict=True)
    return [(cell, column) for cell, column in cells if cell and column]


def _is_number(cell: str) -> bool:
    # Imported late: help loads every reader, and needs no numbers.
    from privaudit.text.dates import NUMBER

    return NUMBER.fullmatch(cell) is not None


def _is_known(cell: str, column: Sequence[str]) -> bool:
    """Return whether a cell is a known header, and not a value as those below it."""
    kind = _kind(cell)
    if not kind or may_name_a_person(cell) or cell in column or _NUMBERED.match(cell):
        return False
    alike = sum(_kind(other) == kind for other in column)
    return _ALIKE * alike < len(column)


def _kind(cell: str) -> str:
    """Return what a cell would head: a member stands over supporters."""
    kind = kind_of_header(cell)[0]
    return "support" if kind == "tie" else kind


def _is_prose(cell: str) -> bool:
    return len(cell.split()) >= _PROSE


def _has_given_name(cell: str) -> bool:
    return not given_names().isdisjoint(header_words(cell))


def _are_consecutive(numbers: Sequence[str]) -> bool:
    """Return whether numbers name columns: years, or one after the other."""
    if not all(number.isdecimal() for number in numbers):
        return False
    values = [int(number) for number in numbers]
    years = all(1800 <= value <= 2200 for value in values)
    return years or (len(values) > 1 and all(b - a == 1 for a, b in pairwise(values)))


# The files that have no header, and whether others are to be detected.
_current: ContextVar[tuple[tuple[str, ...], bool]] = ContextVar("header", default=((), False))


@contextmanager
def without_header(*files: str, detect: bool = False) -> Iterator[None]:
    """Read files as having no header for a while: those named, and those detected if `detect`.

    Parameters
    ----------
    files
        Names, without their folders; those that were named before stay so.
    detect : bool, optional
        A first line that is a record is read as one in any file.
    """
    before, detected = _current.get()
    with set_within(_current, (tuple(dict.fromkeys((*before, *files))), detect or detected)):
        yield


def files_without_header() -> tuple[str, ...]:
    """Return the names of the files declared to have no header."""
    return headers_asked()[0]


def headers_asked() -> tuple[tuple[str, ...], bool]:
    """Return the names of the files declared to have no header, and whether others are detected."""
    return _current.get()


_as_written: ContextVar[bool] = ContextVar("as written", default=False)


@contextmanager
def cells_as_written() -> Iterator[None]:
    """Leave the cells of files that are read for a while as they are written: numbers as text."""
    with set_within(_as_written, True):
        yield


def are_cells_as_written() -> bool:
    """Return whether cells are read as they are written."""
    return _as_written.get()


def numbered(width: int) -> tuple[str, ...]:
    """Name columns by their number.

    Examples
    --------
    >>> numbered(2)
    ('column_1', 'column_2')
    """
    return tuple(f"column_{number}" for number in range(1, width + 1))


def names_columns(
    first: Sequence[str], below: Sequence[Sequence[str]], *, name: str, who: str
) -> bool:
    """Return whether the first line of a file names its columns; False: it is a record.

    Raises
    ------
    SchemaError
        It is a record, in a file not declared so; or a record with a known header in it.

    Examples
    --------
    >>> with without_header("people.csv"):
    ...     names_columns(["Dupont", "28"], [], name="people.csv", who="read_table")
    False
    """
    declared, detect = _current.get()
    if name in declared:
        return False
    if not is_a_record(first, below):
        return True
    if detect and not holds_a_header(first, below):
        return False
    needed, came = "names of columns in the first line", f"a record there in {name}"
    do = f"Add that line, or say --no-header {join_names([name])}."
    raise SchemaError.of(who, needed, came, do, why="no_header")


GZIP = b"\x1f\x8b"
# How a file begins, and what it then is.
_MAGIC = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"PK\x05\x06": "an empty zip archive",
    b"\xd0\xcf\x11\xe0": "an old Office file, or one with a password",
    GZIP: "gzip",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x00\x00\x27\x0a": "a shapefile",
    b"fgb\x03": "FlatGeobuf",
}
# Marks of direction and others that nobody sees, and what commands a terminal.
_TURNS = re.compile(rf"{INVISIBLE.pattern}|(?!\s)[\x00-\x1f\x7f-\x9f]")
# A line of a chat begins so, and no list of JSON.
_OF_A_CHAT = re.compile(rb"\[(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? |[A-Z]+\])")
# A first line that declares the separator to a spreadsheet.
_NAMES_SEPARATOR = re.compile(r"[\ufeff]?sep=.?", re.IGNORECASE)
_FIRST_BYTES = 65_536
_GZIP_CHUNK = 1_000_000


def one_line(text: str) -> str:
    """Return a name as an error may say it: one short line that turns no terminal around.

    Examples
    --------
    >>> one_line("a\\nb" + chr(0x202E) + "c")
    'a bc'
    """
    return " ".join(_TURNS.sub("", text).split())[:200]


def regular_file(path: Any, *, who: str, what: str = "a file") -> Path:
    """Return the path of a file that can be read to its end: no folder, pipe or device.

    Raises
    ------
    ParameterError
        It is no path.
    ReadError
        There is no such file, or it is of another kind.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise ParameterError.of(who, "the path of a file", f"path as {kind_of(path)}")
    file = Path(path)
    name = one_line(file.name)
    try:
        mode = file.stat().st_mode
    except (OSError, ValueError) as error:
        missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
        came = f"no such file: {name}" if missing else f"{name}, which cannot be opened"
        raise ReadError.of(who, what, came, "Check the path.") from None
    if stat.S_ISDIR(mode):
        raise ReadError.of(who, what, f"the folder {name}", "Name a file in it.")
    if not stat.S_ISREG(mode):
        came = f"{name}, a pipe or a device"
        raise ReadError.of(who, what, came, "Write it to a file first.", why="closed")
    return file


class _Bounded(io.RawIOBase):
    """Bounded reader of a gzip stream."""

    def __init__(self, packed: gzip.GzipFile, left: int) -> None:
        self._packed, self._left = packed, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._packed.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise _SwellError
        buffer[: len(data)] = data
        return len(data)


class _SwellError(Exception):
    """A packed file swells beyond its bound."""


@contextmanager
def unpacked(file: Path, *, who: str, what: str = "a file") -> Iterator[io.BufferedIOBase]:
    """Open a file for its bytes, unpacked where it is gzipped, up to a hundred times its size.

    Raises
    ------
    ReadError
        It cannot be opened, is damaged or cut short, or swells beyond that bound.
    """
    name = one_line(file.name)
    try:
        with file.open("rb") as raw:
            if raw.read(2) != GZIP:
                raw.seek(0)
                yield raw
                return
            most = most_unpacked(raw.seek(0, os.SEEK_END))
            raw.seek(0)
            with gzip.GzipFile(fileobj=raw) as packed:
                yield io.BufferedReader(_Bounded(packed, most), _GZIP_CHUNK)
    except _SwellError:
        needed = f"a packed file that unpacks to at most {most // 10**6:,} MB"
        do = "Unpack it, and see what it is, or raise --max-bytes."
        raise ReadError.of(who, needed, f"more in {name}", do, why="swells") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        came = f"{name}, whose gzip is damaged or cut short"
        raise ReadError.of(who, what, came, "Download or pack it again.", why="damaged") from None
    except OSError:
        came = f"{name}, which cannot be opened"
        raise ReadError.of(who, what, came, "Check its rights.", why="closed") from None


def is_gzipped(file: Path) -> bool:
    """Return whether a file is compressed with gzip, whatever its ending."""
    with file.open("rb") as raw:
        return raw.read(2) == GZIP


def first_bytes(path: Any, *, who: str, what: str = "a file") -> bytes:
    """Return the first bytes of a file, unpacked."""
    with unpacked(regular_file(path, who=who, what=what), who=who, what=what) as file:
        return file.read(_FIRST_BYTES)


# How messages between hospitals begin, and files and batches of them.
_OF_SEGMENTS = (b"MSH|^~", b"FHS|^~", b"BHS|^~")


def file_kind(start: bytes) -> str:
    """Return what first bytes show, or "" where they could be either text or noise.

    Examples
    --------
    >>> file_kind(b"PAR1"), file_kind(b' {"a": 1}'), file_kind("a;b".encode("utf-16"))
    ('Parquet', 'JSON', 'text')
    """
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            return kind
    if start.startswith(UTF_16_MARKS) or wide_encoding(start[:4096]):
        return "text"
    head = start[:4096].removeprefix(codecs.BOM_UTF8).lstrip()
    if head[:1] in (b"{", b"[") and not _OF_A_CHAT.match(head):
        return "JSON"
    if head[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page or XML"
    if head.startswith(_OF_SEGMENTS):
        # Each line has columns of its own: as one table "LAB" was everybody's party.
        return "a file of HL7 messages"
    return "text" if head and b"\0" not in head else ""


def encoding_notes(encoding: str, mixed: int) -> list[Note]:
    """Return the note on an encoding other than UTF-8, and on lines that are in another."""
    if encoding == "mixed":
        return [Note("letters_mixed", lines=mixed)]
    return [] if encoding == "utf-8-sig" else [Note("read_as", encoding=encoding)]


def text_encoding(file: Path, start: bytes, *, who: str, what: str) -> tuple[str, int]:
    """Return the encoding of a file that is text; see `privaudit.io.encodings.encoding_of`.

    Raises
    ------
    ReadError
        It holds binary data.
    """
    opened, name = partial(unpacked, file, who=who, what=what), one_line(file.name)
    encoding = encoding_of(opened, start, name=name, who=who)
    if encoding is None:
        came = f"{name}, which holds binary data"
        raise ReadError.of(who, what, came, "Save it as CSV in UTF-8.", why="other_kind")
    return encoding


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A delimited text file whose encoding, separator and header are known.

    Parameters
    ----------
    path : Path
    name : str
        Without its folder, on one line.
    packed : bool
        Compressed with gzip, whatever its ending.
    encoding : str
        In Python's words; "mixed" where some of it is UTF-8 and some cp1252.
    dialect : Dialect
        What separates cells, and the quotes around them.
    header : tuple of str
        Cells of the first line that holds any, as they are written; numbers where it is a record.
    named : bool
        The first line names the columns.
    above : int
        Empty lines, lines of a comment, and a line that names the separator, before it.
    mixed, titles : int
        Lines of a mixed file that are not UTF-8; those above the header that are titles.
    lines : int
        Those of the header.
    """

    path: Path
    name: str
    packed: bool
    encoding: str
    dialect: Dialect
    header: tuple[str, ...]
    named: bool = True
    above: int = 0
    mixed: int = 0
    titles: int = 0
    lines: int = 1

    @property
    def separator(self) -> str:
        """Return what separates cells."""
        return self.dialect.separator

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns on one line each, numbered where empty."""
        return [one_line(cell) or f"column {i}" for i, cell in enumerate(self.header, 1)]

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return notes on an encoding other than UTF-8, and on a missing header."""
        notes = [] if self.named else [Note("no_header", file=self.name, columns=len(self.header))]
        if self.titles:
            notes.append(Note("rows_above_header", rows=self.titles))
        if self.lines > 1:
            notes.append(Note("header_merged", rows=self.lines))
        notes += encoding_notes(self.encoding, self.mixed)
        if len(self.header) == 1:
            signs = " ".join("tab" if s == "\t" else s for s in (*_SEPARATORS, *_SELDOM))
            notes.append(Note("one_column", separators=signs))
        return tuple(notes)

    def parts(self, file: Any) -> Iterator[str]:
        """Yield the text of the file of bytes in parts, quotes within quotes doubled."""
        left = ""
        for part in decoded(file, self.encoding):
            if not self.dialect.escaped:
                yield part
                continue
            # A backslash at the end of a part escapes the beginning of the next.
            part = left + part
            cut = len(part) - (len(part) - len(part.rstrip("\\")))
            left = part[cut:]
            yield self.dialect.plain(part[:cut])
        yield self.dialect.plain(left)

    @property
    def is_plain(self) -> bool:
        """Whether its bytes are UTF-8 in which quotes within quotes are doubled."""
        return self.encoding == "utf-8-sig" and not self.dialect.escaped

    @contextmanager
    def reading(self, who: str, what: str) -> Iterator[io.TextIOBase]:
        """Open the file for its text, line ends as they are."""
        with unpacked(self.path, who=who, what=what) as file:
            if self.encoding == "mixed" or self.dialect.escaped:
                yield io.StringIO("".join(self.parts(file)), newline="")
            else:
                yield io.TextIOWrapper(cast(Any, file), encoding=self.encoding, newline="")

    def in_utf8(self, spill: Spill, who: str) -> Path:
        """Return a file with the same text in UTF-8: this one, or a copy in a folder of ours."""
        if self.is_plain:
            return self.path
        with unpacked(self.path, who=who) as file:
            return spill.copied(text.encode() for text in self.parts(file))

    @property
    def compression(self) -> Literal["gzip", "none"]:
        """Return the compression of `in_utf8` in the words of DuckDB."""
        return "gzip" if self.packed and self.is_plain else "none"


def inspect_text_file(
    path: Any, *, who: str, what: str = "a text table", comment: str = ""
) -> TextFile:
    """Find the encoding, separator and header of a delimited text file; see `names_columns`.

    Parameters
    ----------
    path : str or path
        The file, plain or gzipped.
    who : str
        The function that an error names.
    what : str
        What the file should be, in words: ``"a file of addresses"``.
    comment : str
        Lines above the header that begin with it are passed over.

    Raises
    ------
    ParameterError
        It is no path.
    ReadError
        There is no such file, it cannot be opened, is damaged, empty, or no text.
    SchemaError
        Its first line is a record, not a header.
    """
    file = regular_file(path, who=who, what=what)
    name = one_line(file.name)
    start = first_bytes(file, who=who, what=what)
    kind = file_kind(start)
    if kind not in ("text", ""):
        do = "Unpack it, or save it as CSV."
        raise ReadError.of(who, f"{what} as CSV", f"{name}, which is {kind}", do, why="other_kind")
    encoding, mixed = text_encoding(file, start, who=who, what=what)
    # A letter may be cut in two at the end.
    text = decoder(encoding).decode(start)
    if not text.strip():
        raise ReadError.of(who, what, f"the empty file {name}", why="empty")
    above = 0
    while text.strip() and (line := text.partition("\n"))[1]:
        passed = bool(comment) and line[0].startswith(comment)
        if line[0].strip() and not passed and not _NAMES_SEPARATOR.fullmatch(line[0].strip()):
            break
        text, above = line[2], above + 1
    if titles := lines_of_titles(text):
        text, above = text.split("\n", titles)[-1], above + titles
    dialect = dialect_of(text)
    try:
        rows = dialect.rows(_lines(dialect.plain(text)), strict=True)
        header = tuple(next(rows))
    except (StopIteration, csv.Error):
        do = "Name its columns in the first line."
        raise ReadError.of(who, what, f"no header in {name}", do, why="no_header") from None
    refuse_beyond("columns", len(header), who=who, name=name)
    if len(header) == 1 and of_fixed_width(text.split("\n")[:50]):
        needed, came = f"{what} as CSV", f"{name}, where blanks alone keep columns apart"
        raise ReadError.of(who, needed, came, "Save it as CSV.", why="other_kind")
    below: list[list[str]] = []
    with suppress(csv.Error):
        below += islice(rows, 50)
    if not below and len(start) == _FIRST_BYTES:
        needed, do = "names of columns in the first line", "Add that line."
        raise SchemaError.of(who, needed, f"a line without end in {name}", do, why="too_large")
    lines = 1
    if (joined := header_of_survey(header, below)) is not None:
        # The last line of a header is the one that its readers leave out.
        over = [header, *below[: joined[1] - 1]]
        above += sum(1 + sum(cell.count("\n") for cell in row) for row in over)
        header, below, lines = joined[0], below[joined[1] :], joined[1] + 1
    joined_lines = lines > 1 and name not in files_without_header()
    named = joined_lines or names_columns(header, below, name=name, who=who)
    header = header if named else numbered(len(header))
    return TextFile(
        path=file, name=name, packed=is_gzipped(file), encoding=encoding, dialect=dialect,
        header=header, named=named, above=above, mixed=mixed, titles=titles, lines=lines,
    )  # fmt: skip
