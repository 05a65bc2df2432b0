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

from privaudit.core.files import once
from privaudit.core.thresholds import AREA_CLASSES, NARROWEST_RANGE, SMALL_CELL
from privaudit.report.guard import withheld
from privaudit.report.names import values_of
from privaudit.report.sentences import ResultLookup
from privaudit.report.town_plan import (
    NAME_SIZE,
    Lines,
    Plan,
    Window,
    buildings_of,
    labels_of,
    overlap,
    plan_of,
    positions_of,
    townscape,
    window_of,
)
from privaudit.results.measures import Measures
from privaudit.results.painter import (
    WIDE,
    Box,
    Canvas,
    Display,
    Drawing,
    compose,
    meets,
    num,
    width_of,
)
from privaudit.results.rows import Rows
from privaudit.words.catalogues import Note, Words

if TYPE_CHECKING:
    from privaudit.maps.masks.donut import Donut
    from privaudit.studies.study import Explorer, Study

SMALLEST_SIDE = 200.0  # metres: the smallest square of official gridded statistics
_MOST_SQUARES = 2_500
# Of so many people one may stand in a square under `SMALL_CELL`.
_A_FIFTH = 5


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
    while True:
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
        hidden = withheld(counts)
        while not _has_room(counts, hidden) and not hidden.all():
            hidden = hidden | (counts == counts[~hidden].min())
        if _has_room(counts, hidden) or len(counts) == 1:
            counts[hidden] = np.nan
            return Areas(np.column_stack([x, y]), sides, counts, len(points))
        side *= 2


def _has_room(counts: np.ndarray, hidden: np.ndarray) -> bool:
    """Whether each small square could have many counts for a reader of the rule.

    The sides tell which squares were cut, and how many people stand in small ones at most: those of
    `SMALL_CELL` people or more are known to hold as many, and all others to hold somebody.
    """
    held = counts[hidden & (counts > 0)]
    large, small = (held >= SMALL_CELL).sum(), (held < SMALL_CELL).sum() - 1
    top = counts.sum() if hidden.all() else counts[~hidden].min()
    least = max(held.sum() - large * top - small * (SMALL_CELL - 1), 1)
    lost = counts.sum() // _A_FIFTH - small
    most = min(held.sum() - large * SMALL_CELL - small, lost, SMALL_CELL - 1)
    return bool(small < 0 or most - least >= NARROWEST_RANGE)


def _outer_side(points: np.ndarray) -> float:
    side = 4 * SMALLEST_SIDE
    while True:
        cells, counts = np.unique(np.floor(points / side), axis=0, return_counts=True)
        squares = np.prod(cells.max(axis=0) - cells.min(axis=0) + 1)
        lost = counts[counts < SMALL_CELL].sum()
        # In the end one square holds everybody.
        if squares <= _MOST_SQUARES and (lost <= len(points) / _A_FIFTH or len(cells) == 1):
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


_PANEL = 480.0


@dataclass(frozen=True)
class TownMaps:
    """The panels of a story's map, one a view: the same town at the same scale.

    - `names`: Of the exact map with its corners, for the explorer.
    - `street`: Of the invented family.
    """

    panels: Mapping[str, Markup]
    outside: int
    drawing: Display
    window: Window
    names: Markup
    street: Street | None

    @property
    def width(self) -> str:
        """Of a panel."""
        return num(self.window.width)

    @property
    def height(self) -> str:
        """Of a panel."""
        return num(self.window.height)


def town_maps(study: Study, words: Words, results: ResultLookup) -> TownMaps | None:
    """Draw the dots of a fictional town, view by view, with the mark of simulation in a corner."""
    if study.dots is None or not len(study.dots) or study.real_places:
        return None
    of = results.masked(), study.title
    drawn = study.dots, study.blurred, study.addresses, words
    return once("town maps", lambda: _town_maps(study, words, results), *drawn, of=of)


