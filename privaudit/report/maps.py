"""Maps of a report: dots on a fictional town, and squares of `SMALL_CELL` people or more.

Real places are drawn as squares only. A fictional town has streets, buildings, a river and
parks, drawn from its addresses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from privaudit.core.policy import AREA_CLASSES, SMALL_CELL
from privaudit.report.guard import withheld
from privaudit.report.names import values_of
from privaudit.report.sentences import ResultLookup
from privaudit.results.measures import Measures
from privaudit.results.painter import NARROW, WIDE, Canvas, Display, Drawing, compose, num
from privaudit.results.rows import Rows
from privaudit.words.catalogues import Note, Words

if TYPE_CHECKING:
    from privaudit.studies.study import Study

SMALLEST_SIDE = 200.0  # metres: the smallest square of official gridded statistics
_MOST_SQUARES = 2_500


@dataclass(frozen=True, eq=False)
class Areas:
    """Squares and the people in them.

    Parameters
    ----------
    corner : ndarray of shape (n, 2)
        Lower left corner in metres.
    side : ndarray of shape (n,)
        Metres.
    count : ndarray of shape (n,)
        People, at least `SMALL_CELL`; nan where withheld.
    total : int
        People in all squares.
    """

    corner: np.ndarray
    side: np.ndarray
    count: np.ndarray
    total: int


def areas_of(points: np.ndarray) -> Areas:
    """Count points in squares that are as small as `SMALL_CELL` people allow.

    The largest squares are the smallest ones that leave at most a fifth of the people in
    squares under `SMALL_CELL`. Such a square is cut in four as long as each quarter holds
    `SMALL_CELL` people or
    more (a quarter without anybody would say so). What stays under `SMALL_CELL`, zero too, is
    withheld,
    with more squares where the total would give it away.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Positions in metres.

    Returns
    -------
    Areas

    Examples
    --------
    >>> one_place = np.full((30, 2), 650.0)
    >>> far = areas_of(np.vstack([one_place, [[650.0, 2000.0]]]))
    >>> far.total, int(np.isnan(far.count).sum()) >= 2
    (31, True)
    """
    low, high = points.min(axis=0), points.max(axis=0)
    # An axis in the middle of the points would part them in squares of any size.
    parted = (low < 0) & (high >= 0)
    first = np.where(parted, np.floor(low / (4 * SMALLEST_SIDE)) * 4 * SMALLEST_SIDE, 0.0)
    side = _outer_side(points - first)
    cell = np.floor((points - first) / side).astype(np.int64)
    low, high = cell.min(axis=0), cell.max(axis=0)
    across, up = (high - low + 1).tolist()
    squares: list[tuple[float, float, float, int]] = []
    number = (cell[:, 0] - low[0]) * up + cell[:, 1] - low[1]
    order = np.argsort(number, kind="stable")
    ends = np.searchsorted(number[order], np.arange(across * up + 1))
    for square in range(across * up):
        inside = points[order[ends[square] : ends[square + 1]]]
        squares += _cut(inside, first + (low + divmod(square, up)) * side, side)
    x, y, sides, counts = np.array(squares, dtype=float).T
    counts[withheld(counts)] = np.nan
    return Areas(np.column_stack([x, y]), sides, counts, len(points))


def _outer_side(points: np.ndarray) -> float:
    side = 4 * SMALLEST_SIDE
    while True:
        cells, counts = np.unique(np.floor(points / side), axis=0, return_counts=True)
        squares = np.prod(cells.max(axis=0) - cells.min(axis=0) + 1)
        lost = counts[counts < SMALL_CELL].sum()
        # In the end one square holds everybody.
        if squares <= _MOST_SQUARES and (lost <= len(points) / 5 or len(cells) == 1):
            return side
        side *= 2


def _cut(points: np.ndarray, corner: np.ndarray, side: float) -> list[Any]:
    """Cut a square in four while each quarter holds enough people."""
    half = side / 2
    if half >= SMALLEST_SIDE and len(points) >= 4 * SMALL_CELL:
        east, north = (points >= corner + half).T
        parts = [
            (points[(east == e) & (north == n)], corner + np.array([e, n]) * half)
            for e in (False, True)
            for n in (False, True)
        ]
        if all(len(inside) >= SMALL_CELL for inside, _ in parts):
            return [square for inside, at in parts for square in _cut(inside, at, half)]
    return [(float(corner[0]), float(corner[1]), side, len(points))]


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


def streets_of(places: pd.DataFrame) -> dict[str, np.ndarray]:
    """Trace the middle of each street through its addresses, in metres, by name.

    Odd and even numbers stand on the two sides: the line between them is fitted as a curve of
    the second degree plus or minus one setback.
    """
    lines: dict[str, np.ndarray] = {}
    side, xy, kind = _side(places), _xy(places), _kinds(places)
    for name, rows in places.groupby("street", sort=True).indices.items():
        points, what = xy[rows], kind[rows[0]]
        if what == "square":
            lines[str(name)] = _ring(points)
        elif len(points) >= 3 and what != "quay":
            lines[str(name)] = _middle(points, side[rows])
    return lines


def _xy(places: pd.DataFrame) -> np.ndarray:
    return places[["x", "y"]].to_numpy(dtype=float)


def _kinds(places: pd.DataFrame) -> np.ndarray:
    """Return what the street of each address is; plain streets where no plan says it."""
    if "street_kind" not in places:
        return np.full(len(places), "street")
    return places["street_kind"].to_numpy(dtype=str)


def _side(places: pd.DataFrame) -> np.ndarray:
    """Return 1 for odd numbers, on the left of a street, and -1 for even ones."""
    number = places["number"].astype(str).str.extract(r"(\d+)", expand=False).astype(float)
    return np.where(number % 2 == 1, 1.0, -1.0)


def _ring(points: np.ndarray) -> np.ndarray:
    """Trace a square before the doors that stand around it."""
    centre = np.median(points, axis=0)
    far = 0.6 * float(np.median(np.hypot(*(points - centre).T)))
    turn = np.linspace(0, 2 * np.pi, 13)
    return np.asarray(centre + far * np.column_stack([np.cos(turn), np.sin(turn)]))


def _fitted_frame(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the centre of points, and their main axis and the one across it."""
    centre = points.mean(axis=0)
    axis = np.linalg.svd(points - centre, full_matrices=False)[2][0]
    return centre, axis, np.array([-axis[1], axis[0]])


