"""Charts of the ways by which a map leaks, zoom, copies, accounts, and of what masks cost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.reporting.axes import curve, legend, log_axis, plot_axes, share_axis
from privaudit.reporting.charts import round_ticks
from privaudit.reporting.names import part_name, view_name
from privaudit.reporting.svg import BLUE, GREY, INK, RED, WIDTH, Drawing, Frame, draw
from privaudit.reporting.tables import number
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from privaudit.reporting.study import Study

__all__ = ["copies_chart", "frontier_chart", "leak_chart", "screenshots_chart"]


# Where a number stands that gives way to its neighbour on the right.
_LEFT: dict[str, Any] = {"ha": "right", "xytext": (-5, 3)}
_RIGHT: dict[str, Any] = {"ha": "left", "xytext": (5, 3)}


def _curve(study: Study, family: str, stem: str) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the numbers that the parts of a measure are told for, rising, and their rows."""
    overall = study.measures[family].overall
    found = {name: re.match(rf"{stem}@([\d.]+) ", str(name)) for name in overall.index}
    at = sorted((float(match[1]), str(name)) for name, match in found.items() if match)
    return np.array([x for x, _ in at]), overall.loc[[name for _, name in at]]


def screenshots_chart(study: Study, words: Words) -> Drawing | None:
    """Draw what share of the homes, and of the dots, a picture gives away by its resolution."""
    if "screenshots" not in study.measures:
        return None
    curves = {s: _curve(study, "screenshots", s) for s in ("found", "dots_read", "dots_right")}
    at, homes = curves["found"]
    if len(at) < 2:
        return None

    def paint(figure: Figure, frame: Frame) -> None:
        axes = plot_axes(figure, frame)
        for (stem, (x, rows)), colour, mark in zip(
            curves.items(), (RED, BLUE, GREY), "os^", strict=True
        ):
            curve(axes, x, rows, colour, mark, words(f"figure.{stem}"))
        log_axis(axes, words, at)
        share_axis(axes, words, 1.0)
        axes.set_xlabel(words("figure.pixel_axis"))
        legend(figure, axes, frame, columns=1)

    ends = {
        "fine": words.percent(float(homes["value"].iloc[0])),
        "coarse": words.percent(float(homes["value"].iloc[-1])),
        "near": words.count(at[0]),
        "far": words.count(at[-1]),
    }
    return draw(
        "screenshots", words, study.provenance, title=words("figure.screenshots_title", **ends),
        description=words("figure.screenshots_desc"), height=3.35, paint=paint,
    )  # fmt: skip


def copies_chart(study: Study, words: Words) -> Drawing | None:
    """Draw how far the mean of several copies of a dot is off: both axes logarithmic."""
    if "copies" not in study.measures:
        return None
    overall = study.measures["copies"].overall
    curves: dict[str, list[tuple[int, str]]] = {}
    for name in overall.index:
        match = re.fullmatch(r"error_(\d+)@(\w+)", str(name))
        if match and number(overall, str(name)) > 0:
            curves.setdefault(match[2], []).append((int(match[1]), str(name)))
    if not curves or len(curves.get("fresh", [])) < 2:
        return None
    lines = {part: sorted(points) for part, points in curves.items()}
    many = np.array([n for n, _ in lines["fresh"]])
    first, last = (number(overall, lines["fresh"][k][1]) for k in (0, -1))

    def paint(figure: Figure, frame: Frame) -> None:
        axes = plot_axes(figure, frame)
        axes.plot(
            many, first * np.sqrt(many[0] / many), color=GREY, linestyle=(0, (4, 3)), linewidth=1,
            label=words("figure.slope"),
        )  # fmt: skip
        for (part, points), colour, mark in zip(lines.items(), (RED, BLUE), "os", strict=False):
            rows = overall.loc[[name for _, name in points]]
            x = np.array([n for n, _ in points])
            curve(axes, x, rows, colour, mark, part_name(words, part))
        log_axis(axes, words, many)
        axes.set_yscale("log")
        top = float(overall["high"].max())
        ticks = [t for t in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if last / 2 < t < 1.5 * top]
        axes.set_yticks(ticks, [words.count(t) for t in ticks])
        axes.minorticks_off()
        axes.set_xlabel(words("figure.copies_axis"))
        legend(figure, axes, frame, columns=1)

    ends = {
        "one": words.count(round(first)),
        "several": words.count(round(last)),
        "n": words.count(int(many[-1])),
    }
    return draw(
        "copies", words, study.provenance, title=words("figure.copies_title", **ends),
        description=words("figure.copies_desc"), height=3.35, paint=paint,
    )  # fmt: skip


