"""KML and KMZ: placemarks with a point, their names, folders, styles and extended data."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from privaudit.columns.headers import may_name_a_person
from privaudit.io.containers import Packed, opened, walk
from privaudit.io.features import MOST_COLUMNS, Features, point_of, texts_frame
from privaudit.io.readers import Parts, Reader, ReadRequest, choose_part
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.io.file_frame import FileFrame

# Elements of a placemark that are columns, and their names there.
_COLUMNS = {
    "name": "name", "description": "description", "address": "address",
    "phoneNumber": "phone_number", "styleUrl": "style", "when": "when", "Snippet": "snippet",
    "begin": "begin", "end": "end",
}  # fmt: skip
_GEOMETRIES = {
    "LineString": "LineString", "Polygon": "Polygon", "LinearRing": "LineString",
    "MultiGeometry": "GeometryCollection", "Track": "LineString", "MultiTrack": "MultiLineString",
    "Model": "unknown",
}  # fmt: skip


@dataclass(eq=False)
class _Placemarks:
    """State while a document is parsed."""

    features: Features
    links: int = 0
    folders: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    row: dict[str, str] = field(default_factory=dict)
    # Geometries of the open placemark: its points, and others by their kind.
    points: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    data: str = ""
    # Rows whose description is a page, and its lines.
    pages: list[tuple[dict[str, str], list[_Line]]] = field(default_factory=list)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Placemark":
            self.row, self.points, self.other = {}, [], []
        elif tag in ("Folder", "Document"):
            self.folders.append("")
        elif tag == "NetworkLink":
            self.links += 1
        elif tag in ("Data", "SimpleData"):
            self.data = attributes.get("name", "").strip()
        elif tag in _GEOMETRIES:
            self.other.append(_GEOMETRIES[tag])
        self.above.append(tag)

    def end(self, tag: str, text: str) -> None:
        self.above.pop()
        over = self.above[-1] if self.above else ""
        if tag == "Placemark":
            self._close()
        elif tag in ("Folder", "Document"):
            self.folders.pop()
        elif tag == "name" and over == "Folder":
            self.folders[-1] = " ".join(text.split())
        elif "Placemark" not in self.above:
            return
        elif tag == "coordinates" and over == "Point":
            self.points.append(text)
        elif tag == "SimpleData" or (tag == "value" and over == "Data"):
            self._store(self.data, text)
        elif tag in _COLUMNS and over in ("Placemark", "TimeStamp", "TimeSpan"):
            self._store(_COLUMNS[tag], text)

    def _store(self, column: str, text: str) -> None:
        """Store a value; extended data named like an element get a name of their own."""
        text = text.strip()
        if column and text:
            if self.row.get(column, text) != text:
                column = f"data.{column}"
            self.row.setdefault(column, text)

    def _close(self) -> None:
        row = self.row
        if "<" in row.get("description", ""):
            self.pages.append((row, lines_of_page(row["description"])))
        if folder := "/".join(filter(None, self.folders)):
            # Written once, and a cell of each placemark in it.
            self.features.asked.charge(len(folder), 0)
            row["folder"] = folder
        others = [item for item in self.other if item != "GeometryCollection"]
        if len(self.points) == 1 and not others:
            point = point_of(*self.points[0].strip().split(","))
            self.features.add(point, row, None if point else Note("point_without_numbers"))
        elif self.points or self.other:
            kind = others[-1] if others else "MultiPoint"
            self.features.add(None, row, Note("not_a_point", geometry=kind))
        else:
            self.features.add(None, row, Note("feature_without_geometry"))

    def split_pages(self) -> None:
        """Make columns of the fields that half of the pages share, and leave the rest a text.

        A description that still held them would count each twice, and a name that every page
        has, such as "Opinion:", as a mention by all.
        """
        shared = Counter(name for _, lines in self.pages for name in {one.name for one in lines})
        half = [name for name, n in shared.items() if name and 2 * n >= len(self.pages)]
        columns = [name for name in half if not may_name_a_person(name)]
        taken = set(columns[:MOST_COLUMNS])
        for row, lines in self.pages:
            rest = list[str]()
            for line in lines:
                if line.name in taken and (not line.value or line.name not in row):
                    row.update({line.name: line.value} if line.value else {})
                else:
                    rest.append(line.text)
            if len(rest) < len(lines):
                row["description"] = "\n".join(rest)
            if not rest:
                del row["description"]


class _Line(NamedTuple):
    """A line of a page: its text, and the name and value of a field that it may be."""

    text: str
    name: str = ""
    value: str = ""


# What ends a line of a page, a cell of a table, and its other marks.
_LINES = re.compile(r"(?i)<br\b[^<>]{0,300}>|</?(?:p|div|li|tr|h\d)\b[^<>]{0,300}>|\n")
_CELLS, _MARKS = re.compile(r"(?i)</t[dh]\s*>"), re.compile(r"<[^<>]{0,1000}>")
_LONGEST_NAME, _LONGEST_PAGE = 40, 20_000


def lines_of_page(page: str) -> list[_Line]:
    """Return the lines of a page; rows of two cells, and a name before a colon, are fields.

    Examples
    --------
    >>> [line[1:] for line in lines_of_page("<b>Nom</b>: Roux<br>Vu &agrave; midi<br/>Avis :")]
    [('Nom', 'Roux'), ('', ''), ('Avis', '')]
    >>> lines_of_page("<table><tr><td>Nom</td><td>Roux</td></tr></table>")
    [_Line(text='Nom Roux', name='Nom', value='Roux')]
    """
    result = list[_Line]()
    for line in _LINES.split(page[:_LONGEST_PAGE]):
        cells = [" ".join(unescape(_MARKS.sub(" ", cell)).split()) for cell in _CELLS.split(line)]
        cells = [cell for cell in cells if cell]
        text, colon = " ".join(cells), ""
        if len(cells) == 1:
            name, colon, value = cells[0].partition(":")
            cells = [name, value.strip()] if colon else []
        name = cells[0].rstrip(" :") if len(cells) == 2 else ""
        is_field = 0 < len(name) <= _LONGEST_NAME and "http" not in name
        if text:
            result.append(_Line(text, name, cells[1]) if is_field else _Line(text))
    if len(page) > _LONGEST_PAGE:
        result.append(_Line(_MARKS.sub(" ", page[_LONGEST_PAGE:])))
    return result


def placemarks(data: bytes, asked: ReadRequest, notes: tuple[Note, ...] = ()) -> FileFrame:
    """Return the placemarks of a document as a table; links to others are counted, not followed."""
    result = _Placemarks(Features(asked))
    # A description may be written as a page, and not as its text.
    whole = ("description",)
    walk(data, asked, what="KML", start=result.start, end=result.end, whole=whole)
    result.split_pages()
    if result.links:
        notes = (*notes, Note("network_links", links=result.links))
        if not result.features.points:
            came = f"links to {result.links:,} other files in {asked.name}, which are not followed"
            raise asked.error(
                "KML with placemarks", came, "Save what they lead to.", why="links", n=result.links
            )
    from privaudit.geo.crs import LONGITUDE_LATITUDE

    return result.features.read(texts_frame, standard=LONGITUDE_LATITUDE, notes=notes)


def _read(asked: ReadRequest) -> FileFrame:
    return placemarks(asked.data(), asked)


def _documents(packed: Packed) -> list[str]:
    return [name for name in packed.names if name.lower().endswith(".kml")]


def _read_packed(asked: ReadRequest) -> FileFrame:
    with opened(asked, what="KMZ") as packed:
        names = _documents(packed)
        if not names:
            raise asked.error("KMZ", f"{asked.name}, which holds no KML", why="other_kind")
        # The first at the root is the document, whatever its name.
        usual = min(names, key=lambda name: name.count("/"))
        name, notes, left = choose_part(asked, names, usual, note="member_read")
        return replace(placemarks(packed.data(name), asked, notes), left=left)


def _packed_parts(asked: ReadRequest) -> Parts:
    with opened(asked, what="KMZ") as packed:
        names = _documents(packed)
    return Parts(tuple(enumerate(names, 1)))


READER = Reader(
    word="KML",
    kind="XML",
    endings=(".kml",),
    begins=(b"<", b"\xff\xfe", b"\xfe\xff"),
    signs=(b"<kml", b"opengis.net/kml"),
    read=_read,
)
KMZ_READER = Reader(
    word="KMZ",
    kind="a zip archive",
    endings=(".kmz",),
    begins=(b"PK\x03\x04",),
    signs=(b"doc.kml",),
    packed=False,
    read=_read_packed,
    parts=_packed_parts,
)
