"""How likely is it that chance alone lays so many dots on places?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import binom

__all__ = ["crowding", "false_placement"]

# Distances, in metres, by which dots are moved to see how often they meet a place all the same.
_MOVED = (6.0, 10.0, 16.0, 25.0)


def false_placement(dots: int, met: int, by_decoys: int, maps: float, share: float) -> float:
    """Bound the probability that the best of many maps is a false one.

    A map has two dots on places by its making. If each of the others met a place with
    probability p, the number of them that do is binomial, and the best of so many maps meets
    `met` or more with a probability of at most ``maps * P(Bin(dots - 2, p) >= met - 2)`` (the
    union bound; "number of false alarms" of Desolneux, Moisan & Morel 2000). The probability p
    is that at which one of the maps would be expected to do as well as the best one did for
    pictures that lie nowhere, and at least `share`.

    Parameters
    ----------
    dots : int
        Dots of the picture.
    met : int
        Dots that the map lays on a place of their own.
    by_decoys : int
        The same for the best map of pictures that lie nowhere.
    maps : float
        Maps that were tried, 1 or more.
    share : float
        Probability that a dot near places meets one by chance, 0 to 1.

    Returns
    -------
    float
        0 (surely no chance) to 1.

    Examples
    --------
    Of 50 dots all meet a place; of a decoy 12 do at best, of a million maps:

    >>> false_placement(50, 50, 12, 1e6, 0.01) < 1e-30
    True
    >>> false_placement(50, 13, 12, 1e6, 0.01) > 0.01
    True
    >>> false_placement(50, 12, 12, 1e6, 0.01)
    1.0
    """
    others = dots - 2
    if others < 1 or met - 2 < 1 or met <= by_decoys:
        return 1.0
    low, high = share, 1.0
    if maps * binom.sf(by_decoys - 3, others, low) < 1:
        for _ in range(60):
            middle = (low + high) / 2
            if maps * binom.sf(by_decoys - 3, others, middle) < 1:
                low = middle
            else:
                high = middle
    return float(min(1.0, maps * binom.sf(met - 3, others, low)))


def crowding(
    points: np.ndarray, near: float, distance: Callable[[np.ndarray], np.ndarray]
) -> float:
    """Return how often points, moved a little, are as near to a place as those on places are.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Metres.
    near : float
        Metres.
    distance : callable
        From points to their distances from the nearest place.
    """
    turn = np.arange(8) * (np.pi / 4) + 0.3
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    moved = [points + far * step for far in _MOVED for step in ring]
    return float(np.mean([distance(at) <= near for at in moved]))
