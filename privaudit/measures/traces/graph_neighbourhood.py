"""Structural re-identification in a graph: neighbourhood refinement and signatures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.typing import ArrayLike

from privaudit._core.arrays import Floats, Ints

__all__ = ["class_sizes", "refine", "signatures"]


def refine(source: ArrayLike, target: ArrayLike, colour: ArrayLike, hops: int) -> np.ndarray:
    """Return colours of nodes refined by their neighbourhood, hop after hop.

    After each hop, two nodes keep one colour only where they had one, and the colours of their
    neighbours are the same, each as often. With one colour at the start, one hop is the degree and
    two hops are the degrees of the neighbours: the vertex refinement queries H1 and H2 of Hay et
    al. 2008.

    Parameters
    ----------
    source, target : int, shape (edges,)
        Both ends of each edge, codes from 0. An edge that stands twice counts twice.
    colour : int, shape (nodes,)
        What is known of each node to begin with.
    hops : int
        0 or more.

    Returns
    -------
    int64, shape (nodes,)
        Colours from 0; the same for nodes that cannot be told apart.

    References
    ----------
    Hay et al. (2008).

    Examples
    --------
    A path of five: its ends, their neighbours, its middle.

    >>> refine([0, 1, 2, 3], [1, 2, 3, 4], [0] * 5, 1).tolist()
    [0, 1, 1, 1, 0]
    >>> refine([0, 1, 2, 3], [1, 2, 3, 4], [0] * 5, 2).tolist()
    [0, 1, 2, 1, 0]
    """
    tail, head = np.asarray(source, np.int64), np.asarray(target, np.int64)
    node = np.concatenate([tail, head])
    neighbour = np.concatenate([head, tail])
    now = _dense(np.asarray(colour))
    start = np.zeros(len(now) + 1, np.int64)
    np.cumsum(np.bincount(node, minlength=len(now)), out=start[1:])
    for _ in range(hops):
        colours = now[neighbour]
        colours = colours[np.lexsort([colours, node])]
        names: dict[tuple[int, bytes], int] = {}
        now = np.array(
            [
                names.setdefault((own, colours[start[k] : start[k + 1]].tobytes()), len(names))
                for k, own in enumerate(now.tolist())
            ],
            np.int64,
        )
    return now


def class_sizes(colour: ArrayLike) -> np.ndarray:
    """Return, for each node, the number of nodes of its colour, itself included.

    Parameters
    ----------
    colour : int, shape (n,)
        Colour of each node, from `refine`.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> class_sizes([0, 1, 1, 1, 0]).tolist()
    [2, 3, 3, 3, 2]
    """
    _, code, size = np.unique(np.asarray(colour), return_inverse=True, return_counts=True)
    return size[code]


def _dense(colour: np.ndarray) -> np.ndarray:
    """Return dense labels."""
    return np.unique(colour, return_inverse=True)[1].astype(np.int64)


_TOP_TIES, _TOP_OTHERS = 5, 3
# Steps from neighbour to neighbour beyond which triangles are not counted: some gigabytes.
_MOST_STEPS = 1 << 27


class _Ties(NamedTuple):
    """Ties of each node, in both directions: nodes ascending, the strongest tie first."""

    start: Ints
    node: Ints
    other: Ints
    sent: Floats
    received: Floats
    rank: Ints

    @property
    def strength(self) -> Floats:
        """Return the strength of each tie."""
        return self.sent + self.received


def signatures(
    source: Ints, target: Ints, nodes: int, hops: int, rhythm: Floats | None = None
) -> Floats:
    """Return structural features of each node's neighbourhood, without names.

    How much it interacts, with how many, how evenly and at what hours (one hop), and what those it
    interacts with look like, the most frequent ones first (two hops). It changes little from one
    period to the next, where every name has been replaced: the setting of Creţu et al. 2022, who
    learn theirs with a neural network.

    Parameters
    ----------
    source, target : int, shape (events,)
        Who interacted with whom, codes from 0; repeats count.
    nodes : int
        Number of nodes.
    hops : int
        1: the node and its ties; 2: also the nodes at the other end.
    rhythm : float array, shape (nodes, d), optional
        Share of each node's events at each kind of hour.

    Returns
    -------
    float array, shape (nodes, features)
        Counts as ``ln(1 + count)``, centred on the mean of the nodes with an event; zero for a
        node without any.

    References
    ----------
    Creţu et al. (2022).

    Examples
    --------
    A star of three leaves: the leaves look alike, its centre does not.

    >>> shape = signatures(np.array([0, 0, 0]), np.array([1, 2, 3]), 4, hops=2)
    >>> np.allclose(shape[1], shape[2]), np.allclose(shape[0], shape[1])
    (True, False)
    """
    ties = _ties(source, target, nodes)
    sent, received = (np.bincount(ends, minlength=nodes).astype(float) for ends in (source, target))
    degree = np.diff(ties.start).astype(float)
    mutual = _sum(ties, (ties.sent > 0) & (ties.received > 0))
    once = _sum(ties, ties.strength == 1)
    own = np.log1p(np.column_stack([sent, received, degree, mutual, once]))
    hours = np.empty((nodes, 0)) if rhythm is None else np.sqrt(rhythm)
    parts = [own, _strongest(ties, ties.strength[:, None], _TOP_TIES), _evenness(ties), hours]
    if hops > 1:
        around = np.column_stack([own[:, :4], np.log1p(_triangles(ties, nodes)), hours])
        parts += [
            np.log1p(_triangles(ties, nodes))[:, None],
            np.log1p(_sum(ties, degree[ties.other]))[:, None],
            *_others(ties, around),
            _strongest(ties, np.expm1(around[ties.other, :4]), _TOP_OTHERS),
        ]
    features = np.hstack(parts)
    active = degree > 0
    features -= features[active].mean(axis=0) if active.any() else 0.0
    features[~active] = 0.0
    return features


def _ties(source: Ints, target: Ints, nodes: int) -> _Ties:
    """Return the ties between nodes with counts of both directions; self-loops are dropped."""
    real = source != target
    tail, head = source[real].astype(np.int64), target[real].astype(np.int64)
    key = np.concatenate([tail * nodes + head, head * nodes + tail])
    pair, code = np.unique(key, return_inverse=True)
    half = len(tail)
    sent = np.bincount(code[:half], minlength=len(pair)).astype(float)
    received = np.bincount(code[half:], minlength=len(pair)).astype(float)
    node, end = pair // nodes, pair % nodes
    # Ties of equal strength are ordered by features, never by node code: codes stand for
    # names, which the attack does not have.
    looks = [np.bincount(ends, minlength=nodes)[end] for ends in (source, target, node)]
    looks.append(np.bincount(node, (sent > 0) & (received > 0), nodes)[end])
    order = np.lexsort([*looks, -sent, -(sent + received), node])
    start = np.zeros(nodes + 1, np.int64)
    np.cumsum(np.bincount(node, minlength=nodes), out=start[1:])
    rank = np.arange(len(node)) - start[node[order]]
    return _Ties(start, node[order], end[order], sent[order], received[order], rank)


def _sum(ties: _Ties, value: npt.NDArray[np.generic]) -> Floats:
    """Return the sum of a value by node."""
    total: Floats = np.bincount(
        ties.node, weights=value.astype(float), minlength=len(ties.start) - 1
    ).astype(float)
    return total


def _strongest(ties: _Ties, value: Floats, most: int) -> Floats:
    """Return the values of the strongest ties of each node, 0 where there are fewer."""
    nodes, width = len(ties.start) - 1, value.shape[1]
    table = np.zeros((nodes, most, width))
    first = ties.rank < most
    table[ties.node[first], ties.rank[first]] = np.log1p(value[first])
    return table.reshape(nodes, most * width)


def _evenness(ties: _Ties) -> Floats:
    """Return the entropy of each node's events over its ties, in nats."""
    total = _sum(ties, ties.strength)
    share = ties.strength / total[ties.node]
    return _sum(ties, -share * np.log(share))[:, None]


