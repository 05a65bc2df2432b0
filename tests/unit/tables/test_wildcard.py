"""A missing key agrees with anything: against comparing every pair, and never without an end."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.tables import missing_keys as missing_keys
from privaudit.tables.equivalence_classes import classes
from privaudit.tables.missing_keys import matching_cost, matching_parts, matching_sums
from privaudit.tables.population import counts


def by_pairs(rows, others):
    """Which rows cannot be told from which others, a pair at a time."""
    return np.array(
        [[all(x == y or x < 0 or y < 0 for x, y in zip(a, b, strict=True)) for b in others]
         for a in rows]
    )  # fmt: skip


def codes(d, high=2):
    return st.integers(1, 12).flatmap(
        lambda n: arrays(np.int64, (n, d), elements=st.integers(-1, high))
    )


two_tables = st.integers(1, 4).flatmap(lambda d: st.tuples(codes(d), codes(d)))


@given(two_tables, st.randoms(use_true_random=False))
def test_sums_are_those_of_every_pair(tables, random):
    rows, others = tables
    amount = np.array([random.randint(0, 9) for _ in others])
    match = by_pairs(rows, others)
    assert matching_sums(rows, amount, of=others).tolist() == (match @ amount).tolist()
    by_value = np.array([[random.randint(0, 2) for _ in range(3)] for _ in others])
    sums = matching_sums(rows, sparse.csr_array(by_value), of=others)
    assert sums.toarray().tolist() == (match @ by_value).tolist()


@given(codes(3), st.integers(1, 5))
def test_a_few_at_a_time_come_to_the_same(table, at_once):
    rows = classes(table).first
    keys = table[rows]
    matrix = sparse.csr_array(np.eye(len(keys), dtype=np.int64))
    held, missing_keys._AT_ONCE = missing_keys._AT_ONCE, at_once
    try:
        parts = list(matching_parts(keys, matrix))
        whole = matching_sums(keys, np.arange(len(keys)))
    finally:
        missing_keys._AT_ONCE = held
    place = np.concatenate([mine for mine, _ in parts])
    assert sorted(place) == list(range(len(keys)))
    found = sparse.vstack([sums for _, sums in parts]).toarray()
    match = by_pairs(keys, keys)
    assert (found == match[place]).all()
    assert whole.tolist() == (match @ np.arange(len(keys))).tolist()


def test_keys_of_more_levels_than_a_number_holds():
    # Eight keys of up to 2**20 levels: no one whole number of 64 bits holds them all.
    rng = np.random.default_rng(1)
    levels = rng.integers(0, 1 << 20, (6, 8))
    table = levels[rng.integers(0, 6, 60)]
    table[rng.random(table.shape) < 0.2] = -1
    match = by_pairs(table, table)
    assert matching_sums(table, np.ones(60, dtype=int)).tolist() == match.sum(axis=1).tolist()


@given(two_tables)
def test_the_cost_counts_reads_and_looks(tables):
    # Each set of keys known reads all that is summed; each row is looked up once for each set
    # that it may share: at most all subsets of what it knows, or all sets that the others know.
    rows, others = tables
    known = [tuple(row >= 0) for row in rows]
    theirs = len({tuple(row >= 0) for row in others})
    reads = len(set(known)) * len(others)
    looks = sum(min(2 ** sum(one), theirs) for one in known)
    assert matching_cost(rows, of=others) == reads + looks


def test_a_comparison_without_an_end_is_refused_before_it_starts():
    rng = np.random.default_rng(2)
    wide = np.where(rng.random((30_000, 40)) < 0.3, -1, 1)
    with pytest.raises(ParameterError, match=r"at most 3e\+08 looks at a row, but got 1\.\de\+09"):
        matching_sums(wide, np.ones(30_000))
    assert matching_cost(np.zeros((2, 63), dtype=int)) == np.inf


def lacking(n, share, seed=0):
    rng = np.random.default_rng(seed)
    levels = (70, 2, 100, 9, 6, 4, 12)
    table = np.stack([rng.integers(0, m, n) for m in levels], axis=1)
    return np.where(rng.random(table.shape) < share, -1, table)


@pytest.mark.heavy
def test_two_hundred_thousand_records_that_lack_a_third_of_seven_keys():
    table = lacking(200_000, 0.3)
    groups = classes(table)
    found = matching_sums(table[groups.first], groups.size)[groups.label]
    for row in range(0, 200_000, 20_000):
        agrees = ((table == table[row]) | (table < 0) | (table[row] < 0)).all(axis=1)
        assert found[row] == agrees.sum()


def measured(table, **options):
    frame = pd.DataFrame({f"k{j}": column for j, column in enumerate(table.T)}, dtype="Int64")
    frame = frame.mask(table < 0)
    frame["s"] = np.arange(len(table)) % 3
    frame["r"] = np.arange(len(table)) % 5
    keys = [name for name in frame.columns if name.startswith("k")]
    roles = pa.Roles(key=keys, sensitive=["s", "r"])
    options = {"missing": "wildcard"} | options
    return pa.measure(pa.read_table(frame, roles=roles), **options), frame


def test_too_many_ways_are_read_as_values_and_said(monkeypatch):
    table = lacking(120, 0.3)
    exact, frame = measured(table)
    as_values = measured(table, missing="value")[0]
    for module in (missing_keys, counts):
        monkeypatch.setattr(module, "COST_LIMIT", 100)
    got = measured(table, population=pd.concat([frame, frame]))[0]
    assert "gaps_read_as_values" in [note.key for note in got.notes]
    for name in ("k_anonymity", "sample_uniques", "prosecutor_risk_mean"):
        assert got.value(name) == as_values.value(name)
    under = [result.value("share_under", threshold=3) for result in (got, as_values)]
    assert under[0] == under[1]
    assert "population_as_published" in [note.key for note in got.row("k_map").notes]
    assert got.value("k_map") == 2
    # What could not be gone through is bounded from the unsafe side.
    for name, low_is_worst in (
        ("distinct_l", True), ("distinct_l_multi", True), ("entropy_l", True),
        ("recursive_c", False), ("alpha", False), ("t_closeness", False), ("basic_beta", False),
        ("enhanced_beta", False), ("delta_disclosure", False),
    ):  # fmt: skip
        for column in ("s", "r"):
            row, true = got.row(name, column=column), exact.value(name, column=column)
            assert row.value <= true if low_is_worst else row.value >= true, name
            assert row.bound == ("lower" if low_is_worst else "upper")
            assert "too_many_ways_to_fill" in [note.key for note in row.notes]
            assert exact.row(name, column=column).bound == ""


def test_too_many_sums_by_value_are_bounded_too(monkeypatch):
    table = lacking(120, 0.3)
    exact = measured(table)[0]
    monkeypatch.setattr(missing_keys, "_SUMS_LIMIT", 50)
    got = measured(table)[0]
    assert got.value("k_anonymity") == exact.value("k_anonymity")
    assert got.value("alpha", column="s") >= exact.value("alpha", column="s")
    assert got.row("alpha", column="s").bound == "upper"


@given(codes(3), st.data())
def test_what_a_class_may_be_is_measured_by_definition(table, data):
    value = data.draw(st.lists(st.integers(0, 2), min_size=len(table), max_size=len(table)))
    frame = pd.DataFrame({f"k{j}": column for j, column in enumerate(table.T)}, dtype="Int64")
    frame = frame.mask(table < 0).assign(s=[f"v{x}" for x in value])
    roles = pa.Roles(key=["k0", "k1", "k2"], sensitive="s")
    got = pa.measure(frame, roles, missing="wildcard")
    if len(set(value)) == 1:
        assert np.isnan(got.value("distinct_l"))  # nobody differs: nothing to learn
        return
    got = {word: got.value(word) for word in ("distinct_l", "alpha", "t_closeness")}
    shares = []
    for agrees in by_pairs(table, table):
        here = np.bincount(np.array(value)[agrees], minlength=3)
        shares.append(here / here.sum())
    whole = np.bincount(value, minlength=3) / len(value)
    assert got["distinct_l"] == min((q > 0).sum() for q in shares)
    assert got["alpha"] == pytest.approx(max(q.max() for q in shares))
    assert got["t_closeness"] == pytest.approx(max(abs(q - whole).sum() / 2 for q in shares))


@pytest.mark.parametrize(("cost", "refused"), [(3e8 - 1, False), (3e8, False), (3e8 + 1, True)])
def test_three_hundred_million_looks_at_a_row_are_taken(monkeypatch, cost, refused):
    monkeypatch.setattr(missing_keys, "matching_cost", lambda *_, **__: cost)
    one = np.zeros((1, 1), dtype=np.int64)
    if refused:
        with pytest.raises(ParameterError, match="looks at a row"):
            matching_sums(one, np.ones(1))
    else:
        assert matching_sums(one, np.ones(1)).tolist() == [1]


@pytest.mark.parametrize(("limit", "refused"), [(3, True), (4, False), (5, False)])
def test_as_many_sums_by_value_are_made_as_the_limit(monkeypatch, limit, refused):
    # Two records of one class, each with a sum of two values: four sums.
    monkeypatch.setattr(missing_keys, "_SUMS_LIMIT", limit)
    amounts = sparse.csr_array([[1, 0], [2, 4]])
    if refused:
        with pytest.raises(ParameterError, match="sums by value"):
            list(matching_parts([[0], [0]], amounts))
    else:
        ((_, sums),) = matching_parts([[0], [0]], amounts)
        assert sums.toarray().tolist() == [[3, 4], [3, 4]]
