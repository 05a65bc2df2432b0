"""Points in the order of a curve, and the nearest places, by hand."""

import numpy as np
import pytest

from privaudit.geo import neighbours


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [1, 0, 4, 3, 2], [4, 3, 2, 1, 0]])
@pytest.mark.parametrize("east", [0.0, 700.0])
def test_two_points_of_one_cell_follow_by_position(order, east):
    """The square has 2**21 cells a side: of a kilometre, half a millimetre each."""
    curve = np.array([[0, 0], [1e-5, 0], [500, 500], [1000, 1000 - 1e-5], [1000, 1000]])
    curve[:, 0] += east
    points = curve[order]
    assert points[neighbours.z_order(points)].tolist() == curve.tolist()


def test_nearest_without_a_tolerance_is_the_nearest_alone():
    places = np.array([[0.05, 0.0], [0.0, 0.08], [0.0, -0.05]])
    assert neighbours.nearest(np.zeros((1, 2)), places).place.tolist() == [0, 2]
    assert neighbours.nearest(np.zeros((1, 2)), places, 0.07).place.tolist() == [0, 2]
    assert neighbours.nearest(np.zeros((1, 2)), places, 0.08).place.tolist() == [0, 1, 2]
