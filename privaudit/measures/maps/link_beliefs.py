"""Soft linkage of the dots of several masked copies, and the joint posterior over places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from privaudit.measures.maps.one_to_one import matching_marginals
from privaudit.measures.tables.compressed_rows import normalise, row_max, row_of

__all__ = ["LinkBeliefs", "link_beliefs", "link_work"]

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
    """Return the number of products that the costliest copy takes.

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
