"""A masked copy of a map of points: what is written, and above all what is not."""

import json
from argparse import Namespace

import numpy as np
import pandas as pd
import pytest

from privaudit.cli.run_commands import run_mask
from privaudit.errors import ParameterError, PrivauditError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import project
from privaudit.studies.mask_file import mask_file
from privaudit.words.catalogues import Note

RNG = np.random.default_rng(0)
XY = np.round(np.array([650_000.0, 6_860_000.0]) + RNG.random((60, 2)) * 900, 1)


@pytest.fixture
def metres(tmp_path):
    file = tmp_path / "leak.csv"
    frame = pd.DataFrame(XY, columns=["x", "y"])
    frame["street"] = [f"street {i}" for i in range(60)]
    frame["status"] = ["to_meet", "visited"] * 30
    frame.to_csv(file, index=False)
    return file


@pytest.fixture
def degrees(tmp_path):
    file = tmp_path / "leak.csv"
    lon_lat = project(*XY.T, source="EPSG:2154", target="EPSG:4326")
    frame = pd.DataFrame(lon_lat, columns=["lon", "lat"])
    frame.assign(x=XY[:, 0], y=XY[:, 1], status="to_meet").to_csv(file, index=False)
    return file


@pytest.fixture
def base():
    frame = pd.DataFrame(XY, columns=["x", "y"]).assign(
        id=[str(i) for i in range(60)], number="1", street="s", commune="c", station=""
    )
    columns = ["id", "number", "street", "commune", "station", "x", "y"]
    return AddressBase(frame[columns], crs="EPSG:2154", real=False)


def farthest_from_home(points):
    """How far each point is from the nearest true position."""
    gap = points[:, None] - XY[None]
    return np.hypot(gap[..., 0], gap[..., 1]).min(axis=1)


def test_only_positions_are_written_shuffled_and_moved(metres, tmp_path):
    out = tmp_path / "masked.csv"
    done = mask_file(metres, mask="donut:5000:6000", out=out, seed=1)
    shown = pd.read_csv(out)
    assert list(shown.columns) == ["x", "y"]
    assert done.dots == len(shown) == 60
    assert done.suppressed == 0
    away = farthest_from_home(shown[["x", "y"]].to_numpy())
    assert away.min() > 5_000 - 900 * np.sqrt(2)
    # In the order of the file each would be within 6 km of its own home and over 5 km off.
    own = np.hypot(*(shown[["x", "y"]].to_numpy() - XY).T)
    assert ((own < 5_000 - 1) | (own > 6_000 + 1)).any()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "leak.csv",
        "masked.csv",
        "masked.csv.recipe.json",
    ]


def test_degrees_are_moved_by_true_metres_and_other_coordinates_are_dropped(degrees, tmp_path):
    out = tmp_path / "masked.geojson"
    mask_file(degrees, mask="none", out=out, keep=("status",))
    features = json.loads(out.read_text())["features"]
    assert {tuple(f["properties"]) for f in features} == {("status",)}
    lon_lat = np.array([f["geometry"]["coordinates"] for f in features])
    back = project(*lon_lat.T, source="EPSG:4326", target="EPSG:2154")
    # Six decimals of a degree.
    assert farthest_from_home(back).max() < 0.1
    mask_file(degrees, mask="donut:300:301", out=out, seed=4)
    moved = np.array(
        [f["geometry"]["coordinates"] for f in json.loads(out.read_text())["features"]]
    )
    there = project(*moved.T, source="EPSG:4326", target="EPSG:2154")
    gap = there[:, None] - XY[None]
    distance = np.hypot(gap[..., 0], gap[..., 1])
    # Lambert-93 and UTM stretch by less than one part in a thousand here.
    assert ((distance > 299) & (distance < 302)).any(axis=1).all()
    with pytest.raises(SchemaError, match="column to keep 'x'"):
        mask_file(degrees, mask="none", out=out, keep=("x",))


def test_masks_that_need_addresses(metres, base, tmp_path):
    out = tmp_path / "masked.csv"
    with pytest.raises(ParameterError, match="addresses for quadtree:5"):
        mask_file(metres, mask="quadtree:5", out=out)
    done = mask_file(metres, mask="quadtree:5", out=out, addresses=base)
    sizes = pd.read_csv(out).groupby(["x", "y"]).size()
    assert done.dots == 60
    assert sizes.min() >= 5
    done = mask_file(metres, mask="grid:200:4", out=out, addresses=base)
    sizes = pd.read_csv(out).groupby(["x", "y"]).size()
    assert sizes.min() >= 4
    assert done.suppressed == 60 - sizes.sum() > 0
    assert json.loads((tmp_path / "masked.csv.recipe.json").read_text())[
        "suppressed by the mask"
    ] == done.suppressed  # fmt: skip


def test_the_command_prints_how_many_points_the_file_holds(metres, base, tmp_path, capsys):
    out = tmp_path / "masked.csv"
    given = {"file": metres, "mask": "grid:200:4", "out": out, "addresses": base, "seed": 7}
    run_mask(Namespace(**given))
    printed = capsys.readouterr().out
    # Some are suppressed: what is printed is what a reader of the file counts.
    assert 0 < len(pd.read_csv(out)) < 60
    assert f", {len(pd.read_csv(out))} points" in printed


