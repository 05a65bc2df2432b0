"""Two periods: odds against dense laws, matches by hand, what is claimed, who is not there."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import gammaln
from scipy.stats import multivariate_normal

from privaudit.errors import ParameterError
from privaudit.release.read_traces import read_traces
from privaudit.traces.periods import _release, match_periods
from privaudit.traces.reidentification import (
    Claims,
    Profiles,
    TwoCovariance,
    attack_notes,
    chance_of_rank,
    confidence,
    fit_habits,
    fit_two_covariance,
    learn_claims,
    learn_matcher,
    rank_candidates,
)
from privaudit.words.catalogues import Note

ROLES = {"person": "who", "item": "what", "time": "at"}


def log_multinomial(counts, weight):
    """Logarithm of the Dirichlet-multinomial chance of an ordered list of events."""
    size = weight.sum()
    return (
        gammaln(size)
        - gammaln(size + counts.sum())
        + (gammaln(weight + counts) - gammaln(weight)).sum()
    )


def habits_log(people=300, items=200, events=60, own=6, drift=0.0, seed=0):
    """Each keeps to a few items; a share of the events goes anywhere."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), events)
    favourite = rng.permuted(np.tile(np.arange(items), (people, 1)), axis=1)[:, :own]
    what = favourite[who, rng.integers(0, own, len(who))]
    what = np.where(rng.random(len(who)) < drift, rng.integers(0, items, len(who)), what)
    at = pd.Timestamp("2016-01-01") + pd.to_timedelta(rng.integers(0, 366, len(who)), unit="D")
    return pd.DataFrame({"who": who, "what": what, "at": at})


def test_the_event_in_the_middle_of_a_period_is_of_its_second_half():
    """Six events of two people: of the five of one two are before the median, three not."""
    days = ["2016-01-01", "2016-01-01", "2016-02-01", "2016-02-01", "2016-03-01"]
    who = [1, 1, 1, 1, 1, 2]
    log = pd.DataFrame({"who": who, "what": list("abcdea"), "at": pd.to_datetime([*days, days[2]])})
    _, halves = _release(read_traces(log, **ROLES), np.ones(6, bool), np.array([0]))
    assert [half.counts.sum() for half in halves] == [2, 3]


def test_odds_of_habits_are_those_of_dense_counts():
    rng = np.random.default_rng(0)
    crowd = rng.poisson(rng.gamma(0.3, 2, (30, 12))) + np.eye(30, 12)
    model = fit_habits(csr_array(crowd))
    assert model.weight.sum() < 1_000
    counts = np.array([3.0, 1, 2])
    mine = np.zeros(12)
    mine[[1, 4, 7]] = counts
    odds = model.log_odds(np.array([1, 4, 7]), counts)
    for row, found in zip(crowd, odds, strict=True):
        together = log_multinomial(row + mine, model.weight)
        apart = log_multinomial(row, model.weight) + log_multinomial(mine, model.weight)
        assert found == pytest.approx(together - apart)


def test_the_concentration_is_the_likeliest():
    rng = np.random.default_rng(1)
    share = rng.dirichlet(np.ones(40))
    own = rng.dirichlet(share * 12, 800)
    crowd = np.array([rng.multinomial(30, row) for row in own]).astype(float)
    size = fit_habits(csr_array(crowd)).weight.sum()
    # People's own shares were drawn with a concentration of 12.
    assert 10 < size < 14
    near = fit_habits(csr_array(crowd)).weight / size
    chance = [sum(log_multinomial(row, near * s) for row in crowd) for s in (size, 9, 16)]
    assert chance[0] == max(chance)


def test_two_looks_at_one_person_against_the_normal_law():
    rng = np.random.default_rng(2)
    between, within = np.diag([4.0, 0.5]), np.array([[1.0, 0.3], [0.3, 0.6]])
    centre = rng.multivariate_normal([1, 2], between, 40_000)
    first, second = (
        centre + rng.multivariate_normal([0, 0], within, len(centre)) for _ in range(2)
    )
    model = fit_two_covariance(first, second)
    every = between + within
    both = np.block([[every, between], [between, every]])
    u, v = np.array([[3.0, 1.0]]), np.array([[2.5, 2.0], [-4.0, 2.0]])
    found = model.log_odds(u, v)[0]
    for k in range(2):
        joint = multivariate_normal([1, 2, 1, 2], both).logpdf(np.r_[u[0], v[k]])
        alone = [multivariate_normal([1, 2], every).logpdf(x) for x in (u[0], v[k])]
        # Two covariances from 40,000 people: each is right to about one part in 100.
        assert found[k] == pytest.approx(joint - sum(alone), abs=0.15)


