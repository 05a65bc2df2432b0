"""Records of a shapefile at the ends of their lengths, as ESRI's description of 1998 has them."""

import struct
from types import SimpleNamespace

import pytest

from privaudit.io.formats.shapefile import _of_parts, _shapes


class Damaged(Exception):
    """A file that ends too early, or says what cannot be."""


def asked(inside=False):
    return SimpleNamespace(inside=inside, damaged=lambda what: Damaged(what))


def shapefile(*contents):
    """A header of 100 bytes that begins with 9994, then each record: number, words, content."""
    records = (struct.pack(">ii", n + 1, len(c) // 2) + c for n, c in enumerate(contents))
    return struct.pack(">i", 9_994) + bytes(96) + b"".join(records)


def point(x=2.5, y=48.0, kind=1, more=b""):
    return struct.pack("<idd", kind, x, y) + more


def multipoint(*points):
    flat = [number for pair in points for number in pair]
    return struct.pack(f"<i4di{len(flat)}d", 8, 0, 0, 0, 0, len(points), *flat)


def polygon(*points, starts=(0,), count=None):
    flat = [number for pair in points for number in pair]
    n = len(points) if count is None else count
    return struct.pack(
        f"<i4dii{len(starts)}i{len(flat)}d", 5, 0, 0, 0, 0, len(starts), n, *starts, *flat
    )


def found(*contents, inside=False):
    return [
        (note.key, *note.values.values()) if place is None else place
        for place, note in _shapes(shapefile(*contents), asked(inside))
    ]


SQUARE = ((0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0), (0.0, 0.0))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (point(), (2.5, 48.0)), (point(kind=11, more=bytes(16)), (2.5, 48.0)),
        (point(kind=21, more=bytes(8)), (2.5, 48.0)), (struct.pack("<i", 0),
         ("feature_without_geometry",)),
        (point(x=float("nan")), ("point_without_numbers",)),
        (point(y=float("inf")), ("point_without_numbers",)),
        (point(kind=3), ("not_a_point", "LineString")), (point(kind=7), ("not_a_point", "unknown")),
        (multipoint((2.5, 48.0)), (2.5, 48.0)),
    ],
)  # fmt: skip
def test_a_record_is_a_point_or_says_why_it_is_none(content, told):
    (one,) = found(content)
    assert one == told or (told[0] == "not_a_point" and one[0] == told[0])


def test_a_polygon_is_a_point_where_one_within_is_asked_for():
    ((x, y),) = found(polygon(*SQUARE), inside=True)
    assert 0 < x < 2
    assert 0 < y < 2
    ((key, *_),) = found(polygon(*SQUARE))
    assert key == "not_a_point"
    # Twenty bytes are a point, eighteen are none.
    with pytest.raises(Damaged):
        found(point()[:18])


@pytest.mark.parametrize(
    "data",
    [
        b"", shapefile()[:99], b"\0" * 100, shapefile(point())[:-1], shapefile(point()) + b"\0",
        shapefile(point()) + bytes(7), shapefile(b"\1\0"),
    ],
)  # fmt: skip
def test_a_file_that_ends_elsewhere_is_damaged(data):
    with pytest.raises(Damaged):
        list(_shapes(data, asked()))


def test_an_empty_file_has_its_header_alone():
    assert found() == []


@pytest.mark.parametrize(
    "shape",
    [
        polygon(*SQUARE, starts=(-1,))[:44], polygon(*SQUARE, count=-1), polygon(*SQUARE, count=99),
        struct.pack("<i4dii", 5, 0, 0, 0, 0, -1, 0), struct.pack("<i4dii", 5, 0, 0, 0, 0, 999, 0),
        struct.pack("<i4di", 8, 0, 0, 0, 0, -1), struct.pack("<i4di", 8, 0, 0, 0, 0, 5), b"\5\0",
    ],
)  # fmt: skip
def test_numbers_of_parts_and_points_are_those_that_there_is_room_for(shape):
    with pytest.raises(Damaged):
        _of_parts(shape, 8 if shape[:1] == b"\x08" else 5, asked(inside=True))


def test_a_hole_is_left_out_of_the_point_within():
    hole = ((0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (0.5, 1.5), (0.5, 0.5))
    ((x, y),) = found(polygon(*SQUARE, *hole, starts=(0, 5)), inside=True)
    assert not (0.5 < x < 1.5 and 0.5 < y < 1.5)
