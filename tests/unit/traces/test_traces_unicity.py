"""Known points, pairs of places and surroundings: hand counts and closed forms."""

from math import comb

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError, SchemaError
from privaudit.release.read_traces import read_traces
from privaudit.tables.population.pitman_model import unicity_in_population
from privaudit.traces.home_work import home_work_risk
from privaudit.traces.periods import class_sizes, neighbourhood_risk, refine
from privaudit.traces.unicity import (
    compress,
    draw_points,
    invert,
    known_points_risk,
    singled_out,
    unicity,
    window_word,
)
from privaudit.words.catalogues import Note


def traces_of(pairs, **options):
    log = pd.DataFrame(pairs, columns=["who", "what"])
    return read_traces(log, person="who", item="what", **options)


# Anne likes 1 2 3, Bea 1 2, Carl 2 3, Dora 4.
FOUR = [*((0, i) for i in (1, 2, 3)), *((1, i) for i in (1, 2)), *((2, i) for i in (2, 3)), (3, 4)]


def test_unicity_on_four_people_by_hand():
    indptr, points = compress(*np.array(FOUR).T, 4, 5)
    start, people = invert(indptr, points, 5)
    asked = {(0, 1): False, (0, 2): False, (3, 4): True}
    for (who, what), alone in asked.items():
        found = singled_out(indptr, points, start, people, np.array([who]), np.array([[what]]))
        assert found.tolist() == [alone]
    pairs = np.array([[1, 2], [1, 3], [2, 3]])
    found = singled_out(indptr, points, start, people, np.zeros(3, int), pairs)
    assert found.tolist() == [False, True, False]  # Bea has 1 2, Carl has 2 3
    # Two points of Anne are one of three pairs; Bea and Carl are never alone with two.
    shares = [unicity(traces_of(FOUR), points=2, seed=s).value("unicity") for s in range(300)]
    assert np.mean(shares) == pytest.approx(1 / 3 / 3, abs=4 * np.sqrt(2 / 9 / 300) / 3)


def test_everybody_with_too_few_points_is_left_out_and_counted():
    found = unicity(traces_of(FOUR), points=[1, 2, 3])
    assert [found.row("unicity", points=p).n for p in (1, 2, 3)] == [4, 3, 1]
    assert found.row("unicity", points=2).notes == (Note("fewer_points", few=1, of=4),)
    assert found.value("unicity", points=3) == 1  # nobody else has Anne's three
    with pytest.raises(ParameterError, match="3 at most"):
        unicity(traces_of(FOUR), points=4)


@pytest.mark.parametrize("p", [3, 4, 5, 6])
def test_unicity_of_uniform_traces_is_that_of_the_closed_form(p):
    # Everybody has k of m items, each set as likely: another one has p given items with
    # chance C(m - p, k - p) / C(m, k).
    people, m, k = 4000, 40, 8
    rng = np.random.default_rng(5)
    items = np.argsort(rng.random((people, m)), axis=1)[:, :k]
    traces = traces_of(np.column_stack([np.repeat(np.arange(people), k), items.ravel()]))
    found = unicity(traces, points=p, seed=1).overall.iloc[0]
    expected = (1 - comb(m - p, k - p) / comb(m, k)) ** (people - 1)
    assert found["n"] == people
    # Each answer is a coin of that chance; the answers of one drawn file hardly depend.
    spread = np.sqrt(max(expected * (1 - expected), 1e-6) / people)
    assert abs(found["value"] - expected) <= 4 * spread


def test_a_look_up_ends_with_the_row():
    # 0 has points 1 and 2, and the next row begins with point 3: 0 does not have all three.
    indptr, points = compress([0, 0, 1, 2, 2, 2], [1, 2, 3, 1, 2, 3], 3, 4)
    start, people = invert(indptr, points, 4)
    found = singled_out(indptr, points, start, people, np.array([2]), np.array([[1, 2, 3]]))
    assert found.tolist() == [True]


