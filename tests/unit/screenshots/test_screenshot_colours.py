"""Dots of any colour, pins and bubbles: read where they are asked for, and said where not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from privaudit.errors import ParameterError, ReadError
from privaudit.screenshots.picture_dots import picture_dots

ALONE = np.array([[30, 30], [80, 40], [130, 35], [35, 90], [90, 100], [140, 95]])
BLUE, RED, GREY = (31, 119, 180), (214, 39, 40), (128, 128, 128)
# A pin whose tip lies 28 pixels below the middle of its head, of radius 12: the sides touch the
# head where it is 12 / 28 of a radius below its middle.
HEAD, DROP = 12, 28


def picture(*layers, size=(170, 130), radius=4, ground="white"):
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    for places, colour in layers:
        for x, y in places:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return image


def off(found, true):
    gap = np.asarray(true, float)[:, None] - found[None]
    return np.hypot(gap[..., 0], gap[..., 1]).min(axis=1)


def pins(tips, colour, *, hole="white", size=(600, 400), image=None):
    """Draw teardrop pins at four times the size, and scale them down."""
    large = Image.new("RGB", (4 * size[0], 4 * size[1]), "white") if image is None else image
    draw = ImageDraw.Draw(large)
    sine = HEAD / DROP
    side = HEAD * np.sqrt(1 - sine**2)
    for x, y in np.asarray(tips, float) * 4:
        r, middle = 4 * HEAD, y - 4 * DROP
        draw.ellipse((x - r, middle - r, x + r, middle + r), fill=colour)
        touch = middle + 4 * HEAD * sine
        draw.polygon([(x - 4 * side, touch), (x + 4 * side, touch), (x, y)], fill=colour)
        if hole is not None:
            draw.ellipse((x - r / 3, middle - r / 3, x + r / 3, middle + r / 3), fill=hole)
    return large


def small(large):
    return np.asarray(large.resize((large.width // 4, large.height // 4), Image.Resampling.BOX))


def test_dots_below_a_rim_are_found():
    below = np.array([[k % 6 * 60 + 40, k // 6 * 60 + 40] for k in range(24)], float)
    turn = np.arange(24) * 0.9
    above = below + 9 * np.column_stack([np.cos(turn), np.sin(turn)])
    alone = np.array([[40 + 60 * k, 300] for k in range(6)], float)
    large = Image.new("RGB", (1600, 1360), "white")
    draw = ImageDraw.Draw(large)
    for x, y in np.concatenate([below, above, alone]) * 4:
        for r, colour in ((36, "white"), (28, RED)):
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    found = picture_dots(small(large))
    # A third and more of each lower dot is hidden, by a dot of seven pixels and a rim of two.
    assert off(found.pixel, np.concatenate([above, alone])).max() < 0.5
    assert (off(found.pixel, below) < 0.5).sum() >= 23
    assert len(found.pixel) == 54


TIPS = np.array([[k % 6 * 90 + 40.25, k // 6 * 90 + 60.5] for k in range(22)])


@pytest.mark.parametrize(
    ("name", "colour"),
    [("blue", BLUE), ("purple", (128, 0, 200)), ("green", (40, 160, 60)), ("black", (0, 0, 0)),
     ("orange", (255, 140, 0)), ("yellow", (250, 210, 30)), ("pink", (240, 60, 170))],
)  # fmt: skip
def test_dots_of_another_colour_are_reported_and_read_on_request(name, colour):
    image = np.asarray(picture((ALONE[:4], colour), (ALONE[4:], GREY)))
    with pytest.raises(ReadError, match=f"needs red dots.*4 {name} dots.*colour='{name}'"):
        picture_dots(image)
    found = picture_dots(image, colour=name)
    assert found.red.tolist() == [True] * 4 + [False] * 2
    assert off(found.pixel, ALONE + 0.5).max() < 0.1
    by_number = picture_dots(image, colour="#{:02x}{:02x}{:02x}".format(*colour))
    assert np.allclose(by_number.pixel, found.pixel)
    assert by_number.colour == name


def test_a_colour_by_its_number_leaves_its_like():
    image = np.asarray(picture((ALONE[:3], (214, 39, 40)), (ALONE[3:], (150, 0, 10))))
    for colour, true in (("#d62728", ALONE[:3]), ("#96000a", ALONE[3:])):
        found = picture_dots(image, colour=colour)
        assert len(found.pixel) == 3
        assert off(found.pixel, true + 0.5).max() < 0.1


def test_grey_alone_can_be_what_is_asked_for():
    found = picture_dots(np.asarray(picture((ALONE, GREY))), colour="grey")
    assert found.red.all()
    assert off(found.pixel, ALONE + 0.5).max() < 0.1


@pytest.mark.parametrize("colour", ["scarlet", "#12345", "#rrggbb", "", None, 3])
def test_colours_without_a_name(colour):
    with pytest.raises(ParameterError, match="colour"):
        picture_dots(np.asarray(picture((ALONE, RED))), colour=colour)


def test_dots_of_a_second_colour_are_not_lost_in_silence():
    image = np.asarray(picture((ALONE[:3], RED), (ALONE[3:], BLUE)))
    found = picture_dots(image)
    assert off(found.pixel, ALONE[:3] + 0.5).max() < 0.1
    assert [(one.family, one.number) for one in found.others] == [("blue", 3)]


def test_cluster_markers_are_left_out_and_reported():
    places = [[300, 60], [300, 140], [360, 100]]
    image = picture((ALONE, RED), size=(400, 200))
    draw = ImageDraw.Draw(image)
    for x, y in places:
        draw.ellipse((x - 18, y - 18, x + 18, y + 18), fill=RED)
        draw.text((x, y), "12", fill="white", font=ImageFont.load_default(14), anchor="mm")
    found = picture_dots(np.asarray(image))
    assert len(found.pixel) == len(ALONE)
    assert off(found.pixel, ALONE + 0.5).max() < 0.1
    assert [(one.family, one.number, one.width) for one in found.others] == [("red", 3, 37)]
    assert found.refused == 3


@pytest.mark.heavy
def test_pins_are_placed_by_their_tips():
    image = small(pins(TIPS[12:], GREY, image=pins(TIPS[:12], RED)))
    found = picture_dots(image)
    assert found.marker == "pin"
    assert found.red.sum() == 12
    assert len(found.pixel) == 22
    # A tip is a pixel wide where it ends; the head would be 28 pixels off.
    assert off(found.pixel, TIPS).max() < 1.0
    assert np.abs(np.median(found.pixel[np.lexsort(found.pixel.T)] - TIPS[np.lexsort(TIPS.T)],
                            axis=0)).max() < 0.6  # fmt: skip


@pytest.mark.parametrize("hole", [None, (110, 0, 0), "white"])
def test_pins_with_and_without_a_hole(hole):
    found = picture_dots(small(pins(TIPS, RED, hole=hole)))
    assert (found.marker, len(found.pixel)) == ("pin", 22)
    assert off(found.pixel, TIPS).max() < 1.0


def test_overlapping_pins_are_separated_by_their_heads():
    # The lower pin of each pair hides the stem of the upper one.
    pairs = np.concatenate([TIPS[:6], TIPS[:6] + np.array([9, 14]), TIPS[12:]])
    found = picture_dots(small(pins(pairs[np.argsort(pairs[:, 1])], RED)))
    assert off(found.pixel, pairs).max() < 1.0
    assert len(found.pixel) == len(pairs)


def test_pins_are_no_discs_and_discs_no_pins():
    with pytest.raises(ReadError, match=r"22 red pins.*marker='pin'"):
        picture_dots(small(pins(TIPS, RED)), marker="disc")
    with pytest.raises(ReadError, match="needs red or grey pins"):
        picture_dots(np.asarray(picture((ALONE, RED))), marker="pin")
    with pytest.raises(ParameterError, match="marker one of 'disc', 'pin'"):
        picture_dots(np.asarray(picture((ALONE, RED))), marker="star")
