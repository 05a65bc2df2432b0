"""What may be known of a trace, and how few people its worst part leaves."""

from __future__ import annotations

import numpy as np

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.traces.known_points import fewest_matches, look_ups, visit_marks
from privaudit.measures.traces.known_visits import fewest_alike, fewest_followers, orders_of
from privaudit.release.traces import Traces
from privaudit.words.note import Note

__all__ = ["KNOWS", "MOST_LOOK_UPS", "fewest_left"]

KNOWS = ("visits", "frequency", "probability", "sequence")
# Words of 64 people that an exact search may compare: some minutes.
MOST_LOOK_UPS = 2e11
# To follow somebody through a trace takes as long as so many of these.
_FOLLOWED = 50
_MOST_BIT_BYTES = 1 << 31
# What a step costs, in people followed, whoever is left.
_STEP = 1_000


def fewest_left(
    who: str,
    traces: Traces,
    knows: str,
    points: int,
    hours: float | None,
    tolerance: float,
    targets: np.ndarray,
    most: float = MOST_LOOK_UPS,
) -> tuple[np.ndarray, tuple[Note, ...]]:
    """Return the fewest people whom at most so many points leave of each target, and notes.

    Raises
    ------
    ParameterError
        The exact search would take too long or too much memory; the message says what to do.
    """
    point, n_points = traces.points(hours)
    people = traces.n_people
    if knows == "sequence":
        time = traces.known_time(who)
        order = np.lexsort([point, time, traces.person])
        items, at = np.asarray(point, np.int64)[order], time[order]
        indptr = np.searchsorted(traces.person[order], np.arange(people + 1))
        effort = orders_of(indptr, items, targets, points) * (people + _STEP)
        _affordable(who, effort * _FOLLOWED, 0.0, most)
        same = (at[1:] == at[:-1]) & (traces.person[order][1:] == traces.person[order][:-1])
        ties = int((same & (items[1:] != items[:-1])).sum())
        notes = (Note("order_not_known", events=ties),) if ties else ()
        return fewest_followers(indptr, items, n_points, targets, points), notes
    indptr, marks, weight = visit_marks(traces.person, point, people, n_points, points)
    if knows == "visits":
        size = len(np.unique(marks)) * (people / 8)
        _affordable(who, look_ups(indptr, targets, points), size, most)
        return fewest_matches(indptr, marks, weight, targets, points), ()
    from scipy.sparse import csr_array

    one = np.ones(len(traces), np.int64)
    counts = csr_array((one, (traces.person, point)), shape=(people, n_points))
    counts.sum_duplicates()
    _affordable(who, look_ups(counts.indptr.astype(np.int64), targets, points), 0.0, most)
    return fewest_alike(counts, knows == "probability", tolerance, targets, points), ()


def _affordable(who: str, effort: float, size: float, most: float) -> None:
    if effort > most or size > _MOST_BIT_BYTES:
        came = f"{effort:.1g} comparisons, {size / 1e9:.1f} GB at worst"
        limit = f"at most {most:.0e} comparisons and {_MOST_BIT_BYTES / 1e9:.1f} GB"
        raise ParameterError(say(who, limit, came, "Lower points or sample, or use unicity."))
