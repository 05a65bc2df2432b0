"""Leave-one-out agreement probability of keys (Good 1953).

It is not the share of a value among the records: a value that one record in a thousand has is not
the value of one record in a thousand outside the table, or else everybody would share their e-mail
address. So each record is left out and looked up among the others, as Good (1953) estimates how
often a value seen once is seen again; separately for classes of one, two, three ... records, and
for small and large pools.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.arrays import Floats, Ints
from privaudit._core.policy import FEWEST_TO_LEARN
from privaudit.measures.tables.equivalence import classes
from privaudit.measures.tables.pools import labels, tally

__all__ = ["chance_to_agree", "found_again"]

# Prior weight, in tests: after as many tests, half the estimate is data and half prior.
_BEFORE = 5.0
# Of classes of more records, what is seen again is as often as it was seen.
_SMALL = 8


def chance_to_agree(cells: ArrayLike, count: ArrayLike, known: list[int]) -> tuple[Floats, Floats]:
    """Return the leave-one-out probability that a record sharing some keys shares them all.

    Each record is left out in turn and looked for among those that share its known keys: of the
    classes of k records there, how many are found again? Classes of one record among a thousand are
    found so often; that is their chance. Where fewer than `FEWEST_TO_LEARN`
    records share these keys with another one, the key of most values is left out of both sides.

    Parameters
    ----------
    cells : int, shape (m, d)
        Keys of complete records, each distinct one once.
    count : int, shape (m,)
        Records with each.
    known : list of int
        Positions of the keys that are shared.

    Returns
    -------
    chance : float64, shape (m,)
        In [0, 1].
    doubt : float64, shape (m,)
        Variance of that chance among such classes, over its square.

    Examples
    --------
    >>> sexes = [[age, sex] for age in range(60) for sex in range(2)]
    >>> float(chance_to_agree(sexes, [1] * 120, [0])[0].max().round(2))  # two of an age differ
    0.01
    """
    rows, records = np.asarray(cells), np.asarray(count, dtype=np.int64)
    label = labels(rows, known)
    pool = np.bincount(label, weights=records).astype(np.int64)[label]
    if known and int(records[pool >= 2].sum()) < FEWEST_TO_LEARN:
        levels = [len(np.unique(rows[:, j])) for j in known]
        worst = known[int(np.argmax(levels))]
        left = [j for j in range(rows.shape[1]) if j != worst]
        groups = classes(rows[:, left])
        fewer = np.bincount(groups.label, weights=records).astype(np.int64)
        still = [left.index(j) for j in known if j != worst]
        chance, doubt = chance_to_agree(rows[groups.first][:, left], fewer, still)
        return chance[groups.label], doubt[groups.label]
    return found_again(records, pool)


def found_again(count: Ints, pool: Ints) -> tuple[Floats, Floats]:
    """Return the probability that a further record of each pool is of each class.

    Parameters
    ----------
    count : int, shape (m,)
        Records of each class, 1 or more.
    pool : int, shape (m,)
        Records that share the known keys, itself included.

    Returns
    -------
    tuple of float array
    """
    width = int(pool.max()).bit_length()
    sizes = _SMALL + 2

    def tabulate(those: NDArray[np.bool_], k: Ints, value: Floats) -> Floats:
        place = k[those] * width + _power(rest[those])
        return tally(place, value[those], sizes * width).reshape(sizes, width)

    # Left out, a record of a class of k + 1 looks for a class of k and finds it; all others of
    # its pool look at that class too, and do not.
    rest = pool - 1
    sought = (count >= 2) & (count <= sizes)
    passed = (count < sizes) & (pool > count)
    again = tabulate(sought, count - 1, count.astype(np.float64))
    tests = tabulate(sought, count - 1, count / np.maximum(rest, 1))
    tests += tabulate(passed, count, (pool - count) / np.maximum(rest, 1))
    guess = np.maximum(np.arange(sizes) - 0.5, 0.0)
    of_all = (again.sum(axis=1) + _BEFORE * guess) / (tests.sum(axis=1) + _BEFORE)
    rate = (again + _BEFORE * of_all[:, None]) / (tests + _BEFORE)
    small, at = np.minimum(count, _SMALL), _power(pool)
    agreement = np.where(count <= _SMALL, rate[small, at], count)
    # Twice found again is a rate times the next one: what that is above the square is variance.
    next_rate = np.where(count <= _SMALL, rate[small + 1, at], count + 1)
    chance = np.minimum(agreement / pool, 1.0)
    doubt = np.maximum(next_rate / np.maximum(agreement, 1e-12) - 1, 0.0)
    # No chance is above 1.
    return chance, np.minimum(doubt, 1 / np.maximum(chance, 1e-12) - 1)


def _power(size: Ints) -> Ints:
    """Return the integer logarithm to base 2."""
    return np.frexp(size)[1].astype(np.int64) - 1
