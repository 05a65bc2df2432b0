"""Figures whose widths and marks are amounts: a flow that loses people, and marks to count."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from privaudit.results.painter import BOLD, SIZE, WIDE, Canvas, lines_of, num, width_of

_EDGE, _LINE = 10.0, SIZE * 1.3
# Of a flow: how thick a stage is, the radius of a bend, how far what is lost falls below the
# first stage, and the width of the first stage on wide and on narrow screens.
_NODE, _BEND, _FALL = 12.0, 14.0, 16.0
_TALL, _ACROSS = 190.0, 132.0
_Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage of a flow: how many reach it, by chance too, and how many are lost before it.

    `low` and `high` are drawn as a thin line at the end of the stage; `label` and `chance_label`
    are written beside it, `lost_label` where what is lost ends.
    """

    name: str
    count: float
    title: str
    label: str
    chance: float = math.nan
    chance_label: str = ""
    low: float = math.nan
    high: float = math.nan
    lost: float = 0.0
    lost_label: str = ""


@dataclass(frozen=True, kw_only=True)
class FlowPlot:
    """A flow through stages, as wide as its people are many; what is lost falls off.

    On wide screens it goes from left to right, on narrow ones downward.

    Parameters
    ----------
    stages : sequence of Stage
        The first is as wide as the figure allows; the others are in proportion.
    note : str
        What else is drawn.
    """

    stages: Sequence[Stage]
    note: str = ""

    def described(self) -> list[str]:
        """Describe each stage in words."""
        parts = ((s.title, s.chance_label, s.lost_label) for s in self.stages)
        names = (stage.name for stage in self.stages)
        return [
            f"{name}: {'; '.join(filter(None, part))}"
            for name, part in zip(names, parts, strict=True)
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a stage."""
        return [
            {"stage": s.name, "value": s.count, "low": s.low, "high": s.high, "chance": s.chance,
             "lost": s.lost}
            for s in self.stages
        ]  # fmt: skip

    def draw(self, width: float) -> Canvas:
        """Draw it at a width."""
        canvas = Canvas(width)
        bottom = (self._across if width >= WIDE else self._down)(canvas)
        if self.note:
            bottom = canvas.wrapped(_EDGE, bottom + SIZE, self.note, width - 20, "soft") - SIZE
        canvas.height = bottom + 8
        return canvas

    def _scale(self, room: float, step: float) -> float:
        """Return the width of one person: the first stage fits, and what falls off its column."""
        lost = max((stage.lost for stage in self.stages), default=0)
        fits = room / max(self.stages[0].count, 1)
        return min(fits, step / lost) if lost else fits

    def _across(self, canvas: Canvas) -> float:
        """Draw stages from left to right, each under its name; return the y below them."""
        step = (canvas.width - 2 * _EDGE + 20) / len(self.stages)
        room = step - 14
        each = self._scale(_TALL, step - _NODE - _BEND - 12)
        names = [lines_of(stage.name, room) for stage in self.stages]
        y = 4 + _LINE * max(map(len, names))
        top = y + 54
        floor = top + each * self.stages[0].count + _BEND + _FALL
        below = floor
        for place, (stage, lines) in enumerate(zip(self.stages, names, strict=True)):
            x = _EDGE + step * place
            for k, line in enumerate(lines):
                canvas.text(x, y - _LINE * (len(lines) - 1 - k), line)
            canvas.text(x, y + 24, stage.label, "large" if place else "large t-ink")
            if stage.chance_label:
                canvas.text(x, y + 43, stage.chance_label, "t-grey")
            if place + 1 < len(self.stages):
                then = self.stages[place + 1]
                _flow(canvas, then, each, (x, top), (x + step, floor), lambda u, v: (u, v))
                if then.lost_label:
                    start = x + _NODE + _BEND
                    lost = lines_of(then.lost_label, x + step - start - 4)
                    for k, line in enumerate(lost):
                        canvas.text(start, floor + SIZE + 2 + _LINE * k, line, "soft")
                    below = max(below, floor + SIZE + 2 + _LINE * len(lost) - SIZE)
            _stage(canvas, stage, each, (x, top), place == 0, across=True)
        return below + 6

    def _down(self, canvas: Canvas) -> float:
        """Draw stages downward, each beside its name; return the y below them."""
        each = self._scale(_ACROSS, 84.0)
        floor = _EDGE + each * self.stages[0].count + _BEND + 4
        y = 8.0
        for place, stage in enumerate(self.stages):
            x = _EDGE + each * stage.count + 12
            lines = lines_of(stage.name, canvas.width - x - 4)
            at = y + 4
            for line in lines:
                at += _LINE
                canvas.text(x, at - 6, line)
            canvas.text(x, at + 18, stage.label, "large" if place else "large t-ink")
            at += 18
            if stage.chance_label:
                at += _LINE
                canvas.text(x, at, stage.chance_label, "t-grey")
            end = max(y + _NODE, at + 6)
            if place + 1 < len(self.stages):
                then = self.stages[place + 1]
                wide = each * then.lost
                lost = lines_of(then.lost_label, canvas.width - floor - 12) if wide else []
                middle = end + _BEND + wide / 2
                for k, line in enumerate(lost):
                    at = middle + 5 + _LINE * (k - (len(lost) - 1) / 2)
                    canvas.text(floor + 8, at, line, "soft")
                ends = max(end + _BEND + wide, middle + _LINE * len(lost) / 2) if lost else end
                _flow(
                    canvas, then, each, (y, _EDGE), (ends + 10, floor),
                    lambda u, v: (v, u), end - y - _NODE,
                )  # fmt: skip
                end = ends + 10
            _stage(canvas, stage, each, (_EDGE, y), place == 0, across=False)
            y = end
        return y


def _flow(
    canvas: Canvas, then: Stage, each: float, start: _Point, end: _Point,
    turned: Callable[[float, float], _Point], straight: float = 0.0,
) -> None:  # fmt: skip
    """Draw who goes on to the next stage, and who falls off; `turned` maps along and across."""
    (u, v), (until, floor) = start, end
    u += _NODE
    on, lost = each * then.count, each * then.lost
    band = [(u, v), (until, v), (until, v + on), (u, v + on)]
    title = f"{then.name}: {then.title}"
    _area(canvas, [turned(*p) for p in band], "m-red flow", title)
    if not lost:
        return
    # Bends about one centre, so that what falls off is as wide everywhere.
    centre = u + straight, v + on + lost + _BEND
    angles = [math.pi / 2 * k / 9 for k in range(10)]

    def bend(radius: float) -> list[_Point]:
        return [
            (centre[0] + radius * math.sin(a), centre[1] - radius * math.cos(a)) for a in angles
        ]

    outer, inner = bend(_BEND + lost), bend(_BEND)
    edge = [(u, v + on), *outer, (outer[-1][0], floor), (inner[-1][0], floor)]
    edge += [*reversed(inner), (u, v + on + lost)]
    _area(canvas, [turned(*p) for p in edge], "lost", then.lost_label)


def _stage(
    canvas: Canvas, stage: Stage, each: float, at: _Point, first: bool, *, across: bool
) -> None:
    """Draw a stage, what chance gives, and its interval."""
    x, y = at
    long = each * stage.count
    colour = "m-ink" if first else "m-red"
    title = f"{stage.name}: {stage.title}"
    canvas.bar((x, y, _NODE, long) if across else (x, y, long, _NODE), f"{colour} node", title)
    if stage.chance > 0:
        wide, beside = each * stage.chance, 7.0
        box = (x - beside - 2, y, beside, wide) if across else (x, y - beside - 2, wide, beside)
        canvas.bar(box, "m-grey chance", stage.chance_label)
    if math.isfinite(stage.high - stage.low) and stage.high > stage.low:
        low, high = each * stage.low, each * stage.high
        middle = _NODE / 2
        ends = [(x + middle, y + low), (x + middle, y + high)]
        if not across:
            ends = [(x + low, y + middle), (x + high, y + middle)]
        canvas.line(ends, "m-ink range")


def _area(canvas: Canvas, corners: Sequence[_Point], look: str, title: str) -> None:
    canvas.area("M" + "L".join(f"{num(x)} {num(y)}" for x, y in corners) + "z", look, title)


# A person, a child, a home and a record: how far from the left each begins, its path, which is one
# `M` a mark and whole numbers, since there are hundreds, and the height of a row of them.
_GLYPHS = {
    "person": (3, "h2l1 2-1 2 2 1v5h-6v-5l2-1-1-2z", 12),
    "child": (3, "h2l1 2-1 1 1 1v3h-4v-3l1-1-1-1z", 9),
    "home": (4, "l4 4v5h-8v-5z", 12),
    "record": (0, "h8v8h-8z", 12),
}
# From mark to mark, and the gap after ten; most marks of an amount before one stands for several,
# and how many are so few that they are drawn larger.
TEN, MOST, _FEW = 10, 200, 100
_PITCH, _GAP = TEN + 1, 6


@dataclass(frozen=True)
class Amount:
    """A count drawn as marks of one shape; the others of `of` are drawn empty.

    `share` is what was measured, where `of` is only a number to draw it with.
    """

    count: float
    label: str
    title: str
    shape: str = "person"
    colour: str = "red"
    of: float = math.nan
    share: float = math.nan


@dataclass(frozen=True, kw_only=True)
class UnitPlot:
    """Marks to count, a mark a person or a home, amounts beside each other.

    Parameters
    ----------
    lines : sequence of (name, amounts)
    note : callable
        Writes how many a mark stands for.
    tens : int
        Most tens of marks in a row of an amount.
    """

    lines: Sequence[tuple[str, Sequence[Amount]]]
    note: Callable[[float], str]
    tens: int = 2

    @property
    def each(self) -> float:
        """How many people or homes a mark stands for: 1 unless there are too many."""
        amounts = [v for _, of in self.lines for a in of for v in (a.count, a.of)]
        most = max(filter(math.isfinite, amounts))
        return _stands_for(most, MOST)

    def described(self) -> list[str]:
        """Describe each amount in words."""
        return [f"{name}: {amount.title}" for name, of in self.lines for amount in of]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row an amount."""
        return [
            {"line": name, "mark": amount.title, "value": amount.count, "of": amount.of}
            for name, of in self.lines for amount in of
        ]  # fmt: skip

    def draw(self, width: float) -> Canvas:
        """Draw it at a width."""
        canvas, wide, each = Canvas(width), width >= WIDE, self.each
        left = 200.0 if wide else _EDGE
        most = max((len(of) for _, of in self.lines), default=1)
        block = (width - left - _EDGE) / (most if self.tens > 2 else 2)
        y = 4.0
        for name, of in self.lines:
            names = lines_of(name, left - 44) if wide else lines_of(name, width - 20)
            for k, line in enumerate(names):
                canvas.text(_EDGE, y + SIZE + _LINE * k, line)
            below = y + _LINE * len(names)
            start = y if wide else below
            for place, amount in enumerate(of):
                room = block if wide or len(of) > 1 else width - 2 * _EDGE
                at = left + place * block, start
                below = max(below, _counted(canvas, amount, each, at, room, self.tens))
            y = below + 14
        canvas.height = canvas.wrapped(left, y + SIZE - 6, self.note(each), width - left - 8,
                                       "soft") - SIZE + 8  # fmt: skip
        return canvas


def _counted(
    canvas: Canvas, amount: Amount, each: float, at: _Point, room: float, tens: int
) -> float:
    """Draw the marks of an amount below its label; return the y below them."""
    x, y = at
    for line in lines_of(amount.label, (room - 8) / BOLD):
        y += _LINE
        canvas.text(x, y - 4, line, f"t-{amount.colour}")
    many = marks_of(amount.count, each)
    total = marks_of(amount.of, each) if math.isfinite(amount.of) else many
    start, path, high = _GLYPHS[amount.shape]
    fits = (room + _GAP) / (TEN * _PITCH + _GAP)
    row = TEN * max(1, min(tens, int(fits)))
    first, top = round(x) + start, round(y) + 2
    marks = [
        f"M{first + _PITCH * (k % row) + _GAP * (k % row // TEN)} {top + high * (k // row)}{path}"
        for k in range(total)
    ]
    if many:
        canvas.area("".join(marks[:many]), f"m-{amount.colour} unit", amount.title)
    if total > many:
        canvas.area("".join(marks[many:]), "rest", amount.label)
    return top + high * math.ceil(total / row)


def marks_of(count: float, each: float) -> int:
    """Return how many marks stand for a count: at least one for any.

    Examples
    --------
    >>> marks_of(159, 1), marks_of(1234, 10), marks_of(2, 10), marks_of(0, 1)
    (159, 123, 1, 0)
    """
    return max(int(count / each + 0.5), 1) if count > 0 else 0


# Looks of what is counted within one another, from the innermost.
_NESTED = ("m-red unit", "m-red flow", "m-red band")
MOST_STEPS = len(_NESTED)


@dataclass(frozen=True, kw_only=True)
class NestedUnits:
    """Marks of one whole to count, what is nested in what by its shade, each with its number.

    Parameters
    ----------
    steps : sequence of Amount
        From the innermost to the largest part, three at most; each holds those before it.
    rest : str
        What the marks are that belong to none.
    note : callable
        Writes how many a mark stands for.
    """

    steps: Sequence[Amount]
    rest: str
    note: Callable[[float], str]

    def described(self) -> list[str]:
        """Describe each part in words."""
        return [step.label for step in self.steps]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a part."""
        return [
            {"line": step.title, "mark": step.label, "value": step.count, "of": step.of}
            if math.isnan(step.share) else
            {"line": step.title, "mark": step.label, "value": step.share, "drawn": step.count,
             "of": step.of}
            for step in self.steps
        ]  # fmt: skip

    def draw(self, width: float) -> Canvas:
        """Draw it at a width: the numbers first, each beside a mark of its shade."""
        canvas, wide = Canvas(width), width == WIDE
        each = _stands_for(self.steps[0].of, 4 * MOST)
        y = 6.0
        keys = [*zip(_NESTED, (step.label for step in self.steps), strict=False)]
        for look, text in [*keys, ("rest", self.rest)]:
            canvas.bar((_EDGE, y + 2, 12, 12), look, text)
            style = "t-red" if look == _NESTED[0] else ""
            y = (
                canvas.wrapped(_EDGE + 20, y + SIZE - 1, text, (width - 48) / BOLD, style)
                - SIZE
                + 6
            )
        start, path, high = _GLYPHS[self.steps[0].shape]
        total = marks_of(self.steps[0].of, each)
        # Five rows or more, of twenty at least: a hundred is a block of twenties.
        row = TEN * (max(2, min(6, math.ceil(total / 50))) if wide else 2)
        # A hundred marks alone would be lost on a wide page.
        k = 2 if wide and total <= _FEW else 1
        path, start, high = re.sub(r"\d+", lambda n: str(k * int(n[0])), path), k * start, k * high
        top, before = round(y) + 8, 0
        looks = [(marks_of(s.count, each), look, s.label)
                 for s, look in zip(self.steps, _NESTED, strict=False)]  # fmt: skip
        for end, look, title in [*looks, (total, "rest", self.rest)]:
            marks = "".join(
                f"M{round(_EDGE) + start + k * (_PITCH * (at % row) + _GAP * (at % row // TEN))} "
                f"{top + high * (at // row)}{path}"
                for at in range(before, end)
            )
            if marks:
                canvas.area(marks, look, title)
            before = max(before, end)
        y = top + high * math.ceil(total / row)
        note = canvas.wrapped(_EDGE, y + SIZE + 2, self.note(each), width - 20, "soft")
        canvas.height = note - SIZE + 8
        return canvas


def _stands_for(most: float, marks: float) -> float:
    """Return how many a mark stands for, where so many are to be drawn with so many marks."""
    each, steps = 1.0, cycle((2.0, 2.5, 2.0))
    while most / each > marks:
        each *= next(steps)
    return each


# A square of a grid of units, from square to square, and the widest column of its names.
_SIDE, _STEP, _NAMES = 10, 13, 180.0


@dataclass(frozen=True)
class Unit:
    """A square of a grid: what it is, its colour, and whether it is drawn full or pale."""

    title: str
    colour: str
    full: bool = True


@dataclass(frozen=True, kw_only=True)
class GridCell:
    """Squares to count in a column of a grid, their number as it is written, and which to name."""

    label: str
    units: Sequence[Unit] = ()
    named: str = ""


@dataclass(frozen=True, kw_only=True)
class UnitGrid:
    """Squares to count, a line a day and a column a kind, as verdicts that change.

    Parameters
    ----------
    heads : sequence of str
        Names of the columns.
    lines : sequence of (name, cells)
        A cell a column.
    note : str
        What a square is.
    table : sequence of dict
        The data, a row a cell.
    """

    heads: Sequence[str]
    lines: Sequence[tuple[str, Sequence[GridCell]]]
    note: str
    table: Sequence[dict[str, Any]]

    def described(self) -> list[str]:
        """Describe each line in words."""
        return [
            f"{name}: "
            + ", ".join(f"{head} {cell.label}".strip() for head, cell in self._of(cells))
            for name, cells in self.lines
        ]

    def _of(self, cells: Sequence[GridCell]) -> list[tuple[str, GridCell]]:
        """Return the cells that hold something, each under its head."""
        return [one for one in zip(self.heads, cells, strict=True) if one[1].units]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a cell."""
        return list(self.table)

    def draw(self, width: float) -> Canvas:
        """Draw it at a width: on narrow screens each line stands under its name."""
        canvas, wide = Canvas(width), width == WIDE
        longest = max(width_of(name) for name, _ in self.lines) * BOLD * BOLD + 2 * _EDGE
        left = min(longest, _NAMES) if wide else _EDGE
        block = (width - left - _EDGE) / len(self.heads)
        y = 4.0
        if wide:
            heads = [lines_of(head, (block - 10) / BOLD) for head in self.heads]
            for place, lines in enumerate(heads):
                for k, line in enumerate(lines):
                    canvas.text(left + place * block, y + SIZE + _LINE * k, line, "b")
            y += _LINE * max(map(len, heads)) + 6
        for name, cells in self.lines:
            canvas.line([(_EDGE, y), (width - _EDGE, y)], "grid")
            if wide:
                bottom = canvas.wrapped(_EDGE, y + SIZE + 4, name, left - _EDGE - 8, "b") - SIZE
                for place, cell in enumerate(cells):
                    end = self._cell(canvas, cell, (left + place * block, y + 4), block - 12)
                    bottom = max(bottom, end)
            else:
                bottom = canvas.wrapped(_EDGE, y + SIZE + 4, name, width - 20, "b") - SIZE
                for head, cell in self._of(cells):
                    bottom = self._cell(canvas, cell, (_EDGE, bottom + 2), width - 20, head)
            y = bottom + 8
        canvas.height = canvas.wrapped(_EDGE, y + SIZE, self.note, width - 20, "soft") - SIZE + 8
        return canvas

    @staticmethod
    def _cell(canvas: Canvas, cell: GridCell, at: _Point, room: float, head: str = "") -> float:
        """Draw the number and the squares of a cell; return the y below them."""
        if not cell.units:
            return at[1]
        x, y = at
        colour = cell.units[0].colour
        text = f"{head} ({cell.label})" if head else cell.label
        canvas.text(x, y + SIZE, text, f"t-{colour}" if colour != "ink" else "")
        row, top = max(1, int((room + _STEP - _SIDE) / _STEP)), y + SIZE + 6
        for k, unit in enumerate(cell.units):
            box = (x + _STEP * (k % row), top + _STEP * (k // row), _SIDE, _SIDE)
            look = f"m-{unit.colour} {'unit' if unit.full else 'flow'}"
            canvas.bar(box, look, unit.title)
        y = top + _STEP * math.ceil(len(cell.units) / row)
        return canvas.wrapped(x, y + SIZE, cell.named, room, "soft") - SIZE if cell.named else y
