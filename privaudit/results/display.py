"""How results look: as a table in a notebook, as a figure. No computing here."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.results.headlines import gain_of, headlines, label
from privaudit.results.looks import (
    GREY,
    INK,
    LINE,
    RED,
    SERIES,
    SOFT,
    Display,
    axes_for,
)
from privaudit.words.nouns import NOUNS
from privaudit.words.words import Words, is_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from privaudit.results.row import Row

# Letters of a line above a panel: as many as a paper's column has room for.
_CAPTION = 50

__all__ = ["draw_curve", "draw_exposure", "draw_frontier", "draw_measures", "draw_repeated"]


def draw_exposure(found: Any, ax: Axes | None, lang: str) -> Display:
    """Each gain beside control and baseline; and, where it is known, how honest the claim is."""
    from matplotlib.figure import Figure

    words = Words(lang)
    rows = [row for row in found.rows if np.isfinite(row.value)]
    curve, own = None, ax is None
    if ax is None and len(found.calibration):
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        ax, curve = figure.subplots(1, 2, width_ratios=(1.5, 1))
    ax = axes_for(ax, height=1.3 + 0.42 * len(rows))
    _draw_rows(ax, rows, [gain_of(row, words) for row in rows], words)
    ax.set_xlabel(words("plot.people_axis", n=len(found.per_person)), fontsize=8)
    kind = words("plot.expected" if found.expected else "plot.observed")
    who = words.name("rung", found.attack)
    _title(ax, f"{who} ({kind})", found.provenance, found.reliable, words, own=own)
    _key(ax, rows, words, own=own)
    if curve is not None:
        _draw_reliability(axes_for(curve), found.calibration, words)
    return Display(ax)


def draw_measures(
    found: Any, names: Sequence[str], most: int, ax: Axes | None, lang: str
) -> Display:
    """Few measures, one line each: value, interval, control and baseline; a panel a unit."""
    from matplotlib.figure import Figure

    words = Words(lang)
    panels: dict[str, list[Row]] = {}
    for row in headlines(found, names, most, words):
        panels.setdefault("share" if is_share(row.unit) else row.unit, []).append(row)
    largest = max(panels, key=lambda unit: len(panels[unit]), default="")
    if ax is not None:
        panels = {unit: rows for unit, rows in panels.items() if unit == largest}
        grid = {largest: ax}
    else:
        heights = [len(rows) + 1.4 for rows in panels.values()] or [2.0]
        figure = Figure(figsize=(7.5, 0.8 + 0.34 * sum(heights)), layout="constrained")
        drawn = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
        grid = dict(zip(panels or [""], drawn, strict=True))
    for unit, axes in grid.items():
        rows = panels.get(unit, [])
        _draw_rows(axes_for(axes), rows, [label(words, found.family, row) for row in rows], words)
        if rows:
            axes.set_xlabel(_axis(words, rows[0], found.family), fontsize=8)
        else:
            axes.set_axis_off()
            axes.text(0.5, 0.5, words("plot.nothing"), ha="center", va="center", fontsize=9)
    first = next(iter(grid.values()))
    family = words.name("family", found.family)
    _title(first, family, found.provenance, found.reliable, words, own=ax is None)
    _key(grid.get(largest, first), [r for rows in panels.values() for r in rows], words,
         own=ax is None)  # fmt: skip
    return Display(grid.get(largest, first))


def _draw_rows(axes: Axes, rows: Sequence[Row], labels: Sequence[str], words: Words) -> None:
    """Draw a line a row, as a report does: a band, its value, a ring and a tick beside it."""
    for place, row in enumerate(rows):
        if np.isfinite([row.low, row.high]).all() and row.high > row.low:
            axes.plot(
                [row.low, row.high], [place] * 2, color=RED, alpha=0.22, linewidth=7,
                solid_capstyle="butt",
            )  # fmt: skip
        axes.plot(row.baseline, place, "|", color=SOFT, ms=11, mew=2)
        axes.plot(row.control, place, "o", mfc="white", mec=GREY, mew=1.6, ms=7)
        axes.plot(row.value, place, "o", color=RED, ms=6)
    wrapped = ["\n".join(textwrap.wrap(label, 44)) for label in labels]
    axes.set(yticks=range(len(rows)), yticklabels=wrapped)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    axes.set_axisbelow(True)
    if rows and is_share(rows[0].unit):
        axes.xaxis.set_major_formatter(lambda share, _: words.tick(round(share, 6)))
    elif rows and rows[0].unit in NOUNS:
        axes.locator_params(axis="x", integer=True)
    if rows and min(row.value for row in rows) >= 0:
        axes.set_xlim(left=0)


def _key(axes: Axes, rows: Sequence[Row], words: Words, *, own: bool) -> None:
    """Say what ring and tick stand for, where there is one."""
    marks = []
    if any(np.isfinite(row.control) for row in rows):
        marks += axes.plot([], [], "o", mfc="white", mec=GREY, mew=1.6, ms=7,
                           label=words("plot.control"))  # fmt: skip
    if any(np.isfinite(row.baseline) for row in rows):
        marks += axes.plot([], [], "|", color=SOFT, ms=11, mew=2, label=words("plot.baseline"))
    if marks and own:
        figure: Any = axes.figure
        figure.legend(handles=marks, frameon=False, fontsize=8, loc="outside lower left", ncols=2)
    elif marks:
        axes.legend(handles=marks, frameon=False, fontsize=8)


def _draw_reliability(axes: Axes, calibration: pd.DataFrame, words: Words) -> None:
    axes.plot([0, 1], [0, 1], color=LINE, linewidth=1)
    for (gain, bins), colour in zip(calibration.groupby("gain", sort=False), SERIES, strict=False):
        observed = bins["observed"].to_numpy(float)
        spread = np.clip([observed - bins["low"], bins["high"] - observed], 0, None)
        axes.errorbar(
            bins["confidence"], observed, yerr=spread, color=colour, marker="o", ms=3,
            # The two readings of an address often lie on each other.
            linestyle="--" if gain == "marked_address" else "-",
            linewidth=1, elinewidth=0.6, label=words.name("gain", gain),
        )  # fmt: skip
    axes.legend(frameon=False, fontsize=7, loc="upper center", bbox_to_anchor=(0.45, -0.2), ncols=2)
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda share, _: words.tick(round(share, 6)))
    axes.set_xlabel(words("figure.claimed_axis"), fontsize=8)
    axes.set_ylabel(words("figure.observed_axis"), fontsize=8)


def _title(
    axes: Axes, title: str, provenance: str, reliable: bool, words: Words, *, own: bool
) -> None:
    """Say what is shown, and below what kind of data it is."""
    said = words.name("provenance", provenance)
    said += "" if reliable else f", {words('plot.not_reliable')}"
    text = f"{title[:1].upper()}{title[1:]}\n{said}"
    if own:
        figure: Any = axes.figure
        figure.suptitle(text, x=0.01, ha="left", fontsize=9.5, color=INK, wrap=True)
    else:
        axes.set_title(text, loc="left", fontsize=9, color=INK)


def _axis(words: Words, row: Row, family: str) -> str:
    """Say what an axis is in; a table's bands are often what its blanks leave open."""
    if is_share(row.unit):
        return words("plot.share_axis_blanks" if family == "table" else "plot.share_axis")
    section = "noun" if row.unit in NOUNS else "unit"
    return words.noun(row.unit, 2) if words.has(f"{section}.{row.unit}") else row.unit