def _town_maps(study: Study, words: Words, results: ResultLookup) -> TownMaps:
    assert study.dots is not None
    shown = {"exact": study.dots, **study.blurred}
    places = study.addresses
    window = window_of(
        positions_of(study.dots if places is None or not len(places) else places), _PANEL
    )
    plan = None if places is None else plan_of(places, window)
    town = townscape(plan, window) if places is not None else ""
    over, boxes = _over(
        window, words, np.concatenate([positions_of(dots) for dots in shown.values()])
    )
    panels, names, drawn = dict[str, Markup](), dict[str, str](), dict[str, str]()
    for view, dots in shown.items():
        key = "figure.panel_moved" if panels else "figure.panel_exact"
        label = words(key, dots=len(dots), visited=_visited(dots))
        back = '<use href="#town"/>' if panels else f'<g id="town">{town}</g>'
        labels = labels_of(plan, window, study.title, window.on(positions_of(dots)), boxes)
        names[view] = "".join(one.svg for one in labels)
        drawn[view] = names[view] + _dots(dots, window, words) + over
        panels[view] = Markup(
            f'<svg class="pv" viewBox="0 0 {num(_PANEL)} {num(window.height)}" role="img" '
            f'aria-label="{escape(label)}">{back}{drawn[view]}</svg>'
        )
    outside = int((~window.holds(positions_of(study.dots))).sum())
    pair = {view: drawn[view] for view in shown if view in ("exact", results.masked())}
    drawing = _pair(words, study.provenance, study.dots, window, town, [*pair.values()])
    street = street_of(study, plan, window, words, results.masked())
    return TownMaps(panels, outside, drawing, window, Markup(names["exact"] + over), street)


def _visited(dots: pd.DataFrame) -> int:
    return int((dots["status"] == "visited").sum())


def _dots(dots: pd.DataFrame, window: Window, words: Words) -> str:
    """Draw dots to meet over dots visited: red must not be hidden by grey."""
    parts = []
    points = positions_of(dots)
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


def _over(window: Window, words: Words, points: np.ndarray) -> tuple[str, Lines]:
    """Draw the mark of simulation and a length to measure by in the emptiest corners."""
    metres = max(m for m in (10, 20, 50, 100, 200, 500, 1000) if m <= window.size[0] / 4 or m == 10)
    long = metres * window.scale
    marked, written = words("provenance.watermark"), words("figure.metres", n=words.count(metres))
    sizes = [
        (NAME_SIZE * 0.6 * len(text) + 14, tall) for text, tall in ((marked, 25.0), (written, 32.0))
    ]
    sizes[1] = (max(sizes[1][0], long + 14), 32.0)
    dots, boxes = window.on(points), list[np.ndarray]()
    for (wide, tall), corners in zip(sizes, ("ab cd", "dc ba"), strict=True):
        tried = []
        for corner in corners.replace(" ", ""):
            x = 0.0 if corner in "ac" else window.width - wide
            y = 0.0 if corner in "ab" else window.height - tall
            tried.append(np.array([[x, y], [x + wide, y], [x + wide, y + tall], [x, y + tall]]))
        free = [box for box in tried if not any(overlap(box, other) for other in boxes)]
        boxes.append(min(free, key=lambda box: int(_held(box, dots))))
    (x, y), (right, low) = boxes[0][0] + [7, 17], boxes[1][2] - 7
    parts = [
        f'<rect class="veil" x="{num(box[0, 0])}" y="{num(box[0, 1])}" width="{num(wide)}" '
        f'height="{num(tall)}"/>'
        for box, (wide, tall) in zip(boxes, sizes, strict=True)
    ]
    parts += [
        f'<text class="mark" x="{num(x)}" y="{num(y)}">{escape(marked)}</text>',
        f'<path class="axis" stroke-width="2" d="M{num(right - long)} {num(low)}h{num(long)}"/>',
        f'<text class="metres" x="{num(right)}" y="{num(low - 6)}">{escape(written)}</text>',
        f'<rect class="frame" width="{num(window.width)}" height="{num(window.height)}"/>',
    ]
    return "".join(parts), boxes


def _held(box: np.ndarray, points: np.ndarray) -> int:
    """Return how many points an upright rectangle holds."""
    return int(((points >= box[0]) & (points <= box[2])).all(axis=1).sum())


def _pair(
    words: Words, provenance: str, dots: pd.DataFrame, window: Window, town: str,
    pair: Sequence[str],
) -> Display:  # fmt: skip
    """Put the exact map and the first moved one side by side, as a file of its own."""

    def draw(width: float) -> Canvas:
        canvas = Canvas(width, window.height)
        for place, drawn in enumerate(pair):
            back = f'<g id="map-town">{town}</g>' if not place else '<use href="#map-town"/>'
            canvas.put(
                f'<svg x="{num(place * (_PANEL + 20))}" width="{num(_PANEL)}" '
                f'height="{num(window.height)}">{back}{drawn}</svg>'
            )
        return canvas

    counts = {"dots": len(dots), "visited": _visited(dots)}
    wide = len(pair) > 1
    return compose(
        "map", words, provenance,
        title=words("figure.map_pair" if wide else "figure.map_one", **counts),
        parts=[Drawing(draw, [words("figure.panel_exact", **counts)])],
        widths=[2 * _PANEL + 20 if wide else _PANEL], watermark=False,
    )  # fmt: skip


