"""Bayes' posterior over addresses as sparse rows, spatial k-anonymity, and guesses read off it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from privaudit.core.checks import keyword_only
from privaudit.core.thresholds import CROWDED_ADDRESS, UNEXPLAINED_DOTS
from privaudit.errors import ParameterError
from privaudit.geo.neighbours import (
    PAIRS_AT_ONCE,
    TIE_METRES,
    Pairs,
    PlaceTree,
    expected_pairs,
    pairs_within,
    place_tree,
    z_order,
)
from privaudit.stats.csr import (
    credible_size,
    normalise,
    pick_best,
    rank_by_distance,
    row_of,
    row_sum,
    take_rows,
)
from privaudit.words.catalogues import Note

if TYPE_CHECKING:
    from privaudit.geo.address_base import AddressBase

# Pairs that a whole posterior may hold: about 4 GB while it is put together.
MOST_PAIRS = 100_000_000
# Pairs whose distances are averaged at once.
_NEAR_PAIRS = 1 << 16


class SparsePosterior(NamedTuple):
    """Posterior probabilities over places as compressed rows, with their summaries.

    Places of a row stand in the order of their positions, whatever the order of the file.

    `k_places` and `k_people` are posterior means of the number of places (people) at least as near
    to the point as its origin; `credible` the number of places that hold `level`. `evidence` is the
    density of landing there, in prior weight per square metre; `without_prior` tells the points all
    of whose candidates have a prior of 0: for these the prior was left out.
    """

    indptr: np.ndarray
    place: np.ndarray
    probability: np.ndarray
    credible: np.ndarray
    k_places: np.ndarray
    k_people: np.ndarray
    evidence: np.ndarray
    without_prior: np.ndarray
    level: float = 0.95


def posterior_of_pairs(
    pairs: Pairs,
    likelihood: np.ndarray,
    prior: np.ndarray,
    people: np.ndarray | None = None,
    *,
    sizes: bool = True,
) -> SparsePosterior:
    """Return Bayes' posterior over the places of each point.

    ``p(place | point)`` is proportional to ``prior(place) x likelihood(point | place)``.

    Parameters
    ----------
    pairs : Pairs
        Must hold every place that is at least as near as the farthest candidate.
    likelihood : ndarray of float
        Of each pair, per square metre; 0 where the place cannot be the origin.
    prior : float, shape (m,)
        Weight of each place, 0 or more; need not sum to 1.
    people : float, shape (m,), optional
        People at each place, for `k_people`; nan without.
    sizes : bool
        False leaves out `k_places` and `k_people`, which are nan, and `credible`, which is 0.

    Returns
    -------
    SparsePosterior
        Rows sum to 1, or are empty where no place explains the point.
    """
    counted = None if people is None else people[pairs.place]
    ranks = rank_by_distance(pairs.indptr, pairs.distance, counted) if sizes else None
    return _posterior(pairs, likelihood, prior, ranks)


def _posterior(
    pairs: Pairs,
    likelihood: np.ndarray,
    prior: np.ndarray,
    ranks: tuple[np.ndarray, np.ndarray | None] | None,
    level: float = 0.95,
) -> SparsePosterior:
    """Return one posterior and its summaries; `ranks` count the places and people as near.

    Without them, no summary that rests on sizes is made.
    """
    weight = likelihood * prior[pairs.place]
    evidence = row_sum(pairs.indptr, weight)
    explained = evidence > 0
    if not explained.all():
        explained |= row_sum(pairs.indptr, likelihood) > 0
    without_prior = explained & (evidence <= 0)
    if without_prior.any():
        weight = np.where(without_prior[row_of(pairs.indptr)], likelihood, weight)
    positive = np.flatnonzero(weight > 0)
    indptr = np.searchsorted(positive, pairs.indptr)
    place = pairs.place[positive]
    probability = normalise(indptr, weight[positive])
    n = len(indptr) - 1
    k_places, k_people, credible = np.full(n, np.nan), np.full(n, np.nan), np.zeros(n, np.int64)
    if ranks is not None:
        k_places = row_sum(indptr, probability * ranks[0][positive])
        if ranks[1] is not None:
            k_people = row_sum(indptr, probability * ranks[1][positive])
        k_places[~explained] = k_people[~explained] = np.nan
        credible = credible_size(indptr, probability, level)
    return SparsePosterior(
        indptr, place, probability, credible, k_places, k_people, evidence, without_prior, level
    )


def posterior(
    points: np.ndarray,
    places: np.ndarray,
    prior: np.ndarray,
    density: Callable[[np.ndarray], np.ndarray],
    reach: float,
    *,
    people: np.ndarray | None = None,
    at_once: int = PAIRS_AT_ONCE,
) -> SparsePosterior:
    """Return the posterior over the places of masked points.

    Only places within the reach of the mask are looked at, in slices of Z-ordered points.

    Parameters
    ----------
    points : float, shape (n, 2)
    places : float, shape (m, 2)
    prior : float, shape (m,)
    density : callable
        From distances in metres to probabilities per square metre.
    reach : float
        Metres beyond which the density is 0, or is taken for it.
    people : float, shape (m,), optional
    at_once : int
        About how many pairs are held at a time; changes no result.

    Returns
    -------
    SparsePosterior

    Raises
    ------
    ParameterError
        More than `MOST_PAIRS` pairs of a point and a place.

    Examples
    --------
    >>> ring = lambda d: ((d >= 1) & (d <= 3)) / (8 * np.pi)
    >>> places = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 3.0]])
    >>> found = posterior(np.array([[0.0, 0.0]]), places, np.array([9.0, 1.0, 3.0]), ring, 3.0)
    >>> found.place.tolist(), found.probability.round(6).tolist(), found.k_places.round(6).tolist()
    ([1, 2], [0.25, 0.75], [2.75])
    """
    ground = place_tree(places)
    expected = len(points) * expected_pairs(points, ground.tree, reach)
    if expected > MOST_PAIRS:
        needed = f"at most {MOST_PAIRS:,} pairs of a point and a place within {reach:.0f} m"
        came, do = f"about {expected:,.0f}", "Attack the points in several parts."
        raise ParameterError.of("posterior", needed, came, do)

    def likelihood(_: np.ndarray, pairs: Pairs) -> np.ndarray:
        return density(pairs.distance)

    slices = posteriors_in_slices(
        points, ground, [prior], likelihood, reach, people=people, at_once=at_once
    )
    return gather(((rows, part) for rows, (part,) in slices), len(points))


def posteriors_in_slices(
    points: np.ndarray,
    places: np.ndarray | PlaceTree,
    priors: Sequence[np.ndarray],
    likelihood: Callable[[np.ndarray, Pairs], np.ndarray],
    reach: float | np.ndarray,
    *,
    people: np.ndarray | None = None,
    level: float | None = 0.95,
    at_once: int = PAIRS_AT_ONCE,
) -> Iterator[tuple[np.ndarray, list[SparsePosterior]]]:
    """Yield the posteriors under several priors, a slice of the points at a time.

    Pairs are looked up, and ranked by their distance, once for all priors. Nothing is kept from
    one slice to the next, so that any number of points can be summarised.

    Parameters
    ----------
    points : float, shape (n, 2)
    places : float, shape (m, 2), or the tree of them
    priors : sequence of ndarray
        Each float (m,).
    likelihood : callable
        From a slice of the points and its pairs (places by their row) to the likelihood of each
        pair.
    reach : float or ndarray of float, shape (n,)
        Metres from each point beyond which the likelihood is 0, or is taken for it.
    people : float, shape (m,), optional
    level : float, optional
        What credible sets hold; None for no set, and no count of what is as near as the origin
        (`sizes` of `posterior_of_pairs`).
    at_once : int
        About how many pairs are held at a time; changes no result. Yields rows: ndarray of int.
        Which points; each point stands in one slice. Yields found: list. One a prior; places of
        a row stand in the order of their positions.

    Yields
    ------
    tuple (ndarray, list of SparsePosterior)

    Examples
    --------
    >>> line = np.array([[0.0, 0.0], [2.0, 0.0], [9.0, 0.0]])
    >>> near = lambda points, pairs: (pairs.distance <= 2).astype(float)
    >>> [(rows.tolist(), found.place.tolist())
    ...  for rows, (found,) in posteriors_in_slices(line[:1], line, [np.ones(3)], near, 2.0)]
    [([0], [0, 1])]
    """
    _, place_order, tree = place_tree(places)
    limit = np.broadcast_to(np.asarray(reach, dtype=float), len(points))
    # Points whose reaches differ by less than twice go together.
    size = np.floor(np.log2(np.maximum(limit, TIE_METRES))).astype(int)
    for group in np.unique(size):
        block = np.flatnonzero(size == group)
        block = block[z_order(points[block])]
        for part, pairs in pairs_within(points[block], tree, float(limit[block].max()), at_once):
            rows = block[part]
            at = pairs._replace(place=place_order[pairs.place])
            likely = likelihood(points[rows], at)
            ranks = None
            if level is not None:
                counted = None if people is None else people[at.place]
                ranks = rank_by_distance(at.indptr, at.distance, counted)
            yield rows, [_posterior(at, likely, prior, ranks, level or 0.95) for prior in priors]


def gather(slices: Iterable[tuple[np.ndarray, SparsePosterior]], n: int) -> SparsePosterior:
    """Return the posteriors of slices as one, in the order of the points.

    Parameters
    ----------
    slices : iterable of tuple (ndarray, SparsePosterior)
        Posteriors of some points, with their rows.
    n : int
        Number of points.

    Returns
    -------
    SparsePosterior
    """
    several = list(slices)
    if not several:
        none, empty = np.empty(0), np.empty(0, np.int64)
        start = np.zeros(1, np.int64)
        return SparsePosterior(start, empty, none, empty, none, none, none, np.empty(0, bool))
    rows, parts = zip(*several, strict=True)
    size = np.empty(n, np.int64)
    summaries = [np.empty(n, dtype=column.dtype) for column in parts[0][3:-1]]
    for mine, part in zip(rows, parts, strict=True):
        size[mine] = np.diff(part.indptr)
        for whole, values in zip(summaries, part[3:-1], strict=True):
            whole[mine] = values
    indptr = np.concatenate([[0], np.cumsum(size)])
    place = np.empty(indptr[-1], parts[0].place.dtype)
    probability = np.empty(indptr[-1])
    for mine, part in zip(rows, parts, strict=True):
        _, at = take_rows(indptr, mine)
        place[at], probability[at] = part.place, part.probability
    return SparsePosterior._make([indptr, place, probability, *summaries, parts[0].level])


def spatial_k(
    points: np.ndarray,
    homes: np.ndarray,
    places: np.ndarray,
    people: np.ndarray | None = None,
) -> np.ndarray:
    """Return spatial k: places, or people, at least as near to each point as its home.

    Spatial k-anonymity, exact: ties and the home itself count. 1 is a point that gives its home
    away; larger is safer.

    Parameters
    ----------
    points, homes : float, shape (n, 2)
        Where each dot is, and where it truly belongs; homes are among the places.
    places : float, shape (m, 2)
    people : float, shape (m,), optional
        People at each place; places are counted without.

    Returns
    -------
    float, shape (n,)

    Examples
    --------
    >>> places = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, -3.0], [9.0, 0.0]])
    >>> dot, home = np.array([[0.0, 0.0]]), np.array([[3.0, 0.0]])
    >>> spatial_k(dot, home, places).tolist()
    [3.0]
    >>> spatial_k(dot, home, places, people=np.array([4.0, 2.0, 1.0, 50.0])).tolist()
    [7.0]
    """
    gap = points - homes
    limit = np.hypot(gap[:, 0], gap[:, 1]) + TIE_METRES
    tree = cKDTree(places, balanced_tree=False, compact_nodes=False)
    if people is None:
        order = z_order(points)
        count = np.empty(len(points))
        count[order] = tree.query_ball_point(points[order], limit[order], return_length=True)
        return count
    # Points of about the same limit go together, so that few pairs are found in vain.
    count = np.empty(len(points))
    order = np.argsort(limit)
    for start in range(0, len(order), 2_000):
        block = order[start : start + 2_000]
        for rows, pairs in pairs_within(points[block], tree, limit[block[-1]]):
            near = pairs.distance <= np.repeat(limit[block[rows]], np.diff(pairs.indptr))
            count[block[rows]] = row_sum(pairs.indptr, people[pairs.place] * near)
    return count


@keyword_only
@dataclass(frozen=True, eq=False)
class Posterior:
    """Sparse probabilities over candidates, one row a record (compressed rows).

    Row ``i`` has candidates ``candidate[indptr[i]:indptr[i+1]]`` (rows of the address base)
    with ``probability`` summing to 1, or none where nothing explains the record.

    Examples
    --------
    >>> ends, sure = np.array([0, 2, 3]), np.array([0.9, 0.1, 1.0])
    >>> two = Posterior(indptr=ends, candidate=np.array([4, 7, 1]), probability=sure)
    >>> two.best(np.array([0.5, 0.5]))[0].tolist()
    [4, 1]
    """

    indptr: np.ndarray
    candidate: np.ndarray
    probability: np.ndarray

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def best(self, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each row's likeliest candidate and its probability; -1 and 0 where it is empty.

        `draws`, one a row in [0, 1), break ties.
        """
        at = pick_best(self.indptr, self.probability, draws)
        some = at >= 0
        candidate, sure = np.full(len(at), -1, dtype=np.int64), np.zeros(len(at))
        candidate[some], sure[some] = self.candidate[at[some]], self.probability[at[some]]
        return candidate, sure

    def weighed(self, weight: np.ndarray) -> Posterior:
        """Return the posterior with each address made so many times likelier.

        `weight`, 0 or more, one an address of the base.

        Examples
        --------
        >>> posterior = Posterior(np.array([0, 2]), np.array([0, 1]), np.array([0.5, 0.5]))
        >>> posterior.weighed(np.array([3.0, 1.0])).probability.tolist()
        [0.75, 0.25]
        """
        weight = np.asarray(weight, dtype=float)[self.candidate]
        probability = normalise(self.indptr, weight * self.probability)
        return Posterior(self.indptr, self.candidate, probability)

    def at(self, address: np.ndarray) -> np.ndarray:
        """Return the probability of one address a record, 0 where it is no candidate.

        Examples
        --------
        >>> posterior = Posterior(np.array([0, 2, 2]), np.array([5, 3]), np.array([0.7, 0.3]))
        >>> posterior.at(np.array([3, 3])).tolist()
        [0.3, 0.0]
        """
        record = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        hit = self.candidate == np.asarray(address)[record]
        return np.bincount(record[hit], self.probability[hit], minlength=len(self))

    def mean_distance(self, address: np.ndarray, xy: np.ndarray) -> np.ndarray:
        """Return the mean distance from one address a record, in metres; nan without one (-1).

        The adversary's expected error ``sum_x p(x | y) d(x, guess)`` (Shokri et al. 2011): it is
        expected under the posterior, not measured on the truth.

        Examples
        --------
        >>> posterior = Posterior(np.array([0, 2]), np.array([0, 1]), np.array([0.5, 0.5]))
        >>> posterior.mean_distance(np.array([1]), np.array([[0.0, 8.0], [0.0, 0.0]])).tolist()
        [4.0]
        """
        address = np.asarray(address)
        x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
        mean = np.zeros(len(address))
        # As many pairs at once as stay near the processor.
        blocks = np.arange(0, int(self.indptr[-1]), _NEAR_PAIRS)
        begins = np.unique([*np.searchsorted(self.indptr, blocks, side="right") - 1, len(mean)])
        for begin, end in itertools.pairwise(begins.tolist()):
            pairs = slice(int(self.indptr[begin]), int(self.indptr[end]))
            indptr = self.indptr[begin : end + 1] - self.indptr[begin]
            own, size, near = address[begin:end], np.diff(indptr), self.candidate[pairs]
            apart = np.hypot(x[near] - np.repeat(x[own], size), y[near] - np.repeat(y[own], size))
            mean[begin:end] = row_sum(indptr, self.probability[pairs] * apart)
        return np.where(address >= 0, mean, np.nan)


