"""alpha: how much of a record counts that agrees only by a blank (sdcMicro's freqCalc)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import privaudit as pa
from privaudit.core.thresholds import CLASS_THRESHOLDS
from privaudit.errors import ParameterError

KEYS = ["a", "b"]
cell = st.sampled_from([0, 1, None])
tables = st.lists(st.tuples(cell, cell), min_size=2, max_size=9)


def agree(one, other):
    return all(x is None or y is None or x == y for x, y in zip(one, other, strict=True))


def measured(rows, population=None, **asked):
    frames = [
        None if some is None else pd.DataFrame(some, columns=KEYS, dtype="Int64")
        for some in (rows, population)
    ]
    asked = {"missing": "wildcard", **asked}
    return pa.measure(frames[0], pa.Roles(key=KEYS), population=frames[1], **asked)


@given(tables, tables, st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_sizes_are_those_alike_and_alpha_of_those_that_match(rows, others, alpha):
    def weighed(one, crowd):
        alike = sum(other == one for other in crowd)
        return alike + alpha * (sum(agree(one, other) for other in crowd) - alike)

    people = rows + others
    found = measured(rows, people, alpha=alpha)
    f = np.array([weighed(one, rows) for one in rows])
    big = np.array([weighed(one, people) for one in rows])
    scores = found.per_record
    assert scores["class_size"].to_numpy() == pytest.approx(f)
    assert scores["population_size"].to_numpy() == pytest.approx(big)
    assert found.value("prosecutor_risk_mean") == pytest.approx((1 / f).mean())
    assert found.value("marketer_risk") == pytest.approx((1 / big).mean())
    assert found.value("share_under", threshold=2) == pytest.approx((f < 2).mean())


def test_the_ends_are_wildcard_and_value():
    rows = [(0, 0), (0, None), (1, 1), (None, 1), (None, None)]
    names = [
        "k_anonymity", "sample_uniques", "prosecutor_risk_mean",
        *(f"share_under(threshold={size})" for size in CLASS_THRESHOLDS),
    ]  # fmt: skip
    for alpha, missing in ((1.0, "wildcard"), (0.0, "value")):
        mine = measured(rows, alpha=alpha).overall.loc[names, "value"]
        pd.testing.assert_series_equal(
            mine, measured(rows, missing=missing).overall.loc[names, "value"]
        )


def test_what_cannot_be_is_refused():
    for asked in ({"alpha": 1.5}, {"alpha": -0.1}, {"alpha": 0.5, "missing": "likely"}):
        with pytest.raises(ParameterError, match="alpha"):
            measured([(0, 0), (1, None)], **asked)
