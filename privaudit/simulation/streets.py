"""Street network of a fictional town: main roads, a river, blocks, cul-de-sacs, and their doors.

Points are complex numbers, in metres: a product with ``1j`` is a quarter turn to the left. A block
is convex, anticlockwise: a list of (corner, street on the way to the next corner).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from privaudit.core.checks import Bools, Floats, Ints

Points = npt.NDArray[np.complex128]
Block = list[tuple[complex, int]]
# Stands for no street: the outer side of the outermost blocks.
FIELDS = -1
# The street that is cut first: its two sides are quays.
RIVER = 0
# Least length of a block (two gardens and a street), and depth of two rows of gardens.
_SHORTEST, _DEEP = 62.0, 45.0
# Standard deviation of a surveyed right angle, radians; largest setback of a door, metres; how far
# rows end from the doors of the next street.
_SURVEYED, _FURTHEST, _CORNER = 0.03, 6.0, 3.0


@dataclass(frozen=True, kw_only=True)
class Fabric:
    """Street and plot parameters: lengths in metres, spreads as deviations of a logarithm.

    Parameters
    ----------
    block : float
        Area of a block in the middle of town, in hectares.
    outward : float
        Factor by which blocks grow from the middle to the edge, less 1.
    uneven : float
        Spread of the block area between neighbourhoods.
    plot : float
        Median distance of doors of one row.
    plots, rows : float
        Spread of that distance within a row and between rows.
    width : float
        Median distance of doors that face each other.
    widths : float
        Spread of that distance between streets.
    bare : float
        Share of blocks without doors (parks, schools, factories).
    blind, gables : float
        Shares of long and of short rows without doors: a corner house has its door on the longer
        street.
    slender : float
        Largest ratio of the length of a block to its depth.
    lean : float
        Deviation of cross streets that are not square from a right angle, in radians.
    crossing : float
        Share of cuts that go through two blocks at once, so that streets cross.
    square : float
        Share of cross streets that meet others at a right angle, up to surveying error.
    bend : float
        Displacement by which straight streets are bent.
    astray : float
        Deviation of the river and the third main road from square, as a share of about half a
        right angle.
    """

    block: float
    outward: float
    uneven: float
    plot: float
    plots: float
    rows: float
    width: float
    widths: float
    bare: float
    blind: float
    gables: float
    slender: float
    lean: float
    crossing: float
    square: float
    bend: float
    astray: float = 1.0


class PlotRows(NamedTuple):
    """Rows of plots along the middle of a street, from `low` to `high` metres after its start.

    Doors are `half` metres to its left.
    """

    start: Points
    end: Points
    street: Ints
    half: Floats
    block: Ints
    low: Floats
    high: Floats


class Doors(NamedTuple):
    """Doors of a network: position, street, metres along it, left side, block, street's bearing."""

    at: Points
    street: Ints
    along: Floats
    left: Bools
    block: Ints
    bearing: Floats

    def taken(self, rows: Ints) -> Doors:
        """Take some doors, in this order."""
        return Doors._make(column[rows] for column in self)

    def and_others(self, others: Doors) -> Doors:
        """Append doors on other streets, renumbered after the present ones."""
        others = others._replace(street=others.street + int(self.street.max()) + 1)
        return Doors._make(map(np.concatenate, zip(self, others, strict=True)))


class Through(NamedTuple):
    """Straight lines through the whole town, the river first, and metres to the doors beside."""

    origin: Points
    direction: Points
    half: Floats

    def off(self, at: Points) -> Floats:
        """Return the signed distance of points, (n, 1), to each line, in metres, left positive."""
        return np.asarray(((at - self.origin) * self.direction.conj()).imag)


@dataclass
class _Plan:
    """Streets (a point and a direction each) and blocks, while they are cut."""

    origin: list[complex] = field(default_factory=list)
    direction: list[complex] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    # Mouth, end, street, block, and the side of the block that it leaves.
    dead_ends: list[tuple[complex, complex, int, int, int]] = field(default_factory=list)

    def street(self, origin: complex, direction: complex) -> int:
        self.origin.append(origin)
        self.direction.append(direction / abs(direction))
        return len(self.origin) - 1


