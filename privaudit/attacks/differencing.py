"""Two copies of one map, subtracted: who appeared, and who was visited, between which moments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from privaudit._core.checks import columns_present, say
from privaudit.attacks.known_attack import KnownAttack
from privaudit.attacks.link_versions import Linked
from privaudit.errors import ParameterError
from privaudit.release.release import Release

__all__ = ["COMPARES_COPIES", "DIFFERENCE_COLUMNS", "difference"]

COMPARES_COPIES = KnownAttack(word="compares_copies", needs=("copies",))
DIFFERENCE_COLUMNS = (
    "appeared_after", "appeared_by", "visited_after", "visited_by", "red_again", "stayed_grey",
)  # fmt: skip


def difference(
    versions: Sequence[Release],
    at: Sequence[np.datetime64 | str],
    linked: Linked,
    *,
    visited: str = "visited",
) -> pd.DataFrame:
    """Say of each dot of the last version when it appeared, and when it turned grey.

    - `versions`: As leaked, oldest first, with a column ``status``.
    - returns: One row a record of the last version, `DIFFERENCE_COLUMNS`. The dot appeared, or
      turned grey, after the one moment and by the other; *after* is NaT where the first version
      shows it so already, both are NaT for a dot that was never seen grey. red_again: it was grey
      and then red, so that somebody means to come back: nobody had opened, perhaps. stayed_grey:
      visited, and not to be visited again: a refusal is among these.
    """
    who = "difference"
    moments = np.array(list(at), dtype="datetime64[s]")
    if len(moments) != len(versions) or (np.diff(moments) <= np.timedelta64(0, "s")).any():
        came = f"{len(moments)} for {len(versions)} versions, or out of order"
        raise ParameterError(say(who, "one moment a version, in order", came))
    there = linked.rows >= 0
    grey = np.zeros(there.shape, dtype=bool)
    for row, version in enumerate(versions):
        columns_present(who, "column", ["status"], version.records.columns, version.name)
        is_grey = version.records["status"].to_numpy(dtype=str) == visited
        grey[row, there[row]] = is_grey[linked.rows[row, there[row]]]
    first = there.argmax(axis=0)
    ever_grey = grey.any(axis=0)
    first_grey = grey.argmax(axis=0)
    before = np.concatenate([[np.datetime64("NaT", "s")], moments[:-1]])
    # Red when last seen before it was seen grey; a dot that is new and grey was visited after
    # the last version that did not show it.
    last_red = _last_before(there & ~grey, first_grey)
    seen_red = last_red >= 0
    visited_after = np.where(seen_red, moments[np.maximum(last_red, 0)], before[first])
    nat = np.datetime64("NaT", "s")
    steps = np.arange(len(moments))[:, None]
    red_again = ever_grey & (there & ~grey & (steps > first_grey)).any(axis=0)
    return pd.DataFrame(
        {
            "appeared_after": before[first],
            "appeared_by": moments[first],
            "visited_after": np.where(ever_grey, visited_after, nat),
            "visited_by": np.where(ever_grey, moments[first_grey], nat),
            "red_again": red_again,
            "stayed_grey": ever_grey & ~red_again,
        }
    )


def _last_before(marked: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Return the last step before `limit` at which each column is marked, -1 where none is."""
    steps = np.arange(len(marked))[:, None]
    return np.asarray(np.where(marked & (steps < limit), steps, -1).max(axis=0))
