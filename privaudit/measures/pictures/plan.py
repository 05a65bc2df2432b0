"""Index of places for registration: neighbours of each place, and a fast nearness test."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

__all__ = ["Plan"]

# Pairs of places that are formed for one pair of dots.
_PAIRS = 6_000_000
# Bytes of the finest bitmap, and how many coarser ones stand above it.
_BYTES, _LEVELS = 64_000_000, 8
# Side, in metres, of the smallest cell. Places nearer to each other than the second are one.
_CELL, _ONE = 0.5, 0.5
# Cells around a place, of half the tolerance each, that a point within the tolerance may be in.
_STAMP = [(i, j) for i in range(-2, 3) for j in range(-2, 3)]


class Plan:
    """Places in the plane, as complex numbers east and north of their middle.

    Parameters
    ----------
    places : float, shape (m, 2)
        Metres.

    Examples
    --------
    >>> plan = Plan(np.array([[100.0, 50.0], [140.0, 80.0], [140.0, 80.0]]))
    >>> len(plan.place), plan.middle.tolist()
    (2, [120.0, 65.0])
    >>> plan.near(np.array([-20 - 15j, -19 - 15.5j, 0j]), 2.0).tolist()
    [True, True, False]
    """

    def __init__(self, places: np.ndarray) -> None:
        cell = np.rint(np.asarray(places, float) / _ONE)
        distinct = places[np.sort(np.unique(cell, axis=0, return_index=True)[1])]
        self.middle = (distinct.min(axis=0) + distinct.max(axis=0)) / 2
        self.xy = distinct - self.middle
        self.place = self.xy @ np.array([1, 1j])
        self.tree = cKDTree(self.xy)
        self.extent = float(np.hypot(*np.ptp(self.xy, axis=0)))
        size = np.ptp(self.xy, axis=0)
        least = np.sqrt(float(np.prod(np.maximum(size, 1))) / (8 * _BYTES))
        self._cell = max(_CELL, least)
        self._bitmaps: dict[int, tuple[np.ndarray, int]] = {}
        self._neighbours: np.ndarray | None = None

    @property
    def whole(self) -> bool:
        """Return whether every place is paired with every other one."""
        return self.reach >= len(self.place) - 1

    @property
    def reach(self) -> int:
        """Return the number of nearest places that each place is paired with."""
        return max(1, min(len(self.place) - 1, _PAIRS // len(self.place)))

    def steps(self) -> np.ndarray:
        """Return the steps from each place to those near it, complex64, shape (m, reach)."""
        if self._neighbours is None:
            if self.whole:
                other = self.place[None, :] - self.place[:, None]
                other = other[~np.eye(len(self.place), dtype=bool)].reshape(len(self.place), -1)
            else:
                near = self.tree.query(self.xy, k=self.reach + 1)[1][:, 1:]
                other = self.place[near] - self.place[:, None]
            self._neighbours = other.astype(np.complex64)
        return self._neighbours

    def near(self, point: np.ndarray, tolerance: float) -> np.ndarray:
        """Return whether a place is near each point: within a tolerance, never beyond 4.3 of it.

        Parameters
        ----------
        point : ndarray of complex
            East and north of the middle.
        tolerance : float
            Metres; it is taken as one of a few, the next larger.

        Returns
        -------
        ndarray
        """
        level = int(np.clip(np.ceil(np.log2(tolerance / 2 / self._cell)), 0, _LEVELS))
        bitmap, wide = self._bitmap(level)
        side = self._cell * 2.0**level
        half = np.ptp(self.xy, axis=0) / 2
        column = np.floor((point.real + half[0]) / side).astype(np.int32) + 3
        row = np.floor((point.imag + half[1]) / side).astype(np.int32) + 3
        high = len(bitmap) * 8 // wide
        inside = (column >= 0) & (column < wide) & (row >= 0) & (row < high)
        cell = np.where(inside, row.astype(np.int64) * wide + column, 0)
        return np.asarray((bitmap[cell >> 3] >> (cell & 7).astype(np.uint8)) & 1 > 0)

    def _bitmap(self, level: int) -> tuple[np.ndarray, int]:
        """Return the cells near a place as a bitmap, with its row length."""
        if level not in self._bitmaps:
            side = self._cell * 2.0**level
            half = np.ptp(self.xy, axis=0) / 2
            wide, high = (int(n) + 8 for n in np.ceil(2 * half / side))
            cell = np.floor((self.xy + half) / side).astype(np.int64) + 3
            bits = np.zeros((wide * high + 8) // 8 + 1, np.uint8)
            for i, j in _STAMP:
                at = (cell[:, 1] + i) * wide + cell[:, 0] + j
                np.bitwise_or.at(bits, at >> 3, np.left_shift(1, at & 7).astype(np.uint8))
            self._bitmaps[level] = bits, wide
        return self._bitmaps[level]
