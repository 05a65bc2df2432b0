"""Maps that Leaflet and MapLibre draw in Chromium, read back: how many dots, how surely.

Needs `make browser`; skipped with the reason where npm's packages or Chromium are not there.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from privaudit.measures.maps.links import link_positions
from privaudit.release.pictures.picture_dots import picture_dots

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from web_maps import CHROMIUM, LEAFLET, Web, drawn, job, town  # noqa: E402

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium is installed here"),
    pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js is installed here"),
    pytest.mark.skipif(
        not (HERE / "node_modules" / "leaflet").exists(), reason="leaflet: run `make browser`"
    ),
]
DOTS = 400
# How a map is drawn; recall and precision at least.
DEFAULT = {
    "red and grey": (Web(), "red", 0.9, 0.95),
    "blue and grey": (Web(red="#1f77b4"), "blue", 0.9, 0.95),
    "names below": (Web(names="below"), "red", 0.9, 0.95),
    "no names": (Web(names=""), "red", 0.9, 0.95),
    "of radius 8": (Web(options=LEAFLET | {"radius": 8}), "red", 0.85, 0.95),
    "retina": (Web(scale=2), "red", 0.9, 0.95),
    "no outline": (Web(options=LEAFLET | {"weight": 0, "opacity": 0}), "red", 0.85, 0.9),
    "half opaque": (Web(options=LEAFLET | {"fillOpacity": 0.5}), "red", 0.75, 0.85),
    "white outline": (Web(options=LEAFLET | {"color": "#ffffff", "weight": 1.5}), "red", 0.75, 0.9),
}


@pytest.fixture(scope="module")
def maps(tmp_path_factory):
    """For each look and town: the picture, what the browser says of it, which dots are red."""
    folder, jobs, red = tmp_path_factory.mktemp("maps"), [], []
    for look, (web, *_) in DEFAULT.items():
        for seed in (1, 2, 3) if web == Web() else (4,):
            rng, base = np.random.default_rng([5, seed]), town(seed, streets=50 + 10 * seed)
            home = rng.choice(len(base), DOTS, replace=False)
            red.append(rng.random(DOTS) < 0.5)
            jobs.append(job(base, home, red[-1], web, out=folder / f"{len(jobs)}.png", seed=seed))
            jobs[-1]["look"] = look
    return list(zip(jobs, drawn(jobs, folder), red, strict=True))


def rates(found, told, red, scale):
    """Return recall and precision: dots of each colour within three pixels of where they stand."""
    right = 0
    for colour in (True, False):
        seen = found.pixel[found.red == colour]
        if len(seen):
            right += (link_positions(told["dots"][red == colour], seen, 3.0 * scale) >= 0).sum()
    return right / len(red), right / len(found.pixel)


@pytest.mark.parametrize("look", DEFAULT)
def test_dots_of_a_web_map_are_read(maps, look):
    _, colour, recall, precision = DEFAULT[look]
    for asked, told, red in maps:
        if asked["look"] != look:
            continue
        image = np.asarray(Image.open(asked["out"]).convert("RGB"))
        found = picture_dots(image, colour=colour)
        measured = rates(found, told, red, asked["scale"])
        assert measured[0] >= recall, (look, measured)
        assert measured[1] >= precision, (look, measured)
        assert found.shown.low <= 1.02 * DOTS, (look, found.shown)
        assert found.shown.high >= DOTS, (look, found.shown)
