"""JSON and JSON lines: a list of records at any depth, OSDI, or GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from privaudit.columns.headers import may_name_a_person
from privaudit.errors import ReadError
from privaudit.io.csv_dialects import one_line
from privaudit.io.features import SCRIPT, json_of, largest_list, lists_of
from privaudit.io.formats.geojson import (
    features_of,
    holds_lines,
    is_geojson,
    objects_of_lines,
    of_topology,
    records_or_features,
)
from privaudit.io.formats.har import is_recording, recording_frame
from privaudit.io.readers import Parts, Reader, ReadRequest, choose_part, depth_of
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_NEEDED = "GeoJSON, or JSON with a list of records"


# Letters of the place of a list that is named; those of a text from which it is a document.
_LONGEST, _LONG_TEXT = 60, 2_000
# Levels at which such texts are looked for, and values of a list among which.
_DEEPEST, _MOST_OPENED = 12, 1_000


def _read(asked: ReadRequest) -> FileFrame:
    try:
        document = json_of(asked, _NEEDED)
    except ReadError:
        if not holds_lines(asked):
            raise
        return _read_lines(asked)
    return read_document(document, asked)


def _read_lines(asked: ReadRequest) -> FileFrame:
    values, bad = objects_of_lines(asked)
    if any(map(is_geojson, values)):
        return records_or_features(values, asked, unreadable=bad)
    return read_document(values, asked, unreadable=bad)


def read_document(document: Any, asked: ReadRequest, unreadable: int = 0) -> FileFrame:
    """Return the list of records of a document that is asked for, or the largest.

    - `unreadable`: Lines that are not part of it.
    """
    if is_recording(document):
        return recording_frame(document, asked)
    document = of_topology(_opened(document))
    # Imported late: help loads every reader.
    from privaudit.io.legends import decoded_by, enumerations

    if is_geojson(document):
        return decoded_by(features_of(document, asked), enumerations(document, {}))
    lists = lists_of(document)
    if not lists:
        raise asked.other_kind(_NEEDED, "Save its records as CSV.")
    usual = largest_list(lists)
    where, notes, left = choose_part(asked, list(lists), usual, note="list_read")
    if left:
        notes = (*notes, Note("lists_left", lists=tuple(_shown(lists, number) for number in left)))
    lost = unreadable if lists[where] is document or len(lists) == 1 else 0
    read = records_or_features(lists[where], asked, notes=notes, unreadable=lost)
    read = replace(read, left=left)
    return _decoded(read, document, lists, where)


def _opened(node: Any, depth: int = 0) -> Any:
    """Return a document with those that it holds as long texts: answers that a tool saved.

    Examples
    --------
    >>> _opened({"body": json.dumps([{"nom": "Roux"}] * 200)})["body"][0]
    {'nom': 'Roux'}
    """
    if isinstance(node, str):
        if len(node) < _LONG_TEXT or node.lstrip()[:1] not in ("{", "["):
            return node
        with suppress(ValueError, RecursionError):
            if depth_of(node.encode("utf-8", "replace")) <= _DEEPEST:
                return json.loads(node)
    elif depth < _DEEPEST and isinstance(node, dict):
        return {name: _opened(value, depth + 1) for name, value in node.items()}
    elif depth < _DEEPEST and isinstance(node, list) and len(node) <= _MOST_OPENED:
        return [_opened(value, depth + 1) for value in node]
    return node


def _decoded(
    read: FileFrame, document: Any, lists: Mapping[str, list[Any]], where: str
) -> FileFrame:
    """Write out codes and questions of a list by the enumerations and other lists beside it."""
    from privaudit.io.legends import decoded_by, enumerations, worded

    others = {at: rows for at, rows in lists.items() if at != where}
    return worded(decoded_by(read, enumerations(document, others)), others)


def _shown(lists: Mapping[str, list[Any]], number: int) -> str:
    """Return where a list stands, or its number where a key may be a person's, and its length."""
    where = list(lists)[number - 1]
    plain = where and len(where) <= _LONGEST and not may_name_a_person(where)
    return f"{one_line(where) if plain else number} ({len(lists[where]):,})"


def _parts(asked: ReadRequest) -> Parts:
    try:
        document = json_of(asked, _NEEDED)
    except ReadError:
        if not holds_lines(asked):
            raise
        return _parts_of_lines(asked)
    return document_parts(document, asked)


def _parts_of_lines(asked: ReadRequest) -> Parts:
    values, bad = objects_of_lines(asked)
    return Parts(()) if any(map(is_geojson, values)) else document_parts(values, asked, bad)


def document_parts(document: Any, asked: ReadRequest, unreadable: int = 0) -> Parts:
    """Return the lists of a document; none of GeoJSON or of a recording."""
    document = document if is_recording(document) else of_topology(_opened(document))
    if is_geojson(document) or is_recording(document):
        return Parts(())
    lists = lists_of(document)
    tables = tuple(enumerate(lists, 1))

    def frame(number: int, name: str) -> FileFrame:
        one = replace(asked, name=name, sheet=None, alone=True)
        where = tables[number - 1][1]
        lost = unreadable if number == 1 else 0
        read = records_or_features(lists[where], one, unreadable=lost)
        return _decoded(read, document, lists, where)

    return Parts(tables, frame=frame)


READER = Reader(
    word="JSON",
    endings=(".json", ".js"),
    begins=(b"{", b"[", SCRIPT.encode()),
    signs=(b"{",),
    read=_read,
    parts=_parts,
)
LINES_READER = Reader(
    word="JSON lines",
    kind="JSON",
    endings=(".jsonl", ".ndjson", ".geojsonl", ".geojsons"),
    begins=(b"{", b"\x1e"),
    signs=(b"}\n{", b"}\r\n{", b"\n\x1e{"),
    read=_read_lines,
    parts=_parts_of_lines,
)
