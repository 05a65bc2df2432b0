"""Score of a reconstruction: how many of the most certain rows stand in the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from privaudit.core.checks import columns_present, listed, whole
from privaudit.results.measures import Measures
from privaudit.results.rows import Rows
from privaudit.tables.reconstruction import Reconstruction


def score_reconstruction(
    found: Reconstruction,
    truth: pd.DataFrame,
    others: pd.DataFrame | None = None,
    *,
    top: Sequence[int] = (10, 25, 50, 100),
) -> Measures:
    """Hold reconstructed rows against the table that was counted.

    Parameters
    ----------
    found : Reconstruction
        From `reconstruct`.
    truth : pandas.DataFrame
        The people of the published tables, with their attributes.
    others : pandas.DataFrame, optional
        People of the same population who are not in the tables.
    top : sequence of int
        How many of the first guesses are held against the table.

    Returns
    -------
    Measures
        Family "reconstruction", a row ``match_rate`` for each of `top` that there are guesses for:
        the share of the first ``top`` guesses that stand in `truth`; 0 is safe. n: guesses.
        Baseline: the same of as many rows that are most frequent in `others`, or without them of
        those that independent attributes make likeliest. Control: guesses that stand in as many
        `others` as there are people.

    Raises
    ------
    SchemaError
        A table without one of the attributes.

    References
    ----------
    Dick et al. (2023), equation 1 (match rate).

    Examples
    --------
    >>> from privaudit.tables.reconstruction import reconstruct
    >>> people = pd.DataFrame({"age": ["a", "a", "b"], "sex": ["f", "f", "m"]})
    >>> found = reconstruct([people.value_counts(["age", "sex"])], runs=3)
    >>> score_reconstruction(found, people, top=[2]).value("match_rate")
    1.0
    """
    columns = found.independent.columns.astype(str).tolist()
    frames = [truth] if others is None else [truth, others]
    for frame in frames:
        columns_present("score_reconstruction", "attribute", columns, frame.columns, "a table")
    blind = found.independent
    if others is not None:
        blind = others[columns].value_counts(sort=True).reset_index()
    in_truth, at_random = (_stands(frame, truth, columns) for frame in (found.guesses, blind))
    elsewhere = None
    if others is not None:
        elsewhere = _stands(found.guesses, others.iloc[: found.people], columns)
    rows = Rows(found.people, "records")
    for many in listed("score_reconstruction", "top", top):
        k = whole("score_reconstruction", "top", many, 1)
        if k > len(in_truth):
            continue
        fields: dict[str, Any] = {"baseline": float(at_random[:k].mean())}
        if elsewhere is not None:
            fields |= {"control": elsewhere[:k], "paired": True}
        rows.share("match_rate", in_truth[:k], counts="guesses", part={"top": k}, **fields)
    return Measures(family="reconstruction", rows=rows)


def _stands(guesses: pd.DataFrame, table: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Return whether each guess is a row of a table."""
    wanted = pd.MultiIndex.from_frame(guesses[[*columns]])
    return np.asarray(wanted.isin(pd.MultiIndex.from_frame(table[[*columns]])), dtype=float)