# The street of the invented family: metres across and down, and units of the drawing across.
_CLOSE, _DOWN, _ACROSS = 190.0, 142.5, 480.0
# Houses within these metres of a door are its neighbours; so many of them look at it.
# They are so far apart, and a corner has more doors within these.
_NEIGHBOURS, _LOOK, _APART, _CORNER = 75.0, 5, 24.0, 18.0
# A person, with the feet at (0, 0); icons of 40 units.
_PERSON = (
    '<circle cy="-27" r="6"/><path d="M-8 0v-12c0-4 3-7 8-7s8 3 8 7v12z"/>'
)  # fmt: skip
_ICONS = {
    "like": "M4 17h5v14H4zM12 30V18l7-12c3 0 4 2 3 5l-2 6h9c2 0 3 2 2 4l-3 8c0 1-2 2-3 2H15z",
    "score": "M6 28a14 14 0 0 1 28 0M20 28 29 17",
    "name": "M4 8h32v24H4zM8 27c1-4 11-4 12 0M24 16h8M24 22h8M10 17a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
    "eye": "M3 20c8-12 26-12 34 0-8 12-26 12-34 0zM15 20a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
    "lock": "M8 18h24v16H8zM13 18v-5c0-10 14-10 14 0v5M20 24v5",
}


@dataclass(frozen=True)
class Street:
    """The street of the invented family, drawn close, and three times from farther away.

    - `dot`: Where the dot is that stands for them, in metres.
    - `ground`: Houses and streets; `over`: names and corners; `added`: what each step draws.
    - `thrice`: The exact map, the blurred one, and what an account without a right sees.
    """

    dot: np.ndarray
    window: Window
    ground: Markup
    over: Markup
    added: Mapping[str, Markup]
    thrice: Mapping[str, Markup]


def family_dot(
    shown: Explorer, places: pd.DataFrame, window: Window, moved: np.ndarray, reach: float
) -> int | None:
    """Choose the dot that stands for the family: visited, at its own house among neighbours.

    The family is invented, and counts in no number: the dot of somebody simulated is drawn.

    Returns
    -------
    int or None
        Row of the dots of `shown`.
    """
    from scipy.spatial import cKDTree

    xy, doors = shown.moved["exact"], positions_of(places)
    tree = cKDTree(doors)
    away, door = tree.query(xy)
    crowd, beside = (
        tree.query_ball_point(xy, r, return_length=True) for r in (_CORNER, _NEIGHBOURS)
    )
    around = tree.query_ball_point(moved, reach, return_length=True)
    others = cKDTree(xy).query_ball_point(xy, _NEIGHBOURS, return_length=True) - 1
    homes = places["households"].to_numpy(dtype=float)[door]
    edge = 0.5 * np.array([_CLOSE, _DOWN])
    inside = Window(window.low + edge, window.size - 2 * edge, window.width).holds(xy)
    good = inside & (away < 1.0) & shown.visited & (shown.home == door)
    if not good.any():
        return None
    # A house of few households, away from corners, with dots and houses near, blurred or not.
    rank = 60.0 / homes + 15.0 * np.minimum(others, 3) + beside + 0.4 * around - 12.0 * crowd
    return int(np.where(good, rank, -1e9).argmax())


