"""Address files as further publishers write them; doors and rows to set aside are written here."""

import json
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from fixtures.address_files import in_crs, town, write
from pyproj import Transformer

from privaudit.errors import GeometryError, SchemaError
from privaudit.io.addresses import read_addresses

SQUARE = 4e-5  # degrees: the half side of a building


def is_at(base, lonlat):
    """Compare positions with longitude and latitude; a change of datum costs a metre."""
    back = np.column_stack(
        Transformer.from_crs(base.crs, 4326, always_xy=True).transform(*base.xy.T)
    )
    metres = (back - lonlat) * [111_320 * np.cos(np.radians(lonlat[0, 1])), 111_320]
    return np.hypot(*metres.T).max() < 4


def doors_of(base):
    return list(zip(base.frame["street"], base.frame["number"], strict=True))


def parts(number):
    """Return the digits and the letter of a number, one of them twice."""
    return {"d": number.strip("a"), "a": "a" if number.endswith("a") else ""}


# Columns, where the place is, the CRS of x and y, how number and street are read, rows beside the
# doors that are set aside.
PUBLISHERS = {
    "City of Los Angeles": (
        {"HSE_NBR": "{d}", "HSE_FRAC_NBR": "1/2", "HSE_DIR_CD": "W", "STR_NM": "{s}",
         "STR_SFX_CD": "ST", "ZIP_CD": "90012", "LAT": "{lat}", "LON": "{lon}",
         "X_COORD_NBR": "{x}", "Y_COORD_NBR": "{y}"},
        (-118.25, 34.05), 2229, "W {s} ST", "{d} 1/2", {},
    ),
    "NAD before 2022": (
        {"Add_Number": "{d}", "AddNum_Suf": "{a}", "StN_PreDir": "North", "StreetName": "{s}",
         "StN_PosTyp": "Street", "StN_PosDir": "", "Inc_Muni": "Memphis", "Longitude": "{lon}",
         "Latitude": "{lat}", "Placement": "Linear Geocode|Structure - Rooftop"},
        (-90.05, 35.14), 4326, "North {s} Street", "{d} {a}", {"interpolated": 1},
    ),
    "BAG, as NLExtract writes it": (
        {"openbareruimte": "{s}", "huisnummer": "{d}", "huisletter": "{a}",
         "huisnummertoevoeging": "", "postcode": "3511AB", "woonplaats": "Utrecht",
         "verblijfsobjectgebruiksdoel": "woonfunctie",
         "verblijfsobjectstatus": "Verblijfsobject ingetrokken|Verblijfsobject in gebruik",
         "object_id": "{i}", "x": "{x}", "y": "{y}"},
        (5.12, 52.09), 28992, "{s}", "{d} {a}", {"retired": 1},
    ),
    "BAG, as its web service writes it": (
        {"identificatie": "{i}", "openbare_ruimte": "{s}", "huisnummer": "{d}",
         "huisletter": "{a}", "toevoeging": "", "woonplaats": "Utrecht",
         "gebruiksdoel": "woonfunctie", "status": "Verblijfsobject gevormd|in gebruik",
         "x": "{x}", "y": "{y}"},
        (5.12, 52.09), 28992, "{s}", "{d} {a}", {"planned": 1},
    ),
    "DAWA, statuses as numbers": (
        {"id": "{i}", "status": "2|1", "vejnavn": "{s}", "husnr": "{n}", "postnr": "2200",
         "kommunekode": "0101", "etrs89koordinat_øst": "{x}", "etrs89koordinat_nord": "{y}"},
        (12.55, 55.69), 25832, "{s}", "{n}", {"retired": 1},
    ),
    "PRG, whose x runs northward": (
        {"pktPrgIIPId": "{i}", "pktStatus": "prognozowany|istniejacy", "pktNumer": "{n}",
         "pktX": "{y}", "pktY": "{x}", "ulNazwaCzesc": "", "ulNazwaGlowna": "{s}",
         "miejscNazwa": "Warszawa", "gmIdTeryt": "146501"},
        (21.01, 52.23), 2180, "{s}", "{n}", {"planned": 1},
    ),
    "CNEFE": (
        {"COD_UNICO_ENDERECO": "{i}", "COD_MUNICIPIO": "3550308", "CEP": "01305000",
         "DSC_LOCALIDADE": "CENTRO", "NOM_TIPO_SEGLOGR": "RUA", "NOM_TITULO_SEGLOGR": "",
         "NOM_SEGLOGR": "{s}", "NUM_ENDERECO": "0|{n}", "DSC_MODIFICADOR": "", "COD_ESPECIE": "1",
         "LATITUDE": "{lat}", "LONGITUDE": "{lon}", "NV_GEO_COORD": "1"},
        (-46.65, -23.55), 4326, "RUA {s}", "{n}", {"no_number": 1},
    ),
    "BEV, with ranges": (
        {"ADRCD": "{i}", "GKZ": "90001", "STRASSENNAME": "{s}", "HAUSNRZAHL1": "{d}",
         "HAUSNRBUCHSTABE1": "{a}", "HAUSNRVERBINDUNG1": "-", "HAUSNRZAHL2": "99",
         "HAUSNRBUCHSTABE2": "", "RW": "{x}", "HW": "{y}", "EPSG": "31256"},
        (16.36, 48.2), 31256, "{s}", "{d}{a}-99", {},
    ),
    "G-NAF, the view of its tables": (
        {"ADDRESS_DETAIL_PID": "{i}", "NUMBER_FIRST": "{d}", "NUMBER_FIRST_SUFFIX": "{a}",
         "NUMBER_LAST": "", "STREET_NAME": "{s}", "STREET_TYPE_CODE": "ROAD",
         "LOCALITY_NAME": "SYDNEY", "LATITUDE": "{lat}", "LONGITUDE": "{lon}",
         "ALIAS_PRINCIPAL": "A|P"},
        (151.2, -33.87), 4326, "{s} ROAD", "{n}", {"alias_address": 1},
    ),
    "BAL before version 1.2": (
        {"cle_interop": "94042_{i}_00001", "voie_nom": "{s}", "numero": "{d}", "suffixe": "{a}",
         "commune_nom": "Joinville-le-Pont", "position": "segment|entrée", "x": "{x}", "y": "{y}",
         "long": "{lon}", "lat": "{lat}"},
        (2.47, 48.82), 2154, "{s}", "{d} {a}", {"interpolated": 1},
    ),
    "points as WKT": (
        {"the_geom": "POINT ({lon} {lat})", "H_NO": "{d}", "HNO_SUFFIX": "{a}", "ST_NAME": "{s}"},
        (-73.9, 40.74), 4326, "{s}", "{d} {a}", {},
    ),
    "points as GeoJSON of one part": (
        {"ADDRESS_NUMBER": "{n}", "LINEAR_NAME_FULL": "{s}",
         "geometry": '{{"type": "MultiPoint", "coordinates": [[{lon}, {lat}]]}}'},
        (-79.39, 43.65), 4326, "{s}", "{n}", {},
    ),
    "Madrid": (
        {"VIA_CLASE": "CALLE", "VIA_PAR": "DEL", "VIA_NOMBRE": "{s}", "NUMERO": "{d}",
         "CALIFICADOR": "{a}", "UTMX_ETRS": "{x}", "UTMY_ETRS": "{y}", "EPSG": "25830"},
        (-3.7, 40.41), 25830, "CALLE DEL {s}", "{d} {a}", {},
    ),
    "Helsinki": (
        {"katunimi": "{s}", "osoitenumero": "{d}", "osoitekirjain": "{a}", "X": "{x}", "Y": "{y}",
         "epsg": "3879"},
        (24.94, 60.17), 3879, "{s}", "{d} {a}", {},
    ),
    "Zagreb": (
        {"ulica": "{s}", "kucni_broj": "{d}", "dodatak": "{a}", "x": "{x}", "y": "{y}",
         "srid": "3765"},
        (15.97, 45.81), 3765, "{s}", "{d} {a}", {},
    ),
    "a letter under a name of its own": (
        {"HouseNum": "{d}", "NumSfx": "{a}", "Street": "{s}", "lon": "{lon}", "lat": "{lat}"},
        (-93.88, 42.06), 4326, "{s}", "{d} {a}", {},
    ),
    "Geocoder of the national base": (
        {"result_label": "{n} {s} Paris", "result_type": "street|housenumber",
         "result_housenumber": "{n}",
         "result_street": "{s}", "result_city": "Paris", "longitude": "{lon}", "latitude": "{lat}"},
        (2.35, 48.86), 4326, "{s}", "{n}", {"interpolated": 1},
    ),
    "ArcGIS geocoder": (
        {"Match_addr": "{n} {s} St", "Addr_type": "StreetAddress|PointAddress", "AddNum": "{n}",
         "StName": "{s}", "StType": "St", "X": "{lon}", "Y": "{lat}"},
        (-0.12, 51.5), 4326, "{s} St", "{n}", {"interpolated": 1},
    ),
    "Google geocoder": (
        {"house_number": "{n}", "street": "{s}", "lat": "{lat}", "lng": "{lon}",
         "location_type": "RANGE_INTERPOLATED|ROOFTOP"},
        (-73.98, 40.75), 4326, "{s}", "{n}", {"interpolated": 1},
    ),
    "Geocodio": (
        {"Number": "{n}", "Street": "{s}", "Accuracy Type": "street_center|rooftop",
         "Latitude": "{lat}", "Longitude": "{lon}"},
        (-73.98, 40.75), 4326, "{s}", "{n}", {"interpolated": 1},
    ),
    "Pelias": (
        {"housenumber": "{n}", "street": "{s}", "layer": "locality|address", "accuracy": "point",
         "lat": "{lat}", "lon": "{lon}"},
        (-73.98, 40.75), 4326, "{s}", "{n}", {"interpolated": 1},
    ),
    "HERE geocoder": (
        {"houseNumber": "{n}", "street": "{s}", "resultType": "houseNumber",
         "houseNumberType": "interpolated|PA", "lat": "{lat}", "lng": "{lon}"},
        (-73.98, 40.75), 4326, "{s}", "{n}", {"interpolated": 1},
    ),
    "South Africa": (
        {"Str_Num": "{n}", "Str_Name": "{s}", "Str_Suff": "Road", "X": "{lon}", "Y": "{lat}"},
        (28.04, -26.2), 4326, "{s} Road", "{n}", {},
    ),
    "INEGI": (
        {"TIPOVIAL": "CALLE", "NOMVIAL": "{s}", "NUMEXTNUM1": "{d}", "NUMEXTALF": "{a}",
         "lat": "{lat}", "lon": "{lon}"},
        (-103.35, 20.67), 4326, "CALLE {s}", "{d} {a}", {},
    ),
    "Kosovo": (
        {"ADDR1": "Rruga {s} {n}, Prishtine, Kosova", "POINT_X": "{lon}", "POINT_Y": "{lat}"},
        (21.16, 42.66), 4326, "Rruga {s}", "{n}", {},
    ),
    "Turkey": (
        {"CADDE_SOKAK": "{s}", "DIS_KAPI_NO": "{n}", "ENLEM": "{lat}", "BOYLAM": "{lon}"},
        (28.98, 41.01), 4326, "{s}", "{n}", {},
    ),
    "Ukraine": (
        {"Вулиця": "{s}", "Будинок": "{n}", "Довгота": "{lon}", "Широта": "{lat}"},
        (30.52, 50.45), 4326, "{s}", "{n}", {},
    ),
    "Lithuania": (
        {"NR": "{n}", "GAT_PAV": "{s}", "GYV_PAV": "Vilnius", "lon": "{lon}", "lat": "{lat}"},
        (25.28, 54.69), 4326, "{s}", "{n}", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("publisher", PUBLISHERS.values(), ids=PUBLISHERS)
def test_each_publisher_gives_its_doors_and_what_is_set_aside(tmp_path, publisher):
    """ "a|b" is a cell of the row that is set aside, and that of the others."""
    columns, middle, crs, street, number, aside = publisher
    doors, at = town(middle, ["ELM", "OAK HILL"], ("3", "5", "7", "7a", "12"))
    metres = at if crs == 4326 else in_crs(at, crs)
    rows = []
    for i, ((s, n), (x, y), (lon, lat)) in enumerate(zip(doors, metres, at, strict=True)):
        known = {"s": s, "n": n, "i": i, "x": x, "y": y, "lon": lon, "lat": lat, **parts(n)}
        rows.append([c.split("|")[-1].format(**known) for c in columns.values()])
        if aside and i == 1:
            known |= {"n": "88", "d": "88", "a": "", "i": 100}
            rows.append([c.split("|")[0].format(**known) for c in columns.values()])
    base = read_addresses(write(tmp_path / "file.csv", list(columns), rows, ";"))
    if "d" in number and "a}" not in number:  # no column of the file has the letter
        kept = [i for i, (_, n) in enumerate(doors) if n != "7a"]
        assert [n for _, n in doors_of(base)].count(number.format(d="7")) == 2
        doors, at = [doors[i] for i in kept], at[kept]
    wanted = [(street.format(s=s), number.format(n=n, **parts(n)).strip()) for s, n in doors]
    assert doors_of(base) == wanted
    assert is_at(base, at)
    assert {why.key: n for why, n in base.set_aside.items() if why.key != "door_again"} == aside


def test_exchanged_longitude_and_latitude_are_refused_for_what_they_are(tmp_path):
    doors, at = town((-93.88, 42.06))
    rows = [[n, s, lat, lon] for (s, n), (lon, lat) in zip(doors, at, strict=True)]
    with pytest.raises(GeometryError, match=r"far outside .* eastward first"):
        read_addresses(write(tmp_path / "c.csv", ["number", "street", "lon", "lat"], rows))


def test_a_table_of_a_register_that_has_the_keys_of_streets_alone_is_refused(tmp_path):
    doors, at = town((16.36, 48.2), ["ELM", "OAK HILL"])
    columns = ["ADRCD", "GKZ", "SKZ", "HAUSNRZAHL1", "RW", "HW", "EPSG"]
    rows = [
        [i, 90001, s == "ELM", n, x, y, 31256]
        for i, ((s, n), (x, y)) in enumerate(zip(doors, in_crs(at, 31256), strict=True))
    ]
    with pytest.raises(SchemaError, match="street"):
        read_addresses(write(tmp_path / "ADRESSE.csv", columns, rows, ";"))


def test_flats_of_one_floor_are_counted_apart(tmp_path):
    doors, at = town((12.55, 55.69), ["Nørrebrogade"])
    columns = ["id", "vejnavn", "husnr", "etage", "dør", "postnr", "kommunekode",
               "wgs84koordinat_bredde", "wgs84koordinat_længde"]  # fmt: skip
    rows = [
        [f"{i}{floor}{side}", s, n, floor, side, 2200, "0101", lat, lon]
        for i, ((s, n), (lon, lat)) in enumerate(zip(doors, at, strict=True))
        for floor in ("st", "1")
        for side in ("tv", "th")
    ]
    base = read_addresses(write(tmp_path / "adresser.csv", columns, rows))
    assert base.frame["households"].tolist() == [4] * len(doors)


def test_an_export_of_openstreetmap_has_its_id_twice(tmp_path):
    """An export by Overpass turbo writes "@id" among the tags and "id" beside them."""
    doors, at = town((9.7, 52.4), ["Lindenweg", "Hauptstraße"])
    features = []
    for i, ((s, n), (x, y)) in enumerate(zip(doors, at, strict=True)):
        tags = {"@id": f"way/{i}", "addr:street": s, "addr:housenumber": n, "addr:city": "Hannover"}
        corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
        ring = [[x + SQUARE * a, y + SQUARE * b] for a, b in corners]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append(
            {"type": "Feature", "id": f"way/{i}", "properties": tags, "geometry": shape}
        )
    file = tmp_path / "export.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    base = read_addresses(file)
    assert doors_of(base) == doors
    assert is_at(base, at)
    features[0]["properties"]["Addr-Street"] = "Another Street"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(SchemaError, match="2 times"):
        read_addresses(file)


@pytest.mark.parametrize("levels", [["MX", "Centro"], ["Centro"]])
def test_the_place_of_overture_is_its_last_level_in_geojson_too(tmp_path, levels):
    doors, at = town((-99.13, 19.43))
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": point.tolist()},
         "properties": {"id": f"{i}", "country": "MX", "postcode": "06000", "street": s,
                        "number": n, "unit": None,
                        "address_levels": [{"value": level} for level in levels]}}
        for i, ((s, n), point) in enumerate(zip(doors, at, strict=True))
    ]  # fmt: skip
    file = tmp_path / "overture.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    base = read_addresses(file)
    assert doors_of(base) == doors
    assert {*base.frame["commune"]} == {"Centro"}


