"""Cells of Parquet: points byte by byte (the order, the kind, the code, what is cut), and types.

By the definition (OGC 06-103r4, 8.2; EWKB of PostGIS for the high bits).
"""

import struct

import pandas as pd
import pytest

from privaudit.io.formats.parquet import plain_column, points_of_cells
from privaudit.words.catalogues import Note

POINT = struct.pack("<BIdd", 1, 1, 2.5, 48.0)
UNKNOWN = Note("not_a_point", geometry="unknown")
NO_NUMBERS = Note("point_without_numbers")


@pytest.mark.parametrize(
    "cell",
    [
        POINT, bytearray(POINT), struct.pack(">BIdd", 0, 1, 2.5, 48.0),
        # With a height, a measure or both, as OGC says, and as PostGIS does.
        struct.pack("<BIddd", 1, 1001, 2.5, 48.0, 7.0), struct.pack("<BIdd", 1, 2001, 2.5, 48.0),
        struct.pack("<BIdddd", 1, 3001, 2.5, 48.0, 7.0, 1.0),
        struct.pack("<BIddd", 1, 0x80000001, 2.5, 48.0, 7.0),
        # With a code of its projection before the numbers.
        struct.pack("<BIIdd", 1, 0x20000001, 2154, 2.5, 48.0),
    ],
)  # fmt: skip
def test_a_point_in_each_format(cell):
    xy, good, aside = points_of_cells([cell], "wkb")
    assert (xy.tolist(), good.tolist(), aside) == ([[2.5, 48.0]], [True], {})


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (None, Note("feature_without_geometry")), ("0101", Note("feature_without_geometry")),
        (b"", UNKNOWN), (POINT[:4], UNKNOWN), (b"\x02" + POINT[1:], UNKNOWN),
        (b"\xff", UNKNOWN), (POINT[:5], NO_NUMBERS), (POINT[:20], NO_NUMBERS),
        (struct.pack("<BIIdd", 1, 0x20000001, 2154, 2.5, 48.0)[:24], NO_NUMBERS),
        (struct.pack("<BI", 1, 2) + b"\0" * 16, Note("not_a_point", geometry="LineString")),
        (struct.pack("<BI", 1, 1003) + b"\0" * 16, Note("not_a_point", geometry="Polygon")),
        (struct.pack("<BI", 1, 999) + b"\0" * 16, UNKNOWN),
    ],
)  # fmt: skip
def test_what_is_no_point_is_set_aside(cell, why):
    _, good, aside = points_of_cells([POINT, cell], "wkb")
    assert good.tolist() == [True, False]
    assert aside == {why: 1}


@pytest.mark.parametrize(
    ("cells", "kind", "told"),
    [
        # 2**63 - 1 is the largest of int64; 2**53 whole numbers are those of a float.
        (pd.array([2**63 - 1, 1], dtype="uint64"), "int64", [2**63 - 1, 1]),
        (pd.array([2**63, 1], dtype="uint64"), "str", ["9223372036854775808", "1"]),
        (pd.array([2**53 - 1, None], dtype="Int64"), "float64", [2.0**53 - 1, None]),
        (pd.array([-(2**53), None], dtype="Int64"), "str", ["-9007199254740992", None]),
        (pd.array([True, False], dtype="boolean"), "bool", [True, False]),
        (pd.array([True, None], dtype="boolean"), "str", ["True", None]),
        (pd.array([1.5, None], dtype="Float32"), "float64", [1.5, None]),
        (pd.array(["a", "", None], dtype="str"), "str", ["a", None, None]),
    ],
)
def test_columns_have_the_types_of_a_text_table(cells, kind, told):
    found = plain_column(pd.Series(cells))
    assert str(found.dtype) == kind
    assert [None if pd.isna(cell) else cell for cell in found] == told
