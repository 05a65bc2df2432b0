"""A map of counts by area on the command line: read as counts, never as dots."""

import html
import json
import re
from importlib import resources

import numpy as np
import pandas as pd
import pytest
from fixtures.crooked_streets import EAST, NORTH, crooked_streets

import privaudit as pa
from privaudit.cli import main
from privaudit.errors import SchemaError
from privaudit.release.read_map import count_columns, read_map
from privaudit.report.maps import areas_answer
from privaudit.report.sentences import ResultLookup
from privaudit.results.measures import Measures
from privaudit.results.rows import Row
from privaudit.studies.inspect import next_commands
from privaudit.studies.study import Study
from privaudit.words.catalogues import Words

SIDE = 200


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """900 addresses, 60 of them in the south-west with a dot, and counts of these by square."""
    folder = tmp_path_factory.mktemp("town")
    rng = np.random.default_rng(4)
    places = crooked_streets(folder / "addresses.csv", rng)
    south = np.flatnonzero(places[:, 1] < NORTH + 700)
    homes = places[rng.choice(south, 60, replace=False)]
    features, rows, empty = [], [], 0
    for i in range(4):
        for j in range(9):
            corner = np.array([EAST + i * SIDE - 50, NORTH + j * SIDE - 50])

            def here(points, corner=corner):
                return ((points >= corner) & (points < corner + SIDE)).all(axis=1)

            total, doors = int(here(homes).sum()), int(here(places).sum())
            empty += doors if total == 0 else 0
            ring = (corner + SIDE * np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])).tolist()
            shape = {"type": "Polygon", "coordinates": [ring]}
            held = {"area": f"{i}-{j}", "total": total}
            features.append({"type": "Feature", "properties": held, "geometry": shape})
            rows.append(held | {"x": corner[0] + SIDE / 2, "y": corner[1] + SIDE / 2})
    name = {"name": "urn:ogc:def:crs:EPSG::2154"}
    layer = {"type": "FeatureCollection", "crs": {"type": "name", "properties": name}}
    (folder / "areas.geojson").write_text(json.dumps(layer | {"features": features}))
    table = pd.DataFrame(rows)
    table.to_csv(folder / "squares.csv", index=False)
    some = table["total"].replace(dict.fromkeys(range(1, 11)))
    table.assign(total=some).to_csv(folder / "hidden.csv", index=False)
    table[table["total"] > 0].to_csv(folder / "marked.csv", index=False)
    return folder, table, empty


def run(town, out, file, *options):
    crs = [] if file.endswith("json") else ["--crs", "EPSG:2154"]
    files = [str(town / file), "--addresses", str(town / "addresses.csv"), "--out", str(out)]
    status = main(["map", *files, *crs, *options])
    if status:
        return status
    return {f["id"]: f for f in json.loads((out / "findings.json").read_text())["findings"]}


def test_polygons_and_squares_say_the_same_and_empty_ones_clear(town, tmp_path):
    folder, _, empty = town
    squares = run(folder, tmp_path / "a", "squares.csv", "--areas", "grid:200:0", "--dots", "60")
    polygons = run(
        folder, tmp_path / "b", "areas.geojson", "--areas", "polygons:0:0", "--dots", "60"
    )
    values = [
        {k: (f["value"], f["baseline"]) for k, f in one.items()} for one in (squares, polygons)
    ]
    assert values[0] == values[1]
    cleared = next(f for k, f in squares.items() if k.startswith("areas.cleared"))
    assert (cleared["value"], cleared["n"]) == (empty, 900)


def test_hidden_counts_are_bounded_by_the_legend(town, tmp_path):
    folder, table, _ = town
    found = run(folder, tmp_path / "a", "hidden.csv", "--areas", "grid:200:11")
    hidden = int(table["total"].between(1, 10).sum())
    told = next(f for k, f in found.items() if k.startswith("areas.hidden_counts_told"))
    assert (told["n"], told["value"]) == (hidden, 0)


def test_counts_are_never_read_as_dots(town, tmp_path, capsys):
    folder, table, _ = town
    assert run(folder, tmp_path / "a", "squares.csv") == 2
    assert "counts by area (area, total)" in capsys.readouterr().err
    with pytest.raises(SchemaError, match="--areas"):
        read_map(folder / "squares.csv", addresses=folder / "addresses.csv", crs="EPSG:2154")
    # A dot map may number its dots and say how often each was visited.
    assert count_columns(table.drop(columns="area")) == ()
    assert count_columns(table.assign(area="north")) == ()
    assert count_columns(table.assign(total=0.5)) == ()
    geopandas = pytest.importorskip("geopandas")
    shapes = geopandas.read_file(folder / "areas.geojson").drop(columns="area")
    with pytest.raises(SchemaError, match="counts by area"):
        read_map(shapes, addresses=folder / "addresses.csv")
    # Footprints of houses stand for dots.
    houses = shapes.drop(columns="total").assign(status="to_meet")
    assert len(read_map(houses, addresses=folder / "addresses.csv")) == 36


