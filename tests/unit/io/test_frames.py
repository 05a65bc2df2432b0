"""Frames of every library, geometries in every form: the same map, whatever holds it."""

import io
import subprocess
import sys
from functools import cache

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa_arrow
import pytest
import shapely
from pyproj import CRS, Transformer

import privaudit as pa
from privaudit.errors import GeometryError, ParameterError, PrivauditError
from privaudit.io.frames import held
from privaudit.words.catalogues import Note

# Longitude and latitude of a place inside of the area of use of each (EPSG registry), and the
# accuracy in metres of its datum towards WGS 84 by the same registry, where no grid is needed.
HOMES = {
    2154: (2.352, 48.857, 0), 27700: (-1.257, 51.752, 2), 31370: (4.352, 50.847, 1),
    2056: (7.447, 46.948, 1), 25832: (11.576, 48.137, 0), 28992: (5.387, 52.155, 1),
    2180: (21.006, 52.223, 0), 31467: (9.183, 48.776, 3), 3006: (18.058, 59.323, 0),
    2229: (-118.270, 34.048, 4), 2263: (-73.997, 40.716, 4), 3857: (2.352, 48.857, 0),
    4326: (178.442, -18.141, 0), 4283: (150.9, -33.9, 3),
}  # fmt: skip


@cache
def doors(code, n=120):
    """Return doors 13 to 40 m apart, as degrees in WGS 84 and in the CRS, by pyproj alone."""
    lon, lat, _ = HOMES[code]
    across = 1 / np.cos(np.radians(lat))
    grid = np.array([(i % 12 * 40, i // 12 * 13) for i in range(n)]) / 111_320
    degrees = grid * (across, 1) + (lon, lat)
    forward = Transformer.from_crs(4326, code, always_xy=True, allow_ballpark=False)
    return degrees, np.column_stack(forward.transform(*degrees.T))


def geo(xy, crs, **columns):
    return gpd.GeoDataFrame(columns or {"n": range(len(xy))}, geometry=gpd.points_from_xy(*xy.T),
                            crs=crs)  # fmt: skip


def places(xy, crs):
    return pa.io.read_addresses(
        geo(xy, crs, number=[str(n) for n in range(len(xy))], street="s", commune="c")
    )


@cache
def doors_of(code):
    """Return the doors of a CRS as an address base, read once for all that is put on it."""
    return places(doors(code)[1], code)


def at_the_door(leak):
    """Return the share of dots whose nearest address is the one that they were put on."""
    apart = np.hypot(*(leak.records[["x", "y"]].to_numpy()[:, None] - leak.backdrop.xy).T).T
    return (apart.argmin(axis=1) == leak.records["n"]).mean(), apart.min(axis=1).max()


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("dots_in", ["home", 4326, "OGC:CRS84", 3857])
def test_the_same_doors_are_found_in_every_crs(home, dots_in):
    degrees, xy = doors(home)
    base = doors_of(home)
    if dots_in == "home":
        dots = geo(xy, home)
    else:
        forward = Transformer.from_crs(4326, dots_in, always_xy=True)
        dots = geo(np.column_stack(forward.transform(*degrees.T)), dots_in)
    leak = pa.read_map(dots, addresses=base)
    share, farthest = at_the_door(leak)
    assert share == 1
    assert farthest < 0.02  # the way there and back of pyproj itself
    printed = [n.values["metres"] for n in leak.notes if n.key == "positions_off"]
    other_datum = dots_in != "home" and HOMES[home][2]
    assert printed == ([HOMES[home][2]] if other_datum else [])


@pytest.mark.parametrize("home", HOMES)
def test_a_metre_of_the_addresses_is_a_metre_in_every_crs(home):
    _, xy = doors(home)
    base = doors_of(home)
    assert CRS(base.crs).axis_info[0].unit_name == "metre"
    assert CRS(base.crs).geodetic_crs.equals(CRS(home).geodetic_crs, ignore_axis_order=True)
    own = Transformer.from_crs(home, CRS(home).geodetic_crs, always_xy=True)
    lon, lat = own.transform(*xy.T)
    true = CRS(home).get_geod().inv(lon[0], lat[0], lon[-1], lat[-1])[2]
    # National zones are true to 5 in 1,000, planes of our own to 1 in 100,000.
    slack = 0.005 if CRS(home).to_epsg() == CRS(base.crs).to_epsg() else 1e-5
    assert np.hypot(*(base.xy[-1] - base.xy[0])) == pytest.approx(true, rel=slack)


def test_feet_are_converted_with_a_note():
    _, xy = doors(2229)
    note = Note("unit_converted", crs="EPSG:2229", unit="US survey foot")
    base = places(xy, 2229)
    assert note in base.notes
    assert note in pa.read_map(geo(xy, 2229), addresses=base).notes


@pytest.mark.parametrize("middle", [(179.999, -17.0), (25.0, 89.999), (-60.0, -89.9995)])
def test_a_place_on_the_180th_meridian_or_at_a_pole(middle):
    lon = (middle[0] + np.array([0, 0.002, 0.004]) + 180) % 360 - 180
    degrees = np.column_stack([lon, np.full(3, middle[1])])
    base = places(degrees, 4326)
    true = CRS(4326).get_geod().inv(*degrees[0], *degrees[2])[2]
    assert np.hypot(*(base.xy[2] - base.xy[0])) == pytest.approx(true, rel=1e-5)
    assert at_the_door(pa.read_map(geo(degrees, 4326), addresses=base))[0] == 1


def test_a_datum_without_its_grid_is_refused_with_what_to_do():
    degrees, _ = doors(2229)
    known = Transformer.from_crs(4267, 4326, always_xy=True)
    known.transform(*degrees[0])
    assert known.get_last_used_operation().accuracy > 5  # by the registry, in metres
    with pytest.raises(GeometryError, match=r"EPSG:4267.*grid.*QGIS") as refused:
        pa.read_map(geo(degrees, 4267), addresses=places(degrees, 4326))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("declared", "wrong"), [(4326, 27700), (27700, 4326), (31370, 27700)])
def test_a_contradiction_raises(declared, wrong):
    degrees, xy = doors(27700)
    base = places(xy, 27700)
    numbers = {4326: degrees, 27700: xy}[wrong]
    with pytest.raises(GeometryError) as refused:
        pa.read_map(geo(numbers, declared), addresses=base)
    assert "\n" not in str(refused.value)
    with pytest.raises(GeometryError):
        places(numbers, declared) if declared != 31370 else pa.read_map(
            geo(xy, 27700), addresses=base, crs=31370
        )


def test_the_caller_may_repeat_what_is_declared_in_any_form():
    degrees, xy = doors(27700)
    base = places(xy, 27700)
    for crs in ("EPSG:4326", "OGC:CRS84", 4326, CRS(4326), CRS("OGC:CRS84")):
        for declared in (4326, "OGC:CRS84"):
            leak = pa.read_map(geo(degrees, declared), addresses=base, crs=crs)
            assert leak.crs == "EPSG:4326"
    with pytest.raises(GeometryError, match="declares EPSG:4326"):
        pa.read_map(geo(degrees, 4326), addresses=base, crs=CRS(4258))
    assert pa.read_map(geo(degrees, None), addresses=base, crs=CRS(4326)).crs == "EPSG:4326"


def test_a_crs_with_a_height_is_read_without_it():
    _, xy = doors(28992)
    base = places(xy, 28992)
    flat = gpd.GeoDataFrame(
        {"n": range(len(xy))}, geometry=gpd.points_from_xy(*xy.T, z=np.full(len(xy), 3.0)), crs=7415
    )
    assert at_the_door(pa.read_map(flat, addresses=base))[0] == 1


class Stream:
    """What has only the Arrow interface, and can be read once."""

    def __init__(self, table):
        self._table, self.read = table, False

    def __arrow_c_stream__(self, requested_schema=None):
        assert not self.__dict__.pop("gone", False)
        self.gone = True
        return self._table.__arrow_c_stream__(requested_schema)


class Batch:
    """A nanoarrow-like array of structs."""

    def __init__(self, batch):
        self._batch = batch

    def __arrow_c_array__(self, requested_schema=None):
        return self._batch.__arrow_c_array__(requested_schema)


def once(table):
    stream = Stream(table)
    del stream.read
    return stream


FRAMES = {
    "pandas": lambda df: df,
    "polars": pl.from_pandas,
    "lazy": lambda df: pl.from_pandas(df).lazy(),
    "table": pa_arrow.Table.from_pandas,
    "batch": pa_arrow.RecordBatch.from_pandas,
    "reader": lambda df: pa_arrow.Table.from_pandas(df).to_reader(),
    "stream": lambda df: once(pl.from_pandas(df)),
    "array": lambda df: Batch(pa_arrow.RecordBatch.from_pandas(df)),
    "duckdb": lambda df: duckdb.from_df(df),
    "csv": lambda df: io.BytesIO(df.to_csv(index=False).encode()),
}
TABLE = pd.DataFrame(
    {
        "x": np.arange(40.0) % 8, "y": np.arange(40.0) // 8, "age": np.arange(40) % 7,
        "sex": ["F", "M"] * 20, "note": ["a", None] * 20, "gap": [1.0, np.nan] * 20,
        "day": pd.date_range("2016-11-08", periods=40), "yes": [True, False] * 20,
        "opinion": ["left", "right", "none", "left"] * 10,
    }
)  # fmt: skip
ROLES = pa.Roles(key=["age", "sex"], sensitive="opinion")


@pytest.mark.parametrize("form", FRAMES)
def test_a_table_is_the_same_in_every_frame(form):
    # Of CSV, days and truth values are text.
    usual, other = (pa.read_table(FRAMES[f](TABLE), roles=ROLES).records for f in ("pandas", form))
    if form == "csv":
        usual, other = (f.drop(columns=["day", "yes"]) for f in (usual, other))
    pd.testing.assert_frame_equal(usual, other, check_dtype=False)


@pytest.mark.parametrize("form", FRAMES)
def test_measures_maps_and_traces_are_the_same_in_every_frame(form):
    make = FRAMES[form]
    usual, other = (pa.measure(f, ROLES).overall["value"] for f in (TABLE, make(TABLE)))
    if form in ("lazy", "duckdb"):  # counted where they are: some measures need the records
        usual = usual.where(other.notna())
    pd.testing.assert_series_equal(usual, other)
    base = pa.io.read_addresses(TABLE[["x", "y"]].iloc[::2] * 1000)
    metres = TABLE.assign(x=TABLE["x"] * 1000, y=TABLE["y"] * 1000)
    usual, other = (pa.read_map(f, addresses=base, crs="fictional") for f in (metres, make(metres)))
    # What stands beside the dots is text where a file is text.
    columns = [c for c in usual.records if form != "csv" or c not in ("day", "yes")]
    pd.testing.assert_frame_equal(usual.records[columns], other.records[columns], check_dtype=False)
    assert (usual.rows == other.rows).all()
    found = pa.io.read_addresses(make(TABLE[["x", "y"]].iloc[::2] * 1000))
    assert np.array_equal(found.xy, base.xy)
    asked = {"person": "age", "item": "opinion", "time": "day"}
    usual, other = (pa.read_traces(f, **asked) for f in (TABLE, make(TABLE)))
    assert [
        np.array_equal(getattr(usual, n), getattr(other, n)) for n in ("person", "item", "time")
    ]
    assert usual.time.tolist() == other.time.tolist()


def test_whole_numbers_with_gaps_are_not_rounded():
    big = pl.DataFrame({"id": [2**60 + 1, None, 2**60 + 3], "v": [1, 2, 3]})
    frame = held(big, who="w", gives="table").frame
    assert frame["id"].dropna().tolist() == [str(2**60 + 1), str(2**60 + 3)]


def test_nested_columns_are_left_out_with_a_note():
    taken = held(pl.DataFrame({"a": [1, 2], "b": [[1], [2]]}), who="w", gives="table")
    assert list(taken.frame) == ["a"]
    assert taken.notes == (Note("column_left_out", column="b"),)


SQUARE = shapely.Polygon([(0, 0), (0, 20), (20, 20), (20, 18), (2, 18), (2, 0)])  # a hook
MIXED = {
    "Point": shapely.Point(100, 100, 7),
    "MultiPoint of one": shapely.MultiPoint([(110, 100)]),
    "Polygon": shapely.affinity.translate(SQUARE, 200, 100),
    "MultiPolygon": shapely.MultiPolygon([shapely.affinity.translate(SQUARE, 400, 300)]),
    "MultiPoint": shapely.MultiPoint([(0, 0), (1, 1)]),
    "LineString": shapely.LineString([(0, 0), (1, 1)]),
    "none": None,
    "empty": shapely.Point(),
}
ASIDE = {
    Note("not_a_point", geometry="MultiPoint"): 1,
    Note("not_a_point", geometry="LineString"): 1,
    Note("feature_without_geometry"): 2,
}


def mixed(repeat=2, crs=2154):
    """Return a frame of every kind of geometry, the readable ones twice."""
    kinds = [*list(MIXED)[:4] * repeat, *list(MIXED)[4:]]
    shapes = [MIXED[kind] for kind in kinds]
    shift = np.array([7e5, 66e5])
    shapes = [None if s is None else shapely.affinity.translate(s, *shift) for s in shapes]
    return gpd.GeoDataFrame({"kind": kinds}, geometry=shapes, crs=crs)


def as_interface(frame):
    return frame.__geo_interface__


def geoarrow(frame, **how):
    return pa_arrow.table(frame.to_arrow(**how))


@pytest.mark.parametrize(
    ("form", "make", "crs"),
    [
        ("frame", lambda f: f, "EPSG:2154"),
        ("interface", as_interface, None),
        ("features", lambda f: list(f.iterfeatures()), None),
        ("geoarrow.wkb", geoarrow, "EPSG:2154"),
        ("stream of geoarrow", lambda f: once(geoarrow(f)), "EPSG:2154"),
        ("to_arrow", lambda f: f.to_arrow(), "EPSG:2154"),
    ],
)
def test_every_kind_of_geometry(form, make, crs):
    frame = mixed()
    taken = held(make(frame), who="w")
    assert taken.crs == crs
    east, north = taken.location
    xy = taken.frame[[east, north]].to_numpy()
    assert (taken.frame["kind"] == list(MIXED)[:4] * 2).all()
    for at, shape in zip(xy, frame.geometry[:8], strict=True):
        if shape.geom_type.endswith("Polygon"):
            assert shape.contains(shapely.Point(at))
        else:
            assert np.array_equal(at, [shape.centroid.x, shape.centroid.y])
    aside = dict(taken.set_aside)
    empty = aside.pop(Note("point_without_numbers"), 0)
    if empty:  # an empty point of GeoJSON has no numbers
        aside[Note("feature_without_geometry")] += empty
    assert aside == ASIDE
    assert Note("points_inside", polygons=4) in taken.notes


@pytest.mark.parametrize("kind", ["Point", "MultiPoint of one", "Polygon", "MultiPolygon"])
@pytest.mark.parametrize("interleaved", [True, False])
def test_native_geoarrow(kind, interleaved):
    shape = shapely.force_2d(MIXED[kind])
    shapes = [shapely.affinity.translate(shape, 7e5 + 3 * n, 66e5) for n in range(5)]
    frame = gpd.GeoDataFrame({"n": range(5)}, geometry=shapes, crs=2154)
    table = geoarrow(frame, geometry_encoding="geoarrow", interleaved=interleaved)
    assert table.schema.field("geometry").metadata[b"ARROW:extension:name"] != b"geoarrow.wkb"
    taken = held(table, who="w")
    assert (taken.crs, taken.set_aside) == ("EPSG:2154", {})
    for at, shape in zip(taken.frame[list(taken.location)].to_numpy(), shapes, strict=True):
        assert shape.distance(shapely.Point(at)) == 0


def test_a_geoseries_a_geometry_and_a_list_of_shapes():
    _, xy = doors(2154, 20)
    base = places(xy, 2154)
    series = geo(xy, 2154).geometry
    for source in (series, shapely.MultiPoint(xy).geoms, list(series)):
        given = list(source) if not isinstance(source, pd.Series) else source
        leak = pa.read_map(given, addresses=base)
        assert np.allclose(leak.records[["x", "y"]], base.xy)
    taken = held(shapely.Point(2.5, 48.8), who="w")
    assert taken.frame.to_numpy().tolist() == [[2.5, 48.8]]


def test_an_active_geometry_that_was_dropped_is_one_clear_line():
    frame = pd.DataFrame(geo(doors(2154)[1], 2154)).rename(columns={"geometry": "g"})
    lost = gpd.GeoDataFrame(frame, geometry="g").rename(columns={"g": "h"})
    base = places(doors(2154)[1], 2154)
    with pytest.raises(GeometryError, match=r"active geometry.*set_geometry") as refused:
        pa.read_map(lost, addresses=base)
    assert "\n" not in str(refused.value)


def test_a_geodataframe_is_a_table_without_its_geometry():
    _, xy = doors(2154, 40)
    frame = gpd.GeoDataFrame(TABLE, geometry=gpd.points_from_xy(*xy.T), crs=2154)
    for given in (frame, frame.rename(columns={"geometry": "g"})):
        table = pa.read_table(given, roles=ROLES)
        assert list(table.records) == list(TABLE)
        pd.testing.assert_frame_equal(
            pa.measure(given, ROLES).overall, pa.measure(TABLE, ROLES).overall
        )


def test_what_is_no_frame_is_refused_in_one_line():
    base = places(doors(2154)[1], 2154)
    for source in (object(), 3, {"type": "Topology"}, [], ["a"], [{"a": 1}]):
        with pytest.raises(PrivauditError) as refused:
            pa.read_map(source, addresses=base)
        assert "\n" not in str(refused.value)


def test_the_callers_frame_is_left_as_it_is():
    frame = geo(doors(2154)[1], 2154)
    before = frame.copy()
    pa.read_map(frame, addresses=places(doors(2154)[1], 2154))
    pd.testing.assert_frame_equal(frame, before)
    assert frame.crs == before.crs


@pytest.mark.parametrize("form", ["csv", "geojson", "parquet", "gpkg", "fgb"])
def test_an_open_file_is_read_by_its_content(form, tmp_path):
    degrees, xy = doors(2154, 30)
    frame, base = geo(degrees, 4326), places(xy, 2154)
    path = tmp_path / f"a.{form}"
    if form == "csv":
        table = pd.DataFrame({"lon": degrees[:, 0], "lat": degrees[:, 1], "n": range(30)})
        table.to_csv(path, index=False)
    elif form == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    data = path.read_bytes()
    for source in (io.BytesIO(data), path.open("rb")):
        leak = pa.read_map(source, addresses=base)
        assert at_the_door(leak)[0] == 1
        if source.seekable():
            source.close()
    path.unlink()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("home", [27700, 2154, 4326, 2229])
def test_a_map_goes_out_with_its_crs(home):
    degrees, xy = doors(home, 30)
    leak = pa.read_map(geo(xy, home), addresses=places(xy, home))
    out = leak.to_geodataframe()
    assert list(out.columns) == ["n", "geometry"]
    back = out.to_crs(4326).geometry
    assert np.allclose(np.column_stack([back.x, back.y]), degrees, atol=2e-7)
    again = pa.read_map(out, addresses=leak.backdrop, crs=leak.backdrop.crs)
    assert np.allclose(again.records[["x", "y"]], leak.records[["x", "y"]])


@pytest.mark.heavy
def test_a_fictional_town_has_no_crs_and_guesses_need_a_word():
    world = pa.simulate(pa.Town(inhabitants=2_000), seed=7)
    campaign = pa.run_campaign(world, seed=7)
    leak = pa.publish(campaign, pa.DotMap(), seed=7).as_leaked()
    assert leak.to_geodataframe().crs is None
    guesses = pa.maps.guess(leak, pa.Adversary.nearest(), rng=np.random.default_rng(1))
    with pytest.raises(ParameterError, match="reveal_rows=True"):
        guesses.to_geodataframe(leak.backdrop)
    out = guesses.to_geodataframe(leak.backdrop, reveal_rows=True)
    at = leak.backdrop.xy[guesses.address]
    assert np.array_equal(np.column_stack([out.geometry.x, out.geometry.y]), at)
    assert out.crs is None
    for by, size in (("grid", 200.0), ("hexagon", 200.0), ("station", 200.0)):
        areas = pa.publish(campaign, pa.AreaMap(by=by, size=size), seed=7).to_geodataframe()
        # A square of 200 m, and a hexagon of 200 m between two sides: sqrt(3) / 2 of it.
        true = {"grid": 40_000, "hexagon": 40_000 * 3**0.5 / 2, "station": 0}[by]
        assert np.allclose(areas.area, true)
        assert areas.crs is None
        if true:
            assert areas.union_all().area == pytest.approx(true * len(areas))


def test_without_geopandas_one_line_says_what_to_install(monkeypatch):
    _, xy = doors(2154, 30)
    leak = pa.read_map(geo(xy, 2154), addresses=places(xy, 2154))
    monkeypatch.setattr("privaudit.io.frames.find_spec", lambda name: None)
    with pytest.raises(PrivauditError, match="pip install geopandas"):
        leak.to_geodataframe()


def test_geopandas_is_never_imported_to_read():
    code = (
        "import sys, pandas as pd, privaudit as pa; "
        "t = pd.DataFrame({'x': [0.0, 400, 800], 'y': [0.0, 3, 9]}); "
        "b = pa.io.read_addresses(t); pa.read_map(t, addresses=b, crs='fictional'); "
        "print([m for m in ('geopandas', 'shapely', 'pyogrio', 'polars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_two_frames_of_any_library_are_linked_alike():
    first = ["anne", "julien", "lea", "marc", "nina", "paul", "rose", "yves"]
    last = ["meyer", "roux", "petit", "garcia", "faure", "noel", "colin", "marty"]
    names = [(a, b) for a in first for b in last]
    left = pd.DataFrame(names[:60], columns=["first_name", "last_name"])
    right = pd.DataFrame(names[20:], columns=["first_name", "last_name"])
    usual = pa.linkage.link(left, right)
    other = pa.linkage.link(pl.from_pandas(left), pa_arrow.Table.from_pandas(right))
    assert len(usual.row)
    assert np.array_equal(usual.row, other.row)
    assert np.array_equal(usual.probability, other.probability)


def test_frames_are_read_without_pyarrow():
    code = (
        "import sys; sys.modules['pyarrow'] = None; import duckdb, polars as pl, privaudit as pa\n"
        "class S:\n"
        "    def __arrow_c_stream__(self, requested_schema=None):\n"
        "        return p.__arrow_c_stream__(requested_schema)\n"
        "p = pl.DataFrame({'x': [0.0, 400, 800], 'y': [0.0, 3, 9], 'w': ['a', 'b', None]})\n"
        "b = pa.io.read_addresses(p)\n"
        "q = duckdb.sql('select 0.5::double x, 0.5::double y, 7 w')\n"
        "for f in (p, p.lazy(), S(), q):\n"
        "    print(len(pa.read_map(f, addresses=b, crs='fictional')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr) == (["3", "3", "3", "1"], "")
