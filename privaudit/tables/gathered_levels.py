"""The levels of a column that comes in parts, numbered together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit.tables.levels import encode_column

__all__ = ["GatheredLevels"]


class GatheredLevels:
    """Codes of a column, part by part, so that its cells need not be in memory together.

    Examples
    --------
    >>> column = GatheredLevels("measure")
    >>> column.add(pd.Series(["b", None, "a"]))
    >>> column.add(pd.Series(["c", "b"]))
    >>> codes, levels = column.coded()
    >>> codes.tolist(), levels.tolist()
    ([0, -1, 1, 2, 0], ['b', 'a', 'c'])
    """

    def __init__(self, who: str) -> None:
        self._who = who
        self._codes: list[NDArray[np.int32]] = []
        self._levels: list[pd.Index] = []

    def add(self, part: pd.Series) -> None:
        """Code another part by itself."""
        codes, levels = encode_column(part, self._who)
        # One part may have gaps and another none: no level is missing in either.
        if isinstance(levels.dtype, pd.Int64Dtype):
            levels = levels.astype(np.int64)
        elif isinstance(levels.dtype, pd.BooleanDtype):
            levels = levels.astype(bool)
        start = sum(map(len, self._levels))
        self._codes.append(np.where(codes < 0, -1, codes + start).astype(np.int32))
        if len(levels):
            self._levels.append(levels)

    def coded(self) -> tuple[NDArray[np.int32], pd.Index]:
        """All codes, -1 where missing, and the levels."""
        codes = np.concatenate(self._codes or [np.zeros(0, dtype=np.int32)])
        if not self._levels:
            return codes, pd.Index([])
        # Numbered once: part by part, a column of names would be looked up over and over.
        number, levels = pd.factorize(self._levels[0].append(self._levels[1:]))
        renumbered: NDArray[np.int32] = np.append(number, -1).astype(np.int32)[codes]
        return renumbered, pd.Index(levels)
