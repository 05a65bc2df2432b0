"""Positions and numbers at which no door stands are set aside, noted or refused, never taken."""

import json

import numpy as np
import pandas as pd
import pytest
from fixtures.address_files import in_crs, town, write
from pyproj import Transformer

from privaudit.errors import GeometryError, ReadError
from privaudit.io.addresses import read_addresses
from privaudit.io.coordinates import locate
from privaudit.release.read_map import read_map
from privaudit.words.catalogues import Note, Words

DEGREES = ["strasse", "hausnummer", "ort", "lat", "lon"]
NATIONAL = ["id", "numero", "rep", "nom_voie", "code_insee", "nom_commune"]


def rows_in_degrees(doors, at):
    return [[s, n, "Wien", y, x] for (s, n), (x, y) in zip(doors, at, strict=True)]


def numbers_of(base):
    return base.frame["number"].tolist()


def is_there(base, lonlat):
    back = np.column_stack(
        Transformer.from_crs(base.crs, 4326, always_xy=True).transform(*base.xy.T)
    )
    return np.abs(back - lonlat).max() < 1e-5


def test_all_numbers_of_a_street_at_its_middle_are_no_doors(tmp_path):
    doors, at = town((16.37, 48.21), ["Ringstraße", "Graben"], ("1", "3", "5", "7"))
    at[:4] = at[:4].mean(axis=0)
    base = read_addresses(write(tmp_path / "a.csv", DEGREES, rows_in_degrees(doors, at)))
    assert {*base.frame["street"]} == {"Graben"}
    assert base.set_aside == {Note("interpolated"): 4}


def test_streets_at_the_middle_of_their_town_are_no_doors(tmp_path):
    streets = ["Ringstraße", "Graben", "Kohlmarkt", "Herrengasse"]
    doors, at = town((16.37, 48.21), streets, ("1", "3"))
    at[::2] = 16.3725, 48.2083
    rows = rows_in_degrees(doors, at)
    base = read_addresses(write(tmp_path / "a.csv", DEGREES, rows))
    assert {*numbers_of(base)} == {"3"}
    assert base.set_aside == {Note("interpolated"): 4}


def test_three_numbers_of_one_building_stay(tmp_path):
    doors, at = town((16.37, 48.21), ["Ringstraße", "Graben"], ("1", "3", "5"))
    at[:3] = at[0]
    base = read_addresses(write(tmp_path / "a.csv", DEGREES, rows_in_degrees(doors, at)))
    assert len(base) == 6


@pytest.mark.parametrize(("decimals", "metres"), [(3, 79), (4, None), (7, None)])
def test_rounded_positions_are_said(tmp_path, decimals, metres):
    doors, at = town((16.37, 48.21), ["Ringstraße", "Graben"])
    rows = rows_in_degrees(doors, at.round(decimals))
    notes = read_addresses(write(tmp_path / "a.csv", DEGREES, rows)).notes
    # Half the diagonal of a square of 0.001 degrees, of 111.32 m each side.
    wanted = [Note("positions_rounded", metres=metres)] if metres else []
    assert [note for note in notes if note.key == "positions_rounded"] == wanted


def test_positions_rounded_to_a_kilometre_are_refused(tmp_path):
    doors, at = town((16.37, 48.21), ["Ringstraße", "Graben"])
    rows = rows_in_degrees(doors, (at + np.arange(len(at))[:, None] * 0.02).round(2))
    with pytest.raises(GeometryError, match=r"rounded to 1,113 m"):
        read_addresses(write(tmp_path / "a.csv", DEGREES, rows))


def test_degrees_of_an_undeclared_datum_are_said(tmp_path):
    doors, at = town((-1.9, 52.48), ["New Street", "Broad Street"])
    rows = rows_in_degrees(doors, in_crs(at, 4277))
    file = write(tmp_path / "a.csv", DEGREES, rows)
    assert Note("degrees_assumed") in read_addresses(file).notes
    # Declared, they are where they were.
    declared = read_addresses(file, crs="EPSG:4277")
    assert declared.notes != read_addresses(file).notes


