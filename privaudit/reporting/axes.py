"""Axes, lines and legend of a curve with its intervals, the same in every figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privaudit.reporting.charts import round_ticks
from privaudit.reporting.svg import Frame
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["curve", "legend", "log_axis", "plot_axes", "share_axis"]


def plot_axes(figure: Figure, frame: Frame, lines: int = 3) -> Axes:
    """Make room for an axis title and a legend of so many lines below a plot."""
    full = figure.get_figheight()
    bottom = frame.bottom + (0.52 + 0.2 * lines) / full
    return figure.add_axes((0.14, bottom, 0.82, frame.top - bottom - 0.08 / full))


def curve(
    axes: Axes, x: np.ndarray, rows: pd.DataFrame, colour: str, mark: str, label: str
) -> None:
    """Draw the values of rows, joined, and their intervals."""
    axes.vlines(x, rows["low"], rows["high"], color=colour, alpha=0.4, linewidth=2)
    axes.plot(
        x, rows["value"], color=colour, marker=mark, markersize=4.5, linewidth=1.4, label=label
    )


def log_axis(axes: Axes, words: Words, ticks: np.ndarray) -> None:
    """Make the axis across logarithmic, with the ticks that are given."""
    axes.set_xscale("log")
    axes.set_xticks(ticks, [words.count(float(t)) for t in ticks])
    axes.minorticks_off()


def share_axis(axes: Axes, words: Words, top: float) -> None:
    """Make the axis upward one of shares, 0 to the top, with a faint grid."""
    ticks = round_ticks(top)
    axes.set_yticks(ticks, [words.tick(t) for t in ticks])
    axes.set_ylim(0, 1.03 * top)
    axes.grid(axis="y", color="#e6e8eb", linewidth=0.6)
    axes.set_axisbelow(True)


def legend(figure: Figure, axes: Axes, frame: Frame, columns: int) -> None:
    """Name the curves below the plot."""
    full = figure.get_figheight()
    figure.legend(
        *axes.get_legend_handles_labels(), loc="lower left", ncols=columns, labelspacing=0.35,
        bbox_to_anchor=(0.01, frame.bottom - 0.03 / full),
    )  # fmt: skip
