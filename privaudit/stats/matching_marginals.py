"""Marginals of a one-to-one matching of points and places: exact, or by belief propagation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from privaudit.stats.csr import normalise, row_of, row_starts, row_sum, take_rows

# Shares of a row's weight below this are lost to rounding when its other entries are summed.
_TINY = 1e-12
# Pairs less likely than this join no group: two groups that hardly compete are two.
_HARDLY = 1e-3
# Places of a group that is enumerated: two to that power of sets, for each point.
_FEW = 10
# Places a pair, of those that might occur, up to which a table of all ranks them.
_SPARSE = 8
# Pairs from which on it pays to seek points and places that are alike, how many there must be of
# each on average, and how far their likeness is followed from one to the next.
_MANY, _OF_EACH, _STEPS = 20_000, 2, 20
# Mixing of 64 bits (Steele, Lea and Flood 2014): two sums of as many are equal by chance only.
_SPREAD, _ODD, _ODDER = map(np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


class Matching(NamedTuple):
    """Marginal probabilities of pairs under one-to-one assignment, with their reliability.

    `probability` stands entry for entry beside the weights; `change` is the largest change of the
    last round (0 where it has settled); `load` the largest number of points expected at one place,
    1 or less where an assignment exists; `exact` the share of points that were enumerated, or
    compete with no other.
    """

    probability: np.ndarray
    change: float
    load: float
    exact: float


def matching_marginals(
    indptr: np.ndarray,
    place: np.ndarray,
    weight: np.ndarray,
    *,
    rounds: int = 500,
    settled: float = 1e-6,
) -> Matching:
    """Return the chance of each place for each point when no place is taken twice.

    An assignment is as likely as the product of its weights. Exact marginals are permanents: they
    are enumerated where points that compete for at most ten places form a group of their own (pairs
    under .001 apart). Elsewhere they are those of loopy belief propagation (the Bethe
    approximation, Huang and Jebara 2009): exact where points and places form a tree, close where
    many compete, too sure of the better of two. Cost a round: a few operations a pair.

    Parameters
    ----------
    indptr, place : ndarray of int
        Compressed rows: the places that each point may have.
    weight : ndarray of float
        Weight of each pair, 0 or more, such as a posterior of each point alone. A factor common
        to a row makes no difference.
    rounds : int
        Most rounds of messages.
    settled : float
        Change of a probability below which the rounds stop, for each group of points that
        compete with one another: what is far away changes nothing.

    Returns
    -------
    Matching
        Rows sum to 1, or to 0 where all weights are 0.

    Examples
    --------
    The second point can only be at place 0, so that the first is at place 1.

    >>> found = matching_marginals(np.array([0, 2, 3]), np.array([0, 1, 0]), np.array([9, 1.0, 1]))
    >>> found.probability.round(6).tolist()
    [0.0, 1.0, 1.0]
    """
    row, alone = row_of(indptr), normalise(indptr, weight)
    if len(place) == 0:
        return Matching(alone, 0.0, 0.0, 1.0)
    code = _ranked(place)
    points, kinds = len(indptr) - 1, _alike_pairs(indptr, code, weight)
    if kinds is None:
        probability, change = _pass_messages(indptr, code, alone, rounds, settled)
    else:
        # Pairs that are alike send the same messages: those of one of each kind are enough.
        shares, many = alone[kinds.pair], (kinds.ours, kinds.theirs)
        of_kind, change = _pass_messages(kinds.indptr, kinds.code, shares, rounds, settled, *many)
        probability = of_kind[kinds.kind]
    is_possible = (probability > _HARDLY) | (alone > _HARDLY)
    enumerated = 0
    for few, entries in _small_groups(row, code, is_possible, points):
        enumerated += len(few)
        if len(few) > 1:
            _enumerate(probability, alone, indptr, row, code, few, entries)
    load = float(np.bincount(code, weights=probability).max())
    left = change if change >= settled else 0.0
    return Matching(probability, left, load, enumerated / max(points, 1))


def _ranked(place: np.ndarray) -> np.ndarray:
    """Return the rank of each place among those that occur."""
    if int(place.min()) < 0 or int(place.max()) > _SPARSE * len(place):
        return np.unique(place, return_inverse=True)[1].ravel()
    there = np.zeros(int(place.max()) + 1, dtype=bool)
    there[place] = True
    return np.asarray((np.cumsum(there) - 1)[place])


class _Kinds(NamedTuple):
    """Pairs of points and places that no weight tells apart, by kind.

    - `indptr`, `code`: Compressed rows: those of each kind of point; their kinds of place.
    - `pair`: A pair of each kind; `kind`: which each pair is.
    - `ours`, `theirs`: How many pairs of a kind each such point, and each such place, has.
    """

    indptr: np.ndarray
    code: np.ndarray
    pair: np.ndarray
    kind: np.ndarray
    ours: np.ndarray
    theirs: np.ndarray


def _mixed(bits: np.ndarray) -> np.ndarray:
    bits = (bits ^ (bits >> np.uint64(30))) * _ODD
    bits = (bits ^ (bits >> np.uint64(27))) * _ODDER
    return np.asarray(bits ^ (bits >> np.uint64(31)))


def _alike_pairs(indptr: np.ndarray, code: np.ndarray, weight: np.ndarray) -> _Kinds | None:
    """Return the kinds of pairs, where many are alike; None elsewhere.

    Points are alike that have as many places of each kind at each weight, places likewise: the
    coarsest such partition is found by refining it (Kersting, Ahmadi and Natarajan 2009, UAI,
    counting belief propagation).
    """
    if len(code) < _MANY:
        return None
    own, row, rows = (
        _mixed(np.asarray(weight, float).view(np.uint64)),
        row_of(indptr),
        np.diff(indptr),
    )
    filled = np.flatnonzero(rows)
    point, place = (np.zeros(n, np.uint64) for n in (len(rows), int(code.max()) + 1))
    before = after = 0
    for step in range(_STEPS):
        point[filled] = np.add.reduceat(_mixed(own + place[code] * _SPREAD), indptr[filled])
        place[:] = 0
        np.add.at(place, code, _mixed(own + point[row] * _SPREAD))
        before, after = after, len(np.unique(point)) + len(np.unique(place))
        if _OF_EACH * after > len(filled) + len(place) or step == _STEPS - 1:
            return None
        if before == after:
            break
    _, first, many = np.unique(point[filled], return_index=True, return_counts=True)
    of_place, places = np.unique(place, return_inverse=True, return_counts=True)[1:]
    pointers, entries = take_rows(indptr, filled[first])
    key = _mixed(_mixed(point)[row] + place[code] * _SPREAD + own)
    kinds, one, ours = np.unique(key[entries], return_index=True, return_counts=True)
    kind = np.minimum(np.searchsorted(kinds, key), len(kinds) - 1)
    of_point, theirs = row_of(pointers)[one], of_place.ravel()[code[entries[one]]]
    alike, left = np.divmod(ours * many[of_point], places[theirs])
    if (kinds[kind] != key).any() or left.any() or ours @ many[of_point] != len(code):
        return None
    order = np.argsort(of_point, kind="stable")
    new = np.empty_like(order)
    new[order] = np.arange(len(order))
    starts = row_starts(of_point[order], len(first))
    return _Kinds(starts, theirs[order], entries[one[order]], new[kind], ours[order], alike[order])


def _pass_messages(
    indptr: np.ndarray,
    code: np.ndarray,
    alone: np.ndarray,
    rounds: int,
    settled: float,
    ours: np.ndarray | None = None,
    theirs: np.ndarray | None = None,
) -> tuple[np.ndarray, float]:
    """Return belief propagation's probabilities, and the largest change of the last round.

    - `ours`, `theirs`: How many such pairs each point, and each place, has. Default: one.
    """
    ours, theirs = (np.ones(len(alone)) if many is None else many for many in (ours, theirs))
    row, some = row_of(indptr), alone > 0
    group = competing(row[some], code[some], len(indptr) - 1, int(code.max()) + 1)[row]
    probability, change = alone.copy(), np.inf
    free, at = np.ones(len(alone)), np.arange(len(alone))
    moved = np.full(int(group.max()) + 1, np.inf)
    for _ in range(rounds):
        moves = (moved >= settled)[group]
        if 2 * np.count_nonzero(moves) < len(moves):
            # What has settled sends nothing to other groups, and is left out from here on.
            rows = np.flatnonzero(np.diff(indptr))
            indptr, entries = take_rows(indptr, rows[moves[indptr[rows]]])
            code, alone, group, free, at, ours, theirs = (
                a[entries] for a in (code, alone, group, free, at, ours, theirs)
            )
            moves, row = moves[entries], row_of(indptr)
        taken = alone * free
        total = row_sum(indptr, ours * taken)[row]
        # Odds that the point needs this place, the others being as free as they seem.
        need = alone / np.maximum(total - taken, _TINY)
        others = np.bincount(code, weights=theirs * need)[code] - need
        # Half a step in logarithms: full steps can swing to and fro.
        free = np.where(moves, np.sqrt(free / (1 + np.maximum(others, 0))), free)
        marginals = normalise(indptr, ours * alone * free) / ours
        # A row is of one group: of each, the largest change.
        first = indptr[:-1][np.diff(indptr) > 0]
        largest = np.maximum.reduceat(np.abs(marginals - probability[at]), first)
        moving = moves[first]
        moved[group[first[moving]]] = 0.0
        np.maximum.at(moved, group[first[moving]], largest[moving])
        probability[at[moves]] = marginals[moves]
        change = float(moved.max())
        if change < settled:
            break
    return probability, change


def exact_marginals(weight: np.ndarray) -> np.ndarray:
    """Return exact marginals of a one-to-one assignment, by dynamic programming over column sets.

    By sums over sets of columns, forwards and backwards: cost ``rows x columns x 2**columns``.

    Parameters
    ----------
    weight : float, shape (r, c)
        0 or more, at most about 15 columns.

    Returns
    -------
    float, shape (r, c)
        Rows sum to 1; all nan where no assignment is possible.

    Examples
    --------
    >>> exact_marginals(np.array([[2.0, 1.0], [1.0, 1.0]])).round(3).tolist()
    [[0.667, 0.333], [0.333, 0.667]]
    """
    rows, columns = weight.shape
    sets = np.arange(1 << columns)
    without = [np.flatnonzero((sets >> j) & 1 == 0) for j in range(columns)]
    before = np.zeros((rows + 1, len(sets)))
    after = np.zeros((rows + 1, len(sets)))
    before[0, 0] = after[rows] = 1.0
    for i in range(rows):
        for j in np.flatnonzero(weight[i]):
            before[i + 1, without[j] | (1 << j)] += before[i, without[j]] * weight[i, j]
    for i in range(rows - 1, -1, -1):
        for j in np.flatnonzero(weight[i]):
            after[i, without[j]] += weight[i, j] * after[i + 1, without[j] | (1 << j)]
    total = after[0, 0]
    if not total > 0:
        return np.full(weight.shape, np.nan)
    marginals = np.zeros(weight.shape)
    for i in range(rows):
        for j in np.flatnonzero(weight[i]):
            weights = before[i, without[j]] @ after[i + 1, without[j] | (1 << j)]
            marginals[i, j] = weights * weight[i, j] / total
    return marginals


def _small_groups(
    row: np.ndarray, code: np.ndarray, is_possible: np.ndarray, points: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the points and remaining entries of each group with few places."""
    group = competing(row[is_possible], code[is_possible], points, int(code.max()) + 1)
    places = np.bincount(group[points:], minlength=int(group.max()) + 1)
    members = np.bincount(group[:points], minlength=len(places))
    few = (members > 0) & ((places <= _FEW) | (members == 1))
    entries = np.flatnonzero(is_possible & few[group[row]])
    entries = entries[np.argsort(group[row[entries]], kind="stable")]
    for some in np.split(entries, np.flatnonzero(np.diff(group[row[entries]])) + 1):
        if len(some):
            # Entries of a group stand in the order of their points.
            mine = row[some]
            yield mine[np.append(True, mine[1:] != mine[:-1])], some