class ComparedAddress(NamedTuple):
    """Probability of one address a record, by a posterior that was discarded."""

    address: np.ndarray
    probability: np.ndarray

    def at(self, address: np.ndarray) -> np.ndarray:
        """Return the probability of one address a record: those that it was kept for."""
        if not np.array_equal(address, self.address):
            raise ParameterError.of("ComparedAddress", "the addresses it was kept for", "others")
        return self.probability


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What was treated apart, counted: tallies of tiles add up to that of the map.

    - `mask`, `prior`: What the adversary believes of moves and addresses; of tiles, the same.
    - `unexplained`: Dots that no address explains under the mask believed.
    - `without_prior`: Dots each of whose addresses nobody is known to live at.
    - `unnamed`: Records that no entry of the register fits.
    - `crowd`: The most dots that are expected at one address, where one is believed to be there.
    - `change`: By how much the probabilities of a one-to-one assignment still moved.
    """

    records: int
    mask: Any = None
    prior: str = ""
    unexplained: int = 0
    without_prior: int = 0
    unnamed: int = 0
    crowd: float = 0.0
    change: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return replace(
            self,
            records=self.records + other.records,
            unexplained=self.unexplained + other.unexplained,
            without_prior=self.without_prior + other.without_prior,
            unnamed=self.unnamed + other.unnamed,
            crowd=max(self.crowd, other.crowd),
            change=max(self.change, other.change),
        )

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was counted, in words for a page.

        Examples
        --------
        >>> (Tally(records=9, unnamed=1) + Tally(records=9, unnamed=2)).notes
        (Note('unnamed_records', records=3, of=18),)
        """
        notes, of = [], self.records
        if dots := self.unexplained:
            notes.append(Note("unexplained_dots", dots=dots, of=of, mask=str(self.mask)))
        if dots := self.without_prior:
            notes.append(Note("dots_without_prior", dots=dots, of=of, prior=self.prior))
        if self.unnamed:
            notes.append(Note("unnamed_records", records=self.unnamed, of=of))
        if self.crowd > 1 + CROWDED_ADDRESS:
            notes.append(Note("dots_share_an_address", expected=self.crowd))
        if self.change > 0:
            notes.append(Note("assignment_unsettled", change=self.change))
        return tuple(notes)


