"""Where a picture lies: the limits of what is a map from pixels to metres."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import GeometryError, ParameterError
from privaudit.release.release import (
    Georeference,
    LabelsChecked,
    Picture,
    PictureRelease,
    zoom_resolution,
)

EARTH = 2 * np.pi * 6_378_137


@pytest.mark.parametrize(
    ("matrix", "good"),
    [
        # The determinant is the area of a pixel in square metres: one of a square millimetre is
        # a map still, one that is nothing but rounding is none.
        ([[1e-3, 0, 0], [0, 1e-3, 0]], True), ([[1.05e-6, 0, 0], [0, 1e-6, 0]], True),
        ([[0.95e-6, 0, 0], [0, 1e-6, 0]], False), ([[1, 1, 0], [1, 1, 0]], False),
        ([[0, -1, 5], [1, 0, 5]], True), ([[np.nan, 0, 0], [0, 1, 0]], False),
        ([[1, 0, np.inf], [0, 1, 0]], False),
    ],
)  # fmt: skip
def test_a_map_of_pixels_has_an_inverse(matrix, good):
    if not good:
        with pytest.raises(GeometryError, match="has an inverse"):
            Georeference(np.array(matrix))
        return
    found = Georeference(np.array(matrix))
    assert found.to_pixels(found.to_metres([[2.0, 3.0]])) == pytest.approx(np.array([[2.0, 3.0]]))


@pytest.mark.parametrize(
    ("box", "good"),
    [
        ([0, 0, 10, 20], True), ([0, 0, 0, 20], False), ([0, 0, 10, 0], False),
        ([10, 0, 0, 20], False), ([0, 20, 10, 0], False), ([0, 0, 10], False),
        ([0, 0, 10, 20, 30], False), ([0, 0, np.inf, 20], False), ([np.nan, 0, 10, 20], False),
    ],
)  # fmt: skip
def test_a_box_has_west_below_east_and_south_below_north(box, good):
    if good:
        placed = Georeference.of_box(box, width=5, height=4)
        assert Picture(np.zeros((4, 5, 3), np.uint8), placed).box == pytest.approx(box)
        assert placed.to_metres([[0, 0], [5, 4]]).tolist() == [[0, 20], [10, 0]]
    else:
        with pytest.raises(GeometryError, match="west below east"):
            Georeference.of_box(box, width=5, height=4)


@pytest.mark.parametrize(("width", "height"), [(0, 4), (5, 0)])
def test_a_picture_has_a_pixel(width, height):
    with pytest.raises(ParameterError):
        Georeference.of_box([0, 0, 1, 1], width=width, height=height)
    assert Georeference.of_box([0, 0, 1, 1], width=1, height=1).metres_per_pixel == 1


@pytest.mark.parametrize(
    ("zoom", "latitude", "good"),
    [(0, 0, True), (24, 85, True), (24, -85, True), (-0.1, 0, False), (24.1, 0, False),
     (3, 85.1, False), (3, -85.1, False)],
)  # fmt: skip
def test_a_web_map_has_zooms_0_to_24_and_ends_at_85_degrees(zoom, latitude, good):
    if good:
        # The equator on one tile of 256 pixels, halved by each step.
        expected = EARTH / 256 / 2**zoom * np.cos(np.radians(latitude))
        assert zoom_resolution(zoom, latitude) == pytest.approx(expected)
    else:
        with pytest.raises(ParameterError):
            zoom_resolution(zoom, latitude)


def test_a_picture_says_its_size_and_whether_it_is_placed():
    image = np.zeros((4, 5, 3), np.uint8)
    assert repr(Picture(image, None)) == "Picture(5 x 4 pixels, not placed)"
    with pytest.raises(GeometryError, match="says where it lies"):
        _ = Picture(image, None).box


@pytest.mark.parametrize(("quality", "good"), [(0, False), (1, True), (95, True), (96, False)])
def test_a_jpeg_has_a_quality_from_1_to_95(quality, good):
    picture = Picture(np.zeros((4, 5, 3), np.uint8), None)
    if good:
        assert picture.encode(quality=quality)[:2] == b"\xff\xd8"
    else:
        with pytest.raises(ParameterError):
            picture.encode(quality=quality)


def test_labels_that_nobody_checked_are_none():
    assert LabelsChecked() == (0, 0, 0, 0)


def test_a_picture_is_shown_by_its_width_and_height(world):
    """An image of numbers is rows by columns (and colours)."""
    image = np.zeros((2, 1_300, 3), dtype=np.uint8)
    picture = Picture(image, Georeference(np.array([[1.0, 0, 0], [0, -1.0, 0]])))
    shown = PictureRelease(
        records=pd.DataFrame(index=pd.RangeIndex(0)),
        roles=Roles(),
        backdrop=world.addresses,
        picture=picture,
    )
    assert repr(shown).startswith("Release(screenshot, 1,300 x 2 pixels, ")