def competing(point: np.ndarray, place: np.ndarray, points: int, places: int) -> np.ndarray:
    """Return the connected group of each point, then of each place.

    Parameters
    ----------
    point : int, shape (entries,)
        Point of each pair.
    place : int, shape (entries,)
        Place of each pair.
    points : int
        Number of points.
    places : int
        Number of places.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> competing(np.array([0, 1, 2]), np.array([0, 0, 1]), 3, 2).tolist()
    [0, 0, 1, 0, 1]
    """
    pairs = (np.ones(len(point), np.int8), (point, points + place))
    graph = coo_array(pairs, shape=(points + places, points + places))
    return np.asarray(connected_components(graph, directed=False)[1])


def _enumerate(
    probability: np.ndarray,
    alone: np.ndarray,
    indptr: np.ndarray,
    row: np.ndarray,
    code: np.ndarray,
    points: np.ndarray,
    entries: np.ndarray,
) -> None:
    """Replace the probabilities of a small group by exact ones, in place."""
    place, column = np.unique(code[entries], return_inverse=True)
    weight = np.zeros((len(points), len(place)))
    line = np.searchsorted(points, row[entries])
    weight[line, column] = alone[entries]
    exact = exact_marginals(weight)
    if np.isfinite(exact).all():
        for point in points:
            probability[indptr[point] : indptr[point + 1]] = 0.0
        probability[entries] = exact[line, column]
