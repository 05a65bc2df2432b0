"""`measure` on tables counted by hand, on bad input, and on what the peers get wrong."""

import math

import numpy as np
import pandas as pd
import pytest

from privaudit.errors import ParameterError, SchemaError
from privaudit.exposure.tables.measures import SCORES, measure
from privaudit.release.release import Release
from privaudit.roles import Roles

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
    return Release(kind="table", records=frame, roles=Roles(**({"key": KEY} | roles)), name="a.csv")


def value(result, name):
    return result.overall.loc[name, "value"]


def test_a_table_counted_by_hand():
    got = measure(table(sensitive="opinion"))
    want = {
        "records": 6,
        "classes": 3,
        "k_anonymity": 1,
        "sample_uniques": 1,
        "share_under_2": 1 / 6,
        "share_under_3": 3 / 6,
        "share_under_5": 1,
        "share_under_11": 1,
        "classes_of_1": 1,
        "classes_of_2": 1,
        "classes_of_3_to_4": 1,
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
    assert got.overall.loc["vulnerability_posterior", "baseline"] == pytest.approx(4 / 6)
    assert (got.overall["n"] == 6).all()
    assert list(got.overall.columns) == ["value", "low", "high", "baseline", "n", "unit", "note"]
    assert got.overall.index.name == "measure"


def test_weights_give_the_expected_inverse_of_f_and_not_the_inverse_of_the_expected_f():
    got = measure(table(weight="weight"))
    # (60, F): f = 1 of about 4 people, p = 1/4: r = p / (1 - p) ln(1 / p), above 1 / 4.
    assert value(got, "individual_risk_max") == pytest.approx(math.log(4) / 3)
    assert value(got, "journalist_risk_max") == value(got, "individual_risk_max")
    assert value(got, "k_map") == 4
    # Six records bound nothing: between a little and the prosecutor's mean, and no value.
    row = got.overall.loc["marketer_risk"]
    assert math.isnan(row["value"])
    assert row["high"] == pytest.approx(3 / 6)
    assert not got.reliable


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
    assert "3 not at all" in got.overall.loc["k_map", "note"]
    # (41, M) holds two records: whatever a population of one says, two people are there.
    short = measure(table(PEOPLE.iloc[3:5]), population=PEOPLE.iloc[[3]])
    assert value(short, "k_map") == 2
    with pytest.raises(SchemaError, match="no record's key occurs in it"):
        measure(table(), population=pd.DataFrame({"age": [1], "sex": ["F"]}))


def test_without_a_population_the_file_is_everybody_and_that_is_said():
    got = measure(table())
    assert value(got, "journalist_risk_max") == value(got, "prosecutor_risk_max")
    assert "upper bound" in got.overall.loc["journalist_risk_max", "note"]
    assert math.isnan(value(got, "k_map"))


BLANKS = pd.DataFrame({"a": ["x", "x", "y", None], "b": ["1", None, "2", "2"]})


def test_the_three_readings_of_a_missing_key():
    # As wildcards: row 0 agrees with 1; row 1 with 0 and 3; row 2 with 3; row 3 with 1 and 2.
    leak = Release(kind="table", records=BLANKS, roles=Roles(key=["a", "b"]))
    wild = measure(leak)
    assert wild.per_record["class_size"].tolist() == [2, 3, 2, 3]
    assert value(wild, "k_anonymity") == 2
    as_value = measure(leak, missing="value")
    assert as_value.per_record["class_size"].tolist() == [1, 1, 1, 1]
    left = measure(leak, missing="exclude")
    assert left.per_record["class_size"].tolist()[::2] == [1, 1]
    assert left.per_record["class_size"].isna().tolist() == [False, True, False, True]
    assert (left.overall.loc["records", "value"], left.overall.loc["records", "n"]) == (2, 2)
    assert any("2 of 4 records lack a key" in note for note in left.notes)


def test_rows_with_a_missing_key_never_vanish():
    # A group-by that drops them reports k = 2 here, on three rows.
    frame = pd.DataFrame({"a": ["x", "x", None], "b": ["1", "1", "1"]})
    leak = Release(kind="table", records=frame, roles=Roles(key=["a", "b"]))
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
    shared = [name for name in full.overall.index if "[" not in name]
    assert [name for name in plain.overall.index if "[" not in name] == shared


def test_two_sensitive_columns_give_the_worst_and_each():
    frame = PEOPLE.assign(party=["a", "b", "c", "a", "b", "c"])
    got = measure(table(frame, sensitive=["opinion", "party"]))
    assert value(got, "distinct_l[opinion]") == 1
    assert value(got, "entropy_l[party]") == 1  # (60, F) is alone
    assert value(got, "t_closeness") == max(
        value(got, "t_closeness[opinion]"), value(got, "t_closeness[party]")
    )


def test_a_guess_before_and_after_is_of_one_column():
    # opinion, as in the first test: 4/6 before, 5/6 after; a column that everybody shares is
    # guessed always, before and after, and must not lend its 1 to either side.
    got = measure(table(PEOPLE.assign(side="right"), sensitive=["side", "opinion"]))
    assert value(got, "vulnerability_prior") == pytest.approx(4 / 6)
    assert value(got, "vulnerability_posterior") == pytest.approx(5 / 6)
    assert value(got, "leakage_additive") == pytest.approx(1 / 6)
    assert value(got, "vulnerability_posterior[side]") == 1


def test_other_sensitive_columns_as_keys():
    # One class of four, two values of each column: whoever knows one knows the other.
    frame = pd.DataFrame({"k": ["z"] * 4, "s": list("aabb"), "r": list("uuvv")})
    got = measure(Release(kind="table", records=frame, roles=Roles(key="k", sensitive=["s", "r"])))
    assert value(got, "distinct_l") == 2
    assert value(got, "distinct_l_multi") == 1
    # Crossed instead of nested: one says nothing of the other.
    crossed = frame.assign(r=list("uvuv"))
    leak = Release(kind="table", records=crossed, roles=Roles(key="k", sensitive=["s", "r"]))
    assert value(measure(leak), "distinct_l_multi") == 2


def test_a_blank_sensitive_value_is_left_out_unless_it_is_read_as_a_value():
    frame = pd.DataFrame({"k": ["z"] * 4, "s": ["a", "a", None, None]})
    leak = Release(kind="table", records=frame, roles=Roles(key="k", sensitive="s"))
    got = measure(leak)
    assert value(got, "distinct_l") == 1
    assert got.overall.loc["distinct_l", "n"] == 2
    assert value(measure(leak, missing="value"), "distinct_l") == 2
    assert any("'s' is missing in 2 records" in note for note in got.notes)


def test_a_sensitive_column_without_any_value_gives_no_number():
    frame = pd.DataFrame({"k": ["z"] * 4, "s": [None] * 4})
    leak = Release(kind="table", records=frame, roles=Roles(key="k", sensitive="s"))
    row = measure(leak).overall.loc["distinct_l"]
    assert math.isnan(row["value"])
    assert row["note"] == "All values are missing."


def test_a_number_is_ordered_and_a_word_is_not():
    frame = PEOPLE.assign(score=[1, 2, 3, 3, 4, 5])
    got = measure(table(frame, sensitive=["opinion", "score"])).overall
    assert "ordered" in got.loc["t_closeness[score]", "note"]
    assert "Total variation" in got.loc["t_closeness[opinion]", "note"]


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
    names = ["population_uniques_zayatz", "population_uniques_pitman", "tau1", "correctness"]
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
        row = measure(table(part, key=names), sampling_fraction=1 / 3).overall.loc["marketer_risk"]
        assert row["low"] <= truth.loc["marketer_risk", "value"] <= row["high"]


def test_one_in_a_hundred_is_said_and_gives_no_number():
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"a": rng.integers(0, 90, 800), "b": rng.integers(0, 40, 800)})
    got = measure(table(frame, key=["a", "b"]), sampling_fraction=0.01)
    assert not got.reliable
    for name in ("population_uniques_snb", "population_unique_share", "correctness"):
        row = got.overall.loc[name]
        assert math.isnan(row["value"])
        assert row["low"] < row["high"]
        assert "Not estimable" in row["note"]
    assert any("Not estimable" in note for note in got.notes)


