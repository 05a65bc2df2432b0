"""Every measure of a table, and the rows that follow from them.

- `check_measure`: whether a measure of one's own keeps its laws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.roles import Roles
from privaudit.core.checks import an_instance, error_message
from privaudit.errors import ParameterError
from privaudit.results.rows import Row, Rows
from privaudit.tables import (
    attribute_disclosure,
    disclosure_risk,
    equivalence_classes,
    k_anonymity,
    special_uniques,
)
from privaudit.tables.coded_table import encode_table
from privaudit.tables.context import Facts, facts_of
from privaudit.tables.counting import take_in
from privaudit.tables.people import told_once
from privaudit.tables.population import estimates
from privaudit.tables.table_measure import CHANGES, Options, TableMeasure, Told, told_of
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.tables.population.counts import PopulationCounts

# In the order in which each file declares them: a measure that is declared there is measured.
MEASURES: tuple[TableMeasure, ...] = tuple(
    thing
    for module in (k_anonymity, disclosure_risk, estimates, attribute_disclosure, special_uniques)
    for thing in vars(module).values()
    if isinstance(thing, TableMeasure)
)
# Measures of a class that `facts_of` takes in one pass.
OF_CLASSES = tuple(measure for measure in MEASURES if measure.per == "class")


def rows_of(facts: Facts, measures: Iterable[TableMeasure] | None = None) -> Rows:
    """Take measures of a table: a row each, or one for each parameter or sensitive column.

    `measures`: all of the library, and those of one's own that were asked for, where left out.
    """
    measures = (*MEASURES, *facts.options.own) if measures is None else measures
    rows = Rows(len(facts), facts.noun)
    for measure in measures:
        if measure.per == "table":
            _add(rows, measure, measure.take(facts), facts.noun)
        elif not facts.columns:
            _add(rows, measure, facts.no_column, facts.noun)
        for column in facts.columns if measure.per != "table" else ():
            told: Told
            if column.why_not is not None:
                told = column.why_not
            else:
                told = column.worst(measure) if measure.per == "class" else measure.take(column)
            fields: dict[str, Any] = {"n": column.n, "part": {"column": column.name}}
            if measure.against_prior and not isinstance(told, Note):
                fields["baseline"] = column.prior
            # Shared out among the classes that a blank may hide, and nothing bounds it.
            expected = {"low": math.nan, "high": math.nan} if facts.sizes.fewer else {}
            _add(rows, measure, told, facts.noun, expected, **fields)
    return rows


def _add(
    rows: Rows,
    measure: TableMeasure,
    told: Told,
    noun: str,
    ends: Mapping[str, float] | None = None,
    **given: Any,
) -> None:
    """Add the rows of what a measure returned; a `rate` is a share of n with its interval.

    `ends`: Those of a value that came without any.
    """
    of = {"unit": measure.unit, "counts": measure.counts, "of": measure.of}
    of = {name: noun if word == "records" else word for name, word in of.items()}
    for one in told_of(told):
        fields = of | given | one
        fields["part"] = {**given.get("part", {}), **one.get("part", {})}
        if "rate" in fields:
            rows.rate(measure.word, fields.pop("rate"), fields["n"], **fields)
        else:
            fields = {**(ends or {}), **fields}
            rows.add(measure.word, fields.pop("value"), fields.pop("unit"), **fields)


def said_of(facts: Facts, crowd: PopulationCounts | None) -> list[Note]:
    """Notes about all that was measured."""
    notes = [*facts.sizes.notes]
    notes += () if crowd is None else crowd.notes
    notes += k_anonymity.scan_notes(facts)
    if isinstance(facts.uniques, Note):
        notes += () if facts.counted else (facts.uniques,)
    else:
        notes += facts.uniques.notes[1:]
    return notes if facts.behind.doubt is None else [*notes, facts.behind.doubt]


def scores_of(facts: Facts) -> dict[str, NDArray[Any]]:
    """What `per_record` holds of each row."""
    scores: dict[str, NDArray[Any]] = {
        "class_size": facts.sizes.expected,
        "prosecutor_risk": facts.prosecuted,
    }
    scores["journalist_risk"] = facts.found
    if facts.behind.source != "file":
        scores["individual_risk"] = facts.found
        scores["population_size"] = facts.behind.people
        if facts.household is not None:
            scores["household_risk"] = equivalence_classes.household_risk(
                facts.found, facts.household
            )
    if not isinstance(facts.uniques, Note):
        found = facts.uniques.found
        scores["suda_score"] = special_uniques.score_of(facts)
        scores["minimal_uniques"], scores["smallest_unique"] = found.count, found.smallest
        dis_suda = special_uniques.dis_suda_of(facts)
        if dis_suda is not None:
            scores["dis_suda"] = dis_suda
    return scores | attribute_disclosure.diversity_of(facts)


# Tables tried; their records, keys, and levels of each.
_TABLES, _RECORDS, _KEYS = 30, 14, 3
_SLACK = 1e-9
_Change = Callable[[pd.DataFrame], pd.DataFrame]


def check_measure(measure: TableMeasure, *, seed: int = 7) -> dict[str, int]:
    """Hold a measure of a table to what it declares, on small tables of random levels.

    Its values keep to their span; each of its laws holds, whatever is done to the table; the same
    table gives the same value; and where a person has several records, its denominator is people.

    Parameters
    ----------
    measure : TableMeasure
    seed : int
        Of the tables.

    Returns
    -------
    dict of str to int
        How many ``tables`` and ``laws`` were tried.

    Raises
    ------
    ParameterError
        What it does not keep, in one line.

    Examples
    --------
    >>> check_measure(TableMeasure(word="records_there", take=len, unit="records"))["laws"]
    3
    """
    an_instance("check_measure", "measure", measure, TableMeasure)
    who, rng = measure.word, np.random.default_rng(seed)
    order = rng.permutation
    changes: dict[str, _Change] = {
        "rows_shuffled": lambda t: t.iloc[order(len(t))].reset_index(drop=True),
        "keys_reordered": lambda t: t[[*t.columns[:_KEYS][::-1], "opinion"]],
        "levels_renamed": lambda t: t.replace({c: dict(enumerate("qzax")) for c in t.columns[:-1]}),
        "values_renamed": lambda t: t.assign(opinion=t["opinion"].map(dict(zip("abcd", "dbac")))),  # noqa: B905
        "everybody_twice": lambda t: pd.concat([t, t], ignore_index=True),
        "key_coarsened": lambda t: t.assign(k0=t["k0"] // 2),
        "key_left_out": lambda t: t.drop(columns="k0"),
    }
    assert set(changes) == set(CHANGES)
    for _ in range(_TABLES):
        table = _table(rng)
        before = _values(measure, table)
        if before != _values(measure, table):
            raise ParameterError(error_message(who, "the same value of the same table", "another"))
        low, high = measure.span
        for value in before.values():
            if not (math.isnan(value) or low - _SLACK <= value <= high + _SLACK):
                raise ParameterError(
                    error_message(who, f"values from {low:g} to {high:g}", f"{value:g}")
                )
        for change, effect in measure.laws.items():
            after = _values(measure, changes[change](table))
            for part, value in before.items():
                if _breaks(value, after.get(part, math.nan), effect):
                    needed = f"a value that is {effect.replace('_', ' ')} after {change}"
                    came = f"{value:g} before and {after[part]:g} after"
                    raise ParameterError(error_message(who, needed, came))
    _counts_people(measure, _table(rng))
    return {"tables": _TABLES, "laws": len(measure.laws)}


def _table(rng: np.random.Generator) -> pd.DataFrame:
    n, levels = int(rng.integers(4, _RECORDS)), int(rng.integers(2, 5))
    # Some levels are rare: what is true of even classes only is then seen.
    usual = [rng.dirichlet(np.full(levels, 0.4)) for _ in range(_KEYS)]
    keys = {f"k{k}": rng.choice(levels, n, p=often) for k, often in enumerate(usual)}
    table = pd.DataFrame(keys)
    return table.assign(opinion=rng.choice(list("abcd"), n))


def _values(measure: TableMeasure, table: pd.DataFrame) -> dict[tuple[object, ...], float]:
    return {
        tuple(row.part.items()): row.value
        for row in _rows(
            measure, table, Roles(key=tuple(table.columns[:-1]), sensitive=("opinion",))
        )
        if not {"key", "keys"} & set(row.part)
    }


def _rows(measure: TableMeasure, table: pd.DataFrame, roles: Roles) -> list[Row]:
    """Take this measure alone: the others would cost, and say nothing of it."""
    who = "check_measure"
    taken = take_in(table, roles, who=who)
    assert taken.table is not None
    coded = told_once(encode_table(taken.table, "value", who), taken.table.roles.identifier)
    return list(rows_of(facts_of(coded, Options(missing="value"), who=who), [measure]))


def _breaks(before: float, after: float, effect: str) -> bool:
    if math.isnan(before) or math.isnan(after) or not math.isfinite(before):
        return False
    slack = _SLACK * (1 + abs(before))
    if effect == "double":
        return abs(after - 2 * before) > slack
    if effect == "same":
        return abs(after - before) > slack
    return after > before + slack if effect == "not_more" else after < before - slack


def _counts_people(measure: TableMeasure, table: pd.DataFrame) -> None:
    """Check the denominator where everybody has two records."""
    if measure.counts != "records":
        return
    twice = pd.concat([table, table], ignore_index=True)
    twice["who"] = np.tile(np.arange(len(table)), 2)
    roles = Roles(key=("k0", "k1", "k2"), sensitive=("opinion",), identifier=("who",))
    for row in _rows(measure, twice, roles):
        if row.counts != "people" or row.n > len(table):
            came = f"{row.n:,.0f} {row.counts}"
            raise ParameterError(error_message(measure.word, f"{len(table)} people at most", came))
