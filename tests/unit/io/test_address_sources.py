"""Address files of other publishers: written from what they document, read, compared by hand.

Each writer makes the doors of one small town, with what such a file has beside them: rows that
stand again, retired and planned ones, units, no position. What is expected follows from the writer.
"""

import gzip
import json
import sqlite3
import struct
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.io.addresses import read_addresses
from privaudit.release.read_map import read_map
from privaudit.words.catalogues import Note

STREETS = ["High Street", "Mill Lane", "Church Road"]


@dataclass
class Truth:
    """What a file holds: its doors in order, and how many rows are to be set aside."""

    doors: list[tuple[str, str]]
    lonlat: np.ndarray
    aside: dict[str, int] = field(default_factory=dict)
    households: list[int] | None = None
    town: str = ""
    commune: str = ""


def town(middle, streets=STREETS, numbers=("1", "3", "5", "7a", "12"), seed=11):
    """Return doors about 60 m apart around a place, in longitude and latitude."""
    rng = np.random.default_rng(seed)
    doors = [(street, number) for street in streets for number in numbers]
    step = np.array([60 / 111_320 / np.cos(np.radians(middle[1])), 60 / 111_320])
    grid = np.array([(i % 5, i // 5) for i in range(len(doors))]) + rng.uniform(
        -0.2, 0.2, (len(doors), 2)
    )
    return doors, np.asarray(middle) + grid * step


def in_crs(lonlat, crs):
    return np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(*lonlat.T))


def write(path, header, rows, separator=",", *, start="", end="\n", quoted=False, encoding="utf-8"):
    def cell(value):
        text = str(value)
        return f'"{text}"' if quoted or separator in text else text

    lines = [separator.join(map(cell, row)) for row in [header, *rows]]
    data = (start + end.join(lines) + end).encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def openaddresses(folder):
    doors, at = town((-122.68, 45.52))
    header = [
        "LON",
        "LAT",
        "NUMBER",
        "STREET",
        "UNIT",
        "CITY",
        "DISTRICT",
        "REGION",
        "POSTCODE",
        "ID",
        "HASH",
    ]

    def row(i, unit="", place=None):
        x, y = at[i] if place is None else place
        street, number = doors[i]
        return [x, y, number, street, unit, "Portland", "", "OR", "97204", "", f"h{i}{unit}"]

    rows = [row(i) for i in range(len(doors))]
    rows[2] = row(2, "A")  # three units at one door
    rows += [row(2, "B"), row(2, "C"), row(4), row(5, place=("", ""))]
    households = [3 if i == 2 else 1 for i in range(len(doors))]
    aside = {"same_address_again": 1, "no_position": 1}
    return write(folder / "oa.csv", header, rows), Truth(doors, at, aside, households, "Portland")


def openaddresses_lines(folder):
    doors, at = town((-122.68, 45.52))
    lines = []
    for i, (street, number) in enumerate(doors):
        properties = {
            "hash": f"h{i}", "number": number, "street": street, "unit": "", "city": "Portland",
            "district": "", "region": "OR", "postcode": "97204", "id": "",
        }  # fmt: skip
        point = {"type": "Point", "coordinates": at[i].tolist()}
        lines.append({"type": "Feature", "properties": properties, "geometry": point})
    lines.append(lines[0] | {"geometry": None})
    lines.append(lines[3])
    file = folder / "source.geojson"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return file, Truth(doors, at, {"no_position": 1, "same_address_again": 1}, None, "Portland")


def overture(folder):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    doors, at = town((-43.2, -22.9))
    rows = [*range(len(doors)), 3]
    levels = [[{"value": "RJ"}, {"value": "Niterói"}, {"value": None}]] * len(rows)
    table = pa.table(
        {
            "id": [f"id{i}" for i in range(len(rows))],
            "geometry": [struct.pack("<BIdd", 1, 1, *at[i]) for i in rows],
            "country": ["BR"] * len(rows),
            "postcode": [None] * len(rows),
            "street": [doors[i][0] for i in rows],
            "number": [doors[i][1] for i in rows],
            "unit": pa.array([None] * len(rows), pa.string()),
            "address_levels": levels,
            "postal_city": pa.array([None] * len(rows), pa.string()),
            "version": [1] * len(rows),
            "sources": [[{"dataset": "x", "license": "y"}]] * len(rows),
        }
    )
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {
        "encoding": "WKB", "geometry_types": ["Point"]}}}  # fmt: skip
    file = folder / "overture.parquet"
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), file)
    return file, Truth(doors, at, {"door_again": 1}, None, "Niterói", "Niterói")


