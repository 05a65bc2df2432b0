"""Matching by the shape of a graph: signatures by hand, names that do not matter, refusals."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privaudit.errors import ParameterError
from privaudit.release.read_traces import read_traces
from privaudit.traces import periods
from privaudit.traces.periods import (
    _shape,
    _ties,
    match_neighbourhoods,
    signatures,
)
from privaudit.traces.reidentification import rhythm

# Columns of a signature, in the order that its module states.
SENT, RECEIVED, DEGREE, MUTUAL, ONCE = range(5)
TOP_TIES = slice(5, 10)
EVENNESS, TRIANGLES, FRIENDS_OF_FRIENDS = 10, 11, 12


def shape(edges, nodes, hops=2):
    source, target = np.array(edges).T
    return signatures(source, target, nodes, hops)


def call_log(people=300, ties=1_200, calls=20_000, days=120, seed=0):
    """Ties of uneven strength that last."""
    rng = np.random.default_rng(seed)
    pairs = rng.integers(0, people, (ties, 2))
    strength = rng.lognormal(0, 1.5, ties)
    which = rng.choice(ties, calls, p=strength / strength.sum())
    log = pd.DataFrame(pairs[which], columns=["who", "whom"])
    at = rng.integers(0, days * 86_400, calls)
    return log.assign(at=pd.Timestamp("2016-03-01") + pd.to_timedelta(at, unit="s"))


def read(log):
    return read_traces(log, person="who", item="whom", time="at", items_are_people=True)


def test_a_signature_by_hand():
    # 0 calls 1 three times and is called once; 0 calls 2 once; 1 calls 2; 3 calls 0; 4 nobody.
    edges = [(0, 1)] * 3 + [(1, 0), (0, 2), (1, 2), (3, 0)]
    found = shape(edges, 5)
    raw = np.array(
        [
            # sent, received, degree, mutual, ties of one event
            [4, 2, 3, 1, 2],
            [2, 3, 2, 1, 1],
            [0, 2, 2, 0, 2],
            [1, 0, 1, 0, 1],
        ]
    )
    expected = np.log1p(raw)
    np.testing.assert_allclose(found[:4, :5], expected - expected.mean(axis=0))
    top = np.log1p([[4, 1, 1, 0, 0], [4, 1, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]])
    np.testing.assert_allclose(found[:4, TOP_TIES], top - top.mean(axis=0))
    share = np.array([4, 1, 1]) / 6
    even = np.array([-(share * np.log(share)).sum(), -0.8 * np.log(0.8) - 0.2 * np.log(0.2), 0, 0])
    even[2] = np.log(2)
    np.testing.assert_allclose(found[:4, EVENNESS], even - even.mean())
    triangles = np.log1p([1, 1, 1, 0])
    np.testing.assert_allclose(found[:4, TRIANGLES], triangles - triangles.mean())
    # Degrees of those around: 0 has 1, 2 and 3 (2 + 2 + 1), 1 has 0 and 2, 2 has 0 and 1.
    around = np.log1p([5, 5, 5, 3])
    np.testing.assert_allclose(found[:4, FRIENDS_OF_FRIENDS], around - around.mean())
    assert not found[4].any()


@given(
    edges=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=20),
    renamed=st.permutations(range(7)),
    hops=st.integers(1, 2),
)
def test_names_of_nodes_do_not_matter(edges, renamed, hops):
    name = np.array(renamed)
    plain = shape(edges, 7, hops)
    moved = shape(name[np.array(edges)], 7, hops)[name]
    np.testing.assert_allclose(moved, plain, atol=1e-9)


@given(edges=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=15))
def test_triangles_are_those_of_a_count(edges):
    touch = {frozenset(e) for e in edges if len(set(e)) == 2}
    found = shape(sorted(edges), 7)[:, TRIANGLES]
    count = np.zeros(7)
    for trio in combinations(range(7), 3):
        if all(frozenset(pair) in touch for pair in combinations(trio, 2)):
            count[list(trio)] += 1
    active = np.array([any(node in e for e in touch) for node in range(7)])
    expected = np.where(active, np.log1p(count), 0)
    if active.any():
        expected[active] -= expected[active].mean()
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_triangles_are_left_out_above_what_they_may_cost(monkeypatch):
    # Three with two neighbours of two each, and two with one of one: fourteen steps.
    edges = [(0, 1), (1, 2), (2, 0), (3, 4)]
    for most, counted in ((14, True), (13, False)):
        monkeypatch.setattr(periods, "_MOST_STEPS", most)
        assert bool(shape(edges, 5)[:, TRIANGLES].any()) is counted


@pytest.mark.parametrize("seed", range(5))
def test_ties_are_those_of_a_count_the_strongest_first(seed):
    rng = np.random.default_rng(seed)
    edges = rng.integers(0, 6, (40, 2))
    ties = _ties(*edges.T, 6)
    sent = np.zeros((6, 6), int)
    np.add.at(sent, tuple(edges.T), 1)
    np.fill_diagonal(sent, 0)
    for node in range(6):
        at = slice(ties.start[node], ties.start[node + 1])
        others = ties.other[at]
        assert sorted(others) == np.flatnonzero(sent[node] + sent[:, node]).tolist()
        assert ties.sent[at].tolist() == sent[node, others].tolist()
        assert ties.received[at].tolist() == sent[others, node].tolist()
        strength = ties.strength[at]
        # Of equal ones that which sends more.
        ranked = [*zip(-strength, -ties.sent[at], strict=True)]
        assert ranked == sorted(ranked)
        assert ties.rank[at].tolist() == list(range(len(others)))


def test_two_hops_see_what_one_does_not():
    # The ends of two paths, one of which goes on: alike by one hop, apart by two.
    edges = [(0, 1), (2, 3), (3, 4)]
    one, two = shape(edges, 5, 1), shape(edges, 5, 2)
    np.testing.assert_allclose(one[0], one[2])
    assert not np.allclose(two[0], two[2])


def test_hours_by_hand():
    # Friday 1 January 2016, 23:59:59, and the Saturday after it at 0:00 and 4:00.
    time = np.array(["2016-01-01T23:59:59", "2016-01-02T00:00:00", "2016-01-02T04:00:00"])
    seconds = time.astype("datetime64[s]").astype(np.int64)
    found = rhythm(seconds, np.array([0, 0, 1]), 3)
    assert np.flatnonzero(found[0]).tolist() == [5, 6]
    assert np.flatnonzero(found[1]).tolist() == [7]
    np.testing.assert_allclose(found.sum(axis=1), [1, 1, 0])


def test_lasting_ties_are_found_again_and_two_hops_find_more():
    log = call_log(people=600, ties=3_000, calls=60_000)
    one, two = (match_neighbourhoods(read(log), hops=hops) for hops in (1, 2))
    near, far = (found.row("matched", rank=1) for found in (one, two))
    assert far.low > near.high
    assert near.low > near.baseline
    # Who never rings out is no person of the log.
    callers = set(log["who"])
    early = log["at"] < log["at"].sort_values().iloc[len(log) // 2]
    before, after = (set(log[part][["who", "whom"]].stack()) & callers for part in (early, ~early))
    assert far.baseline == 1 / len(after)
    assert two.row("reidentified").n == len(before & after)


def test_looks_of_any_length_compare():
    # Each part of a signature has mean 0 and variance 1 among those who are active in the look.
    log = read(call_log())
    first = log.time < np.quantile(log.time, 0.1)
    for events in (first, ~first):
        found = _shape(log, events, 2)
        active = np.isin(np.arange(log.n_people), log.person[events])
        active |= np.isin(np.arange(log.n_people), log.item_person[log.item[events]])
        assert not found[~active].any()
        np.testing.assert_allclose(found[active].mean(axis=0), 0, atol=1e-9)
        spread = found[active].std(axis=0)
        np.testing.assert_allclose(spread[spread > 1e-6], 1)
        assert (spread > 1e-6).sum() > 40


def test_a_long_first_period_teaches():
    log = read(call_log())
    long, even = (match_neighbourhoods(log, at=at) for at in ("2016-06-15", None))
    assert [found.notes[0].key for found in (long, even)] == ["learnt_before", "learnt_in_halves"]
    # 106 days before, 14 after: seven parts and a half, of which the last one is what is known.
    ten = long.row("matched", rank=10)
    assert ten.low > ten.baseline


def test_claims_hold_where_the_shape_says_little():
    # Likes, each page once: no tie is stronger than another. Claims must be as few as finds.
    rng = np.random.default_rng(9)
    people, pages = 400, 120
    taste = rng.dirichlet(np.full(pages, 0.4), people)
    rows = [
        # Sixty different ones, by taste.
        np.argsort(rng.gumbel(size=pages) + np.log(one + 1e-6))[-60:]
        for one in taste
    ]
    log = pd.DataFrame({"who": np.repeat(np.arange(people), 60), "page": np.concatenate(rows)})
    at = rng.integers(0, 100 * 86_400, len(log))
    log["at"] = pd.Timestamp("2016-03-01") + pd.to_timedelta(at, unit="s")
    found = match_neighbourhoods(read_traces(log, person="who", item="page", time="at"))
    assert found.value("wrong_claim") < 0.02
    assert found.row("reidentified").control < 0.02
    assert found.value("calibration_error") < 0.05


def test_a_graph_that_is_drawn_anew_gives_nobody_away():
    # Before and after, other ties: only chance is left. Everybody is as active as the others.
    rng = np.random.default_rng(3)
    people, each = 400, 30
    log = pd.DataFrame(rng.integers(0, people, (people * each, 2)), columns=["who", "whom"])
    at = rng.integers(0, 100 * 86_400, len(log))
    log["at"] = pd.Timestamp("2016-03-01") + pd.to_timedelta(at, unit="s")
    found = match_neighbourhoods(read(log))
    ten = found.row("matched", rank=10)
    assert ten.low <= 10 / people <= ten.high
    assert found.value("reidentified") < 0.01
    assert found.row("reidentified").control < 0.01


def test_pseudonyms_of_the_second_period_do_not_matter():
    # The names of all nodes are replaced there; those who make sense of it keep their rank.
    log = call_log(people=250, seed=5)
    first = match_neighbourhoods(read(log), sample=None)
    name = np.random.default_rng(6).permutation(250)
    renamed = log.assign(who=name[log["who"]], whom=name[log["whom"]])
    second = match_neighbourhoods(read(renamed), sample=None)
    # Teachers are picked by their place, so that figures move a little, and no more.
    one, other = (f.row("matched", rank=1) for f in (first, second))
    assert one.low <= other.value <= one.high


def test_likes_have_a_shape_too():
    rng = np.random.default_rng(8)
    people, pages = 250, 150
    activity = rng.lognormal(3.5, 1, people)
    chance = 1 / np.arange(1, pages + 1)
    counts = rng.poisson(activity[:, None] * chance / chance.sum())
    who, page = np.nonzero(counts)
    log = pd.DataFrame({"who": who, "page": page}).loc[lambda f: f.index.repeat(counts[who, page])]
    at = rng.integers(0, 100 * 86_400, len(log))
    log["at"] = pd.Timestamp("2016-03-01") + pd.to_timedelta(at, unit="s")
    traces = read_traces(log, person="who", item="page", time="at")
    found = match_neighbourhoods(traces).row("matched", rank=10)
    assert found.low > found.baseline


def test_what_cannot_be_learnt_is_refused():
    log = call_log(people=60, ties=200, calls=2_000)
    with pytest.raises(ParameterError, match="100 people"):
        match_neighbourhoods(read(log))
    log = call_log(people=150, calls=3_000)
    for bad in ({"hops": 3}, {"hops": 0}, {"least_confidence": 0}, {"sample": 0}, {"at": "soon"}):
        with pytest.raises(ParameterError):
            match_neighbourhoods(read(log), **bad)
    for nobody in ("2015-01-01", "2020-01-01"):
        with pytest.raises(ParameterError):
            match_neighbourhoods(read(log), at=nobody)
    with pytest.raises(ParameterError, match="time="):
        match_neighbourhoods(read_traces(log, person="who", item="whom"))
