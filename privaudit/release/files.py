"""A user's file, whatever its format, as one table: which reader takes it, and its refusals."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import one_of, say
from privaudit._core.limits import limits, refuse_beyond
from privaudit.errors import ReadError
from privaudit.release.declared import load
from privaudit.release.one_part import Parts, part_at
from privaudit.tables.text_file import GZIP, one_line, regular_file, start_of, unpacked, what_it_is

if TYPE_CHECKING:
    from privaudit.tables.file_frame import FileFrame

__all__ = ["GIVES", "Asked", "Reader", "formats", "read_frame", "reader_of", "readers"]

_ROOM = "privaudit.release.readers"
_PART = 1 << 20
GIVES = ("table", "dots", "traces")
# How far from its beginning a file of no known ending is looked at.
_NEAR = 4096


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A file that a reader is to read, which begins as the reader says.

    - `name`: Without its folder, on one line.
    - `places`: A row without a point is of no use. Otherwise it is a row like another.
    - `sheet`: Which of several parts to read: see `part_asked`.
    - `within`, `most`: How many zip files it was taken out of, and to how many bytes what is packed
      in it may unpack.
    - `alone`: The part is one of several that are all read, each by itself.
    """

    path: Path
    name: str
    who: str
    places: bool
    crs: str | None
    sheet: str | None = None
    within: int = 0
    most: int | None = None
    alone: bool = False

    def data(self) -> bytes:
        """Return the whole file, unpacked."""
        with unpacked(self.path, who=self.who) as file:
            data = file.read(limits().held + 1)
        refuse_beyond("bytes", len(data), who=self.who, name=self.name)
        if data.lstrip()[:1] in (b"{", b"["):
            refuse_beyond("depth", depth_of(data), who=self.who, name=self.name)
        return data


def depth_of(data: bytes) -> int:
    """Return how many lists and objects of a JSON text stand in one another, at most.

    Examples
    --------
    >>> depth_of(b'{"a": [[1], "]]["]}')
    3
    """
    import numpy as np

    data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    deepest = depth = 0
    quoted = False
    for start in range(0, len(data), _PART):
        part = np.frombuffer(data[start : start + _PART], dtype=np.uint8)
        inside = (np.cumsum(part == ord('"')) + quoted) % 2 == 1
        opens = (part == ord("[")) | (part == ord("{"))
        closes = (part == ord("]")) | (part == ord("}"))
        level = depth + np.cumsum(np.where(inside, 0, opens.astype(np.int8) - closes))
        deepest, depth, quoted = max(deepest, int(level.max())), int(level[-1]), bool(inside[-1])
    return deepest


@dataclass(frozen=True, eq=False, kw_only=True)
class Reader:
    """A format. A module of `privaudit.release.readers` declares one as ``READER``.

    - `word`: What people call it: "GeoJSON".
    - `endings`: Of its files, in lower case, with the dot.
    - `gives` (tuple of {"table", "dots", "traces"}): What a file can be read as.
    - `read`: Takes an `Asked`, returns a `FileFrame`; raises `ReadError`, `SchemaError` or
      `GeometryError`, and never repeats a cell.
    - `kind`: What a file is that begins so: "JSON". Default: `word`.
    - `begins`: One of them begins every file, unpacked, after blanks. None: it is text.
    - `signs`: One of them, near its beginning, tells a file whose ending nobody knows.
    - `packed`: A file may be gzipped, ``.gz`` after its ending.
    - `counted`: `privaudit.measure` takes such a file where it is, and counts one that is large.
    - `parts`: Of a file of several tables, takes an `Asked` and says which there are.
    """

    word: str
    endings: tuple[str, ...]
    gives: tuple[str, ...]
    read: Callable[[Asked], FileFrame]
    kind: str = ""
    begins: tuple[bytes, ...] = ()
    signs: tuple[bytes, ...] = ()
    packed: bool = True
    counted: bool = False
    parts: Callable[[Asked], Parts] | None = None

    def __post_init__(self) -> None:
        for given in self.gives:
            one_of("Reader", "gives", given, GIVES)
        object.__setattr__(self, "kind", self.kind or self.word)

    def takes(self, start: bytes) -> bool:
        """Whether a file with these first bytes may be of this format."""
        head = start.removeprefix(b"\xef\xbb\xbf").lstrip()
        return head.startswith(self.begins) if self.begins else what_it_is(start) in ("text", "")


def readers() -> list[Reader]:
    """Every reader that a module of the room declares, by its word."""
    load(_ROOM)
    found = [
        module.READER
        for name, module in list(sys.modules.items())
        if name.startswith(f"{_ROOM}.") and hasattr(module, "READER")
    ]
    return sorted(found, key=lambda reader: reader.word)


