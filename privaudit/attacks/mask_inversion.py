"""Masks that one query undoes: a dot half way to the nearest neighbour names two homes."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from privaudit.measures.maps.neighbours import nearest
from privaudit.measures.maps.spatial import SparsePosterior, posterior_of_pairs
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import ROUNDING_METRES, Voronoi

__all__ = ["invert_voronoi"]


def invert_voronoi(dots: np.ndarray, base: AddressBase) -> SparsePosterior:
    """Return the homes that dots masked by `Voronoi` can have: one query of the nearest addresses.

    A dot half way between a home and its nearest neighbour has these two as its own nearest
    addresses, for any third one would be nearer to the home. Of the two, one is ruled out where
    it has a nearer neighbour of its own: the home is then certain (up to the doors of one
    position). Where they are each other's neighbours, it is either.

    Parameters
    ----------
    dots : ndarray of float, shape (n, 2)
        Metres, in the projection of `base`.
    base : AddressBase

    Returns
    -------
    SparsePosterior
        Over addresses, each as likely before the dot; empty where no address explains it.

    Examples
    --------
    Homes at 0, 2 and 8 m: the one at 8 m is shown at 5 m, half way to the one at 2 m, whose own
    neighbour is at 0 m.

    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 2.0, 8.0], "y": 0.0}))
    >>> found = invert_voronoi(np.array([[5.0, 0.0], [1.0, 0.0]]), base)
    >>> found.place.tolist(), found.probability.tolist()
    ([2, 0, 1], [1.0, 0.5, 0.5])
    """
    # Reading a dot a rounding off leaves its two homes within twice that of each other.
    closest = cKDTree(base.xy).query(dots)[0]
    pairs = nearest(dots, base.xy, closest + 2 * ROUNDING_METRES)
    likelihood = Voronoi().on(base).likelihood(dots, pairs)
    return posterior_of_pairs(pairs, likelihood, np.ones(len(base)), base.people())