def open_uprn(folder):
    _, at = town((-2.6, 51.45))
    doors = [("", "")] * len(at)
    metres = in_crs(at, 27700).round(2)
    header = ["UPRN", "X_COORDINATE", "Y_COORDINATE", "LATITUDE", "LONGITUDE"]
    # Five flats share the point of the fourth door.
    which = [*range(len(at)), 3, 3, 3, 3]
    rows = [[100 + n, *metres[i], at[i, 1], at[i, 0]] for n, i in enumerate(which)]
    rows.append([rows[0][0], *rows[0][1:]])
    file = write(folder / "osopenuprn.csv", header, rows, start="\ufeff", end="\r\n")
    households = [5 if i == 3 else 1 for i in range(len(at))]
    return file, Truth(doors, at, {"same_address_again": 1}, households)


def us_nad(folder):
    doors, at = town((-73.8, 40.75), numbers=("69-15", "117 1/2", "12", "14", "16"))
    header = [
        "OID_",
        "AddNum_Pre",
        "Add_Number",
        "AddNum_Suf",
        "AddNo_Full",
        "StNam_Full",
        "Unit",
        "SubAddress",
        "County",
        "Inc_Muni",
        "Post_City",
        "State",
        "Zip_Code",
        "UUID",
        "Longitude",
        "Latitude",
        "Placement",
        "Lifecycle",
        "Addr_Type",
    ]

    def row(
        i, full=None, parts=("", "", ""), unit="", state="Active", quality="Structure - Rooftop"
    ):
        street, number = doors[i]
        return [
            i, *parts, number if full is None else full, street, unit, "", "Queens",
            "New York", "Flushing", "NY", "11367", f"{{{i}{unit}{state}}}", *at[i], quality, state,
            "Residential",
        ]  # fmt: skip

    rows = [row(i) for i in range(len(doors))]
    rows[0] = row(0, "", ("69-", "15", ""))  # the number in parts
    rows[1] = row(1, "", ("", "117", "1/2"))
    rows[2] = row(2, unit="Apt 1")
    rows += [row(2, unit="Apt 2"), row(3, "99", state="Retired"), row(3, "98", state="Proposed")]
    rows += [row(3, "97", quality="Linear Geocode"), row(3, "96", quality="Parcel - Centroid")]
    doors = [*doors, (doors[3][0], "96")]
    households = [2 if i == 2 else 1 for i in range(len(doors))]
    aside = {"retired": 1, "planned": 1, "interpolated": 1}
    truth = Truth(doors, np.vstack([at, at[3]]), aside, households, "Flushing", "New York")
    return write(folder / "NAD_r24.txt", header, rows), truth


def bag(folder):
    doors, at = town((4.9, 52.37), ["Keizersgracht", "Prinsengracht"], ("1", "3", "5 A", "7"))
    metres = in_crs(at, 28992)
    header = [
        "identificatie",
        "openbare_ruimte_naam",
        "huisnummer",
        "huisletter",
        "toevoeging",
        "postcode",
        "woonplaats_naam",
        "gebruiksdoel",
        "status",
        "x",
        "y",
    ]

    def row(i, key, add="", use="woonfunctie", state="Verblijfsobject in gebruik"):
        number, _, letter = doors[i][1].partition(" ")
        return [
            key,
            doors[i][0],
            number,
            letter,
            add,
            "1015CJ",
            "Amsterdam",
            use,
            state,
            *metres[i],
        ]

    rows = [row(i, f"0363{i:06d}") for i in range(len(doors))]
    rows += [row(0, "0363A", "1"), row(0, "0363B", "2"), rows[1]]
    rows += [
        row(2, "0363C", use="kantoorfunctie"),
        row(2, "0363D", state="Verblijfsobject ingetrokken"),
    ]
    rows += [row(3, "0363E", state="Verblijfsobject gevormd")]
    rows[4] = row(4, "0363000004", use="winkelfunctie")  # a door without a dwelling
    aside = {"same_address_again": 1, "retired": 1, "planned": 1}
    households = [3, 1, 1, 1, 0, 1, 1, 1]
    truth = Truth(doors, at, aside, households, "Amsterdam", "Amsterdam")
    return write(folder / "bag.csv", header, rows, quoted=True), truth


