"""The one place that opens a text file: packed or not, its letters, its separator, its header."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from privaudit._core.checks import kind_of, say
from privaudit._core.limits import limits, refuse_beyond
from privaudit.errors import ParameterError, ReadError, SchemaError
from privaudit.tables.first_line import names_columns, numbered
from privaudit.tables.header_row import lines_of_titles, of_fixed_width, separator_of
from privaudit.tables.letters import UTF_16, decoded, decoder, encoding_of
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.tables.duck import Spill

__all__ = [
    "GZIP",
    "TextFile",
    "look_at",
    "most_unpacked",
    "one_line",
    "regular_file",
    "start_of",
    "unpacked",
    "what_it_is",
]

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
# A first line by which a spreadsheet is told the separator.
_NAMES_SEPARATOR = re.compile(r"[\ufeff]?sep=.?", re.IGNORECASE)
_START = 65_536
_CHUNK = 1_000_000
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
        raise ParameterError(say(who, "the path of a file", f"path as {kind_of(path)}"))
    file = Path(path)
    name = one_line(file.name)
    try:
        mode = file.stat().st_mode
    except (OSError, ValueError) as error:
        missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
        came = f"no such file: {name}" if missing else f"{name}, which cannot be opened"
        raise ReadError(say(who, what, came, "Check the path.")) from None
    if stat.S_ISDIR(mode):
        raise ReadError(say(who, what, f"the folder {name}", "Name a file in it."))
    if not stat.S_ISREG(mode):
        came = f"{name}, a pipe or a device"
        raise ReadError(say(who, what, came, "Write it to a file first."), why="closed")
    return file


class _Bounded(io.RawIOBase):
    """Bytes of a gzip stream, up to a bound."""

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
    """A packed file is larger than any table would be."""


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
                yield io.BufferedReader(_Bounded(packed, most), _CHUNK)
    except _SwellError:
        needed = f"a packed file that unpacks to at most {most // 10**6:,} MB"
        do = "Unpack it, and see what it is, or raise --max-bytes."
        raise ReadError(say(who, needed, f"more in {name}", do), why="swells") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        came = f"{name}, whose gzip is damaged or cut short"
        raise ReadError(say(who, what, came, "Download or pack it again."), why="damaged") from None
    except OSError:
        came = f"{name}, which cannot be opened"
        raise ReadError(say(who, what, came, "Check its rights."), why="closed") from None


def start_of(path: Any, *, who: str, what: str = "a file") -> bytes:
    """Return the first bytes of a file, unpacked."""
    with unpacked(regular_file(path, who=who, what=what), who=who, what=what) as file:
        return file.read(_START)


def what_it_is(start: bytes) -> str:
    """Say what first bytes show, or "" where they could be either text or noise.

    Examples
    --------
    >>> what_it_is(b"PAR1"), what_it_is(b' {"a": 1}'), what_it_is("a;b".encode("utf-16"))
    ('Parquet', 'JSON', 'text')
    """
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            return kind
    if start.startswith(UTF_16):
        return "text"
    head = start[:4096].removeprefix(codecs.BOM_UTF8).lstrip()
    if head[:1] in (b"{", b"[") and not _DATED.match(head):
        return "JSON"
    if head[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page or XML"
    return "text" if head and b"\0" not in head else ""


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A delimited text file that has been looked at: through for its letters, not read.

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
        """Names of the columns on one line each, numbered where empty."""
        return [one_line(cell) or f"column {i}" for i, cell in enumerate(self.header, 1)]

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the letters were taken to be, where not UTF-8, and that no line is a header."""
        said = [] if self.named else [Note("no_header", file=self.name, columns=len(self.header))]
        if self.titles:
            said.append(Note("rows_above_header", rows=self.titles))
        if self.encoding == "mixed":
            said.append(Note("letters_mixed", lines=self.mixed))
        elif self.encoding != "utf-8-sig":
            said.append(Note("read_as", encoding=self.encoding))
        return tuple(said)

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
        """What DuckDB calls the compression of `in_utf8`."""
        return "gzip" if self.packed and self.encoding == "utf-8-sig" else "none"


def look_at(path: Any, *, who: str, what: str = "a text table", comment: str = "") -> TextFile:
    """Look at a delimited text file, once through, and read its header; see `names_columns`.

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
    start = start_of(file, who=who, what=what)
    kind = what_it_is(start)
    if kind not in ("text", ""):
        do = "Unpack it, or save it as CSV."
        raise ReadError(
            say(who, f"{what} as CSV", f"{name}, which is {kind}", do), why="other_kind"
        )
    read_as = encoding_of(lambda: unpacked(file, who=who, what=what), start)
    if read_as is None:
        came = f"{name}, which holds binary data"
        raise ReadError(say(who, what, came, "Save it as CSV in UTF-8."), why="other_kind")
    encoding, mixed = read_as
    # A letter may be cut in two at the end.
    text = decoder(encoding).decode(start)
    if not text.strip():
        raise ReadError(say(who, what, f"the empty file {name}"), why="empty")
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
        raise ReadError(say(who, what, f"no header in {name}", do), why="no_header") from None
    refuse_beyond("columns", len(header), who=who, name=name)
    if len(header) == 1 and of_fixed_width(text.split("\n")[:50]):
        needed, came = f"{what} as CSV", f"{name}, where blanks alone keep columns apart"
        raise ReadError(say(who, needed, came, "Save it as CSV."), why="other_kind")
    below: list[list[str]] = []
    with suppress(csv.Error):
        below += islice(rows, 50)
    if not below and len(start) == _START:
        needed, do = "names of columns in the first line", "Add that line."
        raise SchemaError(say(who, needed, f"a line without end in {name}", do), why="too_large")
    named = names_columns(header, below, name=name, who=who)
    with file.open("rb") as raw:
        packed = raw.read(2) == GZIP
    return TextFile(
        path=file,
        name=name,
        packed=packed,
        encoding=encoding,
        separator=separator,
        header=header if named else numbered(len(header)),
        named=named,
        above=above,
        mixed=mixed,
        titles=titles,
    )
