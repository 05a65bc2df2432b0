"""Charts: lines of marks on one scale, and curves on two."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from privaudit.results.painter import (
    BOLD,
    NARROW,
    SIZE,
    WIDE,
    Box,
    Canvas,
    Display,
    compose,
    lines_of,
    meets,
    num,
    width_of,
)
from privaudit.words.catalogues import Words

if TYPE_CHECKING:
    from privaudit.results.rows import Row

# The names' column on wide screens, the height of a line, and of a bar.
_LEFT, _ROW, _BAR = 244.0, 42.0, 14.0
# How far marks of one line are apart that stand below each other.
_LANE = 18.0
_EDGE = 10.0
# How many curves are named at their ends, the room there, and the lines that a name may take.
_BESIDE: dict[float, tuple[int, float]] = {WIDE: (6, 200.0), NARROW: (3, 104.0)}
_NAME_LINES = 4
Write = Callable[[float], str]
# A shape, its colour and what it stands for.
Key = Sequence[tuple[str, str, str]]


def ticks_of(low: float, high: float, most: int = 5, *, least: float = 0.0) -> list[float]:
    """Choose round numbers over the range of the data, its ends within a step.

    Parameters
    ----------
    low, high : float
    most : int
        About how many steps there are.
    least : float
        What every step is a multiple of: 1 where whole things are counted.

    Returns
    -------
    list of float

    Examples
    --------
    >>> ticks_of(0, 0.96), ticks_of(0.91, 0.97), ticks_of(0, 12, least=1.0)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.9, 0.92, 0.94, 0.96, 0.98], [0.0, 5.0, 10.0, 15.0])
    """
    if not high > low:
        high = low + (abs(low) or 1.0)
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = [max(s * power, least) for s in (1, 2, 2.5, 5, 10, 20)]
    step = next(
        s for s in steps if (high - low) / s <= most and not (least and s / least % 1)
    )  # fmt: skip
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


@dataclass(frozen=True)
class AxisScale:
    """Ticks, how they are written, and where a value lies between two ends."""

    ticks: Sequence[float]
    write: Write
    turn: Callable[[float], float] = float

    def at(self, value: float, left: float, right: float) -> float:
        """Return the place of a value."""
        low, high = self.turn(self.ticks[0]), self.turn(self.ticks[-1])
        return left + (self.turn(value) - low) / ((high - low) or 1) * (right - left)

    def up_to(self, whole: float) -> AxisScale:
        """End the scale where everything is counted; round ticks near that end give way."""
        near = whole - 0.6 * (self.ticks[1] - self.ticks[0])
        return AxisScale([*(tick for tick in self.ticks if tick < near), whole], self.write)

    def spaced(self, room: float) -> Sequence[float]:
        """Leave out every other tick until they fit."""
        step, long = 1, max(map(width_of, map(self.write, self.ticks))) + 14
        while len(self.ticks[::step]) * long > room and step < 8:
            step *= 2
        return self.ticks[::step]


def even_scale(
    values: Sequence[float], write: Write, low: float = math.nan, least: float = 0.0, most: int = 5
) -> AxisScale:
    """Return a scale of even steps that holds the values, and `low` where it is known."""
    ends = [v for v in (low, *values) if math.isfinite(v)]
    return AxisScale(ticks_of(min(ends), max(ends), most, least=least), write)


def ratio_scale(values: Sequence[float], write: Write, *, rounded: bool = False) -> AxisScale:
    """Return a logarithmic scale: its ticks are the values where they are few, or round numbers.

    With a 0 among the values the scale is even up to 1.
    """
    ticks = known = sorted({v for v in values if math.isfinite(v)})
    if rounded or len(known) >= 9:
        first, last = math.floor(math.log10(max(known[0], 1e-9))), math.ceil(math.log10(known[-1]))
        ticks = [10.0**power for power in range(first, last + 1)]
        if rounded and last - first < 4:
            every = [k * power for power in ticks for k in (1, 2, 5)]
            ticks = [v for v in every if known[0] / 2.5 < v < known[-1] * 2.5]
    if known[0] <= 0:
        return AxisScale(ticks, write, symlog(1.0))
    # What is below the scale, as an interval may be, stands at its edge.
    return AxisScale(ticks, write, lambda value: math.log10(max(value, ticks[0])))


def symlog(even: float) -> Callable[[float], float]:
    """Return a scale that is even from 0 to a value, then one step a factor of ten.

    Examples
    --------
    >>> [symlog(0.01)(share) for share in (0, 0.005, 0.01, 0.1)]
    [0.0, 0.5, 1.0, 2.0]
    """
    return lambda value: value / even if value <= even else 1 + math.log10(value / even)


@dataclass(frozen=True)
class Mark:
    """A value on a line: place, shape, label and description.

    A bar reaches from the beginning of the scale to the value. `low` and `high` are drawn as a
    band, `outer` as a thin line; a mark without `label` says its title only.
    """

    value: float
    title: str
    label: str = ""
    shape: str = "dot"
    colour: str = "red"
    low: float = math.nan
    high: float = math.nan
    outer: tuple[float, float] = (math.nan, math.nan)

    def numbers(self) -> list[float]:
        """Return the values that the scale must contain."""
        return [v for v in (self.value, self.low, self.high, *self.outer) if math.isfinite(v)]


@dataclass(frozen=True)
class ChartLine:
    """A name and its marks; `joined` draws a thin line from the first to the last.

    `whole` is how far a bar would reach if all were counted. Marks that are `apart` stand below
    each other, where their intervals would cover each other. A `note` stands under the name.
    """

    name: str
    marks: Sequence[Mark]
    joined: bool = False
    whole: float = math.nan
    apart: bool = False
    note: str = ""

    def lanes(self) -> list[tuple[ChartLine, float]]:
        """Return what is drawn at each height, and how far below the middle of the line."""
        if not self.apart:
            return [(self, 0.0)]
        middle = (len(self.marks) - 1) / 2
        return [
            (replace(self, marks=[mark]), _LANE * (place - middle))
            for place, mark in enumerate(self.marks)
        ]


@dataclass(frozen=True)
class Panel:
    """Lines under a head, unless the title says it; the panels of a plot share one scale."""

    lines: Sequence[ChartLine]
    head: str = ""
    titled: bool = False


@dataclass(frozen=True, kw_only=True)
class LinePlot:
    """Lines of marks, one scale for all panels, values written on the plot.

    Parameters
    ----------
    panels : sequence of Panel
    write : callable
        Writes a tick.
    axis : str
        What the scale is.
    low : float
        Where the scale begins.
    least : float
        The smallest step of the scale.
    key : sequence of (shape, colour, text)
        What marks stand for.
    level : float
        A value that a line is drawn at, ticked above it.
    most : int
        About how many steps the scale has.
    whole : float
        What no value is above: a scale that would go on ends there.
    """

    panels: Sequence[Panel]
    write: Write
    axis: str = ""
    low: float = 0.0
    least: float = 0.0
    most: int = 5
    key: Key = ()
    level: float = math.nan
    whole: float = math.nan

    def described(self) -> list[str]:
        """Describe the marks in words."""
        return [
            ": ".join(filter(None, (panel.head, line.name, said)))
            for panel in self.panels
            for line in panel.lines
            for said in (*(m.title for m in line.marks), *filter(None, [line.note]))
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a mark."""
        return [
            {"panel": panel.head or None, "line": line.name, "mark": mark.title,
             "value": mark.value, "low": mark.low, "high": mark.high,
             "outer_low": mark.outer[0], "outer_high": mark.outer[1]}
            for panel in self.panels for line in panel.lines for mark in line.marks
        ]  # fmt: skip

    def draw(self, width: float) -> Canvas:
        """Draw it at a width."""
        lines = [line for panel in self.panels for line in panel.lines]
        marks = [mark for line in lines for mark in line.marks]
        ends = [v for mark in marks for v in mark.numbers()]
        ends += [line.whole for line in lines] + [self.level]
        scale = even_scale(ends, self.write, self.low, self.least, self.most)
        wholes = {line.whole for line in lines if math.isfinite(line.whole)}
        most = max(filter(math.isfinite, ends), default=0.0)
        if len(wholes) == 1 and (whole := max(wholes)) >= most:
            scale = scale.up_to(whole)
        elif scale.ticks[-1] > self.whole >= most:
            scale = scale.up_to(self.whole)
        canvas, wide = Canvas(width), width >= WIDE
        left = _LEFT if wide else _EDGE
        long = max((width_of(m.label) for m in marks), default=0.0)
        right = width - _EDGE - min(190.0, 1.1 * long + 14)
        if not wide:
            lone = all(sum(1 for m in line.marks if m.label) < 2 for line in lines)
            right = width - 24 - (1.1 * long if lone and long < 64 else 0)
        right = max(right, left + 120)
        y = 6.0
        x = scale.at(self.level, left, right)
        if math.isfinite(self.level):
            y += SIZE
            canvas.text(x, y, self.write(self.level), "soft", "middle")
        for panel in self.panels:
            if panel.head and not panel.titled:
                y += SIZE if panel is not self.panels[0] else 0.0
                y = canvas.wrapped(_EDGE, y + SIZE, panel.head, width - 20, "b") - SIZE * 0.6
            y = _panel(canvas, panel, scale, (left, right), y, x)
        if math.isfinite(self.level):
            canvas.line([(x, 10 + SIZE), (x, y)], "axis dash")
        if marks:
            for tick in scale.spaced(right - left - (0 if wide else 24)):
                x = scale.at(tick, left, right)
                anchor = "middle" if (wide or x > left + 8) and x < width - 30 else "start"
                anchor = "end" if x >= width - 30 else anchor
                canvas.text(x, y + SIZE + 4, self.write(tick), "soft", anchor)
            y += SIZE + 8
            if self.axis:
                y = canvas.wrapped(left, y + SIZE + 2, self.axis, width - left - _EDGE, "soft")
                y -= SIZE
        canvas.height = _key(canvas, self.key, left, y) + 8
        return canvas