@pytest.mark.parametrize(
    ("file", "options", "message"),
    [
        ("squares.csv", ["--areas", "grid:150:0"], "the centres of areas:grid:150"),
        ("squares.csv", ["--areas", "grid:200:11"], "no count of 1 to 10"),
        ("hidden.csv", ["--areas", "grid:200:0"], "a bound on the counts"),
        ("squares.csv", ["--areas", "grid"], "--areas polygons:0:UNDER"),
        ("squares.csv", ["--areas", "ward:1:0"], "--areas polygons:0:UNDER"),
        ("squares.csv", ["--areas", "grid:200:0", "--mask", "none"], "Leave --mask out"),
        ("squares.csv", ["--areas", "adaptive:25:0"], "the centres of areas:adaptive:25"),
        ("squares.csv", ["--areas", "grid:200:0", "--dots", "59"], "counts that fit together"),
        ("squares.csv", ["--areas", "polygons:0:0"], "GeoJSON"),
        ("addresses.csv", ["--areas", "grid:200:0"], "needs"),
    ],
)
def test_a_wrong_legend_is_one_line(town, tmp_path, capsys, file, options, message):
    assert run(town[0], tmp_path / "a", file, *options) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_areas_that_the_file_does_not_list_are_said(town, tmp_path):
    folder, _, empty = town
    found = run(folder, tmp_path / "a", "marked.csv", "--areas", "grid:200:0")
    cleared = next(f for k, f in found.items() if k.startswith("areas.cleared"))
    assert (cleared["value"], cleared["n"]) == (0, 900 - empty)
    assert f"{empty}" in (tmp_path / "a" / "annex.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("lang", "proved", "cleared"),
    [("en", "do not prove of any group of fewer than 11 households", "{} of 900 households"),
     ("fr", "ne prouvent d'aucun groupe de moins de 11 foyers", "{} des 900 foyers n'ont pas")],
)  # fmt: skip
def test_the_first_screen_says_what_the_counts_prove(town, tmp_path, lang, proved, cleared):
    """It said that nothing could be measured, beside 507 households that were cleared."""
    folder, _, empty = town
    assert run(folder, tmp_path / "a", "hidden.csv", "--areas", "grid:200:11", "--lang", lang)
    page = (tmp_path / "a" / "index.html").read_text("utf-8").partition("<nav")[0]
    text = " ".join(html.unescape(re.sub("<[^>]*>", "", page)).replace("’", "'").split())
    assert proved in text
    assert cleared.format(empty) in text


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "would prove that 40 of 900 households are in groups of fewer than 11"),
     ("fr", "prouveraient que 40 des 900 foyers sont dans des groupes de moins de 11 foyers")],
)  # fmt: skip
def test_households_that_are_told_lead(lang, said):
    rows = [
        Row(measure="in_groups_told", value=40, n=900, unit="households", counts="households"),
        Row(measure="cleared", value=0, n=900, unit="households", counts="households"),
    ]
    study = Study(
        kind="map", title="a.csv", provenance="audited file", real_places=True,
        measures={"areas": Measures(family="areas", rows=rows)},
    )  # fmt: skip
    headline, leads = areas_answer(Words(lang), ResultLookup(study, ()))
    text = re.sub(r"\s", " ", headline.replace("*", ""))
    assert said in text
    assert len(leads) == 2


def test_areas_that_could_not_be_used_are_said_and_the_total_is_not_trusted(town, tmp_path):
    """Two rows without a coordinate were dropped without a word, and 60 dots put into the rest."""
    folder, table, _ = town
    some = table["total"].replace(dict.fromkeys(range(1, 11)))
    broken = table.assign(total=some)
    marked = table.index[table["total"] > 0][:2]
    broken.loc[marked, "x"] = np.nan
    broken.to_csv(folder / "broken.csv", index=False)
    told = run(folder, tmp_path / "a", "broken.csv", "--areas", "grid:200:11", "--dots", "60")
    whole = json.loads((tmp_path / "a" / "findings.json").read_text("utf-8"))
    assert sum(one["rows"] for one in whole["set_aside"]) == 2
    assert "total_of_dots_not_used" in [note["key"] for note in whole["notes"]]
    # With the total each hidden count would be bounded by 60 less the least of the others.
    plain = run(folder, tmp_path / "b", "broken.csv", "--areas", "grid:200:11")
    assert {k: f["value"] for k, f in told.items()} == {k: f["value"] for k, f in plain.items()}


def test_a_file_of_counts_is_proposed_as_no_map_and_taken_for_none(town, tmp_path):
    """Of 36 squares a dossier said that 36 people were singled out."""
    folder, _, _ = town
    squares = folder / "squares.csv"
    lines = next_commands([squares], [pa.inspect(squares, as_of="2016-11-08")])
    assert not [line for line in lines if line.startswith("privaudit map")]
    out = tmp_path / "dossier"
    story = resources.files("privaudit.rules") / "examples" / "story.toml"
    words = ["dossier", str(squares), "--description", str(story), "--as-of", "2016-11-08"]
    assert main([*words, "--exhibit", "X", "--out", str(out)]) == 0
    found = json.loads((out / "findings.json").read_text("utf-8"))["findings"]
    found_of = [
        (one["family"], one["measure"]) for one in found if one["family"] in ("wp216", "map")
    ]
    assert found_of == []
    (unexamined,) = (one for one in found if one["measure"] == "unexamined")
    assert unexamined["notes"][0]["values"]["file"] == "squares.csv"
