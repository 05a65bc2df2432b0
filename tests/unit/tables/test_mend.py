"""A plan drops, coarsens and withholds; what it promises holds by brute force."""

import itertools
import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import privaudit as pa
from privaudit.errors import ParameterError, PrivauditError, SchemaError
from privaudit.results.measures import guarded
from privaudit.tables.coded_table import take_in
from privaudit.tables.contributions import level_contributions
from privaudit.tables.mend import mend, plan_text, proposed_plan, read_plan
from tests.unit.tables.test_withheld_levels import dense

PEOPLE = st.lists(
    st.tuples(
        st.integers(0, 9).map(lambda n: str(18 + 7 * n)),
        st.sampled_from(["F", "M", ""]),
        st.sampled_from(["75011", "75012", "94042", "94000"]),
        st.sampled_from("abcdefgh"),
    ),
    min_size=1,
    max_size=60,
)
COLUMNS = ["age", "sex", "postcode", "who"]
PLAN = st.builds(
    lambda age, place, below, missing, person: {
        "coarsen": {**({"age": age} if age else {}), **({"postcode": place} if place else {})},
        "withhold": {
            "below": below, "key": ["age", "sex", "postcode"], "missing": missing,
            "person": ["who"] if person else [], "at_least": 0,
        },
    },
    st.sampled_from([0, 10, 50]), st.sampled_from(["", "departement", "prefix:4"]),
    st.integers(2, 5), st.sampled_from(["likely", "wildcard", "value", "exclude"]), st.booleans(),
)  # fmt: skip


def frame_of(rows):
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
    return frame.mask(frame == "")


def by_hand(frame, keys, person):
    """The people in the class of each record, counted with a dictionary."""
    rows = [tuple(row) for row in frame[keys].fillna("").to_numpy().tolist()]
    who = frame["who"].tolist() if person else list(range(len(frame)))
    people = Counter(key for key, _ in set(zip(rows, who, strict=True)))
    return [people[row] for row in rows]


@pytest.mark.heavy
@settings(max_examples=120, deadline=None)
@given(PEOPLE, PLAN)
def test_every_class_that_is_left_holds_enough(rows, plan):
    frame, asked = frame_of(rows), plan["withhold"]
    coarse = mend(frame, {"coarsen": plan["coarsen"]}).frame if plan["coarsen"] else frame
    sizes = by_hand(coarse, asked["key"], asked["person"])
    blank = coarse[asked["key"]].isna().any(axis=1)
    stay = [
        size >= asked["below"] and (asked["missing"] == "value" or not gap)
        for size, gap in zip(sizes, blank, strict=True)
    ]
    if not any(stay):
        with pytest.raises(SchemaError, match="a plan that leaves a record"):
            mend(frame, plan)
        return
    left = mend(frame, plan).frame
    # Whole classes go, so that those that stay are as large as they were.
    assert left.index.tolist() == np.flatnonzero(stay).tolist()
    assert min(by_hand(left, asked["key"], asked["person"])) >= asked["below"]


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.integers(2, 5))
def test_the_measure_agrees_with_the_plan(rows, below):
    """k of the copy is what was asked for, at the safe end of its range too."""
    frame, key = frame_of(rows), ["age", "sex", "postcode"]
    try:
        left = mend(frame, {"withhold": {"below": below, "key": key, "at_least": 0}}).frame
    except SchemaError:
        return
    row = pa.tables.k_anonymity(left, pa.Roles(key=key)).row("k_anonymity")
    assert row.low >= below


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 99), min_size=3, max_size=40), st.sampled_from([2, 5, 10, 25]),
    st.sampled_from(["month", "year", "decade"]),
)  # fmt: skip
def test_a_coarsened_column_is_a_function_of_the_old_one(ages, width, period):
    days = [f"{1920 + a}-{1 + a % 12:02d}-{1 + a % 28:02d}" for a in ages]
    frame = pd.DataFrame({"age": [*map(str, ages)], "birth": days}, dtype="str")
    plan = {"coarsen": {"age": width, "birth": period}}
    mended = mend(frame, plan)
    for column in frame:
        pairs = set(zip(frame[column], mended.frame[column], strict=True))
        assert len(pairs) == frame[column].nunique()
        assert mended.frame[column].nunique() <= frame[column].nunique()
    # Each band holds its numbers, and bands do not overlap.
    for age, band in zip(ages, mended.frame["age"], strict=True):
        low, high = map(int, band.split("–"))
        assert (low <= age <= high, high - low + 1, low % width) == (True, width, 0)


