"""Address files of other publishers: read, compared with what the writers of the files know."""

import gzip

import numpy as np
import pandas as pd
import pytest
from fixtures.address_files import (
    SOURCES,
    best,
    czechia,
    in_crs,
    norway,
    open_uprn,
    swiss,
    town,
    us_nad,
    write,
)
from pyproj import Transformer

from privaudit.errors import GeometryError, ParameterError, SchemaError
from privaudit.io.addresses import is_national, read_addresses
from privaudit.release.read_map import read_map
from privaudit.studies.exhibits import holds_addresses
from privaudit.words.catalogues import Note


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


@pytest.mark.heavy
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
    assert len(read_addresses(read_addresses(file), commune=place)) == len(truth.doors)
    with pytest.raises(ParameterError, match="a key or a town"):
        read_addresses(file, commune="Elsewhere")


def test_a_file_of_no_known_source_is_read_by_named_columns(tmp_path):
    doors, at = town((-3.0, 53.4))
    metres = in_crs(at, 27700)
    rows = [[n, s, *xy] for (s, n), xy in zip(doors, metres, strict=True)]
    file = write(tmp_path / "own.csv", ["no", "way", "e", "n"], rows)
    with pytest.raises(SchemaError, match="number, street, x, y not recognised"):
        read_addresses(file)
    columns = {"number": "no", "street": "way", "x": "e", "y": "n"}
    with pytest.raises(GeometryError, match="the CRS of the metres"):
        read_addresses(file, columns=columns)
    base = read_addresses(file, columns=columns, crs="EPSG:27700")
    assert list(zip(base.frame["street"], base.frame["number"], strict=True)) == doors
    assert base.xy == pytest.approx(metres, abs=1e-6)
    with pytest.raises(ParameterError, match="Did you mean 'way'"):
        read_addresses(file, columns=columns | {"street": "wya"})
    with pytest.raises(ParameterError, match="Did you mean 'number'"):
        read_addresses(file, columns=columns | {"numbr": "no"})


def test_usual_names_of_columns_are_enough(tmp_path):
    """At a bare prompt there is no columns=: the CRS of metres may stand in a column."""
    doors, at = town((-3.0, 53.4))
    metres = in_crs(at, 27700)
    rows = [[n, s, *xy, 27700] for (s, n), xy in zip(doors, metres, strict=True)]
    header = ["House Number", "Street", "Easting", "Northing", "CRS"]
    base = read_addresses(write(tmp_path / "own.csv", header, rows))
    assert list(zip(base.frame["street"], base.frame["number"], strict=True)) == doors
    assert base.xy == pytest.approx(metres, abs=1e-6)


# Columns of towns and counties that publish by no common rule: their street, number and position.
USUAL = {
    "NENA": {
        "AddNum_Pre": "", "Add_Number": "{n}", "AddNum_Suf": "", "St_PreMod": "", "St_PreDir": "N",
        "St_PreTyp": "", "St_PreSep": "", "St_Name": "{s}", "St_PosTyp": "St", "St_PosDir": "",
        "St_PosMod": "", "Unit": "", "Post_Comm": "Boone", "Post_Code": "50036",
    },
    "local government": {
        "PREADDRNUM": "", "ADDRNUM": "{n}", "ADDRNUMSUF": "", "FULLNAME": "N {s} St",
        "UNITID": "", "MUNICIPALITY": "Boone",
    },
    "suffix of the street": {"NUMBER": "{n}", "PREFIX": "N", "STREET": "{s}", "SUFFIX": "St"},
    "whole": {"SITE_ADDR": "{n} N {s} St, Boone IA", "SITE_ZIP": "50036", "OWNER": "Ann Lee"},
    "street beside its number": {"HOUSE_NO": "{n}", "ADDRESS": "N {s} St", "ZIP": "50036"},
    "name": {"HseNo": "{n}", "PreDir": "N", "Name": "{s}", "StType": "St", "City": "Boone"},
    "joined tables": {"dbo.parcels.SITE_NO": "{n}", "dbo.parcels.SITE_STREET": "N {s} St"},
    "Quebec": {"NOCIVIQUE": "{n}", "NOM_VOIE": "N {s} St", "NO_ARROND": "4"},
    "French words": {"numero": "{n}", "rue": "N {s} St", "localite": "Boone", "id_rue": "7"},
}  # fmt: skip


@pytest.mark.parametrize("columns", USUAL.values(), ids=USUAL)
def test_towns_and_counties_are_read_by_the_usual_names_of_columns(tmp_path, columns):
    names, numbers = ["Oak Hill", "Elm", "Lincoln"], ["3", "7", "12", "118"]
    doors = [(s, n) for s in names for n in numbers]
    _, at = town((-93.88, 42.06), names, numbers)
    rows = [
        [*(cell.format(s=s, n=n) for cell in columns.values()), *xy]
        for (s, n), xy in zip(doors, at, strict=True)
    ]
    file = write(tmp_path / "county.csv", [*columns, "lon", "lat"], rows)
    base = read_addresses(file)
    found = list(zip(base.frame["street"], base.frame["number"], strict=True))
    assert found == [(f"N {s} St", n) for s, n in doors]
    back = Transformer.from_crs(base.crs, 4326, always_xy=True).transform(*base.xy.T)
    assert np.column_stack(back) == pytest.approx(at, abs=1e-6)


