"""Optimal geo-indistinguishable mechanism: the least mean move, by linear programming.

Over few cells all bounds are constraints; over many, columns that keep their bound are generated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.spatial import cKDTree

from privaudit.core.checks import in_range, keyword_only
from privaudit.errors import GeometryError, ParameterError
from privaudit.geo.address_base import AddressBase, square_centres
from privaudit.geo.neighbours import Pairs
from privaudit.maps.masks.mask import FARTHEST, ROUNDING_METRES, AddressMask, PlacedMask
from privaudit.maps.masks.snapping import distinct, people_at
from privaudit.stats.csr import row_of

# The programme of all pairs has as many constraints as the cube of the number of cells: up to so
# many it is solved, and beyond, up to so many, one over columns.
EXACT_CELLS, MOST_CELLS = 36, 1_000
# Largest bound of a pair of cells, in nats: a uniform number of 53 bits hardly ever draws what is
# less likely than exp(-30).
_FARTHEST = 30.0
# Of the solver; and nats beyond which an exponential is no number.
_TOLERANCE, _OVER = 1e-9, 700.0


@keyword_only
@dataclass(frozen=True, kw_only=True)
class OptimalMechanism(AddressMask):
    """Show each dot at the centre of a random cell, with the least mean move for an `epsilon`.

    Cells are squares that hold addresses. No cell is more than exp(`epsilon` d) times as likely
    to have given a dot as a cell whose centre is d metres away; among all such masks, the one
    is taken that moves the people of the area least on average: within .01 % of the least up to
    36 cells. Beyond, up to 1,000 cells, columns are generated: on 32 cells of 100 m their mean move
    was 2.1 % above the least at an `epsilon` of .005, and .1 % at .02; no bound of the gap is
    computed. Homes of one cell are moved alike. The bound holds on every pair of cells, and is
    checked after solving. A thousand cells took 99 seconds of one core, once an area and process.

    Parameters
    ----------
    epsilon : float
        Per metre, above 0; smaller is safer.
    size : float
        Side of a cell, in metres; cells start at 0, 0.

    Raises
    ------
    ParameterError
        A number is out of range; on addresses, more than 1,000 cells hold any.
    GeometryError
        The solver found no mask, or none that keeps the bound.

    References
    ----------
    Bordenabe, Chatzikokolakis and Palamidessi (2014), the linear programme over all pairs of
    cells; beyond 36 cells `combined_channel`.

    Examples
    --------
    >>> str(OptimalMechanism(epsilon=0.005, size=500))
    'optimal:0.005:500'
    """

    word, example = "optimal", "optimal:0.005:500"
    draws = 1

    epsilon: float
    size: float

    def __post_init__(self) -> None:
        in_range("OptimalMechanism", "epsilon", self.epsilon, 0, open_low=True)
        in_range("OptimalMechanism", "size", self.size, 0, FARTHEST, open_low=True)

    def on(self, base: AddressBase) -> PlacedChannel:
        """Solve the programme over the cells of these addresses, weighted by their people."""
        places = base.xy
        centres, cell = distinct(square_centres(places, float(self.size)))
        if len(centres) > MOST_CELLS:
            needed = f"at most {MOST_CELLS:,} cells of {self.size:g} m that hold addresses"
            do = "Take wider cells, or fewer addresses."
            raise ParameterError.of("OptimalMechanism", needed, f"{len(centres):,}", do)
        people = np.bincount(cell, weights=people_at(base))
        prior = people / max(people.sum(), 1)
        channel = _channel_of(centres.tobytes(), prior.tobytes(), self.epsilon)
        return PlacedChannel(places=places, cell=cell, centres=centres, channel=channel)


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedChannel(PlacedMask):
    """A mask with few outputs: `channel[x, z]` is the probability that cell x is shown as z."""

    draws = 1

    places: np.ndarray
    cell: np.ndarray
    centres: np.ndarray
    channel: np.ndarray

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the centre that uniform numbers in [0, 1), shape (1, n), pick for each point."""
        home = cKDTree(self.places).query(points)[1]
        upper = np.cumsum(self.channel, axis=1)[self.cell[home]]
        # The last sum may be a hair under 1.
        drawn = (upper[:, :-1] <= uniform[0][:, None]).sum(axis=1)
        return np.asarray(self.centres[drawn])

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return the distance from each dot to the farthest corner of the addresses' box."""
        low, high = self.places.min(axis=0), self.places.max(axis=0)
        far = np.maximum(np.abs(dots - low), np.abs(dots - high))
        return np.asarray(np.hypot(*far.T) + ROUNDING_METRES)

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the channel's probability; 0 where the dot is at no centre."""
        off, shown = cKDTree(self.centres).query(dots)
        row = row_of(pairs.indptr)
        return np.asarray(self.channel[self.cell[pairs.place], shown[row]] * (off <= rounding)[row])


