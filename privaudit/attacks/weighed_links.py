"""Copies of a map that show no ids and were moved afresh: links weighed, not taken for certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from privaudit.attacks.link_versions import GREY, Linked, kinds_of, points_of
from privaudit.measures.maps.joint_posterior import stacked
from privaudit.measures.maps.link_beliefs import LinkBeliefs, link_beliefs, link_work
from privaudit.measures.maps.neighbours import Pairs, pairs_within, z_order
from privaudit.measures.maps.spatial import (
    SparsePosterior,
    expected_total,
    gather,
    posterior_of_pairs,
)
from privaudit.measures.tables.compressed_rows import normalise, row_of, row_sum
from privaudit.places.address_base import AddressBase
from privaudit.release.masks import PlacedMask
from privaudit.release.release import DotRelease

__all__ = ["WeighedLinks", "weigh_links"]

# Pairs of a dot and an address in one copy, and products of them that linking takes: beyond,
# it would take minutes and gigabytes.
MOST_PAIRS = 4_000_000
MOST_WORK = 20_000_000
# Odds of a dot that is red again after it was grey: somebody means to come back.
RED_AGAIN = 0.02
# Dots that are played against oneself before claims are trusted, in at most so many games.
DOTS_PLAYED, MOST_GAMES = 400, 8
# Steps of the estimate of how often one is misled.
_STEPS = 200
_SMALLEST = 1e-300


class WeighedLinks(NamedTuple):
    """Posterior of each dot of the last copy, the likeliest links, and how they were checked.

    `sure` is the mean probability of the links in `linked`, nan without any; `misled` the share
    of dots that earlier copies misled the adversary about, in games against itself.
    """

    posterior: SparsePosterior
    linked: Linked
    sure: float
    misled: float


def weigh_links(
    versions: Sequence[DotRelease],
    base: AddressBase,
    placed: Sequence[PlacedMask],
    prior: np.ndarray,
    *,
    rng: np.random.Generator,
) -> WeighedLinks | None:
    """Locate the dots of the last copy by all copies, over every way of linking them.

    Only dots that show the same are linked, by the odds of their moves (`link_beliefs`). How far
    the result can be trusted, the adversary finds out alone: it draws homes from its own
    posterior, moves them as the mask does, attacks these copies, and learns in which share of
    the dots the earlier copies misled it. By that share the posterior is mixed with that of the
    last copy alone.

    - `versions`: As leaked, oldest first.
    - `prior` (float, shape (len(base),)): Sums to 1.
    - `rng`: Draws the games, in the order of positions.
    - returns: None where dots and addresses are too many for it. k is counted around the last
      position.
    """
    orders = [z_order(points_of(version)) for version in versions]
    points = [points_of(v)[order] for v, order in zip(versions, orders, strict=True)]
    table = _Table(
        base=base,
        placed=placed,
        reach=[float(m.reach_of(p).max()) for m, p in zip(placed, points, strict=True)],
        prior=prior,
    )
    if any(expected_total(p, base.xy, r) > MOST_PAIRS for p, r in zip(points, table.reach,
                                                                     strict=True)):  # fmt: skip
        return None
    own, pairs = table.likelihoods(-1, points[-1])
    earlier = [table.without_zeros(t, p) for t, p in enumerate(points[:-1])]
    if link_work(own, earlier) > MOST_WORK:
        return None
    odds = [
        _Odds.of(versions[-1], version, orders[-1], order)
        for version, order in zip(versions[:-1], orders[:-1], strict=True)
    ]
    found = link_beliefs(own, earlier, prior, odds)
    kind = odds[0].last_kind
    misled = _misled(table, found.posterior, points, kind, rng)
    # The prior is in these weights already.
    mixed = (1 - misled) * found.posterior.data + misled * _alone(own, prior)
    in_order = posterior_of_pairs(pairs, mixed, np.ones(len(base)), base.people())
    rows, sure = _likeliest(found, orders)
    lost = sum(len(v) for v in versions) - int((rows >= 0).sum())
    return WeighedLinks(
        posterior=gather([(orders[-1], in_order)], len(points[-1])),
        linked=Linked(rows=rows, how="weighed", lost=lost),
        sure=sure,
        misled=misled,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Table:
    """What turns positions of a copy into likelihoods of addresses."""

    base: AddressBase
    placed: Sequence[PlacedMask]
    reach: Sequence[float]
    prior: np.ndarray

    def likelihoods(self, version: int, points: np.ndarray) -> tuple[csr_array, Pairs]:
        """Return the likelihood of every address within reach of each point, zeros too."""
        places = self.base.xy
        order = z_order(places)
        tree = cKDTree(places[order], balanced_tree=False, compact_nodes=False)
        parts, values = [], [np.empty(0)]
        for rows, near in pairs_within(points, tree, self.reach[version]):
            parts.append(near._replace(place=order[near.place]))
            values.append(self.placed[version].likelihood(points[rows], parts[-1]))
        pairs = stacked(parts)
        shape = (len(points), len(places))
        table = csr_array((np.concatenate(values), pairs.place, pairs.indptr), shape=shape)
        return table, pairs

    def without_zeros(self, version: int, points: np.ndarray) -> csr_array:
        """Return the likelihoods above 0."""
        table = self.likelihoods(version, points)[0]
        table.eliminate_zeros()
        return table


@dataclass(frozen=True, eq=False, kw_only=True)
class _Odds:
    """Factor for a link: 0 between dots that show different things, little for red after grey."""

    kind: np.ndarray
    last_kind: np.ndarray
    grey: np.ndarray
    last_red: np.ndarray

    @classmethod
    def of(
        cls, last: DotRelease, earlier: DotRelease, last_order: np.ndarray, order: np.ndarray
    ) -> _Odds:
        last_kind, kind = kinds_of(last, earlier)
        known = "status" in last.records.columns and "status" in earlier.records.columns
        red, grey = np.zeros(len(last), bool), np.zeros(len(earlier), bool)
        if known:
            red = last.records["status"].to_numpy(dtype=str) != GREY
            grey = earlier.records["status"].to_numpy(dtype=str) == GREY
        return cls(
            kind=kind[order], last_kind=last_kind[last_order], grey=grey[order],
            last_red=red[last_order],
        )  # fmt: skip

    def __call__(self, row: np.ndarray, last: np.ndarray) -> np.ndarray:
        again = self.grey[row] & self.last_red[last]
        same = self.kind[row] == self.last_kind[last]
        return np.where(same, np.where(again, RED_AGAIN, 1.0), 0.0)


def _alone(own: csr_array, prior: np.ndarray) -> np.ndarray:
    """Return the posterior of the last copy alone, entry for entry."""
    return normalise(own.indptr, own.data * prior[own.indices])


def _misled(
    table: _Table,
    posterior: csr_array,
    points: Sequence[np.ndarray],
    kind: np.ndarray,
    rng: np.random.Generator,
) -> float:
    """Return the share of dots, in games against oneself, that earlier copies mislead about.

    The maximum likelihood of a mixture of what all copies and what the last one say of the homes
    that were played, by expectation and maximisation.
    """
    known = np.flatnonzero(row_sum(posterior.indptr, posterior.data) > 0)
    if len(known) == 0:
        return 0.0
    sizes = [min(len(p), len(known)) for p in points[:-1]]
    games = min(MOST_GAMES, -(-DOTS_PLAYED // len(known)))
    played = []
    for _ in range(games):
        best = _drawn(posterior, rng)
        played.append(_game(table, best[known], sizes, kind[known], rng))
    both, last = np.concatenate(played, axis=1)
    share = 0.05
    for _ in range(_STEPS):
        mixed = share * last + (1 - share) * both
        share = float(np.mean(share * last / np.maximum(mixed, _SMALLEST)))
    return share


def _game(
    table: _Table, home: np.ndarray, sizes: list[int], kind: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Play homes and attack the copies; return the probability of each home, by all and by one.

    Shape (2, dots of the last copy). An earlier copy holds the dots of the ones before it.
    """
    turn = rng.permutation(len(home))
    who, points = [], []
    for t, size in enumerate([*sizes, len(home)]):
        dots = turn[:size]
        moved = table.placed[t](table.base.xy[home[dots]], rng=rng)
        shown = np.isfinite(moved[:, 0])
        who.append(dots[shown])
        points.append(moved[shown])
    own = table.without_zeros(-1, points[-1])
    copies = [table.without_zeros(t, at) for t, at in enumerate(points[:-1])]
    last = kind[who[-1]]
    none = np.zeros(len(home), bool)
    odds = [
        _Odds(kind=kind[dots], last_kind=last, grey=none[dots], last_red=none[who[-1]])
        for dots in who[:-1]
    ]
    found = link_beliefs(own, copies, table.prior, odds).posterior
    row = row_of(own.indptr)
    hit = own.indices == home[who[-1]][row]
    return np.array(
        [
            np.bincount(row[hit], data[hit], minlength=own.shape[0])
            for data in (found.data, _alone(own, table.prior))
        ]
    )