def best(folder):
    doors, at = town((4.35, 50.85), ["Rue Haute", "Rue de la Loi"], ("1", "3", "5", "7"))
    metres = in_crs(at, 3812)
    header = [
        "EPSG:3812_x",
        "EPSG:3812_y",
        "EPSG:4326_lat",
        "EPSG:4326_lon",
        "address_id",
        "box_number",
        "house_number",
        "municipality_id",
        "municipality_name_de",
        "municipality_name_fr",
        "municipality_name_nl",
        "postcode",
        "streetname_de",
        "streetname_fr",
        "streetname_nl",
        "region_code",
        "status",
    ]
    dutch = {"Rue Haute": "Hoogstraat", "Rue de la Loi": "Wetstraat"}

    def row(i, key, box="", state="current", place=None):
        lon, lat = at[i] if place is None else place
        x, y = metres[i] if place is None else place
        street, number = doors[i]
        return [x, y, lat, lon, key, box, number, "21004", "", "Bruxelles", "Brussel", "1000", "",
                street, dutch[street], "BE-BRU", state]  # fmt: skip

    rows = [row(i, i) for i in range(len(doors))]
    rows += [row(1, 100 + n, box) for n, box in enumerate(["b001", "b002", "b003"])]
    rows += [row(2, 200, "x", "retired"), row(2, 201, "y", "proposed")]
    rows += [row(3, 202, "z", place=("0.00000", "0.00000"))]
    # In metres alone where degrees are nought.
    rows[5][2:4] = ["0.00000", "0.00000"]
    aside = {"retired": 1, "planned": 1, "no_position": 1}
    households = [3 if i == 1 else 1 for i in range(len(doors))]
    truth = Truth(doors, at, aside, households, "Bruxelles", "21004")
    return write(folder / "openaddress-bebru.csv.gz", header, rows), truth


def swiss(folder):
    doors, at = town((7.45, 46.97), ["Dorfstrasse", "Worblentalstraße"], ("1", "3", "31.1", "7a"))
    metres = in_crs(at, 2056).round(3)
    header = [
        "ADR_EGAID",
        "STN_LABEL",
        "ADR_NUMBER",
        "ZIP_LABEL",
        "COM_FOSNR",
        "COM_CANTON",
        "ADR_STATUS",
        "ADR_OFFICIAL",
        "ADR_EASTING",
        "ADR_NORTHING",
    ]

    def row(i, number=None, state="real"):
        return [f"10{i}", doors[i][0], doors[i][1] if number is None else number,
                "3048 Worblaufen", 362, "BE", state, "true", *metres[i]]  # fmt: skip

    rows = [row(i) for i in range(len(doors))]
    rows += [row(0, "99", "planned"), row(0, ""), row(1, "98", "outdated")]
    aside = {"planned": 1, "no_number": 1, "retired": 1}
    file = write(folder / "amtliches.csv", header, rows, ";", start="\ufeff", end="\r\n")
    return file, Truth(doors, at, aside, None, "Worblaufen", "362")


def anncsu(folder):
    doors, at = town((12.5, 41.9), ["VIA ROMA", "PIAZZA DANTE"], ("1", "3", "5 A", "7"))
    header = [
        "CODICE_ISTAT",
        "ODONIMO",
        "CIVICO",
        "ESPONENTE",
        "COORD_X_COMUNE",
        "COORD_Y_COMUNE",
        "METODO",
    ]
    rows = []
    for (street, number), place in zip(doors, at, strict=True):
        civico, _, esponente = number.partition(" ")
        x, y = (f"{value:.7f}".replace(".", ",") for value in place)
        rows.append(["058091", street, civico, esponente, x, y, "4"])
    rows += [
        ["058091", "VIA ROMA", "99", "", "", "", ""],
        ["058091", "VIA ROMA", "", "", "12,5", "41,9", ""],
    ]
    aside = {"no_position": 1, "no_number": 1}
    return write(folder / "anncsu.csv", header, rows, ";"), Truth(
        doors, at, aside, commune="058091"
    )