def draw_frontier(told: Any, risk: str, utility: str, ax: Axes | None, lang: str) -> Display:
    """What is found against what a mask costs; the best corner is the lower left.

    `told` has the frame of a `Frontier`, a row a mask, and says whether it is expected.
    """
    words, table, own = Words(lang), told.frame, ax is None
    ax = axes_for(ax, height=4.4)
    found, cost = (table[name].to_numpy(float) for name in (risk, utility))
    spread = np.clip([found - table[f"{risk}_low"], table[f"{risk}_high"] - found], 0, None)
    ax.errorbar(cost, found, yerr=spread, fmt="o", color=RED, elinewidth=5, alpha=0.25, ms=0)
    ax.plot(cost, found, "o", color=RED, ms=6)
    # Names go up and down in turn, from left to right, so that neighbours can be read.
    for turn, row in enumerate(np.argsort(cost)):
        if np.isfinite(cost[row]) and np.isfinite(found[row]):
            ax.annotate(
                table["mask"].iloc[row], (cost[row], found[row]), fontsize=8, color=INK,
                xytext=(6, 5 if turn % 2 else 13), textcoords="offset points",
            )  # fmt: skip
    baseline = table[f"{risk}_baseline"].max()
    if np.isfinite(baseline):
        ax.axhline(baseline, color=SOFT, ls="--", lw=1, label=words("plot.baseline"))
        ax.legend(frameon=False, fontsize=8)
    key = f"measure.utility__{utility}"
    axis = words(key) if words.has(key) else utility.replace("_", " ")
    ax.set_xlabel(words("plot.cost_axis", cost=axis), fontsize=8)
    ax.set_ylabel(f"{words.name('gain', risk)}, {words('plot.share_axis')}", fontsize=8)
    # Even steps from 0 to 1 %, then one step a factor of ten: small risks must be seen.
    ax.set_yscale("symlog", linthresh=0.01)
    ax.set_ylim(0, 2)
    ax.margins(x=0.15)
    ax.set_yticks([0, 0.01, 0.1, 1], labels=[words.tick(t) for t in (0, 0.01, 0.1, 1)])
    who = words.name("rung", table["adversary"].iloc[0])
    kind = words("plot.expected" if told.expected else "plot.observed")
    reliable = bool(table["reliable"].all())
    _title(ax, f"{who} ({kind})", told.provenance, reliable, words, own=own)
    return Display(ax)


