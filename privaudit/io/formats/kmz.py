"""KMZ: a zip file with one KML document, and the pictures that it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit.core.checks import error_message
from privaudit.errors import ReadError
from privaudit.io.containers import opened
from privaudit.io.files import Asked, Parts, Reader, part_asked
from privaudit.io.formats.kml import placemarks

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame


def _read(asked: Asked) -> FileFrame:
    with opened(asked, what="KMZ") as packed:
        names = [name for name in packed.names if name.lower().endswith(".kml")]
        if not names:
            raise ReadError(
                error_message(asked.who, "KMZ", f"{asked.name}, which holds no KML"),
                why="other_kind",
            )
        # The first at the root is the document, whatever its name.
        usual = min(names, key=lambda name: name.count("/"))
        name, notes, left = part_asked(asked, names, usual, note="member_read")
        return replace(placemarks(packed.data(name), asked, notes), left=left)


def _parts(asked: Asked) -> Parts:
    with opened(asked, what="KMZ") as packed:
        names = [name for name in packed.names if name.lower().endswith(".kml")]
    return Parts(tuple(enumerate(names, 1)))


READER = Reader(
    word="KMZ",
    kind="a zip archive",
    endings=(".kmz",),
    begins=(b"PK\x03\x04",),
    signs=(b"doc.kml",),
    gives=("table", "dots", "traces"),
    packed=False,
    read=_read,
    parts=_parts,
)