def test_a_household_is_at_least_as_exposed_as_each_of_its_members():
    frame = PEOPLE.assign(home=[1, 1, 2, 2, 3, None])
    got = measure(table(frame, weight="weight"), household="home")
    one, all_ = got.per_record["individual_risk"], got.per_record["household_risk"]
    assert (all_ >= one).all()
    assert all_[0] == pytest.approx(1 - (1 - one[0]) * (1 - one[1]))
    assert all_[5] == pytest.approx(one[5])
    assert value(got, "household_risk_max") == pytest.approx(all_.max())
    with pytest.raises(SchemaError, match="household 'house'"):
        measure(table(), household="house")


def test_special_uniques_and_their_keys():
    # Ages 60 once: alone on age. Nobody is alone on sex.
    got = measure(table(), sampling_fraction=0.5)
    assert value(got, "special_uniques") == 1
    assert got.per_record["suda_score"].tolist() == [0, 0, 0, 0, 0, 1]
    assert value(got, "suda_contribution[age]") == 1
    assert value(got, "suda_contribution[sex]") == 0
    # One unique, one pair, at one half: 1 / (1 + 2), given to the one record with a score.
    assert value(got, "dis_suda_max") == pytest.approx(1 / 3)


def test_forty_keys_stop_at_a_bound_that_is_said():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.integers(0, 2, size=(60, 40)), columns=[f"k{i}" for i in range(40)])
    got = measure(table(wide, key=list(wide.columns)), special=5, subsets=20)
    assert any("searched up to 3 keys, not 5: that would be 760,098 sets" in n for n in got.notes)
    sets = sum(math.comb(40, k) for k in range(1, 21))
    said = f"Sets of keys were scanned up to 3 keys, not 20: that would be {sets:,} sets"
    assert any(said in note for note in got.notes)
    assert value(got, "k_anonymity") == 1


def test_sets_of_keys_up_to_a_size():
    got = measure(table(), subsets=2)
    assert value(got, "distinction[age]") == 3 / 6
    assert value(got, "distinction[age,sex]") == value(got, "distinction") == 3 / 6
    # Fifteen pairs; three alike among the F of 30, one among the M of 41.
    assert value(got, "separation") == pytest.approx(11 / 15)


def test_the_columns_by_record_never_change():
    plain, full = measure(table()), measure(table(weight="weight"), household="name")
    assert tuple(plain.per_record.columns) == tuple(full.per_record.columns) == SCORES


@pytest.mark.parametrize("sizes", [[1, 2, 2], [3, 2], [1, 1, 1, 3, 4], [5, 6, 7]])
def test_with_everybody_in_the_file_no_rounding_makes_a_risk_unreliable(sizes):
    frame = pd.DataFrame({"key": np.repeat(np.arange(len(sizes)), sizes)})
    row = measure(table(frame, key="key"), sampling_fraction=1.0).overall.loc["marketer_risk"]
    assert row["value"] == pytest.approx(len(sizes) / sum(sizes))
