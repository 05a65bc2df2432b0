"""Records of JSON, wherever they stand in it, as a table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from privaudit._core.checks import say
from privaudit.errors import ReadError
from privaudit.release.flatten import properties_frame
from privaudit.release.readers.geojson import features_of
from privaudit.words.note import Note

if TYPE_CHECKING:
    from privaudit.release.files import Asked
    from privaudit.tables.file_frame import FileFrame

__all__ = ["lists_of", "records_frame"]

# Lists deeper than this are parts of a record.
_DEPTH = 4
# Objects under keys of their own that make a list, and the share that has a property of it.
_SEVERAL, _ALIKE = 3, 0.9
_WRAPS = ("_source", "node", "attributes", "fields", "doc", "document")
# What names of columns, and rows without names, are called.
_NAMES = frozenset(("columns", "fields", "header", "headers"))
_ROWS = frozenset(("rows", "data", "values", "records", "results"))
# Members of a person by which OSDI is known; two of them are enough.
_OSDI = {"identifiers", "given_name", "family_name", "postal_addresses", "email_addresses"}


def lists_of(document: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the lists of objects in a document of JSON, by where they stand.

    A list is also what stands under keys of its own, each an object like the others, and rows
    beside the names of their columns.

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
            found[where] = [{"key": key, **one} for key, one in value.items()]
        elif isinstance(value, dict) and (rows := _rows_beside_names(value)):
            under, told = rows
            found[f"{where}.{under}".lstrip(".")] = told
        elif isinstance(value, dict) and depth < _DEPTH:
            inside = reversed(value.items())
            left += [(f"{where}.{key}".lstrip("."), one, depth + 1) for key, one in inside]
    return found


def _keyed(value: dict[str, Any]) -> bool:
    """Say whether an object is a list by keys: of objects that share a property, nearly all."""
    if len(value) < _SEVERAL or not all(isinstance(one, dict) for one in value.values()):
        return False
    shared = Counter(name for one in value.values() for name in one)
    return bool(shared) and max(shared.values()) >= _ALIKE * len(value)


def _rows_beside_names(value: dict[str, Any]) -> tuple[str, list[dict[str, Any]]] | None:
    """Return rows as objects, and their name, where names of as many columns stand beside them."""
    for name in _NAMES & set(value):
        names = value[name]
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
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
    from privaudit.tables.file_frame import FileFrame

    rows = [one for one in values if isinstance(one, dict)]
    if not rows:
        raise ReadError(say(asked.who, "a list of objects", f"none in {asked.name}"), why="empty")
    if all(one.get("type") == "Feature" for one in rows):
        return features_of({"type": "FeatureCollection", "features": rows}, asked)
    rows = _unwrapped(rows)
    osdi = any(len(_OSDI & set(one)) > 1 for one in rows[:100])
    frame, said = properties_frame(rows, (), asked.name, asked.who, indexed=osdi)
    if not len(frame.columns):
        raise ReadError(
            say(asked.who, f"at least one property in {asked.name}", "none"), why="empty"
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
    from privaudit.roles import LATITUDE, LONGITUDE

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
