"""The guard reads what a row counts: every noun in every family, and nothing else."""

import itertools
import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError, SchemaError
from privaudit.report import guard
from privaudit.report.annex import CHAPTERS
from privaudit.report.findings import findings_of
from privaudit.report.guard import (
    _at_least,
    _bound_identified,
    _columns,
    _is_safe,
    _of_file,
    beside_third_tables,
    guarded_table,
    notes_that_may_be_shown,
    ranges,
    shown_of,
    withheld,
    would_reveal,
)
from privaudit.results.measures import Measures, emptied, guarded
from privaudit.results.rows import NUMBERS, Row
from privaudit.words.catalogues import GUARDED, NOUNS, Note

FAMILIES = sorted({f for known in CHAPTERS.values() for f in known} | {"of_late"})


def row(counts, n, **more):
    return Row(measure="m", value=0.5, unit="share", n=n, counts=counts, low=0.1, high=0.9,
               baseline=0.2, control=0.1, notes=(Note("x", n=n),), **more)  # fmt: skip


@pytest.mark.parametrize("counts", sorted(NOUNS))
@pytest.mark.parametrize("n", [0, 1, 10, 10.5, 11, 400])
def test_fewer_than_eleven_of_what_stands_for_people_are_withheld(counts, n):
    (shown,) = guarded([row(counts, n)])
    small = counts in GUARDED and n < SMALL_CELL
    assert shown.withheld == small
    assert all(math.isnan(getattr(shown, name)) == small for name in ("value", "low", "n"))
    if small:
        assert shown.notes == ()
        assert all(math.isnan(getattr(shown, name)) for name in NUMBERS)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_family_is_exempt(family, measured, study):
    rows = [(f"m_{c}", 0.5, "share", 3, c, {}) for c in sorted(NOUNS)]
    found = findings_of(study(measures=[measured(family, *rows)]))
    assert {f.row.counts: f.row.withheld for f in found} == {c: c in GUARDED for c in NOUNS}


def test_an_exposure_of_ten_people_is_withheld(exposed, study):
    told = [[f.row.withheld for f in findings_of(study(exposed(n=n)))] for n in (10, 11)]
    assert told == [[True] * 4, [False] * 4]


def test_a_denominator_that_is_not_known_withholds_nothing(measured, study):
    odds = measured("tiers", ("leak_odds", 0.1, "probability", math.nan, "holders", {}))
    assert not findings_of(study(measures=[odds]))[0].row.withheld


def test_a_table_without_its_count_is_refused():
    with pytest.raises(SchemaError, match="guarded_table: count 'n' is not a column"):
        guarded_table(pd.DataFrame({"zone": ["a"], "people": [40]}))


@pytest.mark.parametrize(("hits", "safe"), [(5, True), (6, False), (8, False), (10, False),
                                            (11, True)])  # fmt: skip
def test_a_row_within_two_of_a_small_group_tells_it(hits, safe):
    """Eight dots at a wrong door, withheld with twelve at the right one."""
    sizes = pd.Series({"wrong": 8, "right": 12, "none": 400})
    told = Row(measure="wrong_addresses", value=hits / 50, unit="share", n=50, counts="dots")
    assert _is_safe({"household": (told,)}, "door", sizes) == safe
    assert _is_safe({}, "door", sizes)


@pytest.mark.parametrize(("few", "safe"), [((2, 2), False), ((2, 3), True)])
def test_a_small_group_that_is_narrowed_to_two_further_values_is_known(few, safe):
    """A printed row has the size of the third, so the two others are 1 to 3 each, or 1 to 4."""
    sizes = pd.Series({"a": few[0], "b": few[1], "c": 12, "d": 400})
    told = Row(measure="m", value=0.5, unit="share", n=12, counts="people", part={"zone": "c"})
    assert _is_safe({"f": (told,)}, "zone", sizes) == safe


@pytest.mark.parametrize(("part", "n"), [({"zone": "d"}, 12), ({"zone": "c"}, 13), ({}, 12)])
def test_a_row_of_another_group_or_size_tells_nothing_of_a_hidden_one(part, n):
    sizes = pd.Series({"a": 2, "b": 2, "c": 12, "d": 400})
    other = Row(measure="m", value=0.5, unit="share", n=n, counts="people", part=part)
    assert _is_safe({"f": (other,)}, "zone", sizes)


def test_counts_are_nought_or_more():
    # An empty cell is no cover for the one beside it.
    assert withheld(np.array([0, 40])).tolist() == [True, True]
    for wrong in ([-1, 40], [math.nan, 40]):
        with pytest.raises(ParameterError, match="0 or more"):
            withheld(np.array(wrong))


def hits_of(measure, hits, n, **more):
    return Row(measure=measure, value=hits / n, unit="share", n=n, counts="records", **more)