def gnaf(folder):
    doors, at = town((151.2, -33.87), ["HIGH STREET", "MILL LANE"], ("1", "3", "5-7", "9"))
    header = [
        "ADDRESS_DETAIL_PID",
        "FLAT_TYPE",
        "FLAT_NUMBER",
        "NUMBER_FIRST",
        "NUMBER_LAST",
        "STREET_NAME",
        "STREET_TYPE",
        "LOCALITY_NAME",
        "STATE",
        "POSTCODE",
        "MB_CODE",
        "ALIAS_PRINCIPAL",
        "PRIMARY_SECONDARY",
        "GEOCODE_TYPE",
        "LONGITUDE",
        "LATITUDE",
    ]

    def row(i, key, flat="", alias="PRINCIPAL", kind="PROPERTY CENTROID", level=""):
        name, _, what = doors[i][0].partition(" ")
        low, _, high = doors[i][1].partition("-")
        return [key, "UNIT" if flat else "", flat, low, high, name, what, "SYDNEY", "NSW", "2000",
                "1", alias, level, kind, *at[i]]  # fmt: skip

    rows = [row(i, f"GANSW{i}") for i in range(len(doors))]
    rows[0] = row(0, "GANSW0", level="P")
    rows += [row(0, "GANSWa", "1", level="S"), row(0, "GANSWb", "2", level="S")]
    rows += [row(1, "GANSWc", alias="ALIAS"), row(2, "GANSWd", kind="LOCALITY")]
    aside = {"alias_address": 1, "interpolated": 1}
    households = [2, *[1] * 7]
    truth = Truth(doors, at, aside, households, "SYDNEY", "SYDNEY")
    return write(folder / "GNAF_CORE.psv", header, rows, "|"), truth


def norway(folder):
    doors, at = town((5.32, 60.39), ["Strandgaten", "Øvregaten"], ("1", "3 A", "3 B", "7"))
    metres = in_crs(at, 25833)
    header = [
        "lokalId",
        "kommunenummer",
        "adressenavn",
        "nummer",
        "bokstav",
        "EPSG-kode",
        "Nord",
        "Øst",
        "postnummer",
        "poststed",
    ]
    rows = []
    for i, (street, number) in enumerate(doors):
        first, _, letter = number.partition(" ")
        x, y, code = (*metres[i], 25833) if i % 2 else (*at[i], 4258)
        rows.append([i, 4601, street, first, letter, code, y, x, "5013", "BERGEN"])
    rows.append([99, 4601, "Strandgaten", "99", "", "", 1.0, 2.0, "5013", "BERGEN"])
    truth = Truth(doors, at, {"no_position": 1}, None, "BERGEN", "4601")
    return write(folder / "matrikkelenAdresse.csv", header, rows, ";"), truth


def germany(folder):
    doors, at = town((13.4, 52.52), ["Hauptstraße", "Gräfestraße"], ("1", "3 a", "5", "7"))
    metres = in_crs(at, 25833).round(3)
    header = "nba;oid;qua;land;regbez;kreis;gmd;ott;strschl;str;hnr;adz;zone;ostwert;nordwert;datum"
    rows = []
    for i, (street, number) in enumerate(doors):
        first, _, letter = number.partition(" ")
        x, y = (f"{value:.3f}".replace(".", ",") for value in metres[i])
        rows.append(
            [
                "N",
                f"D{i}",
                "A",
                "11",
                "0",
                "00",
                "000",
                "",
                "1",
                street,
                first,
                letter,
                "33",
                x,
                y,
                "",
            ]
        )
    return write(folder / "hk.csv", header.split(";"), rows, ";"), Truth(
        doors, at, {}, commune="000"
    )


def spain(folder):
    doors, at = town((-3.7, 40.42), ["CALLE MAYOR", "PLAZA ESPAÑA"], ("1", "3", "5 B", "7"))
    header = [
        "tipo_vial",
        "nombre_via",
        "numero",
        "extension",
        "cod_postal",
        "municipio",
        "longitud",
        "latitud",
    ]
    rows = []
    for i, (street, number) in enumerate(doors):
        kind, _, name = street.partition(" ")
        first, _, more = number.partition(" ")
        rows.append([kind, name, first, more, "28013", "Madrid", *at[i]])
    return write(folder / "cnig.csv", header, rows), Truth(doors, at, {}, None, "Madrid", "Madrid")


def geopackage_point(xy, code=4326):
    return b"GP\x00\x01" + struct.pack("<i", code) + struct.pack("<BIdd", 1, 1, *xy)