def formats(gives: str) -> str:
    """Say which formats a table, dots or traces may come in.

    Examples
    --------
    >>> formats("dots").split(", ")[:4]
    ['CSV', 'Excel', 'GPX', 'GeoJSON']
    """
    words = [reader.word for reader in readers() if gives in reader.gives]
    return " or ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def read_frame(
    path: Any,
    *,
    who: str = "read_frame",
    gives: str = "dots",
    crs: str | None = None,
    sheet: str | None = None,
    within: int = 0,
    most: int | None = None,
) -> FileFrame:
    """Read a file of any format that has a reader.

    - `path`: It ends as its reader says; ``.gz`` may follow. One that ends otherwise is known by
      how it begins.
    - `gives` ({"dots", "table", "traces"}): What it is read as. Of dots, a feature without a point
      is of no use; elsewhere it is a row like another.
    - `sheet`: Which sheet, layer, table or file of one that holds several, by name or by number
      from 1. Default: the first that holds rows, which a note says.
    - `within`, `most`: See `Asked`.
    """
    from privaudit.tables.file_frame import refuse_if_most
    from privaudit.tables.point_columns import with_points

    reader = reader_of(path, gives=gives, who=who)
    file = Path(path)
    part = part_at(file) if sheet is None else None
    if part is not None and (gives, crs) in part.read:
        before: FileFrame = part.read[gives, crs]
        return before
    name = one_line(file.name)
    start = start_of(file, who=who)
    if not start.removeprefix(b"\xef\xbb\xbf").strip():
        raise ReadError(say(who, "a table", f"the empty file {name}"), why="empty")
    with file.open("rb") as raw:
        zipped = raw.read(2) == GZIP
    if part is None and file.suffix.lower() == ".gz" and not zipped:
        raise ReadError(
            say(who, "gzip, as the ending .gz says", f"{name}, which is not"), why="other_kind"
        )
    if zipped and not reader.packed:
        start = GZIP
    if not reader.takes(start):
        needed = f"{reader.kind}, as the ending says"
        others = (r.kind for r in readers() if r.begins and r.takes(start))
        came = f"{name}, which is {what_it_is(start) or next(others, 'something else')}"
        do = "Rename the file after what it is, or export it again."
        raise ReadError(say(who, needed, came, do), why="other_kind")
    found = reader.read(
        Asked(
            path=file,
            name=name,
            who=who,
            places=gives == "dots",
            crs=crs,
            sheet=sheet if part is None else part.sheet,
            within=within,
            most=most,
            alone=part is not None,
        )
    )
    refuse_if_most(found.set_aside, len(found.frame), name=name, who=who)
    found = with_points(found) if gives == "dots" else found
    if part is not None:
        part.read[gives, crs] = found
    return found


def reader_of(path: Any, *, gives: str, who: str) -> Reader:
    """Return the reader that takes a file by its ending; by its beginning where nobody knows that.

    Text is CSV where its first line has a separator.
    """
    file = regular_file(path, who=who)
    one_of(who, "gives", gives, GIVES)
    part = part_at(file)
    endings = [ending.lower() for ending in (file if part is None else part.of).suffixes]
    packed = endings[-1:] == [".gz"]
    ending = next(iter((endings[:-1] if packed else endings)[-1:]), "")
    every = readers()
    able = [reader for reader in every if gives in reader.gives]
    for reader in able:
        if ending in reader.endings and (reader.packed or not packed):
            return reader
    if not any(ending in reader.endings for reader in every):
        start = start_of(file, who=who)[:_NEAR]
        # A zip file lists at its end what it holds.
        shown = start + _end(file) if start.startswith(b"PK") else start
        signed = [(sign, r) for r in able for sign in r.signs if sign in shown and r.takes(start)]
        if signed:
            return max(signed, key=lambda one: len(one[0]))[1]
        if what_it_is(start) == "text" and re.match(rb"[^\r\n]*[,;\t|]", start.lstrip()):
            return next(reader for reader in able if ".csv" in reader.endings)
    known = ", ".join(e for reader in able for e in reader.endings)
    needed = f"a file that ends in {known}, or in .gz after one"
    raise ReadError(
        say(who, needed, one_line(file.name), "Export the table as CSV."), why="other_kind"
    )


def _end(file: Path) -> bytes:
    with file.open("rb") as raw:
        raw.seek(max(0, file.stat().st_size - 16 * _NEAR))
        return raw.read()