def _middle(points: np.ndarray, side: np.ndarray) -> np.ndarray:
    centre, axis, across = _fitted_frame(points)
    along, off = (points - centre) @ axis, (points - centre) @ across
    known = [np.ones(len(off)), along]
    if len(points) >= 8:
        known.append(along**2)
    both = abs(side.mean()) < 1
    design = np.stack([*known, side] if both else known, axis=1)
    fit = np.linalg.lstsq(design, off, rcond=None)[0]
    t = np.linspace(along.min() - 8, along.max() + 8, max(2, int(np.ptp(along) / 45) + 2))
    curve = fit[0] + fit[1] * t + (fit[2] * t**2 if len(known) > 2 else 0) + (0.0 if both else 9.0)
    return np.asarray(centre + np.outer(t, axis) + np.outer(curve, across))


def _links(lines: Lines, dead: Sequence[bool], reach: float = 110.0) -> Lines:
    """Extend both ends of each street to the street ahead; a dead end, one of them."""
    from scipy.spatial import cKDTree

    fine = [_every(line, 6.0) for line in lines]
    every = np.concatenate(fine)
    owner = np.repeat(np.arange(len(fine)), [len(line) for line in fine])
    tree = cKDTree(every)
    links = []
    for mine, line in enumerate(lines):
        joins = []
        for end, inner in ((line[0], line[1]), (line[-1], line[-2])):
            near = np.array(tree.query_ball_point(end, reach))
            near = near[owner[near] != mine]
            along = (end - inner) / (np.hypot(*(end - inner)) or 1.0)
            off = every[near] - end
            apart = np.hypot(*off.T)
            good = (off @ along > 0.8 * apart) | (apart < 9.0)
            if good.any():
                joins.append(np.stack([end, every[near[good][np.argmin(apart[good])]]]))
        if dead[mine]:
            joins = sorted(joins, key=lambda join: float(np.hypot(*(join[1] - join[0]))))[:1]
        links += joins
    return links


