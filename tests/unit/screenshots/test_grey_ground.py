"""Ground of the marks' colours beside marks: buildings of grey and roads are no marks."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from privaudit.errors import ReadError
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.read_screenshot import refuse_unless_counted
from privaudit.screenshots.template_fit import agreement

# Times that a picture is painted larger than it is, so that edges are soft.
FINE, WIDE, TALL = 4, 300, 220
PURPLE, VISITED, PALE = (130, 60, 160), (128, 128, 128), (217, 208, 201)


def painted(paint):
    image = Image.new("RGB", (WIDE * FINE, TALL * FINE), (242, 239, 233))
    paint(ImageDraw.Draw(image))
    return np.asarray(image.resize((WIDE, TALL), Image.Resampling.BOX))


def disc(pen, x, y, fill, radius=6.5):
    box = [(v + e) * FINE for e in (-radius, radius) for v in (x, y)]
    pen.ellipse(box, fill=fill, outline=(255, 255, 255), width=int(1.2 * FINE))


def buildings(pen, rng, many, shade):
    """Turned rectangles about as large as a mark, each of its own shade."""
    for _ in range(many):
        x, y = rng.random(2) * [WIDE, TALL]
        wide, high, turn = rng.uniform(4, 7), rng.uniform(4, 7), rng.uniform(0, np.pi)
        to = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        corner = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]) @ to
        fill = tuple(int(v) for v in np.array(shade) + rng.normal(0, 4, 3))
        pen.polygon([tuple(p) for p in (corner + np.array([x, y])) * FINE], fill=fill)


def places(rng, many):
    """Places on a grid of 30 pixels, at most 4 pixels off."""
    every = np.array([(x, y) for x in range(20, WIDE - 15, 30) for y in range(20, TALL - 15, 30)])
    return every[rng.permutation(len(every))[:many]] + rng.uniform(-4, 4, (many, 2))


@pytest.mark.parametrize("visited", [0, 9])
def test_buildings_of_grey_are_no_visited_dots(visited):
    rng = np.random.default_rng(3)
    place = places(rng, 20 + visited)

    def paint(pen):
        buildings(pen, rng, 70, PALE)
        for k, at in enumerate(place):
            disc(pen, *at, VISITED if k < visited else PURPLE)

    dots = picture_dots(painted(paint), colour="purple")
    refuse_unless_counted(dots)
    assert (int(dots.red.sum()), int((~dots.red).sum())) == (20, visited)
    low, _, high = dots.shown
    assert low <= 20 + visited <= high <= 1.5 * (20 + visited)


def test_houses_of_grey_leave_the_visited_dots():
    """A popup with a small symbol made 29 grey dots none, and the range left them out."""
    rng, red = np.random.default_rng(3), (214, 39, 40)
    place = places(rng, 30)

    def paint(pen):
        for _ in range(300):
            (x, y), size, turn = rng.random(2) * [WIDE, TALL], *rng.uniform([2.8, 0], [6.3, 1.6])
            corner = turn + np.arange(4) * np.pi / 2
            at = np.column_stack([x + size * np.cos(corner), y + size * np.sin(corner)]) * FINE
            pen.polygon([tuple(p) for p in at], PALE)
        for k, (x, y) in enumerate(place):
            box = [(v + e) * FINE for e in (-6, 6) for v in (x, y)]
            pen.ellipse(box, VISITED if k < 10 else red)
        # A popup, and three pieces that are no dots.
        x, y = place[29]
        pen.rectangle([(v + e) * FINE for e in (-15, 15) for v in (x, y)], "white")
        pen.ellipse([(v + e) * FINE for e in (-5, 5) for v in (x, y)], red)
        for (x, y), fill in zip(place[26:29], (VISITED, red, red), strict=True):
            pen.polygon(
                [(v * FINE, w * FINE) for v, w in [(x, y), (x + 14, y), (x + 14, y + 4)]], fill
            )

    dots = picture_dots(painted(paint))
    assert int((~dots.red).sum()) == 10
    low, _, high = dots.shown
    assert low <= 30 <= high


def test_pins_end_and_are_alike_left_and_right_and_a_road_is_not():
    """Ten pins were read along a road on a map on which nothing was marked."""
    tips = np.array([(70.0, 60.0), (150.0, 60.0), (230.0, 60.0), (110.0, 130.0), (190.0, 130.0)])

    def pins(pen):
        turn = np.linspace(np.radians(155), np.radians(385), 40)
        for x, y in tips:
            head = [(x + 8 * np.cos(a), y - 18 + 8 * np.sin(a)) for a in turn]
            pen.polygon([(u * FINE, v * FINE) for u, v in [(x, y), *head]], PURPLE)

    def road(pen):
        pen.line([(20 * FINE, 0), (270 * FINE, TALL * FINE)], PURPLE, 12 * FINE)

    along = np.column_stack([np.linspace(90, 220, 5), np.linspace(90, 220, 5) * 0.88 - 10])
    of_pins, of_road = (
        agreement(painted(paint), at, 8.0, at, "pin") for paint, at in ((pins, tips), (road, along))
    )
    assert of_pins.closed > 0.95
    assert of_pins.askew < 0.3
    assert of_road.closed < 0.95 or of_road.askew > 0.3


@pytest.mark.heavy
def test_roads_of_another_grey_hold_no_visited_dots():
    """All 139 dots were read, and said to be 230 to 580: pieces of roads were counted as dots."""
    rng = np.random.default_rng(7)
    place = places(rng, 45)

    def paint(pen):
        for y in range(35, TALL, 60):
            pen.line([(0, y * FINE), (WIDE * FINE, (y + 12) * FINE)], (146, 144, 141), 8 * FINE)
        buildings(pen, rng, 60, (118, 114, 112))
        for k, at in enumerate(place):
            disc(pen, *at, VISITED if k < 15 else PURPLE)

    image = Image.fromarray(painted(paint)).filter(ImageFilter.GaussianBlur(0.7))
    dots = picture_dots(np.asarray(image), colour="purple")
    refuse_unless_counted(dots)
    assert len(dots.pixel) == 45
    low, _, high = dots.shown
    assert low <= 45 <= high <= 1.5 * 45


def test_two_grey_dots_alone_are_no_map_without_anybody_left():
    """Two grey dots among marks of another colour were read as all that a picture shows."""

    def paint(pen):
        pen.rectangle([200 * FINE, 20 * FINE, 290 * FINE, 60 * FINE], (150, 200, 230))
        for at in ((60, 60), (200, 150)):
            disc(pen, *at, VISITED)

    with pytest.raises(ReadError, match="purple dots"):
        picture_dots(painted(paint), colour="purple")
