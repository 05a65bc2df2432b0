"""Pitman-Yor (Ewens-Pitman) model of population classes, and correctness of matches under it.

The model is fitted to the class sizes of a sample by maximum likelihood (Pitman 1995; Hoshino
2001); the scaling law of correctness is that of Rocher, Hendrickx and de Montjoye (2025).

A log follows the same law. Another person has all the known points of a target with some
probability q. In a log of n people the number of others who have them is binomial (n - 1, q), and
the target is singled out of N people with probability (1 - q)^(N - 1). If q is beta (1 - alpha,
alpha + theta), its mean over targets is the expected share of uniques of a Pitman-Yor process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import Floats, Ints
from privaudit.core.reproducible import one_thread
from privaudit.stats.intervals import wilson
from privaudit.tables.context import MeasureContext
from privaudit.tables.equivalence_classes import class_size_histogram
from privaudit.tables.population.sample_ranges import (
    Estimate,
    classes_range,
    judge,
    mixture_shares,
    narrowed,
    people_range,
)
from privaudit.tables.table_measure import (
    NAMELESS,
    UNLESS_LEVELS_SHOW,
    Values,
    of_people,
    table_measure,
    unless_uneven,
)
from privaudit.words.catalogues import Note

# Points a side of the grid on which the likelihood is looked at, and its 95 % bound.
_GRID = 121
_CHI_SQUARE = 3.841458820694124
# Targets of a log with fewer others than this say what there is to know of a rare q.
_MOST_OTHERS = 10
# Probabilities q of the range without a law.
_PROBABILITIES = 200


NO_FIT = Note("pitman_has_no_fit")


@dataclass(frozen=True, kw_only=True)
class PitmanFit:
    """Maximum-likelihood parameters of the Ewens-Pitman model.

    Attributes
    ----------
    theta : float
        Above -alpha: how many classes there are.
    alpha : float
        In (0, 1): how heavy the tail of small classes is.
    """

    theta: float
    alpha: float


class _ClassCounts(NamedTuple):
    """A sample of u classes and n records: `counts` classes of each of `sizes`."""

    u: int
    n: int
    sizes: Ints
    counts: Ints

    @classmethod
    def of(cls, size: ArrayLike) -> _ClassCounts:
        """Return the sample of class sizes."""
        sizes, counts = class_size_histogram(size)
        return cls(int(counts.sum()), int((sizes * counts).sum()), sizes, counts)


@one_thread(learning=False)
def fit_pitman(size: ArrayLike) -> PitmanFit | None:
    """Fit theta and alpha to the class sizes of a sample by maximum likelihood.

    The likelihood of u classes of n records with s_j classes of size j is prod_{i<u} (theta + i
    alpha) / prod_{i<n} (theta + i) x prod_j (prod_{i<j} (i - alpha))**s_j (Pitman 1995; for
    microdata Hoshino 2001).

    Parameters
    ----------
    size : int, shape (m,)
        Size of each class.

    Returns
    -------
    PitmanFit or None
        None where the likelihood has no maximum inside its domain: fewer than two classes,
        every record alone, or parameters that run to their edge.

    References
    ----------
    Pitman (1995).
    Hoshino (2001).

    Examples
    --------
    >>> fit = fit_pitman([1] * 40 + [2] * 10 + [3] * 5 + [6] * 3 + [30])
    >>> 0 < fit.alpha < 1
    True
    """
    from scipy.optimize import minimize

    sample = _ClassCounts.of(size)
    if sample.u < 2 or sample.u == sample.n:
        return None

    def loss(x: Floats) -> tuple[float, Floats]:
        theta, alpha, jacobian = _parameters(x)
        value, gradient = _likelihood(theta, alpha, sample)
        return -value / sample.n, -(jacobian.T @ gradient) / sample.n

    best = min(
        (
            minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(-25, 35), (-14, 14)])
            for start in ([np.log(sample.u), 0.0], [0.0, 2.0])
        ),
        key=lambda result: result.fun,
    )
    theta, alpha, _ = _parameters(best.x)
    inside = 1e-6 < alpha < 1 - 1e-6 and -24.5 < best.x[0] < 34.5
    return PitmanFit(theta=theta, alpha=alpha) if inside else None


def likely_parameters(fit: PitmanFit, size: ArrayLike) -> tuple[Floats, Floats]:
    """Return the parameters within the 95 % likelihood-ratio region, on a grid.

    The extremes of a function of theta and alpha over them are its profile likelihood interval
    (twice the loss of log-likelihood is below the .95 quantile of chi-square of one degree).

    Parameters
    ----------
    fit : PitmanFit
        Of `size`.
    size : int, shape (m,)

    Returns
    -------
    theta, alpha : float64, shape (r,)

    Examples
    --------
    >>> size = [1] * 40 + [2] * 10 + [3] * 5 + [6] * 3 + [30]
    >>> theta, alpha = likely_parameters(fit_pitman(size), size)
    >>> bool(alpha.min() < fit_pitman(size).alpha < alpha.max())
    True
    """
    sample = _ClassCounts.of(size)
    place = np.array([np.log(fit.theta + fit.alpha), np.log(fit.alpha / (1 - fit.alpha))])

    def slope(x: Floats) -> Floats:
        theta, alpha, jacobian = _parameters(x)
        return jacobian.T @ _likelihood(theta, alpha, sample)[1]

    step = 1e-4
    rows = [(slope(place + move) - slope(place - move)) / (2 * step) for move in step * np.eye(2)]
    information = -(np.array(rows) + np.array(rows).T) / 2
    # Marginal deviations at the maximum: the bound lies within some of them.
    spread = np.sqrt(np.maximum(np.diag(np.linalg.pinv(information)), 1e-12))
    axes = [
        np.clip(place[i] + np.minimum(4 * spread[i], 14) * np.linspace(-1, 1, _GRID), -edge, edge)
        for i, edge in enumerate((24.0, 14.0))
    ]
    alpha = 1 / (1 + np.exp(-axes[1]))
    theta = np.exp(axes[0])[:, None] - alpha
    most = _log_likelihood(np.array([fit.theta]), np.array([fit.alpha]), sample)
    near = 2 * (most - _log_likelihood(theta, alpha, sample)) <= _CHI_SQUARE
    return theta[near], np.broadcast_to(alpha, near.shape)[near]


def _log_likelihood(theta: Floats, alpha: Floats, sample: _ClassCounts) -> Floats:
    """Return the log-likelihood of many theta, shape (..., k), for each of k alpha."""
    from scipy.special import betaln, gammaln

    # Gamma(x + k) / Gamma(x) is Gamma(k) / B(x, k), which does not cancel.
    of_alpha = (sample.u - 1) * np.log(alpha)
    for count, many in zip(sample.sizes.tolist(), sample.counts.tolist(), strict=True):
        if count > 1:
            of_alpha = of_alpha + many * (gammaln(count - 1) - betaln(1 - alpha, count - 1))
    of_both = gammaln(sample.u - 1) - betaln(theta / alpha + 1, sample.u - 1)
    of_theta = gammaln(sample.n - 1) - betaln(theta + 1, sample.n - 1)
    return np.asarray(of_alpha + of_both - of_theta)


def entropy_and_exponent(theta: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Return the expected entropy of the classes in nats, and its share in the tail.

    h = psi(theta + 1) - psi(1 - alpha) and gamma = (psi(1) - psi(1 - alpha)) / h, as Rocher,
    Hendrickx and de Montjoye (2025) write the model.

    Parameters
    ----------
    theta : float array
        Larger than ``-alpha``.
    alpha : float array
        In [0, 1).

    Returns
    -------
    tuple of float array

    References
    ----------
    Rocher, Hendrickx and de Montjoye (2025).

    Examples
    --------
    >>> h, gamma = entropy_and_exponent(np.array([1.0]), np.array([0.0]))
    >>> h.tolist(), gamma.tolist()
    ([1.0], [0.0])
    """
    from scipy.special import digamma

    h = digamma(theta + 1) - digamma(1 - alpha)
    return h, (digamma(1) - digamma(1 - alpha)) / h