def _every(line: np.ndarray, step: float) -> np.ndarray:
    """Return points of a line, one every `step` metres."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0.0, along[-1], max(2, int(along[-1] / step)))
    return np.column_stack([np.interp(at, along, line[:, k]) for k in (0, 1)])


def _path(lines: Lines, window: Window) -> str:
    return "".join(
        "M" + "L".join(f"{num(x)} {num(y)}" for x, y in window.on(line)) for line in lines
    )


def _buildings(places: pd.DataFrame, lines: Lines, window: Window) -> str:
    """Draw a footprint an address: as large as its households, along the nearest street."""
    from scipy.spatial import cKDTree

    xy = _xy(places)
    homes = places["households"].to_numpy(dtype=float)
    # Jitter that needs no seed: it comes from where the building is.
    noise = np.modf(np.abs(np.sin(xy[:, 0] * 12.9898 + xy[:, 1] * 78.233)) * 43758.5453)[0]
    mids = np.concatenate([(a[1:] + a[:-1]) / 2 for a in lines])
    directions = np.concatenate([a[1:] - a[:-1] for a in lines])
    nearest = cKDTree(mids).query(xy)[1]
    x, y = (directions[nearest] / np.hypot(*directions[nearest].T)[:, None]).T
    turn = (noise - 0.5) * 0.22
    cos, sin = np.cos(turn), np.sin(turn)
    along = np.stack([x * cos - y * sin, x * sin + y * cos], axis=1)
    front = 9.0 + 1.1 * np.minimum(homes, 6) + 2 * noise
    deep = 9.0 + 1.2 * np.minimum(homes, 8) - 2 * noise
    a = along * front[:, None] / 2
    b = np.stack([-along[:, 1], along[:, 0]], axis=1) * deep[:, None] / 2
    # The door is on the street, the building behind it.
    outward = np.sign(((xy - mids[nearest]) * b).sum(axis=1))[:, None]
    xy = xy + b * outward * (1 - 8 / deep[:, None])
    corners = window.on(np.stack([xy - a - b, xy + a - b, xy + a + b, xy - a + b], axis=1))
    parts = []
    for box in np.round(corners, 1):
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = box
        steps = ((x1 - x0, y1 - y0), (x2 - x1, y2 - y1), (x3 - x2, y3 - y2))
        known = " ".join(f"{num(dx)} {num(dy)}" for dx, dy in steps).replace(" -", "-")
        parts.append(f"M{num(x0)} {num(y0)}l{known}z")
    return "".join(parts)


def _river(places: pd.DataFrame) -> tuple[np.ndarray, Lines]:
    """Lead a river between the two rows of doors of its quays, and a street along each."""
    quay = places[_kinds(places) == "quay"]
    if len(quay) < 8:
        return np.empty((0, 2)), []
    points, side = _xy(quay), _side(quay)
    centre, axis, across = _fitted_frame(points)
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
    return np.vstack([middle[0] + before, middle, middle[-1] + after]), [bank(shift), bank(-shift)]


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
            filled = np.zeros_like(built)
            for far in range(1, 10):
                filled |= np.roll(built, step * far, axis=axis)
            around &= filled
    empty = np.argwhere(~near & around)
    return np.asarray(window.low + (empty + 0.5) * side)


def townscape(places: pd.DataFrame, window: Window) -> str:
    """Draw the town behind the dots.

    Parameters
    ----------
    places : pandas.DataFrame
        One row an address: street, number, x, y (metres), households, and street_kind where it is
        known.
    window : Window

    Returns
    -------
    str
        SVG, to be put into a group.
    """
    wide = Window(window.low - 60, window.size + 120, window.width)
    inside = places[wide.holds(_xy(places))].reset_index(drop=True)
    ground = f'<rect class="land" width="{num(window.width)}" height="{num(window.height)}"/>'
    streets = streets_of(inside)
    river, quays = _river(inside)
    lines = [*streets.values(), *quays]
    if not lines:
        return ground
    ends = set(inside["street"].to_numpy(dtype=str)[_kinds(inside) == "dead_end"].tolist())
    dead = [name in ends for name in streets] + [True] * len(quays)
    xy = _xy(inside)
    parks = window.on(_greens(xy, window))
    scale = window.scale
    water = _path([river], window) if len(river) else ""
    green = "".join(f"M{num(x)} {num(y)}h.1" for x, y in parks)
    main = _path(lines, window)
    small = _path(_links(lines, dead), window)
    return (
        f'{ground}<path class="green" stroke-width="{num(64 * scale)}" d="{green}"/>'
        f'<path class="water" stroke-width="{num(max(6, 44 * scale))}" d="{water}"/>'
        f'<path class="street" stroke-width="{num(max(1.2, 8 * scale))}" d="{small}"/>'
        f'<path class="street" stroke-width="{num(max(1.6, 11 * scale))}" d="{main}"/>'
        f'<path class="house" d="{_buildings(inside, lines, window)}"/>'
    )


_PANEL = 480.0


@dataclass(frozen=True)
class TownMaps:
    """The panels of a story's map, one a view: the same town at the same scale."""

    panels: Mapping[str, Markup]
    outside: int
    drawing: Display
    window: Window

    @property
    def width(self) -> str:
        """Of a panel."""
        return num(self.window.width)

    @property
    def height(self) -> str:
        """Of a panel."""
        return num(self.window.height)


