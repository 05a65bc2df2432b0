"""Every measure of a table, the scores of its records, and the test of a measure's laws."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.columns.roles import Roles
from privaudit.core.checks import an_instance
from privaudit.errors import ParameterError
from privaudit.results.rows import Row
from privaudit.tables.coded_table import count_people_once, encode_table, take_in
from privaudit.tables.context import MeasureContext, OpenTable, Options, context_of
from privaudit.tables.disclosure_risk import household_risks, prosecutor_risks_of
from privaudit.tables.distinction import sets_to_scan
from privaudit.tables.l_diversity import diversity_of
from privaudit.tables.population.individual_risk import journalist_risks
from privaudit.tables.special_uniques import dis_suda_scores_of, searched, suda_scores_of
from privaudit.tables.table_measure import CHANGES, TableMeasure, context_notes, rows_of
from privaudit.words.catalogues import Note

# In the order of declaration in each file: what is declared there is measured.
_FILES = (
    "k_anonymity", "distinction", "disclosure_risk", "population.individual_risk",
    "population.uniqueness", "population.loglinear_model", "population.pitman_model",
    "l_diversity", "t_closeness", "bayes_vulnerability", "special_uniques",
)  # fmt: skip


def declared(file: str) -> list[TableMeasure]:
    """Return the measures that a file of `privaudit.tables` declares."""
    module = import_module(f"privaudit.tables.{file}")
    values = [value for value in vars(module).values() if isinstance(value, TableMeasure)]
    return [measure for measure in values if measure.take.__module__ == module.__name__]


MEASURES: tuple[TableMeasure, ...] = tuple(m for file in _FILES for m in declared(file))


def notes_of(opened: OpenTable) -> list[Note]:
    """Return the notes on all that was measured."""
    context, found = opened.context, searched(opened.context)
    n, d, subsets = len(context), len(context.table.keys), context.options.subsets
    notes = [*context_notes(opened), *sets_to_scan(n, d, subsets)[1]]
    if not isinstance(found, Note):
        notes += found.notes[1:]
    elif not context.counted:
        notes.append(found)
    doubt = context.population.doubt
    return notes if doubt is None else [*notes, doubt]


def scores_of(context: MeasureContext) -> dict[str, NDArray[Any]]:
    """Return the scores of each row that can be had, by name; see `SCORES` of `measure`."""
    scores: dict[str, NDArray[Any]] = {
        "class_size": context.sizes.expected,
        "prosecutor_risk": prosecutor_risks_of(context),
    }
    scores["journalist_risk"] = risks = journalist_risks(context)
    if context.population.source != "file":
        scores["individual_risk"] = risks
        scores["population_size"] = context.population.people
        if context.household is not None:
            homes = context.household
            scores["household_risk"] = household_risks(risks, homes)
    found = searched(context)
    if not isinstance(found, Note):
        uniques = found.uniques
        scores["suda_score"] = suda_scores_of(context, uniques)
        scores["minimal_uniques"], scores["smallest_unique"] = uniques.count, uniques.smallest
        dis_suda = dis_suda_scores_of(context, uniques)
        if dis_suda is not None:
            scores["dis_suda"] = dis_suda
    return scores | diversity_of(context)


# Tables tried; their records, keys, and levels of each.
_TABLES, _RECORDS, _KEYS = 30, 14, 3
_SLACK = 1e-9
_Change = Callable[[pd.DataFrame], pd.DataFrame]


def check_measure(measure: TableMeasure, *, seed: int = 7) -> dict[str, int]:
    """Test that a measure keeps what it declares, on small tables of random levels.

    Its values lie in their span; each of its laws holds; the same table gives the same value; and
    where a person has several records, its denominator is people.

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
        A declaration that does not hold, in one line.

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
            raise ParameterError.of(who, "the same value of the same table", "another")
        low, high = measure.span
        for value in before.values():
            if not (math.isnan(value) or low - _SLACK <= value <= high + _SLACK):
                raise ParameterError.of(who, f"values from {low:g} to {high:g}", f"{value:g}")
        for change, effect in measure.laws.items():
            after = _values(measure, changes[change](table))
            for part, value in before.items():
                if _breaks(value, after.get(part, math.nan), effect):
                    needed = f"a value that is {effect.replace('_', ' ')} after {change}"
                    came = f"{value:g} before and {after[part]:g} after"
                    raise ParameterError.of(who, needed, came)
    _counts_people(measure, _table(rng))
    return {"tables": _TABLES, "laws": len(measure.laws)}


def _table(rng: np.random.Generator) -> pd.DataFrame:
    n, levels = int(rng.integers(4, _RECORDS)), int(rng.integers(2, 5))
    # Some levels are rare, so that laws of even classes only fail.
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
    """Return the rows of this measure alone."""
    who = "check_measure"
    taken = take_in(table, roles, who=who)
    assert taken.table is not None
    coded = count_people_once(encode_table(taken.table, "value", who), roles.identifier)
    return list(rows_of(context_of(coded, Options(missing="value"), who=who), [measure]))


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
            raise ParameterError.of(measure.word, f"{len(table)} people at most", came)