@pytest.mark.parametrize(
    ("cells", "how", "copy"),
    [
        (["31", "38", "40", ""], 10, ["30–39", "30–39", "40–49", None]),
        (["1.5", "2.25", "0"], 0.5, ["1.5–2", "2–2.5", "0–0.5"]),
        (["1986-12-25", "1986-01-02"], "month", ["1986-12", "1986-01"]),
        (["25/12/1986", "13/01/2001"], "year", ["1986", "2001"]),
        (["1986", "2001"], "decade", ["1980s", "2000s"]),
        (["01000", "2A004", "97411"], "departement", ["01", "2A", "974"]),
        (["01000", "75011"], "prefix:3", ["010", "750"]),
        (["18-24", "25-34", "35-44", "45+"], "neighbours", ["18–34", "18–34", "35+", "35+"]),
        (["a", "a", "b", "b", "c", "d"], "rare", ["a", "a", *["(others)"] * 4]),
        # One that is no date is no longer there either.
        (["1986-12-25"] * 20 + ["about May"], "year", ["1986"] * 20 + [None]),
        (["31"] * 20 + ["don't ask"], 10, ["30–39"] * 20 + [None]),
    ],
)
def test_coarsenings_by_hand(cells, how, copy):
    frame = pd.DataFrame({"x": cells}, dtype="str").replace({"x": {"": None}})
    done = mend(frame, {"coarsen": {"x": how}}).frame["x"]
    assert [None if v != v else v for v in done] == copy


def test_other_columns_are_as_they_were_and_the_frame_is_left():
    frame = pd.DataFrame(
        {"age": [31, 38, 52], "day": pd.to_datetime(["2001-01-02"] * 3), "n": ["1.10", "007", "é"]},
        index=["x", "y", "z"],
    )
    before = frame.copy(deep=True)
    copy = mend(frame, {"coarsen": {"age": 10}, "drop": {"columns": ["day"]}}).frame
    pd.testing.assert_frame_equal(frame, before)
    assert copy["n"].tolist() == ["1.10", "007", "é"]
    assert copy.columns.tolist() == ["age", "n"]
    assert copy.index.tolist() == ["x", "y", "z"]


def test_the_loss_is_counted_by_hand():
    frame = pd.DataFrame({"id": list("abcdef"), "age": ["31", "32", "41", "42", "51", "52"]})
    utility = mend(frame, {"drop": {"columns": ["id"]}, "coarsen": {"age": 10}}).utility
    # Six ages in three bands of two: log2 6 bits before, log2 3 after.
    lost = 1 - math.log2(3) / math.log2(6)
    assert utility.value("information_lost", column="age") == pytest.approx(lost)
    assert utility.value("information_lost", column="id") == 1
    assert (utility.value("cells_changed"), utility.value("records_withheld")) == (1, 0)


def test_a_few_withheld_records_are_not_counted_in_a_report():
    frame = pd.DataFrame({"sex": ["F"] * 30 + ["M"] * 3})
    found = mend(frame, {"withhold": {"below": 5, "key": ["sex"], "at_least": 0}})
    assert found.utility.value("records_withheld") == 3  # to whom holds the file
    printed = guarded(found.utility.rows)
    assert [(row.measure, row.withheld) for row in printed] == [("records_withheld", True)]


def gone(frame, copy, below, key):
    """What a copy and the number of classes of its table tell: records and classes that went."""
    before, after = (part.value_counts(key) for part in (frame, copy))
    assert (after >= below).all()
    return len(frame) - len(copy), len(before) - len(after)


