"""What is printed of a key does not give back how many records a rare level has."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import MISSING, Roles
from privaudit.errors import ParameterError
from privaudit.results.measures import guarded
from privaudit.tables.context import MeasureContext, _published_sizes
from privaudit.tables.contributions import key_contributions, level_contributions
from privaudit.tables.equivalence_classes import Classes
from privaudit.tables.k_anonymity import _of_small_class
from privaudit.tables.measure import measure


def feasible(n, levels, shown, squares):
    """Counts that a hidden level may have, by every way to share the rest out.

    Known: the records, the levels, the counts that are shown, and the sum of squares of all
    counts, where `squares` is not None.
    """
    hidden, left = levels - len(shown), n - sum(shown)
    rest = None if squares is None else squares - sum(c * c for c in shown)
    # State: (records, squares) that a number of hidden levels can have together.
    if hidden == 0:
        return None
    reach = {(0, 0)}
    for _ in range(hidden - 1):
        reach = {(a + c, b + c * c) for a, b in reach for c in range(1, left - a + 1)}
    return {
        left - a
        for a, b in reach
        if left - a >= 1 and (rest is None or b + (left - a) ** 2 == rest)
    }


def printed(column):
    """What a report of the two results prints of a table of one key."""
    frame = pd.DataFrame({"k": column})
    roles = Roles(key="k")
    found = measure(frame, roles, missing="value")
    n, levels = int(found.value("records")), int(found.value("classes"))
    separation = [row.value for row in guarded(found.rows) if row.measure == "separation"]
    known = [value for value in separation if not math.isnan(value)]
    squares = None
    if known:
        squares = round(n * n - known[0] * n * (n - 1))
    rows = guarded(level_contributions(frame, roles, missing="value").rows)
    shown = [int(row.n) for row in rows if "level" in row.part]
    return n, levels, shown, squares


@pytest.mark.parametrize("seed", range(80))
def test_no_hidden_count_of_one_key_is_pinned(seed):
    rng = np.random.default_rng(seed)
    levels = int(rng.integers(2, 6))
    # Rare levels beside frequent ones, as the 13 of 13 that came back.
    counts = rng.choice([1, 2, 3, 5, 8, 10, 11, 12, 14, 30], size=levels)
    n, m, shown, squares = printed(np.repeat([f"v{i}" for i in range(levels)], counts))
    assert m == levels
    if counts.min() < 11:
        assert squares is None
        if counts.sum() - levels < 10:
            return  # the whole file is a handful of records
        ways = feasible(n, m, shown, squares)
        assert max(ways) - min(ways) > 4
    else:
        assert sorted(shown) == sorted(counts.tolist()) or m > n / 2


def test_the_solver_would_find_them():
    # With the sum of squares, five and seven beside forty come back.
    assert feasible(52, 3, [40], 40**2 + 5**2 + 7**2) == {5, 7}
    assert feasible(100, 2, [], 95**2 + 5**2) == {5, 95}


@pytest.mark.parametrize(("counts", "told"), [((11, 30), True), ((10, 30), False)])
def test_the_threshold_is_eleven(counts, told):
    frame = pd.DataFrame(
        {
            "k": np.repeat(list("ab"), counts),
            "j": np.tile([0, 1], sum(counts) // 2 + 1)[: sum(counts)],
        }
    )
    found = measure(frame, Roles(key=["k", "j"]))
    printed = replace(found, rows=guarded(found.rows))
    n, (a, b) = sum(counts), counts
    # Whoever holds the file has both numbers; a report has the levels over the records, which says
    # no more than both do, and the pairs where no level is rare.
    by_hand = {"distinction": 2 / n, "separation": 2 * a * b / (n * (n - 1))}
    for word, value in by_hand.items():
        assert found.value(word, keys=("k",)) == pytest.approx(value)
        row = printed.row(word, keys=("k",))
        numbers = told or word == "distinction"
        assert math.isnan(row.value) is not numbers
        assert [note.key for note in row.notes] == ([] if numbers else ["range_for_few"])
        assert not math.isnan(printed.value(word, keys=("j",)))
    if not told:
        # Both levels are hidden: from 1 and 39 to 20 and 20.
        assert (row.low, row.high) == pytest.approx((2 * 39 / (40 * 39), 2 * 400 / (40 * 39)))


@pytest.mark.parametrize("seed", range(20))
def test_the_range_of_separation_is_that_of_all_ways_to_share_out(seed):
    rng = np.random.default_rng(seed)
    counts = [*rng.integers(1, 11, 2).tolist(), *rng.integers(11, 40, 2).tolist()]
    n = sum(counts)
    column = np.repeat([f"v{i}" for i in range(4)], counts)
    found = measure(pd.DataFrame({"k": column}), Roles(key="k"))
    rows = guarded(level_contributions(pd.DataFrame({"k": column}), Roles(key="k")).rows)
    shown = [round(row.n) for row in rows if "level" in row.part]
    hidden, rest = 4 - len(shown), n - sum(shown)
    ways = [
        (*way, rest - sum(way))
        for way in itertools.product(range(1, rest), repeat=hidden - 1)
        if sum(way) < rest
    ]
    every = [1 - sum(c * (c - 1) for c in (*shown, *way)) / (n * (n - 1)) for way in ways]
    (row,) = [r for r in guarded(found.rows) if r.measure == "separation" and r.part]
    assert (row.low, row.high) == pytest.approx((min(every), max(every)))


def test_a_key_that_adds_nothing_does_not_give_the_other_back():
    # Beside a constant the classes of both are the levels of one.
    frame = pd.DataFrame({"k": np.repeat(list("ab"), (95, 5)), "c": 1})
    found = measure(frame, Roles(key=["k", "c"]), subsets=2)
    rows = [row for row in guarded(found.rows) if row.measure == "separation"]
    assert [row.part.get("keys") for row in rows if not math.isnan(row.value)] == [("c",)]
    # A range only by itself: classes of both are not named, so that it would tell their sizes.
    assert [row.part.get("keys") for row in rows if not math.isnan(row.low)] == [("k",), ("c",)]


def test_all_keys_are_told_where_classes_are_many():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"k": np.repeat(list("ab"), (75, 5)), "i": rng.integers(0, 4, 80)})
    frame = frame.assign(j=rng.integers(0, 5, 80))
    found = measure(frame, Roles(key=["k", "i", "j"]))
    sizes = frame.groupby(["k", "i", "j"]).size()
    # Other small classes stand beside those of the rare level.
    assert (sizes["a"] < 11).sum() > 3
    whole = [row for row in guarded(found.rows) if row.measure == "separation" and not row.part]
    assert whole[0].value == pytest.approx(1 - (sizes * (sizes - 1)).sum() / (80 * 79))


def sums_of(sizes, least):
    """What a level of 1 to 10 records may have, made of so many small classes at least."""
    most = {0: 0}
    for size in sizes:
        for total, many in sorted(most.items(), reverse=True):
            if total + size < 11:
                most[total + size] = max(most.get(total + size, 0), many + 1)
    return {total for total, many in most.items() if total and many >= least}


def dense(seed):
    """Three keys of few levels, so that hardly a class is small but those of a rare level."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(40, 401))

    def key(levels, rare):
        column = rng.choice(levels, n, p=rng.dirichlet(np.full(levels, 3.0)))
        column[rng.choice(n, rare, replace=False)] = levels
        return column

    rare = rng.integers(1, 11, 2) * (1, rng.random() < 0.5)
    levels = rng.integers((2, 2), (6, 4)).tolist()
    columns = {"a": key(levels[0], rare[0]), "b": key(levels[1], 0), "c": key(2, rare[1])}
    return pd.DataFrame(columns)