def test_no_seed_is_written_and_two_copies_differ(metres, tmp_path):
    texts = []
    for name, seed in (("a", None), ("b", None), ("c", 123_456_789), ("d", 123_456_789)):
        out = tmp_path / f"{name}.csv"
        mask_file(metres, mask="persistent:donut:50:200", out=out, seed=seed)
        texts.append(out.read_text())
        assert "123456789" not in (tmp_path / f"{name}.csv.recipe.json").read_text()
    assert texts[0] != texts[1]
    assert texts[2] == texts[3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mask": "donot:5:9"}, "Did you mean 'donut'"),
        ({"mask": "unknown"}, "a mask to apply"),
        ({"out": "masked.shp"}, "an output that ends in"),
        ({"out": "leak.csv"}, "apart from the input"),
        ({"keep": ("statut",)}, "Did you mean 'status'"),
        ({"keep": ("x",)}, "column to keep 'x'"),
        ({"out": "masked.geojson"}, "an output in CSV"),
        ({"out": "absent/masked.csv"}, "no such file or directory"),
        ({"crs": "EPSG:99999"}, "projection"),
    ],
)
def test_a_refusal_is_one_line_and_writes_nothing(metres, tmp_path, options, message):
    chosen = {"mask": "donut:50:200", "out": "masked.csv", **options}
    chosen["out"] = tmp_path / chosen["out"]
    before = metres.read_bytes()
    with pytest.raises(PrivauditError, match=message) as caught:
        mask_file(metres, **chosen)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["leak.csv"]
    assert metres.read_bytes() == before


def test_all_suppressed_writes_nothing(metres, base, tmp_path):
    with pytest.raises(ParameterError, match="suppresses all 60"):
        mask_file(metres, mask="quadtree:61", out=tmp_path / "m.csv", addresses=base)
    assert not (tmp_path / "m.csv").exists()


def test_unreadable_rows_are_counted(tmp_path):
    file = tmp_path / "leak.csv"
    file.write_text("lon;lat\n2,4;48,8\n;48,8\n2,5;48,9\n")
    done = mask_file(file, mask="disk:10", out=tmp_path / "m.geojson")
    assert done.dots == 2
    assert dict(done.set_aside) == {Note("missing_coordinate"): 1}
    told = json.loads((tmp_path / "m.geojson.recipe.json").read_text())["set aside"]
    assert told == [{"key": "missing_coordinate", "rows": 1}]


def test_degrees_that_are_a_guess_are_noted(degrees, tmp_path):
    done = mask_file(degrees, mask="donut:50:200", out=tmp_path / "masked.csv", seed=1)
    assert Note("degrees_assumed") in done.notes
    assert {"key": "degrees_assumed"} in done.recipe["notes"]
    told = mask_file(
        degrees, mask="donut:50:200", out=tmp_path / "told.csv", seed=1, crs="EPSG:4326"
    )
    assert Note("degrees_assumed") not in told.notes


def test_kml_and_gpx_are_in_wgs_84_by_their_standard(tmp_path):
    kml = "<kml><Placemark><Point><coordinates>{},{}</coordinates></Point></Placemark></kml>"
    gpx = '<gpx><wpt lon="{}" lat="{}"/></gpx>'
    for text, ending in ((kml, ".kml"), (gpx, ".gpx")):
        file = tmp_path / f"points{ending}"
        body = text.format(2.35, 48.85)
        file.write_text(body)
        done = mask_file(file, mask="donut:50:200", out=tmp_path / f"{ending}.csv", seed=1)
        assert done.recipe["projection"] == "EPSG:4326"
        assert Note("degrees_assumed") not in done.notes


def test_a_roles_file_says_the_coordinates_and_what_is_never_written(metres, tmp_path):
    odd, stated = tmp_path / "odd.csv", tmp_path / "roles.toml"
    pd.read_csv(metres).rename(columns={"x": "est", "y": "nord"}).to_csv(odd, index=False)
    with pytest.raises(SchemaError, match="coordinates"):
        mask_file(odd, mask="none", out=tmp_path / "none.csv")
    stated.write_text('["odd.csv"]\nlocation = ["est", "nord"]\ndirect_identifiers = ["street"]')
    out = tmp_path / "masked.csv"
    asked = {"mask": "none", "out": out, "roles_file": stated}
    done = mask_file(odd, **asked, keep=("status",))
    shown = pd.read_csv(out)
    assert list(shown.columns) == ["est", "nord", "status"]
    assert np.allclose(
        np.sort(shown[["est", "nord"]].to_numpy(), axis=0), np.sort(XY, axis=0), atol=0.06
    )
    assert "--roles roles.toml" in done.recipe["command"]
    with pytest.raises(SchemaError, match="column to keep 'street' identifies a person"):
        mask_file(odd, **asked, keep=("status", "street"))
    stated.write_text('["odd.csv"]\nlocation = ["est", "sud"]')
    with pytest.raises(SchemaError, match="sud"):
        mask_file(odd, **asked)
    stated.write_text('["other.csv"]\nlocation = ["est", "nord"]')
    with pytest.raises(SchemaError, match=r"roles of odd\.csv in roles\.toml"):
        mask_file(odd, **asked)
