"""Behavioural habits that persist between periods: shared rare items and hours of activity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from privaudit._core.arrays import Floats, Ints
from privaudit.measures.tables.compressed_rows import take_rows

__all__ = ["Habits", "fit_habits", "rhythm"]


_MOST_LEARNT = 2_000
# Logarithm of the concentration: from habits of one item each to the crowd's own shares.
_RANGE = (-3.0, 15.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Habits:
    """Item frequencies of a set of candidates, and how far a person's habits may differ from them.

    Each person has their own shares of items, drawn from a Dirichlet law around the shares of the
    crowd; each event falls on an item by these shares (Dirichlet-multinomial counts).

    Attributes
    ----------
    counts : object
        Shape (candidates, items).
    weight : float array, shape (items,)
        Parameters of the Dirichlet law: the crowd's share of each item times the concentration.
        Small sums: everybody has habits of their own.
    """

    counts: Any
    weight: Floats
    total: Floats
    _entry: Floats

    def log_odds(self, item: Ints, count: Floats) -> Floats:
        """Return the log likelihood ratio that one person made both counts, for each candidate.

        ``ln p(x, y) - ln p(x) - ln p(y)``. Only items that both have add to it, rare ones by more;
        events that went elsewhere take away from it.

        Parameters
        ----------
        item, count : int array, shape (k,)
            The items that somebody had in another period, each once, and how often.

        Returns
        -------
        float, shape (candidates,)
        """
        from scipy.special import gammaln

        taken, entry = take_rows(self.counts.indptr, item)
        length = np.diff(taken)
        here = self.weight[item]
        both = gammaln(np.repeat(count + here, length) + self.counts.data[entry])
        both += self._entry[entry] - np.repeat(gammaln(count + here), length)
        odds = np.bincount(self.counts.indices[entry], both, minlength=len(self.total))
        # Candidates with the same number of events share the rest of the sum.
        mine, size = float(count.sum()), float(self.weight.sum())
        theirs, code = np.unique(self.total, return_inverse=True)
        rest = gammaln(mine + size) + gammaln(theirs + size)
        rest -= gammaln(mine + theirs + size) + gammaln(size)
        result: Floats = odds + rest[code]
        return result


def fit_habits(counts: Any) -> Habits:
    """Fit how much of a person's own habits persist.

    The concentration is the one under which the counts of at most 2,000 candidates, evenly spaced,
    are likeliest.

    Parameters
    ----------
    counts : csr_array, shape (candidates, items)
        How often each had each item.

    Returns
    -------
    Habits

    Examples
    --------
    Of three people, one has item 0 as the one who is asked about had.

    >>> from scipy.sparse import csr_array
    >>> crowd = csr_array(np.array([[3.0, 0, 0], [0, 3, 0], [0, 0, 3]]))
    >>> int(fit_habits(crowd).log_odds(np.array([0]), np.array([2.0])).argmax())
    0
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    people = counts.shape[0]
    crowd = np.asarray(counts.sum(axis=0), float).ravel() + 0.5
    share = crowd / crowd.sum()
    total = np.asarray(counts.sum(axis=1), float).ravel()
    rows = np.unique(np.linspace(0, people - 1, min(people, _MOST_LEARNT)).astype(np.int64))
    part, events = counts[rows], total[rows]
    near = share[part.indices]

    def unlikely(logarithm: float) -> float:
        size = np.exp(logarithm)
        apart = gammaln(part.data + size * near) - gammaln(size * near)
        return float(gammaln(events + size).sum() - len(rows) * gammaln(size) - apart.sum())

    size = float(np.exp(minimize_scalar(unlikely, bounds=_RANGE, method="bounded").x))
    weight = size * share
    by_item = counts.tocsc()
    own = np.repeat(weight, np.diff(by_item.indptr))
    entry = gammaln(own) - gammaln(by_item.data + own)
    return Habits(counts=by_item, weight=weight, total=total, _entry=entry)


_DAY = 86_400
# Six parts of the day, on weekdays and at the weekend.
_PARTS = 6


def rhythm(time: Ints, who: Ints, people: int) -> Floats:
    """Return the share of events at each kind of hour.

    Parameters
    ----------
    time : int, shape (events,)
        Seconds since 1970.
    who : int, shape (events,)
        Codes from 0.
    people : int
        Number of people.

    Returns
    -------
    float array, shape (people, 12)
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
    shares: Floats = often / np.maximum(often.sum(axis=1, keepdims=True), 1)
    return shares
