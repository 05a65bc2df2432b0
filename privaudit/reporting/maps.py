"""The maps: dots on a fictional town, areas where the places are real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup, escape

from privaudit._core.policy import AREA_CLASSES
from privaudit.reporting.areas import Areas, areas_of
from privaudit.reporting.told import Told
from privaudit.reporting.townscape import Window, townscape, window_of
from privaudit.results.chart_style import NARROW, WIDE
from privaudit.results.painter import Canvas, Display, Picture, compose, num
from privaudit.words.words import Words

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.studies.study import Study

__all__ = ["TownMaps", "area_map", "town_maps"]

_PANEL = 480.0


@dataclass(frozen=True)
class TownMaps:
    """The panels of a story's map, one a view: the same town at the same scale."""

    panels: Mapping[str, Markup]
    outside: int
    drawing: Display


def town_maps(study: Study, words: Words, told: Told) -> TownMaps | None:
    """Draw the dots of a fictional town, view by view, with the word SIMULATION across."""
    if study.dots is None or not len(study.dots) or study.real_places:
        return None
    shown = {"exact": study.dots, **study.blurred}
    places = study.addresses
    frame = study.dots if places is None or not len(places) else places
    window = window_of(frame[["x", "y"]].to_numpy(dtype=float), _PANEL)
    town = townscape(places, window) if places is not None else ""
    panels: dict[str, Markup] = {}
    for view, dots in shown.items():
        first = not panels
        visited = int((dots["status"] == "visited").sum())
        key = "figure.panel_exact" if first else "figure.panel_moved"
        label = words(key, dots=len(dots), visited=visited)
        back = f'<g id="town">{town}</g>' if first else '<use href="#town"/>'
        panels[view] = Markup(
            f'<svg class="pv" viewBox="0 0 {num(_PANEL)} {num(window.height)}" role="img" '
            f'aria-label="{escape(label)}">{back}{_over(window, words)}'
            f"{_dots(dots, window, words)}</svg>"
        )
    inside = int(window.holds(study.dots[["x", "y"]].to_numpy(dtype=float)).sum())
    pair = [dots for view, dots in shown.items() if view in ("exact", told.masked())]
    return TownMaps(panels, len(study.dots) - inside, _pair(words, study, window, town, pair))


def _dots(dots: pd.DataFrame, window: Window, words: Words) -> str:
    """Draw dots to meet over dots visited: red must not be hidden by grey."""
    parts = []
    points = dots[["x", "y"]].to_numpy(dtype=float)
    seen = (dots["status"] == "visited").to_numpy()
    inside = window.holds(points)
    at = window.on(points)
    for grey, look, key, r in ((True, "seen", "visited", 4.2), (False, "dot", "to_meet", 5)):
        marks = "".join(
            f'<circle class="{look}" cx="{num(x)}" cy="{num(y)}" r="{num(r)}"/>'
            for x, y in at[inside & (seen == grey)]
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
    said = escape(words("figure.metres", n=words.count(metres)))
    # Panels are shown at three quarters of their size on a telephone.
    canvas.put(
        f'<path class="axis" stroke-width="2" d="M{num(right - long)} {num(low)}h{num(long)}"/>'
        f'<text x="{num(right)}" y="{num(low - 7)}" text-anchor="end" style="font-size:17px">'
        f'{said}</text><rect class="frame" width="{num(window.width)}" '
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

    counts = {"dots": len(pair[0]), "visited": int((pair[0]["status"] == "visited").sum())}
    wide = len(pair) > 1
    return compose(
        "map", words, study.provenance,
        title=words("figure.map_pair" if wide else "figure.map_one", **counts),
        parts=[Picture(draw, [words("figure.panel_exact", **counts)])],
        widths=[2 * _PANEL + 20 if wide else _PANEL], watermark=False,
    )  # fmt: skip


def area_map(study: Study, words: Words) -> Display | None:
    """Draw real places as squares that hold enough people each; None where none does."""
    if study.area_points is None or not len(study.area_points):
        return None
    areas = areas_of(np.asarray(study.area_points, dtype=float))
    counts = areas.count[np.isfinite(areas.count)]
    hidden = len(areas.count) - len(counts)
    if not len(counts):
        return None
    shown = int(counts.sum())
    most = [words("figure.area_told", n=n) for n in sorted(counts.astype(int), reverse=True)[:40]]
    return compose(
        "map", words, study.provenance,
        title=words("figure.areas_title", shown=shown, n=areas.total, areas=len(counts)),
        parts=[
            Picture(
                lambda width: _areas(areas, words, width),
                [words("figure.areas_hidden", areas=hidden), *most],
            )
        ],
    )  # fmt: skip


def _areas(areas: Areas, words: Words, width: float) -> Canvas:
    low, size = _shown_part(areas)
    scale = min(width / size[0], (620.0 if width == WIDE else 480.0) / size[1])
    canvas = Canvas(width)
    left = (width - size[0] * scale) / 2
    for corner, side, count in zip(areas.corner, areas.side, areas.count, strict=True):
        if ((corner + side <= low) | (corner >= low + size)).any():
            continue
        x = left + (corner[0] - low[0]) * scale
        y = (low[1] + size[1] - corner[1] - side) * scale
        box = (x, y, side * scale - 1, side * scale - 1)
        if np.isnan(count):
            canvas.bar(box, "hidden", words("figure.withheld_area"))
            continue
        level = int(np.searchsorted(AREA_CLASSES, count, side="right"))
        canvas.bar(box, f"a{level}", words("figure.area_told", n=int(count)))
        if side * scale > 26:
            look = "b a4t" if level == 4 else "b"
            canvas.text(
                x + side * scale / 2, y + side * scale / 2 + 5, f"{count:.0f}", look, "middle"
            )
    y = size[1] * scale + 24
    x = 8.0
    tops = [f"{a}–{b - 1}" for a, b in pairwise(AREA_CLASSES)]
    for level, text in enumerate([*tops, f"{AREA_CLASSES[-1]}+"], start=1):
        canvas.bar((x, y - 12, 14, 14), f"a{level}", text)
        canvas.text(x + 19, y, text)
        x += 36 + 8 * len(text)
    if width == NARROW:
        x, y = 8.0, y + 24
    canvas.bar((x, y - 12, 14, 14), "hidden", words("figure.withheld_area"))
    canvas.text(x + 19, y, words("figure.withheld_area"), "soft")
    canvas.height = y + 12
    return canvas


def _shown_part(areas: Areas) -> tuple[np.ndarray, np.ndarray]:
    """Frame the areas that are shown, with the withheld ones around them."""
    low, size = areas.bounds()
    shown = np.isfinite(areas.count)
    if not shown.any():
        return low, size
    edge = areas.side.max()
    first = np.maximum(low, areas.corner[shown].min(axis=0) - edge)
    last = (areas.corner + areas.side[:, None])[shown].max(axis=0) + edge
    return first, np.minimum(low + size, last) - first
