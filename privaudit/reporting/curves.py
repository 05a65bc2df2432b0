"""Charts of curves, named at their ends and ticked over the range of the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from privaudit.reporting.charts import AxisScale, spaced
from privaudit.reporting.svg import (
    NARROW,
    SIZE,
    WIDE,
    Canvas,
    Drawing,
    finish,
    lines_of,
    ticks_of,
    width_of,
)
from privaudit.words.words import Words

__all__ = ["Curve", "curve_chart"]

_EDGE = 10.0


@dataclass(frozen=True)
class Curve:
    """A named curve; `look` is "red", "blue" or "grey", `dashed` what it is compared with."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    look: str = "red"
    dashed: bool = False
    low: Sequence[float] = field(default=())
    high: Sequence[float] = field(default=())
    marked: bool = True


def curve_chart(
    name: str,
    words: Words,
    provenance: str,
    *,
    title: str,
    curves: Sequence[Curve],
    write: Callable[[float], str],
    axes: tuple[str, str],
    write_x: Callable[[float], str] | None = None,
    log: bool = False,
    low: float = math.nan,
) -> Drawing:
    """Draw curves that are named at their ends, ticked over the range of the data.

    Parameters
    ----------
    write, write_x : callable
        Write a tick upward, and across.
    axes : pair of str
        What is across, and what is upward (written above the plot).
    log : bool
        Across, every value is a tick at equal ratios.
    low : float
        Where the scale upward begins at the latest.
    """
    across = write_x or words.count
    ends = [v for c in curves for v in (*c.y, *c.low, *c.high) if math.isfinite(v)]
    up = AxisScale(ticks_of(min([low, *ends] if math.isfinite(low) else ends), max(ends)), write)
    xs = sorted({v for c in curves for v in c.x})
    turn = math.log10 if log else float
    ticks = _log_ticks(xs) if log else ticks_of(xs[0], xs[-1])
    side = _Across(turn, min(ticks), max(ticks), ticks)
    drawn = [_curves(w, curves, up, side, across, axes) for w in (WIDE, NARROW)]
    data = [
        f"{c.name}: " + "; ".join(f"{across(a)}: {write(b)}" for a, b in zip(c.x, c.y, strict=True))
        for c in curves
    ]
    return finish(name, words, provenance, title=title, data=data, drawn=drawn)


def _log_ticks(xs: Sequence[float]) -> list[float]:
    """Tick the values themselves where they are few, else powers of ten around them."""
    if len(xs) < 9:
        return list(xs)
    first, last = math.floor(math.log10(max(xs[0], 1e-9))), math.ceil(math.log10(xs[-1]))
    return [10.0**power for power in range(first, last + 1)]


@dataclass(frozen=True)
class _Across:
    turn: Callable[[float], float]
    low: float
    high: float
    ticks: Sequence[float]

    def at(self, value: float, left: float, right: float) -> float:
        low, high = self.turn(self.low), self.turn(self.high)
        return left + (self.turn(value) - low) / ((high - low) or 1) * (right - left)


def _curves(
    width: float,
    curves: Sequence[Curve],
    up: AxisScale,
    side: _Across,
    across: Callable[[float], str],
    axes: tuple[str, str],
) -> Canvas:
    canvas = Canvas(width)
    wide = width == WIDE
    left = 14 + max(map(width_of, map(up.write, up.ticks)))
    room = (200.0 if wide else 104.0) if len(curves) > 1 else 24.0
    right = width - room
    y = canvas.wrapped(_EDGE, SIZE + 2, axes[1], width - 20, "soft") - SIZE + 12
    top, bottom = y, y + (300 if wide else 230)
    for tick in up.ticks:
        at = up.at(tick, bottom, top)
        canvas.line([(left, at), (right, at)], "grid")
        canvas.text(left - 6, at + 5, up.write(tick), "soft", "end")
    for tick in spaced(side.ticks, right - left, across):
        canvas.text(side.at(tick, left, right), bottom + 20, across(tick), "soft", "middle")
    ends = []
    for curve in curves:
        points = [
            (side.at(a, left, right), up.at(b, bottom, top))
            for a, b in zip(curve.x, curve.y, strict=True)
            if math.isfinite(b)
        ]
        if not points:
            continue
        _band(canvas, curve, up, side, (left, right, top, bottom))
        canvas.line(points, f"m-{curve.look} curve{' dash' if curve.dashed else ''}")
        if curve.marked:
            for (a, b), x, value in zip(points, curve.x, curve.y, strict=False):
                shape = "ring" if curve.dashed else "dot"
                canvas.mark(
                    shape, a, b, curve.look, f"{curve.name}, {across(x)}: {up.write(value)}", 4
                )
        ends.append((points[-1], curve))
    if len(curves) > 1:
        _named(canvas, ends, (right + 12, room - 16), (top, bottom))
    canvas.height = canvas.wrapped(left, bottom + 44, axes[0], width - left - 8, "soft") - 6
    return canvas


def _band(
    canvas: Canvas,
    curve: Curve,
    up: AxisScale,
    side: _Across,
    box: tuple[float, float, float, float],
) -> None:
    left, right, top, bottom = box
    for x, low, high in zip(curve.x, curve.low, curve.high, strict=False):
        if math.isfinite(low) and high > low:
            at = side.at(x, left, right)
            ends = [(at, up.at(v, bottom, top)) for v in (low, high)]
            canvas.line(ends, f"m-{curve.look} ci")


def _named(
    canvas: Canvas,
    ends: Sequence[tuple[tuple[float, float], Curve]],
    column: tuple[float, float],
    sides: tuple[float, float],
) -> None:
    """Write the names at the ends of the curves, apart from each other."""
    x, room = column
    floor = sides[0] - 8
    blocks: list[tuple[float, list[str], str]] = []
    for (_, y), curve in sorted(ends, key=lambda e: e[0][1]):
        # Names may be bold, and letters wide.
        lines = lines_of(curve.name, room / 1.3)
        start = max(floor, y - 9 * len(lines))
        blocks.append((start, lines, curve.look))
        floor = start + 18 * len(lines) + 4
    over = max(0.0, floor - sides[1] - 24)
    for start, lines, look in blocks:
        for place, line in enumerate(lines):
            canvas.text(x, start - over + 14 + 18 * place, line, f"t-{look}")
