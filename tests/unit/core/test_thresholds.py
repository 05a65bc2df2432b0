"""The thresholds: those of their decision, and what changes at, under and over each."""

import datetime
import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.columns.births import read_births
from privaudit.columns.free_text import political_sides_in
from privaudit.columns.levels import order_of
from privaudit.columns.roles import Roles
from privaudit.core import thresholds
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.io.features import lists_of
from privaudit.maps.posterior import Guesses, Tally
from privaudit.release.column_roles import formats_of, roles_known
from privaudit.release.inventory import or_suppressed
from privaudit.results.measures import _enough, apart, suppressed
from privaudit.tables.population.loglinear_model import _doubt
from privaudit.tables.population.sample_ranges import judge
from privaudit.text.cells import is_missing_mark_among

DECISION = Path(__file__).parents[3] / "docs" / "decisions" / "0025-thresholds.md"
AS_OF = datetime.date(2016, 11, 8)


def decided():
    """Numbers of the decision, by name: of its table, "`A` is 1", "`A` (1, 2: why)"."""
    page, numbers = DECISION.read_text(encoding="utf-8"), {}
    for names, cell in re.findall(r"^\| (`[^|]+`) \| ([\d., ]+) \|", page, re.M):
        each = map(float, cell.split(", "))
        numbers |= {n: (v,) for n, v in zip(re.findall(r"`(\w+)`", names), each, strict=True)}
    for name, only, several in re.findall(r"`([A-Z_]+)`\s(?:is (\d+)|\(([^)]*)\))", page):
        listed = re.findall(r"(?<![\w.])(?:\d*\.)?\d+", only or several.partition(":")[0])
        numbers.setdefault(name, tuple(map(float, listed)))
    return numbers


@pytest.mark.parametrize(
    "name", sorted(n for n in vars(thresholds) if n.isupper() and n != "IN_WORDS")
)
def test_a_number_is_that_of_its_decision(name):
    if name == "CLASS_BINS":
        # "Small classes end at 10"; the other ends are those of `CLASS_THRESHOLDS` and a hundred.
        assert [least for least, _ in thresholds.CLASS_BINS] == [1, 2, 3, 5, 11, 101]
        assert [most for _, most in thresholds.CLASS_BINS] == [1, 2, 4, 10, 100, None]
        return
    value = getattr(thresholds, name)
    assert (value if isinstance(value, tuple) else (value,)) == decided()[name]


def test_words_quote_the_threshold_and_the_number_under_it():
    assert dict(thresholds.IN_WORDS) == {
        "small_cell": 11, "below_small_cell": 10, "few_mark": 5, "street_mark": 50,
    }  # fmt: skip


@pytest.mark.parametrize(("count", "shown"), [(1, False), (10, False), (11, True), (12, True)])
def test_a_count_of_ten_people_is_withheld_and_one_of_eleven_shown(count, shown):
    groups = pd.DataFrame({"side": list("abc")})
    assert suppressed(groups, np.array([count, 40, 50]))[0] == (not shown)
    assert math.isnan(or_suppressed(count)) == (not shown)
    assert math.isnan(or_suppressed(300 - count, 300)) == (not shown)
    assert apart(np.array([count, 40, 50]))[0] == shown


@pytest.mark.parametrize(
    ("cells", "third"),
    [
        # Two cells of 16 are 6 to 10 each, four further values; two of 17 are 7 to 10.
        ([8, 8], False), ([8, 9], True),
        # Two of 10 are under eleven together, of 11 not; of 5 and 6 each may be 1 to 10.
        ([5, 5], True), ([5, 6], False),
        # An empty cell is no cover for the one beside it.
        ([0, 8], True),
    ],
)  # fmt: skip
def test_hidden_cells_keep_four_further_values_or_a_third_goes_with_them(cells, third):
    groups = pd.DataFrame({"side": list("abcd")})
    assert suppressed(groups, np.array([*cells, 40, 50])).tolist() == [True, True, third, False]


