"""Parks and roads of the marks' own colour, and symbols that are no discs, are not read as dots."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

import privaudit as pa
from privaudit.errors import ReadError
from privaudit.screenshots import picture_dots as picture_dots_module
from privaudit.screenshots.ground_patches import are_twins, turning, without_patches
from privaudit.screenshots.picture_dots import picture_dots, refuse_unless_counted

# Times that a picture is painted larger than it is, so that edges are soft.
FINE, WIDE, TALL = 4, 300, 220
RED, GREEN, VISITED = (220, 38, 38), (40, 150, 60), (128, 128, 128)


def painted(paint, ground=(242, 239, 233)):
    image = Image.new("RGB", (WIDE * FINE, TALL * FINE), ground)
    paint(ImageDraw.Draw(image))
    return image.resize((WIDE, TALL), Image.Resampling.BOX)


def disc(pen, x, y, radius, fill=None, line=None, width=0.0):
    box = [(v + e) * FINE for e in (-radius, radius) for v in (x, y)]
    pen.ellipse(box, fill=fill, outline=line, width=int(width * FINE))


def polygon(pen, points, fill):
    pen.polygon([(x * FINE, y * FINE) for x, y in points], fill)


def places(seed, many):
    """Places on a grid of 30 pixels, at most 5 pixels off, left of column 200."""
    rng = np.random.default_rng(seed)
    every = np.array([(x, y) for x in range(20, 200, 30) for y in range(20, TALL - 15, 30)])
    return every[rng.permutation(len(every))[:many]] + rng.uniform(-5, 5, (many, 2))


def parks(pen, fill):
    """A garden, a park and a road of one colour, right of column 215."""
    polygon(pen, [(220, 15), (285, 30), (275, 80), (230, 70)], fill)
    polygon(pen, [(225, 110), (290, 95), (290, 130), (240, 150)], fill)
    pen.line([(215 * FINE, 210 * FINE), (295 * FINE, 170 * FINE)], fill, 5 * FINE)


def found(dots, place, within):
    """Number of dots that stand at a place."""
    gap = np.hypot(*(dots.pixel[:, None] - place).T)
    return int((gap.min(axis=0) <= within).sum())


@pytest.mark.parametrize("rings", [False, True], ids=["discs", "rings"])
@pytest.mark.parametrize("quality", [None, 75])
def test_parks_of_the_dots_own_colour_hold_no_dots_that_are_read(rings, quality):
    """Circles were laid along the edges of parks: 78 discs were read for 30, and 63 rings."""
    place = places(5, 30)

    def paint(pen):
        parks(pen, RED)
        for x, y in place:
            disc(pen, x, y, 6.5, *((None, RED, 2.0) if rings else (RED,)))

    image = painted(paint)
    if quality is not None:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        image = Image.open(file).convert("RGB")
    try:
        dots = picture_dots(np.asarray(image), colour="red")
        refuse_unless_counted(dots)
    except ReadError:
        return
    assert found(dots, place, 2.0) >= 0.95 * len(dots.pixel)
    low, _, high = dots.shown
    assert low <= 30 <= high


def test_the_normal_of_a_disc_turns_and_that_of_an_edge_does_not():
    row, column = np.mgrid[:120, :160] + 0.5
    inside = (np.hypot(row - 60, column - 40) < 9) | (column - row / 3 > 80)
    image = np.where(inside[..., None], RED, 240).astype(np.uint8)
    along = np.column_stack([80 + np.arange(20, 101, 8) / 3 + 9 * np.hypot(1, 1 / 3)] * 2)
    along[:, 1] = np.arange(20, 101, 8)
    measured = turning(image, np.vstack([[40, 60], along]), 9.0)
    assert measured.rate[0] == pytest.approx(1, abs=0.05)
    assert np.abs(measured.rate[1:]).max() < 0.2
    assert measured.seen[0] > 0.9
    assert measured.seen[1:].max() < 0.4


def test_discs_that_cover_each_other_are_no_patch():
    """In a heap little of each outline is seen, but what is seen turns."""
    rng = np.random.default_rng(8)
    heap = np.array([100.0, 100.0]) + rng.normal(0, 14, (25, 2))

    def paint(pen):
        for x, y in (*heap, *places(3, 12)):
            disc(pen, x, y, 7, RED)

    image = np.asarray(painted(paint))
    dots = picture_dots(image, colour="red")
    assert len(without_patches(image, dots_of(dots)).centre) == len(dots.pixel)


@pytest.mark.heavy
@pytest.mark.parametrize("metres", [12, 25])
def test_heaps_of_dots_on_a_small_picture_are_left_in(metres, monkeypatch):
    """Of a town at 25 metres a pixel a fifth of the dots that had been read rightly were lost."""
    world = pa.simulate(pa.Town(inhabitants=20_000), seed=7)
    campaign = pa.run_campaign(world, seed=7)
    leak = pa.publish(campaign, pa.Screenshot(metres_per_pixel=metres), seed=7)
    read = picture_dots(np.asarray(leak.picture.image), colour="red")
    monkeypatch.setattr(picture_dots_module, "without_patches", lambda image, dots: dots)
    assert len(read.pixel) == len(picture_dots(np.asarray(leak.picture.image), colour="red").pixel)


def dots_of(read):
    from privaudit.screenshots.dots import Dots, DotSize

    size = DotSize(read.radius, 0.1, 1)
    return Dots(read.pixel, read.error, size, refused=0, room=1.0, rim=0.0)


def test_triangles_that_hold_two_circles_each_are_refused():
    """A photograph of 48 triangles was read as 95 discs."""
    rng = np.random.default_rng(2)
    place = rng.uniform(0, 500, (40, 2))
    left, right = place - np.array([1.6, 0.4]), place + np.array([1.5, 0.8])
    corners = np.vstack([left, right]) + rng.normal(0, 0.3, (80, 2))
    assert are_twins(corners, 3.7)
    assert not are_twins(place, 3.7)
    # Dots that overlap by chance, and houses in a row.
    assert not are_twins(rng.uniform(0, 60, (80, 2)), 3.7)
    assert not are_twins(np.column_stack([np.arange(40) * 3.0, np.zeros(40)]), 3.7)


def test_rings_whose_strokes_compression_breaks_are_all_counted():
    """Of 26 rings 21 were read, and the range was 21 to 21."""
    place = np.vstack([places(4, 24), [(250, 60), (258, 66)]])

    def paint(pen):
        for k, (x, y) in enumerate(place):
            disc(pen, x, y, 7, None, RED if k % 2 else VISITED, 1.6)

    file = io.BytesIO()
    painted(paint, (233, 236, 239)).save(file, "JPEG", quality=85)
    dots = picture_dots(np.asarray(Image.open(file).convert("RGB")), colour="red")
    low, _, high = dots.shown
    assert low <= 26 <= high
    assert found(dots, place, 2.0) == len(dots.pixel) >= 24


def test_grey_marks_are_found_by_their_size_among_grey_ground():
    """Beside 28 green triangles, none of 19 grey ones was read, and the range was 26 to 32."""
    place = places(6, 40)
    rng = np.random.default_rng(6)
    turn = np.radians([-90, 30, 150])

    def paint(pen):
        for _ in range(60):
            x, y = rng.random(2) * [WIDE, TALL]
            wide, high = rng.uniform(3, 9, 2)
            shade = tuple(int(v) for v in np.array((150, 147, 144)) + rng.normal(0, 6))
            polygon(pen, [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], shade)
        for k, (x, y) in enumerate(place):
            for size, fill in ((7.5, (35, 35, 35)), (6.0, GREEN if k < 24 else VISITED)):
                polygon(pen, [(x + size * np.cos(t), y + size * np.sin(t)) for t in turn], fill)

    image = np.asarray(painted(paint).filter(ImageFilter.GaussianBlur(0.6)))
    try:
        dots = picture_dots(image, colour="green")
        refuse_unless_counted(dots)
    except ReadError:
        return
    low, _, high = dots.shown
    assert low <= 40 <= high
