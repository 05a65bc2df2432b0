"""Points in the order of a curve, and the nearest places, by hand."""

import numpy as np
import pytest

from privaudit.geo import neighbours


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0]])
def test_two_points_of_one_cell_follow_by_position(order):
    """The square has 2**21 cells a side: of a kilometre, half a millimetre each."""
    points = np.array([[0.0, 0.0], [1e-5, 0.0], [1000.0, 1000.0 - 1e-5], [1000.0, 1000.0]])[order]
    found = points[neighbours.z_order(points)]
    assert found[:2].tolist() == [[0.0, 0.0], [1e-5, 0.0]]
    # The last cell begins where the curve ends: the point before its end is of the cell before.
    assert found[2:].tolist() == [[1000.0, 1000.0 - 1e-5], [1000.0, 1000.0]]


def test_nearest_without_a_tolerance_is_the_nearest_alone():
    pairs = neighbours.nearest(np.zeros((1, 2)), np.array([[1.0, 0.0], [0.0, 1.05], [0.0, -1.0]]))
    assert pairs.place.tolist() == [0, 2]
