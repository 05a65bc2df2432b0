"""Zip files: of the files in one, the one that is asked for, or the first that can be read."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from privaudit._core.checks import say
from privaudit.errors import ReadError
from privaudit.release.files import Asked, Reader, read_frame, readers
from privaudit.release.packed import Packed, opened
from privaudit.release.parts import part_asked
from privaudit.tables.first_line import files_without_header, without_header

if TYPE_CHECKING:
    from privaudit.tables.duck import Spill
    from privaudit.tables.file_frame import FileFrame

__all__ = ["READER"]

_WHAT = "a zip file with a table"
# A zip in a zip is read; what is packed deeper was made to hide something, or to swell.
_NESTED = 2
# Files that lie beside a shapefile, under its name.
_BESIDE = (".dbf", ".shx", ".prj", ".cpg")


def _read(asked: Asked) -> FileFrame:
    from privaudit.tables.duck import spilling

    if asked.within == _NESTED:
        needed = f"a zip in at most {_NESTED - 1} other"
        raise ReadError(say(asked.who, needed, f"more in {asked.name}", "Unpack it first."))
    with opened(asked, what=_WHAT) as packed:
        names = [name for name in packed.names if _readable(name)]
        if not names:
            came = f"{len(packed.names):,} files of other kinds in {asked.name}"
            raise ReadError(say(asked.who, _WHAT, came, "Unpack it, and name one of them."))
        own = asked.sheet is not None and len(names) == 1 and asked.sheet not in (*names, "1")
        # With one file only, a sheet is one of that file.
        chosen, notes = part_asked(
            replace(asked, sheet=None) if own else asked, names, names[0], note="member_read"
        )
        with spilling() as spill, ExitStack() as stack:
            file = _put(packed, chosen, spill)
            if asked.name in files_without_header():
                stack.enter_context(without_header(file.name))
            found = read_frame(
                file,
                who=asked.who,
                gives="dots" if asked.places else "table",
                crs=asked.crs,
                sheet=asked.sheet if own else None,
                within=asked.within + 1,
                most=packed.most,
            )
    return replace(found, name=f"{asked.name}/{found.name}", notes=(*notes, *found.notes))


def _readable(name: str) -> bool:
    """Tell whether a member ends as a file that some reader takes; not what a Mac leaves."""
    parts = name.lower().rpartition("/")
    if parts[2].startswith(".") or "__macosx" in parts[0]:
        return False
    return any(parts[2].endswith(ending) for reader in readers() for ending in reader.endings)


def _put(packed: Packed, member: str, spill: Spill) -> Path:
    """Unpack a file, and what lies beside it, into a folder of ours under a name of ours."""
    stem, dot, ending = member.rpartition("/")[2].partition(".")
    file = Path(spill) / f"{_tame(stem)}{dot}{_tame(ending)}"
    wanted = {member: file}
    if member.lower().endswith(".shp"):
        plain = {name.lower(): name for name in packed.names}
        for one in _BESIDE:
            if beside := plain.get(f"{member[:-4]}{one}".lower()):
                wanted[beside] = file.with_suffix(one)
    for name, path in wanted.items():
        with spill.new(path.name) as out:
            for piece in packed.chunks(name):
                out.write(piece)
    return file


def _tame(name: str) -> str:
    """Return a name without what a path or a terminal would read in it."""
    return "".join(c if c.isalnum() or c in "._- " else "_" for c in name)[:100] or "file"


READER = Reader(
    word="zip",
    kind="a zip archive",
    endings=(".zip",),
    begins=(b"PK\x03\x04",),
    signs=(b"PK",),
    gives=("table", "dots", "traces"),
    packed=False,
    read=_read,
)
