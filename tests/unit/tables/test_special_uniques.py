"""Minimal sample uniques by enumeration; scores written out."""

from itertools import combinations
from math import factorial
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from privaudit.errors import ParameterError
from privaudit.tables.distinction import distinct_ratio, separation_ratio, subsets
from privaudit.tables.equivalence_classes import classes
from privaudit.tables.special_uniques import (
    dis_suda_scores,
    find_minimal_uniques,
    find_wildcard_uniques,
    score_shares_by_key,
    search_uniques,
    suda_scores,
    unique_match_risk,
)
from privaudit.words.catalogues import Note

tables = st.integers(1, 5).flatmap(
    lambda d: st.integers(1, 14).flatmap(
        lambda n: arrays(np.int64, (n, d), elements=st.integers(-1, 2))
    )
)


def by_enumeration(codes, depth, known=False):
    """Pairs of record and set of keys, each set tried on each record; perhaps of known keys."""
    n, d = codes.shape
    found = set()
    for r in range(n):
        minimal = []
        for k in range(1, depth + 1):
            for keys in combinations(range(d), k):
                if any(set(m) <= set(keys) for m in minimal):
                    continue
                if known and (codes[r, keys] < 0).any():
                    continue
                same = (codes[:, keys] == codes[r, keys]).all(axis=1).sum()
                if same == 1:
                    minimal.append(keys)
                    found.add((r, sum(1 << j for j in keys)))
    return found


