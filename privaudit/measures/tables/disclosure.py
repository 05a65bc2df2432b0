"""What a class gives away of a sensitive attribute: l-diversity and its kin.

A `SensitiveCounts` holds, for each class, how many of its records have each sensitive value, as
ragged rows: no array of classes x values is ever made. Frequencies are over the records of the
class whose value is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit._core.checks import say, whole
from privaudit.errors import ParameterError
from privaudit.measures.tables.equivalence import classes

__all__ = [
    "SensitiveCounts",
    "alpha",
    "bayes_vulnerability",
    "distinct_l",
    "entropy_l",
    "from_matrix",
    "recursive_c",
    "sensitive_counts",
]


@dataclass(frozen=True, eq=False, kw_only=True)
class SensitiveCounts:
    """Records by class and sensitive value, only where there is at least one.

    Parameters
    ----------
    start : ndarray of int64, shape (m,)
        Where the row of each class begins in `value` and `count`. No row is empty.
    value : ndarray of int64, shape (r,)
        Codes of the values, 0 to `levels` - 1, ascending within a row.
    count : ndarray of float64, shape (r,)
        Records, above 0.
    overall : ndarray of float64, shape (levels,)
        Share of each value in the table; sums to 1.
    """

    start: NDArray[np.int64]
    value: NDArray[np.int64]
    count: NDArray[np.float64]
    overall: NDArray[np.float64]

    @property
    def row(self) -> NDArray[np.int64]:
        """Class of each entry, shape (r,)."""
        return np.repeat(np.arange(len(self.start)), np.diff(self.start, append=len(self.value)))

    @property
    def total(self) -> NDArray[np.float64]:
        """Records of each class, shape (m,)."""
        return np.add.reduceat(self.count, self.start)

    @property
    def share(self) -> NDArray[np.float64]:
        """Share q of each entry's value in its class, shape (r,)."""
        return self.count / self.total[self.row]


def sensitive_counts(
    label: ArrayLike, value: ArrayLike, count: ArrayLike | None = None
) -> SensitiveCounts:
    """Count records by class and sensitive value.

    Records whose value is missing (-1) are left out, and so are classes without any known value:
    a blank teaches nobody anything, and must not pass for diversity.

    Parameters
    ----------
    label : array_like of int, shape (n,)
        Class of each record, 0 or more.
    value : array_like of int, shape (n,)
        Code of its sensitive value, -1 where missing.
    count : array_like of int, shape (n,), optional
        Records that each row stands for. Default: one.

    Returns
    -------
    SensitiveCounts

    Raises
    ------
    ParameterError
        No record has a known value.

    Examples
    --------
    >>> counts = sensitive_counts([0, 0, 1, 1], [0, 1, 1, 1])
    >>> counts.share.tolist()
    [0.5, 0.5, 1.0]
    """
    group = np.asarray(label, dtype=np.int64)
    code = np.asarray(value, dtype=np.int64)
    known = code >= 0
    if not known.any():
        came = f"{len(code)} records, all missing"
        raise ParameterError(say("sensitive_counts", "a known sensitive value", came))
    amount = None if count is None else np.asarray(count, dtype=np.float64)[known]
    if not known.all():
        group, code = group[known], code[known]
    # Classes are numbered in the order of the packed key, which is (class, value) here.
    cells = classes(np.stack([group, code], axis=1))
    rows, values = group[cells.first], code[cells.first]
    per_cell: NDArray[Any] = cells.size
    if amount is not None:
        per_cell = np.bincount(cells.label, weights=amount)
    per_value = np.bincount(code, weights=amount)
    share = per_value / per_value.sum()
    return _ragged(rows, values, per_cell.astype(np.float64), share)


def from_matrix(matrix: Any, overall: ArrayLike) -> SensitiveCounts:
    """Read the counts from a scipy sparse matrix of classes by values."""
    table = matrix.tocsr()
    table.sort_indices()
    table = table.tocoo()
    kept = table.data > 0
    share = np.asarray(overall, dtype=np.float64)
    return _ragged(table.row[kept], table.col[kept], table.data[kept].astype(np.float64), share)


