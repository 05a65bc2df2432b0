"""Records of the same person: numbering people, and dropping repeated records."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from privaudit._core.arrays import Ints
from privaudit.measures.tables.equivalence import classes

__all__ = ["people_of", "without_repeats"]

# With more sets of known keys, contained records of a person are not dropped.
_MOST_SETS = 64


def people_of(codes: NDArray[np.int64]) -> Ints:
    """Number the people whom identifiers name, shape (n,).

    Records of one person agree on all of them; one without any is a person of its own.

    Parameters
    ----------
    codes : int, shape (n, i)
        Level of each identifier, -1 where missing.

    Returns
    -------
    int64, shape (n,)
        Those without an identifier come first.

    Examples
    --------
    >>> people_of(np.array([[5, 0], [5, 0], [5, 1], [-1, -1], [-1, -1]])).tolist()
    [2, 2, 3, 0, 1]
    """
    person = classes(codes).label + len(codes)
    nameless = (codes < 0).all(axis=1)
    person[nameless] = np.arange(int(nameless.sum()))
    return np.unique(person, return_inverse=True)[1].astype(np.int64)


def without_repeats(person: Ints, codes: NDArray[np.int64]) -> Ints:
    """Return the records of each person, without those that repeat or are contained in another.

    One that lacks a key, and agrees with another of its person on those it has, says nothing more
    of them.

    Parameters
    ----------
    person : int, shape (n,)
        Whose record each is.
    codes : int, shape (n, d)
        Its keys, -1 where missing.

    Returns
    -------
    int64, shape (r,)
        Their positions, ascending.

    Examples
    --------
    >>> codes = np.array([[0, 1], [0, 1], [0, -1], [1, 1], [0, -1]])
    >>> without_repeats(np.array([0, 0, 0, 0, 1]), codes).tolist()
    [0, 3, 4]
    """
    both = np.column_stack([person, codes])
    first = np.zeros(len(person), dtype=bool)
    first[np.unique(classes(both).label, return_index=True)[1]] = True
    distinct = np.flatnonzero(first)
    known = codes[distinct] >= 0
    sets, which = np.unique(known, axis=0, return_inverse=True)
    if len(sets) in (1, *range(_MOST_SETS + 1, len(distinct) + 1)):
        return distinct
    which = which.ravel()
    less = np.zeros(len(distinct), dtype=bool)
    for i, mine in enumerate(sets):
        wider = np.flatnonzero((sets & mine).sum(axis=1) == mine.sum())
        more = np.isin(which, wider[wider != i])
        if not more.any():
            continue
        asked = which == i
        rows = both[distinct[asked | more]][:, [True, *mine]]
        label = classes(rows).label
        fuller = np.bincount(label, weights=more[asked | more]) > 0
        less[asked] = fuller[label[asked[asked | more]]]
    return distinct[~less]
