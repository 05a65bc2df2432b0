"""Equivalence classes, counted by hand and by brute force."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from privaudit.errors import ParameterError
from privaudit.tables.equivalence_classes import (
    Classes,
    class_size_histogram,
    classes,
    lent,
    pack,
    records_alone,
)
from privaudit.tables.missing_keys import matching_sums

tables = st.integers(1, 4).flatmap(
    lambda d: st.integers(1, 12).flatmap(
        lambda n: arrays(np.int64, (n, d), elements=st.integers(-1, 2))
    )
)


def sizes_by_hand(codes):
    rows = [tuple(row) for row in codes.tolist()]
    count = Counter(rows)
    return [count[row] for row in rows]


def agree(one, other):
    return all(a == b or a < 0 or b < 0 for a, b in zip(one, other, strict=True))


@given(tables)
def test_class_sizes_are_those_of_a_counter_of_rows(codes):
    groups = classes(codes)
    assert groups.per_record.tolist() == sizes_by_hand(codes)
    assert groups.size.sum() == len(codes)
    assert np.array_equal(groups.label[groups.first], np.arange(len(groups.size)))


@given(tables)
def test_sorting_and_counting_in_a_table_agree(codes):
    # A level near 2**40 in each column makes the domain too large for a count table.
    spread = np.where(codes < 0, -1, codes * (1 << 40))
    assert classes(spread).per_record.tolist() == sizes_by_hand(codes)


def test_a_key_that_would_pass_63_bits_is_numbered_anew():
    rng = np.random.default_rng(5)
    few = rng.integers(-1, 3, size=(200, 6))
    wide = np.where(few < 0, -1, few * ((1 << 61) + 1))
    assert classes(wide).per_record.tolist() == sizes_by_hand(few)


def test_missing_never_aliases_the_level_before_it():
    # With -1 left in mixed radix, (1, -1) and (0, last level) would be one key.
    codes = np.array([[1, -1], [0, 1], [0, 0]])
    assert classes(codes).per_record.tolist() == [1, 1, 1]
    assert len(set(pack(codes)[0].tolist())) == 3


def test_forty_binary_keys_are_counted():
    rng = np.random.default_rng(1)
    few = rng.integers(0, 2, size=(300, 3))
    codes = np.concatenate([few, np.zeros((300, 37), dtype=np.int64)], axis=1)
    assert classes(codes).per_record.tolist() == sizes_by_hand(few)


@given(tables)
def test_a_blank_agrees_with_anything(codes):
    groups = classes(codes)
    got = matching_sums(codes[groups.first], groups.size)[groups.label]
    rows = codes.tolist()
    assert got.tolist() == [sum(agree(r, s) for s in rows) for r in rows]


@given(tables)
def test_sparse_amounts_are_summed_as_dense_ones(codes):
    from scipy import sparse

    values = np.arange(len(codes)) % 3
    matrix = sparse.csr_array(np.eye(3)[values])
    got = matching_sums(codes, matrix).toarray()
    rows = codes.tolist()
    want = [[sum(agree(r, s) for s, v in zip(rows, values, strict=True) if v == k)
             for k in range(3)] for r in rows]  # fmt: skip
    assert got.tolist() == want


def test_histogram_counts_classes_by_size():
    sizes, counts = class_size_histogram([1, 1, 1, 4, 2])
    assert dict(zip(sizes.tolist(), counts.tolist(), strict=True)) == {1: 3, 2: 1, 4: 1}


def test_no_record_gives_no_class():
    assert len(classes(np.empty((0, 2), dtype=np.int64)).size) == 0


@pytest.mark.parametrize("codes", [[1, 2], [[0.5]], [[-2]], np.empty((3, 0), dtype=int)])
def test_codes_that_cannot_be_are_refused(codes):
    with pytest.raises(ParameterError, match="pack: needs"):
        classes(codes)


def test_records_alone_are_each_person_once():
    """Rows in classes 0, 0, 1 and 2 that may be alone by 1/2, 1/4 and 0."""
    groups = Classes(label=np.array([0, 0, 1, 2]), size=np.array([2, 1, 1]), first=np.array([0]))
    chance, weight = np.array([0.5, 0.25, 0.0]), np.array([2, 1, 1, 3])
    some, person = np.array([True, True, False]), np.array([0, 1, 0, 2])
    assert records_alone(groups, weight, None, chance) == (1.75, 7)
    assert records_alone(groups, weight, None, chance, some) == (1.75, 4)
    # The first person by the class that is likelier alone; the third has no class that counts.
    assert records_alone(groups, weight, person, chance) == (1, 3)
    assert records_alone(groups, weight, person, chance, some) == (1, 2)
    sure = np.array([True, False, True])
    assert records_alone(groups, weight, None, sure) == (3, 4)
    assert records_alone(groups, weight, None, sure, some) == (2, 3)
    assert records_alone(groups, weight, person, sure) == (3, 3)


def test_an_incomplete_row_takes_the_mean_of_its_pool_be_it_of_one_record():
    # One record of key 0, and nobody complete who shares the second blank's key.
    codes = [[0, 0], [0, -1], [1, -1]]
    assert lent(codes, [1, 9, 9], [3.0, 7.0, 8.0]).tolist() == [3, 3, 8]
    # By records: one of 3 and three of 7.
    assert lent([[0], [1], [-1]], [1, 3, 2], [3.0, 7.0, 0.0]).tolist() == [3, 7, 6]
