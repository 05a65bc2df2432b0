"""Which columns of a file are proposed as identifier, key variables and sensitive columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from privaudit.roles import Roles
from privaudit.tables.column_roles import Known, role_of
from privaudit.tables.systems import System, roles_known

__all__ = ["proposed_roles"]

# A key that few records fill tells little of most; one of whose values most are alone names them.
_FILLED, _MOST_ALONE, _MOST_LEVELS, _MOST_KEYS, _MOST_SENSITIVE = 0.1, 0.5, 20, 6, 8
# What somebody knows of a neighbour, in the order in which it is taken.
_OF_KEYS = ("sex", "age", "place", "birthplace", "nationality", "occupation", "family")
_MOST_OF = {"place": 2}


def proposed_roles(
    frame: pd.DataFrame,
    known: Mapping[str, Known],
    there: Mapping[str, np.ndarray],
    system: System | None,
    says: Mapping[str, Collection[str]],
) -> Roles:
    """Propose roles: those of a known system, else by what columns hold.

    - `frame`: The records, read. `says`: What the cells of a column of hints speak of.
    - `there`: Which records fill each column.
    """
    usable = [c for c in map(str, frame.columns) if "," not in c and c == c.strip()]
    if system is not None:
        told, _ = roles_known(frame)
        if told.key:
            return Roles(
                identifier=tuple(c for c in told.identifier if c in usable),
                key=tuple(c for c in told.key if c in usable),
                sensitive=tuple(c for c in told.sensitive if c in usable),
            )
    keys = _keys(frame[usable], known, there)
    learnt = [
        c
        for c in usable
        if role_of(known[c], says.get(c, ())) in ("special", "inferred")
        and c not in keys
        # One that all share is told by the file itself: a list of one side's supporters.
        and 1 <= frame[c].nunique() <= _MOST_LEVELS
    ]
    return Roles(
        identifier=_identifier(frame[usable], known, there),
        key=tuple(keys),
        sensitive=tuple(learnt[:_MOST_SENSITIVE]),
    )


def _keys(
    frame: pd.DataFrame, known: Mapping[str, Known], there: Mapping[str, np.ndarray]
) -> list[str]:
    found: list[str] = []
    for kind in _OF_KEYS:
        fit = [
            c for c in map(str, frame) if known[c].kind == kind and _tells(frame[c], there[c], kind)
        ]
        # Of several, the one that tells more apart, and a date of birth before an age.
        fit.sort(key=lambda c: frame[c].nunique(), reverse=True)
        found += fit[: _MOST_OF.get(kind, 1)]
    return found[:_MOST_KEYS]


def _tells(column: pd.Series, there: np.ndarray, kind: str) -> bool:
    if there.mean() < _FILLED or column.nunique() < 2:
        return False
    counts = column.value_counts()
    return kind == "age" or bool((counts == 1).sum() <= _MOST_ALONE * there.sum())


def _identifier(
    frame: pd.DataFrame, known: Mapping[str, Known], there: Mapping[str, np.ndarray]
) -> tuple[str, ...]:
    """Return the column by which somebody's several records are told to be theirs."""
    for kind in ("number", "email", "phone"):
        for column in map(str, frame):
            several = int(frame[column].nunique()) > len(frame) / 10
            if known[column].kind == kind and there[column].all() and several:
                return (column,)
    return ()
