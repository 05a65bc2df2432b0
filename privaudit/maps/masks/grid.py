"""Snapping to the centres of a square grid."""

from __future__ import annotations

import numpy as np

from privaudit.geo.address_base import square_centres
from privaudit.maps.masks.snapping import CellSnap


class GridSnap(CellSnap):
    """Show each dot at the centre of its square; leave out squares with few people.

    Parameters
    ----------
    size : float
        Side of a square, in metres; squares start at 0, 0.
    k : int
        Squares that hold fewer people (addresses, where people are not known) are left out:
        their dots become nan. 0 leaves none out; above 0 the mask needs the addresses.

    Examples
    --------
    >>> GridSnap(size=200)([[10.0, 250.0]], rng=np.random.default_rng(0)).tolist()
    [[100.0, 300.0]]
    """

    word, example = "grid", "grid:200"

    def centres(self, points: np.ndarray) -> np.ndarray:
        return square_centres(points, float(self.size))