def town_maps(study: Study, words: Words, results: ResultLookup) -> TownMaps | None:
    """Draw the dots of a fictional town, view by view, with the word SIMULATION across."""
    if study.dots is None or not len(study.dots) or study.real_places:
        return None
    shown = {"exact": study.dots, **study.blurred}
    places = study.addresses
    window = window_of(_xy(study.dots if places is None or not len(places) else places), _PANEL)
    town = townscape(places, window) if places is not None else ""
    panels: dict[str, Markup] = {}
    for view, dots in shown.items():
        key = "figure.panel_moved" if panels else "figure.panel_exact"
        label = words(key, dots=len(dots), visited=_visited(dots))
        back = '<use href="#town"/>' if panels else f'<g id="town">{town}</g>'
        panels[view] = Markup(
            f'<svg class="pv" viewBox="0 0 {num(_PANEL)} {num(window.height)}" role="img" '
            f'aria-label="{escape(label)}">{back}{_over(window, words)}'
            f"{_dots(dots, window, words)}</svg>"
        )
    outside = int((~window.holds(_xy(study.dots))).sum())
    pair = [dots for view, dots in shown.items() if view in ("exact", results.masked())]
    return TownMaps(panels, outside, _pair(words, study, window, town, pair), window)


def _visited(dots: pd.DataFrame) -> int:
    return int((dots["status"] == "visited").sum())


def _dots(dots: pd.DataFrame, window: Window, words: Words) -> str:
    """Draw dots to meet over dots visited: red must not be hidden by grey."""
    parts = []
    points = _xy(dots)
    visited = (dots["status"] == "visited").to_numpy()
    inside = window.holds(points)
    at = window.on(points)
    for grey, look, key, r in ((True, "seen", "visited", 4.2), (False, "dot", "to_meet", 5)):
        marks = "".join(
            f'<circle class="{look}" cx="{num(x)}" cy="{num(y)}" r="{num(r)}"/>'
            for x, y in at[inside & (visited == grey)]
        )
        parts.append(f"<g><title>{escape(words(f'figure.{key}'))}</title>{marks}</g>")
    return "".join(parts)


