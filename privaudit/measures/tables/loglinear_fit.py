"""Poisson log-linear models of a table of keys: main effects, or all two-way interactions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "CELLS",
    "ROUNDS",
    "LoglinearFit",
    "fit_main_effects",
    "fit_margins",
    "fit_two_way",
    "two_way_parameters",
]

# Cells of the keys up to which interactions are fitted; main effects are checked up to 50 times.
CELLS = 300_000
# Of proportional fitting. Tables that settle do so in some tens.
ROUNDS = 200


@dataclass(frozen=True, eq=False, kw_only=True)
class LoglinearFit:
    """A model fitted to a sample, as seen from some of its cells.

    Parameters
    ----------
    mean : ndarray of float64, shape (u,)
        Expected records of each cell asked for.
    parameters : int
        Free parameters of the model beside its total.
    converged : bool
        False where the fit is not the model's yet.
    uniques : float
        Cells of one record that the model expects; nan where there are too many cells.
    uniques_variance : float
        Variance of the number of such cells around what the fit expects: a fit follows the
        sample, which takes away some of it.
    explained : callable
        Variance that the doubt about the parameters gives to a sum, from its derivatives by the
        logarithm of each mean, shape (u,): the delta method with the Fisher information.
    """

    mean: NDArray[np.float64]
    parameters: int
    converged: bool
    uniques: float
    uniques_variance: float
    explained: Callable[[NDArray[np.float64]], float]


def fit_margins(
    table: ArrayLike, margins: Sequence[tuple[int, ...]], *, rounds: int = ROUNDS
) -> tuple[NDArray[np.float64], bool]:
    """Fit a hierarchical log-linear model to a table by iterative proportional fitting.

    Each round scales the fit to the observed sum of every margin in turn; the limit is the
    maximum-likelihood fit of the model with these interactions (Deming and Stephan 1940;
    Bishop, Fienberg and Holland 1975). Main effects alone are reached in one round.

    Parameters
    ----------
    table : array_like, shape (l_1, ..., l_d)
        Counts.
    margins : sequence of tuple of int
        Axes of each margin that the fit must reproduce.
    rounds : int
        At most; it stops when no margin moves by more than 1e-8 of the total.

    Returns
    -------
    fit : ndarray of float64, shape (l_1, ..., l_d)
    converged : bool
        False where the margins still moved in the last round: the fit is not the model's.

    Examples
    --------
    >>> fit, converged = fit_margins([[3, 1], [1, 3]], [(0,), (1,)])
    >>> fit.tolist(), converged
    ([[2.0, 2.0], [2.0, 2.0]], True)
    """
    counts = np.asarray(table, dtype=np.float64)
    axes = set(range(counts.ndim))
    targets = []
    for margin in margins:
        others = tuple(sorted(axes - set(margin)))
        targets.append((others, counts.sum(axis=others, keepdims=True)))
    fit = np.full(counts.shape, counts.sum() / counts.size)
    for _ in range(rounds):
        moved = 0.0
        for others, target in targets:
            now = fit.sum(axis=others, keepdims=True)
            moved = max(moved, float(np.abs(now - target).max()))
            fit *= np.divide(target, now, out=np.zeros_like(now), where=now > 0)
        if moved <= 1e-8 * counts.sum():
            return fit, True
    return fit, False


def fit_main_effects(levels: NDArray[np.int64], at: NDArray[np.int64]) -> LoglinearFit:
    """Fit independent keys: a cell's mean is the product of its margins.

    Parameters
    ----------
    levels : ndarray of int64, shape (n, d)
        Level of each record, 0 or more; every level of a key occurs.
    at : ndarray of int64, shape (u,)
        Records whose cells are asked for.

    Returns
    -------
    LoglinearFit

    Examples
    --------
    >>> fit = fit_main_effects(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0]))
    >>> fit.mean.tolist(), fit.parameters, round(fit.uniques, 4)
    ([1.0], 2, 1.4715)
    """
    n = len(levels)
    margins = [np.bincount(column) / n for column in levels.T]
    mean = n * np.prod(
        [margin[column[at]] for margin, column in zip(margins, levels.T, strict=True)], axis=0
    )

    def doubt(sums: list[NDArray[Any]]) -> float:
        """Variance of a sum from its derivatives added up level by level, key by key."""
        total = float(sums[0].sum())
        found = total**2 / n
        for margin, part in zip(margins, sums, strict=True):
            found += float((part**2 / (n * margin)).sum()) - total**2 / n
        return found

    def explained(derivative: NDArray[np.float64]) -> float:
        return doubt(
            [
                np.bincount(column[at], weights=derivative, minlength=len(margin))
                for margin, column in zip(margins, levels.T, strict=True)
            ]
        )

    uniques, spread, sums = _uniques_of_margins(n, margins)
    return LoglinearFit(
        mean=mean,
        parameters=sum(len(margin) - 1 for margin in margins),
        converged=True,
        uniques=uniques,
        uniques_variance=spread - doubt(sums) if sums else math.nan,
        explained=explained,
    )


def _uniques_of_margins(
    n: int, margins: list[NDArray[np.float64]]
) -> tuple[float, float, list[NDArray[np.float64]]]:
    """Expected cells of one, their variance, and derivatives of the former, level by level."""
    if math.prod(len(margin) for margin in margins) > 50 * CELLS:
        return math.nan, math.nan, []
    widest = max(range(len(margins)), key=lambda j: len(margins[j]))
    rest = [j for j in range(len(margins)) if j != widest]
    product: NDArray[Any] = np.asarray(float(n))
    for j in rest:
        product = np.multiply.outer(product, margins[j])
    uniques, spread = 0.0, 0.0
    sums = [np.zeros(len(margin)) for margin in margins]
    # A level of the widest key at a time: the cells are never all there at once.
    for level, share in enumerate(margins[widest]):
        mean = share * product
        one = mean * np.exp(-mean)
        uniques += float(one.sum())
        spread += float((one * (1 - one)).sum())
        slope = one * (1 - mean)
        sums[widest][level] = slope.sum()
        for axis, j in enumerate(rest):
            others = tuple(a for a in range(len(rest)) if a != axis)
            sums[j] += slope.sum(axis=others)
    return uniques, spread, sums


def two_way_parameters(levels: Sequence[int]) -> int:
    """Free parameters of all main effects and two-way interactions, beside the total.

    Parameters
    ----------
    levels : sequence of int
        Levels of each key.

    Examples
    --------
    >>> two_way_parameters([2, 3, 4])
    17
    """
    free = [count - 1 for count in levels]
    return sum(free) + sum(a * b for a, b in combinations(free, 2))


def fit_two_way(levels: NDArray[np.int64], at: NDArray[np.int64]) -> LoglinearFit:
    """Fit all two-way interactions of two keys or more.

    Parameters
    ----------
    levels, at
        As for `fit_main_effects`.

    Returns
    -------
    LoglinearFit

    Examples
    --------
    >>> fit = fit_two_way(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0]))
    >>> fit.mean.round(6).tolist(), fit.parameters
    ([1.0], 3)
    """
    from scipy import sparse
    from scipy.sparse.linalg import lsmr

    shape = tuple(int(column.max()) + 1 for column in levels.T)
    pairs = list(combinations(range(len(shape)), 2))
    observed = np.zeros(shape)
    np.add.at(observed, tuple(levels.T), 1.0)
    fit, converged = fit_margins(observed, pairs)
    # A cell whose margin nobody fills is empty for sure: it is no part of the model.
    alive = np.flatnonzero(fit.ravel() > 1e-9)
    mean = fit.ravel()[alive]
    place = np.unravel_index(alive, shape)
    offset = np.cumsum([0, *(shape[i] * shape[j] for i, j in pairs)])
    columns = np.concatenate(
        [place[i] * shape[j] + place[j] + offset[p] for p, (i, j) in enumerate(pairs)]
    )
    root = np.sqrt(mean)
    design = sparse.csr_array(
        (np.tile(root, len(pairs)), (np.tile(np.arange(len(alive)), len(pairs)), columns)),
        shape=(len(alive), int(offset[-1])),
    )

    def doubt(derivative: NDArray[np.float64]) -> float:
        """c' I^-1 c, with c = X' v: the length of what the model can follow of v / sqrt(mean)."""
        target = derivative / root
        followed = design @ lsmr(design, target, atol=1e-10, btol=1e-10, maxiter=1000)[0]
        return float((followed**2).sum())

    asked = np.searchsorted(alive, np.ravel_multi_index(tuple(levels[at].T), shape))

    def explained(derivative: NDArray[np.float64]) -> float:
        whole = np.zeros(len(alive))
        whole[asked] = derivative
        return doubt(whole)

    one = mean * np.exp(-mean)
    spread = float((one * (1 - one)).sum()) - doubt(one * (1 - mean))
    return LoglinearFit(
        mean=mean[asked],
        parameters=two_way_parameters(shape),
        converged=converged,
        uniques=float(one.sum()),
        uniques_variance=spread,
        explained=explained,
    )