def _parameters(x: Floats) -> tuple[float, float, Floats]:
    """Return (theta, alpha) from (log(theta + alpha), logit(alpha)), and their derivatives."""
    alpha = float(1.0 / (1.0 + np.exp(-x[1])))
    shift = float(np.exp(x[0]))
    slope = alpha * (1 - alpha)
    return shift - alpha, alpha, np.array([[shift, -slope], [0.0, slope]])


def _likelihood(theta: float, alpha: float, sample: _ClassCounts) -> tuple[float, Floats]:
    """Return the log-likelihood and its gradient in (theta, alpha)."""
    from scipy.special import digamma, gammaln

    n, sizes, counts = sample.n, sample.sizes, sample.counts
    i = np.arange(1, sample.u, dtype=np.float64)
    base = theta + i * alpha
    value = (
        np.log(base).sum()
        - (gammaln(theta + n) - gammaln(theta + 1))
        + (counts * (gammaln(sizes - alpha) - gammaln(1 - alpha))).sum()
    )
    by_theta = (1 / base).sum() - (digamma(theta + n) - digamma(theta + 1))
    by_alpha = (i / base).sum() - (counts * (digamma(sizes - alpha) - digamma(1 - alpha))).sum()
    return float(value), np.array([by_theta, by_alpha])


