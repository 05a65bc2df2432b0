"""Files of real programs are read, and the files that the tests write are opened by them."""

import csv
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import privaudit as pa

sys.path.insert(0, str(Path(__file__).parent))
import writers

from privaudit.io.readers import read_frame

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
ROWS = [["name", "town", "age"], ["Zoé", "Évry", 30], ["Jan", "Łódź", 41], ["Ana", "Brest", 52]]
AT = [(2.25, 48.5), (2.5, 48.75), (2.375, 48.625)]


def truth(name):
    with (GOLDEN / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def written(value):
    """A cell as the truth has it: a whole number without its decimals, a blank for none."""
    if value != value or value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def numbers_alike(row):
    return {k: written(float(v)) if re.fullmatch(r"-?\d+\.\d+", v) else v for k, v in row.items()}


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_a_workbook_of_libreoffice_is_read_cell_by_cell(ending):
    frame = read_frame(GOLDEN / f"people.{ending}", who="test", gives="table").frame
    read = [{k: written(v) for k, v in row.items()} for row in frame.to_dict("records")]
    assert read == [numbers_alike(row) for row in truth("people")]
    roles = pa.Roles(key=["naissance", "code_insee"])
    assert pa.read_table(GOLDEN / f"people.{ending}", roles=roles).records["âge"].sum() == 182


@pytest.mark.parametrize("ending", ["gpkg", "shp", "kml", "gpx", "geojson", "fgb"])
def test_points_of_gdal_are_read_where_they_are(ending):
    if ending == "fgb":
        pytest.importorskip("pyogrio")
    read = read_frame(GOLDEN / f"points.{ending}", who="test", gives="dots")
    assert read.crs == "EPSG:4326"
    nom, statut = ("name", "desc") if ending == "gpx" else ("nom", "statut")
    x, y = read.location
    got = [
        (row[nom], row[statut], round(row[x], 7), round(row[y], 7))
        for row in read.frame.to_dict("records")
    ]
    rows = [(r["nom"], r["statut"], float(r["lon"]), float(r["lat"])) for r in truth("points")]
    # GDAL orders the features of a FlatGeobuf by its index of places.
    assert sorted(got) == sorted(rows)
    assert ending == "fgb" or got == rows


def test_a_projected_shapefile_of_gdal_in_windows_letters_is_read():
    """Against the transformation of pyproj, which privaudit's reader of shapefiles does not use."""
    from pyproj import Transformer

    read = read_frame(GOLDEN / "lambert.shp", who="test", gives="dots")
    rows = [row for row in truth("points") if row["nom"] != "Thị Mai"]
    assert read.crs == "EPSG:2154"
    assert read.frame["nom"].tolist() == [row["nom"] for row in rows]
    assert read.frame["statut"].tolist() == [row["statut"] for row in rows]
    turn = Transformer.from_crs("EPSG:4326", "EPSG:2154", always_xy=True)
    for row, x, y in zip(rows, *(read.frame[c] for c in read.location), strict=True):
        assert turn.transform(float(row["lon"]), float(row["lat"])) == pytest.approx(
            (x, y), abs=0.01
        )


@pytest.mark.parametrize("version", ["21", "30"])
def test_a_card_of_outlook_keeps_its_letters(version):
    frame = read_frame(GOLDEN / f"outlook{version}.vcf", who="test", gives="table").frame
    (card,) = frame.to_dict("records")
    assert (card["family_name"], card["given_name"], card["prefix"]) == ("Lefèvre", "Hélène", "Mme")
    assert (card["name"], card["city"]) == ("Mme Hélène Lefèvre", "Créteil")
    assert (card["phone"], card["email"]) == ("+33 6 12 34 56 78", "helene@example.org")


@pytest.mark.parametrize(
    ("ending", "write"),
    [
        (".geojson", writers.geojson), (".kml", writers.kml), (".kmz", writers.kmz),
        (".gpx", writers.gpx), (".gpkg", writers.geopackage), (".shp", writers.shapefile),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:GPX schema version")
def test_the_maps_that_tests_write_open_in_gdal(ending, write, tmp_path):
    """GDAL, through pyogrio, reads the rows that were written: cells and points."""
    pyogrio = pytest.importorskip("pyogrio")
    path = write(tmp_path / f"map{ending}", ROWS, AT)
    layer = pyogrio.list_layers(path)[0][0]
    meta, _, shapes, fields = pyogrio.raw.read(path, layer=layer, datetime_as_string=True)
    # A point is its byte order, its kind, and two or three doubles.
    assert [struct.unpack_from("<dd", shape, 5) for shape in shapes] == AT
    columns = dict(zip(map(str, meta["fields"]), map(list, fields), strict=True))
    # KML has a name of its own, and GPX a prefix of what extends it.
    named = ["Name" if n == "name" and "Name" in columns else n for n in ROWS[0]]
    named = [f"p_{n}" if f"p_{n}" in columns else n for n in named]
    rows = list(zip(*(map(str, columns[name]) for name in named), strict=True))
    assert rows == [tuple(map(str, row)) for row in ROWS[1:]]
    assert str(meta["crs"]) == "EPSG:4326"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
@pytest.mark.parametrize(("ending", "write"), [(".xlsx", writers.xlsx), (".ods", writers.ods)])
def test_the_workbooks_that_tests_write_open_in_libreoffice(ending, write, tmp_path):
    path = write(tmp_path / f"book{ending}", ROWS)
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    filtered = "csv:Text - txt - csv (StarCalc):44,34,76"
    command = ["soffice", home, "--headless", "--convert-to", filtered, "--outdir", str(tmp_path)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=120)
    with (tmp_path / "book.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [[str(cell) for cell in row] for row in ROWS]
