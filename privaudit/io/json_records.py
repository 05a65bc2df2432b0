"""Records of JSON, wherever they stand in it, as a table.

- Addresses of the network as text: they are taken apart here, and followed nowhere.
- The export of a group chat, as telephones write it: a message a row, and nobody's line a header.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from privaudit.core.checks import error_message
from privaudit.core.policy import OBJECTS_OF_A_LIST
from privaudit.errors import ReadError
from privaudit.io.features import properties_frame
from privaudit.io.formats.geojson import features_of
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame
    from privaudit.io.files import Asked

_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.I | re.S
)
_MOST = 200


def parts_of_link(link: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the pieces of a path, that behind "#" last, and the names and values of a query.

    Examples
    --------
    >>> parts_of_link("https://t.example/c/aZ3?u=1&v#top")
    (['', 'c', 'aZ3', 'top'], [('u', '1'), ('v', '')])
    """
    found = _LINK.match(link)
    if found is None:
        return [], []
    path, query, mark = (part or "" for part in found.groups())
    pieces = path.split("/")[:_MOST] + ([mark] if mark else [])
    named = [one.partition("=") for one in query.split("&")[:_MOST] if one]
    return pieces, [(name, value) for name, _, value in named]


# Lists deeper than this are parts of a record.
_DEPTH = 4
# Objects under keys that look like ids, or under any, that make a list; the share that is alike.
(_SEVERAL, _MANY), _ALIKE = OBJECTS_OF_A_LIST, 0.9
_OF_IDS = re.compile(r"[\d@]")
_WRAPS = ("_source", "node", "attributes", "fields", "doc", "document")
# What names of columns, and rows without names, are called.
_NAMES = frozenset(("columns", "fields", "header", "headers"))
_ROWS = frozenset(("rows", "data", "values", "records", "results"))
# Members of a person by which OSDI is known; two of them are enough.
_OSDI = {"identifiers", "given_name", "family_name", "postal_addresses", "email_addresses"}


