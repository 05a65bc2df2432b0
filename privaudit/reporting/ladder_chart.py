"""The ladder of adversaries: what each finds on each view, at the scale of that view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privaudit.exposure.results import Exposure
from privaudit.reporting.charts import round_ticks, shown, strongest
from privaudit.reporting.sentences import attack_name, presumes_nothing, view_name
from privaudit.reporting.svg import BLUE, GREY, RED, WIDTH, Drawing, Frame, draw
from privaudit.reporting.tables import number
from privaudit.reporting.views import is_masked, view_of
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from privaudit.reporting.study import Study

__all__ = ["ladder_chart"]

# An opinion is read off the release, whoever reads it: it has a panel of its own.
_FOUND = ("address", "household", "person")
# Inches: a line, the head of a block, its axis below, the names on the left, the values on the
# right of each panel, and the space between panels.
_LINE, _HEAD, _AXIS, _NAMES, _VALUES, _GAP = 0.21, 0.27, 0.36, 2.06, 0.5, 0.1


def ladder_chart(study: Study, words: Words) -> Drawing | None:
    """Draw what each adversary finds, beside baseline and control, a block a view.

    Views have scales of their own: what is found on a masked map would be a dot at 0 beside a
    map of exact dots. Panels of one block share theirs.
    """
    gains = [g for g in _FOUND if any(shown(e, g) for e in study.exposures)]
    opinions = _opinions(study, words)
    if not gains and not opinions:
        return None
    views: dict[str, list[Exposure]] = {}
    for exposure in study.exposures:
        if any(shown(exposure, gain) for gain in gains):
            views.setdefault(view_of(study, exposure), []).append(exposure)
    blocks = [_HEAD + _LINE * len(rungs) + _AXIS for rungs in views.values()]
    blocks += [_HEAD + _LINE * len(opinions) + _AXIS] if opinions else []
    height = 0.2 + sum(blocks) + 0.3

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        top = frame.top * full - 0.2
        _titles(figure, words, gains, top + 0.06)
        for view, rungs in views.items():
            names = [words.name("rung", rung.attack) for rung in rungs]
            _names(figure, view_name(words, view, "view_short"), names, top)
            columns = [[_marks(rung, gain) for rung in rungs] for gain in gains]
            _block(figure, words, columns, top)
            top -= _HEAD + _LINE * len(rungs) + _AXIS
        if opinions:
            _names(figure, words("gain.opinion"), [name for name, _ in opinions], top)
            _block(figure, words, [[rung for _, rung in opinions]], top)
        figure.legend(
            handles=_keys(study, words), loc="lower left", ncols=4, handletextpad=0.5,
            columnspacing=1.3, bbox_to_anchor=(0.01, frame.bottom - 0.02 / full),
        )  # fmt: skip

    return draw(
        "ladder", words, study.provenance, title=_title(study, words),
        description=f"{words('figure.ladder_desc')} {words('figure.own_scale')}",
        height=height, paint=paint,
    )  # fmt: skip


def _title(study: Study, words: Words) -> str:
    """State what knowing more than the nearest address is worth, or else who finds most."""
    best = strongest(study, masked=True)
    if best is not None and is_masked(view_of(study, best)):
        view = view_of(study, best)
        first = next(e for e in study.exposures if view_of(study, e) == view)
        found, least = (number(e.overall, "address", "attack") for e in (best, first))
        if first.reliable and found > least:
            return words(
                "figure.gap_title",
                who=attack_name(words, best.attack),
                value=words.percent(found),
                least=words.percent(least),
                view=view_name(words, view, "view_short"),
            )
    best = strongest(study)
    if best is None:
        return words("figure.nothing_reliable" if study.exposures else "page.ladder")
    return words(
        "figure.ladder_title",
        who=attack_name(words, best.attack),
        value=words.percent(number(best.overall, "address", "attack")),
        view=view_name(words, view_of(study, best), "view_short"),
    )


_Marks = dict[str, float] | None


def _marks(exposure: Exposure, gain: str) -> _Marks:
    """Return what is drawn of a gain: nothing where it may not be shown."""
    if not shown(exposure, gain):
        return None
    marks = {
        k: number(exposure.overall, gain, k)
        for k in ("attack", "low", "high", "baseline", "control")
    }
    return marks | {"reliable": float(exposure.reliable)}


def _opinions(study: Study, words: Words) -> list[tuple[str, _Marks]]:
    """Return a line a view, or a line an adversary where they presume differently."""
    lines: list[tuple[str, _Marks]] = []
    views: dict[str, dict[tuple, tuple[str, _Marks]]] = {}
    for exposure in study.exposures:
        if shown(exposure, "opinion"):
            silent = presumes_nothing(exposure)
            marks = {} if silent else _marks(exposure, "opinion")
            same = tuple(sorted((marks or {}).items()))
            rung = words.name("rung", exposure.attack)
            views.setdefault(view_of(study, exposure), {}).setdefault(same, (rung, marks))
    for view, kinds in views.items():
        name = view_name(words, view, "view_short")
        for rung, marks in kinds.values():
            lines.append((name if len(kinds) == 1 else f"{name}, {rung}", marks))
    return lines


def _titles(figure: Figure, words: Words, gains: list[str], top: float) -> None:
    full = figure.get_figheight()
    for place, gain in enumerate(gains):
        left, _ = _columns(len(gains), place)
        title = words("gain." + gain)
        figure.text(
            left / WIDTH, top / full, title[:1].upper() + title[1:], fontsize=9, fontweight="bold"
        )


def _columns(n: int, place: int) -> tuple[float, float]:
    """Left edge and width in inches of the axis of a panel."""
    each = (WIDTH - _NAMES - 0.1) / n
    return _NAMES + place * each + _GAP, each - _VALUES - _GAP


def _names(figure: Figure, head: str, names: list[str], top: float) -> None:
    """Write the head of a block and the names of its lines."""
    full = figure.get_figheight()
    lines = [head[:1].upper() + head[1:], *names]
    for place, name in enumerate(lines):
        y = top - _HEAD / 2 if place == 0 else top - _HEAD - (place - 0.5) * _LINE
        figure.text(
            0.16 / WIDTH, y / full, name.replace("$", r"\$"), va="center",
            fontsize=9 if place == 0 else 8.5, fontweight="bold" if place == 0 else "normal",
        )  # fmt: skip


def _block(figure: Figure, words: Words, columns: list[list[_Marks]], top: float) -> None:
    """Draw the panels of a block, side by side at one scale."""
    full = figure.get_figheight()
    parts = ("high", "attack", "baseline", "control")
    ends = [marks[k] for column in columns for marks in column if marks for k in parts]
    limit = min(1.0, max([e for e in ends if np.isfinite(e)], default=1.0)) or 1.0
    for place, column in enumerate(columns):
        left, width = _columns(len(columns), place)
        height = _LINE * len(column)
        bottom = top - _HEAD - height
        axes = figure.add_axes((left / WIDTH, bottom / full, width / WIDTH, height / full))
        _panel(axes, words, column, limit, wide=len(columns) == 1)


def _panel(axes: Axes, words: Words, column: list[_Marks], limit: float, *, wide: bool) -> None:
    axes.set(xlim=(-0.06 * limit, 1.06 * limit), ylim=(len(column) - 0.5, -0.5), yticks=[])
    ticks = round_ticks(limit)
    # Panels side by side have room for both ends only.
    ticks = ticks if wide else [ticks[0], ticks[-1]]
    axes.set_xticks(ticks, [words.tick(t) for t in ticks], fontsize=8)
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color="#e6e8eb", linewidth=0.6)
    axes.set_axisbelow(True)
    for y, marks in enumerate(column):
        if marks is None:
            continue
        text = words.percent(marks["attack"], short=True) if marks else "–"
        axes.annotate(
            text, (1, y), (4, 0), xycoords=("axes fraction", "data"), va="center",
            textcoords="offset points", fontsize=8, annotation_clip=False,
        )  # fmt: skip
        if not marks:
            axes.text(0, y, words("figure.presumes_nothing"), va="center", fontsize=8, color=GREY)
            continue
        axes.plot([marks["low"], marks["high"]], [y, y], color=RED, linewidth=2.2, alpha=0.4)
        axes.plot(
            marks["control"], y, "|", color=BLUE, markersize=9, markeredgewidth=1.8, clip_on=False
        )
        axes.plot(
            marks["baseline"], y, "D", color=GREY, markersize=4.2, fillstyle="none", clip_on=False
        )
        fill = RED if marks["reliable"] else "white"
        axes.plot(
            marks["attack"], y, "o", color=RED, markersize=5.2, markerfacecolor=fill, clip_on=False
        )


def _keys(study: Study, words: Words) -> list:
    from matplotlib.lines import Line2D

    def key(label: str, **look: object) -> Line2D:
        return Line2D([], [], label=words(f"figure.{label}"), **look)  # type: ignore[arg-type]

    keys = [
        key("found", color=RED, marker="o", linewidth=2.2),
        key("baseline", color=GREY, marker="D", markersize=4.2, fillstyle="none", linestyle=""),
        key("control", color=BLUE, marker="|", markersize=9, markeredgewidth=1.8, linestyle=""),
    ]
    if not all(exposure.reliable for exposure in study.exposures):
        keys.append(
            key("not_reliable", color=RED, marker="o", markerfacecolor="white", linestyle="")
        )
    return keys
