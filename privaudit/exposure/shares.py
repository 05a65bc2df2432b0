"""A share of people as a row of `Measures`: its mean and its Wilson interval."""

from __future__ import annotations

import numpy as np

from privaudit.exposure.tables.rows import Rows
from privaudit.measures.interval import wilson

__all__ = ["add_share"]


def add_share(
    rows: Rows,
    name: str,
    gains: np.ndarray,
    note: str = "",
    *,
    unit: str = "share of people",
    baseline: float = float("nan"),
) -> float:
    """Add the mean of gains in [0, 1], one a person who was drawn; return it.

    Examples
    --------
    >>> rows = Rows(4)
    >>> add_share(rows, "found", np.array([1.0, 0.0, 0.5, 0.5]))
    0.5
    """
    mean = float(np.mean(gains))
    low, high = wilson(mean, len(gains))
    rows.add(
        name, mean, unit, note, low=float(low), high=float(high), baseline=baseline, n=len(gains)
    )
    return mean
