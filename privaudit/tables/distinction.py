"""Distinction and separation of a set of keys (Motwani and Xu 2008)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import whole
from privaudit.errors import ParameterError
from privaudit.results.measures import apart
from privaudit.tables.context import Histogram, MeasureContext
from privaudit.tables.k_anonymity import AT_MOST_AS_MANY
from privaudit.tables.table_measure import NOTHING, RISK, table_measure
from privaudit.words.catalogues import Note

# Sets of keys times records that a scan may look at, a set costing some thousand records even where
# there are few. About ten seconds.
COST_LIMIT = 500_000_000
_SET_COST = 5_000


def distinct_ratio(size: ArrayLike, count: ArrayLike | None = None) -> float:
    """Return the distinction of a key: distinct keys over records.

    Parameters
    ----------
    size : int, shape (m,)
        Size of each class.
    count : int, shape (m,), optional
        Classes of each size. Default: one.

    Returns
    -------
    float
        In (0, 1]; 1: everybody is unique; lower is safer.

    References
    ----------
    Motwani and Xu (2008).

    Examples
    --------
    >>> distinct_ratio([2, 2])
    0.5
    """
    sizes = np.asarray(size)
    many = np.ones_like(sizes) if count is None else np.asarray(count)
    return float(many.sum() / (sizes * many).sum())


def separation_ratio(size: ArrayLike, count: ArrayLike | None = None) -> float:
    """Return the separation of a key: share of the pairs of records that differ in it.

    Parameters
    ----------
    size : int, shape (m,)
        Size of each class.
    count : int, shape (m,), optional
        Classes of each size. Default: one.

    Returns
    -------
    float
        In [0, 1]; 0 is safe; nan for a single record.

    References
    ----------
    Motwani and Xu (2008).

    Examples
    --------
    >>> round(separation_ratio([2, 2]), 4)
    0.6667
    """
    sizes = np.asarray(size, dtype=np.float64)
    many = np.ones_like(sizes) if count is None else np.asarray(count, dtype=np.float64)
    n = (sizes * many).sum()
    if n < 2:
        return math.nan
    return float(1 - (many * sizes * (sizes - 1)).sum() / (n * (n - 1)))


def scan_cost(records: int, keys: int, max_size: int) -> int:
    """Return the cost of scanning all sets of at most `max_size` keys (see `COST_LIMIT`).

    Parameters
    ----------
    records : int
        Records of the table.
    keys : int
        Keys of the table.
    max_size : int
        1 or more. Largest set of keys.

    Returns
    -------
    int

    Examples
    --------
    >>> scan_cost(95_000, 10, 2)
    5500000
    """
    sets = sum(math.comb(keys, k) for k in range(1, max_size + 1))
    return sets * (records + _SET_COST)


def subsets(n: int, d: int, max_size: int) -> Iterator[tuple[int, ...]]:
    """Yield every set of at most `max_size` of d keys, smaller ones first.

    Parameters
    ----------
    n : int
        Records of the table.
    d : int
        Number of keys.
    max_size : int
        1 or more. Largest set of keys.

    Yields
    ------
    tuple of int

    Raises
    ------
    ParameterError
        Anything but a scan that ends.

    Examples
    --------
    >>> list(subsets(10, 2, 2))
    [(0,), (1,), (0, 1)]
    """
    largest = min(whole("subsets", "max_size", max_size, 1), d)
    if scan_cost(n, d, largest) > COST_LIMIT:
        sets = sum(math.comb(d, k) for k in range(1, largest + 1))
        needed = "a scan that ends"
        came = f"{sets:,} sets of up to {largest} of {d} keys over {n:,} records"
        raise ParameterError.of("subsets", needed, came, "Lower the size or leave keys out.")
    for k in range(1, largest + 1):
        yield from combinations(range(d), k)


def sets_to_scan(
    n: int, d: int, asked: int, key: str = "sets_cut_short"
) -> tuple[int, tuple[Note, ...]]:
    """Return the size of the largest of d keys' sets to scan, and why it is less than asked.

    Parameters
    ----------
    n, d : int
        Records and keys of the table.
    asked : int
        1 or more. Size that is asked.
    key : str
        Of the note.

    Returns
    -------
    size : int
        0 where nothing is scanned.
    notes : tuple of Note
    """
    largest = asked = min(asked, d)
    while largest and scan_cost(n, d, largest) > COST_LIMIT:
        largest -= 1
    if largest == asked:
        return largest, ()
    sets = sum(math.comb(d, k) for k in range(1, asked + 1))
    return largest, (Note(key, size=largest, asked=asked, sets=sets, records=n),)


@table_measure(unit="share", safe="small", span=(0, 1), laws=RISK | AT_MOST_AS_MANY)
def distinction(context: MeasureContext) -> Iterator[dict[str, Any]]:
    """Distinct keys over records: of all keys, then of every small set of them.

    References
    ----------
    Motwani and Xu (2008).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> round(pa.tables.distinction(people, roles).value("distinction"), 3)
    0.667
    """
    for _, histogram, row in _of_sets(context):
        yield {"value": distinct_ratio(*histogram), **row}


@table_measure(unit="share", of="pairs", safe="small", span=(0, 1), laws=RISK | AT_MOST_AS_MANY)
def separation(context: MeasureContext) -> Iterator[dict[str, Any]]:
    """Pairs of records that differ in their key: of all keys, then of every small set of them.

    References
    ----------
    Motwani and Xu (2008).

    Examples
    --------
    >>> import pandas as pd
    >>> import privaudit as pa
    >>> people = pd.DataFrame({"age": [30, 30, 41], "sex": ["F", "F", "M"]})
    >>> roles = pa.Roles(key=["age", "sex"])
    >>> round(pa.tables.separation(people, roles).value("separation"), 3)
    0.667
    """
    for reveals, histogram, row in _of_sets(context):
        # Sums of squares would tell how many records have a rare level. The frequent levels of one
        # key are named, so that a range of any sizes of the rare ones tells nothing else.
        keys = row.get("part", {}).get("keys", context.table.keys)
        printed = {"printed": NOTHING}
        if len(keys) == 1:
            key = context.table.keys.index(keys[0])
            printed = {"printed": _of_any_sizes(*context.levels_of(key, histogram))}
        yield {"value": separation_ratio(*histogram), **row, **(printed if reveals else {})}


def _of_any_sizes(sizes: NDArray[np.int64], blanks: int) -> tuple[float, float]:
    """Return the bounds of separation, whatever the sizes of the small levels."""
    named = apart(sizes)
    n, hidden, rest = int(sizes.sum()) + blanks, int((~named).sum()), int(sizes[~named].sum())
    if n < 2:
        return NOTHING
    pairs = float((sizes[named] * (sizes[named] - 1.0)).sum()) + blanks * (blanks - 1.0)
    # The most alike: all but one have one record; the least: records are shared out evenly.
    most = float((rest - hidden + 1) * (rest - hidden)) if hidden else 0.0
    each, more = divmod(rest, hidden) if hidden else (0, 0)
    least = float(more * (each + 1) * each + (hidden - more) * each * (each - 1))
    low, high = (1 - (pairs + alike) / (n * (n - 1)) for alike in (most, least))
    return max(low, 0.0), high


def _of_sets(context: MeasureContext) -> Iterator[tuple[bool, Histogram, dict[str, Any]]]:
    """Yield whether all keys, then each small set, may reveal a rare level; sizes; and fields."""
    keys = context.table.keys
    notes = (Note("missing_key_is_a_value"),)
    reveals = context.tells_classes() or context.tell_levels(context.rare_keys)
    yield reveals, context.published, {"notes": notes}
    largest, _ = sets_to_scan(len(context), len(keys), context.options.subsets)
    for size in range(1, largest + 1):
        for chosen in combinations(range(len(keys)), size):
            part = {"keys": tuple(keys[j] for j in chosen)}
            reveals = any(context.rare_keys[j] for j in chosen) or context.tells_classes(chosen)
            yield reveals, context.sizes_of(chosen), {"part": part}
