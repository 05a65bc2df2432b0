"""A fictional town drawn as a town: streets, buildings, a river and parks, from its addresses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from privaudit.reporting.svg import num

__all__ = ["Window", "streets_of", "townscape", "window_of"]

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
        """Say which points are inside."""
        points = np.asarray(points, dtype=float)
        found: np.ndarray = ((points >= self.low) & (points <= self.low + self.size)).all(axis=-1)
        return found


def window_of(points: np.ndarray, width: float, *, square: bool = True) -> Window:
    """Frame the largest piece of town: hamlets far away would make a stain of it."""
    from scipy.ndimage import label

    points = np.asarray(points, dtype=float)
    cell = np.floor((points - points.min(axis=0)) / 160.0).astype(int)
    built = np.zeros(cell.max(axis=0) + 1, dtype=bool)
    built[cell[:, 0], cell[:, 1]] = True
    piece = label(built, structure=np.ones((3, 3)))[0][cell[:, 0], cell[:, 1]]
    near = points[piece == np.bincount(piece).argmax()]
    low, high = near.min(axis=0), near.max(axis=0)
    size = np.maximum(high - low, 50.0) * 1.05
    if square:
        size = np.full(2, size.max())
    return Window((low + high) / 2 - size / 2, size, width)


def streets_of(places: pd.DataFrame) -> Lines:
    """Trace the middle of each street through its addresses, in metres.

    Odd and even numbers stand on the two sides: the line between them is fitted as a curve of
    the second degree plus or minus one setback.
    """
    lines = []
    odd = places["number"].astype(str).str.extract(r"(\d+)", expand=False).astype(float) % 2
    for _, rows in places.groupby("street", sort=True).groups.items():
        points = places.loc[rows, ["x", "y"]].to_numpy(dtype=float)
        if len(points) >= 3:
            lines.append(_middle(points, np.where(odd.loc[rows] == 1, 1.0, -1.0)))
    return lines


def _middle(points: np.ndarray, side: np.ndarray) -> np.ndarray:
    centre = points.mean(axis=0)
    axis = np.linalg.svd(points - centre, full_matrices=False)[2][0]
    across = np.array([-axis[1], axis[0]])
    along, off = (points - centre) @ axis, (points - centre) @ across
    known = [np.ones(len(off)), along]
    if len(points) >= 8:
        known.append(along**2)
    both = abs(side.mean()) < 1
    design = np.stack([*known, side] if both else known, axis=1)
    fit = np.linalg.lstsq(design, off, rcond=None)[0]
    shift = 0.0 if both else 9.0
    t = np.linspace(along.min() - 8, along.max() + 8, max(2, int(np.ptp(along) / 45) + 2))
    curve = fit[0] + fit[1] * t + (fit[2] * t**2 if len(known) > 2 else 0) + shift
    return np.asarray(centre + np.outer(t, axis) + np.outer(curve, across))


def _links(lines: Lines, reach: float = 125.0) -> Lines:
    """Join the ends of each street to the nearest street on either side: blocks appear."""
    every = np.concatenate(lines)
    owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    found: dict[tuple[tuple[float, ...], ...], np.ndarray] = {}
    for mine, line in enumerate(lines):
        for end, inner in ((line[0], line[1]), (line[-1], line[-2])):
            along = (end - inner) / (np.hypot(*(end - inner)) or 1.0)
            off = every - end
            forward = off @ along
            up = off @ np.array([-along[1], along[0]])
            apart = np.hypot(*off.T)
            for way in (1, -1):
                near = (owner != mine) & (apart < reach) & (way * up > np.abs(forward))
                if near.any():
                    to = int(np.flatnonzero(near)[np.argmin(apart[near])])
                    key = tuple(sorted([tuple(end.round()), tuple(every[to].round())]))
                    found[key] = np.stack([end, every[to]])
    return list(found.values())


def _path(lines: Lines, window: Window) -> str:
    parts = []
    for line in lines:
        points = window.on(line)
        parts.append("M" + "L".join(f"{num(x)} {num(y)}" for x, y in points))
    return "".join(parts)


def _buildings(places: pd.DataFrame, lines: Lines, window: Window) -> str:
    """Draw a footprint an address: as large as its households, along the nearest street."""
    xy = places[["x", "y"]].to_numpy(dtype=float)
    homes = places["households"].to_numpy(dtype=float)
    # Jitter that needs no seed: it comes from where the building is.
    noise = np.modf(np.abs(np.sin(xy[:, 0] * 12.9898 + xy[:, 1] * 78.233)) * 43758.5453)[0]
    mids = np.concatenate([(a[1:] + a[:-1]) / 2 for a in lines])
    ways = np.concatenate([a[1:] - a[:-1] for a in lines])
    nearest = _nearest(xy, mids)
    way = ways[nearest] / np.hypot(*ways[nearest].T)[:, None]
    turn = (noise - 0.5) * 0.22
    cos, sin = np.cos(turn), np.sin(turn)
    way = np.stack([way[:, 0] * cos - way[:, 1] * sin, way[:, 0] * sin + way[:, 1] * cos], axis=1)
    front = 9.0 + 1.1 * np.minimum(homes, 6) + 2 * noise
    deep = 9.0 + 1.2 * np.minimum(homes, 8) - 2 * noise
    a = way * front[:, None] / 2
    b = np.stack([-way[:, 1], way[:, 0]], axis=1) * deep[:, None] / 2
    # The door is on the street, the building behind it.
    outward = np.sign(((xy - mids[nearest]) * b).sum(axis=1))[:, None]
    xy = xy + b * outward * (1 - 8 / deep[:, None])
    corners = window.on(np.stack([xy - a - b, xy + a - b, xy + a + b, xy - a + b], axis=1))
    parts = []
    for box in np.round(corners, 1):
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = box
        steps = ((x1 - x0, y1 - y0), (x2 - x1, y2 - y1), (x3 - x2, y3 - y2))
        told = " ".join(f"{num(dx)} {num(dy)}" for dx, dy in steps).replace(" -", "-")
        parts.append(f"M{num(x0)} {num(y0)}l{told}z")
    return "".join(parts)


def _nearest(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the nearest of the others, block by block."""
    found = [
        np.argmin(((block[:, None] - others) ** 2).sum(axis=-1), axis=1)
        for block in np.array_split(points, max(1, len(points) // 500))
    ]
    return np.concatenate(found)


def _river(xy: np.ndarray, window: Window, cells: int = 64) -> np.ndarray:
    """Lead a river from the left to the right where fewest buildings stand."""
    at = ((xy - window.low) / window.size * cells).astype(int)
    at = at[((at >= 0) & (at < cells)).all(axis=1)]
    built = np.zeros((cells, cells))
    np.add.at(built, (at[:, 0], at[:, 1]), 1.0)
    built += np.roll(built, 1, axis=1) + np.roll(built, -1, axis=1)
    height = np.arange(cells) / cells
    cost = 4 * np.minimum(built, 4) + 1.8 * np.abs(height - 0.3)
    best = cost.copy()
    back = np.zeros((cells, cells), dtype=int)
    for column in range(1, cells):
        ways = np.stack([np.roll(best[column - 1], step) + abs(step) * 0.6 for step in (-1, 0, 1)])
        ways[0, -1] = ways[2, 0] = np.inf
        back[column] = np.argmin(ways, axis=0)
        best[column] += ways.min(axis=0)
    row = int(np.argmin(best[-1]))
    rows = [row]
    for column in range(cells - 1, 0, -1):
        row -= (-1, 0, 1)[back[column][row]]
        rows.append(row)
    path = np.array(rows[::-1], dtype=float) + 0.5
    smooth = np.convolve(np.pad(path, 4, mode="edge"), np.ones(9) / 9, mode="valid")
    steps = np.stack([np.arange(cells) + 0.5, smooth], axis=1)[::3]
    steps = np.vstack([[-1, steps[0][1]], steps, [cells + 1, steps[-1][1]]])
    return np.asarray(window.low + steps / cells * window.size)


def _greens(xy: np.ndarray, window: Window, side: float = 42.0) -> np.ndarray:
    """Find empty squares with buildings all around: parks."""
    cells = np.ceil(window.size / side).astype(int)
    at = ((xy - window.low) / side).astype(int)
    at = at[((at >= 0) & (at < cells)).all(axis=1)]
    built = np.zeros(cells, dtype=bool)
    built[at[:, 0], at[:, 1]] = True
    near = built.copy()
    around = np.ones_like(built)
    for axis in (0, 1):
        for step in (-1, 1):
            near |= np.roll(built, step, axis=axis)
            seen = np.zeros_like(built)
            for far in range(1, 10):
                seen |= np.roll(built, step * far, axis=axis)
            around &= seen
    empty = np.argwhere(~near & around)
    return np.asarray(window.low + (empty + 0.5) * side)


def townscape(places: pd.DataFrame, window: Window) -> str:
    """Draw the town behind the dots.

    Parameters
    ----------
    places : pandas.DataFrame
        One row an address: street, number, x, y (metres), households.
    window : Window

    Returns
    -------
    str
        SVG, to be put into a group.
    """
    wide = Window(window.low - 60, window.size + 120, window.width)
    inside = places[wide.holds(places[["x", "y"]].to_numpy(dtype=float))].reset_index(drop=True)
    ground = f'<rect class="land" width="{num(window.width)}" height="{num(window.height)}"/>'
    lines = [line for line in streets_of(inside) if len(line) > 1]
    if not lines:
        return ground
    xy = inside[["x", "y"]].to_numpy(dtype=float)
    river = window.on(_river(xy, window))
    parks = window.on(_greens(xy, window))
    scale = window.scale
    water = "M" + "L".join(f"{num(x)} {num(y)}" for x, y in river)
    green = "".join(f"M{num(x)} {num(y)}h.1" for x, y in parks)
    main = _path(lines, window)
    small = _path(_links(lines), window)
    return (
        f'{ground}<path class="green" stroke-width="{num(64 * scale)}" d="{green}"/>'
        f'<path class="water" stroke-width="{num(max(6, 26 * scale))}" d="{water}"/>'
        f'<path class="street" stroke-width="{num(max(1.2, 8 * scale))}" d="{small}"/>'
        f'<path class="street" stroke-width="{num(max(1.6, 11 * scale))}" d="{main}"/>'
        f'<path class="house" d="{_buildings(inside, lines, window)}"/>'
    )
