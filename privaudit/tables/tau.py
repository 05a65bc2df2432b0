"""tau1 and tau2 of a file: which log-linear model they rest on, and whether it bears them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from privaudit.measures.tables.estimate import Estimate
from privaudit.measures.tables.loglinear import (
    CELLS,
    ROUNDS,
    LoglinearRisk,
    loglinear_risk,
    two_way_parameters,
)
from privaudit.words.note import Note

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
    reason = _doubt("main_effects", best, len(codes))
    levels = [len(np.unique(column)) for column in codes.T]
    # Of two keys the interactions are the table itself.
    if reason and len(levels) > 2 and math.prod(levels) <= CELLS:
        free = two_way_parameters(levels)
        if len(codes) >= _RECORDS_A_PARAMETER * free:
            best = loglinear_risk(codes, rate, interactions=True)
            second = _doubt("two_way", best, len(codes))
        else:
            second = _too_many("two_way", free, len(codes))
        reason = second and Note("neither_model", first=reason, second=second)
    # With everybody in the file, or nobody alone in it, there is nothing to estimate.
    if rate == 1 or best.uniques == 0:
        reason = None
    ends = {
        "tau1": (best.tau1, best.tau1_low, best.tau1_high),
        "tau2": (best.tau2, best.tau2_low, best.tau2_high),
    }
    found = {}
    for name, (value, low, high) in ends.items():
        if reason:
            low, high = 0.0, float(best.uniques)
        found[name] = Estimate(
            value=value, low=low, high=high, reliable=reason is None, reason=reason
        )
    return found


def _doubt(model: str, fit: LoglinearRisk, records: int) -> Note | None:
    """Say why a fit cannot be relied upon, if so."""
    if records < _RECORDS_A_PARAMETER * fit.parameters:
        return _too_many(model, fit.parameters, records)
    if not fit.converged:
        return Note("fit_not_settled", model=model, rounds=ROUNDS)
    if not math.isfinite(fit.expected_uniques):
        return Note("too_many_cells_to_check")
    if not math.isfinite(fit.misfit):
        return Note("a_parameter_for_every_cell", model=model)
    if abs(fit.misfit) > _MISFIT:
        expected = round(fit.expected_uniques)
        return Note("uniques_not_as_expected", model=model, expected=expected, there=fit.uniques)
    return None


def _too_many(model: str, parameters: int, records: int) -> Note:
    return Note("too_many_parameters", model=model, parameters=parameters, records=records)
