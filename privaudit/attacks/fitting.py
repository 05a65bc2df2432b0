"""Which rows fit which others by keys that both show, without a matrix of all pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["Fits", "Keys", "fitting"]

_NONE = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False, kw_only=True)
class Keys:
    """What dots and records are compared on, as codes in one space, -1 where nothing is shown.

    Two of them added compare on the keys of both.

    - `dots`, `records` (int, shape (k, n)): One row a key.
    - `needed` (bool, shape (k,)): Whether a blank fits nobody; else it fits everybody.
    - `names`: What each key is: "place", "identity", or a column of the map.
    """

    dots: np.ndarray
    records: np.ndarray
    needed: np.ndarray
    names: tuple[str, ...]

    def fit(self, dot: np.ndarray, record: np.ndarray) -> np.ndarray:
        """Say of pairs of a dot and a record whether no key tells them apart."""
        shown, known = self.dots[:, dot], self.records[:, record]
        blank = (shown < 0) | (known < 0)
        same = np.where(blank, ~self.needed[:, None], shown == known)
        all_same: np.ndarray = np.logical_and.reduce(same, axis=0)
        return all_same

    def with_dots(self, **codes: np.ndarray) -> Keys:
        """Return the same keys, with other codes of the dots for some."""
        dots = [codes.get(name, row) for name, row in zip(self.names, self.dots, strict=True)]
        return replace(self, dots=np.stack(dots))

    def with_records(self, **codes: np.ndarray) -> Keys:
        """Return the same keys, with other codes of the records for some."""
        kept = [codes.get(name, row) for name, row in zip(self.names, self.records, strict=True)]
        return replace(self, records=np.stack(kept))

    def of_records(self, rows: np.ndarray) -> Keys:
        """Return the keys of some records only."""
        return replace(self, records=self.records[:, rows])

    def __add__(self, other: Keys) -> Keys:
        return Keys(
            dots=np.concatenate([self.dots, other.dots]),
            records=np.concatenate([self.records, other.records]),
            needed=np.concatenate([self.needed, other.needed]),
            names=self.names + other.names,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Fits:
    """What fits each of some rows, shape (n,) each.

    - `many`: How many of the others fit.
    - `one`: The label that all of these have, -1 where none fits or their labels differ.
    """

    many: np.ndarray
    one: np.ndarray


def fitting(asked: np.ndarray, among: np.ndarray, needed: np.ndarray, label: np.ndarray) -> Fits:
    """Count for each row of `asked` the rows of `among` that fit, and say whether they are one.

    Rows that show the same keys are compared at once, one way of missing some after the other.

    Parameters
    ----------
    asked, among : ndarray of int, shapes (k, n) and (k, m)
        Codes, -1 for a blank.
    needed : ndarray of bool, shape (k,)
    label : ndarray of int, shape (m,)
        0 or more.

    Examples
    --------
    >>> found = fitting(np.array([[0, 1, -1]]), np.array([[0, 0, 1]]), np.array([True]),
    ...     np.array([5, 6, 7]))
    >>> found.many.tolist(), found.one.tolist()
    ([2, 1, 0], [-1, 7, -1])
    """
    n = asked.shape[1]
    many = np.zeros(n, dtype=np.int64)
    low, high = np.full(n, _NONE), np.full(n, -1, dtype=np.int64)
    bits = 1 << np.arange(len(needed))
    must = int(bits[needed].sum())
    shown, known = ((codes >= 0).T @ bits for codes in (asked, among))
    for mine in np.unique(shown[shown & must == must]):
        rows = np.flatnonzero(shown == mine)
        for theirs in np.unique(known[known & must == must]):
            others = np.flatnonzero(known == theirs)
            used = (bits & mine & theirs) > 0
            at, of, size = _together(asked[used][:, rows], among[used][:, others])
            first, last = np.full(size, _NONE), np.full(size, -1, dtype=np.int64)
            np.minimum.at(first, of, label[others])
            np.maximum.at(last, of, label[others])
            many[rows] += np.bincount(of, minlength=size)[at]
            low[rows] = np.minimum(low[rows], first[at])
            high[rows] = np.maximum(high[rows], last[at])
    return Fits(many=many, one=np.where(low == high, low, -1))


def _together(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Number the columns of two arrays, equal ones alike; and say how many numbers there are."""
    n = left.shape[1]
    code = np.zeros(n + right.shape[1], dtype=np.int64)
    if len(left):
        both = np.concatenate([left, right], axis=1)
        code = np.unique(both, axis=1, return_inverse=True)[1].reshape(-1)
    return code[:n], code[n:], int(code.max(initial=-1)) + 1
