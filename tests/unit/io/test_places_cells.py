"""200 m cells: names of columns, corners, and which cell holds an address."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import GeometryError, ReadError, SchemaError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.crs import project
from privaudit.io.public_counts import CELL_COLUMNS, cell_of, read_cells

SHARED = Path(__file__).parents[3].parent / "shared" / "data"
HEADER = "x_laea,y_laea,ind,men,men_1ind,men_5ind,men_coll,men_mais"


@pytest.fixture
def joinville() -> Path:
    file = SHARED / "joinville-households-200m.csv"
    if not file.exists():
        pytest.skip("needs ../shared/data: the cells of Joinville-le-Pont")
    return file


def write(folder: Path, *lines: str, name: str = "cells.csv") -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def addresses(xy: np.ndarray, crs: str = "EPSG:2154") -> AddressBase:
    words = dict.fromkeys(("id", "number", "street", "commune", "station"), "")
    frame = pd.DataFrame({**words, "x": xy[:, 0], "y": xy[:, 1]}, index=range(len(xy)))
    return AddressBase(frame, crs=crs, real=True)


def test_columns_and_values(tmp_path):
    cells = read_cells(write(tmp_path, HEADER, "3768200,2883400,184.5,95,51,4,53,42"))
    assert tuple(cells.columns) == CELL_COLUMNS
    assert cells.iloc[0].tolist() == [0, 3768200, 2883400, 184.5, 95, 51, 4, 53, 42]


@pytest.mark.parametrize("identifier", ["idcar_200m", "IdINSPIRE", "Idcar", "Idcar_200m"])
def test_names_of_the_download(tmp_path, identifier):
    line = f"{identifier};Ind;Men;Men_1ind;Men_5ind;Men_coll;Men_mais;lcog_geo"
    row = "CRS3035RES200mN2883400E3768200;184.5;95;51;4;53;42;94042"
    cells = read_cells(write(tmp_path, line, row))
    assert cells[["x_laea", "y_laea", "households"]].iloc[0].tolist() == [3768200, 2883400, 95]


def test_gzip_without_its_ending(tmp_path):
    file = tmp_path / "cells.csv"
    file.write_bytes(gzip.compress(f"{HEADER}\n200,400,1,1,1,0,1,0\n".encode()))
    assert len(read_cells(file)) == 1


@pytest.mark.parametrize(
    ("lines", "error", "says"),
    [
        ([HEADER.replace(",men,", ","), "0,0,1,1,1,1,1"], SchemaError, "count 'men'"),
        ([HEADER + ",ind", "0,0,1,1,1,1,1,1,1"], SchemaError, "stands 2 times"),
        ([HEADER, "0,0,1,1,1,1,1,1", "0,0,2,1,1,1,1,1"], SchemaError, "stand again"),
        ([HEADER, "0,0,-3,1,1,1,1,1"], SchemaError, "1 cells of 1"),
        ([HEADER, "0,0,many,1,1,1,1,1"], SchemaError, "1 cells of 1"),
        ([HEADER, "100,0,1,1,1,1,1,1"], GeometryError, "not their centres"),
        ([HEADER], ReadError, "only a header"),
        (["", "  "], ReadError, "empty file"),
        (
            [
                HEADER.replace("x_laea,y_laea", "idcar_200m"),
                "CRS2975RES200mN7640400E317600,1,1,1,1,1,1",
            ],
            GeometryError,
            "another grid",
        ),
        (
            [
                HEADER.replace("x_laea,y_laea", "idcar_200m,IDCAR_200M"),
                "CRS3035RES200mN2883400E3768200,CRS3035RES200mN2883400E3768200,1,1,1,1,1,1",
            ],
            SchemaError,
            "corner 'idcar_200m' stands 2 times",
        ),
    ],
)
def test_bad_files_are_refused_in_one_line(tmp_path, lines, error, says):
    with pytest.raises(error, match=says) as caught:
        read_cells(write(tmp_path, *lines))
    message = str(caught.value)
    assert message.startswith("read_cells: ")
    assert "\n" not in message
    assert "many" not in message


def test_missing_folder_and_binary(tmp_path):
    with pytest.raises(ReadError, match="no such file"):
        read_cells(tmp_path / "absent.csv")
    with pytest.raises(ReadError, match="the folder"):
        read_cells(tmp_path)
    file = tmp_path / "cells.csv"
    file.write_bytes(b"\x1c\n")
    with pytest.raises(ReadError, match="empty file"):
        read_cells(file)
    file.write_bytes(b"PAR1\0\0\0")
    with pytest.raises(ReadError, match="which is Parquet"):
        read_cells(file)


def test_an_address_lies_in_the_cell_of_its_corner(tmp_path):
    cells = read_cells(
        write(tmp_path, HEADER, "3768200,2883400,1,1,1,1,1,1", "3768400,2883400,1,1,1,1,1,1")
    )
    # Just inside the first, the second, and just left of both.
    laea = np.array([[3768201.0, 2883401.0], [3768401.0, 2883599.0], [3768199.0, 2883401.0]])
    base = addresses(project(*laea.T, source="EPSG:3035", target="EPSG:2154"))
    assert cell_of(base, cells).tolist() == [0, 1, -1]


def test_fictional_addresses_have_no_cell(tmp_path):
    cells = read_cells(write(tmp_path, HEADER, "0,0,1,1,1,1,1,1"))
    with pytest.raises(GeometryError, match=r"cell_of: .*fictional"):
        cell_of(addresses(np.zeros((1, 2)), crs="fictional"), cells)


def test_joinville(joinville):
    cells = read_cells(joinville)
    raw = pd.read_csv(joinville)
    assert len(cells) == 94  # the data's README
    assert cells["households"].sum() == pytest.approx(raw["men"].sum())
    # Households live in buildings or in houses.
    both = cells["in_buildings"] + cells["in_houses"]
    assert np.allclose(both, cells["households"], atol=0.11)
