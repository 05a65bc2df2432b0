"""What a masked map is still good for: counts by area, and distances between dots."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.maps.neighbours import z_order

__all__ = ["count_error", "nearest_distances"]


def count_error(before: np.ndarray, after: np.ndarray) -> float:
    """Return the share of dots that would have to change area for the counts to be right.

    ``sum_a |after_a - before_a| / (2 n)``: the total variation between the two lists of counts.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        Area in which each dot is counted, without a mask and with it, in any order.

    Returns
    -------
    float
        In [0, 1], 0 = every area counts the same; nan without a dot.

    Raises
    ------
    ParameterError
        The two have different lengths.

    Examples
    --------
    >>> count_error(np.array(["a", "a", "b", "c"]), np.array(["a", "b", "b", "b"]))
    0.5
    """
    if len(before) != len(after):
        came = f"{len(after):,} for {len(before):,}"
        raise ParameterError(say("count_error", "as many dots after as before", came))
    if len(before) == 0:
        return float("nan")
    areas, code = np.unique(np.concatenate([before, after]), return_inverse=True)
    sign = np.repeat([-1.0, 1.0], len(before))
    change = np.bincount(code.reshape(-1), weights=sign, minlength=len(areas))
    return float(np.abs(change).sum() / (2 * len(before)))


def nearest_distances(points: np.ndarray) -> np.ndarray:
    """Return the distance from each dot to the nearest other dot, in metres.

    Set by chance on a plane, d a square metre, their mean is ``1 / (2 sqrt(d))`` (Clark and
    Evans 1954).

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Metres; dots that share a place are 0 apart.

    Returns
    -------
    ndarray of float, shape (n,)
        nan for a lone dot.

    Examples
    --------
    >>> nearest_distances(np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]])).tolist()
    [5.0, 1.0, 1.0]
    """
    if len(points) < 2:
        return np.full(len(points), np.nan)
    order = z_order(points)
    distance = np.empty(len(points))
    distance[order] = cKDTree(points).query(points[order], k=2)[0][:, 1]
    return distance
