"""Points that stand in one column, or in units and degrees of their own."""

import struct

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import GeometryError, SchemaError
from privaudit.io.coordinates import locate, numbers, point_form, with_points, wkb_point
from privaudit.io.file_frame import FileFrame

# 48 degrees 49' 16.32" N is 48 + 49/60 + 16.32/3600 = 48.8212; 2 degrees 28' 13.8" E is 2.4705.
NORTH, EAST = 48.8212, 2.4705
WAYS = {
    "geom": "POINT (2.4705 48.8212)",
    "the_geom": "SRID=4326;POINT(2.4705 48.8212)",
    "point_z": "POINT Z (2.4705 48.8212 41.5)",
    "geo_point_2d": "48.8212,2.4705",
    "Coordonnées": "48.8212, 2.4705",
    "gps": "48,8212 ; 2,4705",
    "lonlat": "[2.4705, 48.8212]",
    "tuple": "(48.8212, 2.4705)",
    "location": '{"type": "Point", "coordinates": [2.4705, 48.8212]}',
    "position": "{'lat': 48.8212, 'lng': 2.4705}",
    "doc": '{"_longitude":2.4705,"_latitude":48.8212}',
    "lien": "https://maps.example/maps?q=48.8212,2.4705&z=17",
    "geo": "geo:48.8212,2.4705?z=19",
    "latLng": "48.8212000°, 2.4705000°",
    "dms": "48°49'16.32\"N 2°28'13.8\"E",
    "dms_fr": "2° 28' 13,8\" E, 48° 49' 16,32\" N",
}


@pytest.fixture(scope="module")
def place():
    """Two addresses some metres from the point, in degrees."""
    return pa.io.read_addresses(
        pd.DataFrame({"id": ["1", "2"], "numero": ["1", "2"], "nom_voie": "Rue A",
                      "code_insee": "94042", "nom_commune": "Bourg",
                      "lon": [EAST, EAST + 0.001], "lat": [NORTH, NORTH]})
    )  # fmt: skip


def where(leak, place):
    """How far each dot is from the first address, in metres."""
    return ((leak.records[["x", "y"]] - place.xy[0]) ** 2).sum(axis=1) ** 0.5


@pytest.mark.parametrize("column", WAYS)
def test_a_point_in_one_column_is_read_where_it_stands(column, place):
    cells = [WAYS[column]] * 19 + [None]
    leak = pa.read_map(pd.DataFrame({column: cells, "status": "red"}), addresses=place)
    assert where(leak, place).max() < 0.02
    assert len(leak) == 19
    assert sum(leak.set_aside.values()) == 1
    assert column not in leak.records
    (note,) = [note for note in leak.notes if note.key == "points_read"]
    assert note.values["columns"] == (column,)


def test_bytes_of_a_database_are_read():
    point = struct.pack("<BIIdd", 1, 0x20000001, 4326, EAST, NORTH).hex()
    big = struct.pack(">BIdd", 0, 1, EAST, NORTH).hex().upper()
    assert point_form([point] * 3) == point_form([big] * 3) == "wkb"
    assert point_form([point[:-2]] * 3) == point_form([f"0103{point[4:]}"] * 3) == ""


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (("latitudeE7", "longitudeE7"), (488_212_000, 24_705_000)),
        (("lat_e6", "lng_e6"), (48_821_200, 2_470_500)),
        (("GPS latitude", "GPS longitude"), ("48,8212", "2,4705")),
        (("lat", "lon"), ("48°49'16.32\"N", "2°28'13.8\"E")),
        (("lat", "lon"), ("48° 49.272' N", "2° 28.23' E")),
        (("y_coord", "x_coord"), (48.8212, 2.4705)),
    ],
)
def test_two_columns_of_other_names_and_units_are_read(columns, cells, place):
    frame = pd.DataFrame(dict(zip(columns, ([cell] * 12 for cell in cells), strict=True)))
    assert where(pa.read_map(frame, addresses=place), place).max() < 0.2


def test_west_and_south_are_below_zero():
    place = pa.io.read_addresses(
        pd.DataFrame({"id": ["1"], "numero": "1", "nom_voie": "Rue A", "code_insee": "29155",
                      "nom_commune": "Ouessant", "lon": [-5.0975], "lat": [48.4575]})
    )  # fmt: skip
    for west in ("W", "O"):
        cells = [f"48°27'27\"N 5°05'51\"{west}"] * 12
        leak = pa.read_map(pd.DataFrame({"position": cells}), addresses=place)
        assert where(leak, place).max() < 0.02