class PosteriorSummary(NamedTuple):
    """Summary of a posterior that is discarded.

    Its mean distance from the guess, and the probability of another address a record, if any.
    """

    beside: np.ndarray | None = None

    def of(
        self, posterior: Posterior, address: np.ndarray, xy: np.ndarray, rows: Any = slice(None)
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return `error` and `beside` of guessed addresses, for these rows of the release."""
        beside = None if self.beside is None else posterior.at(self.beside[rows])
        return posterior.mean_distance(address, xy), beside


@dataclass(frozen=True, eq=False, kw_only=True)
class Located:
    """Posterior over addresses and the best address of each dot; arrays as in `Guesses`.

    `posterior` is None where it was not kept; `level` is what sets (`credible`) hold of it.
    `credible`, `k_addresses` and `k_people` are None where no size was asked for.
    `error` and `beside`: what a `PosteriorSummary` asked for of it, before it was discarded.
    """

    posterior: Posterior | None
    address: np.ndarray
    confidence: np.ndarray
    credible: np.ndarray | None
    k_addresses: np.ndarray | None
    k_people: np.ndarray | None
    tally: Tally
    level: float = 0.95
    error: np.ndarray | None = None
    beside: np.ndarray | None = None

    def kept(self, who: str) -> Posterior:
        """Return the posterior for the function `who`, or raise `ParameterError` without one."""
        if self.posterior is None:
            do = "Attack the map in tiles, with privaudit.maps.registry.climb."
            raise ParameterError.of(who, "a posterior that fits in memory", "a wider one", do)
        return self.posterior


# Each array of guesses: the kinds of its numbers, what an error calls these, its type, and what
# stands where an attack does not give it: without a confidence, each guess is taken as certain.
_COLUMNS: tuple[tuple[str, str, str, Any, Any], ...] = (
    ("address", "iu", "whole numbers", np.int64, -1),
    ("confidence", "iuf", "numbers", float, lambda made: made.address >= 0),
    ("person", "iu", "whole numbers", np.int64, -1),
    ("person_confidence", "iuf", "numbers", float, lambda made: made.person >= 0),
    ("opinion", "U", "texts", None, ""),
    ("opinion_confidence", "iuf", "numbers", float, lambda made: made.opinion != ""),
)


def _not_given() -> np.ndarray:
    """Return what stands for an array that an attack does not give."""
    return np.empty(0)


@keyword_only
@dataclass(frozen=True, eq=False, kw_only=True)
class Guesses:
    """An adversary's guesses and confidence, arrays of length n (records of the release).

    Only `address` must be given: what an attack does not say is filled in. It is then sure of each
    guess, names nobody, and takes a declared opinion as `audit` reads it.

    - `attack`: Word of the attack, such as ``"knows_mask"``.
    - `address` (int64): Guessed row of the address base, -1 where there is none.
    - `confidence` (float): Probability that the adversary gives to that address, 0 to 1.
    - `right_doors`: Probability that the person lives where the dot was put before it was moved,
      of each where the map shows it; the posterior is of that place, `confidence` of the
      home.
    - `person` (int64): Guessed register entry, -1 where no register is held or nobody fits.
    - `person_confidence` (float): Probability given to that entry, 0 to 1 (0 where there is no
      guess).
    - `opinion` (str): Presumed leaning, "" where the release says nothing of it.
    - `opinion_low`, `opinion_high` (float): Ends of the 95 % range of `opinion_confidence`, all
      labels being right as often; None where none is stated.
    - `posterior`: The whole sparse posterior over addresses; None for a table.
    - `credible` (int64): Number of addresses that together hold 95 % of the posterior; where the
      mask was worked out, as much more as sets need to hold 95 % of the homes.
    - `k_addresses`, `k_people` (float): Spatial k-anonymity: posterior mean of the number of
      addresses (people) that are at least as near to the dot as the home. `k_people` is nan where
      counts are unknown.
    - `error`, `beside` (float): Of a discarded posterior: its mean distance from the address,
      metres, and its probability of another guess; see `registry.climb`.
    - `doubts`: Why the guesses are not reliable, whatever the tally says.
    - `right_between`: Where the mask was worked out, the share of right addresses, as claimed over
      all masks, least and most by which of them it was: 98 % of the masks believed.
    - `both_readings`: Whether dots stand on addresses, left or swapped: a doubt says each number.
    - `notes`: All notes, doubts and tally included once an attack has ended (`with_notes`).

    >>> guesses = Guesses(attack="by hand", address=np.array([3, -1]))
    >>> guesses.confidence.tolist(), guesses.person.tolist()
    ([1.0, 0.0], [-1, -1])
    """

    attack: str = ""
    copies: int = 1
    right_doors: float | np.ndarray = 1.0
    address: np.ndarray
    confidence: np.ndarray = field(default_factory=_not_given)
    person: np.ndarray = field(default_factory=_not_given)
    person_confidence: np.ndarray = field(default_factory=_not_given)
    opinion: np.ndarray = field(default_factory=_not_given)
    opinion_confidence: np.ndarray = field(default_factory=_not_given)
    opinion_low: np.ndarray | None = None
    opinion_high: np.ndarray | None = None
    posterior: Posterior | None = None
    credible: np.ndarray | None = None
    k_addresses: np.ndarray | None = None
    k_people: np.ndarray | None = None
    error: np.ndarray | None = None
    beside: np.ndarray | None = None
    tally: Tally | None = None
    doubts: tuple[Note, ...] = ()
    right_between: tuple[float, float, float] | None = None
    both_readings: bool = False
    notes: tuple[Note, ...] = ()
    reliable: bool = True

    def to_geodataframe(self, addresses: AddressBase, *, reveal_rows: bool = False) -> Any:
        """Return a row a guess at the address that is guessed, as a GeoDataFrame.

        Parameters
        ----------
        addresses : AddressBase
            Those of the release. A fictional town has no CRS.
        reveal_rows : bool
            Must be True: each row says where somebody may live.

        Returns
        -------
        geopandas.GeoDataFrame
            Columns address (-1 and no geometry where there is no guess), confidence, opinion.

        Raises
        ------
        ParameterError
            Rows are not asked for.
        OutputError
            GeoPandas is not installed.
        """
        import pandas as pd

        from privaudit.io.frames import geodataframe

        who = "to_geodataframe"
        if not reveal_rows:
            do = "Each row says where somebody may live: pass reveal_rows=True if that is meant."
            raise ParameterError.of(who, "reveal_rows=True to give guesses one by one", "False", do)
        columns = ("address", "confidence", "opinion")
        frame = pd.DataFrame({name: getattr(self, name) for name in columns})
        known = self.address >= 0
        at = np.full((len(frame), 2), np.nan)
        at[known] = addresses.xy[self.address[known]]
        return geodataframe(frame, at, addresses.crs, who=who)

    def __post_init__(self) -> None:
        n = np.size(self.address)
        for name, kinds, called, dtype, missing in _COLUMNS:
            array = np.asarray(getattr(self, name))
            if not array.size and n:
                given = missing(self) if callable(missing) else np.full(n, missing)
                array = given.astype(dtype or given.dtype)
            if array.dtype.kind == "O" and kinds == "U":
                array = array.astype(str)
            if array.ndim != 1 or (array.size and array.dtype.kind not in kinds):
                came = f"{array.ndim} dimensions of {array.dtype}"
                needed = f"{name} an array of {called}, one a record"
                raise ParameterError.of("Guesses", needed, came)
            if len(array) != n:
                came = f"{len(array):,} for {n:,}"
                raise ParameterError.of("Guesses", f"{name} one a record, as address", came)
            object.__setattr__(self, name, array.astype(dtype or array.dtype))

    def __len__(self) -> int:
        return len(self.address)

    def revised(self, posterior: Posterior, *, rng: np.random.Generator) -> Guesses:
        """Return the guesses by another posterior: the best address of each, ties by `rng`."""
        address, confidence = posterior.best(rng.random(len(posterior)))
        return replace(
            self,
            posterior=posterior,
            address=address,
            confidence=self.right_doors * confidence,
            credible=credible_size(posterior.indptr, posterior.probability),
        )

    def with_notes(self) -> Guesses:
        """Return the guesses with notes of what was counted, and whether they are reliable."""
        tally = Tally(records=len(self.address)) if self.tally is None else self.tally
        explained = tally.unexplained <= UNEXPLAINED_DOTS * tally.records
        return replace(
            self,
            notes=(*self.notes, *self.doubts, *tally.notes),
            reliable=self.reliable and not self.doubts and explained,
        )
