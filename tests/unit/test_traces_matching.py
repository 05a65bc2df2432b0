"""Scoreboard and periods: scores by hand, behaviour on made data, refusals."""

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.exposure.traces.matching import Memory, match_periods, scoreboard
from privaudit.measures.traces.periods import chance_of_rank, compare_periods
from privaudit.measures.traces.scoreboard import eccentricity, index_events, scores
from privaudit.release.traces import read_traces

DAY = 86_400


def ratings(people=400, films=300, each=25, seed=0):
    """Everybody rates films of uneven popularity, once each, over a year."""
    rng = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, films + 1)
    rows = [
        rng.choice(films, each, replace=False, p=popularity / popularity.sum())
        for _ in range(people)
    ]
    days = rng.integers(0, 365, people * each)
    return pd.DataFrame(
        {
            "who": np.repeat(np.arange(people), each),
            "film": np.concatenate(rows),
            "at": pd.Timestamp("2005-01-01") + pd.to_timedelta(days, unit="D"),
            "stars": rng.integers(1, 6, people * each),
        }
    )


def test_scores_by_hand():
    # Item 0: people 0 (3 stars, day 0), 1 (5 stars, day 10); item 1: 0, 1 and 2 on day 5.
    index = index_events(
        np.array([0, 1, 0, 1, 2]),
        np.array([0, 0, 1, 1, 1]),
        np.array([0, 10, 5, 5, 5]) * DAY,
        np.array([3.0, 5, 1, 1, np.nan]),
        3,
        2,
    )
    people, score = scores(
        index,
        np.array([0, 1]),
        np.array([0, 5]) * DAY,
        np.array([4.0, 1]),
        time_scale=30 * DAY,
        value_scale=1.5,
    )
    star = np.exp(-1 / 1.5)
    rare, common = 1 / np.log(2), 1 / np.log(3)
    assert people.tolist() == [0, 1, 2]
    expected = [
        rare * (star + 1) + common * 2,
        rare * (star + np.exp(-10 / 30)) + common * 2,
        common * 1,  # a missing value counts nothing, the date counts
    ]
    np.testing.assert_allclose(score, expected)


def test_without_somebody_is_as_if_they_had_never_been_there():
    log = ratings(people=30, each=8)
    traces = read_traces(log, person="who", item="film", time="at", value="stars")
    rest = log[log["who"] != 7]
    less = read_traces(rest, person="who", item="film", time="at", value="stars")
    film = np.flatnonzero(np.isin(np.sort(log["film"].unique()), rest["film"]))
    with_all = index_events(
        traces.person, traces.item, traces.time, traces.value, traces.n_people, traces.n_items
    )
    with_less = index_events(
        less.person, less.item, less.time, less.value, less.n_people, less.n_items
    )
    shared = [0, 3, 5]
    known = (np.array([0, 0, 0]), np.array([1.0, 2, 3]))
    left = scores(with_all, film[shared], *known, time_scale=1e9, value_scale=1, without=7)
    right = scores(with_less, np.array(shared), *known, time_scale=1e9, value_scale=1)
    np.testing.assert_allclose(left[1], right[1])
    np.testing.assert_array_equal(left[0] - (left[0] > 7), right[0])


def test_the_best_of_several_visits_counts():
    index = index_events(np.array([0, 0, 1]), np.array([0, 0, 0]), np.array([0, 9, 5]), None, 2, 1)
    _, score = scores(index, np.array([0]), np.array([9]), None, time_scale=1.0, value_scale=1.0)
    np.testing.assert_allclose(score * np.log(2), [1, np.exp(-4)])


def test_eccentricity_is_the_gap_in_standard_deviations():
    rng = np.random.default_rng(0)
    score = np.concatenate([rng.random(20), np.zeros(30)])
    top = np.sort(score)[::-1]
    assert eccentricity(score[:20], 50) == pytest.approx((top[0] - top[1]) / score.std())
    assert eccentricity(np.array([2.0, 2.0, 1.0]), 9) == 0
    assert eccentricity(np.array([0.1 + 0.2, 0.3]), 9) == 0  # a tie but for rounding
    assert eccentricity(np.empty(0), 9) == 0
    assert eccentricity(np.array([3.0]), 2) == pytest.approx(3 / 1.5)


def test_good_memories_find_and_bad_ones_do_not():
    traces = read_traces(ratings(), person="who", item="film", time="at", value="stars")
    sharp = scoreboard(traces, Memory(points=8, wrong=0, days=1), seed=1).overall["value"]
    paper = scoreboard(traces, Memory(points=8, wrong=2, days=14, value_error=1), seed=1).overall
    invented = scoreboard(traces, Memory(points=8, wrong=8), seed=1).overall["value"]
    assert sharp["found"] > 0.99
    assert paper.loc["found", "value"] > 0.9
    assert invented["found"] < 0.03
    assert invented["best_match"] < 0.03
    # Whoever is not in the release is claimed far more rarely than people are found.
    assert paper.loc["claim_when_absent", "value"] < 0.2
    assert paper["n"].tolist() == [400] * 4
    assert paper.loc["found", "baseline"] == 1 / 400


def test_a_stricter_threshold_claims_less():
    traces = read_traces(ratings(people=150), person="who", item="film", time="at")
    memory = Memory(points=5, wrong=1)
    claims = [
        scoreboard(traces, memory, least_eccentricity=level, seed=2).overall["value"]
        for level in (0.0, 1.0, 3.0)
    ]
    for name in ("found", "wrong_claim", "claim_when_absent"):
        values = [claim[name] for claim in claims]
        assert values == sorted(values, reverse=True)
    assert len({claim["best_match"] for claim in claims}) == 1


