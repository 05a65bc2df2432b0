"""Zip files: the member that is asked for, or the first that can be read."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from privaudit.columns.headers import kind_of_header
from privaudit.core.files import portable_name
from privaudit.errors import PrivauditError
from privaudit.io.containers import Packed, opened
from privaudit.io.csv_dialects import (
    TextFile,
    files_without_header,
    inspect_text_file,
    one_line,
    without_header,
)
from privaudit.io.formats.text import is_one_text
from privaudit.io.readers import Reader, ReadRequest, choose_part, read_frame, readers
from privaudit.text.normalise import fold
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.duckdb import Spill
    from privaudit.io.file_frame import FileFrame

_WHAT = "a zip file with a table"
# A zip in a zip is read; what is packed deeper was made to hide something, or to swell.
NESTED = 2
# Files of a zip that are unpacked to be exhibits.
_MOST = 40
# Bytes of a file that may be a legend of another.
_LEGEND = 1 << 16
# Bytes of a file of JSON that may be a part of a list.
_PAGE = 1 << 24
# Bytes of the files that are compared before they are put together, and marks between their values:
# each value is an object while it is compared, some two hundred bytes.
_TOGETHER, _MOST_MARKS, _MARKS = 1 << 28, 4_000_000, b",;|\t\n:{["
# What parts of a list share that cannot be read; kinds of columns that hold a value once each.
_DAMAGED, _IDS = "damaged", ("number", "email", "phone")
# A file of ours with the first lines of a table.
_PART = ".part"
# Steps by which files are put together; the ending of a list of records.
_STEPS, _LINES = 3, ".ndjson"
# Files of a card, a mail or a note each, by what many of them are together.
_OF_ONE_EACH = {"vcf": ".vcf", "eml": ".mbox", "txt": _LINES, "md": _LINES}
_PARTED = ("json", "csv", *_OF_ONE_EACH)
_FROM = re.compile(rb"^From ", re.MULTILINE)
# What numbers of a day or of a page are written with; how a list of records begins.
_NUMBERS, _LIST = re.compile(r"[\d_. -]*\d[\d_. -]*"), re.compile(rb"\[\s*\{")
# Files that lie beside a shapefile, or a table of dBase with texts, under its name.
_MEMOS = (".dbt", ".fpt")
_BESIDE = {".shp": (".dbf", ".shx", ".prj", ".cpg", *_MEMOS), ".dbf": _MEMOS}


def _read(asked: ReadRequest) -> FileFrame:
    # Imported late: help loads every reader.
    from privaudit.io.duckdb import spilling
    from privaudit.io.legends import decoded_beside

    if asked.within == NESTED:
        needed = f"a zip in at most {NESTED - 1} other"
        raise asked.error(needed, f"more in {asked.name}", "Unpack it first.", why="nested")
    with opened(asked, what=_WHAT) as packed:
        with spilling() as spill:
            groups = _groups(packed, spill)
        names = list(groups)
        if not names:
            came = f"{len(packed.names):,} files of other kinds in {asked.name}"
            raise asked.error(_WHAT, came, "Unpack it, and name one of them.", why="other_kind")
        member, sheet = _member_and_sheet(asked.sheet, names)
        chosen, notes, left = choose_part(
            replace(asked, sheet=member), names, names[0], note="member_read"
        )
        with spilling() as spill, ExitStack() as stack:
            file = _unpack(packed, groups[chosen], spill, file_name(chosen))
            if asked.name in files_without_header():
                stack.enter_context(without_header(file.name))
            how: dict[str, Any] = {
                "who": asked.who, "within": asked.within + 1, "most": packed.most,
                "decoded": asked.decoded,
            }  # fmt: skip
            gives = "dots" if asked.places else "table"
            result = read_frame(file, gives=gives, crs=asked.crs, sheet=sheet, **how)
            others = [
                (n, of)
                for n, of in groups.items()
                if n != chosen and sum(map(packed.size, of)) <= _LEGEND
            ]
            result = decoded_beside(
                result, (partial(_table_of, packed, *one, how) for one in others[:_MOST])
            )
        said = (*_joined(groups[chosen], asked), *_unread_note(packed, asked))
    return replace(
        result, name=f"{asked.name}/{result.name}", file=asked.name, left=left or result.left,
        notes=(*notes, *said, *result.notes),
    )  # fmt: skip


def _table_of(packed: Packed, name: str, members: Sequence[str], how: dict[str, Any]) -> FileFrame:
    from privaudit.io.duckdb import spilling

    with spilling() as spill:
        file = _unpack(packed, members, spill, file_name(name))
        return read_frame(file, gives="table", **how)


def _joined(members: Sequence[str], asked: ReadRequest) -> tuple[Note, ...]:
    """Return a note on files that were read as one list, if they were several."""
    n = len(members)
    return (Note("files_together", file=asked.name, n=n),) if n > 1 else ()


def _member_and_sheet(sheet: str | None, names: list[str]) -> tuple[str | None, str | None]:
    """Take apart which file of a zip is asked for, and which part of that file, behind a "/".

    With one file only, a sheet is one of that file.

    Examples
    --------
    >>> _member_and_sheet("a/liste.xlsx/Dons", ["a/liste.xlsx", "b.csv"])
    ('a/liste.xlsx', 'Dons')
    >>> _member_and_sheet("2/3", ["a.csv", "b.ods"])
    ('2', '3')
    >>> _member_and_sheet("b.csv", ["a.csv", "b.csv"]), _member_and_sheet("Dons", ["liste.xlsx"])
    (('b.csv', None), (None, 'Dons'))
    """
    if sheet is None:
        return None, None
    known = [fold(name) for name in names]
    asked = sheet.strip()
    if fold(asked) in known:
        return asked, None
    for at, letter in enumerate(asked):
        head = fold(asked[:at])
        if letter == "/" and (head in known or (head.isdecimal() and int(head[:9]) > 0)):
            return asked[:at], asked[at + 1 :]
    return (None, asked) if len(names) == 1 and asked != "1" else (asked, None)


def members_of(path: Path, spill: Spill, *, taken: Collection[str], who: str) -> list[Path]:
    """Unpack the files of a zip that a reader takes, of different names.

    Together they unpack to what one zip may; those of one name, as of the chats of a messenger, are
    numbered. None where the zip is better left as it is: it holds more than 40, or one named as a
    file that lies beside it.

    Parameters
    ----------
    taken : sequence of str
        Names of other files.

    Raises
    ------
    ReadError
        It is damaged, needs a password, or swells beyond its bound.
    """
    asked = ReadRequest(path=path, name=one_line(path.name), who=who, places=False, crs=None)
    with opened(asked, what=_WHAT) as packed:
        groups = _groups(packed, spill)
        known, files = {name.lower() for name in taken}, list[Path]()
        if not 0 < len(groups) <= _MOST or known & {file_name(name).lower() for name in groups}:
            return []
        for number, (name, members) in enumerate(groups.items(), 1):
            short = file_name(name)
            short = short if short.lower() not in known else f"{number} {short}"
            known.add(short.lower())
            files.append(_unpack(packed, members, spill, short))
            os.utime(files[-1], (max(map(packed.written, members)),) * 2)
        return files


def unread_note(path: Path, *, who: str) -> tuple[Note, ...]:
    """Return notes on the files of a zip that no reader takes, and on those read as one list."""
    from privaudit.io.duckdb import spilling

    asked = ReadRequest(path=path, name=one_line(path.name), who=who, places=False, crs=None)
    with opened(asked, what=_WHAT) as packed, spilling() as spill:
        lists = [note for of in _groups(packed, spill).values() for note in _joined(of, asked)]
        return (*lists, *_unread_note(packed, asked))


def _unread_note(packed: Packed, asked: ReadRequest) -> tuple[Note, ...]:
    unread = unread_members(packed.names)
    return (Note("members_unread", file=asked.name, n=unread),) if unread else ()


def readable(name: str) -> bool:
    """Return whether some reader takes a file by its ending; resource forks of macOS aside."""
    parts = name.lower().rpartition("/")
    if parts[2].startswith(".") or "__macosx" in parts[0]:
        return False
    return any(parts[2].endswith(ending) for reader in readers() for ending in reader.endings)


def unread_members(names: Collection[str]) -> int:
    """Return how many files of a zip no reader takes: an old database, a picture, a recording.

    Examples
    --------
    >>> unread_members(["a.csv", "photos/", "photos/1.jpg", "b.mdb", "m.shp", "m.shx", ".x"])
    2
    """
    whole = {end: {n[:-4].lower() for n in names if n.lower().endswith(end)} for end in _BESIDE}
    others = (name for name in names if not readable(name) and not name.endswith("/"))
    return sum(
        not any(name.lower().endswith(_BESIDE[end]) and name[:-4].lower() in of
                for end, of in whole.items())
        and not name.rpartition("/")[2].startswith(".") and "__macosx" not in name.lower()
        for name in others
    )  # fmt: skip


def _shapes(names: Collection[str]) -> set[str]:
    """Return the names of the shapefiles of a zip, without their ending."""
    return {name[:-4].lower() for name in names if name.lower().endswith(".shp")}


def _readable_members(names: Collection[str]) -> list[str]:
    """Return the files of a zip that a reader takes; the table of a shapefile is part of that."""
    shapes = _shapes(names)
    return [
        name for name in names
        if readable(name) and not (name.lower().endswith(".dbf") and name[:-4].lower() in shapes)
    ]  # fmt: skip


def _groups(packed: Packed, spill: Spill) -> dict[str, tuple[str, ...]]:
    """Return the files of a zip that a reader takes, by what each is called.

    What a tool writes a file a day, or a page, is one list of records: those of a folder whose
    names differ by numbers only; where more than 40 remain, of any folder, and single records.
    """
    names = _readable_members(packed.names)
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in names}
    parts = [name for name in names if _ending_of(name) in _PARTED and packed.size(name) <= _PAGE]
    if sum(map(packed.size, parts)) > _TOGETHER or _marks_in(packed, parts) > _MOST_MARKS:
        return groups
    for step in range(_STEPS):
        groups = _put_together(packed, names, step, spill)
        if len(groups) <= _MOST:
            break
    return groups


def _ending_of(member: str) -> str:
    return member.lower().rpartition(".")[2]


def _marks_in(packed: Packed, members: Sequence[str]) -> int:
    """Return how many marks between values stand in files."""
    texts = (packed.head(member, _PAGE) for member in members)
    return sum(len(text) - len(text.translate(None, _MARKS)) for text in texts)


def _put_together(
    packed: Packed, names: Sequence[str], step: int, spill: Spill
) -> dict[str, tuple[str, ...]]:
    lists: dict[tuple[str, Any], dict[str, list[Any]]] = {}
    for name in names:
        key, records = _list_of(packed, name, step, spill)
        lists.setdefault(key, {})[name] = records
    # A damaged file is one of the only list of its name.
    for called in [called for called, kind in lists if kind == _DAMAGED]:
        of = [key for key in lists if key[0] == called and key[1] != _DAMAGED]
        if len(of) == 1:
            lists[of[0]] |= lists.pop((called, _DAMAGED))
    groups = dict[str, tuple[str, ...]]()
    for (called, _), parts in lists.items():
        if len(parts) == 1 or not _are_parts([records for records in parts.values() if records]):
            groups |= {name: (name,) for name in parts}
            continue
        known, number = called, 1
        while known in groups or known in names:
            known, number = f"{number + 1} {called}", number + 1
        groups[known] = tuple(parts)
    return groups


def _are_parts(files: Sequence[Sequence[Any]]) -> bool:
    """Return whether files hold different records; those of versions of one list share them.

    Examples
    --------
    >>> _are_parts([[{"id": 1, "a": 5}, {"id": 2, "a": 5}], [{"id": 3, "a": 5}]])
    True
    >>> _are_parts([[{"id": 1, "a": 5}, {"id": 2, "a": 5}], [{"id": 2, "a": 6}]])
    False
    """
    most = max(map(len, files), default=0)
    # Two notes may be alike.
    if not most or _shared(files) > (len(files) / 2 if most == 1 else 0):
        return False
    first = files[0][0]
    for name in first if most > 1 and isinstance(first, dict) else ():
        values = [[one.get(name) for one in file if one.get(name)] for file in files]
        shared, n = _shared(values), max(map(len, values))
        # A column of ids holds each once in each file.
        if n > 1 and all(len({*map(repr, of)}) == len(of) for of in values):
            is_id = kind_of_header(str(name))[0] in _IDS
            if shared and (is_id or 2 * shared >= sum(map(len, values)) - n):
                return False
    return True


def _shared(files: Sequence[Sequence[Any]]) -> int:
    """Return how many values stand in a file before too."""
    each = [{*map(repr, file)} for file in files]
    return sum(map(len, each)) - len(set[str]().union(*each))


def _list_of(
    packed: Packed, member: str, step: int, spill: Spill
) -> tuple[tuple[str, Any], list[Any]]:
    """Return what a list is called that a file is a part of, what its parts share, and its records.

    A file that is no part of one has a key of its own.

    - `step`: 0 lists of one folder, 1 of any, tables and records too, 2 records of one folder.
    """
    folder, _, name = member.rpartition("/")
    stem, ending = name.rpartition(".")[::2]
    plain = _NUMBERS.sub("", stem) or folder.rpartition("/")[2] or "list"
    ending, alone = ending.lower(), ((member, member), list[Any]())
    parted = ending == "json" or (step and ending in ("csv", *_OF_ONE_EACH))
    most = _LEGEND if _OF_ONE_EACH.get(ending) == _LINES else _PAGE
    if not parted or packed.size(member) > most:
        return alone
    if ending == "json" and not step and not _NUMBERS.search(stem):
        return alone
    data = packed.head(member, most)
    if ending == "csv":
        header, rows = _rows_of(data, spill)
        return ((f"{plain}.csv", header), rows) if rows else alone
    if ending in _OF_ONE_EACH:
        records = _texts_of(data, ending)
        return ((f"{folder or plain}{_OF_ONE_EACH[ending]}", ending), records) if records else alone
    is_list = _LIST.match(data.lstrip()) is not None
    called = f"{plain}{_LINES}" if step else f"{folder}/{plain}{_LINES}".lstrip("/")
    if not is_list:
        if not step or data.lstrip()[:1] != b"{" or b'"FeatureC' in data[:_LEGEND]:
            return alone
        called = called if step == 1 else f"{folder or 'records'}{_LINES}"
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return (called, _DAMAGED), []
    if is_list and not all(isinstance(one, dict) for one in value):
        return alone
    keys = Counter(key for one in (value if is_list else [value]) for key in one)
    usual = {key for key, n in keys.items() if 2 * n > (len(value) if is_list else 1)}
    return (called, (is_list, frozenset(usual))), value if is_list else _records_of(value)


def _records_of(value: dict[str, Any]) -> list[Any]:
    """Return the longest list of records of an object, or the object alone."""
    lists = [of for of in value.values() if isinstance(of, list) and of
             and all(isinstance(one, dict) for one in of)]  # fmt: skip
    return max(lists, key=len, default=[value])


def _texts_of(data: bytes, ending: str) -> list[Any]:
    """Return the cards of a file, or its mail or text; nothing of one that is no such text."""
    if ending == "vcf":
        return data.split(b"BEGIN:VCARD")[1:]
    return [data] if ending == "eml" or is_one_text(_decoded(data)) else []


def _header_of(data: bytes, spill: Spill) -> tuple[TextFile | None, int]:
    """Return the header of a table as its reader finds it, and the number of lines to its end."""
    path, file = Path(spill) / _PART, None
    with spill.new(_PART) as out:
        out.write(data[:_LEGEND])
    with suppress(PrivauditError):
        file = inspect_text_file(path, who="read_table")
    path.unlink()
    # Lines are cut at their ends, and not put together in two encodings of other widths.
    if file is None or not file.named or file.lines > 1 or b"\r" in data.replace(b"\r\n", b""):
        return None, 0
    if file.encoding not in ("utf-8-sig", "cp1252", "mixed"):
        return None, 0
    return file, file.above + 1 + sum(cell.count("\n") for cell in file.header)


def _rows_of(data: bytes, spill: Spill) -> tuple[Any, list[Any]]:
    """Return the header of a table with how it is written, and its rows; none if it has none."""
    file, lines = _header_of(data, spill)
    if file is None:
        return None, []
    below = _decoded(b"".join(data.split(b"\n", lines)[lines:]))
    try:
        rows = list(file.dialect.rows(io.StringIO(file.dialect.plain(below), newline="")))
    except csv.Error:
        return None, []
    named = [dict(zip(file.header, row, strict=False)) for row in rows if any(row)]
    return (file.header, file.dialect), named


def _write_together(packed: Packed, members: Sequence[str], file: Path, spill: Spill) -> Path:
    """Write several files as one: rows below one header, or records of JSON, one a line.

    A damaged file is a damaged line.
    """
    with spill.new(file.name) as out:
        for number, member in enumerate(members):
            data = packed.data(member)
            ending = _ending_of(member)
            if ending in _OF_ONE_EACH:
                out.write(_of_one_each(data, ending))
                continue
            if ending == "csv":
                above = _header_of(data, spill)[1] if number else 0
                rows = b"".join(data.split(b"\n", above)[above:])
                out.write(rows.rstrip(b"\r\n") + b"\n" if rows.strip() else b"")
                continue
            try:
                value = json.loads(data)
            except (ValueError, RecursionError):
                lines = [b"{" + data.replace(b"\n", b" ").replace(b"\r", b" ")]
            else:
                values = value if isinstance(value, list) else [value]
                lines = [json.dumps(one, ensure_ascii=False).encode() for one in values]
            out.writelines(line + b"\n" for line in lines)
    return file


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _of_one_each(data: bytes, ending: str) -> bytes:
    """Return a card, a mail or a text of a file each as a part of a file of many."""
    if ending == "eml":
        return b"From - Thu Jan  1 00:00:00 1970\n" + _FROM.sub(b">From ", data) + b"\n\n"
    if ending == "vcf":
        return data + b"\n"
    return json.dumps({"text": _decoded(data).strip()}, ensure_ascii=False).encode() + b"\n"


def _unpack(packed: Packed, members: Sequence[str], spill: Spill, name: str) -> Path:
    """Unpack a file, and what lies beside it, into a folder of ours under a name of ours.

    - `members`: That file, or those of one list, which are put together.
    """
    member = members[0]
    if len(members) > 1:
        return _write_together(packed, members, Path(spill) / name, spill)
    file = Path(spill) / name
    wanted = {member: file}
    beside = next((of for end, of in _BESIDE.items() if member.lower().endswith(end)), ())
    if beside:
        plain = {name.lower(): name for name in packed.names}
        for ending in beside:
            if other := plain.get(f"{member[:-4]}{ending}".lower()):
                wanted[other] = file.with_suffix(ending)
    for item, path in wanted.items():
        with spill.new(path.name) as out:
            for piece in packed.chunks(item):
                out.write(piece)
    return file


def file_name(member: str) -> str:
    """Return a safe name for a file that is taken out of another, without its folder."""
    # macOS writes an accent behind its letter; Windows has other separators in its older zips.
    name = normalize("NFC", re.split(r"[/\\]", member)[-1])
    stem, dot, ending = name.partition(".")
    return portable_name(f"{_safe_name(stem)}{dot}{_safe_name(ending)}")


def _safe_name(name: str) -> str:
    """Return a name without what a path or a terminal would read in it; of 100 bytes at most."""
    plain = "".join(c if c.isalnum() or c in "._- " else "_" for c in name)
    return plain.encode("utf-8", "replace")[:100].decode("utf-8", "ignore") or "file"


READER = Reader(
    word="zip",
    kind="a zip archive",
    endings=(".zip",),
    begins=(b"PK\x03\x04",),
    signs=(b"PK",),
    packed=False,
    read=_read,
)
