"""Snapping to the centres of hexagons."""

from __future__ import annotations

import numpy as np

from privaudit.geo.address_base import hexagon_centres
from privaudit.maps.masks.snapping import CellSnap


class HexSnap(CellSnap):
    """Show each dot at the centre of its hexagon; leave out hexagons with few people.

    Parameters
    ----------
    size : float
        Width of a hexagon between two opposite sides, in metres: also the distance between the
        centres of neighbours. One hexagon has its centre at 0, 0.
    k : int
        As for `GridSnap`.

    Examples
    --------
    >>> HexSnap(size=200)([[10.0, 30.0]], rng=np.random.default_rng(0)).tolist()
    [[0.0, 0.0]]
    """

    word, example = "hex", "hex:200"

    def centres(self, points: np.ndarray) -> np.ndarray:
        return hexagon_centres(points, float(self.size))
