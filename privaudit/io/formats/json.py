"""JSON of other tools: a list of records, wherever it stands; OSDI; GeoJSON by another ending."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit.core.checks import error_message
from privaudit.errors import ReadError
from privaudit.io.features import json_of
from privaudit.io.files import Asked, Reader, part_asked
from privaudit.io.formats.geojson import features_of, is_geojson
from privaudit.io.formats.har import is_recording, recording_frame
from privaudit.io.formats.json_lines import holds_lines, lines_frame
from privaudit.io.json_records import lists_of, records_frame

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_NEEDED = "GeoJSON, or JSON with a list of records"


def _read(asked: Asked) -> FileFrame:
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
        came = f"JSON of another kind in {asked.name}"
        raise ReadError(
            error_message(asked.who, _NEEDED, came, "Save its records as CSV."), why="other_kind"
        )
    largest = max(lists, key=lambda where: len(lists[where]))
    where, notes, left = part_asked(asked, list(lists), largest, note="list_read")
    return replace(records_frame(lists[where], asked, notes=notes), left=left)


READER = Reader(
    word="JSON",
    endings=(".json",),
    begins=(b"{", b"["),
    signs=(b"{",),
    gives=("table", "dots", "traces"),
    read=_read,
)
