"""Maps that Leaflet and MapLibre draw in Chromium, read back: how many marks, how surely.

Needs `make browser`; skipped with the reason where npm's packages or Chromium are not there.
"""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from privaudit.errors import ReadError
from privaudit.maps.version_links import link_positions
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.placement import flattened
from privaudit.screenshots.registration import fit_affine
from tests.fixtures.chromium import needs

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from cameras import moved, photographed, scanned  # noqa: E402
from web_maps import LEAFLET, Web, drawn, job, town  # noqa: E402

pytestmark = needs("leaflet")
DOTS, PINS = 400, 120
CIRCLE = {"radius": 6, "fillOpacity": 0.9, "weight": 1, "color": "#333333"}
WHITE = {"radius": 6, "fillOpacity": 1, "weight": 1.5, "color": "#ffffff"}
LEGEND = [["#d62728", "to meet"], ["#808080", "visited"]]
# How a map is drawn, and the colour to meet; recall and precision at least.
LOOKS = {
    "default": (Web(), "red", 0.9, 0.95),
    "blue, other ground": (Web(red="#1f77b4", theme="google"), "blue", 0.9, 0.95),
    "names below": (Web(names="below"), "red", 0.9, 0.95),
    "no names": (Web(names=""), "red", 0.9, 0.95),
    "legend": (Web(legend=LEGEND), "red", 0.9, 0.95),
    "of radius 8": (Web(options=LEAFLET | {"radius": 8}), "red", 0.85, 0.95),
    "retina": (Web(scale=2), "red", 0.88, 0.95),
    "no outline": (Web(options=LEAFLET | {"weight": 0, "opacity": 0}), "red", 0.8, 0.9),
    "half opaque": (Web(options=LEAFLET | {"fillOpacity": 0.5}), "red", 0.75, 0.85),
    "white outline": (
        Web(options=LEAFLET | {"color": "#ffffff", "weight": 1.5}),
        "red",
        0.78,
        0.93,
    ),
    "MapLibre": (Web(library="maplibre", options=CIRCLE), "red", 0.9, 0.95),
    "MapLibre, white": (Web(library="maplibre", options=WHITE), "red", 0.78, 0.93),
    "MapLibre, plain": (Web(library="maplibre", options={"radius": 5}), "red", 0.8, 0.93),
    "Leaflet's pins": (Web(kind="icon", red="blue", grey="grey"), "blue", 0.9, 0.95),
    "pins, retina": (Web(kind="icon", red="red", grey="grey", scale=2), "red", 0.9, 0.93),
    "red pins": (Web(kind="pin", red="#ea4335", theme="google"), "red", 0.9, 0.95),
    "MapLibre's pins": (Web(library="maplibre", kind="pin", red="#d62728"), "red", 0.85, 0.95),
}


def drawn_as(looks, folder, seed, *, marks=None, **size):
    """Return, for each look: the picture, what the browser says of it, which marks are red."""
    jobs, red = [], []
    for k, (web, *_) in enumerate(looks):
        rng, base = np.random.default_rng([5, seed + k]), town(seed + k, **size)
        many = marks or (DOTS if web.kind in ("circle", "cluster") else PINS)
        home = rng.choice(len(base), many, replace=False)
        red.append(rng.random(many) < 0.5)
        jobs.append(job(base, home, red[-1], web, out=folder / f"{k}.png", seed=seed + k))
    told = drawn(jobs, folder)
    images = [np.asarray(Image.open(one["out"]).convert("RGB")) for one in jobs]
    return list(zip(images, told, red, strict=True))


@pytest.fixture(scope="module")
def maps(tmp_path_factory):
    looks = list(LOOKS.values())
    made = []
    for k in range(0, len(looks), 6):
        part = looks[k : k + 6]
        made += drawn_as(part, tmp_path_factory.mktemp("maps"), 100 + k, streets=60)
    return dict(zip(LOOKS, made, strict=True))


def rates(found, at, red, scale):
    """Return recall and precision: marks of each colour within three pixels of where they stand."""
    right = 0
    for colour in (True, False):
        seen = found.pixel[found.red == colour]
        if len(seen):
            right += (link_positions(at[red == colour], seen, 3.0 * scale) >= 0).sum()
    return right / len(red), right / len(found.pixel)


def held(found, at, red, least, scale=1.0):
    measured = rates(found, at, red, scale)
    assert measured[0] >= least[0], measured
    assert measured[1] >= least[1], measured
    # A mark too many that is read is no mark less that is shown.
    assert found.shown.low <= 1.03 * len(red), found.shown
    assert found.shown.high >= len(red), found.shown


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_marks_of_a_web_map_are_read(maps, look):
    web, colour, *least = LOOKS[look]
    image, told, red = maps[look]
    held(picture_dots(image, colour=colour), told["dots"], red, least, web.scale)


def test_a_small_map_is_read(tmp_path):
    """The same, of a small map: fast enough for every day."""
    looks = [LOOKS["MapLibre"]]
    small = {"streets": 12, "width": 900.0, "height": 700.0}
    ((image, told, red),) = drawn_as(looks, tmp_path, 71, marks=40, **small)
    held(picture_dots(image, colour="red"), told["dots"], red, (0.85, 0.93))


@pytest.mark.slow
def test_a_photograph_of_a_screen_is_read(maps):
    """Aslant, with moiré, a glare, blur and compression; four places on it are known."""
    image, told, red = maps["default"]
    photo, matrix = photographed(image, np.random.default_rng(3))
    known = np.array([[0.1, 0.1], [0.9, 0.15], [0.85, 0.9], [0.1, 0.8]]) * image.shape[1::-1]
    clicks = np.column_stack([moved(known, matrix), known * [1, -1]])
    flat, clicks, _ = flattened(photo, clicks, who="test")
    to = fit_affine(clicks[:, 2:] * [1, -1], clicks[:, :2]).matrix
    held(picture_dots(flat), moved(told["dots"], to), red, (0.7, 0.88), np.hypot(*to[:, 0]))


@pytest.mark.slow
def test_a_scan_is_read(maps):
    """A degree or two askew, with noise, on paper with a border."""
    image, told, red = maps["default"]
    scan, matrix = scanned(image, np.random.default_rng(3))
    held(picture_dots(scan), moved(told["dots"], matrix), red, (0.82, 0.9))
    grey, _ = scanned(image, np.random.default_rng(3), grey=True)
    with pytest.raises(ReadError, match="without colours"):
        picture_dots(grey)


@pytest.mark.slow
def test_clusters_stay_in_the_denominator(tmp_path):
    """Clusters with a number, and the few pins that stand alone: what is shown holds them all."""
    web = Web(kind="cluster", red="blue", grey="blue", zoom=16, options={"maxClusterRadius": 40})
    image, told, red = drawn_as([(web,)], tmp_path, 53, marks=200)[0]
    found = picture_dots(image, colour="blue")
    assert len(told["bubbles"]) >= 10
    assert found.clusters >= 0.8 * len(told["bubbles"])
    assert found.shown.low < len(red) <= found.shown.high
