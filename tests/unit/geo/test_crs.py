"""One rule of coordinate systems: declared is used, contradicted raises, guessed is said."""

import numpy as np
import pandas as pd
import pytest
from pyproj import CRS, Transformer

import privaudit as pa
from privaudit.errors import GeometryError
from privaudit.geo.address_base import AddressBase, Polygons
from privaudit.geo.crs import stated_crs
from privaudit.io.readers import read_frame
from privaudit.words.catalogues import Note

# Towns inside the area of each national CRS: Oxford, Brussels, Paris, Munich, Bern.
TOWNS = {27700: (-1.257, 51.752), 31370: (4.352, 50.847), 3857: (2.352, 48.857),
         25832: (11.576, 48.137), 2056: (7.447, 46.948)}  # fmt: skip


class Point:
    """What shapely gives of a point."""

    geom_type, is_empty = "Point", False

    def __init__(self, x, y):
        self.x, self.y = x, y


class Polygon:
    """What shapely gives of a polygon: here a point inside is known."""

    geom_type, is_empty = "Polygon", False

    def __init__(self, x, y):
        self._at = x, y

    def representative_point(self):
        return Point(*self._at)


class Line:
    """What shapely gives of a line."""

    geom_type, is_empty = "LineString", False


class Frame(pd.DataFrame):
    """What GeoPandas gives: a data frame with a CRS and a column of shapes."""

    _metadata = ("declared",)

    @property
    def _constructor(self):
        return Frame

    @property
    def crs(self):
        return getattr(self, "declared", None)

    @property
    def geometry(self):
        return self["geom"]


def in_frame(xy, crs, shape=Point, **columns):
    shapes = np.empty(len(xy), dtype=object)
    shapes[:] = [shape(*at) for at in xy]
    frame = Frame({"geom": shapes, **columns})
    frame.declared = None if crs is None else CRS.from_user_input(crs)
    return frame


