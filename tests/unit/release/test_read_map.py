"""A map of dots: counts by area that are none, columns beside the dots, headers, and its copies."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.io.file_frame import FileFrame
from privaudit.release import read_map as module
from privaudit.release.read_map import (
    _beside,
    _with_numbered_headers,
    count_columns,
    may_be_counts,
    read_map,
    read_versions,
    refuse_counts,
)
from privaudit.words.catalogues import Note


def place():
    rows = pd.DataFrame({"id": ["1", "2"], "number": ["1", "2"], "street": "rue A",
                         "commune": "Bourg", "station": "", "x": [0.0, 40.0],
                         "y": [0.0, 30.0]})  # fmt: skip
    return AddressBase(rows, real=False)


@pytest.mark.parametrize(
    ("headers", "counts"),
    [
        (["Zone", "total"], True), (["zone"], False), (["total"], False),
        # Of both colours, or of none.
        (["zone", "to_meet", "visited"], True), (["zone", "to_meet"], False),
        ([" IRIS ", " Effectif "], True),
    ],
)  # fmt: skip
def test_headers_name_areas_and_what_is_counted(headers, counts):
    assert may_be_counts(headers) == counts


def areas(**columns):
    return pd.DataFrame({"area": [*"abc"], **columns})


@pytest.mark.parametrize(
    ("frame", "polygons", "columns"),
    [
        (areas(total=[3, None, 0]), False, ("area", "total")), (areas(total=[3, -1, 0]), False, ()),
        (areas(total=[3, 1.5, 0]), False, ()), (areas(total=[None] * 3), False, ()),
        (areas(total=["3", "x", "1"]), False, ()), (areas(total=["3", "2", "1"]), False,
         ("area", "total")),
        (areas(to_meet=[1, 2, 3], visited=[0, 0, 1]), False, ("area", "to_meet", "visited")),
        (areas(to_meet=[1, 2, 3]), False, ()), (areas(), True, ()),
        # Each area once, unless polygons say where it is.
        (areas(total=[1, 2, 3]).assign(area=[*"aab"]), False, ()),
        (areas(total=[1, 2, 3]).assign(area=[*"aab"]), True, ("area", "total")),
        (pd.DataFrame({"total": [1, 2]}), True, ("total",)),
        (pd.DataFrame({"total": [1, 2]}), False, ()),
    ],
)  # fmt: skip
def test_counts_are_whole_numbers_of_areas_of_one_row(frame, polygons, columns):
    assert count_columns(frame, polygons=polygons) == columns
    if columns:
        with pytest.raises(SchemaError, match="counts by area"):
            refuse_counts(frame, "file", polygons=polygons)
    else:
        refuse_counts(frame, "file", polygons=polygons)


def test_roles_of_a_map_are_of_the_columns_that_are_left():
    columns = ["a", "b", "c"]
    found = _beside(Roles(key=("a", "z"), sensitive=("b", "y"), direct=("c", "x")), columns)
    assert (found.location, found.key, found.sensitive) == (("x", "y"), ("a",), ("b",))
    assert found.direct == ("c",)
    assert _beside(None, columns).direct is None
    assert _beside(Roles(direct=()), columns).direct == ()


def test_headers_that_are_people_are_numbers_beside_other_numbers(monkeypatch):
    monkeypatch.setattr(module, "named_by_headers", lambda *_, **__: ["Anne Roux", "Paul Roy"])
    frame = pd.DataFrame({"Anne Roux": [1], "column 1": [2], "Paul Roy": [3]})
    notes = (Note("x", column="Anne Roux"), Note("x", column="column 1"))
    found = _with_numbered_headers(FileFrame(frame=frame, name="f", notes=notes))
    assert list(found.frame) == ["column 2", "column 1", "column 3"]
    assert found.notes == (notes[1], Note("headers_withheld", columns=2))
    monkeypatch.setattr(module, "named_by_headers", lambda *_, **__: [])
    plain = FileFrame(frame=frame, name="f")
    assert _with_numbered_headers(plain) is plain


def dots(**columns):
    return pd.DataFrame({"x": [1.0, None, 38.0], "y": [2.0, 3.0, 28.0], **columns})


def test_what_stands_beside_a_dot_keeps_its_row():
    leak = read_map(dots(status=[*"abc"], lon=[2.1, 2.2, 2.3], lat=[48.1, 48.2, 48.3]),
                    addresses=place(), crs="fictional")  # fmt: skip
    assert leak.records["status"].tolist() == ["a", "c"]
    assert (leak.rows.tolist(), leak.set_aside) == ([1, 3], {Note("missing_coordinate"): 1})
    # Other coordinates are left out, and that is said.
    assert list(leak.records) == ["x", "y", "status"]
    assert [note.key for note in leak.notes] == ["other_coordinates"]
    assert read_map(dots(), addresses=place()).notes == ()


@pytest.mark.parametrize(("most", "left", "beyond"), [(2, 2, 0), (1, 1, 1)])
def test_columns_beyond_the_most_are_said(most, left, beyond, monkeypatch):
    monkeypatch.setattr(module, "limit_columns", lambda filled: [*filled][:most])
    leak = read_map(dots(a=[1, 2, 3], b=[4, 5, 6]), addresses=place())
    assert len(leak.records.columns) == 2 + left
    said = [note.values["columns"] for note in leak.notes if note.key == "columns_beyond"]
    assert said == ([beyond] if beyond else [])


def test_a_map_needs_its_addresses_and_keeps_them():
    with pytest.raises(ParameterError, match="the addresses of the place"):
        read_map(dots())
    leak = read_map(dots(), addresses=place())
    again = read_map(leak)
    assert again.backdrop is leak.backdrop
    # What was read as a map may hold what would be counts in a file.
    counts = read_map(dots(status=[*"abc"]), addresses=place())
    named = counts.records.rename(columns={"status": "area"}).assign(total=[1, 2])
    with pytest.raises(SchemaError, match="counts by area"):
        read_map(named, addresses=place())


def test_dots_without_coordinates_stand_at_their_addresses():
    frame = pd.DataFrame({"address": ["2 rue A", "9 rue Z", None], "status": [*"abc"]})
    leak = read_map(frame, addresses=place())
    assert np.array_equal(leak.records[["x", "y"]], [[40, 30]])
    assert leak.records["status"].tolist() == ["a"]
    assert Note("no_address") in leak.set_aside
    said = {note.key: note.values for note in leak.notes}["placed_by_address"]
    assert said["dots"] == 1
    with pytest.raises(SchemaError):
        read_map(frame.assign(address="9 rue Z"), addresses=place())


def test_versions_are_two_in_one_projection(monkeypatch):
    for few in (dots(), [dots()]):
        with pytest.raises(ParameterError, match="two copies"):
            read_versions(few, addresses=place())
    releases = read_versions([dots(), dots()], addresses=place(), roles=[Roles(), Roles()])
    assert [len(one) for one in releases] == [2, 2]
    assert releases[0].backdrop is releases[1].backdrop
    given = iter(["EPSG:2154", "EPSG:4326"])

    class Copy:
        def __init__(self):
            self.crs, self.name = next(given), "copy"

    monkeypatch.setattr(module, "read_map", lambda *_, **__: Copy())
    with pytest.raises(GeometryError, match="copies in one projection"):
        read_versions([dots(), dots()], addresses=place())
