"""`privaudit map SHOT.png` finds what `read_screenshot` finds, and refuses what it refuses."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.cli import main
from privaudit.io.addresses import read_addresses
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.mask import Exact
from privaudit.screenshots.read_screenshot import read_screenshot

BLUE = (31, 119, 180)


@pytest.fixture(scope="module")
def leak(tmp_path_factory):
    """An address file of Lambert-93, and a picture of fifty of its homes."""
    folder = tmp_path_factory.mktemp("leak")
    rng = np.random.default_rng(3)
    xy = rng.random((400, 2)) * [1200, 900] + [659_000, 6_857_000]
    frame = pd.DataFrame(
        {
            "id": [f"94042_{k:04d}" for k in range(400)],
            "code_insee": "94042",
            "nom_commune": "Bourg",
            "numero": np.arange(400) % 90 + 1,
            "nom_voie": "rue A",
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )
    frame.to_csv(folder / "adresses.csv", sep=";", index=False)
    shot = Screenshot(metres_per_pixel=2)(xy[:50], np.arange(50) < 35)
    shot.save(folder / "shot.png")
    image = shot.image.copy()
    image[(image == (214, 39, 40)).all(axis=2)] = BLUE
    Image.fromarray(image).save(folder / "blue.webp", lossless=True)
    edges = ",".join(f"{edge:.3f}" for edge in shot.box)
    corner = shot.georeference.to_metres([[0, 0], [500, 30], [200, 400]])
    clicks = pd.DataFrame(np.column_stack([[0, 500, 200], [0, 30, 400], corner]))
    clicks.columns = ["column", "row", "x", "y"]
    clicks.to_csv(folder / "clicks.csv", index=False)
    return folder, edges


def command(folder, shot, out, *more):
    addresses = str(folder / "adresses.csv")
    return main(
        ["map", str(folder / shot), "--addresses", addresses, "--mask", "none",
         "--adversary", "knows_mask", "--reveal-rows", "--out", str(out), *more]
    )  # fmt: skip


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.parametrize(
    ("shot", "more"),
    [("shot.png", []), ("shot.png", ["--bbox"]), ("shot.png", ["--clicks"]),
     ("blue.webp", ["--colour", "blue", "--marker", "disc"])],
)  # fmt: skip
def test_the_command_finds_what_the_function_finds(leak, tmp_path, shot, more):
    folder, edges = leak
    given = {"--bbox": [edges], "--clicks": [str(folder / "clicks.csv")]}
    options = [*more, *given.get(more[0] if more else "", [])]
    assert command(folder, shot, tmp_path / "out", *options) == 0
    rows = pd.read_csv(tmp_path / "out" / "tables" / "dots.csv")

    base = read_addresses(folder / "adresses.csv")
    named = {"--bbox": {"bbox": edges.split(",")}, "--colour": {"colour": "blue"}}
    named["--clicks"] = {"clicks": pd.read_csv(folder / "clicks.csv")}
    read = read_screenshot(folder / shot, addresses=base, **named.get(more[0] if more else "", {}))
    found = guess(read.as_leaked(), Adversary.knows_mask(Exact()), rng=np.random.default_rng(0))
    ids = base.frame["id"].to_numpy()[found.address]
    assert sorted(rows["address_id"]) == sorted(ids)
    assert set(ids) == set(base.frame["id"][:50])


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("shot", "more", "said"),
    [
        ("blue.webp", [], "Pass --colour='blue'"),
        ("shot.png", ["--colour", "mauve"], "colour one of"),
        ("shot.png", ["--marker", "pin"], "Leave marker out"),
        ("shot.png", ["--bbox", "2.4,48.8,2.5,48.9"], "bbox looks like degrees"),
        ("none.png", [], "no such file"),
        ("adresses.csv", ["--colour", "blue"], "Leave --bbox, --clicks, --colour"),
    ],
)
def test_what_cannot_be_read_is_one_line(leak, tmp_path, capsys, shot, more, said):
    folder, _ = leak
    assert command(folder, shot, tmp_path / "out", *more) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if "privaudit:" in line]
    assert len(lines) == 1
    assert said in lines[0]
    assert not (tmp_path / "out").exists()
