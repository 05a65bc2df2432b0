"""Geometry where it is needed, and a table where it is not: GeoJSON without points, GeoParquet."""

import json
import struct

import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import GeometryError, ParameterError, ReadError
from privaudit.geo.address_base import AddressBase
from privaudit.io.readers import read_frame
from privaudit.release.read_map import read_map
from privaudit.release.read_table import read_table
from privaudit.tables.measure import measure
from privaudit.words.catalogues import Note

EPSG_2154 = {"type": "ProjectedCRS", "id": {"authority": "EPSG", "code": 2154}}


def feature(geometry, **properties):
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@pytest.fixture
def geojson(tmp_path):
    def put(*features, **members):
        path = tmp_path / "leak.geojson"
        text = json.dumps({"type": "FeatureCollection", "features": list(features), **members})
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")

    def put(cells, metadata, **columns):
        kind = pa.binary() if not isinstance(cells[0], dict) else None
        table = pa.table({**columns, "geometry": pa.array(cells, kind)})
        if metadata is not None:
            told = {"version": "1.1.0", "primary_column": "geometry"}
            told["columns"] = {"geometry": {"encoding": "WKB", **metadata}}
            table = table.replace_schema_metadata({b"geo": json.dumps(told).encode()})
        path = tmp_path / "leak.parquet"
        pq.write_table(table, path)
        return path

    return put


def wkb(x, y, order="<"):
    return struct.pack(f"{order}BIdd", int(order == "<"), 1, x, y)


def test_a_table_needs_no_geometry(geojson):
    polygon = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    path = geojson(feature(None, age=30), feature(polygon, age=30), feature(None, age=41))
    leak = read_table(path, roles=Roles(key="age"))
    assert leak.records["age"].tolist() == [30, 30, 41]
    assert list(leak.records.columns) == ["age"]
    assert leak.set_aside == {}
    assert leak.notes == (Note("features_without_point", features=3),)
    assert measure(leak).value("sample_uniques") == 1
    assert measure(path, Roles(key="age")).value("sample_uniques") == 1
    with pytest.raises(ReadError, match="at least one point"):
        read_frame(path)


def test_a_table_has_the_rows_without_a_point(geojson):
    at = {"type": "Point", "coordinates": [2.4, 48.8]}
    path = geojson(feature(at, age=30), feature(None, age=41))
    records = read_table(path).records
    assert list(records.columns) == ["longitude", "latitude", "age"]
    assert records["latitude"].isna().tolist() == [False, True]
    assert read_frame(path).set_aside == {Note("feature_without_geometry"): 1}


@pytest.mark.parametrize(
    ("features", "says"),
    [([], "no feature at all"), ([None, 3], "feature without geometry: 2")],
)
def test_a_geojson_without_a_feature_is_no_table(geojson, features, says):
    with pytest.raises(ReadError, match=says):
        read_table(geojson(*features))


def test_features_without_properties_are_no_table(geojson):
    with pytest.raises(ReadError, match="at least one property"):
        read_table(geojson(feature(None), feature(None)))


def test_points_of_an_unknown_projection_are_read_where_the_caller_knows_it(geojson):
    at = {"type": "Point", "coordinates": [652_000, 6_862_000]}
    path = geojson(feature(at, age=30), crs={"type": "link"})
    with pytest.raises(GeometryError, match="EPSG number"):
        read_frame(path)
    read = read_frame(path, crs="EPSG:2154")
    assert (read.location, read.crs) == (("x", "y"), "EPSG:2154")


@pytest.mark.parametrize(
    ("metadata", "crs", "location"),
    [
        ({}, "EPSG:4326", ("longitude", "latitude")),
        ({"crs": {"id": {"authority": "OGC", "code": "CRS84"}}}, "EPSG:4326", None),
        ({"crs": {"id": {"authority": "EPSG", "code": 4326}}}, "EPSG:4326", None),
        ({"crs": EPSG_2154}, "EPSG:2154", ("x", "y")),
    ],
)
def test_points_of_a_geoparquet_file(parquet, metadata, crs, location):
    height = struct.pack("<BIddd", 1, 1001, 2.5, 48.9, 30.0)
    coded = struct.pack("<BIIdd", 1, 0x20000001, 4326, 2.6, 48.7)
    cells = [wkb(2.4, 48.8), wkb(2.45, 48.85, ">"), height, coded]
    read = read_frame(parquet(cells, metadata, status=["red", "grey", "red", "red"]))
    assert read.crs == crs
    assert read.location == (location or ("longitude", "latitude"))
    assert read.frame.iloc[:, 0].tolist() == [2.4, 2.45, 2.5, 2.6]
    assert read.frame.iloc[:, 1].tolist() == [48.8, 48.85, 48.9, 48.7]
    assert read.frame["status"].tolist() == ["red", "grey", "red", "red"]
    assert read.notes == ()


