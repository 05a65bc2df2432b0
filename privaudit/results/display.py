"""How results look: as a table in a notebook, as a figure. No computing here."""

from __future__ import annotations

import html as escape
from typing import TYPE_CHECKING

import numpy as np

from privaudit.words.note import Note
from privaudit.words.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from privaudit.results.row import Row

__all__ = ["draw_exposure", "draw_measures", "draw_repeated", "html"]

# Told apart by the colour-blind too (Okabe and Ito), and in grey.
ATTACK, CONTROL, BASELINE = "#b2182b", "#4d4d4d", "#bdbdbd"
SERIES = ("#b2182b", "#0072b2", "#e69f00", "#4d4d4d")


def html(title: str, overall: pd.DataFrame, notes: Iterable[Note], lang: str = "en") -> str:
    """Show the overall table and the notes, everything escaped; never a person's row."""
    words = Words(lang)
    items = "".join(f"<li>{escape.escape(words.note(note))}</li>" for note in notes)
    shown = overall.drop(columns=["notes"], errors="ignore").dropna(axis=1, how="all")
    table = shown.to_html(float_format=lambda value: f"{value:.4g}", na_rep="–")
    return f"<p>{escape.escape(title)}</p>{table}" + (f"<ul>{items}</ul>" if items else "")


def draw_exposure(
    title: str, overall: pd.DataFrame, calibration: pd.DataFrame, *, people: int
) -> Figure:
    """Bars of each gain beside control and baseline; the reliability of the confidence."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.8), layout="constrained")
    bars, curve = figure.subplots(1, 2)
    _draw_gains(bars, overall, people)
    _draw_reliability(curve, calibration)
    figure.suptitle(title, fontsize=11)
    return figure


def _draw_gains(axes: Axes, overall: pd.DataFrame, people: int) -> None:
    place = np.arange(len(overall))
    for shift, part, colour in (
        (-0.25, "attack", ATTACK),
        (0.0, "control", CONTROL),
        (0.25, "baseline", BASELINE),
    ):
        axes.barh(place + shift, overall[part], height=0.25, color=colour, label=part)
    low, high, attack = (overall[c].to_numpy(float) for c in ("low", "high", "attack"))
    spread = np.clip(np.array([attack - low, high - attack]), 0, None)
    axes.errorbar(attack, place - 0.25, xerr=spread, fmt="none", ecolor="black", capsize=2)
    axes.set(yticks=place, yticklabels=list(overall.index), xlim=(0, 1))
    axes.set_xlabel(f"share of people (n = {people:,}), 95 % interval")
    axes.invert_yaxis()
    axes.legend(frameon=False, fontsize=8)


def _draw_reliability(axes: Axes, calibration: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=BASELINE, linewidth=1)
    for (gain, bins), colour in zip(calibration.groupby("gain", sort=False), SERIES, strict=False):
        observed = bins["observed"].to_numpy(float)
        spread = np.clip([observed - bins["low"], bins["high"] - observed], 0, None)
        axes.errorbar(
            bins["confidence"], observed, yerr=spread, color=colour, marker="o", ms=3,
            # The two readings of an address often lie on each other.
            linestyle="--" if gain == "marked_address" else "-",
            linewidth=1, label=str(gain).replace("_", " "),
        )  # fmt: skip
    if len(calibration):
        axes.legend(frameon=False, fontsize=8)
    else:
        axes.text(0.5, 0.5, "no truth to compare with", ha="center", va="center")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence claimed", ylabel="share found right")


def draw_measures(title: str, overall: pd.DataFrame, told: Sequence[Row]) -> Figure:
    """One panel a unit, one line a measure: value, interval, baseline."""
    from matplotlib.figure import Figure

    panels = list(overall.groupby("unit", sort=False, dropna=False))
    heights = [len(rows) + 1 for _, rows in panels]
    figure = Figure(figsize=(8, 1 + 0.3 * sum(heights)), layout="constrained")
    grid = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (unit, rows) in zip(grid, panels, strict=True):
        place = np.arange(len(rows))
        parts = rows[["value", "low", "high"]].to_numpy(dtype=float)
        # What is infinite has no place on an axis; the table says it.
        value, low, high = np.where(np.isfinite(parts), parts, np.nan).T
        spread = np.clip(np.array([value - low, high - value]), 0, None)
        axes.errorbar(value, place, xerr=spread, fmt="o", color=ATTACK, capsize=2, label="value")
        axes.plot(rows["baseline"], place, "|", color=CONTROL, ms=10, label="baseline")
        axes.set(
            yticks=place,
            yticklabels=[row.label.replace("_", " ") for row in told if row.unit == unit],
        )
        axes.set(xlabel=str(unit), ylim=(len(rows) - 0.5, -0.5))
    grid[0].legend(frameon=False, fontsize=8)
    figure.suptitle(title, fontsize=11)
    return figure


def draw_repeated(
    told: Iterable[Row], runs: pd.DataFrame, varied: Sequence[str], ax: Axes | None, lang: str
) -> Figure:
    """Shares over towns: each town, the interval within them all, the range of one more.

    Along one parameter of numbers a curve a gain; else a line a setting.
    """
    from matplotlib.figure import Figure

    words = Words(lang)
    rows = [row for row in told if row.unit == "share" and row.n]
    along = varied[0] if len(varied) == 1 and _are_numbers(runs[varied[0]]) else ""
    if ax is None:
        height = 3.8 if along else 1.4 + 0.3 * len(rows)
        ax = Figure(figsize=(7, height), layout="constrained").subplots()
    if along:
        _draw_along(ax, rows, along, words)
    else:
        _draw_settings(ax, rows, runs, varied, words)
    figure = ax.figure
    assert isinstance(figure, Figure)
    return figure


def _are_numbers(values: pd.Series) -> bool:
    return values.dtype.kind in "iuf"


def _gain(row: Row, words: Words) -> str:
    known = row.gain and words.has(f"figure.gain_{row.gain}")
    return words(f"figure.gain_{row.gain}") if known else row.measure.replace("_", " ")


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
        axes.plot(at, part["value"], color=colour, marker="o", ms=3, label=_gain(of_gain[0], words))
    axes.set(xlabel=words.name("assumption", along), ylabel=words("figure.share_axis"))
    axes.set_ylim(bottom=0)
    axes.set_title(words("figure.towns_bands"), fontsize=9)
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
        axes.plot(values, np.full(len(values), place), "|", color=BASELINE, ms=12, zorder=1)
        axes.plot([row.between_low, row.between_high], [place] * 2, color=ATTACK, linewidth=1)
        axes.plot([row.low, row.high], [place] * 2, color=ATTACK, linewidth=4, alpha=0.5)
        axes.plot(row.value, place, "o", color=ATTACK, ms=5)
        axes.plot(row.control, place, "x", color=CONTROL, ms=5)
        setting = ", ".join(f"{words.name('assumption', n)} {row.part[n]}" for n in varied)
        labels.append(_gain(row, words) + (f" ({setting})" if setting else ""))
    axes.set(yticks=range(len(rows)), yticklabels=labels, ylim=(len(rows) - 0.5, -0.5))
    axes.set_xlabel(words("figure.share_axis"))
    axes.set_title(words("figure.towns_lines"), fontsize=9)
