"""Worst-case known points of a trace: exact minimum anonymity set over every choice of points.

Known are visits, visit counts or shares, or the order of visits (Pellungrini et al. 2018).
"""

from __future__ import annotations

from math import comb
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import Bools, Ints
from privaudit.core.progress import along
from privaudit.errors import ParameterError
from privaudit.release.read_traces import Traces
from privaudit.stats.csr import entries_between, row_of, row_starts
from privaudit.words.catalogues import Note

_WORD = 64


def visit_marks(
    person: ArrayLike, item: ArrayLike, n_people: int, n_items: int, points: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return visits as marks, ``at least m times``, for m up to `points`.

    Two known visits to one place cost two points. A set of marks matches every person whose
    visits include it.

    Parameters
    ----------
    person, item : int, shape (n,)
        Codes from 0, one pair a visit; repeats count.
    n_people : int
        Number of people.
    n_items : int
        Number of items.
    points : int
        Largest m that matters.

    Returns
    -------
    indptr : int64, shape (n_people + 1,)
    marks : ndarray of int64
        ``item * points + m - 1``, ascending within a person.
    weight : ndarray of int64
        m of each mark: its cost in known points.

    Examples
    --------
    >>> indptr, marks, weight = visit_marks([0, 0, 1], [3, 3, 3], 2, 4, 2)
    >>> indptr.tolist(), marks.tolist(), weight.tolist()
    ([0, 2, 3], [6, 7, 6], [1, 2, 1])
    """
    key = np.asarray(person, np.int64) * n_items + np.asarray(item, np.int64)
    pair, count = np.unique(key, return_counts=True)
    count = np.minimum(count, points)
    which, repeat = entries_between(np.zeros_like(count), count)
    pair = pair[which]
    indptr = row_starts(pair // n_items, n_people)
    return indptr, pair % n_items * points + repeat, repeat + 1


def look_ups(indptr: np.ndarray, targets: np.ndarray, points: int) -> float:
    """Return the worst-case cost of an exact search, in words of 64 people.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    targets : int, shape (t,)
        People to look for.
    points : int
        1 or more. Points known.

    Returns
    -------
    float
    """
    sizes, how_many = np.unique(np.diff(indptr)[targets], return_counts=True)
    words = (len(indptr) - 2) // _WORD + 1
    choices = sum(
        float(comb(int(size), min(points, int(size)))) * int(many)
        for size, many in zip(sizes, how_many, strict=True)
    )
    return choices * words


def fewest_matches(
    indptr: np.ndarray, marks: np.ndarray, weight: np.ndarray, targets: np.ndarray, points: int
) -> np.ndarray:
    """Return, for each target, the smallest anonymity set over all choices of known points.

    ``min_b #{u : b is in T_u}`` over every choice b of at most `points` points of the target's own
    trace, the target included; the worst-case risk of Pellungrini et al. 2018 is its inverse. Of
    a target with fewer points all are known; one without any matches everybody.

    Parameters
    ----------
    indptr, marks, weight : ndarray
        From `visit_marks`, for as many points.
    targets : int, shape (m,)
    points : int
        1 or more.

    Returns
    -------
    int64, shape (m,)
        From 1 (singled out) to the number of people.

    References
    ----------
    Pellungrini et al. (2018).

    Examples
    --------
    Three people; each pair of places is had by one person, no single place is.

    >>> indptr, marks, weight = visit_marks([0, 0, 1, 1, 2, 2], [0, 1, 1, 2, 0, 2], 3, 3, 2)
    >>> everybody = np.arange(3)
    >>> fewest_matches(indptr, marks, weight, everybody, 1)
    array([2, 2, 2])
    >>> fewest_matches(indptr, marks, weight, everybody, 2)
    array([1, 1, 1])
    """
    n_people = len(indptr) - 1
    _, code, support = np.unique(marks, return_inverse=True, return_counts=True)
    owner = row_of(indptr)
    alone = np.zeros(n_people, bool)
    alone[owner[support[code] == 1]] = True
    fewest = np.where(alone[targets], 1, n_people)

    # Bitsets only for marks of the remaining candidates.
    left = np.flatnonzero(~alone[targets])
    needed = np.zeros(len(support), bool)
    for target in targets[left]:
        needed[code[indptr[target] : indptr[target + 1]]] = True
    row = np.cumsum(needed) - 1
    bits = np.zeros((int(needed.sum()), (n_people - 1) // _WORD + 1), np.uint64)
    used = needed[code]
    people = owner[used]
    bit = np.uint64(1) << (people % _WORD).astype(np.uint64)
    np.bitwise_or.at(bits, (row[code[used]], people // _WORD), bit)

    for place in along("known_points_risk", left.tolist()):
        own = np.arange(indptr[targets[place]], indptr[targets[place] + 1])
        if len(own):
            own = own[np.argsort(support[code[own]], kind="stable")]
            fewest[place] = search(bits[row[code[own]]], weight[own], points, None, n_people)
    return fewest


def search(
    bits: np.ndarray, weight: np.ndarray, points: int, held: np.ndarray | None, best: int
) -> int:
    """Return the fewest people matching any choice of marks; stop at one.

    Parameters
    ----------
    bits : uint64, shape (marks, words)
        One bit a person who has the mark.
    weight : int64, shape (marks,)
        Cost of each mark in points.
    points : int
        1 or more. Points known.
    held : uint64, shape (words,), optional
        People who match the marks chosen so far.
    best : int
        Fewest matches so far.

    Returns
    -------
    int
    """
    together = bits if held is None else bits & held
    matches = np.bitwise_count(together).sum(axis=1, dtype=np.int64)
    best = min(best, int(matches.min()))
    for k in range(len(bits) - 1):
        if best == 1:
            break
        rest = points - int(weight[k])
        later = np.flatnonzero(weight[k + 1 :] <= rest) + k + 1
        if len(later):
            best = search(bits[later], weight[later], rest, together[k], best)
    return best


def fewest_alike(counts: Any, shares: bool, tolerance: float, targets: Ints, points: int) -> Ints:
    """Return, for each target, the smallest anonymity set over known items with their counts.

    A person matches who has each known item about as often as the target: ``|f - g| <= tolerance
    g`` for the target's f and their own g, counts or shares of all their events. Over every choice
    of at most `points` items of the target's own (the location frequency and location probability
    attacks of Pellungrini et al. 2018).

    Parameters
    ----------
    counts : scipy.sparse.csr_array (people, items)
        How often each has each item.
    shares : bool
        Compare shares rather than counts.
    tolerance : float
        0 or more. Relative error of a known count: .1 is a tenth.
    targets : int64, shape (m,)
    points : int
        1 or more.

    Returns
    -------
    int64, shape (m,)
        From 1 (singled out) to the number of people.

    Examples
    --------
    Two have item 0, one twice and one once.

    >>> from scipy.sparse import csr_array
    >>> counts = csr_array(np.array([[2, 0], [1, 1], [0, 1]]))
    >>> fewest_alike(counts, False, 0.0, np.arange(3), 1).tolist()
    [1, 1, 2]
    >>> fewest_alike(counts, False, 1.0, np.arange(3), 1).tolist()
    [2, 2, 2]
    """
    people = counts.shape[0]
    total = np.asarray(counts.sum(axis=1), float).ravel() if shares else np.ones(people)
    of_item = counts.tocsc()
    width = (people - 1) // 64 * 8 + 8
    fewest = np.full(len(targets), people)
    for place, target in enumerate(along("known_points_risk", targets.tolist())):
        own = slice(counts.indptr[target], counts.indptr[target + 1])
        alike = np.zeros((own.stop - own.start, width), np.uint8)
        left = np.zeros(len(alike), np.int64)
        for row, (item, often) in enumerate(
            zip(counts.indices[own], counts.data[own], strict=True)
        ):
            there = slice(of_item.indptr[item], of_item.indptr[item + 1])
            who, theirs = of_item.indices[there], of_item.data[there].astype(float)
            # Multiplied out, shares of whole counts are equal without rounding.
            mine, theirs = float(often) * total[who], theirs * total[target]
            held = who[np.abs(mine - theirs) <= tolerance * theirs * (1 + 1e-12)]
            has = np.zeros(width * 8, bool)
            has[held] = True
            alike[row], left[row] = np.packbits(has, bitorder="little"), len(held)
        if not len(alike):
            continue
        order = np.argsort(left, kind="stable")
        bits = alike[order].view(np.uint64)
        fewest[place] = search(bits, np.ones(len(bits), np.int64), points, None, people)
    return fewest


def fewest_followers(indptr: Ints, items: Ints, n_items: int, targets: Ints, points: int) -> Ints:
    """Return, for each target, the smallest anonymity set over known orders of events.

    A person matches who had the known items in that order, with any events between. Over every
    choice of at most `points` events of the target's own (the location sequence attack of
    Pellungrini et al. 2018).

    Parameters
    ----------
    indptr : int64, shape (people + 1,)
    items : int, shape (events,)
        Items of each person in order of time.
    n_items : int
        Number of items.
    targets : int, shape (t,)
        People to look for.
    points : int
        1 or more. Items or events known.

    Returns
    -------
    int64, shape (m,)
        From 1 (singled out) to the number of people.

    Examples
    --------
    0 1 is the order of the first person alone; both have both.

    >>> fewest_followers(np.array([0, 2, 4]), np.array([0, 1, 1, 0]), 2, np.arange(2), 2).tolist()
    [1, 1]
    >>> fewest_followers(np.array([0, 2, 4]), np.array([0, 1, 1, 0]), 2, np.arange(2), 1).tolist()
    [2, 2]
    """
    order = _Order(indptr, items, n_items)
    everybody = np.arange(len(indptr) - 1)
    nowhere = np.full(len(everybody), -1)
    return np.array(
        [
            order.fewest(items[indptr[t] : indptr[t + 1]], everybody, nowhere, points)
            for t in targets
        ],
        dtype=np.int64,
    )


def orders_of(indptr: Ints, items: Ints, targets: Ints, points: int) -> float:
    """Return the number of orders that an exact search tries at most.

    Parameters
    ----------
    indptr : int, shape (n + 1,)
        Row pointers: entries of row i are ``indptr[i]:indptr[i + 1]``.
    items : int, shape (entries,)
        Item of each event.
    targets : int, shape (t,)
        People to look for.
    points : int
        1 or more. Items or events known.

    Returns
    -------
    float
    """
    tried = 0.0
    for target in targets:
        own = items[indptr[target] : indptr[target + 1]]
        size = min(points, len(own))
        tried += min(float(comb(len(own), size)), float(len(np.unique(own))) ** size)
    return tried


class _Order:
    """Positions of each item in each person's sequence, for look-up after a position."""

    def __init__(self, indptr: Ints, items: Ints, n_items: int) -> None:
        length = np.diff(indptr)
        self.n_items, self.width = n_items, int(length.max(initial=0)) + 1
        person, place = entries_between(np.zeros_like(length), length)
        self.key = np.sort((person * n_items + items) * self.width + place)
        self.support = np.bincount(items, minlength=n_items)

    def after(self, who: Ints, place: Ints, item: int) -> tuple[Bools, Ints]:
        """Return who has an item after a position, and where next."""
        group = who * self.n_items + item
        at = np.searchsorted(self.key, group * self.width + place + 1)
        key = self.key[np.minimum(at, len(self.key) - 1)]
        has = (at < len(self.key)) & (key // self.width == group)
        return has, key % self.width

    def fewest(self, own: Ints, who: Ints, place: Ints, points: int, best: int = 0) -> int:
        """Search all next items of the target's sequence, the rarest first."""
        best = best or len(who)
        if not points or not len(own):
            return min(best, len(who))
        items, first = np.unique(own, return_index=True)
        for k in np.argsort(self.support[items], kind="stable"):
            has, then = self.after(who, place, int(items[k]))
            rest = own[first[k] + 1 :]
            best = min(best, int(has.sum()))
            if best == 1:
                return 1
            best = self.fewest(rest, who[has], then[has], points - 1, best)
        return best


KnowsWord: TypeAlias = Literal["visits", "frequency", "probability", "sequence"]
KNOWS: tuple[KnowsWord, ...] = get_args(KnowsWord)
# Words of 64 people that an exact search may compare: some minutes.
MOST_LOOK_UPS = 2e11
# Cost of following a person through a trace, in comparisons.
_FOLLOWED = 50
_MOST_BIT_BYTES = 1 << 31
# Fixed cost of a step, in people followed.
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
    """Return the smallest anonymity set of each target over its known points, and notes.

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
        raise ParameterError.of(who, limit, came, "Lower points or sample, or use unicity.")