@pytest.mark.parametrize(
    # Rare villages, and what is withheld with them: eleven, or as many as are hidden best.
    ("sizes", "withheld"),
    [
        ((6, 9, 40), 0),
        ((4, 40, 50), 11),
        ((1, 1, 2, 40, 50), 11),
        ((*[1] * 10, 40, 50), 15),  # ten of one each, or five of two: fifteen may be either
        ((4, 4, 4, 40, 50), 12),  # no class holds five: of twelve each would be four
        ((3, 3, 3, 40, 50), 12),
        ((2, 2, 3, 40, 50), 11),
        ((2, 15, 40), 11),  # nine of the fifteen, which a report does not name either
        ((2, 13, 40), 15),  # what is left of thirteen would be four
    ],
)
def test_none_or_eleven_records_are_withheld(sizes, withheld):
    frame = pd.DataFrame({"village": np.repeat([f"v{k}" for k in range(len(sizes))], sizes)})
    copy = mend(frame, {"withhold": {"below": 5, "key": ["village"]}}).frame
    assert gone(frame, copy, 5, ["village"])[0] == withheld


# Classes that are no levels of a key as it is written, which a report of the table may name.
BANDS_OF_VILLAGES = {"coarsen": {"village": 1}, "withhold": {"below": 5, "key": ["village"]}}


@pytest.mark.heavy
def test_a_copy_beside_the_numbers_of_its_table_does_not_narrow_how_many_were_withheld():
    """Try small villages beside two large ones: those that leave one copy of so many records."""
    answers = {}
    for many in (1, 2, 3):
        for small in itertools.combinations_with_replacement(range(1, 5), many):
            for largest in range(22, 45):
                size = np.array([*small, 22, largest])
                frame = pd.DataFrame({"village": np.repeat(np.arange(len(size)), size)})
                copy = mend(frame, BANDS_OF_VILLAGES).frame
                left = np.sort(copy["village"].value_counts())
                few = size[size < 5].sum()
                # Others that leave such a copy are tried too: of 33 the largest was 44 at most.
                if few and left[0] == 22 and left[-1] <= 33:
                    answers.setdefault((*left, len(frame), len(size)), set()).add(few)
    assert len(answers) > 20
    assert [few for few in answers.values() if min(few) < 11 and max(few) - min(few) <= 2] == []


def test_where_two_classes_are_nearly_alike_either_may_have_been_the_largest():
    """Sixteen and 22 are left: of 24 beside 22, or of 29 to 32 beside sixteen."""
    for sizes in ((3, 22, 24), *((few, 16, 33 - few) for few in range(1, 5))):
        frame = pd.DataFrame({"village": np.repeat([0, 1, 2], sizes)})
        copy = mend(frame, BANDS_OF_VILLAGES).frame
        assert sorted(copy["village"].value_counts()) == [16, 22]


def levels_of_the_copy(frame):
    """Rare levels of a key that a copy lacks, and what it tells of each: most, less least.

    A report names some levels; of the others the copy tells what they lost together. Each that is
    gone had one record at least, and each other may have lost none.
    """
    copy = mend(frame, {"withhold": {"below": 5, "key": list(frame)}}).frame
    rows = guarded(level_contributions(frame, pa.Roles(key=list(frame))).rows)
    room = {}
    for key in frame:
        size, left = frame[key].value_counts(), copy[key].value_counts()
        named = {row.part["level"] for row in rows
                 if row.part.get("key") == key and "level" in row.part}  # fmt: skip
        hidden = [level for level in size.index if str(level) not in named]
        lost = sum(size[level] - left.get(level, 0) for level in hidden)
        gone = [level for level in hidden if level not in left.index]
        for level in gone if 4 * len(size) <= len(frame) else ():
            if size[level] < 11:
                room[key, level] = min(lost - len(gone) + 1, 10) - 1 if len(hidden) > 1 else 0
    return room


@pytest.mark.parametrize("seed", range(6))
def test_what_a_level_lost_does_not_tell_how_many_had_it(seed):
    assert min(levels_of_the_copy(dense(seed)).values(), default=9) > 2


