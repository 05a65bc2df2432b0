"""Re-identification risk from class sizes: k-anonymity, prosecutor risk, delta-presence.

0 is safe, 1 is re-identified. Every mean is taken over records (people), never over equivalence
classes. `size` is the number of records that carry a record's key (f), `people` the number of
people of the population who do (F), both with one value a record.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.arrays import Bools, Floats
from privaudit._core.checks import in_range, say
from privaudit.errors import ParameterError

__all__ = [
    "delta_presence",
    "household_risk",
    "k_anonymity",
    "prosecutor_risk",
    "sample_uniques",
    "share_above",
    "share_under",
]


def _sizes(who: str, size: ArrayLike) -> Floats:
    """Check class sizes; return them as an array."""
    values = np.asarray(size, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.all(values > 0):
        came = f"shape {values.shape}" if values.ndim != 1 or not len(values) else "a value of 0"
        raise ParameterError(say(who, "one class size above 0 a record", came))
    return values


def _share(those: Bools, count: ArrayLike | None) -> float:
    """Return the share of records for which a condition holds."""
    if count is None:
        return float(those.mean())
    records = np.asarray(count)
    return float(records[those].sum() / records.sum())


def k_anonymity(size: ArrayLike) -> int:
    """Return k of k-anonymity: the size of the smallest class.

    Parameters
    ----------
    size : array_like, shape (n,)
        Records that carry each record's key, or people of the population (then k-map, Sweeney
        2001).

    Returns
    -------
    int
        1 (somebody stands alone) to n; higher is safer.

    References
    ----------
    Samarati and Sweeney (1998).

    Examples
    --------
    >>> k_anonymity([2, 2, 3, 3, 3])
    2
    """
    return int(_sizes("k_anonymity", size).min())


def sample_uniques(size: ArrayLike, count: ArrayLike | None = None) -> int:
    """Return the number of sample uniques: records alone in their class, 0 (safe) to n.

    Parameters
    ----------
    size : array_like, shape (n,)
    count : int, shape (n,), optional
        Records that each value stands for. Default: one.

    Returns
    -------
    int

    Examples
    --------
    >>> sample_uniques([1, 2, 2])
    1
    """
    alone = _sizes("sample_uniques", size) == 1
    return int(alone.sum() if count is None else np.asarray(count)[alone].sum())


def share_under(size: ArrayLike, threshold: int, count: ArrayLike | None = None) -> float:
    """Return the share of records in classes smaller than a threshold, 0 (safe) to 1.

    Parameters
    ----------
    size : array_like, shape (n,)
    threshold : int
        1 or more.
    count : int, shape (n,), optional
        Records that each value stands for. Default: one.

    Returns
    -------
    float

    Examples
    --------
    >>> share_under([1, 2, 2, 5, 5, 5, 5, 5], 5)
    0.375
    """
    return _share(_sizes("share_under", size) < threshold, count)


def prosecutor_risk(size: ArrayLike) -> Floats:
    """Return the prosecutor risk of each record, 1 / f: a random guess in its class.

    For somebody known to be in the file (El Emam 2013). Its mean over records is classes / records;
    averaging it over classes instead overstates it for large classes' sake.

    Parameters
    ----------
    size : array_like, shape (n,)

    Returns
    -------
    float64, shape (n,)
        In (0, 1]; 0 is safe. With population counts F in place of f: journalist risk.

    References
    ----------
    El Emam (2013).

    Examples
    --------
    >>> prosecutor_risk([1, 4, 4, 4, 4]).tolist()
    [1.0, 0.25, 0.25, 0.25, 0.25]
    """
    return 1.0 / _sizes("prosecutor_risk", size)


def share_above(risk: ArrayLike, threshold: float, count: ArrayLike | None = None) -> float:
    """Return the share of records whose risk is above a threshold, 0 (safe) to 1.

    Parameters
    ----------
    risk : array_like, shape (n,)
    threshold : float
        In [0, 1].
    count : int, shape (n,), optional
        Records that each value stands for. Default: one.

    Returns
    -------
    float

    Examples
    --------
    >>> share_above([1.0, 0.5, 0.2, 0.2], 0.2)
    0.5
    """
    limit = in_range("share_above", "threshold", threshold, 0, 1)
    return _share(np.asarray(risk, dtype=np.float64) > limit, count)


def delta_presence(released: ArrayLike, people: ArrayLike) -> tuple[float, float]:
    """Return delta-presence: the lowest and highest chance that a person is in the file.

    Nergiz, Atzori and Clifton 2007: f / F over the classes of the population.

    Parameters
    ----------
    released : array_like, shape (m,)
        Records of each class of the *population*, 0 where the file holds none.
    people : array_like, shape (m,)
        People of each class, above 0.

    Returns
    -------
    low, high : float
        In [0, 1]. The nearer to 0 and to each other, the less the file says of who is in it.

    References
    ----------
    Nergiz, Atzori and Clifton (2007).

    Examples
    --------
    >>> delta_presence([0, 2, 3], [4, 4, 3])
    (0.0, 1.0)
    """
    share = np.asarray(released, dtype=np.float64) / _sizes("delta_presence", people)
    return float(share.min()), float(share.max())


def household_risk(risk: ArrayLike, household: ArrayLike) -> Floats:
    """Return the household risk: the chance that any member is re-identified, 1 - prod(1 - r).

    Members are taken to be found independently of each other.

    Parameters
    ----------
    risk : array_like, shape (n,)
        Risk of each record, in [0, 1].
    household : int, shape (n,)
        Household of each record, -1 where unknown (then the record stands alone).

    Returns
    -------
    float64, shape (n,)
        In [0, 1]; never below `risk`.

    Examples
    --------
    >>> household_risk([0.5, 0.5, 0.1], [0, 0, -1]).round(3).tolist()
    [0.75, 0.75, 0.1]
    """
    risks = np.asarray(risk, dtype=np.float64)
    home = np.asarray(household, dtype=np.int64).copy()
    alone = home < 0
    home[alone] = home.max(initial=-1) + 1 + np.arange(alone.sum())
    _, label = np.unique(home, return_inverse=True)
    with np.errstate(divide="ignore"):
        escape = np.bincount(label, weights=np.log1p(-risks))
    # expm1 keeps small risks exact; log1p(-1) = -inf gives a certain household.
    return np.maximum(-np.expm1(escape[label]), risks)
