"""One-to-one linkage of dots between two versions of a map, by position, in small groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.spatial import cKDTree

from privaudit._core.checks import say
from privaudit.errors import ParameterError
from privaudit.measures.maps.neighbours import z_order
from privaudit.measures.maps.one_to_one import competing

__all__ = ["link_certain", "link_positions"]

# Cells of the cost matrix of one group of dots that may be one another: 200 MB.
MOST_CELLS = 25_000_000


def link_positions(
    first: np.ndarray,
    second: np.ndarray,
    farthest: float,
    first_kind: np.ndarray | None = None,
    second_kind: np.ndarray | None = None,
    *,
    price: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> np.ndarray:
    """Return the one-to-one linkage of the dots of two versions with least total cost.

    The cost of a link is the squared distance. A dot may stay alone, at the price of the farthest
    link; two dots of another kind, or farther apart than `farthest`, are never linked. Groups of
    dots that could be one another are solved apart, each exactly.

    Parameters
    ----------
    first, second : float, shape (n, 2) and (m, 2)
        Metres.
    farthest : float
        Metres, above 0.
    first_kind, second_kind : ndarray of int, optional
        What the two versions both show of each dot, as codes: only equal ones are linked.
    price : callable, optional
        What a link costs besides, in [0, 1) of the farthest one, for rows of `first` (a column)
        and of `second` (a line): it decides between dots on one point.

    Returns
    -------
    int64, shape (n,)
        The row in `second` of each dot of `first`, -1 where it has none.

    Raises
    ------
    ParameterError
        A group of more than `MOST_CELLS` pairs.

    Examples
    --------
    Taken one by one, the first dot would take the place of the second.

    >>> first, second = np.array([[0.0, 0.0], [4.0, 0.0]]), np.array([[3.0, 0.0], [7.0, 0.0]])
    >>> link_positions(first, second, 5.0).tolist()
    [0, 1]
    """
    from scipy.optimize import linear_sum_assignment

    link = np.full(len(first), -1, dtype=np.int64)
    # In the order of positions, so that equal costs do not follow the order of the files.
    rows, columns = z_order(first), z_order(second)
    a, b = first[rows], second[columns]
    kinds = None
    if first_kind is not None and second_kind is not None:
        kinds = first_kind[rows], second_kind[columns]
    for here, there in _groups(a, b, farthest, kinds):
        if len(here) * len(there) > MOST_CELLS:
            came = f"a group of {len(here):,} by {len(there):,}"
            do = "Give a mask of smaller reach, or link by the dots' ids."
            needed = f"groups of at most {MOST_CELLS:,} pairs"
            raise ParameterError(say("link_positions", needed, came, do))
        cost = ((a[here][:, None] - b[there][None]) ** 2).sum(axis=2)
        allowed = cost <= farthest**2
        if kinds is not None:
            allowed &= kinds[0][here][:, None] == kinds[1][there][None]
        if price is not None:
            cost = cost + farthest**2 * price(rows[here][:, None], columns[there][None])
        # A link that is not allowed costs as much as staying alone, and is undone after.
        alone = farthest**2 * (1 if price is None else 2)
        chosen, taken = linear_sum_assignment(np.where(allowed, cost, alone))
        good = allowed[chosen, taken]
        link[rows[here[chosen[good]]]] = columns[there[taken[good]]]
    return link


def link_certain(
    later: np.ndarray,
    earlier: np.ndarray,
    farthest: float,
    later_kind: np.ndarray | None = None,
    earlier_kind: np.ndarray | None = None,
) -> np.ndarray:
    """Return the links of dots that have a single possible partner, if no dot is removed.

    A dot of the earlier version that has one possible dot in the later one must be that dot, which
    is then no other's; so on until nothing changes.

    Parameters
    ----------
    later, earlier : float, shape (n, 2) and (m, 2)
        Metres.
    farthest : float
        Metres beyond which two positions cannot be of one dot, above 0.
    later_kind, earlier_kind : ndarray of int, optional
        As in `link_positions`.

    Returns
    -------
    int64, shape (n,)
        The row in `earlier` of each dot of `later`, -1 where that is not certain.

    Examples
    --------
    The dot at 3 may be either of two, but the one at 9 leaves it only one.

    >>> later, earlier = np.array([[0.0, 0.0], [6.0, 0.0]]), np.array([[3.0, 0.0], [9.0, 0.0]])
    >>> link_certain(later, earlier, 4.0).tolist()
    [0, 1]
    """
    kinds = None
    if later_kind is not None and earlier_kind is not None:
        kinds = later_kind, earlier_kind
    link = np.full(len(later), -1, dtype=np.int64)
    if not len(later) or not len(earlier):
        return link
    i, j = _possible(later, earlier, farthest, kinds)
    while len(i):
        only = np.bincount(j, minlength=len(earlier))[j] == 1
        claims = np.bincount(i[only], minlength=len(later))
        # Two dots with the same only partner: a dot was removed, so no link is certain.
        sure = only & (claims[i] == 1)
        link[i[sure]] = j[sure]
        open_ = (claims[i] == 0) & ~only
        if open_.all():
            break
        i, j = i[open_], j[open_]
    return link


def _possible(
    a: np.ndarray, b: np.ndarray, farthest: float, kinds: tuple[np.ndarray, np.ndarray] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of both sides of each possible link."""
    pairs = cKDTree(a).sparse_distance_matrix(cKDTree(b), farthest, output_type="ndarray")
    i, j = pairs["i"].astype(np.int64), pairs["j"].astype(np.int64)
    if kinds is None:
        return i, j
    same = kinds[0][i] == kinds[1][j]
    return i[same], j[same]


def _groups(
    a: np.ndarray, b: np.ndarray, farthest: float, kinds: tuple[np.ndarray, np.ndarray] | None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows of both sides of each connected group of possible links."""
    if not len(a) or not len(b):
        return
    i, j = _possible(a, b, farthest, kinds)
    code = competing(i, j, len(a), len(b))
    order = np.argsort(code, kind="stable")
    ends = np.flatnonzero(np.diff(code[order])) + 1
    for group in np.split(order, ends):
        split = int(np.searchsorted(group, len(a)))
        if 0 < split < len(group):
            yield group[:split], group[split:] - len(a)
