"""Charts of the confidence of an adversary, and of what is left to search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privaudit.exposure.results import Exposure
from privaudit.reporting.guard import withheld
from privaudit.reporting.svg import RED, SMALL, Drawing, Frame, draw
from privaudit.reporting.tables import calibration_rows, candidate_rows, number
from privaudit.reporting.views import is_masked, seen_on, view_of
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from privaudit.reporting.study import Study

__all__ = ["calibration_chart", "candidates_chart", "round_ticks", "shown", "strongest"]


def strongest(study: Study, *, masked: bool = False) -> Exposure | None:
    """Return the exposure that finds most addresses, among those that are reliable.

    With `masked`, only of the first view whose dots were moved: there an adversary is unsure.
    Without such a view, of the last map of the study.
    """
    known = [e for e in study.exposures if e.reliable and shown(e, "address")]
    if masked:
        # A table has no dots: how many addresses are left says nothing there.
        maps = [view for e in known if (view := view_of(study, e)) != "table"]
        chosen = next((view for view in maps if is_masked(view)), maps[-1] if maps else "")
        known = [e for e in known if view_of(study, e) == chosen]
    return max(known, key=lambda e: number(e.overall, "address", "attack"), default=None)


def shown(exposure: Exposure, gain: str) -> bool:
    """Say whether a gain has a number that may be shown."""
    row = exposure.overall.loc[gain]
    return bool(np.isfinite(row["attack"]) and not withheld(np.array([row["n"]]))[0])


def round_ticks(top: float) -> list[float]:
    """Choose 0 and a few round shares up to the top."""
    if top <= 0:
        return [0.0]
    power = 10 ** np.floor(np.log10(top))
    step = next(s * power for s in (5, 2, 1, 0.5) if s * power <= top / 1.6)
    return [float(t) for t in np.arange(0, top + step / 1e6, step)]


def calibration_chart(study: Study, words: Words) -> Drawing | None:
    """Draw how often the strongest adversary is right against how sure it says it is."""
    best = strongest(study, masked=True)
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
            lines, 2, left=0.17, right=0.97, bottom=frame.bottom + 0.5 / full,
            top=frame.top - 0.22 / full, hspace=0.38, wspace=0.32,
        )  # fmt: skip
        for place, (gain, part) in enumerate(panels):
            axes = figure.add_subplot(grid[place // 2, place % 2])
            _reliability(axes, words, part.sort_values("confidence"))
            title = words.name("gain", gain)
            axes.set_title(title[:1].upper() + title[1:], fontsize=SMALL, loc="left", weight="bold")
        # Below the middle of the panels, of which there may be one.
        middle = 0.57 if len(panels) > 1 else 0.34
        figure.text(
            middle, frame.bottom + 0.08 / full, words("figure.confidence_axis"), ha="center"
        )
        figure.text(
            0.015, (frame.bottom + frame.top) / 2, words("figure.observed_axis"), rotation=90,
            va="center",
        )  # fmt: skip

    view = seen_on(study, words, best)
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
    ticks = round_ticks(limit)
    axes.set_xticks(ticks, [words.tick(t) for t in ticks])
    axes.set_yticks(ticks, [words.tick(t) for t in ticks])
    axes.set(xlim=(0, limit), ylim=(0, limit))
    axes.grid(color="#e6e8eb", linewidth=0.6)


def _trust(exposure: Exposure) -> str:
    """Say whether mean confidence lies within the interval of what was observed."""
    row = exposure.overall.loc["address"]
    if row["confidence"] > row["high"]:
        return "over"
    return "under" if row["confidence"] < row["low"] else "good"


def candidates_chart(study: Study, words: Words) -> Drawing | None:
    """Draw how many addresses are left to search, for the strongest adversary."""
    best = strongest(study, masked=True)
    if best is None:
        return None
    rows = candidate_rows(best)
    if rows is None or len(rows) < 2:
        return None
    candidates = best.per_person["candidates"].to_numpy(dtype=float)
    median = round(float(np.nanmedian(candidates[candidates >= 1])))
    view = seen_on(study, words, best)
    title = "figure.candidates_title_one" if median == 1 else "figure.candidates_title"

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        axes = figure.add_axes((0.1, frame.bottom + 0.5 / full, 0.87, 1.85 / full))
        place = np.arange(len(rows))
        share = rows["share"].to_numpy(dtype=float)
        axes.bar(place, share, color=RED, width=min(0.78, 0.26 * len(rows)))
        for x, value in zip(place, share, strict=True):
            axes.annotate(
                words.percent(value), (x, value), (0, 3), ha="center",
                textcoords="offset points",
            )  # fmt: skip
        axes.set_xticks(place, rows["addresses"])
        axes.set(yticks=[], ylim=(0, 1.15 * share.max()))
        axes.set_xlabel(words("figure.candidates_axis"))
        axes.spines["left"].set_visible(False)
        axes.tick_params(length=0)

    return draw(
        "candidates", words, study.provenance,
        title=words(title, n=words.count(median), view=view),
        description=words("figure.candidates_desc"),
        height=2.45, paint=paint,
    )  # fmt: skip
