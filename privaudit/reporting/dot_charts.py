"""Charts of the dots themselves: how far they moved, among how many a home hides, who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from privaudit.exposure.suppression import SMALLEST
from privaudit.reporting.charts import round_ticks, strongest
from privaudit.reporting.map_frame import (
    addresses_on,
    legend_below,
    map_axes,
    map_height,
    round_key,
    scale_bar,
    town_window,
    watermark,
    window_of,
)
from privaudit.reporting.names import rung_name
from privaudit.reporting.svg import BLUE, GREY, INK, RED, Drawing, Frame, draw
from privaudit.reporting.views import is_masked, seen_on, view_of
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from privaudit.reporting.study import Study

__all__ = ["hidden_chart", "moved_map", "one_dot_chart", "stations_chart"]

# Under 5 is few by any rule, under 11 nothing is shown here, 50 is a street.
MARKS = (5, 11, 50)
_ROW = 0.26


def moved_map(study: Study, words: Words) -> Drawing | None:
    """Draw a line from each marked address to its dot, across a fictional town."""
    if study.moved is None or not len(study.moved[0]):
        return None
    before, after = (np.asarray(points, dtype=float) for points in study.moved)
    shown = np.isfinite(after).all(axis=1)
    before, after = before[shown], after[shown]
    if not len(before):
        return None
    backdrop = np.empty((0, 2)) if study.addresses is None else np.asarray(study.addresses, float)
    whole = window_of(np.vstack([before, after, backdrop]))
    low, size = town_window(backdrop, whole) or whole
    # The town alone is drawn, and only the dots that are drawn are counted.
    inside = ((before >= low) & (before <= low + size)).all(axis=1)
    before, after = before[inside], after[inside]
    median = float(np.median(np.hypot(*(after - before).T)))

    def paint(figure: Figure, frame: Frame) -> None:
        from matplotlib.collections import LineCollection

        axes = map_axes(figure, frame, low, size)
        addresses_on(axes, backdrop, low, size)
        lines = list(np.stack([before, after], axis=1))
        axes.add_collection(LineCollection(lines, colors=INK, linewidths=0.7, zorder=3))
        axes.scatter(
            after[:, 0], after[:, 1], 16, color=RED, edgecolor="white", linewidth=0.4, zorder=4
        )
        watermark(axes, words, size)
        scale_bar(axes, words, size)
        keys = [
            round_key(words("figure.dot_shown"), RED, 5),
            round_key(words("figure.address"), "#b3b8bf", 3),
        ]
        legend_below(axes, keys, columns=2)

    numbers = {"n": words.count(len(before)), "metres": words.count(round(median))}
    return draw(
        "moved", words, study.provenance, title=words("figure.moved_title", **numbers),
        description=words("figure.moved_desc"), height=map_height(size), paint=paint,
    )  # fmt: skip


def hidden_chart(study: Study, words: Words) -> Drawing | None:
    """Draw among how many addresses, and people, each share of the people is hidden.

    Each step of a curve is as many people as may be shown: a finer one would be a list of them.
    """
    best = strongest(study, masked=True)
    if best is None or not is_masked(view_of(study, best)):
        return None
    curves: dict[str, np.ndarray] = {}
    for unit in ("people", "addresses"):
        if f"k_{unit}" in best.per_person:
            k = best.per_person[f"k_{unit}"].to_numpy(dtype=float)
            k = np.sort(k[np.isfinite(k)])
            if len(k) >= 2 * SMALLEST:
                curves[unit] = k
    if not curves:
        return None
    unit, k = next(iter(curves.items()))

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        axes = figure.add_axes((0.14, frame.bottom + 0.78 / full, 0.82, 2.0 / full))
        for (name, values), colour in zip(curves.items(), (RED, BLUE), strict=False):
            many = np.arange(SMALLEST, len(values) + 1, SMALLEST)
            label = words(f"unit.{name}")
            axes.step(values[many - 1], many / len(values), where="post", color=colour, label=label)
        _marks(axes, words)
        axes.set_xscale("log")
        axes.set_ylim(0, 1)
        _shares(axes, words, "y", 1.0)
        _plain_log(axes, words)
        axes.set_xlabel(words("figure.hidden_axis"))
        figure.legend(
            *axes.get_legend_handles_labels(), loc="lower left", ncols=2,
            bbox_to_anchor=(0.01, frame.bottom - 0.02 / full),
        )  # fmt: skip

    half = words.count(round(float(np.median(k))))
    view = seen_on(study, words, best)
    return draw(
        "hidden", words, study.provenance,
        title=words(f"figure.hidden_title_{unit}", n=half, view=view),
        description=words("figure.hidden_desc"), height=2.95, paint=paint,
    )  # fmt: skip


def _marks(axes: Axes, words: Words) -> None:
    for mark in MARKS:
        axes.axvline(mark, color=GREY, linestyle=(0, (2, 2)), linewidth=0.9)
        axes.annotate(
            words.count(mark), (mark, 1), (0, 2), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center",
        )  # fmt: skip


def _plain_log(axes: Axes, words: Words) -> None:
    """Write the powers of ten of an axis as numbers, and no others."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.xaxis.set_major_locator(LogLocator(10, numticks=8))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: words.count(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _shares(axes: Axes, words: Words, which: str, top: float) -> None:
    """Write round shares on an axis, in the reader's language."""
    ticks = round_ticks(top)
    labels = [words.tick(tick) for tick in ticks]
    axes.set(**{f"{which}ticks": ticks, f"{which}ticklabels": labels})
    axes.grid(axis=which, color="#e6e8eb", linewidth=0.6)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def stations_chart(study: Study, words: Words) -> Drawing | None:
    """Draw the share of people found in each polling station; small ones are withheld."""
    best = strongest(study, masked=True)
    if best is None or "station" not in best.per_person:
        return None
    rows = pd.DataFrame(best.by("station").xs("address", level="gain"))
    rows = rows[rows["attack"].notna()].sort_values("attack", ascending=False)
    withheld = int(best.per_person["station"].nunique(dropna=False)) - len(rows)
    if len(rows) < 2:
        return None
    top = float(rows["high"].max())

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        axes = figure.add_axes((0.3, frame.bottom + 0.55 / full, 0.66, _ROW * len(rows) / full))
        place = np.arange(len(rows))
        axes.barh(place, rows["attack"], color=RED, height=0.62)
        axes.hlines(place, rows["low"], rows["high"], color=INK, linewidth=1)
        axes.plot(rows["baseline"], place, "D", color=GREY, ms=4.2, fillstyle="none", clip_on=False)
        axes.set(yticks=place, ylim=(len(rows) - 0.5, -0.5), xlim=(0, 1.02 * top))
        axes.set_yticklabels([f"{station} ({words.count(n)})" for station, n in rows["n"].items()])
        axes.tick_params(length=0)
        axes.spines["left"].set_visible(False)
        _shares(axes, words, "x", top)
        axes.set_xlabel(words("figure.stations_axis"))

    return draw(
        "stations", words, study.provenance,
        title=words(
            "figure.stations_title", who=rung_name(words, best.attack),
            view=seen_on(study, words, best), n=words.count(len(rows)),
        ),
        description=words("figure.stations_desc", withheld=words.count(withheld)),
        height=_ROW * len(rows) + 0.62, paint=paint,
    )  # fmt: skip