def line_chart(
    name: str, words: Words, provenance: str, *, title: str, panels: Sequence[Panel], write: Write,
    axis: str = "", key: Key = (), reliable: bool = True, least: float = 0.0,
    whole: float = math.nan,
) -> Display:  # fmt: skip
    """Draw a figure of one `LinePlot`, `least` being 1 where whole things are counted."""
    plot = LinePlot(panels=panels, write=write, axis=axis, key=key, least=least, whole=whole)
    return compose(name, words, provenance, title=title, parts=[plot], reliable=reliable)


def _key(canvas: Canvas, key: Key, left: float, y: float) -> float:
    """Draw the legend, entries beside each other where they fit; return the y below it.

    Its marks have no tooltip: what they stand for is written beside them.
    """
    x, below = canvas.width, y
    for shape, colour, text in key:
        long = 30 + BOLD * width_of(text)
        if x + long > canvas.width - 4:
            x, y = left, below + SIZE + 6
        if shape in ("bar", "ci"):
            box = (x, y - 11, 22, 12) if shape == "bar" else (x, y - 8.5, 22, 7)
            canvas.bar(box, f"m-{colour} {'node' if shape == 'bar' else 'band'}", "")
        elif shape in ("line", "dash", "range"):
            look = {"line": "curve", "dash": "curve dash"}.get(shape, shape)
            canvas.line([(x, y - 5), (x + 22, y - 5)], f"m-{colour} {look}")
        else:
            canvas.mark(shape, x + 11, y - 5, colour, "", 5)
        room = (canvas.width - x - 34) / BOLD
        below = canvas.wrapped(x + 30, y, text, room, "soft") - SIZE * 1.3
        x += long + 18
    return below


