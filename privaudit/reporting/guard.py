"""The small-cell guard: nothing that counts too few people is shown, or can be worked out.

A count of zero is withheld like any other: in a canvassing file an empty cell says that
nobody there was marked, which is an answer about everybody there.

What it does not cover, and the page says so: the numerator of a larger group. "1 of 41" is shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, say
from privaudit._core.policy import KNOWN_WITHIN, SMALL_CELL
from privaudit.errors import ParameterError
from privaudit.reporting.left_out import quiet_notes, told_elsewhere, with_them
from privaudit.reporting.unions import with_bounded_unions
from privaudit.results.row import Row
from privaudit.results.row_guard import emptied, guarded, is_small
from privaudit.results.suppression import suppressed

if TYPE_CHECKING:
    from privaudit.results.exposure import Exposure
    from privaudit.studies.study import Study

__all__ = [
    "GROUPS", "Shown", "guarded", "guarded_table", "is_small", "ranges",
    "shown_of", "withheld",
]  # fmt: skip

GROUPS = ("zone", "age_band", "sex", "profession", "door", "label")
# Rows whose hits, or the sum of whose hits, are the people of a level of a group.
_TELLS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("door", "wrong", "household", ("wrong_addresses",)),
    ("door", "wrong", "household", ("wrong_households",)),
    ("door", "wrong", "household", ("wrong_addresses_homonym", "wrong_addresses_stale")),
    ("label", "wrong", "household", ("wrong_labels",)),
    ("label", "wrong", "harms", ("label_wrong",)),
    ("label", "right", "harms", ("label_right",)),
    ("label", "none", "harms", ("label_none",)),
)


def withheld(counts: np.ndarray) -> np.ndarray:
    """Say which cells of a one-way table must not be shown beside their total.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        People in each cell; the cells are exclusive and add up to the total. An empty cell is
        withheld, and is no cover for others: it may be known to be empty.

    Returns
    -------
    ndarray of bool, shape (n,)

    Raises
    ------
    ParameterError
        A count is negative or missing.

    Examples
    --------
    >>> withheld(np.array([400, 30, 5])).tolist()
    [False, True, True]
    >>> withheld(np.array([400, 30, 12])).tolist()
    [False, False, False]
    """
    counts = np.asarray(counts, dtype=float)
    if not (counts >= 0).all():
        raise ParameterError(say("withheld", "counts of 0 or more", "a negative or missing one"))
    return suppressed(pd.DataFrame({"cell": np.arange(len(counts))}), counts)


def guarded_table(frame: pd.DataFrame, *, n: str = "n") -> pd.DataFrame:
    """Return a table with every number of its small cells taken away.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a cell; the cells are exclusive and add up to a total that is shown.
    n : str
        The column that counts people.

    Returns
    -------
    pandas.DataFrame
        A copy with a new last column ``withheld``; numbers of withheld rows are nan.

    Raises
    ------
    SchemaError
        The column of counts is missing.

    Examples
    --------
    >>> guarded_table(pd.DataFrame({"zone": ["a", "b", "c"], "n": [400, 30, 5]}))["n"].tolist()
    [400.0, nan, nan]
    """
    columns_present("guarded_table", "count", (n,), frame.columns, "the table")
    hidden = withheld(frame[n].to_numpy(dtype=float))
    shown = frame.copy()
    for column in shown.select_dtypes("number").columns:
        shown[column] = shown[column].astype(float).where(~hidden)
    return shown.assign(withheld=hidden)


@dataclass(frozen=True)
class Shown:
    """What of a study may be shown.

    Parameters
    ----------
    rows : mapping of str to tuple of Row
        By family.
    untold : set of (int, str)
        Which group of which exposure is left out altogether: by its place, and its column.
    """

    rows: Mapping[str, tuple[Row, ...]]
    untold: frozenset[tuple[int, str]]

    def study(self, study: Study) -> Study:
        """Return a study that holds no other row than those that may be shown."""
        held = {
            family: replace(found, rows=self.rows[family], notes=quiet_notes(found))
            for family, found in study.measures.items()
        }
        return replace(study, measures=held)


def _consistent(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Leave out what a row beside it tells, and withhold what would tell of what is withheld."""
    rows = tuple(emptied(row) if with_them(row, rows) else row for row in rows)
    return tuple(row for row in rows if not told_elsewhere(row, rows))


