"""The scoreboard: scores by hand, behaviour on made data, its control, refusals."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError
from privaudit.release.read_traces import read_traces
from privaudit.stats.intervals import wilson
from privaudit.traces.scoreboard import (
    Memory,
    _Board,
    _Searches,
    best_match,
    eccentricity,
    index_events,
    leads_without_each,
    least_lead,
    scoreboard,
    scores,
)
from privaudit.words.catalogues import Note

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


def test_the_best_match_and_its_ties():
    people = np.array([3, 5, 8])
    best, lead = best_match(people, np.array([1.0, 0.1 + 0.2, 0.3]), 9)
    assert best.tolist() == [3]
    assert lead == eccentricity(np.array([1.0, 0.3, 0.3]), 9)
    best, lead = best_match(people, np.array([0.1, 0.1 + 0.2, 0.3]), 9)
    assert (best.tolist(), lead) == ([5, 8], 0)
    assert best_match(np.empty(0, int), np.empty(0), 9)[0].tolist() == []


@pytest.mark.parametrize("share", [0.0, 0.05, 0.1, 0.5])
def test_no_more_than_a_share_reach_the_learnt_lead(share):
    leads = np.random.default_rng(2).random(200)
    bar = least_lead(leads, share)
    assert (leads >= bar).sum() == int(share * 200)
    assert least_lead(np.zeros(9), share) > 0


@pytest.mark.heavy
def test_good_memories_find_and_bad_ones_do_not():
    traces = read_traces(ratings(), person="who", item="film", time="at", value="stars")
    sharp = scoreboard(traces, Memory(points=8, wrong=0, days=1), seed=1)
    paper = scoreboard(traces, Memory(points=8, wrong=2, days=14, value_error=1), seed=1)
    invented = scoreboard(traces, Memory(points=8, wrong=8), seed=1)
    assert sharp.value("reidentified") > 0.99
    assert paper.value("reidentified") > 0.8
    assert invented.value("reidentified") < 0.03
    assert invented.value("best_match") < 0.03
    assert [paper.row(m).n for m in ("best_match", "reidentified", "wrong_claim")] == [400] * 3
    assert paper.row("reidentified").baseline == 1 / 400


@pytest.mark.parametrize("false_claims", [0.02, 0.2])
def test_the_lead_is_learnt_so_that_few_absent_people_are_claimed(false_claims):
    # The interval of the control holds what was asked for: the lead was learnt from others.
    traces = read_traces(ratings(people=600), person="who", item="film", time="at")
    found = scoreboard(traces, false_claims=false_claims, sample=None, seed=5)
    control = found.row("reidentified").control
    low, high = wilson(control, found.row("reidentified").n)
    # The bar itself was set on 500 searches, whose own chance is as large.
    spread = 2 * np.sqrt(false_claims * (1 - false_claims) / 500)
    assert low - spread <= false_claims <= high + spread
    assert Note("absent_claimed", share=control) in found.notes


def test_rows_of_the_scoreboard_are_made_of_each_other():
    traces = read_traces(ratings(people=150), person="who", item="film", time="at")
    board = scoreboard(traces, Memory(points=6, wrong=3), seed=2)
    found = board.row("reidentified")
    claims = found.value + board.value("wrong_claim")
    assert board.value("right_when_claimed") == pytest.approx(found.value / claims)
    assert board.row("right_when_claimed").n == round(claims * 150)
    assert board.row("right_when_claimed").counts == "guesses"
    assert found.residual == pytest.approx((found.value - found.control) / (1 - found.control))


def test_a_weak_scoreboard_says_that_it_says_nothing():
    traces = read_traces(ratings(people=100), person="who", item="film")
    found = scoreboard(traces, Memory(points=4, wrong=4), seed=3)
    assert Note("weak_attack") in found.notes


def test_names_do_not_guide_the_scoreboard():
    # Whoever is called what: searches are the same, but for the names of those found.
    log = ratings(people=80)
    new_name = np.random.default_rng(4).permutation(80)
    renamed = log.assign(who=new_name[log["who"]])
    boards = []
    for frame in (log, renamed):
        traces = read_traces(frame, person="who", item="film", time="at")
        index = index_events(
            traces.person, traces.item, traces.time, None, traces.n_people, traces.n_items
        )
        item, time = np.array([0, 3, 9]), np.array([1.1e9, 1.11e9, 1.12e9])
        people, score = scores(index, item, time, None, time_scale=3e6, value_scale=1.0)
        boards.append(dict(zip(people.tolist(), score.round(9).tolist(), strict=True)))
    assert boards[1] == {int(new_name[one]): score for one, score in boards[0].items()}


def test_a_stricter_threshold_claims_less():
    traces = read_traces(ratings(people=150), person="who", item="film", time="at")
    memory = Memory(points=5, wrong=1)
    claims = [
        scoreboard(traces, memory, least_eccentricity=level, seed=2) for level in (0.0, 1.0, 3.0)
    ]
    for values in (
        [claim.value("reidentified") for claim in claims],
        [claim.value("wrong_claim") for claim in claims],
        [claim.row("reidentified").control for claim in claims],
    ):
        assert values == sorted(values, reverse=True)
    assert len({claim.value("best_match") for claim in claims}) == 1


def test_made_up_events_are_never_ones_own():
    # Two people, no item in common: an invented event of 0 is always one of 1.
    log = pd.DataFrame({"who": [0] * 6 + [1] * 6, "what": range(12)})
    traces = read_traces(log, person="who", item="what")
    found = scoreboard(traces, Memory(points=3, wrong=3), seed=0, least_eccentricity=0)
    assert (found.value("reidentified"), found.value("wrong_claim")) == (0, 1)


def test_people_with_few_events_are_left_out_and_counted():
    log = pd.DataFrame({"who": [0] * 9 + [1], "what": range(10)})
    found = scoreboard(read_traces(log, person="who", item="what"), seed=0)
    assert (found.row("reidentified").n, found.row("best_match").n) == (1, 1)
    assert found.row("best_match").notes == (Note("fewer_events", people=1),)
    with pytest.raises(ParameterError, match=r"memory\.points"):
        scoreboard(read_traces(log, person="who", item="what"), Memory(points=10))


@pytest.mark.parametrize(
    "bad",
    [
        {"false_claims": 0},
        {"false_claims": 1},
        {"least_eccentricity": -1},
        {"sample": 0},
        {"memory": {"points": 3}},
    ],
)
def test_impossible_searches_are_refused(bad):
    with pytest.raises(ParameterError):
        scoreboard(read_traces(ratings(people=20), person="who", item="film"), **bad)


@pytest.mark.parametrize(
    "bad", [{"points": 0}, {"points": 2, "wrong": 3}, {"days": -1}, {"value_error": np.inf}]
)
def test_impossible_memories_are_refused(bad):
    with pytest.raises(ParameterError):
        Memory(**bad)


def searches(right, lead, absent):
    """Searches by hand; a lead of None: no single best match."""
    parts = (np.array([[-np.inf if x is None else x for x in row] for row in part], float)
             for part in (lead, absent))  # fmt: skip
    right = np.array(right, float)
    return _Searches(right, right, *parts)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.9])
def test_each_is_scored_by_the_threshold_of_the_others(share):
    leads = np.random.default_rng(3).integers(0, 9, (12, 2)).astype(float)
    others = [least_lead(np.delete(leads, k, axis=0).ravel(), share) for k in range(12)]
    assert leads_without_each(leads, share).tolist() == others
    alone = leads[:1]
    assert leads_without_each(alone, share).tolist() == [least_lead(alone.ravel(), share)]


def test_claims_by_hand():
    # Half of the false searches may exceed the threshold: of four people with leads 1 to 4.
    found = searches(
        right=[[1, 1], [1, 0], [1, 1], [0, 1]],
        lead=[[9, 9], [9, 9], [0.5, 9], [None, 9]],
        absent=[[1, 1], [2, 2], [3, 3], [4, None]],
    )
    claims = found.claims(None, 0.5, 1.0)
    # Of eight leads, the last taken for 0, four may exceed it: 4, 3, 3, 2 do; 2 is the next.
    assert claims.lead == np.nextafter(2, 3)
    assert claims.right.tolist() == [1, 0.5, 0.5, 0.5]
    assert claims.wrong.tolist() == [0, 0.5, 0, 0]
    # Of the six others' leads three may exceed it: the next is 2, 1, 1, 2 (of 3, 3, 2, 2, 1, 1).
    assert claims.absent.tolist() == [0, 1, 1, 0.5]
    given = found.claims(9.0, 0.5, 1.0)
    assert given.lead_between == (9.0, 9.0)
    assert given.absent.sum() == 0
    assert given.right.tolist() == claims.right.tolist()


def test_a_given_threshold_varies_by_people_and_points_alone():
    """Of everybody: sum of the variances of their draws. Of a part: those between people too."""
    found = searches(
        right=[[1, 1]] * 40,
        lead=[[9, 1], [9, 9], [1, 1], [9, 1]] * 10,
        absent=[[0, 0]] * 40,
    )
    # Ten times shares .5, 1, 0, .5: variance between them 5/39; within .5, 0, 0, .5.
    everybody, some = (found.claims(5.0, 0.05, part).worth for part in (1.0, 0.5))
    assert everybody.reidentified == pytest.approx(0.25 / (0.25 / 80))
    assert some.reidentified == pytest.approx(0.25 / (0.5 * 5 / 39 / 40 + 0.5 * 0.25 / 80))


def test_the_interval_holds_what_the_threshold_moves():
    """A learnt threshold lets by more or fewer than it should, and right claims with them."""
    rng = np.random.default_rng(5)
    absent = rng.exponential(1.0, (400, 2))
    # Of people of whom one in ten has a lead near the threshold, as many of the absent do.
    lead = 3 + rng.normal(0, 0.3, (400, 2))
    found = searches(np.ones((400, 2)), lead, absent)
    learnt = found.claims(None, 0.05, 1.0)
    given = found.claims(learnt.lead, 0.05, 1.0)
    assert learnt.worth.reidentified < given.worth.reidentified / 2
    low, high = learnt.lead_between
    assert low < learnt.lead < high
    # Woodruff: Wilson's ends of 20 and more of 800 searches, draws being independent.
    reached = (absent >= learnt.lead).mean()
    bounds = wilson(reached, 800)
    assert (absent >= high).mean() == pytest.approx(bounds[0], abs=0.005)
    assert (absent >= low).mean() == pytest.approx(bounds[1], abs=0.005)


def test_as_many_absent_people_are_claimed_as_were_asked():
    """By a threshold of all others, which their own searches do not raise."""
    rng = np.random.default_rng(6)
    absent = rng.random((200, 2))
    found = searches(np.ones((200, 2)), absent, absent)
    for share in (0.05, 0.2):
        assert found.claims(None, share, 1.0).absent.mean() == pytest.approx(share, abs=0.01)


@pytest.mark.heavy
@pytest.mark.parametrize("sample", [250, 1_000])
def test_the_intervals_hold_the_mean_over_draws_of_a_log(sample):
    """1,000 people of known habits, two draws of each of a sample, threshold learnt: .93 to .97."""
    rng = np.random.default_rng(8)
    easy, quiet = rng.normal(1.5, 0.7, 1_000), rng.normal(0, 0.5, 1_000)
    runs = []
    for _ in range(1_000):
        who = rng.choice(1_000, sample, replace=False)
        lead, absent = (
            np.exp(habit[who, None] + rng.normal(0, 0.6, (sample, 2))) for habit in (easy, quiet)
        )
        claims = _Searches(np.ones_like(lead), lead, lead, absent).claims(
            None, 0.05, sample / 1_000
        )
        share = claims.right.mean()
        runs.append(
            ((share, *wilson(share, claims.worth.reidentified)),
             (claims.lead, *claims.lead_between))
        )  # fmt: skip
    value, low, high = np.array(runs).transpose(2, 1, 0)
    mean = value.mean(axis=1, keepdims=True)
    assert np.all(value.std(axis=1) > 0.01)
    held = ((low <= mean) & (mean <= high)).mean(axis=1)
    assert np.all((held >= 0.93) & (held <= 0.97)), held


def test_only_a_best_match_without_equals_leads(monkeypatch):
    """Of nobody or of several best there is no lead; who is among two best is found by half."""
    tops = {  # of a person: the best match with and without their own trace, and how it stands out
        0: (([0], 2.5), ([3], 0.5)), 1: (([0, 1], 9.0), ([2, 3], 9.0)),
        2: (([0], 9.0), ([], 0.0)), 3: (([], 0.0), ([1], 1.0)),
    }  # fmt: skip
    board = _Board(index=SimpleNamespace(n_people=4), near=1.0, alike=1.0)
    found = {k: iter(pair) for k, pair in tops.items()}
    monkeypatch.setattr(_Board, "look_up", lambda self, memories, k, absent=-1: next(found[k]))
    right, best, lead, absent = (column.ravel().tolist() for column in board.search(
        (None, None, None), np.arange(4)))  # fmt: skip
    assert right == [1, 1, 0, 0]
    assert best == [1, 0.5, 0, 0.25]
    assert lead == [2.5, -np.inf, 9.0, -np.inf]
    assert absent == [0.5, -np.inf, -np.inf, 1.0]
