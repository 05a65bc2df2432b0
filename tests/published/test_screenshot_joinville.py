"""From a screenshot of Joinville-le-Pont to doors: what colour alone found, and what edges add.

2,225 real addresses. Red dots of radius 4 pixels on a share of them, grey dots on 30 %, drawn
under the red; PNG; three repetitions. A door is found when it is the nearest address of a red
dot that was read: precision is the share of such doors that have a red dot, recall the share of
doors with a red dot that are found. By chance precision would be the share of red dots.

Floors are the project's notes: precision that colour segmentation alone reached, computed once
apart from this code, and the recall asked of a reader that splits overlaps.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.io.addresses import read_addresses
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.mask import Exact
from privaudit.release.release import Georeference, zoom_resolution
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.read_screenshot import read_screenshot
from privaudit.screenshots.registration import fit_affine
from privaudit.stats.calibration import expected_calibration_error

pytestmark = pytest.mark.heavy

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "val-de-marne-addresses.csv.gz"
RADIUS, REPETITIONS = 4.0, 3
# Share of red dots, zoom: precision that colour alone reached, recall to reach.
FLOORS = {
    (0.05, 13): (0.37, 0.09),
    (0.05, 14): (0.67, 0.60),
    (0.05, 15): (0.93, 0.90),
    (0.05, 16): (0.99, 0.95),
    (0.2, 14): (0.57, 0.30),
    (0.2, 15): (0.86, 0.70),
    (0.2, 16): (0.98, 0.88),
}
# Three clicks off by two pixels, 5 % red: what colour alone and the nearest address reached.
CLICKED = {13: (0.32, 0.08), 14: (0.41, 0.28), 15: (0.70, 0.63), 16: (0.93, 0.89)}


@pytest.fixture(scope="module")
def base():
    if not FILE.exists():
        pytest.skip("needs ../shared/data: the address file of Val-de-Marne")
    return read_addresses(FILE, commune="94042")


def scene(base, share, zoom, repetition, whole_pixels=False, **look):
    """Draw a map: the picture, the homes of its dots, red ones first, and how many are red."""
    rng = np.random.default_rng([repetition, zoom, round(100 * share)])
    order = rng.permutation(len(base))
    red = round(share * len(base))
    home = order[: red + round(0.3 * len(base))]
    step, at = zoom_resolution(zoom, 48.8), base.xy[home]
    if whole_pixels:
        low = base.xy.min(axis=0)
        at = (np.floor((at - low) / step) + 0.5) * step + low
    draw = Screenshot(metres_per_pixel=step, dot_radius=RADIUS, **look)
    shot = draw(at, np.arange(len(home)) < red)
    return shot, home, red


def doors(leak, base, adversary=None):
    """Return the addresses to which the red dots are traced, each once."""
    found = guess(leak.as_leaked(), adversary or Adversary.nearest(), rng=np.random.default_rng(0))
    red = (leak.records["status"] == "to_meet").to_numpy()
    return set(found.address[red & (found.address >= 0)].tolist())


def precision_recall(traced, true):
    hit = len(traced & set(true.tolist()))
    return hit / max(len(traced), 1), hit / len(true)


def clicks_off_by_two_pixels(shot, repetition):
    height, width = shot.image.shape[:2]
    pixel = np.array([[0.1, 0.1], [0.9, 0.15], [0.5, 0.9]]) * [width, height]
    angle = np.random.default_rng(repetition).uniform(0, 2 * np.pi, 3)
    moved = pixel + 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.column_stack([moved, shot.georeference.to_metres(pixel)])


@pytest.mark.sampled
@pytest.mark.parametrize("whole_pixels", [False, True], ids=["exact", "whole pixels"])
@pytest.mark.parametrize(("share", "zoom"), FLOORS)
def test_splitting_overlaps_recovers_the_addresses(visible_edge, base, share, zoom, whole_pixels):
    rates, limits = [], []
    for repetition in range(REPETITIONS):
        shot, home, red = scene(base, share, zoom, repetition, whole_pixels)
        leak = read_screenshot(shot.image, addresses=base, bbox=shot.box)
        rates.append(precision_recall(doors(leak, base), home[:red]))
        seen = visible_edge(shot.georeference.to_pixels(base.xy[home[:red]]), RADIUS) > 0
        limits.append(seen.mean())
    precision, recall = np.mean(rates, axis=0)
    print(
        f"{share:.0%} red, zoom {zoom}: precision {precision:.2f}, recall {recall:.2f}; "
        f"an oracle that sees every visible edge: {np.mean(limits):.2f}"
    )
    least_precision, least_recall = FLOORS[share, zoom]
    assert precision >= least_precision
    assert recall >= least_recall
    # Nobody sees a dot that shows no edge, but a door may be found by luck.
    assert recall <= np.mean(limits) + share


@pytest.mark.sampled
@pytest.mark.parametrize("zoom", [13, 14, 15, 16])
def test_a_picture_finds_its_place_by_itself(base, zoom):
    shot, home, red = scene(base, 0.05, zoom, 0, whole_pixels=True)
    known = read_screenshot(shot.image, addresses=base, bbox=shot.box)
    alone = read_screenshot(shot.image, addresses=base)
    for sought, given in zip(
        precision_recall(doors(alone, base), home[:red]),
        precision_recall(doors(known, base), home[:red]),
        strict=True,
    ):
        assert sought >= 0.95 * given


@pytest.mark.sampled
@pytest.mark.parametrize("zoom", CLICKED)
def test_the_posterior_mends_clicks_that_are_off(base, zoom):
    mended, believed = [], []
    for repetition in range(REPETITIONS):
        shot, home, red = scene(base, 0.05, zoom, repetition, whole_pixels=True)
        clicks = clicks_off_by_two_pixels(shot, repetition)
        leak = read_screenshot(shot.image, addresses=base, clicks=clicks)
        knows = doors(leak, base, Adversary.knows_mask(Exact()))
        mended.append(precision_recall(knows, home[:red]))
        # The same dots where the clicks say, and the nearest address.
        dots = picture_dots(shot.image)
        place = Georeference(fit_affine(clicks[:, :2], clicks[:, 2:]).matrix)
        nearest = cKDTree(base.xy).query(place.to_metres(dots.pixel[dots.red]))[1]
        believed.append(precision_recall(set(nearest.tolist()), home[:red]))
    mended, believed = np.mean(mended, axis=0), np.mean(believed, axis=0)
    print(
        f"zoom {zoom}, three clicks off by 2 pixels: {mended[0]:.2f}/{mended[1]:.2f}; "
        f"nearest to where they say {believed[0]:.2f}/{believed[1]:.2f}"
    )
    assert (mended > CLICKED[zoom]).all()
    assert (mended > believed).all()


@pytest.mark.sampled
@pytest.mark.parametrize("zoom", [14, 15, 16])
def test_the_posterior_is_about_as_sure_as_it_is_right(base, zoom):
    sure, right, naive = [], [], []
    for repetition in range(REPETITIONS):
        shot, home, _ = scene(base, 0.05, zoom, repetition, whole_pixels=True)
        leak = read_screenshot(shot.image, addresses=base, bbox=shot.box)
        # A dot stands for the home that was drawn nearest to it.
        own = cKDTree(base.xy[home]).query(leak.records[["x", "y"]].to_numpy())[1]
        rng = np.random.default_rng(0)
        found = guess(leak.as_leaked(), Adversary.knows_mask(Exact()), rng=rng)
        nearest = guess(leak.as_leaked(), Adversary.nearest(), rng=rng)
        sure.append(found.confidence)
        right.append(found.address == home[own])
        naive.append(nearest.confidence)
    sure, right, naive = (np.concatenate(values) for values in (sure, right, naive))
    error = expected_calibration_error(sure, right)
    print(f"zoom {zoom}: calibration error {error:.3f}, nearest address {len(right)} dots")
    assert error < 0.02
    assert error <= expected_calibration_error(naive, right)


def test_streets_hard_edges_and_compression_cost_little(base):
    for look, least in (({"basemap": "streets"}, 0.90), ({"antialias": False}, 0.90)):
        shot, home, red = scene(base, 0.05, 15, 0, **look)
        leak = read_screenshot(shot.image, addresses=base, bbox=shot.box)
        precision, recall = precision_recall(doors(leak, base), home[:red])
        assert precision >= 0.93, look
        assert recall >= least, look


def test_a_compressed_file_is_read(base, tmp_path):
    shot, home, red = scene(base, 0.05, 15, 0, basemap="streets")
    leak = read_screenshot(
        shot.save(tmp_path / "leak.jpg", quality=80), addresses=base, bbox=shot.box
    )
    precision, recall = precision_recall(doors(leak, base), home[:red])
    assert precision >= 0.9
    assert recall >= 0.85


def test_a_picture_of_dots_alone_has_no_mark_that_is_none(base):
    for repetition in range(REPETITIONS):
        shot, home, red = scene(base, 0.05, 15, repetition)
        leak = read_screenshot(shot.image, addresses=base, bbox=shot.box)
        assert leak.set_aside == {}
        # Grey dots are homes too: those that show an edge are nearly all found.
        grey = leak.records.loc[leak.records["status"] == "visited", ["x", "y"]]
        nearest = set(cKDTree(base.xy).query(grey.to_numpy())[1].tolist())
        precision, recall = precision_recall(nearest, home[red:])
        assert precision >= 0.95
        assert recall >= 0.9