def street_of(
    study: Study, plan: Plan | None, window: Window, words: Words, view: str
) -> Street | None:
    """Draw the street of the invented family, step by step; None where no dot can stand for it."""
    shown, places = study.explorer, study.addresses
    if plan is None or shown is None or places is None or study.dots is None:
        return None
    from privaudit.studies.demo import MOVES

    mask = next((m for m in MOVES if m is not None and str(m) == view), None)
    if mask is None or view not in study.blurred:
        return None
    xy, moved = shown.moved["exact"], shown.moved[view]
    dot = family_dot(shown, places, window, moved, mask.r_max)
    if dot is None:
        return None
    size = np.array([_CLOSE, _DOWN])
    close = Window(xy[dot] - size / 2, size, _ACROSS)
    over, boxes = _over(close, words, xy[dot][None])
    middle = np.array([_ACROSS, close.height]) / 2
    seats = close.on(_neighbours(plan, close, xy, dot))
    kept = [*boxes, _CARD, middle + 70 * _SQUARE, *(seat + 22 * _SQUARE for seat in seats)]
    names = labels_of(plan, close, "", close.on(xy), kept, quarters=0, streets=3)
    far = Window(moved[dot] - 1.08 * mask.r_max, np.full(2, 2.16 * mask.r_max), _PANEL)
    return Street(
        xy[dot], close, Markup(townscape(plan, close)),
        Markup("".join(one.svg for one in names) + over),
        {key: Markup(svg) for key, svg in _steps(plan, close, shown, dot).items()},
        _thrice(
            (study.dots, study.blurred[view]), (xy[dot], moved[dot]), mask,
            plan, far, words, study.title,
        ),
    )  # fmt: skip


_SQUARE = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
# Where the card of what the tool holds stands.
_CARD = np.array([[10.0, 34], [152, 34], [152, 84], [10, 84]])


def _icon(name: str, x: float, y: float, look: str = "s-icon") -> str:
    return f'<path class="{look}" transform="translate({num(x)} {num(y)})" d="{_ICONS[name]}"/>'


def _steps(plan: Plan, window: Window, shown: Explorer, dot: int) -> dict[str, str]:
    """Return what each step draws over the street."""
    xy = shown.moved["exact"]
    x, y = window.on(xy[dot]).tolist()
    middles = plan.houses.mean(axis=1)
    order = np.argsort(np.hypot(*(middles - xy[dot]).T), kind="stable")
    home = buildings_of(plan.houses[order[:1]], window)
    house = f'<path class="s-own" d="{home}"/>'

    def card(*icons: str) -> str:
        wide = 8 + 44 * len(icons)
        drawn = "".join(_icon(name, 16 + 44 * k, 39) for k, name in enumerate(icons))
        return f'<rect class="s-card" x="10" y="34" width="{wide}" height="50" rx="5"/>{drawn}'

    line = f'<path class="s-link" d="M{{wide}} 60L{num(x)} {num(y)}"/>'
    record = card("like", "score", "name")
    red, grey = (
        f'<circle class="{look}" cx="{num(x)}" cy="{num(y)}" r="{r}"/>'
        for look, r in (("s-red", 10), ("s-grey", 9))
    )
    # Who calls, on the street, and the child at the door.
    inward = window.on(middles[order[0]]) - [x, y]
    inward /= np.hypot(*inward) or 1.0
    out = np.array([x, y]) - 52 * inward
    child = np.array([x, y]) + 30 * np.array([-inward[1], inward[0]])
    people = (
        f'<g class="s-caller" transform="translate({num(out[0])} {num(out[1] + 18)}) scale(1.4)">'
        f'{_PERSON}</g><g class="s-child" transform="translate({num(child[0])} '
        f'{num(child[1] + 14)}) scale(.9)">{_PERSON}</g>'
    )
    seats = window.on(_neighbours(plan, window, xy, dot)).tolist()
    sight = ""
    for a, b in seats:
        # Up to the eye.
        short = 1 - 24 / math.hypot(a - x, b - y)
        sight += f"M{num(x)} {num(y)}L{num(x + short * (a - x))} {num(y + short * (b - y))}"
    other = [k for k in np.flatnonzero(window.holds(xy)) if k != dot]
    more = "".join(
        f'<circle class="{"s-grey" if shown.visited[k] else "s-red"}" cx="{num(a)}" '
        f'cy="{num(b)}" r="7"/>'
        for k, (a, b) in zip(other, window.on(xy[other]).tolist(), strict=True)
    )
    eyes = "".join(_icon("eye", a - 20, b - 20, "s-eye") for a, b in seats)
    return {
        "like": card("like"), "score": card("like", "score"),
        "name": house + line.format(wide=148) + record,
        "door": house + line.format(wide=148) + record + red,
        "open": house + red + people,
        "grey": house + grey,
        "seen": f'{house}<path class="s-sight" d="{sight}"/>{eyes}{more}{grey}',
    }  # fmt: skip