@given(tables, st.integers(1, 5))
def test_the_search_finds_what_enumeration_finds(codes, depth):
    depth = min(depth, codes.shape[1])
    found = find_minimal_uniques(codes, max_size=depth)
    pairs = list(zip(found.record.tolist(), found.keys.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == by_enumeration(codes, depth)


def agrees(one, other):
    return all(a == b or -1 in (a, b) for a, b in zip(one, other, strict=True))


@given(tables, st.integers(1, 5))
def test_a_blank_that_is_any_value_agrees_with_everybody(codes, depth):
    n, d = codes.shape
    depth, expected = min(depth, d), set()
    for r in range(n):
        minimal = []
        for keys in (keys for k in range(1, depth + 1) for keys in combinations(range(d), k)):
            if not any(set(m) <= set(keys) for m in minimal) and not any(
                agrees(codes[r, keys], codes[i, keys]) for i in range(n) if i != r
            ):
                minimal.append(keys)
        expected |= {(r, sum(1 << j for j in keys)) for keys in minimal}
    found = find_wildcard_uniques(codes, max_size=depth)
    pairs = list(zip(found.record.tolist(), found.keys.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == expected


@settings(max_examples=150)
@given(tables, st.integers(1, 5), st.booleans(), st.sampled_from([0, 1, 4]))
def test_one_record_stands_for_those_like_it(codes, depth, known, records_a_cell):
    """Thinned out wherever two columns are left, or where cells are fewer than records."""
    depth = min(depth, codes.shape[1])
    # Some records twice, so that a cell holds company.
    codes = np.concatenate([codes, codes[::2]])
    where = "privaudit.tables.special_uniques"
    with patch(f"{where}._MANY", 0), patch(f"{where}._RECORDS_A_CELL", records_a_cell):
        found = find_minimal_uniques(codes, max_size=depth, known=known)
    pairs = list(zip(found.record.tolist(), found.keys.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == by_enumeration(codes, depth, known)


# (0,0,0) is alone on key 2 and on keys 0+1 ; the rest in pairs or more.
SMALL = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 1], [1, 0, 1], [1, 0, 1], [1, 1, 1], [1, 1, 1]])


def test_scores_and_counts_of_a_small_table():
    found = find_minimal_uniques(SMALL)
    assert set(zip(found.record.tolist(), found.keys.tolist(), strict=True)) == {(0, 4), (0, 3)}
    assert suda_scores(found).tolist() == [factorial(2) + factorial(1)] + [0] * 6
    assert found.count.tolist() == [2, 0, 0, 0, 0, 0, 0]
    assert found.smallest.tolist() == [1, 0, 0, 0, 0, 0, 0]
    # Key 2 alone: 2 of the 3 points; keys 0 and 1 together: the third.
    assert score_shares_by_key(found) == pytest.approx([1 / 3, 1 / 3, 2 / 3])


def test_nobody_is_special_in_a_table_of_twins():
    found = find_minimal_uniques(np.repeat([[0, 1], [1, 0]], 2, axis=0))
    assert suda_scores(found).tolist() == [0, 0, 0, 0]
    assert score_shares_by_key(found).tolist() == [0, 0]
    assert dis_suda_scores(suda_scores(found), 0, 2, 0.1, 2).tolist() == [0, 0, 0, 0]


def test_unique_match_risk_is_the_share_of_right_unique_matches():
    # pi n1 / (pi n1 + 2 (1 - pi) n2) with 3 uniques and 2 pairs at one in four.
    assert unique_match_risk(3, 2, 0.25) == pytest.approx(0.75 / (0.75 + 3))
    assert unique_match_risk(3, 2, 1.0) == 1
    assert np.isnan(unique_match_risk(0, 0, 0.5))


def test_dis_suda_is_its_formula():
    score, uniques, pairs, pi, width = np.array([0.0, 6.0, 2.0, 1.0]), 3, 2, 0.25, 5
    theta = 0.75 / 3.75
    q = 1 + (8 - width) / 20
    scale = sum(s**-q for s in score if s)
    want = [1 / (1 + (uniques / theta - uniques) / (s**q * scale)) if s else 0 for s in score]
    assert dis_suda_scores(score, uniques, pairs, pi, width) == pytest.approx(want)


def test_dis_suda_of_many_keys_does_not_overflow_and_ends_where_it_loses_its_order():
    score = np.array([factorial(26), factorial(25), 0.0], dtype=float)
    assert np.isnan(dis_suda_scores(score, 2, 1, 0.1, 28)).all()
    got = dis_suda_scores(score, 2, 1, 0.1, 27)
    assert np.isfinite(got).all()
    assert got[0] > got[1] > got[2] == 0


def test_forty_keys_say_what_they_would_cost():
    with pytest.raises(ParameterError, match="1,099,511,627,775 sets of up to 40 of 40 keys"):
        find_minimal_uniques(np.zeros((10, 40), dtype=int))
    assert len(find_minimal_uniques(np.zeros((10, 40), dtype=int), max_size=2).record) == 0


@given(tables)
def test_distinction_and_separation_count_records_and_pairs(codes):
    n = len(codes)
    for keys in subsets(n, codes.shape[1], 2):
        size = classes(codes[:, keys]).size
        apart, pairs = distinct_ratio(size), separation_ratio(size)
        rows = [tuple(row) for row in codes[:, keys].tolist()]
        assert apart == len(set(rows)) / n
        if n > 1:
            differ = sum(a != b for a, b in combinations(rows, 2))
            assert pairs == pytest.approx(differ / (n * (n - 1) / 2))


def test_one_record_has_no_pair():
    assert distinct_ratio([1]) == 1
    assert np.isnan(separation_ratio([1]))


def test_a_scan_too_large_says_what_it_would_cost():
    with pytest.raises(ParameterError, match="1,099,511,627,775 sets"):
        list(subsets(10, 40, 40))


@pytest.mark.parametrize("cells", [0, 1 << 22], ids=["sorted", "in a table"])
def test_however_classes_are_told_apart_the_same_are_alone(monkeypatch, cells):
    """Levels so far apart that a count of each would be empty; blanks read both ways."""
    monkeypatch.setattr("privaudit.tables.special_uniques._TABLE_CELLS", cells)
    codes = np.random.default_rng(3).integers(-1, 3, (14, 4)) * 40_000
    codes[codes < 0] = -1
    found = find_minimal_uniques(codes)
    assert set(zip(found.record.tolist(), found.keys.tolist(), strict=True)) == by_enumeration(
        codes, 4
    )


class TableOf(NamedTuple):
    """As much of a table as the search reads: its codes, and whether a cell is missing."""

    codes: np.ndarray
    has_gaps: bool = False


@pytest.mark.parametrize(
    ("n", "d", "special", "missing", "limit", "searched"),
    [
        # A set of keys is a number of 62 bits.
        (2, 61, 1, "value", 1, True), (2, 62, 1, "value", 1, True), (2, 63, 1, "value", 1, False),
        # Each of 4 records is looked up for both parts of one key, for four parts of two.
        (4, 2, 1, "wildcard", 7, False), (4, 2, 1, "wildcard", 8, True),
        (4, 2, 2, "wildcard", 15, False), (4, 2, 2, "wildcard", 16, True),
        # Nothing is looked up where a blank is a value or no key.
        (4, 2, 2, "value", 1, True), (4, 2, 2, "likely", 1, True),
    ],
)  # fmt: skip
def test_uniques_are_searched_up_to_what_can_be_looked_up(n, d, special, missing, limit, searched):
    codes = np.arange(n)[:, None].repeat(d, axis=1)
    codes[0, 0] = -1
    table = TableOf(codes, has_gaps=True)
    with patch("privaudit.tables.special_uniques.MATCHING_LIMIT", limit):
        found = search_uniques(table, special, missing)
    unsearched = Note("uniques_not_searched", keys=d, records=n)
    assert (found == unsearched) is not searched
    with patch("privaudit.tables.distinction.COST_LIMIT", 0):
        assert search_uniques(table, special, missing) == unsearched


@pytest.mark.parametrize("has_gaps", [False, True])
@pytest.mark.parametrize("missing", ["value", "likely", "wildcard"])
def test_a_search_says_whether_blanks_were_left_out(missing, has_gaps):
    codes = np.array([[0, 0], [1, -1 if has_gaps else 1]])
    with patch("privaudit.tables.special_uniques.MATCHING_LIMIT", 1 if not has_gaps else 100):
        found = search_uniques(TableOf(codes, has_gaps), 1, missing)
    among = Note("uniques_among_known") in found.notes
    assert among is (has_gaps and missing == "likely")
    # A blank agrees with any value: then nobody is alone by the second key.
    alone = {"value": 4, "likely": 3, "wildcard": 2} if has_gaps else dict.fromkeys([missing], 4)
    assert len(found.uniques.record) == alone[missing]
