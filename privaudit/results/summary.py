"""From one row a person to one row a gain: means, intervals, residual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from privaudit.measures.interval import effective_n, residual, wilson
from privaudit.results.row import GAINS

__all__ = ["OVERALL_COLUMNS", "summarise"]

OVERALL_COLUMNS = (
    "value",
    "low",
    "high",
    "baseline",
    "control",
    "residual",
    "residual_low",
    "residual_high",
    "confidence",
    "confidence_low",
    "confidence_high",
    "n",
)


def summarise(
    per_person: pd.DataFrame, clusters: np.ndarray, gains: Sequence[str] = GAINS
) -> pd.DataFrame:
    """Average each gain over people, with its interval.

    Parameters
    ----------
    per_person : pandas.DataFrame
        For each gain g the columns ``g``, ``baseline_g``, ``control_g``, ``confidence_g``, and
        ``confidence_g_low``, ``confidence_g_high`` where the claim has a range.
    clusters : ndarray of int
        The home of each person, as a code: people of one home are found or missed together,
        so that intervals rest on the effective number of people, not on their count.
    gains : sequence of str
        Those of one's own stand after the four.

    Returns
    -------
    pandas.DataFrame
        Index ``gain``, columns `OVERALL_COLUMNS`. n counts people, and is the denominator.
        An interval is nan where the gain is. What is found of as many people lies between
        ``confidence_low`` and ``confidence_high``, which are nan where no range is stated.
    """
    rows = [_row(per_person, gain, clusters) for gain in gains]
    return pd.DataFrame(
        rows, index=pd.Index(list(gains), name="gain", dtype="str"), columns=list(OVERALL_COLUMNS)
    )


def _row(per_person: pd.DataFrame, gain: str, clusters: np.ndarray) -> dict[str, Any]:
    """One row of the table, by name of column."""
    values = per_person[gain].to_numpy(dtype=float)
    controls = per_person[f"control_{gain}"].to_numpy(dtype=float)
    row: dict[str, Any] = dict.fromkeys(OVERALL_COLUMNS, np.nan)
    row |= {
        "value": values.mean(),
        "baseline": per_person[f"baseline_{gain}"].to_numpy(dtype=float).mean(),
        "control": controls.mean(),
        "confidence": per_person[f"confidence_{gain}"].to_numpy(dtype=float).mean(),
        "n": len(values),
    }
    row["confidence_low"], row["confidence_high"] = _claimed(per_person, gain)
    if np.isfinite(row["value"]):
        n = effective_n(values, clusters)
        row["low"], row["high"] = wilson(row["value"], n)
        if np.isfinite(row["control"]):
            n_control = effective_n(controls, clusters)
            row["residual"], row["residual_low"], row["residual_high"] = residual(
                row["value"], row["control"], n, n_control
            )
    return row


def _claimed(per_person: pd.DataFrame, gain: str) -> tuple[float, float]:
    """Return the range of a claim: of how often such claims are right, and of chance besides."""
    names = [f"confidence_{gain}_{end}" for end in ("low", "high")]
    if not set(names) <= set(per_person) or not len(per_person):
        return np.nan, np.nan
    sure = float(per_person[f"confidence_{gain}"].mean())
    low, high = (float(per_person[name].mean()) for name in names)
    fewest, most = wilson(sure, len(per_person))
    less, more = np.hypot(sure - low, sure - fewest), np.hypot(high - sure, most - sure)
    # People are whole: the nearest share of them that is found may lie half a one beyond.
    half = 0.5 / len(per_person)
    return max(0.0, sure - float(less) - half), min(1.0, sure + float(more) + half)
