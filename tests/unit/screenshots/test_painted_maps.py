"""Maps with roofs, aerial photographs, numbers and letters are read rightly or refused."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from privaudit.cli import main
from privaudit.errors import ReadError
from privaudit.screenshots.cluster_markers import MarkCount
from privaudit.screenshots.picture_dots import PictureDots
from privaudit.screenshots.read_screenshot import refuse_unless_counted
from privaudit.screenshots.template_fit import agreement

FILE = Path(__file__).parents[3] / "benchmarks" / "painted_maps.py"


@pytest.fixture(scope="module")
def maps():
    spec = importlib.util.spec_from_file_location("painted_maps", FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


QGIS = {"fill": (31, 119, 180), "radius": 3.8}
LOOKS = {
    # 53 grey marks were read among buildings and names, 30 of them dots.
    "grey among buildings": ("right", "qgis", "buildings", QGIS | {"grey": 0.4}),
    # 64 grey marks were read for none, and a range of 191 to 10,672 for 80.
    "squares": ("right", "square", "streets", {"fill": (31, 119, 180), "radius": 5.0}),
    # A number may be that of a place in a list, or a count: only who says which has them read.
    "numbered": ("refused", "numbered", "streets", {"radius": 10.0, "number": 50}),
    # Dots on a photograph from the air: of 77 that were read for 80, 69 were dots, and 64 grey
    # trees and roofs were read too.
    "satellite": ("right", "qgis", "satellite", QGIS | {"fill": (190, 207, 80)}),
    # 1,304 dots were read for 80.
    "roofs of nearly the colour": ("refused", "qgis", "satellite", QGIS | {"fill": (183, 72, 75)}),
    # Beside 80 green dots 80 to 464 grey ones were read, where none is: pieces of roads and fields.
    "fields": ("right", "disc", "fields", {"fill": (120, 160, 110), "radius": 5.0}),
    "rims over fields": ("right", "qgis", "fields", {"fill": (110, 150, 120), "radius": 4.6}),
    # 110 to 158 pins were read, and 74 discs, where nothing is marked.
    "roofs without a mark": ("refused", "disc", "roofs", {"number": 0, "asked": "red"}),
    # 160 pieces of dark rims were read as grey dots.
    "rims": ("right", "qgis", "plain", {"fill": (114, 155, 111), "radius": 4.6}),
    # The grey of buildings was taken for a crowd of pins: 45 to 265, refused, or an IndexError.
    "pins": ("right", "pin", "buildings", {"radius": 6.0, "number": 45}),
    # 80 that overlap were read as pins, with a range of 74 to 109.
    "clusters": ("refused", "cluster", "buildings", {"fill": (110, 204, 57), "radius": 15.0}),
    "letters": ("refused", "letter", "brick", {"radius": 6.0}),
}


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.parametrize("look", LOOKS)
def test_a_painted_map_is_read_rightly_or_refused(maps, look):
    what, mark, ground, more = LOOKS[look]
    picture = maps.painted(maps.Look(mark, ground, **more), [1_000, 6])
    assert maps.outcome(picture)[0] == what, maps.outcome(picture)[1:]


# Of the looks that the reader was not developed on, those that were read wrongly, and why they are
# refused: 63 dots were read of 100 triangles, 68 grey ones of the rims of 80 violet marks where red
# was asked for, and 44 clusters at night as pins.
WRONG = {16: "with three corners", 22: "marks whose fill is pink", 64: "blue pins of one"}


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.parametrize("number", WRONG)
def test_what_was_read_wrongly_is_refused(maps, number):
    make, seed = maps.FAMILIES["held"]
    what, *_, words = maps.outcome(maps.painted(make()[number], [seed, number, 0]))
    assert what == "refused"
    assert WRONG[number] in words


@pytest.fixture(scope="module")
def symbols():
    """Return a picture of twenty discs and eight boxes of their area, and where they are."""
    rng = np.random.default_rng(2)
    at = np.stack(np.meshgrid(np.arange(7) * 40 + 25.3, np.arange(4) * 40 + 25.6), -1)
    at = rng.permutation(at.reshape(-1, 2))
    row, column = np.mgrid[:180, :300] + 0.5
    inside = np.zeros((180, 300), bool)
    for k, (x, y) in enumerate(at):
        disc = np.hypot(column - x, row - y) < 6
        inside |= disc if k < 20 else (np.abs(column - x) < 9) & (np.abs(row - y) < 3.1)
    return np.where(inside[..., None], [214, 39, 40], 240).astype(np.uint8), at


def test_marks_of_another_outline_do_not_agree(symbols):
    image, at = symbols
    marks = agreement(image, at, 6.0, at)
    assert marks.tested.all()
    assert marks.alike.tolist() == [True] * 20 + [False] * 8
    assert marks.share == pytest.approx(20 / 28)
    assert np.abs(marks.outline - 6).max() < 0.8


def test_a_mark_under_another_is_not_tested(symbols):
    image, at = symbols
    # Marks all round the first leave no ray of it free.
    around = at[0] + 6 * np.stack([np.cos(np.arange(8.0)), np.sin(np.arange(8.0))], 1)
    marks = agreement(image, at[:20], 6.0, np.vstack([at, around]))
    assert not marks.tested[0]
    assert marks.share == 1


def dots(shown):
    low, about, high = shown
    at = np.arange(20.0).reshape(10, 2)
    return PictureDots(
        pixel=at, error=np.ones(10), red=np.ones(10, bool), radius=4.0, refused=0, step=0.0,
        clusters=3, in_clusters=MarkCount(low - 10, about - 10, high - 10),
    )  # fmt: skip


def test_a_range_that_says_nothing_is_refused():
    refuse_unless_counted(dots((12.0, 20.0, 36.0)))
    with pytest.raises(ReadError, match="10 read of 12 to 37"):
        refuse_unless_counted(dots((12.0, 20.0, 37.0)))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_refused_picture_has_no_page_no_range_and_no_row(tmp_path, capsys, language):
    """The headline refused, and `picture_shows` and rows at probability .994 stood below it."""
    picture = Image.new("RGB", (300, 180), "white")
    pen = ImageDraw.Draw(picture)
    for k in range(5):
        pen.ellipse((40 * k + 20, 20, 40 * k + 29, 29), fill=(214, 39, 40))
        pen.ellipse((56 * k + 10, 100, 56 * k + 50, 140), fill=(110, 204, 57))
        pen.text((56 * k + 30, 120), "37", fill="black", anchor="mm", font_size=13)
    picture.save(tmp_path / "shot.png")
    lines = ["id;code_insee;nom_commune;numero;nom_voie;x;y"]
    lines += [
        f"94042_{k};94042;Bourg;{k + 1};rue A;{650_000 + k * 9}.0;{6_860_000 + k * 7 % 180}.0"
        for k in range(30)
    ]
    (tmp_path / "adresses.csv").write_text("\n".join(lines))
    status = main(
        ["map", str(tmp_path / "shot.png"), "--addresses", str(tmp_path / "adresses.csv"),
         "--bbox", "650000,6860000,650300,6860180", "--mask", "none", "--reveal-rows",
         "--lang", language,
         "--out", str(tmp_path / "out")]
    )  # fmt: skip
    errors = [line for line in capsys.readouterr().err.splitlines() if "privaudit:" in line]
    assert status == 2
    assert len(errors) == 1
    # Five dots, and five clusters of 10 to 99.
    assert "5 read of 55 to 500" in errors[0]
    assert not (tmp_path / "out").exists()
