"""Polling stations: whole neighbourhoods of about as many electors each."""

from __future__ import annotations

import numpy as np

from privaudit._core.arrays import Floats, Ints, Strs

__all__ = ["draw_stations", "fill_stations"]


def draw_stations(xy: Floats, electors: Ints, electors_per_station: int) -> Strs:
    """Cut a territory in stations by halving it again and again along its longer side.

    - `xy` (shape (n, 2)): Addresses, metres.
    - `electors` (int, shape (n,))
    - returns (str, shape (n,)): Station of each address, ``"001"`` and on. Each is a rectangle's
      worth of addresses.

    Examples
    --------
    >>> draw_stations(np.c_[np.arange(4.0), np.zeros(4)], np.array([9, 9, 9, 9]), 18).tolist()
    ['001', '001', '002', '002']
    """
    stations = max(1, round(int(electors.sum()) / electors_per_station))
    label = np.zeros(len(xy), dtype=np.int64)
    todo = [(np.arange(len(xy)), stations)]
    done = 0
    while todo:
        members, parts = todo.pop()
        if parts == 1 or len(members) < 2:
            done += 1
            label[members] = done
            continue
        spread = np.ptp(xy[members], axis=0)
        # Ties of position fall in the order of the addresses.
        order = members[np.argsort(xy[members, int(spread[1] > spread[0])], kind="stable")]
        left = parts // 2
        reached = np.cumsum(electors[order])
        cut = int(np.searchsorted(reached, reached[-1] * left / parts)) + 1
        cut = min(max(cut, 1), len(order) - 1)
        todo += [(order[cut:], parts - left), (order[:cut], left)]
    return np.array([f"{k:03d}" for k in range(done + 1)])[label]


def fill_stations(xy: Floats, station: Strs) -> Strs:
    """Give an address without a station that of the nearest address which has one.

    Examples
    --------
    >>> fill_stations(np.array([[0.0, 0], [1, 0], [9, 0]]), np.array(["4", "", "7"])).tolist()
    ['4', '4', '7']
    """
    from scipy.spatial import cKDTree

    known = station != ""
    if known.all():
        return station
    nearest = cKDTree(xy[known]).query(xy[~known])[1]
    filled = station.copy()
    filled[~known] = station[known][nearest]
    return filled
