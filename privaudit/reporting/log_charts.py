"""Chart of a log: how many people a few known points single out, by resolution."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from privaudit.reporting.axes import curve, legend, log_axis, plot_axes, share_axis
from privaudit.reporting.guard import THRESHOLD
from privaudit.reporting.names import resolution_name
from privaudit.reporting.svg import BLUE, GREY, INK, RED, Drawing, Frame, draw
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from privaudit.reporting.study import Study

__all__ = ["unicity_chart"]

_NAME = re.compile(r"unicity_(\d+)(_control)?(?:\[(.*)\])?")
_LOOKS = ((RED, "o"), (BLUE, "s"), (GREY, "^"), (INK, "v"), (RED, "D"), (BLUE, "P"))


def unicity_chart(study: Study, words: Words) -> Drawing | None:
    """Draw the share of people singled out against what is known of them, and the control."""
    if "log" not in study.measures:
        return None
    curves, controls = _curves(study.measures["log"].overall)
    if not curves or len(curves) > len(_LOOKS):
        return None
    known = sorted({p for points in curves.values() for p in points})

    def paint(figure: Figure, frame: Frame) -> None:
        axes = plot_axes(figure, frame, lines=len(curves) + 1)
        for (series, points), (colour, mark) in zip(curves.items(), _LOOKS, strict=False):
            at, rows = _rows(points)
            label = resolution_name(words, series) if series else words("figure.singled_out")
            curve(axes, at, rows, colour, mark, label[:1].upper() + label[1:])
            at, rows = _rows(controls.get(series, {}))
            axes.plot(at, rows["value"], color=colour, linestyle=":", linewidth=1.2)
        axes.plot([], [], color=INK, linestyle=":", linewidth=1.2, label=words("figure.not_there"))
        log_axis(axes, words, np.array(known))
        share_axis(axes, words, 1.0)
        axes.set_xlabel(words("figure.points_axis"))
        legend(figure, axes, frame, columns=1)

    value, few, series = _told(curves)
    key = "figure.unicity_title" if few > 1 else "figure.unicity_title_one"
    title = words(key, n=words.count(few), value=words.percent(value))
    if series:
        title += f" ({resolution_name(words, series)})"
    return draw(
        "unicity", words, study.provenance, title=title,
        description=words("figure.unicity_desc"),
        height=2.75 + 0.2 * (len(curves) + 1), paint=paint,
    )  # fmt: skip


_Points = dict[str, dict[int, "pd.Series"]]


def _curves(overall: pd.DataFrame) -> tuple[_Points, _Points]:
    """Gather the rows of each resolution, and their controls, that may be shown."""
    found: _Points = {}
    controls: _Points = {}
    for name, row in overall.iterrows():
        match = _NAME.fullmatch(str(name))
        if match and np.isfinite(row["value"]) and row["n"] >= THRESHOLD:
            here = controls if match[2] else found
            here.setdefault(match[3] or "", {})[int(match[1])] = row
    return {s: points for s, points in found.items() if len(points) > 1}, controls


def _told(curves: _Points) -> tuple[float, int, str]:
    """Choose what the title tells: the fewest points that single out half of the people.

    Where none does, the points that single out most. Returns the share, the number of points
    and the resolution.
    """
    told = [(float(r["value"]), p, s) for s, points in curves.items() for p, r in points.items()]
    half = [some for some in told if some[0] >= 0.5]
    few = min(p for _, p, _ in half) if half else 0
    return max((t for t in told if t[1] == few or not half), key=lambda t: t[0])


def _rows(points: dict[int, pd.Series]) -> tuple[np.ndarray, pd.DataFrame]:
    import pandas as pd

    at = sorted(points)
    return np.array(at), pd.DataFrame([points[p] for p in at], columns=["value", "low", "high"])