def expected_uniques(theta: float, alpha: float, people: float) -> float:
    """Return the expected number of classes of size one among `people` draws of the model.

    By exchangeability the chance that one person stays alone is prod_{i=1}^{N-1} (theta + alpha + i
    - 1) / (theta + i), so that the number is N Gamma(theta + alpha + N - 1) Gamma(theta + 1) /
    (Gamma(theta + alpha) Gamma(theta + N)). It tends to Gamma(theta + 1) / Gamma(theta + alpha)
    N**alpha, the form that Hoshino (2001) gives, for large N.

    Parameters
    ----------
    theta : float
        Larger than ``-alpha``.
    alpha : float
        In [0, 1).
    people : float
        People of the population.

    Returns
    -------
    float

    References
    ----------
    Hoshino (2001).

    Examples
    --------
    >>> round(expected_uniques(1.0, 0.0, 1000), 6)  # Ewens: theta N / (theta + N - 1)
    1.0
    """
    start = _log_rise(theta + alpha, 1 - alpha)
    return float(people * np.exp(start - _log_rise(theta + alpha + people - 1, 1 - alpha)))


def expected_classes(theta: float, alpha: float, people: float) -> float:
    """Return the expected number of classes among `people` draws of the model.

    (theta / alpha) (Gamma(theta + alpha + N) Gamma(theta) / (Gamma(theta + alpha) Gamma(theta + N))
    - 1) written with Gamma(theta + 1) so that theta may be 0 or below (Pitman 2006, eq. 3.13).

    Parameters
    ----------
    theta : float
        Larger than ``-alpha``.
    alpha : float
        In [0, 1).
    people : float
        People of the population.

    Returns
    -------
    float

    References
    ----------
    Pitman (2006), eq. 3.13.

    Examples
    --------
    >>> round(expected_classes(0.5, 0.5, 1.0), 9)
    1.0
    """
    log = _log_rise(theta + people, alpha) + _log_rise(theta + alpha, 1 - alpha)
    return float((np.exp(log) - theta) / alpha)


def _log_rise(x: float, step: float) -> float:
    """Return log(Gamma(x + step) / Gamma(x)) through the beta function, which does not cancel."""
    from scipy.special import betaln, gammaln

    return float(gammaln(step) - betaln(x, step))


