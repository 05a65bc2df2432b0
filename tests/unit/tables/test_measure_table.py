"""`measure` on tables counted by hand, on bad input, and on what the peers get wrong."""

import math

import numpy as np
import pandas as pd
import pytest

from privaudit.columns.roles import Roles
from privaudit.errors import ParameterError, SchemaError
from privaudit.release.release import TableRelease
from privaudit.results.measures import as_printed
from privaudit.tables.measure import MEASURES, SCORES, measure
from privaudit.words.catalogues import Note

# Classes: (30, F) three people, (41, M) two, (60, F) one.
PEOPLE = pd.DataFrame(
    {
        "name": ["Ada", "Bea", "Cleo", "Dan", "Eli", "Fay"],
        "age": [30, 30, 30, 41, 41, 60],
        "sex": ["F", "F", "F", "M", "M", "F"],
        "opinion": ["left", "left", "right", "left", "left", "right"],
        "weight": [10.0, 10.0, 10.0, 5.0, 15.0, 4.0],
    }
)
KEY = ("age", "sex")


def table(frame=PEOPLE, **roles):
    return TableRelease(records=frame, roles=Roles(**({"key": KEY} | roles)), name="a.csv")


def value(result, name, **part):
    return result.value(name, **part)


def keys_of(notes):
    return [note.key for note in notes]


def test_a_table_counted_by_hand():
    got = measure(table(sensitive="opinion"))
    told = {
        ("share_under", "threshold", 2): 1 / 6,
        ("share_under", "threshold", 3): 3 / 6,
        ("share_under", "threshold", 5): 1,
        ("share_under", "threshold", 11): 1,
        ("classes_of", "least", 1): 1,
        ("classes_of", "least", 2): 1,
        ("classes_of", "least", 3): 1,
        ("classes_of", "least", 5): 0,
    }
    for (name, part, at), number in told.items():
        assert value(got, name, **{part: at}) == pytest.approx(number)
    assert got.row("classes_of", least=3).part["most"] == 4
    want = {
        "records": 6,
        "classes": 3,
        "k_anonymity": 1,
        "sample_uniques": 1,
        "prosecutor_risk_max": 1,
        "prosecutor_risk_mean": 3 / 6,
        "distinct_l": 1,
        "alpha": 1,
        "vulnerability_prior": 4 / 6,
        "vulnerability_posterior": 5 / 6,
        "leakage_additive": 1 / 6,
        "leakage_multiplicative": 5 / 4,
    }
    assert {name: value(got, name) for name in want} == pytest.approx(want)
    assert got.row("vulnerability_posterior").baseline == pytest.approx(4 / 6)
    assert {(row.n, row.counts) for row in got.rows if row.counts == "records"} == {(6, "records")}
    assert got.overall.index.name == "measure"


def test_six_records_bound_nothing_and_a_report_prints_no_risk_of_theirs():
    got = measure(table(weight="weight"))
    # Between a little and the prosecutor's mean; in a report no value.
    assert math.isnan(as_printed(got).value("marketer_risk"))
    row = got.row("marketer_risk")
    assert row.value == row.high == pytest.approx(3 / 6)
    assert row.bound == "upper"
    # Whoever holds the file has the risks one by one; their mean is no more than the bound.
    for score in ("journalist_risk", "individual_risk"):
        assert row.low < got.per_record[score].mean() < row.value


def test_a_population_gives_them_exactly():
    crowd = pd.concat([PEOPLE, PEOPLE.iloc[[0, 3, 5]], pd.DataFrame({"age": [99], "sex": ["M"]})])
    got = measure(table(), population=crowd)
    assert value(got, "journalist_risk_max") == pytest.approx(1 / 2)  # (60, F): 2 people
    assert value(got, "k_map") == 2
    assert value(got, "marketer_risk") == pytest.approx((3 / 4 + 2 / 3 + 1 / 2) / 6)
    assert value(got, "delta_presence_low") == 0
    assert value(got, "delta_presence") == pytest.approx(3 / 4)


def test_a_population_without_the_people_is_said_and_never_lowers_the_risk_below_the_file():
    got = measure(table(), population=PEOPLE.iloc[:3])
    assert value(got, "k_map") == 1
    (note,) = got.row("k_map").notes
    assert (note.key, note.values["absent"]) == ("population_too_small", 3)
    assert not got.row("k_map").reliable
    assert not got.reliable
    # (41, M) holds two records: whatever a population of one says, two people are there.
    short = measure(table(PEOPLE.iloc[3:5]), population=PEOPLE.iloc[[3]])
    assert value(short, "k_map") == 2
    with pytest.raises(SchemaError, match="no record's key occurs in it"):
        measure(table(), population=pd.DataFrame({"age": [1], "sex": ["F"]}))


