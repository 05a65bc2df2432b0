"""Confidence intervals: Wilson, clusters, residual, bootstrap, pairs, order statistics."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from privaudit.errors import ParameterError

# How far rounding may carry a mean of values in [0, 1] out of it.
ROUNDING = 1e-9
# With this many people found, or fewer, groups show less variation than there is.
_RARE = 2
# So they do of a difference, where this many people differ, or all but so many differ one way.
_FEW_DIFFER = 5
_BOOTSTRAP_DRAWS = 2000
# Beyond either end of an interval at 95 %, and its standard deviations to either side.
_TAIL = (1 - 0.95) / 2
DEVIATIONS_95 = NormalDist().inv_cdf(0.975)


def wilson(
    mean: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[np.ndarray | float, np.ndarray | float]:
    """Return the Wilson score interval of a mean of values in [0, 1].

    For shares of yes and no this is Wilson's interval (Wilson 1927). A mean of fractional values in
    [0, 1] has a variance of at most ``m (1 - m)``, that of yes and no with the same mean, so that
    the interval is then conservative: wider than it need be, never narrower.

    Parameters
    ----------
    mean : array_like of float
        Means in [0, 1].
    n : array_like of float
        Number of independent values behind each mean (people); may be fractional, such as an
        effective number. With 0 values nothing is known, and the interval is (0, 1).
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    low, high : float or ndarray
        Bounds in [0, 1], floats where both inputs are scalars.

    Raises
    ------
    ParameterError
        Anything but a mean of values in [0, 1].

    References
    ----------
    Wilson (1927).

    Examples
    --------
    Half of ten: the textbook bounds.

    >>> low, high = wilson(0.5, 10)
    >>> round(low, 3), round(high, 3)
    (0.237, 0.763)
    """
    m, size = np.broadcast_arrays(np.asarray(mean, float), np.asarray(n, float))
    # A count in place of a share would give an interval of no width.
    if ((m < -ROUNDING) | (m > 1 + ROUNDING)).any():
        came, do = "a number outside", "Divide the count by n."
        raise ParameterError.of("wilson", "a mean of values in [0, 1]", came, do)
    squared = NormalDist().inv_cdf(0.5 + level / 2) ** 2
    known = np.where(size > 0, size, 1.0)
    centre = (m + squared / (2 * known)) / (1 + squared / known)
    spread = m * (1 - m) / known + squared / (4 * known**2)
    half = np.sqrt(squared * np.maximum(spread, 0.0)) / (1 + squared / known)
    low = np.where(size > 0, np.clip(centre - half, 0.0, 1.0), 0.0)
    high = np.where(size > 0, np.clip(centre + half, 0.0, 1.0), 1.0)
    # At the ends of the range the bound is the mean itself, which rounding would miss.
    low = np.where((size > 0) & (m <= 0), 0.0, low)
    high = np.where((size > 0) & (m >= 1), 1.0, high)
    if low.ndim == 0:
        return float(low), float(high)
    return low, high


def effective_n(values: ArrayLike, clusters: ArrayLike) -> float:
    """Return the effective number of independent people behind a clustered mean.

    ``n / max(1, d)``, where the design effect ``d`` (Kish 1965) is the variance of the mean when
    the values of one cluster may go together, over its variance when all are independent. Where all
    values are equal the design effect cannot be seen: the number of clusters is returned, as if
    every cluster spoke with one voice.

    Parameters
    ----------
    values : float, shape (n,)
    clusters : array_like, shape (n,)
        What people share: a home, a street.

    Returns
    -------
    float
        In [1, n]; 0 where there is nobody.

    References
    ----------
    Kish (1965).

    Examples
    --------
    Four homes of two people who are always found together are worth about four people.

    >>> round(effective_n([1, 1, 0, 0, 1, 1, 0, 0], [0, 0, 1, 1, 2, 2, 3, 3]), 2)
    3.43
    """
    value = np.asarray(values, float)
    n = len(value)
    if n == 0:
        return 0.0
    code = np.unique(np.asarray(clusters), return_inverse=True)[1]
    groups = int(code.max()) + 1
    if groups == n:
        return float(n)
    deviation = value - value.mean()
    independent = (deviation**2).sum() / (n - 1)
    if groups == 1 or independent <= np.finfo(float).eps * max(1.0, float(np.abs(value).max())):
        return float(groups)
    together = (np.bincount(code, weights=deviation) ** 2).sum() * groups / (groups - 1) / n
    return float(max(1.0, n / max(1.0, together / independent)))


def residual(
    attack: ArrayLike,
    control: ArrayLike,
    n_attack: ArrayLike,
    n_control: ArrayLike | None = None,
    correlation: float = 0.0,
) -> tuple[np.ndarray | float, np.ndarray | float, np.ndarray | float]:
    """Return the residual gain of an attack over its control, ``(a - c) / (1 - c)``, with interval.

    The measure is that of Giomi et al. 2023 (Anonymeter): of what the control does not find, the
    share that the release reveals. 0 means that the release adds nothing; below 0, that the attack
    does worse than its control; 1, that it finds everybody. As it equals ``1 - (1 - a) / (1 - c)``,
    its interval comes from that of a ratio of two independent shares, recovered from their Wilson
    intervals (Donner and Zou 2012, method of variance estimates recovery), which holds near 0 and 1
    where a propagated standard error does not.

    Parameters
    ----------
    attack, control : array_like of float
        Mean gains in [0, 1].
    n_attack, n_control : array_like of float
        People behind each; `n_control` is `n_attack` where not given.
    correlation : float
        Of the two means, in [-1, 1], where both are of the same people.

    Returns
    -------
    value, low, high : float or ndarray
        At most 1, no lower bound (the lower end may be -inf). All nan where the control finds
        everybody: nothing is left to gain, so that nothing can be said.

    References
    ----------
    Donner and Zou (2012), method of variance estimates recovery.
    Giomi et al. (2023).

    Examples
    --------
    >>> value, low, high = residual(0.6, 0.2, 100)
    >>> round(value, 2), round(low, 2), round(high, 2)
    (0.5, 0.36, 0.62)
    """
    a, c = np.broadcast_arrays(np.asarray(attack, float), np.asarray(control, float))
    sizes = n_attack if n_control is None else n_control
    a_low, a_high = (np.asarray(v) for v in wilson(a, n_attack))
    c_low, c_high = (np.asarray(v) for v in wilson(c, sizes))
    top, top_low, top_high = 1 - a, 1 - a_high, 1 - a_low
    bottom, bottom_low, bottom_high = 1 - c, 1 - c_high, 1 - c_low
    ratios = []
    with np.errstate(divide="ignore", invalid="ignore"):
        value = 1 - top / bottom
        # Each end of top / bottom, from an end of the one and the other end of the other.
        for end, beside, sign in ((top_low, bottom_high, -1.0), (top_high, bottom_low, 1.0)):
            product = top * bottom - correlation * (top - end) * (beside - bottom)
            root = product**2 - end * beside * (2 * top - end) * (2 * bottom - beside)
            both = product + sign * np.sqrt(np.maximum(root, 0))
            ratios.append(both / (beside * (2 * bottom - beside)))
    ratio_low, ratio_high = ratios
    nothing_left = bottom <= 0
    # A control that may find everybody puts no floor under the residual.
    no_floor = (bottom_low <= 0) | ~np.isfinite(ratio_high)
    no_roof = (2 * bottom <= bottom_high) | ~np.isfinite(ratio_low)
    low = np.where(no_floor, -np.inf, 1 - ratio_high)
    high = np.where(no_roof, 1.0, 1 - np.maximum(ratio_low, 0.0))
    value, low, high = (np.where(nothing_left, np.nan, v) for v in (value, low, high))
    if value.ndim == 0:
        return float(value), float(low), float(high)
    return value, low, high


def bootstrap_mean(
    values: ArrayLike,
    rng: np.random.Generator,
    *,
    clusters: ArrayLike | None = None,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean over people or clusters.

    For means that are not bounded, such as metres; for shares prefer `wilson`, which is never of
    width 0 where nobody was found.

    Parameters
    ----------
    values : float, shape (n,)
    rng : numpy.random.Generator
        Source of all draws.
    clusters : array_like, shape (n,), optional
        What people share; whole clusters are then drawn.

    Returns
    -------
    low, high : float
        Both nan where there is no value.

    Examples
    --------
    >>> low, high = bootstrap_mean(np.arange(100), np.random.default_rng(1))
    >>> 42 < low < 46 and 53 < high < 57
    True
    """
    value = np.asarray(values, float)
    if len(value) == 0:
        return float("nan"), float("nan")
    code = np.arange(len(value))
    if clusters is not None:
        code = np.unique(np.asarray(clusters), return_inverse=True)[1]
    total = np.bincount(code, weights=value)
    size = np.bincount(code)
    groups = len(size)
    means = np.empty(_BOOTSTRAP_DRAWS)
    step = max(1, 4_000_000 // groups)
    for start in range(0, len(means), step):
        count = min(step, len(means) - start)
        drawn = rng.integers(groups, size=(count, groups))
        means[start : start + count] = total[drawn].sum(axis=1) / size[drawn].sum(axis=1)
    low, high = np.quantile(means, [_TAIL, 1 - _TAIL])
    return float(low), float(high)


def paired_difference(
    first: ArrayLike, second: ArrayLike, clusters: ArrayLike | None = None
) -> tuple[float, float, float]:
    """Return the mean paired difference ``second - first`` over people, with its 95 % interval.

    Both answers are about the same people, so that what they have in common cancels: the interval
    is that of the difference, not of two shares that are compared from afar. It is Agresti and
    Min's (2005) for matched pairs, Wald's after half a person is added to each of the four cells of
    the table of pairs: to n two people, to those who differ one. Unlike the bootstrap's it has a
    width where nobody differs. Fractional values take their squares in place of the count of those
    who differ.

    Parameters
    ----------
    first, second : float in [0, 1], shape (n,)
        One row a person, in one order.
    clusters : array_like, shape (n,), optional
        What people share, such as a home: n is then their effective number.

    Returns
    -------
    value, low, high : float
        In [-1, 1]; 0 where both find the same share. All nan, nan, nan for nobody, or where a
        value is missing.

    Raises
    ------
    ParameterError
        Anything but two values a person.
        Anything but values in [0, 1].

    References
    ----------
    Agresti and Min (2005).

    Examples
    --------
    Approval of a politician in two surveys of 1,600 people (Agresti 2002, table 10.1): 794
    twice yes, 150 yes then no, 86 no then yes.

    >>> then = np.repeat([1, 1, 0, 0], [794, 150, 86, 570])
    >>> now = np.repeat([1, 0, 1, 0], [794, 150, 86, 570])
    >>> [round(part, 3) for part in paired_difference(then, now)]
    [-0.04, -0.059, -0.021]
    """
    a, b = (np.asarray(values, dtype=float) for values in (first, second))
    if a.ndim != 1 or a.shape != b.shape:
        came = f"shapes {a.shape} and {b.shape}"
        raise ParameterError.of("paired_difference", "two values a person", came)
    both = np.concatenate([a, b])
    if len(a) == 0 or not np.isfinite(both).all():
        return math.nan, math.nan, math.nan
    if ((both < -ROUNDING) | (both > 1 + ROUNDING)).any():
        raise ParameterError.of("paired_difference", "values in [0, 1]", "a number outside")
    apart = b - a
    n = float(len(apart)) if clusters is None else effective_n(apart, clusters)
    value = float(apart.mean())
    centre = value * n / (n + 2)
    square = (float((apart**2).mean()) * n + 1) / (n + 2)
    half = DEVIATIONS_95 * math.sqrt((square - centre**2) / (n + 2))
    return value, max(-1.0, min(value, centre - half)), min(1.0, max(value, centre + half))


def share_of_groups(
    values: ArrayLike, people: float, weights: ArrayLike | None = None
) -> tuple[float, float]:
    """Return a 95 % interval of a mean over groups, such as towns, of shares of their people.

    Wilson's interval on the size that the variation between groups leaves (`groups_worth`).
    Student's t around the mean is not used: where few people are found most groups have none, and
    those drawn say too little of how far groups differ. Where fewer than about four people are
    expected to be found, or missed, the interval can hardly err at its end near 0, or 1: it then
    holds the mean more often than 95 times in 100.

    Parameters
    ----------
    values : array_like of float, shape (groups,)
        In [0, 1]; two or more, else nothing is known.
    people : float
        How many are behind all values; used where the groups are all alike.
    weights : array_like of float, shape (groups,), optional
        Of each group in the mean, such as its people; equal where not given.

    Returns
    -------
    low, high : float
        In [0, 1]; both nan for fewer than two groups.

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24:193, with Wilson's bounds for theirs.

    Examples
    --------
    >>> low, high = share_of_groups([0.0] * 20, 140)
    >>> low, round(high, 3)
    (0.0, 0.03)
    """
    value = np.asarray(values, float)
    if len(value) < 2:
        return math.nan, math.nan
    weight = np.ones(len(value)) if weights is None else np.asarray(weights, float)
    mean = float(np.average(value, weights=weight))
    low, high = wilson(mean, groups_worth(value, people, weight))
    return float(low), float(high)


def groups_worth(values: ArrayLike, people: float, weights: ArrayLike | None = None) -> float:
    """Return the effective number of independent people of a mean over groups, for `wilson`.

    ``m (1 - m) / v`` times ``(z / t)^2``, where m is the mean, v its variance as the groups show
    it, z the normal quantile and t that of Student's law with ``1 / sum(w^2) - 1`` degrees of
    freedom, w the weights. Wilson's interval on this size is the score interval with t in place
    of z. Korn and Graubard keep the size at or below the number of people; here the limit holds
    where two people or fewer are found, or missed, and rises with their number beyond. A gain may
    be a share of a household, which varies less than yes and no, and the interval of its mean was
    then too wide.

    Parameters
    ----------
    values, people, weights
        See `share_of_groups`.

    Returns
    -------
    float
        nan for fewer than two groups.

    References
    ----------
    Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small expected
    number of positive counts estimated from survey data. Survey Methodology 24, 193-201.
    Dean, N. and Pagano, M. (2015). Evaluating confidence interval methods for binomial proportions
    in clustered surveys. Journal of Survey Statistics and Methodology 3, 484-503.

    Examples
    --------
    Ten groups of .1 and ten of .3: .16 over .2 / 380, times (1.95996 / 2.09302)^2.

    >>> round(groups_worth([0.1] * 10 + [0.3] * 10, 1_000), 2)
    266.58
    """
    if len(np.asarray(values)) < 2:
        return math.nan
    mean, variance, times = _mean_over_groups(values, weights)
    spread = mean * (1 - mean)
    # Groups that are all alike say nothing of how far they differ: the people are counted.
    size = spread / variance if variance > ROUNDING * spread else people
    return _at_most(size * (DEVIATIONS_95 / times) ** 2, mean, people)


def _mean_over_groups(values: ArrayLike, weights: ArrayLike | None) -> tuple[float, float, float]:
    """Return a mean over groups, its variance as they show it, and Student's quantile of it."""
    from scipy.stats import t

    value = np.asarray(values, float)
    weight = np.ones(len(value)) if weights is None else np.asarray(weights, float)
    weight = weight / weight.sum()
    squares = float(weight @ weight)
    mean = float(weight @ value)
    variance = float(weight**2 @ (value - mean) ** 2) / (1 - squares)
    return mean, variance, float(t.ppf(0.975, 1 / squares - 1))


def _at_most(size: float, mean: float, people: float) -> float:
    return min(size, people * max(1.0, min(mean, 1 - mean) * people / _RARE))


def variance_worth(mean: float, variance: float, people: float) -> float:
    """Return the effective number of independent people of a share of known variance, for `wilson`.

    ``m (1 - m) / v``, with the limit of `groups_worth`; `people` where there is no variance.

    Examples
    --------
    >>> variance_worth(0.5, 0.0025, 40)
    100.0
    """
    spread = mean * (1 - mean)
    return _at_most(spread / variance if variance > ROUNDING * spread else people, mean, people)


def two_stage_variance(values: ArrayLike, sampled: float) -> float:
    """Return the variance of a mean over people, of each of whom something was drawn again.

    ``(1 - f) s1^2 / n + f s2^2 / (n d)``: s1 the deviation between the means of people, s2 that of
    the d draws of a person, f the share of people sampled. Where all are, only their draws vary.

    Parameters
    ----------
    values : array_like of float, shape (people, draws)
        Two draws or more of each.
    sampled : float
        People sampled of those whom the mean is for, in (0, 1].

    Returns
    -------
    float
        0 for one person of several.

    References
    ----------
    Cochran (1977), chapter 10.

    Examples
    --------
    Means 1 and 0, variances of the draws 0 and 0; then means 1 and .5, variances 0 and .5, of
    everybody: .25 / 4.

    >>> two_stage_variance([[1.0, 1.0], [0.0, 0.0]], 0.5)
    0.125
    >>> two_stage_variance([[1.0, 1.0], [0.0, 1.0]], 1.0)
    0.0625
    """
    value = np.asarray(values, float)
    people, draws = value.shape
    between = float(value.mean(axis=1).var(ddof=1)) if people > 1 else 0.0
    within = float(value.var(axis=1, ddof=1).mean())
    return float((1 - sampled) * between / people + sampled * within / (people * draws))


def mean_of_groups(values: ArrayLike, weights: ArrayLike | None = None) -> tuple[float, float]:
    """Return a 95 % interval of a mean over groups of what is no share (Student's t).

    - `weights`: Of each group in the mean, such as its people (a group without any is left out);
      equal where not given.

    Examples
    --------
    >>> low, high = mean_of_groups([1.0, 2.0, 3.0])
    >>> round(low, 2), round(high, 2)
    (-0.48, 4.48)
    """
    value = np.asarray(values, float)
    weight = np.ones(len(value)) if weights is None else np.asarray(weights, float)
    known = np.isfinite(value) & (weight > 0)
    if known.sum() < 2:
        return math.nan, math.nan
    mean, variance, times = _mean_over_groups(value[known], weight[known])
    half = times * math.sqrt(variance)
    return mean - half, mean + half


# Spread of groups that differ by rounding alone.
_ALIKE = 1e-12


def one_more_group(values: ArrayLike, people: ArrayLike | None = None) -> tuple[float, float]:
    """Return where one more group of the same kind would lie, 95 times in 100.

    The prediction interval ``mean +- t s sqrt(1 + 1 / n)`` of normal values, whatever their mean
    and spread. Groups that are all alike show no spread: of shares it is then that of yes and no
    among the people of one more group, beta-binomial with Jeffreys' prior.

    - `people`: Of each group, where the values are shares of them.

    Examples
    --------
    >>> low, high = one_more_group([1.0, 2.0, 3.0])
    >>> round(low, 2), round(high, 2)
    (-2.97, 6.97)

    Nobody of 37 in three towns: of 37 in one more up to two would be no surprise.

    >>> low, high = one_more_group([0.0, 0.0, 0.0], [37, 37, 37])
    >>> low, round(high * 37)
    (0.0, 2)
    """
    from scipy.stats import betabinom, t

    value = np.asarray(values, float)
    known = np.isfinite(value)
    value = value[known]
    groups = len(value)
    if groups < 2:
        return math.nan, math.nan
    spread = float(value.std(ddof=1))
    if people is not None and not spread > _ALIKE:
        every = np.asarray(people, float)[known]
        found, more = float(value.mean() * every.sum()), round(float(every.mean()))
        if more < 1:
            return math.nan, math.nan
        law = betabinom(more, found + 0.5, every.sum() - found + 0.5)
        return float(law.ppf(0.025) / more), float(law.ppf(0.975) / more)
    half = t.ppf(0.975, groups - 1) * spread * math.sqrt(1 + 1 / groups)
    return float(value.mean() - half), float(value.mean() + half)


def difference_of_shares(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the interval of a difference of two shares from the interval of each (MOVER).

    Each is a value with its ends; the ends of the difference are as far as both could be out at
    once, in squares (Newcombe 1998; Zou and Donner 2008). Shares that rise and fall together differ
    less than it says: it is then wider than it need be.

    Parameters
    ----------
    one : tuple of float
        Value, low, high.
    other : tuple of float
        Value, low, high.

    Returns
    -------
    tuple of float

    References
    ----------
    Newcombe (1998).
    Zou and Donner (2008).

    Examples
    --------
    >>> low, high = difference_of_shares((0.5, 0.4, 0.6), (0.1, 0.1, 0.1))
    >>> round(low, 6), round(high, 6)
    (0.3, 0.5)
    """
    gap = one[0] - other[0]
    return (
        gap - math.hypot(one[0] - one[1], other[2] - other[0]),
        gap + math.hypot(one[2] - one[0], other[0] - other[1]),
    )


def difference_of_groups(
    first: ArrayLike, second: ArrayLike, people: ArrayLike
) -> tuple[float, float, float]:
    """Return the mean of ``first - second`` over the people of groups, with its 95 % interval.

    Both are shares of the same people, group by group, so that what makes a group easy or hard
    cancels. Student's t on the groups' differences weighted by their people, with
    ``1 / sum(w^2) - 1`` degrees of freedom. Where few people differ, or nearly all differ one way
    (all but 5 or fewer), groups show less variation than there is, and the variance is at least
    that of matched pairs (Agresti and Min 2005), half a person more in each cell; where no group
    differs from another the interval is that of two shares of as many people
    (`difference_of_shares`).

    Parameters
    ----------
    first, second : array_like of float in [0, 1], shape (groups,)
        One value a group, in one order.
    people : array_like of float, shape (groups,)
        How many people each group holds; a group without any is left out.

    Returns
    -------
    value, low, high : float
        In [-1, 1]; nan for fewer than two groups of which both values are known.

    Examples
    --------
    Four groups of as many people: differences 0, .1, .2, .3; their deviation is .1291, t is 3.1824.

    >>> ends = difference_of_groups([0.5, 0.5, 0.5, 0.5], [0.5, 0.4, 0.3, 0.2], [9, 9, 9, 9])
    >>> [round(end, 4) for end in ends]
    [0.15, -0.0554, 0.3554]

    References
    ----------
    Agresti and Min (2005).
    """
    from scipy.stats import t

    a, b, n = (np.asarray(values, float) for values in (first, second, people))
    known = np.isfinite(a) & np.isfinite(b) & (n > 0)
    a, b, n = a[known], b[known], n[known]
    if len(n) < 2:
        return math.nan, math.nan, math.nan
    weight = n / n.sum()
    squares = float(weight @ weight)
    gap = a - b
    value = float(weight @ gap)
    value = 0.0 if abs(value) <= ROUNDING else value
    variance = float(weight**2 @ (gap - value) ** 2) / (1 - squares)
    if np.ptp(gap) <= ROUNDING:
        ends = [tuple(map(float, wilson(mean, n.sum()))) for mean in (weight @ a, weight @ b)]
        (low, high), (other_low, other_high) = ends
        one, other = (float(weight @ a), low, high), (float(weight @ b), other_low, other_high)
        return value, *difference_of_shares(one, other)
    more, fewer = (float(n @ np.clip(side * gap, 0, None)) for side in (1, -1))
    if min(more + fewer, n.sum() - abs(more - fewer)) <= _FEW_DIFFER:
        more, fewer = ((side + 0.5) / (n.sum() + 2) for side in (more, fewer))
        variance = max(variance, (more + fewer - (more - fewer) ** 2) / (n.sum() + 2))
    half = float(t.ppf(0.975, 1 / squares - 1)) * math.sqrt(variance)
    return value, max(-1.0, value - half), min(1.0, value + half)


class Percentile(NamedTuple):
    """A percentile and the bounds of its interval."""

    value: float
    low: float
    high: float


def percentile(values: ArrayLike, share: float) -> Percentile:
    """Return a percentile over people with its distribution-free interval.

    The value is the smallest observed one that at least this share does not exceed. The bounds are
    order statistics too: as many people are below the true percentile as heads fall in n throws
    (David and Nagaraja 2003, section 7.1). Where n is too small for a bound, the interval is open
    there: the smallest or the largest value is no bound, and -inf or inf says so.

    Parameters
    ----------
    values : float, shape (n,)
        nan counts for nobody.
    share : float
        In (0, 1), such as .99.

    Returns
    -------
    Percentile
        All nan where there is no value.

    References
    ----------
    David and Nagaraja (2003), section 7.1.

    Examples
    --------
    >>> percentile(np.arange(1, 101), 0.99)
    Percentile(value=99.0, low=97.0, high=inf)
    """
    value = np.sort(np.asarray(values, float))
    value = value[~np.isnan(value)]
    n = len(value)
    if n == 0:
        return Percentile(np.nan, np.nan, np.nan)
    # P(X_(r) > percentile) <= tail and P(X_(s) < percentile) <= tail, X_(1) the smallest.
    lower = binomial_quantile(_TAIL, n, share)
    upper = binomial_quantile(1 - _TAIL, n, share) + 1
    at = int(np.ceil(round(share * n, 9)))
    return Percentile(
        float(value[max(at, 1) - 1]),
        float(value[lower - 1]) if lower >= 1 else -np.inf,
        float(value[upper - 1]) if upper <= n else np.inf,
    )


def binomial_quantile(share: float, n: int, p: float) -> int:
    """Return the smallest count that is not exceeded with probability `share`, of n throws."""
    # `scipy.stats` takes half a second to load.
    from scipy.special import bdtr, bdtrik

    if n == 0 or not 0 < p < 1:
        return n if p >= 1 else 0
    count = int(np.ceil(bdtrik(share, n, p)))
    while count and bdtr(count - 1, n, p) >= share:
        count -= 1
    while bdtr(count, n, p) < share:
        count += 1
    return count
