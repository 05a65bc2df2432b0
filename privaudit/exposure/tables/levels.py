"""Which levels of the keys single records out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import say, whole
from privaudit.errors import SchemaError
from privaudit.exposure.results import Measures
from privaudit.exposure.suppression import SMALLEST
from privaudit.exposure.tables.codes import CodedTable, encode_table
from privaudit.exposure.tables.intake import take_in
from privaudit.exposure.tables.keys import search_uniques
from privaudit.exposure.tables.options import Options
from privaudit.exposure.tables.rows import Rows
from privaudit.measures.tables.level_contributions import level_contributions as parts_of_levels
from privaudit.measures.tables.special_uniques import key_contributions
from privaudit.roles import Roles

__all__ = ["level_contributions"]


def level_contributions(
    table: Any,
    roles: Roles | None = None,
    *,
    missing: str = "wildcard",
    special: int = 3,
    most: int | None = None,
) -> Measures:
    """Say which levels of which keys single records out: the SUDA score, level by level.

    Parameters
    ----------
    table : Release, pandas, Polars or Arrow frame, or path
        Its records are read.
    roles : Roles, optional
        With at least one key variable. Default: those of the release.
    missing : {"wildcard", "value", "exclude"}
        As for `privaudit.exposure.tables.measures.measure`. A missing key is a value of its own
        to special uniques, unless its record is excluded.
    special : int
        Special uniques are searched among sets of at most so many keys.
    most : int, optional
        Rows of levels a key: the greatest parts, and one row for all others.

    Returns
    -------
    Measures
        For each key a row ``suda_contribution[age]``, and a row a level, such as
        ``suda_contribution[age=30]``: share of the file's SUDA score that comes from minimal
        uniques that hold that level, in [0, 1], 0 is safe. Over the levels of a key they add up
        to the key's own; over keys they overlap. Its baseline is the level's share of the
        records, and `n` the records that have it: a level is risky where its part of the score
        is above its part of the records. Levels of fewer than 11 records are never named: they
        share one row, ``suda_contribution[rare age]``, with the next rarest where they would
        stand alone in it. A blank is ``suda_contribution[missing age]``, and what `most` leaves
        out ``suda_contribution[other age]``. `per_record` is empty.

    Raises
    ------
    SchemaError
        The records of the table are not read (it is lazy, or too large), it has none, no key
        variable, or lacks a column.
    ParameterError
        An argument out of its range.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [30] * 12 + [50] * 12 + [99], "sex": list("FM") * 12 + ["F"]})
    >>> found = level_contributions(people, Roles(key=["age", "sex"])).overall
    >>> found["value"].tolist()
    [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    >>> found.index[1]
    'suda_contribution[rare age]'
    """
    who = "level_contributions"
    options = Options(missing=missing, special=special)
    if most is not None:
        whole(who, "most", most, 1)
    taken = take_in(table, roles, who=who)
    if taken.release is None:
        do = "Hand over a pandas frame of at most so many records."
        raise SchemaError(say(who, "the records of the table", "their counts only", do))
    coded = encode_table(taken.release, missing, who, key_levels=True)
    found, note, notes = search_uniques(coded, special)
    rows = Rows(len(coded))
    of_keys = key_contributions(found)
    of_levels = parts_of_levels(found, coded.codes)
    for j, key in enumerate(coded.keys):
        rows.add(f"suda_contribution[{key}]", of_keys[j], "share of score", note)
        for name, part, records in _named_levels(coded, j, of_levels[j], most):
            rows.add(
                f"suda_contribution[{name}]",
                part,
                "share of score",
                "Part of the SUDA score from sets that hold this value; over keys they overlap.",
                baseline=records / len(coded),
                n=records,
            )
    return Measures(
        overall=rows.frame(),
        per_record=pd.DataFrame(),
        title=f"levels of the keys of {taken.release.name}",
        provenance=taken.release.provenance,
        notes=(*taken.notes, *coded.notes, *notes),
        recipe={**options.recipe(taken.roles, "file"), "stage": who},
    )


def _named_levels(
    coded: CodedTable, j: int, part: NDArray[np.float64], most: int | None
) -> list[tuple[str, float, int]]:
    """Name, part of the score and records of the levels of key j, greatest parts first."""
    key = coded.keys[j]
    size = np.bincount(coded.codes[:, j] + 1, minlength=len(part))
    named = _told_apart(size)
    rare = (size > 0) & ~named
    names = [
        f"{key}={coded.levels[key][place - 1]}" if place else f"missing {key}"
        for place in np.flatnonzero(named).tolist()
    ]
    levels = pd.DataFrame({"name": names, "part": part[named], "size": size[named]})
    # Two values that are written alike are one row.
    levels = levels.groupby("name", sort=True, as_index=False).sum()
    if rare.any():
        levels = _with_row(levels, f"rare {key}", part[rare].sum(), int(size[rare].sum()))
    levels = levels.sort_values("part", ascending=False, kind="stable")
    if most is not None and len(levels) > most:
        rest = levels.iloc[most:]
        name = f"other {key}"
        levels = _with_row(levels.iloc[:most], name, rest["part"].sum(), int(rest["size"].sum()))
    return [(str(name), float(p), int(n)) for name, p, n in levels.itertuples(index=False)]


def _told_apart(size: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Levels that may be named: 11 records or more, and no rare one to be had by subtraction."""
    named = size >= SMALLEST
    rare = (size > 0) & ~named
    levels, records = int(rare.sum()), int(size[rare].sum())
    for place in np.argsort(size, kind="stable"):
        if not levels or (levels >= 2 and records >= SMALLEST):
            break
        if named[place]:
            named[place] = False
            levels, records = levels + 1, records + int(size[place])
    return named


def _with_row(levels: pd.DataFrame, name: str, part: float, size: int) -> pd.DataFrame:
    return pd.concat([levels, pd.DataFrame([(name, part, size)], columns=levels.columns)])