def test_two_tables_are_compared_in_both_directions():
    there, back, other = (
        hits_of("found_in", 20, 60, part={"table": a, "other": b, "by": "email"})
        for a, b in ("xy", "yx", "xz")
    )
    few = emptied(there)
    assert [would_reveal(row, [few, row]) for row in (back, other)] == [True, False]
    assert not would_reveal(back, [there, back])


def notes_shown(rows, *notes):
    return [n.key for n in notes_that_may_be_shown(Measures(family="t", rows=rows, notes=notes))]


def records(n):
    return Row(measure="records", value=n, unit="records", n=n, counts="records")


@pytest.mark.parametrize(
    ("key", "most"), [("sensitive_gaps_left_out", "sensitive_gaps_most"),
                      ("key_gaps_likely", "key_gaps_most")],
)  # fmt: skip
@pytest.mark.parametrize(("filled", "few"), [(0, 0), (1, 1), (10, 1), (11, 0)])
def test_how_many_lack_a_value_is_shown_unless_one_to_ten_have_it(key, most, filled, few):
    note = Note(key, column="x", records=300 - filled, of=300)
    assert notes_shown([records(300)], note) == [most if few else key]


def test_notes_are_held_against_the_records_of_their_table():
    note = Note("sensitive_gaps_left_out", column="x", records=294)
    other = Row(measure="alpha", value=0.5, unit="share", n=300, counts="records")
    assert notes_shown([records(1000), other], note) == ["sensitive_gaps_left_out"]
    # Of eleven records six have it; of ten nothing is printed.
    five = Note("sensitive_gaps_left_out", column="x", records=5)
    assert notes_shown([records(11)], five) == ["sensitive_gaps_most"]
    assert notes_shown([records(10)], five) == ["sensitive_gaps_left_out"]


@pytest.mark.parametrize(("complete", "shown"), [(10, []), (11, ["blanks_learnt"])])
def test_what_few_complete_records_taught_is_not_said(complete, shown):
    assert notes_shown([records(300)], Note("blanks_learnt", complete=complete)) == shown


@pytest.mark.parametrize(
    ("counts", "n", "shown"),
    [("people", 10, ["else"]), ("people", 11, ["lead_learnt", "else"]),
     ("stations", 4, ["lead_learnt", "else"])],
)  # fmt: skip
def test_what_a_search_for_few_taught_is_not_said(counts, n, shown):
    found = Row(measure="best_match", value=0.5, unit="share", n=n, counts=counts)
    assert notes_shown([records(300), found], Note("lead_learnt"), Note("else")) == shown


def in_common(outside, both=0):
    """Of 50 records of c 40 are in a, and `both` in b; of a so many are not in c."""
    asked = (("a", "b", 3, 60), ("c", "a", 40, 50), ("c", "b", both, 50),
             ("a", "c", 40, 40 + outside))  # fmt: skip
    rows = tuple(
        hits_of("found_in", hits, n, part={"table": one, "other": two, "by": "name"}, cell=True)
        for one, two, hits, n in asked
    )
    return guarded(rows)


@pytest.mark.parametrize(
    ("rows", "gone"),
    [
        # In a and b: nobody of c, so that there are three at most, of one; or four.
        (in_common(3), [True, True, False, False]), (in_common(4), [True, False, False, False]),
        # Eight at least, of ten at most; or seven.
        (in_common(60, 18), [True, False, True, False]),
        (in_common(60, 17), [True, False, False, False]),
    ],
)  # fmt: skip
def test_what_a_third_table_tells_by_hand(rows, gone):
    assert [row.withheld for row in beside_third_tables(rows)] == gone


def test_a_third_table_that_was_not_compared_tells_nothing():
    rows = in_common(3)
    assert beside_third_tables(rows[:3]) == rows[:3]


def test_an_inventory_is_that_of_the_rows_that_show_something():
    wrong, right = (
        SimpleNamespace(name=name, n=n, columns=(column,), is_map=False)
        for name, n, column in (("a", 50, "of a"), ("b", 100, "of b"))
    )  # fmt: skip
    rows = [hits_of("shown", 20, 100), hits_of("identified", 20, 50)]
    assert list(_columns("", rows, [wrong, right], False)) == ["of b"]


def test_a_bound_of_one_is_one():
    assert _at_least(hits_of("shown", 30, 100), [1, math.nan]).value == 0.01


def test_where_no_identifier_is_known_nothing_is_said_of_who_shows_a_kind_too():
    """All 100 show support, and few a telephone: how many of these do is withheld with them."""
    rows = [
        hits_of("shown", 9, 100, part={"what": "phone"}, cell=True),
        hits_of("shown", 100, 100, part={"what": "support"}),
        hits_of("identified_with", 30, 100, part={"what": "support"}),
    ]
    *_, last = _of_file(list(guarded(rows)), ())
    assert (math.isnan(last.value), last.bound) == (True, "lower")


