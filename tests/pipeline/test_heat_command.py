"""`privaudit map HEAT.tif` and `HEAT.png` undo a heat map, and say which scale they assumed."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image, TiffImagePlugin

from privaudit.cli import main

CELL, WIDTH, SIDE, DOTS = 25, 45.0, 800, 14
WEST, SOUTH = 659_000, 6_857_000
COLD, HOT = (30, 60, 255), (255, 60, 30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Addresses 60 m apart, 14 of them marked; their heat as a GeoTIFF and as two pictures."""
    made = tmp_path_factory.mktemp("heat")
    side = np.arange(100.0, SIDE - 99, 60)
    xy = np.array([(x, y) for x in side for y in side])
    frame = pd.DataFrame(
        {"id": [f"94042_{k:04d}" for k in range(len(xy))], "code_insee": "94042", "numero": 1,
         "nom_commune": "Bourg", "nom_voie": "rue A", "x": xy[:, 0] + WEST, "y": xy[:, 1] + SOUTH}
    )  # fmt: skip
    frame.to_csv(made / "adresses.csv", sep=";", index=False)
    marked = xy[np.random.default_rng(1).choice(len(xy), DOTS, replace=False)]
    x = np.arange(CELL / 2, SIDE, CELL)
    off = ((x[None, :, None] - marked[:, 0]) ** 2) + ((x[:, None, None] - marked[:, 1]) ** 2)
    heat = np.exp(-off / 2 / WIDTH**2).sum(axis=2)[::-1] / (2 * np.pi * WIDTH**2) * 1e6
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, kind, value in (
        (33550, 12, (float(CELL), float(CELL), 0.0)),
        (33922, 12, (0.0, 0, 0, WEST, SOUTH + float(SIDE), 0)),
        (34735, 3, (1, 1, 0, 2, 1025, 0, 1, 1, 3072, 0, 1, 2154)),
    ):
        tags[tag], tags.tagtype[tag] = value, kind
    Image.fromarray(heat.astype(np.float32)).save(made / "heat.tif", tiffinfo=tags)
    share = (heat / heat.max()).repeat(10, 0).repeat(10, 1)[..., None]
    image = np.array(COLD) * (1 - share) + np.array(HOT) * share
    Image.fromarray(image.round().astype(np.uint8)).save(made / "plain.png")
    beside = np.full((len(image), 100, 3), 255.0)
    beside[50:-50, 30:60] = np.linspace(HOT, COLD, len(image) - 100)[:, None]
    whole = np.concatenate([image, beside], axis=1)
    Image.fromarray(whole.round().astype(np.uint8)).save(made / "legend.png")
    return made


def command(folder, name, *more):
    out = folder / f"report-{name}"
    addresses = str(folder / "adresses.csv")
    status = main(["map", str(folder / name), "--addresses", addresses, "--out", str(out), *more])
    return status, out


def edges(width):
    return f"{WEST},{SOUTH},{WEST + width},{SOUTH + SIDE}"


BAR = ("--bbox", edges(SIDE + 100 * CELL / 10))
PLAIN = ("--bbox", edges(SIDE), "--legend", "#1e3cff,#ff3c1e")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "more", "assumed"),
    [
        ("heat.tif", (), ["values of the file"]),
        ("legend.png", (*BAR, "--dots", "14"), ["colour bar", "14 dots"]),
    ],
)
def test_heat_is_known_by_its_file_and_the_scale_is_said(folder, capsys, name, more, assumed):
    status, out = command(folder, name, *more)
    assert status == 0, capsys.readouterr().err
    found = json.loads((out / "findings.json").read_text())
    rows = {row["id"]: row for row in found["findings"]}
    # What was drawn; how wide a dot is nothing says but the heat, and 100 colours blur it.
    assert rows["heat.dots"]["value"] == pytest.approx(DOTS, abs=1)
    assert rows["heat.bandwidth"]["value"] == pytest.approx(WIDTH, rel=0.3)
    assert rows["heat.reidentified"]["value"] is None
    text = (out / "annex.html").read_text().replace("\xa0", " ")
    for words in assumed:
        assert words in text


