"""What each key does: left out, coarsened, and level by level."""

import math
from collections import defaultdict
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import privaudit as pa
from privaudit.errors import ParameterError, SchemaError
from privaudit.results.measures import as_printed
from privaudit.words.catalogues import Note

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
    got = pa.tables.key_contributions(PEOPLE, KEY, coarser=wider)
    assert got.value("sample_uniques", without="age") == 0
    assert got.value("sample_uniques", without="sex") == 1
    assert got.value("k_anonymity", without="age") == 2
    assert got.value("classes", coarser="age") == 3
    assert got.row("sample_uniques", without="age").baseline == 1
    told = Note("key_coarsened", key="age", how=Note("coarser_as_given"), before=3, after=2)
    assert told in got.notes
    assert "sex" not in [row.part.get("coarser") for row in got.rows]
    assert Note("key_not_coarsened", key="sex") in got.notes
    # An estimate that the file does not bear has no row in a report, and taints no other.
    estimated = as_printed(pa.tables.key_contributions(PEOPLE, KEY, sampling_fraction=0.1))
    assert all(row.reliable for row in estimated.rows)
    assert not all(row.reliable for row in pa.measure(PEOPLE, KEY, sampling_fraction=0.1).rows)


def test_every_change_is_the_measure_of_the_changed_table():
    got = pa.tables.key_contributions(PEOPLE, KEY)
    # Bands of 20: 20 to 39, 40 to 59, 60 to 79 are three; of 50: 0 to 49 and 50 to 99 are two.
    by_hand = {
        ("without", "age"): (PEOPLE, pa.Roles(key="sex", sensitive="opinion")),
        ("without", "sex"): (PEOPLE, pa.Roles(key="age", sensitive="opinion")),
        ("coarser", "age"): (PEOPLE.assign(age=PEOPLE["age"] // 50), KEY),
    }
    whole = pa.measure(PEOPLE, KEY).rows
    before = {(row.measure, tuple(row.part.items())): row.value for row in whole}
    assert len(before) == len(whole)
    for (word, key), (frame, roles) in by_hand.items():
        after = {
            (row.measure, tuple(row.part.items())): row.value
            for row in pa.measure(frame, roles).rows
            if not math.isnan(row.value) and not {"key", "keys"} & set(row.part)
        }
        rows = [row for row in got.rows if row.part.get(word) == key]
        assert len(rows) == len(after)
        for row in rows:
            part = {name: value for name, value in row.part.items() if name != word}
            same = (row.measure, tuple(part.items()))
            assert row.value == after[same]
            assert row.baseline == before[same] or math.isnan(row.baseline)


def test_the_population_is_changed_as_the_table():
    crowd = pd.concat([PEOPLE, PEOPLE.assign(age=PEOPLE["age"] + 1)])
    found = pa.tables.key_contributions(PEOPLE, KEY, population=crowd)
    # (60, F): one person; by sex alone 8 women and 4 men; in bands of 50, (50 to 99, F) are two.
    assert found.value("k_map", without="age") == 4
    assert found.value("k_map", coarser="age") == 2
    assert found.row("k_map", coarser="age").baseline == 1
    pd.testing.assert_frame_equal(
        found.overall,
        pa.tables.key_contributions(PEOPLE, KEY, population=crowd.reset_index(drop=True)).overall,
    )


def test_what_is_refused():
    with pytest.raises(SchemaError, match="none for 2 of 3 values"):
        pa.tables.key_contributions(PEOPLE, KEY, coarser={"age": {30: "young"}})
    with pytest.raises(ParameterError, match="a key variable to coarsen"):
        pa.tables.key_contributions(PEOPLE, KEY, coarser={"opinion": {}})


def test_a_table_that_is_only_counted_is_not_coarsened_and_says_so():
    import polars as pl

    lazy = pl.from_pandas(PEOPLE).lazy()
    got = pa.tables.key_contributions(lazy, KEY)
    assert not any("coarser" in row.part for row in got.rows)
    assert Note("no_key_is_coarsened") in got.notes
    with pytest.raises(ParameterError, match="the records of a key to coarsen"):
        pa.tables.key_contributions(lazy, KEY, coarser={"age": {30: "a", 41: "a", 60: "b"}})


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
def test_levels_by_enumeration(rows, depth):
    from privaudit.tables.special_uniques import (
        find_minimal_uniques,
        score_shares_by_key,
        score_shares_by_level,
    )

    codes, levels = [], []
    for column in zip(*rows, strict=True):
        code, level = pd.factorize(np.array(column, dtype=object))
        codes.append(code)
        levels.append(level)
    codes = np.stack(codes, axis=1)
    found = find_minimal_uniques(codes, max_size=depth)
    got = score_shares_by_level(found, codes)
    want = by_enumeration(rows, depth) if len(found.record) else {}
    for j, part in enumerate(got):
        assert part[0] == 0  # nothing is missing
        for level, share in zip(levels[j], part[1:], strict=True):
            assert share == pytest.approx(want.get((j, level), 0.0))
        assert part.sum() == pytest.approx(score_shares_by_key(found)[j])


def crowd_of_levels():
    # 12 of 30 and 20 of 40; 4 of 50 and 3 of 60, each alone with their sex now and then.
    age = [30] * 12 + [40] * 20 + [50] * 4 + [60] * 3
    sex = ["F", "M"] * 19 + ["X"]
    return pd.DataFrame({"age": age, "sex": sex, "town": ["a"] * 20 + ["b"] * 19})


def test_levels_of_few_records_are_never_named_and_share_a_row():
    every = pa.tables.level_contributions(crowd_of_levels(), pa.Roles(key=["age", "sex", "town"]))
    # Whoever holds the file has each level; by hand: 12, 20 and 7 records.
    sizes = {r.part["level"]: r.n for r in every.rows if r.part.keys() == {"key", "level"}}
    assert {"50", "60", "X"} <= sizes.keys()
    assert (sizes["40"], sizes["30"], sizes["50"] + sizes["60"]) == (20, 12, 7)
    got = as_printed(every)
    of_age = [row for row in got.rows if row.part["key"] == "age"]
    # 50 and 60 are seven records: the next rarest, 30, goes with them.
    assert [row.part.get("level") or row.part.get("levels") for row in of_age] == [
        None,
        "rare",
        "40",
    ]
    assert not {"50", "60", "X"} & {row.part.get("level") for row in got.rows}
    assert sum(row.value for row in of_age[1:]) == pytest.approx(of_age[0].value)
    assert [row.n for row in of_age] == [39, 19, 20]
    assert [row.baseline for row in of_age[1:]] == pytest.approx([19 / 39, 20 / 39])
    whole = pa.measure(crowd_of_levels(), pa.Roles(key=["age", "sex", "town"]))
    for key in ("age", "sex", "town"):
        (row,) = [r for r in got.rows if r.part == {"key": key}]
        assert row.value == whole.value("suda_score_with", key=key)


def kinds(result):
    return {row.part["levels"]: row.n for row in result.rows if "levels" in row.part}


def test_a_missing_level_has_its_row_and_the_rest_may_share_one():
    frame = crowd_of_levels().astype({"age": "Int64"})
    frame.loc[:11, "age"] = pd.NA
    roles = pa.Roles(key=["age", "town"])
    assert "other" in kinds(pa.tables.level_contributions(frame, roles, most=1))
    assert kinds(pa.tables.level_contributions(frame, roles)) == {"missing": 12}
    # In a report the 20 of the next level go with the 7 rare ones: a note counts the 12.
    assert kinds(as_printed(pa.tables.level_contributions(frame, roles))) == {
        "missing": 12, "rare": 27,
    }  # fmt: skip
    frame.loc[:, "age"] = pd.array([pd.NA] * 15 + [40] * 24, dtype="Int64")
    assert kinds(as_printed(pa.tables.level_contributions(frame, roles))) == {"missing": 15}


def test_no_level_of_few_records_is_in_any_word_of_the_result():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"name": [f"zq{i}" for i in range(60)], "sex": rng.choice(list("FM"), 60)})
    got = as_printed(pa.tables.level_contributions(frame, pa.Roles(key=["name", "sex"])))
    assert "zq" not in repr(got.rows) + repr(got.notes) + got.overall.to_string() + str(got.recipe)


def test_levels_need_the_records():
    import polars as pl

    with pytest.raises(SchemaError, match="the records of the table"):
        pa.tables.level_contributions(pl.from_pandas(PEOPLE).lazy(), KEY)
    with pytest.raises(ParameterError, match="most"):
        pa.tables.level_contributions(PEOPLE, KEY, most=0)