@pytest.mark.parametrize(
    "columns",
    [
        {"HOUSE_NO": "{n}", "NAME": "Ann Lee"},  # a name of somebody, not of a street
        {"HOUSE_NO": "{n}", "ADDRESS": "{n}"},
        {"ADDRESS": "N {s} St"},
    ],
)
def test_columns_without_a_street_or_a_number_are_refused(tmp_path, columns):
    at = town((-93.88, 42.06))[1]
    rows = [
        [*(c.format(s="Elm", n=n) for c in columns.values()), *xy] for n, xy in enumerate(at, 1)
    ]
    file = write(tmp_path / "county.csv", [*columns, "lon", "lat"], rows)
    with pytest.raises(SchemaError, match="not recognised") as raised:
        read_addresses(file)
    assert "Ann" not in str(raised.value)


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


def test_a_column_of_unknown_crs_is_refused(tmp_path):
    file, _ = norway(tmp_path)
    frame = pd.read_csv(file, sep=";", dtype=str, keep_default_na=False)
    frame.assign(**{"EPSG-kode": "99999"}).to_csv(file, sep=";", index=False)
    with pytest.raises(GeometryError, match="a known projection"):
        read_addresses(file)


def test_rows_of_two_countries_are_refused(tmp_path):
    header = ["country", "number", "street", "city", "lon", "lat"]
    rows = [["CH", 1, "Rheingasse", "Basel", 7.59, 47.56], ["DE", 1, "Rheinweg", "Weil", 7.6, 47.6]]
    file = write(tmp_path / "border.csv", header, rows)
    with pytest.raises(GeometryError, match=r"one country in border\.csv.*got 2"):
        read_addresses(file)
    assert len(read_addresses(file, commune="Basel")) == 1


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
    assert read_addresses(swiss(tmp_path)[0]).notes == (Note("doors_uncounted"),)


def test_a_shared_frame_of_a_source_is_read_as_its_file(tmp_path):
    file, truth = us_nad(tmp_path)
    frame = pd.read_csv(file, dtype=str)
    base = read_addresses(frame)
    assert base.frame["number"].tolist() == [number for _, number in truth.doors]


def test_which_files_are_french(tmp_path):
    for writer in SOURCES:
        file, _ = writer(tmp_path)
        assert is_national(file) == (writer.__name__ == "local_base")


TABLES = [one for one in SOURCES if one.__name__ not in ("openaddresses_lines", "overture",
          "openstreetmap", "bag_layers", "germany_sold")]  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("writer", TABLES, ids=lambda writer: writer.__name__)
@pytest.mark.parametrize("dialect", ["shouted", "quoted", "wide"])
def test_a_dialect_that_no_source_documents_is_read_alike(tmp_path, writer, dialect):
    file, truth = writer(tmp_path)
    data = file.read_bytes()
    encoding = "cp1250" if writer is czechia else "utf-8-sig"
    header = (gzip.decompress(data) if file.suffix == ".gz" else data).split(b"\n")[0]
    mark = max(";,|", key=header.decode(encoding).count)
    frame = pd.read_csv(file, sep=mark, dtype=str, keep_default_na=False, encoding=encoding)
    rng = np.random.default_rng(5)
    frame = frame[rng.permutation(frame.columns)]
    if dialect == "shouted":
        frame = frame.rename(columns=lambda c: c.upper().replace("_", " "))
        frame.to_csv(tmp_path / "other.csv", index=False, sep="\t", lineterminator="\r\n")
    elif dialect == "quoted":
        frame = frame.rename(columns=str.lower)
        frame.to_csv(tmp_path / "other.csv", index=False, sep=";", quoting=1, encoding="utf-8-sig")
    else:
        frame.insert(0, "remark", 'a, "b"; c|d')
        frame.assign(editor="", checked="2025-01-01").to_csv(tmp_path / "other.csv", index=False)
    one, other = read_addresses(file), read_addresses(tmp_path / "other.csv")
    pd.testing.assert_frame_equal(other.frame, one.frame)
    assert other.set_aside == one.set_aside
    assert len(one) == len(truth.doors)


def test_a_geodataframe_of_a_source_is_read_by_its_geometry(tmp_path):
    """Its CRS is the frame's, whatever the columns of the file are in."""
    geopandas = pytest.importorskip("geopandas")
    file, truth = swiss(tmp_path)
    frame = pd.read_csv(file, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    axes = (frame[f"ADR_{axis}"].astype(float) for axis in ("EASTING", "NORTHING"))
    at = geopandas.points_from_xy(*axes)
    shown = geopandas.GeoDataFrame(frame, geometry=at, crs=2056).to_crs(4326)
    base, other = read_addresses(shown), read_addresses(file)
    assert base.frame["number"].tolist() == other.frame["number"].tolist()
    assert base.set_aside == other.set_aside
    back = Transformer.from_crs(base.crs, 4326, always_xy=True).transform(*base.xy.T)
    assert np.column_stack(back) == pytest.approx(truth.lonlat, abs=1e-6)


@pytest.mark.parametrize(
    "columns",
    [
        ("vejnavn", "husnr", "postnr"),
        ("civic_no", "official_street_name", "postal_code"),
        ("full_address_number", "full_road_name", "town_city"),
        ("hs_stevilka", "naselje_naziv", "postni_okolis"),
    ],
)
def test_a_list_of_doors_with_notes_is_no_file_of_public_addresses(columns):
    """It would be left out of what a dossier searches: a public file has keys beside its doors."""
    doors = pd.DataFrame({column: [f"{column} {i}" for i in range(20)] for column in columns})
    assert not holds_addresses(doors.assign(note=["syg", "kommer igen"] * 10))
