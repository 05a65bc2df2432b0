"""A table of people is a register for a map of which nobody says how it was blurred."""

import json
import math
import re

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main
from privaudit.maps.registry import rungs

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def seized(tmp_path_factory):
    """A street plan of 400 doors, a people table of 100 of them in words, and its blurred map."""
    folder = tmp_path_factory.mktemp("seized")
    rng = np.random.default_rng(8)
    door = np.arange(400)
    lon, lat = 2.47 + 0.0002 * (door % 20), 48.81 + 0.0002 * (door // 20)
    from privaudit.geo.crs import project

    x, y = project(lon, lat, source="EPSG:4326", target="EPSG:2154").T
    street = [f"Rue {chr(65 + i // 20)}" for i in door]
    addresses = pd.DataFrame(
        {"numero": door % 20 + 1, "nom_voie": street, "code_insee": "94042",
         "nom_commune": "Joinville", "lon": lon, "lat": lat, "x": x, "y": y}
    )  # fmt: skip
    addresses.to_csv(folder / "addresses.csv", index=False)
    who = rng.choice(400, 100, replace=False)
    table = addresses.iloc[who].assign(
        Nom=[f"Nom{i}" for i in range(100)],
        Adresse=lambda f: f["numero"].astype(str) + " " + f["nom_voie"],
    )
    table[["Nom", "Adresse"]].to_csv(folder / "people.csv", index=False, sep=";")
    turn, far = rng.uniform(0, 2 * np.pi, 100), rng.uniform(30, 90, 100)
    moved = project(x[who] + far * np.cos(turn), y[who] + far * np.sin(turn),
                    source="EPSG:2154", target="EPSG:4326")  # fmt: skip
    pd.DataFrame({"lon": moved[:, 0], "lat": moved[:, 1], "status": "red"}).to_csv(
        folder / "map.csv", index=False
    )
    return folder


def test_the_ladder_hands_the_register_to_whoever_works_the_mask_out():
    register = pd.DataFrame({"address": [0, 0, 1]})
    last = rungs(None, register=register)[-1]
    assert last.name == "unknown_mask"
    assert last.register is register
    assert last.prior_word == "register"
    assert rungs(None)[-1].register is None


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", r"The right person would be named for (\d+) to (\d+) of the 100\."),
        ("fr", r"La personne même serait désignée pour (\d+) à (\d+) sur 100\."),
    ],
)
def test_a_table_with_addresses_in_words_narrows_a_blurred_map(seized, tmp_path, lang, said):
    found = {}
    for name, more in (("alone", []), ("both", ["--register", str(seized / "people.csv")])):
        out = tmp_path / name
        command = ["map", str(seized / "map.csv"), "--addresses", str(seized / "addresses.csv")]
        assert main([*command, *more, "--lang", lang, "--out", str(out)]) == 0
        told = json.loads((out / "findings.json").read_text(encoding="utf-8"))["findings"]
        found[name] = {f["gain"]: f for f in told if f["family"] == "map" and f["gain"]}
        found[name + "_page"] = re.sub(
            r"\s+", " ",
            re.sub(r"<[^>]+>", "", (out / "index.html").read_text(encoding="utf-8")),
        )  # fmt: skip
    # A quarter of the doors: whoever knows which expects more of them.
    assert found["both"]["address"]["low"] > found["alone"]["address"]["low"]
    named = found["both"]["person"]
    match = re.search(said, found["both_page"])
    ends = math.floor(named["low"] * 100), math.ceil(named["high"] * 100)
    assert match and tuple(map(int, match.groups())) == ends  # noqa: PT018
    assert not re.search(said, found["alone_page"])


def test_the_range_holds_what_is_found():
    # 8 towns x 5 masks beside a register held 40 of 40; here one.
    town = pa.simulate(pa.Town(inhabitants=2_500), seed=50, generic_likes=False)
    campaign = pa.run_campaign(town, seed=50, with_score=False)
    who = pa.Adversary.unknown_mask(register=town.roll)
    dots = pa.publish(campaign, pa.DotMap(mask=pa.masks.Donut(r_min=50, r_max=150)), seed=50)
    found = pa.audit(dots, who, truth=town).overall.loc["address", "value"]
    told = pa.audit(dots, who).overall.loc["address"]
    assert told["low"] <= found <= told["high"]
