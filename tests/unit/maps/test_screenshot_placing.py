"""Where a picture lies: its box, clicks, the pattern of addresses; and when that is refused."""

import json

import numpy as np
import pandas as pd
import pytest

from privaudit.campaign.views.dot_map import Screenshot
from privaudit.errors import GeometryError, ParameterError, ReadError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.maps.adversary import Adversary
from privaudit.maps.guess import guess
from privaudit.maps.masks.donut import Donut
from privaudit.screenshots.read_screenshot import read_screenshot
from privaudit.words.catalogues import Note

STEP = 2.0


def addresses(xy):
    x, y = np.asarray(xy, float).T
    frame = {"id": [f"a{i}" for i in range(len(x))], "number": "1", "street": "s", "commune": "c"}
    return AddressBase(pd.DataFrame({**frame, "station": "", "x": x, "y": y}), real=False)


@pytest.fixture(scope="module")
def town():
    """Six hundred addresses; dots on the first fifty; and their picture."""
    places = np.random.default_rng(8).random((600, 2)) * [1500, 1100] + [6000, 9000]
    shot = Screenshot(metres_per_pixel=STEP)(places[:50], np.arange(50) < 30)
    return addresses(places), shot


def found(leak, base, adversary=None):
    """Return which addresses were guessed."""
    rng = np.random.default_rng(0)
    return set(guess(leak.as_leaked(), adversary or Adversary.nearest(), rng=rng).address)


def corners(shot, error=0.0):
    """Three clicks in a large triangle, each off to the east by so many pixels."""
    height, width = shot.image.shape[:2]
    pixel = np.array([[20, 30], [width - 20, 60], [width / 2, height - 20]])
    return np.column_stack([pixel + np.array([error, 0]), shot.georeference.to_metres(pixel)])


def test_the_box_puts_every_dot_on_its_address(town):
    base, shot = town
    leak = read_screenshot(shot.image, addresses=base, bbox=shot.box)
    assert found(leak, base) == set(range(50))
    assert leak.records["status"].value_counts().to_dict() == {"to_meet": 30, "visited": 20}
    assert 0 < leak.resolution < 0.2 * STEP
    assert json.loads(json.dumps(leak.recipe))["placed by"] == {"key": "placed_by_bbox"}


def test_a_file_and_an_image_read_alike(town, tmp_path):
    base, shot = town
    leak = read_screenshot(shot.save(tmp_path / "leak.png"), addresses=base, bbox=shot.box)
    again = read_screenshot(shot.image, addresses=base, bbox=shot.box)
    pd.testing.assert_frame_equal(leak.records, again.records)
    assert leak.name == "leak.png"


def test_the_pattern_alone_finds_the_place(town):
    base, shot = town
    leak = read_screenshot(shot.image, addresses=base)
    assert found(leak, base) == set(range(50))
    placed = leak.notes[-1]
    assert placed.key == "picture_placed"
    assert placed.values["false_place"] < 1e-3


@pytest.mark.heavy
def test_clicks_that_are_off_are_mended_by_the_pattern(town):
    base, shot = town
    leak = read_screenshot(shot.image, addresses=base, clicks=corners(shot, error=4))
    assert found(leak, base) == set(range(50))
    frame = pd.DataFrame(corners(shot), columns=["column", "row", "x", "y"])
    assert found(read_screenshot(shot.image, addresses=base, clicks=frame), base) == set(range(50))
    with pytest.raises(SchemaError, match="'row'"):
        read_screenshot(shot.image, addresses=base, clicks=frame.drop(columns="row"))


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.parametrize("turn", [30, 90, 180])
def test_a_turned_picture_is_read_by_clicks_and_without(town, turn):
    base, _ = town
    angle = np.radians(turn)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shot = Screenshot(metres_per_pixel=STEP)(base.xy[:50] @ spin.T, np.ones(50, bool))
    clicks = corners(shot)
    clicks[:, 2:] = clicks[:, 2:] @ spin
    leak = read_screenshot(shot.image, addresses=base, clicks=clicks)
    assert found(leak, base) == set(range(50))
    alone = read_screenshot(shot.image, addresses=base)
    assert found(alone, base) == set(range(50))
    # The picture was made of places turned to the left: north is so far to the right of up.
    note = next(note for note in alone.notes if note.key == "picture_turned_against_grid")
    said = note.values["degrees"]
    assert np.cos(np.radians(said + turn)) == pytest.approx(1, abs=1e-3)


