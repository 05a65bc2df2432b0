"""Diversity of a class by hand, and what a report shows of it beside a printed share."""

import math
from types import SimpleNamespace

import pytest
from scipy.sparse import csr_array

from privaudit.tables import l_diversity


def column(values=3, n=40, l=2, **more):  # noqa: E741 - the paper's name
    return SimpleNamespace(
        holders=list(range(values)), n=n, options=SimpleNamespace(l=l), names_levels=True, **more
    )


@pytest.mark.parametrize(
    ("low", "high", "least", "most"),
    [
        # Of three values: one with a half, the others a quarter each, is exp(1.5 ln 2).
        (0.5, 0.75, 4 / 3, 2**1.5), (0.5, 1.0, 1.0, 2**1.5),
        # The commonest of three has a third at least: all three alike.
        (0.2, 0.5, 2.0, 3.0), (1 / 3, 0.5, 2.0, 3.0),
    ],
)  # fmt: skip
def test_entropy_lies_between_what_the_largest_share_leaves(low, high, least, most):
    found = l_diversity._entropy_beside(column(), low, high)
    assert found == pytest.approx((least, most))


@pytest.mark.parametrize(
    ("low", "high", "n", "ends"),
    [
        (0.5, 0.75, 40, (1.0, 3.0)), (0.0, 0.75, 40, (0.0, 3.0)), (0.5, 1.0, 40, (1.0, 39.0)),
        (0.5, 0.75, 3, (1.0, 2.0)),
    ],
)  # fmt: skip
def test_the_ratio_of_two_lies_between_what_the_largest_share_leaves(low, high, n, ends):
    assert l_diversity._ratio_beside(column(n=n), low, high) == pytest.approx(ends)
    assert l_diversity._ratio_beside(column(n=n, l=3), low, high) == l_diversity.NOTHING


def test_a_class_in_which_all_have_one_value_is_shown_as_it_is(monkeypatch):
    asked = []

    def in_steps(column, row, of):
        asked.append((row["value"], of))
        return (0.5, 0.75)

    monkeypatch.setattr(l_diversity, "in_steps", in_steps)
    about = {"stepped_class": 9, "table": SimpleNamespace(has_gaps=False)}
    share = SimpleNamespace(share=SimpleNamespace(max=lambda: 0.7))
    one = column(**about, counts=share)
    assert l_diversity._share_of_level(one, {"value": 1}) is None
    assert l_diversity._share_of_level(one, {"value": 0.6}) == (0.5, 0.75)
    beside = l_diversity._beside_share(l_diversity._ratio_beside)
    assert beside(one, {"value": math.inf}) is None
    assert beside(one, {"value": 2.0}) == (1.0, 3.0)
    # The ratio of two even counts is 1, and no class is of one value.
    assert beside(one, {"value": 1.0}) == (1.0, 3.0)
    # Steps are those of the share, not of the number that rests on it.
    assert asked == [(0.6, 9), (0.7, 9), (0.7, 9)]
    share.share.max = lambda: 1.0
    assert beside(one, {"value": 1.0}) is None
    share.share.max = lambda: 0.7
    one.table = SimpleNamespace(has_gaps=True)
    assert beside(one, {"value": 2.0}) == l_diversity.NOTHING
    one.names_levels = False
    assert l_diversity._share_of_level(one, {"value": 0.6}) is None
    assert beside(one, {"value": 2.0}) is None


@pytest.mark.parametrize(("few", "shown"), [(True, (1.0, 3.0)), (False, None)])
def test_whether_every_class_has_every_value_is_left_out_where_few_hold_a_rare_one(few, shown):
    assert l_diversity._without_full_classes(column(few_classes_hold_rare=few), {}) == shown


def test_a_class_of_one_record_has_one_value_and_an_empty_one_none():
    distinct, entropy = l_diversity.diversity_by_class(csr_array([[0, 1], [0, 0], [1, 1]]))
    for of_classes in (distinct, entropy):
        assert of_classes == pytest.approx([1, math.nan, 2], nan_ok=True)
