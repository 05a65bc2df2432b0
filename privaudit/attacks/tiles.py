"""Tiles of dots: neighbours together; and, where dots compete for addresses, rivals together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from privaudit.attacks.adversary import Adversary
from privaudit.attacks.locate import locate_dots
from privaudit.measures.maps.neighbours import place_tree, z_order
from privaudit.measures.tables.compressed_rows import row_of
from privaudit.places.address_base import AddressBase

__all__ = ["Tiles", "tiles_of_neighbours", "tiles_of_rivals"]


class Tiles(NamedTuple):
    """Rows of each tile, and how many dots are in tiles that are larger than was asked."""

    rows: list[np.ndarray]
    crowded: int


def tiles_of_neighbours(points: np.ndarray, size: int) -> Tiles:
    """Cut dots into tiles of `size`, in the order of their positions.

    - `points` (float, shape (n, 2))

    Examples
    --------
    >>> tiles_of_neighbours(np.array([[0.0, 0], [90, 0], [1, 0]]), 2).rows
    [array([0, 2]), array([1])]
    """
    order = z_order(points)
    return Tiles(list(_slices(order, size)), 0)


def tiles_of_rivals(
    points: np.ndarray, base: AddressBase, adversary: Adversary, size: int
) -> Tiles:
    """Cut dots into tiles so that no two dots of different tiles may be at one address.

    Dots are located slice by slice, and only which addresses a group of rivals may be at is
    kept, so that the memory is that of `size` dots. Groups are then packed into tiles of `size`
    dots at most. Among one-to-one assignments those of one group say nothing of another: tiles
    change no probability. A group that is larger makes a tile by itself: where many dots are
    moved far, most of a town is one.

    - `points` (float, shape (n, 2))
    - `adversary`: With the mask under which dots are read, or none.
    - returns: Each with its rows in ascending order.
    """
    order = z_order(points)
    group = np.empty(len(points), dtype=np.int64)
    ground = place_tree(base.xy)
    pairs, groups = [np.empty((2, 0), dtype=np.int64)], 0
    for rows in _slices(order, size):
        # Ties are not looked at: any draws will do.
        found = locate_dots(
            points[rows], base, adversary, rng=np.random.default_rng(0), keep=True, ground=ground
        )
        posterior = found.kept("climb")
        likely = posterior.probability > 0
        dot, door = row_of(posterior.indptr)[likely], posterior.candidate[likely]
        doors, code = np.unique(door, return_inverse=True)
        label = _components(dot, code.ravel(), len(rows), len(doors))
        group[rows] = groups + label[: len(rows)]
        pairs.append(np.stack([groups + label[len(rows) :], doors]))
        groups += int(label.max()) + 1
    rivals, door = np.concatenate(pairs, axis=1)
    group = _components(rivals, door, groups, len(base))[group]
    # Groups in the order of their first dot, by position.
    first = np.unique(group[order], return_index=True)[1]
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    group = np.unique(group, return_inverse=True)[1].ravel()
    by_group = np.argsort(rank[group], kind="stable")
    members = np.bincount(rank[group])
    return _packed(by_group, members, size)


def _packed(by_group: np.ndarray, members: np.ndarray, size: int) -> Tiles:
    """Put whole groups into tiles, one after the other, as long as they fit."""
    ends = np.cumsum(members)
    rows, start = [], 0
    for k, end in enumerate(ends):
        last = k == len(ends) - 1
        if last or ends[k + 1] - start > size:
            rows.append(np.sort(by_group[start:end]))
            start = int(end)
    return Tiles(rows, int(members[members > size].sum()))


def _components(one: np.ndarray, other: np.ndarray, ones: int, others: int) -> np.ndarray:
    """Return the component of each of `ones`, then of each of `others`."""
    ends = (one, ones + other)
    graph = coo_array((np.ones(len(one), np.int8), ends), shape=(ones + others,) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _slices(order: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, len(order), size):
        yield order[start : start + size]