def test_made_up_events_are_never_ones_own():
    # Two people, no item in common: an invented event of 0 is always one of 1.
    log = pd.DataFrame({"who": [0] * 6 + [1] * 6, "what": range(12)})
    traces = read_traces(log, person="who", item="what")
    found = scoreboard(traces, Memory(points=3, wrong=3), seed=0, least_eccentricity=0).overall
    assert found.loc["found", "value"] == 0
    assert found.loc["wrong_claim", "value"] == 1


def test_people_with_few_events_are_left_out_and_counted():
    log = pd.DataFrame({"who": [0] * 9 + [1], "what": range(10)})
    found = scoreboard(read_traces(log, person="who", item="what"), seed=0).overall
    assert found["n"].tolist() == [1] * 4
    assert "1 people have fewer" in found.loc["found", "note"]
    with pytest.raises(ParameterError, match=r"memory\.points"):
        scoreboard(read_traces(log, person="who", item="what"), Memory(points=10))


@pytest.mark.parametrize(
    "bad", [{"points": 0}, {"points": 2, "wrong": 3}, {"days": -1}, {"value_error": np.inf}]
)
def test_impossible_memories_are_refused(bad):
    with pytest.raises(ParameterError):
        Memory(**bad)


def test_habits_link_periods_by_hand():
    # 0 keeps to item 0; 1 and 2 both have item 1 before, and 1 item 1, 2 item 2 after.
    who, better, ties = compare_periods(
        (np.array([0, 1, 2, 3]), np.array([0, 1, 2, 4])),
        (np.array([0, 1, 1, 3]), np.array([0, 1, 2, 3])),
        5,
        4,
    )
    assert who.tolist() == [0, 1, 2]
    assert better.tolist() == [0, 0, 1]  # 1 is more like 2's past than 2 is
    # 2 shares nothing with their own past: as alike as 0 and 4.
    assert ties.tolist() == [1, 1, 3]
    np.testing.assert_allclose(chance_of_rank(better, ties, 1), [1, 1, 0])
    np.testing.assert_allclose(chance_of_rank(better, ties, 2), [1, 1, 1 / 3])


def test_cosines_against_a_dense_count():
    rng = np.random.default_rng(1)
    people, items = 60, 12
    person = rng.integers(0, people, (2, 90))
    item = rng.integers(0, items, (2, 90))
    who, better, ties = compare_periods(tuple(person), tuple(item), people, items)
    before, after = np.zeros((people, items)), np.zeros((people, items))
    np.add.at(before, (person[0], item[0]), 1)
    np.add.at(after, (person[1], item[1]), 1)
    seen = after.sum(axis=1) > 0
    assert seen.sum() < people
    have = (after > 0).sum(axis=0)
    rarity = np.where(have > 0, np.log(seen.sum() / np.maximum(have, 1)), 0)
    a, b = before * rarity, after * rarity
    a /= np.maximum(np.linalg.norm(a, axis=1, keepdims=True), 1e-300)
    b /= np.maximum(np.linalg.norm(b, axis=1, keepdims=True), 1e-300)
    likeness = a @ b[seen].T
    for k, person_ in enumerate(who):
        own = a[person_] @ b[person_]
        assert better[k] == (likeness[person_] > own + 1e-9).sum()
        assert ties[k] == (abs(likeness[person_] - own) < 1e-9).sum()


def test_people_without_habits_are_not_found_again():
    rng = np.random.default_rng(0)
    people = 300
    at = pd.Timestamp("2016-01-01") + pd.to_timedelta(rng.integers(0, 366, people * 30), unit="D")
    who = np.repeat(np.arange(people), 30)
    random = pd.DataFrame({"who": who, "what": rng.integers(0, 200, len(who)), "at": at})
    # Six favourites each, of 200: two people seldom share more than one.
    favourites = np.argsort(rng.random((people, 200)), axis=1)[:, :6]
    habits = random.assign(what=favourites[who, rng.integers(0, 6, len(who))])
    roles = {"person": "who", "item": "what", "time": "at"}
    chance = match_periods(read_traces(random, **roles), at="2016-07-01").overall
    found = match_periods(read_traces(habits, **roles), at="2016-07-01").overall
    low, high = chance.loc["matched_first", ["low", "high"]]
    assert low <= chance.loc["matched_first", "baseline"] <= high
    assert chance.loc["matched_first", "baseline"] == 1 / people
    assert found.loc["matched_first", "value"] > 0.9
    assert found.loc["matched_in_ten", "value"] >= found.loc["matched_first", "value"]


def test_periods_need_a_time_a_date_and_somebody_in_both():
    log = pd.DataFrame(
        {"who": [0, 1], "what": [0, 1], "at": pd.to_datetime(["2016-01-01", "2016-02-01"])}
    )
    timed = read_traces(log, person="who", item="what", time="at")
    with pytest.raises(ParameterError, match="time="):
        match_periods(read_traces(log, person="who", item="what"), at="2016-01-15")
    with pytest.raises(ParameterError, match="a date"):
        match_periods(timed, at="soon")
    with pytest.raises(ParameterError, match="nobody"):
        match_periods(timed, at="2016-01-15")
