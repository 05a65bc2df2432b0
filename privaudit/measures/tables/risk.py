"""Re-identification risk of a table from its class sizes: 0 is safe, 1 is found.

Every mean is taken over records (people), never over equivalence classes. `size` is the number
of records that carry a record's key (f), `people` the number of people of the population who do
(F), both one value a record.
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
    values = np.asarray(size, dtype=np.float64)
    if values.ndim != 1 or not len(values) or not np.all(values > 0):
        came = f"shape {values.shape}" if values.ndim != 1 or not len(values) else "a value of 0"
        raise ParameterError(say(who, "one class size above 0 a record", came))
    return values


def _share(those: Bools, count: ArrayLike | None) -> float:
    if count is None:
        return float(those.mean())
    records = np.asarray(count)
    return float(records[those].sum() / records.sum())


def k_anonymity(size: ArrayLike) -> int:
    """Size of the smallest class: k of k-anonymity (Samarati and Sweeney 1998).

    size : (n,). Records that carry each record's key, or people of the population (then k-map,
        Sweeney 2001).
    Returns: 1 (somebody stands alone) to n; higher is safer.

    >>> k_anonymity([2, 2, 3, 3, 3])
    2
    """
    return int(_sizes("k_anonymity", size).min())


def sample_uniques(size: ArrayLike, count: ArrayLike | None = None) -> int:
    """Number of records that no other record resembles, 0 (safe) to n.

    size : (n,).
    count : int (n,), optional. Records that each value stands for. Default: one.

    >>> sample_uniques([1, 2, 2])
    1
    """
    alone = _sizes("sample_uniques", size) == 1
    return int(alone.sum() if count is None else np.asarray(count)[alone].sum())


def share_under(size: ArrayLike, threshold: int, count: ArrayLike | None = None) -> float:
    """Share of records whose class is smaller than a threshold, 0 (safe) to 1.

    size : (n,).
    count : int (n,), optional. Records that each value stands for. Default: one.

    >>> share_under([1, 2, 2, 5, 5, 5, 5, 5], 5)
    0.375
    """
    return _share(_sizes("share_under", size) < threshold, count)


def prosecutor_risk(size: ArrayLike) -> Floats:
    """Chance that a guess at random in a record's class is right, 1 / f.

    For somebody known to be in the file (El Emam 2013). Its mean over records is
    classes / records; averaging it over classes instead overstates it for large classes' sake.

    size : (n,).
    Returns: float64 (n,). In (0, 1]; 0 is safe. With population counts F in place of f: journalist
        risk.

    >>> prosecutor_risk([1, 4, 4, 4, 4]).tolist()
    [1.0, 0.25, 0.25, 0.25, 0.25]
    """
    return 1.0 / _sizes("prosecutor_risk", size)


def share_above(risk: ArrayLike, threshold: float, count: ArrayLike | None = None) -> float:
    """Share of records whose risk is above a threshold, 0 (safe) to 1.

    risk : (n,).
    threshold : In [0, 1].
    count : int (n,), optional. Records that each value stands for. Default: one.

    >>> share_above([1.0, 0.5, 0.2, 0.2], 0.2)
    0.5
    """
    limit = in_range("share_above", "threshold", threshold, 0, 1)
    return _share(np.asarray(risk, dtype=np.float64) > limit, count)


def delta_presence(released: ArrayLike, people: ArrayLike) -> tuple[float, float]:
    """Lowest and highest chance that somebody of the population is in the file.

    Nergiz, Atzori and Clifton 2007: f / F over the classes of the population.

    released : (m,). Records of each class of the *population*, 0 where the file holds none.
    people : (m,). People of each class, above 0.
    Returns low, high: In [0, 1]. The nearer to 0 and to each other, the less the file says of who
        is in it.

    >>> delta_presence([0, 2, 3], [4, 4, 3])
    (0.0, 1.0)
    """
    share = np.asarray(released, dtype=np.float64) / _sizes("delta_presence", people)
    return float(share.min()), float(share.max())


def household_risk(risk: ArrayLike, household: ArrayLike) -> Floats:
    """Chance that at least one member of a record's household is found, 1 - prod(1 - r).

    Members are taken to be found independently of each other.

    risk : (n,). Risk of each record, in [0, 1].
    household : int (n,). Household of each record, -1 where unknown (then the record stands alone).
    Returns: float64 (n,). In [0, 1]; never below `risk`.

    >>> household_risk([0.5, 0.5, 0.1], [0, 0, -1]).round(3).tolist()
    [0.75, 0.75, 0.1]
    """
    one = np.asarray(risk, dtype=np.float64)
    home = np.asarray(household, dtype=np.int64).copy()
    alone = home < 0
    home[alone] = home.max(initial=-1) + 1 + np.arange(alone.sum())
    _, label = np.unique(home, return_inverse=True)
    with np.errstate(divide="ignore"):
        escape = np.bincount(label, weights=np.log1p(-one))
    # expm1 keeps small risks exact; log1p(-1) = -inf gives a certain household.
    return np.maximum(-np.expm1(escape[label]), one)
