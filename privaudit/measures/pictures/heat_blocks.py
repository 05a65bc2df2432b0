"""Recover the cells of a raster that a picture shows as blocks of several pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Blocks", "blocks_of"]

# A line between two pixels is an edge of cells from this share of what a busy one changes; edges
# lie on whole pixels, so that one is off by this much; so many are needed, and they hold this
# share of all changes.
_BUSY, _OFF, _EDGES, _HELD = 0.15, 0.8, 8, 0.9
# Smaller cells cannot be distinguished from a smooth picture.
_FEWEST = 2.0


class Blocks(NamedTuple):
    """Cells along rows and columns: start, width and number.

    In pixels, (across, down); cells at the rim of the picture are cut.
    """

    first: tuple[float, float]
    side: tuple[float, float]
    many: tuple[int, int]

    def values(self, heat: np.ndarray) -> np.ndarray:
        """Return the value in the middle of each cell."""
        column, row = (
            np.clip(np.floor(f + (np.arange(n) + 0.5) * s).astype(int), 0, size - 1)
            for f, s, n, size in zip(
                self.first, self.side, self.many, heat.shape[::-1], strict=True
            )
        )
        return np.asarray(heat[np.ix_(row, column)])


def blocks_of(heat: np.ndarray) -> Blocks | None:
    """Return the cells of a blocky picture, or None where it is smooth.

    A raster that a program enlarges without smoothing changes at the edges of its cells alone. Read
    pixel by pixel it would be a stair, off by what the heat changes within half a cell.

    Parameters
    ----------
    heat : float, shape (h, w)
        How hot each pixel is.

    Returns
    -------
    Blocks or None

    Examples
    --------
    >>> cells = np.random.default_rng(1).random((12, 15))
    >>> found = blocks_of(cells.repeat(4, 0).repeat(4, 1)[2:])
    >>> [round(float(v), 1) for v in found.first], [round(float(v), 1) for v in found.side]
    ([0.0, -2.0], [4.0, 4.0])
    >>> bool((found.values(cells.repeat(4, 0).repeat(4, 1)[2:]) == cells).all())
    True
    """
    across = _period(np.abs(np.diff(heat, axis=1)).sum(axis=0))
    down = _period(np.abs(np.diff(heat, axis=0)).sum(axis=1))
    if across is None or down is None:
        return None
    first, side, many = [], [], []
    for (edge, wide), size in zip((across, down), heat.shape[::-1], strict=True):
        before = int(np.ceil(edge / wide - 1e-6))
        first.append(edge - before * wide)
        side.append(wide)
        many.append(int(np.ceil((size - first[-1]) / wide - 1e-6)))
    return Blocks((first[0], first[1]), (side[0], side[1]), (many[0], many[1]))


def _period(change: np.ndarray) -> tuple[float, float] | None:
    """Return the phase and period of edges along one axis."""
    if not change.any():
        return None
    busy = np.percentile(change[change > 0], 90)
    at = np.flatnonzero(change >= _BUSY * busy) + 1.0
    if len(at) < _EDGES:
        return None
    gap = np.diff(at)
    # Of cells side by side; where nothing changes an edge may be missing.
    wide = float(gap[gap < 1.5 * np.median(gap)].mean())
    if wide < _FEWEST:
        return None
    count = np.concatenate([[0], np.cumsum(np.round(gap / wide))])
    wide, edge = (float(v) for v in np.polyfit(count, at, 1))
    if wide < _FEWEST or np.abs(edge + count * wide - at).max() > _OFF:
        return None
    line = np.arange(1, len(change) + 1)
    away = np.abs(line - edge - np.round((line - edge) / wide) * wide)
    return (edge, wide) if change[away <= _OFF].sum() >= _HELD * change.sum() else None
