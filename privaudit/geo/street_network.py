"""The network of streets that addresses tell of: crossings, ends of streets, ways between them."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from privaudit.geo.address_base import AddressBase

# Doors of two streets that are nearer than this stand at a crossing: gardens keep those of parallel
# streets farther apart. Corners of one crossing are chained by less than the second, in metres.
_CORNER, _ONE_CROSSING = 35.0, 20.0
# Pieces of a network are joined between nodes that are among so many nearest ones.
_NEAR = 8


class StreetNetwork(NamedTuple):
    """Crossings and ends of streets, and the straight ways between them.

    - `nodes` (float, shape (n, 2)): Metres.
    - `links` (int, shape (l, 2)): Nodes with a way between them.
    """

    nodes: np.ndarray
    links: np.ndarray

    def nearest_nodes(self, starts: np.ndarray, many: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the nodes nearest to each start along the ways, itself first, and how far.

        - returns (int and float, shape (len(starts), many)): -1 and inf where there are fewer.
        """
        ways: list[list[tuple[int, float]]] = [[] for _ in self.nodes]
        length = np.hypot(*(self.nodes[self.links[:, 0]] - self.nodes[self.links[:, 1]]).T)
        for (one, other), metres in zip(self.links.tolist(), length.tolist(), strict=True):
            ways[one].append((other, metres))
            ways[other].append((one, metres))
        node, distance = np.full((2, len(starts), many), [[[-1]], [[np.inf]]])
        for row, start in enumerate(starts.tolist()):
            reached: dict[int, float] = {}
            queue = [(0.0, start)]
            while queue and len(reached) < many:
                metres, at = heappop(queue)
                if at not in reached:
                    reached[at] = metres
                    for other, more in ways[at]:
                        heappush(queue, (metres + more, other))
            node[row, : len(reached)] = list(reached)
            distance[row, : len(reached)] = list(reached.values())
        return node.astype(np.int64), distance


def street_network(base: AddressBase) -> StreetNetwork:
    """Return the network that the addresses and the names of their streets tell of.

    Two streets cross where doors of theirs stand within 35 m of each other. A street runs from
    one of its two farthest doors to the other, through its crossings by their distance from the
    first. Pieces that no crossing joins are joined at their shortest gaps. A crossing without a
    door nearby is missed, and bends of streets are cut.

    Examples
    --------
    >>> base = AddressBase(pd.DataFrame({"id": list("abcd"), "number": "1", "commune": "c",
    ...     "street": ["lane", "lane", "row", "row"], "station": "", "x": [0.0, 80.0, 90.0, 90.0],
    ...     "y": [0.0, 0.0, 10.0, 100.0]}), real=False)
    >>> network = street_network(base)
    >>> network.nodes.tolist(), network.links.tolist()
    ([[85.0, 5.0], [0.0, 0.0], [90.0, 100.0]], [[1, 0], [0, 2]])
    """
    xy, name = base.xy, base.frame["street"].astype(str)
    key = (base.frame["commune"].astype(str) + "/" + name).where(name != "")
    street = pd.factorize(key, sort=True)[0]
    crossings, on = _crossings(xy, street)
    nodes, links = [*crossings], []
    for code in range(int(street.max(initial=-1)) + 1):
        doors, way = xy[street == code], on[on[:, 0] == code, 1].tolist()
        first = doors[np.hypot(*(doors - doors.mean(axis=0)).T).argmax()]
        last = doors[np.hypot(*(doors - first).T).argmax()]
        for end in (first, last):
            if not way or np.hypot(*(np.array([nodes[at] for at in way]) - end).T).min() > _CORNER:
                way.append(len(nodes))
                nodes.append(end)
        along = np.hypot(*(np.array([nodes[at] for at in way]) - first).T)
        way = np.array(way)[np.argsort(along, kind="stable")]
        links.append(np.column_stack([way[:-1], way[1:]]))
    found = np.array(nodes).reshape(-1, 2)
    return StreetNetwork(found, _joined(found, np.concatenate([np.empty((0, 2), int), *links])))


def _crossings(xy: np.ndarray, street: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where streets cross, and each street with a crossing of it, as rows."""
    pairs = cKDTree(xy).query_pairs(_CORNER, output_type="ndarray")
    pairs = pairs[(street[pairs[:, 0]] != street[pairs[:, 1]]) & (street[pairs] >= 0).all(axis=1)]
    # Of each door and each other street, the nearest door is enough.
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    gap = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    order = np.lexsort((gap, street[pairs[:, 1]], pairs[:, 0]))
    pairs = pairs[order]
    new = np.ones(len(pairs), bool)
    new[1:] = (np.diff(pairs[:, 0]) != 0) | (np.diff(street[pairs[:, 1]]) != 0)
    pairs = pairs[new]
    if len(pairs) == 0:
        return np.empty((0, 2)), np.empty((0, 2), np.int64)
    middle = xy[pairs].mean(axis=1)
    near = cKDTree(middle).query_pairs(_ONE_CROSSING, output_type="ndarray")
    crossing = _pieces(near, len(middle))
    many = np.bincount(crossing)
    at = np.column_stack([np.bincount(crossing, axis) / many for axis in middle.T])
    on = np.column_stack([street[pairs].ravel(), np.repeat(crossing, 2)])
    return at, np.unique(on, axis=0)


def _pieces(links: np.ndarray, n: int) -> np.ndarray:
    """Number the pieces of a graph of n nodes, by node."""
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1])


def _joined(nodes: np.ndarray, links: np.ndarray) -> np.ndarray:
    """Return the links, and the shortest gap from each piece to another, until there is one."""
    near, n = _NEAR, len(nodes)
    while n > 1 and (piece := _pieces(links, n)).any():
        gap, other = cKDTree(nodes).query(nodes, k=min(near, n))
        start = np.repeat(np.arange(n), gap.shape[1])
        out = np.flatnonzero(piece[start] != piece[other.ravel()])
        near *= 4
        if len(out):
            out = out[np.lexsort((gap.ravel()[out], piece[start[out]]))]
            out = out[np.diff(piece[start[out]], prepend=-1) != 0]
            links = np.vstack([links, np.column_stack([start[out], other.ravel()[out]])])
            near = _NEAR
    return links
