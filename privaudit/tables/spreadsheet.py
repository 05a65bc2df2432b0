"""Cells that a spreadsheet would run are written so that it shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from privaudit.errors import visible

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["inert"]

# What begins a formula, or a command to another program, in one spreadsheet or another.
_RUNS = {*"=+-@\t\r\n|%", "＝", "＋", "－", "＠"}
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?%?")


def inert(table: pd.DataFrame, *, numbers: bool = False) -> pd.DataFrame:
    """Keep a spreadsheet from running a text that begins as a formula does, in a name too.

    - `numbers`: A text that is a number and nothing else stays as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> inert(pd.DataFrame({"=a": ["=1+1", "-3", "b"]}), numbers=True).values.tolist()
    [["'=1+1"], ['-3'], ['b']]
    """
    safe = table.rename(columns=lambda name: _quoted(str(name), numbers))
    for place, kind in enumerate(safe.dtypes):
        if kind.kind not in "biufcmM":
            cells = safe.iloc[:, place]
            shown = [v if v is None or v != v else _quoted(str(v), numbers) for v in cells]
            safe.isetitem(place, shown)
    return safe


def _quoted(text: str, numbers: bool) -> str:
    """Put a quote before what a spreadsheet may read as a formula, blanks before it or not."""
    text = visible(text)
    starts = text.lstrip(" \u00a0")[:1] in _RUNS
    return f"'{text}" if starts and not (numbers and _NUMBER.fullmatch(text)) else text