def test_without_a_population_the_file_is_everybody_and_that_is_said():
    got = measure(table())
    assert value(got, "journalist_risk_max") == value(got, "prosecutor_risk_max")
    assert got.row("journalist_risk_max").bound == "upper"
    assert math.isnan(value(got, "k_map"))


BLANKS = pd.DataFrame({"a": ["x", "x", "y", None], "b": ["1", None, "2", "2"]})


def test_the_readings_of_a_missing_key_by_hand():
    # As wildcards: row 0 agrees with 1; row 1 with 0 and 3; row 2 with 3; row 3 with 1 and 2.
    leak = TableRelease(records=BLANKS, roles=Roles(key=["a", "b"]))
    wild = measure(leak, missing="wildcard")
    assert wild.per_record["class_size"].tolist() == [2, 3, 2, 3]
    assert value(wild, "k_anonymity") == 2
    as_value = measure(leak, missing="value")
    assert as_value.per_record["class_size"].tolist() == [1, 1, 1, 1]
    left = measure(leak, missing="exclude")
    assert left.per_record["class_size"].tolist()[::2] == [1, 1]
    assert left.per_record["class_size"].isna().tolist() == [False, True, False, True]
    assert (left.row("records").value, left.row("records").n) == (2, 2)
    assert Note("key_gaps_exclude", records=2, of=4) in left.notes


def test_rows_with_a_missing_key_never_vanish():
    # A group-by that drops them reports k = 2 here, on three rows.
    frame = pd.DataFrame({"a": ["x", "x", None], "b": ["1", "1", "1"]})
    leak = TableRelease(records=frame, roles=Roles(key=["a", "b"]))
    got = measure(leak, missing="value")
    assert (value(got, "records"), value(got, "k_anonymity")) == (3, 1)


def test_the_index_of_the_frame_changes_nothing():
    shuffled = PEOPLE.sample(frac=1, random_state=3)
    kept = shuffled[shuffled["age"] < 60]
    plain = kept.reset_index(drop=True)
    one, two = (measure(table(f, sensitive="opinion")) for f in (kept, plain))
    pd.testing.assert_frame_equal(one.overall, two.overall)
    pd.testing.assert_frame_equal(one.per_record, two.per_record)


def test_the_caller_s_frame_is_left_alone():
    before = PEOPLE.copy(deep=True)
    measure(table(sensitive="opinion", weight="weight"))
    pd.testing.assert_frame_equal(PEOPLE, before)


def test_rows_are_the_same_whatever_the_arguments():
    plain = measure(table())
    full = measure(table(sensitive="opinion", weight="weight"), missing="value", population=PEOPLE)
    words = [list(dict.fromkeys(found.to_frame()["measure"])) for found in (plain, full)]
    assert words == [[measure.word for measure in MEASURES]] * 2


def test_two_sensitive_columns_give_a_row_each():
    frame = PEOPLE.assign(party=["a", "b", "c", "a", "b", "c"])
    got = measure(table(frame, sensitive=["opinion", "party"]))
    assert value(got, "distinct_l", column="opinion") == 1
    assert value(got, "entropy_l", column="party") == 1  # (60, F) is alone
    alone = measure(table(frame, sensitive="party"))
    assert value(alone, "t_closeness") == value(got, "t_closeness", column="party")


def test_a_column_that_everybody_shares_lends_its_guess_to_no_other():
    # opinion, as in the first test: 4/6 before, 5/6 after; the other is guessed always.
    got = measure(table(PEOPLE.assign(side="right"), sensitive=["side", "opinion"]))
    assert value(got, "vulnerability_prior", column="opinion") == pytest.approx(4 / 6)
    assert value(got, "vulnerability_posterior", column="opinion") == pytest.approx(5 / 6)
    assert value(got, "leakage_additive", column="opinion") == pytest.approx(1 / 6)
    row = got.row("vulnerability_posterior", column="side")
    assert math.isnan(row.value)
    assert row.notes == (Note("column_constant", column="side"),)


