"""Shapefiles of points: positions (.shp), properties (.dbf), letters (.cpg), projection (.prj).

A dBase table (.dbf) alone, as old programs of town halls keep their lists, is a table."""

from __future__ import annotations

import math
import re
import struct
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit.io.csv_dialects import regular_file
from privaudit.io.encodings import codec_of_text, evidence_of
from privaudit.io.features import Features, texts_frame
from privaudit.io.readers import Reader, ReadRequest
from privaudit.io.workbooks import number_text
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privaudit.io.file_frame import FileFrame

_WHAT = "a shapefile"
_CONTROLS = re.compile(rb"\xff\xff\x08|[\x00-\x1f]+")  # and marks of blocks of dBase IV
_CODE, _HEADER = 9994, 100
# Kinds of shapes: each alone, with a height and a measure, or with a measure.
_KINDS = {3: "MultiLineString", 5: "MultiPolygon", 8: "MultiPoint"}
_LARGEST = 2_000_000_000
# Code pages by the language byte of a dBase table; the default is that of Windows.
_LETTERS = {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x57: "cp1252", 0x58: "cp1252"}
# Characters that every encoding of a table writes alike.
_PLAIN = b"Az09 _"


def _read(asked: ReadRequest) -> FileFrame:
    """Read points in the order of the file; no index is needed."""
    notes = []
    shapes = list(_shapes(_bytes(asked.path, asked), asked))
    table = _sibling(asked.path, ".dbf")
    rows: list[dict[str, str] | None]
    if table is None:
        notes.append(Note("shapes_alone"))
        rows = [{} for _ in shapes]
    else:
        rows = _records(table, asked, notes)
    if _sibling(asked.path, ".shx") is None:
        notes.append(Note("index_missing"))
    if len(rows) != len(shapes):
        came = f"{len(shapes):,} shapes and {len(rows):,} records in {asked.name}"
        raise asked.error("a shape for each record", came, "Export it again.", why="damaged")
    result = Features(asked)
    for (point, reason), row in zip(shapes, rows, strict=True):
        if row is not None:
            result.add(point, row, reason)
    if deleted := rows.count(None):
        notes.append(Note("records_deleted", records=deleted))
    projection = _sibling(asked.path, ".prj")
    declared = None
    if projection is not None and result.points and result.located():
        declared = _bytes(projection, asked)[:10_000].decode("utf-8", "replace")
    return result.read(texts_frame, declared=declared, notes=tuple(notes))


def _sibling(path: Path, ending: str) -> Path | None:
    """Return the file of the same name with another ending, in any case."""
    files = (path.with_suffix(item) for item in (ending, ending.upper()))
    return next((file for file in files if file.is_file()), None)


def _bytes(path: Path, asked: ReadRequest) -> bytes:
    file = regular_file(path, who=asked.who, what=_WHAT)
    if file.stat().st_size > _LARGEST:
        raise asked.error("a shapefile of at most 2 GB", f"more in {asked.name}", why="too_large")
    try:
        return file.read_bytes()
    except OSError:
        came = f"{asked.name}, which cannot be opened"
        raise asked.error(_WHAT, came, "Check its rights.", why="closed") from None


def _shapes(
    data: bytes, asked: ReadRequest
) -> Iterator[tuple[tuple[float, float] | None, Note | None]]:
    if len(data) < _HEADER or struct.unpack_from(">i", data)[0] != _CODE:
        raise asked.damaged(_WHAT)
    place = _HEADER
    while place + 8 <= len(data):
        words = struct.unpack_from(">i", data, place + 4)[0]
        start, place = place + 8, place + 8 + 2 * words
        if words < 2 or place > len(data):
            raise asked.damaged(_WHAT)
        kind = struct.unpack_from("<i", data, start)[0]
        if kind == 0:
            yield None, Note("feature_without_geometry")
        elif kind % 10 in (5, 8) and (asked.inside or kind % 10 == 8):
            yield _of_parts(data[start:place], kind % 10, asked)
        elif kind % 10 != 1:
            yield None, Note("not_a_point", geometry=_KINDS.get(kind % 10, "unknown"))
        elif words < 10:
            raise asked.damaged(_WHAT)
        else:
            x, y = struct.unpack_from("<dd", data, start + 4)
            fine = math.isfinite(x + y)
            yield ((x, y), None) if fine else (None, Note("point_without_numbers"))
    if place != len(data):
        raise asked.damaged(_WHAT)


