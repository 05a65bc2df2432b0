"""Two answers about the same people: their mean difference and its interval."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.interval import ROUNDING, effective_n

__all__ = ["paired_difference"]


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    clusters: ArrayLike | None = None,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """Return the mean of ``second - first`` over people, and its interval.

    Both answers are about the same people, so that what they have in common cancels: the
    interval is that of the difference, not of two shares that are compared from afar. It is
    Agresti and Min's (2005) for matched pairs, Wald's after half a person is added to each of
    the four cells of the table of pairs: to n two people, to those who differ one. Unlike the
    bootstrap's it has a width where nobody differs. Fractional values take their squares in
    place of the count of those who differ.

    Parameters
    ----------
    first, second : array_like of float in [0, 1], shape (n,)
        One row a person, in one order.
    clusters : array_like, shape (n,), optional
        What people share, such as a home: n is then their effective number.
    level : float
        Coverage, in (0, 1).

    Returns
    -------
    value, low, high : float
        In [-1, 1]; 0 where both find the same share. All nan, nan, nan for nobody, or where a
        value is missing.

    Raises
    ------
    ParameterError
        The two have different lengths, or a value is outside of [0, 1].

    Examples
    --------
    Approval of a politician in two surveys of 1,600 people (Agresti 2002, table 10.1): 794
    twice yes, 150 yes then no, 86 no then yes.

    >>> then = np.repeat([1, 1, 0, 0], [794, 150, 86, 570])
    >>> now = np.repeat([1, 0, 1, 0], [794, 150, 86, 570])
    >>> [round(part, 3) for part in paired_difference(then, now)]
    [-0.04, -0.059, -0.021]
    """
    a, b = (np.asarray(values, dtype=float) for values in (first, second))
    if a.ndim != 1 or a.shape != b.shape:
        came = f"shapes {a.shape} and {b.shape}"
        raise ParameterError(say("paired_difference", "two values a person", came))
    both = np.concatenate([a, b])
    if len(a) == 0 or not np.isfinite(both).all():
        return math.nan, math.nan, math.nan
    if ((both < -ROUNDING) | (both > 1 + ROUNDING)).any():
        raise ParameterError(say("paired_difference", "values in [0, 1]", "a number outside"))
    apart = b - a
    n = float(len(apart)) if clusters is None else effective_n(apart, clusters)
    value = float(apart.mean())
    centre = value * n / (n + 2)
    square = (float((apart**2).mean()) * n + 1) / (n + 2)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    half = z * math.sqrt((square - centre**2) / (n + 2))
    return value, max(-1.0, min(value, centre - half)), min(1.0, max(value, centre + half))
