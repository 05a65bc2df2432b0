"""`demo` and `map` over address files of other countries."""

import json

import pandas as pd
import pytest
from fixtures.address_files import open_uprn, swiss, us_nad

from privaudit.cli import main
from privaudit.geo.crs import project
from privaudit.io.addresses import read_addresses
from privaudit.simulation.simulate import simulate
from privaudit.studies.demo import Scene


@pytest.mark.heavy
@pytest.mark.parametrize("writer", [swiss, us_nad, open_uprn])
def test_a_map_over_addresses_of_another_country(writer, tmp_path):
    file, truth = writer(tmp_path)
    dots = pd.DataFrame(truth.lonlat[1::2], columns=["lon", "lat"]).assign(status="to_meet")
    dots.to_csv(tmp_path / "dots.csv", index=False)
    out = tmp_path / "out"
    words = ["map", str(tmp_path / "dots.csv"), "--addresses", str(file), "--mask", "none"]
    assert main([*words, "--out", str(out)]) == 0
    findings = json.loads((out / "findings.json").read_text())
    assert findings["notes"][0]["values"]["addresses"] == len(truth.doors)
    aside = {row["values"]["reason"]["key"]: row["rows"] for row in findings["set_aside"]}
    assert aside == truth.aside
    keys = [note["key"] for note in findings["notes"]]
    # The national base is not named as the source of these; what lacks streets says so.
    assert "input_source" not in keys
    assert ("no_streets" in keys) == (writer is open_uprn)


@pytest.mark.heavy
@pytest.mark.parametrize("writer", [swiss, us_nad, open_uprn])
def test_a_town_of_the_demo_stands_on_them(writer, tmp_path):
    file, truth = writer(tmp_path)
    scene = Scene(addresses=file, inhabitants=300)
    world = simulate(scene.town(), seed=3)
    assert len(world.addresses) == len(truth.doors)
    assert world.people["address"].between(0, len(truth.doors) - 1).all()
    assert [one.source for one in scene.inputs()] == [""]
    # Households, names and elections are those of France all the same.
    assert [note.key for note in scene.notes()] == ["people_of_french_tables"]


def test_the_demo_needs_a_commune_of_a_french_file_of_several(tmp_path, capsys):
    file = tmp_path / "adresses-94.csv"
    lines = [f"94042;{n};Rue Haute;{659_100 + 9 * n};6858900" for n in range(1, 40)]
    file.write_text("\n".join(["code_insee;numero;nom_voie;x;y", *lines]))
    assert set(Scene(addresses=file).town().base.frame["commune"]) == {"94042"}
    file.write_text("\n".join([file.read_text(), "94043;1;Rue Basse;659100;6859900"]))
    assert main(["demo", "--addresses", str(file), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "--commune CODE" in said
    assert "2 communes" in said
    assert Scene(addresses=file).notes() == Scene().notes() == ()


@pytest.mark.heavy
def test_towns_have_the_residents_that_other_offices_count(tmp_path):
    """Two American blocks, a third far away; and a cell of Eurostat's around an English town."""
    file, truth = us_nad(tmp_path)
    lon, lat = truth.lonlat.mean(axis=0)
    blocks = tmp_path / "blocks.csv"
    lines = ["GEOID20,POP20,HOUSING20,INTPTLAT20,INTPTLON20"]
    lines.append(f"1,300,140,+{lat + 4e-4},{lon - 4e-4}")
    lines.append(f"2,200,90,+{lat - 4e-4},{lon + 4e-4}")
    lines.append(f"3,9,4,+{lat + 1},{lon}")
    blocks.write_text("\n".join(lines))
    world = simulate(Scene(addresses=file, cells=blocks).town(), seed=3)
    assert len(world.people) == 500

    file, _ = open_uprn(tmp_path)
    base = read_addresses(file)
    east, north = project(*base.xy.T, source=base.crs, target="EPSG:3035").mean(axis=0) // 1000
    grid = tmp_path / "grid.csv"
    grid.write_text(f"GRD_ID,T\nCRS3035RES1000mN{north:.0f}000E{east:.0f}000,400\n")
    world = simulate(Scene(addresses=file, cells=grid).town(), seed=3)
    assert len(world.people) == 400
