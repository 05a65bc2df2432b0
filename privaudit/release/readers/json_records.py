"""JSON of other tools: a list of records, wherever it stands; OSDI; GeoJSON by another ending."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit._core.checks import say
from privaudit.errors import ReadError
from privaudit.release.files import Asked, Reader
from privaudit.release.flatten import json_of
from privaudit.release.parts import part_asked
from privaudit.release.readers.geojson import features_of, is_geojson
from privaudit.release.readers.har import is_recording, recording_frame
from privaudit.release.readers.json_lines import holds_lines, lines_frame
from privaudit.release.records import lists_of, records_frame

if TYPE_CHECKING:
    from privaudit.tables.file_frame import FileFrame

__all__ = ["READER"]

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
        raise ReadError(say(asked.who, _NEEDED, came, "Save its records as CSV."), why="other_kind")
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