def one_dot_chart(study: Study, words: Words) -> Drawing | None:
    """Draw who one simulated dot could be: its likeliest addresses."""
    rows = study.one_dot
    if rows is None or not len(rows):
        return None

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        axes = figure.add_axes((0.47, frame.bottom + 0.1 / full, 0.4, _ROW * len(rows) / full))
        _candidates(axes, words, rows)

    listed = rows[rows["address"] != ""]
    best = words.percent(float(listed["probability"].iloc[0]))
    return draw(
        "one_dot", words, study.provenance, title=words("figure.one_dot_title", best=best),
        description=words("figure.one_dot_desc"), height=_ROW * len(rows) + 0.25, paint=paint,
    )  # fmt: skip


def _candidates(axes: Axes, words: Words, rows: pd.DataFrame) -> None:
    place = np.arange(len(rows))
    value = rows["probability"].to_numpy(dtype=float)
    listed = (rows["address"] != "").to_numpy()
    names = [name or words("figure.other_addresses") for name in rows["address"]]
    # All other addresses together are no single candidate: their bar is cut at the scale.
    top = float(value[listed].max())
    axes.barh(place, np.minimum(value, 1.25 * top), color=np.where(listed, RED, GREY), height=0.62)
    for y, share in zip(place, value, strict=True):
        axes.annotate(
            words.percent(share), (min(share, 1.25 * top), y), (4, 0), va="center",
            textcoords="offset points", annotation_clip=False,
        )  # fmt: skip
    axes.set(yticks=place, ylim=(len(rows) - 0.5, -0.5), xlim=(0, 1.25 * top), xticks=[])
    axes.set_yticklabels([name if len(name) < 31 else f"{name[:29]}…" for name in names])
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