def test_other_sensitive_columns_as_keys():
    # One class of four, two values of each column: whoever knows one knows the other.
    frame = pd.DataFrame({"k": ["z"] * 4, "s": list("aabb"), "r": list("uuvv")})
    got = measure(TableRelease(records=frame, roles=Roles(key="k", sensitive=["s", "r"])))
    assert value(got, "distinct_l", column="s") == 2
    assert value(got, "distinct_l_multi", column="s") == 1
    # Crossed instead of nested: one says nothing of the other.
    crossed = frame.assign(r=list("uvuv"))
    leak = TableRelease(records=crossed, roles=Roles(key="k", sensitive=["s", "r"]))
    assert value(measure(leak), "distinct_l_multi", column="s") == 2


def test_a_blank_sensitive_value_is_left_out_unless_it_is_read_as_a_value():
    frame = pd.DataFrame({"k": list("zzzzy"), "s": ["a", "a", None, None, "b"]})
    leak = TableRelease(records=frame, roles=Roles(key="k", sensitive="s"))
    got = measure(leak)
    assert value(got, "alpha") == 1
    assert got.row("distinct_l").n == 3
    as_value = measure(leak, missing="value")
    assert (value(as_value, "entropy_l"), as_value.row("distinct_l").n) == (1, 5)
    assert value(as_value, "vulnerability_posterior") == 3 / 5
    assert 2 in [note.values.get("records") for note in got.notes]


def test_a_sensitive_column_without_any_value_gives_no_number():
    frame = pd.DataFrame({"k": ["z"] * 4, "s": [None] * 4})
    leak = TableRelease(records=frame, roles=Roles(key="k", sensitive="s"))
    row = measure(leak).row("distinct_l")
    assert math.isnan(row.value)
    assert keys_of(row.notes) == ["all_values_missing"]


def test_a_number_is_ordered_and_a_word_is_not():
    frame = PEOPLE.assign(score=[1, 2, 3, 3, 4, 5], share=[0.1, 0.2, 0.3, 0.3, 0.4, 0.5])
    got = measure(table(frame, sensitive=["opinion", "score", "share"]))
    assert got.row("t_closeness", column="share").part["distance"] == "ordered"
    assert got.row("t_closeness", column="score").part["distance"] == "equal"
    assert got.row("t_closeness", column="opinion").part["distance"] == "equal"


def test_a_tree_of_values():
    tree = {"left": ("any",), "right": ("any",)}
    got = measure(table(sensitive="opinion"), hierarchy={"opinion": tree})
    flat = measure(table(sensitive="opinion"))
    assert value(got, "t_closeness") == pytest.approx(value(flat, "t_closeness"))
    with pytest.raises(SchemaError, match="1 values without a path"):
        measure(table(sensitive="opinion"), hierarchy={"opinion": {"left": ("any",)}})
    with pytest.raises(ParameterError, match="hierarchy of a sensitive column"):
        measure(table(), hierarchy={"opinion": tree})


@pytest.mark.parametrize("dtype", ["category", "string", "object"])
def test_the_type_of_a_column_changes_nothing(dtype):
    frame = PEOPLE.assign(sex=PEOPLE["sex"].astype(dtype), opinion=PEOPLE["opinion"].astype(dtype))
    one, two = (measure(table(f, sensitive="opinion")).overall for f in (PEOPLE, frame))
    pd.testing.assert_frame_equal(one, two)


def test_the_rate_is_read_from_the_fraction_the_weights_or_the_population():
    rng = np.random.default_rng(1)
    crowd = pd.DataFrame({"a": rng.integers(0, 60, 3_000), "b": rng.integers(0, 30, 3_000)})
    half = crowd.iloc[: 3_000 // 2].assign(w=2.0)
    roles = {"key": ["a", "b"]}
    names = ["population_uniques_zayatz", "population_uniques_pitman", "correctness"]
    by_fraction = measure(table(half, **roles), sampling_fraction=0.5).overall
    by_weight = measure(table(half, **roles, weight="w")).overall
    by_people = measure(table(half, **roles), population=crowd).overall
    for other in (by_weight, by_people):
        pd.testing.assert_frame_equal(
            by_fraction.loc[names, ["value", "low", "high", "n"]],
            other.loc[names, ["value", "low", "high", "n"]],
        )
    alone = crowd.groupby(["a", "b"]).size().eq(1).sum()
    assert by_people.loc["population_unique_share", "value"] == pytest.approx(alone / 3_000)
    row = by_fraction.loc["population_unique_share"]
    assert row["low"] <= alone / 3_000 <= row["high"]


def test_the_share_matched_rightly_lies_in_its_range():
    rng = np.random.default_rng(5)
    for people, keys in ((4_000, (50, 20)), (4_000, (8, 9)), (4_000, (400, 60))):
        crowd = pd.DataFrame(
            {f"k{i}": (rng.exponential(1, people) * m / 6).astype(int) for i, m in enumerate(keys)}
        )
        part = crowd.iloc[: people // 3]
        names = list(crowd.columns)
        truth = measure(table(part, key=names), population=crowd).overall
        row = measure(table(part, key=names), sampling_fraction=1 / 3).row("marketer_risk")
        assert row.low <= truth.loc["marketer_risk", "value"] <= row.high


def test_one_in_a_hundred_is_said_and_gives_no_number():
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"a": rng.integers(0, 90, 800), "b": rng.integers(0, 40, 800)})
    got = measure(table(frame, key=["a", "b"]), sampling_fraction=0.01)
    for name in ("population_uniques_snb", "population_unique_share", "correctness"):
        assert math.isfinite(got.value(name))
        row = as_printed(got).row(name)
        assert math.isnan(row.value)
        assert row.low < row.high
        assert not row.reliable
        assert row.notes[0].key == "range_too_wide"


