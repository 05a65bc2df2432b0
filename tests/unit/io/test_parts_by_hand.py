"""Parts of readers by hand: remarks below a table, lists cut into files, the charge of a track."""

from types import SimpleNamespace

import pytest

from privaudit.io.formats import archive, gpx
from privaudit.io.records import _remarks_below
from privaudit.io.text_tables import _Lines


def table_of(*rows):
    return SimpleNamespace(header=["a", "b", "c", "d"], row=lambda at: list(rows[at]))


FULL, REMARK = ("x", "y", "z", "w"), ("made by a tool", "", "", "")


@pytest.mark.parametrize(
    ("rows", "begins", "remarks"),
    [
        ([FULL, REMARK, REMARK], 1, [1, 2]), ([FULL, REMARK, FULL], 1, []),
        # Above the blank line stand more than two cells.
        ([("x", "y", "z", ""), REMARK], 1, [1]), ([("x", "y", "", ""), REMARK], 1, []),
        # Twelve remarks at most.
        ([FULL, *[REMARK] * 12], 1, [*range(1, 13)]), ([FULL, *[REMARK] * 13], 1, []),
    ],
)  # fmt: skip
def test_remarks_end_a_table_where_all_stand_alone(rows, begins, remarks):
    assert _remarks_below(table_of(*rows), len(rows), [begins]) == remarks


@pytest.mark.parametrize(
    ("step", "data", "records"),
    [
        (0, b'[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
        # One record in a file is a part of a list where lists of any folder are asked for.
        (0, b'{"a": 1}', None), (1, b'{"a": 1}', [{"a": 1}]), (2, b' {"a": 1}', [{"a": 1}]),
        # A map is read as one; what is no object is a file of its own.
        (1, b'{"type": "FeatureCollection", "features": []}', None), (1, b"12", None),
        (1, b"[1, 2]", None), (1, b'{"a": 1, "of": [{"b": 1}, {"b": 2}]}', [{"b": 1}, {"b": 2}]),
    ],
)  # fmt: skip
def test_a_file_is_a_part_of_a_list_by_what_it_holds(tmp_path, step, data, records):
    packed = SimpleNamespace(size=lambda _: len(data), head=lambda *_: data)
    member = "people/part-1.json"
    key, found = archive._list_of(packed, member, step, tmp_path)
    assert found == (records or [])
    assert (key == (member, member)) == (records is None)


def test_each_point_of_a_track_is_charged_with_its_name():
    charged, added = [], []
    features = SimpleNamespace(
        asked=SimpleNamespace(charge=lambda *sizes: charged.append(sizes)),
        add=lambda *point: added.append(point),
    )
    points = gpx._Points(features)
    points.start("trk", {})
    points.start("name", {})
    points.end("name", "Sunday")
    for _ in range(2):
        points.start("trkpt", {"lon": "2.5", "lat": "48.5"})
        points.end("trkpt", "")
    points.end("trk", "")
    points.start("wpt", {"lon": "2.5", "lat": "48.5"})
    points.end("wpt", "")
    assert charged == [(6, 0), (6, 0), (0, 0)]
    assert [row.get("path") for _, row, _ in added] == ["Sunday", "Sunday", None]


@pytest.mark.parametrize(
    "text", ["a\rb", "a\r\nb\n", "a\r\r\nb", "\rab\n\n", "ab\r", "ab\r\n", "a\n\rb\r", ""]
)
def test_a_line_ends_with_a_return_a_feed_or_both(text):
    assert [*_Lines(text.encode(), 0)] == text.splitlines(keepends=True)
