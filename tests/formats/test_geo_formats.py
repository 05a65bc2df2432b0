"""GeoParquet 1.1 in every encoding and FlatGeobuf, written by GeoPandas and GDAL."""

import json

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

import privaudit as pa
from privaudit.errors import GeometryError, ReadError
from privaudit.io.readers import read_frame, read_places
from privaudit.words.catalogues import Note

XY = np.column_stack([7e5 + 40.0 * np.arange(30), 66e5 + 7.0 * np.arange(30)])


def frame(shapes=None, crs=2154):
    shapes = gpd.points_from_xy(*XY.T) if shapes is None else shapes
    return gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=list(shapes), crs=crs)


def points(read):
    return read.frame[list(read.location)].to_numpy()


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
@pytest.mark.parametrize("kind", ["point", "multipoint"])
@pytest.mark.parametrize("bbox", [True, False])
def test_geoparquet_in_every_encoding(tmp_path, encoding, kind, bbox):
    made = frame()
    if kind == "multipoint":
        made.geometry = [shapely.MultiPoint([point]) for point in made.geometry]
    path = tmp_path / "a.parquet"
    made.to_parquet(
        path, geometry_encoding=encoding, write_covering_bbox=bbox, schema_version="1.1.0"
    )
    geo = json.loads(pq.read_metadata(path).metadata[b"geo"])["columns"]["geometry"]
    assert geo["encoding"] == ("WKB" if encoding == "WKB" else kind)
    assert ("covering" in geo) == bbox
    read = read_frame(path)
    assert (read.crs, read.set_aside, read.notes) == ("EPSG:2154", {}, ())
    assert np.array_equal(points(read), XY)


@pytest.mark.parametrize("columns", [["geometry", "n"], ["geometry"], ["n", "geometry"]])
def test_a_geometry_is_read_wherever_it_stands(tmp_path, columns):
    frame()[columns].to_parquet(tmp_path / "a.parquet")
    assert np.array_equal(points(read_frame(tmp_path / "a.parquet")), XY)


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_polygons_of_geoparquet_are_set_aside_by_reason(tmp_path, encoding):
    path = tmp_path / "a.parquet"
    frame([p.buffer(5) for p in gpd.points_from_xy(*XY.T)]).to_parquet(
        path, geometry_encoding=encoding
    )
    with pytest.raises(ReadError, match=r"not a point \(Polygon\): 30"):
        read_frame(path)


@pytest.mark.parametrize(("crs", "read_in"), [("absent", "EPSG:4326"), (None, None)])
def test_geoparquet_without_crs_is_crs84_and_null_is_unknown(tmp_path, crs, read_in):
    path = tmp_path / "a.parquet"
    degrees = XY - XY[0] + (2.35, 48.85) if crs is None else (XY - XY[0]) / 1e6 + (2.35, 48.85)
    frame(gpd.points_from_xy(*degrees.T), 4326).to_parquet(path)
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    if crs is None:
        geo["columns"]["geometry"]["crs"] = None
    else:
        del geo["columns"]["geometry"]["crs"]
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo).encode()}), path)
    if read_in:
        assert read_frame(path).crs == read_in
    else:
        with pytest.raises(GeometryError, match=r"crs="):
            read_frame(path)
        assert read_frame(path, crs="EPSG:2154").crs == "EPSG:2154"


