"""The geo-indistinguishable mask that moves dots least, by linear programme, on a small area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from privaudit._core.by_name import by_name
from privaudit._core.checks import in_range, say
from privaudit.errors import GeometryError, ParameterError
from privaudit.measures.maps.neighbours import Pairs
from privaudit.measures.maps.tilings import square_centres
from privaudit.measures.tables.compressed_rows import row_of
from privaudit.places.address_base import AddressBase
from privaudit.release.masks.mask import ROUNDING_METRES, AddressMask, PlacedMask
from privaudit.release.masks.snapping import distinct, people_at

__all__ = ["OptimalMechanism", "PlacedChannel", "optimal_channel"]

# The programme has as many constraints as the cube of the number of cells.
MOST_CELLS = 36


@by_name
@dataclass(frozen=True, kw_only=True)
class OptimalMechanism(AddressMask):
    """Show each dot at the centre of a cell drawn so as to move people least (Bordenabe 2014).

    Cells are squares that hold addresses. No cell is more than exp(`epsilon` d) times as likely
    to have given a dot as a cell whose centre is d metres away; among all such masks, the one
    is taken that moves the people of the area least on average. Homes of one cell are moved
    alike. The programme is solved to about 1e-7.

    Parameters
    ----------
    epsilon : float
        Per metre, above 0; smaller is safer.
    size : float
        Side of a cell, in metres; cells start at 0, 0.

    Raises
    ------
    ParameterError
        A number is out of range; on addresses, more than 36 cells hold any.
    """

    word, example = "optimal", "optimal:0.005:500"
    draws = 1

    epsilon: float
    size: float

    def __post_init__(self) -> None:
        in_range("OptimalMechanism", "epsilon", self.epsilon, 0, open_low=True)
        in_range("OptimalMechanism", "size", self.size, 0, open_low=True)

    def on(self, base: AddressBase) -> PlacedChannel:
        """Solve the programme over the cells of these addresses, weighted by their people."""
        places = base.xy
        centres, cell = distinct(square_centres(places, float(self.size)))
        if len(centres) > MOST_CELLS:
            needed = f"at most {MOST_CELLS} cells of {self.size:g} m that hold addresses"
            do = "Take wider cells, or fewer addresses."
            raise ParameterError(say("OptimalMechanism", needed, f"{len(centres):,}", do))
        people = np.bincount(cell, weights=people_at(base))
        channel = optimal_channel(centres, people / max(people.sum(), 1), self.epsilon)
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
        return np.asarray(np.hypot(far[:, 0], far[:, 1]) + ROUNDING_METRES)

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the channel's probability; 0 where the dot is at no centre."""
        off, shown = cKDTree(self.centres).query(dots)
        row = row_of(pairs.indptr)
        return np.asarray(self.channel[self.cell[pairs.place], shown[row]] * (off <= rounding)[row])


def optimal_channel(centres: np.ndarray, prior: np.ndarray, epsilon: float) -> np.ndarray:
    """Solve min sum prior[x] d(x, z) K[x, z] under K[x, z] <= exp(epsilon d(x, y)) K[y, z].

    - `centres` (float, shape (c, 2))
    - `prior` (float, shape (c,)): Sums to 1.
    - `epsilon`: Per metre.
    - returns (float, shape (c, c)): Rows sum to 1.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    c = len(centres)
    gap = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
    x, y, z = (axis.ravel() for axis in np.meshgrid(*[np.arange(c)] * 3, indexing="ij"))
    apart = x != y
    x, y, z = x[apart], y[apart], z[apart]
    line = np.arange(len(x))
    # Divided by the exponential, so that no coefficient is above 1.
    value = np.concatenate([np.exp(-epsilon * gap[x, y]), -np.ones(len(x))])
    at = (np.concatenate([line, line]), np.concatenate([x * c + z, y * c + z]))
    rows_sum = coo_array((np.ones(c * c), (np.repeat(np.arange(c), c), np.arange(c * c))))
    solved = linprog(
        (prior[:, None] * gap).ravel(),
        A_ub=coo_array((value, at), shape=(len(x), c * c)).tocsr() if len(x) else None,
        b_ub=np.zeros(len(x)) if len(x) else None,
        A_eq=rows_sum.tocsr(),
        b_eq=np.ones(c),
        method="highs",
    )
    if solved.x is None:
        raise GeometryError(say("OptimalMechanism", "a solution", "none from the solver"))
    channel = np.maximum(solved.x.reshape(c, c), 0)
    return np.asarray(channel / channel.sum(axis=1, keepdims=True))
