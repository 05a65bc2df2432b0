"""A geometry of a GeoPackage: eight bytes, an envelope of five lengths, then well-known binary."""

import sqlite3
import struct
from contextlib import closing

import pytest

from privaudit.errors import ReadError
from privaudit.io.formats.ods import _repeated
from privaudit.io.formats.sqlite_and_geopackage import _contacts_in, _point, _time_of
from privaudit.io.readers import read_frame


def cell(x=2.5, y=48.0, *, box=0, empty=0, begins=b"GP"):
    """Flags have the order of bytes in bit 0, the envelope in bits 1 to 3, emptiness in bit 4."""
    doubles = (0, 4, 6, 6, 8, 0, 0, 0)[box]
    head = begins + struct.pack("<BBi", 0, 1 | box << 1 | empty << 4, 4326) + bytes(8 * doubles)
    return head + struct.pack("<BIdd", 1, 1, x, y)


@pytest.mark.parametrize(
    ("given", "point", "why"),
    [
        *((cell(box=box), (2.5, 48.0), None) for box in range(5)),
        *((cell(box=box), None, "not_a_point") for box in (5, 6, 7)),
        (cell(empty=1), None, "feature_without_geometry"), (None, None, "feature_without_geometry"),
        ("POINT (1 2)", None, "feature_without_geometry"), (cell(begins=b"GQ"), None,
         "not_a_point"), (cell()[:7], None, "not_a_point"), (b"", None, "not_a_point"),
        (cell(x=float("nan")), None, "point_without_numbers"),
        (cell(y=float("inf")), None, "point_without_numbers"),
    ],
)  # fmt: skip
def test_a_point_stands_behind_its_envelope(given, point, why):
    found, note = _point(given, inside=False)
    assert (found, note and note.key) == (point, why)


@pytest.mark.parametrize(
    ("seconds", "time"),
    [
        # Core Data counts from 2001.
        (0, "2001-01-01 00:00:00+00:00"), (86_400, "2001-01-02 00:00:00+00:00"), ("x", "x"),
        (None, None), (1e300, 1e300), (float("nan"), float("nan")),
    ],
)  # fmt: skip
def test_times_of_core_data_begin_in_2001(seconds, time):
    found = _time_of(seconds)
    assert str(found).removesuffix("+00:00") == str(time).removesuffix("+00:00")


def test_an_address_book_is_known_by_all_of_its_tables():
    assert _contacts_in(["data", "mimetypes", "raw_contacts", "x"]) == ["data"]
    assert _contacts_in(["data", "mimetypes"]) == []


@pytest.mark.parametrize(
    ("text", "times"),
    [(None, 1), ("1", 1), ("0", 1), ("7", 7), ("-3", 1), ("x", 1), ("1234567890", 1), ("", 1)],
)
def test_a_cell_is_repeated_as_often_as_nine_digits_say(text, times):
    assert _repeated({} if text is None else {"n": text}, "n") == times


def test_a_first_layer_without_points_says_how_to_name_another(tmp_path):
    """Turfs came before doors: the error named a polygon, and no other layer."""
    path = tmp_path / "two.gpkg"
    with closing(sqlite3.connect(path)) as base:
        base.executescript(
            "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);"
            "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, srs_id INT);"
            "CREATE TABLE turfs (geom BLOB, name TEXT); CREATE TABLE doors (geom BLOB, name TEXT);"
        )
        for layer, geometry in (
            ("turfs", cell()[:-21] + struct.pack("<BII", 1, 3, 0)),
            ("doors", cell()),
        ):
            base.execute("INSERT INTO gpkg_contents VALUES (?, 'features')", (layer,))
            base.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', -1)", (layer,))
            base.execute(f"INSERT INTO {layer} VALUES (?, 'a')", (geometry,))
        base.commit()
    with pytest.raises(ReadError, match="Name another layer: --sheet"):
        read_frame(path, who="read_map")
    assert len(read_frame(path, who="read_map", sheet="doors").frame) == 1
