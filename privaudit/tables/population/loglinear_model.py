"""tau1 and tau2: risk of the sample uniques under a Poisson log-linear model of the keys."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.core.checks import Floats, Ints, in_range
from privaudit.core.thresholds import LOGLINEAR_MISFIT, RECORDS_PER_PARAMETER, WIDEST_RANGE
from privaudit.tables.context import MeasureContext, Rate
from privaudit.tables.equivalence_classes import classes
from privaudit.tables.population.sample_ranges import Estimate, fewest_alone, poisson_sum_range
from privaudit.tables.table_measure import (
    NAMELESS,
    Values,
    of_people,
    table_measure,
    where_levels_show,
)
from privaudit.words.catalogues import Note

_QUANTILE = 1.959963984540054
# Chance beyond three standard deviations, on either side: what the check leaves open. Two would
# do for one model; a model that is shown was chosen by its own check.
_OPEN = 0.00135


@dataclass(frozen=True, eq=False, kw_only=True)
class LoglinearRisk:
    """Risk of the sample uniques under a log-linear model, with the result of its check.

    Attributes
    ----------
    tau1, tau1_low, tau1_high : float
        Expected number of sample uniques that are population uniques, 0 (safe) and up. The
        range holds the doubt about the numbers, about the fit, and every departure from the
        model that the pairs of the sample do not rule out.
    tau2, tau2_low, tau2_high : float
        Expected number of sample uniques matched rightly, never below tau1.
    uniques, pairs : int
        Classes of one and of two records.
    expected_pairs : float
        Pairs that the fitted model expects.
    misfit : float
        The check that fails worst, in standard deviations; far from 0 the model is wrong where
        it matters. nan where a parameter for each cell follows whatever there is.
    parameters : int
        Free parameters of the model beside its total.
    """

    tau1: float
    tau1_low: float
    tau1_high: float
    tau2: float
    tau2_low: float
    tau2_high: float
    uniques: int
    pairs: int
    expected_pairs: float
    misfit: float
    parameters: int


@dataclass(frozen=True, eq=False, kw_only=True)
class LoglinearFit:
    """A log-linear model fitted to records.

    Attributes
    ----------
    mean : float64, shape (n,)
        Expected sum of weights in the cell of each record.
    rest : float64, shape (n,)
        The same without the record itself, where the model gives it; by a sample's uniques
        their own cell is fitted too high.
    parameters : int
        Free parameters of the model beside its total.
    influence : callable
        What one more unit of weight on each record adds to a sum over some records' cells, from
        the derivatives of the sum by the logarithm of each mean.
    """

    mean: Floats
    rest: Floats
    parameters: int
    influence: Callable[[Ints, Floats], Floats]


@dataclass(frozen=True, eq=False, kw_only=True)
class _LoglinearSample:
    """Records by class, and the people who were not drawn, by the model.

    weight, home : (n,). 1 / chance of each record to be drawn; household, -1 unknown.
    alone : Records alone in their class. pairs (p, 2), triples (t, 3): Records of classes of two
        and three from as many households: only these were drawn apart from each other.
    unseen, rest : (n,). People in the cell of each record who were not drawn, as fitted, and as
        fitted without the record.
    sway : Derivatives by ln(unseen) at `alone` to what each record adds to the sum.
    """

    weight: Floats
    home: Ints | None
    alone: Ints
    pairs: Ints
    triples: Ints
    unseen: Floats
    rest: Floats
    sway: Callable[[Floats], Floats]


def loglinear_risk(
    codes: ArrayLike, weight: ArrayLike, *, household: ArrayLike | None = None
) -> LoglinearRisk:
    """Estimate tau1 and tau2 under a Poisson log-linear model.

    A cell of the keys holds Poisson(lambda) people, each drawn with a chance pi of its own, so that
    F - 1 given f = 1 is Poisson(mu), mu being the people expected there who were not drawn: lambda
    less what the sample expects, both fitted by main effects (with a common pi, lambda (1 - pi)).
    tau1 = sum over sample uniques of exp(-mu) and tau2 = sum of (1 - exp(-mu)) / mu (Skinner and
    Shlomo 2008, eq. 3).

    The check owes nothing to the model: whatever the cells are, a record of a pair stands for w - 1
    people unseen, and the sum of these over pairs is expected to be the sum of F - 1 over the
    sample uniques (the factorial moment f (f - 1) of their cells). It is compared with the sum of
    mu, weighted by how much tau hangs on each cell, and unweighted; triples are compared with mu**2
    likewise. What the pairs leave open within three standard deviations goes into the interval: mu
    larger or smaller by a factor, or scattered about the fit as a gamma variable.

    Parameters
    ----------
    codes : int, shape (n, d)
        Levels of the keys; missing (-1) is a level.
    weight : array_like
        1 / pi, one for all or one a record, 1 or more.
    household : int, shape (n,), optional
        Household of each record, drawn together; -1 where unknown.

    Returns
    -------
    LoglinearRisk

    References
    ----------
    Skinner and Holmes (1998).
    Skinner and Shlomo (2008), eq. 3.

    Examples
    --------
    >>> risk = loglinear_risk([[0, 0], [0, 1], [1, 0], [1, 0]], 1.0)
    >>> risk.tau1, risk.uniques
    (2.0, 2)
    """
    table = np.asarray(codes, dtype=np.int64)
    given = np.asarray(weight, dtype=np.float64)
    in_range("loglinear_risk", "weight", float(given.min()), 1, math.inf)
    levels = np.stack([np.unique(column, return_inverse=True)[1] for column in table.T], axis=1)
    cells = math.prod(int(m) + 1 for m in levels.max(axis=0))
    home = None if household is None else np.asarray(household, dtype=np.int64)
    sample, means = _sampled(levels, np.broadcast_to(given, len(table)), home)
    tau1, tau2 = _range_of("tau1", sample), _range_of("tau2", sample)
    misfits = [tau1.misfit, tau2.misfit, _of_pairs(sample, np.ones(len(table)))[1]]
    misfits.append(_of_triples(sample))
    drawn = float((sample.weight[sample.alone] - 1).mean()) if len(sample.alone) else 0.0
    expected = sample.rest[sample.alone].sum() / (2 * drawn) if drawn > 0 else 0.0
    # A saturated model fits any table.
    saturated = means.parameters >= cells - 1
    return LoglinearRisk(
        tau1=tau1.value,
        tau1_low=tau1.low,
        tau1_high=tau1.high,
        tau2=tau2.value,
        tau2_low=tau2.low,
        tau2_high=tau2.high,
        uniques=len(sample.alone),
        pairs=len(sample.pairs),
        expected_pairs=float(expected),
        misfit=math.nan if saturated else max(misfits, key=abs),
        parameters=means.parameters,
    )


def _sampled(
    levels: Ints, weight: Floats, home: Ints | None
) -> tuple[_LoglinearSample, LoglinearFit]:
    """Fit the model; return the sample by class, and the fitted means."""
    groups = classes(levels)
    order, size = np.argsort(groups.label, kind="stable"), groups.size[groups.label]
    alone = groups.first[groups.size == 1]
    pairs, triples = (
        _of_households(order[(size == k)[order]].reshape(-1, k), home) for k in (2, 3)
    )
    means = fit_main_effects(levels, np.ones(len(levels)))
    if np.ptp(weight) == 0:
        times = float(weight[0]) - 1
        unseen, rest = means.mean * times, means.rest * times

        def sway(slope: Floats) -> Floats:
            return means.influence(alone, slope)
    else:
        everybody = fit_main_effects(levels, weight)
        unseen = np.maximum(everybody.mean - means.mean, 0.0)
        rest = np.maximum(everybody.rest - means.rest, 0.0)
        share = everybody.mean[alone] / np.maximum(unseen[alone], 1e-9)

        def sway(slope: Floats) -> Floats:
            # mu = lambda - a: both of its parts move, a record's weight only the first.
            of_all = weight * everybody.influence(alone, slope * share)
            return of_all - means.influence(alone, slope * (share - 1))

    sample = _LoglinearSample(
        weight=weight,
        home=home,
        alone=alone,
        pairs=pairs,
        triples=triples,
        unseen=unseen,
        rest=rest,
        sway=sway,
    )
    return sample, means


def _of_households(records: Ints, home: Ints | None) -> Ints:
    """Drop classes from which two records were drawn together."""
    if home is None or not len(records):
        return records
    of = home[records]
    together = [
        (of[:, i] == of[:, j]) & (of[:, i] >= 0) for i, j in combinations(range(of.shape[1]), 2)
    ]
    return np.asarray(records[~np.any(together, axis=0)])


def _share(name: str, mu: Floats) -> Floats:
    """Return the part of a sample unique in tau1 or tau2 with mu people unobserved."""
    if name == "tau1":
        return np.exp(-mu)
    return np.where(mu > 0, -np.expm1(-mu) / np.where(mu > 0, mu, 1.0), 1.0)


def _steepness(name: str, mu: Floats) -> Floats:
    """Return the derivative of that part with respect to mu."""
    if name == "tau1":
        return np.exp(-mu)
    small = np.maximum(mu, 1e-3)
    # 1/2 - mu/3 for small mu, where the difference cancels.
    return np.where(mu < 1e-3, 0.5 - mu / 3, (_share(name, small) - np.exp(-small)) / small)


def _scattered(name: str, mu: Floats, spread: float) -> Floats:
    """Return the part where mu is gamma distributed with this variance."""
    rate = 1 / (spread * np.maximum(mu, 1e-12))
    if name == "tau1":
        return np.asarray((1 + 1 / rate) ** -(1 / spread + 1))
    return np.asarray(rate * spread * -np.expm1(-np.log1p(1 / rate) / spread))


def _of_pairs(sample: _LoglinearSample, weigh: Floats) -> tuple[tuple[float, float], float]:
    """Range of the people unseen over those fitted, by the pairs, and its misfit.

    weigh : (n,). Weight of each record's cell.
    """
    at = sample.alone
    fitted = float((weigh[at] * sample.rest[at]).sum())
    if fitted <= 0:
        return (1.0, 1.0), 0.0
    events = weigh[sample.pairs[:, 0]] * (sample.weight[sample.pairs] - 1).sum(axis=1)
    stands_for = 2 * float((sample.weight - 1).mean())
    # What one pair more would add, and the variance that the model expects.
    variance = stands_for * float((weigh[at] ** 2 * sample.rest[at]).sum()) / fitted
    total, squares = float(events.sum()), float((events**2).sum())
    low, high = poisson_sum_range(total, squares, variance, _OPEN)
    misfit = (total - fitted) / math.sqrt((variance * fitted + squares) / 2)
    return (low / fitted, high / fitted), misfit


def _of_triples(sample: _LoglinearSample) -> float:
    """Return the misfit of classes of three: the sum of (F - 1)(F - 2) over the sample uniques."""
    at, more = sample.alone, sample.weight[sample.triples] - 1
    weigh = _steepness("tau1", sample.unseen)
    fitted = float((weigh[at] * sample.rest[at] ** 2).sum())
    # Of each record the other two, both ways round.
    products = more.sum(axis=1) ** 2 - (more**2).sum(axis=1)
    # Triples of which two at least stand for nobody else say nothing, as none do.
    if not products.any() or fitted <= 0:
        return 0.0
    events = weigh[sample.triples[:, 0]] * products
    variance = (float(products.mean()) * fitted * float(weigh[at].mean()) + (events**2).sum()) / 2
    return (float(events.sum()) - fitted) / math.sqrt(variance)


class _Ranged(NamedTuple):
    """A value with its range and misfit."""

    value: float
    low: float
    high: float
    misfit: float


def _range_of(name: str, sample: _LoglinearSample) -> _Ranged:
    """Return tau1 or tau2 with its range and the misfit of its cells."""
    mu, rest = sample.unseen[sample.alone], sample.rest[sample.alone]
    share = _share(name, mu)
    value = float(share.sum())
    (least, most), misfit = _of_pairs(sample, _steepness(name, sample.unseen))
    ends = [value, float(_share(name, rest).sum())]
    ends += [float(_share(name, factor * rest).sum()) for factor in (least, most)]
    # Given f = 1 a gamma of variance v has the mean 1 + v.
    scatter = np.linspace(max(least, 1.0), max(most, 1.0), 4) - 1
    ends += [float(_scattered(name, rest, v).sum()) for v in scatter[scatter > 1e-6].tolist()]
    moved = sample.sway(-_steepness(name, mu) * mu)
    if sample.home is not None:
        _, home = np.unique(
            np.where(sample.home < 0, -1 - np.arange(len(moved)), sample.home), return_inverse=True
        )
        moved = np.bincount(home, weights=moved).astype(np.float64)
    # m (1 - m) is the variance of a coin toss, and the most that such a number can have.
    half = _QUANTILE * math.sqrt(float((share * (1 - share)).sum() + (moved**2).sum()))
    low = max(value - math.hypot(half, value - min(ends)), 0.0)
    high = min(value + math.hypot(half, max(ends) - value), float(len(share)))
    return _Ranged(value, low, high, misfit)


def fit_main_effects(levels: Ints, weight: Floats) -> LoglinearFit:
    """Fit the independence model: the mean of a cell is the product of its margins.

    Parameters
    ----------
    levels : int64, shape (n, d)
        Level of each record, 0 or more; every level of a key occurs.
    weight : float64, shape (n,)

    Returns
    -------
    LoglinearFit

    Examples
    --------
    >>> fit = fit_main_effects(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.ones(4))
    >>> fit.mean.tolist(), fit.rest.round(3).tolist(), fit.parameters
    ([1.0, 1.0, 1.0, 1.0], [0.333, 0.333, 0.333, 0.333], 2)
    """
    total, (n, d) = float(weight.sum()), levels.shape
    margins = [np.bincount(column, weights=weight) for column in levels.T]
    of_record = np.stack([margin[c] for margin, c in zip(margins, levels.T, strict=True)])
    others = np.maximum(total - weight, 1e-300)

    def influence(at: Ints, slope: Floats) -> Floats:
        """ln(mean) is (1 - d) ln(total) and the logarithm of each margin."""
        leverage = np.full(n, (1 - d) * float(slope.sum()) / total)
        for margin, column in zip(margins, levels.T, strict=True):
            part = np.bincount(column[at], weights=slope, minlength=len(margin))
            leverage += (part / margin)[column]
        return leverage

    return LoglinearFit(
        mean=total * np.prod(of_record / total, axis=0),
        rest=others * np.prod(np.maximum(of_record - weight, 0.0) / others, axis=0),
        parameters=sum(len(margin) - 1 for margin in margins),
        influence=influence,
    )


def tau_estimates(
    codes: NDArray[np.int64],
    weight: NDArray[np.float64] | float,
    household: NDArray[np.int64] | None = None,
) -> dict[str, Estimate]:
    """Estimate tau1 and tau2 of a file's keys.

    Interactions are not fitted: they follow the cells of the sample uniques themselves, and what
    is too high by that and too low by what is left out can pass any check together.

    Parameters
    ----------
    codes : ndarray of int64, shape (n, d)
        Keys of each record.
    weight : float, or ndarray of float64, shape (n,)
        People that a record stands for, 1 or more.
    household : ndarray of int64, shape (n,), optional
        Household of each record, drawn together.

    Returns
    -------
    dict of Estimate
        Of ``tau1`` and ``tau2``, in people. Where the model does not fit, from 0 to the
        sample uniques, with the reason.
    """
    fit = loglinear_risk(codes, weight, household=household)
    # With everybody in the file, or nobody alone in it, there is nothing to estimate.
    counted = bool(np.max(weight) == 1) or fit.uniques == 0
    reason = None if counted else _doubt(fit, len(codes))
    found = {}
    for name in ("tau1", "tau2"):
        value, low, high = (getattr(fit, name + end) for end in ("", "_low", "_high"))
        why = reason
        if why:
            low, high = 0.0, float(fit.uniques)
        elif not counted and high - low > WIDEST_RANGE * fit.uniques:
            why = Note("check_too_weak", pairs=fit.pairs, low=low, high=high)
        found[name] = Estimate(value=value, low=low, high=high, reliable=why is None, reason=why)
    return found


def _doubt(fit: LoglinearRisk, records: int) -> Note | None:
    """Return why a fit is not reliable, if so."""
    if records < RECORDS_PER_PARAMETER * fit.parameters:
        return Note("too_many_parameters", parameters=fit.parameters, records=records)
    if not math.isfinite(fit.misfit):
        return Note("a_parameter_for_every_cell")
    if abs(fit.misfit) > LOGLINEAR_MISFIT:
        return Note("keys_not_independent", deviations=round(abs(fit.misfit), 1))
    return None


@table_measure(
    unit="records", safe="small", laws=NAMELESS, needs_rate=True,
    shown=where_levels_show(),
)  # fmt: skip
def tau1(context: MeasureContext) -> Values:
    """Expected number of sample uniques that are population uniques."""
    return _tau(context, "tau1")


@table_measure(
    unit="records", safe="small", laws=NAMELESS, at_least="tau1", needs_rate=True,
    shown=where_levels_show(),
)  # fmt: skip
def tau2(context: MeasureContext) -> Values:
    """Expected number of correct matches among the sample uniques."""
    return _tau(context, "tau2")


def _tau(context: MeasureContext, word: str) -> Values:
    """Return tau counted in a listed population, or estimated from the sample."""
    if context.population.source == "population":
        return _counted_tau(context, word)
    if context.counted:
        return Note("needs_records")
    if context.sizes.fewer:
        return Note("needs_complete_records")
    estimates = context.once("tau", lambda: _estimated_taus(context, context.known_rate))
    return of_people(context, estimates[word], n=len(context))


def _counted_tau(context: MeasureContext, word: str) -> Values:
    """Count tau in the population: uniques as published, people as expected behind blanks."""
    population, sizes = context.population, context.sizes
    alone = context.groups.size[context.groups.label] == 1
    people = np.round(population.people)
    part = people == 1 if word == "tau1" else 1 / people
    value = low = high = float(part[alone].sum())
    if population.between is not None:
        # A population unique is in the file; else at least one of two.
        least, most = population.between
        each = 1 / least if word == "tau2" else least == 1
        low = float((most == 1).sum())
        high = min(float((each * sizes.weight).sum()), sizes.most("alone", math.inf))
    return {
        "value": min(max(value, low), high),
        "low": low,
        "high": high,
        "worst_case": population.between is not None,
        "reliable": population.doubt is None,
        "notes": (Note("counted_in_population"), *population.notes),
    }


def _estimated_taus(context: MeasureContext, rate: Rate) -> dict[str, Estimate]:
    """Estimate both; where the model does not fit, pairs of records still bound them from below."""
    weight = context.table.weight if rate.uneven else None
    stands_for = 1 / rate.value if weight is None else np.maximum(weight, 1.0)
    estimates = tau_estimates(context.table.codes, stands_for, context.household)
    fewest = fewest_alone(context.size, context.population.people)
    fewest = max(fewest - 2 * math.sqrt(fewest), 0.0)
    return {
        word: tau if tau.reliable else replace(tau, low=min(max(tau.low, fewest), tau.high))
        for word, tau in estimates.items()
    }
