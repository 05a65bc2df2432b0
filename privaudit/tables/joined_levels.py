"""The levels of one column in two sources, in one numbering: whose values are the same?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit.errors import SchemaError
from privaudit.tables.spelling import alike

__all__ = ["join_levels"]

_KINDS = {
    "string": "text",
    "boolean": "truth values",
    "integer": "numbers",
    "floating": "numbers",
    "mixed-integer-float": "numbers",
    "decimal": "numbers",
    "date": "dates",
    "datetime": "dates",
    "datetime64": "dates",
    "timedelta": "durations",
    "timedelta64": "durations",
    "empty": "",
}


def join_levels(
    column: str, mine: pd.Index, theirs: pd.Index, who: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], bool]:
    """Number the levels of a column in two sources so that equal values have equal numbers.

    A text file whose codes all look like numbers is read as numbers, and another one with
    01000 among them as text: numbers against text are compared as text, 1000.0 being "1000".

    Parameters
    ----------
    column : str
        For the error.
    mine, theirs : pandas.Index
        Levels of each source, none missing and each once.
    who : str
        The function that an error names.

    Returns
    -------
    mine, theirs : ndarray of int64
        The number of each level.
    as_text : bool
        Numbers of one source were compared with text of the other.

    Raises
    ------
    SchemaError
        The two hold values of different kinds, such as dates and text.

    Examples
    --------
    >>> join_levels("commune", pd.Index(["1000", "01000"]), pd.Index([2000.0, 1000.0]), "measure")
    (array([0, 1]), array([2, 0]), True)
    """
    kinds = [_kind(levels) for levels in (mine, theirs)]
    as_text = sorted(kinds) == ["numbers", "text"]
    if not as_text and kinds[0] != kinds[1] and not {"", "mixed types"} & set(kinds):
        needed = f"key '{column}' of one kind in the table and the population"
        came = f"{kinds[0]} in the one and {kinds[1]} in the other"
        raise SchemaError(say(who, needed, came, "Convert one of them."))
    if mine.dtype.kind in "iuf" and theirs.dtype.kind in "iuf" and mine.dtype == theirs.dtype:
        together: list[Any] = [*mine, *theirs]
    else:
        # As text, a whole number of 17 digits and its float stay apart.
        together = [*alike(mine), *alike(theirs)]
    number = pd.factorize(pd.Index(together))[0].astype(np.int64)
    return number[: len(mine)], number[len(mine) :], as_text


def _kind(levels: pd.Index) -> str:
    if not len(levels):
        return ""
    return _KINDS.get(pd.api.types.infer_dtype(levels, skipna=True), "mixed types")
