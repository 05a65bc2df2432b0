"""Detection of dots in pictures drawn by other programs."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from privaudit.campaign.views.dot_map import GREY, RED, Screenshot
from privaudit.errors import ParameterError, ReadError
from privaudit.screenshots.open_picture import open_picture
from privaudit.screenshots.picture_dots import picture_dots

ALONE = [[30, 30], [80, 40], [130, 35], [35, 90], [90, 100], [140, 95]]


def pillow(red=(), grey=(), size=(170, 130), radius=4):
    """Draw hard-edged dots around the centres of pixels, with another program."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for dots, colour in ((grey, GREY), (red, RED)):
        for x, y in dots:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    return image


def read(image, **more):
    return picture_dots(np.asarray(image), **more)


def off(result, true):
    """Return how far the nearest found dot is from each true one, in pixels."""
    gap = np.asarray(true, float)[:, None] - result[None]
    return np.hypot(gap[..., 0], gap[..., 1]).min(axis=1)


def test_dots_of_pillow():
    result = read(pillow(red=ALONE[:4], grey=ALONE[4:]))
    assert result.red.tolist() == [True] * 4 + [False] * 2
    # Pillow's pixel (30, 30) has its centre at 30.5.
    assert off(result.pixel, np.array(ALONE) + 0.5).max() < 0.1
    # A disc of 9 pixels across.
    assert result.radius == pytest.approx(4.5, abs=0.3)


