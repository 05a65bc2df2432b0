"""Calibration of confidence: reliability curve, expected error, cross-fitted hit rate, AUC."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from privaudit.core.checks import Bools, Floats, Strs
from privaudit.core.reproducible import one_thread
from privaudit.stats.intervals import wilson

_LEVELS = (0.025, 0.975)
# How much of what is assumed lies in the range that is stated, and where most would look in it.
_INSIDE, _LIKELY = 0.95, 0.75
# Points of a grid over shares, and over moves of the odds.
_SHARES, _MOVES = 4_000, 15


class Reliability(NamedTuple):
    """One entry a bin of confidence, least sure first.

    `confidence` is the mean confidence of the bin, `observed` the mean outcome with its 95 % Wilson
    interval `low` to `high`, `n` the number of guesses.
    """

    confidence: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray


def reliability(confidence: ArrayLike, outcome: ArrayLike, bins: int = 10) -> Reliability:
    """Return the reliability curve: mean outcome against mean confidence, bin by bin.

    Bins hold about the same number of guesses. Equal confidences always share a bin, so that the
    order of the rows cannot matter; there may then be fewer bins than asked for.

    Parameters
    ----------
    confidence : float, shape (n,)
        Probability given to each guess, in [0, 1].
    outcome : float, shape (n,)
        1 where the guess was right, 0 where it was wrong, a fraction where it is shared.
    bins : int
        Number of bins asked for.

    Returns
    -------
    Reliability

    Examples
    --------
    >>> curve = reliability([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 1], bins=2)
    >>> curve.confidence.tolist(), curve.observed.tolist(), curve.n.tolist()
    ([0.1, 0.9], [0.0, 1.0], [2, 2])
    """
    sure, true = np.asarray(confidence, float), np.asarray(outcome, float)
    if len(sure) == 0:
        empty = np.empty(0)
        return Reliability(empty, empty, empty, empty, np.empty(0, np.int64))
    ascending = np.sort(sure)
    # The first confidence of each bin; equal ones fall on the same side of it.
    starts = np.unique(ascending[np.arange(bins) * len(sure) // bins])
    code = np.searchsorted(starts, sure, side="right") - 1
    n = np.bincount(code, minlength=len(starts))
    mean_sure = np.bincount(code, weights=sure, minlength=len(starts)) / n
    mean_true = np.bincount(code, weights=true, minlength=len(starts)) / n
    low, high = wilson(mean_true, n)
    return Reliability(mean_sure, mean_true, np.asarray(low), np.asarray(high), n)


def expected_calibration_error(confidence: ArrayLike, outcome: ArrayLike) -> float:
    """Return the expected calibration error: mean gap between confidence and outcome over bins.

    Weighted by the guesses of each bin (Naeini et al. 2015, with bins of equal count). 0 is an
    adversary exactly as sure as it should be; 1 one that is always sure and always wrong. Chance
    alone lifts it: with n guesses a bin by about ``sqrt(p (1 - p) / n)``.

    Parameters
    ----------
    confidence : float, shape (n,)
        Probability given to each guess, in [0, 1].
    outcome : float, shape (n,)
        1 where the guess was right, 0 where it was wrong, or a fraction.

    Returns
    -------
    float
        In [0, 1]; nan where there is no guess.

    References
    ----------
    Naeini et al. (2015), with bins of equal count.

    Examples
    --------
    >>> expected_calibration_error([0.5, 0.5, 0.5, 0.5], [1, 0, 1, 1])
    0.25
    """
    return _calibration_error(reliability(confidence, outcome))


def _calibration_error(curve: Reliability) -> float:
    """Return the mean gap over the bins of a curve; nan where there is no guess."""
    if not curve.n.sum():
        return float("nan")
    return float(np.average(np.abs(curve.observed - curve.confidence), weights=curve.n))


def chance_error(confidence: ArrayLike) -> float:
    """Return the calibration error expected by chance of a perfectly calibrated adversary.

    Of n guesses a bin at confidence p, the mean gap of a normal law: ``sqrt(2 p (1 - p) / pi n)``.

    Parameters
    ----------
    confidence : float, shape (n,)
        Probability given to each guess, in [0, 1].

    Returns
    -------
    float

    Examples
    --------
    >>> round(chance_error([0.5] * 100), 3)
    0.04
    """
    curve = reliability(confidence, confidence)
    if not curve.n.sum():
        return float("nan")
    gap = np.sqrt(2 * curve.confidence * (1 - curve.confidence) / (np.pi * curve.n))
    return float(np.average(gap, weights=curve.n))


class Gap(NamedTuple):
    """An expected calibration error with its 95 % interval, and the error by chance."""

    value: float
    low: float
    high: float
    chance: float


def calibration_gap(confidence: ArrayLike, outcome: ArrayLike) -> Gap:
    """Return the expected calibration error with its interval, and the error by chance.

    The interval is the value with 1.96 standard errors of the weighted gaps of its bins; chance
    only ever lifts a calibration error, by at most `chance`, which the lower end takes off.

    Parameters
    ----------
    confidence : float, shape (n,)
        Probability given to each guess, in [0, 1].
    outcome : float, shape (n,)
        1 where the guess was right, 0 where it was wrong, or a fraction.

    Returns
    -------
    Gap

    Examples
    --------
    >>> gap = calibration_gap([0.5] * 400, [1, 0, 1, 1] * 100)
    >>> gap.value, round(gap.low, 3), round(gap.high, 3), round(gap.chance, 3)
    (0.25, 0.188, 0.292, 0.02)
    """
    curve = reliability(confidence, outcome)
    value, chance = _calibration_error(curve), chance_error(confidence)
    if not len(curve.n):
        return Gap(value, value, value, chance)
    share = curve.n / curve.n.sum()
    spread = np.sqrt((share**2 * curve.observed * (1 - curve.observed) / curve.n).sum())
    low, high = value - chance - 1.959964 * spread, value + 1.959964 * spread
    return Gap(value, max(0.0, float(low)), min(1.0, float(high)), chance)


class Trust(NamedTuple):
    """Probability that a source is right, with its 95 % range.

    `right` of `of` cases were seen; none where it rests on an assumption alone.
    """

    value: float
    low: float
    high: float
    right: int = 0
    of: int = 0


@lru_cache(maxsize=256)
def trusted(
    low: float,
    high: float,
    right: int = 0,
    of: int = 0,
    *,
    likely: tuple[float, float] | None = None,
    moved: float = 0.0,
    unsure: float = 0.0,
    readily: float = 1.0,
) -> Trust:
    """Return the probability that a source is right: an assumed range, updated by observed cases.

    Every share of the range is as likely as another. Beyond either end is left .025, less and less
    likely with every half range of the odds' logarithm (Laplace's law): many cases that lie there
    overrule the range (Bayes' rule, on a grid of shares).

    Parameters
    ----------
    low, high : float
        0 < low < high < 1. Ends of the range that is assumed.
    right, of : int
        Cases seen to be right, of all that were seen.
    likely : tuple of float, optional
        Where most would look within the range: the value comes from a law that has three
        quarters there, and an eighth beyond either end; the range stays what it would be.
    moved, unsure : float
        The logarithm of the odds here is that of the range, plus this, with this standard
        deviation.
    readily : float
        1 or more. Cases that are right may show themselves up to so many times as readily as
        others, or as others do as they: the odds of either end may be off by as much.

    Returns
    -------
    Trust

    Examples
    --------
    >>> [round(end, 2) for end in trusted(0.5, 0.7)[:3]]
    [0.6, 0.5, 0.7]
    >>> some, many = trusted(0.5, 0.7, 4, 10), trusted(0.5, 0.7, 400, 1000)
    >>> round(some.value, 2), round(many.value, 2)
    (0.57, 0.4)
    >>> [round(end, 2) for end in trusted(0.3, 0.9, likely=(0.5, 0.6))[:3]]
    [0.55, 0.3, 0.9]
    """
    from scipy.special import expit, logit, ndtri

    share = (np.arange(_SHARES) + 0.5) / _SHARES
    moves = moved + unsure * ndtri((np.arange(_MOVES) + 0.5) / _MOVES)
    odds = logit(share)[:, None] - moves
    log_likelihood = right * np.log(share) + (of - right) * np.log1p(-share)

    # Density of the log odds: uniform over the range of shares, Laplace tails beyond.
    lean, posteriors = expit(odds), []
    for (first, last), inside in (((low, high), _INSIDE), (likely or (low, high), _LIKELY)):
        half = (logit(last) - logit(first)) / 2
        beyond = np.maximum(np.maximum(logit(first) - odds, odds - logit(last)), 0) / half
        tail = (1 - inside) / 2 / half * np.exp(-beyond)
        within = inside / (last - first) * lean * (1 - lean)
        law = np.where(beyond > 0, tail, within).mean(axis=1) / (share * (1 - share))
        weight = law * np.exp(log_likelihood - log_likelihood.max())
        posteriors.append(weight / weight.sum())
    wide, narrow = posteriors
    value = float((wide if likely is None else narrow) @ share)
    ends = logit(share[np.searchsorted(np.cumsum(wide), _LEVELS)]) - logit(value)
    less, more = min(ends[0], 0.0), max(ends[1], 0.0)
    # Who shows themselves may differ from who does not: apart from chance, so their squares add.
    apart = np.log(readily)
    start, stop = logit(value) - np.hypot(less, apart), logit(value) + np.hypot(more, apart)
    return Trust(value, float(expit(start)), float(expit(stop)), right, of)


@one_thread(learning=False)
def calibrated(said: Floats, right: Bools, of: Floats) -> Floats:
    """Return the probability that a claim is right, monotone in the claim.

    Logistic regression of `right` on `said` (Platt 1999) and on its normal score, the normal
    quantile of its rank among `of`: who likes much is said much of, so that the law of what is said
    has long tails, and a slope that fits these is too flat for everybody else.

    - `said` (shape (k,)): Log odds that a model says of cases which did not teach it.
    - `right` (shape (k,)): Whether each is right.
    - `of` (shape (n,)): What it predicts for all queried people.
    - returns (shape (n,)): In (0, 1).
    """
    from scipy.optimize import minimize
    from scipy.special import expit, ndtri

    if right.all() or not right.any():
        return np.full(len(of), (right.sum() + 1) / (len(right) + 2))
    ranked, spread = np.sort(of), max(float(of.std()), 1e-9)

    def features(values: Floats) -> Floats:
        below = np.searchsorted(ranked, values) + np.searchsorted(ranked, values, side="right")
        score = ndtri((below / 2 + 0.5) / (len(ranked) + 1))
        return np.column_stack([np.ones(len(values)), (values - np.median(of)) / spread, score])

    x, sign = features(said), np.where(right, 1.0, -1.0)

    def surprise(weights: Floats) -> tuple[float, Floats]:
        odds = sign * (x @ weights)
        return float(np.logaddexp(0, -odds).mean()), -(x * (sign * expit(-odds))[:, None]).mean(0)

    usual = np.log(right.mean() / (1 - right.mean()))
    bounds = [(None, None), (0.0, None), (0.0, None)]
    found = minimize(surprise, [usual, 0.0, 1.0], jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(expit(features(of) @ found.x))


def roc_area(score: Floats, positive: Bools) -> tuple[float, float, float]:
    """Return the area under the ROC curve with its 95 % interval.

    Probability that a positive scores above a negative, ties half: .5 = blind, 1 = all separated.
    All nan where there are fewer than two of either.

    Parameters
    ----------
    score : float, shape (n,)
        Larger where a positive is more likely.
    positive : bool, shape (n,)
        Which are positives.

    Returns
    -------
    tuple of float

    References
    ----------
    DeLong et al. (1988).
    """
    return _with_interval([_ranked(score, positive)])


def mean_roc_area(scores: Floats, values: Strs, names: Strs) -> tuple[float, float, float]:
    """Return the mean area of each value against all others, with its 95 % interval.

    A value that fewer than two bear, or all but one, is left out. One account's part in every area
    is added up before it is squared, so that areas that go together are not counted as if they were
    seen apart.

    Parameters
    ----------
    scores : float, shape (n, k)
        Score of each of the k values, such as its probability.
    values : str array, shape (n,)
        The value that each bears.
    names : str array, shape (k,)
        Which value each column is of.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> scores = np.array([[0.7, 0.3], [0.6, 0.4], [0.2, 0.8], [0.4, 0.6]])
    >>> mean_roc_area(scores, np.array(["a", "a", "b", "b"]), np.array(["a", "b"]))
    (1.0, 1.0, 1.0)
    """
    each = [_ranked(scores[:, k], values == name) for k, name in enumerate(names)]
    return _with_interval([area for area in each if np.isfinite(area[0])])


def roc_placements(positive: Floats, negative: Floats) -> tuple[Floats, Floats]:
    """Return the placement values of two samples of scores; their means are the ROC area.

    The variance of the area is the sum of the variances of both, each over its sample size.

    Parameters
    ----------
    positive, negative : float, shape (m,), shape (n,)
        Scores, larger where a positive is more likely; one of each or more.

    Returns
    -------
    above : float, shape (m,)
        For each positive the share of negatives below it, ties half.
    below : float, shape (n,)
        For each negative the share of positives above it, ties half.

    References
    ----------
    DeLong et al. (1988), equations 4 and 5.

    Examples
    --------
    >>> above, below = roc_placements(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    >>> above.tolist(), below.tolist()
    ([1.0, 0.75], [1.0, 0.75])
    """
    from scipy.stats import rankdata

    m, n = len(positive), len(negative)
    ranks = rankdata(np.concatenate([positive, negative]))
    above = (ranks[:m] - rankdata(positive)) / n
    return above, (m - (ranks[m:] - rankdata(negative))) / m


def _ranked(score: Floats, positive: Bools) -> tuple[float, Floats]:
    """Return the area under the curve, and the influence of each score on it."""
    m, n = int(positive.sum()), int((~positive).sum())
    if min(m, n) < 2:
        return np.nan, np.zeros(len(score))
    above, below = roc_placements(score[positive], score[~positive])
    value = float(above.mean())
    adds = np.empty(len(score))
    adds[positive] = (above - value) / np.sqrt(m * (m - 1))
    adds[~positive] = (below - value) / np.sqrt(n * (n - 1))
    return value, adds


def _with_interval(areas: list[tuple[float, Floats]]) -> tuple[float, float, float]:
    """Return the mean of areas with its 95 % interval."""
    if not areas or not np.isfinite(areas[0][0]):
        return np.nan, np.nan, np.nan
    value = float(np.mean([area for area, _ in areas]))
    adds = np.mean([adds for _, adds in areas], axis=0)
    error = 1.959964 * float(np.sqrt((adds**2).sum()))
    return value, max(0.0, value - error), min(1.0, value + error)


def shifted(probability: Floats, by: float) -> Floats:
    """Return probabilities whose odds are multiplied."""
    return np.asarray(probability * by / (probability * by + (1 - probability)))
