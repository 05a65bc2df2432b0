"""The plan of a fictional town, drawn from its addresses: streets, a river, parks, houses, names.

A plan is in metres. Every street of it is joined to the others; a name stands where no dot, no
other name and nothing else is drawn.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import escape

from privaudit.geo.address_base import fitted_frame, middle_of_street, number_sides
from privaudit.results.painter import num

Lines = list[np.ndarray]


@dataclass(frozen=True)
class Window:
    """The part of the plane that a map shows, and how it lies on the drawing."""

    low: np.ndarray
    size: np.ndarray
    width: float

    @property
    def scale(self) -> float:
        """Units of the drawing a metre."""
        return float(self.width / self.size[0])

    @property
    def height(self) -> float:
        """Of the drawing."""
        return float(self.size[1] * self.scale)

    def on(self, points: np.ndarray) -> np.ndarray:
        """Return points in units of the drawing, y downward."""
        xy: np.ndarray = (np.asarray(points, dtype=float) - self.low) * self.scale
        xy[..., 1] = self.height - xy[..., 1]
        return xy

    def holds(self, points: np.ndarray) -> np.ndarray:
        """Return which points are inside."""
        points = np.asarray(points, dtype=float)
        inside: np.ndarray = ((points >= self.low) & (points <= self.low + self.size)).all(axis=-1)
        return inside


def window_of(points: np.ndarray, width: float) -> Window:
    """Frame the largest piece of town: hamlets far away would make a stain of it."""
    from scipy.ndimage import label

    points = np.asarray(points, dtype=float)
    cell = np.floor((points - points.min(axis=0)) / 160.0).astype(int)
    built = np.zeros(cell.max(axis=0) + 1, dtype=bool)
    built[cell[:, 0], cell[:, 1]] = True
    piece = label(built, structure=np.ones((3, 3)))[0][cell[:, 0], cell[:, 1]]
    near = points[piece == np.bincount(piece).argmax()]
    low, high = near.min(axis=0), near.max(axis=0)
    size = np.full(2, max(float((high - low).max()), 50.0) * 1.05)
    return Window((low + high) / 2 - size / 2, size, width)


def streets_of(places: pd.DataFrame) -> dict[str, np.ndarray]:
    """Trace the middle of each street through its addresses, in metres, by name.

    Odd and even numbers stand on the two sides: the line between them is fitted as a curve of
    the second degree plus or minus one setback.
    """
    lines: dict[str, np.ndarray] = {}
    side, xy, kind = number_sides(places), positions_of(places), _kinds(places)
    for name, rows in places.groupby("street", sort=True).indices.items():
        points, what = xy[rows], kind[rows[0]]
        if what == "square":
            lines[str(name)] = _ring(points)
        elif len(points) >= 3 and what != "quay":
            lines[str(name)] = middle_of_street(points, side[rows])
    return lines


def positions_of(places: pd.DataFrame) -> np.ndarray:
    """Return the positions of places, metres, shape (n, 2)."""
    return places[["x", "y"]].to_numpy(dtype=float)


def _kinds(places: pd.DataFrame) -> np.ndarray:
    """Return what the street of each address is; plain streets where no plan says it."""
    if "street_kind" not in places:
        return np.full(len(places), "street")
    return places["street_kind"].to_numpy(dtype=str)


def _ring(points: np.ndarray) -> np.ndarray:
    """Trace a square before the doors that stand around it."""
    centre = np.median(points, axis=0)
    far = 0.6 * float(np.median(np.hypot(*(points - centre).T)))
    turn = np.linspace(0, 2 * np.pi, 13)
    return np.asarray(centre + far * np.column_stack([np.cos(turn), np.sin(turn)]))


def _along(line: np.ndarray) -> np.ndarray:
    """Return the metres from the start of a line to each of its points."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def _at(line: np.ndarray, metres: Any, along: np.ndarray | None = None) -> np.ndarray:
    """Return the points of a line so many metres from its start; `along` where it is known."""
    along = _along(line) if along is None else along
    return np.column_stack([np.interp(metres, along, line[:, k]) for k in (0, 1)])


