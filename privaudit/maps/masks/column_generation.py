"""Optimal mechanism over many cells: linear programming over columns that keep its bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from privaudit.errors import GeometryError

# Radii of the sets from which the first columns fall off, in sides of a cell.
RADII = (1.01, 1.5, 2.01)
# Rounds in which a better column is looked for at each cell; gains under .1 % end them.
ROUNDS, _LEAST_GAIN = 4, 1e-3
# Neighbours of a cell between which the search for a column holds its bound.
NEIGHBOURS = 8
# Of the interior-point method: relative gap, distance of a row's sum from 1, steps.
_GAP, _SUM, _STEPS = 1e-5, 1e-8, 60


def combined_channel(gap: np.ndarray, nats: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Return a channel of small mean move whose every output keeps the bound by itself.

    A column that keeps its bound stays so when it is added to another, or multiplied. The channel
    is a sum of such columns, each shown at the cell that costs it least (the remap of
    Chatzikokolakis et al. 2017); their weights are the solution of a linear programme with one
    constraint a cell, each row summing to 1. The first columns fall off exponentially from each
    cell and from discs around it; others are added where the dual prices of the rows ask for them
    (Dantzig and Wolfe 1960): at each cell the column is searched that is worth most, with its
    bound on neighbours only (a spanner), and then raised until it holds on all pairs.

    - `gap` (float, shape (c, c)): Metres between cells.
    - `nats` (float, shape (c, c)): The bound, at most 30; meets the triangle inequality.
    - `prior` (float, shape (c,)): Sums to 1.
    - returns (float, shape (c, c)): Rows sum to 1 but for rounding.
    """
    falls, moves = np.exp(-nats), prior[:, None] * gap
    columns = _first(gap, falls)
    neighbours = _near(gap)
    least = np.inf
    for turn in range(ROUNDS + 1):
        costs = columns.T @ moves
        shown = costs.argmin(axis=1)
        cost = costs[np.arange(len(shown)), shown]
        weights, prices = _weights(columns, cost)
        value = float(cost @ weights)
        if turn == ROUNDS or least - value < _LEAST_GAIN * value:
            break
        least = value
        worth = prices[:, None] - moves
        columns = np.column_stack([columns, _searched(worth, falls, nats, neighbours)])
    channel = np.zeros_like(gap)
    for z in np.unique(shown):
        some = shown == z
        channel[:, z] = columns[:, some] @ weights[some]
    return np.asarray(channel / channel.sum(axis=1, keepdims=True))


def _near(gap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both cells of each pair of which one is among the nearest to the other."""
    k = min(NEIGHBOURS + 1, len(gap))
    near = np.argpartition(gap, k - 1, axis=1)[:, :k]
    x, y = np.repeat(np.arange(len(gap)), k), near.ravel()
    x, y = x[x != y], y[x != y]
    both = np.unique(np.column_stack([np.r_[x, y], np.r_[y, x]]), axis=0)
    return both[:, 0], both[:, 1]


def _first(gap: np.ndarray, falls: np.ndarray) -> np.ndarray:
    """Return columns that fall off from each cell, from discs around it, and not at all."""
    side = np.where(gap > 0, gap, np.inf).min()
    kinds = [falls, np.ones((len(gap), 1))]
    for radius in RADII:
        near = gap <= radius * side
        kinds.append(np.column_stack([falls[:, members].max(axis=1) for members in near]))
    return np.unique(np.concatenate(kinds, axis=1), axis=1)


def _searched(
    worth: np.ndarray, falls: np.ndarray, nats: np.ndarray, pairs: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Return, of each cell, the column worth most at the prices, where it is worth anything."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    x, y = pairs
    line = np.arange(len(x))
    value = np.concatenate([np.exp(-nats[x, y]), -np.ones(len(x))])
    at = (np.concatenate([line, line]), np.concatenate([x, y]))
    bound = coo_array((value, at), shape=(len(x), len(nats))).tocsr()
    found = []
    for gain in worth.T:
        solved = linprog(-gain, A_ub=bound, b_ub=np.zeros(len(x)), bounds=(0, 1), method="highs")
        if solved.status != 0 or solved.fun >= 0:
            continue
        column = (falls * np.maximum(solved.x, 0)).max(axis=1)
        if gain @ column > 1e-9:
            found.append(column / column.max())
    return np.column_stack(found) if found else np.empty((len(nats), 0))


def _weights(columns: np.ndarray, cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve min cost w under columns w = 1, w >= 0, and return w and the prices of the rows.

    Mehrotra's predictor-corrector method (1992), with dense normal equations.
    """
    one = np.ones(len(columns))
    solve = _solver(columns, np.ones(len(cost)))
    w, y = columns.T @ solve(one), solve(columns @ cost)
    s = cost - columns.T @ y
    w, s = w + max(-1.5 * w.min(), 0), s + max(-1.5 * s.min(), 0)
    w, s = w + 0.5 * (w @ s) / s.sum(), s + 0.5 * (w @ s) / w.sum()
    for _ in range(_STEPS):
        primal, dual = columns @ w - one, columns.T @ y + s - cost
        mean = float(w @ s) / len(w)
        near = abs(cost @ w - y.sum()) <= _GAP * abs(cost @ w)
        if near and np.abs(primal).max() <= _SUM:
            return w, y
        solve = _solver(columns, w / s)
        step = partial(_step, columns, solve, w, s, primal, dual)
        dw, dy, ds = step(w * s)
        ahead = (w + _longest(w, dw) * dw) @ (s + _longest(s, ds) * ds) / len(w)
        dw, dy, ds = step(w * s + dw * ds - (ahead / mean) ** 3 * mean)
        long, deep = (min(1.0, 0.995 * _longest(*pair)) for pair in ((w, dw), (s, ds)))
        w, y, s = w + long * dw, y + deep * dy, s + deep * ds
    raise GeometryError.of("OptimalMechanism", "a solution", "none from the solver")


def _solver(columns: np.ndarray, weight: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return what solves the weighted normal equations."""
    normal = (columns * weight) @ columns.T
    normal[np.diag_indices(len(normal))] *= 1 + 1e-12
    try:
        return partial(cho_solve, cho_factor(normal, overwrite_a=True))
    except LinAlgError as error:
        raise GeometryError.of("OptimalMechanism", "a solution", "none from the solver") from error


def _step(
    columns: np.ndarray,
    solve: Callable[[np.ndarray], np.ndarray],
    w: np.ndarray,
    s: np.ndarray,
    primal: np.ndarray,
    dual: np.ndarray,
    product: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return Newton's step towards no residuals and this much less of w times s."""
    dy = solve(columns @ ((product - w * dual) / s) - primal)
    ds = -dual - columns.T @ dy
    return (-product - w * ds) / s, dy, ds


def _longest(at: np.ndarray, move: np.ndarray) -> float:
    """Return the longest step, at most 1, that leaves nothing below 0."""
    back = move < 0
    return float((-at[back] / move[back]).min(initial=1.0))
