"""GPX: waypoints, and the points of routes and tracks; TCX of Garmin: of activities and courses."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING

from privaudit.io.containers import walk
from privaudit.io.features import Features, point_of, texts_frame
from privaudit.io.readers import Reader, ReadRequest
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

_KINDS = {
    "wpt": "waypoint", "trkpt": "track", "rtept": "route",
    "Trackpoint": "track", "CoursePoint": "waypoint",
}  # fmt: skip
# What TCX writes as elements.
_SIDES = ("LongitudeDegrees", "LatitudeDegrees")
_PATHS = ("trk", "rte", "Activity", "Course")
# What somebody wrote of a point.
_NAMED = frozenset(("name", "desc", "cmt", "sym", "type", "src", "notes"))
_COLUMNS = _NAMED | {"time", "ele"}


@dataclass(eq=False)
class _Points:
    """State while a document is parsed."""

    features: Features
    above: list[str] = field(default_factory=list)
    row: dict[str, str] = field(default_factory=dict)
    place: tuple[str, str] = ("", "")
    path: str = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _KINDS:
            self.place = (attributes.get("lon", ""), attributes.get("lat", ""))
            self.row = {"kind": _KINDS[tag], **({"path": self.path} if self.path else {})}
        elif tag in _PATHS:
            self.path = ""
        self.above.append(tag)

    def end(self, tag: str, text: str) -> None:
        self.above.pop()
        over = self.above[-1] if self.above else ""
        if tag in _KINDS:
            point = point_of(*self.place)
            # Written once, and a cell of each point in it.
            self.features.asked.charge(len(self.path), 0)
            self.features.add(point, self.row, None if point else Note("point_without_numbers"))
        elif tag in _SIDES and over == "Position":
            east, north = self.place
            self.place = (text, north) if tag == _SIDES[0] else (east, text)
        elif over in _PATHS and (tag == "Id" or (tag.lower() == "name" and not self.path)):
            # An activity has an Id, a course a Name.
            self.path = text.strip()
        elif tag in _PATHS:
            self.path = ""
        elif text.strip() and set(_KINDS) & set(self.above) and "extensions" in self.above:
            self.row.setdefault(tag, text.strip())
        elif text.strip() and over in _KINDS and tag.lower() in _COLUMNS:
            self.row[tag.lower()] = text.strip()

    def without_tracks(self) -> tuple[Note, ...]:
        """Leave out what recorded a journey beside waypoints; say so, and where only paths stand.

        A point of a route is a stop, and so is a point of a track that somebody named.
        """
        features = self.features
        if not any(row["kind"] == "waypoint" for row in features.rows):
            points = len(features.rows)
            return (Note("points_of_paths", points=points),) if points else ()
        stops = [row["kind"] != "track" or not _NAMED.isdisjoint(row) for row in features.rows]
        left = len(stops) - sum(stops)
        features.points = [*compress(features.points, stops)]
        features.rows = [*compress(features.rows, stops)]
        return (Note("points_of_tracks_left", points=left),) if left else ()


def _read(asked: ReadRequest) -> FileFrame:
    result = _Points(Features(asked))
    walk(asked.data(), asked, what="GPX", start=result.start, end=result.end)
    from privaudit.geo.crs import LONGITUDE_LATITUDE

    notes = result.without_tracks() if asked.places else ()
    return result.features.read(texts_frame, standard=LONGITUDE_LATITUDE, notes=notes)


READER = Reader(
    word="GPX",
    kind="XML",
    endings=(".gpx", ".tcx"),
    begins=(b"<", b"\xff\xfe", b"\xfe\xff"),
    signs=(b"<gpx", b"<TrainingCenterDatabase"),
    read=_read,
)
