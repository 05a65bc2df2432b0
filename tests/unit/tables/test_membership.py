"""Membership inference: scores by hand, no leak and a copy, its power, distances beside it."""

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError, SchemaError
from privaudit.results.rows import Rows
from privaudit.stats.intervals import wilson
from privaudit.tables.membership_inference import (
    _add_claims,
    _add_scores,
    _best_threshold,
    _error,
    _People,
    area_under_curve,
    claimed,
    closeness,
    difference,
    least_seen,
    membership_inference,
)


def people(n, seed, columns=4):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, columns)), columns=list("abcdefgh")[:columns])
    return table.assign(job=rng.choice(list("uvwxyz"), n))


def found(members, release, control, **asked):
    return membership_inference(members, release, control, **asked)


def test_a_copy_is_found_and_strangers_are_not():
    members, others, strangers = people(200, 1), people(200, 2), people(200, 3)
    copy = found(members, members, others)
    assert copy.reliable
    for share in (0.01, 0.1):
        row = copy.row("membership", false_alarms=share)
        assert row.value == 1
        assert row.control <= share + 0.05
        assert row.residual_low > 0.9
        # Nothing can be found beyond what a copy gives: here it is one.
        assert copy.value("membership_if_copied", false_alarms=share) == 1
        least = copy.value("membership_least", false_alarms=share)
        assert least == least_seen(share, 200, 200)
    assert copy.value("membership_area") == 1
    assert copy.value("membership_advantage") > 0.95
    assert copy.value("closest_record") == 0
    none = found(members, strangers, others, seed=0)
    row = none.row("membership", false_alarms=0.1)
    assert row.residual_low <= 0 <= row.residual_high
    area = none.row("membership_area")
    assert area.low <= 0.5 <= area.high
    advantage = none.row("membership_advantage")
    assert advantage.low <= 0 <= advantage.high


def held(runs, first, shares):
    """How often each interval holds no leak, and the mean share of false alarms."""
    inside, alarms = [], []
    for run in range(runs):
        tables = (people(120, first + 3 * run + k, columns=3) for k in range(3))
        result = found(*tables, false_alarms=shares, seed=run)
        rows = [row for row in result.rows if row.measure == "membership"]
        others = ("membership_area", "membership_advantage", "neighbour_ratio_loss")
        area, advantage, loss = (result.row(name) for name in others)
        inside.append(
            [
                *(row.residual_low <= 0 <= row.residual_high for row in rows),
                area.low <= 0.5 <= area.high,
                advantage.low <= 0 <= advantage.high,
                loss.low <= 0 <= loss.high,
            ]
        )
        alarms.append([row.control for row in rows])
    return np.mean(inside, axis=0), np.mean(alarms, axis=0)


def test_no_leak_is_held_as_often_as_the_interval_says():
    inside, (alarms,) = held(24, 10_000, (0.1,))
    # 22.8 of 24 expected; fewer than 20 comes twice in a hundred.
    assert (inside >= 20 / 24).all(), inside
    # The rank keeps at or under the share that is allowed: 6 of 61 here.
    assert alarms == pytest.approx(6 / 61, abs=4 * math.sqrt(0.09 / (24 * 120)))


@pytest.mark.slow
def test_no_leak_is_held_at_length():
    inside, alarms = held(400, 50_000, (0.02, 0.1, 0.3))
    # .95 expected of each; less than .92 comes once in a hundred.
    assert (inside >= 0.92).all(), inside
    assert alarms == pytest.approx([1 / 61, 6 / 61, 18 / 61], abs=0.01)


def test_keys_that_many_share_have_no_power_and_it_is_said():
    rng = np.random.default_rng(0)
    coarse = [pd.DataFrame({"sex": rng.choice(list("FM"), 150)}) for _ in range(2)]
    result = found(coarse[0], coarse[0], coarse[1])
    assert not result.reliable
    assert result.notes[0].key == "a_copy_is_not_found"
    assert result.row("membership_if_copied", false_alarms=0.1).residual_low <= 0


def test_a_release_may_pass_its_distances_and_leak_its_members():
    # arXiv 2505.01524: distances say nothing. A third are copied, most records are made up, and
    # spread more widely: the median record is further from the members than they are apart.
    members, others, made_up = people(300, 1), people(300, 2), people(400, 3)
    made_up[list("abcd")] *= 1.5
    result = found(members, pd.concat([members[:100], made_up]), others)
    assert result.value("closest_record") > 1
    row = result.row("membership", false_alarms=0.1)
    assert row.residual_low > 0.2
    for name in ("closest_record", "neighbour_ratio", "neighbour_ratio_loss"):
        assert "distance_proves_nothing" in [note.key for note in result.row(name).notes]


