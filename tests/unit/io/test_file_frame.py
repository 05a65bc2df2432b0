"""Rows whose cells stand in the column beside theirs, each by hand."""

import numpy as np
import pandas as pd
import pytest

from privaudit.io.file_frame import moved_rows
from privaudit.text.cells import Texts

PEOPLE = [
    ["7", "Roux", "1980-05-02", "Brest", "F", "20"],
    ["8", "Petit", "1975-01-30", "Lyon", "M", ""],
]


def _moved(*odd, of=PEOPLE * 6):
    rows = [*of, *odd]
    codes, levels = zip(
        *(pd.factorize(np.array(c, dtype=object)) for c in zip(*rows, strict=True)), strict=True
    )
    return moved_rows(codes, [Texts(level.tolist()) for level in levels])


@pytest.mark.parametrize(
    ("row", "n"),
    [
        (["9", "Le", "Gall", "1980-05-02", "Brest", "F"], 1),  # a separator within a surname
        (["", "9", "Roux", "1980-05-02", "Brest", "F"], 1),  # an empty cell in front
        (["9", "Roux", "1980-05-02", "Brest", "Cedex", "F"], 1),  # within a town
        (["9", "1980-05-02", "Brest", "F", "20", ""], 1),  # a surname that is lost
        (["9", "Roux", "1980-05-02", "F", "20", ""], 1),  # a town
        # Cells that are not read, unknown or of another row are no move.
        (["9", "Roux", "inconnu", "Brest", "F", "inconnu"], 0),
        (["9", "Roux", "inconnu", "Brest", "inconnu", "20"], 0),
        (["9", "Roux", "", "", "", ""], 0), (["", "", "", "", "F", "20"], 0),
        (["9", "Roux", "1980-05-02", "Brest", "20", "F"], 0),
        (["9", "75", "1980-05-02", "Brest", "F", "x"], 0),
        (["9", "Roux", "1980-05-02", "Brest", "F", "M"], 0),
        (["TOTAL", "", "", "", "", "240"], 0),
    ],
)  # fmt: skip
def test_a_row_is_moved_where_its_last_cells_are_those_of_the_columns_beside(row, n):
    assert _moved(row) == n


def test_columns_of_many_kinds_show_no_move():
    mixed = [["7", "Roux", "1980-05-02"], ["x", "12", "Lyon"], ["2020-01-01", "Petit", "8"]]
    assert _moved(["9", "Le", "Gall"], of=mixed * 4) == 0


@pytest.mark.parametrize(("letters", "n"), [(16, 0), (17, 1), (18, 1)])
def test_a_column_is_of_a_kind_by_seventeen_of_twenty_cells(letters, n):
    cells = ["F"] * letters + ["12"] * (19 - letters)
    people = [["7", "Roux", cell, "20"] for cell in cells]
    assert _moved(["9", "Le", "Gall", "F"], of=people) == n
