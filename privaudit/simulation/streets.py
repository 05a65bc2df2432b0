"""A street network: main roads and a river, cross streets, blocks, cul-de-sacs, and their doors.

Points are complex numbers, in metres: a product with ``1j`` is a quarter turn to the left. A block
is convex, anticlockwise: a list of (corner, street on the way to the next corner)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from privaudit.core.checks import Bools, Floats, Ints

Points = npt.NDArray[np.complex128]
Block = list[tuple[complex, int]]
# The other side of the outermost blocks: no street.
FIELDS = -1
# The first line that is cut: its two sides are quays.
RIVER = 0
# Blocks are not cut shorter than two gardens and a street.
_SHORTEST, _DEEP = 62.0, 45.0
# Deviation of a right angle as it is laid out, radians; metres a door stands back at most.
_SURVEYED, _FURTHEST = 0.03, 6.0


@dataclass(frozen=True, kw_only=True)
class Fabric:
    """How a kind of town is built: lengths in metres, spreads as deviations of a logarithm.

    - `block`: Hectares of a block in the middle of town; `outward` times as much is added at its
      edge, and neighbourhoods differ by `uneven`.
    - `plot`: Median distance of doors of one row; it differs by `plots` within a row and by
      `rows` between rows.
    - `width`: Median distance of doors that face each other, with `widths` between streets.
    - `bare`: Share of blocks without doors (parks, schools, factories).
    - `blind`, `gables`: Shares of long and of short rows without doors: the house on a corner
      looks at the longer street.
    - `slender`: How many times as long as deep a block may come to be.
    - `square`: Share of cross streets that meet others at a right angle, as near as a surveyor
      draws it; `lean`: deviation of the others from it, in radians.
    - `crossing`: Share of cuts that are made across two blocks at once, so that streets cross.
    - `bend`: Metres by which straight streets are bent.
    - `astray`: How far the river and the third main road lie from square to the others, of half a
      right angle or so.
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
    """Rows of plots along the middle of a street; doors stand `half` metres to the left."""

    start: Points
    end: Points
    street: Ints
    half: Floats
    block: Ints


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
        return Doors(
            self.at[rows],
            self.street[rows],
            self.along[rows],
            self.left[rows],
            self.block[rows],
            self.bearing[rows],
        )

    def and_others(self, others: Doors) -> Doors:
        """Add doors on other streets, which get numbers of their own."""
        return Doors(
            np.concatenate([self.at, others.at]),
            np.concatenate([self.street, others.street + int(self.street.max()) + 1]),
            np.concatenate([self.along, others.along]),
            np.concatenate([self.left, others.left]),
            np.concatenate([self.block, others.block]),
            np.concatenate([self.bearing, others.bearing]),
        )


@dataclass
class _Plan:
    """Streets (a point and a direction each) and blocks as they come to be cut."""

    origin: list[complex] = field(default_factory=list)
    way: list[complex] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    dead_ends: list[tuple[complex, complex, int, int]] = field(default_factory=list)

    def street(self, origin: complex, way: complex) -> int:
        self.origin.append(origin)
        self.way.append(way / abs(way))
        return len(self.origin) - 1


def plan_streets(radius: float, fabric: Fabric, *, rng: np.random.Generator) -> tuple[Doors, Ints]:
    """Cut a round territory into blocks by a river, main roads and streets, and line them.

    - `radius`: Of the territory around (0, 0), metres.
    - returns `doors`: In the order of blocks.
    - returns: Which streets are dead ends.
    """
    plan = _Plan()
    turn = np.exp(2j * np.pi * (np.arange(18) + rng.random()) / 18)
    sectors: list[Block] = [[(complex(z), FIELDS) for z in radius * turn]]
    main = _main_roads(radius, fabric.astray, rng)
    for origin, way in main:
        street = plan.street(origin, way)
        sectors = [half for block in sectors for half in _cut(block, origin, way, street)]
    uneven = waves(rng, 1_400.0)

    def wanted(z: complex) -> float:
        far = 1 + fabric.outward * min(abs(z) / radius, 1.0) ** 2
        return 1e4 * fabric.block * far * float(np.exp(fabric.uneven * uneven(np.array([z]))[0]))

    _cut_up(plan, sectors, wanted, fabric, rng)
    many = len(plan.origin)
    half = 0.5 * fabric.width * np.exp(fabric.widths * rng.standard_normal(many))
    half[: len(main)] = 1.3 * fabric.width * 0.5
    half[RIVER] = 32.0 + fabric.width / 2
    rows = _rows(plan, half, fabric, rng)
    size = fabric.plot * np.exp(0.5 * fabric.uneven * uneven(rows.start))
    streets = np.array(plan.origin), np.array(plan.way)
    dead = np.array([street for _, _, street, _ in plan.dead_ends], dtype=np.int64)
    return doors_along(rows, streets, size, fabric, rng), dead


def setbacks(many: int, rng: np.random.Generator) -> Floats:
    """Draw how far doors stand behind the line of their row, in metres: most hardly do.

    In 16 dense communes of Val-de-Marne the median door is .26 m off the line between the doors
    beside it, one in ten 4 m or more. Were all a metre off, no street would look square.
    """
    behind = 0.12 * np.sinh(2.0 * np.abs(rng.standard_normal(many)))
    return np.asarray(np.minimum(behind, _FURTHEST))


