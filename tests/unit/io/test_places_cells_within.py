"""Cells that straddle a border: each commune gets its share of their people."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.io.public_counts import CELL_CRS, cells_within


def addresses(*places):
    frame = pd.DataFrame(places, columns=["x", "y"], dtype=float)
    words = {"id": "a", "number": "1", "street": "s", "commune": "c", "station": ""}
    return AddressBase(frame.assign(**words), crs=CELL_CRS, real=True)


CELLS = pd.DataFrame(
    {
        "cell": [0, 1, 2],
        "x_laea": [3_768_200, 3_768_400, 3_768_600],
        "y_laea": [2_883_400] * 3,
        "residents": [100.0, 60.0, 40.0],
        "households": [50.0, 30.0, 20.0],
        "one_person": [10.0, 6.0, 4.0],
        "five_plus": [5.0, 3.0, 2.0],
        "in_buildings": [40.0, 20.0, 10.0],
        "in_houses": [10.0, 10.0, 10.0],
    }
)
OURS = addresses((3_768_210, 2_883_410), (3_768_410, 2_883_410))
# One more address of a neighbour in the first cell, three more in the second.
AROUND = addresses(
    (3_768_210, 2_883_410), (3_768_410, 2_883_410), (3_768_220, 2_883_420),
    (3_768_420, 2_883_420), (3_768_430, 2_883_420), (3_768_440, 2_883_420),
    (3_768_650, 2_883_420),
)  # fmt: skip


def test_counts_are_shared_by_addresses():
    part = cells_within(CELLS, OURS, AROUND)
    # 1 address of 2 in the first cell, 1 of 4 in the second, none in the third.
    np.testing.assert_allclose(part["residents"], [50, 15])
    np.testing.assert_allclose(part["households"], [25, 7.5])
    assert part["cell"].tolist() == [0, 1]


def test_without_neighbours_a_cell_is_taken_whole():
    part = cells_within(CELLS, OURS)
    np.testing.assert_allclose(part["residents"], [100, 60])


def test_cells_of_elsewhere_are_refused():
    far = addresses((4_000_000, 2_500_000))
    with pytest.raises(ParameterError, match="cells of the commune"):
        cells_within(CELLS, far)