def _part(line: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the part of a line between two distances from its start."""
    along = _along(line)
    inner = line[(along > low + 0.01) & (along < high - 0.01)]
    return np.vstack([_at(line, [low]), inner, _at(line, [high])])


def _every(line: np.ndarray, step: float) -> np.ndarray:
    """Return points of a line, one every `step` metres."""
    long = float(_along(line)[-1])
    return _at(line, np.linspace(0.0, long, max(2, int(long / step))))


def crossings(lines: Lines) -> np.ndarray:
    """Return where lines meet: rows of two lines (the lower first) and the metres along each."""
    starts = np.concatenate([line[:-1] for line in lines])
    steps = np.concatenate([np.diff(line, axis=0) for line in lines])
    owner = np.repeat(np.arange(len(lines)), [len(line) - 1 for line in lines])
    before = np.concatenate([_along(line)[:-1] for line in lines])
    long = np.hypot(*steps.T)
    rows = []
    for mine in range(len(lines)):
        at, other = np.flatnonzero(owner == mine), np.flatnonzero(owner > mine)
        r, s = steps[at][:, None], steps[other][None]
        apart = starts[other][None] - starts[at][:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            turn = _cross(r, s)
            u, v = _cross(apart, s) / turn, _cross(apart, r) / turn
        k, m = np.nonzero((u >= 0) & (u < 1) & (v >= 0) & (v < 1))
        here = before[at[k]] + u[k, m] * long[at[k]]
        there = before[other[m]] + v[k, m] * long[other[m]]
        rows.append(np.column_stack([np.full(len(k), mine), owner[other[m]], here, there]))
    return np.concatenate(rows)


def _unit(steps: np.ndarray) -> np.ndarray:
    long = np.hypot(steps[..., :1], steps[..., 1:])
    return np.asarray(steps / np.where(long == 0, 1.0, long))


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


# How far a street is led on to the next one; how near its end a junction may be; the longest
# lane, or bridge, that joins a part of town to the rest, and half its width; in metres.
_REACH, _NEAR, _LANE, _LANE_HALF = 130.0, 14.0, 160.0, 4.5


def _joined(lines: Lines, dead: Sequence[bool], river: np.ndarray) -> Lines:
    """Lead each street on to those ahead on its bank, a dead end at one end.

    Streets that nothing joins to the town are empty; lanes and bridges follow the streets.
    """
    led = [_led_on(line) for line in lines]
    low = np.full(len(lines), _REACH)
    high = np.array([_along(line)[-1] - _REACH for line in led])
    met = crossings([*led, river] if len(river) else led)
    met = np.concatenate([met, met[:, [1, 0, 3, 2]]])
    banks = met[met[:, 1] == len(lines)]
    met = met[(met[:, :2] < len(lines)).all(axis=1)]
    ends = [(mine, up) for mine in range(len(lines)) for up in (False, True)]
    ends = [*_live_ends(ends, dead, met, low, high)]
    ahead = {end: _ahead(end, met, banks, low, high) for end in ends}
    joined: set[tuple[int, bool]] = set()
    for corners in (False, False, True, False):
        for end in [end for end in ends if end not in joined]:
            mine, up = end
            side, farther = (high, max) if up else (low, min)
            for to, other, there in ahead[end]:
                kept = low[other] - 4 <= there <= high[other] + 4
                last = (int(other), there > high[other])
                gap = max(low[other] - there, there - high[other])
                if kept or (corners and last in ends and last not in joined and gap < _REACH / 2):
                    side[mine] = farther(side[mine], to)
                    if not kept:
                        (high if last[1] else low)[int(other)] = there
                        joined.add(last)
                    joined.add(end)
                    break
    # A metre more, so that what meets crosses.
    kept = [_part(line, a - 1, b + 1) for line, a, b in zip(led, low, high, strict=True)]
    return _whole(kept)


def _led_on(line: np.ndarray) -> np.ndarray:
    """Prolong a line at both ends, straight on."""
    first, last = line[0] - line[1], line[-1] - line[-2]
    return np.vstack([line[0] + _REACH * _unit(first), line, line[-1] + _REACH * _unit(last)])


def _live_ends(
    ends: Sequence[tuple[int, bool]], dead: Sequence[bool], met: np.ndarray,
    low: np.ndarray, high: np.ndarray,
) -> Iterator[tuple[int, bool]]:  # fmt: skip
    """Leave out the end of a dead end that is farther from any street."""
    for mine, up in ends:
        at = met[met[:, 0] == mine, 2]
        down, above = low[mine] - at[at < low[mine]], at[at > high[mine]] - high[mine]
        if not dead[mine] or (down.min(initial=np.inf) < above.min(initial=np.inf)) != up:
            yield mine, up


def _ahead(
    end: tuple[int, bool], met: np.ndarray, banks: np.ndarray, low: np.ndarray, high: np.ndarray,
) -> list[tuple[float, int, float]]:  # fmt: skip
    """Return what a street meets ahead, up to the river, the nearest first."""
    mine, up = end
    here, stop = met[met[:, 0] == mine], banks[banks[:, 0] == mine, 2]
    away = here[:, 2] - high[mine] if up else low[mine] - here[:, 2]
    far = stop - high[mine] if up else low[mine] - stop
    good = (away > -_NEAR) & (away < far[far > 0].min(initial=np.inf))
    order = np.argsort(away[good], kind="stable")
    return [(row[2], int(row[1]), row[3]) for row in here[good][order]]


def _whole(lines: Lines) -> Lines:
    """Join the parts of a town by lanes and bridges; what is too far away is emptied."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    met, size = crossings(lines), len(lines)
    pairs = met[:, :2].astype(int).T
    part = connected_components(coo_array((np.ones(pairs.shape[1]), pairs), (size, size)))[1]
    fine = [_every(line, 6.0) for line in lines]
    every = np.concatenate(fine)
    owner = np.repeat(np.arange(size), [len(points) for points in fine])
    count = np.bincount(part[owner])
    town, lanes = part == count.argmax(), list[np.ndarray]()
    for other in np.argsort(-count)[1:]:
        mine = part[owner] == other
        away, nearest = cKDTree(every[town[owner]]).query(every[mine])
        best = int(away.argmin())
        if away[best] > _LANE:
            continue
        a, b = every[mine][best], every[town[owner]][nearest[best]]
        on = (b - a) / (away[best] or 1.0)
        lanes.append(np.stack([a - on, b + on]))
        town |= part == other
    return [*(line if town[k] else line[:0] for k, line in enumerate(lines)), *lanes]


def blocks_of(lines: Lines) -> Lines:
    """Return the blocks between streets: the inner faces of their network, as polygons."""
    met, place = crossings(lines), 0
    stops: list[list[tuple[float, int]]] = [[] for _ in lines]
    for node, (a, b, here, there) in enumerate(met.tolist()):
        stops[int(a)].append((here, node))
        stops[int(b)].append((there, node))
    # Each piece of street between two crossings, there and back.
    pieces, first = list[np.ndarray](), list[int]()
    for line, of in zip(lines, stops, strict=True):
        for (low, a), (high, b) in pairwise(sorted(of)):
            pieces += [(piece := _part(line, low, high)), piece[::-1]]
            first += [a, b]
    leaving: dict[int, list[int]] = {}
    for place, node in enumerate(first):
        leaving.setdefault(node, []).append(place)
    angle = [float(np.arctan2(*(piece[1] - piece[0])[::-1])) for piece in pieces]
    after: dict[int, int] = {}
    for around in leaving.values():
        around.sort(key=angle.__getitem__)
        # Come in by one street, go out by the next to its right: the block is on the left.
        after |= {back ^ 1: around[k - 1] for k, back in enumerate(around)}
    blocks, done = list[np.ndarray](), set[int]()
    for place in range(len(pieces)):
        walk = []
        while place not in done:
            done.add(place)
            walk.append(pieces[place][:-1])
            place = after[place]
        if walk and _area(ring := np.concatenate(walk)) > 0:
            blocks.append(ring)
    return blocks


def _area(ring: np.ndarray) -> float:
    """Return the area of a polygon, positive where it runs anticlockwise."""
    return 0.5 * float(_cross(ring, np.roll(ring, -1, axis=0)).sum())


def _inside(points: np.ndarray, ring: np.ndarray) -> np.ndarray:
    """Return which points are inside a polygon."""
    a, b = ring[None], np.roll(ring, -1, axis=0)[None]
    x, y = points[:, None, 0], points[:, None, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        at = a[..., 0] + (y - a[..., 1]) / (b[..., 1] - a[..., 1]) * (b[..., 0] - a[..., 0])
    beyond = ((a[..., 1] > y) != (b[..., 1] > y)) & (x < at)
    return np.asarray(beyond.sum(axis=1) % 2 == 1)


# Ground without a door that is a park: least and largest area in square metres, how round (a
# circle is 1), how far from doors within a block, and how many are drawn.
_PARK, _LARGEST_PARK, _ROUND, _OFF, _PARKS = 4_500.0, 60_000.0, 0.3, 36.0, 6


def _parks(lines: Lines, xy: np.ndarray, river: np.ndarray) -> Lines:
    """Return blocks without a door, and the open ground within the others: the largest."""
    wet = _every(river, 10.0) if len(river) else np.empty((0, 2))
    parks = []
    for ring in blocks_of(lines):
        area, around = _area(ring), float(_along(np.vstack([ring, ring[:1]]))[-1])
        if area < _PARK or _inside(wet, ring).any():
            continue
        whole = not _inside(xy, ring).any() and 4 * np.pi * area / around**2 > _ROUND
        parks += [ring] if whole else _open_ground(ring, xy)
    parks = [ring for ring in parks if _PARK <= _area(ring) <= _LARGEST_PARK]
    return sorted(parks, key=_area, reverse=True)[:_PARKS]


def _open_ground(ring: np.ndarray, xy: np.ndarray) -> Lines:
    """Return the hull of what is far from the doors and streets of a block, if no door is in it."""
    from scipy.spatial import ConvexHull, cKDTree

    low, high = ring.min(axis=0), ring.max(axis=0)
    grid = np.stack(np.meshgrid(*(np.arange(a, b, 12.0) for a, b in zip(low, high, strict=True))))
    points = grid.reshape(2, -1).T
    points = points[_inside(points, ring)]
    walls = np.concatenate([xy, _every(np.vstack([ring, ring[:1]]), 10.0)])
    reach = np.concatenate([np.full(len(xy), _OFF), np.full(len(walls) - len(xy), 14.0)])
    if len(points):
        away, nearest = cKDTree(walls).query(points)
        points = points[away > reach[nearest]]
    if len(points) < _PARK / 144 or np.ptp(points, axis=0).min() < 12:
        return []
    hull = _rounded(points[ConvexHull(points).vertices])
    return [] if _inside(xy, hull).any() or not _inside(hull, ring).all() else [hull]


def _rounded(ring: np.ndarray) -> np.ndarray:
    """Cut the corners of a polygon."""
    on = np.roll(ring, -1, axis=0)
    return np.stack([0.75 * ring + 0.25 * on, 0.25 * ring + 0.75 * on], axis=1).reshape(-1, 2)


def _footprints(places: pd.DataFrame, lines: Lines, half: Sequence[float], n: int) -> np.ndarray:
    """Return a footprint an address, as large as its homes, on one of the first n lines."""
    from scipy.spatial import cKDTree

    xy = positions_of(places)
    homes = places["households"].to_numpy(dtype=float)
    # Jitter that needs no seed: it comes from where the building is.
    noise = np.modf(np.abs(np.sin(xy[:, 0] * 12.9898 + xy[:, 1] * 78.233)) * 43758.5453)[0]
    fine = [_every(line, 3.0) for line in lines]
    street, ahead = np.concatenate(fine), np.concatenate([np.gradient(a, axis=0) for a in fine])
    kerb = np.repeat(half, [len(points) for points in fine])
    # A lane without a name is nobody's front.
    nearest = cKDTree(np.concatenate(fine[:n])).query(xy)[1]
    turn = np.arctan2(*ahead[nearest].T[::-1]) + (noise - 0.5) * 0.22
    along, across = (np.column_stack([np.cos(t), np.sin(t)]) for t in (turn, turn + np.pi / 2))
    off = ((xy - street[nearest]) * across).sum(axis=1)
    across *= np.where(off < 0, -1.0, 1.0)[:, None]
    front = 9.0 + 1.1 * np.minimum(homes, 6) + 2 * noise
    deep = 9.0 + 1.2 * np.minimum(homes, 8) - 2 * noise
    # The door is on the street, the building behind it, and no part of it on the street.
    back = np.maximum(kerb[nearest] + 1.5, np.abs(off) - 4) - np.abs(off) + deep / 2
    a, b = along * front[:, None] / 2, across * deep[:, None] / 2
    return _apart(xy + across * back[:, None], a, b, street, kerb)


def _apart(
    xy: np.ndarray, a: np.ndarray, b: np.ndarray, street: np.ndarray, kerb: np.ndarray
) -> np.ndarray:
    """Return the corners of rectangles; those that meet a street or another move or shrink.

    - `xy`, `a`, `b`: Their middles, and half of their two sides as vectors.
    - `street`, `kerb`: Points of streets, and how far from each a street reaches, in metres.
    """
    from scipy.spatial import cKDTree

    one, other = cKDTree(xy).query_pairs(40.0, output_type="ndarray").T
    near = cKDTree(street).query(xy, k=range(1, min(24, len(street)) + 1))[1]
    axes, size = [_unit(v) for v in (a, b)], np.ones((len(xy), 1))
    for _ in range(14):
        apart, on = xy[other] - xy[one], xy[:, None] - street[near]
        sides = [(size * v)[k] for v in (a, b) for k in (one, other)]
        meet = (size[one] * size[other] > 0)[:, 0]
        for unit in (v[k] for v in axes for k in (one, other)):
            reach = sum(abs((side * unit).sum(axis=1)) for side in sides)
            meet &= abs((apart * unit).sum(axis=1)) <= reach
        off = [abs((on * unit[:, None]).sum(axis=2)) - size * np.hypot(*v.T)[:, None]
               for v, unit in zip((a, b), axes, strict=True)]  # fmt: skip
        free = np.hypot(*np.maximum(off, 0)) - kerb[near]
        step = _unit(on[range(len(xy)), free.argmin(axis=1)]) * (free.min(axis=1) < 0)[:, None]
        late, push = step.any(axis=1), _unit(apart[meet]) / 2
        late[other[meet]] = True
        np.add.at(step, one[meet], -push)
        np.add.at(step, other[meet], push)
        xy = xy + 1.2 * step
        # Where one as large as can be seen has no room, none is drawn: of two that meet, the later.
        least = size[:, 0] <= 0.4
        size[step.any(axis=1) & ~least] *= 0.88
        size[late & least] = 0
    a, b = size * a, size * b
    return np.stack([xy - a - b, xy + a - b, xy + a + b, xy - a + b], axis=1)


def _river(places: pd.DataFrame) -> tuple[np.ndarray, float, Lines]:
    """Lead a river between the doors of its quays: its middle, half its width, a street a bank."""
    quay = places[_kinds(places) == "quay"]
    points, side = positions_of(quay), number_sides(quay)
    # Doors on one bank alone do not show where the other is.
    if min((side > 0).sum(), (side < 0).sum()) < 4:
        return np.empty((0, 2)), 0.0, []
    centre, axis, across = fitted_frame(points)
    along, off = (points - centre) @ axis, (points - centre) @ across
    # A curve through knots, as smooth as its doors allow; they stand on its two sides.
    knots = np.linspace(along.min(), along.max(), max(4, int(np.ptp(along) / 150)))
    hats = np.stack([np.interp(along, knots, row) for row in np.eye(len(knots))], axis=1)
    smooth = np.pad(3.0 * np.diff(np.eye(len(knots)), 2, axis=0), ((0, 0), (0, 1)))
    design = np.concatenate([np.column_stack([hats, side]), smooth])
    fit = np.linalg.lstsq(design, np.concatenate([off, np.zeros(len(smooth))]), rcond=None)[0]
    shift = max(abs(float(fit[-1])) - 7.0, 20.0)

    def bank(aside: float) -> np.ndarray:
        return np.asarray(centre + np.outer(knots, axis) + np.outer(fit[:-1] + aside, across))

    middle = bank(0.0)
    # Out of town it flows on as it came.
    before, after = 20 * (middle[0] - middle[1]), 20 * (middle[-1] - middle[-2])
    flow = np.vstack([middle[0] + before, middle, middle[-1] + after])
    return flow, min(22.0, shift - 5.0), [bank(shift), bank(-shift)]


def _banks(flow: np.ndarray, half: float) -> np.ndarray:
    """Return the polygon of a river whose width swells a little along its way."""
    if not len(flow):
        return flow
    middle = _every(flow, 40.0)
    step = np.gradient(middle, axis=0)
    across = _unit(np.column_stack([-step[:, 1], step[:, 0]]))
    metres = _along(middle)
    left, right = (half * (1 + 0.16 * np.sin(metres / w)) for w in (83.0, 61.0))
    return np.vstack([middle + across * left[:, None], (middle - across * right[:, None])[::-1]])


@dataclass(frozen=True, eq=False)
class Plan:
    """What a fictional town is drawn from, in metres.

    - `streets`, `half`: The middle of each street by name, all joined, and half its width.
    - `lanes`: Those without a name: lanes, bridges, quays.
    - `river`, `parks`: Polygons; no point where there is no river.
    - `houses`: Corners of a building an address, shape (n, 4, 2); one point where none has room.
    """

    streets: Mapping[str, np.ndarray]
    lanes: Lines
    half: Mapping[str, float]
    flow: np.ndarray
    river: np.ndarray
    parks: Lines
    houses: np.ndarray


def plan_of(places: pd.DataFrame, window: Window) -> Plan | None:
    """Draw up the plan of a town from its addresses; None where no street can be traced.

    Parameters
    ----------
    places : pandas.DataFrame
        One row an address: street, number, x, y (metres), households, and street_kind where it is
        known.
    window : Window
        What is near it is drawn.
    """
    wide = Window(window.low - 60, window.size + 120, window.width)
    inside = places[wide.holds(positions_of(places))].reset_index(drop=True)
    flow, half, quays = _river(inside)
    if not quays and "street_kind" in inside:
        inside["street_kind"] = inside["street_kind"].replace("quay", "street")
    traced = streets_of(inside)
    lines = [*traced.values(), *quays]
    if not lines:
        return None
    ends = set(inside["street"].to_numpy(dtype=str)[_kinds(inside) == "dead_end"].tolist())
    dead = [*(name in ends for name in traced), *[False] * len(quays)]
    joined = _joined(lines, dead, flow)
    drawn = [line for line in joined if len(line)]
    named = {name: line for name, line in zip(traced, joined, strict=False) if len(line)}
    rows = inside.groupby("street").indices
    xy = positions_of(inside)
    wide_by = {name: _half_width(xy[rows[name]], line) for name, line in named.items()}
    every = [*wide_by.values(), *[_LANE_HALF] * (len(drawn) - len(named))]
    river, houses = _banks(flow, half), _footprints(inside, drawn, every, len(named) + len(quays))
    wet = _inside(houses.reshape(-1, 2), river).reshape(-1, 4).any(axis=1)
    houses[wet] = houses[wet].mean(axis=1, keepdims=True)
    lanes, parks = drawn[len(named) :], _parks(drawn, xy, flow)
    return Plan(named, lanes, wide_by, flow, river, parks, houses)


def _half_width(doors: np.ndarray, line: np.ndarray) -> float:
    """Return the usual distance of the doors of a street from its middle, less a front garden."""
    apart = doors[:, None] - _every(line, 2.0)
    away = float(np.median(np.hypot(*apart.T).min(axis=0)))
    return min(max(0.62 * away, 3.0), 4.6)


def townscape(plan: Plan | None, window: Window) -> str:
    """Draw the town behind the dots, as SVG to be put into a group."""
    ground = f'<rect class="land" width="{num(window.width)}" height="{num(window.height)}"/>'
    if plan is None:
        return ground
    scale = window.scale
    lines = [*plan.streets.values(), *plan.lanes]
    half = [*plan.half.values(), *[_LANE_HALF] * len(plan.lanes)]
    # Streets of about one width are one path.
    widths: dict[float, Lines] = {}
    for line, metres in zip(lines, half, strict=True):
        widths.setdefault(2.0 * round(metres), []).append(line)
    parts = [
        f'<path class="green" d="{_path(plan.parks, window, "z")}"/>',
        f'<path class="water" d="{_path([plan.river], window, "z")}"/>',
        *(
            f'<path class="street" stroke-width="{num(max(1.6, wide * scale))}" '
            f'd="{_path(widths[wide], window)}"/>'
            for wide in sorted(widths)
        ),
        f'<path class="house" d="{buildings_of(plan.houses, window)}"/>',
    ]
    return ground + "".join(part for part in parts if ' d=""' not in part)


def _path(lines: Lines, window: Window, end: str = "") -> str:
    """Write lines, or polygons, of which a part may be seen."""
    near = Window(window.low - 40, window.size + 80, window.width)
    return "".join(
        "M" + "L".join(f"{num(x)} {num(y)}" for x, y in window.on(line)) + end
        for line in lines
        if len(line)
        and (line.max(axis=0) >= near.low).all()
        and (line.min(axis=0) <= near.low + near.size).all()
    )


def buildings_of(houses: np.ndarray, window: Window) -> str:
    """Draw the footprints that are seen."""
    near = Window(window.low - 20, window.size + 40, window.width)
    parts, seen = [], near.holds(houses.mean(axis=1)) & (houses[:, 0] != houses[:, 2]).any(axis=1)
    for box in np.round(window.on(houses[seen]), 1):
        first, *steps = (f"{num(x)} {num(y)}" for x, y in [box[0], *np.diff(box, axis=0)])
        parts.append(f"M{first}l{' '.join(steps).replace(' -', '-')}z")
    return "".join(parts)


# Of names on a map: the size that is 11 pixels where a panel is shown at three quarters, and the
# mean width of a letter and of a bold one, in parts of the size.
NAME_SIZE, _LETTER, _BOLD = 15.0, 0.54, 0.62
# French streets that are named after a place give the quarter its name.
_OF_PLACE = re.compile(r" (du|de la|des|de l['’]) ?(.+)$")
_ARTICLES = {"du": "Le ", "de la": "La ", "des": "Les ", "de l'": "L'"}
_SHORT = {
    "Boulevard": "Bd", "Avenue": "Av.", "Passage": "Pass.", "Place": "Pl.", "Sentier": "Sent.",
    "Impasse": "Imp.", "Allée": "All.", "Route": "Rte",
}  # fmt: skip
# The river of a commune that is named after it.
_ON_RIVER = re.compile(r"-sur-(.+)$")


@dataclass(frozen=True)
class Label:
    """A name on a map: its middle in units of the drawing, and its turn in degrees."""

    text: str
    x: float
    y: float
    turn: float
    look: str = ""
    size: float = NAME_SIZE

    @property
    def long(self) -> float:
        """How wide the text is drawn."""
        return self.size * (_BOLD if self.look == "of-quarter" else _LETTER) * len(self.text)

    def box(self, margin: float = 0.0) -> np.ndarray:
        """Return the corners of what it covers."""
        turn = math.radians(self.turn)
        on = np.array([math.cos(turn), math.sin(turn)])
        across = np.array([-on[1], on[0]]) * (self.size * 0.55 + margin)
        on *= self.long / 2 + margin
        corners = np.stack([-on - across, on - across, on + across, across - on])
        return np.asarray(corners + np.array([self.x, self.y]))

    @property
    def svg(self) -> str:
        """The text itself."""
        y = self.y + 0.34 * self.size
        turned = f' transform="rotate({num(self.turn)} {num(self.x)} {num(self.y)})"'
        size = "" if self.size == NAME_SIZE else f' style="font-size:{num(self.size)}px"'
        return (
            f'<text class="{f"place {self.look}".strip()}" x="{num(self.x)}" y="{num(y)}"{size}'
            f"{turned if self.turn else ''}>{escape(self.text)}</text>"
        )


def overlap(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two rectangles, by their corners, have a point in common."""
    for axis in (a[1] - a[0], a[2] - a[1], b[1] - b[0], b[2] - b[1]):
        one, other = a @ axis, b @ axis
        if one.max() < other.min() or other.max() < one.min():
            return False
    return True


def _holds(box: np.ndarray, points: np.ndarray, r: float) -> bool:
    """Return whether any circle of radius `r` meets a rectangle."""
    sides = box[1:3] - box[:2]
    long = np.hypot(*sides.T)
    away = abs((points.reshape(-1, 2) - box.mean(axis=0)) @ sides.T) / long
    return bool((away <= long / 2 + r).all(axis=1).any())


# Units that a name is kept from the edge and from what else stands there, and how large dots are.
_EDGE, _ROOM, _MARK = 5, 2.0, 5.5


def _may_stand(tried: np.ndarray, label: Label, marks: np.ndarray, far: np.ndarray) -> np.ndarray:
    """Return the places of a name that are not for certain beyond the edge or on a dot.

    - `tried` (float, shape (n, 3)): x, y and turn; all are looked at together.
    """
    x, y, turn = tried.T
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    # Less the rounding error of sums: what remains is tested again.
    long, high = (half + _ROOM - 1e-6 for half in (label.long / 2, label.size * 0.55))
    wide, tall = abs(cos) * long + abs(sin) * high, abs(sin) * long + abs(cos) * high
    inside = np.minimum(x - wide, y - tall) >= _EDGE
    inside &= (x + wide <= far[0]) & (y + tall <= far[1])
    some = np.flatnonzero(inside)
    mark_x, mark_y = marks.reshape(-1, 2).T
    gap_x, gap_y = mark_x - x[some, None], mark_y - y[some, None]
    cos, sin = cos[some, None], sin[some, None]
    on_dot = abs(gap_x * cos + gap_y * sin) <= long + _MARK
    on_dot &= abs(gap_y * cos - gap_x * sin) <= high + _MARK
    return np.asarray(some[~on_dot.any(axis=1)])


def labels_of(
    plan: Plan | None, window: Window, title: str, marks: np.ndarray, boxes: Lines,
    quarters: int = 5, streets: int = 6,
) -> list[Label]:  # fmt: skip
    """Name the river, quarters and streets of a map where nothing else stands.

    Parameters
    ----------
    plan : Plan or None
    window : Window
    title : str
        Name of the commune.
    marks : ndarray of shape (n, 2)
        Dots, in units of the drawing.
    boxes : list of ndarray of shape (4, 2)
        What else is drawn over the map.
    quarters, streets : int
        How many are named.
    """
    if plan is None:
        return []
    taken, labels = [*boxes], list[Label]()
    far = np.array([window.width, window.height]) - _EDGE

    def put(tried: np.ndarray, label: Label) -> bool:
        for x, y, turn in tried[_may_stand(tried, label, marks, far)].tolist():
            placed = replace(label, x=x, y=y, turn=turn)
            box = placed.box(_ROOM)
            beyond = box.min() < _EDGE or bool((box > far).any()) or _holds(box, marks, _MARK)
            if not beyond and not any(overlap(box, other) for other in taken):
                taken.append(box)
                labels.append(placed)
                return True
        return False

    water = _ON_RIVER.search(title)
    if water and len(plan.flow):
        label = Label(water[1], 0, 0, 0, "of-water", NAME_SIZE)
        put(_beside(window, plan.flow, 0.0, label), label)
    long = {name: float(_along(line)[-1]) for name, line in plan.streets.items()}
    order = sorted(long, key=lambda name: (-long[name], name))
    middles: dict[str, np.ndarray] = {}
    for name in order:
        at = plan.streets[name].mean(axis=0)
        near = any(np.hypot(*(at - other)) < 0.22 * window.size[0] for other in middles.values())
        if len(middles) < quarters and _OF_PLACE.search(name) and not near:
            middles[name] = at
    for name in order:
        if streets and name not in middles:
            label = Label(shortened(name), 0, 0, 0, "", NAME_SIZE)
            streets -= put(_beside(window, plan.streets[name], plan.half[name], label), label)
    for name, at in middles.items():
        put(_around(window, at), Label(_quarter(name), 0, 0, 0, "of-quarter", NAME_SIZE))
    return labels


def _quarter(street: str) -> str:
    place = _OF_PLACE.search(street)
    return "" if place is None else _ARTICLES[place[1].replace("’", "'")] + place[2]


def shortened(street: str) -> str:
    """Abbreviate the name of a street as maps do.

    Examples
    --------
    >>> shortened("Boulevard Jean-Paul Le Brun"), shortened("Rue de la Roseraie")
    ('Bd J.-P. Le Brun', 'Rue de la Roseraie')
    """
    kind, _, rest = street.partition(" ")
    given, _, family = rest.partition(" ")
    if family and not _OF_PLACE.search(street):
        rest = "-".join(f"{part[:1]}." for part in given.split("-")) + f" {family}"
    return f"{_SHORT.get(kind, kind)} {rest}".strip()


def _around(window: Window, at: np.ndarray) -> np.ndarray:
    """Return places near a point, the nearest first: x, y and turn."""
    x, y = window.on(at).tolist()
    steps = [away * np.exp(2j * np.pi * turn / 8) for away in range(0, 97, 6) for turn in range(8)]
    return np.array([(x + step.real, y + step.imag, 0.0) for step in steps])


def _beside(window: Window, line: np.ndarray, half: float, label: Label) -> np.ndarray:
    """Return places along a street, from its middle outward: on it where it is wide, or beside it.

    By x, y and turn, float (n, 3).
    """
    on = window.on(line)
    along = _along(on)
    long, needed = float(along[-1]), label.long
    if long < 0.6 * needed:
        return np.empty((0, 3))
    # A name may be longer than its street.
    reach = min(long, needed) / 2
    aside = half * window.scale + 0.62 * label.size
    within = half == 0 or 2 * half * window.scale > 1.1 * label.size
    first = min(reach, long - reach, 0.25 * long)
    middle = np.arange(first, long - first + 1, 5)
    middle = middle[np.argsort(np.abs(middle - long / 2), kind="stable")]
    ends = np.maximum(middle - reach, 0), np.minimum(middle + reach, long)
    piece = _at(on, np.linspace(*ends, 9).ravel(), along).reshape(9, -1, 2)
    chord = piece[-1] - piece[0]
    chord[chord[:, 0] < 0] *= -1
    across = _unit(np.column_stack([-chord[:, 1], chord[:, 0]]))
    straight = np.ptp(((piece - piece[0]) * across).sum(axis=2), axis=0) <= 0.5 * label.size
    off = np.array([0.0] if within else [-aside, aside])
    at = _at(on, middle[straight], along)[:, None] + off[:, None] * across[straight, None]
    turn = [math.degrees(math.atan2(y, x)) for x, y in chord[straight].tolist()]
    return np.column_stack([at.reshape(-1, 2), np.repeat(turn, len(off))])
