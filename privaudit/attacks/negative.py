"""Those who are not on the map: what no dot, or a call next door, says of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from privaudit._core.checks import in_range
from privaudit.measures.maps.negative_disclosure import opinion_given_dot, opinion_given_no_dot
from privaudit.places.address_base import AddressBase

__all__ = ["NegativeDisclosure", "passed_by", "read_absence"]

# Metres from a visited door within which volunteers are seen to pass: the doors around.
NEAR = 50.0


@dataclass(frozen=True, eq=False, kw_only=True)
class NegativeDisclosure:
    """What a map says of somebody at each place with a dot, and without one.

    - `base_rate`, `with_dot`, `without_dot` (float): Probability of being of the side: before the
      map, and after it for somebody who has a dot and for somebody who has none.
    """

    base_rate: np.ndarray
    with_dot: np.ndarray
    without_dot: np.ndarray


def read_absence(
    base_rate: np.ndarray, *, sensitivity: float, false_positive: float
) -> NegativeDisclosure:
    """Read the map both ways: what a dot says, and what its absence does.

    - `base_rate` (float): Share of the side among the electors of each place, from public results.
    - `sensitivity`, `false_positive`: Probability, in [0, 1], that somebody of the side, or anybody
      else, has a dot.

    Examples
    --------
    >>> found = read_absence(np.array([0.3]), sensitivity=0.5, false_positive=0.1)
    >>> found.with_dot.round(3).tolist(), found.without_dot.round(3).tolist()
    ([0.682], [0.192])
    """
    in_range("read_absence", "sensitivity", sensitivity, 0, 1)
    in_range("read_absence", "false_positive", false_positive, 0, 1)
    base = np.asarray(base_rate, dtype=float)
    return NegativeDisclosure(
        base_rate=base,
        with_dot=np.asarray(opinion_given_dot(base, sensitivity, false_positive)),
        without_dot=np.asarray(opinion_given_no_dot(base, sensitivity, false_positive)),
    )


def passed_by(
    addresses: np.ndarray, visited: np.ndarray, base: AddressBase, *, within: float = NEAR
) -> np.ndarray:
    """Tell the addresses without a dot that volunteers were seen to pass by.

    - `addresses` (int): Address guessed for each dot, -1 where there is none.
    - returns (bool, shape (len(base),)): True where no dot is and a visited one is near.
    """
    from scipy.spatial import cKDTree

    in_range("passed_by", "within", within, 0, open_low=True)
    known = addresses >= 0
    holds = np.zeros(len(base), dtype=bool)
    holds[addresses[known]] = True
    grey = np.unique(addresses[known & visited])
    if len(grey) == 0:
        return np.zeros(len(base), dtype=bool)
    nearest = cKDTree(base.xy[grey]).query(base.xy)[0]
    return np.asarray((nearest <= within) & ~holds)