def test_an_axis_by_hand():
    model = TwoCovariance(mean=np.zeros(1), axes=np.eye(1), spread=np.array([9.0]))
    joint = multivariate_normal([0, 0], [[10, 9], [9, 10]]).logpdf([2.0, -1.0])
    alone = multivariate_normal(0, 10).logpdf(2.0) + multivariate_normal(0, 10).logpdf(-1.0)
    found = model.log_odds(np.array([[2.0]]), np.array([[-1.0]]))
    assert found.item() == pytest.approx(joint - alone)
    nothing = fit_two_covariance(np.ones((9, 2)), np.ones((9, 2)))
    assert nothing.log_odds(np.ones((1, 2)), np.ones((3, 2))).tolist() == [[0, 0, 0]]


def test_confidence_is_bayes():
    odds = np.array([[6.0, 1.0, 0.5, 0.5]])
    there = 0.3
    weight = odds[0] * there / 4
    expected = weight / (weight.sum() + 1 - there)
    np.testing.assert_allclose(confidence(np.log(odds), there)[0], expected)
    # A candidate that is out counts for nothing, not even as a place where one could be.
    out = np.append(np.log(odds[0]), -np.inf)
    np.testing.assert_allclose(confidence(out, there)[:4], expected)


def test_weights_of_claims_are_the_likeliest():
    rng = np.random.default_rng(3)
    right = rng.integers(0, 80, 50)
    scores = rng.normal(size=(2, 50, 80)) * 2
    scores[0, np.arange(50), right] += 1

    def unlikely(at):
        odds = np.exp(at[2] + at[0] * scores[0] + at[1] * scores[1])
        mine = odds[np.arange(50), right].copy()
        found = np.log(mine / (odds.sum(axis=1) + 80))
        missed = np.log(79 / (odds.sum(axis=1) - mine + 79))
        return -(found + missed).mean()

    learnt = learn_claims(list(scores), right)
    by_hand = minimize(unlikely, [0.5, 0.5, 0], bounds=[(0, 3), (0, 3), (-50, 50)])
    np.testing.assert_allclose(learnt.weights, by_hand.x[:2], atol=1e-3)
    assert learnt.surprise == pytest.approx(by_hand.fun, abs=1e-6)
    assert learnt.weights[1] < 0.1 < learnt.weights[0]


def test_found_again_by_hand():
    scores = np.log(np.array([[8.0, 1, 1, 1], [1.0, 8, 8, 1], [1.0, 1, 1, 1]]))
    found = rank_candidates([(scores[:2], np.array([0, 1])), (scores[2:], np.array([3]))])
    assert found.better.tolist() == [0, 0, 0]
    assert found.ties.tolist() == [1, 2, 4]
    np.testing.assert_allclose(found.right, [1, 1 / 2, 1 / 4])
    # Half that nobody is: 4 beside 8 and 3 others; without the right one 3 beside three 1s.
    np.testing.assert_allclose(found.sure, [8 / 15, 8 / 22, 1 / 8])
    np.testing.assert_allclose(found.sure_when_absent, [1 / 6, 8 / 13, 1 / 6])
    np.testing.assert_allclose(chance_of_rank(found.better, found.ties, 2), [1, 1, 1 / 2])


@pytest.mark.parametrize(
    ("right", "chance", "beyond", "said"),
    [
        (60, 0.3, 0.1, None),
        (60, 0.3, -0.1, "claims_as_of_absent"),
        (60, 0.3, np.nan, "claims_as_of_absent"),
        (60, 0.55, 0.1, "weak_attack"),
    ],
)
def test_how_a_weak_search_is_read(right, chance, beyond, said):
    # Wilson: 60 of 100 is .50 to .69.
    notes, reliable = attack_notes(np.repeat([1.0, 0.0], [right, 100 - right]), chance, beyond)
    assert [note.key for note in notes] == ([said] if said else [])
    assert reliable == (said != "weak_attack")


def test_people_without_habits_are_not_found_again():
    chance = match_periods(read_traces(habits_log(drift=1.0), **ROLES), at="2016-07-01")
    found = match_periods(read_traces(habits_log(), **ROLES), at="2016-07-01")
    ten = chance.row("matched", rank=10)
    assert ten.low <= ten.baseline == 10 / 300 <= ten.high
    assert chance.row("matched", rank=1).baseline == 1 / 300
    assert chance.value("reidentified") == 0
    assert np.isnan(chance.value("right_when_claimed"))
    assert found.value("matched", rank=1) > 0.95
    assert found.value("reidentified") > 0.9


