"""Photographs of a screen: laid flat by its corners, by four clicks, or by itself."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.errors import GeometryError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.version_links import link_positions
from privaudit.screenshots.placement import flat_size, flattened, homography, screen_corners
from privaudit.screenshots.read_screenshot import read_screenshot

WIDE, TALL, DOTS = 1200, 900, 60
# Where the corners of the screen are on the photograph, from the upper left clockwise.
SEEN = np.array([[120.0, 90], [1100, 60], [1060, 850], [150, 800]])


@pytest.fixture(scope="module")
def scene():
    """A map of sixty dots, its box, and a photograph of it before a dark wall."""
    rng = np.random.default_rng(9)
    xy = rng.random((400, 2)) * [1500, 1200] + [650_000, 6_850_000]
    frame = pd.DataFrame(xy, columns=["x", "y"]).assign(
        id=[str(k) for k in range(400)], number="1", street="s", commune="c", station=""
    )
    base = AddressBase(
        frame[["id", "number", "street", "commune", "station", "x", "y"]], real=False
    )
    shot = Screenshot(metres_per_pixel=2, basemap="streets")(xy[:DOTS], np.arange(DOTS) < 30)
    high, wide = shot.image.shape[:2]
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], float)
    back = homography(SEEN, flat)
    photo = Image.fromarray(shot.image).transform(
        (WIDE, TALL), Image.Transform.PERSPECTIVE, tuple((back / back[2, 2]).reshape(-1)[:8]),
        Image.Resampling.BICUBIC, fillcolor=(30, 28, 26),
    )  # fmt: skip
    noise = rng.normal(0, 3, (TALL, WIDE, 3))
    seen = (np.asarray(photo) * 0.93 + noise).clip(0, 255).astype(np.uint8)
    return base, shot, seen, homography(flat, SEEN)


def recall(leak, base):
    found = link_positions(base.xy[:DOTS], leak.records[["x", "y"]].to_numpy(), 6.0)
    return (found >= 0).mean()


def test_the_corners_of_a_screen_are_found(scene):
    assert np.abs(screen_corners(scene[2]) - SEEN).max() < 4
    # A screenshot, or a dark picture, has no screen in it.
    assert screen_corners(scene[1].image) is None
    assert screen_corners(np.zeros((300, 400, 3), np.uint8)) is None


@pytest.mark.heavy
def test_a_photograph_is_laid_flat_by_the_screen_that_it_shows(scene):
    base, shot, photo, _ = scene
    leak = read_screenshot(photo, addresses=base, bbox=shot.box)
    assert "picture_flat_by_screen" in [note.key for note in leak.notes]
    assert recall(leak, base) >= 0.85


def test_a_photograph_is_read_by_four_clicks(scene):
    base, shot, photo, matrix = scene
    high, wide = shot.image.shape[:2]
    at = np.array([[0.1, 0.1], [0.9, 0.2], [0.8, 0.9], [0.15, 0.85], [0.5, 0.5]]) * [wide, high]
    seen = np.column_stack([at, np.ones(5)]) @ matrix.T
    clicks = np.column_stack([seen[:, :2] / seen[:, 2:], shot.georeference.to_metres(at)])
    # Cut where no dark wall shows the screen: nothing but the clicks lays it flat.
    cut = photo[110:790, 170:1050]
    clicks[:, :2] -= [170, 110]
    leak = read_screenshot(cut, addresses=base, clicks=clicks)
    assert "picture_flat_by_clicks" in [note.key for note in leak.notes]
    assert recall(leak, base) >= 0.75


def test_how_wide_a_screen_is_follows_from_its_perspective():
    """A screen of 13:10 turned 25 and 17 degrees before a lens of 1,000 pixels: by projection."""
    corner = np.array([[-3.9, -3, 0], [3.9, -3, 0], [3.9, 3, 0], [-3.9, 3, 0]])
    (c, s), (d, t) = ((np.cos(a), np.sin(a)) for a in np.radians([25, 17]))
    turned = corner @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]]).T
    turned = turned @ np.array([[1, 0, 0], [0, d, -t], [0, t, d]]).T + [0, 0, 20]
    seen = 1000 * turned[:, :2] / turned[:, 2:] + np.array([600, 450])
    wide, high = flat_size(seen, (900, 1200))
    assert wide / high == pytest.approx(1.3, rel=0.001)


def test_clicks_that_no_view_shows_are_refused(scene):
    clicks = np.array([[0, 0, 0, 0], [900, 0, 900, 0], [0, 700, 500, -50], [900, 700, 0, -700]])
    with pytest.raises(GeometryError, match="clicks"):
        read_screenshot(scene[2], addresses=scene[0], clicks=clicks.astype(float))


@pytest.fixture(scope="module")
def sheet():
    """A bright sheet of which one side is slanted, on a dark table."""
    image = np.zeros((200, 300, 3), np.uint8)
    row, column = np.mgrid[:200, :300]
    image[(row > 20 + column / 10) & (row < 170) & (column > 30) & (column < 260)] = 220
    return image


def test_clicks_go_with_the_screen_that_is_laid_flat(sheet):
    """The corners of the screen are those of the flat picture, whose sides are whole pixels."""
    metres = np.array([[0.0, 0], [900, 0], [0, -700]])
    clicks = np.column_stack([screen_corners(sheet)[[0, 1, 3]], metres])
    image, moved, notes = flattened(sheet, clicks, who="test")
    assert [note.key for note in notes] == ["picture_flat_by_screen"]
    high, wide = image.shape[:2]
    np.testing.assert_allclose(moved[:, :2], [[0, 0], [wide, 0], [0, high]], atol=0.5)
    assert moved[:, 2:].tolist() == metres.tolist()


@pytest.mark.parametrize("clicks", [None, [[40.0, 50, 1]], [[40.0, 50, 1, 2, 3]], [40.0, 50, 1, 2]])
def test_what_are_no_clicks_of_four_columns_is_left_to_be_refused(sheet, clicks):
    given = None if clicks is None else np.array(clicks)
    _, left, notes = flattened(sheet, given, who="test")
    assert left is given
    assert [note.key for note in notes] == ["picture_flat_by_screen"]
