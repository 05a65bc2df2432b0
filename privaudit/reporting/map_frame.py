"""What every map of a report shares: its window, scale, faint addresses and watermark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privaudit.reporting.svg import FAINT, INK, WIDTH, Frame
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = [
    "Window",
    "addresses_on",
    "bounded",
    "legend_below",
    "map_axes",
    "map_height",
    "map_scale",
    "round_key",
    "scale_bar",
    "town_window",
    "watermark",
    "window_of",
]

Window = tuple[np.ndarray, np.ndarray]  # lower left corner and extent, metres
# Metres between neighbours of one town, and the part of the territory that is still small.
_STEP, _SMALL = 150.0, 0.6
# Inches below a map, for a legend of up to three lines.
_LEGEND = 0.62


def town_window(places: np.ndarray, whole: Window) -> Window | None:
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
    window = window_of(inside)
    small = float(window[1].max()) < _SMALL * float(whole[1].max())
    return window if small and 2 * len(inside) >= len(places) else None


def window_of(points: np.ndarray) -> Window:
    """Return the window around points, with a margin."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.03 * max(float((high - low).max()), 100.0)
    return low - margin, high - low + 2 * margin


def map_scale(size: np.ndarray) -> float:
    """Points of the figure a metre, so that a map is neither too flat nor too tall."""
    return 72 * min((WIDTH - 0.24) / size[0], 5.0 / size[1])


def map_height(size: np.ndarray) -> float:
    """Return the height of a map and its legend, in inches."""
    return float(map_scale(size) * size[1] / 72) + _LEGEND


def map_axes(
    figure: Figure, frame: Frame, low: np.ndarray, size: np.ndarray, room: float = _LEGEND
) -> Axes:
    """Add a map to a figure, with room below for its legend, in inches."""
    under = room / figure.get_figheight()
    axes = figure.add_axes((0.026, frame.bottom + under, 0.948, frame.top - frame.bottom - under))
    return bounded(axes, low, size)


def bounded(axes: Axes, low: np.ndarray, size: np.ndarray) -> Axes:
    """Set the window of a map and draw a faint line around it."""
    axes.set(xlim=(low[0], low[0] + size[0]), ylim=(low[1], low[1] + size[1]), aspect="equal")
    axes.set(xticks=[], yticks=[], facecolor="#fafafa")
    for spine in axes.spines.values():
        spine.set(visible=True, color=FAINT)
    return axes


def addresses_on(
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


def watermark(axes: Axes, words: Words, size: np.ndarray, scale: float | None = None) -> None:
    """Write the word across the map, as large as its height and width allow."""
    text = words("provenance.watermark")
    width, height = size * (scale or map_scale(size))
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


def round_key(label: str, colour: str, size: float) -> Line2D:
    """Return a legend's entry for a round mark."""
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="", marker="o", color=colour, markersize=size, label=label)


def legend_below(axes: Axes, handles: list, columns: int = 4) -> None:
    """Write the legend below a map."""
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, -0.01), borderaxespad=0.2,
        ncols=columns, handletextpad=0.4, columnspacing=1.4,
    )  # fmt: skip


def scale_bar(axes: Axes, words: Words, size: np.ndarray) -> None:
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