@pytest.mark.heavy
def test_clicks_place_a_picture_of_heat(folder, capsys):
    """Three corners that were clicked to a pixel, 2.5 m, and no box."""
    corners = [
        (0, 1, WEST, SOUTH + SIDE),
        (320, 0, WEST + SIDE, SOUTH + SIDE),
        (1, 320, WEST, SOUTH),
    ]
    clicks = pd.DataFrame(corners, columns=["column", "row", "x", "y"])
    clicks.to_csv(folder / "clicks.csv", index=False)
    more = ("--clicks", str(folder / "clicks.csv"), "--legend", "#1e3cff,#ff3c1e", "--dots", "14")
    status, out = command(folder, "plain.png", *more)
    assert status == 0, capsys.readouterr().err
    rows = {one["id"]: one for one in json.loads((out / "findings.json").read_text())["findings"]}
    assert rows["heat.dots"]["value"] == DOTS
    assert rows["heat.bandwidth"]["value"] == pytest.approx(WIDTH, rel=0.05)
    claimed = rows["heat.claimed"]
    assert claimed["low"] <= claimed["value"] <= claimed["high"]
    assert "placed by 3 clicks" in (out / "annex.html").read_text().replace("\xa0", " ")


def test_a_map_of_dots_with_a_legend_is_no_heat(tmp_path):
    from privaudit.campaign.views.dot_map import Screenshot
    from privaudit.screenshots.read_heat import is_heat

    at = np.random.default_rng(1).random((60, 2)) * 800
    image = Screenshot(metres_per_pixel=2, basemap="streets")(at, np.arange(60) < 30).image
    image[20:40, 20:120] = 255
    for row, colour in ((25, (214, 39, 40)), (33, (128, 128, 128))):
        image[row : row + 6, 24:30] = colour
    Image.fromarray(image).save(tmp_path / "dots.png")
    assert not is_heat(tmp_path / "dots.png")


def test_a_picture_without_a_bar_needs_its_colours(folder, monkeypatch):
    """Which scale is told reaches the reader, and the command that the report prints."""
    from privaudit.studies import audit_views as study

    monkeypatch.setattr(study, "audit_heat", lambda release, seed: _nothing(release))
    made = study.audit_heat_map(
        study.SeizedHeat(
            leak=folder / "plain.png", addresses=folder / "adresses.csv", commune="94042",
            bbox=tuple(map(float, edges(SIDE).split(","))), legend=["#1e3cff", "#ff3c1e"], top=500,
        )
    )  # fmt: skip
    assert {"heat_by_scale_told", "heat_top_told"} <= {note.key for note in made.notes}
    assert "--legend '#1e3cff,#ff3c1e' --top 500" in made.command


def _nothing(release):
    from privaudit.results.measures import Measures
    from privaudit.results.rows import Rows

    rows = Rows(0, "dots")
    rows.count("dots", 0, "dots")
    return Measures(family="heat", rows=rows, provenance=release.provenance)


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("heat.tif", ("--register", "x.csv"), "--register"),
        ("legend.png", (*BAR, "--reveal-rows"), "--reveal-rows"),
        ("legend.png", (), "where the picture lies"),
        ("plain.png", (*PLAIN, "--clicks", "absent.csv"), "absent.csv"),
        ("adresses.csv", ("--dots", "8"), "one heat map"),
        ("plain.png", ("--bbox", edges(SIDE), "--legend", "red"), "two colours"),
    ],
)
def test_what_does_not_go_with_a_heat_map_is_refused(folder, capsys, name, more, said):
    status, _ = command(folder, name, *more)
    told = capsys.readouterr().err
    assert status == 2
    assert said in told
    assert len(told.strip().splitlines()) == 1
