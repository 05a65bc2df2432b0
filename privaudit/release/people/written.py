"""How cells of an export are written: dates, truth values, numbers, and nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["as_text", "dated", "sure", "yes_no"]


def as_text(values: Any, index: pd.Index) -> pd.Series:
    """Return cells as text, "" where there is nothing; whole numbers without a point."""
    column = values.copy() if isinstance(values, pd.Series) else pd.Series(values, index=index)
    if column.dtype.kind == "f":
        known = column.notna()
        return column.where(known, 0).astype("int64").astype("str").where(known, "")
    return column.astype("str").mask(column.isna(), "")


def dated(times: pd.Series, form: str) -> pd.Series:
    """Return times as an export writes them, "" where there is none."""
    written: pd.Series = times.dt.strftime(form).fillna("").astype("str")
    return written


def yes_no(values: pd.Series) -> pd.Series:
    """Return truth values as an export writes them."""
    return pd.Series(np.where(values, "true", "false"), index=values.index, dtype="str")


def sure(known: pd.Series, values: pd.Series) -> pd.Series:
    """Return truth values as an export writes them, "" where they are not known."""
    return yes_no(values).where(known, "")
