"""Combine versions of a map: joint posterior over places, with weighted links of dots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import (
    Pairs,
    PlaceTree,
    expected_pairs,
    pairs_within,
    place_tree,
    z_order,
)
from privaudit.maps.adversary import Adversary, KnownAttack
from privaudit.maps.guess import (
    draws_by_position,
    guess,
    guesses_from_located,
    locate_dots,
    located_from,
    prior_over_addresses,
)
from privaudit.maps.masks.digitising_error import as_read
from privaudit.maps.masks.mask import Exact, Mask, PlacedMask
from privaudit.maps.posterior import Guesses, SparsePosterior, gather, posterior_of_pairs
from privaudit.maps.version_links import (
    GREY,
    Linked,
    check_versions,
    kinds_of,
    link_versions,
    not_linked,
    points_of,
    positions_of,
    same_metres,
    visible_link,
)
from privaudit.release.release import DotRelease
from privaudit.stats.csr import normalise, row_max, row_of, row_sum, take_rows
from privaudit.stats.matching_marginals import matching_marginals
from privaudit.words.catalogues import Note

# Pairs of a point and a place that are held at once: about 1 GB with what is computed on them.
MOST_JOINT_PAIRS = 20_000_000

Likelihood = Callable[[np.ndarray, Pairs], np.ndarray]


def once_each(positions: np.ndarray, tolerance: float) -> np.ndarray:
    """Return positions with repeats dropped: noise drawn once is one observation.

    Parameters
    ----------
    positions : float, shape (versions, n, 2)
        Metres; nan where a dot is not in a version.
    tolerance : float
        Metres within which two positions of a dot are the same draw, twice written down.

    Returns
    -------
    float, shape (versions, n, 2)
        A copy. Of positions that are the same draw one is kept, by its place and not by the order
        of the versions; the others are nan.

    Examples
    --------
    >>> seen = np.array([[[0.0, 0.0]], [[0.0, 0.01]], [[5.0, 0.0]]])
    >>> np.isnan(once_each(seen, 0.1)).all(axis=(1, 2)).tolist()
    [False, True, False]
    """
    from_the_west = np.lexsort((positions[..., 1], positions[..., 0]), axis=0)[..., None]
    kept = np.take_along_axis(np.asarray(positions, dtype=float), from_the_west, axis=0)
    for later in range(1, len(kept)):
        gap = kept[:later] - kept[later]
        near = np.hypot(gap[..., 0], gap[..., 1]) <= tolerance  # never true of a nan
        kept[later, near.any(axis=0)] = np.nan
    distinct = np.empty_like(kept)
    np.put_along_axis(distinct, from_the_west, kept, axis=0)
    return distinct


def mean_position(positions: np.ndarray) -> np.ndarray:
    """Return the mean position of each dot over the versions that show it.

    Parameters
    ----------
    positions : float, shape (versions, n, 2)
        Metres; nan where a dot is not in a version, with at least one version a dot.

    Returns
    -------
    float, shape (n, 2)

    Examples
    --------
    >>> mean_position(np.array([[[0.0, 2.0]], [[np.nan, np.nan]], [[4.0, 4.0]]])).tolist()
    [[2.0, 3.0]]
    """
    shown = np.isfinite(positions).all(axis=2)
    total = np.where(shown[..., None], positions, 0.0).sum(axis=0)
    mean: np.ndarray = total / shown.sum(axis=0)[:, None]
    return mean


def joint_posterior(
    positions: np.ndarray,
    places: np.ndarray,
    prior: np.ndarray,
    likelihood: Likelihood | Sequence[Likelihood],
    reach: float,
    *,
    people: np.ndarray | None = None,
) -> SparsePosterior:
    """Return the joint posterior over places of dots masked independently in each version.

    ``p(place | z_1 .. z_n)`` is proportional to ``prior(place) p(z_1 | place) p(z_2 | place) ...``:
    moves are independent given the place. With one version it is `posterior`.

    Parameters
    ----------
    positions : float, shape (versions, n, 2)
        Metres; nan where a dot is not in a version, with at least one version a dot.
    places : float, shape (m, 2)
    prior : float, shape (m,)
        Weight of each place, 0 or more.
    likelihood : callable, or one a version
        From dots and their pairs with places to how likely each place gives the dot of its row.
    reach : float
        Metres beyond which it is 0, or is taken for it.
    people : float, shape (m,), optional

    Returns
    -------
    SparsePosterior
        `k_places` and `k_people` are counted around the mean position; `evidence` is relative
        to the likeliest place of each dot, and compares nothing between dots.

    Raises
    ------
    ParameterError
        More than `MOST_PAIRS` pairs of a dot and a place.

    Examples
    --------
    Two disks of radius 2 share one of three places.

    >>> disk = lambda dots, pairs: (pairs.distance <= 2) / (4 * np.pi)
    >>> places = np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 0.0]])
    >>> found = joint_posterior(np.array([[[1.0, 0.0]], [[3.0, 0.0]]]), places, np.ones(3), disk, 2)
    >>> found.place.tolist(), found.probability.tolist()
    ([1], [1.0])
    """
    centre = mean_position(positions)
    order = z_order(centre)
    _, place_order, tree = place_tree(places)
    # A place within reach of every position is, by the triangle, within reach of their mean.
    expected = expected_pairs(centre[order], tree, reach) * len(centre)
    if expected > MOST_JOINT_PAIRS:
        needed = f"at most {MOST_JOINT_PAIRS:,} pairs of a dot and a place within {reach:.0f} m"
        came, do = f"about {expected:,.0f}", "Attack the dots in several parts."
        raise ParameterError.of("joint_posterior", needed, came, do)
    around = stacked([part for _, part in pairs_within(centre[order], tree, reach)])
    around = around._replace(place=place_order[around.place])
    row = row_of(around.indptr)
    log_likelihood = np.zeros(len(row))
    several = [likelihood] * len(positions) if callable(likelihood) else likelihood
    for version, of_version in zip(positions[:, order], several, strict=True):
        shown = np.isfinite(version).all(axis=1)
        indptr, at = take_rows(around.indptr, np.flatnonzero(shown))
        gap = version[row[at]] - places[around.place[at]]
        pairs = Pairs(indptr, around.place[at], np.hypot(gap[:, 0], gap[:, 1]))
        with np.errstate(divide="ignore"):
            log_likelihood[at] += np.log(of_version(version[shown], pairs))
    # Relative to the best of each row, so that many small densities cannot underflow.
    best = row_max(around.indptr, log_likelihood, empty=-np.inf)
    relative = np.exp(log_likelihood - np.where(np.isfinite(best), best, 0.0)[row])
    return gather([(order, posterior_of_pairs(around, relative, prior, people))], len(order))


def stacked(parts: list[Pairs]) -> Pairs:
    """Return successive slices of pairs as one.

    Parameters
    ----------
    parts : list of Pairs
        Slices of pairs, one after another.

    Returns
    -------
    Pairs
    """
    if not parts:
        return Pairs(np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0))
    size = np.concatenate([np.diff(part.indptr) for part in parts])
    return Pairs(
        np.concatenate([[0], np.cumsum(size)]),
        np.concatenate([part.place for part in parts]),
        np.concatenate([part.distance for part in parts]),
    )


# Prior share of the dots of a copy that are on no later one.
LOST = 0.01
# Rounds over all earlier copies: the second sees what the others said in the first.
_ROUNDS = 2
# Messages within a copy: the next round mends what they leave.
_MESSAGES = 100
_SMALLEST = 1e-300

Odds = Callable[[np.ndarray, np.ndarray], np.ndarray]


class LinkBeliefs(NamedTuple):
    """Joint beliefs of all copies.

    `posterior` has the pattern of `own`: the probability of each place for each dot of the last
    copy, rows that sum to 1, or to 0 where no place explains the dot. `links` has one matrix an
    earlier copy: the probability that each of its dots (rows) is each dot of the last (columns); a
    row sums to 1 less the probability that the dot is gone.
    """

    posterior: csr_array
    links: tuple[csr_array, ...]


def link_work(own: csr_array, earlier: Sequence[csr_array]) -> float:
    """Return the number of multiplications of the costliest copy.

    Parameters
    ----------
    own : csr_array, shape (dots, places)
        Weights of the places of each dot.
    earlier : sequence of csr_array
        Weights of the dots of each other copy.

    Returns
    -------
    float
    """
    mine = np.bincount(own.indices, minlength=own.shape[1]).astype(float)
    theirs = [np.bincount(copy.indices, minlength=own.shape[1]) for copy in earlier]
    return max(float(mine @ other) for other in theirs)


def link_beliefs(
    own: csr_array,
    earlier: Sequence[csr_array],
    prior: np.ndarray,
    odds: Sequence[Odds | None] | None = None,
    *,
    lost: float = LOST,
) -> LinkBeliefs:
    """Return the joint posterior over all linkages of the dots of independently masked copies.

    A link of dot j of a copy and dot i of the last is as likely as ``sum_h p_i(h) C(j | h)``: what
    the other copies say of the home h of i, times the density of its move. Links of a copy are one
    to one (`matching_marginals`), and each dot's places are then weighed by the mixture of its
    possible links, and of having none: joint probabilistic data association (Bar-Shalom and
    Fortmann 1988), two rounds over the copies. Dots are taken as independent between copies, so
    that many copies of uncertain links make the posterior somewhat too sure.

    Parameters
    ----------
    own : csr_array, shape (n, m)
        Likelihood of each place for each dot of the last copy; zeros may be stored.
    earlier : sequence of csr_array, shape (n_t, m)
        The same for each earlier copy, in one unit with `own`.
    prior : float, shape (m,)
        Sums to 1.
    odds : sequence of callable or None, optional
        For each earlier copy, a factor for the link of its rows with rows of `own`, 0 where
        they cannot be one dot.
    lost : float
        Prior share of a copy's dots that are not on the last, in (0, 1).

    Returns
    -------
    LinkBeliefs

    References
    ----------
    Bar-Shalom and Fortmann (1988).

    Examples
    --------
    Places 0, 1 and 2. The last copy has one dot, at 0 or 1; the earlier one's is at 1 or 2.

    >>> last, first = csr_array([[0.5, 0.5, 0.0]]), csr_array([[0.0, 0.5, 0.5]])
    >>> found = link_beliefs(last, [first], np.ones(3) / 3)
    >>> found.posterior.toarray().round(2).tolist(), found.links[0].toarray().round(2).tolist()
    ([[0.01, 0.99, 0.0]], [[0.99]])
    """
    row = row_of(own.indptr)
    start = np.log(np.maximum(own.data * prior[own.indices], _SMALLEST))
    evidence = [np.zeros(len(start)) for _ in earlier]
    links: list[csr_array] = [csr_array((0, 0))] * len(earlier)
    factors = odds if odds is not None else [None] * len(earlier)
    for _ in range(_ROUNDS if len(earlier) > 1 else 1):
        # The latest first: its dots are the most nearly those of the last copy.
        for t in reversed(range(len(earlier))):
            others = start + sum(evidence[s] for s in range(len(earlier)) if s != t)
            without = _shaped(own, _exponentials(own.indptr, row, others))
            evidence[t], links[t] = _one_copy(without, earlier[t], prior, factors[t], lost)
    together = start + sum(evidence)
    return LinkBeliefs(_shaped(own, _exponentials(own.indptr, row, together)), tuple(links))


def _one_copy(
    beliefs: csr_array, copy: csr_array, prior: np.ndarray, odds: Odds | None, lost: float
) -> tuple[np.ndarray, csr_array]:
    """Return the log evidence of a copy for each place of each dot, and its links."""
    n = beliefs.shape[0]
    weight = (copy @ beliefs.T).tocsr()
    weight.sort_indices()
    row = row_of(weight.indptr)
    factor = np.ones(len(row)) if odds is None else odds(row, weight.indices)
    alike = np.maximum(weight.data, _SMALLEST)
    weight.data = weight.data * factor
    # Each dot may also be removed: one more, unshared place in each row.
    gone = lost / (1 - lost) * n * np.maximum(copy @ prior, _SMALLEST)
    last = weight.indptr[1:] + np.arange(weight.shape[0])
    indptr = np.concatenate([[0], last + 1])
    linked = np.ones(indptr[-1], dtype=bool)
    linked[last] = False
    place, value = np.empty(indptr[-1], np.int64), np.empty(indptr[-1])
    place[linked], value[linked] = weight.indices, weight.data
    place[last], value[last] = n + np.arange(weight.shape[0]), gone
    matched = matching_marginals(indptr, place, value, rounds=_MESSAGES, settled=1e-4)
    links = matched.probability[linked]
    link = csr_array((links, weight.indices, weight.indptr), shape=weight.shape)
    absent = np.clip(1 - np.bincount(weight.indices, links, minlength=n), 0.0, 1.0)
    # What a link adds is its odds without the factor, which says nothing of the place.
    share = np.where(weight.data > _SMALLEST, links / alike, 0.0)
    mixed = csr_array((share, weight.indices, weight.indptr), shape=weight.shape).T.tocsr() @ copy
    evidence = absent[row_of(beliefs.indptr)] + _at_pattern(mixed.tocsr(), beliefs)
    return np.log(np.maximum(evidence, _SMALLEST)), link


def _shaped(like: csr_array, data: np.ndarray) -> csr_array:
    """Return sparse rows with the pattern of another matrix."""
    return csr_array((data, like.indices, like.indptr), shape=like.shape)


def _exponentials(indptr: np.ndarray, row: np.ndarray, logarithm: np.ndarray) -> np.ndarray:
    """Return normalised exponentials by row, 0 where all underflow."""
    best = row_max(indptr, logarithm, empty=0.0)
    share = normalise(indptr, np.exp(logarithm - best[row]))
    return np.where((best > np.log(_SMALLEST))[row], share, 0.0)


def _at_pattern(values: csr_array, like: csr_array) -> np.ndarray:
    """Return the entries of a matrix at the pattern of another, 0 where absent."""
    values.sort_indices()
    width = like.shape[1]
    have = row_of(values.indptr) * width + values.indices
    want = row_of(like.indptr) * width + like.indices
    at = np.minimum(np.searchsorted(have, want), max(len(have) - 1, 0))
    if len(have) == 0:
        return np.zeros(len(want))
    return np.where(have[at] == want, values.data[at], 0.0)


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
        ground=place_tree(base.xy),
        placed=placed,
        reach=[float(m.reach_of(p).max()) for m, p in zip(placed, points, strict=True)],
        prior=prior,
    )
    tree = table.ground.tree
    for at, reach in zip(points, table.reach, strict=True):
        if len(at) * expected_pairs(at, tree, reach) > MOST_PAIRS:
            return None
    own, pairs = table.likelihoods(-1, points[-1])
    earlier = [table.without_zeros(t, p) for t, p in enumerate(points[:-1])]
    if link_work(own, earlier) > MOST_WORK:
        return None
    odds = [
        _Odds.of(versions[-1], version, orders[-1], order)
        for version, order in zip(versions[:-1], orders[:-1], strict=True)
    ]
    beliefs = link_beliefs(own, earlier, prior, odds)
    kind = odds[0].last_kind
    misled = _misled(table, beliefs.posterior, points, kind, rng)
    # The prior is in these weights already.
    mixed = (1 - misled) * beliefs.posterior.data + misled * _alone(own, prior)
    in_order = posterior_of_pairs(pairs, mixed, np.ones(len(base)), base.people())
    rows, sure = _likeliest(beliefs, orders)
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
    ground: PlaceTree
    placed: Sequence[PlacedMask]
    reach: Sequence[float]
    prior: np.ndarray

    def likelihoods(self, version: int, points: np.ndarray) -> tuple[csr_array, Pairs]:
        """Return the likelihood of every address within reach of each point, zeros too."""
        places, order, tree = self.ground
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
    posterior = link_beliefs(own, copies, table.prior, odds).posterior
    row = row_of(own.indptr)
    hit = own.indices == home[who[-1]][row]
    return np.array(
        [
            np.bincount(row[hit], data[hit], minlength=own.shape[0])
            for data in (posterior.data, _alone(own, table.prior))
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


def _likeliest(beliefs: LinkBeliefs, orders: Sequence[np.ndarray]) -> tuple[np.ndarray, float]:
    """Return the links that are likelier than not, as rows of each copy, and their mean odds."""
    rows = np.full((len(orders), len(orders[-1])), -1, dtype=np.int64)
    rows[-1] = np.arange(len(orders[-1]))
    sure = []
    for t, link in enumerate(beliefs.links):
        good = np.flatnonzero(link.data > 0.5)
        # Of a row and of a column at most one entry is above one half.
        rows[t, orders[-1][link.indices[good]]] = orders[t][row_of(link.indptr)[good]]
        sure.append(link.data[good])
    together = np.concatenate(sure)
    return rows, float(together.mean()) if len(together) else float("nan")


def _believed(mask: Mask | None = None) -> Adversary:
    return Adversary.unknown_mask() if mask is None else Adversary.knows_mask(mask)


# Every rung holds the copies that are there: this one knows nothing more than the mask.
HOLDS_VERSIONS = KnownAttack(
    word="holds_versions", needs=("copies",), uses=("mask",), climbs=False, believes=_believed
)


def guess_versions(
    versions: Sequence[DotRelease],
    adversary: Adversary,
    *,
    rng: np.random.Generator,
    linked: Linked | None = None,
) -> Guesses:
    """Work out what an adversary can who kept several versions of a map.

    A position that a dot keeps is one observation, however often it is seen: a persistent
    move gives nothing away twice. Without a mask in mind the adversary takes the address
    nearest to the mean position; with one, an address is as likely as its prior times the
    density of every move that it would take. Where dots show no ids, were moved afresh and stand
    too close for links to be certain, every way of linking them is weighed (`weigh_links`).
    Copies that were read from pictures are each allowed their own error.

    - `versions`: As leaked, two or more, in order of time, over the same addresses.
    - `adversary`: Where the mask is not known, dots are taken at their mean over the versions, and
      it is worked out how those were moved: a mean of moves is a move of a law that nobody states.
    - `linked`: Which dot is which; `link_versions` by default. Where certain links leave dots of
      earlier versions out, these are weighed all the same.
    - returns: One row a record of the last version. ``reliable`` is False, beside what `guess`
      says, where dots were linked by an assignment: a wrong link makes a guess too sure. Links that
      were weighed make none: what they claim was tried in games against oneself.
    """
    check_versions(versions)
    last = versions[-1]
    base = last.backdrop
    if len(base) == 0:
        raise GeometryError.of("guess_versions", "at least one address", "an empty address base")
    if adversary.needs_register:
        adversary.entries("guess_versions")
    if adversary.estimates_mask:
        return _of_means(versions, adversary, linked, rng)
    prior = prior_over_addresses(base, adversary)
    placed = _placed(versions, base, adversary)
    reach = None
    if placed is not None:
        reach = max(
            float(mask.reach_of(points_of(version)).max())
            for mask, version in zip(placed, versions, strict=True)
        )
    weighed = None
    linked = linked or _linked(versions, adversary, reach)
    if placed is not None and linked.how == "certain" and linked.lost:
        weighed = weigh_links(versions, base, placed, prior, rng=rng)
    positions = once_each(positions_of(versions, linked), same_metres(versions))
    centre = mean_position(positions)
    if weighed is not None:
        linked, centre = weighed.linked, points_of(last)
        located = located_from(weighed.posterior, draws_by_position(centre, rng), adversary)
    elif placed is None or reach is None:
        located = locate_dots(centre, base, adversary, rng=rng)
    else:
        moves = [mask.likelihood for mask in placed]
        joint = joint_posterior(positions, base.xy, prior, moves, reach, people=base.people())
        located = located_from(joint, draws_by_position(centre, rng), adversary)
    guesses = replace(
        guesses_from_located(last, located, centre, adversary, rng=rng),
        copies=len(versions),
        notes=_notes(versions, linked, positions, weighed),
        doubts=_doubts(linked),
    )
    return guesses.with_notes()


def _of_means(
    versions: Sequence[DotRelease],
    adversary: Adversary,
    linked: Linked | None,
    rng: np.random.Generator,
) -> Guesses:
    """Work out how the mean positions were moved, and what they give away then."""
    linked = linked or _linked(versions, adversary, None)
    positions = once_each(positions_of(versions, linked), same_metres(versions))
    last = versions[-1]
    centre = mean_position(positions)
    middle = replace(last, records=last.records.assign(x=centre[:, 0], y=centre[:, 1]))
    guesses = guess(middle, adversary, rng=rng)
    return replace(
        guesses,
        copies=len(versions),
        notes=(*guesses.notes, Note("copies_averaged"), *_notes(versions, linked, positions, None)),
        doubts=(*guesses.doubts, *_doubts(linked)),
    ).with_notes()


def _doubts(linked: Linked) -> tuple[Note, ...]:
    return (Note("links_by_assignment"),) if linked.how == "assignment" else ()


def _linked(versions: Sequence[DotRelease], adversary: Adversary, reach: float | None) -> Linked:
    """Link the dots by what the maps show, and by how far a mask can move them."""
    if reach is not None:
        return link_versions(versions, farthest=2 * reach)
    if visible_link(versions) == "certain":
        needed = "which dot is which: a column dot_id, dots that stand still, or a mask"
        came = "dots that moved between the versions, and no mask"
        do = "Give an adversary who knows the mask, or linked=link_versions(..., farthest=)."
        raise ParameterError.of(f"guess_versions ({adversary.name})", needed, came, do)
    return link_versions(versions)


def _placed(
    versions: Sequence[DotRelease], base: AddressBase, adversary: Adversary
) -> list[PlacedMask] | None:
    """Return how the dots of each version were moved and read; None where no mask is believed."""
    if adversary.mask is None:
        return None
    masks = [as_read(adversary.mask, version.resolution) for version in versions]
    if all(isinstance(mask, Exact) for mask in masks):
        return None
    prior = prior_over_addresses(base, adversary)
    return [mask.on(base).among(prior) for mask in masks]


def _notes(
    versions: Sequence[DotRelease],
    linked: Linked,
    xy: np.ndarray,
    weighed: WeighedLinks | None,
) -> tuple[Note, ...]:
    if weighed is not None:
        sure = 0.0 if np.isnan(weighed.sure) else weighed.sure
        return (Note("links_weighed", copies=len(xy), sure=sure, misled=weighed.misled),)
    observed = float(np.isfinite(xy[..., 0]).sum(axis=0).mean())
    notes = [Note("links_made", copies=len(xy), how=linked.how, positions=observed)]
    if linked.how == "certain":
        any_link = np.any(linked.rows[:-1] >= 0, axis=0)
        notes.append(Note("links_certain", dots=int(any_link.sum()), of=len(any_link)))
        if any_link.any():
            notes.append(Note("links_certain_if_none_leaves"))
    return (*notes, *not_linked(versions, linked))
