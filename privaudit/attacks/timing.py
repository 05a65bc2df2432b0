"""A like on Tuesday, a new dot on Wednesday: which account lives there?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, in_range
from privaudit.attacks.guesses import Posterior
from privaudit.attacks.known_attack import KnownAttack

__all__ = ["TIMES_LIKES", "LikelyAccounts", "likely_accounts"]

TIMES_LIKES = KnownAttack(word="times_likes", needs=("copies", "likes"), counts="accounts")


@dataclass(frozen=True, eq=False, kw_only=True)
class LikelyAccounts:
    """Which account each dot may stand for, by the time at which it appeared.

    - `posterior`: Candidates are accounts. A row sums to the coverage, or is empty.
    - `account` (int64): Guessed account of each dot, ties drawn at random; -1 where nobody liked in
      time.
    - `confidence` (float): Probability given to it, 0 to 1.
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

    - `appeared`: Columns appeared_after (NaT: from the start on) and appeared_by, one row a dot;
      such as `attacks.differencing.difference` returns.
    - `likes`: Columns account (whole numbers) and time, of the page; anybody may read them there.
    - `delay`: Longest time between a like and its dot, in hours.
    - `coverage`: Probability that the dot's account is among the likes, in (0, 1].
    - returns: In the order of the dots.
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
    posterior = Posterior(indptr, candidate, probability)
    guessed, sure = posterior.best(rng.random(len(size)))
    return LikelyAccounts(posterior=posterior, account=guessed, confidence=sure)
