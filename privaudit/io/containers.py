"""XML and zip containers of untrusted files, read within bounds.

XML: no DTD, no entity, bounded depth. Zip (xlsx, ods, KMZ): bounded size, in memory."""

from __future__ import annotations

import calendar
import zipfile
import zlib
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING
from xml.parsers import expat

from privaudit.core.limits import most_unpacked
from privaudit.io.csv_dialects import one_line

if TYPE_CHECKING:
    from privaudit.io.readers import ReadRequest

_CHUNK = 1 << 16
_DEPTH = 200
# Elements of OpenDocument that stand for a blank in a paragraph.
_BLANKS = ("s", "tab", "line-break")

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


def ignore(*_: object) -> None:
    """Take no notice of an element."""


def walk(
    data: bytes,
    asked: ReadRequest,
    *,
    what: str,
    start: Start = ignore,
    end: End = ignore,
    whole: Container[str] = (),
) -> None:
    """Parse a document in one pass.

    Parameters
    ----------
    asked : ReadRequest
        The file that an error names, and `what` it should be, in words.
    start : Start
        Called with the name of an element, without its prefix, and its attributes.
    end : End
        Called with the name of an element that closes, and its text: that since the last element
        within it.
    whole : Container[str], optional
        Elements whose text is that of the elements within too, such as a paragraph of runs.

    Raises
    ------
    ReadError
        A DTD, which is where entities are declared; what is no XML, is cut short or is too deep.
    """
    # Undeclared prefixes are usual in KML, and no error without namespaces.
    parser = expat.ParserCreate()
    parser.buffer_text = True
    texts: list[str] = []
    depth = inside = 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, inside
        depth += 1
        if depth > _DEPTH:
            came = f"elements {_DEPTH} deep in {asked.name}"
            raise asked.error(what, came, why="too_large")
        tag = local_name(tag)
        if not inside:
            texts.clear()
        elif tag in _BLANKS:
            texts.append(" ")
        inside += tag in whole
        start(tag, attributes)

    def closed(tag: str) -> None:
        nonlocal depth, inside
        depth -= 1
        tag = local_name(tag)
        text = texts[0] if len(texts) == 1 else "".join(texts)
        inside -= tag in whole
        if not inside:
            texts.clear()
        end(tag, text)

    def declared(*_: object) -> None:
        came = f"a document type (DTD) in {asked.name}, which may expand or call external files"
        raise asked.error(what, came, "Save it again without one.", why="dtd")

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = texts.append, declared
    try:
        for place in range(0, len(data), _CHUNK):
            parser.Parse(data[place : place + _CHUNK], False)
        parser.Parse(b"", True)
    # The parser's own message is left out; an encoding that it does not know is no expat error.
    except (expat.ExpatError, ValueError, LookupError):
        came = f"{asked.name}, which is no XML or is cut short"
        raise asked.error(what, came, "Export it again.", why="damaged") from None


@lru_cache(4_096)
def local_name(tag: str) -> str:
    """Return a name without its prefix."""
    return tag.rpartition(":")[2]


_MEMBERS = 10_000
_ZIP_CHUNK = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError,
    ArithmeticError, LookupError,
)  # fmt: skip


class Packed:
    """Members of a zip file, unpacked within one common bound.

    Parameters
    ----------
    archive : ZipFile
    asked : ReadRequest
        The file that an error names, and `what` it should be, in words.
    most : int
        Bytes that may be unpacked together: `most_unpacked` of the file's size.
    """

    def __init__(
        self, archive: zipfile.ZipFile, asked: ReadRequest, *, most: int, what: str
    ) -> None:
        self._archive, self._asked, self._what = archive, asked, what
        self._left = self.most = most
        # A member without a name is skipped: `is_dir` looks at the last letter.
        members = (item for item in archive.infolist() if item.filename)
        self._infos = {item.filename: item for item in members if not item.is_dir()}

    @property
    def names(self) -> list[str]:
        """Return the names of the members; never a path to write to."""
        return list(self._infos)

    def size(self, member: str) -> int:
        """Return to how many bytes a file unpacks, as the zip says."""
        return self._infos[member].file_size

    def __contains__(self, member: str) -> bool:
        return member in self._infos

    def chunks(self, member: str) -> Iterator[bytes]:
        """Unpack a file, piece by piece.

        Raises
        ------
        ReadError
            It needs a password, is damaged, or swells beyond the bound.
        """
        asked, what, info = self._asked, self._what, self._infos.get(member)
        if info is None:
            came = f"no {one_line(member)} in {asked.name}"
            raise asked.error(what, came, "Save it again.", why="damaged")
        if info.flag_bits & 1:
            raise asked.locked(what)
        try:
            with self._archive.open(info) as file:
                while piece := file.read(_ZIP_CHUNK):
                    self._left -= len(piece)
                    if self._left < 0:
                        break
                    yield piece
        except (*_DAMAGED, RuntimeError):
            came = f"{asked.name}, which is damaged or packed in another way"
            raise asked.error(what, came, "Save it again.", why="damaged") from None
        if self._left < 0:
            needed = f"a packed file that unpacks to at most {self.most // 10**6:,} MB"
            do = "Unpack it, and see what it is."
            raise asked.error(needed, f"more in {asked.name}", do, why="swells")

    def written(self, member: str) -> float:
        """Return the time at which a member was last written, in seconds, by the zip; 0 if invalid.

        A zip stores no time zone: UTC is assumed, so that a report does not change.
        """
        try:
            return float(calendar.timegm((*self._infos[member].date_time, 0, 0, 0)))
        except (ValueError, OverflowError):
            return 0.0

    def head(self, member: str, most: int) -> bytes:
        """Return the first bytes of a file; nothing of one that cannot be unpacked."""
        try:
            with self._archive.open(self._infos[member]) as file:
                return file.read(most)
        except (*_DAMAGED, RuntimeError):
            return b""

    def data(self, member: str) -> bytes:
        """Unpack a file whole."""
        return b"".join(self.chunks(member))


@contextmanager
def opened(asked: ReadRequest, *, what: str) -> Iterator[Packed]:
    """Open a zip file.

    Raises
    ------
    ReadError
        It is not a zip, is damaged, or holds more than 10,000 files.
    """
    try:
        archive = zipfile.ZipFile(asked.path)
    except _DAMAGED:
        raise asked.damaged(what, "Download or save it again.") from None
    with archive:
        members = len(archive.infolist())
        if members > _MEMBERS:
            needed = f"at most {_MEMBERS:,} files in a zip"
            raise asked.error(needed, f"{members:,} in {asked.name}", why="too_large")
        most = most_unpacked(asked.path.stat().st_size)
        most = most if asked.most is None else min(most, asked.most)
        yield Packed(archive, asked, most=most, what=what)


def refuse_password(packed: Packed, asked: ReadRequest, *, what: str) -> None:
    """Refuse an OpenDocument whose manifest declares encrypted parts."""

    def start(tag: str, _: dict[str, str]) -> None:
        if tag == "encryption-data":
            raise asked.locked(what)

    if "META-INF/manifest.xml" in packed:
        walk(packed.data("META-INF/manifest.xml"), asked, what=what, start=start)