def levels_told(frame, keys, told):
    """Rare levels of some keys that small classes, as printed, leave fewer than four values."""
    sizes, n, known = frame.value_counts(list(keys)).to_numpy(), len(frame), {}
    small = sizes[sizes < 11] if told else np.repeat(np.arange(1, 11), 10)
    for key in keys:
        level = frame[key].value_counts()
        if level.min() > 10 or 4 * len(level) > n:
            continue
        without = len(frame.value_counts([other for other in keys if other != key]))
        found = sums_of(small, max(len(sizes) - (len(level) - 1) * without, 1))
        assert level.min() in found
        if len(found) < 4:
            known[key] = level.min()
    return known


@pytest.mark.parametrize("seed", range(40))
def test_small_classes_tell_no_level_that_is_their_sum(seed):
    """Two towns of 147 and 3 records by age and sex: three are alone, and all others are many.

    The adversary has the sizes of all small classes where their numbers stand, how many classes
    there are with and without each key, and how many levels each has.
    """
    frame = dense(seed)
    for keys in (("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c")):
        rows = guarded(measure(frame, Roles(key=keys)).rows)
        told = any(r.measure in ("share_under", "classes_of") and r.value == r.value for r in rows)
        assert levels_told(frame, keys, told) == {}


def left_by_reports(frame, reports):
    """Values of the rarest level of each key that all reports of some keys together leave."""
    left = {}
    for keys in reports:
        sizes = frame.value_counts(list(keys)).to_numpy()
        rows = guarded(measure(frame, Roles(key=keys)).rows)
        told = any(r.measure in ("share_under", "classes_of") and r.value == r.value for r in rows)
        small = sizes[sizes < 11] if told else np.repeat(np.arange(1, 11), 10)
        for key in keys:
            level = frame[key].value_counts()
            if level.min() < 11 and 4 * len(level) <= len(frame):
                without = len(frame.value_counts([other for other in keys if other != key]))
                found = sums_of(small, max(len(sizes) - (len(level) - 1) * without, 1))
                left[key] = left.get(key, found) & found
                assert level.min() in left[key]
    return left


