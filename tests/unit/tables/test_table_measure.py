"""How values become rows, what a column lets show, and laws of a measure, at their limits."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.errors import ParameterError
from privaudit.tables.measure import _breaks
from privaudit.tables.population.sample_ranges import Estimate
from privaudit.tables.table_measure import (
    NOTHING,
    SensitiveColumn,
    _worst,
    fields_of,
    from_matrix,
    in_steps,
    sensitive_counts,
    unless_uneven,
    where_levels_show,
)
from privaudit.words.catalogues import Note


def shown_of(name, **column):
    """A property of a sensitive column of which only this is known."""
    declared = SensitiveColumn.__dict__[name]
    take = declared.fget if isinstance(declared, property) else declared.func
    return take(SimpleNamespace(**column))


@pytest.mark.parametrize(
    ("value", "records", "step"),
    [
        # Eleven of 40 are three tenths at least: steps from the top, the last one narrower.
        (1.0, 40, (0.7, 1.0)), (0.7, 40, (0.4, 0.7)), (0.05, 40, (0.0, 0.1)),
        # Three tenths of 37 hold eleven; of 36 they do not, and four tenths are too wide.
        (0.5, 37, (0.4, 0.7)), (0.5, 36, (0.0, 1.0)),
    ],
)  # fmt: skip
def test_steps_of_a_class_are_counted_down_from_one(value, records, step):
    assert in_steps(None, {"value": value}, records) == step


@pytest.mark.parametrize(
    ("value", "step"),
    # Of 200 records 180 have a value: six hundredths, which eleven are, down from nine tenths.
    [(0.9, (0.84, 0.9)), (0.85, (0.84, 0.9)), (0.84, (0.78, 0.84)), (0.0, (0.0, 0.06))],
)
def test_steps_of_all_records_are_counted_down_from_those_known(value, step):
    column = SimpleNamespace(n=200, holders_known=np.array([100, 80]))
    assert in_steps(column, {"value": value}) == step


def test_a_step_of_few_records_is_no_wider_than_all():
    assert in_steps(SimpleNamespace(n=5, holders_known=np.array([5])), {"value": 0.4}) == (0, 1)


@pytest.mark.parametrize(
    ("holders", "tell"),
    [
        # One other value: the commonest tells it.
        ([50, 10], True), ([50, 40], True),
        # Two that may be anything from one on, of eleven; of ten both are small for sure.
        ([50, 5, 6], False), ([50, 5, 5], True),
        # Seven values need five records more than one each.
        ([50, 1, 1, 1, 1, 1, 1, 5], True), ([50, 1, 1, 1, 1, 1, 1, 6], False),
    ],
)  # fmt: skip
def test_the_commonest_value_tells_the_rare_one_unless_others_hide_it(holders, tell):
    known = np.array(holders)
    assert shown_of("prior_reveals", holders_known=known, has_rare_value=True) == tell
    assert not shown_of("prior_reveals", holders_known=known, has_rare_value=False)


@pytest.mark.parametrize(("made", "few"), [(6, False), (7, True), (10, True), (11, False)])
def test_seven_to_ten_classes_are_few_for_a_rare_value(made, few):
    groups = SimpleNamespace(size=np.ones(made))
    assert shown_of("few_classes_hold_rare", groups=groups, has_rare_value=True) == few
    assert not shown_of("few_classes_hold_rare", groups=groups, has_rare_value=False)


@pytest.mark.parametrize(
    ("made", "values", "n", "smallest", "tell"),
    [
        # (made - 1) (values - 1) counts are free: eight are solved, ten are not.
        (5, 3, 500, 1, True), (6, 3, 500, 1, False), (9, 2, 500, 1, True), (10, 2, 500, 1, False),
        # Four records a class and more have names.
        (5, 3, 20, 1, True), (5, 3, 19, 1, False),
        # A class of 37 is three steps of a tenth of eleven.
        (5, 3, 900, 36, True), (5, 3, 900, 37, False),
    ],
)  # fmt: skip
def test_few_counts_of_named_classes_tell_unless_all_are_large(made, values, n, smallest, tell):
    count = np.full(made * values, 60.0)
    count[1] = smallest
    about = {
        "groups": SimpleNamespace(size=np.ones(made)), "holders": np.ones(values), "n": n,
        "table": SimpleNamespace(codes=np.zeros((n, 1))),
        "published": SimpleNamespace(count=count),
    }  # fmt: skip
    assert shown_of("few_counts_tell", **about) == tell
    # An empty cell is a small one.
    assert shown_of("few_counts_tell", **about | {"published": SimpleNamespace(count=count[2:])}) \
        == (tell or smallest == 37)  # fmt: skip
    assert not shown_of(
        "few_counts_tell", **about | {"table": SimpleNamespace(codes=np.zeros((n, 0)))}
    )


@pytest.mark.parametrize(
    ("made", "levels", "n", "names"),
    [(5, 3, 100, True), (6, 3, 100, False), (5, 3, 20, True), (5, 3, 19, False)],
)
def test_classes_are_nearly_levels_where_they_are_fewer_than_twice_as_many(made, levels, n, names):
    codes = np.column_stack([np.arange(made) % levels, np.zeros(made, int)])
    about = {
        "groups": SimpleNamespace(size=np.ones(made), first=np.arange(made)), "n": n,
        "table": SimpleNamespace(codes=codes),
    }  # fmt: skip
    assert shown_of("names_levels", **about, few_counts_tell=False) == names
    assert shown_of("names_levels", **about, few_counts_tell=True)


def test_steps_are_of_the_smallest_class_where_few_counts_tell():
    groups = SimpleNamespace(size=np.array([40, 90, 60]))
    assert shown_of("stepped_class", groups=groups, few_counts_tell=True) == 40
    assert shown_of("stepped_class", groups=groups, few_counts_tell=False) == 90


def test_a_bound_of_unions_is_on_the_safe_side():
    for safe, bound in (("large", "lower"), ("small", "upper"), ("", "upper")):
        measure = SimpleNamespace(word="x", safe=safe, fields=None)
        assert _worst(None, measure, {"x": 3.0}, True) == {"value": 3.0}
        row = _worst(None, measure, {"x": 3.0}, False)
        assert (row["bound"], [note.key for note in row["notes"]]) == (
            bound, ["too_many_ways_to_fill"]
        )  # fmt: skip


def test_counts_of_values_by_class_by_hand():
    # Class 0: a twice, b; class 1: only c; class 2: c alone; class 3: a alone, and one unknown.
    label, value = [0, 0, 0, 1, 1, 2, 3, 3, 4], [0, 0, 1, 2, 2, 2, 0, -1, -1]
    counts = sensitive_counts(label, value)
    assert counts.start.tolist() == [0, 2, 3, 4]
    assert (counts.value.tolist(), counts.count.tolist()) == ([0, 1, 2, 2, 0], [2, 1, 2, 1, 1])
    assert counts.overall.tolist() == [3 / 7, 1 / 7, 3 / 7]
    assert (counts.row.tolist(), counts.values.tolist()) == ([0, 0, 1, 2, 3], [2, 1, 1, 1])
    assert (counts.total.tolist(), counts.lone.tolist()) == ([3, 2, 1, 1], [0, 0, 1, 1])
    some, entries = counts.only(np.array([True, False, False, True]))
    assert (some.start.tolist(), some.value.tolist(), entries.tolist()) == (
        [0, 2], [0, 1, 0], [0, 1, 4]
    )  # fmt: skip
    # Of classes of one record, one for each value.
    again = sensitive_counts([0, 1, 2, 3, 3], [0, 0, 1, 0, 0]).profiles
    assert (again.value.tolist(), again.count.tolist()) == ([0, 1, 0], [1, 1, 2])
    assert again.overall.tolist() == [4 / 5, 1 / 5]


def test_labels_far_apart_are_counted_as_others_are():
    near, far = (sensitive_counts(label, [0, 1, 1]) for label in ([0, 0, 1], [7, 7, 10**9]))
    assert near.start.tolist() == far.start.tolist() == [0, 2]
    assert near.value.tolist() == far.value.tolist() == [0, 1, 1]


def test_a_matrix_of_counts_loses_what_nobody_has():
    from scipy.sparse import csr_matrix

    matrix = csr_matrix(np.array([[0.0, 2.0], [1.0, 3.0]]))
    matrix.data[0] = 0.0
    counts = from_matrix(matrix, [0.25, 0.75])
    assert (counts.start.tolist(), counts.value.tolist()) == ([0], [0, 1])
    assert counts.count.tolist() == [1, 3]


def test_a_level_hides_where_it_would_show():
    def limits(context, part):
        return 1.0, float(part["most"])

    for reveals, fewer, limited, free in (
        (False, False, None, None), (True, False, (1.0, 9.0), NOTHING),
        (True, True, NOTHING, NOTHING),
    ):  # fmt: skip
        context = SimpleNamespace(reveals_levels=reveals, sizes=SimpleNamespace(fewer=fewer))
        row = {"part": {"most": 9}}
        for found, expected in (
            (where_levels_show(limits)(context, row), limited),
            (where_levels_show()(context, row), free),
        ):
            assert found == expected or (expected is NOTHING and all(map(math.isnan, found)))


def test_an_estimate_that_is_not_reliable_prints_its_range_alone():
    found = Estimate(value=3.0, low=1.0, high=5.0, reliable=False, reason=Note("x"))
    (row,) = fields_of(found)
    assert (row["unprinted"], row["notes"]) == (("value",), (Note("x"),))
    (row,) = fields_of(Estimate(value=3.0, low=1.0, high=5.0))
    assert (row["unprinted"], row["notes"]) == ((), ())


@pytest.mark.parametrize(
    ("uneven", "none", "low", "why"),
    [(True, True, 2, "weights_unequal"), (False, True, 0, "needs_complete_records")],
)
def test_where_every_record_lacks_a_key_nothing_is_estimated(uneven, none, low, why):
    context = SimpleNamespace(known_rate=SimpleNamespace(uneven=uneven), none_complete=none)
    found = unless_uneven(context, lambda: pytest.fail("was estimated"), (2.0, 9.0))
    assert math.isnan(found.value)
    assert (found.low, found.high, found.reason.key) == (low, 9, why)
    # What blanks hide holds in any case; what weights leave open does not.
    assert found.worst_case == (not uneven)


@pytest.mark.parametrize(
    ("effect", "holds", "breaks"),
    [
        ("double", (4.0, 8.0), (4.0, 7.9)),
        ("same", (4.0, 4.0 + 1e-9), (4.0, 4.1)),
        ("same", (4.0, 4.0 - 1e-9), (4.0, 3.9)),
        ("double", (4.0, 8.0 - 1e-9), (4.0, 8.1)),
        ("not_more", (4.0, 3.0), (4.0, 4.1)),
        ("not_more", (4.0, 4.0 + 1e-9), (4.0, 5.0)),
        ("not_less", (4.0, 5.0), (4.0, 3.9)),
        ("not_less", (4.0, 4.0 - 1e-9), (4.0, 3.0)),
    ],
)
def test_a_law_is_broken_by_more_than_the_last_digit(effect, holds, breaks):
    assert not _breaks(*holds, effect)
    assert _breaks(*breaks, effect)
    # What has no value, or is without end, breaks nothing.
    for before, after in ((math.nan, 1.0), (1.0, math.nan), (math.inf, 1.0)):
        assert not _breaks(before, after, effect)


@pytest.fixture
def few_tables(monkeypatch):
    """One table a measure: thirty take a second."""
    monkeypatch.setattr("privaudit.tables.measure._TABLES", 1)


def of_n(n, counts="records", value=1.0):
    """A measure that says how many it is of."""
    return pa.tables.TableMeasure(
        word="mine", take=lambda context: {"value": value, "n": n(context)}, unit="share",
        counts=counts, span=(0, 1),
    )  # fmt: skip


@pytest.mark.usefixtures("few_tables")
def test_a_measure_of_people_with_two_records_each_is_of_people():
    pa.tables.check_measure(of_n(len))
    with pytest.raises(ParameterError, match="people at most"):
        pa.tables.check_measure(of_n(lambda context: len(context) + 1))
    # Of anything else it is not asked.
    pa.tables.check_measure(of_n(lambda context: len(context) + 1, counts="classes"))


@pytest.mark.usefixtures("few_tables")
@pytest.mark.parametrize(
    ("value", "inside"), [(0.0, True), (1.0, True), (-0.01, False), (1.01, False)]
)
def test_a_measure_stays_in_its_span(value, inside):
    measure = of_n(len, value=value)
    if inside:
        pa.tables.check_measure(measure)
    else:
        with pytest.raises(ParameterError, match="values from 0 to 1"):
            pa.tables.check_measure(measure)


def test_a_measure_gives_one_value_of_a_table():
    values = iter(range(10**6))
    measure = pa.tables.TableMeasure(word="mine", take=lambda _: next(values), unit="records")
    with pytest.raises(ParameterError, match="the same value of the same table"):
        pa.tables.check_measure(measure)


def test_the_scores_of_a_frame_have_its_index():
    people = pd.DataFrame({"k": [*"aab"], "p": [*"xyz"]}, index=[7, 5, 3])
    found = pa.measure(people, pa.Roles(key=["k"], sensitive="p")).per_record
    assert found.index.tolist() == [7, 5, 3]
    assert found["class_size"].tolist() == [2, 2, 1]
    assert found["prosecutor_risk"].tolist() == [0.5, 0.5, 1]
    # Without a population there is no individual risk.
    assert found["individual_risk"].isna().all()
    left = pa.measure(people.assign(k=["a", None, "b"]), pa.Roles(key=["k"]), missing="exclude")
    assert left.per_record["class_size"].isna().tolist() == [False, True, False]