def _over(window: Window, words: Words) -> str:
    """Write the word across, and a length to measure by."""
    canvas = Canvas(window.width, window.height)
    text = words("provenance.watermark")
    canvas.stamp(text, window.width / (0.78 * len(text)), turn="-28")
    metres = max(m for m in (10, 20, 50, 100, 200, 500, 1000) if m <= window.size[0] / 4 or m == 10)
    long = metres * window.scale
    right, low = window.width - 14, window.height - 14
    written = escape(words("figure.metres", n=words.count(metres)))
    # Panels are shown at three quarters of their size on a telephone.
    canvas.put(
        f'<path class="axis" stroke-width="2" d="M{num(right - long)} {num(low)}h{num(long)}"/>'
        f'<text x="{num(right)}" y="{num(low - 7)}" text-anchor="end" style="font-size:17px">'
        f'{written}</text><rect class="frame" width="{num(window.width)}" '
        f'height="{num(window.height)}"/>'
    )
    return "".join(canvas.parts)


def _pair(
    words: Words, study: Study, window: Window, town: str, pair: Sequence[pd.DataFrame]
) -> Display:
    """Put the exact map and the first moved one side by side, as a file of its own."""

    def draw(width: float) -> Canvas:
        canvas = Canvas(width, window.height)
        for place, dots in enumerate(pair):
            back = f'<g id="map-town">{town}</g>' if not place else '<use href="#map-town"/>'
            canvas.put(
                f'<svg x="{num(place * (_PANEL + 20))}" width="{num(_PANEL)}" '
                f'height="{num(window.height)}">{back}{_over(window, words)}'
                f"{_dots(dots, window, words)}</svg>"
            )
        return canvas

    counts = {"dots": len(pair[0]), "visited": _visited(pair[0])}
    wide = len(pair) > 1
    return compose(
        "map", words, study.provenance,
        title=words("figure.map_pair" if wide else "figure.map_one", **counts),
        parts=[Drawing(draw, [words("figure.panel_exact", **counts)])],
        widths=[2 * _PANEL + 20 if wide else _PANEL], watermark=False,
    )  # fmt: skip


def with_squares(study: Study) -> Study:
    """Return a study with a row on the squares of its map, and one on the people in them."""
    if study.area_points is None or not len(study.area_points) or "squares" in study.measures:
        return study
    areas = areas_of(np.asarray(study.area_points, dtype=float))
    counts = areas.count[np.isfinite(areas.count)]
    if not len(counts):
        return study
    rows = Rows(areas.total, "people")
    sides = areas.side[np.isfinite(areas.count)]
    each = Note("squares_counted", n=tuple(counts.astype(int).tolist()), side=tuple(sides.tolist()))
    rows.add("in_squares", counts.sum(), "people", each)
    rows.add("squares", len(counts), "areas", n=len(areas.count), counts="areas")
    squares = Measures(family="squares", rows=list(rows))
    return replace(study, measures={**study.measures, "squares": squares})


# Areas that the Tab key goes to one by one; of more, each can still be touched.
_MOST_STEPS = 60


def area_values(results: ResultLookup) -> list[tuple[float, float]]:
    """Return the people and the width in metres of each area that is drawn, in its order."""
    people = results.row("squares", "in_squares")
    if people is None:
        return []
    (values,) = (values_of(people.finding, note) for note in people.notes)
    return list(zip(values["n"], values["side"], strict=True))


