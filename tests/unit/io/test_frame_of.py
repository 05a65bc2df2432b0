"""Rows of the engine as a frame: the same with PyArrow and without."""

import pandas as pd

from privaudit.io import duckdb


def test_the_same_frame_with_pyarrow_and_without(monkeypatch):
    query = "SELECT * FROM (VALUES ('a', 1.5::DOUBLE), ('é', NULL), ('', -2.0)) t(street, x)"
    with duckdb.connected() as connection:
        with_arrow = duckdb.frame_of(connection.sql(query))
        monkeypatch.setattr(duckdb, "find_spec", lambda name: None)
        without = duckdb.frame_of(connection.sql(query))
    pd.testing.assert_frame_equal(with_arrow, without)
    assert with_arrow["street"].tolist() == ["a", "é", ""]