@pytest.mark.parametrize(
    "cells",
    [["12, 14"] * 9, ["3.5, 4.5"] * 9, ["2016-03-01"] * 9, ["0102030405"] * 9, ["POINT EMPTY"] * 9,
     ["LINESTRING (1 2, 3 4)"] * 9, ["48.8212, 2.4705"] * 8 + ["rue A"], [""], [],
     ["48°75'16\"N 2°28'13\"E"] * 9],
)  # fmt: skip
def test_what_is_no_point_is_none(cells):
    assert point_form(cells) == ""


@pytest.mark.parametrize("column", ["geo_point_2d", "position", "lien", "geom"])
def test_a_column_of_points_is_a_place_whatever_its_header(column):
    cells = [WAYS[column].replace("8212", f"82{i}") for i in range(12, 42)]
    found = pa.inspect(pd.DataFrame({column: cells}))
    assert found.frame.set_index("column").loc[column, "role"] == "location"
    assert found.is_map


@pytest.mark.parametrize("form", ["[{}, 48.8001]", "48.8001, {}", "geo:48.8001,{}", "48,8001 ; {}"])
def test_noughts_that_a_writer_left_out_lose_no_dot(form):
    """Of 100 places to four decimals one ends in noughts: it was put aside, as no point."""
    east = [f"{2.47 + 0.0002 * n:.4f}".rstrip("0") for n in range(100)]
    assert "2.48" in east
    cells = [form.format(one.replace(".", ",") if ";" in form else one) for one in east]
    columns = with_points(FileFrame(frame=pd.DataFrame({"lieu": cells}), name="f")).frame
    (found,) = (columns[c] for c in columns if c != "lieu" and columns[c].median() < 40)
    assert found.tolist() == pytest.approx([2.47 + 0.0002 * n for n in range(100)])


def told(cells, column="endroit", **more):
    return with_points(FileFrame(frame=pd.DataFrame({column: cells}), name="f.csv", **more))


def test_the_position_of_a_format_outranks_a_column():
    frame = pd.DataFrame({"east": [1.0] * 9, "north": [2.0] * 9, "vu": [WAYS["geom"]] * 9})
    given = FileFrame(frame=frame, name="f.geojson", location=("east", "north"))
    assert with_points(given) is given


def test_wkb_has_its_projection_and_heights_are_skipped():
    """A point of ISO (1, 1001, 2001, 3001) and of PostGIS; with a height and a measure it was none.

    900,000, 6,250,000 is in metres.
    """
    metres = struct.pack("<BII2d", 1, 0x20000001, 2154, 900_000, 6_250_000).hex()
    found = told([metres] * 9)
    assert (found.location, found.crs) == (("x", "y"), "EPSG:2154")
    assert found.frame[["x", "y"]].drop_duplicates().to_numpy().tolist() == [[900_000, 6_250_000]]
    for kind, more in ((1, ()), (1001, (41.5,)), (2001, (7.0,)), (3001, (41.5, 7.0))):
        plain = struct.pack(f"<BI{2 + len(more)}d", 1, kind, EAST, NORTH, *more).hex()
        found = told([plain] * 9)
        assert (found.location, found.crs) == (("longitude", "latitude"), None)
        assert found.frame["longitude"].unique().tolist() == [EAST]
    high = struct.pack("<BII4d", 1, 0xE0000001, 4326, EAST, NORTH, 41.5, 7.0).hex()
    assert told([high] * 9).crs == "EPSG:4326"
    assert point_form([struct.pack("<BI2d", 1, 2, EAST, NORTH).hex()] * 9) == ""


@pytest.mark.parametrize(
    ("header", "cell", "east", "north"),
    [
        # Latitude first, as most write: Abidjan, Buenos Aires, Reykjavik.
        ("endroit", "5.3599, -4.0083", -4.0083, 5.3599),
        ("endroit", "-34.6037, -58.3816", -58.3816, -34.6037),
        ("endroit", "64.1466, -21.9426", -21.9426, 64.1466),
        # Longitude first, which mainland France tells, or the poles, or the header.
        ("endroit", "2.4705, 48.8212", 2.4705, 48.8212),
        ("endroit", "151.2093, -33.8688", 151.2093, -33.8688),
        ("lonlat", "-4.0083, 5.3599", -4.0083, 5.3599),
        ("latlon", "2.4705, 48.8212", 48.8212, 2.4705),
    ],
)
def test_the_order_of_a_pair_comes_from_header_france_or_poles(header, cell, east, north):
    found = told([cell] * 9, header).frame
    assert found[["longitude", "latitude"]].drop_duplicates().to_numpy().tolist() == [[east, north]]


