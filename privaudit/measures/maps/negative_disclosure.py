"""Opinion disclosed by a dot (positive predictive value), and by its absence."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say
from privaudit.errors import ParameterError

__all__ = ["opinion_given_dot", "opinion_given_no_dot"]


def opinion_given_dot(
    base_rate: ArrayLike, sensitivity: float, false_positive: float
) -> np.ndarray | float:
    """Return the positive predictive value: chance that a person with a dot has the opinion.

    ``s pi / (s pi + f (1 - pi))``: Bayes' rule.

    Parameters
    ----------
    base_rate : array_like of float
        pi, share of the side among those around, in [0, 1]: known without any map.
    sensitivity : float
        S, probability that somebody of the side has a dot.
    false_positive : float
        f, probability that anybody else has one.

    Returns
    -------
    float or ndarray
        In [0, 1]; the base rate where s = f, and where nobody has a dot (0 / 0).

    Examples
    --------
    >>> round(opinion_given_dot(0.2, 0.5, 0.05), 3)
    0.714
    """
    return _updated(base_rate, sensitivity, false_positive)


def opinion_given_no_dot(
    base_rate: ArrayLike, sensitivity: float, false_positive: float
) -> np.ndarray | float:
    """Return the chance that a person without a dot has the opinion.

    ``(1 - s) pi / ((1 - s) pi + (1 - f)(1 - pi))``: Bayes' rule. What a map says of those who are
    not on it: below the base rate where the map is better than chance, and 0 for a map that misses
    nobody.

    Parameters
    ----------
    base_rate, sensitivity, false_positive : array_like
        As for `opinion_given_dot`.

    Returns
    -------
    float or ndarray
        In [0, 1]; the base rate where s = f, and where everybody has a dot (0 / 0).

    Examples
    --------
    >>> round(opinion_given_no_dot(0.2, 0.5, 0.05), 3)
    0.116
    """
    return _updated(base_rate, 1 - sensitivity, 1 - false_positive)


def _updated(base_rate: ArrayLike, if_side: float, if_other: float) -> np.ndarray | float:
    """Return the posterior by Bayes' rule."""
    base = np.asarray(base_rate, dtype=float)
    for name, value in (("base rates", base), ("rates", np.array([if_side, if_other]))):
        if not ((value >= 0) & (value <= 1)).all():
            raise ParameterError(say("opinion_given_dot", f"{name} in [0, 1]", "another number"))
    both = if_side * base + if_other * (1 - base)
    posterior = np.where(both > 0, if_side * base / np.where(both > 0, both, 1.0), base)
    return float(posterior) if posterior.ndim == 0 else posterior
