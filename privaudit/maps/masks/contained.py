"""Containers and verified donuts: a move is drawn again until the dot lies where it may."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from privaudit.core.checks import in_range, keyword_only, kind_of, ordered, whole
from privaudit.core.declaration import number
from privaudit.errors import ParameterError, SchemaError
from privaudit.geo.address_base import AddressBase, Polygons, check_polygons, polygons_of
from privaudit.geo.neighbours import TIE_METRES, Pairs, z_order
from privaudit.maps.masks.donut import Disk, Donut
from privaudit.maps.masks.mask import (
    FARTHEST,
    ROUNDING_METRES,
    AddressMask,
    Mask,
    OverPlaces,
    displaced,
)
from privaudit.stats.csr import row_of

# Moves by which the share that is accepted is found at each address, on a Fibonacci lattice: .7 %
# of the share is its mean error at a straight border. Addresses that are looked at together.
_MOVES, _AT_ONCE = 512, 2_000
# Draws of one dot: where 1 move in 512 is accepted, none is in 1 of 10**17 dots.
_MOST_DRAWS = 20_000
# Draws where acceptance was counted before, roughly: 1 move in 50 is accepted, or nearly none.
_FEW_DRAWS = 60
# Moves that are drawn at once, at most, where few dots are left and none was accepted.
_AHEAD = 1_000
# A dot whose coordinates were rounded may have been anywhere in a square around it.
_CORNERS = np.array([(0, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)])


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedRedrawn(OverPlaces):
    """A radial mask over m addresses whose moves are drawn again until one is accepted.

    - `places` (float, shape (m, 2))
    - `known` (float, shape (m,)): Of `share_of`, where it was worked out before, roughly.
    - `tree`: Of the places, where there is one.
    """

    mask: Mask
    places: np.ndarray
    known: np.ndarray | None = None
    tree: cKDTree | None = None

    @abstractmethod
    def accepted(self, home: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return which moves, from points to points of shape (n, 2), are accepted."""

    @abstractmethod
    def possible(self, dots: np.ndarray, pairs: Pairs, rounding: float) -> np.ndarray:
        """Return the pairs of a dot and a home whose move is accepted, as far as rounding tells."""

    @property
    def reach(self) -> float:
        """Farthest move of the mask within, in metres."""
        return float(self.mask.reach)

    @property
    def most_draws(self) -> int:
        """Draws of one dot, at most."""
        return _MOST_DRAWS if self.known is None else _FEW_DRAWS

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.places) if self.tree is None else self.tree

    @cached_property
    def _counted(self) -> np.ndarray:
        """Of each address that was asked for, the share of its moves that is accepted; else nan."""
        return np.full(len(self.places), np.nan)

    @property
    def share(self) -> np.ndarray:
        """Share of the moves from each address that are accepted, float (m,)."""
        return self.share_of(np.arange(len(self.places)))

    def share_of(self, rows: np.ndarray) -> np.ndarray:
        """Return the share of the moves from some addresses that are accepted.

        It is counted once for each address, and for no address that is not asked for.
        """
        if self.known is not None:
            return np.asarray(self.known[rows])
        new = np.unique(rows[np.isnan(self._counted[rows])])
        step = np.arange(_MOVES)
        distance = self.mask.distance((step + 0.5) / _MOVES)
        move = displaced(np.zeros((_MOVES, 2)), distance, step * ((np.sqrt(5) - 1) / 2))
        near = new[z_order(self.places[new])]
        for some in np.array_split(near, len(near) // _AT_ONCE + 1):
            home = np.repeat(self.places[some], _MOVES, axis=0)
            end = home + np.tile(move, (len(some), 1))
            self._counted[some] = self.accepted(home, end).reshape(-1, _MOVES).mean(axis=1)
        return np.asarray(self._counted[rows])

    def share_at(self, rows: np.ndarray, distance: np.ndarray, directions: int) -> np.ndarray:
        """Return the share of directions accepted at each distance, float (rows, distances).

        - `rows` (int): Addresses that moves start at.
        - `distance` (float): Metres.
        - `directions`: How many are looked at, turned a little from one distance to the next.
        """
        each = np.repeat(distance, directions)
        turn = (np.arange(len(each)) + 0.5) / directions + np.repeat(
            np.arange(len(distance)) * (np.sqrt(5) - 1) / 2 / directions, directions
        )
        move = displaced(np.zeros((len(each), 2)), each, turn % 1)
        share = np.empty((len(rows), len(distance)))
        # As many at once as stay near the processor.
        for start in range(0, len(rows), _AT_ONCE):
            some = self.places[rows[start : start + _AT_ONCE]]
            many = self._all_accepted(some, move).reshape(len(some), len(distance), directions)
            share[start : start + len(some)] = many.mean(axis=2)
        return share

    def _all_accepted(self, home: np.ndarray, move: np.ndarray) -> np.ndarray:
        """Return which of several moves from each point are accepted, shape (homes, moves)."""
        start = np.repeat(home, len(move), axis=0)
        good = self.accepted(start, start + np.tile(move, (len(home), 1)))
        return good.reshape(len(home), len(move))

    def move(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved, nan where no move from the address is accepted."""
        end = np.full((len(points), 2), np.nan)
        left = np.flatnonzero(self.share_of(self._tree.query(points)[1]) > 0)
        todo, rounds = self.most_draws, 1
        alike = type(self.mask).move is Mask.move
        while todo and len(left):
            rounds = max(1, min(rounds, todo, _AHEAD // len(left))) if alike else 1
            state = rng.bit_generator.state if rounds > 1 else {}
            home = np.tile(points[left], (rounds, 1))
            drawn = self._draw(home, rounds, rng)
            good = self.accepted(home, drawn).reshape(rounds, -1)
            drawn = drawn.reshape(rounds, -1, 2)
            # The first round in which a move is accepted, or the last: those after it are drawn
            # again, by the same numbers for the dots that are then left.
            last = int(good.any(axis=1).argmax()) if good.any() else rounds - 1
            if last < rounds - 1:
                rng.bit_generator.state = state
                rng.random((last + 1) * self.mask.draws * len(left))
            end[left[good[last]]] = drawn[last, good[last]]
            todo, rounds = todo - last - 1, 1 if good[last].any() else 2 * rounds
            left = left[~good[last]]
        return end

    def _draw(self, home: np.ndarray, rounds: int, rng: np.random.Generator) -> np.ndarray:
        """Draw moves for several rounds, by the numbers that one round after the other takes."""
        if rounds == 1:
            return self.mask(home, rng=rng)
        uniform = rng.random((rounds, self.mask.draws, len(home) // rounds))
        return self.mask.moved(home, uniform.swapaxes(0, 1).reshape(self.mask.draws, -1))

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return the density of an accepted move, divided by the share that are; else 0."""
        likelihood = np.zeros(len(pairs.place))
        # No ring shows a dot beyond its reach, wherever coordinates were rounded to.
        ends = isinstance(self.mask, (Disk, Donut))
        reach = self.reach + 2 * rounding if ends else np.inf
        near, at = _pairs_at(pairs, pairs.distance <= reach)
        may, chosen = _pairs_at(near, self.possible(dots, near, rounding))
        share = self.share_of(may.place)
        some, good = _pairs_at(may, share > 0)
        likelihood[at[chosen[good]]] = self.mask.likelihood(dots, some, rounding) / share[good]
        return likelihood


def _pairs_at(pairs: Pairs, chosen: np.ndarray) -> tuple[Pairs, np.ndarray]:
    """Return some of the pairs, and where they stand among all."""
    at = np.flatnonzero(chosen)
    return Pairs(np.searchsorted(at, pairs.indptr), pairs.place[at], pairs.distance[at]), at


@keyword_only
@dataclass(frozen=True, kw_only=True)
class Contained(AddressMask):
    """Draw the move of each dot again until it lies in the area of its home.

    An address whose moves all leave its area is suppressed.

    Parameters
    ----------
    area : str, or polygons
        A column of the addresses, such as ``"station"``, ``"commune"`` or one of the caller's: a
        place is in the area of the address that is nearest to it. Or the side, in metres, of
        squares that start at 0, 0. Or polygons in the metres of the addresses, one an area: a
        GeoDataFrame, anything with ``__geo_interface__``, or arrays of corners; what no polygon
        holds is one area more. They are in no word.
    mask : Mask
        What moves the dots: one that moves every dot alike.

    Raises
    ------
    ParameterError
        `mask` does not move every dot alike, or `area` is of another type.
    SchemaError
        On addresses: they have no such column.
    GeometryError
        On addresses: the polygons are in another CRS, or hold none of them.

    References
    ----------
    The `container` of MaskMyPy's donut (polygons), which draws again likewise. The density
    is that of the move, divided by the share of moves that stay in the area.

    Examples
    --------
    >>> from privaudit.maps.masks.donut import Donut
    >>> base = AddressBase(pd.DataFrame({"id": list("ab"), "number": "1", "street": "s",
    ...     "commune": list("cd"), "station": "", "x": [0.0, 100.0], "y": 0.0}), real=False)
    >>> mask = Contained(area="commune", mask=Donut(r_min=0, r_max=90)).on(base)
    >>> moved = mask(np.zeros((500, 2)), rng=np.random.default_rng(0))
    >>> bool(moved[:, 0].max() < 50 and moved[:, 0].min() < -50)
    True
    """

    word, example = "within", "within:station:donut:50:200"
    draws = 1

    area: Any
    mask: Mask

    def __post_init__(self) -> None:
        if not (isinstance(self.mask, Mask) and self.mask.radial):
            came = str(self.mask) if isinstance(self.mask, Mask) else kind_of(self.mask)
            needed = "a mask that moves every dot alike, such as a donut"
            raise ParameterError.of("Contained", needed, came)
        if not isinstance(self.area, str):
            object.__setattr__(self, "area", polygons_of(self.area, who="Contained"))
            return
        side = _side(self.area)
        if not self.area or (side is not None and not 0 < side < np.inf):
            needed = "area a column of the addresses, or a number of metres above 0"
            raise ParameterError.of("Contained", needed, repr(self.area))
        # A word is read in lower case.
        area = self.area.lower() if side is None else number(side)
        object.__setattr__(self, "area", area)

    @classmethod
    def takes(cls, values: Sequence[str]) -> bool:
        """Whether an area and another mask follow."""
        return len(values) > 1 and values[1] not in ("unknown", cls.word)

    @classmethod
    def parsed(cls, values: Sequence[str], seed: int) -> Self:
        from privaudit.maps.masks.mask import parse_mask

        inner: Any = parse_mask(":".join(values[1:]), seed=seed)
        return cls(area=values[0], mask=inner)

    def on(self, base: AddressBase) -> PlacedContained:
        if isinstance(self.area, Polygons):
            check_polygons(self.area, base.xy, base.crs, who="Contained")
            return PlacedContained(mask=self.mask, places=base.xy, polygons=self.area)
        side, label = _side(self.area), None
        if side is None:
            column = {str(name).lower(): base.frame[name] for name in base.frame}.get(self.area)
            if column is None:
                raise SchemaError.of("Contained", "a column of the addresses", f"'{self.area}'")
            label = pd.factorize(column.astype(str), sort=True)[0]
        return PlacedContained(mask=self.mask, places=base.xy, label=label, side=side)

    def recipe(self) -> dict[str, Any]:
        inner = self.mask.recipe()
        return {**inner, "mask": f"{self.word}:{self.area}:{inner['mask']}"}


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedContained(PlacedRedrawn):
    """A container over m addresses: `label` numbers the area of each, or areas have a shape."""

    label: np.ndarray | None = None
    side: float | None = None
    polygons: Polygons | None = None

    def _area(self, points: np.ndarray) -> np.ndarray:
        """Return the area of each point, as a number."""
        if self.polygons is not None:
            return self.polygons.of(points)
        if self.label is not None:
            return np.asarray(self.label[self._tree.query(points)[1]])
        column, row = np.floor(points / self.side).T
        return np.asarray(column + 1j * row)

    def accepted(self, home: np.ndarray, end: np.ndarray) -> np.ndarray:
        if self.side is None:
            return np.asarray(self._area(home) == self._area(end))
        same = np.floor(home / self.side) == np.floor(end / self.side)
        return np.asarray(same[:, 0] & same[:, 1])

    def _all_accepted(self, home: np.ndarray, move: np.ndarray) -> np.ndarray:
        if self.side is None:
            return super()._all_accepted(home, move)
        # Column by column, the square of each home once.
        (x, y), (east, north) = home.T[..., None], move.T
        same = np.floor((x + east) / self.side) == np.floor(x / self.side)
        same &= np.floor((y + north) / self.side) == np.floor(y / self.side)
        return np.asarray(same)

    def possible(self, dots: np.ndarray, pairs: Pairs, rounding: float) -> np.ndarray:
        row, own = row_of(pairs.indptr), self._area(self.places)[pairs.place]
        area, *around = [self._area(dots + corner * rounding) for corner in _CORNERS]
        good = np.asarray(area[row] == own)
        # Few dots are so near to a border that rounding tells.
        near = np.flatnonzero(np.any([other != area for other in around], axis=0)[row])
        for other in around:
            good[near] |= other[row[near]] == own[near]
        return good


def _side(area: str) -> float | None:
    """Return the side of squares, in metres, that an area is named by; None for a column."""
    try:
        return float(area)
    except ValueError:
        return None


@keyword_only
@dataclass(frozen=True, kw_only=True)
class VerifiedDonut(AddressMask):
    """Draw a donut's move again until `k` other addresses are as near to the dot as the home.

    Spatial k-anonymity is thus counted on the addresses, not expected from their density. An
    address from which no move in the ring has so many is suppressed.

    Parameters
    ----------
    r_min, r_max : float
        Smallest and largest move, in metres, ``0 <= r_min < r_max``.
    k : int
        Other addresses, 1 or more, that are no farther from the dot than the home is.

    References
    ----------
    Allshouse et al. (2010) count the addresses around masked dots (actual k-anonymity), which the
    ring alone leaves under k; the package geomask draws again until they are enough, and calls
    that verified. The density is that of the ring, divided by the share of it that is accepted.

    Examples
    --------
    >>> import pandas as pd
    >>> base = AddressBase(pd.DataFrame({"id": list("abc"), "number": "1", "street": "s",
    ...     "commune": "c", "station": "", "x": [0.0, 40.0, 500.0], "y": 0.0}), real=False)
    >>> mask = VerifiedDonut(r_min=10, r_max=50, k=1).on(base)
    >>> moved = mask(base.xy, rng=np.random.default_rng(0))
    >>> bool(moved[0, 0] >= 20 and moved[1, 0] <= 20), moved[2].tolist()
    (True, [nan, nan])
    """

    word, example = "verified", "verified:50:200:10"
    draws = 1

    r_min: float
    r_max: float
    k: int

    def __post_init__(self) -> None:
        in_range("VerifiedDonut", "r_min", self.r_min, 0, FARTHEST)
        in_range("VerifiedDonut", "r_max", self.r_max, 0, FARTHEST)
        ordered("VerifiedDonut", "r_min", self.r_min, "r_max", self.r_max)
        whole("VerifiedDonut", "k", self.k, 1)

    def on(self, base: AddressBase) -> PlacedVerified:
        ring = Donut(r_min=self.r_min, r_max=self.r_max)
        return PlacedVerified(mask=ring, places=base.xy, k=self.k)


@dataclass(frozen=True, eq=False)
class Nearby:
    """How far off the addresses nearest to dots are, asked once for several numbers of them.

    - `tree`: Of the addresses.
    - `numbers`: Other addresses than the nearest.
    """

    tree: cKDTree
    numbers: tuple[int, ...]
    _known: dict[bytes, np.ndarray] = field(default_factory=dict)

    def farthest(self, dots: np.ndarray, k: int) -> np.ndarray:
        """Return the distance of each dot to its nearest k + 1 addresses; inf under k + 1."""
        key = dots.tobytes()
        if key not in self._known:
            every = [number + 1 for number in self.numbers]
            self._known[key] = self.tree.query(dots, k=every)[0]
        return np.asarray(self._known[key][:, self.numbers.index(k)])


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedVerified(PlacedRedrawn):
    """A verified donut over m addresses.

    - `nearby`: Of the places, where other numbers than `k` are asked for too.
    """

    k: int
    nearby: Nearby | None = None

    def _enough(self, dots: np.ndarray) -> np.ndarray:
        """Return the distance of each dot to its nearest k + 1 addresses; inf under k + 1."""
        if self.nearby is None:
            return np.asarray(self._tree.query(dots, k=[self.k + 1])[0][:, 0])
        return self.nearby.farthest(dots, self.k)

    def move(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        # Where a move ended is asked for once: no other number of addresses is.
        return super(PlacedVerified, replace(self, nearby=None)).move(points, rng)

    def accepted(self, home: np.ndarray, end: np.ndarray) -> np.ndarray:
        # The home is one of them, for it is as near as itself.
        return np.asarray(self._enough(end) <= np.hypot(*(end - home).T) + TIE_METRES)

    def possible(self, dots: np.ndarray, pairs: Pairs, rounding: float) -> np.ndarray:
        # Rounding moves the home and the farthest of the others by as much.
        margin = 2 * rounding + TIE_METRES
        return np.asarray(self._enough(dots)[row_of(pairs.indptr)] <= pairs.distance + margin)
