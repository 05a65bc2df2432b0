"""What each key does: left out, coarsened by what it holds, and level by level."""

import math
from collections import defaultdict
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import privaudit as pa
from privaudit.errors import ParameterError, SchemaError
from privaudit.exposure.tables.coarsening import coarsened, coarsening_of

# Classes: (30, F) three people, (41, M) two, (60, F) one.
PEOPLE = pd.DataFrame(
    {
        "age": [30, 30, 30, 41, 41, 60],
        "sex": ["F", "F", "F", "M", "M", "F"],
        "opinion": ["left", "left", "right", "left", "left", "right"],
        "weight": [10.0, 10.0, 10.0, 5.0, 15.0, 4.0],
    }
)
KEY = pa.Roles(key=["age", "sex"], sensitive="opinion")


def test_leaving_a_key_out_and_coarsening_it_as_given():
    wider = {"age": {30: "young", 41: "old", 60: "old"}}
    got = pa.key_contributions(PEOPLE, KEY, coarser=wider)
    rows = got.overall
    assert rows.loc["sample_uniques[without age]", "value"] == 0
    assert rows.loc["sample_uniques[without sex]", "value"] == 1
    assert rows.loc["k_anonymity[without age]", "value"] == 2
    assert rows.loc["classes[coarser age]", "value"] == 3
    assert rows.loc["sample_uniques[without age]", "baseline"] == 1
    assert "Key 'age' is coarsened as given: 3 values become 2." in got.notes
    assert "[coarser sex]" not in rows.index.str.cat()
    assert "Key 'sex' is not coarsened: nothing lies before leaving it out." in got.notes
    # An estimate that the file does not bear has no row, and taints no other.
    assert pa.key_contributions(PEOPLE, KEY, sampling_fraction=0.1).reliable
    assert not pa.measure(PEOPLE, KEY, sampling_fraction=0.1).reliable


