"""Who is a minor as of a day, from birth dates, years, ages or bands."""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from privaudit._core.policy import ADULT_AGE

__all__ = ["minors_in"]

_OLDEST = 120
_LAST = re.compile(r"(\d{1,3})\D*$")


def minors_in(column: pd.Series, as_of: datetime.date) -> NDArray[np.bool_] | None:
    """Say who is under 18 for certain on a day; None where the column tells no age.

    A year of birth tells it of who cannot have turned 18 by then, a band of who is in one that
    ends under 18. Births after that day, and 120 years before it, are slips.

    - `column`: Dates, numbers or text, as `plain_column` gives them.

    Examples
    --------
    >>> births = pd.Series(pd.to_datetime(["2001-05-02", "2001-05-03", "1950-01-01"]))
    >>> minors_in(births, datetime.date(2019, 5, 2)).tolist()
    [False, True, False]
    >>> minors_in(pd.Series(["0-17", "18-24", "15-19"]), datetime.date(2019, 5, 2)).tolist()
    [True, False, False]
    """
    if column.dtype.kind == "M":
        days = column.to_numpy(dtype="datetime64[D]")
        return np.asarray((days > _years_before(as_of, ADULT_AGE)) & (days <= np.datetime64(as_of)))
    if column.dtype.kind in "iuf":
        numbers = column.to_numpy(dtype=float)
        known = numbers[np.isfinite(numbers)]
        if not len(known):
            return None
        if np.median(known) > 1900:
            age = as_of.year - numbers
            return np.asarray((age < ADULT_AGE) & (age >= 0))
        return (
            np.asarray((numbers >= 0) & (numbers < ADULT_AGE)) if known.max() <= _OLDEST else None
        )
    texts = column.astype("str").where(column.notna(), "")
    levels = {text: _under(text) for text in texts.unique()}
    if not any(told is not None for told in levels.values()):
        return None
    return np.array([bool(levels[text]) for text in texts])


def _years_before(day: datetime.date, years: int) -> np.datetime64:
    """Return the last day of birth of who has turned so many years on a day."""
    try:
        return np.datetime64(day.replace(year=day.year - years))
    except ValueError:  # 29 February
        return np.datetime64(day.replace(year=day.year - years, day=28))


def _under(band: Any) -> bool | None:
    """Say whether a band of ages ends under 18; None where it is none."""
    last = _LAST.search(str(band))
    if last is None or int(last[1]) > _OLDEST:
        return None
    open_above = re.search(r"\+|plus|over|>|older", str(band), re.IGNORECASE)
    below = re.search(r"<|moins|under|below", str(band), re.IGNORECASE)
    return not open_above and int(last[1]) < ADULT_AGE + (below is not None)
