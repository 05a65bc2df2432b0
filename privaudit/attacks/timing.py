"""A like on Tuesday, a new dot on Wednesday: which account lives there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from privaudit._core.checks import columns_present, in_range
from privaudit.attacks.guesses import Posterior
from privaudit.measures.tables.compressed_rows import pick_best

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LikelyAccounts", "likely_accounts"]


@dataclass(frozen=True, eq=False, kw_only=True)
class LikelyAccounts:
    """Which account each dot may stand for, by the time at which it appeared.

    Parameters
    ----------
    posterior : Posterior
        Candidates are accounts. A row sums to the coverage, or is empty.
    account : ndarray of int64
        Guessed account of each dot, ties drawn at random; -1 where nobody liked in time.
    confidence : ndarray of float
        Probability given to it, 0 to 1.
    """

    posterior: Posterior
    account: np.ndarray
    confidence: np.ndarray


def likely_accounts(
    appeared: pd.DataFrame,
    likes: pd.DataFrame,
    *,
    delay: float = 0.0,
    coverage: float = 1.0,
    rng: np.random.Generator,
) -> LikelyAccounts:
    """Put the public times of likes beside the times at which dots appeared.

    A first like makes a dot, so that a dot which appeared after one moment and by another
    stands for one of the accounts whose first like fell in between: each as likely.

    Parameters
    ----------
    appeared : pandas.DataFrame
        Columns appeared_after (NaT: from the start on) and appeared_by, one row a dot; such as
        `attacks.differencing.difference` returns.
    likes : pandas.DataFrame
        Columns account (whole numbers) and time, of the page; anybody may read them there.
    delay : float
        Longest time between a like and its dot, in hours.
    coverage : float
        Probability that the dot's account is among the likes, in (0, 1].
    rng : numpy.random.Generator
        Breaks ties, uniformly.

    Returns
    -------
    LikelyAccounts
        In the order of the dots.

    Raises
    ------
    SchemaError
        A column is missing.
    ParameterError
        The coverage or the delay is out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> likes = pd.DataFrame({"account": [4, 9, 4], "time": pd.to_datetime(
    ...     ["2016-08-30 20:10", "2016-08-31 09:00", "2016-08-31 10:00"])})
    >>> dot = pd.DataFrame({"appeared_after": pd.to_datetime(["2016-08-30", "2016-08-31"]),
    ...                     "appeared_by": pd.to_datetime(["2016-08-31", "2016-09-01"])})
    >>> likely_accounts(dot, likes, rng=np.random.default_rng(7)).account.tolist()
    [4, 9]
    """
    who = "likely_accounts"
    columns_present(
        who, "column", ["appeared_after", "appeared_by"], appeared.columns, "the differences"
    )
    columns_present(who, "column", ["account", "time"], likes.columns, "the likes")
    in_range(who, "coverage", coverage, 0, 1, open_low=True)
    longest = np.timedelta64(round(in_range(who, "delay", delay, 0) * 3600), "s")
    first = likes.groupby("account")["time"].min().reset_index()
    # In the order of the accounts, so that ties do not follow the order of the file.
    first = first.sort_values(["time", "account"], kind="stable")
    time = first["time"].to_numpy(dtype="datetime64[s]")
    account = first["account"].to_numpy(dtype=np.int64)
    after = appeared["appeared_after"].to_numpy(dtype="datetime64[s]")
    start = np.searchsorted(time, after - longest, side="right")
    start[np.isnat(after)] = 0
    stop = np.searchsorted(time, appeared["appeared_by"].to_numpy("datetime64[s]"), side="right")
    size = np.maximum(stop - start, 0)
    indptr = np.concatenate([[0], np.cumsum(size)])
    inside = np.arange(indptr[-1]) - np.repeat(indptr[:-1], size)
    candidate = account[np.repeat(start, size) + inside]
    probability = np.repeat(coverage / np.maximum(size, 1), size)
    best = pick_best(indptr, probability, rng.random(len(size)))
    found = best >= 0
    guessed = np.full(len(size), -1, dtype=np.int64)
    sure = np.zeros(len(size))
    guessed[found] = candidate[best[found]]
    sure[found] = probability[best[found]]
    return LikelyAccounts(
        posterior=Posterior(indptr, candidate, probability), account=guessed, confidence=sure
    )
