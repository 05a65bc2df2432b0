"""Expected cells: records with missing keys distributed over complete classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from privaudit._core.arrays import Floats
from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.tables.likely import likely_matches
from privaudit.measures.tables.pools import pools
from privaudit.measures.tables.seen_again import chance_to_agree

__all__ = ["likely_parts", "likely_people"]

# Sums by value held at a time.
_SUMS_LIMIT = 30_000_000


def likely_people(
    codes: ArrayLike, count: ArrayLike, of: ArrayLike, people: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return the expected number of people of a population who share the key of each record.

    Whoever lacks keys in the file is one of the people who share the others, all as likely.

    Parameters
    ----------
    codes : int, shape (m, d)
        Keys of the file, -1 where missing; each distinct one once.
    count : int, shape (m,)
        Records with each.
    of : int, shape (r, d)
        Keys of the population, some complete; each distinct one once.
    people : int, shape (r,)
        People with each.

    Returns
    -------
    behind : float64, shape (m,)
        1 over the expected 1 / F; 0 where nobody complete may be meant.
    released : float64, shape (c,)
        Records expected of each complete key of the population.
    there : float64, shape (c,)
        Its people.

    Examples
    --------
    >>> found = likely_people([[0], [-1]], [1, 3], [[0], [1]], [2, 4])
    >>> [part.tolist() for part in found]  # one of six people: 2 / 6 have 0
    [[2.0, 3.0], [2.0, 2.0], [2.0, 4.0]]
    """
    rows, crowd = np.asarray(codes), np.asarray(of)
    records, many = np.asarray(count), np.asarray(people, dtype=np.int64)
    complete = (crowd >= 0).all(axis=1)
    there = likely_matches(crowd, many).expected[complete]
    cells, many = crowd[complete], many[complete]
    behind, released = np.zeros(len(rows)), np.zeros(len(cells))
    for met in pools(cells, rows):
        pool, inverse = met.total(many), met.total(many / there)
        behind[met.mine] = (pool / np.where(inverse > 0, inverse, 1.0))[met.asked]
        released += met.asking(records[met.mine])[met.here] * many / pool[met.here]
    return behind, released, there


def likely_parts(codes: ArrayLike, count: ArrayLike, matrix: Any) -> Any:
    """Return the expected sensitive counts of each complete class, incomplete records distributed.

    A record that lacks keys counts in each complete class with the chance to be of it.

    Parameters
    ----------
    codes, count : array_like
        As for `likely_matches`; some complete.
    matrix : scipy.sparse matrix of shape (m, s)
        Records by sensitive value.

    Returns
    -------
    csr_array, shape (c, s)
        Of each complete key, in the order of `codes`.

    Raises
    ------
    ParameterError
        More sums by value than are held at a time.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> found = likely_parts([[0], [1], [-1]], [30, 60, 9], csr_array([[30, 0], [0, 60], [0, 9]]))
    >>> found.toarray().round(1).tolist()
    [[30.0, 3.0], [0.0, 66.0]]
    """
    from scipy import sparse

    rows, records, table = np.asarray(codes), np.asarray(count, dtype=np.int64), matrix.tocsr()
    complete = (rows >= 0).all(axis=1)
    cells, weight, lacking = rows[complete], records[complete], table[~complete]
    total, made = table[complete].astype(np.float64), 0
    for met in pools(cells, rows[~complete]):
        chance, _ = chance_to_agree(cells, weight, met.keys)
        share = chance / np.maximum(met.total(chance), 1.0)[met.here]
        gather = sparse.csr_array(
            (np.ones(len(met.mine)), (met.asked, np.arange(len(met.mine)))),
            shape=(met.width, len(met.mine)),
        )
        pooled = (gather @ lacking[met.mine]).tocsr()
        made += int(np.diff(pooled.indptr)[met.here].sum())
        if made > _SUMS_LIMIT:
            needed, came = f"at most {_SUMS_LIMIT:.0e} sums by value", f"{made:.1e}"
            raise ParameterError(say("likely_parts", needed, came))
        total = total + sparse.diags_array(share) @ pooled[met.here]
    return total.tocsr()
