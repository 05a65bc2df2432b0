"""Squares that hold at least `SMALL_CELL` people each: how real places are drawn.

Squares lie on a grid with a fixed origin (0, 0 of the projection) and sides of 200 m times a
power of two, so that no edge depends on where anybody lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from privaudit._core.policy import SMALL_CELL
from privaudit.reporting.guard import withheld

__all__ = ["SMALLEST_SIDE", "Areas", "areas_of"]

SMALLEST_SIDE = 200.0  # metres: the smallest square of official gridded statistics
_MOST_SQUARES = 2_500


@dataclass(frozen=True, eq=False)
class Areas:
    """Squares and the people in them.

    Parameters
    ----------
    corner : ndarray of shape (n, 2)
        Lower left corner in metres.
    side : ndarray of shape (n,)
        Metres.
    count : ndarray of shape (n,)
        People, at least `SMALL_CELL`; nan where withheld.
    total : int
        People in all squares.
    """

    corner: np.ndarray
    side: np.ndarray
    count: np.ndarray
    total: int

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the lower left corner of all squares and their extent."""
        low = self.corner.min(axis=0)
        return low, (self.corner + self.side[:, None]).max(axis=0) - low


def areas_of(points: np.ndarray) -> Areas:
    """Count points in squares that are as small as `SMALL_CELL` people allow.

    The largest squares are the smallest ones that leave at most a fifth of the people in
    squares under `SMALL_CELL`. Such a square is cut in four as long as each quarter holds
    `SMALL_CELL` people or
    more (a quarter without anybody would say so). What stays under `SMALL_CELL`, zero too, is
    withheld,
    with more squares where the total would give it away.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Positions in metres.

    Returns
    -------
    Areas

    Examples
    --------
    >>> one_place = np.full((30, 2), 650.0)
    >>> far = areas_of(np.vstack([one_place, [[650.0, 2000.0]]]))
    >>> far.total, int(np.isnan(far.count).sum()) >= 2
    (31, True)
    """
    side = _outer_side(points)
    cell = np.floor(points / side).astype(np.int64)
    low, high = cell.min(axis=0), cell.max(axis=0)
    across, up = (high - low + 1).tolist()
    found: list[tuple[float, float, float, int]] = []
    number = (cell[:, 0] - low[0]) * up + cell[:, 1] - low[1]
    order = np.argsort(number, kind="stable")
    ends = np.searchsorted(number[order], np.arange(across * up + 1))
    for square in range(across * up):
        inside = points[order[ends[square] : ends[square + 1]]]
        corner = (low + divmod(square, up)) * side
        found += _cut(inside, corner, side)
    corners = np.array([(x, y) for x, y, _, _ in found])
    counts = np.array([n for *_, n in found], dtype=float)
    counts[withheld(counts)] = np.nan
    return Areas(corners, np.array([s for _, _, s, _ in found]), counts, len(points))


def _outer_side(points: np.ndarray) -> float:
    side = 4 * SMALLEST_SIDE
    while True:
        cells, counts = np.unique(np.floor(points / side), axis=0, return_counts=True)
        squares = np.prod(cells.max(axis=0) - cells.min(axis=0) + 1)
        lost = counts[counts < SMALL_CELL].sum()
        # One square holds everybody in the end, however few they are.
        if squares <= _MOST_SQUARES and (lost <= len(points) / 5 or len(cells) == 1):
            return side
        side *= 2


def _cut(points: np.ndarray, corner: np.ndarray, side: float) -> list[Any]:
    """Cut a square in four while each quarter holds enough people."""
    half = side / 2
    if half >= SMALLEST_SIDE and len(points) >= 4 * SMALL_CELL:
        east, north = (points >= corner + half).T
        parts = [
            (points[(east == e) & (north == n)], corner + np.array([e, n]) * half)
            for e in (False, True)
            for n in (False, True)
        ]
        if all(len(inside) >= SMALL_CELL for inside, _ in parts):
            return [square for inside, at in parts for square in _cut(inside, at, half)]
    return [(float(corner[0]), float(corner[1]), side, len(points))]
