"""When people click: in sittings, by the hour of the day, and in bursts around what happens."""

from __future__ import annotations

import numpy as np

from privaudit._core.arrays import Floats, Ints
from privaudit.simulation.pages import DAYS

__all__ = ["moments"]

_DAY = 86_400
# Sittings in the morning, at noon and in the evening: weight, hour and spread (scenario).
_SITTINGS = ((0.15, 8.2, 1.0), (0.25, 12.8, 1.3), (0.60, 20.3, 2.0))
_A_SITTING = 5  # likes, on average
_APART = 150  # seconds between two of one sitting, on average
# Half of what follows a post, an event or a mailing follows within some seven hours (scenario).
_REACTION = 10 * 3_600


def moments(account: Ints, day: Floats, *, rng: np.random.Generator) -> Ints:
    """Draw the second of each interaction, counted from the first day.

    - `account` (sorted): Who interacts. They sit down at any day, like a few pages and leave.
    - `day`: When what they interact with was published; nan where it is there all the time. What
      was published is reacted to soon after, seldom at night, never before.
    """
    n = len(account)
    if not n:
        return np.empty(0, dtype=np.int64)
    new = np.append(True, account[1:] != account[:-1])
    whose = np.cumsum(new) - 1
    often = 1 + np.bincount(whose) // _A_SITTING
    first = np.cumsum(often) - often
    begins = _DAY * rng.integers(0, DAYS, int(often.sum())) + _clock(int(often.sum()), rng)
    sitting = first[whose] + (rng.random(n) * often[whose]).astype(np.int64)
    second = begins[sitting] + rng.exponential(_APART, n).astype(np.int64)
    burst = np.flatnonzero(~np.isnan(day))
    published = (day[burst] * _DAY).astype(np.int64)
    after = published + rng.exponential(_REACTION, len(burst)).astype(np.int64)
    # Who would react in the small hours does so after waking up.
    hour = after % _DAY // 3_600
    wakes = after - after % _DAY + 7 * 3_600 + (after % _DAY) // 3
    second[burst] = np.where(hour < 6, wakes, after)
    # What would be seen after the last day is seen before, at any time since it was there.
    end = DAYS * _DAY
    late = second >= end
    since = np.where(np.isnan(day[late]), end - _DAY, day[late] * _DAY)
    second[late] = (since + rng.random(int(late.sum())) * (end - since)).astype(np.int64)
    return np.asarray(second)


def _clock(n: int, rng: np.random.Generator) -> Ints:
    weight, hour, spread = (np.array(column) for column in zip(*_SITTINGS, strict=True))
    which = rng.choice(len(weight), n, p=weight)
    second = (hour[which] + spread[which] * rng.standard_normal(n)) * 3_600
    return np.asarray(second % _DAY, dtype=np.int64)
