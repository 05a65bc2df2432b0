"""Class sizes counted without saying who is in which class, against a counter of rows."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from privaudit.columns.levels import narrow_codes
from privaudit.errors import ParameterError
from privaudit.tables import equivalence_classes
from privaudit.tables.equivalence_classes import count_class_sizes

# The last level of a column decides how wide the key of a record is: 4 bytes, 8, or numbered anew.
WIDTHS = {
    "4 bytes": (1 << 6, np.int8),
    "4 bytes from wide columns": (1 << 6, np.int64),
    "8 bytes": (1 << 20, np.int32),
    "numbered anew": (1 << 61, np.int64),
}


@pytest.fixture(params=["table", "sort"], autouse=True)
def way(request, monkeypatch):
    """Each test runs where keys are counted in a table, and where they are sorted."""
    if request.param == "sort":
        monkeypatch.setattr(equivalence_classes, "_TABLE_CELLS", 0)


def by_hand(columns):
    seen = Counter(zip(*(column.tolist() for column in columns), strict=True))
    return sorted(Counter(seen.values()).items())


def as_pairs(found):
    sizes, counts = found
    return list(zip(sizes.tolist(), counts.tolist(), strict=True))


@pytest.mark.parametrize("width", WIDTHS)
@given(
    arrays(np.int64, st.tuples(st.integers(2, 4), st.integers(1, 14)), elements=st.integers(-1, 2))
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sizes_are_those_of_a_counter_of_rows(width, codes):
    far, kind = WIDTHS[width]
    columns = [np.where(row == 2, far, row).astype(kind) for row in codes]
    assert as_pairs(count_class_sizes(columns)) == by_hand(columns)


def test_runs_that_cross_blocks_and_classes_of_thousands(monkeypatch):
    monkeypatch.setattr(equivalence_classes, "_RUN", 100)
    monkeypatch.setattr(equivalence_classes, "_BLOCK", 70)
    monkeypatch.setattr(equivalence_classes, "_RUNS_COUNTED", 2)
    sizes = (1, 99, 100, 101, 1023, 1024, 1024, 2500, 1)
    # In the order of the keys, the second class ends with a block.
    key = np.random.default_rng(3).permutation(np.repeat(np.arange(len(sizes)), sizes))
    found = count_class_sizes([np.zeros_like(key), key])
    assert as_pairs(found) == sorted(Counter(sizes).items())


@pytest.mark.parametrize("kind", [np.int64, np.uint64, np.uint32])
def test_codes_that_start_far_from_zero_run_over_without_meeting(kind):
    # Few levels, of which the codes pass 4 bytes when they are packed.
    high = (1 << 31) - 2
    row = np.random.default_rng(4).integers(0, 8, size=(3, 200)).astype(kind)
    columns = [row[0] + kind(high), row[1] + kind(70_000), row[2]]
    assert as_pairs(count_class_sizes(columns)) == by_hand(columns)


def test_no_record_has_no_class():
    assert as_pairs(count_class_sizes([np.zeros(0, np.int64)])) == []


def test_what_cannot_be_counted_is_said():
    with pytest.raises(ParameterError, match="at least one column"):
        count_class_sizes([])
    with pytest.raises(ParameterError, match="a code of -2"):
        count_class_sizes([np.array([-2, 0])])


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([-120, 127, 0], dtype="int8"),
        pd.Series([2**63, 2**63 + 5], dtype="uint64"),
        pd.Series([-(2**62), -(2**62) + 3]),
        pd.Series([2**40, 2**40 + 1]),
        pd.Series([5, 6], dtype="uint64"),
        pd.Series([f"level {i}" for i in range(128)] + [None], dtype="str"),
        pd.Series([f"level {i}" for i in range(129)] + [None], dtype="str"),
    ],
)
def test_narrow_codes_keep_apart_what_differs(column):
    codes = narrow_codes(column, "test")
    assert len(np.unique(codes)) == len(column)
    assert codes.min() >= -1
    assert codes.max() < 2**31
    assert as_pairs(count_class_sizes([codes])) == [(1, len(column))]