def test_dots_of_matplotlib():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1.5), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, 200)
    axes.set_ylim(150, 0)
    x, y = (np.array(ALONE) + 0.37).T
    # Markers are measured by the area of their square, in points of 1/72 inch.
    axes.scatter(x, y, s=(8 * 72 / 100) ** 2, c="#d62728", linewidths=0)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    result = read(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    assert len(result.pixel) == 6
    # Agg snaps markers to half pixels.
    assert off(result.pixel, np.column_stack([x, y])).max() < 0.55
    assert result.radius == pytest.approx(4, abs=0.3)


@pytest.mark.parametrize("apart", [1.5, 3, 5, 7.5])
def test_two_overlapping_dots_are_two(apart):
    true = np.array([[0, 0], [apart, 0.4], [40, 10], [80, 0.2]])
    shot = Screenshot(metres_per_pixel=1)(true, [True] * 4)
    result = picture_dots(shot.image)
    assert len(result.pixel) == 4
    assert off(shot.georeference.to_metres(result.pixel), true).max() < 0.25


def test_a_rosette_of_six_is_six_and_its_hidden_middle_is_lost(visible_edge):
    turn = np.arange(6) * np.pi / 3
    ring = 4 * np.column_stack([np.cos(turn), np.sin(turn)])
    # All of the middle's edge lies within 4 of one of the six.
    true = np.concatenate([ring, [[0, 0], [40, 0.3], [60, 12.6]]])
    assert (visible_edge(true, 4.0)[6:] == [0, 1, 1]).all()
    result = picture_dots(Screenshot(metres_per_pixel=1)(true, [True] * 9).image)
    assert len(result.pixel) == 8


def test_red_hides_grey_in_part():
    true = np.array([[0, 0], [5, 0], [40, 0], [70, 3], [100, 2], [130, 1]])
    red = np.array([True, False, True, False, False, False])
    shot = Screenshot(metres_per_pixel=1)(true, red)
    result = picture_dots(shot.image)
    at = shot.georeference.to_metres(result.pixel)
    assert result.red.sum() == 2
    assert (~result.red).sum() == 4
    assert off(at[result.red], true[red]).max() < 0.1
    assert off(at[~result.red], true[~red]).max() < 0.3


def test_no_grey_dot_is_read_into_the_edge_of_a_red_one():
    rng = np.random.default_rng(4)
    # Ten reds, each over a grey: their common outline has arcs of both.
    red = np.column_stack([np.arange(10) * 20.3, np.zeros(10)])
    grey = red + 5 * np.column_stack([np.cos(rng.random(10)), np.sin(rng.random(10))])
    alone = np.array([[15.0, 40], [55.0, 45], [95.0, 41]])
    true = np.concatenate([red, grey, alone])
    shot = Screenshot(metres_per_pixel=1)(true, np.arange(23) < 10)
    result = picture_dots(shot.image)
    at = shot.georeference.to_metres(result.pixel)
    assert result.red.sum() == 10
    assert off(true[10:], at[~result.red]).max() < 0.5
    assert (~result.red).sum() == 13


def test_red_dots_are_not_counted_as_grey_marks_that_failed():
    rng = np.random.default_rng(0)
    red, grey = rng.random((60, 2)) * 120, rng.random((8, 2)) * 120 + [160, 0]
    shot = Screenshot(metres_per_pixel=1)(np.concatenate([red, grey]), np.arange(68) < 60)
    result = picture_dots(shot.image)
    assert (~result.red).sum() == 8
    assert result.refused == 0


@pytest.mark.parametrize("quality", [90, 75])
def test_compression_moves_dots_by_less_than_half_a_pixel(tmp_path, quality):
    file = tmp_path / "shot.jpg"
    pillow(red=ALONE[:4], grey=ALONE[4:]).save(file, quality=quality)
    result = picture_dots(open_picture(file)[0])
    assert result.red.sum() == 4
    assert off(result.pixel, np.array(ALONE) + 0.5).max() < 0.5


def test_letters_boxes_and_lines_are_no_dots():
    image = pillow(red=ALONE, size=(400, 200))
    draw = ImageDraw.Draw(image)
    draw.text((200, 20), "Carte des contacts", fill=RED, font=ImageFont.load_default(20))
    draw.text((200, 60), "septembre 2016", fill=(0, 0, 0), font=ImageFont.load_default(14))
    draw.rectangle((200, 100, 290, 150), fill=RED)
    draw.line((200, 170, 390, 175), fill=RED, width=3)
    result = read(image)
    # No dot is lost, and no letter or corner passes for one; the box is said to be none.
    assert off(result.pixel, np.array(ALONE) + 0.5).max() < 0.1
    assert len(result.pixel) == len(ALONE)
    assert result.refused == 1


def test_a_dot_that_the_frame_cuts_is_found():
    shot = Screenshot(metres_per_pixel=1)([[0, 0], [30, 1], [60, 5], [90, 2]], [True] * 4)
    cut = shot.image[:, 21:]
    result = picture_dots(cut)
    true = shot.georeference.to_pixels([[0, 0], [30, 1]]) - [21, 0]
    assert off(result.pixel, true).max() < 0.3


def test_whole_pixels_are_noticed():
    place = np.random.default_rng(5).integers(0, 300, (40, 2))
    result = picture_dots(Screenshot(metres_per_pixel=1)(place, [True] * 40).image)
    assert result.step == 1
    # The nearest whole pixel: half a pixel to either side, uniformly.
    assert result.error == pytest.approx(np.sqrt(1 / 12), abs=0.01)
    # In the middle of pixels, up to a pixel to either side, as one program or another rounds.
    between = picture_dots(np.asarray(pillow(ALONE)))
    assert (between.step, between.aside) == (1, 0.5)
    assert between.error.min() >= 2 * np.sqrt(1 / 12)
    free = place + np.random.default_rng(6).random((40, 2))
    assert not picture_dots(Screenshot(metres_per_pixel=1)(free, [True] * 40).image).step


def test_a_dot_size_can_be_given():
    pair = Screenshot(metres_per_pixel=1)([[0, 0], [5, 1]], [True, True])
    with pytest.raises(ReadError, match="dot_radius="):
        picture_dots(pair.image)
    result = picture_dots(pair.image, dot_radius=4)
    assert off(pair.georeference.to_metres(result.pixel), [[0, 0], [5, 1]]).max() < 0.2
    with pytest.raises(ParameterError, match="dot_radius"):
        picture_dots(pair.image, dot_radius=0)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_pictures_without_dots_are_refused(level):
    with pytest.raises(ReadError, match="red or grey dots"):
        picture_dots(np.full((40, 50, 3), level, np.uint8))
    with pytest.raises(ReadError, match="red or grey dots"):
        picture_dots(np.full((40, 50, 3), (200, 10, 10), np.uint8))


@pytest.mark.parametrize("image", [np.zeros((5, 5)), np.zeros((5, 5, 3)), np.zeros((5, 5, 4))])
def test_arrays_that_are_no_picture(image):
    with pytest.raises(ParameterError, match="uint8 of shape"):
        picture_dots(image)
