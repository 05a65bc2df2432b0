"""Missing values as wildcards: a blank cell agrees with anything."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.measures.tables.equivalence import classes

__all__ = ["matching_sums"]


def matching_sums(codes: ArrayLike, amounts: Any, *, of: ArrayLike | None = None) -> Any:
    """Sum an amount over every row that cannot be told from a row.

    Row j matches row i when, for every key variable, the codes are equal or one of the two is
    missing (-1). Matching is symmetric and not transitive: a record may match two that do not
    match each other, so that the result is not a partition (sdcMicro's `freqCalc` counts so,
    with alpha = 1).

    The rows are taken pattern of missing keys by pattern: two patterns are compared on the keys
    that both know. The cost is (number of patterns)**2 groupings.

    Parameters
    ----------
    codes : array_like of int, shape (m, d)
        Keys of the rows for which a sum is asked; pass each distinct key once.
    amounts : ndarray of shape (r,), or scipy.sparse matrix of shape (r, s)
        What is summed: records, people, weights, or records by sensitive value.
    of : array_like of int, shape (r, d), optional
        Keys of the rows that are summed; `codes` itself when left out.

    Returns
    -------
    ndarray of shape (m,), or scipy.sparse.csr_array of shape (m, s)

    Examples
    --------
    >>> matching_sums([[0], [1], [-1]], np.array([5, 2, 1])).tolist()
    [6, 3, 8]
    """
    rows = np.asarray(codes)
    others = rows if of is None else np.asarray(of)
    if not hasattr(amounts, "tocsr"):
        column = np.asarray(amounts)
        total = np.zeros(len(rows), dtype=column.dtype)
        for mine, theirs, left, right, width in _pairs(rows, others):
            # bincount adds in float64: whole amounts stay exact below 2**53.
            sums = np.bincount(right, weights=column[theirs], minlength=width)
            total[mine] += sums[left].astype(column.dtype)
        return total
    return _sparse_sums(rows, others, amounts)


def _sparse_sums(rows: NDArray[Any], others: NDArray[Any], amounts: Any) -> Any:
    from scipy import sparse

    table = amounts.tocsr()
    total = sparse.csr_array((len(rows), table.shape[1]), dtype=table.dtype)
    for mine, theirs, left, right, width in _pairs(rows, others):
        spread = _indicator(mine, left, (len(rows), width), table.dtype)
        gather = _indicator(right, np.arange(len(theirs)), (width, len(theirs)), table.dtype)
        total = total + spread @ (gather @ table[theirs])
    return total.tocsr()


def _indicator(row: NDArray[Any], column: NDArray[Any], shape: tuple[int, int], dtype: Any) -> Any:
    from scipy import sparse

    return sparse.csr_array((np.ones(len(row), dtype=dtype), (row, column)), shape=shape)


def _pairs(rows: NDArray[Any], others: NDArray[Any]) -> Any:
    """Yield, for each pair of patterns, rows, other rows, their joint labels and their number."""
    left_patterns = _by_pattern(rows)
    right_patterns = left_patterns if others is rows else _by_pattern(others)
    for gaps, mine in left_patterns:
        for other_gaps, theirs in right_patterns:
            known = ~(gaps | other_gaps)
            if not known.any():
                zeros = np.zeros(max(len(mine), len(theirs)), dtype=np.int64)
                yield mine, theirs, zeros[: len(mine)], zeros[: len(theirs)], 1
                continue
            both = np.concatenate([rows[mine][:, known], others[theirs][:, known]])
            joint = classes(both)
            left, right = joint.label[: len(mine)], joint.label[len(mine) :]
            yield mine, theirs, left, right, len(joint.size)


def _by_pattern(rows: NDArray[Any]) -> list[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
    gaps = rows < 0
    groups = classes(gaps.astype(np.int8))
    order = np.argsort(groups.label, kind="stable")
    parts = np.split(order, np.cumsum(groups.size)[:-1])
    return [(gaps[part[0]], part) for part in parts if len(part)]
