"""Expected uniques and matches from a Poisson log-linear model of the keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.checks import in_range, say
from privaudit.errors import ParameterError
from privaudit.measures.arrays import Floats, Ints
from privaudit.measures.tables.equivalence import classes

__all__ = [
    "CELLS",
    "ROUNDS",
    "LoglinearFit",
    "LoglinearRisk",
    "fit_main_effects",
    "fit_margins",
    "fit_two_way",
    "loglinear_risk",
    "two_way_parameters",
]

_QUANTILE = 1.959963984540054


@dataclass(frozen=True, eq=False, kw_only=True)
class LoglinearRisk:
    """Risk to the sample uniques under a log-linear model.

    tau1, tau1_low, tau1_high : Expected number of sample uniques that are population uniques, 0
        (safe) and up.
    tau2, tau2_low, tau2_high : Expected number of sample uniques matched rightly, never below tau1.
    uniques : Sample uniques.
    expected_uniques : Sample uniques that the fitted model expects; nan where the keys have too
        many cells to sum over.
    misfit : (uniques - expected) in standard deviations; far from 0, the model is wrong where it
        matters, and so are tau1 and tau2. nan where it cannot be checked: too many cells, or a
        parameter for each.
    parameters : Free parameters of the model beside its total.
    converged : False where the fit of the interactions had not settled.
    per_record : float64 (n,). Expected 1 / F of each sample unique, nan elsewhere.
    """

    tau1: float
    tau1_low: float
    tau1_high: float
    tau2: float
    tau2_low: float
    tau2_high: float
    uniques: int
    expected_uniques: float
    misfit: float
    parameters: int
    converged: bool
    per_record: Floats


def loglinear_risk(
    codes: ArrayLike, sampling_fraction: float, *, interactions: bool = False
) -> LoglinearRisk:
    """Measure tau1 and tau2 under a Poisson log-linear model (Skinner and Holmes 1998).

    A cell of the keys holds Poisson(lambda) people, of whom a share pi is drawn at random, so
    that F - 1 given f = 1 is Poisson(lambda (1 - pi)). With mu = lambda (1 - pi),
    tau1 = sum over sample uniques of exp(-mu) and tau2 = sum of (1 - exp(-mu)) / mu
    (Skinner and Shlomo 2008, eq. 3). lambda pi is fitted to the sample by main effects, or with
    all two-way interactions. The interval is that of the numbers themselves, and of the fit by
    the delta method; it knows nothing of a model that is wrong: see `misfit`.

    codes : int (n, d). Levels of the keys; missing (-1) is a level.
    sampling_fraction : pi, in (0, 1].
    interactions : Fit all two-way margins too.

    >>> risk = loglinear_risk([[0, 0], [0, 1], [1, 0], [1, 0]], 1.0)
    >>> risk.tau1, risk.uniques
    (2.0, 2)
    """
    pi = in_range("loglinear_risk", "sampling_fraction", sampling_fraction, 0, 1, open_low=True)
    table = np.asarray(codes, dtype=np.int64)
    groups = classes(table)
    levels = np.stack([np.unique(column, return_inverse=True)[1] for column in table.T], axis=1)
    cells = math.prod(int(m) + 1 for m in levels.max(axis=0))
    if interactions and cells > CELLS:
        came = f"{cells:.3g} cells"
        raise ParameterError(say("loglinear_risk", f"at most {CELLS:,} cells of keys", came))
    alone = groups.first[groups.size == 1]
    two_way = interactions and table.shape[1] > 1
    fit = fit_two_way(levels, alone) if two_way else fit_main_effects(levels, alone)
    mu = fit.mean / pi * (1 - pi)
    unique = np.exp(-mu)
    positive = np.where(mu > 0, mu, 1.0)
    right = np.where(mu > 0, -np.expm1(-mu) / positive, 1.0)
    tau1, low1, high1 = _sum_of_shares(unique, -mu * unique, fit)
    # d/d(ln mu) of (1 - exp(-mu)) / mu is exp(-mu) - (1 - exp(-mu)) / mu.
    tau2, low2, high2 = _sum_of_shares(right, np.where(mu > 0, unique - right, 0.0), fit)
    per_record = np.full(len(table), np.nan)
    per_record[alone] = right
    gap, spread = len(alone) - fit.uniques, fit.uniques_variance
    # A model with a parameter for every cell follows whatever there is.
    saturated = fit.parameters >= cells - 1
    return LoglinearRisk(
        tau1=tau1,
        tau1_low=low1,
        tau1_high=high1,
        tau2=tau2,
        tau2_low=low2,
        tau2_high=high2,
        uniques=len(alone),
        expected_uniques=fit.uniques,
        misfit=gap / math.sqrt(spread) if spread > 0 and not saturated else math.nan,
        parameters=fit.parameters,
        converged=fit.converged,
        per_record=per_record,
    )


def _sum_of_shares(share: Floats, slope: Floats, fit: LoglinearFit) -> tuple[float, float, float]:
    """Sum of independent numbers in [0, 1] with these means, and its 95 % interval."""
    total = float(share.sum())
    # m (1 - m) is the variance of a coin toss, and the most that such a number can have.
    variance = float((share * (1 - share)).sum()) + max(fit.explained(slope), 0.0)
    half = _QUANTILE * math.sqrt(variance)
    return total, max(total - half, 0.0), min(total + half, float(len(share)))


# Cells of the keys up to which interactions are fitted; main effects are checked up to 50 times.
CELLS = 300_000
# Of proportional fitting. Tables that settle do so in some tens.
ROUNDS = 200


@dataclass(frozen=True, eq=False, kw_only=True)
class LoglinearFit:
    """A model fitted to a sample, as seen from some of its cells.

    mean : float64 (u,). Expected records of each cell asked for.
    parameters : Free parameters of the model beside its total.
    converged : False where the fit is not the model's yet.
    uniques : Cells of one record that the model expects; nan where there are too many cells.
    uniques_variance : Variance of the number of such cells around what the fit expects: a fit
        follows the sample, which takes away some of it.
    explained : Variance that the doubt about the parameters gives to a sum, from its derivatives by
        the logarithm of each mean, shape (u,): the delta method with the Fisher information.
    """

    mean: Floats
    parameters: int
    converged: bool
    uniques: float
    uniques_variance: float
    explained: Callable[[Floats], float]


def fit_margins(
    table: ArrayLike, margins: Sequence[tuple[int, ...]], *, rounds: int = ROUNDS
) -> tuple[Floats, bool]:
    """Fit a hierarchical log-linear model to a table by iterative proportional fitting.

    Each round scales the fit to the observed sum of every margin in turn; the limit is the
    maximum-likelihood fit of the model with these interactions (Deming and Stephan 1940;
    Bishop, Fienberg and Holland 1975). Main effects alone are reached in one round.

    table : (l_1, ..., l_d). Counts.
    margins : sequence of tuple of int. Axes of each margin that the fit must reproduce.
    rounds : At most; it stops when no margin moves by more than 1e-8 of the total.
    Returns fit: float64 (l_1, ..., l_d).
    Returns converged: False where the margins still moved in the last round: the fit is not the
        model's.

    >>> fit, converged = fit_margins([[3, 1], [1, 3]], [(0,), (1,)])
    >>> fit.tolist(), converged
    ([[2.0, 2.0], [2.0, 2.0]], True)
    """
    counts = np.asarray(table, dtype=np.float64)
    axes = set(range(counts.ndim))
    targets = []
    for margin in margins:
        others = tuple(sorted(axes - set(margin)))
        targets.append((others, counts.sum(axis=others, keepdims=True)))
    fit = np.full(counts.shape, counts.sum() / counts.size)
    for _ in range(rounds):
        moved = 0.0
        for others, target in targets:
            now = fit.sum(axis=others, keepdims=True)
            moved = max(moved, float(np.abs(now - target).max()))
            fit *= np.divide(target, now, out=np.zeros_like(now), where=now > 0)
        if moved <= 1e-8 * counts.sum():
            return fit, True
    return fit, False


def fit_main_effects(levels: Ints, at: Ints) -> LoglinearFit:
    """Fit independent keys: a cell's mean is the product of its margins.

    levels : int64 (n, d). Level of each record, 0 or more; every level of a key occurs.
    at : int64 (u,). Records whose cells are asked for.

    >>> fit = fit_main_effects(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0]))
    >>> fit.mean.tolist(), fit.parameters, round(fit.uniques, 4)
    ([1.0], 2, 1.4715)
    """
    n = len(levels)
    margins = [np.bincount(column) / n for column in levels.T]
    mean = n * np.prod(
        [margin[column[at]] for margin, column in zip(margins, levels.T, strict=True)], axis=0
    )

    def doubt(sums: list[NDArray[Any]]) -> float:
        """Variance of a sum from its derivatives added up level by level, key by key."""
        total = float(sums[0].sum())
        found = total**2 / n
        for margin, part in zip(margins, sums, strict=True):
            found += float((part**2 / (n * margin)).sum()) - total**2 / n
        return found

    def explained(derivative: Floats) -> float:
        return doubt(
            [
                np.bincount(column[at], weights=derivative, minlength=len(margin))
                for margin, column in zip(margins, levels.T, strict=True)
            ]
        )

    uniques, spread, sums = _uniques_of_margins(n, margins)
    return LoglinearFit(
        mean=mean,
        parameters=sum(len(margin) - 1 for margin in margins),
        converged=True,
        uniques=uniques,
        uniques_variance=spread - doubt(sums) if sums else math.nan,
        explained=explained,
    )


def _uniques_of_margins(n: int, margins: list[Floats]) -> tuple[float, float, list[Floats]]:
    """Expected cells of one, their variance, and derivatives of the former, level by level."""
    if math.prod(len(margin) for margin in margins) > 50 * CELLS:
        return math.nan, math.nan, []
    widest = max(range(len(margins)), key=lambda j: len(margins[j]))
    rest = [j for j in range(len(margins)) if j != widest]
    product: NDArray[Any] = np.asarray(float(n))
    for j in rest:
        product = np.multiply.outer(product, margins[j])
    uniques, spread = 0.0, 0.0
    sums = [np.zeros(len(margin)) for margin in margins]
    # A level of the widest key at a time: the cells are never all there at once.
    for level, share in enumerate(margins[widest]):
        mean = share * product
        one = mean * np.exp(-mean)
        uniques += float(one.sum())
        spread += float((one * (1 - one)).sum())
        slope = one * (1 - mean)
        sums[widest][level] = slope.sum()
        for axis, j in enumerate(rest):
            others = tuple(a for a in range(len(rest)) if a != axis)
            sums[j] += slope.sum(axis=others)
    return uniques, spread, sums


def two_way_parameters(levels: Sequence[int]) -> int:
    """Free parameters of all main effects and two-way interactions, beside the total.

    levels : sequence of int. Levels of each key.

    >>> two_way_parameters([2, 3, 4])
    17
    """
    free = [count - 1 for count in levels]
    return sum(free) + sum(a * b for a, b in combinations(free, 2))


def fit_two_way(levels: Ints, at: Ints) -> LoglinearFit:
    """Fit all two-way interactions of two keys or more.

    levels, at : As for `fit_main_effects`.

    >>> fit = fit_two_way(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0]))
    >>> fit.mean.round(6).tolist(), fit.parameters
    ([1.0], 3)
    """
    from scipy import sparse
    from scipy.sparse.linalg import lsmr

    shape = tuple(int(column.max()) + 1 for column in levels.T)
    pairs = list(combinations(range(len(shape)), 2))
    observed = np.zeros(shape)
    np.add.at(observed, tuple(levels.T), 1.0)
    fit, converged = fit_margins(observed, pairs)
    # A cell whose margin nobody fills is empty for sure: it is no part of the model.
    alive = np.flatnonzero(fit.ravel() > 1e-9)
    mean = fit.ravel()[alive]
    place = np.unravel_index(alive, shape)
    offset = np.cumsum([0, *(shape[i] * shape[j] for i, j in pairs)])
    columns = np.concatenate(
        [place[i] * shape[j] + place[j] + offset[p] for p, (i, j) in enumerate(pairs)]
    )
    root = np.sqrt(mean)
    design = sparse.csr_array(
        (np.tile(root, len(pairs)), (np.tile(np.arange(len(alive)), len(pairs)), columns)),
        shape=(len(alive), int(offset[-1])),
    )

    def doubt(derivative: Floats) -> float:
        """c' I^-1 c, with c = X' v: the length of what the model can follow of v / sqrt(mean)."""
        target = derivative / root
        followed = design @ lsmr(design, target, atol=1e-10, btol=1e-10, maxiter=1000)[0]
        return float((followed**2).sum())

    asked = np.searchsorted(alive, np.ravel_multi_index(tuple(levels[at].T), shape))

    def explained(derivative: Floats) -> float:
        whole = np.zeros(len(alive))
        whole[asked] = derivative
        return doubt(whole)

    one = mean * np.exp(-mean)
    spread = float((one * (1 - one)).sum()) - doubt(one * (1 - mean))
    return LoglinearFit(
        mean=mean[asked],
        parameters=two_way_parameters(shape),
        converged=converged,
        uniques=float(one.sum()),
        uniques_variance=spread,
        explained=explained,
    )