@pytest.mark.parametrize("kind", ["Point", "MultiPoint"])
def test_flatgeobuf(tmp_path, kind):
    pytest.importorskip("pyogrio")
    path = tmp_path / "a.fgb"
    made = frame()
    made["word"] = ["a", None, "é"] * 10
    made["part"] = [0.5, None, 2.0] * 10
    if kind == "MultiPoint":
        made.geometry = [shapely.MultiPoint([point]) for point in made.geometry]
    # Without an index the features stay in their order.
    made.to_file(path, driver="FlatGeobuf", SPATIAL_INDEX="NO")
    read = read_frame(path)
    assert (read.crs, read.set_aside) == ("EPSG:2154", {})
    assert np.array_equal(points(read), XY)
    assert read.frame["n"].tolist() == list(range(30))
    assert read.frame["word"].fillna("").tolist() == ["a", "", "é"] * 10
    assert read.frame["part"].fillna(-1).tolist() == [0.5, -1, 2.0] * 10
    (tmp_path / "b").write_bytes(path.read_bytes())
    assert np.array_equal(points(read_frame(tmp_path / "b")), XY)
    base = pa.io.read_addresses(
        frame().assign(number="1", street="s", commune="c").rename(columns={"n": "id"})
    )
    assert len(pa.read_map(path, addresses=base)) == 30


def test_flatgeobuf_damaged_or_without_its_library_is_one_line(tmp_path, monkeypatch):
    pytest.importorskip("pyogrio")
    path = tmp_path / "a.fgb"
    frame().to_file(path, driver="FlatGeobuf")
    (tmp_path / "cut.fgb").write_bytes(path.read_bytes()[:200])
    with pytest.raises(ReadError, match="damaged"):
        read_frame(tmp_path / "cut.fgb")
    monkeypatch.setattr("privaudit.io.formats.flatgeobuf.find_spec", lambda name: None)
    with pytest.raises(ReadError, match=r"pip install 'privaudit\[geo\]'") as refused:
        read_frame(path)
    assert "\n" not in str(refused.value)


def test_a_polygon_stands_inside_itself_where_that_is_asked_for(tmp_path):
    shapes = [shapely.Polygon([(0, 0), (0, 9), (9, 9), (9, 8), (1, 8), (1, 0)])] * 3
    for name, save in (("a.gpkg", "GPKG"), ("a.shp", "ESRI Shapefile"), ("a.geojson", "GeoJSON")):
        frame(shapes).to_file(tmp_path / name, driver=save)
        with pytest.raises(ReadError, match="not a point"):
            read_frame(tmp_path / name)
        read = read_places(tmp_path / name, who="read_addresses")
        assert Note("points_inside", polygons=3) in read.notes
        assert all(shapes[0].contains(shapely.Point(at)) for at in points(read))


def test_the_points_of_an_activity_of_garmin_are_read(tmp_path):
    position = "<Position><LatitudeDegrees>{}</LatitudeDegrees>{}</Position>"
    at = position.format(48.82, "<LongitudeDegrees>2.47</LongitudeDegrees>")
    points = [at, "<HeartRateBpm><Value>90</Value></HeartRateBpm>", position.format(48.9, "")]
    marks = "".join(
        f"<Trackpoint><Time>2016-09-05T10:0{n}:00Z</Time>{point}</Trackpoint>"
        for n, point in enumerate([*points, at])
    )
    file = tmp_path / "a.tcx"
    file.write_text(
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">'
        f"<Activities><Activity><Id>tour</Id><Lap><Track>{marks}</Track></Lap></Activity>"
        "</Activities></TrainingCenterDatabase>"
    )
    read = read_frame(file, gives="dots")
    assert read.frame[list(read.location)].to_numpy().tolist() == [[2.47, 48.82]] * 2
    assert read.frame["time"].tolist() == ["2016-09-05T10:00:00Z", "2016-09-05T10:03:00Z"]
    assert read.frame["path"].tolist() == ["tour", "tour"]
    assert sum(read.set_aside.values()) == 2
    assert len(read_frame(file, gives="table").frame) == 4