@pytest.mark.parametrize(("ending", "feet"), [(".shp", 2284), (".fgb", 2284), (".gpkg", 2284)])
def test_a_layer_in_feet_is_read_in_metres(tmp_path, ending, feet):
    doors, at = town((-77.45, 37.54), ["MAIN ST", "OAK AVE"])
    frame = gpd.GeoDataFrame(
        {"ADDRNUM": [n for _, n in doors], "STREET_NAM": [s for s, _ in doors]},
        geometry=gpd.points_from_xy(*in_crs(at, feet).T), crs=feet,
    )  # fmt: skip
    file = tmp_path / f"SiteAddressPoint{ending}"
    frame.to_file(file)
    base = read_addresses(file)
    assert sorted(doors_of(base)) == sorted(doors)
    order = [doors.index(door) for door in doors_of(base)]  # FlatGeobuf sorts by place
    assert is_at(base, at[order])


@pytest.mark.parametrize("given", ["frame", "geometry", "points as text", "zip of .psv"])
def test_a_frame_by_the_usual_names_has_its_numbers_and_streets(tmp_path, given):
    doors, at = town((-93.88, 42.06), ["Elm St", "Oak Ave"])
    cells = {"ADDRNUM": [n for _, n in doors], "FULLNAME": [s for s, _ in doors]}
    points = gpd.points_from_xy(*at.T)
    if given == "geometry":
        table = gpd.GeoDataFrame(cells, geometry=points, crs=4326).to_crs(26915)
    elif given == "points as text":
        table = pd.DataFrame(cells | {"the_geom": [point.wkt for point in points]})
    else:
        table = pd.DataFrame(cells | {"lon": at[:, 0], "lat": at[:, 1]})
    if given == "zip of .psv":
        written = table.to_csv(index=False, sep="|")
        table = tmp_path / "download.zip"
        with zipfile.ZipFile(table, "w") as packed:
            packed.writestr("addresses.psv", written)
    base = read_addresses(table)
    assert doors_of(base) == doors
    assert is_at(base, at)