@pytest.mark.parametrize(
    ("sizes", "named"),
    [
        # Levels that are hidden together hold eleven records, four of them beyond one each.
        ([10, 40, 50], [False, False, True]), ([5, 6, 50], [False, False, True]),
        ([5, 5, 50, 60], [False, False, False, True]), ([2] * 5 + [1, 50], [False] * 6 + [True]),
        ([2] * 4 + [1] * 3 + [50, 60], [False] * 7 + [True] * 2), ([11, 12], [True, True]),
        ([2] * 3 + [1] * 5 + [50, 60], [False] * 9 + [True]),
        ([2] * 3 + [1] * 4 + [50, 60], [False] * 8 + [True]),
    ],
)  # fmt: skip
def test_levels_are_hidden_together_until_there_is_room(sizes, named):
    assert apart(np.array(sizes)).tolist() == named


@pytest.mark.parametrize(("high", "reliable"), [(59.0, True), (60.0, True), (61.0, False)])
def test_a_range_of_more_than_a_fifth_of_the_people_is_no_support(high, reliable):
    assert judge(50.0, 40.0, high, 100.0).reliable == reliable


@pytest.mark.parametrize(
    ("value", "why"), [(39.9, "model_does_not_fit"), (40.0, None), (55.0, None),
                       (55.1, "model_does_not_fit")],
)  # fmt: skip
def test_a_value_at_an_end_of_its_range_lies_in_it(value, why):
    reason = judge(value, 40.0, 55.0, 100.0).reason
    assert (reason and reason.key) == why


@pytest.mark.parametrize(
    ("records", "misfit", "why"),
    [
        (49, 0.0, "too_many_parameters"), (50, 0.0, None), (50, 2.5, None), (50, -2.5, None),
        (50, 2.6, "keys_not_independent"), (50, -2.6, "keys_not_independent"),
    ],
)  # fmt: skip
def test_a_loglinear_fit_has_five_records_a_parameter_and_a_small_misfit(records, misfit, why):
    doubt = _doubt(SimpleNamespace(parameters=10, misfit=misfit), records)
    assert (doubt and doubt.key) == why


@pytest.mark.parametrize(("unexplained", "reliable"), [(49, True), (50, True), (51, False)])
def test_a_belief_is_refuted_by_more_than_one_dot_in_twenty(unexplained, reliable):
    none = np.zeros(1_000)
    guesses = Guesses(
        attack="knows_mask", address=none.astype(int), confidence=none, person=none.astype(int),
        person_confidence=none, opinion=none.astype(str), opinion_confidence=none,
        tally=Tally(records=1_000, unexplained=unexplained),
    )  # fmt: skip
    assert guesses.with_notes().reliable == reliable


@pytest.mark.parametrize(("crowd", "noted"), [(1.0, False), (1.01, False), (1.0105, True)])
def test_dots_share_an_address_beyond_a_hundredth_above_one(crowd, noted):
    keys = [note.key for note in Tally(records=9, crowd=crowd).notes]
    assert ("dots_share_an_address" in keys) == noted


@pytest.mark.parametrize(("places", "refused"), [(49, True), (50, False)])
def test_a_place_of_fifty_addresses_is_imitated(places, refused):
    x = np.arange(float(places))
    words = {"number": "1", "street": "s", "commune": "c", "station": ""}
    frame = pd.DataFrame({"id": [f"a{i}" for i in range(places)], **words, "x": x, "y": 0.0})
    base = AddressBase(frame, real=False)
    if refused:
        with pytest.raises(ParameterError, match="50 places"):
            pa.Town(like=base)
    else:
        assert pa.Town(like=base).like is base


@pytest.mark.parametrize(
    ("born", "minor"), [("1998-11-07", 0), ("1998-11-08", 0), ("1998-11-09", 1)]
)
def test_people_are_of_age_on_their_eighteenth_birthday(born, minor):
    assert read_births(pd.Series([born]), AS_OF).minors.sum() == minor


@pytest.mark.parametrize(("born", "read"), [("1894-11-07", 0), ("1894-11-08", 1)])
def test_nobody_is_older_than_the_longest_life(born, read):
    assert read_births(pd.Series([born]), AS_OF).read.sum() == read


@pytest.mark.parametrize(("levels", "ordered"), [(19, False), (20, False), (21, True)])
def test_whole_numbers_of_more_than_twenty_levels_are_no_codes(levels, ordered):
    order, _ = order_of("step", pd.Index(range(levels)), Roles(sensitive="step"))
    assert (order is not None) == ordered