def openstreetmap(folder):
    doors, at = town((16.37, 48.2), ["Hauptplatz", "Marktgasse"], ("1", "3", "7-11", "9"))
    file = folder / "osm.gpkg"
    with sqlite3.connect(file) as database:
        database.executescript(
            """
            CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY,
              organization TEXT, organization_coordsys_id INTEGER, definition TEXT);
            INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, '');
            CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT);
            CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT,
              geometry_type_name TEXT, srs_id INTEGER);
            INSERT INTO gpkg_contents VALUES ('points', 'features');
            INSERT INTO gpkg_geometry_columns VALUES ('points', 'geom', 'POINT', 4326);
            CREATE TABLE points (fid INTEGER PRIMARY KEY, geom BLOB, osm_id TEXT, name TEXT,
              other_tags TEXT);
            """
        )

        def add(key, where, **tags):
            text = ",".join(f'"addr:{k}"=>"{v}"' for k, v in tags.items())
            row = (geopackage_point(where), str(key), "x", text or None)
            database.execute(
                "INSERT INTO points (geom, osm_id, name, other_tags) VALUES (?,?,?,?)", row
            )

        for i, (street, number) in enumerate(doors):
            tags = {"housenumber": number, "street": street, "city": "Wien", "postcode": "1010"}
            if i == 4:  # a village names the place, not a street
                tags["place"] = tags.pop("street")
            add(i, at[i], **tags)
        # The building of the same door; a shop with two numbers; a tree; an interpolation.
        add(50, at[1] + 1e-5, housenumber="3", street="Hauptplatz", city="Wien")
        add(51, at[0] + 1e-3, housenumber="21;21a", street="Hauptplatz", city="Wien")
        add(52, at[0])
        add(53, at[0], interpolation="odd", street="Hauptplatz")
    doors = [*doors, ("Hauptplatz", "21"), ("Hauptplatz", "21a")]
    at = np.vstack([at, at[0] + 1e-3, at[0] + 1e-3])
    database.close()
    return file, Truth(doors, at, {"door_again": 1, "interpolated": 1}, None, "Wien", "Wien")


def local_base(folder):
    """A BAL: a row a position of an address."""
    doors, at = town((2.47, 48.82), ["Rue Haute", "Rue du Port"], ("1", "3", "5 bis", "7"))
    metres = in_crs(at, 2154)
    header = [
        "uid_adresse",
        "cle_interop",
        "commune_insee",
        "commune_nom",
        "voie_nom",
        "numero",
        "suffixe",
        "position",
        "x",
        "y",
        "long",
        "lat",
        "source",
        "date_der_maj",
        "certification_commune",
    ]

    def row(i, position, key=None, number=None):
        first, _, more = doors[i][1].partition(" ")
        key = f"94042_{i:04d}" if key is None else key
        return ["", key, "94042", "Joinville-le-Pont", doors[i][0], number or first, more, position,
                *metres[i], *at[i], "commune", "2025-01-01", "1"]  # fmt: skip

    rows = [row(i, "entrée") for i in range(len(doors))]
    rows.insert(0, [*row(0, "bâtiment")[:8], *(metres[0] + 9), *at[0], "commune", "", "1"])
    rows += [row(3, "segment", "94042_99", "99"), row(3, "entrée", "94042_100", "99999")]
    aside = {"other_position": 1, "interpolated": 1, "no_door": 1}
    truth = Truth(doors, at, aside, None, "Joinville-le-Pont", "94042")
    return write(folder / "bal.csv", header, rows, ";"), truth


SOURCES = [
    openaddresses, openaddresses_lines, overture, open_uprn, us_nad, bag, best, swiss, anncsu, gnaf,
    norway, germany, spain, openstreetmap, local_base,
]  # fmt: skip


@pytest.mark.parametrize("writer", SOURCES, ids=lambda writer: writer.__name__)
def test_each_source_gives_its_doors_and_what_is_set_aside(tmp_path, writer):
    file, truth = writer(tmp_path)
    base = read_addresses(file)
    found = list(zip(base.frame["street"], base.frame["number"], strict=True))
    assert found == truth.doors
    assert {why.key: n for why, n in base.set_aside.items()} == truth.aside
    if truth.households is None:
        assert base.counts == ()
    else:
        assert base.frame["households"].tolist() == truth.households
    assert {*base.frame["commune"]} == {truth.commune or truth.town}
    if truth.town:
        assert {*base.written["town"]} == {truth.town}
    # A metre of the plane is a metre, and each door is where it was written.
    back = Transformer.from_crs(base.crs, 4326, always_xy=True).transform(*base.xy.T)
    gap = (np.column_stack(back) - truth.lonlat) * [
        111_320 * np.cos(np.radians(truth.lonlat[0, 1])),
        111_320,
    ]
    assert np.hypot(*gap.T).max() < 0.6


