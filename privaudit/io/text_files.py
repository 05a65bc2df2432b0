"""Text files: compression, encoding, separator and header."""

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from privaudit.columns.headers import given_names, kind_of_header, may_name_a_person
from privaudit.core.checks import kind_of
from privaudit.core.files import limits, refuse_beyond
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.text.names import join_names
from privaudit.text.normalise import header_words
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.duckdb import Spill

UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_START = 65_536
_CHUNK = 1_000_000


def encoding_of(
    opened: Callable[[], AbstractContextManager[Any]], start: bytes
) -> tuple[str, int] | None:
    """Return the encoding with which a whole file decodes; None where it is binary.

    Parameters
    ----------
    opened : Callable[[], AbstractContextManager[Any]]
        Opens the file for its bytes, unpacked; `start` are the first of them.

    - returns: The encoding, "mixed" where it is partly UTF-8, and how many lines are then not.
    """
    utf_16 = start.startswith(UTF_16_MARKS)
    for encoding in ("utf-16",) if utf_16 else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            with opened() as data:
                if any(map(_is_binary, decoded(data, encoding))):
                    return None
            return encoding, 0
        except UnicodeDecodeError:
            if encoding != "utf-8-sig":
                continue
        with opened() as data:
            odd, letters = _lines_not_utf8(data)
        if letters:
            return "mixed", odd
    return None


def _is_binary(text: str) -> bool:
    """Return whether text holds one control character in a hundred, or a NUL."""
    start = text[:_START]
    return "\0" in text or len(_CONTROL.findall(start)) * 100 > len(start)


def _lines_not_utf8(data: Any) -> tuple[int, int]:
    """Count the lines that are not UTF-8, and those with letters of UTF-8 beyond ASCII."""
    odd = letters = 0
    for line in data:
        if line.isascii():
            continue
        try:
            line.decode()
            letters += 1
        except UnicodeDecodeError:
            odd += 1
    return odd, letters


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are no UTF-8 as cp1252, or latin-1 where that has no letter."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    try:
        return bad.decode("cp1252"), error.end
    except UnicodeDecodeError:
        return bad.decode("latin-1"), error.end


codecs.register_error("privaudit_windows", _as_windows)


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Return what decodes bytes that come in parts."""
    if encoding == "mixed":
        return codecs.getincrementaldecoder("utf-8-sig")("privaudit_windows")
    return codecs.getincrementaldecoder(encoding)()


def decoded(file: Any, encoding: str) -> Iterator[str]:
    """Decode a file of bytes in parts."""
    made = decoder(encoding)
    while part := file.read(_CHUNK):
        yield made.decode(part)
    yield made.decode(b"", final=True)


_SEPARATORS = (";", ",", "\t", "|")
_HEADER_BYTES = 65_536

# What a cell holds and a column's name does not: an address of mail, a decimal, a date.
# A number before words is that of a house, or of children.
_NUMBERED = re.compile(r"\d+[^\d_]* \S")
# One value in so many that is a header of the same kind too means that the first cell is a value.
_ALIKE = 4
# Above a header: as many lines of titles, each of so many cells; rows below that are looked at.
_TITLES, _TITLE, _ROWS = 12, 2, 50
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


def separator_of(text: str) -> str:
    """Return the separator that cuts the first lines most evenly, then most finely.

    Examples
    --------
    >>> separator_of("age;place\\n34;Bourg, Ain\\n")
    ';'
    """
    start = text[:_HEADER_BYTES]
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
    lines = text[:_HEADER_BYTES].split("\n")[: _TITLES + _ROWS]
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
    """Return whether blanks alone keep columns apart: the same two letters are blank in every line.

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
    if any(CELL.fullmatch(cell.strip()) for cell in first):
        return True
    pairs = _with_cells_below(first, below)
    if any(_is_known(cell, column) for cell, column in pairs):
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
    """Return whether a cell is a known header, and no value: those below it are none."""
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
    token = _current.set((tuple(dict.fromkeys((*before, *files))), detect or detected))
    try:
        yield
    finally:
        _current.reset(token)


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
    token = _as_written.set(True)
    try:
        yield
    finally:
        _as_written.reset(token)


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
}
# Marks of direction, and what commands a terminal.
_TURNS = re.compile(r"[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]|(?!\s)[\x00-\x1f\x7f-\x9f]")
# A line of a chat begins so, and no list of JSON.
_DATED = re.compile(rb"\[\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? ")
# A first line that declares the separator to a spreadsheet.
_NAMES_SEPARATOR = re.compile(r"[\ufeff]?sep=.?", re.IGNORECASE)
_FIRST_BYTES = 65_536
_GZIP_CHUNK = 1_000_000
# A packed table unpacks to some ten times its size; what swells a hundredfold was made to.
_SWELLS = 100
_MAY_SWELL = 64_000_000


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


