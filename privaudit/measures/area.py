"""Area under the ROC curve with DeLong's interval, for one class or the mean of several."""

from __future__ import annotations

import numpy as np

from privaudit._core.arrays import Bools, Floats, Strs

__all__ = ["auc", "mean_auc"]


def auc(score: Floats, positive: Bools) -> tuple[float, float, float]:
    """Return the area under the ROC curve with its 95 % interval.

    Probability that a positive scores above a negative, ties half: .5 = blind, 1 = all told apart.
    All nan where there are fewer than two of either.

    Parameters
    ----------
    score : float, shape (n,)
        Larger where a positive is more likely.
    positive : bool, shape (n,)
        Which are positives.

    Returns
    -------
    tuple of float

    References
    ----------
    DeLong et al. (1988).
    """
    return _with_interval([_ranked(score, positive)])


def mean_auc(scores: Floats, values: Strs, names: Strs) -> tuple[float, float, float]:
    """Return the mean area of each value against all others, with its 95 % interval.

    A value that fewer than two bear, or all but one, is left out. One account's part in every area
    is added up before it is squared, so that areas that go together are not counted as if they were
    seen apart.

    Parameters
    ----------
    scores : float, shape (n, k)
        Score of each of the k values, such as its probability.
    values : str array, shape (n,)
        The value that each bears.
    names : str array, shape (k,)
        Which value each column is of.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> scores = np.array([[0.7, 0.3], [0.6, 0.4], [0.2, 0.8], [0.4, 0.6]])
    >>> mean_auc(scores, np.array(["a", "a", "b", "b"]), np.array(["a", "b"]))
    (1.0, 1.0, 1.0)
    """
    each = [_ranked(scores[:, k], values == name) for k, name in enumerate(names)]
    return _with_interval([area for area in each if np.isfinite(area[0])])


def _ranked(score: Floats, positive: Bools) -> tuple[float, Floats]:
    """Return the area under the curve, and the influence of each score on it."""
    from scipy.stats import rankdata

    high, low = score[positive], score[~positive]
    m, n = len(high), len(low)
    if min(m, n) < 2:
        return np.nan, np.zeros(len(score))
    ranks = rankdata(np.concatenate([high, low]))
    above = (ranks[:m] - rankdata(high)) / n  # for each positive, share of negatives below it
    below = 1 - (ranks[m:] - rankdata(low)) / m
    value = float(above.mean())
    adds = np.empty(len(score))
    adds[positive] = (above - value) / np.sqrt(m * (m - 1))
    adds[~positive] = (below - value) / np.sqrt(n * (n - 1))
    return value, adds


def _with_interval(areas: list[tuple[float, Floats]]) -> tuple[float, float, float]:
    """Return the mean of areas with its 95 % interval."""
    if not areas or not np.isfinite(areas[0][0]):
        return np.nan, np.nan, np.nan
    value = float(np.mean([area for area, _ in areas]))
    adds = np.mean([adds for _, adds in areas], axis=0)
    error = 1.959964 * float(np.sqrt((adds**2).sum()))
    return value, max(0.0, value - error), min(1.0, value + error)
