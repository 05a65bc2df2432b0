"""Expected uniques and matches from a Poisson log-linear model of the keys."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.checks import in_range, say
from privaudit.errors import ParameterError
from privaudit.measures.tables.equivalence import classes
from privaudit.measures.tables.loglinear_fit import (
    CELLS,
    LoglinearFit,
    fit_main_effects,
    fit_two_way,
)

__all__ = ["LoglinearRisk", "loglinear_risk"]

_QUANTILE = 1.959963984540054


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
        matters, and so are tau1 and tau2. nan where it cannot be checked: too many cells, or
        a parameter for each.
    parameters : int
        Free parameters of the model beside its total.
    converged : bool
        False where the fit of the interactions had not settled.
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
    parameters: int
    converged: bool
    per_record: NDArray[np.float64]


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


def _sum_of_shares(
    share: NDArray[np.float64], slope: NDArray[np.float64], fit: LoglinearFit
) -> tuple[float, float, float]:
    """Sum of independent numbers in [0, 1] with these means, and its 95 % interval."""
    total = float(share.sum())
    # m (1 - m) is the variance of a coin toss, and the most that such a number can have.
    variance = float((share * (1 - share)).sum()) + max(fit.explained(slope), 0.0)
    half = _QUANTILE * math.sqrt(variance)
    return total, max(total - half, 0.0), min(total + half, float(len(share)))
