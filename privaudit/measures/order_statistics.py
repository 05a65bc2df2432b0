"""Percentiles over people with distribution-free intervals from order statistics."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Percentile", "percentile"]


class Percentile(NamedTuple):
    """A percentile and the bounds of its interval."""

    value: float
    low: float
    high: float


def percentile(values: ArrayLike, share: float, level: float = 0.95) -> Percentile:
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
    level : float
        Coverage, in (0, 1).

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
    from scipy.stats import binom

    value = np.sort(np.asarray(values, float))
    value = value[~np.isnan(value)]
    n = len(value)
    if n == 0:
        return Percentile(np.nan, np.nan, np.nan)
    tail = (1 - level) / 2
    # P(X_(r) > percentile) <= tail and P(X_(s) < percentile) <= tail, X_(1) the smallest.
    lower = int(binom.ppf(tail, n, share))
    upper = int(binom.ppf(1 - tail, n, share)) + 1
    at = int(np.ceil(round(share * n, 9)))
    return Percentile(
        float(value[max(at, 1) - 1]),
        float(value[lower - 1]) if lower >= 1 else -np.inf,
        float(value[upper - 1]) if upper <= n else np.inf,
    )