@pytest.mark.heavy
def test_a_stretched_picture_is_refused(town):
    base, shot = town
    wide = np.repeat(shot.image, 2, axis=1)
    clicks = corners(shot)
    clicks[:, 0] *= 2
    # Its dots are no circles any more.
    with pytest.raises(ReadError, match="marks of one size that are round"):
        read_screenshot(wide, addresses=base, clicks=clicks)


@pytest.mark.heavy
def test_dots_that_a_mask_moved_stand_nowhere(town):
    base, _ = town
    moved = Donut(r_min=50, r_max=200)(base.xy[:200], rng=np.random.default_rng(2))
    shot = Screenshot(metres_per_pixel=STEP)(moved, np.ones(200, bool))
    with pytest.raises(GeometryError, match="dots moved by a mask"):
        read_screenshot(shot.image, addresses=base)
    # Clicks are then all there is, and their error is said: two pixels and more.
    leak = read_screenshot(shot.image, addresses=base, clicks=corners(shot))
    assert leak.recipe["placed by"] == Note("placed_by_clicks", clicks=3).record()
    assert leak.resolution > STEP
    knows = guess(
        leak.as_leaked(),
        Adversary.knows_mask(Donut(r_min=50, r_max=200)),
        rng=np.random.default_rng(0),
    )
    assert (knows.address >= 0).all()


@pytest.mark.heavy
def test_too_few_dots_or_too_many_addresses(town):
    base, shot = town
    few = Screenshot(metres_per_pixel=STEP)(base.xy[:5], np.ones(5, bool))
    with pytest.raises(GeometryError, match="at least 6 dots"):
        read_screenshot(few.image, addresses=base)
    many = addresses(np.random.default_rng(0).random((300_001, 2)) * 90_000)
    with pytest.raises(ParameterError, match="at most 300,000 addresses"):
        read_screenshot(shot.image, addresses=many)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("clicks", "said"),
    [
        ([[0, 0, 0, 0], [10, 10, 20, -20], [20, 20, 40, -40]], "not on one line"),
        ([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], "not on one line"),
        ([[0, 0, 0, 0], [10, 0, 20, 0], [0, 10, 40, 0]], "not on one line"),
        ([[0, 0, 0, 0], [10, 10, 20, -20]], "three or more clicks"),
        ([[0, 0, 0], [10, 10, 20], [5, 0, 9]], "three or more clicks"),
        ([[0, 0, 0, 0], [10, 0, 20, 0], [0, 10, np.nan, 9]], "three or more clicks"),
    ],
)
def test_clicks_that_place_nothing(town, clicks, said):
    base, shot = town
    with pytest.raises(GeometryError, match=said):
        read_screenshot(shot.image, addresses=base, clicks=clicks)


def test_a_box_elsewhere_is_refused_and_a_far_dot_set_aside(town):
    base, shot = town
    west, south, east, north = shot.box
    with pytest.raises(GeometryError, match="50 of 50 dots more than 1,000 m from any"):
        read_screenshot(shot.image, addresses=base, bbox=(west + 1e5, south, east + 1e5, north))
    legend = Screenshot(metres_per_pixel=STEP)(
        np.concatenate([base.xy[:50], [[3000, 9000]]]), np.ones(51, bool)
    )
    leak = read_screenshot(legend.image, addresses=base, bbox=legend.box)
    assert leak.set_aside == {Note("dot_far_from_any_address"): 1}
    assert len(leak) == 50


def test_one_way_to_place_it_at_a_time(town):
    base, shot = town
    with pytest.raises(ParameterError, match="either bbox or clicks"):
        read_screenshot(shot.image, addresses=base, bbox=shot.box, clicks=corners(shot))
    with pytest.raises(ParameterError, match="commune only with a file"):
        read_screenshot(shot.image, addresses=base, commune="94042", bbox=shot.box)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_coarse_dots_that_fit_by_luck_are_refused(town, seed):
    base, _ = town
    # At 20 m a pixel, a dot anywhere in this town is often within half a pixel of an address.
    elsewhere = np.random.default_rng(seed).random((25, 2)) * [1500, 1100] + [6000, 9000]
    shot = Screenshot(metres_per_pixel=20, dot_radius=1.5)(elsewhere, np.ones(25, bool))
    with pytest.raises(GeometryError, match="none beyond chance"):
        read_screenshot(shot.image, addresses=base)
