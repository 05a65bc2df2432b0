"""Dots on a street map with roads in orange and red, labels, icons and a legend, drawn by Agg."""

import io

import numpy as np
import pytest
from PIL import Image

from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.read_screenshot import read_screenshot

STEP, RED, GREY = 2.0, 60, 150


@pytest.fixture(scope="module")
def scene(street_map, village):
    """Draw sixty red dots over a hundred and fifty grey ones; return where each is in pixels."""

    def make(**look):
        home = np.random.default_rng(5).permutation(len(village))[: RED + GREY]
        red = np.arange(len(home)) < RED
        looks = street_map.Look(**look)
        image, box = street_map.draw(village, home, red, step=STEP, look=looks)
        pixel = (village.xy[home] - [box[0], box[3]]) / [STEP, -STEP] * looks.density
        return image, box, pixel[:RED], pixel[RED:], home

    return make


def rates(found, true, near):
    """Return precision and recall of dots within so many pixels."""
    gap = np.hypot(*(found[:, None] - true[None]).transpose(2, 0, 1))
    return (gap.min(axis=1) <= near).mean(), (gap.min(axis=0) <= near).mean()


@pytest.mark.sampled
@pytest.mark.parametrize(
    ("look", "least"),
    [
        ({"ground": "plain"}, (0.98, 0.95)),
        ({}, (0.98, 0.95)),
        pytest.param({"whole_pixels": True}, (0.98, 0.95), marks=pytest.mark.slow),
        ({"density": 2.0}, (0.98, 0.95)),
        pytest.param({"density": 1.1}, (0.98, 0.95), marks=pytest.mark.slow),
        pytest.param({"border": ("white", 1.5)}, (0.98, 0.85), marks=pytest.mark.slow),
        # Red icons are smaller dots without a rim and pass for some, as do red letters under
        # black ones: they show two or three pixels of a fill, which marks under names do too.
        ({"border": ("black", 1.0)}, (0.88, 0.98)),
        ({"opacity": 0.7}, (0.9, 0.6)),
        ({"radius": 8, "opacity": 0.2, "border": ("own", 3)}, (0.95, 0.8)),
    ],
)
def test_red_dots_are_read_on_a_street_map(scene, look, least):
    image, _, red, _, _ = scene(**look)
    found = picture_dots(image)
    precision, recall = rates(found.pixel[found.red], red, look.get("density", 1.0))
    assert precision >= least[0]
    assert recall >= least[1]


@pytest.mark.heavy
def test_grey_dots_are_not_labels_nor_rails(scene):
    image, _, _, grey, _ = scene()
    found = picture_dots(image)
    precision, recall = rates(found.pixel[~found.red], grey, 1.0)
    assert precision >= 0.95
    assert recall >= 0.85


@pytest.mark.heavy
@pytest.mark.parametrize("quality", [90, 75])
def test_compression_on_a_street_map(scene, quality):
    image, _, red, _, _ = scene()
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    found = picture_dots(np.asarray(Image.open(file).convert("RGB")))
    precision, recall = rates(found.pixel[found.red], red, 1.0)
    assert precision >= 0.9
    assert recall >= 0.9


@pytest.mark.heavy
def test_a_street_map_without_dots_has_few(scene):
    """Orange and red roads, red labels, red icons: what is read where nothing was drawn."""
    image, _, red, _, _ = scene(frame=True)
    found = picture_dots(image)
    gap = np.hypot(*(found.pixel[found.red][:, None] - red[None]).transpose(2, 0, 1)).min(axis=1)
    # One in the legend, and icons of nearly the same red and size.
    assert (gap > 1).sum() <= 3


@pytest.mark.heavy
def test_it_is_placed_by_itself_with_its_frame(scene, village):
    image, box, _, _, home = scene(frame=True)
    leak = read_screenshot(image, addresses=village)
    known = read_screenshot(image, addresses=village, bbox=box)
    assert leak.recipe["placed by"] == {"key": "placed_by_pattern"}
    assert known.recipe["placed by"]["key"].startswith("placed_by_bbox")
    for read in (leak, known):
        red = read.records.loc[read.records["status"] == "to_meet", ["x", "y"]].to_numpy()
        gap = np.hypot(*(red[:, None] - village.xy[home[:RED]][None]).transpose(2, 0, 1))
        assert (gap.min(axis=1) < STEP).mean() >= 0.95


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.parametrize(("turn", "scale"), [(9, 1.0), (0, 1.37), (-14, 0.8), (140, 1.25)])
def test_a_picture_that_was_turned_and_scaled_is_placed(scene, village, turn, scale):
    image, _, _, _, home = scene()
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    shot = Image.fromarray(image).resize(size, Image.Resampling.BICUBIC)
    shot = shot.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=(242, 239, 233))
    leak = read_screenshot(np.asarray(shot), addresses=village)
    red = leak.records.loc[leak.records["status"] == "to_meet", ["x", "y"]].to_numpy()
    gap = np.hypot(*(red[:, None] - village.xy[home[:RED]][None]).transpose(2, 0, 1))
    assert (gap.min(axis=1) < STEP).mean() >= 0.9
    assert (gap.min(axis=0) < STEP).mean() >= 0.85
