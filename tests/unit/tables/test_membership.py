"""Membership inference: scores by hand, no leak and a copy, its power, distances beside it."""

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError, SchemaError
from privaudit.tables.membership_inference import (
    area_under_curve,
    claimed,
    closeness,
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
