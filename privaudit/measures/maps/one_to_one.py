"""Marginals of a matching: each point has one place, and no two points the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from privaudit.measures.tables.compressed_rows import normalise, row_of, row_sum

__all__ = ["Matching", "matching_marginals"]

# Shares of a row's weight below this are lost to rounding when its other entries are summed.
_TINY = 1e-12


class Matching(NamedTuple):
    """Probabilities of the pairs under one-to-one assignment, and how far they can be trusted.

    `probability` stands entry for entry beside the weights; `change` is the largest change of
    the last round (0 where it has settled); `load` the largest number of points expected at one
    place, 1 or less where an assignment exists.
    """

    probability: np.ndarray
    change: float
    load: float


def matching_marginals(
    indptr: np.ndarray,
    place: np.ndarray,
    weight: np.ndarray,
    *,
    rounds: int = 500,
    settled: float = 1e-6,
) -> Matching:
    """Return how likely each point is at each of its places when no place is taken twice.

    An assignment is as likely as the product of its weights. Exact marginals are permanents,
    beyond any computer; these are those of loopy belief propagation (the Bethe approximation,
    Huang and Jebara 2009): exact where points and places form a tree, and close elsewhere. Cost
    a round: a few operations a pair, no matrix.

    Parameters
    ----------
    indptr, place : ndarray of int
        Compressed rows: the places that each point may have.
    weight : ndarray of float
        Weight of each pair, 0 or more, such as a posterior of each point alone. A factor
        common to a row makes no difference.
    rounds : int
        Most rounds of messages.
    settled : float
        Change of a probability below which the rounds stop.

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
        return Matching(alone, 0.0, 0.0)
    code = np.unique(place, return_inverse=True)[1].ravel()
    free = np.ones(len(place))
    probability, change = alone, np.inf
    for _ in range(rounds):
        taken = alone * free
        total = row_sum(indptr, taken)[row]
        # Odds that the point needs this place, the others being as free as they seem.
        need = alone / np.maximum(total - taken, _TINY)
        others = np.bincount(code, weights=need)[code] - need
        # Half a step in logarithms: full steps can swing to and fro.
        free = np.sqrt(free / (1 + np.maximum(others, 0)))
        found = normalise(indptr, alone * free)
        change = float(np.abs(found - probability).max())
        probability = found
        if change < settled:
            break
    load = float(np.bincount(code, weights=probability).max())
    return Matching(probability, change if change >= settled else 0.0, load)
