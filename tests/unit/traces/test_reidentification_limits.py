"""Hours, ranks and confidence at their limits; each by hand."""

import math

import numpy as np
import pytest

from privaudit.traces import reidentification
from privaudit.traces.reidentification import (
    chance_of_rank,
    confidence,
    rank_candidates,
    rhythm,
    score_blocks,
    spaced,
)

DAY = 86_400


@pytest.mark.parametrize(
    ("day", "second", "column"),
    [
        # 1 January 1970 was a Thursday: Saturday is the third day, Monday the fifth.
        (0, 0, 0), (0, 4 * 3_600 - 1, 0), (0, 4 * 3_600, 1), (0, DAY - 1, 5), (1, DAY - 1, 5),
        (2, 0, 6), (2, 4 * 3_600 - 1, 6), (3, DAY - 1, 11), (4, 0, 0), (8, DAY - 1, 5), (9, 0, 6),
    ],
)  # fmt: skip
def test_six_parts_of_a_weekday_and_six_of_the_weekend(day, second, column):
    shares = rhythm(np.array([day * DAY + second]), np.array([1]), 3)
    assert shares.shape == (3, 12)
    assert np.argwhere(shares).tolist() == [[1, column]]
    assert shares[1, column] == 1


def test_shares_of_hours_sum_to_one_or_to_nothing():
    shares = rhythm(np.array([0, 0, 5 * 3_600]), np.array([0, 0, 0]), 2)
    assert shares[0, :2].tolist() == [2 / 3, 1 / 3]
    assert shares[1].sum() == 0


@pytest.mark.parametrize(
    ("odds", "there", "sure"),
    [
        # Of one candidate, nobody is as likely as the candidate: odds 2 to 1.
        ([2.0], 0.5, [2 / 3]), ([2.0, 0.0], 0.5, [2 / 3, 0.0]), ([2.0, 1.0], 0.5, [0.4, 0.2]),
        # There three times in four: odds of nobody a third.
        ([1.0], 0.75, [0.75]), ([0.0, 0.0], 0.5, [0.0, 0.0]),
    ],
)  # fmt: skip
def test_confidence_weighs_nobody_by_the_prior_and_the_candidates(odds, there, sure):
    with np.errstate(divide="ignore"):
        found = confidence(np.log(np.array(odds)), there)
    np.testing.assert_allclose(np.nan_to_num(found), sure)


def test_confidence_is_even_odds_that_the_person_is_there_where_nothing_is_said():
    np.testing.assert_allclose(confidence(np.zeros(1)), [0.5])


@pytest.mark.parametrize(
    ("values", "most", "kept"),
    [(5, 5, [0, 1, 2, 3, 4]), (5, 6, [0, 1, 2, 3, 4]), (5, 4, [0, 1, 2, 4]), (5, 2, [0, 4]),
     (9, 3, [0, 4, 8])],
)  # fmt: skip
def test_values_are_spaced_from_the_first_to_the_last(values, most, kept):
    assert spaced(np.arange(values), most).tolist() == kept


@pytest.mark.parametrize(
    ("better", "ties", "rank", "chance"),
    [(0, 1, 1, 1.0), (1, 1, 1, 0.0), (0, 3, 1, 1 / 3), (8, 4, 10, 0.5), (6, 4, 10, 1.0),
     (20, 4, 10, 0.0)],
)  # fmt: skip
def test_the_chance_of_a_rank_breaks_ties_at_random(better, ties, rank, chance):
    found = chance_of_rank(np.array([better]), np.array([ties]), rank)
    assert found.tolist() == pytest.approx([chance])


def test_scores_that_differ_by_the_order_of_a_sum_are_ties():
    """Room is a billionth of the score, of 1 at least: 100 and 100.00000005 tie, 100.000001 not."""
    scores = np.array([
        [100.0, 100.0 + 5e-8, 90.0], [100.0, 100.0 + 1e-6, 90.0], [0.5, 0.5 + 5e-10, 0.0],
        [0.5, 0.5 + 5e-9, 0.0],
    ])  # fmt: skip
    found = rank_candidates([(scores[:2], np.zeros(2, int)), (scores[2:], np.zeros(2, int))])
    assert found.better.tolist() == [0, 1, 0, 1]
    assert found.ties.tolist() == [2, 1, 2, 1]
    assert found.right.tolist() == [0.5, 0.0, 0.5, 0.0]
    assert found.candidates == 3
    # Without the right one the others are as sure as they are alone.
    np.testing.assert_allclose(found.sure_when_absent[1], confidence(scores[1, 1:]).max())
    assert math.isclose(found.sure[0], confidence(scores[0]).max())


@pytest.mark.parametrize(
    ("cells", "sizes"), [(6, [2, 2, 1]), (3, [1] * 5), (2, [1] * 5), (99, [5])]
)
def test_blocks_hold_so_many_scores_and_one_person_at_least(monkeypatch, cells, sizes):
    monkeypatch.setattr(reidentification, "_CELLS", cells)
    asked, shown = np.array([2, 5, 9, 5, 2]), np.array([2, 5, 9])
    blocks = list(score_blocks(asked, shown, lambda part: asked[part][:, None] * np.ones(3)))
    assert [len(scores) for scores, _ in blocks] == sizes
    assert np.concatenate([right for _, right in blocks]).tolist() == [0, 1, 2, 1, 0]
