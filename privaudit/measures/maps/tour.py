"""Length of a canvassing tour planned on a masked map; a length, never a route."""

from __future__ import annotations

import numpy as np

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.maps.neighbours import z_order

__all__ = ["MOST_DOORS", "walked_length"]

# All distances between the doors of a tour are held: 200 MB at this many.
MOST_DOORS = 5_000
# Metres. A gain below is rounding, and would let two equal tours alternate for ever.
LEAST_GAIN = 1e-6


def walked_length(planned: np.ndarray, doors: np.ndarray) -> float:
    """Return the length of a tour of the doors in the order planned on other places.

    The order is that of a good closed tour through the `planned` places. They are first taken along
    a space-filling curve, then every pair of legs that would be shorter exchanged is exchanged
    (2-opt, Croes 1958), until none is left: the tour never crosses itself. It is no shorter than
    the shortest one, and where the places form a convex polygon it is that polygon. The doors are
    walked in that order, in straight lines, with no search for a door that is not where the map
    shows it: a lower bound of what the mask costs.

    Parameters
    ----------
    planned, doors : float, shape (n, 2)
        Where the map shows each dot, and where its door is, metres.

    Returns
    -------
    float
        Metres.

    Raises
    ------
    ParameterError
        Anything but one place a door.
        More doors than `MOST_DOORS`.

    Examples
    --------
    >>> doors = np.array([[0.0, 0.0], [30.0, 0.0], [30.0, 40.0], [0.0, 40.0]])
    >>> walked_length(doors[[0, 2, 1, 3]], doors)  # two dots that changed places
    180.0
    """
    if len(planned) != len(doors):
        came = f"{len(planned):,} places for {len(doors):,} doors"
        raise ParameterError(say("walked_length", "one place a door", came))
    if len(doors) > MOST_DOORS:
        came, do = f"{len(doors):,}", "Cut them into several tours."
        raise ParameterError(say("walked_length", f"at most {MOST_DOORS:,} doors", came, do))
    if len(doors) < 2:
        return 0.0
    return float(_legs(doors[_order(planned)]).sum())


def _legs(path: np.ndarray) -> np.ndarray:
    """Return the length of each leg of a closed path."""
    lengths: np.ndarray = np.hypot(*(np.roll(path, -1, axis=0) - path).T)
    return lengths


def _order(points: np.ndarray) -> np.ndarray:
    """Return the order of a 2-optimal tour; private, as no route is ever returned."""
    order = z_order(points)
    n = len(order)
    gap = points[:, None] - points[None]
    apart = np.hypot(gap[..., 0], gap[..., 1])
    while True:
        along = apart[np.ix_(order, order)]
        leg = along[np.arange(n), _next(n)]
        # Legs (i, i+1) and (j, j+1) become (i, j) and (i+1, j+1).
        swapped = along + along[np.ix_(_next(n), _next(n))]
        gain = np.triu(leg[:, None] + leg[None] - swapped, 2)
        best = gain.argmax(axis=1)
        worth = gain[np.arange(n), best]
        taken = np.zeros(n, dtype=bool)
        for i in np.argsort(-worth, kind="stable")[: (worth > LEAST_GAIN).sum()]:
            part = slice(i, best[i] + 1)
            # Exchanges that share no leg can be made together.
            if not taken[part].any():
                taken[part] = True
                turned = slice(i + 1, best[i] + 1)
                order[turned] = order[turned][::-1].copy()
        if not taken.any():
            return order


def _next(n: int) -> np.ndarray:
    """Return the next position along a closed path."""
    return (np.arange(n) + 1) % n
