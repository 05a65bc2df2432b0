"""Street swapping: each dot moves to another address of its street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.core.checks import keyword_only
from privaudit.geo.address_base import AddressBase
from privaudit.maps.masks.location_swap import LocationSwap, PlacedSwap
from privaudit.maps.masks.snapping import distinct


@keyword_only
@dataclass(frozen=True, kw_only=True)
class StreetSwap(LocationSwap):
    """Move each dot to a uniform address of its own street, at a distance between two radii.

    A street is a name within a commune; distances are straight. A dot is suppressed where its
    street has no address between the radii, or no name. Addresses of one position count as of one
    street, the first of theirs by name.

    Parameters
    ----------
    r_min, r_max : float
        Smallest and largest move, in metres, ``0 <= r_min < r_max``. With 0 a dot may stay.

    References
    ----------
    Zhang et al. (2017), location swapping, the addresses of a street being of one similarity
    class. Street masking (Swanlund et al. 2020) shows dots at crossings, across streets:
    `StreetMask`.

    Examples
    --------
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1",
    ...     "street": ["Long Lane", "Short Street", "Long Lane"], "commune": "c", "station": "",
    ...     "x": [0.0, 20.0, 40.0], "y": 0.0}), real=False)
    >>> swap = StreetSwap(r_min=10, r_max=50).on(base)
    >>> swap(base.xy, rng=np.random.default_rng(0)).tolist()
    [[40.0, 0.0], [nan, nan], [0.0, 0.0]]
    """

    word, example = "street_swap", "street_swap:50:200"

    def on(self, base: AddressBase) -> PlacedSwap:
        street = _street_at(base)
        return PlacedSwap(r_min=self.r_min, r_max=self.r_max, places=base.xy, street=street)


def _street_at(base: AddressBase) -> np.ndarray:
    """Number the street of the position of each address; one without a name is of its own."""
    name, site = base.frame["street"].astype(str), distinct(base.xy)[1]
    key = (base.frame["commune"].astype(str) + "/" + name).where(name != "")
    code = pd.factorize(key, sort=True)[0].astype(np.int64)
    nameless = int(code.max(initial=-1)) + 1 + np.arange(int(site.max(initial=-1)) + 1)
    first, known = nameless.copy(), code >= 0
    np.minimum.at(first, site[known], code[known])
    return np.asarray(first[site])
