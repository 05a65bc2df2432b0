"""Ground of the dots' very colour, dots of two sizes and thin tips of pins: read or refused."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from privaudit.errors import ReadError
from privaudit.screenshots.picture_dots import picture_dots
from privaudit.screenshots.read_screenshot import refuse_unless_counted

# Times that a picture is painted larger than it is, so that edges are soft.
FINE, WIDE, TALL = 8, 360, 260
BLUE = (42, 129, 203)


def painted(paint):
    image = Image.new("RGB", (WIDE * FINE, TALL * FINE), (242, 239, 233))
    paint(ImageDraw.Draw(image))
    return np.asarray(image.resize((WIDE, TALL), Image.Resampling.BOX))


def disc(pen, x, y, radius, fill=BLUE):
    low, high = ([round(v * FINE) for v in (x + e, y + e)] for e in (-radius, radius))
    # Pillow's boxes include their last pixel.
    pen.ellipse([*low, *(v - 1 for v in high)], fill=fill)


def places(rng, many, left=20, right=WIDE - 20, top=20, bottom=TALL - 20, apart=16):
    """Places at eighths of a pixel, at least `apart` pixels from each other."""
    chosen = np.empty((0, 2))
    while len(chosen) < many:
        at = np.round(rng.uniform((left, top), (right, bottom)) * FINE) / FINE
        if not len(chosen) or np.hypot(*(chosen - at).T).min() >= apart:
            chosen = np.vstack([chosen, at])
    return chosen


def off(dots, place):
    """Return, of each dot, the distance from the nearest place, and the other way round."""
    gap = np.hypot(*np.moveaxis(dots.pixel[:, None] - place, 2, 0))
    return gap.min(axis=1), gap.min(axis=0)


@pytest.mark.heavy
def test_a_river_and_a_park_of_the_dots_colour_are_no_dots():
    """Along a river 194 dots were read beside 79."""
    rng = np.random.default_rng(8)
    place = places(rng, 50, left=150)

    def paint(pen):
        river = [(x * FINE, (60 + 12 * np.sin(x / 25)) * FINE) for x in range(-5, 150)]
        pen.line(river, BLUE, 16 * FINE, joint="curve")
        pen.ellipse([20 * FINE, 110 * FINE, 120 * FINE, 190 * FINE], fill=BLUE)
        pen.polygon([(30 * FINE, 205 * FINE), (110 * FINE, 200 * FINE), (90 * FINE, 250 * FINE)],
                    fill=BLUE)  # fmt: skip
        for at in place:
            disc(pen, *at, 5)

    dots = picture_dots(painted(paint), colour="#2a81cb")
    refuse_unless_counted(dots)
    read, found = off(dots, place)
    assert (read < 1).all()
    assert (found < 1).all()
    # What is left out is said.
    assert dots.refused >= 3
    assert dots.shown.low <= 50 <= dots.shown.high


def test_a_heap_of_dots_is_no_ground():
    rng = np.random.default_rng(3)
    apart = places(rng, 25, left=180)
    heap = np.round(rng.normal((90, 130), (22, 16), (40, 2)) * FINE) / FINE
    place = np.vstack([apart, heap])

    def paint(pen):
        for at in place:
            disc(pen, *at, 5)

    read, found = off(picture_dots(painted(paint), colour="blue"), place)
    assert (read < 1).mean() >= 0.95
    assert (found[:25] < 1).all()


def test_dots_of_two_sizes_are_refused_with_both():
    """The 27 larger ones were read, and nothing was said of 53 others."""
    rng = np.random.default_rng(5)
    place = places(rng, 45, apart=24)

    def paint(pen):
        for k, at in enumerate(place):
            disc(pen, *at, 8 if k < 15 else 4)

    with pytest.raises(ReadError, match=r"15 with a radius of 8\.0 pixels and 30 with 4\.0"):
        picture_dots(painted(paint), colour="blue")


def test_the_thin_tip_of_a_pin_is_its_place():
    """Where the sides curve inwards the fill ends 3.5 pixels above the tip."""
    rng = np.random.default_rng(6)
    place = places(rng, 22, top=60, apart=42)
    turn, down = np.linspace(np.pi, 2 * np.pi, 30), np.linspace(0, 1, 14)[1:-1]
    head = np.column_stack([11 * np.cos(turn), -24.2 + 11 * np.sin(turn)])
    side = np.column_stack([11 * (1 - down) ** 1.7, -24.2 * (1 - down)])
    outline = np.vstack([[0, 0], side[::-1] * [-1, 1], head, side])

    streets = rng.uniform((0, 0), (WIDE, TALL), (60, 2)) * FINE

    def paint(pen):
        for start, end in zip(streets[::2], streets[1::2], strict=True):
            pen.line([*start, *end], "white", 7 * FINE)
        for at in place:
            points = [tuple(p) for p in (outline + at) * FINE - 0.5]
            pen.polygon(points, fill=(214, 39, 40))
            pen.line([*points, points[0], points[1]], (154, 28, 29), FINE, joint="curve")
            x, y = at
            disc(pen, x, y - 24, 4, (90, 17, 18))

    dots = picture_dots(painted(paint), colour="red")
    assert (dots.marker, len(dots.pixel)) == ("pin", 22)
    read, _ = off(dots, place)
    # The 95 % ellipse of the error that is stated, by the quantile of a chi of two degrees.
    assert (read <= 2.448 * dots.error).mean() >= 0.9
