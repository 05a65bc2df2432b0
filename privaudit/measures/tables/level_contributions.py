"""Which levels of which keys the special uniques have."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from privaudit.measures.tables.special_uniques import MinimalUniques

__all__ = ["level_contributions"]


def level_contributions(found: MinimalUniques, codes: ArrayLike) -> list[NDArray[np.float64]]:
    """Share of the file's SUDA score that comes from sets holding each level of each key.

    A minimal unique holds the level that its record has, for each of its keys. Over the levels of
    a key the shares add up to the key's own (`key_contributions`). sdcMicro divides a level's
    part by its key's instead, so that each key's levels add up to 1.

    Parameters
    ----------
    found : MinimalUniques
        Of `codes`.
    codes : array_like of int, shape (n, d)
        Level of each key, -1 where missing.

    Returns
    -------
    list of ndarray of float64
        One a key: the share of missing, then of each level, in [0, 1]. 0 is safe; all zero where
        nobody is singled out.

    Examples
    --------
    >>> from privaudit.measures.tables.special_uniques import minimal_uniques
    >>> codes = [[0, 0], [1, 0], [1, 0]]
    >>> [part.tolist() for part in level_contributions(minimal_uniques(codes), codes)]
    [[0.0, 1.0, 0.0], [0.0, 0.0]]
    """
    table = np.asarray(codes, dtype=np.int64)
    score = found.worth
    total = float(score.sum()) or 1.0
    parts = []
    for j in range(found.width):
        has = (found.keys >> j & 1) == 1
        level = table[found.record[has], j] + 1
        parts.append(
            np.bincount(level, weights=score[has], minlength=int(table[:, j].max()) + 2) / total
        )
    return parts