def _triangles(ties: _Ties, nodes: int) -> Floats:
    """Return the number of linked pairs of neighbours; 0 for all where that costs too much."""
    from scipy.sparse import csr_array

    degree = np.diff(ties.start)
    # A bipartite graph (such as likes) has no triangles.
    sends, receives = (_sum(ties, events > 0) > 0 for events in (ties.sent, ties.received))
    if not (sends & receives).any() or float(degree[ties.other].sum()) > _MOST_STEPS:
        return np.zeros(nodes)
    touch = csr_array((np.ones(len(ties.node)), (ties.node, ties.other)), shape=(nodes, nodes))
    return np.asarray((touch @ touch).multiply(touch).sum(axis=1)).ravel() / 2


def _others(ties: _Ties, around: Floats) -> list[Floats]:
    """Return mean and spread of the neighbours' features, and the mean weighted by strength."""
    from scipy.sparse import csr_array

    nodes = len(around)
    columns = []
    for weight in (np.ones(len(ties.node)), ties.strength):
        share = weight / np.maximum(_sum(ties, weight), 1e-12)[ties.node]
        mean = csr_array((share, (ties.node, ties.other)), shape=(nodes, nodes))
        columns.append(np.asarray(mean @ around))
        if len(columns) == 1:
            square = np.asarray(mean @ around**2)
            columns.append(np.sqrt(np.maximum(square - columns[0] ** 2, 0.0)))
    return columns