def waves(rng: np.random.Generator, length: float) -> Callable[[Points], Floats]:
    """Draw a smooth field of mean 0 and variance 1: a few waves of about this length."""
    wave = 2 * np.pi / (length * rng.uniform(0.6, 1.6, 4)) * np.exp(2j * np.pi * rng.random(4))
    phase = rng.uniform(0, 2 * np.pi, 4)

    def height(at: Points) -> Floats:
        swell = np.sin((at[:, None] * wave.conj()).real + phase).sum(axis=1)
        return np.asarray(swell / np.sqrt(2))

    return height


def _main_roads(
    radius: float, astray: float, rng: np.random.Generator
) -> list[tuple[complex, complex]]:
    """Lead a river past the centre and three roads through it; they leave a square between."""
    turn = np.exp(1j * rng.uniform(-0.25, 0.25))
    lines = [(complex(-0.36j * radius * turn), complex(turn))]
    # Two of them cross squarely, the third comes from elsewhere.
    start = astray * rng.uniform(0.2, 0.9)
    for turned in (0.0, np.pi / 2 + rng.uniform(-0.2, 0.2), astray * rng.uniform(0.6, 1.0)):
        way = np.exp(1j * (start + turned))
        lines.append((complex(1j * way * rng.uniform(14, 34)), complex(way)))
    return lines


def _cut(block: Block, origin: complex, way: complex, street: int) -> list[Block]:
    """Cut a block along a line: what lies on its left, and on its right."""
    back = way.conjugate()
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
        way = (b - a) / abs(b - a)
        turned = [corner * way.conjugate() for corner in z]
        low = complex(min(c.real for c in turned), min(c.imag for c in turned))
        high = complex(max(c.real for c in turned), max(c.imag for c in turned))
        size = high - low
        if best is None or size.real * size.imag < best[0]:
            long, deep = size.real, size.imag
            along = way if long >= deep else way * 1j
            middle = (low + high) / 2 * way
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
    """Cut blocks across their length until each is as small as wanted where it lies."""
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
    """Lead a cul-de-sac from the middle of a block's longest side into it."""
    ends = [(z, block[k + 1 - len(block)][0], s) for k, (z, s) in enumerate(block)]
    a, b, street = max(ends, key=lambda e: abs(e[1] - e[0]) * (e[2] > RIVER))
    if street > RIVER:
        inward = 1j * (b - a) / abs(b - a)
        start = (a + b) / 2
        new = plan.street(start, inward)
        plan.dead_ends.append((start, start + inward * 0.62 * deep, new, len(plan.blocks) - 1))


def _rows(plan: _Plan, half: Floats, fabric: Fabric, rng: np.random.Generator) -> PlotRows:
    """List both sides of every street; leave out fields, bare blocks and blind rows."""
    many = np.array([len(block) for block in plan.blocks], dtype=np.int64)
    start = np.array([z for block in plan.blocks for z, _ in block])
    end = np.array([z for block in plan.blocks for z, _ in [*block[1:], block[0]]])
    street = np.array([s for block in plan.blocks for _, s in block])
    which = np.repeat(np.arange(len(many)), many)
    built = rng.random(len(many)) >= fabric.bare
    length = np.abs(end - start)
    longest = np.maximum.reduceat(length, np.cumsum(many) - many)[which]
    blind = np.where(length < 0.7 * longest, fabric.gables, fabric.blind)
    kept = built[which] & (street != FIELDS) & (rng.random(len(street)) >= blind)
    if plan.dead_ends:
        a, b, new, of = (np.array(part) for part in zip(*plan.dead_ends, strict=True))
        # A cul-de-sac has two sides: up on its right, back on its left.
        start, end = np.concatenate([start, b, a]), np.concatenate([end, a, b])
        street, which = np.concatenate([street, new, new]), np.concatenate([which, of, of])
        kept = np.concatenate([kept, built[of], built[of]])
    return PlotRows(start[kept], end[kept], street[kept], half[street[kept]], which[kept])


def doors_along(
    rows: PlotRows,
    streets: tuple[Points, Points],
    size: Floats,
    fabric: Fabric,
    rng: np.random.Generator,
) -> Doors:
    """Put doors along rows of plots.

    - `streets`: Origin and direction of each street.
    - `size`: Median plot of each row.

    Plots follow one another from row to row, as if all rows were one, each drawn to its scale.
    """
    origin, direction = streets
    length = np.abs(rows.end - rows.start)
    way = (rows.end - rows.start) / np.maximum(length, 1e-9)
    free = np.maximum(length - 2 * (rows.half + 3.0), 0.0)
    scale = size * np.exp(fabric.rows * rng.standard_normal(len(size)))
    until = np.cumsum(free / scale) if len(free) else np.zeros(1)
    gap = np.exp(fabric.plots * rng.standard_normal(int(1.3 * until[-1]) + 50))
    place = np.cumsum(gap) - gap[0] * rng.random()
    place = place[place < until[-1]]
    row = np.searchsorted(until, place, side="right")
    before = np.concatenate([[0.0], until[:-1]])[row]
    along = (place - before) * scale[row] + rows.half[row] + 3.0
    back = rows.half[row] + setbacks(len(row), rng)
    at = rows.start[row] + way[row] * (along + 1j * back)
    street = rows.street[row]
    offset = (at - origin[street]) * direction[street].conj()
    return Doors(at, street, offset.real, offset.imag > 0, rows.block[row], np.angle(way[row]))
