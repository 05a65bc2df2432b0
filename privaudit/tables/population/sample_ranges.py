"""Ranges of population uniques and classes from a sample: without a model, and a narrower one.

Under Bernoulli (or, for a large population, simple random) sampling at a rate pi, the expected
number of sample classes of size j is sum_F S_F Bin(j; F, pi), with S_F the unknown number of
population classes of size F. Any S_F >= 0 that puts each of the first expected numbers inside its
own interval is consistent with the sample. The least and the greatest value of a linear function
of S_F over all of these is a confidence interval that needs no model of class sizes (the
linear-programming approach of Efron and Thisted 1976 to unseen species, applied to uniques).

`mixture_shares` assumes more: that cells hold independent people, Poisson about expected numbers
whose distribution is smooth. It gives a value, and a range several times narrower, unless the
sample contradicts it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints, in_range
from privaudit.core.thresholds import FEWEST_TO_LEARN, LOWEST_RATE, WIDEST_RANGE, WIDEST_SHARE
from privaudit.errors import ParameterError
from privaudit.words.catalogues import Note

# Numbers of classes of size 1 to 12 carry what there is to know of small classes.
_SIZES = 12


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """An estimate, its range, and whether it is reliable.

    Attributes
    ----------
    value : float
        The value of the model; nan where it has none.
    low, high : float
        What the sample allows at 95 % without a model (`uniques_range`). A sampling interval
        under the model often misses the truth, because the model's own error is larger; this
        one is made to hold it.
    reliable : bool
        True where the range is at most `WIDEST_RANGE` of the people and the value lies in it.
    reason : Note, optional
        Why not.
    bound : {"", "upper"}
        Where the value is not the number itself but the end of its range.
    worst_case : bool
        Low and high hold whatever blanks hide; see `Row`.
    """

    value: float
    low: float
    high: float
    reliable: bool = True
    reason: Note | None = None
    bound: str = ""
    worst_case: bool = False


def doubtful(value: float, low: float, high: float, why: Note | None) -> Estimate:
    """Return an estimate that the sample does not support, with the reason."""
    return Estimate(value=value, low=low, high=high, reliable=False, reason=why)


def at_most(estimate: Estimate) -> Estimate:
    """Return an estimate that the sample does not support as an upper bound, with the reason.

    Parameters
    ----------
    estimate : Estimate

    Returns
    -------
    Estimate

    Examples
    --------
    >>> at_most(doubtful(0.2, 0.1, 0.4, None)).value
    0.4
    """
    return replace(estimate, value=estimate.high, reliable=True, bound="upper")


def judge(
    value: float, low: float, high: float, people: float, why_not: Note | None = None
) -> Estimate:
    """Judge whether a model's value is supported by the range that the sample allows.

    Parameters
    ----------
    value : float
        The value of the model, in people or classes; nan where it has none.
    low, high : float
        Range without a model, nan where no population fits.
    people : float
        People of the population.
    why_not : Note, optional
        What is wrong already.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> judge(50.0, 40.0, 55.0, 100.0).reliable, judge(50.0, 10.0, 90.0, 100.0).reliable
    (True, False)
    """
    reason = why_not
    if not math.isfinite(high):
        reason = Note("no_population_fits")
        low, high = 0.0, people
    elif high - low > WIDEST_RANGE * people:
        reason = reason or Note("range_too_wide", low=low / people, high=min(high / people, 1.0))
    elif not low <= value <= high:
        reason = reason or Note("model_does_not_fit")
    return Estimate(value=value, low=low, high=high, reliable=reason is None, reason=reason)


def uniques_range(
    size: ArrayLike, sampling_fraction: float, *, below: int = 2
) -> tuple[float, float]:
    """Return the range of population uniques that is consistent with the sample's class sizes.

    Jointly at 95 % over the class sizes used (Bonferroni).

    Parameters
    ----------
    size : int, shape (m,)
        Sizes of the sample's classes.
    sampling_fraction : float
        pi, in (0, 1].
    below : int
        People in classes of the population of fewer than so many; 2 for uniques.

    Returns
    -------
    low, high : float
        In [0, N]; nan where no population could give this file as a random sample.

    Examples
    --------
    >>> uniques_range([1, 1, 2], 1.0)
    (2.0, 2.0)
    >>> low, high = uniques_range([1] * 500 + [2] * 30, 0.1)
    >>> low < 3000 < high  # a tenth of the people: next to nothing is known
    True
    """
    f, counts = _sample("uniques_range", size, sampling_fraction)
    sizes = np.asarray(size)
    if f == 1:
        exact = float(sizes[sizes < below].sum())
        return exact, exact
    people = float(sizes.sum()) / f
    of_size = np.arange(1.0, max(_longest(f), below) + 1)
    low, high = _extremes(np.where(of_size < below, of_size, 0.0), counts, f)
    return min(low, people), min(high, people)


def classes_range(size: ArrayLike, sampling_fraction: float) -> tuple[float, float]:
    """Return the range of population classes that is consistent with the sample's class sizes.

    The classes of the sample, plus those without a record in it: S_F (1 - pi)**F of each size, give
    or take two standard deviations.

    Parameters
    ----------
    size, sampling_fraction : array_like
        As for `uniques_range`.

    Returns
    -------
    low, high : float
        From the classes of the sample to N; nan as there.

    Examples
    --------
    >>> classes_range([1, 1, 2], 1.0)
    (3.0, 3.0)
    """
    f, counts = _sample("classes_range", size, sampling_fraction)
    observed = float(len(np.asarray(size)))
    if f == 1:
        return observed, observed
    people = float(np.asarray(size).sum()) / f
    unseen = np.power(1 - f, np.arange(1.0, _longest(f) + 1))
    low, high = _extremes(unseen, counts, f)
    most = high + 2 * math.sqrt(high) + 4
    return observed + max(0.0, low - 2 * math.sqrt(low)), min(
        observed + most, max(people, observed)
    )


def people_range(records: float, sampling_fraction: float) -> tuple[float, float]:
    """Return the range of population sizes for a file whose records were drawn at a rate.

    The rate is given, not the number of people: of N people N pi are drawn, give or take
    1.96 standard deviations of a coin toss each.

    Parameters
    ----------
    records : float
        Records of the file.
    sampling_fraction : float
        In (0, 1].

    Returns
    -------
    low, high : float
        From the records up.

    Examples
    --------
    >>> low, high = people_range(1_000, 0.05)
    >>> round(low), round(high)
    (18792, 21208)
    """
    half = 1.96 * math.sqrt(records * (1 - sampling_fraction))
    return (
        max(records - half, records * sampling_fraction) / sampling_fraction,
        (records + half) / sampling_fraction,
    )


def _sample(who: str, size: ArrayLike, fraction: float) -> tuple[float, Ints]:
    """Check the sample; return its rate, and its number of classes of each small size."""
    f = in_range(who, "sampling_fraction", fraction, 0, 1, open_low=True)
    sizes = np.asarray(size, dtype=np.int64)
    if sizes.ndim != 1 or not len(sizes) or sizes.min() < 1:
        raise ParameterError.of(who, "class sizes of 1 or more", "none, or a smaller one")
    return f, np.bincount(np.minimum(sizes, _SIZES + 1), minlength=_SIZES + 2)[1 : _SIZES + 1]


def _longest(f: float) -> int:
    """Return the class size beyond which a class never leaves 12 or fewer in the sample."""
    return math.ceil((_SIZES + 8 * math.sqrt(_SIZES) + 20) / max(f, LOWEST_RATE))


def _extremes(objective: Floats, counts: Ints, f: float) -> tuple[float, float]:
    """Return the least and greatest value of a linear function of the class numbers."""
    return _programmes(objective.astype(float).tobytes(), tuple(counts.tolist()), f)


# Several measures of a table, and of the same table read another way, ask the same.
@lru_cache(maxsize=64)
def _programmes(weights: bytes, small: tuple[int, ...], f: float) -> tuple[float, float]:
    """Solve both linear programmes of `_extremes`."""
    from scipy.optimize import linprog
    from scipy.stats import binom, chi2

    objective, counts = np.frombuffer(weights), np.array(small)
    # Exact Poisson intervals: a sum of unequal coin tosses is never more spread than a Poisson.
    tail = (1 - 0.95) / (2 * _SIZES)
    least = np.where(counts > 0, chi2.ppf(tail, 2 * np.maximum(counts, 1)) / 2, 0.0)
    most = chi2.ppf(1 - tail, 2 * counts + 2) / 2
    if f < LOWEST_RATE:
        # Sample uniques bound the number of classes of size one; nothing else is known.
        # For unseen classes the same, each being worth at most (1 - pi) / pi of a sample unique.
        return 0.0, math.inf if objective[1] > 1 else float(most[0] * objective[0] / f)
    chance = binom.pmf(np.arange(1, _SIZES + 1)[:, None], np.arange(1, len(objective) + 1), f)
    scale = most[:, None]
    limits = np.concatenate([np.ones(_SIZES), -least / most])
    rows = np.vstack([chance / scale, -chance / scale])
    ends = []
    for sign in (1.0, -1.0):
        answer = linprog(sign * objective, A_ub=rows, b_ub=limits, method="highs")
        if answer.status == 2:
            # No population at all: the file is no random sample of its population.
            return math.nan, math.nan
        ends.append(sign * answer.fun if answer.status == 0 else (0.0 if sign > 0 else math.inf))
    # The negative of nothing is not written with a sign.
    return max(float(ends[0]), 0.0), float(ends[1]) + 0.0


# The mixture: people expected in a cell, on a logarithmic grid from `_FEWEST_EXPECTED` up; orders
# of difference, and their standard deviations that are tried, from supple to stiff.
_GRID, _FEWEST_EXPECTED = 45, 0.05
_ORDERS, _SUPPLE = (2, 3), (10.0, 3.0, 1.0, 0.3, 0.1)
# Log-probability that is left to gain where the search for a mode stops.
_LEFT_TO_GAIN = 1e-4
# The affine law of the range: posterior deviations, of uniques (by the least fraction), of classes,
# and a constant for the error of the model, by which it covers (`benchmarks/affine_law.py`); the
# fraction below which nothing is estimated; the chance below which the fit of small classes is
# refuted.
_OF_UNIQUES, _OF_CLASSES, _MODEL_ERROR = {0.1: 1.2, 0.0: 1.4}, 2.0, 0.03
_LEAST_FRACTION, _REFUTED = 0.02, 0.001


class Share(NamedTuple):
    """A share of the people, with its range."""

    value: float
    low: float
    high: float


class _Moments(NamedTuple):
    """A share under one order of difference, its posterior deviation, and the most it can be."""

    value: float
    deviation: float
    most: float


class MixtureShares(NamedTuple):
    """Population uniques, and classes of the population, over its people."""

    uniques: Share
    classes: Share


def mixture_shares(size: ArrayLike, sampling_fraction: float) -> MixtureShares | None:
    """Estimate population uniques and classes under a smooth Poisson mixture of cells.

    A cell holds Poisson(lambda) people, each drawn with the chance pi, so that sum_lambda g(lambda)
    P(Poisson(pi lambda) = j) classes of the sample are expected to have j records. The logarithm of
    lambda g(lambda), the people of cells of intensity lambda, has normal second, or third,
    differences. Their deviation is averaged over by its marginal likelihood; value and deviation
    are those of the posterior's normal approximation. The range is value ± 1.2 deviations (1.4
    below a fraction of .1; of the classes 2) on the scale of log odds, ± .03: an affine law, set on
    tables whose population is known. It goes from the lower end of both orders to the upper end of
    both; the value is their mean.

    Parameters
    ----------
    size : int, shape (m,)
        Sizes of the sample's classes.
    sampling_fraction : float
        pi, in (0, 1].

    Returns
    -------
    MixtureShares or None
        None where the sample contradicts the mixture or says too little of it: fewer than
        `FEWEST_TO_LEARN` records in classes of two and more, fewer classes of three than cells of
        independent people have (as in a population that is itself k-anonymous), classes of 1 to
        12 that do not fit, or a fraction below .02 or of 1.

    References
    ----------
    Efron (2016), on smooth mixing distributions.

    Examples
    --------
    >>> classes = (900, 250, 110, 60, 35, 22, 15, 10, 7, 5, 3, 2)  # of one record, of two, ...
    >>> found = mixture_shares(np.repeat(np.arange(1, 13), classes), 0.3)
    >>> found.uniques.low < found.uniques.value < found.uniques.high < 900 / 2632
    True
    >>> mixture_shares([1] * 50, 0.3) is None
    True
    """
    f, counts = _sample("mixture_shares", size, sampling_fraction)
    sizes, many = np.unique(np.asarray(size, dtype=np.int64), return_counts=True)
    records = float((sizes * many).sum())
    one, two, three = counts[:3].astype(np.float64)
    if not _LEAST_FRACTION <= f < 1 or records - one < FEWEST_TO_LEARN:
        return None
    # By Cauchy, for intensities of any distribution: (2 s_2)**2 <= 6 s_1 s_3, in expectation.
    scattered = 6 * one * three - 4 * two**2
    slopes = np.array([6 * three, 8 * two, 6 * one])
    if scattered < -math.sqrt(float((slopes**2 * np.array([one, two, three])).sum())):
        return None
    found = _mixture(tuple(sizes.tolist()), tuple(many.tolist()), f)
    if found is None:
        return None
    uniques, classes = found
    deviations = next(many for least, many in _OF_UNIQUES.items() if f >= least)
    return MixtureShares(_by_law(uniques, deviations), _by_law(classes, _OF_CLASSES))


@lru_cache(maxsize=64)
def _mixture(
    sizes: tuple[int, ...], many: tuple[int, ...], f: float
) -> tuple[tuple[_Moments, ...], ...] | None:
    """Fit uniques and classes by each order; None where the small classes do not fit."""
    from scipy.special import chdtri, pdtr

    edges = _size_bins(sizes[-1])
    # The last bin is open: that no class is larger is known too.
    counts = np.histogram(sizes, bins=[*edges, math.inf], weights=many)[0].astype(np.float64)
    people = float(np.dot(sizes, many)) / f
    most = max(1.6 * sizes[-1] / f, 50.0)
    intensity = np.geomspace(_FEWEST_EXPECTED, most, _GRID)
    # A unit of people in cells of this intensity: 1 / intensity cells.
    below = pdtr(edges[:, None] - 1.0, intensity * f)
    chance = np.diff(below, axis=0, append=1.0) / intensity
    step = math.log(intensity[1] / intensity[0])
    both = []
    for order in _ORDERS:
        rough = np.diff(np.eye(_GRID), n=order, axis=0) / step ** (order - 0.5)
        log = np.full(_GRID, math.log(people / _GRID))
        evidence: list[float] = []
        fits: list[tuple[Floats, Floats]] = []
        for deviation in _SUPPLE:
            prior = rough.T @ rough / deviation**2 + 1e-6 * np.eye(_GRID)
            log, information, likelihood = _most_probable(chance, counts, log, prior)
            spread = float(np.linalg.slogdet(information)[1]) / 2 + len(rough) * math.log(deviation)
            evidence.append(likelihood - float(log @ prior @ log) / 2 - spread)
            within = np.asarray(np.linalg.inv(information), dtype=np.float64)
            fits.append((np.exp(log), within))
        weight = np.exp(np.array(evidence) - max(evidence))
        expected = (chance @ fits[int(weight.argmax())][0])[:_SIZES]
        off = (counts[:_SIZES] - expected) ** 2 / np.maximum(expected, 1.0)
        if float(off.sum()) > chdtri(_SIZES, _REFUTED):
            return None
        weight = weight / weight.sum()
        alone, per_person = np.exp(-intensity) / people, -np.expm1(-intensity) / intensity / people
        seen_once = float(counts[0]) / (people * f)
        worth = (alone, seen_once), (per_person, 1.0)
        both.append([_moments(fits, weight, *one) for one in worth])
    return tuple(zip(*both, strict=True))


def _by_law(orders: tuple[_Moments, ...], deviations: float) -> Share:
    """Return the mean of the orders, from the lowest end of the affine law to the highest."""
    ends = [_ends(one, deviations) for one in orders]
    value = math.fsum(one.value for one in orders) / len(orders)
    return Share(value, min(low for low, _ in ends), max(high for _, high in ends))


def _size_bins(largest: int) -> Floats:
    """Return edges of bins of class sizes: one by one up to 30, then wider."""
    edges = list(range(1, 32))
    while edges[-1] <= largest:
        edges.append(math.ceil(edges[-1] * 1.25))
    return np.array(edges, dtype=np.float64)


def _most_probable(
    chance: Floats, counts: Floats, log: Floats, prior: Floats
) -> tuple[Floats, Floats, float]:
    """Return the mode of the posterior, its information and log-likelihood (Fisher scoring)."""

    def terms(x: Floats) -> tuple[Floats, Floats, float]:
        each = chance * np.exp(np.clip(x, -60.0, 40.0))
        mean = each.sum(axis=1) + 1e-300
        return each, mean, float((counts * np.log(mean) - mean).sum())

    each, mean, likelihood = terms(log)
    reached = likelihood - float(log @ prior @ log) / 2
    for _ in range(200):
        slope = each.T @ (counts / mean - 1) - prior @ log
        move = np.linalg.solve(each.T @ (each / mean[:, None]) + prior, slope)
        if float(slope @ move) / 2 < _LEFT_TO_GAIN:
            break
        part = min(1.0, 3.0 / max(float(np.abs(move).max()), 1e-12))
        while True:
            there = log + part * move
            each, mean, likelihood = terms(there)
            value = likelihood - float(there @ prior @ there) / 2
            if value >= reached - 1e-9 or part < 1e-6:
                break
            part /= 2
        log, reached = there, value
    return log, each.T @ (each / mean[:, None]) + prior, likelihood


def _moments(
    fits: list[tuple[Floats, Floats]], weight: Floats, worth: Floats, most: float
) -> _Moments:
    """Return the sum of `worth` over the people, and its deviation over the posterior."""
    values = np.array([float(people @ worth) for people, _ in fits])
    slopes = [people * worth for people, _ in fits]
    variances = np.array(
        [float(slope @ within @ slope) for slope, (_, within) in zip(slopes, fits, strict=True)]
    )
    value = float(weight @ values)
    return _Moments(value, math.sqrt(float(weight @ (variances + (values - value) ** 2))), most)


def _ends(found: _Moments, deviations: float) -> tuple[float, float]:
    """Return the range of the affine law."""
    most = found.most
    if most == 0:
        return 0.0, _MODEL_ERROR
    part = min(max(found.value / most, 1e-12), 1 - 1e-9)
    odds = math.log(part / (1 - part))
    half = deviations * found.deviation / most / part / (1 - part)
    low, high = (
        most / (1 + math.exp(-min(max(x, -700.0), 700.0))) for x in (odds - half, odds + half)
    )
    return max(low - _MODEL_ERROR, 0.0), min(high + _MODEL_ERROR, 1.0)


def narrowed(estimate: Estimate, share: Share | None) -> tuple[Estimate, Note | None]:
    """Narrow the range of a share by a mixture, whose value is then the estimate.

    Parameters
    ----------
    estimate : Estimate
        Share of the people, with its range without a model.
    share : Share, optional
        None where the mixture does not fit.

    Returns
    -------
    estimate : Estimate
        As given where the mixture's range and that without a model have nothing in common.
        Reliable where the range is at most `WIDEST_SHARE` wide.
    note : Note or None
        What the value is, where it is no longer that of the estimate.

    Examples
    --------
    >>> wide = doubtful(0.5, 0.0, 0.6, None)
    >>> found, note = narrowed(wide, Share(0.3, 0.2, 0.4))
    >>> found.value, found.low, found.high, found.reliable, note.key
    (0.3, 0.2, 0.4, True, 'smooth_mixture')
    """
    if share is not None:
        low, high = max(estimate.low, share.low), min(estimate.high, share.high)
        if low <= high:
            value = min(max(share.value, low), high)
            if high - low <= WIDEST_SHARE:
                return Estimate(value=value, low=low, high=high), Note("smooth_mixture")
            why = Note("range_too_wide", low=estimate.low, high=min(estimate.high, 1.0))
            return doubtful(value, low, high, why), Note("smooth_mixture")
    if not estimate.reliable and estimate.high - estimate.low <= WIDEST_SHARE:
        middle = (estimate.low + estimate.high) / 2
        found = Estimate(value=middle, low=estimate.low, high=estimate.high)
        return found, Note("middle_of_range")
    return estimate, None


def matched_share(
    value: float, class_sizes: NDArray[np.int64], n: int, most: float, rate: float
) -> Estimate:
    """Put the mean of 1 / F over the file beside what the sample allows.

    Under a common rate its expectation is (classes of the population) / (people), which has a
    range without any model; a class adds f / F, whose variance is at most pi, to the sum.
    """
    people = n / rate
    low, high = classes_range(class_sizes, rate)
    if rate == 1:
        low = high = float(len(class_sizes))
    noise = 2 * math.sqrt(rate * (1 - rate) * high) / rate if high == high else 0.0
    # With the whole population in the file the range is one number, and a mean of fractions
    # misses it by its last digit.
    noise += 1e-9 * people
    found = judge(value * people, max(low - noise, 0.0), high + noise, people)
    return replace(
        found,
        value=value,
        low=min(max(found.low / people, 0.0), value),
        high=max(min(found.high / people, most), value) if found.reliable else most,
    )


def poisson_sum_range(
    total: float, squares: float, largest: float, chance: float
) -> tuple[float, float]:
    """Return the confidence range of the mean of a weighted Poisson sum.

    By the gamma distributions of Fay and Feuer (1997).

    Parameters
    ----------
    total, squares : float
        Sum of the weights of the events that came, and of their squares.
    largest : float
        Weight of an event that might have come beside them, above 0.
    chance : float
        Chance to lie beyond either end, in (0, .5).

    Returns
    -------
    tuple of float

    References
    ----------
    Fay and Feuer (1997).

    Examples
    --------
    >>> low, high = poisson_sum_range(10, 10, 1, 0.025)  # Garwood's interval of ten
    >>> round(low, 3), round(high, 3)
    (4.795, 18.39)
    """
    from scipy.stats import gamma

    low = gamma.ppf(chance, total**2 / squares, scale=squares / total) if total > 0 else 0.0
    total, squares = total + largest, squares + largest**2
    return float(low), float(gamma.isf(chance, total**2 / squares, scale=squares / total))


def fewest_alone(size: ArrayLike, people: ArrayLike, count: ArrayLike | None = None) -> float:
    """Return a lower bound of the sample uniques that are population uniques.

    Whatever the keys are, a class of two records whose weights are w and v stands for w + v - 2
    people unseen, and the sum over such classes is expected to be the sum of F - 1 over the sample
    uniques. Where people are independent of each other, F - 1 is Poisson around a mean that differs
    from key to key, and exp(-mean F - 1) is the least that their share can be (Jensen). 0 unless
    classes of three show that F is scattered at least so: it is not in a population that was itself
    made k-anonymous, where nobody is alone.

    Parameters
    ----------
    size : int, shape (n,)
        F of each record.
    people : array_like, shape (n,)
        Sum of the weights of each record's class.
    count : int, shape (n,), optional
        Records that each value stands for. Default: one.

    Returns
    -------
    float
        0 to the sample uniques; held 97.5 times in 100.

    Examples
    --------
    >>> f = [1] * 400 + [2] * 40 + [3] * 60
    >>> found = fewest_alone(f, [10.0 * one for one in f])
    >>> 0 < found < 400 * math.exp(-20 * 18 / 400)
    True
    """
    f, p = sizes_and_share("fewest_alone", size, people)
    records = np.ones(len(f)) if count is None else np.asarray(count, dtype=np.float64)
    # Of each record: the people outside the sample that it stands for.
    others = 1 / p - 1
    alone = float(records[f == 1].sum())
    weight = 2 * float(np.average(others, weights=records))
    if alone == 0 or weight == 0:
        return alone

    def of_classes(k: int, worth: Floats) -> tuple[float, float]:
        classes = records[f == k] / k
        return float((classes * worth[f == k]).sum()), float((classes * worth[f == k] ** 2).sum())

    pairs = of_classes(2, 2 * others)
    _, most = poisson_sum_range(*pairs, weight, 0.025)
    # The other two of a class of three, both ways round: the square of the mean of a Poisson.
    second, _ = poisson_sum_range(*of_classes(3, 6 * others**2), 1.5 * weight**2, 0.025)
    if second * alone < pairs[0] ** 2:
        return 0.0
    fewest = max(alone - 2 * math.sqrt(alone), 0.0)
    return fewest * math.exp(-most / fewest) if fewest else 0.0


def sizes_and_share(who: str, size: ArrayLike, people: ArrayLike) -> tuple[Floats, Floats]:
    """Return class sizes f and sampling fractions f / F of records.

    Parameters
    ----------
    who : str
        The function that an error names.
    size, people : array_like, shape (n,)
        f, 1 or more, and F, at least f.

    Returns
    -------
    size, share : float array, shape (n,)

    Raises
    ------
    ParameterError
        Shapes that differ, f below 1, or F below f.
    """
    f = np.asarray(size, dtype=np.float64)
    total = np.asarray(people, dtype=np.float64)
    if f.shape != total.shape or f.ndim != 1:
        raise ParameterError.of(who, "one F a record", f"shapes {f.shape} and {total.shape}")
    if not np.all(f >= 1):
        raise ParameterError.of(who, "class sizes of 1 or more", "a smaller one")
    if not np.all(total >= f * (1 - 1e-12)):
        do = "Sampling weights are 1 or more."
        raise ParameterError.of(who, "F of at least f", "fewer people than records", do)
    return f, np.minimum(f / total, 1.0)
