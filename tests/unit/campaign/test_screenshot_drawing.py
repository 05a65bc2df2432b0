"""Drawing of screenshots: sizes, colours, areas, edges."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from privaudit.campaign.views.dot_map import GREY, RED, Screenshot
from privaudit.errors import GeometryError, OutputError, ParameterError
from privaudit.release.release import Georeference, zoom_resolution


def test_metres_a_pixel_of_a_web_map():
    # The equator of the sphere of radius 6,378,137 m, over 256 pixels.
    assert zoom_resolution(0, 0) == pytest.approx(156_543.034, abs=1e-3)
    assert zoom_resolution(13, 48.8) == pytest.approx(12.59, abs=0.005)
    assert zoom_resolution(16, 48.8) == pytest.approx(zoom_resolution(13, 48.8) / 8)


@pytest.mark.parametrize("radius", [2.0, 4.0, 7.5])
def test_a_dot_covers_the_area_of_its_circle(radius):
    shot = Screenshot(metres_per_pixel=1, dot_radius=radius)([[0.3, 0.7]], [True])
    # Red takes 255 - 39 off the green of a white pixel that it covers.
    covered = (255 - shot.image[..., 1].astype(float)).sum() / (255 - RED[1])
    assert covered == pytest.approx(math.pi * radius**2, rel=0.01)


def test_hard_edges_have_two_colours_only():
    shot = Screenshot(metres_per_pixel=1, antialias=False)([[0, 0], [3, 0]], [True, True])
    colours = np.unique(shot.image.reshape(-1, 3), axis=0).tolist()
    assert colours == [list(RED), [255, 255, 255]]


def test_red_lies_over_grey_whatever_the_order():
    at = [[0, 0], [2, 0], [40, 0]]
    shot = Screenshot(metres_per_pixel=1)(at, [True, False, False])
    centre = shot.georeference.to_pixels(at).astype(int)
    visible = [shot.image[row, column].tolist() for column, row in centre]
    assert visible == [list(RED), list(RED), list(GREY)]


def test_size_margin_and_box_by_hand():
    shot = Screenshot(metres_per_pixel=2, margin=10)([[100, 200], [160, 220]], [True, False])
    # 60 m and 20 m are 30 and 10 pixels; one more for the last, and 10 on every side.
    assert shot.image.shape == (31, 51, 3)
    assert shot.box == (80.0, 178.0, 182.0, 240.0)
    again = Georeference.of_box(shot.box, width=51, height=31)
    assert np.allclose(again.matrix, shot.georeference.matrix)
    assert shot.georeference.to_pixels([[100, 220]]).tolist() == [[10.0, 10.0]]


def test_streets_lie_under_the_dots():
    shot = Screenshot(metres_per_pixel=1, basemap="streets")([[0, 0], [300, 300]], [True, True])
    assert len(np.unique(shot.image.reshape(-1, 3), axis=0)) > 6
    assert shot.image[20 + 300, 20].tolist() == list(RED)


def test_files_hold_the_picture(tmp_path):
    shot = Screenshot(metres_per_pixel=1)([[0, 0], [30, 9]], [True, False])
    assert (np.asarray(Image.open(shot.save(tmp_path / "a.png"))) == shot.image).all()
    packed = Image.open(io.BytesIO(shot.encode(quality=80)))
    assert packed.format == "JPEG"
    assert packed.size == (71, 50)
    with pytest.raises(OutputError, match=r"'a\.png': no such file or directory"):
        shot.save(tmp_path / "none" / "a.png")
    with pytest.raises(ParameterError, match="quality a whole number, 1 to 95"):
        shot.encode(quality=99)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"metres_per_pixel": 0}, "metres_per_pixel"),
        ({"metres_per_pixel": 1, "dot_radius": 0.5}, "dot_radius"),
        ({"metres_per_pixel": 1, "basemap": "satellite"}, "basemap"),
        ({"metres_per_pixel": 1, "margin": -1}, "margin"),
        ({"metres_per_pixel": 1, "antialias": "no"}, "antialias"),
    ],
)
def test_invalid_parameters_are_refused(wrong, message):
    with pytest.raises(ParameterError, match=message):
        Screenshot(**wrong)


def test_invalid_dots_are_refused():
    draw = Screenshot(metres_per_pixel=1)
    with pytest.raises(GeometryError, match="none"):
        draw(np.empty((0, 2)), [])
    with pytest.raises(GeometryError, match="missing position"):
        draw([[np.nan, 0]], [True])
    with pytest.raises(ParameterError, match="1 colours for 2 dots"):
        draw([[0, 0], [1, 1]], [True])
    with pytest.raises(GeometryError, match="at most 50,000,000 pixels"):
        draw([[0, 0], [10_000, 10_000]], [True, True])


@pytest.mark.parametrize("box", [(0, 0, 0, 5), (0, 5, 5, 0), (0, 0, 5), (0, 0, np.inf, 5)])
def test_an_invalid_box_is_refused(box):
    with pytest.raises(GeometryError, match="west, south, east, north"):
        Georeference.of_box(box, width=10, height=10)


def test_a_map_from_pixels_needs_an_inverse():
    with pytest.raises(GeometryError, match="inverse"):
        Georeference(np.array([[1, 1, 0], [1, 1, 0]]))