def plan_streets(
    radius: float, fabric: Fabric, *, rng: np.random.Generator
) -> tuple[Doors, Ints, Through]:
    """Cut a round territory into blocks by a river, main roads and streets; place doors along them.

    Parameters
    ----------
    radius : float
        Of the territory around (0, 0), metres.
    fabric : Fabric
    rng : numpy.random.Generator

    Returns
    -------
    doors : Doors
        In the order of blocks.
    dead_ends : ndarray of int
        Streets that are dead ends.
    through : Through
        River and main roads.
    """
    plan = _Plan()
    turn = np.exp(2j * np.pi * (np.arange(18) + rng.random()) / 18)
    sectors: list[Block] = [[(complex(z), FIELDS) for z in radius * turn]]
    main = _main_roads(radius, fabric.astray, rng)
    for origin, direction in main:
        street = plan.street(origin, direction)
        sectors = [half for block in sectors for half in _cut(block, origin, direction, street)]
    uneven = waves(rng, 1_400.0)

    def wanted(z: complex) -> float:
        far = 1 + fabric.outward * min(abs(z) / radius, 1.0) ** 2
        return 1e4 * fabric.block * far * float(np.exp(fabric.uneven * uneven(np.array([z]))[0]))

    _cut_up(plan, sectors, wanted, fabric, rng)
    half = 0.5 * fabric.width * np.exp(fabric.widths * rng.standard_normal(len(plan.origin)))
    half[: len(main)] = 1.3 * fabric.width * 0.5
    half[RIVER] = 32.0 + fabric.width / 2
    streets = np.array(plan.origin), np.array(plan.direction)
    through = Through(streets[0][: len(main)], streets[1][: len(main)], half[: len(main)])
    dead = np.array([dead_end[2] for dead_end in plan.dead_ends], dtype=np.int64)
    rows = _rows(plan, half, fabric, rng)
    rows = _between_streets(rows, _sides(plan, half), through, dead)
    size = fabric.plot * np.exp(0.5 * fabric.uneven * uneven(rows.start))
    return doors_along(rows, streets, size, fabric, rng), dead, through


def setbacks(n: int, rng: np.random.Generator) -> Floats:
    """Draw the setback of each door from the line of its row, in metres.

    Most are near 0: in 16 dense communes of Val-de-Marne the median door is .26 m off the line
    between its neighbours, and one in ten 4 m or more.

    Parameters
    ----------
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float
    """
    behind = 0.12 * np.sinh(2.0 * np.abs(rng.standard_normal(n)))
    return np.asarray(np.minimum(behind, _FURTHEST))


def waves(rng: np.random.Generator, length: float) -> Callable[[Points], Floats]:
    """Draw a smooth field of mean 0 and variance 1: a few waves of about this length.

    Parameters
    ----------
    rng : numpy.random.Generator
    length : float
        Wavelength, metres.

    Returns
    -------
    Callable[[ndarray of complex], ndarray of float]
    """
    wave = 2 * np.pi / (length * rng.uniform(0.6, 1.6, 4)) * np.exp(2j * np.pi * rng.random(4))
    phase = rng.uniform(0, 2 * np.pi, 4)

    def height(at: Points) -> Floats:
        swell = np.sin((at[:, None] * wave.conj()).real + phase).sum(axis=1)
        return np.asarray(swell / np.sqrt(2))

    return height


def _main_roads(
    radius: float, astray: float, rng: np.random.Generator
) -> list[tuple[complex, complex]]:
    """Draw a river past the centre and three roads through it, with a square between them."""
    turn = np.exp(1j * rng.uniform(-0.25, 0.25))
    lines = [(complex(-0.36j * radius * turn), complex(turn))]
    # Two of them cross squarely, the third comes from elsewhere.
    start = astray * rng.uniform(0.2, 0.9)
    for turned in (0.0, np.pi / 2 + rng.uniform(-0.2, 0.2), astray * rng.uniform(0.6, 1.0)):
        direction = np.exp(1j * (start + turned))
        lines.append((complex(1j * direction * rng.uniform(14, 34)), complex(direction)))
    return lines


def _cut(block: Block, origin: complex, direction: complex, street: int) -> list[Block]:
    """Cut a block along a line; return its left and right parts."""
    back = direction.conjugate()
    side = [((z - origin) * back).imag for z, _ in block]
    left: Block = []
    right: Block = []
    for k, (z, beside) in enumerate(block):
        here, there = side[k], side[k + 1 - len(block)]
        (left if here >= 0 else right).append((z, beside))
        if (here >= 0) != (there >= 0):
            x = z + (block[k + 1 - len(block)][0] - z) * (here / (here - there))
            left.append((x, street if here >= 0 else beside))
            right.append((x, beside if here >= 0 else street))
    return [half for half in (left, right) if len(half) > 2]


def _area(block: Block) -> float:
    z = [corner for corner, _ in block]
    return 0.5 * sum((a.conjugate() * b).imag for a, b in zip(z, z[1:] + z[:1], strict=True))


