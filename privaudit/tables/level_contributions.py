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
from privaudit.results.row_guard import most_levels
from privaudit.results.rows import Rows
from privaudit.roles import Roles
from privaudit.tables.codes import CodedTable
from privaudit.tables.facts import searched
from privaudit.tables.options import Options
from privaudit.tables.people import read_people
from privaudit.tables.recognise import refuse_names
from privaudit.words.note import Note

__all__ = ["level_contributions"]


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
        level is risky where its part of the score is above its part of the records. A blank is
        ``levels="missing"``, and what `most` leaves out ``levels="other"``. A report names
        no level that few records hold: they share one row, ``levels="rare"``, with the next
        rarest where they could be told from what is shown; and no level of a key that is like
        an identifier, with as many levels as half of the records. `per_record` is empty.

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
    [('suda_score_with(key=age)', 1.0), ('suda_score_with(key=age, level=99)', 1.0)]
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
            _add(rows, of_keys[j], {"key": key}, [*search.notes[:1]])
            for part, share, n in _levels(coded, j, of_levels[j]):
                told = [Note("shares_of_keys_overlap")]
                _add(rows, share, {"key": key, **part}, told, baseline=n / len(coded), n=n)
    return Measures(
        family="levels",
        rows=rows if most is None else most_levels(rows, most),
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
    coded: CodedTable, j: int, part: NDArray[np.float64]
) -> list[tuple[dict[str, str], float, int]]:
    """Tell part of the score and records of the levels of key j, greatest parts first."""
    levels = coded.levels[coded.keys[j]]
    size = np.bincount(coded.codes[:, j] + 1, minlength=len(part))
    there = np.flatnonzero(size)
    names = [
        ("level", str(levels[place - 1])) if place else ("levels", "missing")
        for place in there.tolist()
    ]
    frame = pd.DataFrame({"name": names, "part": part[there], "size": size[there]})
    # Two values that are written alike are one row.
    frame = frame.groupby("name", sort=True, as_index=False).sum()
    frame = frame.sort_values("part", ascending=False, kind="stable")
    return [(dict([name]), float(p), int(n)) for name, p, n in frame.itertuples(index=False)]
