"""Charts of measures: access before and after, who stands behind the doors, class sizes."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from privaudit.reporting.guard import THRESHOLD
from privaudit.reporting.names import measure_name
from privaudit.reporting.svg import BLUE, GREY, RED, Drawing, Frame, draw
from privaudit.reporting.tables import number
from privaudit.reporting.words import Words, is_share

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from privaudit.reporting.study import Study

__all__ = ["access_chart", "classes_chart", "household_chart"]

ROLES = ("public", "volunteer", "team")
BEHIND = ("adults_never_interacted", "minors_never_interacted", "told_at_wrong_doors")
WRONG = ("wrong_doors", "wrong_bells", "wrong_labels")
# Inches of a measure with its name on two lines; letters that stand on one.
_ROW, _LETTERS = 0.6, 44


def _overall(study: Study, family: str) -> pd.DataFrame | None:
    """Return the measures of a family that may be shown: none on fewer than 11 people."""
    if family not in study.measures:
        return None
    overall = study.measures[family].overall
    return overall if family == "access" else overall[overall["n"] >= THRESHOLD]


def access_chart(study: Study, words: Words) -> Drawing | None:
    """Draw how many people one account of each role sees, before and after the restriction."""
    overall = _overall(study, "access")
    if overall is None or "before_public_people_median" not in overall.index:
        return None
    seen = {
        (role, moment): number(overall, f"{moment}_{role}_people_median")
        for role in ROLES
        for moment in ("before", "after")
    }
    top = max(1.0, *(v for v in seen.values() if v == v))

    def paint(figure: Figure, frame: Frame) -> None:
        axes = figure.add_axes((0.03, frame.bottom, 0.94, frame.top - frame.bottom))
        for place, role in enumerate(ROLES):
            y = place * 3.4
            axes.text(0, y - 0.75, words(f"role.{role}"), fontweight="bold")
            for shift, moment, colour in ((0.0, "before", RED), (1.0, "after", GREY)):
                value = seen[role, moment]
                width = 0.0 if np.isnan(value) else value / top
                axes.barh(y + shift, width, height=0.86, color=colour, align="center")
                text = f"{words.count(value)}  ({words('figure.' + moment)})"
                axes.annotate(
                    text, (width, y + shift), (5, 0), textcoords="offset points", va="center",
                )  # fmt: skip
        axes.set(xlim=(0, 1.32), ylim=(3.4 * len(ROLES) - 1.7, -1.6))
        axes.axis("off")

    return draw(
        "access", words, study.provenance,
        title=words(
            "figure.access_title",
            before=words.count(seen["public", "before"]),
            after=words.count(seen["public", "after"]),
        ),
        description=words("figure.access_desc"),
        height=2.7, paint=paint,
    )  # fmt: skip


def household_chart(study: Study, words: Words) -> Drawing | None:
    """Draw who stands behind the doors, and how many doors and labels are wrong."""
    overall = _overall(study, "household")
    if overall is None:
        return None
    panels = [[n for n in names if n in overall.index] for names in (BEHIND, WRONG)]
    panels = [names for names in panels if names]
    if len(panels) < 2 or "adults_never_interacted" not in panels[0]:
        return None
    heights = [len(names) * _ROW for names in panels]

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        grid = figure.add_gridspec(
            2, 1, left=0.03, right=0.97, bottom=frame.bottom + 0.3 / full,
            top=frame.top - 0.12 / full, height_ratios=heights, hspace=0.25,
        )  # fmt: skip
        for place, names in enumerate(panels):
            _bars(figure.add_subplot(grid[place]), words, "household", overall.loc[names])
        figure.legend(
            handles=_keys(words), loc="lower left", ncols=2,
            bbox_to_anchor=(0.01, frame.bottom - 0.06 / full),
        )  # fmt: skip

    adults = number(overall, "adults_never_interacted")
    return draw(
        "households", words, study.provenance,
        title=words("figure.households_title", adults=words.count(adults)),
        description=words("figure.measures_desc"),
        height=sum(heights) + 0.85, paint=paint,
    )  # fmt: skip


def classes_chart(study: Study, words: Words) -> Drawing | None:
    """Draw the share of records in classes that are smaller than 2, 3, 5 and 11."""
    overall = _overall(study, "table")
    names = [f"share_under_{k}" for k in (2, 3, 5, 11)]
    if overall is None or not set(names) <= set(overall.index):
        return None

    def paint(figure: Figure, frame: Frame) -> None:
        axes = figure.add_axes((0.03, frame.bottom, 0.94, frame.top - frame.bottom))
        _bars(axes, words, "table", overall.loc[names])

    alone = words.percent(number(overall, "share_under_2"))
    return draw(
        "classes", words, study.provenance,
        title=words("figure.classes_title", value=alone),
        description=words("figure.measures_desc"),
        height=len(names) * _ROW + 0.15, paint=paint,
    )  # fmt: skip


def _bars(axes: Axes, words: Words, family: str, rows: pd.DataFrame) -> None:
    """Draw a bar a measure under its name, its interval, and a mark at what compares with it."""
    numbers = rows[["value", "high", "baseline"]].to_numpy(dtype=float)
    shares = all(is_share(str(unit)) for unit in rows["unit"])
    top = 1.0 if shares else float(np.nanmax(np.append(numbers, 1.0)))
    for y, (name, row) in enumerate(rows.iterrows()):
        value, unit = float(row["value"]), str(row["unit"])
        axes.text(0, y - 0.06, words.value(value, unit), fontweight="bold", va="bottom")
        lines = textwrap.wrap(measure_name(words, str(name), family), _LETTERS)
        axes.annotate(
            "\n".join(lines), (0, y - 0.06), (46, 0), textcoords="offset points", va="bottom",
            linespacing=1.15,
        )  # fmt: skip
        axes.barh(y + 0.12, np.nan_to_num(value) / top, height=0.2, color=RED)
        if row["low"] < row["high"]:
            axes.plot(
                [row["low"] / top, row["high"] / top], [y + 0.12] * 2, color="#5c0716", linewidth=1
            )
        if np.isfinite(row["baseline"]):
            axes.plot(row["baseline"] / top, y + 0.12, "|", color=BLUE, ms=11, mew=1.8)
            edge = np.nanmax([value, row["high"], row["baseline"]]) / top
            axes.annotate(
                words.value(float(row["baseline"]), unit), (edge, y + 0.12), (6, 0),
                textcoords="offset points", va="center", color=BLUE,
            )  # fmt: skip
    axes.set(xlim=(0, 1.2), ylim=(len(rows) - 0.7, -0.72))
    axes.axis("off")


def _keys(words: Words) -> list:
    from matplotlib.lines import Line2D

    marks = [("figure.found_here", RED, "s", 7.0), ("figure.comparison", BLUE, "|", 10.0)]
    return [
        Line2D([], [], color=c, marker=m, ms=size, mew=1.8, linestyle="", label=words(key))
        for key, c, m, size in marks
    ]