def test_a_kind_whose_count_before_is_withheld_bounds_who_is_identified():
    phone = hits_of("record_tells", 30, 100, part={"what": "phone"})
    who = hits_of("record_tells", 40, 100, part={"what": "identity"}, baseline=0.2)
    known = replace(phone, baseline=0.1)
    first, then = (list(_bound_identified([one, who], "record_tells")) for one in (phone, known))
    assert (first[1].value, first[1].bound) == (0.3, "lower")
    assert then == [known, who]
    # Of several, the largest: whoever shows the most is among those who show any.
    more = [replace(phone, value=v, part={"what": k}) for k, v in (("email", 0.35), ("name", 0.1))]
    *_, last = _bound_identified([phone, *more, who], "record_tells")
    assert last.value == 0.35


@pytest.mark.parametrize("beside", [400, math.nan])
def test_rows_of_other_measures_are_no_part_of_a_sum(beside):
    sizes = pd.Series({"wrong": 8, "right": 12, "none": 400})
    told = Row(measure="wrong_addresses", value=8 / 50, unit="share", n=50, counts="dots")
    other = Row(measure="doors", value=beside, unit="households", n=50, counts="dots")
    assert not _is_safe({"household": (told, other)}, "door", sizes)


def test_a_group_of_eleven_may_be_known():
    """A row has the size of the third: the two others add up to seven, from one to six each."""
    sizes = pd.Series({"a": 4, "b": 3, "c": 11, "d": 400})
    told = Row(measure="m", value=0.5, unit="share", n=11, counts="people", part={"zone": "c"})
    assert _is_safe({"f": (told,)}, "zone", sizes)


def test_where_nothing_is_shown_one_of_eleven_bounds_no_other():
    least, most = ranges(np.array([11, 5]), np.array([True, True]), {})
    assert (least.tolist(), most.tolist()) == ([1, 1], [15, 15])


@pytest.mark.parametrize(("sizes", "gone"), [((1, 2), True), ((3, 30), True), ((20, 30), False)])
def test_a_group_of_two_levels_is_left_out_if_one_is_known(sizes, gone, exposed, study):
    """Of three and 30 a printed row has the larger."""
    groups = {"zone": np.repeat(["a", "b"], sizes)}
    made = study(exposed(n=sum(sizes), groups=groups))
    told = Row(measure="seen", value=0.5, unit="share", n=30, counts="people", part={"zone": "b"})
    found = shown_of(replace(made, measures={"of_late": Measures(family="of_late", rows=[told])}))
    assert found.withheld_groups == ({(0, "zone")} if gone else set())


@pytest.mark.parametrize("seed", range(60))
def test_the_range_of_a_cell_is_that_of_all_tables_that_fit(seed):
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 13, int(rng.integers(2, 5)))
    hidden = rng.random(len(counts)) < 0.7
    known = {k: int(n) for k, n in enumerate(counts) if rng.random() < 0.2}
    cells, shown = np.flatnonzero(hidden), counts[~hidden]
    rare = min(shown, default=10 if max(counts) < 11 else sum(counts))
    may = [[known[c]] if c in known else range(1, rare + 1) for c in cells.tolist()]
    people = int(counts[hidden].sum())
    fits = [one for one in itertools.product(*may) if sum(one) == people]
    if len(cells) and fits:
        least, most = ranges(counts, hidden, known)
        assert least[hidden].tolist() == np.min(fits, axis=0).tolist()
        assert most[hidden].tolist() == np.max(fits, axis=0).tolist()


@pytest.mark.parametrize(("counts", "known", "ends"), [
    # Two hidden levels have one record each at least: of two, each has one, and of three, one or
    # two. Where nothing is shown each has ten at most: of twenty, each has ten.
    ([1, 1, 150], {}, ([1, 1], [1, 1])), ([1, 2, 150], {}, ([1, 1], [2, 2])),
    ([10, 10], {}, ([10, 10], [10, 10])), ([9, 10], {}, ([9, 9], [10, 10])),
    # What tells one tells the other.
    ([4, 5, 150], {1: 5}, ([4, 5], [4, 5])),
    # None has more than the smallest that is shown: of 57, 30 at most leave 27.
    ([28, 29, 30, 150], {}, ([27, 27], [30, 30])),
])  # fmt: skip
def test_hidden_levels_lie_between_what_the_others_leave(counts, known, ends):
    least, most = ranges(np.array(counts), np.arange(len(counts)) < 2, known)
    assert (least[:2].tolist(), most[:2].tolist()) == ends


