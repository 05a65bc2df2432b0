"""Which values have an order: what was told, or one rule on the values, never on the container."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.checks import say
from privaudit._core.policy import MOST_CODES
from privaudit.errors import SchemaError
from privaudit.roles import Roles
from privaudit.tables.spelling import alike
from privaudit.words.note import Note

__all__ = ["order_of", "sorted_levels"]

_STARTS = re.compile(r"\D*?(\d+).*")


def order_of(
    column: str, levels: pd.Index, roles: Roles, *, declared: bool = False, who: str = "measure"
) -> tuple[NDArray[np.int64] | None, Note]:
    """Tell the order of a column's levels, and why it is or is not taken for one.

    Parameters
    ----------
    column : str
    levels : pandas.Index
        As `privaudit.tables.tidy.tidy_levels` returns them: numbers and dates in their order.
    roles : Roles
        Whose `ordered` decides where it is given. Left out, dates have an order and so have
        numbers, but for whole ones of at most 20 levels: these may be codes, and read as
        categories no distance between them is too short.
    declared : bool
        The levels stand in an order that the frame declares. It counts only where the roles name
        the column: a file has none.
    who : str
        The function that an error names.

    Returns
    -------
    rank : ndarray of int64, or None
        Place of each level in their order; None where they have none.
    why : Note

    Raises
    ------
    SchemaError
        An order was asked for of words, and none given, or not of all of them.

    Examples
    --------
    >>> order_of("age", pd.Index(range(18, 99)), Roles(key="sex", sensitive="age"))[1]
    Note('order_of_numbers')
    >>> rank, why = order_of(
    ...     "trust", pd.Index(["low", "high", "mid"]),
    ...     Roles(sensitive="trust", ordered={"trust": ["low", "mid", "high"]}),
    ... )
    >>> rank.tolist(), why
    ([0, 2, 1], Note('order_told'))
    """
    own = np.arange(len(levels), dtype=np.int64)
    kind = levels.dtype.kind
    if roles.orders is not None:
        if column not in roles.orders:
            return None, Note("order_not_told")
        told = roles.orders[column]
        if told:
            return _as_told(column, levels, told, who), Note("order_told")
        if kind in "iufM" or declared:
            return own, Note("order_told")
        return _of_bands(column, levels, who), Note("order_told")
    if kind == "M":
        return own, Note("order_of_dates")
    if kind not in "iuf":
        return None, Note("order_of_none")
    if kind != "f" and len(levels) <= MOST_CODES:
        return None, Note("order_not_of_codes", levels=len(levels))
    return own, Note("order_of_numbers")


def sorted_levels(
    column: str,
    code: NDArray[np.int64],
    levels: pd.Index,
    roles: Roles,
    *,
    declared: bool = False,
    who: str = "measure",
) -> tuple[NDArray[np.int64], pd.Index, bool, Note]:
    """Number the levels of a column in their order; return whether they have one, and why."""
    rank, why = order_of(column, levels, roles, declared=declared, who=who)
    if rank is None:
        return code, levels, False, why
    # A code of -1 takes the last entry, which is missing.
    return np.append(rank, -1)[code], levels[np.argsort(rank)], True, why


def _as_told(column: str, levels: pd.Index, told: tuple[Any, ...], who: str) -> NDArray[np.int64]:
    place = {text: i for i, text in enumerate(alike(pd.Index(told, dtype=object)))}
    rank = [place.get(text, -1) for text in alike(levels)]
    if lacking := rank.count(-1):
        needed = f"every value of '{column}' in its order"
        raise SchemaError(say(who, needed, f"{lacking:,} of {len(rank):,} without a place"))
    return np.argsort(np.argsort(rank)).astype(np.int64)


def _of_bands(column: str, levels: pd.Index, who: str) -> NDArray[np.int64]:
    """Order bands by their first number: 18-24, 25-34, 80+."""
    found = [_STARTS.fullmatch(text) for text in alike(levels)]
    starts = [-1 if match is None else int(match[1]) for match in found]
    if -1 in starts or len(set(starts)) < len(starts):
        do = f"Roles(ordered={{'{column}': [...]}})."
        raise SchemaError(say(who, f"the values of '{column}' in their order", "words", do))
    return np.argsort(np.argsort(starts)).astype(np.int64)