def _neighbours(plan: Plan, window: Window, xy: np.ndarray, dot: int) -> np.ndarray:
    """Return the nearest houses that are apart from one another and from dots."""
    middles, looking = plan.houses.mean(axis=1), np.empty((0, 2))
    inner = Window(window.low + 10, window.size - 20, window.width)
    for k in np.argsort(np.hypot(*(middles - xy[dot]).T), kind="stable"):
        apart = np.hypot(*(np.concatenate([xy, looking]) - middles[k]).T)
        if len(looking) < _LOOK and apart.min() > _APART and inner.holds(middles[k]):
            looking = np.vstack([looking, middles[k]])
    return looking


def _thrice(
    dots: tuple[pd.DataFrame, pd.DataFrame], family: tuple[np.ndarray, np.ndarray], mask: Donut,
    plan: Plan, window: Window, words: Words, title: str,
) -> dict[str, Markup]:  # fmt: skip
    """Draw the exact map, the blurred one with what a dot may stand for, and no dot at all."""
    ground = f'<g id="far-street">{townscape(plan, window)}</g>'
    over, boxes = _over(window, words, np.concatenate([positions_of(one) for one in dots]))
    home = _house(plan, family[0])
    drawn = {}
    for key, shown in zip(("before", "blurred", "closed"), (*dots, None), strict=True):
        if shown is None:
            middle = num(window.width / 2 - 60)
            lock = f'<g transform="translate({middle} {middle}) scale(3)">{_icon("lock", 0, 0)}</g>'
            marks = f'<rect class="veil" width="{num(window.width)}" height="100%"/>{lock}'
        else:
            at = family[key == "blurred"]
            here = window.on(at)
            kept = [*boxes, 16 * _SQUARE + window.on(home.mean(axis=1))[0], 16 * _SQUARE + here]
            spots = window.on(positions_of(shown))
            may = _may(plan, at, mask) if key == "blurred" else plan.houses[:0]
            # No name on a house of the ring.
            taken = np.concatenate([spots, window.on(may.mean(axis=1))])
            names = labels_of(plan, window, title, taken, kept, quarters=0, streets=4)
            ring = _ring(window, at, mask, may) if len(may) else ""
            own = f'<path class="s-own" d="{buildings_of(home, window)}"/>'
            marks = f"{ring}{own}{''.join(one.svg for one in names)}{_dots(shown, window, words)}"
            x, y = here.tolist()
            marks += f'<circle class="s-family" cx="{num(x)}" cy="{num(y)}" r="10"/>'
        drawn[key] = Markup(
            f'<svg class="pv" viewBox="0 0 {num(window.width)} {num(window.height)}" role="img" '
            f'aria-label="{escape(words(f"steps.{key}"))}">{ground}{marks}{over}</svg>'
        )
        ground = '<use href="#far-street"/>'
    return drawn


def _house(plan: Plan, door: np.ndarray) -> np.ndarray:
    """Return the footprint that is nearest to a door."""
    return plan.houses[[np.hypot(*(plan.houses.mean(axis=1) - door).T).argmin()]]


def _may(plan: Plan, at: np.ndarray, mask: Donut) -> np.ndarray:
    """Return the houses that a moved dot may stand for."""
    away = np.hypot(*(plan.houses.mean(axis=1) - at).T)
    return np.asarray(plan.houses[(away >= mask.r_min) & (away <= mask.r_max)])


def _ring(window: Window, at: np.ndarray, mask: Donut, may: np.ndarray) -> str:
    """Draw the ring of a moved dot, and the houses in it."""
    x, y = window.on(at).tolist()
    rings = "".join(
        f'<circle class="s-reach" cx="{num(x)}" cy="{num(y)}" r="{num(r * window.scale)}"/>'
        for r in (mask.r_min, mask.r_max)
    )
    return f'<path class="s-may" d="{buildings_of(may, window)}"/>{rings}'


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


def areas_answer(words: Words, results: ResultLookup) -> tuple[str, list[str]] | None:
    """Return what a map of counts proves of households; None for another map."""
    proved, cleared, hidden = (
        results.row("areas", name) for name in ("in_groups_told", "cleared", "hidden_counts_told")
    )
    if proved is None or not math.isfinite(proved.value):
        return None
    values = {"n": proved.value, "of": proved.n, "smallest": SMALL_CELL}
    headline = words("story.headline_areas", **values)
    leads = [
        words(f"story.lead_areas_{name}", n=row.value, of=row.n)
        for name, row in (("cleared", cleared), ("hidden", hidden))
        if row is not None and row.n and math.isfinite(row.value)
    ]
    return headline, [*leads, words("story.lead_areas")]


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
        parts=[Drawing(partial(_areas, areas, each, words, study), [*hidden, *most], data)],
    )  # fmt: skip


