"""A map is proposed of records with one place each."""

import pandas as pd
import pytest

import privaudit as pa
from privaudit.studies.inspect import next_commands

EAST, NORTH = [2.45 + 0.001 * k for k in range(30)], [48.8 + 0.001 * k for k in range(30)]


@pytest.mark.parametrize(
    ("columns", "proposed"),
    [
        ({"Latitude": NORTH, "Longitude": EAST}, True),
        ({"lat": NORTH, "lng": EAST}, True),
        ({"loc.longitude": EAST, "loc.latitude": NORTH}, True),
        ({"_GPS_latitude": NORTH, "_GPS_longitude": EAST, "_GPS_altitude": NORTH}, True),
        ({"pickup_latitude": NORTH, "pickup_longitude": EAST,
          "dropoff_latitude": NORTH, "dropoff_longitude": EAST}, False),
    ],
)  # fmt: skip
def test_a_map_is_proposed_of_one_place_and_none_of_two(tmp_path, columns, proposed):
    file = tmp_path / "trips.csv"
    pd.DataFrame({"status": ["to meet", "visited"] * 15} | columns).to_csv(file, index=False)
    inventory = pa.inspect(file, as_of="2024-06-01")
    assert inventory.is_map
    lines = next_commands([file], [inventory])
    assert any(line.startswith("privaudit map") for line in lines) == proposed
