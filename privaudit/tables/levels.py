"""What a level is, the same on every engine: missing is one thing, and a blank text is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit.errors import SchemaError

__all__ = [
    "BLANKS", "counted_levels", "encode_column", "encode_narrow", "levels_there", "narrow_codes",
]  # fmt: skip

# Whatever Python strips from a text; engines strip less by themselves, and not the same.
BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
# Whole numbers that span no more than this are codes already: no look-up table is made.
_SPAN = 1 << 20
_INT32_MOST = (1 << 31) - 1
# Records that are looked through at once.
_RUN = 1 << 16


def encode_column(column: pd.Series, who: str) -> tuple[Any, pd.Index]:
    """Number the levels of a column in 8 bytes; missing, and text of blanks only, is -1.

    Raises
    ------
    SchemaError
        A cell is a list or another value that cannot be compared.
    """
    codes, levels = encode_narrow(column, who)
    return codes.astype(np.int64, copy=False), levels


def encode_narrow(column: pd.Series, who: str) -> tuple[NDArray[Any], pd.Index]:
    """Number the levels as `encode_column` does, in as few bytes as the codes come in."""
    try:
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes, levels = column.cat.codes.to_numpy(), column.cat.categories
            if len(levels_there(codes, len(levels))) < len(levels):
                column = column.cat.remove_unused_categories()
                codes, levels = column.cat.codes.to_numpy(), column.cat.categories
        else:
            codes, levels = pd.factorize(column)
    except TypeError:
        needed = f"column '{column.name}' of plain values (text, numbers, dates) of one kind"
        raise SchemaError(say(who, needed, "lists, or values that have no common order")) from None
    codes, levels = np.asarray(codes), pd.Index(levels)
    if levels.dtype.kind not in "biufcmM":
        blank = np.array([isinstance(v, str) and not v.strip() for v in levels], dtype=bool)
        if blank.any():
            # A blank text is a missing value: the readers and this must not disagree.
            renumber = np.where(blank, -1, np.cumsum(~blank) - 1)
            codes = np.append(renumber, -1)[codes]
            levels = levels[~blank]
    return codes, levels


def counted_levels(
    column: pd.Series, who: str
) -> tuple[NDArray[Any], NDArray[np.int64], pd.Index, NDArray[np.int64]]:
    """Number the levels of a column as it is quickest, and count the records of each.

    Whole numbers of a small span are numbered by what they are more than the least, in order, and
    other values as they come.

    Returns
    -------
    codes : ndarray of int, shape (n,)
        -1 where missing.
    place : ndarray of int64
        Code of each level.
    levels : pandas.Index
    count : ndarray of int64

    Examples
    --------
    >>> codes, place, levels, count = counted_levels(pd.Series([1990, 1995, 1990]), "measure")
    >>> codes.tolist(), place.tolist(), levels.tolist(), count.tolist()
    ([0, 5, 0], [0, 5], [1990, 1995], [2, 1])
    """
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu" and len(column):
        values = column.to_numpy()
        low, high = int(values.min()), int(values.max())
        if high - low <= min(max(len(values), 1 << 10), _SPAN) and high < 1 << 63:
            offset = values.astype(np.int64) - low if low else values.astype(np.int64, copy=False)
            count = np.bincount(offset)
            place = np.flatnonzero(count)
            return offset, place, pd.Index((place + low).astype(values.dtype)), count[place]
    codes, levels = encode_column(column, who)
    count = np.bincount(codes + 1, minlength=len(levels) + 1)[1:]
    return codes, np.arange(len(levels)), levels, count


def levels_there(codes: NDArray[Any], levels: int) -> NDArray[np.int64]:
    """Which of so many levels some record has, in their order; -1 is none.

    Marked in a table, and no further than all of them were seen.

    Examples
    --------
    >>> levels_there(np.array([2, -1, 0, 2]), 4).tolist()
    [0, 2]
    """
    # A code of -1 takes the last place, which is cut off.
    there = np.zeros(levels + 1, dtype=bool)
    for start in range(0, len(codes), _RUN):
        there[codes[start : start + _RUN]] = True
        if there[:-1].all():
            break
    return np.flatnonzero(there[:-1])


def narrow_codes(column: pd.Series, who: str) -> NDArray[Any]:
    """Whole codes of a column whose levels nobody will ask for, as narrow as they come.

    Whole numbers of a small span are their own codes: for tens of millions of records the table
    of levels would cost more than the count.

    Returns
    -------
    ndarray of int, shape (n,)
        -1 where missing; equal where the values are equal.

    Raises
    ------
    SchemaError
        A cell is a list or another value that cannot be compared.

    Examples
    --------
    >>> narrow_codes(pd.Series([1990, 1991, 1990], dtype="int16"), "measure").tolist()
    [1990, 1991, 1990]
    >>> narrow_codes(pd.Series(["F", "M", None]), "measure")
    array([ 0,  1, -1], dtype=int8)
    """
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu" and len(column):
        values = column.to_numpy()
        if values.dtype.kind == "b":
            return values.view(np.uint8)
        low, high = int(values.min()), int(values.max())
        if high - low <= _SPAN:
            if low >= 0 and high <= _INT32_MOST:
                return values
            wide = values if values.dtype == np.uint64 else values.astype(np.int64)
            return (wide - wide.dtype.type(low)).astype(np.int32)
    codes, levels = encode_column(column, who)
    return np.asarray(codes).astype(np.min_scalar_type(-max(1, len(levels))))