@pytest.mark.parametrize(
    ("middle", "commune"), [((2.47, 48.82), "94042"), ((3.06, 50.63), "59350")]
)
def test_web_mercator_under_the_names_of_the_national_base_is_refused(tmp_path, middle, commune):
    doors, at = town(middle, ["Rue de Paris", "Rue du Pont"])
    for crs, fits in ((3857, False), (2154, True)):
        each = enumerate(zip(doors, in_crs(at, crs), strict=True))
        rows = [[i, n, "", s, commune, "Ville", *p] for i, ((s, n), p) in each]
        file = write(tmp_path / f"{crs}.csv", [*NATIONAL, "x", "y"], rows, ";")
        if fits:
            assert is_there(read_addresses(file), at)
        else:
            with pytest.raises(GeometryError, match="near the départements"):
                read_addresses(file)


def test_numbers_that_stand_for_no_door(tmp_path):
    """5200 of a street by metres is a door; alone, it was made up by the land registry."""
    doors, at = town((2.47, 48.82), ["Rue de Paris", "Route de Sens"], range(7))
    numbers = ["0", "1", "3", "12", "5000", "9001", "99999", "10", "2600", "4300", "5200", "10500",
               "0012", "14"]  # fmt: skip
    rows = [[i, n, "", s, "94042", "Ville", *p]
            for i, ((s, _), n, p) in enumerate(zip(doors, numbers, at, strict=True))]  # fmt: skip
    base = read_addresses(write(tmp_path / "b.csv", [*NATIONAL, "lon", "lat"], rows, ";"))
    assert numbers_of(base) == ["1", "3", "12", "10", "2600", "4300", "5200", "12", "14"]
    assert base.set_aside == {Note("no_door"): 5}


def test_points_as_text_beside_the_columns_of_the_national_base(tmp_path):
    doors, at = town((4.85, 45.75), ["Rue Mercière", "Rue Grenette"])
    each = enumerate(zip(doors, in_crs(at, 2154), strict=True))
    rows = [
        [i, n, "", s, "69382", "Lyon", f"SRID=2154;POINT({x} {y})"] for i, ((s, n), (x, y)) in each
    ]
    base = read_addresses(write(tmp_path / "w.csv", [*NATIONAL, "geom"], rows, ";"))
    assert list(zip(base.frame["street"], numbers_of(base), strict=True)) == doors
    assert is_there(base, at)


def test_entrances_of_korea_have_no_header(tmp_path):
    doors, at = town((126.98, 37.56), ["세종대로", "종로"], ("5", "7", "12"))
    metres = in_crs(at, 5179).round(2)
    rows = [["11110", i, "1111010100", "서울특별시", "종로구", "청운동", "111102005001", s, "0", n,
             "2" if i else "0", "", "03047", "주택", "0", "청운효자동", *p]
            for i, ((s, n), p) in enumerate(zip(doors, metres, strict=True))]  # fmt: skip
    file = write(tmp_path / "e.txt", rows[0], rows[1:], "|", encoding="cp949")
    base = read_addresses(file, encoding="cp949")
    assert numbers_of(base) == ["5", "7-2", "12-2", "5-2", "7-2", "12-2"]
    assert is_there(base, at)


def test_buildings_of_finland_have_no_header(tmp_path):
    doors, at = town((24.94, 60.17), ["Mannerheimintie", "Kaivokatu"])
    rows = [[f"1000{i:05d}X", "091", "01", "1", y, x, "1", s, "Esplanaden", n, "00100", "091001",
             "KRUUNUNHAKA", "91-1-1-1", "20260814"]
            for i, ((s, n), (x, y)) in enumerate(
                zip(doors, in_crs(at, 3067).round().astype(int), strict=True))]  # fmt: skip
    base = read_addresses(write(tmp_path / "f.opt", rows[0], rows[1:], ";", encoding="latin-1"))
    assert list(zip(base.frame["street"], numbers_of(base), strict=True)) == doors
    assert is_there(base, at)