def _of_parts(
    shape: bytes, kind: int, asked: ReadRequest
) -> tuple[tuple[float, float] | None, Note | None]:
    """Read a MultiPoint, or a polygon of rings, each of which begins where its part says."""
    from privaudit.io.coordinates import point_of_geometry

    try:
        parts = struct.unpack_from("<i", shape, 36)[0] if kind == 5 else 0
        count = struct.unpack_from("<i", shape, 40 if parts or kind == 5 else 36)[0]
        if parts < 0 or count < 0 or 8 * count > len(shape) or 4 * parts > len(shape):
            raise asked.damaged(_WHAT)
        starts = struct.unpack_from(f"<{parts}i", shape, 44)
        flat = struct.unpack_from(f"<{2 * count}d", shape, 44 + 4 * parts if kind == 5 else 40)
    except struct.error:
        raise asked.damaged(_WHAT) from None
    points = [list(pair) for pair in zip(flat[::2], flat[1::2], strict=True)]
    if kind == 8:
        return point_of_geometry("MultiPoint", points)
    rings = [points[a:b] for a, b in pairwise([*starts, count])]
    # Which rings are holes does not matter: a cut through all of them leaves the holes out.
    return point_of_geometry("Polygon", rings, inside=True)


def _declared_encoding(asked: ReadRequest) -> str:
    """Return the encoding declared by the .cpg file, "" where there is none."""
    text = _sibling(asked.path, ".cpg")
    word = _bytes(text, asked)[:40].decode("ascii", "replace").strip().lower() if text else ""
    word = {"ansi 1252": "cp1252", "88591": "latin-1", "ansi": "cp1252"}.get(word, word)
    word = f"cp{word}" if word.isdecimal() else word
    word = codec_of_text(word)
    # Names of fields are cut at bytes: letters of two bytes each and EBCDIC are no such table's.
    return word if word and _PLAIN.decode(word, "replace") == _PLAIN.decode("ascii") else ""


def _records(path: Path, asked: ReadRequest, notes: list[Note]) -> list[dict[str, str] | None]:
    """Return the records of a dBase table as text; None for one that was deleted."""
    data, letters = _bytes(path, asked), _declared_encoding(asked)
    if len(data) < 33:
        raise asked.damaged(_WHAT)
    memos = _Memos(data, path, asked)
    count, header, width = struct.unpack_from("<IHH", data, 4)
    fields, place = [], 32
    start = 1
    while place + 32 <= min(header, len(data)) and data[place] != 0x0D:
        raw, kind, length = data[place : place + 11], chr(data[place + 11]), data[place + 16]
        # A column of text may be longer than one byte can hold.
        length += 256 * data[place + 17] if kind == "C" else 0
        fields.append((raw.partition(b"\0")[0], kind, start, start + length))
        start, place = start + length, place + 32
    if not fields or width < start or header + count * width > len(data):
        raise asked.damaged(_WHAT)
    letters = letters or _LETTERS.get(data[29]) or _default_encoding(data + memos.data)
    names = [raw.decode(letters, "replace").strip() for raw, *_ in fields]
    kinds = [kind for _, kind, *_ in fields]
    rows: list[dict[str, str] | None] = []
    for number in range(count):
        at = header + number * width
        if data[at] == 0x2A:
            rows.append(None)
            continue
        cells = [data[at + left : at + right] for _, _, left, right in fields]
        cells = [memos.at(c) if k in "MG" else c for c, k in zip(cells, kinds, strict=True)]
        texts = (c.decode(letters, "replace").strip(" \0") for c in cells)
        rows.append({n: _cell(t, k) for n, t, k in zip(names, texts, kinds, strict=True)})
    if memos.missing:
        notes.append(Note("memos_missing", n=memos.missing))
    return rows


