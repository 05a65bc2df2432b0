"""The ladder of adversaries: what each finds on each view, at the scale of that view."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from privaudit.exposure.results import Exposure
from privaudit.reporting.charts import round_ticks, shown, strongest
from privaudit.reporting.names import attack_name, rung_name
from privaudit.reporting.sentences import presumes_nothing
from privaudit.reporting.steps import climbs_of, step_between
from privaudit.reporting.svg import BLUE, GREY, RED, WIDTH, Drawing, Frame, draw
from privaudit.reporting.tables import number
from privaudit.reporting.views import is_masked, seen_on, view_of
from privaudit.reporting.words import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from privaudit.reporting.study import Study

__all__ = ["ladder_chart"]

# Inches: a line, the head of a block, its axis below, the names on the left, the values on the
# right.
_LINE, _HEAD, _AXIS, _NAMES, _VALUES = 0.23, 0.27, 0.34, 2.2, 0.6
# Letters of a bold head that stand on a line, and the inches that each further line takes.
_LETTERS, _MORE = 46, 0.17
_Marks = dict[str, float] | None
_Block = tuple[str, list[tuple[str, _Marks]]]


def ladder_chart(study: Study, words: Words) -> Drawing | None:
    """Draw the homes that each adversary finds, a block a view, then the bell, name and opinion.

    Blocks have scales of their own: what is found on a masked map would be a dot at 0 beside a
    map of exact dots.
    """
    blocks = [*_addresses(study, words), *_closer(study, words), *_opinions(study, words)]
    if not blocks:
        return None
    blocks = [(_wrapped(head), lines) for head, lines in blocks]
    height = 0.12 + sum(_height(block) for block in blocks) + 0.62

    def paint(figure: Figure, frame: Frame) -> None:
        full = figure.get_figheight()
        top = frame.top * full - 0.12
        for head, lines in blocks:
            below = top - _MORE * head.count("\n")
            _names(figure, head, [name for name, _ in lines], top, below)
            _panel(figure, words, [marks for _, marks in lines], below)
            top -= _height((head, lines))
        figure.legend(
            handles=_keys(study, words), loc="lower left", ncols=2, handletextpad=0.5,
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
        first, *others = climbs_of(study)[view]
        found, least = (number(e.overall, "address", "attack") for e in (best, first))
        same = any(best is other for other in others)
        # What chance may explain is no title.
        if first.reliable and same and found > least and step_between(first, best).beyond:
            return words(
                "figure.gap_title",
                who=attack_name(words, best.attack),
                value=words.percent(found),
                least=words.percent(least),
                view=seen_on(study, words, best),
            )
    best = strongest(study)
    if best is None:
        return words("figure.nothing_reliable" if study.exposures else "chapter.found")
    return words(
        "figure.ladder_title",
        who=attack_name(words, best.attack),
        value=words.percent(number(best.overall, "address", "attack")),
        view=seen_on(study, words, best),
    )


def _addresses(study: Study, words: Words) -> list[_Block]:
    """Return a block a view, a line a rung: the home."""
    views: dict[str, list[tuple[str, _Marks]]] = {}
    for exposure in study.exposures:
        if shown(exposure, "address"):
            line = (rung_name(words, exposure.attack), _marks(exposure, "address"))
            views.setdefault(seen_on(study, words, exposure), []).append(line)
    return [(words("figure.home_on", view=view), lines) for view, lines in views.items()]


def _closer(study: Study, words: Words) -> list[_Block]:
    """Return what is left of the homes that are found at the bell, and at the name."""
    best = strongest(study)
    if best is None:
        return []
    gains = [g for g in ("household", "person") if shown(best, g)]
    where = seen_on(study, words, best)
    lines: list[tuple[str, _Marks]] = [
        (_capital(words(f"gain.{gain}")), _marks(best, gain)) for gain in gains
    ]
    head = words("figure.closer", who=rung_name(words, best.attack), view=where)
    return [(head, lines)] if lines else []


def _marks(exposure: Exposure, gain: str) -> dict[str, float]:
    """Return what is drawn of a gain."""
    marks = {
        k: number(exposure.overall, gain, k)
        for k in ("attack", "low", "high", "baseline", "control")
    }
    return marks | {"reliable": float(exposure.reliable)}


def _opinions(study: Study, words: Words) -> list[_Block]:
    """Return a line a view, or a line an adversary where they presume differently."""
    lines: list[tuple[str, _Marks]] = []
    views: dict[str, dict[tuple, tuple[str, _Marks]]] = {}
    for exposure in study.exposures:
        if shown(exposure, "opinion"):
            silent = presumes_nothing(exposure)
            marks = None if silent else _marks(exposure, "opinion")
            same = tuple(sorted((marks or {}).items()))
            rung = rung_name(words, exposure.attack)
            name = seen_on(study, words, exposure)
            views.setdefault(name, {}).setdefault(same, (rung, marks))
    for name, kinds in views.items():
        for rung, marks in kinds.values():
            lines.append((name if len(kinds) == 1 else f"{name}, {rung}", marks))
    return [(words("gain.opinion"), lines)] if lines else []


def _wrapped(head: str) -> str:
    return "\n".join(textwrap.wrap(_capital(head), _LETTERS, break_on_hyphens=False))


def _height(block: _Block) -> float:
    head, lines = block
    return _HEAD + _MORE * head.count("\n") + _LINE * len(lines) + _AXIS


def _names(figure: Figure, head: str, names: list[str], top: float, below: float) -> None:
    """Write the head of a block, which may take several lines, and the names of its lines."""
    full, left = figure.get_figheight(), 0.12 / WIDTH
    figure.text(left, (top - 0.06) / full, _plain(head), va="top", fontweight="bold")
    for place, name in enumerate(names):
        y = below - _HEAD - (place + 0.5) * _LINE
        figure.text(left, y / full, _plain(_capital(name)), va="center")


def _plain(text: str) -> str:
    """Keep matplotlib from reading mathematics between two dollar signs."""
    return text.replace("$", r"\$")


def _panel(figure: Figure, words: Words, lines: list[_Marks], top: float) -> None:
    """Draw the lines of a block at one scale."""
    full, height = figure.get_figheight(), _LINE * len(lines)
    parts = ("high", "attack", "baseline", "control")
    ends = [marks[k] for marks in lines if marks for k in parts]
    limit = min(1.0, max([e for e in ends if np.isfinite(e)], default=1.0)) or 1.0
    width = WIDTH - _NAMES - _VALUES - 0.05
    axes = figure.add_axes(
        (_NAMES / WIDTH, (top - _HEAD - height) / full, width / WIDTH, height / full)
    )
    axes.set(xlim=(-0.06 * limit, 1.06 * limit), ylim=(len(lines) - 0.5, -0.5), yticks=[])
    ticks = round_ticks(limit)
    ticks = ticks if len(ticks) <= 3 else [ticks[0], ticks[len(ticks) // 2], ticks[-1]]
    axes.set_xticks(ticks, [words.tick(t) for t in ticks])
    axes.tick_params(length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color="#e6e8eb", linewidth=0.6)
    axes.set_axisbelow(True)
    for y, marks in enumerate(lines):
        _line(axes, words, y, marks)


def _line(axes: Axes, words: Words, y: int, marks: _Marks) -> None:
    text = words.percent(marks["attack"], short=True) if marks else "–"
    axes.annotate(
        text, (1, y), (4, 0), xycoords=("axes fraction", "data"), va="center",
        textcoords="offset points", annotation_clip=False,
    )  # fmt: skip
    if not marks:
        axes.text(0, y, words("figure.presumes_nothing"), va="center", color=GREY)
        return
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


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
