"""Worst-case knowledge of visit counts or visit order: exact minimum anonymity sets."""

from __future__ import annotations

from typing import Any

import numpy as np

from privaudit._core.arrays import Bools, Ints
from privaudit._core.progress import along
from privaudit.measures.traces.known_points import search

__all__ = ["fewest_alike", "fewest_followers", "orders_of"]


def fewest_alike(counts: Any, shares: bool, tolerance: float, targets: Ints, points: int) -> Ints:
    """Return, for each target, the smallest anonymity set over known items with their counts.

    Somebody is left who has each of the known items about as often as the target: with ``|f - g| <=
    tolerance g`` of the target's f and their own g, counts, or shares of all of one's events. Over
    every choice of at most `points` items of the target's own (the location frequency and location
    probability attacks of Pellungrini et al. 2018).

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

    Somebody is left who had the known items in that order, whatever came between. Over every choice
    of at most `points` events of the target's own (the location sequence attack of Pellungrini et
    al. 2018).

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
    from math import comb

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
        person = np.repeat(np.arange(len(length)), length)
        place = np.arange(len(items)) - np.repeat(indptr[:-1], length)
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
