"""Parts of a reconstruction from published tables, by hand."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.stats.protections import parse_protection
from privaudit.tables import reconstruction
from privaudit.tables.reconstruction import (
    _levels,
    _Margin,
    _margin,
    _misfit,
    _over_runs,
    _people,
    _products,
    _proved,
    _softmax,
)


def counts(values, *names, index):
    if len(names) == 1:
        return pd.Series(values, pd.Index(index, name=names[0]), dtype=float)
    return pd.Series(values, pd.MultiIndex.from_tuples(index, names=names), dtype=float)


AGE = counts([3, 2], "age", index=["a", "b"])
BOTH = counts([2, 1, 2], "sex", "age", index=[("f", "a"), ("m", "a"), ("m", "c")])


def test_levels_are_those_of_all_tables():
    names, levels = _levels([AGE, BOTH])
    assert names == ["age", "sex"]
    assert [of.tolist() for of in levels] == [["a", "b", "c"], ["f", "m"]]


@pytest.mark.parametrize(
    ("tables", "law", "people"),
    [
        ([AGE, BOTH], None, 5), ([AGE, AGE + 0.2], None, 5),
        ([AGE, AGE + 0.6], None, "same people"),
        ([AGE * np.nan], None, "no hidden count"), ([AGE * 0], None, "that count people"),
        ([AGE - 2.5], None, "0 or more"), ([AGE, AGE + 1, AGE + 9], "rounding:5", 7),
        # A table with a hidden count has no total.
        ([AGE, counts([9, np.nan], "age", index=["a", "b"])], None, 5),
    ],
)  # fmt: skip
def test_people_are_the_total_of_tables_without_a_hidden_count(tables, law, people):
    law = parse_protection(law) if law else None
    if isinstance(people, str):
        with pytest.raises(ParameterError, match=people):
            _people(tables, law)
    else:
        assert _people(tables, law) == people


def test_a_hidden_count_lies_under_the_limit_and_what_is_not_listed_is_nought():
    names, levels = _levels([AGE, BOTH])
    for limit, low, high in ((0, 0, 5), (1, 1, 0), (4, 1, 3)):
        table = counts([3, np.nan], "age", index=["a", "b"])
        found = _margin(table, names, levels, 5, limit, None)
        assert (found.low.tolist(), found.high.tolist()) == ([3, low, 0], [3, high, 0])
    found = _margin(BOTH, names, levels, 5, 0, None)
    assert found.axes == (1, 0)
    assert found.count.tolist() == [[2, 0, 0], [1, 0, 2]]
    law = parse_protection("rounding:5")
    found = _margin(counts([5.0, 0], "age", index=["a", "b"]), names, levels, 5, 0, law)
    # Rounded to five: three to seven, and at most two, of which none is a negative one.
    first, weight = law.likelihood(5)
    assert (found.low[0], found.high[0]) == (first, first + len(weight) - 1)


def margin(axes, count):
    count = np.array(count, float)
    return _Margin(axes=axes, count=count, low=count, high=count)


def test_a_cell_has_at_most_its_row_and_at_least_what_is_left():
    # Rows of 5 and 1, columns of 4 and 2: of the first cell 3 to 4.
    least, most = _proved([margin((0,), [5, 1]), margin((1,), [4, 2])], [2, 2], 6)
    assert (least.tolist(), most.tolist()) == ([3, 1, 0, 0], [4, 2, 1, 1])
    # With other axes first, the cells are the same.
    least, most = _proved([margin((1, 0), [[3, 1], [2, 0]])], [2, 2], None)
    assert least.tolist() == most.tolist() == [3, 2, 1, 0]


def test_more_than_six_hundred_cells_are_not_tried(monkeypatch):
    monkeypatch.setitem(_proved.__globals__, "count_bounds", lambda *of: of[-1])
    assert _proved([margin((0,), [1] * 600)], [600], 600) == 600
    assert [len(one) for one in _proved([margin((0,), [1] * 601)], [601], 601)] == [0, 0]


def test_no_run_gives_every_cell_or_is_refused_beyond_six_hundred():
    found, confidence, expected, misfit = _over_runs([], [20, 30], 5, 0, 7)
    assert (len(found), confidence.sum(), expected.sum(), misfit) == (600, 0, 0, 0)
    with pytest.raises(ParameterError, match="600 cells or a run"):
        _over_runs([], [601], 5, 0, 7)


def test_a_misfit_is_the_error_over_all_shown_counts():
    rows = np.array([[0, 0], [0, 1], [1, 1]])
    # Six people: each row stands for two. By the first attribute 4 and 2, by the second 2 and 4.
    margins = [margin((0,), [3, 3]), margin((1,), [np.nan, 4])]
    assert _misfit(margins, rows, 6) == pytest.approx((1 + 1) / (6 + 4))
    assert _misfit([margin((0,), [0, 0])], rows, 6) == 6


def test_shares_of_rows_are_products():
    assert _products([np.array([[0.2, 0.8]]), np.array([[0.5, 0.4, 0.1]])])[0] == pytest.approx(
        [0.1, 0.08, 0.02, 0.4, 0.32, 0.08]
    )
    assert _softmax(np.array([[0.0, np.log(3)], [1e3, 1e3]])) == pytest.approx(
        np.array([[0.25, 0.75], [0.5, 0.5]])
    )


@pytest.mark.parametrize(("people", "rows"), [(999, 999), (1_000, 1_000), (1_001, 1_000)])
def test_a_run_draws_a_row_a_person_up_to_a_thousand(monkeypatch, people, rows):
    monkeypatch.setattr(reconstruction, "_STEPS", 1)
    both = margin((0,), np.array([people - 9.0, 9.0]))
    drawn = reconstruction._projected([both], [2], people, np.random.default_rng(1))
    assert drawn.shape == (rows, 1)