def test_nineteen_of_twenty_make_a_column_of_points_eighteen_do_not():
    for points, form in ((19, "wkt"), (18, "")):
        assert point_form([WAYS["geom"]] * points + ["rue A"] * (20 - points)) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        # Three decimals are of a place; fewer may be of anything.
        ("48.821, 2.470", "pair"), ("48.82, 2.47", ""), ("48,821 ; 2,470", "pair"),
        ("48.821°, 2.470°", "pair"), ("48.82°, 2.47°", ""), ("37.125°", ""),
        ("48,82 ; 2,47", ""), ("geo:48.821,2.470", "link"), ("geo:48.82,2.47", ""),
        # Degrees have fewer than sixty minutes and seconds.
        ("48°59'59\"N 2°28'13\"E", "degrees"), ("48°60'00\"N 2°28'13\"E", ""),
        ("48°59'60\"N 2°28'13\"E", ""), ("48°00'59\"N 2°28'13\"E", "degrees"),
        ("48°49'16\" 2°28'13\"E", ""),
        ("SRID=4326;POINT(2.47 48.82)", "wkt"), ("SRID=432;POINT(2.47 48.82)", ""),
        ("SRID=4326123;POINT(2.47 48.82)", ""), ("POINT(2.47)", ""),
        ("POINT(2.47 48.82 1 2)", "wkt"), ("POINT(2.47 48.82 1 2 3)", ""),
    ],
)  # fmt: skip
def test_a_point_is_written_within_limits(text, form):
    assert point_form([text]) == form


def _wkb(*numbers, kind=1, code=None):
    head = struct.pack("<BI", 1, kind) if code is None else struct.pack("<BII", 1, kind, code)
    return head + b"".join(struct.pack("<d", n) for n in numbers)


@pytest.mark.parametrize(
    ("cell", "point", "why"),
    [
        (_wkb(2.5, 48.0), (2.5, 48.0), None), (_wkb(2.5, 48.0)[:-1], None, "point_without_numbers"),
        (_wkb(2.5, 48.0, kind=0x20000001, code=4326), (2.5, 48.0), None),
        (_wkb(2.5, 48.0, kind=0x20000001, code=4326)[:-1], None, "point_without_numbers"),
        (b"\x01\x01\x00\x00", None, "not_a_point"), (b"\x01\x01\x00\x00\x00", None,
                                                      "point_without_numbers"),
        (b"\x02" + _wkb(2.5, 48.0)[1:], None, "not_a_point"),
        (_wkb(2.5, 48.0, 1.0, kind=1001), (2.5, 48.0), None),
        (_wkb(1, 2, kind=2), None, "not_a_point"),
        (struct.pack(">BIdd", 0, 1, 2.5, 48.0), (2.5, 48.0), None),
    ],
)  # fmt: skip
def test_bytes_of_a_point_are_as_many_as_it_needs(cell, point, why):
    """Five bytes, four of a code where there is one, and eight of each number."""
    found, note, _ = wkb_point(cell)
    assert (found, note and note.key) == (point, why)


@pytest.mark.parametrize(
    ("numbers", "code", "form"),
    [(1, None, ""), (2, None, "wkb"), (3, None, "wkb"), (4, None, "wkb"), (5, None, ""),
     (2, 4326, "wkb"), (4, 4326, "wkb")],
)  # fmt: skip
def test_a_point_in_hexadecimal_digits_has_two_to_four_numbers(numbers, code, form):
    kind = 1 if code is None else 0x20000001
    cell = _wkb(*[2.5, 48.0, 1.0, 2.0, 3.0][:numbers], kind=kind, code=code)
    assert point_form([cell.hex()]) == form


@pytest.mark.parametrize(
    ("pairs", "longitude"),
    [
        # Mainland France, latitudes 41 to 52, longitudes 6 west to 11 east; no latitude past 90.
        (["41.000, -6.000"], -6.0), (["-6.000, 41.000"], -6.0), (["52.000, 11.000"], 11.0),
        (["11.000, 52.000"], 11.0), (["11.000, 52.001"], 52.001), (["11.001, 52.000"], 52.0),
        (["-6.001, 41.000"], 41.0), (["-6.000, 40.999"], 40.999),
        # Beyond half of the pairs decide.
        (["2.470, 48.821", "30.000, 40.000"], 48.821),
        (["2.470, 48.821"] * 11 + ["30.000, 40.000"] * 9, 2.47),
        (["2.470, 48.821"] * 10 + ["30.000, 40.000"] * 10, 48.821),
        (["90.000, 20.000"], 20.0), (["90.001, 20.000"], 90.001), (["20.000, 90.001"], 90.001),
    ],
)  # fmt: skip
def test_a_pair_without_a_header_is_turned_by_france_or_the_poles(pairs, longitude):
    found = with_points(FileFrame(frame=pd.DataFrame({"c": pairs}), name="f"))
    assert found.frame["longitude"][0] == pytest.approx(longitude)


