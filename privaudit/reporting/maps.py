"""The map: dots on a fictional town, areas where the places are real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privaudit.reporting.areas import Areas, areas_of
from privaudit.reporting.svg import FAINT, GREY, INK, RED, WIDTH, Drawing, Frame, draw
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from privaudit.reporting.study import Study

__all__ = ["area_map", "town_map"]

_Window = tuple[np.ndarray, np.ndarray]  # lower left corner and extent, metres
# Metres between neighbours of one town, and the part of the territory that is still small.
_STEP, _SMALL = 150.0, 0.6
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
    whole = _window(np.vstack([points, backdrop]))
    town = _town(backdrop, whole)
    low, size = whole if town is None else town
    keys = [
        _round_key(words("figure.to_meet"), RED, 6),
        _round_key(words("figure.visited"), GREY, 6),
        _round_key(words("figure.address"), "#b3b8bf", 3),
    ]
    tall = _scale(size) * size[1] / 72
    below = 0.55 if town is None else _BELOW

    def paint(figure: Figure, frame: Frame) -> None:
        axes = _map_axes(figure, frame, low, size, room=below)
        _addresses(axes, backdrop, low, size)
        _dots(axes, points, visited, 26)
        _watermark(axes, words, size)
        _scale_bar(axes, words, size)
        _legend(axes, keys)
        if town is not None:
            inset = _inset(figure, frame, *whole, tall=below - 0.5)
            _addresses(inset, _thinned(backdrop, 40.0), *whole, width=0.9)
            _dots(inset, points, visited, 7)
            _watermark(inset, words, whole[1], _inset_scale(whole[1], below - 0.5))
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
        axes = _map_axes(figure, frame, low - 0.02 * size, 1.04 * size)
        _squares(axes, areas, words, points_per_metre=_scale(size))
        if study.provenance == "simulated":
            _watermark(axes, words, size)
        _scale_bar(axes, words, size)
        _legend(axes, _area_keys(words), columns=3)

    n = words.count(areas.total)
    return draw(
        "map", words, study.provenance,
        title=words("figure.areas_title", n=n),
        description=words("figure.areas_desc"),
        height=_height(size), paint=paint,
    )  # fmt: skip


def _town(places: np.ndarray, whole: _Window) -> _Window | None:
    """Find the town itself: most of the addresses, in a small part of the territory.

    Addresses that stand within `_STEP` metres of each other hang together; the town is the
    largest such piece. None where it holds under half of them, or fills the territory anyway.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    if len(places) < 2:
        return None
    pairs = cKDTree(places).query_pairs(_STEP, output_type="ndarray")
    ones = np.ones(len(pairs), dtype=bool)
    links = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(places),) * 2)
    piece = connected_components(links, directed=False)[1]
    inside = places[piece == np.bincount(piece).argmax()]
    window = _window(inside)
    small = float(window[1].max()) < _SMALL * float(whole[1].max())
    return window if small and 2 * len(inside) >= len(places) else None


def _window(points: np.ndarray) -> _Window:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.03 * max(float((high - low).max()), 100.0)
    return low - margin, high - low + 2 * margin


def _scale(size: np.ndarray) -> float:
    """Points of the figure a metre, so that a map is neither too flat nor too tall."""
    return 72 * min((WIDTH - 0.24) / size[0], 5.0 / size[1])


def _height(size: np.ndarray) -> float:
    return float(_scale(size) * size[1] / 72) + 0.55  # room for the legend below


def _map_axes(
    figure: Figure, frame: Frame, low: np.ndarray, size: np.ndarray, room: float = 0.55
) -> Axes:
    under = room / figure.get_figheight()
    axes = figure.add_axes((0.026, frame.bottom + under, 0.948, frame.top - frame.bottom - under))
    return _bounded(axes, low, size)


def _bounded(axes: Axes, low: np.ndarray, size: np.ndarray) -> Axes:
    axes.set(xlim=(low[0], low[0] + size[0]), ylim=(low[1], low[1] + size[1]), aspect="equal")
    axes.set(xticks=[], yticks=[], facecolor="#fafafa")
    for spine in axes.spines.values():
        spine.set(visible=True, color=FAINT)
    return axes


def _inset_scale(size: np.ndarray, tall: float) -> float:
    return float(72 * min(tall / size[1], 0.6 * WIDTH / size[0]))


def _inset(figure: Figure, frame: Frame, low: np.ndarray, size: np.ndarray, tall: float) -> Axes:
    """Make room for a small map at the lower left, `tall` inches at most."""
    width, height = size * _inset_scale(size, tall) / 72
    at = (0.026, frame.bottom, float(width) / WIDTH, float(height) / figure.get_figheight())
    return _bounded(figure.add_axes(at), low, size)


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


def _addresses(
    axes: Axes, places: np.ndarray, low: np.ndarray, size: np.ndarray, width: float = 1.5
) -> None:
    """Draw addresses as one path of round-capped points: small enough for a page."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    places = places[((places >= low) & (places <= low + size)).all(axis=1)]
    if not len(places):
        return
    path = Path(np.repeat(places, 2, axis=0), [Path.MOVETO, Path.LINETO] * len(places))
    axes.add_patch(
        PathPatch(
            path, fill=False, edgecolor="#c3c8ce", linewidth=width, capstyle="round", zorder=2
        )
    )


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


def _watermark(axes: Axes, words: Words, size: np.ndarray, scale: float | None = None) -> None:
    """Write the word across the map, as large as its height and width allow."""
    text = words("provenance.watermark")
    width, height = size * (scale or _scale(size))
    tilt = min(np.deg2rad(28), np.arctan2(height, width))
    # A bold capital is about .75 of its size wide.
    length = 0.75 * len(text)
    across = 0.92 * width / (length * np.cos(tilt) + np.sin(tilt))
    up = 0.92 * height / (length * np.sin(tilt) + np.cos(tilt))
    axes.text(
        0.5, 0.5, text, transform=axes.transAxes, rotation=float(np.rad2deg(tilt)), ha="center",
        va="center", fontsize=min(48.0, across, up), fontweight="bold", color=INK, alpha=0.14,
        zorder=4, rotation_mode="default",
    )  # fmt: skip


def _round_key(label: str, colour: str, size: float) -> Line2D:
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="", marker="o", color=colour, markersize=size, label=label)


def _legend(axes: Axes, handles: list, columns: int = 4) -> None:
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, -0.01), borderaxespad=0.2,
        ncols=columns, handletextpad=0.4, columnspacing=1.4,
    )  # fmt: skip


def _scale_bar(axes: Axes, words: Words, size: np.ndarray) -> None:
    """Draw a round length of about a fifth of the width, at the lower right."""
    wanted = size[0] / 5
    power = 10 ** np.floor(np.log10(wanted))
    length = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    far = length >= 1000
    key = "figure.kilometres" if far else "figure.metres"
    x1 = axes.get_xlim()[1] - 0.03 * size[0]
    x0, y = x1 - length, axes.get_ylim()[0] + 0.03 * size[1]
    shown = words(key, n=words.count(length / (1000 if far else 1)))
    axes.plot([x0, x1], [y, y], color=INK, linewidth=1.6, solid_capstyle="butt", zorder=5)
    axes.text(
        (x0 + x1) / 2, y + 0.008 * size[1], shown, ha="center", va="bottom", zorder=5
    )  # fmt: skip
