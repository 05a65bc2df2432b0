"""Zip files, and what is one inside (xlsx, ods, KMZ): unpacked up to a bound, never to the disk."""

from __future__ import annotations

import calendar
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from privaudit._core.checks import say
from privaudit.errors import ReadError
from privaudit.tables.text_file import most_unpacked, one_line

if TYPE_CHECKING:
    from privaudit.release.files import Asked

__all__ = ["Packed", "opened"]

_MEMBERS = 10_000
_CHUNK = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError,
    ArithmeticError, LookupError,
)  # fmt: skip


class Packed:
    """Members of a zip file; all that are read share one bound.

    Parameters
    ----------
    archive : ZipFile
    most : int
        Bytes that may be unpacked together: `most_unpacked` of the file's size.
    name, who, what : str
        As errors say them: the file, the function, what the file should be.
    """

    def __init__(
        self, archive: zipfile.ZipFile, *, most: int, name: str, who: str, what: str
    ) -> None:
        self._archive, self._left, self.most = archive, most, most
        self._name, self._who, self._what = name, who, what
        # One without a name is no file that anybody meant, and `is_dir` looks at its last letter.
        held = (one for one in archive.infolist() if one.filename)
        self._infos = {one.filename: one for one in held if not one.is_dir()}

    @property
    def names(self) -> list[str]:
        """Names of the files in it, as they are written there: never a path to write to."""
        return list(self._infos)

    def __contains__(self, member: str) -> bool:
        return member in self._infos

    def chunks(self, member: str) -> Iterator[bytes]:
        """Unpack a file, piece by piece.

        Raises
        ------
        ReadError
            It needs a password, is damaged, or swells beyond the bound.
        """
        info = self._infos.get(member)
        if info is None:
            came = f"no {one_line(member)} in {self._name}"
            raise ReadError(say(self._who, self._what, came, "Save it again."), why="damaged")
        if info.flag_bits & 1:
            came = f"{self._name}, which needs a password"
            raise ReadError(
                say(self._who, self._what, came, "Save it without one."), why="password"
            )
        try:
            with self._archive.open(info) as file:
                while piece := file.read(_CHUNK):
                    self._left -= len(piece)
                    if self._left < 0:
                        break
                    yield piece
        except (*_DAMAGED, RuntimeError):
            came = f"{self._name}, which is damaged or packed in another way"
            raise ReadError(
                say(self._who, self._what, came, "Save it again."), why="damaged"
            ) from None
        if self._left < 0:
            needed = f"a packed file that unpacks to at most {self.most // 10**6:,} MB"
            do = "Unpack it, and see what it is."
            raise ReadError(say(self._who, needed, f"more in {self._name}", do), why="swells")

    def written(self, member: str) -> float:
        """Return when a file was last written, in seconds, as the zip says it; 0 where it is none.

        A zip keeps no zone: its clock is taken for UTC, so that a report does not change.
        """
        try:
            return float(calendar.timegm((*self._infos[member].date_time, 0, 0, 0)))
        except (ValueError, OverflowError):
            return 0.0

    def data(self, member: str) -> bytes:
        """Unpack a file whole."""
        return b"".join(self.chunks(member))


@contextmanager
def opened(asked: Asked, *, what: str) -> Iterator[Packed]:
    """Open a zip file.

    Raises
    ------
    ReadError
        It is none, is damaged, or holds more than 10,000 files.
    """
    name, who = asked.name, asked.who
    try:
        archive = zipfile.ZipFile(asked.path)
    except _DAMAGED:
        came = f"{name}, which is damaged or cut short"
        raise ReadError(say(who, what, came, "Download or save it again."), why="damaged") from None
    with archive:
        if len(archive.infolist()) > _MEMBERS:
            needed = f"at most {_MEMBERS:,} files in a zip"
            raise ReadError(
                say(who, needed, f"{len(archive.infolist()):,} in {name}"), why="too_large"
            )
        most = most_unpacked(asked.path.stat().st_size)
        most = most if asked.most is None else min(most, asked.most)
        yield Packed(archive, most=most, name=name, who=who, what=what)
