"""Records of JSON, wherever they stand in it, as a table."""

from __future__ import annotations

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
# Members of a person by which OSDI is known; two of them are enough.
_OSDI = {"identifiers", "given_name", "family_name", "postal_addresses", "email_addresses"}


def lists_of(document: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the lists of objects in a document of JSON, by where they stand."""
    found: dict[str, list[dict[str, Any]]] = {}
    left = [("", document, 0)]
    while left:
        where, value, depth = left.pop()
        if isinstance(value, list):
            if any(isinstance(one, dict) for one in value):
                found[where] = value
        elif isinstance(value, dict) and depth < _DEPTH:
            inside = reversed(value.items())
            left += [(f"{where}.{key}".lstrip("."), one, depth + 1) for key, one in inside]
    return found


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