def key_of(panels: Sequence[Panel], chance: str, interval: str) -> Key:
    """Return the legend of what lines hold beside their labelled marks: chance, and intervals.

    A text that is empty has no entry.
    """
    marks = [mark for panel in panels for line in panel.lines for mark in line.marks]
    ranged = {(mark.shape == "bar", mark.colour) for mark in marks if mark.low < mark.high}
    entries = [("range", "ink", interval) if bar else ("ci", colour, interval)
               for bar, colour in sorted(ranged)][:1]  # fmt: skip
    entries += [("tick", "grey", chance)] if any(m.shape == "tick" for m in marks) else []
    return [entry for entry in entries if entry[2]]


def _panel(
    canvas: Canvas, panel: Panel, scale: AxisScale, sides: tuple[float, float], y: float,
    level: float = math.nan,
) -> float:  # fmt: skip
    """Draw the lines of a panel; return the y below them."""
    wide = canvas.width >= WIDE
    top = y
    tracks = []
    for line in panel.lines:
        lanes = [
            (lane, _labels(lane, scale, sides, canvas.width, level), below)
            for lane, below in line.lanes()
        ]
        labels = [label for _, of_lane, _ in lanes for label in of_lane]
        deep = 8 if line.apart or any(label.y > _BASE for label in labels) else 0
        if wide:
            names = [(text, "") for text in lines_of(line.name, _LEFT - 40)]
            names += [(text, "soft") for text in lines_of(line.note, _LEFT - 40) if text]
            # Room for a value that is written above a mark.
            tall = max(_ROW, 18.0 * len(names) + 12)
            middle = y + tall / 2 + 4
            for place, (text, look) in enumerate(names):
                canvas.text(_EDGE, middle + 5 + 18 * (place - (len(names) - 1) / 2), text, look)
            y += tall + deep
        else:
            room = (canvas.width - 20) / 1.08
            y = canvas.wrapped(_EDGE, y + SIZE + 6, line.name, room)
            y = (canvas.wrapped(_EDGE, y, line.note, room, "soft") if line.note else y) - SIZE
            y += 10 if any(label.y < 0 for label in labels) else 0
            middle = y + 24
            y += 38 + deep
        tracks += [(lane, of_lane, middle + below) for lane, of_lane, below in lanes]
    for tick in scale.ticks if tracks else ():
        x = scale.at(tick, *sides)
        canvas.parts.insert(0, f'<path class="grid" d="M{num(x)} {num(top + 4)}V{num(y)}"/>')
    for line, labels, middle in tracks:
        _track(canvas, line, scale, sides, middle)
        for label in labels:
            look = f"t-{label.mark.colour}"
            canvas.text(label.x, middle + label.y, label.mark.label, look, label.anchor)
    return y


