"""Charts of the ladder of adversaries, of their confidence, and of what is left to search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privaudit.exposure.results import GAINS, Exposure
from privaudit.reporting.guard import withheld
from privaudit.reporting.sentences import attack_name, view_name
from privaudit.reporting.svg import BLUE, GREY, RED, Drawing, Frame, draw
from privaudit.reporting.tables import calibration_rows, candidate_rows, number
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from privaudit.reporting.study import Study

__all__ = ["calibration_chart", "candidates_chart", "ladder_chart", "strongest"]

_ROW = 0.22


def strongest(study: Study, *, last_view: bool = False) -> Exposure | None:
    """Return the exposure that finds most addresses, among those that are reliable.

    With `last_view`, only of what leaked last in the study: the most protected view.
    """
    known = [e for e in study.exposures if e.reliable and shown(e, "address")]
    if last_view:
        # A table has no dots: how many addresses are left says nothing there.
        known = [e for e in known if e.recipe.get("view") != "table"]
        known = [e for e in known if e.recipe.get("view") == known[-1].recipe.get("view")]
    return max(known, key=lambda e: number(e.overall, "address", "attack"), default=None)


def shown(exposure: Exposure, gain: str) -> bool:
    """Say whether a gain has a number that may be shown."""
    row = exposure.overall.loc[gain]
    return bool(np.isfinite(row["attack"]) and not withheld(np.array([row["n"]]))[0])


def ladder_chart(study: Study, words: Words) -> Drawing | None:
    """Draw what each adversary finds, beside baseline and control, a panel a gain."""
    gains = [g for g in GAINS if any(shown(e, g) for e in study.exposures)]
    if not gains:
        return None
    lines = _lines(study, words)
    rows = -(-len(gains) // 2)
    height = rows * (len(lines) * _ROW + 0.62) + 0.3

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        grid = figure.add_gridspec(
            rows, 2, left=0.33, right=0.975, bottom=frame.bottom + 0.62 / full,
            top=frame.top - 0.26 / full, wspace=0.1,
            hspace=0.62 / (len(lines) * _ROW),
        )  # fmt: skip
        for place, gain in enumerate(gains):
            axes = figure.add_subplot(grid[place // 2, place % 2])
            _panel(axes, words, gain, lines, names=place % 2 == 0)
        figure.legend(
            handles=_ladder_keys(words), loc="lower left", ncols=3,
            bbox_to_anchor=(0.01, frame.bottom - 0.02 / full), handletextpad=0.5,
        )  # fmt: skip

    best = strongest(study)
    title = words("page.ladder")
    if best is not None:
        title = words(
            "figure.ladder_title",
            who=attack_name(words, best.attack),
            value=words.percent(number(best.overall, "address", "attack")),
            view=view_name(words, str(best.recipe.get("view", study.kind)), "view_short"),
        )
    return draw(
        "ladder", words, study.provenance, title=title,
        description=words("figure.ladder_desc"),
        height=height, paint=paint,
    )  # fmt: skip


def _lines(study: Study, words: Words) -> list[tuple[str, Exposure | None]]:
    """Name the lines from top to bottom: a view, then its adversaries."""
    lines: list[tuple[str, Exposure | None]] = []
    views = [str(e.recipe.get("view", "map")) for e in study.exposures]
    for view in dict.fromkeys(views):
        lines.append((view_name(words, view, "view_short"), None))
        for exposure, its_view in zip(study.exposures, views, strict=True):
            if its_view == view:
                doubt = "" if exposure.reliable else f" ({words('head.not_reliable')})"
                lines.append((words.name("rung", exposure.attack) + doubt, exposure))
    return lines


def _panel(axes: Axes, words: Words, gain: str, lines: list, *, names: bool) -> None:
    top = 0.0
    for y, (_, exposure) in enumerate(lines):
        if exposure is None or not shown(exposure, gain):
            continue
        row = exposure.overall.loc[gain]
        top = max(
            top, *(float(row[c]) for c in ("high", "baseline", "control") if row[c] == row[c])
        )
        axes.plot([row["low"], row["high"]], [y, y], color=RED, linewidth=2.2, alpha=0.4)
        axes.plot(row["control"], y, "|", color=BLUE, markersize=9, markeredgewidth=1.8)
        axes.plot(row["baseline"], y, "D", color=GREY, markersize=4.2, fillstyle="none")
        axes.plot(row["attack"], y, "o", color=RED, markersize=5.5)
        edge = np.nanmax(row[["high", "attack", "control", "baseline"]].to_numpy(dtype=float))
        axes.annotate(
            words.percent(float(row["attack"])), (edge, y), (5, 0), textcoords="offset points",
            va="center", fontsize=8,
        )  # fmt: skip
    limit = min(1.0, top) * 1.28 or 1.0
    axes.set(xlim=(-0.02 * limit, limit), ylim=(len(lines) - 0.4, -0.6))
    ticks = _ticks(min(1.0, top))
    axes.set_xticks(ticks, [words.tick(t) for t in ticks])
    axes.set_title(words("gain." + gain).capitalize(), fontsize=9.5, loc="left", fontweight="bold")
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color="#e6e8eb", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_yticks(range(len(lines)), [""] * len(lines))
    if names:
        for y, (name, exposure) in enumerate(lines):
            bold = "bold" if exposure is None else "normal"
            # Left of the panel, aligned on the figure's margin.
            axes.annotate(
                name.replace("$", r"\$"), (0, y), xycoords=("figure fraction", "data"),
                xytext=(12, 0), textcoords="offset points", va="center", fontsize=8.5,
                fontweight=bold, annotation_clip=False,
            )  # fmt: skip


def _ticks(top: float) -> list[float]:
    """Choose 0 and one or two round shares below the top."""
    if top <= 0:
        return [0.0]
    power = 10 ** np.floor(np.log10(top))
    step = next(s * power for s in (5, 2, 1, 0.5) if s * power <= top / 1.6)
    return [float(t) for t in np.arange(0, top + step / 1e6, step)]


def _ladder_keys(words: Words) -> list:
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], color=RED, marker="o", linewidth=2.2, label=words("figure.found")),
        Line2D(
            [], [], color=GREY, marker="D", markersize=4.2, fillstyle="none", linestyle="",
            label=words("figure.baseline"),
        ),
        Line2D(
            [], [], color=BLUE, marker="|", markersize=9, markeredgewidth=1.8, linestyle="",
            label=words("figure.control"),
        ),
    ]  # fmt: skip


def calibration_chart(study: Study, words: Words) -> Drawing | None:
    """Draw how often the strongest adversary is right against how sure it says it is."""
    best = strongest(study, last_view=True)
    if best is None or not len(best.calibration):
        return None
    rows = calibration_rows(best)
    parts = rows[~rows["withheld"]].groupby("gain", sort=False)
    panels = [(str(gain), part) for gain, part in parts]
    if not panels:
        return None
    lines = -(-len(panels) // 2)

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        grid = figure.add_gridspec(
            lines, 2, left=0.12, right=0.97, bottom=frame.bottom + 0.5 / full,
            top=frame.top - 0.22 / full, hspace=0.38, wspace=0.32,
        )  # fmt: skip
        for place, (gain, part) in enumerate(panels):
            axes = figure.add_subplot(grid[place // 2, place % 2])
            _reliability(axes, words, part.sort_values("confidence"))
            title = words.name("gain", gain)
            axes.set_title(title[:1].upper() + title[1:], fontsize=9.5, loc="left", weight="bold")
        figure.text(0.54, frame.bottom + 0.08 / full, words("figure.confidence_axis"), ha="center")
        figure.text(
            0.015, (frame.bottom + frame.top) / 2, words("figure.observed_axis"), rotation=90,
            va="center",
        )  # fmt: skip

    view = view_name(words, str(best.recipe.get("view", study.kind)), "view_short")
    return draw(
        "calibration", words, study.provenance,
        title=words(f"figure.calibration_title_{_trust(best)}", view=view),
        description=words("figure.calibration_desc"),
        height=2.55 * lines + 0.6, paint=paint,
    )  # fmt: skip


def _reliability(axes: Axes, words: Words, part: pd.DataFrame) -> None:
    numbers = part[["confidence", "high"]].to_numpy(dtype=float)
    limit = min(1.0, 1.08 * numbers.max()) if numbers.size else 1.0
    axes.plot([0, 1], [0, 1], color="#9aa0a8", linewidth=1, linestyle=(0, (4, 3)))
    axes.vlines(part["confidence"], part["low"], part["high"], color=RED, alpha=0.4, linewidth=2)
    axes.plot(
        part["confidence"], part["observed"], color=RED, marker="o", markersize=4.5, linestyle=""
    )
    ticks = _ticks(limit)
    axes.set_xticks(ticks, [words.tick(t) for t in ticks])
    axes.set_yticks(ticks, [words.tick(t) for t in ticks])
    axes.set(xlim=(0, limit), ylim=(0, limit))
    axes.grid(color="#e6e8eb", linewidth=0.6)
    axes.tick_params(labelsize=8.5)


def _trust(exposure: Exposure) -> str:
    """Say whether mean confidence lies within the interval of what was observed."""
    row = exposure.overall.loc["address"]
    if row["confidence"] > row["high"]:
        return "over"
    return "under" if row["confidence"] < row["low"] else "good"


def candidates_chart(study: Study, words: Words) -> Drawing | None:
    """Draw how many addresses are left to search, for the strongest adversary."""
    best = strongest(study, last_view=True)
    if best is None:
        return None
    rows = candidate_rows(best)
    if rows is None:
        return None
    candidates = best.per_person["candidates"].to_numpy(dtype=float)
    median = round(float(np.nanmedian(candidates[candidates >= 1])))
    view = view_name(words, str(best.recipe.get("view", study.kind)), "view_short")
    title = "figure.candidates_title_one" if median == 1 else "figure.candidates_title"

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        axes = figure.add_axes((0.1, frame.bottom + 0.5 / full, 0.87, 1.85 / full))
        place = np.arange(len(rows))
        share = rows["share"].to_numpy(dtype=float)
        hidden = rows["withheld"].to_numpy()
        axes.bar(place[~hidden], share[~hidden], color=RED, width=0.78)
        for x, value in zip(place, share, strict=True):
            text = words("head.withheld") if np.isnan(value) else words.percent(value)
            axes.annotate(
                text, (x, 0 if np.isnan(value) else value), (0, 3), ha="center",
                textcoords="offset points", fontsize=8.5,
            )  # fmt: skip
        axes.set_xticks(place, rows["addresses"])
        axes.set(yticks=[], ylim=(0, 1.15 * np.nanmax(np.append(share, 0.01))))
        axes.set_xlabel(words("figure.candidates_axis"))
        axes.spines["left"].set_visible(False)
        axes.tick_params(length=0)

    return draw(
        "candidates", words, study.provenance,
        title=words(title, n=words.count(median), view=view),
        description=words("figure.candidates_desc"),
        height=2.45, paint=paint,
    )  # fmt: skip