def expected_correctness(size: ArrayLike, sampling_fraction: float) -> Estimate:
    """Return the expected share of people matched correctly when a population is matched on a key.

    kappa(N) = E(number of classes among N) / N: in each class one guess in F is right. Under the
    Pitman-Yor (Ewens-Pitman) model with discount alpha and concentration theta, kappa(N) = (Gamma(1
    + theta) Gamma(N + theta + alpha) / (Gamma(theta + alpha) Gamma(N + theta)) - theta) / (alpha
    N): the scaling law of Rocher, Hendrickx and de Montjoye (2025), in the form of their package
    `pydataless`, which carries the sample's kappa(n) = classes / records to the population. They
    fit it to kappa at several sizes of sample; here the parameters are those of the greatest
    likelihood of the class sizes, and `scaling_law` gives them as the paper does.

    Parameters
    ----------
    size, sampling_fraction : array_like
        As for `population_uniques_zayatz`.

    Returns
    -------
    Estimate
        Of a share, in (0, 1]; 0 is safe.

    References
    ----------
    Rocher, Hendrickx and de Montjoye (2025).

    Examples
    --------
    >>> expected_correctness([1, 1, 2], 1.0).value
    0.75
    """
    low, high = classes_range(size, sampling_fraction)
    records = float(np.asarray(size).sum())
    people = records / sampling_fraction
    fewest, most = people_range(records, sampling_fraction)
    why_not = None
    if sampling_fraction == 1:
        value = low
    elif (fit := fit_pitman(size)) is None:
        value, why_not = math.nan, NO_FIT
    else:
        value = expected_classes(fit.theta, fit.alpha, people)
    estimate = judge(value, low, high, people, why_not)
    return replace(
        estimate,
        value=estimate.value / people,
        low=estimate.low / most,
        high=estimate.high if math.isnan(estimate.high) else min(estimate.high / fewest, 1.0),
    )


def scaling_law(size: ArrayLike) -> tuple[Estimate, Estimate]:
    """Return the two parameters of the scaling law of `expected_correctness`.

    The expected entropy of the keys in nats, h = psi(theta + 1) - psi(1 - alpha), and the exponent
    gamma = (psi(1) - psi(1 - alpha)) / h: how much of the entropy lies in the tail of rare keys.
    The interval is that of the model, by its profile likelihood: how well the sample
    determines the law, not whether the law holds.

    Parameters
    ----------
    size : int, shape (m,)
        Sizes of the sample's classes. Under the model a sample has the parameters of its
        population.

    Returns
    -------
    entropy, exponent : Estimate
        H, 0 (everybody alike) and up; gamma, 0 and up, at most 1 where theta is not negative.
        nan where the model has no fit.

    References
    ----------
    Rocher et al. (2025).

    Examples
    --------
    >>> h, gamma = scaling_law([1] * 40 + [2] * 10 + [3] * 5 + [6] * 3 + [30])
    >>> h.low < h.value < h.high, gamma.low < gamma.value < gamma.high
    (True, True)
    """
    fit = fit_pitman(size)
    if fit is None:
        none = Estimate(value=math.nan, low=0.0, high=math.inf, reliable=False, reason=NO_FIT)
        return none, none
    theta, alpha = likely_parameters(fit, size)
    entropies, exponents = entropy_and_exponent(theta, alpha)
    here = entropy_and_exponent(np.array(fit.theta), np.array(fit.alpha))
    entropy, exponent = (
        Estimate(
            value=float(value),
            low=float(np.minimum(np.min(some), value)),
            high=float(np.maximum(np.max(some), value)),
        )
        for value, some in zip(here, (entropies, exponents), strict=True)
    )
    return entropy, exponent


@table_measure(
    unit="share", counts="people", safe="small", span=(0, 1), laws=NAMELESS, needs_rate=True,
    shown=UNLESS_LEVELS_SHOW,
)  # fmt: skip
def correctness(context: MeasureContext) -> Values:
    """Share of correct matches where the whole population is matched, by a scaling law."""
    law, uneven = _correctness(context), context.known_rate.uneven
    if uneven or context.none_complete:
        return of_people(context, law, Note("pitman_yor_model"))
    mixture = mixture_shares(*context.sample)
    found, note = narrowed(law, None if mixture is None else mixture.classes)
    return of_people(context, found, note or Note("pitman_yor_model"))


