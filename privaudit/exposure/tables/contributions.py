"""What leaving out, or coarsening, each key would do to each measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from privaudit._core.checks import say
from privaudit.errors import ParameterError, SchemaError
from privaudit.exposure.results import Measures
from privaudit.exposure.tables.measures import measure
from privaudit.exposure.tables.rows import COLUMNS
from privaudit.release.release import Release

__all__ = ["key_contributions"]


def key_contributions(
    table: Release,
    *,
    coarser: Mapping[str, Mapping[Any, Any]] | None = None,
    **options: Any,
) -> Measures:
    """Measure a table once for each key left out, and once for each key coarsened.

    Parameters
    ----------
    table : Release
        With key variables; with one only there is nothing to leave out.
    coarser : mapping, optional
        For a key, its levels and the wider level that would stand in their place.
    **options
        As for `privaudit.exposure.tables.measures.measure`, the population excepted.

    Returns
    -------
    Measures
        One row a measure and change, such as ``k_anonymity[without age]`` or
        ``k_anonymity[coarser age]``: the value after it, and as baseline the value before.
        Measures of one column or of one set of keys are left out, as are those that cannot be
        had. `per_record` is empty.

    Raises
    ------
    ParameterError
        `coarser` names no key, or `population` is given.
    SchemaError
        A level of a coarsened key has no wider level.

    Examples
    --------
    >>> from privaudit.roles import Roles
    >>> people = pd.DataFrame({"age": [30, 31, 41, 41], "sex": list("FFMM")})
    >>> leak = Release(kind="table", records=people, roles=Roles(key=["age", "sex"]))
    >>> found = key_contributions(leak).overall
    >>> found.loc["sample_uniques[without age]", ["value", "baseline"]].tolist()
    [0.0, 2.0]
    """
    if "population" in options:
        came = "a population"
        do = "Its keys would have to be changed too: change both and call measure."
        raise ParameterError(say("key_contributions", "the table alone", came, do))
    wider = dict(coarser or {})
    for key in wider:
        if key not in table.roles.key:
            raise ParameterError(say("key_contributions", "a key variable to coarsen", f"'{key}'"))
    before = measure(table, **options)
    changed: dict[str, Release] = {}
    if len(table.roles.key) > 1:
        for key in table.roles.key:
            rest = tuple(k for k in table.roles.key if k != key)
            changed[f"without {key}"] = replace(table, roles=replace(table.roles, key=rest))
    for key, wider_level in wider.items():
        records = table.records.assign(**{key: _coarsen(table.records[key], wider_level)})
        changed[f"coarser {key}"] = replace(table, records=records)
    names = [name for name in before.overall.index if "[" not in name]
    rows = {}
    for change, release in changed.items():
        after = measure(release, **options).overall
        for name in names:
            row = after.loc[name].to_dict() | {"baseline": before.overall.loc[name, "value"]}
            if row["value"] == row["value"]:
                rows[f"{name}[{change}]"] = row
    index = pd.Index(list(rows), name="measure")
    return Measures(
        overall=pd.DataFrame(list(rows.values()), index=index, columns=list(COLUMNS)),
        per_record=pd.DataFrame(),
        title=f"contribution of each key of {table.name}",
        provenance=table.provenance,
        notes=before.notes,
        reliable=before.reliable,
        recipe={**before.recipe, "stage": "key_contributions", "coarsened": list(wider)},
    )


def _coarsen(column: pd.Series, wider: Mapping[Any, Any]) -> pd.Series:
    known = column.notna()
    without = int((known & ~column.isin(list(wider))).sum())
    if without:
        needed = f"a wider level for every value of '{column.name}'"
        raise SchemaError(say("key_contributions", needed, f"none in {without:,} records"))
    return column.astype(object).map(wider).where(known)
