"""Counts of other offices than INSEE: Eurostat, the German census, American blocks."""

import json

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import GeometryError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.io.public_counts import cell_of, cells_notes, cells_within, read_cells
from privaudit.words.catalogues import Note


def write(folder, *lines, name="cells.csv", encoding="utf-8"):
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding=encoding)
    return file


def doors(xy, crs):
    n = len(xy)
    frame = pd.DataFrame({"id": [str(i) for i in range(n)], "number": "1", "street": "A"})
    frame = frame.assign(commune="c", station="")
    frame[["x", "y"]] = xy
    return AddressBase(frame, crs=crs, real=True)


def test_cells_of_a_kilometre(tmp_path):
    """The counts by sex of Eurostat need not add up to the total."""
    lines = ["GRD_ID,T,M,F", "CRS3035RES1000mN2890000E3769000,1210,600,590",
             "CRS3035RES1000mN2891000E3769000,0,0,0"]  # fmt: skip
    cells = read_cells(write(tmp_path, *lines))
    assert cells[["x_laea", "y_laea", "metres"]].to_numpy().tolist() == [
        [3_769_000, 2_890_000, 1000], [3_769_000, 2_891_000, 1000],
    ]  # fmt: skip
    assert cells["residents"].tolist() == [1210, 0]
    assert cells["households"].tolist() == [550, 0]  # 2.2 people each
    at = [[3_769_000.0, 2_890_000.0], [3_769_999.9, 2_890_999.9], [3_770_000.0, 2_890_500.0]]
    base = doors(at, "EPSG:3035")
    assert cell_of(base, cells).tolist() == [0, 0, -1]
    assert cells_notes(cells) == (Note("households_by_averages"),)
    assert cells_within(cells, base)["residents"].tolist() == [1210]


def test_hidden_counts_are_a_range(tmp_path):
    lines = ["GITTER_ID_100m;x_mp_100m;y_mp_100m;Einwohner;werterlaeuternde_Zeichen",
             "CRS3035RES100mN2689100E4337000;4337050;2689150;14;",
             "CRS3035RES100mN2689200E4337000;4337050;2689250;–;",
             "CRS3035RES100mN2689300E4337000;4337050;2689350;–;KLAMMERN"]  # fmt: skip
    cells = read_cells(write(tmp_path, *lines, encoding="utf-8-sig"))
    assert cells["residents"].tolist() == [14, 1, 1]
    assert cells["residents_low"].tolist() == [14, 0, 0]
    assert cells["residents_high"].tolist() == [14, 2, 2]
    assert cells_notes(cells)[1] == Note("counts_hidden", cells=2, most=2)
    base = doors([[4_337_010.0, 2_689_210.0]], "EPSG:3035")
    assert cell_of(base, cells).tolist() == [1]
    assert cells_within(cells, base)["residents_high"].tolist() == [2]


BLOCKS = [
    "GEOID20,POP20,HOUSING20,INTPTLAT20,INTPTLON20",
    "410510001001000,120,60,+45.5201,-122.6801",
    "410510001001001,8,20,+45.5301,-122.6801",
]


def test_blocks_by_a_point_inside(tmp_path):
    cells = read_cells(write(tmp_path, *BLOCKS))
    assert cells["residents"].tolist() == [120, 8]
    # Of 20 units for 8 people, 12 at least stand empty.
    assert cells["households"].tolist() == [60, 8]
    near = np.array([[525_000.0, 5_040_800.0], [525_000.0, 5_041_900.0], [625_000.0, 5_040_800.0]])
    assert cell_of(doors(near, "EPSG:32610"), cells).tolist() == [0, 1, -1]
    assert [note.key for note in cells_notes(cells)] == [
        "households_by_averages",
        "blocks_by_points",
    ]


def test_blocks_of_a_geographic_file(tmp_path):
    features = []
    for line in BLOCKS[1:]:
        key, people, units, lat, lon = line.split(",")
        features.append(
            {
                "type": "Feature",
                "properties": {"GEOID20": key, "POP20": int(people), "HOUSING20": int(units)},
                "geometry": {"type": "Point", "coordinates": [float(lon), float(lat)]},
            }
        )
    file = tmp_path / "blocks.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    one, other = read_cells(file), read_cells(write(tmp_path, *BLOCKS))
    pd.testing.assert_frame_equal(one, other)


def test_what_is_no_cell_of_the_grid_is_refused(tmp_path):
    head = "GRD_ID,T"
    with pytest.raises(GeometryError, match="RES1000m"):
        read_cells(write(tmp_path, head, "CRS3035RES200mN2890000E3769000,12"))
    with pytest.raises(GeometryError, match="whole multiples of 1000 m"):
        read_cells(write(tmp_path, head, "CRS3035RES1000mN2890100E3769000,12"))
    with pytest.raises(SchemaError, match="numbers of 0 or more"):
        read_cells(write(tmp_path, head, "CRS3035RES1000mN2890000E3769000,-1"))
    with pytest.raises(SchemaError, match="each cell"):
        read_cells(write(tmp_path, head, *["CRS3035RES1000mN2890000E3769000,1"] * 2))
