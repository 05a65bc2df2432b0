"""XML and zip containers of untrusted files, read within bounds.

XML: no DTD, no entity, bounded depth. Zip (xlsx, ods, KMZ): bounded size, in memory."""

from __future__ import annotations

import calendar
import zipfile
import zlib
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from privaudit.errors import ReadError
from privaudit.io.text_files import most_unpacked, one_line

if TYPE_CHECKING:
    from privaudit.io.files import ReadRequest

_CHUNK = 1 << 16
_DEPTH = 200
# Elements of OpenDocument that stand for a blank in a paragraph.
_BLANKS = ("s", "tab", "line-break")

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


class _DeclaredError(Exception):
    """The file declares a document type (DTD)."""


class _DeepError(Exception):
    """Elements are nested too deeply."""


def walk(
    data: bytes,
    *,
    start: Start,
    end: End,
    name: str,
    who: str,
    what: str,
    whole: Container[str] = (),
) -> None:
    """Parse a document in one pass.

    Parameters
    ----------
    start : Start
        Called with the name of an element, without its prefix, and its attributes.
    end : End
        Called with the name of an element that closes, and its text: that since the last element
        within it.
    what : str
        What the file should be, in words.
    whole : Container[str], optional
        Elements whose text is that of the elements within too, such as a paragraph of runs.

    Raises
    ------
    ReadError
        A DTD, which is where entities are declared; what is no XML, is cut short or is too deep.

    Examples
    --------
    >>> found = []
    >>> walk(b"<a:kml><name>Bourg</name></a:kml>", start=lambda *_: None,
    ...      end=lambda *one: found.append(one), name="a.kml", who="read_map", what="KML")
    >>> found
    [('name', 'Bourg'), ('kml', '')]
    """
    # Undeclared prefixes are usual in KML, and no error without namespaces.
    parser = expat.ParserCreate()
    parser.buffer_text = True
    _set_handlers(parser, start, end, whole)
    try:
        for place in range(0, len(data), _CHUNK):
            parser.Parse(data[place : place + _CHUNK], False)
        parser.Parse(b"", True)
    except _DeclaredError:
        came = f"a document type (DTD) in {name}, which may swell or reach out"
        raise ReadError.of(who, what, came, "Save it again without one.", why="dtd") from None
    except _DeepError:
        raise ReadError.of(
            who, what, f"elements {_DEPTH} deep in {name}", why="too_large"
        ) from None
    # The parser's own message is left out; an encoding that it does not know is no expat error.
    except (expat.ExpatError, ValueError, LookupError):
        came = f"{name}, which is no XML or is cut short"
        raise ReadError.of(who, what, came, "Export it again.", why="damaged") from None


def _set_handlers(parser: Any, start: Start, end: End, whole: Container[str]) -> None:
    """Set the handlers of a parser; see `walk`."""

    def declared(*_: object) -> None:
        raise _DeclaredError

    texts: list[str] = []
    handlers = _handlers(texts, start, end, whole)
    parser.StartElementHandler, parser.EndElementHandler = handlers
    parser.CharacterDataHandler = texts.append
    parser.StartDoctypeDeclHandler = declared


def _handlers(
    texts: list[str], start: Start, end: End, whole: Container[str]
) -> tuple[Start, Callable[[str], None]]:
    """Return the handlers of elements: a text since the last element, or whole for some."""
    depth = inside = 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, inside
        depth += 1
        if depth > _DEPTH:
            raise _DeepError
        tag = _local(tag) if ":" in tag else tag
        if not inside:
            texts.clear()
        elif tag in _BLANKS:
            texts.append(" ")
        if tag in whole:
            inside += 1
        start(tag, attributes)

    def closed(tag: str) -> None:
        nonlocal depth, inside
        depth -= 1
        tag = _local(tag) if ":" in tag else tag
        text = texts[0] if len(texts) == 1 else "".join(texts)
        if tag in whole:
            inside -= 1
        if not inside:
            texts.clear()
        end(tag, text)

    return opened, closed


@lru_cache(4_096)
def _local(tag: str) -> str:
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
        # A member without a name is skipped: `is_dir` looks at the last letter.
        held = (item for item in archive.infolist() if item.filename)
        self._infos = {item.filename: item for item in held if not item.is_dir()}

    @property
    def names(self) -> list[str]:
        """Return the names of the members; never a path to write to."""
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
            raise ReadError.of(self._who, self._what, came, "Save it again.", why="damaged")
        if info.flag_bits & 1:
            came = f"{self._name}, which needs a password"
            raise ReadError.of(self._who, self._what, came, "Save it without one.", why="password")
        try:
            with self._archive.open(info) as file:
                while piece := file.read(_ZIP_CHUNK):
                    self._left -= len(piece)
                    if self._left < 0:
                        break
                    yield piece
        except (*_DAMAGED, RuntimeError):
            came = f"{self._name}, which is damaged or packed in another way"
            raise ReadError.of(
                self._who, self._what, came, "Save it again.", why="damaged"
            ) from None
        if self._left < 0:
            needed = f"a packed file that unpacks to at most {self.most // 10**6:,} MB"
            do = "Unpack it, and see what it is."
            raise ReadError.of(self._who, needed, f"more in {self._name}", do, why="swells")

    def written(self, member: str) -> float:
        """Return the time at which a member was last written, in seconds, by the zip; 0 if invalid.

        A zip stores no time zone: UTC is assumed, so that a report does not change.
        """
        try:
            return float(calendar.timegm((*self._infos[member].date_time, 0, 0, 0)))
        except (ValueError, OverflowError):
            return 0.0

    def data(self, member: str) -> bytes:
        """Unpack a file whole."""
        return b"".join(self.chunks(member))


@contextmanager
def opened(asked: ReadRequest, *, what: str) -> Iterator[Packed]:
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
        raise ReadError.of(who, what, came, "Download or save it again.", why="damaged") from None
    with archive:
        if len(archive.infolist()) > _MEMBERS:
            needed = f"at most {_MEMBERS:,} files in a zip"
            raise ReadError.of(
                who, needed, f"{len(archive.infolist()):,} in {name}", why="too_large"
            )
        most = most_unpacked(asked.path.stat().st_size)
        most = most if asked.most is None else min(most, asked.most)
        yield Packed(archive, most=most, name=name, who=who, what=what)
