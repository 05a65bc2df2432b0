"""Missing keys as wildcards: a blank cell agrees with any value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.arrays import Ints
from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.tables.equivalence import pack_columns
from privaudit.measures.tables.pools import known_keys

__all__ = ["COST_LIMIT", "matching_cost", "matching_parts", "matching_sums"]

# Looks at a row that a comparison may take, and sums by value: about twenty seconds each.
COST_LIMIT = 300_000_000
_SUMS_LIMIT = 100_000_000
# Rows looked up at a time, and sums by value held at a time.
_AT_ONCE = 4_000_000


def matching_cost(codes: ArrayLike, *, of: ArrayLike | None = None) -> float:
    """Return the cost of `matching_sums`, in row comparisons, to compare with `COST_LIMIT`.

    Rows are taken by the set of keys that they know. Each such set reads all of the rows that are
    summed, and each of its rows is looked up once for every set of keys that it may share.

    Parameters
    ----------
    codes, of : array_like
        As for `matching_sums`.

    Returns
    -------
    float
        Infinite for more than 62 keys.

    Examples
    --------
    >>> matching_cost([[0, 1], [-1, 1], [0, 0]])  # 2 sets: 3 + 3 read, 1 x 2 + 2 x 2 looked up
    12.0
    """
    rows = np.asarray(codes)
    others = rows if of is None else np.asarray(of)
    if rows.shape[1] > 62:
        return float("inf")
    known, count = np.unique(known_keys(rows), return_counts=True)
    theirs = len(np.unique(known_keys(others)))
    shared = np.minimum(2.0 ** np.bitwise_count(known), theirs)
    return float(len(known) * len(others) + (count * shared).sum())


def matching_sums(codes: ArrayLike, amounts: Any, *, of: ArrayLike | None = None) -> Any:
    """Sum an amount over every row that agrees with a row, blanks agreeing with any value.

    Row j matches row i when, for every key variable, the codes are equal or one of the two is
    missing (-1). Matching is symmetric and not transitive: a record may match two that do not match
    each other, so that the result is not a partition (sdcMicro's `freqCalc` counts so, with alpha =
    1).

    Parameters
    ----------
    codes : int, shape (m, d)
        Keys of the rows for which a sum is asked; pass each distinct key once.
    amounts : ndarray of shape (r,), or scipy.sparse matrix of shape (r, s)
        What is summed: records, people, weights, or records by sensitive value.
    of : int, shape (r, d), optional
        Keys of the rows that are summed; `codes` itself when left out.

    Returns
    -------
    ndarray of shape (m,), or scipy.sparse.csr_array of shape (m, s)

    Examples
    --------
    >>> matching_sums([[0], [1], [-1]], np.array([5, 2, 1])).tolist()
    [6, 3, 8]
    """
    if hasattr(amounts, "tocsr"):
        from scipy import sparse

        places, parts = zip(*matching_parts(codes, amounts, of=of), strict=True)
        stacked = sparse.vstack(parts, format="csr")
        return stacked[np.argsort(np.concatenate(places), kind="stable")]
    rows = np.asarray(codes)
    others = rows if of is None else np.asarray(of)
    column = np.asarray(amounts)
    total = np.zeros(len(rows), dtype=column.dtype)
    for mine, sets, place, label, width in _look_ups(rows, others):
        # bincount adds in float64: whole amounts stay exact below 2**53.
        sums = np.bincount(label, weights=column, minlength=width + 1)
        sums_of_rows = sums[place].reshape(len(mine), sets).sum(axis=1)
        total[mine] = sums_of_rows.astype(column.dtype)
    return total


def matching_parts(
    codes: ArrayLike, amounts: Any, *, of: ArrayLike | None = None
) -> Iterator[tuple[Ints, Any]]:
    """Yield `matching_sums` of a sparse matrix some rows at a time, which bounds memory.

    Parameters
    ----------
    codes, of : array_like
        As for `matching_sums`.
    amounts : scipy.sparse matrix of shape (r, s)
        Yields rows: int64 (p,). Rows of `codes`; each comes once. Yields sums:
        scipy.sparse.csr_array of shape (p, s).

    Yields
    ------
    tuple (int array, object)

    Raises
    ------
    ParameterError
        More comparisons than a bounded cost allows.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> [(rows, sums)] = matching_parts([[0], [0]], csr_array([[1, 0], [2, 4]]))
    >>> sums.toarray().tolist()
    [[3, 4], [3, 4]]
    """
    from scipy import sparse

    rows = np.asarray(codes)
    others = rows if of is None else np.asarray(of)
    table = amounts.tocsr()
    made = 0.0
    for mine, sets, place, label, width in _look_ups(rows, others):
        gather = sparse.csr_array(
            (np.ones(len(label), table.dtype), (label, np.arange(len(label)))),
            shape=(width + 1, len(label)),
        )
        sums = (gather @ table).tocsr()
        ahead = np.diff(sums.indptr)[place].reshape(len(mine), sets).sum(axis=1)
        made += float(ahead.sum())
        if made > _SUMS_LIMIT:
            raise ParameterError(_too_much("sums by value", made, _SUMS_LIMIT))
        for some in _slices(ahead):
            part = place.reshape(len(mine), sets)[some]
            start = np.arange(0, part.size + 1, sets)
            spread = sparse.csr_array(
                (np.ones(part.size, table.dtype), part.ravel(), start), shape=(len(part), width + 1)
            )
            yield mine[some], (spread @ sums).tocsr()


def _slices(cost: Ints) -> Iterator[slice]:
    """Yield slices of rows of about equal cost, at least one row each."""
    piece = np.cumsum(cost) // _AT_ONCE
    start = np.flatnonzero(np.concatenate(([True], piece[1:] != piece[:-1])))
    for low, high in zip(start, np.append(start[1:], len(cost)), strict=True):
        yield slice(int(low), int(high))


def _look_ups(rows: NDArray[Any], others: NDArray[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield rows, shared key sets, positions to look up, and labels of the other rows."""
    cost = matching_cost(rows, of=others)
    if cost > COST_LIMIT:
        raise ParameterError(_too_much("looks at a row", cost, COST_LIMIT))
    mine_knows, they_know = known_keys(rows), known_keys(others)
    there = np.unique(they_know)
    for known in np.unique(mine_knows):
        keys = [j for j in range(rows.shape[1]) if known >> j & 1]
        shared = np.unique(there & known)
        members = np.flatnonzero(mine_knows == known)
        step = max(1, max(_AT_ONCE, len(others)) // len(shared))
        for low in range(0, len(members), step):
            mine = members[low : low + step]
            place, label, width = _join(rows, others, mine, keys, shared)
            yield mine, len(shared), place, label, width


def _join(
    rows: NDArray[Any], others: NDArray[Any], mine: Ints, keys: list[int], shared: Ints
) -> tuple[Ints, Ints, int]:
    """Return the labels of both sides by the keys shared."""
    n = len(others)
    if not keys:
        return np.zeros(len(mine), dtype=np.int64), np.zeros(n, dtype=np.int64), 1

    def columns() -> Iterator[Ints]:
        for j in keys:
            is_shared = (shared >> j & 1) == 1
            asked = np.where(is_shared, rows[mine, j][:, None], -1).ravel()
            yield np.concatenate([others[:, j].astype(np.int64), asked])

    key, domain = pack_columns(columns())
    labels_there, asked = key[:n], key[n:]
    if domain <= 2 * len(key) + 1024:
        # Labels without rows sum to 0.
        return asked, labels_there, domain
    values, label = np.unique(labels_there, return_inverse=True)
    place = np.searchsorted(values, asked)
    place[place == len(values)] = 0
    place[values[place] != asked] = len(values)
    return place, label, len(values)


def _too_much(what: str, cost: float, limit: float) -> str:
    """Return the error of a join that costs too much."""
    came = f"{cost:.1e}"
    do = 'Read missing="value" or "exclude", or leave out the keys with most blanks.'
    return say("matching_sums", f"at most {limit:.0e} {what}", came, do)
