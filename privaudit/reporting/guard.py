"""The small-cell guard: no table shows, or lets be worked out, a cell under 11 people.

A count of zero is withheld like any other: in a canvassing file an empty cell says that
nobody there was marked, which is an answer about everybody there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, say
from privaudit.errors import ParameterError
from privaudit.exposure.suppression import SMALLEST, suppressed

__all__ = ["THRESHOLD", "guarded", "withheld"]

THRESHOLD = SMALLEST


def withheld(counts: np.ndarray) -> np.ndarray:
    """Say which cells of a one-way table must not be shown beside their total.

    Whoever knows the total can subtract the cells that are shown. So at least two cells are
    missing, and what is missing adds up to the threshold at least: from shown cells and total,
    a withheld cell may be anything from 0 to 11 or more.

    Parameters
    ----------
    counts : ndarray of shape (n,)
        People in each cell; the cells are exclusive and add up to the total.

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


def guarded(frame: pd.DataFrame, *, n: str = "n") -> pd.DataFrame:
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
    >>> guarded(pd.DataFrame({"zone": ["a", "b", "c"], "n": [400, 30, 5]}))["n"].tolist()
    [400.0, nan, nan]
    """
    columns_present("guarded", "count", (n,), frame.columns, "the table")
    hidden = withheld(frame[n].to_numpy(dtype=float))
    shown = frame.copy()
    for column in shown.select_dtypes("number").columns:
        shown[column] = shown[column].astype(float).where(~hidden)
    return shown.assign(withheld=hidden)
