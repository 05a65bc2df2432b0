"""Nodes of a heat map near each place, by hand."""

import numpy as np
import pytest

from privaudit.maps.heat import _near


@pytest.mark.parametrize(
    ("nodes", "place", "index", "away"),
    [
        # Two nodes 10 m apart, and a reach of two bandwidths of 1 m: 1 m from the second.
        ([0.0, 10.0], 9.0, 1, 1.0),
        ([0.0, 10.0, 20.0], 9.0, 1, 1.0),
        # Of one node alone, half a bandwidth away.
        ([5.0], 4.5, 0, 0.5),
    ],
)
def test_the_node_near_a_place_is_known_by_its_distance(nodes, place, index, away):
    near, distance = _near(np.array(nodes), np.array([place]), 1.0, 2.0)
    assert index in near[0]
    assert distance[0][near[0] == index] == pytest.approx([away])
