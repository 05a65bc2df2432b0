"""Bayes' posterior over addresses as sparse rows, joint over versions; spatial k-anonymity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

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
    rank_by_distance,
    row_max,
    row_of,
    row_sum,
    take_rows,
)

# Pairs that a whole posterior may hold: about 4 GB while it is put together.
MOST_PAIRS = 100_000_000


class SparsePosterior(NamedTuple):
    """Posterior probabilities over places as compressed rows, with their summaries.

    Places of a row stand in the order of their positions, whatever the order of the file.

    `k_places` and `k_people` are posterior means of the number of places (people) at least as near
    to the point as its origin; `credible` the number of places that hold 95 %. `evidence` is the
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


def posterior_of_pairs(
    pairs: Pairs, likelihood: np.ndarray, prior: np.ndarray, people: np.ndarray | None = None
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

    Returns
    -------
    SparsePosterior
        Rows sum to 1, or are empty where no place explains the point.
    """
    counted = None if people is None else people[pairs.place]
    ranks = rank_by_distance(pairs.indptr, pairs.distance, counted)
    return _posterior(pairs, likelihood, prior, ranks)


def _posterior(
    pairs: Pairs,
    likelihood: np.ndarray,
    prior: np.ndarray,
    ranks: tuple[np.ndarray, np.ndarray | None],
) -> SparsePosterior:
    """Return one posterior and its summaries; `ranks` count the places and people as near."""
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
    k_places = row_sum(indptr, probability * ranks[0][positive])
    k_people = np.full(len(indptr) - 1, np.nan)
    if ranks[1] is not None:
        k_people = row_sum(indptr, probability * ranks[1][positive])
    k_places[~explained] = k_people[~explained] = np.nan
    credible = credible_size(indptr, probability)
    return SparsePosterior(
        indptr, place, probability, credible, k_places, k_people, evidence, without_prior
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
    expected = expected_total(points, ground, reach)
    if expected > MOST_PAIRS:
        needed = f"at most {MOST_PAIRS:,} pairs of a point and a place within {reach:.0f} m"
        came, do = f"about {expected:,.0f}", "Attack the points in several parts."
        raise ParameterError.of("posterior", needed, came, do)

    def likelihood(_: np.ndarray, pairs: Pairs) -> np.ndarray:
        return density(pairs.distance)

    slices = posterior_slices(
        points, ground, prior, likelihood, reach, people=people, at_once=at_once
    )
    return gather(slices, len(points))


def posterior_slices(
    points: np.ndarray,
    places: np.ndarray | PlaceTree,
    prior: np.ndarray,
    likelihood: Callable[[np.ndarray, Pairs], np.ndarray],
    reach: float | np.ndarray,
    *,
    people: np.ndarray | None = None,
    at_once: int = PAIRS_AT_ONCE,
) -> Iterator[tuple[np.ndarray, SparsePosterior]]:
    """Yield the posterior over places, a slice of the points at a time, under one prior.

    Nothing is kept from one slice to the next, so that any number of points can be summarised.

    Parameters
    ----------
    points : float, shape (n, 2)
    places : float, shape (m, 2), or the tree of them
    prior : float, shape (m,)
    likelihood, reach, people, at_once : callable
        See `posteriors_in_slices`. Yields rows: ndarray of int. Which points; each point stands
        in one slice. Yields found: Places of a row stand in the order of their positions.

    Yields
    ------
    tuple (ndarray, SparsePosterior)

    Examples
    --------
    >>> line = np.array([[0.0, 0.0], [2.0, 0.0], [9.0, 0.0]])
    >>> near = lambda points, pairs: (pairs.distance <= 2).astype(float)
    >>> [(rows.tolist(), found.place.tolist())
    ...  for rows, found in posterior_slices(line[:1], line, np.ones(3), near, 2.0)]
    [([0], [0, 1])]
    """
    several = posteriors_in_slices(
        points, places, [prior], likelihood, reach, people=people, at_once=at_once
    )
    for rows, (part,) in several:
        yield rows, part


def posteriors_in_slices(
    points: np.ndarray,
    places: np.ndarray | PlaceTree,
    priors: Sequence[np.ndarray],
    likelihood: Callable[[np.ndarray, Pairs], np.ndarray],
    reach: float | np.ndarray,
    *,
    people: np.ndarray | None = None,
    at_once: int = PAIRS_AT_ONCE,
) -> Iterator[tuple[np.ndarray, list[SparsePosterior]]]:
    """Yield the posteriors under several priors, a slice of the points at a time.

    Pairs are looked up, and ranked by their distance, once for all priors.

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
    at_once : int
        About how many pairs are held at a time; changes no result. Yields rows: ndarray of int.
        Which points; each point stands in one slice. Yields found: list. One a prior; places of
        a row stand in the order of their positions.

    Yields
    ------
    tuple (ndarray, list of SparsePosterior)
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
            counted = None if people is None else people[at.place]
            ranks = rank_by_distance(at.indptr, at.distance, counted)
            yield rows, [_posterior(at, likely, prior, ranks) for prior in priors]


def expected_total(
    points: np.ndarray, places: np.ndarray | PlaceTree, reach: float | np.ndarray
) -> float:
    """Return the expected number of pairs of a point and a place within reach.

    Reckoned from at most about 512 points; and about 100,000 places, where there is no tree yet.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    places : float, shape (m, 2)
        Metres.
    reach : float | np.ndarray
        Metres.

    Returns
    -------
    float
    """
    if isinstance(places, PlaceTree):
        step, tree = 1, places.tree
    else:
        step = max(1, len(places) // 100_000)
        tree = cKDTree(places[::step], balanced_tree=False, compact_nodes=False)
    if len(points) == 0 or tree.n == 0:
        return 0.0
    limit = np.broadcast_to(np.asarray(reach, dtype=float), len(points))
    some = slice(None, None, max(1, len(points) // 512))
    near = tree.query_ball_point(points[some], limit[some], return_length=True)
    return float(near.mean()) * step * len(points)


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
    summaries = [np.empty(n, dtype=column.dtype) for column in parts[0][3:]]
    for mine, part in zip(rows, parts, strict=True):
        size[mine] = np.diff(part.indptr)
        for whole, values in zip(summaries, part[3:], strict=True):
            whole[mine] = values
    indptr = np.concatenate([[0], np.cumsum(size)])
    place = np.empty(indptr[-1], parts[0].place.dtype)
    probability = np.empty(indptr[-1])
    for mine, part in zip(rows, parts, strict=True):
        _, at = take_rows(indptr, mine)
        place[at], probability[at] = part.place, part.probability
    return SparsePosterior(indptr, place, probability, *summaries)


def spatial_k(
    points: np.ndarray,
    homes: np.ndarray,
    places: np.ndarray,
    people: np.ndarray | None = None,
    at_once: int = PAIRS_AT_ONCE,
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
    at_once : int
        Pairs held at a time.

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
        for rows, pairs in pairs_within(points[block], tree, limit[block[-1]], at_once):
            near = pairs.distance <= np.repeat(limit[block[rows]], np.diff(pairs.indptr))
            count[block[rows]] = row_sum(pairs.indptr, people[pairs.place] * near)
    return count


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
        A copy, nan at every position that an earlier version already shows.

    Examples
    --------
    >>> seen = np.array([[[0.0, 0.0]], [[0.0, 0.01]], [[5.0, 0.0]]])
    >>> np.isnan(once_each(seen, 0.1)).all(axis=(1, 2)).tolist()
    [False, True, False]
    """
    distinct = np.array(positions, dtype=float)
    for later in range(1, len(distinct)):
        gap = distinct[:later] - distinct[later]
        near = np.hypot(gap[..., 0], gap[..., 1]) <= tolerance  # never true of a nan
        distinct[later, near.any(axis=0)] = np.nan
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
    moves are independent given the place. With one version it is `spatial.posterior`.

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
    place_order = z_order(places)
    tree = cKDTree(places[place_order], balanced_tree=False, compact_nodes=False)
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