class _Memos:
    """Texts of a dBase table that stand in a file of their own: .dbt, or .fpt of FoxPro."""

    def __init__(self, table: bytes, path: Path, asked: ReadRequest) -> None:
        file = _sibling(path, ".dbt") or _sibling(path, ".fpt")
        self.data = b"" if file is None else _bytes(file, asked)
        self.fox = file is not None and file.suffix.lower() == ".fpt"
        # dBase III has blocks of 512 bytes, and the end of a text marked.
        self.marked = table[0] == 0x83
        where = ">H" if self.fox else "<H"
        known = 0 if self.marked or len(self.data) < 22 else struct.unpack_from(
            where, self.data, 6 if self.fox else 20
        )[0]  # fmt: skip
        self.block, self.missing = known or 512, 0
        self.asked = asked

    def at(self, cell: bytes) -> bytes:
        """Return the text whose block a cell names; nothing where it names none."""
        # As a number of four bytes, or in digits.
        digits = cell.strip(b" \0")
        plain = int(digits) if digits.isdigit() else 0
        number = struct.unpack("<I", cell)[0] if len(cell) == 4 else plain
        start = number * self.block
        if not number:
            return b""
        if self.marked and start < len(self.data):
            end = self.data.find(b"\x1a", start)
            return self._text(start, len(self.data) if end < 0 else end)
        if start + 8 > len(self.data):
            self.missing += 1
            return b""
        long = struct.unpack_from(">I" if self.fox else "<I", self.data, start + 4)[0]
        return self._text(start + 8, start + (8 if self.fox else 0) + long)

    def _text(self, start: int, end: int) -> bytes:
        # Many records may name one text.
        self.asked.charge(max(min(end, len(self.data)) - start, 0), 1)
        return self.data[start:end]


def _default_encoding(data: bytes) -> str:
    """Return the encoding that the words of a table show; that of Windows where they cannot."""
    try:
        data[32:].decode("utf-8")
    except UnicodeDecodeError:
        evidence = evidence_of(BytesIO(_CONTROLS.sub(b"\n", data)))
        likely = evidence.every.likely() if evidence else ()
        return "cp1252" if not likely or "cp1252" in likely else likely[0]
    return "utf-8"


def _cell(text: str, kind: str) -> str:
    if kind == "D" and len(text) == 8 and text.isdecimal():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}" if text != "00000000" else ""
    if kind == "L":
        return {"t": "True", "y": "True", "f": "False", "n": "False"}.get(text.lower(), "")
    if kind in "NF":
        whole = "e" not in text.lower() and "." not in text
        return "" if set(text) == {"*"} else text if whole else number_text(text)
    return text


READER = Reader(
    word="shapefile",
    endings=(".shp",),
    begins=(b"\x00\x00\x27\x0a",),
    signs=(b"\x00\x00\x27\x0a",),
    packed=False,
    read=_read,
)


def _read_table(asked: ReadRequest) -> FileFrame:
    """Read a dBase table by itself; deleted records are left out."""
    from privaudit.io.file_frame import FileFrame

    said = list[Note]()
    asked.data()
    rows = _records(asked.path, asked, said)
    kept = [row for row in rows if row is not None]
    if not kept:
        raise asked.error("a table with a record", f"none in {asked.name}", why="empty")
    frame, notes = texts_frame(kept, (), asked.name, asked.who)
    notes += said
    if deleted := len(rows) - len(kept):
        notes.append(Note("records_deleted", records=deleted))
    return FileFrame(frame=frame, name=asked.name, notes=tuple(notes))


TABLE_READER = Reader(
    word="dBase",
    kind="a dBase table",
    endings=(".dbf",),
    gives=("table",),
    # Versions of the format: III, with memos, FoxPro.
    begins=(b"\x03", b"\x83", b"\x8b", b"\x30", b"\x31", b"\xf5"),
    packed=False,
    read=_read_table,
)