def test_most_rows_at_a_middle_are_an_error(tmp_path):
    doors, at = town((16.37, 48.21), ["Ringstraße", "Graben"])
    at[:] = at.mean(axis=0)
    with pytest.raises(ReadError, match=r"interpolated: 10"):
        read_addresses(write(tmp_path / "a.csv", DEGREES, rows_in_degrees(doors, at)))


def doors_with(tmp_path, column, *cells):
    """Read two streets of five doors; cells of the column in turn."""
    doors, at = town((16.37, 48.21), ["Ringstraße", "Graben"])
    rows = [[*row, cells[i % len(cells)]] for i, row in enumerate(rows_in_degrees(doors, at))]
    base = read_addresses(write(tmp_path / "g.csv", [*DEGREES, *column.split()], rows))
    return len(base), base.set_aside


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("layer", ["County_Address_Points"]),
        ("layer", ["Town of Bath addresses"]),
        ("layer", ["streets", "address"]),
        ("addresstype", ["place"]),
        ("addresstype", ["building", "place", "house"]),
        ("result_type", ["street_address"]),
        ("result_type", ["street_address|locality"]),
        ("addr_type", ["Residential", "Place of worship", "City"]),
        ("addr_type", ["City", "County"]),
        ("location_type", ["Street Address", "Residence"]),
        ("precision", ["0.5"]),
        ("accuracy", ["Street side survey", "rooftop"]),
        ("geocode_type", ["PROPERTY CENTROID", "FRONTAGE CENTRE SETBACK"]),
    ],
)
def test_words_that_are_no_geocoders_find_of_a_street_or_town_keep_doors(tmp_path, column, cells):
    assert doors_with(tmp_path, column, *cells) == (10, {})


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("addresstype", ["road", "house"]),
        ("result_type", ["route|political", "street_address"]),
        ("location_type", ["GEOMETRIC_CENTER", "ROOFTOP"]),
        ("Accuracy_Type", ["place", "rooftop"]),
        ("precision", ["street", "exact"]),
    ],
)
def test_what_a_geocoder_found_of_a_street_or_town_is_no_door(tmp_path, column, cells):
    assert doors_with(tmp_path, column, *cells) == (5, {Note("interpolated"): 5})


def test_every_column_of_a_geocoder_is_read(tmp_path):
    doors, at = town((16.37, 48.21), ["Ringstraße", "Graben"])
    rows = [[*row, "street_address", "ROOFTOP" if i else "RANGE_INTERPOLATED", "layer of a map"]
            for i, row in enumerate(rows_in_degrees(doors, at))]  # fmt: skip
    header = [*DEGREES, "result_type", "location_type", "layer"]
    base = read_addresses(write(tmp_path / "g.csv", header, rows))
    assert base.set_aside == {Note("interpolated"): 1}


def courts_and_a_road(numbers):
    """Ten courts whose numbers stand at one point, and a road of sixty doors."""
    doors = [(f"Court {i}", n) for i in range(10) for n in numbers]
    at = [(16.37 + i * 1.3e-3, 48.21) for i in range(10) for _ in numbers]
    doors += [("High Road", str(n)) for n in range(1, 61)]
    at += [(16.37 + n * 1.37e-4, 48.22) for n in range(1, 61)]
    return rows_in_degrees(doors, at)


@pytest.mark.parametrize(("numbers", "lost"), [("1 2 3 4", 0), ("1 9 15 21", 0), ("1 9 33 70", 40)])
def test_numbers_of_one_building_are_near_each_other(tmp_path, numbers, lost):
    """A building of 100 m has ten doors of its side of the street, 20 numbers apart."""
    rows = courts_and_a_road(numbers.split())
    base = read_addresses(write(tmp_path / "k.csv", DEGREES, rows))
    assert base.set_aside.get(Note("interpolated"), 0) == lost


