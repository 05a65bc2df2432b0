"""Probability of a leak when many accounts hold the same map."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.checks import say
from privaudit.errors import ParameterError

__all__ = ["at_least_one", "exposed_by_accounts"]


def at_least_one(probability: ArrayLike, accounts: ArrayLike) -> np.ndarray:
    """Return the chance that at least one of m accounts leaks, ``1 - (1 - q)**m``.

    Accounts leak independently of each other: where one cause makes many leak together, the chance
    is lower and what comes out is the same.

    Parameters
    ----------
    probability : array_like of float
        q, in [0, 1]: that one account leaks.
    accounts : array_like of float
        m, 0 or more.

    Returns
    -------
    ndarray of float
        In [0, 1], 0 = safe.

    Raises
    ------
    ParameterError
        Anything but probabilities in [0, 1].
        Anything but 0 accounts or more.

    Examples
    --------
    >>> at_least_one(0.01, [0, 1, 100]).round(3).tolist()
    [0.0, 0.01, 0.634]
    """
    q, m = np.asarray(probability, float), np.asarray(accounts, float)
    if not ((q >= 0) & (q <= 1)).all():
        raise ParameterError(say("at_least_one", "probabilities in [0, 1]", "a value outside"))
    if not (m >= 0).all():
        raise ParameterError(say("at_least_one", "0 accounts or more", "a value below"))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = -np.expm1(m * np.log1p(-q))
    return np.where(q == 1, np.where(m > 0, 1.0, 0.0), value)


def exposed_by_accounts(probability: float, seen_by: ArrayLike, accounts: ArrayLike) -> np.ndarray:
    """Return the chance that a person is exposed by m accounts drawn at random.

    Each account is one of those that see the person with probability s, and leaks with probability
    q: ``1 - (1 - q s)**m``.

    Parameters
    ----------
    probability : float
        q, in [0, 1].
    seen_by : float, shape (p,)
        s of each person, in [0, 1].
    accounts : float, shape (m,)

    Returns
    -------
    float, shape (m, p)
        In [0, 1], 0 = safe.

    Examples
    --------
    >>> exposed_by_accounts(0.5, [1.0, 0.5], [1, 2]).round(4).tolist()
    [[0.5, 0.25], [0.75, 0.4375]]
    """
    share = np.asarray(seen_by, float)
    return at_least_one(probability * share[None, :], np.asarray(accounts, float)[:, None])