def shown_of(study: Study) -> Shown:
    """Withhold what counts too few, and what would give such a count away elsewhere.

    Group tables, totals and rows about the same people are held against each other: where rows
    tell the size of a group under `SMALL_CELL`, its table goes, until an integer programme that
    knows the
    rule and all that is printed leaves every withheld cell more than three values. The rows
    stay: they are numerators of all the people of the map.
    """
    guarded_rows = {f: _consistent(guarded(found.rows)) for f, found in study.measures.items()}
    rows = with_bounded_unions(guarded_rows, study.inventories)
    untold: set[tuple[int, str]] = set()
    known: dict[tuple[str, tuple[int, ...]], bool] = {}
    for place, exposure in enumerate(study.exposures):
        for column in GROUPS:
            sizes = _sizes(exposure, column)
            if len(sizes) < 2:
                continue
            key = column, tuple(sizes)
            if key not in known:
                known[key] = _is_safe(rows, column, sizes)
            if not known[key]:
                untold.add((place, column))
    return Shown(rows, frozenset(untold))


def _sizes(exposure: Exposure, column: str) -> pd.Series:
    if column not in exposure.per_person:
        return pd.Series(dtype=int)
    return exposure.per_person[column].fillna("").astype("str").value_counts(sort=False)


def _is_safe(rows: Mapping[str, tuple[Row, ...]], column: str, sizes: pd.Series) -> bool:
    """Say whether a table of groups leaves its small ones unknown, beside what rows tell."""
    counts = sizes.to_numpy()
    hidden = withheld(counts)
    least, most = ranges(counts, hidden, _told(rows, column, sizes, hidden))
    return not (hidden & (counts < SMALL_CELL) & (most - least <= KNOWN_WITHIN)).any()


def _told(
    rows: Mapping[str, tuple[Row, ...]], column: str, sizes: pd.Series, hidden: np.ndarray
) -> dict[int, int]:
    """Return the hidden groups whose size some rows tell, or nearly."""
    told: dict[int, int] = {}
    levels = [str(level) for level in sizes.index]
    for cell in np.flatnonzero(hidden).tolist():
        level, size = levels[cell], int(sizes.iloc[cell])
        for named, of_level, family, measures in _TELLS:
            mine = [
                row for row in rows.get(family, ())
                if row.measure in measures and math.isfinite(row.value)
            ]  # fmt: skip
            near = abs(sum(_hits(row) for row in mine) - size) <= KNOWN_WITHIN
            if (named, of_level) == (column, level) and mine and near:
                told[cell] = size
        for row in (row for found in rows.values() for row in found):
            if str(row.part.get(column)) == level and row.n == size:
                told[cell] = size
    return told


def _hits(row: Row) -> float:
    return round(row.value * row.n) if row.unit in ("share", "probability") else row.value


def ranges(
    counts: np.ndarray, hidden: np.ndarray, told: Mapping[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the most that each cell may be, to who knows what is printed.

    The total is known, the cells that are shown, the rule, that nobody is in a level for
    nothing, and the hidden cells that something else tells.

    Examples
    --------
    >>> counts, hidden = np.array([4, 12, 150]), np.array([True, True, False])
    >>> [end.astype(int).tolist() for end in ranges(counts, hidden, {})]
    [[1, 1, 150], [15, 15, 150]]
    >>> [end.astype(int).tolist() for end in ranges(counts, hidden, {1: 12})]
    [[4, 12, 150], [4, 12, 150]]
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    counts = np.asarray(counts, dtype=float)
    least, most = counts.copy(), counts.copy()
    cells = np.flatnonzero(hidden)
    if not len(cells):
        return least, most
    shown = counts[~hidden]
    # Where nothing is shown and no cell needs another, the rule says that each is small.
    alone = SMALL_CELL - 1 if counts.max() < SMALL_CELL else counts.sum()
    top = shown.min() if len(shown) else alone
    low = np.array([told.get(int(c), 1) for c in cells], dtype=float)
    high = np.array([told.get(int(c), top) for c in cells], dtype=float)
    total = LinearConstraint(np.ones((1, len(cells))), *[counts[cells].sum()] * 2)
    for place, cell in enumerate(cells):
        ends = []
        for sign in (1, -1):
            cost = np.zeros(len(cells))
            cost[place] = sign
            found = milp(cost, constraints=total, bounds=Bounds(low, high), integrality=1)
            ends.append(counts[cell] if found.x is None else round(found.x[place]))
        least[cell], most[cell] = ends
    return least, most