@pytest.mark.parametrize("writer", SOURCES, ids=lambda writer: writer.__name__)
def test_a_map_over_each_source_is_found_at_the_door(tmp_path, writer):
    file, truth = writer(tmp_path)
    rows = [0, 3, 6]
    dots = pd.DataFrame(truth.lonlat[rows], columns=["lon", "lat"])
    leak = read_map(dots, addresses=file)
    gap = leak.records[["x", "y"]].to_numpy()[:, None, :] - leak.backdrop.xy[None, :, :]
    assert np.hypot(*gap.transpose(2, 0, 1)).argmin(axis=1).tolist() == rows


@pytest.mark.parametrize(
    ("writer", "place"),
    [(swiss, "362"), (swiss, "Worblaufen"), (us_nad, "New York"), (best, "Bruxelles")],
)
def test_a_commune_is_chosen_by_its_key_or_its_name(tmp_path, writer, place):
    file, truth = writer(tmp_path)
    assert len(read_addresses(file, commune=place)) == len(truth.doors)
    with pytest.raises(ParameterError, match="a key or a town"):
        read_addresses(file, commune="Elsewhere")


def test_a_file_of_no_known_source_is_read_by_named_columns(tmp_path):
    doors, at = town((-3.0, 53.4))
    metres = in_crs(at, 27700)
    rows = [[n, s, *xy] for (s, n), xy in zip(doors, metres, strict=True)]
    file = write(tmp_path / "own.csv", ["no", "road", "e", "n"], rows)
    with pytest.raises(SchemaError, match="number, street, x, y not recognised"):
        read_addresses(file)
    columns = {"number": "no", "street": "road", "x": "e", "y": "n"}
    with pytest.raises(GeometryError, match="the CRS of the metres"):
        read_addresses(file, columns=columns)
    base = read_addresses(file, columns=columns, crs="EPSG:27700")
    assert list(zip(base.frame["street"], base.frame["number"], strict=True)) == doors
    assert base.xy == pytest.approx(metres, abs=1e-6)
    with pytest.raises(ParameterError, match="Did you mean 'road'"):
        read_addresses(file, columns=columns | {"street": "raod"})
    with pytest.raises(ParameterError, match="Did you mean 'number'"):
        read_addresses(file, columns=columns | {"numbr": "no"})


def test_a_known_source_has_its_own_crs(tmp_path):
    file, _ = swiss(tmp_path)
    with pytest.raises(GeometryError, match="EPSG:2056"):
        read_addresses(file, crs="EPSG:21781")


def test_an_unwritten_dialect_of_a_source_is_read_alike(tmp_path):
    """Another order of columns, another case, quotes, further columns and decimal commas."""
    file, _ = swiss(tmp_path)
    frame = pd.read_csv(file, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame = frame[frame.columns[::-1]].rename(columns=str.lower).assign(note="a;b", extra="1")
    for axis in ("adr_easting", "adr_northing"):
        frame[axis] = frame[axis].str.replace(".", ",")
    other = tmp_path / "other.csv"
    frame.to_csv(other, index=False, quoting=1)
    one, two = read_addresses(file), read_addresses(other)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert one.set_aside == two.set_aside


def test_rows_of_one_name_far_apart_are_two_doors(tmp_path):
    """Two villages of a municipality may each have a 1, High Street."""
    rows = [
        [1, "High Street", "", "Moor", "", "", "", "", "h1"],
        [1, "High Street", "", "Moor", "", "", "", "", "h2"],
    ]
    header = [
        "NUMBER",
        "STREET",
        "UNIT",
        "CITY",
        "DISTRICT",
        "REGION",
        "POSTCODE",
        "ID",
        "HASH",
        "LON",
        "LAT",
    ]
    places = [[-2.6, 51.45], [-2.61, 51.45]]
    file = write(tmp_path / "oa.csv", header, [r + p for r, p in zip(rows, places, strict=True)])
    base = read_addresses(file)
    assert len(base) == 2
    assert base.set_aside == {}


def test_the_notes_count_units_and_tell_what_is_missing(tmp_path):
    base = read_addresses(open_uprn(tmp_path)[0])
    assert base.notes == (Note("units_at_doors", units=19, doors=15), Note("no_streets"))


def test_a_shared_frame_of_a_source_is_read_as_its_file(tmp_path):
    file, truth = us_nad(tmp_path)
    frame = pd.read_csv(file, dtype=str)
    base = read_addresses(frame)
    assert base.frame["number"].tolist() == [number for _, number in truth.doors]