def test_scores_by_hand():
    # One number, 0 to 10: the scale is the range, and cancels in every ratio.
    members = pd.DataFrame({"x": [0.0, 4.0, 7.0, 10.0]})
    release = pd.DataFrame({"x": [1.0, 4.0, 8.0]})
    others = pd.DataFrame({"x": [2.0, 3.0, 6.0, 9.0]})
    result = found(members, release, others)
    # To the nearest and the second nearest record: 1 4, 0 3, 1 3, 2 6; of the others 1 2, 1 2,
    # 2 2, 1 5.
    inside, outside = [1 / 4, 0, 1 / 3, 1 / 3], [1 / 2, 1 / 2, 1, 1 / 5]
    assert result.value("neighbour_ratio") == pytest.approx(np.mean(inside))
    assert result.row("neighbour_ratio").control == pytest.approx(np.mean(outside))
    loss = np.mean(outside) - np.mean(inside)
    assert result.value("neighbour_ratio_loss") == pytest.approx(loss)
    # Records to members: 1, 0, 1, median 1; members among themselves: 4, 3, 3, 3, median 3.
    assert result.value("closest_record") == pytest.approx(1 / 3)
    # Records to others: 1, 1, 1; others among themselves: 1, 1, 3, 3, median 2.
    assert result.row("closest_record").control == pytest.approx(1 / 2)
    # Four people cannot show that one of a hundred, or of ten, is claimed.
    for share in (0.01, 0.1):
        row = result.row("membership", false_alarms=share)
        assert math.isnan(row.value)
        assert row.notes[0].values["needed"] == 2 * (round(1 / share) - 1)
    assert [note.key for note in result.notes[:1]] == ["too_few_outside"]
    assert not result.reliable
    some = found(members, release, others, false_alarms=0.34)
    assert some.row("membership").n == 4


def test_what_calibrates_a_score():
    near, far = np.array([0.0, 0.0, 1.0]), np.array([0.0, 3.0, 1.0])
    # By hand, of a usual distance of 2: (o + 2) / (r + .02 + o + 2).
    expected = [2 / 2.02, 5 / 5.02, 3 / 4.02]
    assert closeness(near, far, 2.0) == pytest.approx(expected)
    # Of two who stand in the release, who is like nobody outside is surer.
    assert expected[1] > expected[0] > expected[2]


def test_half_of_the_people_having_a_double_leaves_no_distance_to_compare_with():
    flat = pd.DataFrame({"x": [1, 1, 2, 2, 3, 3]})
    row = found(flat, flat + 1, flat + 7, false_alarms=0.3).row("closest_record")
    assert math.isnan(row.value)
    assert row.notes[0].key == "half_have_a_double"


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_a_count_of_pairs(seed):
    rng = np.random.default_rng(seed)
    inside, outside = rng.integers(0, 5, 13).astype(float), rng.integers(0, 5, 9).astype(float)
    pairs = np.subtract.outer(inside, outside)
    area, worth = area_under_curve(inside, outside)
    assert area == pytest.approx(((pairs > 0) + (pairs == 0) / 2).mean())
    assert 1 <= worth <= 9


def test_false_alarms_keep_to_their_share_exactly():
    # Of any four distinct scores one is first: somebody outside is claimed one time in four.
    rng = np.random.default_rng(0)
    hits = [claimed(s[:1], s[1:], 0.25)[0] for s in rng.random((4_000, 4))]
    assert np.mean(hits) == pytest.approx(0.25, abs=4 * math.sqrt(0.1875 / 4_000))
    assert not claimed(np.array([9.0]), np.array([1.0, 2.0]), 0.25).any()


@pytest.mark.parametrize(("n", "m", "share"), [(200, 200, 0.1), (80, 400, 0.01), (1_000, 500, 0.1)])
def test_the_least_gain_that_is_seen_is_seen_eight_times_in_ten(n, m, share):
    gain = least_seen(share, n, m)
    rng = np.random.default_rng(0)
    a, c = rng.binomial(n, share + gain, 20_000), rng.binomial(m, share, 20_000)
    p = (a + c) / (n + m)
    z = (a / n - c / m) / np.sqrt(np.maximum(p * (1 - p), 1e-9) * (1 / n + 1 / m))
    assert np.mean(z > NormalDist().inv_cdf(0.975)) == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"false_alarms": 0}, ParameterError, "false_alarms"),
        ({"false_alarms": (0.1, 0.1)}, ParameterError, "each once"),
        ({"attacks": 3}, ParameterError, "attacks"),
        ({"columns": ["z"]}, SchemaError, "column"),
    ],
)
def test_wrong_arguments_are_refused(change, error, said):
    table = people(20, 0)
    with pytest.raises(error, match=said):
        found(table, table, table, **change)
    with pytest.raises(ParameterError, match="4 members"):
        found(table[:3], table, table)


def test_the_order_of_rows_and_the_kind_of_frame_do_not_matter():
    import polars as pl

    tables = people(60, 1), people(60, 2), people(60, 3)
    mixed = [t.sample(frac=1, random_state=4) for t in tables]
    whole = found(*tables).overall
    pd.testing.assert_frame_equal(whole, found(*mixed).overall)
    pd.testing.assert_frame_equal(whole, found(*(pl.from_pandas(t) for t in tables)).overall)


