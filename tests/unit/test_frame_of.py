"""Rows of the engine as a frame: the same with PyArrow and without."""

import pandas as pd

from privaudit.tables import duck


def test_the_same_frame_with_pyarrow_and_without(monkeypatch):
    query = "SELECT * FROM (VALUES ('a', 1.5::DOUBLE), ('é', NULL), ('', -2.0)) t(street, x)"
    with duck.connected() as connection:
        with_arrow = duck.frame_of(connection.sql(query))
        monkeypatch.setattr(duck, "find_spec", lambda name: None)
        without = duck.frame_of(connection.sql(query))
    pd.testing.assert_frame_equal(with_arrow, without)
    assert with_arrow["street"].tolist() == ["a", "é", ""]