@pytest.mark.parametrize(
    "seed", [103, 123, 127, *(pytest.param(k, marks=pytest.mark.slow) for k in range(200, 240))]
)
def test_four_reports_of_one_file_leave_more_than_three_values(seed):
    """Of 4 records, by one report 3, 4, 5 or more, and by another 1 to 5: by both 3 to 5."""
    left = left_by_reports(dense(seed), [*itertools.combinations("abc", 2), ("a", "b", "c")])
    assert left
    assert all(len(values) > 3 for values in left.values())


def test_they_would_be_told_by_the_numbers_of_small_classes():
    known = [key for seed in range(40) for key in levels_told(dense(seed), ("a", "c"), told=True)]
    assert len(known) > 10


@pytest.mark.parametrize(("distinct", "told"), [(50, True), (51, False)])
def test_the_values_of_what_is_like_a_name_are_never_told(distinct, told):
    # One name that half of the file shares would be printed; names are not.
    names = [f"person {i}" for i in range(distinct - 1)] + ["person 0"] * 6
    column = names + ["Jeanne Martin"] * (100 - len(names))
    frame = pd.DataFrame({"name": column, "sex": list("FM") * 50})
    found = level_contributions(frame, Roles(key=["name", "sex"]))
    found = replace(found, rows=guarded(found.rows))
    text = repr(found.rows)
    assert ("Jeanne Martin" in text) is told
    notes = [n.key for n in found.row("suda_score_with", key="name").notes] if not told else []
    assert ("levels_identify" in notes) is not told


def test_blanks_hide_no_rare_level():
    """Notes count blanks: of 12 records in one row 7 lack the key, so that 5 had the rare level."""
    sizes = {"y20": 100, "y30": 38, "y40": 5, None: 7}
    frame = pd.DataFrame({
        "age": np.repeat(np.array([*sizes], dtype=object), [*sizes.values()]),
        "sex": list("FM") * 75,
    })  # fmt: skip
    told = {}
    for missing in MISSING:
        rows = guarded(level_contributions(frame, Roles(key=["age", "sex"]), missing=missing).rows)
        mine = [row for row in rows if row.part.get("key") == "age"]
        told |= {row.part["level"]: row.n for row in mine if "level" in row.part}
        assert {row.n for row in mine if row.part.get("levels")} == {43}
    # What one reading of blanks names all do.
    assert told == {"y20": 100}


def test_blanks_are_no_cover_for_sums_over_the_levels_of_a_key():
    """Between what separation lies depends on the named levels, the blanks and the others' sum."""
    printed = set()
    for rare in (5, 8):
        sizes = [100, 43 - rare, rare, 7]
        frame = pd.DataFrame(
            {"age": np.repeat(["a", "b", "c", None], sizes), "sex": list("FM") * 75}
        )
        row = measure(frame, Roles(key=["age", "sex"]), missing="value").row(
            "separation", keys=("age",)
        )
        printed.add(row.printed)
    assert len(printed) == 1


def test_blanks_hide_no_rare_value():
    """Of 150 records 130 have one value, and a note counts 15 blanks: five have the other."""
    frame = pd.DataFrame({
        "sex": list("FM") * 75, "opinion": np.repeat(["y", "z", None], [130, 5, 15]),
    })  # fmt: skip
    found = measure(frame, Roles(key=["sex"], sensitive="opinion"), missing="value")
    row = next(row for row in guarded(found.rows) if row.measure == "vulnerability_prior")
    assert math.isnan(row.value)
    assert row.high - row.low > 2 / 150


