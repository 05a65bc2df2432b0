"""Unicity in a larger population than that of a log, by a two-parameter law and without it.

Another person has all the known points of a target with some probability q. In a log of n people
the number of others who have them is binomial (n - 1, q), and the target is singled out of N
people with probability (1 - q)^(N - 1). If q is beta (1 - alpha, alpha + theta), its mean over
targets is the expected share of uniques of a Pitman-Yor process, the law by which Rocher,
Hendrickx and de Montjoye (2025) carry exact and sparse matching to other populations.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from privaudit.core.checks import Floats, Ints
from privaudit.stats.intervals import wilson
from privaudit.tables.population.pitman_model import expected_uniques
from privaudit.tables.population.sample_ranges import Estimate, judge

# Targets with 0 to 9 others say what there is to know of a rare q.
_COUNTS = 10
# Probabilities q of the range.
_GRID = 200


def unicity_in_population(others: Floats, people: int, population: float) -> Estimate:
    """Return the share of people whom the same points would single out of a larger population.

    Parameters
    ----------
    others : float array, shape (m,)
        Of each target, how many other people of the log have all the known points.
    people : int
        People of the log.
    population : float
        As many or more: people like those of the log.

    Returns
    -------
    Estimate
        Of a share, in [0, 1]; 0 is safe. The value is the law's, fitted by likelihood to the
        targets with few others (Rocher et al. fit the curve of several sizes). The
        range holds at 95 % whatever the law of q: the least and the greatest share over all laws
        that agree with these counts, by linear programming. It is reliable where the range is at
        most `WIDEST_RANGE` and holds the value.

    References
    ----------
    Rocher, Hendrickx and de Montjoye (2025); Pitman (2006).

    Examples
    --------
    Nobody shares the points of 380 of 400 targets; one other person in 1,000 those of 20.

    >>> others = np.repeat([0.0, 1.0], [380, 20])
    >>> found = unicity_in_population(others, 1_000, 2_000)
    >>> found.low < found.value < found.high < 0.98
    True
    """
    least = np.minimum(others, _COUNTS).astype(np.int64)
    counts = np.bincount(least, minlength=_COUNTS + 1).astype(np.int64)
    counts[people:] = 0
    if population == people:
        share = float(counts[0] / counts.sum())
        low, high = map(float, wilson(share, counts.sum()))
        return Estimate(value=share, low=low, high=high)
    value = _by_law(counts, people, population)
    low, high = _range(counts, people, population)
    estimate = judge(value, low, high, 1.0)
    return replace(estimate, low=max(estimate.low, 0.0), high=min(estimate.high, 1.0))


def _log_chances(people: int, q: Floats) -> Floats:
    """Return log P(k others) of a binomial, shape (counts, q)."""
    from scipy.special import gammaln, xlog1py, xlogy

    k = np.arange(min(_COUNTS, people))[:, None]
    ways = gammaln(people) - gammaln(k + 1) - gammaln(people - k)
    return np.asarray(ways + xlogy(k, q) + xlog1py(people - 1 - k, -q))


def _by_law(counts: Ints, people: int, population: float) -> float:
    """Return the value of the beta law of greatest likelihood."""
    from scipy.optimize import minimize
    from scipy.special import betaln, expit, gammaln

    k = np.arange(min(_COUNTS, people))
    ways = gammaln(people) - gammaln(k + 1) - gammaln(people - k)

    def surprise(place: Floats) -> float:
        a, b = float(expit(place[0])), float(np.exp(place[1]))
        chance = np.exp(ways + betaln(k + a, people - 1 - k + b) - betaln(a, b))
        more = max(1 - float(chance.sum()), 1e-12)
        logs = np.log(np.maximum(chance, 1e-300))
        return float(-(counts[: len(k)] * logs).sum() - counts[_COUNTS] * np.log(more))

    bounds = [(-14.0, 14.0), (-14.0, 24.0)]
    begun = [(x, y) for x in (-2.0, 1.0) for y in (0.0, np.log(people))]
    fits = [minimize(surprise, at, method="Nelder-Mead", bounds=bounds) for at in begun]
    best = min(fits, key=lambda fit: fit.fun).x
    alpha = 1 - float(expit(best[0]))
    return expected_uniques(float(np.exp(best[1])) - alpha, alpha, population) / population


def _range(counts: Ints, people: int, population: float) -> tuple[float, float]:
    """Return the least and the greatest share over all laws of q; nan where none agrees."""
    from scipy.optimize import linprog

    q = np.append(0.0, np.geomspace(0.01 / population, 1.0, _GRID))
    at_most = np.cumsum(np.exp(_log_chances(people, q)), axis=0)
    share = np.cumsum(counts)[: len(at_most)] / counts.sum()
    low, high = wilson(share, counts.sum(), 1 - 0.05 / len(at_most))
    goal = (1 - q) ** (population - 1)
    rows, limits = np.vstack([at_most, -at_most]), np.concatenate([high, -np.asarray(low)])
    ends = []
    for sign in (1, -1):
        solved = linprog(
            sign * goal, A_ub=rows, b_ub=limits, A_eq=np.ones((1, len(q))), b_eq=[1.0],
            method="highs",
        )  # fmt: skip
        ends.append(sign * float(solved.fun) if solved.success else np.nan)
    return ends[0], ends[1]
