"""Crowds of pins, of thin rings and of dots with white rims: what is read, what the range holds."""

import numpy as np
import pytest

from privaudit.maps.version_links import link_positions
from privaudit.screenshots import picture_dots as reader
from privaudit.screenshots.cluster_markers import unread_counts
from privaudit.screenshots.colour_families_and_coverage import ColourPicture
from privaudit.screenshots.dots import Dots, DotSize
from privaudit.screenshots.marker_colours import choose_marker_colour
from privaudit.screenshots.marker_templates import RING, MarkerTemplate, teardrop
from privaudit.screenshots.template_fit import _shows_fill

GREEN, GREY = np.array([46, 139, 87]), np.array([128, 128, 128])


def test_thin_rings_are_read_where_no_outline_is_a_dot(monkeypatch):
    """Of a crowd of strokes no mark may be round: 79 were read of 250, 24 of them rightly."""
    rng = np.random.default_rng(4)
    place, green = rng.uniform(15, 405, (90, 2)).round(), rng.random(90) < 0.5
    image = np.full((420, 420, 3), 240.0)
    down, across = np.mgrid[:420, :420] + 0.5
    for at, own in zip(place, green, strict=True):
        away = np.hypot(across - at[0], down - at[1])
        # Leaflet's circle marker of radius 9: a fill of .2, a stroke of two pixels.
        cover = np.maximum(0.2 * (away < 9), np.clip(1.5 - np.abs(away - 9), 0, 1))
        image += ((GREEN if own else GREY) - image) * cover[..., None]
    monkeypatch.setattr(reader, "_dots_of", lambda *_: (None, None))
    found = reader.picture_dots(image.round().astype(np.uint8), colour="green")
    right = sum(
        (link_positions(place[green == k], found.pixel[found.red == k], 2.0) >= 0).sum()
        for k in (True, False)
    )
    assert right >= 0.9 * len(place)
    assert right >= 0.95 * len(found.pixel)


def dots(many, rim=0.0, refused=0, by_template=False):
    at = np.column_stack([np.arange(float(many)) * 20 + 10, np.full(many, 30.0)])
    error = np.full(many, 0.1)
    return Dots(at, error, DotSize(4.0, 0.1, many), refused, 1.0, rim, by_template=by_template)


def test_a_rim_from_outlines_is_kept_with_fitted_templates():
    """On a pale ground a white rim is visible where it cuts into others, and hides these."""
    outlined, fitted = (dots(20, rim=1.2, refused=9), None), (dots(38, by_template=True), None)
    assert reader._more_complete(outlined, fitted)[0].rim == 1.2
    assert reader._more_complete(outlined, (dots(20, by_template=True), None))[0].refused == 9


def test_letters_of_the_colour_are_no_marks():
    """Grey names on a dark map: of 199 grey fitted marks 88 were letters, 212 pieces left."""
    outlined = dots(61), dots(66, refused=10)
    fitted = dots(132, by_template=True), dots(199, refused=212, by_template=True)
    first, second = reader._more_complete(outlined, fitted)
    assert (len(first.centre), len(second.centre)) == (132, 66)


@pytest.mark.parametrize("clear", [True, False])
def test_one_pixel_beside_a_letter_is_no_mark(clear):
    """Soft edges of letters have every colour between two: so grey was read in letters on red."""
    row, column = np.mgrid[:60, :60] + 0.5
    ring = np.rint(np.hypot(row - 30, column - 30) / RING).astype(int)
    template = MarkerTemplate(np.zeros((12, 3)), np.ones((12, 3)), 4.0, 5.0, 9)
    part = np.where(ring < 12, ring, -1)
    ratio = np.full((12, 60, 60), -1.0)
    ratio[:, 30, 30] = 1.0
    free, letters = np.ones((60, 60), bool), np.zeros((60, 60), bool)
    letters[30] = not clear
    assert _shows_fill(ratio, template, part, free, ~letters, False, soft=True) == clear
    assert not _shows_fill(ratio, template, part, free, ~letters, True, soft=True)


@pytest.mark.parametrize("by_template", [True, False])
def test_marks_from_templates_may_hide_others(by_template):
    """298 of 350 were read, with a range of 298 to 314: marks that outlines refuse are a crowd."""
    image = np.full((60, 800, 3), 240, np.uint8)
    image[0, 0] = (255, 0, 0)
    pair = (dots(38, by_template=by_template), None)
    unread = unread_counts(ColourPicture.of(image), "red", "red", pair, [], "disc")
    # Marks that stand apart, of which outlines explain all, hide none.
    assert (unread["covered"].high >= 0.15 * 38) == by_template


def test_the_round_middle_of_pins_is_not_their_colour():
    """A darker middle is round and of the same family; of a pin, its fill is the colour."""
    image = np.full((150, 500, 3), 250, np.uint8)
    down, across = np.mgrid[:150, :500] + 0.5
    for k in range(10):
        # Two stand alone; the others are covered below by the next.
        left, top = (20 + 45 * k, 20) if k < 2 else (110 + 20 * k, 40 + 9 * (k % 3))
        image[top : top + 43, left : left + 27][teardrop(27, 43)] = (130, 130, 130)
        image[np.hypot(down - top - 13.5, across - left - 13.5) <= 5.5] = (99, 75, 75)
    tint, _ = choose_marker_colour(ColourPicture.of(image), "grey", pins=True)
    assert tint.colour == pytest.approx([130, 130, 130], abs=8)
