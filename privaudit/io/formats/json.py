"""JSON and JSON lines: a list of records at any depth, OSDI, or GeoJSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit.errors import ReadError
from privaudit.io.features import json_of, lists_of
from privaudit.io.files import Reader, ReadRequest, choose_part
from privaudit.io.formats.geojson import features_of, is_geojson, records_or_features
from privaudit.io.formats.har import is_recording, recording_frame

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_NEEDED = "GeoJSON, or JSON with a list of records"


# Of a file of other endings, how far it is looked at.
_LOOKED_AT = 1_000_000


def holds_lines(asked: ReadRequest) -> bool:
    """Return whether the first two lines of a file are an object each."""
    first = [line for line in asked.data()[:_LOOKED_AT].split(b"\n") if line.strip()][:2]
    try:
        return len(first) == 2 and all(isinstance(json.loads(line), dict) for line in first)
    except (ValueError, RecursionError):
        return False


def lines_frame(asked: ReadRequest) -> FileFrame:
    """Read an object a line; lines that are none are counted."""
    values, bad = [], 0
    # Other ends of line may stand within a text.
    for line in asked.text("JSON lines").split("\n"):
        line = line.strip(" \t\r\x1e")
        if not line:
            continue
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError):
            bad += 1
    if not values:
        raise asked.error("an object a line", f"none in {asked.name}", why="empty")
    return records_or_features(values, asked, unreadable=bad)


def _read(asked: ReadRequest) -> FileFrame:
    try:
        document = json_of(asked, _NEEDED)
    except ReadError:
        if not holds_lines(asked):
            raise
        return lines_frame(asked)
    if is_geojson(document):
        return features_of(document, asked)
    if is_recording(document):
        return recording_frame(document, asked)
    lists = lists_of(document)
    if not lists:
        raise asked.other_kind(_NEEDED, "Save its records as CSV.")
    largest = max(lists, key=lambda where: len(lists[where]))
    where, notes, left = choose_part(asked, list(lists), largest, note="list_read")
    return replace(records_or_features(lists[where], asked, notes=notes), left=left)


READER = Reader(
    word="JSON",
    endings=(".json",),
    begins=(b"{", b"["),
    signs=(b"{",),
    read=_read,
)
LINES_READER = Reader(
    word="JSON lines",
    kind="JSON",
    endings=(".jsonl", ".ndjson", ".geojsonl", ".geojsons"),
    begins=(b"{", b"\x1e"),
    signs=(b"}\n{", b"}\r\n{", b"\n\x1e{"),
    read=lines_frame,
)
