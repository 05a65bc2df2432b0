"""Marks with numbers in them: counts of a cluster, or places of a list, are not told apart."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from privaudit.errors import ReadError
from privaudit.screenshots.cluster_markers import hold_numbers
from privaudit.screenshots.picture_dots import picture_dots

GREEN, PLACES = (46, 139, 87), [(40 + 45 * (k % 6), 40 + 45 * (k // 6)) for k in range(24)]


def painted(numbers, *, radius=14, size=11, ring=False):
    """Paint a mark at each place, with its number, "" for none, and a street below."""
    picture = Image.new("RGB", (310, 220), (242, 239, 233))
    pen = ImageDraw.Draw(picture)
    pen.line((0, 90, 310, 130), (255, 255, 255), 9)
    for (x, y), number in zip(PLACES, numbers, strict=True):
        box = (x - radius, y - radius, x + radius, y + radius)
        pen.ellipse(box, None if ring else GREEN, GREEN if ring else None, 3)
        pen.text((x, y), number, "white" if not ring else "black", anchor="mm", font_size=size)
    return np.asarray(picture)


def read(image, **asked):
    return len(picture_dots(image, colour="#2e8b57", **asked).pixel)


def test_counts_in_marks_of_one_size_are_refused_unless_each_is_one_place():
    """25 clusters of one size were read as 25 dots, and nothing was said."""
    image = painted([str(3 + 7 * k % 90) for k in range(24)])
    with pytest.raises(ReadError, match="numbers in them, each of which may stand for several"):
        read(image)
    assert read(image, marker="disc") == 24


@pytest.mark.heavy
@pytest.mark.parametrize(("numbered", "refused"), [(7, True), (6, True), (5, False)])
def test_a_quarter_of_the_marks_must_hold_a_number(numbered, refused):
    image = painted(["37"] * numbered + [""] * (24 - numbered))
    if refused:
        with pytest.raises(ReadError, match="may stand for several"):
            read(image)
    else:
        assert read(image) == 24


@pytest.mark.parametrize(("radius", "holds"), [(6.9, False), (7.0, True), (10.0, True)])
def test_numbers_in_small_marks_are_not_looked_for(radius, holds):
    image = painted([str(k % 9 + 1) for k in range(24)], radius=10, size=9)
    marks = SimpleNamespace(size=SimpleNamespace(radius=radius), centre=np.array(PLACES, float))
    assert hold_numbers(image, marks) is holds


def test_what_is_written_in_rings_is_of_the_ground():
    image = painted([str(10 + k) for k in range(24)], ring=True)
    marks = SimpleNamespace(size=SimpleNamespace(radius=14.0), centre=np.array(PLACES, float))
    assert not hold_numbers(image, marks)


def test_marks_that_overlap_hold_no_number_of_their_own():
    """Where marks lie on each other their rims look like digits."""
    image = painted([str(10 + k) for k in range(24)])
    at = np.repeat(np.array(PLACES, float), 2, axis=0)
    assert not hold_numbers(image, SimpleNamespace(size=SimpleNamespace(radius=14.0), centre=at))


def test_plain_marks_hold_no_number():
    assert read(painted([""] * 24)) == 24
