"""Street masking: each dot is shown at a crossing near its own along the streets."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.checks import keyword_only, ordered, whole
from privaudit.errors import ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import TIE_METRES, Pairs
from privaudit.geo.street_network import StreetNetwork, street_network
from privaudit.maps.masks.mask import ROUNDING_METRES, AddressMask, PlacedMask
from privaudit.stats.csr import row_of

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
        of their streets tell of (`privaudit.geo.street_network`). It is in no word.

    Raises
    ------
    ParameterError
        A number is out of range; `network` is none; on addresses: none has a street.

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