def _box(block: Block) -> tuple[complex, complex, float, float]:
    """Middle, direction, length and depth of the smallest rectangle around a block."""
    z = [corner for corner, _ in block]
    best: tuple[float, complex, complex, float, float] | None = None
    for a, b in zip(z, z[1:] + z[:1], strict=True):
        if abs(b - a) < 1.0:
            continue
        side = (b - a) / abs(b - a)
        back = side.conjugate()
        turned = [corner * back for corner in z]
        east, north = [c.real for c in turned], [c.imag for c in turned]
        low, high = complex(min(east), min(north)), complex(max(east), max(north))
        size = high - low
        if best is None or size.real * size.imag < best[0]:
            long, deep = size.real, size.imag
            along = side if long >= deep else side * 1j
            middle = (low + high) / 2 * side
            best = (long * deep, middle, along, max(long, deep), min(long, deep))
    if best is None:
        return z[0], 1 + 0j, 0.0, 0.0
    return best[1:]


def _cut_up(
    plan: _Plan,
    todo: list[Block],
    wanted: Callable[[complex], float],
    fabric: Fabric,
    rng: np.random.Generator,
) -> None:
    """Cut blocks across their length until each is no larger than the area wanted there."""
    while todo:
        block = todo.pop()
        middle, along, long, deep = _box(block)
        area, enough = _area(block), wanted(middle)
        if area <= enough or long < 2 * _SHORTEST:
            plan.blocks.append(block)
            if area > 0.55 * enough and deep > 2.4 * 42.0 and rng.random() < 0.4:
                _dead_end(plan, block, deep)
            continue
        shift, aside, again, draw = rng.uniform(-1, 1, 4)
        aslant = fabric.lean if rng.random() >= fabric.square else _SURVEYED
        lean = aslant * min(max(rng.standard_normal(), -2.5), 2.5)
        # Two rows of gardens back to back: deeper blocks are cut along, up to a slenderness.
        if deep > 2 * _DEEP and long < fabric.slender * deep / 2 and draw > 0:
            along, long, deep = along * 1j, deep, long
        across = along * 1j * np.exp(1j * lean)
        origin = middle + along * 0.09 * long * shift
        halves = _cut(block, origin, across, plan.street(origin, across))
        if area > 2.2 * enough and deep > 2 * _SHORTEST and 0.5 * (1 + again) < fabric.crossing:
            origin = middle + along * 1j * 0.09 * deep * aside
            street = plan.street(origin, along)
            halves = [piece for half in halves for piece in _cut(half, origin, along, street)]
        todo += halves


def _dead_end(plan: _Plan, block: Block, deep: float) -> None:
    """Add a cul-de-sac from the middle of a block's longest side into it."""
    ends = [(z, block[k + 1 - len(block)][0], s, k) for k, (z, s) in enumerate(block)]
    a, b, street, side = max(ends, key=lambda e: abs(e[1] - e[0]) * (e[2] > RIVER))
    if street > RIVER:
        inward = 1j * (b - a) / abs(b - a)
        start, of = (a + b) / 2, len(plan.blocks) - 1
        new = plan.street(start, inward)
        plan.dead_ends.append((start, start + inward * 0.62 * deep, new, of, side))


def _sides(plan: _Plan, half: Floats) -> PlotRows:
    """Return all sides of blocks; no street is outside the fields."""
    count = np.array([len(block) for block in plan.blocks], dtype=np.int64)
    start = np.array([z for block in plan.blocks for z, _ in block])
    end = np.array([z for block in plan.blocks for z, _ in [*block[1:], block[0]]])
    street = np.array([s for block in plan.blocks for _, s in block])
    wide = np.where(street == FIELDS, 0.0, half[street])
    of, low = np.repeat(np.arange(len(count)), count), np.zeros(len(street))
    return PlotRows(start, end, street, wide, of, low, np.abs(end - start))


