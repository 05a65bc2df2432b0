"""Expected uniques and matches from a Poisson log-linear model of the keys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.checks import in_range, say
from privaudit.errors import ParameterError
from privaudit.measures.tables.equivalence import classes

__all__ = ["LoglinearRisk", "fit_margins", "loglinear_risk"]

_CELLS = 300_000


@dataclass(frozen=True, eq=False, kw_only=True)
class LoglinearRisk:
    """Risk to the sample uniques under a log-linear model.

    Parameters
    ----------
    tau1, tau1_low, tau1_high : float
        Expected number of sample uniques that are population uniques, 0 (safe) and up.
    tau2, tau2_low, tau2_high : float
        Expected number of sample uniques matched rightly, never below tau1.
    uniques : int
        Sample uniques.
    expected_uniques : float
        Sample uniques that the fitted model expects; nan where the keys have too many cells
        to sum over.
    misfit : float
        (uniques - expected) in standard deviations; far from 0, the model is wrong where it
        matters, and so are tau1 and tau2.
    per_record : ndarray of float64, shape (n,)
        Expected 1 / F of each sample unique, nan elsewhere.
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
    per_record: NDArray[np.float64]


def fit_margins(
    table: ArrayLike, margins: Sequence[tuple[int, ...]], *, rounds: int = 200
) -> NDArray[np.float64]:
    """Fit a hierarchical log-linear model to a table by iterative proportional fitting.

    Each round scales the fit to the observed sum of every margin in turn; the limit is the
    maximum-likelihood fit of the model with these interactions (Deming and Stephan 1940;
    Bishop, Fienberg and Holland 1975). Main effects alone are reached in one round.

    Parameters
    ----------
    table : array_like, shape (l_1, ..., l_d)
        Counts.
    margins : sequence of tuple of int
        Axes of each margin that the fit must reproduce.
    rounds : int
        At most; it stops when no margin moves by more than 1e-8 of the total.

    Returns
    -------
    ndarray of float64, shape (l_1, ..., l_d)

    Examples
    --------
    >>> fit_margins([[3, 1], [1, 3]], [(0,), (1,)]).tolist()
    [[2.0, 2.0], [2.0, 2.0]]
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
            break
    return fit


def loglinear_risk(
    codes: ArrayLike, sampling_fraction: float, *, interactions: bool = False
) -> LoglinearRisk:
    """Measure tau1 and tau2 under a Poisson log-linear model (Skinner and Holmes 1998).

    A cell of the keys holds Poisson(lambda) people, of whom a share pi is drawn at random, so
    that F - 1 given f = 1 is Poisson(lambda (1 - pi)). With mu = lambda (1 - pi),
    tau1 = sum over sample uniques of exp(-mu) and tau2 = sum of (1 - exp(-mu)) / mu
    (Skinner and Shlomo 2008, eq. 3). lambda pi is fitted to the sample by main effects, or with
    all two-way interactions. The interval is that of the numbers themselves, given the fit.

    Parameters
    ----------
    codes : array_like of int, shape (n, d)
        Levels of the keys; missing (-1) is a level.
    sampling_fraction : float
        pi, in (0, 1].
    interactions : bool
        Fit all two-way margins too.

    Returns
    -------
    LoglinearRisk

    Raises
    ------
    ParameterError
        With interactions, the keys have more than 300,000 cells.

    Examples
    --------
    >>> risk = loglinear_risk([[0, 0], [0, 1], [1, 0], [1, 0]], 1.0)
    >>> risk.tau1, risk.uniques
    (2.0, 2)
    """
    pi = in_range("loglinear_risk", "sampling_fraction", sampling_fraction, 0, 1, open_low=True)
    levels = np.asarray(codes, dtype=np.int64) + 1
    groups = classes(levels - 1)
    n, d = levels.shape
    shape = tuple(int(m) for m in levels.max(axis=0) + 1)
    cells = math.prod(shape)
    if interactions and cells > _CELLS:
        came = f"{cells:.3g} cells"
        raise ParameterError(say("loglinear_risk", f"at most {_CELLS:,} cells of keys", came))
    alone = groups.first[groups.size == 1]
    at = tuple(levels[alone].T)
    if interactions and d > 1:
        observed = np.zeros(shape)
        np.add.at(observed, tuple(levels.T), 1.0)
        fitted = fit_margins(observed, list(combinations(range(d), 2)))
        mean = fitted[at]
        expected = _expected_uniques(fitted.ravel())
    else:
        margins = [
            np.bincount(column, minlength=m) / n for column, m in zip(levels.T, shape, strict=True)
        ]
        mean = n * np.prod(
            [margin[place] for margin, place in zip(margins, at, strict=True)], axis=0
        )
        expected = _main_effects_uniques(n, margins, cells)
    mu = mean / pi * (1 - pi)
    unique = np.exp(-mu)
    right = np.where(mu > 0, -np.expm1(-mu) / np.where(mu > 0, mu, 1.0), 1.0)
    tau1, low1, high1 = _sum_of_shares(unique)
    tau2, low2, high2 = _sum_of_shares(right)
    per_record = np.full(n, np.nan)
    per_record[alone] = right
    mean_uniques, variance = expected
    misfit = (len(alone) - mean_uniques) / math.sqrt(variance) if variance > 0 else math.nan
    return LoglinearRisk(
        tau1=tau1,
        tau1_low=low1,
        tau1_high=high1,
        tau2=tau2,
        tau2_low=low2,
        tau2_high=high2,
        uniques=len(alone),
        expected_uniques=mean_uniques,
        misfit=misfit,
        per_record=per_record,
    )


def _sum_of_shares(share: NDArray[np.float64]) -> tuple[float, float, float]:
    """Sum of independent numbers in [0, 1] with these means, and its 95 % interval."""
    total = float(share.sum())
    # m (1 - m) is the variance of a coin toss, and the most that such a number can have.
    half = 1.959963984540054 * math.sqrt(float((share * (1 - share)).sum()))
    return total, max(total - half, 0.0), min(total + half, float(len(share)))


def _expected_uniques(mean: NDArray[np.float64]) -> tuple[float, float]:
    one = mean * np.exp(-mean)
    return float(one.sum()), float((one * (1 - one)).sum())


def _main_effects_uniques(
    n: int, margins: list[NDArray[np.float64]], cells: int
) -> tuple[float, float]:
    if cells > 50 * _CELLS:
        return math.nan, math.nan
    mean = np.array([float(n)])
    for margin in margins:
        mean = np.multiply.outer(mean, margin[margin > 0]).ravel()
    return _expected_uniques(mean)
