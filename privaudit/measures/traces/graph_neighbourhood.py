"""How far the shape of somebody's surroundings in a graph tells them from all others."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["class_sizes", "refine"]


def refine(source: ArrayLike, target: ArrayLike, colour: ArrayLike, hops: int) -> np.ndarray:
    """Tell nodes apart by what is known of their surroundings, hop after hop.

    After each hop, two nodes keep one colour only where they had one, and the colours of their
    neighbours are the same, each as often. With one colour at the start, one hop is the degree
    and two hops are the degrees of the neighbours: the vertex refinement queries H1 and H2 of
    Hay et al. 2008.

    Parameters
    ----------
    source, target : array_like of int, shape (edges,)
        Both ends of each edge, codes from 0. An edge that stands twice counts twice.
    colour : array_like of int, shape (nodes,)
        What is known of each node to begin with.
    hops : int
        0 or more.

    Returns
    -------
    ndarray of int64, shape (nodes,)
        Colours from 0; the same for nodes that cannot be told apart.

    Examples
    --------
    A path of five: its ends, their neighbours, its middle.

    >>> refine([0, 1, 2, 3], [1, 2, 3, 4], [0] * 5, 1).tolist()
    [0, 1, 1, 1, 0]
    >>> refine([0, 1, 2, 3], [1, 2, 3, 4], [0] * 5, 2).tolist()
    [0, 1, 2, 1, 0]
    """
    one, other = np.asarray(source, np.int64), np.asarray(target, np.int64)
    node = np.concatenate([one, other])
    neighbour = np.concatenate([other, one])
    now = _dense(np.asarray(colour))
    start = np.zeros(len(now) + 1, np.int64)
    np.cumsum(np.bincount(node, minlength=len(now)), out=start[1:])
    for _ in range(hops):
        seen = now[neighbour]
        seen = seen[np.lexsort([seen, node])]
        names: dict[tuple[int, bytes], int] = {}
        now = np.array(
            [
                names.setdefault((own, seen[start[k] : start[k + 1]].tobytes()), len(names))
                for k, own in enumerate(now.tolist())
            ],
            np.int64,
        )
    return now


def class_sizes(colour: ArrayLike) -> np.ndarray:
    """Return, for each node, how many nodes have its colour, itself included.

    Examples
    --------
    >>> class_sizes([0, 1, 1, 1, 0]).tolist()
    [2, 3, 3, 3, 2]
    """
    _, code, size = np.unique(np.asarray(colour), return_inverse=True, return_counts=True)
    return size[code]


def _dense(colour: np.ndarray) -> np.ndarray:
    return np.unique(colour, return_inverse=True)[1].astype(np.int64)
