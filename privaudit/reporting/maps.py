"""The map: dots on a fictional town, areas where the places are real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privaudit.reporting.areas import Areas, areas_of
from privaudit.reporting.map_frame import (
    addresses_on,
    bounded,
    legend_below,
    map_axes,
    map_height,
    map_scale,
    round_key,
    scale_bar,
    town_window,
    watermark,
    window_of,
)
from privaudit.reporting.svg import GREY, INK, RED, WIDTH, Drawing, Frame, draw
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from privaudit.reporting.study import Study

__all__ = ["area_map", "town_map"]

_BELOW = 2.2  # inches for the small map below the large one
# Lower bounds of the classes of people in a square, and their reds (lightness falls evenly).
_CLASSES = (11, 25, 50, 100)
_REDS = ("#fbe0dc", "#f2a79d", "#dd6257", "#a8162b")


def town_map(study: Study, words: Words) -> Drawing:
    """Draw the dots of a fictional town, with the word SIMULATION across.

    Faint points are addresses: they imply the streets. Where the town is a small part of its
    territory, it is drawn large, and the whole territory with its hamlets small below.
    """
    assert study.dots is not None
    dots = study.dots
    points = dots[["x", "y"]].to_numpy(dtype=float)
    visited = (dots["status"] == "visited").to_numpy()
    backdrop = np.empty((0, 2)) if study.addresses is None else np.asarray(study.addresses, float)
    whole = window_of(np.vstack([points, backdrop]))
    town = town_window(backdrop, whole)
    low, size = whole if town is None else town
    keys = [
        round_key(words("figure.to_meet"), RED, 6),
        round_key(words("figure.visited"), GREY, 6),
        round_key(words("figure.address"), "#b3b8bf", 3),
    ]
    tall = map_scale(size) * size[1] / 72
    below = 0.55 if town is None else _BELOW

    def paint(figure: Figure, frame: Frame) -> None:
        axes = map_axes(figure, frame, low, size, room=below)
        addresses_on(axes, backdrop, low, size)
        _dots(axes, points, visited, 26)
        watermark(axes, words, size)
        scale_bar(axes, words, size)
        legend_below(axes, keys)
        if town is not None:
            inset = _inset(figure, frame, *whole, tall=below - 0.5)
            addresses_on(inset, _thinned(backdrop, 40.0), *whole, width=0.9)
            _dots(inset, points, visited, 7)
            watermark(inset, words, whole[1], _inset_scale(whole[1], below - 0.5))
            _frame_of(inset, low, size)
            _beside(figure, inset, words, whole[1])

    counts = {"dots": words.count(len(dots)), "visited": words.count(int(visited.sum()))}
    return draw(
        "map", words, study.provenance,
        title=words("figure.map_title", **counts),
        description=words("figure.map_desc", **counts),
        height=float(tall) + below, paint=paint,
    )  # fmt: skip


def area_map(study: Study, words: Words) -> Drawing:
    """Draw real places as squares that hold at least 11 people each."""
    assert study.area_points is not None
    areas = areas_of(np.asarray(study.area_points, dtype=float))
    low, size = areas.bounds()

    def paint(figure: Figure, frame: Frame) -> None:
        axes = map_axes(figure, frame, low - 0.02 * size, 1.04 * size)
        _squares(axes, areas, words, points_per_metre=map_scale(size))
        if study.provenance == "simulated":
            watermark(axes, words, size)
        scale_bar(axes, words, size)
        legend_below(axes, _area_keys(words), columns=2)

    n = words.count(areas.total)
    return draw(
        "map", words, study.provenance,
        title=words("figure.areas_title", n=n),
        description=words("figure.areas_desc"),
        height=map_height(size), paint=paint,
    )  # fmt: skip


def _inset_scale(size: np.ndarray, tall: float) -> float:
    # What it is stands beside it, and needs more than half of the width in French.
    return float(72 * min(tall / size[1], 0.42 * WIDTH / size[0]))


def _inset(figure: Figure, frame: Frame, low: np.ndarray, size: np.ndarray, tall: float) -> Axes:
    """Make room for a small map at the lower left, `tall` inches at most."""
    width, height = size * _inset_scale(size, tall) / 72
    at = (0.026, frame.bottom, float(width) / WIDTH, float(height) / figure.get_figheight())
    return bounded(figure.add_axes(at), low, size)


def _frame_of(axes: Axes, low: np.ndarray, size: np.ndarray) -> None:
    from matplotlib.patches import Rectangle

    corner = (float(low[0]), float(low[1]))
    axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=INK, linewidth=0.8, zorder=5))


def _beside(figure: Figure, inset: Axes, words: Words, size: np.ndarray) -> None:
    """Say beside the small map what it is."""
    box = inset.get_position()
    lines = [words("figure.whole_town"), words("figure.in_the_crop")]
    lines.append(words("figure.across", n=words.count(round(float(size[0]) / 1000))))
    figure.text(box.x1 + 0.02, box.y1, "\n".join(lines), va="top", linespacing=1.4)


def _dots(axes: Axes, points: np.ndarray, visited: np.ndarray, area: float) -> None:
    """Draw homes to meet over homes visited: red must not be hidden by grey."""
    for mark, colour, size in ((visited, GREY, 0.8 * area), (~visited, RED, area)):
        x, y = points[mark].T
        axes.scatter(x, y, size, color=colour, edgecolor="white", linewidth=0.5, zorder=3)


def _thinned(places: np.ndarray, metres: float) -> np.ndarray:
    """Keep one point a square of so many metres: enough for a small map."""
    return np.unique(np.floor(places / metres), axis=0) * metres + metres / 2


def _squares(axes: Axes, areas: Areas, words: Words, points_per_metre: float) -> None:
    from matplotlib.patches import Rectangle

    for corner, side, count in zip(areas.corner, areas.side, areas.count, strict=True):
        square = Rectangle((corner[0], corner[1]), side, side, linewidth=0.8)
        if np.isnan(count):
            square.set(facecolor="#f1f2f4", hatch="////", edgecolor="#c3c8ce")
        else:
            square.set(facecolor=_REDS[_class_of(count)], edgecolor="white")
        axes.add_patch(square)
        # A number that does not fit its square is left to the table of areas.
        if not np.isnan(count) and side * points_per_metre > 20:
            dark = _class_of(count) >= 2
            x, y = corner + side / 2
            axes.text(
                x, y, words.count(count), ha="center", va="center",
                color="white" if dark else INK,
            )  # fmt: skip


def _class_of(count: float) -> int:
    return int(np.searchsorted(_CLASSES, count, side="right")) - 1


def _area_keys(words: Words) -> list:
    from matplotlib.patches import Patch

    tops = [*(str(top - 1) for top in _CLASSES[1:]), ""]
    labels = [f"{a}–{b}" if b else f"{a}+" for a, b in zip(_CLASSES, tops, strict=True)]
    keys = [Patch(facecolor=red, label=label) for red, label in zip(_REDS, labels, strict=True)]
    hidden = Patch(facecolor="#f1f2f4", hatch="////", label=words("figure.withheld_area"))
    return [*keys, hidden]