def test_a_bound_is_the_largest_part_that_is_known_and_no_larger_than_the_whole():
    whole = hits_of("shown", 40, 100)
    assert _at_least(whole, [10, 30, math.nan, 60]).value == 0.3
    assert _at_least(whole, [10, 40, math.nan]).value == 0.4
    assert math.isnan(_at_least(whole, [math.nan, 41]).value)
    assert _at_least(whole, [10, 30]) == whole


def test_columns_mention_what_they_say_notes_alone_where_notes_are_asked_for():
    columns = [
        SimpleNamespace(kind=kind, says=says)
        for kind, says in (("note", {"health": 4}), ("tie", {"health": 7}), ("note", {"faith": 9}))
    ]
    assert list(guard.mentions(columns, "health")) == [4, 7]
    assert list(guard.mentions(columns, "health", notes=True)) == [4]


def test_measures_that_nothing_casts_doubt_on_are_left_as_they_are():
    sure = Measures(
        family="f", rows=[hits_of("shown", 30, 100)], per_record=pd.DataFrame({"k": [1]})
    )
    assert guard._measures(sure) is sure
    found = guard._measures(replace(sure, reliable=False))
    assert math.isnan(found.rows[0].value)
    assert len(found.per_record) == 0
    # Where the result says which rows are doubted, the others stand.
    some = [hits_of("shown", 30, 100, reliable=False), hits_of("other", 30, 100)]
    found = guard._measures(replace(sure, rows=some, reliable=False))
    assert [math.isnan(row.value) for row in found.rows] == [True, False]


@dataclass
class SmallStudy:
    measures: dict
    exposures: tuple
    notes: tuple


@pytest.mark.parametrize(("reliable", "family", "ranged", "kept"), [
    ((), "f", False, True), ((True,), "f", False, True), ((False,), "f", False, False),
    ((False, True), "f", False, True), ((False,), "reading", False, True),
    ((False,), "f", True, True), ((), "reading", False, True),
])  # fmt: skip
def test_notes_on_estimates_stand_where_one_is_printed(monkeypatch, reliable, family, ranged, kept):
    monkeypatch.setattr(guard, "_without_numbers", lambda exposure: exposure)
    open_ended = hits_of("shown", 30, 100)
    between = replace(open_ended, value=math.nan, low=0.1, high=0.4)
    exposures = tuple(
        SimpleNamespace(reliable=each, rows=[between] * ranged + [open_ended]) for each in reliable
    )
    notes = Note("x"), Note(min(guard._ESTIMATES))
    sure = Measures(family=family, rows=[open_ended])
    found = guard.only_reliable(SmallStudy({family: sure}, exposures, notes))
    assert found.notes == (notes if kept else notes[:1])


@pytest.mark.parametrize(("value", "low", "high", "ranged"), [
    (math.nan, 0.1, 0.4, True), (math.nan, 0.1, 0.1, False), (math.nan, math.nan, math.nan, False),
    (0.2, 0.1, 0.4, False),
])  # fmt: skip
def test_a_range_has_two_ends_and_no_value(value, low, high, ranged):
    found = replace(hits_of("shown", 30, 100), value=value, low=low, high=high)
    assert guard.gives_range(found) == ranged


@pytest.mark.parametrize(("keys", "doubt"), [
    (("may_be_no_map", "mask_misfits_streets"), "no_map"),
    (("mask_misfits_streets", "x"), "misfit"), (("x",), "doubt"), ((), "doubt"),
])  # fmt: skip
def test_a_map_is_doubted_as_no_map_before_its_mask_is(keys, doubt):
    exposure = SimpleNamespace(notes=[SimpleNamespace(key=key) for key in keys])
    assert guard.kind_of_doubt(SimpleNamespace(exposures=[exposure])) == doubt


@pytest.mark.parametrize(("values", "ranged", "reliable", "kept"), [
    # One number that is printed is enough.
    ([0.5, math.nan], False, False, True), ([math.nan] * 2, False, False, False),
    ([math.nan] * 2, True, False, True), ([math.nan] * 2, False, True, True),
])  # fmt: skip
def test_rows_are_given_where_the_last_attack_prints_a_number(values, ranged, reliable, kept):
    exposure = SimpleNamespace(
        reliable=reliable, overall=pd.DataFrame({"value": values}),
        rows=[replace(hits_of("shown", 30, 100), value=math.nan, low=0.1, high=0.4)] * ranged,
    )  # fmt: skip
    rows = {"a": pd.DataFrame({"person": [1], "address": ["2 rue A"]})}
    found = guard.reliable_rows(SimpleNamespace(exposures=(exposure,)), rows)["a"]
    assert found["person"].tolist() == [1]
    assert found["address"].tolist() == (["2 rue A"] if kept else [""])
