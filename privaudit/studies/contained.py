"""Files that hold several: members of a zip, sheets of a workbook, tables of a database or dump."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from privaudit.errors import PrivauditError
from privaudit.release.files import GIVES, Asked, reader_of
from privaudit.release.one_part import Part, Parts, parts_set_out
from privaudit.release.readers.archive import members_of
from privaudit.tables.duck import Spill, spilling
from privaudit.tables.file_frame import refuse_if_most
from privaudit.tables.headers import may_name_somebody
from privaudit.tables.text_file import one_line, start_of
from privaudit.words.note import Note

__all__ = ["Contents", "set_out"]

# Tables of one file that are set out.
_MOST = 40
_GIVES = ("table", "dots")
# Between the name of a file and that of its part.
_IN = " \u203a "


@dataclass(frozen=True, eq=False, kw_only=True)
class Contents:
    """Files, each of one table, and which of them came out of which file.

    Parameters
    ----------
    files : tuple of Path
        In the order of the files that were given.
    containers : mapping of Path to tuple of Path
        Of each file that holds several, what was set out of it.
    asked : mapping of Path to (Path, str)
        Of what was set out, the file and the sheet that a command may name for it.
    notes : mapping of str to tuple of Note
        What is to be said of a file that holds several, by its name.
    left : mapping of Path to tuple of int
        Numbers of what such a file holds besides, which was not set out.
    """

    files: tuple[Path, ...]
    containers: Mapping[Path, tuple[Path, ...]] = field(default_factory=dict)
    asked: Mapping[Path, tuple[Path, str]] = field(default_factory=dict)
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    left: Mapping[Path, tuple[int, ...]] = field(default_factory=dict)

    @property
    def given(self) -> list[Path]:
        """The files as they were given."""
        of = {one: whole for whole, ones in self.containers.items() for one in ones}
        return list(dict.fromkeys(of.get(path, path) for path in self.files))


class _Open:
    """What is set out so far."""

    def __init__(self, spill: Spill, who: str) -> None:
        self.spill, self.who = spill, who
        self.parts: dict[Path, Part] = {}
        self.asked: dict[Path, tuple[Path, str]] = {}
        self.notes: dict[str, tuple[Note, ...]] = {}
        self.left: dict[Path, tuple[int, ...]] = {}

    def of(self, path: Path, taken: Collection[str]) -> tuple[Path, ...]:
        """Return what a file holds, itself where that is one table or cannot be read."""
        if path.suffix.lower() != ".zip":
            return self._tables(path, path, "") or (path,)
        members: list[Path] = []
        with suppress(PrivauditError):
            members = members_of(path, self.spill, taken=taken, who=self.who)
        found: list[Path] = []
        for number, member in enumerate(members, 1):
            tables = self._tables(member, path, f"{number}/")
            found += tables or (member,)
            # What is not read of a member is asked for within it.
            self.asked[member] = path, str(number)
        # A zip of one table is that table.
        return () if found == members[:1] else tuple(found)

    def _tables(self, path: Path, given: Path, within: str) -> tuple[Path, ...]:
        """Set out the tables of a file where there are several.

        - `given`: The file that was given: this one, or the zip that it is a member of.
        - `within`: What a command names before a table: which member it is of.
        """
        told = _parts_of(path, self.who)
        if not 1 < len(told.tables) <= _MOST:
            return ()
        links: list[Path] = []
        for number, name in told.tables:
            shown = _shown(name, number)
            link = Path(self.spill) / f"{path.name[:80]}{_IN}{shown}"
            if link.name in {one.name for one in links}:
                link = link.with_name(f"{path.name[:80]}{_IN}{number}")
            _linked(link, path)
            part = self.parts[link] = Part(of=path, sheet=name, number=number)
            if told.frame is not None:
                # What is refused is refused again where it is read, and told.
                with suppress(PrivauditError):
                    read = told.frame(number, one_line(link.name))
                    refuse_if_most(read.set_aside, len(read.frame), name=link.name, who=self.who)
                    part.read.update({(gives, None): read for gives in GIVES})
            self.asked[link] = given, within + (name if shown == name else str(number))
            links.append(link)
        if told.left:
            self.left[path] = told.left
        self.notes[path.name] = told.notes
        return tuple(links)


@contextmanager
def set_out(files: Sequence[str | os.PathLike[str]], *, who: str) -> Iterator[Contents]:
    """Set out the tables of files that hold several, so that each is an exhibit, for a while.

    A zip of several files is unpacked, and each sheet, layer or table of a workbook, a database or
    a dump stands for a file. What cannot be opened, or holds one table only, stays as it is; so
    does what holds more than 40.

    Yields
    ------
    Contents
    """
    given = [Path(file) for file in files]
    with spilling() as spill:
        open_ = _Open(spill, who)
        found: list[Path] = []
        containers: dict[Path, tuple[Path, ...]] = {}
        for path in given:
            others = {one.name for one in (*given, *found) if one != path}
            inside = (path.is_file() and open_.of(path, others)) or (path,)
            found += inside
            if inside != (path,):
                containers[path] = inside
        with parts_set_out(open_.parts):
            yield Contents(
                files=tuple(found), containers=containers, asked=open_.asked, notes=open_.notes,
                left=open_.left,
            )  # fmt: skip


def _parts_of(path: Path, who: str) -> Parts:
    """Return the tables of a file; none where its format has one, or it cannot be read."""
    asked = Asked(path=path, name=one_line(path.name), who=who, places=False, crs=None)
    for gives in _GIVES:
        with suppress(PrivauditError):
            reader = reader_of(path, gives=gives, who=who)
            able = reader.parts is not None and reader.takes(start_of(path, who=who))
            return reader.parts(asked) if able and reader.parts is not None else Parts(())
    return Parts(())


def _shown(name: str, number: int) -> str:
    """Return the name of a part, its number where the name may be somebody's, or is no file's."""
    year = name.isdecimal() and len(name) < 5
    plain = name.isprintable() and len(name) <= 60 and not set(name) & set('/\\:*?"<>|')
    return name if plain and (year or not may_name_somebody(name)) else str(number)


def _linked(link: Path, path: Path) -> None:
    """Let a name in our folder stand for a file, whose bytes and time it then has."""
    try:
        link.symlink_to(path.absolute())
    except OSError:
        shutil.copy2(path, link)