def scored(inside, outside, first_half, copied=None):
    """People of whom these are the scores, and which of the others are the first half."""
    inside, outside, half = (np.array(one, float) for one in (inside, outside, first_half))
    return _People(
        inside=inside, outside=outside, copied=(inside, outside) if copied is None else copied,
        halves=np.array([half > 0, half == 0]), fold=np.arange(len(inside)) % 2 == 0,
        near_in=None, near_out=None, scale=None,
    )  # fmt: skip


def test_members_are_claimed_by_both_halves_and_others_by_the_half_without_them():
    people = scored([9, 5, 1], [2, 4, 6, 8], [1, 1, 0, 0])
    # At a third nobody of two may score as high: 9 by both, 5 by the half of 2 and 4 alone.
    members, others = people.claims(people.inside, people.outside, 1 / 3)
    assert members.tolist() == [1, 0.5, 0]
    # Of each half by the other: 6 and 8 are above 2 and 4.
    assert others.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(("half", "made"), [(8, False), (9, True)])
def test_a_tenth_of_false_alarms_needs_nine_people_in_each_half(half, made):
    m = 2 * half
    people = scored([9.0] * 30, np.linspace(0, 1, m), [1, 0] * half)
    rows = Rows(30, "people")
    doubt = _add_claims(rows, people, [0.1])
    row = next(row for row in rows if row.measure == "membership")
    assert math.isnan(row.value) != made
    if made:
        assert (row.value, row.baseline) == (1, 0.1)
        assert doubt is None
    else:
        assert (doubt.key, doubt.values) == ("too_few_outside", {"people": 16, "needed": 18})


def test_where_a_copy_is_not_found_there_is_no_power():
    people = scored([0.5] * 30, np.linspace(0, 1, 30), [1, 0] * 15)
    assert _add_claims(Rows(30, "people"), people, [0.1]).key == "a_copy_is_not_found"


def test_a_threshold_is_where_most_members_and_fewest_others_are_above():
    assert _best_threshold(np.array([3.0, 4, 5]), np.array([1.0, 2, 3])) == 3
    assert _best_threshold(np.array([1.0, 4, 5]), np.array([1.0, 2, 2])) == 2


def test_the_advantage_is_of_thresholds_learnt_on_other_people():
    people = scored([1, 8, 9, 2, 7, 8], [0, 3, 4, 5, 6, 1], [1, 1, 1, 0, 0, 0])
    rows = Rows(6, "people")
    _add_scores(rows, people)
    hits, alarms = np.zeros(6), np.zeros(6)
    for fold, half in ((people.fold, people.halves[0]), (~people.fold, people.halves[1])):
        limit = _best_threshold(people.inside[fold], people.outside[half])
        hits[~fold] = people.inside[~fold] > limit
        alarms[~half] = people.outside[~half] > limit
    # By the first fold (1, 9, 7) against (0, 3, 4): above 4. By (8, 2, 8) against (5, 6, 1): 6.
    assert hits.tolist() == [0, 1, 1, 0, 1, 1]
    assert alarms.tolist() == [0, 0, 0, 1, 1, 0]
    row = next(row for row in rows if row.measure == "membership_advantage")
    assert (row.value, row.n, row.baseline) == (pytest.approx(4 / 6 - 2 / 6), 12, 0)


def test_a_difference_of_shares_is_newcombe_s():
    value, low, high = difference(0.7, 0.5, 70, 80)
    (a, b), (c, d) = wilson(0.7, 70), wilson(0.5, 80)
    assert value == pytest.approx(0.2)
    assert low == pytest.approx(0.2 - math.hypot(0.7 - a, d - 0.5))
    assert high == pytest.approx(0.2 + math.hypot(b - 0.7, 0.5 - c))


@pytest.mark.parametrize(("inside", "outside", "worth"), [
    # One person is worth one; where all are apart, the fewer people.
    ([9], [1, 2, 3], 1), ([8, 9], [1, 2, 3], 2), ([7, 8, 9, 9], [1, 2, 3], 3),
])  # fmt: skip
def test_an_area_is_worth_the_fewer_people_at_most(inside, outside, worth):
    assert area_under_curve(np.array(inside, float), np.array(outside, float)) == (1, worth)


def test_an_area_is_worth_what_its_deviation_says():
    # Above (1, 3): of 2 a half, of 4 all. Above 1 both of (2, 4), above 3 one.
    area, worth = area_under_curve(np.array([2.0, 4, 4]), np.array([1.0, 3, 3.5]))
    above, below = np.array([1 / 3, 1, 1]), np.array([1, 2 / 3, 2 / 3])
    variance = above.var(ddof=1) / 3 + below.var(ddof=1) / 3
    mean = 7 / 9
    assert area == pytest.approx(mean)
    assert worth == pytest.approx(min(3, max(1, mean * (1 - mean) / variance)))
    assert _error(np.array([1.0, 3.0])) == 1
