"""Charts of lines of marks: a name, and values on a scale that all panels share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from privaudit.reporting.svg import (
    NARROW,
    SIZE,
    WIDE,
    Canvas,
    Drawing,
    finish,
    lines_of,
    num,
    ticks_of,
    width_of,
)
from privaudit.words.words import Words

__all__ = ["AxisScale", "ChartLine", "Mark", "Panel", "line_chart", "spaced"]

_LEFT, _ROW = 244.0, 42.0  # the names' column on wide screens, and the height of a line
_EDGE = 10.0


@dataclass(frozen=True)
class Mark:
    """A value on a line: where, how it looks, what is written beside it, and what it says.

    `low` and `high` are drawn as a band; a mark without `label` says its title only.
    """

    value: float
    title: str
    label: str = ""
    shape: str = "dot"
    colour: str = "red"
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class ChartLine:
    """A name and its marks; `joined` draws a thin line from the first to the last."""

    name: str
    marks: Sequence[Mark]
    joined: bool = False


@dataclass(frozen=True)
class Panel:
    """Lines under a head; the panels of a figure share one scale."""

    lines: Sequence[ChartLine]
    head: str = ""


def line_chart(
    name: str,
    words: Words,
    provenance: str,
    *,
    title: str,
    panels: Sequence[Panel],
    write: Callable[[float], str],
    axis: str = "",
    low: float = 0.0,
) -> Drawing:
    """Draw lines of marks, one scale for all panels, values written on the figure.

    Parameters
    ----------
    write : callable
        Writes a tick.
    axis : str
        What the scale is.
    low : float
        Where the scale begins.
    """
    marks = [mark for panel in panels for line in panel.lines for mark in line.marks]
    ends = [v for m in marks for v in (m.value, m.low, m.high) if math.isfinite(v)]
    scale = AxisScale(ticks_of(min(low, *ends), max(ends)), write)
    drawn = [_lines(w, panels, scale, axis) for w in (WIDE, NARROW)]
    data = [
        f"{panel.head}: {line.name}: {mark.title}" if panel.head else f"{line.name}: {mark.title}"
        for panel in panels
        for line in panel.lines
        for mark in line.marks
    ]
    return finish(name, words, provenance, title=title, data=data, drawn=drawn)


@dataclass(frozen=True)
class AxisScale:
    """Ticks, how they are written, and where a value lies between two ends."""

    ticks: Sequence[float]
    write: Callable[[float], str]

    def at(self, value: float, left: float, right: float) -> float:
        """Return the place of a value."""
        low, high = self.ticks[0], self.ticks[-1]
        return left + (value - low) / (high - low) * (right - left)


def _lines(width: float, panels: Sequence[Panel], scale: AxisScale, axis: str) -> Canvas:
    canvas = Canvas(width)
    wide = width == WIDE
    left = _LEFT if wide else _EDGE
    labels = [m.label for p in panels for line in p.lines for m in line.marks]
    right = width - _EDGE - min(190.0, 1.1 * max(map(width_of, labels), default=0.0) + 14)
    right = max(right, left + 120) if wide else width - 24
    y = 6.0
    for panel in panels:
        if panel.head:
            y += SIZE if panel is not panels[0] else 0.0
            y = canvas.wrapped(_EDGE, y + SIZE, panel.head, width - 20, "b") - SIZE * 0.6
        y = _panel(canvas, panel, scale, (left, right), y)
    for tick in spaced(scale.ticks, right - left, scale.write):
        x = scale.at(tick, left, right)
        anchor = "middle" if (wide or x > left + 8) and x < width - 30 else "start"
        anchor = "end" if x >= width - 30 else anchor
        canvas.text(x, y + SIZE + 4, scale.write(tick), "soft", anchor)
    y += SIZE + 8
    if axis:
        y = canvas.wrapped(left, y + SIZE + 2, axis, width - left - _EDGE, "soft") - SIZE
    canvas.height = y + 8
    return canvas


def spaced(ticks: Sequence[float], room: float, write: Callable[[float], str]) -> Sequence[float]:
    """Leave out every other tick until they fit."""
    step = 1
    while len(ticks[::step]) * (max(map(width_of, map(write, ticks))) + 14) > room and step < 8:
        step *= 2
    return ticks[::step]


def _panel(
    canvas: Canvas, panel: Panel, scale: AxisScale, sides: tuple[float, float], y: float
) -> float:
    wide = canvas.width == WIDE
    top = y
    tracks = []
    for line in panel.lines:
        if wide:
            names = lines_of(line.name, _LEFT - 40)
            # Room for a value that is written above a mark.
            tall = max(_ROW, 18.0 * len(names) + 12)
            middle = y + tall / 2 + 4
            for place, text in enumerate(names):
                canvas.text(_EDGE, middle + 5 + 18 * (place - (len(names) - 1) / 2), text)
            y += tall
        else:
            y = canvas.wrapped(_EDGE, y + SIZE + 6, line.name, canvas.width - 20) - SIZE
            middle = y + 24
            y += 38
        tracks.append((line, middle))
    for tick in scale.ticks:
        x = scale.at(tick, *sides)
        canvas.parts.insert(0, f'<path class="grid" d="M{num(x)} {num(top + 4)}V{num(y)}"/>')
    for line, middle in tracks:
        _track(canvas, line, scale, sides, middle)
    return y


def _track(
    canvas: Canvas, line: ChartLine, scale: AxisScale, sides: tuple[float, float], y: float
) -> None:
    known = [m for m in line.marks if math.isfinite(m.value)]
    x = {id(m): scale.at(m.value, *sides) for m in known}
    if line.joined and len(known) > 1:
        canvas.line([(min(x.values()), y), (max(x.values()), y)], "span")
    for mark in known:
        if math.isfinite(mark.low) and mark.high > mark.low:
            ends = [(scale.at(v, *sides), y) for v in (mark.low, mark.high)]
            canvas.line(ends, f"m-{mark.colour} ci")
        canvas.mark(mark.shape, x[id(mark)], y, mark.colour, f"{line.name}: {mark.title}")
    told = sorted((m for m in known if m.label), key=lambda m: x[id(m)])
    room = canvas.width - _EDGE
    if told:
        last = told[-1]
        # Beyond its band and the marks that say nothing, where it is the only one that does.
        beyond = [m for m in known if not m.label] if len(told) == 1 else []
        bands = [scale.at(last.high, *sides)] if len(told) == 1 and last.high > last.value else []
        at = max([x[id(last)], *bands, *(x[id(m)] for m in beyond)]) + 11
        long = 1.1 * width_of(last.label)
        if at + long <= room:
            canvas.text(at, y + 5, last.label, f"t-{last.colour}")
        else:
            start = max(_EDGE - 4, min(x[id(last)] + 8, room) - long)
            canvas.text(start, y - 11, last.label, f"t-{last.colour}")
    before = math.inf if not told else x[id(told[-1])] - 10
    for mark in reversed(told[:-1]):
        long = width_of(mark.label)
        at = x[id(mark)]
        if at - 11 - long >= sides[0] - 6 and at + 4 <= before:
            canvas.text(at - 11, y + 5, mark.label, f"t-{mark.colour}", "end")
        else:
            start = max(sides[0] - 6, at - long / 2)
            canvas.text(start, y - 11, mark.label, f"t-{mark.colour}")
        before = at