def test_a_frame_of_positions_alone_stays_one():
    at = town((-93.88, 42.06))[1]
    base = read_addresses(pd.DataFrame({"lon": at[:, 0], "lat": at[:, 1], "name": "Ann"}))
    assert len(base) == len(at)
    assert {*base.frame["street"], *base.frame["number"]} == {""}


@pytest.mark.parametrize(
    ("columns", "crs"),
    [
        ("tipo_via nom_via numero cod_postal municipio coor_x coor_y", 25830),
        ("tipo_arruamento arruamento num_policia cod_postal localidade x y", 3763),
        ("- GAT_PAV NAMO_NR PASTO_KODAS GYV_PAV E_KOORD N_KOORD", 3346),
    ],
)
def test_metres_by_usual_names_are_read_in_a_crs_that_is_given(tmp_path, columns, crs):
    """Without one they are refused: a Spanish file does not say its zone."""
    middle = {25830: (-3.7, 40.42), 3763: (-8.61, 41.15), 3346: (25.28, 54.69)}[crs]
    doors, at = town(middle, ["ALFA", "OMEGA"])
    rows = [
        ["", s, n, "1", "t", f"{x:.2f}", f"{y:.2f}"]
        for (s, n), (x, y) in zip(doors, in_crs(at, crs), strict=True)
    ]
    file = write(tmp_path / "doors.csv", columns.split(), rows, ";")
    base = read_addresses(file, crs=f"EPSG:{crs}")
    assert [(s.split()[-1], n) for s, n in doors_of(base)] == doors
    assert is_at(base, at)
    with pytest.raises(GeometryError, match="the CRS of the metres"):
        read_addresses(file)
