"""tau1 and tau2 of a file: which log-linear model they rest on, and whether it bears them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from privaudit.measures.tables.estimate import Estimate
from privaudit.measures.tables.loglinear import LoglinearRisk, loglinear_risk
from privaudit.measures.tables.loglinear_fit import CELLS, ROUNDS, two_way_parameters

__all__ = ["tau_estimates"]

# Standard deviations between the uniques that a model expects and those that are there, and
# records a parameter: beyond, intervals missed the truth on simulated populations.
_MISFIT = 2.0
_RECORDS_A_PARAMETER = 5


def tau_estimates(codes: NDArray[np.int64], rate: float) -> dict[str, Estimate]:
    """Estimate tau1 and tau2 by main effects, or by two-way interactions where these do not fit.

    Parameters
    ----------
    codes : ndarray of int64, shape (n, d)
        Keys of each record.
    rate : float
        Share of the population in the file, in (0, 1].

    Returns
    -------
    dict of Estimate
        Of ``tau1`` and ``tau2``, in people. Where no model bears them, from 0 to the sample
        uniques, with the reason of each model.
    """
    best = loglinear_risk(codes, rate)
    reasons = [_doubt("main effects", best, len(codes))]
    levels = [len(np.unique(column)) for column in codes.T]
    # Of two keys the interactions are the table itself.
    if reasons[0] and len(levels) > 2 and math.prod(levels) <= CELLS:
        free = two_way_parameters(levels)
        if len(codes) >= _RECORDS_A_PARAMETER * free:
            best = loglinear_risk(codes, rate, interactions=True)
            reasons.append(_doubt("two-way interactions", best, len(codes)))
        else:
            reasons.append(_too_many("two-way interactions", free, len(codes)))
    # With everybody in the file, or nobody alone in it, there is nothing to estimate.
    sure = rate == 1 or best.uniques == 0
    reason = "" if sure or not reasons[-1] else " ".join(reasons)
    ends = {
        "tau1": (best.tau1, best.tau1_low, best.tau1_high),
        "tau2": (best.tau2, best.tau2_low, best.tau2_high),
    }
    found = {}
    for name, (value, low, high) in ends.items():
        if reason:
            low, high = 0.0, float(best.uniques)
        found[name] = Estimate(value=value, low=low, high=high, reliable=not reason, reason=reason)
    return found


def _doubt(model: str, fit: LoglinearRisk, records: int) -> str:
    """Say why a fit cannot be relied upon, if so."""
    if records < _RECORDS_A_PARAMETER * fit.parameters:
        return _too_many(model, fit.parameters, records)
    if not fit.converged:
        return f"Not estimable: the fit of {model} had not settled after {ROUNDS} rounds."
    if not math.isfinite(fit.expected_uniques):
        return "Not estimable: the keys have too many cells to check the fit."
    if not math.isfinite(fit.misfit):
        return f"Not estimable: {model} have a parameter for every cell, and cannot be checked."
    if abs(fit.misfit) > _MISFIT:
        return (
            f"Not estimable: with {model} {fit.expected_uniques:,.0f} sample uniques are "
            f"expected, and there are {fit.uniques:,}."
        )
    return ""


def _too_many(model: str, parameters: int, records: int) -> str:
    return (
        f"Not estimable: {model} have {parameters:,} parameters, too many for {records:,} records."
    )