@pytest.mark.parametrize(
    ("rare", "ends"),
    [
        # A town of six men and none; of five men and five women: its classes are two at least.
        ([6], (5, 10)), ([5, 5], (1, 10)), ([4], (1, 10)),
    ],
)  # fmt: skip
def test_five_records_a_class_may_be_required_where_a_level_is_rare(rare, ends):
    """`table --mend` leaves classes of five: that they have so many is no secret of a rare town."""
    sizes = [30, 40, *rare]
    frame = pd.DataFrame({
        "town": np.repeat(["a", "a", *"b" * len(rare)], sizes),
        "sex": np.repeat(["F", "M", "M", "F"][: len(sizes)], sizes),
    })  # fmt: skip
    (row,) = (
        row for row in guarded(measure(frame, Roles(key=["town", "sex"])).rows)
        if row.measure == "k_anonymity"
    )  # fmt: skip
    assert (row.low, row.high) == ends
    assert math.isnan(row.value)


@pytest.mark.parametrize(
    ("sizes", "low"), [([5, 5, 7], 1), ([5, 6, 6], 1), ([5, 5, 8], 5), ([6, 6, 6], 5)]
)
def test_k_is_not_five_or_more_where_all_records_leave_three_sizes_for_a_class(sizes, low):
    """Of 17 records in three classes of five or more each has 5, 6 or 7."""
    frame = pd.DataFrame(
        {"town": np.repeat(["a", "b", "b"], sizes), "sex": np.repeat(["F", "F", "M"], sizes)}
    )
    found = guarded(measure(frame, Roles(key=["town", "sex"])).rows)
    (row,) = (row for row in found if row.measure == "k_anonymity")
    assert (row.low, row.high) == (low, 10)


def of_classes(sizes, levels=2, without=2, **more):
    """A context of two keys: the sizes of its classes, the levels of the first, of the second."""
    classes = {(0,): levels, (1,): without}
    return SimpleNamespace(
        table=SimpleNamespace(keys=("a", "b"), has_gaps=False), rare_keys=(True, False),
        published=np.unique(sizes, return_counts=True), tells_classes=lambda: False,
        sizes_of=lambda keys: (None, np.array([classes[keys]])), **more,
    )  # fmt: skip


@pytest.mark.parametrize(("classes", "least"), [(3, 1), (4, 1), (5, 1), (6, 2)])
def test_a_level_has_the_classes_that_the_others_have_no_room_for(classes, least):
    """Two other levels have at most two classes each."""
    context = of_classes([20] * classes, levels=3, without=2)
    assert MeasureContext.least_classes(context, 0) == least


@pytest.mark.parametrize(
    ("sizes", "least", "left", "tells"),
    [
        # Of one class or more, 2, 4, 6 and 8 are sums, 3 is none; of two or more, 2 is none.
        ([2] * 4, 1, {2, 4, 6, 8}, False), ([2] * 4, 1, {2, 3}, True),
        ([2] * 5, 2, {4, 10}, False), ([2] * 5, 2, {2, 4}, True), ([2] * 4, 1, {10}, True),
        ([1, 2, 4], 1, {*range(1, 8)}, False), ([1, 2, 4], 1, {8}, True),
        ([3, 3, 40], 1, {3, 6}, False), ([3, 3, 40], 2, {3, 6}, True),
        ([5, 10, 10], 1, {10}, False), ([5, 11, 11], 1, {10}, True),
    ],
)  # fmt: skip
def test_small_classes_that_exclude_a_value_reveal_a_level(sizes, least, left, tells):
    context = of_classes(
        sizes, levels=1, least_classes=lambda key: least, values_left=lambda key: left
    )
    assert MeasureContext.tell_levels(context, (True, False)) is tells
    assert MeasureContext.tell_levels(context, (False, False)) is False


@pytest.mark.parametrize(
    ("sizes", "left", "tells"),
    [
        # Of classes of six two are twelve: a level of ten or fewer is a class.
        ([6] * 4, {6}, True), ([5, 6, 6, 6], {6}, False),
        # Of two levels, four classes are two each.
        ([5] * 3, {5}, True), ([5] * 4, {5}, False), ([5] * 4, {4}, True),
    ],
)  # fmt: skip
def test_a_rare_level_of_one_class_is_revealed(sizes, left, tells):
    context = of_classes(sizes, least_classes=lambda key: 1, values_left=lambda key: left)
    assert MeasureContext.tell_levels(context, (True, False)) is tells


