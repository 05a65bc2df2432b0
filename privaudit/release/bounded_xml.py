"""XML of a file that nobody vouches for: no DTD, no entity, no depth without end, no network."""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import lru_cache
from typing import Any
from xml.parsers import expat

from privaudit._core.checks import say
from privaudit.errors import ReadError

__all__ = ["walk"]

_CHUNK = 1 << 16
_DEPTH = 200
# Elements of OpenDocument that stand for a blank in a paragraph.
_BLANKS = ("s", "tab", "line-break")

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


class _DeclaredError(Exception):
    """The file declares a document type, which only entities need."""


class _DeepError(Exception):
    """Elements stand within elements without end."""


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
    """Go through a document once, in its order.

    - `start`: Called with the name of an element, without its prefix, and its attributes.
    - `end`: Called with the name of an element that closes, and its text: that since the last
      element within it.
    - `what`: What the file should be, in words.
    - `whole`: Elements whose text is that of the elements within too, such as a paragraph of runs.

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
    # Prefixes that nobody declares are usual in KML, and no error without namespaces.
    parser = expat.ParserCreate()
    parser.buffer_text = True
    _listen(parser, start, end, whole)
    try:
        for place in range(0, len(data), _CHUNK):
            parser.Parse(data[place : place + _CHUNK], False)
        parser.Parse(b"", True)
    except _DeclaredError:
        came = f"a document type (DTD) in {name}, which may swell or reach out"
        raise ReadError(say(who, what, came, "Save it again without one."), why="dtd") from None
    except _DeepError:
        raise ReadError(
            say(who, what, f"elements {_DEPTH} deep in {name}"), why="too_large"
        ) from None
    # The parser's own message is left out; an encoding that it does not know is no expat error.
    except (expat.ExpatError, ValueError, LookupError):
        came = f"{name}, which is no XML or is cut short"
        raise ReadError(say(who, what, came, "Export it again."), why="damaged") from None


def _listen(parser: Any, start: Start, end: End, whole: Container[str]) -> None:
    """Have a parser call what it is told to; see `walk`."""

    def declared(*_: object) -> None:
        raise _DeclaredError

    texts: list[str] = []
    heard = _of_runs(texts, start, end, whole) if whole else _of_leaves(texts, start, end)
    parser.StartElementHandler, parser.EndElementHandler = heard
    parser.CharacterDataHandler = texts.append
    parser.StartDoctypeDeclHandler = declared


def _of_leaves(texts: list[str], start: Start, end: End) -> tuple[Start, Callable[[str], None]]:
    """Give an element the text since the last one; called a million times, so that it is short."""
    depth = 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEPTH:
            raise _DeepError
        texts.clear()
        start(_local(tag) if ":" in tag else tag, attributes)

    def closed(tag: str) -> None:
        nonlocal depth
        depth -= 1
        text = texts[0] if len(texts) == 1 else "".join(texts)
        texts.clear()
        end(_local(tag) if ":" in tag else tag, text)

    return opened, closed


def _of_runs(
    texts: list[str], start: Start, end: End, whole: Container[str]
) -> tuple[Start, Callable[[str], None]]:
    """Give some elements the text of those within them too."""
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
        text = "".join(texts)
        if tag in whole:
            inside -= 1
        if not inside:
            texts.clear()
        end(tag, text)

    return opened, closed


@lru_cache(4_096)
def _local(tag: str) -> str:
    return tag.rpartition(":")[2]