def test_each_course_of_garmin_is_a_path_with_its_waypoints(tmp_path):
    position = (
        "<Position><LatitudeDegrees>48.8{}</LatitudeDegrees>"
        "<LongitudeDegrees>2.4</LongitudeDegrees></Position>"
    )
    track = "".join(f"<Trackpoint>{position.format(n)}</Trackpoint>" for n in (1, 2))
    lap = "<Lap><BeginPosition><LatitudeDegrees>1</LatitudeDegrees></BeginPosition></Lap>"
    stop = (
        f"<CoursePoint><Name>Stop</Name>{position.format(3)}<Notes>chez Léa</Notes></CoursePoint>"
    )
    (tmp_path / "a.tcx").write_text(
        "<TrainingCenterDatabase><Activities><Activity><Id>2016</Id><Name>x</Name>"
        f"<Lap><Track>{track}</Track></Lap><Creator><Name>Forerunner</Name></Creator></Activity>"
        f"</Activities><Courses><Course><Name>A</Name>{lap}<Track>{track}</Track>{stop}</Course>"
        f"<Course><Name>B</Name><Track>{track}</Track></Course>"
        f"<Course><Track>{track}</Track></Course></Courses></TrainingCenterDatabase>",
        "utf-8",
    )
    read = read_frame(tmp_path / "a.tcx", gives="table")
    rows = read.frame.astype("str").fillna("").to_dict("records")
    paths = [[row.get("path", ""), row["kind"]] for row in rows]
    assert paths == [
        *([path, "track"] for path in ("2016", "2016", "A", "A")), ["A", "waypoint"],
        *([path, "track"] for path in ("B", "B", "", "")),
    ]  # fmt: skip
    assert (rows[4]["name"], rows[4]["notes"]) == ("Stop", "chez Léa")
    assert "rows_repeated" not in [note.key for note in read.notes]
    dots = read_frame(tmp_path / "a.tcx", gives="dots")
    assert dots.frame["name"].tolist() == ["Stop"]
    assert Note("points_of_tracks_left", points=8) in dots.notes


TRACK = "<trk><trkseg>" + "<trkpt lat='48.9' lon='2.4'/>" * 5 + "</trkseg></trk>"
ROUTE = "<rte><rtept lat='48.7' lon='2.3'/><rtept lat='48.6' lon='2.3'/></rte>"
STOPS = "".join(f"<wpt lat='48.8{n}' lon='2.4{n}'><name>{n}</name></wpt>" for n in range(4))
NAMED = "<trk><trkseg><trkpt lat='48.9' lon='2.5'><desc>Mme Roux</desc></trkpt></trkseg></trk>"


@pytest.mark.parametrize(
    ("body", "kinds", "note"),
    [
        # Of a track what was recorded, of a route the stops that were planned.
        (STOPS + ROUTE + TRACK, ["waypoint"] * 4 + ["route"] * 2, ("points_of_tracks_left", 5)),
        (TRACK * 5 + STOPS, ["waypoint"] * 4, ("points_of_tracks_left", 25)),
        (STOPS + NAMED + TRACK, ["waypoint"] * 4 + ["track"], ("points_of_tracks_left", 5)),
        (STOPS + ROUTE, ["waypoint"] * 4 + ["route"] * 2, None),
        (STOPS + "<trk><trkseg/></trk>", ["waypoint"] * 4, None),
        (TRACK + ROUTE, ["track"] * 5 + ["route"] * 2, ("points_of_paths", 7)),
    ],
)  # fmt: skip
def test_what_a_track_recorded_is_no_dot_beside_waypoints(tmp_path, body, kinds, note):
    (tmp_path / "a.gpx").write_text(f"<gpx>{body}</gpx>")
    read = read_frame(tmp_path / "a.gpx", gives="dots")
    assert read.frame["kind"].tolist() == kinds
    assert read.set_aside == {}
    said = [one for one in read.notes if one.key.startswith("points_of_")]
    assert said == ([Note(note[0], points=note[1])] if note else [])
    # A table, and a log, have every point.
    every = read_frame(tmp_path / "a.gpx", gives="table")
    assert len(every.frame) == body.count("lat=")
    assert not any(one.key.startswith("points_of_") for one in every.notes)
