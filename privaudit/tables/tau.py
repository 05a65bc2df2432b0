"""tau1 and tau2 of a file: whether the log-linear model of independent keys bears them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from privaudit._core.policy import LOGLINEAR_MISFIT, RECORDS_PER_PARAMETER, WIDEST_RANGE
from privaudit.measures.tables.estimate import Estimate
from privaudit.measures.tables.loglinear import LoglinearRisk, loglinear_risk
from privaudit.words.note import Note

__all__ = ["tau_estimates"]


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
        People for whom a record stands, 1 or more.
    household : ndarray of int64, shape (n,), optional
        Who was drawn together.

    Returns
    -------
    dict of Estimate
        Of ``tau1`` and ``tau2``, in people. Where the model does not bear them, from 0 to the
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
    """Say why a fit cannot be relied upon, if so."""
    if records < RECORDS_PER_PARAMETER * fit.parameters:
        return Note("too_many_parameters", parameters=fit.parameters, records=records)
    if not math.isfinite(fit.misfit):
        return Note("a_parameter_for_every_cell")
    if abs(fit.misfit) > LOGLINEAR_MISFIT:
        return Note("keys_not_independent", deviations=round(abs(fit.misfit), 1))
    return None