def test_what_is_no_point_is_set_aside(parquet):
    line = struct.pack("<BII4d", 1, 2, 2, 0.0, 0.0, 1.0, 1.0)
    cells = [wkb(1, 2), None, wkb(3, 4), line, wkb(5, 6), wkb(7, 8)]
    read = read_frame(parquet(cells, {}, n=[1, 2, 3, 4, 5, 6]))
    assert read.frame["n"].tolist() == [1, 3, 5, 6]
    assert read.set_aside == {
        Note("feature_without_geometry"): 1,
        Note("not_a_point", geometry="LineString"): 1,
    }
    with pytest.raises(ReadError, match="at least one point"):
        read_frame(parquet([line, None], {}, n=[1, 2]))


def test_a_projection_without_a_number_is_asked_for(parquet):
    cells = [wkb(652_000, 6_862_000)]
    for told in (None, {"id": {"authority": "LOCAL", "code": 7}}, {"name": "mine"}):
        path = parquet(cells, {"crs": told}, n=[1])
        with pytest.raises(GeometryError, match='crs="EPSG:2154"'):
            read_frame(path)
        assert read_frame(path, crs="EPSG:2154").location == ("x", "y")


def test_a_native_encoding_is_read_and_another_than_declared_is_refused(parquet):
    path = parquet([{"x": 1.0, "y": 2.0}], {"encoding": "point"}, n=[1])
    assert read_frame(path).frame.iloc[0].tolist() == [1.0, 2.0, 1]
    for declared in ("WKB", "POINTS", None):
        path = parquet([{"x": 1.0, "y": 2.0}], {"encoding": declared}, n=[1])
        with pytest.raises(ReadError):
            read_frame(path)


def test_a_table_holds_the_points_of_a_geometry_as_text(parquet):
    # Without them an inventory of a GeoParquet file named no place.
    for metadata in ({}, {"crs": None}):
        leak = read_table(parquet([wkb(1, 2), None], metadata, age=[30, 41]))
        assert list(leak.records.columns) == ["age", "geometry"]
        assert leak.records["geometry"].fillna("").tolist() == ["POINT (1.0 2.0)", ""]
        assert len(leak) == 2
        assert leak.notes == ()


def test_a_table_leaves_a_binary_column_out_with_a_note(parquet):
    leak = read_table(parquet([wkb(1, 2), None], None, age=[30, 41]))
    assert list(leak.records.columns) == ["age"]
    assert leak.notes == (Note("column_left_out", column="geometry"),)


def test_a_geoparquet_map_lies_where_the_same_geojson_does(parquet, geojson):
    place = pd.DataFrame(
        {"id": ["1", "2"], "number": "1", "street": "rue A", "commune": "94042", "station": "",
         "x": [659_100.0, 659_140.0], "y": [6_858_900.0, 6_858_930.0]}
    )  # fmt: skip
    base = AddressBase(place, crs="EPSG:2154", real=False)
    spots = [(2.4412, 48.8123), (2.4415, 48.8125)]
    points = [feature({"type": "Point", "coordinates": list(at)}, status="red") for at in spots]
    one = read_map(geojson(*points), addresses=base)
    two = read_map(
        parquet([wkb(*at) for at in spots], {}, status=["red"] * 2, x=[9.0, 9.0]), addresses=base
    )
    pd.testing.assert_frame_equal(one.records, two.records[one.records.columns])
    assert one.recipe["crs"] == two.recipe["crs"] == "EPSG:4326"


@pytest.mark.parametrize("roles", ["age", ["age"], {"key": ["age"]}])
def test_roles_of_a_table_are_roles(roles):
    with pytest.raises(ParameterError, match=r"read_table: needs roles .*Roles\(key="):
        read_table(pd.DataFrame({"age": [34]}), roles=roles)