def _areas(
    areas: Areas, counts: Sequence[tuple[float, float]], words: Words, study: Study, width: float,
) -> Canvas:  # fmt: skip
    """Draw areas, their legend, and a line for the value of the one that is touched."""
    low, size = _shown_part(areas)
    scale = min(width / size[0], (560.0 if width == WIDE else 480.0) / size[1])
    canvas = Canvas(width)
    left = (width - size[0] * scale) / 2
    foot = size[1] * scale + 22
    focus = 0 if len(counts) - int(np.isnan(areas.count).sum()) <= _MOST_STEPS else -1
    on = [
        (name, left + (x - low[0]) * scale, (low[1] + size[1] - y) * scale)
        for name, x, y in study.area_names
    ]
    # Where an area has room for both, its number stands first and names go around it.
    roomy = [
        _middle(left + (corner[0] + side / 2 - low[0]) * scale,
                (low[1] + size[1] - corner[1] - side / 2) * scale)
        for corner, side, (count, _) in zip(areas.corner, areas.side, counts, strict=True)
        if side * scale >= _ROOMY and not math.isnan(count)
    ]  # fmt: skip
    most = _MOST_NAMES // (1 if width == WIDE else 2)
    named = _place_names(on, (left, width - left), size[1] * scale, most, roomy)
    areas_shown, tints = list[str](), dict[str, list[str]]({"paper": []})
    for corner, side, (count, metres) in zip(areas.corner, areas.side, counts, strict=True):
        start, end = np.maximum(corner, low), np.minimum(corner + side, low + size)
        if (start >= end).any():
            continue
        x, y = left + (start[0] - low[0]) * scale, (low[1] + size[1] - end[1]) * scale
        wide, tall = (end - start) * scale - 1
        box = (x, y, wide, tall)
        if math.isnan(count):
            canvas.bar(box, "hidden", words("figure.withheld_area"))
            continue
        area, level = Canvas(width), int(np.searchsorted(AREA_CLASSES, count, side="right"))
        says = words("figure.area_says", n=count, side=metres)
        x0, y0, w, h = map(num, box)
        tints.setdefault(f"a{level}", []).append(f"M{x0} {y0}h{w}v{h}h{num(-wide)}z")
        tints["paper"].append(f"M{x0} {y0}h{num(wide + 1)}v{num(tall + 1)}h{num(-wide - 1)}z")
        area.put(f'<rect class="touch" x="{x0}" y="{y0}" width="{w}" height="{h}"/>')
        look, half = "b a4t" if level == 4 else "b count", side * scale / 2
        # Where a place is named in a small area, its number shows on touch only.
        if side * scale > 26 and not meets(_middle(x + half, y + half), named.values()):
            area.text(x + half, y + half + 5, words.count(count), look, "middle")
        area.text(8, foot, says, "say b")
        areas_shown.append(
            f'<g class="area" tabindex="{focus}" role="img"><title>{escape(says)}</title>'
            f"{''.join(area.parts)}</g>"
        )
    _ground(canvas, study, (low, size), scale, left, tints)
    room = _length(canvas, words, scale, foot)
    hint = words("figure.areas_hint" if focus == 0 else "figure.areas_touch")
    ends = canvas.wrapped(8, foot, hint, room - 24, "soft hint")
    # Above the others, so that the edge of the one in focus is whole, and no street on a number.
    canvas.parts += areas_shown
    for name, (begin, _, end, base) in named.items():
        canvas.text((begin + end) / 2, base - 5, name, "place")
    sides = [metres for count, metres in counts if not math.isnan(count)]
    _area_key(canvas, words, ends + 8, (min(sides), max(sides)))
    return canvas


def _ground(
    canvas: Canvas, study: Study, part: tuple[np.ndarray, np.ndarray], scale: float, left: float,
    tints: Mapping[str, Sequence[str]],
) -> None:  # fmt: skip
    """Hatch what is withheld, tint the areas, from their paper upward, and draw streets on them."""
    low, size = part
    # Squares that are withheld cover what is left: one path hatches them, under the others.
    canvas.area(_hatch(left, 0.0, *(size * scale).tolist()), "hatch", "")
    for look in sorted(tints, reverse=True):
        canvas.area("".join(tints[look]), look, "")
    for street in study.area_streets:
        inside = ((street > low) & (street < low + size)).all(axis=1)
        if inside.sum() > 1:
            at = (street[inside] - [low[0], low[1] + size[1]]) * [scale, -scale] + [left, 0.0]
            canvas.line(at.tolist(), "road")