def test_a_household_is_at_least_as_exposed_as_each_of_its_members():
    frame = PEOPLE.assign(home=[1, 1, 2, 2, 3, None])
    got = measure(table(frame, weight="weight"), household="home")
    one, all_ = got.per_record["individual_risk"], got.per_record["household_risk"]
    assert all_[0] == all_[1] == pytest.approx(1 - (1 - one[0]) * (1 - one[1]))
    everybody = pd.concat([PEOPLE, PEOPLE, PEOPLE.iloc[[0]]])
    got = measure(table(frame), population=everybody, household="home")
    one, all_ = got.per_record["individual_risk"], got.per_record["household_risk"]
    assert (all_ >= one).all()
    assert all_[0] == pytest.approx(1 - (1 - one[0]) * (1 - one[1]))
    assert all_[5] == pytest.approx(one[5])
    sure = measure(table(frame), sampling_fraction=1.0, household="home")
    assert value(sure, "household_risk_max") == sure.per_record["household_risk"].max() == 1
    with pytest.raises(SchemaError, match="household 'house'"):
        measure(table(), household="house")


def test_special_uniques_and_their_keys():
    # Ages 60 once: alone on age. Nobody is alone on sex.
    got = measure(table(), sampling_fraction=0.5)
    assert value(got, "special_uniques") == 1
    assert got.per_record["suda_score"].tolist() == [0, 0, 0, 0, 0, 1]
    assert value(got, "suda_score_with", key="age") == 1
    assert value(got, "suda_score_with", key="sex") == 0
    # One unique, one pair, at one half: 1 / (1 + 2), given to the one record with a score.
    assert value(got, "dis_suda_max") == pytest.approx(1 / 3)


@pytest.mark.heavy
def test_forty_keys_stop_at_a_bound_that_is_said():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.integers(0, 2, size=(60, 40)), columns=[f"k{i}" for i in range(40)])
    got = measure(table(wide, key=list(wide.columns)), special=5, subsets=20)
    uniques = Note("uniques_cut_short", size=3, asked=5, sets=760_098, records=60)
    sets = sum(math.comb(40, k) for k in range(1, 21))
    assert uniques in got.notes
    assert Note("sets_cut_short", size=3, asked=20, sets=sets, records=60) in got.notes
    assert value(got, "k_anonymity") == 1


def test_sets_of_keys_up_to_a_size():
    many = pd.concat([PEOPLE.iloc[:5]] * 6, ignore_index=True)
    got = measure(table(many), subsets=2)
    assert value(got, "distinction", keys=("age",)) == 2 / 30
    assert value(got, "distinction", keys=("age", "sex")) == 2 / 30
    # 435 pairs; alike 18 * 17 / 2 = 153 among the F of 30, 12 * 11 / 2 = 66 among the M of 41.
    assert value(got, "separation", keys=("sex",)) == pytest.approx(1 - (153 + 66) / 435)


def test_the_columns_by_record_never_change():
    plain, full = measure(table()), measure(table(weight="weight"), household="name")
    assert tuple(plain.per_record.columns) == tuple(full.per_record.columns) == SCORES


@pytest.mark.parametrize("sizes", [[1, 2, 2], [3, 2], [1, 1, 1, 3, 4], [5, 6, 7]])
def test_with_everybody_in_the_file_no_rounding_makes_a_risk_unreliable(sizes):
    frame = pd.DataFrame({"key": np.repeat(np.arange(len(sizes)), sizes)})
    row = measure(table(frame, key="key"), sampling_fraction=1.0).row("marketer_risk")
    assert row.value == pytest.approx(len(sizes) / sum(sizes))
