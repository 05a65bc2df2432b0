"""Bounds over completions: what any way to fill in missing keys may give.

A blank may hide any value, also one that nobody shares. Each range holds for every completion; it
is not always attained.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.arrays import Bools, Ints
from privaudit.measures.tables.pools import pools
from privaudit.measures.tables.wildcard import COST_LIMIT, matching_cost, matching_sums

__all__ = ["class_numbers", "people_between", "records_under", "smallest_class"]

Range = tuple[int, int]


def _read(count: ArrayLike, complete: ArrayLike, most: ArrayLike) -> tuple[Ints, Bools, Ints]:
    """Return counts, completeness and upper bounds as arrays."""
    return (
        np.asarray(count, dtype=np.int64),
        np.asarray(complete, dtype=bool),
        np.asarray(most, dtype=np.int64),
    )


def records_under(
    count: ArrayLike, complete: ArrayLike, most: ArrayLike, than: int, room: int
) -> Range:
    """Return the fewest and most records in classes smaller than a threshold; 2: uniques.

    At most, all that lack a key have a value of their own. At least, those that may help classes of
    few go where they help most, which room for them bounds.

    Parameters
    ----------
    count : int, shape (m,)
        Records with each key, blanks being a value.
    complete : bool, shape (m,)
        Whether it lacks none.
    most : int, shape (m,)
        Records that agree with it, blanks agreeing with anything.
    than : int
        2 or more.
    room : int
        `privaudit.measures.tables.likely.Matches.room`.

    Returns
    -------
    Range

    Examples
    --------
    >>> records_under([1, 1, 2], [True, True, False], [3, 3, 4], 2, 2)  # a, b, and ? twice
    (0, 4)
    """
    records, known, may = _read(count, complete, most)
    few = known & (records < than)
    help_needed = np.where(few & (may >= than), than - records, 0)
    helped = help_needed > 0
    by_gain = np.argsort(help_needed[helped] / records[helped], kind="stable")
    need, gain = help_needed[helped][by_gain], records[helped][by_gain]
    spent = np.cumsum(need)
    whole = int(np.searchsorted(spent, room, side="right"))
    saved = float(gain[:whole].sum())
    if whole < len(need):
        left = room - (int(spent[whole - 1]) if whole else 0)
        saved += left * gain[whole] / need[whole]
    alone = int(records[few].sum())
    surely = int(records[~known & (may < than)].sum())
    return math.ceil(alone - saved - 1e-9) + surely, alone + int(records[~known].sum())


def smallest_class(count: ArrayLike, complete: ArrayLike, most: ArrayLike) -> Range:
    """Return the smallest and largest k of k-anonymity over all completions.

    Parameters
    ----------
    count, complete, most : array_like
        As for `records_under`.

    Returns
    -------
    Range

    Examples
    --------
    >>> smallest_class([1, 1, 2], [True, True, False], [3, 3, 4])
    (1, 2)
    """
    records, known, may = _read(count, complete, most)
    if known.all():
        return (int(records.min()),) * 2
    blanks, low, high = int(records[~known].sum()), 1, int(may.min())
    while low < high:
        middle = (low + high + 1) // 2
        enough = int(np.maximum(middle - records[known], 0).sum()) <= blanks
        low, high = (middle, high) if enough else (low, middle - 1)
    return 1, low


def class_numbers(count: ArrayLike, complete: ArrayLike, pool: ArrayLike) -> Range:
    """Return the fewest and most classes over all completions.

    Parameters
    ----------
    count, complete : array_like
        As for `records_under`.
    pool : int, shape (m,)
        Complete records that share the keys it knows.

    Returns
    -------
    Range

    Examples
    --------
    >>> class_numbers([1, 1, 2], [True, True, False], [1, 1, 2])
    (2, 4)
    """
    records, known, shared = _read(count, complete, pool)
    there = int(known.sum())
    apart = bool((~known & (shared == 0)).any())
    return there + apart, there + int(records[~known].sum())


def people_between(keys: ArrayLike, codes: ArrayLike, count: ArrayLike) -> tuple[Ints, Ints]:
    """Return the fewest and most people of a population who may have each key.

    A key with blanks is one of those that agree with it; a person with blanks may have any key that
    agrees with theirs. Whoever is asked for is one of the population, so that one has it.

    Parameters
    ----------
    keys : int, shape (m, d)
        -1 where missing.
    codes, count : int, shape (r, d) and (r,)
        Keys of the population, and the people with each.

    Returns
    -------
    two int64, shape (m,)

    Examples
    --------
    >>> people_between([[0, 0], [0, -1]], [[0, 0], [0, 1], [1, 1]], [3, 7, 5])
    (array([3, 3]), array([3, 7]))
    >>> people_between([[0, 0], [0, -1]], [[0, 0], [0, 1], [-1, 1]], [3, 7, 5])
    (array([3, 1]), array([ 3, 12]))
    """
    rows, cells = np.asarray(keys), np.asarray(codes)
    people = np.asarray(count, dtype=np.int64)
    complete = (cells >= 0).all(axis=1)
    known, listed = cells[complete], people[complete]
    least = np.zeros(len(rows), dtype=np.int64)
    most = np.zeros(len(rows), dtype=np.int64)
    for met in pools(known, rows):
        fewest = np.full(met.width, np.iinfo(np.int64).max)
        greatest = np.zeros(met.width, dtype=np.int64)
        np.minimum.at(fewest, met.here, listed)
        np.maximum.at(greatest, met.here, listed)
        # The person looked for is in the population, listed or not.
        fewest[greatest == 0] = 1
        least[met.mine], most[met.mine] = fewest[met.asked], greatest[met.asked]
    if not complete.all():
        blank, unsure = cells[~complete], people[~complete]
        further = np.full(len(rows), unsure.sum())
        if matching_cost(rows, of=blank) <= COST_LIMIT:
            further = matching_sums(rows, unsure, of=blank)
        # Keys without a listed person, which incomplete people may have.
        unlisted = (further > 0) & ~(rows >= 0).all(axis=1)
        least = np.where(unlisted, 1, least)
        most = most + further
    return np.maximum(least, 1), np.maximum(most, 1)
