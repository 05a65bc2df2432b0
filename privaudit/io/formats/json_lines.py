"""JSON lines: one object a line, as MongoDB, BigQuery and GeoJSON text sequences write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from privaudit.core.checks import error_message
from privaudit.errors import ReadError
from privaudit.io.files import Asked, Reader
from privaudit.io.json_records import records_frame

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

# Of a file of other endings, how far it is looked at.
_LOOKED_AT = 1_000_000


def holds_lines(asked: Asked) -> bool:
    """Say whether the first two lines of a file are an object each."""
    first = [line for line in asked.data()[:_LOOKED_AT].split(b"\n") if line.strip()][:2]
    try:
        return len(first) == 2 and all(isinstance(json.loads(line), dict) for line in first)
    except (ValueError, RecursionError):
        return False


def lines_frame(asked: Asked) -> FileFrame:
    """Read an object a line; lines that are none are counted."""
    try:
        text = asked.data().decode("utf-8-sig")
    except UnicodeDecodeError:
        came = f"other bytes in {asked.name}"
        raise ReadError(
            error_message(asked.who, "JSON lines in UTF-8", came), why="other_kind"
        ) from None
    values, bad = [], 0
    # Other ends of line may stand within a text.
    for line in text.split("\n"):
        line = line.strip(" \t\r\x1e")
        if not line:
            continue
        try:
            values.append(json.loads(line))
        except (ValueError, RecursionError):
            bad += 1
    if not values:
        raise ReadError(
            error_message(asked.who, "an object a line", f"none in {asked.name}"), why="empty"
        )
    return records_frame(values, asked, unreadable=bad)


READER = Reader(
    word="JSON lines",
    kind="JSON",
    endings=(".jsonl", ".ndjson", ".geojsonl", ".geojsons"),
    begins=(b"{", b"\x1e"),
    signs=(b"}\n{", b"}\r\n{", b"\n\x1e{"),
    gives=("table", "dots", "traces"),
    read=lines_frame,
)