@pytest.mark.parametrize(
    ("plan", "needs"),
    [
        ({"drop": {"columns": ["agee"]}}, "'agee' is not a column .* Did you mean 'age'"),
        ({"drop": {"column": ["age"]}}, "Did you mean 'columns'"),
        ({"drops": {"columns": ["age"]}}, "Did you mean 'drop'"),
        ({"drop": {"columns": ["age", "sex"]}}, "a plan that leaves a column"),
        ({"coarsen": {"age": "yaer"}}, "Did you mean 'year'"),
        ({"coarsen": {"age": "prefix:0"}}, "a width, month"),
        ({"coarsen": {"age": -5}}, "a width, month"),
        ({"coarsen": {"age": 0}}, "a width, month"),
        ({"coarsen": {"age": np.inf}}, "a width, month"),
        ({"coarsen": {"age": np.nan}}, "a width, month"),
        ({"coarsen": {"age": "prefix:"}}, "a width, month"),
        ({"coarsen": {"age": "prefix:x"}}, "a width, month"),
        ({"coarsen": {"age": True}}, "a width, month"),
        ({"coarsen": {"sex": "year"}}, "cells of 'sex' that can be coarsened by 'year'"),
        ({"coarsen": {"sex": 10}}, "cells of 'sex' that can be coarsened by 10"),
        ({"coarsen": {"age": 10}, "drop": {"columns": ["age"]}}, "'age' as both"),
        ({"withhold": {"below": 5}}, "a key to withhold records by"),
        ({"withhold": {"below": 5, "key": ["age"]}, "drop": {"columns": ["age"]}}, "a key to"),
        ({"withhold": {"below": -1, "key": ["age"]}}, "below a whole number"),
        ({"withhold": {"below": 2, "key": ["age"], "missing": "x"}}, "missing"),
        ({"coarsen": ["age"]}, "a section .coarsen."),
        ([("drop", "age")], "a plan, its sections or its file"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_without_a_cell(plan, needs):
    frame = pd.DataFrame({"age": ["31", "secret"], "sex": ["F", "hidden"]})
    with pytest.raises(PrivauditError, match=needs) as refused:
        mend(frame, plan)
    assert "secret" not in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_a_plan_is_read_as_it_was_written(tmp_path):
    plan = pa.tables.MendingPlan(
        drop=['a "b"', "é"], coarsen={"birth": "year", "x.y": 2.5, "age": 10.0}, below=5,
        key=["birth", "age"], person=["id"], missing="value",
    )  # fmt: skip
    path = tmp_path / "plan.toml"
    path.write_text(plan_text(plan, ["a\nb = 1"]), "utf-8")
    assert read_plan(path) == plan
    path.write_text("[drop\n")
    with pytest.raises(SchemaError):
        read_plan(path)


def table_of(frame, **roles):
    return take_in(frame, pa.Roles(**roles), who="test").table


def test_a_proposed_plan_leaves_most_records_in_classes_of_five():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({
        "birth": pd.Timestamp("1940-01-01") + pd.to_timedelta(rng.integers(0, 25_000, 900), "D"),
        "sex": rng.choice(["F", "M"], 900),
        "place": rng.choice(["75011", "94042", "92100", "94000"], 900),
        "empty": [None] * 890 + ["x"] * 10,
    })  # fmt: skip
    plan = proposed_plan(table_of(frame, key=list(frame)), "likely")
    assert plan.coarsen["birth"] in ("year", "decade")
    # What is mostly blank is dropped: with it nearly every record would have to go.
    assert plan.drop == ("empty",)
    left = mend(frame, plan).frame
    assert len(left) >= 0.95 * len(frame)
    keys = [tuple(row) for row in left[["birth", "sex", "place"]].to_numpy()]
    assert min(Counter(keys).values()) >= 5


def test_a_person_with_many_records_is_no_class():
    frame = pd.DataFrame({"id": list("aaaaaab"), "age": ["31"] * 7})
    plan = {"withhold": {"below": 2, "key": ["age"], "person": ["id"]}}
    assert len(mend(frame, plan).frame) == 7
    plan["withhold"]["below"] = 3
    with pytest.raises(SchemaError):
        mend(frame, plan)


def test_parameters_are_checked():
    with pytest.raises(ParameterError):
        mend([[1]], {})


def test_a_table_that_was_read_is_mended_as_its_frame():
    frame = pd.DataFrame({"age": [31, 34, 38, 52], "name": list("abcd")})
    plan = {"coarsen": {"age": 10}, "withhold": {"below": 3, "key": ["age"], "at_least": 0}}
    table = pa.read_table(frame, roles=pa.Roles(key=["age"]))
    assert mend(table, plan).frame.equals(mend(table.records, plan).frame)


def test_the_first_character_may_be_kept():
    frame = pd.DataFrame({"code": ["a1", "b2"]})
    done = mend(frame, {"coarsen": {"code": "prefix:1"}}).frame
    assert done["code"].str[:1].tolist() == ["a", "b"]


@pytest.mark.parametrize(("filled", "dropped"), [(19, ("half",)), (20, ()), (21, ())])
def test_a_key_of_which_half_is_filled_is_not_dropped(filled, dropped):
    frame = pd.DataFrame({"sex": ["F"] * 40, "half": ["y"] * filled + [None] * (40 - filled)})
    assert proposed_plan(table_of(frame, key=list(frame)), "likely").drop == dropped


@pytest.mark.parametrize(("large", "coarser"), [(37, True), (38, False), (39, False)])
def test_a_twentieth_of_the_records_may_be_withheld(large, coarser):
    """Four of 79, of 80 (a twentieth) and of 81 are in a class of fewer than five."""
    frame = pd.DataFrame({"age": [30] * 38 + [31] * large + [45] * 4})
    assert bool(proposed_plan(table_of(frame, key=["age"]), "likely").coarsen) is coarser


def test_the_key_of_most_values_is_coarsened_first():
    """Bands of twenty ages hold six records at least of each of three sizes: these may stay."""
    frame = pd.DataFrame({"size": [0, 10, 20] * 40, "age": range(120)})
    plan = proposed_plan(table_of(frame, key=list(frame)), "likely")
    assert (list(plan.coarsen), plan.drop) == (["age"], ())


@pytest.mark.parametrize("keys", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_of_keys_that_are_all_mostly_blank_the_first_is_left(keys):
    frame = pd.DataFrame(dict.fromkeys(keys, ["x"] * 9 + [None] * 31))
    assert proposed_plan(table_of(frame, key=keys), "likely").drop == (*keys[1:],)


@pytest.mark.parametrize(("large", "coarser"), [(37, True), (38, False), (39, False)])
def test_records_with_a_blank_are_not_in_the_share_that_may_be_withheld(large, coarser):
    """Four of 79, of 80 (a twentieth) and of 81 complete records; twenty more have no sex."""
    frame = pd.DataFrame({
        "age": [30] * 38 + [50] * large + [31] * 4 + [30] * 20,
        "sex": ["F"] * (42 + large) + [None] * 20,
    })  # fmt: skip
    plan = proposed_plan(table_of(frame, key=list(frame)), "likely")
    assert (bool(plan.coarsen), plan.drop) == (coarser, ())


@pytest.mark.parametrize(("each", "dropped"), [(1, ("day",)), (4, ("day",)), (5, ())])
def test_of_keys_that_cannot_be_coarsened_that_of_most_values_is_dropped(each, dropped):
    """Three days of one month are one value by month, and two sexes stay two: no step is left.

    With one record a class both sexes have three, which is too few: the last key is not dropped.
    """
    days = pd.to_datetime(["2016-11-07", "2016-11-08", "2016-11-09"])
    cells = list(itertools.product("FM", days)) * each
    frame = pd.DataFrame(cells, columns=["sex", "day"])
    plan = proposed_plan(table_of(frame, key=list(frame)), "likely")
    assert (plan.drop, plan.coarsen) == (dropped, {})


@pytest.mark.parametrize(("words", "coarsen"), [("ab", {}), ("abc", {"word": "rare"})])
def test_a_coarsening_leaves_two_values_and_fewer_than_before(words, coarsen):
    frame = pd.DataFrame({"word": list(words) * 4})
    assert proposed_plan(table_of(frame, key=["word"]), "likely").coarsen == coarsen