def test_a_road_numbered_by_metres_may_have_no_door_of_its_third_kilometre(tmp_path):
    numbers = ["12", "120", "850", "1500", "2200", "5120", "5480", "6210", "7800", "8050"]
    doors, at = town((2.47, 48.82), ["Route Longue"], numbers)
    rows = [[i, n, "", s, "94042", "Ville", *p]
            for i, ((s, n), p) in enumerate(zip(doors, at, strict=True))]  # fmt: skip
    base = read_addresses(write(tmp_path / "k.csv", [*NATIONAL, "lon", "lat"], rows, ";"))
    assert numbers_of(base) == numbers


def test_doors_and_dots_of_one_rounding_are_as_far_off(tmp_path):
    """Half the diagonal of 0.001 degree: 0.0005 × √2 × 111.32 km = 78.7 m, in every language."""
    doors, at = town((16.37, 48.21), ["Ringstraße", "Graben"])
    base = read_addresses(write(tmp_path / "a.csv", DEGREES, rows_in_degrees(doors, at)))
    first, second = (pd.Series(column) for column in at.round(3).T)
    dots = locate(first, second, backdrop=base, crs="EPSG:4326", name="dots", who="read_map").notes
    rounded = rows_in_degrees(doors, at.round(3))
    noted = read_addresses(write(tmp_path / "r.csv", DEGREES, rounded)).notes
    known = [*dots, *noted]
    written = [note for note in known if note.key.startswith(("positions_r", "positions_w"))]
    assert len(written) == 2
    for language in ("en", "fr"):
        texts = [" ".join(Words(language).note(note).split()) for note in written]
        assert all("79 m" in text for text in texts), texts


@pytest.mark.parametrize("file", ["a.geojson", "cells of GeoJSON", "links", "OpenStreetMap"])
def test_formats_in_wgs_84_by_their_standard_assume_no_datum(tmp_path, file):
    doors, at = town((16.37, 48.21), ["Ringstraße", "Graben"])
    rows = rows_in_degrees(doors, at)
    base = read_addresses(write(tmp_path / "b.csv", DEGREES, rows), crs="EPSG:4326")
    points = [{"type": "Point", "coordinates": place} for place in at.tolist()]
    cells = {"cells of GeoJSON": [json.dumps(point) for point in points],
             "links": [f"https://www.google.com/maps?q={y},{x}" for x, y in at]}  # fmt: skip
    path = tmp_path / "a.csv"
    if file == "OpenStreetMap":
        header = ["osm_id", "addr:street", "addr:housenumber", "addr:city", "lat", "lon"]
        noted = read_addresses(write(path, header, [[i, *row] for i, row in enumerate(rows)]))
    else:
        if file in cells:
            write(path, ["n", "place"], enumerate(cells[file]), ";")
        else:
            path = tmp_path / file
            features = [{"type": "Feature", "geometry": point, "properties": {"n": str(i)}}
                        for i, point in enumerate(points)]  # fmt: skip
            path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        noted = read_map(path, addresses=base)
        assert np.abs(noted.records[["x", "y"]].to_numpy() - base.xy).max() < 0.1
    assert Note("degrees_assumed") not in noted.notes


@pytest.mark.parametrize("cell", ["GeoJSON", "link"])
def test_the_caller_outranks_the_standard_of_cells(tmp_path, cell):
    """Cells in OSGB36, which read as WGS 84 would lie elsewhere."""
    doors, at = town((-1.9, 52.48), ["New Street", "Broad Street"])
    base = read_addresses(write(tmp_path / "b.csv", DEGREES, rows_in_degrees(doors, at)))
    cells = [json.dumps({"type": "Point", "coordinates": place}) if cell == "GeoJSON"
             else f"https://www.google.com/maps?q={place[1]},{place[0]}"
             for place in in_crs(at, 4277).tolist()]  # fmt: skip
    file = write(tmp_path / "a.csv", ["n", "place"], enumerate(cells), ";")
    dots = read_map(file, addresses=base, crs="EPSG:4277").records[["x", "y"]].to_numpy()
    assert np.hypot(*(dots - base.xy).T).max() < 5