@pytest.mark.parametrize(
    ("smallest", "least", "left", "low"),
    [(5, 1, {5}, 5.0), (4, 1, {5}, 1.0), (5, 2, {5}, 1.0), (6, 1, {5}, 5.0), (5, 1, {4, 5}, 1.0)],
)
def test_k_is_five_or_more_where_all_classes_and_a_rare_level_are(smallest, least, left, low):
    context = of_classes(
        [smallest, 20], least_classes=lambda key: least, values_left=lambda key: left
    )
    assert _of_small_class(context, {}) == (low, 10.0)
    context.rare_keys = (True,)
    assert _of_small_class(context, {}) == (1.0, 10.0)


class Counted(SimpleNamespace):
    """Six records in classes of 3, 2 and 1, the second without its second key."""

    def __len__(self):
        return 6


@pytest.mark.parametrize(("fewer", "sizes", "rate"), [(False, [3, 2, 1], 0.3), (True, [3, 1], 0.2)])
def test_complete_records_are_a_sample_at_a_smaller_rate(fewer, sizes, rate):
    context = Counted(
        by_size=False, rate=SimpleNamespace(value=0.3), sizes=SimpleNamespace(fewer=fewer),
        groups=SimpleNamespace(size=np.array([3, 2, 1]), first=np.arange(3)),
        table=SimpleNamespace(codes=np.array([[0, 0], [0, -1], [1, 0]])),
    )  # fmt: skip
    found, share = MeasureContext.sample.func(context)
    assert (found.tolist(), share) == (sizes, pytest.approx(rate))
    context.rate = None
    assert math.isnan(MeasureContext.sample.func(context)[1])


@pytest.mark.parametrize(("size", "rate"), [(12, 0.5), (6, 1.0), (3, 1.0), (math.inf, None)])
def test_a_file_is_no_more_than_all_of_its_population(size, rate):
    context = Counted(
        options=SimpleNamespace(sampling_fraction=None), _uneven=True,
        population=SimpleNamespace(source="weights", size=size),
    )  # fmt: skip
    found = MeasureContext.rate.func(context)
    assert found is None if rate is None else (found.value, found.uneven) == (rate, True)
    context.population.source, context.options.sampling_fraction = "file", 0.25
    found = MeasureContext.rate.func(context)
    assert (found.value, found.uneven) == (0.25, False)


def test_a_tree_is_of_a_sensitive_column():
    frame = pd.DataFrame({"a": [1, 2], "b": [1, 2]})
    tree = {"a": {1: ("x",), 2: ("x",)}}
    with pytest.raises(ParameterError, match="hierarchy of a sensitive column, but got 'a'"):
        measure(frame, Roles(key="a", sensitive="b"), hierarchy=tree)
    measure(frame, Roles(key="b", sensitive="a"), hierarchy=tree)


@pytest.mark.parametrize(
    ("missing", "gaps", "records", "read", "alone"),
    [
        ("exclude", False, 7, "value", ("exclude",)), ("exclude", False, 6, "value", MISSING),
        ("likely", False, 7, "likely", MISSING), ("value", False, 6, "value", MISSING),
        ("likely", True, 6, "likely", ("value",)), ("exclude", True, 7, "value", ("value",)),
    ],
)  # fmt: skip
def test_records_alone_are_known_under_each_reading_that_the_blanks_leave(
    missing, gaps, records, read, alone
):
    """Where no key is blank all readings are one, unless records were left out for theirs."""
    table = Counted(count=None, person=None, has_gaps=gaps, records=records)
    groups = Classes(label=np.array([0, 0, 0, 1, 1, 2]), size=np.array([3, 2, 1]), first=None)
    sizes = _published_sizes(table, groups, SimpleNamespace(missing=missing, alpha=1))
    assert (sizes.read, sizes.size.tolist()) == (read, [3, 3, 3, 2, 2, 1])
    assert sizes.alone == dict.fromkeys(alone, (1, 6))


def coarser_and_named(ages):
    """What a report prints of a key of numbers: its coarser rows, and the order of its levels."""
    frame = pd.DataFrame({"age": np.repeat([30, 31, 42, 43, 55, 56], ages)})
    rows = guarded(key_contributions(frame, Roles(key="age")).rows)
    return {row.measure: row for row in rows if "coarser" in row.part}


