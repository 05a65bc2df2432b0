"""How much of each disc's edge is to be seen when discs of one size and colour overlap."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

__all__ = ["visible_edge"]


def visible_edge(centre: np.ndarray, radius: float) -> np.ndarray:
    """Return the share of each disc's circumference that no other disc covers.

    A disc of which nothing is seen cannot be found by anybody, at any resolution: the share of
    discs above 0 bounds the recall of every reader that knows no more than the picture.

    Parameters
    ----------
    centre : ndarray of float, shape (n, 2)
    radius : float
        Of every disc, in the unit of the centres, above 0.

    Returns
    -------
    ndarray of float, shape (n,)
        0 (hidden) to 1 (alone).

    Examples
    --------
    Each of two discs one radius apart covers a third of the other's edge; of two discs in one
    place, the first is taken to hide the second.

    >>> visible_edge(np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 9.0], [9.0, 9.0]]), 1.0).round(4)
    array([0.6667, 0.6667, 1.    , 0.    ])
    """
    n = len(centre)
    pairs = cKDTree(centre).query_pairs(2 * radius, output_type="ndarray")
    gap = centre[pairs[:, 1]] - centre[pairs[:, 0]]
    distance = np.hypot(gap[:, 0], gap[:, 1])
    same = distance == 0
    hidden = np.zeros(n, bool)
    hidden[pairs[same].max(axis=1)] = True
    pairs, gap, distance = pairs[~same], gap[~same], distance[~same]
    disc = np.concatenate([pairs[:, 0], pairs[:, 1]])
    towards = np.arctan2(gap[:, 1], gap[:, 0])
    towards = np.concatenate([towards, towards + np.pi])
    half = np.arccos(np.clip(distance / (2 * radius), -1, 1))
    half = np.concatenate([half, half])
    # Arcs from a start in [0, turn) to an end that may pass the turn, and is then cut in two.
    turn = 2 * np.pi
    start = np.mod(towards - half, turn)
    end = start + 2 * half
    over = end > turn
    disc = np.concatenate([disc, disc[over]])
    start = np.concatenate([start, np.zeros(int(over.sum()))])
    end = np.concatenate([np.minimum(end, turn), end[over] - turn])
    covered = np.bincount(disc, _new_length(disc, start, end), n)
    share = np.clip(1 - covered / turn, 0, 1)
    share[share < 1e-9] = 0
    share[hidden] = 0
    return share


def _new_length(disc: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return what each arc adds to those of its disc that start before it."""
    order = np.lexsort((start, disc))
    # Discs follow each other on one line, far enough apart not to meet.
    shift = disc[order] * 10.0
    begin, finish = start[order] + shift, end[order] + shift
    reached = np.concatenate([[-np.inf], np.maximum.accumulate(finish)])[:-1]
    added = np.empty(len(order))
    added[order] = np.maximum(finish - np.maximum(begin, reached), 0)
    return added
