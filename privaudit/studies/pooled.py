"""Runs over towns made into rows: the people of all towns, and where one more town would lie."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from privaudit.results.rows import Rows

__all__ = ["between", "pooled_rows", "pooled_worth"]


def pooled_rows(runs: pd.DataFrame, varied: list[str]) -> Rows:
    """Return a row a setting, measure and gain, of the runs of `repeat`."""
    rows = Rows(int(runs["n"].sum()), "people")
    told: Iterable[Any] = runs.groupby([*varied, "measure", "gain"], sort=False, dropna=False)
    for (*values, measure, gain), part in told:
        people, worth = part["n"].to_numpy(dtype=float), pooled_worth(part)
        low, high = between(part["value"].to_numpy(dtype=float))
        unit = str(part["unit"].iloc[0])
        share = unit == "share"
        # Only a difference may be less than nothing, and no share more than all.
        low = low if unit == "difference" else max(0.0, low)
        high = min(1.0, high) if unit in ("share", "probability") else high
        fields_of: dict[str, Any] = {
            "part": dict(zip(varied, values, strict=True)), "gain": gain, "n": float(people.sum()),
            "counts": str(part["counts"].iloc[0]), "between_low": low,
            "between_high": high,
        }  # fmt: skip
        for name in ("baseline", "confidence"):
            fields_of[name] = _pooled(part[name], people)
        pooled, control = _pooled(part["value"], people), _pooled(part["control"], people)
        if share and 0 <= pooled <= 1:
            rows.rate(measure, pooled, worth, control=control, control_worth=worth, **fields_of)
        else:
            rows.add(measure, pooled, unit, control=control, **fields_of)
    return rows


def between(values: np.ndarray) -> tuple[float, float]:
    """Return where one more of the same kind would lie, 95 times in 100 (Student's t).

    ``mean +- t s sqrt(1 + 1 / n)``, of normal values: exact whatever their mean and spread.

    Examples
    --------
    >>> low, high = between(np.array([1.0, 2.0, 3.0]))
    >>> round(low, 2), round(high, 2)
    (-2.97, 6.97)
    """
    from scipy.stats import t

    known = values[np.isfinite(values)]
    if len(known) < 2:
        return math.nan, math.nan
    half = t.ppf(0.975, len(known) - 1) * known.std(ddof=1) * math.sqrt(1 + 1 / len(known))
    return float(known.mean() - half), float(known.mean() + half)


def _pooled(values: pd.Series, worth: np.ndarray) -> float:
    """Mean over the people of all towns; over towns where nobody is counted."""
    value = values.to_numpy(dtype=float)
    known = np.isfinite(value)
    if not known.any():
        return math.nan
    weight = worth[known] if worth[known].sum() > 0 else None
    return float(np.average(value[known], weights=weight))


def pooled_worth(runs: pd.DataFrame) -> float:
    """How many independent people the pooled mean rests on, ``N^2 / sum(n^2 / worth)``."""
    n, worth = (runs[name].to_numpy(dtype=float) for name in ("n", "worth"))
    known = (n > 0) & (worth > 0)
    if not known.any():
        return 0.0
    return float(n[known].sum() ** 2 / (n[known] ** 2 / worth[known]).sum())
