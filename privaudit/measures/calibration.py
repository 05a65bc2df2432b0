"""Is an adversary as sure as it should be? Reliability of confidences against outcomes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from privaudit.measures.interval import wilson

__all__ = ["Reliability", "expected_calibration_error", "reliability"]


class Reliability(NamedTuple):
    """One entry a bin of confidence, least sure first.

    `confidence` is the mean confidence of the bin, `observed` the mean outcome with its 95 %
    Wilson interval `low` to `high`, `n` the number of guesses.
    """

    confidence: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray


def reliability(confidence: ArrayLike, outcome: ArrayLike, bins: int = 10) -> Reliability:
    """Return the reliability curve: what came true, against how sure the adversary was.

    Bins hold about the same number of guesses. Equal confidences always share a bin, so that
    the order of the rows cannot matter; there may then be fewer bins than asked for.

    confidence : float (n,). Probability given to each guess, in [0, 1].
    outcome : float (n,). 1 where the guess was right, 0 where it was wrong, a fraction where it is
        shared.
    bins : Number of bins asked for.

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


def expected_calibration_error(confidence: ArrayLike, outcome: ArrayLike, bins: int = 10) -> float:
    """Return the mean gap between confidence and outcome over the bins of `reliability`.

    Weighted by the guesses of each bin (Naeini et al. 2015, with bins of equal count). 0 is
    an adversary exactly as sure as it should be; 1 one that is always sure and always wrong.
    Chance alone lifts it: with n guesses a bin by about ``sqrt(p (1 - p) / n)``.

    Returns: In [0, 1]; nan where there is no guess.

    >>> expected_calibration_error([0.5, 0.5, 0.5, 0.5], [1, 0, 1, 1])
    0.25
    """
    curve = reliability(confidence, outcome, bins)
    if curve.n.sum() == 0:
        return float("nan")
    return float(np.average(np.abs(curve.observed - curve.confidence), weights=curve.n))
