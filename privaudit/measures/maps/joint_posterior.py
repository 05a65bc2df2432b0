"""Joint posterior of one origin from several independently masked positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.spatial import cKDTree

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.maps.neighbours import Pairs, expected_pairs, pairs_within, z_order
from privaudit.measures.maps.spatial import SparsePosterior, gather, posterior_of_pairs
from privaudit.measures.tables.compressed_rows import row_max, row_of, take_rows

__all__ = ["joint_posterior", "mean_position", "once_each", "stacked"]

# Pairs of a point and a place that are held at once: about 1 GB with what is computed on them.
MOST_PAIRS = 20_000_000

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
    if expected > MOST_PAIRS:
        needed = f"at most {MOST_PAIRS:,} pairs of a dot and a place within {reach:.0f} m"
        came, do = f"about {expected:,.0f}", "Attack the dots in several parts."
        raise ParameterError(say("joint_posterior", needed, came, do))
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