def _track(
    canvas: Canvas, line: ChartLine, scale: AxisScale, sides: tuple[float, float], y: float
) -> None:
    """Draw the marks of a line."""
    known = [m for m in line.marks if math.isfinite(m.value)]
    x = {id(m): scale.at(m.value, *sides) for m in known}
    if line.joined and len(known) > 1:
        canvas.line([(end, y) for end in _span(known, x)], "span")
    if math.isfinite(line.whole):
        wide = scale.at(line.whole, *sides) - sides[0]
        canvas.bar((sides[0], y - _BAR / 2, wide, _BAR), "track", line.name)
    for mark in known:
        title = f"{line.name}: {mark.title}"
        bar = mark.shape == "bar"
        if bar:
            box = (sides[0], y - _BAR / 2, x[id(mark)] - sides[0], _BAR)
            canvas.bar(box, f"m-{mark.colour} node", title)
        for (low, high), look in ((mark.outer, "range"), ((mark.low, mark.high), "ci")):
            if math.isfinite(high - low) and high > low:
                ends = [(scale.at(v, *sides), y) for v in (low, high)]
                if bar:
                    canvas.line(ends, "halo")
                canvas.line(ends, "m-ink range" if bar else f"m-{mark.colour} {look}")
        if not bar:
            size = 9 if math.isfinite(line.whole) else 6
            canvas.mark(mark.shape, x[id(mark)], y, mark.colour, title, size)


