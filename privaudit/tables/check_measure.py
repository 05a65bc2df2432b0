"""`check_measure`: whether a measure of one's own keeps its laws."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from privaudit._core.checks import an_instance, say
from privaudit.errors import ParameterError
from privaudit.results.row import Row
from privaudit.roles import Roles
from privaudit.tables.codes import encode_table
from privaudit.tables.declared import CHANGES, TableMeasure
from privaudit.tables.facts import facts_of
from privaudit.tables.intake import take_in
from privaudit.tables.options import Options
from privaudit.tables.people import told_once
from privaudit.tables.registry import rows_of

__all__ = ["check_measure"]

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
            raise ParameterError(say(who, "the same value of the same table", "another"))
        low, high = measure.span
        for value in before.values():
            if not (math.isnan(value) or low - _SLACK <= value <= high + _SLACK):
                raise ParameterError(say(who, f"values from {low:g} to {high:g}", f"{value:g}"))
        for change, effect in measure.laws.items():
            after = _values(measure, changes[change](table))
            for part, value in before.items():
                if _breaks(value, after.get(part, math.nan), effect):
                    needed = f"a value that is {effect.replace('_', ' ')} after {change}"
                    came = f"{value:g} before and {after[part]:g} after"
                    raise ParameterError(say(who, needed, came))
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
            raise ParameterError(say(measure.word, f"{len(table)} people at most", came))
