"""Which levels of the keys single records out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import whole
from privaudit.measures.tables.special_uniques import key_contributions
from privaudit.measures.tables.special_uniques import level_contributions as parts_of_levels
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.results.suppression import SMALLEST
from privaudit.roles import Roles
from privaudit.tables.codes import CodedTable
from privaudit.tables.facts import searched
from privaudit.tables.options import Options
from privaudit.tables.people import read_people
from privaudit.tables.recognise import refuse_names
from privaudit.words.note import Note

__all__ = ["level_contributions"]

# What is hidden must leave each of its levels so much room: see `_told_apart`.
_ROOM = 5


def level_contributions(
    table: Any,
    roles: Roles | None = None,
    *,
    missing: str = "likely",
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
    missing : {"likely", "wildcard", "value", "exclude"}
        As for `privaudit.tables.measures.measure`. Under *likely* a set of keys counts among
        the records that know it, under *wildcard* and *value* a missing key is a value.
    special : int
        Special uniques are searched among sets of at most so many keys.
    most : int, optional
        Rows of levels a key: the greatest parts, and one row for all others.

    Returns
    -------
    Measures
        Family "levels". For each ``key`` a row ``suda_score_with``, and a row a ``level``: share
        of the file's SUDA score that comes from minimal uniques that hold that level, in [0, 1],
        0 is safe. Over the levels of a key they add up to the key's own; over keys they overlap.
        Its baseline is the level's share of the records, and `n` the records that have it: a
        level is risky where its part of the score is above its part of the records. Levels of
        fewer than 11 records are never named: they share one row, ``levels="rare"``, with the
        next rarest where they could be told from what is shown. A blank is
        ``levels="missing"``, and what `most` leaves out ``levels="other"``. No level is told of a
        key that is like an identifier: as many levels as half of the records. `per_record` is
        empty.

    Raises
    ------
    SchemaError
        The records of the table are not read (it is lazy, or too large), it has none, no key
        variable, or lacks a column.
    ParameterError
        An argument out of its range, or a key that names people: its values would be printed.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [30] * 12 + [50] * 12 + [99], "sex": list("FM") * 12 + ["F"]})
    >>> found = level_contributions(people, Roles(key=["age", "sex"]))
    >>> [(row.label, row.value) for row in found.rows[:2]]
    [('suda_score_with(key=age)', 1.0), ('suda_score_with(key=age, levels=rare)', 1.0)]
    """
    who = "level_contributions"
    options = Options(missing=missing, special=special)
    if most is not None:
        whole(who, "most", most, 1)
    read, coded, said_of_all = read_people(table, roles, missing, who)
    refuse_names(who, read.roles.key, read.records)
    search = searched(coded, special, missing)
    notes = [search] if isinstance(search, Note) else [*search.notes[1:]]
    rows = Rows(len(coded), "records")
    if not isinstance(search, Note):
        of_keys = key_contributions(search.found)
        of_levels = parts_of_levels(search.found, coded.codes)
        for j, key in enumerate(coded.keys):
            identifies = 2 * len(np.unique(coded.codes[:, j])) > len(coded)
            said = [*search.notes[:1], *([Note("levels_identify")] if identifies else [])]
            _add(rows, of_keys[j], {"key": key}, said)
            for part, share, n in () if identifies else _levels(coded, j, of_levels[j], most):
                told = [Note("shares_of_keys_overlap")]
                _add(rows, share, {"key": key, **part}, told, baseline=n / len(coded), n=n)
    return Measures(
        family="levels",
        rows=rows,
        name=read.name,
        provenance=read.provenance,
        notes=(*said_of_all, *notes),
        recipe={**options.recipe(read.roles, "file"), "stage": who},
    )


def _add(
    rows: Rows, share: float, part: dict[str, str], notes: list[Note], **fields: float
) -> None:
    rows.add("suda_score_with", share, "share", notes, of="combinations", part=part, **fields)


def _levels(
    coded: CodedTable, j: int, part: NDArray[np.float64], most: int | None
) -> list[tuple[dict[str, str], float, int]]:
    """Tell part of the score and records of the levels of key j, greatest parts first."""
    key = coded.keys[j]
    size = np.bincount(coded.codes[:, j] + 1, minlength=len(part))
    named = _told_apart(size)
    rare = (size > 0) & ~named
    names = [
        ("level", str(coded.levels[key][place - 1])) if place else ("levels", "missing")
        for place in np.flatnonzero(named).tolist()
    ]
    levels = pd.DataFrame({"name": names, "part": part[named], "size": size[named]})
    # Two values that are written alike are one row.
    levels = levels.groupby("name", sort=True, as_index=False).sum()
    if rare.any():
        levels = _with_row(levels, "rare", part[rare].sum(), int(size[rare].sum()))
    levels = levels.sort_values("part", ascending=False, kind="stable")
    if most is not None and len(levels) > most:
        rest = levels.iloc[most:]
        levels = _with_row(levels.iloc[:most], "other", rest["part"].sum(), int(rest["size"].sum()))
    return [(dict([name]), float(p), int(n)) for name, p, n in levels.itertuples(index=False)]


def _told_apart(size: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Levels that may be named: 11 records or more, and no rare one to be had by subtraction.

    Who knows how many levels there are knows that each hidden one holds one record at least: of
    h hidden levels that hold s records together, each has between 1 and s - h + 1. The rarest
    others are hidden too until there are two, s is 11 and that range has room.
    """
    named = size >= SMALLEST
    rare = (size > 0) & ~named
    levels, records = int(rare.sum()), int(size[rare].sum())
    for place in np.argsort(size, kind="stable"):
        if not levels or (levels >= 2 and records >= SMALLEST and records - levels >= _ROOM):
            break
        if named[place]:
            named[place] = False
            levels, records = levels + 1, records + int(size[place])
    return named


def _with_row(levels: pd.DataFrame, word: str, part: float, size: int) -> pd.DataFrame:
    row = pd.DataFrame([(("levels", word), part, size)], columns=levels.columns)
    return pd.concat([levels, row], ignore_index=True)
