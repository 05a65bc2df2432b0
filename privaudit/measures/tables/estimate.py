"""An estimate with its range, and whether the sample supports it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from privaudit._core.policy import WIDEST_RANGE
from privaudit.words.note import Note

__all__ = ["Estimate", "judge"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An estimate and what it is worth.

    Attributes
    ----------
    value : float
        What the model says; nan where it says nothing.
    low, high : float
        What the sample allows at 95 % without a model (`consistent_range`). A sampling interval
        under the model often misses the truth, because the model's own error is larger; this
        one is made to hold it.
    reliable : bool
        True where the range is at most `WIDEST_RANGE` of the people and the value lies in it.
    reason : Note, optional
        Why not.
    """

    value: float
    low: float
    high: float
    reliable: bool = True
    reason: Note | None = None


def judge(
    value: float, low: float, high: float, people: float, why_not: Note | None = None
) -> Estimate:
    """Judge whether a model's value is supported by the range that the sample allows.

    Parameters
    ----------
    value : float
        What the model says, in people or classes; nan where it says nothing.
    low, high : float
        Range without a model, nan where no population fits.
    people : float
        People of the population.
    why_not : Note, optional
        What is wrong already.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> judge(50.0, 40.0, 55.0, 100.0).reliable, judge(50.0, 10.0, 90.0, 100.0).reliable
    (True, False)
    """
    reason = why_not
    if not math.isfinite(high):
        reason = Note("no_population_fits")
        low, high = 0.0, people
    elif high - low > WIDEST_RANGE * people:
        reason = reason or Note("range_too_wide", low=low / people, high=min(high / people, 1.0))
    elif not low <= value <= high:
        reason = reason or Note("model_does_not_fit")
    return Estimate(value=value, low=low, high=high, reliable=reason is None, reason=reason)
