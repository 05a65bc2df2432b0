"""Which keys single people out: brute force over combinations, and never fewer than eleven."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.core.thresholds import SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.results.measures import guarded
from privaudit.tables.contributions import key_combinations
from privaudit.tables.inference import inference_by_keys

KEYS = ("age", "sex", "town", "job")


def town(n, seed):
    rng = np.random.default_rng(seed)
    levels = (40, 2, 25, 6)
    return pd.DataFrame({k: rng.integers(0, m, n) for k, m in zip(KEYS, levels, strict=True)})


def minimal(table, size):
    """For each record, combinations that leave it alone while none of their parts does."""
    found = [set() for _ in range(len(table))]
    for k in range(1, size + 1):
        for keys in combinations(KEYS, k):
            alone = ~table.duplicated(list(keys), keep=False)
            for i in np.flatnonzero(alone):
                if not any(set(less) < set(keys) for less in found[i]):
                    found[i].add(keys)
    return found


@pytest.mark.parametrize("least", [1, 11])
@pytest.mark.parametrize("size", [2, 3])
def test_shares_are_those_of_every_combination_tried(size, least):
    table = town(300, 3)
    expected = minimal(table, size)
    found = key_combinations(table, pa.Roles(key=KEYS), size=size, least=least)
    whole = next(row for row in found.rows if not row.part)
    assert whole.value == pytest.approx(np.mean([bool(one) for one in expected]))
    counts = {
        keys: sum(keys in one for one in expected)
        for k in range(1, size + 1)
        for keys in combinations(KEYS, k)
    }
    told = {row.part["keys"]: row.value for row in found.rows if "keys" in row.part}
    assert told == {k: pytest.approx(c / 300) for k, c in counts.items() if c >= least}
    assert list(told.values()) == sorted(told.values(), reverse=True)
    rest = sum(bool(one) and not one & set(told) for one in expected)
    printed = {row.part["keys"] for row in guarded(found.rows) if "keys" in row.part}
    assert printed == {k for k, c in counts.items() if c >= max(least, SMALL_CELL)}
    others = [row.value for row in found.rows if "sets" in row.part]
    assert others == ([pytest.approx(rest / 300)] if rest >= least else [])


def test_what_is_left_out_stands_together():
    table = town(300, 3)
    every = key_combinations(table, pa.Roles(key=KEYS))
    few = key_combinations(table, pa.Roles(key=KEYS), most=1)
    first = few.rows[1]
    assert first == every.rows[1]
    expected = minimal(table, 3)
    rest = sum(bool(one) and first.part["keys"] not in one for one in expected)
    assert few.value("singled_out_by", sets="other") == pytest.approx(rest / 300)


def test_the_key_that_tells_comes_first():
    rng = np.random.default_rng(1)
    people = pd.DataFrame(
        {"name": [f"p{i}" for i in range(120)], "sex": rng.choice(list("FM"), 120)}
    )
    people["vote"] = rng.choice(list("abc"), 120)
    others = people.assign(name=[f"q{i}" for i in range(120)], vote=rng.choice(list("abc"), 120))
    found = inference_by_keys(people, people, others, known=["name", "sex"], secret="vote", size=1)
    assert {row.part["keys"] for row in found.rows} == {("name",), ("sex",), ("name", "sex")}
    assert "name" in found.rows[0].part["keys"]
    assert found.row("inference_by_keys", keys=("name",)).value == 1
    weak = found.row("inference_by_keys", keys=("sex",))
    assert not weak.reliable or weak.residual_low <= 0
    assert weak.residual == min(row.residual for row in found.rows)
    assert found.reliable


def test_too_many_combinations_are_refused():
    table = pd.DataFrame(np.zeros((5, 12)), columns=[f"c{i}" for i in range(12)])
    with pytest.raises(ParameterError, match="200 combinations"):
        inference_by_keys(
            table, table, table, known=[f"c{i}" for i in range(11)], secret="c11", size=4
        )
    with pytest.raises(ParameterError, match="size"):
        key_combinations(table, pa.Roles(key=["c0"]), size=0)


def test_a_person_of_two_records_does_not_hide_what_singles_them_out():
    people = pd.DataFrame({"id": range(24), "age": range(24), "sex": list("FM") * 12})
    twice = pd.concat([people, people.head(5)], ignore_index=True)
    roles = pa.Roles(identifier="id", key=["age", "sex"])
    assert key_combinations(twice, roles).value("singled_out_by", keys=("age",)) == 1
