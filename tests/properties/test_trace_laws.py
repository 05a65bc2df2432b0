"""Laws of traces, against brute force on small logs: what holds whatever the data."""

import itertools
from collections import Counter

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from privaudit.release.read_traces import read_traces
from privaudit.tables.population.uniqueness import class_share
from privaudit.traces.home_work import home_work_risk
from privaudit.traces.known_points import fewest_matches, visit_marks
from privaudit.traces.periods import neighbourhood_risk, refine
from privaudit.traces.unicity import (
    compress,
    draw_points,
    invert,
    known_points_risk,
    others_left,
    singled_out,
    unicity,
)

LOGS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 5), st.integers(0, 47)), min_size=2, max_size=40
).filter(lambda log: len({who for who, _, _ in log}) > 1)


def read(log, item="item"):
    frame = pd.DataFrame(log, columns=["who", "item", "hour"])
    frame["coarse"] = frame["item"] // 2
    frame["at"] = pd.Timestamp("2016-06-01") + pd.to_timedelta(frame["hour"], unit="h")
    return read_traces(frame, person="who", item=item, time="at")


def worst_by_brute_force(log, points):
    """Each person's events in every choice, as multisets, against everybody's."""
    visits = {}
    for who, item, _ in log:
        visits.setdefault(who, []).append(item)
    counts = {who: Counter(items) for who, items in visits.items()}
    found = []
    for who in sorted(visits):
        size = min(points, len(visits[who]))
        choices = itertools.combinations(visits[who], size)
        found.append(min(sum(Counter(b) <= c for c in counts.values()) for b in choices))
    return found


@given(log=LOGS, points=st.integers(1, 4))
def test_worst_points_are_those_of_brute_force(log, points):
    found = known_points_risk(read(log), points=points)
    assert found.per_record["matches"].tolist() == worst_by_brute_force(log, points)


@given(log=LOGS, points=st.integers(1, 3), seed=st.integers(0, 99))
def test_singled_out_is_a_count_of_supersets(log, points, seed):
    traces = read(log)
    indptr, rows = compress(traces.person, traces.item, traces.n_people, traces.n_items)
    start, people = invert(indptr, rows, traces.n_items)
    able = np.flatnonzero(np.diff(indptr) >= points)
    if not len(able):
        return
    known = draw_points(indptr, rows, able, points, np.random.default_rng(seed))
    sets = [set(rows[a:b].tolist()) for a, b in itertools.pairwise(indptr)]
    for target, drawn, alone in zip(
        able, known, singled_out(indptr, rows, start, people, able, known), strict=True
    ):
        assert len(set(drawn.tolist())) == points
        assert set(drawn.tolist()) <= sets[target]
        assert alone == (sum(set(drawn.tolist()) <= other for other in sets) == 1)
    # Whoever is taken out is mistaken for somebody where one other has all the points.
    for target, drawn, wrong in zip(
        able, known, others_left(start, people, able, known) == 1, strict=True
    ):
        others = [other for who, other in enumerate(sets) if who != target]
        assert wrong == (sum(set(drawn.tolist()) <= other for other in others) == 1)


@given(log=LOGS, order=st.randoms(use_true_random=False))
def test_row_order_never_matters(log, order):
    mixed = list(log)
    order.shuffle(mixed)
    for measure in (
        lambda t: unicity(t, points=1, seed=3),
        lambda t: known_points_risk(t, points=2),
        home_work_risk,
        neighbourhood_risk,
    ):
        first, second = measure(read(log)), measure(read(mixed))
        pd.testing.assert_frame_equal(first.overall, second.overall)
        pd.testing.assert_frame_equal(first.per_record, second.per_record)


@given(log=LOGS, points=st.integers(1, 3))
def test_knowing_more_never_leaves_more_people(log, points):
    fewer, more = (
        known_points_risk(read(log), points=p).per_record["matches"] for p in (points, points + 1)
    )
    assert (more <= fewer).all()


@given(log=LOGS, points=st.integers(1, 3))
def test_coarser_items_never_single_out_more(log, points):
    fine = known_points_risk(read(log), points=points).per_record["matches"]
    coarse = known_points_risk(read(log, item="coarse"), points=points).per_record["matches"]
    assert (coarse >= fine).all()


@given(log=LOGS)
def test_coarser_windows_never_single_out_more(log):
    worst = [
        known_points_risk(read(log), points=2, hours=hours).per_record["matches"].to_numpy()
        for hours in (1, 6, 24, None)
    ]
    for fine, coarse in itertools.pairwise(worst):
        assert (coarse >= fine).all()


@given(log=LOGS)
def test_a_double_hides_everybody(log):
    twins = log + [(who + 100, item, hour) for who, item, hour in log]
    assert known_points_risk(read(twins), points=3).value("singled_out") == 0
    assert unicity(read(twins), points=1).value("unicity") == 0
    assert neighbourhood_risk(read(twins)).overall["value"].tolist() == [0, 0]


@given(log=LOGS)
def test_the_mean_of_people_is_the_overall(log):
    found = known_points_risk(read(log), points=2)
    assert found.per_record["risk"].mean() == found.value("risk_mean")
    pair = home_work_risk(read(log))
    assert (pair.per_record["people_2"] == 1).mean() == pair.value("alone", places=2)
    assert (pair.per_record["people_2"] <= pair.per_record["people_1"]).all()


@given(
    edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=14),
    renamed=st.permutations(range(8)),
    hops=st.integers(0, 3),
)
def test_renaming_nodes_renames_their_colours_only(edges, renamed, hops):
    source, target = np.array(edges).T
    name = np.array(renamed)
    plain = refine(source, target, np.zeros(8, int), hops)
    moved = refine(name[source], name[target], np.zeros(8, int), hops)[name]
    same = plain[:, None] == plain[None, :]
    np.testing.assert_array_equal(same, moved[:, None] == moved[None, :])
    # One hop more never merges what was told apart.
    further = refine(source, target, np.zeros(8, int), hops + 1)
    assert not ((further[:, None] == further[None, :]) & ~same).any()


@given(
    weights=st.lists(st.floats(0.01, 1), min_size=1, max_size=12),
    people=st.integers(1, 400),
    below=st.integers(2, 11),
)
def test_shares_in_small_classes_are_ordered(weights, people, below):
    p = np.array(weights) / np.sum(weights)
    here = class_share([people], p, below=below)[0]
    assert -1e-12 <= here <= 1 + 1e-9
    assert class_share([people], p, below=below + 1)[0] >= here - 1e-12
    assert class_share([people + 1], p, below=below)[0] <= here + 1e-9
    merged = np.append(p[2:], p[:2].sum()) if len(p) > 1 else p
    assert class_share([people], merged, below=below)[0] <= here + 1e-9


def test_a_wrong_law_is_seen():
    # The brute force must be able to disagree: marks that forget multiplicities.
    log = [(0, 1, 0), (0, 1, 0), (1, 1, 0)]
    indptr, marks, weight = visit_marks([0, 1], [1, 1], 2, 2, 2)
    forgetful = fewest_matches(indptr, marks, weight, np.arange(2), 2)
    assert forgetful.tolist() != worst_by_brute_force(log, 2)
