"""Expected dots a home where the areas of several published counts overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from privaudit.measures.maps.count_bounds import count_bounds, spread_counts
from privaudit.measures.maps.count_transfer import Piece, TooManySteps

__all__ = ["CrossedCounts", "crossed_counts"]

# Iterations that estimate the dots a home, where no total is known.
_ROUNDS, _SETTLED = 1_000, 1e-10
_SMALLEST = 1e-9


class CrossedCounts(NamedTuple):
    """Expected counts of each group under overlapping sums; arrays of shape (groups,).

    Bounds `low` and `high`; `expected` number of dots; `has_dot`, the probability that a given home
    of the group has one or more; `exact`, False where these two are an approximation.
    """

    low: np.ndarray
    high: np.ndarray
    expected: np.ndarray
    has_dot: np.ndarray
    exact: np.ndarray


def crossed_counts(
    members: Sequence[np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    homes: np.ndarray,
    *,
    total: int | None = None,
    bounds: tuple[np.ndarray, np.ndarray] | None = None,
) -> CrossedCounts:
    """Return the expected dots of each group under overlapping counts, homes equally likely.

    Dots fall independently of each other, so that counts have the weight ``homes**n / n!`` a group;
    the mean is that over all counts that fit what is published. Groups that no count ties together
    are taken apart, and counted exactly (`measures.maps.count_transfer`). Where that takes more
    than 4,000,000 steps, the expected counts are an even spread (`spread_counts`), and a home is
    missed by ``r`` dots, the least of the counts over it, with probability ``(1 - expected / (r
    homes)) ** r``: right where maps do not cross, else an approximation.

    Where neither the counts nor `total` tell how many dots there are, the number of dots a home is
    taken that makes the counts the most likely.

    Parameters
    ----------
    members : sequence of ndarray of int
        The groups that each published count adds up; each group is in one or more.
    low, high : float, shape (counts,)
        What each count is known to be between; equal where it is shown.
    homes : float, shape (groups,)
        Homes in each group, 0 or more.
    total : int, optional
        The sum over all groups, where it is told.
    bounds : int, shape (groups,) each, optional
        The least and the most of each group, where more is known than these counts tell;
        default `count_bounds`.

    Returns
    -------
    CrossedCounts

    Examples
    --------
    Two rows of one dot each, two columns of one: either straight or crossed, alike.

    >>> rows_and_columns = [np.array(m) for m in ([0, 1], [2, 3], [0, 2], [1, 3])]
    >>> found = crossed_counts(rows_and_columns, np.ones(4), np.ones(4), np.ones(4))
    >>> found.expected.tolist(), found.has_dot.tolist(), bool(found.exact.all())
    ([0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5], True)
    """
    groups = len(homes)
    size = np.maximum(np.asarray(homes, dtype=float), _SMALLEST)
    miss = 1 - 1 / np.maximum(size, 1)
    lows, highs = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if total is not None:
        members = [*members, np.arange(groups)]
        lows, highs = np.append(lows, float(total)), np.append(highs, float(total))
    least, most = bounds or count_bounds(members, lows, highs, groups)
    expected, missed = least.astype(float), miss**least
    exact = np.ones(groups, dtype=bool)
    rate = _first_rate(members, lows, highs, size)
    free: list[tuple[np.ndarray, Piece]] = []
    totals: list[np.ndarray] = []
    lost: list[np.ndarray] = []
    fixed, all_fixed = int(least[least == most].sum()), True
    for rows, piece, sum_of_all in _pieces(members, lows, highs, size, least, most, total):
        try:
            if sum_of_all is None:
                totals.append(piece.totals(rate))
                free.append((rows, piece))
            else:
                fixed += sum_of_all
                expected[rows], missed[rows] = piece.moments(rate, np.ones(1), miss[rows])
        except TooManySteps:
            lost.append(rows)
            all_fixed = all_fixed and sum_of_all is not None
    if total is not None and not all_fixed:
        # How many are left for the others is not known exactly either.
        lost += [rows for rows, _ in free]
        free = []
    if total is not None and free:
        left = total - fixed - sum(int(piece.least.sum()) for _, piece in free)
        for (rows, piece), others in zip(free, _others(totals, left), strict=True):
            expected[rows], missed[rows] = piece.moments(rate, others, miss[rows])
    elif free:
        open_ = np.zeros(groups, dtype=bool)
        open_[np.concatenate([*lost, *(rows for rows, _ in free)])] = True
        observed, over = float(expected[~open_].sum()), float(size[~open_].sum())
        over += sum(float(piece.size.sum()) for _, piece in free)
        rate *= _likeliest(
            totals, [int(piece.least.sum()) for _, piece in free], rate, observed, over
        )
        for (rows, piece), weight in zip(free, totals, strict=True):
            expected[rows], missed[rows] = piece.moments(rate, np.ones(len(weight)), miss[rows])
    if lost:
        rows = np.concatenate(lost)
        exact[rows] = False
        spread = np.clip(spread_counts(members, lows, highs, rate * size), least, most)[rows]
        fewest = np.full(groups, np.inf)
        for some, top in zip(members, highs, strict=True):
            fewest[some] = np.minimum(fewest[some], top)
        expected[rows] = spread
        share = spread / np.maximum(fewest[rows] * np.maximum(size[rows], 1), 1)
        missed[rows] = (1 - share) ** fewest[rows]
    return CrossedCounts(least, most, expected, 1 - missed, exact)


def _first_rate(
    members: Sequence[np.ndarray], low: np.ndarray, high: np.ndarray, size: np.ndarray
) -> float:
    """Return a first estimate of dots a home."""
    homes = sum(float(size[rows].sum()) for rows in members)
    return max(float((low + high).sum()) / 2 / max(homes, _SMALLEST), _SMALLEST)


def _pieces(
    members: Sequence[np.ndarray],
    low: np.ndarray,
    high: np.ndarray,
    size: np.ndarray,
    least: np.ndarray,
    most: np.ndarray,
    total: int | None,
) -> Iterator[tuple[np.ndarray, Piece, int | None]]:
    """Yield the groups that sums link, with their total where the sums fix it."""
    if total is not None:
        members = members[:-1]
    open_ = np.flatnonzero(least < most)
    place = np.full(len(size), -1)
    place[open_] = np.arange(len(open_))
    inside = [rows[place[rows] >= 0] for rows in members]
    fixed = [int(least[rows].sum() - least[some].sum())
             for rows, some in zip(members, inside, strict=True)]  # fmt: skip
    row = np.repeat(np.arange(len(members)), [len(rows) for rows in inside])
    column = place[np.concatenate([*inside, np.empty(0, np.int64)]).astype(np.int64)]
    sums = csr_array((np.ones(len(row)), (row, column)), shape=(len(members), len(open_)))
    tie = connected_components(sums.T @ sums, directed=False)[1]
    of_sum = [tie[place[rows[0]]] if len(rows) else -1 for rows in inside]
    for piece in range(int(tie.max(initial=-1)) + 1):
        at = np.flatnonzero(tie == piece)
        rows, mine = open_[at], [s for s, p in enumerate(of_sum) if p == piece]
        shown = [s for s in mine if low[s] == high[s]]
        sum_of_all = None
        if shown:
            table = sums[shown][:, at].toarray()
            # Counts that add up to one of each group tell the sum over all.
            times = np.linalg.lstsq(table.T, np.ones(len(at)))[0]
            if np.allclose(times @ table, 1.0):
                known = np.array([low[s] - fixed[s] for s in shown])
                sum_of_all = round(float(times @ known))
        ends = int(least[rows].sum()), int(most[rows].sum())
        if total is not None:
            ends = ends[0], min(ends[1], total)
        yield rows, Piece(
            size=size[rows],
            least=least[rows],
            most=most[rows],
            sums=[
                (np.searchsorted(at, place[inside[s]]), int(low[s]) - fixed[s],
                 int(min(high[s], most[members[s]].sum())) - fixed[s])
                for s in mine
            ],
            total=ends if sum_of_all is None else None,
        ), sum_of_all  # fmt: skip


def _others(totals: Sequence[np.ndarray], left: int) -> list[np.ndarray]:
    """Return, for each total of a piece, the weight of all other pieces having the rest."""
    forwards, backwards = [np.ones(1)], [np.ones(1)]
    for some, partial in ((totals, forwards), (totals[::-1], backwards)):
        for weight in some:
            both = np.convolve(partial[-1], weight)[: left + 1]
            partial.append(both / both.max())
    remaining = []
    for k, weight in enumerate(totals):
        others = np.convolve(forwards[k], backwards[len(totals) - 1 - k])
        rest = left - np.arange(len(weight))
        fits = (rest >= 0) & (rest < len(others))
        remaining.append(np.where(fits, others[np.clip(rest, 0, len(others) - 1)], 0.0))
    return remaining


def _likeliest(
    totals: Sequence[np.ndarray], least: Sequence[int], rate: float, observed: float, homes: float
) -> float:
    """Return the factor that maximises the likelihood of the rate (expectation-maximisation)."""
    factor = 1.0
    for _ in range(_ROUNDS):
        dots = observed
        for weight, start in zip(totals, least, strict=True):
            tilted = weight * factor ** np.arange(len(weight))
            dots += start + float(tilted @ np.arange(len(weight))) / float(tilted.sum())
        before, factor = factor, max(dots / homes, _SMALLEST) / rate
        if abs(factor - before) < _SETTLED * before:
            break
    return factor