def draw_curve(
    rows: Sequence[Row], provenance: str, most: int, ax: Axes | None, lang: str
) -> Display:
    """Shares by how many points are known, a curve an item and window; dotted: the control."""
    words, own = Words(lang), ax is None
    ax = axes_for(ax, height=4.0)
    known = sorted({row.part["points"] for row in rows})
    series: dict[tuple[str, str], dict[int, Row]] = {}
    for row in rows:
        series.setdefault((str(row.part["item"]), str(row.part["window"])), {})[
            row.part["points"]
        ] = row
    for k, ((item, window), of_points) in enumerate(list(series.items())[:most]):
        drawn = [of_points[p] for p in known]
        colour, label = SERIES[k % len(SERIES)], words.name("part", item)
        if window != "no_time":
            label = f"{label}, {words.name('part', window)}"
        low, high = [row.low for row in drawn], [row.high for row in drawn]
        ax.fill_between(known, low, high, color=colour, alpha=0.2, linewidth=0)
        ax.plot(known, [row.value for row in drawn], color=colour, marker="o", ms=4, label=label)
        ax.plot(known, [row.control for row in drawn], color=colour, ls=":", lw=1)
    ax.plot([], [], color=INK, ls=":", lw=1, label=words("figure.unicity_control"))
    ax.set_ylim(-0.02, 1.02)
    ax.set_xticks(known)
    ax.yaxis.set_major_formatter(lambda share, _: words.tick(round(share, 6)))
    ax.set_xlabel(words("figure.points_axis"), fontsize=8)
    ax.set_ylabel(words("figure.unicity_axis"), fontsize=8)
    ax.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    title = words.name("family", "unicity_curve")
    _title(ax, title, provenance, True, words, own=own)
    return Display(ax)


def draw_repeated(
    rows: Sequence[Row], runs: pd.DataFrame, varied: Sequence[str], ax: Axes | None, lang: str
) -> Display:
    """Shares over towns: each town, the interval of the mean, the range of one more.

    Along one parameter of numbers a curve a gain; else a line a setting.
    """
    words = Words(lang)
    along = varied[0] if len(varied) == 1 and _are_numbers(runs[varied[0]]) else ""
    axes = axes_for(ax, height=3.8 if along else 1.4 + 0.3 * len(rows))
    if along:
        _draw_along(axes, rows, along, words)
    else:
        _draw_settings(axes, rows, runs, varied, words)
    return Display(axes)


def _share_axis(axes: Axes, said: str, words: Words, axis: Any) -> None:
    """Write shares in percent, and above the panel what its marks are, and of what data."""
    axis.set_major_formatter(lambda share, _: words.tick(round(share, 6)))
    axis.label.set_fontsize(8)
    lines = [*textwrap.wrap(said, _CAPTION), words.name("provenance", "simulated")]
    axes.set_title("\n".join(lines), loc="left", fontsize=8, color=SOFT)


def _are_numbers(values: pd.Series) -> bool:
    return values.dtype.kind in "iuf"


def _draw_along(axes: Axes, rows: Sequence[Row], along: str, words: Words) -> None:
    by_gain: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_gain.setdefault((row.measure, row.gain), []).append(row)
    for (_, of_gain), colour in zip(by_gain.items(), SERIES * len(by_gain), strict=False):
        at = [float(row.part[along]) for row in of_gain]
        part = {name: [getattr(row, name) for row in of_gain]
                for name in ("value", "low", "high", "between_low", "between_high")}  # fmt: skip
        axes.fill_between(at, part["between_low"], part["between_high"], color=colour, alpha=0.08)
        axes.fill_between(at, part["low"], part["high"], color=colour, alpha=0.25)
        axes.plot(
            at, part["value"], color=colour, marker="o", ms=3, label=gain_of(of_gain[0], words)
        )
    axes.set(xlabel=words.name("assumption", along), ylabel=words("figure.share_axis"))
    axes.set_ylim(bottom=0)
    _share_axis(axes, words("figure.towns_bands"), words, axes.yaxis)
    axes.legend(frameon=False, fontsize=8)


def _draw_settings(
    axes: Axes, rows: Sequence[Row], runs: pd.DataFrame, varied: Sequence[str], words: Words
) -> None:
    labels = []
    for place, row in enumerate(rows):
        mine = (runs["measure"] == row.measure) & (runs["gain"] == row.gain)
        for name in varied:
            mine &= runs[name] == row.part[name]
        values = runs.loc[mine, "value"]
        axes.plot(values, np.full(len(values), place), "|", color=SOFT, ms=12, zorder=1)
        axes.plot([row.between_low, row.between_high], [place] * 2, color=RED, linewidth=1)
        axes.plot([row.low, row.high], [place] * 2, color=RED, linewidth=4, alpha=0.5)
        axes.plot(row.value, place, "o", color=RED, ms=5)
        axes.plot(row.control, place, "x", color=GREY, ms=5)
        setting = ", ".join(f"{words.name('assumption', n)} {row.part[n]}" for n in varied)
        labels.append(gain_of(row, words) + (f" ({setting})" if setting else ""))
    axes.set(yticks=range(len(rows)), yticklabels=labels, ylim=(len(rows) - 0.5, -0.5))
    axes.set_xlabel(words("figure.share_axis"))
    _share_axis(axes, words("figure.towns_lines"), words, axes.xaxis)