def _span(marks: Sequence[Mark], at: Mapping[int, float]) -> tuple[float, float]:
    """Return the ends of what joins marks; ticks beside two others are not joined."""
    shown = [at[id(m)] for m in marks if m.shape != "tick"]
    ends = shown if len(shown) > 1 else [*at.values()]
    return min(ends), max(ends)


class _Label(NamedTuple):
    """Where the label of a mark is written, from its line downward."""

    mark: Mark
    x: float
    y: float
    anchor: str = ""


# Baselines of a label beside, above and below a line; how far text rises above its own.
_BASE, _ABOVE, _BELOW, _RISE = 5.0, -13.0, 23.0, 11.0


def _labels(
    line: ChartLine, scale: AxisScale, sides: tuple[float, float], width: float, level: float
) -> list[_Label]:
    """Place the labels of a line: on no mark, no interval beside it, and no other label.

    One that is alone stands beyond all marks. Of several, each stands beside its own, else above
    or below it: no other mark is between. `level` is where a line crosses all lines, if any does.
    """
    known = [m for m in line.marks if math.isfinite(m.value)]
    at = {id(m): scale.at(m.value, *sides) for m in known}
    ends = {id(m): [scale.at(v, *sides) for v in m.numbers()] for m in known}
    labelled = sorted((m for m in known if m.label), key=lambda m: at[id(m)])
    lone = len(labelled) == 1
    result: list[_Label] = []
    for mark in reversed(labelled):
        x, long = at[id(mark)], BOLD * width_of(mark.label)
        others = [m for m in known if m is not mark]
        marks = [(at[id(m)] - 8, -9.0, at[id(m)] + 8, 9.0) for m in others]
        bands = [(min(ends[id(m)]), -4.0, max(ends[id(m)]), 4.0) for m in others]
        if line.joined:
            first, last = _span(known, at)
            bands.append((first, -2.0, last, 2.0))
        high = max(v for m in (known if lone else [mark]) for v in ends[id(m)])
        if math.isfinite(line.whole):
            high = max(high, scale.at(line.whole, *sides))
        over = max(_EDGE - 4, min(x - long / 2, width - _EDGE - long))
        beside = [
            (_Label(mark, high + 11, _BASE), (x + 20, high + 11 + long)),
            (_Label(mark, min(ends[id(mark)]) - 11, _BASE, "end"),
             (min(ends[id(mark)]) - 11 - long, x - 20)),
        ]  # fmt: skip
        upright = [(_Label(mark, over, y), (over, over + long)) for y in (_ABOVE, _BELOW)]
        upright = upright[::-1] if mark.colour == "blue" else upright
        taken = [_box_of(label) for label in result]
        crossed = [(level - 1, -_ROW, level + 1, _ROW)] if math.isfinite(level) else []
        free = []
        for label, (left, right) in beside:
            # From the mark to the end of the text, and a little beyond, nothing else may stand.
            box = (left - 12, _BASE - _RISE, right + 12, _BASE + 3)
            near = [] if lone and not label.anchor else [*marks, *bands]
            inside = sides[0] - 6 <= left and right <= width - _EDGE
            if inside and not meets(box, [*taken, *crossed, *near]):
                free.append(label)
        free += [
            label for label, (left, right) in upright
            if not meets((left, label.y - _RISE, right, label.y + 3), taken)
        ]  # fmt: skip
        result.append(free[0] if free else upright[0][0])
    return result