def most_unpacked(size: int) -> int:
    """Return to how many bytes a packed file of a size may unpack: a hundred times its size."""
    return limits().bytes or max(_MAY_SWELL, _SWELLS * size)


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
    if start.startswith(UTF_16_MARKS):
        return "text"
    head = start[:4096].removeprefix(codecs.BOM_UTF8).lstrip()
    if head[:1] in (b"{", b"[") and not _DATED.match(head):
        return "JSON"
    if head[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page or XML"
    return "text" if head and b"\0" not in head else ""


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
    encoding : {"utf-8-sig", "utf-16", "mixed", "cp1252", "latin-1"}
        The first that the whole file can be read as; UTF-16 where it begins so; "mixed" where some
        of it is UTF-8 and some cp1252.
    separator : str
        One of ``;``, ``,``, tab and ``|``.
    header : tuple of str
        Cells of the first line that holds any, as they are written; numbers where it is a record.
    named : bool
        The first line names the columns.
    above : int
        Empty lines, lines of a comment, and a line that names the separator, before it.
    mixed, titles : int
        Lines of a mixed file that are not UTF-8; those above the header that are titles.
    """

    path: Path
    name: str
    packed: bool
    encoding: str
    separator: str
    header: tuple[str, ...]
    named: bool = True
    above: int = 0
    mixed: int = 0
    titles: int = 0

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
        if self.encoding == "mixed":
            notes.append(Note("letters_mixed", lines=self.mixed))
        elif self.encoding != "utf-8-sig":
            notes.append(Note("read_as", encoding=self.encoding))
        return tuple(notes)

    @contextmanager
    def reading(self, who: str, what: str) -> Iterator[io.TextIOBase]:
        """Open the file for its text, line ends as they are."""
        with unpacked(self.path, who=who, what=what) as file:
            if self.encoding == "mixed":
                yield io.StringIO("".join(decoded(file, self.encoding)), newline="")
            else:
                yield io.TextIOWrapper(cast(Any, file), encoding=self.encoding, newline="")

    def in_utf8(self, spill: Spill, who: str) -> Path:
        """Return a file with the same text in UTF-8: this one, or a copy in a folder of ours."""
        if self.encoding == "utf-8-sig":
            return self.path
        with unpacked(self.path, who=who) as file:
            return spill.copied(text.encode() for text in decoded(file, self.encoding))

    @property
    def compression(self) -> Literal["gzip", "none"]:
        """Return the compression of `in_utf8` in the words of DuckDB."""
        return "gzip" if self.packed and self.encoding == "utf-8-sig" else "none"


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
    read_as = encoding_of(lambda: unpacked(file, who=who, what=what), start)
    if read_as is None:
        came = f"{name}, which holds binary data"
        raise ReadError.of(who, what, came, "Save it as CSV in UTF-8.", why="other_kind")
    encoding, mixed = read_as
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
    separator = separator_of(text)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
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
    named = names_columns(header, below, name=name, who=who)
    header = header if named else numbered(len(header))
    return TextFile(
        path=file, name=name, packed=is_gzipped(file), encoding=encoding, separator=separator,
        header=header, named=named, above=above, mixed=mixed, titles=titles,
    )  # fmt: skip
