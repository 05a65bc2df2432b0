"""Verified donut: a move is drawn again until enough addresses are as near to the dot."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.checks import in_range, keyword_only, ordered, whole
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import TIE_METRES, Pairs
from privaudit.maps.masks.contained import PlacedRedrawn
from privaudit.maps.masks.donut import Donut
from privaudit.maps.masks.mask import FARTHEST, AddressMask
from privaudit.stats.csr import row_of


@keyword_only
@dataclass(frozen=True, kw_only=True)
class VerifiedDonut(AddressMask):
    """Draw a donut's move again until `k` other addresses are as near to the dot as the home.

    Spatial k-anonymity is thus counted on the addresses, not expected from their density. An
    address from which no move in the ring has so many is suppressed.

    Parameters
    ----------
    r_min, r_max : float
        Smallest and largest move, in metres, ``0 <= r_min < r_max``.
    k : int
        Other addresses, 1 or more, that are no farther from the dot than the home is.

    References
    ----------
    Allshouse et al. (2010) count the addresses around masked dots (actual k-anonymity), which the
    ring alone leaves under k; the package geomask draws again until they are enough, and calls
    that verified. The density is that of the ring, divided by the share of it that is accepted.

    Examples
    --------
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0, 500.0], "y": 0.0}), real=False)
    >>> mask = VerifiedDonut(r_min=10, r_max=50, k=1).on(base)
    >>> moved = mask(base.xy, rng=np.random.default_rng(0))
    >>> bool(moved[0, 0] >= 20 and moved[1, 0] <= 20), moved[2].tolist()
    (True, [nan, nan])
    """

    word, example = "verified", "verified:50:200:10"
    draws = 1

    r_min: float
    r_max: float
    k: int

    def __post_init__(self) -> None:
        in_range("VerifiedDonut", "r_min", self.r_min, 0, FARTHEST)
        in_range("VerifiedDonut", "r_max", self.r_max, 0, FARTHEST)
        ordered("VerifiedDonut", "r_min", self.r_min, "r_max", self.r_max)
        whole("VerifiedDonut", "k", self.k, 1)

    def on(self, base: AddressBase) -> PlacedVerified:
        ring = Donut(r_min=self.r_min, r_max=self.r_max)
        return PlacedVerified(mask=ring, places=base.xy, k=self.k)


@dataclass(frozen=True, eq=False)
class Nearby:
    """How far off the addresses nearest to dots are, asked once for several numbers of them.

    - `tree`: Of the addresses.
    - `numbers`: Other addresses than the nearest.
    """

    tree: cKDTree
    numbers: tuple[int, ...]
    _known: dict[bytes, np.ndarray] = field(default_factory=dict)

    def farthest(self, dots: np.ndarray, k: int) -> np.ndarray:
        """Return the distance of each dot to its nearest k + 1 addresses; inf under k + 1."""
        key = dots.tobytes()
        if key not in self._known:
            every = [number + 1 for number in self.numbers]
            self._known[key] = self.tree.query(dots, k=every)[0]
        return np.asarray(self._known[key][:, self.numbers.index(k)])


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedVerified(PlacedRedrawn):
    """A verified donut over m addresses.

    - `nearby`: Of the places, where other numbers than `k` are asked for too.
    """

    k: int
    nearby: Nearby | None = None

    def _enough(self, dots: np.ndarray) -> np.ndarray:
        """Return the distance of each dot to its nearest k + 1 addresses; inf under k + 1."""
        if self.nearby is None:
            return np.asarray(self._tree.query(dots, k=[self.k + 1])[0][:, 0])
        return self.nearby.farthest(dots, self.k)

    def move(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        # Where a move ended is asked for once: no other number of addresses is.
        return super(PlacedVerified, replace(self, nearby=None)).move(points, rng)

    def accepted(self, home: np.ndarray, end: np.ndarray) -> np.ndarray:
        # The home is one of them, for it is as near as itself.
        return np.asarray(self._enough(end) <= np.hypot(*(end - home).T) + TIE_METRES)

    def possible(self, dots: np.ndarray, pairs: Pairs, rounding: float) -> np.ndarray:
        # Rounding moves the home and the farthest of the others by as much.
        margin = 2 * rounding + TIE_METRES
        return np.asarray(self._enough(dots)[row_of(pairs.indptr)] <= pairs.distance + margin)