def _box_of(label: _Label) -> Box:
    """Return the box of a label on its line, with a little room beside it."""
    long = BOLD * width_of(label.mark.label)
    left = label.x - (long if label.anchor == "end" else 0)
    return left - 4, label.y - _RISE, left + long + 4, label.y + 3


@dataclass(frozen=True)
class Curve:
    """A curve; `look` is its colour, `dashed` what it is compared with.

    `low` and `high` are drawn as bars, as bands where `outer_low` and `outer_high` are given too.
    A curve without a name has none written; `labels` are written beside its points, which are
    joined unless `joined` is False.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    look: str = "red"
    dashed: bool = False
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    marked: bool = True
    outer_low: Sequence[float] = ()
    outer_high: Sequence[float] = ()
    labels: Sequence[str] = ()
    joined: bool = True
    stepped: bool = False

    @classmethod
    def of(
        cls, name: str, x: Sequence[float], rows: Sequence[Row], look: str = "red", **more: Any
    ) -> Curve:
        """Return the curve of the values of rows, each with its interval."""
        low, high = [row.low for row in rows], [row.high for row in rows]
        return cls(name, x, [row.value for row in rows], look, low=low, high=high, **more)


_Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class CurvePlot:
    """Curves that are named at their ends, ticked over the range of the data.

    Parameters
    ----------
    curves : sequence of Curve
    axes : pair of str
        What is across, and what is upward (written above the plot).
    across, up : AxisScale
    verticals : sequence of float
        Values across that a line is drawn at.
    levels : sequence of float
        Values upward that a line is drawn at.
    key : sequence of (shape, colour, text)
        What else is to be said of a look.
    say : callable, optional
        Writes the value of a point in a sentence. Default: as a tick upward.
    """

    curves: Sequence[Curve]
    axes: tuple[str, str]
    across: AxisScale
    up: AxisScale
    verticals: Sequence[float] = ()
    levels: Sequence[float] = ()
    key: Key = ()
    say: Write | None = None

    def described(self) -> list[str]:
        """Describe each curve in words, point by point."""
        x, y = self.across.write, self.say or self.up.write
        parts = []
        for c in self.curves:
            names = [f"{label} " for label in c.labels] or [""] * len(c.x)
            points = zip(names, c.x, c.y, strict=True)
            said = "; ".join(f"{name}{x(a)}: {y(b)}" for name, a, b in points)
            parts.append(f"{c.name}: {said}" if c.name else said)
        return parts

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a point."""
        parts = ("low", "high", "outer_low", "outer_high", "labels")
        return [
            {"curve": curve.name or None, "x": x, "value": y}
            | {part: of[at] for part in parts if len(of := getattr(curve, part))}
            for curve in self.curves
            for at, (x, y) in enumerate(zip(curve.x, curve.y, strict=True))
        ]

    def draw(self, width: float) -> Canvas:
        """Draw it at a width."""
        canvas, wide, up, across = Canvas(width), width >= WIDE, self.up, self.across
        named = [c for c in self.curves if c.name]
        most, room = _BESIDE[WIDE if wide else NARROW]
        beside = (
            len(self.curves) > 1
            and len(named) <= most
            and not any(len(c.labels) for c in self.curves)
        )
        beside = beside and all(_fits(c, room - 16) for c in named)
        room = room if beside else 24.0
        left = 14 + max(map(width_of, map(up.write, up.ticks)))
        right = width - room
        y = canvas.wrapped(_EDGE, SIZE + 2, self.axes[1], width - 20, "soft") - SIZE + 12
        y += SIZE if self.verticals else 0
        top, bottom = y, y + (300 if wide else 230)
        for tick in up.ticks:
            at = up.at(tick, bottom, top)
            canvas.line([(left, at), (right, at)], "grid")
            canvas.text(left - 6, at + 5, up.write(tick), "soft", "end")
        for tick in across.spaced(right - left):
            x = across.at(tick, left, right)
            canvas.text(x, bottom + 20, across.write(tick), "soft", "middle")
        for tick in self.verticals:
            x = across.at(tick, left, right)
            canvas.line([(x, bottom), (x, top)], "axis dash")
            canvas.text(x, top - 11, across.write(tick), "soft", "middle")

        for tick in self.levels:
            at = up.at(tick, bottom, top)
            canvas.line([(left, at), (right, at)], "axis dash")
            if tick not in up.ticks:
                canvas.text(left - 6, at + 5, up.write(tick), "soft", "end")

        def on(x: float, y: float) -> _Point:
            return across.at(x, left, right), up.at(y, bottom, top)

        # What stands beside the axes: the label of a point goes where it is clear of it.
        taken = [(0.0, 0.0, 10 + width_of(self.axes[1]), top - 4)]
        taken += [
            (0.0, up.at(t, bottom, top) - 7, left, up.at(t, bottom, top) + 8) for t in up.ticks
        ]
        for tick in across.spaced(right - left):
            x, half = across.at(tick, left, right), width_of(across.write(tick)) / 2
            taken.append((x - half, bottom + 9, x + half, bottom + 24))
        ends = []
        for curve in self.curves:
            drawn = self._curve(canvas, curve, on, taken)
            if drawn:
                ends.append((drawn[-1][1], curve))
        if beside:
            _named(canvas, [e for e in ends if e[1].name], (right + 12, room - 16), (top, bottom))
        y = canvas.wrapped(left, bottom + 44, self.axes[0], width - left - 8, "soft") - 6
        apart = named if len(self.curves) > 1 and not beside else []
        key = [("dash" if c.dashed else "line", c.look, c.name) for c in apart]
        canvas.height = _key(canvas, [*key, *self.key], left, y - 8) + 8 if key or self.key else y
        return canvas

    def _curve(
        self,
        canvas: Canvas,
        curve: Curve,
        on: Callable[[float, float], _Point],
        taken: list[Box],
    ) -> list[_Point]:
        """Draw a curve, what is around it and its marks; return the points that are known."""
        known = [k for k, v in enumerate(curve.y) if math.isfinite(v + curve.x[k])]
        points = [on(curve.x[k], curve.y[k]) for k in known]
        if len(curve.outer_low):
            for low, high, look in (
                (curve.outer_low, curve.outer_high, "outer"), (curve.low, curve.high, "band"),
            ):  # fmt: skip
                inside = [k for k in known if math.isfinite(low[k] + high[k])]
                edge = [on(curve.x[k], high[k]) for k in inside]
                edge += [on(curve.x[k], low[k]) for k in reversed(inside)]
                if edge:
                    canvas.line(edge, f"m-{curve.look} {look}")
        elif len(curve.low):
            for k in known:
                if math.isfinite(curve.high[k] - curve.low[k]) and curve.high[k] > curve.low[k]:
                    ends = [on(curve.x[k], v) for v in (curve.low[k], curve.high[k])]
                    canvas.line(ends, f"m-{curve.look} ci")
        if curve.joined and points:
            path = points
            if curve.stepped:
                pairs = pairwise(points)
                path = [points[0], *(p for a, b in pairs for p in ((b[0], a[1]), b))]
            canvas.line(path, f"m-{curve.look} curve{' dash' if curve.dashed else ''}")
        labels = [curve.labels[k] if len(curve.labels) else "" for k in known]
        if curve.marked:
            shape = "ring" if curve.dashed else "dot"
            for (x, y), k, text in zip(points, known, labels, strict=True):
                title = text or f"{curve.name}, {self.across.write(curve.x[k])}"
                said = f"{title}: {(self.say or self.up.write)(curve.y[k])}"
                canvas.mark(shape, x, y, curve.look, said, 4)
        _label_points(canvas, points, labels, taken)
        return points


