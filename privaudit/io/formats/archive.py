"""Zip files: the member that is asked for, or the first that can be read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from privaudit.core.files import portable_name
from privaudit.io.containers import Packed, opened
from privaudit.io.files import Reader, ReadRequest, choose_part, read_frame, readers
from privaudit.io.text_files import files_without_header, one_line, without_header
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
# Steps by which files are put together; the ending of a list of records.
_STEPS, _LINES = 3, ".ndjson"
# Files of a card, a mail or a note each, by what many of them are together.
_OF_ONE_EACH = {"vcf": ".vcf", "eml": ".mbox", "txt": _LINES, "md": _LINES}
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
        groups = _groups(packed)
        names = list(groups)
        if not names:
            came = f"{len(packed.names):,} files of other kinds in {asked.name}"
            raise asked.error(_WHAT, came, "Unpack it, and name one of them.", why="other_kind")
        member, sheet = _member_and_sheet(asked.sheet, names)
        chosen, notes, left = choose_part(
            replace(asked, sheet=member), names, names[0], note="member_read"
        )
        with spilling() as spill, ExitStack() as stack:
            file = _unpack(packed, groups[chosen], spill)
            if asked.name in files_without_header():
                stack.enter_context(without_header(file.name))
            how: dict[str, Any] = {
                "who": asked.who, "within": asked.within + 1, "most": packed.most,
                "decoded": asked.decoded,
            }  # fmt: skip
            gives = "dots" if asked.places else "table"
            result = read_frame(file, gives=gives, crs=asked.crs, sheet=sheet, **how)
            others = [
                of
                for n, of in groups.items()
                if n != chosen and sum(map(packed.size, of)) <= _LEGEND
            ]
            result = decoded_beside(
                result, (partial(_table_of, packed, of, how) for of in others[:_MOST])
            )
        said = _unread_note(packed, asked)
    return replace(
        result, name=f"{asked.name}/{result.name}", file=asked.name, left=left or result.left,
        notes=(*notes, *said, *result.notes),
    )  # fmt: skip


def _table_of(packed: Packed, members: Sequence[str], how: dict[str, Any]) -> FileFrame:
    from privaudit.io.duckdb import spilling

    with spilling() as spill:
        return read_frame(_unpack(packed, members, spill), gives="table", **how)


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
        groups = _groups(packed)
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
    """Return a note on the files of a zip that no reader takes; none where there is none."""
    asked = ReadRequest(path=path, name=one_line(path.name), who=who, places=False, crs=None)
    with opened(asked, what=_WHAT) as packed:
        return _unread_note(packed, asked)


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


def _groups(packed: Packed) -> dict[str, tuple[str, ...]]:
    """Return the files of a zip that a reader takes, by what each is called.

    What a tool writes a file a day, or a page, is one list of records: those of a folder whose
    names differ by numbers only; where more than 40 remain, of any folder, and single records.
    """
    names, groups = _readable_members(packed.names), dict[str, tuple[str, ...]]()
    for step in range(_STEPS):
        lists: dict[tuple[str, bytes], tuple[str, ...]] = {}
        for name in names:
            key = _list_of(packed, name, step)
            lists[key] = (*lists.get(key, ()), name)
        groups = {}
        for (called, _), members in lists.items():
            # A name without its numbers is that of a list of several.
            known = called if len(members) > 1 and called not in groups else members[0]
            groups[known] = members
        if len(groups) <= _MOST:
            break
    return groups


def _list_of(packed: Packed, member: str, step: int) -> tuple[str, bytes]:
    """Return what the list is called that a file is a part of, and its header; else its own name.

    - `step`: 0 lists of one folder, 1 of any, tables and records too, 2 records of one folder.
    """
    folder, _, name = member.rpartition("/")
    stem, ending = name.rpartition(".")[::2]
    plain = _NUMBERS.sub("", stem) or folder.rpartition("/")[2] or "list"
    head = packed.head(member) if packed.size(member) <= _PAGE else b""
    ending, header = ending.lower(), head.partition(b"\n")[0].strip()
    most = _LEGEND if _OF_ONE_EACH.get(ending) == _LINES else _PAGE
    if ending in _OF_ONE_EACH and step and packed.size(member) <= most:
        return f"{folder or plain}{_OF_ONE_EACH[ending]}", b""
    if ending == "csv" and step and header:
        return f"{plain}.csv", header
    if ending != "json" or not head:
        return member, b""
    if _LIST.match(head) and (step or _NUMBERS.search(stem)):
        return f"{plain}{_LINES}" if step else f"{folder}/{plain}{_LINES}".lstrip("/"), b""
    if step and head[:1] == b"{" and b'"FeatureC' not in head:
        return (f"{plain}{_LINES}" if step == 1 else f"{folder or 'records'}{_LINES}"), b""
    return member, b""


def _write_together(packed: Packed, members: Sequence[str], file: Path, spill: Spill) -> Path:
    """Write several files as one: rows below one header, or records of JSON, one a line.

    A damaged file is a damaged line.
    """
    with spill.new(file.name) as out:
        for number, member in enumerate(members):
            data = packed.data(member)
            ending = member.lower().rpartition(".")[2]
            if ending in _OF_ONE_EACH:
                out.write(_of_one_each(data, ending))
                continue
            if not member.lower().endswith(".json"):
                rows = data if not number else data.partition(b"\n")[2]
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


def _of_one_each(data: bytes, ending: str) -> bytes:
    """Return a card, a mail or a text of a file each as a part of a file of many."""
    if ending == "eml":
        return b"From - Thu Jan  1 00:00:00 1970\n" + _FROM.sub(b">From ", data) + b"\n\n"
    if ending == "vcf":
        return data + b"\n"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return json.dumps({"text": text.strip()}, ensure_ascii=False).encode() + b"\n"


def _unpack(packed: Packed, members: Sequence[str], spill: Spill, name: str = "") -> Path:
    """Unpack a file, and what lies beside it, into a folder of ours under a name of ours.

    - `members`: That file, or those of one list, which are put together.
    """
    member = members[0]
    if len(members) > 1:
        called = name or file_name(_list_of(packed, member, 1)[0])
        return _write_together(packed, members, Path(spill) / called, spill)
    file = Path(spill) / (name or file_name(member))
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
