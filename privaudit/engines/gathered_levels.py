"""The levels of a column that comes in parts, numbered as they are met."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.engines.levels import encode_column

__all__ = ["GatheredLevels"]


class GatheredLevels:
    """Codes of a column, part by part, so that its cells need not be in memory together.

    Examples
    --------
    >>> column = GatheredLevels("measure")
    >>> column.add(pd.Series(["b", None, "a"]))
    >>> column.add(pd.Series(["c", "b"]))
    >>> codes, levels = column.coded(in_order=True)
    >>> codes.tolist(), levels.tolist()
    ([1, -1, 0, 2, 1], ['a', 'b', 'c'])
    """

    def __init__(self, who: str) -> None:
        self._who = who
        self._codes: list[NDArray[np.int32]] = []
        self._levels: pd.Index | None = None

    def add(self, part: pd.Series) -> None:
        """Code another part."""
        codes, levels = encode_column(part, self._who)
        # One part may have gaps and another none: no level is missing in either.
        if isinstance(levels.dtype, pd.Int64Dtype):
            levels = levels.astype(np.int64)
        elif isinstance(levels.dtype, pd.BooleanDtype):
            levels = levels.astype(bool)
        if self._levels is None:
            self._levels = levels
        else:
            at = self._levels.get_indexer(levels)
            new = at < 0
            at[new] = len(self._levels) + np.arange(new.sum())
            if new.any():
                self._levels = self._levels.append(levels[new])
            codes = np.append(at, -1)[codes]
        self._codes.append(codes.astype(np.int32))

    def coded(self, *, in_order: bool = False) -> tuple[NDArray[np.int32], pd.Index]:
        """All codes, -1 where missing, and the levels; in the order of their values if asked."""
        codes = np.concatenate(self._codes or [np.zeros(0, dtype=np.int32)])
        levels = pd.Index([]) if self._levels is None else self._levels
        if in_order:
            order = np.argsort(levels.to_numpy(), kind="stable")
            number = np.empty(len(order) + 1, dtype=np.int32)
            number[order], number[-1] = np.arange(len(order)), -1
            return number[codes], levels[order]
        return codes, levels
