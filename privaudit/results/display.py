"""Draw results: each function returns the figure of one kind of result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from privaudit.results.chart_style import SERIES
from privaudit.results.charts import (
    AxisScale,
    ChartLine,
    Curve,
    CurvePlot,
    LinePlot,
    Mark,
    Panel,
    even_scale,
    symlog,
)
from privaudit.results.headlines import gain_of, headlines, label
from privaudit.results.painter import Display, Plot, compose
from privaudit.words.nouns import NOUNS
from privaudit.words.words import Words, is_share

if TYPE_CHECKING:
    import pandas as pd

    from privaudit.results.row import Row

__all__ = [
    "draw_curve", "draw_exposure", "draw_frontier", "draw_measures", "draw_repeated", "english",
    "share_scale",
]  # fmt: skip


def draw_exposure(found: Any, lang: str) -> Display:
    """Draw each gain beside control and baseline, and below how honest the claim is."""
    words = Words(lang)
    rows = [row for row in found.rows if np.isfinite(row.value)]
    axis = words("plot.people_axis", n=len(found.per_person))
    parts: list[Plot] = [
        _rows_plot(rows, [gain_of(row, words) for row in rows], axis, words, key=rows)
    ]
    if len(found.calibration):
        parts.append(_reliability(found.calibration, words))
    return compose(
        "exposure", words, found.provenance, title=_who(found.attack, found.expected, words),
        parts=parts, reliable=found.reliable,
    )  # fmt: skip


def draw_measures(found: Any, names: Sequence[str], most: int, lang: str) -> Display:
    """Draw few measures, one line each: value, interval, control and baseline; a plot a unit."""
    words = Words(lang)
    units: dict[str, list[Row]] = {}
    for row in headlines(found, names, most, words):
        units.setdefault("share" if is_share(row.unit) else row.unit, []).append(row)
    every = [row for rows in units.values() for row in rows]
    parts: list[Plot] = []
    for unit, rows in units.items():
        # A table's bands are often what its blanks leave open.
        axis = words("plot.share_axis_blanks" if found.family == "table" else "plot.share_axis")
        if not is_share(unit):
            section = "noun" if unit in NOUNS else "unit"
            axis = words.noun(unit, 2) if words.has(f"{section}.{unit}") else unit
        labels = [label(words, found.family, row) for row in rows]
        last = len(parts) == len(units) - 1
        parts.append(_rows_plot(rows, labels, axis, words, key=every if last else ()))
    if not parts:
        parts = [LinePlot(panels=[Panel([], words("plot.nothing"))], write=words.count)]
    return compose(
        found.family, words, found.provenance, title=words.name("family", found.family),
        parts=parts, reliable=found.reliable,
    )  # fmt: skip


def _who(attack: str, expected: bool, words: Words) -> str:
    """Name an adversary, and say whether the truth is known."""
    kind = words("plot.expected" if expected else "plot.observed")
    return f"{words.name('rung', attack)} ({kind})"


def _rows_plot(
    rows: Sequence[Row], labels: Sequence[str], axis: str, words: Words, key: Sequence[Row]
) -> LinePlot:
    """Draw a line a row: a band, its value, and a ring and a tick for what it is held against."""
    lines = []
    for row, name in zip(rows, labels, strict=True):
        said = words.value(row.value, row.unit, short=True)
        marks = [Mark(row.value, said, said, low=row.low, high=row.high)]
        for text, value, shape in (("control", row.control, "ring"),
                                   ("baseline", row.baseline, "tick")):  # fmt: skip
            if math.isfinite(value):
                told = f"{words(f'plot.{text}')}: {words.value(value, row.unit, short=True)}"
                marks.insert(0, Mark(value, told, "", shape, "grey"))
        lines.append(ChartLine(name, marks))
    share = bool(rows) and is_share(rows[0].unit)
    looks = [("ring", "control"), ("tick", "baseline")]
    return LinePlot(
        panels=[Panel(lines)], write=words.tick if share else words.count, axis=axis,
        least=1.0 if rows and rows[0].unit in NOUNS else 0.0,
        key=[(shape, "grey", words(f"plot.{name}")) for shape, name in looks
             if any(math.isfinite(getattr(row, name)) for row in key)],
    )  # fmt: skip


def english() -> Words:
    """Return the words of figures that are in English alone."""
    return Words("en")


def share_scale(words: Words) -> AxisScale:
    """Return the scale of shares, from 0 to 1."""
    return even_scale([0.0, 1.0], words.tick)


def _reliability(calibration: pd.DataFrame, words: Words) -> CurvePlot:
    """Draw how often guesses are right against what is claimed, a curve a gain."""
    curves = [Curve("", [0.0, 1.0], [0.0, 1.0], "grey", dashed=True, marked=False)]
    for (gain, bins), colour in zip(calibration.groupby("gain", sort=False), SERIES, strict=False):
        part = {name: bins[name].tolist() for name in ("confidence", "observed", "low", "high")}
        curves.append(
            Curve(
                # The two readings of an address often lie on each other.
                words.name("gain", gain), part["confidence"], part["observed"], colour,
                dashed=gain == "marked_address", low=part["low"], high=part["high"],
            )
        )  # fmt: skip
    return CurvePlot(
        curves=curves, across=share_scale(words), up=share_scale(words),
        axes=(words("figure.claimed_axis"), words("figure.observed_axis")),
    )  # fmt: skip


def draw_frontier(found: Any, risk: str, utility: str, lang: str) -> Display:
    """Draw what is found against what a mask costs; the best corner is the lower left.

    Parameters
    ----------
    found : Frontier
    risk, utility : str
        Columns of its frame.
    lang : str

    Returns
    -------
    Display
    """
    words, table = Words(lang), found.frame.sort_values(utility, kind="stable")
    cost = table[utility].tolist()
    points = Curve(
        "", cost, table[risk].tolist(), labels=table["mask"].tolist(), joined=False,
        low=table[f"{risk}_low"].tolist(), high=table[f"{risk}_high"].tolist(),
    )  # fmt: skip
    across = even_scale(cost, words.count)
    baseline, ends = float(table[f"{risk}_baseline"].max()), across.ticks[:: len(across.ticks) - 1]
    beside = Curve(words("plot.baseline"), ends, [baseline] * 2, "grey", True, marked=False)
    key = f"measure.utility__{utility}"
    axis = words(key) if words.has(key) else utility.replace("_", " ")
    plot = CurvePlot(
        curves=[points, beside] if math.isfinite(baseline) else [points],
        axes=(
            words("plot.cost_axis", cost=axis),
            f"{words.name('gain', risk)}, {words('plot.share_axis')}",
        ),
        # Even steps from 0 to 1 %, then one step a factor of ten: small risks must be seen.
        across=across, up=AxisScale((0, 0.01, 0.1, 1), words.tick, symlog(0.01)),
    )  # fmt: skip
    return compose(
        "frontier", words, found.provenance, parts=[plot], reliable=bool(table["reliable"].all()),
        title=_who(table["adversary"].iloc[0], found.expected, words),
    )  # fmt: skip


def draw_curve(rows: Sequence[Row], provenance: str, most: int, lang: str) -> Display:
    """Draw shares by how many points are known, a curve an item and window; dashed: the control."""
    words = Words(lang)
    series: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.part["points"]):
        series.setdefault((str(row.part["item"]), str(row.part["window"])), []).append(row)
    order = dict.fromkeys((str(row.part["item"]), str(row.part["window"])) for row in rows)
    curves = []
    for place, (item, window) in enumerate([*order][:most]):
        drawn, look = series[item, window], SERIES[place % len(SERIES)]
        name = words.name("part", item)
        if window != "no_time":
            name = f"{name}, {words.name('part', window)}"
        x = [row.part["points"] for row in drawn]
        curves += [
            Curve.of(name, x, drawn, look),
            Curve("", x, [row.control for row in drawn], look, dashed=True, marked=False),
        ]  # fmt: skip
    known = sorted({row.part["points"] for row in rows})
    plot = CurvePlot(
        curves=curves, axes=(words("figure.points_axis"), words("figure.unicity_axis")),
        across=even_scale(known, words.count, least=1.0), up=share_scale(words),
        key=[("dash", "grey", words("figure.unicity_control"))],
    )  # fmt: skip
    title = words.name("family", "unicity_curve")
    return compose("unicity_curve", words, provenance, title=title, parts=[plot])


def draw_repeated(
    rows: Sequence[Row], runs: pd.DataFrame, varied: Sequence[str], lang: str
) -> Display:
    """Draw shares over towns: each town, the interval of the mean, the range of one more.

    Along one parameter of numbers a curve a gain; else a line a setting.
    """
    words = Words(lang)
    along = len(varied) == 1 and runs[varied[0]].dtype.kind in "iuf"
    plot = _along(rows, varied[0], words) if along else _settings(rows, runs, varied, words)
    title = words("figure.towns_bands" if along else "figure.towns_lines")
    return compose("towns", words, "simulated", title=title, parts=[plot])


def _along(rows: Sequence[Row], along: str, words: Words) -> CurvePlot:
    """Draw a curve a gain, with the interval within towns and the range of one more."""
    gains: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: float(row.part[along])):
        gains.setdefault((row.measure, row.gain), []).append(row)
    curves = [
        Curve.of(
            gain_of(drawn[0], words), [float(row.part[along]) for row in drawn], drawn,
            SERIES[place % len(SERIES)],
            outer_low=[row.between_low for row in drawn],
            outer_high=[row.between_high for row in drawn],
        )
        for place, drawn in enumerate(gains.values())
    ]  # fmt: skip
    ends = [v for c in curves for v in (*c.y, *c.outer_low, *c.outer_high, *c.high)]
    return CurvePlot(
        curves=curves, axes=(words.name("assumption", along), words("figure.share_axis")),
        across=even_scale(curves[0].x, words.count), up=even_scale(ends, words.tick, 0.0),
    )  # fmt: skip


def _settings(
    rows: Sequence[Row], runs: pd.DataFrame, varied: Sequence[str], words: Words
) -> LinePlot:
    """Draw a line a setting: its towns, the interval within them and the range of one more."""
    lines = []
    for row in rows:
        mine = (runs["measure"] == row.measure) & (runs["gain"] == row.gain)
        for name in varied:
            mine &= runs[name] == row.part[name]
        said = words.percent(row.value, short=True)
        marks = [
            Mark(town, words.percent(town, short=True), "", "tick", "grey")
            for town in runs.loc[mine, "value"].tolist()
        ]
        if math.isfinite(row.control):
            told = f"{words('plot.control')}: {words.percent(row.control, short=True)}"
            marks.append(Mark(row.control, told, "", "cross", "grey"))
        outer = (row.between_low, row.between_high)
        marks.append(Mark(row.value, said, said, low=row.low, high=row.high, outer=outer))
        setting = ", ".join(f"{words.name('assumption', n)} {row.part[n]}" for n in varied)
        lines.append(ChartLine(gain_of(row, words) + (f" ({setting})" if setting else ""), marks))
    return LinePlot(panels=[Panel(lines)], write=words.tick, axis=words("figure.share_axis"))
