"""Street masking: each dot is shown at a crossing near its own along the streets.

Also the network of streets that addresses give: crossings, ends of streets, ways between them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from privaudit.core.checks import keyword_only, ordered, whole
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import TIE_METRES, Pairs
from privaudit.maps.masks.mask import ROUNDING_METRES, AddressMask, PlacedMask
from privaudit.stats.csr import row_of

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
    doors_of = pd.Series(street).groupby(street).indices
    for code in range(street.max(initial=-1) + 1):
        doors, way = xy[doors_of[code]], on[on[:, 0] == code, 1].tolist()
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


# Share of the moves of all addresses that must reach k before `StreetKMask` stops.
_SATISFIED = 0.99


@keyword_only
@dataclass(frozen=True, kw_only=True)
class StreetMask(AddressMask):
    """Show each dot at a crossing, or an end of a street, at a typical distance along the streets.

    The dot is put on the nearest node of the network. Of the n nodes nearest to that one along
    the streets, itself included, it goes to the one whose distance is closest to the mean of all
    n. n is drawn evenly from `low` to `high` - 1 for each dot.

    Parameters
    ----------
    low, high : int
        Fewest nodes, and one more than the most, ``1 <= low < high``. A network with fewer nodes
        is taken whole.
    network : tuple of ndarray, optional
        Positions of nodes, float (n, 2), metres, and rows of two nodes with a street between,
        int (l, 2): of a map of roads. Without it they are those that the addresses and the names
        of their streets tell of (`privaudit.maps.masks.street_mask`). It is in no word.

    Raises
    ------
    ParameterError
        A number is out of range; `network` is no network; on addresses: none has a street.

    References
    ----------
    Swanlund, Schuurman, Zandbergen and Brussoni (2020), street masking, with n drawn for each
    dot as MaskMyPy does. A dot has one of `high` - `low` ends: the likelihood counts them.

    Examples
    --------
    >>> nodes = np.array([[0.0, 0.0], [100.0, 0.0], [150.0, 0.0], [290.0, 0.0]])
    >>> mask = StreetMask(low=3, high=5, network=(nodes, [[0, 1], [1, 2], [2, 3]]))
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": ["a"], "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [3.0], "y": 5.0}), real=False)
    >>> mask.on(base).ends.tolist()  # (0 + 100 + 150) / 3 = 83; with 290, 135
    [[1, 2]]
    """

    word, example, label_fields = "street_mask", "street_mask:20:30", ("low", "high")
    draws = 1

    low: int
    high: int
    network: Any = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        whole("StreetMask", "low", self.low, 1)
        whole("StreetMask", "high", self.high, 1)
        ordered("StreetMask", "low", self.low, "high", self.high)
        if self.network is not None:
            object.__setattr__(self, "network", _checked(self.network))

    def on(self, base: AddressBase) -> PlacedStreet:
        nodes, start, ends = _ends(base, self.network, range(self.low, self.high))
        return PlacedStreet(places=base.xy, nodes=nodes, ends=ends[start])

    def recipe(self) -> dict[str, Any]:
        return {self.kind: self.word, "low": self.low, "high": self.high}


@keyword_only
@dataclass(frozen=True, kw_only=True)
class StreetKMask(AddressMask):
    """Street masking among ever more nodes, until `k` other addresses are as near to nearly all.

    n is drawn from `start` up; `start` rises by `increment` until 99 % of the moves from all
    addresses end where `k` other addresses are as near as the home. Moves that do not are drawn
    again, and a dot that has no other is suppressed.

    Parameters
    ----------
    k : int
        Other addresses, 1 or more.
    start, stop : int
        First and last value of ``low`` in `StreetMask`, ``1 <= start < stop``.
    spread, increment : int
        ``high - low``, and the step by which ``low`` rises, 1 or more.

    Raises
    ------
    ParameterError
        A number is out of range; on addresses: `stop` was passed.

    References
    ----------
    Street-k masking as MaskMyPy has it, whose `min_k` (the home is counted) is `k` + 1, and which
    judges by the dots of the map, where this judges by all addresses: how a dot moves then depends
    on no other.

    Examples
    --------
    >>> str(StreetKMask(k=30))
    'street_k:30'
    """

    word, example = "street_k", "street_k:10"
    draws = 1

    k: int
    start: int = 10
    stop: int = 60
    spread: int = 2
    increment: int = 2

    def __post_init__(self) -> None:
        for name in ("k", "start", "stop", "spread", "increment"):
            whole("StreetKMask", name, getattr(self, name), 1)
        ordered("StreetKMask", "start", self.start, "stop", self.stop)

    def on(self, base: AddressBase) -> PlacedStreet:
        places = base.xy
        network = _network(base, None)
        if len(places) > self.k:
            enough = cKDTree(places).query(network.nodes, k=[self.k + 1])[0][:, 0]
        else:
            enough = np.full(len(network.nodes), np.inf)
        for low in range(self.start, self.stop + 1, self.increment):
            nodes, start, ends = _ends(base, network, range(low, low + self.spread))
            ends = ends[start]
            gap = np.hypot(*(nodes[ends] - places[:, None]).transpose(2, 0, 1))
            good = enough[ends] <= gap + TIE_METRES
            if good.mean() >= _SATISFIED:
                return PlacedStreet(places=places, nodes=nodes, ends=np.where(good, ends, -1))
        needed = f"k={self.k} other addresses as near after {_SATISFIED:.0%} of moves"
        came = f"fewer up to {self.stop} nodes"
        raise ParameterError.of("StreetKMask", needed, came, "Take a larger stop, or a smaller k.")


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedStreet(PlacedMask):
    """Street masking of m addresses, each of which has c ends, drawn evenly.

    - `places` (float, shape (m, 2)), `nodes` (float, shape (n, 2))
    - `ends` (int, shape (m, c)): Nodes; -1 where an end is not allowed. A dot whose address has
      none is suppressed.
    """

    draws = 1

    places: np.ndarray
    nodes: np.ndarray
    ends: np.ndarray

    @cached_property
    def _many(self) -> np.ndarray:
        """How many ends each address has."""
        return np.asarray((self.ends >= 0).sum(axis=1))

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.nodes)

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        home = cKDTree(self.places).query(points)[1]
        pick = (uniform[0] * self._many[home]).astype(np.int64)
        allowed = -np.sort(-self.ends[home], axis=1)
        node = allowed[np.arange(len(points)), pick]
        return np.where((node >= 0)[:, None], self.nodes[node], np.nan)

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return how far the farthest address is that the node of each dot may stand for."""
        far = np.zeros(len(self.nodes))
        gap = np.hypot(*(self.nodes[self.ends] - self.places[:, None]).transpose(2, 0, 1))
        np.maximum.at(far, self.ends[self.ends >= 0], gap[self.ends >= 0])
        off, node = self._tree.query(dots)
        return np.where(off <= ROUNDING_METRES, far[node], 0.0) + ROUNDING_METRES

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the share of the ends of each place that are the node that the dot shows."""
        off, node = self._tree.query(dots)
        row = row_of(pairs.indptr)
        same = (self.ends[pairs.place] == node[row][:, None]).sum(axis=1) * (off <= rounding)[row]
        return np.asarray(same / np.maximum(self._many[pairs.place], 1))


def _ends(
    base: AddressBase, network: StreetNetwork | None, pools: range
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the nodes, the row of the node of each address, and where each row's pools lead."""
    network = _network(base, network)
    starts, start = np.unique(cKDTree(network.nodes).query(base.xy)[1], return_inverse=True)
    node, distance = network.nearest_nodes(starts, pools[-1])
    count = (node >= 0).sum(axis=1)
    total = np.cumsum(np.where(node >= 0, distance, 0.0), axis=1)
    rows, ends = np.arange(len(starts)), []
    for pool in pools:
        many = np.minimum(pool, count)
        off = np.abs(distance - (total[rows, many - 1] / many)[:, None])
        off[np.arange(node.shape[1]) >= many[:, None]] = np.inf
        ends.append(node[rows, off.argmin(axis=1)])
    return network.nodes, start, np.column_stack(ends)


def _network(base: AddressBase, network: StreetNetwork | None) -> StreetNetwork:
    """Return a network, that of the addresses where none is given."""
    network = street_network(base) if network is None else network
    if len(network.nodes) == 0:
        needed, do = "addresses with a street", "Give a network of roads."
        raise ParameterError.of("StreetMask", needed, "none", do)
    return network


def _checked(network: Any) -> StreetNetwork:
    """Return a network of somebody's own, or raise."""
    try:
        nodes, links = (np.array(part) for part in network)
        made = StreetNetwork(nodes.astype(float), links.astype(np.int64))
        fits = made.nodes.shape == (len(nodes), 2) and made.links.shape == (len(links), 2)
        known = made.links.min(initial=0) >= 0 and made.links.max(initial=0) < len(nodes)
        if fits and known and np.isfinite(made.nodes).all():
            return made
    except (TypeError, ValueError):
        pass
    needed = "network nodes of shape (n, 2), and links of shape (l, 2), rows of nodes"
    raise ParameterError.of("StreetMask", needed, "something else")
