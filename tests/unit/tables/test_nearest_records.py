"""The nearest records: a plain search, and what counting in bytes could get wrong."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from privaudit.columns.values import Reading
from privaudit.errors import ParameterError, SchemaError
from privaudit.tables.nearest_records import (
    RecordIndex,
    _hardly_meets,
    _numbered,
    _of_the_original,
    column_scale,
    inference_gain,
    link_by_chance,
    link_probability,
    named_table,
    people_of,
    portions,
    read_together,
    table_matrix,
    without_repeats,
)


def test_neighbours_against_a_plain_search():
    rng = np.random.default_rng(4)
    records = np.column_stack([rng.integers(0, 5, 60), rng.integers(0, 3, 60)]).astype(float)
    records[rng.random(records.shape) < 0.1] = np.nan
    queries = records[:20] + np.array([0.5, 0])
    ordered = np.array([True, False])
    scale = column_scale(records, ordered)
    for k in (1, 4, 60):
        found = RecordIndex(records, ordered, scale).nearest(queries, k)
        for q, query in enumerate(queries):
            away = []
            for record in records:
                apart = []
                for x, y, number in zip(query, record, ordered, strict=True):
                    if np.isnan(x) or np.isnan(y):
                        apart.append(float(np.isnan(x) != np.isnan(y)))
                    else:
                        apart.append(min(abs(x - y) / 4, 1) if number else float(x != y))
                away.append(sum(apart))
            away = np.array(away)
            kth = np.sort(away)[k - 1]
            np.testing.assert_array_equal(found.sure[[q]].toarray()[0], away < kth - 1e-9)
            np.testing.assert_array_equal(found.tied[[q]].toarray()[0], abs(away - kth) < 1e-9)
            assert found.slots[q] == k - (away < kth - 1e-9).sum()


def test_many_columns_that_differ_are_all_counted():
    # Counted in bytes, 256 differences would be none.
    near, far = np.zeros(300), np.zeros(300)
    near[0], far[:256] = 1, 1
    found = RecordIndex(np.stack([far, near]), np.zeros(300, bool), np.ones(300))
    assert found.nearest(np.zeros((1, 300)), 1).tied.toarray().tolist() == [[0, 1]]


def test_levels_past_a_byte_and_levels_unknown_to_the_release():
    # 0, 1, ..., 299 and a missing value; 256 is not 0, 999 is nobody's, missing is missing.
    release = np.append(np.arange(300.0), np.nan)[:, None]
    asked = np.array([[256.0], [np.nan], [999.0]])
    tied = RecordIndex(release, np.array([False]), np.ones(1)).nearest(asked, 1).tied
    assert tied.sum(axis=1).tolist() == [1, 1, 301]
    assert tied.toarray()[[0, 1], [256, 300]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("reading", "blank"), [(None, 0), (Reading(), 0), (Reading(missing_values=["Brest"]), 1)]
)
def test_tables_are_read_together_as_the_reading_says(reading, blank):
    tables = {name: pd.DataFrame({"town": ["Brest", name]}) for name in ("original", "control")}
    read, _ = read_together("test", tables, ["town"], reading)
    assert [int(table["town"].isna().sum()) for table in read.values()] == [blank, blank]


def test_people_are_who_agree_on_all_identifiers():
    codes = np.array([[1, 0], [1, 0], [1, -1], [-1, -1], [-1, -1]])
    person = people_of(codes)
    assert person[3:].tolist() == [0, 1]
    assert person[0] == person[1] != person[2]
    assert sorted(set(person.tolist())) == [0, 1, 2, 3]


def test_what_repeats_or_is_contained_in_another_of_the_person_is_dropped():
    person = np.array([0, 0, 0, 0, 1, 1, 1])
    codes = np.array([[1, 2], [1, 2], [1, -1], [2, -1], [1, -1], [-1, 2], [-1, -1]])
    # (1, .) is in (1, 2); (2, .) is in none. Of the other neither is in the other, and the last in
    # both.
    assert without_repeats(person, codes).tolist() == [0, 3, 4, 5]
    # Whole records are compared alone.
    whole = np.array([[1, 2], [1, 2], [1, 3]])
    assert without_repeats(np.zeros(3, int), whole).tolist() == [0, 2]
    assert without_repeats(np.arange(3), whole).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("n", "k"), [(4, 1), (4, 2), (3, 2), (5, 2), (2, 2)])
def test_two_draws_meet_by_chance_as_often_as_all_pairs_of_them_do(n, k):
    draws = [set(one) for one in combinations(range(n), k)]
    meet = [bool(a & b) for a in draws for b in draws]
    assert link_by_chance(n, k) == pytest.approx(np.mean(meet))


def halves(sure, tied, slots):
    return SimpleNamespace(sure=csr_array(np.array([sure])), tied=csr_array(np.array([tied])),
                           slots=np.array([slots]))  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (([0, 0, 0, 0], [1, 1, 1, 0], 2), ([0, 0, 0, 0], [0, 1, 1, 1], 2)),
        (([1, 0, 0, 0], [0, 1, 1, 0], 1), ([0, 0, 0, 1], [0, 0, 1, 0], 1)),
        (([1, 0, 0, 0], [0, 1, 1, 0], 1), ([0, 1, 0, 0], [1, 0, 1, 0], 1)),
        (([1, 0, 0, 0], [0, 1, 1, 0], 1), ([1, 0, 0, 0], [0, 0, 1, 1], 1)),
        (([0, 0, 0, 0], [1, 1, 0, 0], 1), ([0, 0, 0, 0], [0, 0, 1, 1], 1)),
    ],
)
def test_ties_are_broken_in_every_way(left, right):
    def ways(sure, tied, slots):
        fixed = {i for i, one in enumerate(sure) if one}
        rest = [i for i, one in enumerate(tied) if one]
        return [fixed | set(more) for more in combinations(rest, slots)]

    meet = [bool(a & b) for a in ways(*left) for b in ways(*right)]
    found = link_probability(halves(*left), halves(*right))[0]
    assert found == pytest.approx(np.mean(meet))


def test_some_queries_at_a_time_fit_in_the_cells():
    assert [(s.start, s.stop) for s in portions(5, 4, 8)] == [(0, 2), (2, 4), (4, 6)]
    assert [(s.start, s.stop) for s in portions(2, 9, 8)] == [(0, 1), (1, 2)]
    assert [(s.start, s.stop) for s in portions(3, 0, 8)] == [(0, 8)]


def test_a_guess_is_right_within_its_tolerance_and_a_tie_is_a_share():
    release = np.array([[1.0, 10], [1, 14], [5, np.nan], [9, 20]])
    targets = np.array([[1.0, 12], [1, 8], [5, 3], [9, 23]])
    ordered = np.array([True, True])
    found = inference_gain(targets, release, ordered, np.array([8.0, 10.0]), np.array([0]), 1,
                           np.array([2.0, 2.0, 9.0, 2.0]))  # fmt: skip
    # Both are two away; one of two is; a blank is no guess; three away is wrong.
    assert found.tolist() == [1, 0.5, 0, 0]


def test_a_scale_is_the_range_of_what_is_known():
    table = np.array([[1.0, 3, 5, np.nan], [4, 3, 9, np.nan], [np.nan, 3, 6, np.nan]])
    assert column_scale(table, np.array([True, True, False, True])).tolist() == [3, 1, 1, 1]


def test_levels_have_numbers_in_their_order():
    kind, value = _numbered(pd.Index(["b", "a", "c"]))
    assert (kind, value.tolist()) == ("category", [1, 0, 2])
    kind, value = _numbered(pd.to_datetime(["1970-01-02 00:00:00", "1970-01-01 00:00:01"]))
    assert (kind, value.tolist()) == ("date", [86_400, 1])
    kind, value = _numbered(pd.Index([5, 7]))
    assert (kind, value.tolist()) == ("number", [5, 7])


@pytest.mark.parametrize(
    ("part", "original", "kind", "name", "strange"),
    [
        # More than half are of no value, or beyond the range, of the original.
        ([1, 2, 8, 9], [1, 2, 3], "category", "release", None),
        ([1, 8, 8, 9], [1, 2, 3], "category", "release", 3),
        ([1, 2, 2.5, 9], [1, 3], "number", "release", None),
        ([0, 1, 4, 9], [1, 3], "number", "release", 3), ([1, 3, 4, 5], [1, 3], "date", "release",
        None), ([np.nan, np.nan, np.nan, 1], [1, 3], "number", "release", None),
        ([np.nan], [1, 3], "number", "release", None), ([1], [np.nan], "number", "release", None),
        # Of names other people have others: more values than half of the records.
        ([7, 8, 9], [1, 2, 3, 3], "category", "control", None),
        ([7, 8, 9], [1, 2, 2, 2], "category", "control", 3),
        ([7, 8, 9], [1, 2, 3, 3], "category", "release", 3),
    ],
)  # fmt: skip
def test_a_table_that_hardly_meets_the_original_is_doubted(part, original, kind, name, strange):
    found = _hardly_meets("c", name, np.array(part, float), np.array(original, float), kind)
    said = [(note.key, note.values["records"]) for note in found]
    assert said == ([] if strange is None else [(f"{name}_hardly_meets", strange)])


def test_a_control_whose_rows_are_those_of_the_original_is_doubted():
    original = pd.DataFrame({"a": range(40), "b": "x"})
    other = pd.DataFrame({"a": range(100, 140), "b": "x"})
    assert _of_the_original(original, other) == ()
    (note,) = _of_the_original(original, pd.concat([original.head(38), other.head(2)]))
    assert (note.values["rows"], note.values["of"]) == (38, 40)
    # Half and a little: Wilson's lower end of 27 of 40 is .52, of 25 .47.
    for inside, doubted in ((27, True), (25, False)):
        mixed = pd.concat([original.head(inside), other.head(40 - inside)])
        assert bool(_of_the_original(original, mixed)) == doubted
    # Where the original's own people have doubles, so has anybody.
    alike = original.assign(a=0)
    assert _of_the_original(alike, alike) == ()
    # A column that only one of them has, or lists, count for nothing.
    more = original.assign(c=range(40), d=[[1]] * 40)
    assert _of_the_original(more, original.assign(d=[[2]] * 40))


def test_tables_are_numbers_in_the_order_of_their_values():
    frames = [pd.DataFrame({"n": [3, 1, 2], "t": [*"bab"]}) for _ in range(3)]
    found = table_matrix("x", *frames, ["n", "t"])
    assert found.original.tolist() == [[1, 0], [2, 1], [3, 1]]
    assert (found.ordered.tolist(), found.dates.tolist()) == ([True, False], [False, False])
    with pytest.raises(SchemaError, match="an empty control"):
        table_matrix("x", *frames[:2], frames[2].head(0), ["n"])
    with pytest.raises(ParameterError, match="release to be a pandas"):
        named_table("x", "release", [1])
    texts = [frames[0], frames[1], frames[2].assign(n=[*"xyz"])]
    with pytest.raises(SchemaError, match="of one kind"):
        table_matrix("x", *texts, ["n"])


def test_distances_to_the_nearest_are_of_records_and_not_of_patterns():
    index = RecordIndex(np.array([[0.0], [0], [2], [8]]), np.array([True]), np.array([8.0]))
    found = index.apart(np.array([[0.0], [7.0]]), 4)
    assert found.tolist() == [[0, 0, 0.25, 1], [0.125, 0.625, 0.875, 0.875]]


@pytest.mark.parametrize(("patterns", "left"), [(63, 1), (64, 1), (65, 65)])
def test_records_are_held_against_fuller_ones_for_up_to_64_sets_of_known_keys(patterns, left):
    """All of one person and of one value of each of seven keys: the fullest has what they have."""
    known = [127, *range(1, patterns)]
    codes = np.array([[0 if one >> k & 1 else -1 for k in range(7)] for one in known])
    assert len(without_repeats(np.zeros(patterns, dtype=int), codes)) == left


def test_distances_within_a_thousandth_of_a_millionth_are_ties():
    records = np.array([[0.0], [0.25], [0.25 + 0.95e-9], [0.25 + 1.05e-9], [1.0]])
    index = RecordIndex(records, np.array([True]), np.array([1.0]))
    found = index.nearest(np.array([[0.0]]), 2)
    assert found.sure.toarray().tolist() == [[1, 0, 0, 0, 0]]
    assert found.tied.toarray().tolist() == [[0, 1, 1, 0, 0]]
    # As the third nearest, the one before is as near; that of 1.05e-9 less would not be.
    found = index.nearest(np.array([[0.0]]), 4)
    assert found.tied.toarray().tolist() == [[0, 0, 1, 1, 0]]