def _label_points(
    canvas: Canvas, points: Sequence[_Point], labels: Sequence[str], taken: list[Box]
) -> None:
    """Write the labels of points, up and down in turn so that neighbours can be read.

    One that would lie on what is written already, or leave the figure, goes to another side.
    """
    for place, ((x, y), text) in enumerate(sorted(zip(points, labels, strict=True))):
        if not text:
            continue
        sides = [(x + 8, ""), (x - 8, "end")]
        tries = []
        for rise in ((-6, 16) if place % 2 == 0 else (16, -6)) + (-22, 32):
            for at, anchor in sides:
                left = at - (width_of(text) if anchor else 0)
                box = (left, y + rise - _RISE, left + width_of(text), y + rise + 3)
                tries.append((box, at, y + rise, anchor))
        inside = [one for one in tries if one[0][0] >= 0 and one[0][2] <= canvas.width] or tries
        box, at, line, anchor = next((one for one in inside if not meets(one[0], taken)), inside[0])
        taken.append(box)
        canvas.text(at, line, text, "", anchor)


def curve_chart(
    name: str, words: Words, provenance: str, *, title: str, curves: Sequence[Curve], write: Write,
    axes: tuple[str, str], write_x: Write | None = None, log: bool = False, low: float = math.nan,
    up: AxisScale | None = None, verticals: Sequence[float] = (), reliable: bool = True,
    say: Write | None = None, levels: Sequence[float] = (),
) -> Display:  # fmt: skip
    """Draw a figure of one `CurvePlot`.

    Parameters
    ----------
    write, write_x : callable
        Write a tick upward, and across.
    log : bool
        Across, every value is a tick at equal ratios.
    low : float
        Where the scale upward begins at the latest.
    up : AxisScale, optional
        The scale upward, where it is not one of even steps.
    say : callable, optional
        Writes a value in a sentence. Default: as a tick upward.
    """
    across, xs = write_x or words.count, [*verticals, *(v for c in curves for v in c.x)]
    ys = [*levels, *(v for c in curves for v in (*c.y, *c.low, *c.high))]
    # Around lines of towns are bands, which say themselves what they are.
    ranged = [c.look for c in curves if not len(c.outer_low)
              and any(low < high for low, high in zip(c.low, c.high, strict=True))]  # fmt: skip
    plot = CurvePlot(
        curves=curves, axes=axes, verticals=verticals, levels=levels, say=say,
        key=[("ci", look, words("figure.key_interval")) for look in ranged[:1]],
        across=ratio_scale(xs, across) if log else even_scale(xs, across),
        up=up or even_scale(ys, write, low),
    )  # fmt: skip
    return compose(name, words, provenance, title=title, parts=[plot], reliable=reliable)


def _name_lines(curve: Curve, room: float) -> list[str]:
    """Cut the name of a curve into lines; it may be bold, and its letters wide."""
    return lines_of(curve.name, room / 1.3)


def _fits(curve: Curve, room: float) -> bool:
    """Return whether the name of a curve fits beside it, no word cut."""
    words = max(map(width_of, curve.name.split()), default=0.0)
    return 1.3 * words <= room and len(_name_lines(curve, room)) <= _NAME_LINES


def _named(
    canvas: Canvas, ends: Sequence[tuple[float, Curve]], column: _Point, sides: _Point
) -> None:
    """Write the names at the ends of the curves, apart from each other."""
    x, room = column
    floor = sides[0] - 8
    blocks: list[tuple[float, list[str], str]] = []
    for y, curve in sorted(ends, key=lambda end: end[0]):
        lines = _name_lines(curve, room)
        start = max(floor, y - 9 * len(lines))
        blocks.append((start, lines, curve.look))
        floor = start + 18 * len(lines) + 4
    # The last one stays above the line of ticks.
    over = max(0.0, floor - sides[1] - 14)
    for start, lines, look in blocks:
        for place, line in enumerate(lines):
            canvas.text(x, start - over + 14 + 18 * place, line, f"t-{look}")