def lists_of(document: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the lists of objects in a document of JSON, by where they stand.

    A list is also what stands under keys like ids, each an object like the others, and rows beside
    the names of their columns.

    Examples
    --------
    >>> people = {"-K1": {"sex": "F"}, "-K2": {"sex": "M"}, "-K3": {"sex": "F"}}
    >>> lists_of({"users": people})["users"][0]
    {'key': '-K1', 'sex': 'F'}
    >>> lists_of({"columns": ["sex", "age"], "rows": [["F", 30]]})
    {'rows': [{'sex': 'F', 'age': 30}]}
    """
    found: dict[str, list[dict[str, Any]]] = {}
    left = [("", document, 0)]
    while left:
        where, value, depth = left.pop()
        if isinstance(value, list):
            if any(isinstance(one, dict) for one in value):
                found[where] = value
        elif isinstance(value, dict) and _keyed(value):
            found[where] = _beside_their_keys(value)
        elif isinstance(value, dict) and (rows := _rows_beside_names(value)):
            under, told = rows
            found[f"{where}.{under}".lstrip(".")] = told
        elif isinstance(value, dict) and depth < _DEPTH:
            inside = reversed(value.items())
            left += [(f"{where}.{key}".lstrip("."), one, depth + 1) for key, one in inside]
    return found


def _keyed(value: dict[str, Any]) -> bool:
    """Say whether an object is a list by keys: of many objects alike, or under keys like ids.

    A few under words are the parts of one thing, and those that hold little but a list are
    sections: what they hold is looked at instead.
    """
    told = [one for one in value.values() if isinstance(one, dict)]
    if len(told) < max(_SEVERAL, len(value)):
        return False
    shared = Counter(name for one in told for name in one)
    alike = bool(shared) and max(shared.values()) >= _ALIKE * len(told)
    ids = len(told) >= _MANY or all(_OF_IDS.search(key) for key in value)
    return alike and ids and sum(map(_is_a_record, told)) >= _ALIKE * len(told)


def _is_a_record(one: dict[str, Any]) -> bool:
    """Say whether an object tells of something itself, beside a list of others that it holds."""
    lists = any(isinstance(v, list) and any(isinstance(x, dict) for x in v) for v in one.values())
    return not lists or sum(not isinstance(v, (dict, list)) for v in one.values()) > 1


def _beside_their_keys(value: dict[str, Any]) -> list[dict[str, Any]]:
    name = "key"
    while any(name in one for one in value.values()):
        name = f"_{name}"
    return [{name: key, **one} for key, one in value.items()]


def _rows_beside_names(value: dict[str, Any]) -> tuple[str, list[dict[str, Any]]] | None:
    """Return rows as objects, and their name, where names of as many columns stand beside them."""
    for name in sorted(_NAMES & set(value)):
        names = value[name]
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            continue
        if len(set(names)) < len(names):
            # One of two of a name would be lost.
            continue
        for under in sorted(_ROWS & set(value)):
            rows = value[under]
            if isinstance(rows, list) and rows and all(
                isinstance(row, list) and len(row) == len(names) for row in rows
            ):  # fmt: skip
                return under, [dict(zip(names, row, strict=True)) for row in rows]
    return None


def _unwrapped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take records out of what an interface wraps each of them in, where no name is lost.

    Elasticsearch writes `_source`, GraphQL `node`, JSON:API `attributes`, others `fields`, `doc`.
    """
    for name in _WRAPS:
        if all(isinstance(row.get(name), dict) and not set(row[name]) & set(row) for row in rows):
            return [{**{k: v for k, v in row.items() if k != name}, **row[name]} for row in rows]
    return rows


def records_frame(
    values: list[Any], asked: Asked, notes: tuple[Note, ...] = (), unreadable: int = 0
) -> FileFrame:
    """Make a table of values of which most are objects; count the others.

    - `unreadable`: Lines that are no JSON.
    """
    from privaudit.io.file_frame import FileFrame

    rows = [one for one in values if isinstance(one, dict)]
    if not rows:
        raise ReadError(
            error_message(asked.who, "a list of objects", f"none in {asked.name}"), why="empty"
        )
    if all(one.get("type") == "Feature" for one in rows):
        return features_of({"type": "FeatureCollection", "features": rows}, asked)
    rows = _unwrapped(rows)
    osdi = any(len(_OSDI & set(one)) > 1 for one in rows[:100])
    frame, said = properties_frame(rows, (), asked.name, asked.who, indexed=osdi)
    if not len(frame.columns):
        raise ReadError(
            error_message(asked.who, f"at least one property in {asked.name}", "none"), why="empty"
        )
    beside = len(values) - len(rows) + unreadable
    return FileFrame(
        frame=frame,
        name=asked.name,
        location=_nested_point(list(map(str, frame.columns))) if asked.places else (),
        notes=(*notes, *said),
        set_aside={Note("line_unreadable"): beside} if beside else {},
    )


def _nested_point(columns: list[str]) -> tuple[str, ...]:
    """Return the coordinates of a property such as ``position``, where no others are there."""
    from privaudit.columns.roles import LATITUDE, LONGITUDE

    ends = {c: c.rpartition(".")[2].lower() for c in columns}
    pairs = [
        (east, north)
        for east, one in ends.items()
        for north, other in ends.items()
        if one in LONGITUDE
        and other in LATITUDE
        and east.rpartition(".")[0] == north.rpartition(".")[0]
    ]
    return pairs[0] if len(pairs) == 1 else ()


# "12/05/2016 à 18:01 - Who: what", "[12/05/2016, 6:01:33 PM] Who: what".
_LINE = re.compile(
    r"[\u200e\u202a]?\[?(\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4})(?:,| à| at)?[ \u00a0\u202f]"
    r"(\d{1,2}[:h]\d\d(?::\d\d)?(?:[ \u00a0\u202f]?[AaPp]\.?[Mm]\.?)?)(?:\]| -) ?\u200e?(.*)"
)
_WRITER = re.compile(r"([^:\n]{1,60}): ?(.*)", re.DOTALL)
# So many of the first lines that begin a message make a chat.
_LOOKED_AT, _ENOUGH = 40, 2


def is_chat(text: str) -> bool:
    """Tell whether a text begins as a chat does.

    Examples
    --------
    >>> is_chat("12/05/2016 à 18:01 - Léa: ok\\n12/05/2016 à 18:02 - Paul: vu\\n")
    True
    >>> is_chat("date;nom\\n12/05/2016;Léa\\n")
    False
    """
    lines = text.split("\n", _LOOKED_AT)[:_LOOKED_AT]
    begun = [line for line in lines if _LINE.match(line)]
    return bool(_LINE.match(lines[0])) and len(begun) >= min(_ENOUGH, len(lines))


def chat_frame(text: str, asked: Asked) -> FileFrame:
    """Return the messages: when, by whom, and what they say."""
    import pandas as pd

    from privaudit.io.file_frame import FileFrame

    begun: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        told = _LINE.match(line.rstrip("\r"))
        if told:
            begun.append((f"{told[1]} {told[2]}", [told[3]]))
        elif begun:
            begun[-1][1].append(line.rstrip("\r"))
    rows = [(when, who[1], who[2].strip()) for when, lines in begun
            if (who := _WRITER.fullmatch("\n".join(lines)))]  # fmt: skip
    if not rows:
        raise ReadError(
            error_message(asked.who, "a message that somebody wrote", f"none in {asked.name}"),
            why="empty",
        )
    frame = pd.DataFrame(rows, columns=["date", "author", "message"], dtype="str")
    frame["message"] = frame["message"].where(frame["message"] != "")
    aside = {Note("chat_without_writer"): len(begun) - len(rows)} if len(begun) > len(rows) else {}
    return FileFrame(frame=frame, name=asked.name, set_aside=aside, notes=(Note("chat_read"),))