def test_every_change_is_the_measure_of_the_changed_table():
    got = pa.key_contributions(PEOPLE, KEY).overall
    # Bands of 20: 20 to 39, 40 to 59, 60 to 79 are three; of 50: 0 to 49 and 50 to 99 are two.
    by_hand = {
        "without age": (PEOPLE, pa.Roles(key="sex", sensitive="opinion")),
        "without sex": (PEOPLE, pa.Roles(key="age", sensitive="opinion")),
        "coarser age": (PEOPLE.assign(age=PEOPLE["age"] // 50), KEY),
    }
    before = pa.measure(PEOPLE, KEY).overall
    for change, (frame, roles) in by_hand.items():
        after = pa.measure(frame, roles).overall
        rows = got[got.index.str.endswith(f"[{change}]")]
        told = [n for n in after.index if "[" not in n and not math.isnan(after.loc[n, "value"])]
        assert [name.partition("[")[0] for name in rows.index] == told
        for name in told:
            row = rows.loc[f"{name}[{change}]"]
            assert row["value"] == after.loc[name, "value"]
            assert row["baseline"] == before.loc[name, "value"] or math.isnan(row["baseline"])
    assert got.loc["k_anonymity[coarser age]", "note"].startswith(
        "Key 'age' is coarsened in bands of 50: 3 values become 2."
    )


def test_the_population_is_changed_as_the_table():
    crowd = pd.concat([PEOPLE, PEOPLE.assign(age=PEOPLE["age"] + 1)])
    got = pa.key_contributions(PEOPLE, KEY, population=crowd).overall
    # (60, F): one person; by sex alone 8 women and 4 men; in bands of 50, (50 to 99, F) are two.
    assert got.loc["k_map[without age]", "value"] == 4
    assert got.loc["k_map[coarser age]", "value"] == 2
    assert (got.loc["k_map[coarser age]", "baseline"]) == 1
    pd.testing.assert_frame_equal(
        got, pa.key_contributions(PEOPLE, KEY, population=crowd.reset_index(drop=True)).overall
    )


def test_what_is_refused():
    with pytest.raises(SchemaError, match="none for 2 of 3 values"):
        pa.key_contributions(PEOPLE, KEY, coarser={"age": {30: "young"}})
    with pytest.raises(ParameterError, match="a key variable to coarsen"):
        pa.key_contributions(PEOPLE, KEY, coarser={"opinion": {}})


def test_a_table_that_is_only_counted_is_not_coarsened_and_says_so():
    import polars as pl

    lazy = pl.from_pandas(PEOPLE).lazy()
    got = pa.key_contributions(lazy, KEY)
    assert not got.overall.index.str.contains("coarser").any()
    assert "No key is coarsened: that needs the records, and only counts were read." in got.notes
    with pytest.raises(ParameterError, match="the records of a key to coarsen"):
        pa.key_contributions(lazy, KEY, coarser={"age": {30: "a", 41: "a", 60: "b"}})


DAYS = ["1980-05-12", "1980-05-30", "1980-06-01", "1981-01-02", "1981-01-09", "1981-02-02"]


@pytest.mark.parametrize(
    ("values", "what", "wider"),
    [
        ([18, 19, 23, 24, 31, 32], "in bands of 5", [15, 15, 20, 20, 30, 30]),
        (["18", "19", "23", "24"], "in bands of 5", [15, 15, 20, 20]),
        ([0.51, 0.53, 2.51, 2.53], "in bands of 0.2", None),
        ([-3, -1, 4, 6], "in bands of 10", [-10, -10, 0, 0]),
        ([2**60, 2**60 + 1, 2**60 + 2, 2**60 + 3], "in bands of 2", None),
        (DAYS, "by year", ["1980"] * 3 + ["1981"] * 3),
        (pd.to_datetime(DAYS), "by year", ["1980"] * 3 + ["1981"] * 3),
        (["12/05/1980", "30/05/1980", "01/06/1980", "02/06/1980"], "by month", None),
        (["94340", "94130", "75001", "75002"], "by département, the first two characters, three "
         "from 97 on", ["94", "94", "75", "75"]),
        (["97105", "97100", "97200", "2A004"], None, None),
        (["94340", "94341", "94130", "94131"], "by its first 4 characters",
         ["9434", "9434", "9413", "9413"]),
        (["62.01Z", "62.02A", "47.11B", "47.19A"], "by putting its rarest values together", None),
        (["6201Z", "6202A", "4711B", "4719A"], "by its first 3 characters",
         ["620", "620", "471", "471"]),
        (["18-24", "25-34", "35-49", "50+"], "by joining neighbouring bands two by two",
         [0, 0, 1, 1]),
        (list("aaabbcd"), "by putting its rarest values together", ["a"] * 3 + ["(others)"] * 4),
        (pd.Categorical(list("lmh"), list("lmh"), ordered=True),
         "by joining neighbouring values two by two", [0, 0, 1]),
    ],
)  # fmt: skip
def test_a_key_is_coarsened_by_what_it_holds(values, what, wider):
    column = pd.Series(values)
    by = coarsening_of(column, "test")
    if what is not None:
        assert by.what == what
    got = coarsened(column, by, "test")
    assert 2 <= got.nunique() <= max(2, column.nunique() // 2)
    # A coarsening joins levels and parts none.
    joined = pd.DataFrame({"level": column, "wider": got}).groupby("level", observed=True)
    assert (joined["wider"].nunique() == 1).all()
    if wider is not None:
        assert got.tolist() == wider


def test_a_postcode_that_was_read_as_a_number_is_still_a_code():
    codes = pd.Series([1420, 1430, 94340, 94130, 75001, 75002], name="code_postal")
    by = coarsening_of(codes, "test")
    assert coarsened(codes, by, "test").tolist() == ["01", "01", "94", "94", "75", "75"]
    assert coarsening_of(codes.rename("income"), "test").what == "in bands of 20,000"


@pytest.mark.parametrize("values", [["a", "b"], [True, False], [None, None], [5, 5], [1, None, 2]])
def test_nothing_lies_between_two_values_and_leaving_them_out(values):
    assert coarsening_of(pd.Series(values, dtype=object), "test") is None


cells = st.one_of(
    st.integers(-50, 50), st.floats(-5, 5, width=16), st.sampled_from(["a", "b", "94340", "", " "]),
    st.none(), st.dates(), st.from_regex(r"[0-9]{5}", fullmatch=True),
)  # fmt: skip


@given(st.lists(cells, min_size=1, max_size=20))
@settings(deadline=None, max_examples=150)
def test_whatever_a_key_holds_blanks_stay_blank_and_rows_may_stand_in_any_order(values):
    column = pd.Series(values, dtype=object)
    by = coarsening_of(column, "test")
    if by is None:
        return
    got = coarsened(column, by, "test")
    blank = column.isna() | column.map(lambda v: isinstance(v, str) and not v.strip())
    assert (got.isna() == blank).all()
    turned = coarsened(column[::-1], coarsening_of(column[::-1], "test"), "test")
    assert turned[::-1].tolist() == got.tolist()


# Level by level ---------------------------------------------------------------------------


def by_enumeration(rows, depth):
    """Part of the SUDA score of each (key, level), set by set and record by record."""
    d = len(rows[0])
    total, parts = 0.0, defaultdict(float)
    for row in rows:
        minimal = []
        for k in range(1, depth + 1):
            for keys in combinations(range(d), k):
                if any(set(m) <= set(keys) for m in minimal):
                    continue
                if sum(all(other[j] == row[j] for j in keys) for other in rows) == 1:
                    minimal.append(keys)
        for keys in minimal:
            worth = math.factorial(d - len(keys))
            total += worth
            for j in keys:
                parts[j, row[j]] += worth
    return {at: part / total for at, part in parts.items()}


@given(st.lists(st.tuples(*[st.sampled_from("ab"), st.integers(0, 3), st.sampled_from("xyz")]),
                min_size=2, max_size=12), st.integers(1, 3))  # fmt: skip
@settings(deadline=None, max_examples=60)
def test_levels_by_enumeration(rows, depth):
    from privaudit.measures.tables.level_contributions import level_contributions
    from privaudit.measures.tables.special_uniques import key_contributions, minimal_uniques

    codes, levels = [], []
    for column in zip(*rows, strict=True):
        code, level = pd.factorize(np.array(column, dtype=object))
        codes.append(code)
        levels.append(level)
    codes = np.stack(codes, axis=1)
    found = minimal_uniques(codes, max_size=depth)
    got = level_contributions(found, codes)
    want = by_enumeration(rows, depth) if len(found.record) else {}
    for j, part in enumerate(got):
        assert part[0] == 0  # nothing is missing
        for level, share in zip(levels[j], part[1:], strict=True):
            assert share == pytest.approx(want.get((j, level), 0.0))
        assert part.sum() == pytest.approx(key_contributions(found)[j])


def crowd_of_levels():
    # 12 of 30 and 20 of 40; 4 of 50 and 3 of 60, each alone with their sex now and then.
    age = [30] * 12 + [40] * 20 + [50] * 4 + [60] * 3
    sex = ["F", "M"] * 19 + ["X"]
    return pd.DataFrame({"age": age, "sex": sex, "town": ["a"] * 20 + ["b"] * 19})


def test_levels_of_few_records_are_never_named_and_share_a_row():
    got = pa.level_contributions(crowd_of_levels(), pa.Roles(key=["age", "sex", "town"]))
    names = got.overall.index
    assert not names.str.contains("age=50|age=60|sex=X").any()
    of_age = got.overall[names.str.contains("age")]
    # 50 and 60 are seven records: the next rarest, 30, goes with them.
    assert list(of_age.index) == [
        "suda_contribution[age]",
        "suda_contribution[rare age]",
        "suda_contribution[age=40]",
    ]
    assert of_age["value"].iloc[1:].sum() == pytest.approx(of_age["value"].iloc[0])
    assert of_age["n"].tolist() == [39, 19, 20]
    assert of_age["baseline"].iloc[1:].tolist() == pytest.approx([19 / 39, 20 / 39])
    whole = pa.measure(crowd_of_levels(), pa.Roles(key=["age", "sex", "town"])).overall["value"]
    for key in ("age", "sex", "town"):
        name = f"suda_contribution[{key}]"
        assert got.overall.loc[name, "value"] == whole[name]


def test_a_missing_level_has_its_row_and_the_rest_may_share_one():
    frame = crowd_of_levels().astype({"age": "Int64"})
    frame.loc[:11, "age"] = pd.NA
    got = pa.level_contributions(frame, pa.Roles(key=["age", "town"]), most=1).overall
    assert "suda_contribution[other age]" in got.index
    everything = pa.level_contributions(frame, pa.Roles(key=["age", "town"])).overall
    assert "suda_contribution[missing age]" not in everything.index  # 12 go with the 7 rare ones
    frame.loc[:, "age"] = pd.array([pd.NA] * 15 + [40] * 24, dtype="Int64")
    told = pa.level_contributions(frame, pa.Roles(key=["age", "town"])).overall
    assert told.loc["suda_contribution[missing age]", "n"] == 15


def test_no_level_of_few_records_is_in_any_word_of_the_result():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"name": [f"zq{i}" for i in range(60)], "sex": rng.choice(list("FM"), 60)})
    got = pa.level_contributions(frame, pa.Roles(key=["name", "sex"]))
    text = " ".join(got.notes) + got.overall.to_string() + str(got.recipe)
    assert "zq" not in text


def test_levels_need_the_records():
    import polars as pl

    with pytest.raises(SchemaError, match="the records of the table"):
        pa.level_contributions(pl.from_pandas(PEOPLE).lazy(), KEY)
    with pytest.raises(ParameterError, match="most"):
        pa.level_contributions(PEOPLE, KEY, most=0)