def _rows(plan: _Plan, half: Floats, fabric: Fabric, rng: np.random.Generator) -> PlotRows:
    """List both sides of every street; leave out fields, bare blocks and blind rows."""
    rows = _sides(plan, half)
    built = rng.random(len(plan.blocks)) >= fabric.bare
    first = np.unique(rows.block, return_index=True)[1]
    longest = np.maximum.reduceat(rows.high, first)[rows.block]
    blind = np.where(rows.high < 0.7 * longest, fabric.gables, fabric.blind)
    lined = (rows.street != FIELDS) & (rng.random(len(blind)) >= blind)
    if plan.dead_ends:
        a, b, new, of, side = (np.array(part) for part in zip(*plan.dead_ends, strict=True))
        left, free, deep = first[of] + side, half[new] + _CORNER, np.abs(b - a)
        # The row that a cul-de-sac leaves goes on beyond its mouth. It has two sides itself: up on
        # its right, back on its left.
        beyond = PlotRows(*(column[left] for column in rows))
        beyond = beyond._replace(low=beyond.high / 2 + free)
        rows.high[left] = beyond.high / 2 - free
        up = PlotRows(b, a, new, half[new], of, free, deep)
        back = PlotRows(a, b, new, half[new], of, np.zeros(len(new)), deep - free)
        parts = zip(rows, beyond, up, back, strict=True)
        rows = PlotRows(*(np.concatenate(part) for part in parts))
        lined = np.concatenate([lined, lined[left], np.ones(2 * len(new), dtype=bool)])
    lined &= built[rows.block]
    return PlotRows(*(column[lined] for column in rows))


def _between_streets(rows: PlotRows, sides: PlotRows, through: Through, dead: Ints) -> PlotRows:
    """Shorten rows so that no door, however set back, stands on another street.

    - `sides`: All sides of blocks.
    - `dead`: Dead ends, of which neither side comes near the doors of another street.
    """
    ahead, furthest = _unit(rows.end - rows.start), rows.half + _FURTHEST
    low, high = rows.low, rows.high
    blind = np.isin(rows.street, dead)
    free, across = np.where(blind, _FURTHEST, _CORNER), np.where(blind, -rows.half, rows.half)
    for behind, clear in ((rows.half, free), (across, free), (furthest, 0.0 * free)):
        at = rows.start + 1j * behind * ahead
        for point, inward, half, street in _around(rows, sides, through):
            off = ((at - point) * inward.conj()).real - half - clear
            nearer = (ahead * inward.conj()).real
            until = -off / np.where(np.abs(nearer) < 1e-9, 1e-9, nearer)
            same, away = street == rows.street, nearer > -1e-9
            low = np.maximum(low, np.where(same | ~away, -np.inf, until))
            high = np.minimum(high, np.where(same | away, np.inf, until))
    return rows._replace(low=low, high=high)


def _around(
    rows: PlotRows, sides: PlotRows, through: Through
) -> Iterator[tuple[Points, Points, Floats, Ints | int]]:
    """Give each side of the block of a row, then each street through the whole town.

    By a point, the direction into the block, half the width, and the street.
    """
    first, last = (np.searchsorted(sides.block, rows.block, end) for end in ("left", "right"))
    inward = 1j * _unit(sides.end - sides.start)
    for k in range(int((last - first).max(initial=0))):
        side = np.minimum(first + k, last - 1)
        yield sides.start[side], inward[side], sides.half[side], sides.street[side]
    left = through.off((rows.start + rows.end)[:, None] / 2) > 0
    for street, (point, along, half) in enumerate(zip(*through, strict=True)):
        yield point, np.where(left[:, street], 1j, -1j) * along, half, street


def _unit(along: Points) -> Points:
    return np.asarray(along / np.maximum(np.abs(along), 1e-9))


def doors_along(
    rows: PlotRows,
    streets: tuple[Points, Points],
    size: Floats,
    fabric: Fabric,
    rng: np.random.Generator,
) -> Doors:
    """Place doors along rows of plots.

    Plots follow one another from row to row as if all rows were one, each drawn to its scale.

    Parameters
    ----------
    rows : PlotRows
    streets : tuple[ndarray of complex, ndarray of complex]
        Origin and direction of each street.
    size : ndarray of float
        Median plot of each row.
    fabric : Fabric
    rng : numpy.random.Generator"""
    origin, bearing = streets
    direction = _unit(rows.end - rows.start)
    free = np.maximum(rows.high - rows.low, 0.0)
    scale = size * np.exp(fabric.rows * rng.standard_normal(len(size)))
    until = np.cumsum(free / scale) if len(free) else np.zeros(1)
    gap = np.exp(fabric.plots * rng.standard_normal(int(1.3 * until[-1]) + 50))
    place = np.cumsum(gap) - gap[0] * rng.random()
    place = place[place < until[-1]]
    row = np.searchsorted(until, place, side="right")
    before = np.concatenate([[0.0], until[:-1]])[row]
    along = (place - before) * scale[row] + rows.low[row]
    back = rows.half[row] + setbacks(len(row), rng)
    at = rows.start[row] + direction[row] * (along + 1j * back)
    street = rows.street[row]
    offset = (at - origin[street]) * bearing[street].conj()
    return Doors(
        at, street, offset.real, offset.imag > 0, rows.block[row], np.angle(direction[row])
    )