def test_taste_finds_where_no_item_comes_back():
    # Twelve kinds of items; whoever had an item never has it again. Items alone say nothing.
    rng = np.random.default_rng(6)
    people, kinds, each = 400, 12, 50
    taste = rng.dirichlet(np.full(kinds, 0.3), people)
    rows = []
    for one in range(people):
        kind = np.repeat(np.arange(kinds), each)
        chance = taste[one][kind] + 1e-9
        items = rng.choice(kinds * each, 80, replace=False, p=chance / chance.sum())
        rows.append(pd.DataFrame({"who": one, "what": items, "day": rng.integers(0, 200, 80)}))
    log = pd.concat(rows)
    log["at"] = pd.Timestamp("2016-01-01") + pd.to_timedelta(log["day"], unit="D")
    habits = fit_habits(csr_array(np.ones((3, 4)))).log_odds(np.array([1]), np.array([2.0]))
    assert len(set(habits.round(9))) == 1
    found = match_periods(read_traces(log, **ROLES), seed=1)
    assert found.row("matched", rank=1).low > 20 / people


def test_claims_hold_for_those_who_are_there_and_those_who_are_not():
    traces = read_traces(habits_log(people=1_200, events=24, own=8, drift=0.3, seed=2), **ROLES)
    found = match_periods(traces, at="2016-07-01", sample=None)
    assert 0.1 < found.value("reidentified") < found.value("matched", rank=1) < 0.95
    assert found.row("reidentified").control < 0.1
    # Half of the release teaches less than all of it tells: too modest, not too sure.
    assert found.value("calibration_error") < 0.12
    assert found.value("right_when_claimed") > 0.5
    assert found.row("calibration_error").n == 2 * found.row("reidentified").n


def test_the_attack_never_sees_who_is_who():
    # People are asked about in any order: their scores only change places.
    rng = np.random.default_rng(7)
    counts = [csr_array(rng.poisson(0.3, (150, 40)).astype(float)) for _ in range(3)]
    before, first, second = (
        Profiles(counts=c, rhythm=rng.dirichlet(np.ones(3), 150)) for c in counts
    )
    whole = Profiles(counts=csr_array(counts[1] + counts[2]), rhythm=first.rhythm)
    matcher = learn_matcher(whole, (first, second))
    assert matcher.taught >= 100
    order = rng.permutation(150)
    np.testing.assert_allclose(
        matcher.scores(before.rows(order)), matcher.scores(before)[order], atol=1e-9
    )


def test_row_order_never_matters():
    log = habits_log(people=120)
    first = match_periods(read_traces(log, **ROLES), seed=4)
    mixed = match_periods(read_traces(log.sample(frac=1, random_state=1), **ROLES), seed=4)
    pd.testing.assert_frame_equal(first.overall, mixed.overall)
    pd.testing.assert_frame_equal(first.per_record, mixed.per_record)


def test_the_second_period_begins_at_its_first_moment():
    days = ["2016-05-31 23:59:59", "2016-06-01"]
    log = pd.DataFrame({"who": [0, 1, 0, 1], "what": [0, 1, 0, 1], "at": np.repeat(days, 2)})
    found = match_periods(read_traces(log, **ROLES), at="2016-06-01")
    row = found.row("matched", rank=1)
    assert (row.value, row.n) == (1, 2)


def test_too_few_people_to_learn_from_is_said():
    found = match_periods(read_traces(habits_log(people=20), **ROLES))
    assert found.notes[0] == Note("too_few_to_learn_from")
    assert found.value("matched", rank=1) == 1
    assert Claims(weights=(1.0,)).combine([np.array([2.0])]).tolist() == [2.0]


def test_periods_need_a_time_a_date_and_somebody_in_both():
    log = pd.DataFrame(
        {"who": [0, 1], "what": [0, 1], "at": pd.to_datetime(["2016-01-01", "2016-02-01"])}
    )
    timed = read_traces(log, **ROLES)
    with pytest.raises(ParameterError, match="time="):
        match_periods(read_traces(log, person="who", item="what"), at="2016-01-15")
    for bad in ("soon", pd.NaT):
        with pytest.raises(ParameterError, match="a date"):
            match_periods(timed, at=bad)
    with pytest.raises(ParameterError, match="nobody"):
        match_periods(timed, at="2016-01-15")
    for bad in ({"least_confidence": 0}, {"least_confidence": 2}, {"sample": 0}):
        with pytest.raises(ParameterError):
            match_periods(timed, **bad)
