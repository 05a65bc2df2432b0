"""Quadtree masking: squares that hold at least k people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from privaudit.core.checks import keyword_only, whole
from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks.mask import AddressMask
from privaudit.maps.masks.snapping import Snapped, people_at

# Squares are halved at most this often: a commune of 10 km comes down to a centimetre.
DEEPEST = 20


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Quadtree(AddressMask):
    """Show each dot at the centre of a square that holds at least k people.

    The square around all addresses is cut in four, and each again, as long as every part that
    has an address holds at least k people; the squares left are shown by their centres.

    Parameters
    ----------
    k : int
        People (addresses, where people are not known) in every square, 1 or more.

    References
    ----------
    Suñé, Rovira, Ibáñez and Farré (2017): no quarter of a square is shown below k. Gruteser and
    Grunwald (2003) quarter the square of one person by that person's own quarter alone.

    Examples
    --------
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": list("abcd"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 1.0, 7.0, 8.0], "y": 0.0}), real=False)
    >>> shown = Quadtree(k=2).on(base)(base.xy, rng=np.random.default_rng(0))
    >>> shown.tolist()
    [[1.0, 1.0], [1.0, 1.0], [7.5, 0.5], [7.5, 0.5]]
    """

    word, example = "quadtree", "quadtree:11"

    k: int

    def __post_init__(self) -> None:
        whole("Quadtree", "k", self.k, 1)

    def on(self, base: AddressBase) -> Snapped:
        """Return the squares over these addresses; all are suppressed under k in all."""
        places, people = base.xy, people_at(base)
        low = places.min(axis=0)
        side = float(np.ptp(places, axis=0).max()) or 1.0
        at = (places - low) / side
        image = np.full_like(places, np.nan)
        active = np.arange(len(places)) if people.sum() >= self.k else np.empty(0, np.int64)
        for depth in range(DEEPEST + 1):
            if len(active) == 0:
                break
            square = _squares(at[active], depth)
            part = _squares(at[active], depth + 1)
            parent = np.unique(square @ (2**depth, 1), return_inverse=True)[1]
            child = np.unique(part @ (2 ** (depth + 1), 1), return_inverse=True)[1]
            held = np.bincount(child, weights=people[active])
            few = np.bincount(parent, weights=held[child] < self.k) > 0
            stop = few[parent] | (depth == DEEPEST)
            image[active[stop]] = low + (square[stop] + 0.5) * (side / 2**depth)
            active = active[~stop]
        return Snapped(places=places, image=image)


def _squares(at: np.ndarray, depth: int) -> np.ndarray:
    """Column and row, among 2**depth, of points of the unit square (its far edges included)."""
    return np.asarray(np.minimum((at * 2**depth).astype(np.int64), 2**depth - 1))