def _drawn(posterior: csr_array, rng: np.random.Generator) -> np.ndarray:
    """Draw one column a row, by its probability; 0 where a row sums to 0."""
    ends = np.cumsum(posterior.data)
    start = np.concatenate([[0.0], ends])[posterior.indptr]
    wanted = start[:-1] + rng.random(posterior.shape[0]) * np.diff(start)
    at = np.searchsorted(ends, wanted, side="right")
    inside = np.minimum(at, np.maximum(posterior.indptr[1:] - 1, 0))
    return np.asarray(posterior.indices[inside] if len(posterior.indices) else inside)


def _likeliest(found: LinkBeliefs, orders: Sequence[np.ndarray]) -> tuple[np.ndarray, float]:
    """Return the links that are likelier than not, as rows of each copy, and their mean odds."""
    rows = np.full((len(orders), len(orders[-1])), -1, dtype=np.int64)
    rows[-1] = np.arange(len(orders[-1]))
    sure = []
    for t, link in enumerate(found.links):
        good = np.flatnonzero(link.data > 0.5)
        # Of a row and of a column at most one entry is above one half.
        rows[t, orders[-1][link.indices[good]]] = orders[t][row_of(link.indptr)[good]]
        sure.append(link.data[good])
    together = np.concatenate(sure)
    return rows, float(together.mean()) if len(together) else float("nan")
