"""What of measures is printed, which cells are small, and which levels have a row: by hand."""

import math

import pytest

from privaudit.errors import ParameterError
from privaudit.results.measures import (
    Measures,
    _cells,
    _few_together,
    _printed,
    is_small,
    joined,
    least_of_union,
)
from privaudit.results.rows import Row
from privaudit.words.catalogues import Note


def row(value=0.5, n=40, unit="share", **more):
    return Row(**{"measure": "a", "value": value, "n": n, "unit": unit, "counts": "people"} | more)


@pytest.mark.parametrize(
    ("hits", "parts", "printed"),
    [
        # The largest part that is no small one is a bound; with none, the smallest large count.
        (48, [40, 20, 10], 0.4), (48, [10], 0.11), (12, [10], 0.11),
        # Nothing is beyond it, or no part is small: the number itself.
        (11, [10], None), (40, [40, 10], None), (41, [40, 10], 0.4), (48, [40, 11], None),
        (48, [40, 1], 0.4), (48, [40, 0], None), (48, [11, 10], 0.11),
    ],
)  # fmt: skip
def test_a_union_beside_a_small_part_is_a_bound(hits, parts, printed):
    found = least_of_union(hits, parts, 100)
    assert (None if found is None else found[0]) == printed
    assert found is None or math.isnan(found[1])


def test_what_is_printed_of_a_row_is_a_bound_a_range_or_nothing():
    bound = _printed(row(48, unit="people", low=48, high=48, printed=(40, math.nan)))
    assert (bound.value, bound.low, bound.high, bound.bound) == (40, 40, 40, "lower")
    assert [note.key for note in bound.notes] == ["least_beside_withheld"]
    assert not bound.worst_case
    between = _printed(row(48, unit="people", low=48, high=48, printed=(40, 60)))
    assert math.isnan(between.value)
    assert (between.low, between.high, between.bound) == (40, 60, "")
    assert [note.key for note in between.notes] == ["range_for_few"]
    assert between.worst_case
    nothing = _printed(row(48, unit="people", low=48, high=48, printed=(math.nan, math.nan)))
    assert [note.key for note in nothing.notes] == ["levels_would_show"]
    plain = row(48, unit="people", why_unprinted=Note("levels_would_show"))
    assert _printed(plain) is plain


@pytest.mark.parametrize(
    ("value", "baseline", "unit", "small"),
    [
        # Of 40: eleven or none are no small cell, nor is what lies between the two of a row.
        (11 / 40, 0, "share", False), (10 / 40, 0, "share", True), (1 / 40, 0, "probability", True),
        (0, 0, "share", False), (30 / 40, 10 / 40, "share", True),
        (30 / 40, 20 / 40, "share", True), (30 / 40, 19 / 40, "share", False),
        (11, 0, "people", False), (10, 0, "people", True),
        (0.5, 0, "people", True),
    ],
)  # fmt: skip
def test_a_cell_of_fewer_than_eleven_is_small(value, baseline, unit, small):
    assert is_small(row(value, unit=unit, baseline=baseline, cell=True)) == small
    assert not is_small(row(value, unit=unit, baseline=baseline))


def test_of_a_baseline_that_is_withheld_no_difference_is_counted():
    between = _cells(row(0.75, baseline=0.5, unprinted=("baseline",)))[2]
    assert math.isnan(between)
    assert _cells(row(0.75, baseline=0.5)) == (30, 20, 10)


@pytest.mark.parametrize(
    ("levels", "n", "named"), [(10, 200, True), (100, 200, True), (101, 200, False)]
)
def test_levels_of_half_of_the_records_have_rows_and_more_identify(levels, n, named):
    key = row(1, n=n, unit="records", part={"key": "k"})
    some = [row(20, n=20, unit="records", part={"key": "k", "level": f"{at}"})
            for at in range(levels)]  # fmt: skip
    before = [key]
    assert len(_few_together(some, before)) == (levels if named else 0)
    assert [note.key for note in before[0].notes] == ([] if named else ["levels_identify"])


def test_levels_without_a_row_of_their_key_are_all_shown():
    some = [row(20, n=20, unit="records", part={"key": "k", "level": f"{at}"}) for at in range(9)]
    assert len(_few_together(some, [])) == 9
    # The row before is of another key.
    before = [row(1, n=12, unit="records", part={"key": "j"})]
    assert len(_few_together(some, before)) == 9
    assert before[0].notes == ()


def test_parts_are_joined_of_one_provenance():
    real, made = (
        Measures(family="f", rows=[row()], provenance=how) for how in ("audited file", "simulated")
    )
    assert len(joined("f", {1: real, 2: real}, by="k").rows) == 2
    for parts, came in (({1: real, 2: made}, "audited file, simulated"), ({}, "none")):
        with pytest.raises(ParameterError, match=f"but got {came}"):
            joined("f", parts, by="k")


def test_measures_are_reliable_of_a_known_provenance_and_have_a_frame():
    found = Measures(family="f", rows=[row()])
    assert found.reliable
    assert repr(found) == "Measures(f, audited file, a)"
    with pytest.raises(ParameterError, match="provenance"):
        Measures(family="f", rows=[row()], provenance="elsewhere")
    with pytest.raises(ParameterError, match="per_record"):
        Measures(family="f", rows=[row()], per_record=[1])
    with pytest.raises(ParameterError, match="needs a measure, but got 'b'"):
        found.row("b")