@table_measure(unit="nats", laws=NAMELESS, needs_rate=True, shown=UNLESS_LEVELS_SHOW)
def correctness_entropy(context: MeasureContext) -> Values:
    """Parameter of that law: entropy of the keys."""
    return _parameter(context, 0)


@table_measure(unit="ratio", laws=NAMELESS, needs_rate=True, shown=UNLESS_LEVELS_SHOW)
def correctness_exponent(context: MeasureContext) -> Values:
    """Parameter of that law: the part of the entropy in the tail of rare keys."""
    return _parameter(context, 1)


def _correctness(context: MeasureContext) -> Estimate:
    """Return the expected correctness, with its doubts."""
    sizes, rate = context.sample
    # The classes of the file are in the population.
    least = int(context.published[1].sum()) * context.known_rate.value / len(context)
    return unless_uneven(
        context,
        lambda: context.once("correctness", lambda: expected_correctness(sizes, rate)),
        (least, 1.0),
    )


def _parameter(context: MeasureContext, place: int) -> Values:
    """Return a parameter of the law, which describes nothing where the law does not hold."""
    if context.none_complete:
        return Note("needs_complete_records")
    law = _correctness(context)
    parameter = context.once("scaling_law", lambda: scaling_law(context.sample[0]))[place]
    if not law.reliable:
        parameter = replace(parameter, reliable=False, reason=law.reason)
    return of_people(context, parameter, Note("parameter_of_the_law"), n=len(context))


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
    least = np.minimum(others, _MOST_OTHERS).astype(np.int64)
    counts = np.bincount(least, minlength=_MOST_OTHERS + 1).astype(np.int64)
    counts[people:] = 0
    if population == people:
        share = float(counts[0] / counts.sum())
        low, high = map(float, wilson(share, counts.sum()))
        return Estimate(value=share, low=low, high=high)
    value = _by_beta_law(counts, people, population)
    low, high = _range_without_law(counts, people, population)
    estimate = judge(value, low, high, 1.0)
    return replace(estimate, low=max(estimate.low, 0.0), high=min(estimate.high, 1.0))


def _log_chances(people: int, q: Floats) -> Floats:
    """Return log P(k others) of a binomial, shape (counts, q)."""
    from scipy.special import gammaln, xlog1py, xlogy

    k = np.arange(min(_MOST_OTHERS, people))[:, None]
    ways = gammaln(people) - gammaln(k + 1) - gammaln(people - k)
    return np.asarray(ways + xlogy(k, q) + xlog1py(people - 1 - k, -q))


def _by_beta_law(counts: Ints, people: int, population: float) -> float:
    """Return the value of the beta law of greatest likelihood."""
    from scipy.optimize import minimize
    from scipy.special import betaln, expit, gammaln

    k = np.arange(min(_MOST_OTHERS, people))
    ways = gammaln(people) - gammaln(k + 1) - gammaln(people - k)

    def surprise(place: Floats) -> float:
        a, b = float(expit(place[0])), float(np.exp(place[1]))
        chance = np.exp(ways + betaln(k + a, people - 1 - k + b) - betaln(a, b))
        more = max(1 - float(chance.sum()), 1e-12)
        logs = np.log(np.maximum(chance, 1e-300))
        return float(-(counts[: len(k)] * logs).sum() - counts[_MOST_OTHERS] * np.log(more))

    bounds = [(-14.0, 14.0), (-14.0, 24.0)]
    begun = [(x, y) for x in (-2.0, 1.0) for y in (0.0, np.log(people))]
    fits = [minimize(surprise, at, method="Nelder-Mead", bounds=bounds) for at in begun]
    best = min(fits, key=lambda fit: fit.fun).x
    alpha = 1 - float(expit(best[0]))
    return expected_uniques(float(np.exp(best[1])) - alpha, alpha, population) / population


def _range_without_law(counts: Ints, people: int, population: float) -> tuple[float, float]:
    """Return the least and the greatest share over all laws of q; nan where none agrees."""
    from scipy.optimize import linprog

    q = np.append(0.0, np.geomspace(0.01 / population, 1.0, _PROBABILITIES))
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
