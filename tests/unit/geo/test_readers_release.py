"""read_table and read_map: roles, coordinates, and the points that are somewhere else."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import GeometryError, ParameterError, ReadError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import project
from privaudit.release.read_map import read_map
from privaudit.release.read_table import read_table
from privaudit.words.catalogues import Note

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
# A kilometre of Joinville-le-Pont, in Lambert-93.
CORNER = np.array([660_000.0, 6_857_000.0])


def place(crs="EPSG:2154", corner=CORNER, n=200) -> AddressBase:
    xy = corner + np.random.default_rng(1).uniform(0, 1000, (n, 2))
    frame = pd.DataFrame({"id": [str(i) for i in range(n)]})
    frame = frame.assign(number="1", street="rue", commune="94042", station="")
    return AddressBase(frame.assign(x=xy[:, 0], y=xy[:, 1]), crs=crs, source="ban.csv", real=True)


@pytest.fixture
def base():
    return place()


def in_degrees(base, n=10) -> pd.DataFrame:
    lon, lat = project(*base.xy[:n].T, source=base.crs, target="EPSG:4326").T
    return pd.DataFrame({"status": "red", "lon": lon, "lat": lat})


def in_metres(base, n=10) -> pd.DataFrame:
    return pd.DataFrame({"status": "red", "x": base.xy[:n, 0], "y": base.xy[:n, 1]})


def test_a_table_and_its_roles(tmp_path):
    file = tmp_path / "export.csv"
    file.write_text("post_code,age,w\n01000,34,1.5\n94340,71,2\n")
    release = read_table(file, roles=Roles(key=["post_code", "age"], weight="w"))
    assert release.kind == "table"
    assert release.name == "export.csv"
    assert release.provenance == "audited file"
    assert release.sources is None
    assert release.records["post_code"].tolist() == ["01000", "94340"]
    with pytest.raises(SchemaError) as caught:
        read_table(file, roles=Roles(key="postcode"))
    assert str(caught.value) == (
        "read_table: key variable 'postcode' is not a column of export.csv. "
        "Columns: post_code, age, w. Did you mean 'post_code'?"
    )


def test_table_refusals():
    frame = pd.DataFrame({"age": [1, 2], "w": ["one", "two"]})
    with pytest.raises(SchemaError, match="numbers in the weight 'w'"):
        read_table(frame, roles=Roles(weight="w"))
    with pytest.raises(ParameterError, match="to be a Roles, but got a list"):
        read_table(frame, roles=["age"])
    with pytest.raises(ReadError, match="0 rows"):
        read_table(frame.iloc[:0])
    with pytest.raises(SchemaError, match="'age' 2 times"):
        read_table(pd.concat([frame, frame[["age"]]], axis=1))


def test_a_frame_is_never_changed(base):
    frame = in_degrees(base).rename(columns={"lon": "Longitude ", "lat": "LATITUDE"})
    before = frame.copy(deep=True)
    read_map(frame, addresses=base)
    records = read_table(frame).records
    records.iloc[0, 0] = "grey"
    pd.testing.assert_frame_equal(frame, before)


def test_records_begin_with_metres(base):
    leak = read_map(in_degrees(base), addresses=base)
    assert leak.records.columns.tolist() == ["x", "y", "status"]
    assert leak.roles.location == ("x", "y")
    assert leak.backdrop is base
    assert leak.records[["x", "y"]].to_numpy() == pytest.approx(base.xy[:10], abs=1e-3)
    assert leak.recipe["crs"] == "EPSG:4326"


@pytest.mark.parametrize(
    "names",
    [("Lng", "LAT"), ("longitude", "latitude"), ("X", "Y"), ("x_l93", "y_l93"), ("long", "lat")],
)
def test_headers_in_any_case_and_degrees_under_any_of_them(base, names):
    frame = in_degrees(base).rename(columns=dict(zip(("lon", "lat"), names, strict=True)))
    xy = read_map(frame, addresses=base).records[["x", "y"]].to_numpy()
    assert xy == pytest.approx(base.xy[:10], abs=1e-3)


def test_metres_of_the_addresses_or_of_the_projection_given(base):
    assert read_map(in_metres(base), addresses=base).records["x"].tolist() == (
        base.xy[:10, 0].tolist()
    )
    mercator = project(*base.xy[:10].T, source="EPSG:2154", target="EPSG:3857")
    frame = pd.DataFrame(mercator, columns=["easting", "northing"])
    xy = read_map(frame, addresses=base, crs="epsg:3857").records.to_numpy()
    assert xy == pytest.approx(base.xy[:10], abs=1e-3)


def test_a_file_with_both_pairs(base):
    both = in_degrees(base).assign(x=base.xy[:10, 0] + 1, y=base.xy[:10, 1])
    by_degrees = read_map(both, addresses=base)
    assert by_degrees.records["x"].to_numpy() == pytest.approx(base.xy[:10, 0], abs=1e-3)
    by_metres = read_map(both, addresses=base, crs="EPSG:2154")
    assert by_metres.records["x"].to_numpy() == pytest.approx(base.xy[:10, 0] + 1)
    for leak in (by_degrees, by_metres):
        assert leak.records.columns.tolist() == ["x", "y", "status"]
        assert any(note.key == "other_coordinates" for note in leak.notes)


def test_text_numbers_with_commas_points_spaces(base):
    frame = in_metres(base, 4).astype({"x": "str", "y": "str"})
    x = base.xy[:4, 0]
    frame["x"] = [
        f"{x[0]:.2f}",
        f"{x[1]:.2f}".replace(".", ","),
        f"{x[2]:,.2f}".replace(",", "\u202f").replace(".", ","),
        f"'{x[3]:.2f} ",
    ]
    assert read_map(frame, addresses=base).records["x"].to_numpy() == pytest.approx(x, abs=0.006)


def test_rows_set_aside_by_reason(base):
    frame = in_degrees(base, 10).astype({"lon": object, "lat": object})
    frame.loc[0, "lon"] = None
    frame.loc[1, "lat"] = "Secret"
    frame.loc[2, ["lon", "lat"]] = [0, 0]
    frame.loc[3, ["lon", "lat"]] = [5.0, 43.0]
    frame.loc[4, ["lon", "lat"]] = [float("inf"), 48.8]
    leak = read_map(frame, addresses=base)
    assert len(leak) == 5
    assert leak.set_aside == {
        Note("missing_coordinate"): 1,
        Note("text_for_a_coordinate"): 1,
        Note("position_zero"): 1,
        Note("outside_the_area"): 1,
        Note("coordinate_not_finite"): 1,
    }
    assert leak.records["x"].to_numpy() == pytest.approx(base.xy[5:10, 0], abs=1e-3)
    frame.loc[5, "lat"] = "Secret"
    with pytest.raises(ReadError, match="6 rows of 10 set aside") as caught:
        read_map(frame, addresses=base)
    assert "text for a coordinate: 2" in str(caught.value)
    assert "Secret" not in str(caught.value)


def test_range_of_degrees(base):
    frame = in_degrees(base)
    frame.loc[0, ["lon", "lat"]] = [2.4, 148.8]
    frame.loc[1, ["lon", "lat"]] = [250.0, 48.8]
    aside = read_map(frame, addresses=base).set_aside
    assert sum(aside.values()) == 2
    assert aside[Note("outside_longitude_latitude")] == 1


def test_points_of_the_edge_and_of_five_kilometres(base):
    low, high = base.xy.min(0), base.xy.max(0)
    at = np.vstack([low, high, low - 4999, high + 4999, low - 5001, high + 5001])
    leak = read_map(pd.DataFrame(at, columns=["x", "y"]), addresses=base)
    assert len(leak) == 4


@pytest.mark.parametrize("corner", [CORNER, np.array([330_000.0, 7_650_000.0])])
def test_swapped_degrees_are_refused_by_name(corner):
    base = place("EPSG:2154" if corner is CORNER else "EPSG:2975", corner)
    frame = in_degrees(base).rename(columns={"lon": "lat", "lat": "lon"})
    with pytest.raises(GeometryError) as caught:
        read_map(frame, addresses=base)
    assert "longitude and latitude swapped in the data frame" in str(caught.value)
    assert "'lon' and 'lat'" in str(caught.value)


def test_swapped_metres_are_refused_by_name(base):
    frame = in_metres(base).rename(columns={"x": "y", "y": "x"})
    with pytest.raises(GeometryError, match="easting and northing swapped"):
        read_map(frame, addresses=base)


@pytest.mark.parametrize(
    "code", ["EPSG:3857", "EPSG:27572", "EPSG:3949", "EPSG:32631", "EPSG:3035"]
)
def test_another_projection_is_named(base, code):
    at = project(*base.xy[:10].T, source="EPSG:2154", target=code)
    with pytest.raises(GeometryError, match=f"pass crs='{code}'"):
        read_map(pd.DataFrame(at, columns=["x", "y"]), addresses=base)


def test_degrees_that_were_called_metres(base):
    with pytest.raises(GeometryError, match="pass crs='EPSG:4326'"):
        read_map(in_degrees(base), addresses=base, crs="EPSG:2154")


@pytest.mark.heavy
def test_another_town_gives_the_distance(base):
    # One degree of latitude is 111 km; the margin is measured from the box of the addresses.
    frame = in_degrees(base)
    frame["lat"] -= 1
    with pytest.raises(
        GeometryError, match=r"10 points of 10 in the data frame outside, .*1\d\d km"
    ):
        read_map(frame, addresses=base)


@pytest.mark.parametrize("crs", ["Lambert93", "EPSG:999999", "fictional"])
def test_unknown_projection(base, crs):
    with pytest.raises(GeometryError, match="read_map: needs a known projection"):
        read_map(in_metres(base), addresses=base, crs=crs)


def test_columns_that_are_no_coordinates(base):
    frame = in_degrees(base)
    with pytest.raises(SchemaError, match="Did you mean 'latitude'"):
        read_map(frame.rename(columns={"lat": "lattitude"}), addresses=base)
    with pytest.raises(SchemaError, match="only 'lon'"):
        read_map(frame.drop(columns="lat"), addresses=base)
    with pytest.raises(SchemaError, match="'lat' and 'latitude'"):
        read_map(frame.assign(latitude=1.0), addresses=base)
    for wrong in ("Secret", pd.Timestamp("2016-11-01"), True):
        with pytest.raises(SchemaError, match="numbers in column 'lat'") as caught:
            read_map(frame.assign(lat=wrong), addresses=base)
        assert "Secret" not in str(caught.value)


def test_nothing_usable(base):
    with pytest.raises(ReadError, match="missing coordinate: 10"):
        read_map(in_degrees(base).assign(lon=None), addresses=base)
    with pytest.raises(GeometryError, match="at least one address"):
        read_map(in_degrees(base), addresses=place(n=0))


def test_a_column_named_x_that_is_no_coordinate(base):
    frame = in_degrees(base).assign(x="seen")
    leak = read_map(frame, addresses=base)
    assert leak.records.columns.tolist() == ["x", "y", "status", "column x"]


def test_fictional_addresses_take_metres_at_the_origin():
    base = place("fictional", np.zeros(2))
    leak = read_map(pd.DataFrame({"x": [0.0, 3.0], "y": [0.0, 4.0]}), addresses=base)
    assert leak.records.to_numpy().tolist() == [[0, 0], [3, 4]]


def test_commune_belongs_to_an_address_file(base):
    with pytest.raises(ParameterError, match="commune only with a file"):
        read_map(in_degrees(base), addresses=base, commune="94042")


def test_a_real_commune():
    file = SHARED / "val-de-marne-addresses.csv.gz"
    if not file.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    raw = pd.read_csv(file, dtype={"code_insee": "str"})
    dots = raw[raw["code_insee"] == "94042"][["lon", "lat"]]
    leak = read_map(dots, addresses=file, commune="94042")
    assert len(leak) == len(leak.backdrop) == 2225
    # Both were published: metres to the centimetre.
    assert np.abs(leak.records.to_numpy() - leak.backdrop.xy).max() <= 0.005 + 1e-6


def test_lines_and_rows_set_aside_are_counted_together(base, tmp_path):
    file = tmp_path / "leak.csv"
    good = "\n".join(f"{x},{y},red" for x, y in base.xy[:6].tolist())
    file.write_text(f"x,y,status\n{good}\n1,2,3,4\n,,grey\n0,0,grey\n")
    leak = read_map(file, addresses=base)
    assert len(leak) == 6
    assert leak.set_aside == {
        Note("line_with_more_fields"): 1,
        Note("missing_coordinate"): 1,
        Note("position_zero"): 1,
    }


def test_a_map_of_postal_addresses_is_refused_as_not_geocoded():
    frame = pd.DataFrame({"full_name": ["A Secret"], "primary_address1": ["1 rue Secrete"]})
    with pytest.raises(SchemaError, match="not looked up here, nor codes of cells") as error:
        read_map(frame, addresses=place())
    assert "Secret" not in str(error.value)