def test_every_set_of_points_is_as_likely():
    indptr, points = np.array([0, 5]), np.array([10, 20, 30, 40, 50], np.int32)
    drawn = draw_points(indptr, points, np.zeros(20_000, int), 2, np.random.default_rng(0))
    assert (drawn[:, 0] != drawn[:, 1]).all()
    _, count = np.unique(np.sort(drawn, axis=1), axis=0, return_counts=True)
    assert len(count) == 10
    assert abs(count - 2000).max() < 4 * np.sqrt(2000 * 0.9)
    with pytest.raises(ValueError, match="fewer points"):
        draw_points(indptr, points, np.zeros(1, int), 6, np.random.default_rng(0))


def test_time_resolution_matters():
    log = pd.DataFrame(
        {
            "who": ["a", "b", "c"],
            "what": "mast",
            "at": pd.to_datetime(["2016-06-01 10:05", "2016-06-01 10:55", "2016-06-01 12:30"]),
        }
    )
    traces = read_traces(log, person="who", item="what", time="at")
    shares = [
        unicity(traces, points=1, hours=hours).value("unicity") for hours in (None, 24, 1, 0.5)
    ]
    assert shares == [0, 0, pytest.approx(1 / 3), 1]


def test_a_seed_gives_the_same_sample_again():
    rng = np.random.default_rng(0)
    pairs = np.column_stack([np.repeat(np.arange(300), 6), rng.integers(0, 40, 1800)])
    first, again, other = (
        unicity(traces_of(pairs), points=3, sample=50, seed=s) for s in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first.overall, again.overall)
    row = first.row("unicity")
    assert row.n == 50
    assert row.value != other.value("unicity")
    assert row.low < row.value < row.high


def test_worst_points_by_hand():
    # Anne: 1 and 3 together are hers alone; Bea's 1 2 are Anne's too; Carl's 2 3 as well.
    found = known_points_risk(traces_of(FOUR), points=2)
    assert found.per_record["matches"].tolist() == [1, 2, 2, 1]
    assert found.overall["value"].to_dict() == {
        "singled_out": 0.5,
        "risk_mean": 0.75,
        "risk_max": 1.0,
    }
    assert found.overall["baseline"].tolist() == [0, 1 / 4, 1 / 4]
    one = known_points_risk(traces_of(FOUR), points=1).per_record["matches"]
    assert one.tolist() == [2, 2, 2, 1]


def test_going_twice_tells_more():
    twice = [("a", "x"), ("a", "x"), ("b", "x"), ("c", "x"), ("c", "y")]
    matches = known_points_risk(traces_of(twice), points=2).per_record["matches"]
    # a was at x twice, nobody else; b once: three were; c at y: alone.
    assert matches.tolist() == [1, 3, 1]
    assert known_points_risk(traces_of(twice), points=1).per_record["matches"].tolist() == [3, 3, 1]


def test_three_visits_cannot_be_known_by_two():
    # a: x twice and y. Two events leave a and b (x twice), or a, c and d (x and y).
    visits = {"a": "xxy", "b": "xx", "c": "xy", "d": "xy"}
    pairs = [(who, place) for who, places in visits.items() for place in places]
    assert known_points_risk(traces_of(pairs), points=2).per_record["matches"][0] == 2
    assert known_points_risk(traces_of(pairs), points=3).per_record["matches"][0] == 1


def test_a_search_without_end_is_refused_before_it_starts():
    pairs = [(who, what) for who in range(40) for what in range(60)]
    with pytest.raises(ParameterError, match="Lower points or sample"):
        known_points_risk(traces_of(pairs), points=12)


def test_a_sample_of_people_is_held_against_everybody():
    rng = np.random.default_rng(3)
    pairs = np.column_stack([np.repeat(np.arange(200), 5), rng.integers(0, 25, 1000)])
    whole = known_points_risk(traces_of(pairs), points=2)
    part = known_points_risk(traces_of(pairs), points=2, sample=60, seed=4)
    assert len(part.per_record) == 60
    row = part.row("risk_mean")
    assert row.low <= whole.value("risk_mean") <= row.high
    assert whole.row("risk_mean").low == whole.value("risk_mean")