@pytest.mark.parametrize(("levels", "missing"), [(29, True), (30, False), (31, False)])
def test_null_among_thirty_words_in_capitals_is_one_of_them(levels, missing):
    assert is_missing_mark_among("NULL", [f"NAME{chr(65 + i)}X" for i in range(levels)]) == missing


@pytest.mark.parametrize(
    ("n", "filled", "keys"),
    [(120, 11, ()), (120, 12, ("sex",)), (80, 10, ()), (80, 11, ("sex",)), (10, 2, ("sex",))],
)
def test_a_tenth_of_the_records_fills_a_key_and_eleven(n, filled, keys):
    ids = {"nationbuilder_id": range(n), "church": None}
    frame = pd.DataFrame({**ids, "sex": [*"FM" * 50][:filled] + [None] * (n - filled)})
    assert roles_known(frame)[0].key == keys


@pytest.mark.parametrize(("dates", "named"), [(9, False), (10, False), (11, True)])
def test_a_format_is_named_beyond_a_hundredth_of_the_cells(dates, named):
    formats = formats_of(["01/02/1980"] * dates + ["1980-02-01"] * (1_000 - dates))
    assert ("date_year_last" in formats) == named


@pytest.mark.parametrize(("sides", "are"), [(48, 0), (49, 0), (50, 50), (51, 51)])
def test_half_of_the_cells_decide_a_column(sides, are):
    assert political_sides_in(["favorable"] * sides + ["zz"] * (100 - sides)).sum() == are


@pytest.mark.parametrize(
    ("n", "ids", "a_list"),
    [(2, True, False), (3, True, True), (10, False, False), (11, False, True)],
)
def test_objects_under_ids_make_a_list_from_three_on_and_under_words_from_eleven(n, ids, a_list):
    keys = [f"-K{i}" if ids else f"user{chr(97 + i)}" for i in range(n)]
    people = {key: {"sex": "F", "age": 30} for key in keys}
    assert ("users" in lists_of({"users": people})) == a_list


def test_classes_are_counted_in_bins_that_end_under_the_thresholds():
    """One class of each of these sizes, so each bin holds the classes between its ends."""
    sizes = (1, 2, 3, 4, 5, 10, 11, 100, 101)
    frame = pd.DataFrame({"zone": np.repeat([f"z{s:03d}" for s in sizes], sizes)})
    measures = pa.measure(frame, roles=Roles(key="zone"))
    bins = [row for row in measures.rows if row.measure == "classes_of"]
    assert {(r.part["least"], r.part.get("most")): r.value for r in bins} == {
        (1, 1): 1, (2, 2): 1, (3, 4): 2, (5, 10): 2, (11, 100): 2, (101, None): 1,
    }  # fmt: skip
    under = {r.part["threshold"]: r.value for r in measures.rows if r.measure == "share_under"}
    assert under == pytest.approx({2: 1 / 237, 3: 3 / 237, 5: 10 / 237, 11: 25 / 237})


@pytest.mark.parametrize(
    ("inside", "shown", "enough"),
    [
        # One cell, or fewer than eleven people together, are had by subtraction.
        ([12], [40], False), ([5, 5], [40], False), ([5, 6], [40], True), ([0, 12], [40], False),
        # Where nothing is shown, or every hidden cell is large, there is nothing to be had.
        ([5, 6], [], True), ([11, 12], [40], True), ([10, 12], [40], True),
        # Which of two alike is hidden would tell their order.
        ([5, 40], [40], False), ([5, 39], [40], True),
        # A small one of 22 beside one of at most 13 is 9 or 10; of 15, 2 to 10.
        ([10, 12], [13], False), ([3, 12], [13], True),
        # Three of at most ten each: of 27 the least is 7, of 26 it is 6.
        ([9, 9, 9], [40], False), ([9, 9, 8], [40], True),
    ],
)  # fmt: skip
def test_hidden_cells_are_enough_where_each_has_five_values(inside, shown, enough):
    """Each hidden cell is between what the others leave at most and at least: four values more."""
    assert _enough(np.array(inside), np.array(shown)) == enough