def optimal_channel(centres: np.ndarray, prior: np.ndarray, epsilon: float) -> np.ndarray:
    """Solve min sum prior[x] d(x, z) K[x, z] under K[x, z] <= exp(epsilon d(x, y)) K[y, z].

    The tolerance of a solver is far above the probabilities of cells far away: its solution is
    corrected until the bound holds on every pair, or refused. Beyond 36 cells the channel is that
    of `combined_channel`.

    - `centres` (float, shape (c, 2))
    - `prior` (float, shape (c,)): Sums to 1.
    - `epsilon`: Per metre.
    - returns (float, shape (c, c)): Rows sum to 1; none is 0 where another is not.
    """
    gap = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    # A capped distance still meets the triangle inequality, on which the rest depends.
    nats = np.minimum(epsilon * gap, _FARTHEST)
    if len(centres) <= EXACT_CELLS:
        channel = _bounded(_solved(prior[:, None] * gap, nats), nats)
    else:
        channel = _bounded(combined_channel(gap, nats, prior), nats)
    times = np.exp(np.minimum(epsilon * gap, _OVER))
    if not all((shown[:, None] <= times * shown).all() for shown in channel.T):
        needed, do = "a mask that keeps its bound", "Take a larger epsilon, or wider cells."
        raise GeometryError.of("OptimalMechanism", needed, "none from the solver", do)
    return channel


@lru_cache(maxsize=4)
def _channel_of(centres: bytes, prior: bytes, epsilon: float) -> np.ndarray:
    """Return the channel of an area, which is solved once."""
    places = np.frombuffer(centres).reshape(-1, 2)
    channel = optimal_channel(places, np.frombuffer(prior), epsilon)
    channel.flags.writeable = False
    return channel


def _solved(cost: np.ndarray, nats: np.ndarray) -> np.ndarray:
    """Return the channel of least cost, as near to its constraints as the solver comes."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    c = len(cost)
    # A pair with a third cell on the way between needs no constraint of its own.
    via = nats[:, :, None] + nats[None] <= nats[:, None] * (1 + 1e-12)
    between = via.sum(axis=1) - via[np.arange(c), np.arange(c)] - via[:, np.arange(c), np.arange(c)]
    x, y = np.nonzero((between == 0) & ~np.eye(c, dtype=bool))
    x, y, z = (part.ravel() for part in np.broadcast_arrays(x[:, None], y[:, None], np.arange(c)))
    line = np.arange(len(x))
    # Divided by the exponential, so that no coefficient is above 1.
    value = np.concatenate([np.exp(-nats[x, y]), -np.ones(len(x))])
    at = (np.concatenate([line, line]), np.concatenate([x * c + z, y * c + z]))
    rows_sum = coo_array((np.ones(c * c), (np.repeat(np.arange(c), c), np.arange(c * c))))
    solved = linprog(
        cost.ravel(),
        A_ub=coo_array((value, at), shape=(len(x), c * c)).tocsr() if len(x) else None,
        b_ub=np.zeros(len(x)) if len(x) else None,
        A_eq=rows_sum.tocsr(),
        b_eq=np.ones(c),
        method="highs",
        options={"primal_feasibility_tolerance": _TOLERANCE},
    )
    if solved.status != 0:
        raise GeometryError.of("OptimalMechanism", "a solution", "none from the solver")
    channel: np.ndarray = np.maximum(np.asarray(solved.x).reshape(c, c), 0)
    return channel


def _bounded(channel: np.ndarray, nats: np.ndarray) -> np.ndarray:
    """Return the channel with every bound met.

    Each probability is raised to the least that the others allow, which no other raising breaks.
    Rows then sum to slightly more than 1; where dividing by the sum breaks a bound again, a small
    share of the uniform channel is mixed in.
    """
    falls = np.exp(-nats)
    raised = np.column_stack([(falls * shown).max(axis=1) for shown in channel.T])
    scaled = raised / raised.sum(axis=1, keepdims=True)
    even = 1 / len(scaled)
    # A little within the bound, so that rounding stays within it.
    times = np.exp(nats * (1 - 1e-9))
    room, share = even * (times - 1), 0.0
    for shown in scaled.T:
        over = shown[:, None] - times * shown
        broken = over > 0
        share = max(share, float((over[broken] / (over + room)[broken]).max(initial=0.0)))
    return np.asarray((1 - share) * scaled + share * even)


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