def _ragged(
    row: NDArray[Any], value: NDArray[Any], count: NDArray[np.float64], overall: NDArray[Any]
) -> SensitiveCounts:
    """Mark where the rows begin; the entries are in order of row and value."""
    start = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1])))
    return SensitiveCounts(start=start, value=value.astype(np.int64), count=count, overall=overall)


def alpha(counts: SensitiveCounts) -> float:
    """Highest share of one sensitive value in one class: alpha of (alpha, k)-anonymity.

    Wong, Li, Fu and Wang 2006, over every sensitive value.

    Returns
    -------
    float
        In (0, 1]; 1: whoever is placed in that class is known.

    Examples
    --------
    >>> alpha(sensitive_counts([0, 0, 0, 0], [0, 0, 0, 1]))
    0.75
    """
    return float(counts.share.max())


def distinct_l(counts: SensitiveCounts) -> int:
    """Fewest distinct sensitive values in a class (Machanavajjhala et al. 2007).

    Returns
    -------
    int
        1 (somebody's value is known for sure) and up; higher is safer.

    Examples
    --------
    >>> distinct_l(sensitive_counts([0, 0, 0, 1, 1], [0, 0, 1, 1, 1]))
    1
    """
    return int(np.diff(counts.start, append=len(counts.value)).min())


def entropy_l(counts: SensitiveCounts) -> float:
    """Smallest exponential of a class's entropy: entropy l-diversity, a real number.

    min over classes of exp(-sum q ln q) (Machanavajjhala et al. 2007): the table is entropy
    l-diverse for every l up to this value. Never rounded: 2.23 is not 2.

    Returns
    -------
    float
        1 (known for sure) up to the number of values; higher is safer.

    Examples
    --------
    >>> round(entropy_l(sensitive_counts([0] * 10, [0] * 7 + [1] * 2 + [2])), 4)
    2.2296
    """
    share = counts.share
    entropy = -np.add.reduceat(share * np.log(share), counts.start)
    return float(np.exp(entropy.min()))


def recursive_c(counts: SensitiveCounts, l: int = 2) -> float:  # noqa: E741 - the paper's name
    """Bound above which a table is recursive (c, l)-diverse for every c.

    A class is recursive (c, l)-diverse when r_1 < c (r_l + ... + r_m), with r the counts of its
    values, sorted from the most to the least frequent (Machanavajjhala et al. 2007). The result
    is the largest r_1 / (r_l + ... + r_m) over classes; c must exceed it.

    Parameters
    ----------
    counts : SensitiveCounts
    l : int
        2 or more.

    Returns
    -------
    float
        Lower is safer; infinite where a class has fewer than l values.

    Examples
    --------
    >>> counts = sensitive_counts([0] * 10, [0] * 7 + [1] * 2 + [2])
    >>> recursive_c(counts, 3), round(recursive_c(counts, 2), 4)
    (7.0, 2.3333)
    """
    rank = whole("recursive_c", "l", l, 2)
    order = np.lexsort((-counts.count, counts.row))
    ranked = counts.count[order]
    place = np.arange(len(ranked)) - counts.start[counts.row]
    tail = np.add.reduceat(np.where(place >= rank - 1, ranked, 0.0), counts.start)
    most = ranked[counts.start]
    with np.errstate(divide="ignore"):
        return float((most / tail).max())


def bayes_vulnerability(counts: SensitiveCounts) -> tuple[float, float]:
    """Chance of guessing the sensitive value at once, without and with the key.

    Prior: max_s p(s). Posterior: sum over classes of max_s p(C, s), the Bayes vulnerability of
    the value once the class is seen (Alvim et al. 2020). Additive leakage is their difference,
    multiplicative leakage their ratio.

    Parameters
    ----------
    counts : SensitiveCounts
        Of a partition (missing keys as a level of their own).

    Returns
    -------
    prior, posterior : float
        In (0, 1], and posterior >= prior.

    Examples
    --------
    >>> bayes_vulnerability(sensitive_counts([0, 0, 1, 1], [0, 0, 1, 1]))
    (0.5, 1.0)
    """
    best = np.maximum.reduceat(counts.count, counts.start).sum()
    return float(counts.overall.max()), float(best / counts.count.sum())
