"""The nearest records: a plain search, and what counting in bytes could get wrong."""

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.reading import Reading
from privaudit.tables.nearest_records import RecordIndex, column_scale, read_together


def test_neighbours_against_a_plain_search():
    rng = np.random.default_rng(4)
    records = np.column_stack([rng.integers(0, 5, 60), rng.integers(0, 3, 60)]).astype(float)
    records[rng.random(records.shape) < 0.1] = np.nan
    queries = records[:20] + np.array([0.5, 0])
    ordered = np.array([True, False])
    scale = column_scale(records, ordered)
    for k in (1, 4, 60):
        found = RecordIndex(records, ordered, scale).nearest(queries, k)
        for q, query in enumerate(queries):
            away = []
            for record in records:
                apart = []
                for x, y, number in zip(query, record, ordered, strict=True):
                    if np.isnan(x) or np.isnan(y):
                        apart.append(float(np.isnan(x) != np.isnan(y)))
                    else:
                        apart.append(min(abs(x - y) / 4, 1) if number else float(x != y))
                away.append(sum(apart))
            away = np.array(away)
            kth = np.sort(away)[k - 1]
            np.testing.assert_array_equal(found.sure[[q]].toarray()[0], away < kth - 1e-9)
            np.testing.assert_array_equal(found.tied[[q]].toarray()[0], abs(away - kth) < 1e-9)
            assert found.slots[q] == k - (away < kth - 1e-9).sum()


def test_many_columns_that_differ_are_all_counted():
    # Counted in bytes, 256 differences would be none.
    near, far = np.zeros(300), np.zeros(300)
    near[0], far[:256] = 1, 1
    found = RecordIndex(np.stack([far, near]), np.zeros(300, bool), np.ones(300))
    assert found.nearest(np.zeros((1, 300)), 1).tied.toarray().tolist() == [[0, 1]]


def test_levels_past_a_byte_and_levels_unknown_to_the_release():
    # 0, 1, ..., 299 and a missing value; 256 is not 0, 999 is nobody's, missing is missing.
    release = np.append(np.arange(300.0), np.nan)[:, None]
    asked = np.array([[256.0], [np.nan], [999.0]])
    tied = RecordIndex(release, np.array([False]), np.ones(1)).nearest(asked, 1).tied
    assert tied.sum(axis=1).tolist() == [1, 1, 301]
    assert tied.toarray()[[0, 1], [256, 300]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("reading", "blank"), [(None, 0), (Reading(), 0), (Reading(missing_values=["Brest"]), 1)]
)
def test_tables_are_read_together_as_the_reading_says(reading, blank):
    tables = {name: pd.DataFrame({"town": ["Brest", name]}) for name in ("original", "control")}
    read, _ = read_together("test", tables, ["town"], reading)
    assert [int(table["town"].isna().sum()) for table in read.values()] == [blank, blank]
