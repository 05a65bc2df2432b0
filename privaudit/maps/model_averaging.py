"""Bayesian model averaging over masks: ring profiles and the averaged likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from privaudit.geo.address_base import AddressBase
from privaudit.geo.neighbours import Pairs
from privaudit.maps.masks.contained import PlacedRedrawn
from privaudit.maps.masks.donut import Donut, PlacedDonut
from privaudit.maps.masks.location_swap import LocationSwap
from privaudit.maps.masks.mask import ROUNDING_METRES, Exact, Mask, PlacedMask
from privaudit.stats.csr import row_of, row_sum

# The last metres tell nothing: an unmasked dot may lie some metres off, by another edition of the
# address base, and a density that soars at 0 would win on them.
NEAREST = 5.0
# A dot farther than this from any address was not swapped there.
BESIDE = 50.0
# Rings grow with their distance; at least so wide, in metres.
_GROWTH, _LEAST = 0.03, 2.0
# Beyond so many metres, of many places every so many-th is looked at.
_NEAR, _THINNED = 600.0, 8
_MANY = 20_000
# Points whose places are looked at together: what stays near the processor.
_TOGETHER = 6
# Points of a ring at which a density is read.
_INSIDE = 8
# Standard deviations of a reading error that a distance is at least divided into, and its tail;
# width of the parts of a step, in metres, and how many there are at most.
_STEPS, _TAIL, _PART, _PARTS = 500, 6, 0.03, 32


def ring_edges(reach: float) -> np.ndarray:
    """Return the radii of rings out to a distance: first 5 m wide, then wider.

    Parameters
    ----------
    reach : float
        Metres.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> ring_edges(10.0).tolist()
    [0.0, 5.0, 7.0, 9.0, 11.0]
    """
    edges = [0.0, NEAREST]
    while edges[-1] < reach:
        edges.append(edges[-1] + max(_LEAST, _GROWTH * edges[-1]))
    return np.array(edges)


@lru_cache(maxsize=8)
def _ring_table(edges: bytes) -> tuple[float, np.ndarray, np.ndarray]:
    """Return steps a metre, the ring where each step begins, and the outer edge of each ring."""
    radii = np.frombuffer(edges)
    # A power of two, so that no product is rounded; no step holds two edges.
    step = 2.0 ** math.floor(math.log2(np.diff(radii).min()))
    begin = np.arange(int(radii[-1] / step) + 2) * step
    return 1 / step, np.searchsorted(radii, begin, side="right") - 1, np.append(radii[1:], np.inf)


def ring_of(distance: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the ring that each distance lies in: as many as there are from the last edge on.

    By a table, a third of the time of a binary search.

    Parameters
    ----------
    distance : float
        Metres, 0 or more.
    edges : float, shape (rings + 1,)
        As of `ring_edges`, from 0.

    Returns
    -------
    ndarray of int

    Examples
    --------
    >>> ring_of(np.array([0.0, 4.9, 5.0, 11.0]), np.array([0.0, 5.0, 11.0])).tolist()
    [0, 0, 1, 2]
    """
    often, table, outer = _ring_table(edges.tobytes())
    ring = table[np.minimum(distance * often, len(table) - 1).astype(np.intp)]
    ring += distance >= outer[ring]
    return np.asarray(ring)


def density_table(
    densities: Sequence[Callable[[np.ndarray], np.ndarray]],
    edges: np.ndarray,
    resolution: float = 0.0,
) -> np.ndarray:
    """Return the mean density of each mask over each ring, shape (rings, masks), per square metre.

    Parameters
    ----------
    densities : sequence of callable
        From distances in metres to probabilities per square metre.
    edges : float, shape (rings + 1,)
        As of `ring_edges`.
    resolution : float
        Standard deviation, in metres, with which each coordinate is then read.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> disk = lambda d: (d <= 10) / (100 * np.pi)
    >>> density_table([disk], np.array([0.0, 5.0, 10.0, 20.0])).round(5).tolist()
    [[0.00318], [0.00318], [0.0]]
    """
    # Within a ring, points that stand for as much of its area each.
    share = (np.arange(_INSIDE * 8) + 0.5) / (_INSIDE * 8)
    first = edges[1] * np.sqrt(share)
    share = (np.arange(_INSIDE) + 0.5) / _INSIDE
    low, high = edges[1:-1, None], edges[2:, None]
    later = np.sqrt(low**2 + share * (high**2 - low**2))
    if resolution > 0:
        densities = _as_read(densities, edges[-1], resolution)
    table = np.empty((len(edges) - 1, len(densities)))
    for k, density in enumerate(densities):
        table[0, k] = np.mean(density(first))
        table[1:, k] = np.mean(density(later), axis=1)
    return table


