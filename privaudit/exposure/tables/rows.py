"""The rows of `Measures.overall`: one name, one number, its interval, what it is out of."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

__all__ = ["COLUMNS", "Rows"]

COLUMNS = ("value", "low", "high", "baseline", "n", "unit", "note")


class Rows:
    """Rows in the order in which they are added; a name stands once."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._rows: dict[str, dict[str, Any]] = {}

    def add(
        self,
        name: str,
        value: float,
        unit: str,
        note: str = "",
        *,
        low: float | None = None,
        high: float | None = None,
        baseline: float = math.nan,
        n: int | None = None,
    ) -> None:
        """Add a row; without an interval the measure is a plain count, and is its own interval."""
        if name in self._rows:
            raise AssertionError(f"measure '{name}' is given twice")
        self._rows[name] = {
            "value": float(value),
            "low": float(value if low is None else low),
            "high": float(value if high is None else high),
            "baseline": float(baseline),
            "n": self.n if n is None else n,
            "unit": unit,
            "note": note,
        }

    def absent(self, names: Iterable[str], unit: str, why: str) -> None:
        """Add rows of measures that cannot be had, with the reason: the shape stays the same."""
        for name in names:
            self.add(name, math.nan, unit, why)

    def frame(self) -> pd.DataFrame:
        """Return the frame of `Measures.overall`."""
        index = pd.Index(list(self._rows), name="measure")
        return pd.DataFrame(list(self._rows.values()), index=index, columns=list(COLUMNS))