def test_a_coarser_key_tells_no_level_that_was_hidden():
    """Bands of 43, 35 and 43: beside the named 40 and 30 their least is 30 and 5."""
    rare, common = coarser_and_named([40, 3, 30, 5, 25, 18]), coarser_and_named([40, 13, 30] * 2)
    assert {"k_anonymity", "separation", "prosecutor_risk_max", "share_at_risk"} <= {*common}
    assert common["k_anonymity"].value == 43
    assert {word for word, row in rare.items() if row.value == row.value} == {
        "records", "classes", "distinction", "prosecutor_risk_mean", "marketer_risk"
    }  # fmt: skip
    # Nobody is more alone than before: the range before holds.
    assert (rare["sample_uniques"].low, rare["sample_uniques"].high) == (0, 3)
    assert "k_anonymity" not in rare


@pytest.mark.parametrize("counts", [(1, 11, 28), (2, 10, 28), (6, 6, 28)])
def test_the_order_of_levels_tells_no_share_that_is_withheld(counts):
    """A level of one record has all of the score: its row stood first."""
    frame = pd.DataFrame({"k": np.repeat(["a", "b", "c"], counts)})
    rows = guarded(level_contributions(frame, Roles(key="k")).rows)
    levels = [row.part for row in rows if {"level", "levels"} & {*row.part}]
    assert levels == [{"key": "k", "level": "c"}, {"key": "k", "levels": "rare"}]


def random_table(seed, kind):
    """Two or three keys of few levels: of people with several records, or with blanks."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([44, 120, 276]))
    frame = pd.DataFrame({
        name: rng.choice(list("abc")[:levels], n, p=rng.dirichlet(np.full(levels, 1.5)))
        for name, levels in zip("xyz", rng.integers(2, 4, int(rng.integers(2, 4))), strict=False)
    })  # fmt: skip
    keys = [*frame]
    if kind == "people":
        frame["who"] = rng.integers(0, n // 2, n)
        return frame, Roles(key=keys, identifier="who")
    for key in keys:
        frame.loc[rng.random(n) < 0.03, key] = None
    return frame, Roles(key=keys)


@pytest.mark.parametrize(("kind", "ranges"), [("people", 400), ("blanks", 100)])
def test_a_range_in_place_of_a_number_holds_what_python_gives(kind, ranges):
    """And the range that blanks leave, of 60 tables each."""
    compared = 0
    for seed in range(60):
        found = measure(*random_table(seed, kind)).rows
        for given, row in zip(found, guarded(found), strict=True):
            if math.isnan(given.value) or math.isnan(row.low) or not math.isnan(row.value):
                continue
            compared += 1
            low, high = (given.value if math.isnan(end) else end for end in (given.low, given.high))
            assert row.low - 1e-9 <= low, (seed, row.label)
            assert math.isnan(row.high) or high <= row.high + 1e-9, (seed, row.label)
    assert compared > ranges


def test_classes_of_people_with_several_records_are_not_counted_as_published():
    """Of 120 people of town a 60 are among the 100 of b too, by which they stand: it is rarer."""
    people = [*range(120), *range(60, 160), *range(160, 163)]
    frame = pd.DataFrame({"town": np.repeat(["a", "b", "c"], [120, 100, 3]), "who": people})
    found = measure(frame, Roles(key="town", identifier="who")).rows
    rows = [
        row for row in zip(found, guarded(found), strict=True) if row[0].measure == "classes_of"
    ]
    assert [given.value for given, _ in rows][-2:] == [1, 1]
    assert all(math.isnan(row.value) and math.isnan(row.low) for _, row in rows)


@pytest.mark.parametrize(("smallest", "k"), [(6, (1, 10)), (10, (1, 10)), (11, 11)])
def test_a_copy_of_few_classes_must_have_eleven_records_a_class(smallest, k):
    """Two by two classes: one is free beside the totals, so that five are not known."""
    frame = pd.DataFrame({
        "town": np.repeat(list("aabb"), [30, 40, smallest, 50]),
        "sex": np.repeat(list("FMFM"), [30, 40, smallest, 50]),
    })  # fmt: skip
    rows = guarded(measure(frame, Roles(key=["town", "sex"])).rows)
    (row,) = (row for row in rows if row.measure == "k_anonymity")
    assert (row.value if row.value == row.value else (row.low, row.high)) == k
