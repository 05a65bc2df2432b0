"""The records most like a query, with all that are equally near: no order decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["Neighbours", "RecordIndex", "column_scale", "portions"]

# Distances that differ by less are ties: sums of a few fractions agree that closely.
_TIE = 1e-9
_CELLS = 1 << 20


@dataclass(frozen=True, eq=False, kw_only=True)
class Neighbours:
    """The k nearest records of some queries.

    Parameters
    ----------
    sure : ndarray of bool, shape (queries, records)
        Nearer than the k-th nearest.
    tied : ndarray of bool, shape (queries, records)
        As near as the k-th nearest: `slots` of them make up the k, any as likely.
    slots : ndarray of int, shape (queries,)
    """

    sure: np.ndarray
    tied: np.ndarray
    slots: np.ndarray


def column_scale(table: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Return the range of each ordered column; 1 for categories, and where nothing varies."""
    scale = np.ones(table.shape[1])
    for k in np.flatnonzero(ordered):
        known = table[~np.isnan(table[:, k]), k]
        if len(known) and known.max() > known.min():
            scale[k] = known.max() - known.min()
    return scale


class RecordIndex:
    """Records to look queries up in, equal ones held once.

    Parameters
    ----------
    records : ndarray of float, shape (n, c)
        Categories as codes, nan where a value is missing.
    ordered : ndarray of bool, shape (c,)
        Numbers and dates; the others are categories.
    scale : ndarray of float, shape (c,)
        From `column_scale`.
    """

    def __init__(self, records: np.ndarray, ordered: np.ndarray, scale: np.ndarray) -> None:
        self.pattern, code, self.size = np.unique(
            records, axis=0, return_inverse=True, return_counts=True, equal_nan=True
        )
        self.code = code.ravel()
        self.ordered, self.scale = ordered, scale

    def nearest(self, queries: np.ndarray, k: int) -> Neighbours:
        """Find the k nearest records of each query.

        The distance is the sum over columns of ``|x - y| / range``, at most 1, for numbers and
        dates, and of 0 or 1 for categories (Gower 1971); a missing value is at 0 from a missing
        one, at 1 from any other. Memory goes with queries times records: see `portions`.

        Parameters
        ----------
        queries : ndarray of float, shape (m, c)
        k : int
            1 to n.

        Examples
        --------
        >>> records = np.array([[1.0], [3.0], [3.0], [9.0]])
        >>> index = RecordIndex(records, np.array([True]), np.array([8.0]))
        >>> found = index.nearest(np.array([[2.0]]), 2)
        >>> found.sure.tolist(), found.tied.tolist(), found.slots.tolist()
        ([[False, False, False, False]], [[True, True, True, False]], [2])
        """
        distance = _distance(queries, self.pattern, self.ordered, self.scale)
        if k == 1:
            kth = distance.min(axis=1)
            sure = np.zeros_like(distance, bool)
        else:
            # The k-th record is among the k nearest patterns: count records along these.
            few = min(k, len(self.pattern))
            near = np.argpartition(distance, few - 1, axis=1)[:, :few]
            apart = np.take_along_axis(distance, near, axis=1)
            order = np.argsort(apart, axis=1)
            size = self.size[np.take_along_axis(near, order, axis=1)]
            last = (np.cumsum(size, axis=1) >= k).argmax(axis=1)
            kth = np.take_along_axis(apart, order, axis=1)[np.arange(len(apart)), last]
            sure = distance < kth[:, None] - _TIE
        tied = ~sure & (distance <= kth[:, None] + _TIE)
        return Neighbours(
            sure=sure[:, self.code], tied=tied[:, self.code], slots=k - sure @ self.size
        )


def portions(queries: int, records: int) -> Iterator[slice]:
    """Cut queries in portions whose distances to all records fit in memory."""
    step = max(1, _CELLS // max(1, records))
    for start in range(0, queries, step):
        yield slice(start, start + step)


def _distance(
    queries: np.ndarray, pattern: np.ndarray, ordered: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    total = np.zeros((len(queries), len(pattern)))
    for k in range(pattern.shape[1]):
        asked, there = queries[:, k, None], pattern[None, :, k]
        if ordered[k]:
            apart = np.abs(asked - there)
            apart /= scale[k]
            np.minimum(apart, 1.0, out=apart)
        else:
            apart = (asked != there).astype(float)
        no_query, no_record = np.isnan(asked[:, 0]), np.isnan(there[0])
        if no_query.any() or no_record.any():
            apart[no_query[:, None] != no_record[None, :]] = 1.0
            apart[no_query[:, None] & no_record[None, :]] = 0.0
        total += apart
    return total
