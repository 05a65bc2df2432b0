"""Cells that a spreadsheet may run are quoted; those that are empty stay empty."""

import math

import pandas as pd

from privaudit.io.workbooks import inert


def test_what_is_missing_is_no_text():
    found = inert(pd.DataFrame({"a": pd.Series([None, "=1", math.nan], dtype=object)}))
    assert found["a"].isna().tolist() == [True, False, True]
    assert found["a"][1] == "'=1"
