"""Each measure of a table declares its laws in the package; one test tries them all."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privaudit.errors import ParameterError
from privaudit.tables import table_measure as declaring
from privaudit.tables.coded_table import CodedTable
from privaudit.tables.context import Options, context_of
from privaudit.tables.measure import MEASURES
from privaudit.tables.table_measure import RISK, rows_of, table_measure

DOCS = Path(__file__).parents[2] / "docs" / "measures.md"


def facts(codes, values, **options):
    codes = np.asfortranarray(codes)
    n, d = codes.shape
    dense = np.unique(values, return_inverse=True)[1]
    table = CodedTable(
        keys=tuple("abcdef"[:d]),
        codes=codes,
        sensitive={"s": dense},
        levels={},
        ordered=(),
        why_ordered={},
        position=np.arange(n),
        records=n,
    )
    given = Options(household="home", **({"sampling_fraction": 0.5} | options))
    homes = np.arange(n) // 2
    return context_of(table, given, household=homes, who="test")


@st.composite
def tables(draw):
    n, d = draw(st.integers(2, 14)), draw(st.integers(2, 3))
    cell = st.integers(0, 3)
    rows = draw(st.lists(st.lists(cell, min_size=d, max_size=d), min_size=n, max_size=n))
    return np.array(rows), np.array(draw(st.lists(cell, min_size=n, max_size=n)))


def coarser(codes):
    wider = codes.copy()
    wider[:, 0] //= 2
    return wider


ORDER = np.random.default_rng(1).permutation
CHANGES = {
    "rows_shuffled": lambda c, v: (c[o := ORDER(len(c))], v[o]),
    "keys_reordered": lambda c, v: (c[:, ::-1], v),
    "levels_renamed": lambda c, v: (np.array([11, 3, 0, 7])[c], v),
    "values_renamed": lambda c, v: (c, np.array([2, 0, 3, 1])[v]),
    "everybody_twice": lambda c, v: (np.tile(c, (2, 1)), np.tile(v, 2)),
    "key_coarsened": lambda c, v: (coarser(c), v),
    "key_left_out": lambda c, v: (c[:, 1:], v),
}


def taken(measure, codes, values):
    """Values of its rows that are of the whole table, by their parameters."""
    rows = rows_of(facts(codes, values), [measure])
    return {
        tuple(row.part.items()): row.value for row in rows if not {"key", "keys"} & set(row.part)
    }


def breaks(before, after, effect):
    if math.isnan(before) or math.isnan(after):
        return False
    slack = 1e-9 * (1 + abs(before)) if math.isfinite(before) else 0.0
    if effect == "double":
        return abs(after - 2 * before) > slack
    if effect == "same":
        return not (before == after or abs(after - before) <= slack)
    return after > before + slack if effect == "not_more" else after < before - slack


def broken(measure, table):
    before = taken(measure, *table)
    found = set()
    for change, effect in measure.laws.items():
        if measure.word.startswith("household") and change in ("rows_shuffled", "everybody_twice"):
            continue  # the households are told by position here
        after = taken(measure, *CHANGES[change](*table))
        if any(breaks(value, after.get(part, math.nan), effect) for part, value in before.items()):
            found.add(change)
    return found


def test_every_change_can_be_tried():
    assert set(CHANGES) == set(declaring.CHANGES)


@pytest.mark.heavy
@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.word)
@given(table=tables())
@settings(max_examples=8)
def test_the_laws_hold(measure, table):
    low, high = measure.span
    for value in taken(measure, *table).values():
        assert math.isnan(value) or low - 1e-9 <= value <= high + 1e-9
    assert broken(measure, table) == set()


def test_a_measure_without_a_law_cannot_be_declared():
    with pytest.raises(ParameterError, match="at least one law"):
        table_measure(unit="records", laws={})(lambda facts: 1.0)


def test_the_law_test_can_fail():
    # An average over classes, as a peer computes it, is not monotone: classes of 1, 3 and 3
    # average .556; without the first key they are 1 and 6, and average .583.
    @table_measure(unit="probability", laws=RISK)
    def over_classes(facts):
        return (1 / facts.groups.size).mean()

    rows = np.array([[0, 0], *[[0, 1]] * 3, *[[1, 1]] * 3])
    assert "key_left_out" in broken(over_classes, (rows, np.zeros(7, dtype=int)))


@pytest.mark.parametrize("word", ["same", "not_more", "not_less", "double"])
def test_every_effect_can_be_broken(word):
    assert breaks(1.0, 3.0 if word != "not_less" else 0.5, word)


PAIRS = [measure for measure in MEASURES if measure.at_least]


@pytest.mark.parametrize("measure", PAIRS, ids=lambda measure: measure.word)
@given(table=tables())
@settings(max_examples=15)
def test_what_is_never_below_another_is_not(measure, table):
    (other,) = [one for one in MEASURES if one.word == measure.at_least]
    mine, theirs = taken(measure, *table), taken(other, *table)
    for part, value in mine.items():
        below = theirs.get(part, math.nan)
        assert math.isnan(value) or math.isnan(below) or value >= below - 1e-12


def test_what_each_measure_is_never_below():
    assert {m.word: m.at_least for m in PAIRS} == {
        "vulnerability_posterior": "vulnerability_prior",
        "delta_presence": "delta_presence_low",
        "household_risk": "individual_risk",
        "tau2": "tau1",
    }


def test_words_stand_once_and_are_worded_and_documented():
    words = [measure.word for measure in MEASURES]
    assert len(set(words)) == len(words)
    listed = DOCS.read_text(encoding="utf-8")
    lacking = [word for word in words if f"`{word}`" not in listed]
    assert not lacking, f"add a row to docs/measures.md for {lacking}"
    for lang in ("en", "fr"):
        text = _catalogue(lang)
        lacking = [f"table__{word}" for word in words if f"table__{word}" not in text["measure"]]
        assert not lacking, f"add to [measure] of words/catalogue/{lang}.toml: {lacking}"


def _catalogue(lang):
    place = resources.files("privaudit.words") / "catalogue" / f"{lang}.toml"
    return tomllib.loads(place.read_text(encoding="utf-8"))


def test_a_column_where_nothing_varies_gives_no_alarm():
    codes = np.array([[0, 0], [0, 1], [1, 1]])
    measured = facts(codes, np.zeros(3, dtype=int))
    rows = [row for row in rows_of(measured, MEASURES) if "column" in row.part]
    assert len(rows) == sum(measure.per != "table" for measure in MEASURES)
    for row in rows:
        assert math.isnan(row.value)
        assert row.notes[0].key == "column_constant"
    varied = rows_of(facts(codes, np.array([0, 1, 1])), MEASURES)
    alarms = {row.measure: row.value for row in varied if "column" in row.part}
    assert (alarms["distinct_l"], alarms["alpha"]) == (1, 1)


def test_a_class_measure_is_the_same_alone_and_with_the_others():
    rng = np.random.default_rng(3)
    codes, values = rng.integers(-1, 3, (20, 2)), rng.integers(0, 3, 20)
    of_classes = [measure for measure in MEASURES if measure.per == "class"]
    together = rows_of(facts(codes, values), of_classes)
    for measure, expected in zip(of_classes, together, strict=True):
        (row,) = rows_of(facts(codes, values), [replace(measure, by_profile=False)])
        assert row == expected