def leak_chart(study: Study, words: Words) -> Drawing | None:
    """Draw the odds of a leak, and the share found, as the map is shown to more accounts."""
    if "leak" not in study.measures:
        return None
    curves = {s: _curve(study, "leak", s) for s in ("any_leak", "leaked_before", "leaked_after")}
    at, any_leak = curves["any_leak"]
    if len(at) < 2:
        return None

    def paint(figure: Figure, frame: Frame) -> None:
        axes = plot_axes(figure, frame)
        for (stem, (x, rows)), colour, mark in zip(
            curves.items(), (GREY, RED, BLUE), ("", "o", "s"), strict=True
        ):
            dashed: Any = (0, (4, 3)) if not mark else "-"
            axes.plot(
                x, rows["value"], color=colour, marker=mark or None, markersize=4, linewidth=1.4,
                linestyle=dashed, label=words(f"figure.{stem}"),
            )  # fmt: skip
        log_axis(axes, words, 10.0 ** np.arange(0, np.log10(at[-1]) + 0.1))
        share_axis(axes, words, 1.0)
        axes.set_xlabel(words("figure.accounts_axis"))
        legend(figure, axes, frame, columns=1)

    title = words(
        "figure.leak_title",
        n=words.count(at[-1]),
        value=words.percent(float(any_leak["value"].iloc[-1])),
    )
    return draw(
        "leak", words, study.provenance, title=title,
        description=words("figure.leak_desc"), height=3.35, paint=paint,
    )  # fmt: skip


def frontier_chart(study: Study, words: Words) -> Drawing | None:
    """Draw what is found against what each mask costs: the best corner is the lower left."""
    if "frontier" not in study.measures:
        return None
    overall = study.measures["frontier"].overall
    masks = [str(n).partition("@")[2] for n in overall.index if str(n).startswith("address@")]
    masks = [m for m in masks if f"density_moved@{m}" in overall.index]
    rows = overall.loc[[f"address@{mask}" for mask in masks]]
    cost = overall.loc[[f"density_moved@{mask}" for mask in masks], "value"].to_numpy(dtype=float)
    if len(masks) < 2:
        return None
    # Names stand in a list below, one line each.
    room = 0.2 * len(masks)

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        bottom = frame.bottom + (0.5 + room) / full
        axes = figure.add_axes((0.14, bottom, 0.81, frame.top - bottom - 0.1 / full))
        found = rows["value"].to_numpy(dtype=float)
        axes.vlines(cost, rows["low"], rows["high"], color=RED, alpha=0.4, linewidth=2)
        axes.plot(cost, found, "o", color=RED, ms=5)
        # Numbers go right and left in turn, so that those of neighbours can be read.
        for turn, k in enumerate(np.argsort(cost, kind="stable")):
            aside = _LEFT if turn % 2 else _RIGHT
            axes.annotate(
                str(k + 1), (cost[k], found[k]), textcoords="offset points", fontweight="bold",
                **aside,
            )  # fmt: skip
        # Even steps from 0 to 1 %, then one a factor of ten: small risks must be seen.
        axes.set_yscale("symlog", linthresh=0.01)
        axes.set_ylim(0, 1.3)
        ticks = (0, 0.01, 0.1, 1)
        axes.set_yticks(ticks, [words.tick(t) for t in ticks])
        axes.set_xlim(-0.03 * cost.max(), 1.12 * cost.max())
        axis = round_ticks(float(cost.max()))
        axes.set_xticks(axis, [words.tick(t) for t in axis])
        axes.grid(color="#e6e8eb", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(words("figure.cost_axis"))
        for k, mask in enumerate(masks):
            name, share = view_name(words, mask, "view_short"), words.percent(float(found[k]))
            text = words("figure.frontier_key", n=k + 1, name=name, value=share)
            figure.text(
                0.12 / WIDTH, frame.bottom + (room - 0.2 * (k + 0.8)) / full, text, color=INK
            )

    return draw(
        "frontier", words, study.provenance, title=words("figure.frontier_title"),
        description=words("figure.frontier_desc"), height=2.75 + room, paint=paint,
    )  # fmt: skip