@pytest.mark.parametrize(
    ("text", "names"),
    [("POINT(180 80)", ("longitude", "latitude")), ("POINT(180.1 80)", ("x", "y")),
     ("POINT(-180.1 80)", ("x", "y"))],
)  # fmt: skip
def test_degrees_end_at_180(text, names):
    found = with_points(FileFrame(frame=pd.DataFrame({"c": [text]}), name="f"))
    assert found.location == names


@pytest.mark.parametrize(
    ("header", "cell"), [("lat_e6", 48_821_200), ("lat_e7", 488_212_000), ("lat_e5", 48.8212)]
)
def test_millionths_and_tenths_of_them_are_units(header, cell):
    frame = pd.DataFrame({header: [cell], header.replace("lat", "lon"): [cell]})
    found = with_points(FileFrame(frame=frame, name="f"))
    if header == "lat_e5":
        assert found.location is None or found.frame.iloc[0, 0] == pytest.approx(48.8212)
    else:
        assert found.frame["latitude"].tolist() == pytest.approx([48.8212])


@pytest.mark.parametrize(("beyond", "aside"), [(4_999.0, 0), (5_000.0, 0), (5_001.0, 1)])
def test_a_point_five_kilometres_from_all_addresses_is_of_the_place(beyond, aside, place):
    x, y = place.xy[:, 0], place.xy[:, 1]
    frame = pd.DataFrame({"x": [x.max() + beyond, x[0], x[0]], "y": y[0]})
    leak = pa.read_map(frame, addresses=place, crs=place.crs)
    assert sum(leak.set_aside.values()) == aside


@pytest.mark.heavy
@pytest.mark.parametrize(("far", "refused"), [(1, False), (2, False), (3, True)])
def test_a_map_of_which_more_than_half_is_elsewhere_is_refused(far, refused, place):
    x, y = place.xy[0]
    frame = pd.DataFrame({"x": [x + 9_000.0] * far + [x] * (4 - far), "y": y})
    if refused:
        with pytest.raises(GeometryError, match="3 points of 4"):
            pa.read_map(frame, addresses=place, crs=place.crs)
    else:
        leak = pa.read_map(frame, addresses=place, crs=place.crs)
        assert sum(leak.set_aside.values()) == far


@pytest.mark.parametrize(
    ("cells", "values", "reasons"),
    [
        (["1", "2,5", "1 000"], [1, 2.5, 1_000], ["", "", ""]),
        ([None, "", "3"], [None, None, 3], ["missing_coordinate", "missing_coordinate", ""]),
        (["a", "3"], [None, 3], ["text_for_a_coordinate", ""]),
        (["a", "b"], None, None), (["a", None], None, None), ([True, False], None, None),
        ([None, None], [None, None], ["missing_coordinate"] * 2),
        ([1.5, None], [1.5, None], ["", "missing_coordinate"]),
    ],
)  # fmt: skip
def test_a_column_of_coordinates_has_one_number_at_least(cells, values, reasons):
    """A column of words alone is none; one word among numbers is set aside."""
    reason = np.full(len(cells), "", dtype=object)
    column = pd.Series(cells, name="c")
    if values is None:
        with pytest.raises(SchemaError, match="numbers in column 'c'"):
            numbers(column, reason, "f", "t")
        return
    found = numbers(column, reason, "f", "t")
    assert [None if np.isnan(v) else v for v in found] == values
    assert reason.tolist() == reasons


class Nowhere(list):
    source = "an empty file"


def test_no_place_is_no_map():
    one = pd.Series([1.0])
    with pytest.raises(GeometryError, match="none in an empty file"):
        locate(one, one, backdrop=Nowhere(), crs=None, name="f", who="t")


@pytest.mark.parametrize(
    ("cell", "form"),
    [("{'lat': 48.8, 'lng': 2.4}", "object"), ("{'lat': 48.8}", ""), ("{'lng': 2.4}", ""),
     ("{'lat': 48.8, 'x': 2.4}", "")],
)  # fmt: skip
def test_an_object_has_both_coordinates(cell, form):
    assert point_form([cell] * 3) == form
    frame = told([cell] * 3)
    assert bool(frame.location) == bool(form)
