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
from privaudit.report.town import (
    NAME_SIZE,
    Lines,
    Plan,
    Window,
    labels_of,
    overlap,
    plan_of,
    positions_of,
    townscape,
    window_of,
)
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
    side = _outer_side(points)
    cell = np.floor(points / side).astype(np.int64)
    low, high = cell.min(axis=0), cell.max(axis=0)
    across, up = (high - low + 1).tolist()
    squares: list[tuple[float, float, float, int]] = []
    number = (cell[:, 0] - low[0]) * up + cell[:, 1] - low[1]
    order = np.argsort(number, kind="stable")
    ends = np.searchsorted(number[order], np.arange(across * up + 1))
    for square in range(across * up):
        inside = points[order[ends[square] : ends[square + 1]]]
        squares += _cut(inside, (low + divmod(square, up)) * side, side)
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


_PANEL = 480.0


@dataclass(frozen=True)
class TownMaps:
    """The panels of a story's map, one a view: the same town at the same scale.

    - `names`: Of the exact map with its corners, for the explorer.
    """

    panels: Mapping[str, Markup]
    outside: int
    drawing: Display
    window: Window
    plan: Plan | None
    names: Markup

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
    return TownMaps(panels, outside, drawing, window, plan, Markup(names["exact"] + over))


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


def with_squares(study: Study) -> Study:
    """Return a study with a row on the squares of its map, and one on the people in them."""
    if study.area_points is None or not len(study.area_points) or "squares" in study.measures:
        return study
    areas = areas_of(np.asarray(study.area_points, dtype=float))
    counts = areas.count[np.isfinite(areas.count)]
    if not len(counts):
        return study
    rows = Rows(areas.total, "people")
    each = Note("squares_counted", n=tuple(counts.astype(int).tolist()))
    rows.add("in_squares", counts.sum(), "people", each)
    rows.add("squares", len(counts), "areas", n=len(areas.count), counts="areas")
    squares = Measures(family="squares", rows=list(rows))
    return replace(study, measures={**study.measures, "squares": squares})


def area_map(study: Study, words: Words, results: ResultLookup) -> Display | None:
    """Draw real places as squares that hold enough people each; None where none does."""
    people, squares = (results.row("squares", name) for name in ("in_squares", "squares"))
    if people is None or squares is None:
        return None
    areas = areas_of(np.asarray(study.area_points, dtype=float))
    (counts,) = (values_of(people.finding, note)["n"] for note in people.notes)
    # Squares that are shown, in the order in which they are drawn.
    known = iter(counts)
    each = [math.nan if math.isnan(count) else next(known) for count in areas.count]
    hidden = [words("figure.withheld_area")] if len(each) > len(counts) else []
    most = [words("figure.area_told", n=n) for n in sorted(counts, reverse=True)[:40]]
    return compose(
        "map", words, study.provenance,
        title=words(
            "figure.areas_title", shown=people.value, n=people.n, areas=squares.value
        ),
        parts=[Drawing(partial(_areas, areas, each, words), [*hidden, *most])],
    )  # fmt: skip


def _areas(areas: Areas, counts: Sequence[float], words: Words, width: float) -> Canvas:
    low, size = _shown_part(areas)
    scale = min(width / size[0], (620.0 if width == WIDE else 480.0) / size[1])
    canvas = Canvas(width)
    left = (width - size[0] * scale) / 2
    for corner, side, count in zip(areas.corner, areas.side, counts, strict=True):
        if ((corner + side <= low) | (corner >= low + size)).any():
            continue
        x = left + (corner[0] - low[0]) * scale
        y = (low[1] + size[1] - corner[1] - side) * scale
        box = (x, y, side * scale - 1, side * scale - 1)
        if math.isnan(count):
            canvas.bar(box, "hidden", words("figure.withheld_area"))
            continue
        level = int(np.searchsorted(AREA_CLASSES, count, side="right"))
        canvas.bar(box, f"a{level}", words("figure.area_told", n=count))
        if side * scale > 26:
            look, half = "b a4t" if level == 4 else "b", side * scale / 2
            canvas.text(x + half, y + half + 5, words.count(count), look, "middle")
    y = size[1] * scale + 24
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