def _as_read(
    densities: Sequence[Callable[[np.ndarray], np.ndarray]], reach: float, resolution: float
) -> list[Callable[[np.ndarray], np.ndarray]]:
    """Return densities of distances blurred by a normal error.

    They are tabulated at steps of a quarter of that error; far off, where rings are wide, at steps
    of a two-thousandth of the distance: one step for all would blur near ones by metres.
    """
    from scipy.sparse import csr_array
    from scipy.special import i0e

    zones = [reach + max(resolution, reach / _STEPS)]
    while zones[-1] / _STEPS > resolution:
        zones.append(zones[-1] / 8)
    at, tables = [np.zeros(0)], [np.zeros((0, len(densities)))]
    for inner, zone in pairwise([0.0, *reversed(zones)]):
        s = max(resolution, zone / _STEPS)
        step, known = s / 4, np.arange(inner, zone, s / 4)
        node = np.arange(max(inner - _TAIL * s, 0.0), zone + _TAIL * s, step) + step / 2
        # The density of Rice, of the nodes that are near.
        near = np.searchsorted(node, known)[:, None] + np.arange(-4 * _TAIL, 4 * _TAIL)
        column = near.clip(0, len(node) - 1)
        far = (known[:, None] - node[column]) / s
        rice = np.exp(-0.5 * far**2) * i0e(known[:, None] * node[column] / s**2) / (4 * s)
        rice[near != column] = 0.0
        first = np.arange(len(known) + 1) * near.shape[1]
        blur = csr_array((rice.ravel(), column.ravel(), first), shape=(len(known), len(node)))
        # A density may be narrower than a step: its mass there is summed at parts of it.
        parts = min(math.ceil(step / _PART), _PARTS)
        fine = node[:, None] + step * ((np.arange(parts) + 0.5) / parts - 0.5)
        mass = [(fine * density(fine)).mean(axis=1) for density in densities]
        at, tables = [*at, known], [*tables, blur @ np.stack(mass, axis=1)]
    known, table = np.concatenate(at), np.concatenate(tables)
    return [
        lambda distance, column=column: np.interp(distance, known, column, right=0.0)  # type: ignore[misc]
        for column in table.T
    ]