def test_home_and_work_by_hand():
    visits = {"a": "HHHWW", "b": "HHHVV", "c": "HHWWW", "d": "HHHHW", "e": "H"}
    pairs = [(who, cell) for who, cells in visits.items() for cell in cells]
    found = home_work_risk(traces_of(pairs))
    # Homes: H H W H H. Pairs: a and d H-W, b H-V, c W-H, e H alone.
    assert found.per_record["people_2"].tolist() == [2, 1, 1, 2, 1]
    assert found.per_record["people_1"].tolist() == [4, 4, 1, 4, 4]
    assert found.value("alone", places=2) == pytest.approx(3 / 5)
    assert found.value("alone", places=1) == pytest.approx(1 / 5)
    assert found.row("alone", places=2).baseline == found.value("alone", places=1)
    assert [found.value("people_median", places=k) for k in (2, 1)] == [1, 4]


def test_refinement_by_hand():
    # A star with three leaves, and a path of two: degrees 3, 1 1 1, 1 1.
    edges = ([0, 0, 0, 4], [1, 2, 3, 5])
    assert class_sizes(refine(*edges, [0] * 6, 0)).tolist() == [6] * 6
    assert class_sizes(refine(*edges, [0] * 6, 1)).tolist() == [1, 5, 5, 5, 5, 5]
    assert class_sizes(refine(*edges, [0] * 6, 2)).tolist() == [1, 3, 3, 3, 2, 2]


def test_what_was_told_apart_stays_apart():
    assert class_sizes(refine([0], [1], [0, 0, 0, 1], 2)).tolist() == [2, 2, 1, 1]


def test_repeated_calls_count():
    assert class_sizes(refine([0, 0, 2], [1, 1, 3], [0] * 4, 1)).tolist() == [2, 2, 2, 2]
    assert refine([0, 0, 2], [1, 1, 3], [0] * 4, 1).tolist() == [0, 0, 1, 1]


def test_people_who_call_people_are_one_kind_of_node():
    # a - b - c - d: one hop tells ends from middles; the ends are a and d, who never calls.
    calls = [("a", "b"), ("b", "c"), ("c", "d")]
    found = neighbourhood_risk(traces_of(calls, items_are_people=True))
    assert found.per_record["people_1"].tolist() == [2, 2, 2]
    assert found.overall["value"].tolist() == [0, 0]
    # The same shape with items that are not people: a page is not taken for a person.
    likes = [("a", 1), ("b", 1), ("b", 2), ("c", 2)]
    found = neighbourhood_risk(traces_of(likes))
    assert found.per_record["people_1"].tolist() == [2, 1, 2]
    assert found.row("singled_out", hops=2).baseline == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda t: unicity(t, points=0), "points"),
        (lambda t: unicity(t, points=[]), "each number once"),
        (lambda t: unicity(t, points=[2, 2]), "each number once"),
        (lambda t: unicity(t, points=True), "points"),
        (lambda t: unicity(t, points=2.5), "points"),
        (lambda t: unicity(t, points="2"), "points"),
        (lambda t: unicity(t, points=None), "points"),
        (lambda t: unicity(t, sample=0), "sample"),
        (lambda t: unicity(t, hours=1), "time="),
        (lambda t: known_points_risk(t, points=0), "points"),
        (lambda t: neighbourhood_risk(t, hops=9), "hops"),
    ],
)
def test_impossible_parameters_are_refused(call, said):
    with pytest.raises(ParameterError, match=said):
        call(traces_of(FOUR))


def test_what_was_set_aside_is_said():
    log = pd.DataFrame({"who": ["a", "b", None], "what": [1, 2, 3]})
    found = unicity(read_traces(log, person="who", item="what"), points=1)
    (note,) = found.notes
    assert (note.key, note.values["rows"]) == ("rows_set_aside", 1)