def _length(canvas: Canvas, words: Words, scale: float, y: float) -> float:
    """Draw where north is and a length, at the right of a line of text; return where they begin."""
    north = canvas.width - 14
    canvas.area(f"M{num(north)} {num(y - 21)}l4.5 8h-9z", "m-ink node", "")
    canvas.text(north, y, "N", "soft b", "middle")
    metres = max(m for m in _LENGTHS if m * scale <= canvas.width / 5 or m == _LENGTHS[0])
    right, long = north - 16, metres * scale
    canvas.line([(right - long, y - 5), (right, y - 5)], "axis")
    written = words("figure.metres", n=words.count(metres))
    canvas.text(right - long - 8, y, written, "soft", "end")
    return right - long - 8 - width_of(written)


def _area_key(canvas: Canvas, words: Words, top: float, sides: tuple[float, float]) -> None:
    """Write what the colours of areas mean, and end the canvas below."""
    width, (low, high) = canvas.width, sides
    key = "areas_key_between" if low < high else "areas_key"
    y = canvas.wrapped(8, top, words(f"figure.{key}", low=low, high=high), width - 16, "soft") + 4
    x = 8.0
    tops = [f"{a}–{b - 1}" for a, b in pairwise(AREA_CLASSES)]
    for level, text in enumerate([*tops, f"{AREA_CLASSES[-1]}+"], start=1):
        canvas.bar((x, y - 12, 14, 14), f"a{level}", text)
        canvas.text(x + 19, y, text, "soft")
        x += 36 + 8 * len(text)
    y += 24
    canvas.bar((8, y - 12, 14, 14), "hidden", "")
    canvas.area(_hatch(8, y - 12, 14, 14), "hatch", "")
    canvas.height = canvas.wrapped(27, y, words("figure.withheld_area"), width - 35, "soft") - 6


def _hatch(x: float, y: float, wide: float, tall: float) -> str:
    """Return the path of slanted lines that fill a rectangle."""
    lines = []
    for c in np.arange(_HATCH / 2, wide + tall, _HATCH).tolist():
        begin, end = (min(c, wide), max(c - wide, 0.0)), (max(c - tall, 0.0), min(c, tall))
        lines.append("L".join(f"{num(x + east)} {num(y + south)}" for east, south in (begin, end)))
    return "M" + "M".join(lines)


# Between the lines of a hatched area.
_HATCH = 7.0
# Metres that a length is drawn of.
_LENGTHS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
# Names of places that are written at most, and how tall one is.
_MOST_NAMES, _TALL = 8, 18.0
# Width of an area on the page that has room for its number and a name.
_ROOMY = 60.0


def _middle(x: float, y: float) -> Box:
    """Return the box of the number of an area whose centre is there."""
    return (x - 16, y - 8, x + 16, y + 8)


def _place_names(
    names: Sequence[tuple[str, float, float]], ends: tuple[float, float], height: float, most: int,
    taken: Sequence[Box] = (),
) -> dict[str, Box]:  # fmt: skip
    """Return the boxes of the names that are written, none on another, none over the edge.

    `ends` are where the map begins and ends from left to right; `taken` are boxes of what stands
    there already.
    """
    boxes: dict[str, Box] = {}
    for name, x, y in names:
        half = 0.62 * width_of(name)
        box = (x - half, y - _TALL + 5, x + half, y + 5)
        inside = ends[0] <= box[0] and box[2] <= ends[1] and box[1] >= 0 and box[3] <= height
        if inside and len(boxes) < most and not meets(box, [*taken, *boxes.values()]):
            boxes[name] = box
    return boxes


def _shown_part(areas: Areas) -> tuple[np.ndarray, np.ndarray]:
    """Frame the areas that are shown, with the edge of the withheld ones around them."""
    far = areas.corner + areas.side[:, None]
    low, high = areas.corner.min(axis=0), far.max(axis=0)
    shown = np.isfinite(areas.count)
    if shown.any():
        edge = areas.side.max() / 3
        low = np.maximum(low, areas.corner[shown].min(axis=0) - edge)
        high = np.minimum(high, far[shown].max(axis=0) + edge)
    return low, high - low