def doors(code, n=60):
    """Return a town of n doors on a grid: degrees, and the same in the CRS (pyproj's own)."""
    lon, lat = TOWNS[code]
    grid = np.array([(i % 10, i // 10) for i in range(n)]) * (4e-4, 3e-4)
    degrees = grid + np.array([lon, lat])
    forward = Transformer.from_crs(4326, code, always_xy=True)
    return degrees, np.column_stack(forward.transform(*degrees.T))


WORDS = {"number": [str(i) for i in range(60)], "street": "High Street", "commune": "Town"}


@pytest.mark.parametrize("code", TOWNS)
@pytest.mark.parametrize("dots_in", ["own", 4326])
def test_a_frame_is_read_in_the_crs_that_it_declares(code, dots_in):
    degrees, xy = doors(code)
    base = pa.io.read_addresses(in_frame(xy, code, **WORDS))
    dots = in_frame(degrees, 4326, i=range(60)) if dots_in == 4326 else in_frame(xy, code)
    leak = pa.read_map(dots, addresses=base)
    apart = np.hypot(*(leak.records[["x", "y"]].to_numpy() - base.xy).T)
    assert apart.max() < 0.01  # metres
    back = Transformer.from_crs(base.crs, 4326, always_xy=True).transform(*base.xy.T)
    assert np.abs(np.column_stack(back) - degrees).max() < 2e-6
    assert not {note.key for note in leak.notes} & {"degrees_assumed", "metres_assumed"}


@pytest.mark.parametrize("code", TOWNS)
def test_a_metre_of_the_addresses_is_a_metre(code):
    base = pa.io.read_addresses(in_frame(doors(code)[1], code, **WORDS))
    # On the ellipsoid, by the geodesic of pyproj, which no projection changes.
    lon, lat = Transformer.from_crs(base.crs, 4326, always_xy=True).transform(*base.xy.T)
    true = CRS(4326).get_geod().inv(lon[0], lat[0], lon[59], lat[59])[2]
    assert np.hypot(*(base.xy[59] - base.xy[0])) == pytest.approx(true, rel=0.005)


@pytest.mark.parametrize("crs", [4326, "OGC:CRS84"])
def test_degrees_are_never_taken_for_metres(crs):
    degrees, _ = doors(27700)
    for frame in (
        in_frame(degrees, crs, **WORDS),
        pd.DataFrame({"x": degrees[:, 0], "y": degrees[:, 1], **WORDS}),
        pd.DataFrame({"lon": degrees[:, 0], "lat": degrees[:, 1], **WORDS}),
    ):
        base = pa.io.read_addresses(frame)
        assert "Lambert Azimuthal Equal Area" in base.crs
        assert np.ptp(base.xy[:, 1]) > 100
    guessed = pa.io.read_addresses(pd.DataFrame({"x": degrees[:, 0], "y": degrees[:, 1], **WORDS}))
    assert guessed.notes == (Note("degrees_assumed"),)
    leak = pa.read_map(in_frame(degrees, crs), addresses=guessed)
    assert Note("degrees_assumed") in leak.notes
    with pytest.raises(GeometryError, match="metres"):
        AddressBase(base.frame.assign(x=1.0, y=48.0), crs="EPSG:4326", real=True)


def test_metres_of_a_toy_town_stay_metres():
    frame = pd.DataFrame({"x": range(60), "y": 0, **WORDS})
    base = pa.io.read_addresses(frame)
    assert (base.crs, np.ptp(base.xy[:, 0]), base.notes) == ("fictional", 59, ())


def test_two_declarations_that_differ_raise():
    degrees, xy = doors(27700)
    base = pa.io.read_addresses(in_frame(xy, 27700, **WORDS))
    with pytest.raises(GeometryError, match=r"27700.*declares EPSG:4326"):
        pa.read_map(in_frame(degrees, 4326), addresses=base, crs="EPSG:27700")
    with pytest.raises(GeometryError, match="declares EPSG:27700"):
        pa.io.read_addresses(in_frame(xy, 27700, **WORDS), crs="EPSG:25830")
    assert pa.read_map(in_frame(xy, None), addresses=base, crs=27700).crs == "EPSG:27700"


@pytest.mark.parametrize(
    ("declared", "numbers"), [(27700, "degrees"), (4326, "metres"), (27700, "mercator")]
)
def test_coordinates_that_cannot_be_of_the_declared_crs_raise(declared, numbers):
    degrees, xy = doors(27700)
    mercator = Transformer.from_crs(4326, 3857, always_xy=True).transform(*degrees.T)
    wrong = {"degrees": degrees, "metres": xy, "mercator": np.column_stack(mercator)}[numbers]
    base = pa.io.read_addresses(in_frame(xy, 27700, **WORDS))
    with pytest.raises(GeometryError):
        pa.read_map(in_frame(wrong, declared), addresses=base)
    with pytest.raises(GeometryError, match="declare"):
        pa.io.read_addresses(in_frame(wrong, declared, **WORDS))


def test_the_crs_of_a_frame_without_one_is_guessed_with_a_note():
    degrees, xy = doors(27700)
    base = pa.io.read_addresses(in_frame(xy, 27700, **WORDS))
    assert Note("degrees_assumed") in pa.read_map(in_frame(degrees, None), addresses=base).notes
    note = Note("metres_assumed", crs="EPSG:27700")
    assert note in pa.read_map(in_frame(xy, None), addresses=base).notes


def test_shapes_that_are_no_points():
    _, xy = doors(27700)
    houses = in_frame(xy, 27700, shape=Polygon, **WORDS)
    base = pa.io.read_addresses(houses)
    assert np.allclose(base.xy, xy)
    dots = in_frame(xy, 27700)
    dots.loc[0, "geom"] = None
    dots.loc[1, "geom"] = Polygon(*xy[1])
    dots.loc[2, "geom"] = Line()
    leak = pa.read_map(dots, addresses=base)
    assert (len(leak), leak.rows[0]) == (58, 1)
    assert leak.set_aside == {
        Note("feature_without_geometry"): 1,
        Note("not_a_point", geometry="LineString"): 1,
    }
    assert Note("points_inside", polygons=1) in leak.notes


def test_a_file_and_its_caller_agree(tmp_path):
    crs = '"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}'
    point = '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [7e5, 66e5]}, '
    text = f'{{"type": "FeatureCollection", {crs}, "features": [{point}"properties": {{}}}}]}}'
    (tmp_path / "a.geojson").write_text(text)
    assert read_frame(tmp_path / "a.geojson").crs == "EPSG:2154"
    assert read_frame(tmp_path / "a.geojson", crs="EPSG:2154").crs == "EPSG:2154"
    with pytest.raises(GeometryError, match="declares EPSG:2154"):
        read_frame(tmp_path / "a.geojson", crs="EPSG:4326")


def test_a_column_of_points_declares_its_crs():
    _, xy = doors(27700)
    base = pa.io.read_addresses(in_frame(xy, 27700, **WORDS))
    points = pd.DataFrame({"at": [f"SRID=27700;POINT({x} {y})" for x, y in xy], "i": range(60)})
    assert np.allclose(pa.read_map(points, addresses=base).records[["x", "y"]], xy)
    with pytest.raises(GeometryError, match="declares EPSG:27700"):
        pa.read_map(points, addresses=base, crs="EPSG:25830")


def test_the_forms_of_a_declaration():
    told = {"id": {"authority": "EPSG", "code": 27700}}
    forms = [27700, "EPSG:27700", "urn:ogc:def:crs:EPSG::27700", told, CRS(27700),
             CRS(27700).to_wkt(), CRS(27700).to_wkt("WKT1_ESRI")]  # fmt: skip
    for form in forms:
        assert stated_crs(form, given=None, name="a", who="w") == "EPSG:27700"
    crs84 = ["OGC:CRS84", CRS("OGC:CRS84"), {"id": {"authority": "OGC", "code": "CRS84"}}]
    for form in crs84:
        assert stated_crs(form, given=None, name="a", who="w") == "EPSG:4326"
    own = CRS("+proj=laea +lat_0=51 +lon_0=3 +datum=WGS84")
    with pytest.raises(GeometryError, match="EPSG"):
        stated_crs(own, given=None, name="a", who="w")
    assert stated_crs(own, given="EPSG:3035", name="a", who="w") == "EPSG:3035"


def test_areas_of_the_same_corners_are_equal():
    ring = np.array([[0.0, 0.0], [9.0, 0.0], [9.0, 9.0]])
    assert Polygons(rings=((ring,),)) == Polygons(rings=((ring.copy(),),))
    assert Polygons(rings=((ring,),)) != Polygons(rings=((ring + 1,),))
    assert Polygons(rings=((ring,),)) != Polygons(rings=((ring,), (ring,)))
    assert Polygons(rings=()) != ()