def area_map(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw real places as squares that hold enough people each; None where none does."""
    people, squares = (results.row("squares", name) for name in ("in_squares", "squares"))
    if people is None or squares is None:
        return None
    areas = areas_of(np.asarray(study.area_points, dtype=float))
    shown = area_values(results)
    known = iter(shown)
    each = [(math.nan, side) if math.isnan(count) else next(known)
            for count, side in zip(areas.count, areas.side, strict=True)]  # fmt: skip
    hidden = [words("figure.withheld_area")] if len(each) > len(shown) else []
    most = [words("figure.area_told", n=n) for n, _ in sorted(shown, reverse=True)[:40]]
    data = [{"people": float(n), "side": float(side)} for n, side in shown]
    return compose(
        "map", words, study.provenance,
        title=words(
            "figure.areas_title", shown=people.value, n=people.n, areas=squares.value
        ),
        parts=[Drawing(partial(_areas, areas, each, words), [*hidden, *most], data)],
    )  # fmt: skip


def _areas(
    areas: Areas, counts: Sequence[tuple[float, float]], words: Words, width: float
) -> Canvas:
    """Draw areas, their legend, and a line for the value of the one that is touched."""
    low, size = _shown_part(areas)
    scale = min(width / size[0], (560.0 if width == WIDE else 480.0) / size[1])
    canvas = Canvas(width)
    left = (width - size[0] * scale) / 2
    foot = size[1] * scale + 22
    focus = 0 if len(counts) - int(np.isnan(areas.count).sum()) <= _MOST_STEPS else -1
    areas_shown = []
    for corner, side, (count, metres) in zip(areas.corner, areas.side, counts, strict=True):
        if ((corner + side <= low) | (corner >= low + size)).any():
            continue
        x = left + (corner[0] - low[0]) * scale
        y = (low[1] + size[1] - corner[1] - side) * scale
        box = (x, y, side * scale - 1, side * scale - 1)
        if math.isnan(count):
            canvas.bar(box, "hidden", words("figure.withheld_area"))
            continue
        area, level = Canvas(width), int(np.searchsorted(AREA_CLASSES, count, side="right"))
        says = words("figure.area_says", n=count, side=metres)
        x0, y0, w, h = map(num, box)
        area.put(f'<rect class="a{level}" x="{x0}" y="{y0}" width="{w}" height="{h}"/>')
        if side * scale > 26:
            look, half = "b a4t" if level == 4 else "b", side * scale / 2
            area.text(x + half, y + half + 5, words.count(count), look, "middle")
        area.text(8, foot, says, "say b")
        areas_shown.append(
            f'<g class="area" tabindex="{focus}" role="img"><title>{escape(says)}</title>'
            f"{''.join(area.parts)}</g>"
        )
    ends = canvas.wrapped(8, foot, words("figure.areas_hint"), width - 16, "soft hint")
    # Above the others, so that the edge of the one in focus is whole.
    canvas.parts += areas_shown
    y = canvas.wrapped(8, ends + 8, words("figure.areas_key"), width - 16, "soft") + 4
    x = 8.0
    tops = [f"{a}–{b - 1}" for a, b in pairwise(AREA_CLASSES)]
    for level, text in enumerate([*tops, f"{AREA_CLASSES[-1]}+"], start=1):
        canvas.bar((x, y - 12, 14, 14), f"a{level}", text)
        canvas.text(x + 19, y, text, "soft")
        x += 36 + 8 * len(text)
    if width == NARROW:
        x, y = 8.0, y + 24
    canvas.bar((x, y - 12, 14, 14), "hidden", words("figure.withheld_area"))
    canvas.text(x + 19, y, words("figure.withheld_area"), "soft")
    canvas.height = y + 12
    return canvas


def _shown_part(areas: Areas) -> tuple[np.ndarray, np.ndarray]:
    """Frame the areas that are shown, with the withheld ones around them."""
    far = areas.corner + areas.side[:, None]
    low, high = areas.corner.min(axis=0), far.max(axis=0)
    shown = np.isfinite(areas.count)
    if shown.any():
        edge = areas.side.max()
        low = np.maximum(low, areas.corner[shown].min(axis=0) - edge)
        high = np.minimum(high, far[shown].max(axis=0) + edge)
    return low, high - low
