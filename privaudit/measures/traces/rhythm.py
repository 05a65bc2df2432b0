"""At what hours somebody is active: a habit that needs no item."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["rhythm"]

_DAY = 86_400
# Six parts of the day, on weekdays and at the weekend.
_PARTS = 6


def rhythm(
    time: npt.NDArray[np.int64], who: npt.NDArray[np.int64], people: int
) -> npt.NDArray[np.float64]:
    """Return the share of events at each kind of hour.

    Parameters
    ----------
    time : ndarray of int, shape (events,)
        Seconds since 1970.
    who : ndarray of int, shape (events,)
        Codes from 0.
    people : int

    Returns
    -------
    ndarray, shape (people, 12)
        Four hours a column, from midnight, weekdays first; rows sum to 1, or to 0 where there
        is no event.

    Examples
    --------
    Thursday 1 January 1970 at 1:00, and the Saturday after it at 23:00.

    >>> shares = rhythm(np.array([3_600, 2 * 86_400 + 23 * 3_600]), np.array([0, 0]), 1)
    >>> np.flatnonzero(shares[0]).tolist(), shares[0].max()
    ([0, 11], np.float64(0.5))
    """
    # 1 January 1970 was a Thursday.
    weekend = (time // _DAY + 3) % 7 >= 5
    kind = time % _DAY * _PARTS // _DAY + _PARTS * weekend
    counted = np.bincount(who * 2 * _PARTS + kind, minlength=people * 2 * _PARTS)
    often = counted.reshape(people, 2 * _PARTS)
    shares: npt.NDArray[np.float64] = often / np.maximum(often.sum(axis=1, keepdims=True), 1)
    return shares