def test_everybody_is_looked_for_where_no_sample_is_asked():
    people = 10_500
    log = pd.DataFrame({"who": np.arange(people), "what": np.arange(people) // 2})
    traces = read_traces(log, person="who", item="what")
    row = unicity(traces, points=1).row("unicity")
    # Each item is that of two people: nobody is alone.
    assert (row.n, row.value) == (people, 0)
    assert unicity(traces, points=1, sample=300).row("unicity").n == 300


def test_the_control_stands_in_the_row_that_it_cancels():
    # FAULTS 1.2: where everybody's points are somebody else's too, the figure says so itself.
    rng = np.random.default_rng(0)
    pairs = np.column_stack([np.repeat(np.arange(400), 6), rng.integers(0, 60, 2_400)])
    found = unicity(traces_of(pairs), points=[2, 3])
    assert {row.measure for row in found.rows} == {"unicity"}
    for row in found.rows:
        assert 0 < row.control < 1
        assert row.residual == pytest.approx((row.value - row.control) / (1 - row.control))
        assert row.residual_low < row.residual < row.residual_high
        assert row.baseline == 1 / 400


@pytest.mark.parametrize(
    ("hours", "word"),
    [
        (None, "no_time"),
        (168, "week"),
        (48, "2_days"),
        (24, "day"),
        (1, "hour"),
        (1.5, "1.5_hours"),
    ],
)
def test_a_resolution_is_a_word(hours, word):
    assert window_word(hours) == word


def test_a_larger_population_is_held_where_the_law_is_known():
    # q beta (a, b): the others of a target are beta-binomial, unicity of N is B(a, b + N - 1) /
    # B(a, b). Of 24 ranges at .95, fewer than 20 hold it twice in 100.
    from scipy.special import betaln

    a, b, people, population = 0.6, 40.0, 500, 2_000
    truth = np.exp(betaln(a, b + population - 1) - betaln(a, b))
    values, held = [], []
    for seed in range(24):
        rng = np.random.default_rng(seed)
        others = rng.binomial(people - 1, rng.beta(a, b, 800)).astype(float)
        found = unicity_in_population(others, people, population)
        values.append(found.value)
        held.append(found.low <= truth <= found.high)
    assert np.mean(values) == pytest.approx(truth, abs=0.01)
    assert sum(held) >= 20


def test_a_larger_population_by_hand():
    # Nobody has another's points, of 10,000: nobody has in ten times as many, or one in 25,000.
    none = unicity_in_population(np.zeros(10_000), 10_000, 100_000)
    assert none.reliable
    assert none.value > 0.99
    assert none.low > 0.8
    assert none.high == 1
    # The log itself: a count.
    assert unicity_in_population(np.array([0.0, 0, 1, 5]), 10, 10).value == 0.5
    # All points are common: whatever the law, nobody is alone.
    common = unicity_in_population(np.full(400, 30.0), 400, 4_000)
    assert common.reliable
    assert common.high < 0.02


def test_a_frame_is_read_by_its_headers_and_ids_are_given_on_request():
    frame = pd.DataFrame({"user_id": list("aabbcc"), "page": [1, 2, 1, 3, 2, 3]})
    found = unicity(frame, points=[1, 2], ids=True, population=30)
    assert found.value("unicity", points=2) == 1
    assert [note.key for note in found.notes] == ["log_columns_proposed"]
    who = found.per_record.query("points == 2")
    assert who["person"].tolist() == ["a", "b", "c"]
    assert who["alone"].all()
    row = found.row("unicity_in_population", points=2)
    assert row.part["population"] == 30
    assert not row.reliable
    assert row.low < row.high == 1
    assert not len(unicity(frame, points=2).per_record)
    for wrong in (
        lambda: unicity(frame, points=2, population=2),
        lambda: unicity(read_traces(frame, person="user_id", item="page"), points=2, ids=True),
        lambda: unicity(frame.rename(columns={"page": "x"}), points=2),
    ):
        with pytest.raises((ParameterError, SchemaError)):
            wrong()