def profile(pairs: Pairs, weight: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the summed weights of each point's places by ring.

    Parameters
    ----------
    pairs : Pairs
        Points and the places near them.
    weight : float
        Of each pair.
    edges : float, shape (rings + 1,)
        Radii of the rings, in metres.

    Returns
    -------
    float, shape (points, rings), and the cell of each pair in it, -1 beyond the last ring
    """
    cell = ring_of(pairs.distance, edges)
    # The outermost edge belongs to its ring; what is farther, to none.
    cell[pairs.distance == edges[-1]] = len(edges) - 2
    n, rings = len(pairs.indptr) - 1, len(edges) - 1
    cell += np.repeat(np.arange(n) * rings, np.diff(pairs.indptr))
    beyond = pairs.distance > edges[-1]
    if not beyond.any():
        return np.bincount(cell, weight, minlength=n * rings).reshape(n, rings), cell
    sums = np.bincount(cell[~beyond], weight[~beyond], minlength=n * rings).reshape(n, rings)
    cell[beyond] = -1
    return sums, cell


def profile_around(
    points: np.ndarray, places: np.ndarray, weight: np.ndarray, edges: np.ndarray
) -> np.ndarray:
    """Return the summed weights of the places around each point by ring, float (points, rings).

    Of more than 20,000 places, every eighth stands for the others beyond 600 m.

    Parameters
    ----------
    points : float, shape (n, 2)
        Metres.
    places : float, shape (m, 2)
        Metres.
    weight : float, shape (m,)
        Weight of each place.
    edges : float, shape (rings + 1,)
        Radii of the rings, in metres.

    Returns
    -------
    ndarray
    """
    near = np.searchsorted(edges, _NEAR)
    thin = len(places) > _MANY and near < len(edges) - 1
    sums = _profile_by_box(points, places, weight, edges, float(edges[near if thin else -1]))
    if thin:
        some = slice(None, None, _THINNED)
        far = _profile_by_box(
            points, places[some], _THINNED * weight[some], edges, float(edges[-1])
        )
        sums[:, near:] = far[:, near:]
    return sums


def _profile_by_box(
    points: np.ndarray, places: np.ndarray, weight: np.ndarray, edges: np.ndarray, reach: float
) -> np.ndarray:
    """Return the weights around each point by ring, out to a reach at least.

    Of some points at a time, and the places in the box around them: most places are in reach, and
    need no search.
    """
    x, y = np.ascontiguousarray(places[:, 0]), np.ascontiguousarray(places[:, 1])
    sums = np.zeros((len(points), len(edges)))
    for start in range(0, len(points), _TOGETHER):
        some = points[start : start + _TOGETHER]
        low, high = some.min(axis=0) - reach, some.max(axis=0) + reach
        here = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
        distance = np.sqrt((some[:, :1] - x[here]) ** 2 + (some[:, 1:] - y[here]) ** 2)
        cell = ring_of(distance, edges)
        cell[distance == edges[-1]] = len(edges) - 2
        cell += np.arange(len(some))[:, None] * len(edges)
        each = np.broadcast_to(weight[here], cell.shape).ravel()
        part = np.bincount(cell.ravel(), each, minlength=len(some) * len(edges))
        sums[start : start + len(some)] = part.reshape(len(some), len(edges))
    # What is beyond the last ring stands behind it.
    return np.ascontiguousarray(sums[:, :-1])


# Share of dots that no mask moved: without it, one stray dot would rule a mask out.
STRAY = 0.01
# Share of a mask's moves that is looked at.
_MOVES = 0.999
# A dot that is a stray with a smaller probability is taken for none.
_NO_STRAY = 1e-3


def box_area(places: np.ndarray) -> float:
    """Return the area of the box of all places, square metres: strays are spread over it."""
    return float(np.maximum(np.ptp(places, axis=0), 1.0).prod())


@dataclass(frozen=True, eq=False, kw_only=True)
class Image:
    """Where the moves of each address start, if not at the address.

    - `xy`, `places` (float, shape (m, 2)): That place, and the address, metres.
    """

    xy: np.ndarray
    places: np.ndarray

    @cached_property
    def tree(self) -> cKDTree:
        """The addresses."""
        return cKDTree(self.places)


class Frame(NamedTuple):
    """The plane in which moves are alike in all directions: shifted, or stretched along a line.

    `shift` metres were added to all dots alike; moves are `ratio` times as long along the line at
    `angle` (radians from east) as across it. With an `image`, moves start there.
    """

    shift: tuple[float, float] = (0.0, 0.0)
    ratio: float = 1.0
    angle: float = 0.0
    image: Image | None = None

    @property
    def turn(self) -> np.ndarray:
        """The matrix, of determinant 1, that makes gaps between points alike in all directions."""
        c, s, long = math.cos(self.angle), math.sin(self.angle), math.sqrt(self.ratio)
        return np.array([[c, s], [-s, c]]).T * [1 / long, long]

    @property
    def farther(self) -> float:
        """How many times farther than in this plane a move may end, at most."""
        return math.sqrt(max(self.ratio, 1 / self.ratio))

    def dots(self, points: np.ndarray) -> np.ndarray:
        """Return dots in this plane."""
        return self._turned(points - self.shift)

    def places(self, points: np.ndarray) -> np.ndarray:
        """Return the places of all addresses in this plane."""
        return self._turned(points if self.image is None else self.image.xy)

    def _turned(self, points: np.ndarray) -> np.ndarray:
        return points if self.ratio == 1 else np.asarray(points @ self.turn)

    def begin(self, points: np.ndarray) -> np.ndarray:
        """Return where the moves of points begin: with an image, that of the nearest address."""
        if self.image is None:
            return points
        return np.asarray(self.image.xy[self.image.tree.query(points)[1]])

    def moves(self, gaps: np.ndarray) -> np.ndarray:
        """Return gaps of this plane as moves of dots, metres."""
        return np.asarray(gaps @ np.linalg.inv(self.turn) + self.shift)


STILL = Frame()


class WeightedMask(NamedTuple):
    """One mask, how far it is believed (0 to 1), and how it acts over the addresses.

    `placed` is None for a mask that moves every dot alike, and for a swap; `unit` turns what it
    calls a likelihood into one a square metre. `density` is that of a law that has no mask of its
    own, by ring of the average's edges, in its `frame`; `mask` is then the nearest in words, or
    None.
    """

    kind: str
    mask: Mask | None
    weight: float
    placed: PlacedMask | None = None
    unit: float = 1.0
    frame: Frame = STILL
    density: np.ndarray | None = None

    @property
    def on_address(self) -> bool:
        """Whether it leaves every dot on an address: its own, or another's."""
        return isinstance(self.mask, (Exact, LocationSwap))

    @property
    def radial(self) -> Mask:
        """The mask, or, of a swap, the ring that the home is then in."""
        if isinstance(self.mask, Exact):
            return Exact(rounding=NEAREST)
        if isinstance(self.mask, LocationSwap):
            return Donut(r_min=self.mask.r_min, r_max=self.mask.r_max)
        assert self.mask is not None
        assert self.mask.radial
        return self.mask


@dataclass(frozen=True, eq=False, kw_only=True)
class AveragedMask(Mask):
    """Masks that dots may have been moved by, over known addresses.

    - `parts`: Weights sum to 1; the likeliest first.
    - `prior` (float, shape (len(base),)): Of the homes, as the weights were worked out with.
    - `resolution`: Standard deviation, in metres, with which dots were read: allowed for here.
    - `edges`: Radii of the rings that the densities of parts are by.
    - `credible_level`: What sets must hold of the average, so that they hold 95 % under most of
      its masks (`undeclared_mask.average_bounds`).
    - `right_between`: Share of right addresses over all masks, and least and most by which it was.
    - `both_readings`: Whether dots stand on addresses, for certain: left or swapped, both are said.
    """

    parts: tuple[WeightedMask, ...]
    base: AddressBase
    prior: np.ndarray
    resolution: float = 0.0
    edges: np.ndarray | None = None
    credible_level: float = 0.95
    right_between: tuple[float, float, float] | None = None
    both_readings: bool = False

    # What `as_read` leaves as it is.
    read_already = True

    def __str__(self) -> str:
        return "unknown"

    @property
    def draws(self) -> int:
        """Uniform numbers a move takes: which mask, the same for all dots, and its own."""
        masks = [part.placed or part.mask for part in self.parts if part.density is None]
        return 1 + max([2, *(mask.draws for mask in masks if mask is not None)])

    @property
    def needs_addresses(self) -> bool:
        return True

    def move(self, points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return the points moved by one of the masks, drawn by its weight.

        As by `moved`, and faster where a mask draws again until a move is accepted.
        """
        if len(self.parts) == 1 and isinstance(self.parts[0].placed, PlacedRedrawn):
            return self.parts[0].placed.move(points, rng)
        return self.moved(points, rng.random((self.draws, len(points))))

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        """Return the points moved by one of the masks, drawn by its weight."""
        if len(points) == 0:
            return points
        edges = np.cumsum([part.weight for part in self.parts])
        at = int(np.searchsorted(edges, uniform[0, 0] * edges[-1], side="right"))
        part = self.parts[min(at, len(self.parts) - 1)]
        if part.density is not None:
            assert self.edges is not None
            distance = distances(part.density, self.edges, uniform[1])
            turned = 2 * math.pi * uniform[2]
            gap = distance[:, None] * np.column_stack([np.cos(turned), np.sin(turned)])
            begin = part.frame.begin(points)
            return np.asarray(begin + part.frame.moves(gap))
        placed = part.placed
        if placed is None:
            assert part.mask is not None
            placed = part.mask.on(self.base)
        moved = placed.moved(points, uniform[1 : 1 + placed.draws])
        return np.asarray(moved + part.frame.shift)

    def on(self, base: AddressBase) -> PlacedAverage:
        return PlacedAverage(average=self)

    def only(self, *kinds: str) -> AveragedMask:
        """Return the average over some kinds of masks alone."""
        chosen = [part for part in self.parts if part.kind in kinds]
        total = sum(part.weight for part in chosen)
        parts = tuple(part._replace(weight=part.weight / total) for part in chosen)
        return replace(self, parts=parts)

    def recipe(self) -> dict[str, Any]:
        likeliest = {str(part.mask): round(part.weight, 6) for part in self.parts[:9]}
        return {"mask": "averaged", "likeliest": likeliest, "of": len(self.parts)}


def distances(density: np.ndarray, edges: np.ndarray, share: Any) -> np.ndarray:
    """Return the distance that each share of the moves stays within.

    - `density`: By ring; of several laws, a row each, and the distances are a row each.
    """
    within = np.zeros((*density.shape[:-1], len(edges)))
    np.cumsum(density * math.pi * np.diff(edges**2), axis=-1, out=within[..., 1:])
    squared = edges**2
    if density.ndim == 1:
        return np.asarray(np.sqrt(np.interp(share * within[-1], within, squared)))
    return np.sqrt([np.interp(share * mass[-1], mass, squared) for mass in within])


class Group(NamedTuple):
    """Masks that see the same distances: their weights, and densities by ring."""

    frame: Frame
    on_address: bool
    weight: np.ndarray
    density: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class PlacedAverage(PlacedMask):
    """Masks over known addresses, each weighed by its share and by what it makes of each dot.

    The weights were worked out from all dots, the one that is looked at included. So what a mask
    says of the home of a dot is first brought to the same sum, whatever its likelihood::

        p(home | dots) = sum over masks of p(mask | dots) p(home | dot, mask)
    """

    average: AveragedMask

    @property
    def draws(self) -> int:
        return self.average.draws

    def moved(self, points: np.ndarray, uniform: np.ndarray) -> np.ndarray:
        return self.average.moved(points, uniform)

    @cached_property
    def places(self) -> np.ndarray:
        """Positions of the addresses, float (m, 2)."""
        return self.average.base.xy

    @cached_property
    def even(self) -> float:
        """Density of strays."""
        return STRAY / box_area(self.places)

    @cached_property
    def _reach(self) -> float:
        farthest = NEAREST
        for part in self.average.parts:
            if part.placed is not None:
                continue
            if part.density is None:
                most = float(part.radial.distance(np.array([_MOVES]))[0])
            else:
                assert self.average.edges is not None
                most = float(distances(part.density, self.average.edges, np.array([_MOVES]))[0])
            shift = float(np.hypot(*part.frame.shift))
            if part.frame.image is not None:
                shift = float(np.hypot(*(part.frame.image.xy - self.places).T).max())
            farthest = max(farthest, most * part.frame.farther + shift)
        return farthest + 4 * self.average.resolution

    @cached_property
    def edges(self) -> np.ndarray:
        return ring_edges(self._reach) if self.average.edges is None else self.average.edges

    @cached_property
    def groups(self) -> list[Group]:
        groups, resolution = [], self.average.resolution
        tables = [part for part in self.average.parts if part.placed is None]
        for frame, on_address in dict.fromkeys((part.frame, part.on_address) for part in tables):
            mine = [part for part in tables if (part.frame, part.on_address) == (frame, on_address)]
            density = np.column_stack(
                [
                    density_table([part.radial.density], self.edges, resolution)[:, 0]
                    if part.density is None
                    else part.density
                    for part in mine
                ]
            )
            weight = np.array([part.weight for part in mine])
            groups.append(Group(frame, on_address, weight, density))
        return groups

    @cached_property
    def _farthest(self) -> np.ndarray:
        """How far the widest donut of each address reaches, metres; 0 without one."""
        donuts = [p.placed.r_max for p in self.average.parts if isinstance(p.placed, PlacedDonut)]
        return np.max(donuts, axis=0, initial=0.0) if donuts else np.zeros(len(self.average.prior))

    def near_donuts(
        self, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> tuple[np.ndarray, Pairs]:
        """Return the pairs that a donut of the addresses' own may reach, and their positions."""
        near = np.flatnonzero(pairs.distance <= self._farthest[pairs.place] + rounding)
        indptr = np.searchsorted(near, pairs.indptr)
        return near, Pairs(indptr, pairs.place[near], pairs.distance[near])

    def reach_of(self, dots: np.ndarray) -> np.ndarray:
        """Return how far the home of each dot may be, for all masks but a thousandth of moves."""
        reach = np.full(len(dots), self._reach + ROUNDING_METRES)
        for part in self.average.parts:
            if part.placed is not None:
                reach = np.maximum(reach, part.placed.reach_of(dots))
        return reach

    def likelihood(
        self, dots: np.ndarray, pairs: Pairs, rounding: float = ROUNDING_METRES
    ) -> np.ndarray:
        """Return, of each pair, how likely its place is, over that of any: relative to the prior.

        0 throughout for a dot that is likelier to be a stray.
        """
        row = row_of(pairs.indptr)
        prior = self.average.prior[pairs.place]
        even = self.even
        value, stray = np.zeros(len(row)), np.zeros(len(dots))
        for group in self.groups:
            self._add(group, dots, pairs, prior, value, stray)
        near, close = self.near_donuts(pairs, rounding)
        of_all = slice(None), pairs, row, prior
        of_near = near, close, row[near], prior[near]
        for part in self.average.parts:
            if part.placed is None:
                continue
            is_donut = isinstance(part.placed, PlacedDonut)
            at, some, rows, weight = of_near if is_donut else of_all
            landing = part.unit * part.placed.likelihood(dots, some, rounding)
            evidence = (1 - STRAY) * row_sum(some.indptr, weight * landing)
            lost = even / (evidence + even)
            value[at] += part.weight * (1 - STRAY) * landing / (evidence + even)[rows]
            stray += part.weight * lost
        anywhere = row_sum(pairs.indptr, prior)
        spread = np.where((stray > _NO_STRAY) & (anywhere > 0), stray, 0.0)
        value += (spread / np.where(anywhere > 0, anywhere, 1.0))[row]
        value[(stray > 0.5)[row]] = 0.0
        return value

    def _add(
        self,
        group: Group,
        dots: np.ndarray,
        pairs: Pairs,
        prior: np.ndarray,
        value: np.ndarray,
        stray: np.ndarray,
    ) -> None:
        """Add what a group of masks says of each pair, and how likely each dot is its stray."""
        even, at = self.even, pairs
        if group.frame != STILL:
            places = group.frame.places(self.places)
            gap = places[pairs.place] - group.frame.dots(dots)[pairs.point]
            at = pairs._replace(distance=np.hypot(gap[:, 0], gap[:, 1]))
        rings, cell = profile(at, prior, self.edges)
        landing = rings @ group.density
        known = landing
        if group.on_address:
            # A swapped dot stands on an address, or near one, as one that was left where it was.
            left = [Exact(rounding=BESIDE).density]
            table = density_table(left, self.edges, self.average.resolution)
            known = np.broadcast_to(rings @ table, landing.shape)
        fits = (1 - STRAY) * known / ((1 - STRAY) * known + even)
        fits = np.where(landing > 0, fits, 0.0)
        share = group.weight * fits / np.where(landing > 0, landing, 1.0)
        table = np.append(share @ group.density.T, 0.0)
        value += table[cell]
        stray += (1 - fits) @ group.weight


def weighed(
    parts: Sequence[WeightedMask], score: np.ndarray, kept: float, most: int | None = None
) -> tuple[WeightedMask, ...]:
    """Give each part its weight, in proportion to exp(score); drop the least likely ones.

    - `kept`: What the others are to weigh together; `most` of them at most.
    """
    weight = np.exp(score - score.max())
    weight /= weight.sum()
    order = np.argsort(-weight, kind="stable")
    count = int(np.searchsorted(np.cumsum(weight[order]), kept)) + 1
    order = order[:count][:most]
    total = weight[order].sum()
    return tuple(parts[k]._replace(weight=float(weight[k] / total)) for k in order)
